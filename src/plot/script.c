/* A chart as a gnuplot script that has everything in it: data are inline, in here-documents that hold
 * numbers alone; every text is a single-quoted string (label.c); ranges, margins and ticks are
 * explicit. It names no file and no command; the picture goes to gnuplot's standard output.
 *
 * Cost: proportional to the points that are left after thinning. Colours are those of Okabe and Ito
 * (2008), which readers with any colour vision can tell apart; yellow is left out, being faint on
 * white, and dashes tell a second round of colours from the first. */
#include "plot/script_internal.h"

enum { MARKED_PATH = 120 }; /* a path of more points is drawn without them */

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

static bool shown(const nd_panel_plan *panel, const nd_series *series, size_t i) {
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
static bool line_ends(const nd_panel_plan *panel, const nd_series *series, const unsigned char *keep,
                      size_t i) {
  for (i++; i < series->count; i++) {
    if (!shown(panel, series, i)) return true;
    if (keep[i]) return false;
  }
  return true;
}

/* The block of a series; a line's lone points are gathered in `dots`. */
static void put_series(const nd_script *s, const nd_panel_plan *panel, const nd_series *series,
                       const unsigned char *keep, nd_series_plan *plan, nd_text *dots) {
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
static void put_ends(const nd_script *s, const nd_panel_plan *panel, const nd_series *series) {
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

static nadir_status put_series_data(const nd_script *s, size_t p, size_t i, nadir_error *error) {
  const nd_series *series = &s->chart->panels[p].series[i];
  const nd_panel_plan *panel = &s->panels[p];
  nd_series_plan *plan = &s->series[p][i];
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
static nadir_status put_contours(const nd_script *s, size_t p, nadir_error *error) {
  const nd_grid *grid = s->chart->panels[p].grid;
  const nd_panel_plan *plan = &s->panels[p];
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

static nadir_status put_data(const nd_script *s, nadir_error *error) {
  for (size_t p = 0; p < s->chart->panel_count; p++) {
    if (s->chart->panels[p].grid) ND_TRY(put_contours(s, p, error));
    for (size_t i = 0; i < s->chart->panels[p].series_count; i++)
      ND_TRY(put_series_data(s, p, i, error));
  }
  return NADIR_OK;
}

/* ---- commands -------------------------------------------------------------------------------- */

static void put_terminal(const nd_script *s, nd_picture kind) {
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

static void put_common(const nd_script *s) {
  nd_text_append(s->out, "set encoding utf8\n"
                         "set border 15 lw 1 lc rgb '#404040'\n"
                         "set tics scale 0.8,0.4 textcolor rgb '#000000'\n");
  if (!s->chart->corner) nd_text_append(s->out, "set grid lt 1 lw 0.7 lc rgb '#dddddd'\n");
  nd_text_append(s->out,
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

static void put_places(nd_text *out, const nd_ticks *ticks) {
  if (ticks->count == 0) put_number(out, ticks->step);
  for (size_t i = 0; i < ticks->count; i++) {
    nd_text_append(out, i == 0 ? "(" : ", ");
    put_number(out, ticks->place[i]);
  }
  if (ticks->count) nd_text_append(out, ")");
}

/* Without small ticks: a corner has many panels, and each tick costs the picture as much as a point of a curve. */
static void put_corner_ticks(const nd_script *s, char axis, const nd_ticks *ticks) {
  bool upright = axis == 'x' && s->corner.numbers_upright;
  nd_text_print(s->out, "set %ctics %s ", axis, upright ? "rotate by 90 right" : "norotate");
  put_places(s->out, ticks);
  nd_text_print(s->out, "\nunset m%ctics\n", axis);
}

static void put_ticks(const nd_script *s, char axis, const nd_axis *range, const nd_ticks *ticks,
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
  if (s->chart->corner) {
    put_corner_ticks(s, axis, ticks);
    return;
  }
  if (ticks->decades && ticks->step > 1) {
    put_far_decades(out, axis, range, ticks);
    return;
  }
  if (ticks->decades) {
    nd_text_print(out, "set %ctics 10\nset m%ctics 10\n", axis, axis);
    return;
  }
  nd_text_print(out, "set %ctics ", axis);
  put_places(out, ticks);
  nd_text_print(out, "\nset m%ctics\n", axis);
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
static void put_text(const nd_script *s, const char *text, size_t limit, double x, double y,
                     const char *how) {
  if (!nd_given(text)) return;
  nd_text_append(s->out, "set label ");
  nd_label_quoted(s->out, text, limit);
  nd_text_append(s->out, " at ");
  put_place(s->out, x / s->width, y / s->height);
  nd_text_print(s->out, " %s noenhanced\n", how);
}

static void put_key(const nd_script *s, const nd_panel_plan *plan) {
  if (plan->key_entries == 0) {
    nd_text_append(s->out, "unset key\n");
    return;
  }
  nd_text_append(s->out, "set key at ");
  put_place(s->out, plan->left / s->width, (plan->top + 4) / s->height);
  nd_text_print(s->out, " left bottom horizontal Left reverse noenhanced samplen 2 maxcols %zu\n",
                plan->key_columns);
}

static void put_colour_bar(const nd_script *s, size_t p) {
  const nd_panel_plan *plan = &s->panels[p];
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

static void put_style(nd_text *out, const nd_series *series, const nd_series_plan *plan,
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
  if (!nd_in_key(series) || *entries >= KEY_ENTRIES) {
    nd_text_append(out, " notitle");
    return;
  }
  nd_text_append(out, " title ");
  nd_label_quoted(out, series->label, KEY_TEXT);
  (*entries)++;
}

/* What a series has besides its points: the lone points of a line, and error bars, which are drawn
 * as vectors because gnuplot's own leave a white ring around the point. */
static void put_beside(const nd_script *s, size_t p, size_t i, size_t number) {
  const nd_series *series = &s->chart->panels[p].series[i];
  const nd_series_plan *plan = &s->series[p][i];
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

static void put_plots(const nd_script *s, size_t p) {
  const nd_panel *panel = &s->chart->panels[p];
  size_t number = 0, entries = 0;
  for (size_t i = 0; i < panel->series_count; i++) {
    const nd_series *series = &panel->series[i];
    const nd_series_plan *plan = &s->series[p][i];
    number -= series->same && number > 0;
    if (plan->drawn == 0 && !nd_in_key(series)) {
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
static void put_path_ends(const nd_script *s, size_t p) {
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
static void put_chart_title(const nd_script *s) {
  nd_text line = {0};
  const char *rest = s->chart->title;
  double y = s->height - TITLE + 6;
  for (size_t i = 0; nd_given(rest) && i < TITLE_LINES; i++, y -= TITLE_ROW) {
    nd_text_clear(&line);
    rest = nd_label_line(&line, rest, TITLE_LINE, i + 1 == TITLE_LINES);
    put_text(s, nd_text_data(&line), TITLE_TEXT, s->width / 2, y, "center font ',16'");
  }
  s->out->failed = s->out->failed || line.failed;
  nd_text_free(&line);
}

static void put_margins(const nd_script *s, const nd_panel_plan *plan) {
  put_fraction(s->out, "set lmargin at screen ", plan->left / s->width);
  put_fraction(s->out, "\nset rmargin at screen ", plan->right / s->width);
  put_fraction(s->out, "\nset tmargin at screen ", plan->top / s->height);
  put_fraction(s->out, "\nset bmargin at screen ", plan->bottom / s->height);
  nd_text_append(s->out, "\n");
}

/* One that would leave the page ends where its plot does. */
static void put_panel_title(const nd_script *s, size_t p) {
  const char *title = s->chart->panels[p].title;
  const nd_panel_plan *plan = &s->panels[p];
  double end = plan->left + (double)(nd_label_width(title, TITLE_TEXT) * CHARACTER);
  bool leaves = end > s->width;
  put_text(s, title, TITLE_TEXT, leaves ? plan->right : plan->left,
           plan->top + (double)(plan->key_rows * KEY_ROW) + PANEL_TITLE / 2, leaves ? "right" : "left");
}

static void put_corner_name(const nd_script *s, const char *name, const nd_corner_name *at) {
  put_text(s, name, at->limit, at->x, at->y, at->how);
}

static void put_corner_labels(const nd_script *s, size_t p) {
  const nd_panel *panel = &s->chart->panels[p];
  nd_corner_name x = nd_corner_x_name(s, &s->panels[p]), y = nd_corner_y_name(s, &s->panels[p]);
  put_corner_name(s, panel->x_label, &x);
  put_corner_name(s, panel->y_label, &y);
}

static void put_labels(const nd_script *s, size_t p) {
  const nd_panel *panel = &s->chart->panels[p];
  const nd_panel_plan *plan = &s->panels[p];
  double middle = (plan->top + plan->bottom) / 2,
         before = s->chart->columns ? plan->left - s->panels[0].left : 0;
  size_t y_room = (size_t)((plan->top - plan->bottom + 2 * AIR) / CHARACTER) + 2;
  size_t x_room = s->chart->columns > 1 ? (size_t)((plan->right - plan->left + 2 * AIR) / CHARACTER)
                                        : LABEL_TEXT;
  put_text(s, panel->y_label, y_room, before + AIR, middle, "center rotate");
  if (plan->foot)
    put_text(s, panel->x_label, x_room, (plan->left + plan->right) / 2, plan->bottom - UNDER + AIR,
             "center");
}

static void put_panel(const nd_script *s, size_t p) {
  const nd_panel *panel = &s->chart->panels[p];
  const nd_panel_plan *plan = &s->panels[p];
  put_margins(s, plan);
  bool several = s->chart->columns >
                 1; /* an axis without a label is that of the panel under it, or beside it */
  put_ticks(s, 'x', &plan->x, &plan->x_ticks, plan->foot && (!several || nd_given(panel->x_label)));
  put_ticks(s, 'y', &plan->y, &plan->y_ticks, !several || nd_given(panel->y_label));
  if (plan->bare_y) nd_text_append(s->out, "unset ytics\n");
  nd_text_append(s->out, "unset label\n");
  if (p == 0) put_chart_title(s);
  put_panel_title(s, p);
  if (s->chart->corner)
    put_corner_labels(s, p);
  else
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
static bool is_empty(const nd_script *s, size_t p) {
  const nd_panel *panel = &s->chart->panels[p];
  return s->chart->columns && panel->series_count == 0 && !panel->grid;
}

static void put_script(const nd_script *s) {
  bool several = s->chart->panel_count > 1;
  put_common(s);
  if (several) nd_text_append(s->out, "set multiplot\n");
  for (size_t p = 0; p < s->chart->panel_count; p++)
    if (!is_empty(s, p)) put_panel(s, p);
  if (several) nd_text_append(s->out, "unset multiplot\n");
}

/* Memory for the plans: of the panels, and of the series of each. */
static nadir_status take_memory(nd_script *s, nadir_error *error) {
  const nd_chart *chart = s->chart;
  size_t total = 0;
  for (size_t p = 0; p < chart->panel_count; p++)
    total += chart->panels[p].series_count;
  s->panels = nd_new(chart->panel_count, sizeof *s->panels, error);
  if (!s->panels) return NADIR_NO_MEMORY;
  s->series = nd_new(chart->panel_count, sizeof *s->series, error);
  if (!s->series) return NADIR_NO_MEMORY;
  nd_series_plan *plan = nd_new(total, sizeof *plan, error);
  if (!plan) return NADIR_NO_MEMORY;
  for (size_t p = 0; p < chart->panel_count; p++) {
    s->series[p] = plan;
    plan += chart->panels[p].series_count;
  }
  return NADIR_OK;
}

static nadir_status write_script(nd_script *s, nd_picture kind, nadir_error *error) {
  ND_TRY(take_memory(s, error));
  ND_TRY(nd_plan_panels(s, error));
  put_terminal(s, kind);
  ND_TRY(put_data(s, error));
  put_script(s);
  return nd_text_status(s->out, error);
}

nadir_status nd_chart_script(const nd_chart *chart, nd_picture kind, nd_text *out,
                             nadir_error *error) {
  nd_script s = {.chart = chart, .out = out};
  if (chart->panel_count == 0)
    return nd_fail(error, NADIR_BAD_SETTING, "chart: it has no panel: give it at least one");
  nadir_status status = write_script(&s, kind, error);
  if (s.series) nd_free(s.series[0]);
  nd_free(s.series);
  nd_free(s.panels);
  return status;
}
