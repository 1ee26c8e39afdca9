/* Text that came from outside (column names, file names, titles) made fit to be shown. In a gnuplot
 * script it is in single quotes, where gnuplot substitutes no backquotes, macros, escapes or
 * formats, and a single quote in it is written as the typographic one (U+2019): gnuplot's own ''
 * for ' is read wrongly at the beginning of a string (seen in 5.4). So no string ever ends early.
 * Forbidden: putting such text anywhere else in a script, even in a comment. What is not valid
 * UTF-8, or no character at all (XML refuses U+FFFE), is shown as '?'. */
#include <string.h>

#include "plot/plot_internal.h"

/* U+FFFE, U+FFFF and those of the other planes, in their bytes. */
static bool is_noncharacter(const unsigned char *bytes, size_t length) {
  return length >= 3 && (bytes[length - 3] & 0x0f) == 0x0f && bytes[length - 2] == 0xbf &&
         (bytes[length - 1] & 0xfe) == 0xbe;
}

/* What is shown of the character at *s, which is passed over; *length 0: nothing, of what could change how others
 * are read. */
static const char *show(const char **s, size_t *length) {
  char shown[NADIR_SHOWN_TEXT];
  const char *here = *s;
  size_t bytes = nd_show_character(here, strnlen(here, 4), shown);
  bool valid = bytes > 1 || (unsigned char)*here < 0x80;
  *s += bytes;
  *length = 1;
  if (!valid || is_noncharacter((const unsigned char *)here, bytes)) return "?";
  if (*here == '\n' || *here == '\t') return " ";
  *length = memcmp(shown, here, bytes) == 0 ? bytes : 0;
  return here;
}

/* Characters shown of the whole text, counted to one more than limit at most. */
static size_t count_shown(const char *text, size_t limit) {
  size_t count = 0, length;
  while (*text && count <= limit) {
    show(&text, &length);
    count += length > 0;
  }
  return count;
}

size_t nd_label_width(const char *text, size_t limit) {
  size_t count = text ? count_shown(text, limit) : 0;
  return count < limit ? count : limit;
}

static size_t append(nd_text *out, const char *text, size_t limit, bool quoted) {
  if (!text) return 0;
  bool cut = count_shown(text, limit) > limit;
  size_t room = cut ? limit - 1 : limit, count = 0, length;
  while (*text && count < room) {
    const char *part = show(&text, &length);
    if (quoted && length == 1 && *part == '\'')
      nd_text_append(out, "\xe2\x80\x99");
    else
      nd_text_append_bytes(out, part, length);
    count += length > 0;
  }
  if (cut) nd_text_append(out, "\xe2\x80\xa6");
  return cut ? limit : count;
}

size_t nd_label_plain(nd_text *out, const char *text, size_t limit) {
  return append(out, text, limit, false);
}

/* Where a line of at most `limit` characters ends. */
static const char *line_end(const char *text, size_t limit) {
  const char *at = text, *end = NULL;
  size_t count = 0, length;
  while (*at && count < limit) {
    const char *before = at;
    show(&at, &length);
    count += length > 0;
    if (strchr(" ,*+-/", *before) && count > limit / 2) end = at;
  }
  return end ? end : at;
}

const char *nd_label_line(nd_text *out, const char *text, size_t limit, bool last) {
  if (last || count_shown(text, limit) <= limit) {
    append(out, text, limit, false);
    return text + strlen(text);
  }
  const char *end = line_end(text, limit);
  nd_text line = {0};
  nd_text_append_bytes(&line, text, (size_t)(end - text));
  append(out, nd_text_data(&line), limit, false);
  out->failed = out->failed || line.failed;
  nd_text_free(&line);
  return end + strspn(end, " ");
}

size_t nd_label_lines(const char *text, size_t limit, size_t most) {
  size_t lines = 0;
  for (; text && *text && lines < most; lines++)
    text = count_shown(text, limit) <= limit ? "" : line_end(text, limit);
  return lines;
}

void nd_label_quoted(nd_text *out, const char *text, size_t limit) {
  nd_text_append(out, "'");
  append(out, text, limit, true);
  nd_text_append(out, "'");
}
