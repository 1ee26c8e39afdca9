#!/bin/sh
# Adding costs what docs/architecture.md says: in a copy of the tree each *.row next to this script is
# added, the copy is built, and the walks over the lists are run.
#     one_row.sh SOURCE-DIR [CMAKE-OPTION...]
#
# A .row is text up to its first section, with a line "most N files", and sections:
#     === FILE before LINE     what follows is put in front of the line that begins so
#     === FILE new             what follows is a file of its own
#     === build                names of targets
#     === check                a script: says PATTERN COMMAND..., without FILE SOURCE, wrong WORDS;
#                              $nadir is the command, $tests where the unit tests are
set -eu
source=$1
shift
rows=$source/tests/one_row
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
mkdir "$tree"
(cd "$source" && tar -cf - --exclude='./build*' --exclude=./.git .) | tar -xf - -C "$tree"

# Puts the section $3 in front of the line of the file $1 that begins with $2.
insert() {
  awk -v line="$2" -v text="$3" '
    index($0, line) == 1 && !done { while ((getline more < text) > 0) print more; print ""; done = 1 }
    { print }
    END { exit !done }' "$1" >"$work/with" || { echo "$1: no line begins with: $2"; exit 1; }
  cat "$work/with" >"$1"
}

add_row() { # name
  awk -v out="$work/$1" '
    BEGIN { file = out ".text" }
    /^=== / { file = out "." ++count; print substr($0, 5) >(out ".sections"); next }
    { print >file }' "$rows/$1.row"
  touched=''
  count=0
  while read -r file how line; do
    count=$((count + 1))
    case $file in
    build | check) mv "$work/$1.$count" "$work/$1.$file"; continue ;;
    esac
    sed '$ { /^$/d; }' "$work/$1.$count" >"$work/part"
    case $how in
    new) cp "$work/part" "$tree/$file" ;;
    before) insert "$tree/$file" "$line" "$work/part" ;;
    esac
    touched="$touched$file
"
  done <"$work/$1.sections"
  files=$(printf '%s' "$touched" | sort -u | wc -l)
  most=$(sed -n 's/^most \([0-9]*\) files$/\1/p' "$work/$1.text")
  echo "$1: $files files"
  [ "$files" -le "$most" ] || { echo "$1: more than $most"; exit 1; }
}

# ---- what a check may use ----

wrong() { echo "$name: $*"; exit 1; }

# The command's output has a line like this.
says() {
  pattern=$1
  shift
  "$@" >"$work/said" 2>&1 || true
  tr '\n' ' ' <"$work/said" | grep -q -e "$pattern" || { cat "$work/said"; wrong "no '$pattern': $*"; }
}

# With this file as it was before, that source does not compile.
without() {
  mkdir -p "$work/before/${1%/*}"
  cp "$source/$1" "$work/before/$1"
  if ${CC:-cc} -std=c17 -fsyntax-only -I "$work/before/src" -I "$tree/include" -I "$tree/src" "$tree/$2" 2>"$work/said"; then
    wrong "$2 compiles without a row in $1"
  fi
}

names=$(cd "$rows" && ls -- *.row | sed 's/\.row$//')
for name in $names; do add_row "$name"; done
# a compiler cache, where there is one, knows the files in whatever folder they are
export CCACHE_BASEDIR="$work" CCACHE_NOHASHDIR=1
cmake -G Ninja -S "$tree" -B "$work/build" -DNADIR_TESTS=ON -DNADIR_WERROR=ON \
  -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG=-O0 -DCMAKE_CXX_FLAGS_DEBUG=-O0 "$@" >"$work/cmake.log" 2>&1 ||
  { cat "$work/cmake.log"; exit 1; }
targets=$(cat "$work"/*.build)
# shellcheck disable=SC2086
ninja -j2 -C "$work/build" $targets >"$work/ninja.log" 2>&1 || { grep -A20 'FAILED\|error' "$work/ninja.log"; exit 1; }
nadir=$work/build/nadir tests=$work/build/tests
cd "$work"
for name in $names; do
  . "$work/$name.check"
  echo "$name: added, built, and met by its walks"
done
