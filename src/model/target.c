/* What the target is: a number, a truth value, or one of several classes, and which loss goes with
 * it.
 *
 * A comparison or a truth column is 1 or 0. A column of text is a class: with softmax one of all
 * its texts in sorted order, else one of two, the second in order being 1. A column of numbers that
 * a loss of truths is asked for must hold 0 and 1, or -1 and 1. Classes take one pass over one
 * column, the coding as many chunks as it takes to meet a 0 or a -1. */
#include <stdlib.h>
#include <string.h>

#include "base/cell.h"
#include "base/limits.h"
#include "model/model_internal.h"


/* ---- the classes of a column ---- */

static ptrdiff_t class_slot(char *const *classes, size_t count, const char *text, bool *known) {
  size_t low = 0, high = count;
  *known = false;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = strcmp(text, classes[middle]);
    if (order == 0) *known = true;
    if (order == 0) return (ptrdiff_t)middle;
    if (order < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return (ptrdiff_t)low;
}

ptrdiff_t nd_class_number(const nd_model *model, const char *text) {
  bool known;
  ptrdiff_t slot = class_slot(model->classes, model->class_count, text, &known);
  return known ? slot : -1;
}

/* Of two classes it is bound as column == second class. */
const char *nd_model_text_target(const nd_model *model) {
  if (model->class_column != NULL) return model->class_column;
  size_t i = nd_model_column_of(model, model->target);
  bool text = i < model->column_count && model->columns[i].equals != NULL;
  return text ? model->columns[i].column : NULL;
}

static nadir_status insert_class(nd_builder *builder, const char *text, nadir_error *error) {
  nd_model *model = builder->model;
  bool known;
  size_t slot = (size_t)class_slot(model->classes, model->class_count, text, &known);
  if (known) return NADIR_OK;
  if (model->class_count == ND_LIMIT_CLASSES && builder->class_found.nearly_numbers)
    return nd_fail_text(model->graph, 0, model->typed_target, "the target", &builder->class_found,
                        error);
  if (model->class_count == ND_LIMIT_CLASSES)
    return nd_fail_at_node(
        model->graph, model->typed_target, error, NADIR_BAD_DATA,
        "the target: column '%s' has more than %d different values: so it does not name classes",
        model->target_name, ND_LIMIT_CLASSES);
  ND_TRY(nd_grow(&model->classes, &builder->class_capacity, model->class_count + 1,
                 sizeof *model->classes, error));
  char *copy = nd_copy_text(text, strlen(text), error);
  if (copy == NULL) return NADIR_NO_MEMORY;
  memmove(model->classes + slot + 1, model->classes + slot,
          (model->class_count - slot) * sizeof *model->classes);
  model->classes[slot] = copy;
  model->class_count++;
  return NADIR_OK;
}

/* How two classes are called that are not texts of a column; a model file has no more than the names. */
static const struct {
  const char *low, *high;
} pairs[] = {[ND_PAIR_TRUTH] = {"false", "true"},
             [ND_PAIR_0_1] = {"0", "1"},
             [ND_PAIR_MINUS_1_1] = {"-1", "1"}};

static nd_class_pair pair_of(const char *const *classes, size_t count) {
  for (nd_class_pair p = ND_PAIR_TRUTH; count == 2 && p <= ND_PAIR_MINUS_1_1; p++)
    if (strcmp(classes[0], pairs[p].low) == 0 && strcmp(classes[1], pairs[p].high) == 0) return p;
  return ND_PAIR_OF_TEXTS;
}

/* A class already in its place, for lists that are sorted by meaning. */
static nadir_status append_class(nd_builder *builder, const char *text, nadir_error *error) {
  nd_model *model = builder->model;
  ND_TRY(nd_grow(&model->classes, &builder->class_capacity, model->class_count + 1,
                 sizeof *model->classes, error));
  model->classes[model->class_count] = nd_copy_text(text, strlen(text), error);
  if (model->classes[model->class_count] == NULL) return NADIR_NO_MEMORY;
  model->class_count++;
  return NADIR_OK;
}

static nadir_status two_classes(nd_builder *builder, nd_class_pair pair, nadir_error *error) {
  builder->model->pair = pair;
  ND_TRY(append_class(builder, pairs[pair].low, error));
  return append_class(builder, pairs[pair].high, error);
}

/* ---- passes over the target's columns ---- */

/* Requests for text of the class column (or none) and numbers of the given columns. */
typedef struct target_pass {
  nd_request *requests;
  size_t count;
  double *numbers;
  const double **values; /* by numeric request */
  const char **texts;
  unsigned char *kept;
  nd_scratch *scratch;
  size_t chunk, rows;
} target_pass;

static void look_clear(target_pass *look) {
  nd_scratch_free(look->scratch);
  nd_free(look->requests);
  nd_free(look->numbers);
  nd_free((void *)look->values);
  nd_free((void *)look->texts);
  nd_free(look->kept);
}

nadir_status nd_fail_needed(const nd_table *table, const char *name, const char *near,
                            nadir_error *error) {
  nd_schema schema = {.table = table};
  return nd_fail_no_column(&schema, NADIR_BAD_DATA, nd_table_file(table, 0), name,
                           ", which the formula needs", near, error);
}

static nadir_status fail_cell(const nadir_cell *cell, nadir_error *error) {
  nd_text said = {0};
  nd_say_cell(cell, &said);
  nadir_status status =
      nd_fail(error, NADIR_BAD_DATA, "%s: %s", nd_text_data(&said), nd_cell_cure(cell));
  nd_text_free(&said);
  return status;
}

nadir_status nd_request_column(const nd_table *table, const nd_model_column *column,
                               double *numbers, nd_request *request, nadir_error *error) {
  nd_schema schema = {.table = table};
  nd_found found;
  const char *near;
  if (!nd_schema_find(&schema, column->column, &found, &near))
    return nd_fail_needed(table, column->column, near, error);
  if (found.nearly_numbers && column->equals == NULL) return fail_cell(found.stray, error);
  if ((found.type == ND_CELL_TEXT) != (column->equals != NULL) || found.bare)
    return nd_fail(error, NADIR_BAD_DATA,
                   "%s: column '%s' is %s here: give a table like the one "
                   "that was fitted",
                   nd_table_file(table, 0), column->column,
                   found.bare                   ? "a vector"
                   : found.type == ND_CELL_TEXT ? "text"
                                                : "a number");
  *request = (nd_request){.kind = found.reads              ? ND_AS_READ
                                  : column->rest           ? ND_AS_REST
                                  : column->equals == NULL ? ND_AS_NUMBER
                                                           : ND_AS_EQUAL,
                          .reads = found.reads,
                          .column = found.column,
                          .element = found.element,
                          .equals = column->equals,
                          .numbers = numbers};
  return NADIR_OK;
}

static nadir_status look_new(target_pass *look, const nd_builder *builder,
                             const nd_model_column *columns, size_t numbers, bool with_text,
                             nadir_error *error) {
  size_t cells, room = nd_table_room(builder->schema.table);
  if (!nd_multiply(numbers, room, &cells)) cells = SIZE_MAX;
  look->requests = nd_new(numbers + 1, sizeof *look->requests, error);
  look->numbers = nd_new(cells, sizeof *look->numbers, error);
  look->values = nd_new(numbers, sizeof *look->values, error);
  look->texts = nd_new(room, sizeof *look->texts, error);
  look->kept = nd_new(room, 1, error);
  if (look->requests == NULL || look->numbers == NULL || look->values == NULL ||
      look->texts == NULL || look->kept == NULL)
    return NADIR_NO_MEMORY;
  for (size_t i = 0; i < numbers; i++) {
    double *to = look->numbers + i * room;
    look->values[i] = to;
    ND_TRY(nd_request_column(builder->schema.table, &columns[i], to, &look->requests[i], error));
  }
  look->count = numbers;
  if (with_text)
    look->requests[look->count++] = (nd_request){.kind = ND_AS_TEXT,
                                                 .column = builder->class_found.column,
                                                 .element = builder->class_found.element,
                                                 .texts = look->texts};
  return nd_scratch_new(&look->scratch, builder->schema.table, error);
}

static nadir_status look_next(const nd_builder *builder, target_pass *look, bool *more,
                              nadir_error *error) {
  const nd_table *table = builder->schema.table;
  ND_TRY(nd_heed(builder->teller, error));
  *more = look->chunk < nd_table_chunks(table);
  if (!*more) return NADIR_OK;
  return nd_table_read(table, look->chunk++, look->requests, look->count, look->scratch,
                       &look->rows, error);
}

static nadir_status scan_classes(nd_builder *builder, target_pass *look, nadir_error *error) {
  const char *last = NULL;
  for (bool more = true;;) {
    ND_TRY(look_next(builder, look, &more, error));
    if (!more) return NADIR_OK;
    nd_filter_run(builder->filter, look->values, look->rows, look->kept);
    last = NULL;
    for (size_t i = 0; i < look->rows; i++) {
      const char *text = look->texts[i];
      if (!look->kept[i] || text == NULL || (last != NULL && strcmp(text, last) == 0)) continue;
      ND_TRY(insert_class(builder, text, error));
      last = text;
    }
  }
}

static nadir_status find_classes(nd_builder *builder, nadir_error *error) {
  for (size_t i = 0; i < builder->given_class_count; i++)
    ND_TRY(insert_class(builder, builder->given_classes[i], error));
  if (builder->schema.table == NULL) return NADIR_OK;
  size_t filters = nd_filter_columns(builder->filter);
  target_pass look = {0};
  nadir_status status =
      look_new(&look, builder, filters == 0 ? NULL : nd_filter_column(builder->filter, 0), filters,
               true, error);
  if (status == NADIR_OK) status = scan_classes(builder, &look, error);
  look_clear(&look);
  return status;
}

/* ---- kinds of targets ---- */

static nadir_status fail_here(nd_builder *builder, nadir_error *error, const char *sentence) {
  return nd_fail_at_node(builder->model->graph, builder->model->typed_target, error,
                         NADIR_BAD_FORMULA, "the target: %s", sentence);
}

static nadir_status class_target(nd_builder *builder, nadir_error *error) {
  nd_model *model = builder->model;
  ND_TRY(find_classes(builder, error));
  if (model->class_count < 2)
    return nd_fail_at_node(model->graph, model->typed_target, error, NADIR_BAD_DATA,
                           "the target: column '%s' has %zu class%s in the rows used: at least "
                           "two are needed",
                           model->target_name, model->class_count,
                           model->class_count == 1 ? "" : "es");
  model->pair = pair_of((const char *const *)model->classes, model->class_count);
  const char *column = nd_node_text(model->graph, model->typed_target);
  if (builder->has_softmax) {
    model->target_kind = ND_TARGET_CLASS;
    model->class_column = nd_copy_text(column, strlen(column), error);
    return model->class_column == NULL ? NADIR_NO_MEMORY : NADIR_OK;
  }
  if (model->class_count != 2 && builder->class_found.nearly_numbers)
    return nd_fail_text(model->graph, 0, model->typed_target, "the target", &builder->class_found,
                        error);
  if (model->class_count != 2)
    return nd_fail_at_node(model->graph, model->typed_target, error, NADIR_BAD_FORMULA,
                           "the target: column '%s' has %zu classes: write softmax(%zu; ...), or "
                           "compare it, as in %s == \"%s\"",
                           model->target_name, model->class_count, model->class_count, column,
                           model->classes[0]);
  nd_binder binder = {.graph = model->graph,
                      .schema = &builder->schema,
                      .columns = &builder->columns,
                      .what = "the target"};
  model->target_kind = ND_TARGET_TRUTH;
  return nd_bind_equals(&binder, &builder->class_found, model->classes[1], &model->target, error);
}

static nadir_status bind_target(nd_builder *builder, nadir_error *error) {
  nd_model *model = builder->model;
  nd_binder binder = {.graph = model->graph,
                      .schema = &builder->schema,
                      .columns = &builder->columns,
                      .what = "the target"};
  return nd_bind(&binder, model->typed_target, &model->target, error);
}

static nadir_status truth_target(nd_builder *builder, nadir_error *error) {
  ND_TRY(bind_target(builder, error));
  builder->model->target_kind = builder->has_softmax ? ND_TARGET_CLASS : ND_TARGET_TRUTH;
  return two_classes(builder, ND_PAIR_TRUTH, error);
}

static nadir_status real_target(nd_builder *builder, nadir_error *error) {
  builder->model->target_kind = ND_TARGET_REAL;
  if (builder->has_softmax)
    return fail_here(builder, error,
                     "softmax needs classes: give a column, or a comparison, before the ~");
  return bind_target(builder, error);
}

static nd_class_pair given_pair(const nd_builder *builder) {
  return pair_of(builder->given_classes, builder->given_class_count);
}

/* In a model file classes tell what the bare column was. */
static bool listed_text(const nd_builder *builder) {
  return builder->schema.table == NULL && builder->given_class_count > 0 &&
         given_pair(builder) == ND_PAIR_OF_TEXTS;
}

static nadir_status choose_kind(nd_builder *builder, nadir_error *error) {
  nd_model *model = builder->model;
  const char *near;
  bool bare = nd_node_op(model->graph, model->typed_target) == ND_NAME;
  bool found =
      bare && nd_schema_find(&builder->schema, model->target_name, &builder->class_found, &near);
  if (bare && !found && builder->schema.table == NULL)
    builder->class_found = (nd_found){.name = model->target_name, .unit = "", .elements = 1};
  if (bare && (found || builder->schema.table == NULL)) {
    bool text = found && builder->class_found.type == ND_CELL_TEXT;
    bool classes = builder->has_softmax && !builder->class_found.bare;
    builder->text_target = text || listed_text(builder);
    if (builder->text_target || classes) return class_target(builder, error);
    if (builder->class_found.type == ND_CELL_TRUTH || given_pair(builder) == ND_PAIR_TRUTH)
      return truth_target(builder, error);
  }
  if (nd_node_type(model->graph, model->typed_target) == ND_IS_TRUTH)
    return truth_target(builder, error);
  return real_target(builder, error);
}

/* ---- 0 and 1, or -1 and 1, in a column of numbers ---- */

static nadir_status target_program(const nd_builder *builder, nd_program **program,
                                   nd_workspace **workspace, nadir_error *error) {
  const nd_column_list *columns = &builder->columns;
  nd_leaf *leaves = nd_new(columns->count, sizeof *leaves, error);
  if (leaves == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < columns->count; i++)
    leaves[i] = (nd_leaf){.name = columns->items[i].name, .per_row = true};
  nadir_status status = nd_program_new(program, builder->model->graph, &builder->model->target, 1,
                                       leaves, columns->count, error);
  nd_free(leaves);
  return status == NADIR_OK ? nd_workspace_new(workspace, *program, error) : status;
}

/* The first 0 or -1 settles it; without either, 0 and 1. */
static nadir_status look_for_low(nd_builder *builder, target_pass *look, nd_program *program,
                                 nd_workspace *workspace, double *low, nadir_error *error) {
  double *value = nd_new(nd_table_room(builder->schema.table), sizeof *value, error);
  nadir_status status = value == NULL ? NADIR_NO_MEMORY : NADIR_OK;
  *low = 1;
  for (bool more = true; status == NADIR_OK && *low > 0;) {
    status = look_next(builder, look, &more, error);
    if (status != NADIR_OK || !more) break;
    nd_program_run(program, workspace, look->values, NULL, look->rows, &value);
    for (size_t i = 0; i<look->rows && * low> 0; i++)
      if (value[i] == 0 || value[i] == -1) *low = value[i];
  }
  if (*low > 0) *low = 0;
  nd_free(value);
  return status;
}

static nadir_status find_low(nd_builder *builder, double *low, nadir_error *error) {
  *low = given_pair(builder) == ND_PAIR_MINUS_1_1 ? -1 : 0;
  if (builder->schema.table == NULL) return NADIR_OK;
  nd_program *program = NULL;
  nd_workspace *workspace = NULL;
  target_pass look = {0};
  nadir_status status = target_program(builder, &program, &workspace, error);
  if (status == NADIR_OK)
    status = look_new(&look, builder, builder->columns.items, builder->columns.count, false, error);
  if (status == NADIR_OK) status = look_for_low(builder, &look, program, workspace, low, error);
  look_clear(&look);
  nd_workspace_free(workspace);
  nd_program_free(program);
  return status;
}

/* Values of neither class become NaN, which the loading of rows reports with its row. */
static nadir_status code_numbers(nd_builder *builder, nadir_error *error) {
  nd_model *model = builder->model;
  double low;
  ND_TRY(find_low(builder, &low, error));
  ND_TRY(two_classes(builder, low < 0 ? ND_PAIR_MINUS_1_1 : ND_PAIR_0_1, error));
  model->target_kind = ND_TARGET_TRUTH;
  return nd_make_formula(model->graph,
                         low < 0 ? "if(y == 1, 1, if(y == -1, 0, log(-1)))"
                                 : "if(y == 1, 1, if(y == 0, 0, log(-1)))",
                         (const char *[]){"y"}, &model->target, 1, &model->target, error);
}

/* ---- the target and its loss ---- */

static nadir_status fail_text_as_number(const nd_model *model, nadir_error *error) {
  nd_text losses = {0};
  nd_loss_name_those_of_classes(&losses);
  nadir_status status = nd_text_status(&losses, error);
  if (status == NADIR_OK)
    status = nd_fail_at_node(model->graph, model->typed_target, error, NADIR_BAD_FORMULA,
                             "the target: column '%s' is text, and the loss %s takes numbers: "
                             "compare it, as in %s == \"%s\", or use %s",
                             model->target_name, model->loss.info.name, model->target_name,
                             model->classes[0], nd_text_data(&losses));
  nd_text_free(&losses);
  return status;
}

static nadir_status check_loss(nd_builder *builder, nadir_error *error) {
  const nd_model *model = builder->model;
  bool classes = model->loss.target == ND_TARGET_CLASS;
  if (classes && !builder->has_softmax)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "loss: softmax goes with the model softmax(k; ...): write TARGET ~ "
                   "softmax(k; ...)");
  if (!classes && builder->has_softmax)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "loss: %s does not go with the model softmax(k; ...): leave loss out",
                   model->loss.info.name);
  if (builder->text_target && model->loss.target == ND_TARGET_REAL &&
      builder->class_found.stray != NULL)
    return nd_fail_text(model->graph, 0, model->typed_target, "the target", &builder->class_found,
                        error);
  if (builder->text_target && model->loss.target == ND_TARGET_REAL)
    return fail_text_as_number(model, error);
  return NADIR_OK;
}

static nadir_status name_target(nd_builder *builder, nadir_error *error) {
  nd_model *model = builder->model;
  const char *begin;
  size_t length;
  nd_text text = {0};
  if (nd_node_op(model->graph, model->typed_target) == ND_NAME)
    nd_text_append(&text, nd_node_text(model->graph, model->typed_target));
  else if (nd_node_source(model->graph, model->typed_target, &begin, &length))
    nd_text_append_bytes(&text, begin, length);
  else
    ND_TRY(nd_print(model->graph, model->typed_target, ND_PLAIN, &text, error));
  nadir_status status = nd_text_status(&text, error);
  if (status == NADIR_OK)
    model->target_name = nd_copy_text(nd_text_data(&text), text.length, error);
  nd_text_free(&text);
  return status == NADIR_OK && model->target_name == NULL ? NADIR_NO_MEMORY : status;
}

nadir_status nd_build_target(nd_builder *builder, nadir_error *error) {
  nd_model *model = builder->model;
  model->target = ND_NO_NODE;
  ND_TRY(name_target(builder, error));
  ND_TRY(choose_kind(builder, error));
  ND_TRY(nd_loss_read(builder->loss_text, model->target_kind, &model->loss, error));
  ND_TRY(check_loss(builder, error));
  if (model->loss.target == ND_TARGET_TRUTH && model->target_kind == ND_TARGET_REAL)
    ND_TRY(code_numbers(builder, error));
  return nd_make_name(model->graph, "\001y", &model->target_leaf, error);
}
