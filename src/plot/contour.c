/* Contour lines of a grid: marching squares (Lorensen and Cline 1987, in the plane), the segments
 * joined into lines, so that the script stays small and needs no contouring of gnuplot's, which
 * spaces levels evenly and so leaves every valley empty. Cells with an undefined corner are left
 * out. Cost: for each level one pass over the cells and two indices for every edge of the grid.
 *
 * Levels are spaced near-geometrically above the minimum: a bowl that is a thousand times steeper
 * one way than the other has as many lines in its valley as on its walls. */
#include <math.h>

#include "base/dense.h"
#include "plot/plot_internal.h"

static bool defined(double z) {
  return fabs(z) <= 1e300;
}

/* The step-th of the leads 1, 1.5, 2, 3, 5, 7 times powers of ten. */
static double rung(long i) {
  static const double LEADS[] = {1, 1.5, 2, 3, 5, 7};
  long decade = i >= 0 ? i / 6 : -((5 - i) / 6);
  return LEADS[i - 6 * decade] * pow(10, (double)decade);
}

/* Heights above the minimum from low to high, on the densest ladder of round numbers that fits. */
static size_t ladder(double low, double high, double *heights) {
  static const long STRIDES[] = {1, 2, 3, 6, 12, 18, 30, 60, 120, 240, 600};
  for (size_t s = 0; s < ND_COUNT(STRIDES); s++) {
    long stride = STRIDES[s];
    long i = (long)floor(log10(low)) * 6;
    size_t count = 0;
    for (i -= ((i % stride) + stride) % stride; rung(i) <= high && count <= ND_LEVELS;
         i += stride) {
      if (rung(i) < low) continue;
      if (count < ND_LEVELS) heights[count] = rung(i);
      count++;
    }
    if (count <= ND_LEVELS) return count;
  }
  return 0;
}

/* All of z that is defined, sorted; the caller frees *sorted. */
static nadir_status sort_heights(const nd_grid *grid, double **sorted, size_t *count,
                                 nadir_error *error) {
  size_t cells = grid->columns * grid->rows;
  *count = 0;
  *sorted = nd_new(cells, sizeof(double), error);
  if (!*sorted) return NADIR_NO_MEMORY;
  for (size_t k = 0; k < cells; k++)
    if (defined(grid->z[k])) (*sorted)[(*count)++] = grid->z[k];
  nd_sort(*count, *sorted);
  return NADIR_OK;
}

/* The range of heights worth a line: from 1/400 of the area above the minimum to nearly all of it.
 */
static size_t spread_levels(const double *z, size_t count, double *levels) {
  double lowest = z[0];
  double low = z[count / 400] - lowest, high = z[count - 1 - count / 50] - lowest;
  for (size_t k = count / 400; low <= 0 && k + 1 < count; k++)
    low = z[k + 1] - lowest;
  if (!(low > 1e-12 * fabs(lowest)) || !(high >= low)) return 0;
  size_t found = ladder(low, high, levels);
  if (found < 3) {
    for (found = 0; found < 5; found++)
      levels[found] = low + (high - low) * ((double)found + 0.5) / 5;
  }
  /* A minimum that is negligible next to the lowest height: the levels themselves are round numbers. */
  double base = fabs(lowest) < 0.01 * low ? 0 : lowest;
  for (size_t k = 0; k < found; k++)
    levels[k] += base;
  return found;
}

nadir_status nd_contour_levels(const nd_grid *grid, double levels[ND_LEVELS], size_t *count,
                               nadir_error *error) {
  double *z;
  size_t defined_count;
  *count = 0;
  ND_TRY(sort_heights(grid, &z, &defined_count, error));
  if (defined_count > 1) *count = spread_levels(z, defined_count, levels);
  nd_free(z);
  return NADIR_OK;
}

/* ---- tracing --------------------------------------------------------------------------------- */

static const size_t NONE = SIZE_MAX;

/* Edges are numbered: along x first, (i,j)-(i+1,j) is j * (columns-1) + i; then along y. */
typedef struct tracer {
  const nd_grid *grid;
  double level;
  size_t along_x, edges;
  size_t (*link)[2]; /* the edges that an edge's crossing is joined with */
} tracer;

static double z_at(const tracer *t, size_t i, size_t j) {
  return t->grid->z[j * t->grid->columns + i];
}

static size_t edge_x(const tracer *t, size_t i, size_t j) {
  return j * (t->grid->columns - 1) + i;
}

static size_t edge_y(const tracer *t, size_t i, size_t j) {
  return t->along_x + j * t->grid->columns + i;
}

static void join(const tracer *t, size_t a, size_t b) {
  t->link[a][t->link[a][0] != NONE] = b;
  t->link[b][t->link[b][0] != NONE] = a;
}

static void march_cell(const tracer *t, size_t i, size_t j) {
  double z[4] = {z_at(t, i, j), z_at(t, i + 1, j), z_at(t, i + 1, j + 1), z_at(t, i, j + 1)};
  size_t around[4] = {edge_x(t, i, j), edge_y(t, i + 1, j), edge_x(t, i, j + 1), edge_y(t, i, j)};
  size_t crossed[4], count = 0;
  for (size_t k = 0; k < 4; k++)
    if (!defined(z[k])) return;
  for (size_t k = 0; k < 4; k++)
    if ((z[k] >= t->level) != (z[(k + 1) % 4] >= t->level)) crossed[count++] = around[k];
  if (count == 2) join(t, crossed[0], crossed[1]);
  if (count != 4) return;
  /* A saddle: the middle says which two corners are connected. */
  bool middle = (z[0] + z[1] + z[2] + z[3]) / 4 >= t->level;
  bool first_joined = middle == (z[0] >= t->level);
  join(t, crossed[0], crossed[first_joined ? 1 : 3]);
  join(t, crossed[2], crossed[first_joined ? 3 : 1]);
}

/* Where the level crosses an edge, by linear interpolation. */
static void crossing(const tracer *t, size_t edge, double *x, double *y) {
  const nd_grid *g = t->grid;
  bool along_x = edge < t->along_x;
  size_t width = along_x ? g->columns - 1 : g->columns;
  size_t at = along_x ? edge : edge - t->along_x;
  size_t i = at % width, j = at / width, i2 = i + along_x, j2 = j + !along_x;
  double z1 = z_at(t, i, j), z2 = z_at(t, i2, j2);
  double part = (t->level - z1) / (z2 - z1);
  *x = g->x[i] + part * (g->x[i2] - g->x[i]);
  *y = g->y[j] + part * (g->y[j2] - g->y[j]);
}

static void emit(const tracer *t, size_t edge, bool first, nd_contour_sink *sink, void *context) {
  double x, y;
  crossing(t, edge, &x, &y);
  sink(context, x, y, first);
}

/* Takes the link from -> to out of the graph and gives `to`, or NONE at the end of a line. */
static size_t step_along(const tracer *t, size_t from) {
  size_t to = t->link[from][0];
  if (to == NONE) return NONE;
  t->link[from][0] = t->link[from][1];
  t->link[from][1] = NONE;
  if (t->link[to][0] == from) t->link[to][0] = t->link[to][1];
  t->link[to][1] = NONE;
  return to;
}

static void follow(const tracer *t, size_t start, nd_contour_sink *sink, void *context) {
  emit(t, start, true, sink, context);
  for (size_t edge = step_along(t, start); edge != NONE; edge = step_along(t, edge))
    emit(t, edge, false, sink, context);
}

/* Open lines from an end of theirs, then what is left, which is closed. */
static void follow_all(const tracer *t, nd_contour_sink *sink, void *context) {
  for (size_t e = 0; e < t->edges; e++)
    if (t->link[e][0] != NONE && t->link[e][1] == NONE) follow(t, e, sink, context);
  for (size_t e = 0; e < t->edges; e++)
    if (t->link[e][0] != NONE) follow(t, e, sink, context);
}

nadir_status nd_contour_trace(const nd_grid *grid, double level, nd_contour_sink *sink,
                              void *context, nadir_error *error) {
  if (grid->columns < 2 || grid->rows < 2) return NADIR_OK;
  tracer t = {.grid = grid, .level = level, .along_x = (grid->columns - 1) * grid->rows};
  t.edges = t.along_x + grid->columns * (grid->rows - 1);
  t.link = nd_new(t.edges, sizeof *t.link, error);
  if (!t.link) return NADIR_NO_MEMORY;
  for (size_t e = 0; e < t.edges; e++)
    t.link[e][0] = t.link[e][1] = NONE;
  for (size_t j = 0; j + 1 < grid->rows; j++)
    for (size_t i = 0; i + 1 < grid->columns; i++)
      march_cell(&t, i, j);
  follow_all(&t, sink, context);
  nd_free(t.link);
  return NADIR_OK;
}
