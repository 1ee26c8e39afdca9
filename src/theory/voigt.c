/* The Faddeeva function w(z) = exp(-z^2) erfc(-i z) for theory: its real and imaginary parts enclosed over boxes, and as
 * power series.
 *
 * In the upper half plane w(z) = 1/sqrt(pi) int_0^inf exp(-t^2/4 + i z t) dt, so that 0 < Re w <= 1, |Im w| < 0.6106 (its
 * largest value, 2/sqrt(pi) times Dawson's, is on the boundary), |w'| <= 2/sqrt(pi), and, by parts, w is
 * i/(sqrt(pi) z) up to 0.86/(sqrt(pi) |z|^2). A box is enclosed by the value in its middle and the bound of w'. Below,
 * the value of the whole box by Arb. Costs one complex erfc. */
#include <acb_hypgeom.h>
#include <acb_poly.h>
#include <math.h>

#include "theory/functions_internal.h"

static const double MOST_IM = 0.6106, FAR = 1e6;

/* ---- values ---- */

static void at_point(acb_t w, const acb_t z, slong precision) {
  acb_t square;
  acb_init(square);
  acb_mul(square, z, z, precision);
  acb_neg(square, square);
  acb_exp(square, square, precision);
  acb_div_onei(w, z);
  acb_hypgeom_erfc(w, w, precision);
  acb_mul(w, w, square, precision);
  acb_clear(square);
}

/* i/(sqrt(pi) z), with what that is off by. */
static void far_away(acb_t w, const acb_t z, slong precision) {
  arb_t root, off;
  arb_init(root);
  arb_init(off);
  arb_const_sqrt_pi(root, precision);
  acb_abs(off, z, precision);
  arb_mul(off, off, off, precision);
  arb_inv(off, off, precision);
  acb_inv(w, z, precision);
  acb_mul_onei(w, w);
  acb_div_arb(w, w, root, precision);
  acb_add_error_arb(w, off); /* 0.86/sqrt(pi) < 1 */
  arb_clear(root);
  arb_clear(off);
}

static bool is_far(const acb_t z) {
  arf_t far;
  arf_init(far);
  arf_set_d(far, FAR);
  bool is = arf_cmpabs(arb_midref(acb_realref(z)), far) > 0 || arf_cmpabs(arb_midref(acb_imagref(z)), far) > 0;
  arf_clear(far);
  return is;
}

/* ---- enclosures ---- */

/* The ends of w in a box of the upper half plane. */
static void enclose_above(acb_t w, acb_t z, slong precision) {
  arb_t reach;
  arb_init(reach);
  mag_t radius;
  mag_init(radius);
  mag_add(radius, arb_radref(acb_realref(z)), arb_radref(acb_imagref(z)));
  arf_set_mag(arb_midref(reach), radius);
  mag_zero(arb_radref(acb_realref(z)));
  mag_zero(arb_radref(acb_imagref(z)));
  (is_far(z) ? far_away : at_point)(w, z, precision);
  arb_mul_ui(reach, reach, 2, precision); /* 2/sqrt(pi) < 2 */
  acb_add_error_arb(w, reach);
  mag_clear(radius);
  arb_clear(reach);
}

static void take_ends(nd_enclosure *x, const arb_t value, double least, double most, slong precision) {
  nd_enclosure_set_ends(x, least, most);
  x->low_open = isinf(least);
  x->high_open = isinf(most);
  if (!arb_is_finite(value)) return;
  arf_t end, bound;
  arf_init(end);
  arf_init(bound);
  arb_get_lbound_arf(end, value, precision);
  arf_set_d(bound, least);
  if (arf_cmp(end, bound) > 0) arf_set(x->low, end);
  arb_get_ubound_arf(end, value, precision);
  arf_set_d(bound, most);
  if (arf_cmp(end, bound) < 0) arf_set(x->high, end);
  x->low_open = arf_is_inf(x->low) != 0;
  x->high_open = arf_is_inf(x->high) != 0;
  arf_clear(end);
  arf_clear(bound);
}

static void enclose(nd_enclosure *x, const nd_enclosing *o, bool real) {
  bool above = arf_sgn(o->a[1]->low) >= 0;
  acb_t z, w;
  acb_init(z);
  acb_init(w);
  nd_enclosure_get_arb(acb_realref(z), o->a[0], o->precision);
  nd_enclosure_get_arb(acb_imagref(z), o->a[1], o->precision);
  bool finite = acb_is_finite(z);
  if (!finite || (!above && is_far(z)))
    acb_indeterminate(w);
  else if (above)
    enclose_above(w, z, o->precision);
  else
    at_point(w, z, o->precision);
  double most = !above ? INFINITY : real ? 1 : MOST_IM, least = !above ? -INFINITY : real ? 0 : -MOST_IM;
  take_ends(x, real ? acb_realref(w) : acb_imagref(w), least, most, o->precision);
  acb_clear(z);
  acb_clear(w);
}

void nd_enclose_faddeeva_re(nd_enclosure *x, const nd_enclosing *o) {
  enclose(x, o, true);
}

void nd_enclose_faddeeva_im(nd_enclosure *x, const nd_enclosing *o) {
  enclose(x, o, false);
}

/* ---- power series ---- */

/* z <- a + i b */
static void join(acb_poly_t z, const arb_poly_struct *a, const arb_poly_struct *b, slong length) {
  acb_t coefficient;
  acb_init(coefficient);
  for (slong i = 0; i < length; i++) {
    arb_poly_get_coeff_arb(acb_realref(coefficient), a, i);
    arb_poly_get_coeff_arb(acb_imagref(coefficient), b, i);
    acb_poly_set_coeff_acb(z, i, coefficient);
  }
  acb_clear(coefficient);
}

static bool expand(nd_expanding *w, arb_poly_t y, bool real) {
  acb_poly_t z, square, turned;
  acb_t turn;
  acb_poly_init(z);
  acb_poly_init(square);
  acb_poly_init(turned);
  acb_init(turn);
  join(z, w->x[0], w->x[1], w->length);
  acb_poly_mullow(square, z, z, w->length, w->precision);
  acb_poly_neg(square, square);
  acb_poly_exp_series(square, square, w->length, w->precision);
  acb_onei(turn);
  acb_neg(turn, turn);
  acb_poly_scalar_mul(turned, z, turn, w->precision);
  acb_hypgeom_erfc_series(turned, turned, w->length, w->precision);
  acb_poly_mullow(z, square, turned, w->length, w->precision);
  arb_poly_zero(y);
  for (slong i = 0; i < w->length; i++) {
    acb_poly_get_coeff_acb(turn, z, i);
    arb_poly_set_coeff_arb(y, i, real ? acb_realref(turn) : acb_imagref(turn));
  }
  acb_clear(turn);
  acb_poly_clear(turned);
  acb_poly_clear(square);
  acb_poly_clear(z);
  return true;
}

bool nd_series_faddeeva_re(nd_expanding *w, arb_poly_t y) {
  return expand(w, y, true);
}

bool nd_series_faddeeva_im(nd_expanding *w, arb_poly_t y) {
  return expand(w, y, false);
}
