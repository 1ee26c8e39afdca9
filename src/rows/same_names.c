/* A name that fits several columns: the table calls two of them so. The first has the name, the
 * others a number behind it; that is told wherever the name is used. */
#include <string.h>

#include "model/schema.h"
#include "rows/rows.h"

void nd_list_twins(const nd_table *table, size_t column, nd_text *out) {
  const nd_column *first = nd_table_column(table, column);
  size_t listed = 0;
  for (size_t i = 0; i < nd_table_columns(table) && listed < 8; i++) {
    const nd_column *other = nd_table_column(table, i);
    if (other->twins == 0 || strcmp(other->title, first->title) != 0) continue;
    nd_text_print(out, "%s%s is column %zu ($%zu)", listed++ == 0 ? "" : ", ", other->name, i + 1,
                  i + 1);
  }
  if (first->twins > listed) nd_text_append(out, ", ...");
}

static nadir_status warn_of(const nd_table *table, const nd_model_column *column, nd_teller *teller,
                            nadir_error *error) {
  nd_schema schema = {.table = table};
  nd_found found;
  const char *near;
  if (!nd_schema_find(&schema, column->column, &found, &near)) return NADIR_OK;
  const nd_column *about = nd_table_column(table, found.column);
  if (about->twins == 0 || strcmp(about->name, about->title) != 0) return NADIR_OK;
  nd_text list = {0};
  nd_list_twins(table, found.column, &list);
  nadir_status status = nd_text_status(&list, error);
  if (status == NADIR_OK)
    status = nd_warn(teller, error, "column %s: the table has %zu columns of the same name: %s",
                     about->name, about->twins, nd_text_data(&list));
  nd_text_free(&list);
  return status;
}

nadir_status nd_warn_of_twins(const nd_table *table, const nd_model_column *columns, size_t count,
                              nd_teller *teller, nadir_error *error) {
  for (size_t i = 0; table != NULL && i < count; i++)
    if (!columns[i].rest && columns[i].equals == NULL)
      ND_TRY(warn_of(table, &columns[i], teller, error));
  return NADIR_OK;
}
