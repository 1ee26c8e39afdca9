#!/bin/sh
# One orbit seen by two spectrographs, each with a zero point of its own: the parameters of the orbit are shared, the zero
# points are picked by a comparison (docs/shared.md).
#
# A straight line shows by hand what sharing does: two sets that are fitted apart have slopes with errors s1 and s2; fitted
# together with a zero point each, the shared slope is their mean with weights 1/s^2, and its error 1/sqrt(1/s1^2 + 1/s2^2).
. "$(dirname "$0")/../common.sh"

# velocities of both sets: K = 57.3 m/s, P = 4.2308 d, zero points -3 and 11 m/s, errors 7 and 3 m/s
awk 'BEGIN {
  s = 20261129
  pi = atan2(0, -1)
  print "t,rv,err,set"
  for (i = 0; i < 90; i++) {
    for (j = 0; j < 4; j++) { s = s * 16807 % 2147483647; u[j] = (s + 1) / 2147483649 }
    set = 1 + i % 2; err = set == 1 ? 7 : 3; t = 120 * u[0]
    noise = err * sqrt(-2 * log(u[1])) * cos(2 * pi * u[2])
    printf "%.6f,%.6f,%g,%d\n", t, 57.3 * sin(2 * pi * t / 4.2308 + 0.7) + (set == 1 ? -3 : 11) + noise, err, set
  }
}' >"$work/velocities.csv"
orbit='K*sin(2*pi*t/P + phi) + c1*(set == 1) + c2*(set == 2)'
start='K=50,P=4.23,phi=0.5,c1=0,c2=0'

# value FILE NAME and error FILE NAME, of --summary csv
value() { awk -F, -v name="$2" '$1 == name { print $2 }' "$1"; }
error() { awk -F, -v name="$2" '$1 == name { print $3 }' "$1"; }

echo "One orbit, two spectrographs"
"$nadir" fit "$work/velocities.csv" "rv ~ $orbit" --sigma err --start "$start" --summary csv >"$work/both.csv"
within() { # NAME TRUTH: not farther than three of its errors
  holds "$1 = $(value "$work/both.csv" "$1") is within 3 errors of $2" \
    "($(value "$work/both.csv" "$1") - $2)^2 < 9 * $(error "$work/both.csv" "$1")^2"
}
within K 57.3
within P 4.2308
within c1 -3
within c2 11

echo "A slope that two sets share"
for set in 1 2; do
  "$nadir" fit "$work/velocities.csv" 'rv ~ a + b*t' --where "set == $set" --sigma err --start a=0,b=0 \
    --summary csv >"$work/set$set.csv"
done
"$nadir" fit "$work/velocities.csv" 'rv ~ b*t + a1*(set == 1) + a2*(set == 2)' --sigma err --start b=0,a1=0,a2=0 \
  --summary csv >"$work/line.csv"
b1=$(value "$work/set1.csv" b) s1=$(error "$work/set1.csv" b) b2=$(value "$work/set2.csv" b) s2=$(error "$work/set2.csv" b)
expect "slope" "$(value "$work/line.csv" b)" "($b1/$s1^2 + $b2/$s2^2) / (1/$s1^2 + 1/$s2^2)" 1e-6
expect "its error" "$(error "$work/line.csv" b)" "1/sqrt(1/$s1^2 + 1/$s2^2)" 1e-6
"$nadir" fit "$work/velocities.csv" "rv ~ $orbit" --sigma err --start "$start" -q --plot-fit "$pictures/8-shared.svg"
finish
