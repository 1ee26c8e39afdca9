/* Every allocation, and every piece of memory cut from one, is refused in turn while a chart becomes a script, or
 * characters: lines with breaks, points, bars, paths, contours, logarithmic axes. Built with NADIR_FAULTS alone. */
#include "../walk.h"

#include <math.h>
#include <stdio.h>

#include "plot/plot_internal.h"

enum { COUNT = 3000, SIDE = 12 };
static double x[COUNT], y[COUNT], bars[COUNT], gx[SIDE], gy[SIDE], gz[SIDE * SIDE];

static void fill(void) {
  for (int i = 0; i < COUNT; i++) {
    x[i] = i + 1;
    y[i] = i % 100 == 50 ? NAN : 2 + sin(0.01 * i);
    bars[i] = 0.1;
  }
  for (int i = 0; i < SIDE; i++) {
    gx[i] = gy[i] = i - 5;
    for (int j = 0; j < SIDE; j++)
      gz[i * SIDE + j] = (i - 5) * (i - 5) + 3 * (j - 5) * (j - 5) + (i == j && i == 11 ? NAN : 0);
  }
}

static nadir_status draw(void *unused, nadir_error *error) {
  const nd_series series[] = {
      {.label = "line", .mark = ND_LINE, .count = COUNT, .x = x, .y = y},
      {.label = "points", .mark = ND_POINTS, .count = COUNT, .x = x, .y = y},
      {.mark = ND_ERROR_BARS, .count = COUNT, .x = x, .y = y, .error = bars, .quiet = true},
      {.label = "path", .mark = ND_PATH, .count = 50, .x = x, .y = y}};
  const nd_series path = {.mark = ND_PATH, .count = 5, .x = gx, .y = gy};
  const nd_grid grid = {SIDE, SIDE, gx, gy, gz, "loss"};
  const nd_panel panels[] =
      {{.y_label = "y", .height = 2, .series = series, .series_count = 4, .log_x = true},
       {.x_label = "x", .height = 1, .series = series, .series_count = 2, .log_x = true}},
                 contour = {.x_label = "a",
                            .y_label = "b",
                            .height = 1,
                            .series = &path,
                            .series_count = 1,
                            .grid = &grid};
  const nd_chart chart = {.title = "title", .panels = panels, .panel_count = 2}, contours = {.panels = &contour, .panel_count = 1};
  nd_text out = {0};
  (void)unused;
  nadir_status status = nd_chart_draw(&chart, (nd_canvas){.path = "plot_faults.gp"}, error);
  if (status == NADIR_OK)
    status = nd_chart_draw(&contours, (nd_canvas){.path = "plot_faults.gp"}, error);
  if (status == NADIR_OK) status = nd_chart_text(&chart, 70, 15, true, &out, error);
  if (status == NADIR_OK) status = nd_text_status(&out, error);
  nd_text_free(&out);
  return status;
}

static void every_allocation(void **state) {
  (void)state;
  fill();
  assert_true(walk(draw, NULL, "memory", ND_FAULT_MEMORY) > 20);
  assert_true(walk(draw, NULL, "write", ND_FAULT_WRITE) >= 2);
  remove("plot_faults.gp");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
