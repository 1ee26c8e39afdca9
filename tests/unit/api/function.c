/* Functions of the caller's: their Hessians, the check of their gradients against their values, what a run says
 * where these contradict each other, and structs whose size is not known. */
#include "support.h"

#include <stdint.h>

/* f = exp(a) + 10^6 (b - 2)^2 + a b + c^4, wrong by `factor` in its derivative by parameter `wrong`. */
typedef struct bent {
  int wrong;
  double factor, noise;
  long calls;
} bent;

static double bent_value(void *context, const double *w, double *gradient) {
  bent *b = context;
  b->calls++;
  if (gradient != NULL) {
    gradient[0] = exp(w[0]) + w[1];
    gradient[1] = 2e6 * (w[1] - 2) + w[0];
    gradient[2] = 4 * w[2] * w[2] * w[2];
    if (b->wrong >= 0) gradient[b->wrong] *= b->factor;
  }
  double value = exp(w[0]) + 1e6 * (w[1] - 2) * (w[1] - 2) + w[0] * w[1] + pow(w[2], 4);
  return value * (1 + b->noise * (b->calls % 3 - 1));
}

static void bent_hessian(void *context, const double *w, double *hessian) {
  (void)context;
  const double whole[9] = {exp(w[0]), 1, 0, 1, 2e6, 0, 0, 0, 12 * w[2] * w[2]};
  memcpy(hessian, whole, sizeof whole);
}

static nadir_function function_of(bent *b) {
  return (nadir_function){
      .bytes = sizeof(nadir_function), .size = 3, .context = b, .value = bent_value};
}

static size_t check(bent *b, const double *w, double *worst) {
  nadir_function function = function_of(b);
  double given[3], found[3], off[3];
  size_t wrong;
  ok(nadir_function_check(&function, w, given, found, off, &wrong, &error));
  *worst = 0;
  for (size_t i = 0; i < 3; i++)
    *worst = fmax(*worst, off[i] / fmax(1, fabs(found[i])));
  return wrong;
}

static void right_gradients_are_not_blamed(void **state) {
  (void)state;
  bent right = {.wrong = -1};
  const double points[][3] = {{0, 0, 0}, {1e-9, 2, 1e-3}, {-700, 3, 30}, {3, 2 + 1e-9, -1e-7}};
  double worst;
  for (size_t k = 0; k < sizeof points / sizeof *points; k++) {
    assert_true(check(&right, points[k], &worst) == SIZE_MAX);
    assert_true(worst < 1e-3); /* and it is known well enough to find a fault */
  }
  right.noise = 1e-7; /* as of sums in single precision */
  assert_true(check(&right, points[3], &worst) == SIZE_MAX);
}

static void wrong_gradients_are_named(void **state) {
  (void)state;
  const double w[] = {0.5, 1, -0.3};
  double worst;
  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 3; k++) {
      bent b = {.wrong = i, .factor = (double[]){1.001, -1, 2}[k]};
      assert_true(check(&b, w, &worst) == (size_t)i);
    }
}

static double pointed(void *context, const double *w, double *gradient) {
  (void)context;
  if (gradient != NULL) gradient[0] = w[0] > 0 ? 1 : w[0] < 0 ? -1 : 0.5; /* a slope of |x| at 0 */
  return fabs(w[0]);
}

static double rooted(void *context, const double *w, double *gradient) {
  (void)context;
  if (gradient != NULL) gradient[0] = 7; /* no slope: the domain ends here */
  return sqrt(w[0]);
}

static double without(void *context, const double *w, double *gradient) {
  (void)context, (void)gradient;
  return w[0] * w[0];
}

static void what_is_not_known_is_not_blamed(void **state) {
  (void)state;
  nadir_function function = {.bytes = sizeof(nadir_function), .size = 1, .value = pointed};
  double w = 0, given, found, off;
  size_t wrong;
  ok(nadir_function_check(&function, &w, &given, &found, &off, &wrong, &error));
  assert_true(wrong == SIZE_MAX && off >= 0.9);
  function.value = rooted;
  ok(nadir_function_check(&function, &w, &given, &found, &off, &wrong, &error));
  assert_true(wrong == SIZE_MAX && isinf(off));
  function.value = without;
  assert_int_equal(nadir_function_check(&function, &w, &given, &found, &off, &wrong, &error),
                   NADIR_BAD_SETTING);
}

static int has_cause(const nadir_result *result, nadir_cause cause) {
  for (size_t i = 0; i < result->causes; i++)
    if (result->cause[i] == cause) return 1;
  return 0;
}

/* A run that ends where a wrong gradient vanishes is not at a minimum, and says which derivative it is. */
static void a_run_says_so(void **state) {
  (void)state;
  static const char *const methods[] = {"auto", "gd", "lbfgs", "newton", "bb"};
  for (size_t k = 0; k < sizeof methods / sizeof *methods; k++) {
    nadir_settings *settings = settings_of(
        (const char *[]){"method", methods[k], "updates", "300", "start", "w1=1,w3=0.5", NULL});
    bent b = {.wrong = 0, .factor = -1};
    nadir_function function = function_of(&b);
    nadir_result *result;
    ok(nadir_minimize_function(&function, settings, NULL, &result, &error));
    assert_int_equal(result->kind, NADIR_POINT_NOT_KNOWN);
    assert_int_equal(result->reason, NADIR_REASON_GRADIENT);
    assert_true(has_cause(result, NADIR_CAUSE_GRADIENT));
    assert_int_equal(result->wrong_parameter, 0);
    near(result->gradient_given, -result->gradient_by_values, 1e-4 * fabs(result->gradient_given));
    assert_true(result->exit_status == 1 || strcmp(methods[k], "gd") == 0 || result->limit_given);
    nadir_result_free(result);
    nadir_settings_free(settings);
  }
}

static void shifted_gradients_do_not_make_a_minimum(void **state) {
  (void)state;
  bent b = {.wrong = 1, .factor = 0}; /* b never moves */
  nadir_function function = function_of(&b);
  nadir_settings *settings = settings_of((const char *[]){"start", "w1=-3,w3=0.1", NULL});
  nadir_result *result;
  ok(nadir_minimize_function(&function, settings, NULL, &result, &error));
  assert_int_equal(result->reason, NADIR_REASON_GRADIENT);
  assert_int_equal(result->wrong_parameter, 1);
  char *text;
  ok(nadir_result_text(result, NADIR_ON_POINT, &text, &error));
  assert_string_equal(text, "the gradient that the function gives is not that of its values");
  nadir_text_free(text);
  nadir_result_free(result);
  nadir_settings_free(settings);
}

static void hessians(void **state) {
  (void)state;
  bent b = {.wrong = -1};
  nadir_function function = function_of(&b);
  const double w[] = {0.5, 1, -0.3};
  double whole[9], found[9];
  bent_hessian(NULL, w, whole);
  ok(nadir_function_hessian(&function, w, found, &error));
  for (size_t i = 0; i < 9; i++)
    near(found[i], whole[i], 1e-7 * 2e6); /* differences, against the largest entry */
  function.hessian = bent_hessian;
  ok(nadir_function_hessian(&function, w, found, &error));
  assert_memory_equal(found, whole, sizeof whole);
  nadir_expr *expr;
  ok(nadir_expr_new(&expr, "exp(a) + 1e6*(b-2)^2 + a*b + c^4", &error));
  ok(nadir_expr_hessian(expr, w, found, &error));
  for (size_t i = 0; i < 9; i++)
    near(found[i], whole[i], 4e-16 * fabs(whole[i]));
  double value, gradient[3]; /* the values still have their places */
  ok(nadir_expr_evaluate(expr, w, &value, gradient, &error));
  near(value, bent_value(&b, w, NULL), 1e-9);
  nadir_expr_free(expr);
}

static double steep(void *context, const double *w, double *gradient) {
  (void)context;
  if (gradient != NULL) {
    gradient[0] = 2 * (w[0] - 1) + w[1];
    gradient[1] = 8 * (w[1] + 2) + w[0];
  }
  return (w[0] - 1) * (w[0] - 1) + 4 * (w[1] + 2) * (w[1] + 2) + w[0] * w[1];
}

static void steep_hessian(void *context, const double *w, double *hessian) {
  (void)w;
  ++*(int *)context;
  hessian[0] = 2;
  hessian[1] = hessian[2] = 1;
  hessian[3] = 8;
}

/* A Hessian that is given is taken: one step of Newton's method ends a quadratic. */
static void newton_takes_the_hessian(void **state) {
  (void)state;
  int calls = 0;
  nadir_function function = {.bytes = sizeof(nadir_function),
                             .size = 2,
                             .context = &calls,
                             .value = steep,
                             .hessian = steep_hessian};
  nadir_settings *settings = settings_of((const char *[]){"method", "newton", NULL});
  nadir_result *result;
  ok(nadir_minimize_function(&function, settings, NULL, &result, &error));
  assert_true(calls > 0);
  assert_int_equal(result->kind, NADIR_MINIMUM);
  near(result->parameter[0].value, 32.0 / 15, 1e-12);
  near(result->parameter[1].value, -34.0 / 15, 1e-12);
  nadir_result_free(result);
  nadir_settings_free(settings);
}

static int hear(void *context, const nadir_event *event) {
  (void)context, (void)event;
  return 0;
}

static void sizes_are_checked(void **state) {
  (void)state;
  bent b = {.wrong = -1};
  nadir_function function = function_of(&b);
  nadir_settings *settings = settings_of(NULL);
  nadir_listener listener = {.notify = hear};
  nadir_result *result;
  nadir_expr *expr;
  nadir_convexity *convexity;
  assert_int_equal(nadir_minimize_function(&function, settings, &listener, &result, &error),
                   NADIR_BAD_SETTING);
  assert_null(strstr(error.message, "sizeof(nadir_listener)") == NULL ? error.message : NULL);
  ok(nadir_expr_new(&expr, "x^2", &error));
  assert_int_equal(nadir_convex(expr, settings, &listener, &convexity, &error), NADIR_BAD_SETTING);
  assert_int_equal(nadir_minimize(expr, settings, &listener, &result, &error), NADIR_BAD_SETTING);
  nadir_expr_free(expr);
  function.bytes = 8;
  assert_int_equal(nadir_minimize_function(&function, settings, NULL, &result, &error),
                   NADIR_BAD_SETTING);
  nadir_reader reader = {.rows = 1};
  nadir_table *table;
  assert_int_equal(nadir_table_from_reader(&table, &reader, &error), NADIR_BAD_SETTING);
  nadir_optimizer rule = {.name = "mine"};
  assert_int_equal(nadir_settings_add_optimizer(settings, &rule, &error), NADIR_BAD_SETTING);
  nadir_settings_free(settings);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(right_gradients_are_not_blamed),
                                     cmocka_unit_test(wrong_gradients_are_named),
                                     cmocka_unit_test(what_is_not_known_is_not_blamed),
                                     cmocka_unit_test(a_run_says_so),
                                     cmocka_unit_test(shifted_gradients_do_not_make_a_minimum),
                                     cmocka_unit_test(hessians),
                                     cmocka_unit_test(newton_takes_the_hessian),
                                     cmocka_unit_test(sizes_are_checked)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
