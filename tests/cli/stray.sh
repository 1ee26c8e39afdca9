# Words where numbers are meant, values that stand for missing, names and classes misspelt.
# a column that one cell makes text
printf 'x,y,s,z\n1,2,A,1\n3,fo\033ur,B,2\n5,6,A,5\n7,8,B,8\n' >word.csv
run info word.csv
for formula in 'y ~ linear(x)' 'x ~ linear(y)' 'x ~ a*y' 'x ~ linear(x..s)' 'x ~ linear(s)' 's ~ linear(y)'; do
  run fit word.csv "$formula"
done
nadir fit word.csv 'x ~ linear(*)' --json 2>&1 | sed -n '/^nadir/p; /"loss":/p'
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
