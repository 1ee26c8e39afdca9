# Scores of classes: text, JSON, pictures.
awk 'BEGIN { print "x,z,kind"
  for (i = 0; i < 60; i++) {
    x = (i * 37) % 60; z = (i * 17) % 60
    print x / 10 "," z / 10 "," (i % 20 == 7 ? "rare" : x + z / 2 + (i * 11) % 30 > 55 ? "qso" : "star") } }' >kinds.csv
nadir fit kinds.csv 'kind ~ softmax(3; x, z)' --l2 0.01 -q -o kinds.json 2>/dev/null
run score kinds.json kinds.csv -v
nadir score kinds.json kinds.csv --json 2>/dev/null | sed -n '/"precision"/,/^  },*$/p; /"recall"/,/^  },*$/p; /"f1"/,/^  },*$/p' | tr -d ' \n' && echo
run score kinds.json kinds.csv --plot-roc roc.svg -q
run score kinds.json kinds.csv --plot-calibration calibration.gp --title 'how sure' -q
grep -e label -e "'how sure'" calibration.gp
nadir fit kinds.csv 'kind == "qso" ~ linear(x, z)' -q -o qso.json
run score qso.json kinds.csv --plot-roc roc.gp --plot-calibration qso.gp
grep -h label roc.gp qso.gp
nadir score qso.json kinds.csv --json 2>/dev/null | sed -n '/"roc"/,/}/p'
run score qso.json kinds.csv --plot-roc roc.jpg
run score qso.json kinds.csv --plot-roc a.svg --plot-calibration a.svg
# names of classes that are long: a line has 80 columns
awk 'BEGIN { print "x,c"; for (i = 0; i < 30; i++) print i "," (i * 7 % 30 < i ? "a very long name of a class indeed that is longer than this" : "b") }' >long.csv
nadir fit long.csv 'c ~ linear(x)' -q -o long.json
nadir score long.json long.csv 2>/dev/null | sed -n '/precision/,$p'
