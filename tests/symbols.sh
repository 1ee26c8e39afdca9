#!/bin/sh
# The shared library gives what nadir.h promises, all of it, and nothing else.
#     symbols.sh INCLUDE-DIR libnadir.so
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat "$1"/nadir.h "$1"/nadir/*.h | tr '\n' ' ' | grep -o 'NADIR_API [^;()]*nadir_[a-z_0-9]*(' | sed 's/.*[ *]\(nadir_[a-z_0-9]*\)($/\1/' | sort -u >"$work/promised"
nm -D --defined-only "$2" | awk '{ print $3 }' | sort -u >"$work/given"
comm -23 "$work/promised" "$work/given" | sed 's/$/: in nadir.h, not in the library/' >"$work/wrong"
comm -13 "$work/promised" "$work/given" | sed 's/$/: in the library, not in nadir.h/' >>"$work/wrong"
cat "$work/wrong"
[ -s "$work/promised" ] && ! [ -s "$work/wrong" ]
