/* The R factor of rows that come in pieces: against closed forms, against itself in any order of
 * folding, at the ends of the range of doubles, and to the bit under powers of two. */
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

static double *random_matrix(nd_random *random, size_t rows, size_t n) {
  double *a = nd_new(rows * n, sizeof *a, NULL);
  for (size_t i = 0; i < rows * n; i++)
    a[i] = nd_random_normal(random);
  return a;
}

/* R of the whole of a (kept), folded `piece` rows at a time. */
static double *fold(size_t n, size_t rows, const double *a, size_t piece) {
  double *r = nd_new(n * n, sizeof *r, NULL), *copy = nd_new(rows * n, sizeof *copy, NULL);
  if (rows > 0) memcpy(copy, a, rows * n * sizeof *a);
  for (size_t i = 0; i < rows; i += piece)
    nd_qr_fold(n, r, rows - i < piece ? rows - i : piece, copy + i * n);
  nd_free(copy);
  return r;
}

/* |R'R - A'A| against |a_i| |a_j| eps. */
static void check_factor(size_t n, const double *r, size_t rows, const double *a, double ulps) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = i; j < n; j++) {
      double gram = 0, back = 0, size_i = 0, size_j = 0;
      for (size_t k = 0; k < rows; k++) {
        gram += a[k * n + i] * a[k * n + j];
        size_i += a[k * n + i] * a[k * n + i];
        size_j += a[k * n + j] * a[k * n + j];
      }
      for (size_t k = 0; k <= i; k++)
        back += r[k * n + i] * r[k * n + j];
      if (!(fabs(gram - back) <= ulps * DBL_EPSILON * sqrt(size_i) * sqrt(size_j)))
        fail_msg("%zu x %zu at %zu, %zu: %.17g %.17g", rows, n, i, j, back, gram);
    }
}

static void folds_any_shape_in_any_pieces(void **state) {
  (void)state;
  nd_random random = nd_random_stream(7, ND_FOR_TEST, 0, 0);
  const size_t sizes[] = {1, 2, 3, 7, 8, 20, 65}, heights[] = {0, 1, 5, 64, 300, 1001};
  for (size_t s = 0; s < ND_COUNT(sizes); s++)
    for (size_t h = 0; h < ND_COUNT(heights); h++) {
      size_t n = sizes[s], rows = heights[h];
      double *a = random_matrix(&random, rows, n);
      for (size_t piece = 1; piece <= rows; piece = piece * 9 + 1) {
        double *r = fold(n, rows, a, piece);
        check_factor(n, r, rows, a, 60 + (double)rows / 4);
        nd_free(r);
      }
      nd_free(a);
    }
}

/* Too wide for a tile: rows are taken one by one. */
static void folds_very_wide_rows(void **state) {
  (void)state;
  enum { N = 530, ROWS = 3 };
  nd_random random = nd_random_stream(8, ND_FOR_TEST, 0, 0);
  double *a = random_matrix(&random, ROWS, N), *r = fold(N, ROWS, a, ROWS);
  check_factor(N, r, ROWS, a, 60);
  nd_free(r);
  nd_free(a);
}

static void puts_two_factors_together(void **state) {
  (void)state;
  enum { N = 40, ROWS = 200 };
  nd_random random = nd_random_stream(9, ND_FOR_TEST, 0, 0);
  double *a = random_matrix(&random, 2 * ROWS, N);
  double *low = fold(N, ROWS, a, ROWS), *high = fold(N, ROWS, a + ROWS * N, ROWS);
  nd_qr_fold(N, low, N, high);
  check_factor(N, low, 2 * ROWS, a, 60);
  for (size_t i = 0; i < N; i++)
    for (size_t j = 0; j < i; j++)
      assert_true(low[i * N + j] == 0);
  nd_free(low);
  nd_free(high);
  nd_free(a);
}

/* Each column by its own power of two, to both ends of the range. */
static void powers_of_two_change_exponents_alone(void **state) {
  (void)state;
  enum { N = 6, ROWS = 333 };
  const int shift[N] = {0, 900, -900, 1, -333, 500};
  nd_random random = nd_random_stream(10, ND_FOR_TEST, 0, 0);
  double *a = random_matrix(&random, ROWS, N), *r = fold(N, ROWS, a, 100);
  for (size_t i = 0; i < ROWS * N; i++)
    a[i] = ldexp(a[i], shift[i % N]);
  double *shifted = fold(N, ROWS, a, 100);
  for (size_t i = 0; i < N * N; i++)
    assert_true(ldexp(r[i], shift[i % N]) == shifted[i]);
  nd_free(shifted);
  nd_free(r);
  nd_free(a);
}

/* Läuchli's matrix (1961): [1 1; e 0; 0 e], R = [1 1; 0 e sqrt(2)] though 1 + e^2 is 1; and rows
 * of very unlike size, the small ones first, which an elimination without care loses. */
static void keeps_what_a_square_loses(void **state) {
  (void)state;
  double e = 1e-200, lauchli[] = {1, 1, e, 0, 0, e}, r[4] = {0};
  nd_qr_fold(2, r, 3, lauchli);
  assert_true(fabs(fabs(r[0]) - 1) < 4e-16 && fabs(fabs(r[1]) - 1) < 4e-16);
  assert_true(fabs(fabs(r[3]) / (e * sqrt(2)) - 1) < 1e-15);
  double graded[] = {1e-290, 2e-290, 1e290, 1e290}, g[4] = {0};
  nd_qr_fold(2, g, 2, graded);
  assert_true(fabs(fabs(g[0]) / 1e290 - 1) < 1e-15 && fabs(fabs(g[1]) / 1e290 - 1) < 1e-15);
  assert_true(fabs(g[3]) < 1e275);
}

static void solves_the_hilbert_system(void **state) {
  (void)state;
  enum { N = 8, M = N + 1 };
  double a[N * M], r[M * M] = {0}, q[N], x[N];
  size_t rank;
  for (int i = 0; i < N; i++) {
    a[i * M + N] = 0;
    for (int j = 0; j < N; j++)
      a[i * M + N] += a[i * M + j] = 360360.0 / (i + j + 1);
  }
  nd_qr_fold(M, r, N, a);
  for (int i = 0; i < N; i++)
    q[i] = r[i * M + N];
  assert_int_equal(nd_qr_solve(N, M, r, q, x, &rank, NULL, NULL), NADIR_OK);
  assert_int_equal(rank, N);
  for (int i = 0; i < N; i++)
    assert_true(fabs(x[i] - 1) < 1.5e10 * 8 * DBL_EPSILON); /* condition 1.5e10 */
}

/* Columns a, b, a + 2 b (in units far apart), and one of zeros: two directions are free. */
static void finds_what_is_not_determined(void **state) {
  (void)state;
  enum { N = 4, M = N + 1, ROWS = 50 };
  nd_random random = nd_random_stream(11, ND_FOR_TEST, 0, 0);
  double a[ROWS * M], r[M * M] = {0}, q[N], x[N], null[N * N];
  size_t rank;
  for (size_t i = 0; i < ROWS; i++) {
    double *row = a + i * M, u = nd_random_normal(&random), v = nd_random_normal(&random);
    row[0] = 1e-200 * u, row[1] = 1e100 * v, row[2] = u + 2 * v, row[3] = 0;
    row[4] = 3 * u + v;
  }
  nd_qr_fold(M, r, ROWS, a);
  for (int i = 0; i < N; i++)
    q[i] = r[i * M + N];
  assert_int_equal(nd_qr_solve(N, M, r, q, x, &rank, null, NULL), NADIR_OK);
  assert_int_equal(rank, 2);
  assert_true(x[3] == 0);
  assert_true(fabs(x[0] * 1e-200 + x[2] - 3) < 1e-13);
  assert_true(fabs(x[1] * 1e100 + 2 * x[2] - 1) < 1e-13);
  for (size_t c = 0; c < 2; c++) {
    const double *z = null + c * N;
    double size = fabs(z[0]) * 1e-200 + fabs(z[1]) * 1e100 + fabs(z[2]) + fabs(z[3]);
    assert_true(size > 0.1);
    assert_true(fabs(z[0] * 1e-200 + z[2]) < 1e-13 && fabs(z[1] * 1e100 + 2 * z[2]) < 1e-13);
  }
}

static void a_nan_spreads(void **state) {
  (void)state;
  double a[] = {1, 2, NAN, 4, 5, 6}, r[4] = {0};
  nd_qr_fold(2, r, 3, a);
  assert_true(isnan(r[0]) && isnan(r[1]) && isnan(r[3]));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(folds_any_shape_in_any_pieces),
      cmocka_unit_test(folds_very_wide_rows),
      cmocka_unit_test(puts_two_factors_together),
      cmocka_unit_test(powers_of_two_change_exponents_alone),
      cmocka_unit_test(keeps_what_a_square_loses),
      cmocka_unit_test(solves_the_hilbert_system),
      cmocka_unit_test(finds_what_is_not_determined),
      cmocka_unit_test(a_nan_spreads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
