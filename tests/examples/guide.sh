#!/bin/sh
# The program that docs/c.md is prints the lines that the page shows, in their order; and every function of
# nadir.h is at work in that page or in one of examples/c.
#     guide.sh SOURCE-DIR PROGRAM
set -eu
source=$1 program=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/here"
(cd "$work/here" && "$program") >"$work/printed"
awk '/^```/ { kind = kind == "" ? substr($0, 4) : ""; next } kind == "output"' "$source/docs/c.md" >"$work/shown"
diff -u "$work/shown" "$work/printed" || exit 1

awk '/^```/ { kind = kind == "" ? substr($0, 4) : ""; next } kind ~ /^c/' "$source/docs/c.md" >"$work/code"
cat "$source"/examples/c/*.c >>"$work/code"
cat "$source"/include/nadir.h "$source"/include/nadir/*.h | tr '\n' ' ' | grep -o 'NADIR_API [^;()]*nadir_[a-z_0-9]*(' |
  sed 's/.*[ *]\(nadir_[a-z_0-9]*\)($/\1/' | sort -u >"$work/functions"
[ "$(wc -l <"$work/functions")" -ge 60 ] || { echo "guide: few functions were found in nadir.h"; exit 1; }
wrong=0
while read -r function; do
  grep -q "$function(" "$work/code" || { echo "guide: $function is in no example"; wrong=1; }
done <"$work/functions"
exit "$wrong"
