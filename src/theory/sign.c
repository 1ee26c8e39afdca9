/* The sign of a quotient of polynomials whose generators lie in known ranges: by factors, and each
 * factor by the first argument that answers:
 *
 *   term by term      every term has one sign;
 *   one generator     exactly, by real roots (polynomial.c);
 *   two, homogeneous  of even degree, or both >= 0: by p(t, 1) as a polynomial in t = g/h;
 *   quadratic in one  a g^2 + b g + c with a >= 0, c >= 0 and 4 a c >= b^2, each decided in its
 * turn.
 *
 * Ranges of different generators are taken as independent, which can only lose an answer. FLINT's
 * factors of a polynomial cannot be interrupted: they are asked for only up to FACTOR_LIMIT terms of
 * FACTOR_BITS, 0.2 s. */
#include "theory/hessian_internal.h"

#include <flint/fmpz_mpoly_factor.h>
#include <math.h>

enum { FACTOR_LIMIT = 120, FACTOR_BITS = 1000, DEPTH_LIMIT = 3 };

static nd_sign unknown(void) {
  return (nd_sign){false, false, false};
}

static bool decided(nd_sign s) {
  return s.nonnegative || s.nonpositive;
}

static nd_sign times(nd_sign a, nd_sign b) {
  nd_sign r;
  if ((a.nonnegative && a.nonpositive) || (b.nonnegative && b.nonpositive))
    return (nd_sign){true, true, false};
  r.nonnegative = (a.nonnegative && b.nonnegative) || (a.nonpositive && b.nonpositive);
  r.nonpositive = (a.nonnegative && b.nonpositive) || (a.nonpositive && b.nonnegative);
  r.nonzero = a.nonzero && b.nonzero;
  return r;
}

static nd_sign sign_of_range(const nd_enclosure *x) {
  nd_sign s = {arf_sgn(x->low) >= 0, arf_sgn(x->high) <= 0, false};
  s.nonzero = !nd_enclosure_contains(x, 0);
  return s;
}

static nd_sign power_sign(nd_sign s, ulong n) {
  if (n == 0) return (nd_sign){true, false, true};
  if (n % 2 != 0) return s;
  return (nd_sign){true, s.nonnegative && s.nonpositive, s.nonzero};
}

static nd_sign sign_of_term(const fmpz_mpoly_t p, slong i, const nd_enclosure *ranges,
                            const fmpz_mpoly_ctx_t context) {
  ulong exponents[ND_GENERATORS];
  fmpz_t coefficient;
  fmpz_init(coefficient);
  fmpz_mpoly_get_term_exp_ui(exponents, p, i, context);
  fmpz_mpoly_get_term_coeff_fmpz(coefficient, p, i, context);
  nd_sign s = {fmpz_sgn(coefficient) >= 0, fmpz_sgn(coefficient) <= 0, fmpz_sgn(coefficient) != 0};
  for (size_t g = 0; g < ND_GENERATORS; g++)
    if (exponents[g] != 0) s = times(s, power_sign(sign_of_range(&ranges[g]), exponents[g]));
  fmpz_clear(coefficient);
  return s;
}

static nd_sign term_by_term(const fmpz_mpoly_t p, const nd_enclosure *ranges,
                            const fmpz_mpoly_ctx_t context) {
  nd_sign s = {true, true, false};
  for (slong i = 0; i < fmpz_mpoly_length(p, context); i++) {
    nd_sign t = sign_of_term(p, i, ranges, context);
    s.nonnegative = s.nonnegative && t.nonnegative;
    s.nonpositive = s.nonpositive && t.nonpositive;
    s.nonzero = s.nonzero || t.nonzero;
  }
  if (!decided(s)) return unknown();
  return s;
}

/* p as a polynomial in generator g, with the other one put to 1. */
static void in_one(fmpz_poly_t q, const fmpz_mpoly_t p, size_t g, const fmpz_mpoly_ctx_t context) {
  ulong exponents[ND_GENERATORS];
  fmpz_t coefficient, sum;
  fmpz_init(coefficient);
  fmpz_init(sum);
  fmpz_poly_zero(q);
  for (slong i = 0; i < fmpz_mpoly_length(p, context); i++) {
    fmpz_mpoly_get_term_exp_ui(exponents, p, i, context);
    fmpz_mpoly_get_term_coeff_fmpz(coefficient, p, i, context);
    fmpz_poly_get_coeff_fmpz(sum, q, (slong)exponents[g]);
    fmpz_add(sum, sum, coefficient);
    fmpz_poly_set_coeff_fmpz(q, (slong)exponents[g], sum);
  }
  fmpz_clear(coefficient);
  fmpz_clear(sum);
}

static bool is_homogeneous(const fmpz_mpoly_t p, slong degree, const fmpz_mpoly_ctx_t context) {
  ulong exponents[ND_GENERATORS];
  for (slong i = 0; i < fmpz_mpoly_length(p, context); i++) {
    ulong sum = 0;
    fmpz_mpoly_get_term_exp_ui(exponents, p, i, context);
    for (size_t g = 0; g < ND_GENERATORS; g++)
      sum += exponents[g];
    if (sum != (ulong)degree) return false;
  }
  return true;
}

/* Homogeneous in g and h: h^degree q(g/h). */
static nd_sign by_ratio(const fmpz_mpoly_t p, size_t g, size_t h, slong degree,
                        const nd_enclosure *ranges, const fmpz_mpoly_ctx_t context) {
  bool quadrant = nd_enclosure_nonnegative(&ranges[g]) && nd_enclosure_nonnegative(&ranges[h]);
  if (degree % 2 != 0 && !quadrant) return unknown();
  fmpz_poly_t q;
  nd_enclosure ratio;
  fmpz_poly_init(q);
  nd_enclosure_init(&ratio);
  nd_enclosure_set_ends(&ratio, quadrant ? 0 : -INFINITY, INFINITY);
  if (quadrant && nd_enclosure_positive(&ranges[g])) ratio.low_open = true;
  in_one(q, p, g, context);
  nd_sign s = nd_sign_of_polynomial(q, &ratio);
  /* with h = 0 the sign is that of the power of g alone */
  if (!nd_enclosure_positive(&ranges[h])) {
    bool away = !nd_enclosure_contains(&ranges[h], 0) || !nd_enclosure_contains(&ranges[g], 0);
    s.nonzero = s.nonzero && away && fmpz_poly_degree(q) == degree;
  }
  fmpz_poly_clear(q);
  nd_enclosure_clear(&ratio);
  return s;
}

static nd_sign sign_of(const fmpz_mpoly_t p, const nd_enclosure *ranges, const nd_algebra *algebra,
                       unsigned depth);

/* a g^2 + b g + c, c[2] being a. */
static nd_sign by_discriminant(fmpz_mpoly_struct *c, const nd_enclosure *ranges,
                               const nd_algebra *algebra, unsigned depth) {
  const fmpz_mpoly_ctx_struct *context = nd_algebra_context(algebra);
  fmpz_mpoly_t d, square;
  nd_sign s = unknown(), a = sign_of(&c[2], ranges, algebra, depth + 1);
  if (!decided(a)) return s;
  nd_sign last = sign_of(&c[0], ranges, algebra, depth + 1);
  bool same = (a.nonnegative && last.nonnegative) || (a.nonpositive && last.nonpositive);
  if (!same) return s;
  fmpz_mpoly_init(d, context);
  fmpz_mpoly_init(square, context);
  fmpz_mpoly_mul(d, &c[2], &c[0], context);
  fmpz_mpoly_scalar_mul_si(d, d, 4, context);
  fmpz_mpoly_mul(square, &c[1], &c[1], context);
  fmpz_mpoly_sub(d, d, square, context);
  nd_sign discriminant = sign_of(d, ranges, algebra, depth + 1);
  if (discriminant.nonnegative) {
    s = (nd_sign){a.nonnegative && last.nonnegative, a.nonpositive && last.nonpositive, false};
    s.nonzero = a.nonzero && discriminant.nonzero;
    if (s.nonnegative && s.nonpositive) s = unknown();
  }
  fmpz_mpoly_clear(d, context);
  fmpz_mpoly_clear(square, context);
  return s;
}

static nd_sign as_quadratic(const fmpz_mpoly_t p, size_t g, const nd_enclosure *ranges,
                            const nd_algebra *algebra, unsigned depth) {
  const fmpz_mpoly_ctx_struct *context = nd_algebra_context(algebra);
  fmpz_mpoly_univar_t series;
  fmpz_mpoly_struct c[3];
  nd_sign s;
  fmpz_mpoly_univar_init(series, context);
  fmpz_mpoly_to_univar(series, p, (slong)g, context);
  for (int i = 0; i < 3; i++)
    fmpz_mpoly_init(&c[i], context);
  for (slong i = 0; i < fmpz_mpoly_univar_length(series, context); i++) {
    slong e = fmpz_mpoly_univar_get_term_exp_si(series, i, context);
    fmpz_mpoly_univar_get_term_coeff(&c[e], series, i, context);
  }
  s = by_discriminant(c, ranges, algebra, depth);
  for (int i = 0; i < 3; i++)
    fmpz_mpoly_clear(&c[i], context);
  fmpz_mpoly_univar_clear(series, context);
  return s;
}

/* One polynomial that is not a product. */
static nd_sign sign_of_factor(const fmpz_mpoly_t p, const nd_enclosure *ranges,
                              const nd_algebra *algebra, unsigned depth) {
  const fmpz_mpoly_ctx_struct *context = nd_algebra_context(algebra);
  slong degrees[ND_GENERATORS], total;
  size_t used[ND_GENERATORS], count = 0;
  nd_sign s = term_by_term(p, ranges, context);
  if (decided(s) && s.nonzero) return s;
  if (fmpz_mpoly_length(p, context) > FACTOR_LIMIT) return s;
  fmpz_mpoly_degrees_si(degrees, p, context);
  total = fmpz_mpoly_total_degree_si(p, context);
  for (size_t g = 0; g < ND_GENERATORS; g++)
    if (degrees[g] > 0) used[count++] = g;
  if (count == 1) {
    fmpz_poly_t q;
    fmpz_poly_init(q);
    in_one(q, p, used[0], context);
    nd_sign exact = nd_sign_of_polynomial(q, &ranges[used[0]]);
    fmpz_poly_clear(q);
    return exact;
  }
  if (decided(s)) return s;
  if (count == 2 && is_homogeneous(p, total, context))
    s = by_ratio(p, used[0], used[1], total, ranges, context);
  for (size_t i = 0; i < count && !decided(s) && depth < DEPTH_LIMIT; i++)
    if (degrees[used[i]] == 2) s = as_quadratic(p, used[i], ranges, algebra, depth);
  return s;
}

static bool has_cheap_factors(const fmpz_mpoly_t p, const fmpz_mpoly_ctx_t context) {
  slong bits = fmpz_mpoly_max_bits(p);
  return fmpz_mpoly_length(p, context) <= FACTOR_LIMIT && bits <= FACTOR_BITS &&
         -bits <= FACTOR_BITS;
}

static nd_sign sign_of(const fmpz_mpoly_t p, const nd_enclosure *ranges, const nd_algebra *algebra,
                       unsigned depth) {
  const fmpz_mpoly_ctx_struct *context = nd_algebra_context(algebra);
  if (nd_algebra_is_over(algebra)) return unknown();
  if (fmpz_mpoly_is_zero(p, context)) return (nd_sign){true, true, false};
  nd_sign s = unknown();
  fmpz_mpoly_factor_t factors;
  fmpz_mpoly_t base;
  if (!has_cheap_factors(p, context)) return term_by_term(p, ranges, context);
  fmpz_mpoly_factor_init(factors, context);
  fmpz_mpoly_init(base, context);
  if (fmpz_mpoly_factor(factors, p, context)) {
    int constant = fmpz_sgn(factors->constant);
    s = (nd_sign){constant > 0, constant < 0, true};
    for (slong i = 0; i < fmpz_mpoly_factor_length(factors, context) && decided(s); i++) {
      fmpz_mpoly_factor_get_base(base, factors, i, context);
      ulong exponent = (ulong)fmpz_mpoly_factor_get_exp_si(factors, i, context);
      s = times(s, power_sign(sign_of_factor(base, ranges, algebra, depth), exponent));
    }
    if (!decided(s)) s.nonzero = false;
  }
  fmpz_mpoly_clear(base, context);
  fmpz_mpoly_factor_clear(factors, context);
  return s;
}

nd_sign nd_sign_of_quotient(const nd_algebra *algebra, const nd_quotient *q,
                            const nd_enclosure *ranges) {
  nd_sign over = sign_of(q->over, ranges, algebra, 0);
  if (!decided(over)) return over;
  nd_sign under = sign_of(q->under, ranges, algebra, 0);
  under.nonzero = true; /* where the quotient is defined */
  return decided(under) ? times(over, under) : unknown();
}
