/* Comments that describe the columns one by one, a line for each:
 *
 *   # Column 2: MAG [mag, f32, -99] a comment    Gnuastro (its manual, "Gnuastro text table format")
 *   #   2 MAG_AUTO  a comment  [mag]             SExtractor (E. Bertin), ASCII_HEAD
 *
 * Each part but the number may be left out. A vector takes as many columns as its type says, f32(3),
 * or, of SExtractor, as the next number leaves room for; its further columns get _2, _3. Blank
 * values are those that mean missing. Costs one look at the head of the file. */
#include <stdio.h>
#include <string.h>

#include "table/csv_internal.h"

bool nd_csv_next_comment(const char **at, const char *end, nd_csv_record *line) {
  while (*at < end) {
    const char *p = *at + strspn(*at, " \t");
    size_t length = strcspn(p, "\n");
    *at = nd_csv_line_after(p);
    if (*p != '#') continue;
    nd_csv_cell text = {.begin = p, .end = p + length};
    while (text.begin < text.end && *text.begin == '#')
      text.begin++;
    if (text.end > text.begin && text.end[-1] == '\r') text.end--;
    text = nd_csv_trim(text);
    *line = (nd_csv_record){.begin = text.begin, .end = text.end};
    return true;
  }
  return false;
}

static nd_csv_cell piece(const char *begin, const char *end) {
  return nd_csv_trim((nd_csv_cell){.begin = begin, .end = end});
}

static nadir_status keep(nd_arena *arena, nd_csv_cell cell, const char **kept, nadir_error *error) {
  size_t length = (size_t)(cell.end - cell.begin);
  if (length == 0) return NADIR_OK;
  const char *copy = nd_arena_text(arena, cell.begin, length, error);
  if (copy == NULL) return NADIR_NO_MEMORY;
  *kept = copy;
  return NADIR_OK;
}

/* A number from 1 at *p, which moves behind it; 0 where there is none. */
static size_t number_at(const char **p, const char *end) {
  size_t number = 0;
  while (*p < end && **p >= '0' && **p <= '9' && number < 1000000)
    number = 10 * number + (size_t)(*(*p)++ - '0');
  return number;
}

static const char *find(const char *p, const char *end, char c) {
  const char *found = p < end ? memchr(p, c, (size_t)(end - p)) : NULL;
  return found == NULL ? end : found;
}

/* What one line says of its column, and of how many. */
typedef struct description {
  size_t number, columns;
  nd_csv_cell name, unit, type, blank;
} description;

/* "[unit, type, blank]" behind the name */
static void read_brackets(const char *p, const char *end, description *d) {
  const char *close = find(p, end, ']'), *comma = find(p, close, ',');
  d->unit = piece(p, comma);
  if (comma == close) return;
  const char *second = find(comma + 1, close, ',');
  d->type = piece(comma + 1, second);
  if (second < close) d->blank = piece(second + 1, close);
  const char *count = find(d->type.begin, d->type.end, '(');
  if (count == d->type.end) return;
  d->type.end = count++;
  size_t columns = number_at(&count, close);
  if (columns > 0) d->columns = columns;
}

static bool read_gnuastro(const nd_csv_record *line, description *d) {
  static const char word[] = "Column ";
  const char *p = line->begin + strlen(word), *end = line->end;
  *d = (description){.columns = 1};
  if (end - line->begin < 9 || memcmp(line->begin, word, strlen(word)) != 0) return false;
  d->number = number_at(&p, end);
  if (d->number == 0 || p == end || *p != ':') return false;
  const char *bracket = find(++p, end, '[');
  d->name = piece(p, bracket);
  if (bracket < end) {
    read_brackets(bracket + 1, end, d);
  } else { /* no brackets: the first word is the name */
    const char *stop = d->name.begin;
    while (stop < d->name.end && *stop != ' ' && *stop != '\t')
      stop++;
    d->name.end = stop;
  }
  return true;
}

/* The unit is in brackets at the end. */
static bool read_sextractor(const nd_csv_record *line, description *d) {
  const char *p = line->begin, *end = line->end;
  *d = (description){.columns = 1, .number = number_at(&p, end)};
  if (d->number == 0 || p == end || *p != ' ') return false;
  while (*p == ' ') /* the line is trimmed: a blank is not its end */
    p++;
  const char *stop = p;
  while (stop < end && *stop != ' ' && *stop != '\t')
    stop++;
  d->name = piece(p, stop);
  if (end > stop && end[-1] == ']') {
    const char *open = end - 1;
    while (open > stop && *open != '[')
      open--;
    if (*open == '[') d->unit = piece(open + 1, end - 1);
  }
  return d->name.end > d->name.begin;
}

static nadir_status name_copy(nd_csv_names *n, const char *name, size_t k, const char **kept,
                              nadir_error *error) {
  size_t size = strlen(name) + 24;
  char *copy = nd_arena_take(n->arena, size, error);
  if (copy == NULL) return NADIR_NO_MEMORY;
  snprintf(copy, size, "%s_%zu", name, k + 1);
  *kept = copy;
  return NADIR_OK;
}

/* Columns first .. first+count-1 are one. */
static nadir_status spread(nd_csv_names *n, size_t first, size_t count, nadir_error *error) {
  for (size_t k = 1; k < count && first + k < n->columns; k++) {
    n->unit[first + k] = n->unit[first];
    n->type[first + k] = n->type[first];
    n->blank[first + k] = n->blank[first];
    if (n->name[first] != NULL) ND_TRY(name_copy(n, n->name[first], k, &n->name[first + k], error));
  }
  return NADIR_OK;
}

static nadir_status take(nd_csv_names *n, const description *d, size_t at, nadir_error *error) {
  ND_TRY(keep(n->arena, d->name, &n->name[at], error));
  ND_TRY(keep(n->arena, d->unit, &n->unit[at], error));
  ND_TRY(keep(n->arena, d->type, &n->type[at], error));
  ND_TRY(keep(n->arena, d->blank, &n->blank[at], error));
  return spread(n, at, d->columns, error);
}

static void forget(nd_csv_names *n) {
  for (size_t i = 0; i < n->columns; i++)
    n->name[i] = n->unit[i] = n->type[i] = n->blank[i] = NULL;
}

/* Column k of Gnuastro begins behind the cells of those before it; some count cells instead. */
static nadir_status gnuastro_columns(nd_csv_names *n, const char *end, bool *done,
                                     nadir_error *error) {
  const char *at = n->head + n->text->start;
  size_t last = 0, next = 0;
  nd_csv_record line;
  description d;
  while (nd_csv_next_comment(&at, end, &line)) {
    if (!read_gnuastro(&line, &d)) continue;
    if (d.number <= last) break;
    if (d.number != next + 1) next += d.number - last - 1;
    if (next >= n->columns) break;
    ND_TRY(take(n, &d, next, error));
    last = d.number;
    next += d.columns;
    *done = true;
  }
  return NADIR_OK;
}

/* The description before it reaches up to this one, unless that is far. */
static nadir_status sextractor_columns(nd_csv_names *n, const char *end, bool *done,
                                       nadir_error *error) {
  const char *at = n->head + n->text->start;
  size_t last = 0, lines = 0;
  nd_csv_record line;
  description d;
  while (nd_csv_next_comment(&at, end, &line)) {
    if (!read_sextractor(&line, &d) || d.number <= last || d.number > n->columns ||
        (last == 0 && d.number != 1))
      break;
    if (last > 0) ND_TRY(spread(n, last - 1, d.number - last, error));
    ND_TRY(take(n, &d, d.number - 1, error));
    last = d.number;
    lines++;
  }
  *done = lines >= 2 || (lines == 1 && n->columns == 1 && n->unit[0] != NULL);
  if (*done) return spread(n, last - 1, n->columns - last + 1, error);
  forget(n);
  return NADIR_OK;
}

nadir_status nd_csv_described_columns(nd_csv_names *n, const char *end, bool *done,
                                      nadir_error *error) {
  *done = false;
  ND_TRY(gnuastro_columns(n, end, done, error));
  return *done ? NADIR_OK : sextractor_columns(n, end, done, error);
}
