#!/bin/sh
# Stochastic descent ends in a circle around the solution, whose radius is proportional to the step size: so it is for
# shuffled epochs; independent draws give the root. Averaging and SVRG are the cures.
#
# Ten samples y = 1 ... 10 and the model w: curvature A = 2, variance of a sample's gradient C = 4 * 8.25 = 33. With independent
# draws the variance of w is S = eta C / (2 A - eta A^2) = 33 eta / (4 - 4 eta).
. "$(dirname "$0")/../common.sh"

awk 'BEGIN { print "y"; for (y = 1; y <= 10; y++) print y }' >"$work/ten.csv"
echo "Clouds at three rates"
"$nadir" noise "$work/ten.csv" 'y ~ w' --batch 1 --rates 0.02,0.01,0.005 --json >"$work/noise.json"
for k in 3 4 5; do
  rate=$(member "$work/noise.json" rate $k | awk '{ print $1 + 0 }')
  expect "draws, rate $rate: predicted radius" "$(member "$work/noise.json" predicted $k)" "sqrt(33 * $rate / (4 - 4 * $rate))" 1e-6
  expect "draws, rate $rate: measured radius" "$(member "$work/noise.json" radius $k)" "sqrt(33 * $rate / (4 - 4 * $rate))" 0.05 "by theory"
done
for k in 0 1 2; do
  rate=$(member "$work/noise.json" rate $k | awk '{ print $1 + 0 }')
  expect "shuffled, rate $rate: measured radius" "$(member "$work/noise.json" radius $k)" \
    "$(member "$work/noise.json" predicted $k)" 0.02 predicted
done
expect "shuffled epochs: radius goes with the rate to the power" "$(member "$work/noise.json" exponent)" "1" 0.1 "by theory"
expect "independent draws: with its root" "$(member "$work/noise.json" exponent_drawn)" "0.5" 0.1 "by theory"

echo "The cures, at the rate 0.1: distance from 5.5"
for cure in none average svrg; do
  case $cure in
  none) options= ;;
  average) options='--average 0.5' ;;
  svrg) options='--method svrg' ;;
  esac
  "$nadir" fit "$work/ten.csv" 'y ~ w' --batch 1 --rate 0.1 --epochs 200 --tol-gradient 0 $options --json >"$work/$cure.json"
  member "$work/$cure.json" value 0 | awk '{ d = $1 - 5.5; print d < 0 ? -d : d }' >"$work/$cure"
  echo "  $cure: $(cat "$work/$cure")"
done
holds "averaging is nearer than the last iterate" "$(cat "$work/average") < $(cat "$work/none") / 3"
holds "SVRG comes to rest at the minimum" "$(cat "$work/svrg") < 1e-6"
finish
