#!/bin/sh
# The first planet around a star like the sun: radial velocities of 51 Pegasi by ELODIE (M. Mayor and D. Queloz 1995, Nature
# 378, 355; data of D. Naef et al. 2004). From nothing but the table: the period is found by a scan of all frequencies that the
# rows can tell.
. "$(dirname "$0")/../common.sh"
table 51peg.dat

"$nadir" fit "$table" 'rv ~ v0 + K*sin(2*pi*(t - 2450000)/P + phase)' --names t,rv,err --sigma err --json \
  --plot-fit "$pictures/2-planet.svg" --period 4.23077 --x-label 'phase' --y-label 'velocity [m/s]' --title '51 Pegasi' >"$work/fit.json" 2>"$work/warnings.txt"
echo "51 Pegasi, 153 velocities"
expect "period in days" "$(parameter "$work/fit.json" P value)" 4.2308 2e-5 "published"
expect "velocity in m/s" "$(awk -v k="$(parameter "$work/fit.json" K value)" 'BEGIN { print k < 0 ? -k : k }')" 57.29 5e-4 "by scipy"
expect "its error" "$(parameter "$work/fit.json" K standard_error)" 0.84 1e-2 "by scipy"
holds "the start is from the data" "$(grep -c '"start_from": "data"' "$work/fit.json")"
finish
