# Nothing that is written for people is wider than a terminal of 80 columns.
awk 'BEGIN { print "time,flux of the first star,flux,err,class"; for (i = 0; i < 60; i++) printf "%.6f,%.9g,%.9g,%.3g,%s\n", 2455000.123456 + i * 1.5, 1e5 + sin(i) * 12345.678, 3 + 0.5 * i + (i * 7919 % 13) / 13, 0.3, i % 3 ? "a class of stars" : i % 2 ? "galaxies" : "quasi-stellar objects" }' >wide.csv
narrow() {
  nadir "$@" >said.txt 2>noted.txt
  echo "= $? $1 $(LC_ALL=C.UTF-8 awk 'length($0) > 80 { n++ } END { print n + 0 " lines beyond 80 of " NR }' said.txt)" |
    sed 's/ of [0-9]*$//'
  LC_ALL=C.UTF-8 awk 'length($0) > 80' said.txt
}
narrow info wide.csv
narrow fit wide.csv 'flux ~ linear(time, `flux of the first star`)' --sigma err -v
narrow fit wide.csv 'flux ~ amplitude*sin(frequency*(time - 2455000) + phase) + offset + slope*(time - 2455000)' --starts 12 --seed 1 --box amplitude=0.1:5,frequency=0.1:3,phase=0:6,offset=0:5,slope=0:1
narrow fit wide.csv 'class ~ softmax(3; flux, err*time)' --l2 1e-4 -o classes.json --folds 3
narrow score classes.json wide.csv -v
narrow fit wide.csv 'flux ~ linear(time)' --path l2 --folds 4 --path-values 6
narrow fit wide.csv 'flux ~ a + b*exp(-(time-2455000)/c)' --intervals 0.683,0.95 --start a=30,b=-30,c=50
narrow compare wide.csv 'flux ~ linear(time, `flux of the first star`)' --method gd,adagrad,adam --rate 0.001,0.1 --schedule constant,inverse-sqrt --updates 30
narrow minimize '(x^2 + y - 11)^2 + (x + y^2 - 7)^2 + 1e-3*(x-y)^4' --starts 20 --box x=-5:5,y=-5:5 -v
narrow convex 'log(1+exp(a_long_name)) + x^4 - 3*x^2*a_long_name + sqrt(1 + x^2)'
narrow taylor 'sin(x)*exp(y)' --at x=1,y=0 --order 3
narrow rate wide.csv 'flux ~ linear(time, `flux of the first star`)'
narrow noise wide.csv 'flux ~ linear(time)' --batch 4 --epochs 3 --rates 0.1,0.03
narrow period wide.csv 'flux ~ time' --sigma err
narrow limits
for command in '' fit predict score export minimize compare plot info convex taylor rate noise period limits help; do
  # shellcheck disable=SC2086
  narrow $command --help
done
narrow help constants
narrow help formulas
