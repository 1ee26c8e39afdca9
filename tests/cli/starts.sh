# Many starts: the distinct minima, lowest first, and how often each was reached.
nadir minimize 'x^4 - 2*x^2 + 0.3*x' --starts 20 --box x=-2:2 >starts.txt
echo "= $?"
sed -n '/distinct/,/^$/p' starts.txt
nadir minimize '(x-1)^2' --starts 5 --box x=-2:2 | sed -n '/distinct/,/^$/p'
nadir minimize 'x^4 - 2*x^2 + 0.3*x' --starts 20 --box x=-2:2 --json | sed -n '/"minima"/,/^  \]/p' | fields reached point
run minimize 'x^4 - 2*x^2' --starts -1
nadir minimize 'x^4 - 2*x^2' --starts 3 | grep distinct
run minimize 'x^4 - 2*x^2' --starts 3 --box z=0:1
