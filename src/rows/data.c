/* The rows of a fit: chosen, checked, scaled and packed into blocks; block b holds the used rows of
 * chunk b.
 *
 * The first pass over the table classifies and checks rows, counts them, and finds the scaling; it loads blocks
 * too, of rows as they are read where these are exact in the blocks' precision, which are then scaled where they are.
 * Others are read again and loaded when the scaling is known. The numbers of text are kept for all passes where they
 * fit, as reading them takes longer than all else. A table that does not fit is read again at each pass, each thread
 * into a block of its own: memory is then independent of the number of rows except for some 20 bytes per chunk.
 * --missing mean costs one pass more. */
#include <string.h>

#include "base/dense.h"
#include "base/ranks.h"
#include "engine/pairs.h"
#include "model/basis.h"
#include "rows/blocks.h"

/* Below this many cells double precision costs nothing that can be noticed. */
enum { SMALL_TABLE = 1 << 22, MOST_SQUARES = 512 /* parameters */ };

/* ---- giving back ---- */

static void packed_clear(nd_packed *packed) {
  nd_pages_free(&packed->own);
  *packed = (nd_packed){0};
}

static void worker_clear(nd_worker *worker) {
  nd_model_reader_free(worker->reader);
  nd_rows_workspace_free(worker->workspace);
  nd_block_free(worker->block);
  nd_block_store_free(worker->store);
  packed_clear(&worker->packed);
  nd_free(worker->computed);
  nd_free(worker->features);
  nd_free(worker->tail);
}

static void free_blocks(nd_data *data) {
  for (size_t b = 0; b < data->most_blocks; b++) {
    if (data->block != NULL) nd_block_free(data->block[b]);
    if (data->held != NULL) nd_block_free(data->held[b]);
  }
  nd_free(data->block);
  nd_free(data->held);
  data->block = data->held = NULL;
}

void nd_data_free(nd_data *data) {
  if (data == NULL) return;
  free_blocks(data);
  for (size_t i = 0; i < data->worker_count; i++)
    worker_clear(&data->workers[i]);
  nd_kept_free(data->kept);
  void *owned[] = {data->workers,      data->tail,  data->tail_column,
                   data->packed_model, data->ones,  data->block_rows,
                   data->held_rows};
  for (size_t i = 0; i < ND_COUNT(owned); i++)
    nd_free(owned[i]);
  nd_rows_free(data->rows);
  nd_free(data);
}

const nd_data_counts *nd_data_count(const nd_data *data) {
  return &data->counts;
}

/* ---- which columns are packed, and which of them the tail of the loss sees ---- */

static bool is_listed(const nd_node *list, size_t count, nd_node node) {
  for (size_t i = 0; i < count; i++)
    if (list[i] == node) return true;
  return false;
}

static void list_packed(nd_data *data) {
  const nd_model *model = data->model;
  for (size_t j = 0; j < model->feature_count; j++)
    data->packed_model[j] = nd_model_column_of(model, model->features[j]);
  data->packed_model[nd_packed_target(data)] = nd_model_column_of(model, model->target);
  data->packed_model[nd_packed_weight(data)] =
      model->class_weight ? model->column_count : nd_model_column_of(model, model->weight);
  data->width = model->feature_count + 2;
}

/* The names under the loss, and under the errors of its columns. */
static nadir_status list_names(const nd_model *model, nd_node **names, size_t *count,
                               nadir_error *error) {
  nd_node *roots = nd_new(1 + model->column_error_count, sizeof *roots, error);
  if (roots == NULL) return NADIR_NO_MEMORY;
  roots[0] = model->loss_node;
  for (size_t i = 0; i < model->column_error_count; i++)
    roots[1 + i] = model->column_errors[i].sigma;
  nadir_status status =
      nd_names(model->graph, roots, 1 + model->column_error_count, names, count, error);
  nd_free(roots);
  return status;
}

static nadir_status list_columns(nd_data *data, nadir_error *error) {
  const nd_model *model = data->model;
  nd_node *names;
  size_t count;
  ND_TRY(list_names(model, &names, &count, error));
  data->tail = nd_new(count, sizeof *data->tail, error);
  data->tail_column = nd_new(count, sizeof *data->tail_column, error);
  data->packed_model = nd_new(model->feature_count + 2 + count, sizeof *data->packed_model, error);
  bool made = data->tail != NULL && data->tail_column != NULL && data->packed_model != NULL;
  if (made) list_packed(data);
  for (size_t i = 0; i < count && made; i++) {
    if (is_listed(model->etas, model->head_count, names[i]) ||
        is_listed(model->free, model->free_count, names[i]))
      continue;
    bool target = names[i] == model->target_leaf;
    data->tail[data->tail_count] = names[i];
    data->tail_column[data->tail_count++] = target ? nd_packed_target(data) : data->width;
    if (target) continue;
    data->packed_model[data->width++] = nd_model_column_of(model, names[i]);
  }
  nd_free(names);
  return made ? NADIR_OK : NADIR_NO_MEMORY;
}

/* ---- the loss in descent coordinates ---- */

static nadir_status descent_loss(const nd_data *data, nd_node *loss, nadir_error *error) {
  const nd_model *model = data->model;
  *loss = model->loss_node;
  if (!model->loss.scales || model->target_scaling.width == 1) return NADIR_OK;
  return nd_loss_build(model->graph, &model->loss,
                       model->loss.parameter / model->target_scaling.width, model->target_leaf,
                       model->output, model->etas, model->head_count, loss, error);
}

/* The residuals of a loss that is a sum of squares; none where there are too many parameters for
 * a triangle of them. */
static nadir_status list_residuals(nd_data *data, nd_rows_spec *spec, nd_node **residuals,
                                   nadir_error *error) {
  spec->rounding = ND_NO_NODE;
  if (spec->size > MOST_SQUARES) return NADIR_OK;
  ND_TRY(
      nd_squares(spec->graph, spec->loss, residuals, &spec->residual_count, &data->squares, error));
  spec->residuals = *residuals;
  if (spec->residual_count == 0) return NADIR_OK;
  return nd_squares_rounding(spec->graph, *residuals, spec->residual_count, &spec->rounding, error);
}

/* Of floats without weights the gap is bounded from what blocks keep (objective/slope_rows.c). */
static bool keeps_target(const nd_data *data) {
  const nd_model *model = data->model;
  return data->counts.single && !data->weighted && model->is_linear && model->head_count == 1 &&
         model->loss.curve != ND_CURVE_UNBOUNDED;
}

/* Second derivatives are left out where there are too many of them or the loss has none. */
static nadir_status compile(nd_data *data, nadir_error *error) {
  const nd_model *model = data->model;
  nd_rows_spec spec = {.graph = model->graph,
                       .size = model->size,
                       .heads = model->heads,
                       .head_count = model->head_count,
                       .free = model->free,
                       .free_index = model->free_index,
                       .free_count = model->free_count,
                       .columns = data->tail,
                       .column_count = data->tail_count,
                       .features = model->feature_count,
                       .keep = keeps_target(data) ? &model->target_leaf : NULL,
                       .single = data->counts.single,
                       .by_batches = data->by_batches,
                       .hessian = model->free_count + model->head_count <= 64};
  nd_node *residuals = NULL;
  ND_TRY(descent_loss(data, &spec.loss, error));
  nadir_status status = list_residuals(data, &spec, &residuals, error);
  if (status == NADIR_OK) status = nd_rows_new(&data->rows, &spec, error);
  if (status == NADIR_BAD_FORMULA && spec.hessian) {
    spec.hessian = false;
    status = nd_rows_new(&data->rows, &spec, error);
  }
  nd_free(residuals);
  data->hessian = spec.hessian;
  data->residuals = spec.residual_count > 0;
  for (size_t i = 0; i < data->worker_count && status == NADIR_OK; i++)
    status = nd_rows_workspace_new(&data->workers[i].workspace, data->rows, error);
  return status;
}

static void forget_program(nd_data *data) {
  for (size_t i = 0; i < data->worker_count; i++) {
    nd_rows_workspace_free(data->workers[i].workspace);
    data->workers[i].workspace = NULL;
  }
  nd_rows_free(data->rows);
  data->rows = NULL;
  free_blocks(data);
}

/* What is compiled serves for other rows too, but where the scaling of the target is in it. */
static nadir_status compile_anew(nd_data *data, nadir_error *error) {
  if (data->rows != NULL && !data->model->loss.scales) return NADIR_OK;
  forget_program(data);
  return compile(data, error);
}

/* ---- columns as they are read ---- */

/* A packed column where the reader has it; rows NULL: its type alone. */
static nd_numbers source_of(const nd_data *data, const nd_worker *worker, const nd_model_rows *rows,
                            size_t column) {
  const nd_model *model = data->model;
  if (data->packed_model[column] < model->column_count)
    return nd_model_reader_column(worker->reader, data->packed_model[column]);
  const double *x = rows == NULL                       ? NULL
                    : column < model->feature_count    ? rows->features[column]
                    : column == nd_packed_target(data) ? rows->target
                                                       : rows->weight;
  return (nd_numbers){NADIR_FLOAT64, x == NULL ? data->ones : x};
}

nadir_number_type nd_packed_type(const nd_data *data, size_t column) {
  return source_of(data, &data->workers[0], NULL, column).type;
}

/* ---- precision and memory ---- */

static bool exact_in_single(const nd_data *data) {
  const nd_model *model = data->model;
  for (size_t i = 0; i < model->column_count; i++) {
    size_t column, element;
    ptrdiff_t hint;
    if (!nd_table_find(data->table, model->columns[i].column, &column, &element, &hint))
      return false;
    const nd_column *about = nd_table_column(data->table, column);
    if (!about->single && model->columns[i].equals == NULL) return false;
  }
  return true;
}

bool nd_is_large(const nd_table *table, size_t width) {
  return (double)nd_table_rows(table) * (double)width > SMALL_TABLE;
}

static void choose_precision(nd_data *data, nd_precision precision) {
  bool groups = nd_groups_in(data->part) != NULL; /* which are small */
  data->counts.single =
      precision == ND_PRECISION_SINGLE ||
      (precision == ND_PRECISION_AUTO && !groups && nd_is_large(data->table, data->width) &&
       exact_in_single(data));
}

/* How many blocks sums take from this process. */
static size_t own_blocks(const nd_data *data) {
  nd_ranks *ranks = nd_pool_ranks(data->pool);
  size_t rank = nd_rank(ranks);
  return nd_rank_first(ranks, rank + 1, data->blocks) - nd_rank_first(ranks, rank, data->blocks);
}

static bool blocks_fit(const nd_data *data, uint64_t memory) {
  size_t bytes;
  return nd_multiply(nd_block_bytes(data->rows, nd_table_room(data->table)), data->kept_end - data->kept_first,
                     &bytes) &&
         bytes <= memory;
}

/* ---- rows of one chunk ---- */

void nd_data_mark_held(const nd_data *data, size_t chunk, size_t rows, bool *held) {
  memset(held, 0, rows * sizeof *held);
  if (!(data->validate > 0)) return;
  nd_random random = nd_random_stream(data->seed, ND_FOR_VALIDATION, 0, chunk);
  for (size_t i = 0; i < rows; i++)
    held[i] = nd_random_uniform(&random) < data->validate;
}

/* Whether a row of another fold is a validation row. */
static bool holds_others(const nd_data *data) {
  return data->part != NULL && data->part->holds;
}

/* Positions of the used rows: training first, then validation. */
static void order_rows(const nd_data *data, size_t chunk, const nd_model_rows *rows,
                       nd_packed *packed, uint16_t *order) {
  bool held[ND_CHUNK];
  nd_data_mark_held(data, chunk, rows->rows, held);
  packed->rows = packed->held = 0;
  for (size_t i = 0; i < rows->rows; i++)
    if (rows->kept[i] == 1 && !held[i]) order[packed->rows++] = (uint16_t)i;
  for (size_t i = 0; i < rows->rows; i++)
    if (rows->kept[i] == 1 ? held[i] : rows->kept[i] == 3 && holds_others(data))
      order[packed->rows + packed->held++] = (uint16_t)i;
}

/* Doubles that as many numbers take the room of. */
static size_t room_of(nd_numbers x, size_t count) {
  return (count * nd_number_size(x.type) + sizeof(double) - 1) / sizeof(double);
}

static nd_numbers gather(nd_numbers from, const uint16_t *order, size_t count, double *room) {
  float *singles = (float *)room;
  if (from.type == NADIR_FLOAT32)
    for (size_t i = 0; i < count; i++)
      singles[i] = ((const float *)from.at)[order[i]];
  else
    for (size_t i = 0; i < count; i++)
      room[i] = ((const double *)from.at)[order[i]];
  return (nd_numbers){from.type, room};
}

static void pack(const nd_data *data, nd_worker *worker, const nd_model_rows *rows,
                 const uint16_t *order, nd_packed *packed) {
  bool all = packed->rows == rows->rows;
  size_t count = packed->rows + packed->held;
  double *room = (double *)(packed->column + data->width);
  for (size_t c = 0; c < data->width; c++) {
    nd_numbers x = source_of(data, worker, rows, c);
    packed->column[c] = all || x.at == data->ones ? x : gather(x, order, count, room);
    if (packed->column[c].at == room) room += room_of(x, count);
  }
}

/* ---- checks ---- */

static const char *column_name(const nd_data *data, size_t column) {
  const nd_model *model = data->model;
  if (column < model->feature_count) return model->feature_names[column];
  if (column == nd_packed_target(data)) return model->target_name;
  return model->columns[data->packed_model[column]].column;
}

static nadir_status fail_class(const nd_data *data, size_t chunk, size_t row, nadir_error *error) {
  const nd_model *model = data->model;
  nd_text text = {0};
  nd_text_print(
      &text,
      "the target is neither %s nor 1, as this loss needs: say which value counts as 1, as "
      "in '%s == 2 ~ ...'",
      model->classes[0], model->target_name);
  nadir_status status = nd_text_status(&text, error);
  if (status == NADIR_OK)
    status = nd_fail_row(data->table, data->part, chunk, row, error, model->target_name, nd_text_data(&text));
  nd_text_free(&text);
  return status;
}

static nadir_status fail_value(const nd_data *data, size_t chunk, size_t row, size_t column,
                               nadir_error *error) {
  const char *sentence = "the value is not finite: leave such rows out with the setting where";
  if (column == nd_packed_target(data) && data->model->target_kind == ND_TARGET_TRUTH &&
      (data->model->pair == ND_PAIR_0_1 || data->model->pair == ND_PAIR_MINUS_1_1))
    return fail_class(data, chunk, row, error);
  if (column == nd_packed_target(data) && data->model->target_kind == ND_TARGET_CLASS)
    sentence = "the model does not know this class";
  return nd_fail_row(data->table, data->part, chunk, row, error, column_name(data, column), sentence);
}

/* Sums of all values are finite where these are. */
static bool are_known_finite(const nd_moments *of) {
  return isfinite(of->mean) && isfinite(of->m2) && isfinite(of->min) && isfinite(of->max);
}

/* moments: of all rows, by feature and of the target; NULL: not known. */
static nadir_status check_values(const nd_data *data, size_t chunk, const nd_packed *packed,
                                 const nd_moments *moments, const uint16_t *order, nadir_error *error) {
  size_t count = packed->rows + packed->held, worst = SIZE_MAX, at = 0;
  for (size_t c = 0; c < data->width; c++) {
    nd_numbers value = packed->column[c];
    bool known = value.at == data->ones || (moments && c <= nd_packed_target(data) && are_known_finite(&moments[c]));
    if (known || nd_are_finite(value, count)) continue;
    for (size_t i = 0; i < count; i++) {
      if (isfinite(nd_number(value, i)) || order[i] >= worst) continue;
      worst = order[i];
      at = c;
    }
  }
  return worst == SIZE_MAX ? NADIR_OK : fail_value(data, chunk, worst, at, error);
}

static nadir_status check_counts(const nd_data *data, size_t chunk, const nd_packed *packed,
                                 const uint16_t *order, nadir_error *error) {
  if (data->model->loss.takes != ND_TAKES_COUNTS) return NADIR_OK;
  for (size_t i = 0; i < packed->rows + packed->held; i++)
    if (nd_packed_number(packed, nd_packed_target(data), i) < 0)
      return nd_fail_row(data->table, data->part, chunk, order[i], error, data->model->target_name,
                         "the target is negative, and this loss counts: leave such rows out with "
                         "the setting where");
  return NADIR_OK;
}

/* ---- the first pass ---- */

typedef struct scan_sums {
  uint64_t read, used, where, missing, held, positive;
  double weight, held_weight;
  nd_moments moments[]; /* of features and target */
} scan_sums;

typedef struct table_scan {
  nd_data *data;
  bool moments, load, hold; /* hold: load what is not scaled yet */
} table_scan;

static void combine_scans(const nd_reduction *reduction, void *into, void *more) {
  scan_sums *a = into;
  const scan_sums *b = more;
  const table_scan *scan = reduction->context;
  a->read += b->read;
  a->used += b->used;
  a->where += b->where;
  a->missing += b->missing;
  a->held += b->held;
  a->positive += b->positive;
  a->weight += b->weight;
  a->held_weight += b->held_weight;
  for (size_t j = 0; scan->moments && j <= scan->data->model->feature_count; j++)
    nd_moments_merge(&a->moments[j], &b->moments[j]);
}

static void add_weights(const nd_data *data, const nd_packed *packed, scan_sums *sums) {
  nd_numbers weight = packed->column[nd_packed_weight(data)];
  if (weight.at == data->ones) {
    sums->weight = (double)packed->rows;
    sums->positive = packed->rows;
    sums->held_weight = (double)packed->held;
    return;
  }
  for (size_t i = 0; i < packed->rows; i++)
    sums->weight += nd_number(weight, i);
  for (size_t i = 0; i < packed->rows; i++)
    sums->positive += nd_number(weight, i) > 0;
  for (size_t i = 0; i < packed->held; i++)
    sums->held_weight += nd_number(weight, packed->rows + i);
}

/* Rows of weight 0 do not count. */
static void add_weighted_moments(nd_numbers x, nd_numbers weight, size_t rows, nd_moments *moments) {
  for (size_t i = 0; i < rows; i++)
    if (nd_number(weight, i) > 0) nd_moments_add(moments, nd_number(x, i), nd_number(weight, i));
}

static void add_moments(const nd_data *data, const nd_packed *packed, bool all_count, nd_moments *moments) {
  nd_numbers weight = packed->column[nd_packed_weight(data)];
  nd_extent_about *spread = nd_pairs_now()->spread;
  for (size_t j = 0; j <= data->model->feature_count; j++) {
    nd_numbers x = packed->column[j];
    if (all_count)
      nd_moments_add_all(&moments[j], x, weight.at == data->ones ? NULL : &weight, packed->rows, spread);
    else
      add_weighted_moments(x, weight, packed->rows, &moments[j]);
  }
}

static void count_rows(const nd_model_rows *rows, const nd_packed *packed, scan_sums *sums) {
  sums->read = rows->rows;
  sums->used = packed->rows;
  sums->held = packed->held;
  for (size_t i = 0; i < rows->rows; i++) {
    sums->where += rows->kept[i] == 0;
    sums->missing += rows->kept[i] == 2;
  }
}

static nadir_status fetch(const nd_data *data, size_t chunk, nd_worker *worker, nd_model_rows *rows,
                          uint16_t *order, nd_packed *packed, nadir_error *error) {
  ND_TRY(nd_model_fetch(worker->reader, chunk, rows, error));
  order_rows(data, chunk, rows, packed, order);
  pack(data, worker, rows, order, packed);
  return NADIR_OK;
}

/* As what rows of a block are loaded. */
typedef enum load_form { SCALED, AS_READ } load_form;
static nadir_status load_packed(nd_data *data, const nd_packed *packed, nd_worker *worker,
                                bool held, load_form form, nd_block **block, nadir_error *error);

/* Rows that stay in memory. */
static nadir_status load_kept(nd_data *data, const nd_packed *packed, nd_worker *worker, bool held,
                              load_form form, nd_block **block, nadir_error *error) {
  size_t count = held ? packed->held : packed->rows;
  const nd_groups *groups = nd_groups_in(data->part);
  if (count == 0) return NADIR_OK;
  if (*block == NULL) {
    uint64_t most = groups ? nd_groups_most_rows(groups) : count; /* a block serves one group after another */
    ND_TRY(nd_block_new(block, data->rows, most < ND_CHUNK ? (size_t)most : ND_CHUNK,
                        groups ? NULL : worker->store, error));
  }
  return load_packed(data, packed, worker, held, form, block, error);
}

static nadir_status load_both(nd_data *data, size_t chunk, const nd_packed *packed,
                              nd_worker *worker, load_form form, nadir_error *error) {
  ND_TRY(load_kept(data, packed, worker, false, form, &data->block[chunk], error));
  return load_kept(data, packed, worker, true, form, &data->held[chunk], error);
}

static nadir_status scan_chunk(void *context, size_t chunk, size_t at, void *out,
                               nadir_error *error) {
  table_scan *now = context;
  nd_data *data = now->data;
  nd_worker *worker = &data->workers[at];
  scan_sums *sums = out;
  nd_model_rows rows;
  uint16_t order[ND_CHUNK];
  nd_packed *packed = &worker->packed;
  ND_TRY(fetch(data, chunk, worker, &rows, order, packed, error));
  count_rows(&rows, packed, sums);
  add_weights(data, packed, sums);
  bool all_count = sums->positive == packed->rows;
  if (now->moments) add_moments(data, packed, all_count, sums->moments);
  bool of_all = now->moments && all_count && packed->rows > 0 && packed->held == 0;
  ND_TRY(check_values(data, chunk, packed, of_all ? sums->moments : NULL, order, error));
  ND_TRY(check_counts(data, chunk, packed, order, error));
  data->block_rows[chunk] = (uint32_t)packed->rows;
  data->held_rows[chunk] = (uint32_t)packed->held;
  return now->load ? load_both(data, chunk, packed, worker, now->hold ? AS_READ : SCALED, error) : NADIR_OK;
}

static nadir_status take_counts(nd_data *data, const scan_sums *sums, nadir_error *error) {
  nd_data_counts *counts = &data->counts;
  counts->read = sums->read;
  counts->used = sums->used;
  counts->dropped_where = sums->where;
  counts->dropped_missing = sums->missing;
  counts->validation = sums->held;
  counts->weight = sums->weight;
  data->positive = sums->positive;
  data->validation_weight = sums->held_weight;
  const char *path = nd_table_files(data->table) > 0 ? nd_table_file(data->table, 0) : "table";
  if (counts->read == 0)
    return nd_fail(error, NADIR_BAD_DATA, "%s: the table has no rows: give one with some", path);
  if (counts->used == 0)
    return nd_fail(error, NADIR_BAD_DATA,
                   "%s: no row is left to fit (%llu left out by where, %llu for missing values, "
                   "%llu by validate): loosen these",
                   path, (unsigned long long)counts->dropped_where,
                   (unsigned long long)counts->dropped_missing,
                   (unsigned long long)counts->validation);
  if (!(counts->weight > 0) || !isfinite(counts->weight))
    return nd_fail(
        error, NADIR_BAD_DATA,
        "%s: the weights of the rows do not sum to a number above 0: check weight or sigma", path);
  return NADIR_OK;
}

static nadir_status first_pass(nd_data *data, table_scan *scan, scan_sums *sums,
                               nadir_error *error) {
  size_t columns = scan->moments ? data->model->feature_count + 1 : 0;
  nd_reduction reduction = {.blocks = data->blocks,
                            .bytes = sizeof(scan_sums) + columns * sizeof(nd_moments),
                            .block = scan_chunk,
                            .combine = combine_scans,
                            .context = scan};
  nd_ranks *ranks = nd_pool_ranks(data->pool);
  ND_TRY(nd_reduce(&reduction, data->pool, sums, error));
  ND_TRY(nd_ranks_fill(ranks, data->block_rows, data->blocks, sizeof *data->block_rows, error));
  ND_TRY(nd_ranks_fill(ranks, data->held_rows, data->blocks, sizeof *data->held_rows, error));
  return take_counts(data, sums, error);
}

/* ---- loading blocks ---- */

static nd_scaled part_of(const nd_packed *packed, size_t column, size_t first, nd_scaling by) {
  return (nd_scaled){nd_numbers_after(packed->column[column], first), by};
}

static const nd_scaling plain = {0, 1};

/* P_j+1 of the rows. */
static nd_scaled basis_of(const nd_packed *packed, const nd_basis *basis, size_t j, size_t first,
                          size_t count, double *to) {
  for (size_t i = 0; i < count; i++)
    to[i] = nd_basis_value(basis, j + 1, nd_packed_number(packed, 0, first + i));
  return (nd_scaled){{NADIR_FLOAT64, to}, {0, 1}};
}

double nd_prepared_feature(const nd_model *model, const nd_packed *packed, size_t j, size_t row) {
  if (model->basis.degree > 0)
    return nd_basis_value(&model->basis, j + 1, nd_packed_number(packed, 0, row));
  nd_scaling scaling = model->scaling[j];
  return (nd_packed_number(packed, j, row) - scaling.center) / scaling.width;
}

static void list_features(const nd_data *data, const nd_packed *packed, nd_worker *worker,
                          size_t first, size_t count, load_form form) {
  const nd_model *model = data->model;
  const size_t room = nd_table_room(data->table);
  for (size_t j = 0; j < model->feature_count; j++)
    worker->features[j] = model->basis.degree > 0 ? basis_of(packed, &model->basis, j, first, count,
                                                             worker->computed + j * room)
                                                  : part_of(packed, j, first, form == AS_READ ? plain : model->scaling[j]);
}

static nd_scaling scaling_of_tail(const nd_data *data, size_t t) {
  return data->tail_column[t] == nd_packed_target(data) ? data->model->target_scaling : plain;
}

static nadir_status load_packed(nd_data *data, const nd_packed *packed, nd_worker *worker,
                                bool held, load_form form, nd_block **block, nadir_error *error) {
  size_t first = held ? packed->rows : 0, count = held ? packed->held : packed->rows;
  list_features(data, packed, worker, first, count, form);
  for (size_t t = 0; t < data->tail_count; t++)
    worker->tail[t] =
        part_of(packed, data->tail_column[t], first, form == AS_READ ? plain : scaling_of_tail(data, t));
  nd_scaled weight = part_of(packed, nd_packed_weight(data), first, plain);
  if (*block == NULL)
    ND_TRY(nd_block_new(block, data->rows, nd_table_room(data->table), NULL, error));
  (form == AS_READ ? nd_block_hold : nd_block_load)(data->rows, worker->workspace, *block, count, worker->features,
                                                    worker->tail, data->weighted ? &weight : NULL);
  return NADIR_OK;
}

/* The weights of rows that were drawn again. */
static void take_drawn(const nd_data *data, size_t chunk, nd_packed *packed) {
  const double *drawn = data->drawn;
  for (size_t b = 0; b < chunk; b++)
    drawn += data->block_rows[b];
  packed->column[nd_packed_weight(data)] = (nd_numbers){NADIR_FLOAT64, drawn};
}

nadir_status nd_data_raw(nd_data *data, size_t chunk, size_t at, const nd_packed **packed,
                         nadir_error *error) {
  nd_worker *worker = &data->workers[at];
  nd_model_rows rows;
  uint16_t order[ND_CHUNK];
  *packed = &worker->packed;
  ND_TRY(fetch(data, chunk, worker, &rows, order, &worker->packed, error));
  if (data->drawn) take_drawn(data, chunk, &worker->packed);
  return NADIR_OK;
}

static nadir_status load_chunk(void *context, size_t i, size_t at, nadir_error *error) {
  nd_data *data = context;
  const nd_packed *packed;
  size_t chunk = data->kept_first + i;
  bool loaded = nd_pool_ranks(data->pool) && (data->block[chunk] || data->held[chunk]); /* by the first pass */
  if (loaded) return NADIR_OK;
  ND_TRY(nd_data_raw(data, chunk, at, &packed, error));
  return load_both(data, chunk, packed, &data->workers[at], SCALED, error);
}

static void scale_held(nd_data *data, nd_worker *worker, nd_block *block) {
  for (size_t t = 0; t < data->tail_count; t++)
    worker->tail[t].by = scaling_of_tail(data, t);
  if (block) nd_block_scale(data->rows, worker->workspace, block, data->model->scaling, worker->tail);
}

/* What the first pass loaded as it was read; ranks may keep more than they have passed over. */
static nadir_status scale_chunk(void *context, size_t i, size_t at, nadir_error *error) {
  nd_data *data = context;
  size_t chunk = data->kept_first + i;
  if (!data->block[chunk] && !data->held[chunk]) return load_chunk(context, i, at, error);
  scale_held(data, &data->workers[at], data->block[chunk]);
  scale_held(data, &data->workers[at], data->held[chunk]);
  return NADIR_OK;
}

/* Those that stay in memory, of which ranks may be short one by one. */
static nadir_status load_blocks(nd_data *data, nd_task *chunk, nadir_error *error) {
  nadir_status status = data->counts.in_memory
                            ? nd_pool_run(data->pool, data->kept_end - data->kept_first, chunk, data, error)
                            : NADIR_OK;
  return nd_ranks_agree(nd_pool_ranks(data->pool), status, error);
}

nadir_status nd_data_ordered(nd_data *data, size_t chunk, size_t at, const nd_packed **packed,
                             uint16_t *order, nadir_error *error) {
  nd_worker *worker = &data->workers[at];
  nd_model_rows rows;
  *packed = &worker->packed;
  return fetch(data, chunk, worker, &rows, order, &worker->packed, error);
}

nadir_status nd_data_load(nd_data *data, size_t b, size_t at, nd_block **block,
                          nadir_error *error) {
  const nd_packed *packed;
  ND_TRY(nd_data_raw(data, b, at, &packed, error));
  return load_packed(data, packed, &data->workers[at], false, SCALED, block, error);
}

nadir_status nd_data_block(nd_data *data, size_t b, size_t at, bool held, nd_block **block,
                           nadir_error *error) {
  const nd_packed *packed;
  nd_worker *worker = &data->workers[at];
  *block = NULL;
  if ((held ? data->held_rows : data->block_rows)[b] == 0) return NADIR_OK;
  if (data->counts.in_memory) *block = held ? data->held[b] : data->block[b];
  if (*block != NULL) return NADIR_OK;
  ND_TRY(nd_data_raw(data, b, at, &packed, error));
  ND_TRY(load_packed(data, packed, worker, held, SCALED, &worker->block, error));
  *block = worker->block;
  return NADIR_OK;
}

nadir_status nd_data_fitted_block(nd_data *data, size_t b, size_t at, nd_block **block,
                                  nadir_error *error) {
  nd_worker *worker = &data->workers[at];
  nd_model_rows rows;
  uint16_t order[ND_CHUNK];
  *block = NULL;
  if (data->block_rows[b] == 0) return NADIR_OK;
  ND_TRY(fetch(data, b, worker, &rows, order, &worker->packed, error));
  nd_model_evaluate(worker->reader, &rows);
  worker->packed.column[nd_packed_target(data)] =
      gather((nd_numbers){NADIR_FLOAT64, rows.output}, order, worker->packed.rows,
             worker->computed + data->model->feature_count * nd_table_room(data->table));
  ND_TRY(load_packed(data, &worker->packed, worker, false, SCALED, &worker->block, error));
  *block = worker->block;
  return NADIR_OK;
}

/* ---- means for --missing mean ---- */

static nadir_status mean_chunk(void *context, size_t chunk, size_t at, void *out,
                               nadir_error *error) {
  nd_data *data = context;
  nd_worker *worker = &data->workers[at];
  nd_moments *moments = out;
  nd_model_rows rows;
  uint16_t order[ND_CHUNK];
  ND_TRY(nd_model_fetch(worker->reader, chunk, &rows, error));
  order_rows(data, chunk, &rows, &worker->packed, order);
  for (size_t c = 0; c < data->model->column_count; c++) {
    nd_numbers x = nd_model_reader_column(worker->reader, c);
    if (x.at == NULL || !nd_model_reader_fills(worker->reader, c)) continue;
    for (size_t i = 0; i < worker->packed.rows; i++)
      if (!isnan(nd_number(x, order[i]))) nd_moments_add(&moments[c], nd_number(x, order[i]), 1);
  }
  return NADIR_OK;
}

static void combine_moments(const nd_reduction *reduction, void *into, void *more) {
  nd_moments *a = into;
  const nd_moments *b = more;
  for (size_t i = 0; i < reduction->bytes / sizeof *a; i++)
    nd_moments_merge(&a[i], &b[i]);
}

static void set_fill(nd_data *data, bool fill) {
  for (size_t i = 0; i < data->worker_count; i++)
    nd_model_reader_fill(data->workers[i].reader, fill);
}

static nadir_status find_means(nd_data *data, nadir_error *error) {
  size_t count = data->model->column_count;
  nd_moments *moments = nd_new(count, sizeof *moments, error);
  if (moments == NULL) return NADIR_NO_MEMORY;
  nd_reduction reduction = {.blocks = data->blocks,
                            .bytes = count * sizeof *moments,
                            .block = mean_chunk,
                            .combine = combine_moments,
                            .context = data};
  set_fill(data, false);
  nadir_status status = nd_reduce(&reduction, data->pool, moments, error);
  set_fill(data, true);
  for (size_t c = 0; c < count && status == NADIR_OK; c++)
    if (moments[c].count > 0) data->model->columns[c].mean = moments[c].mean;
  nd_free(moments);
  return status;
}

/* ---- weights of classes ---- */

static nadir_status count_classes(void *context, size_t chunk, size_t at, void *out, nadir_error *error) {
  nd_data *data = context;
  nd_worker *worker = &data->workers[at];
  uint64_t *counts = out;
  nd_model_rows rows;
  uint16_t order[ND_CHUNK];
  ND_TRY(nd_model_fetch(worker->reader, chunk, &rows, error));
  order_rows(data, chunk, &rows, &worker->packed, order);
  for (size_t i = 0; i < worker->packed.rows; i++)
    if (!isnan(rows.target[order[i]])) counts[nd_model_class(data->model, &rows, order[i])]++;
  return NADIR_OK;
}

static void combine_counts(const nd_reduction *reduction, void *into, void *more) {
  uint64_t *a = into;
  const uint64_t *b = more;
  for (size_t i = 0; i < reduction->bytes / sizeof *a; i++)
    a[i] += b[i];
}

/* n/(k m) for a class of m of the n rows, k the classes that have some (scikit-learn's "balanced"; G. King and L. Zeng
 * 2001, "Logistic regression in rare events data"). */
static void balance(double *weight, const uint64_t *counts, size_t classes) {
  uint64_t rows = 0, present = 0;
  for (size_t k = 0; k < classes; k++) {
    rows += counts[k];
    present += counts[k] > 0;
  }
  for (size_t k = 0; k < classes; k++)
    weight[k] = counts[k] ? (double)rows / ((double)present * (double)counts[k]) : 1;
}

static nadir_status balance_classes(nd_data *data, nadir_error *error) {
  size_t classes = data->model->class_count;
  uint64_t *counts = nd_new(classes, sizeof *counts, error);
  if (counts == NULL) return NADIR_NO_MEMORY;
  nd_reduction reduction = {.blocks = data->blocks,
                            .bytes = classes * sizeof *counts,
                            .block = count_classes,
                            .combine = combine_counts,
                            .context = data};
  set_fill(data, false);
  nadir_status status = nd_reduce(&reduction, data->pool, counts, error);
  set_fill(data, true);
  if (status == NADIR_OK) balance(data->model->class_weight, counts, classes);
  nd_free(counts);
  return status;
}

/* Those given by name; of balanced ones room, by which readers know that there are some. */
static nadir_status plan_class_weights(nd_model *model, const nadir_settings *settings, nadir_error *error) {
  if (nd_is_none(settings->class_weight)) return NADIR_OK;
  if (model->target_kind == ND_TARGET_REAL)
    return nd_fail(error, NADIR_BAD_SETTING, "class-weight: the target %s is a number, not a class: set it to none",
                   model->target_name);
  model->class_weight = nd_new(model->class_count, sizeof *model->class_weight, error);
  if (!model->class_weight) return NADIR_NO_MEMORY;
  return nd_balances_classes(settings)
             ? NADIR_OK
             : nd_model_weigh_classes(model, settings->class_weight, error);
}

/* ---- making the data ---- */

static nadir_status worker_new(nd_data *data, nd_worker *worker, const nadir_settings *settings,
                               nadir_error *error) {
  size_t cells, bytes, computed, room = nd_table_room(data->table);
  if (!nd_multiply(data->width, room * sizeof(double), &cells) ||
      !nd_add(cells, data->width * sizeof(nd_numbers), &bytes))
    bytes = SIZE_MAX;
  if (!nd_multiply(data->model->feature_count + 1, room, &computed)) computed = SIZE_MAX;
  ND_TRY(nd_pages_new(&worker->packed.own, bytes, error));
  worker->packed.column = worker->packed.own.at;
  worker->computed = nd_new(computed, sizeof(double), error);
  worker->features = nd_new(data->model->feature_count, sizeof *worker->features, error);
  worker->tail = nd_new(data->tail_count, sizeof *worker->tail, error);
  if (worker->computed == NULL || worker->features == NULL || worker->tail == NULL)
    return NADIR_NO_MEMORY;
  ND_TRY(nd_block_store_new(&worker->store, error));
  ND_TRY(nd_model_reader_new(&worker->reader, data->model, data->table, settings, true, error));
  ND_TRY(nd_model_reader_limit(worker->reader, data->part, error));
  if (!nd_groups_in(data->part)) nd_model_reader_narrow(worker->reader, data->packed_model, data->width);
  return NADIR_OK;
}

/* The weights of a chunk's rows that have none. */
static nadir_status make_ones(nd_data *data, nadir_error *error) {
  size_t room = nd_table_room(data->table);
  data->ones = nd_new(room, sizeof *data->ones, error);
  if (data->ones == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < room; i++)
    data->ones[i] = 1;
  return NADIR_OK;
}

static nadir_status take_memory(nd_data *data, const nadir_settings *settings, nadir_error *error) {
  data->block_rows = nd_new(data->most_blocks, sizeof *data->block_rows, error);
  data->held_rows = nd_new(data->most_blocks, sizeof *data->held_rows, error);
  ND_TRY(make_ones(data, error));
  size_t threads = nd_pool_threads(data->pool);
  data->workers = nd_new(threads, sizeof *data->workers, error);
  if (data->block_rows == NULL || data->held_rows == NULL || data->workers == NULL)
    return NADIR_NO_MEMORY;
  for (data->worker_count = 0; data->worker_count < threads;)
    ND_TRY(worker_new(data, &data->workers[data->worker_count++], settings, error));
  return NADIR_OK;
}

/* Numbers that are slow to read are read once where half of the memory holds them. */
static nadir_status keep_numbers(nd_data *data, uint64_t memory, nadir_error *error) {
  if (data->kept != NULL || nd_groups_in(data->part) || !nd_table_is_slow(data->table)) return NADIR_OK;
  ND_TRY(nd_model_reader_room(data->workers[0].reader, memory / 2, &data->kept, error));
  for (size_t i = 0; i < data->worker_count; i++)
    nd_model_reader_keep(data->workers[i].reader, data->kept);
  return NADIR_OK;
}

static void forget_numbers(nd_data *data) {
  for (size_t i = 0; i < data->worker_count; i++)
    nd_model_reader_keep(data->workers[i].reader, NULL);
  nd_kept_free(data->kept);
  data->kept = NULL;
}

static nadir_status make_blocks(nd_data *data, uint64_t memory, nadir_error *error) {
  if (data->block != NULL) return NADIR_OK;
  if (!blocks_fit(data, memory - nd_kept_bytes(data->kept))) forget_numbers(data);
  bool fits = nd_groups_in(data->part) != NULL || blocks_fit(data, memory - nd_kept_bytes(data->kept));
  nadir_status all = nd_ranks_agree(nd_pool_ranks(data->pool), fits ? NADIR_OK : NADIR_NO_MEMORY, NULL);
  data->counts.in_memory = all == NADIR_OK;
  if (!data->counts.in_memory) return NADIR_OK;
  data->block = nd_new(data->most_blocks, sizeof(nd_block *), error);
  data->held = nd_new(data->most_blocks, sizeof(nd_block *), error);
  return data->block == NULL || data->held == NULL ? NADIR_NO_MEMORY : NADIR_OK;
}

static nadir_status find_scaling(nd_data *data, uint64_t memory, const scan_sums *sums, nd_teller *teller,
                                 nadir_error *error) {
  nd_model *model = data->model;
  ND_TRY(nd_basis_find(data, &sums->moments[0], error));
  if (model->scale_method == ND_SCALE_ROBUST)
    ND_TRY(nd_scale_by_quartiles(data, memory, teller, error));
  else
    ND_TRY(nd_scale_by_moments(model, sums->moments, &sums->moments[model->feature_count], teller,
                               error));
  return nd_warn_of_loss(model, teller, error);
}

/* In the precision of the blocks, as it is read: truth values and numbers of classes are in any. */
static bool is_exact(const nd_data *data, size_t column) {
  bool classes = column == nd_packed_target(data) && data->model->target_kind != ND_TARGET_REAL;
  return classes || !data->counts.single || nd_packed_type(data, column) == NADIR_FLOAT32;
}

static bool are_exact(const nd_data *data) {
  for (size_t j = 0; j < data->model->feature_count; j++)
    if (!is_exact(data, j)) return false;
  for (size_t t = 0; t < data->tail_count; t++)
    if (!is_exact(data, data->tail_column[t])) return false;
  return true;
}

/* Whether blocks can be made before the scaling is known, and can hold columns as they are read. */
static nadir_status plan_to_hold(nd_data *data, uint64_t memory, bool *hold, nadir_error *error) {
  const nd_model *model = data->model;
  *hold = !nd_groups_in(data->part) && !model->loss.scales && model->scale_method != ND_SCALE_ROBUST &&
          !nd_may_have_basis(model) && are_exact(data);
  if (!*hold) return NADIR_OK;
  ND_TRY(compile_anew(data, error));
  ND_TRY(make_blocks(data, memory, error));
  *hold = data->counts.in_memory && nd_rows_hold(data->rows);
  return NADIR_OK;
}

/* The scaling, and the blocks before or after it. */
static nadir_status read_scaled(nd_data *data, uint64_t memory, nd_teller *teller, scan_sums *sums,
                                nadir_error *error) {
  table_scan scan = {.data = data, .moments = true};
  ND_TRY(plan_to_hold(data, memory, &scan.hold, error));
  scan.load = scan.hold;
  ND_TRY(first_pass(data, &scan, sums, error));
  ND_TRY(find_scaling(data, memory, sums, teller, error));
  if (scan.hold) return load_blocks(data, scale_chunk, error);
  ND_TRY(compile_anew(data, error));
  ND_TRY(make_blocks(data, memory, error));
  return load_blocks(data, load_chunk, error);
}

static nadir_status read_plain(nd_data *data, uint64_t memory, scan_sums *sums,
                               nadir_error *error) {
  ND_TRY(compile_anew(data, error));
  ND_TRY(make_blocks(data, memory, error));
  table_scan scan = {.data = data, .load = data->counts.in_memory};
  ND_TRY(first_pass(data, &scan, sums, error));
  return own_blocks(data) < data->kept_end - data->kept_first ? load_blocks(data, load_chunk, error) : NADIR_OK;
}

/* Of the rows that there are now. */
static nadir_status read_rows(nd_data *data, const nadir_settings *settings, nd_teller *teller,
                              nadir_error *error) {
  nd_model *model = data->model;
  uint64_t memory =
      nd_groups_in(data->part)
          ? 0
          : nd_memory_bytes(settings, nd_pool_ranks(data->pool)); /* of groups it is settled */
  ND_TRY(keep_numbers(data, memory, error));
  if (nd_balances_classes(settings)) ND_TRY(balance_classes(data, error));
  if (settings->missing == ND_MISSING_MEAN) ND_TRY(find_means(data, error));
  scan_sums *sums =
      nd_new(1, sizeof *sums + (model->feature_count + 1) * sizeof(nd_moments), error);
  if (sums == NULL) return NADIR_NO_MEMORY;
  nadir_status status = data->scaled ? read_scaled(data, memory, teller, sums, error)
                                     : read_plain(data, memory, sums, error);
  nd_free(sums);
  return status;
}

static nadir_status set_up(nd_data *data, const nadir_settings *settings, nd_teller *teller,
                           nadir_error *error) {
  nd_model *model = data->model;
  ND_TRY(plan_class_weights(model, settings, error));
  ND_TRY(list_columns(data, error));
  choose_precision(data, settings->precision);
  ND_TRY(take_memory(data, settings, error));
  data->scaled = model->is_linear && model->scale_method != ND_SCALE_NONE;
  return nd_groups_in(data->part) ? compile(data, error) : read_rows(data, settings, teller, error);
}

/* Those of this rank's share of sums, and of the parts that it descends on; or, where a batch may have rows of any, all. */
static void choose_kept(nd_data *data, const nadir_settings *settings) {
  const nd_ranks *ranks = nd_pool_ranks(data->pool);
  size_t rank = nd_rank(ranks), blocks = data->blocks, parts = (size_t)settings->parts;
  bool batches = settings->batch.rows > 0;
  bool whole = (batches && parts == 1) || settings->errors.kind == ND_ERRORS_BOOTSTRAP;
  data->kept_first = whole ? 0 : nd_rank_first(ranks, rank, blocks);
  data->kept_end = whole ? blocks : nd_rank_first(ranks, rank + 1, blocks);
  if (whole || !batches) return;
  size_t first = nd_share_first(nd_rank_first(ranks, rank, parts), parts, blocks),
         end = nd_share_first(nd_rank_first(ranks, rank + 1, parts), parts, blocks);
  if (first == end) return;
  if (first < data->kept_first) data->kept_first = first;
  if (end > data->kept_end) data->kept_end = end;
}

static size_t chunks_of(uint64_t rows) {
  return (size_t)((rows + ND_CHUNK - 1) / ND_CHUNK);
}

nadir_status nd_data_renew(nd_data *data, const nadir_settings *settings, nd_teller *teller, nadir_error *error) {
  data->blocks = chunks_of(nd_groups_rows(data->part->groups, data->part->group));
  choose_kept(data, settings);
  nd_free(data->model->basis.part);
  data->model->basis = (nd_basis){0};
  return read_rows(data, settings, teller, error);
}

nadir_status nd_data_new(nd_data **data, nd_model *model, const nd_table *table, const nd_part *part,
                         const nadir_settings *settings, nd_pool *pool, nd_teller *teller,
                         nadir_error *error) {
  const nd_groups *groups = nd_groups_in(part);
  *data = NULL;
  nd_data *made = nd_new(1, sizeof *made, error);
  if (made == NULL) return NADIR_NO_MEMORY;
  made->model = model;
  made->table = table;
  made->part = part;
  made->pool = pool;
  made->blocks = groups ? chunks_of(nd_groups_most_rows(groups)) : nd_table_chunks(table);
  made->most_blocks = made->blocks;
  choose_kept(made, settings);
  made->seed = settings->seed;
  made->by_batches = settings->batch.rows > 0;
  made->validate = settings->validate;
  made->weighted = model->weight != ND_NO_NODE || !nd_is_none(settings->class_weight);
  nadir_status status = set_up(made, settings, teller, error);
  if (status == NADIR_OK)
    *data = made;
  else
    nd_data_free(made);
  return status;
}
