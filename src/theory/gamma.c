/* The gamma function's family, for theory: log|gamma| and polygamma, the derivatives of it, enclosed
 * over intervals, as power series, and how they bend.
 *
 * log|gamma| and polygamma of an odd order are convex between any two poles; (-1)^(n+1) psi_n is
 * completely monotone on x > 0 (Abramowitz and Stegun 1964, 6.3 and 6.4). An enclosure costs two or
 * three values by Arb. */
#include "theory/functions_internal.h"

#include <acb.h>
#include <math.h>

/* ---- values ---- */

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

/* ---- enclosures ---- */

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

void nd_enclose_lgamma(nd_enclosure *x, const nd_enclosing *o) {
  if (may_be_pole(o->a[0])) {
    x->defined = false;
    x->nowhere = is_pole(o->a[0]);
    nd_enclosure_set_all(x);
    return;
  }
  /* its least value on x > 0 is -0.12148629053584961 at 1.4616321449683623 */
  nd_enclose_valley(x, log_gamma, o->a[0], 1.461632144968, -0.12148629053585, o->precision);
  if (arf_sgn(o->a[0]->high) < 0) {
    tangent_low(x, -1, o->a[0], o->precision);
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

void nd_enclose_polygamma(nd_enclosure *x, const nd_enclosing *o) {
  if (!nd_enclosure_is_point(o->a[0]) || !arf_is_int(o->a[0]->low) ||
      arf_cmp_si(o->a[0]->low, 0) < 0 || arf_cmp_si(o->a[0]->low, 100) > 0) {
    nd_enclosure_forget(x);
    x->nowhere = is_no_order(o->a[0]);
    return;
  }
  if (may_be_pole(o->a[1])) {
    x->defined = false;
    x->nowhere = is_pole(o->a[1]);
    nd_enclosure_set_all(x);
    return;
  }
  poly_gamma_ends(x, arf_get_si(o->a[0]->low, ARF_RND_NEAR), o->a[1], o->precision);
}

/* ---- power series ---- */

/* log|gamma|: its derivative is digamma on both sides of 0. */
bool nd_series_lgamma(nd_expanding *w, arb_poly_t y) {
  const arb_poly_struct *x = w->x[0];
  arb_t value;
  if (nd_series_sign(x) > 0) {
    arb_poly_lgamma_series(y, x, w->length, w->precision);
    return true;
  }
  arb_init(value);
  nd_series_constant(value, x);
  arb_gamma(value, value, w->precision);
  arb_abs(value, value);
  arb_log(value, value, w->precision);
  arb_poly_digamma_series(w->b, x, w->length, w->precision);
  nd_series_integrate(w, y, value, x, w->b);
  arb_clear(value);
  return true;
}

/* Derivative n of digamma, expanded at x0 and composed with x - x0. */
bool nd_series_polygamma(nd_expanding *w, arb_poly_t y) {
  const arb_poly_struct *order = w->x[0], *x = w->x[1];
  arb_t value;
  fmpz_t n;
  arb_init(value);
  fmpz_init(n);
  nd_series_constant(value, order);
  bool good = arb_poly_length(order) <= 1 && arb_get_unique_fmpz(n, value) &&
              fmpz_cmp_si(n, 0) >= 0 && fmpz_cmp_si(n, 100) <= 0;
  if (good) {
    slong k = fmpz_get_si(n);
    nd_series_constant(value, x);
    arb_poly_zero(w->a);
    arb_poly_set_coeff_arb(w->a, 0, value);
    arb_poly_set_coeff_si(w->a, 1, 1);
    arb_poly_digamma_series(w->b, w->a, w->length + k, w->precision);
    for (slong i = 0; i < k; i++)
      arb_poly_derivative(w->b, w->b, w->precision);
    arb_poly_set(w->a, x);
    arb_poly_set_coeff_si(w->a, 0, 0);
    arb_poly_compose_series(y, w->b, w->a, w->length, w->precision);
  }
  arb_clear(value);
  fmpz_clear(n);
  return good;
}

/* ---- bends ---- */

/* It rises from its least value on, at 1.46... */
nd_bend nd_bend_lgamma(const nd_interval *a) {
  return (nd_bend){0, a->low >= 1.4616321449683624};
}

nd_bend nd_bend_polygamma(const nd_interval *a) {
  double order = a[0].low;
  bool known = order == a[0].high && order >= 0 && floor(order) == order;
  bool positive = a[1].low > 0 || (a[1].low == 0 && (a[1].low_open || a[1].never_zero));
  return (nd_bend){!known || !positive ? 0 : fmod(order, 2) == 0 ? -1 : 1, 0};
}
