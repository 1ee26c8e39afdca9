# Wrong formulas, tables, models and paths: exit 2, one sentence, the place, the nearest name.
fit() { run fit hubble1929.csv "$@"; }
fit 'velocity ~ linear(distanse)'
fit 'velocty ~ linear(distance)'
fit 'velocity ~ linear(distance'
fit 'velocity ~ sinn(distance)'
fit 'velocity ~ linear(nebula)'
fit 'velocity ~ a*Distance'
fit 'velocity ~ linear'
fit 'velocity ~ '
fit 'velocity ~ linear(distance)' --where 'distanc > 1'
fit 'velocity ~ linear(distance)' --sigma 0*distance
fit 'velocity ~ linear(distance)' --sigma -1*distance --scatter s
fit 'velocity ~ linear(distance)' --where 'distance > 9'
fit 'velocity ~ linear(distance)' --unit distnce=Mpc
run minimize '(x-1^2'
run minimize '3'
run minimize 'x $ 2'
run minimize 'sqrt(x)' --start x=-1
nadir minimize "$(printf 'x\033[31m')"
echo "= $?"
run fit missing.csv 'y ~ x'
run fit . 'y ~ x'
run fit hubble1929.csv 'velocity ~ linear(distance)' --config missing.txt
printf 'rate = 0.1\nmehtod = gd\n' >wrong.txt
run fit hubble1929.csv 'velocity ~ linear(distance)' --config wrong.txt
printf 'x,y\n1,2\n3,four\n5,6\n7,8\n' >word.csv
run fit word.csv 'y ~ linear(x)'
printf 'x,y\n1,2\n3\n5,6\n' >ragged.csv
run fit ragged.csv 'y ~ linear(x)'
printf 'x,y\n1,2\n3,\n5,6\n7,9\n' >gap.csv
run fit gap.csv 'y ~ linear(x)'
printf 'x,y\n1,2\n' >one.csv
printf 'x,z\n1,2\n' >two.csv
run fit one.csv two.csv 'y ~ linear(x)'
: >empty.csv
run fit empty.csv 'y ~ linear(x)'
printf 'SIMPLE  =                    T' >damaged.fits
run info damaged.fits
run score hubble1929.csv hubble1929.csv
printf '{"format": 1}\n' >wrong.json
run predict wrong.json hubble1929.csv
run score missing.json hubble1929.csv
run plot hubble1929.csv
run plot missing.csv
nadir minimize '(x-1)^2' --trace t.csv -q
run plot t.csv -o picture.jpg
run plot t.csv --label a,b
# a small problem needs little memory; the sanitizers take their own
room=$(nm -D "$nadir" 2>/dev/null | grep -q __asan && echo unlimited || echo 100000)
sh -c "ulimit -v $room; exec \"\$nadir\" minimize '(x-1)^2' --start x=3 --method newton -q" >/dev/null 2>&1
expect "little memory is enough for a small problem" [ $? = 0 ]
# the caret is under the text that the sentence is about, also where the model has a name too
for setting in '--sigma=2*a*ex' '--weight=3*b+zz' '--weight=3*' '--where=distance > b' '--where=b = 3' '--loss=(y-f)^2/b' '--loss=(y-f' \
  '--sigma=distance*linear(b)' "--sigma=a == 'QSO'"; do
  run fit hubble1929.csv 'velocity ~ a*distance + b' "$setting"
done
run taylor 'x*pi' --at 'x=pi/'
run convex 'x*log(x) + y^2' --assume 'x > 0; y in [0,'
run convex 'x*log(x) + y^2' --assume 'x >; y > 2'
run rate 'x^4 + y^2' --box 'x=1:2,y=3'
printf '<VOTABLE version="1.3">' >stars.vot
run info stars.vot
run fit hubble1929.csv 'velocity ~ linear(distance)' --parts 2
run fit hubble1929.csv 'velocity ~ linear(distance)' --parts 2 --batch 4 --method svrg
