/* Jensen's inequality for sums over rows: values against closed forms, chords that are broken and
 * such as must never be said to be, whatever the rounding. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "theory/theory.h"

/* S between p and q of sum f(w, x) over the rows; true where it is broken. */
static bool broken(const char *formula, const double *rows, size_t count, double p, double q,
                   double weight, double values[4]) {
  nd_graph *graph;
  nd_node root, w, x;
  nd_row_chord *chord;
  nadir_error error = {0};
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  assert_int_equal(nd_parse(graph, formula, &root, &error), NADIR_OK);
  assert_int_equal(nd_make_name(graph, "w", &w, &error), NADIR_OK);
  assert_int_equal(nd_make_name(graph, "x", &x, &error), NADIR_OK);
  nd_row_question question = {.graph = graph,
                              .root = root,
                              .parameters = &w,
                              .columns = &x,
                              .parameter_count = 1,
                              .column_count = 1};
  assert_int_equal(nd_row_chord_new(&chord, &question, &p, &q, weight, &error), NADIR_OK);
  assert_true(nd_row_chord_cost(chord) >= 3);
  for (size_t i = 0; i < count; i++)
    nd_row_chord_add(chord, &rows[i]);
  bool answer = nd_row_chord_is_broken(chord, values);
  nd_row_chord_free(chord);
  nd_graph_free(graph);
  return answer;
}

/* S(w) = 98 w^4 - 14 w^2 over x = 1, 2, 3: all numbers below are exact in binary. */
static void closed_form(void **state) {
  (void)state;
  static const double rows[] = {1, 2, 3};
  const char *formula = "(w*x)^4 - (w*x)^2";
  double v[4];
  assert_true(broken(formula, rows, 3, -0.25, 0.25, 0.5, v));
  assert_true(fabs(v[0] - -0.4921875) < 1e-15);
  assert_true(fabs(v[1] - -0.4921875) < 1e-15);
  assert_true(fabs(v[2]) < 1e-15);
  assert_true(fabs(v[3] - -0.4921875) < 1e-15);
  assert_false(broken(formula, rows, 3, 1, 2, 0.25, v));
  assert_true(fabs(v[2] - (98 * 9.37890625 - 14 * 3.0625)) < 1e-11); /* at 1.75 */
  assert_true(fabs(v[3] - (0.25 * 84 + 0.75 * 1512)) < 1e-11);
}

/* Rows that are concave do not make a sum so, and the other way round. */
static void mixed_rows(void **state) {
  (void)state;
  static const double convex[] = {-1, 2}, concave[] = {1, -2}, flat[] = {1, -1};
  double v[4];
  assert_false(broken("x*w^2", convex, 2, -3, 5, 0.5, v));
  assert_true(broken("x*w^2", concave, 2, -3, 5, 0.5, v));
  assert_false(broken("x*w^2", flat, 2, -3, 5, 0.5, v));
}

/* What is convex, or affine and so on its chord except for rounding, is never broken. */
static void never_broken(void **state) {
  (void)state;
  static const char *const formulas[] = {
      "exp(w*x)", "w*x", "0.1*w + x", "abs(w - x)", "log(1 + exp(w*x))", "(w - x)^2/3"};
  nd_random random = nd_random_stream(1, ND_FOR_TEST, 0, 0);
  double rows[7], v[4];
  for (size_t turn = 0; turn < 600; turn++) {
    for (size_t i = 0; i < ND_COUNT(rows); i++)
      rows[i] = nd_random_normal(&random);
    double p = 3 * nd_random_normal(&random);
    double q = p + ldexp(nd_random_normal(&random), -(int)(turn % 40));
    if (broken(formulas[turn % ND_COUNT(formulas)], rows, ND_COUNT(rows), p, q,
               turn % 3 ? 0.5 : 0.25, v))
      fail_msg("%s between %.17g and %.17g", formulas[turn % ND_COUNT(formulas)], p, q);
  }
}

/* A row in which f does not exist settles nothing, wherever it is. */
static void undefined(void **state) {
  (void)state;
  static const double rows[] = {1, -5, 2}, good[] = {1, 5, 2};
  double v[4];
  assert_true(broken("log(w + x)", good, 3, 1, 3, 0.5, v)); /* concave */
  assert_false(broken("log(w + x)", rows, 3, 1, 3, 0.5, v));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(closed_form), cmocka_unit_test(mixed_rows),
                                     cmocka_unit_test(never_broken), cmocka_unit_test(undefined)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
