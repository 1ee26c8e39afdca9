# Parameters that are fixed, tied and bounded: the table of parameters, the point, the gap, JSON, the model file.
run fit hubble1929.csv 'velocity ~ a*distance + b' --fix b=0 | sed -n '/^parameter/,/^$/p'
run fit hubble1929.csv 'velocity ~ a*distance + b' --tie 'b = a/10' | sed -n '/^parameter/,/^$/p'
run fit hubble1929.csv 'velocity ~ linear(distance)' --fix 'w[distance]=500' | sed -n '/^parameter/,/^$/p'
run fit hubble1929.csv 'velocity ~ linear(distance)' --bounds 'w[distance]=:400' | sed -n '/^parameter/,$p'
run minimize '(x-1)^2 + (y-2*x)^2' --bounds x=2:,y=:3 | sed -n '/^parameter/,$p'
nadir minimize '(x-1)^2 + (y-x)^2 + z' --bounds x=2: --fix z=1 --tie y=2*x --json | sed -n '/"parameters"/,/^  \]/p'
nadir fit hubble1929.csv 'velocity ~ a*distance + b' --fix b=0 --bounds a=0:400 -o model.json -q
grep -o '"\(fix\|tie\|bounds\)": "[^"]*"' model.json
nadir predict model.json hubble1929.csv -o - | sed -n '2p'
nadir fit hubble1929.csv 'velocity ~ a*distance^k' --sigma 'distance*0+100' --starts 8 --bounds k=0.5:2 --box a=1:1000 |
  sed -n '/^parameter/,/^$/p;/distinct/,/^$/p'
# contours, pages and curvature are those of what is left
nadir minimize '(x-1)^2 + (y-2)^2 + x*z' --fix z=1 --contour contour.gp --report page.html -q
sed -n "s/^set label \('[a-z]*'\) at.*/\1/p" contour.gp
grep -c '<svg' page.html
nadir rate 'x^2 + 100*y^2' --fix y=1 --box x=-1:1 | head -n 3
run minimize '(x-1)^2' --fix x=2
run minimize '(x-1)^2' --fix y=2
run minimize '(x-1)^2' --bounds y=2:
run minimize '(x-1)^2' --bounds x=2:1
run minimize '(x-1)^2' --bounds x=2: --start x=1
run minimize '(x-1)^2' --starts 3 --box x=0:1 --bounds x=2:
run minimize '(x-1)^2 + y' --tie x=2*y,y=x
