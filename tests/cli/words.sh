# What is said of a run is what was done.
# a rate that was doubled or lowered on the way is not told as the one that it began with
told() { sed -n '/^rate/,/^descent/p' | sed '$d' | tr -s ' \n' ' '; echo; }
nadir minimize x --updates 5 --method gd --trace doubled.csv | told
cut -d, -f7 doubled.csv | tr '\n' ' '
echo
nadir minimize 'x^4 - x^2' --start x=0.01 --updates 40 --method gd | told
nadir minimize 'abs(x - 0.3) + y^2' --start x=5,y=1 --method gd --updates 40 | told
nadir minimize '(x-1)^2 + 10*y^4' --start x=3,y=1 --method bb --updates 20 | told
nadir minimize x --updates 5 --method gd --json | fields rate
# rows of a trace: NAME(t+1) = NAME(t) - rate[NAME] gradient[NAME](t), where that is the rule's step
for method in gd adagrad rmsprop bb backtracking newton-diagonal; do
  for formula in '100*(y - x^2)^2 + (1 - x)^2' 'x^4 - x^2 + y^2 + 1e-9*x' 'exp(x/7) + exp(-2*x) + abs(y)'; do
    nadir minimize "$formula" --start x=-1.2,y=1 --method $method --updates 50 --trace rows.csv -q 2>stderr.txt
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
      NR > 2 { for (n = 0; n < 2; n++) { name = n ? "x" : "y"; w = before[name] - $column["rate[" name "]"] * slope[name]
        off = w - $column[name]; size = (w < 0 ? -w : w) + (before[name] < 0 ? -before[name] : before[name])
        if (off > 1e-15 * size || -off > 1e-15 * size) bad++ } }
      { for (n = 0; n < 2; n++) { name = n ? "x" : "y"; before[name] = $column[name]; slope[name] = $column["gradient[" name "]"] } }
      END { if (bad || NR < 3) print "NOT: " bad + 0 " of " NR " rows" }' rows.csv | sed "s|^|$method, $formula: |"
  done
done
# what the rows do not determine has no value; what they do keeps its error
determined() { nadir fit "$@" 2>&1 | sed -n '/^nadir:/p;/^parameter/,/^$/p;/^residuals/p'; }
determined hubble1929.csv 'velocity ~ a*distance + b*distance + c'
printf 'x,x2,y\n1,2,3.1\n2,4,5.2\n3,6,6.9\n4,8,9.3\n5,10,10.8\n' >twice.csv
determined twice.csv 'y ~ linear(x, x2)'
determined twice.csv 'y ~ a*x + b + 0*d'
determined twice.csv 'y ~ a*b*x + c' --start a=1,b=1
nadir fit twice.csv 'y ~ linear(x, x2)' --json 2>stderr.txt | fields standard_error determined | sed 's/=0\.\(..\).*/=0.\1/'
# a column whose zero is far outside of its rows costs digits: told of which parameters, with the cure;
# not of a formula that would be another one with the cure, nor where the cure is there already
awk 'BEGIN { for (i = 0; i < 60; i++) { t = 2450000.5 + 13.7 * i + i % 7; e = sin(i * i)
  printf "%s%.1f,%.6f,%.6f\n", i ? "" : "jd,v,l\n", t, 20 + 30 * sin(6.283185307179586 * t / 41.3 + 1) + e, 5 + (t - 2450400) / 100 + e } }' >jd.csv
offset() { nadir fit jd.csv "$@" --json 2>stderr.txt | sed -n '/"offset": n/p; /"offset": {/,/^  }/p' | tr -d ' \n'; echo; grep 'the zero of' stderr.txt; }
offset 'v ~ g + K*sin(2*pi*jd/P + phi)' --start g=20,K=30,P=41.3,phi=1
offset 'v ~ g + K*sin(2*pi*(jd - 2450400)/P + phi)' --start g=20,K=30,P=41.3,phi=1
offset 'l ~ a + b*jd'
offset 'l ~ a + b*jd + c*jd^2'
offset 'l ~ a*jd + b*jd^2'
offset 'l ~ a + b*(jd - 2450000)'
offset 'l ~ b*jd'
offset 'l ~ linear(jd)'
nadir fit hubble1929.csv 'velocity ~ a + b*distance' --json | fields offset
nadir fit hubble1929.csv 'velocity ~ a + b*(distance + 1000)' 2>&1 | grep -c 'the zero'
# softmax is flat by its form, which is no fault of the rows; columns that depend on each other are
i=0
echo 'x,x2,c' >soft.csv
while [ $i -lt 30 ]; do echo "$((i * 7 % 11)),$((i * 7 % 11 * 2)),$((i * i * i % 5 % 3))"; i=$((i + 1)); done >>soft.csv
nadir fit soft.csv 'c ~ softmax(3; x)' 2>&1 | sed -n '/^nadir/p; /^classes/,/^method/p; /^minimum/p'
nadir fit soft.csv 'c ~ softmax(3; x, x2)' 2>&1 | sed -n '/^nadir/p; /^minimum/p'
