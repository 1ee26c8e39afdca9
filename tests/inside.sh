#!/bin/sh
# Builds a project that has nadir as a part of its own, by add_subdirectory, and runs its programs, one
# linked to the shared and one to the static library; by FetchContent the same is configured. Without
# optimisation, which would take minutes, and with ccache where it is there.
#     inside.sh SOURCE
set -eu
source=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
launcher=
if command -v ccache >/dev/null; then launcher="-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache"; fi
configure() { # name, option
  # shellcheck disable=SC2086
  cmake -G Ninja $launcher -S "$source/tests/consumer/inside" -B "$work/$1" -DNADIR="$source" -DHOW="$1" \
    -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG=-O0 -DCMAKE_CXX_FLAGS_DEBUG=-O0 >"$work/$1.log" 2>&1 || {
    cat "$work/$1.log"
    exit 1
  }
}
configure fetch
configure subdirectory
ninja -C "$work/subdirectory" --quiet user_nadir user_static
"$work/subdirectory/user_nadir"
"$work/subdirectory/user_static"
if cmake --install "$work/subdirectory" --prefix "$work/usr" >/dev/null 2>&1 && [ -e "$work/usr" ]; then
  echo "inside: nadir installs itself with a project that did not ask for it" && exit 1
fi
