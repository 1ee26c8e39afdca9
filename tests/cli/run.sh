#!/bin/sh
# Runs tests of the command: NAME.sh in an empty directory, with `nadir` as its command, and compares
# all that it prints with NAME.out.
#     run.sh NADIR NAME...            run these; the exit status is 77 when one asks to be skipped
#     run.sh --update NADIR NAME...   write NAME.out anew: look at the difference before you commit it
set -eu
update=
if [ "$1" = --update ]; then update=yes && shift; fi
nadir=$(realpath "$1")
shift
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# the same everywhere: no locale, no colour, no terminal, no settings of the user's
unset NO_COLOR COLUMNS LD_LIBRARY_PATH NADIR_CPU
export SOURCE_DATE_EPOCH=1795996800 nadir LC_ALL=C TERM=dumb SOURCE="$here/../.." TESTS="$here" TMPDIR="$work"

status=0
for name in "$@"; do
  mkdir "$work/$name"
  cp "$here/../../examples/data/hubble1929.csv" "$work/$name/"
  result=0
  (cd "$work/$name" && . "$TESTS/lib.sh" && . "$TESTS/$name.sh") >"$work/$name.out" 2>&1 </dev/null || result=$?
  if [ "$result" = 77 ]; then
    echo "$name: skipped: $(tail -n 1 "$work/$name.out")"
    [ "$status" != 0 ] || status=77
  elif [ -n "$update" ]; then
    cp "$work/$name.out" "$here/$name.out"
  elif ! diff -u "$here/$name.out" "$work/$name.out"; then
    echo "$name: the output is not that of $name.out"
    status=1
  fi
done
exit "$status"
