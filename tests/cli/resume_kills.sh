# A run that is killed by SIGKILL at random moments, and goes on from its checkpoint with another number of threads each
# time, comes to the bits of the unbroken one: the model's file, and the trace but for the seconds. Three kills of each
# run, or as many as NADIR_TRIES says, or fifty where NADIR_LONG is set. No half of a checkpoint is ever seen.
export SOURCE_DATE_EPOCH=0
awk 'BEGIN { s = 7; print "x,z,y,c"
  for (i = 0; i < 20000; i++) {
    s = (s * 16807) % 2147483647; x = s / 2147483647; s = (s * 16807) % 2147483647; z = s / 715827882
    s = (s * 16807) % 2147483647; u = s / 2147483647
    printf "%.6f,%.6f,%.6f,%d\n", x, z, exp(-2 * x) + z + u / 9, (x - z / 3 + u / 2 > 0.3)
  } }' >rows.csv
head -n 3001 rows.csv >few.csv
seed=$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')
kills=${NADIR_TRIES:-3}
[ -z "${NADIR_LONG:-}" ] || kills=50
killed=0 bad=0 half=0

# The trace without seconds.
steps() { cut -d, -f1-3,5- "$1"; }

# A moment up to that many nanoseconds, in seconds.
moment() {
  seed=$(((seed * 16807 + 11) % 2147483647))
  awk -v part=$seed -v length_="$1" 'BEGIN { printf "%.4f\n", part / 2147483647 * length_ / 1e9 }'
}

# TABLE FORMULA OPTIONS...
broken() {
  "$nadir" fit "$@" -o whole.json --trace whole.csv -q >said.txt 2>&1 # most end at their limit: status 1 or 0
  begin=$(date +%s%N)
  "$nadir" fit "$@" --threads 2 -o kept.json --trace kept.csv --checkpoint kept.ck --checkpoint-every 0 -q >said.txt 2>&1
  length=$(($(date +%s%N) - begin))
  sed 's/ --threads [0-9]*//' kept.json | grep -v checksum >kept.txt
  grep -v checksum whole.json | cmp -s - kept.txt || { echo "kept: $*" && bad=$((bad + 1)); }
  rm -f kept.ck model.json
  i=0 resume=
  while [ $i -lt $kills ]; do
    # shellcheck disable=SC2086
    "$nadir" fit "$@" --threads "$(echo 1 2 3 8 | cut -d ' ' -f $((i % 4 + 1)))" -o model.json --trace trace.csv --checkpoint run.ck \
      --checkpoint-every 0 $resume -q >said.txt 2>&1 &
    run=$!
    sleep "$(moment $length)"
    kill -KILL $run 2>/dev/null
    wait $run 2>/dev/null
    # one that was done: the machine had other work when the length was measured, or little was left to do
    if [ $? = 137 ]; then killed=$((killed + 1)); else length=$((length * 2 / 3)); fi
    i=$((i + 1))
    [ ! -e run.ck ] || resume="--resume run.ck"
    [ ! -e run.ck ] || tail -c 9 run.ck | grep -q '^[0-9a-f]\{8\}$' || half=$((half + 1))
  done
  # shellcheck disable=SC2086
  "$nadir" fit "$@" -o model.json --trace trace.csv $resume -q >said.txt 2>&1
  cmp -s whole.json model.json || { echo "other bits: $*" && cat said.txt && bad=$((bad + 1)); }
  steps whole.csv >whole.txt
  steps trace.csv | cmp -s - whole.txt || { echo "another trace: $*" && bad=$((bad + 1)); }
  rm -f run.ck kept.ck
} 2>/dev/null

line='y ~ linear(x, z)' class='c ~ linear(x, z)' curve='y ~ a*exp(-b*x) + c*z'
broken rows.csv "$line" --method gd --updates 150 --tol-gradient 0
broken rows.csv "$line" --method adam --updates 150 --tol-gradient 0
broken rows.csv "$curve" --method momentum --updates 150 --tol-gradient 0 --average 0.3
broken rows.csv "$line" --batch 256 --epochs 40
broken rows.csv "$class" --batch 256 --epochs 30 --method adam --validate 0.2
broken rows.csv "$class" --batch 1 --epochs 4
broken rows.csv "$line" --batch 1 --epochs 4 --shuffle full --average 0.5
broken rows.csv "$line" --batch 64 --epochs 6 --shuffle draw --method svrg
broken few.csv "$class" --batch 16 --epochs 30 --method adagrad
broken rows.csv "$class" --batch 16 --epochs 20 --method adam --parts 3
broken rows.csv "$class" --method newton
broken rows.csv "$class" --method lbfgs
broken rows.csv "$curve" --method lm --start a=9,b=9
broken rows.csv "$curve" --method newton --bounds 'b=0:1'
broken rows.csv "$class" --method newton --l1 0.01
broken few.csv "$line" --loss absolute
expect "each comes to the bits of the unbroken run" [ $bad = 0 ]
expect "no half of a checkpoint is seen" [ $half = 0 ]
expect "runs were killed while they worked" [ $killed -gt 5 ]
expect "no file is left" [ -z "$(find . -name '*.nadir-*')" ]
