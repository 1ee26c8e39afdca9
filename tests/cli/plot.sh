# Traces over one another, or each as a chart in characters.
nadir minimize '(x-1)^2' --rate 0.1 --updates 20 -q --trace slow.csv
nadir minimize '(x-1)^2' --rate 0.3 --updates 20 -q --trace fast.csv
run plot slow.csv fast.csv
run plot slow.csv fast.csv --label 'a slow one,a fast one' -o both.gp
expect "labels" grep -q 'a slow one' both.gp
run plot slow.csv fast.csv -o both.gp
expect "names of the files" grep -q 'slow' both.gp
head -n 2 slow.csv | sed 's/^\(0,0,0\),[^,]*/\1,SECONDS/'
# the axes are those that were asked for, in characters too
awk 'BEGIN { print "update,rows_seen,epoch,seconds,loss,gradient_norm,rate,step_norm,predicted_decrease,actual_decrease"; for (i = 0; i < 30; i++) print i "," 10 * i "," i "," i / 100 "," 2 ^ -i / 3 + 0.1 ",,,,," }' >falls.csv
run plot falls.csv
run plot falls.csv --log-y yes --x-axis rows --title 'on a logarithmic scale'
# probabilities are on an even scale, whatever they span
awk -v OFS=, 'BEGIN { print "a,b,t"; for (i = 1; i <= 60; i++) print i, i * 7 % 13, (i + i * 11 % 17 > 40) ? 1 : 0 }' >truths.csv
nadir fit truths.csv 't == 1 ~ linear(a, b)' --plot-fit truths.gp -q
nadir fit truths.csv 't >= 0 ~ linear(a)' --l2 1 --plot-fit all.gp --updates 50 --log-x yes --log-y yes -q
grep -h '^set logscale' truths.gp all.gp
# contours are refused before the run
run minimize 'x^2 + y^2 + z^2' --contour c.gp --seconds 100 --updates 1000000000 --rate 1e-12
run compare 'x^2' --contour c.gp --rate 1e-12,1e-13 --updates 1000000000
for model in 'linear(a, b)' 'a*b*k' 'linear(a, log(b)) + c*a'; do
  run fit truths.csv "t ~ $model" --contour c.gp --rate 1e-12 --updates 1000000000
  run compare truths.csv "t ~ $model" --contour c.gp --rate 1e-12,1e-13 --updates 1000000000
done
expect "no contours are left" [ ! -e c.gp ]
nadir fit truths.csv 't ~ linear(hypot(a, b))' --contour c.gp -q
expect "two parameters are drawn" [ -s c.gp ]
