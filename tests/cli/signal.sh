# A signal ends the run with what it has reached, and exit 1; compare says what was made.
"$nadir" minimize 'x^2' --start x=1 --rate 1e-12 --tol-gradient 0 --updates 1000000000000 >out.txt 2>err.txt &
until_heard $!
sleep 1
kill -TERM $!
wait $!
echo "= $?"
cat err.txt
grep '^stopped' out.txt
tail -n 1 out.txt
"$nadir" compare 'x^2' --start x=1 --rate 1e-12,1e-13 --tol-gradient 0 --updates 1000000000000 >out.txt 2>err.txt &
until_heard $!
sleep 1
kill -TERM $!
wait $!
echo "= $?"
tail -n 1 out.txt
# the terminal is closed: the same, unless the run was made to outlive it (nohup)
"$nadir" minimize 'x^2' --start x=1 --rate 1e-12 --tol-gradient 0 --updates 1000000000000 >out.txt 2>err.txt &
until_heard $!
sleep 1
kill -HUP $!
wait $!
echo "= $?"
grep '^stopped' out.txt
(trap '' HUP && exec "$nadir" minimize 'x^2' --start x=1 --rate 1e-12 --tol-gradient 0 --updates 1000000000000 --seconds 3 >out.txt 2>err.txt) &
until_heard $!
sleep 1
kill -HUP $!
wait $!
echo "= $?"
grep '^stopped' out.txt
# what has nothing to give says so; a table that is half written is not left behind
awk 'BEGIN { print "x,y"; for (i = 0; i < 200000; i++) print i % 997 "," 3 * (i % 991) }' >long.csv
many=$(i=0; while [ $i -lt 40 ]; do echo long.csv; i=$((i + 1)); done)
nadir fit long.csv 'y ~ linear(x)' -o line.json -q
"$nadir" noise long.csv 'y ~ linear(x)' --batch 1 --epochs 1000 >out.txt 2>err.txt &
until_heard $!
sleep 1
kill -TERM $!
{ wait $!; echo "= $?"; } 2>/dev/null
cat err.txt out.txt
# score and info write nothing, wherever the signal finds them
# shellcheck disable=SC2086
"$nadir" info $many $many $many $many >out.txt 2>err.txt &
until_heard $!
sleep 0.5
kill -USR1 $!
{ wait $!; echo "= $?"; } 2>/dev/null
cat out.txt
# shellcheck disable=SC2086
"$nadir" score line.json $many >out.txt 2>err.txt &
until_heard $!
sleep 0.2
kill -XCPU $!
{ wait $!; echo "= $?"; } 2>/dev/null
cat out.txt
# a file that may not grow is an error, not the end of the program
(ulimit -f 1 && nadir predict line.json long.csv -o half.csv) 2>&1 | sed 's/half.csv[^:]*:/FILE:/'
expect "no large table is left" [ -z "$(find . -name 'half*')" ]
# shellcheck disable=SC2086
"$nadir" predict line.json $many -o half.csv >out.txt 2>err.txt &
until_heard $!
until_written $! half
kill -TERM $!
wait $!
echo "= $?"
cat err.txt
expect "no half table is left" [ -z "$(find . -name 'half*')" ]
