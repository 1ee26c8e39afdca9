# Runs that are kept, ended and taken up again, in the words of the command; what is refused; a warm start.
export SOURCE_DATE_EPOCH=0
line='velocity ~ linear(distance)'
slow() { "$nadir" fit hubble1929.csv "$line" --rate 1e-9 --tol-gradient 0 --updates "$@"; }

# the same, whether kept or not; more updates than asked for at first
slow 300 -o whole.json --trace whole.csv -q
slow 100 --checkpoint run.ck -o model.json -q
slow 300 --resume run.ck --checkpoint run.ck -o model.json --trace trace.csv --threads 2 -q
sed 's/ --threads 2//' model.json | grep -v checksum >model.txt
expect "the model is that of the unbroken run" [ "$(grep -v checksum whole.json)" = "$(cat model.txt)" ]
expect "and so is the trace" [ "$(cut -d, -f1-3,5- whole.csv)" = "$(cut -d, -f1-3,5- trace.csv)" ]
expect "the head of a checkpoint is a line to read" [ "$(head -n 1 run.ck | cut -c1-43)" = '{"format":"nadir checkpoint","format_versio' ]

# parts of the rows have a memory each; a limit within an epoch is not where a run with a higher one passes
parts() { "$nadir" fit hubble1929.csv "$line" --batch 2 --parts 3 --method momentum --rate 0.01 --tol-gradient 0 --updates "$@"; }
parts 60 -o whole.json -q
for limit in 8 10; do
  parts $limit --checkpoint parts.ck -q
  parts 60 --resume parts.ck -o model.json -q
  expect "parts go on to the same model after $limit updates" [ "$(grep -v checksum whole.json)" = "$(grep -v checksum model.json)" ]
done

# each signal that asks for an end lets the update be finished, and the command that goes on is said
for signal in TERM USR1 XCPU; do
  rm -f 'my run.ck'
  "$nadir" fit hubble1929.csv "$line" --rate 1e-9 --tol-gradient 0 --updates 1000000000 --checkpoint 'my run.ck' \
    -o model.json --trace trace.csv >out.txt 2>err.txt &
  until_heard $!
  until [ -s 'my run.ck' ] || ! kill -0 $!; do sleep 0.05; done
  kill -$signal $!
  { wait $!; echo "$signal: $?"; } 2>/dev/null
  grep '^stopped' out.txt
  cat err.txt
  expect "model, trace and checkpoint are there" [ -s model.json -a -s trace.csv -a -s 'my run.ck' ]
done
head -n 100 trace.csv >before.csv
"$nadir" fit hubble1929.csv "$line" --rate 1e-9 --tol-gradient 0 --updates 1000000000 --resume 'my run.ck' --seconds 0.3 \
  --checkpoint 'my run.ck' --trace trace.csv >out.txt 2>err.txt
echo "= $?"
grep '^stopped' out.txt
sed 's/^.*it goes on with:/.../' err.txt
expect "the trace begins with what was there" [ "$(head -n 100 trace.csv)" = "$(cat before.csv)" ]

# what is refused
slow 300 --checkpoint run.ck -q
cp run.ck before.ck
refused() { run fit hubble1929.csv "$@" 2>&1 | grep -v '^\$'; }
refused "$line" --resume none.ck
refused "$line" --resume run.ck
refused 'velocity ~ distance*k' --resume run.ck
refused "$line" --rate 1e-9 --tol-gradient 0 --updates 300 --seed 4 --resume run.ck
refused "$line" --rate 1e-9 --tol-gradient 0 --updates 30 --resume run.ck
refused "$line" --rate 1e-9 --tol-gradient 0 --resume run.ck
{ cat hubble1929.csv; tail -n 1 hubble1929.csv; } >more.csv
run fit more.csv "$line" --rate 1e-9 --tol-gradient 0 --updates 300 --resume run.ck 2>&1 | grep -v '^\$'
refused "$line" --resume model.json
head -c 700 run.ck >cut.ck
refused "$line" --rate 1e-9 --tol-gradient 0 --updates 300 --resume cut.ck
refused "$line" --checkpoint hubble1929.csv
refused "$line" --checkpoint model.json
refused "$line" --checkpoint both.ck --trace both.ck
refused "$line" --checkpoint -
refused "$line" --checkpoint none/run.ck
refused "$line" --checkpoint run.ck --starts 3
refused "$line" --checkpoint run.ck --folds 3
refused "$line" --checkpoint run.ck --path l2
refused "$line" --checkpoint run.ck --by distance
nadir compare hubble1929.csv "$line" --checkpoint run.ck
expect "the checkpoint is as it was" cmp -s run.ck before.ck

# a formula
far() { nadir minimize '100*(y - x^2)^2 + (1 - x)^2' --method gd --rate 1e-4 --start x=-1,y=1 "$@"; }
far --updates 500 --checkpoint far.ck -q
far --updates 900 --resume far.ck --json | grep -v seconds >one.txt
far --updates 900 --json | grep -v seconds >two.txt
expect "a formula goes on to the same answer" cmp -s one.txt two.txt
run minimize 'x^2' --resume far.ck

# warm starts
nadir fit hubble1929.csv "$line" -o line.json -q
nadir fit hubble1929.csv "$line" --warm-start line.json --json | fields start_from updates
nadir fit hubble1929.csv "$line" --warm-start line.json -o again.json -q
grep -o '\-\-start [^ ]*' again.json
nadir fit hubble1929.csv 'velocity ~ linear(distance, distance^2)' --warm-start line.json | tail -n 1
refused 'velocity ~ H0*distance' --warm-start line.json
refused "$line" --warm-start line.json --start random
refused "$line" --warm-start none.json
