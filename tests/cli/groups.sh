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
# a group's row is the fit of its rows, whatever is asked of it: errors, intervals, errors in x, a spread, starts, bounds, ties
awk 'BEGIN { print "id,x,y,e,ex"; for (g = 1; g <= 3; g++) for (i = 0; i < 40; i++) { x = i / 8
  print g "," x "," 1 + (1 + g) * exp(-((x - 2.5) / 0.6) ^ 2 / 2) + ((g * 31 + i * 17) % 13 - 6) / 40 ",0.1,0.02" } }' >few.csv
alike() { # options; then what of each parameter is compared, and to which part
  nadir fit few.csv "$line" --by id $1 -q -o few-all.csv
  nadir fit few.csv "$line" --where 'id == 2' $1 --json >few-one.json
  awk -v what="$2" -v part="$3" -v called="$1" 'NR == FNR && /"parameters"/ { within = 1 }
    NR == FNR && within && /"name"/ { split($0, q, "\""); name = q[4] }
    NR == FNR && within && /"(value|standard_error)":/ { split($0, q, "\""); v = $2; sub(",", "", v); one[name (q[2] == "value" ? "" : "_error")] = v }
    NR == FNR && /"intervals"/ { within = 1 } NR == FNR && within && /"(low|high)":/ { split($0, q, "\""); v = $2; sub(",", "", v); one[name "_" q[2]] = v }
    NR == FNR { next }
    FNR == 1 { split($0, head, ",") } FNR == 3 { split($0, row, ","); n = split(what, which, " "); bad = 0
      for (k = 1; k <= n; k++) for (c in head) if (head[c] == which[k]) { seen++; d = row[c] - one[which[k]]
        if (!(d <= part * (one[which[k]] + 0) && -d <= part * (one[which[k]] + 0))) { bad = 1; print which[k], row[c], one[which[k]] } }
      print called ": " (seen == n && !bad ? "as one fit" : "different") }' few-one.json few-all.csv; }
alike '--intervals 0.95 --sigma e' 'a a_error a_low a_high m m_low m_high' 1e-5
alike '--sigma e --sigma-x x=ex' 'a a_error m m_error' 1e-5
alike '--sigma e --sigma-x x=ex --intervals 0.683' 'c c_error a a_low a_high' 1e-5
alike '--scatter k --sigma 0.05' 'a a_error k k_error' 1e-4
alike '--starts 30 --box c=0:2,a=1:5,m=1:4,s=0.2:2' 'a a_error m' 1e-5
alike '--bounds s=0:0.5' 'a a_error m s' 1e-5
alike '--tie c=a/3' 'a a_error m' 1e-5
alike '--errors bootstrap(200)' 'a_error m_error' 0.3
head -n 1 few-all.csv
nadir fit few.csv "$line" --by id -q -o few-all.csv --intervals 0.95 --errors 'bootstrap(50)' && head -n 1 few-all.csv
for threads in 1 3; do nadir fit few.csv "$line" --by id -q -o part-$threads.csv --sigma e --sigma-x x=ex --intervals 0.9 -N $threads; done
cmp part-1.csv part-3.csv && echo "the same bits"
run fit few.csv "$line" --by id --sigma e --intervals 0.683
nadir fit few.csv "$line" --by id --intervals 0.95 --json | grep -c -e '"m_low": [0-9]' -e '"m_high": [0-9]'
run fit few.csv "$line" --by id --intervals 0.683,0.95
run fit few.csv "$line" --by id --data-covariance c.fits
run fit few.csv "$line" --by id --checkpoint c.nadir
# an error that is none in one group alone is that group's
sed '50s/,[^,]*$/,-1/' few.csv >bad.csv
nadir fit bad.csv "$line" --by id --sigma e --sigma-x x=ex 2>&1 | grep -e '^[0-9] ' -e negative | cut -c 1-60
# what does not go with it
run fit curves.csv "$model" --by galaxi
run fit curves.csv "$model" --by galaxy --folds 3
run fit curves.csv "$model" --by galaxy --plot-fit picture.svg
run fit curves.csv "$model" --by galaxy --plot-corner picture.svg
run fit curves.csv 'v ~ rows + r*b' --by galaxy --where 'ev > 0' --missing drop -o clash.csv -q
run fit curves.csv 'v ~ rows + r*b' --by galaxy --where 'ev > 0' --missing drop --json
run fit curves.csv 'v ~ a + r*b' --by galaxy --seconds 1e-9
# what is fixed or tied has its columns after the free ones, a tied parameter the error that comes with the others
awk 'BEGIN { print "g,x,y"; for (i = 0; i < 60; i++) print i % 3 "," i % 7 "," 2 * (i % 7) + i % 3 + sin(i) }' >held.csv
nadir fit held.csv 'y ~ a*x + b + c*x^2 + d' --by g --fix c=0 --tie 'd = 2*a' -q -o fits.csv
awk -F, 'NR > 1 { printf "%.4f %.4f %s%s %.4f %.4f\n", $3, $4, $7, $8, $9 - 2 * $3, $10 - 2 * $4 }' fits.csv
head -n 1 fits.csv
nadir fit held.csv 'y ~ a*x + b + c*x^2 + d' --by g --fix c=0 --tie 'd = 2*a' -q --json | fields c c_error d
# so many groups that some lend the others their starts: a number that is fixed is as good as one that is typed
awk 'BEGIN { print "g,x,y"; for (g = 0; g < 40; g++) for (i = 0; i < 40; i++)
  printf "%d,%g,%.5f\n", g, i / 4, (1 + g % 5) * exp(-(i / 4 - 4 - g % 3)^2 / (1 + g % 2)) + 0.02 * sin(7 * i + g) }' >peaks.csv
nadir fit peaks.csv 'y ~ c + a*exp(-(x - m)^2/(2*s^2))' --by g --fix c=0 -q -o held.csv
nadir fit peaks.csv 'y ~ 0 + a*exp(-(x - m)^2/(2*s^2))' --by g -q -o typed.csv
cut -d, -f 1-8,11- held.csv | cmp - typed.csv && echo "the same fits"
