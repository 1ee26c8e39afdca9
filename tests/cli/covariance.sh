# Rows whose errors belong together, by a matrix from a file; numbers as of numpy (tests/unit/api/covariance.c).
awk 'BEGIN { split("2.1 2.9 4.3 4.8 6.2 6.8 8.3 9.1 9.7 11.2 12.1 12.6", y, " ")
  print "x,y,own"; for (i = 0; i < 12; i++) print i "," y[i + 1] "," (i % 3 + 1)/10 }' >rows.csv
awk 'BEGIN { print 12; for (i = 0; i < 12; i++) for (k = 0; k < 12; k++) printf "%.17g\n", exp(-(i > k ? i - k : k - i)/3)/10 }' >c.txt
awk 'NR > 1 { printf "%s%s", $1, (NR - 1) % 12 ? "," : "\n" }' c.txt >c.csv
steady fit rows.csv 'y ~ a + b*x' --data-covariance c.txt --sigma own
# the same bits from another form of the file, with more threads, and of rows in another order
for more in '--threads 1' '--threads 3'; do
  nadir fit rows.csv 'y ~ a + b*x' --data-covariance c.csv --sigma own $more --json | fields chi2 aic log_likelihood
done
nadir fit rows.csv 'y ~ a + b*x' --data-covariance c.txt --sigma own --json | fields chi2 aic log_likelihood row_errors
# rows that are left out take theirs of the matrix with them; lines to the end of the table are as before
run fit rows.csv 'y ~ a + b*x' --data-covariance c.txt --sigma own --where 'x > 2 && x != 7' --json | fields chi2 aic
# the model file keeps it, and needs neither matrix nor sigma to predict
nadir fit rows.csv 'y ~ a + b*x' --data-covariance c.txt -q -o line.json
grep -o '"data-covariance": *"[^"]*"' line.json
rm c.txt
nadir predict line.json rows.csv -q | head -n 2 | cut -d , -f 4-
run fit rows.csv 'y ~ a + b*x' --data-covariance c.txt
run fit rows.csv 'y ~ linear(x)' --data-covariance c.csv
head -n 11 c.csv >short.csv
run fit rows.csv 'y ~ a + b*x' --data-covariance short.csv
sed 's/[^,]*,//' short.csv >small.csv
run fit rows.csv 'y ~ a + b*x' --data-covariance small.csv
run fit rows.csv 'y ~ a + b*x' --data-covariance c.csv --memory 500
sed 's/^/x/' c.csv >words.csv
run fit rows.csv 'y ~ a + b*x' --data-covariance words.csv
