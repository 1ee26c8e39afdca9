/* Fits of rows whose errors belong together, against numbers by numpy 1.24 and scipy 1.10: least_squares of residuals
 * multiplied by the Cholesky factor of the inverse covariance, the inverse of J'J, slogdet; by lines their closed form,
 * generalised least squares. */
#include "support.h"

enum { ROWS = 12 };
static const double x[ROWS] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
static const double y[ROWS] = {2.1, 2.9, 4.3, 4.8, 6.2, 6.8, 8.3, 9.1, 9.7, 11.2, 12.1, 12.6};
static const double own[ROWS] = {0.1, 0.2, 0.3, 0.1, 0.2, 0.3, 0.1, 0.2, 0.3, 0.1, 0.2, 0.3};

/* exp(-|i - k|/3)/10 */
static void put_covariance(const char *path, size_t rows, double spoilt) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  for (size_t i = 0; i < rows; i++)
    for (size_t k = 0; k < rows; k++)
      fprintf(file, "%.17g%c",
              exp(-fabs((double)i - (double)k) / 3) / 10 + (i == 2 && k == 5 ? spoilt : 0),
              k + 1 < rows ? ',' : '\n');
  fclose(file);
}

static nadir_status attempt(const char *formula, const char *const *pairs, nadir_result **result) {
  const test_column columns[] = {{"x", "s", x}, {"y", "m", y}, {"own", "m", own}};
  return fit_columns(columns, 3, ROWS, formula, pairs, result);
}

static nadir_result *fit(const char *formula, const char *const *pairs) {
  nadir_result *result;
  ok(attempt(formula, pairs, &result));
  return result;
}

typedef struct truth {
  const char *sigma, *where;
  double a, b, a_error, b_error, ab, chi2, p_value, log_likelihood, aic, bic;
} truth;

static const truth truths[] = {
    {"", "", 2.15347218075514, 0.96507802562195, 0.286346583954619, 0.0392027441126513,
     -0.00845270330279107, 26.3901220817727, 0.00324945002964484, -6.44489871546929,
     16.8897974309386, 17.8596107305146},
    {"own", "", 2.09392197985834, 0.98768737961738, 0.298710811144525, 0.0432614139539281,
     -0.0096863623444713, 8.34706611184415, 0.594975928509014, -1.71964182228384, 7.43928364456767,
     8.40909694414367},
    {"own", "x > 2 && x != 7", 1.94563293385302, 1.00548935602004, 0.457609062437951,
     0.0601441487846141, -0.0241426532222135, 6.81337454377611, 0.338451706196898,
     -1.94462968456734, 7.88925936913467, 8.04814245249435},
};
static const truth bent = {"",
                           "",
                           -68.0191287216338,
                           -0.0154287976324288,
                           81.3821674183585,
                           0.0200917051994017,
                           .chi2 = 25.7659799779573};
static const double bent_by_hessian[2] = {79.1799778409251, 0.0195473910929007};

static void lines(void **state) {
  (void)state;
  put_covariance("c.csv", ROWS, 0);
  for (size_t k = 0; k < sizeof truths / sizeof *truths; k++) {
    const truth *t = &truths[k];
    static const char *const reduce[] = {"mean", "sum"};
    for (size_t m = 0; m < 2; m++) {
      nadir_result *result = fit("y ~ a + b*x", PAIRS("data-covariance", "c.csv", "sigma", t->sigma,
                                                      "where", t->where, "reduce", reduce[m]));
      const nadir_uncertainty *u = result->uncertainty;
      relative(parameter(result, "a"), t->a, 1e-10);
      relative(parameter(result, "b"), t->b, 1e-10);
      relative(result->parameter[0].standard_error, t->a_error, 1e-9);
      relative(result->parameter[1].standard_error, t->b_error, 1e-9);
      relative(u->covariance[1], t->ab, 1e-9);
      relative(result->chi2, t->chi2, 1e-10);
      relative(u->p_value, t->p_value, 1e-9);
      relative(u->log_likelihood, t->log_likelihood, 1e-10);
      relative(u->aic, t->aic, 1e-10);
      relative(u->bic, t->bic, 1e-10);
      assert_int_equal(u->row_errors, NADIR_ROW_ERRORS_COVARIANCE);
      assert_int_equal(result->convex, NADIR_PROVED);
      assert_int_equal(result->kind, NADIR_MINIMUM);
      nadir_result_free(result);
    }
  }
  unlink("c.csv");
}

/* A line is its own Hessian; intervals of the likelihood are its errors. */
static void errors_of_each_kind_agree(void **state) {
  (void)state;
  put_covariance("c.csv", ROWS, 0);
  static const char *const methods[] = {"auto", "newton", "lbfgs", "lm"};
  for (size_t k = 0; k < 4; k++) {
    nadir_result *result =
        fit("y ~ a + b*x", PAIRS("data-covariance", "c.csv", "errors", k % 2 ? "hessian" : "auto",
                                 "method", methods[k], "intervals", "0.6826894921370859"));
    const nadir_uncertainty *u = result->uncertainty;
    relative(result->parameter[1].standard_error, truths[0].b_error, 1e-9);
    near(u->interval[1].high - truths[0].b, truths[0].b_error, 1e-6);
    near(truths[0].b - u->interval[1].low, truths[0].b_error, 1e-6);
    nadir_result_free(result);
  }
  unlink("c.csv");
}

static void a_bent_model(void **state) {
  (void)state;
  put_covariance("c.csv", ROWS, 0);
  for (size_t k = 0; k < 2; k++) {
    nadir_result *result =
        fit("y ~ a*exp(b*x) + c", PAIRS("data-covariance", "c.csv", "start", "a=-60,b=-0.02,c=60",
                                        "errors", k ? "hessian" : "auto"));
    relative(parameter(result, "a"), bent.a, 1e-6);
    relative(parameter(result, "b"), bent.b, 1e-6);
    relative(result->chi2, bent.chi2, 1e-9);
    relative(result->parameter[0].standard_error, k ? bent_by_hessian[0] : bent.a_error, 1e-5);
    relative(result->parameter[1].standard_error, k ? bent_by_hessian[1] : bent.b_error, 1e-5);
    assert_int_equal(result->convex, NADIR_NOT_KNOWN);
    nadir_result_free(result);
  }
  unlink("c.csv");
}

static void refuses(const char *formula, const char *const *pairs, const char *sentence) {
  nadir_result *result;
  error = (nadir_error){0};
  assert_int_not_equal(attempt(formula, pairs, &result), NADIR_OK);
  if (strstr(error.message, sentence) == NULL) fail_msg("%s", error.message);
}

static void what_it_cannot_be_joined_with(void **state) {
  (void)state;
  static const struct {
    const char *formula, *name, *value, *sentence;
  } wrong[] = {{"y ~ linear(x)", "seed", "0", "write the model out, as in y ~ a + b*x"},
               {"y ~ a + b*x", "loss", "huber(1)", "it is for squared loss"},
               {"y ~ a + b*x", "batch", "4", "set batch to all"},
               {"y ~ a + b*x", "l2", "1", "a penalty"},
               {"y ~ a + b*x", "l1", "1", "a penalty"},
               {"y ~ a + b*x", "path", "l2", "a penalty"},
               {"y ~ a + b*x", "folds", "3", "leave folds and validate out"},
               {"y ~ a + b*x", "validate", "0.2", "leave folds and validate out"},
               {"y ~ a + b*x", "weight", "own", "leave weight out"},
               {"y ~ a + b*x", "errors", "sandwich", "set errors to auto or hessian"},
               {"y ~ a + b*x", "errors", "bootstrap(9)", "set errors to auto or hessian"}};
  put_covariance("c.csv", ROWS, 0);
  for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++)
    refuses(wrong[k].formula, PAIRS("data-covariance", "c.csv", wrong[k].name, wrong[k].value),
            wrong[k].sentence);
  refuses("y ~ a + b*x", PAIRS("data-covariance", "absent.csv"), "absent.csv");
  put_covariance("c.csv", ROWS - 1, 0);
  refuses("y ~ a + b*x", PAIRS("data-covariance", "c.csv"),
          "the matrix has 11 rows and the table 12");
  put_covariance("c.csv", ROWS, 0.01);
  refuses("y ~ a + b*x", PAIRS("data-covariance", "c.csv"), "elements 6, 3 and 3, 6 differ");
  FILE *file = fopen("c.csv", "w");
  for (size_t i = 0; i < ROWS * ROWS; i++)
    fputs("1 ", file); /* all errors are one error */
  fclose(file);
  refuses("y ~ a + b*x", PAIRS("data-covariance", "c.csv"),
          "not positive definite: the error of row 2 follows");
  nadir_result_free(fit("y ~ a + b*x", PAIRS("data-covariance", "c.csv", "sigma", "own")));
  file = fopen("c.csv", "w");
  for (size_t i = 0; i < ROWS * ROWS; i++)
    fputs(i == 0 ? "0 " : i % (ROWS + 1) == 0 ? "1 " : "0 ", file);
  fclose(file);
  refuses("y ~ a + b*x", PAIRS("data-covariance", "c.csv"), "the variance of row 1 is not above 0");
  nadir_result_free(fit("y ~ a + b*x", PAIRS("data-covariance", "c.csv", "where", "x > 0")));
  unlink("c.csv");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lines), cmocka_unit_test(errors_of_each_kind_agree),
      cmocka_unit_test(a_bent_model), cmocka_unit_test(what_it_cannot_be_joined_with)};
  return cmocka_run_group_tests_name("covariance", tests, NULL, NULL);
}
