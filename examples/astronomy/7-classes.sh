#!/bin/sh
# Stars, galaxies and quasars by their colours: 10,000 spectra of SDSS DR14. Fitted to one half, scored on the other, with the
# precision, recall and F1 of each class.
. "$(dirname "$0")/../common.sh"
table sdss_dr14_skyserver_10k.csv

model='class ~ softmax(3; u - g, g - r, r - i, i - z, redshift)'
"$nadir" fit "$table" "$model" --where 'floor(fiberid/2)*2 == fiberid' -o "$work/sky.json" -q
"$nadir" score "$work/sky.json" "$table" --where 'floor(fiberid/2)*2 != fiberid' --plot-roc "$pictures/7-classes.svg" --json >"$work/scores.json"
echo "SDSS, 10,000 spectra"
f1() { awk -v n="$1" '/"f1": *\{/ { inside = 1; next } inside && /}/ { exit } inside { print }' "$work/scores.json"; }
holds "accuracy above 0.97" "$(member "$work/scores.json" accuracy) > 0.97"
f1 1
holds "macro F1 above 0.95" "$(member "$work/scores.json" macro_f1) > 0.95"
finish
