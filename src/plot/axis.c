/* Ranges and ticks of axes. Ranges are always given to gnuplot, never left to it, because it stops
 * with an error on empty, constant or infinite data. Cost: one pass over the values of a chart.
 *
 * Values beyond 1e300 in size are treated as missing, so that no difference of two overflows; on a
 * log axis so are values below 1e-300. Ticks follow the 1-2-5 rule. */
#include <math.h>

#include "plot/plot_internal.h"

static const double LARGEST = 1e300, SMALLEST = 1e-300;
static const double LOG_HIGHEST = 1e305, LOG_LOWEST = 1e-305; /* ends of a padded log axis */

bool nd_axis_shows(const nd_axis *axis, double value) {
  if (axis->log) return value >= SMALLEST && value <= LARGEST;
  return fabs(value) <= LARGEST;
}

double nd_axis_place(const nd_axis *axis, double value) {
  if (axis->log) return (log10(value) - log10(axis->low)) / (log10(axis->high) - log10(axis->low));
  return (value - axis->low) / (axis->high - axis->low);
}

/* An axis while its values come in: low > high means none so far. */
static nd_axis axis_begin(bool log) {
  return (nd_axis){.log = log, .low = INFINITY, .high = -INFINITY};
}

static void axis_add(nd_axis *axis, double value) {
  if (!nd_axis_shows(axis, value)) return;
  axis->low = fmin(axis->low, value);
  axis->high = fmax(axis->high, value);
}

static void axis_add_all(nd_axis *axis, const double *values, size_t count) {
  for (size_t i = 0; i < count; i++)
    axis_add(axis, values[i]);
}

/* Opens a range of no width: a constant still has a picture. */
static void axis_widen(nd_axis *axis) {
  double size = fmax(fabs(axis->low), fabs(axis->high));
  if (axis->log && axis->high < axis->low * (1 + 1e-6)) {
    axis->low /= 2;
    axis->high *= 2;
  } else if (!axis->log && axis->high - axis->low <= 1e-10 * size) {
    double half = size > 0 ? 0.1 * size : 1;
    axis->low -= half;
    axis->high += half;
  }
}

static void axis_finish(nd_axis *axis, double air) {
  if (axis->low > axis->high) {
    axis->low = axis->log ? 0.1 : 0;
    axis->high = axis->log ? 10 : 1;
  }
  axis_widen(axis);
  if (axis->log) {
    double factor = pow(10, air * (log10(axis->high) - log10(axis->low)));
    axis->low = fmax(axis->low / factor, LOG_LOWEST);
    axis->high = fmin(axis->high * factor, LOG_HIGHEST);
  } else {
    double margin = air * (axis->high - axis->low);
    axis->low -= margin;
    axis->high += margin;
  }
}

static nd_axis gather_x(const nd_chart *chart, bool log) {
  nd_axis axis = axis_begin(log);
  for (size_t p = 0; p < chart->panel_count; p++) {
    const nd_panel *panel = &chart->panels[p];
    if (panel->grid) {
      axis_add_all(&axis, panel->grid->x, panel->grid->columns);
      continue;
    }
    for (size_t s = 0; s < panel->series_count; s++)
      axis_add_all(&axis, panel->series[s].x, panel->series[s].count);
  }
  return axis;
}

nd_axis nd_axis_of_x(const nd_chart *chart, bool padded) {
  bool log = chart->panel_count > 0 && chart->panels[0].log_x;
  bool grid = false;
  for (size_t p = 0; p < chart->panel_count; p++)
    grid = grid || chart->panels[p].grid;
  nd_axis axis = gather_x(chart, log);
  /* No positive value at all: a linear axis shows more than an empty one. */
  if (log && axis.low > axis.high) axis = gather_x(chart, false);
  axis_finish(&axis, padded && !grid ? 0.02 : 0);
  return axis;
}

nd_axis nd_axis_of_x_alone(const nd_panel *panel, bool padded) {
  return nd_axis_of_x(&(nd_chart){.panels = panel, .panel_count = 1}, padded);
}

void nd_axis_limit(nd_axis *axis, const nd_limits *limits) {
  if (!limits->given || !nd_axis_shows(axis, limits->low) || !nd_axis_shows(axis, limits->high)) return;
  axis->low = limits->low;
  axis->high = limits->high;
}

static void gather_errors(nd_axis *axis, const nd_series *series) {
  for (size_t i = 0; i < series->count; i++) {
    if (!nd_axis_shows(axis, series->y[i]) || !(fabs(series->error[i]) <= LARGEST)) continue;
    axis_add(axis, series->y[i] + fabs(series->error[i]));
    /* On a log axis a bar may reach below zero: it is cut, and does not stretch the axis. */
    if (!axis->log) axis_add(axis, series->y[i] - fabs(series->error[i]));
  }
}

static nd_axis gather_y(const nd_panel *panel, bool log) {
  nd_axis axis = axis_begin(log);
  if (panel->grid) {
    axis_add_all(&axis, panel->grid->y, panel->grid->rows);
    return axis;
  }
  for (size_t s = 0; s < panel->series_count; s++) {
    const nd_series *series = &panel->series[s];
    axis_add_all(&axis, series->y, series->count);
    if (series->mark == ND_ERROR_BARS && series->error) gather_errors(&axis, series);
  }
  return axis;
}

nd_axis nd_axis_of_y(const nd_panel *panel, bool padded) {
  nd_axis axis = gather_y(panel, panel->log_y);
  if (panel->log_y && axis.low > axis.high) axis = gather_y(panel, false);
  axis_finish(&axis, padded && !panel->grid ? 0.05 : 0);
  return axis;
}

/* The smallest of 1, 2, 5 times a power of ten that is not below x > 0. */
static double round_step(double x) {
  double power = pow(10, floor(log10(x)));
  double lead = x / power;
  return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
}

/* Digits by which labels `step` apart, of size up to `size`, differ; below a million there are
 * enough of them to need no power of ten. */
static int digits_for(double size, double step) {
  double leading = floor(log10(size) + 1e-9);
  double digits = leading - floor(log10(step) + 1e-9) + 1;
  if (leading < 6) digits = fmax(digits, leading + 1);
  return digits < 2 ? 2 : digits > 15 ? 15 : (int)digits;
}

static void label_width(nd_ticks *ticks, double low, double high) {
  double size = fmax(fabs(low), fabs(high));
  size_t digits = (size_t)ticks->digits;
  bool power = size >= pow(10, ticks->digits) || ticks->step < 1e-4;
  size_t small = !power && ticks->step < 0.1 && size < 1 ? (size_t)-floor(log10(ticks->step)) : 0;
  size_t width = digits > small ? digits : small;
  ticks->width = width + (power ? 5 : 1) + (low < 0 ? 1 : 0);
}

static void add_tick(nd_ticks *ticks, const nd_axis *axis, double place) {
  if (ticks->count < ND_TICKS && place >= axis->low * (1 - 1e-12) && place <= axis->high)
    ticks->place[ticks->count++] = place;
}

/* A log axis of about two decades or fewer: 1, 2, 5, or round steps where even these are too few.
 */
static void few_decades(nd_ticks *ticks, const nd_axis *axis, size_t wanted) {
  static const double LEADS[] = {1, 2, 5};
  double first = floor(log10(axis->low)), last = ceil(log10(axis->high));
  ticks->step = pow(10, first);
  for (double e = first; e <= last; e++)
    for (size_t i = 0; i < ND_COUNT(LEADS); i++)
      add_tick(ticks, axis, LEADS[i] * pow(10, e));
  if (ticks->count >= 3) return;
  ticks->count = 0;
  ticks->step = round_step((axis->high - axis->low) / (double)wanted);
  double k = ceil(axis->low / ticks->step);
  for (size_t i = 0; i <= 2 * wanted; i++)
    add_tick(ticks, axis, (k + (double)i) * ticks->step);
}

nd_ticks nd_axis_ticks(const nd_axis *axis, size_t wanted) {
  nd_ticks ticks = {.count = 0};
  double decades = axis->log ? log10(axis->high) - log10(axis->low) : 0;
  if (decades >= 2.2) {
    ticks.decades = true;
    ticks.step = ceil(decades / (double)(wanted + 1));
    ticks.width = 5;
    return ticks;
  }
  if (axis->log)
    few_decades(&ticks, axis, wanted);
  else
    ticks.step = round_step((axis->high - axis->low) / (double)wanted);
  ticks.digits = digits_for(fmax(fabs(axis->low), fabs(axis->high)), ticks.step);
  label_width(&ticks, axis->low, axis->high);
  return ticks;
}

double nd_ticks_count(const nd_axis *axis, const nd_ticks *ticks) {
  if (ticks->count) return (double)ticks->count;
  double range = ticks->decades ? log10(axis->high) - log10(axis->low) : axis->high - axis->low;
  return floor(range / ticks->step) + 1;
}
