/* A chart as a gnuplot script that has everything in it: data are inline, in here-documents that hold
 * numbers alone; every text is a single-quoted string (label.c); ranges, margins and ticks are
 * explicit. It names no file and no command; the picture goes to gnuplot's standard output.
 *
 * Cost: proportional to the points that are left after thinning. Colours are those of Okabe and Ito
 * (2008), which readers with any colour vision can tell apart; yellow is left out, being faint on
 * white, and dashes tell a second round of colours from the first. */
#include <math.h>
#include <string.h>

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
enum { MARKED_PATH = 120 }; /* a path of more points is drawn without them */

typedef struct panel_plan {
  nd_axis x, y;
  nd_ticks x_ticks, y_ticks;
  double left, right; /* ends of the plot itself, pixels */
  bool foot;          /* it has the labels of the x axis */
  size_t key_entries, key_columns, key_rows;
  double top, bottom; /* of the plot itself, pixels from the canvas's foot */
  double lowered;     /* by so much, so that its units are equally long */
  double levels[ND_LEVELS];
  size_t level_count, level_width; /* the width of the widest label in characters */
  char level_label[ND_LEVELS][ND_NUMBER_TEXT];
} panel_plan;

/* What writing a series' data found. */
typedef struct series_plan {
  size_t drawn;
  bool dots; /* points between gaps, which no line shows */
} series_plan;

typedef struct script {
  const nd_chart *chart;
  nd_text *out;
  double width, height; /* pixels */
  double high;          /* of each plot, in columns */
  panel_plan *panels;
  series_plan **series; /* of each panel, in one block of memory */
} script;

static bool given(const char *text) {
  return text && *text;
}

static void put_number(nd_text *out, double value) {
  char buffer[ND_NUMBER_TEXT];
  nd_text_append(out, nd_format(value, buffer));
}

/* ---- data ------------------------------------------------------------------------------------ */

static void put_point(nd_text *out, double x, double y) {
  put_number(out, x);
  nd_text_append(out, " ");
  put_number(out, y);
}

static bool shown(const panel_plan *panel, const nd_series *series, size_t i) {
  return nd_axis_shows(&panel->x, series->x[i]) && nd_axis_shows(&panel->y, series->y[i]);
}

static void put_bar(nd_text *out, const nd_axis *y, const nd_series *series, size_t i) {
  double error = series->error ? fabs(series->error[i]) : 0;
  if (!(error <= 1e300)) error = 0;
  double low = series->y[i] - error;
  nd_text_append(out, " ");
  put_number(out, y->log ? fmax(low, y->low) : low);
  nd_text_append(out, " ");
  put_number(out, series->y[i] + error);
}

/* Does the line end after point i: is the next thing a gap, or nothing? */
static bool line_ends(const panel_plan *panel, const nd_series *series, const unsigned char *keep,
                      size_t i) {
  for (i++; i < series->count; i++) {
    if (!shown(panel, series, i)) return true;
    if (keep[i]) return false;
  }
  return true;
}

/* The block of a series; a line's lone points are gathered in `dots`. */
static void put_series(const script *s, const panel_plan *panel, const nd_series *series,
                       const unsigned char *keep, series_plan *plan, nd_text *dots) {
  bool joined = series->mark == ND_LINE || series->mark == ND_PATH, begins = true;
  for (size_t i = 0; i < series->count; i++) {
    bool visible = shown(panel, series, i);
    if (!visible) begins = true;
    if (!visible || !keep[i]) continue;
    if (joined && begins && plan->drawn > 0) nd_text_append(s->out, "\n");
    put_point(s->out, series->x[i], series->y[i]);
    if (series->mark == ND_ERROR_BARS) put_bar(s->out, &panel->y, series, i);
    nd_text_append(s->out, "\n");
    plan->drawn++;
    if (joined && begins && line_ends(panel, series, keep, i)) {
      put_point(dots, series->x[i], series->y[i]);
      nd_text_append(dots, "\n");
    }
    begins = false;
  }
}

/* The first and the last point of a path that can be drawn. */
static void put_ends(const script *s, const panel_plan *panel, const nd_series *series) {
  size_t first = 0, last = series->count;
  while (first < series->count && !shown(panel, series, first))
    first++;
  while (last > first + 1 && !shown(panel, series, last - 1))
    last--;
  put_point(s->out, series->x[first], series->y[first]);
  nd_text_append(s->out, "\n");
  put_point(s->out, series->x[last - 1], series->y[last - 1]);
  nd_text_append(s->out, "\n");
}

static nadir_status put_series_data(const script *s, size_t p, size_t i, nadir_error *error) {
  const nd_series *series = &s->chart->panels[p].series[i];
  const panel_plan *panel = &s->panels[p];
  series_plan *plan = &s->series[p][i];
  nd_text dots = {0};
  unsigned char *keep = nd_new(series->count, 1, error);
  if (!keep) return NADIR_NO_MEMORY;
  nadir_status status = nd_thin(series, &panel->x, &panel->y, keep, error);
  if (status == NADIR_OK) {
    nd_text_print(s->out, "$p%zus%zu << EOD\n", p + 1, i + 1);
    put_series(s, panel, series, keep, plan, &dots);
    nd_text_append(s->out, "EOD\n");
    plan->dots = dots.length > 0;
    if (plan->dots)
      nd_text_print(s->out, "$p%zus%zudots << EOD\n%sEOD\n", p + 1, i + 1, nd_text_data(&dots));
    if (series->mark == ND_PATH && plan->drawn > 0) {
      nd_text_print(s->out, "$p%zus%zuends << EOD\n", p + 1, i + 1);
      put_ends(s, panel, series);
      nd_text_append(s->out, "EOD\n");
    }
    status = nd_text_status(&dots, error);
  }
  nd_text_free(&dots);
  nd_free(keep);
  return status;
}

typedef struct contour_writer {
  nd_text *out;
  size_t level;
  bool any;
} contour_writer;

static void put_contour_point(void *context, double x, double y, bool first) {
  contour_writer *writer = context;
  if (first && writer->any) nd_text_append(writer->out, "\n");
  writer->any = true;
  put_point(writer->out, x, y);
  nd_text_print(writer->out, " %zu.5\n", writer->level);
}

/* Points of the lines with the number of their level plus a half, which is the middle of its
 * colour. */
static nadir_status put_contours(const script *s, size_t p, nadir_error *error) {
  const nd_grid *grid = s->chart->panels[p].grid;
  const panel_plan *plan = &s->panels[p];
  if (plan->level_count == 0) return NADIR_OK;
  contour_writer writer = {.out = s->out};
  nd_text_print(s->out, "$p%zucontours << EOD\n", p + 1);
  for (size_t k = 0; k < plan->level_count; k++) {
    writer.level = k;
    ND_TRY(nd_contour_trace(grid, plan->levels[k], put_contour_point, &writer, error));
  }
  nd_text_append(s->out, "EOD\n");
  return NADIR_OK;
}

static nadir_status put_data(const script *s, nadir_error *error) {
  for (size_t p = 0; p < s->chart->panel_count; p++) {
    if (s->chart->panels[p].grid) ND_TRY(put_contours(s, p, error));
    for (size_t i = 0; i < s->chart->panels[p].series_count; i++)
      ND_TRY(put_series_data(s, p, i, error));
  }
  return NADIR_OK;
}

/* ---- layout ---------------------------------------------------------------------------------- */

static bool in_key(const nd_series *series) {
  return given(series->label);
}

/* Key entries in rows over the panel, where they cover no data. */
static void plan_key(const nd_panel *panel, panel_plan *plan, double width) {
  size_t longest = 5, entries = 0;
  bool path = false;
  for (size_t i = 0; i < panel->series_count; i++) {
    const nd_series *series = &panel->series[i];
    path = path || series->mark == ND_PATH;
    if (!in_key(series) || entries == KEY_ENTRIES) continue;
    size_t length = nd_label_width(series->label, KEY_TEXT);
    longest = length > longest ? length : longest;
    entries++;
  }
  plan->key_entries = entries + (path ? 2 : 0);
  plan->key_columns = (size_t)(width / (double)(longest * CHARACTER + KEY_ENTRY));
  if (plan->key_columns == 0) plan->key_columns = 1;
  plan->key_rows = (plan->key_entries + plan->key_columns - 1) / plan->key_columns;
}

static double share(const nd_panel *panel) {
  return panel->height > 0 && panel->height < 1e6 ? fmax(panel->height, 0.05) : 1;
}

static double header(const script *s, size_t p) {
  const nd_panel *panel = &s->chart->panels[p];
  const panel_plan *plan = &s->panels[p];
  return (p > 0 && !s->chart->columns ? BETWEEN : AIR) + (double)(plan->key_rows * KEY_ROW) +
         (given(panel->title) ? PANEL_TITLE : 0);
}

/* Of the chart's title, in lines where it is long. */
static double title_height(const script *s) {
  return (double)(nd_label_lines(s->chart->title, TITLE_LINE, TITLE_LINES) * TITLE_ROW) +
         (given(s->chart->title) ? TITLE - TITLE_ROW : 0);
}

/* Panels from top to bottom; keys and titles add to the height of the canvas. */
static void place_panels(script *s) {
  const nd_chart *chart = s->chart;
  double shares = 0, plots = (double)(SIZE_Y - UNDER), fixed = UNDER;
  bool grid = false;
  for (size_t p = 0; p < chart->panel_count; p++) {
    shares += share(&chart->panels[p]);
    fixed += header(s, p);
    grid = grid || chart->panels[p].grid;
  }
  if (grid) plots = SIZE_Y_GRID - UNDER;
  if (chart->panel_count == 1) plots -= s->panels[0].lowered;
  plots += (double)((chart->panel_count - 1) * SIZE_Y_MORE);
  fixed += title_height(s);
  s->height = ceil(plots + fixed);
  double top = s->height - title_height(s);
  for (size_t p = 0; p < chart->panel_count; p++) {
    panel_plan *plan = &s->panels[p];
    plan->top = top - header(s, p);
    plan->bottom = plan->top - plots * share(&chart->panels[p]) / shares;
    top = plan->bottom;
  }
}

/* The highest of a row of panels. */
static double row_header(const script *s, size_t row) {
  const nd_chart *chart = s->chart;
  double head = 0;
  for (size_t p = row * chart->columns; p < chart->panel_count && p < (row + 1) * chart->columns;
       p++)
    head = fmax(head, header(s, p));
  return head;
}

/* Panels in rows of several columns, as high as wide or a little less, each with its own foot. */
static void place_rows(script *s) {
  const nd_chart *chart = s->chart;
  size_t columns = chart->columns, rows = (chart->panel_count + columns - 1) / columns;
  double heads = 0, high = s->high;
  for (size_t row = 0; row < rows; row++)
    heads += row_header(s, row);
  s->height = ceil((double)rows * (high + UNDER) + heads + title_height(s));
  double foot = s->height - title_height(s);
  for (size_t p = 0; p < chart->panel_count; p++) {
    if (p % columns == 0) foot -= row_header(s, p / columns) + high + UNDER;
    s->panels[p].top = foot + UNDER + high;
    s->panels[p].bottom = foot + UNDER + s->panels[p].lowered;
  }
}

/* Of the bar of colours beside a contour, with its labels. */
static double bar_width(const panel_plan *plan) {
  return 3 * AIR + (double)(plan->level_width * CHARACTER) + 2 * AIR;
}

/* As many digits as tell each level from the next. */
static void label_levels(panel_plan *plan) {
  int digits = 2;
  for (size_t k = 1; k < plan->level_count; k++) {
    char *low = plan->level_label[k - 1], *high = plan->level_label[k];
    do {
      nd_format_digits(plan->levels[k - 1], digits, low);
      nd_format_digits(plan->levels[k], digits, high);
    } while (strcmp(low, high) == 0 && digits++ < 15);
  }
  for (size_t k = 0; k < plan->level_count; k++) {
    nd_format_digits(plan->levels[k], digits, plan->level_label[k]);
    size_t width = strlen(plan->level_label[k]);
    plan->level_width = width > plan->level_width ? width : plan->level_width;
  }
}

/* The axes of a panel, as far as the chart's look leaves them to the data. */
static void plan_axes(const script *s, size_t p) {
  const nd_chart *chart = s->chart;
  panel_plan *plan = &s->panels[p];
  plan->x =
      chart->columns ? nd_axis_of_x_alone(&chart->panels[p], true) : nd_axis_of_x(chart, true);
  plan->y = nd_axis_of_y(&chart->panels[p], true);
  nd_axis_limit(&plan->x, &chart->look.x);
  if (p == 0) nd_axis_limit(&plan->y, &chart->look.y);
  bool low = chart->columns > 2 || share(&chart->panels[p]) < 0.6;
  plan->y_ticks = nd_axis_ticks(&plan->y, low ? 3 : chart->columns > 1 ? 5 : 6);
  plan->foot = chart->columns || p + 1 == chart->panel_count;
}

/* The plot of a chart's only panel, or of one among columns, made narrower or lower. */
static void make_equal(script *s, size_t p) {
  const nd_panel *panel = &s->chart->panels[p];
  panel_plan *plan = &s->panels[p];
  double wide = plan->right - plan->left;
  double high = s->chart->columns ? s->high : (panel->grid ? SIZE_Y_GRID : SIZE_Y) - UNDER;
  double steep = (plan->y.high - plan->y.low) / (plan->x.high - plan->x.low);
  if (!panel->equal || plan->x.log || plan->y.log || !(steep > 0.1 && steep < 10)) return;
  double narrowed = fmax(0, wide - high / steep);
  plan->lowered = fmax(0, high - wide * steep);
  plan->right -= narrowed;
  if (!s->chart->columns) s->width -= narrowed;
}

/* As many as their labels leave apart. */
static nd_ticks fitting_ticks(const panel_plan *plan) {
  size_t wanted = 7;
  nd_ticks ticks = nd_axis_ticks(&plan->x, wanted);
  double room = plan->right - plan->left;
  while (wanted > 1 &&
         nd_ticks_count(&plan->x, &ticks) * (double)((ticks.width + 1) * CHARACTER) > room)
    ticks = nd_axis_ticks(&plan->x, --wanted);
  return ticks;
}

static nadir_status plan_levels(const script *s, size_t p, nadir_error *error) {
  const nd_panel *panel = &s->chart->panels[p];
  panel_plan *plan = &s->panels[p];
  if (panel->grid) ND_TRY(nd_contour_levels(panel->grid, plan->levels, &plan->level_count, error));
  label_levels(plan);
  return NADIR_OK;
}

/* The widest labels of y axes decide where all plots begin; several columns share the width evenly. */
static nadir_status plan_panels(script *s, nadir_error *error) {
  size_t labels = 3, columns = s->chart->columns ? s->chart->columns : 1;
  double bar = 2 * AIR;
  for (size_t p = 0; p < s->chart->panel_count; p++) {
    const panel_plan *plan = &s->panels[p];
    plan_axes(s, p);
    ND_TRY(plan_levels(s, p, error));
    labels = plan->y_ticks.width > labels ? plan->y_ticks.width : labels;
    bar = fmax(bar, (double)(nd_axis_ticks(&plan->x, 7).width * CHARACTER) / 2 +
                        AIR / 2); /* the last label of x */
    if (plan->level_count > 0) bar = fmax(bar, bar_width(plan));
  }
  s->width = SIZE_X;
  double before = LEFT + (double)(labels * CHARACTER);
  double width = columns > 1 ? s->width / (double)columns : s->width;
  if (columns > 1 && width < before + LEAST_WIDE + bar) {
    width = before + LEAST_WIDE + bar;
    s->width = width * (double)columns;
  }
  for (size_t p = 0; p < s->chart->panel_count; p++) {
    s->panels[p].left = width * (double)(p % columns) + before;
    s->panels[p].right = width * (double)(p % columns + 1) - bar;
    if (p == 0) s->high = fmin(s->panels[0].right - s->panels[0].left, SIZE_Y - UNDER);
    make_equal(s, p);
    s->panels[p].x_ticks = fitting_ticks(&s->panels[p]);
    plan_key(&s->chart->panels[p], &s->panels[p], s->panels[p].right - s->panels[p].left);
  }
  if (s->chart->columns)
    place_rows(s);
  else
    place_panels(s);
  return NADIR_OK;
}

/* ---- commands -------------------------------------------------------------------------------- */

static void put_terminal(const script *s, nd_picture kind) {
  if (kind == ND_SCRIPT)
    nd_text_append(s->out,
                   "# Drawn by nadir. To draw it again: gnuplot -d THIS.gp > PICTURE.svg\n");
  nd_text_append(s->out, "set terminal ");
  switch (kind) {
#define ND_PICTURE(id, ending, begin, end, scale, digits, terminal)                                \
  case ND_##id:                                                                                    \
    nd_text_print(s->out, terminal "\n", digits, scale * s->width, digits, scale * s->height);     \
    break;
#include "plot/pictures.def"
#undef ND_PICTURE
  }
}

static void put_common(const script *s) {
  nd_text_append(s->out, "set encoding utf8\n"
                         "set border 15 lw 1 lc rgb '#404040'\n"
                         "set tics scale 0.8,0.4 textcolor rgb '#000000'\n"
                         "set grid lt 1 lw 0.7 lc rgb '#dddddd'\n"
                         "set clip one\nset clip two\n"
                         "set style fill solid noborder\n"
                         "unset colorbox\n");
}

/* Every few decades a tick with its label, and a small one at each decade between. */
static void put_far_decades(nd_text *out, char axis, const nd_axis *range, const nd_ticks *ticks) {
  double first = ceil(log10(range->low) - 1e-9), last = floor(log10(range->high) + 1e-9);
  nd_text_print(out, "set %ctics (", axis);
  for (double e = first; e <= last; e++) {
    bool labelled = fmod(e, ticks->step) == 0;
    nd_text_print(out, "%s%s1e%.0f%s", e > first ? ", " : "", labelled ? "" : "'' ", e,
                  labelled ? "" : " 1");
  }
  nd_text_append(out, ")\n");
}

/* The whole multiples of the powers of ten, by which a log axis is known. */
static void put_small_ticks(nd_text *out, char axis, const nd_axis *range) {
  bool any = false;
  for (double e = floor(log10(range->low)); e <= log10(range->high); e++)
    for (int lead = 1; lead < 10; lead++) {
      double place = lead * pow(10, e);
      if (place < range->low || place > range->high) continue;
      if (!any) nd_text_print(out, "set %ctics add (", axis);
      nd_text_print(out, "%s'' %de%.0f 1", any ? ", " : "", lead, e);
      any = true;
    }
  if (any) nd_text_append(out, ")\n");
}

static void put_ticks(const script *s, char axis, const nd_axis *range, const nd_ticks *ticks,
                      bool labels) {
  nd_text *out = s->out;
  bool reversed = axis == 'x' ? s->chart->look.reverse_x : s->chart->look.reverse_y;
  nd_text_print(out, "%sset logscale %c\n", range->log ? "" : "un", axis);
  char low[ND_NUMBER_TEXT], high[ND_NUMBER_TEXT];
  nd_text_print(out, "set %crange [%s:%s]\n", axis,
                nd_format_digits(reversed ? range->high : range->low, 15, low),
                nd_format_digits(reversed ? range->low : range->high, 15, high));
  if (!labels)
    nd_text_print(out, "set format %c ''\n", axis);
  else if (ticks->decades)
    nd_text_print(out, "set format %c '10^{%%T}'\n", axis);
  else
    nd_text_print(out, "set format %c '%%.%dh'\n", axis, ticks->digits);
  if (ticks->decades && ticks->step > 1) {
    put_far_decades(out, axis, range, ticks);
    return;
  }
  if (ticks->decades) {
    nd_text_print(out, "set %ctics 10\nset m%ctics 10\n", axis, axis);
    return;
  }
  nd_text_print(out, "set %ctics ", axis);
  if (ticks->count == 0) put_number(out, ticks->step);
  for (size_t i = 0; i < ticks->count; i++) {
    nd_text_append(out, i == 0 ? "(" : ", ");
    put_number(out, ticks->place[i]);
  }
  nd_text_print(out, "%s\nset m%ctics\n", ticks->count ? ")" : "", axis);
  if (range->log) put_small_ticks(out, axis, range);
}

static void put_fraction(nd_text *out, const char *before, double fraction) {
  char number[ND_NUMBER_TEXT];
  nd_text_print(out, "%s%s", before, nd_format_fixed(fraction, 5, number));
}

static void put_place(nd_text *out, double x, double y) {
  put_fraction(out, "screen ", x);
  put_fraction(out, ",", y);
}

/* A text at a place of the canvas, in pixels; `how` is gnuplot's words for its alignment. */
static void put_text(const script *s, const char *text, size_t limit, double x, double y,
                     const char *how) {
  if (!given(text)) return;
  nd_text_append(s->out, "set label ");
  nd_label_quoted(s->out, text, limit);
  nd_text_append(s->out, " at ");
  put_place(s->out, x / s->width, y / s->height);
  nd_text_print(s->out, " %s noenhanced\n", how);
}

static void put_key(const script *s, const panel_plan *plan) {
  if (plan->key_entries == 0) {
    nd_text_append(s->out, "unset key\n");
    return;
  }
  nd_text_append(s->out, "set key at ");
  put_place(s->out, plan->left / s->width, (plan->top + 4) / s->height);
  nd_text_print(s->out, " left bottom horizontal Left reverse noenhanced samplen 2 maxcols %zu\n",
                plan->key_columns);
}

static void put_colour_bar(const script *s, size_t p) {
  const panel_plan *plan = &s->panels[p];
  nd_text_print(s->out,
                "set palette maxcolors %zu defined (0 '#1f4e5f', 1 '#4f8f8b', 2 '#9dbf9e', 3 "
                "'#bdbd94')\nset cbrange [0:%zu]\nset cbtics scale 0 (",
                plan->level_count, plan->level_count);
  for (size_t k = 0; k < plan->level_count; k++)
    nd_text_print(s->out, "%s'%s' %zu.5", k ? ", " : "", plan->level_label[k], k);
  nd_text_append(s->out, ")\nset colorbox user origin ");
  put_place(s->out, (plan->right + AIR) / s->width, plan->bottom / s->height);
  nd_text_append(s->out, " size ");
  put_place(s->out, AIR / s->width, (plan->top - plan->bottom) / s->height);
  nd_text_append(s->out, "\n");
  put_text(s, s->chart->panels[p].grid->label, LABEL_TEXT, s->width - AIR,
           (plan->top + plan->bottom) / 2, "center rotate");
}

/* ---- the plot command ------------------------------------------------------------------------ */

static void put_colour(nd_text *out, size_t number, bool dashed) {
  static const char *const COLOURS[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                        "#e69f00", "#56b4e9", "#000000"};
  nd_text_print(out, " lc rgb '%s'", COLOURS[number % ND_COUNT(COLOURS)]);
  if (dashed) nd_text_print(out, " dt %zu", 1 + number / ND_COUNT(COLOURS) % 4);
}

static void put_style(nd_text *out, const nd_series *series, const series_plan *plan,
                      size_t number) {
  char width[ND_NUMBER_TEXT];
  double size = plan->drawn > 2000 ? 0.2 : plan->drawn > 300 ? 0.35 : 0.6;
  switch (series->mark) {
  case ND_LINE:
    nd_text_print(out, "using 1:2 with lines lw %s", series->quiet ? "1" : "2");
    break;
  case ND_PATH:
    nd_text_append(out, plan->drawn <= MARKED_PATH ? "using 1:2 with linespoints lw 1.8 pt 7 ps 0.4"
                                                   : "using 1:2 with lines lw 1.8");
    break;
  case ND_CROSSES:
    nd_text_append(out, "using 1:2 with points pt 2 ps 1.1 lw 2.5");
    break;
  case ND_POINTS:
  case ND_ERROR_BARS:
    nd_text_print(out, "using 1:2 with points pt 7 ps %s",
                  nd_format(series->quiet ? 0.3 : size, width));
    break;
  }
  if (series->quiet)
    nd_text_append(out, " lc rgb '#999999'");
  else
    put_colour(out, number, series->mark == ND_LINE || series->mark == ND_PATH);
}

static void put_title(nd_text *out, const nd_series *series, size_t *entries) {
  if (!in_key(series) || *entries >= KEY_ENTRIES) {
    nd_text_append(out, " notitle");
    return;
  }
  nd_text_append(out, " title ");
  nd_label_quoted(out, series->label, KEY_TEXT);
  (*entries)++;
}

/* What a series has besides its points: the lone points of a line, and error bars, which are drawn
 * as vectors because gnuplot's own leave a white ring around the point. */
static void put_beside(const script *s, size_t p, size_t i, size_t number) {
  const nd_series *series = &s->chart->panels[p].series[i];
  const series_plan *plan = &s->series[p][i];
  bool bars = series->mark == ND_ERROR_BARS && plan->drawn > 0;
  if (!plan->dots && !bars) return;
  nd_text_print(s->out, ", \\\n  $p%zus%zu%s", p + 1, i + 1,
                bars ? " using 1:3:(0):($4-$3) with vectors nohead lw 1"
                     : "dots using 1:2 with points pt 7 ps 0.5");
  if (series->quiet)
    nd_text_append(s->out, " lc rgb '#999999'");
  else
    put_colour(s->out, number, false);
  nd_text_append(s->out, " notitle");
}

static void put_plots(const script *s, size_t p) {
  const nd_panel *panel = &s->chart->panels[p];
  size_t number = 0, entries = 0;
  for (size_t i = 0; i < panel->series_count; i++) {
    const nd_series *series = &panel->series[i];
    const series_plan *plan = &s->series[p][i];
    number -= series->same && number > 0;
    if (plan->drawn == 0 && !in_key(series)) {
      number += series->same;
      continue;
    }
    nd_text_append(s->out, ", \\\n  ");
    /* A series without a point keeps its colour and its place in the key. */
    if (plan->drawn == 0)
      nd_text_append(s->out, "NaN with lines lw 2");
    else
      nd_text_print(s->out, "$p%zus%zu ", p + 1, i + 1);
    if (plan->drawn == 0)
      put_colour(s->out, number, true);
    else
      put_style(s->out, series, plan, number);
    put_title(s->out, series, &entries);
    put_beside(s, p, i, number);
    number += !series->quiet;
  }
}

/* Start (a ring) and end (a filled diamond) of each path, over all lines, in the key once. */
static void put_path_ends(const script *s, size_t p) {
  const nd_panel *panel = &s->chart->panels[p];
  size_t number = 0;
  bool explained = false;
  for (size_t i = 0; i < panel->series_count; i++) {
    const nd_series *series = &panel->series[i];
    if (series->mark == ND_PATH && s->series[p][i].drawn > 0) {
      static const char *const ENDS[] = {"every ::0::0 using 1:2 with points pt 6 ps 1.3 lw 2",
                                         "every ::1::1 using 1:2 with points pt 13 ps 1.7"};
      for (size_t end = 0; end < 2; end++) {
        nd_text_print(s->out, ", \\\n  $p%zus%zuends %s", p + 1, i + 1, ENDS[end]);
        put_colour(s->out, series->quiet ? 6 : number, false);
        nd_text_append(s->out, explained ? " notitle" : end ? " title 'end'" : " title 'start'");
      }
      explained = true;
    }
    number += !series->quiet;
  }
}

/* Line by line, centred over the whole. */
static void put_chart_title(const script *s) {
  nd_text line = {0};
  const char *rest = s->chart->title;
  double y = s->height - TITLE + 6;
  for (size_t i = 0; given(rest) && i < TITLE_LINES; i++, y -= TITLE_ROW) {
    nd_text_clear(&line);
    rest = nd_label_line(&line, rest, TITLE_LINE, i + 1 == TITLE_LINES);
    put_text(s, nd_text_data(&line), TITLE_TEXT, s->width / 2, y, "center font ',16'");
  }
  s->out->failed = s->out->failed || line.failed;
  nd_text_free(&line);
}

static void put_margins(const script *s, const panel_plan *plan) {
  put_fraction(s->out, "set lmargin at screen ", plan->left / s->width);
  put_fraction(s->out, "\nset rmargin at screen ", plan->right / s->width);
  put_fraction(s->out, "\nset tmargin at screen ", plan->top / s->height);
  put_fraction(s->out, "\nset bmargin at screen ", plan->bottom / s->height);
  nd_text_append(s->out, "\n");
}

static void put_labels(const script *s, size_t p) {
  const nd_panel *panel = &s->chart->panels[p];
  const panel_plan *plan = &s->panels[p];
  double middle = (plan->top + plan->bottom) / 2,
         before = s->chart->columns ? plan->left - s->panels[0].left : 0;
  size_t y_room = (size_t)((plan->top - plan->bottom + 2 * AIR) / CHARACTER) + 2;
  size_t x_room = s->chart->columns > 1 ? (size_t)((plan->right - plan->left + 2 * AIR) / CHARACTER)
                                        : LABEL_TEXT;
  put_text(s, panel->title, TITLE_TEXT, plan->left,
           plan->top + (double)(plan->key_rows * KEY_ROW) + PANEL_TITLE / 2, "left");
  put_text(s, panel->y_label, y_room, before + AIR, middle, "center rotate");
  if (plan->foot)
    put_text(s, panel->x_label, x_room, (plan->left + plan->right) / 2, plan->bottom - UNDER + AIR,
             "center");
}

static void put_panel(const script *s, size_t p) {
  const nd_panel *panel = &s->chart->panels[p];
  const panel_plan *plan = &s->panels[p];
  put_margins(s, plan);
  bool several = s->chart->columns >
                 1; /* an axis without a label is that of the panel under it, or beside it */
  put_ticks(s, 'x', &plan->x, &plan->x_ticks, plan->foot && (!several || given(panel->x_label)));
  put_ticks(s, 'y', &plan->y, &plan->y_ticks, !several || given(panel->y_label));
  nd_text_append(s->out, "unset label\n");
  if (p == 0) put_chart_title(s);
  put_labels(s, p);
  put_key(s, plan);
  if (plan->level_count > 0)
    put_colour_bar(s, p);
  else
    nd_text_append(s->out, "unset colorbox\n");
  nd_text_append(s->out, "plot NaN notitle");
  if (plan->level_count > 0)
    nd_text_print(s->out, ", \\\n  $p%zucontours using 1:2:3 with lines lw 1.3 lc palette notitle",
                  p + 1);
  put_plots(s, p);
  put_path_ends(s, p);
  nd_text_append(s->out, "\n");
}

/* Left out of several columns. */
static bool is_empty(const script *s, size_t p) {
  const nd_panel *panel = &s->chart->panels[p];
  return s->chart->columns && panel->series_count == 0 && !panel->grid;
}

static void put_script(const script *s) {
  bool several = s->chart->panel_count > 1;
  put_common(s);
  if (several) nd_text_append(s->out, "set multiplot\n");
  for (size_t p = 0; p < s->chart->panel_count; p++)
    if (!is_empty(s, p)) put_panel(s, p);
  if (several) nd_text_append(s->out, "unset multiplot\n");
}

/* Memory for the plans: of the panels, and of the series of each. */
static nadir_status take_memory(script *s, nadir_error *error) {
  const nd_chart *chart = s->chart;
  size_t total = 0;
  for (size_t p = 0; p < chart->panel_count; p++)
    total += chart->panels[p].series_count;
  s->panels = nd_new(chart->panel_count, sizeof *s->panels, error);
  if (!s->panels) return NADIR_NO_MEMORY;
  s->series = nd_new(chart->panel_count, sizeof *s->series, error);
  if (!s->series) return NADIR_NO_MEMORY;
  series_plan *plan = nd_new(total, sizeof *plan, error);
  if (!plan) return NADIR_NO_MEMORY;
  for (size_t p = 0; p < chart->panel_count; p++) {
    s->series[p] = plan;
    plan += chart->panels[p].series_count;
  }
  return NADIR_OK;
}

static nadir_status write_script(script *s, nd_picture kind, nadir_error *error) {
  ND_TRY(take_memory(s, error));
  ND_TRY(plan_panels(s, error));
  put_terminal(s, kind);
  ND_TRY(put_data(s, error));
  put_script(s);
  return nd_text_status(s->out, error);
}

nadir_status nd_chart_script(const nd_chart *chart, nd_picture kind, nd_text *out,
                             nadir_error *error) {
  script s = {.chart = chart, .out = out};
  if (chart->panel_count == 0)
    return nd_fail(error, NADIR_BAD_SETTING, "chart: it has no panel: give it at least one");
  nadir_status status = write_script(&s, kind, error);
  if (s.series) nd_free(s.series[0]);
  nd_free(s.series);
  nd_free(s.panels);
  return status;
}
