/* Tables of text with their columns aligned, two blanks between them. A cell is measured in
 * characters of the screen as far as UTF-8 tells (one each); the last column is not padded. Memory
 * is that of the cells. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

size_t display_width(const char *text) {
  char shown[NADIR_SHOWN_TEXT];
  size_t width = 0;
  for (size_t step; (step = nadir_shown(text, shown)); text += step)
    width += (unsigned char)shown[0] < 0x80 ? strlen(shown) : 1;
  return width;
}

void grid_add(cli_grid *grid, const char *format, ...) {
  char text[512];
  va_list list;
  va_start(list, format);
  vsnprintf(text, sizeof text, format, list);
  va_end(list);
  if (grid->cells == grid->capacity) {
    grid->capacity = grid->capacity ? 2 * grid->capacity : 64;
    grid->cell = checked(realloc(grid->cell, grid->capacity * sizeof *grid->cell));
  }
  grid->cell[grid->cells++] = copy_text(text, strlen(text));
}

static void blanks(size_t count) {
  while (count--)
    say_text(" ");
}

/* How much of a text fits, to the last blank; at least a word. */
static size_t fitting(const char *text, size_t room) {
  size_t fits = 0;
  for (size_t end = 0; text[end];) {
    end += strcspn(text + end, " ");
    char *part = copy_text(text, end);
    bool too_long = display_width(part) > room;
    free(part);
    if (too_long && fits > 0) return fits;
    fits = end;
    if (too_long) return fits;
    end += strspn(text + end, " ");
  }
  return fits;
}

/* The last cell of a row, from this column on. */
static void say_wrapped_cell(const char *text, size_t from, size_t widest) {
  size_t room = widest > from + 20 ? widest - from : 20;
  for (size_t length; *text; text += length + strspn(text + length, " ")) {
    length = fitting(text, room);
    char *part = copy_text(text, length);
    say_name(part);
    free(part);
    if (!text[length + strspn(text + length, " ")]) return;
    say_text("\n");
    blanks(from);
  }
}

typedef struct block {
  size_t first, last; /* columns; the keys of the grid come before them */
} block;

static void say_cell(const cli_grid *grid, size_t first, size_t c, const size_t *width, size_t from, bool last) {
  const char *text = grid->cell[first + c];
  size_t room = width[c] - display_width(text);
  bool right = grid->align[c] == 'r';
  if (right) blanks(room);
  if (last && grid->widest && !grid->keys)
    say_wrapped_cell(text, from, grid->widest);
  else
    say_name(text);
  if (!right && !last) blanks(room);
  if (!last) blanks(2);
}

static void say_row(const cli_grid *grid, size_t first, const block *b, const size_t *width, const char *indent) {
  size_t from = strlen(indent);
  say_text(indent);
  for (size_t c = 0; c <= b->last; c++) {
    if (c >= grid->keys && c < b->first) continue;
    say_cell(grid, first, c, width, from, c == b->last);
    from += width[c] + 2;
  }
  say_text("\n");
}

/* The columns from `first` on that fit next to the keys of the grid; at least one. */
static block block_from(const cli_grid *grid, size_t first, const size_t *width, const char *indent) {
  block b = {first, first};
  size_t wide = strlen(indent) + width[first];
  for (size_t c = 0; c < grid->keys && c < first; c++)
    wide += width[c] + 2;
  while (b.last + 1 < grid->columns) {
    wide += 2 + width[b.last + 1];
    if (grid->keys && b.last >= grid->keys && wide > grid->widest) break;
    b.last++;
  }
  return b;
}

void grid_say(const cli_grid *grid, const char *indent) {
  size_t *width = checked(calloc(grid->columns + 1, sizeof *width));
  for (size_t i = 0; i < grid->cells; i++) {
    size_t wide = display_width(grid->cell[i]), c = i % grid->columns;
    if (wide > width[c]) width[c] = wide;
  }
  for (block b = {0, 0}; b.first < grid->columns; b.first = b.last + 1) {
    b = block_from(grid, b.first, width, indent);
    if (b.first > 0) say_text("\n");
    for (size_t i = 0; i + grid->columns <= grid->cells; i += grid->columns)
      say_row(grid, i, &b, width, indent);
  }
  free(width);
}

void grid_free(cli_grid *grid) {
  for (size_t i = 0; i < grid->cells; i++)
    free(grid->cell[i]);
  free(grid->cell);
}
