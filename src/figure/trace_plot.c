/* Loss against updates (or rows seen, epochs, seconds), several traces over one another, each with the loss of its
 * validation rows where it has that; and the same of one trace in characters. Runs that end close to the same loss are
 * told apart by how far they are above the lowest: that is drawn, on a logarithmic axis, unless the lowest is so small against
 * where they began that the losses themselves tell. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "figure/figure.h"

typedef struct axis {
  size_t column;
  const char *label;
} axis;

static axis axis_of(const nadir_settings *settings) {
  switch (settings->x_axis) {
  case ND_X_UPDATES:
    break;
  case ND_X_ROWS:
    return (axis){NADIR_TRACE_ROWS, "rows seen"};
  case ND_X_EPOCHS:
    return (axis){NADIR_TRACE_EPOCH, "epochs"};
  case ND_X_SECONDS:
    return (axis){NADIR_TRACE_SECONDS, "seconds"};
  }
  return (axis){NADIR_TRACE_UPDATE, "updates"};
}

/* One column of a trace. */
static double *take_column(const nadir_trace *trace, size_t column, nadir_error *error) {
  double *values = nd_new(trace->rows, sizeof *values, error);
  for (size_t r = 0; values && r < trace->rows; r++)
    values[r] = trace->values[r * trace->columns + column];
  return values;
}

static void free_series(nd_series *series, size_t count) {
  for (size_t i = 0; series && i < count; i++) {
    nd_free((void *)(uintptr_t)series[i].x);
    nd_free((void *)(uintptr_t)series[i].y);
  }
  nd_free(series);
}

static bool has_validation(const nadir_trace *trace) {
  return nd_trace_validation(trace) < trace->columns;
}

static nadir_status make_series(nd_series *series, const nadir_trace *trace, const char *label,
                                size_t column, nadir_error *error) {
  *series = (nd_series){.label = label, .mark = ND_LINE, .count = trace->rows};
  series->x = take_column(trace, column, error);
  series->y = take_column(trace, NADIR_TRACE_LOSS, error);
  return series->x && series->y ? NADIR_OK : NADIR_NO_MEMORY;
}

/* The points where the validation rows were looked at: of batches not all updates are. */
static nadir_status make_validation(nd_series *series, const nadir_trace *trace, const char *label, size_t column,
                                    nadir_error *error) {
  *series = (nd_series){.label = label, .mark = ND_LINE};
  double *x = take_column(trace, column, error), *y = take_column(trace, nd_trace_validation(trace), error);
  series->x = x;
  series->y = y;
  if (!x || !y) return NADIR_NO_MEMORY;
  for (size_t r = 0; r < trace->rows; r++) {
    if (isnan(y[r])) continue;
    x[series->count] = x[r];
    y[series->count++] = y[r];
  }
  return NADIR_OK;
}

static bool all_want_log(const nd_series *series, size_t count) {
  bool any = false;
  for (size_t i = 0; i < count; i++) {
    for (size_t r = 0; r < series[i].count; r++)
      if (series[i].y[r] <= 0) return false;
    any |= nd_wants_log(series[i].y, series[i].count);
  }
  return any;
}

/* ---- above the lowest ---- */

static const double MERGED = 0.02, SMALL = 1e-3; /* of the fall; of the first loss */

static double last_finite(const nd_series *series) {
  size_t r = series->count;
  while (r > 0 && !isfinite(series->y[r - 1]))
    r--;
  return r > 0 ? series->y[r - 1] : HUGE_VAL;
}

static double lowest_of(const nd_series *series, size_t count) {
  double lowest = HUGE_VAL;
  for (size_t i = 0; i < count; i++)
    for (size_t r = 0; r < series[i].count; r++)
      lowest = fmin(lowest, series[i].y[r]);
  return lowest;
}

static bool are_merged(const nd_series *series, size_t count, double lowest) {
  double first = -HUGE_VAL;
  size_t close = 0;
  for (size_t i = 0; i < count; i++)
    if (series[i].count > 0) first = fmax(first, series[i].y[0]);
  for (size_t i = 0; i < count; i++)
    close += last_finite(&series[i]) - lowest <= MERGED * (first - lowest);
  return close > 1 && first > lowest && !(lowest >= 0 && lowest < SMALL * first);
}

/* What is left of it that rounding does not hide; true where that is what is drawn. */
static bool take_lowest_off(nd_series *series, size_t count) {
  double lowest = lowest_of(series, count);
  if (count < 2 || !isfinite(lowest) || !are_merged(series, count, lowest)) return false;
  for (size_t i = 0; i < count; i++) {
    double *y = (double *)(uintptr_t)series[i].y;
    for (size_t r = 0; r < series[i].count; r++) {
      double above = y[r] - lowest;
      y[r] = above > 0x1p-50 * fabs(lowest) ? above : (double)NAN;
    }
  }
  return true;
}

static const char *label_or(const char *given, const char *otherwise) {
  return *given ? given : otherwise;
}

static nd_panel panel_of(const nd_series *series, size_t count, axis x,
                         const nadir_settings *settings) {
  return (nd_panel){
      .x_label = label_or(settings->x_label, x.label),
      .y_label = label_or(settings->y_label, "loss"),
      .height = 1,
      .series = series,
      .series_count = count,
      .log_x = nd_choose_log(settings->log_x, settings->x_range, false),
      .log_y = nd_choose_log(settings->log_y, settings->y_range, all_want_log(series, count))};
}

static nadir_status draw(nd_series *series, size_t count, axis x, bool validated, const nadir_settings *settings,
                         nd_canvas canvas, nadir_error *error) {
  bool above = !validated && settings->log_y == ND_YES_OR_NO_AUTO &&
               nd_choose_log(settings->log_y, settings->y_range, true) && take_lowest_off(series, count);
  nd_panel panel = panel_of(series, count, x, settings);
  if (above) {
    panel.y_label = label_or(settings->y_label, "loss above the lowest");
    panel.log_y = true;
  }
  nd_chart chart = {
      .title = nd_title_of(settings, NULL), .panels = &panel, .panel_count = 1, .look = nd_look_of(settings)};
  ND_TRY(nd_look_check(settings, panel.log_x, panel.log_y, error));
  return nd_chart_draw(&chart, canvas, error);
}

/* One series, or two with that of the validation, whose label is in text. */
static nadir_status make_both(nd_series *series, const nadir_trace *trace, const char *label, size_t column,
                              nd_text *text, nadir_error *error) {
  bool validated = has_validation(trace);
  ND_TRY(make_series(&series[0], trace, label ? label : validated ? "loss" : NULL, column, error));
  if (!validated) return NADIR_OK;
  nd_text_print(text, "%s%svalidation loss", label ? label : "", label ? ", " : "");
  ND_TRY(nd_text_status(text, error));
  return make_validation(&series[1], trace, nd_text_data(text), column, error);
}

nadir_status nd_draw_traces(const nadir_trace *const *traces, const char *const *labels,
                            size_t count, const nadir_settings *settings, nd_canvas canvas,
                            nadir_error *error) {
  axis x = axis_of(settings);
  nd_series *series = nd_new(2 * count, sizeof *series, error);
  nd_text *texts = nd_new(count, sizeof *texts, error);
  nadir_status status = series && texts ? NADIR_OK : NADIR_NO_MEMORY;
  size_t made = 0;
  bool validated = false;
  for (size_t i = 0; status == NADIR_OK && i < count; i++) {
    status = make_both(&series[made], traces[i], labels ? labels[i] : NULL, x.column, &texts[i], error);
    made += 1 + has_validation(traces[i]);
    validated |= has_validation(traces[i]);
  }
  if (status == NADIR_OK) status = draw(series, made, x, validated, settings, canvas, error);
  free_series(series, made);
  for (size_t i = 0; texts && i < count; i++)
    nd_text_free(&texts[i]);
  nd_free(texts);
  return status;
}

static nadir_status draw_characters(const nadir_trace *trace, const nadir_settings *settings,
                                    size_t columns, size_t lines, bool utf8, nd_text *out,
                                    nadir_error *error) {
  axis x = axis_of(settings);
  nd_series *series = nd_new(1, sizeof *series, error);
  if (!series) return NADIR_NO_MEMORY;
  nadir_status status = make_series(series, trace, NULL, x.column, error);
  if (status == NADIR_OK) {
    nd_panel panel = panel_of(series, 1, x, settings);
    nd_chart chart = {.panels = &panel, .panel_count = 1, .look = nd_look_of(settings)};
    status = nd_look_check(settings, panel.log_x, panel.log_y, error);
    if (status == NADIR_OK) status = nd_chart_text(&chart, columns, lines, utf8, out, error);
  }
  free_series(series, 1);
  return status;
}

nadir_status nd_draw_characters(const nadir_trace *trace, const nadir_settings *settings,
                                size_t columns, size_t lines, bool utf8, nd_text *out,
                                nadir_error *error) {
  nadir_settings *usual = NULL;
  if (!settings) ND_TRY(nd_settings_new(&usual, error));
  nadir_status status =
      draw_characters(trace, settings ? settings : usual, columns, lines, utf8, out, error);
  nd_settings_free(usual);
  return status;
}
