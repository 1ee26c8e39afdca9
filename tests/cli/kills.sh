# A fit with two outputs, ended by SIGKILL at a random moment: each output is the old one or the new one. A few dozen
# moments; 2,000 where NADIR_LONG is set. killed.sh looks at a long table, and at what is left aside.
head -n 9 hubble1929.csv >small.csv
line='velocity ~ linear(distance)'
fit() { nadir fit small.csv "$line" -o model.json --trace trace.csv "$@" -q; }
fit --updates 2 && mkdir before && cp model.json trace.csv before
length=
for i in 1 2 3 4 5; do # the shortest: the machine may have other work now, and none later
  begin=$(date +%s%N)
  fit --updates 4
  now=$(($(date +%s%N) - begin))
  [ -n "$length" ] && [ "$length" -lt $now ] || length=$now
done
mkdir after && cp model.json trace.csv after
times=40
[ -z "${NADIR_LONG:-}" ] || times=2000
seed=$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')
awk -v seed="$seed" -v times=$times -v length_=$length 'BEGIN {
  srand(seed)
  for (i = 0; i < times; i++) printf "%.4f\n", 1.2 * rand() * length_ / 1e9
}' >moments.txt
bad=0 killed=0
while read -r moment; do
  cp before/* .
  "$nadir" fit small.csv "$line" -o model.json --trace trace.csv --updates 4 -q </dev/null >said.txt 2>&1 &
  run=$!
  sleep "$moment"
  kill -KILL $run 2>/dev/null
  wait $run 2>/dev/null
  [ $? != 137 ] || killed=$((killed + 1))
  cmp -s model.json before/model.json || cmp -s model.json after/model.json ||
    { echo "killed after $moment s: model.json is damaged" && bad=$((bad + 1)); }
  lines=$(wc -l <trace.csv)
  [ "$lines" = "$(wc -l <before/trace.csv)" ] || [ "$lines" = "$(wc -l <after/trace.csv)" ] ||
    { echo "killed after $moment s: trace.csv is damaged" && bad=$((bad + 1)); }
  [ $bad -lt 5 ] || break
done <moments.txt 2>/dev/null
expect "no output is half written, and no old one is lost" [ $bad = 0 ]
expect "runs were killed while they worked" [ $killed -gt $((times / 4)) ]
