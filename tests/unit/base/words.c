/* Statuses, failures of the system, cells and notations in words: each has its own, none is left without, and what is
 * no value of the list is said to be none. */
#include <errno.h>
#include <fenv.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cell.h"
#include "base/system_internal.h"

static void statuses(void **state) {
  (void)state;
  static const struct {
    nadir_status status;
    int exit_status;
  } all[] = {
#define STATUS(name, exit_status, meaning) {name, exit_status},
      NADIR_STATUSES(STATUS)
#undef STATUS
  };
  for (size_t i = 0; i < ND_COUNT(all); i++) {
    assert_int_equal(nadir_exit_status(all[i].status), all[i].exit_status);
    for (size_t j = 0; j < i; j++)
      assert_string_not_equal(nadir_status_meaning(all[i].status),
                              nadir_status_meaning(all[j].status));
  }
  assert_int_equal(nadir_exit_status((nadir_status)9999), 3);
  assert_string_equal(nadir_status_meaning((nadir_status)9999), "not a status of nadir");
}

static void fails(int number, nadir_status status, const char *sentence) {
  nadir_error error = {0};
  assert_int_equal(nd_fail_system(&error, "f", "read", number), status);
  assert_string_equal(error.message, sentence);
}

static void system_errors(void **state) {
  (void)state;
  static const int numbers[] = {ENOENT, ENOTDIR, EISDIR, EACCES, EPERM,  ELOOP,  ENAMETOOLONG,
                                EROFS,  ENXIO,   ENODEV, EBADF,  ESPIPE, ENOSPC, EDQUOT,
                                EFBIG,  EMFILE,  ENFILE, ENOMEM, EPIPE,  EIO};
  for (size_t i = 0; i < ND_COUNT(numbers); i++) {
    nadir_error error = {0};
    nadir_status status = nd_fail_system(&error, "f", "opened", numbers[i]);
    assert_true(status == NADIR_BAD_PATH || status == NADIR_SYSTEM);
    assert_memory_equal(error.message, "f: cannot be opened, ", 21);
    assert_null(strstr(error.message, "errno"));
    assert_non_null(strstr(error.message + 21, ": ")); /* what to do */
  }
  fails(ENOENT, NADIR_BAD_PATH,
        "f: cannot be read, there is no such file or directory: check the name");
  fails(EFBIG, NADIR_SYSTEM,
        "f: cannot be read, the file would be larger than allowed: raise the limit (ulimit -f)");
  fails(EXDEV, NADIR_SYSTEM,
        "f: cannot be read, the system says error 18: look it up by `errno 18`");
}

static void cells(void **state) {
  (void)state;
  static const nadir_notation notations[] = {NADIR_NO_NOTATION, NADIR_DECIMAL_COMMA,
                                             NADIR_THOUSANDS, NADIR_DATE, NADIR_SEXAGESIMAL};
  for (size_t i = 0; i < ND_COUNT(notations); i++)
    for (size_t j = 0; j < i; j++) {
      assert_string_not_equal(nd_notation_words(notations[i]), nd_notation_words(notations[j]));
      assert_string_not_equal(nd_notation_cure(notations[i], true),
                              nd_notation_cure(notations[j], true));
      assert_string_not_equal(nd_notation_cure(notations[i], false),
                              nd_notation_cure(notations[j], false));
    }
  /* in a table of commas a comma in a number is quoted, and tr would take the table apart */
  assert_string_equal(nd_notation_cure(NADIR_DECIMAL_COMMA, false),
                      "write points, as tr , . < FILE does");
  assert_null(strstr(nd_notation_cure(NADIR_DECIMAL_COMMA, true), "tr ,"));
  assert_null(strstr(nd_notation_cure(NADIR_THOUSANDS, true), "tr -d"));
  const nadir_cell cell = {"a.csv", 3, "c", "0,5", NADIR_DECIMAL_COMMA, 1};
  nd_text out = {0};
  nd_say_cell(&cell, &out);
  assert_string_equal(nd_text_data(&out), "a.csv:row 3:c: \"0,5\" has a decimal comma");
  nd_text_free(&out);
  assert_string_equal(nd_cell_cure(&cell), nd_notation_cure(NADIR_DECIMAL_COMMA, true));
  assert_string_equal(nadir_cells_name(NADIR_TEXTS), "text");
  assert_null(nadir_cells_name((nadir_cells)99));
}

static void rounding(void **state) {
  (void)state;
  int none = -1, before;
  fesetround(FE_UPWARD);
  before = nd_round_to_nearest();
  assert_int_equal(fegetround(), FE_TONEAREST);
  nd_restore_rounding(&none); /* of a system that did not say */
  assert_int_equal(fegetround(), FE_TONEAREST);
  nd_restore_rounding(&before);
  assert_int_equal(fegetround(), FE_UPWARD);
  fesetround(FE_TONEAREST);
}

/* Three quarters of 2^32: a quarter of what is drawn favours some numbers, and is drawn again. */
static void even_draws(void **state) {
  (void)state;
  const uint64_t bound = UINT64_C(3) << 30;
  nd_random random = nd_random_stream(3, ND_FOR_TEST, 0, 0);
  size_t thirds[3] = {0};
  enum { DRAWS = 30000 };
  for (int i = 0; i < DRAWS; i++) {
    uint64_t drawn = nd_random_below(&random, bound);
    assert_true(drawn < bound);
    thirds[drawn >> 30]++;
  }
  for (int i = 0; i < 3; i++)
    assert_true(fabs((double)thirds[i] - DRAWS / 3.0) < 5 * sqrt(DRAWS * 2.0 / 9));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(statuses), cmocka_unit_test(system_errors),
                                     cmocka_unit_test(cells), cmocka_unit_test(rounding),
                                     cmocka_unit_test(even_draws)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
