# Memory goes with the data: many columns of few rows take what their cells take.
# The sanitizers take address space of their own: there it is not limited.
room() { if nm -D "$nadir" 2>/dev/null | grep -q __asan; then echo unlimited; else echo "$1"; fi; }
within() { # how many KB, what is called so
  size=$(room "$1")
  shift
  (ulimit -v "$size" && nadir "$@") >said.txt 2>&1 || { head -n 3 said.txt && false; }
}
wide() { # rows, columns
  awk -v rows="$1" -v columns="$2" 'BEGIN {
    for (r = 0; r <= rows; r++)
      for (c = 1; c <= columns; c++)
        printf "%s%s", r ? (r * 7919 + c * 104729) % 1009 / 64 : "c" c, c < columns ? "," : "\n"
  }'
}
wide 4 4000 >wide.csv
expect "a fit of 4,000 columns" within 200000 fit wide.csv 'c1 ~ linear(c2..c4000)' --updates 2 -q -o wide.json
expect "its predictions" within 200000 predict wide.json wide.csv -o predicted.csv
expect "its score" within 200000 score wide.json wide.csv
wide 2 100000 >wider.csv
expect "100,000 columns are summarized" within 500000 info wider.csv
expect "a fit that takes two of them" within 500000 fit wider.csv 'c1 ~ linear(c2)' -q -o line.json
expect "a fit that takes all of them" within 620000 fit wider.csv 'c1 ~ linear(c2..c100000)' --updates 2 -q -o all.json
expect "predictions by all of them" within 700000 predict all.json wider.csv -q -o predicted.csv
expect "predictions next to all of them" within 500000 predict line.json wider.csv -o predicted.csv
expect "all of them are written" [ "$(head -n 1 predicted.csv | tr ',' '\n' | wc -l)" -eq 100001 ]
# a small stack is told, and enough for formulas as they are
nested=$(awk 'BEGIN { for (i = 0; i < 50; i++) printf "sin("; printf "x"; for (i = 0; i < 50; i++) printf ")" }')
stack=$(room 100)
small() { (ulimit -s "$stack" && nadir "$@") 2>&1; }
expect "50 levels do not fit 100 KB" [ "$stack" = unlimited -o "$(small minimize "$nested" | grep -c 'too deep for the stack')" = 1 ]
expect "5 levels do" small minimize 'sin(sin(sin(sin(sin(x)))))' --start x=1 -q
expect "so does a fit by 4 threads" small fit hubble1929.csv 'velocity ~ linear(distance)' --threads 4 -q
expect "50 levels fit a common stack" nadir minimize "$nested" --start x=1 --updates 2 -q
# what a packed file or a pipe takes of the disk has a bound
said() { nadir "$@" 2>&1 | sed 's/copy in [^ ]*/copy in DIRECTORY/'; }
{ echo x,y && awk 'BEGIN { for (i = 0; i < 200000; i++) print "1,2" }'; } | gzip >packed.csv.gz
said info packed.csv.gz --spool 100K
gzip -dc packed.csv.gz | said info - --spool 0.5M
for part in 1 2 3; do cp packed.csv.gz part$part.csv.gz; done
fits() { nadir "$@" >/dev/null; }
expect "one of the files fits" fits info part1.csv.gz --spool 1M
said info part1.csv.gz part2.csv.gz part3.csv.gz --spool 2M
# few files are open at once
for i in 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49; do
  printf 'x,y\n%d,%d\n%d,%d\n' "$i" "$((2 * i))" "$((i + 7))" "$((3 * i))" >"many$i.csv"
done
few() { (ulimit -n 16 && nadir "$@") 2>&1; }
expect "40 files are fitted" few fit many*.csv 'y ~ linear(x)' -q -o few.json
few info many*.csv --json | fields rows
{ echo x,y && tail -q -n 2 many*.csv; } >whole.csv
nadir fit whole.csv 'y ~ linear(x)' --json | fields loss >whole.txt
few fit many*.csv 'y ~ linear(x)' --json | fields loss | cmp - whole.txt && echo "as one file is"
