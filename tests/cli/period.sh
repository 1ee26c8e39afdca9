# Periods of rows at uneven times.
cp "$SOURCE/tests/data/astro/rv_51Peg_ELODIE.dat" 51peg.dat
run period 51peg.dat 'rv ~ jd' --names jd,rv,err --sigma err --unit jd=d,rv=m/s
# without sigma, of a part of the band, as JSON
nadir period 51peg.dat 'rv ~ jd' --names jd,rv,err --min-period 4 --max-period 5 --json |
  sed 's/\([0-9]\.[0-9]\{3\}\)[0-9]*/\1/'
# even spacing shows nothing beyond half of its frequency; integers are times as good as any
awk 'BEGIN { print "t,y"; for (i = 0; i < 60; i++) print i "," (i % 7) }' >even.csv
run period even.csv 'y ~ t'
nadir period even.csv 'y ~ t' --threads 1 -o one.csv --quiet
nadir period even.csv 'y ~ t' --threads 3 -o three.csv --quiet && cmp one.csv three.csv && head -n 3 one.csv | sed 's/\(\.[0-9]\{5\}\)[0-9]*/\1/g'
nadir period even.csv 'y ~ t' --unit t=h -o power.fits --quiet && nadir info power.fits | sed -n '1p; /^name/,$p' | cut -c1-38
nadir period even.csv 'y ~ t' --unit t=h --plot power.gp --plot-folded folded.gp --quiet
grep -h -e "label '" -e "title '" power.gp folded.gp | sed 's/ at .*//'
nadir period even.csv 'y ~ t' --plot turns.gp --against frequency --title 'by frequency' --quiet
grep -h -e "label '" -e "^unset logscale x" turns.gp | sed 's/ at .*//'
# what has none
run period even.csv 'y ~ q'
run period even.csv 'y ~ t + q'
run period even.csv 't ~ 3'
run period even.csv 'y ~ t' --where 't < 4'
run period even.csv '1/(y - 3) ~ t'
run period even.csv 'y ~ t' --min-period 5 --max-period 4
run period even.csv 'y ~ t' --min-period 1e-9
run period even.csv 'y ~ t' --min-period 7 --max-period 7.1
run period even.csv 'y ~ t' --sigma 't - 3'
run period even.csv 'y ~ t' --max-period 0
run period even.csv
run period
