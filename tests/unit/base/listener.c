/* Warnings: the same one is told once, and a copy outlasts what it was made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/listener.h"
#ifdef NADIR_FAULTS
#include "../walk.h"
#endif

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

/* Warnings that differ in one fact are told each. */
static void each_fact_counts(void **state) {
  (void)state;
  size_t told = 0;
  nadir_listener listener = {.bytes = sizeof(nadir_listener), .notify = count, .context = &told};
  nd_teller teller = nd_teller_for(&listener);
  const char *const ab[] = {"a", "b"}, *const ac[] = {"a", "c"};
  const nadir_warning base = {.kind = NADIR_WARN_CONDITION, .column = "x", .text = "t", .method = "gd", .path = "p",
                              .names = 2, .name = ab};
  nadir_warning all[9];
  for (size_t i = 0; i < ND_COUNT(all); i++)
    all[i] = base;
  all[1].column = "y";
  all[2].text = NULL;
  all[3].method = "adam";
  all[4].path = "q";
  all[5].names = 1;
  all[6].name = ac;
  all[7].of = 3;
  all[8].column = NULL;
  for (int again = 0; again < 2; again++)
    for (size_t i = 0; i < ND_COUNT(all); i++)
      assert_int_equal(nd_warn(&teller, &all[i], &error), NADIR_OK);
  assert_int_equal(told, ND_COUNT(all));
  nd_teller_free(&teller);
}

/* Without a listener, or one that says nothing, work goes on. */
static void nobody_listens(void **state) {
  (void)state;
  nadir_listener silent = {.bytes = sizeof(nadir_listener)};
  nd_teller teller = nd_teller_for(&silent);
  const nadir_warning warning = {.kind = NADIR_WARN_CONDITION};
  assert_int_equal(nd_heed(NULL, &error), NADIR_OK);
  assert_int_equal(nd_heed(&teller, &error), NADIR_OK);
  assert_int_equal(nd_warn(NULL, &warning, &error), NADIR_OK);
  assert_int_equal(nd_warn(&teller, &warning, &error), NADIR_OK);
  nd_teller_free(&teller);
  nd_teller_free(NULL);
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

#ifdef NADIR_FAULTS
static nadir_status warn_once(void *unused, nadir_error *said) {
  const char *const names[] = {"a", "b"};
  const uint64_t of_name[] = {1, 2};
  nadir_cell cell = {.path = "f.csv", .row = 2, .column = "c", .text = "0,5"};
  const nadir_warning warning = {.kind = NADIR_WARN_NEARLY_NUMBERS, .column = "c", .cell = &cell, .text = "t",
                                 .nearest = "u", .method = "gd", .path = "p", .names = 2, .name = names,
                                 .of_name = of_name};
  nd_teller teller = {0};
  (void)unused;
  nadir_status status = nd_warn(&teller, &warning, said);
  nd_warnings taken = nd_take_warnings(&teller);
  assert_int_equal(taken.count, status == NADIR_OK ? 1 : 0);
  nd_warnings_free(&taken);
  nd_teller_free(&teller);
  return status;
}

static void failing_copies(void **state) {
  (void)state;
  assert_true(walk_memory(warn_once, NULL) > 8);
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      
#ifdef NADIR_FAULTS
      cmocka_unit_test(failing_copies),
#endif
      cmocka_unit_test(each_fact_counts), cmocka_unit_test(nobody_listens), cmocka_unit_test(the_same_is_told_once),
      cmocka_unit_test(a_copy_is_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
