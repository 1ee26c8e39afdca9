/* --where: which rows are kept, as a condition over columns with a graph of its own, since it
 * speaks of the table at hand and not of the model. A missing value in it makes it false: such a
 * row is not known to be wanted. */
#include <string.h>

#include "model/model_internal.h"

struct nd_filter {
  nd_graph *graph;
  nd_column_list columns;
  nd_program *program;
  nd_workspace *workspace;
  double *value; /* nd_table_room of them */
};

void nd_filter_free(nd_filter *filter) {
  if (filter == NULL) return;
  nd_workspace_free(filter->workspace);
  nd_program_free(filter->program);
  nd_column_list_clear(&filter->columns);
  nd_graph_free(filter->graph);
  nd_free(filter->value);
  nd_free(filter);
}

static nadir_status compile(nd_filter *filter, nd_node root, size_t room, nadir_error *error) {
  size_t count = filter->columns.count;
  nd_leaf *leaves = nd_new(count, sizeof *leaves, error);
  if (leaves == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < count; i++)
    leaves[i] = (nd_leaf){.name = filter->columns.items[i].name, .per_row = true};
  nadir_status status =
      nd_program_new(&filter->program, filter->graph, &root, 1, leaves, count, error);
  nd_free(leaves);
  if (status == NADIR_OK) status = nd_workspace_new(&filter->workspace, filter->program, error);
  filter->value = status == NADIR_OK ? nd_new(room, sizeof *filter->value, error) : NULL;
  return status == NADIR_OK && filter->value == NULL ? NADIR_NO_MEMORY : status;
}

static nadir_status build(nd_filter *filter, const nd_schema *schema, const char *where,
                          nadir_error *error) {
  nd_node root;
  ND_TRY(nd_graph_new(&filter->graph, error));
  ND_TRY(nd_parse_as(filter->graph, "where", where, &root, error));
  nd_binder binder = {
      .graph = filter->graph, .schema = schema, .columns = &filter->columns, .what = "where"};
  ND_TRY(nd_bind(&binder, root, &root, error));
  return compile(filter, root, nd_table_room(schema->table), error);
}

nadir_status nd_filter_new(nd_filter **filter, const nd_table *table, const char *where,
                           nadir_error *error) {
  *filter = NULL;
  if (where[0] == '\0') return NADIR_OK;
  nd_schema schema = {.table = table};
  char *text;
  ND_TRY(nd_expand_positions(&schema, where, &text, error));
  nd_filter *made = nd_new(1, sizeof *made, error);
  nadir_status status = made == NULL ? NADIR_NO_MEMORY : build(made, &schema, text, error);
  nd_free(text);
  if (status == NADIR_OK)
    *filter = made;
  else
    nd_filter_free(made);
  return status;
}

size_t nd_filter_columns(const nd_filter *filter) {
  return filter == NULL ? 0 : filter->columns.count;
}

const nd_model_column *nd_filter_column(const nd_filter *filter, size_t i) {
  return &filter->columns.items[i];
}

void nd_filter_run(nd_filter *filter, const double *const *values, size_t rows,
                   unsigned char *kept) {
  memset(kept, 1, rows);
  if (filter == NULL) return;
  nd_program_run(filter->program, filter->workspace, values, NULL, rows, &filter->value);
  for (size_t i = 0; i < rows; i++)
    kept[i] = filter->value[i] != 0 && !isnan(filter->value[i]);
  for (size_t c = 0; c < filter->columns.count; c++)
    for (size_t i = 0; i < rows; i++)
      if (isnan(values[c][i])) kept[i] = 0;
}
