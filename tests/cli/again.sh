# The command in a model file makes the same file again, except for the date.
mkdir bin && ln -s "$nadir" bin/nadir
again() {
  nadir fit "$@" -q -o first.json
  command=$(nadir_command first.json)
  echo "$command"
  SOURCE_DATE_EPOCH=86400 PATH="$PWD/bin:$PATH" sh -c "$command -q -o second.json"
  diff first.json second.json | grep '^[<>]' | grep -v '"date"\|"checksum"'
  grep '"date"' second.json | tr -d ' '
}
nadir_command() { sed -n 's/^ *"command": "\(.*\)",*$/\1/p' "$1" | sed 's/\\"/"/g; s/\\\\/\\/g'; }
again hubble1929.csv 'velocity ~ linear(distance)'
again hubble1929.csv 'velocity ~ H0*distance^k' --loss 'huber(100)' --missing drop
again hubble1929.csv 'velocity ~ H0*distance^k' --starts 5 --seed 3
again hubble1929.csv 'velocity ~ A*sin(W*distance) + B' --starts 20 --seed 3 --box W=1:9,A=0:900,B=0:900
again hubble1929.csv 'velocity ~ linear(distance)' --method adam --batch 4 --epochs 2 --seed 9 --adam.beta1 0.8
cp hubble1929.csv "it's a table.csv"
again "it's a table.csv" 'velocity ~ linear(distance, distance*(distance > 1))' --where 'distance < 1.9 and velocity > -200'
again hubble1929.csv 'velocity ~ a*distance + `b c`' --start 'a=1,`b c`=2' --bounds 'a=0:'
nadir fit hubble1929.csv -q -o dash.json -- '-velocity ~ linear(distance)' && nadir_command dash.json
# of standard input, which cannot be read again
nadir fit - 'velocity ~ linear(distance)' -q -o pipe.json <hubble1929.csv && nadir_command pipe.json
# and in the header of predictions
nadir predict first.json hubble1929.csv -o out.fits && fold -w 80 out.fits | grep -a '^HISTORY\|^DATE\|^ESO' | sed 's/ *$//'
nadir info out.fits | head -n 1
# an older file has none, and is read
sed '/"command":/d; s/,$/&/; s/"format_version": 3/"format_version": 1/; /"checksum"/d' first.json | sed 's/"hash": \(.*\),/"hash": \1/; /"date":/d' | awk '{ line[NR] = $0 } END { for (i = 1; i <= NR; i++) { if (line[i] ~ /"hash"/) sub(/,$/, "", line[i]); if (i == NR - 1) sub(/,$/, "", line[i]); print line[i] } }' >old.json
nadir predict old.json hubble1929.csv -o old.fits && fold -w 80 old.fits | grep -a '^HISTORY' | sed 's/ *$//'
# of fits by group, in the header of their table and in JSON: the same table again
awk -F, '!/^#/ { print (/^neb/ ? "g" : NR % 2 ? "odd" : "even") "," $2 "," $3 }' hubble1929.csv >halves.csv
nadir fit halves.csv 'velocity ~ linear(distance)' --by g -q -o first.fits
fold -w 80 first.fits | grep -a '^HISTORY' | sed 's/ *$//'
nadir fit halves.csv 'velocity ~ linear(distance)' --by g --json | grep '"command_line"\|"digest"\|"date"'
command=$(fold -w 80 first.fits | sed -n 's/ *$//; s/^HISTORY by //p')
PATH="$PWD/bin:$PATH" sh -c "$command -q -o second.fits"
cmp first.fits second.fits && echo same
# of a minimisation, with the start that was used
nadir minimize 'cos(x) + x^2/50' --starts 4 --seed 3 --json >one.json
grep '"command_line"\|"date"' one.json
PATH="$PWD/bin:$PATH" sh -c "$(sed -n 's/^ *"command_line": "\(.*\)",*$/\1/p' one.json) --json" >two.json
values() { sed -n '/"parameters"/,/\]/p' "$1" | grep '"value"'; }
[ "$(values one.json)" = "$(values two.json)" ] && values two.json
nadir minimize 'cos(x) + x^2/50' --starts 4 --seed 3 -q --report page.html
grep -o 'nadir minimize [^<]*' page.html
