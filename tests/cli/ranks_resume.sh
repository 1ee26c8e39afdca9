# Runs over one to four ranks of which one is killed by SIGKILL at random moments, and which go on from the checkpoint
# with another number of ranks each time, come to the bits of the unbroken run. Two kills of each, or as many as
# NADIR_TRIES says.
nadir --version | grep -q MPI || skip "nadir was built without MPI (NADIR_MPI)"
command -v mpirun >/dev/null || skip "there is no mpirun"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
mpirun -n 2 true >/dev/null 2>&1 || skip "mpirun cannot start a program here"
export SOURCE_DATE_EPOCH=0
table_of_kinds 43000 >all.csv
kills=${NADIR_TRIES:-2}
[ -z "${NADIR_LONG:-}" ] || kills=13
seed=$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')
below() { seed=$(((seed * 16807 + 11) % 2147483647)) && drawn=$((seed % $1)); }
killed=0 bad=0

# FORMULA OPTIONS...
broken() {
  "$nadir" fit all.csv "$@" -o whole.json -q >said.txt 2>&1
  rm -f run.ck
  i=0 resume= most=1000 # milliseconds to the moment
  while [ $i -lt "$kills" ]; do
    count=$(((i + 1) % 4 + 1))
    # shellcheck disable=SC2086
    mpirun -n $count "$nadir" fit all.csv "$@" --threads 1 --checkpoint run.ck --checkpoint-every 0 $resume -q >said.txt 2>&1 &
    launcher=$!
    begun=0
    until [ "$(pgrep -P $launcher -x nadir | wc -l)" = $count ] || [ $begun = 60 ]; do sleep 0.05 && begun=$((begun + 1)); done
    below $most && sleep "$(printf '%d.%03d' $((drawn / 1000)) $((drawn % 1000)))"
    below $count && one=$(pgrep -P $launcher -x nadir | sort -n | sed -n "$((drawn + 1))p")
    [ -z "$one" ] || kill -KILL "$one"
    wait $launcher
    # one that was done: the next moment is earlier
    if [ -n "$one" ]; then killed=$((killed + 1)); else most=$((most / 3 + 1)); fi
    i=$((i + 1))
    [ ! -e run.ck ] || resume="--resume run.ck"
  done
  # shellcheck disable=SC2086
  mpirun -n 3 "$nadir" fit all.csv "$@" --threads 1 -o model.json $resume -q >said.txt 2>&1
  sed 's/ --threads 1//' model.json | grep -v checksum >model.txt
  grep -v checksum whole.json | cmp -s - model.txt || { echo "other bits: $*" && cat said.txt && bad=$((bad + 1)); }
} 2>/dev/null

broken 'k ~ linear(a, b, c)' --method gd --updates 3000 --tol-gradient 0
broken 'k ~ linear(a, b, c)' --method newton
broken 'k ~ linear(a, b, c)' --method adam --batch 256 --epochs 100
broken 'k ~ linear(a, b, c)' --batch 1 --epochs 100 --parts 4 --method momentum
expect "each comes to the bits of the unbroken run" [ $bad = 0 ]
expect "ranks were killed while they worked" [ $killed -gt 2 ]
expect "no file is left" [ -z "$(find . -name '*.nadir-*')" ]
