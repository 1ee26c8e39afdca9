/* A name that fits several columns: the table calls two of them so. The first has the name, the
 * others a number behind it; a use of the name gets a warning. */
#include <string.h>

#include "model/schema.h"
#include "rows/rows.h"

enum { NAMES = 8 };

nadir_status nd_warn_of_same_names(const nd_table *table, size_t column, nadir_warning_kind kind,
                                   nd_teller *teller, nadir_error *error) {
  const nd_column *first = nd_table_column(table, column);
  const char *name[NAMES];
  uint64_t position[NAMES];
  if (first->twins == 0 || strcmp(first->name, first->title) != 0) return NADIR_OK;
  nadir_warning w = {.kind = kind,
                     .column = first->title,
                     .name = name,
                     .of_name = position,
                     .count = first->twins};
  for (size_t i = 0; i < nd_table_columns(table) && w.names < NAMES; i++) {
    const nd_column *other = nd_table_column(table, i);
    if (other->twins == 0 || strcmp(other->title, first->title) != 0) continue;
    name[w.names] = other->name;
    position[w.names++] = i + 1;
  }
  return nd_warn(teller, &w, error);
}

static nadir_status warn_of(const nd_table *table, const nd_model_column *column, nd_teller *teller,
                            nadir_error *error) {
  nd_schema schema = {.table = table};
  nd_found found;
  const char *near;
  if (!nd_schema_find(&schema, column->column, &found, &near)) return NADIR_OK;
  return nd_warn_of_same_names(table, found.column, NADIR_WARN_SAME_NAME_USED, teller, error);
}

nadir_status nd_warn_of_twins(const nd_table *table, const nd_model_column *columns, size_t count,
                              nd_teller *teller, nadir_error *error) {
  for (size_t i = 0; table != NULL && i < count; i++)
    if (!columns[i].rest && columns[i].equals == NULL)
      ND_TRY(warn_of(table, &columns[i], teller, error));
  return NADIR_OK;
}
