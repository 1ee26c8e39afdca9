#!/bin/sh
# The contrast effect: the same last derivative, 0.1, after five very small ones and after five large
# ones. Adagrad sees how surprising a derivative is, plain descent its size alone.
#
# The slide's rows become the two columns of a table. The model is u * first + v * second and its loss
# the model itself, so the derivatives by u and v in a row are the row's own two numbers; one row an
# update, in order, feeds the two sequences to two parameters.
. "$(dirname "$0")/../common.sh"

cat >"$work/slide.csv" <<'END'
first,second
0.0001,10.5
0.0001,39.2
0.0003,23.1
0.0002,50.4
0.0001,22.8
0.1,0.1
END
run() { # METHOD RATE
  "$nadir" fit "$work/slide.csv" 'first ~ u*first + v*second' --loss '(f)' --batch 1 --shuffle none \
    --epochs 1 --method "$1" --rate "$2" -q --trace "$work/$1.csv"
}
step() { # TRACE PARAMETER: its last step
  awk "BEGIN { printf \"%.17g\", $(cell "$1" "$2" 5) - ($(cell "$1" "$2" 6)) }"
}

# sums of squares: (1 + 1 + 9 + 4 + 1) 1e-8 + 0.01, and 110.25 + 1536.64 + 533.61 + 2540.16 + 519.84 + 0.01
echo "Adagrad, eta = 1: the step of the last derivative, 0.1"
run adagrad 1
expect "after 0.0001 0.0001 0.0003 0.0002 0.0001" "$(step "$work/adagrad.csv" u)" \
  "0.1 / sqrt(0.01000016)"
expect "after 10.5 39.2 23.1 50.4 22.8" "$(step "$work/adagrad.csv" v)" "0.1 / sqrt(5240.51)"
expect "the first step is eta, whatever the derivative" \
  "$(awk "BEGIN { print -($(cell "$work/adagrad.csv" u 1)) }")" "1"
echo "Plain descent, eta = 1: the larger gradient has the larger step"
run gd 1
expect "after the small ones" "$(step "$work/gd.csv" u)" "0.1"
expect "after the large ones" "$(step "$work/gd.csv" v)" "0.1"

# The picture: the contours of the (plane) loss, with Adagrad's path. u and v walk alike until the last
# step, which is all u's.
"$nadir" fit "$work/slide.csv" 'first ~ u*first + v*second' --loss '(f)' --batch 1 --shuffle none \
  --epochs 1 --method adagrad --rate 1 -q --title 'the last step: 0.1 is a large surprise to u, none to v' \
  --contour "$pictures/5-contrast.png"
finish
