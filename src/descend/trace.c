/* Traces: what a run did, a row of numbers for each recorded update, kept in memory and written as
 * CSV.
 *
 * Every update is kept up to 1,000. Past that a row is kept when its update is a multiple of the
 * stride, and the stride doubles, dropping every second row, whenever 10,000 rows are reached: so
 * memory is bounded, the choice depends on the update numbers alone, and the first and the last row
 * are always there. */
#include <string.h>

#include "base/limits.h"
#include "descend/descend.h"

enum { KEPT_WHOLE = 1000 };

static const char *const fixed_names[NADIR_TRACE_PARAMETERS] = {
    "update",    "rows_seen",          "epoch",          "seconds", "loss", "gradient_norm", "rate",
    "step_norm", "predicted_decrease", "actual_decrease"};

static const char validation_name[] = "validation_loss";

static char *wrapped(const char *around, const char *name, nadir_error *error) {
  nd_text text = {0};
  nd_text_print(&text, "%s[%s]", around, name);
  char *copy =
      nd_text_status(&text, error) == NADIR_OK ? nd_copy_text(text.data, text.length, error) : NULL;
  nd_text_free(&text);
  return copy;
}

static nadir_status name_columns(nadir_trace *trace, char *const *names, size_t size, bool validated,
                                 nadir_error *error) {
  char **last = &trace->names[trace->columns - 1];
  if (validated && !(*last = nd_copy_text(validation_name, strlen(validation_name), error)))
    return NADIR_NO_MEMORY;
  for (size_t c = 0; c < NADIR_TRACE_PARAMETERS; c++)
    if (!(trace->names[c] = nd_copy_text(fixed_names[c], strlen(fixed_names[c]), error)))
      return NADIR_NO_MEMORY;
  for (size_t i = 0; i < size; i++) {
    char **at = &trace->names[NADIR_TRACE_PARAMETERS + i];
    at[0] = nd_copy_text(names[i], strlen(names[i]), error);
    at[size] = at[0] ? wrapped("gradient", names[i], error) : NULL;
    at[2 * size] = at[size] ? wrapped("rate", names[i], error) : NULL;
    if (!at[2 * size]) return NADIR_NO_MEMORY;
  }
  return NADIR_OK;
}

static nadir_status new_trace(nadir_trace **trace, size_t columns, nadir_error *error) {
  nadir_trace *made = *trace = nd_new(1, sizeof *made, error);
  if (!made) return NADIR_NO_MEMORY;
  made->columns = columns;
  made->stride = 1;
  made->last_stays = true;
  if ((made->names = nd_new(columns, sizeof *made->names, error))) return NADIR_OK;
  nd_trace_free(made);
  *trace = NULL;
  return NADIR_NO_MEMORY;
}

nadir_status nd_trace_new(nadir_trace **trace, char *const *names, size_t size, bool validated,
                          nadir_error *error) {
  if (size > ND_LIMIT_TRACE_PARAMETERS) size = 0;
  ND_TRY(new_trace(trace, NADIR_TRACE_PARAMETERS + 3 * size + validated, error));
  nadir_status status = name_columns(*trace, names, size, validated, error);
  if (status != NADIR_OK) {
    nd_trace_free(*trace);
    *trace = NULL;
  }
  return status;
}

void nd_trace_free(nadir_trace *trace) {
  if (!trace) return;
  for (size_t c = 0; trace->names && c < trace->columns; c++)
    nd_free(trace->names[c]);
  nd_free(trace->names);
  nd_free(trace->values);
  nd_free(trace);
}

static bool stays(const nadir_trace *trace, const double *row) {
  return row[NADIR_TRACE_UPDATE] <= KEPT_WHOLE ||
         fmod(row[NADIR_TRACE_UPDATE], (double)trace->stride) == 0;
}

static void thin(nadir_trace *trace) {
  size_t kept = 0, bytes = trace->columns * sizeof(double);
  trace->stride *= 2;
  for (size_t r = 0; r < trace->rows; r++) {
    const double *row = trace->values + r * trace->columns;
    if (stays(trace, row)) memmove(trace->values + kept++ * trace->columns, row, bytes);
  }
  trace->rows = kept;
}

static nadir_status append(nadir_trace *trace, const double *values, nadir_error *error) {
  ND_TRY(nd_grow(&trace->values, &trace->capacity, (trace->rows + 1) * trace->columns,
                 sizeof(double), error));
  memcpy(trace->values + trace->rows++ * trace->columns, values, trace->columns * sizeof(double));
  return NADIR_OK;
}

nadir_status nd_trace_add(nadir_trace *trace, const double *values, nadir_error *error) {
  bool again =
      trace->rows && trace->values[(trace->rows - 1) * trace->columns] == values[NADIR_TRACE_UPDATE];
  if (again || !trace->last_stays) trace->rows--;
  while (trace->rows >= ND_LIMIT_TRACE_ROWS)
    thin(trace);
  trace->last_stays = stays(trace, values);
  return append(trace, values, error);
}

void nd_trace_validated(nadir_trace *trace, double loss) {
  trace->values[trace->rows * trace->columns - 1] = loss;
}

/* No parameter's column is the last where it is called so: its rate is, or the trace has none of it. */
size_t nd_trace_validation(const nadir_trace *trace) {
  size_t last = trace->columns - 1;
  bool is_it = last >= NADIR_TRACE_PARAMETERS && strcmp(trace->names[last], validation_name) == 0;
  return is_it ? last : trace->columns;
}

/* ---- files ---- */

static void write_cell(nd_text *out, double value) {
  char number[ND_NUMBER_TEXT];
  if (!isnan(value)) nd_text_append(out, nd_format(value, number));
}

/* A column's name, quoted as RFC 4180 has it where needed. */
static void write_name(nd_text *out, const char *name) {
  if (!strpbrk(name, ",\"\n\r")) {
    nd_text_append(out, name);
    return;
  }
  nd_text_append(out, "\"");
  for (; *name; name++)
    nd_text_append(out, *name == '"' ? "\"\"" : (char[]){*name, '\0'});
  nd_text_append(out, "\"");
}

static void write_rows(const nadir_trace *trace, nd_text *out) {
  for (size_t c = 0; c < trace->columns; c++) {
    if (c) nd_text_append(out, ",");
    write_name(out, trace->names[c]);
  }
  nd_text_append(out, "\n");
  for (size_t i = 0; i < trace->rows * trace->columns; i++) {
    write_cell(out, trace->values[i]);
    nd_text_append(out, (i + 1) % trace->columns ? "," : "\n");
  }
}

nadir_status nd_trace_save(const nadir_trace *trace, const char *path, nadir_error *error) {
  nd_text text = {0};
  nd_output *output = NULL;
  write_rows(trace, &text);
  nadir_status status = nd_text_status(&text, error);
  if (status == NADIR_OK) status = nd_output_open(&output, path, error);
  if (status == NADIR_OK) status = nd_output_write(output, text.data, text.length, error);
  if (status == NADIR_OK) status = nd_output_commit(output, error);
  nd_output_close(output);
  nd_text_free(&text);
  return status;
}

static nadir_status check_columns(const char *path, const nd_table *table, nadir_error *error) {
  size_t columns = nd_table_columns(table);
  for (size_t c = 0; c < NADIR_TRACE_PARAMETERS; c++)
    if (c >= columns || strcmp(nd_table_column(table, c)->name, fixed_names[c]) != 0)
      return nd_fail(
          error, NADIR_BAD_DATA,
          "%s: not a nadir trace, whose column %zu is '%s': give a trace that nadir saved", path,
          c + 1, fixed_names[c]);
  if (columns > ND_LIMIT_TRACE_COLUMNS)
    return nd_fail(error, NADIR_BAD_DATA,
                   "%s: not a nadir trace, which has %d columns at most, and this file has %zu: give a trace that "
                   "nadir saved",
                   path, ND_LIMIT_TRACE_COLUMNS, columns);
  return NADIR_OK;
}

static nadir_status read_chunk(nadir_trace *trace, const nd_table *table, size_t chunk,
                               nd_request *requests, nd_scratch *scratch, double *row,
                               nadir_error *error) {
  size_t rows;
  ND_TRY(nd_table_read(table, chunk, requests, trace->columns, scratch, &rows, error));
  for (size_t r = 0; r < rows; r++) {
    for (size_t c = 0; c < trace->columns; c++)
      row[c] = requests[c].numbers[r];
    ND_TRY(append(trace, row, error));
  }
  return NADIR_OK;
}

static nadir_status read_rows(nadir_trace *trace, const nd_table *table, nadir_error *error) {
  size_t columns = trace->columns, room = nd_table_room(table);
  nd_request *requests = nd_new(columns, sizeof *requests, error);
  double *numbers = nd_new(columns * room, sizeof *numbers, error);
  double *row = nd_new(columns, sizeof *row, error);
  nd_scratch *scratch = NULL;
  nadir_status status =
      requests && numbers && row ? nd_scratch_new(&scratch, table, error) : NADIR_NO_MEMORY;
  for (size_t c = 0; status == NADIR_OK && c < columns; c++) {
    const char *name = nd_table_column(table, c)->name;
    requests[c] = (nd_request){.column = c, .numbers = numbers + c * room};
    if (!(trace->names[c] = nd_copy_text(name, strlen(name), error))) status = NADIR_NO_MEMORY;
  }
  for (size_t chunk = 0; status == NADIR_OK && chunk < nd_table_chunks(table); chunk++)
    status = read_chunk(trace, table, chunk, requests, scratch, row, error);
  nd_scratch_free(scratch);
  nd_free(row);
  nd_free(numbers);
  nd_free(requests);
  return status;
}

nadir_status nd_trace_load(nadir_trace **trace, const char *path, nadir_error *error) {
  nd_table *table = NULL;
  nd_table_options options = {.delimiter = ',', .threads = 1};
  *trace = NULL;
  ND_TRY(nd_table_open(&table, &path, 1, &options, error));
  nadir_status status = check_columns(path, table, error);
  if (status == NADIR_OK) status = new_trace(trace, nd_table_columns(table), error);
  if (status == NADIR_OK) status = read_rows(*trace, table, error);
  if (status != NADIR_OK) {
    nd_trace_free(*trace);
    *trace = NULL;
  }
  nd_table_close(table);
  return status;
}
