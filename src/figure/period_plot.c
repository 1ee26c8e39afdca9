/* A periodogram drawn: the power with the levels of false alarm and the highest peaks, over the window; and the rows
 * folded with the period of the highest peak, twice over, with the sinusoid and the residuals. Costs the thinning of
 * all frequencies. */
#include <math.h>

#include "figure/figure.h"

enum { CURVE = 201, TURNS = 2, MOST_PEAKS = 8 };

/* ---- the power ---- */

typedef struct spectrum {
  double *x; /* by frequency: period or frequency */
  double ends[2], level[NADIR_LEVELS][2];
  double peak_x[MOST_PEAKS], peak_y[MOST_PEAKS];
  size_t peaks;
  nd_text x_label, peaks_label;
} spectrum;

static double place(const nadir_settings *settings, double frequency) {
  return settings->against == ND_AGAINST_PERIOD ? 1 / frequency : frequency;
}

static void label_x(spectrum *s, const nadir_periodogram *p, const nadir_settings *settings) {
  bool period = settings->against == ND_AGAINST_PERIOD;
  nd_text_append(&s->x_label, period ? "period" : "frequency");
  if (*p->time_unit) nd_text_print(&s->x_label, period ? " [%s]" : " [1/%s]", p->time_unit);
}

static nadir_status fill_spectrum(spectrum *s, const nadir_periodogram *p,
                                  const nadir_settings *settings, nadir_error *error) {
  char number[ND_NUMBER_TEXT];
  s->x = nd_new(p->frequencies, sizeof *s->x, error);
  if (!s->x) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < p->frequencies; i++)
    s->x[i] = place(settings, p->frequency_low + (double)i * p->frequency_step);
  s->ends[0] = s->x[0];
  s->ends[1] = s->x[p->frequencies - 1];
  for (size_t i = 0; i < NADIR_LEVELS; i++)
    s->level[i][0] = s->level[i][1] = p->level[i];
  for (; s->peaks < p->peaks && s->peaks < MOST_PEAKS; s->peaks++) {
    const nadir_peak *peak = &p->peak[s->peaks];
    s->peak_x[s->peaks] = place(settings, peak->frequency);
    s->peak_y[s->peaks] = peak->power;
    nd_text_print(&s->peaks_label, "%s%s", s->peaks ? ", " : "period ",
                  nd_format_digits(peak->period, 6, number));
  }
  label_x(s, p, settings);
  ND_TRY(nd_text_status(&s->peaks_label, error));
  return nd_text_status(&s->x_label, error);
}

static nadir_status draw_spectrum(const spectrum *s, const nadir_periodogram *p,
                                  const nadir_settings *settings, nd_canvas canvas,
                                  nadir_error *error) {
  nd_series upper[NADIR_LEVELS + 2] = {
      {.label = "power", .mark = ND_LINE, .count = p->frequencies, .x = s->x, .y = p->power},
      {.label = s->peaks ? nd_text_data(&s->peaks_label) : NULL,
       .mark = ND_POINTS,
       .count = s->peaks,
       .x = s->peak_x,
       .y = s->peak_y}};
  for (size_t i = 0; i < NADIR_LEVELS; i++)
    upper[2 + i] = (nd_series){.label = i ? NULL : "false alarm 10, 1, 0.1 %",
                               .mark = ND_LINE,
                               .count = 2,
                               .x = s->ends,
                               .y = s->level[i],
                               .quiet = true};
  nd_series lower = {.mark = ND_LINE, .count = p->frequencies, .x = s->x, .y = p->window};
  bool log_x = settings->log_x == ND_YES ||
               (settings->log_x == ND_YES_OR_NO_AUTO && settings->against == ND_AGAINST_PERIOD &&
                nd_wants_log(s->ends, 2));
  nd_panel panels[2] = {{.y_label = "power",
                         .log_x = log_x,
                         .height = 3,
                         .series = upper,
                         .series_count = ND_COUNT(upper)},
                        {.x_label = nd_text_data(&s->x_label),
                         .y_label = "window",
                         .log_x = log_x,
                         .height = 1,
                         .series = &lower,
                         .series_count = 1}};
  nd_chart chart = {.title = nd_title_of(settings, p->formula),
                    .panels = panels,
                    .panel_count = ND_COUNT(panels)};
  return nd_chart_draw(&chart, canvas, error);
}

nadir_status nd_draw_periodogram(const nadir_periodogram *p, const nadir_settings *settings,
                                 nd_canvas canvas, nadir_error *error) {
  spectrum s = {0};
  nadir_status status = fill_spectrum(&s, p, settings, error);
  if (status == NADIR_OK) status = draw_spectrum(&s, p, settings, canvas, error);
  nd_free(s.x);
  nd_text_free(&s.x_label);
  nd_text_free(&s.peaks_label);
  return status;
}

/* ---- folded ---- */

typedef struct folded {
  double *phase, *value, *residual, *error; /* by row and turn */
  double curve_x[CURVE], curve_y[CURVE];
  size_t count;
  nd_text x_label, y_label, residual_label;
} folded;

static double at_phase(const nadir_peak *peak, double phase) {
  return peak->offset + peak->amplitude * cos(2 * 3.141592653589793 * phase);
}

static void fold_rows(folded *f, const nadir_periodogram *p, const nadir_peak *peak) {
  for (size_t turn = 0; turn < TURNS; turn++)
    for (size_t i = 0; i < p->rows; i++) {
      double turns = (p->row_time[i] - peak->epoch) / peak->period, phase = turns - floor(turns);
      f->phase[f->count] = phase + (double)turn;
      f->value[f->count] = p->row_value[i];
      f->residual[f->count] = p->row_value[i] - at_phase(peak, phase);
      f->error[f->count] = p->row_error ? p->row_error[i] : 0;
      f->count++;
    }
  for (size_t i = 0; i < CURVE; i++) {
    f->curve_x[i] = TURNS * (double)i / (CURVE - 1);
    f->curve_y[i] = at_phase(peak, f->curve_x[i]);
  }
}

static void put_label(nd_text *out, const char *name, const char *unit) {
  nd_text_append(out, name);
  if (*unit) nd_text_print(out, " [%s]", unit);
}

static nadir_status fill_folded(folded *f, const nadir_periodogram *p,
                                const nadir_settings *settings, nadir_error *error) {
  char number[ND_NUMBER_TEXT];
  size_t rows = (size_t)p->rows;
  double **array[] = {&f->phase, &f->value, &f->residual, &f->error};
  for (size_t i = 0; i < ND_COUNT(array); i++)
    if (!(*array[i] = nd_new(rows, TURNS * sizeof(double), error))) return NADIR_NO_MEMORY;
  fold_rows(f, p, &p->peak[0]);
  if (*settings->x_label)
    nd_text_append(&f->x_label, settings->x_label);
  else
    nd_text_print(&f->x_label, "phase, in turns of %s%s%s",
                  nd_format_digits(p->peak[0].period, 8, number), *p->time_unit ? " " : "",
                  p->time_unit);
  if (*settings->y_label)
    nd_text_append(&f->y_label, settings->y_label);
  else
    put_label(&f->y_label, p->value, p->value_unit);
  put_label(&f->residual_label, "residual", p->value_unit);
  ND_TRY(nd_text_status(&f->x_label, error));
  ND_TRY(nd_text_status(&f->y_label, error));
  return nd_text_status(&f->residual_label, error);
}

static nadir_status draw_folded(const folded *f, const nadir_periodogram *p,
                                const nadir_settings *settings, nd_canvas canvas,
                                nadir_error *error) {
  static const double zero_x[2] = {0, TURNS}, zero_y[2] = {0, 0};
  nd_mark mark = p->row_error ? ND_ERROR_BARS : ND_POINTS;
  nd_series upper[2] = {
      {.label = "data",
       .mark = mark,
       .count = f->count,
       .x = f->phase,
       .y = f->value,
       .error = f->error},
      {.label = "sinusoid", .mark = ND_LINE, .count = CURVE, .x = f->curve_x, .y = f->curve_y}};
  nd_series lower[2] = {
      {.mark = ND_LINE, .count = 2, .x = zero_x, .y = zero_y, .quiet = true},
      {.mark = mark, .count = f->count, .x = f->phase, .y = f->residual, .error = f->error}};
  nd_panel panels[2] = {
      {.y_label = nd_text_data(&f->y_label), .height = 3, .series = upper, .series_count = 2},
      {.x_label = nd_text_data(&f->x_label),
       .y_label = nd_text_data(&f->residual_label),
       .height = 1.3,
       .series = lower,
       .series_count = 2}};
  nd_chart chart = {.title = nd_title_of(settings, p->formula),
                    .panels = panels,
                    .panel_count = ND_COUNT(panels),
                    .look = nd_look_of(settings)};
  return nd_chart_draw(&chart, canvas, error);
}

nadir_status nd_draw_folded(const nadir_periodogram *p, const nadir_settings *settings,
                            nd_canvas canvas, nadir_error *error) {
  folded f = {0};
  if (p->peaks == 0)
    return nd_fail(error, NADIR_BAD_DATA,
                   "folded rows: the power has no peak in this band: give a wider one");
  nadir_status status = fill_folded(&f, p, settings, error);
  if (status == NADIR_OK) status = draw_folded(&f, p, settings, canvas, error);
  double *owned[] = {f.phase, f.value, f.residual, f.error};
  for (size_t i = 0; i < ND_COUNT(owned); i++)
    nd_free(owned[i]);
  nd_text_free(&f.x_label);
  nd_text_free(&f.y_label);
  nd_text_free(&f.residual_label);
  return status;
}
