/* Dense algebra from several threads at once: each gets the bits that one thread gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/dense.h"
#include "base/base.h"

enum { THREADS = 4, REPEATS = 12 };

typedef struct work {
  size_t n;
  const double *a;
  double *solutions; /* n for each repeat */
  double *values;
} work;

static nadir_status solve_one(void *context, size_t i, size_t worker, nadir_error *error) {
  const work *w = context;
  (void)worker;
  bool definite;
  double *x = w->solutions + i * w->n;
  for (size_t k = 0; k < w->n; k++)
    x[k] = 1;
  ND_TRY(nd_solve_definite(w->n, w->a, x, &definite, NULL, error));
  return i % 4 == 0 ? nd_eigen(w->n, w->a, w->values + i * w->n, NULL, NULL, error) : NADIR_OK;
}

static void check(size_t n) {
  nd_random random = nd_random_stream(3, ND_FOR_TEST, n, 0);
  double *a = nd_new(n * n, sizeof *a, NULL);
  double *results = nd_new(2 * REPEATS * n, sizeof *results, NULL);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j <= i; j++)
      a[i * n + j] = a[j * n + i] = nd_random_normal(&random) + (i == j ? 3 * (double)n : 0);
  work w = {.n = n, .a = a, .solutions = results, .values = results + REPEATS * n};
  nd_pool *pool;
  assert_int_equal(nd_pool_new(&pool, THREADS, NULL), NADIR_OK);
  assert_int_equal(nd_pool_run(pool, REPEATS, solve_one, &w, NULL), NADIR_OK);
  nd_pool_free(pool);
  for (size_t i = 1; i < REPEATS; i++) {
    assert_memory_equal(w.solutions, w.solutions + i * n, n * sizeof *a);
    if (i % 4 == 0) assert_memory_equal(w.values, w.values + i * n, n * sizeof *a);
  }
  nd_free(results);
  nd_free(a);
}

static void small_matrices(void **state) {
  (void)state;
  check(40);
}

static void large_matrices(void **state) {
  (void)state;
  check(300);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(small_matrices),
                                     cmocka_unit_test(large_matrices)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
