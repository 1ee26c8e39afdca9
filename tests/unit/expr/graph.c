/* The store of nodes and what is asked of it: arities, types, kinks, places of names in several texts, derivatives that
 * are kept, and formulas on their own with values, gradients and Hessians. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "expr/expr_internal.h"
#include "expr/formula.h"

static nd_graph *graph;
static nadir_error error;

static int fresh_graph(void **state) {
  (void)state;
  return nd_graph_new(&graph, &error) == NADIR_OK ? 0 : -1;
}

static int free_graph(void **state) {
  (void)state;
  nd_graph_free(graph);
  return 0;
}

static nd_node parsed(const char *formula) {
  nd_node root;
  if (nd_parse(graph, formula, &root, &error) != NADIR_OK)
    fail_msg("%s: %s", formula, error.message);
  return root;
}

static nd_node name(const char *text) {
  nd_node node;
  assert_int_equal(nd_make_name(graph, text, &node, &error), NADIR_OK);
  return node;
}

static void wrong_arguments(void **state) {
  (void)state;
  nd_node x = name("x"), text, node, both[3] = {x, x, x};
  assert_int_equal(nd_make(graph, ND_SIN, both, 2, &node, &error), NADIR_BAD_FORMULA);
  assert_string_equal(error.message, "sin: it does not take 2 arguments: write sin(x)");
  assert_int_equal(nd_make(graph, ND_DIV, both, 1, &node, &error), NADIR_BAD_FORMULA);
  assert_int_equal(nd_make_text(graph, ND_TEXT_LITERAL, "QSO", 3, &text, &error), NADIR_OK);
  assert_int_equal(nd_make2(graph, ND_ADD, x, text, &node, &error), NADIR_BAD_FORMULA);
  assert_non_null(strstr(error.message, "a quoted string is not a number: compare it by == or !="));
  assert_int_equal(nd_make2(graph, ND_EQUAL, x, text, &node, &error), NADIR_OK);
  assert_int_equal(nd_make_number(graph, INFINITY, &node, &error), NADIR_BAD_FORMULA);
  assert_string_equal(error.message, "formula: a number in it is not finite");
  assert_int_equal(nd_make_number(graph, -1.5e-7, &node, &error), NADIR_OK);
  assert_string_equal(nd_node_text(graph, node), "-1.5e-7");
}

static void fresh_names(void **state) {
  (void)state;
  nd_node a, b;
  name("eta 1"); /* node 0, so that the first that is tried is taken */
  assert_int_equal(nd_make_fresh_name(graph, "eta", &a, &error), NADIR_OK);
  assert_string_equal(nd_node_text(graph, a), "eta 2");
  assert_int_equal(nd_make_fresh_name(graph, "eta", &b, &error), NADIR_OK);
  assert_true(a != b);
}

static bool has_kinks(const char *formula) {
  nd_node leaves[] = {name("x"), name("y")}, root = parsed(formula);
  bool kinks;
  assert_int_equal(nd_has_kinks(graph, root, leaves, 2, &kinks, &error), NADIR_OK);
  return kinks;
}

static void kinks(void **state) {
  (void)state;
  assert_true(has_kinks("abs(x)"));
  assert_true(has_kinks("y + max(x, 1)"));
  assert_true(has_kinks("if(x > 1, 2, y)"));
  assert_true(has_kinks("if(z > 1, abs(x), y)"));
  assert_false(has_kinks("if(z > 1, x, y)"));
  assert_false(has_kinks("abs(z) + x"));
  assert_false(has_kinks("sin(x)*y"));
}

/* Leaves have no value, operators that are made of none neither. */
static void values(void **state) {
  (void)state;
  static const nd_op leaves[] = {ND_NUMBER,  ND_NAME,  ND_TEXT_LITERAL, ND_LINEAR, ND_POLY,
                                 ND_SOFTMAX, ND_RANGE, ND_STAR,         ND_OPS};
  const double three[] = {1, 2, 4};
  for (size_t i = 0; i < ND_COUNT(leaves); i++) {
    assert_true(isnan(nd_op_value(leaves[i], three, 3)));
    assert_null(nd_op_about(leaves[i]));
    assert_false(nd_op_has_order(leaves[i]));
  }
  assert_true(isnan(nd_op_value(ND_MAX, three, 0)));
  assert_true(nd_op_value(ND_MAX, three, 3) == 4);
  assert_true(nd_op_value(ND_IF, three, 3) == 2);
  assert_true(nd_op_has_order(ND_POLYGAMMA));
  assert_false(nd_op_has_order(ND_SIN));
  for (size_t i = 0; i < nd_graph_size(graph); i++)
    assert_true(nd_op_is_head(nd_node_op(graph, (nd_node)i)) == false);
}

static void no_value(const char *formula, size_t column, const char *message) {
  nd_node root = parsed(formula);
  double *of = calloc(nd_graph_size(graph), sizeof *of);
  assert_int_equal(nd_evaluate(graph, &root, 1, of, &error), NADIR_BAD_FORMULA);
  assert_string_equal(error.message, message);
  assert_int_equal(error.column, column);
  free(of);
}

static void what_needs_a_table(void **state) {
  (void)state;
  no_value("1 + if(class == 'Q', 1, 2)", 17,
           "formula: a quoted string can only be compared with a column of a table");
  no_value("2*linear(x)", 3,
           "formula: linear, poly and softmax need a table: fit the formula to one");
}

static void fail_in(uint32_t text, nd_node node, size_t column) {
  assert_int_equal(nd_fail_in_text(graph, text, node, &error, "no %s", "good"), NADIR_BAD_FORMULA);
  assert_string_equal(error.message, "no good");
  assert_int_equal(error.column, column);
}

/* A name is one node, wherever it is typed. */
static void places(void **state) {
  (void)state;
  nd_node x, untyped = name("untyped");
  const char *begin;
  size_t length;
  assert_int_equal(nd_graph_text(graph), 0);
  parsed("1 + x");
  x = name("x");
  assert_int_equal(nd_graph_text(graph), 1);
  nd_node second, third;
  assert_int_equal(nd_parse_as(graph, "sigma", "2*x + y + x", &second, &error), NADIR_OK);
  assert_int_equal(nd_parse_as(graph, "weight", "y*x", &third, &error), NADIR_OK);
  assert_int_equal(nd_graph_text(graph), 3);
  fail_in(0, x, 5);
  fail_in(1, x, 5);
  fail_in(2, x, 3);
  fail_in(3, x, 3);
  fail_in(1, name("y"), 0); /* not typed there: the sentence alone */
  fail_in(0, untyped, 0);
  assert_string_equal(error.excerpt, "");
  assert_false(nd_node_source(graph, untyped, &begin, &length));
  assert_true(nd_node_source(graph, second, &begin, &length));
  assert_int_equal(length, 11);
  assert_memory_equal(begin, "2*x + y + x", length);
}

/* A formula of ops.def, with names of its own, is of the row that it is in. */
static void bound_formulas(void **state) {
  (void)state;
  static const char *const names[] = {"a", "ab"};
  nd_node nodes[] = {name("x"), name("y")}, root;
  nd_text out = {0};
  assert_int_equal(nd_parse_bound(graph, "a*ab + pi", 9, names, nodes, 2, &root, &error), NADIR_OK);
  assert_int_equal(nd_print(graph, root, ND_PLAIN, &out, &error), NADIR_OK);
  assert_string_equal(nd_text_data(&out), "x*y + pi");
  nd_text_free(&out);
  assert_int_equal(nd_parse_bound(graph, "a*b", 3, names, nodes, 2, &root, &error),
                   NADIR_BAD_FORMULA);
  assert_string_equal(error.message, "formula: b is not a name of this row of ops.def");
  assert_int_equal(nd_parse_bound(graph, "ac", 2, names, nodes, 2, &root, &error),
                   NADIR_BAD_FORMULA);
  assert_int_equal(nd_parse_bound(graph, "'", 1, names, nodes, 2, &root, &error),
                   NADIR_BAD_FORMULA);
  assert_non_null(strstr(error.message, "no closing quote"));
}

static const nd_derivatives *derivatives(nd_node root, const nd_node *by, size_t count, int order) {
  const nd_derivatives *found;
  assert_int_equal(nd_derivatives_of(graph, root, by, count, order, &found, &error), NADIR_OK);
  return found;
}

static void derivatives_are_kept(void **state) {
  (void)state;
  nd_node root = parsed("x^2*y"), other = parsed("x*y"), xy[] = {name("x"), name("y")},
          yx[] = {xy[1], xy[0]};
  const nd_derivatives *first = derivatives(root, xy, 2, 0);
  assert_null(first->gradient);
  assert_null(first->hessian);
  assert_ptr_equal(derivatives(root, xy, 2, 1), first);
  const nd_node *gradient = first->gradient;
  assert_non_null(gradient);
  assert_null(first->hessian);
  assert_ptr_equal(derivatives(root, xy, 2, 2), first);
  assert_ptr_equal(first->gradient, gradient);
  const nd_node *hessian = first->hessian;
  assert_ptr_equal(derivatives(root, xy, 2, 2), first);
  assert_ptr_equal(first->hessian, hessian);
  assert_ptr_not_equal(derivatives(other, xy, 2, 1), first);
  assert_ptr_not_equal(derivatives(root, xy, 1, 1), first);
  assert_ptr_not_equal(derivatives(root, yx, 2, 1), first);
  assert_ptr_equal(derivatives(root, xy, 2, 1), first);
  assert_int_equal(derivatives(root, yx, 2, 1)->gradient[0], gradient[1]);
}

static void refused(const char *text, size_t column, const char *message) {
  nadir_expr *expr;
  assert_int_equal(nd_formula_new(&expr, text, &error), NADIR_BAD_FORMULA);
  assert_null(expr);
  assert_string_equal(error.message, message);
  assert_int_equal(error.column, column);
}

static void formulas(void **state) {
  (void)state;
  nadir_expr *expr;
  double w[] = {3, 2}, value, gradient[2], hessian[4];
  assert_int_equal(nd_formula_new(&expr, "a^2*b + exp(b)/a", &error), NADIR_OK);
  assert_string_equal(nd_formula_parameter(expr, 0), "a");
  assert_string_equal(nd_formula_parameter(expr, 1), "b");
  assert_null(nd_formula_parameter(expr, 2));
  assert_int_equal(nd_formula_evaluate(expr, w, &value, NULL, &error), NADIR_OK);
  assert_true(fabs(value - (18 + exp(2) / 3)) < 1e-12);
  assert_int_equal(nd_formula_evaluate(expr, w, &value, gradient, &error), NADIR_OK);
  assert_true(fabs(gradient[0] - (12 - exp(2) / 9)) < 1e-12);
  assert_true(fabs(gradient[1] - (9 + exp(2) / 3)) < 1e-12);
  assert_int_equal(nd_formula_hessian(expr, w, hessian, &error), NADIR_OK);
  assert_true(fabs(hessian[0] - (4 + 2 * exp(2) / 27)) < 1e-12);
  assert_true(fabs(hessian[1] - (6 - exp(2) / 9)) < 1e-12 && hessian[1] == hessian[2]);
  assert_true(fabs(hessian[3] - exp(2) / 3) < 1e-12);
  nd_formula_free(expr);
  nd_formula_free(NULL);
  refused("x +", 4,
          "formula: unexpected end of formula: expected a number, a name or a parenthesis here");
  refused("1 + poly(x, 2)", 5,
          "linear, poly and softmax need the columns of a table: fit the formula to one");
  refused("if(s == 'Q', x, 1)", 9,
          "a quoted text is compared with a column of a table: fit the formula to one");
  refused("x < 1", 1, "the formula is true or false: give one with a number for its value");
}

/* A print repeats what the graph shares. */
static void long_prints(void **state) {
  (void)state;
  nd_node node = name("x");
  nd_text out = {0};
  for (int i = 0; i < 24; i++)
    assert_int_equal(nd_make2(graph, ND_SUB, node, node, &node, &error), NADIR_OK);
  assert_int_equal(nd_print(graph, node, ND_PLAIN, &out, &error), NADIR_BAD_FORMULA);
  assert_string_equal(error.message,
                      "formula: written out it is longer than 4 MiB: ask for a smaller part");
  nd_text_clear(&out);
  assert_int_equal(nd_print(graph, parsed("`a\\b^c~d#e`*-(2)"), ND_LATEX, &out, &error), NADIR_OK);
  assert_string_equal(
      nd_text_data(&out),
      "\\mathrm{a\\char`\\\\{}b\\char`\\^{}c\\char`\\~{}d\\#e} \\, \\left(-(2)\\right)");
  nd_text_free(&out);
}

static void polygammas(void **state) {
  (void)state;
  assert_true(isnan(nd_polygamma(-1, 2)) && isnan(nd_polygamma(101, 2)) &&
              isnan(nd_polygamma(0, NAN)));
  assert_true(isnan(nd_polygamma(1, -2)) && isnan(nd_polygamma(1, 0)));
  assert_true(fabs(nd_polygamma(0, 1) + 0.57721566490153286) < 1e-15);
  /* psi_100(x) is about -100!/x^101, the terms after it 2^-101 of it */
  assert_true(fabs(nd_polygamma(100, 1) / -tgamma(101) - 1) < 1e-13);
  assert_true(nd_polygamma(100, 1e-5) == -INFINITY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh_graph, free_graph)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(wrong_arguments),    TEST(fresh_names), TEST(kinks),          TEST(values),
      TEST(what_needs_a_table), TEST(places),      TEST(bound_formulas), TEST(derivatives_are_kept),
      TEST(formulas),           TEST(long_prints), TEST(polygammas)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
