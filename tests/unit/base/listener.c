/* Warnings: the same one is told once, and a copy outlasts what it was made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/listener.h"

static nadir_error error;

static int count(void *context, const nadir_event *event) {
  *(size_t *)context += event->kind == NADIR_WARNING && event->warning != NULL;
  return 0;
}

static void the_same_is_told_once(void **state) {
  (void)state;
  size_t told = 0;
  nadir_listener listener = {.bytes = sizeof(nadir_listener), .notify = count, .context = &told};
  nd_teller teller = nd_teller_for(&listener);
  nadir_warning warning = {.kind = NADIR_WARN_UNSTABLE_RATE, .number = 0.25, .second = 1.0 / 3};
  assert_int_equal(nd_warn(&teller, &warning, &error), NADIR_OK);
  warning.second *= 1 + 1e-9; /* as another start finds it */
  assert_int_equal(nd_warn(&teller, &warning, &error), NADIR_OK);
  assert_int_equal(told, 1);
  warning.second = 0.3;
  assert_int_equal(nd_warn(&teller, &warning, &error), NADIR_OK);
  warning.kind = NADIR_WARN_CONDITION;
  assert_int_equal(nd_warn(&teller, &warning, &error), NADIR_OK);
  assert_int_equal(told, 3);
  nd_teller_free(&teller);
}

static void a_copy_is_whole(void **state) {
  (void)state;
  nd_teller teller = {0};
  char column[] = "a", one[] = "b", text[] = "0,5";
  const char *name[] = {one};
  uint64_t of_name[] = {7};
  nadir_cell cell = {.path = "f.csv", .row = 2, .column = column, .text = text};
  const nadir_warning warning = {.kind = NADIR_WARN_NEARLY_NUMBERS,
                                 .column = column,
                                 .cell = &cell,
                                 .names = 1,
                                 .name = name,
                                 .of_name = of_name};
  assert_int_equal(nd_warn(&teller, &warning, &error), NADIR_OK);
  column[0] = one[0] = text[0] = '?';
  of_name[0] = cell.row = 0;
  nd_warnings taken = nd_take_warnings(&teller);
  nd_teller_free(&teller);
  assert_int_equal(taken.count, 1);
  const nadir_warning *kept = taken.warning;
  assert_string_equal(kept->column, "a");
  assert_string_equal(kept->name[0], "b");
  assert_string_equal(kept->cell->text, "0,5");
  assert_true(kept->of_name[0] == 7 && kept->cell->row == 2);
  nd_warnings_free(&taken);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_is_told_once),
      cmocka_unit_test(a_copy_is_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
