# What makes a mistake in nadir, or a hostile file, do less harm: the stack is guarded and cleared, calls of the C
# library know the sizes of their arguments, returns and jumps are checked where the processor can, tables of addresses
# are read-only, and the program is loaded at a place of its own. Each where the compiler has it. Sanitizers do better
# than all of it, and do not go with it. Costs below 3 % in instructions; the kernels, in whose loops it would cost more
# and which read no file, go without the first two (nadir_soften).
include(CheckCCompilerFlag)
include(CheckLinkerFlag)
option(NADIR_HARDEN "Build with the compiler's and the linker's protections" ON)

set(nadir_link_flags -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,-z,shstk)
set(nadir_compile_flags -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
  -ftrivial-auto-var-init=zero)

function(nadir_check_flag kind flag result)
  string(MAKE_C_IDENTIFIER "nadir_has${flag}" has)
  if(kind STREQUAL link)
    check_linker_flag(C ${flag} ${has})
  else()
    check_c_compiler_flag("-Werror ${flag}" ${has})
  endif()
  set(${result} ${${has}} PARENT_SCOPE)
endfunction()

# The protections that cost in loops over numbers on the stack are taken off a target.
function(nadir_soften target)
  if(NADIR_HARDENED AND nadir_has_ftrivial_auto_var_init_zero)
    target_compile_options(${target} PRIVATE -ftrivial-auto-var-init=uninitialized)
  endif()
  if(NADIR_HARDENED)
    target_compile_options(${target} PRIVATE -fno-stack-protector)
  endif()
endfunction()

# A source with large arrays on the stack, which are filled before they are read, does not clear them.
function(nadir_keep_uncleared source)
  if(NADIR_HARDENED AND nadir_has_ftrivial_auto_var_init_zero)
    set_property(SOURCE ${source} APPEND PROPERTY COMPILE_OPTIONS -ftrivial-auto-var-init=uninitialized)
  endif()
endfunction()

set(NADIR_HARDENED OFF)
if(NADIR_HARDEN AND NOT NADIR_SANITIZE)
  set(NADIR_HARDENED ON)
  foreach(flag ${nadir_compile_flags})
    nadir_check_flag(compile ${flag} has)
    if(has)
      add_compile_options(${flag})
    endif()
  endforeach()
  foreach(flag ${nadir_link_flags})
    nadir_check_flag(link ${flag} has)
    if(has)
      add_link_options(${flag})
    endif()
  endforeach()
  # it needs an optimising compiler, and a level of its own is the builder's to choose
  if(NOT "${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS}" MATCHES "_FORTIFY_SOURCE")
    add_compile_options($<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>)
  endif()
endif()

include(CheckPIESupported)
check_pie_supported(LANGUAGES C CXX)

# Two builds in two folders are the same bytes: paths are written from the root of the sources, or of the build.
nadir_check_flag(compile -ffile-prefix-map=/a=/b nadir_maps_paths)
if(nadir_maps_paths)
  add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}=. -ffile-prefix-map=${PROJECT_BINARY_DIR}=build)
endif()
