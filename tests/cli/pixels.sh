# Every kind of picture, looked at pixel by pixel: nothing is cut off, and no curve leaves its frame.
command -v gnuplot >/dev/null || { echo "skipped: gnuplot, which draws pictures, is not there"; exit 77; }
pixels=$(dirname "$nadir")/tests/cli/pixels
long='a title that is longer than a line, so that it is broken: velocity ~ a0 + a1*distance + a2*distance^2 + a3*distance^3 and on'
line='velocity ~ linear(distance)'
{
  nadir fit hubble1929.csv "$line" -q --plot loss.png --contour bowl.png --plot-fit line.png --plot-corner corner.png --title "$long"
  nadir fit hubble1929.csv 'velocity ~ a + b*distance + c*distance^2 + d*distance^3' -q --plot-fit cubic.png --plot-corner corner4.png \
    --x-label "the horizontal axis, with a label that is far longer than the axis itself, as that of a long expression of columns" \
    --y-label "$long" --reverse both --x-range -1:3 --y-range -300:700
  awk 'BEGIN { print "x,y"; for (i = 1; i <= 200; i++) { x = i / 20
    print x "," 1e-7 * (3 + x / 50 + 5 * exp(-(x - 4)^2) + 2 * exp(-2 * (x - 7)^2) + (i * 7919 % 101) / 400) } }' >lines.csv
  nadir fit lines.csv "y ~ continuum_at_the_left_edge_of_it + slope*x + amplitude_of_the_first*gauss(x, c1 - 2450000, s1) + amplitude_of_the_second*gauss(x, c2 - 2450000, s2)" -q \
    --start continuum_at_the_left_edge_of_it=3e-7,amplitude_of_the_first=5e-7,amplitude_of_the_second=2e-7,c1=2450004,c2=2450007,s1=0.7,s2=0.5 --plot-corner corner8.png
  nadir fit hubble1929.csv "$line" -q --path l1 --path-values 5 --folds 2 --plot-path path.png
  nadir noise hubble1929.csv "$line" --rates 0.1,0.01 --epochs 3 -q --plot noise.png
  nadir noise hubble1929.csv 'velocity ~ a*distance' --rates 0.1,0.01 --epochs 3 -q --plot noise1.png
  nadir rate hubble1929.csv "$line" -q --plot rate.png
  nadir rate hubble1929.csv "$line" --scale none -q --plot slow.png --title "$long"
  nadir rate '(1-x)^2 + 100*(y-x^2)^2' --box x=-2:2,y=-1:3 -q --plot box.png
  nadir compare hubble1929.csv "$line" --rate 0.01,0.1,0.3,3 --updates 20 -q --plot runs.png --contour paths.png
  nadir minimize '1e-200*(x-1e9)^2 + 1e-210*y^4' --start x=1e9,y=3 -q --method gd --updates 5 --contour tiny.png --plot tiny-loss.png
  nadir minimize '(x-1)^2 + y^2' --start x=3,y=2 --rate 1.1 --updates 40 -q --plot up.png --contour away.png
  nadir minimize '(x^2 - 1)^2 + y^2 + 0.3*x' --starts 8 --box x=-2:2,y=-1:1 -q --contour minima.png
  nadir taylor 'sin(x)' --at x=pi/4 --order 5 --radius 1 -q --plot sine.png
  nadir taylor '(x-1)^2 + 4*y^2' --at x=-1,y=1 --radius 0.5 -q --plot circle.png
  cp "$SOURCE/tests/data/astro/rv_51Peg_ELODIE.dat" 51peg.dat
  nadir period 51peg.dat 'rv ~ jd' --names jd,rv,err --sigma err -q --plot power.png --plot-folded folded.png
  nadir fit 51peg.dat 'rv ~ c + A*cos(2*pi*jd/P) + B*sin(2*pi*jd/P)' --names jd,rv,err --sigma err -q --plot-fit phase.png --period 4.23077
  awk 'BEGIN { print "x,y,a column whose name is very long and goes on and on and on,kind"
    for (i = 1; i <= 40; i++) printf "%.9g,%g,%g,%s\n", 2450000 + i / 1e3, i * 1e250, i * 1e-250, (i * 7 % 40 > 20 ? "a" : "b") }' >far.csv
  nadir fit far.csv 'y/1e250 ~ a + b*(x - 2450000)' -q --plot-fit far.png
  nadir fit far.csv '`a column whose name is very long and goes on and on and on` ~ linear(x)' --missing drop -q --plot-fit small.png
  nadir fit far.csv 'kind ~ linear(x)' -q -o kind.json
  nadir score kind.json far.csv -q --plot-roc roc.png --plot-calibration bins.png
} 2>&1 | grep -v -e warning -e 'limit of'
"$pixels" ./*.png
