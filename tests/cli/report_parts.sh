# The report of a fit: what it holds, and that it stays below 300 kB however many rows there are.
awk 'BEGIN { print "x,y"; for (i = 0; i < 1000000; i++) { x = (i * 7919 % 1000003) / 1000003; printf "%.6f,%.6f\n", x, 1 + 2 * x + (i * 104729 % 1009) / 1009 } }' >million.csv
nadir fit million.csv 'y ~ linear(x)' --report page.html -q
[ "$(wc -c <page.html)" -le 300000 ] && echo "a million rows: below 300 kB" || wc -c page.html
grep -o 'The covariance: ellipses' page.html
parts() { grep -o '<h2>[^<]*</h2>' page.html | sed 's/<[^>]*>//g'; }
echo '= intervals and their matrices' && nadir fit hubble1929.csv 'velocity ~ a*distance^k' --start a=400,k=1 --intervals 0.95 --report page.html -q && parts
grep -o '<td>[a-z ]*</td><td>look here</td><td>.*</td>' page.html
grep -A 5 'To make it again' page.html | sed 's/<[^>]*>/ /g'
echo '= folds and path' && nadir fit hubble1929.csv 'velocity ~ linear(distance)' --path l2 --path-values 5 --folds 3 --report page.html -q && parts
grep -o 'The path of the penalty' page.html
