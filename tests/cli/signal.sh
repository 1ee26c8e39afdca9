# A signal ends the run with what it has reached, and exit 1; compare says what was made.
"$nadir" minimize 'x^2' --start x=1 --rate 1e-12 --tol-gradient 0 --updates 1000000000000 >out.txt 2>err.txt &
sleep 1
kill -TERM $!
wait $!
echo "= $?"
cat err.txt
grep '^stopped' out.txt
tail -n 1 out.txt
"$nadir" compare 'x^2' --start x=1 --rate 1e-12,1e-13 --tol-gradient 0 --updates 1000000000000 >out.txt 2>err.txt &
sleep 1
kill -TERM $!
wait $!
echo "= $?"
tail -n 1 out.txt
