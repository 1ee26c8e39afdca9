#!/bin/sh
# The best step is |first derivative| / second derivative; and a larger derivative means farther from
# the minimum in one parameter only.
. "$(dirname "$0")/../common.sh"

# y = a x^2 + b x + c: |2 a x + b| over 2 a is the distance to the minimum, -b/2a.
echo "One parameter: y = 2 x^2 - 8 x + 3 from x = -1; y' = -12, y'' = 4, minimum y(2) = -5"
"$nadir" minimize '2*x^2 - 8*x + 3' --start x=-1 --method newton-diagonal -q --trace "$work/one.csv"
expect "first derivative" "$(cell "$work/one.csv" 'gradient[x]' 0)" "-12"
expect "the step" "$(cell "$work/one.csv" step_norm 1)" "12 / 4"
expect "updates" "$(cell "$work/one.csv" update)" "1"
expect "x" "$(cell "$work/one.csv" x)" "2"
expect "y" "$(cell "$work/one.csv" loss)" "-5"

# Two parameters: along w1, point a is 4 from the minimum; along w2, point c is half from it.
echo "Two parameters: L(w) = w1^2 + 25 w2^2 from w1 = 4 (the lecture's a), w2 = 0.5 (its c)"
"$nadir" compare 'w1^2 + 25*w2^2' --start w1=4,w2=0.5 --method gd,newton-diagonal --updates 30 -q \
  --trace "$work/run.csv" --title 'a larger derivative is not farther from the minimum' \
  --contour "$pictures/6-best-step.png"
best="$work/run-2.csv"
expect "derivative at a, 2 * 4" "$(cell "$best" 'gradient[w1]' 0)" "8"
expect "derivative at c, 50 * 0.5: larger, and nearer" "$(cell "$best" 'gradient[w2]' 0)" "25"
expect "a: rate, 1 / second derivative" "$(cell "$best" 'rate[w1]' 1)" "1 / 2"
expect "c: rate, 1 / second derivative" "$(cell "$best" 'rate[w2]' 1)" "1 / 50"
expect "the best step of each: updates" "$(cell "$best" update)" "1"
expect "w1" "$(cell "$best" w1)" "0"
expect "w2" "$(cell "$best" w2)" "0"
expect "plain descent at 1/50, 30 updates: w1 = 4 * 0.96^30" "$(cell "$work/run-1.csv" w1)" \
  "4 * 0.96^30"
finish
