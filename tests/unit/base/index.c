/* Each text keeps its first number, however many there are; a part of a text is not that text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/index.h"

enum { MANY = 10000, LENGTH = 16 };

static void texts_are_found(void **state) {
  (void)state;
  static char texts[MANY][LENGTH];
  nd_index index = {0};
  assert_true(nd_index_find(&index, "c0", 2) == SIZE_MAX);
  for (size_t i = 0; i < MANY; i++) {
    int length = snprintf(texts[i], LENGTH, "c%zu", i);
    assert_true(nd_index_find(&index, texts[i], (size_t)length) == SIZE_MAX);
    assert_int_equal(nd_index_add(&index, texts[i], i, NULL), NADIR_OK);
  }
  for (size_t i = 0; i < MANY; i++) {
    char copy[LENGTH + 1];
    int length = snprintf(copy, sizeof copy, "%s!", texts[i]) - 1;
    assert_int_equal(nd_index_find(&index, copy, (size_t)length), i);
    assert_true(nd_index_find(&index, copy, (size_t)length + 1) == SIZE_MAX);
  }
  nd_index_clear(&index);
  assert_true(nd_index_find(&index, "c0", 2) == SIZE_MAX);
}

static void the_first_number_stays(void **state) {
  (void)state;
  nd_index index = {0};
  assert_int_equal(nd_index_add(&index, "", 7, NULL), NADIR_OK);
  assert_int_equal(nd_index_add(&index, "x", 1, NULL), NADIR_OK);
  assert_int_equal(nd_index_add(&index, "x", 2, NULL), NADIR_OK);
  assert_int_equal(index.count, 2);
  assert_int_equal(nd_index_find(&index, "x", 1), 1);
  assert_int_equal(nd_index_find(&index, "xy", 0), 7);
  nd_index_clear(&index);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(texts_are_found),
                                     cmocka_unit_test(the_first_number_stays)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
