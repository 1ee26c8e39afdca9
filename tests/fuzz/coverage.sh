#!/bin/sh
# coverage.sh DIRECTORY: runs the fuzzers of a build that counts (NADIR_COVERAGE, NADIR_FUZZ) over their seeds, and
# prints how many of the lines of src/expr and src/table these alone run. The exit status is 1 where a fuzzer fails,
# or the seeds reach less than 90 % of either.
set -u
here=$(realpath "$(dirname "$0")")
directory=$(realpath "$1")
profile=$directory/profile-corpus
rm -rf "$profile"
mkdir -p "$profile"
status=0
for target in "$directory"/tests/fuzz/fuzz_*; do
  name=${target##*/fuzz_}
  LLVM_PROFILE_FILE="$profile/$name-%4m.profraw" "$here/replay.sh" "$target" "$here/corpus/$name" >"$profile/said.txt" 2>&1 || {
    echo "FAILED: $target"
    cat "$profile/said.txt"
    status=1
  }
done
llvm-profdata-14 merge -sparse -o "$profile/all.profdata" "$profile"/*.profraw || exit 1
set --
for target in "$directory"/tests/fuzz/fuzz_*; do
  set -- "$@" -object "$target"
done
shift # the first is named without the word
llvm-cov-14 report -instr-profile="$profile/all.profdata" "$@" >"$profile/files.txt" 2>"$profile/said.txt" || {
  cat "$profile/said.txt"
  exit 1
}
awk '
  match($1, /(^|\/)src\/(expr|table)\//) && NF >= 13 {
    folder = $1 ~ /src\/expr\// ? "expr" : "table"
    lines[folder] += $8
    missed[folder] += $9
  }
  END {
    for (folder in lines) {
      reached = 100 * (lines[folder] - missed[folder]) / lines[folder]
      printf "%-8s %6d lines, %.1f %% of them by the seeds of the fuzzers\n", folder, lines[folder], reached
      if (reached < 90) below = 1
    }
    exit below
  }' "$profile/files.txt" || {
  echo "FAILED: the seeds reach less than 90 % of the lines"
  status=1
}
exit $status
