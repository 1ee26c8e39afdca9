# Series of one parameter; value, plane and quadratic of several.
run taylor 'sin(x)' --at x=pi/4 --order 9 --radius 1
run taylor 'sin(x)' --at x=pi/4 --order 2 --latex
run taylor '(w1-1)^2 + 4*w2^2' --at w1=-1,w2=1 --radius 0.2
nadir taylor '(w1-1)^2 + 4*w2^2' --at w1=-1,w2=1 --radius 0.2 --json
# e/51! = 1.75e-66
run taylor 'exp(x)' --at x=0 --order 50 --radius 1 | sed -n '/^within/p'
run taylor 'log(x)' --at x=0
run taylor 'sin(x)' --at z=1
run taylor 'sin(x)'
run taylor 'sin(x)' --at x=1 --order -1
run taylor
