/* Predictions: the table read chunk by chunk, each row written with what the model says of it. The
 * columns of the table are written as they are; added are
 *
 *   prediction                      of a number, in the target's units (of poisson exp(f))
 *   class, probability              of a truth value under the logistic loss (of the second class)
 *   class, prediction               of a truth value under other losses (the side of 0 decides)
 *   class, probability_CLASS ...    of softmax
 *
 *   prediction_error                the standard error of that number or probability, where the model has the
 *                                   covariance of its parameters
 *
 *   COLUMN_adjusted ...             of a model with errors in its columns (sigma-x): the cells of the curve's point that is
 *                                   nearest in units of the errors, where the table has the target and the errors
 *
 * A row without a value the model needs gets none (with --missing drop), or the column's mean of
 * the fit; --where leaves rows out. Chunks are computed by windows, each by one thread, and written in their order by
 * the caller's, of rank 0. Memory is that of a window. The listener is asked between chunks; a table that it ends
 * before the last row is not written. */
#include <stdio.h>
#include <string.h>

#include "rows/adjusted.h"
#include "rows/blocks.h"
#include "rows/predict.h"
#include "rows/prediction_error.h"

typedef struct added {
  nd_column *columns;
  size_t count;
  double **numbers;     /* by added column; NULL for the class */
  const char **classes; /* nd_table_room of them */
} added;

enum { WINDOW = 16 /* chunks for each rank */, WINDOW_BYTES = 1 << 26 };

/* What a thread computes with. */
typedef struct worker {
  nd_model_reader *reader;
  nd_prediction_error *errors; /* or NULL */
  nd_adjusted *adjusted;       /* or NULL */
  double *answers;             /* to one row */
} worker;

typedef struct prediction {
  const nd_model *model;
  const nd_table *table;
  nd_teller *teller;
  size_t *kept; /* the table's columns that are written, by their numbers */
  size_t kept_count;
  nd_pool *pool;
  nd_ranks *ranks;
  worker *workers;
  size_t worker_count, room;
  nd_scratch *scratch;
  nd_writer *writer;
  nd_arena *arena;
  nd_request *requests; /* all cells of a row */
  nd_cells *cells;      /* those, then the added ones */
  size_t cell_count;
  added added;
  size_t first, window; /* chunks of the window */
  size_t told_count;
  double *told; /* of each chunk: a row's class, -1: none, NaN: not written; then answers, errors and adjusted cells */
} prediction;

static void prediction_free(prediction *p) {
  for (size_t i = 0; i < p->worker_count; i++) {
    nd_prediction_error_free(p->workers[i].errors);
    nd_adjusted_free(p->workers[i].adjusted);
    nd_model_reader_free(p->workers[i].reader);
    nd_free(p->workers[i].answers);
  }
  nd_free(p->workers);
  nd_free(p->told);
  nd_pool_free(p->pool);
  nd_scratch_free(p->scratch);
  nd_writer_close(p->writer);
  nd_arena_free(p->arena);
}

static void *take(prediction *p, size_t count, size_t size, nadir_error *error) {
  size_t bytes;
  if (!nd_multiply(count, size, &bytes)) bytes = SIZE_MAX;
  return nd_arena_take(p->arena, bytes + 1, error);
}

/* ---- the columns ---- */

static bool name_is_taken(const prediction *p, const char *name) {
  for (size_t i = 0; i < nd_table_columns(p->table); i++)
    if (nd_same_name(nd_table_column(p->table, i)->name, name)) return true;
  return false;
}

/* The name, with _2, _3 ... where the table has one with that name. */
static nadir_status free_name(prediction *p, const char *wanted, const char **name,
                              nadir_error *error) {
  size_t size = strlen(wanted) + 24;
  char *text = take(p, size, 1, error);
  if (!text) return NADIR_NO_MEMORY;
  snprintf(text, size, "%s", wanted);
  for (unsigned long i = 2; name_is_taken(p, text); i++)
    snprintf(text, size, "%s_%lu", wanted, i);
  *name = text;
  return NADIR_OK;
}

static nadir_status add_column(prediction *p, const char *name, const char *unit, bool is_class,
                               nadir_error *error) {
  size_t i = p->added.count++;
  p->added.columns[i] = (nd_column){
      .unit = unit, .type = is_class ? ND_CELL_TEXT : ND_CELL_REAL, .elements = 1, .format = ""};
  ND_TRY(free_name(p, name, &p->added.columns[i].name, error));
  if (is_class) return NADIR_OK;
  p->added.numbers[i] = take(p, nd_table_room(p->table), sizeof(double), error);
  return p->added.numbers[i] ? NADIR_OK : NADIR_NO_MEMORY;
}

static bool gives_probability(const nd_model *model) {
  return model->loss.link == ND_LINK_LOGIT;
}

static nadir_status add_class_probabilities(prediction *p, nadir_error *error) {
  for (size_t k = 0; k < p->model->class_count; k++) {
    nd_text name = {0};
    nd_text_print(&name, "probability_%s", p->model->classes[k]);
    nadir_status status = nd_text_status(&name, error);
    if (status == NADIR_OK) status = add_column(p, nd_text_data(&name), "", false, error);
    nd_text_free(&name);
    ND_TRY(status);
  }
  return NADIR_OK;
}

static nadir_status add_answers(prediction *p, nadir_error *error) {
  const nd_model *model = p->model;
  size_t most = model->class_count + 3 + model->column_error_count;
  p->added.columns = take(p, most, sizeof *p->added.columns, error);
  p->added.numbers = take(p, most, sizeof *p->added.numbers, error);
  p->added.classes = take(p, nd_table_room(p->table), sizeof *p->added.classes, error);
  if (!p->added.columns || !p->added.numbers || !p->added.classes) return NADIR_NO_MEMORY;
  if (model->target_kind == ND_TARGET_REAL)
    return add_column(p, "prediction", model->target_unit, false, error);
  ND_TRY(add_column(p, "class", "", true, error));
  if (model->target_kind == ND_TARGET_CLASS) return add_class_probabilities(p, error);
  return add_column(p, gives_probability(model) ? "probability" : "prediction", "", false, error);
}

static nadir_status add_adjusted(prediction *p, size_t a, nadir_error *error) {
  const nd_model *model = p->model;
  const nd_model_column *column = &model->columns[nd_model_column_of(model, model->column_errors[a].column)];
  nd_text name = {0};
  nd_text_print(&name, "%s_adjusted", column->column);
  nadir_status status = nd_text_status(&name, error);
  if (status == NADIR_OK) status = add_column(p, nd_text_data(&name), column->unit, false, error);
  nd_text_free(&name);
  return status;
}

/* Of the first worker, as of each. */
static size_t adjusted_count(const prediction *p) {
  return p->workers[0].adjusted ? p->model->column_error_count : 0;
}

static nadir_status add_columns(prediction *p, nadir_error *error) {
  const nd_model *model = p->model;
  bool is_number = model->target_kind == ND_TARGET_REAL;
  ND_TRY(add_answers(p, error));
  if (p->workers[0].errors)
    ND_TRY(add_column(p, "prediction_error", is_number ? model->target_unit : "", false, error));
  for (size_t a = 0; a < adjusted_count(p); a++)
    ND_TRY(add_adjusted(p, a, error));
  return NADIR_OK;
}

/* ---- set-up ---- */

static nadir_status worker_new(worker *w, const prediction *p, const nadir_settings *settings,
                               nadir_error *error) {
  ND_TRY(nd_model_reader_new(&w->reader, p->model, p->table, settings, false, error));
  if (!(w->answers = nd_new(nd_model_answers(p->model), sizeof *w->answers, error)))
    return NADIR_NO_MEMORY;
  ND_TRY(nd_adjusted_new(&w->adjusted, p->model, p->table, settings, error));
  return nd_prediction_error_new(&w->errors, p->model, w->reader, p->room, error);
}

static nadir_status make_workers(prediction *p, const nadir_settings *settings,
                                 nadir_error *error) {
  bool many = nd_table_chunks(p->table) > 1;
  p->room = nd_table_room(p->table);
  p->ranks = nd_table_ranks(p->table);
  ND_TRY(nd_pool_new(&p->pool, many ? (size_t)settings->threads : 1, error));
  nd_pool_share(p->pool, p->ranks);
  p->workers = nd_new(nd_pool_threads(p->pool), sizeof *p->workers, error);
  if (!p->workers) return NADIR_NO_MEMORY;
  while (p->worker_count < nd_pool_threads(p->pool))
    ND_TRY(worker_new(&p->workers[p->worker_count++], p, settings, error));
  return NADIR_OK;
}

/* As many chunks as keep all threads at work, or as fit into the bytes. */
static nadir_status take_window(prediction *p, nadir_error *error) {
  p->told_count = 1 + nd_model_answers(p->model) + (p->workers[0].errors ? 1 : 0) + adjusted_count(p);
  size_t bytes = p->told_count * p->room * sizeof *p->told, chunks = nd_table_chunks(p->table);
  p->window = WINDOW_BYTES / bytes + 1;
  if (p->window > WINDOW * nd_rank_count(p->ranks)) p->window = WINDOW * nd_rank_count(p->ranks);
  if (p->window > chunks) p->window = chunks;
  p->told = nd_new(p->window, bytes, error);
  return p->told ? NADIR_OK : NADIR_NO_MEMORY;
}

/* Columns of variable length (TFORM P and Q) are not read, so they cannot be passed on. */
static nadir_status choose_columns(prediction *p, nadir_error *error) {
  size_t columns = nd_table_columns(p->table);
  if (!(p->kept = take(p, columns, sizeof *p->kept, error))) return NADIR_NO_MEMORY;
  for (size_t c = 0; c < columns; c++) {
    const nd_column *column = nd_table_column(p->table, c);
    if (nd_cells_of(column) == NADIR_ARRAYS) {
      ND_TRY(nd_warn(p->teller,
                     &(nadir_warning){.kind = NADIR_WARN_VARIABLE_LENGTH, .column = column->name},
                     error));
      continue;
    }
    p->kept[p->kept_count++] = c;
    p->cell_count += column->elements;
  }
  return NADIR_OK;
}

/* Integers, and all numbers that a file has as text, are passed on as text, so that none of their
 * digits is lost; all else as it is read. */
static bool passes_as_text(const nd_column *column) {
  return column->type == ND_CELL_TEXT || column->type == ND_CELL_INTEGER ||
         (column->type == ND_CELL_REAL && column->format[0] == '\0');
}

static nadir_status request_cells(prediction *p, nadir_error *error) {
  size_t at = 0;
  for (size_t k = 0; k < p->kept_count; k++) {
    size_t c = p->kept[k];
    const nd_column *column = nd_table_column(p->table, c);
    bool text = passes_as_text(column);
    for (size_t e = 0; e < column->elements; e++, at++) {
      nd_request *request = &p->requests[at];
      *request = (nd_request){.kind = text ? ND_AS_TEXT : ND_AS_NUMBER, .column = c, .element = e};
      if (text)
        request->texts = take(p, nd_table_room(p->table), sizeof *request->texts, error);
      else
        request->numbers = take(p, nd_table_room(p->table), sizeof *request->numbers, error);
      if (!request->texts && !request->numbers) return NADIR_NO_MEMORY;
    }
  }
  return NADIR_OK;
}

static nadir_status open_writer(prediction *p, const char *path, nadir_error *error) {
  size_t own = p->kept_count, count = own + p->added.count;
  nd_column *columns = take(p, count, sizeof *columns, error);
  if (!columns) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < own; i++) {
    columns[i] = *nd_table_column(p->table, p->kept[i]);
    columns[i].name = columns[i].title;
  }
  memcpy(columns + own, p->added.columns, p->added.count * sizeof *columns);
  return nd_writer_open(&p->writer, path, columns, count, nd_table_rows(p->table), error);
}

static nadir_status set_up(prediction *p, const nadir_settings *settings, const char *path,
                           nadir_error *error) {
  ND_TRY(nd_arena_new(&p->arena, error));
  ND_TRY(choose_columns(p, error));
  ND_TRY(make_workers(p, settings, error));
  ND_TRY(nd_model_reader_warn(p->workers[0].reader, p->teller, error));
  ND_TRY(take_window(p, error));
  ND_TRY(nd_scratch_new(&p->scratch, p->table, error));
  ND_TRY(add_columns(p, error));
  p->requests = take(p, p->cell_count, sizeof *p->requests, error);
  p->cells = take(p, p->cell_count + p->added.count, sizeof *p->cells, error);
  if (!p->requests || !p->cells) return NADIR_NO_MEMORY;
  ND_TRY(request_cells(p, error));
  return nd_rank(p->ranks) == 0 ? open_writer(p, path, error) : NADIR_OK;
}

/* ---- rows ---- */

static double class_of(const prediction *p, const nd_model_rows *rows, size_t r, double answer) {
  if (rows->kept[r] == 0) return (double)NAN;
  bool has_class = p->model->target_kind != ND_TARGET_REAL;
  return !has_class || isnan(answer) ? -1 : (double)nd_model_best_class(p->model, rows, r);
}

static nadir_status adjust(const prediction *p, const worker *w, size_t i, double *told, size_t rows, nadir_error *error) {
  const double *cells;
  if (!w->adjusted) return NADIR_OK;
  ND_TRY(nd_adjusted_run(w->adjusted, p->first + i, &cells, error));
  for (size_t a = 0; a < p->model->column_error_count; a++)
    memcpy(told + a * p->room, cells + a * p->room, rows * sizeof *told);
  return NADIR_OK;
}

static nadir_status compute_chunk(void *context, size_t i, size_t number, void *out,
                                  nadir_error *error) {
  const prediction *p = context;
  worker *w = &p->workers[number];
  double *told = out;
  size_t answers = nd_model_answers(p->model);
  nd_model_rows rows;
  ND_TRY(nd_model_read(w->reader, p->first + i, &rows, error));
  const double *errors = w->errors ? nd_prediction_error_run(w->errors, &rows) : NULL;
  for (size_t r = 0; r < rows.rows; r++) {
    nd_model_answer(p->model, &rows, r, w->answers);
    told[r] = class_of(p, &rows, r, w->answers[0]);
    for (size_t a = 0; a < answers; a++)
      told[(1 + a) * p->room + r] = w->answers[a];
    if (errors) told[(1 + answers) * p->room + r] = errors[r];
  }
  return adjust(p, w, i, told + (1 + answers + (errors != NULL)) * p->room, rows.rows, error);
}

/* ---- what is written ---- */

static void say(prediction *p, const double *told, size_t from, size_t row) {
  bool has_class = p->model->target_kind != ND_TARGET_REAL;
  for (size_t i = 0; i + 1 < p->told_count; i++)
    p->added.numbers[i + has_class][row] = told[(1 + i) * p->room + from];
  if (has_class)
    p->added.classes[row] = told[from] < 0 ? NULL : p->model->classes[(size_t)told[from]];
}

static void move_cells(prediction *p, size_t from, size_t to) {
  for (size_t c = 0; c < p->cell_count; c++) {
    nd_request *request = &p->requests[c];
    if (request->texts)
      request->texts[to] = request->texts[from];
    else
      request->numbers[to] = request->numbers[from];
  }
}

static void fill_cells(prediction *p) {
  for (size_t c = 0; c < p->cell_count; c++)
    p->cells[c] = (nd_cells){p->requests[c].numbers, p->requests[c].texts};
  for (size_t i = 0; i < p->added.count; i++) {
    bool is_class = p->added.columns[i].type == ND_CELL_TEXT;
    p->cells[p->cell_count + i] =
        (nd_cells){is_class ? NULL : p->added.numbers[i], is_class ? p->added.classes : NULL};
  }
}

static nadir_status write_chunk(prediction *p, size_t chunk, const double *told,
                                nadir_error *error) {
  size_t read, rows = 0;
  ND_TRY(nd_table_read(p->table, chunk, p->requests, p->cell_count, p->scratch, &read, error));
  for (size_t r = 0; r < read; r++) {
    if (isnan(told[r])) continue;
    say(p, told, r, rows);
    move_cells(p, r, rows++);
  }
  fill_cells(p);
  return nd_writer_rows(p->writer, p->cells, rows, error);
}

static bool is_unwanted(prediction *p, size_t chunk) {
  p->teller->last.rows_seen = (uint64_t)chunk * ND_CHUNK;
  return nd_asks_to_end(p->teller);
}

static nadir_status write_window(prediction *p, size_t count, const char *path,
                                 nadir_error *error) {
  for (size_t i = 0; i < count && nd_rank(p->ranks) == 0; i++) {
    if (is_unwanted(p, p->first + i))
      return nd_fail(error, NADIR_ENDED, "%s: it was interrupted, and is not written: run it again",
                     path);
    ND_TRY(write_chunk(p, p->first + i, p->told + i * p->told_count * p->room, error));
  }
  return NADIR_OK;
}

static nadir_status predict_window(prediction *p, const char *path, nadir_error *error) {
  size_t left = nd_table_chunks(p->table) - p->first;
  const nd_reduction window = {.blocks = left < p->window ? left : p->window,
                               .bytes = p->told_count * p->room * sizeof *p->told,
                               .block = compute_chunk,
                               .context = p};
  ND_TRY(nd_map(&window, p->pool, p->told, error));
  return nd_ranks_agree(p->ranks, write_window(p, window.blocks, path, error), error);
}

static nadir_status predict(prediction *p, const nadir_settings *settings, const char *notes,
                            const char *path, nadir_error *error) {
  nadir_status status = set_up(p, settings, path, error);
  if (status == NADIR_OK && p->writer) status = nd_writer_note(p->writer, notes, error);
  ND_TRY(nd_ranks_agree(p->ranks, status, error));
  for (p->first = 0; p->first < nd_table_chunks(p->table); p->first += p->window)
    ND_TRY(predict_window(p, path, error));
  return nd_ranks_agree(p->ranks, p->writer ? nd_writer_commit(p->writer, error) : NADIR_OK, error);
}

nadir_status nd_predict(const nd_model *model, const nd_table *table, const nadir_settings *settings,
                        const char *notes, nd_teller *teller, const char *path, nadir_error *error) {
  prediction p = {.model = model, .table = table, .teller = teller};
  nadir_status status = predict(&p, settings, notes, path, error);
  prediction_free(&p);
  return status;
}
