/* The basis of a poly: orthogonal over the rows, and exact on the way to the powers of x and back
 * where these lie far from 0. */
#include "model/basis.h"
#include "../fitting.h"

enum { DEGREE = 3 };

/* 1 + 2 T_1 + 3 T_2 + 4 T_3 = -2 - 10 z + 6 z^2 + 16 z^3 in z = (x - 2455000)/500, by whole numbers:
 * the center is 4910 widths. */
static void test_julian_dates(void **state) {
  (void)state;
  const double part[] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
  const long long t = 4910;
  nd_basis basis = {.degree = DEGREE, .center = 2455000, .width = 500, .part = (double *)part};
  nd_scaling plain = {0, 1}, target = {7, 2};
  double w[] = {1, 2, 3, 4};
  nd_basis_to_powers(&basis, plain, &w[0], &w[1]);
  assert_true(w[0] == (double)(-2 + 10 * t + 6 * t * t - 16 * t * t * t));
  assert_true(w[1] == (double)(-10 - 12 * t + 48 * t * t) / 500);
  assert_true(w[2] == (double)(6 - 48 * t) / 250000);
  assert_true(w[3] == 16 / 125e6);
  double scaled[] = {1, 2, 3, 4}, x[] = {2454500, 2455000, 2455500}, f[3];
  nd_basis_sum(&basis, target, 1, &scaled[1], x, 3, f);
  assert_true(f[0] == 7 + 2 * -2. && f[1] == 7 + 2 * -2. && f[2] == 7 + 2 * 10.);
  nd_basis_to_powers(&basis, target, &scaled[0], &scaled[1]);
  assert_true(scaled[3] == 32 / 125e6);
}

static void test_way_back(void **state) {
  (void)state;
  const double part[] = {1, 0, 0, 0, 0.5, 2, 0, 0, -1, 3, 0.25, 0, 7, 1, 2, 5};
  nd_basis basis = {.degree = DEGREE, .center = 11, .width = 4, .part = (double *)part};
  nd_scaling target = {3, 0.1};
  double w[] = {0.3, -2, 1.7, 0.9}, truth[] = {0.3, -2, 1.7, 0.9};
  nd_basis_to_powers(&basis, target, &w[0], &w[1]);
  nd_basis_from_powers(&basis, target, &w[0], &w[1]);
  for (size_t i = 0; i <= DEGREE; i++)
    assert_close(w[i], truth[i], 1e-11);
}

/* Weighted rows in two clumps, one of weight 0 far away: mean square 1, and nothing across. */
static void test_orthogonal(void **state) {
  (void)state;
  enum { ROWS = 200 };
  double x[ROWS], y[ROWS], weight[ROWS];
  for (size_t i = 0; i < ROWS; i++) {
    x[i] = 2450000 + (i % 2 ? 900 : 0) + 0.37 * (double)i;
    y[i] = (double)(i % 7);
    weight[i] = 1 + (double)(i % 3);
  }
  weight[0] = 0;
  const nd_array arrays[] = {{.name = "x", .values = x}, {.name = "y", .values = y}, {.name = "g", .values = weight}};
  fitting fit;
  fit_arrays(&fit, arrays, 3, ROWS, "y ~ poly(x, 5)", (const char *[]){"weight", "g", NULL});
  const nd_basis *basis = &fit.model->basis;
  assert_int_equal(basis->degree, 5);
  for (size_t k = 0; k <= 5; k++)
    for (size_t l = 0; l <= k; l++) {
      double sum = 0, total = 0;
      for (size_t i = 0; i < ROWS; i++) {
        sum += weight[i] * nd_basis_value(basis, k, x[i]) * nd_basis_value(basis, l, x[i]);
        total += weight[i];
      }
      assert_true(fabs(sum / total - (k == l)) < 1e-12);
    }
  fit_free(&fit);
}

/* More powers than rows, no intercept, one value of x: nothing to be orthogonal over. */
static void test_without(void **state) {
  (void)state;
  const double x[] = {1, 2, 3, 4}, same[] = {5, 5, 5, 5}, y[] = {1, 3, 2, 5};
  nd_array arrays[] = {{.name = "x", .values = x}, {.name = "y", .values = y}};
  fitting fit;
  fit_arrays(&fit, arrays, 2, 4, "y ~ poly(x, 6)", NULL);
  assert_int_equal(fit.model->basis.degree, 6);
  for (size_t i = 0; i < 49; i++)
    assert_true(isfinite(fit.model->basis.part[i]));
  fit_free(&fit);
  fit_arrays(&fit, arrays, 2, 4, "y ~ poly(x, 2)", (const char *[]){"no-intercept", "true", NULL});
  assert_int_equal(fit.model->basis.degree, 0);
  fit_free(&fit);
  arrays[0].values = same;
  fit_arrays(&fit, arrays, 2, 4, "y ~ poly(x, 2)", NULL);
  assert_int_equal(fit.model->basis.degree, 0);
  fit_free(&fit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_julian_dates), cmocka_unit_test(test_way_back),
      cmocka_unit_test(test_orthogonal), cmocka_unit_test(test_without)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
