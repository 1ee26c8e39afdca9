/* Functions of the caller's: their Hessians, the check of their gradients against their values, what a run says
 * where these contradict each other, and structs whose size is not known. */
#include "support.h"

#include <stdint.h>
#include <time.h>

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

static const nadir_warning *start_warning(const nadir_result *result) {
  for (size_t i = 0; i < result->warnings; i++)
    if (result->warning[i].kind == NADIR_WARN_GRADIENT) return &result->warning[i];
  return NULL;
}

static int told_at(void *context, const nadir_event *event) {
  int *at = context;
  if (event->kind == NADIR_WARNING && event->warning->kind == NADIR_WARN_GRADIENT && *at < 0)
    at[0] = at[1];
  if (event->kind == NADIR_UPDATE) at[1]++;
  return 0;
}

/* Before the descent follows it, with what is given and what the values say; and a right one is not blamed, for three
 * calls. */
static void it_is_told_at_the_start(void **state) {
  (void)state;
  nadir_settings *settings =
      settings_of((const char *[]){"start", "w1=1,w3=0.5", "updates", "3", NULL});
  for (int i = 0; i < 3; i++) {
    bent b = {.wrong = i, .factor = -1};
    nadir_function function = function_of(&b);
    nadir_result *result;
    int at[2] = {-1, 0};
    nadir_listener listener = {.bytes = sizeof listener, .notify = told_at, .context = at};
    ok(nadir_minimize_function(&function, settings, &listener, &result, &error));
    const nadir_warning *w = start_warning(result);
    assert_non_null(w);
    assert_int_equal(at[0], 0);
    assert_string_equal(w->name[0], result->parameter[i].name);
    near(w->number, -w->second, 1e-4 * fabs(w->number));
    nadir_result_free(result);
  }
  bent right = {.wrong = -1};
  nadir_function function = function_of(&right);
  nadir_result *result;
  ok(nadir_minimize_function(&function, settings, NULL, &result, &error));
  assert_null(start_warning(result));
  nadir_result_free(result);
  nadir_settings_free(settings);
}

typedef struct hidden {
  double offset, noise; /* added to the value; its relative rounding */
  uint64_t calls;
} hidden;

static double hidden_value(void *context, const double *w, double *gradient) {
  hidden *h = context;
  double x = w[0] - 3, ripple = h->noise * (double)(++h->calls * 7919 % 1009) / 1009;
  if (gradient != NULL) gradient[0] = 2 * x, gradient[1] = 4 * w[1] * w[1] * w[1];
  return (h->offset + x * x + pow(w[1], 4)) * (1 + ripple);
}

/* Slopes that the digits of the values do not show, at a minimum too, or that noise hides. */
static void rounding_is_not_blamed(void **state) {
  (void)state;
  static const char *const starts[] = {"w1=0", "w1=3", "w1=3.0000001,w2=1e-9", "w1=1e6,w2=1e-3"};
  static const double offsets[] = {0, 1e10, 1e200}, noises[] = {0, 1e-14, 1e-6};
  for (int k = 0; k < 4 * 3 * 3; k++) {
    hidden h = {.offset = offsets[k / 4 % 3], .noise = noises[k / 12]};
    nadir_function function = {
        .bytes = sizeof(nadir_function), .size = 2, .context = &h, .value = hidden_value};
    nadir_settings *settings =
        settings_of((const char *[]){"start", starts[k % 4], "updates", "1", NULL});
    nadir_result *result;
    ok(nadir_minimize_function(&function, settings, NULL, &result, &error));
    if (start_warning(result)) fail_msg("%g, %g, %s", h.offset, h.noise, starts[k % 4]);
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

/* ---- sizes, and what is filled ---- */

/* Each parameter in units of `scale`: a valley with its minimum at scale (1, 1.5), where the slopes are not even. */
typedef struct scaled {
  double scale;
  int filled; /* how many derivatives are filled */
  double narrow;
  long pause; /* nanoseconds that a value takes */
  long calls;
} scaled;

static double scaled_value(void *context, const double *w, double *gradient) {
  scaled *s = context;
  double sum = 0;
  s->calls++;
  if (s->pause > 0) nanosleep(&(struct timespec){.tv_nsec = s->pause}, NULL);
  for (int i = 0; i < 2; i++) {
    double at = w[i] / s->scale - 1 - 0.5 * i;
    sum += s->narrow > 0 ? 1 - exp(-at * at / 2) : cosh(at) - 1;
    double slope = s->narrow > 0 ? at * exp(-at * at / 2) : sinh(at);
    if (gradient != NULL && i < s->filled) gradient[i] = slope / s->scale;
  }
  return sum;
}

static nadir_function scaled_function(scaled *s) {
  return (nadir_function){
      .bytes = sizeof(nadir_function), .size = 2, .context = s, .value = scaled_value};
}

/* Also where only one of the derivatives is filled, or all. Whether it is a minimum the noise of differences may
 * hide, but never that it is somewhere else. */
static void parameters_have_any_size(void **state) {
  (void)state;
  nadir_settings *settings = settings_of(NULL);
  for (int power = -12; power <= 12; power += 3)
    for (int filled = 0; filled <= 2; filled++) {
      scaled s = {.scale = pow(10, power), .filled = filled};
      nadir_function function = scaled_function(&s);
      nadir_result *result;
      ok(nadir_minimize_function(&function, settings, NULL, &result, &error));
      if (result->kind != NADIR_MINIMUM && (filled == 2 || result->kind != NADIR_POINT_NOT_KNOWN))
        fail_msg("1e%d, %d: %s, %s", power, filled, nadir_point_name(result->kind),
                 nadir_reason_name(result->reason));
      assert_int_equal(has_cause(result, NADIR_CAUSE_GRADIENT), 0);
      assert_null(start_warning(result));
      for (int i = 0; i < 2; i++)
        near(result->parameter[i].value / s.scale, 1 + 0.5 * i, 1e-5);
      assert_true(s.calls < 1000);
      nadir_result_free(result);
    }
  nadir_settings_free(settings);
}

/* 0: an epoch in days, whose size is not what matters of it; 1: small changes of a value of 10^10. */
static double elsewhere(void *context, const double *w, double *gradient) {
  (void)gradient;
  double day = w[0] - 2450000.5;
  if (*(int *)context == 0) return 2 - cos(day) * exp(-day * day / 50) + w[1] * w[1];
  return 1e10 + (w[0] - 3) * (w[0] - 3) + pow(w[1] + 1, 4) + (w[1] + 1) * (w[1] + 1);
}

static void sizes_are_those_of_the_values(void **state) {
  (void)state;
  static const char *const starts[] = {"w1=2450000,w2=1", "w1=0"};
  static const double lowest[2][2] = {{2450000.5, 0}, {3, -1}}, near_it[] = {1e-6, 1e-2};
  for (int kind = 0; kind < 2; kind++) {
    nadir_settings *settings = settings_of((const char *[]){"start", starts[kind], NULL});
    nadir_function function = {
        .bytes = sizeof(nadir_function), .size = 2, .context = &kind, .value = elsewhere};
    nadir_result *result;
    ok(nadir_minimize_function(&function, settings, NULL, &result, &error));
    for (int i = 0; i < 2; i++)
      near(result->parameter[i].value, lowest[kind][i], near_it[kind]);
    nadir_result_free(result);
    nadir_settings_free(settings);
  }
}

/* At each point, also far outside of a narrow well, where all long steps see nothing. */
static void sizes_do_not_blame(void **state) {
  (void)state;
  for (int power = -12; power <= 12; power += 3)
    for (int narrow = 0; narrow <= 1; narrow++)
      for (int k = 0; k < 5; k++) {
        scaled s = {.scale = pow(10, power), .filled = 2, .narrow = narrow};
        nadir_function function = scaled_function(&s);
        double w[2], given[2], found[2], off[2];
        size_t wrong;
        for (int i = 0; i < 2; i++)
          w[i] = s.scale * (0.75 * k) * (1 + 0.1 * i);
        ok(nadir_function_check(&function, w, given, found, off, &wrong, &error));
        if (wrong != SIZE_MAX)
          fail_msg("1e%d, %d, %d: given %g, found %g", power, narrow, k, given[wrong], found[wrong]);
        for (int i = 0; i < 2 && k > 0; i++)
          near(found[i] * s.scale, given[i] * s.scale, 2e-4);
      }
}

static double inside(void *context, const double *w, double *gradient) {
  (void)context;
  if (!(w[0] > 1)) return (double)NAN; /* before it fills anything */
  if (gradient != NULL) gradient[0] = 1 - 2 / w[0];
  return w[0] - 2 * log(w[0]);
}

/* Outside of the domain nothing is filled: that the gradient is given shows elsewhere. */
static void a_gradient_is_seen_where_the_domain_is(void **state) {
  (void)state;
  nadir_function function = {.bytes = sizeof(nadir_function), .size = 1, .value = inside};
  double w = 3, given, found, off;
  size_t wrong;
  ok(nadir_function_check(&function, &w, &given, &found, &off, &wrong, &error));
  near(given, 1.0 / 3, 1e-15);
  near(found, given, 1e-8);
  assert_true(wrong == SIZE_MAX);
  w = 0.5; /* and that it is not given here does not show that it never is */
  assert_int_equal(nadir_function_check(&function, &w, &given, &found, &off, &wrong, &error),
                   NADIR_BAD_SETTING);
}

static double not_a_slope(void *context, const double *w, double *gradient) {
  if (gradient != NULL) gradient[0] = *(const double *)context;
  return 3 * w[0];
}

/* A derivative that is not finite where the values show one. */
static void what_is_not_finite_is_named(void **state) {
  (void)state;
  double given, found, off, w = 2, values[] = {(double)NAN, (double)INFINITY};
  size_t wrong;
  for (int k = 0; k < 2; k++) {
    nadir_function function = {
        .bytes = sizeof(nadir_function), .size = 1, .context = &values[k], .value = not_a_slope};
    ok(nadir_function_check(&function, &w, &given, &found, &off, &wrong, &error));
    assert_int_equal(wrong, 0);
    near(found, 3, 1e-8);
  }
}

static void names_are_asked_for(void **state) {
  (void)state;
  static const char *const missing[] = {"a", NULL}, *const empty[] = {"", "b"};
  scaled s = {.scale = 1};
  nadir_function function = scaled_function(&s);
  double w[2] = {0}, hessian[4];
  function.names = missing;
  assert_int_equal(nadir_function_hessian(&function, w, hessian, &error), NADIR_BAD_FORMULA);
  assert_string_equal(error.message, "function: parameter 2 has no name: give it one");
  function.names = empty;
  assert_int_equal(nadir_function_hessian(&function, w, hessian, &error), NADIR_BAD_FORMULA);
}

/* A function of 10 ms: differences of 40 parameters would take minutes. */
static void differences_end_with_the_run(void **state) {
  (void)state;
  scaled s = {.scale = 1, .pause = 10000000};
  nadir_function function = scaled_function(&s);
  nadir_settings *settings = settings_of((const char *[]){"seconds", "0.3", NULL});
  nadir_result *result;
  nadir_status status = nadir_minimize_function(&function, settings, NULL, &result, &error);
  assert_true(status == NADIR_OK || status == NADIR_ENDED);
  assert_true(s.calls < 130); /* 1.3 s */
  nadir_result_free(result);
  nadir_settings_free(settings);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(right_gradients_are_not_blamed),
                                     cmocka_unit_test(wrong_gradients_are_named),
                                     cmocka_unit_test(what_is_not_known_is_not_blamed),
                                     cmocka_unit_test(a_run_says_so),
                                     cmocka_unit_test(it_is_told_at_the_start),
                                     cmocka_unit_test(rounding_is_not_blamed),
                                     cmocka_unit_test(shifted_gradients_do_not_make_a_minimum),
                                     cmocka_unit_test(hessians),
                                     cmocka_unit_test(newton_takes_the_hessian),
                                     cmocka_unit_test(sizes_are_checked),
                                     cmocka_unit_test(parameters_have_any_size),
                                     cmocka_unit_test(sizes_are_those_of_the_values),
                                     cmocka_unit_test(sizes_do_not_blame),
                                     cmocka_unit_test(a_gradient_is_seen_where_the_domain_is),
                                     cmocka_unit_test(what_is_not_finite_is_named),
                                     cmocka_unit_test(names_are_asked_for),
                                     cmocka_unit_test(differences_end_with_the_run)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
