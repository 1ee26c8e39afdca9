/* An enclosure of each operator of ops.def over intervals, by its row in the table at the end. An
 * operator without a row is not known: everything, not defined, not smooth.
 *
 * Monotone functions are evaluated at the ends by Arb, with the limits at infinite ends and at the
 * edge of the domain; the others by their extrema (sine, entropy, lgamma), by composition (norms),
 * or three-valued (truth values). Bounds are for the points where the operator is defined; a kink
 * or a jump inside the arguments' intervals, ends included unless they are open, clears `smooth`.
 */
#include "theory/enclose_internal.h"

#include <acb.h>
#include <acb_poly.h>
#include <arb_hypgeom.h>
#include <math.h>

typedef void function(arb_t value, const arb_t x, slong precision);
typedef void rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count, slong precision);

static void set_all(nd_enclosure *x) {
  arf_neg_inf(x->low);
  arf_pos_inf(x->high);
  x->low_open = x->high_open = true;
}

static void not_known(nd_enclosure *x) {
  set_all(x);
  x->defined = x->continuous = x->smooth = false;
}

static void set_ends(nd_enclosure *x, double low, double high) {
  arf_set_d(x->low, low);
  arf_set_d(x->high, high);
  x->low_open = isinf(low);
  x->high_open = isinf(high);
}

/* Copies the ends, not the flags. */
static void copy_ends(nd_enclosure *x, const nd_enclosure *y) {
  arf_set(x->low, y->low);
  arf_set(x->high, y->high);
  x->low_open = y->low_open;
  x->high_open = y->high_open;
}

/* Widens x to hold y's ends too. */
static void hull(nd_enclosure *x, const nd_enclosure *y) {
  int low = arf_cmp(y->low, x->low), high = arf_cmp(y->high, x->high);
  if (low == 0) x->low_open = x->low_open && y->low_open;
  if (high == 0) x->high_open = x->high_open && y->high_open;
  if (low < 0) {
    arf_set(x->low, y->low);
    x->low_open = y->low_open;
  }
  if (high > 0) {
    arf_set(x->high, y->high);
    x->high_open = y->high_open;
  }
}

/* Holds x below down to `least` and up to `most`, which values never leave (and, open, never take).
 */
static void clamp(nd_enclosure *x, double least, double most, bool open) {
  int low = arf_cmp_d(x->low, least), high = arf_cmp_d(x->high, most);
  if (low <= 0) {
    arf_set_d(x->low, least);
    x->low_open = low < 0 ? open || isinf(least) : x->low_open || open;
  }
  if (high >= 0) {
    arf_set_d(x->high, most);
    x->high_open = high > 0 ? open || isinf(most) : x->high_open || open;
  }
}

static bool is_negative(const nd_enclosure *x) {
  int sign = arf_sgn(x->high);
  return sign < 0 || (sign == 0 && x->high_open);
}

static bool nonzero(const nd_enclosure *x) {
  return nd_enclosure_positive(x) || is_negative(x);
}

/* Copies a part of `a` that lies in [from, to], an edge being excluded where it is open; what is
 * cut off is where x is not defined. */
static void cut(nd_enclosure *x, nd_enclosure *part, const nd_enclosure *a, double from, double to,
                bool open) {
  int low = arf_cmp_d(a->low, from), high = arf_cmp_d(a->high, to);
  nd_enclosure_set(part, a);
  if (low < 0 || (low == 0 && open && !a->low_open)) x->defined = false;
  if (high > 0 || (high == 0 && open && !a->high_open)) x->defined = false;
  if (arf_cmp_d(a->high, from) < 0 || arf_cmp_d(a->low, to) > 0) x->nowhere = true;
  if (open && (arf_cmp_d(a->high, from) == 0 || arf_cmp_d(a->low, to) == 0)) x->nowhere = true;
  if (low <= 0) {
    arf_set_d(part->low, from);
    part->low_open = isinf(from) || open || (low == 0 && a->low_open);
  }
  if (high >= 0) {
    arf_set_d(part->high, to);
    part->high_open = isinf(to) || open || (high == 0 && a->high_open);
  }
  if (x->nowhere) set_all(x);
}

/* One end of a function's range from one exact argument; false where Arb has no answer. */
static bool end_value(arf_t value, function *f, const arf_t at, bool up, slong precision) {
  arb_t ball, result;
  arb_init(ball);
  arb_init(result);
  arb_set_arf(ball, at);
  f(result, ball, precision);
  if (up)
    arb_get_ubound_arf(value, result, precision);
  else
    arb_get_lbound_arf(value, result, precision);
  bool known = !arf_is_nan(value) && arb_is_finite(result);
  arb_clear(ball);
  arb_clear(result);
  return known;
}

/* ---- monotone functions of one argument ---- */

typedef struct monotone {
  function *f;
  int direction;   /* 1 increasing, -1 decreasing */
  double from, to; /* the domain; open where the edges are excluded (infinite ones are) */
  bool open;
  double least, most; /* the range, rounded outwards ... */
  bool never;         /* ... whose ends are never taken */
} monotone;

static void cube_root(arb_t value, const arb_t x, slong precision) {
  arb_t size;
  arb_init(size);
  arb_abs(size, x);
  arb_root_ui(value, size, 3, precision);
  if (arb_is_negative(x)) arb_neg(value, value);
  arb_clear(size);
}

static void log_2(arb_t value, const arb_t x, slong precision) {
  arb_log_base_ui(value, x, 2, precision);
}

static void log_10(arb_t value, const arb_t x, slong precision) {
  arb_log_base_ui(value, x, 10, precision);
}

static void softplus(arb_t value, const arb_t x, slong precision) {
  arb_t part;
  arb_init(part);
  arb_abs(part, x);
  arb_neg(part, part);
  arb_exp(part, part, precision);
  arb_log1p(part, part, precision);
  if (arb_is_positive(x))
    arb_add(value, x, part, precision);
  else
    arb_set(value, part);
  arb_clear(part);
}

static void sigmoid(arb_t value, const arb_t x, slong precision) {
  arb_t part;
  arb_init(part);
  arb_neg(part, x);
  arb_exp(part, part, precision);
  arb_add_ui(part, part, 1, precision);
  arb_inv(value, part, precision);
  arb_clear(part);
}

static const double half_pi_up = 1.5707963267948968, pi_up = 3.1415926535897936;

static void end_of(nd_enclosure *x, const monotone *m, const nd_enclosure *a, bool low,
                   slong precision) {
  bool take_high = low == (m->direction < 0);
  const arf_struct *at = take_high ? a->high : a->low;
  bool open = take_high ? a->high_open : a->low_open;
  bool edge = m->open && (arf_cmp_d(at, m->from) == 0 || arf_cmp_d(at, m->to) == 0);
  arf_struct *value = low ? x->low : x->high;
  if (arf_is_inf(at) || edge || !end_value(value, m->f, at, !low, precision)) {
    arf_set_d(value, low ? m->least : m->most);
    open = true;
  }
  if (low)
    x->low_open = open;
  else
    x->high_open = open;
}

static void apply_monotone(nd_enclosure *x, const monotone *m, const nd_enclosure *a,
                           slong precision) {
  nd_enclosure part;
  nd_enclosure_init(&part);
  cut(x, &part, a, m->from, m->to, m->open);
  if (!x->nowhere) {
    end_of(x, m, &part, true, precision);
    end_of(x, m, &part, false, precision);
    clamp(x, m->least, m->most, m->never);
  }
  nd_enclosure_clear(&part);
}

#define MONOTONE(name, f, direction, from, to, open, least, most, never)                           \
  static void name##_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count,             \
                          slong precision) {                                                       \
    static const monotone about = {f, direction, from, to, open, least, most, never};              \
    (void)count;                                                                                   \
    apply_monotone(x, &about, a[0], precision);                                                    \
  }
MONOTONE(exp, arb_exp, 1, -INFINITY, INFINITY, true, 0, INFINITY, true)
MONOTONE(expm1, arb_expm1, 1, -INFINITY, INFINITY, true, -1, INFINITY, true)
MONOTONE(log, arb_log, 1, 0, INFINITY, true, -INFINITY, INFINITY, true)
MONOTONE(log2, log_2, 1, 0, INFINITY, true, -INFINITY, INFINITY, true)
MONOTONE(log10, log_10, 1, 0, INFINITY, true, -INFINITY, INFINITY, true)
MONOTONE(log1p, arb_log1p, 1, -1, INFINITY, true, -INFINITY, INFINITY, true)
MONOTONE(softplus, softplus, 1, -INFINITY, INFINITY, true, 0, INFINITY, true)
MONOTONE(sigmoid, sigmoid, 1, -INFINITY, INFINITY, true, 0, 1, true)
MONOTONE(atan, arb_atan, 1, -INFINITY, INFINITY, true, -half_pi_up, half_pi_up, true)
MONOTONE(sinh, arb_sinh, 1, -INFINITY, INFINITY, true, -INFINITY, INFINITY, true)
MONOTONE(tanh, arb_tanh, 1, -INFINITY, INFINITY, true, -1, 1, true)
MONOTONE(asinh, arb_asinh, 1, -INFINITY, INFINITY, true, -INFINITY, INFINITY, true)
MONOTONE(atanh, arb_atanh, 1, -1, 1, true, -INFINITY, INFINITY, true)
MONOTONE(erf, arb_hypgeom_erf, 1, -INFINITY, INFINITY, true, -1, 1, true)
MONOTONE(erfc, arb_hypgeom_erfc, -1, -INFINITY, INFINITY, true, 0, 2, true)
/* these are not differentiable at an edge or a point of the domain, which may lie inside of ours */
MONOTONE(sqrt_raw, arb_sqrt, 1, 0, INFINITY, false, 0, INFINITY, false)
MONOTONE(cbrt_raw, cube_root, 1, -INFINITY, INFINITY, true, -INFINITY, INFINITY, true)
MONOTONE(asin_raw, arb_asin, 1, -1, 1, false, -half_pi_up, half_pi_up, false)
MONOTONE(acos_raw, arb_acos, -1, -1, 1, false, 0, pi_up, false)
MONOTONE(acosh_raw, arb_acosh, 1, 1, INFINITY, false, 0, INFINITY, false)
MONOTONE(cosh_raw, arb_cosh, 1, 0, INFINITY, false, 1, INFINITY, false)

static void sqrt_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count,
                      slong precision) {
  if (!nd_enclosure_positive(a[0])) x->smooth = false;
  sqrt_raw_rule(x, a, count, precision);
}

static void cbrt_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count,
                      slong precision) {
  if (!nonzero(a[0])) x->smooth = false;
  cbrt_raw_rule(x, a, count, precision);
}

static bool inside(const nd_enclosure *x, double low, double high) {
  return !nd_enclosure_contains(x, low) && !nd_enclosure_contains(x, high) &&
         arf_cmp_d(x->low, low) >= 0 && arf_cmp_d(x->high, high) <= 0;
}

static void asin_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count,
                      slong precision) {
  if (!inside(a[0], -1, 1)) x->smooth = false;
  asin_raw_rule(x, a, count, precision);
}

static void acos_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count,
                      slong precision) {
  if (!inside(a[0], -1, 1)) x->smooth = false;
  acos_raw_rule(x, a, count, precision);
}

static void acosh_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count,
                       slong precision) {
  if (!inside(a[0], 1, INFINITY)) x->smooth = false;
  acosh_raw_rule(x, a, count, precision);
}

/* ---- sizes and extremes ---- */

/* |a|, ends alone. */
static void absolute(nd_enclosure *x, const nd_enclosure *a) {
  bool low_open = a->low_open, high_open = a->high_open;
  if (arf_sgn(a->low) >= 0) {
    copy_ends(x, a);
  } else if (arf_sgn(a->high) <= 0) {
    arf_t low;
    arf_init(low);
    arf_neg(low, a->high);
    arf_neg(x->high, a->low);
    arf_swap(x->low, low);
    x->low_open = high_open;
    x->high_open = low_open;
    arf_clear(low);
  } else {
    int order = arf_cmpabs(a->low, a->high);
    if (order >= 0)
      arf_neg(x->high, a->low);
    else
      arf_set(x->high, a->high);
    x->high_open = order > 0 ? low_open : order < 0 ? high_open : low_open && high_open;
    arf_zero(x->low);
    x->low_open = false;
  }
}

static void abs_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count, slong precision) {
  (void)count;
  (void)precision;
  if (!nonzero(a[0])) x->smooth = false;
  absolute(x, a[0]);
}

static void square(nd_enclosure *x, const nd_enclosure *a, slong precision) {
  absolute(x, a);
  arf_mul(x->low, x->low, x->low, precision, ARF_RND_FLOOR);
  arf_mul(x->high, x->high, x->high, precision, ARF_RND_CEIL);
}

static void cosh_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count,
                      slong precision) {
  nd_enclosure size;
  const nd_enclosure *argument = &size;
  nd_enclosure_init(&size);
  absolute(&size, a[0]);
  cosh_raw_rule(x, &argument, count, precision);
  nd_enclosure_clear(&size);
}

static void pos_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count, slong precision) {
  (void)count;
  (void)precision;
  if (!nonzero(a[0])) x->smooth = false;
  copy_ends(x, a[0]);
  if (arf_sgn(x->low) < 0) {
    arf_zero(x->low);
    x->low_open = false;
  }
  if (arf_sgn(x->high) < 0) {
    arf_zero(x->high);
    x->high_open = false;
  }
}

static void sign_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count,
                      slong precision) {
  int low = arf_sgn(a[0]->low), high = arf_sgn(a[0]->high);
  (void)count;
  (void)precision;
  if (nonzero(a[0])) {
    int sign = nd_enclosure_positive(a[0]) ? 1 : -1;
    set_ends(x, sign, sign);
    return;
  }
  if (low != 0 || high != 0) x->continuous = false;
  x->smooth = false;
  set_ends(x, low < 0 ? -1 : 0, high > 0 ? 1 : 0);
}

/* Whether a <= b at every point, or a < b. */
static bool never_above(const nd_enclosure *a, const nd_enclosure *b) {
  return arf_cmp(a->high, b->low) <= 0;
}

static bool below(const nd_enclosure *a, const nd_enclosure *b) {
  int order = arf_cmp(a->high, b->low);
  return order < 0 || (order == 0 && (a->high_open || b->low_open));
}

/* The greater (sign 1) or the lesser (-1) of x and y. */
static void extreme(nd_enclosure *x, const nd_enclosure *y, int sign) {
  int low = arf_cmp(y->low, x->low) * sign, high = arf_cmp(y->high, x->high) * sign;
  if (!below(x, y) && !below(y, x)) x->smooth = false;
  if (low == 0) x->low_open = sign > 0 ? x->low_open || y->low_open : x->low_open && y->low_open;
  if (high == 0)
    x->high_open = sign < 0 ? x->high_open || y->high_open : x->high_open && y->high_open;
  if (low > 0) {
    arf_set(x->low, y->low);
    x->low_open = y->low_open;
  }
  if (high > 0) {
    arf_set(x->high, y->high);
    x->high_open = y->high_open;
  }
}

static void extremes(nd_enclosure *x, const nd_enclosure *const *a, size_t count, int sign) {
  copy_ends(x, a[0]);
  for (size_t i = 1; i < count; i++)
    extreme(x, a[i], sign);
}

static void max_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count, slong precision) {
  (void)precision;
  extremes(x, a, count, 1);
}

static void min_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count, slong precision) {
  (void)precision;
  extremes(x, a, count, -1);
}

static void norm2_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count,
                       slong precision) {
  nd_enclosure part, sum;
  nd_enclosure_init(&part);
  nd_enclosure_init(&sum);
  for (size_t i = 0; i < count; i++) {
    square(&part, a[i], precision);
    nd_enclosure_add(&sum, &sum, &part, precision);
  }
  const nd_enclosure *argument = &sum;
  if (!nd_enclosure_positive(&sum)) x->smooth = false;
  sqrt_raw_rule(x, &argument, 1, precision);
  nd_enclosure_clear(&part);
  nd_enclosure_clear(&sum);
}

/* ---- arithmetic ---- */

static void pi_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count, slong precision) {
  arb_t pi;
  (void)a;
  (void)count;
  arb_init(pi);
  arb_const_pi(pi, precision);
  arb_get_lbound_arf(x->low, pi, precision);
  arb_get_ubound_arf(x->high, pi, precision);
  x->low_open = x->high_open = true;
  arb_clear(pi);
}

static void add_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count, slong precision) {
  copy_ends(x, a[0]);
  for (size_t i = 1; i < count; i++)
    nd_enclosure_add(x, x, a[i], precision);
}

static void sub_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count, slong precision) {
  (void)count;
  nd_enclosure_sub(x, a[0], a[1], precision);
}

static void neg_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count, slong precision) {
  bool low_open = a[0]->high_open, high_open = a[0]->low_open;
  arf_t low;
  (void)count;
  (void)precision;
  arf_init(low);
  arf_neg(low, a[0]->high);
  arf_neg(x->high, a[0]->low);
  arf_swap(x->low, low);
  x->low_open = low_open;
  x->high_open = high_open;
  arf_clear(low);
}

static void mul_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count, slong precision) {
  if (count == 2 && a[0] == a[1]) {
    square(x, a[0], precision);
    return;
  }
  copy_ends(x, a[0]);
  for (size_t i = 1; i < count; i++)
    nd_enclosure_mul(x, x, a[i], precision);
}

static void div_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count, slong precision) {
  (void)count;
  if (!nonzero(a[1])) x->defined = false;
  if (arf_is_zero(a[1]->low) && arf_is_zero(a[1]->high)) {
    x->nowhere = true;
    set_all(x);
    return;
  }
  nd_enclosure_div(x, a[0], a[1], precision);
}

/* |end|^n, an exact argument; rounding as asked. */
static void power_end(arf_t value, const arf_t at, ulong n, bool up, slong precision) {
  arb_t ball;
  if (arf_is_inf(at)) {
    arf_set(value, at);
    if (arf_sgn(at) < 0 && n % 2 == 0) arf_pos_inf(value);
    return;
  }
  arb_init(ball);
  arb_set_arf(ball, at);
  arb_pow_ui(ball, ball, n, precision);
  if (up)
    arb_get_ubound_arf(value, ball, precision);
  else
    arb_get_lbound_arf(value, ball, precision);
  arb_clear(ball);
}

static void natural_power(nd_enclosure *x, const nd_enclosure *a, ulong n, slong precision) {
  nd_enclosure base;
  if (n == 0) {
    set_ends(x, 1, 1);
    return;
  }
  nd_enclosure_init(&base);
  copy_ends(&base, a);
  if (n % 2 == 0) absolute(&base, a);
  power_end(x->low, base.low, n, false, precision);
  power_end(x->high, base.high, n, true, precision);
  x->low_open = base.low_open;
  x->high_open = base.high_open;
  if (n % 2 == 0 && arf_sgn(x->low) < 0) arf_zero(x->low);
  nd_enclosure_clear(&base);
}

static void integer_power(nd_enclosure *x, const nd_enclosure *a, slong n, slong precision) {
  if (n >= 0) {
    natural_power(x, a, (ulong)n, precision);
    return;
  }
  nd_enclosure power, one;
  nd_enclosure_init(&power);
  nd_enclosure_init(&one);
  set_ends(&one, 1, 1);
  natural_power(&power, a, (ulong)-n, precision);
  const nd_enclosure *arguments[2] = {&one, &power};
  div_rule(x, arguments, 2, precision);
  nd_enclosure_clear(&power);
  nd_enclosure_clear(&one);
}

/* a^b for a >= 0 as exp(b log a); at a = 0 it is 0 for b > 0 and 1 for b = 0. */
static void real_power(nd_enclosure *x, const nd_enclosure *a, const nd_enclosure *b,
                       slong precision) {
  bool zero = nd_enclosure_contains(a, 0) && arf_sgn(b->high) >= 0;
  bool only_zero = zero && arf_sgn(a->high) <= 0;
  nd_enclosure logarithm;
  const nd_enclosure *argument = a;
  nd_enclosure_init(&logarithm);
  log_rule(&logarithm, &argument, 1, precision);
  if (!logarithm.nowhere) {
    nd_enclosure_mul(&logarithm, b, &logarithm, precision);
    argument = &logarithm;
    exp_rule(x, &argument, 1, precision);
    x->nowhere = false;
  } else if (!only_zero) {
    x->nowhere = true;
    set_all(x);
  }
  if (zero) {
    nd_enclosure edge;
    nd_enclosure_init(&edge);
    set_ends(&edge, arf_sgn(b->high) > 0 ? 0 : 1, nd_enclosure_contains(b, 0) ? 1 : 0);
    if (only_zero)
      copy_ends(x, &edge);
    else
      hull(x, &edge);
    nd_enclosure_clear(&edge);
  }
  nd_enclosure_clear(&logarithm);
}

static void pow_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count, slong precision) {
  const nd_enclosure *base = a[0], *power = a[1];
  (void)count;
  if (nd_enclosure_is_point(power) && arf_is_int(power->low) &&
      arf_cmpabs_2exp_si(power->low, 31) < 0) {
    integer_power(x, base, arf_get_si(power->low, ARF_RND_NEAR), precision);
    return;
  }
  bool positive = nd_enclosure_positive(base);
  if (!positive) {
    x->smooth = false;
    if (arf_sgn(base->low) < 0 || !nd_enclosure_nonnegative(power)) x->defined = false;
    if (nd_enclosure_contains(power, 0)) x->continuous = false;
  }
  if (arf_sgn(base->low) < 0) {
    bool whole = false; /* whether an integer exponent, of a negative base, can be among them */
    arf_t floor_high;
    arf_init(floor_high);
    arf_floor(floor_high, power->high);
    whole = arf_cmp(floor_high, power->low) >= 0;
    arf_clear(floor_high);
    if (whole) {
      set_all(x);
      x->continuous = x->smooth = false;
      return;
    }
    if (arf_sgn(base->high) < 0) {
      x->nowhere = true;
      set_all(x);
      return;
    }
  }
  nd_enclosure part;
  nd_enclosure_init(&part);
  copy_ends(&part, base);
  if (arf_sgn(part.low) < 0) {
    arf_zero(part.low);
    part.low_open = false;
  }
  real_power(x, &part, power, precision);
  nd_enclosure_clear(&part);
}

/* ---- truth ---- */

typedef enum truth { NO, YES, MAYBE } truth;

static truth truth_of(const nd_enclosure *x) {
  if (nonzero(x)) return YES;
  return arf_is_zero(x->low) && arf_is_zero(x->high) ? NO : MAYBE;
}

static void set_truth(nd_enclosure *x, truth t) {
  set_ends(x, t == YES ? 1 : 0, t == NO ? 0 : 1);
  if (t == MAYBE) x->continuous = x->smooth = false;
}

static void less_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count,
                      slong precision) {
  (void)count;
  (void)precision;
  set_truth(x, below(a[0], a[1]) ? YES : a[0] == a[1] || never_above(a[1], a[0]) ? NO : MAYBE);
}

static void lesseq_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count,
                        slong precision) {
  (void)count;
  (void)precision;
  set_truth(x, a[0] == a[1] || never_above(a[0], a[1]) ? YES : below(a[1], a[0]) ? NO : MAYBE);
}

static void equal_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count,
                       slong precision) {
  bool same = a[0] == a[1] || (nd_enclosure_is_point(a[0]) && nd_enclosure_is_point(a[1]) &&
                               arf_equal(a[0]->low, a[1]->low));
  (void)count;
  (void)precision;
  set_truth(x, same ? YES : below(a[0], a[1]) || below(a[1], a[0]) ? NO : MAYBE);
}

static void and_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count, slong precision) {
  truth p = truth_of(a[0]), q = truth_of(a[1]);
  (void)count;
  (void)precision;
  set_truth(x, p == NO || q == NO ? NO : p == YES && q == YES ? YES : MAYBE);
}

static void or_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count, slong precision) {
  truth p = truth_of(a[0]), q = truth_of(a[1]);
  (void)count;
  (void)precision;
  set_truth(x, p == YES || q == YES ? YES : p == NO && q == NO ? NO : MAYBE);
}

static void not_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count, slong precision) {
  truth p = truth_of(a[0]);
  (void)count;
  (void)precision;
  set_truth(x, p == YES ? NO : p == NO ? YES : MAYBE);
}

static void if_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count, slong precision) {
  truth condition = a[0]->nowhere ? MAYBE : truth_of(a[0]);
  (void)count;
  (void)precision;
  if (condition != MAYBE) {
    const nd_enclosure *branch = condition == YES ? a[1] : a[2];
    nd_enclosure_set(x, branch);
    x->defined = a[0]->defined && branch->defined;
    return;
  }
  x->nowhere = a[0]->nowhere || (a[1]->nowhere && a[2]->nowhere);
  x->defined = a[0]->defined && a[1]->defined && a[2]->defined;
  x->continuous = x->smooth = false;
  copy_ends(x, a[1]->nowhere ? a[2] : a[1]);
  if (!a[1]->nowhere && !a[2]->nowhere) hull(x, a[2]);
}

/* ---- steps ---- */

static void floor_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count,
                       slong precision) {
  (void)count;
  (void)precision;
  arf_floor(x->low, a[0]->low);
  arf_floor(x->high, a[0]->high);
  x->low_open = arf_is_inf(x->low) != 0;
  x->high_open = arf_is_inf(x->high) != 0;
  if (!nd_enclosure_is_point(x)) x->continuous = x->smooth = false;
  /* at an integer the left side is a step lower */
  if (arf_equal(x->low, a[0]->low) && !a[0]->low_open) x->smooth = false;
}

/* x - m floor(x/m), which has the sign of m and is smaller; the quotient's floor may be one number.
 */
static void mod_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count, slong precision) {
  nd_enclosure part, whole;
  const nd_enclosure *argument = &part;
  nd_enclosure_init(&part);
  nd_enclosure_init(&whole);
  div_rule(&part, a, count, precision);
  if (!part.defined) x->defined = false;
  if (part.nowhere) {
    x->nowhere = true;
    set_all(x);
  } else {
    floor_rule(&whole, &argument, 1, precision);
    if (!whole.smooth) x->smooth = false;
    if (!whole.continuous) x->continuous = false;
    if (nd_enclosure_is_point(&whole) && arf_is_finite(whole.low)) {
      nd_enclosure_mul(&part, &whole, a[1], precision);
      nd_enclosure_sub(x, a[0], &part, precision);
    } else {
      x->low_open = x->high_open = false;
      if (arf_sgn(a[1]->low) < 0)
        arf_set(x->low, a[1]->low);
      else
        arf_zero(x->low);
      if (arf_sgn(a[1]->high) > 0)
        arf_set(x->high, a[1]->high);
      else
        arf_zero(x->high);
    }
  }
  nd_enclosure_clear(&part);
  nd_enclosure_clear(&whole);
}

/* ---- sums of exponentials, quotients, pieces ---- */

/* The end of logsumexp from the arguments' low or high ends. */
static void log_sum_end(arf_t value, const nd_enclosure *const *a, size_t count, bool up,
                        slong precision) {
  const arf_struct *most = up ? a[0]->high : a[0]->low;
  for (size_t i = 1; i < count; i++) {
    const arf_struct *end = up ? a[i]->high : a[i]->low;
    if (arf_cmp(end, most) > 0) most = end;
  }
  if (arf_is_inf(most)) {
    arf_set(value, most);
    return;
  }
  arb_t sum, term, shift;
  arb_init(sum);
  arb_init(term);
  arb_init(shift);
  arb_set_arf(shift, most);
  for (size_t i = 0; i < count; i++) {
    const arf_struct *end = up ? a[i]->high : a[i]->low;
    if (arf_is_inf(end)) continue;
    arb_set_arf(term, end);
    arb_sub(term, term, shift, precision);
    arb_exp(term, term, precision);
    arb_add(sum, sum, term, precision);
  }
  arb_log(sum, sum, precision);
  arb_add(sum, sum, shift, precision);
  if (up)
    arb_get_ubound_arf(value, sum, precision);
  else
    arb_get_lbound_arf(value, sum, precision);
  arb_clear(sum);
  arb_clear(term);
  arb_clear(shift);
}

static void logsumexp_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count,
                           slong precision) {
  log_sum_end(x->low, a, count, false, precision);
  log_sum_end(x->high, a, count, true, precision);
  x->low_open = x->high_open = false;
  for (size_t i = 0; i < count; i++) {
    x->low_open = x->low_open || a[i]->low_open;
    x->high_open = x->high_open || a[i]->high_open;
  }
}

static void huber_end(arf_t value, const arf_t size, const arf_t d, bool up, slong precision) {
  arf_rnd_t rounding = up ? ARF_RND_CEIL : ARF_RND_FLOOR;
  if (arf_cmp(size, d) <= 0) {
    arf_mul(value, size, size, precision, rounding);
    return;
  }
  if (arf_is_inf(size)) {
    arf_set(value, arf_is_zero(d) ? d : size);
    return;
  }
  arf_t twice;
  arf_init(twice);
  arf_mul_2exp_si(twice, size, 1);
  arf_sub(twice, twice, d, precision, rounding);
  arf_mul(value, twice, d, precision, rounding);
  arf_clear(twice);
}

static void huber_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count,
                       slong precision) {
  nd_enclosure size, d;
  (void)count;
  nd_enclosure_init(&size);
  nd_enclosure_init(&d);
  absolute(&size, a[0]);
  cut(x, &d, a[1], 0, INFINITY, false);
  if (!x->nowhere) {
    huber_end(x->low, size.low, d.low, false, precision);
    huber_end(x->high, size.high, d.high, true, precision);
    x->low_open = arf_is_inf(x->low) != 0;
    x->high_open = arf_is_inf(x->high) != 0;
  }
  nd_enclosure_clear(&size);
  nd_enclosure_clear(&d);
}

static void quad_over_lin_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count,
                               slong precision) {
  nd_enclosure top, bottom;
  (void)count;
  nd_enclosure_init(&top);
  nd_enclosure_init(&bottom);
  cut(x, &bottom, a[1], 0, INFINITY, true);
  if (!x->nowhere) {
    square(&top, a[0], precision);
    nd_enclosure_div(x, &top, &bottom, precision);
  }
  nd_enclosure_clear(&top);
  nd_enclosure_clear(&bottom);
}

static void entropy_value(arb_t value, const arb_t x, slong precision) {
  arb_t logarithm;
  if (arb_is_zero(x)) {
    arb_zero(value);
    return;
  }
  arb_init(logarithm);
  arb_log(logarithm, x, precision);
  arb_mul(value, x, logarithm, precision);
  arb_clear(logarithm);
}

/* Ends from a function that falls to the left of its least value and rises to the right: the
 * greater of the end values, and the lesser or, where the place of the least may be inside,
 * `least`. */
static void valley(nd_enclosure *x, function *f, const nd_enclosure *a, double place, double least,
                   slong precision) {
  arf_t other;
  arf_init(other);
  bool falls = arf_cmp_d(a->high, place) <= 0, rises = arf_cmp_d(a->low, place + 1e-11) >= 0;
  if (arf_is_inf(a->high) || !end_value(x->high, f, a->high, true, precision)) arf_pos_inf(x->high);
  if (arf_is_inf(a->low) || !end_value(other, f, a->low, true, precision)) arf_pos_inf(other);
  if (arf_cmp(other, x->high) > 0) arf_set(x->high, other);
  const arf_struct *lowest = falls ? a->high : a->low;
  if ((!falls && !rises) || arf_is_inf(lowest) || !end_value(x->low, f, lowest, false, precision) ||
      arf_cmp_d(x->low, least) < 0)
    arf_set_d(x->low, least);
  x->low_open = false;
  x->high_open = arf_is_inf(x->high) != 0;
  arf_clear(other);
}

static void entropy_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count,
                         slong precision) {
  nd_enclosure part;
  (void)count;
  nd_enclosure_init(&part);
  if (!nd_enclosure_positive(a[0])) x->smooth = false;
  cut(x, &part, a[0], 0, INFINITY, false);
  /* the least value is -1/e at 1/e */
  if (!x->nowhere) valley(x, entropy_value, &part, 0.36787944117, -0.36787944117144234, precision);
  nd_enclosure_clear(&part);
}

/* ---- angles ---- */

/* Whether (x - shift pi) / (period pi) may be an integer somewhere in a; shift in halves. */
static bool meets(const nd_enclosure *a, slong half_shift, slong period, slong precision) {
  arb_t t, pi;
  arf_t low, high;
  if (arf_is_inf(a->low) || arf_is_inf(a->high)) return true;
  arb_init(t);
  arb_init(pi);
  arf_init(low);
  arf_init(high);
  arb_const_pi(pi, precision);
  for (int i = 0; i < 2; i++) {
    arb_set_arf(t, i == 0 ? a->low : a->high);
    arb_div(t, t, pi, precision);
    arb_mul_2exp_si(t, t, 1);
    arb_sub_si(t, t, half_shift, precision);
    arb_div_si(t, t, 2 * period, precision);
    if (i == 0) {
      arb_get_lbound_arf(low, t, precision);
      arf_ceil(low, low);
    } else {
      arb_get_ubound_arf(high, t, precision);
      arf_floor(high, high);
    }
  }
  bool may = !(arf_cmp(low, high) > 0);
  arb_clear(t);
  arb_clear(pi);
  arf_clear(low);
  arf_clear(high);
  return may;
}

/* Sine-like: greatest at half_shift/2 pi + 2 k pi, least half a turn later. */
static void wave(nd_enclosure *x, function *f, const nd_enclosure *a, slong half_shift,
                 slong precision) {
  arf_t other;
  set_ends(x, -1, 1);
  if (arf_is_inf(a->low) || arf_is_inf(a->high)) return;
  arf_init(other);
  if (!meets(a, half_shift, 2, precision) && end_value(x->high, f, a->low, true, precision) &&
      end_value(other, f, a->high, true, precision)) {
    if (arf_cmp(other, x->high) > 0) arf_set(x->high, other);
  } else {
    arf_one(x->high);
  }
  if (!meets(a, half_shift + 2, 2, precision) && end_value(x->low, f, a->low, false, precision) &&
      end_value(other, f, a->high, false, precision)) {
    if (arf_cmp(other, x->low) < 0) arf_set(x->low, other);
  } else {
    arf_set_si(x->low, -1);
  }
  arf_clear(other);
  clamp(x, -1, 1, false);
}

static void sin_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count, slong precision) {
  (void)count;
  wave(x, arb_sin, a[0], 1, precision);
}

static void cos_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count, slong precision) {
  (void)count;
  wave(x, arb_cos, a[0], 0, precision);
}

static void tan_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count, slong precision) {
  (void)count;
  set_all(x);
  if (meets(a[0], 1, 1, precision)) {
    x->defined = false;
    return;
  }
  if (!end_value(x->low, arb_tan, a[0]->low, false, precision)) arf_neg_inf(x->low);
  if (!end_value(x->high, arb_tan, a[0]->high, true, precision)) arf_pos_inf(x->high);
  x->low_open = a[0]->low_open || arf_is_inf(x->low);
  x->high_open = a[0]->high_open || arf_is_inf(x->high);
}

/* x <- sign * pi/2 - atan(a/b) for b of one sign. */
static void turned(nd_enclosure *x, const nd_enclosure *a, const nd_enclosure *b, int sign,
                   slong precision) {
  nd_enclosure ratio, angle, quarter;
  const nd_enclosure *argument = &ratio;
  nd_enclosure_init(&ratio);
  nd_enclosure_init(&angle);
  nd_enclosure_init(&quarter);
  nd_enclosure_div(&ratio, a, b, precision);
  atan_rule(&angle, &argument, 1, precision);
  pi_rule(&quarter, NULL, 0, precision);
  arf_mul_2exp_si(quarter.low, quarter.low, -1);
  arf_mul_2exp_si(quarter.high, quarter.high, -1);
  if (sign < 0) {
    argument = &quarter;
    neg_rule(&quarter, &argument, 1, precision);
  }
  nd_enclosure_sub(x, &quarter, &angle, precision);
  x->low_open = x->high_open = false;
  nd_enclosure_clear(&ratio);
  nd_enclosure_clear(&angle);
  nd_enclosure_clear(&quarter);
}

static void atan2_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count,
                       slong precision) {
  const nd_enclosure *y = a[0], *base = a[1];
  (void)count;
  if (nd_enclosure_positive(base)) {
    nd_enclosure ratio;
    const nd_enclosure *argument = &ratio;
    nd_enclosure_init(&ratio);
    nd_enclosure_div(&ratio, y, base, precision);
    atan_rule(x, &argument, 1, precision);
    nd_enclosure_clear(&ratio);
  } else if (nonzero(y)) {
    turned(x, base, y, nd_enclosure_positive(y) ? 1 : -1, precision);
  } else {
    set_ends(x, -pi_up, pi_up);
    x->defined = x->continuous = x->smooth = false;
    x->nowhere = nd_enclosure_is_point(y) && nd_enclosure_is_point(base);
  }
}

/* ---- the gamma function's family ---- */

static void log_gamma(arb_t value, const arb_t x, slong precision) {
  if (arb_is_positive(x)) {
    arb_lgamma(value, x, precision);
    return;
  }
  arb_gamma(value, x, precision);
  arb_abs(value, value);
  arb_log(value, value, precision);
}

/* value <- pi times the derivative of that order of cot(pi x), which has period 1: the whole part of
 * x is taken off exactly. */
static void cotangent(arb_t value, slong order, const arb_t x, slong precision) {
  arb_t whole;
  arb_poly_t angle, series;
  arb_init(whole);
  arb_poly_init(angle);
  arb_poly_init(series);
  arf_floor(arb_midref(whole), arb_midref(x));
  arb_sub(whole, x, whole, ARF_PREC_EXACT);
  arb_poly_set_coeff_arb(angle, 0, whole);
  arb_poly_set_coeff_si(angle, 1, 1);
  arb_poly_cot_pi_series(series, angle, order + 1, precision);
  arb_poly_get_coeff_arb(value, series, order);
  arb_fac_ui(whole, (ulong)order, precision);
  arb_mul(value, value, whole, precision);
  arb_const_pi(whole, precision);
  arb_mul(value, value, whole, precision);
  arb_clear(whole);
  arb_poly_clear(angle);
  arb_poly_clear(series);
}

static void poly_gamma(arb_t value, slong order, const arb_t x, slong precision);

/* By reflection, psi_n(x) = (-1)^n psi_n(1 - x) - pi d^n cot(pi x)/dx^n (Abramowitz and Stegun 1964,
 * 6.4.7): Arb goes there step by step, 0.2 s far out at 1024 bits. */
static void poly_gamma_below(arb_t value, slong order, const arb_t x, slong precision) {
  arb_t other, turned_slope;
  arb_init(other);
  arb_init(turned_slope);
  arb_sub_ui(other, x, 1, ARF_PREC_EXACT);
  arb_neg(other, other);
  cotangent(turned_slope, order, x, precision);
  poly_gamma(value, order, other, precision);
  if (order % 2 != 0) arb_neg(value, value);
  arb_sub(value, value, turned_slope, precision);
  arb_clear(other);
  arb_clear(turned_slope);
}

static void poly_gamma(arb_t value, slong order, const arb_t x, slong precision) {
  acb_t s, z, result;
  if (arb_is_negative(x)) {
    poly_gamma_below(value, order, x, precision);
    return;
  }
  acb_init(s);
  acb_init(z);
  acb_init(result);
  acb_set_si(s, order);
  acb_set_arb(z, x);
  if (order == 0)
    acb_digamma(result, z, precision);
  else
    acb_polygamma(result, s, z, precision);
  arb_set(value, acb_realref(result));
  acb_clear(s);
  acb_clear(z);
  acb_clear(result);
}

static bool is_pole(const nd_enclosure *a) {
  return nd_enclosure_is_point(a) && arf_is_int(a->low) && arf_sgn(a->low) <= 0;
}

static bool may_be_pole(const nd_enclosure *a) {
  arf_t floor_high;
  if (nd_enclosure_positive(a)) return false;
  if (arf_sgn(a->high) >= 0) return true;
  arf_init(floor_high);
  arf_floor(floor_high, a->high);
  bool inside_one = arf_cmp(floor_high, a->low) < 0;
  arf_clear(floor_high);
  return !inside_one;
}

/* log|gamma| (order -1) and polygamma of an odd order are convex between any two poles: f(x) >=
 * f(m) + f'(m) (x - m). */
static void tangent_low(nd_enclosure *x, slong order, const nd_enclosure *a, slong precision) {
  arb_t middle, value, slope, radius;
  arb_init(middle);
  arb_init(value);
  arb_init(slope);
  arb_init(radius);
  nd_enclosure_get_arb(middle, a, precision);
  arb_get_rad_arb(radius, middle);
  arb_get_mid_arb(middle, middle);
  if (order < 0)
    log_gamma(value, middle, precision);
  else
    poly_gamma(value, order, middle, precision);
  poly_gamma(slope, order + 1, middle, precision);
  arb_abs(slope, slope);
  arb_submul(value, slope, radius, precision);
  arb_get_lbound_arf(x->low, value, precision);
  if (arf_is_nan(x->low)) arf_neg_inf(x->low);
  arb_clear(middle);
  arb_clear(value);
  arb_clear(slope);
  arb_clear(radius);
}

static void lgamma_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count,
                        slong precision) {
  (void)count;
  if (may_be_pole(a[0])) {
    x->defined = false;
    x->nowhere = is_pole(a[0]);
    set_all(x);
    return;
  }
  /* its least value on x > 0 is -0.12148629053584961 at 1.4616321449683623 */
  valley(x, log_gamma, a[0], 1.461632144968, -0.12148629053585, precision);
  if (arf_sgn(a[0]->high) < 0) {
    tangent_low(x, -1, a[0], precision);
    x->low_open = arf_is_inf(x->low) != 0;
  }
}

/* Between poles an even order increases; an odd one is positive and convex, and falls on x > 0. */
static void poly_gamma_ends(nd_enclosure *x, slong order, const nd_enclosure *a, slong precision) {
  arb_t ball, at_low, at_high;
  arb_init(ball);
  arb_init(at_low);
  arb_init(at_high);
  bool even = order % 2 == 0, falls = !even && nd_enclosure_positive(a);
  arb_set_arf(ball, a->low);
  if (arf_is_inf(a->low) || arf_is_zero(a->low))
    arb_indeterminate(at_low);
  else
    poly_gamma(at_low, order, ball, precision);
  arb_set_arf(ball, a->high);
  if (arf_is_inf(a->high))
    arb_indeterminate(at_high);
  else
    poly_gamma(at_high, order, ball, precision);
  if (arb_is_finite(at_low)) {
    arb_get_lbound_arf(x->low, at_low, precision);
    arb_get_ubound_arf(x->high, at_low, precision);
  }
  if (even) {
    if (!arb_is_finite(at_low)) arf_neg_inf(x->low);
    if (arb_is_finite(at_high))
      arb_get_ubound_arf(x->high, at_high, precision);
    else
      arf_pos_inf(x->high);
    if (order > 0 && nd_enclosure_positive(a) && arf_sgn(x->high) > 0) arf_zero(x->high);
  } else {
    if (!arb_is_finite(at_low)) arf_pos_inf(x->high);
    if (falls && arb_is_finite(at_high))
      arb_get_lbound_arf(x->low, at_high, precision);
    else if (arf_is_inf(a->low) || arf_is_inf(a->high))
      arf_zero(x->low);
    else if (!nd_enclosure_is_point(a) || !arb_is_finite(at_low))
      tangent_low(x, order, a, precision);
    if (!falls) {
      arf_t other;
      arf_init(other);
      arb_get_ubound_arf(other, at_high, precision);
      if (!arb_is_finite(at_high))
        arf_pos_inf(x->high);
      else if (arf_cmp(other, x->high) > 0)
        arf_set(x->high, other);
      arf_clear(other);
    }
    if (arf_sgn(x->low) < 0) arf_zero(x->low);
  }
  x->low_open = arf_is_inf(x->low) != 0 || (!even && arf_is_zero(x->low));
  x->high_open = arf_is_inf(x->high) != 0;
  arb_clear(ball);
  arb_clear(at_low);
  arb_clear(at_high);
}

/* No whole number from 0 on lies in it. */
static bool is_no_order(const nd_enclosure *a) {
  arf_t whole;
  arf_init(whole);
  arf_ceil(whole, a->low);
  bool none = arf_sgn(a->high) < 0 || arf_cmp(whole, a->high) > 0;
  arf_clear(whole);
  return none;
}

static void polygamma_rule(nd_enclosure *x, const nd_enclosure *const *a, size_t count,
                           slong precision) {
  (void)count;
  if (!nd_enclosure_is_point(a[0]) || !arf_is_int(a[0]->low) || arf_cmp_si(a[0]->low, 0) < 0 ||
      arf_cmp_si(a[0]->low, 100) > 0) {
    not_known(x);
    x->nowhere = is_no_order(a[0]);
    return;
  }
  if (may_be_pole(a[1])) {
    x->defined = false;
    x->nowhere = is_pole(a[1]);
    set_all(x);
    return;
  }
  poly_gamma_ends(x, arf_get_si(a[0]->low, ARF_RND_NEAR), a[1], precision);
}

/* ---- the table ---- */

static rule *const rules[ND_OPS] = {
    [ND_PI] = pi_rule,
    [ND_ADD] = add_rule,
    [ND_SUB] = sub_rule,
    [ND_NEG] = neg_rule,
    [ND_MUL] = mul_rule,
    [ND_DIV] = div_rule,
    [ND_POW] = pow_rule,
    [ND_LESS] = less_rule,
    [ND_LESSEQ] = lesseq_rule,
    [ND_EQUAL] = equal_rule,
    [ND_AND] = and_rule,
    [ND_OR] = or_rule,
    [ND_NOT] = not_rule,
    [ND_IF] = if_rule,
    [ND_SQRT] = sqrt_rule,
    [ND_CBRT] = cbrt_rule,
    [ND_EXP] = exp_rule,
    [ND_EXPM1] = expm1_rule,
    [ND_LOG] = log_rule,
    [ND_LOG2] = log2_rule,
    [ND_LOG10] = log10_rule,
    [ND_LOG1P] = log1p_rule,
    [ND_LOGSUMEXP] = logsumexp_rule,
    [ND_SOFTPLUS] = softplus_rule,
    [ND_SIGMOID] = sigmoid_rule,
    [ND_ABS] = abs_rule,
    [ND_SIGN] = sign_rule,
    [ND_MIN] = min_rule,
    [ND_MAX] = max_rule,
    [ND_POS] = pos_rule,
    [ND_NORM2] = norm2_rule,
    [ND_HUBER] = huber_rule,
    [ND_QUAD_OVER_LIN] = quad_over_lin_rule,
    [ND_ENTROPY] = entropy_rule,
    [ND_FLOOR] = floor_rule,
    [ND_MOD] = mod_rule,
    [ND_SIN] = sin_rule,
    [ND_COS] = cos_rule,
    [ND_TAN] = tan_rule,
    [ND_ASIN] = asin_rule,
    [ND_ACOS] = acos_rule,
    [ND_ATAN] = atan_rule,
    [ND_ATAN2] = atan2_rule,
    [ND_SINH] = sinh_rule,
    [ND_COSH] = cosh_rule,
    [ND_TANH] = tanh_rule,
    [ND_ASINH] = asinh_rule,
    [ND_ACOSH] = acosh_rule,
    [ND_ATANH] = atanh_rule,
    [ND_ERF] = erf_rule,
    [ND_ERFC] = erfc_rule,
    [ND_LGAMMA] = lgamma_rule,
    [ND_POLYGAMMA] = polygamma_rule,
};

/* An end that Arb could not tell is infinite. */
static void mend(nd_enclosure *x) {
  if (arf_is_nan(x->low)) arf_neg_inf(x->low);
  if (arf_is_nan(x->high)) arf_pos_inf(x->high);
  if (arf_is_inf(x->low)) x->low_open = true;
  if (arf_is_inf(x->high)) x->high_open = true;
}

void nd_enclose_op(nd_enclosure *x, nd_op op, const nd_enclosure *const *arguments, size_t count,
                   slong precision) {
  x->defined = x->continuous = x->smooth = true;
  x->nowhere = false;
  for (size_t i = 0; i < count; i++) {
    x->defined = x->defined && arguments[i]->defined;
    x->continuous = x->continuous && arguments[i]->continuous;
    x->smooth = x->smooth && arguments[i]->smooth;
    x->nowhere = x->nowhere || arguments[i]->nowhere;
  }
  if (rules[op] == NULL) {
    not_known(x);
  } else if (x->nowhere && op != ND_IF) {
    set_all(x);
  } else {
    rules[op](x, arguments, count, precision);
    mend(x);
  }
  if (x->nowhere) x->defined = false;
}
