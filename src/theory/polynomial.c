/* The sign of a polynomial with integer coefficients over an interval, exactly.
 *
 * A sign changes only at roots of odd multiplicity: the square-free decomposition (Yun 1976) splits
 * them off, and Sturm's theorem counts the roots inside after the interval has been carried to the
 * positive half-line by x = low + t, x = high - t or x = (low + high t)/(1 + t). Sturm's chain costs
 * some 40 ns times degree^3 words^1.5, the words being those of a coefficient; it is one call that
 * cannot be interrupted, so what would take more than 0.1 s is "not known", as are degrees above 200. */
#include "theory/hessian_internal.h"

#include <flint/fmpq_poly.h>
#include <flint/fmpz_poly_factor.h>
#include <math.h>

enum { DEGREE_LIMIT = 200, EXPONENT_BITS = 2000 };

static const double WORK_LIMIT = 2.5e6; /* degree^3 words^1.5 */

/* An end as a rational, moved outwards where it is astronomically small or large; false: infinite.
 */
static bool rational_end(fmpq_t value, const arf_t end, bool low) {
  int sign = arf_sgn(end);
  if (arf_is_inf(end)) return false;
  fmpq_zero(value);
  if (sign == 0) return true;
  if (arf_cmpabs_2exp_si(end, EXPONENT_BITS) >= 0) {
    if (low == (sign < 0)) return false;
    fmpz_one_2exp(fmpq_numref(value), EXPONENT_BITS);
    if (sign < 0) fmpq_neg(value, value);
  } else if (arf_cmpabs_2exp_si(end, -EXPONENT_BITS) <= 0) {
    if (low == (sign > 0)) return true;
    fmpq_one(value);
    fmpq_div_2exp(value, value, EXPONENT_BITS);
    if (sign < 0) fmpq_neg(value, value);
  } else {
    arf_get_fmpq(value, end);
  }
  return true;
}

/* q <- p(shift + scale x), up to a positive factor. */
static void substitute(fmpz_poly_t q, const fmpz_poly_t p, const fmpq_t shift, const fmpq_t scale) {
  fmpq_poly_t whole, line;
  fmpq_poly_init(whole);
  fmpq_poly_init(line);
  fmpq_poly_set_fmpz_poly(whole, p);
  fmpq_poly_set_coeff_fmpq(line, 0, shift);
  fmpq_poly_set_coeff_fmpq(line, 1, scale);
  fmpq_poly_compose(whole, whole, line);
  fmpq_poly_get_numerator(q, whole);
  fmpq_poly_clear(whole);
  fmpq_poly_clear(line);
}

/* q(t), t > 0, runs through the values of p on the open interval, up to positive factors. */
static void to_half_line(fmpz_poly_t q, const fmpz_poly_t p, const fmpq_t low, bool has_low,
                         const fmpq_t high, bool has_high) {
  fmpq_t scale;
  fmpq_init(scale);
  if (has_low && has_high) {
    slong length = fmpz_poly_length(p);
    fmpq_sub(scale, high, low);
    substitute(q, p, low, scale);
    fmpz_poly_reverse(q, q, length); /* t^n q(1/t), then t >= 1 becomes 1 + t */
    fmpq_one(scale);
    substitute(q, q, scale, scale);
  } else {
    fmpq_set_si(scale, has_low ? 1 : -1, 1);
    substitute(q, p, has_low ? low : high, scale);
  }
  fmpq_clear(scale);
}

static bool is_cheap(const fmpz_poly_t q) {
  double degree = (double)fmpz_poly_length(q);
  double words = 1 + fabs((double)fmpz_poly_max_bits(q)) / FLINT_BITS;
  return degree * degree * degree * words * sqrt(words) <= WORK_LIMIT;
}

/* How many different roots of a square-free q are > 0, or real where `all`; -1 where it costs too much. */
static slong count_roots(const fmpz_poly_t q, bool all) {
  slong negative = 0, positive = 0, zero = 0;
  fmpz_poly_t rest;
  fmpz_poly_init(rest);
  fmpz_poly_set(rest, q);
  while (fmpz_poly_length(rest) > 1 && fmpz_is_zero(fmpz_poly_get_coeff_ptr(rest, 0))) {
    fmpz_poly_shift_right(rest, rest, 1);
    zero = 1;
  }
  bool cheap = is_cheap(rest);
  if (cheap && fmpz_poly_length(rest) > 1)
    _fmpz_poly_num_real_roots_sturm(&negative, &positive, rest->coeffs, rest->length);
  fmpz_poly_clear(rest);
  if (!cheap) return -1;
  return all ? negative + positive + zero : positive;
}

/* The sign of q somewhere in the open set where no odd root lies: at its far end, to the right. */
static int far_sign(const fmpz_poly_t q) {
  return fmpz_sgn(fmpz_poly_lead(q));
}

static int sign_at(const fmpz_poly_t p, const fmpq_t x) {
  fmpq_t value;
  fmpq_init(value);
  fmpz_poly_evaluate_fmpq(value, p, x);
  int sign = fmpq_sgn(value);
  fmpq_clear(value);
  return sign;
}

static nd_sign sign_of(int sign) {
  return (nd_sign){sign >= 0, sign <= 0, sign != 0};
}

/* Roots of p on the open set: those of odd multiplicity, and all; false where it costs too much. */
static bool roots_by_parity(const fmpz_poly_t q, bool all, slong *odd, slong *any) {
  bool known = true;
  fmpz_poly_factor_t factors;
  fmpz_poly_factor_init(factors);
  fmpz_poly_factor_squarefree(factors, q);
  *odd = *any = 0;
  for (slong i = 0; i < factors->num && known; i++) {
    slong count = count_roots(factors->p + i, all);
    known = count >= 0;
    *any += count;
    if (factors->exp[i] % 2 != 0) *odd += count;
  }
  fmpz_poly_factor_clear(factors);
  return known;
}

static nd_sign sign_between(const fmpz_poly_t p, const fmpq_t low, bool has_low, const fmpq_t high,
                            bool has_high, const nd_enclosure *range) {
  bool all = !has_low && !has_high;
  slong odd, any;
  fmpz_poly_t q;
  fmpz_poly_init(q);
  if (all)
    fmpz_poly_set(q, p);
  else
    to_half_line(q, p, low, has_low, high, has_high);
  bool known = roots_by_parity(q, all, &odd, &any);
  nd_sign result = {false, false, false};
  if (known && odd == 0) {
    result = sign_of(far_sign(q));
    result.nonzero = any == 0;
    if (has_low && !range->low_open && sign_at(p, low) == 0) result.nonzero = false;
    if (has_high && !range->high_open && sign_at(p, high) == 0) result.nonzero = false;
  }
  fmpz_poly_clear(q);
  return result;
}

nd_sign nd_sign_of_polynomial(const fmpz_poly_t p, const nd_enclosure *range) {
  nd_sign result = {false, false, false};
  if (fmpz_poly_length(p) <= 1)
    return sign_of(fmpz_poly_is_zero(p) ? 0 : fmpz_sgn(fmpz_poly_lead(p)));
  if (fmpz_poly_degree(p) > DEGREE_LIMIT) return result;
  fmpq_t low, high;
  fmpq_init(low);
  fmpq_init(high);
  bool has_low = rational_end(low, range->low, true);
  bool has_high = rational_end(high, range->high, false);
  if (has_low && has_high && fmpq_equal(low, high))
    result = sign_of(sign_at(p, low));
  else
    result = sign_between(p, low, has_low, high, has_high, range);
  fmpq_clear(low);
  fmpq_clear(high);
  return result;
}
