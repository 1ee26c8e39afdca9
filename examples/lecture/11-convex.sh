#!/bin/sh
# How do we know that a function is convex? Each of the lecture's rules with its example, and its warning: a product of convex
# functions need not be convex.
. "$(dirname "$0")/../common.sh"

# verdict FORMULA WORD [OPTIONS]: what is said of convexity, and by what.
verdict() {
  formula=$1 word=$2
  shift 2
  "$nadir" convex "$formula" --json "$@" >"$work/verdict.json" || true
  said=$(member "$work/verdict.json" convex)
  printf '  %-28s convex: %s, by %s\n' "$formula" "$said" "$(member "$work/verdict.json" by)"
  [ "$said" = "$word" ] || { echo "  WRONG: $word by hand"; wrong=1; }
}

echo "L'' > 0:"
verdict '3*x^2 - 2*x + 5' proved
echo "a non-negative multiple:"
verdict 'k*(3*x^2 - 2*x + 5)' proved --data k --assume 'k >= 0'
echo "norms and squared norms:"
verdict 'norm2([w1, w2])' proved
verdict 'norm2([w1, w2])^2' proved
verdict 'norm1([w1, w2])' proved
echo "sums:"
verdict 'x^2 + abs(x)' proved
echo "the maximum:"
verdict 'max(x^2, 2*x, 2)' proved
echo "composition with a linear function:"
verdict '(a*x + b)^2' proved --data a,b
echo "but not products:"
verdict 'x * x^2' refuted
"$nadir" convex 'x * x^2' || true
f_between=$(member "$work/verdict.json" between)
f_chord=$(member "$work/verdict.json" chord)
holds "the witness: f between, $f_between, lies above the chord, $f_chord" "$f_between > $f_chord"
finish
