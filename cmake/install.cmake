# What `ninja install` puts in place: header, shared library, command, man pages, and the two ways by
# which other builds find them: pkg-config's nadir.pc, and a CMake package that gives nadir::nadir.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/nadir)

set_target_properties(libnadir PROPERTIES EXPORT_NAME nadir)
install(TARGETS libnadir EXPORT nadir
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES include/nadir.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(TARGET nadir)
  install(TARGETS nadir RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
# the man pages are what the command says of itself
if(TARGET nadir AND NOT NADIR_SANITIZE)
  set(manual ${PROJECT_BINARY_DIR}/man1)
  add_custom_command(OUTPUT ${manual}/nadir.1
    COMMAND ${PROJECT_SOURCE_DIR}/docs/manual.sh $<TARGET_FILE:nadir> ${manual}
    DEPENDS nadir ${PROJECT_SOURCE_DIR}/docs/manual.sh VERBATIM)
  add_custom_target(manual ALL DEPENDS ${manual}/nadir.1)
  install(DIRECTORY ${manual}/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN "*.1")
endif()

install(EXPORT nadir NAMESPACE nadir:: FILE nadir-config.cmake DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/nadir-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/nadir-config-version.cmake DESTINATION ${package_dir})

# pcfiledir makes the file right wherever the tree is moved to
file(RELATIVE_PATH prefix_from_pc /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/nadir.pc.in ${PROJECT_BINARY_DIR}/nadir.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/nadir.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
