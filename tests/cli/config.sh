# Every setting can be printed and read again; the command line goes before the file.
nadir fit -P --rate 0.25 --method adam --adam.beta1 0.8 --where 'x > 1' >settings.txt
echo "= $?"
grep '^\(rate\|method\|adam.beta1\|where\) = ' settings.txt
nadir fit -P --config settings.txt | cmp - settings.txt
echo "= $?"
nadir fit -P --config settings.txt --rate 0.5 | grep '^rate = '
printf '# a comment\n\nrate = 0.125\n' >some.txt
nadir minimize 'x^2' --start x=1 --config some.txt --updates 1 --json | fields rate

# Another value for each setting of each command: the file that -P prints makes the same -P.
cat >values.txt <<'END'
loss huber(1.5)
weight 1/(x + 1)
sigma sqrt(`a b`)
no-penalty a,b
start a=1,`b,c`=-2e-300
fix c=pi/4
tie b=2*a
bounds a=0:,`b,c`=-1:1e300
where $2 > 1 and class == "Q"
unit distance=Mpc
method adam
rate a=0.1,b=1e-17
schedule cosine
batch 32
memory 2G
updates inf
epochs 0
seconds 0.1
tol-gradient 1e-17
null -9,-99
delimiter blank
hdu EVENTS
rates 0.1,0.03
box x=-2:2,y=0:5
assume y in {-1,1}; x >= 0
data x,y
at x=pi/4,y=0
radius 0.3
accept limit,saddle
title a = b # c
missing drop
reduce sum
scale robust
shuffle draw
precision double
x-axis rows
log-x yes
log-y no
schedule.every 3
schedule.factor 0.3
schedule.length 7
schedule.floor 0.1
coordinates scaled
errors sandwich
intervals 0.683,0.95
data-covariance covariance.fits
scatter s
sigma-x x=0.1,`a b`=sqrt(e)
seed 18446744073709551615
fix c=2
tie b = 2*a
bounds rc=0:
class-weight balanced
folds 5
by night
fold-by night
path l1
path-values 20
min-period 0.3
max-period 7
oversampling 8
against frequency
x distance
x-label across
y-label up
x-range 0:5
y-range -1:1
reverse y
period 4.2
END
other() { # name = default -> name = another
  awk 'NR == FNR { value[$1] = substr($0, length($1) + 2); next }
    { name = $1; was = substr($0, length(name) + 4)
      if (name in value) now = value[name]
      else if (was == "false") now = "true"
      else if (was == 0) now = name ~ /^(threads|starts)$/ ? 3 : 0.5
      else if (name ~ /history|epochs|patience|parts|order/) now = was + 3
      else now = was == 0.5 ? 0.25 : name ~ /grow$/ ? was + 1 : was / 2
      print name " = " now }' values.txt -
}
for command in fit predict score minimize compare plot info convex taylor rate noise period; do
  nadir "$command" -P >default.txt
  other <default.txt >other.txt
  set --
  while IFS= read -r line; do set -- "$@" "--${line%% = *}=${line#* = }"; done <other.txt
  nadir "$command" -P "$@" >typed.txt
  nadir "$command" -P --config typed.txt | cmp - typed.txt && echo "$command: the same"
  nadir "$command" -P --config default.txt | cmp - default.txt
  paste -d '\n' default.txt typed.txt | awk 'NR % 2 { was = $0; next } $0 == was { print "not tried:", was }'
done

# Read or typed, printed or left at their defaults: the same run to the bit.
same_run() {
  nadir "$@" -P >all.txt
  command=$1 subject=$2 formula=
  case $3 in --*) ;; *) formula=$3 ;; esac
  nadir "$@" --json 2>/dev/null | grep -v '"seconds"' >typed.json
  nadir "$command" "$subject" ${formula:+"$formula"} --config all.txt --json 2>/dev/null | grep -v '"seconds"' >read.json
  [ -s typed.json ] && cmp typed.json read.json && echo "the same: $*"
}
same_run minimize '1e6*(x-1)^2 + (y-2)^2*1e-4' --method bb
same_run minimize '(1-x)^2 + 100*(y-x^2)^2' --method adam --adam.beta1 0.8
same_run minimize 'x^4 + y^2' --start x=1,y=1 --updates 7
same_run compare '(x-1)^2 + y^4' --start x=3,y=1 --updates 20
same_run fit hubble1929.csv 'velocity ~ linear(distance)' --method gd
same_run fit hubble1929.csv 'velocity ~ linear(distance)' --batch 1 --epochs 5
same_run fit hubble1929.csv 'velocity ~ linear(distance)' --missing drop --null -9 --scale none --method newton
same_run rate hubble1929.csv 'velocity ~ linear(distance)' --l2 0.1
same_run convex 'x^4 + y^2' --box x=-1:1,y=-1:1
same_run taylor 'sin(x)' --at x=pi/4 --order 5

# What a command does not use is told, as is what is no value; before anything is read.
printf 'l2 = 0.1\norder = 3\n' >order.txt
run fit no-such-file.csv 'y ~ x' --config order.txt
printf 'rate = abc\n' >rate.txt
run minimize 'x^2' -P --config rate.txt
run minimize 'x^2' -P --rate abc
run fit no-such-file.csv 'y ~ x' --where 'x > * 2'
printf 'where = x > * 2\n' >where.txt
run fit no-such-file.csv 'y ~ x' --config where.txt
printf 'adam.beat1 = 0.5\n' >adam.txt
run minimize 'x^2' -P --config adam.txt
printf 'learning-rate = 0.5\n' >synonym.txt
run minimize 'x^2' -P --config synonym.txt
run fit hubble1929.csv 'velocity ~ linear(distance)' --lr 0.1
run minimize 'x^2' --max-iter 5
run convex 'x^2' --lr 5

# A number is the user's, 0 and inf too: a limit that was typed ends with 0.
run minimize '(x-1)^2' --updates 0 -q
nadir minimize '(x-1)^2' --updates 0 --json 2>/dev/null | fields updates stop
nadir minimize '(x-1)^4' --method gd --rate 0.01 --updates inf --seconds 0.01 --json 2>/dev/null | fields stop
nadir minimize 'x^2' --start x=1 --method gd --rate 0.1 --tol-gradient 0.5 --json 2>/dev/null | fields stop updates

# The settings of a rule are in the model file and in the report, which tells what is not at its default.
nadir fit hubble1929.csv 'velocity ~ linear(distance)' --method adam --adam.beta1 0.8 --updates 9 -q -o m.json --report typed.html
grep -o '"adam.beta1": "0.8"' m.json
nadir predict m.json hubble1929.csv -o p.csv -q && echo 'predict reads it'
nadir fit -P --method adam --adam.beta1 0.8 --updates 9 >run.txt
nadir fit hubble1929.csv 'velocity ~ linear(distance)' --config run.txt -q --report read.html
for page in typed read; do sed -n '/Settings that were given/,/<\/table>/s/<[^>]*>/ /gp' $page.html >$page.rows; done
cmp typed.rows read.rows && cat typed.rows
