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
echo '= eight parameters'
awk 'BEGIN { print "x,y,e"; for (i = 0; i < 20000; i++) { x = (i * 7919 % 20011) / 2001.1
  printf "%.6f,%.6f,0.3\n", x, 3 + x / 50 + 5 * exp(-(x - 4)^2) + 2 * exp(-2 * (x - 7)^2) + (i * 104729 % 1009) / 1009 } }' >lines.csv
nadir fit lines.csv 'y ~ c + d*x + a1*gauss(x, c1, s1) + a2*gauss(x, c2, s2)' --sigma e --start c=3,a1=5,a2=2,c1=4,c2=7,s1=0.7,s2=0.5 --report page.html -q
[ "$(wc -c <page.html)" -le 300000 ] && echo "a corner of eight: below 300 kB" || wc -c page.html
grep -o 'The covariance: ellipses' page.html
