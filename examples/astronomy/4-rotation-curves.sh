#!/bin/sh
# Dark matter in 90 galaxies of SPARC (F. Lelli, S. McGaugh and J. Schombert 2016, AJ 152, 157) in one command: gas and stars as
# observed, with a mass-to-light ratio for the disk, and a halo with a core (pseudo-isothermal), none of whose parameters may
# be negative. One row of results for each galaxy.
. "$(dirname "$0")/../common.sh"
table sparc.csv

"$nadir" fit "$table" 'vobs ~ sqrt(vgas*abs(vgas) + ml*vdisk^2 + 1.4*ml*vbul^2 + vh^2*(1 - rc/rad*atan(rad/rc)))' \
  --by galaxy --sigma errv --bounds 'ml=0:5, vh=0:1000, rc=0.01:100' -o "$pictures/4-rotation-curves.csv" --json >"$work/fits.json" 2>"$work/warnings.txt" || true
echo "90 rotation curves"
expect "galaxies" "$(grep -c '"group":' "$work/fits.json")" 90
holds "every core has a radius above 0" "$(sed -n 's/^ *"rc": *\([^,]*\),*$/\1/p' "$work/fits.json" | awk '!($1 > 0) { bad++ } END { print NR == 90 && !bad }')"
holds "85 fits or more end at a minimum" "$(grep -c '"point": "minimum"' "$work/fits.json") >= 85"

"$nadir" fit "$table" 'vobs ~ sqrt(vgas*abs(vgas) + ml*vdisk^2 + vh^2*(1 - rc/rad*atan(rad/rc)))' --where 'galaxy == "NGC3198"' \
  --sigma errv --bounds 'ml=0:5, vh=0:1000, rc=0.01:100' --json --plot-fit "$pictures/4-rotation-curves.svg" --x rad --log-x no --x-label 'radius [kpc]' --y-label 'velocity [km/s]' --title 'NGC 3198' >"$work/one.json" 2>"$work/warnings.txt"
holds "NGC 3198 has a halo" "$(parameter "$work/one.json" vh value) > 50"
finish
