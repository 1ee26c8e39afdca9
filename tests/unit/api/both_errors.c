/* Fits by orthogonal distances against scipy.odr 1.10 (ODRPACK): values, sqrt(diag(cov_beta)), which is not scaled by the
 * scatter, and sum_square. Errors by the Hessian are those of differences of the gradient of the profile (numpy). */
#include "support.h"

enum { ROWS = 24, SETS = 5 };
typedef struct truth {
  const char *formula, *sigma_x, *sigma, *start;
  size_t size;
  double value[4], error[4], by_hessian[4], chi2;
} truth;
/* The values are polished by Newton's method, which moved them by less than 1e-8. */
static const truth truths[] = {
    {"y0 ~ a*exp(-b*x) + c",
     "x=0.05 + 0.01*g",
     "0.06",
     "a=3,b=0.8,c=0.5",
     3,
     {3.08350928, 0.82429179, 0.490017641},
     {0.0980421098, 0.0624398237, 0.0560999578},
     {0.098155077, 0.06186624, 0.0555743053},
     12.4148938},
    {"y1 ~ a*exp(-(x - b)^2/(2*c^2))",
     "x=0.05 + 0.01*g",
     "0.1",
     "a=2,b=1.8,c=0.7",
     3,
     {1.99846875, 1.7748028, 0.703188001},
     {0.0479111329, 0.0226834238, 0.0209524258},
     {0.0478495048, 0.0227497537, 0.0207848201},
     13.6293252},
    {"y2 ~ a*x^b",
     "x=0.05 + 0.01*g",
     "0.1",
     "a=2.5,b=1.3",
     2,
     {2.48118282, 1.30472558},
     {0.0622696235, 0.0242322937},
     {0.0622581125, 0.0242233868},
     5.54475959},
    {"y3 ~ a*x*z + b*sin(z)",
     "x=0.05 + 0.01*g,z=0.1",
     "0.1",
     "a=1.5,b=2",
     2,
     {1.51541694, 1.92046963},
     {0.0531946681, 0.109436414},
     {0.0532207532, 0.109665339},
     9.68733693},
    {"y4 ~ a*sin(b*x + c) + d*x",
     "x=0.05 + 0.01*g",
     "0.08",
     "a=1.3,b=1.1,c=0.4,d=0.2",
     4,
     {1.31781176, 1.08697327, 0.403448606, 0.193034586},
     {0.0271674699, 0.0435141823, 0.0640056504, 0.0253101091},
     {0.0272141092, 0.0437667287, 0.0638753242, 0.0255354659},
     12.3079149},
};
static double x[ROWS], z[ROWS], g[ROWS], y[SETS][ROWS];

static int make_data(void **state) {
  (void)state;
  for (int i = 0; i < ROWS; i++) {
    double t = 0.2 + 0.15 * i, q = 1 + 0.1 * (i % 7);
    g[i] = i % 3;
    x[i] = four_places(t + 0.05 * ripple(i, 1));
    z[i] = four_places(q + 0.1 * ripple(i, 2));
    y[0][i] = four_places(3 * exp(-0.8 * t) + 0.5 + 0.06 * ripple(i, 3));
    y[1][i] = four_places(2 * exp(-(t - 1.8) * (t - 1.8) / (2 * 0.7 * 0.7)) + 0.1 * ripple(i, 4));
    y[2][i] = four_places(2.5 * pow(t, 1.3) + 0.1 * ripple(i, 5));
    y[3][i] = four_places(1.5 * t * q + 2 * sin(q) + 0.1 * ripple(i, 6));
    y[4][i] = four_places(1.3 * sin(1.1 * t + 0.4) + 0.2 * t + 0.08 * ripple(i, 7));
  }
  return 0;
}

static nadir_status attempt(const char *formula, const char *const *pairs, nadir_result **result) {
  const test_column columns[] = {{"x", "", x},     {"z", "", z},     {"g", "", g},
                                 {"y0", "", y[0]}, {"y1", "", y[1]}, {"y2", "", y[2]},
                                 {"y3", "", y[3]}, {"y4", "", y[4]}};
  return fit_columns(columns, 8, ROWS, formula, pairs, result);
}

static void check(const nadir_result *result, const truth *t, const double *errors) {
  assert_int_equal(result->size, t->size);
  if (result->kind != NADIR_MINIMUM) fail_msg("%s: %s", t->formula, said(result, NADIR_ON_POINT));
  assert_int_equal(result->convex, NADIR_NOT_KNOWN);
  near(result->chi2, t->chi2, 1e-7 * t->chi2);
  assert_int_equal(result->uncertainty->row_errors, NADIR_ROW_ERRORS_BOTH);
  const nadir_uncertainty *u = result->uncertainty;
  assert_true(u->p_value > 0);
  near(u->aic, 2 * (double)t->size - 2 * u->log_likelihood, 1e-9);
  near(u->bic, log(ROWS) * (double)t->size - 2 * u->log_likelihood, 1e-9);
  for (size_t i = 0; i < t->size; i++) { /* in the order that the formula has them */
    near(result->parameter[i].value, t->value[i], 1e-3 * t->error[i]);
    near(result->parameter[i].standard_error, errors[i], 2e-4 * errors[i]);
  }
}

static void agree_with_odrpack(void **state) {
  (void)state;
  static const char *const methods[] = {"auto", "newton", "lbfgs"};
  for (size_t k = 0; k < SETS; k++)
    for (size_t m = 0; m < 3; m++) {
      const truth *t = &truths[k];
      nadir_result *result;
      ok(attempt(t->formula,
                 PAIRS("sigma-x", t->sigma_x, "sigma", t->sigma, "start", m ? t->start : "",
                       "method", methods[m], "errors", m == 1 ? "hessian" : "auto"),
                 &result));
      if (m > 0 || k != 4) /* a sine may have its other sign */
        check(result, t, m == 1 ? t->by_hessian : t->error);
      nadir_result_free(result);
    }
}

/* K. Pearson's line with D. York's weights: slope -0.48053341, intercept 5.47991022 (York 1966, Reed 1989). */
static void a_line_of_york(void **state) {
  (void)state;
  enum { POINTS = 10 };
  static const double at[POINTS] = {0, 0.9, 1.8, 2.6, 3.3, 4.4, 5.2, 6.1, 6.5, 7.4};
  static const double to[POINTS] = {5.9, 5.4, 4.4, 4.6, 3.5, 3.7, 2.8, 2.8, 2.4, 1.5};
  static const double wx[POINTS] = {1000, 1000, 500, 800, 200, 80, 60, 20, 1.8, 1};
  static const double wy[POINTS] = {1, 1.8, 4, 8, 20, 20, 70, 70, 100, 500};
  const test_column columns[] = {{"x", "", at}, {"y", "", to}, {"wx", "", wx}, {"wy", "", wy}};
  nadir_table *table = table_of(columns, 4, POINTS);
  nadir_settings *settings = settings_of(
      PAIRS("sigma", "wy^-0.5", "sigma-x", "x=wx^-0.5", "intervals", "0.6826894921370859"));
  nadir_result *result;
  ok(nadir_fit(table, "y ~ a + b*x", settings, NULL, &result, &error));
  near(parameter(result, "a"), 5.47991022, 1e-6);
  near(parameter(result, "b"), -0.48053341, 1e-7);
  near(result->chi2, 11.8663531941, 1e-8);
  near(result->uncertainty->aic, -20.8107992470, 1e-8); /* that, ln(2 pi) of all 20 errors, and 4 */
  near(result->parameter[0].standard_error, 0.29497076, 1e-6); /* scipy.odr's cov_beta */
  near(result->parameter[1].standard_error, 0.05798501, 1e-6);
  /* where chi2 has risen by 1: scipy's brentq over minimize_scalar of the closed form */
  near(result->uncertainty->interval[1].low, -0.54023593, 1e-5);
  near(result->uncertainty->interval[1].high, -0.42516594, 1e-5);
  nadir_result_free(result);
  nadir_settings_free(settings);
  nadir_table_free(table);
}

static void without_errors_of_columns_it_is_least_squares(void **state) {
  (void)state;
  nadir_result *both, *one;
  ok(attempt("y2 ~ a*x^b", PAIRS("sigma-x", "x=0", "sigma", "0.1"), &both));
  ok(attempt("y2 ~ a*x^b", PAIRS("sigma", "0.1"), &one));
  near(both->chi2, one->chi2, 1e-10);
  near(both->uncertainty->aic, one->uncertainty->aic, 1e-8); /* a cell without an error has no law */
  for (size_t i = 0; i < 2; i++) {
    near(both->parameter[i].value, one->parameter[i].value, 1e-8);
    near(both->parameter[i].standard_error, one->parameter[i].standard_error, 1e-8);
  }
  nadir_result_free(both);
  nadir_result_free(one);
}

static void refuses(const char *formula, const char *const *pairs, const char *sentence) {
  nadir_result *result;
  error = (nadir_error){0};
  assert_int_not_equal(attempt(formula, pairs, &result), NADIR_OK);
  if (strstr(error.message, sentence) == NULL) fail_msg("%s", error.message);
}

static void what_is_refused(void **state) {
  (void)state;
  static const struct {
    const char *formula, *sigma_x, *sigma, *sentence;
  } wrong[] = {{"y0 ~ a + b*x", "x=0.1", "", "sigma is not given"},
               {"y0 ~ a + b*x", "z=0.1", "1", "the model has no column z"},
               {"y0 ~ a + b*x", "b=0.1", "1", "sigma-x"},
               {"y0 ~ a + b*x", "x=0.1,x=0.2", "1", "x is given twice"},
               {"y0 ~ a + b*x", "x=nowhere", "1", "nowhere"},
               {"y0 ~ a + b*x", "x=0.1 - g", "1", "sigma-x is negative or not finite here"},
               {"y0 ~ a + b*abs(x - 1)", "x=0.1", "1", "kinks or jumps"},
               {"y0 ~ abs(a)*x", "x=0.1", "1", "kinks or jumps"},
               {"y0 ~ linear(x)", "x=0.1", "1", "write the model out"}};
  for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++)
    refuses(wrong[k].formula, PAIRS("sigma-x", wrong[k].sigma_x, "sigma", wrong[k].sigma),
            wrong[k].sentence);
  refuses("y0 ~ a + b*x", PAIRS("sigma-x", "x=0.1", "sigma", "1", "data-covariance", "c.csv"),
          "leave one of the two out");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(agree_with_odrpack), cmocka_unit_test(a_line_of_york),
      cmocka_unit_test(without_errors_of_columns_it_is_least_squares),
      cmocka_unit_test(what_is_refused)};
  return cmocka_run_group_tests_name("both_errors", tests, make_data, NULL);
}
