/* Intervals of doubles, rounded outwards, with open ends: what the rules know of a node's values.
 *
 * Sums and products are exact where the double is (two-sum: Knuth; two-product by fma), so that a
 * sign is not lost to rounding: 1 - x for x <= 1 stays >= 0. Functions are enclosed by Arb at the
 * ends, being monotone between them. Infinite ends are always open. An operation costs some
 * nanoseconds, a function some microseconds.
 * Forbidden: an end that a value of the real expression may pass. */
#include "theory/rules_internal.h"

#include <arb.h>
#include <arb_hypgeom.h>
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
  if (fabs(product) < 1e-280) return upwards ? up(product) : down(product);
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

/* ---- functions at an end, by Arb ---- */

static void enclose_function(arb_t y, nd_op op, const arb_t x) {
  arb_t one;
  arb_init(one);
  arb_one(one);
  if (op == ND_EXP) arb_exp(y, x, PRECISION);
  if (op == ND_EXPM1) arb_expm1(y, x, PRECISION);
  if (op == ND_LOG) arb_log(y, x, PRECISION);
  if (op == ND_LOG2) arb_log_base_ui(y, x, 2, PRECISION);
  if (op == ND_LOG10) arb_log_base_ui(y, x, 10, PRECISION);
  if (op == ND_LOG1P) arb_log1p(y, x, PRECISION);
  if (op == ND_SQRT) arb_sqrt(y, x, PRECISION);
  if (op == ND_ASIN) arb_asin(y, x, PRECISION);
  if (op == ND_ACOS) arb_acos(y, x, PRECISION);
  if (op == ND_ATAN) arb_atan(y, x, PRECISION);
  if (op == ND_SINH) arb_sinh(y, x, PRECISION);
  if (op == ND_COSH) arb_cosh(y, x, PRECISION);
  if (op == ND_TANH) arb_tanh(y, x, PRECISION);
  if (op == ND_ASINH) arb_asinh(y, x, PRECISION);
  if (op == ND_ACOSH) arb_acosh(y, x, PRECISION);
  if (op == ND_ATANH) arb_atanh(y, x, PRECISION);
  if (op == ND_ERF) arb_hypgeom_erf(y, x, PRECISION);
  if (op == ND_ERFC) arb_hypgeom_erfc(y, x, PRECISION);
  if (op == ND_CBRT) {
    arb_abs(y, x);
    arb_root_ui(y, y, 3, PRECISION);
    if (arb_is_negative(x)) arb_neg(y, y);
  }
  if (op == ND_SOFTPLUS || op == ND_SIGMOID) {
    arb_neg(y, x);
    arb_exp(y, y, PRECISION);
    if (op == ND_SIGMOID) {
      arb_add(y, y, one, PRECISION);
      arb_div(y, one, y, PRECISION);
    } else {
      arb_log1p(y, y, PRECISION);
      arb_add(y, y, x, PRECISION);
    }
  }
  arb_clear(one);
}

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

static double function_end(nd_op op, double x, bool upwards) {
  arb_t in, out;
  arb_init(in);
  arb_init(out);
  arb_indeterminate(out);
  arb_set_d(in, x);
  enclose_function(out, op, in);
  double end = end_of(out, upwards);
  arb_clear(in);
  arb_clear(out);
  return end;
}

/* A monotone function: its domain's ends, and the values it takes on (limits, never passed). */
typedef struct monotone {
  nd_op op;
  double from, to;
  double least, most;
  bool falling, least_open, most_open;
} monotone;

static const double pi_up = 3.1415926535897936, half_pi_up = 1.5707963267948968;

static const monotone monotones[] = {
    {ND_EXP, -INFINITY, INFINITY, 0, INFINITY, false, true, true},
    {ND_EXPM1, -INFINITY, INFINITY, -1, INFINITY, false, true, true},
    {ND_LOG, 0, INFINITY, -INFINITY, INFINITY, false, true, true},
    {ND_LOG2, 0, INFINITY, -INFINITY, INFINITY, false, true, true},
    {ND_LOG10, 0, INFINITY, -INFINITY, INFINITY, false, true, true},
    {ND_LOG1P, -1, INFINITY, -INFINITY, INFINITY, false, true, true},
    {ND_SQRT, 0, INFINITY, 0, INFINITY, false, false, true},
    {ND_CBRT, -INFINITY, INFINITY, -INFINITY, INFINITY, false, true, true},
    {ND_SOFTPLUS, -INFINITY, INFINITY, 0, INFINITY, false, true, true},
    {ND_SIGMOID, -INFINITY, INFINITY, 0, 1, false, true, true},
    {ND_ASIN, -1, 1, -half_pi_up, half_pi_up, false, false, false},
    {ND_ACOS, -1, 1, 0, pi_up, true, false, false},
    {ND_ATAN, -INFINITY, INFINITY, -half_pi_up, half_pi_up, false, true, true},
    {ND_SINH, -INFINITY, INFINITY, -INFINITY, INFINITY, false, true, true},
    {ND_TANH, -INFINITY, INFINITY, -1, 1, false, true, true},
    {ND_ASINH, -INFINITY, INFINITY, -INFINITY, INFINITY, false, true, true},
    {ND_ACOSH, 1, INFINITY, 0, INFINITY, false, false, true},
    {ND_ATANH, -1, 1, -INFINITY, INFINITY, false, true, true},
    {ND_ERF, -INFINITY, INFINITY, -1, 1, false, true, true},
    {ND_ERFC, -INFINITY, INFINITY, 0, 2, true, true, true},
};

static nd_interval monotone_range(const monotone *f, nd_interval a) {
  nd_interval all = {f->least, f->most, f->least_open, f->most_open, false}, image = all;
  double *at_low = f->falling ? &image.high : &image.low;
  double *at_high = f->falling ? &image.low : &image.high;
  bool *low_open = f->falling ? &image.high_open : &image.low_open;
  bool *high_open = f->falling ? &image.low_open : &image.high_open;
  if (isfinite(a.low) && a.low > f->from && a.low <= f->to) {
    *at_low = function_end(f->op, a.low, f->falling);
    *low_open = a.low_open;
  }
  if (isfinite(a.high) && a.high < f->to && a.high >= f->from) {
    *at_high = function_end(f->op, a.high, !f->falling);
    *high_open = a.high_open;
  }
  if (a.low == f->from && isfinite(a.low)) *low_open = *low_open || a.low_open;
  if (a.high == f->to && isfinite(a.high)) *high_open = *high_open || a.high_open;
  return nd_meet(image, all);
}

static nd_interval magnitude(nd_interval a) {
  if (nd_is_nonnegative(a)) return a;
  if (nd_is_nonpositive(a)) return nd_minus(a);
  nd_interval both = nd_hull(a, nd_minus(a));
  both.low = 0;
  both.low_open = a.never_zero;
  both.never_zero = a.never_zero;
  return both;
}

/* The values of a function of one argument; everything where nothing is known. */
nd_interval nd_function_range(nd_op op, nd_interval a) {
  nd_interval result = nd_everything(), size;
  for (size_t i = 0; i < ND_COUNT(monotones); i++)
    if (monotones[i].op == op) {
      result = monotone_range(&monotones[i], a);
      bool odd = op == ND_CBRT || op == ND_SINH || op == ND_TANH || op == ND_ASINH ||
                 op == ND_ATAN || op == ND_ERF || op == ND_EXPM1 || op == ND_LOG1P;
      result.never_zero =
          result.never_zero || (odd && a.never_zero) || (op == ND_SQRT && nd_is_positive(a));
      return result;
    }
  if (op == ND_SIN || op == ND_COS) return nd_between(-1, 1);
  if (op == ND_ABS) return magnitude(a);
  if (op == ND_COSH) {
    size = magnitude(a);
    if (isfinite(size.high))
      result = (nd_interval){1, function_end(op, size.high, true), false, size.high_open, false};
    else
      result = above(1, false);
    if (size.low > 0) result.low = function_end(op, size.low, false);
    return nd_meet(result, above(1, false));
  }
  if (op == ND_POS) {
    result = nd_meet(a, above(0, false));
    if (a.high < 0) return nd_between(0, 0);
    if (a.low < 0) result.low_open = false;
    if (a.high == 0) result.high_open = false;
    result.never_zero = nd_is_positive(a);
    return result;
  }
  if (op == ND_FLOOR)
    return nd_between(isinf(a.low) ? a.low : floor(a.low), isinf(a.high) ? a.high : floor(a.high));
  if (op == ND_SIGN) {
    result = nd_between(nd_is_nonnegative(a) ? 0 : -1, nd_is_nonpositive(a) ? 0 : 1);
    if (nd_is_positive(a)) result.low = 1;
    if (nd_is_negative(a)) result.high = -1;
    return result;
  }
  if (op == ND_ENTROPY) {
    result = above(-0.36787944117144239, false); /* -1/e rounded down */
    if (a.low >= 1) result = (nd_interval){0, INFINITY, a.low_open, true, false};
    if (a.high <= 1 && nd_is_nonnegative(a)) result.high = 0, result.high_open = false;
    return result;
  }
  return result;
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
  if (even) return power_of_size(magnitude(a), p);
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
