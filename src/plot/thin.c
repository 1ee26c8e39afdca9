/* Thinning: of a long series only the points that a picture can tell apart. A line keeps the first,
 * lowest, highest and last point of each pixel column, so that every extreme stays (the M4 rule;
 * Jugel, Jerzak, Hackenbroich, Markl 2014); a path drops points that stay in one cell; separate
 * points keep one for each cell. Cost: one pass, and one byte a cell for separate points. Short
 * series are never touched, so that a kept script has all of them. */
#include <math.h>
#include <string.h>

#include "plot/plot_internal.h"

enum { SHORT = 4 * ND_FINE_X };

static size_t cell(const nd_axis *axis, double value, size_t cells) {
  double place = nd_axis_place(axis, value) * (double)cells;
  return place < 0 ? 0 : place >= (double)cells ? cells - 1 : (size_t)place;
}

static bool shown(const nd_series *series, const nd_axis *x, const nd_axis *y, size_t i) {
  return nd_axis_shows(x, series->x[i]) && nd_axis_shows(y, series->y[i]);
}

typedef struct run {
  size_t column, first, last, lowest, highest;
} run;

static void keep_run(unsigned char *keep, const run *r) {
  keep[r->first] = keep[r->last] = keep[r->lowest] = keep[r->highest] = 1;
}

/* Runs are of consecutive drawable points in one column; a gap inside a column is not seen. */
static void thin_line(const nd_series *series, const nd_axis *x, const nd_axis *y,
                      unsigned char *keep) {
  run r = {0};
  bool open = false;
  for (size_t i = 0; i < series->count; i++) {
    if (!shown(series, x, y, i)) continue;
    size_t column = cell(x, series->x[i], ND_FINE_X);
    if (open && column == r.column) {
      r.last = i;
      if (series->y[i] < series->y[r.lowest]) r.lowest = i;
      if (series->y[i] > series->y[r.highest]) r.highest = i;
      continue;
    }
    if (open) keep_run(keep, &r);
    r = (run){column, i, i, i, i};
    open = true;
  }
  if (open) keep_run(keep, &r);
}

static void thin_path(const nd_series *series, const nd_axis *x, const nd_axis *y,
                      unsigned char *keep) {
  size_t at_x = SIZE_MAX, at_y = SIZE_MAX, last = SIZE_MAX;
  for (size_t i = 0; i < series->count; i++) {
    if (!shown(series, x, y, i)) continue;
    size_t cell_x = cell(x, series->x[i], ND_FINE_X), cell_y = cell(y, series->y[i], ND_FINE_Y);
    last = i;
    if (cell_x == at_x && cell_y == at_y) continue;
    keep[i] = 1;
    at_x = cell_x;
    at_y = cell_y;
  }
  if (last != SIZE_MAX) keep[last] = 1;
}

static nadir_status thin_points(const nd_series *series, const nd_axis *x, const nd_axis *y,
                                unsigned char *keep, nadir_error *error) {
  unsigned char *taken = nd_new((size_t)ND_FINE_X * ND_FINE_Y, 1, error);
  if (!taken) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < series->count; i++) {
    if (!shown(series, x, y, i)) continue;
    size_t at =
        cell(y, series->y[i], ND_FINE_Y) * (size_t)ND_FINE_X + cell(x, series->x[i], ND_FINE_X);
    if (!taken[at]) keep[i] = 1;
    taken[at] = 1;
  }
  nd_free(taken);
  return NADIR_OK;
}

nadir_status nd_thin(const nd_series *series, const nd_axis *x, const nd_axis *y,
                     unsigned char *keep, nadir_error *error) {
  memset(keep, series->count <= SHORT, series->count);
  if (series->count <= SHORT) return NADIR_OK;
  switch (series->mark) {
  case ND_LINE:
    thin_line(series, x, y, keep);
    return NADIR_OK;
  case ND_PATH:
    thin_path(series, x, y, keep);
    return NADIR_OK;
  case ND_POINTS:
  case ND_CROSSES:
  case ND_ERROR_BARS:
    break;
  }
  return thin_points(series, x, y, keep, error);
}
