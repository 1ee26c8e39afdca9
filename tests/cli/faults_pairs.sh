# Two calls to the system that fail in one run, at random: exit 3 with a sentence (or 0, where neither call came), and
# every output is the old one or the new one. A few dozen pairs; 2,000 where NADIR_LONG is set.
NADIR_FAIL=memory:1 nadir info hubble1929.csv >/dev/null 2>&1
[ $? = 3 ] || skip "this build cannot fail on purpose"
head -n 9 hubble1929.csv >small.csv
line='velocity ~ linear(distance)'
fit() { nadir fit small.csv "$line" -o model.json --trace trace.csv "$@" -q; }
fit --updates 2 && mkdir before && cp model.json trace.csv before
fit --updates 4 && mkdir after && cp model.json trace.csv after
pairs=40
[ -z "${NADIR_LONG:-}" ] || pairs=2000
seed=$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')
awk -v seed="$seed" -v pairs=$pairs 'BEGIN {
  srand(seed)
  split("memory open read write fsync rename any any any", kind, " ")
  most["memory"] = 1500; most["open"] = 6; most["read"] = 12; most["write"] = 8; most["fsync"] = 5
  most["rename"] = 3; most["any"] = 1500
  for (i = 0; i < pairs; i++) {
    a = kind[1 + int(9 * rand())]; b = kind[1 + int(9 * rand())]
    print a ":" 1 + int(most[a] * rand()) "," b ":" 1 + int(most[b] * rand()) (rand() < 0.3 ? ":on" : "")
  }
}' >pairs.txt
bad=0
while read -r pair; do
  cp before/* .
  NADIR_FAIL=$pair fit --updates 4 >said.txt 2>error.txt </dev/null
  status=$?
  if { [ $status != 0 ] && [ $status != 3 ]; } || grep -q Sanitizer error.txt ||
    { [ $status = 3 ] && [ "$(grep -c '^nadir: ' error.txt)" = 0 ]; }; then
    echo "$pair ended in $status (seed $seed)" && sed 9q error.txt && bad=$((bad + 1))
  fi
  for file in model.json; do
    cmp -s $file before/$file || cmp -s $file after/$file || { echo "$pair damaged $file" && bad=$((bad + 1)); }
  done
  lines=$(wc -l <trace.csv)
  [ "$lines" = "$(wc -l <before/trace.csv)" ] || [ "$lines" = "$(wc -l <after/trace.csv)" ] ||
    { echo "$pair damaged trace.csv" && bad=$((bad + 1)); }
  [ $bad -lt 5 ] || break
done <pairs.txt
expect "each pair is told, and no output is damaged" [ $bad = 0 ]
expect "nothing was left behind" [ -z "$(find . -name 'model.json.*' -o -name 'trace.csv.*')" ]
