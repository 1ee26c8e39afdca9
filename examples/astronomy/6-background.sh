#!/bin/sh
# The temperature of the universe: the spectrum of the microwave background by COBE/FIRAS (D. Fixsen et al. 1996, ApJ 473, 576),
# as Planck's law with the constants by name. 1 MJy/sr is 1e-20 W/m^2/Hz/sr; the frequency is in 1/cm.
. "$(dirname "$0")/../common.sh"
table firas.txt

"$nadir" fit "$table" 'I ~ planck(100*const.c*nu, T)*1e20' --names nu,I,residual,kJy,galaxy --sigma 'kJy/1000' --json \
  --plot-fit "$pictures/6-background.svg" --title 'COBE/FIRAS' >"$work/fit.json" 2>"$work/warnings.txt"
echo "COBE/FIRAS, 43 frequencies"
expect "temperature in K" "$(parameter "$work/fit.json" T value)" 2.72502 2e-6 "by scipy"
holds "its error is below 1e-4 K" "$(parameter "$work/fit.json" T standard_error) < 1e-4"
finish
