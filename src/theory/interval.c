/* Intervals of doubles, rounded outwards, with open ends: what the rules know of a node's values.
 *
 * Sums and products are exact where the double is (two-sum: Knuth; two-product by fma), so that a
 * sign is not lost to rounding: 1 - x for x <= 1 stays >= 0. Functions are enclosed as functions.def
 * says. Infinite ends are always open. An operation costs some
 * nanoseconds, a function some microseconds.
 * Forbidden: an end that a value of the real expression may pass. */
#include "theory/functions_internal.h"
#include "theory/rules_internal.h"

#include <float.h>
#include <math.h>

enum { PRECISION = 80 };

nd_interval nd_everything(void) {
  return (nd_interval){-INFINITY, INFINITY, true, true, false};
}

nd_interval nd_between(double low, double high) {
  return (nd_interval){low, high, isinf(low) != 0, isinf(high) != 0, false};
}

static nd_interval above(double low, bool open) {
  return (nd_interval){low, INFINITY, open, true, false};
}

bool nd_is_nonnegative(nd_interval a) {
  return a.low >= 0;
}

bool nd_is_nonpositive(nd_interval a) {
  return a.high <= 0;
}

bool nd_is_positive(nd_interval a) {
  return a.low > 0 || (a.low == 0 && (a.low_open || a.never_zero));
}

bool nd_is_negative(nd_interval a) {
  return a.high < 0 || (a.high == 0 && (a.high_open || a.never_zero));
}

bool nd_is_nonzero(nd_interval a) {
  return a.never_zero || nd_is_positive(a) || nd_is_negative(a);
}

bool nd_is_point(nd_interval a) {
  return a.low == a.high;
}

nd_interval nd_meet(nd_interval a, nd_interval b) {
  nd_interval both = a;
  if (b.low > a.low || (b.low == a.low && b.low_open)) {
    both.low = b.low;
    both.low_open = b.low_open;
  }
  if (b.high < a.high || (b.high == a.high && b.high_open)) {
    both.high = b.high;
    both.high_open = b.high_open;
  }
  both.never_zero = a.never_zero || b.never_zero;
  return both;
}

nd_interval nd_hull(nd_interval a, nd_interval b) {
  nd_interval hull = a;
  if (b.low < a.low || (b.low == a.low && !b.low_open)) {
    hull.low = b.low;
    hull.low_open = b.low_open;
  }
  if (b.high > a.high || (b.high == a.high && !b.high_open)) {
    hull.high = b.high;
    hull.high_open = b.high_open;
  }
  hull.never_zero = nd_is_nonzero(a) && nd_is_nonzero(b);
  return hull;
}

/* ---- sums and products of ends ---- */

static double down(double value) {
  return nextafter(value, -INFINITY);
}

static double up(double value) {
  return nextafter(value, INFINITY);
}

/* The sum's error, exact where nothing overflows. */
static double sum_error(double a, double b, double sum) {
  double part = sum - a;
  return (a - (sum - part)) + (b - part);
}

static double add_end(double a, double b, bool upwards) {
  double sum = a + b;
  if (isinf(a) || isinf(b)) return isnan(sum) ? (upwards ? INFINITY : -INFINITY) : sum;
  if (isinf(sum)) return upwards ? (sum > 0 ? sum : -DBL_MAX) : (sum > 0 ? DBL_MAX : sum);
  double error = sum_error(a, b, sum);
  if (upwards) return error > 0 ? up(sum) : sum;
  return error < 0 ? down(sum) : sum;
}

static double multiply_end(double a, double b, bool upwards) {
  if (a == 0 || b == 0) return 0;
  double product = a * b;
  if (isinf(a) || isinf(b)) return product;
  if (isinf(product))
    return upwards ? (product > 0 ? product : -DBL_MAX) : (product > 0 ? DBL_MAX : product);
  if (fabs(product) < 1e-280) { /* the error is lost, but not the sign */
    double end = upwards ? up(product) : down(product);
    return (a > 0) == (b > 0) ? fmax(end, 0) : fmin(end, 0);
  }
  double error = fma(a, b, -product);
  if (upwards) return error > 0 ? up(product) : product;
  return error < 0 ? down(product) : product;
}

static double divide_end(double a, double b, bool upwards) {
  double quotient = a / b;
  if (a == 0) return 0;
  if (isinf(b)) return 0;
  if (isinf(a)) return quotient;
  if (isinf(quotient))
    return upwards ? (quotient > 0 ? quotient : -DBL_MAX) : (quotient > 0 ? DBL_MAX : quotient);
  if (fabs(quotient) > 1e-280 && fabs(quotient) < 1e280 && fabs(a) > 1e-280 &&
      fma(quotient, b, -a) == 0)
    return quotient;
  return upwards ? up(quotient) : down(quotient);
}

nd_interval nd_plus(nd_interval a, nd_interval b) {
  nd_interval sum = {add_end(a.low, b.low, false), add_end(a.high, b.high, true),
                     a.low_open || b.low_open, a.high_open || b.high_open, false};
  sum.low_open = sum.low_open || isinf(sum.low);
  sum.high_open = sum.high_open || isinf(sum.high);
  return sum;
}

nd_interval nd_minus(nd_interval a) {
  return (nd_interval){-a.high, -a.low, a.high_open, a.low_open, a.never_zero};
}

typedef struct corner {
  double low, high;
  bool open;
} corner;

static corner corner_of(double a, bool a_open, double b, bool b_open) {
  bool attained = (a == 0 && !a_open) || (b == 0 && !b_open);
  return (corner){multiply_end(a, b, false), multiply_end(a, b, true),
                  (a_open || b_open) && !attained};
}

nd_interval nd_times(nd_interval a, nd_interval b) {
  corner corners[4] = {
      corner_of(a.low, a.low_open, b.low, b.low_open),
      corner_of(a.low, a.low_open, b.high, b.high_open),
      corner_of(a.high, a.high_open, b.low, b.low_open),
      corner_of(a.high, a.high_open, b.high, b.high_open),
  };
  nd_interval product = {corners[0].low, corners[0].high, corners[0].open, corners[0].open, false};
  for (size_t i = 1; i < 4; i++) {
    nd_interval next = {corners[i].low, corners[i].high, corners[i].open, corners[i].open, false};
    product = nd_hull(product, next);
  }
  product.never_zero = nd_is_nonzero(a) && nd_is_nonzero(b);
  product.low_open = product.low_open || isinf(product.low);
  product.high_open = product.high_open || isinf(product.high);
  return product;
}

/* 1/a; where a may have both signs, everything but zero. */
nd_interval nd_inverse(nd_interval a) {
  nd_interval inverse = nd_everything();
  inverse.never_zero = true;
  if (nd_is_positive(a) || (nd_is_nonnegative(a) && a.high > 0)) {
    inverse.low = isinf(a.high) ? 0 : divide_end(1, a.high, false);
    inverse.low_open = a.high_open;
    if (a.low > 0) {
      inverse.high = divide_end(1, a.low, true);
      inverse.high_open = a.low_open;
    }
  } else if (nd_is_nonpositive(a) && a.low < 0) {
    return nd_minus(nd_inverse(nd_minus(a)));
  }
  return inverse;
}

/* ---- functions ---- */

/* A double on the asked side of y; infinite where y is not known. */
static double end_of(const arb_t y, bool upwards) {
  double end = upwards ? INFINITY : -INFINITY;
  arf_t bound;
  arf_init(bound);
  if (arb_is_finite(y)) {
    if (upwards)
      arb_get_ubound_arf(bound, y, PRECISION);
    else
      arb_get_lbound_arf(bound, y, PRECISION);
    end = arf_get_d(bound, upwards ? ARF_RND_CEIL : ARF_RND_FLOOR);
  }
  arf_clear(bound);
  return end;
}

nd_interval nd_magnitude(nd_interval a) {
  if (nd_is_nonnegative(a)) return a;
  if (nd_is_nonpositive(a)) return nd_minus(a);
  nd_interval both = nd_hull(a, nd_minus(a));
  both.low = 0;
  both.low_open = a.never_zero;
  both.never_zero = a.never_zero;
  return both;
}

static void set_enclosure(nd_enclosure *x, nd_interval a) {
  nd_enclosure_set_ends(x, a.low, a.high);
  x->low_open = x->low_open || a.low_open || (a.low == 0 && a.never_zero);
  x->high_open = x->high_open || a.high_open || (a.high == 0 && a.never_zero);
}

/* An end that had to be rounded is not taken. */
static nd_interval interval_of(const nd_enclosure *x) {
  nd_interval a = {nd_enclosure_low(x), nd_enclosure_high(x), x->low_open, x->high_open, false};
  a.low_open = a.low_open || arf_cmp_d(x->low, a.low) > 0;
  a.high_open = a.high_open || arf_cmp_d(x->high, a.high) < 0;
  return a;
}

/* False for what theory does not know. */
static bool enclose(nd_enclosure *value, nd_op op, const nd_interval *arguments, size_t count) {
  nd_enclosure in[2];
  const nd_enclosure *list[2] = {&in[0], &in[1]};
  if (nd_theory_of(op) == NULL || count > ND_COUNT(in)) return false;
  for (size_t i = 0; i < count; i++) {
    nd_enclosure_init(&in[i]);
    set_enclosure(&in[i], arguments[i]);
  }
  nd_enclose_op(value, op, list, count, PRECISION);
  for (size_t i = 0; i < count; i++)
    nd_enclosure_clear(&in[i]);
  return true;
}

nd_interval nd_function_range(nd_op op, const nd_interval *arguments, size_t count) {
  nd_enclosure value;
  nd_interval range = nd_everything();
  nd_enclosure_init(&value);
  if (enclose(&value, op, arguments, count)) {
    if (!value.nowhere) range = interval_of(&value);
    range.never_zero = (nd_theory_of(op)->traits & ND_ZERO_AT_0) && nd_is_nonzero(arguments[0]);
  }
  nd_enclosure_clear(&value);
  return range;
}

bool nd_function_is_defined(nd_op op, const nd_interval *arguments, size_t count) {
  nd_enclosure value;
  nd_enclosure_init(&value);
  bool defined = enclose(&value, op, arguments, count) && value.defined;
  nd_enclosure_clear(&value);
  return defined;
}

/* ---- powers ---- */

static double power_end(double x, nd_ratio p, bool upwards) {
  if (x == 0) return p.n > 0 ? 0 : INFINITY;
  if (isinf(x)) return p.n > 0 ? INFINITY : 0;
  arb_t base, exponent;
  arb_init(base);
  arb_init(exponent);
  arb_set_d(base, x);
  arb_set_si(exponent, p.n);
  arb_div_si(exponent, exponent, p.d, PRECISION);
  arb_pow(base, base, exponent, PRECISION);
  double end = end_of(base, upwards);
  arb_clear(base);
  arb_clear(exponent);
  return end;
}

/* a >= 0 */
static nd_interval power_of_size(nd_interval a, nd_ratio p) {
  nd_interval power;
  if (p.n > 0)
    power = (nd_interval){power_end(a.low, p, false), power_end(a.high, p, true), a.low_open,
                          a.high_open, false};
  else
    power = (nd_interval){power_end(a.high, p, false), power_end(a.low, p, true), a.high_open,
                          a.low_open, false};
  power.low_open = power.low_open || isinf(power.low);
  power.high_open = power.high_open || isinf(power.high);
  power.never_zero = p.n < 0 || nd_is_positive(a);
  return nd_meet(power, above(0, power.never_zero));
}

nd_interval nd_power_range(nd_interval a, nd_ratio p) {
  if (p.n == 0) return nd_between(1, 1);
  bool whole = p.d == 1, even = whole && p.n % 2 == 0;
  if (even) return power_of_size(nd_magnitude(a), p);
  if (!whole || nd_is_nonnegative(a)) return power_of_size(nd_meet(a, above(0, false)), p);
  if (nd_is_nonpositive(a)) return nd_minus(power_of_size(nd_minus(a), p));
  nd_interval result = nd_everything();
  if (p.n < 0) {
    result.never_zero = true;
    return result;
  }
  nd_interval below =
      nd_minus(power_of_size((nd_interval){0, -a.low, false, a.low_open, false}, p));
  nd_interval over = power_of_size((nd_interval){0, a.high, false, a.high_open, false}, p);
  result = nd_hull(below, over);
  result.never_zero = a.never_zero;
  return result;
}
