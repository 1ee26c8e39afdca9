/* Sentences are clean and cut at whole characters; carets are under the right character whatever
 * comes before it; texts grow; the nearest name is the one a person would have meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/base.h"

static void sentences_are_clean(void **state) {
  (void)state;
  nadir_error error;
  assert_int_equal(nd_fail(&error, NADIR_BAD_DATA, "a%sb%sc%sd", "\x1b[31m", "\n\t", "\x80"),
                   NADIR_BAD_DATA);
  assert_string_equal(error.message, "a\\x1B[31mb\\x0A\\x09c\\x80d");
  nd_fail(&error, NADIR_BAD_DATA, "%s", "a\u202eb\u2066c\u200fd\u061ce\u2028f");
  assert_string_equal(error.message, "a\\xE2\\x80\\xAEb\\xE2\\x81\\xA6c\\xE2\\x80\\x8Fd\\xD8\\x9Ce\\xE2\\x80\\xA8f");
  nd_fail(&error, NADIR_BAD_DATA, "%s", "\u00e4\u20ac\xC2\x9B");
  assert_string_equal(error.message, "\u00e4\u20ac\\xC2\\x9B");
  assert_int_equal(error.line, 0);
  assert_string_equal(error.excerpt, "");
  assert_int_equal(nd_fail(NULL, NADIR_SYSTEM, "nobody listens"), NADIR_SYSTEM);
}

static void a_sentence_may_quote_itself(void **state) {
  (void)state;
  nadir_error error;
  nd_fail(&error, NADIR_BAD_DATA, "first");
  nd_fail(&error, NADIR_BAD_DATA, "t.csv: %s: again", error.message);
  assert_string_equal(error.message, "t.csv: first: again");
}

static void long_sentences_are_cut_at_characters(void **state) {
  (void)state;
  char text[3001];
  for (int i = 0; i < 3000; i += 3)
    memcpy(text + i, "\u20ac", 3);
  text[3000] = '\0';
  nadir_error error;
  for (int lead = 0; lead < 4; lead++) {
    nd_fail(&error, NADIR_BAD_DATA, "%.*s%s", lead, "xxxx", text);
    size_t length = strlen(error.message);
    assert_int_equal((length - (size_t)lead) % 3, 0);
    assert_in_range(length, sizeof error.message - 4, sizeof error.message - 1);
  }
}

static void check_caret(const char *source, size_t offset, size_t line, size_t column,
                        const char *excerpt) {
  nadir_error error;
  assert_int_equal(nd_fail_at(&error, NADIR_BAD_FORMULA, source, offset, "here"),
                   NADIR_BAD_FORMULA);
  assert_int_equal(error.line, line);
  assert_int_equal(error.column, column);
  assert_string_equal(error.excerpt, excerpt);
  assert_string_equal(error.message, "here");
}

static void carets_stand_under_their_place(void **state) {
  (void)state;
  check_caret("a + * b", 4, 1, 5, "a + * b\n    ^");
  check_caret("", 0, 1, 1, "\n^");
  check_caret("a +", 3, 1, 4, "a +\n   ^");
  check_caret("a +", 99, 1, 4, "a +\n   ^");
  check_caret("a\nb + ?\nc", 6, 2, 5, "b + ?\n    ^");
  check_caret("\tx ?", 3, 1, 4, " x ?\n   ^");
  check_caret("\u03bb\u03bc ?", 5, 1, 4, "\u03bb\u03bc ?\n   ^"); /* two bytes, one column */
  check_caret("\u661f ?", 4, 1, 3, "\u661f ?\n   ^");             /* three bytes, two columns */
  check_caret("e\u0301 ?", 4, 1, 4, "e\u0301 ?\n  ^");            /* a combining accent */
  check_caret("\xff\x1b ?", 3, 1, 4, "?? ?\n   ^");               /* no UTF-8, a control */
  check_caret("\u03bb?", 1, 1, 1, "\u03bb?\n^");                  /* within a character */
}

/* In a line of a megabyte the place is still in sight, the excerpt fits and the caret is under it.
 */
static void long_lines_show_a_window(void **state) {
  (void)state;
  const char *fillers[] = {"1+", "\u03bb", "\u661f", "\u0301", "\x80"};
  for (size_t f = 0; f < ND_COUNT(fillers); f++) {
    nd_text text = {0};
    while (text.length < 500000)
      nd_text_append(&text, fillers[f]);
    size_t place = text.length;
    nd_text_append(&text, "@");
    while (text.length < 1000000)
      nd_text_append(&text, fillers[f]);
    nadir_error error;
    nd_fail_at(&error, NADIR_BAD_FORMULA, nd_text_data(&text), place, "here");
    const char *at = strchr(error.excerpt, '@'), *line = strchr(error.excerpt, '\n');
    assert_non_null(at);
    assert_non_null(line);
    assert_true(at < line);
    assert_memory_equal(error.excerpt, "...", 3);
    assert_memory_equal(line - 3, "...", 3);
    assert_int_equal(strcspn(line, "^") + 1, strlen(line));
    if (f == 0) assert_int_equal(at - error.excerpt, strlen(line) - 2);
    nd_text_free(&text);
  }
}

static void texts_grow(void **state) {
  (void)state;
  nd_text text = {0};
  assert_string_equal(nd_text_data(&text), "");
  nd_text_append(&text, "");
  for (int i = 0; i < 1000; i++)
    nd_text_print(&text, "%d,", i % 10);
  assert_int_equal(text.length, 2000);
  assert_memory_equal(nd_text_data(&text) + 1990, "5,6,7,8,9,", 11);
  nd_text_clear(&text);
  nd_text_append_bytes(&text, "a\0b", 3);
  assert_int_equal(text.length, 3);
  assert_int_equal(nd_text_status(&text, NULL), NADIR_OK);
  nd_text_free(&text);
  assert_null(text.data);
}

static void names_compare_without_case(void **state) {
  (void)state;
  assert_true(nd_same_name("RA_deg", "ra_DEG"));
  assert_false(nd_same_name("ra", "ra2"));
  assert_false(nd_same_name("ra2", "ra"));
  assert_false(nd_same_name("[", "{")); /* 0x20 apart, no letters */
}

static void the_nearest_name_is_found(void **state) {
  (void)state;
  static const char *const names[] = {"distance", "velocity", "Vmag", "ra", "momentum", "adagrad"};
  static const struct {
    const char *name;
    ptrdiff_t nearest;
  } cases[] = {{"distnace", 0}, {"distanc", 0}, {"DISTANCE", 0}, {"velocty", 1},  {"vmag", 2},
               {"RA", 3},       {"rb", -1},     {"x", -1},       {"nothing", -1}, {"", -1},
               {"momentun", 4}, {"adagrad", 5}, {"Adagard", 5},  {"vmga", 2}};
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    ptrdiff_t nearest = nd_nearest(cases[i].name, names, ND_COUNT(names));
    if (nearest != cases[i].nearest) fail_msg("%s: %td", cases[i].name, nearest);
  }
  char longest[1000];
  memset(longest, 'a', sizeof longest);
  longest[999] = '\0';
  assert_int_equal(nd_nearest(longest, names, ND_COUNT(names)), -1);
  assert_int_equal(nd_nearest("ra", NULL, 0), -1);
}

static void statuses_have_exits_and_meanings(void **state) {
  (void)state;
  assert_int_equal(nadir_exit_status(NADIR_OK), 0);
  assert_int_equal(nadir_exit_status(NADIR_BAD_FORMULA), 2);
  assert_int_equal(nadir_exit_status(NADIR_BAD_PATH), 2);
  assert_int_equal(nadir_exit_status(NADIR_NO_MEMORY), 3);
  assert_int_equal(nadir_exit_status(NADIR_SYSTEM), 3);
  assert_string_equal(nadir_status_meaning(NADIR_NO_MEMORY), "out of memory");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(sentences_are_clean),
                                     cmocka_unit_test(a_sentence_may_quote_itself),
                                     cmocka_unit_test(long_sentences_are_cut_at_characters),
                                     cmocka_unit_test(carets_stand_under_their_place),
                                     cmocka_unit_test(long_lines_show_a_window),
                                     cmocka_unit_test(texts_grow),
                                     cmocka_unit_test(names_compare_without_case),
                                     cmocka_unit_test(the_nearest_name_is_found),
                                     cmocka_unit_test(statuses_have_exits_and_meanings)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
