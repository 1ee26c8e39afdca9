/* A formula as a polynomial in atoms with exact rational coefficients: what the typed formula is
 * equal to, wherever it is defined.
 *
 * Atoms are names and what is not a sum, product or power; exponents are rational. Sums are multiplied
 * out, powers and products of exponentials collected, log(exp(u)), log(u*v), log(1 + exp(u)) and
 * 1/(1 + exp(u)) taken apart or named, softplus(-u) written as softplus(u) - u. Each step holds for
 * all real values that the ranges allow: log(u*v) is log(u) + log(v) only where u and v are known
 * to be positive, (u^p)^q is u^(pq) only where u is known to be >= 0 or both are integers.
 *
 * A polynomial of more than TERMS terms is not made: the node is then an atom of its own. Costs
 * grow with the number of terms made. Forbidden: rounding. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/divisor.h"
#include "theory/rules_internal.h"

enum { TERMS = 400, DEPTH = 1500, BITS = 2000, EXPONENT = 100000, POWERS = 24 };
enum { ALL_TERMS = 200000, ALL_FACTORS = 4000000 };

/* ---- small exponents ---- */

/* d > 0, so that the greatest common divisor is, too. */
static bool make_ratio(int64_t n, int64_t d, nd_ratio *ratio) {
  int64_t divisor = (int64_t)nd_greatest_divisor((uint64_t)(n < 0 ? -n : n), (uint64_t)d);
  n /= divisor;
  d /= divisor;
  if (n > EXPONENT || n < -EXPONENT || d > EXPONENT) return false;
  *ratio = (nd_ratio){(int32_t)n, (int32_t)d};
  return true;
}

bool nd_ratio_add(nd_ratio a, nd_ratio b, nd_ratio *sum) {
  return make_ratio((int64_t)a.n * b.d + (int64_t)b.n * a.d, (int64_t)a.d * b.d, sum);
}

bool nd_ratio_multiply(nd_ratio a, nd_ratio b, nd_ratio *product) {
  return make_ratio((int64_t)a.n * b.n, (int64_t)a.d * b.d, product);
}

bool nd_ratio_of(const fmpq_t value, nd_ratio *ratio) {
  if (!fmpz_fits_si(fmpq_numref(value)) || !fmpz_fits_si(fmpq_denref(value))) return false;
  slong n = fmpz_get_si(fmpq_numref(value)), d = fmpz_get_si(fmpq_denref(value));
  if (n > EXPONENT || n < -EXPONENT || d > EXPONENT) return false;
  return make_ratio(n, d, ratio);
}

int nd_ratio_compare(nd_ratio a, nd_ratio b) {
  int64_t left = (int64_t)a.n * b.d, right = (int64_t)b.n * a.d;
  return left < right ? -1 : left > right;
}

/* ---- rationals ---- */

static bool small_enough(const fmpq_t value) {
  return fmpz_bits(fmpq_numref(value)) < BITS && fmpz_bits(fmpq_denref(value)) < BITS;
}

static nadir_status push_rational(nd_rules *r, size_t *index) {
  if (r->rational_count == r->rational_capacity) {
    size_t before = r->rational_capacity;
    ND_TRY(
        nd_grow(&r->rationals, &r->rational_capacity, before + 1, sizeof *r->rationals, r->error));
    for (size_t i = before; i < r->rational_capacity; i++)
      fmpq_init(&r->rationals[i]);
  }
  *index = r->rational_count++;
  return NADIR_OK;
}

fmpq *nd_coefficient(nd_rules *r, const nd_term *term) {
  return &r->rationals[term->coefficient];
}

/* ---- terms ---- */

static nadir_status push_term(nd_rules *r, size_t *index) {
  ND_TRY(nd_grow(&r->terms, &r->term_capacity, r->term_count + 1, sizeof *r->terms, r->error));
  nd_term term = {.first = r->factor_count};
  ND_TRY(push_rational(r, &term.coefficient));
  *index = r->term_count;
  r->terms[r->term_count++] = term;
  return NADIR_OK;
}

static nadir_status push_factor(nd_rules *r, nd_node base, nd_ratio exponent) {
  ND_TRY(
      nd_grow(&r->factors, &r->factor_capacity, r->factor_count + 1, sizeof *r->factors, r->error));
  r->factors[r->factor_count++] = (nd_factor){base, exponent};
  return NADIR_OK;
}

static nadir_status number_poly(nd_rules *r, const fmpq_t value, nd_poly *poly) {
  size_t index;
  *poly = (nd_poly){r->term_count, 0};
  if (fmpq_is_zero(value)) return NADIR_OK;
  ND_TRY(push_term(r, &index));
  fmpq_set(&r->rationals[r->terms[index].coefficient], value);
  poly->count = 1;
  return NADIR_OK;
}

static nadir_status integer_poly(nd_rules *r, slong value, nd_poly *poly) {
  fmpq_t rational;
  fmpq_init(rational);
  fmpq_set_si(rational, value, 1);
  nadir_status status = number_poly(r, rational, poly);
  fmpq_clear(rational);
  return status;
}

/* The exponent is not 0. */
static nadir_status power_poly(nd_rules *r, nd_node base, nd_ratio exponent, nd_poly *poly) {
  size_t index;
  *poly = (nd_poly){r->term_count, 1};
  ND_TRY(push_term(r, &index));
  fmpq_one(&r->rationals[r->terms[index].coefficient]);
  ND_TRY(push_factor(r, base, exponent));
  r->terms[index].count = 1;
  return NADIR_OK;
}

static nadir_status atom_poly(nd_rules *r, nd_node base, nd_poly *poly) {
  return power_poly(r, base, (nd_ratio){1, 1}, poly);
}

static int compare_terms(const nd_rules *r, const nd_term *a, const nd_term *b) {
  for (size_t i = 0; i < a->count && i < b->count; i++) {
    const nd_factor *p = &r->factors[a->first + i], *q = &r->factors[b->first + i];
    if (p->base != q->base) return p->base < q->base ? -1 : 1;
    int order = nd_ratio_compare(q->exponent, p->exponent);
    if (order != 0) return order;
  }
  return a->count < b->count ? 1 : a->count > b->count ? -1 : 0;
}

/* Adds a term to the polynomial at the end of the terms, keeping it in order. */
static nadir_status insert_term(nd_rules *r, nd_poly *poly, nd_term term) {
  size_t low = poly->first, high = poly->first + poly->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = compare_terms(r, &r->terms[middle], &term);
    if (order == 0) {
      fmpq *sum = nd_coefficient(r, &r->terms[middle]);
      size_t fresh;
      ND_TRY(push_rational(r, &fresh));
      sum = nd_coefficient(r, &r->terms[middle]);
      fmpq_add(&r->rationals[fresh], sum, &r->rationals[term.coefficient]);
      r->terms[middle].coefficient = fresh;
      if (!fmpq_is_zero(&r->rationals[fresh])) return NADIR_OK;
      memmove(&r->terms[middle], &r->terms[middle + 1],
              (poly->first + poly->count - middle - 1) * sizeof *r->terms);
      poly->count--;
      r->term_count--;
      return NADIR_OK;
    }
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  ND_TRY(nd_grow(&r->terms, &r->term_capacity, r->term_count + 1, sizeof *r->terms, r->error));
  memmove(&r->terms[low + 1], &r->terms[low], (poly->first + poly->count - low) * sizeof *r->terms);
  r->terms[low] = term;
  poly->count++;
  r->term_count++;
  return NADIR_OK;
}

static nadir_status add_scaled(nd_rules *r, nd_poly a, const fmpq_t scale, nd_poly *sum) {
  for (size_t i = 0; i < a.count; i++) {
    nd_term term = r->terms[a.first + i];
    size_t fresh;
    ND_TRY(push_rational(r, &fresh));
    fmpq_mul(&r->rationals[fresh], &r->rationals[term.coefficient], scale);
    term.coefficient = fresh;
    ND_TRY(insert_term(r, sum, term));
  }
  return NADIR_OK;
}

/* sum = a + sign * b */
static nadir_status add_polys(nd_rules *r, nd_poly a, nd_poly b, slong sign, nd_poly *sum) {
  fmpq_t scale;
  fmpq_init(scale);
  fmpq_one(scale);
  *sum = (nd_poly){r->term_count, 0};
  nadir_status status = add_scaled(r, a, scale, sum);
  fmpq_set_si(scale, sign, 1);
  if (status == NADIR_OK) status = add_scaled(r, b, scale, sum);
  fmpq_clear(scale);
  return status;
}

/* The product of two terms' factors at the end of the factors; false where an exponent is too
 * large. */
static nadir_status merge_factors(nd_rules *r, nd_term a, nd_term b, nd_term *product, bool *fits) {
  size_t i = 0, j = 0;
  product->first = r->factor_count;
  product->count = 0;
  while ((i < a.count || j < b.count) && *fits) {
    nd_factor next = {0};
    const nd_factor *p = i < a.count ? &r->factors[a.first + i] : NULL;
    const nd_factor *q = j < b.count ? &r->factors[b.first + j] : NULL;
    if (q == NULL || (p != NULL && p->base < q->base)) {
      next = *p;
      i++;
    } else if (p == NULL || q->base < p->base) {
      next = *q;
      j++;
    } else {
      next.base = p->base;
      *fits = nd_ratio_add(p->exponent, q->exponent, &next.exponent);
      i++;
      j++;
    }
    if (!*fits || next.exponent.n == 0) continue;
    ND_TRY(push_factor(r, next.base, next.exponent));
    product->count++;
  }
  return NADIR_OK;
}

/* What is made stays until the question is answered. */
static bool has_room(const nd_rules *r) {
  return r->term_count <= ALL_TERMS && r->factor_count <= ALL_FACTORS && !nd_out_of_time(r->budget);
}

static nadir_status multiply_polys(nd_rules *r, nd_poly a, nd_poly b, nd_poly *product,
                                   bool *fits) {
  *product = (nd_poly){r->term_count, 0};
  *fits = (a.count == 0 || b.count <= TERMS / a.count) && has_room(r);
  for (size_t i = 0; i < a.count && *fits; i++) {
    for (size_t j = 0; j < b.count && *fits; j++) {
      nd_term p = r->terms[a.first + i], q = r->terms[b.first + j], term = {0};
      ND_TRY(merge_factors(r, p, q, &term, fits));
      ND_TRY(push_rational(r, &term.coefficient));
      fmpq *value = &r->rationals[term.coefficient];
      fmpq_mul(value, &r->rationals[p.coefficient], &r->rationals[q.coefficient]);
      *fits = *fits && small_enough(value);
      if (*fits) ND_TRY(insert_term(r, product, term));
    }
  }
  return NADIR_OK;
}

/* ---- powers ---- */

static nadir_status base_is_nonnegative(nd_rules *r, nd_node base, bool *yes) {
  ND_TRY(nd_know(r, base));
  *yes = nd_is_nonnegative(nd_known_of(r, base)->range);
  return NADIR_OK;
}

/* (base^inner)^outer as one power, of |base| where that is what it means. */
static nadir_status power_of_factor(nd_rules *r, nd_factor *factor, nd_ratio outer, bool *fits) {
  bool nonnegative = true;
  if (outer.d != 1) {
    ND_TRY(base_is_nonnegative(r, factor->base, &nonnegative));
    bool even = factor->exponent.d == 1 && factor->exponent.n % 2 == 0;
    if (!nonnegative && even) {
      ND_TRY(nd_make(r->graph, ND_ABS, &factor->base, 1, &factor->base, r->error));
      nonnegative = true;
    }
  }
  *fits = nonnegative && nd_ratio_multiply(factor->exponent, outer, &factor->exponent);
  return NADIR_OK;
}

/* Of a coefficient, which is not 0. */
static bool whole_power(fmpq_t result, const fmpq_t value, int32_t exponent) {
  if (abs(exponent) > 200) return false;
  fmpq_pow_si(result, value, exponent);
  return small_enough(result);
}

static int compare_factors(const void *a, const void *b) {
  const nd_factor *p = a, *q = b;
  return p->base < q->base ? -1 : p->base > q->base;
}

/* A positive coefficient to a broken power: a power of a number is one of the factors. */
static nadir_status push_coefficient_power(nd_rules *r, const fmpq_t value, nd_ratio exponent) {
  nd_node number;
  if (fmpq_is_one(value)) return NADIR_OK;
  ND_TRY(nd_node_of_rational(r, value, &number));
  return push_factor(r, number, exponent);
}

static nadir_status raise_term(nd_rules *r, nd_term term, nd_ratio exponent, nd_poly *power,
                               bool *fits) {
  nd_factor factors[POWERS];
  fmpq_t raised;
  size_t index;
  bool whole = exponent.d == 1;
  *fits = term.count < POWERS && (whole || fmpq_sgn(nd_coefficient(r, &term)) > 0);
  for (size_t i = 0; i < term.count && *fits; i++) {
    factors[i] = r->factors[term.first + i];
    ND_TRY(power_of_factor(r, &factors[i], exponent, fits));
  }
  if (!*fits) return NADIR_OK;
  fmpq_init(raised);
  fmpq_one(raised);
  if (whole) *fits = whole_power(raised, nd_coefficient(r, &term), exponent.n);
  *power = (nd_poly){r->term_count, 1};
  nadir_status status = *fits ? push_term(r, &index) : NADIR_OK;
  if (*fits && status == NADIR_OK) {
    fmpq_set(&r->rationals[r->terms[index].coefficient], raised);
    for (size_t i = 0; i < term.count && status == NADIR_OK; i++)
      status = push_factor(r, factors[i].base, factors[i].exponent);
    fmpq_set(raised, nd_coefficient(r, &term));
    if (!whole && status == NADIR_OK) status = push_coefficient_power(r, raised, exponent);
    nd_term *made = &r->terms[index];
    made->count = r->factor_count - made->first;
    if (made->count > 1)
      qsort(&r->factors[made->first], made->count, sizeof *r->factors, compare_factors);
    for (size_t i = 1; i < made->count; i++)
      if (r->factors[made->first + i].base == r->factors[made->first + i - 1].base) *fits = false;
  }
  fmpq_clear(raised);
  return status;
}

/* 1 + exp(w), as two terms with coefficient one of which the second, by their order, is 1. */
static bool is_one_plus_exp(nd_rules *r, nd_poly poly, nd_term *exponential) {
  if (poly.count != 2) return false;
  for (size_t i = 0; i < 2; i++)
    if (!fmpq_is_one(nd_coefficient(r, &r->terms[poly.first + i]))) return false;
  if (r->terms[poly.first + 1].count != 0) return false;
  *exponential = r->terms[poly.first];
  for (size_t i = 0; i < exponential->count; i++)
    if (nd_node_op(r->graph, r->factors[exponential->first + i].base) != ND_EXP) return false;
  return true;
}

/* The sum of exponent * argument over a term's exponentials, as a polynomial. */
static nadir_status exponent_poly(nd_rules *r, nd_term term, nd_poly *sum) {
  nd_poly part, next;
  fmpq_t scale;
  *sum = (nd_poly){r->term_count, 0};
  fmpq_init(scale);
  nadir_status status = NADIR_OK;
  for (size_t i = 0; i < term.count && status == NADIR_OK; i++) {
    nd_factor factor = r->factors[term.first + i];
    fmpq_set_si(scale, factor.exponent.n, (ulong)factor.exponent.d);
    status = nd_polynomial(r, nd_node_argument(r->graph, factor.base, 0), ND_EXPANDED, &part);
    next = (nd_poly){r->term_count, 0};
    fmpq_t one;
    fmpq_init(one);
    fmpq_one(one);
    if (status == NADIR_OK) status = add_scaled(r, *sum, one, &next);
    fmpq_clear(one);
    if (status == NADIR_OK) status = add_scaled(r, part, scale, &next);
    *sum = next;
  }
  fmpq_clear(scale);
  return status;
}

/* softplus(w), written with w's leading coefficient positive: softplus(-u) = softplus(u) - u. */
static nadir_status softplus_poly(nd_rules *r, nd_poly w, nd_poly *poly) {
  bool turn = w.count > 0 && fmpq_sgn(nd_coefficient(r, &r->terms[w.first])) < 0;
  nd_poly zero = {r->term_count, 0}, turned = w, soft;
  nd_node node;
  if (turn) ND_TRY(add_polys(r, zero, w, -1, &turned));
  ND_TRY(nd_node_of_terms(r, &r->terms[turned.first], turned.count, &node));
  ND_TRY(nd_make(r->graph, ND_SOFTPLUS, &node, 1, &node, r->error));
  ND_TRY(atom_poly(r, node, &soft));
  *poly = soft;
  return turn ? add_polys(r, soft, w, 1, poly) : NADIR_OK;
}

/* 1/(1 + exp(w)) = sigmoid(-w) */
static nadir_status inverse_of_logistic(nd_rules *r, nd_term exponential, nd_poly *poly) {
  nd_poly w, zero, turned;
  nd_node node;
  ND_TRY(exponent_poly(r, exponential, &w));
  zero = (nd_poly){r->term_count, 0};
  ND_TRY(add_polys(r, zero, w, -1, &turned));
  ND_TRY(nd_node_of_terms(r, &r->terms[turned.first], turned.count, &node));
  ND_TRY(nd_make(r->graph, ND_SIGMOID, &node, 1, &node, r->error));
  return atom_poly(r, node, poly);
}

static nadir_status raise_whole(nd_rules *r, nd_poly base, int32_t exponent, nd_poly *power,
                                bool *fits) {
  *power = base;
  *fits = exponent <= POWERS;
  for (int32_t i = 1; i < exponent && *fits; i++)
    ND_TRY(multiply_polys(r, *power, base, power, fits));
  return NADIR_OK;
}

/* `under` to the power, which is the node to the power `plain`: an atom where no more can be said. */
static nadir_status raise_poly(nd_rules *r, nd_node node, nd_ratio plain, nd_poly under,
                               nd_ratio exponent, nd_form form, nd_poly *power) {
  bool fits = false;
  nd_term exponential;
  if (exponent.n == 0) return integer_poly(r, 1, power);
  if (under.count == 0 && exponent.n > 0) return integer_poly(r, 0, power);
  if (under.count == 1) ND_TRY(raise_term(r, r->terms[under.first], exponent, power, &fits));
  if (fits) return NADIR_OK;
  if (form == ND_EXPANDED && under.count > 1 && exponent.d == 1 && exponent.n > 0)
    ND_TRY(raise_whole(r, under, exponent.n, power, &fits));
  if (fits) return NADIR_OK;
  if (exponent.n == -1 && exponent.d == 1 && is_one_plus_exp(r, under, &exponential))
    return inverse_of_logistic(r, exponential, power);
  return power_poly(r, node, plain, power);
}

/* ---- functions ---- */

static nadir_status make_function(nd_rules *r, nd_op op, nd_poly argument, nd_poly *poly) {
  nd_node node;
  ND_TRY(nd_node_of_terms(r, &r->terms[argument.first], argument.count, &node));
  ND_TRY(nd_make(r->graph, op, &node, 1, &node, r->error));
  return atom_poly(r, node, poly);
}

/* exp(sum of c_i m_i) as the product of exp(m_i)^c_i. */
static nadir_status exponential_poly(nd_rules *r, nd_node node, nd_poly argument, nd_poly *poly) {
  nd_poly part;
  bool fits = argument.count < POWERS;
  ND_TRY(integer_poly(r, 1, poly));
  for (size_t i = 0; i < argument.count && fits; i++) {
    nd_term term = r->terms[argument.first + i];
    nd_ratio exponent;
    nd_node base;
    fits = nd_ratio_of(nd_coefficient(r, &term), &exponent);
    if (!fits) break;
    ND_TRY(nd_node_of_factors(r, term.first, term.count, &base));
    ND_TRY(nd_make(r->graph, ND_EXP, &base, 1, &base, r->error));
    ND_TRY(power_poly(r, base, exponent, &part));
    ND_TRY(multiply_polys(r, *poly, part, poly, &fits));
  }
  return fits ? NADIR_OK : atom_poly(r, node, poly);
}

/* log of one term with a positive coefficient and positive factors, taken apart. */
static nadir_status log_of_term(nd_rules *r, nd_term term, nd_poly *poly, bool *fits) {
  nd_poly part, sum;
  nd_node node;
  fmpq_t scale;
  *fits = fmpq_sgn(nd_coefficient(r, &term)) > 0;
  for (size_t i = 0; i < term.count && *fits; i++) {
    nd_node base = r->factors[term.first + i].base;
    ND_TRY(nd_know(r, base));
    *fits = nd_is_positive(nd_known_of(r, base)->range);
  }
  if (!*fits) return NADIR_OK;
  *poly = (nd_poly){r->term_count, 0};
  if (!fmpq_is_one(nd_coefficient(r, &term))) {
    fmpq_init(scale);
    fmpq_set(scale, nd_coefficient(r, &term));
    nadir_status status = nd_node_of_rational(r, scale, &node);
    fmpq_clear(scale);
    ND_TRY(status);
    ND_TRY(nd_make(r->graph, ND_LOG, &node, 1, &node, r->error));
    ND_TRY(atom_poly(r, node, poly));
  }
  for (size_t i = 0; i < term.count; i++) {
    nd_factor factor = r->factors[term.first + i];
    if (nd_node_op(r->graph, factor.base) == ND_EXP)
      ND_TRY(nd_polynomial(r, nd_node_argument(r->graph, factor.base, 0), ND_EXPANDED, &part));
    else {
      ND_TRY(nd_make(r->graph, ND_LOG, &factor.base, 1, &node, r->error));
      if (nd_node_op(r->graph, factor.base) == ND_SIGMOID)
        ND_TRY(nd_polynomial(r, node, ND_EXPANDED, &part));
      else
        ND_TRY(atom_poly(r, node, &part));
    }
    fmpq_init(scale);
    fmpq_set_si(scale, factor.exponent.n, (ulong)factor.exponent.d);
    nd_poly whole = *poly;
    sum = (nd_poly){r->term_count, 0};
    fmpq_t one;
    fmpq_init(one);
    fmpq_one(one);
    nadir_status status = add_scaled(r, whole, one, &sum);
    if (status == NADIR_OK) status = add_scaled(r, part, scale, &sum);
    fmpq_clear(one);
    fmpq_clear(scale);
    ND_TRY(status);
    *poly = sum;
  }
  return NADIR_OK;
}

/* A term that is an exponential for certain: its factors are exponentials and positive constants,
 * its coefficient positive. */
static nadir_status is_exponential(nd_rules *r, nd_term term, bool *yes) {
  *yes = fmpq_sgn(nd_coefficient(r, &term)) > 0;
  for (size_t i = 0; i < term.count && *yes; i++) {
    nd_node base = r->factors[term.first + i].base;
    if (nd_node_op(r->graph, base) == ND_EXP) continue;
    ND_TRY(nd_know(r, base));
    const nd_known *known = nd_known_of(r, base);
    *yes = known->constant && nd_is_positive(known->range);
  }
  return NADIR_OK;
}

/* log of a sum of exponentials, two or more: softplus(w) or logsumexp. */
static nadir_status log_of_sum(nd_rules *r, nd_poly under, nd_poly *poly, bool *fits) {
  nd_node logs[POWERS];
  nd_term exponential;
  nd_poly w;
  if (is_one_plus_exp(r, under, &exponential)) {
    *fits = true;
    ND_TRY(exponent_poly(r, exponential, &w));
    return softplus_poly(r, w, poly);
  }
  *fits = under.count <= POWERS;
  for (size_t i = 0; i < under.count && *fits; i++)
    ND_TRY(is_exponential(r, r->terms[under.first + i], fits));
  for (size_t i = 0; i < under.count && *fits; i++) {
    ND_TRY(log_of_term(r, r->terms[under.first + i], &w, fits));
    if (*fits) ND_TRY(nd_node_of_terms(r, &r->terms[w.first], w.count, &logs[i]));
  }
  if (!*fits) return NADIR_OK;
  ND_TRY(nd_make(r->graph, ND_LOGSUMEXP, logs, under.count, &logs[0], r->error));
  return atom_poly(r, logs[0], poly);
}

static bool is_number(const fmpq_t value, slong number) {
  return fmpz_is_one(fmpq_denref(value)) && fmpz_equal_si(fmpq_numref(value), number);
}

/* sign * sigmoid(w), with the node of w. */
static bool is_sigmoid(nd_rules *r, const nd_term *term, slong sign, nd_node *w) {
  if (term->count != 1 || !is_number(nd_coefficient(r, term), sign)) return false;
  nd_factor factor = r->factors[term->first];
  if (factor.exponent.n != 1 || factor.exponent.d != 1) return false;
  if (nd_node_op(r->graph, factor.base) != ND_SIGMOID) return false;
  *w = nd_node_argument(r->graph, factor.base, 0);
  return true;
}

/* log of sigmoid(w) is w - softplus(w), that of 1 - sigmoid(w) is -softplus(w). */
static nadir_status log_of_sigmoid(nd_rules *r, nd_poly under, nd_poly *poly, bool *fits) {
  nd_node argument = ND_NO_NODE;
  nd_poly w, soft;
  bool complement = under.count == 2;
  *fits = under.count == 1 && is_sigmoid(r, &r->terms[under.first], 1, &argument);
  for (size_t i = 0; i < 2 && complement; i++) {
    const nd_term *one = &r->terms[under.first + i], *other = &r->terms[under.first + 1 - i];
    if (one->count == 0 && is_number(nd_coefficient(r, one), 1))
      *fits = is_sigmoid(r, other, -1, &argument);
  }
  if (!*fits) return NADIR_OK;
  ND_TRY(nd_polynomial(r, argument, ND_EXPANDED, &w));
  ND_TRY(softplus_poly(r, w, &soft));
  nd_poly zero = {r->term_count, 0};
  return add_polys(r, complement ? zero : w, soft, -1, poly);
}

static nadir_status log_poly(nd_rules *r, nd_node node, nd_poly under, nd_poly *poly) {
  bool fits = false;
  ND_TRY(log_of_sigmoid(r, under, poly, &fits));
  if (fits) return NADIR_OK;
  if (under.count == 1) ND_TRY(log_of_term(r, r->terms[under.first], poly, &fits));
  if (fits) {
    /* log(u) of a mere atom is itself an atom */
    return NADIR_OK;
  }
  if (under.count > 1) ND_TRY(log_of_sum(r, under, poly, &fits));
  return fits ? NADIR_OK : atom_poly(r, node, poly);
}

/* a^b with b of the parameters: exp(b*log(a)) where a is positive. */
static nadir_status general_power(nd_rules *r, nd_node node, nd_form form, nd_poly *poly) {
  nd_node base = nd_node_argument(r->graph, node, 0), log, made;
  ND_TRY(nd_know(r, base));
  if (!nd_is_positive(nd_known_of(r, base)->range)) return atom_poly(r, node, poly);
  ND_TRY(nd_make(r->graph, ND_LOG, &base, 1, &log, r->error));
  ND_TRY(nd_make(r->graph, ND_MUL, (nd_node[]){nd_node_argument(r->graph, node, 1), log}, 2, &made,
                 r->error));
  ND_TRY(nd_make(r->graph, ND_EXP, &made, 1, &made, r->error));
  return nd_polynomial(r, made, form, poly);
}

/* ---- the walk ---- */

static nadir_status sum_of_arguments(nd_rules *r, nd_node node, nd_form form, nd_poly *poly) {
  size_t arity = nd_node_arity(r->graph, node);
  bool minus = nd_node_op(r->graph, node) == ND_SUB;
  nd_poly part;
  fmpq_t scale;
  for (size_t i = 0; i < arity; i++)
    ND_TRY(nd_polynomial(r, nd_node_argument(r->graph, node, i), form, &part));
  nadir_status status = NADIR_OK;
  fmpq_init(scale);
  fmpq_one(scale);
  *poly = (nd_poly){r->term_count, 0};
  for (size_t i = 0; i < arity && status == NADIR_OK && poly->count <= TERMS; i++) {
    part = r->polys[form][nd_node_argument(r->graph, node, i)];
    status = add_scaled(r, part, scale, poly);
    if (minus) fmpq_set_si(scale, -1, 1);
  }
  fmpq_clear(scale);
  return status;
}

/* above = ratio * below + rest, both with several terms and rest a number: ratio + rest/below. */
static nadir_status divide_affine(nd_rules *r, nd_node node, nd_poly above, nd_poly below,
                                  nd_poly *quotient, bool *fits) {
  nd_poly rest, inverse, product;
  nd_term lead = {0};
  fmpq_t ratio;
  *fits = false;
  if (below.count < 2 || above.count == 0) return NADIR_OK;
  for (size_t i = 0; i < below.count; i++)
    if (r->terms[below.first + i].count > 0) lead = r->terms[below.first + i];
  fmpq_init(ratio);
  for (size_t i = 0; i < above.count; i++)
    if (compare_terms(r, &r->terms[above.first + i], &lead) == 0) {
      fmpq_div(ratio, nd_coefficient(r, &r->terms[above.first + i]), nd_coefficient(r, &lead));
      *fits = true;
    }
  nadir_status status = number_poly(r, ratio, quotient);
  bool whole = *fits;
  if (whole && status == NADIR_OK) status = multiply_polys(r, *quotient, below, &product, fits);
  if (whole && *fits && status == NADIR_OK) status = add_polys(r, above, product, -1, &rest);
  fmpq_clear(ratio);
  ND_TRY(status);
  *fits =
      whole && *fits && (rest.count == 0 || (rest.count == 1 && r->terms[rest.first].count == 0));
  if (!*fits) return NADIR_OK;
  ND_TRY(power_poly(r, node, (nd_ratio){-1, 1}, &inverse));
  ND_TRY(multiply_polys(r, rest, inverse, &product, fits));
  return *fits ? add_polys(r, *quotient, product, 1, quotient) : NADIR_OK;
}

static nadir_status product_of_arguments(nd_rules *r, nd_node node, nd_form form, nd_poly *poly) {
  size_t arity = nd_node_arity(r->graph, node);
  bool fits = true, divides = false;
  nd_poly part;
  if (nd_node_op(r->graph, node) == ND_DIV && form == ND_EXPANDED) {
    nd_node below = nd_node_argument(r->graph, node, 1);
    nd_poly above;
    ND_TRY(nd_polynomial(r, nd_node_argument(r->graph, node, 0), form, &above));
    ND_TRY(nd_polynomial(r, below, form, &part));
    ND_TRY(divide_affine(r, below, above, part, poly, &divides));
    if (divides) return NADIR_OK;
  }
  ND_TRY(integer_poly(r, 1, poly));
  for (size_t i = 0; i < arity && fits; i++) {
    nd_node argument = nd_node_argument(r->graph, node, i);
    ND_TRY(nd_polynomial(r, argument, form, &part));
    if (nd_node_op(r->graph, node) == ND_DIV && i == 1)
      ND_TRY(raise_poly(r, argument, (nd_ratio){-1, 1}, part, (nd_ratio){-1, 1}, form, &part));
    ND_TRY(multiply_polys(r, *poly, part, poly, &fits));
  }
  return fits ? NADIR_OK : atom_poly(r, node, poly);
}

static nadir_status power_of_arguments(nd_rules *r, nd_node node, nd_form form, nd_poly *poly) {
  nd_node base = nd_node_argument(r->graph, node, 0);
  nd_poly under;
  nd_ratio exponent = {1, 2};
  if (nd_node_op(r->graph, node) == ND_POW) {
    fmpq_t value;
    bool rational;
    fmpq_init(value);
    nadir_status status =
        nd_number_of_node(r, nd_node_argument(r->graph, node, 1), value, &rational);
    rational = status == NADIR_OK && rational && nd_ratio_of(value, &exponent);
    fmpq_clear(value);
    ND_TRY(status);
    if (!rational) return general_power(r, node, form, poly);
  }
  ND_TRY(nd_polynomial(r, base, form, &under));
  nd_op op = nd_node_op(r->graph, base);
  bool even = exponent.d == 1 && exponent.n % 2 == 0;
  if (even && (op == ND_ABS || op == ND_NORM2)) {
    /* the square of a norm is the sum of squares */
    nd_poly squares = {r->term_count, 0}, square;
    bool fits = true;
    for (size_t i = 0; i < nd_node_arity(r->graph, base) && fits; i++) {
      ND_TRY(nd_polynomial(r, nd_node_argument(r->graph, base, i), form, &square));
      fits = form == ND_EXPANDED || square.count == 1;
      if (fits) ND_TRY(multiply_polys(r, square, square, &square, &fits));
      if (fits) ND_TRY(add_polys(r, squares, square, 1, &squares));
    }
    fits = fits && squares.count <= TERMS && (form == ND_EXPANDED || squares.count == 1);
    if (fits && (squares.count == 1 || exponent.n > 0))
      return raise_poly(r, base, exponent, squares, (nd_ratio){exponent.n / 2, 1}, form, poly);
  }
  return raise_poly(r, base, exponent, under, exponent, form, poly);
}

static nadir_status known_sign(nd_rules *r, nd_node node, nd_form form, nd_poly *poly) {
  nd_node argument = nd_node_argument(r->graph, node, 0);
  nd_poly zero = {r->term_count, 0}, under;
  ND_TRY(nd_know(r, argument));
  nd_interval range = nd_known_of(r, argument)->range;
  bool plus = nd_is_nonnegative(range), minus = nd_is_nonpositive(range);
  if (!plus && !minus) return atom_poly(r, node, poly);
  ND_TRY(nd_polynomial(r, argument, form, &under));
  zero = (nd_poly){r->term_count, 0};
  return add_polys(r, zero, under, plus ? 1 : -1, poly);
}

static nadir_status constant_poly(nd_rules *r, nd_node node, nd_poly *poly) {
  fmpq_t value;
  fmpq_init(value);
  nadir_status status = nd_read_decimal(nd_node_text(r->graph, node), value)
                            ? number_poly(r, value, poly)
                            : atom_poly(r, node, poly);
  fmpq_clear(value);
  return status;
}

static nadir_status function_poly(nd_rules *r, nd_node node, nd_form form, nd_poly *poly) {
  nd_op op = nd_node_op(r->graph, node);
  nd_poly under, one;
  if (op == ND_ABS) return known_sign(r, node, form, poly);
  if (form == ND_SUMS_KEPT && op != ND_EXP) return atom_poly(r, node, poly);
  if (op == ND_EXP || op == ND_LOG || op == ND_LOG1P || op == ND_SOFTPLUS || op == ND_EXPM1) {
    ND_TRY(nd_polynomial(r, nd_node_argument(r->graph, node, 0), ND_EXPANDED, &under));
    if (op == ND_EXP && form == ND_SUMS_KEPT && under.count > 1) return atom_poly(r, node, poly);
    if (op == ND_EXP) return exponential_poly(r, node, under, poly);
    if (op == ND_LOG) return log_poly(r, node, under, poly);
    if (op == ND_SOFTPLUS) return softplus_poly(r, under, poly);
    ND_TRY(integer_poly(r, 1, &one));
    if (op == ND_LOG1P) {
      ND_TRY(add_polys(r, one, under, 1, &under));
      return log_poly(r, node, under, poly);
    }
    nd_node exp, argument = nd_node_argument(r->graph, node, 0);
    ND_TRY(nd_make(r->graph, ND_EXP, &argument, 1, &exp, r->error));
    ND_TRY(nd_polynomial(r, exp, form, &under));
    return add_polys(r, under, one, -1, poly);
  }
  if (op == ND_SIGMOID) {
    ND_TRY(nd_polynomial(r, nd_node_argument(r->graph, node, 0), ND_EXPANDED, &under));
    return make_function(r, op, under, poly);
  }
  return atom_poly(r, node, poly);
}

static nadir_status make_poly(nd_rules *r, nd_node node, nd_form form, nd_poly *poly) {
  nd_op op = nd_node_op(r->graph, node);
  if (op == ND_NUMBER) return constant_poly(r, node, poly);
  if (op == ND_ADD || op == ND_SUB)
    return form == ND_EXPANDED ? sum_of_arguments(r, node, form, poly) : atom_poly(r, node, poly);
  if (op == ND_NEG) {
    nd_poly part;
    ND_TRY(nd_polynomial(r, nd_node_argument(r->graph, node, 0), form, &part));
    return add_polys(r, (nd_poly){r->term_count, 0}, part, -1, poly);
  }
  if (op == ND_MUL || op == ND_DIV) return product_of_arguments(r, node, form, poly);
  if (op == ND_POW || op == ND_SQRT) return power_of_arguments(r, node, form, poly);
  if (op == ND_QUAD_OVER_LIN) {
    nd_node two, square;
    ND_TRY(nd_make_number(r->graph, 2, &two, r->error));
    ND_TRY(nd_make(r->graph, ND_POW, (nd_node[]){nd_node_argument(r->graph, node, 0), two}, 2,
                   &square, r->error));
    ND_TRY(nd_make(r->graph, ND_DIV, (nd_node[]){square, nd_node_argument(r->graph, node, 1)}, 2,
                   &square, r->error));
    return nd_polynomial(r, square, form, poly);
  }
  return function_poly(r, node, form, poly);
}

nadir_status nd_polynomial(nd_rules *r, nd_node node, nd_form form, nd_poly *poly) {
  ND_TRY(nd_grow(&r->polys[form], &r->poly_capacity[form], (size_t)node + 1, sizeof *r->polys[form],
                 r->error));
  ND_TRY(nd_grow(&r->has_poly[form], &r->has_poly_capacity[form], (size_t)node + 1,
                 sizeof *r->has_poly[form], r->error));
  if (r->has_poly[form][node]) {
    *poly = r->polys[form][node];
    return NADIR_OK;
  }
  bool deep = r->depth > DEPTH || !has_room(r);
  r->depth++;
  nadir_status status = deep ? atom_poly(r, node, poly) : make_poly(r, node, form, poly);
  r->depth--;
  ND_TRY(status);
  if (poly->count > TERMS) ND_TRY(atom_poly(r, node, poly));
  r->polys[form][node] = *poly;
  r->has_poly[form][node] = true;
  return NADIR_OK;
}

nadir_status nd_number_of_node(nd_rules *r, nd_node node, fmpq_t value, bool *is_rational) {
  nd_poly poly;
  *is_rational = false; /* also where it fails */
  ND_TRY(nd_polynomial(r, node, ND_EXPANDED, &poly));
  *is_rational = poly.count == 0 || (poly.count == 1 && r->terms[poly.first].count == 0);
  fmpq_zero(value);
  if (*is_rational && poly.count == 1) fmpq_set(value, nd_coefficient(r, &r->terms[poly.first]));
  return NADIR_OK;
}

void nd_forms_end(nd_rules *r) {
  for (size_t i = 0; i < r->rational_capacity; i++)
    fmpq_clear(&r->rationals[i]);
  nd_free(r->rationals);
  nd_free(r->factors);
  nd_free(r->terms);
  for (size_t form = 0; form < 2; form++) {
    nd_free(r->polys[form]);
    nd_free(r->has_poly[form]);
  }
}

/* ---- back to nodes ---- */

nadir_status nd_node_of_rational(nd_rules *r, const fmpq_t value, nd_node *node) {
  char *n = fmpz_get_str(NULL, 10, fmpq_numref(value)), *d;
  char buffer[64];
  fmpz_t rest, scaled;
  ulong places = 0;
  nd_text text = {0};
  bool negative = *n == '-';
  fmpz_init_set(rest, fmpq_denref(value));
  fmpz_init_set(scaled, fmpq_numref(value));
  /* a short decimal where there is one, for people */
  for (; places < 12 && !fmpz_is_one(rest); places++) {
    fmpz_t common;
    fmpz_init(common);
    fmpz_mul_ui(scaled, scaled, 10);
    fmpz_gcd(common, scaled, rest);
    fmpz_divexact(scaled, scaled, common);
    fmpz_divexact(rest, rest, common);
    fmpz_clear(common);
  }
  if (places > 0 && fmpz_is_one(rest) && fmpz_sizeinbase(scaled, 10) < 40) {
    fmpz_abs(scaled, scaled);
    fmpz_get_str(buffer, 10, scaled);
    nd_text_print(&text, "%se-%lu", buffer, places);
  } else {
    nd_text_append(&text, n + negative);
    if (!fmpz_is_one(fmpq_denref(value))) {
      d = fmpz_get_str(NULL, 10, fmpq_denref(value));
      nd_text_print(&text, "/%s", d);
      flint_free(d);
    }
  }
  fmpz_clear(rest);
  fmpz_clear(scaled);
  flint_free(n);
  nadir_status status = nd_text_status(&text, r->error);
  if (status == NADIR_OK) status = nd_parse(r->graph, nd_text_data(&text), node, r->error);
  nd_text_free(&text);
  if (status == NADIR_OK && negative) status = nd_make(r->graph, ND_NEG, node, 1, node, r->error);
  return status;
}

static nadir_status make2(nd_rules *r, nd_op op, nd_node a, nd_node b, nd_node *node) {
  return nd_make(r->graph, op, (nd_node[]){a, b}, 2, node, r->error);
}

static nadir_status power_node(nd_rules *r, nd_node base, nd_ratio exponent, nd_node *node) {
  nd_node number;
  fmpq_t value;
  *node = base;
  if (exponent.n == 1 && exponent.d == 1) return NADIR_OK;
  if (exponent.n == 1 && exponent.d == 2)
    return nd_make(r->graph, ND_SQRT, &base, 1, node, r->error);
  fmpq_init(value);
  fmpq_set_si(value, exponent.n, (ulong)exponent.d);
  nadir_status status = nd_node_of_rational(r, value, &number);
  fmpq_clear(value);
  ND_TRY(status);
  return make2(r, ND_POW, base, number, node);
}

/* The factors of one sign of the exponent, multiplied; ND_NO_NODE where there are none. */
static nadir_status gather(nd_rules *r, size_t first, size_t count, bool below, nd_node *product) {
  nd_node list[POWERS], power;
  size_t used = 0;
  *product = ND_NO_NODE;
  for (size_t i = 0; i < count; i++) {
    nd_factor factor = r->factors[first + i];
    if ((factor.exponent.n < 0) != below) continue;
    if (below) factor.exponent.n = -factor.exponent.n;
    if (nd_node_op(r->graph, factor.base) == ND_EXP && !below &&
        !(factor.exponent.n == 1 && factor.exponent.d == 1)) {
      /* exp(u)^p reads as exp(p*u) */
      nd_node scale;
      fmpq_t value;
      fmpq_init(value);
      fmpq_set_si(value, factor.exponent.n, (ulong)factor.exponent.d);
      nadir_status status = nd_node_of_rational(r, value, &scale);
      fmpq_clear(value);
      ND_TRY(status);
      ND_TRY(make2(r, ND_MUL, scale, nd_node_argument(r->graph, factor.base, 0), &power));
      ND_TRY(nd_make(r->graph, ND_EXP, &power, 1, &power, r->error));
    } else {
      ND_TRY(power_node(r, factor.base, factor.exponent, &power));
    }
    if (used == POWERS) {
      ND_TRY(nd_make(r->graph, ND_MUL, list, used, &list[0], r->error));
      used = 1;
    }
    list[used++] = power;
  }
  if (used == 1) *product = list[0];
  if (used > 1) return nd_make(r->graph, ND_MUL, list, used, product, r->error);
  return NADIR_OK;
}

nadir_status nd_node_of_factors(nd_rules *r, size_t first, size_t count, nd_node *node) {
  nd_node below;
  ND_TRY(gather(r, first, count, false, node));
  ND_TRY(gather(r, first, count, true, &below));
  if (*node == ND_NO_NODE) ND_TRY(nd_make_number(r->graph, 1, node, r->error));
  return below == ND_NO_NODE ? NADIR_OK : make2(r, ND_DIV, *node, below, node);
}

/* |coefficient| * factors */
static nadir_status node_of_size(nd_rules *r, nd_term term, nd_node *node) {
  nd_node number;
  fmpq_t size;
  fmpq_init(size);
  fmpq_abs(size, nd_coefficient(r, &term));
  bool one = fmpq_is_one(size);
  nadir_status status = one ? NADIR_OK : nd_node_of_rational(r, size, &number);
  fmpq_clear(size);
  ND_TRY(status);
  ND_TRY(nd_node_of_factors(r, term.first, term.count, node));
  if (one) return NADIR_OK;
  if (term.count == 0) {
    *node = number;
    return NADIR_OK;
  }
  return make2(r, ND_MUL, number, *node, node);
}

nadir_status nd_node_of_terms(nd_rules *r, const nd_term *terms, size_t count, nd_node *node) {
  if (count == 0) return nd_make_number(r->graph, 0, node, r->error);
  nd_term *copy = nd_new(count, sizeof *copy, r->error); /* the terms may move meanwhile */
  if (copy == NULL) return NADIR_NO_MEMORY;
  memcpy(copy, terms, count * sizeof *copy);
  nadir_status status = NADIR_OK;
  for (size_t i = 0; i < count && status == NADIR_OK; i++) {
    nd_node part;
    bool minus = fmpq_sgn(nd_coefficient(r, &copy[i])) < 0;
    status = node_of_size(r, copy[i], &part);
    if (status != NADIR_OK) break;
    if (i == 0 && minus)
      status = nd_make(r->graph, ND_NEG, &part, 1, node, r->error);
    else if (i == 0)
      *node = part;
    else
      status = make2(r, minus ? ND_SUB : ND_ADD, *node, part, node);
  }
  nd_free(copy);
  return status;
}
