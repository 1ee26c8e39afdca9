/* Callbacks of few and of many parameters, with a Hessian, with a gradient alone and with values alone, with penalties
 * and in scaled coordinates: c_i/2 (w_i - z_i)^2 has its minimum, with l2 and l1, in closed form. */
#include <stdbool.h>

#include "support.h"

typedef struct bowl {
  size_t size;
  bool gradient;
} bowl;

static double curvature(size_t i) {
  return 1 + (double)(i % 4);
}
static double centre(size_t i) {
  return (double)(i % 7) / 2 - 1;
}

static double value(void *context, const double *w, double *gradient) {
  const bowl *b = context;
  double sum = 0;
  for (size_t i = 0; i < b->size; i++) {
    double off = w[i] - centre(i);
    sum += curvature(i) / 2 * off * off;
    if (gradient && b->gradient) gradient[i] = curvature(i) * off;
  }
  return sum;
}

static void hessian(void *context, const double *w, double *h) {
  const bowl *b = context;
  (void)w;
  for (size_t i = 0; i < b->size; i++)
    for (size_t j = 0; j < b->size; j++)
      h[i * b->size + j] = i == j ? curvature(i) : 0;
}

static double minimum(size_t i, double l1, double l2) {
  double c = curvature(i), z = centre(i), pull = fmax(fabs(c * z) - l1, 0);
  return copysign(pull / (c + l2), z);
}

static void run(size_t size, int level, const char *method, const char *l1, const char *l2,
                const char *coordinates) {
  bowl b = {size, level > 0};
  nadir_function f = {.bytes = sizeof f,
                      .size = size,
                      .context = &b,
                      .value = value,
                      .hessian = level > 1 ? hessian : NULL};
  nadir_settings *settings = settings_of(
      PAIRS("method", method, "l1", l1, "l2", l2, "coordinates", coordinates, "updates", "20000"));
  nadir_result *r;
  ok(nadir_minimize_function(&f, settings, NULL, &r, &error));
  double bound = level > 0 ? 1e-5 : 1e-3;
  for (size_t i = 0; i < size; i++) {
    double wanted = minimum(i, strtod(l1, NULL), strtod(l2, NULL));
    if (!(fabs(r->parameter[i].value - wanted) <= bound))
      fail_msg("%zu of %zu, level %d, %s, l1 %s, l2 %s: %.17g, not %.17g", i, size, level, method,
               l1, l2, r->parameter[i].value, wanted);
  }
  if (level > 0 && r->kind != NADIR_MINIMUM && strcmp(l1, "0") == 0)
    fail_msg("%zu, level %d, %s, l2 %s: %s", size, level, method, l2, said(r, NADIR_ON_POINT));
  nadir_result_free(r);
  nadir_settings_free(settings);
}

static void bowls(void **state) {
  (void)state;
  static const char *const methods[] = {"auto", "gd",           "lbfgs",
                                        "bb",   "backtracking", "newton-diagonal"};
  for (size_t m = 0; m < sizeof methods / sizeof *methods; m++)
    for (int level = 1; level < 3; level++) {
      run(3, level, methods[m], "0", "0", "auto");
      run(3, level, methods[m], "0", "0.5", "auto");
      run(100, level, methods[m], "0", "0.5", "auto");
      run(300, level, methods[m], "0", "0", "auto");
    }
  for (int level = 0; level < 3; level++) {
    run(3, level, "auto", "0", "0.5", "auto");
    run(3, level, "gd", "0.3", "0.5", "scaled");
    run(3, level, "auto", "0.3", "0", "auto");
    run(3, level, "gd", "0", "0", "scaled");
  }
  run(100, 0, "auto", "0", "0", "auto");
  run(100, 1, "auto", "0.3", "0.1", "auto");
  run(100, 2, "auto", "0.3", "0.1", "auto");
}

/* All the same beyond the sizes that a Hessian is wanted of: products with it, or differences of gradients. */
static void hessians(void **state) {
  (void)state;
  static double h[70 * 70], w[70];
  for (int level = 0; level < 3; level++) {
    bowl b = {70, level > 0};
    nadir_function f = {.bytes = sizeof f,
                        .size = 70,
                        .context = &b,
                        .value = value,
                        .hessian = level > 1 ? hessian : NULL};
    ok(nadir_function_hessian(&f, w, h, &error));
    for (size_t i = 0; i < 70; i++)
      for (size_t j = 0; j < 70; j++) {
        near(h[i * 70 + j], i == j ? curvature(i) : 0, level > 1 ? 0 : level ? 1e-7 : 1e-3);
        assert_true(h[i * 70 + j] == h[j * 70 + i]);
      }
  }
}

static void functions_that_are_none(void **state) {
  (void)state;
  bowl b = {1, true};
  const nadir_function list[] = {
      {.bytes = sizeof(nadir_function), .size = 0, .context = &b, .value = value},
      {.bytes = sizeof(nadir_function), .size = 1, .context = &b},
      {.bytes = 3, .size = 1, .context = &b, .value = value},
  };
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
    nadir_settings *settings = settings_of(NULL);
    nadir_result *r = NULL;
    double h;
    assert_int_not_equal(nadir_minimize_function(&list[i], settings, NULL, &r, &error), NADIR_OK);
    assert_non_null(strstr(error.message, "function"));
    assert_int_not_equal(nadir_function_hessian(&list[i], &(double){0}, &h, &error), NADIR_OK);
    assert_null(r);
    nadir_settings_free(settings);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(bowls), cmocka_unit_test(hessians),
                                     cmocka_unit_test(functions_that_are_none)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
