#!/bin/sh
# Adagrad gives every parameter a rate of its own, eta / sqrt(sum of its squared derivatives), against
# plain descent on a bowl that is a hundred times steeper one way than the other.
#
# L(w) = (w1^2 + 100 w2^2)/2 from (2, 2). Adagrad's step is the same for a derivative and for a hundred
# times it: both parameters move alike, straight to the minimum, by
#   w^1 = 2 - eta = 1,  w^2 = 1 - 1/sqrt(4 + 1),  w^(t+1) = w^t (1 - 1/sqrt(sum of w^2 so far))
# Plain descent at 1/M = 1/100 brings w2 home at once and leaves w1 at 2 * 0.99^t.
. "$(dirname "$0")/../common.sh"

echo "L(w) = (w1^2 + 100 w2^2)/2 from (2, 2), 30 updates; rates as chosen by the program"
"$nadir" compare '(w1^2 + 100*w2^2)/2' --start w1=2,w2=2 --method gd,adagrad --updates 30 -q \
  --trace "$work/run.csv" --title 'Adagrad and plain descent on a narrow bowl' \
  --contour "$pictures/4-adagrad-contour.png" --plot "$pictures/4-adagrad-loss.png"
gd="$work/run-1.csv" adagrad="$work/run-2.csv"
expect "plain descent: rate 1/100" "$(cell "$gd" rate)" "0.01"
expect "plain descent: w1^30 = 2 * 0.99^30" "$(cell "$gd" w1)" "2 * 0.99^30"
expect "plain descent: w2^30" "$(cell "$gd" w2)" "0"
expect "Adagrad: eta" "$(cell "$adagrad" rate)" "1"
expect "Adagrad: w1^1" "$(cell "$adagrad" w1 1)" "1"
expect "Adagrad: w1^2 = 1 - 1/sqrt(5)" "$(cell "$adagrad" w1 2)" "1 - 1 / sqrt(5)"
expect "Adagrad: w2^2, the same" "$(cell "$adagrad" w2 2)" "1 - 1 / sqrt(5)"
expect "Adagrad: rate of w1 at update 2, 1/sqrt(2^2 + 1^2)" "$(cell "$adagrad" 'rate[w1]' 2)" \
  "1 / sqrt(5)"
expect "Adagrad: rate of w2 at update 2" "$(cell "$adagrad" 'rate[w2]' 2)" "1 / sqrt(50000)"
holds "after 30 updates: plain descent $(cell "$gd" loss), Adagrad $(cell "$adagrad" loss)" \
  "$(cell "$adagrad" loss) < 1e-9 * $(cell "$gd" loss)"
finish
