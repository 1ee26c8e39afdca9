/* newton with an L1 penalty: closed forms, a long proximal descent, the subgradient at the end,
 * zeros that are exactly 0, units, and losses without a minimum of their own. */
#include "problems.h"

enum { N = 4 };
static const double none[MOST] = {0};

static double run(const small_problem *problem, const char *name, const double *l1, int updates,
                  double *w) {
  nadir_problem whole = whole_problem(problem);
  const nadir_optimizer *rule = rule_named(name);
  nd_method_options options = {.optimizer = rule, .l1 = l1};
  nd_method *method;
  assert_int_equal(nd_method_new(&method, problem->size, &options, NULL), NADIR_OK);
  double gradient[MOST], rate = nd_auto_rate(rule, NULL, problem->curvature);
  for (int t = 0; t < updates; t++) {
    double loss = problem->at(w, gradient, NULL);
    advance(method, rate, loss, gradient, &whole, w);
  }
  double left = nd_method_left(method);
  nd_method_free(method);
  return left;
}

static double orthogonal_at(const double *w, double *gradient, double *hessian) {
  static const double a[16] = {1, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0.25};
  static const double z[N] = {2, -0.3, 0.4, -1.5};
  return quadratic(N, a, z, w, gradient, hessian);
}

/* The minimum is z_i shrunk by l1_i / H_ii. One update finds it, the second that nothing is left. */
static void an_orthogonal_design_is_shrunk_in_one_update(void **state) {
  (void)state;
  const small_problem problem = {"orthogonal", N, 4, {0}, orthogonal_at};
  const double l1[N] = {0.5, 1.5, 0.25, 0}, expected[N] = {1.5, 0, 0.15, -1.5};
  double w[N] = {-7, 3, 1e-3, 0};
  run(&problem, "newton", l1, 1, w);
  for (int i = 0; i < N; i++)
    assert_true(fabs(w[i] - expected[i]) <= 1e-15);
  assert_true(w[1] == 0);
  assert_true(run(&problem, "newton", l1, 2, w) <= 1e-30);
}

static void a_strong_penalty_leaves_nothing(void **state) {
  (void)state;
  for (size_t p = 0; p < ND_COUNT(small_problems); p++) {
    const double l1[MOST] = {1e3, 1e3, 1e3, 1e3};
    double w[MOST] = {3, -2, 1};
    run(&small_problems[p], "newton", l1, 6, w);
    for (size_t i = 0; i < small_problems[p].size; i++)
      assert_true(w[i] == 0);
  }
}

static void a_long_proximal_descent_ends_there_too(void **state) {
  (void)state;
  const double l1s[][MOST] = {{0.05, 0.05, 0.05}, {0, 0.3, 0.2}, {0.1, 0, 0.4}, {1e-9, 0.02, 3}};
  for (size_t p = 0; p < ND_COUNT(small_problems); p++)
    for (size_t k = 0; k < ND_COUNT(l1s); k++) {
      double w[MOST] = {2, -2, 2}, v[MOST] = {0};
      run(&small_problems[p], "newton", l1s[k], 12, w);
      run(&small_problems[p], "gd", l1s[k], 4000, v);
      for (size_t i = 0; i < small_problems[p].size; i++) {
        if (!(fabs(w[i] - v[i]) <= 1e-7)) /* the last digits of gd */
          fail_msg("%s: %.17g and %.17g", small_problems[p].name, w[i], v[i]);
        assert_true((w[i] == 0) == (v[i] == 0));
      }
    }
}

/* |g_i| <= l1_i where w_i = 0, g_i = -l1_i sign(w_i) elsewhere, to rounding. */
static void the_subgradient_vanishes(const small_problem *problem, const double *l1,
                                     const double *w) {
  double g[MOST], h[16];
  problem->at(w, g, h);
  for (size_t i = 0; i < problem->size; i++)
    assert_true(w[i] == 0 ? fabs(g[i]) <= l1[i] * (1 + 1e-12)
                          : fabs(g[i] + copysign(l1[i], w[i])) <= 1e-12);
}

static void the_end_is_a_minimum(void **state) {
  (void)state;
  const double l1[MOST] = {0.01, 0.3, 0.02};
  for (size_t p = 0; p < ND_COUNT(small_problems); p++) {
    double w[MOST] = {30, -20, 10};
    double left = run(&small_problems[p], "newton", l1, 20, w);
    the_subgradient_vanishes(&small_problems[p], l1, w);
    assert_true(left <= 1e-16);
  }
}

/* exp(x + y) + exp(-x) + (x y)^2 - y^2/2: curvature of both signs, kept down by the penalty. */
static double bent_at(const double *w, double *g, double *h) {
  double x = w[0], y = w[1], a = exp(x + y), b = exp(-x);
  if (g) g[0] = a - b + 2 * x * y * y, g[1] = a + 2 * x * x * y - y;
  if (h) h[0] = a + b + 2 * y * y, h[3] = a + 2 * x * x - 1, h[1] = h[2] = a + 4 * x * y;
  return a + b + x * x * y * y - y * y / 2;
}

static void negative_curvature_is_left_downhill(void **state) {
  (void)state;
  const small_problem bent = {"bent", 2, 10, {0}, bent_at};
  const double l1[MOST] = {0.25, 0.125};
  for (double x = -2; x <= 2; x += 0.5)
    for (double y = -0.75; y <= 1; y += 0.25) {
      double w[MOST] = {x, y};
      double before = bent_at(w, NULL, NULL) + l1[0] * fabs(x) + l1[1] * fabs(y);
      run(&bent, "newton", l1, 1, w);
      assert_true(isfinite(w[0]) && isfinite(w[1]));
      double after = bent_at(w, NULL, NULL) + l1[0] * fabs(w[0]) + l1[1] * fabs(w[1]);
      assert_true(after <= before + 1e-12);
    }
}

static int unit;
static double in_units_at(const double *w, double *g, double *h) {
  double x[MOST] = {ldexp(w[0], -unit), ldexp(w[1], unit), w[2]};
  double loss = logistic_at(x, g, h);
  const int units[3] = {-unit, unit, 0};
  for (int i = 0; i < 3; i++) {
    if (g) g[i] = ldexp(g[i], units[i]);
    for (int j = 0; h && j < 3; j++)
      h[3 * i + j] = ldexp(h[3 * i + j], units[i] + units[j]);
  }
  return loss;
}

static void a_unit_changes_no_bit(void **state) {
  (void)state;
  const small_problem problem = {"units", 3, 1, {0}, in_units_at};
  double plain[MOST] = {2, -2, 2}, l1[MOST] = {0.01, 0.02, 0.05};
  unit = 0;
  run(&problem, "newton", l1, 4, plain);
  for (unit = -60; unit <= 60; unit += 30) {
    double w[MOST] = {ldexp(2, unit), ldexp(-2, -unit), 2};
    double scaled[MOST] = {ldexp(l1[0], -unit), ldexp(l1[1], unit), l1[2]};
    run(&problem, "newton", scaled, 4, w);
    assert_true(w[0] == ldexp(plain[0], unit) && w[1] == ldexp(plain[1], -unit));
    assert_true(w[2] == plain[2]);
  }
}

/* More features than rows, two of them equal: H has no inverse, the penalty makes a minimum. */
static double wide_at(const double *w, double *g, double *h) {
  static const double x[2][4] = {{1, 1, 0.5, -1}, {0.25, 0.25, 1, 2}}, y[2] = {3, -1};
  double loss = 0, sums[4] = {0};
  if (h) memset(h, 0, 16 * sizeof *h);
  for (int row = 0; row < 2; row++) {
    double r = -y[row];
    for (int i = 0; i < 4; i++)
      r += w[i] * x[row][i];
    loss += r * r / 2;
    for (int i = 0; i < 4; i++) {
      sums[i] += r * x[row][i];
      for (int j = 0; h && j < 4; j++)
        h[4 * i + j] += x[row][i] * x[row][j];
    }
  }
  if (g) memcpy(g, sums, sizeof sums);
  return loss;
}

static void more_features_than_rows(void **state) {
  (void)state;
  const small_problem wide = {"wide", 4, 8, {0}, wide_at};
  const double l1[MOST] = {0.125, 0.125, 0.125, 0.125};
  double w[MOST] = {0};
  double left = run(&wide, "newton", l1, 4, w);
  the_subgradient_vanishes(&wide, l1, w);
  assert_true(left <= 1e-15);
}

static void without_a_penalty_it_is_newton(void **state) {
  (void)state;
  double w[MOST] = {3, -2}, v[MOST] = {3, -2};
  run(&small_problems[2], "newton", none, 1, w);
  run(&small_problems[2], "newton", NULL, 1, v);
  assert_memory_equal(w, v, sizeof w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_orthogonal_design_is_shrunk_in_one_update),
      cmocka_unit_test(a_strong_penalty_leaves_nothing),
      cmocka_unit_test(a_long_proximal_descent_ends_there_too),
      cmocka_unit_test(the_end_is_a_minimum),
      cmocka_unit_test(negative_curvature_is_left_downhill),
      cmocka_unit_test(a_unit_changes_no_bit),
      cmocka_unit_test(more_features_than_rows),
      cmocka_unit_test(without_a_penalty_it_is_newton),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
