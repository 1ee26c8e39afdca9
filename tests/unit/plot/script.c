/* The gnuplot script of a chart, byte for byte, and how text from outside appears in it. The
 * pictures that gnuplot makes of such scripts are looked at in picture.c. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "plot/plot_internal.h"

#define Q "\xe2\x80\x99" /* what a single quote is written as */

static const double X[] = {0, 1, 2, 3}, Y[] = {8, 4, NAN, 1};

static void small_chart(void **state) {
  (void)state;
  static const char *const EXPECTED =
      "# Drawn by nadir. To draw it again: gnuplot -d THIS.gp > PICTURE.svg\n"
      "set terminal svg enhanced size 800,546 font 'Helvetica,Arial,sans-serif,14' background "
      "'#ffffff'\n"
      "$p1s1 << EOD\n0 8\n1 4\n\n3 1\nEOD\n"
      "$p1s1dots << EOD\n3 1\nEOD\n"
      "set encoding utf8\n"
      "set border 15 lw 1 lc rgb '#404040'\n"
      "set tics scale 0.8,0.4 textcolor rgb '#000000'\n"
      "set grid lt 1 lw 0.7 lc rgb '#dddddd'\n"
      "set clip one\nset clip two\n"
      ""
      "set style fill solid noborder\n"
      "unset colorbox\n"
      "set lmargin at screen 0.09750\nset rmargin at screen 0.96500\n"
      "set tmargin at screen 0.87912\nset bmargin at screen 0.11355\n"
      "unset logscale x\nset xrange [-0.06:3.06]\nset format x '%.2h'\nset xtics 0.5\nset mxtics\n"
      "unset logscale y\nset yrange [0.65:8.35]\nset format y '%.2h'\nset ytics 2\nset mytics\n"
      "unset label\n"
      "set label 'it" Q "s' at screen 0.50000,0.95604 center font ',16' noenhanced\n"
      "set label 'loss' at screen 0.01750,0.49634 center rotate noenhanced\n"
      "set label 'updates' at screen 0.53125,0.02564 center noenhanced\n"
      "set key at screen 0.09750,0.88645 left bottom horizontal Left reverse noenhanced samplen 2 "
      "maxcols 7\n"
      "unset colorbox\n"
      "plot NaN notitle, \\\n"
      "  $p1s1 using 1:2 with lines lw 2 lc rgb '#0072b2' dt 1 title 'gd', \\\n"
      "  $p1s1dots using 1:2 with points pt 7 ps 0.5 lc rgb '#0072b2' notitle\n";
  nd_series series = {.label = "gd", .mark = ND_LINE, .count = 4, .x = X, .y = Y};
  nd_panel panel = {
      .x_label = "updates", .y_label = "loss", .height = 1, .series = &series, .series_count = 1};
  nd_chart chart = {.title = "it's", .panels = &panel, .panel_count = 1};
  nd_text out = {0};
  assert_int_equal(nd_chart_script(&chart, ND_SCRIPT, &out, NULL), NADIR_OK);
  assert_string_equal(nd_text_data(&out), EXPECTED);
  nd_text_free(&out);
}

static void expect_quoted(const char *text, size_t limit, const char *expected) {
  nd_text out = {0};
  nd_label_quoted(&out, text, limit);
  assert_string_equal(nd_text_data(&out), expected);
  nd_text_free(&out);
}

static void quoting(void **state) {
  (void)state;
  expect_quoted(NULL, 10, "''");
  expect_quoted("", 10, "''");
  expect_quoted("a'b''", 10, "'a" Q "b" Q Q "'");
  expect_quoted("a\nb\tc\rd\x1b[31m\x7f", 20, "'a b cd[31m'");
  expect_quoted("`x` \"y\" $(z) \\ @m #", 40, "'`x` \"y\" $(z) \\ @m #'");
  /* Cut to whole characters. */
  expect_quoted("\xc2\xb5\xc2\xb5\xc2\xb5\xc2\xb5", 3, "'\xc2\xb5\xc2\xb5\xe2\x80\xa6'");
  expect_quoted("\xc2\xb5\xc2\xb5\xc2\xb5", 3, "'\xc2\xb5\xc2\xb5\xc2\xb5'");
  expect_quoted("''''", 3, "'" Q Q "\xe2\x80\xa6'");
  /* Broken UTF-8: a stray byte, an overlong quote, a surrogate, an end in the middle, U+FFFE. */
  expect_quoted("\xff\xc0\xa7\xed\xa0\x80\xe2\x82", 20,
                "'"
                "?"
                "?"
                "?"
                "?"
                "?"
                "?"
                "?"
                "?"
                "'");
  expect_quoted("a\xef\xbf\xbe", 20, "'a?'");
  /* C1 controls and marks that turn the direction of writing show nothing. */
  expect_quoted("a\xc2\x9b\xe2\x80\xae\xe2\x80\xa8z", 20, "'az'");
}

/* Outside of here-documents every line of a script with hostile text is as one with tame text. */
static void same_skeleton(void **state) {
  (void)state;
  nd_series series = {.label = "'; system 'x' #", .mark = ND_POINTS, .count = 4, .x = X, .y = Y};
  nd_panel panel = {.title = "EOD\nEOD\n`x`",
                    .x_label = "'\n!x\n'",
                    .y_label = "\\",
                    .series = &series,
                    .series_count = 1};
  nd_chart chart = {.title = "'.system('x').'", .panels = &panel, .panel_count = 1};
  nd_text out = {0};
  assert_int_equal(nd_chart_script(&chart, ND_SVG, &out, NULL), NADIR_OK);
  const char *script = nd_text_data(&out);
  assert_non_null(strstr(script, "title '" Q "; system " Q "x" Q " #'\n"));
  assert_non_null(strstr(script, "set label 'EOD EOD `x`' at"));
  assert_non_null(strstr(script, "set label '" Q " !x " Q "' at"));
  assert_non_null(strstr(script, "set label '\\' at"));
  assert_non_null(strstr(script, "set label '" Q ".system(" Q "x" Q ")." Q "' at"));
  assert_null(strstr(script, "\n!"));
  assert_null(strstr(script, "set output"));
  nd_text_free(&out);
}

static void no_panel_is_a_sentence(void **state) {
  (void)state;
  nd_chart chart = {0};
  nadir_error error = {0};
  nd_text out = {0};
  assert_int_equal(nd_chart_script(&chart, ND_SVG, &out, &error), NADIR_BAD_SETTING);
  assert_string_equal(error.message, "chart: it has no panel: give it at least one");
  nd_text_free(&out);
}

static void log_advice(void **state) {
  (void)state;
  assert_true(nd_wants_log((double[]){1, 100.5}, 2));
  assert_false(nd_wants_log((double[]){1, 100}, 2));
  assert_true(nd_wants_log((double[]){1, NAN, INFINITY, 1e5}, 4));
  assert_false(nd_wants_log((double[]){0, 1, 1e5}, 3));
  assert_false(nd_wants_log((double[]){-1, 1, 1e5}, 3));
  assert_false(nd_wants_log((double[]){NAN}, 1));
  assert_false(nd_wants_log(NULL, 0));
  assert_true(nd_wants_log((double[]){1e-300, 1e308}, 2));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(small_chart),   cmocka_unit_test(quoting),
      cmocka_unit_test(same_skeleton), cmocka_unit_test(no_panel_is_a_sentence),
      cmocka_unit_test(log_advice),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
