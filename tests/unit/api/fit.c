/* Fits through nadir.h against closed forms: Hubble's law by every rule, scaling that makes units
 * vanish, losses, weights, classes, stochastic descent, ends and their exit statuses. */
#include <stdbool.h>

#include "support.h"

/* Normal equations on the 24 nebulae of E. Hubble 1929, PNAS 15, 168. */
static const double slope = 454.15844092262836, intercept = -40.78364909585886,
                    slope_alone = 423.9373232316303;

static void hubbles_law_by_every_rule(void **state) {
  (void)state;
  const nadir_optimizer *rule;
  for (size_t i = 0; (rule = nadir_optimizer_at(i)); i++) {
    nadir_result *result =
        fit_file(HUBBLE, "velocity ~ linear(distance)", PAIRS("method", rule->name));
    if (result->exit_status != 0) fail_msg("%s: %s", rule->name, said(result, NADIR_ON_STOP));
    near(parameter(result, "w[distance]"), slope, 5e-3); /* to all printed digits: 454.16 */
    near(parameter(result, "b"), intercept, 5e-3);
    assert_int_equal(result->kind, NADIR_MINIMUM);
    nadir_result_free(result);
    result = fit_file(HUBBLE, "velocity ~ linear(distance)",
                      PAIRS("method", rule->name, "no-intercept", "true"));
    near(parameter(result, "w[distance]"), slope_alone, 5e-3);
    nadir_result_free(result);
  }
}

static void each_reason_has_its_rule(void **state) {
  (void)state;
  assert_null(nadir_optimizer_for(NADIR_METHOD_GIVEN));
  assert_ptr_equal(nadir_optimizer_for(NADIR_METHOD_VERTEX), nadir_optimizer_for(NADIR_METHOD_FEW));
  assert_true(nadir_optimizer_for(NADIR_METHOD_SQUARES)->traits & NADIR_SQUARES);
  assert_true(nadir_optimizer_for(NADIR_METHOD_MANY)->traits & NADIR_FINISHES);
  nadir_result *result =
      fit_file(HUBBLE, "velocity ~ linear(distance)", PAIRS("rate", "0.1", "updates", "1"));
  assert_int_equal(result->plan.method_why, NADIR_METHOD_DESCENT);
  assert_ptr_equal(result->plan.method, nadir_optimizer_for(NADIR_METHOD_DESCENT));
  nadir_result_free(result);
  assert_null(nadir_no_gap_name(NADIR_GAP_FOUND));
  for (nadir_no_gap why = NADIR_GAP_FOUND + 1; why <= NADIR_LAST_NO_GAP; why++)
    assert_non_null(nadir_no_gap_name(why));
}

/* A loss that is one name is an expression as the same name in brackets is. */
static void a_loss_may_be_f_alone(void **state) {
  (void)state;
  const char *const formulas[] = {"f", "(f)"};
  for (size_t i = 0; i < 2; i++) {
    nadir_result *result =
        fit_file(HUBBLE, "velocity ~ linear(distance)", PAIRS("loss", formulas[i], "updates", "1"));
    assert_string_equal(result->loss_name, "expression");
    nadir_result_free(result);
  }
}

/* A formula that is affine in its parameters goes to the same vertex as `linear`, in any units. */
static void affine_formulas_go_to_the_vertex(void **state) {
  (void)state;
  static const char *const losses[] = {"absolute", "quantile(0.2)"};
  static const char *const formulas[] = {"velocity ~ b + w*distance",
                                         "velocity ~ (b + w*distance)*1e12 - 3 + 3",
                                         "velocity ~ b + w*(distance*1000 + 2450000)"};
  for (size_t l = 0; l < 2; l++) {
    nadir_result *head = fit_file(HUBBLE, "velocity ~ linear(distance)", PAIRS("loss", losses[l]));
    for (size_t f = 0; f < 3; f++) {
      nadir_result *typed = fit_file(HUBBLE, formulas[f], PAIRS("loss", losses[l]));
      near(typed->loss / head->loss, 1, 1e-12);
      assert_string_equal(typed->plan.method->name, "newton");
      assert_int_equal(typed->kind, NADIR_MINIMUM);
      if (f == 0) near(parameter(typed, "w") / parameter(head, "w[distance]"), 1, 1e-12);
      nadir_result_free(typed);
    }
    nadir_result_free(head);
  }
}

/* s^2 (X'X)^-1 in closed form: 232.91^2 = RSS/22, variances by the textbook's formulas for a line.
 */
static void standard_errors_are_the_textbooks(void **state) {
  (void)state;
  nadir_result *result = fit_file(HUBBLE, "velocity ~ linear(distance)", PAIRS("method", "gd"));
  near(result->residual_sigma, 232.91067018300653, 1e-9);
  near(result->parameter[0].standard_error, 83.43886993606563, 1e-9);
  near(result->parameter[1].standard_error, 75.23710534716909, 1e-9);
  assert_int_equal(result->degrees_of_freedom, 22);
  near(result->condition_scaled, 1, 1e-12);
  near(result->stable_rate, 1, 1e-12); /* 2/M, M = 2 for one standardised feature */
  nadir_result_free(result);
}

static void missing_errors_have_a_reason(void **state) {
  (void)state;
  static const struct {
    const char *formula, *pairs[5];
    nadir_no_errors none;
  } fits[] = {{"velocity ~ linear(distance)", {NULL}, NADIR_ERRORS_GIVEN},
              {"velocity ~ linear(distance)", {"l2", "1"}, NADIR_ERRORS_PENALTY},
              {"velocity ~ linear(distance)", {"loss", "absolute"}, NADIR_ERRORS_KINKS},
              {"velocity ~ linear(distance)", {"loss", "quantile(0.2)"}, NADIR_ERRORS_KINKS},
              {"velocity > 0 ~ linear(distance)", {"loss", "hinge", "l2", "1"}, NADIR_ERRORS_KINKS},
              {"velocity ~ linear(distance)", {"loss", "huber(100)"}, NADIR_ERRORS_GIVEN},
              {"velocity ~ linear(distance)", {"loss", "(y-f)^4"}, NADIR_ERRORS_GIVEN},
              {"velocity > 250 ~ linear(distance)", {NULL}, NADIR_ERRORS_GIVEN},
              {"velocity > 250 ~ linear(distance)", {"loss", "squared-hinge"}, NADIR_ERRORS_KINKS},
              {"velocity ~ linear(distance)", {"loss", "huber(100)", "errors", "hessian"},
               NADIR_ERRORS_NO_LIKELIHOOD},
              {"velocity ~ linear(distance)", {"errors", "none"}, NADIR_ERRORS_NOT_ASKED},
              {"velocity ~ linear(distance)", {"where", "distance < 0.04"}, NADIR_ERRORS_FREEDOM},
              {"velocity ~ linear(distance)",
               {"method", "gd", "rate", "1e-3", "updates"},
               NADIR_ERRORS_ELSEWHERE}};
  for (size_t i = 0; i < sizeof fits / sizeof fits[0]; i++) {
    const char *const *p = fits[i].pairs;
    nadir_result *result =
        fit_file(HUBBLE, fits[i].formula, PAIRS(p[0], p[1], p[2], p[3], p[4], p[4] ? "1" : NULL));
    if (result->no_errors != fits[i].none)
      fail_msg("%zu: %s", i, said(result, NADIR_ON_ERRORS));
    assert_true((result->no_errors == NADIR_ERRORS_GIVEN) == (*said(result, NADIR_ON_ERRORS) == '\0'));
    for (size_t k = 0; k < result->size; k++)
      assert_true(isnan(result->parameter[k].standard_error) == (result->no_errors != NADIR_ERRORS_GIVEN));
    bool kinks = result->no_errors == NADIR_ERRORS_KINKS;
    assert_true(!kinks || (isnan(result->condition_raw) && isnan(result->condition_scaled)));
    nadir_result_free(result);
  }
}

/* The same updates whatever the target's unit: the trace differs only by the unit. */
static void units_change_nothing(void **state) {
  (void)state;
  double x[24], km[24], m[24];
  nadir_settings *settings =
      settings_of(PAIRS("method", "momentum", "rate", "0.05", "updates", "40"));
  for (int i = 0; i < 24; i++) {
    x[i] = 0.1 * i;
    km[i] = 450 * x[i] + 100 * sin(i);
    m[i] = 1024 * km[i]; /* a power of two, so that rounding is the same too */
  }
  nadir_result *result[2];
  const double *velocity[2] = {km, m};
  for (int k = 0; k < 2; k++) {
    test_column arrays[2] = {{"x", "Mpc", x}, {"v", "km/s", velocity[k]}};
    nadir_table *table;
    table = table_of(arrays, 2, 24);
    ok(nadir_fit(table, "v ~ linear(x)", settings, NULL, &result[k], &error));
    nadir_table_free(table);
  }
  assert_int_equal(result[0]->updates, result[1]->updates);
  for (size_t i = 0; i < 2; i++) {
    assert_true(result[0]->parameter[i].scaled == result[1]->parameter[i].scaled);
    assert_true(1024 * result[0]->parameter[i].value == result[1]->parameter[i].value);
  }
  assert_true(1024. * 1024. * result[0]->loss == result[1]->loss);
  assert_true(result[0]->gradient_norm == result[1]->gradient_norm);
  assert_string_equal(result[0]->parameter[1].unit, "km/s/Mpc");
  nadir_result_free(result[0]);
  nadir_result_free(result[1]);
  nadir_settings_free(settings);
}

static void threads_and_memory_change_no_bit(void **state) {
  (void)state;
  enum { ROWS = 30000 };
  double *x = malloc(ROWS * sizeof *x), *y = malloc(ROWS * sizeof *y);
  for (int i = 0; i < ROWS; i++) {
    x[i] = sin(i * 0.7) * 10 + i % 7;
    y[i] = 3 * x[i] - 2 + cos(i * 1.3);
  }
  static const char *const ways[][2] = {{"1", "auto"}, {"2", "auto"}, {"7", "auto"}, {"3", "0K"}};
  double first[3] = {0};
  for (size_t k = 0; k < 4; k++) {
    nadir_settings *settings = settings_of(PAIRS("threads", ways[k][0], "memory", ways[k][1],
                                                 "method", "adam", "rate", "0.1", "updates", "30"));
    test_column arrays[2] = {{"x", NULL, x}, {"y", NULL, y}};
    nadir_table *table;
    nadir_result *result;
    table = table_of(arrays, 2, ROWS);
    ok(nadir_fit(table, "y ~ linear(x)", settings, NULL, &result, &error));
    double now[3] = {result->parameter[0].value, result->parameter[1].value, result->loss};
    if (k == 0)
      memcpy(first, now, sizeof now);
    else
      assert_memory_equal(first, now, sizeof now);
    nadir_result_free(result);
    nadir_table_free(table);
    nadir_settings_free(settings);
  }
  free(x);
  free(y);
}

/* Stochastic descent sees one row an update; averaged over the tail it is near the least squares.
 */
static void stochastic_descent_averages_to_the_same(void **state) {
  (void)state;
  nadir_result *result = fit_file(HUBBLE, "velocity ~ linear(distance)",
                                  PAIRS("batch", "1", "epochs", "400", "average", "0.5"));
  assert_int_equal(result->exit_status, 0);
  assert_int_equal(result->updates, 400 * 24);
  assert_int_equal(result->rows_seen, 400 * 24);
  near(parameter(result, "w[distance]"), slope, 2); /* a fortieth of the standard error */
  near(parameter(result, "b"), intercept, 2);
  nadir_result_free(result);
}

static void a_typed_limit_is_no_failure(void **state) {
  (void)state;
  nadir_result *result =
      fit_file(HUBBLE, "velocity ~ linear(distance)", PAIRS("updates", "5", "rate", "0.01"));
  assert_int_equal(result->exit_status, 0);
  assert_int_equal(result->ended, NADIR_LIMIT);
  assert_int_equal(result->updates, 5);
  nadir_result_free(result);
}

static void divergence_is_named_with_the_stable_rate(void **state) {
  (void)state;
  nadir_result *result = fit_file(HUBBLE, "velocity ~ linear(distance)", PAIRS("rate", "1.1"));
  assert_int_equal(result->exit_status, 1);
  assert_int_equal(result->ended, NADIR_DIVERGED);
  assert_non_null(strstr(said(result, NADIR_ON_STOP), "at update"));
  assert_non_null(strstr(said(result, NADIR_ON_STOP), "stable rate near the minimum is about 1"));
  for (size_t i = 0; i < result->size; i++)
    assert_true(isfinite(result->parameter[i].value));
  nadir_result_free(result);
}

/* For two groups logistic regression on a truth column has the closed form log(p/(1-p)) in each. */
static void logistic_in_closed_form(void **state) {
  (void)state;
  double x[10] = {0, 0, 0, 0, 1, 1, 1, 1, 1, 1}, y[10] = {0, 0, 0, 1, 1, 1, 1, 1, 0, 1};
  test_column arrays[2] = {{"x", NULL, x}, {"y", NULL, y}};
  nadir_settings *settings = settings_of(NULL);
  nadir_table *table;
  nadir_result *result;
  table = table_of(arrays, 2, 10);
  ok(nadir_fit(table, "y == 1 ~ linear(x)", settings, NULL, &result, &error));
  near(parameter(result, "b"), log(1. / 3), 1e-6);
  near(parameter(result, "w[x]"), log(5) - log(1. / 3), 1e-6);
  assert_string_equal(result->loss_name, "logistic");
  nadir_result_free(result);
  nadir_table_free(table);
  nadir_settings_free(settings);
}

/* Weights are repetitions; --sigma is the weight 1/sigma^2. */
static void weights_are_repetitions(void **state) {
  (void)state;
  double x[4] = {0, 1, 2, 3}, y[4] = {1, 0, 2, 5}, w[4] = {1, 2, 1, 3}, s[4];
  double x_again[7] = {0, 1, 1, 2, 3, 3, 3}, y_again[7] = {1, 0, 0, 2, 5, 5, 5};
  for (int i = 0; i < 4; i++)
    s[i] = 1 / sqrt(w[i]);
  test_column weighted[4] = {{"x", NULL, x}, {"y", NULL, y}, {"w", NULL, w}, {"s", NULL, s}};
  test_column repeated[2] = {{"x", NULL, x_again}, {"y", NULL, y_again}};
  struct {
    const test_column *arrays;
    size_t columns, rows;
    const char *const *pairs;
  } ways[] = {{repeated, 2, 7, NULL},
              {weighted, 4, 4, PAIRS("weight", "w")},
              {weighted, 4, 4, PAIRS("sigma", "s")}};
  double slopes[3];
  for (int k = 0; k < 3; k++) {
    nadir_settings *settings = settings_of(ways[k].pairs);
    nadir_table *table;
    nadir_result *result;
    table = table_of(ways[k].arrays, ways[k].columns, ways[k].rows);
    ok(nadir_fit(table, "y ~ linear(x)", settings, NULL, &result, &error));
    slopes[k] = parameter(result, "w[x]");
    nadir_result_free(result);
    nadir_table_free(table);
    nadir_settings_free(settings);
  }
  near(slopes[1], slopes[0], 1e-9);
  near(slopes[2], slopes[0], 1e-9);
}

static double bowl(void *context, const double *w, double *gradient) {
  ++*(int *)context;
  if (gradient) {
    gradient[0] = 2 * (w[0] - 3);
    gradient[1] = 8 * (w[1] + 1);
  }
  return (w[0] - 3) * (w[0] - 3) + 4 * (w[1] + 1) * (w[1] + 1);
}

static void callbacks_are_minimised(void **state) {
  (void)state;
  int calls = 0;
  nadir_function function = {.bytes = sizeof(nadir_function), .size = 2, .context = &calls, .value = bowl};
  nadir_settings *settings = settings_of(NULL);
  nadir_result *result;
  ok(nadir_minimize_function(&function, settings, NULL, &result, &error));
  near(result->parameter[0].value, 3, 1e-6);
  near(result->parameter[1].value, -1, 1e-6);
  assert_string_equal(result->parameter[0].name, "w1");
  assert_int_equal(result->kind, NADIR_MINIMUM);
  assert_true(calls > 2);
  nadir_result_free(result);
  nadir_settings_free(settings);
}

/* A rule of the caller's own: gd with half the rate. */
static void half_step(const nadir_step *now, double *step, double *effective) {
  for (size_t i = 0; i < now->size; i++) {
    effective[i] = now->rate[i] * now->values[0];
    step[i] = effective[i] * now->gradient[i];
  }
}

static void an_own_rule_is_found_by_name(void **state) {
  (void)state;
  static const nadir_rule_setting own[] = {{"part", 0.5, 0, 1, "of the rate"}};
  static const nadir_optimizer rule = {.bytes = sizeof(nadir_optimizer), .name = "half",
                                       .summary = "half the rate",
                                       .source = "a test",
                                       .settings = own,
                                       .setting_count = 1,
                                       .step = half_step,
                                       .rate = 0.1,
                                       .schedule = "constant"};
  nadir_settings *settings = settings_of(NULL);
  ok(nadir_settings_add_optimizer(settings, &rule, &error));
  assert_int_equal(nadir_settings_add_optimizer(settings, &rule, &error), NADIR_BAD_SETTING);
  ok(nadir_settings_set(settings, "method", "half", &error));
  ok(nadir_settings_set(settings, "half.part", "0.25", &error));
  ok(nadir_settings_set(settings, "rate", "0.4", &error));
  ok(nadir_settings_set(settings, "updates", "1", &error));
  ok(nadir_settings_set(settings, "start", "x=1", &error));
  nadir_expr *expr;
  nadir_result *result;
  ok(nadir_expr_new(&expr, "x^2", &error));
  ok(nadir_minimize(expr, settings, NULL, &result, &error));
  near(result->parameter[0].value, 1 - 0.4 * 0.25 * 2, 1e-15);
  nadir_result_free(result);
  nadir_expr_free(expr);
  nadir_settings_free(settings);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(affine_formulas_go_to_the_vertex),
                                     cmocka_unit_test(hubbles_law_by_every_rule),
                                     cmocka_unit_test(each_reason_has_its_rule),
                                     cmocka_unit_test(a_loss_may_be_f_alone),
                                     cmocka_unit_test(standard_errors_are_the_textbooks),
                                     cmocka_unit_test(missing_errors_have_a_reason),
                                     cmocka_unit_test(units_change_nothing),
                                     cmocka_unit_test(threads_and_memory_change_no_bit),
                                     cmocka_unit_test(stochastic_descent_averages_to_the_same),
                                     cmocka_unit_test(a_typed_limit_is_no_failure),
                                     cmocka_unit_test(divergence_is_named_with_the_stable_rate),
                                     cmocka_unit_test(logistic_in_closed_form),
                                     cmocka_unit_test(weights_are_repetitions),
                                     cmocka_unit_test(callbacks_are_minimised),
                                     cmocka_unit_test(an_own_rule_is_found_by_name)};
  return cmocka_run_group_tests_name("fit", tests, NULL, NULL);
}
