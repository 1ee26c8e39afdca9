# Standard errors of every kind, intervals, how well a fit fits: for people and for programs.
worth() { nadir "$@" 2>&1 | sed -n '/^parameter/,/^point/p' | grep -v '^final\|^condition\|^point'; }
grep -v '^#' "$SOURCE"/examples/data/hubble1929.csv >plain.csv
worth fit plain.csv 'velocity > 250 ~ linear(distance)' --intervals 0.683,0.95
worth fit plain.csv 'floor((velocity + 300)/100) ~ linear(distance)' --loss poisson
worth fit plain.csv 'velocity ~ linear(distance)' --loss 'huber(100)'
worth fit plain.csv 'velocity ~ linear(distance)' --errors sandwich
worth fit plain.csv 'velocity ~ linear(distance)' --errors none
# of three classes: the differences from the first
awk -F, 'NR == 1 { print "distance,kind"; next } { print $2 "," ($3 < 100 ? "slow" : $3 < 500 ? "middle" : "fast") }' plain.csv >kinds.csv
worth fit kinds.csv 'kind ~ softmax(3; distance)'
# MGH09 of NIST, whose two kinds of errors differ, and whose intervals are lopsided
awk '/^Data: *y/ { inside = 1; print "y,x"; next } inside && NF == 2 { print $1 "," $2 }' "$SOURCE"/tests/data/nist/MGH09.dat >mgh09.csv
mgh09='y ~ b1*(x^2 + x*b2)/(x^2 + x*b3 + b4)'
worth fit mgh09.csv "$mgh09" --start b1=0.19,b2=0.19,b3=0.12,b4=0.14 --intervals 0.683
worth fit mgh09.csv "$mgh09" --start b1=0.19,b2=0.19,b3=0.12,b4=0.14 --errors hessian
# a minimum that is not the lowest
awk 'BEGIN { print "t,y"; for (i = 0; i < 60; i++) { t = i*0.37; print t "," 2*sin(1.7*t) + 0.1*sin(57*i) } }' >wave.csv
worth fit wave.csv 'y ~ a*sin(w*t)' --start a=0.3,w=1.3 --intervals 0.95
# the standard error of the curve, in the table and in the picture
nadir fit plain.csv 'velocity ~ linear(distance)' -q -o line.json --plot-fit fit.gp
nadir predict line.json plain.csv -q | head -n 3 | cut -d , -f 4-
grep -c '68 % of the fit' fit.gp
nadir fit plain.csv 'velocity ~ linear(distance)' --errors none -q -o line.json --plot-fit fit.gp
nadir predict line.json plain.csv -q | head -n 2 | cut -d , -f 4-
grep -c '68 % of the fit' fit.gp
run fit plain.csv 'velocity ~ linear(distance)' --intervals 0.95,1
run fit plain.csv 'velocity ~ linear(distance)' --errors bootstrap
# what is not looked at is said, and the exit status is that of the point
uncertified() { nadir fit "$@" --no-certify 2>&1 | sed -n '/^parameter/,$p'; nadir fit "$@" --no-certify -q; echo "= $?"; }
uncertified plain.csv 'velocity > 250 ~ linear(distance)'
uncertified plain.csv 'velocity > 250 ~ linear(distance)' --precision single
uncertified plain.csv 'velocity ~ linear(distance)' --loss absolute
uncertified plain.csv 'velocity ~ linear(distance)' --method gd --rate 1e-3 --seconds 60 --updates 3
nadir fit plain.csv 'velocity > 250 ~ linear(distance)' --no-certify --json | fields standard_error convexity verdict optimum_gap condition raw
run fit plain.csv 'velocity ~ linear(distance)' --no-certify --errors sandwich
run fit plain.csv 'velocity ~ linear(distance)' --no-certify --intervals 0.95
