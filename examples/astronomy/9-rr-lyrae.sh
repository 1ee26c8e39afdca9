#!/bin/sh
# The light curve of an RR Lyrae star: 59 brightnesses over nine years, one in 57 days on average, of a star that repeats
# after 15 hours (B. Sesar et al. 2010, ApJ 708, 717, star 4099; magnitudes g). Five harmonics, since it brightens faster
# than it fades. Nothing but the range of the period is said: the search finds it among 66,000 frequencies.
. "$(dirname "$0")/../common.sh"
table rrlyrae.csv

turn='2*pi*(time - 53000)/P'
"$nadir" fit "$table" "mag ~ m + a1*sin($turn) + b1*cos($turn) + a2*sin(2*$turn) + b2*cos(2*$turn) +
  a3*sin(3*$turn) + b3*cos(3*$turn) + a4*sin(4*$turn) + b4*cos(4*$turn) + a5*sin(5*$turn) + b5*cos(5*$turn)" \
  --sigma magerr --bounds P=0.2:1 --json --plot-fit "$pictures/9-rr-lyrae.svg" --period 0.6417533 --reverse y \
  --x-label phase --y-label 'g [mag]' --title 'RR Lyrae star 4099 of Stripe 82' >"$work/fit.json" 2>"$work/warnings.txt"
echo "RR Lyrae star, 59 brightnesses"
expect "period in days" "$(parameter "$work/fit.json" P value)" 0.6417544 3e-6 "published"
holds "the start is from the data" "$(grep -c '"start_from": "data"' "$work/fit.json")"
holds "the false alarm of the peak is below 1e-18" "$(sed -n '/"peaks"/,$p' "$work/fit.json" | awk '/false_alarm/ { gsub(/[^0-9.e-]/, "", $2); print $2 " < 1e-18"; exit }')"
finish
