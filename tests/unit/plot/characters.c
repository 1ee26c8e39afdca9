/* Charts in characters, byte for byte. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "plot/plot.h"

static void expect_chart(const nd_panel *panel, size_t columns, size_t lines, bool utf8,
                         const char *expected) {
  nd_chart chart = {.panels = panel, .panel_count = 1};
  nd_text out = {0};
  assert_int_equal(nd_chart_text(&chart, columns, lines, utf8, &out, NULL), NADIR_OK);
  assert_string_equal(nd_text_data(&out), expected);
  nd_text_free(&out);
}

static const double UPDATES[] = {0, 1, 2, 3, 4}, LOSS[] = {1000, 100, 10, 1, 0.1};

static void braille_log(void **state) {
  (void)state;
  nd_series series = {.mark = ND_LINE, .count = 5, .x = UPDATES, .y = LOSS};
  nd_panel panel = {.x_label = "updates", .log_y = true, .series = &series, .series_count = 1};
  expect_chart(&panel, 30, 7, true,
               "1000 ┤⠉⠒⠤⣀⡀\n"
               "     │    ⠈⠑⠒⠤⢄⣀\n"
               "  10 ┤          ⠉⠑⠒⠤⣀\n"
               "     │               ⠉⠒⠤⢄⡀\n"
               " 0.1 ┤                   ⠈⠑⠒⠤⣀\n"
               "     └────────────────────────\n"
               "      0       updates        4\n");
}

static void ascii_log(void **state) {
  (void)state;
  nd_series series = {.mark = ND_LINE, .count = 5, .x = UPDATES, .y = LOSS};
  nd_panel panel = {.x_label = "\xc2\xb5", .log_y = true, .series = &series, .series_count = 1};
  expect_chart(&panel, 30, 7, false,
               "1000 +''...\n"
               "     |     '''...\n"
               "  10 +           ''..\n"
               "     |               ''..\n"
               " 0.1 +                   '''..\n"
               "     +------------------------\n"
               "      0                      4\n");
}

static void braille_dots(void **state) {
  (void)state;
  double x[] = {0, 1, 2, 3}, y[] = {0, 1, NAN, 0.5};
  nd_series series = {.mark = ND_POINTS, .count = 4, .x = x, .y = y};
  nd_panel panel = {.series = &series, .series_count = 1};
  expect_chart(&panel, 0, 0, true,
               "  1 ┤      ⠁\n"
               "0.5 ┤                  ⠐\n"
               "  0 ┤⡀\n"
               "    └───────────────────\n"
               "     0                 3\n");
}

static void constants_and_nothing(void **state) {
  (void)state;
  double x[] = {7}, y[] = {3};
  nd_series series = {.mark = ND_LINE, .count = 1, .x = x, .y = y};
  nd_panel panel = {.series = &series, .series_count = 1};
  expect_chart(&panel, 24, 5, false,
               "3.3 +\n"
               "  3 +         '\n"
               "2.7 +\n"
               "    +-------------------\n"
               "     6.3             7.7\n");
  y[0] = NAN;
  expect_chart(&panel, 24, 5, true, "(nothing to draw: no value is finite)\n");
  series.count = 0;
  expect_chart(&panel, 24, 5, true, "(nothing to draw: no value is finite)\n");
  panel.series_count = 0;
  nd_chart chart = {.panels = &panel, .panel_count = 1};
  nd_text out = {0};
  assert_int_equal(nd_chart_text(&chart, 24, 5, true, &out, NULL), NADIR_BAD_SETTING);
  nd_text_free(&out);
}

/* Labels that differ from the eighth digit on have that many. */
/* A line ends where the range does; one that passes by is not drawn. */
static void a_range(void **state) {
  (void)state;
  static const double X[] = {0, 4, 5, 1e200}, Y[] = {0, 4, 40, 0};
  nd_series series = {.mark = ND_LINE, .count = 4, .x = X, .y = Y};
  nd_panel panel = {.x_label = "x", .series = &series, .series_count = 1};
  nd_chart chart = {.panels = &panel, .panel_count = 1, .look = {.x = {true, 1, 3}, .y = {true, 1, 3}}};
  nd_text part = {0}, whole = {0}, turned = {0};
  assert_int_equal(nd_chart_text(&chart, 30, 7, false, &part, NULL), NADIR_OK);
  static const double PART_X[] = {1, 3}, PART_Y[] = {1, 3};
  nd_series inside = {.mark = ND_LINE, .count = 2, .x = PART_X, .y = PART_Y};
  panel.series = &inside;
  chart.look = (nd_look){0};
  assert_int_equal(nd_chart_text(&chart, 30, 7, false, &whole, NULL), NADIR_OK);
  assert_string_equal(nd_text_data(&part), nd_text_data(&whole));
  chart.look = (nd_look){.reverse_x = true, .reverse_y = true}; /* both: the same line, the other numbers */
  assert_int_equal(nd_chart_text(&chart, 30, 7, false, &turned, NULL), NADIR_OK);
  assert_string_equal(nd_text_data(&turned), "1 +                      ...''\n"
                      "  |                ...'''\n"
                      "2 +           ...''\n"
                      "  |     ...'''\n"
                      "3 +..'''\n"
                      "  +---------------------------\n"
                      "   3            x            1\n");
  nd_text_free(&part);
  nd_text_free(&whole);
  nd_text_free(&turned);
}

static void narrow_range(void **state) {
  (void)state;
  double x[] = {0, 10}, y[] = {1.00000002, 1.00000001};
  nd_series series = {.mark = ND_LINE, .count = 2, .x = x, .y = y};
  nd_panel panel = {.series = &series, .series_count = 1};
  nd_chart chart = {.panels = &panel, .panel_count = 1};
  nd_text out = {0};
  assert_int_equal(nd_chart_text(&chart, 40, 5, false, &out, NULL), NADIR_OK);
  assert_non_null(strstr(nd_text_data(&out), "1.00000002 +"));
  assert_non_null(strstr(nd_text_data(&out), "1.00000001 +"));
  nd_text_free(&out);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(braille_log),  cmocka_unit_test(ascii_log),
      cmocka_unit_test(braille_dots), cmocka_unit_test(constants_and_nothing),
      cmocka_unit_test(narrow_range), cmocka_unit_test(a_range),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
