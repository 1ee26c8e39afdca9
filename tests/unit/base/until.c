/* How long work may go on: up to a time, and while nobody asks for its end; and a pool that heeds
 * it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdatomic.h>
#include <time.h>
#include <string.h>

#include "base/base.h"

enum { LONG = 1000, TASKS = 100000, AFTER = 7 };

/* Says that an end is asked for once it has been asked so often. */
static bool patience(void *context) {
  int *left = context;
  return (*left)-- <= 0;
}

static void no_limit_is_never_over(void **state) {
  (void)state;
  nd_until never = {.deadline = HUGE_VAL};
  assert_int_equal(nd_is_over(NULL), ND_GOES_ON);
  assert_int_equal(nd_is_over(&never), ND_GOES_ON);
  assert_int_equal(nd_go_on(NULL, NULL), NADIR_OK);
}

static void a_deadline_ends(void **state) {
  (void)state;
  nd_until past = {.deadline = nd_clock() - 1}, later = {.deadline = nd_clock() + LONG};
  assert_int_equal(nd_is_over(&past), ND_OVER_TIME);
  assert_int_equal(nd_is_over(&later), ND_GOES_ON);
}

static void an_end_that_is_asked_for_comes_first(void **state) {
  (void)state;
  int left = 1;
  nadir_error error;
  nd_until asked = {.deadline = HUGE_VAL, .asked = patience, .context = &left};
  assert_int_equal(nd_is_over(&asked), ND_GOES_ON);
  assert_int_equal(nd_is_over(&asked), ND_OVER_ASKED);
  asked.deadline = nd_clock() - 1;
  assert_int_equal(nd_is_over(&asked), ND_OVER_ASKED);
  assert_int_equal(nd_go_on(&asked, &error), NADIR_ENDED);
  assert_int_equal(error.status, NADIR_ENDED);
  assert_non_null(strstr(error.message, "interrupted"));
}

static void what_is_over_sooner_counts(void **state) {
  (void)state;
  int left = 0;
  nd_until past = {.deadline = nd_clock() - 1}, later = {.deadline = HUGE_VAL};
  nd_until asked = {.deadline = HUGE_VAL, .asked = patience, .context = &left};
  past = nd_until_for(&past, LONG);
  assert_int_equal(nd_is_over(&past), ND_OVER_TIME);
  later = nd_until_for(&later, -1);
  assert_int_equal(nd_is_over(&later), ND_OVER_TIME);
  later = nd_until_for(NULL, HUGE_VAL);
  assert_int_equal(nd_is_over(&later), ND_GOES_ON);
  asked = nd_until_for(&asked, LONG);
  assert_int_equal(nd_is_over(&asked), ND_OVER_ASKED);
}

/* Sleeping is no work, however long it takes. */
static void work_is_what_the_processor_did(void **state) {
  (void)state;
  nd_until some = nd_until_work(NULL, 0.05), half = nd_until_half(&some), less = nd_until_work(&half, LONG);
  assert_true(half.work < some.work && less.work == half.work);
  assert_true(half.deadline == HUGE_VAL);
  nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
  assert_int_equal(nd_is_over(&half), ND_GOES_ON);
  while (nd_is_over(&half) == ND_GOES_ON) continue;
  assert_int_equal(nd_is_over(&less), ND_OVER_TIME);
  while (nd_is_over(&some) == ND_GOES_ON) continue;
}

static nadir_status count(void *context, size_t i, size_t worker, nadir_error *error) {
  atomic_int *done = context;
  (void)i, (void)worker, (void)error;
  atomic_fetch_add(done, 1);
  return NADIR_OK;
}

static void a_pool_heeds_it(void **state) {
  (void)state;
  for (size_t threads = 1; threads <= 3; threads++) {
    nd_pool *pool;
    atomic_int done = 0;
    int left = AFTER;
    nd_until asked = {.deadline = HUGE_VAL, .asked = patience, .context = &left};
    assert_int_equal(nd_pool_new(&pool, threads, NULL), NADIR_OK);
    nd_pool_heed(pool, &asked);
    nadir_status status = nd_pool_run(pool, TASKS, count, &done, NULL);
    if (threads == 1) assert_int_equal(atomic_load(&done), AFTER);
    /* the others may have done all before the caller had asked so often */
    assert_true(status == NADIR_ENDED || (threads > 1 && atomic_load(&done) == TASKS));
    nd_pool_heed(pool, NULL);
    atomic_store(&done, 0);
    assert_int_equal(nd_pool_run(pool, TASKS, count, &done, NULL), NADIR_OK);
    assert_int_equal(atomic_load(&done), TASKS);
    nd_pool_free(pool);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_limit_is_never_over), cmocka_unit_test(a_deadline_ends),
      cmocka_unit_test(an_end_that_is_asked_for_comes_first),
      cmocka_unit_test(what_is_over_sooner_counts),
      cmocka_unit_test(work_is_what_the_processor_did), cmocka_unit_test(a_pool_heeds_it)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
