#!/bin/sh
# Installs the build to a place of its own, moves it, and builds and runs a program against it in every way
# that a user has: pkg-config and the CMake package, each with the shared and the static library.
#     install.sh BUILD
set -eu
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$1" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/moved"
cp -r "$here/consumer" "$work/user"
pc=$(find "$work/moved" -name nadir.pc)
PKG_CONFIG_PATH=${pc%/*}
export PKG_CONFIG_PATH
libraries=$(pkg-config --variable=libdir nadir)

# only the static program may do without libnadir.so
links_shared() { ldd "$1" | grep -q libnadir; }
cd "$work"
# shellcheck disable=SC2046
cc -o shared user/user.c $(pkg-config --cflags --libs nadir)
links_shared shared
LD_LIBRARY_PATH=$libraries ./shared
# where both libraries are, -lnadir is the shared one
# shellcheck disable=SC2046
cc -o static user/user.c $(pkg-config --static --cflags --libs nadir | sed 's/-lnadir/-l:libnadir.a/')
if links_shared static; then echo "install: the static program needs libnadir.so" && exit 1; fi
./static

cmake -S user -B user/build -DCMAKE_PREFIX_PATH="$work/moved" >/dev/null
cmake --build user/build >/dev/null
user/build/user
if [ -e user/build/user_static ]; then echo "install: nadir::static is there without having been asked for" && exit 1; fi
cmake -S user -B user/static -DCMAKE_PREFIX_PATH="$work/moved" -DSTATIC=ON >/dev/null
cmake --build user/static >/dev/null
if links_shared user/static/user_static; then echo "install: nadir::static needs libnadir.so" && exit 1; fi
user/static/user_static

for file in README.md LICENSE docs/proofs.md docs/c.md docs/hubble.svg examples/c/fit_table.c; do
  [ -s "moved/share/doc/nadir/$file" ] || { echo "install: $file is missing" && exit 1; }
done
if [ -e "$1/nadir" ]; then moved/bin/nadir -V >/dev/null; fi
