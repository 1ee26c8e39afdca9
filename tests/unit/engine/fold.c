/* Rows that lie by columns go into a triangle: that of nd_qr_fold but for rounding, with the same bits at each level. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/dense.h"
#include "engine/engine.h"
#include "engine/kernels_internal.h"

enum { MOST = 9 };

static double *random_matrix(nd_random *random, size_t cells) {
  double *a = nd_new(cells, sizeof *a, NULL);
  for (size_t i = 0; i < cells; i++)
    a[i] = nd_random_normal(random);
  return a;
}

static void fold_at(const char *level, size_t n, double *r, size_t rows, const double *columns) {
  double *copy = nd_new(n * rows, sizeof *copy, NULL);
  memcpy(copy, columns, n * rows * sizeof *copy);
  nd_kernels_at(level, false)->fold(n, r, rows, copy);
  nd_free(copy);
}

static void check_shape(nd_random *random, size_t n, size_t rows) {
  static const char *const levels[] = {"avx2", "avx512"};
  double *columns = random_matrix(random, n * rows), *a = nd_new(n * rows, sizeof *a, NULL);
  double r[MOST * MOST] = {0}, by_rows[MOST * MOST] = {0};
  for (size_t i = 0; i < rows; i++)
    for (size_t k = 0; k < n; k++)
      a[i * n + k] = columns[k * rows + i];
  fold_at("baseline", n, r, rows, columns);
  nd_qr_fold(n, by_rows, rows, a);
  for (size_t i = 0; i < n * n; i++)
    assert_true(fabs(fabs(r[i]) - fabs(by_rows[i])) <= 1e-13 * sqrt((double)rows)); /* signs are not fixed */
  for (size_t l = 0; l < ND_COUNT(levels); l++) {
    double here[MOST * MOST] = {0};
    if (!nd_kernels_at(levels[l], false)) continue;
    fold_at(levels[l], n, here, rows, columns);
    assert_memory_equal(here, r, sizeof r);
  }
  nd_free(columns), nd_free(a);
}

static void folds_what_lies_by_columns(void **state) {
  (void)state;
  nd_random random = nd_random_stream(8, ND_FOR_TEST, 0, 0);
  const size_t sizes[] = {1, 3, MOST}, heights[] = {1, 8, 61, 64, 512};
  for (size_t s = 0; s < ND_COUNT(sizes); s++)
    for (size_t h = 0; h < ND_COUNT(heights); h++)
      check_shape(&random, sizes[s], heights[h]);
}

/* A search of starts asks the last element alone. */
static void what_is_not_finite_reaches_the_last(void **state) {
  (void)state;
  enum { N = 3, ROWS = 8 };
  nd_random random = nd_random_stream(9, ND_FOR_TEST, 0, 0);
  const double bad[] = {(double)NAN, HUGE_VAL, -HUGE_VAL};
  for (size_t b = 0; b < ND_COUNT(bad); b++)
    for (size_t at = 0; at < N * ROWS; at++) {
      double *a = random_matrix(&random, N * ROWS), r[N * N] = {0};
      a[at] = bad[b];
      nd_fold_now()(N, r, ROWS, a);
      assert_false(isfinite(r[N * N - 1]));
      nd_free(a);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(folds_what_lies_by_columns),
      cmocka_unit_test(what_is_not_finite_reaches_the_last),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
