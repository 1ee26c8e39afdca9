#!/bin/sh
# A smaller rate as the destination comes near: eta^t = eta / sqrt(t + 1), and a smaller one every few
# epochs.
. "$(dirname "$0")/../common.sh"

# On L(w) = w^2 the rate 1 is the limit of stability: w only changes its sign, without end. Decayed, it is
# 1, 1/sqrt(2), 1/sqrt(3), 1/2, and w^(t+1) = (1 - 2/sqrt(t + 1)) w^t: the fourth is the best step.
echo "L(w) = w^2 from w = 1, eta = 1"
for schedule in constant inverse-sqrt; do
  "$nadir" minimize 'w^2' --start w=1 --rate 1 --schedule $schedule --updates 6 -q \
    --trace "$work/$schedule.csv" 2>"$work/warnings.txt"
done
expect "constant: w^6" "$(cell "$work/constant.csv" w)" "1"
expect "decayed: eta^1 = 1/sqrt(2)" "$(cell "$work/inverse-sqrt.csv" rate 2)" "1 / sqrt(2)"
expect "decayed: w^1" "$(cell "$work/inverse-sqrt.csv" w 1)" "-1"
expect "decayed: w^2 = sqrt(2) - 1" "$(cell "$work/inverse-sqrt.csv" w 2)" "sqrt(2) - 1"
expect "decayed: w^3" "$(cell "$work/inverse-sqrt.csv" w 3)" "(sqrt(2) - 1) * (1 - 2 / sqrt(3))"
expect "decayed: w^4, at the rate 1/2" "$(cell "$work/inverse-sqrt.csv" w 4)" "0"

# |w| has the same slope however near the minimum is, so a constant step of 0.3 ends in swinging
# between 0.1 and -0.2. With the decay the last step, and so the error, is at most 0.3/sqrt(200).
echo "L(w) = |w| from w = 1, eta = 0.3, 200 updates"
for schedule in constant inverse-sqrt; do
  "$nadir" minimize 'abs(w)' --start w=1 --rate 0.3 --schedule $schedule --updates 200 -q \
    --trace "$work/abs-$schedule.csv" 2>"$work/warnings.txt"
done
expect "constant: loss at update 199" "$(cell "$work/abs-constant.csv" loss 199)" "0.1"
expect "constant: loss at update 200" "$(cell "$work/abs-constant.csv" loss 200)" "0.2"
last=$(cell "$work/abs-inverse-sqrt.csv" loss)
holds "decayed: $last, within 0.3/sqrt(200) = 0.0212" "$last <= 0.3 / sqrt(200)"
"$nadir" plot "$work/abs-constant.csv" "$work/abs-inverse-sqrt.csv" --log-y no \
  --label 'constant rate,eta / sqrt(t + 1)' --title '|w| at eta = 0.3' -o "$pictures/3-decay.png"

# "Reduce the rate by some factor every few epochs": here to a third every five.
echo "Hubble's law: the rate 0.3, to a third of it every five epochs"
"$nadir" fit "$(dirname "$0")/../data/hubble1929.csv" 'velocity ~ linear(distance)' --rate 0.3 \
  --schedule step --schedule.every 5 --schedule.factor 0.33333333333333333 --epochs 15 -q \
  --trace "$work/step.csv"
expect "rate of update 5, in epoch 4" "$(cell "$work/step.csv" rate 5)" "0.3"
expect "rate of update 6, in epoch 5" "$(cell "$work/step.csv" rate 6)" "0.1"
expect "rate of update 15, in epoch 14" "$(cell "$work/step.csv" rate 15)" "0.3 / 9"
finish
