/* Writing tables: the choice of the format by the end of the path, and the CSV writer. Text is
 * quoted by RFC 4180, and also where our reader (or another) would take it for something else: a #
 * in front, blanks at the ends, emptiness. Numbers are the shortest that read back as the same
 * double. Rows are gathered and written 256 KiB at a time; the file appears, whole, at commit. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "table/reader_internal.h"

enum { BATCH = 1 << 18 };

struct nd_writer {
  const nd_writer_class *class;
  void *state;
};

static bool ends_in(const char *path, const char *end) {
  size_t n = strlen(path), m = strlen(end);
  return n > m && nd_same_name(path + n - m, end);
}

nadir_status nd_writer_open(nd_writer **writer, const char *path, const nd_column *columns,
                            size_t count, uint64_t rows, nadir_error *error) {
  *writer = NULL;
  nd_writer *fresh = nd_new(1, sizeof *fresh, error);
  if (fresh == NULL) return NADIR_NO_MEMORY;
  bool fits = ends_in(path, ".fits") || ends_in(path, ".fit");
  fresh->class = fits ? &nd_fits_writer : &nd_csv_writer;
  nadir_status status = fresh->class->open(&fresh->state, path, columns, count, rows, error);
  if (status != NADIR_OK) {
    nd_free(fresh);
    return status;
  }
  *writer = fresh;
  return NADIR_OK;
}

nadir_status nd_writer_note(nd_writer *writer, const char *lines, nadir_error *error) {
  return writer->class->note ? writer->class->note(writer->state, lines, error) : NADIR_OK;
}

nadir_status nd_writer_rows(nd_writer *writer, const nd_cells *cells, size_t rows,
                            nadir_error *error) {
  return writer->class->rows(writer->state, cells, rows, error);
}

nadir_status nd_writer_commit(nd_writer *writer, nadir_error *error) {
  return writer->class->commit(writer->state, error);
}

void nd_writer_close(nd_writer *writer) {
  if (writer == NULL) return;
  writer->class->close(writer->state);
  nd_free(writer);
}

/* ---- CSV */

typedef struct csv_writer {
  nd_output *output;
  nd_text text;        /* gathered, not yet written */
  nd_cell_type *types; /* by cell of a row: a vector column has several */
  size_t cells;
  char delimiter;
} csv_writer;

static void close_csv(void *state) {
  csv_writer *w = state;
  nd_output_close(w->output);
  nd_text_free(&w->text);
  nd_free(w->types);
  nd_free(w);
}

static bool needs_quotes(const char *text, char delimiter) {
  size_t length = strlen(text);
  const char special[] = {delimiter, '"', '\n', '\r', '\0'};
  return length == 0 || text[0] == '#' || strcspn(text, special) < length ||
         strchr(" \t", text[0]) != NULL || strchr(" \t", text[length - 1]) != NULL;
}

static void put_text(csv_writer *w, const char *text) {
  if (!needs_quotes(text, w->delimiter)) {
    nd_text_append(&w->text, text);
    return;
  }
  nd_text_append(&w->text, "\"");
  for (;;) {
    size_t length = strcspn(text, "\"");
    nd_text_append_bytes(&w->text, text, length);
    if (text[length] == '\0') break;
    nd_text_append(&w->text, "\"\"");
    text += length + 1;
  }
  nd_text_append(&w->text, "\"");
}

static void put_number(csv_writer *w, double value, nd_cell_type type) {
  char buffer[ND_NUMBER_TEXT];
  if (isnan(value)) return;
  if (type == ND_CELL_TRUTH) {
    nd_text_append(&w->text, value != 0 ? "true" : "false");
  } else if (type == ND_CELL_INTEGER && fabs(value) < 0x1p53 && trunc(value) == value) {
    nd_text_print(&w->text, "%lld", (long long)value);
  } else {
    nd_text_append(&w->text, nd_format(value, buffer));
  }
}

static void put_separator(csv_writer *w, size_t cell) {
  if (cell > 0) nd_text_append_bytes(&w->text, &w->delimiter, 1);
}

/* A row of one empty cell would be a blank line, which no reader takes for a row. */
static void put_row(csv_writer *w, const nd_cells *cells, size_t row) {
  size_t before = w->text.length;
  for (size_t i = 0; i < w->cells; i++) {
    put_separator(w, i);
    if (cells[i].texts == NULL) {
      put_number(w, cells[i].numbers[row], w->types[i]);
    } else if (cells[i].texts[row] != NULL) {
      put_text(w, cells[i].texts[row]);
    }
  }
  if (w->text.length == before) nd_text_append(&w->text, "\"\"");
  nd_text_append(&w->text, "\n");
}

static nadir_status flush(csv_writer *w, size_t least, nadir_error *error) {
  ND_TRY(nd_text_status(&w->text, error));
  if (w->text.length < least) return NADIR_OK;
  ND_TRY(nd_output_write(w->output, nd_text_data(&w->text), w->text.length, error));
  nd_text_clear(&w->text);
  return NADIR_OK;
}

static nadir_status csv_rows(void *state, const nd_cells *cells, size_t rows, nadir_error *error) {
  csv_writer *w = state;
  for (size_t row = 0; row < rows; row++) {
    put_row(w, cells, row);
    ND_TRY(flush(w, BATCH, error));
  }
  return NADIR_OK;
}

static nadir_status csv_commit(void *state, nadir_error *error) {
  csv_writer *w = state;
  ND_TRY(flush(w, 1, error));
  return nd_output_commit(w->output, error);
}

static nadir_status count_cells(csv_writer *w, const nd_column *columns, size_t count,
                                nadir_error *error) {
  for (size_t i = 0; i < count; i++)
    if (!nd_add(w->cells, columns[i].elements, &w->cells))
      return nd_fail(error, NADIR_NO_MEMORY, "%s: too many columns for the memory",
                     columns[i].name);
  w->types = nd_new(w->cells, sizeof *w->types, error);
  return w->types == NULL ? NADIR_NO_MEMORY : NADIR_OK;
}

/* A vector column is written as name[1], name[2], ... */
static nadir_status put_header(csv_writer *w, const nd_column *columns, size_t count,
                               nadir_error *error) {
  size_t cell = 0;
  for (size_t i = 0; i < count; i++) {
    for (size_t k = 0; k < columns[i].elements; k++, cell++) {
      nd_text name = {0};
      nd_text_append(&name, columns[i].name);
      if (columns[i].elements > 1) nd_text_print(&name, "[%zu]", k + 1);
      nadir_status status = nd_text_status(&name, error);
      put_separator(w, cell);
      if (status == NADIR_OK) put_text(w, nd_text_data(&name));
      nd_text_free(&name);
      ND_TRY(status);
      w->types[cell] = columns[i].type;
    }
  }
  nd_text_append(&w->text, "\n");
  return nd_text_status(&w->text, error);
}

static nadir_status csv_open(void **state, const char *path, const nd_column *columns, size_t count,
                             uint64_t rows, nadir_error *error) {
  (void)rows;
  *state = NULL;
  csv_writer *w = nd_new(1, sizeof *w, error);
  if (w == NULL) return NADIR_NO_MEMORY;
  w->delimiter = ends_in(path, ".tsv") || ends_in(path, ".tab") ? '\t' : ',';
  nadir_status status = count_cells(w, columns, count, error);
  if (status == NADIR_OK) status = put_header(w, columns, count, error);
  if (status == NADIR_OK) status = nd_output_open(&w->output, path, error);
  if (status != NADIR_OK) {
    close_csv(w);
    return status;
  }
  *state = w;
  return NADIR_OK;
}

const nd_writer_class nd_csv_writer = {
    .open = csv_open, .rows = csv_rows, .commit = csv_commit, .close = close_csv};
