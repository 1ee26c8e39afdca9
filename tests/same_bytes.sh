#!/bin/sh
# Two builds in two folders are the same bytes: objects of every sort (C, C++, one that includes a generated file, the
# command's) are compiled in two copies of the sources, which have paths of different lengths, with the flags of this
# build; and no file of the build has a path of its sources or its own in it, also not among what a debugger reads.
#     same_bytes.sh SOURCE BUILD [CMAKE-OPTION...]
set -eu
source=$(realpath "$1") build=$(realpath "$2")
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wrong=0
for file in "$build"/nadir "$build"/libnadir.so "$build"/libnadir.a; do
  for path in "$source" "$build"; do
    if grep -qaF "$path" "$file"; then echo "same bytes: $file has $path in it" && wrong=1; fi
  done
done
objects='nadir_base.dir/src/base/number.cpp nadir_base.dir/src/base/output.c nadir_optim.dir/src/optim/optim.c
nadir_theory.dir/src/theory/decimal.c nadir_engine_baseline_double.dir/src/engine/level/elementwise.c
nadir.dir/cli/main.c'
for copy in a another/folder; do
  tree=$work/$copy/tree
  mkdir -p "$tree"
  (cd "$source" && tar -cf - cmake cli include src CMakeLists.txt) | tar -xf - -C "$tree"
  cmake -G Ninja -S "$tree" -B "$tree/build" -DNADIR_INSTALL=OFF "$@" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
  # shellcheck disable=SC2086
  (cd "$tree/build" && ninja $(printf 'CMakeFiles/%s.o ' $objects)) >"$work/log" 2>&1 || { tail -n 20 "$work/log"; exit 1; }
done
for object in $objects; do
  cmp "$work/a/tree/build/CMakeFiles/$object.o" "$work/another/folder/tree/build/CMakeFiles/$object.o" || wrong=1
done
exit "$wrong"
