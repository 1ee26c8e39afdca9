# Several ranks: the bits of one process, one message, and an end of all when one is lost.
nadir --version | grep -q MPI || skip "nadir was built without MPI (NADIR_MPI)"
command -v mpirun >/dev/null || skip "there is no mpirun"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
mpirun -n 2 true >/dev/null 2>&1 || skip "mpirun cannot start a program here"
unset NADIR_RANK_SECONDS
table_of_kinds 43000 >all.csv
echo 'a,b,c,y,k,t' >few.csv
sed -n '2,4000p' all.csv >>few.csv
# What mpirun itself says of an exit status is its own affair.
ranks() { count=$1 && shift && timeout 120 mpirun -n "$count" "$nadir" "$@" 2>&1 | grep -v -e '^-----' -e '^$' -e 'PRIMARY job' -e 'Primary job' -e 'a non-zero' -e '^mpirun' -e 'the job to be' -e 'Process name' -e 'Exit code' -e MPI_ABORT -e 'with errorcode' -e '^NOTE: inv' -e 'You may or' -e 'exactly when' -e ORTE_ERROR_LOG; }
plain() { grep -v -e '"seconds"' -e '"cpu"' -e '"command_line"'; }
# How many ranks, a name, then what is run: all of its output but times. What is said of it comes through mpirun by
# another way, and between any two bytes.
same() {
  counts=$1 name=$2 && shift 2
  "$nadir" "$@" --json -q 2>/dev/null | plain >first.txt
  expect "$name has an answer" [ "$(wc -l <first.txt)" -gt 5 ]
  for count in $counts; do
    timeout 120 mpirun -n "$count" "$nadir" "$@" --json -q 2>/dev/null | plain | cmp -s first.txt || echo "$name: other bits with $count ranks"
  done
}
same '1 2 3 4' gd fit all.csv 'y ~ linear(a, b, c)' --method gd
same '2 4' newton fit all.csv 'k ~ linear(a, b, c)' --method newton
same '3' lm fit all.csv 'y ~ p + q*a + r*b' --method lm
same '4' lbfgs fit all.csv 't ~ softmax(3; a, b)' --method lbfgs
same '3' minibatch fit all.csv 'k ~ linear(a, b, c)' --method adam --batch 10000 --epochs 2
same '2' stochastic fit all.csv 'k ~ linear(a, b, c)' --batch 1 --epochs 1 --rate 0.01
same '1 4' parts fit all.csv 'k ~ linear(a, b, c)' --batch 1 --epochs 2 --parts 4
same '3' 'parts of large batches' fit all.csv 'k ~ linear(a, b, c)' --method adam --batch 6000 --epochs 2 --parts 2 --memory 100K
same '3' streamed fit all.csv 'y ~ linear(a, b, c)' --memory 100K --scale robust
same '4' validated fit all.csv 'y ~ poly(a, 3)' --validate 0.2
same '2' 'one chunk' fit few.csv 'y ~ linear(a, b, c)' --loss absolute
same '2' folds fit all.csv 'y ~ linear(a, b, c)' --folds 3
same '3' groups fit all.csv 'y ~ p*a/(q + b^2)' --by c
same '2' 'groups of which some have no fit' fit all.csv 'y ~ linear(a, b)' --by y --where 'a > 3.5'
same '4' info info all.csv --where 'b < 4'
same '3' 'info of one chunk' info few.csv
nadir fit all.csv 'k ~ linear(a, b, c)' -q -o model.json
nadir fit all.csv 't ~ softmax(3; a, b)' -q -o classes.json
nadir fit all.csv 'y ~ linear(a, b)' -q -o number.json
same '2' score score model.json all.csv
same '3' 'score of three classes' score classes.json all.csv
same '2' 'score of a number' score number.json all.csv
sed 's/z$/other/' all.csv >strangers.csv
same '3' 'score with classes that are not known' score classes.json strangers.csv
same '3' noise noise all.csv 'k ~ linear(a, b)' --rates 0.1,0.01 --batch 64 --epochs 2
same '3' starts fit few.csv 'y ~ p*sin(q*a) + r' --starts 4
same '2' 'robust quartiles' fit all.csv 'y ~ linear(a, b, c)' --scale robust
for model in model classes number; do
  nadir predict $model.json all.csv -q -o first.csv --where 'a < 3'
  ranks 3 predict $model.json all.csv -q -o second.csv --where 'a < 3'
  expect "predictions of the $model are written once, and the same" cmp -s first.csv second.csv
done
ranks 3 fit all.csv 'y ~ linear(a, b)' --by t -q -o groups.csv
nadir fit all.csv 'y ~ linear(a, b)' --by t -q -o first.csv
expect "fits of groups are written once, and the same" cmp -s groups.csv first.csv
ranks 3 fit all.csv 'k ~ linear(a, b, c)' -q -o second.json
differing() { grep -v -e '"command' -e '"checksum"' "$1"; }
differing model.json >first.txt
differing second.json >second.txt
expect "a model is written once, and the same" cmp -s first.txt second.txt

echo "== One message, and the status of one process"
sed '$s/^[^,]*/inf/' all.csv >bad.csv
for count in 1 4; do
  ranks $count fit bad.csv 'y ~ linear(a, b, c)'
  timeout 120 mpirun -n $count "$nadir" fit bad.csv 'y ~ linear(a, b, c)' >/dev/null 2>&1
  echo "= $?"
done
ranks 3 fit all.csv 'y ~ linear(a, q)'
ranks 3 fit - 'y ~ linear(a)'
NADIR_RANK_SECONDS=soon ranks 1 info few.csv
ranks 4 fit all.csv 'y ~ linear(a, b, c)' --method gd --rate 1e-9 --updates 1000000000 --seconds 1 --json | fields stop
