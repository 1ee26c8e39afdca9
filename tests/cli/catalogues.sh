# Tables as people have them, read as what they are.
rows() { # what predict writes of the table's own columns
  echo "\$ predict $*"
  nadir predict line.json "$@" | cut -d, -f1-4
}
# identifiers of 64 bits
cat >ids.csv <<'END'
source_id,other,x,y
4295806720000000001,4295806720000000002,0,1
4295806720000000002,4295806720000000002,1,3.10
4295806720000000003,4295806720000000002,2,5
9007199254740993,9007199254740992,3,7
18446744073709551615,-1,4,9
,,5,11
END
nadir fit ids.csv 'y ~ linear(x)' -q -o line.json
for where in 'source_id == 4295806720000000002' 'source_id != 4295806720000000002' \
  'source_id > 18446744073709551614' '4295806720000000001 < source_id <= 4295806720000000002' \
  'source_id == 9007199254740992' 'source_id == 4.295806720000000003e18' 'source_id < other' \
  'other == source_id' 'other <= -1 and not source_id < 18446744073709551615' 'other < -9007199254740993'; do
  rows ids.csv --where "$where"
done
nadir predict line.json ids.csv --where 'source_id > 0' -o ids.fits 2>&1
nadir predict line.json ids.csv --where 'other > -1' -o ids.fits
for where in 'source_id == 4295806720000000002' 'source_id < other' 'other == 9007199254740992'; do
  rows ids.fits --where "$where"
done
# one of them with a point, one beyond 64 bits
sed 's/0002,1,/0002.0,1,/' ids.csv >point.csv
rows point.csv --where 'source_id == other'
sed 's/18446744073709551615/18446744073709551616/; s/,7/,7.50/' ids.csv >beyond.csv
rows beyond.csv | tail -n 3
nadir predict line.json beyond.csv -o beyond.fits
echo "= $?"
# in a formula, and in its model file
nadir fit ids.csv 'y ~ linear(x)' --weight 'if(source_id == 4295806720000000002, 0, 1)' --missing drop -o weight.json | sed -n '/columns/p; /^w\[/p'
nadir fit ids.csv 'y ~ linear(x, source_id == 4295806720000000002)' --missing drop -q -o jump.json
nadir predict jump.json ids.csv --missing drop | awk -F, '{ printf "%s %.2f\n", $1, $5 }'
# a column before a constant
printf 'x,z,pi,e\n0,1,3,1\n1,3,3,2\n2,5,3,1\n3,7,3,2\n' >pi.csv
nadir fit pi.csv 'z ~ a + pi*x' -q -o pi.json
nadir predict pi.json pi.csv --where 'pi == 3' | awk -F, 'END { printf "%.4f\n", $5 }'
nadir fit pi.csv 'z ~ linear(x*pi)' -q -o pi.json && nadir predict pi.json pi.csv | awk -F, 'END { printf "%.4f\n", $5 }'
# two columns of one name
printf 'x,y,x\n0,1,10\n1,3,12\n2,5,9\n3,7,11\n' >twins.csv
run info twins.csv
nadir fit twins.csv 'y ~ linear(x)' -o line.json 2>&1 | sed -n '/warning/p; /^columns/p'
nadir fit twins.csv 'y ~ linear($3)' 2>&1 | sed -n '/warning/p; /^columns/p'
nadir predict line.json twins.csv -o twins.fits && nadir predict line.json twins.fits | cut -d, -f1-3 | head -n 1
# numbers in notations of people
printf 'x;y\n0,5;1,25\n1,5;3,75\n' >comma.csv
run fit comma.csv 'y ~ linear(x)'
printf '0,5 1,25\n1,5 2,5\n' >bare.txt
run info bare.txt
printf 'n,ra,day,q\n"1,000",12:30:00,2011-03-04,"1,5"\n"2,500",-05 10 11.5,2012-01-02T10:00,"0,25"\n' >notes.csv
run info notes.csv
# rulers around a table
printf '=== ===\n a   b\n=== ===\n 1   2\n=== ===\n' >drawn.txt
run info drawn.txt
# 0 among magnitudes, and 0 that is no sentinel
printf 'mag,k,share\n15.5,0,0\n0,5,0\n17.25,6,0.5\n0,0,1\n' | nadir info - 2>&1 | sed -n '/warning/p'
