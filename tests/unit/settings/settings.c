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

#include "settings/settings.h"

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
    assert_string_equal(before, row.initial);
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
                                         {"updates", "-1"},
                                         {"updates", "1.5"},
                                         {"epochs", "never"},
                                         {"seconds", ""},
                                         {"rate", "abc"},
                                         {"rate", ""},
                                         {"rate", "inf"},
                                         {"rate", "a=0"},
                                         {"rate", "a=0.1,b"},
                                         {"rates", "0.1,-1"},
                                         {"start", "a"},
                                         {"start", "a=1,b=x"},
                                         {"null", "-9;-99"},
                                         {"unit", "pc"},
                                         {"delimiter", "12"},
                                         {"loss", "hubre(1)"},
                                         {"loss", "huber"},
                                         {"loss", "(y-f"},
                                         {"sigma", "err*"},
                                         {"weight", "1/("},
                                         {"where", "x >"},
                                         {"box", "x=1"},
                                         {"box", "x=2:1"},
                                         {"assume", "x >"},
                                         {"at", "x"},
                                         {"at", "x=pi/"},
                                         {"data", ","},
                                         {"radius", "far"},
                                         {"shuffle", "blocks"},
                                         {"log-y", "maybe"},
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

/* In two words: what is chosen for each run is the value auto, and all else is the caller's. */
static void a_default_is_a_value(void **state) {
  (void)state;
  static const char *const chosen[] = {
      "updates", "epochs", "seconds", "tol-gradient", "schedule.length", "batch",
      "missing", "null",   "rate",    "loss",         "memory",          "rates"};
  nadir_settings *settings = fresh();
  for (size_t i = 0; i < ND_COUNT(chosen); i++)
    assert_string_equal(nd_settings_get(settings, chosen[i]), "auto");
  assert_int_equal(nd_settings_set(settings, "updates", " 0 ", &error), NADIR_OK);
  assert_true(settings->updates.is_number && settings->updates.number == 0);
  assert_int_equal(nd_settings_set(settings, "seconds", "inf", &error), NADIR_OK);
  assert_true(settings->seconds.is_number && isinf(settings->seconds.number));
  assert_string_equal(nd_settings_get(settings, "seconds"), "inf");
  assert_int_equal(nd_settings_set(settings, "delimiter", "|", &error), NADIR_OK);
  assert_string_equal(nd_settings_get(settings, "delimiter"), "bar");
  assert_int_equal(nd_settings_set(settings, "memory", "2K", &error), NADIR_OK);
  assert_int_equal(nd_memory_bytes(settings, NULL), 2048);
  nd_settings_free(settings);
}

static void a_formula_is_told_with_its_caret(void **state) {
  (void)state;
  nadir_settings *settings = fresh();
  assert_int_equal(nd_settings_set(settings, "where", "$2 > * 1", &error), NADIR_BAD_SETTING);
  assert_string_equal(error.excerpt, "$2 > * 1\n     ^");
  assert_int_equal(nd_settings_set(settings, "where", "$2 > 1\n and `u-g` < 3", &error), NADIR_OK);
  assert_string_equal(nd_settings_get(settings, "where"), "$2 > 1  and `u-g` < 3");
  nd_settings_free(settings);
}

static void a_rules_setting_is_a_full_row(void **state) {
  (void)state;
  nadir_settings *settings = fresh();
  assert_false(nd_settings_is_set(settings, "adam.beta1"));
  assert_int_equal(nd_settings_set(settings, "adam.beta1", "0.8", &error), NADIR_OK);
  assert_true(nd_settings_is_set(settings, "adam.beta1"));
  assert_int_equal(nd_settings_set(settings, "adam.beat1", "0.8", &error), NADIR_BAD_SETTING);
  assert_non_null(strstr(error.message, "'adam.beta1'"));
  nd_settings_free(settings);
}

static void words_of_other_programs_are_known(void **state) {
  (void)state;
  nadir_setting row;
  nadir_settings *settings = fresh();
  assert_int_equal(nd_settings_set(settings, "lr", "0.1", &error), NADIR_BAD_SETTING);
  assert_non_null(strstr(error.message, "'rate'"));
  static const char *const words[] = {
#define ND_SYNONYM(word, name) word,
#include "settings/synonyms.def"
#undef ND_SYNONYM
  };
  for (size_t i = 0; i < ND_COUNT(words); i++) {
    assert_non_null(nd_settings_get(settings, nd_setting_meant(words[i])));
    for (size_t j = 0; nd_setting_at(j, &row); j++)
      assert_string_not_equal(row.name, words[i]);
  }
  nd_settings_free(settings);
}

/* A file of one command holds what that command uses, and nothing else. */
static void a_command_has_its_own_settings(void **state) {
  (void)state;
  nadir_settings *settings = fresh();
  nd_text text = {0};
  assert_int_equal(nd_settings_print(settings, "taylor", &text, &error), NADIR_OK);
  assert_non_null(strstr(nd_text_data(&text), "order = 2\n"));
  assert_null(strstr(nd_text_data(&text), "updates"));
  char path[] = "/tmp/nadir-settings-XXXXXX";
  int descriptor = mkstemp(path);
  assert_true(write(descriptor, "order = 3\n", 10) == 10);
  close(descriptor);
  assert_int_equal(nd_settings_read(settings, "taylor", path, &error), NADIR_OK);
  assert_int_equal(nd_settings_read(settings, "fit", path, &error), NADIR_BAD_SETTING);
  assert_non_null(strstr(error.message, ":1: order: nadir fit does not use it"));
  assert_non_null(strstr(error.message, "taylor"));
  unlink(path);
  nd_text_free(&text);
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
  assert_true(settings->updates.is_number && settings->updates.number == 1e6);
  nd_settings_free(settings);
}

static void files_round_trip(void **state) {
  (void)state;
  nadir_settings *settings = fresh(), *again = fresh();
  nd_settings_set(settings, "rate", "a=0.1,b=1", NULL);
  nd_settings_set(settings, "adam.beta2", "0.99", NULL);
  nd_settings_set(settings, "title", "a = b # c", NULL);
  nd_text text = {0}, second = {0};
  assert_int_equal(nd_settings_print(settings, NULL, &text, &error), NADIR_OK);
  char path[] = "/tmp/nadir-settings-XXXXXX";
  int descriptor = mkstemp(path);
  assert_true(write(descriptor, text.data, text.length) == (ssize_t)text.length);
  close(descriptor);
  assert_int_equal(nd_settings_read(again, NULL, path, &error), NADIR_OK);
  assert_int_equal(nd_settings_print(again, NULL, &second, &error), NADIR_OK);
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

static void ends_that_are_accepted(void **state) {
  (void)state;
  nd_accepted accepted;
  assert_int_equal(nd_accept_read("limit,not-known,saddle,", &accepted, &error), NADIR_OK);
  assert_true(accepted.limit && accepted.point[NADIR_SADDLE] && !accepted.point[NADIR_FALLS]);
  assert_int_equal(nd_accept_read("", &accepted, &error), NADIR_OK);
  assert_false(accepted.limit);
  static const char *const wrong[] = {"minimum", "limits", "saddle, falls", "not known", "saddlE", ",limit"};
  for (size_t i = 0; i < ND_COUNT(wrong); i++) {
    assert_int_equal(nd_accept_read(wrong[i], &accepted, &error), NADIR_BAD_SETTING);
    assert_memory_equal(error.message, "invalid value '", 15);
  }
  /* a long one is cut */
  assert_int_equal(nd_accept_read("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg", &accepted, &error),
                   NADIR_BAD_SETTING);
  assert_non_null(strstr(error.message, "ffffffffff' for accept"));
}

static void parameters_that_are_spared(void **state) {
  (void)state;
  static const char *const names[] = {"b", "w[u-g,r]", "w[x y]"};
  nadir_settings *settings = fresh();
  bool spared[3] = {0};
  assert_int_equal(nd_settings_set(settings, "no-penalty", " b , `w[x y]`,, w[u-g,r]", &error), NADIR_OK);
  assert_int_equal(nd_no_penalty(settings, names, 3, spared, &error), NADIR_OK);
  assert_true(spared[0] && spared[1] && spared[2]);
  memset(spared, 0, sizeof spared);
  assert_int_equal(nd_settings_set(settings, "no-penalty", "` `, b", &error), NADIR_OK);
  assert_int_equal(nd_no_penalty(settings, names, 3, spared, &error), NADIR_OK);
  assert_true(spared[0] && !spared[1] && !spared[2]);
  assert_int_equal(nd_settings_set(settings, "no-penalty", "w[x z]", &error), NADIR_OK);
  assert_int_equal(nd_no_penalty(settings, names, 3, spared, &error), NADIR_BAD_SETTING);
  assert_string_equal(error.message, "no-penalty: there is no parameter 'w[x z]': did you mean 'w[x y]'?");
  assert_int_equal(nd_settings_set(settings, "no-penalty", "zzz", &error), NADIR_OK);
  assert_int_equal(nd_no_penalty(settings, names, 3, spared, &error), NADIR_BAD_SETTING);
  assert_string_equal(error.message, "no-penalty: there is no parameter 'zzz': the first parameter is 'b'");
  assert_int_equal(nd_no_penalty(settings, NULL, 0, spared, &error), NADIR_BAD_SETTING);
  assert_string_equal(error.message, "no-penalty: there is no parameter 'zzz': the first parameter is ''");
  nd_settings_free(settings);
}

static void delimiters_by_name_and_by_sign(void **state) {
  (void)state;
  static const char *const pairs[][2] = {{"auto", "auto"}, {"comma", "comma"}, {",", "comma"}, {"tab", "tab"},    {"|", "bar"},       {"blank", "blank"}, {";", "semicolon"},
                                         {"&", "&"},       {"!", "!"}};
  static const char *const wrong[] = {"", ",,", "5", ".", "+", "-", "\"", "\n", "commas"};
  nadir_settings *settings = fresh();
  for (size_t i = 0; i < ND_COUNT(pairs); i++) {
    if (nd_settings_set(settings, "delimiter", pairs[i][0], &error) != NADIR_OK) fail_msg("%s", error.message);
    assert_string_equal(nd_settings_get(settings, "delimiter"), pairs[i][1]);
  }
  for (size_t i = 0; i < ND_COUNT(wrong); i++) {
    assert_int_equal(nd_settings_set(settings, "delimiter", wrong[i], &error), NADIR_BAD_SETTING);
    assert_non_null(strstr(error.message, "delimiter"));
  }
  nd_settings_free(settings);
}

static void rules_of_a_caller(void **state) {
  (void)state;
  nadir_settings *settings = fresh();
  nadir_optimizer none = {.bytes = sizeof none}, nameless = {.bytes = sizeof nameless, .name = ""},
                  still = {.bytes = sizeof still, .name = "mine"};
  const nadir_optimizer *wrong[] = {&none, &nameless, &still};
  for (size_t i = 0; i < ND_COUNT(wrong); i++) {
    assert_int_equal(nd_settings_add_optimizer(settings, wrong[i], &error), NADIR_BAD_SETTING);
    assert_string_equal(error.message, "optimizer: it needs a name, and a step or an advance function, not both");
  }
  assert_false(nd_settings_is_set(settings, "no such setting"));
  assert_null(nd_settings_get(settings, "no such setting"));
  nd_settings_free(settings);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_initial_value_is_valid),
                                     cmocka_unit_test(wrong_values_are_refused),
                                     cmocka_unit_test(a_default_is_a_value),
                                     cmocka_unit_test(a_formula_is_told_with_its_caret),
                                     cmocka_unit_test(a_rules_setting_is_a_full_row),
                                     cmocka_unit_test(words_of_other_programs_are_known),
                                     cmocka_unit_test(a_command_has_its_own_settings),
                                     cmocka_unit_test(misspelt_names_get_the_nearest),
                                     cmocka_unit_test(a_seed_keeps_all_its_bits),
                                     cmocka_unit_test(files_round_trip),
                                     cmocka_unit_test(a_copy_is_the_same_and_its_own),
                                     cmocka_unit_test(assignments_are_taken_apart),
                                     cmocka_unit_test(ends_that_are_accepted),
                                     cmocka_unit_test(parameters_that_are_spared),
                                     cmocka_unit_test(delimiters_by_name_and_by_sign),
                                     cmocka_unit_test(rules_of_a_caller)};
  return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
