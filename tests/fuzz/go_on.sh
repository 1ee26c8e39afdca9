#!/bin/sh
# go_on.sh DIRECTORY MINUTES: runs each fuzzer of a build in turn, from its seeds, for its share of the minutes, with
# a seed of its own that is printed. What is new is kept in DIRECTORY/found/NAME and gone on from the next time. An
# input that fails is kept in DIRECTORY/faults, and its path printed; the exit status is then 1.
set -u
directory=$(realpath "$1") minutes=$2
corpus=$(realpath "$(dirname "$0")")/corpus
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
export TMPDIR="$work" LC_ALL=C.UTF-8
unset NADIR_FAIL NADIR_CPU
faults=$directory/faults
mkdir -p "$faults"
set -- "$directory"/tests/fuzz/fuzz_*
seconds=$((minutes * 60 / $#)) status=0 all=0
[ "$seconds" -gt 0 ] || seconds=1
for target in "$@"; do
  name=${target##*/fuzz_}
  seed=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
  mkdir -p "$directory/found/$name"
  before=$(find "$faults" -type f | wc -l)
  "$target" -seed="$seed" -max_total_time="$seconds" -timeout=30 -rss_limit_mb=2500 -close_fd_mask=1 \
    -print_final_stats=1 -artifact_prefix="$faults/$name-" "$directory/found/$name" "$corpus/$name" \
    >"$work/said" 2>&1 </dev/null
  result=$?
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/said")
  runs=${runs:-0}
  all=$((all + runs))
  reached=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$work/said" | tail -n 1)
  echo "$name: $runs inputs in $seconds s, ${reached:-0} places reached, seed $seed"
  if [ "$result" -ne 0 ] || [ "$(find "$faults" -type f | wc -l)" -gt "$before" ]; then
    grep -m 1 -E 'broken promise|ERROR: |runtime error' "$work/said"
    find "$faults" -type f -newer "$directory/found/$name" -name "$name-*" -exec echo "FAILED: $target {}" \;
    [ "$result" -eq 0 ] || status=1
  fi
done
echo "$all inputs"
exit $status
