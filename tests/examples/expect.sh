#!/bin/sh
# Runs an example and compares what it prints with what is in a file.
#   expect.sh EXPECTED-FILE PROGRAM [ARGUMENT...]
set -eu
expected=$1
shift
"$@" >"expect.$$" || { rm -f "expect.$$"; echo "$1: exit status not 0"; exit 1; }
if diff -u "$expected" "expect.$$"; then status=0; else status=1; fi
rm -f "expect.$$"
exit $status
