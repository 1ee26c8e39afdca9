/* Sums of squares: found in formulas as typed, factored, and solved by lm and newton from the
 * standard starts of J. J. Moré, B. S. Garbow, K. E. Hillstrom 1981, "Testing unconstrained
 * optimization software"; units that are powers of two change no bit. */
#include <stdlib.h>
#include <string.h>

#include "base/dense.h"
#include "../fitting.h"

#include "descend/descend.h"

typedef struct formula {
  nadir_expr *expr;
  nadir_settings *settings;
  nd_objective *objective;
} formula;

static void open_formula(formula *f, const char *text, const char *method) {
  nadir_error error = {0};
  *f = (formula){0};
  must(nd_settings_new(&f->settings, &error), &error);
  must(nd_settings_set(f->settings, "method", method, &error), &error);
  must(nd_formula_new(&f->expr, text, &error), &error);
  must(nd_objective_of_formula(&f->objective, f->expr, f->settings, &error), &error);
}

static void close_formula(formula *f) {
  nd_objective_free(f->objective);
  nd_formula_free(f->expr);
  nd_settings_free(f->settings);
}

static size_t residuals_of(const char *text, double *scale) {
  nadir_error error = {0};
  nd_graph *graph;
  nd_node root, *residuals;
  size_t count;
  must(nd_graph_new(&graph, &error), &error);
  must(nd_parse(graph, text, &root, &error), &error);
  must(nd_squares(graph, root, &residuals, &count, scale, &error), &error);
  nd_free(residuals);
  nd_graph_free(graph);
  return count;
}

static void test_found(void **state) {
  (void)state;
  static const struct {
    const char *text;
    size_t count;
    double scale;
  } cases[] = {{"(x-1)^2", 1, 1},
               {"100*(y-x^2)^2 + (1-x)^2", 2, 100},
               {"((x-1)^2 + (y-2)^2)/4", 2, 0.25},
               {"x*x + 3", 2, 1},
               {"(x*y)^2/(1+z)^2", 1, 1},
               {"norm2(x, y, z)^2 + x^4", 4, 1},
               {"abs(x-2)^2", 1, 1},
               {"(x-1)^2 - y^2", 0, 0},
               {"-2*(x-1)^2", 0, 0},
               {"x^2 + y", 0, 0},
               {"x^3", 0, 0},
               {"exp(x)", 0, 0},
               {"x^2 - 1", 0, 0}};
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    double scale = 0;
    size_t count = residuals_of(cases[i].text, &scale);
    if (count != cases[i].count || (count && scale != cases[i].scale))
      fail_msg("%s: %zu residuals, scale %g", cases[i].text, count, scale);
  }
}

/* The triangle gives the loss and the gradient that the formula has. */
static void test_triangle(void **state) {
  (void)state;
  formula f;
  nadir_error error = {0};
  open_formula(&f, "10*(y-x^2)^2 + (1-x)^2 + 0.5*(x*y-3)^2", "lm");
  const nadir_problem *problem = &f.objective->problem;
  double w[2] = {1.5, -0.75}, loss, gradient[2], r[9];
  must(problem->gradient(problem->context, w, &loss, gradient, &error), &error);
  must(problem->factor(problem->context, w, r, &error), &error);
  double sum = r[2] * r[2] + r[5] * r[5] + r[8] * r[8];
  assert_true(fabs(problem->squares * sum - loss) <= 1e-14 * loss);
  for (size_t j = 0; j < 2; j++) {
    double slope = 2 * problem->squares * (r[j] * r[2] + (j == 1 ? r[4] * r[5] : 0));
    assert_true(fabs(slope - gradient[j]) <= 1e-13 * nd_norm(2, gradient));
  }
  assert_true(r[3] == 0 && r[6] == 0 && r[7] == 0);
  close_formula(&f);
}

static double end_of(const char *text, const char *method, const double *start, double *w,
                     uint64_t *updates) {
  formula f;
  nadir_error error = {0};
  nd_run run;
  nd_teller teller = {0};
  open_formula(&f, text, method);
  must(nd_descend(f.objective, f.settings, start, &teller, &run, &error), &error);
  double loss = run.loss;
  memcpy(w, run.w, f.expr->size * sizeof *w);
  *updates = run.updates;
  nd_run_clear(&run);
  nd_teller_free(&teller);
  close_formula(&f);
  return loss;
}

/* Starts are in the order of first appearance. */
static void test_more_garbow_hillstrom(void **state) {
  (void)state;
  static const struct {
    const char *name, *text;
    double start[4], least, reach;
    uint64_t most;
  } problems[] = {
      {"Rosenbrock", "(10*(x2-x1^2))^2 + (1-x1)^2", {1, -1.2}, 0, 1e-20, 60},
      {"Freudenstein and Roth",
       "(-13+x1+((5-x2)*x2-2)*x2)^2 + (-29+x1+((x2+1)*x2-14)*x2)^2",
       {0.5, -2},
       48.98425367924,
       1e-8,
       60},
      {"Beale",
       "(1.5-x1*(1-x2))^2 + (2.25-x1*(1-x2^2))^2 + (2.625-x1*(1-x2^3))^2",
       {1, 1},
       0,
       1e-20,
       40},
      {"Powell badly scaled",
       "(1e4*x1*x2-1)^2 + (exp(-x1)+exp(-x2)-1.0001)^2",
       {0, 1},
       0,
       1e-12,
       300},
      {"Powell singular",
       "(x1+10*x2)^2 + 5*(x3-x4)^2 + (x2-2*x3)^4 + 10*(x1-x4)^4",
       {3, -1, 0, 1},
       0,
       1e-9,
       60},
      {"Wood",
       "(10*(x2-x1^2))^2 + (1-x1)^2 + 90*(x4-x3^2)^2 + (1-x3)^2 + 10*(x2+x4-2)^2 + (x2-x4)^2/10",
       {-1, -3, -1, -3},
       0,
       1e-20,
       120}};
  static const char *const methods[] = {"auto", "lm", "newton"};
  for (size_t p = 0; p < ND_COUNT(problems); p++)
    for (size_t m = 0; m < ND_COUNT(methods); m++) {
      double w[4];
      uint64_t updates;
      double loss = end_of(problems[p].text, methods[m], problems[p].start, w, &updates);
      if (!(loss - problems[p].least <= problems[p].reach * (1 + problems[p].least)) ||
          updates > problems[p].most)
        fail_msg("%s by %s: %.10g after %llu updates", problems[p].name, methods[m], loss,
                 (unsigned long long)updates);
    }
}

/* Parameters and the loss in other units: the same updates, the same bits but exponents. */
static void test_powers_of_two(void **state) {
  (void)state;
  static const char *const methods[] = {"lm", "newton"};
  for (size_t m = 0; m < ND_COUNT(methods); m++) {
    double w[2], v[2], start[2] = {1, -1.2};
    uint64_t one, other;
    double plain = end_of("100*(y-x^2)^2 + (1-x)^2 + 1", methods[m], start, w, &one);
    /* y in units of 2^20, x in units of 2^-30, the loss times 2^7 */
    double scaled_start[2] = {ldexp(1, -20), ldexp(-1.2, 30)};
    double scaled = end_of("128*(100*(y*2^20-(x*2^(-30))^2)^2 + (1-x*2^(-30))^2 + 1)", methods[m],
                           scaled_start, v, &other);
    assert_int_equal(one, other);
    assert_true(ldexp(v[0], 20) == w[0] && ldexp(v[1], -30) == w[1]);
    assert_true(scaled == 128 * plain);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_found), cmocka_unit_test(test_triangle),
                                     cmocka_unit_test(test_more_garbow_hillstrom),
                                     cmocka_unit_test(test_powers_of_two)};
  return cmocka_run_group_tests_name("squares", tests, NULL, NULL);
}
