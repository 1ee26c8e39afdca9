# Errors in both coordinates. K. Pearson's data with D. York's weights: slope -0.48053341, intercept 5.47991022.
cat >york.csv <<'END'
x,y,wx,wy
0,5.9,1000,1
0.9,5.4,1000,1.8
1.8,4.4,500,4
2.6,4.6,800,8
3.3,3.5,200,20
4.4,3.7,80,20
5.2,2.8,60,70
6.1,2.8,20,70
6.5,2.4,1.8,100
7.4,1.5,1,500
END
steady fit york.csv 'y ~ a + b*x' --sigma '1/sqrt(wy)' --sigma-x 'x=1/sqrt(wx)' --intervals 0.683
# the same bits with more threads, and of the model file's values
for threads in 1 3; do
  nadir fit york.csv 'y ~ a + b*x' --sigma '1/sqrt(wy)' --sigma-x 'x=1/sqrt(wx)' --threads $threads --json |
    grep -v '^      "p_value"' | fields chi2 row_errors p_value aic
done
nadir fit york.csv 'y ~ a + b*x' --sigma '1/sqrt(wy)' --sigma-x 'x=1/sqrt(wx)' -q -o line.json
grep -o '"sigma-x": *"[^"]*"' line.json
cut -d , -f 1,2 york.csv >bare.csv
nadir predict line.json bare.csv -q | head -n 2
# the points of the curve that are nearest: of a line x + t^2 b r/(s^2 + t^2 b^2), r = y - a - b x, at York's a and b, which
# have 8 digits; scipy.odr 1.10.1 has 8.27469980 for the last. AIC, BIC: -2 ln L + 4 = -20.8107992470 by its sum of
# squares, -18.8130314743 of the parabola
nadir predict line.json york.csv -q >near.csv
head -n 1 near.csv
awk -F , 'NR > 1 { a = 5.47991022; b = -0.48053341; r = $2 - a - b * $1; x = $1 + b * r / $3 / (1 / $4 + b * b / $3); off = x - $7
  if (off * off > 1e-14) print "x_adjusted " $7 ", not " x; last = $7 } END { printf "%.8g\n", last }' near.csv
for model in 'a + b*x' 'a + b*x + c*x^2'; do
  nadir fit york.csv "y ~ $model" --sigma '1/sqrt(wy)' --sigma-x 'x=1/sqrt(wx)' --json | fields log_likelihood aic bic
done
# where a cell has no error it stays, and has no law; a row without a target has no point
awk -F , -v OFS=, 'NR == 1 { print $0, "ex" } NR > 1 { print $1, NR == 4 ? "" : $2, $3, $4, NR == 3 ? 0 : 1 / sqrt($3) }' york.csv >some.csv
nadir fit some.csv 'y ~ a + b*x' --sigma '1/sqrt(wy)' --sigma-x x=ex --missing drop -q -o some.json --json | fields log_likelihood
nadir predict some.json some.csv -q --missing drop | sed -n 's/^\([^,]*\),.*,\([^,]*\)$/\1 \2/p' | sed -n 2,5p
# nor has one whose sigma is none; both are predicted all the same
awk -F , -v OFS=, 'NR == 6 { $4 = -1 } { print }' some.csv >worse.csv
nadir predict some.json worse.csv -q | sed -n 's/^\([^,]*\),.*,\([^,]*\)$/\1 \2/p' | sed -n 2,6p
# the same bits by threads, of more rows than a chunk, in two columns
awk 'BEGIN { print "x,z,y"; for (i = 0; i < 9000; i++) { x = i / 1000; z = i * 7919 % 1009 / 1009; print x "," z "," 2 + 0.5 * x + z * z + (i * 104729 % 101 - 50) / 500 } }' >many.csv
nadir fit many.csv 'y ~ a + b*x + c*z^2' --sigma 0.1 --sigma-x x=0.05,z=0.02 -q -o many.json
for threads in 1 3; do nadir predict many.json many.csv -q --threads $threads | tee part.csv | cksum; done
head -n 1 part.csv
expect "no cell is empty" [ "$(grep -c ',,\|,$' part.csv)" = 0 ]
run fit york.csv 'y ~ a + b*x' --sigma-x x=0.1
run fit york.csv 'y ~ a + b*x' --sigma 0.1 --sigma-x z=0.1
run fit york.csv 'y ~ a + b*x' --sigma 0.1 --sigma-x wx=0.1
run fit york.csv 'y ~ a + b*x' --sigma 0.1 --sigma-x x=x-1
run fit york.csv 'y ~ linear(x)' --sigma 0.1 --sigma-x x=0.1
