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
