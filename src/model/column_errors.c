/* --sigma-x: columns of the model that have errors of their own, each with an expression of columns that gives them.
 * A column is bound to the leaf that stands for it in the model. */
#include "model/model_internal.h"

static const char setting[] = "sigma-x";

/* `text`, parsed and bound over columns. */
static nadir_status bind_text(nd_builder *builder, const char *text, nd_node *node,
                              nadir_error *error) {
  nd_graph *graph = builder->model->graph;
  ND_TRY(nd_parse_as(graph, setting, text, node, error));
  nd_binder binder = {.graph = graph,
                      .schema = &builder->schema,
                      .columns = &builder->columns,
                      .what = setting,
                      .text = nd_graph_text(graph)};
  return nd_bind(&binder, *node, node, error);
}

static nadir_status bind_column(nd_builder *builder, const char *name, nd_node *node,
                                nadir_error *error) {
  nd_text quoted = {0};
  nd_text_print(&quoted, "`%s`", name);
  nadir_status status = nd_text_status(&quoted, error);
  if (status == NADIR_OK) status = bind_text(builder, nd_text_data(&quoted), node, error);
  nd_text_free(&quoted);
  return status;
}

static nadir_status check_column(const nd_model *model, const char *name, nd_node column,
                                 nadir_error *error) {
  bool *needs;
  for (size_t i = 0; i < model->column_error_count; i++)
    if (model->column_errors[i].column == column)
      return nd_fail(error, NADIR_BAD_SETTING, "%s: %s is given twice: give it one error", setting,
                     name);
  ND_TRY(nd_depends(model->graph, &column, 1, &needs, error));
  bool used = needs[model->output];
  for (size_t j = 0; j < model->feature_count; j++)
    used = used || needs[model->features[j]];
  nd_free(needs);
  if (used) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING, "%s: the model has no column %s: name one that it has",
                 setting, name);
}

static nadir_status add(nd_builder *builder, const nd_assignment *typed, nadir_error *error) {
  nd_model *model = builder->model;
  nd_column_error one;
  ND_TRY(bind_column(builder, typed->name, &one.column, error));
  ND_TRY(check_column(model, typed->name, one.column, error));
  ND_TRY(bind_text(builder, typed->text, &one.sigma, error));
  model->column_errors[model->column_error_count++] = one;
  return NADIR_OK;
}

nadir_status nd_build_column_errors(nd_builder *builder, nadir_error *error) {
  nd_model *model = builder->model;
  nd_assignment *list;
  size_t count;
  char *text;
  if (!*builder->settings->sigma_x) return NADIR_OK;
  ND_TRY(nd_expand_positions(&builder->schema, builder->settings->sigma_x, &text, error));
  nadir_status status = nd_assignments_read(setting, text, false, &list, &count, error);
  nd_free(text);
  ND_TRY(status);
  model->column_errors = nd_new(count, sizeof *model->column_errors, error);
  if (!model->column_errors) status = NADIR_NO_MEMORY;
  for (size_t i = 0; i < count && status == NADIR_OK; i++)
    status = add(builder, &list[i], error);
  nd_assignments_free(list, count);
  return status;
}
