/* JSON written as it is told, without a tree: for lists so long that building one would cost more than what they tell.
 * The text is the same as of a tree (json.c), to the byte. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "number_internal.h"

enum { STEP = 2 }; /* spaces for each level */

void nd_write_reserve(nd_json_writer *w, size_t bytes) {
  size_t wanted;
  if (!nd_add(w->text.length, bytes, &wanted) ||
      nd_grow(&w->text.data, &w->text.capacity, wanted, 1, NULL) != NADIR_OK)
    w->text.failed = true;
}

static void begin_line(nd_json_writer *w) {
  static const char blanks[] = "\n                                ";
  size_t left = w->depth * STEP, most = sizeof blanks - 2, first = left < most ? left : most;
  nd_text_append_bytes(&w->text, blanks, first + 1);
  for (left -= first; left > 0; left -= first) {
    first = left < most ? left : most;
    nd_text_append_bytes(&w->text, blanks + 1, first);
  }
}

static bool is_plain(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (text[i] < 0x20 || text[i] > 0x7E || text[i] == '"' || text[i] == '\\') return false;
  return true;
}

static void quote(nd_json_writer *w, const char *text) {
  const size_t length = strlen(text);
  if (is_plain(text, length)) {
    nd_text_append_bytes(&w->text, "\"", 1);
    nd_text_append_bytes(&w->text, text, length);
    nd_text_append_bytes(&w->text, "\"", 1);
    return;
  }
  json_t *tree = nd_json_text(text);
  if (!tree || !nd_json_dump_safe(tree, JSON_ENCODE_ANY, &w->text)) w->text.failed = true;
  json_decref(tree);
}

static void begin_value(nd_json_writer *w, const char *key) {
  if (w->follows) nd_text_append_bytes(&w->text, ",", 1);
  if (w->depth > 0) begin_line(w);
  w->follows = true;
  if (!key) return;
  quote(w, key);
  nd_text_append_bytes(&w->text, ": ", 2);
}

void nd_write_open(nd_json_writer *w, const char *key, char bracket) {
  begin_value(w, key);
  nd_text_append_bytes(&w->text, &bracket, 1);
  w->depth++;
  w->follows = false;
}

void nd_write_close(nd_json_writer *w, char bracket) {
  w->depth--;
  if (w->follows) begin_line(w);
  nd_text_append_bytes(&w->text, &bracket, 1);
  w->follows = true;
}

void nd_write_text(nd_json_writer *w, const char *key, const char *text) {
  begin_value(w, key);
  if (text)
    quote(w, text);
  else
    nd_text_append_bytes(&w->text, "null", 4);
}

/* 17 digits, as C's %.17g has them, which jansson marks as a real and strips of what the exponent need not have. */
void nd_write_number(nd_json_writer *w, const char *key, double value) {
  char text[ND_NUMBER_TEXT];
  begin_value(w, key);
  if (!isfinite(value)) {
    nd_text_append_bytes(&w->text, "null", 4);
    return;
  }
  size_t length = nd_all_digits(value, text);
  const char *exponent = memchr(text, 'e', length);
  if (!exponent) {
    nd_text_append_bytes(&w->text, text, length);
    if (!memchr(text, '.', length)) nd_text_append_bytes(&w->text, ".0", 2);
    return;
  }
  const char *digit = exponent + 2, *end = text + length; /* after a sign */
  while (*digit == '0')
    digit++;
  nd_text_append_bytes(&w->text, text, (size_t)(exponent - text) + 1 + (exponent[1] == '-'));
  nd_text_append_bytes(&w->text, digit, (size_t)(end - digit));
}

void nd_write_count(nd_json_writer *w, const char *key, uint64_t value) {
  char text[ND_NUMBER_TEXT], *at = text + sizeof text;
  begin_value(w, key);
  do
    *--at = (char)('0' + value % 10);
  while ((value /= 10) > 0);
  nd_text_append_bytes(&w->text, at, (size_t)(text + sizeof text - at));
}

void nd_write_tree(nd_json_writer *w, const char *key, json_t *tree) {
  nd_text dumped = {0};
  begin_value(w, key);
  if (!tree || !nd_json_dump_safe(tree, ND_JSON_FLAGS | JSON_ENCODE_ANY, &dumped)) w->text.failed = true;
  const char *at = nd_text_data(&dumped);
  for (const char *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
    nd_text_append_bytes(&w->text, at, (size_t)(end - at));
    begin_line(w);
  }
  nd_text_append(&w->text, at);
  nd_text_free(&dumped);
  json_decref(tree);
}
