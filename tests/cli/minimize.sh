# Formulas: also those that begin with a minus, and those that look like an option.
steady minimize '(x-1)^2 + 3*(y+2)^2'
steady minimize '-exp(-x^2)' --start x=0.4 | tail -n 2
steady minimize '-o^2' --start o=1 | sed -n '2p;$p'
steady minimize --method newton --start x=-1.2,y=1 -- '100*(y-x^2)^2 + (1-x)^2' | sed '/^descent/d;/^value/d'
nadir minimize '(x-1)^2 +
	2*(y-2)^2' | sed -n 1p
nadir minimize '100*(y-x^2)^2 + (1-x)^2' --start x=-1.2,y=1 --method newton -q
echo "= $?"
run minimize 'x^4' | sed -n '/^point/,$p'
run minimize '-x^2' | sed -n '/^point/,$p'
run minimize 'x*y' --start x=1,y=-1 --updates 50 | tail -n 2
run minimize 'exp(x)' -q
run minimize '(x-1)^2*log(y) + y' --show-gradient
run minimize 'sqrt(alpha) + x_1^2/2' --show-gradient --latex
