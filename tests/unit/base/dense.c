/* Dense algebra against closed forms: the Hilbert matrix's inverse, the eigenvalues of the second
 * difference, sums that plain doubles get wrong; and the BLAS behind it must run serially. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dense.h"
#include "base/base.h"

/* Threads of this process, as the kernel tells; 1 where it does not. */
static int running_threads(void) {
  char *text, *line;
  size_t size;
  if (nd_file_slurp("/proc/self/status", 1 << 20, &text, &size, NULL) != NADIR_OK) return 1;
  line = strstr(text, "\nThreads:");
  int count = line ? atoi(line + 9) : 1;
  nd_free(text);
  return count;
}

#if defined(__SANITIZE_THREAD__)
enum { OWN_THREADS = 2 }; /* the sanitizer has one */
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
enum { OWN_THREADS = 2 };
#else
enum { OWN_THREADS = 1 };
#endif
#else
enum { OWN_THREADS = 1 };
#endif

/* Large enough that a BLAS with threads of its own would have started them, if not at loading. */
static void blas_is_serial(void **state) {
  (void)state;
  enum { N = 600 };
  double *a = nd_new(N * N, sizeof *a, NULL), *values = nd_new(N, sizeof *values, NULL);
  bool definite;
  for (size_t i = 0; i < N; i++)
    a[i * N + i] = values[i] = 1;
  assert_int_equal(nd_solve_definite(N, a, values, &definite, NULL, NULL), NADIR_OK);
  assert_int_equal(nd_eigen(N, a, values, NULL, NULL, NULL), NADIR_OK);
  assert_in_range(running_threads(), 1, OWN_THREADS);
  nd_free(a);
  nd_free(values);
}

static double binomial(int n, int k) {
  double result = 1;
  for (int i = 1; i <= k; i++)
    result = result * (n - k + i) / i;
  return result;
}

/* Savage and Lukacs 1954; condition number of order 5 is 4.8e5, so 1e-9 leaves a factor ten. */
static void inverts_the_hilbert_matrix(void **state) {
  (void)state;
  enum { N = 5 };
  double a[N * N], inverse[N * N];
  bool definite;
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      a[i * N + j] = 1.0 / (i + j + 1);
  assert_int_equal(nd_invert_definite(N, a, inverse, &definite, NULL, NULL), NADIR_OK);
  assert_true(definite);
  for (int i = 1; i <= N; i++)
    for (int j = 1; j <= N; j++) {
      double exact = ((i + j) % 2 ? -1 : 1) * (i + j - 1) * binomial(N + i - 1, N - j) *
                     binomial(N + j - 1, N - i) * pow(binomial(i + j - 2, i - 1), 2);
      double got = inverse[(i - 1) * N + j - 1];
      if (fabs(got - exact) > 1e-9 * fabs(exact)) fail_msg("%d %d: %.17g %.17g", i, j, got, exact);
    }
}

/* -1 2 -1: eigenvalues 2 - 2 cos(k pi / (n + 1)). */
static void second_difference(size_t n, double *a) {
  for (size_t i = 0; i < n * n; i++)
    a[i] = 0;
  for (size_t i = 0; i < n; i++) {
    a[i * n + i] = 2;
    if (i > 0) a[i * n + i - 1] = a[(i - 1) * n + i] = -1;
  }
}

static void finds_eigenvalues_and_vectors(void **state) {
  (void)state;
  enum { N = 40 };
  double a[N * N], values[N], alone[N], vectors[N * N];
  second_difference(N, a);
  assert_int_equal(nd_eigen(N, a, values, vectors, NULL, NULL), NADIR_OK);
  assert_int_equal(nd_eigen(N, a, alone, NULL, NULL, NULL), NADIR_OK);
  for (int k = 0; k < N; k++) {
    double exact = 2 - 2 * cos((k + 1) * acos(-1) / (N + 1));
    assert_true(fabs(values[k] - exact) < 100 * DBL_EPSILON);
    assert_true(fabs(alone[k] - exact) < 100 * DBL_EPSILON);
    for (int i = 0; i < N; i++) {
      double product = nd_dot(N, a + i * N, vectors + k * N);
      assert_true(fabs(product - exact * vectors[k * N + i]) < 100 * DBL_EPSILON);
    }
    assert_true(fabs(nd_norm(N, vectors + k * N) - 1) < 100 * DBL_EPSILON);
  }
}

static void solves_and_refuses(void **state) {
  (void)state;
  enum { N = 30 };
  double a[N * N], x[N];
  bool definite;
  second_difference(N, a);
  for (int i = 0; i < N; i++)
    x[i] = 1; /* solution i (n + 1 - i) / 2 */
  assert_int_equal(nd_solve_definite(N, a, x, &definite, NULL, NULL), NADIR_OK);
  assert_true(definite);
  for (int i = 1; i <= N; i++)
    assert_true(fabs(x[i - 1] - i * (N + 1 - i) / 2.0) < 1e-10);

  double singular[] = {1, 1, 1, 1}, nearly[] = {1, 1, 1, 1 + DBL_EPSILON},
         indefinite[] = {1, 2, 2, 1};
  double poor[] = {1e200, 0, 0, 1e-200}, missing[] = {1, NAN, NAN, 1}, b[] = {3, 4};
  double *refused[] = {singular, nearly, indefinite, missing};
  for (size_t i = 0; i < ND_COUNT(refused); i++) {
    assert_int_equal(nd_solve_definite(2, refused[i], b, &definite, NULL, NULL), NADIR_OK);
    assert_false(definite);
    assert_true(b[0] == 3 && b[1] == 4);
    double inverse[4];
    assert_int_equal(nd_invert_definite(2, refused[i], inverse, &definite, NULL, NULL), NADIR_OK);
    assert_false(definite);
  }
  /* scale alone is no reason to refuse */
  assert_int_equal(nd_solve_definite(2, poor, b, &definite, NULL, NULL), NADIR_OK);
  assert_true(definite && fabs(b[0] / 3e-200 - 1) < 1e-15 && fabs(b[1] / 4e200 - 1) < 1e-15);
  assert_int_equal(nd_solve_definite(0, a, b, &definite, NULL, NULL), NADIR_OK);
  assert_true(definite);
  nadir_error error;
  assert_int_equal(nd_eigen(2, missing, b, NULL, NULL, &error), NADIR_BAD_DATA);
  assert_int_equal(nd_eigen(1000000, a, b, NULL, NULL, &error), NADIR_NO_MEMORY);
}

static void sums_keep_their_digits(void **state) {
  (void)state;
  double a[] = {1e20, 1, -1e20, 3}, ones[] = {1, 1, 1, 1}, c[] = {1 + DBL_EPSILON, 1};
  double d[] = {1 - DBL_EPSILON, -1};
  assert_true(nd_dot(4, a, ones) == 4);
  assert_true(nd_dot(2, c, d) == -DBL_EPSILON * DBL_EPSILON);
  double huge[] = {1e300, 1e300}, tiny[] = {3e-300, 4e-300}, odd[] = {1, INFINITY},
         bad[] = {NAN, INFINITY};
  assert_true(isinf(nd_dot(2, huge, huge)));
  assert_true(fabs(nd_norm(2, huge) / 1e300 - sqrt(2)) < 1e-15);
  assert_true(fabs(nd_norm(2, tiny) / 5e-300 - 1) < 1e-15);
  assert_true(isinf(nd_norm(2, odd)));
  assert_true(isnan(nd_norm(2, bad)));
  assert_true(nd_norm(0, NULL) == 0 && nd_dot(0, NULL, NULL) == 0);
  assert_true(nd_all_finite(2, huge) && !nd_all_finite(2, odd) && !nd_all_finite(2, bad));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(blas_is_serial), cmocka_unit_test(inverts_the_hilbert_matrix),
      cmocka_unit_test(finds_eigenvalues_and_vectors), cmocka_unit_test(solves_and_refuses),
      cmocka_unit_test(sums_keep_their_digits)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
