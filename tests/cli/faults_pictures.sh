# The n-th call to the system failing, where another program draws a picture: exit status 3 with one sentence, and no
# file half written. In strides, or the test would take minutes. All other outputs are swept by tests/sweep.
NADIR_FAIL=memory:1 nadir info hubble1929.csv >/dev/null 2>&1
[ $? = 3 ] || skip "this build cannot fail on purpose"
nadir fit hubble1929.csv 'velocity ~ linear(distance)' --trace trace.csv -q
cp trace.csv before.csv
sweep() { # stride, words of the command
  stride=$1 n=1 bad=0
  shift
  while
    NADIR_FAIL=any:$n nadir "$@" >said.txt 2>error.txt
    status=$?
    [ $status != 0 ] && [ $bad -lt 3 ]
  do
    if [ $status != 3 ] || [ "$(grep -c '^nadir: ' error.txt)" = 0 ] || grep -q Sanitizer error.txt; then
      echo "any:$n ended in $status" && sed 9q error.txt && bad=$((bad + 1))
    fi
    cmp -s trace.csv before.csv || { echo "any:$n damaged the trace" && bad=3; }
    n=$((n + stride))
  done
  [ $bad = 0 ] && [ $n -gt "$stride" ] && echo "ok: nadir $*"
}
sweep 23 plot trace.csv -o out.svg
sweep 53 plot trace.csv -o out.png
expect "nothing was left behind" [ -z "$(find . -name '*.nadir-*')" ]
