# Traces over one another, or each as a chart in characters.
nadir minimize '(x-1)^2' --rate 0.1 --updates 20 -q --trace slow.csv
nadir minimize '(x-1)^2' --rate 0.3 --updates 20 -q --trace fast.csv
run plot slow.csv fast.csv
run plot slow.csv fast.csv --label 'a slow one,a fast one' -o both.gp
expect "labels" grep -q 'a slow one' both.gp
run plot slow.csv fast.csv -o both.gp
expect "names of the files" grep -q 'slow' both.gp
head -n 2 slow.csv | sed 's/^\(0,0,0\),[^,]*/\1,SECONDS/'
