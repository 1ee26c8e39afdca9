#!/bin/sh
# Installs the build to a place of its own, moves it, and builds and runs a program against it: once
# through pkg-config, once through the CMake package.
#     install.sh BUILD
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$1" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/moved"
mkdir "$work/user"
cat >"$work/user/user.c" <<'C'
#include <nadir.h>
#include <string.h>

int main(void) {
  return strcmp(nadir_version(), NADIR_VERSION) == 0 && nadir_exit_status(NADIR_BAD_DATA) == 2 ? 0 : 1;
}
C
cat >"$work/user/CMakeLists.txt" <<'C'
cmake_minimum_required(VERSION 3.25)
project(user LANGUAGES C)
find_package(nadir 0.1 REQUIRED)
add_executable(user user.c)
target_link_libraries(user PRIVATE nadir::nadir)
C
pc=$(find "$work/moved" -name nadir.pc)
PKG_CONFIG_PATH=${pc%/*}
export PKG_CONFIG_PATH
# shellcheck disable=SC2046
cc -o "$work/by_pkg_config" "$work/user/user.c" $(pkg-config --cflags --libs nadir)
LD_LIBRARY_PATH=$(pkg-config --variable=libdir nadir) "$work/by_pkg_config"
cmake -S "$work/user" -B "$work/user/build" -DCMAKE_PREFIX_PATH="$work/moved" >/dev/null
cmake --build "$work/user/build" >/dev/null
"$work/user/build/user"
if [ -e "$1/nadir" ]; then "$work/moved/bin/nadir" -V >/dev/null; fi
