/* plot: a plain chart -> a picture. The chart is numbers and labels; api fills it from traces,
 * tables and models. Pictures are drawn by gnuplot from a script that has everything in it (data
 * inline, every text single-quoted and escaped, so that no name or title can be a command), run by
 * posix_spawn, never by a shell or a pipe. */
#ifndef ND_PLOT_H
#define ND_PLOT_H

#include "base/base.h"

typedef enum nd_mark {
  ND_LINE,
  ND_POINTS,
  ND_CROSSES,
  ND_ERROR_BARS,
  ND_PATH /* line with points, start and end marked */
} nd_mark;

typedef struct nd_series {
  const char *label; /* NULL: not in the key */
  nd_mark mark;
  size_t count;
  const double *x, *y, *error; /* error for ND_ERROR_BARS; NaN points break a line */
  bool quiet;                  /* thin grey: the zero line, a reference */
  bool same;                   /* in the colour of the series before */
} nd_series;

/* z[j * columns + i] at (x[i], y[j]); NaN where undefined. */
typedef struct nd_grid {
  size_t columns, rows;
  const double *x, *y, *z;
  const char *label;
} nd_grid;

/* How someone wishes to see a chart; what is zero is chosen from the data. */
typedef struct nd_limits {
  bool given;
  double low, high;
} nd_limits;
typedef struct nd_look {
  nd_limits x, y; /* y: of the first panel */
  bool reverse_x, reverse_y;
} nd_look;

typedef struct nd_panel {
  const char *title, *x_label, *y_label;
  bool log_x, log_y;
  double height; /* relative to the other panels */
  bool equal;    /* a unit is as long on one axis as on the other, so that a circle is round: of the only panel,
                    or in columns; not on log axes, nor where one axis is ten times the other */
  const nd_series *series;
  size_t series_count;
  const nd_grid *grid; /* NULL without contours */
} nd_panel;

typedef struct nd_chart {
  const char *title;
  const nd_panel *panels; /* stacked, one x axis shared */
  size_t panel_count;
  nd_look look;
  size_t columns; /* above 1: panels in so many columns, row after row, each with an x axis of its own; those
                     without series and grid are left out, and axes without a label have no numbers */
  bool corner;    /* of as many rows as columns: the panels above the diagonal are empty, those of a row share y and those
                     of a column x, with the ranges of the diagonal's x axes; a title may be longer than its panel */
} nd_chart;

/* Whether the end of the name says which kind of picture it is (pictures.def). */
nadir_status nd_picture_check(const char *path, nadir_error *error);
/* Where a picture goes: a file, whose format is by the end of its name (.svg .png .pdf .gp), or,
 * with path NULL, a text that gets SVG, for use in a page. */
typedef struct nd_canvas {
  const char *path;
  nd_text *svg;
} nd_canvas;
/* Long series are thinned to what the eye can see, keeping extremes. A name that ends otherwise is
 * an error that lists the formats. */
nadir_status nd_chart_draw(const nd_chart *chart, nd_canvas canvas, nadir_error *error);
/* Appends text from outside as it may be shown (label.c): valid UTF-8, no control characters
 * (newline and tab become a blank), at most `limit` characters (an ellipsis where cut). Returns the
 * number of characters. */
size_t nd_label_plain(nd_text *out, const char *text, size_t limit);
/* Log axis advised for positive values that span more than two decades. */
bool nd_wants_log(const double *values, size_t count);
/* The first series of the first panel in characters, with an axis: braille dots, or ASCII. */
nadir_status nd_chart_text(const nd_chart *chart, size_t columns, size_t lines, bool utf8,
                           nd_text *out, nadir_error *error);

#endif
