/* functions.def as a table, how functions bend whose words in ops.def are "?", and how much functions are
 * curved at least: by the interval that their argument lies in. */
#include "theory/functions_internal.h"
#include "theory/rules_internal.h"

#include <arb_hypgeom.h>
#include <math.h>

#define ND_HALF_PI_UP 1.5707963267948968
#define ND_PI_UP 3.1415926535897936

#define ND_FUNCTION(id, its_traits, its_enclose, its_piece, its_bend, its_series)                  \
  static const nd_op_theory theory_##id = {                                                        \
      .traits = (its_traits), .enclose = its_enclose, its_piece its_bend its_series};
#define ND_PIECE(...) .piece = {__VA_ARGS__},
#define ND_BEND(rule) .bend = rule,
#define ND_CURVED(rule) .curved = rule,
#define ND_BY(id) .own_rule = NADIR_RULE_##id,
#define ND_SERIES(rule) .series = rule,
#define ND_ARB(rule) .series_of_arb = rule,
#include "theory/functions.def"

/* An operator of ops.def that has no row is not declared here. */
static const nd_op_theory *const theories[ND_OPS] = {
#define ND_OP(id, ...) [ND_##id] = &theory_##id,
#include "expr/ops.def"
};

const nd_op_theory *nd_theory_of(nd_op op) {
  return op < ND_OPS ? theories[op] : NULL;
}

/* ---- bends ---- */

/* The sign of sin on [a.low, a.high] + offset: which multiple of pi lies below, with a margin that
 * covers the rounding of a small quotient. */
static int within_half_turn(nd_interval a, double offset) {
  if (!isfinite(a.low) || !isfinite(a.high) || fabs(a.low) > 1e6 || fabs(a.high) > 1e6) return 0;
  const double pi = 3.14159265358979323846, margin = 1e-9;
  double low = (a.low + offset) / pi, high = (a.high + offset) / pi;
  double turn = floor(low + margin);
  bool from = low - turn >= margin || (turn == 0 && a.low >= 0 && offset == 0);
  bool to = high <= turn + 1 - margin || (turn == -1 && a.high <= 0 && offset == 0);
  if (!from || !to) return 0;
  return fmod(turn, 2) == 0 ? 1 : -1;
}

static const double half_pi = 1.57079632679489661923, half_pi_down = 1.5707963267948966;

nd_bend nd_bend_sin(const nd_interval *a) {
  return (nd_bend){-within_half_turn(*a, 0), within_half_turn(*a, half_pi)};
}

nd_bend nd_bend_cos(const nd_interval *a) {
  return (nd_bend){-within_half_turn(*a, half_pi), -within_half_turn(*a, 0)};
}

nd_bend nd_bend_tan(const nd_interval *a) {
  bool above = a->low >= 0 && a->high <= half_pi_down;
  bool below = a->high <= 0 && a->low >= -half_pi_down;
  return (nd_bend){above ? 1 : below ? -1 : 0, a->low >= -half_pi_down && a->high <= half_pi_down};
}

/* It rises from 1/e on. */
nd_bend nd_bend_entropy(const nd_interval *a) {
  return (nd_bend){0, a->low >= 0.36787944117144239};
}

/* ---- least curvature ---- */

double nd_curved_exp(nd_interval a) {
  return nd_function_range(ND_EXP, &a, 1).low;
}

double nd_curved_cosh(nd_interval a) {
  (void)a;
  return 1;
}

/* 1/x, which falls. */
double nd_curved_entropy(nd_interval a) {
  return a.high > 0 ? nd_inverse(nd_between(0, a.high)).low : 0;
}

/* 1/x^2 */
double nd_curved_log(nd_interval a) {
  double bound = nd_curved_entropy(a);
  return nd_times(nd_between(bound, bound), nd_between(bound, bound)).low;
}
