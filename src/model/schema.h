/* Where columns are looked up by name: a table, or the list in a model file. */
#ifndef ND_SCHEMA_H
#define ND_SCHEMA_H

#include "base/index.h"
#include "model/model.h"

typedef struct nd_schema {
  const nd_table *table; /* or NULL: */
  const char *const *listed;
  size_t listed_count;
  nd_index by_name; /* of the list: the first place of each name */
  size_t *next;     /* by place in the list: another of its name, once for each way in which it is taken; 0: none */
} nd_schema;
/* The list of a model file, which stays the caller's. */
nadir_status nd_schema_list(nd_schema *schema, const char *const *columns, size_t count,
                            nadir_error *error);
void nd_schema_clear(nd_schema *schema);
typedef struct nd_found {
  const char *name; /* of the column, without an element */
  const char *unit;
  nd_cell_type type;
  size_t column, element, elements;
  bool bare;                /* a vector column named without an element */
  const nadir_cell *stray;  /* of a column of text, as nd_column has it */
  bool nearly_numbers;
  bool wide; /* as nd_column has it */
  const nd_text_function *reads; /* of hms(COLUMN) and the like: a column of texts that are read as numbers */
} nd_found;
/* *near: the name of a column that differs by case or one letter, NULL if none. */
bool nd_schema_find(const nd_schema *schema, const char *name, nd_found *found, const char **near);
size_t nd_schema_columns(const nd_schema *schema);
nd_found nd_schema_column(const nd_schema *schema, size_t i);
/* The column name nearest to `name`, or NULL. */
nadir_status nd_schema_nearest(const nd_schema *schema, const char *name, const char **nearest,
                               nadir_error *error);

/* "the table has no column 'z'", then `why` and what helps: ": did you mean 'x'?", or ": it has a, b, c".
 * near: as nd_schema_find gives it, or NULL. */
nadir_status nd_schema_lacks(const nd_schema *schema, const char *name, const char *why,
                             const char *near, nd_text *out, nadir_error *error);
/* The same as an error of what[0..]: "unit: the table has ...", "" for none. */
nadir_status nd_fail_no_column(const nd_schema *schema, nadir_status status, const char *what,
                               const char *name, const char *why, const char *near,
                               nadir_error *error);

/* A column whose name has `name` for a part of it and needs backquotes (u of `u-g`), as it is
 * found without them in `text` (NULL: anywhere); NULL if none. */
const char *nd_schema_unquoted(const nd_schema *schema, const char *name, const char *text);

/* Rows first .. first+count-1 of a column (read_column.c). Texts are the caller's, each by nd_free. */
nadir_status nd_read_numbers(const nd_table *table, const char *name, uint64_t first, size_t count,
                             double *numbers, nadir_error *error);
nadir_status nd_read_texts(const nd_table *table, const char *name, uint64_t first, size_t count,
                           char **texts, nadir_error *error);

#endif
