/* Curvature of what is equal to the typed node: products of powers as one function of their bases,
 * sums multiplied out and collected, with quadratic forms tested exactly.
 *
 * For positive x, y: x^p y^q ... is convex where all exponents are negative, or one is positive and
 * they sum to 1 or more; concave where all are positive and sum to at most 1 (Boyd and Vandenberghe
 * 2004, 3.1.5). A product of log-convex functions is log-convex, so exp(u)/y is convex. u log(u/v)
 * is jointly convex (the perspective of -log). sqrt(q) of a semidefinite quadratic q is a norm.
 * Costs are those of the polynomials (forms.c). */
#include "theory/rules_internal.h"

#include <string.h>

enum { MOST_FACTORS = 24 };

/* What a product of powers is, and why. */
typedef struct product {
  bool holds[2]; /* convex, concave */
  nadir_rule rule[2];
  nd_child children[2][MOST_FACTORS];
  size_t count[2];
} product;

static void find(product *found, nadir_claim claim, nadir_rule rule) {
  if (found->holds[claim]) return;
  found->holds[claim] = true;
  found->rule[claim] = rule;
  found->count[claim] = 0;
}

static void rests_on(product *found, nadir_claim claim, nd_node node, nadir_claim needed) {
  if (found->count[claim] < MOST_FACTORS)
    found->children[claim][found->count[claim]++] = (nd_child){node, needed};
}

/* A node that is recorded without having been looked at on its own. */
static nadir_status settle(nd_rules *r, nd_node node) {
  ND_TRY(
      nd_grow(&r->known, &r->known_capacity, nd_graph_size(r->graph), sizeof *r->known, r->error));
  nd_known *known = &r->known[node];
  if (known->done || known->busy) return NADIR_OK;
  known->range = nd_everything();
  known->done = true;
  return NADIR_OK;
}

static nadir_claim contrary(nadir_claim claim) {
  return claim == NADIR_IS_CONVEX ? NADIR_IS_CONCAVE : NADIR_IS_CONVEX;
}

/* ---- one power ---- */

static nadir_status has_convex_root(nd_rules *r, nd_node under, bool *yes);

static nadir_status one_power(nd_rules *r, nd_factor factor, product *found) {
  nd_node u = factor.base;
  nd_ratio p = factor.exponent;
  int curvature, slope;
  ND_TRY(nd_know(r, u));
  if (r->known[u].busy) return NADIR_OK;
  if (p.n == 1 && p.d == 1) {
    for (nadir_claim claim = NADIR_IS_CONVEX; claim <= NADIR_IS_CONCAVE; claim++)
      if (nd_holds(r, u, claim)) {
        find(found, claim, NADIR_RULE_SIMPLIFIED);
        rests_on(found, claim, u, claim);
      }
    return NADIR_OK;
  }
  nd_power_shape(r->known[u].range, p, &curvature, &slope);
  nadir_claim claim = curvature > 0 ? NADIR_IS_CONVEX : NADIR_IS_CONCAVE;
  nadir_claim needed = slope > 0 ? claim : slope < 0 ? contrary(claim) : NADIR_IS_AFFINE;
  if (curvature != 0 && nd_holds(r, u, NADIR_IS_AFFINE)) needed = NADIR_IS_AFFINE;
  if (curvature != 0 && nd_holds(r, u, needed)) {
    bool affine = needed == NADIR_IS_AFFINE, square = p.n == 2 && p.d == 1;
    find(found, claim,
         affine && square ? NADIR_RULE_SQUARE_OF_AFFINE
         : affine         ? NADIR_RULE_POWER_OF_AFFINE
                          : NADIR_RULE_MONOTONE_POWER);
    rests_on(found, claim, u, needed);
  }
  bool root = false;
  if (!found->holds[NADIR_IS_CONVEX] && 2 * p.n >= p.d) ND_TRY(has_convex_root(r, u, &root));
  if (root) find(found, NADIR_IS_CONVEX, NADIR_RULE_ROOT_OF_SQUARES);
  return NADIR_OK;
}

/* ---- norms ---- */

bool nd_read_quadratic(nd_rules *r, const nd_term *terms, size_t count, nd_node *variables,
                       size_t *variable_count, fmpq_mat_t matrix) {
  *variable_count = 0;
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j < terms[i].count; j++) {
      nd_factor factor = r->factors[terms[i].first + j];
      size_t k = 0;
      if (factor.exponent.d != 1 || factor.exponent.n < 1 || factor.exponent.n > 2) return false;
      if (terms[i].count > 2 || (terms[i].count == 2 && factor.exponent.n != 1)) return false;
      if (!nd_is_parameter(r, factor.base)) return false;
      while (k < *variable_count && variables[k] != factor.base)
        k++;
      if (k == ND_MOST_VARIABLES) return false;
      if (k == *variable_count) variables[(*variable_count)++] = factor.base;
    }
  fmpq_mat_init(matrix, (slong)*variable_count + 1, (slong)*variable_count + 1);
  for (size_t i = 0; i < count; i++) {
    size_t at[2] = {0, 0}, used = 0;
    for (size_t j = 0; j < terms[i].count; j++) {
      nd_factor factor = r->factors[terms[i].first + j];
      size_t k = 0;
      while (variables[k] != factor.base)
        k++;
      for (int32_t e = 0; e < factor.exponent.n; e++)
        at[used++] = k + 1;
    }
    fmpq_t half;
    fmpq_init(half);
    fmpq_set(half, nd_coefficient(r, &terms[i]));
    if (at[0] != at[1]) fmpq_div_2exp(half, half, 1);
    fmpq *upper = fmpq_mat_entry(matrix, (slong)at[0], (slong)at[1]);
    fmpq_add(upper, upper, half);
    if (at[0] != at[1]) {
      fmpq *lower = fmpq_mat_entry(matrix, (slong)at[1], (slong)at[0]);
      fmpq_add(lower, lower, half);
    }
    fmpq_clear(half);
  }
  return true;
}

/* sqrt(under) is a norm: of a semidefinite quadratic, or of a sum whose terms' roots are convex. */
static nadir_status has_convex_root(nd_rules *r, nd_node under, bool *yes) {
  nd_node variables[ND_MOST_VARIABLES];
  size_t count;
  fmpq_mat_t matrix;
  nd_poly poly;
  bool definite;
  *yes = false;
  ND_TRY(nd_polynomial(r, under, ND_EXPANDED, &poly));
  if (poly.count > 0 &&
      nd_read_quadratic(r, &r->terms[poly.first], poly.count, variables, &count, matrix)) {
    *yes = nd_is_semidefinite(matrix, &definite);
    fmpq_mat_clear(matrix);
    if (*yes) return NADIR_OK;
  }
  if (nd_node_op(r->graph, under) != ND_ADD) return NADIR_OK;
  for (size_t i = 0; i < nd_node_arity(r->graph, under); i++) {
    nd_node term = nd_node_argument(r->graph, under, i), root;
    ND_TRY(nd_know(r, term));
    if (!nd_is_nonnegative(r->known[term].range)) return NADIR_OK;
    if (r->known[term].constant) continue;
    ND_TRY(nd_make(r->graph, ND_SQRT, &term, 1, &root, r->error));
    ND_TRY(nd_know(r, root));
    if (r->known[root].busy || !nd_holds(r, root, NADIR_IS_CONVEX)) return NADIR_OK;
  }
  *yes = true;
  return NADIR_OK;
}

/* ---- several powers ---- */

/* One base of a product by its size |b|: which way |b| is curved, and the sign that b^p has. */
typedef struct sized {
  nd_factor factor;
  bool convex, concave;
  int sign; /* of b^p: 1 or -1 */
  nadir_claim convex_needs, concave_needs;
} sized;

static nadir_status size_up(nd_rules *r, nd_factor factor, sized *s, bool *fits) {
  nd_node b = factor.base;
  ND_TRY(nd_know(r, b));
  const nd_known *known = &r->known[b];
  nd_interval range = known->range;
  bool whole = factor.exponent.d == 1, even = whole && factor.exponent.n % 2 == 0;
  *s = (sized){factor, known->convex, known->concave, 1, NADIR_IS_CONVEX, NADIR_IS_CONCAVE};
  *fits = true;
  if (known->busy) {
    *fits = false;
  } else if (nd_is_nonnegative(range) || !whole) {
    return NADIR_OK;
  } else if (nd_is_nonpositive(range)) {
    *s = (sized){factor,        known->concave,   known->convex,
                 even ? 1 : -1, NADIR_IS_CONCAVE, NADIR_IS_CONVEX};
  } else if (even && factor.exponent.n > 0) {
    s->convex = known->convex && known->concave;
    s->concave = false;
    s->convex_needs = NADIR_IS_AFFINE;
  } else {
    *fits = false;
  }
  return NADIR_OK;
}

static void conclude_product(product *found, nadir_claim claim, nadir_rule rule, const sized *list,
                             size_t count, bool negative_only_concave) {
  find(found, claim, rule);
  for (size_t i = 0; i < count; i++) {
    bool uses_concave = !negative_only_concave || list[i].factor.exponent.n < 0;
    rests_on(found, claim, list[i].factor.base,
             uses_concave ? list[i].concave_needs : list[i].convex_needs);
  }
}

static nadir_status several_powers(nd_rules *r, const nd_factor *factors, size_t count,
                                   nd_node exponent, product *found) {
  sized list[MOST_FACTORS];
  nd_ratio sum = {0, 1};
  size_t positive = 0, at = 0;
  int sign = 1;
  bool fits = true, concave = true, negative_concave = true;
  for (size_t i = 0; i < count && fits; i++) {
    ND_TRY(size_up(r, factors[i], &list[i], &fits));
    if (!fits) return NADIR_OK;
    fits = nd_ratio_add(sum, factors[i].exponent, &sum);
    sign *= list[i].sign;
    concave = concave && list[i].concave;
    if (factors[i].exponent.n > 0) {
      positive++;
      at = i;
    } else {
      negative_concave = negative_concave && list[i].concave;
    }
  }
  if (!fits) return NADIR_OK;
  nadir_claim convex = sign > 0 ? NADIR_IS_CONVEX : NADIR_IS_CONCAVE;
  if (exponent != ND_NO_NODE) {
    ND_TRY(nd_know(r, exponent));
    if (positive > 0 || !concave || r->known[exponent].busy ||
        !nd_holds(r, exponent, NADIR_IS_CONVEX))
      return NADIR_OK;
    conclude_product(found, convex, NADIR_RULE_LOG_CONVEX, list, count, false);
    rests_on(found, convex, exponent, NADIR_IS_CONVEX);
  } else if (positive == 0 && concave) {
    conclude_product(found, convex, NADIR_RULE_NEGATIVE_POWERS, list, count, false);
  } else if (positive == count && concave && sum.n <= sum.d) {
    conclude_product(found, contrary(convex), NADIR_RULE_GEOMETRIC_MEAN, list, count, false);
  } else if (positive == 1 && negative_concave) {
    bool root = false;
    if (!(list[at].convex && sum.n >= sum.d)) {
      /* b^p = sqrt(b)^2p */
      ND_TRY(nd_ratio_add(sum, factors[at].exponent, &sum) &&
                     (nd_is_nonnegative(r->known[factors[at].base].range))
                 ? has_convex_root(r, factors[at].base, &root)
                 : NADIR_OK);
      if (!root || sum.n < sum.d) return NADIR_OK;
    }
    conclude_product(found, convex,
                     root ? NADIR_RULE_NORM_OVER_CONCAVE : NADIR_RULE_POWER_OVER_CONCAVE, list,
                     count, true);
    if (root) found->count[convex] = 0;
  }
  return NADIR_OK;
}

/* u*log(u/v), u*log(u) and u*log(v/u) */
static nadir_status entropy_product(nd_rules *r, const nd_factor *factors, size_t count,
                                    product *found) {
  if (count != 2) return NADIR_OK;
  for (size_t i = 0; i < 2; i++) {
    nd_factor log = factors[i], other = factors[1 - i];
    nd_node u = other.base, v, above;
    if (log.exponent.n != 1 || log.exponent.d != 1 || other.exponent.n != 1 ||
        other.exponent.d != 1 || nd_node_op(r->graph, log.base) != ND_LOG)
      continue;
    v = nd_node_argument(r->graph, log.base, 0);
    ND_TRY(nd_know(r, u));
    ND_TRY(nd_know(r, v));
    if (!nd_is_nonnegative(r->known[u].range) || !nd_holds(r, u, NADIR_IS_AFFINE)) continue;
    if (u == v) {
      find(found, NADIR_IS_CONVEX, NADIR_RULE_ENTROPY);
      rests_on(found, NADIR_IS_CONVEX, u, NADIR_IS_AFFINE);
    } else if (nd_node_op(r->graph, v) == ND_DIV) {
      above = nd_node_argument(r->graph, v, 0);
      nd_node below = nd_node_argument(r->graph, v, 1);
      nd_node w = above == u ? below : above;
      if (above != u && below != u) continue;
      ND_TRY(nd_know(r, w));
      if (!nd_is_positive(r->known[w].range) || !nd_holds(r, w, NADIR_IS_CONCAVE) ||
          !nd_is_positive(r->known[u].range))
        continue;
      nadir_claim claim = above == u ? NADIR_IS_CONVEX : NADIR_IS_CONCAVE;
      find(found, claim, NADIR_RULE_RELATIVE_ENTROPY);
      rests_on(found, claim, u, NADIR_IS_AFFINE);
      rests_on(found, claim, w, NADIR_IS_CONCAVE);
    }
  }
  return NADIR_OK;
}

/* The exponentials among the factors as one exponent; the others are moved to rest. */
static nadir_status join_exponentials(nd_rules *r, const nd_factor *factors, size_t count,
                                      nd_factor *rest, size_t *rest_count, nd_node *exponent,
                                      size_t *joined) {
  *rest_count = *joined = 0;
  *exponent = ND_NO_NODE;
  for (size_t i = 0; i < count; i++) {
    if (nd_node_op(r->graph, factors[i].base) != ND_EXP) {
      rest[(*rest_count)++] = factors[i];
      continue;
    }
    nd_node part = nd_node_argument(r->graph, factors[i].base, 0), scale;
    nd_ratio p = factors[i].exponent;
    (*joined)++;
    if (p.n != 1 || p.d != 1) {
      fmpq_t value;
      fmpq_init(value);
      fmpq_set_si(value, p.n, (ulong)p.d);
      nadir_status status = nd_node_of_rational(r, value, &scale);
      fmpq_clear(value);
      ND_TRY(status);
      ND_TRY(nd_make(r->graph, ND_MUL, (nd_node[]){scale, part}, 2, &part, r->error));
    }
    if (*exponent == ND_NO_NODE)
      *exponent = part;
    else
      ND_TRY(nd_make(r->graph, ND_ADD, (nd_node[]){*exponent, part}, 2, exponent, r->error));
  }
  return NADIR_OK;
}

static nadir_status shape_product(nd_rules *r, const nd_factor *factors, size_t count,
                                  product *found) {
  nd_factor rest[MOST_FACTORS];
  size_t rest_count, joined;
  nd_node exponent;
  memset(found, 0, sizeof *found);
  if (count > MOST_FACTORS || count == 0) return NADIR_OK;
  ND_TRY(join_exponentials(r, factors, count, rest, &rest_count, &exponent, &joined));
  if (rest_count == 0) {
    nd_node exp;
    ND_TRY(nd_make(r->graph, ND_EXP, &exponent, 1, &exp, r->error));
    ND_TRY(nd_know(r, exponent));
    if (r->known[exponent].busy || !nd_holds(r, exponent, NADIR_IS_CONVEX)) return NADIR_OK;
    find(found, NADIR_IS_CONVEX, NADIR_RULE_EXPONENTIALS);
    rests_on(found, NADIR_IS_CONVEX, exponent, NADIR_IS_CONVEX);
    return NADIR_OK;
  }
  if (rest_count == 1 && joined == 0) return one_power(r, rest[0], found);
  ND_TRY(several_powers(r, rest, rest_count, exponent, found));
  return joined == 0 ? entropy_product(r, rest, rest_count, found) : NADIR_OK;
}

/* ---- a product as typed ---- */

/* Parts a term into its constant factors, whose range multiplies `scale`, and the others. */
static nadir_status part_term(nd_rules *r, nd_term term, nd_interval *scale, nd_factor *factors,
                              size_t *count, bool *fits) {
  *count = 0;
  *fits = term.count <= MOST_FACTORS;
  *scale = nd_between(nd_rational_end(nd_coefficient(r, &term), false),
                      nd_rational_end(nd_coefficient(r, &term), true));
  for (size_t i = 0; i < term.count && *fits; i++) {
    nd_factor factor = r->factors[term.first + i];
    ND_TRY(nd_know(r, factor.base));
    if (r->known[factor.base].constant)
      *scale = nd_times(*scale, nd_power_range(r->known[factor.base].range, factor.exponent));
    else
      factors[(*count)++] = factor;
  }
  return NADIR_OK;
}

static nadir_status conclude_scaled(nd_rules *r, nd_node node, const product *found,
                                    nd_interval scale) {
  for (nadir_claim claim = NADIR_IS_CONVEX; claim <= NADIR_IS_CONCAVE; claim++) {
    if (!found->holds[claim]) continue;
    if (nd_is_nonnegative(scale))
      ND_TRY(nd_conclude(r, node, claim, found->rule[claim], found->children[claim],
                         found->count[claim]));
    if (nd_is_nonpositive(scale))
      ND_TRY(nd_conclude(r, node, contrary(claim), found->rule[claim], found->children[claim],
                         found->count[claim]));
    if (found->holds[0] && found->holds[1] && !nd_is_nonnegative(scale))
      ND_TRY(nd_conclude(r, node, NADIR_IS_AFFINE, NADIR_RULE_MULTIPLE_OF_AFFINE,
                         found->children[claim], found->count[claim]));
  }
  return NADIR_OK;
}

nadir_status nd_know_product(nd_rules *r, nd_node node) {
  nd_op op = nd_node_op(r->graph, node);
  if (op != ND_MUL && op != ND_DIV && op != ND_POW && op != ND_SQRT) return NADIR_OK;
  nd_poly poly;
  nd_factor factors[MOST_FACTORS];
  nd_interval scale;
  size_t count;
  bool fits;
  product found;
  ND_TRY(nd_polynomial(r, node, ND_SUMS_KEPT, &poly));
  if (poly.count != 1) return NADIR_OK;
  nd_term term = r->terms[poly.first];
  if (term.count == 1 && r->factors[term.first].base == node) return NADIR_OK;
  ND_TRY(part_term(r, term, &scale, factors, &count, &fits));
  if (!fits || count == 0) return NADIR_OK;
  ND_TRY(shape_product(r, factors, count, &found));
  return conclude_scaled(r, node, &found, scale);
}

/* ---- a sum multiplied out ---- */

/* The terms that share what they have of parameters: (their constants' sum) * product. */
typedef struct group {
  nd_factor factors[MOST_FACTORS];
  size_t count;
  nd_interval scale;
  nd_term exact; /* the one term, where its coefficient is a number */
  bool is_exact, is_quadratic, used;
  nd_child child; /* for the proof */
} group;

typedef struct groups {
  group *list;
  size_t count;
} groups;

static bool same_factors(const group *g, const nd_factor *factors, size_t count) {
  if (g->count != count) return false;
  for (size_t i = 0; i < count; i++)
    if (g->factors[i].base != factors[i].base ||
        g->factors[i].exponent.n != factors[i].exponent.n ||
        g->factors[i].exponent.d != factors[i].exponent.d)
      return false;
  return true;
}

/* Total degree where all factors are whole positive powers of parameters, else -1. */
static int degree_of(const nd_rules *r, const group *g) {
  int degree = 0;
  for (size_t i = 0; i < g->count; i++) {
    nd_ratio p = g->factors[i].exponent;
    if (p.d != 1 || p.n < 0 || p.n > 100 || !nd_is_parameter(r, g->factors[i].base)) return -1;
    degree += p.n;
  }
  return degree;
}

static nadir_status gather_groups(nd_rules *r, nd_poly poly, groups *all, bool *fits) {
  nd_factor factors[MOST_FACTORS];
  *fits = true;
  for (size_t i = 0; i < poly.count && *fits; i++) {
    nd_term term = r->terms[poly.first + i];
    nd_interval scale;
    size_t count, at = 0;
    ND_TRY(part_term(r, term, &scale, factors, &count, fits));
    while (*fits && at < all->count && !same_factors(&all->list[at], factors, count))
      at++;
    if (!*fits) break;
    group *g = &all->list[at];
    if (at < all->count) {
      g->scale = nd_plus(g->scale, scale);
      g->is_exact = false;
      continue;
    }
    all->count++;
    memcpy(g->factors, factors, count * sizeof *factors);
    g->count = count;
    g->scale = scale;
    g->exact = term;
    g->is_exact = count == term.count;
    g->is_quadratic = degree_of(r, g) == 2;
  }
  return NADIR_OK;
}

/* Whether the quadratic part is convex (or concave): its matrix exactly, or by its signs where it
 * is diagonal with constants that are not numbers. */
static nadir_status quadratic_part(nd_rules *r, const groups *all, bool holds[2], nd_node *node) {
  nd_node variables[ND_MOST_VARIABLES];
  size_t count = 0, variable_count;
  fmpq_mat_t matrix;
  bool exact = true, diagonal = true, definite;
  nd_term *terms = nd_new(all->count + 1, sizeof *terms, r->error);
  if (terms == NULL) return NADIR_NO_MEMORY;
  holds[0] = holds[1] = true;
  for (size_t i = 0; i < all->count; i++) {
    const group *g = &all->list[i];
    if (!g->is_quadratic) continue;
    exact = exact && g->is_exact;
    diagonal = diagonal && g->count == 1;
    holds[0] = holds[0] && nd_is_nonnegative(g->scale);
    holds[1] = holds[1] && nd_is_nonpositive(g->scale);
    terms[count++] = g->exact;
  }
  nadir_status status = NADIR_OK;
  *node = ND_NO_NODE;
  if (count > 0 && exact) {
    holds[0] = holds[1] = false;
    if (nd_read_quadratic(r, terms, count, variables, &variable_count, matrix)) {
      holds[0] = nd_is_semidefinite(matrix, &definite);
      fmpq_mat_neg(matrix, matrix);
      holds[1] = nd_is_semidefinite(matrix, &definite);
      fmpq_mat_clear(matrix);
    }
    status = nd_node_of_terms(r, terms, count, node);
  } else if (count > 0 && !diagonal) {
    holds[0] = holds[1] = false;
  }
  nd_free(terms);
  return status;
}

/* The claim for one group that is not a quadratic. */
static nadir_status group_holds(nd_rules *r, group *g, nadir_claim claim, bool *yes) {
  product found;
  *yes = true;
  int degree = degree_of(r, g);
  g->child = (nd_child){ND_NO_NODE, claim};
  if (degree == 0 || degree == 1) return NADIR_OK;
  ND_TRY(shape_product(r, g->factors, g->count, &found));
  nadir_claim needed = claim;
  if (!nd_is_nonnegative(g->scale)) {
    needed = contrary(claim);
    if (!nd_is_nonpositive(g->scale)) {
      *yes = found.holds[0] && found.holds[1];
      return NADIR_OK;
    }
  }
  *yes = found.holds[needed];
  if (!*yes) return NADIR_OK;
  nd_node node;
  size_t first = r->factor_count;
  for (size_t i = 0; i < g->count; i++) {
    ND_TRY(nd_grow(&r->factors, &r->factor_capacity, r->factor_count + 1, sizeof *r->factors,
                   r->error));
    r->factors[r->factor_count++] = g->factors[i];
  }
  ND_TRY(nd_node_of_factors(r, first, g->count, &node));
  ND_TRY(settle(r, node));
  ND_TRY(nd_conclude(r, node, needed, found.rule[needed], found.children[needed],
                     found.count[needed]));
  g->child = (nd_child){node, needed};
  return NADIR_OK;
}

/* c*u*log(u) - c*u*log(v) is a relative entropy: u affine, v concave, both positive. */
static nadir_status pair_entropies(nd_rules *r, groups *all, nadir_claim claim) {
  for (size_t i = 0; i < all->count; i++) {
    for (size_t j = 0; j < all->count; j++) {
      group *a = &all->list[i], *b = &all->list[j];
      fmpq_t sum;
      if (i == j || a->used || b->used || a->count != 2 || b->count != 2) continue;
      if (!a->is_exact || !b->is_exact) continue;
      fmpq_init(sum);
      fmpq_add(sum, nd_coefficient(r, &a->exact), nd_coefficient(r, &b->exact));
      bool cancels = fmpq_is_zero(sum);
      int sign = fmpq_sgn(nd_coefficient(r, &a->exact));
      fmpq_clear(sum);
      if (!cancels || (sign > 0) != (claim == NADIR_IS_CONVEX)) continue;
      for (size_t k = 0; k < 2; k++) {
        nd_node u = a->factors[k].base, log = a->factors[1 - k].base, other = ND_NO_NODE, v;
        bool plain = true;
        for (size_t m = 0; m < 2; m++) {
          plain = plain && a->factors[m].exponent.n == 1 && a->factors[m].exponent.d == 1 &&
                  b->factors[m].exponent.n == 1 && b->factors[m].exponent.d == 1;
          if (b->factors[m].base == u) other = b->factors[1 - m].base;
        }
        if (!plain || other == ND_NO_NODE || nd_node_op(r->graph, log) != ND_LOG ||
            nd_node_op(r->graph, other) != ND_LOG || nd_node_argument(r->graph, log, 0) != u)
          continue;
        v = nd_node_argument(r->graph, other, 0);
        ND_TRY(nd_know(r, u));
        ND_TRY(nd_know(r, v));
        if (!nd_is_nonnegative(r->known[u].range) || !nd_holds(r, u, NADIR_IS_AFFINE)) continue;
        if (!nd_is_positive(r->known[v].range) || !nd_holds(r, v, NADIR_IS_CONCAVE)) continue;
        a->used = b->used = true;
        a->child = (nd_child){log, NADIR_IS_CONCAVE};
        b->child = (nd_child){other, NADIR_IS_CONCAVE};
      }
    }
  }
  return NADIR_OK;
}

static nadir_status collected_holds(nd_rules *r, groups *all, nadir_claim claim, bool quadratic,
                                    bool *yes, bool *entropies) {
  *yes = quadratic;
  *entropies = false;
  for (size_t i = 0; i < all->count; i++)
    all->list[i].used = false;
  if (*yes) ND_TRY(pair_entropies(r, all, claim));
  for (size_t i = 0; i < all->count && *yes; i++) {
    *entropies = *entropies || all->list[i].used;
    if (!all->list[i].is_quadratic && !all->list[i].used)
      ND_TRY(group_holds(r, &all->list[i], claim, yes));
  }
  return NADIR_OK;
}

static const nadir_rule collected_rules[2][2] = {
    {NADIR_RULE_SUM_OF_CONVEX, NADIR_RULE_SUM_OF_CONCAVE},
    {NADIR_RULE_CONVEX_WITH_ENTROPY, NADIR_RULE_CONCAVE_WITH_ENTROPY}};

static nadir_status conclude_collected(nd_rules *r, nd_node node, nd_node collected, groups *all,
                                       nadir_claim claim, nd_node quadratic, bool entropies) {
  nd_child *children = nd_new(all->count + 1, sizeof *children, r->error);
  if (children == NULL) return NADIR_NO_MEMORY;
  nadir_status status = NADIR_OK;
  size_t count = 0;
  nadir_rule form =
      claim == NADIR_IS_CONVEX ? NADIR_RULE_SEMIDEFINITE : NADIR_RULE_NEGATIVE_SEMIDEFINITE;
  nadir_rule rule = collected_rules[entropies][claim];
  if (quadratic != ND_NO_NODE && quadratic != collected) {
    status = settle(r, quadratic);
    if (status == NADIR_OK) status = nd_conclude(r, quadratic, claim, form, NULL, 0);
    children[count++] = (nd_child){quadratic, claim};
  }
  if (quadratic == collected) rule = form;
  for (size_t i = 0; i < all->count; i++) {
    nd_child child = all->list[i].child;
    if (all->list[i].is_quadratic || child.node == ND_NO_NODE) continue;
    if (child.node == collected || child.node == node)
      rule = r->known[child.node].reason[child.claim].rule;
    else
      children[count++] = child;
  }
  if (rule == NADIR_RULE_FORM) rule = collected_rules[entropies][claim];
  if (status == NADIR_OK) status = settle(r, collected);
  if (status == NADIR_OK) status = nd_conclude(r, collected, claim, rule, children, count);
  if (status == NADIR_OK && collected != node)
    status = nd_conclude(r, node, claim, NADIR_RULE_COLLECTED, &(nd_child){collected, claim}, 1);
  nd_free(children);
  return status;
}

static nadir_status know_groups(nd_rules *r, nd_node node, nd_poly poly, groups *all) {
  bool fits, quadratic[2], yes, entropies;
  nd_node collected, form;
  ND_TRY(gather_groups(r, poly, all, &fits));
  if (!fits) return NADIR_OK;
  ND_TRY(quadratic_part(r, all, quadratic, &form));
  ND_TRY(nd_node_of_terms(r, &r->terms[poly.first], poly.count, &collected));
  for (nadir_claim claim = NADIR_IS_CONVEX; claim <= NADIR_IS_CONCAVE; claim++) {
    ND_TRY(collected_holds(r, all, claim, quadratic[claim], &yes, &entropies));
    if (yes) ND_TRY(conclude_collected(r, node, collected, all, claim, form, entropies));
  }
  return NADIR_OK;
}

nadir_status nd_know_collected(nd_rules *r, nd_node node) {
  nd_poly poly;
  groups all = {0};
  ND_TRY(nd_polynomial(r, node, ND_EXPANDED, &poly));
  if (poly.count == 1) {
    nd_term term = r->terms[poly.first];
    if (term.count == 1 && r->factors[term.first].base == node) return NADIR_OK;
  }
  all.list = nd_new(poly.count + 1, sizeof *all.list, r->error);
  if (all.list == NULL) return NADIR_NO_MEMORY;
  nadir_status status = know_groups(r, node, poly, &all);
  nd_free(all.list);
  return status;
}
