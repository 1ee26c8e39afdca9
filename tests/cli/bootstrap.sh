# Rows drawn again, where nothing else gives errors; and a scatter that sigma does not explain.
awk 'BEGIN { print "x,y,e"; for (i = 0; i < 30; i++) { u = sin(1 + 7*i + 3.1*i*i)
  printf "%.1f,%.4f,%.2f\n", i/10, 1 + 0.2*i + u, 0.1 + 0.1*(i % 3) } }' >rows.csv
worth() { nadir "$@" 2>&1 | sed -n '/^parameter/,/^point/p' | grep -v '^final\|^condition\|^point'; }
worth fit rows.csv 'y ~ linear(x)' --errors 'bootstrap(200)' --intervals 0.683,0.95
worth fit rows.csv 'y ~ linear(x)' --errors 'bootstrap(200)' --seed 1
worth fit rows.csv 'y ~ linear(x)' --l1 0.05 --errors 'bootstrap(100)'
worth fit rows.csv 'y ~ linear(x)' --loss absolute --errors 'bootstrap(100)'
for threads in 1 3; do
  nadir fit rows.csv 'y > 4 ~ linear(x)' --class-weight balanced --l2 0.01 --errors 'bootstrap(50)' --threads $threads --json |
    fields by refits refits_failed standard_error
done
# the curve of a prediction has errors from it too
nadir fit rows.csv 'y ~ linear(x)' --errors 'bootstrap(200)' -q -o line.json
nadir predict line.json rows.csv -q | head -n 2 | cut -d , -f 4-
for wrong in 'bootstrap' 'bootstrap(1)' 'bootstrap(2.5)' 'bootstrap(9' 'bootstrap(9)x' 'bootstrap()'; do
  run fit rows.csv 'y ~ linear(x)' --errors "$wrong"
done
worth fit rows.csv 'y ~ a + b*x' --sigma e --scatter s --intervals 0.683
worth fit rows.csv 'y ~ linear(x)' --sigma 5*e --scatter s
# intervals that there are not say why
worth fit rows.csv 'y ~ linear(x)' --loss 'huber(0.05)' --intervals 0.683 | grep -A1 ^intervals
worth fit rows.csv 'y ~ linear(x)' --errors none --intervals 0.683 | grep ^intervals
nadir fit rows.csv 'y ~ a + b*x' --sigma e --scatter s -q -o line.json
grep -o '"scatter": *"[^"]*"' line.json
nadir predict line.json rows.csv -q | head -n 2 | cut -d , -f 4-
run fit rows.csv 'y ~ a + b*x' --scatter x
run fit rows.csv 'y ~ a + b*x' --scatter s --loss absolute
run fit rows.csv 'y ~ a + b*x' --scatter s --fix s=1
