#!/bin/sh
# Vowpal Wabbit: peer_vw.sh epoch ROWS COLUMNS PREFIX (PREFIX.vw is made by bench_synthesize vw)
#
# One row an update by plain stochastic descent on the logistic loss, from its binary cache: the
# first run makes the cache; then three passes less one. vw reads ahead on a thread of its own, which
# the clock charges to it.
set -eu
mark=$1 columns=$3 prefix=$4
version=$(vw --version | cut -d' ' -f1)
passes() {
  "$NADIR_BENCH_BIN/bench_spend" vw vw --quiet -d "$prefix.vw" --cache_file "$prefix.cache" \
    --passes "$1" --loss_function logistic --sgd -l 0.01 --power_t 0 --holdout_off -b 12 | cut -f2
}
passes 1 >/dev/null
one=$(passes 1) three=$(passes 3)
awk -v OFS='\t' -v mark="$mark-$columns" -v version="$version" -v one="$one" -v three="$three" \
  'BEGIN { print mark, "vw", version, (three - one) / 2, "nan" }'
