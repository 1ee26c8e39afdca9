/* What the files of plot share: axes, thinning, contour lines, quoting, and the script. Each picture
 * is laid out in pixels of a canvas SIZE_X wide; a terminal of another unit scales it as a whole. */
#ifndef ND_PLOT_INTERNAL_H
#define ND_PLOT_INTERNAL_H

#include "plot/plot.h"

/* ---- axes (axis.c) --------------------------------------------------------------------------- */

/* low < high always, both finite; on a log axis both are positive. */
typedef struct nd_axis {
  bool log;
  double low, high;
} nd_axis;

/* How an axis is marked: majors at multiples of `step` (decades on a log axis that spans enough of
 * them, when `decades` is true), else at the listed places. */
enum { ND_TICKS = 64 };
typedef struct nd_ticks {
  bool decades;
  double step;
  size_t count; /* 0: at multiples of step */
  double place[ND_TICKS];
  int digits;   /* significant digits that tell neighbours apart */
  size_t width; /* of the widest label, in characters */
} nd_ticks;

/* Can the value be drawn at all: finite, not so large that differences overflow, positive on log. */
bool nd_axis_shows(const nd_axis *axis, double value);
/* 0 at the low end, 1 at the high end. */
double nd_axis_place(const nd_axis *axis, double value);
/* The x axis that all panels share, and a panel's own y axis. `padded` leaves air at the ends. */
nd_axis nd_axis_of_x(const nd_chart *chart, bool padded);
nd_axis nd_axis_of_y(const nd_panel *panel, bool padded);
/* The x axis of a panel that shares none. */
nd_axis nd_axis_of_x_alone(const nd_panel *panel, bool padded);
/* To the ends that were given, as far as the axis can show them. */
void nd_axis_limit(nd_axis *axis, const nd_limits *limits);
nd_ticks nd_axis_ticks(const nd_axis *axis, size_t wanted);
double nd_ticks_count(const nd_axis *axis, const nd_ticks *ticks); /* those with a label, about */

/* ---- thinning (thin.c) ----------------------------------------------------------------------- */

enum { ND_FINE_X = 1600, ND_FINE_Y = 1200 }; /* the grid of places that the eye can tell apart */
/* keep[i] is set to 1 for the points to draw, 0 for the rest. */
nadir_status nd_thin(const nd_series *series, const nd_axis *x, const nd_axis *y,
                     unsigned char *keep, nadir_error *error);

/* ---- contours (contour.c) -------------------------------------------------------------------- */

enum { ND_LEVELS = 20 };
/* Ascending levels above the lowest finite z, near-geometric and of few digits; 0 when z is flat. */
nadir_status nd_contour_levels(const nd_grid *grid, double levels[ND_LEVELS], size_t *count,
                               nadir_error *error);
/* Receives the points of the line of one level; first is true where a new line begins. */
typedef void nd_contour_sink(void *context, double x, double y, bool first);
nadir_status nd_contour_trace(const nd_grid *grid, double level, nd_contour_sink *sink,
                              void *context, nadir_error *error);

/* ---- labels (label.c) ------------------------------------------------------------------------ */

/* As nd_label_plain, as a gnuplot string in single quotes, in which nothing is ever substituted. */
void nd_label_quoted(nd_text *out, const char *text, size_t limit);
size_t nd_label_width(const char *text, size_t limit); /* characters shown; 0 for NULL */
/* A long text in lines: the next one, as nd_label_plain, of `limit` characters at most, broken after a blank, comma or
 * operator where there is one; the rest of the text, "" at its end. The last line takes what is left, and is cut. */
const char *nd_label_line(nd_text *out, const char *text, size_t limit, bool last);
size_t nd_label_lines(const char *text, size_t limit, size_t most); /* 0 for NULL and "" */

/* ---- the script (script.c) and the program that draws it (gnuplot.c) -------------------------- */

typedef enum nd_picture {
#define ND_PICTURE(id, ...) ND_##id,
#include "plot/pictures.def"
#undef ND_PICTURE
} nd_picture;
nadir_status nd_chart_script(const nd_chart *chart, nd_picture kind, nd_text *script,
                             nadir_error *error);
/* The picture into `out`; path is what errors call it, or NULL. */
nadir_status nd_gnuplot_run(const nd_text *script, nd_picture kind, const char *path, nd_text *out,
                            nadir_error *error);

#endif
