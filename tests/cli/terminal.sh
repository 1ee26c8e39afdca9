# On a terminal: a chart and colour, which NO_COLOR and TERM=dumb forbid; on none: neither.
command -v script >/dev/null || skip "there is no script, to make a terminal with"
fit="'$nadir' fit hubble1929.csv 'velocity ~ linear(distance)' --method adam"
terminal() { # environment, its assignments in one word
  env $1 script -qec "stty cols 72; $fit" /dev/null >screen.txt 2>&1 </dev/null
  tr -d '\r' <screen.txt >lines.txt
}
escape=$(printf '\033')
terminal 'TERM=xterm LC_ALL=C.UTF-8'
expect "braille where the codeset is UTF-8" grep -q "$(printf '\342[\240-\243]')" lines.txt
expect "colour" grep -q "$escape\[3" lines.txt
terminal 'TERM=xterm LC_ALL=C'
expect "ASCII elsewhere" [ "$(LC_ALL=C tr -d '\n -~\033' <lines.txt | wc -c)" = 0 ]
expect "a chart" grep -q 'updates' lines.txt
# where the run is slow its live line comes before, on a line of its own
expect "no line is wider than the terminal" [ "$(tr '\r' '\n' <screen.txt | sed "s/$escape\[[0-9]*[mK]//g" | awk 'length > 72' | wc -l)" = 0 ]
terminal 'TERM=xterm NO_COLOR=1'
expect "no colour with NO_COLOR" [ "$(grep -c "$escape" lines.txt)" = 0 ]
terminal 'TERM=dumb'
expect "no escapes on a dumb terminal" [ "$(grep -c "$escape" lines.txt)" = 0 ]
sh -c "$fit" >plain.txt 2>&1
expect "no chart where standard output is no terminal" [ "$(grep -c '^ .* updates' plain.txt)" = 0 ]
expect "no escapes there" [ "$(grep -c "$escape" plain.txt)" = 0 ]
# a table that is written to a terminal does not drive it
printf '"x\033[31m",y\n1,2\n2,4\n3,7\n' >names.csv
nadir fit names.csv 'y ~ linear($1)' -q -o names.json
fit="'$nadir' predict names.json names.csv"
terminal 'TERM=xterm LC_ALL=C'
expect "no escapes out of a table" [ "$(grep -c "$escape" lines.txt)" = 0 ]
head -n 1 lines.txt
expect "to a file they go as they are" [ "$(nadir predict names.json names.csv | head -n 1 | grep -c "$escape")" = 1 ]
# a run of a second draws its line some times, and wipes it
fit="'$nadir' minimize 'x^2' --start x=1 --rate 1e-9 --seconds 1 --tol-gradient 0 --updates 1000000000"
terminal 'TERM=xterm LC_ALL=C'
drawn=$(tr '\r' '\n' <screen.txt | grep -c '^update [0-9]*, loss ')
expect "the live line is drawn, at most ten times a second" [ "$drawn" -ge 1 -a "$drawn" -le 11 ]
tail -n 1 lines.txt | sed "s/$escape\[[0-9]*m//g"
