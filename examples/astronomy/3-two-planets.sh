#!/bin/sh
# Two planets of the giant eta Ceti, HIP 5364 (T. Trifonov et al. 2014, A&A 568, A64): two circles at once, again from nothing
# but the table. The star itself shakes by more than the errors say: its jitter is a parameter.
. "$(dirname "$0")/../common.sh"
table hip5364.dat

"$nadir" fit "$table" 'rv ~ v0 + K1*sin(2*pi*(t - 2454000)/P1 + phase1) + K2*sin(2*pi*(t - 2454000)/P2 + phase2)' \
  --names t,rv,err --sigma err --scatter jitter --json --plot-fit "$pictures/3-two-planets.svg" --title 'HIP 5364' >"$work/fit.json" 2>"$work/warnings.txt"
echo "HIP 5364, 118 velocities"
periods() { for p in P1 P2; do parameter "$work/fit.json" "$p" value; done | sort -g; }
expect "the shorter period in days" "$(periods | head -n 1)" 403.5 5e-3 "published"
expect "the longer one" "$(periods | tail -n 1)" 751.9 5e-3 "published"
holds "it is a minimum" "$(grep -c '"point": "minimum"' "$work/fit.json")"
finish
