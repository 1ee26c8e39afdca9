/* What a chart's layout and its script share: where each panel stands, in pixels, and what is written at it. */
#ifndef ND_SCRIPT_INTERNAL_H
#define ND_SCRIPT_INTERNAL_H

#include <math.h>

#include "plot/plot_internal.h"

/* Pixels on the canvas. A character is taken for as wide as those of DejaVu Sans, the widest of the
 * fonts that stand in for Helvetica. */
enum {
  SIZE_X = 800,
  SIZE_Y = 480,
  SIZE_Y_GRID = 620,
  SIZE_Y_MORE = 180, /* for each further panel */
  AIR = 14,
  BETWEEN = 22, /* panels: the labels of two y axes stand apart */
  TITLE = 30, /* one line with its air */
  TITLE_ROW = 22,
  PANEL_TITLE = 24,
  KEY_ROW = 22,
  KEY_ENTRY = 50, /* the sample and the gaps */
  UNDER = 62,     /* tick labels and label of the x axis */
  LEFT = 54,      /* the y label and gaps, without the tick labels */
  CHARACTER = 8,
  LEAST_WIDE = 130 /* a plot among several columns */
};
enum { KEY_ENTRIES = 24, KEY_TEXT = 60, TITLE_TEXT = 78, TITLE_LINE = 64, TITLE_LINES = 3, LABEL_TEXT = 76 };

typedef struct nd_panel_plan {
  nd_axis x, y;
  nd_ticks x_ticks, y_ticks;
  double left, right; /* ends of the plot itself, pixels */
  bool foot;          /* it has the labels of the x axis */
  bool bare_y;        /* no ticks along y, of which the numbers say nothing */
  size_t key_entries, key_columns, key_rows;
  double top, bottom; /* of the plot itself, pixels from the canvas's foot */
  double lowered;     /* by so much, so that its units are equally long */
  double levels[ND_LEVELS];
  size_t level_count, level_width; /* the width of the widest label in characters */
  char level_label[ND_LEVELS][ND_NUMBER_TEXT];
} nd_panel_plan;

/* What writing a series' data found. */
typedef struct nd_series_plan {
  size_t drawn;
  bool dots; /* points between gaps, which no line shows */
} nd_series_plan;

/* How the numbers and names of a corner stand. */
typedef struct nd_corner_look {
  bool numbers_upright; /* along x */
  bool names_aslant;    /* along x */
  bool names_level;     /* along y */
  double numbers_high;  /* what the numbers along x take, pixels */
} nd_corner_look;

typedef struct nd_script {
  const nd_chart *chart;
  nd_text *out;
  double width, height; /* pixels */
  double high;          /* of each plot, in columns */
  nd_corner_look corner;
  nd_panel_plan *panels;
  nd_series_plan **series; /* of each panel, in one block of memory */
} nd_script;

static inline bool nd_given(const char *text) {
  return text && *text;
}

static inline bool nd_in_key(const nd_series *series) {
  return nd_given(series->label);
}

/* Fills the plans and the size of the canvas (layout.c; of a corner corner.c). */
nadir_status nd_plan_panels(nd_script *s, nadir_error *error);
void nd_plan_corner(nd_script *s);

/* Where the name of a column or a row of a corner is written, in gnuplot's words. */
typedef struct nd_corner_name {
  double x, y;
  size_t limit;
  const char *how;
} nd_corner_name;
enum { CORNER_NAME = 24 }; /* its longest, in characters */
nd_corner_name nd_corner_x_name(const nd_script *s, const nd_panel_plan *plan);
nd_corner_name nd_corner_y_name(const nd_script *s, const nd_panel_plan *plan);

double nd_title_height(const nd_script *s);

#endif
