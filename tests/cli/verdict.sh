# What a fit says of its objective: convex by the rules or with the ranges of the columns, not convex
# by a chord that anyone can look at, or not known.
verdict() { steady fit "$@" | sed -n '/^\$/p;/^convexity/,/^$/p' | sed '/^$/d'; }
awk 'BEGIN { print "x,y"; for (i = 0; i < 60; i++) { t = 1.3 * (i / 10 - 3) - 0.4
  print i / 10 - 3 "," 2 * (exp(t) - exp(-t)) / (exp(t) + exp(-t)) + 0.05 * (i % 3 - 1) } }' >step.csv
verdict step.csv 'y ~ a*tanh(b*x + c)' --start a=1,b=1,c=0
verdict step.csv 'y ~ a*tanh(b*x + c)' --start a=1,b=1,c=0 --l2 0.01 --l1 0.001 --where 'x > -2' --weight 'x^2'
# the witness is the objective's: the losses at p and q by --start
nadir fit step.csv 'y ~ a*tanh(b*x + c)' --start a=1,b=1,c=0 --json >step.json
python=$(tr -d ' \n' <step.json | sed 's/.*"witness":{"points":\[\[\([^]]*\)\],\[\([^]]*\)\]\],"weight":0.5,"values":{"p":\([^,]*\),"q":\([^,]*\),.*/\1 \2 \3 \4/')
# shellcheck disable=SC2086
set -- $python
for point in "$1=$3" "$2=$4"; do
  start=$(echo "${point%=*}" | awk -F, '{ print "a=" $1 ",b=" $2 ",c=" $3 }')
  nadir fit step.csv 'y ~ a*tanh(b*x + c)' --start "$start" --rate 1e-9 --updates 1 --trace at.csv -q
  awk -F, -v told="${point#*=}" 'NR == 2 { d = $5 - told; ok = d < 1e-12 && d > -1e-12 }
    END { print ok ? "ok: the loss at a point of the witness" : "NOT: the loss there" }' at.csv
done
# counts are at least 0, which -y log(f) needs; weights may be any column that is not negative
printf 'x,y\n0,1\n1,2\n2,6\n3,11\n4,17\n5,29\n' >counts.csv
verdict counts.csv 'y ~ a*x + b' --start a=1,b=1 --loss 'f - y*log(f)'
verdict counts.csv 'y ~ linear(x)' --loss 'exp(f) - y*f'
# shares between 0 and 1 make it convex, others do not
printf 'x,s\n-2,0\n-1,0.2\n0,0.5\n1,0.9\n2,1\n' >shares.csv
verdict shares.csv 's ~ linear(x)' --loss 's*exp(-f) + (1 - s)*exp(f)'
printf 'x,s\n-2,0\n-1,2.2\n0,-3.5\n1,0.9\n2,1\n' >shares.csv
verdict shares.csv 's ~ linear(x)' --loss 's*exp(-f) + (1 - s)*exp(f)'
# a robust loss that is not convex, over scaled features
verdict counts.csv 'y ~ linear(x)' --loss '(y-f)^2/(1 + (y-f)^2)' --start w[x]=5
# more rows than are enclosed are left open
awk 'BEGIN { print "x,y"; for (i = 0; i < 200000; i++) print i % 7 "," i % 5 }' >long.csv
verdict long.csv 'y ~ a*tanh(b*x)' --start a=1,b=1 --updates 2
# ends: kinks of several parameters by a proved gap, edges of the domain, valleys, what is no minimum
end_of() {
  echo "\$ nadir minimize $*"
  nadir minimize "$@" 2>/dev/null | awk '/^point/ { told = 1; print; next } told && /^ / { print; next } { told = 0 }'
}
end_of 'abs(x) + abs(y - 1)' --start x=0.7
end_of 'max(x + y, x - y, -x)' --start x=0.7,y=2
end_of 'sqrt(x) + (y - 1)^2' --start x=0.7,y=1
end_of 'log(x)' --start x=0.7
end_of '(x - 1)^2*(y - 1)^2' --start x=0.7
end_of '(x^2 + y^2)^2 - (x^2 + y^2)' --start x=0.7,y=0.3
end_of 'x^3 + 1' --start x=1e-4
end_of 'x^5 + (y - 2*x^2)^2' --start x=1,y=1.5
end_of 'exp(2000*(x - 1))' --start x=0.3
end_of '(x - 2)^2 + 0*sqrt(1 - x)' --start x=0.7
# from far up a wall: the fall so far makes no gap small
end_of 'cosh(x) + (y-1)^2' --start x=40,y=0 --method bb
end_of 'cosh(x) + (y-1)^2' --start x=40,y=0 --method gd --updates 36
# a and b have no values, c has one with its error; losses with kinks have a gap
printf 'x,y\n0,1\n1,3.5\n2,4\n3,7.5\n4,9\n' >line.csv
nadir fit line.csv 'y ~ a*b*x + c' --start a=1,b=1 2>/dev/null | grep -A 4 '^parameter'
nadir fit line.csv 'y ~ linear(x)' --loss absolute | sed -n '/^gap/s/at most .* above/at most SMALL above/p'
# kinks that no row comes near are none; one that a row is on decides nothing
kinks() { nadir fit kinks.csv "$@" --json 2>stderr.txt | fields point reason status | tr '\n' ' '; sed 's/^nadir: //' stderr.txt; echo; }
awk 'BEGIN { print "x,y"; for (i = 1; i <= 30; i++) printf "%d,%.6f\n", i, sqrt(3 * i + 5) + 0.01 * sin(i * i) }' >kinks.csv
kinks 'y ~ sqrt(abs(a*x + b))' --start a=1,b=1
kinks 'y ~ sqrt(max(a*x + b, 0))' --start a=1,b=1
kinks 'y ~ if(a*x + b > 0, sqrt(a*x + b), 0)' --start a=1,b=1
awk 'BEGIN { print "x,y"; for (i = -9; i <= 9; i++) print i "," (i ? 2 * (i < 0 ? -i : i) + 1 : -5) }' >kinks.csv
kinks 'y ~ a + b*abs(x - c)' --start a=0,b=1,c=0.3
