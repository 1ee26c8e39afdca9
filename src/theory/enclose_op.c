/* An enclosure of each operator over intervals, as its row in functions.def names it.
 *
 * Monotone functions are evaluated at the ends by Arb, with the limits at infinite ends and at the
 * edge of the domain; the others by their extrema (sine, entropy), by composition (norms), or
 * three-valued (truth values). Bounds are for the points where the operator is defined; a kink
 * or a jump inside the arguments' intervals, ends included unless they are open, clears `smooth`.
 */
#include "theory/functions_internal.h"

#include <arb_hypgeom.h>
#include <math.h>

static const double PI_UP = 3.1415926535897936;

/* Another operator of the list. */
static void apply(nd_enclosure *x, nd_op op, const nd_enclosure *const *a, size_t count,
                  slong precision) {
  nd_theory_of(op)->enclose(x, &(nd_enclosing){op, a, count, precision});
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
  if (x->nowhere) nd_enclosure_set_all(x);
}

/* One end of a function's range from one exact argument; false where Arb has no answer. */
static bool end_value(arf_t value, nd_value_rule *f, const arf_t at, bool up, slong precision) {
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

void nd_value_cbrt(arb_t value, const arb_t x, slong precision) {
  arb_t size;
  arb_init(size);
  arb_abs(size, x);
  arb_root_ui(value, size, 3, precision);
  if (arb_is_negative(x)) arb_neg(value, value);
  arb_clear(size);
}

void nd_value_log2(arb_t value, const arb_t x, slong precision) {
  arb_log_base_ui(value, x, 2, precision);
}

void nd_value_log10(arb_t value, const arb_t x, slong precision) {
  arb_log_base_ui(value, x, 10, precision);
}

void nd_value_softplus(arb_t value, const arb_t x, slong precision) {
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

void nd_value_sigmoid(arb_t value, const arb_t x, slong precision) {
  arb_t part;
  arb_init(part);
  arb_neg(part, x);
  arb_exp(part, part, precision);
  arb_add_ui(part, part, 1, precision);
  arb_inv(value, part, precision);
  arb_clear(part);
}

static void end_of(nd_enclosure *x, const nd_piece *p, const nd_enclosure *a, bool low,
                   slong precision) {
  bool take_high = low == (p->direction < 0);
  const arf_struct *at = take_high ? a->high : a->low;
  bool open = take_high ? a->high_open : a->low_open;
  bool edge = p->open && (arf_cmp_d(at, p->from) == 0 || arf_cmp_d(at, p->to) == 0);
  arf_struct *value = low ? x->low : x->high;
  if (arf_is_inf(at) || edge || !end_value(value, p->value, at, !low, precision)) {
    arf_set_d(value, low ? p->least : p->most);
    open = true;
  }
  if (low)
    x->low_open = open;
  else
    x->high_open = open;
}

static void enclose_piece(nd_enclosure *x, const nd_piece *p, const nd_enclosure *a,
                          slong precision) {
  nd_enclosure part;
  nd_enclosure_init(&part);
  cut(x, &part, a, p->from, p->to, p->open);
  if (!x->nowhere) {
    end_of(x, p, &part, true, precision);
    end_of(x, p, &part, false, precision);
    clamp(x, p->least, p->most, p->never);
  }
  nd_enclosure_clear(&part);
}

static bool inside(const nd_enclosure *x, double low, double high) {
  return !nd_enclosure_contains(x, low) && !nd_enclosure_contains(x, high) &&
         arf_cmp_d(x->low, low) >= 0 && arf_cmp_d(x->high, high) <= 0;
}

/* At an edge that belongs to its domain a function of the list is not differentiable. */
void nd_enclose_monotone(nd_enclosure *x, const nd_enclosing *o) {
  const nd_piece *p = &nd_theory_of(o->op)->piece;
  if (!p->open && !inside(o->a[0], p->from, p->to)) x->smooth = false;
  enclose_piece(x, p, o->a[0], o->precision);
}

void nd_enclose_cbrt(nd_enclosure *x, const nd_enclosing *o) {
  if (!nonzero(o->a[0])) x->smooth = false;
  enclose_piece(x, &nd_theory_of(o->op)->piece, o->a[0], o->precision);
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

void nd_enclose_abs(nd_enclosure *x, const nd_enclosing *o) {
  if (!nonzero(o->a[0])) x->smooth = false;
  absolute(x, o->a[0]);
}

static void square(nd_enclosure *x, const nd_enclosure *a, slong precision) {
  absolute(x, a);
  arf_mul(x->low, x->low, x->low, precision, ARF_RND_FLOOR);
  arf_mul(x->high, x->high, x->high, precision, ARF_RND_CEIL);
}

void nd_enclose_cosh(nd_enclosure *x, const nd_enclosing *o) {
  nd_enclosure size;
  nd_enclosure_init(&size);
  absolute(&size, o->a[0]);
  enclose_piece(x, &nd_theory_of(o->op)->piece, &size, o->precision);
  nd_enclosure_clear(&size);
}

void nd_enclose_pos(nd_enclosure *x, const nd_enclosing *o) {
  if (!nonzero(o->a[0])) x->smooth = false;
  copy_ends(x, o->a[0]);
  if (arf_sgn(x->low) < 0) {
    arf_zero(x->low);
    x->low_open = false;
  }
  if (arf_sgn(x->high) < 0) {
    arf_zero(x->high);
    x->high_open = false;
  }
}

void nd_enclose_sign(nd_enclosure *x, const nd_enclosing *o) {
  int low = arf_sgn(o->a[0]->low), high = arf_sgn(o->a[0]->high);
  if (nonzero(o->a[0])) {
    int sign = nd_enclosure_positive(o->a[0]) ? 1 : -1;
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

void nd_enclose_max(nd_enclosure *x, const nd_enclosing *o) {
  extremes(x, o->a, o->count, 1);
}

void nd_enclose_min(nd_enclosure *x, const nd_enclosing *o) {
  extremes(x, o->a, o->count, -1);
}

void nd_enclose_norm2(nd_enclosure *x, const nd_enclosing *o) {
  nd_enclosure part, sum;
  nd_enclosure_init(&part);
  nd_enclosure_init(&sum);
  for (size_t i = 0; i < o->count; i++) {
    square(&part, o->a[i], o->precision);
    nd_enclosure_add(&sum, &sum, &part, o->precision);
  }
  const nd_enclosure *argument = &sum;
  apply(x, ND_SQRT, &argument, 1, o->precision);
  nd_enclosure_clear(&part);
  nd_enclosure_clear(&sum);
}

/* ---- arithmetic ---- */

void nd_enclose_pi(nd_enclosure *x, const nd_enclosing *o) {
  arb_t pi;
  arb_init(pi);
  arb_const_pi(pi, o->precision);
  arb_get_lbound_arf(x->low, pi, o->precision);
  arb_get_ubound_arf(x->high, pi, o->precision);
  x->low_open = x->high_open = true;
  arb_clear(pi);
}

void nd_enclose_add(nd_enclosure *x, const nd_enclosing *o) {
  copy_ends(x, o->a[0]);
  for (size_t i = 1; i < o->count; i++)
    nd_enclosure_add(x, x, o->a[i], o->precision);
}

void nd_enclose_sub(nd_enclosure *x, const nd_enclosing *o) {
  nd_enclosure_sub(x, o->a[0], o->a[1], o->precision);
}

void nd_enclose_neg(nd_enclosure *x, const nd_enclosing *o) {
  bool low_open = o->a[0]->high_open, high_open = o->a[0]->low_open;
  arf_t low;
  arf_init(low);
  arf_neg(low, o->a[0]->high);
  arf_neg(x->high, o->a[0]->low);
  arf_swap(x->low, low);
  x->low_open = low_open;
  x->high_open = high_open;
  arf_clear(low);
}

void nd_enclose_mul(nd_enclosure *x, const nd_enclosing *o) {
  if (o->count == 2 && o->a[0] == o->a[1]) {
    square(x, o->a[0], o->precision);
    return;
  }
  copy_ends(x, o->a[0]);
  for (size_t i = 1; i < o->count; i++)
    nd_enclosure_mul(x, x, o->a[i], o->precision);
}

void nd_enclose_div(nd_enclosure *x, const nd_enclosing *o) {
  if (!nonzero(o->a[1])) x->defined = false;
  if (arf_is_zero(o->a[1]->low) && arf_is_zero(o->a[1]->high)) {
    x->nowhere = true;
    nd_enclosure_set_all(x);
    return;
  }
  nd_enclosure_div(x, o->a[0], o->a[1], o->precision);
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
  apply(x, ND_DIV, arguments, 2, precision);
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
  apply(&logarithm, ND_LOG, &argument, 1, precision);
  if (!logarithm.nowhere) {
    nd_enclosure_mul(&logarithm, b, &logarithm, precision);
    argument = &logarithm;
    apply(x, ND_EXP, &argument, 1, precision);
    x->nowhere = false;
  } else if (!only_zero) {
    x->nowhere = true;
    nd_enclosure_set_all(x);
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

void nd_enclose_pow(nd_enclosure *x, const nd_enclosing *o) {
  const nd_enclosure *base = o->a[0], *power = o->a[1];
  if (nd_enclosure_is_point(power) && arf_is_int(power->low) &&
      arf_cmpabs_2exp_si(power->low, 31) < 0) {
    integer_power(x, base, arf_get_si(power->low, ARF_RND_NEAR), o->precision);
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
      nd_enclosure_set_all(x);
      x->continuous = x->smooth = false;
      return;
    }
    if (arf_sgn(base->high) < 0) {
      x->nowhere = true;
      nd_enclosure_set_all(x);
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
  real_power(x, &part, power, o->precision);
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

void nd_enclose_less(nd_enclosure *x, const nd_enclosing *o) {
  set_truth(x, below(o->a[0], o->a[1])                               ? YES
               : o->a[0] == o->a[1] || never_above(o->a[1], o->a[0]) ? NO
                                                                     : MAYBE);
}

void nd_enclose_lesseq(nd_enclosure *x, const nd_enclosing *o) {
  set_truth(x, o->a[0] == o->a[1] || never_above(o->a[0], o->a[1]) ? YES
               : below(o->a[1], o->a[0])                           ? NO
                                                                   : MAYBE);
}

void nd_enclose_equal(nd_enclosure *x, const nd_enclosing *o) {
  bool same =
      o->a[0] == o->a[1] || (nd_enclosure_is_point(o->a[0]) && nd_enclosure_is_point(o->a[1]) &&
                             arf_equal(o->a[0]->low, o->a[1]->low));
  set_truth(x, same ? YES : below(o->a[0], o->a[1]) || below(o->a[1], o->a[0]) ? NO : MAYBE);
}

void nd_enclose_and(nd_enclosure *x, const nd_enclosing *o) {
  truth p = truth_of(o->a[0]), q = truth_of(o->a[1]);
  set_truth(x, p == NO || q == NO ? NO : p == YES && q == YES ? YES : MAYBE);
}

void nd_enclose_or(nd_enclosure *x, const nd_enclosing *o) {
  truth p = truth_of(o->a[0]), q = truth_of(o->a[1]);
  set_truth(x, p == YES || q == YES ? YES : p == NO && q == NO ? NO : MAYBE);
}

void nd_enclose_not(nd_enclosure *x, const nd_enclosing *o) {
  truth p = truth_of(o->a[0]);
  set_truth(x, p == YES ? NO : p == NO ? YES : MAYBE);
}

void nd_enclose_if(nd_enclosure *x, const nd_enclosing *o) {
  truth condition = o->a[0]->nowhere ? MAYBE : truth_of(o->a[0]);
  if (condition != MAYBE) {
    const nd_enclosure *branch = condition == YES ? o->a[1] : o->a[2];
    nd_enclosure_set(x, branch);
    x->defined = o->a[0]->defined && branch->defined;
    return;
  }
  x->nowhere = o->a[0]->nowhere || (o->a[1]->nowhere && o->a[2]->nowhere);
  x->defined = o->a[0]->defined && o->a[1]->defined && o->a[2]->defined;
  x->continuous = x->smooth = false;
  copy_ends(x, o->a[1]->nowhere ? o->a[2] : o->a[1]);
  if (!o->a[1]->nowhere && !o->a[2]->nowhere) hull(x, o->a[2]);
}

/* ---- steps ---- */

void nd_enclose_floor(nd_enclosure *x, const nd_enclosing *o) {
  arf_floor(x->low, o->a[0]->low);
  arf_floor(x->high, o->a[0]->high);
  x->low_open = arf_is_inf(x->low) != 0;
  x->high_open = arf_is_inf(x->high) != 0;
  if (!nd_enclosure_is_point(x)) x->continuous = x->smooth = false;
  /* at an integer the left side is a step lower */
  if (arf_equal(x->low, o->a[0]->low) && !o->a[0]->low_open) x->smooth = false;
}

/* x - m floor(x/m), which has the sign of m and is smaller; the quotient's floor may be one number.
 */
void nd_enclose_mod(nd_enclosure *x, const nd_enclosing *o) {
  nd_enclosure part, whole;
  const nd_enclosure *argument = &part;
  nd_enclosure_init(&part);
  nd_enclosure_init(&whole);
  apply(&part, ND_DIV, o->a, o->count, o->precision);
  if (!part.defined) x->defined = false;
  if (part.nowhere) {
    x->nowhere = true;
    nd_enclosure_set_all(x);
  } else {
    apply(&whole, ND_FLOOR, &argument, 1, o->precision);
    if (!whole.smooth) x->smooth = false;
    if (!whole.continuous) x->continuous = false;
    if (nd_enclosure_is_point(&whole) && arf_is_finite(whole.low)) {
      nd_enclosure_mul(&part, &whole, o->a[1], o->precision);
      nd_enclosure_sub(x, o->a[0], &part, o->precision);
    } else {
      x->low_open = x->high_open = false;
      if (arf_sgn(o->a[1]->low) < 0)
        arf_set(x->low, o->a[1]->low);
      else
        arf_zero(x->low);
      if (arf_sgn(o->a[1]->high) > 0)
        arf_set(x->high, o->a[1]->high);
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

void nd_enclose_logsumexp(nd_enclosure *x, const nd_enclosing *o) {
  log_sum_end(x->low, o->a, o->count, false, o->precision);
  log_sum_end(x->high, o->a, o->count, true, o->precision);
  x->low_open = x->high_open = false;
  for (size_t i = 0; i < o->count; i++) {
    x->low_open = x->low_open || o->a[i]->low_open;
    x->high_open = x->high_open || o->a[i]->high_open;
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

void nd_enclose_huber(nd_enclosure *x, const nd_enclosing *o) {
  nd_enclosure size, d;
  nd_enclosure_init(&size);
  nd_enclosure_init(&d);
  absolute(&size, o->a[0]);
  cut(x, &d, o->a[1], 0, INFINITY, false);
  if (!x->nowhere) {
    huber_end(x->low, size.low, d.low, false, o->precision);
    huber_end(x->high, size.high, d.high, true, o->precision);
    x->low_open = arf_is_inf(x->low) != 0;
    x->high_open = arf_is_inf(x->high) != 0;
  }
  nd_enclosure_clear(&size);
  nd_enclosure_clear(&d);
}

void nd_enclose_quad_over_lin(nd_enclosure *x, const nd_enclosing *o) {
  nd_enclosure top, bottom;
  nd_enclosure_init(&top);
  nd_enclosure_init(&bottom);
  cut(x, &bottom, o->a[1], 0, INFINITY, true);
  if (!x->nowhere) {
    square(&top, o->a[0], o->precision);
    nd_enclosure_div(x, &top, &bottom, o->precision);
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
void nd_enclose_valley(nd_enclosure *x, nd_value_rule *f, const nd_enclosure *a, double place,
                       double least, slong precision) {
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

void nd_enclose_entropy(nd_enclosure *x, const nd_enclosing *o) {
  nd_enclosure part;
  nd_enclosure_init(&part);
  if (!nd_enclosure_positive(o->a[0])) x->smooth = false;
  cut(x, &part, o->a[0], 0, INFINITY, false);
  /* the least value is -1/e at 1/e */
  if (!x->nowhere)
    nd_enclose_valley(x, entropy_value, &part, 0.36787944117, -0.36787944117144234, o->precision);
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
static void wave(nd_enclosure *x, nd_value_rule *f, const nd_enclosure *a, slong half_shift,
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

void nd_enclose_sin(nd_enclosure *x, const nd_enclosing *o) {
  wave(x, arb_sin, o->a[0], 1, o->precision);
}

void nd_enclose_cos(nd_enclosure *x, const nd_enclosing *o) {
  wave(x, arb_cos, o->a[0], 0, o->precision);
}

void nd_enclose_tan(nd_enclosure *x, const nd_enclosing *o) {
  nd_enclosure_set_all(x);
  if (meets(o->a[0], 1, 1, o->precision)) {
    x->defined = false;
    return;
  }
  if (!end_value(x->low, arb_tan, o->a[0]->low, false, o->precision)) arf_neg_inf(x->low);
  if (!end_value(x->high, arb_tan, o->a[0]->high, true, o->precision)) arf_pos_inf(x->high);
  x->low_open = o->a[0]->low_open || arf_is_inf(x->low);
  x->high_open = o->a[0]->high_open || arf_is_inf(x->high);
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
  apply(&angle, ND_ATAN, &argument, 1, precision);
  apply(&quarter, ND_PI, NULL, 0, precision);
  arf_mul_2exp_si(quarter.low, quarter.low, -1);
  arf_mul_2exp_si(quarter.high, quarter.high, -1);
  if (sign < 0) {
    argument = &quarter;
    apply(&quarter, ND_NEG, &argument, 1, precision);
  }
  nd_enclosure_sub(x, &quarter, &angle, precision);
  x->low_open = x->high_open = false;
  nd_enclosure_clear(&ratio);
  nd_enclosure_clear(&angle);
  nd_enclosure_clear(&quarter);
}

void nd_enclose_atan2(nd_enclosure *x, const nd_enclosing *o) {
  const nd_enclosure *y = o->a[0], *base = o->a[1];
  if (nd_enclosure_positive(base)) {
    nd_enclosure ratio;
    const nd_enclosure *argument = &ratio;
    nd_enclosure_init(&ratio);
    nd_enclosure_div(&ratio, y, base, o->precision);
    apply(x, ND_ATAN, &argument, 1, o->precision);
    nd_enclosure_clear(&ratio);
  } else if (nonzero(y)) {
    turned(x, base, y, nd_enclosure_positive(y) ? 1 : -1, o->precision);
  } else {
    set_ends(x, -PI_UP, PI_UP);
    x->defined = x->continuous = x->smooth = false;
    x->nowhere = nd_enclosure_is_point(y) && nd_enclosure_is_point(base);
  }
}

/* ---- any operator ---- */

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
  const nd_op_theory *theory = nd_theory_of(op);
  if (theory == NULL) {
    nd_enclosure_forget(x);
  } else if (x->nowhere && op != ND_IF) {
    nd_enclosure_set_all(x);
  } else {
    theory->enclose(x, &(nd_enclosing){op, arguments, count, precision});
    mend(x);
  }
  if (x->nowhere) x->defined = false;
}
