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

static void say_row(const cli_grid *grid, size_t first, const size_t *width, const char *indent) {
  say_text(indent);
  for (size_t c = 0; c < grid->columns; c++) {
    const char *text = grid->cell[first + c];
    size_t room = width[c] - display_width(text);
    bool right = grid->align[c] == 'r', last = c + 1 == grid->columns;
    if (right) blanks(room);
    say_name(text);
    if (!right && !last) blanks(room);
    if (!last) blanks(2);
  }
  say_text("\n");
}

void grid_say(const cli_grid *grid, const char *indent) {
  size_t *width = checked(calloc(grid->columns + 1, sizeof *width));
  for (size_t i = 0; i < grid->cells; i++) {
    size_t wide = display_width(grid->cell[i]), c = i % grid->columns;
    if (wide > width[c]) width[c] = wide;
  }
  for (size_t i = 0; i + grid->columns <= grid->cells; i += grid->columns)
    say_row(grid, i, width, indent);
  free(width);
}

void grid_free(cli_grid *grid) {
  for (size_t i = 0; i < grid->cells; i++)
    free(grid->cell[i]);
  free(grid->cell);
}
