/* Sums of squares: whether a formula is one as typed, and what rounding may do to it.
 *
 *   L = s (r_1^2 + r_2^2 + ...), s > 0
 *
 * Methods for least squares need the r themselves: L tells half as many digits of them. A sum is
 * taken apart at +, at factors and divisors that are numbers, at even powers, at products of a thing
 * with itself and at the square of a norm. The factor of the first term is s, and others go into
 * their r by the root of their ratio to it, so that a common factor on L changes no r. Costs the
 * square of the number of terms at worst: a term is looked for among the factors of its product. */
#include "expr/expr.h"

#include <math.h>

enum { DEEPEST = 8 }; /* nested sums whose terms are looked at one by one */

typedef struct terms {
  nd_graph *graph;
  nd_node *list;
  size_t count, capacity;
  double scale; /* of the first term; 0 before it */
} terms;

static bool is_number(const nd_graph *graph, nd_node node, double *value) {
  nd_op op = nd_node_op(graph, node);
  if (op == ND_NUMBER) *value = nd_node_number(graph, node);
  if (op == ND_PI) *value = nd_op_value(ND_PI, NULL, 0);
  return op == ND_NUMBER || op == ND_PI;
}

static nadir_status add_term(terms *t, nd_node root, double factor, nadir_error *error) {
  ND_TRY(nd_grow(&t->list, &t->capacity, t->count + 1, sizeof *t->list, error));
  if (t->scale == 0) t->scale = factor;
  double ratio = sqrt(factor / t->scale);
  if (ratio != 1) {
    nd_node number;
    ND_TRY(nd_make_number(t->graph, ratio, &number, error));
    ND_TRY(nd_make(t->graph, ND_MUL, (nd_node[]){number, root}, 2, &root, error));
  }
  t->list[t->count++] = root;
  return NADIR_OK;
}

/* ---- roots of squares ---- */

/* root^2 = node, or found stays false. */
static nadir_status root_of(nd_graph *graph, nd_node node, nd_node *root, bool *found,
                            nadir_error *error);

static nadir_status root_of_power(nd_graph *graph, nd_node node, nd_node *root, bool *found,
                                  nadir_error *error) {
  nd_node base = nd_node_argument(graph, node, 0), half;
  double exponent;
  if (!is_number(graph, nd_node_argument(graph, node, 1), &exponent)) return NADIR_OK;
  if (fmod(exponent, 2) != 0 || exponent == 0 || fabs(exponent) > 0x1p31) return NADIR_OK;
  *found = true;
  *root =
      exponent == 2 && nd_node_op(graph, base) == ND_ABS ? nd_node_argument(graph, base, 0) : base;
  if (exponent == 2) return NADIR_OK;
  ND_TRY(nd_make_number(graph, exponent / 2, &half, error));
  return nd_make(graph, ND_POW, (nd_node[]){base, half}, 2, root, error);
}

static nadir_status root_of_quotient(nd_graph *graph, nd_node node, nd_node *root, bool *found,
                                     nadir_error *error) {
  nd_node of[2];
  bool both = false;
  ND_TRY(root_of(graph, nd_node_argument(graph, node, 0), &of[0], &both, error));
  if (!both) return NADIR_OK;
  both = false;
  ND_TRY(root_of(graph, nd_node_argument(graph, node, 1), &of[1], &both, error));
  if (!both) return NADIR_OK;
  *found = true;
  return nd_make(graph, ND_DIV, of, 2, root, error);
}

/* Each factor is a square, or occurs twice. taken: by factor, in pairs. */
static nadir_status roots_of_factors(nd_graph *graph, nd_node node, nd_node *roots, bool *taken,
                                     size_t *count, bool *found, nadir_error *error) {
  size_t arity = nd_node_arity(graph, node);
  *found = true;
  for (size_t i = 0; i < arity && *found; i++) {
    if (taken[i]) continue;
    nd_node factor = nd_node_argument(graph, node, i);
    bool one = false;
    ND_TRY(root_of(graph, factor, &roots[*count], &one, error));
    for (size_t j = i + 1; j < arity && !one; j++)
      if (!taken[j] && nd_node_argument(graph, node, j) == factor) {
        taken[j] = one = true;
        roots[*count] = factor;
      }
    *found = one;
    ++*count;
  }
  return NADIR_OK;
}

static nadir_status root_of_product(nd_graph *graph, nd_node node, nd_node *root, bool *found,
                                    nadir_error *error) {
  size_t arity = nd_node_arity(graph, node), count = 0;
  nd_node *roots = nd_new(arity, sizeof *roots, error);
  bool *taken = nd_new(arity, sizeof *taken, error);
  nadir_status status = roots && taken ? NADIR_OK : NADIR_NO_MEMORY;
  if (status == NADIR_OK)
    status = roots_of_factors(graph, node, roots, taken, &count, found, error);
  if (status == NADIR_OK && *found) {
    *root = roots[0];
    if (count > 1) status = nd_make(graph, ND_MUL, roots, count, root, error);
  }
  nd_free(taken);
  nd_free(roots);
  return status;
}

static nadir_status root_of(nd_graph *graph, nd_node node, nd_node *root, bool *found,
                            nadir_error *error) {
  nd_op op = nd_node_op(graph, node);
  if (op == ND_POW) return root_of_power(graph, node, root, found, error);
  if (op == ND_MUL) return root_of_product(graph, node, root, found, error);
  if (op == ND_DIV) return root_of_quotient(graph, node, root, found, error);
  return NADIR_OK;
}

/* ---- sums ---- */

static nadir_status collect(terms *t, nd_node node, double factor, bool *all, nadir_error *error);

static nadir_status collect_each(terms *t, nd_node node, double factor, bool *all,
                                 nadir_error *error) {
  for (size_t i = 0; i < nd_node_arity(t->graph, node) && *all; i++)
    ND_TRY(collect(t, nd_node_argument(t->graph, node, i), factor, all, error));
  return NADIR_OK;
}

/* The numbers among the factors of a product go to the factor, the rest is one thing again. */
static nadir_status strip(nd_graph *graph, nd_node node, nd_node *rest, double *factor,
                          nadir_error *error) {
  size_t arity = nd_node_arity(graph, node), count = 0;
  nd_node *left = nd_new(arity, sizeof *left, error);
  if (!left) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < arity; i++) {
    double number;
    nd_node one = nd_node_argument(graph, node, i);
    if (is_number(graph, one, &number))
      *factor *= number;
    else
      left[count++] = one;
  }
  nadir_status status = NADIR_OK;
  if (count == 0) status = nd_make_number(graph, 1, rest, error);
  if (count == 1) *rest = left[0];
  if (count > 1 && count < arity) status = nd_make(graph, ND_MUL, left, count, rest, error);
  if (count == arity) *rest = node;
  nd_free(left);
  return status;
}

static nadir_status collect_square(terms *t, nd_node node, double factor, bool *all,
                                   nadir_error *error) {
  nd_node root = node;
  bool found = false;
  ND_TRY(root_of(t->graph, node, &root, &found, error));
  if (!found) {
    *all = false;
    return NADIR_OK;
  }
  if (nd_node_op(t->graph, root) == ND_NORM2) {
    for (size_t i = 0; i < nd_node_arity(t->graph, root); i++)
      ND_TRY(add_term(t, nd_node_argument(t->graph, root, i), factor, error));
    return NADIR_OK;
  }
  return add_term(t, root, factor, error);
}

static nadir_status collect(terms *t, nd_node node, double factor, bool *all, nadir_error *error) {
  double number;
  nd_op op = nd_node_op(t->graph, node);
  if (is_number(t->graph, node, &number)) {
    factor *= number;
    *all = factor >= 0 && isfinite(factor);
    nd_node one;
    if (!*all || factor == 0) return NADIR_OK;
    ND_TRY(nd_make_number(t->graph, 1, &one, error));
    return add_term(t, one, factor, error);
  }
  if (op == ND_ADD) return collect_each(t, node, factor, all, error);
  if (op == ND_MUL) {
    nd_node rest;
    double whole = factor;
    ND_TRY(strip(t->graph, node, &rest, &whole, error));
    if (rest != node) {
      *all = whole > 0 && isfinite(whole);
      return *all ? collect(t, rest, whole, all, error) : NADIR_OK;
    }
  }
  if (op == ND_DIV && is_number(t->graph, nd_node_argument(t->graph, node, 1), &number)) {
    *all = number > 0 && factor / number > 0 && isfinite(factor / number);
    return *all ? collect(t, nd_node_argument(t->graph, node, 0), factor / number, all, error)
                : NADIR_OK;
  }
  return collect_square(t, node, factor, all, error);
}

nadir_status nd_squares(nd_graph *graph, nd_node root, nd_node **residuals, size_t *count,
                        double *scale, nadir_error *error) {
  terms t = {.graph = graph};
  bool all = true;
  *residuals = NULL;
  *count = 0;
  nadir_status status = collect(&t, root, 1, &all, error);
  if (status != NADIR_OK || !all || t.count == 0) {
    nd_free(t.list);
    return status;
  }
  *residuals = t.list;
  *count = t.count;
  *scale = t.scale;
  return NADIR_OK;
}

/* ---- rounding ---- */

static nadir_status magnitude(nd_graph *graph, nd_node node, int depth, nd_node *size,
                              nadir_error *error);

/* The sum, or the product, of the magnitudes of the arguments. */
static nadir_status magnitude_of_all(nd_graph *graph, nd_node node, nd_op join, int depth,
                                     nd_node *size, nadir_error *error) {
  size_t arity = nd_node_arity(graph, node);
  nd_node *sizes = nd_new(arity, sizeof *sizes, error);
  nadir_status status = sizes ? NADIR_OK : NADIR_NO_MEMORY;
  for (size_t i = 0; i < arity && status == NADIR_OK; i++)
    status = magnitude(graph, nd_node_argument(graph, node, i), depth + 1, &sizes[i], error);
  if (status == NADIR_OK && arity == 1) *size = sizes[0];
  if (status == NADIR_OK && arity > 1) status = nd_make(graph, join, sizes, arity, size, error);
  nd_free(sizes);
  return status;
}

/* A node at least as large as the terms that this one is the sum of: what its rounding goes by. */
static nadir_status magnitude(nd_graph *graph, nd_node node, int depth, nd_node *size,
                              nadir_error *error) {
  nd_op op = depth < DEEPEST ? nd_node_op(graph, node) : ND_OPS;
  if (op == ND_ADD || op == ND_SUB || op == ND_NEG)
    return magnitude_of_all(graph, node, ND_ADD, depth, size, error);
  if (op == ND_MUL) return magnitude_of_all(graph, node, ND_MUL, depth, size, error);
  if (op == ND_DIV) {
    nd_node parts[2];
    ND_TRY(magnitude(graph, nd_node_argument(graph, node, 0), depth + 1, &parts[0], error));
    nd_node below = nd_node_argument(graph, node, 1);
    ND_TRY(nd_make(graph, ND_ABS, &below, 1, &parts[1], error));
    return nd_make(graph, ND_DIV, parts, 2, size, error);
  }
  return nd_make(graph, ND_ABS, &node, 1, size, error);
}

/* 2 |r| e + e^2 with e = 2 eps m */
static nadir_status rounding_of(nd_graph *graph, nd_node r, nd_node *rounding, nadir_error *error) {
  nd_node eps, two, m, e, size, parts[2];
  ND_TRY(nd_make_number(graph, 0x1p-51, &eps, error));
  ND_TRY(nd_make_number(graph, 2, &two, error));
  ND_TRY(magnitude(graph, r, 0, &m, error));
  ND_TRY(nd_make(graph, ND_ABS, &r, 1, &size, error));
  ND_TRY(nd_make(graph, ND_MUL, (nd_node[]){eps, m}, 2, &e, error));
  ND_TRY(nd_make(graph, ND_MUL, (nd_node[]){two, size, e}, 3, &parts[0], error));
  ND_TRY(nd_make(graph, ND_MUL, (nd_node[]){e, e}, 2, &parts[1], error));
  return nd_make(graph, ND_ADD, parts, 2, rounding, error);
}

nadir_status nd_squares_rounding(nd_graph *graph, const nd_node *residuals, size_t count,
                                 nd_node *rounding, nadir_error *error) {
  nd_node *each = nd_new(count, sizeof *each, error);
  nadir_status status = each ? NADIR_OK : NADIR_NO_MEMORY;
  for (size_t i = 0; i < count && status == NADIR_OK; i++)
    status = rounding_of(graph, residuals[i], &each[i], error);
  if (status == NADIR_OK && count == 1) *rounding = each[0];
  if (status == NADIR_OK && count > 1)
    status = nd_make(graph, ND_ADD, each, count, rounding, error);
  nd_free(each);
  return status;
}
