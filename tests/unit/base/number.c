/* Numbers out of text and back: what tables write is read to the last bit, the shortest text reads
 * back as the same double, and errors are rounded as the Particle Data Group rounds them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

static size_t read_length(const char *text, double *value) {
  const char *end = nd_read_number(text, text + strlen(text), value);
  return end ? (size_t)(end - text) : 0;
}

static void reads_what_tables_write(void **state) {
  (void)state;
  static const struct {
    const char *text;
    double value;
    size_t length;
  } cases[] = {{"0", 0, 1},
               {"-0.0", -0.0, 4},
               {"+1.5", 1.5, 4},
               {".5", .5, 2},
               {"5.", 5, 2},
               {"1e5", 1e5, 3},
               {"1E+05", 1e5, 5},
               {"1d5", 1e5, 3},
               {"-1.5D-3", -1.5e-3, 7},
               {"+2.D+01", 20, 7},
               {"1d", 1, 1},
               {"1d+", 1, 1},
               {"1e", 1, 1},
               {"1e5d3", 1e5, 3},
               {"12,5", 12, 2},
               {"7 ", 7, 1},
               {"1e400", INFINITY, 5},
               {"-1d400", -INFINITY, 6},
               {"1e-400", 0, 6},
               {"1d-400", 0, 6},
               {"inf", INFINITY, 3},
               {"-Infinity", -INFINITY, 9},
               {"+INF", INFINITY, 4},
               {"0.1", 0.1, 3},
               {"9007199254740993", 9007199254740992., 16},
               {"2.2250738585072011e-308", 2.2250738585072011e-308, 23},
               {"4.9e-324", 4.9e-324, 8},
               {"1.7976931348623157e308", 1.7976931348623157e308, 22}};
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    double value = 12345;
    size_t length = read_length(cases[i].text, &value);
    if (length != cases[i].length || memcmp(&value, &cases[i].value, sizeof value) != 0)
      fail_msg("%s read as %.17g with %zu bytes", cases[i].text, value, length);
  }
}

static void refuses_what_is_no_number(void **state) {
  (void)state;
  static const char *const cases[] = {"",   "+",  "-",   "+-1", "-+1", "++1", ".",  "e5",
                                      "d5", " 1", "abc", "--",  "+ 1", "x1",  "NA", "null"};
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    double value;
    if (read_length(cases[i], &value) != 0) fail_msg("\"%s\" read as %g", cases[i], value);
  }
}

static void reads_nan_in_any_case(void **state) {
  (void)state;
  static const char *const cases[] = {"nan", "NaN", "NAN", "-nan", "+nan"};
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    double value = 0;
    assert_int_equal(read_length(cases[i], &value), strlen(cases[i]));
    assert_true(isnan(value));
  }
}

static void stops_at_the_end_it_is_given(void **state) {
  (void)state;
  const char text[] = "12345";
  double value;
  assert_ptr_equal(nd_read_number(text, text + 3, &value), text + 3);
  assert_true(value == 123);
  assert_null(nd_read_number(text, text, &value));
}

/* A thousand digits before a D exponent fit; beyond, the number ends at the D. */
static void reads_long_fortran_numbers(void **state) {
  (void)state;
  char text[2000];
  double value;
  memset(text, '0', sizeof text);
  text[0] = '1';
  memcpy(text + 1000, "d-990", 6);
  assert_int_equal(read_length(text, &value), 1005);
  assert_true(value == 1e9);
  memset(text + 1000, '0', 400);
  memcpy(text + 1400, "d1", 3);
  assert_int_equal(read_length(text, &value), 1400);
}

static double from_bits(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static void shortest_text_reads_back(void **state) {
  (void)state;
  nd_random random = nd_random_stream(1, ND_FOR_TEST, 0, 0);
  for (int i = 0; i < 1000000; i++) {
    uint64_t bits = nd_random_u32(&random) | (uint64_t)nd_random_u32(&random) << 32;
    double value = from_bits(bits), back = 0;
    char text[ND_NUMBER_TEXT];
    nd_format(value, text);
    size_t length = strlen(text);
    assert_true(length < ND_NUMBER_TEXT);
    assert_int_equal(read_length(text, &back), length);
    if (isnan(value))
      assert_true(isnan(back));
    else if (memcmp(&value, &back, sizeof value) != 0)
      fail_msg("%a gives %s", value, text);
  }
}

/* No text of one digit less reads back (checked through the C library's own conversions). */
static void no_shorter_text_would_do(void **state) {
  (void)state;
  nd_random random = nd_random_stream(2, ND_FOR_TEST, 0, 0);
  for (int i = 0; i < 20000; i++) {
    double value = (nd_random_uniform(&random) - .5) * pow(10, (int)nd_random_below(&random, 30));
    char text[ND_NUMBER_TEXT], shorter[40];
    int digits = 0, significant = 0;
    nd_format(value, text);
    for (const char *c = text; *c && *c != 'e'; c++) {
      digits += *c >= '0' && *c <= '9' && (digits > 0 || *c != '0');
      if (*c >= '1' && *c <= '9') significant = digits;
    }
    if (significant < 2) continue;
    snprintf(shorter, sizeof shorter, "%.*e", significant - 2, value);
    assert_true(strtod(shorter, NULL) != value);
  }
}

static void formats_as_people_write(void **state) {
  (void)state;
  static const struct {
    double value;
    const char *text;
  } cases[] = {{0, "0"},
               {-0.0, "-0"},
               {1, "1"},
               {0.1, "0.1"},
               {-2.5, "-2.5"},
               {100000, "100000"},
               {1e15, "1000000000000000"},
               {1e16, "1e16"},
               {1e-5, "0.00001"},
               {1e-6, "1e-6"},
               {1e-300, "1e-300"},
               {123.456, "123.456"},
               {1.5e300, "1.5e300"},
               {INFINITY, "inf"},
               {-INFINITY, "-inf"},
               {NAN, "nan"},
               {5e-324, "5e-324"},
               {1.7976931348623157e308, "1.7976931348623157e308"}};
  char text[ND_NUMBER_TEXT];
  for (size_t i = 0; i < ND_COUNT(cases); i++)
    assert_string_equal(nd_format(cases[i].value, text), cases[i].text);
}

static void formats_with_so_many_digits(void **state) {
  (void)state;
  static const struct {
    double value;
    int digits;
    const char *text;
  } cases[] = {{454.158441, 5, "454.16"},  {0.15, 1, "0.2"},      {999.99, 3, "1000"},
               {0.00012345, 2, "0.00012"}, {1.0, 6, "1"},         {-1234567, 3, "-1.23e6"},
               {9.995e20, 3, "1e21"},      {0, 4, "0"},           {2.0 / 3, 3, "0.667"},
               {9.9999, 2, "10"},          {123456, 3, "123000"}, {NAN, 3, "nan"}};
  char text[ND_NUMBER_TEXT];
  for (size_t i = 0; i < ND_COUNT(cases); i++)
    assert_string_equal(nd_format_digits(cases[i].value, cases[i].digits, text), cases[i].text);
}

static void bounds_are_rounded_to_their_safe_side(void **state) {
  (void)state;
  static const struct {
    double value;
    nd_toward toward;
    int digits;
    const char *text;
  } cases[] = {{2.0 / 3, ND_DOWN, 6, "0.666666"},
               {2.0 / 3, ND_UP, 6, "0.666667"},
               {1.234321, ND_UP, 3, "1.24"},
               {1.234321, ND_DOWN, 3, "1.23"},
               {-1.234321, ND_UP, 3, "-1.23"},
               {-1.234321, ND_DOWN, 3, "-1.24"},
               {2, ND_DOWN, 6, "2"},
               {0.5, ND_UP, 17, "0.5"},
               {0.1, ND_DOWN, 3, "0.1"}, /* this double is above a tenth, */
               {0.1, ND_UP, 3, "0.1000000000001"},
               {0.3, ND_UP, 3, "0.3"}, /* and this below three */
               {0.3, ND_DOWN, 3, "0.2999999999999"},
               {9.999e20, ND_UP, 3, "1e21"},
               {5e-324, ND_DOWN, 2, "4.9e-324"},
               {5e-324, ND_UP, 2, "5e-324"},
               {1.7976931348623157e308, ND_UP, 3, "1.8e308"},
               {0, ND_UP, 3, "0"},
               {1.9999999999999996, ND_DOWN, 4, "1.999999999999"},
               {-1.9999999999999996, ND_UP, 4, "-1.999999999999"},
               {2.0000000000000004, ND_DOWN, 4, "2"},
               {2.0000000000000004, ND_UP, 3, "2.000000000001"},
               {2, ND_DOWN, 4, "2"},
               {1.9999, ND_DOWN, 4, "1.999"},
               {1e-300 * (1 - 0x1p-53), ND_DOWN, 2, "9.999999999999e-301"},
               {INFINITY, ND_UP, 3, "inf"}};
  char text[ND_NUMBER_TEXT];
  for (size_t i = 0; i < ND_COUNT(cases); i++)
    assert_string_equal(nd_format_bound(cases[i].value, cases[i].toward, cases[i].digits, text),
                        cases[i].text);
}

/* The first row is an example of the Review of Particle Physics, Introduction, 5.3; the next two are
 * its others, with the second digit that the Review leaves out or rounds away. */
static void writes_two_digits_of_an_error(void **state) {
  (void)state;
  static const struct {
    double value, error;
    const char *value_text, *error_text;
  } cases[] = {{0.827, 0.119, "0.83", "0.12"},
               {0.827, 0.367, "0.83", "0.37"},
               {0.827, 0.967, "0.83", "0.97"},
               {454.158441, 75.2371, "454", "75"},
               {-40.7836, 83.439, "-41", "83"},
               {454.158441, 0.152371, "454.16", "0.15"},
               {1, 0.1, "1.00", "0.10"},
               {1, 0.355, "1.00", "0.36"},
               {1, 0.5, "1.00", "0.50"},
               {1, 0.994, "1.00", "0.99"},
               {1, 0.995, "1.0", "1.0"},
               {1, 0.0999, "1.00", "0.10"},
               {1, 5, "1.0", "5.0"},
               {99960, 355, "99960", "360"},
               {123456, 5678, "123500", "5700"},
               {4, 123, "0", "120"},
               {-4, 123, "0", "120"},
               {6, 123, "10", "120"},
               {0, 0.02, "0.000", "0.020"},
               {2455000.12345, 0.00056, "2455000.12345", "0.00056"},
               {1.23456e20, 1.2e18, "1.235e20", "0.012e20"},
               {1.5e20, 5e20, "1.5e20", "5.0e20"},
               {1e-20, 2e-21, "1.00e-20", "0.20e-20"},
               {1.234e-17, 5e-19, "1.234e-17", "0.050e-17"},
               {1e10, 1e-12, "10000000000", "1.0e-12"},
               {2.5, 1e-300, "2.5", "1.0e-300"},
               {2.5, 0, "2.5", "0"},
               {2.0 / 3, 0, "0.666666666666667", "0"},
               {2.0 / 3, NAN, "0.666667", ""},
               {2.5, INFINITY, "2.5", ""},
               {NAN, 1, "nan", ""}};
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    char value[ND_NUMBER_TEXT], error[ND_NUMBER_TEXT];
    nd_format_with_error(cases[i].value, cases[i].error, value, error);
    if (strcmp(value, cases[i].value_text) || strcmp(error, cases[i].error_text))
      fail_msg("%g +- %g gives %s +- %s", cases[i].value, cases[i].error, value, error);
  }
}

static int significant(const char *text) {
  int digits = 0;
  for (const char *c = text; *c && *c != 'e'; c++)
    digits += *c >= '0' && *c <= '9' && (digits > 0 || *c != '0');
  return digits;
}

static bool bare_exponent(const char *text) {
  const char *e = strchr(text, 'e');
  return e && (e == text || !(e[-1] >= '0' && e[-1] <= '9') || !e[1] || (e[1] == '-' && !e[2]) ||
               strcmp(e, "e0") == 0);
}

static int after_the_point(const char *text) {
  const char *point = strchr(text, '.');
  return point ? (int)strspn(point + 1, "0123456789") : 0;
}

/* Whatever the pair: it fits the buffers (the sanitizers watch), no exponent is bare, the error has
 * two digits at least, and both end at one place where they have one exponent. */
static void any_value_and_error_end_together(void **state) {
  (void)state;
  nd_random random = nd_random_stream(3, ND_FOR_TEST, 0, 0);
  for (int i = 0; i < 100000; i++) {
    uint64_t bits = nd_random_u32(&random) | (uint64_t)nd_random_u32(&random) << 32;
    double size = fabs(from_bits(bits)) * pow(2, (int)nd_random_below(&random, 80) - 40);
    char *value = malloc(ND_NUMBER_TEXT), *error = malloc(ND_NUMBER_TEXT);
    nd_format_with_error(from_bits(bits), size, value, error);
    assert_true(strlen(value) < ND_NUMBER_TEXT && strlen(error) < ND_NUMBER_TEXT);
    if (isfinite(from_bits(bits)) && isfinite(size) && size > 0) {
      const char *e[2] = {strchr(value, 'e'), strchr(error, 'e')};
      bool together = e[0] && e[1] ? strcmp(e[0], e[1]) == 0 : !e[0] && !e[1];
      if (bare_exponent(value) || bare_exponent(error) || significant(error) < 2 ||
          (together && size > fabs(from_bits(bits)) * 1e-15 &&
           after_the_point(value) != after_the_point(error)))
        fail_msg("%.17g +- %.17g gives %s +- %s", from_bits(bits), size, value, error);
    }
    free(value);
    free(error);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(reads_what_tables_write),
                                     cmocka_unit_test(refuses_what_is_no_number),
                                     cmocka_unit_test(reads_nan_in_any_case),
                                     cmocka_unit_test(stops_at_the_end_it_is_given),
                                     cmocka_unit_test(reads_long_fortran_numbers),
                                     cmocka_unit_test(shortest_text_reads_back),
                                     cmocka_unit_test(no_shorter_text_would_do),
                                     cmocka_unit_test(formats_as_people_write),
                                     cmocka_unit_test(formats_with_so_many_digits),
                                     cmocka_unit_test(writes_two_digits_of_an_error),
                                     cmocka_unit_test(any_value_and_error_end_together),
                                     cmocka_unit_test(bounds_are_rounded_to_their_safe_side)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
