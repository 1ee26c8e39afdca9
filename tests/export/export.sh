#!/bin/sh
# What nadir export writes is compiled, run and compared with what nadir says, for models that have every operator.
#     export.sh NADIR [N]  every N-th of the models (default: all); the exit status is 77 where the machine lacks one of
#                          the languages
# The prediction and its standard error, made of the exported gradient and covariance, are those of `nadir predict`, on
# random rows; the gradient of C is that of differences, also where the parameters are not the fitted ones; the other
# languages give what C gives.
set -eu
nadir=$(realpath "$1")
every=${2:-1} seen=0
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset NO_COLOR COLUMNS
export LC_ALL=C
lacking=
for program in gfortran node python3; do
  "$program" --version >/dev/null 2>&1 || lacking="$lacking $program"
done
has() {
  case "$lacking " in *" $1 "*) return 1 ;; esac
}
wrong=0
complain() {
  echo "export: $1"
  wrong=1
}

# 40 rows: x from 0.1 to 3, y from -2 to 2, z from 0.5 to 2, n a count, class of three, side of two
awk 'BEGIN {
  s = 12345
  print "x,y,z,n,class,side,v,for,odd */ name"
  for (i = 0; i < 40; i++) {
    for (j = 0; j < 6; j++) { s = s * 16807 % 2147483647; u[j] = s / 2147483647 }
    x = 0.1 + 2.9 * u[0]; y = 4 * u[1] - 2; z = 0.5 + 1.5 * u[2]
    c = x + u[3] < 1.4 ? "A" : y + u[4] > 0.7 ? "B" : "C"
    v = 1.3 + 0.8 * x - 0.5 * y + 0.2 * (u[5] - 0.5)
    printf "%.17g,%.17g,%.17g,%d,%s,%s,%.17g,%.17g,%.17g\n", x, y, z, int(3 * u[3] + x), c, (y + u[4] > 0.5 ? "up" : "down"), v, u[3], u[4]
  }
}' >rows.csv

# The numbers of columns NAME... of a CSV file, by rows.
columns() {
  file=$1
  shift
  printf '%s\n' "$@" | awk -F, -v file="$file" '
    { wanted[NR] = $0 }
    END {
      getline line < file
      count = split(line, name, ",")
      for (i = 1; i <= count; i++) { gsub(/^"|"$/, "", name[i]); at[name[i]] = i }
      while ((getline line < file) > 0) {
        split(line, cell, ",")
        out = ""
        for (i = 1; i <= NR; i++) {
          value = cell[at[wanted[i]]]
          if (wanted[i] ~ / == /) { split(wanted[i], part, " == "); gsub(/"/, "", part[2]); value = cell[at[part[1]]] == part[2] }
          out = out (i > 1 ? " " : "") value
        }
        print out
      }
    }'
}

# Two files of numbers agree to rounding.
agree() {
  paste -d '|' "$1" "$2" | awk -F '|' '
    function is_number(t) { return t ~ /^[-+]?[0-9.]/ }
    {
      a = split(tolower($1), left, " "); b = split(tolower($2), right, " ")
      if (a != b || a == 0) { print "row " NR ": " a " numbers and " b; exit 1 }
      most = 1
      for (i = 1; i <= a; i++) if (is_number(left[i]) && left[i] * left[i] > most * most) most = left[i] > 0 ? left[i] : -left[i]
      for (i = 1; i <= a; i++) {
        if (!is_number(left[i]) || !is_number(right[i])) {
          if (is_number(left[i]) != is_number(right[i])) { print "row " NR ": " left[i] " and " right[i]; exit 1 }
          continue
        }
        d = left[i] - right[i]; d = d < 0 ? -d : d
        size = left[i] < 0 ? -left[i] : left[i]
        if (d > 2e-11 * size + 1e-13 * most) { print "row " NR ", number " i ": " left[i] " and " right[i]; exit 1 }
      }
    }'
}

arguments() { # "v[0], v[1], " of so many
  awk -v n="$1" -v from="$2" -v left="$3" -v right="$4" 'BEGIN { for (i = 0; i < n; i++) printf "v%s%d%s, ", left, i + from, right }'
}

drive_c() { # columns parameters answers: at the fitted parameters, then at others
  cat >drive.c <<END
#include "model.c"
#include <stdio.h>
#include <stdlib.h>
#define N $1
#define P $2
#define K $3
static void answer(const double *v, const double *p, double *out) {
  (void)v;
#if K == 1
  *out = prediction($(arguments "$1" 0 '[' ']')p);
#else
  prediction($(arguments "$1" 0 '[' ']')p, out);
#endif
}
static void check(const double *v, double *p, const double *gradient) {
  for (int i = 0; i < P; i++) {
    double h = 1e-5 * (1 + fabs(p[i])), kept = p[i], up[K], down[K];
    p[i] = kept + h, answer(v, p, up);
    p[i] = kept - h, answer(v, p, down);
    p[i] = kept;
    for (int k = 0; k < K; k++) {
      double slope = (up[k] - down[k]) / (2 * h), size = fabs(up[k]) + fabs(down[k]);
      if (fabs(slope - gradient[k * P + i]) > 1e-5 * fabs(slope) + 1e-9 * size / h + 1e-7) {
        fprintf(stderr, "derivative %d of answer %d is %g, by differences %g\n", i, k, gradient[k * P + i], slope);
        exit(1);
      }
    }
  }
}
int main(int count, char **argument) {
  double v[N + 1], p[P], out[K], gradient[K * P];
  int from = 0, errors = count > 1 && *argument[1] == 'e';
  for (;;) {
    for (int i = 0; i < N; i++)
      if (scanf("%lf", &v[i]) != 1) return 0;
    for (int at = from; at < 2; at++) {
      for (int i = 0; i < P; i++) p[i] = prediction_fitted[i] * (1 + 0.01 * at);
      answer(v, at ? p : NULL, out);
      prediction_gradient($(arguments "$1" 0 '[' ']')at ? p : NULL, gradient);
      if (errors && at) continue;
      for (int k = 0; k < K; k++) printf("%.17g ", out[k]);
#ifdef COVARIANCE
      if (errors) {
        double square = 0;
        for (int i = 0; i < P; i++)
          for (int j = 0; j < P; j++) square += gradient[i] * prediction_covariance[i][j] * gradient[j];
        printf("%.17g ", sqrt(square));
      }
#endif
      for (int i = 0; !errors && i < K * P; i++) printf("%.17g ", gradient[i]);
      printf("\n");
      if (at && !errors) check(v, p, gradient);
    }
    if (N == 0) return 0;
  }
}
END
  defined=
  ! grep -q '_covariance' model.c || defined=-DCOVARIANCE
  cc -std=c99 -pedantic -Wall -Wextra -Werror -O0 -ffp-contract=off -D_DEFAULT_SOURCE $defined drive.c -o drive_c -lm
}

drive_fortran() {
  cat >drive.f90 <<END
program drive
  use prediction_model
  implicit none
  integer, parameter :: dp = kind(1.0d0)
  real(dp) :: v($1 + 1), g($2 * $3), o($3)
  integer :: at, status
  do
    read (*, *, iostat=status) v(1:$1)
    if (status /= 0) exit
    do at = 0, 1
      if (at == 0) then
        o = prediction($(arguments "$1" 1 '(' ')' | sed 's/, $//'))
        g = prediction_gradient($(arguments "$1" 1 '(' ')' | sed 's/, $//'))
      else
        o = prediction($(arguments "$1" 1 '(' ')')prediction_fitted * 1.01_dp)
        g = prediction_gradient($(arguments "$1" 1 '(' ')')prediction_fitted * 1.01_dp)
      end if
      write (*, '(*(es25.17e3, 1x))') o, g
    end do
  end do
end program
END
  gfortran -std=f2018 -Wall -Wextra -Wno-compare-reals -Wno-unused-dummy-argument -Werror -O0 -ffp-contract=off model.f90 drive.f90 -o drive_fortran
}

drive_javascript() {
  cat >drive.js <<END
const m = require("./model.js"), p = m.FITTED.map(x => x * 1.01);
for (const line of require("fs").readFileSync(0, "utf8").split("\\n")) {
  const v = line.split(" ").map(Number);
  if (line === "") continue;
  console.log([].concat(m.prediction(...v), m.prediction_gradient(...v)).join(" "));
  console.log([].concat(m.prediction(...v, p), m.prediction_gradient(...v, p)).join(" "));
}
END
}

drive_python() {
  cat >drive.py <<END
import sys, model
p = [x * 1.01 for x in model.FITTED]
def say(value, gradient):
    print(*(value if isinstance(value, list) else [value]), *gradient)
for line in sys.stdin:
    v = [float(word) for word in line.split()]
    say(model.prediction(*v), model.prediction_gradient(*v))
    say(model.prediction(*v, p), model.prediction_gradient(*v, p))
END
}

compare() { # after model.json is there
  "$nadir" export model.json --to c -o model.c
  "$nadir" predict model.json rows.csv -o predicted.csv 2>/dev/null
  sed -n 's/^ \*   [A-Za-z0-9_]*: column \(.*\)$/\1/p; s/^ \*   [A-Za-z0-9_]*: 1 where \(.*\), else 0$/\1/p' model.c |
    sed 's/ \[[^]]*\]$//; s,\* /,*/,g' >names
  sed -n 's/.*prediction_fitted\[\([0-9]*\)\].*/\1/p' model.c | head -n 1 >parameters
  answers=$(sed -n 's/^ \*   probability\[[0-9]*\]: \(.*\)/probability_\1/p' model.c)
  [ -n "$answers" ] || answers=$(head -n 1 predicted.csv | tr ',' '\n' | grep -x 'prediction\|probability')
  n=$(wc -l <names) p=$(cat parameters) k=$(echo "$answers" | wc -l)
  (IFS='
'
    # shellcheck disable=SC2046,SC2086
    set -f && columns rows.csv $(cat names) >rows.txt && columns predicted.csv $answers >answers.txt)
  drive_c "$n" "$p" "$k" || return 1
  ./drive_c <rows.txt >c.txt || return 1
  sed -n 'p;n' c.txt | cut -d ' ' -f "1-$k" >c_answers.txt
  agree answers.txt c_answers.txt || return 1
  if [ "$k" = 1 ] && grep -q _covariance model.c && head -n 1 predicted.csv | grep -q prediction_error; then
    columns predicted.csv "$answers" prediction_error >errors.txt
    ./drive_c e <rows.txt >c_errors.txt
    agree errors.txt c_errors.txt || return 1
  fi
  "$nadir" export model.json --to latex | awk -f "$here/latex.awk" || return 1
  for language in fortran javascript python; do
    in_"$language" "$n" "$p" "$k" && agree c.txt got.txt || { echo "in $language" && return 1; }
  done
}

in_fortran() {
  has gfortran || { cp c.txt got.txt && return; }
  "$nadir" export model.json --to fortran -o model.f90
  drive_fortran "$@" && ./drive_fortran <rows.txt >got.txt
}

in_javascript() {
  has node || { cp c.txt got.txt && return; }
  "$nadir" export model.json --to javascript -o model.js
  drive_javascript && node drive.js <rows.txt >got.txt
}

in_python() {
  has python3 || { cp c.txt got.txt && return; }
  "$nadir" export model.json --to python -o model.py
  drive_python && PYTHONDONTWRITEBYTECODE=1 python3 drive.py <rows.txt >got.txt
}

# What reads LaTeX sees what is wrong with it.
for wrong_latex in '$x^{2}^{3}$' '$\left(a}$' '$\frac{a{b}$' '$\unknown$' '$a_b$' 'a_{b}' '\text{a_{b}}' '# a' '$a' '\begin{align} a' \
  '$\left( a \right. \right)$' '$a & b$'; do
  ! printf '%s\n' "$wrong_latex" | awk -f "$here/latex.awk" >/dev/null || complain "$wrong_latex is taken for LaTeX"
done

# FORMULA OPTIONS... of a fit, a line each; what does not come to rest is exported as well
while IFS= read -r line; do
  case $line in '' | '#'*) continue ;; esac
  seen=$((seen + 1))
  [ $((seen % every)) = 0 ] || continue
  rm -f model.* drive*
  eval "set -- $line"
  "$nadir" fit rows.csv "$@" -q -o model.json >fit.txt 2>&1 || [ $? = 1 ] || { cat fit.txt && complain "$1: not fitted"; continue; }
  compare >compared.txt 2>&1 || { complain "$1"; head -n 12 compared.txt; }
  count=$((${count:-0} + 1))
done <"$here/models.txt"

echo "$count models"
if [ "$wrong" = 0 ] && [ -n "$lacking" ]; then
  echo "skipped: there is no$lacking"
  exit 77
fi
exit "$wrong"
