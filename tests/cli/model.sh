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
