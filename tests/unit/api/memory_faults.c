/* Every allocation of the small calls that a program makes around its runs fails in turn, once and for good: tables of
 * arrays and their columns, settings from numbers, Hessians, the check of a gradient, the words for warnings and
 * classes. Each call ends with NADIR_NO_MEMORY, sets its pointer to NULL, leaks nothing (the sanitizers look), and
 * works when it is asked again. Built with NADIR_FAULTS alone. */
#include "support.h"

#include <stdint.h>

#include "base/fault_internal.h"

enum { ROWS = 12 };
static const double x[ROWS] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
static const double w[3] = {0.5, 1, -0.25};
static nadir_table *table;
static nadir_settings *settings;
static nadir_expr *expr;

static nadir_status make_table(void) {
  nadir_table *fresh;
  char name[16];
  nadir_status status = nadir_table_new(&fresh, ROWS, &error);
  assert_true((status == NADIR_OK) == (fresh != NULL));
  for (int i = 0; i < 20 && status == NADIR_OK; i++) {
    snprintf(name, sizeof name, "c%d", i);
    status = nadir_table_add(fresh, name, "km", NADIR_FLOAT64, x, 0, &error);
    if (status !=
        NADIR_OK) { /* a column that was not added is not there, and may be added after all */
      assert_int_equal(nadir_table_columns(fresh), i);
      nd_fault_set(NULL);
      ok(nadir_table_add(fresh, name, "km", NADIR_FLOAT64, x, 0, NULL));
      assert_string_equal(nadir_table_column(fresh, (size_t)i), name);
    }
  }
  nadir_table_free(fresh);
  return status;
}

static nadir_status read_numbers(void) {
  double numbers[ROWS];
  return nadir_table_numbers(table, "x", 1, ROWS - 1, numbers, &error);
}

static nadir_status read_texts(void) {
  char *texts[ROWS];
  nadir_status status = nadir_table_texts(table, "x", 0, ROWS, texts, &error);
  for (size_t i = 0; status == NADIR_OK && i < ROWS; i++)
    nadir_text_free(texts[i]);
  return status;
}

static nadir_status set_numbers(void) {
  const char *const names[] = {"a", "b,c", "d"};
  nadir_status status = nadir_settings_set_numbers(settings, "start", names, w, NULL, 3, &error);
  if (status == NADIR_OK)
    status = nadir_settings_set_numbers(settings, "box", names, w, x, 2, &error);
  return status;
}

static nadir_status formula_hessian(void) {
  double hessian[9];
  nadir_status status = nadir_expr_new(&expr, "exp(a)*b + c^4/b", &error);
  if (status == NADIR_OK) status = nadir_expr_hessian(expr, w, hessian, &error);
  if (status == NADIR_OK) status = nadir_expr_hessian(expr, w, hessian, &error);
  nadir_expr_free(expr);
  return status;
}

static double cubes(void *context, const double *at, double *gradient) {
  double sum = 0;
  for (int i = 0; i < 3; i++) {
    if (gradient != NULL && context != NULL) gradient[i] = 3 * at[i] * at[i];
    sum += at[i] * at[i] * at[i];
  }
  return sum;
}

static nadir_status use_function(int with_gradient) {
  double given[3], found[3], off[3], hessian[9];
  size_t wrong;
  nadir_function function = {.bytes = sizeof function,
                             .size = 3,
                             .context = with_gradient ? hessian : NULL,
                             .value = cubes};
  nadir_status status = nadir_function_hessian(&function, w, hessian, &error);
  if (status == NADIR_OK && with_gradient)
    status = nadir_function_check(&function, w, given, found, off, &wrong, &error);
  return status;
}

static nadir_status with_gradient(void) {
  return use_function(1);
}

static nadir_status without_gradient(void) {
  return use_function(0);
}

static nadir_status minimize(void) {
  nadir_result *result;
  nadir_function function = {.bytes = sizeof function, .size = 3, .value = cubes};
  nadir_settings *few = NULL;
  nadir_status status = nadir_settings_new(&few, &error);
  if (status == NADIR_OK) status = nadir_settings_set(few, "updates", "2", &error);
  if (status == NADIR_OK) status = nadir_settings_set(few, "threads", "1", &error);
  if (status == NADIR_OK) status = nadir_minimize_function(&function, few, NULL, &result, &error);
  if (status == NADIR_OK) nadir_result_free(result);
  nadir_settings_free(few);
  return status;
}

static nadir_status words(void) {
  static const char *const names[] = {"qso", "star"};
  nadir_classes classes = {.count = 2, .name = names, .one = "star", .target = "kind"};
  nadir_warning warning = {.kind = NADIR_WARN_SAME_NAMES, .names = 2, .name = names};
  char *text, *other;
  nadir_status status = nadir_classes_text(&classes, &text, &error);
  assert_true((status == NADIR_OK) == (text != NULL));
  nadir_text_free(text);
  if (status != NADIR_OK) return status;
  warning = (nadir_warning){.kind = NADIR_WARN_CONSTANT, .column = "distance", .number = 3};
  status = nadir_warning_text(&warning, &other, &error);
  assert_true((status == NADIR_OK) == (other != NULL));
  nadir_text_free(other);
  return status;
}

/* A fit of classes with these settings, and what is made of it. */
static nadir_status fit_classes(const char *const *pairs, int scores_too) {
  nadir_settings *own = NULL;
  nadir_result *result = NULL;
  nadir_scores *scores = NULL;
  char *text = NULL;
  nadir_status status = nadir_settings_new(&own, &error);
  for (; *pairs && status == NADIR_OK; pairs += 2)
    status = nadir_settings_set(own, pairs[0], pairs[1], &error);
  if (status == NADIR_OK) status = nadir_fit(table, "c == 1 ~ linear(x)", own, NULL, &result, &error);
  if (status == NADIR_OK) status = nadir_result_json(result, &text, &error);
  if (status == NADIR_OK && result->path) status = nadir_plot_path(result, own, "faults.gp", &error);
  if (status == NADIR_OK && scores_too) status = nadir_score(result->model, table, own, NULL, &scores, &error);
  if (status == NADIR_OK && scores_too) status = nadir_plot_roc(scores, own, "faults.gp", &error);
  if (status == NADIR_OK && scores_too) status = nadir_plot_calibration(scores, own, "faults.gp", &error);
  nadir_text_free(text);
  nadir_scores_free(scores);
  nadir_result_free(result);
  nadir_settings_free(own);
  unlink("faults.gp");
  return status;
}

static nadir_status balanced(void) {
  return fit_classes((const char *[]){"class-weight", "balanced", "updates", "1", "threads", "1", NULL}, 1);
}

static nadir_status folds(void) {
  return fit_classes((const char *[]){"folds", "2", "fold-by", "c", "l2", "0.1", "updates", "1", "threads", "1", NULL}, 0);
}

static nadir_status path(void) {
  return fit_classes(
      (const char *[]){"path", "l1", "path-values", "2", "folds", "2", "updates", "1", "threads", "1", NULL}, 0);
}

static nadir_status each_check(const nadir_result *result) {
  nadir_status status = NADIR_OK;
  for (int i = 0; i <= NADIR_LAST_CHECK && status == NADIR_OK; i++) {
    char *why, *cure;
    status = nadir_check_text(result, (nadir_check)i, &why, &cure, &error);
    if (status == NADIR_OK) nadir_text_free(why), nadir_text_free(cure);
  }
  return status;
}

/* A fit with intervals, its JSON and its predictions, whatever its errors are made of. */
static nadir_status fit_worth(const char *formula, const char *const *pairs) {
  nadir_settings *own = NULL;
  nadir_result *result = NULL;
  char *text = NULL;
  nadir_status status = nadir_settings_new(&own, &error);
  for (; *pairs && status == NADIR_OK; pairs += 2)
    status = nadir_settings_set(own, pairs[0], pairs[1], &error);
  if (status == NADIR_OK) status = nadir_fit(table, formula, own, NULL, &result, &error);
  if (status == NADIR_OK) status = nadir_result_json(result, &text, &error);
  nadir_text_free(text);
  text = NULL;
  if (status == NADIR_OK) status = nadir_result_summary(result, "tex", &text, &error);
  if (status == NADIR_OK) status = each_check(result);
  if (status == NADIR_OK) status = nadir_predict(result->model, table, own, NULL, "faults.csv", &error);
  nadir_text_free(text);
  nadir_result_free(result);
  nadir_settings_free(own);
  unlink("faults.csv");
  return status;
}

/* A model as a program, with an integral, a name that has to be changed and helpers; and as LaTeX. */
static nadir_status export_to(const char *language) {
  nadir_settings *own = NULL;
  nadir_result *result = NULL;
  nadir_status status = nadir_settings_new(&own, &error);
  if (status == NADIR_OK) status = nadir_settings_set(own, "updates", "1", &error);
  if (status == NADIR_OK) status = nadir_settings_set(own, "threads", "1", &error);
  if (status == NADIR_OK)
    status = nadir_fit(table, "c ~ a + exp1*max(sigmoid(x), 0.1)*integral(p^2*u, u, 0, x)", own, NULL, &result, &error);
  if (status == NADIR_OK) status = nadir_export(result->model, language, "curve", "faults.txt", &error);
  nadir_result_free(result);
  nadir_settings_free(own);
  unlink("faults.txt");
  return status;
}

static nadir_status in_fortran(void) {
  return export_to("fortran");
}

static nadir_status in_latex(void) {
  return export_to("latex");
}

static nadir_status bent(void) {
  return fit_worth("c ~ a*exp(b*x) + 1",
                   (const char *[]){"start", "a=0.1,b=0.1", "intervals", "0.5", "threads", "1", NULL});
}

static nadir_status sandwich(void) {
  return fit_worth("c ~ linear(x)", (const char *[]){"loss", "huber(0.3)", "threads", "1", NULL});
}

static nadir_status likelihood(void) {
  return fit_worth("c ~ linear(x)",
                   (const char *[]){"loss", "poisson", "intervals", "0.5", "threads", "1", NULL});
}

static nadir_status correlated(void) {
  FILE *file = fopen("faults.txt", "w");
  for (int i = 0; file && i < ROWS * ROWS; i++)
    fprintf(file, "%g ", i % (ROWS + 1) == 0 ? 0.3 : 0.1);
  if (file) fclose(file);
  nadir_status status = fit_worth("c ~ a*exp(b*x) + 1",
                                  (const char *[]){"start", "a=0.1,b=0.1", "data-covariance", "faults.txt",
                                                   "errors", "hessian", "threads", "1", NULL});
  unlink("faults.txt");
  return status;
}

static nadir_status orthogonal(void) {
  return fit_worth("c ~ a*exp(b*x*c) + 1",
                   (const char *[]){"start", "a=0.1,b=0.1", "sigma", "1", "sigma-x", "x=0.1,c=x/20", "errors",
                                    "hessian", "threads", "1", NULL});
}

static nadir_status scattered(void) {
  return fit_worth("c ~ a*x + b", (const char *[]){"sigma", "0.1", "scatter", "s", "threads", "1", NULL});
}

static nadir_status drawn_again(void) {
  return fit_worth("c ~ linear(x)", (const char *[]){"errors", "bootstrap(3)", "intervals", "0.5", "threads", "1", NULL});
}

/* Of long runs not each, and every seventh for good. */
static void walk(const char *name, nadir_status (*call)(void), bool for_good) {
  char what[64];
  for (size_t n = 1; n < 20000; n += (for_good ? 7 : 1) + n / 40) {
    snprintf(what, sizeof what, "memory:%zu%s", n, for_good ? ":on" : "");
    assert_true(nd_fault_set(what));
    error = (nadir_error){0};
    nadir_status status = call();
    nd_fault_set(NULL);
    if (status == NADIR_OK && n > 1) return;
    bool out = status == NADIR_NO_MEMORY || status == NADIR_SYSTEM; /* a file that cannot be written for it */
    if (!out || error.status != status || !*error.message)
      fail_msg("%s, %s: status %d, '%s'", name, what, status, error.message);
  }
  fail_msg("%s: it never ends", name);
}

static void each_allocation_may_fail(void **state) {
  (void)state;
  static const struct {
    const char *name;
    nadir_status (*call)(void);
  } calls[] = {
      {"tables", make_table},       {"numbers", read_numbers},    {"texts", read_texts},
      {"settings", set_numbers},    {"formula", formula_hessian}, {"gradient", with_gradient},
      {"values", without_gradient}, {"minimize", minimize},       {"words", words},
      {"balanced", balanced},       {"folds", folds},             {"path", path},
      {"bent", bent},               {"sandwich", sandwich},       {"likelihood", likelihood},
      {"correlated", correlated},   {"orthogonal", orthogonal},   {"scattered", scattered},
      {"drawn again", drawn_again}, {"in Fortran", in_fortran},   {"in LaTeX", in_latex}};
  static const double c[ROWS] = {0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 1, 1};
  const test_column columns[] = {{"x", "s", x}, {"c", "", c}};
  table = table_of(columns, 2, ROWS);
  settings = settings_of(NULL);
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    walk(calls[i].name, calls[i].call, false);
    walk(calls[i].name, calls[i].call, true);
    ok(calls[i].call());
  }
  nadir_settings_free(settings);
  nadir_table_free(table);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_allocation_may_fail)};
  return cmocka_run_group_tests_name("memory_faults", tests, NULL, NULL);
}
