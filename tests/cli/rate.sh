# The safe rate: of a formula on a box, proved; of a fit, from its Hessian.
run rate 'x^2 + 10*y^2' --box x=-1:1,y=-1:1
run rate 'x^2 + 10*y^2' --box x=-1:1,y=-1:1 --json
run rate '-x^2' --box x=-1:1
run rate 'x^4' --box x=-1:1 | sed -n '/^rate/,$p'
run rate 'x^4'
run rate 'log(x)' --box x=-1:1
# exact: one standardised feature and the intercept, both of curvature 2
nadir rate hubble1929.csv 'velocity ~ linear(distance)' >fit.txt
echo "= $?"
sed -n '/^curvature/,/^recommended/p' fit.txt
sed -n 's/^  \(gd\|newton\|bb\|momentum\) .* /\1 /p' fit.txt
nadir rate hubble1929.csv 'velocity ~ linear(distance)' --json >fit.json
sed -n 's/^  "\([a-z_]*\)": .*/\1/p' fit.json | tr '\n' ' '
echo
run rate
run rate nowhere.csv 'y ~ x'
# 1,009 parameters, by Lanczos: a pair of rows for each column, +s and -s, so that the eigenvalues
# are 4 s^2/2016 = 1, 2, 4, 8 in turn and 2 of the intercept: 4 steps find them all
awk 'BEGIN {
  n = 1008
  for (j = 1; j <= n; j++) printf "c%d,", j
  print "y"
  for (i = 1; i <= 2*n; i++) {
    at = int((i + 1)/2)
    s = sprintf("%.17g", sqrt(504*2^(at%4)))
    for (j = 1; j <= n; j++) printf "%s,", j == at ? (i%2 ? s : "-" s) : "0"
    print i%2 ? 3 : 1
  }
}' >wide.csv
nadir rate wide.csv 'y ~ linear(*)' --scale none >wide.txt
echo "= $?"
sed -e 's/within [0-9.e-]*/within SMALL/' -e '/^  w\[c[0-9]/d' -e '/^  b /d' \
  -e '/^  [a-z]* *about /d' wide.txt
nadir rate wide.csv 'y ~ linear(*)' --scale none --json >wide.json
sed -n 's/^  "\([a-z_]*\)": .*/\1/p' wide.json | tr '\n' ' '
echo
fields way proved condition_way steps gd momentum newton adam <wide.json
grep -c '"best_step": [0-9]' wide.json
# what the text calls proved is proved in JSON too
fields way proved condition_way <fit.json
# no advice where a second derivative is not finite
run rate wide.csv 'y ~ linear(*)' --loss 'abs(f)^0.5*y^2' 2>&1
# fewer rows than parameters: flat, which is not the same as not convex
printf 'x,z,u,y\n1,2,5,3\n2,5,1,4\n4,1,2,7\n' >few.csv
nadir rate few.csv 'y ~ linear(x, z, u)' | grep recommended
