/* Fits with a scatter that sigma does not explain, against scipy 1.10: the minimum of -ln L by Nelder and Mead, polished
 * by Newton's method on differences, whose Hessian gives the errors. */
#include "support.h"

enum { ROWS = 24 };
static double t[ROWS], e[ROWS], y[3][ROWS];

static int make_data(void **state) {
  (void)state;
  for (int i = 0; i < ROWS; i++) {
    t[i] = 0.2 + 0.15 * i;
    e[i] = 0.05 + 0.02 * (i % 3);
    y[0][i] = four_places(1.2 + 0.7 * t[i] + 0.25 * ripple(i, 1));
    y[1][i] = four_places(3 * exp(-0.8 * t[i]) + 0.5 + 0.2 * ripple(i, 3));
    y[2][i] = four_places(1.2 + 0.7 * t[i] + 0.03 * ripple(i, 5));
  }
  return 0;
}

static nadir_status attempt(const char *formula, const char *const *pairs, nadir_result **result) {
  const test_column columns[] = {
      {"t", "", t}, {"e", "", e}, {"y0", "", y[0]}, {"y1", "", y[1]}, {"y2", "", y[2]}};
  return fit_columns(columns, 5, ROWS, formula, pairs, result);
}

typedef struct truth {
  const char *formula, *sigma;
  size_t size;
  double value[4], error[4], chi2, log_likelihood, aic, bic;
} truth;
static const truth truths[] = {
    {"y0 ~ a + b*t", "e", 3, {1.22073578, 0.689086977, 0.153561461},
     {0.07241682, 0.03325376, 0.02683003}, 24.03696694, 8.555358015, -11.11071603, -7.576554539},
    {"y0 ~ linear(t)", "e", 3, {1.22073578, 0.689086977, 0.153561461},
     {0.07241682, 0.03325376, 0.02683003}, 24.03696694, 8.555358015, -11.11071603, -7.576554539},
    {"y1 ~ a*exp(-b*t) + c", "e", 4, {3.16882032, 0.810394484, 0.422443328, 0.133174447},
     {0.1327131, 0.1053473, 0.1188174, 0.02389159}, 23.38742201, 11.6300329, -15.26006581, -10.54785049},
    {"y0 ~ a + b*t", "", 3, {1.22771565, 0.684288406, 0.169733359},
     {0.07298124, 0.03336776, 0.0244989}, 24, 8.51011237, -11.02022474, -7.486063248}};

static void agree_with_scipy(void **state) {
  (void)state;
  static const char *const reduce[] = {"mean", "sum"};
  for (size_t k = 0; k < 2 * sizeof truths / sizeof *truths; k++) {
    const truth *it = &truths[k / 2];
    nadir_result *result;
    ok(attempt(it->formula, PAIRS("sigma", it->sigma, "scatter", "s", "reduce", reduce[k % 2]), &result));
    assert_int_equal(result->kind, NADIR_MINIMUM);
    assert_int_equal(result->size, it->size);
    assert_string_equal(result->parameter[it->size - 1].name, "s");
    for (size_t i = 0; i < it->size; i++) {
      relative(result->parameter[i].value, it->value[i], 1e-6);
      relative(result->parameter[i].standard_error, it->error[i], 1e-6);
    }
    relative(result->chi2, it->chi2, 1e-6);
    relative(result->uncertainty->log_likelihood, it->log_likelihood, 1e-8);
    relative(result->uncertainty->aic, it->aic, 1e-8);
    relative(result->uncertainty->bic, it->bic, 1e-8);
    assert_int_equal(result->uncertainty->by, NADIR_ERRORS_BY_HESSIAN);
    assert_true(isnan(result->uncertainty->p_value)); /* the scatter makes chi2 what it is */
    assert_int_equal(result->convex, NADIR_NOT_KNOWN);
    nadir_result_free(result);
  }
}

/* Where sigma explains all it is 0, and the rest is the fit without it. */
static void none_is_left(void **state) {
  (void)state;
  nadir_result *with, *without;
  ok(attempt("y2 ~ a + b*t", PAIRS("sigma", "e", "scatter", "s"), &with));
  ok(attempt("y2 ~ a + b*t", PAIRS("sigma", "e"), &without));
  assert_true(with->parameter[2].value == 0 && isnan(with->parameter[2].standard_error));
  assert_true(with->parameter[2].at_bound);
  for (size_t i = 0; i < 2; i++) {
    relative(with->parameter[i].value, without->parameter[i].value, 1e-9);
    relative(with->parameter[i].standard_error, without->parameter[i].standard_error, 1e-8);
  }
  relative(with->chi2, without->chi2, 1e-9);
  relative(with->uncertainty->aic, without->uncertainty->aic, 1e-9);
  nadir_result_free(with);
  nadir_result_free(without);
}

static void starts_and_bounds(void **state) {
  (void)state;
  static const char *const starts[] = {"a=1,b=1", "a=1,b=1,s=3", "s=0.01"};
  for (size_t k = 0; k < 3; k++) {
    nadir_result *result;
    ok(attempt("y0 ~ a + b*t", PAIRS("sigma", "e", "scatter", "s", "start", starts[k]), &result));
    relative(parameter(result, "s"), 0.153561461, 1e-6);
    nadir_result_free(result);
    ok(attempt("y0 ~ a + b*t",
               PAIRS("sigma", "e", "scatter", "s", "start", "a=1,b=1,s=0.5", "bounds", "s=0.3:1"), &result));
    assert_true(parameter(result, "s") == 0.3);
    nadir_result_free(result);
  }
}

/* The peaks of a periodogram are descended from with a scatter too, and have no chi2 then: the loss is not one. */
static void a_period(void **state) {
  (void)state;
  static double at[ROWS], wave[ROWS]; /* at even times it would be one of several aliases */
  for (int i = 0; i < ROWS; i++) {
    at[i] = four_places(t[i] + 0.07 * ripple(i, 9));
    wave[i] = four_places(2 * sin(6.1 * at[i] + 1) + 0.3 * ripple(i, 2));
  }
  const test_column columns[] = {{"t", "", at}, {"e", "", e}, {"v", "", wave}};
  nadir_table *table = table_of(columns, 3, ROWS);
  nadir_settings *settings = settings_of(PAIRS("sigma", "e", "scatter", "s"));
  nadir_result *result;
  ok(nadir_fit(table, "v ~ a*sin(w*t + p)", settings, NULL, &result, &error));
  near(fabs(parameter(result, "w")), 6.1, 0.1);
  assert_true(parameter(result, "s") > 0.1 && parameter(result, "s") < 0.3);
  for (size_t i = 0; i < result->peaks; i++)
    assert_true(isnan(result->peak[i].chi2));
  nadir_result_free(result);
  nadir_settings_free(settings);
  nadir_table_free(table);
}

static void what_is_refused(void **state) {
  (void)state;
  static const struct {
    const char *scatter, *name, *value, *sentence;
  } wrong[] = {{"s", "loss", "absolute", "it is for squared loss"},
               {"s", "loss", "(y - f)^4", "it is for squared loss"},
               {"s", "weight", "e", "not with weight"},
               {"s", "data-covariance", "c.csv", "not with data-covariance"},
               {"s", "sigma-x", "t=1", "not with sigma-x"},
               {"t", "seed", "0", "has a t already"},
               {"b", "seed", "0", "has a b already"},
               {"s^2", "seed", "0", "is not a name"},
               {"s +", "seed", "0", "scatter"}};
  for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
    nadir_result *result;
    error = (nadir_error){0};
    assert_int_not_equal(
        attempt("y0 ~ a + b*t", PAIRS("scatter", wrong[k].scatter, wrong[k].name, wrong[k].value), &result),
        NADIR_OK);
    if (strstr(error.message, wrong[k].sentence) == NULL) fail_msg("%s", error.message);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(agree_with_scipy), cmocka_unit_test(none_is_left),
                                     cmocka_unit_test(starts_and_bounds), cmocka_unit_test(a_period),
                                     cmocka_unit_test(what_is_refused)};
  return cmocka_run_group_tests_name("scatter", tests, make_data, NULL);
}
