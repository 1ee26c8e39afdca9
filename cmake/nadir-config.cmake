# find_package(nadir) gives nadir::nadir, the shared library, which brings all it needs with it.
# find_package(nadir COMPONENTS static) gives nadir::static too, and looks for the libraries below it.
include(${CMAKE_CURRENT_LIST_DIR}/nadir-shared.cmake)
if("static" IN_LIST nadir_FIND_COMPONENTS)
  include(${CMAKE_CURRENT_LIST_DIR}/libraries.cmake)
  include(${CMAKE_CURRENT_LIST_DIR}/nadir-static.cmake)
endif()
