#!/bin/sh
# docs/json.md against what is printed: every key of every command is on the page, each key of the page is
# printed by one of the commands below, and none that is never null, by the page, is null in any of them.
#   json.sh SOURCE NADIR
set -u
source=$(realpath "$1") nadir=$(realpath "$2")
page=$source/docs/json.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$source/examples/data/hubble1929.csv" "$source"/tests/cases/inputs/*.csv "$work/"
cd "$work" || exit 1
wrong=0
not_so() {
  echo "json: $*"
  wrong=1
}

# A table of 1,050 columns, for which rate goes by products; and one of three classes.
awk 'BEGIN {
  printf "y"; for (j = 1; j <= 1050; j++) printf ",x%d", j; print ""
  for (i = 1; i <= 30; i++) { printf "%d", i % 2; for (j = 1; j <= 1050; j++) printf ",%g", sin(i * j); print "" }
}' >wide.csv
awk 'BEGIN { print "class,x"; for (i = 0; i < 60; i++) print substr("abc", i % 3 + 1, 1) "," i % 3 + sin(i) }' >three.csv
awk 'BEGIN { print "y,x"; for (i = 0; i < 270000; i++) print (i * 7919 % 1009 < 500) "," i % 97 }' >many.csv
line='velocity ~ linear(distance)'
far='velocity > 300 ~ linear(distance)'
"$nadir" fit hubble1929.csv "$line" -q -o line.json
"$nadir" fit hubble1929.csv "$far" --l2 0.01 -q -o far.json
"$nadir" fit three.csv 'class ~ softmax(3; x)' --l2 0.01 -q -o three.json

# section SECTION: what is printed from here on belongs to it
section() { name=$1 && : >"$work/$name.keys"; }
ask() {
  "$nadir" "$@" --json >out.json 2>err.txt
  [ -s out.json ] || not_so "nadir $* printed nothing: $(cat err.txt)"
  awk -v free='^(updates_needed|updates_known|fold_means|precision|recall|f1|auc_by_class|roc_by_class|.*constants)$' -f "$source/tests/docs/keys.awk" out.json |
    sed -e 's/^not_con[a-z]*\./witness./' -e 's/PARAMETER/*/' >>"$name.keys"
}

section 'fit, minimize, compare'
ask fit hubble1929.csv "$line" --validate 0.2 --where 'velocity > 0'
ask fit hubble1929.csv "$far" --l2 0.01
ask fit many.csv 'y == 1 ~ linear(x)'
ask fit three.csv 'class ~ softmax(3; x)' --l2 0.01
ask fit hubble1929.csv 'velocity ~ H0*distance^k' --start H0=400,k=1 --intervals 0.95
ask fit hubble1929.csv 'velocity ~ b + a*distance^k' --start a=400,k=1 --sigma 200+0*distance --intervals 0.99
ask fit k01_collinear.csv 'y ~ linear(a,b2)'
ask fit jd.csv 'y ~ a + b*x'
ask fit hubble1929.csv "$line" --folds 3
ask fit hubble1929.csv "$far" --l2 0.01 --folds 3
ask fit hubble1929.csv "$line" --path l1 --path-values 3
ask minimize 'x^4 - 2*x^2 + 0.3*x' --starts 5 --box x=-2:2
ask fit hubble1929.csv 'velocity ~ a*distance^k + b + c' --fix b=0 --tie c=2*a --bounds a=0:300 --sigma 200+0*distance --starts 3
awk 'BEGIN { print "t,v"; for (i = 0; i < 60; i++) print i * 1.37 % 23 "," 3 + sin(i * 1.37 % 23 * 2) + i % 7 / 20 }' >wave.csv
ask fit wave.csv 'v ~ c + a*sin(2*pi*t/P + f)'
ask fit wave.csv 'v ~ c + a*sin(2*pi*t/P + f)' --sigma 0.1+0*t
ask minimize 'log(x) + exp(x)' --start x=1
ask minimize 'x' --updates 3
ask compare '(x - 1)^2' --rate 0.1,1.1 --updates 3
section 'fit --by'
ask fit three.csv 'x ~ PARAMETER*1' --by class
ask fit three.csv 'x ~ PARAMETER*1' --by class --sigma 0.5+0*x
ask fit three.csv 'x ~ PARAMETER*1' --by class --intervals 0.5
section convex
ask convex 'x^2 + abs(x)'
ask convex 'k*x^3' --data k
ask convex '-x^2'
section taylor
ask taylor 'sin(x)' --at x=pi/4 --order 3 --radius 1
ask taylor '(x - 1)^2 + 4*y^2' --at x=-1,y=1
section rate
ask rate 'x^2 + 10*y^2' --box x=-1:1,y=-1:1
ask rate hubble1929.csv "$line"
ask rate wide.csv 'y ~ linear(x1..x1050)' --loss logistic
section noise
ask noise hubble1929.csv "$line" --rates 0.1,0.03 --batch 1
section period
awk 'BEGIN { print "t,y"; for (i = 0; i < 60; i++) print i + i % 2 / 50 + i % 7 % 3 / 20 "," (i % 7) + i % 3 }' >turns.csv
ask period turns.csv 'y ~ t' --min-period 1.1
ask period turns.csv 'y ~ t' --sigma 1
section score
ask score line.json hubble1929.csv
ask score far.json hubble1929.csv
ask score three.json three.csv
section info
ask info hubble1929.csv
section limits
ask limits

# The keys of the page: section, key, what is said of null.
awk -F ' *[|] *' '
  /^## / { section = substr($0, 4) }
  $2 ~ /^`/ { key = $2; gsub(/`/, "", key); print section "\t" key "\t" $(NF - 1) }' "$page" >page.tsv
for keys in *.keys; do
  section=${keys%.keys}
  sed 's/ null$//' "$keys" | sort -u >printed
  awk -F '\t' -v s="$section" '$1 == s { print $2 }' page.tsv | sort -u >said
  awk -F '\t' -v s="$section" '$1 == s && $3 == "never" { print $2 }' page.tsv | sort -u >never
  sed -n 's/ null$//p' "$keys" | sort -u >null
  for key in $(comm -23 printed said); do not_so "$section: $key is printed and is not on the page"; done
  for key in $(comm -13 printed said); do not_so "$section: $key is on the page and nothing prints it"; done
  for key in $(comm -12 never null); do not_so "$section: $key is never null, says the page, and is"; done
done
cut -f1 page.tsv | sort -u >said
for keys in *.keys; do echo "${keys%.keys}"; done | sort >printed
cmp -s said printed || not_so "the page has other sections than are tried here"
exit "$wrong"
