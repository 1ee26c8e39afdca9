# The n-th call to the system failing, for the formats of tables and of outputs that faults_all does not have: exit
# 3 with one sentence, and no file half written. In strides, or the test would take minutes.
NADIR_FAIL=memory:1 nadir info hubble1929.csv >/dev/null 2>&1
[ $? = 3 ] || skip "this build cannot fail on purpose"
head -n 9 hubble1929.csv >small.csv
line='velocity ~ linear(distance)'
gzip -n <small.csv >small.csv.gz
cp "$SOURCE/tests/data/fits/nomtam_bt12.fits.fz" packed.fits.fz
cp "$SOURCE/tests/data/fits/astropy_ascii.fits" ascii.fits
cp "$SOURCE/tests/data/ascii/astropy_subtypes.ecsv" typed.ecsv
printf 'rate = 0.1\nupdates = 3\n' >settings.txt
nadir fit small.csv "$line" -o model.json --trace trace.csv -q
mkdir before
cp small.csv* model.json trace.csv before
sweep() { # stride, words of the command; what is to come from standard input is in $input
  stride=$1 n=1 bad=0
  shift
  while
    NADIR_FAIL=any:$n nadir "$@" >said.txt 2>error.txt <"${input:-/dev/null}"
    status=$?
    [ $status != 0 ] && [ $bad -lt 3 ]
  do
    if [ $status != 3 ] || [ "$(grep -c '^nadir: ' error.txt)" = 0 ] || grep -q Sanitizer error.txt; then
      echo "any:$n ended in $status" && sed 9q error.txt && bad=$((bad + 1))
    fi
    for file in small.csv small.csv.gz model.json trace.csv; do
      cmp -s $file before/$file || { echo "any:$n damaged $file" && cp before/$file $file && bad=3; }
    done
    n=$((n + stride))
  done
  cp before/* .
  [ $bad = 0 ] && [ $n -gt "$stride" ] && echo "ok: nadir $*"
}
sweep 13 info small.csv.gz
sweep 97 info packed.fits.fz
sweep 17 info ascii.fits
sweep 23 info typed.ecsv
input=small.csv sweep 17 info -
input=small.csv.gz sweep 17 info -
sweep 41 predict model.json small.csv.gz -o out.tsv
input=small.csv sweep 41 predict model.json - -o out.fits
sweep 23 plot trace.csv -o out.svg
sweep 53 plot trace.csv -o out.png
sweep 149 fit small.csv "$line" --config settings.txt -o model.json -q
sweep 401 compare small.csv "$line" --rate 0.1,0.2 --updates 3 --trace runs.csv -q
sweep 997 fit small.csv "$line" --updates 3 --report page.html -q
# each call for good
for kind in open read write fsync rename; do
  for n in 1 2 3 4 5; do
    NADIR_FAIL=$kind:$n:on nadir fit small.csv "$line" -o other.json --trace other.csv -q 2>error.txt
    status=$?
    case $status in 0 | 3) ;; *) echo "$kind:$n:on ended in $status" && cat error.txt ;; esac
    rm -f other.json other.csv
  done
done
expect "nothing was left behind" [ -z "$(find . -name '*.nadir-*')" ]
