# --cache: every reader of tables gives the same with a parsed copy as without one, and says once what keeps it from
# having one; whoever is killed leaves no half copy that is taken for a whole one.
table_of_kinds 5000 >kinds.csv
gzip -k kinds.csv
same() { # what is said by a command, by --cache twice
  nadir "$@" >plain.txt 2>&1
  for i in 1 2; do
    nadir "$@" --cache >copied.txt 2>&1
    for said in plain copied; do
      grep -v -e '"seconds"' -e '"cache"' -e '"command_line"' $said.txt >$said.steady
    done
    diff plain.steady copied.steady || return 1
  done
}
nadir fit kinds.csv 't ~ softmax(3, a, b, c)' -o classes.json -q
nadir fit kinds.csv 'y ~ linear(a, b)' -o line.json -q
for table in kinds.csv kinds.csv.gz; do
  rm -f ./*.nadir.fits
  expect "info of $table" same info "$table" --json
  expect "a fit of it" same fit "$table" 'y ~ linear(a, b, c)' --where 't == "x"' --json
  expect "one of classes" same fit "$table" 't ~ softmax(3, a, b, c)' --json
  expect "its score" same score classes.json "$table" --json
  expect "predictions" same predict line.json "$table"
  expect "the copy is there" [ -f "$table.nadir.fits" ]
done
head -n 200 kinds.csv >few.csv
expect "compare" same compare few.csv 'y ~ linear(a, b)' --json
expect "noise" same noise few.csv 'y ~ linear(a, b)' --rate 0.01 --epochs 2 --json
expect "period" same period few.csv 'y ~ a' --json
run info kinds.csv.gz.nadir.fits
# a cell that cannot be read is told where it is
{ cat kinds.csv && echo 1,2,3,four,true,x; } >bad.csv
run fit bad.csv 'a ~ linear(b)' --cache -q
run fit bad.csv 'y ~ linear(b)' --cache -q
# what lies in the way
echo mine >kinds.csv.nadir.fits
run fit kinds.csv 'y ~ linear(b)' --cache -q
cat kinds.csv.nadir.fits && rm kinds.csv.nadir.fits
nadir fit kinds.csv 'y ~ linear(b)' --cache -q
printf x | dd of=kinds.csv.nadir.fits bs=1 seek=30000 conv=notrunc 2>/dev/null
run fit kinds.csv 'y ~ linear(b)' --cache -q
run fit kinds.csv 'y ~ linear(b)' --cache -q
# several at once, and some that are killed
table_of_kinds 40000 >long.csv
nadir info long.csv --json >plain.txt
i=0 bad=0
while [ $i -lt 12 ]; do
  [ $((i % 3)) != 0 ] || rm -f long.csv.nadir.fits
  "$nadir" info long.csv --cache --json >first.txt 2>&1 &
  first=$!
  "$nadir" info long.csv --cache --json >second.txt 2>&1 &
  second=$!
  sleep "0.0$((i * 7 % 10))"
  kill -KILL $first 2>/dev/null
  wait $second
  cmp -s second.txt plain.txt || bad=$((bad + 1))
  nadir info long.csv --cache --json 2>&1 | cmp -s - plain.txt || bad=$((bad + 1))
  i=$((i + 1))
done 2>/dev/null
expect "no half copy is taken for a whole one" [ $bad = 0 ]
nadir info long.csv --cache --json >third.txt
find . -name 'long.csv?*' | sort
