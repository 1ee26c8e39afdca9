#!/bin/sh
# Is finding a w with gradient 0 good enough? A local minimum, a saddle point and a plateau.
. "$(dirname "$0")/../common.sh"

# point FORMULA START WORD [METHOD]
point() {
  "$nadir" minimize "$1" --start "$2" --method "${4:-gd}" --json >"$work/point.json" || true
  said=$(member "$work/point.json" point)
  printf '  %-28s from %-10s ends at a %s, loss %s\n' "$1" "$2" "$said" "$(member "$work/point.json" loss)"
  [ "$said" = "$3" ] || { echo "  WRONG: $3 by hand"; wrong=1; }
}

echo "A local minimum, where the other one is lower:"
point 'x^4 - 2*x^2 + 0.3*x' x=1 minimum
right=$(member "$work/point.json" loss)
point 'x^4 - 2*x^2 + 0.3*x' x=-1 minimum
left=$(member "$work/point.json" loss)
holds "the left one is lower by about 2 * 0.3" "$right - $left > 0.55 && $right - $left < 0.65"
"$nadir" minimize 'x^4 - 2*x^2 + 0.3*x' --starts 20 --box x=-2:2 --json >"$work/starts.json"
expect "descents from 20 starts find the lower one" "$(member "$work/starts.json" loss)" "$left" 1e-6
echo "A saddle point, and what leads out of it:"
point 'w1^2 - w2^2' w1=1,w2=0 saddle
echo "A plateau: descent does not move where the slope is next to nothing, and the curvature says that it"
echo "is no minimum; farther out both are 0 in the computer's numbers; Newton's method leaves it:"
point '-exp(-x^2)' x=6 'not known'
point '-exp(-x^2)' x=30 plateau
point '-exp(-x^2)' x=6 minimum newton
finish
