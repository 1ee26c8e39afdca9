/* What runs say is proved of them, against closed forms: the gap bounds loss - minimum where the
 * minimum is known, the modulus is lambda_min of a Hessian worked out here, every built-in loss of
 * a linear model is convex, a neuron never is, and the limit of the rate parts convergence from
 * divergence. */
#include "support.h"

/* Least mean square of Hubble's table (normal equations): RSS/24, RSS = 22 * 232.91067018300653^2.
 */
static const double hubble_loss = 22. / 24. * 232.91067018300653 * 232.91067018300653;

static nadir_table *table_of_two(size_t rows, const double *x, const double *y) {
  test_column arrays[2] = {{"x", "", x}, {"y", "", y}};
  return table_of(arrays, 2, rows);
}

static nadir_result *fit_arrays(size_t rows, const double *x, const double *y, const char *formula,
                                const char *const *pairs) {
  nadir_settings *settings = settings_of(pairs);
  nadir_table *table = table_of_two(rows, x, y);
  nadir_result *result;
  ok(nadir_fit(table, formula, settings, NULL, &result, &error));
  nadir_table_free(table);
  nadir_settings_free(settings);
  return result;
}

static nadir_result *minimize(const char *formula, const char *const *pairs) {
  nadir_settings *settings = settings_of(pairs);
  nadir_expr *expr;
  nadir_result *result;
  ok(nadir_expr_new(&expr, formula, &error));
  ok(nadir_minimize(expr, settings, NULL, &result, &error));
  nadir_expr_free(expr);
  nadir_settings_free(settings);
  return result;
}

/* The gap is there, and covers loss - minimum up to the rounding of the two losses themselves. */
static void covers(nadir_result *result, double minimum) {
  double true_gap = result->loss - minimum;
  if (!(result->optimum_gap >= true_gap - 1e-13 * fabs(minimum)))
    fail_msg("%s: %.17g above the minimum, bounded by %.17g: %s", result->formula, true_gap,
             result->optimum_gap, said(result, NADIR_ON_GAP));
  print_message("%s: %.3g above the minimum, bounded by %.3g\n", result->formula, true_gap,
                result->optimum_gap);
  nadir_result_free(result);
}

/* ---- the gap ---- */

static void the_gap_of_hubbles_law(void **state) {
  (void)state;
  const char *const updates[] = {"1", "3", "10", "40", "1000"};
  for (size_t i = 0; i < sizeof updates / sizeof *updates; i++) {
    nadir_result *result = fit_file(HUBBLE, "velocity ~ linear(distance)",
                                    PAIRS("method", "gd", "updates", updates[i], "rate", "0.1"));
    /* curvature 2 in every direction: |g|^2 / 2m is the gap itself, up to rounding and units */
    if (i < 3) assert_true(result->optimum_gap <= 1.01 * (result->loss - hubble_loss));
    covers(result, hubble_loss);
  }
}

/* A line through all points, as far as doubles go: the gap is that of the very doubles of data and
 * parameters, whose residuals are sums of two products of doubles. */
static void the_gap_of_an_exact_line(void **state) {
  (void)state;
  double x[50], y[50];
  for (int i = 0; i < 50; i++) {
    x[i] = i;
    y[i] = 0.1 + 0.3 * i;
  }
  nadir_result *result = fit_arrays(50, x, y, "y ~ linear(x)", PAIRS("method", "newton"));
  long double sum = 0; /* some digits more than a double: enough for the first of the residuals */
  for (int i = 0; i < 50; i++) {
    long double r = y[i] - ((long double)result->parameter[0].value +
                            (long double)result->parameter[1].value * x[i]);
    sum += r * r / 50;
  }
  /* the minimum over all lines is not 0 either, the data being rounded: of that much at most */
  assert_true(result->optimum_gap >= 0 && (long double)result->optimum_gap <= 1e3L * sum + 1e-30L);
  assert_true(result->optimum_gap < 1e-24);
  nadir_result_free(result);
}

/* Two groups, x = 0 and x = 1, of which 1 and 3 of 4 are true: the logits of the shares fit them
 * exactly, so the minimum is the entropy of 1/4. */
static const double groups_x[8] = {0, 0, 0, 0, 1, 1, 1, 1}, groups_y[8] = {1, 0, 0, 0, 1, 1, 1, 0};

static void the_gap_of_logistic_regression(void **state) {
  (void)state;
  double entropy = -0.25 * log(0.25) - 0.75 * log(0.75);
  const char *const updates[] = {"60", "80", "120", "10000"};
  for (size_t i = 0; i < sizeof updates / sizeof *updates; i++)
    covers(fit_arrays(8, groups_x, groups_y, "y ~ linear(x)",
                      PAIRS("loss", "logistic", "rate", "0.5", "updates", updates[i])),
           entropy);
}

/* Counts of mean 1.5 and 4 in the two groups: f is the logarithm of the mean, so the minimum is the
 * mean of m - m log m. */
static void the_gap_of_poisson_regression(void **state) {
  (void)state;
  static const double counts[8] = {1, 0, 2, 3, 4, 6, 5, 1};
  double minimum = (1.5 - 1.5 * log(1.5) + 4 - 4 * log(4)) / 2;
  const char *const updates[] = {"40", "60", "120", "10000"};
  for (size_t i = 0; i < sizeof updates / sizeof *updates; i++)
    covers(fit_arrays(8, groups_x, counts, "y ~ linear(x)",
                      PAIRS("loss", "poisson", "rate", "0.2", "updates", updates[i])),
           minimum);
}

/* (x-1)^2 + x^4: 2 (x-1) + 4 x^3 = 0 has the real root below, by Newton's iteration here. */
static void the_gap_of_a_formula(void **state) {
  (void)state;
  double x = 0.5;
  for (int i = 0; i < 50; i++)
    x -= (2 * (x - 1) + 4 * x * x * x) / (2 + 12 * x * x);
  double minimum = (x - 1) * (x - 1) + x * x * x * x;
  const char *const updates[] = {"1", "3", "10", "1000"};
  for (size_t i = 0; i < sizeof updates / sizeof *updates; i++)
    covers(minimize("(x-1)^2 + x^4", PAIRS("updates", updates[i], "rate", "0.05")), minimum);
}

static void no_gap_without_convexity(void **state) {
  (void)state;
  nadir_result *result = minimize("x^4 - 2*x^2 + 0.3*x", PAIRS("start", "x=1"));
  assert_int_equal(result->convex, NADIR_REFUTED);
  assert_true(isnan(result->optimum_gap));
  assert_true(result->no_gap != NADIR_GAP_FOUND);
  nadir_result_free(result);
  result = minimize("x^4", PAIRS("start", "x=1")); /* convex, but flat where it ends */
  assert_int_equal(result->convex, NADIR_PROVED);
  assert_true(isnan(result->optimum_gap) || result->optimum_gap >= result->loss);
  assert_true(!isnan(result->optimum_gap) || result->no_gap);
  nadir_result_free(result);
}

/* ---- the modulus ---- */

static void ridge_has_the_modulus_of_its_penalty(void **state) {
  (void)state;
  nadir_result *result = fit_arrays(8, groups_x, groups_y, "y ~ linear(x)",
                                    PAIRS("loss", "logistic", "l2", "0.5", "no-intercept", "true"));
  assert_int_equal(result->convex, NADIR_PROVED);
  near(result->modulus, 0.5, 1e-12);
  assert_true(result->modulus <= 0.5);
  nadir_result_free(result);
  result = fit_arrays(8, groups_x, groups_y, "y ~ linear(x)",
                      PAIRS("loss", "logistic", "l2", "0.5")); /* b is free */
  assert_true(!(result->modulus > 0));
  nadir_result_free(result);
}

/* Unscaled, the mean square of a line has the Hessian 2 [1, m1; m1, m2], m the moments of x. */
static void the_modulus_of_a_mean_square(void **state) {
  (void)state;
  enum { ROWS = 50 };
  double x[ROWS], y[ROWS], m1 = 0, m2 = 0;
  for (int i = 0; i < ROWS; i++) {
    x[i] = 0.5 + 0.03 * i;
    y[i] = 3 * x[i] + sin(7 * i);
    m1 += x[i] / ROWS;
    m2 += x[i] * x[i] / ROWS;
  }
  double least = 1 + m2 - sqrt((1 - m2) * (1 - m2) + 4 * m1 * m1);
  nadir_result *result = fit_arrays(ROWS, x, y, "y ~ linear(x)",
                                    PAIRS("scale", "none", "updates", "5", "rate", "0.01"));
  assert_true(result->modulus <= least * (1 + 1e-14) && result->modulus >= 0.99 * least);
  nadir_result_free(result);
  result = fit_arrays(ROWS, x, y, "y ~ linear(x)",
                      PAIRS("scale", "none", "no-intercept", "true", "l2", "0.25", "updates", "5"));
  near(result->modulus, 2 * m2 + 0.25, 0.01 * (2 * m2 + 0.25));
  assert_true(result->modulus <= (2 * m2 + 0.25) * (1 + 1e-14));
  nadir_result_free(result);
}

/* ---- the verdict ---- */

static void every_loss_of_a_linear_model_is_convex(void **state) {
  (void)state;
  const nadir_loss_info *loss;
  size_t losses = 0;
  for (size_t i = 0; (loss = nadir_loss_at(i)); i++) {
    char text[64];
    if (strcmp(loss->name, "softmax") == 0) continue; /* below */
    snprintf(text, sizeof text, *loss->parameter ? "%s(0.5)" : "%s", loss->name);
    nadir_result *result = fit_arrays(8, groups_x, groups_y, "y ~ linear(x)",
                                      PAIRS("loss", text, "updates", "1", "rate", "0.01"));
    if (result->convex != NADIR_PROVED) fail_msg("%s: %s", text, said(result, NADIR_ON_VERDICT));
    nadir_result_free(result);
    losses++;
  }
  assert_true(losses >= 8);
}

static void softmax_is_convex(void **state) {
  (void)state;
  double x[6] = {0, 1, 2, 3, 4, 5}, y[6] = {0, 1, 2, 0, 1, 2};
  nadir_result *result =
      fit_arrays(6, x, y, "y ~ softmax(3; x)", PAIRS("updates", "1", "rate", "0.01"));
  assert_string_equal(result->loss_name, "softmax");
  assert_int_equal(result->convex, NADIR_PROVED);
  assert_true(!(result->modulus > 0)); /* one number added to every class changes nothing */
  nadir_result_free(result);
}

static void a_neuron_is_never_convex(void **state) {
  (void)state;
  const char *const losses[] = {"squared", "absolute", "logistic", "hinge", "poisson"};
  for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
    nadir_result *result =
        fit_arrays(8, groups_x, groups_y, "y ~ a*tanh(b*x + c)",
                   PAIRS("loss", losses[i], "start", "a=1,b=1", "updates", "3", "rate", "0.01"));
    assert_int_not_equal(result->convex, NADIR_PROVED);
    assert_true(isnan(result->optimum_gap));
    nadir_result_free(result);
  }
}

/* ---- the limit of the rate ---- */

static void the_limit_parts_convergence_from_divergence(void **state) {
  (void)state;
  const char *formula = "x^2 + 10*y^2 + x*y";
  nadir_settings *settings = settings_of(PAIRS("box", "x=-1:1,y=-1:1"));
  nadir_expr *expr;
  nadir_curvature *found;
  ok(nadir_expr_new(&expr, formula, &error));
  ok(nadir_rate(expr, settings, NULL, &found, &error));
  double limit = found->limit;
  near(limit, 2 / (11 + sqrt(82)), 1e-12); /* Hessian [2, 1; 1, 20] */
  near(found->safe, limit / 2, 1e-12);
  assert_int_equal(found->way, NADIR_ON_BOX);
  assert_string_equal(found->formula, formula);
  assert_true(found->largest.proved && found->smallest.proved);
  near(found->smallest.low, 11 - sqrt(82), 1e-12);
  near(found->condition, (11 + sqrt(82)) / (11 - sqrt(82)), 1e-11);
  assert_int_equal(found->condition_is, NADIR_AT_MOST);
  assert_int_equal(found->recommended, NADIR_RECOMMENDS_NOTHING);
  nadir_curvature_free(found);
  nadir_expr_free(expr);
  nadir_settings_free(settings);
  for (int beyond = 0; beyond < 2; beyond++) {
    char rate[40];
    snprintf(rate, sizeof rate, "%.17g", limit * (beyond ? 1.01 : 0.99));
    nadir_result *result =
        minimize(formula, PAIRS("method", "gd", "start", "x=1,y=1", "rate", rate));
    assert_int_equal(result->ended, beyond ? NADIR_DIVERGED : NADIR_DONE);
    nadir_result_free(result);
  }
}

/* Of the mean of (y - a x - b)^2 the Hessian is diag(4, 2): x has mean 0 and mean square 2. */
static void a_program_reads_the_rate_of_a_fit(void **state) {
  (void)state;
  static const double x[] = {-2, -1, 0, 1, 2}, y[] = {-3, -1, 1.5, 3, 4.5};
  nadir_settings *settings = settings_of(PAIRS("scale", "none"));
  nadir_table *table = table_of_two(5, x, y);
  nadir_curvature *found;
  ok(nadir_rate_fit(table, "y ~ a*x + b", settings, NULL, &found, &error));
  assert_int_equal(found->way, NADIR_AT_START);
  near(found->largest.low, 4, 1e-12);
  near(found->smallest.high, 2, 1e-12);
  assert_true(found->largest.high >= 4 && found->smallest.low <= 2);
  near(found->safe, 0.25, 1e-9);
  assert_int_equal(found->recommended, NADIR_RECOMMENDS_GD);
  assert_int_equal(found->size, 2);
  assert_string_equal(found->along[0].name, "a");
  near(found->along[0].second, 4, 1e-12);
  near(found->along[0].best_step, fabs(found->along[0].first) / 4, 1e-12);
  assert_true(found->along[0].stand_in >= fabs(found->along[0].first));
  for (size_t i = 0; i < found->methods; i++) {
    const nadir_needed *needed = &found->needed[i];
    assert_ptr_equal(needed->method, nadir_optimizer_at(i));
    if (needed->method != nadir_optimizer_for(NADIR_METHOD_FEW)) continue;
    assert_int_equal(needed->known, NADIR_SIMULATED);
    assert_int_equal(needed->updates, 1);
  }
  nadir_curvature_free(found);
  nadir_table_free(table);
  nadir_settings_free(settings);
}

/* ---- noise ---- */

/* The iterates that are kept are a fair part of all. */
static void a_cloud_has_its_radius(const nadir_cloud *cloud) {
  double square = 0;
  assert_true(cloud->points > 100);
  for (size_t i = 0; i < 2 * cloud->points; i++) {
    double off = cloud->point[i] - cloud->mean[i % 2];
    square += off * off;
  }
  near(sqrt(square / (double)cloud->points), cloud->radius, 0.2 * cloud->radius);
}

static void a_program_reads_the_noise_of_a_fit(void **state) {
  (void)state;
  static const double x[] = {-2, -1, 0, 1, 2, 3}, y[] = {-3, -1, 1.5, 3, 4.5, 8};
  nadir_settings *settings = settings_of(PAIRS("batch", "2", "rates", "0.01,0.02"));
  nadir_table *table = table_of_two(6, x, y);
  nadir_batch_noise *noise;
  ok(nadir_noise(table, "y ~ linear(x)", settings, NULL, &noise, &error));
  assert_string_equal(noise->formula, "y ~ linear(x)");
  assert_int_equal(noise->batch, 2);
  assert_true(noise->epochs > 1);
  for (size_t i = 0; i < noise->epochs; i++)
    assert_true(noise->uphill[i] >= 0 && noise->uphill[i] <= 1);
  assert_int_equal(noise->drawn.count, 2);
  near(noise->drawn.cloud[1].rate, 0.02, 0);
  assert_true(noise->drawn.cloud[1].radius > noise->drawn.cloud[0].radius);
  assert_true(noise->shuffled.cloud[0].radius < noise->drawn.cloud[0].radius);
  assert_string_equal(noise->parameter[0], "b");
  assert_string_equal(noise->parameter[1], "w[x]");
  for (size_t i = 0; i < 2; i++) {
    a_cloud_has_its_radius(&noise->shuffled.cloud[i]);
    a_cloud_has_its_radius(&noise->drawn.cloud[i]);
  }
  nadir_batch_noise_free(noise);
  ok(nadir_noise(table, "y ~ a*x", settings, NULL, &noise, &error));
  assert_null(noise->parameter[0]);
  assert_int_equal(noise->drawn.cloud[0].points, 0);
  nadir_batch_noise_free(noise);
  assert_int_equal(nadir_noise(table, "y ~ linear(", settings, NULL, &noise, &error),
                   NADIR_BAD_FORMULA);
  assert_null(noise);
  nadir_table_free(table);
  nadir_settings_free(settings);
}

/* ---- many starts ---- */

static void the_starts_add_up(void **state) {
  (void)state;
  nadir_result *result = minimize("x^4 - 2*x^2 + 0.3*x", PAIRS("starts", "40", "box", "x=-2:2"));
  uint64_t reached = result->starts_lost;
  for (size_t i = 0; i < result->minima; i++) {
    const nadir_minimum *end = &result->minimum[i];
    reached += end->reached;
    if (i) assert_true(end->loss >= result->minimum[i - 1].loss);
    double x = end->w[0]; /* 4 x^3 - 4 x + 0.3 = 0 */
    near(4 * x * x * x - 4 * x + 0.3, 0, 1e-4);
  }
  assert_int_equal(reached, 40);
  assert_true(result->minima >= 2);
  assert_true(result->loss == result->minimum[0].loss);
  nadir_result_free(result);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_gap_of_hubbles_law),
      cmocka_unit_test(the_gap_of_an_exact_line),
      cmocka_unit_test(the_gap_of_logistic_regression),
      cmocka_unit_test(the_gap_of_poisson_regression),
      cmocka_unit_test(the_gap_of_a_formula),
      cmocka_unit_test(no_gap_without_convexity),
      cmocka_unit_test(ridge_has_the_modulus_of_its_penalty),
      cmocka_unit_test(the_modulus_of_a_mean_square),
      cmocka_unit_test(every_loss_of_a_linear_model_is_convex),
      cmocka_unit_test(softmax_is_convex),
      cmocka_unit_test(a_neuron_is_never_convex),
      cmocka_unit_test(the_limit_parts_convergence_from_divergence),
      cmocka_unit_test(a_program_reads_the_rate_of_a_fit),
      cmocka_unit_test(a_program_reads_the_noise_of_a_fit),
      cmocka_unit_test(the_starts_add_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
