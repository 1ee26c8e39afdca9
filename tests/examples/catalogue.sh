#!/bin/sh
# A synthetic catalogue: the same numbers as CSV and as FITS, the same again for the same seed, and a
# fit of it finds the truth that catalogue.c documents, within five standard errors.
#   catalogue.sh CATALOGUE NADIR
set -eu
catalogue=$1 nadir=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
fail() { echo "catalogue: $*"; exit 1; }

"$catalogue" 20000 3 real 7 real.csv 100
"$catalogue" 20000 3 real 7 real.fits 100
"$catalogue" 20000 3 real 7 again.csv 100
"$catalogue" 20000 3 real 8 other.csv 100
cmp -s real.csv again.csv || fail "one seed, two catalogues"
cmp -s real.csv other.csv && fail "two seeds, one catalogue"
[ "$(wc -l <real.csv)" -eq 20001 ] || fail "rows"

# name, value and standard error of each parameter, from the JSON object
parameters() {
  tr -d '\n' | sed 's/.*"parameters": *\[\([^]]*\]*[^]]*\)\], *"convexity".*/\1/' | tr '{' '\n' |
    sed -n 's/.*"name": *"\([^"]*\)".*"value": *\([^,]*\),.*"standard_error": *\([^,]*\),.*/\1 \2 \3/p'
}
"$nadir" fit real.csv 'y ~ linear(x1, x2, x3)' --json 2>/dev/null | parameters >csv.txt
"$nadir" fit real.fits 'y ~ linear(x1, x2, x3)' --precision double --json 2>/dev/null |
  parameters >fits.txt
[ "$(wc -l <csv.txt)" -eq 4 ] || fail "no four parameters: $(cat csv.txt)"

# b = 1, w = 1, -1/2 / 10, 1/3 / 100; noise 0.5 over 20000 rows of deviations 1, 10, 100
awk 'BEGIN { split("1 1 -0.05 0.003333333333333333", truth)
             split("1 1 10 100", deviation) }
     { expected = 0.5 / sqrt(20000) / deviation[NR]
       away = ($2 - truth[NR]) / $3
       if (away > 5 || away < -5 || $3 < 0.9 * expected || $3 > 1.1 * expected) {
         print "catalogue:", $0; bad = 1 } }
     END { exit bad }' csv.txt
# the same numbers in both files: the same fit
paste csv.txt fits.txt | awk '{ d = $2 - $5; if (d > 1e-9 || d < -1e-9) { print; bad = 1 } } END { exit bad }' ||
  fail "CSV and FITS differ"

"$catalogue" 20000 2 truth 7 truth.fits
"$nadir" fit truth.fits 'y ~ linear(x1, x2)' --loss logistic --json 2>/dev/null | parameters >truth.txt
awk 'BEGIN { split("1 1 -0.5", truth) }
     { d = $2 - truth[NR]; if (d > 0.1 || d < -0.1) { print "catalogue:", $0; bad = 1 } }
     END { exit bad || NR != 3 }' truth.txt

"$catalogue" 10 3 neither 7 x.csv 2>/dev/null && fail "a wrong word was taken"
"$catalogue" 10 3 real 7 /nonexistent/x.csv 2>/dev/null && fail "a wrong path was taken"
exit 0
