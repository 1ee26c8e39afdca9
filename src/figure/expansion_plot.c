/* The picture of an expansion: in one parameter the partial sums over the function; in two the
 * circle, the plane's direction and the true contours. */
#include <stdio.h>

#include "figure/figure.h"

enum { POINTS = 400, SIDE = 151, CIRCLE = 181, MOST_SUMS = 6 };

static double partial_sum(const nadir_expansion *e, size_t order, double x) {
  double sum = 0;
  for (size_t k = order + 1; k-- > 0;)
    sum = sum * (x - e->at[0]) + e->coefficient[k];
  return sum;
}

static nadir_status fill_function(const nadir_expr *expr, const double *x, double *y,
                                  nadir_error *error) {
  for (size_t i = 0; i < POINTS; i++)
    ND_TRY(nd_formula_evaluate(expr, &x[i], &y[i], NULL, error));
  return NADIR_OK;
}

/* Partial sums leave the picture quickly: they are cut where they are far outside of the function's
 * range. */
static void cut(double *sum, const double *function) {
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (size_t i = 0; i < POINTS; i++)
    if (isfinite(function[i])) low = fmin(low, function[i]), high = fmax(high, function[i]);
  double margin = high > low ? high - low : 1;
  for (size_t i = 0; i < POINTS; i++)
    if (sum[i] < low - margin || sum[i] > high + margin) sum[i] = (double)NAN;
}

static nadir_status draw_sums(const nadir_expansion *e, const nadir_expr *expr,
                              const nadir_settings *settings, nd_canvas canvas, double *memory,
                              nadir_error *error) {
  double reach = isnan(e->radius) ? 4 : 1.5 * e->radius, *x = memory, *y = memory + POINTS;
  nd_series series[MOST_SUMS + 2];
  char labels[MOST_SUMS + 2][32];
  size_t count = 0, most = e->coefficients - 1;
  for (size_t i = 0; i < POINTS; i++)
    x[i] = e->at[0] + reach * (2 * (double)i / (POINTS - 1) - 1);
  ND_TRY(fill_function(expr, x, y, error));
  series[count++] =
      (nd_series){.label = expr->text, .mark = ND_LINE, .count = POINTS, .x = x, .y = y};
  for (size_t k = 0; k < MOST_SUMS; k++) {
    size_t order = most * (k + 1) / MOST_SUMS;
    if (k && order == most * k / MOST_SUMS) continue;
    double *sum = memory + (k + 2) * POINTS;
    for (size_t i = 0; i < POINTS; i++)
      sum[i] = partial_sum(e, order, x[i]);
    cut(sum, y);
    snprintf(labels[count], sizeof labels[count], "to order %zu", order);
    series[count] =
        (nd_series){.label = labels[count], .mark = ND_LINE, .count = POINTS, .x = x, .y = sum};
    count++;
  }
  nd_panel panel = {
      .x_label = e->parameter[0], .height = 1, .series = series, .series_count = count};
  nd_chart chart = {
      .title = nd_title_of(settings, NULL), .panels = &panel, .panel_count = 1};
  return nd_chart_draw(&chart, canvas, error);
}

static nadir_status fill_grid(const nadir_expr *expr, const double *x, const double *y, double *z,
                              nadir_error *error) {
  for (size_t j = 0; j < SIDE; j++)
    for (size_t i = 0; i < SIDE; i++)
      ND_TRY(nd_formula_evaluate(expr, (double[]){x[i], y[j]}, &z[j * SIDE + i], NULL, error));
  return NADIR_OK;
}

static nadir_status draw_circle(const nadir_expansion *e, const nadir_expr *expr,
                                const nadir_settings *settings, nd_canvas canvas, double *memory,
                                nadir_error *error) {
  double d = isnan(e->radius) ? 1 : e->radius, *x = memory, *y = x + SIDE, *z = y + SIDE,
         *cx = z + SIDE * SIDE, *cy = cx + CIRCLE;
  for (size_t i = 0; i < SIDE; i++) {
    double part = 2 * (double)i / (SIDE - 1) - 1;
    x[i] = e->at[0] + 2.5 * d * part;
    y[i] = e->at[1] + 2.5 * d * part;
  }
  ND_TRY(fill_grid(expr, x, y, z, error));
  for (size_t i = 0; i < CIRCLE; i++) {
    double angle = 2 * acos(-1) * (double)i / (CIRCLE - 1);
    cx[i] = e->at[0] + d * cos(angle);
    cy[i] = e->at[1] + d * sin(angle);
  }
  double arrow_x[2] = {e->at[0], e->at[0]}, arrow_y[2] = {e->at[1], e->at[1]};
  if (e->minimizer) arrow_x[1] = e->minimizer[0], arrow_y[1] = e->minimizer[1];
  nd_series series[2] = {
      {.label = "minus the gradient", .mark = ND_PATH, .count = 2, .x = arrow_x, .y = arrow_y},
      {.label = "the circle", .mark = ND_LINE, .count = CIRCLE, .x = cx, .y = cy}};
  nd_grid grid = {.columns = SIDE, .rows = SIDE, .x = x, .y = y, .z = z, .label = "value"};
  nd_panel panel = {.x_label = e->parameter[0],
                    .y_label = e->parameter[1],
                    .height = 1,
                    .equal = true,
                    .series = series,
                    .series_count = 2,
                    .grid = &grid};
  nd_chart chart = {
      .title = nd_title_of(settings, NULL), .panels = &panel, .panel_count = 1};
  return nd_chart_draw(&chart, canvas, error);
}

nadir_status nd_draw_expansion(const nadir_expansion *e, const nadir_expr *expr,
                               const nadir_settings *settings, nd_canvas canvas, nadir_error *error) {
  bool one = e->size == 1;
  if (e->size > 2)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "plot: the formula has %zu parameters: an expansion is drawn for one or two",
                   e->size);
  size_t numbers = one ? (size_t)(MOST_SUMS + 2) * POINTS : SIDE * (SIDE + 2) + 2 * CIRCLE;
  double *memory = nd_new(numbers, sizeof *memory, error);
  if (!memory) return NADIR_NO_MEMORY;
  nadir_status status = one ? draw_sums(e, expr, settings, canvas, memory, error)
                            : draw_circle(e, expr, settings, canvas, memory, error);
  nd_free(memory);
  return status;
}
