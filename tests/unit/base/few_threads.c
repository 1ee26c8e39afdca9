/* Where the system starts fewer threads than were asked for, a pool works with those that there are. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

enum { WANTED = 5, TASKS = 200 };
static size_t left; /* threads that still start */

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*begin)(void *),
                          void *context);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*begin)(void *),
                          void *context);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*begin)(void *),
                          void *context) {
  if (left == 0) return EAGAIN;
  left--;
  return __real_pthread_create(thread, attributes, begin, context);
}

typedef struct record {
  size_t threads;
  atomic_int runs[TASKS];
  atomic_bool bad_worker;
} record;

static nadir_status task(void *context, size_t i, size_t worker, nadir_error *error) {
  record *seen = context;
  (void)error;
  atomic_fetch_add(&seen->runs[i], 1);
  if (worker >= seen->threads) atomic_store(&seen->bad_worker, true);
  return NADIR_OK;
}

static void the_others_do_the_work(void **state) {
  (void)state;
  for (size_t started = 0; started < WANTED; started++) {
    record seen = {.threads = started + 1};
    nd_pool *pool;
    nadir_error error;
    left = started;
    assert_int_equal(nd_pool_new(&pool, WANTED, &error), NADIR_OK);
    assert_int_equal(nd_pool_threads(pool), started + 1);
    for (int round = 1; round <= 3; round++) {
      assert_int_equal(nd_pool_run(pool, TASKS, task, &seen, &error), NADIR_OK);
      for (size_t i = 0; i < TASKS; i++)
        assert_int_equal(atomic_load(&seen.runs[i]), round);
    }
    assert_false(atomic_load(&seen.bad_worker));
    nd_pool_free(pool);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_others_do_the_work)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
