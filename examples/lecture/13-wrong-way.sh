#!/bin/sh
# The gradient of a random sample might point in the wrong direction: the more, the nearer the minimum.
#
# Ten samples y = 1 ... 10 and the model w: the gradient of sample n is -2 (y_n - w), that of the loss -2 (5.5 - w), so
# the samples below w point uphill while w < 5.5. From w = 0 none does. At the rate 0.01 an epoch takes w to about
# 5.5 (1 - 0.98^10) = 1.006: then one of ten does. At the minimum it is half of them.
. "$(dirname "$0")/../common.sh"

awk 'BEGIN { print "y"; for (y = 1; y <= 10; y++) print y }' >"$work/ten.csv"
echo "Share of samples whose gradient points uphill"
"$nadir" noise "$work/ten.csv" 'y ~ w' --batch 1 --rates 0.01 --json >"$work/noise.json"
expect "at w = 0" "$(member "$work/noise.json" share 0)" "0"
expect "after one epoch, w about 1.0" "$(member "$work/noise.json" share 1)" "0.1" 0.1001 "expected near"
expect "after ten epochs, w about 4.8" "$(member "$work/noise.json" share 10)" "0.4" 0.1001 "expected near"
"$nadir" noise "$work/ten.csv" 'y ~ w' --batch 1 --rates 0.1 --json >"$work/noise.json"
expect "near the minimum (rate 0.1, ten epochs)" "$(member "$work/noise.json" share 10)" "0.5" 0.3001 "expected near"
finish
