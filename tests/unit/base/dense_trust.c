/* Steps inside a radius: against the conditions that make such a step the best
 * one (Moré and Sorensen 1983), the hard case, and least squares against their
 * own normal equations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/dense.h"
#include "base/base.h"

enum { LARGEST = 30 };

static double model_at(size_t n, const double *h, const double *g, const double *p) {
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += p[i] * (g[i] + nd_dot(n, h + i * n, p) / 2);
  return sum;
}

static void step(size_t n, const double *h, const double *g, double radius, double *p, double *mu,
                 double *decrease) {
  double values[LARGEST], vectors[LARGEST * LARGEST];
  assert_int_equal(nd_eigen(n, h, values, vectors, NULL, NULL), NADIR_OK);
  assert_int_equal(nd_step_in_radius(n, values, vectors, g, radius, p, mu, decrease, NULL), NADIR_OK);
}

/* (H + mu I) p = -g, H + mu I not negative, |p| <= radius, and mu 0 where it is
 * inside. */
static void check_step(size_t n, const double *h, const double *g, double radius) {
  double p[LARGEST], values[LARGEST], mu, decrease;
  step(n, h, g, radius, p, &mu, &decrease);
  assert_int_equal(nd_eigen(n, h, values, NULL, NULL, NULL), NADIR_OK);
  double size = fmax(fabs(values[0]), fabs(values[n - 1])), length = nd_norm(n, p);
  assert_true(mu >= 0 && mu + values[0] >= -1e-13 * size);
  assert_true(length <= radius * (1 + 1e-12));
  if (mu > 1e-13 * size) assert_true(length >= radius * (1 - 1e-7));
  double scale = nd_norm(n, g) + (size + mu) * length;
  for (size_t i = 0; i < n; i++)
    assert_true(fabs(nd_dot(n, h + i * n, p) + mu * p[i] + g[i]) <= 1e-12 * scale);
  assert_true(decrease >= 0);
  assert_true(fabs(decrease + model_at(n, h, g, p)) <= 1e-12 * (scale * length));
}

static void random_quadratics(void **state) {
  (void)state;
  nd_random random = nd_random_stream(21, ND_FOR_TEST, 0, 0);
  double h[LARGEST * LARGEST], g[LARGEST];
  for (int turn = 0; turn < 300; turn++) {
    size_t n = 1 + (size_t)nd_random_below(&random, LARGEST);
    double lift = turn % 3 ? 0 : 3 * sqrt((double)n), unit = pow(10, turn % 7 * 30 - 90);
    for (size_t i = 0; i < n; i++) {
      g[i] = nd_random_normal(&random) * unit;
      for (size_t j = 0; j <= i; j++)
        h[i * n + j] = h[j * n + i] = unit * (nd_random_normal(&random) + (i == j ? lift : 0));
    }
    check_step(n, h, g, exp(3 * nd_random_normal(&random)));
  }
}

/* Negative curvature without slope, exactly and to rounding. */
static void the_hard_case(void **state) {
  (void)state;
  double h[] = {-2, 0, 0, 0, -1, 0, 0, 0, 4}, g[] = {0, 1, 1}, p[3], mu, decrease;
  check_step(3, h, g, 10);
  step(3, h, g, 10, p, &mu, &decrease);
  assert_true(mu == 2 && p[0] > 9 && fabs(p[1] + 1) < 1e-15 && fabs(p[2] + 1.0 / 6) < 1e-15);
  for (double slope = 1e-5; slope > 1e-300; slope *= 1e-20) {
    g[0] = slope;
    check_step(3, h, g, 10);
    step(3, h, g, 10, p, &mu, &decrease);
    assert_true(p[0] < -9);
  }
  double nothing[3] = {0};
  check_step(3, h, nothing, 1e-3);
}

/* Without curvature and slope there is nothing to go for; with a slope to the
 * radius. */
static void flat_directions(void **state) {
  (void)state;
  double h[] = {1, 1, 1, 1}, along[] = {3, 3}, across[] = {3, 3 + 1e-3}, p[2], mu, decrease;
  step(2, h, along, 1e6, p, &mu, &decrease);
  assert_true(fabs(p[0] + 1.5) < 1e-14 && fabs(p[1] + 1.5) < 1e-14 && fabs(decrease - 4.5) < 1e-14);
  step(2, h, across, 1e6, p, &mu, &decrease);
  assert_true(fabs(nd_norm(2, p) / 1e6 - 1) < 1e-12);
}

static void powers_of_two_change_no_bit_of_steps(void **state) {
  (void)state;
  double h[] = {2, -3, 1, -3, 1, 0.5, 1, 0.5, -1}, g[] = {1, 0.3, -2}, p[3], q[3], mu, nu, low,
         high;
  step(3, h, g, 0.7, p, &mu, &low);
  for (int i = 0; i < 9; i++)
    h[i] = ldexp(h[i], 301);
  for (int i = 0; i < 3; i++)
    g[i] = ldexp(g[i], 301 - 60);
  step(3, h, g, ldexp(0.7, -60), q, &nu, &high);
  assert_true(nu == ldexp(mu, 301) && high == ldexp(low, 301 - 120));
  for (int i = 0; i < 3; i++)
    assert_true(q[i] == ldexp(p[i], -60));
}

/* ---- least squares
 * ---------------------------------------------------------------------------
 */

static double scaled_length(size_t n, const double *scale, const double *p) {
  double scaled[LARGEST];
  for (size_t i = 0; i < n; i++)
    scaled[i] = scale[i] * p[i];
  return nd_norm(n, scaled);
}

static nadir_status solve_damped(size_t n, size_t stride, const double *r, const double *q,
                                 const double *scale, double radius, double *p, double *mu) {
  size_t rank;
  assert_int_equal(nd_qr_solve(n, stride, r, q, p, &rank, NULL, NULL), NADIR_OK);
  return nd_solve_damped(n, stride, r, q, scale, radius, p, mu, NULL);
}

/* R'(R p - q) + mu D D p = 0 relative to its terms. */
static void check_damped(size_t n, const double *r, const double *q, const double *scale, double mu,
                         const double *p) {
  double rest[LARGEST];
  for (size_t i = 0; i < n; i++)
    rest[i] = nd_dot(n - i, r + i * n + i, p + i) - q[i];
  double size = nd_norm(n, rest) + nd_norm(n, q);
  for (size_t j = 0; j < n; j++) {
    double sum = mu * scale[j] * scale[j] * p[j], column = 0;
    for (size_t i = 0; i <= j; i++) {
      sum += r[i * n + j] * rest[i];
      column += fabs(r[i * n + j]);
    }
    assert_true(fabs(sum) <= 1e-12 * (column * size + mu * scale[j] * scale[j] * fabs(p[j])));
  }
}

static void damped_least_squares(void **state) {
  (void)state;
  nd_random random = nd_random_stream(22, ND_FOR_TEST, 0, 0);
  double r[LARGEST * LARGEST], q[LARGEST], scale[LARGEST], p[LARGEST];
  for (int turn = 0; turn < 300; turn++) {
    size_t n = 1 + (size_t)nd_random_below(&random, LARGEST);
    memset(r, 0, sizeof r);
    for (size_t j = 0; j < n; j++) {
      double unit = pow(10, 20 * nd_random_normal(&random)), column[LARGEST];
      for (size_t i = 0; i <= j; i++)
        column[i] = r[i * n + j] = unit * nd_random_normal(&random);
      scale[j] = nd_norm(j + 1, column) * (turn % 2 ? 1 : 3);
      q[j] = nd_random_normal(&random);
    }
    double radius = exp(4 * nd_random_normal(&random)), mu = turn % 5 ? 0 : 1;
    assert_int_equal(solve_damped(n, n, r, q, scale, radius, p, &mu), NADIR_OK);
    double length = scaled_length(n, scale, p);
    assert_true(length <= 1.1 * radius * (1 + 1e-12));
    if (mu > 0) {
      assert_true(length >= 0.9 * radius);
      check_damped(n, r, q, scale, mu, p);
    }
  }
}

/* A parameter that does not act has no scale and does not move; one that acts
 * with another shares its step. */
static void parameters_that_do_not_act(void **state) {
  (void)state;
  const double r[] = {2, 0, 4, 0, 0, 0, 0, 0, 0}, q[] = {6, 0, 0}, scale[] = {2, 0, 4};
  double p[3], mu = 0;
  assert_int_equal(solve_damped(3, 3, r, q, scale, 100, p, &mu), NADIR_OK);
  assert_true(mu == 0 && p[1] == 0 && fabs(2 * p[0] - 3) < 1e-14 && fabs(4 * p[2] - 3) < 1e-14);
  assert_int_equal(solve_damped(3, 3, r, q, scale, 1, p, &mu), NADIR_OK);
  assert_true(mu > 0 && p[1] == 0 && fabs(scaled_length(3, scale, p) - 1) < 0.1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_quadratics),
      cmocka_unit_test(the_hard_case),
      cmocka_unit_test(flat_directions),
      cmocka_unit_test(powers_of_two_change_no_bit_of_steps),
      cmocka_unit_test(damped_least_squares),
      cmocka_unit_test(parameters_that_do_not_act),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
