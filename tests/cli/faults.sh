# The n-th allocation, read or write failing ends in exit 3 with a sentence; old outputs stay.
NADIR_FAIL=memory:1 nadir info hubble1929.csv >/dev/null 2>&1
[ $? = 3 ] || skip "this build cannot fail on purpose"
fit() {
  nadir fit hubble1929.csv 'velocity ~ linear(distance)' -o model.json --trace trace.csv "$@"
}
fit -q
cp model.json before.json
cp trace.csv before.csv
try() { # kind, the first call to fail, the distance to the next
  n=$2 bad=0
  while NADIR_FAIL=$1:$n fit >said.txt 2>error.txt; status=$?; [ $status != 0 ]; do
    if [ $status != 3 ] || [ "$(grep -c '^nadir: ' error.txt)" = 0 ] || grep -q Sanitizer error.txt; then
      echo "$1:$n ended in $status" && sed 5q error.txt && bad=$((bad + 1))
      [ $bad -lt 3 ] || return
    fi
    # each file is the old one or, where an earlier output was done, the new one: never a part
    [ "$(tail -c 2 model.json)" = "$(tail -c 2 before.json)" ] || echo "$1:$n damaged model.json"
    [ "$(wc -l <trace.csv)" = "$(wc -l <before.csv)" ] || echo "$1:$n damaged trace.csv"
    n=$((n + $3))
  done
  expect "each $1 that fails is told" [ $n -gt "$2" ]
}
for kind in open read write fsync rename mmap; do try $kind 1 1; done
try memory 1 29
expect "nothing was left behind" [ "$(find . -name '*.json.*' -o -name '*.csv.*' | wc -l)" = 0 ]
# a close that fails is a lost write, or was a file that had been read
lost=0
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 1:on 5:on; do
  cp before.json model.json
  cp before.csv trace.csv
  NADIR_FAIL=close:$n fit --updates 3 -q 2>error.txt
  case $? in
  0) [ ! -s error.txt ] || { echo "close:$n" && cat error.txt; } ;;
  3)
    lost=$((lost + 1))
    grep -q '^nadir: .*: cannot be written, input or output error' error.txt || { echo "close:$n" && cat error.txt; }
    cmp -s model.json before.json || cmp -s trace.csv before.csv || echo "close:$n wrote both" ;;
  *) echo "close:$n ended otherwise" && cat error.txt ;;
  esac
done
expect "each output tells its close" [ $lost -ge 3 ]
cp before.json model.json
cp before.csv trace.csv
# threads that do not start are done without; the model's file names the command
fit -q --threads 4
cp model.json before.json
for n in 1 2 1:on 3:on; do
  NADIR_FAIL=thread:$n fit -q --threads 4
  echo "= $? thread:$n"
  cmp model.json before.json
done
