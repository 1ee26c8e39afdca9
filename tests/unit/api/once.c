/* From a formula to its minimum nothing is simplified, derived or compiled twice. The linker puts the
 * functions of this file in the place of those that it counts (--wrap, see tests/CMakeLists.txt). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "api/api_internal.h"
#include "expr/expr_internal.h"

enum { MOST = 100 };

typedef struct seen {
  nd_node root[MOST];
  size_t count;
} seen;

static seen simplified, derived;
static size_t programs;

static void see(seen *all, nd_node root, const char *what) {
  for (size_t i = 0; i < all->count; i++)
    if (all->root[i] == root) fail_msg("node %u is %s twice", (unsigned)root, what);
  assert_true(all->count < MOST);
  all->root[all->count++] = root;
}

nadir_status __real_nd_simplify(nd_graph *graph, nd_node root, nd_node *result, nadir_error *error);
nadir_status __wrap_nd_simplify(nd_graph *graph, nd_node root, nd_node *result, nadir_error *error);
nadir_status __wrap_nd_simplify(nd_graph *graph, nd_node root, nd_node *result,
                                nadir_error *error) {
  see(&simplified, root, "simplified");
  return __real_nd_simplify(graph, root, result, error);
}

nadir_status __real_nd_derive_simplified(nd_graph *graph, nd_node root, const nd_node *by,
                                         size_t count, nd_node *derivatives, nadir_error *error);
nadir_status __wrap_nd_derive_simplified(nd_graph *graph, nd_node root, const nd_node *by,
                                         size_t count, nd_node *derivatives, nadir_error *error);
nadir_status __wrap_nd_derive_simplified(nd_graph *graph, nd_node root, const nd_node *by,
                                         size_t count, nd_node *derivatives, nadir_error *error) {
  see(&derived, root, "derived");
  return __real_nd_derive_simplified(graph, root, by, count, derivatives, error);
}

nadir_status __real_nd_derive(nd_graph *graph, nd_node root, const nd_node *by, size_t count,
                              nd_node *derivatives, nadir_error *error);
nadir_status __wrap_nd_derive(nd_graph *graph, nd_node root, const nd_node *by, size_t count,
                              nd_node *derivatives, nadir_error *error);
nadir_status __wrap_nd_derive(nd_graph *graph, nd_node root, const nd_node *by, size_t count,
                              nd_node *derivatives, nadir_error *error) {
  see(&derived, root, "derived");
  return __real_nd_derive(graph, root, by, count, derivatives, error);
}

nadir_status __real_nd_program_new(nd_program **program, const nd_graph *graph,
                                   const nd_node *outputs, size_t output_count,
                                   const nd_leaf *leaves, size_t leaf_count, nadir_error *error);
nadir_status __wrap_nd_program_new(nd_program **program, const nd_graph *graph,
                                   const nd_node *outputs, size_t output_count,
                                   const nd_leaf *leaves, size_t leaf_count, nadir_error *error);
nadir_status __wrap_nd_program_new(nd_program **program, const nd_graph *graph,
                                   const nd_node *outputs, size_t output_count,
                                   const nd_leaf *leaves, size_t leaf_count, nadir_error *error) {
  programs++;
  return __real_nd_program_new(program, graph, outputs, output_count, leaves, leaf_count, error);
}

static void minimize(const char *formula) {
  nadir_error error = {0};
  nadir_expr *expr;
  nadir_settings *settings;
  nadir_result *result;
  simplified.count = derived.count = programs = 0;
  assert_int_equal(nadir_expr_new(&expr, formula, &error), NADIR_OK);
  assert_int_equal(nadir_settings_new(&settings, &error), NADIR_OK);
  if (nadir_minimize(expr, settings, NULL, &result, &error) != NADIR_OK)
    fail_msg("%s: %s", formula, error.message);
  nadir_result_free(result);
  nadir_settings_free(settings);
  nadir_expr_free(expr);
}

/* Programs: value and gradient; Hessian; of a sum of squares the residuals. Derived: the formula, each
 * slope, and each residual. */
static void each_stage_is_passed_once(void **state) {
  (void)state;
  static const struct {
    const char *formula;
    size_t programs, derived;
  } cases[] = {{"(1-x)^2 + 100*(y-x^2)^2", 3, 5},
               {"log(exp(x) + exp(y)) + x^2 + y^4", 2, 3},
               {"abs(x) + (x - 2*y)^4", 2, 3},
               {"x^4 - 3*x^2*y + y^6 + z^2", 2, 4}};
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    minimize(cases[i].formula);
    assert_int_equal(programs, cases[i].programs);
    assert_int_equal(derived.count, cases[i].derived);
    assert_int_equal(simplified.count, derived.count);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_stage_is_passed_once)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
