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
