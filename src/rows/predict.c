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
 * A row without a value the model needs gets none (with --missing drop), or the column's mean of
 * the fit; --where leaves rows out. Memory is that of one chunk. The listener is asked between
 * chunks; a table that it ends before the last row is not written. */
#include <stdio.h>
#include <string.h>

#include "rows/predict.h"
#include "rows/prediction_error.h"

typedef struct added {
  nd_column *columns;
  size_t count;
  double **numbers;     /* by added column; NULL for the class */
  const char **classes; /* nd_table_room of them */
} added;

typedef struct prediction {
  const nd_model *model;
  const nd_table *table;
  nd_teller *teller;
  size_t *kept; /* the table's columns that are written, by their numbers */
  size_t kept_count;
  nd_model_reader *reader;
  nd_scratch *scratch;
  nd_writer *writer;
  nd_arena *arena;
  nd_request *requests; /* all cells of a row */
  nd_cells *cells;      /* those, then the added ones */
  size_t cell_count;
  added added;
  double *answers; /* to one row */
  nd_prediction_error *errors; /* or NULL; its column is the last */
} prediction;

static void prediction_free(prediction *p) {
  nd_prediction_error_free(p->errors);
  nd_model_reader_free(p->reader);
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
  size_t most = model->class_count + 3;
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

static nadir_status add_columns(prediction *p, nadir_error *error) {
  const nd_model *model = p->model;
  bool is_number = model->target_kind == ND_TARGET_REAL;
  ND_TRY(add_answers(p, error));
  ND_TRY(nd_prediction_error_new(&p->errors, model, p->reader, nd_table_room(p->table), error));
  if (!p->errors) return NADIR_OK;
  return add_column(p, "prediction_error", is_number ? model->target_unit : "", false, error);
}

/* ---- set-up ---- */

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
  ND_TRY(nd_model_reader_new(&p->reader, p->model, p->table, settings, false, error));
  ND_TRY(nd_model_reader_warn(p->reader, p->teller, error));
  ND_TRY(nd_scratch_new(&p->scratch, p->table, error));
  ND_TRY(add_columns(p, error));
  p->requests = take(p, p->cell_count, sizeof *p->requests, error);
  p->cells = take(p, p->cell_count + p->added.count, sizeof *p->cells, error);
  p->answers = take(p, nd_model_answers(p->model), sizeof *p->answers, error);
  if (!p->requests || !p->cells || !p->answers) return NADIR_NO_MEMORY;
  ND_TRY(request_cells(p, error));
  return open_writer(p, path, error);
}

/* ---- rows ---- */

static void say(prediction *p, const nd_model_rows *rows, const double *errors, size_t from,
                size_t row) {
  const nd_model *model = p->model;
  bool has_class = model->target_kind != ND_TARGET_REAL;
  size_t answers = nd_model_answers(model);
  nd_model_answer(model, rows, from, p->answers);
  for (size_t i = 0; i < answers; i++)
    p->added.numbers[i + has_class][row] = p->answers[i];
  if (errors) p->added.numbers[answers + has_class][row] = errors[from];
  if (has_class)
    p->added.classes[row] =
        isnan(p->answers[0]) ? NULL : model->classes[nd_model_best_class(model, rows, from)];
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

static nadir_status predict_chunk(prediction *p, size_t chunk, nadir_error *error) {
  size_t read, rows = 0;
  nd_model_rows model_rows;
  ND_TRY(nd_model_read(p->reader, chunk, &model_rows, error));
  const double *errors = p->errors ? nd_prediction_error_run(p->errors, &model_rows) : NULL;
  ND_TRY(nd_table_read(p->table, chunk, p->requests, p->cell_count, p->scratch, &read, error));
  for (size_t r = 0; r < read; r++) {
    if (model_rows.kept[r] == 0) continue;
    say(p, &model_rows, errors, r, rows);
    move_cells(p, r, rows++);
  }
  fill_cells(p);
  return nd_writer_rows(p->writer, p->cells, rows, error);
}

static bool is_unwanted(prediction *p, size_t chunk) {
  p->teller->last.rows_seen = (uint64_t)chunk * ND_CHUNK;
  return nd_asks_to_end(p->teller);
}

static nadir_status predict(prediction *p, const nadir_settings *settings, const char *notes,
                            const char *path, nadir_error *error) {
  ND_TRY(set_up(p, settings, path, error));
  ND_TRY(nd_writer_note(p->writer, notes, error));
  for (size_t chunk = 0; chunk < nd_table_chunks(p->table); chunk++) {
    if (is_unwanted(p, chunk))
      return nd_fail(error, NADIR_ENDED, "%s: it was interrupted, and is not written: run it again",
                     path);
    ND_TRY(predict_chunk(p, chunk, error));
  }
  return nd_writer_commit(p->writer, error);
}

nadir_status nd_predict(const nd_model *model, const nd_table *table, const nadir_settings *settings,
                        const char *notes, nd_teller *teller, const char *path, nadir_error *error) {
  prediction p = {.model = model, .table = table, .teller = teller};
  nadir_status status = predict(&p, settings, notes, path, error);
  prediction_free(&p);
  return status;
}
