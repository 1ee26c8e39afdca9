/* What is a sum of squares as typed: its residuals and scale, whose squares add up to the formula; and what is none. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "expr/expr.h"

static double value_of(nd_graph *graph, nd_node root) {
  nadir_error error = {0};
  nd_node *names;
  size_t count;
  double *values = calloc(nd_graph_size(graph), sizeof *values);
  assert_int_equal(nd_names(graph, &root, 1, &names, &count, &error), NADIR_OK);
  for (size_t i = 0; i < count; i++)
    values[names[i]] = 1.25 + 0.5 * nd_node_text(graph, names[i])[0];
  assert_int_equal(nd_evaluate(graph, &root, 1, values, &error), NADIR_OK);
  double value = values[root];
  nd_free(names);
  free(values);
  return value;
}

/* residuals: printed, joined by "; "; "" where the formula is no sum of squares. */
static void expect(const char *formula, const char *printed, double scale) {
  nd_graph *graph;
  nadir_error error = {0};
  nd_node root, *residuals, rounding;
  nd_text text = {0};
  size_t count;
  double found = 0, sum = 0;
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  assert_int_equal(nd_parse(graph, formula, &root, &error), NADIR_OK);
  assert_int_equal(nd_squares(graph, root, &residuals, &count, &found, &error), NADIR_OK);
  for (size_t i = 0; i < count; i++) {
    if (i > 0) nd_text_append(&text, "; ");
    assert_int_equal(nd_print(graph, residuals[i], ND_PLAIN, &text, &error), NADIR_OK);
    sum += found * pow(value_of(graph, residuals[i]), 2);
  }
  if (strcmp(nd_text_data(&text), printed) != 0 || found != scale)
    fail_msg("%s: %s, scale %g", formula, nd_text_data(&text), found);
  if (count > 0) {
    double whole = value_of(graph, root);
    assert_true(fabs(sum - whole) <= 1e-12 * fabs(whole));
    assert_int_equal(nd_squares_rounding(graph, residuals, count, &rounding, &error), NADIR_OK);
    double small = value_of(graph, rounding);
    assert_true(small >= 0 && small < 1e-6 * (1 + fabs(whole)) * 10);
  }
  nd_text_free(&text);
  nd_free(residuals);
  nd_graph_free(graph);
}

static void sums(void **state) {
  (void)state;
  expect("x^2", "x", 1);
  expect("(a - x)^2 + (b - x)^2", "a - x; b - x", 1);
  expect("2*(a - x)^2 + 8*b^2", "a - x; 2*b", 2);
  expect("(a - x)^2/4 + 3", "a - x; 3.4641016151377544*1", 0.25);
  expect("pi*x^2", "x", 3.1415926535897931);
  expect("0*x^2", "", 0);
  expect("x^2*3*2", "x", 6);
  expect("2*3", "1", 6);
  expect("3*y*2*y", "y", 6);
  expect("x^2 + 0", "x", 1);
  expect("0", "", 0);
}

static void roots(void **state) {
  (void)state;
  expect("x^4", "x^2", 1);
  expect("x^-2", "x^-1", 1);
  expect("abs(x)^2", "x", 1);
  expect("abs(x)^4", "abs(x)^2", 1);
  expect("x*x", "x", 1);
  expect("x*y*x*y", "x*y", 1);
  expect("x^2*y^2", "x*y", 1);
  expect("x*y^2*x", "x*y", 1);
  expect("x*x*x*x", "x*x", 1);
  expect("x^2/y^2", "x/y", 1);
  expect("(a + b)^2/(x*x)", "(a + b)/x", 1);
  expect("norm2(x, y)^2 + 4*norm2(a, b)^2", "x; y; 2*a; 2*b", 1);
  expect("(-x/(1 + y))^2 + (sin(x)*y - 2)^2", "-x/(1 + y); sin(x)*y - 2", 1);
  /* sums within sums are looked at to a depth, then taken as they are */
  expect("(1 + (a - (b + (x - (y + (a + (b - (x + (y - (a + 1))))))))))^2",
         "1 + (a - (b + (x - (y + (a + (b - (x + (y - (a + 1)))))))))", 1);
}

static void no_sums(void **state) {
  (void)state;
  static const char *const none[] = {"x",
                                     "x^3",
                                     "x^2 + y",
                                     "x^2 - y^2",
                                     "-x^2",
                                     "-2*x^2",
                                     "x^2/-2",
                                     "x^2/0",
                                     "x^y",
                                     "x^0",
                                     "x^1e300",
                                     "x*y",
                                     "x*y*x",
                                     "x^2/y",
                                     "x/y^2",
                                     "sin(x)^3",
                                     "x^2 - 1",
                                     "x^2 + -1",
                                     "1e308*10*x^2",
                                     "x^2/1e-308/1e-308",
                                     "exp(x)",
                                     "x*y*y*y",
                                     "1e-300*1e-300*x^2"};
  for (size_t i = 0; i < sizeof none / sizeof *none; i++)
    expect(none[i], "", 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(sums), cmocka_unit_test(roots),
                                     cmocka_unit_test(no_sums)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
