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
# a fit whose formula has a frequency begins at the peaks, and says what each led to
sky='--names jd,rv,err --sigma err'
nadir fit 51peg.dat 'rv ~ c + A*cos(2*pi*(jd-2450000)/P) + B*sin(2*pi*(jd-2450000)/P)' $sky 2>/dev/null | sed -n '/^peaks/,/^rate/p'
nadir fit 51peg.dat 'rv ~ c + K*sin(w*(jd-2450000) + phi)' $sky 2>/dev/null | sed -n '/^peaks/,/^rate/p'
nadir fit 51peg.dat 'rv ~ c + K*sin(w*(jd-2450000) + phi)' --bounds w=1:2 $sky --json 2>/dev/null |
  sed -n '/"peaks"/,/\]/s/\([0-9]\.[0-9]\{3\}\)[0-9]*/\1/p'
# not proportional: nothing is said
nadir fit 51peg.dat 'rv ~ c + K*sin(w*(jd-2450000)/(1+w^2))' $sky --start c=-33250,K=1,w=1 --updates 1 2>/dev/null | sed -n '/^peaks/p'
# folded with a period of one's own, labels, ranges, turned axes
nadir fit 51peg.dat 'rv ~ c + A*cos(2*pi*jd/P) + B*sin(2*pi*jd/P)' $sky -q --plot-fit phase.gp --period 4.23 \
  --y-label 'radial velocity' --reverse y --y-range -33400:-33100 2>/dev/null
grep -e "label '" -e "^set .range" -e "title '" phase.gp | sed 's/ at .*//; s/\(\.[0-9]\{3\}\)[0-9]*/\1/g'
nadir period even.csv 'y ~ t' --plot-folded turned.gp --reverse both --x-label phase --x-range 0.5:1.5 -q
grep -e "label '" -e "^set .range" turned.gp | sed 's/ at .*//; s/\(\.[0-9]\{3\}\)[0-9]*/\1/g'
# against a column of one's own: the fitted values joined in its order, or points where they jump about
awk 'BEGIN { print "r,gas,disc,v"; for (i = 1; i <= 30; i++) print i "," 2*i "," 40 - i "," 3*sqrt(i) + 70 + i % 3 }' >curve.csv
nadir fit curve.csv 'v ~ sqrt(a*gas^2 + b*disc^2)' --start a=1,b=1 -q --plot-fit curve.gp --x r
grep -e "label '" -e "title '" curve.gp | sed 's/ at .*//'
awk 'BEGIN { print "r,a,b,v"; for (i = 1; i <= 30; i++) print i "," i * 17 % 31 "," i * 7 % 29 "," i * 17 % 31 + i * 7 % 29 }' >jumps.csv
nadir fit jumps.csv 'v ~ linear(a, b)' -q --plot-fit jumps.gp --x r && grep "title '" jumps.gp
run fit jumps.csv 'v ~ linear(a, b)' -q --plot-fit jumps.gp --x q
run fit jumps.csv 'v ~ linear(a, b)' -q --plot-fit jumps.gp --x-range 3
run fit jumps.csv 'v ~ linear(a, b)' -q --plot-fit jumps.gp --x-range 3:1
# the covariance; the noise
nadir fit hubble1929.csv 'velocity ~ linear(distance)' --unit distance=Mpc,velocity=km/s -q --plot-corner corner.gp
grep -e "label '" corner.gp | sed 's/ at .*//'
run fit hubble1929.csv 'velocity ~ linear(distance)' --l1 0.1 -q --plot-corner corner.gp
run fit hubble1929.csv 'velocity ~ m' -q --plot-corner corner.gp
nadir noise hubble1929.csv 'velocity ~ linear(distance)' --rates 0.1,0.01 --epochs 2 -q --plot noise.gp && grep -e "label '" -e "title '" noise.gp | sed 's/ at .*//'
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
