/* Errors by the bootstrap. Of a constant each refit is a weighted mean, so that the same draws give the same errors and
 * quantiles here, to rounding; the errors of a line are near to its sandwich. */
#include "support.h"

#include "base/dense.h"

enum { ROWS = 30, REFITS = 200 };
static double x[ROWS], y[ROWS], v[ROWS];

static int make_data(void **state) {
  (void)state;
  for (int i = 0; i < ROWS; i++) {
    x[i] = i * 0.1;
    y[i] = 1 + 2 * x[i] + sin(1 + 7.0 * i + 3.1 * i * i);
    v[i] = 1 + i % 4;
  }
  return 0;
}

static nadir_status attempt(const char *formula, const char *const *pairs, nadir_result **result) {
  const test_column columns[] = {{"x", "", x}, {"y", "", y}, {"v", "", v}};
  return fit_columns(columns, 3, ROWS, formula, pairs, result);
}

static nadir_result *fit(const char *formula, const char *const *pairs) {
  nadir_result *result;
  ok(attempt(formula, pairs, &result));
  return result;
}

static double mean_of_draw(uint64_t seed, uint64_t number, int weighted) {
  nd_random random = nd_random_stream(seed, ND_FOR_BOOTSTRAP, number, 0);
  double sum = 0, weight = 0;
  for (int i = 0; i < ROWS; i++) {
    size_t row = (size_t)nd_random_below(&random, ROWS);
    sum += y[row] * (weighted ? v[row] : 1);
    weight += weighted ? v[row] : 1;
  }
  return sum / weight;
}

static void a_constant(void **state) {
  (void)state;
  for (int weighted = 0; weighted < 2; weighted++) {
    nadir_result *result = fit("y ~ a", PAIRS("errors", "bootstrap(200)", "seed", "7", "weight",
                                              weighted ? "v" : "", "intervals", "0.9"));
    const nadir_uncertainty *u = result->uncertainty;
    double means[REFITS], sum = 0, squares = 0;
    for (uint64_t k = 0; k < REFITS; k++)
      sum += means[k] = mean_of_draw(7, k, weighted);
    for (size_t k = 0; k < REFITS; k++)
      squares += (means[k] - sum / REFITS) * (means[k] - sum / REFITS);
    nd_sort(REFITS, means);
    near(result->parameter[0].standard_error, sqrt(squares / (REFITS - 1)), 1e-12);
    near(u->covariance[0], squares / (REFITS - 1), 1e-12);
    near(u->interval[0].low, means[9] + 0.95 * (means[10] - means[9]), 1e-12); /* at 0.05 x 199 */
    near(u->interval[0].high, means[189] + 0.05 * (means[190] - means[189]), 1e-12);
    assert_int_equal(u->by, NADIR_ERRORS_BY_BOOTSTRAP);
    assert_int_equal(u->refits, REFITS);
    assert_int_equal(u->refits_failed, 0);
    assert_false(u->scaled);
    nadir_result_free(result);
  }
}

/* Within the scatter of 1,000 refits of HC0, (X'X)^-1 X' diag(r^2) X (X'X)^-1 (White 1980). */
static void a_line(void **state) {
  (void)state;
  nadir_result *sandwich = fit("y ~ linear(x)", PAIRS("errors", "sandwich"));
  nadir_result *drawn = fit("y ~ linear(x)", PAIRS("errors", "bootstrap(1000)"));
  for (size_t i = 0; i < 2; i++)
    near(drawn->parameter[i].standard_error, sandwich->parameter[i].standard_error,
         0.1 * sandwich->parameter[i].standard_error);
  near(parameter(drawn, "b"), parameter(sandwich, "b"), 1e-12); /* the fit is that of all rows */
  nadir_result_free(sandwich);
  nadir_result_free(drawn);
}

/* Wherever the inverse Hessian gives none; and the fit itself stays what it was. */
static void where_there_are_no_others(void **state) {
  (void)state;
  static const struct {
    const char *formula, *name, *value;
  } fits[] = {{"y ~ linear(x)", "l1", "0.01"},
              {"y ~ linear(x)", "l2", "0.01"},
              {"y ~ linear(x)", "loss", "absolute"},
              {"y ~ linear(x)", "loss", "quantile(0.7)"},
              {"y > 4 ~ linear(v)", "class-weight", "balanced"},
              {"y ~ linear(x)", "loss", "huber(0.5)"},
              {"y ~ linear(x)", "batch", "5"}};
  static const char *const threads[] = {"1", "3"};
  for (size_t k = 0; k < sizeof fits / sizeof *fits; k++) {
    nadir_result *plain = fit(fits[k].formula, PAIRS(fits[k].name, fits[k].value, "epochs", "40"));
    nadir_result *drawn[2];
    for (size_t m = 0; m < 2; m++)
      drawn[m] = fit(fits[k].formula, PAIRS(fits[k].name, fits[k].value, "errors", "bootstrap(40)", "threads",
                                            threads[m], "epochs", "40"));
    for (size_t i = 0; i < plain->size; i++) {
      assert_true(drawn[0]->parameter[i].value == plain->parameter[i].value);
      double error_of = drawn[0]->parameter[i].standard_error;
      if (!(error_of > 0)) fail_msg("%s, %s: no error", fits[k].formula, fits[k].name);
      assert_true(error_of == drawn[1]->parameter[i].standard_error);
    }
    assert_true(drawn[0]->loss == plain->loss && drawn[0]->no_errors == NADIR_ERRORS_GIVEN);
    for (size_t m = 0; m < 2; m++)
      nadir_result_free(drawn[m]);
    nadir_result_free(plain);
  }
}

static void those_that_fail_do_not_count(void **state) {
  (void)state;
  nadir_result *result = fit("y ~ a*exp(b*x)", PAIRS("errors", "bootstrap(5)", "updates", "1", "tol-gradient", "0",
                                                     "start", "a=2.15,b=0.42"));
  const nadir_uncertainty *u = result->uncertainty;
  assert_true(u->by == NADIR_ERRORS_BY_NOTHING && isnan(result->parameter[0].standard_error));
  assert_true(u->refits_failed == u->refits);
  assert_true(result->no_errors == NADIR_ERRORS_REFITS || result->no_errors == NADIR_ERRORS_ELSEWHERE);
  nadir_result_free(result);
  result = NULL;
  error = (nadir_error){0};
  assert_int_not_equal(attempt("y ~ a", PAIRS("errors", "bootstrap(5)", "memory", "0"), &result), NADIR_OK);
  assert_non_null(strstr(error.message, "bootstrap needs the rows in memory"));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_constant), cmocka_unit_test(a_line),
                                     cmocka_unit_test(where_there_are_no_others),
                                     cmocka_unit_test(those_that_fail_do_not_count)};
  return cmocka_run_group_tests_name("bootstrap", tests, make_data, NULL);
}
