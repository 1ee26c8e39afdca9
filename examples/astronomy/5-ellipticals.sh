#!/bin/sh
# The light of three elliptical galaxies in Virgo (J. Kormendy et al. 2009, ApJS 182, 216; as in the R package astrodatR):
# a Sersic profile of each in one command. An index above 4 is a galaxy with a core, below an extra light in the middle.
. "$(dirname "$0")/../common.sh"
table astrodatR_ell_gal_profile.tab

"$nadir" fit "$table" 'surf_mag ~ m - 2.5*log10(sersic(radius, 1, re, n))' --by galaxy \
  --bounds 'n=0.4:15, re=1:2000' --json >"$work/fits.json" 2>"$work/warnings.txt"
echo "three ellipticals"
expect "galaxies" "$(grep -c '"group":' "$work/fits.json")" 3
holds "each ends at a minimum" "$(grep -c '"point": "minimum"' "$work/fits.json") == 3"
index() { sed -n 's/^ *"n": *\([^,]*\),*$/\1/p' "$work/fits.json" | sed -n "$1p"; }
for i in 1 2 3; do printf '  n = %.3f\n' "$(index $i)"; done
"$nadir" fit "$table" 'surf_mag ~ m - 2.5*log10(sersic(radius, 1, re, n))' --where 'galaxy == "NGC.4472"' \
  --bounds 'n=0.4:15, re=1:2000' --plot-fit "$pictures/5-ellipticals.svg" --reverse y --log-x yes --title 'NGC 4472' -q 2>"$work/warnings.txt"
finish
