/* How far a step of gradient descent may go, drawn: what one step lowers the loss by, over |gradient|^2, against the
 * rate r, next to what the bound M on the curvature promises, r - r^2 M/2 (Nesterov 2004, Introductory lectures on
 * convex optimization, section 1.2): most at 1/M, something below 2/M. Of a formula that is a grey line for each of some
 * points of the box, as far as the step ends in the box too; of a fit one line, at its start, on the quadratic that the
 * loss is close to there. With it come for a fit the updates that it takes to come to rest, against the rate.
 *
 * Costs POINTS times RATES values of the formula; of a fit nothing but the modes. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "figure/figure.h"
#include "judge/advice.h"
#include "optim/halton.h"

enum { POINTS = 40, RATES = 101, PANELS = 2, MARKS = 2, MARK_LABEL = 64 };
static const double FARTHEST = 2.5; /* the rates that are drawn, times M: from 0 for a step, ... */
static const double NEAREST = 0.01; /* ... from here for updates, */
static const double CLOSE = 3;      /* up to so many decades below the distance from 1/M to 2/M */

typedef struct rate_chart {
  const nadir_curvature *c;
  double rate[RATES], promised[RATES];
  double gain[POINTS][RATES];
  double slow[2 * RATES],
      updates[2 * RATES]; /* the rates up to the limit, and the updates at them */
  double mark[MARKS][2];
  char mark_label[MARKS][MARK_LABEL];
  double ends[PANELS][2]; /* of the marks */
  nd_series step[POINTS + 1 + MARKS], rest[1 + MARKS];
  size_t points;
} rate_chart;

/* ---- one step of a formula ---- */

typedef struct box {
  const nadir_expr *expr;
  const nd_question *question;
  double *low, *high, *at, *next, *gradient; /* by name of the formula */
  bool *is_parameter;
} box;

static double number_of(const char *text, double otherwise) {
  double value;
  return text && nd_read_number(text, text + strlen(text), &value) ? value : otherwise;
}

/* One of the values that a fact allows, or a place between the ends that all facts leave. */
static double draw_value(const box *b, size_t i, double u) {
  const nd_question *q = b->question;
  b->low[i] = -HUGE_VAL;
  b->high[i] = HUGE_VAL;
  for (size_t f = 0; f < q->fact_count; f++) {
    const nd_range *range = &q->facts[f].range;
    if (q->facts[f].name != b->expr->names[i]) continue;
    if (range->count)
      return number_of(range->values[(size_t)(u * (double)range->count)], (double)NAN);
    b->low[i] = fmax(b->low[i], number_of(range->low, -HUGE_VAL));
    b->high[i] = fmin(b->high[i], number_of(range->high, HUGE_VAL));
  }
  return b->low[i] + u * (b->high[i] - b->low[i]);
}

static void draw_point(const box *b, uint64_t number) {
  uint64_t prime = 1;
  for (size_t i = 0; i < b->expr->size; i++)
    b->at[i] = draw_value(b, i, nd_radical_inverse(number + 1, prime = nd_next_prime(prime)));
}

static bool step_stays(const box *b, double rate) {
  for (size_t i = 0; i < b->expr->size; i++) {
    b->next[i] = b->at[i] - (b->is_parameter[i] ? rate * b->gradient[i] : 0);
    if (b->is_parameter[i] && !(b->next[i] >= b->low[i] && b->next[i] <= b->high[i])) return false;
  }
  return true;
}

/* NaN where the step leaves the box. */
static nadir_status find_gains(rate_chart *chart, const box *b, double *gain, nadir_error *error) {
  double value, next, square = 0;
  ND_TRY(nd_formula_evaluate(b->expr, b->at, &value, b->gradient, error));
  for (size_t i = 0; i < b->expr->size; i++)
    if (b->is_parameter[i]) square += b->gradient[i] * b->gradient[i];
  for (size_t k = 0; k < RATES; k++) {
    gain[k] = (double)NAN;
    if (!step_stays(b, chart->rate[k])) continue;
    ND_TRY(nd_formula_evaluate(b->expr, b->next, &next, NULL, error));
    gain[k] = (value - next) / square;
  }
  return NADIR_OK;
}

static nadir_status try_points(rate_chart *chart, const box *b, nadir_error *error) {
  for (uint64_t p = 0; p < POINTS; p++) {
    draw_point(b, p);
    ND_TRY(nd_go_on(b->question->until, error));
    ND_TRY(find_gains(chart, b, chart->gain[p], error));
  }
  chart->points = POINTS;
  return NADIR_OK;
}

static nadir_status steps_in_box(rate_chart *chart, const nadir_expr *expr,
                                 const nd_question *question, nadir_error *error) {
  size_t n = expr->size;
  box b = {.expr = expr, .question = question, .low = nd_new(5 * n, sizeof *b.low, error)};
  b.is_parameter = nd_new(n, sizeof *b.is_parameter, error);
  nadir_status status = b.low && b.is_parameter ? NADIR_OK : NADIR_NO_MEMORY;
  if (status == NADIR_OK) {
    b.high = b.low + n;
    b.at = b.high + n;
    b.next = b.at + n;
    b.gradient = b.next + n;
    for (size_t i = 0; i < n; i++)
      for (size_t p = 0; p < question->parameter_count; p++)
        b.is_parameter[i] |= question->parameters[p] == expr->names[i];
    status = try_points(chart, &b, error);
  }
  nd_free(b.is_parameter);
  nd_free(b.low);
  return status;
}

/* ---- one step of a fit, and its updates ---- */

static void step_of_fit(rate_chart *chart) {
  const nadir_curvature *c = chart->c;
  double largest = 0, square = 0, bent = 0;
  for (size_t i = 0; i < c->modes; i++)
    largest = fmax(largest, fabs(c->mode[i].slope));
  for (size_t i = 0; i < c->modes; i++) {
    double slope = c->mode[i].slope / largest;
    square += slope * slope;
    bent += c->mode[i].curvature * slope * slope;
  }
  for (size_t k = 0; k < RATES; k++)
    chart->gain[0][k] = chart->rate[k] * (1 - chart->rate[k] * (bent / square) / 2);
  chart->points = c->modes > 0;
}

/* Evenly on a logarithmic axis up to 1/M, then ever closer to 2/M. */
static void find_updates(rate_chart *chart) {
  const nadir_curvature *c = chart->c;
  for (size_t k = 0; k < RATES; k++) {
    double part = (double)k / (RATES - 1);
    chart->slow[k] = c->safe * pow(NEAREST, 1 - part);
    chart->slow[RATES + k] = c->limit - (c->limit - c->safe) * pow(10, -CLOSE * part);
  }
  for (size_t k = 0; k < ND_COUNT(chart->slow); k++)
    chart->updates[k] = nd_updates_at(c, chart->slow[k]);
}

/* ---- the picture ---- */

static void set_ends(double *ends, const double *values, size_t count) {
  ends[0] = HUGE_VAL;
  ends[1] = -HUGE_VAL;
  for (size_t i = 0; i < count; i++) {
    if (!isfinite(values[i])) continue;
    ends[0] = fmin(ends[0], values[i]);
    ends[1] = fmax(ends[1], values[i]);
  }
}

static void set_promise(rate_chart *chart) {
  const nadir_curvature *c = chart->c;
  for (size_t k = 0; k < RATES; k++) {
    chart->rate[k] = FARTHEST * c->safe * (double)k / (RATES - 1);
    chart->promised[k] = chart->rate[k] * (1 - chart->rate[k] / c->limit);
  }
}

static void set_marks(rate_chart *chart) {
  const double rates[MARKS] = {chart->c->safe, chart->c->limit};
  for (size_t m = 0; m < MARKS; m++) {
    char number[ND_NUMBER_TEXT];
    chart->mark[m][0] = chart->mark[m][1] = rates[m];
    snprintf(chart->mark_label[m], MARK_LABEL, "%zu/M = %s", m + 1,
             nd_format_bound(rates[m], ND_DOWN, 8, number));
  }
}

/* The marks after the other curves, each in its own colour in both panels. */
static void add_marks(rate_chart *chart, nd_series *series, const double *ends, bool labelled) {
  for (size_t m = 0; m < MARKS; m++)
    series[m] = (nd_series){.label = labelled ? chart->mark_label[m] : NULL,
                            .mark = ND_LINE,
                            .count = 2,
                            .x = chart->mark[m],
                            .y = ends};
}

static nd_panel panel_of_step(rate_chart *chart) {
  bool on_box = chart->c->way == NADIR_ON_BOX;
  set_ends(chart->ends[0], chart->promised, RATES);
  chart->step[0] = (nd_series){
      .label = "promised", .mark = ND_LINE, .count = RATES, .x = chart->rate, .y = chart->promised};
  add_marks(chart, &chart->step[1], chart->ends[0], true);
  for (size_t p = 0; p < chart->points; p++)
    chart->step[1 + MARKS + p] = (nd_series){.label = p        ? NULL
                                                      : on_box ? "points of the box"
                                                               : "at the start",
                                             .mark = ND_LINE,
                                             .count = RATES,
                                             .x = chart->rate,
                                             .y = chart->gain[p],
                                             .quiet = true};
  return (nd_panel){.x_label = "rate",
                    .y_label = "decrease by one step / |gradient|²",
                    .height = 1,
                    .series = chart->step,
                    .series_count = 1 + MARKS + chart->points};
}

static nd_panel panel_of_updates(rate_chart *chart, const char *label) {
  set_ends(chart->ends[1], chart->updates, ND_COUNT(chart->updates));
  chart->rest[0] = (nd_series){.label = label,
                               .mark = ND_LINE,
                               .count = ND_COUNT(chart->slow),
                               .x = chart->slow,
                               .y = chart->updates};
  add_marks(chart, &chart->rest[1], chart->ends[1], false);
  return (nd_panel){.x_label = "rate",
                    .y_label = "updates needed",
                    .log_x = true,
                    .log_y = true,
                    .height = 1,
                    .series = chart->rest,
                    .series_count = ND_COUNT(chart->rest)};
}

static nadir_status draw(rate_chart *chart, const nadir_settings *settings, nd_canvas canvas,
                         nadir_error *error) {
  const nadir_curvature *c = chart->c;
  bool rests = c->modes > 0 && c->recommended == NADIR_RECOMMENDS_GD;
  char number[ND_NUMBER_TEXT], label[MARK_LABEL];
  nd_panel panels[PANELS] = {panel_of_step(chart)};
  if (rests) {
    find_updates(chart);
    snprintf(label, sizeof label, "gradient %s of the start's", nd_format(c->tolerance, number));
    panels[1] = panel_of_updates(chart, label);
  }
  nd_chart drawn = {.title = nd_title_of(settings, c->formula),
                    .panels = panels,
                    .panel_count = rests ? 2 : 1,
                    .columns = rests ? 2 : 0};
  return nd_chart_draw(&drawn, canvas, error);
}

static nadir_status check(const nadir_curvature *c, nadir_error *error) {
  if (isfinite(c->safe) && isfinite(c->limit)) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_DATA,
                 isinf(c->largest.high)
                     ? "rate: no bound on the curvature was found, so that no rate can be drawn: "
                       "allow more seconds, or choose a smaller box"
                     : "rate: no direction curves upwards, so that no rate is too large: there is "
                       "nothing to draw");
}

nadir_status nd_draw_rate(const nadir_curvature *curvature, const nadir_expr *expr,
                          const nd_question *question, const nadir_settings *settings,
                          nd_canvas canvas, nadir_error *error) {
  ND_TRY(check(curvature, error));
  rate_chart *chart = nd_new(1, sizeof *chart, error);
  if (!chart) return NADIR_NO_MEMORY;
  chart->c = curvature;
  set_promise(chart);
  set_marks(chart);
  nadir_status status = NADIR_OK;
  if (expr)
    status = steps_in_box(chart, expr, question, error);
  else
    step_of_fit(chart);
  if (status == NADIR_OK) status = draw(chart, settings, canvas, error);
  nd_free(chart);
  return status;
}
