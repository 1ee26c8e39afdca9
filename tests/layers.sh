#!/bin/sh
# Checks the arrows between the folders: every #include of src/ and cli/, and, where a build is named,
# every symbol of its object files, against the tower of docs/architecture.md, where alone it is written:
#
#     FOLDER -> FOLDER ...     may use these and all that they may use
#     HEADER in FOLDER ...     a library from outside, by the beginning of its headers' names; FOLDER/FILE: in it alone
#
# nadir.h may be included by all, and is all that cli sees. A private header (*_internal.h) stays in its
# folder. No two folders of src have a source or a header of the same name. Prints each bad arrow and exits 1.
# `layers.sh --self-test` shows that each kind of bad arrow is found.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
page=$here/docs/architecture.md

# The tower as lines "arrow FOLDER TARGET" (closed under going on) and "outside HEADER FOLDER".
tower() {
  awk '
    /^## / { within = /^## Who may use whom/ }
    !within || !/^    / { next }
    $2 == "->" { order[++count] = $1; for (i = 3; i <= NF; i++) direct[$1] = direct[$1] " " $i }
    $2 == "in" { for (i = 3; i <= NF; i++) print "outside", $1, $i }
    function reach(from, at,    list, n, i) {
      n = split(direct[at], list, " ")
      for (i = 1; i <= n; i++) if (!seen[from, list[i]]++) { print "arrow", from, list[i]; print "arrow", list[i], list[i]; reach(from, list[i]) }
    }
    END { for (f = 1; f <= count; f++) { print "arrow", order[f], order[f]; reach(order[f], order[f]) } }' "$page"
}

# Of a tree: the includes.
check_includes() {
  (cd "$1" && find src cli -name '*.[ch]' -o -name '*.cpp' -o -name '*.def' -o -name '*.inc' 2>/dev/null |
    sort | xargs -r awk -v tower="$(tower)" '
    function bad(why) { print FILENAME ":" FNR ": " folder " -> " header ": " why; failed = 1 }
    function ours(    parts, target, count, name) {
      count = split(header, parts, "/")
      name = parts[count]
      if (header == "nadir.h") return
      if (count == 1) { # beside the including file, or found by the include path of its folder
        if (folder == "cli") { if (name !~ /^[a-z_]+\.(h|def)$/) bad("no header of the command") }
        return
      }
      target = parts[1]
      if (target == ".." || target == ".") { bad("name it from src/"); return }
      if (folder == "cli") { bad("the command sees nadir.h only"); return }
      if (!((folder, target) in arrows)) { bad("this arrow is not allowed"); return }
      if (target != folder && name ~ /_internal\.h$/) { bad("a private header of another folder"); return }
    }
    function outside(    known, beginning) {
      for (beginning in homes)
        if (index(header, beginning) == 1) {
          known = 1
          if (index(homes[beginning] " ", " " folder " ") || index(homes[beginning] " ", " " file " ")) return
        }
      if (known) bad("this library is not for this folder")
    }
    BEGIN {
      lines = split(tower, line, "\n")
      for (i = 1; i <= lines; i++) {
        split(line[i], word, " ")
        if (word[1] == "arrow") { arrows[word[2], word[3]] = folders[word[2]] = 1 } else homes[word[2]] = homes[word[2]] " " word[3]
      }
      if (!("base" in folders)) { print "no tower in docs/architecture.md"; failed = 1; exit }
    }
    FNR == 1 {
      split(FILENAME, path, "/")
      folder = path[1] == "src" ? path[2] : path[1]
      file = path[2] "/" path[3]
      if (!(folder in folders)) { header = ""; bad("no folder of the architecture") }
      name = FILENAME
      sub(/.*\//, "", name)
      sub(/\.[a-z]+$/, "", name)
      if (folder != "cli" && name in first && first[name] != folder) { header = first[name] "/" name; bad("two folders have a file of this name") }
      if (folder != "cli") first[name] = folder
    }
    /^[ \t]*#[ \t]*include[ \t]*["<]/ {
      header = $0
      sub(/^[ \t]*#[ \t]*include[ \t]*["<]/, "", header)
      quoted = $0 ~ /include[ \t]*"/
      sub(/[">].*$/, "", header)
      split(header, first_part, "/")
      if (!quoted && first_part[1] in folders) bad("ours are quoted")
      else if (quoted) ours()
      else outside()
    }
    END { exit failed }')
}

# Of a tree and its build: who defines and who uses each symbol of ours, by nm. Objects whose source is
# gone are left over.
check_symbols() {
  find "$2" -path '*.dir/src/*' -name '*.o' | sort | while read -r object; do
    source=${object#*.dir/}
    if [ -e "$1/${source%.o}" ]; then echo "$object"; fi
  done | xargs -r nm -A -g | awk -v tower="$(tower)" '
    BEGIN {
      lines = split(tower, line, "\n")
      for (i = 1; i <= lines; i++) { split(line[i], word, " "); if (word[1] == "arrow") arrows[word[2], word[3]] = 1 }
    }
    {
      folder = $0
      sub(/^.*\.dir\/src\//, "", folder)
      sub(/\/.*/, "", folder)
    }
    $(NF - 1) == "U" { uses[folder " " $NF] = 1 }
    $(NF - 1) ~ /^[A-TV-Z]$/ { owner[$NF] = folder; count++ }
    END {
      if (count == 0) { print "no object files of src"; exit 1 }
      for (use in uses) {
        split(use, word, " ")
        if (word[2] in owner && !((word[1], owner[word[2]]) in arrows)) {
          print word[1] " -> " owner[word[2]] ": " word[2] ": this arrow is not allowed"
          failed = 1
        }
      }
      exit failed
    }'
}

# A bad arrow: the file that gets it and the line. Each alone must make the check fail.
bad_arrows='src/base/memory.c #include "expr/expr.h"
src/expr/parse.c #include "table/table.h"
src/table/csv.c #include "optim/optim.h"
src/optim/gd.c #include "expr/expr.h"
src/plot/svg.c #include "judge/judge.h"
src/engine/run.c #include "table/table.h"
src/theory/convex.c #include "settings/settings.h"
src/settings/read.c #include "model/model.h"
src/model/model.c #include "rows/rows.h"
src/rows/scale.c #include "objective/objective.h"
src/objective/of_table.c #include "descend/descend.h"
src/descend/loop.c #include "judge/judge.h"
src/judge/kind.c #include "api/api.h"
src/judge/kind.c #include "plot/plot.h"
src/api/fit.c #include "table/reader_internal.h"
src/model/model.c # include "../expr/expr.h"
src/model/model.c #include <expr/expr.h>
src/other/new.c #include "base/base.h"
cli/main.c #include "base/base.h"
cli/main.c #include "../src/base/base.h"
src/table/csv.c #include <fitsio.h>
src/model/model.c #include <fitsio.h>
src/engine/run.c #include <arb.h>
src/judge/kind.c #include <flint/flint.h>
src/table/csv.c #include <jansson.h>
cli/main.c #include <jansson.h>
src/judge/kind.c #include <mpi.h>
src/base/ranks.c #include <mpi.h>
src/expr/parse.c #include <sleef.h>
src/table/csv.c #include <fast_float/fast_float.h>
src/rows/csv.c #include <zlib.h>
src/descend/loop.c #include <pthread.h>'

good_arrows='src/expr/parse.c #include "base/base.h"
src/table/csv.c #include "table/reader_internal.h"
src/table/gzip.c #include <zlib.h>
src/engine/run.c #include "expr/expr.h"
src/theory/convex.c #include <arb.h>
src/theory/prove.c #include "base/dense.h"
src/model/model.c #include "theory/theory.h"
src/base/ranks_mpi.c #include <mpi.h>
src/api/fit.c #include "plot/plot.h"
src/api/answer.c #include "tell/tell.h"
src/tell/tell.h #include <jansson.h>
cli/main.c #include "nadir.h"
cli/main.c #include "options.def"'

plant() { # tree, "file line"
  file=${2%% *}
  mkdir -p "$1/src" "$1/cli" "$1/${file%/*}"
  printf '%s\n' "${2#* }" >>"$1/$file"
}

# Two objects of which the first uses what the second has.
plant_symbol() { # tree, folder that uses, folder that has
  mkdir -p "$1/a.dir/src/$2" "$1/b.dir/src/$3" "$1/src/$2" "$1/src/$3"
  : >"$1/src/$2/user.c"
  : >"$1/src/$3/owner.c"
  echo 'void nd_planted(void); void nd_user(void); void nd_user(void) { nd_planted(); }' |
    cc -xc -c -o "$1/a.dir/src/$2/user.c.o" -
  echo 'void nd_planted(void); void nd_planted(void) {}' | cc -xc -c -o "$1/b.dir/src/$3/owner.c.o" -
}

self_test() {
  tree=$(mktemp -d)
  trap 'rm -rf "$tree"' EXIT
  printf '%s\n' "$good_arrows" >"$tree/list"
  while IFS= read -r arrow; do plant "$tree/good" "$arrow"; done <"$tree/list"
  check_includes "$tree/good" || { echo "layers: an allowed arrow was refused" && exit 1; }
  { printf '%s\n' "$bad_arrows" && echo 'src/table/parse.c int twice;'; } >"$tree/list"
  count=0
  while IFS= read -r arrow; do
    rm -rf "$tree/bad"
    plant "$tree/bad" "$arrow"
    plant "$tree/bad" 'src/expr/parse.c int once;'
    if check_includes "$tree/bad" >/dev/null; then echo "layers: not found: $arrow" && exit 1; fi
    count=$((count + 1))
  done <"$tree/list"
  plant_symbol "$tree/up" model rows
  if check_symbols "$tree/up" "$tree/up" >/dev/null; then echo "layers: a symbol that goes up was not found" && exit 1; fi
  plant_symbol "$tree/down" rows model
  check_symbols "$tree/down" "$tree/down" || { echo "layers: an allowed symbol was refused" && exit 1; }
  echo "layers: each of $((count + 1)) bad arrows is found"
}

case ${1-} in
--self-test) self_test ;;
'') echo "usage: layers.sh REPOSITORY [BUILD] | --self-test" >&2 && exit 2 ;;
*)
  check_includes "$1"
  [ $# -lt 2 ] || check_symbols "$1" "$2"
  echo "layers: every include and every symbol is an allowed arrow"
  ;;
esac
