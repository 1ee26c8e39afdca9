# What is out of measure, and what would be found wrong only after a long run, ends in one sentence.
[ -c /dev/zero ] || skip "there is no /dev/zero"
run info /dev/zero
run info - </dev/zero
# a pipe may be long all the same
awk 'BEGIN { print "x,y"; for (i = 0; i < 60000; i++) print i "," 2 * i }' | nadir info - | sed 's/  */ /g'
printf 'x,y\n1e300,1\n2e300,2\n3e300,4\n' >far.csv
printf 'x,y\n1e-300,1\n2e-300,2\n3e-300,4\n' >near.csv
for table in far near; do nadir fit $table.csv 'y ~ linear(x)' --method newton 2>&1 | grep -e '^w\[x\] ' -e 'not scaled'; done
run fit hubble1929.csv 'velocity ~ distance[0]*a'
run fit hubble1929.csv 'velocity ~ a*distance + c' --updates 1000 --start c=1 --plot-fit line.gp -q
for end in foo '' svgz; do run fit hubble1929.csv 'velocity ~ linear(distance)' -o model.json --plot "x.$end" -q; done
expect "a picture of no kind is refused before the run" [ ! -e model.json ]
nadir minimize 'x^2' --start x=1 --rate 0.1 --updates 1 --contour bowl.svg 2>&1 | grep -e '^stopped' -e contour
# no output takes the place of an input or of another output
fit() { run fit hubble1929.csv 'velocity ~ linear(distance)' -q "$@"; }
fit -o hubble1929.csv
ln -s hubble1929.csv link.csv
fit --trace ./link.csv
fit -o same --trace same
fit -o - --trace -
fit --trace a.svg --plot a.svg
fit -o /dev/null --trace /dev/null
echo 'seed = 1' >settings
fit --config settings -o settings
fit -o model.json --trace trace.csv
fit -o model.json --trace trace.csv
run predict model.json hubble1929.csv -o model.json
run predict model.json hubble1929.csv -o hubble1929.csv
nadir predict model.json - -o - <hubble1929.csv | head -n 1
cmp hubble1929.csv "$SOURCE/examples/data/hubble1929.csv"
# an assumption that is none is refused once, not freed twice
run taylor 'log(x)' --assume .
run convex 'log(x)' --assume 99
run rate 'log(x)' --assume ,
# names never drive a terminal
escape=$(printf '`a\033[31mb`')
for what in minimize convex rate taylor; do nadir $what "$escape^2" 2>&1; done | grep -c "$(printf '\033')"
nadir taylor "$escape^2" | head -n 1
nadir convex 'x^2' -q
nadir convex 'x^2' -q --json | head -c 2
echo
run minimize '(x-1)^2' --l1 inf
# standard errors are doubles wherever the parameters are, and a model file without a covariance is read
for k in 1e-110 1 1e110; do
  awk -v k=$k 'BEGIN { print "x,y"; for (i = 1; i < 40; i++) printf "%.17g,%.17g\n", i * k, (3 * i + sin(i * i)) / k }' >wide.csv
  nadir fit wide.csv 'y ~ a + b*x' -o wide.json | sed -n '/^parameter/,/^$/p'
  nadir predict wide.json wide.csv | wc -l
done
# three values near 1e5, whose differences the sums of single precision do not keep: no strict minimum far above it
awk 'BEGIN { print "a,y"; for (i = 0; i < 2000; i++) {
  k = i * 7919 % 3
  printf "%.7f,%g\n", 100000 + (k - 1) / 128, 3.3 * k + (i * 104729 % 1000) / 70 - 7 } }' >far.csv
nadir fit far.csv 'y ~ linear(a)' --scale none --precision single --json -q | fields point
nadir fit far.csv 'y ~ p + q*a' --precision single --updates 300 --json -q | fields point
nadir fit far.csv 'y ~ linear(a)' --precision single --json -q | fields point
# columns that depend on each other, centred, in single precision: a flat minimum, though not where the run was cut off
awk 'BEGIN { print "x,y,u,z"; for (i = 0; i < 1000; i++) print i % 101 "," 3 * (i % 101) "," i % 7 "," cos(3.1 * i) + i % 101 / 50 }' >depend.csv
nadir fit depend.csv 'z ~ linear(x, y, u)' --precision single --json -q | fields point point_is
nadir fit depend.csv 'z ~ linear(x, y, u)' --precision single --method gd --rate 0.001 --updates 2 --json -q | fields point
