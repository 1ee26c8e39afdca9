#!/bin/sh
# coverage.sh DIRECTORY CTEST-OPTIONS...: runs the tests of a build that counts (NADIR_COVERAGE), and prints how many of
# the lines and branches of src were run, by folder, and the files below the goals. The exit status is that of
# the tests: goals are aimed at, and docs/testing.md says how far they are met.
set -u
directory=$(realpath "$1")
shift
profile=$directory/profile
rm -rf "$profile"
mkdir -p "$profile"
# Left out: what builds anew, and what watches every call to the system, where the counters' own files are seen.
# %m: what runs the same objects adds to the same file
export LLVM_PROFILE_FILE="$profile/%4m.profraw"
export NADIR_TRIES=${NADIR_TRIES:-40} # of tests/sweep
ctest --test-dir "$directory" --output-on-failure --timeout 900 -j "$(nproc)" \
  -E '^(inside|one_row|install|same_bytes|hardened|cli_hostile)$' "$@"
status=$?
llvm-profdata-14 merge -sparse -o "$profile/all.profdata" "$profile"/*.profraw || exit 1
set --
for object in "$directory"/tests/unit_* "$directory"/libnadir.so "$directory"/nadir; do
  [ -f "$object" ] && [ -x "$object" ] && set -- "$@" -object "$object"
done
shift # the first is named without the word
llvm-cov-14 report -instr-profile="$profile/all.profdata" "$@" >"$profile/files.txt" 2>"$profile/said.txt" || {
  cat "$profile/said.txt"
  exit 1
}
awk '
  function percent(all, missed) { return all ? sprintf("%.1f", 100 * (all - missed) / all) : "-" }
  function line(name, l, lm, b, bm) {
    return sprintf("%-32s %7d %6s %7d %6s", name, l, percent(l, lm), b, percent(b, bm))
  }
  !match($1, /(^|\/)src\//) || NF < 13 { next }
  {
    name = substr($1, RSTART + RLENGTH)
    folder = name
    sub(/\/.*/, "", folder)
    l[folder] += $8; lm[folder] += $9; b[folder] += $11; bm[folder] += $12
    L += $8; LM += $9; B += $11; BM += $12
    strict = name ~ /^(expr\/(lex|parse)|table\/(csv|fits)|model\/saved|base\/json)/
    if ($8 && 100 * ($8 - $9) < 98 * $8 || $11 && 100 * ($11 - $12) < (strict ? 97 : 93) * $11) {
      below[++n] = name; bl[n] = $8; blm[n] = $9; bb[n] = $11; bbm[n] = $12
    }
  }
  END {
    printf "%-32s %7s %6s %7s %6s\n", "folder", "lines", "%", "branches", "%"
    for (folder in l) print line(folder, l[folder], lm[folder], b[folder], bm[folder]) | "sort"
    close("sort")
    print line("all", L, LM, B, BM)
    print "\nBelow the goals: lines 98 %, branches 93 %; branches 97 % in lex, parse, csv, fits, saved models and JSON"
    for (i = 1; i <= n; i++) print line(below[i], bl[i], blm[i], bb[i], bbm[i]) | "sort"
  }' "$profile/files.txt"
exit $status
