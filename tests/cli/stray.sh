# Words where numbers are meant, values that stand for missing, names and classes misspelt.
# a column that one cell makes text
printf 'x,y,s,z\n1,2,A,1\n3,fo\033ur,B,2\n5,6,A,5\n7,8,B,8\n' >word.csv
run info word.csv
for formula in 'y ~ linear(x)' 'x ~ linear(y)' 'x ~ a*y' 'x ~ linear(x..s)' 'x ~ linear(s)' 's ~ linear(y)'; do
  run fit word.csv "$formula"
done
nadir fit word.csv 'x ~ linear(*)' --json 2>&1 | sed -n '/^nadir/p; s/^  "loss": \(0\.2\)0000.*/loss \1/p'
nadir fit hubble1929.csv 'velocity ~ linear(distance)' -q -o model.json
printf 'distance,velocity\n1,2\n?,4\n5,6\n' >dash.csv
run predict model.json dash.csv
# names that need backquotes
printf 'u-g,y,g\n1,2,0\n3,4,1\n5,7,1\n6,8,0\n' >colour.csv
for formula in 'y ~ linear(u-g)' 'y ~ a*u - g' 'y ~ a*u*g' 'y ~ a*u/2 + `u-g`'; do
  run fit colour.csv "$formula" -q
done
nadir fit colour.csv 'y ~ a*u-g' --start u=1 -q --updates 1
echo "= $?"
# classes misspelt
cat >stars.csv <<'END'
x,cls,k
1,STAR,1
2,QSO,2
3,STAR,3
4,GALAXY,2
5,QSO,1
6,GALAXY,3
7,STAR,1
END
run info stars.csv --where 'cls == "STARR"' 2>&1 | head -n 2
nadir fit stars.csv 'k ~ linear(x)' --where 'cls != "quasar" and not cls == "Galaxy"' --json 2>&1 >/dev/null
nadir fit stars.csv 'k ~ linear(x, cls == "STARS")' --json 2>&1 >/dev/null | head -n 1
nadir fit stars.csv 'cls == "GALAXIE" ~ linear(x)' --json 2>&1 >/dev/null | head -n 1
nadir fit stars.csv 'cls == "STAR" ~ linear(x)' --l2 0.1 --where 'cls != "STAR" or k > 0' -o two.json --json 2>&1 >/dev/null
run score two.json stars.csv --where 'cls == "QSOO"' 2>&1
run predict two.json stars.csv --where 'cls == "STRA"' 2>&1
# classes that the model never saw
nadir fit stars.csv 'cls ~ linear(x)' --l2 0.1 --where 'cls != "GALAXY"' -o bare.json -q
sed -n '/"classes"/,/]/p' bare.json
{ cat stars.csv; echo '8, QSO ,2'; echo '9,COMET,1'; } >more.csv
run score bare.json more.csv --where 'x > 0' 2>&1
nadir fit stars.csv 'cls ~ softmax(2; x)' --l2 0.1 --where 'cls != "GALAXY"' -o soft.json -q
nadir score soft.json more.csv --where 'x > 0' 2>&1 | grep -e rows -e warning
# values that stand for missing: far, and more than once
awk -v OFS=, 'BEGIN {
  print "digit,score,mag,counts,both,once"
  for (i = 0; i < 80; i++) {
    odd = i % 20 == 0
    print i % 10, 60 + i % 40, odd ? -99 : 15 + i / 10, odd ? -9999 : 600 * i,
      odd ? (i % 40 ? -99 : 99) : i / 10, i == 0 ? -9999 : i
  }
}' >far.csv
nadir info far.csv 2>&1 | grep warning
nadir fit far.csv 'digit ~ linear(score, mag, once)' --json 2>&1 >/dev/null
nadir fit far.csv 'digit ~ linear(mag, counts)' --where 'mag > 0 and counts > 0' --json 2>&1 >/dev/null
nadir fit far.csv 'digit ~ linear(mag)' --null -99 --missing drop --json 2>&1 >/dev/null
# columns that are constant are told in one warning
awk -v OFS=, 'BEGIN {
  for (r = 0; r < 9; r++) {
    line = r ? r "," r * r % 7 : "x,y"
    for (c = 1; c <= 12; c++) line = line "," (r ? c : "k" c)
    print line
  }
}' >constant.csv
for scale in standard robust; do
  nadir fit constant.csv 'y ~ linear(k1..k12)' --no-intercept --scale $scale --updates 1 --json 2>&1 >/dev/null | grep scaled
  nadir fit constant.csv 'y ~ linear(x, k3)' --scale $scale --updates 1 --json 2>&1 >/dev/null | grep scaled
done
