#!/bin/sh
# replay.sh TARGET CORPUS: runs a fuzzer once over each of its seeds; a moment is enough for each.
set -eu
target=$1 corpus=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work" LC_ALL=C.UTF-8
unset NADIR_FAIL NADIR_CPU
if ! "$target" -timeout=60 -rss_limit_mb=2500 -close_fd_mask=1 -artifact_prefix="$PWD/" "$corpus"/* \
  >"$work/said" 2>&1 </dev/null; then
  tail -n 60 "$work/said"
  exit 1
fi
echo "$(find "$corpus" -type f | wc -l) seeds"
