# Ball arithmetic: FLINT, and Arb, which is a library of its own before FLINT 3 (Debian calls it flint-arb).
find_path(FLINT_INCLUDE_DIR flint/flint.h REQUIRED)
find_library(FLINT_LIBRARY flint REQUIRED)
find_library(GMP_LIBRARY gmp REQUIRED) # called by functions that are inline in FLINT
find_library(ARB_LIBRARY NAMES flint-arb arb)
find_path(ARB_INCLUDE_DIR NAMES arb.h PATH_SUFFIXES flint REQUIRED)
target_include_directories(theory SYSTEM PUBLIC ${FLINT_INCLUDE_DIR} ${ARB_INCLUDE_DIR})
target_link_libraries(theory PUBLIC ${FLINT_LIBRARY} ${GMP_LIBRARY})
if(ARB_LIBRARY)
  target_link_libraries(theory PUBLIC ${ARB_LIBRARY})
endif()
