/* JSON out of the library's values and into them (json.c, jansson): numbers that may not exist are null, texts that are
 * not UTF-8 are taken as Latin-1. A tree that could not be built is NULL and stays so, so that one look
 * at the end is enough. */
#ifndef ND_JSON_H
#define ND_JSON_H

#include <jansson.h>

#include "base/base.h"

json_t *nd_json_number(double value);                        /* null for NaN and infinity */
json_t *nd_json_numbers(const double *values, size_t count); /* a list */
json_t *nd_json_count(uint64_t value);
json_t *nd_json_text(const char *text);                             /* null for NULL */
json_t *nd_json_texts(char *const *texts, size_t count);            /* a list */
/* Takes value; a NULL value or object makes the object unusable: *object is freed and set to NULL.
 */
void nd_json_put(json_t **object, const char *key, json_t *value);
void nd_json_push(json_t **array, json_t *value);
/* The tree of a text in which no object has a member twice; NULL with the place where it is not JSON. A NUL byte, which
 * jansson passes over after a number, is not. */
json_t *nd_json_read(const char *text, size_t size, json_error_t *where);
/* How the text of a tree is laid out. */
#define ND_JSON_FLAGS (JSON_INDENT(2) | JSON_REAL_PRECISION(17))
/* Appends the text of a tree, with jansson's flags; false without memory. `safe`: what a terminal might obey is
 * escaped. */
bool nd_json_dump(const json_t *tree, size_t flags, nd_text *out);
bool nd_json_dump_safe(const json_t *tree, size_t flags, nd_text *out);
/* The text of a tree, which is freed; a NULL tree is out of memory. */
nadir_status nd_json_write(json_t *tree, char **text, nadir_error *error);

/* The same text without a tree (json_writer.c), for long lists: begin with {0}, open and close brackets, and end by
 * nd_give_text of .text, which keeps that memory was short. key: NULL within a list. */
typedef struct nd_json_writer {
  nd_text text;
  size_t depth;
  bool follows; /* another value of the same bracket */
} nd_json_writer;
/* Room for so many bytes more, as far as it is known. */
void nd_write_reserve(nd_json_writer *writer, size_t bytes);
void nd_write_open(nd_json_writer *writer, const char *key, char bracket);
void nd_write_close(nd_json_writer *writer, char bracket);
void nd_write_text(nd_json_writer *writer, const char *key, const char *text); /* null for NULL */
void nd_write_number(nd_json_writer *writer, const char *key, double value);   /* null for NaN and infinity */
void nd_write_count(nd_json_writer *writer, const char *key, uint64_t value);
void nd_write_tree(nd_json_writer *writer, const char *key, json_t *tree); /* which is freed */

#endif
