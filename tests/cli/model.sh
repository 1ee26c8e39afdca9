# Fit, save, predict and score.
nadir fit hubble1929.csv 'velocity ~ linear(distance)' -q -o model.json
echo "= $?"
nadir predict model.json hubble1929.csv | head -n 3 | sed 's/\([0-9]*\.[0-9][0-9][0-9]\)[0-9]*/\1/g'
run predict model.json hubble1929.csv -o out.csv
run predict model.json hubble1929.csv -o out.fits
run info out.fits
run score model.json hubble1929.csv
nadir score model.json out.fits --json | fields rows rmse r2 | rounded
printf 'x,class\n' >star.csv
i=0
while [ $i -lt 40 ]; do
  echo "$i,$([ $((i * 7 % 40)) -lt $i ] && echo star || echo galaxy)" >>star.csv
  i=$((i + 1))
done
nadir fit star.csv 'class == "star" ~ linear(x)' -q -o star.json
echo "= $?"
run score star.json star.csv
nadir predict star.json star.csv | head -n 2 | sed 's/\([0-9]*\.[0-9][0-9][0-9]\)[0-9]*/\1/g'
# an old output stays when the new one fails
cp out.csv before.csv
nadir predict model.json star.csv -o out.csv
echo "= $?"
cmp out.csv before.csv && ls out.csv*
# which class counts as 1 is said wherever a probability or a sign would not mean anything without
printf 'x,c,n,s,t\n-2,star,1,-1,T\n-1,qso,2,1,F\n0.1,star,1,-1,T\n1,qso,2,1,F\n2,qso,2,-1,T\n-1.5,star,1,1,F\n' >two.csv
classes() { nadir "$@" 2>&1 | grep -i -e '^classes' -e 'neither' -e 'note: classes' -e '"class_' -e '<th>classes'; }
classes fit two.csv 'c ~ linear(x)' -o two.json
classes fit two.csv 'c ~ linear(x)' --loss squared-hinge --l2 0.1
classes fit two.csv 'c == "star" ~ linear(x)'
classes fit two.csv 'n ~ linear(x)' --loss logistic
classes fit two.csv 'n == 2 ~ linear(x)'
classes fit two.csv 'n-1 ~ linear(x)' --loss logistic
classes fit two.csv 's ~ linear(x)' --loss logistic
classes fit two.csv 's ~ linear(x)' --loss hinge
classes fit two.csv 'n ~ softmax(2; x)' --l2 0.1 -o three.json
classes fit two.csv 'n ~ linear(x)'
classes fit two.csv 'c ~ linear(x)' --json
classes fit two.csv 'n ~ softmax(2; x)' --l2 0.1 --json
classes fit two.csv 'c ~ linear(x)' -q --report two.html
grep -c 'star counts as 1, qso as 0' two.html
classes score two.json two.csv
classes score two.json two.csv --json
classes predict two.json two.csv -o two.out.csv
classes predict three.json two.csv -o two.out.csv
classes predict two.json two.csv -o two.out.csv -q
classes compare two.csv 'c ~ linear(x)' --method gd,newton
# units pass from the tables of the fit, through the model file, into the header of the predictions
units() { nadir info "$1" | sed -n '/^name/,$p' | awk '{ print $1, $2, $3 }' | tr '\n' ';'; echo; }
fitted() { nadir fit "$@" 2>&1 | sed -n '/^parameter/,/^$/p; /^residuals/p' | grep . | tr -s ' '; }
printf '# %%ECSV 1.0\n# ---\n# datatype:\n# - {name: d, unit: Mpc}\n# - {name: v, unit: km / s}\nd v\n1 70\n2 150\n3 200\n4 300\n' >units.ecsv
fits=$SOURCE/examples/data/hubble1929.fits
for extra in --scale=standard --no-intercept '--scale=none --no-intercept' --loss=absolute; do
  # shellcheck disable=SC2086
  fitted "$fits" 'velocity ~ linear(distance)' $extra -o units.json
  nadir predict units.json "$fits" -o units.fits
  units units.fits
done
fitted "$fits" 'velocity ~ poly(distance, 2)' -o units.json
nadir predict units.json hubble1929.csv -o units.fits
units units.fits
fitted "$fits" 'velocity ~ h*distance' -o units.json
nadir predict units.json hubble1929.csv -o units.fits
units units.fits
fitted "$fits" 'log(velocity^2) ~ linear(distance)' -o units.json
nadir predict units.json "$fits" -o units.fits
units units.fits
fitted units.ecsv 'v ~ linear(d)' --no-intercept -o units.json
nadir predict units.json units.ecsv -o units.fits
units units.fits
fitted hubble1929.csv 'velocity ~ linear(distance)' --unit distance=Mpc,velocity=km/s --no-intercept -o units.json
nadir predict units.json hubble1929.csv -o units.fits
units units.fits
# a file of the format without a checksum is read, and said to have none; one byte of a sealed file is not
cp "$SOURCE/tests/data/model/format1.json" old.json
nadir score old.json hubble1929.csv --json 2>err.txt | fields rows rmse r2 | rounded
cat err.txt
nadir predict old.json hubble1929.csv 2>&1 >/dev/null
nadir predict old.json hubble1929.csv -q | tail -n 1 | cut -d , -f 1-4 | sed 's/\(\.[0-9][0-9]\)[0-9]*$/\1/'
sed 's/"value": 4/"value": 5/' model.json >edited.json
run score edited.json hubble1929.csv
sed 's/"loss"/"lost"/' old.json >edited.json
run score edited.json hubble1929.csv
