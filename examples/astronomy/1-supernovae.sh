#!/bin/sh
# How much matter is in the universe? The Union2.1 supernovae (N. Suzuki et al. 2012, ApJ 746, 85) in a flat universe with a
# cosmological constant, the distance by the integral as a textbook has it. Nothing is known beforehand: no start is given.
. "$(dirname "$0")/../common.sh"
table union2.1.txt

"$nadir" fit "$table" 'mu ~ 5*log10((1 + z)*integral(1/sqrt(Om*(1 + x)^3 + 1 - Om), x, 0, z)) + M' \
  --names name,z,mu,err,low_mass --sigma err --bounds Om=0:1 --json --plot-fit "$pictures/1-supernovae.svg" \
  --title 'Union2.1 in flat LambdaCDM' >"$work/fit.json"
echo "580 supernovae, flat LambdaCDM"
expect "Omega_m" "$(parameter "$work/fit.json" Om value)" 0.2776 2e-4 "published"
expect "its error, statistical" "$(parameter "$work/fit.json" Om standard_error)" 0.0190 2e-3 "by scipy"
expect "chi2 for 578 degrees of freedom" "$(member "$work/fit.json" chi2)" 562.23 2e-5 "published"
holds "it is a minimum" "$(grep -c '"point": "minimum"' "$work/fit.json")"
finish
