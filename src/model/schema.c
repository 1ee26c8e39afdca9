/* Where column names are looked up while a model is bound: a table, or the list of columns that a
 * model file gives. Nothing is read here but names, types and units. */
#include <ctype.h>
#include <string.h>

#include "model/model_internal.h"

size_t nd_schema_columns(const nd_schema *schema) {
  return schema->table != NULL ? nd_table_columns(schema->table) : schema->listed_count;
}

static const char *name_of(const nd_schema *schema, size_t i) {
  return schema->table != NULL ? nd_table_column(schema->table, i)->name : schema->listed[i];
}

nadir_status nd_schema_list(nd_schema *schema, const char *const *columns, size_t count,
                            nadir_error *error) {
  *schema = (nd_schema){.listed = columns, .listed_count = count};
  schema->next = nd_new(count, sizeof *schema->next, error);
  if (schema->next == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < count; i++) {
    ND_TRY(nd_index_add(&schema->by_name, columns[i], i, error));
    size_t first = nd_index_find(&schema->by_name, columns[i], strlen(columns[i]));
    if (first == i) continue;
    schema->next[i] = schema->next[first];
    schema->next[first] = i;
  }
  return NADIR_OK;
}

void nd_schema_clear(nd_schema *schema) {
  nd_index_clear(&schema->by_name);
  nd_free(schema->next);
}

/* A list of a model file has no types: what it is asked for as, it is. A number that is listed
 * twice was taken in two parts. */
nd_found nd_schema_column(const nd_schema *schema, size_t i) {
  if (schema->table == NULL)
    return (nd_found){.name = schema->listed[i],
                      .unit = "",
                      .type = ND_CELL_REAL,
                      .column = i,
                      .elements = 1,
                      .wide = schema->next[i] != 0};
  const nd_column *column = nd_table_column(schema->table, i);
  return (nd_found){.name = column->name,
                    .unit = column->unit,
                    .type = column->type,
                    .column = i,
                    .elements = column->elements,
                    .bare = column->elements != 1,
                    .stray = column->stray,
                    .nearly_numbers = column->nearly_numbers,
                    .wide = column->wide};
}

static bool ends_in_element(const char *name) {
  size_t length = strlen(name);
  return length > 3 && name[length - 1] == ']' && isdigit((unsigned char)name[length - 2]);
}

/* A column of texts as a function reads it is one of numbers, by the name that it was asked for. */
static void read_as(const char *name, nd_found *found) {
  const char *inner;
  size_t length;
  found->reads = nd_text_function_of(name, &inner, &length);
  if (found->reads == NULL || found->type != ND_CELL_TEXT) return;
  found->name = name;
  found->unit = found->reads->unit;
  found->type = ND_CELL_REAL;
  found->stray = NULL;
  found->nearly_numbers = false;
}

bool nd_schema_find(const nd_schema *schema, const char *name, nd_found *found, const char **near) {
  *near = NULL;
  if (schema->table == NULL) {
    size_t i = nd_index_find(&schema->by_name, name, strlen(name));
    if (i != SIZE_MAX) *found = nd_schema_column(schema, i);
    return i != SIZE_MAX;
  }
  size_t column = 0, element = 0;
  ptrdiff_t hint = -1;
  if (!nd_table_find(schema->table, name, &column, &element, &hint)) {
    if (hint >= 0) *near = name_of(schema, (size_t)hint);
    return false;
  }
  *found = nd_schema_column(schema, column);
  found->element = element;
  found->bare = found->elements != 1 && !ends_in_element(name);
  if (strcmp(found->name, name) != 0) read_as(name, found);
  return true;
}

nadir_status nd_schema_nearest(const nd_schema *schema, const char *name, const char **nearest,
                               nadir_error *error) {
  size_t count = nd_schema_columns(schema);
  const char **names = nd_new(count, sizeof *names, error);
  *nearest = NULL;
  if (names == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    names[i] = name_of(schema, i);
  ptrdiff_t near = nd_nearest(name, names, count);
  if (near >= 0) *nearest = names[near];
  nd_free((void *)names);
  return NADIR_OK;
}

enum { MOST_LISTED = 8 };

static void list_columns(const nd_schema *schema, nd_text *out) {
  size_t count = nd_schema_columns(schema), listed = count < MOST_LISTED ? count : MOST_LISTED;
  nd_text_append(out, "it has ");
  for (size_t i = 0; i < listed; i++)
    nd_text_print(out, "%s%s", i ? ", " : "", name_of(schema, i));
  if (count > listed) nd_text_print(out, " and %zu more", count - listed);
}

nadir_status nd_schema_lacks(const nd_schema *schema, const char *name, const char *why,
                             const char *near, nd_text *out, nadir_error *error) {
  if (near == NULL) ND_TRY(nd_schema_nearest(schema, name, &near, error));
  nd_text_print(out, "the table has no column '%s'%s: ", name, why);
  if (near != NULL)
    nd_text_print(out, ND_DID_YOU_MEAN, near);
  else
    list_columns(schema, out);
  return nd_text_status(out, error);
}

nadir_status nd_fail_no_column(const nd_schema *schema, nadir_status status, const char *what,
                               const char *name, const char *why, const char *near,
                               nadir_error *error) {
  nd_text lacks = {0};
  nadir_status made = nd_schema_lacks(schema, name, why, near, &lacks, error);
  if (made == NADIR_OK)
    made = nd_fail(error, status, "%s%s%s", what, *what ? ": " : "", nd_text_data(&lacks));
  nd_text_free(&lacks);
  return made;
}

/* ---- names that need backquotes ---- */

static bool is_word(char c) {
  return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_plain(const char *name) {
  size_t length = 0;
  while (is_word(name[length]))
    length++;
  return name[length] == '\0';
}

static bool has_word(const char *name, const char *word) {
  size_t length = strlen(word);
  for (const char *at = name; length > 0 && (at = strstr(at, word)) != NULL; at++)
    if ((at == name || !is_word(at[-1])) && !is_word(at[length])) return true;
  return false;
}

/* Whether the text at `at` goes through `name`, blanks aside, and ends there. */
static bool goes_through(const char *at, const char *name) {
  char last = '\0';
  for (; *name != '\0'; name++) {
    if (*name == ' ') continue;
    while (*at == ' ')
      at++;
    last = *at;
    if (*at++ != *name) return false;
  }
  return !is_word(last) || !is_word(*at);
}

static bool stands_in(const char *text, const char *name) {
  for (const char *at = text; *at != '\0'; at++) {
    bool begins = at == text || (at[-1] != '`' && !(is_word(at[-1]) && is_word(*at)));
    if (begins && *at != ' ' && goes_through(at, name)) return true;
  }
  return false;
}

const char *nd_schema_unquoted(const nd_schema *schema, const char *name, const char *text) {
  for (size_t i = 0; i < nd_schema_columns(schema); i++) {
    const char *column = name_of(schema, i);
    if (!is_plain(column) && has_word(column, name) && (text == NULL || stands_in(text, column)))
      return column;
  }
  return NULL;
}

/* ---- positions ---- */

/* Past a quoted piece that begins at `at`; `at` itself where it does not close. */
static const char *past_quoted(const char *at) {
  const char *close = strchr(at + 1, *at);
  return close == NULL ? at + 1 : close + 1;
}

static void append_name(nd_text *out, const char *name) {
  nd_text_append(out, "`");
  for (; *name != '\0'; name++)
    nd_text_append_bytes(out, *name == '`' ? "``" : name, *name == '`' ? 2 : 1);
  nd_text_append(out, "`");
}

/* One step over `at`: a position that names a column is replaced, all else is copied. */
static const char *expand_step(const nd_schema *schema, const char *at, nd_text *out) {
  const char *next = at + 1;
  if (*at == '`' || *at == '"' || *at == '\'') next = past_quoted(at);
  if (*at == '$' && isdigit((unsigned char)at[1])) {
    size_t position = 0;
    while (isdigit((unsigned char)*next) && position < nd_schema_columns(schema) + 1)
      position = position * 10 + (size_t)(*next++ - '0');
    if (position >= 1 && position <= nd_schema_columns(schema) && !isdigit((unsigned char)*next)) {
      append_name(out, name_of(schema, position - 1));
      return next;
    }
  }
  nd_text_append_bytes(out, at, (size_t)(next - at));
  return next;
}

nadir_status nd_expand_positions(const nd_schema *schema, const char *text, char **expanded,
                                 nadir_error *error) {
  nd_text out = {0};
  *expanded = NULL;
  for (const char *at = text; *at != '\0';)
    at = expand_step(schema, at, &out);
  nadir_status status = nd_text_status(&out, error);
  if (status == NADIR_OK) {
    *expanded = nd_copy_text(nd_text_data(&out), out.length, error);
    if (*expanded == NULL) status = NADIR_NO_MEMORY;
  }
  nd_text_free(&out);
  return status;
}
