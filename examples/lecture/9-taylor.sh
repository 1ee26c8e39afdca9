#!/bin/sh
# The Taylor series of sin around pi/4: h^(k)/k! is 1/sqrt(2), 1/sqrt(2), -1/(2 sqrt 2), -1/(6 sqrt 2), ... with signs
# in pairs.
. "$(dirname "$0")/../common.sh"

echo "sin(x) around pi/4 to order 9"
"$nadir" taylor 'sin(x)' --at x=pi/4 --order 9 --radius 1 --json --plot "$pictures/9-taylor.png" >"$work/sin.json"
for k in 0 1 2 3 4 5 6 7 8 9; do
  sign=$(awk -v k=$k 'BEGIN { print (k % 4 < 2) ? 1 : -1 }')
  expect "coefficient of (x - pi/4)^$k" "$(member "$work/sin.json" coefficients $k)" \
    "$sign / sqrt(2) / $(awk -v k=$k 'BEGIN { f = 1; for (i = 2; i <= k; i++) f *= i; print f }')" 1e-15
done
# Lagrange: at most max |sin| 1^10 / 10! = 2.76e-7 within a distance of 1
remainder=$(member "$work/sin.json" remainder)
holds "remainder within 1: at most $remainder, by hand at most 1/10!" "$remainder > 0 && $remainder <= 1 / 3628800 * 1.0001"
finish
