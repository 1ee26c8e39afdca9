/* JSON out of the library's values and into them (jansson). A tree that could not be built is NULL, and stays so
 * through all that is put into it, so that building needs one look at the end. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "utf8_internal.h"

json_t *nd_json_number(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

json_t *nd_json_numbers(const double *values, size_t count) {
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++)
    nd_json_push(&list, nd_json_number(values[i]));
  return list;
}

json_t *nd_json_count(uint64_t value) {
  return json_integer((json_int_t)value);
}

static json_t *from_latin1(const char *text) {
  size_t length = strlen(text), out = 0;
  char *utf8 = nd_new(length + 1, 2, NULL); /* no character takes more */
  if (!utf8) return NULL;
  for (size_t i = 0; i < length; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c < 0x80) {
      utf8[out++] = (char)c;
      continue;
    }
    utf8[out++] = (char)(0xC0 | (c >> 6));
    utf8[out++] = (char)(0x80 | (c & 0x3F));
  }
  json_t *string = json_stringn(utf8, out);
  nd_free(utf8);
  return string;
}

static bool is_utf8(const char *text) {
  size_t length = strlen(text), i = 0;
  uint32_t code;
  for (size_t step = 1; i < length && step > 0; i += step)
    step = nd_utf8_read(text + i, length - i, &code);
  return i == length;
}

json_t *nd_json_text(const char *text) {
  if (!text) return json_null();
  return is_utf8(text) ? json_string(text) : from_latin1(text);
}

json_t *nd_json_texts(char *const *texts, size_t count) {
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++)
    nd_json_push(&list, nd_json_text(texts[i]));
  return list;
}

void nd_json_put(json_t **object, const char *key, json_t *value) {
  if (*object && value && json_object_set_new(*object, key, value) == 0) return;
  if (!*object) json_decref(value);
  json_decref(*object);
  *object = NULL;
}

void nd_json_push(json_t **array, json_t *value) {
  if (*array && value && json_array_append_new(*array, value) == 0) return;
  if (!*array) json_decref(value);
  json_decref(*array);
  *array = NULL;
}

/* Where a text has a NUL, as an error of jansson's. */
static void place_of(const char *text, const char *nul, json_error_t *where) {
  const char *line = text;
  *where = (json_error_t){.line = 1};
  for (const char *at = text; at < nul; at++)
    if (*at == '\n') where->line++, line = at + 1;
  where->column = (int)(nul - line) + 1;
  snprintf(where->text, sizeof where->text, "a NUL byte");
}

json_t *nd_json_read(const char *text, size_t size, json_error_t *where) {
  const char *nul = memchr(text, '\0', size);
  if (!nul) return json_loadb(text, size, JSON_REJECT_DUPLICATES, where);
  place_of(text, nul, where);
  return NULL;
}

/* What a terminal that shows the text might obey becomes \uNNNN: it can only be within a string. Jansson writes
 * UTF-8, and escapes what is below 0x20 itself. Runs of what needs no escape are appended whole. */
static void append_safe(nd_text *out, const char *text, size_t length) {
  char shown[NADIR_SHOWN_TEXT];
  size_t run = 0;
  for (size_t i = 0, step; i < length; i += step) {
    uint32_t code = 0;
    step = 1;
    if ((unsigned char)text[i] < 0x7F) continue;
    step = nd_utf8_read(text + i, length - i, &code);
    if (!nd_utf8_is_hidden(code)) continue;
    nd_text_append_bytes(out, text + run, i - run);
    snprintf(shown, sizeof shown, "\\u%04X", (unsigned)code);
    nd_text_append(out, shown);
    run = i + step;
  }
  nd_text_append_bytes(out, text + run, length - run);
}

/* Takes a piece of what Jansson writes. Jansson itself goes on where there is no room for a key, as if it had been
 * written; the text keeps that it failed. */
static int take_piece(const char *piece, size_t length, void *text) {
  nd_text_append_bytes(text, piece, length);
  return ((const nd_text *)text)->failed ? -1 : 0;
}

bool nd_json_dump(const json_t *tree, size_t flags, nd_text *out) {
  int failed = json_dump_callback(tree, take_piece, out, flags);
  return failed == 0 && !out->failed;
}

bool nd_json_dump_safe(const json_t *tree, size_t flags, nd_text *out) {
  nd_text dumped = {0};
  bool whole = nd_json_dump(tree, flags, &dumped);
  if (whole) append_safe(out, nd_text_data(&dumped), dumped.length);
  nd_text_free(&dumped);
  return whole && !out->failed;
}

nadir_status nd_json_write(json_t *tree, char **text, nadir_error *error) {
  nd_text safe = {0};
  bool whole = tree && nd_json_dump_safe(tree, ND_JSON_FLAGS, &safe);
  json_decref(tree);
  nadir_status status = whole ? NADIR_OK : nd_fail(error, NADIR_NO_MEMORY, "json: out of memory");
  return nd_give_text(&safe, status, text, error);
}
