# Physical constants and the formulas that have a name.
run help constants
run help 'no such thing'
run help fit now
nadir help formulas | sed -n 's/^  \(voigt\|gauss\|lorentz\|sersic\|planck\|fold\).*/\1/p'
nadir help limits | head -n 1
run taylor 'planck(100*const.c*x, T)*1e20' --at x=5.35,T=2.725
run minimize '(const.cc - x)^2'
run convex 'x^2 + const.G*x const.G'
printf 'const.c,y\n1,2\n2,4\n3,6\n' >t.csv
nadir fit t.csv 'y ~ a*`const.c`' -q --json | grep -A 2 '"name"'
# Wien's law, from where Planck's is largest
nadir minimize 'log(planck(1e11*x, 5772))*(-1)' --start x=3000 --json | sed -n '/"name": "x"/{n;s/\(\.[0-9]\{4\}\).*/\1/;p}'
# the profiles have the proofs of what they are written out as
run convex '-gauss(x, 0, 1)' --box x=-1:1
# a quoted text as a number
nadir minimize '(x - jd("2026-11-29T12:00:00"))^2' --start x=2461000 --json | sed -n '/"name": "x"/{n;p;}'
run minimize '(x - dms("-05:23:28"))^2' --show-gradient
run minimize '(x - hms(3))^2'
run minimize '(x - hms("12:60:00"))^2'
