/* Every allocation, and every piece of memory cut from one, is refused in turn on the way from a text to the graph, its
 * derivatives, sums of squares and prints: each ends with a sentence, and the way after it, on the same text, is as
 * if nothing had been. Built with NADIR_FAULTS alone. */
#include "../walk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "expr/expr_internal.h"
#include "expr/formula.h"

static nadir_status print_all(nd_graph *graph, const nd_node *nodes, size_t count,
                              nadir_error *error) {
  nd_text out = {0};
  nadir_status status = NADIR_OK;
  for (size_t i = 0; i < count && status == NADIR_OK; i++) {
    status = nd_print(graph, nodes[i], ND_PLAIN, &out, error);
    if (status == NADIR_OK) status = nd_print(graph, nodes[i], ND_LATEX, &out, error);
  }
  if (status == NADIR_OK) status = nd_text_status(&out, error);
  nd_text_free(&out);
  return status;
}

static nadir_status squares_of(nd_graph *graph, nd_node root, nadir_error *error) {
  nd_node *residuals = NULL, rounding;
  size_t count;
  double scale;
  ND_TRY(nd_squares(graph, root, &residuals, &count, &scale, error));
  nadir_status status =
      count > 0 ? nd_squares_rounding(graph, residuals, count, &rounding, error) : NADIR_OK;
  nd_free(residuals);
  return status;
}

static nadir_status derive_all(nd_graph *graph, nd_node root, const nd_node *names, size_t count,
                               nadir_error *error) {
  const nd_derivatives *found;
  nd_node replaced;
  bool *needs, kinks;
  ND_TRY(nd_derivatives_of(graph, root, names, count, 2, &found, error));
  ND_TRY(print_all(graph, found->gradient, count, error));
  ND_TRY(nd_substitute(graph, root, names, found->gradient, count, &replaced, error));
  ND_TRY(nd_depends(graph, names, count, &needs, error));
  nd_free(needs);
  return nd_has_kinks(graph, root, names, count, &kinks, error);
}

static nadir_status evaluate(nd_graph *graph, nd_node root, nadir_error *error) {
  double *values = calloc(nd_graph_size(graph), sizeof *values);
  nadir_status status = nd_evaluate(graph, &root, 1, values, error);
  free(values);
  return status;
}

static nadir_status differentiate(nd_graph *graph, nd_node root, nadir_error *error) {
  nd_node *names;
  size_t count;
  ND_TRY(nd_names(graph, &root, 1, &names, &count, error));
  nadir_status status = derive_all(graph, root, names, count, error);
  nd_free(names);
  return status;
}

/* Heads and strings are for fits to replace: they are read and printed alone. */
static bool has_value(const nd_graph *graph) {
  for (nd_node i = 0; i < nd_graph_size(graph); i++)
    if (nd_op_is_head(nd_node_op(graph, i)) || nd_node_type(graph, i) == ND_IS_TEXT) return false;
  return true;
}

static nadir_status whole_way(void *context, nadir_error *error) {
  const char *formula = context;
  bool fit = strchr(formula, '~') != NULL;
  nd_graph *graph;
  nd_node target, root, again;
  ND_TRY(nd_graph_new(&graph, error));
  nadir_status status = fit ? nd_parse_fit(graph, formula, &target, &root, error)
                            : nd_parse(graph, formula, &root, error);
  /* names of a second text are noted again */
  if (status == NADIR_OK && !fit) status = nd_parse_as(graph, "sigma", formula, &again, error);
  if (status == NADIR_OK) status = print_all(graph, &root, 1, error);
  bool value = has_value(graph);
  if (status == NADIR_OK && value) status = evaluate(graph, root, error);
  if (status == NADIR_OK && value) status = squares_of(graph, root, error);
  if (status == NADIR_OK && value) status = differentiate(graph, root, error);
  nd_graph_free(graph);
  return status;
}

static void texts_to_derivatives(void **state) {
  (void)state;
  static const char *const formulas[] = {
      "y ~ a + b*linear(x, log(z), c1..c3, *) - poly(x, 2)",
      "k ~ softmax(3; x, `a b`)",
      "s == 'QSO' and not x < 3 or 1 <= x < y != z >= 2",
      "x and not y",
      "linear(*) + linear(x, *)",
      "sum(x + y + [x, y] + z) + sum(x*y*[z, 2])",
      "sum([x, y, 1] - 2*[y, z, x])*mean(x, y, z)/dot([x, y], [2, z]) - max(x, [y, z])",
      "norm2(x - 1, y)^2 + square(z - x) + (2*y - 1)**2 + 3",
      "-x^-2 + (-3)*x - +y/0.1 + 1e5*pi*norm2([x]) + flux[3]*$2",
      "if(x < y, sqrt(x), hypot(x, y)) + clamp(x, 0, 1) + logsumexp(x, y, z) + huber(x, 1)",
      "exp(x*log(y)) + sigmoid(x)*tanh(y) + polygamma(1, x) + quad_over_lin([x, y], z)",
      "x*x^2*y/x + 0.25*x + 0.5*x + sqrt(x^2) + abs(-x) + exp(log(x)) + log(exp(y)) + (x*y)^3",
      "4*x^4/(y*y) + 2*(a + b/c)^2*pi + x*z*x*z + 3",
      "integral(x*exp(-t*y) + integral(t*z, z, 0, y), t, x, 2) + series(k*x, k, 1, 3) + const.c",
      "mod(x, 360) + atan2(y, x) + pos(x) + min(x, y, z) + norm1(x, y) + norminf(x, z) + mean([x])",
  };
  for (size_t i = 0; i < ND_COUNT(formulas); i++)
    assert_true(walk_memory(whole_way, (void *)(uintptr_t)formulas[i]) > 50);
}

/* A formula on its own, with its Hessian at a point. */
static nadir_status formula(void *context, nadir_error *error) {
  double value, gradient[2], hessian[4], w[] = {1.5, 2};
  nadir_expr *expr;
  ND_TRY(nd_formula_new(&expr, context, error));
  nadir_status status = nd_formula_evaluate(expr, w, &value, gradient, error);
  if (status == NADIR_OK) status = nd_formula_hessian(expr, w, hessian, error);
  nd_formula_free(expr);
  return status;
}

static void formulas(void **state) {
  (void)state;
  assert_true(walk_memory(formula, "exp(a)*b + a^4/b") > 30);
  assert_true(walk_memory(formula, "if(a < b, a, max(a, b, 3))*norm2(a, b)") > 30);
}

/* Digits that do not fit on the stack. */
static void long_number(void **state) {
  (void)state;
  char *digits = malloc(201);
  memset(digits, '7', 200);
  digits[200] = '\0';
  assert_true(walk_memory(whole_way, digits) > 10);
  free(digits);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(texts_to_derivatives),
                                     cmocka_unit_test(formulas), cmocka_unit_test(long_number)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
