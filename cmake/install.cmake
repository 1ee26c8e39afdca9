# What `ninja install` puts in place: header, both libraries, command, man pages, these pages, and the two
# ways by which other builds find them: pkg-config's nadir.pc, and a CMake package that gives
# nadir::nadir and, to find_package(nadir COMPONENTS static), nadir::static.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/nadir)

set_target_properties(libnadir PROPERTIES EXPORT_NAME nadir)
set_target_properties(libnadir_static PROPERTIES EXPORT_NAME static)
install(TARGETS libnadir EXPORT nadir
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS libnadir_static EXPORT nadir_static
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES include/nadir.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY include/nadir DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(TARGET nadir)
  install(TARGETS nadir RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(FILES README.md LICENSE CHANGELOG.md CITATION.cff CONTRIBUTING.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md" PATTERN "*.svg")
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR} USE_SOURCE_PERMISSIONS)
# the man pages are what the command says of itself
if(TARGET nadir AND NOT NADIR_SANITIZE)
  set(manual ${PROJECT_BINARY_DIR}/man1)
  add_custom_command(OUTPUT ${manual}/nadir.1
    COMMAND ${PROJECT_SOURCE_DIR}/docs/manual.sh $<TARGET_FILE:nadir> ${manual}
    DEPENDS nadir ${PROJECT_SOURCE_DIR}/docs/manual.sh VERBATIM)
  add_custom_target(nadir_manual ALL DEPENDS ${manual}/nadir.1)
  install(DIRECTORY ${manual}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN "*.1")
endif()

install(EXPORT nadir NAMESPACE nadir:: FILE nadir-shared.cmake DESTINATION ${package_dir})
install(EXPORT nadir_static NAMESPACE nadir:: FILE nadir-static.cmake DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/nadir-config-version.cmake
  COMPATIBILITY SameMinorVersion)
configure_file(cmake/nadir-config.cmake.in ${PROJECT_BINARY_DIR}/nadir-config.cmake @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/nadir-config.cmake cmake/libraries.cmake
  ${PROJECT_BINARY_DIR}/nadir-config-version.cmake DESTINATION ${package_dir})

# pcfiledir makes the file right wherever the tree is moved to
file(RELATIVE_PATH prefix_from_pc /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
# FLINT has no file of pkg-config's that one may count on, nor has the library of C++
set(private_libraries flint gmp ${nadir_cxx_library})
if(NADIR_ARB)
  list(PREPEND private_libraries flint-arb)
endif()
list(TRANSFORM private_libraries PREPEND -l)
if(NADIR_MPI)
  list(APPEND private_libraries ${MPI_C_LIBRARIES})
endif()
list(JOIN private_libraries " " private_libraries)
configure_file(cmake/nadir.pc.in ${PROJECT_BINARY_DIR}/nadir.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/nadir.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
