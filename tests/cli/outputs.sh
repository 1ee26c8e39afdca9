# No output replaces another, or what is read, in whatever way the two are written; nothing is written when one is
# refused.
fit="fit hubble1929.csv velocity~linear(distance) -q"
# shellcheck disable=SC2086
refused() { run $fit "$@"; }
mkdir sub there
ln -s sub link
ln -s there/far.json dangling.json
refused -o q.json --trace ./q.json
refused -o sub/q.json --trace link/q.json
refused -o "$PWD/q.json" --trace q.json 2>&1 | sed "s|$PWD|HERE|g"
refused -o sub/../q.json --trace q.json
refused -o dangling.json --trace there/far.json
: >here.json
ln here.json hard.json
ln -s here.json soft.json
refused -o here.json --trace hard.json
refused -o soft.json --trace here.json
expect "no model and no trace is there" [ -z "$(find . -name q.json -o -name far.json)$(cat here.json)" ]
# what is read
cp hubble1929.csv before.csv
ln hubble1929.csv hard.csv
ln -s hubble1929.csv soft.csv
refused --trace soft.csv
refused --trace hard.csv
refused --trace ./hubble1929.csv
printf 'updates = 3\n' >set.conf
refused --config set.conf --trace ./set.conf
# shellcheck disable=SC2086
nadir $fit -o model.json
ln -s model.json soft-model.json
run predict model.json hubble1929.csv -o soft.csv
run predict model.json hubble1929.csv -o soft-model.json
nadir minimize 'x^2' --start x=1 -q --trace trace.csv
ln -s trace.csv picture.svg
run plot trace.csv -o picture.svg
nadir fit - 'velocity ~ linear(distance)' -q --trace hubble1929.csv <hubble1929.csv
echo "= $?"
expect "the table is as it was" cmp hubble1929.csv before.csv
# the traces of compare, under the names that they will have
ln -s hubble1929.csv t-2.csv
run compare hubble1929.csv 'velocity ~ linear(distance)' --rate 0.1,0.2 --trace t.csv
rm t-2.csv
ln -s p-1.svg contour.svg
run compare 'x^2+y^2' --rate 0.1,0.2 --updates 2 --trace p.svg --contour contour.svg
expect "no trace is there" [ ! -e p-1.svg ]
# a formula is not a file; devices and pipes take what they are given
printf 'keep' >x
nadir minimize 'x' --start x=1 --updates 1 -q --trace x
echo "= $?"
expect "a file named like the formula is an output like others" grep -q '^update,' x
refused -o /dev/null --trace /dev/null
# standard output takes one thing, by whatever name
run fit hubble1929.csv 'velocity ~ linear(distance)' --json --trace /dev/stdout | cat
run fit hubble1929.csv 'velocity ~ linear(distance)' -o - --trace /dev/stdout | cat
nadir minimize 'x^2' --start x=1 --json --trace same.csv >same.csv 2>err.txt
echo "= $? $(cat err.txt)"
nadir minimize 'x^2' --start x=1 --updates 1 -q --trace /dev/stdout | head -n 1 | cut -c 1-16
# files are plain: a name that says otherwise is refused before the run
for name in x.fits.gz x.fits.fz x.csv.GZ x.csv.bz2 x.csv.zst; do run predict model.json hubble1929.csv -o $name; done
refused -o x.json.gz
refused --trace x.csv.gz
refused --plot x.svg.gz
refused --report x.html.zip
run compare 'x^2' --rate 0.1,0.2 --trace x.csv.gz
expect "none is there" [ -z "$(find . -name 'x.*')" ]
mkdir d.gz
refused --trace d.gz/t.csv
