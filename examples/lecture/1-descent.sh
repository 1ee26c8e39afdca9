#!/bin/sh
# The update w^(t+1) = w^t - eta grad L(w^t), in one parameter, in two, and in more than can be drawn.
. "$(dirname "$0")/../common.sh"

# L(w) = (w - 3)^2, dL/dw = 2 (w - 3): from w^0 = 0 with eta = 0.1 every update leaves 0.8 of the way.
echo "One parameter: L(w) = (w - 3)^2 from w = 0, eta = 0.1"
"$nadir" minimize '(w - 3)^2' --start w=0 --rate 0.1 --updates 20 -q --trace "$work/one.csv" \
  --title 'one parameter' --plot "$pictures/1-one-parameter.png"
expect "gradient at w^0" "$(cell "$work/one.csv" 'gradient[w]' 0)" "-6"
expect "w^1 = 0 + 0.1 * 6" "$(cell "$work/one.csv" w 1)" "0.6"
expect "w^2 = 0.6 + 0.1 * 4.8" "$(cell "$work/one.csv" w 2)" "1.08"
expect "w^20 = 3 (1 - 0.8^20)" "$(cell "$work/one.csv" w)" "3 * (1 - 0.8^20)"
expect "loss there, 9 * 0.8^40" "$(cell "$work/one.csv" loss)" "9 * 0.8^40"

# grad L = [2 (w1 - 1), 6 (w2 + 2)]: both components move at once, from the gradient at the whole point.
echo "Two parameters: L(w) = (w1 - 1)^2 + 3 (w2 + 2)^2 from (4, 1), eta = 0.1"
"$nadir" minimize '(w1 - 1)^2 + 3*(w2 + 2)^2' --start w1=4,w2=1 --rate 0.1 --updates 20 -q \
  --trace "$work/two.csv" --contour "$pictures/1-two-parameters.png"
expect "w1^1 = 4 - 0.1 * 6" "$(cell "$work/two.csv" w1 1)" "3.4"
expect "w2^1 = 1 - 0.1 * 18" "$(cell "$work/two.csv" w2 1)" "-0.8"
expect "w1^2 = 3.4 - 0.1 * 4.8" "$(cell "$work/two.csv" w1 2)" "2.92"
expect "w2^2 = -0.8 - 0.1 * 7.2" "$(cell "$work/two.csv" w2 2)" "-1.52"
expect "w1^20 = 1 + 3 * 0.8^20" "$(cell "$work/two.csv" w1)" "1 + 3 * 0.8^20"

# "You can always visualize the loss against the updates": four parameters.
echo "Four parameters, each of curvature 2 k around k: all that can be drawn is loss against updates"
"$nadir" minimize '(a - 1)^2 + 2*(b - 2)^2 + 3*(c - 3)^2 + 4*(d - 4)^2' --start a=0 --rate 0.1 \
  --updates 20 -q --trace "$work/four.csv" --title 'four parameters' \
  --plot "$pictures/1-four-parameters.png"
expect "loss at the start, 1 + 8 + 27 + 64" "$(cell "$work/four.csv" loss 0)" "100"
expect "loss after one update" "$(cell "$work/four.csv" loss 1)" \
  "0.8^2 + 8 * 0.6^2 + 27 * 0.4^2 + 64 * 0.2^2"
expect "loss after twenty" "$(cell "$work/four.csv" loss)" \
  "0.8^40 + 8 * 0.6^40 + 27 * 0.4^40 + 64 * 0.2^40"
finish
