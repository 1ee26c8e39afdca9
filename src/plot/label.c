/* Text that came from outside (column names, file names, titles) made fit to be shown. In a gnuplot
 * script it is in single quotes, where gnuplot substitutes no backquotes, macros, escapes or
 * formats, and a single quote in it is written as the typographic one (U+2019): gnuplot's own ''
 * for ' is read wrongly at the beginning of a string (seen in 5.4). So no string ever ends early.
 * Forbidden: putting such text anywhere else in a script, even in a comment. What is not valid
 * UTF-8, or no character at all (XML refuses U+FFFE), is shown as '?'. */
#include <string.h>

#include "plot/plot_internal.h"

/* Length of the UTF-8 character at s (RFC 3629) and its code; 0 where there is none. */
static size_t decode(const char *s, uint32_t *code) {
  static const uint32_t SMALLEST[] = {0, 0, 0x80, 0x800, 0x10000};
  unsigned char lead = (unsigned char)s[0];
  size_t length = lead < 0x80       ? 1
                  : lead >> 5 == 6  ? 2
                  : lead >> 4 == 14 ? 3
                  : lead >> 3 == 30 ? 4
                                    : 0;
  if (length == 0) return 0;
  *code = length == 1 ? lead : lead & (0x7fu >> length);
  for (size_t i = 1; i < length; i++) {
    if (((unsigned char)s[i] & 0xc0) != 0x80) return 0;
    *code = *code << 6 | ((unsigned char)s[i] & 0x3f);
  }
  bool valid = *code >= SMALLEST[length] && *code <= 0x10ffff && (*code & 0x1ff800) != 0xd800;
  return valid ? length : 0;
}

/* What is shown of the character at *s, which is passed over; *length 0: nothing. */
static const char *show(const char **s, size_t *length) {
  uint32_t code = 0;
  const char *here = *s;
  size_t bytes = decode(here, &code);
  *s += bytes ? bytes : 1;
  *length = 1;
  if (bytes == 0 || (code & 0xfffe) == 0xfffe) return "?";
  if (code == '\n' || code == '\t') return " ";
  bool direction = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  bool control = code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029;
  *length = control || direction ? 0 : bytes;
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

void nd_label_quoted(nd_text *out, const char *text, size_t limit) {
  nd_text_append(out, "'");
  append(out, text, limit, true);
  nd_text_append(out, "'");
}
