/* What a cell is by itself: which notation a number is in that is not written as a program would, whether it
 * is an integer, in full or with a point or an exponent, and what a double leaves out of it. */
#include "table_test.h"

#include "table/csv_internal.h"

static nd_csv_cell cell_of(const char *text) {
  return (nd_csv_cell){.begin = text, .end = text + strlen(text)};
}

static void each_notation_is_known(void **state) {
  (void)state;
  static const struct {
    const char *text;
    nadir_notation notation;
  } cases[] = {
      {"1,000", NADIR_THOUSANDS},         {"-12,345,678.9", NADIR_THOUSANDS},
      {"1,000.", NADIR_THOUSANDS},        {"1234,567", NADIR_DECIMAL_COMMA},
      {"1,000,00", NADIR_NO_NOTATION},    {"+0,5", NADIR_DECIMAL_COMMA},
      {"1,25e3", NADIR_DECIMAL_COMMA},    {"1,25x", NADIR_NO_NOTATION},
      {"1,", NADIR_NO_NOTATION},          {"12x", NADIR_NO_NOTATION},
      {"2011-03-04", NADIR_DATE},         {"2011/3/4", NADIR_DATE},
      {"2011-03-04T12:00", NADIR_DATE},   {"2011-03-04 12:00", NADIR_DATE},
      {"2011-03-04x", NADIR_NO_NOTATION}, {"2011-03/04", NADIR_NO_NOTATION},
      {"2011-03-041", NADIR_NO_NOTATION}, {"2011-03-", NADIR_NO_NOTATION},
      {"2011-0304", NADIR_NO_NOTATION},   {"2011-304-5", NADIR_NO_NOTATION},
      {"2011-/3/4", NADIR_NO_NOTATION},   {"2011.03.04", NADIR_NO_NOTATION},
      {"2011-3", NADIR_NO_NOTATION},      {"2011-12345", NADIR_NO_NOTATION},
      {"2011/3456", NADIR_NO_NOTATION},   {"2011-3--4", NADIR_NO_NOTATION},
      {"12:30", NADIR_SEXAGESIMAL},       {"-12:30:00.5", NADIR_SEXAGESIMAL},
      {"12h30m00s", NADIR_SEXAGESIMAL},   {"12h30m", NADIR_SEXAGESIMAL},
      {"12d30'", NADIR_SEXAGESIMAL},      {"12 30 00", NADIR_SEXAGESIMAL},
      {"12 30", NADIR_NO_NOTATION},       {"12m30s", NADIR_NO_NOTATION},
      {"12:75", NADIR_NO_NOTATION},       {"12:5", NADIR_NO_NOTATION},
      {"12:x", NADIR_NO_NOTATION},        {"1234:30", NADIR_NO_NOTATION},
      {"1:10:20:30", NADIR_NO_NOTATION},  {"12.5.6", NADIR_NO_NOTATION},
      {"123", NADIR_NO_NOTATION},         {"12h", NADIR_NO_NOTATION},
      {"-", NADIR_NO_NOTATION},           {"", NADIR_NO_NOTATION},
      {"abc", NADIR_NO_NOTATION},
  };
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    nadir_notation found = nd_csv_notation_of(cell_of(cases[i].text));
    if (found != cases[i].notation) fail_msg("%s: %d", cases[i].text, (int)found);
  }
}

static void integers_are_known_to_their_ends(void **state) {
  (void)state;
  static const struct {
    const char *text;
    bool is;
  } cases[] = {{"0", true},
               {"+7", true},
               {"-9223372036854775808", true},
               {"-9223372036854775809", false},
               {"18446744073709551615", true},
               {"18446744073709551616", false},
               {"-", false},
               {"1.0", false},
               {"12a", false}};
  for (size_t i = 0; i < ND_COUNT(cases); i++)
    if (nd_csv_integer(cell_of(cases[i].text)) != cases[i].is) fail_msg("%s", cases[i].text);
}

/* "" where it is not one. */
static void whole_numbers_are_read_in_full(void **state) {
  (void)state;
  static const struct {
    const char *text, *value;
  } cases[] = {
      {"4295806720000000002", "4295806720000000002"},
      {"-4295806720000000002.0", "-4295806720000000002"},
      {"+12.", "12"},
      {".0", "0"},
      {"0.00", "0"},
      {"1.2376E+018", "1237600000000000000"},
      {"1.2376d18", "1237600000000000000"},
      {"12e-1", ""},
      {"120E-1", "12"},
      {"0e99999", "0"},
      {"0E-99999", "0"},
      {"1e-", ""},
      {"1e", ""},
      {"1e+x", ""},
      {"1f3", ""},
      {"1.2.3", ""},
      {"1.5", ""},
      {"e5", ""},
      {"-", ""},
      {"", ""},
      {".", ""},
      {"x", ""},
      {"1 ", ""},
      {"123456789012345678901234567890", "123456789012345678901234567890"},
      {"1234567890123456789012345678901", ""},
      {"1e29", "100000000000000000000000000000"},
      {"1e31", ""},
      {"1e100000000", ""},
  };
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    nd_wide value;
    char digits[64] = "", *at = digits + sizeof digits - 1;
    const char *text = cases[i].text;
    if (nd_read_whole(text, text + strlen(text), &value)) {
      nd_wide rest = value < 0 ? -value : value;
      for (*at = '\0'; at == digits + sizeof digits - 1 || rest > 0; rest /= 10)
        *--at = (char)('0' + (int)(rest % 10));
      if (value < 0) *--at = '-';
    }
    if (strcmp(at, cases[i].value) != 0) fail_msg("%s: '%s'", text, at);
  }
}

static void what_a_double_leaves_out(void **state) {
  (void)state;
  static const struct {
    const char *text;
    double rest;
  } cases[] = {{"9007199254740993", 1},
               {"-9007199254740993", -1},
               {"9007199254740992", 0},
               {"18446744073709551615", -1},
               {"0.1", 0},
               {"word", 0}};
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    const char *text = cases[i].text;
    if (nd_rest_of_text(text, text + strlen(text)) != cases[i].rest) fail_msg("%s", text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_notation_is_known),
      cmocka_unit_test(integers_are_known_to_their_ends),
      cmocka_unit_test(whole_numbers_are_read_in_full),
      cmocka_unit_test(what_a_double_leaves_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
