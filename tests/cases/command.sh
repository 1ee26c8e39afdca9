# What the command line promises.

case_ c01 'a pipe that ends is no error'
line '"$NADIR" convex --help 2>"$TMP/e" | head -1 >/dev/null; cat "$TMP/e"'
never 'Broken pipe'

case_ c03 '--lr is --rate'
says fit w01.csv 'y ~ linear(x)' --lr 0.1
exits 2
text --rate

case_ c05 '-P into --config is the same run'
line 'f="1e6*(x-1)^2 + (y-2)^2*1e-4"; "$NADIR" minimize "$f" --method bb -P >"$TMP/c"; "$NADIR" minimize "$f" --method bb --json | sed -n "/\"parameters\"/,/^  ]/p" >"$TMP/1"; "$NADIR" minimize "$f" --config "$TMP/c" --json | sed -n "/\"parameters\"/,/^  ]/p" >"$TMP/2"; [ -s "$TMP/1" ] && cmp "$TMP/1" "$TMP/2"'
exits 0

case_ c06 'a bad rate is refused when it is set'
says minimize 'x^2' -P --rate abc
exits 2

case_ c08 'compare says which value it shows: a run that only rises is not at a limit'
says compare 'w^2' --start w=1 --rate 0.1,1.1,1.5 --updates 20
text '1\.1.*diverg'

case_ c10 'the rate told is the rate used'
line '"$NADIR" minimize x --updates 5 --method gd --trace "$TMP/t.csv" >"$TMP/o" 2>&1; cut -d, -f7 "$TMP/t.csv" | tail -n +2 | grep -v nan | grep . | sort -u | wc -l; cat "$TMP/o"'
text '^ *1 |doubl|grow|expand'

case_ c12 'control characters never reach the terminal'
line '"$NADIR" info c1-control.csv | cat -v'
never 'M-BM-\['
never 'M-\^\?'
