#!/bin/sh
# Feature scaling: y = w1 x1 + w2 x2 with x2 ten times as large as x1, as it is and with
# x <- (x - mean) / sigma.
#
# In units of the rows' mean, the loss has the Hessian 2 [[<x1^2>, <x1 x2>], [<x1 x2>, <x2^2>]]:
#   as it is   2 [[1, 5], [5, 100]]     condition (101 + sqrt(9901)) / (101 - sqrt(9901)) = 134.0
#   scaled     2 [[1, 0.5], [0.5, 1]]   condition 1.5 / 0.5 = 3
# The means are 0, so the intercept adds an eigenvalue 2 that lies between, and changes neither.
. "$(dirname "$0")/../common.sh"

cat >"$work/table.csv" <<'END'
x1,x2,y
1,10,13
1,10,13
1,10,13
-1,-10,-13
-1,-10,-13
-1,-10,-13
1,-10,-7
-1,10,7
END
condition() { # WHICH: raw or scaled
  "$nadir" fit "$work/table.csv" 'y ~ linear(x1, x2)' --json | tr -d '\n ' |
    sed "s/.*\"condition\":{\\([^}]*\\)}.*/,\\1/; s/.*[,{]\"$1\":\\([0-9.e+-]*\\).*/\\1/"
}

echo "Eight rows of y = 3 x1 + x2, x2 ten times as large as x1"
expect "condition before" "$(condition raw)" "(101 + sqrt(9901)) / (101 - sqrt(9901))" 1e-6
expect "condition after" "$(condition scaled)" "3" 1e-6
for scale in none standard; do
  "$nadir" fit "$work/table.csv" 'y ~ linear(x1, x2)' --no-intercept --scale $scale --method gd -q \
    --trace "$work/$scale.csv" --title "scaling: $scale" --contour "$pictures/7-scale-$scale.png"
  expect "--scale $scale: w[x1]" "$(cell "$work/$scale.csv" 'w[x1]')" "3" 1e-5
  expect "--scale $scale: w[x2]" "$(cell "$work/$scale.csv" 'w[x2]')" "1" 1e-6
done
none=$(cell "$work/none.csv" update) standard=$(cell "$work/standard.csv" update)
holds "updates: $none without scaling, $standard with it" "$none > 30 * $standard"
"$nadir" plot "$work/none.csv" "$work/standard.csv" --label 'as it is,scaled' --log-x yes \
  --title 'the same fit with and without feature scaling' -o "$pictures/7-scaling-loss.png"
finish
