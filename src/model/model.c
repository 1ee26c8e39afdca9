/* A model made of a formula, a table and settings: names bound once, heads, tail, loss, weights.
 *
 * The order is that of what is needed first: the roots are parsed, the target and its classes
 * found, then the model's names and heads, the loss, the weights, and last what the settings say of
 * parameters. nd_model_rebuild makes the same model from a model file's list of columns. */
#include <stdlib.h>
#include <string.h>

#include "model/model_internal.h"

void nd_model_free(nd_model *model) {
  if (model == NULL) return;
  nd_held_clear(&model->held);
  for (size_t i = 0; i < model->column_count; i++) {
    nd_free(model->columns[i].column);
    nd_free(model->columns[i].equals);
    nd_free(model->columns[i].unit);
  }
  for (size_t i = 0; i < model->size; i++) {
    nd_free(model->parameters[i].name);
    nd_free(model->parameters[i].unit);
    nd_free(model->parameters[i].feature_unit);
  }
  for (size_t i = 0; i < model->feature_count; i++)
    nd_free(model->feature_names[i]);
  for (size_t i = 0; i < model->class_count; i++)
    nd_free(model->classes[i]);
  void *owned[] = {
      model->formula,       model->columns,        model->parameters,  model->column_of,
      model->column_errors, model->heads,          model->etas,        model->features,
      model->free,          model->free_index,     model->target_name, model->feature_names,
      model->classes,       model->class_column,   model->target_unit, model->scaling,
      model->value,         model->class_weight,   model->basis.part,  model->basis_value,
      model->covariance,    model->standard_error, model->loss_text,   model->undetermined};
  for (size_t i = 0; i < ND_COUNT(owned); i++)
    nd_free(owned[i]);
  nd_graph_free(model->graph);
  nd_free(model);
}

/* ---- names of MODEL outside heads: columns, else parameters ---- */

/* A name that a setting speaks of as a parameter. */
static bool is_meant(const nd_builder *builder, const char *name) {
  for (size_t i = 0; i < builder->start_count; i++)
    if (strcmp(builder->starts[i].name, name) == 0) return true;
  for (size_t i = 0; i < builder->bound_count; i++)
    if (strcmp(builder->bounds[i].name, name) == 0) return true;
  return false;
}

nadir_status nd_add_free(nd_builder *builder, nd_node leaf, bool penalised, nadir_error *error) {
  nd_model *model = builder->model;
  const char *name = nd_node_text(model->graph, leaf);
  ND_TRY(nd_grow(&model->free, &builder->free_capacity, model->free_count + 1, sizeof *model->free,
                 error));
  ND_TRY(nd_grow(&model->free_index, &builder->free_index_capacity, model->free_count + 1,
                 sizeof *model->free_index, error));
  model->free[model->free_count] = leaf;
  model->free_index[model->free_count++] = model->size;
  return nd_add_parameter(builder,
                          (nd_model_parameter){.name = nd_copy_text(name, strlen(name), error),
                                               .kind = ND_FREE,
                                               .penalised = penalised},
                          error);
}

static nadir_status add_free(void *context, nd_node leaf, const char *near, nadir_error *error) {
  nd_builder *builder = context;
  nd_model *model = builder->model;
  const char *name = nd_node_text(model->graph, leaf);
  if (nd_head_named(name, strlen(name)) != ND_OPS && !is_meant(builder, name))
    return nd_fail_at_node(model->graph, leaf, error, NADIR_BAD_FORMULA,
                           "model: '%s' has no columns: write them behind it, as %s(...), or give the "
                           "parameter a start, as %s=0",
                           name, name, name);
  if (near != NULL && !is_meant(builder, name))
    return nd_fail_at_node(model->graph, leaf, error, NADIR_BAD_FORMULA,
                           "model: '%s' is not a column, but '%s' is: write that, or give the "
                           "parameter a start, as %s=0",
                           name, near, name);
  const char *unquoted = is_meant(builder, name)
                             ? NULL
                             : nd_schema_unquoted(&builder->schema, name, model->formula);
  if (unquoted != NULL)
    return nd_fail_at_node(model->graph, leaf, error, NADIR_BAD_FORMULA,
                           "model: '%s' is not a column, but '%s' is: write it in backquotes, as "
                           "`%s`, or give the parameter a start, as %s=0",
                           name, unquoted, unquoted, name);
  return nd_add_free(builder, leaf, true, error);
}

static nadir_status add_head(void *context, nd_node head, nd_node *eta, nadir_error *error) {
  return nd_build_head(context, head, eta, error);
}

/* ---- fixed and tied parameters ---- */

size_t nd_find_held(nd_builder *builder, const char *name) {
  for (size_t i = 0; i < builder->held.count; i++)
    if (strcmp(nd_node_text(builder->model->graph, builder->held.items[i].name), name) == 0) {
      builder->held_found[i] = true;
      return i;
    }
  return SIZE_MAX;
}

static nadir_status refuse_column(const nd_builder *builder, const nd_held *held, nd_node name,
                                  nadir_error *error) {
  nd_found found;
  const char *near, *text = nd_node_text(builder->model->graph, name);
  if (!nd_schema_find(&builder->schema, text, &found, &near)) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING,
                 "%s: '%s' is a column of the table, not a parameter: name a parameter",
                 nd_held_by(held), text);
}

/* Those that the formula names, and those that others follow, are found. */
static nadir_status mark_held(nd_builder *builder, const nd_held *of, nd_node root,
                              nadir_error *error) {
  const nd_graph *graph = builder->model->graph;
  nd_node *names;
  size_t count;
  ND_TRY(nd_names(graph, &root, 1, &names, &count, error));
  nadir_status status = NADIR_OK;
  for (size_t i = 0; i < count && status == NADIR_OK; i++) {
    (void)nd_find_held(builder, nd_node_text(graph, names[i]));
    if (of) status = refuse_column(builder, of, names[i], error);
  }
  nd_free(names);
  return status;
}

static nadir_status read_held(nd_builder *builder, nadir_error *error) {
  ND_TRY(nd_held_read(builder->settings, builder->model->graph, &builder->held, error));
  builder->held_found = nd_new(builder->held.count, sizeof *builder->held_found, error);
  if (!builder->held_found) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < builder->held.count; i++) {
    const nd_held *held = &builder->held.items[i];
    ND_TRY(refuse_column(builder, held, held->name, error));
    ND_TRY(mark_held(builder, held, held->typed, error));
  }
  return mark_held(builder, NULL, builder->model->typed_model, error);
}

static nadir_status check_held(const nd_builder *builder, nadir_error *error) {
  const nd_model *model = builder->model;
  for (size_t i = 0; i < builder->held.count; i++) {
    const nd_held *held = &builder->held.items[i];
    if (builder->held_found[i]) continue;
    return nd_fail(error, NADIR_BAD_SETTING,
                   "%s: the model has no parameter '%s' that could be %s: name one of its formula%s",
                   nd_held_by(held), nd_node_text(model->graph, held->name),
                   held->tied ? "tied" : "fixed",
                   builder->has_softmax ? " (not a weight of softmax)" : "");
  }
  return NADIR_OK;
}

static nadir_status check_size(const nd_builder *builder, nadir_error *error) {
  const nd_model *model = builder->model;
  if ((model->size > 0) == !builder->columns_only) return NADIR_OK;
  if (builder->columns_only)
    return nd_fail_at_node(model->graph, model->typed_model, error, NADIR_BAD_FORMULA,
                           "'%s' is not a column of the table, and there is nothing to fit: name columns alone",
                           model->parameters[0].name);
  return nd_fail_at_node(model->graph, model->typed_model, error, NADIR_BAD_FORMULA,
                         builder->held.count
                             ? "the model: every parameter is fixed, so nothing is left to fit: "
                               "leave one free"
                             : "the model: every name in it is a column, so nothing is left to "
                               "fit: write linear(...), or name a parameter");
}

static nadir_status build_output(nd_builder *builder, nadir_error *error) {
  nd_model *model = builder->model;
  nd_node root;
  nd_binder binder = {.graph = model->graph,
                      .schema = &builder->schema,
                      .columns = &builder->columns,
                      .what = "the model",
                      .free_name = add_free,
                      .head = add_head,
                      .context = builder};
  if (nd_node_type(model->graph, model->typed_model) == ND_IS_TEXT)
    return nd_fail_at_node(model->graph, model->typed_model, error, NADIR_BAD_FORMULA,
                           "the model: a quoted string is not a model: write TARGET ~ linear(...)");
  ND_TRY(read_held(builder, error));
  ND_TRY(nd_held_put(model->graph, &builder->held, model->typed_model, &root, error));
  ND_TRY(nd_bind(&binder, root, &model->output, error));
  ND_TRY(check_held(builder, error));
  model->is_linear = nd_is_head(model->graph, root) && !builder->has_offset;
  return check_size(builder, error);
}

/* ---- the loss of one row ---- */

/* In an expression for --loss, y and f are the target and the model; `y` and `f` in backquotes are
 * columns of these names, so they are renamed, at the same length, before parsing. */
static void mark_quoted(char *text) {
  for (; *text != '\0'; text++)
    if (text[0] == '`' && (text[1] == 'y' || text[1] == 'f') && text[2] == '`')
      text[1] = text[1] == 'y' ? '\002' : '\003';
}

static void unmark_quoted(char *text) {
  for (; *text != '\0'; text++)
    if (*text == '\002' || *text == '\003') *text = *text == '\002' ? 'y' : 'f';
}

static nadir_status loss_name(void *context, nd_node leaf, const char *near, nadir_error *error) {
  nd_binder *binder = context;
  const char *name = nd_node_text(binder->graph, leaf);
  if (name[0] == '\001') return NADIR_OK;
  return nd_fail_unknown(binder, leaf, name, near, error);
}

static nadir_status build_expression(nd_builder *builder, nadir_error *error) {
  nd_model *model = builder->model;
  nd_graph *graph = model->graph;
  nd_node names[4], targets[4], f, root = builder->loss_root;
  ND_TRY(nd_make_name(graph, "\001f", &f, error));
  const char *spelled[] = {"y", "f", "\002", "\003"};
  for (size_t i = 0; i < 4; i++)
    ND_TRY(nd_make_name(graph, spelled[i], &names[i], error));
  targets[0] = model->target_leaf;
  targets[1] = f;
  ND_TRY(nd_make_name(graph, "y", &targets[2], error));
  ND_TRY(nd_make_name(graph, "f", &targets[3], error));
  ND_TRY(nd_substitute(graph, root, names, targets, 4, &root, error));
  nd_binder binder = {.graph = graph,
                      .schema = &builder->schema,
                      .columns = &builder->columns,
                      .what = "the loss takes y, f and columns",
                      .text = builder->loss_source,
                      .free_name = loss_name};
  binder.context = &binder;
  ND_TRY(nd_bind(&binder, root, &root, error));
  return nd_substitute(graph, root, &f, &model->output, 1, &model->loss_node, error);
}

static nadir_status bind_columns(nd_builder *builder, const char *what, uint32_t text,
                                 nd_node *node, nadir_error *error) {
  nd_binder binder = {.graph = builder->model->graph,
                      .schema = &builder->schema,
                      .columns = &builder->columns,
                      .what = what,
                      .text = text};
  return *node == ND_NO_NODE ? NADIR_OK : nd_bind(&binder, *node, node, error);
}

static nadir_status build_loss(nd_builder *builder, nadir_error *error) {
  nd_model *model = builder->model;
  if (*builder->settings->scatter) {
    ND_TRY(bind_columns(builder, "sigma", builder->sigma_source, &model->sigma, error));
    return nd_build_scatter(builder, error);
  }
  if (builder->loss_root != ND_NO_NODE) return build_expression(builder, error);
  return nd_loss_build(model->graph, &model->loss, model->loss.parameter, model->target_leaf,
                       model->output, model->etas, model->head_count, &model->loss_node, error);
}

/* ---- weights ---- */

static nadir_status build_weight(nd_builder *builder, nadir_error *error) {
  nd_model *model = builder->model;
  if (model->scatter != SIZE_MAX) return NADIR_OK; /* the loss has sigma in it */
  ND_TRY(bind_columns(builder, "weight", builder->weight_source, &model->weight, error));
  ND_TRY(bind_columns(builder, "sigma", builder->sigma_source, &model->sigma, error));
  ND_TRY(nd_build_column_errors(builder, error));
  model->row_errors = *builder->settings->data_covariance ? NADIR_ROW_ERRORS_COVARIANCE
                      : model->column_error_count > 0     ? NADIR_ROW_ERRORS_BOTH
                      : model->sigma != ND_NO_NODE        ? NADIR_ROW_ERRORS_SIGMA
                                                          : NADIR_ROW_ERRORS_NONE;
  if (model->sigma == ND_NO_NODE) return NADIR_OK;
  return nd_make_formula(model->graph, "1/s^2", (const char *[]){"s"}, &model->sigma, 1,
                         &model->weight, error);
}

/* ---- parsing ---- */

static nadir_status parse_setting(nd_builder *builder, const char *what, const char *text,
                                  nd_node *root, uint32_t *number, nadir_error *error) {
  char *expanded;
  *root = ND_NO_NODE;
  if (text[0] == '\0') return NADIR_OK;
  ND_TRY(nd_expand_positions(&builder->schema, text, &expanded, error));
  nadir_status status = nd_parse_as(builder->model->graph, what, expanded, root, error);
  *number = nd_graph_text(builder->model->graph);
  nd_free(expanded);
  return status;
}

static void use(nd_builder *builder, nd_node root) {
  if (root != ND_NO_NODE) builder->used[builder->used_count++] = root;
}

static nadir_status parse_loss(nd_builder *builder, nadir_error *error) {
  nd_model *model = builder->model;
  nd_loss loss;
  builder->loss_root = ND_NO_NODE;
  ND_TRY(nd_expand_positions(&builder->schema, builder->settings->loss, &model->loss_text, error));
  ND_TRY(nd_loss_read(model->loss_text, ND_TARGET_REAL, &loss, error));
  if (loss.is_listed) return NADIR_OK;
  mark_quoted(model->loss_text);
  nadir_status status =
      nd_parse_as(model->graph, "loss", model->loss_text, &builder->loss_root, error);
  builder->loss_source = nd_graph_text(model->graph);
  unmark_quoted(model->loss_text);
  return status;
}

static nadir_status parse_all(nd_builder *builder, const char *formula, nadir_error *error) {
  nd_model *model = builder->model;
  const nadir_settings *settings = builder->settings;
  ND_TRY(nd_expand_positions(&builder->schema, formula, &model->formula, error));
  ND_TRY(
      nd_parse_fit(model->graph, model->formula, &model->typed_target, &model->typed_model, error));
  ND_TRY(parse_setting(builder, "weight", settings->weight, &model->weight, &builder->weight_source,
                       error));
  ND_TRY(parse_setting(builder, "sigma", settings->sigma, &model->sigma, &builder->sigma_source,
                       error));
  if (model->weight != ND_NO_NODE && model->sigma != ND_NO_NODE)
    return nd_fail(error, NADIR_BAD_SETTING, "sigma: weight is given too: give one of the two");
  ND_TRY(parse_loss(builder, error));
  use(builder, model->typed_target);
  use(builder, model->typed_model);
  use(builder, model->weight);
  use(builder, model->sigma);
  use(builder, builder->loss_root);
  builder->typed_size = nd_graph_size(model->graph);
  for (size_t n = 0; n < builder->typed_size; n++)
    if (nd_node_op(model->graph, (nd_node)n) == ND_SOFTMAX) builder->has_softmax = true;
  return NADIR_OK;
}

/* ---- what the settings say of parameters ---- */

static nadir_status refuse_held(nd_builder *builder, const char *setting, const char *name,
                                nadir_error *error) {
  size_t i = nd_find_held(builder, name);
  if (i == SIZE_MAX) return NADIR_OK;
  const nd_held *held = &builder->held.items[i];
  return nd_fail(error, NADIR_BAD_SETTING, "%s: %s is %s: leave one of the two out", setting, name,
                 held->tied ? "tied" : "fixed");
}

static nadir_status set_starts(nd_builder *builder, const char *const *names, nadir_error *error) {
  for (size_t i = 0; i < builder->start_count; i++) {
    size_t index;
    ND_TRY(refuse_held(builder, "start", builder->starts[i].name, error));
    ND_TRY(nd_find_parameter("start", builder->starts[i].name, names, builder->model->size, &index,
                             error));
    builder->model->parameters[index].start = builder->starts[i].value;
  }
  return NADIR_OK;
}

static nadir_status set_bounds(nd_builder *builder, const char *const *names, nadir_error *error) {
  for (size_t i = 0; i < builder->bound_count; i++) {
    const nd_bound *bound = &builder->bounds[i];
    size_t index;
    ND_TRY(refuse_held(builder, "bounds", bound->name, error));
    ND_TRY(nd_find_parameter("bounds", bound->name, names, builder->model->size, &index, error));
    builder->model->parameters[index].low = bound->low;
    builder->model->parameters[index].high = bound->high;
  }
  return NADIR_OK;
}

static nadir_status check_starts(const nd_model *model, nadir_error *error) {
  for (size_t i = 0; i < model->size; i++) {
    const nd_model_parameter *it = &model->parameters[i];
    ND_TRY(nd_check_start(it->name, it->start, it->low, it->high, error));
  }
  return NADIR_OK;
}

static nadir_status set_penalties(nd_builder *builder, const char *const *names,
                                  nadir_error *error) {
  nd_model *model = builder->model;
  bool *spared = nd_new(model->size, sizeof *spared, error);
  if (spared == NULL) return NADIR_NO_MEMORY;
  nadir_status status = nd_no_penalty(builder->settings, names, model->size, spared, error);
  for (size_t i = 0; i < model->size; i++)
    if (spared[i]) model->parameters[i].penalised = false;
  nd_free(spared);
  return status;
}

static nadir_status set_parameters(nd_builder *builder, nadir_error *error) {
  const nd_model *model = builder->model;
  const char **names = nd_new(model->size, sizeof *names, error);
  if (names == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < model->size; i++)
    names[i] = model->parameters[i].name;
  nadir_status status = set_starts(builder, names, error);
  if (status == NADIR_OK) status = set_bounds(builder, names, error);
  if (status == NADIR_OK) status = check_starts(model, error);
  if (status == NADIR_OK) status = set_penalties(builder, names, error);
  nd_free((void *)names);
  return status;
}

/* ---- finishing ---- */

typedef struct keyed {
  nd_model_column column;
  size_t order;
} keyed;

static int by_order(const void *a, const void *b) {
  const keyed *x = a, *y = b;
  if (x->order != y->order) return x->order < y->order ? -1 : 1;
  if (x->column.rest != y->column.rest) return (int)x->column.rest - (int)y->column.rest;
  bool xe = x->column.equals != NULL, ye = y->column.equals != NULL;
  if (!xe || !ye) return (int)xe - (int)ye;
  return strcmp(x->column.equals, y->column.equals);
}

/* Columns in the table's order, so that a range or * means the same in a model file. */
static nadir_status take_columns(nd_builder *builder, nadir_error *error) {
  nd_column_list *list = &builder->columns;
  nd_model *model = builder->model;
  keyed *sorted = nd_new(list->count, sizeof *sorted, error);
  if (sorted == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < list->count; i++)
    sorted[i] = (keyed){list->items[i], list->order[i]};
  if (list->count > 1) qsort(sorted, list->count, sizeof *sorted, by_order);
  for (size_t i = 0; i < list->count; i++) {
    list->items[i] = sorted[i].column;
    list->item_of[list->items[i].name] = i + 1;
  }
  nd_free(sorted);
  model->columns = list->items;
  model->column_count = list->count;
  model->column_of = list->item_of;
  model->leaf_count = list->item_of_capacity;
  list->items = NULL;
  list->item_of = NULL;
  list->count = 0;
  return NADIR_OK;
}

size_t nd_model_column_of(const nd_model *model, nd_node leaf) {
  size_t found = leaf < model->leaf_count ? model->column_of[leaf] : 0;
  return found == 0 ? model->column_count : found - 1;
}

static nadir_status take_numbers(nd_builder *builder, nadir_error *error) {
  nd_model *model = builder->model;
  model->target_scaling = (nd_scaling){0, 1};
  model->scale_method = builder->settings->scale;
  model->scaling = nd_new(model->feature_count, sizeof *model->scaling, error);
  model->value = nd_new(model->size, sizeof *model->value, error);
  model->basis_value = nd_new(model->size, sizeof *model->basis_value, error);
  model->standard_error = nd_new(model->size, sizeof *model->standard_error, error);
  if (model->basis_value == NULL || model->scaling == NULL ||
      model->value == NULL || model->standard_error == NULL)
    return NADIR_NO_MEMORY;
  for (size_t j = 0; j < model->feature_count; j++)
    model->scaling[j] = (nd_scaling){0, 1};
  for (size_t i = 0; i < model->size; i++)
    model->standard_error[i] = (double)NAN;
  return NADIR_OK;
}

static nadir_status read_assignments(nd_builder *builder, nadir_error *error) {
  const nadir_settings *settings = builder->settings;
  if (settings->start[0] != '\0' && !nd_start_is_random(settings))
    ND_TRY(nd_assignments_read("start", settings->start, true, &builder->starts,
                               &builder->start_count, error));
  ND_TRY(nd_bounds_read(settings->bounds, &builder->bounds, &builder->bound_count, error));
  if (settings->unit[0] == '\0') return NADIR_OK;
  return nd_assignments_read("unit", settings->unit, false, &builder->units, &builder->unit_count,
                             error);
}

static nadir_status build(nd_builder *builder, const char *formula, nadir_error *error) {
  nd_model *model = builder->model;
  model->intercept = !builder->settings->no_intercept;
  model->scatter = SIZE_MAX;
  ND_TRY(nd_graph_new(&model->graph, error));
  ND_TRY(read_assignments(builder, error));
  ND_TRY(parse_all(builder, formula, error));
  if (builder->schema.table != NULL)
    ND_TRY(nd_filter_new(&builder->filter, builder->schema.table, builder->settings->where, error));
  builder->loss_text = model->loss_text;
  ND_TRY(nd_build_target(builder, error));
  ND_TRY(build_output(builder, error));
  ND_TRY(build_loss(builder, error));
  ND_TRY(build_weight(builder, error));
  ND_TRY(set_parameters(builder, error));
  ND_TRY(nd_build_column_units(builder, error));
  ND_TRY(take_columns(builder, error));
  ND_TRY(nd_build_units(model, error));
  if (!builder->columns_only) ND_TRY(nd_infer_units(model, builder->teller, error));
  return take_numbers(builder, error);
}

static nadir_status make(nd_model **model, nd_builder *builder, const char *formula,
                         nadir_error *error) {
  *model = NULL;
  builder->model = nd_new(1, sizeof *builder->model, error);
  if (builder->model == NULL) return NADIR_NO_MEMORY;
  nadir_status status = build(builder, formula, error);
  nd_column_list_clear(&builder->columns);
  nd_index_clear(&builder->parameter_names);
  nd_filter_free(builder->filter);
  nd_assignments_free(builder->starts, builder->start_count);
  nd_assignments_free(builder->units, builder->unit_count);
  nd_bounds_free(builder->bounds, builder->bound_count);
  nd_free(builder->held_found);
  builder->model->held = builder->held;
  if (status == NADIR_OK)
    *model = builder->model;
  else
    nd_model_free(builder->model);
  return status;
}

nadir_status nd_model_new(nd_model **model, const nd_table *table, const char *formula,
                          const nadir_settings *settings, nd_teller *teller, nadir_error *error) {
  nd_builder builder = {.schema = {.table = table}, .settings = settings, .teller = teller};
  return make(model, &builder, formula, error);
}

nadir_status nd_model_of_columns(nd_model **model, const nd_table *table, const char *formula,
                                 const nadir_settings *settings, nd_teller *teller, nadir_error *error) {
  nd_builder builder = {
      .schema = {.table = table}, .settings = settings, .teller = teller, .columns_only = true};
  return make(model, &builder, formula, error);
}

nadir_status nd_model_rebuild(nd_model **model, const char *formula, const nadir_settings *settings,
                              const char *const *columns, size_t column_count,
                              const char *const *classes, size_t class_count, nadir_error *error) {
  nd_builder builder = {
      .settings = settings, .given_classes = classes, .given_class_count = class_count};
  *model = NULL;
  nadir_status status = nd_schema_list(&builder.schema, columns, column_count, error);
  if (status == NADIR_OK) status = make(model, &builder, formula, error);
  nd_schema_clear(&builder.schema);
  return status;
}
