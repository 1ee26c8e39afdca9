# A wrong command line ends in exit 2 with one sentence, which names the nearest word.
fit() { run fit hubble1929.csv 'velocity ~ linear(distance)' "$@"; }
run
run fti
run xyzzy
run -q fit
run fit
run fit hubble1929.csv
run fit 'velocity ~ linear(distance)'
run fit 'velocity ~ linear(distance)' hubble1929.csv
run fit hubble1929.csv velocity
run predict model.json
run score
run minimize
run minimize 'x^2' 'y^2'
run compare
run compare 'velocity ~ distance'
run plot
run info
fit --mehtod gd
fit --frobnicate
fit --s 1
fit --method
fit --json=yes
fit --show-gradient
run score model.json hubble1929.csv -o x
fit --method adagard
fit --schedule constnat
fit --rate -1
fit --rate 0
fit --l2 -3
fit --epochs 1.5
fit --scale normal
fit --tol-gradient abc
fit --adam.beta1 2
fit --start c=1
fit --rate c=1
fit --batch none
fit --memory lots
fit --no-header=perhaps
run compare 'x^2' --method gd,adagard
run compare 'x^2' --seed 1,2,3,4,5,6,7,8,9,10,11 --updates 1,2,3,4,5,6,7,8,9,10
fit -o nowhere/model.json
fit --plot .
fit --trace ''
