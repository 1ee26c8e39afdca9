/* Strict and strong convexity of what the rules have proved convex.
 *
 * f is written as q + g, q a quadratic with rational coefficients and g convex: the modulus is at
 * least the least eigenvalue of q's Hessian. f is strictly convex where the linear functionals
 * along which its parts are strictly convex span all parameters: a strictly convex function of a.w
 * is so along each direction v with a.v != 0. Both are sound and may miss. Costs one walk over the
 * sum and n^3 rational operations. Forbidden: a coefficient that is not an exact number. */
#include <math.h>
#include <string.h>

#include "theory/rules_internal.h"

#include "theory/functions_internal.h"

enum { MOST_ROWS = 200 };

typedef struct strength {
  nd_rules *r;
  slong size; /* parameters */
  fmpq_mat_t hessian, rows;
  slong row_count;
} strength;

static slong index_of(const strength *s, nd_node parameter) {
  const nd_question *q = s->r->question;
  slong i = 0;
  while (i < s->size && q->parameters[i] != parameter)
    i++;
  return i;
}

/* The slopes of an affine node, added times `scale` into a row; false where they are not numbers. */
static nadir_status slopes_of(strength *s, nd_node u, slong scale, slong row, bool *exact) {
  nd_rules *r = s->r;
  nd_poly poly;
  fmpq_t factor;
  ND_TRY(nd_polynomial(r, u, ND_EXPANDED, &poly));
  *exact = true;
  fmpq_init(factor);
  fmpq_set_si(factor, scale, 1);
  for (size_t i = 0; i < poly.count && *exact; i++) {
    nd_term term = r->terms[poly.first + i];
    if (term.count == 0) continue;
    nd_factor f = r->factors[term.first];
    if (term.count > 1 && !nd_is_parameter(r, f.base)) {
      /* constants alone move no slope; anything else is not a number */
      *exact = false;
      continue;
    }
    *exact =
        term.count == 1 && f.exponent.n == 1 && f.exponent.d == 1 && nd_is_parameter(r, f.base);
    if (!*exact) {
      ND_TRY(nd_know(r, f.base));
      *exact = term.count == 1 && nd_known_of(r, f.base)->constant;
      continue;
    }
    fmpq *entry = fmpq_mat_entry(s->rows, row, index_of(s, f.base));
    fmpq_addmul(entry, factor, nd_coefficient(r, &term));
  }
  fmpq_clear(factor);
  return NADIR_OK;
}

static void clear_row(strength *s, slong row) {
  for (slong j = 0; j < s->size; j++)
    fmpq_zero(fmpq_mat_entry(s->rows, row, j));
}

/* Strict along u's slopes (less those of `from`, unless ND_NO_NODE). */
static nadir_status strict_along(strength *s, nd_node u, nd_node from, bool *exact) {
  *exact = false;
  if (s->row_count == MOST_ROWS) return NADIR_OK;
  ND_TRY(slopes_of(s, u, 1, s->row_count, exact));
  if (*exact && from != ND_NO_NODE) ND_TRY(slopes_of(s, from, -1, s->row_count, exact));
  if (*exact)
    s->row_count++;
  else
    clear_row(s, s->row_count);
  return NADIR_OK;
}

/* scale * a quadratic whose coefficients are numbers */
static nadir_status add_quadratic(strength *s, nd_node node, const fmpq_t scale, bool *is_one) {
  nd_rules *r = s->r;
  nd_node variables[ND_MOST_VARIABLES];
  size_t count;
  fmpq_mat_t matrix;
  nd_poly poly;
  fmpq_t twice;
  ND_TRY(nd_polynomial(r, node, ND_EXPANDED, &poly));
  *is_one = nd_read_quadratic(r, &r->terms[poly.first], poly.count, variables, &count, matrix);
  if (!*is_one) return NADIR_OK;
  fmpq_init(twice);
  fmpq_mul_2exp(twice, scale, 1);
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j < count; j++)
      fmpq_addmul(fmpq_mat_entry(s->hessian, index_of(s, variables[i]), index_of(s, variables[j])),
                  twice, fmpq_mat_entry(matrix, (slong)i + 1, (slong)j + 1));
  fmpq_clear(twice);
  fmpq_mat_clear(matrix);
  return NADIR_OK;
}

/* A lower bound of |h''| on the range, 0 where none is known. */
static double curvature_bound(const nd_op_theory *theory, nd_interval u) {
  double bound = theory->curved ? theory->curved(u) : 0;
  return bound > 0 && isfinite(bound) ? bound : 0;
}

static nadir_status add_part(strength *s, nd_node node, nadir_claim claim, const fmpq_t scale,
                             unsigned depth);

/* kappa/2 (a.w)^2 may be taken out of h(a.w): the last row holds a. */
static void add_curvature(strength *s, double kappa, const fmpq_t scale) {
  fmpq_t factor, part;
  fmpq_init(factor);
  fmpq_init(part);
  nd_rational_of_double(kappa, factor);
  fmpq_abs(part, scale);
  fmpq_mul(factor, factor, part);
  for (slong i = 0; i < s->size; i++)
    for (slong j = 0; j < s->size; j++) {
      fmpq_mul(part, factor, fmpq_mat_entry(s->rows, s->row_count - 1, i));
      fmpq_addmul(fmpq_mat_entry(s->hessian, i, j), part,
                  fmpq_mat_entry(s->rows, s->row_count - 1, j));
    }
  fmpq_clear(factor);
  fmpq_clear(part);
}

/* sqrt(q), q a quadratic positive definite in (1, parameters): strict along all that occur. */
static nadir_status add_root(strength *s, nd_node under) {
  nd_rules *r = s->r;
  nd_node variables[ND_MOST_VARIABLES];
  size_t count;
  fmpq_mat_t matrix;
  nd_poly poly;
  bool definite = false, exact;
  ND_TRY(nd_polynomial(r, under, ND_EXPANDED, &poly));
  if (!nd_read_quadratic(r, &r->terms[poly.first], poly.count, variables, &count, matrix))
    return NADIR_OK;
  nd_is_semidefinite(matrix, &definite);
  fmpq_mat_clear(matrix);
  for (size_t i = 0; i < count && definite; i++)
    ND_TRY(strict_along(s, variables[i], ND_NO_NODE, &exact));
  return NADIR_OK;
}

/* The node's claim was concluded from its first argument's, by composition. */
static bool rests_on_argument(const nd_rules *r, nd_node node, nadir_claim claim, nd_node u,
                              nadir_claim *inner) {
  nd_reason reason = r->known[node].reason[claim];
  if (reason.count != 1 || r->children[reason.first].node != u) return false;
  *inner = r->children[reason.first].claim;
  return *inner != NADIR_IS_AFFINE;
}

/* Whether it rises all along its first argument, or falls, where it does so at all. */
static bool keeps_one_slope(nd_op op) {
  char first = nd_op_about(op)->monotone[0];
  return first == '+' || first == '-' || first == '?';
}

static nadir_status add_function(strength *s, nd_node node, nadir_claim claim, const fmpq_t scale,
                                 unsigned depth) {
  nd_rules *r = s->r;
  nd_op op = nd_node_op(r->graph, node);
  size_t arity = nd_node_arity(r->graph, node);
  nd_node u = nd_node_argument(r->graph, node, 0);
  bool exact;
  fmpq_t nothing;
  if (op == ND_LOGSUMEXP) {
    for (size_t i = 0; i < arity; i++)
      if (!nd_holds(r, nd_node_argument(r->graph, node, i), NADIR_IS_AFFINE)) return NADIR_OK;
    for (size_t i = 1; i < arity; i++)
      ND_TRY(strict_along(s, nd_node_argument(r->graph, node, i), u, &exact));
    return NADIR_OK;
  }
  const nd_op_theory *theory = nd_theory_of(op);
  if (theory == NULL || !(theory->traits & ND_STRICT)) return NADIR_OK;
  for (size_t i = 1; i < arity; i++)
    if (nd_node_op(r->graph, nd_node_argument(r->graph, node, i)) != ND_NUMBER) return NADIR_OK;
  if (nd_holds(r, u, NADIR_IS_AFFINE)) {
    double kappa = curvature_bound(theory, nd_known_of(r, u)->range);
    ND_TRY(strict_along(s, u, ND_NO_NODE, &exact));
    if (exact && kappa > 0) add_curvature(s, kappa, scale);
    return NADIR_OK;
  }
  /* a strictly monotone function of what is strictly convex is so too; of its modulus nothing is
   * said */
  nadir_claim inner;
  if (!rests_on_argument(r, node, claim, u, &inner))
    return op == ND_SQRT && claim == NADIR_IS_CONVEX ? add_root(s, u) : NADIR_OK;
  if (!keeps_one_slope(op)) return NADIR_OK;
  fmpq_init(nothing);
  nadir_status status = add_part(s, u, inner, nothing, depth + 1);
  fmpq_clear(nothing);
  return status;
}

/* 1/u and the like: one power of an affine function, neither 0 nor 1. */
static nadir_status add_power(strength *s, nd_node node, bool *done) {
  nd_rules *r = s->r;
  nd_poly poly;
  *done = false;
  ND_TRY(nd_polynomial(r, node, ND_SUMS_KEPT, &poly));
  if (poly.count != 1 || r->terms[poly.first].count != 1) return NADIR_OK;
  nd_factor factor = r->factors[r->terms[poly.first].first];
  if (factor.exponent.n == factor.exponent.d || factor.base >= r->known_capacity) return NADIR_OK;
  if (r->known[factor.base].constant || !nd_holds(r, factor.base, NADIR_IS_AFFINE)) return NADIR_OK;
  return strict_along(s, factor.base, ND_NO_NODE, done);
}

/* What multiplies the one argument that is not constant, as a number not larger in size. */
static nadir_status factor_of(strength *s, nd_node node, nd_node *u, fmpq_t factor, bool *known) {
  nd_rules *r = s->r;
  nd_interval scale = nd_between(1, 1);
  bool quotient = nd_node_op(r->graph, node) == ND_DIV;
  *known = false;
  *u = ND_NO_NODE;
  fmpq_one(factor);
  bool exact = true;
  for (size_t i = 0; i < nd_node_arity(r->graph, node); i++) {
    nd_node a = nd_node_argument(r->graph, node, i);
    if (!nd_known_of(r, a)->constant) {
      if (*u != ND_NO_NODE || (quotient && i == 1)) return NADIR_OK;
      *u = a;
      continue;
    }
    nd_interval range = nd_known_of(r, a)->range;
    scale = nd_times(scale, quotient && i == 1 ? nd_inverse(range) : range);
    fmpq_t value;
    bool rational;
    fmpq_init(value);
    nadir_status status = nd_number_of_node(r, a, value, &rational);
    exact = exact && status == NADIR_OK && rational && !fmpq_is_zero(value);
    if (exact && quotient && i == 1) fmpq_inv(value, value);
    if (exact) fmpq_mul(factor, factor, value);
    fmpq_clear(value);
    ND_TRY(status);
  }
  double end = nd_is_nonnegative(scale) ? scale.low : nd_is_nonpositive(scale) ? scale.high : 0;
  *known = *u != ND_NO_NODE && (exact || (end != 0 && isfinite(end)));
  if (*known && !exact) nd_rational_of_double(end, factor);
  return NADIR_OK;
}

static nadir_claim turned(nadir_claim claim, bool turn) {
  if (!turn) return claim;
  return claim == NADIR_IS_CONVEX ? NADIR_IS_CONCAVE : NADIR_IS_CONVEX;
}

/* A sum whose every argument has the claim on its own. */
static bool is_plain_sum(nd_rules *r, nd_node node, nadir_claim claim) {
  nd_op op = nd_node_op(r->graph, node);
  if (op != ND_ADD && op != ND_SUB && op != ND_NEG) return false;
  for (size_t i = 0; i < nd_node_arity(r->graph, node); i++) {
    bool turn = op == ND_NEG || (op == ND_SUB && i == 1);
    if (!nd_holds(r, nd_node_argument(r->graph, node, i), turned(claim, turn))) return false;
  }
  return true;
}

/* Whether all terms but those of degree 2 are affine or have the claim, each on its own. */
static nadir_status terms_hold(strength *s, nd_node node, nd_poly poly, nadir_claim claim,
                               bool *yes) {
  nd_rules *r = s->r;
  *yes = true;
  for (size_t i = 0; i < poly.count && *yes; i++) {
    nd_term term = r->terms[poly.first + i];
    nd_node variables[ND_MOST_VARIABLES], part;
    size_t count;
    fmpq_mat_t matrix;
    if (nd_read_quadratic(r, &term, 1, variables, &count, matrix)) {
      fmpq_mat_clear(matrix);
      continue;
    }
    ND_TRY(nd_node_of_factors(r, term.first, term.count, &part));
    *yes = part != node;
    if (!*yes) break;
    ND_TRY(nd_know(r, part));
    *yes = nd_holds(r, part, turned(claim, fmpq_sgn(nd_coefficient(r, &term)) < 0));
  }
  return NADIR_OK;
}

/* A sum multiplied out: its terms of degree 2, whatever their signs, for the least eigenvalue of
 * their sum decides; and its other terms, each convex. */
static nadir_status add_collected(strength *s, nd_node node, nadir_claim claim, const fmpq_t scale,
                                  unsigned depth) {
  nd_rules *r = s->r;
  nd_poly poly;
  nadir_status status = NADIR_OK;
  bool sound;
  if (fmpq_is_zero(scale)) return NADIR_OK;
  ND_TRY(nd_polynomial(r, node, ND_EXPANDED, &poly));
  ND_TRY(terms_hold(s, node, poly, claim, &sound));
  if (!sound) return NADIR_OK;
  for (size_t i = 0; i < poly.count && status == NADIR_OK; i++) {
    nd_term term = r->terms[poly.first + i];
    nd_node variables[ND_MOST_VARIABLES], part;
    size_t count;
    fmpq_mat_t matrix;
    fmpq_t factor;
    status = nd_node_of_factors(r, term.first, term.count, &part);
    if (status == NADIR_OK) status = nd_know(r, part);
    if (status != NADIR_OK || part == node) break;
    fmpq_init(factor);
    fmpq_mul(factor, scale, nd_coefficient(r, &term));
    bool quadratic = nd_read_quadratic(r, &term, 1, variables, &count, matrix);
    bool minus = fmpq_sgn(nd_coefficient(r, &term)) < 0;
    if (quadratic) {
      fmpq_mat_clear(matrix);
      status = add_quadratic(s, part, factor, &quadratic);
    } else if (nd_holds(r, part, turned(claim, minus))) {
      status = add_part(s, part, turned(claim, minus), factor, depth + 1);
    }
    fmpq_clear(factor);
  }
  return status;
}

/* scale * node is convex, being a summand of the function; scale 0 asks for strictness alone. */
static nadir_status add_part(strength *s, nd_node node, nadir_claim claim, const fmpq_t scale,
                             unsigned depth) {
  nd_rules *r = s->r;
  nd_op op = nd_node_op(r->graph, node);
  nadir_status status = NADIR_OK;
  bool done, known;
  if (depth > 200 || nd_out_of_time(r->budget)) return NADIR_OK;
  if (nd_holds(r, node, NADIR_IS_AFFINE) || !nd_holds(r, node, claim)) return NADIR_OK;
  if (!fmpq_is_zero(scale)) {
    ND_TRY(add_quadratic(s, node, scale, &done));
    if (done) return NADIR_OK;
  }
  if (is_plain_sum(r, node, claim)) {
    for (size_t i = 0; i < nd_node_arity(r->graph, node) && status == NADIR_OK; i++) {
      bool turn = op == ND_NEG || (op == ND_SUB && i == 1);
      fmpq_t factor;
      fmpq_init(factor);
      fmpq_set(factor, scale);
      if (turn) fmpq_neg(factor, factor);
      status =
          add_part(s, nd_node_argument(r->graph, node, i), turned(claim, turn), factor, depth + 1);
      fmpq_clear(factor);
    }
    return status;
  }
  if (op == ND_MUL || op == ND_DIV) {
    nd_node u;
    fmpq_t factor;
    fmpq_init(factor);
    status = factor_of(s, node, &u, factor, &known);
    bool turn = fmpq_sgn(factor) < 0;
    fmpq_mul(factor, factor, scale);
    if (status == NADIR_OK && known)
      status = add_part(s, u, turned(claim, turn), factor, depth + 1);
    fmpq_clear(factor);
    if (known || status != NADIR_OK) return status;
  }
  ND_TRY(add_power(s, node, &done));
  if (done) return NADIR_OK;
  if (op == ND_ADD || op == ND_SUB || op == ND_NEG || op == ND_MUL || op == ND_DIV ||
      nd_is_same(r->known[node].reason[claim].rule))
    return add_collected(s, node, claim, scale, depth);
  return nd_node_arity(r->graph, node) > 0 ? add_function(s, node, claim, scale, depth) : NADIR_OK;
}

static bool is_strict(strength *s) {
  fmpq_mat_t all;
  slong rank;
  if (s->size == 0) return false;
  fmpq_mat_init(all, s->row_count + s->size, s->size);
  for (slong i = 0; i < s->row_count; i++)
    for (slong j = 0; j < s->size; j++)
      fmpq_set(fmpq_mat_entry(all, i, j), fmpq_mat_entry(s->rows, i, j));
  /* a semidefinite matrix is strict along all that it does not send to 0 */
  bool definite, semidefinite = nd_is_semidefinite(s->hessian, &definite);
  for (slong i = 0; i < s->size; i++)
    for (slong j = 0; j < s->size; j++)
      fmpq_set(fmpq_mat_entry(all, s->row_count + i, j), fmpq_mat_entry(s->hessian, i, j));
  rank = fmpq_mat_rref(all, all);
  fmpq_mat_clear(all);
  return semidefinite && rank == s->size;
}

nadir_status nd_find_strength(nd_rules *r, nd_node root, nadir_claim claim, bool *strict,
                              double *modulus) {
  slong size = (slong)r->question->parameter_count;
  *strict = false;
  *modulus = NAN;
  if (size == 0 || size > ND_MOST_VARIABLES) return NADIR_OK;
  strength s = {.r = r, .size = size};
  fmpq_t scale;
  double least;
  fmpq_mat_init(s.hessian, size, size);
  fmpq_mat_init(s.rows, MOST_ROWS, size);
  fmpq_init(scale);
  fmpq_set_si(scale, claim == NADIR_IS_CONVEX ? 1 : -1, 1);
  nadir_status status = add_part(&s, root, claim, scale, 0);
  if (status == NADIR_OK) status = nd_least_eigenvalue(s.hessian, &least, r->error);
  if (status == NADIR_OK && least > 0) *modulus = least;
  if (status == NADIR_OK) *strict = least > 0 || is_strict(&s);
  fmpq_clear(scale);
  fmpq_mat_clear(s.hessian);
  fmpq_mat_clear(s.rows);
  return status;
}
