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

/* What is drawn in. */
typedef struct frame {
  nd_axis x, y;
  nd_look look;
} frame;

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

static long dot(double place, size_t dots) {
  long at = lround(place * (double)(dots - 1));
  return at < 0 ? 0 : at > (long)dots - 1 ? (long)dots - 1 : at;
}

/* A point by its shares of the axes, from their low ends (0) to their high ones (1). */
typedef struct place {
  double x, y;
} place;

static place between(place p, place q, double t) {
  return (place){p.x + t * (q.x - p.x), p.y + t * (q.y - p.y)};
}

/* The part of a line that is within one side of the range (Liang and Barsky 1984): from t[0] to t[1]. */
static void clip(double from, double to, double t[2]) {
  if (from == to) {
    if (from < 0 || from > 1) t[0] = 2;
    return;
  }
  double a = (0 - from) / (to - from), b = (1 - from) / (to - from);
  t[0] = fmax(t[0], fmin(a, b));
  t[1] = fmin(t[1], fmax(a, b));
}

static void draw_part(canvas *c, place p, place q) {
  double t[2] = {0, 1};
  clip(p.x, q.x, t);
  clip(p.y, q.y, t);
  if (t[0] > t[1]) return;
  place a = t[0] > 0 ? between(p, q, t[0]) : p, b = t[1] < 1 ? between(p, q, t[1]) : q;
  long low = (long)c->height - 1;
  draw_line(c, dot(a.x, c->width), low - dot(a.y, c->height), dot(b.x, c->width),
            low - dot(b.y, c->height));
}

/* Far out of a narrow range no difference may overflow. */
static double bounded(double share) {
  return fmax(-1e9, fmin(share, 1e9));
}

static place place_of(const frame *f, double x, double y) {
  double at_x = bounded(nd_axis_place(&f->x, x)), at_y = bounded(nd_axis_place(&f->y, y));
  return (place){f->look.reverse_x ? 1 - at_x : at_x, f->look.reverse_y ? 1 - at_y : at_y};
}

static void draw_series(canvas *c, const nd_series *series, const frame *f) {
  bool joined = series->mark == ND_LINE || series->mark == ND_PATH, open = false;
  place last = {0};
  for (size_t i = 0; i < series->count; i++) {
    if (!nd_axis_shows(&f->x, series->x[i]) || !nd_axis_shows(&f->y, series->y[i])) {
      open = false;
      continue;
    }
    place at = place_of(f, series->x[i], series->y[i]);
    draw_part(c, joined && open ? last : at, at);
    last = at;
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

static side label_side(const nd_axis *axis, bool reversed) {
  side s = {.width = 0};
  double size = fmax(fabs(axis->low), fabs(axis->high));
  double parts = size / (axis->high - axis->low);
  int digits = axis->log || parts < 10 ? 3 : 3 + (int)log10(parts);
  double values[3] = {reversed ? axis->low : axis->high, middle_of(axis),
                      reversed ? axis->high : axis->low};
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
static void put_foot(nd_text *out, const side *s, const canvas *c, const frame *f,
                     const char *x_label, bool utf8) {
  char low[ND_NUMBER_TEXT], high[ND_NUMBER_TEXT];
  nd_format_digits(f->look.reverse_x ? f->x.high : f->x.low, 6, low);
  nd_format_digits(f->look.reverse_x ? f->x.low : f->x.high, 6, high);
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

static bool anything(const nd_series *series, const frame *f) {
  for (size_t i = 0; i < series->count; i++)
    if (nd_axis_shows(&f->x, series->x[i]) && nd_axis_shows(&f->y, series->y[i])) return true;
  return false;
}

static size_t within(size_t value, size_t least, size_t most) {
  return value < least ? least : value > most ? most : value;
}

static nadir_status draw(const nd_panel *panel, const frame *f, size_t columns, size_t lines,
                         bool utf8, nd_text *out, nadir_error *error) {
  side labels = label_side(&f->y, f->look.reverse_y);
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
  draw_series(&c, panel->series, f);
  for (size_t line = 0; line < c.lines; line++) {
    put_side(out, &labels, &c, line, utf8);
    put_row(out, &c, line, utf8);
    nd_text_append(out, "\n");
  }
  put_foot(out, &labels, &c, f, panel->x_label, utf8);
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
  frame f = {nd_axis_of_x(&first, false), nd_axis_of_y(&panel, false), chart->look};
  nd_axis_limit(&f.x, &f.look.x);
  nd_axis_limit(&f.y, &f.look.y);
  if (!anything(panel.series, &f)) {
    nd_text_append(out, "(nothing to draw: no value is finite)\n");
    return nd_text_status(out, error);
  }
  return draw(&panel, &f, columns, lines, utf8, out, error);
}
