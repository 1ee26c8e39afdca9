# More than 512 parameters: newton by products, by the matrix where columns are not scaled or products are too many.
awk 'function next_number() { seed = seed*16807 % 2147483647; return seed/2147483647*2 - 1 }
BEGIN {
  seed = 7
  for (j = 1; j <= 520; j++) printf "x%d,", j
  print "y,walk"
  for (i = 0; i < 800; i++) {
    y = walk = 0
    for (j = 1; j <= 520; j++) {
      x = next_number(); walk += x
      if (j <= 5) y += x/j
      printf "%.5f,", x
    }
    printf "%.5f,%.5f\n", y + 0.3*next_number(), walk
  }
}' >many.csv
told() { nadir fit many.csv "$@" 2>&1 | sed -n '/^final/{s/; gradient.*//;p}; /^point/p'; }
told 'y ~ linear(x1..x520)' --method newton --l2 0.01
told 'y ~ linear(x1..x520)' --method newton --l2 0.01 --scale none
told 'y > 0 ~ linear(x1..x520)' --method newton --l2 0.01
# looks at all rows in the third update: products where columns are scaled, with a bound too, else one Hessian and one look
looks() { nadir fit many.csv "y > 0 ~ linear(x1..x520)" --method newton --l2 0.01 --updates 3 -q --trace looks.csv "$@"
  awk -F, '{ now = $3 - last; last = $3 } END { print now == 2 ? "two" : "more" }' looks.csv; }
looks
looks --bounds 'w[x1]=0:1'
looks --scale none
# 200 columns that are nearly the same: a quarter as many products as columns are not enough
awk -F, -v OFS=, 'NR > 1 { for (j = 320; j <= 520; j++) $j = $319 + $j*0.0001 } { print }' many.csv >alike.csv
nadir fit alike.csv 'walk ~ linear(x1..x520)' --method newton -q --trace trace.csv
awk -F, 'NR > 1 { $3 - last > 130 ? most++ : after += most > 0; last = $3 }
  END { print most " update of 130 products; others after it: " (after > 0 ? "some" : "none") }' trace.csv
# broken off and gone on with
logistic() { nadir fit many.csv 'y > 0 ~ linear(x1..x520)' --method newton --l2 0.01 -q "$@"; }
logistic --updates 20 -o whole.json
logistic --updates 2 --checkpoint half.check >/dev/null 2>&1
logistic --updates 20 --resume half.check -o resumed.json
logistic --updates 20 --threads 2 --memory 64K -o read.json
values() { grep -o '"value": *[^,}]*' "$1"; }
values whole.json >whole.txt
values resumed.json >resumed.txt
expect "all parameters are there" [ "$(wc -l <whole.txt)" -eq 521 ]
values read.json >read.txt
expect "the same bits" cmp whole.txt resumed.txt
expect "the same bits by two threads, rows read at each pass" cmp whole.txt read.txt
