#!/bin/sh
# Four learning rates on one loss: too small, just right, large, far too large.
#
# L(w) = w1^2 + w2^2/10 has curvatures 2 and 0.2. An update multiplies w1 by 1 - 2 eta and w2 by
# 1 - eta/5, so descent is stable below eta = 2/2 = 1, and fastest at 2/(2 + 0.2), where both factors
# are 9/11 in size. From (0.5, 10).
. "$(dirname "$0")/../common.sh"

right=$(awk 'BEGIN { printf "%.17g", 2 / 2.2 }')
run() { # NAME RATE
  "$nadir" minimize 'w1^2 + w2^2/10' --start w1=0.5,w2=10 --rate "$2" --updates 40 --json \
    --trace "$work/$1.csv" >"$work/$1.json" 2>"$work/$1.txt" || echo "  $1: exit status $?"
}

echo "L(w) = w1^2 + w2^2/10 from (0.5, 10), 40 updates"
run small 0.02
run right "$right"
run large 1
run far-too-large 1.2
expect "0.02, too small: loss" "$(cell "$work/small.csv" loss)" "0.25 * 0.96^80 + 10 * 0.996^80"
expect "10/11, just right: loss" "$(cell "$work/right.csv" loss)" "10.25 * (9/11)^80"
expect "1, large: w1 swings between 0.5 and -0.5: loss" "$(cell "$work/large.csv" loss)" \
  "0.25 + 10 * 0.8^80"

# w1 grows 1.4 times per update. The run stops where the loss passes 1e8 (1 + 10.25).
last=$(cell "$work/far-too-large.csv" update)
expect "1.2, far too large: stops at update" "$last" "33"
expect "loss there, 0.25 * 1.4^66 + 10 * 0.76^66" "$(cell "$work/far-too-large.csv" loss)" \
  "0.25 * 1.4^66 + 10 * 0.76^66"
expect "largest stable rate that it names" \
  "$(sed -n 's/.*"stable_rate": *\([0-9.e+-]*\).*/\1/p' "$work/far-too-large.json")" "1" 1e-6
holds "it is called diverged" "$(grep -c '"status": "diverged"' "$work/far-too-large.json")"

"$nadir" plot "$work/small.csv" "$work/right.csv" "$work/large.csv" "$work/far-too-large.csv" \
  --label 'too small: 0.02,just right: 10/11,large: 1,far too large: 1.2' --title 'four learning rates' \
  -o "$pictures/2-rates.png"
finish
