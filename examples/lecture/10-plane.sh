#!/bin/sh
# The plane at (a, b) and the red circle: L(w) ~ s + u (w1 - a) + v (w2 - b); in a small circle the plane is lowest against
# the gradient, which is gradient descent.
#
# L = (w1 - 1)^2 + 4 w2^2 at (-1, 1): s = 8, u = 2 (w1 - 1) = -4, v = 8 w2 = 8, |(u, v)| = sqrt(80); its largest curvature is 8.
. "$(dirname "$0")/../common.sh"

echo "L(w) = (w1 - 1)^2 + 4 w2^2 at (-1, 1), circle of radius 0.2"
"$nadir" taylor '(w1-1)^2 + 4*w2^2' --at w1=-1,w2=1 --radius 0.2 --json --plot "$pictures/10-plane.png" >"$work/plane.json"
expect "s" "$(member "$work/plane.json" value)" "8"
expect "u" "$(member "$work/plane.json" gradient 0)" "-4"
expect "v" "$(member "$work/plane.json" gradient 1)" "8"
expect "lowest in the circle: w1 = a - d u / |(u, v)|" "$(member "$work/plane.json" minimizer 0)" "-1 + 0.2 * 4 / sqrt(80)"
expect "lowest in the circle: w2 = b - d v / |(u, v)|" "$(member "$work/plane.json" minimizer 1)" "1 - 0.2 * 8 / sqrt(80)"
expect "the rate that makes this step, d / |(u, v)|" "$(member "$work/plane.json" rate)" "0.2 / sqrt(80)"
expect "decrease that the plane predicts, d |(u, v)|" "$(member "$work/plane.json" predicted_decrease)" "0.2 * sqrt(80)"
# true: the plane's less (4 * 0.2^2 / 80 * 16 + ...) = less dw1^2 + 4 dw2^2
expect "true decrease" "$(member "$work/plane.json" true_decrease)" "0.2 * sqrt(80) - 0.04 * 16 / 80 - 4 * 0.04 * 64 / 80"
# the plane is off by at most M d^2 / 2, so by a tenth of d |g| up to d = 0.2 |g| / M
radius=$(member "$work/plane.json" valid_radius)
holds "right to a tenth up to a radius of $radius, by hand 0.2 sqrt(80) / 8" \
  "$radius <= 0.2 * sqrt(80) / 8 * 1.0000001 && $radius > 0.2 * sqrt(80) / 8 * 0.99"
finish
