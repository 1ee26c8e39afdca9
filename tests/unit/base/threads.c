/* The pool runs every task once, whatever the number of threads, and gives back the error of the
 * lowest task that fails, with every task below it done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "base/base.h"

enum { TASKS = 2000 };

typedef struct record {
  atomic_int runs[TASKS];
  size_t threads;
  size_t failing[2]; /* task numbers; TASKS: none */
  atomic_bool bad_worker;
} record;

static nadir_status task(void *context, size_t i, size_t worker, nadir_error *error) {
  record *seen = context;
  atomic_fetch_add(&seen->runs[i], 1);
  if (worker >= seen->threads) atomic_store(&seen->bad_worker, true);
  if (i ==
      seen->failing[0]) { /* the lower one takes its time, so that the higher is reported first */
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    return nd_fail(error, NADIR_BAD_DATA, "task %zu", i);
  }
  if (i == seen->failing[1]) return nd_fail(error, NADIR_BAD_PATH, "task %zu", i);
  return NADIR_OK;
}

static void every_task_runs_once(void **state) {
  (void)state;
  for (size_t threads = 1; threads <= 5; threads += 2) {
    nd_pool *pool;
    assert_int_equal(nd_pool_new(&pool, threads, NULL), NADIR_OK);
    assert_int_equal(nd_pool_threads(pool), threads);
    static record seen;
    memset(&seen, 0, sizeof seen);
    seen.threads = threads;
    seen.failing[0] = seen.failing[1] = TASKS;
    for (int round = 1; round <= 20; round++) {
      assert_int_equal(nd_pool_run(pool, TASKS, task, &seen, NULL), NADIR_OK);
      for (size_t i = 0; i < TASKS; i++)
        assert_int_equal(atomic_load(&seen.runs[i]), round);
    }
    assert_int_equal(nd_pool_run(pool, 0, task, &seen, NULL), NADIR_OK);
    assert_int_equal(nd_pool_run(pool, 1, task, &seen, NULL), NADIR_OK);
    assert_int_equal(atomic_load(&seen.runs[0]), 21);
    assert_false(atomic_load(&seen.bad_worker));
    nd_pool_free(pool);
  }
}

static void the_lowest_failure_wins(void **state) {
  (void)state;
  for (size_t threads = 1; threads <= 4; threads++) {
    nd_pool *pool;
    assert_int_equal(nd_pool_new(&pool, threads, NULL), NADIR_OK);
    for (int round = 0; round < 20; round++) {
      static record seen;
      memset(&seen, 0, sizeof seen);
      seen.threads = threads;
      seen.failing[0] = 500;
      seen.failing[1] = 501;
      nadir_error error;
      assert_int_equal(nd_pool_run(pool, TASKS, task, &seen, &error), NADIR_BAD_DATA);
      assert_string_equal(error.message, "task 500");
      for (size_t i = 0; i <= 500; i++)
        assert_int_equal(atomic_load(&seen.runs[i]), 1);
      for (size_t i = 501; threads == 1 && i < TASKS; i++)
        assert_int_equal(atomic_load(&seen.runs[i]), 0);
      assert_int_equal(nd_pool_run(pool, TASKS, task, &seen, NULL), NADIR_BAD_DATA);
    }
    nd_pool_free(pool);
  }
}

static void no_pool_where_none_is_possible(void **state) {
  (void)state;
  nd_pool *pool;
  nadir_error error;
  assert_int_equal(nd_pool_new(&pool, 100000, &error), NADIR_BAD_SETTING);
  assert_null(pool);
  nd_pool_free(NULL);
  assert_int_equal(nd_pool_new(&pool, 0, &error), NADIR_OK);
  assert_true(nd_pool_threads(pool) >= 1);
  nd_pool_free(pool);
}

static void the_clock_goes_on(void **state) {
  (void)state;
  double before = nd_clock();
  nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
  assert_true(nd_clock() - before >= 0.0199);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_task_runs_once), cmocka_unit_test(the_lowest_failure_wins),
      cmocka_unit_test(no_pool_where_none_is_possible), cmocka_unit_test(the_clock_goes_on)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
