/* The methods that look at the problem: one-step solutions, descent from saddles and at the edge
 * of a domain, rest within rounding, and second derivatives by whichever function there is. */
#include "problems.h"

static const char *const searching[] = {"backtracking", "bb", "newton", "newton-diagonal", "lbfgs"};

static double largest_error(const small_problem *problem, const double *w) {
  double worst = 0;
  for (size_t i = 0; i < problem->size; i++)
    worst = fmax(worst, fabs(w[i] - problem->minimum[i]));
  return worst;
}

static void run(const char *name, const small_problem *problem, const nadir_problem *whole,
                int updates, double *w) {
  const nadir_optimizer *rule = rule_named(name);
  nd_method *method = method_of(rule, problem->size);
  double gradient[MOST], rate = nd_auto_rate(rule, NULL, problem->curvature);
  for (int t = 0; t < updates; t++) {
    double loss = problem->at(w, gradient, NULL);
    advance(method, rate, loss, gradient, whole, w);
  }
  nd_method_free(method);
}

/* Rounding: of a solve with condition 10 at most, 1e-14 is some 50 units of 2^-53. */
static void newton_solves_a_quadratic_as_soon_as_its_radius_allows(void **state) {
  (void)state;
  for (size_t p = 0; p < 4; p++) {
    nadir_problem whole = whole_problem(&small_problems[p]);
    double w[MOST] = {3, -5, 2};
    run("newton", &small_problems[p], &whole, 4, w);
    assert_true(largest_error(&small_problems[p], w) <= 1e-14);
  }
}

static void the_best_step_solves_a_parabola_in_one_update(void **state) {
  (void)state;
  nadir_problem parabola = whole_problem(&small_problems[0]),
                bowl = whole_problem(&small_problems[1]);
  double w[MOST] = {70}, v[MOST] = {4, -9};
  run("newton-diagonal", &small_problems[0], &parabola, 1, w);
  run("newton-diagonal", &small_problems[1], &bowl, 1, v);
  assert_true(largest_error(&small_problems[0], w) <= 1e-14);
  assert_true(largest_error(&small_problems[1], v) <= 1e-14);
}

static void products_serve_where_there_is_no_hessian(void **state) {
  (void)state;
  for (size_t k = 2; k < 4; k++)
    for (size_t p = 0; p < ND_COUNT(small_problems); p++) {
      nadir_problem whole = whole_problem(&small_problems[p]), products = whole, dense = whole;
      products.hessian = NULL;
      dense.hessian_vector = NULL;
      double a[MOST] = {0}, b[MOST] = {0}, c[MOST] = {0};
      run(searching[k], &small_problems[p], &whole, 3, a);
      run(searching[k], &small_problems[p], &products, 3, b);
      run(searching[k], &small_problems[p], &dense, 3, c);
      for (size_t i = 0; i < small_problems[p].size; i++)
        assert_true(fabs(a[i] - b[i]) <= 1e-12 * (1 + fabs(a[i])) && a[i] == c[i]);
    }
}

static void what_is_missing_is_said(void **state) {
  (void)state;
  for (size_t k = 0; k < ND_COUNT(searching); k++) {
    nd_method *method = method_of(rule_named(searching[k]), 1);
    nadir_problem whole = whole_problem(&small_problems[0]);
    whole.hessian = NULL, whole.hessian_vector = NULL;
    nadir_error error = {0};
    double w = 0, g = 1.25;
    nadir_status status = nd_method_advance(method, 1, 0.78125, &g, &whole, &w, &error);
    bool needed = strncmp(searching[k], "newton", 6) == 0;
    assert_int_equal(status, needed ? NADIR_BAD_SETTING : NADIR_OK);
    if (needed) assert_non_null(strstr(error.message, "second derivatives"));
    w = 0;
    status = nd_method_advance(method, 1, 0.78125, &g, NULL, &w, &error);
    assert_int_equal(status, NADIR_BAD_SETTING);
    assert_non_null(strstr(error.message, searching[k]));
    assert_true(w == 0);
    nd_method_free(method);
  }
}

/* An error in the middle of a search is handed on. */
static nadir_status broken_gradient(void *context, const double *w, double *loss, double *gradient,
                                    nadir_error *error) {
  (void)context, (void)w, (void)loss, (void)gradient;
  return nd_fail(error, NADIR_SYSTEM, "disk: cannot be read: try another");
}

static void errors_are_handed_on(void **state) {
  (void)state;
  for (size_t k = 0; k < ND_COUNT(searching); k++) {
    nd_method *method = method_of(rule_named(searching[k]), 1);
    nadir_problem whole = whole_problem(&small_problems[0]);
    whole.gradient = broken_gradient;
    double w = 0, g = 1.25;
    nadir_error error = {0};
    assert_int_equal(nd_method_advance(method, 1, 0.78125, &g, &whole, &w, &error), NADIR_SYSTEM);
    assert_true(w == 0);
    assert_int_equal(nd_method_updates(method), 0);
    nd_method_free(method);
  }
}

/* L = x^2/2 - y^2/2 + y^4/4: a saddle at 0, minima at (0, +-1). */
static double saddle_at(const double *w, double *gradient, double *hessian) {
  double x = w[0], y = w[1];
  if (gradient) gradient[0] = x, gradient[1] = y * y * y - y;
  if (hessian) hessian[0] = 1, hessian[1] = hessian[2] = 0, hessian[3] = 3 * y * y - 1;
  return 0.5 * x * x - 0.5 * y * y + 0.25 * y * y * y * y;
}

/* L = x - log x, defined for x > 0, least at 1. */
static double edge_at(const double *w, double *gradient, double *hessian) {
  double x = w[0];
  if (gradient) gradient[0] = 1 - 1 / x;
  if (hessian) hessian[0] = 1 / (x * x);
  return x > 0 ? x - log(x) : NAN;
}

/* L = x^2 - 2 x + 1 as typed: near 1 all digits of the loss are rounding. */
static double cancelling_at(const double *w, double *gradient, double *hessian) {
  double x = w[0];
  if (gradient) gradient[0] = 2 * x - 2;
  if (hessian) hessian[0] = 2;
  return x * x - 2 * x + 1;
}

/* L = 1e6 + 1/2 (w - m)' A (w - m), condition 10: losses agree in all digits while w is 1e-5 away.
 */
static double lifted_at(const double *w, double *gradient, double *hessian) {
  return 1e6 + turned_at(w, gradient, hessian);
}

static const small_problem saddle = {"saddle", 2, 1, {0, 1}, saddle_at};
static const small_problem edge = {"edge", 1, 1, {1}, edge_at};
static const small_problem cancelling = {"cancelling", 1, 2, {1}, cancelling_at};
static const small_problem lifted = {"lifted", 2, 10, {0.5, -1.25}, lifted_at};

static void saddles_are_left_downhill(void **state) {
  (void)state;
  for (size_t k = 0; k < ND_COUNT(searching); k++) {
    nadir_problem whole = whole_problem(&saddle);
    double w[MOST] = {0.5, 1e-3};
    run(searching[k], &saddle, &whole, 200, w);
    if (!(largest_error(&saddle, w) <= 1e-7)) fail_msg("%s: %g %g", searching[k], w[0], w[1]);
  }
}

/* L = (3 u^2 - v^2)/2 in coordinates turned by 30 degrees: a step in a trust region takes u towards
 * 0 and v away from it (with H itself v would go to 0, the saddle). */
static double turned_saddle_at(const double *w, double *gradient, double *hessian) {
  const double c = sqrt(0.75), s = 0.5;
  double u = c * w[0] + s * w[1], v = -s * w[0] + c * w[1];
  if (gradient) gradient[0] = 3 * c * u + s * v, gradient[1] = 3 * s * u - c * v;
  if (hessian) {
    hessian[0] = 3 * c * c - s * s, hessian[3] = 3 * s * s - c * c;
    hessian[1] = hessian[2] = 4 * c * s;
  }
  return (3 * u * u - v * v) / 2;
}

static void negative_curvature_counts_by_its_size(void **state) {
  (void)state;
  const small_problem turned = {"turned saddle", 2, 3, {0}, turned_saddle_at};
  nadir_problem whole = whole_problem(&turned), straight = whole_problem(&saddle);
  double w[MOST] = {1, 2}, v = -0.5 * w[0] + sqrt(0.75) * w[1];
  double u = sqrt(0.75) * w[0] + 0.5 * w[1];
  run("newton", &turned, &whole, 1, w);
  double after_u = sqrt(0.75) * w[0] + 0.5 * w[1], after_v = -0.5 * w[0] + sqrt(0.75) * w[1];
  assert_true(fabs(after_u) < fabs(u) && after_v / v > 1);
  double at[MOST] = {0.5, 0.25}; /* second derivatives 1 and -13/16, first 1/2 and -15/64 */
  run("newton-diagonal", &saddle, &straight, 1, at);
  assert_true(fabs(at[0]) <= 1e-15 && fabs(at[1] - (0.25 + 15.0 / 52)) <= 1e-15);
}

static void a_step_out_of_the_domain_is_shortened(void **state) {
  (void)state;
  for (size_t k = 0; k < ND_COUNT(searching); k++)
    for (double start = 1e-3; start < 1e4; start *= 100) {
      nadir_problem whole = whole_problem(&edge);
      double w[MOST] = {start};
      run(searching[k], &edge, &whole, 500, w);
      if (!(largest_error(&edge, w) <= 1e-7))
        fail_msg("%s from %g: %.10g", searching[k], start, w[0]);
    }
}

static void rounding_of_the_loss_does_not_stop_it(void **state) {
  (void)state;
  for (size_t k = 0; k < ND_COUNT(searching); k++) {
    nadir_problem whole = whole_problem(&cancelling), high = whole_problem(&lifted);
    double w[MOST] = {3}, v[MOST] = {0};
    run(searching[k], &cancelling, &whole, 200, w);
    if (!(largest_error(&cancelling, w) <= 1e-7)) fail_msg("%s: %.10g", searching[k], w[0]);
    run(searching[k], &lifted, &high, 500, v);
    if (!(largest_error(&lifted, v) <= 1e-9))
      fail_msg("%s: %g", searching[k], largest_error(&lifted, v));
  }
}

/* The contract of every update: the loss falls (for bb: below the largest of the last ten). */
static void losses_never_rise(void **state) {
  (void)state;
  for (size_t k = 0; k < ND_COUNT(searching); k++)
    for (size_t p = 0; p < ND_COUNT(small_problems); p++) {
      const small_problem *problem = &small_problems[p];
      nadir_problem whole = whole_problem(problem);
      const nadir_optimizer *rule = rule_named(searching[k]);
      nd_method *method = method_of(rule, problem->size);
      double w[MOST] = {20, -30, 10}, gradient[MOST], last[10];
      for (int t = 0; t < 100; t++) {
        double loss = problem->at(w, gradient, NULL), bound = -INFINITY;
        size_t memory = k == 1 ? 10 : 1;
        for (size_t i = 0; i < memory && i < (size_t)t; i++)
          bound = fmax(bound, last[i]);
        if (t > 0) assert_true(loss <= bound + 1e-12 * (1 + fabs(bound)));
        last[(size_t)t % memory] = loss;
        /* 1000 times the curvature's rate: it must find its own */
        advance(method, 1000 * nd_auto_rate(rule, NULL, problem->curvature), loss, gradient, &whole,
                w);
      }
      nd_method_free(method);
    }
}

/* Flat and linear functions have no best step: no crash, no endless search, no NaN. */
static double flat_at(const double *w, double *gradient, double *hessian) {
  (void)w;
  if (gradient) gradient[0] = gradient[1] = 0;
  if (hessian) memset(hessian, 0, 4 * sizeof *hessian);
  return 3;
}

static double linear_at(const double *w, double *gradient, double *hessian) {
  if (gradient) gradient[0] = 1, gradient[1] = -2;
  if (hessian) memset(hessian, 0, 4 * sizeof *hessian);
  return w[0] - 2 * w[1];
}

static void functions_without_curvature(void **state) {
  (void)state;
  const small_problem flat = {"flat", 2, 0, {0}, flat_at},
                      linear = {"linear", 2, 0, {0}, linear_at};
  for (size_t k = 0; k < ND_COUNT(searching); k++) {
    nadir_problem of_flat = whole_problem(&flat), of_linear = whole_problem(&linear);
    double w[MOST] = {1, 2}, v[MOST] = {1, 2};
    run(searching[k], &flat, &of_flat, 20, w);
    assert_true(w[0] == 1 && w[1] == 2);
    run(searching[k], &linear, &of_linear, 20, v);
    assert_true(isfinite(v[0]) && isfinite(v[1]) && linear_at(v, NULL, NULL) < -3 - 20);
  }
}

/* A loss that stays NaN gives a step of zero; a NaN is asked for anew first. */
static void an_unknown_loss_is_found(void **state) {
  (void)state;
  for (size_t k = 0; k < ND_COUNT(searching); k++) {
    nd_method *method = method_of(rule_named(searching[k]), 1);
    nadir_problem whole = whole_problem(&small_problems[0]);
    double w = 0, g = 1.25;
    advance(method, 1, NAN, &g, &whole, &w);
    assert_true(w == -1.25);
    nd_method_free(method);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(newton_solves_a_quadratic_as_soon_as_its_radius_allows),
      cmocka_unit_test(the_best_step_solves_a_parabola_in_one_update),
      cmocka_unit_test(products_serve_where_there_is_no_hessian),
      cmocka_unit_test(what_is_missing_is_said),
      cmocka_unit_test(errors_are_handed_on),
      cmocka_unit_test(saddles_are_left_downhill),
      cmocka_unit_test(negative_curvature_counts_by_its_size),
      cmocka_unit_test(a_step_out_of_the_domain_is_shortened),
      cmocka_unit_test(rounding_of_the_loss_does_not_stop_it),
      cmocka_unit_test(losses_never_rise),
      cmocka_unit_test(functions_without_curvature),
      cmocka_unit_test(an_unknown_loss_is_found),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
