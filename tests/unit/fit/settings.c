/* Settings: every row of the list can be set to its initial value and read back, wrong values are
 * refused with the name, and files of settings round-trip. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fit/fit.h"

static nadir_error error;

static nadir_settings *fresh(void) {
  nadir_settings *settings;
  assert_int_equal(nd_settings_new(&settings, &error), NADIR_OK);
  return settings;
}

static void every_initial_value_is_valid(void **state) {
  (void)state;
  nadir_settings *settings = fresh();
  nadir_setting row;
  size_t count = 0;
  for (; nd_setting_at(count, &row); count++) {
    char before[256];
    snprintf(before, sizeof before, "%s", nd_settings_get(settings, row.name));
    assert_int_equal(nd_settings_set(settings, row.name, row.initial, &error), NADIR_OK);
    assert_string_equal(nd_settings_get(settings, row.name), before);
    assert_true(strlen(row.help) > 0 && strlen(row.commands) > 0);
  }
  assert_true(count > 50);
  nd_settings_free(settings);
}

static void wrong_values_are_refused(void **state) {
  (void)state;
  static const char *const wrong[][2] = {{"batch", "0"},
                                         {"batch", "1.5"},
                                         {"batch", "some"},
                                         {"l2", "-1"},
                                         {"l2", "nan"},
                                         {"seed", "-1"},
                                         {"seed", "x"},
                                         {"memory", "1T"},
                                         {"scale", "std"},
                                         {"scale", ""},
                                         {"method", "agd"},
                                         {"schedule", "stepp"},
                                         {"validate", "1"},
                                         {"updates", "1e30"},
                                         {"average", "2"},
                                         {"no-header", "perhaps"},
                                         {"adam.beta1", "1.5"},
                                         {"adam.beta1", "many"},
                                         {"tol-gradient", "1e-3x"}};
  nadir_settings *settings = fresh();
  for (size_t i = 0; i < ND_COUNT(wrong); i++) {
    char before[256];
    snprintf(before, sizeof before, "%s", nd_settings_get(settings, wrong[i][0]));
    assert_int_equal(nd_settings_set(settings, wrong[i][0], wrong[i][1], &error),
                     NADIR_BAD_SETTING);
    assert_non_null(strstr(error.message, wrong[i][0]));
    assert_string_equal(nd_settings_get(settings, wrong[i][0]), before);
  }
  nd_settings_free(settings);
}

static void misspelt_names_get_the_nearest(void **state) {
  (void)state;
  nadir_settings *settings = fresh();
  assert_int_equal(nd_settings_set(settings, "shedule", "step", &error), NADIR_BAD_SETTING);
  assert_non_null(strstr(error.message, "'schedule'"));
  assert_int_equal(nd_settings_set(settings, "method", "nestrov", &error), NADIR_BAD_SETTING);
  assert_non_null(strstr(error.message, "'nesterov'"));
  nd_settings_free(settings);
}

static void a_seed_keeps_all_its_bits(void **state) {
  (void)state;
  nadir_settings *settings = fresh();
  assert_int_equal(nd_settings_set(settings, "seed", "18446744073709551615", &error), NADIR_OK);
  assert_true(settings->seed == UINT64_MAX);
  assert_int_equal(nd_settings_set(settings, "seed", "18446744073709551616", &error),
                   NADIR_BAD_SETTING);
  assert_int_equal(nd_settings_set(settings, "updates", "1e6", &error), NADIR_OK);
  assert_true(settings->updates == 1000000);
  nd_settings_free(settings);
}

static void files_round_trip(void **state) {
  (void)state;
  nadir_settings *settings = fresh(), *again = fresh();
  nd_settings_set(settings, "rate", "a=0.1,b=1", NULL);
  nd_settings_set(settings, "adam.beta2", "0.99", NULL);
  nd_settings_set(settings, "title", "a = b # c", NULL);
  nd_text text = {0}, second = {0};
  assert_int_equal(nd_settings_print(settings, &text, &error), NADIR_OK);
  char path[] = "/tmp/nadir-settings-XXXXXX";
  int descriptor = mkstemp(path);
  assert_true(write(descriptor, text.data, text.length) == (ssize_t)text.length);
  close(descriptor);
  assert_int_equal(nd_settings_read(again, path, &error), NADIR_OK);
  assert_int_equal(nd_settings_print(again, &second, &error), NADIR_OK);
  assert_string_equal(text.data, second.data);
  unlink(path);
  nd_text_free(&text);
  nd_text_free(&second);
  nd_settings_free(again);
  nd_settings_free(settings);
}

static void a_copy_is_the_same_and_its_own(void **state) {
  (void)state;
  nadir_settings *settings = fresh(), *copy;
  nd_settings_set(settings, "method", "adam", NULL);
  nd_settings_set(settings, "adam.beta1", "0.5", NULL);
  assert_int_equal(nd_settings_copy(&copy, settings, &error), NADIR_OK);
  nd_settings_set(settings, "method", "gd", NULL);
  assert_string_equal(copy->method, "adam");
  assert_string_equal(nd_settings_get(copy, "adam.beta1"), "0.5");
  assert_true(copy->method_is_set && !copy->rate_is_set);
  nd_settings_free(copy);
  nd_settings_free(settings);
}

static void assignments_are_taken_apart(void **state) {
  (void)state;
  nd_assignment *list;
  size_t count;
  assert_int_equal(
      nd_assignments_read("start", "a=1, w[u-g, r]=-2e3,`x,=y`=.5", true, &list, &count, &error),
      NADIR_OK);
  assert_int_equal(count, 3);
  assert_string_equal(list[1].name, "w[u-g, r]");
  assert_string_equal(list[2].name, "x,=y");
  assert_true(list[0].value == 1 && list[1].value == -2000 && list[2].value == 0.5);
  nd_assignments_free(list, count);
  static const char *const wrong[] = {"a", "a=", "=1", "a=1,", "a=1x", "a=inf", ",a=1"};
  for (size_t i = 0; i < ND_COUNT(wrong); i++) {
    assert_int_equal(nd_assignments_read("start", wrong[i], true, &list, &count, &error),
                     NADIR_BAD_SETTING);
    assert_null(list);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_initial_value_is_valid),
                                     cmocka_unit_test(wrong_values_are_refused),
                                     cmocka_unit_test(misspelt_names_get_the_nearest),
                                     cmocka_unit_test(a_seed_keeps_all_its_bits),
                                     cmocka_unit_test(files_round_trip),
                                     cmocka_unit_test(a_copy_is_the_same_and_its_own),
                                     cmocka_unit_test(assignments_are_taken_apart)};
  return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
