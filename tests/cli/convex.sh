# Convexity in the parameters: each rule of the lecture, the product as its warning, wrong questions.
verdict() { run convex "$@" 2>&1 | sed '/^domain/d'; }
verdict '3*x^2 - 2*x + 5'
verdict 'k*(3*x^2 - 2*x + 5)' --data k --assume 'k >= 0'
verdict 'norm2([w1, w2])'
verdict 'norm2([w1, w2])^2'
verdict 'norm1([w1, w2])'
verdict 'x^2 + abs(x)'
verdict 'max(x^2, 2*x, 2)'
verdict '(a*x + b)^2' --data a,b
verdict 'softplus((1 - 2*y)*(a*x + b))' --data x,y --assume 'y in {0,1}'
# a product: f(0) = 0, f(-1) = -1, and f(-1/2) = -1/8 is above the chord's -1/2
run convex 'x * x^2'
verdict 'x * x^2' --box x=0:5
verdict '-log(x) - log(1-x)'
verdict '2*x + 1'
# the same without the assumption is not so
nadir convex 'k*x^2' --data k --json | sed -n '/"convex":/p;/"constants": {/,/}/p'
run convex 'x^2' --latex
run convex 'x * x^2' --json | sed -n 's/^  "\([a-z_]*\)": .*/\1/p' | tr '\n' ' '
echo
nadir convex 'x^2 + abs(x)' --json | sed '/"proof"/,/\]/d'
# true, and not to be shown by what is there: an honest "not known" is exit 1
run convex 'cosh(x)*sqrt(1 + x^4)' --seconds 30 >unknown.txt
sed -n '2p;$p' unknown.txt
run convex 'x^2' --box z=0:1
run convex 'x' --assume 'q >= 0'
run convex 'x' --assume 'x >'
run convex 'a*x^2' --data a,q
run convex 'a*x^2' --data ' a , ' --assume 'a > 0' | sed -n 2p
run convex 'x^'
run convex 'x^2' --box x=2:1
run convex
run convex 'x^2' 'y^2'
# several conditions add up
run convex 'y*log(x/y)' --assume 'y > 0' --assume 'x > 0' | sed -n 2,3p
run convex 'a*x^2 + b*x^4' --data a,b --assume 'a > 0; b >= 0' | sed -n 2p
run convex 'a*x^2 + b*x^4' --data a,b --assume 'a > 0' --assume 'b >= 0' | sed -n 2p
# at a closed end of a constant's range the function is a constant; a width below 0 has no values
run convex 'x*x^c' --data c --assume 'c in [-3,-1]; x > 0' | sed -n 2p
run minimize 'huber(x, -1)' --start x=1 -q
