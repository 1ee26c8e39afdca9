# A fit for each group of rows.
awk 'BEGIN { print "galaxy,r,v,ev"
  for (i = 0; i < 60; i++) {
    g = i % 3; r = int(i / 3) + 1
    v = (80 + 40 * g) * sqrt(1 - (1 + g) / r * atan2(r, 1 + g)) + (i * 7 % 11 - 5) / 5
    print "NGC " (100 + g) "," r "," (g == 2 && r == 4 ? "" : v) "," 1 }
  print "dwarf,1,20,0" }' >curves.csv
model='v ~ v0*sqrt(1 - rc/r*atan(r/rc))'
run fit curves.csv "$model" --by galaxy --sigma ev --bounds 'rc=0:'
run fit curves.csv "$model" --by galaxy --sigma ev --bounds 'rc=0:' --where 'ev > 0' --missing drop -o fits.csv -q
sed 's/\(\.[0-9][0-9][0-9]\)[0-9]*/\1/g' fits.csv
nadir fit curves.csv "$model" --by galaxy --sigma ev --bounds 'rc=0:' --where 'ev > 0' --missing drop -o fits.fits -q
nadir info fits.fits | cut -c1-33
nadir fit curves.csv "$model" --by galaxy --where 'ev > 0' --missing drop --json | grep -e '"group"' -e '"status"' -e '"rows"' -e '"by"' -e '"not_done"'
# the same bits from any number of threads, and of files
awk 'BEGIN { print "id,x,y"; for (g = 0; g < 40; g++) for (i = 0; i < 25; i++)
  print g "," i / 5 "," 1 + (2 + g % 5) * exp(-((i / 5 - 1 - g / 20) / 0.5) ^ 2 / 2) + (g * 31 + i * 17) % 13 / 100 }' >many.csv
(head -n 1 many.csv && sed -n '2,400p' many.csv) >one.csv
(head -n 1 many.csv && sed -n '401,$p' many.csv) >two.csv
line='y ~ c + a*exp(-((x-m)/s)^2/2)'
nadir fit many.csv "$line" --by id -q -o all.csv -N 1
nadir fit many.csv "$line" --by id -q -o more.csv -N 3
nadir fit one.csv two.csv "$line" --by id -q -o both.csv -N 2
cmp all.csv more.csv && cmp all.csv both.csv && wc -l <all.csv | tr -d ' '
run fit one.csv two.csv 'y ~ a + b*x' --by file
# what does not go with it
run fit curves.csv "$model" --by galaxi
run fit curves.csv "$model" --by galaxy --folds 3
run fit curves.csv "$model" --by galaxy --plot-fit picture.svg
run fit curves.csv "$model" --by galaxy --plot-corner picture.svg
run fit curves.csv 'v ~ rows + r*b' --by galaxy --where 'ev > 0' --missing drop -o clash.csv -q
run fit curves.csv 'v ~ rows + r*b' --by galaxy --where 'ev > 0' --missing drop --json
run fit curves.csv 'v ~ a + r*b' --by galaxy --seconds 1e-9
