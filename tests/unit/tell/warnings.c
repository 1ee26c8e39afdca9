/* Each warning has a name of its own and a sentence in which nothing is left in braces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tell/tell.h"

static const nadir_cell cell = {"a.csv", 3, "c", "0,5", NADIR_DECIMAL_COMMA, 1};
static const char *const name[] = {"a", "b"};
static const uint64_t of_name[] = {1, 2};

static nadir_warning sample(nadir_warning_kind kind, const nadir_result *result, size_t names) {
  return (nadir_warning){.kind = kind,
                         .cause = NADIR_CAUSE_AT_START,
                         .result = result,
                         .column = "c",
                         .cell = &cell,
                         .text = "QSOO",
                         .nearest = "QSO",
                         .method = "gd",
                         .path = "m.json",
                         .expression = "v",
                         .unit = "km/s",
                         .other = "w + c",
                         .other_unit = "",
                         .function = "exp",
                         .names = names,
                         .name = name,
                         .of_name = of_name,
                         .count = names,
                         .of = 7,
                         .number = 2,
                         .second = 3};
}

static void each_has_a_sentence(void **state) {
  (void)state;
  nadir_result result = {0};
  for (int kind = 0; kind <= NADIR_LAST_WARNING; kind++)
    for (size_t names = 1; names <= 2; names++) {
      nadir_warning warning = sample((nadir_warning_kind)kind, &result, names);
      char *text;
      assert_int_equal(nadir_warning_text(&warning, &text, NULL), NADIR_OK);
      assert_true(strlen(text) > 10);
      if (strpbrk(text, "{}|")) fail_msg("%s: %s", nadir_warning_name(warning.kind), text);
      nadir_text_free(text);
    }
}

static void each_has_a_name(void **state) {
  (void)state;
  for (int kind = 0; kind <= NADIR_LAST_WARNING; kind++)
    for (int other = 0; other < kind; other++)
      assert_string_not_equal(nadir_warning_name((nadir_warning_kind)kind),
                              nadir_warning_name((nadir_warning_kind)other));
}

static void says(nadir_warning warning, const char *sentence) {
  char *text;
  assert_int_equal(nadir_warning_text(&warning, &text, NULL), NADIR_OK);
  assert_string_equal(text, sentence);
  nadir_text_free(text);
}

static void one_and_many(void **state) {
  (void)state;
  says(sample(NADIR_WARN_EXTREME, NULL, 1),
       "column a spreads too far or too little for double precision: it is not scaled");
  says(sample(NADIR_WARN_EXTREME, NULL, 2),
       "columns a, b spread too far or too little for double precision: they are not scaled");
  nadir_warning warning = sample(NADIR_WARN_UNKNOWN_CLASSES, NULL, 2);
  warning.count = 5;
  says(warning, "5 rows are of a class that the model does not know, and left out: a (1), b (2), "
                "others (2)");
  warning = sample(NADIR_WARN_CONSTANT, NULL, 2);
  warning.count = 9;
  says(warning, "columns a, b and 7 more have the same value in every row: they are not scaled");
}

static void what_is_determined(void **state) {
  (void)state;
  nadir_warning warning = sample(NADIR_WARN_UNDETERMINED, NULL, 2);
  warning.directions = 1;
  warning.direction = (const double[]){0.5, 1};
  says(warning,
       "the rows do not determine a, b: only a - 0.5 b is determined: leave one of them out, or "
       "write the model with fewer parameters");
  warning.direction = NULL;
  says(warning, "the rows do not determine a, b: only combinations of them are: leave one of them "
                "out, or write the model with fewer parameters");
  warning.names = warning.count = 1;
  says(warning, "the rows do not determine a: it does not affect the loss: leave it out, or write "
                "the model with fewer parameters");
}

static void a_wrong_gradient(void **state) {
  (void)state;
  nadir_warning warning = sample(NADIR_WARN_GRADIENT, NULL, 1);
  warning.number = -2;
  warning.second = 2.5;
  says(warning, "at the start the function gives the derivative -2 by a, where its values say 2.5: check its gradient");
}

static void rules_have_the_names_of_their_files(void **state) {
  (void)state;
  nadir_warning warning = {.kind = NADIR_WARN_KINKS, .method = "lm"};
  says(warning, "the loss has kinks, at which lm may stop above the minimum: gd, momentum and adam "
                "go on");
}

static void units(void **state) {
  (void)state;
  nadir_warning warning = {.kind = NADIR_WARN_UNITS_COMPARED,
                           .expression = "v",
                           .unit = "km/s",
                           .other = "w/u",
                           .other_unit = ""};
  says(warning, "units: 'v' in km/s is compared with 'w/u' without a unit: correct the formula or "
                "the units");
  warning = (nadir_warning){
      .kind = NADIR_WARN_UNITS_ARGUMENT, .expression = "x", .unit = "s", .function = "^"};
  says(warning, "units: exponent 'x' in s: divide it by something in that unit");
  char long_one[101];
  memset(long_one, 'x', 100);
  long_one[100] = '\0';
  memcpy(long_one + 59, "\xc3\xa9", 2); /* which is left out as a whole */
  warning.expression = long_one;
  char *text;
  assert_int_equal(nadir_warning_text(&warning, &text, NULL), NADIR_OK);
  assert_non_null(strstr(text, "xxx...' in s"));
  nadir_text_free(text);
}

/* After a whole character. */
static void a_long_one_is_cut(void **state) {
  (void)state;
  char long_name[2001];
  memset(long_name, 'x', sizeof long_name - 1);
  long_name[2000] = '\0';
  for (size_t i = 1; i + 2 < sizeof long_name; i += 2)
    memcpy(long_name + i, "\xc3\xa9", 2);
  nadir_warning warning = {.kind = NADIR_WARN_VARIABLE_LENGTH, .column = long_name};
  char *text;
  assert_int_equal(nadir_warning_text(&warning, &text, NULL), NADIR_OK);
  size_t length = strlen(text);
  assert_in_range(length, 1000, 1023);
  assert_string_equal(text + length - 5, "\xc3\xa9...");
  nadir_text_free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_has_a_sentence),
      cmocka_unit_test(each_has_a_name),
      cmocka_unit_test(one_and_many),
      cmocka_unit_test(what_is_determined),
      cmocka_unit_test(units),
      cmocka_unit_test(a_long_one_is_cut),
      cmocka_unit_test(a_wrong_gradient),
      cmocka_unit_test(rules_have_the_names_of_their_files),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
