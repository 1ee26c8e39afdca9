/* Text -> tokens, byte by byte: which letters of other scripts make names, where numbers and elements end, what
 * a sign without a meaning is told to be, and that nothing behind the end is looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "expr/expr_internal.h"

/* The token is read from memory that ends where the text does, so that the sanitizers see a look behind it. */
static nadir_status read_at(const char *text, size_t length, size_t from, nd_token *token,
                            nadir_error *error) {
  char *exact = malloc(length > 0 ? length : 1);
  memcpy(exact, text, length);
  nadir_status status = nd_next_token("formula", exact, length, from, token, error);
  free(exact);
  return status;
}

static void expect_token(const char *text, nd_token_kind kind, size_t begin, size_t end) {
  nd_token token;
  nadir_error error = {0};
  if (read_at(text, strlen(text), 0, &token, &error) != NADIR_OK)
    fail_msg("'%s': %s", text, error.message);
  if (token.kind != kind || token.begin != begin || token.end != end)
    fail_msg("'%s': kind %d from %zu to %zu", text, (int)token.kind, token.begin, token.end);
}

static void expect_error(const char *text, const char *message) {
  nd_token token;
  nadir_error error = {0};
  /* errors quote the text up to its NUL */
  assert_int_equal(nd_next_token("formula", text, strlen(text), 0, &token, &error),
                   NADIR_BAD_FORMULA);
  assert_string_equal(error.message, message);
  assert_int_equal(error.column, 1);
}

/* A letter is a whole name; what is none is an error at its place. */
static void letters(void **state) {
  (void)state;
  static const char *const good[] = {
      "_",
      "A",
      "\xc3\x80",     /* A with grave, the first letter beyond Latin-1's signs */
      "\xdf\xbf",     /* the last of two bytes */
      "\xe0\xa0\x80", /* the first of three */
      "\xe1\x80\x80",
      "\xe3\x81\x82", /* hiragana */
      "\xed\x9f\xbf", /* the last before the surrogates */
      "\xee\x80\x80",
      "\xef\xb7\xbf",     /* the last before the signs of the end */
      "\xf0\x90\x80\x80", /* the first of four */
      "\xf1\x80\x80\x80",
      "\xf4\x8f\xbf\xbf", /* the last there is */
  };
  for (size_t i = 0; i < ND_COUNT(good); i++) {
    expect_token(good[i], ND_NAME_TOKEN, 0, strlen(good[i]));
    assert_true(nd_is_plain_name(good[i]));
  }
  static const char *const bad[] = {
      "\x80",     /* a continuation that continues nothing */
      "\xc1\xbf", /* longer than need be */
      "\xc2\xa0", /* Latin-1's signs: a blank that does not break */
      "\xc3\x97", /* a multiplication sign */
      "\xc3\xb7", /* a division sign */
      "\xc3",     /* cut */
      "\xc3(",
      "\xdf\xc0",
      "\xe0\x9f\xbf", /* longer than need be */
      "\xe1\x80",     /* cut */
      "\xe1\x80(",
      "\xe2\x88\x92",     /* a minus */
      "\xe3\x80\x80",     /* a blank of ideographs */
      "\xed\xa0\x80",     /* half a pair of UTF-16 */
      "\xef\xb8\x80",     /* chooses between shapes of the sign before */
      "\xf0\x8f\xbf\xbf", /* longer than need be */
      "\xf1\x80\x80",     /* cut */
      "\xf1\x80(\x80",
      "\xf4\x90\x80\x80", /* beyond Unicode */
      "\xf5\x80\x80\x80",
      "\xff",
  };
  for (size_t i = 0; i < ND_COUNT(bad); i++) {
    nd_token token;
    nadir_error error = {0};
    assert_int_equal(nd_next_token("formula", bad[i], strlen(bad[i]), 0, &token, &error),
                     NADIR_BAD_FORMULA);
    assert_memory_equal(error.message, "formula: the sign ", 18);
    assert_non_null(strstr(error.message,
                           " has no meaning here: write + - * / ^ in ASCII, and put a "
                           "name that holds it in backquotes"));
    assert_int_equal(error.column, 1);
    assert_false(nd_is_plain_name(bad[i]));
  }
}

/* At most four bytes of what is not UTF-8 are quoted. */
static void long_sign(void **state) {
  (void)state;
  nd_token token;
  nadir_error error = {0};
  assert_int_equal(nd_next_token("sigma", "\xf0\x8f\x80\x80\x80\x80", 6, 0, &token, &error),
                   NADIR_BAD_FORMULA);
  assert_memory_equal(error.message, "sigma: the sign \\xF0\\x8F\\x80\\x80 has", 36);
}

static void numbers(void **state) {
  (void)state;
  static const struct {
    const char *text;
    size_t end;
  } cases[] = {{"1", 1},     {"12.", 3}, {".5", 2},    {"1.5.5", 3}, {"1e5", 3},    {"1E-5", 4},
               {"1e+5x", 4}, {"1e", 1},  {"1e+", 1},   {"1e-x", 1},  {"1ex", 1},    {"1.e3", 4},
               {"1..2", 2},  {"007", 3}, {"1_000", 1}, {"0x10", 1},  {"1.5e1.5", 5}};
  for (size_t i = 0; i < ND_COUNT(cases); i++)
    expect_token(cases[i].text, ND_NUMBER_TOKEN, 0, cases[i].end);
  expect_token(" \t\r\n1", ND_NUMBER_TOKEN, 4, 5);
  expect_token(" \t\r\n", ND_END, 4, 4);
  expect_token("", ND_END, 0, 0);
  expect_token("..5", ND_DOTS, 0, 2);
  expect_error(".",
               "formula: the sign . has no meaning here: a name that holds it goes in backquotes");
  expect_error(".e5",
               "formula: the sign . has no meaning here: a name that holds it goes in backquotes");
}

/* "" where the name has no element */
static void expect_name(const char *text, nd_token_kind kind, size_t end, const char *element) {
  nd_token token;
  nadir_error error = {0};
  assert_int_equal(read_at(text, strlen(text), 0, &token, &error), NADIR_OK);
  if (token.kind != kind || token.end != end ||
      token.element_end - token.element != strlen(element) ||
      strncmp(text + token.element, element, strlen(element)) != 0)
    fail_msg("'%s': kind %d to %zu", text, (int)token.kind, token.end);
}

static void elements(void **state) {
  (void)state;
  expect_name("f[3]", ND_NAME_TOKEN, 4, "3");
  expect_name("f[ 12\t]+1", ND_NAME_TOKEN, 7, "12");
  expect_name("$2[1]", ND_NAME_TOKEN, 5, "1");
  expect_name("`a[1]`[2]", ND_QUOTED_NAME, 9, "2");
  expect_name("f [3]", ND_NAME_TOKEN, 1, "");
  expect_name("f[", ND_NAME_TOKEN, 1, "");
  expect_name("f[]", ND_NAME_TOKEN, 1, "");
  expect_name("f[3", ND_NAME_TOKEN, 1, "");
  expect_name("f[3 ", ND_NAME_TOKEN, 1, "");
  expect_name("f[3,4]", ND_NAME_TOKEN, 1, "");
  expect_name("f[x]", ND_NAME_TOKEN, 1, "");
  expect_name("and[3]", ND_AND_TOKEN, 3, "3"); /* a word has none: the [ is another token */
  expect_name("$12x", ND_NAME_TOKEN, 3, "");
  expect_name("'a''b'[1]", ND_STRING, 6, "");
}

static void words_and_signs(void **state) {
  (void)state;
  static const struct {
    const char *text;
    nd_token_kind kind;
    size_t end;
  } cases[] = {{"and", ND_AND_TOKEN, 3},   {"or", ND_OR_TOKEN, 2},
               {"not", ND_NOT_TOKEN, 3},   {"nor", ND_NAME_TOKEN, 3},
               {"on", ND_NAME_TOKEN, 2},   {"And", ND_NAME_TOKEN, 3},
               {"andy", ND_NAME_TOKEN, 4}, {"**", ND_POWER, 2},
               {"*", ND_TIMES, 1},         {"^", ND_POWER, 1},
               {"<=", ND_LE, 2},           {"<", ND_LT, 1},
               {">=", ND_GE, 2},           {">", ND_GT, 1},
               {"==", ND_EQ, 2},           {"!=", ND_NE, 2},
               {"!", ND_NOT_TOKEN, 1},     {"&&", ND_AND_TOKEN, 2},
               {"||", ND_OR_TOKEN, 2},     {"~", ND_TILDE, 1},
               {";", ND_SEMICOLON, 1},     {",", ND_COMMA, 1},
               {"(", ND_OPEN, 1},          {")", ND_CLOSE, 1},
               {"[", ND_OPEN_VECTOR, 1},   {"]", ND_CLOSE_VECTOR, 1},
               {"+", ND_PLUS, 1},          {"-", ND_MINUS, 1},
               {"/", ND_OVER, 1},          {"'a'", ND_STRING, 3},
               {"\"a'\"", ND_STRING, 4},   {"`a``b`", ND_QUOTED_NAME, 6}};
  for (size_t i = 0; i < ND_COUNT(cases); i++)
    expect_token(cases[i].text, cases[i].kind, 0, cases[i].end);
  expect_error("=", "formula: a single = has no meaning here: write == to compare");
  expect_error("&|", "formula: a single & has no meaning here: write and");
  expect_error(
      "|x|", "formula: a single | has no meaning here: write or, or abs(x) for an absolute value");
  expect_error("$",
               "formula: the sign $ has no meaning here: a name that holds it goes in backquotes");
  expect_error("$x",
               "formula: the sign $ has no meaning here: a name that holds it goes in backquotes");
  expect_error("'a''", "formula: this string has no closing quote: add one");
  expect_error("'", "formula: this string has no closing quote: add one");
  expect_error("`a", "formula: this name has no closing backquote: add one");
  expect_error("``", "formula: this name is empty: write the column's name between the backquotes");
}

static void plain_names(void **state) {
  (void)state;
  static const char *const plain[] = {"x", "x1", "_", "x[3]", "$3", "$3[1]", "pie"};
  static const char *const other[] = {"",      "1",     "a b", " a",  "a ",  "pi", "and", "x[ 3]",
                                      "x[3 ]", "x[3]y", "x-y", "`x`", "'x'", "#",  "x[",  "+"};
  for (size_t i = 0; i < ND_COUNT(plain); i++)
    if (!nd_is_plain_name(plain[i])) fail_msg("'%s' needs backquotes", plain[i]);
  for (size_t i = 0; i < ND_COUNT(other); i++)
    if (nd_is_plain_name(other[i])) fail_msg("'%s' needs none", other[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(letters),  cmocka_unit_test(long_sign),       cmocka_unit_test(numbers),
      cmocka_unit_test(elements), cmocka_unit_test(words_and_signs), cmocka_unit_test(plain_names)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
