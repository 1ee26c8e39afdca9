# Results go to standard output, all else to standard error; what cannot be written ends in exit 3.
nadir fit hubble1929.csv 'velocity ~ linear(distance)' --rate 1.5 2>err.txt >out.txt
expect "no warning is on standard output" [ "$(grep -c warning: out.txt)" = 0 ]
expect "warnings are on standard error" grep -q '^nadir: warning: ' err.txt
nadir fit hubble1929.csv 'velocity ~ linear(distance)' -v --json 2>err.txt >out.txt
expect "--json prints one object alone" [ "$(head -c 1 out.txt)$(tail -n 1 out.txt)" = '{}' ]
nadir fit hubble1929.csv 'velocity ~ linear(distance)' -q >out.txt 2>&1
expect "--quiet prints nothing" [ ! -s out.txt ]
if [ -w /dev/full ]; then
  for what in '--help' '--version' 'info hubble1929.csv' 'fit -P' 'minimize x^2' 'minimize x^2 --json'; do
    # shellcheck disable=SC2086
    nadir $what >/dev/full
    echo "= $? $what"
  done
  nadir minimize 'x^2' --trace /dev/full -q
  echo "= $?"
else
  skip "there is no /dev/full"
fi
nadir --help >&-
echo "= $? closed standard output"
nadir minimize 'x^2' --start x=1 --trace trace.csv >&-
echo "= $? closed standard output"
expect "the trace is a trace all the same" grep -q '^update,rows_seen,' trace.csv
nadir fit hubble1929.csv 'velocity ~ linear(distance)' -q -o model.json
nadir predict model.json hubble1929.csv >&-
echo "= $? closed standard output"
nadir fit hubble1929.csv 'velocity ~ linear(distance)' -q -o - >&-
echo "= $? closed standard output"
nadir fit - 'velocity ~ linear(distance)' <&-
echo "= $? closed standard input"
nadir info hubble1929.csv >/dev/null 2>&-
echo "= $? closed standard error"
# a pipe that nobody reads any more: silence, as of every Unix command, and the files are written
late() { { sleep 1; nadir "$@" 2>stderr.txt; echo "= $? $*" >&2; } | true; cat stderr.txt; }
late fit --help
late fit hubble1929.csv 'velocity ~ linear(distance)' -o kept.json
expect "the model is kept" [ -s kept.json ]
late predict kept.json hubble1929.csv
late minimize 'x^2' --start x=1 --trace - -q
late minimize 'x^2' --start x=1 --json
awk 'BEGIN { print "x"; for (i = 0; i < 30000; i++) print i }' >many.csv
nadir fit many.csv 'x ~ linear(x)' -q -o many.json
{ nadir predict many.json many.csv; echo "= $? predict of many rows" >status.txt; } | head -n 1
cat status.txt
nadir minimize 'x^2' --start x=1 --updates 2 --trace - -q | sed 's/,.*//'
# two outputs never share standard output
run fit hubble1929.csv 'velocity ~ linear(distance)' -o - --json
run fit hubble1929.csv 'velocity ~ linear(distance)' --trace -
run minimize 'x^2' --trace - --json
run fit hubble1929.csv 'velocity ~ linear(distance)' --trace - -o -
nadir fit hubble1929.csv 'velocity ~ linear(distance)' -o - -q | head -n 1
# compare saves one trace a run: they cannot all go there, nor to files named after a dash
run compare 'x^2' --start x=1 --rate 0.1,0.2 --trace -
expect "no file is left" [ -z "$(find . -name '-*')" ]
