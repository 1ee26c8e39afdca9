#!/bin/sh
# No struct but tell's and nadir_error has a field that holds a sentence: facts travel as enums and numbers, and
# words are made of them at the edge. char_fields.txt lists every char and nd_text member of the structs of
# include/ and src/, and what it holds; a member that it does not list fails this test.
#     char_fields.sh SOURCE        the exit status is 1 where list and source differ
#     char_fields.sh --self-test   shows that each kind of difference is found
set -u
here=$(cd "$(dirname "$0")" && pwd)
kinds='name|unit|formula|path|number|symbol|help|label|cell|file|code|buffer|sentence'

# Of a tree and a list.
check() {
  (cd "$1" && find include src -name '*.h' -o -name '*.c' -o -name '*.cpp' | sort |
    xargs awk -f "$here/char_fields.awk") |
    awk -F '\t' -v list="$2" -v kinds="^($kinds)$" '
      function not_so(why) { print "char fields: " why; failed = 1 }
      BEGIN {
        while ((getline line < list) > 0) {
          if (line ~ /^(#|$)/) continue
          split(line, word, " ")
          if (word[2] !~ kinds) not_so(word[1] " holds \"" word[2] "\", which is none of the kinds of the list")
          if (word[1] in holds) not_so(word[1] " is listed twice")
          if (word[2] == "sentence" && word[1] !~ /^(tell\/|include\/nadir_error\.)/)
            not_so(word[1] ": only tell and nadir_error keep sentences: make it an enum, names and numbers, and let tell say it")
          holds[word[1]] = word[2]
        }
      }
      {
        count++
        seen[$1] = 1
        if (!($1 in holds) && !told[$1]++)
          not_so($2 ": " $1 " is not in the list: if it is a name, unit, formula, path or number, add \"" $1 " name\" (or so) to tests/house/char_fields.txt; if it is a sentence, keep the facts that it is made of, and let src/tell say it")
      }
      END {
        if (!count) not_so("no member was found")
        for (one in holds) if (!(one in seen)) not_so(one " is in the list and in no struct: take its line out")
        exit failed
      }'
}

# A tree of one struct and a list of one line, for each: whether they agree.
self_test() {
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$work/include" "$work/src/rows"
  tried=0
  expect() { # 0 or 1, the members of a struct, the lines of a list
    printf 'typedef struct one {\n  %s\n} one;\n' "$2" >"$work/src/rows/one.h"
    printf '%b' "$3" >"$work/list.txt"
    check "$work" "$work/list.txt" >"$work/said"
    [ $? -eq "$1" ] || { echo "self-test: $2 with the list $3: $(cat "$work/said")"; exit 1; }
    tried=$((tried + 1))
  }
  expect 0 'const char *name;' 'rows/one.name name\n'
  expect 0 'const char *name, *unit; double x; /* char *no; */' 'rows/one.name name\nrows/one.unit unit\n'
  expect 0 'struct { char *inner; } part; char *name[4];' 'rows/part.inner name\nrows/one.name name\n'
  expect 0 'char *name; int (*say)(const char *text); unsigned char bytes[8];' 'rows/one.name name\n'
  expect 1 'const char *name, *why;' 'rows/one.name name\n'
  expect 1 'char name[8], why[80];' 'rows/one.name name\n'
  expect 1 'char *name; nd_text why;' 'rows/one.name name\n'
  expect 1 'char *name; struct { const char *why; } inner;' 'rows/one.name name\n'
  expect 1 'char *name; union { const char *why; double x; };' 'rows/one.name name\n'
  expect 1 'char *name;' 'rows/one.name name\nrows/one.gone name\n'
  expect 1 'char *name;' 'rows/one.name sentence\n'
  expect 1 'char *name;' 'rows/one.name words\n'
  expect 1 'double x;' ''
  echo "$tried lists are judged rightly"
}

if [ "$1" = --self-test ]; then self_test; else check "$1" "$here/char_fields.txt"; fi
