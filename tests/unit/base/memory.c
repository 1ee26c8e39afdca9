/* Allocation: zeroed, aligned, checked; growing keeps what was there; sizes that overflow are
 * refused. Built with NADIR_FAULTS, each allocation in turn fails and leaves nothing behind
 * (LeakSanitizer). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/dense.h"
#include "base/quartiles.h"
#include "base/base.h"
#include "base/pages.h"
#include "base/fault_internal.h"

static void new_memory_is_zeroed_and_aligned(void **state) {
  (void)state;
  for (size_t size = 0; size < 300; size += 7) {
    unsigned char *memory = nd_new(size, 3, NULL);
    assert_non_null(memory);
    assert_int_equal((uintptr_t)memory % 64, 0);
    for (size_t i = 0; i < 3 * size; i++)
      assert_int_equal(memory[i], 0);
    memset(memory, 0xAA, 3 * size);
    nd_free(memory);
  }
  nd_free(NULL);
}

static void large_memory_is_all_there(void **state) {
  (void)state;
  const size_t page = (size_t)1 << 21, sizes[] = {0, 1, 63, 64, page - 1, page, 2 * page + 1};
  for (size_t i = 0; i < ND_COUNT(sizes); i++) {
    size_t bytes = sizes[i];
    unsigned char *memory = nd_new_large(&bytes, NULL);
    assert_non_null(memory);
    assert_int_equal((uintptr_t)memory % (sizes[i] < page ? 64 : page), 0);
    assert_true(bytes >= sizes[i]);
    memset(memory, 0xAA, bytes);
    nd_free(memory);
  }
}

static void pages_are_zeroed_and_freed_once(void **state) {
  (void)state;
  nadir_error error;
  nd_pages pages;
  assert_int_equal(nd_pages_new(&pages, 5000, &error), NADIR_OK);
  for (size_t i = 0; i < 5000; i++)
    assert_int_equal(((unsigned char *)pages.at)[i], 0);
  memset(pages.at, 0xAA, pages.bytes);
  nd_pages_free(&pages);
  assert_null(pages.at);
  nd_pages_free(&pages); /* nothing is left to free */
  assert_int_equal(nd_pages_new(&pages, (size_t)PTRDIFF_MAX, &error), NADIR_NO_MEMORY);
  assert_null(pages.at);
}

static void sizes_that_overflow_are_refused(void **state) {
  (void)state;
  nadir_error error;
  size_t large[] = {SIZE_MAX, SIZE_MAX / 2 + 1, PTRDIFF_MAX};
  for (size_t i = 0; i < ND_COUNT(large); i++) {
    error.status = NADIR_OK;
    assert_null(nd_new_large(&large[i], &error));
    assert_int_equal(error.status, NADIR_NO_MEMORY);
  }
  assert_null(nd_new(SIZE_MAX / 2, 3, &error));
  assert_int_equal(error.status, NADIR_NO_MEMORY);
  assert_null(nd_new(SIZE_MAX, 1, &error));
  assert_null(nd_new((size_t)PTRDIFF_MAX, 1, &error));
  size_t result, capacity = 0;
  assert_false(nd_multiply(SIZE_MAX, 2, &result));
  assert_false(nd_add(SIZE_MAX, 1, &result));
  assert_true(nd_multiply(6, 7, &result) && result == 42);
  assert_true(nd_add(SIZE_MAX - 1, 1, &result) && result == SIZE_MAX);
  double *array = NULL;
  assert_int_equal(nd_grow(&array, &capacity, SIZE_MAX / 4, sizeof *array, &error),
                   NADIR_NO_MEMORY);
  assert_null(array);
  assert_int_equal(capacity, 0);
  assert_null(nd_copy_text("x", SIZE_MAX, &error));
}

static void growing_keeps_and_zeroes(void **state) {
  (void)state;
  uint32_t *array = NULL;
  size_t capacity = 0, grown = 0;
  for (uint32_t i = 0; i < 100000; i++) {
    size_t before = capacity;
    assert_int_equal(nd_grow(&array, &capacity, i + 1, sizeof *array, NULL), NADIR_OK);
    grown += capacity != before;
    assert_int_equal(array[i], 0);
    array[i] = i;
  }
  for (uint32_t i = 0; i < 100000; i++)
    assert_int_equal(array[i], i);
  assert_in_range(grown, 1, 40); /* by half each time: log(1e5) / log(1.5) = 28 */
  nd_free(array);
}

static void texts_are_copied(void **state) {
  (void)state;
  char *copy = nd_copy_text("abcdef", 3, NULL);
  assert_string_equal(copy, "abc");
  nadir_text_free(copy);
  copy = nd_copy_text(NULL, 0, NULL);
  assert_string_equal(copy, "");
  nd_free(copy);
}

static void arenas_hold_many_things(void **state) {
  (void)state;
  nd_arena *arena;
  unsigned char *things[3000];
  assert_int_equal(nd_arena_new(&arena, NULL), NADIR_OK);
  for (size_t i = 0; i < ND_COUNT(things); i++) {
    size_t size = i % 100 == 0 ? 40000 : i % 200;
    things[i] = nd_arena_take(arena, size, NULL);
    assert_int_equal((uintptr_t)things[i] % 16, 0);
    for (size_t k = 0; k < size; k++)
      assert_int_equal(things[i][k], 0);
    memset(things[i], (int)(i % 251), size);
  }
  for (size_t i = 0; i < ND_COUNT(things); i++) {
    size_t size = i % 100 == 0 ? 40000 : i % 200;
    for (size_t k = 0; k < size; k++)
      assert_int_equal(things[i][k], i % 251);
  }
  nadir_error error;
  assert_null(nd_arena_take(arena, SIZE_MAX, &error));
  assert_int_equal(error.status, NADIR_NO_MEMORY);
  assert_null(nd_arena_take(arena, SIZE_MAX - 64, &error));
  nd_arena_free(arena);
  nd_arena_free(NULL);
}

#ifdef NADIR_FAULTS
static nadir_status use_memory(nadir_error *error) {
  nd_arena *arena;
  nd_text text = {0};
  nd_quartiles *quartiles = NULL;
  nadir_status status = nd_arena_new(&arena, error);
  for (int i = 0; status == NADIR_OK && i < 10; i++)
    if (!nd_arena_take(arena, 30000, error)) status = NADIR_NO_MEMORY;
  for (int i = 0; status == NADIR_OK && i < 1000; i++)
    nd_text_append(&text, "some text");
  if (status == NADIR_OK) status = nd_text_status(&text, error);
  if (status == NADIR_OK) status = nd_quartiles_new(&quartiles, NADIR_FLOAT64, error);
  nd_quartiles_free(quartiles);
  nd_text_free(&text);
  nd_arena_free(arena);
  return status;
}

static void each_allocation_may_fail(void **state) {
  (void)state;
  nadir_error error;
  nd_fault_set(NULL);
  assert_int_equal(use_memory(&error), NADIR_OK);
  uint64_t calls = nd_fault_count(ND_FAULT_MEMORY);
  assert_true(calls > 20);
  for (uint64_t n = 1; n <= calls + 1; n++) {
    char wish[32];
    for (int on = 0; on < 2; on++) {
      snprintf(wish, sizeof wish, "memory:%d%s", (int)n, on ? ":on" : "");
      assert_true(nd_fault_set(wish));
      error = (nadir_error){.status = NADIR_OK};
      nadir_status status = use_memory(&error);
      assert_int_equal(status, n <= calls ? NADIR_NO_MEMORY : NADIR_OK);
      assert_int_equal(error.status, status);
      assert_true(status == NADIR_OK || strncmp(error.message, "memory: ", 8) == 0);
    }
  }
  nd_fault_set(NULL);
}

static void pages_may_be_refused(void **state) {
  (void)state;
  nadir_error error;
  nd_pages pages;
  assert_true(nd_fault_set("mmap:1"));
  assert_int_equal(nd_pages_new(&pages, 5000, &error), NADIR_NO_MEMORY);
  assert_null(pages.at);
  assert_non_null(strstr(error.message, "memory: there is not enough for 1 x 5000 bytes"));
  assert_int_equal(nd_pages_new(&pages, 5000, &error), NADIR_OK);
  nd_pages_free(&pages);
  assert_true(nd_fault_set(""));
}

/* What need not end the work is not any call: a walk through all would end there. */
static void closes_and_threads_are_not_any_call(void **state) {
  (void)state;
  assert_true(nd_fault_set("any:1"));
  assert_false(nd_fault(ND_FAULT_CLOSE));
  assert_false(nd_fault(ND_FAULT_THREAD));
  assert_true(nd_fault(ND_FAULT_MMAP));
  assert_true(nd_fault_set(""));
}

static void wishes_are_understood_or_refused(void **state) {
  (void)state;
  static const char *const wrong[] = {"memory", "memory:",    "memory:0", "memory:x",
                                      "disk:1", "read:1:off", "read:1on", ":1"};
  for (size_t i = 0; i < ND_COUNT(wrong); i++)
    assert_false(nd_fault_set(wrong[i]));
  assert_true(nd_fault_set("any:2:on"));
  assert_false(nd_fault(ND_FAULT_READ));
  assert_true(nd_fault(ND_FAULT_WRITE));
  assert_true(nd_fault(ND_FAULT_MEMORY));
  assert_int_equal(nd_fault_count(ND_FAULT_ANY), 3);
  assert_false(nd_fault(ND_FAULT_THREAD) || nd_fault(ND_FAULT_PIECE)); /* of these it says nothing */
  assert_int_equal(nd_fault_count(ND_FAULT_ANY), 3);
  assert_true(nd_fault_set("read:2"));
  assert_false(nd_fault(ND_FAULT_READ));
  assert_true(nd_fault(ND_FAULT_READ));
  assert_false(nd_fault(ND_FAULT_READ));
  assert_true(nd_fault_set(""));
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(new_memory_is_zeroed_and_aligned),
      cmocka_unit_test(large_memory_is_all_there),
      cmocka_unit_test(pages_are_zeroed_and_freed_once),
      cmocka_unit_test(sizes_that_overflow_are_refused),
      cmocka_unit_test(growing_keeps_and_zeroes),
      cmocka_unit_test(texts_are_copied),
      cmocka_unit_test(arenas_hold_many_things),
#ifdef NADIR_FAULTS
      cmocka_unit_test(each_allocation_may_fail),
      cmocka_unit_test(pages_may_be_refused),
      cmocka_unit_test(closes_and_threads_are_not_any_call),
      cmocka_unit_test(wishes_are_understood_or_refused),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
