/* Writes the one sentence that a failure leaves behind, and for a formula the source line with a
 * caret under the place. Needs no memory beyond the stack, so it works when memory has run out.
 *
 * What comes from names, cells and formulas may hold anything: control characters (C0, C1, DEL), marks of
 * direction and bytes that are not UTF-8 are written as \xNN in sentences and as ? in excerpts, where each
 * character must keep its width; a tab is drawn as one blank there, above and beside the caret
 * alike. */
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "utf8_internal.h"

enum {
  RAW_SIZE = 4096,    /* of a sentence before it is cut */
  WINDOW_WIDTH = 76,  /* columns of a formula that are shown around the place */
  WINDOW_BEFORE = 50, /* of them before it */
  WINDOW_BYTES = 300  /* and never more bytes: many marks may stack on one column */
};

typedef struct writer {
  char *at, *end; /* end: the last place for the final NUL */
} writer;

/* Writes a whole piece or nothing. */
static bool put(writer *out, const char *piece, size_t length) {
  if ((size_t)(out->end - out->at) < length) return false;
  memcpy(out->at, piece, length);
  out->at += length;
  *out->at = '\0';
  return true;
}

static void copy_sentence(char *to, size_t size, const char *from, size_t length) {
  writer out = {to, to + size - 1};
  char shown[NADIR_SHOWN_TEXT];
  *to = '\0';
  for (size_t i = 0; i < length;) {
    i += nd_show_character(from + i, length - i, shown);
    if (!put(&out, shown, strlen(shown))) return;
  }
}

static void write_sentence(nadir_error *error, nadir_status status, const char *format,
                           va_list arguments) {
  char raw[RAW_SIZE];
  int length = vsnprintf(raw, sizeof raw, format, arguments);
  if (length < 0) length = snprintf(raw, sizeof raw, "%s", nadir_status_meaning(status));
  size_t used = (size_t)length < sizeof raw ? (size_t)length : sizeof raw - 1;
  error->status = status;
  error->line = error->column = 0;
  error->excerpt[0] = '\0';
  copy_sentence(error->message, sizeof error->message, raw, used);
}

nadir_status nd_fail(nadir_error *error, nadir_status status, const char *format, ...) {
  if (!error) return status;
  va_list arguments;
  va_start(arguments, format);
  write_sentence(error, status, format, arguments);
  va_end(arguments);
  return status;
}

/* One character of a formula as it is drawn. */
typedef struct glyph {
  char bytes[5];
  size_t size, step, width; /* bytes written, bytes taken, columns */
} glyph;

static glyph draw(const char *text, size_t length) {
  uint32_t code = 0;
  size_t step = nd_utf8_read(text, length, &code);
  if (step == 0) return (glyph){"?", 1, 1, 1};
  if (code == '\t') return (glyph){" ", 1, 1, 1};
  if (nd_utf8_is_hidden(code)) return (glyph){"?", 1, step, 1};
  glyph drawn = {.size = step, .step = step, .width = nd_utf8_width(code)};
  memcpy(drawn.bytes, text, step);
  return drawn;
}

static bool is_continuation(char byte) {
  return ((unsigned char)byte & 0xC0) == 0x80;
}

/* The first byte of the character that holds `offset`. */
static size_t character_start(const char *line, size_t offset) {
  size_t start = offset;
  while (start > 0 && offset - start < 3 && is_continuation(line[start]))
    start--;
  uint32_t code;
  size_t size = nd_utf8_read(line + start, strnlen(line + start, 4), &code);
  return size > offset - start ? start : offset;
}

/* The start of the window: WINDOW_BEFORE columns before `place`, or that many characters. */
static size_t window_start(const char *line, size_t place) {
  size_t start = place, width = 0;
  for (int taken = 0; start > 0 && taken < WINDOW_BEFORE && width < WINDOW_BEFORE; taken++) {
    start = character_start(line, start - 1);
    width += draw(line + start, place - start).width;
  }
  return start;
}

static void write_excerpt(nadir_error *error, const char *line, size_t length, size_t place) {
  size_t at = window_start(line, place), width = 0, caret = 0, bytes = 0;
  writer out = {error->excerpt, error->excerpt + sizeof error->excerpt - 1};
  if (at > 0) {
    put(&out, "...", 3);
    width = caret = 3;
  }
  while (at < length && width < WINDOW_WIDTH && bytes < WINDOW_BYTES) {
    glyph next = draw(line + at, length - at);
    put(&out, next.bytes, next.size);
    if (at < place) caret += next.width;
    width += next.width;
    bytes += next.size;
    at += next.step;
  }
  if (at < length) put(&out, "...", 3);
  put(&out, "\n", 1);
  for (size_t i = 0; i < caret; i++)
    put(&out, " ", 1);
  put(&out, "^", 1);
}

static size_t characters(const char *text, size_t length) {
  size_t count = 0;
  for (size_t i = 0; i < length; count++)
    i += draw(text + i, length - i).step;
  return count;
}

nadir_status nd_fail_at(nadir_error *error, nadir_status status, const char *source, size_t offset,
                        const char *format, ...) {
  if (!error) return status;
  va_list arguments;
  va_start(arguments, format);
  write_sentence(error, status, format, arguments);
  va_end(arguments);
  size_t size = strlen(source);
  if (offset > size) offset = size;
  size_t start = 0, line = 1;
  for (size_t i = 0; i < offset; i++)
    if (source[i] == '\n') line++, start = i + 1;
  size_t length = strcspn(source + start, "\n");
  size_t place = character_start(source + start, offset - start);
  error->line = line;
  error->column = characters(source + start, place) + 1;
  write_excerpt(error, source + start, length, place);
  return status;
}

nadir_status nd_check_bytes(const char *name, size_t given, size_t known, nadir_error *error) {
  if (given == known) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING,
                 "%s: its bytes are %zu where this library knows %zu: set them to sizeof(%s)", name,
                 given, known, name);
}
