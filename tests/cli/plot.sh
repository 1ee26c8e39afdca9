# Traces over one another, or each as a chart in characters.
nadir minimize '(x-1)^2' --rate 0.1 --updates 20 -q --trace slow.csv
nadir minimize '(x-1)^2' --rate 0.3 --updates 20 -q --trace fast.csv
run plot slow.csv fast.csv
run plot slow.csv fast.csv --label 'a slow one,a fast one' -o both.gp
expect "labels" grep -q 'a slow one' both.gp
run plot slow.csv fast.csv -o both.gp
expect "names of the files" grep -q 'slow' both.gp
head -n 2 slow.csv | sed 's/^\(0,0,0\),[^,]*/\1,SECONDS/'
# the axes are those that were asked for, in characters too
awk 'BEGIN { print "update,rows_seen,epoch,seconds,loss,gradient_norm,rate,step_norm,predicted_decrease,actual_decrease"; for (i = 0; i < 30; i++) print i "," 10 * i "," i "," i / 100 "," 2 ^ -i / 3 + 0.1 ",,,,," }' >falls.csv
run plot falls.csv
run plot falls.csv --log-y yes --x-axis rows --title 'on a logarithmic scale'
# ranges, labels and turned axes are those of traces too, in pictures and in characters, where lines end at the range
run plot falls.csv --x-range 2:5 --y-range 0.1:0.3
run plot falls.csv --reverse x --y-range 0:1 --log-y auto
shown() { grep -h -e '^set [xy]range' -e '^set logscale' "$@"; grep -h -o "^set label 'l[^']*'" "$@"; }
nadir plot falls.csv fast.csv -o range.gp --x-range 0:10 --y-range 0:2 --y-label 'left over' --reverse x && shown range.gp
nadir plot fast.csv -o log.gp --y-range 1e-3:1 && shown log.gp
run plot falls.csv -o none.gp --y-range 0:2 --log-y yes
run plot falls.csv --x-range 0:3 --log-x yes
nadir minimize '(x-1)^2' --rate 0.1 --updates 20 -q --plot loss.gp --x-range 3:9 && shown loss.gp
nadir compare '(x-1)^2' --rate 0.1,0.3 --updates 20 -q --plot loss.gp --x-range 3:9 --log-y no && shown loss.gp
printf 'x,y\n1,2\n2,3\n3,5\n400,7\n' >few.csv
nadir fit few.csv 'y ~ linear(x)' -q --plot loss.gp --x-range 0:9 && shown loss.gp
# a fit takes them where it is drawn too, and is not logarithmic where its range reaches down to 0
nadir fit few.csv 'y ~ linear(x)' -q --plot loss.gp --plot-fit fit.gp --x-range 0:9 && shown loss.gp fit.gp
nadir fit few.csv 'y ~ linear(x)' -q --plot-fit fit.gp && shown fit.gp
# probabilities are on an even scale, whatever they span
awk -v OFS=, 'BEGIN { print "a,b,t"; for (i = 1; i <= 60; i++) print i, i * 7 % 13, (i + i * 11 % 17 > 40) ? 1 : 0 }' >truths.csv
nadir fit truths.csv 't == 1 ~ linear(a, b)' --plot-fit truths.gp -q
nadir fit truths.csv 't >= 0 ~ linear(a)' --l2 1 --plot-fit all.gp --updates 50 --log-x yes --log-y yes -q
grep -h '^set logscale' truths.gp all.gp
# contours are refused before the run
run minimize 'x^2 + y^2 + z^2' --contour c.gp --seconds 100 --updates 1000000000 --rate 1e-12
run compare 'x^2' --contour c.gp --rate 1e-12,1e-13 --updates 1000000000
for model in 'linear(a, b)' 'a*b*k' 'linear(a, log(b)) + c*a'; do
  run fit truths.csv "t ~ $model" --contour c.gp --rate 1e-12 --updates 1000000000
  run compare truths.csv "t ~ $model" --contour c.gp --rate 1e-12,1e-13 --updates 1000000000
done
expect "no contours are left" [ ! -e c.gp ]
nadir fit truths.csv 't ~ linear(hypot(a, b))' --contour c.gp -q
expect "two parameters are drawn" [ -s c.gp ]
# contours have the minima that were found, and the box that they were looked for in
nadir minimize '(x^2 - 1)^2 + y^2' --starts 8 --box x=-2:2,y=-1:1 --contour minima.gp -q
expect "a box" grep -q -x -e '-2 -1' minima.gp
grep -h -o -e "title 'minima'" -e "title 'box'" minima.gp
nadir fit truths.csv 't ~ linear(a)' --contour plain.gp -q
expect "without starts there is neither" [ "$(grep -c -e "'minima'" -e "'box'" plain.gp)" = 0 ]
# both axes of contours are of one scale: as many pixels for as many units
awk '/^set [lrtb]margin/ { at[$2] = $5 } /^set terminal/ { split($6, size, ","); wide = size[1]; high = size[2] }
  /^set [xy]range/ { split(substr($3, 2), end, /[]:]/); span[$2] = end[2] - end[1] }
  END { printf "%.3f\n", (at["rmargin"] - at["lmargin"]) * wide / span["xrange"] * span["yrange"] / ((at["tmargin"] - at["bmargin"]) * high) }' minima.gp
# how far a step may go: of a formula in its box, of a fit also the updates needed
run rate 'x^2 + 10*y^2' --box x=-1:1,y=-1:1 --plot box.gp -q
grep -h -o "title '[^']*'" box.gp
# the promise is highest at 1/M, half of it, and 0 at 2/M
sed -n '/^.p1s1 /,/^EOD/p' box.gp | awk 'NF == 2 && $2 + 0 > most { most = $2; at = $1 } $1 > 0.0999 && !end { end = $1 }
  END { printf "%.4f %.4f %.4f\n", at, most, end }'
run rate truths.csv 't ~ linear(a)' --plot fit.gp -q
grep -h -o "title '[^']*'" fit.gp
run rate '-x^2' --box x=-1:1 --plot none.gp -q
expect "no picture" [ ! -e none.gp ]
# the clouds of two parameters
nadir noise truths.csv 't ~ linear(a)' --rates 0.1,0.01 --epochs 2 --plot clouds.gp -q
grep -h -o -e "title '[^']*'" -e "'[^']* from the minimum'" clouds.gp
nadir noise truths.csv 't ~ linear(a, b)' --rates 0.1,0.01 --epochs 2 --plot none.gp -q
expect "of three none" [ "$(grep -c 'from the minimum' none.gp)" = 0 ]
if command -v gnuplot >/dev/null; then
  for end in svg png; do
    nadir rate truths.csv 't ~ linear(a)' --plot rate.$end -q
    nadir noise truths.csv 't ~ linear(a)' --rates 0.1,0.01 --epochs 2 --plot noise.$end -q
    nadir minimize '(x^2 - 1)^2 + y^2' --starts 8 --box x=-2:2,y=-1:1 --contour minima.$end -q
    for picture in rate noise minima; do expect "$picture.$end" [ -s $picture.$end ]; done
  done
fi
