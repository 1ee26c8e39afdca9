#!/bin/sh
# Gradient descent updates after seeing all samples, stochastic descent for each sample: "if there are
# 10 samples, 10 times faster".
#
# Ten samples of y = 1 + 2 x. Scaled, both curvatures are 2, so at the rate 0.1 a full update leaves
# 0.8 of the way and 0.64 of the loss, which begins at the variance of y, 4 * 8.25 = 33.
. "$(dirname "$0")/../common.sh"

awk 'BEGIN { print "x,y"; for (x = 1; x <= 10; x++) print x "," 1 + 2 * x }' >"$work/ten.csv"
echo "Ten samples, the rate 0.1, three epochs"
for batch in all 1; do
  "$nadir" fit "$work/ten.csv" 'y ~ linear(x)' --batch $batch --rate 0.1 --epochs 3 -q \
    --trace "$work/$batch.csv"
done
expect "gradient descent: updates" "$(cell "$work/all.csv" update)" "3"
expect "gradient descent: rows seen" "$(cell "$work/all.csv" rows_seen)" "30"
expect "gradient descent: loss at the start" "$(cell "$work/all.csv" loss 0)" "33"
expect "gradient descent: loss, 33 * 0.64^3" "$(cell "$work/all.csv" loss)" "33 * 0.64^3"
expect "stochastic: updates" "$(cell "$work/1.csv" update)" "30"
expect "stochastic: rows seen" "$(cell "$work/1.csv" rows_seen)" "30"
first=$(cell "$work/1.csv" loss 10)
holds "after one epoch: stochastic $first, gradient descent $(cell "$work/all.csv" loss 1)" \
  "$first < $(cell "$work/all.csv" loss 1) / 10"
# ten updates, whole or of a sample: of one order of size
holds "after ten updates of a sample: between 0.64^5 and 0.64^20 of the loss at the start" \
  "$first < 33 * 0.64^5 && $first > 33 * 0.64^20"
"$nadir" plot "$work/all.csv" "$work/1.csv" --x-axis rows --log-y yes \
  --label 'gradient descent,stochastic' --title 'ten samples, three epochs' \
  -o "$pictures/8-stochastic.png"
finish
