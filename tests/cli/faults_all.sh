# The n-th call to the system failing, for every command: exit 3 with one sentence, and no file is
# left half written. In strides, or the test would take minutes.
NADIR_FAIL=memory:1 nadir info hubble1929.csv >/dev/null 2>&1
[ $? = 3 ] || skip "this build cannot fail on purpose"
head -n 9 hubble1929.csv >small.csv
line='velocity ~ linear(distance)'
nadir fit small.csv "$line" -o model.json --trace trace.csv -q
mkdir before
cp small.csv model.json trace.csv before
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
    for file in small.csv model.json trace.csv; do
      cmp -s $file before/$file || { echo "any:$n damaged $file" && cp before/$file $file && bad=3; }
    done
    n=$((n + stride))
  done
  [ $bad = 0 ] && [ $n -gt "$stride" ] && echo "ok: nadir $*"
}
sweep 7 info small.csv
sweep 17 predict model.json small.csv -o out.csv
sweep 17 predict model.json small.csv -o out.fits
sweep 17 score model.json small.csv --json
sweep 7 plot trace.csv -o out.gp
sweep 97 compare small.csv "$line" --rate 0.1,0.2 --updates 3 --plot runs.gp -q
sweep 41 fit small.csv "$line" --plot loss.gp --contour bowl.gp --plot-fit line.gp --updates 3 --json
sweep 23 minimize '(x-1)^2 + y^2' --contour bowl.gp --updates 3
sweep 97 minimize '(x-1)^2 + y^2' --report page.html --updates 3 -q
sweep 29 convex 'x*x^2' --json
sweep 53 taylor 'sin(x)' --at x=1 --plot sine.gp
sweep 23 rate '(x-1)^2 + y^2' --box x=-2:2,y=-2:2
sweep 37 rate small.csv "$line"
sweep 409 fit small.csv "velocity ~ a*tanh(b*distance)" --start a=100,b=1 --updates 3 --json
sweep 2003 noise small.csv "$line" --batch 2 --epochs 3
expect "nothing was left behind" [ -z "$(find . -name '*.csv.*' -o -name '*.gp.*' -o -name '*.fits.*' -o -name '*.html.*')" ]
