/* Axes, thinning and contour lines: each against what can be counted or computed by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plot/plot_internal.h"

enum { LONG = 200000 };

static size_t count_kept(const unsigned char *keep, size_t count) {
  size_t kept = 0;
  for (size_t i = 0; i < count; i++)
    kept += keep[i];
  return kept;
}

typedef struct long_series {
  double x[LONG], y[LONG];
  unsigned char keep[LONG];
} long_series;

static void thin_case(long_series *s, nd_mark mark) {
  nd_series series = {.mark = mark, .count = LONG, .x = s->x, .y = s->y};
  nd_panel panel = {.series = &series, .series_count = 1};
  nd_chart chart = {.panels = &panel, .panel_count = 1};
  nd_axis x = nd_axis_of_x(&chart, true), y = nd_axis_of_y(&panel, true);
  assert_int_equal(nd_thin(&series, &x, &y, s->keep, NULL), NADIR_OK);
}

/* A noisy line: the lowest and highest of each of 100 stretches must stay, spikes above all. */
static void thin_line_keeps_extremes(void **state) {
  (void)state;
  long_series *s = calloc(1, sizeof *s);
  nd_random random = nd_random_stream(1, ND_FOR_TEST, 0, 0);
  for (size_t i = 0; i < LONG; i++) {
    s->x[i] = (double)i;
    s->y[i] = nd_random_normal(&random);
  }
  s->y[77777] = 1000;
  s->y[123456] = -1000;
  thin_case(s, ND_LINE);
  size_t kept = count_kept(s->keep, LONG);
  assert_true(kept <= 4 * ND_FINE_X);
  assert_true(kept >= 2 * 1500);
  assert_true(s->keep[0] && s->keep[LONG - 1] && s->keep[77777] && s->keep[123456]);
  for (size_t from = 0; from < LONG; from += LONG / 100) {
    size_t low = from, high = from;
    for (size_t i = from; i < from + LONG / 100; i++) {
      low = s->y[i] < s->y[low] ? i : low;
      high = s->y[i] > s->y[high] ? i : high;
    }
    /* a stretch of 2000 points holds 15 whole columns; its extremes are those of a column, or of
     * one that the stretch shares with its neighbour, whose extreme is more extreme still */
    double lowest = INFINITY, highest = -INFINITY;
    size_t begin = from < 150 ? 0 : from - 150, end = from + LONG / 100 + 150;
    for (size_t i = begin; i < end && i < LONG; i++) {
      if (!s->keep[i]) continue;
      lowest = fmin(lowest, s->y[i]);
      highest = fmax(highest, s->y[i]);
    }
    assert_true(lowest <= s->y[low]);
    assert_true(highest >= s->y[high]);
  }
  free(s);
}

static void thin_points_keeps_one_a_cell(void **state) {
  (void)state;
  long_series *s = calloc(1, sizeof *s);
  for (size_t i = 0; i < LONG; i++) {
    s->x[i] = (double)(i % 100);
    s->y[i] = (double)(i / 100 % 50);
  }
  thin_case(s, ND_POINTS);
  assert_int_equal(count_kept(s->keep, LONG), 5000);
  s->y[LONG - 5] = NAN;
  s->x[LONG - 6] = INFINITY;
  thin_case(s, ND_ERROR_BARS);
  assert_int_equal(count_kept(s->keep, LONG), 5000);
  free(s);
}

static void thin_path_keeps_its_turns(void **state) {
  (void)state;
  long_series *s = calloc(1, sizeof *s);
  for (size_t i = 0; i < LONG; i++) {
    double t = exp(-(double)i / 500);
    s->x[i] = t * cos(0.02 * (double)i);
    s->y[i] = t * sin(0.02 * (double)i);
  }
  thin_case(s, ND_PATH);
  size_t kept = count_kept(s->keep, LONG);
  assert_true(s->keep[0] && s->keep[LONG - 1]);
  assert_true(kept > 500 && kept < 6000);
  free(s);
}

static void short_series_are_whole(void **state) {
  (void)state;
  double x[3] = {1, 1, 1}, y[3] = {2, NAN, 2};
  unsigned char keep[3] = {0};
  nd_series series = {.mark = ND_LINE, .count = 3, .x = x, .y = y};
  nd_axis axis = {.low = 0, .high = 3};
  assert_int_equal(nd_thin(&series, &axis, &axis, keep, NULL), NADIR_OK);
  assert_int_equal(count_kept(keep, 3), 3);
}

/* ---- axes ------------------------------------------------------------------------------------ */

static nd_axis axis_of(const double *values, size_t count, bool log) {
  nd_series series = {.mark = ND_LINE, .count = count, .x = values, .y = values};
  nd_panel panel = {.series = &series, .series_count = 1, .log_y = log};
  return nd_axis_of_y(&panel, false);
}

static void expect_axis(nd_axis axis, bool log, double low, double high) {
  assert_int_equal(axis.log, log);
  assert_true(axis.low == low);
  assert_true(axis.high == high);
}

static void ranges(void **state) {
  (void)state;
  expect_axis(axis_of((double[]){3, NAN, -1, INFINITY, -INFINITY}, 5, false), false, -1, 3);
  expect_axis(axis_of(NULL, 0, false), false, 0, 1);
  expect_axis(axis_of((double[]){NAN}, 1, true), false, 0, 1);
  expect_axis(axis_of((double[]){0}, 1, false), false, -1, 1);
  expect_axis(axis_of((double[]){5, 5}, 2, false), false, 4.5, 5.5);
  expect_axis(axis_of((double[]){8, 8}, 2, true), true, 4, 16);
  expect_axis(axis_of((double[]){0, -5, 1e-310, 0.5, 2}, 5, true), true, 0.5, 2);
  /* Nothing positive: linear, so that the values are seen. */
  expect_axis(axis_of((double[]){-3, -1}, 2, true), false, -3, -1);
  expect_axis(axis_of((double[]){-1e308, 1, 2}, 3, false), false, 1, 2);
}

static void error_bars_widen(void **state) {
  (void)state;
  double x[] = {1, 2, 3}, y[] = {1, 2, 3}, e[] = {5, NAN, 4};
  nd_series series = {.mark = ND_ERROR_BARS, .count = 3, .x = x, .y = y, .error = e};
  nd_panel panel = {.series = &series, .series_count = 1};
  expect_axis(nd_axis_of_y(&panel, false), false, -4, 7);
  panel.log_y = true;
  expect_axis(nd_axis_of_y(&panel, false), true, 1, 7);
}

static void ticks(void **state) {
  (void)state;
  nd_axis axis = {.low = 0, .high = 400};
  nd_ticks t = nd_axis_ticks(&axis, 7);
  assert_true(t.step == 100 && t.digits == 3 && t.count == 0 && !t.decades);
  axis = (nd_axis){.low = 1, .high = 1 + 6e-8};
  t = nd_axis_ticks(&axis, 6);
  assert_true(t.digits == 9); /* 1.00000001 */
  axis = (nd_axis){true, 1e-8, 1e4};
  t = nd_axis_ticks(&axis, 6);
  assert_true(t.decades && t.step == 2);
  axis = (nd_axis){true, 0.1, 10};
  t = nd_axis_ticks(&axis, 6);
  static const double EXPECTED[] = {0.1, 0.2, 0.5, 1, 2, 5, 10};
  assert_int_equal(t.count, ND_COUNT(EXPECTED));
  for (size_t i = 0; i < t.count; i++)
    assert_true(fabs(t.place[i] / EXPECTED[i] - 1) < 1e-12);
  axis = (nd_axis){true, 6.1, 6.6};
  t = nd_axis_ticks(&axis, 6);
  assert_true(t.count >= 4 && t.place[0] >= 6.1 && t.place[t.count - 1] <= 6.6);
}

/* ---- contours -------------------------------------------------------------------------------- */

enum { SIDE = 41 };

typedef struct field {
  double x[SIDE], y[SIDE], z[SIDE * SIDE];
  nd_grid grid;
} field;

static void make_field(field *f, double (*z)(double, double)) {
  for (size_t i = 0; i < SIDE; i++)
    f->x[i] = f->y[i] = -2 + 0.1 * (double)i;
  for (size_t j = 0; j < SIDE; j++)
    for (size_t i = 0; i < SIDE; i++)
      f->z[j * SIDE + i] = z(f->x[i], f->y[j]);
  f->grid = (nd_grid){SIDE, SIDE, f->x, f->y, f->z, NULL};
}

typedef struct traced {
  size_t lines, points;
  double length, x, y, first_x, first_y, worst;
  double (*z)(double, double);
  double level;
} traced;

static void trace_point(void *context, double x, double y, bool first) {
  traced *t = context;
  if (first) {
    t->lines++;
    t->first_x = x;
    t->first_y = y;
  } else {
    t->length += hypot(x - t->x, y - t->y);
  }
  t->x = x;
  t->y = y;
  t->points++;
  t->worst = fmax(t->worst, fabs(t->z(x, y) - t->level));
}

static traced trace(const field *f, double (*z)(double, double), double level) {
  traced t = {.z = z, .level = level};
  assert_int_equal(nd_contour_trace(&f->grid, level, trace_point, &t, NULL), NADIR_OK);
  return t;
}

static double bowl(double x, double y) {
  return x * x + y * y;
}

static double plane(double x, double y) {
  return x + 2 * y;
}

static double saddle(double x, double y) {
  return x * y;
}

static double holed(double x, double y) {
  return x < -1.05 && y < -1.05 ? NAN : x;
}

static void circle_is_one_closed_line(void **state) {
  (void)state;
  field f;
  make_field(&f, bowl);
  traced t = trace(&f, bowl, 1);
  assert_int_equal(t.lines, 1);
  assert_true(t.x == t.first_x && t.y == t.first_y);
  /* chords of a circle on a grid of 0.1: shorter by about h^2/8 at most */
  assert_true(fabs(t.length - 2 * 3.14159265358979) < 0.02);
  assert_true(t.worst < 0.1 * 0.1 / 4 + 1e-12); /* linear interpolation of x^2 */
  assert_int_equal(trace(&f, bowl, -1).points, 0);
  assert_int_equal(trace(&f, bowl, 5).lines, 4); /* the corners only: open lines */
}

static void plane_is_exact(void **state) {
  (void)state;
  field f;
  make_field(&f, plane);
  traced t = trace(&f, plane, 0.33);
  assert_int_equal(t.lines, 1);
  assert_true(t.worst < 1e-12);
  assert_true(fabs(t.length - hypot(4, 2)) < 1e-12);
}

static void saddle_has_two_branches(void **state) {
  (void)state;
  field f;
  make_field(&f, saddle);
  assert_int_equal(trace(&f, saddle, 0.5).lines, 2);
  assert_int_equal(trace(&f, saddle, -0.5).lines, 2);
  assert_int_equal(trace(&f, saddle, 0.001).lines, 2);
}

/* Cells with an undefined corner are left out: the line x = -1.55 begins where they end. */
static void holes_are_masked(void **state) {
  (void)state;
  field f;
  make_field(&f, holed);
  traced t = trace(&f, holed, -1.55);
  assert_int_equal(t.lines, 1);
  assert_true(fabs(t.length - 3) < 1e-9);
  assert_true(isfinite(t.worst));
}

static void levels_reach_into_the_valley(void **state) {
  (void)state;
  field f;
  double levels[ND_LEVELS];
  size_t count;
  make_field(&f, bowl);
  assert_int_equal(nd_contour_levels(&f.grid, levels, &count, NULL), NADIR_OK);
  assert_in_range(count, 6, ND_LEVELS);
  assert_true(levels[0] <= 0.05 && levels[count - 1] >= 4);
  for (size_t k = 1; k < count; k++)
    assert_true(levels[k] > levels[k - 1] && levels[k] < 2.6 * levels[k - 1]);
}

static void flat_or_undefined_has_no_levels(void **state) {
  (void)state;
  double x[2] = {0, 1}, z[4] = {3, 3, 3, 3}, levels[ND_LEVELS];
  size_t count = 9;
  nd_grid grid = {2, 2, x, x, z, NULL};
  assert_int_equal(nd_contour_levels(&grid, levels, &count, NULL), NADIR_OK);
  assert_int_equal(count, 0);
  z[0] = z[1] = z[2] = NAN;
  assert_int_equal(nd_contour_levels(&grid, levels, &count, NULL), NADIR_OK);
  assert_int_equal(count, 0);
  z[0] = INFINITY;
  z[1] = 1e299;
  z[2] = 1e-299;
  assert_int_equal(nd_contour_levels(&grid, levels, &count, NULL), NADIR_OK);
  assert_true(count <= ND_LEVELS);
  grid.columns = grid.rows = 0;
  assert_int_equal(nd_contour_levels(&grid, levels, &count, NULL), NADIR_OK);
  assert_int_equal(count, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(thin_line_keeps_extremes),
      cmocka_unit_test(thin_points_keeps_one_a_cell),
      cmocka_unit_test(thin_path_keeps_its_turns),
      cmocka_unit_test(short_series_are_whole),
      cmocka_unit_test(ranges),
      cmocka_unit_test(error_bars_widen),
      cmocka_unit_test(ticks),
      cmocka_unit_test(circle_is_one_closed_line),
      cmocka_unit_test(plane_is_exact),
      cmocka_unit_test(saddle_has_two_branches),
      cmocka_unit_test(holes_are_masked),
      cmocka_unit_test(levels_reach_into_the_valley),
      cmocka_unit_test(flat_or_undefined_has_no_levels),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
