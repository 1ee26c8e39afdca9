/* Eigenvalues of symmetric matrices, and factors of definite ones, of every
 * size and way: residuals of random matrices, small eigenvalues of graded ones,
 * powers of two to the bit, one sign. */
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

static double *random_symmetric(size_t n, uint64_t seed) {
  nd_random random = nd_random_stream(seed, ND_FOR_TEST, n, 0);
  double *a = nd_new(n * n, sizeof *a, NULL);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j <= i; j++)
      a[i * n + j] = a[j * n + i] = nd_random_normal(&random);
  return a;
}

/* A v = lambda v and orthonormal vectors, in units of eps times the norm. */
static double worst_residual(size_t n, const double *a, const double *values, const double *v) {
  double norm = fmax(fabs(values[0]), fabs(values[n - 1])), worst = 0;
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < n; k++) {
      double rest = nd_dot(n, a + k * n, v + i * n) - values[i] * v[i * n + k];
      worst = fmax(worst, fabs(rest) / norm);
      double dot = nd_dot(n, v + i * n, v + k * n) - (i == k);
      worst = fmax(worst, fabs(dot));
    }
    if (i > 0) assert_true(values[i] >= values[i - 1]);
  }
  return worst / DBL_EPSILON;
}

static void random_matrices_of_each_way(void **state) {
  (void)state;
  const size_t sizes[] = {1, 2, 3, 10, 24, 25, 26, 60, 130, 257};
  for (size_t s = 0; s < ND_COUNT(sizes); s++) {
    size_t n = sizes[s];
    double *a = random_symmetric(n, 5), *values = nd_new(2 * n, sizeof *values, NULL);
    double *vectors = nd_new(n * n, sizeof *vectors, NULL);
    assert_int_equal(nd_eigen(n, a, values, vectors, NULL, NULL), NADIR_OK);
    double worst = worst_residual(n, a, values, vectors);
    if (!(worst < 10 + (double)n)) fail_msg("%zu: %g", n, worst);
    assert_int_equal(nd_eigen(n, a, values + n, NULL, NULL, NULL), NADIR_OK);
    for (size_t i = 0; i < n; i++)
      assert_true(fabs(values[i] - values[n + i]) <= 1e-14 * (double)n);
    nd_free(vectors);
    nd_free(values);
    nd_free(a);
  }
}

static void special_matrices(void **state) {
  (void)state;
  const size_t sizes[] = {5, 40};
  for (size_t s = 0; s < ND_COUNT(sizes); s++) {
    size_t n = sizes[s];
    double *a = nd_new(n * n, sizeof *a, NULL), *values = nd_new(n, sizeof *values, NULL);
    double *vectors = nd_new(n * n, sizeof *vectors, NULL);
    assert_int_equal(nd_eigen(n, a, values, vectors, NULL, NULL), NADIR_OK); /* zeros */
    assert_true(values[0] == 0 && values[n - 1] == 0);
    for (size_t i = 0; i < n * n; i++)
      a[i] = 1; /* rank one */
    assert_int_equal(nd_eigen(n, a, values, vectors, NULL, NULL), NADIR_OK);
    assert_true(fabs(values[n - 1] / (double)n - 1) < 1e-14 && fabs(values[n - 2]) < 1e-13);
    for (size_t i = 0; i < n * n; i++)
      a[i] = i % (n + 1) == 0 ? (double)(n - i / n) : 0; /* diagonal, descending */
    assert_int_equal(nd_eigen(n, a, values, vectors, NULL, NULL), NADIR_OK);
    for (size_t i = 0; i < n; i++)
      assert_true(values[i] == (double)(i + 1) && vectors[i * n + n - 1 - i] == 1);
    nd_free(vectors);
    nd_free(values);
    nd_free(a);
  }
}

/* D G D with G = (1/2 off the diagonal): the eigenvalues span 80 decades, and
 * each has its digits. From the determinants: lambda_k is D_k^2 times 1, 3/4,
 * 2/3, 5/8, as the grades are far apart. */
static void graded_matrices_keep_small_eigenvalues(void **state) {
  (void)state;
  enum { N = 4 };
  const double grade[N] = {1e20, 1, 1e-20, 1e-40 / 1e10};
  double a[N * N], values[N];
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      a[i * N + j] = grade[i] * grade[j] * (i == j ? 1 : 0.5);
  assert_int_equal(nd_eigen(N, a, values, NULL, NULL, NULL), NADIR_OK);
  const double part[N] = {1, 3.0 / 4, 2.0 / 3, 5.0 / 8};
  for (int i = 0; i < N; i++) {
    double truth = grade[i] * grade[i] * part[i];
    if (!(fabs(values[N - 1 - i] / truth - 1) < 1e-14)) fail_msg("%d: %.17g", i, values[N - 1 - i]);
  }
}

static void shift_all(size_t count, const double *a, int shift, double *to) {
  for (size_t i = 0; i < count; i++)
    to[i] = ldexp(a[i], shift);
}

static void powers_of_two_change_no_bit_of_eigenvalues(void **state) {
  (void)state;
  const size_t sizes[] = {6, 40};
  for (size_t s = 0; s < ND_COUNT(sizes); s++)
    for (int shift = -951; shift <= 951; shift += 634) {
      size_t n = sizes[s];
      double *a = random_symmetric(n, 6), *work = nd_new(4 * n * n, sizeof *work, NULL);
      double *b = work, *v = b + n * n, *w = v + n * n, *values = w + n * n;
      shift_all(n * n, a, shift, b);
      assert_int_equal(nd_eigen(n, a, values, v, NULL, NULL), NADIR_OK);
      assert_int_equal(nd_eigen(n, b, values + n, w, NULL, NULL), NADIR_OK);
      assert_memory_equal(v, w, n * n * sizeof *v);
      for (size_t i = 0; i < n; i++)
        assert_true(ldexp(values[i], shift) == values[n + i]);
      nd_free(work);
      nd_free(a);
    }
}

/* Also by a power of its own for each row and column, and odd ones, whose root
 * is no double. */
static void powers_of_two_change_no_bit_of_solutions(void **state) {
  (void)state;
  enum { N = 20 };
  double *a = random_symmetric(N, 7), b[N * N], x[N], y[N], inverse[N * N], other[N * N];
  bool definite;
  for (int i = 0; i < N; i++)
    a[i * N + i] += 2 * N;
  for (int i = 0; i < N; i++) {
    x[i] = i + 1;
    y[i] = ldexp(x[i], 31 * i - 300);
    for (int j = 0; j < N; j++)
      b[i * N + j] = ldexp(a[i * N + j], 31 * (i + j) - 599);
  }
  assert_int_equal(nd_solve_definite(N, a, x, &definite, NULL, NULL), NADIR_OK);
  assert_true(definite);
  assert_int_equal(nd_solve_definite(N, b, y, &definite, NULL, NULL), NADIR_OK);
  assert_true(definite);
  assert_int_equal(nd_invert_definite(N, a, inverse, &definite, NULL, NULL), NADIR_OK);
  assert_int_equal(nd_invert_definite(N, b, other, &definite, NULL, NULL), NADIR_OK);
  for (int i = 0; i < N; i++) {
    assert_true(y[i] == ldexp(x[i], -31 * i + 299));
    for (int j = 0; j < N; j++)
      assert_true(other[i * N + j] == ldexp(inverse[i * N + j], -31 * (i + j) + 599));
  }
  nd_free(a);
}

/* Blocks that are whole and that are not. */
static void solves_definite_systems_of_any_size(void **state) {
  (void)state;
  const size_t sizes[] = {1, 2, 9, 15, 16, 17, 100, 257};
  for (size_t s = 0; s < ND_COUNT(sizes); s++) {
    size_t n = sizes[s];
    double *a = random_symmetric(n, 8), *x = nd_new(n, sizeof *x, NULL);
    bool definite;
    for (size_t i = 0; i < n; i++)
      a[i * n + i] += 2 * (double)n;
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j < n; j++)
        x[i] += a[i * n + j];
    assert_int_equal(nd_solve_definite(n, a, x, &definite, NULL, NULL), NADIR_OK);
    assert_true(definite);
    for (size_t i = 0; i < n; i++)
      assert_true(fabs(x[i] - 1) < 1e-13);
    a[(n - 1) * n + n - 1] = -1;
    assert_int_equal(nd_solve_definite(n, a, x, &definite, NULL, NULL), NADIR_OK);
    assert_false(definite);
    nd_free(x);
    nd_free(a);
  }
}

/* ---- an end that is asked for ---- */

typedef struct patience {
  int asked, most;
} patience;

static bool is_worn(void *context) {
  patience *p = context;
  return ++p->asked > p->most;
}

/* All that takes n^3 asks more often the larger the matrix is, and ends at any of its questions. */
static void can_be_ended(void **state) {
  (void)state;
  enum { N = 300 };
  double *a = random_symmetric(N, 4), *values = nd_new(N, sizeof *values, NULL);
  double *vectors = nd_new(N * N, sizeof *vectors, NULL);
  bool definite;
  for (size_t i = 0; i < N; i++)
    a[i * N + i] += 3 * N;
  for (int way = 0; way < 4; way++) {
    patience p = {.most = 1000000};
    nd_until until = {.deadline = HUGE_VAL, .asked = is_worn, .context = &p};
    for (int ended = 1; ended >= 0; ended--) {
      nadir_status status =
          way == 0   ? nd_eigen(N, a, values, NULL, &until, NULL)
          : way == 1 ? nd_eigen(N, a, values, vectors, &until, NULL)
          : way == 2 ? nd_solve_definite(N, a, values, &definite, &until, NULL)
                     : nd_invert_definite(N, a, vectors, &definite, &until, NULL);
      assert_int_equal(status, ended ? NADIR_OK : NADIR_ENDED);
      assert_true(p.asked >= N / 16);
      p = (patience){.most = p.asked - 1};
    }
  }
  nd_free(vectors);
  nd_free(values);
  nd_free(a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_matrices_of_each_way),
      cmocka_unit_test(special_matrices),
      cmocka_unit_test(graded_matrices_keep_small_eigenvalues),
      cmocka_unit_test(powers_of_two_change_no_bit_of_eigenvalues),
      cmocka_unit_test(powers_of_two_change_no_bit_of_solutions),
      cmocka_unit_test(solves_definite_systems_of_any_size),
      cmocka_unit_test(can_be_ended),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
