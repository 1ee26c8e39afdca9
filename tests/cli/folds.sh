# Folds, the path of a penalty, weights of classes, the validation loss in the trace.
awk 'BEGIN { print "a,b,c,d,y,g"
  for (i = 1; i <= 40; i++) {
    a = i * 7 % 41 / 10; b = i * 11 % 41 / 10; c = i * 17 % 41 / 10; d = i * 29 % 41 / 10
    printf "%.17g,%.17g,%.17g,%.17g,%.17g,g%d\n", a, b, c, d, 3 * a - 2 * b + 0.5 * c + i * 23 % 37 / 9, i % 5 } }' >path.csv
# what a fit says of folds and paths
about() { nadir fit "$@" | sed -n '/^fold /,/^$/p; /^over the folds/,/^$/p; /^path of/,/^$/p; $p'; echo "= $?"; }
about path.csv 'y ~ linear(a,b,c,d)' --folds 4
about path.csv 'y ~ linear(a,b,c,d)' --path l1 --path-values 20 --folds 5 --fold-by g --plot-path path.gp
grep -e "label '" -e "title '" path.gp | sed 's/ at .*//'
about path.csv 'y ~ linear(a,b,c,d)' --path l2 --path-values 4 --l2 0.3
awk 'BEGIN { print "x,z,kind"
  for (i = 0; i < 60; i++) {
    x = (i * 37) % 60; z = (i * 17) % 60
    print x / 10 "," z / 10 "," (i % 20 == 7 ? "rare" : x + z / 2 + (i * 11) % 30 > 55 ? "qso" : "star") } }' >kinds.csv
about kinds.csv 'kind ~ softmax(3; x, z)' --l2 0.01 --folds 3
nadir fit kinds.csv 'kind ~ softmax(3; x, z)' --l2 0.01 --folds 3 --json | awk '/"folds"/, /\]/' | head -n 30
nadir fit path.csv 'y ~ linear(a,b,c,d)' --path l1 --path-values 2 --folds 2 --json | sed -n '/"path_/p'
# one fold has all the weight
awk 'BEGIN { print "x,y,w,g"; for (i = 0; i < 12; i++) print i "," 2 * i + i % 2 "," (i % 3 == 0) "," substr("abc", i % 3 + 1, 1) }' >weights.csv
about weights.csv 'y ~ linear(x)' --weight w --folds 3 --fold-by g
run fit path.csv 'y ~ linear(a,b)' --plot-path path.gp
run fit path.csv 'y ~ linear(a,b)' --fold-by g
run fit path.csv 'y ~ linear(a,b)' --folds 6 --fold-by g
run fit path.csv 'y ~ linear(a,b)' --folds 1001
run fit path.csv 'y ~ linear(a,b)' --class-weight heavy
# weights of classes are kept in the model's file
nadir fit kinds.csv 'kind == "rare" ~ linear(x, z)' --class-weight balanced -o rare.json | sed -n '/^parameter/,/^$/p; /^final/p; /^errors/p'
sed -n '/class-weight/p; /class_weights/,/\]/p' rare.json
# those that are given by name
nadir fit kinds.csv 'kind ~ softmax(3; x, z)' --class-weight rare=4,star=0.5 --l2 0.01 -o named.json | sed -n '/^errors/p'
sed -n '/class-weight/p; /class_weights/,/\]/p' named.json
run fit kinds.csv 'kind ~ softmax(3; x, z)' --class-weight rar=4
run fit kinds.csv 'kind ~ softmax(3; x, z)' --class-weight rare=0
nadir score rare.json kinds.csv | grep -e '^loss' -e '^balanced'
nadir fit kinds.csv 'kind == "rare" ~ linear(x, z)' -o plain.json -q
grep -c class.weight plain.json
# the trace has the validation loss last, and only with --validate
nadir fit hubble1929.csv 'velocity ~ linear(distance)' --method gd --rate 0.1 --validate 0.3 --trace with.csv --plot with.gp -q
nadir fit hubble1929.csv 'velocity ~ linear(distance)' --method gd --rate 0.1 --trace without.csv --plot without.gp -q
head -n 1 with.csv | sed 's/.*,//'
head -n 1 without.csv | sed 's/.*,//'
grep -c 'validation loss' with.gp without.gp
nadir fit hubble1929.csv 'velocity ~ linear(distance)' --batch 6 --epochs 3 --validate 0.3 --trace batches.csv -q
cut -d , -f 1,17 batches.csv | sed 's/\.[0-9]*$//'
nadir plot with.csv without.csv -o both.gp
grep -o "title '[^']*'" both.gp
