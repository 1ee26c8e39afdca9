# kill -9 at any moment: each output is the old file or the new one, and what is left of a run that
# was killed the next one with the same output removes.
awk 'BEGIN { print "x,y"; for (i = 0; i < 50000; i++) print i % 997 "," 3 * (i % 991) }' >long.csv
nadir fit long.csv 'y ~ linear(x)' -o line.json -q
nadir predict line.json long.csv -o new.csv
echo old >old.csv
i=0 bad=0
while [ $i -lt 20 ]; do
  cp old.csv out.csv
  "$nadir" predict line.json long.csv -o out.csv &
  sleep 0.0$i
  kill -9 $! 2>/dev/null
  wait $! 2>/dev/null
  cmp -s out.csv old.csv || cmp -s out.csv new.csv || bad=$((bad + 1))
  i=$((i + 1))
done 2>/dev/null
expect "each is the old table or the new one" [ $bad = 0 ]
# as a run leaves it that was killed between its two names, and what is another's
echo half >out.csv.nadir-abcdef2q7dcE
echo mine >out.csv.nadir-backup
echo mine >out.csv.nadir-abcdefghijkl
nadir predict line.json long.csv -o out.csv
expect "the new table is there" cmp -s out.csv new.csv
find . -name 'out.csv?*' | sort
# the new name is on the disk before the command ends
strace -o calls.txt -e trace=fsync,linkat,rename,openat "$nadir" predict line.json long.csv -o out.csv 2>/dev/null ||
  skip "strace cannot be used here"
sed -n '/^fsync/,$p' calls.txt | grep -v ENOENT | sed 's/(.*//' | grep -E 'fsync|linkat|rename' | tr '\n' ' '
echo
