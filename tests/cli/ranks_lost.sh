# One rank of three that is killed, stopped, without memory, or has a bad row, at random: all end soon, with one cause
# told. A try of each, or as many as NADIR_TRIES says.
nadir --version | grep -q MPI || skip "nadir was built without MPI (NADIR_MPI)"
command -v mpirun >/dev/null || skip "there is no mpirun"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
mpirun -n 3 true >/dev/null 2>&1 || skip "mpirun cannot start a program here"
table_of_kinds 43000 >all.csv
tries=${NADIR_TRIES:-1}
[ -z "${NADIR_LONG:-}" ] || tries=50
seed=$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')
below() { seed=$(((seed * 16807 + 11) % 2147483647)) && drawn=$((seed % $1)); }

# The causes that are told: by nadir in a line each; else by mpirun, or MPI itself where it has not begun.
causes() {
  told=$(grep -c '^nadir: ' lost.txt)
  [ "$told" != 0 ] || [ ! -s lost.txt ] || told=1
  echo "$told"
}
# Runs what is given until it has ended, 40 s at the longest.
launch() {
  mpirun -n 3 "$@" >lost.txt 2>&1 &
  launcher=$!
}
await_end() {
  waited=0
  while kill -0 $launcher 2>/dev/null && [ $waited -lt 400 ]; do sleep 0.1 && waited=$((waited + 1)); done
  [ $waited -lt 400 ] || { ended=no && pkill -KILL -P $launcher && kill -KILL $launcher; }
  wait $launcher
  status=$?
}
# What is wrong with the last try, once for each kind of fault.
note() {
  echo "$1: $2, at try $try"
  cat lost.txt
  good=no
}

endless() { NADIR_RANK_SECONDS=3 launch "$nadir" fit all.csv 'y ~ linear(a, b, c)' --method gd --rate 1e-9 --updates 1000000000 -o never.json; }
lose() { # signal
  endless
  below 3 && rank=$drawn
  begun=0
  until [ "$(pgrep -P $launcher -x nadir | wc -l)" = 3 ] || [ $begun = 100 ]; do sleep 0.05 && begun=$((begun + 1)); done
  below 2000 && sleep "$(printf '%d.%03d' $((drawn / 1000)) $((drawn % 1000)))"
  kill -s "$1" "$(pgrep -P $launcher -x nadir | sort -n | sed -n "$((rank + 1))p")"
  await_end
  [ $ended = yes ] || note "$1 to rank $rank" "it goes on"
  [ $status != 0 ] || note "$1 to rank $rank" "a success"
  [ "$(causes)" = 1 ] || note "$1 to rank $rank" "$(causes) causes"
  [ ! -e never.json ] || note "$1 to rank $rank" "a model"
}
killed() { lose KILL; }
stopped() {
  lose STOP
  grep -q -e "rank $rank on .* has been silent for 3 s" -e 'ranks: not all have [a-z]* within 18 s' lost.txt ||
    note STOP "another cause than rank $rank"
}

# Memory that runs out between the beginning of the work and its end: or it is enough after all.
cat >limited.sh <<'END'
[ "$OMPI_COMM_WORLD_RANK" != "$1" ] || ulimit -v "$2"
shift 2
exec "$@"
END
peak() { mpirun -n 1 sh -c '"$@" >/dev/null & while grep VmPeak /proc/$!/status; do :; done 2>/dev/null' - "$@" | awk '{ if ($2 > most) most = $2 } END { print most + 0 }'; }
without_memory() {
  below 3 && rank=$drawn
  below $((most - least + 1)) && limit=$((least + drawn))
  launch sh limited.sh "$rank" "$limit" "$nadir" fit all.csv 'y ~ linear(a, b, c)' --threads 1 -q -o limited.json
  await_end
  [ $ended = yes ] || note "memory of $limit KB" "it goes on"
  if [ $status = 0 ]; then
    cmp -s limited.json model.json || note "memory of $limit KB" "another model"
  else
    [ "$(causes)" = 1 ] || note "memory of $limit KB" "$(causes) causes"
  fi
  rm -f limited.json
}

bad_row() {
  below 43000 && row=$((drawn + 2))
  sed "${row}s/^[^,]*/inf/" all.csv >bad.csv
  launch "$nadir" fit bad.csv 'y ~ linear(a, b, c)'
  await_end
  [ $ended = yes ] || note "bad row $row" "it goes on"
  [ $status = 2 ] || note "bad row $row" "status $status"
  [ "$(grep '^nadir: ' lost.txt)" = "nadir: bad.csv:row $row:a: the value is not finite: leave such rows out with the setting where" ] ||
    note "bad row $row" "another cause"
}

export SOURCE_DATE_EPOCH=0
mpirun -n 3 "$nadir" fit all.csv 'y ~ linear(a, b, c)' --threads 1 -q -o limited.json
mv limited.json model.json
head -n 2 all.csv >few.csv
least=$(peak "$nadir" info few.csv) most=$(peak "$nadir" fit all.csv 'y ~ linear(a, b, c)' --threads 1)
for kind in killed stopped without_memory bad_row; do
  good=yes ended=yes try=0
  while [ $try -lt "$tries" ] && [ $good = yes ]; do
    try=$((try + 1))
    $kind
  done
  expect "all end, and one cause is told, of one that is $kind" [ $good = yes ]
done
