/* Rows for a model: a chunk of the table as features, target, weight and, at model->value, as etas
 * and f. Used to load data, to predict, to score and to draw.
 *
 * A reader belongs to one thread and takes all its memory when it is made: columns + features + a
 * few arrays, each of nd_table_room numbers. Rows are classified here: left out by --where, missing, or used.
 * Columns may be read as floats (nd_model_reader_narrow): they are widened only where a program needs
 * them. */
#include <string.h>

#include "model/basis.h"
#include "model/schema.h"
#include "rows/rows.h"

/* A compiled set of nodes with its outputs. */
typedef struct compiled {
  nd_program *program;
  nd_workspace *workspace;
  const double **inputs;
  double **outputs;
  double *shared;
} compiled;

struct nd_model_reader {
  const nd_model *model;
  const nd_table *table;
  nd_filter *filter;
  nd_missing_rule missing;
  bool needs_target, fill; /* fill false: missing values stay NaN (while means are being found) */
  bool forgiving;          /* a row that cannot be used is left out, whatever is wrong with it */
  nd_scratch *scratch;
  nd_request *requests;
  size_t request_count;
  size_t room;              /* of a column: nd_table_room */
  double *numbers, *values; /* room for requested columns; for evaluated nodes */
  size_t numbers_used, values_used;
  double **column;              /* by model column; NULL where it is not needed */
  size_t *request_of;           /* by model column that is needed */
  float *singles;               /* room for the columns read as floats */
  float **single;               /* where they are in it, by model column */
  size_t single_count;
  bool *of_nodes;               /* by model column: a program or a check needs it at each fetch */
  bool *of_target, *of_model;   /* by model column: what it is used for */
  const double **filter_values; /* by column of the filter */
  const char **texts;           /* of the class column */
  const char **group;           /* of the column of nd_model_reader_group, or NULL */
  const nd_part *part;          /* NULL: all rows */
  unsigned char *kept;
  const double **features, **etas;
  double *target, *weight, *sigma, *output;
  double *classed; /* the weights times those of the classes; NULL: they have none */
  double *loss, *scaled_target, **scaled_etas; /* what the loss is computed of */
  compiled nodes, prediction, losses; /* features, target, weight, sigma; f; the loss of a row */
};

static void compiled_clear(compiled *it) {
  nd_workspace_free(it->workspace);
  nd_program_free(it->program);
  nd_free((void *)it->inputs);
  nd_free(it->outputs);
  nd_free(it->shared);
}

void nd_model_reader_free(nd_model_reader *reader) {
  if (reader == NULL) return;
  compiled_clear(&reader->nodes);
  compiled_clear(&reader->prediction);
  compiled_clear(&reader->losses);
  nd_free((void *)reader->scaled_etas);
  nd_filter_free(reader->filter);
  nd_scratch_free(reader->scratch);
  nd_free(reader->singles);
  void *owned[] = {reader->requests,         reader->numbers,
                   reader->values,           reader->column,
                   reader->request_of,       reader->single,
                   reader->of_nodes,         reader->of_target,
                   reader->of_model,         (void *)reader->filter_values,
                   (void *)reader->texts,    reader->kept,
                   (void *)reader->group,
                   (void *)reader->features, (void *)reader->etas};
  for (size_t i = 0; i < ND_COUNT(owned); i++)
    nd_free(owned[i]);
  nd_free(reader);
}

/* ---- which columns are needed, and for what ---- */

static nadir_status mark(const nd_model *model, const nd_node *roots, size_t count, bool *used,
                         nadir_error *error) {
  nd_node *names;
  size_t found;
  ND_TRY(nd_names(model->graph, roots, count, &names, &found, error));
  for (size_t n = 0; n < found; n++) {
    size_t column = nd_model_column_of(model, names[n]);
    if (column < model->column_count) used[column] = true;
  }
  nd_free(names);
  return NADIR_OK;
}

static nadir_status mark_root(const nd_model *model, nd_node root, bool *used, nadir_error *error) {
  return root == ND_NO_NODE ? NADIR_OK : mark(model, &root, 1, used, error);
}

static nadir_status mark_uses(nd_model_reader *reader, nadir_error *error) {
  const nd_model *model = reader->model;
  ND_TRY(mark(model, model->features, model->feature_count, reader->of_model, error));
  ND_TRY(mark_root(model, model->output, reader->of_model, error));
  if (!reader->needs_target) return NADIR_OK;
  ND_TRY(mark_root(model, model->loss_node, reader->of_model, error));
  ND_TRY(mark_root(model, model->target, reader->of_target, error));
  ND_TRY(mark_root(model, model->weight, reader->of_nodes, error));
  ND_TRY(mark_root(model, model->sigma, reader->of_nodes, error));
  for (size_t i = 0; i < model->column_error_count; i++)
    ND_TRY(mark_root(model, model->column_errors[i].sigma, reader->of_target, error));
  if (model->class_weight) ND_TRY(mark_root(model, model->target, reader->of_nodes, error));
  ND_TRY(mark_root(model, model->weight, reader->of_target, error));
  return mark_root(model, model->sigma, reader->of_target, error);
}

/* ---- requests ---- */

static double *take_numbers(nd_model_reader *reader) {
  return reader->numbers + reader->room * reader->numbers_used++;
}

static nadir_status request_class(nd_model_reader *reader, nadir_error *error) {
  const nd_model *model = reader->model;
  if (!reader->needs_target || model->class_column == NULL) return NADIR_OK;
  size_t column, element;
  ptrdiff_t hint;
  if (!nd_table_find(reader->table, model->class_column, &column, &element, &hint))
    return nd_fail_needed(reader->table, model->class_column, NULL, error);
  reader->requests[reader->request_count++] = (nd_request){
      .kind = ND_AS_TEXT, .column = column, .element = element, .texts = reader->texts};
  return NADIR_OK;
}

static nadir_status request_all(nd_model_reader *reader, nadir_error *error) {
  const nd_model *model = reader->model;
  for (size_t i = 0; i < model->column_count; i++) {
    if (!reader->of_model[i] && !reader->of_target[i]) continue;
    reader->column[i] = take_numbers(reader);
    reader->request_of[i] = reader->request_count;
    ND_TRY(nd_request_column(reader->table, &model->columns[i], reader->column[i],
                             &reader->requests[reader->request_count++], error));
  }
  for (size_t i = 0; i < nd_filter_columns(reader->filter); i++) {
    double *values = take_numbers(reader);
    reader->filter_values[i] = values;
    ND_TRY(nd_request_column(reader->table, nd_filter_column(reader->filter, i), values,
                             &reader->requests[reader->request_count++], error));
  }
  return request_class(reader, error);
}

/* ---- programs ---- */

static size_t list_columns(const nd_model_reader *reader, nd_leaf *leaves, const double **inputs) {
  const nd_model *model = reader->model;
  size_t count = 0;
  for (size_t i = 0; i < model->column_count; i++) {
    if (reader->column[i] == NULL) continue;
    leaves[count] = (nd_leaf){.name = model->columns[i].name, .per_row = true};
    inputs[count++] = reader->column[i];
  }
  return count;
}

static double *take_values(nd_model_reader *reader) {
  return reader->values + reader->room * reader->values_used++;
}

static double *column_of(const nd_model_reader *reader, nd_node leaf) {
  size_t column = nd_model_column_of(reader->model, leaf);
  return column < reader->model->column_count ? reader->column[column] : NULL;
}

/* Where a node's values will be: a column as it is read, or an output of the program. */
static double *place(nd_model_reader *reader, nd_node node, nd_node *outputs, size_t *count) {
  double *column = column_of(reader, node);
  if (column != NULL) return column;
  outputs[*count] = node;
  reader->nodes.outputs[*count] = take_values(reader);
  return reader->nodes.outputs[(*count)++];
}

static nadir_status compile_nodes(nd_model_reader *reader, nd_node *outputs, nd_leaf *leaves,
                                  nadir_error *error) {
  const nd_model *model = reader->model;
  size_t count = 0;
  for (size_t j = 0; j < model->feature_count; j++)
    reader->features[j] = place(reader, model->features[j], outputs, &count);
  if (reader->needs_target && model->target != ND_NO_NODE)
    reader->target = place(reader, model->target, outputs, &count);
  if (reader->needs_target && model->weight != ND_NO_NODE)
    reader->weight = place(reader, model->weight, outputs, &count);
  if (reader->needs_target && model->sigma != ND_NO_NODE)
    reader->sigma = place(reader, model->sigma, outputs, &count);
  if (reader->needs_target && model->class_column != NULL) reader->target = take_values(reader);
  if (reader->needs_target && model->class_weight != NULL) reader->classed = take_values(reader);
  ND_TRY(mark(model, outputs, count, reader->of_nodes, error));
  size_t leaf_count = list_columns(reader, leaves, reader->nodes.inputs);
  if (count == 0) return NADIR_OK;
  ND_TRY(nd_program_new(&reader->nodes.program, model->graph, outputs, count, leaves, leaf_count,
                        error));
  return nd_workspace_new(&reader->nodes.workspace, reader->nodes.program, error);
}

static nadir_status compile_prediction(nd_model_reader *reader, nd_leaf *leaves,
                                       nadir_error *error) {
  const nd_model *model = reader->model;
  compiled *it = &reader->prediction;
  size_t count = 0;
  for (size_t k = 0; k < model->head_count; k++) {
    double *eta = take_values(reader);
    reader->etas[k] = eta;
    leaves[count] = (nd_leaf){.name = model->etas[k], .per_row = true};
    it->inputs[count++] = eta;
  }
  count += list_columns(reader, leaves + count, it->inputs + count);
  for (size_t i = 0; i < model->free_count; i++)
    leaves[count + i] = (nd_leaf){.name = model->free[i], .per_row = false};
  reader->output = it->outputs[0] = take_values(reader);
  ND_TRY(nd_program_new(&it->program, model->graph, &model->output, 1, leaves,
                        count + model->free_count, error));
  return nd_workspace_new(&it->workspace, it->program, error);
}

/* The loss of a row is that of the descent, in descent coordinates: target and etas are scaled
 * first. */
static nadir_status compile_losses(nd_model_reader *reader, nd_leaf *leaves, nadir_error *error) {
  const nd_model *model = reader->model;
  compiled *it = &reader->losses;
  size_t count = 0;
  for (size_t k = 0; k < model->head_count; k++) {
    leaves[count] = (nd_leaf){.name = model->etas[k], .per_row = true};
    it->inputs[count++] = reader->scaled_etas[k] = take_values(reader);
  }
  leaves[count] = (nd_leaf){.name = model->target_leaf, .per_row = true};
  it->inputs[count++] = reader->scaled_target = take_values(reader);
  count += list_columns(reader, leaves + count, it->inputs + count);
  for (size_t i = 0; i < model->free_count; i++)
    leaves[count + i] = (nd_leaf){.name = model->free[i], .per_row = false};
  reader->loss = it->outputs[0] = take_values(reader);
  ND_TRY(nd_program_new(&it->program, model->graph, &model->loss_node, 1, leaves,
                        count + model->free_count, error));
  return nd_workspace_new(&it->workspace, it->program, error);
}

static nadir_status compile(nd_model_reader *reader, nadir_error *error) {
  const nd_model *model = reader->model;
  nd_node *outputs = nd_new(model->feature_count + 3, sizeof *outputs, error);
  nd_leaf *leaves = nd_new(model->head_count + model->column_count + model->free_count + 1,
                           sizeof *leaves, error);
  nadir_status status = outputs == NULL || leaves == NULL
                            ? NADIR_NO_MEMORY
                            : compile_nodes(reader, outputs, leaves, error);
  if (status == NADIR_OK) status = compile_prediction(reader, leaves, error);
  if (status == NADIR_OK && reader->needs_target) status = compile_losses(reader, leaves, error);
  nd_free(outputs);
  nd_free(leaves);
  return status;
}

/* ---- making a reader ---- */

static nadir_status compiled_new(compiled *it, size_t inputs, size_t outputs, size_t shared,
                                 nadir_error *error) {
  it->inputs = nd_new(inputs, sizeof *it->inputs, error);
  it->outputs = nd_new(outputs, sizeof *it->outputs, error);
  it->shared = nd_new(shared, sizeof *it->shared, error);
  return it->inputs == NULL || it->outputs == NULL || it->shared == NULL ? NADIR_NO_MEMORY
                                                                         : NADIR_OK;
}

static nadir_status take_memory(nd_model_reader *reader, nadir_error *error) {
  const nd_model *model = reader->model;
  size_t columns = model->column_count + nd_filter_columns(reader->filter), numbers, values;
  if (!nd_multiply(columns + 1, reader->room, &numbers)) numbers = SIZE_MAX;
  if (!nd_multiply(model->feature_count + 2 * model->head_count + 7, reader->room, &values))
    values = SIZE_MAX;
  reader->requests = nd_new(columns + 2, sizeof *reader->requests, error);
  reader->numbers = nd_new(numbers, sizeof *reader->numbers, error);
  reader->values = nd_new(values, sizeof *reader->values, error);
  reader->column = nd_new(model->column_count, sizeof *reader->column, error);
  reader->request_of = nd_new(model->column_count, sizeof *reader->request_of, error);
  reader->single = nd_new(model->column_count, sizeof *reader->single, error);
  reader->of_nodes = nd_new(model->column_count, sizeof(bool), error);
  reader->of_target = nd_new(model->column_count, sizeof(bool), error);
  reader->of_model = nd_new(model->column_count, sizeof(bool), error);
  reader->filter_values = nd_new(columns, sizeof *reader->filter_values, error);
  reader->texts = nd_new(reader->room, sizeof *reader->texts, error);
  reader->kept = nd_new(reader->room, 1, error);
  reader->features = nd_new(model->feature_count, sizeof *reader->features, error);
  reader->etas = nd_new(model->head_count, sizeof *reader->etas, error);
  const void *all[] = {
      reader->requests, reader->numbers,       reader->values, reader->column,  reader->of_target,
      reader->of_model, reader->filter_values, reader->texts,  reader->kept,    reader->features,
      reader->etas,     reader->request_of,    reader->single, reader->of_nodes};
  for (size_t i = 0; i < ND_COUNT(all); i++)
    if (all[i] == NULL) return NADIR_NO_MEMORY;
  ND_TRY(compiled_new(&reader->nodes, model->column_count, model->feature_count + 3, 0, error));
  ND_TRY(compiled_new(&reader->prediction, model->column_count + model->head_count, 1,
                      model->free_count, error));
  reader->scaled_etas = nd_new(model->head_count, sizeof *reader->scaled_etas, error);
  if (reader->scaled_etas == NULL) return NADIR_NO_MEMORY;
  return compiled_new(&reader->losses, model->column_count + model->head_count + 1, 1,
                      model->free_count, error);
}

static nadir_status set_up(nd_model_reader *reader, const nadir_settings *settings,
                           nadir_error *error) {
  reader->fill = true;
  reader->missing = settings->missing;
  ND_TRY(nd_filter_new(&reader->filter, reader->table, settings->where, error));
  ND_TRY(take_memory(reader, error));
  ND_TRY(mark_uses(reader, error));
  ND_TRY(request_all(reader, error));
  ND_TRY(compile(reader, error));
  return nd_scratch_new(&reader->scratch, reader->table, error);
}

nadir_status nd_model_reader_new(nd_model_reader **reader, const nd_model *model,
                                 const nd_table *table, const nadir_settings *settings,
                                 bool needs_target, nadir_error *error) {
  *reader = NULL;
  nd_model_reader *made = nd_new(1, sizeof *made, error);
  if (made == NULL) return NADIR_NO_MEMORY;
  made->model = model;
  made->table = table;
  made->room = nd_table_room(table);
  made->needs_target = needs_target;
  nadir_status status = set_up(made, settings, error);
  if (status == NADIR_OK)
    *reader = made;
  else
    nd_model_reader_free(made);
  return status;
}

void nd_model_reader_forgive(nd_model_reader *reader) {
  reader->forgiving = true;
  reader->missing = ND_MISSING_DROP;
}

nadir_status nd_model_reader_warn(const nd_model_reader *reader, nd_teller *teller,
                                  nadir_error *error) {
  return nd_warn_unmet_filter(reader->table, reader->filter, teller, error);
}

/* ---- columns read as floats ---- */

static bool is_single(const nd_model_reader *reader, size_t column) {
  return reader->column[column] != NULL &&
         reader->requests[reader->request_of[column]].kind == ND_AS_SINGLE;
}

void nd_model_reader_narrow(nd_model_reader *reader, const size_t *columns, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (columns[i] >= reader->model->column_count || reader->column[columns[i]] == NULL) continue;
    nd_request *request = &reader->requests[reader->request_of[columns[i]]];
    bool single = nd_table_column(reader->table, request->column)->single;
    if (request->kind != ND_AS_NUMBER || !single || nd_model_reader_fills(reader, columns[i]))
      continue;
    request->kind = ND_AS_SINGLE;
    reader->single_count++;
  }
}

/* Room for them, when it is first needed. */
static nadir_status take_singles(nd_model_reader *reader, nadir_error *error) {
  if (reader->singles != NULL || reader->single_count == 0) return NADIR_OK;
  float *room = reader->singles = nd_new(reader->single_count * reader->room, sizeof *room, error);
  if (room == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < reader->model->column_count; i++) {
    if (!is_single(reader, i)) continue;
    reader->single[i] = reader->requests[reader->request_of[i]].singles = room;
    room += reader->room;
  }
  return NADIR_OK;
}

nd_numbers nd_model_reader_column(const nd_model_reader *reader, size_t column) {
  if (is_single(reader, column)) return (nd_numbers){NADIR_FLOAT32, reader->single[column]};
  return (nd_numbers){NADIR_FLOAT64, reader->column[column]};
}

/* Those that a program or a check needs at each fetch, or all. */
static void widen(nd_model_reader *reader, size_t rows, bool all) {
  for (size_t i = 0; i < reader->model->column_count; i++)
    if (is_single(reader, i) && (all || reader->of_nodes[i]))
      nd_doubles(nd_model_reader_column(reader, i), rows, reader->column[i]);
}

nadir_status nd_model_reader_room(const nd_model_reader *reader, uint64_t most, nd_kept **kept, nadir_error *error) {
  return nd_kept_new(kept, reader->table, reader->requests, reader->request_count, most, error);
}

void nd_model_reader_keep(nd_model_reader *reader, nd_kept *kept) {
  nd_scratch_keep(reader->scratch, kept);
}

/* ---- folds ---- */

nadir_status nd_model_reader_group(nd_model_reader *reader, const char *column, const char *setting,
                                   nadir_error *error) {
  size_t at, element;
  ptrdiff_t hint;
  if (!nd_table_find(reader->table, column, &at, &element, &hint))
    return nd_fail(error, NADIR_BAD_SETTING, "%s: %s has no column '%s'%s%s%s", setting,
                   nd_table_file(reader->table, 0), column, hint < 0 ? "" : ": did you mean '",
                   hint < 0 ? "" : nd_table_column(reader->table, (size_t)hint)->name, hint < 0 ? "" : "'?");
  reader->group = nd_new(reader->room, sizeof *reader->group, error);
  if (reader->group == NULL) return NADIR_NO_MEMORY;
  reader->requests[reader->request_count++] =
      (nd_request){.kind = ND_AS_TEXT, .column = at, .element = element, .texts = reader->group};
  return NADIR_OK;
}

nadir_status nd_model_reader_limit(nd_model_reader *reader, const nd_part *part, nadir_error *error) {
  reader->part = part;
  if (part == NULL) return NADIR_OK;
  if (part->groups != NULL) return NADIR_OK;
  const char *by = nd_folds_by(part->folds);
  if (by != NULL) ND_TRY(nd_model_reader_group(reader, by, "fold-by", error));
  return mark_root(reader->model, reader->model->target, reader->of_nodes, error);
}

/* ---- rows ---- */

nadir_status nd_fail_row(const nd_table *table, const nd_part *part, size_t chunk, size_t row,
                         nadir_error *error, const char *name, const char *sentence) {
  const nd_groups *groups = nd_groups_in(part);
  nd_text where = {0};
  uint64_t at = groups ? nd_groups_row(groups, part->group, chunk, row) : (uint64_t)chunk * ND_CHUNK + row;
  ND_TRY(nd_table_where(table, at, &where, error));
  nadir_status status = nd_fail(error, NADIR_BAD_DATA, "%s%s%s: %s", nd_text_data(&where),
                                name[0] == '\0' ? "" : ":", name, sentence);
  nd_text_free(&where);
  return status;
}

static nadir_status fail_missing(const nd_model_reader *reader, size_t chunk, size_t row,
                                 const char *name, nadir_error *error) {
  if (reader->missing == ND_MISSING_MEAN)
    return nd_fail_row(reader->table, reader->part, chunk, row, error, name,
                       "the value is missing, and the mean never replaces target, weight or sigma: "
                       "set missing to drop");
  return nd_fail_row(
      reader->table, reader->part, chunk, row, error, name,
      "the value is missing: set missing to drop, which leaves such rows out, or to mean");
}

bool nd_model_reader_fills(const nd_model_reader *reader, size_t column) {
  return reader->missing == ND_MISSING_MEAN && reader->of_model[column] &&
         !reader->of_target[column];
}

static nadir_status fill_column(nd_model_reader *reader, size_t column, size_t rows,
                                nadir_error *error) {
  double *value = reader->column[column], mean = reader->model->columns[column].mean;
  for (size_t i = 0; i < rows; i++) {
    if (!isnan(value[i]) || !reader->kept[i]) continue;
    if (isnan(mean))
      return nd_fail(error, NADIR_BAD_DATA,
                     "%s: column %s has missing values, and its mean is not known from the fit: "
                     "set missing to drop",
                     nd_table_file(reader->table, 0), reader->model->columns[column].column);
    value[i] = mean;
  }
  return NADIR_OK;
}

/* kept[i] = 2 in rows where a column that may not be filled is missing. *first: the first such row,
 * and the column's name. */
static nadir_status look_for_missing(nd_model_reader *reader, size_t rows, size_t *first,
                                     const char **name, nadir_error *error) {
  const nd_model *model = reader->model;
  for (size_t c = 0; c < model->column_count; c++) {
    nd_numbers value = nd_model_reader_column(reader, c);
    if (value.at == NULL) continue;
    if (nd_model_reader_fills(reader, c)) {
      if (reader->fill) ND_TRY(fill_column(reader, c, rows, error));
      continue;
    }
    if (!nd_has_nan(value, rows)) continue;
    for (size_t i = 0; i < rows; i++) {
      if (!isnan(nd_number(value, i)) || reader->kept[i] == 0) continue;
      reader->kept[i] = 2;
      if (i < *first) *name = model->columns[c].column;
      if (i < *first) *first = i;
    }
  }
  return NADIR_OK;
}

static void look_for_missing_class(nd_model_reader *reader, size_t rows, size_t *first,
                                   const char **name) {
  if (!reader->needs_target || reader->model->class_column == NULL) return;
  for (size_t i = 0; i < rows; i++) {
    if (reader->texts[i] != NULL || reader->kept[i] == 0) continue;
    reader->kept[i] = 2;
    if (i < *first) *name = reader->model->class_column;
    if (i < *first) *first = i;
  }
}

/* The columns of a chunk, and which rows --where leaves; groups have no others. */
static nadir_status read_columns(nd_model_reader *reader, size_t chunk, size_t *rows, nadir_error *error) {
  const nd_groups *groups = nd_groups_in(reader->part);
  if (groups) {
    *rows = nd_groups_read(groups, reader->part->group, chunk, reader->column, reader->texts);
    memset(reader->kept, 1, *rows);
    return NADIR_OK;
  }
  ND_TRY(take_singles(reader, error));
  ND_TRY(nd_table_read(reader->table, chunk, reader->requests, reader->request_count, reader->scratch, rows, error));
  nd_filter_run(reader->filter, reader->filter_values, *rows, reader->kept);
  return NADIR_OK;
}

/* Classifies the rows; without leave to drop or fill, the first missing value is an error. */
static nadir_status classify(nd_model_reader *reader, size_t chunk, size_t rows,
                             nadir_error *error) {
  size_t first = SIZE_MAX;
  const char *name = "";
  ND_TRY(look_for_missing(reader, rows, &first, &name, error));
  look_for_missing_class(reader, rows, &first, &name);
  if (first == SIZE_MAX || reader->missing == ND_MISSING_DROP) return NADIR_OK;
  return fail_missing(reader, chunk, first, name, error);
}

static void number_classes(nd_model_reader *reader, size_t rows) {
  if (!reader->needs_target || reader->model->class_column == NULL) return;
  for (size_t i = 0; i < rows; i++) {
    const char *text = reader->texts[i];
    ptrdiff_t class = text == NULL ? -1 : nd_class_number(reader->model, text);
    reader->target[i] = class < 0 ? (double)NAN : (double)class;
  }
}

/* Rows of a class that the model does not know have none. */
static void weigh_classes(nd_model_reader *reader, const nd_model_rows *rows) {
  if (reader->classed == NULL) return;
  for (size_t i = 0; i < rows->rows; i++) {
    bool known = rows->kept[i] == 1 && !isnan(rows->target[i]);
    double weight = reader->weight == NULL ? 1 : reader->weight[i];
    reader->classed[i] = known ? weight * reader->model->class_weight[nd_model_class(reader->model, rows, i)] : 0;
  }
}

/* The rows of other parts. */
static void leave_out(nd_model_reader *reader, size_t chunk, const nd_model_rows *rows) {
  const nd_part *part = reader->part;
  uint16_t fold[ND_CHUNK];
  if (part == NULL || part->groups != NULL) return;
  nd_folds_of(part->folds, reader->model, chunk, rows, fold);
  for (size_t i = 0; i < rows->rows; i++)
    if (reader->kept[i] == 1 && (fold[i] == part->fold) == part->others) reader->kept[i] = 3;
}

/* What is wrong with a row's sigma or weight; with a scatter of its own the model may have a sigma of 0. */
static const char *wrong_with(const nd_model_reader *reader, size_t i) {
  const bool scatter = reader->model->scatter != SIZE_MAX;
  const double sigma = reader->sigma ? reader->sigma[i] : 1, weight = reader->weight ? reader->weight[i] : 1;
  if (!isfinite(sigma) || sigma < 0 || (sigma == 0 && !scatter))
    return scatter ? "sigma is negative or not finite here: leave such rows out with the setting where"
                   : "sigma is not above 0 and finite here: leave such rows out with the setting where";
  if (!(weight >= 0 && isfinite(weight)))
    return "the row's weight is negative or not finite: leave such rows out with the setting where";
  return NULL;
}

static nadir_status check_weights(const nd_model_reader *reader, size_t chunk, size_t rows,
                                  nadir_error *error) {
  for (size_t i = 0; i < rows && (reader->weight != NULL || reader->sigma != NULL); i++) {
    const char *wrong = reader->kept[i] == 1 ? wrong_with(reader, i) : NULL;
    if (wrong != NULL && !reader->forgiving)
      return nd_fail_row(reader->table, reader->part, chunk, i, error, "", wrong);
    if (wrong != NULL) reader->kept[i] = 2;
  }
  return NADIR_OK;
}

nadir_status nd_model_fetch(nd_model_reader *reader, size_t chunk, nd_model_rows *rows,
                            nadir_error *error) {
  size_t count;
  ND_TRY(read_columns(reader, chunk, &count, error));
  ND_TRY(classify(reader, chunk, count, error));
  compiled *nodes = &reader->nodes;
  widen(reader, count, false);
  if (nodes->program != NULL)
    nd_program_run(nodes->program, nodes->workspace, nodes->inputs, NULL, count, nodes->outputs);
  number_classes(reader, count);
  ND_TRY(check_weights(reader, chunk, count, error));
  *rows = (nd_model_rows){.rows = count,
                          .target = reader->target,
                          .weight = reader->classed ? reader->classed : reader->weight,
                          .sigma = reader->sigma,
                          .kept = reader->kept,
                          .group = reader->group,
                          .features = reader->features};
  weigh_classes(reader, rows);
  leave_out(reader, chunk, rows);
  return NADIR_OK;
}

nadir_status nd_model_read_raw(nd_model_reader *reader, size_t chunk, nd_model_rows *rows,
                               const char *const **classes, nadir_error *error) {
  size_t count;
  ND_TRY(read_columns(reader, chunk, &count, error));
  *rows = (nd_model_rows){.rows = count, .kept = reader->kept, .group = reader->group};
  *classes = reader->needs_target && reader->model->class_column ? reader->texts : NULL;
  return NADIR_OK;
}

static void evaluate_eta(const nd_model_reader *reader, const nd_head *head, size_t rows,
                         double *eta) {
  const double *w = reader->model->value;
  if (reader->model->basis.degree > 0) {
    w = reader->model->basis_value;
    nd_basis_sum(&reader->model->basis, reader->model->target_scaling, w[head->intercept],
                 &w[head->first_weight], reader->features[head->first_feature], rows, eta);
    return;
  }
  double b = head->intercept == SIZE_MAX ? 0 : w[head->intercept];
  for (size_t i = 0; i < rows; i++)
    eta[i] = b;
  for (size_t j = 0; j < head->features; j++) {
    const double *x = reader->features[head->first_feature + j], slope = w[head->first_weight + j];
    for (size_t i = 0; i < rows; i++)
      eta[i] += slope * x[i];
  }
}

static void evaluate_losses(nd_model_reader *reader, nd_model_rows *rows) {
  const nd_model *model = reader->model;
  compiled *it = &reader->losses;
  nd_scaling scaling = model->target_scaling;
  double factor = nd_model_loss_factor(model);
  for (size_t i = 0; i < rows->rows; i++)
    reader->scaled_target[i] = (rows->target[i] - scaling.center) / scaling.width;
  for (size_t k = 0; k < model->head_count; k++)
    for (size_t i = 0; i < rows->rows; i++)
      reader->scaled_etas[k][i] = (reader->etas[k][i] - scaling.center) / scaling.width;
  for (size_t i = 0; i < model->free_count; i++)
    it->shared[i] = model->value[model->free_index[i]];
  nd_program_run(it->program, it->workspace, it->inputs, it->shared, rows->rows, it->outputs);
  for (size_t i = 0; i < rows->rows; i++)
    reader->loss[i] *= factor;
  rows->loss = reader->loss;
}

void nd_model_evaluate(nd_model_reader *reader, nd_model_rows *rows) {
  const nd_model *model = reader->model;
  compiled *it = &reader->prediction;
  widen(reader, rows->rows, true);
  for (size_t k = 0; k < model->head_count; k++)
    evaluate_eta(reader, &model->heads[k], rows->rows, (double *)reader->etas[k]);
  for (size_t i = 0; i < model->free_count; i++)
    it->shared[i] = model->value[model->free_index[i]];
  nd_program_run(it->program, it->workspace, it->inputs, it->shared, rows->rows, it->outputs);
  rows->output = reader->output;
  rows->eta = reader->etas;
  if (reader->needs_target) evaluate_losses(reader, rows);
}

void nd_model_evaluate_known(nd_model_reader *reader, size_t count, const double *target, const double *eta,
                             nd_model_rows *rows) {
  memcpy((double *)reader->etas[0], eta, count * sizeof *eta);
  memset(reader->kept, 1, count);
  *rows = (nd_model_rows){.rows = count,
                          .target = target,
                          .kept = reader->kept,
                          .output = reader->etas[0],
                          .eta = reader->etas};
  evaluate_losses(reader, rows);
}

nadir_status nd_model_read(nd_model_reader *reader, size_t chunk, nd_model_rows *rows,
                           nadir_error *error) {
  ND_TRY(nd_model_fetch(reader, chunk, rows, error));
  nd_model_evaluate(reader, rows);
  return NADIR_OK;
}

void nd_model_reader_fill(nd_model_reader *reader, bool fill) {
  reader->fill = fill;
}
