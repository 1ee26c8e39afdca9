/* The first series of a chart in characters: each cell is two by four braille dots (U+2800 and
 * eight bits) or, in ASCII, two half cells. Labels are at the ends and the middle of the y axis
 * and at the ends of the x axis. Cost: the dots of the lines between the points; a line is never
 * longer than the chart. No colour, no escape sequences: what a terminal must support is left to
 * the command. */
#include <math.h>
#include <stdlib.h>

#include "plot/plot_internal.h"

enum { COLUMNS_LEAST = 24, LINES_LEAST = 5, SIDE_MOST = 4096 };

typedef struct canvas {
  size_t columns, lines; /* cells of the plot itself */
  size_t across, down;   /* dots in a cell */
  size_t width, height;  /* dots in all */
  unsigned char *cells;  /* a bit for each dot of a cell: bit = row * across + column */
} canvas;

static void set_dot(canvas *c, long x, long y) {
  size_t column = (size_t)x / c->across, line = (size_t)y / c->down;
  size_t bit = (size_t)y % c->down * c->across + (size_t)x % c->across;
  c->cells[line * c->columns + column] |= (unsigned char)(1u << bit);
}

/* Bresenham (1965). */
static void draw_line(canvas *c, long x, long y, long to_x, long to_y) {
  long dx = labs(to_x - x), dy = -labs(to_y - y), error = dx + dy;
  long step_x = x < to_x ? 1 : -1, step_y = y < to_y ? 1 : -1;
  for (;;) {
    set_dot(c, x, y);
    if (x == to_x && y == to_y) return;
    long twice = 2 * error;
    if (twice >= dy) {
      error += dy;
      x += step_x;
    }
    if (twice <= dx) {
      error += dx;
      y += step_y;
    }
  }
}

static long dot(const nd_axis *axis, double value, size_t dots) {
  double place = nd_axis_place(axis, value) * (double)(dots - 1);
  long at = lround(place);
  return at < 0 ? 0 : at > (long)dots - 1 ? (long)dots - 1 : at;
}

static void draw_series(canvas *c, const nd_series *series, const nd_axis *x, const nd_axis *y) {
  bool joined = series->mark == ND_LINE || series->mark == ND_PATH, open = false;
  long last_x = 0, last_y = 0;
  for (size_t i = 0; i < series->count; i++) {
    if (!nd_axis_shows(x, series->x[i]) || !nd_axis_shows(y, series->y[i])) {
      open = false;
      continue;
    }
    long at_x = dot(x, series->x[i], c->width);
    long at_y = (long)c->height - 1 - dot(y, series->y[i], c->height);
    if (joined && open)
      draw_line(c, last_x, last_y, at_x, at_y);
    else
      set_dot(c, at_x, at_y);
    last_x = at_x;
    last_y = at_y;
    open = true;
  }
}

/* Unicode numbers the dots of a braille cell down the left side, then down the right, and the
 * lowest row last, since it was added to the writing later. */
static void put_braille(nd_text *out, unsigned char bits) {
  static const unsigned char BRAILLE[8] = {0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80};
  unsigned pattern = 0;
  for (size_t i = 0; i < 8; i++)
    if (bits >> i & 1) pattern |= BRAILLE[i];
  char bytes[3] = {(char)0xe2, (char)(0xa0 | pattern >> 6), (char)(0x80 | (pattern & 0x3f))};
  nd_text_append_bytes(out, bytes, sizeof bytes);
}

static void put_row(nd_text *out, const canvas *c, size_t line, bool utf8) {
  static const char HALVES[4][2] = {" ", "'", ".", ":"};
  size_t end = c->columns;
  while (end > 0 && !c->cells[line * c->columns + end - 1])
    end--;
  for (size_t i = 0; i < end; i++) {
    unsigned char bits = c->cells[line * c->columns + i];
    if (!bits)
      nd_text_append(out, " ");
    else if (utf8)
      put_braille(out, bits);
    else
      nd_text_append(out, HALVES[bits & 3]);
  }
}

static void put_blanks(nd_text *out, size_t count) {
  for (size_t i = 0; i < count; i++)
    nd_text_append(out, " ");
}

static double middle_of(const nd_axis *axis) {
  if (axis->log) return pow(10, (log10(axis->low) + log10(axis->high)) / 2);
  return axis->low + (axis->high - axis->low) / 2;
}

/* The y labels: at the top, the middle and the foot, with the digits that tell them apart. */
typedef struct side {
  char text[3][ND_NUMBER_TEXT];
  size_t width;
} side;

static side label_side(const nd_axis *axis) {
  side s = {.width = 0};
  double size = fmax(fabs(axis->low), fabs(axis->high));
  double parts = size / (axis->high - axis->low);
  int digits = axis->log || parts < 10 ? 3 : 3 + (int)log10(parts);
  double values[3] = {axis->high, middle_of(axis), axis->low};
  for (size_t i = 0; i < 3; i++) {
    nd_format_digits(values[i], digits, s.text[i]);
    size_t width = nd_label_width(s.text[i], ND_NUMBER_TEXT);
    s.width = width > s.width ? width : s.width;
  }
  return s;
}

static void put_side(nd_text *out, const side *s, const canvas *c, size_t line, bool utf8) {
  const char *label = line == 0                    ? s->text[0]
                      : line == (c->lines - 1) / 2 ? s->text[1]
                      : line == c->lines - 1       ? s->text[2]
                                                   : "";
  put_blanks(out, s->width - nd_label_width(label, ND_NUMBER_TEXT));
  nd_text_append(out, label);
  nd_text_append(out, *label ? (utf8 ? " \xe2\x94\xa4" : " +") : (utf8 ? " \xe2\x94\x82" : " |"));
}

static bool all_ascii(const char *text) {
  while (text && *text)
    if ((unsigned char)*text++ >= 0x80) return false;
  return true;
}

/* Both ends of the x axis, and its label between them where there is room. */
static void put_foot(nd_text *out, const side *s, const canvas *c, const nd_axis *x,
                     const char *x_label, bool utf8) {
  char low[ND_NUMBER_TEXT], high[ND_NUMBER_TEXT];
  nd_format_digits(x->low, 6, low);
  nd_format_digits(x->high, 6, high);
  size_t left = nd_label_width(low, ND_NUMBER_TEXT), right = nd_label_width(high, ND_NUMBER_TEXT);
  size_t gap = c->columns > left + right ? c->columns - left - right : 1;
  size_t name = nd_label_width(x_label, gap);
  bool fits = name > 0 && name + 2 <= gap && (utf8 || all_ascii(x_label));
  put_blanks(out, s->width + 1);
  nd_text_append(out, utf8 ? "\xe2\x94\x94" : "+");
  for (size_t i = 0; i < c->columns; i++)
    nd_text_append(out, utf8 ? "\xe2\x94\x80" : "-");
  nd_text_append(out, "\n");
  put_blanks(out, s->width + 2);
  nd_text_append(out, low);
  size_t before = fits ? (gap - name) / 2 : gap;
  put_blanks(out, before);
  if (fits) {
    nd_label_plain(out, x_label, gap);
    put_blanks(out, gap - name - before);
  }
  nd_text_append(out, high);
  nd_text_append(out, "\n");
}

static bool anything(const nd_series *series, const nd_axis *x, const nd_axis *y) {
  for (size_t i = 0; i < series->count; i++)
    if (nd_axis_shows(x, series->x[i]) && nd_axis_shows(y, series->y[i])) return true;
  return false;
}

static size_t within(size_t value, size_t least, size_t most) {
  return value < least ? least : value > most ? most : value;
}

static nadir_status draw(const nd_panel *panel, const nd_axis *x, const nd_axis *y, size_t columns,
                         size_t lines, bool utf8, nd_text *out, nadir_error *error) {
  side labels = label_side(y);
  size_t taken = labels.width + 2;
  canvas c = {.across = utf8 ? 2 : 1, .down = utf8 ? 4 : 2};
  c.columns = within(columns, COLUMNS_LEAST, SIDE_MOST);
  c.columns = c.columns > taken + 8 ? c.columns - taken : 8;
  /* Odd, so that the middle label is in the middle. */
  c.lines = (within(lines, LINES_LEAST, SIDE_MOST) - 3) | 1;
  c.width = c.columns * c.across;
  c.height = c.lines * c.down;
  c.cells = nd_new(c.columns * c.lines, 1, error);
  if (!c.cells) return NADIR_NO_MEMORY;
  draw_series(&c, panel->series, x, y);
  for (size_t line = 0; line < c.lines; line++) {
    put_side(out, &labels, &c, line, utf8);
    put_row(out, &c, line, utf8);
    nd_text_append(out, "\n");
  }
  put_foot(out, &labels, &c, x, panel->x_label, utf8);
  nd_free(c.cells);
  return nd_text_status(out, error);
}

nadir_status nd_chart_text(const nd_chart *chart, size_t columns, size_t lines, bool utf8,
                           nd_text *out, nadir_error *error) {
  if (chart->panel_count == 0 || chart->panels[0].series_count == 0)
    return nd_fail(error, NADIR_BAD_SETTING, "chart: it has no series: give it at least one");
  nd_panel panel = chart->panels[0];
  panel.series_count = 1;
  panel.grid = NULL;
  nd_chart first = {.panels = &panel, .panel_count = 1};
  nd_axis x = nd_axis_of_x(&first, false), y = nd_axis_of_y(&panel, false);
  if (!anything(panel.series, &x, &y)) {
    nd_text_append(out, "(nothing to draw: no value is finite)\n");
    return nd_text_status(out, error);
  }
  return draw(&panel, &x, &y, columns, lines, utf8, out, error);
}
