#!/bin/sh
# Checks every #include of src/ and cli/ against the arrows that the architecture allows:
#
#     cli -> nadir.h only;  api -> every folder
#     fit -> theory engine expr table optim base
#     theory -> engine expr base;  engine -> expr base
#     expr | table | optim | plot -> base;  base -> nothing of ours
#
# nadir.h may be included by all. A private header (*_internal.h) stays in its folder, and a folder is
# known to others by the header of its name alone. Libraries from outside have their folders too.
# Prints each bad arrow and exits 1. `layers.sh --self-test` shows that each kind of bad arrow is found.
set -eu

# folder file -> the outside headers that this file may include beside the C library's
check_tree() {
  (cd "$1" && find src cli -name '*.[ch]' -o -name '*.cpp' -o -name '*.def' -o -name '*.inc' 2>/dev/null |
    sort | xargs -r awk '
    function bad(why) { print FILENAME ":" FNR ": " folder " -> " header ": " why; failed = 1 }
    function allows(list, word) { return index(" " list " ", " " word " ") > 0 }
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
      if (target != folder && !allows(arrows[folder], target)) { bad("this arrow is not allowed"); return }
      if (target != folder && name ~ /_internal\.h$/) { bad("a private header of another folder"); return }
      if (target != folder && name != target ".h" && name !~ /\.def$/) bad("not the contract of that folder")
    }
    function outside() {
      if (header ~ /^fitsio2?\.h$|^longnam\.h$/) { if (FILENAME !~ /^src\/table\/fits[a-z_]*\.c$/) bad("fitsio only in src/table/fits*.c") }
      else if (header ~ /^(arb|acb|flint|fmp[qz]|mag|arf|arb_.*|acb_.*|fmp[qz]_.*)(\/.*|\.h)$/) { if (folder != "theory") bad("flint and arb only in theory") }
      else if (header ~ /^jansson/) { if (folder != "api" && folder != "fit") bad("jansson only in api and fit") }
      else if (header ~ /^mpi/) { if (FILENAME != "src/fit/reduce_mpi.c") bad("mpi only in src/fit/reduce_mpi.c") }
      else if (header ~ /^sleef/) { if (folder != "engine") bad("sleef only in engine") }
      else if (header ~ /^(lapack|cblas|openblas)/) { if (folder != "base") bad("lapack only in base") }
      else if (header ~ /^(fast_float|Random123)\//) { if (folder != "base") bad("only in base") }
      else if (header ~ /^zlib\.h$/) { if (folder != "table") bad("zlib only in table") }
      else if (header == "pthread.h" || header == "threads.h") { if (folder != "base") bad("threads only in base") }
    }
    BEGIN {
      arrows["api"] = "fit theory engine expr table optim plot base"
      arrows["fit"] = "theory engine expr table optim base"
      arrows["theory"] = "engine expr base"
      arrows["engine"] = "expr base"
      arrows["expr"] = arrows["table"] = arrows["optim"] = arrows["plot"] = "base"
      arrows["base"] = ""
    }
    FNR == 1 {
      split(FILENAME, path, "/")
      folder = path[1] == "src" ? path[2] : path[1]
      if (folder != "cli" && !(folder in arrows)) { header = ""; bad("no folder of the architecture") }
    }
    /^[ \t]*#[ \t]*include[ \t]*["<]/ {
      header = $0
      sub(/^[ \t]*#[ \t]*include[ \t]*["<]/, "", header)
      quoted = $0 ~ /include[ \t]*"/
      sub(/[">].*$/, "", header)
      if (quoted) ours(); else outside()
    }
    /^[ \t]*#[ \t]*include[ \t]*</ && /<(base|expr|engine|theory|table|optim|plot|fit|api)\// { bad("ours are quoted") }
    END { exit failed }')
}

# A bad arrow: the file that gets it and the line. Each alone must make the check fail.
bad_arrows='src/base/memory.c #include "expr/expr.h"
src/expr/parse.c #include "table/table.h"
src/table/csv.c #include "optim/optim.h"
src/optim/gd.c #include "expr/expr.h"
src/plot/svg.c #include "fit/fit.h"
src/engine/run.c #include "table/table.h"
src/theory/convex.c #include "fit/fit.h"
src/fit/scale.c #include "plot/plot.h"
src/fit/scale.c #include "api/api.h"
src/api/fit.c #include "table/reader_internal.h"
src/api/fit.c #include "table/csv.h"
src/fit/model.c # include "../expr/expr.h"
src/fit/model.c #include <expr/expr.h>
src/other/new.c #include "base/base.h"
cli/main.c #include "base/base.h"
cli/main.c #include "../src/base/base.h"
src/table/csv.c #include <fitsio.h>
src/fit/model.c #include <fitsio.h>
src/engine/run.c #include <arb.h>
src/fit/diagnose.c #include <flint/flint.h>
src/table/csv.c #include <jansson.h>
cli/main.c #include <jansson.h>
src/fit/reduce.c #include <mpi.h>
src/expr/parse.c #include <sleef.h>
src/fit/newton.c #include <lapacke.h>
src/table/csv.c #include <fast_float/fast_float.h>
src/fit/descend.c #include <pthread.h>'

good_arrows='src/base/memory.c #include <lapacke.h>
src/expr/parse.c #include "base/base.h"
src/table/csv.c #include "table/reader_internal.h"
src/table/fits_header.c #include <fitsio.h>
src/engine/run.c #include "expr/expr.h"
src/theory/convex.c #include <arb.h>
src/fit/model.c #include "theory/theory.h"
src/fit/reduce_mpi.c #include <mpi.h>
src/api/fit.c #include "plot/plot.h"
cli/main.c #include "nadir.h"
cli/main.c #include "options.def"'

plant() { # tree, "file line"
  file=${2%% *}
  mkdir -p "$1/src" "$1/cli" "$1/${file%/*}"
  printf '%s\n' "${2#* }" >>"$1/$file"
}

self_test() {
  tree=$(mktemp -d)
  trap 'rm -rf "$tree"' EXIT
  printf '%s\n' "$good_arrows" >"$tree/list"
  while IFS= read -r arrow; do plant "$tree/good" "$arrow"; done <"$tree/list"
  check_tree "$tree/good" || { echo "layers: an allowed arrow was refused" && exit 1; }
  printf '%s\n' "$bad_arrows" >"$tree/list"
  count=0
  while IFS= read -r arrow; do
    rm -rf "$tree/bad"
    plant "$tree/bad" "$arrow"
    if check_tree "$tree/bad" >/dev/null; then echo "layers: not found: $arrow" && exit 1; fi
    count=$((count + 1))
  done <"$tree/list"
  echo "layers: each of $count bad arrows is found"
}

case ${1-} in
--self-test) self_test ;;
'') echo "usage: layers.sh REPOSITORY | --self-test" >&2 && exit 2 ;;
*) check_tree "$1" && echo "layers: every include is an allowed arrow" ;;
esac
