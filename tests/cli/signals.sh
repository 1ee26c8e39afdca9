# Every signal that asks for an end, at every command that takes time: exit status 1, no half of a
# result, no file left. When the signal comes is left to chance: the answer is the same.
awk 'BEGIN { print "x,y"; for (i = 0; i < 100000; i++) print i % 997 "," 3 * (i % 991) }' >long.csv
many=$(i=0; while [ $i -lt 80 ]; do echo long.csv; i=$((i + 1)); done)
sum=$(awk 'BEGIN { for (i = 0; i < 6000; i++) printf "%sexp(sin(%d.7*x))", i ? "+" : "", i }')
nadir fit long.csv 'y ~ linear(x)' -o line.json -q

# a job in the background begins with SIGINT ignored: taken back, where there is a program for it
{ env --default-signal=INT true && [ -r /proc/self/status ]; } 2>/dev/null || skip "it needs env --default-signal and /proc"
begin() {
  env --default-signal=INT "$nadir" "$@" >out.txt 2>err.txt &
  begun=$!
  until_heard $begun
}
# Signal, command: the status, and what else there is to see.
stop() {
  sleep 0.1
  kill -"$1" $begun 2>/dev/null || echo "it had ended"
  { wait $begun; status=$?; } 2>/dev/null
  echo "$1 $2: $status"
}
nothing() { expect "nothing is written" [ ! -s out.txt ]; }

for signal in TERM INT HUP USR1 XCPU XFSZ; do
  begin minimize 'x^2' --start x=1 --rate 1e-12 --tol-gradient 0 --updates 1000000000000 --trace trace.csv -v
  until [ -s err.txt ] || ! kill -0 $begun; do sleep 0.1; done # at work: it has told its plan
  stop $signal minimize
  grep '^stopped' out.txt
  expect "the trace goes as far as the run" [ "$(wc -l <trace.csv)" -gt 1 ]
  rm -f trace.csv
  # shellcheck disable=SC2086
  begin predict line.json $many -o half.csv
  until_written $begun half
  stop $signal predict
  nothing
  expect "no half table is left" [ -z "$(find . -name 'half*')" ]
done
begin convex "$sum" --seconds 1000
stop TERM convex
begin rate "$sum" --box x=-1:1 --seconds 1000
stop INT rate
nothing
begin taylor "$sum" --at x=0.3 --order 200
stop HUP taylor
nothing
begin noise long.csv 'y ~ linear(x)' --batch 1 --epochs 1000
stop USR1 noise
nothing
# shellcheck disable=SC2086
begin score line.json $many
stop XCPU score
nothing
# shellcheck disable=SC2086
begin info $many $many
stop TERM info
nothing
begin compare 'x^2' --start x=1 --rate 1e-12,1e-13 --tol-gradient 0 --updates 1000000000000
stop INT compare
begin minimize "$sum" --start x=0.3 --starts 100000 --box x=-9:9
stop HUP starts
begin fit long.csv 'y ~ a*exp(-b*x) + c' --method gd --rate 1e-12 --tol-gradient 0 --updates 100000000
stop TERM fit
expect "no file is left" [ -z "$(find . -name '*.nadir-*')" ]

# the second SIGINT at once, also where the first is not heard: the reader of the output is asleep
mkfifo slow
sleep 1000 >/dev/null <slow &
reader=$!
env --default-signal=INT "$nadir" predict line.json $many >slow 2>err.txt &
begun=$!
until_heard $begun
sleep 2
kill -INT $begun
sleep 0.3
kill -INT $begun 2>/dev/null
{ wait $begun; status=$?; } 2>/dev/null
expect "it has ended" [ $status != 0 ]
kill $reader
