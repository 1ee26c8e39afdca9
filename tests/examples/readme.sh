#!/bin/sh
# Runs the commands of README.md and of the pages of docs/, each block where the blocks before it have
# left their files, and looks in what they print for the lines that README shows (blanks count as one).
#   readme.sh SOURCE-DIR BUILD-DIR [without]
#
# The fences say what a block is: ```sh is run; ```sh install is run but for `without`, since a
# program of the user's cannot load a library that was built with sanitizers; ```sh machine changes
# the machine, so it is not run here; ```text holds lines that the block before must print.
set -eu
source=$1 build=$2 without=${3:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
awk -v work="$work" '
  /^```sh/ { n++; kind = $2 == "" ? "run" : $2; file = sprintf("%s/%03d.%s", work, n, kind)
             print "set -eu" >file; next }
  /^```text/ { file = sprintf("%s/%03d.text", work, n); next }
  /^```/ { file = ""; next }
  file != "" { print >file }' "$source/README.md" "$source"/docs/*.md

mkdir "$work/user"
cp -r "$source/examples" "$work/user/examples"
mkdir "$work/user/tests"
ln -s "$source/tests/data" "$work/user/tests/data"
ln -s "$build" "$work/user/build"
HOME=$work/user
export HOME
cd "$work/user"
blocks=0 wrong=0
for block in "$work"/*.run "$work"/*.install; do
  case $block in *.install) [ "$without" = without ] && continue ;; esac
  blocks=$((blocks + 1))
  if ! sh "$block" >"$work/out" 2>"$work/err"; then
    echo "This failed:"
    cat "$block" "$work/out" "$work/err"
    wrong=1
  fi
  text=${block%.*}.text
  [ -e "$text" ] || continue
  tr -s ' ' <"$work/out" >"$work/squeezed"
  while IFS= read -r line; do
    line=$(printf '%s' "$line" | tr -s ' ')
    if ! grep -qF -e "$line" "$work/squeezed"; then
      echo "Not printed: $line"
      cat "$block" "$work/out"
      wrong=1
    fi
  done <"$text"
done
echo "$blocks blocks of README.md and docs were run"
[ "$blocks" -ge 18 ] && exit "$wrong"
