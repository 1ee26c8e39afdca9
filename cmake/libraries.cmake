# The libraries that nadir uses, each as an imported target, and their list `nadir_libraries`.
# Read when nadir is built, and again by find_package(nadir COMPONENTS static), since a program that takes the
# static library links to them too. They are global, so that a project above this one sees them.
find_package(Threads REQUIRED GLOBAL)
find_package(ZLIB REQUIRED GLOBAL)
find_package(PkgConfig REQUIRED)
pkg_check_modules(NADIR_JANSSON REQUIRED IMPORTED_TARGET GLOBAL jansson)
pkg_check_modules(NADIR_SLEEF REQUIRED IMPORTED_TARGET GLOBAL sleef)
pkg_check_modules(NADIR_XXHASH REQUIRED IMPORTED_TARGET GLOBAL libxxhash)

# Ball arithmetic: FLINT, and Arb, which is a library of its own before FLINT 3 (Debian calls it
# flint-arb). Functions that are inline in FLINT call GMP.
find_path(NADIR_FLINT_HEADERS flint/flint.h REQUIRED)
find_path(NADIR_ARB_HEADERS arb.h PATH_SUFFIXES flint REQUIRED)
find_library(NADIR_FLINT flint REQUIRED)
find_library(NADIR_GMP gmp REQUIRED)
find_library(NADIR_ARB NAMES flint-arb arb)
mark_as_advanced(NADIR_FLINT_HEADERS NADIR_ARB_HEADERS NADIR_FLINT NADIR_GMP NADIR_ARB)
if(NOT TARGET nadir::flint)
  add_library(nadir::flint INTERFACE IMPORTED GLOBAL)
  target_include_directories(nadir::flint SYSTEM INTERFACE ${NADIR_FLINT_HEADERS} ${NADIR_ARB_HEADERS})
  target_link_libraries(nadir::flint INTERFACE $<$<BOOL:${NADIR_ARB}>:${NADIR_ARB}> ${NADIR_FLINT} ${NADIR_GMP})
endif()

if(NADIR_MPI)
  find_package(MPI REQUIRED COMPONENTS C GLOBAL)
endif()

set(nadir_libraries nadir::flint PkgConfig::NADIR_SLEEF PkgConfig::NADIR_JANSSON PkgConfig::NADIR_XXHASH
  ZLIB::ZLIB Threads::Threads $<$<BOOL:${NADIR_MPI}>:MPI::MPI_C> m)
