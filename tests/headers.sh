#!/bin/sh
# What docs/architecture.md promises of headers: each public one compiles alone, as C99 and as C++98 without
# extensions; nadir.h has at most 600 lines without its comments, any other header at most 250 lines with
# them.
#     headers.sh SOURCE
set -eu
cd "$1"
wrong=0
complain() {
  echo "headers: $1"
  wrong=1
}
for header in include/nadir.h include/nadir/*.h; do
  alone="#include \"${header#include/}\""
  echo "$alone" | cc -std=c99 -pedantic -Wall -Wextra -Werror -Iinclude -xc -fsyntax-only - ||
    complain "$header does not compile as C99"
  echo "$alone" | c++ -std=c++98 -pedantic -Wall -Wextra -Werror -Iinclude -xc++ -fsyntax-only - ||
    complain "$header does not compile as C++98"
done
lines=$(cc -fpreprocessed -dD -E -P include/nadir.h | grep -c .)
[ "$lines" -le 600 ] || complain "nadir.h has $lines lines of code: move what few need to include/nadir/"
for header in include/nadir/*.h src/*/*.h cli/*.h; do
  lines=$(wc -l <"$header")
  [ "$lines" -le 250 ] || complain "$header has $lines lines: split it by what one may know"
done
exit "$wrong"
