/* Writes a binary table (FITS 4.0, section 7.3): an empty primary HDU and one extension.
 *
 * A header comes before the rows and must say how wide texts are and which integer means missing,
 * so rows are spooled to an unlinked temporary file until commit, while their ranges are noted. A
 * column keeps the TFORM it was read with where every value fits; an integer that does not fit gets
 * the offset of the unsigned types (TZERO) or the next wider type, a float32 that is not exact
 * becomes a double. Missing integers are a value that no row has (TNULL), missing numbers NaN,
 * missing texts blank.
 *
 * Memory is that of one batch of rows; the disk holds the rows twice until commit. The file appears
 * whole, under its name, at commit. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/limits.h"
#include "table/fits_internal.h"

#define MISSING (-((nd_wide)1 << 100)) /* no integer of 64 bits */

typedef struct fits_column {
  const char *name, *unit, *format;
  nd_cell_type type;
  size_t elements;
  nd_fits_field wish;    /* of `format`; code 0 without one */
  nd_wide low, high;     /* of the integers given so far */
  bool missing, inexact; /* a cell was missing; a number is not exact in float32 */
  size_t width;          /* of the longest text */
  /* settled at commit: */
  char code;
  size_t bytes, offset; /* of an element; in a row */
  nd_wide zero, null;   /* TZERO; TNULL as stored */
} fits_column;

typedef struct fits_writer {
  nd_arena *arena;
  const char *path;
  const char *notes; /* lines of HISTORY; NULL: none */
  nd_output *output;
  nd_file *spool;
  uint64_t spooled, rows;
  fits_column *columns;
  size_t count;
  size_t row_bytes;
  unsigned char *record; /* one batch as it is spooled */
  size_t used, capacity;
  unsigned char *batch; /* one batch as it is written */
  size_t batch_capacity;
} fits_writer;

/* ---- opening --------------------------------------------------------------------------------- */

static const char *keep(fits_writer *w, const char *text, nadir_error *error) {
  return nd_arena_text(w->arena, text, strlen(text), error);
}

/* "A15", "I10", "F8.3" come from ASCII tables and say nothing of a binary one but a text's width.
 */
static void read_wish(fits_column *c) {
  const char *form = c->format;
  bool ascii = form[0] > '9' && form[1] >= '0' && form[1] <= '9';
  if (ascii || !nd_fits_tform(form, &c->wish)) c->wish.code = '\0';
  if (c->wish.code == 'A') c->width = c->wish.width;
}

static nadir_status copy_columns(fits_writer *w, const nd_column *columns, nadir_error *error) {
  w->columns = nd_arena_take(w->arena, w->count * sizeof *w->columns, error);
  if (w->columns == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < w->count; i++) {
    fits_column *c = &w->columns[i];
    c->type = columns[i].type;
    c->elements = columns[i].elements;
    c->low = UINT64_MAX;
    c->high = INT64_MIN;
    c->name = keep(w, columns[i].name, error);
    c->unit = keep(w, columns[i].unit, error);
    c->format = keep(w, columns[i].format, error);
    if (c->name == NULL || c->unit == NULL || c->format == NULL) return NADIR_NO_MEMORY;
    read_wish(c);
  }
  return NADIR_OK;
}

static void close_writer(void *state) {
  fits_writer *w = state;
  nd_output_close(w->output);
  nd_file_close(w->spool);
  nd_free(w->record);
  nd_free(w->batch);
  nd_arena_free(w->arena);
  nd_free(w);
}

static nadir_status start(fits_writer *w, const char *path, const nd_column *columns,
                          nadir_error *error) {
  if (w->count > ND_LIMIT_FITS_COLUMNS)
    return nd_fail(
        error, NADIR_BAD_DATA,
        "%s: a FITS table has at most %d columns, not %zu: write a CSV file (a name in .csv)", path,
        ND_LIMIT_FITS_COLUMNS, w->count);
  ND_TRY(nd_arena_new(&w->arena, error));
  w->path = keep(w, path, error);
  if (w->path == NULL) return NADIR_NO_MEMORY;
  ND_TRY(copy_columns(w, columns, error));
  ND_TRY(nd_output_open(&w->output, path, error));
  return nd_file_temporary(&w->spool, error);
}

static nadir_status open_writer(void **state, const char *path, const nd_column *columns,
                                size_t count, uint64_t rows, nadir_error *error) {
  (void)rows; /* they are counted as they come */
  *state = NULL;
  fits_writer *w = nd_new(1, sizeof *w, error);
  if (w == NULL) return NADIR_NO_MEMORY;
  w->count = count;
  nadir_status status = start(w, path, columns, error);
  if (status == NADIR_OK)
    *state = w;
  else
    close_writer(w);
  return status;
}

/* ---- one cell -------------------------------------------------------------------------------- */

/* False where the cell is neither missing nor a number. */
static bool real_cell(const nd_cells *cells, size_t i, double *value) {
  const char *text = cells->texts == NULL ? NULL : cells->texts[i];
  *value = cells->numbers != NULL ? cells->numbers[i] : (double)NAN;
  return text == NULL || nd_read_number(text, text + strlen(text), value) == text + strlen(text);
}

static bool whole_number(double value, nd_wide *whole) {
  if (!(fabs(value) <= 18446744073709551616.0) || value != floor(value)) return false;
  *whole = (nd_wide)value;
  return true;
}

/* False where the cell is neither missing nor an integer of 64 bits. */
static bool whole_cell(const nd_cells *cells, size_t i, nd_wide *value) {
  const char *text = cells->texts == NULL ? NULL : cells->texts[i];
  bool known = cells->numbers != NULL ? !isnan(cells->numbers[i]) : text != NULL;
  *value = MISSING;
  if (!known) return true;
  bool whole = cells->numbers != NULL ? whole_number(cells->numbers[i], value)
                                      : nd_read_whole(text, text + strlen(text), value);
  return whole && *value >= INT64_MIN && *value <= UINT64_MAX;
}

/* ---- spooling -------------------------------------------------------------------------------- */

static nadir_status append(fits_writer *w, const void *bytes, size_t size, nadir_error *error) {
  size_t wanted = w->used + size; /* both are in memory */
  ND_TRY(nd_grow(&w->record, &w->capacity, wanted, 1, error));
  if (size > 0) memcpy(w->record + w->used, bytes, size);
  w->used = wanted;
  return NADIR_OK;
}

static nadir_status spool_reals(fits_writer *w, fits_column *c, const nd_cells *cells, size_t rows,
                                nadir_error *error) {
  for (size_t i = 0; i < rows; i++) {
    double value;
    const char *text = cells->texts == NULL ? NULL : cells->texts[i];
    if (!real_cell(cells, i, &value))
      return nd_fail(error, NADIR_BAD_DATA,
                     "%s:row %" PRIu64 ":%s: \"%.60s\" is not a number, as the cells of the column "
                     "before it are: write a CSV file",
                     w->path, w->rows + i + 1, c->name, text);
    if (text != NULL && nd_rest_of_text(text, text + strlen(text)) != 0)
      return nd_fail(error, NADIR_BAD_DATA,
                     "%s:row %" PRIu64
                     ":%s: %s has more digits than a double, and not every cell of the "
                     "column is an integer of 64 bits: write a CSV file",
                     w->path, w->rows + i + 1, c->name, text);
    if (isnan(value))
      c->missing = true;
    else if ((double)(float)value != value)
      c->inexact = true;
    ND_TRY(append(w, &value, sizeof value, error));
  }
  return NADIR_OK;
}

static nadir_status spool_wholes(fits_writer *w, fits_column *c, const nd_cells *cells, size_t rows,
                                 nadir_error *error) {
  for (size_t i = 0; i < rows; i++) {
    nd_wide value;
    if (!whole_cell(cells, i, &value))
      return nd_fail(error, NADIR_BAD_DATA,
                     "%s:row %" PRIu64
                     ":%s: the value is not an integer of 64 bits: write a CSV file",
                     w->path, w->rows + i + 1, c->name);
    if (value == MISSING) {
      c->missing = true;
    } else {
      if (value < c->low) c->low = value;
      if (value > c->high) c->high = value;
    }
    ND_TRY(append(w, &value, sizeof value, error));
  }
  return NADIR_OK;
}

static nadir_status spool_texts(fits_writer *w, fits_column *c, const nd_cells *cells, size_t rows,
                                nadir_error *error) {
  for (size_t i = 0; i < rows; i++) {
    const char *text = cells->texts[i];
    size_t length = text == NULL ? 0 : strlen(text);
    if (length > c->width) c->width = length;
    ND_TRY(append(w, &length, sizeof length, error));
    ND_TRY(append(w, text, length, error));
  }
  return NADIR_OK;
}

static nadir_status spool_cells(fits_writer *w, fits_column *c, const nd_cells *cells, size_t rows,
                                nadir_error *error) {
  switch (c->type) {
  case ND_CELL_INTEGER:
    return spool_wholes(w, c, cells, rows, error);
  case ND_CELL_TEXT:
    return spool_texts(w, c, cells, rows, error);
  case ND_CELL_REAL:
  case ND_CELL_TRUTH:
    break;
  }
  return spool_reals(w, c, cells, rows, error);
}

/* What comes before each batch in the spool. */
typedef struct batch_head {
  uint64_t rows, size;
} batch_head;

static nadir_status write_rows(void *state, const nd_cells *cells, size_t rows,
                               nadir_error *error) {
  fits_writer *w = state;
  batch_head head = {.rows = rows};
  w->used = 0;
  ND_TRY(append(w, &head, sizeof head, error));
  for (size_t i = 0; i < w->count; i++)
    for (size_t e = 0; e < w->columns[i].elements; e++)
      ND_TRY(spool_cells(w, &w->columns[i], cells++, rows, error));
  head.size = w->used;
  memcpy(w->record, &head, sizeof head);
  ND_TRY(nd_file_write_at(w->spool, w->spooled, w->record, w->used, error));
  w->spooled += w->used;
  w->rows += rows;
  return NADIR_OK;
}

/* ---- settling the types ---------------------------------------------------------------------- */

/* The stored range of each integer type, and the TZERO that turns its sign around. */
typedef struct integer_code {
  char code;
  size_t bytes;
  nd_wide low, high, turned;
} integer_code;

static bool settle_with(fits_column *c, const integer_code *t, nd_wide zero) {
  bool empty = c->low > c->high;
  if (!empty && (c->low < t->low + zero || c->high > t->high + zero)) return false;
  bool low_free = empty || c->low > t->low + zero, high_free = empty || c->high < t->high + zero;
  if (c->missing && !low_free && !high_free) return false;
  bool use_high = high_free && (t->code == 'B' || !low_free);
  c->code = t->code;
  c->bytes = t->bytes;
  c->zero = zero;
  c->null = use_high ? t->high : t->low;
  return true;
}

/* The narrowest type from the wished one on that holds all; false where none of 64 bits does. */
static bool settle_integer(fits_column *c) {
  static const integer_code types[] = {{'B', 1, 0, 255, -128},
                                       {'I', 2, INT16_MIN, INT16_MAX, 32768},
                                       {'J', 4, INT32_MIN, INT32_MAX, INT64_C(2147483648)},
                                       {'K', 8, INT64_MIN, INT64_MAX, (nd_wide)1 << 63}};
  size_t first = ND_COUNT(types) - 1; /* K, unless another is wished for */
  for (size_t t = 0; t < ND_COUNT(types); t++)
    if (types[t].code == c->wish.code) first = t;
  for (size_t t = first; t < ND_COUNT(types); t++)
    if (settle_with(c, &types[t], 0) || settle_with(c, &types[t], types[t].turned)) return true;
  return false;
}

static bool settle_column(fits_column *c) {
  switch (c->type) {
  case ND_CELL_INTEGER:
    return settle_integer(c);
  case ND_CELL_TRUTH:
    c->code = c->wish.code == 'X' && !c->missing ? 'X' : 'L';
    c->bytes = c->code == 'L';
    return true;
  case ND_CELL_TEXT:
    c->code = 'A';
    c->bytes = c->width > 0 ? c->width : 1;
    return true;
  case ND_CELL_REAL:
    break;
  }
  c->code = c->wish.code == 'E' && !c->inexact ? 'E' : 'D';
  c->bytes = c->code == 'E' ? 4 : 8;
  return true;
}

static nadir_status settle(fits_writer *w, nadir_error *error) {
  w->row_bytes = 0;
  for (size_t i = 0; i < w->count; i++) {
    fits_column *c = &w->columns[i];
    size_t size = 0;
    if (!settle_column(c))
      return nd_fail(error, NADIR_BAD_DATA,
                     "%s: column %s: no type of 64 bits holds all of its integers, from below 0 to "
                     "above 2^63: write a CSV file",
                     w->path, c->name);
    c->offset = w->row_bytes;
    bool fits = nd_multiply(c->elements, c->bytes, &size);
    if (c->code == 'X') size = c->elements / 8 + (c->elements % 8 != 0);
    if (!fits || !nd_add(w->row_bytes, size, &w->row_bytes) || w->row_bytes > ND_LIMIT_FITS_ROW)
      return nd_fail(error, NADIR_BAD_DATA, "%s: a row takes more than %d bytes: write fewer columns",
                     w->path, ND_LIMIT_FITS_ROW);
  }
  return NADIR_OK;
}

/* ---- the header ------------------------------------------------------------------------------ */

static void add_form(nd_text *header, const char *keyword, const fits_column *c) {
  char form[64];
  size_t bytes = c->elements * c->bytes; /* settle() checked the product */
  bool kept = c->wish.code == c->code && c->wish.repeat == c->elements &&
              (c->code != 'A' || c->wish.width == c->bytes);
  if (kept)
    snprintf(form, sizeof form, "%.60s", c->format);
  else if (c->code == 'A' && c->elements > 1)
    snprintf(form, sizeof form, "%zuA%zu", bytes, c->bytes);
  else
    snprintf(form, sizeof form, "%zu%c", c->code == 'A' ? bytes : c->elements, c->code);
  nd_fits_add_string(header, keyword, form);
}

static void add_column(nd_text *header, const fits_column *c, size_t i) {
  char keyword[16];
  bool integer = strchr("BIJK", c->code) != NULL;
  nd_fits_add_string(header, nd_fits_numbered(keyword, "TTYPE", i), c->name);
  add_form(header, nd_fits_numbered(keyword, "TFORM", i), c);
  if (c->unit[0] != '\0') nd_fits_add_string(header, nd_fits_numbered(keyword, "TUNIT", i), c->unit);
  if (integer && c->missing)
    nd_fits_add_integer(header, nd_fits_numbered(keyword, "TNULL", i), c->null, "missing value");
  if (integer && c->zero != 0) {
    nd_fits_add_integer(header, nd_fits_numbered(keyword, "TSCAL", i), 1, "values are as stored ...");
    nd_fits_add_integer(header, nd_fits_numbered(keyword, "TZERO", i), c->zero, "... plus this offset");
  }
}

static void add_notes(nd_text *header, const char *lines) {
  char date[ND_DATE_TEXT];
  if (!lines) return;
  nd_date(date);
  date[strcspn(date, "Z")] = '\0'; /* FITS dates are UTC without it (4.4.2.1) */
  nd_fits_add_string(header, "DATE", date);
  while (*lines) {
    size_t length = strcspn(lines, "\n");
    nd_fits_add_history(header, lines, length);
    lines += length + (lines[length] == '\n');
  }
}

static void fill_header(const fits_writer *w, nd_text *header) {
  nd_fits_add_primary(header, NULL);
  nd_fits_add_table(header, w->row_bytes, w->rows, w->count);
  for (size_t i = 0; i < w->count; i++)
    add_column(header, &w->columns[i], i);
  add_notes(header, w->notes);
  nd_fits_end_header(header);
}

static nadir_status write_header(fits_writer *w, nadir_error *error) {
  nd_text header = {0};
  fill_header(w, &header);
  nadir_status status = nd_text_status(&header, error);
  if (status == NADIR_OK)
    status = nd_output_write(w->output, nd_text_data(&header), header.length, error);
  nd_text_free(&header);
  return status;
}

/* ---- the rows -------------------------------------------------------------------------------- */

static void store(unsigned char *to, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; i++)
    to[i] = (unsigned char)(value >> (8 * (bytes - 1 - i)));
}

static void store_real(unsigned char *to, double value, char code) {
  float single = (float)value;
  uint32_t bits32;
  uint64_t bits64;
  memcpy(&bits32, &single, sizeof bits32);
  memcpy(&bits64, &value, sizeof bits64);
  if (code == 'E')
    store(to, bits32, 4);
  else
    store(to, bits64, 8);
}

/* Takes the next `size` bytes of the record. */
static const unsigned char *next(const unsigned char **at, size_t size) {
  const unsigned char *here = *at;
  *at += size;
  return here;
}

static void place_real(const fits_column *c, size_t element, double value, unsigned char *row) {
  if (c->code == 'L')
    row[c->offset + element] = isnan(value) ? '\0' : value != 0 ? 'T' : 'F';
  else if (c->code == 'X')
    row[c->offset + element / 8] |= (unsigned char)((value != 0) << (7 - element % 8));
  else
    store_real(row + c->offset + element * c->bytes, value, c->code);
}

static void place_whole(const fits_column *c, size_t element, nd_wide value, unsigned char *row) {
  unsigned char *to = row + c->offset + element * c->bytes;
  store(to, (uint64_t)(value == MISSING ? c->null : value - c->zero), c->bytes);
}

static void place_text(const fits_column *c, size_t element, const unsigned char **at,
                       unsigned char *row) {
  size_t length;
  unsigned char *to = row + c->offset + element * c->bytes;
  memcpy(&length, next(at, sizeof length), sizeof length);
  memset(to, ' ', c->bytes);
  memcpy(to, next(at, length), length);
}

static void place_cell(const fits_column *c, size_t element, const unsigned char **at,
                       unsigned char *row) {
  nd_wide whole;
  double real;
  if (c->type == ND_CELL_TEXT) {
    place_text(c, element, at, row);
  } else if (c->type == ND_CELL_INTEGER) {
    memcpy(&whole, next(at, sizeof whole), sizeof whole);
    place_whole(c, element, whole, row);
  } else {
    memcpy(&real, next(at, sizeof real), sizeof real);
    place_real(c, element, real, row);
  }
}

/* The next batch of the spool into w->record. */
static nadir_status fetch(fits_writer *w, uint64_t *offset, batch_head *head, nadir_error *error) {
  size_t got;
  ND_TRY(nd_file_read_at(w->spool, *offset, head, sizeof *head, &got, error));
  if (got == sizeof *head) {
    ND_TRY(nd_grow(&w->record, &w->capacity, (size_t)head->size, 1, error));
    ND_TRY(nd_file_read_at(w->spool, *offset, w->record, (size_t)head->size, &got, error));
    *offset += head->size;
    if (got == head->size) return NADIR_OK;
  }
  return nd_fail(error, NADIR_SYSTEM,
                 "%s: the temporary file of its rows was cut short: run it again", w->path);
}

static nadir_status write_batch(fits_writer *w, const batch_head *head, nadir_error *error) {
  size_t rows = (size_t)head->rows, size = rows * w->row_bytes; /* at most 4096 of 2 GB */
  const unsigned char *at = w->record + sizeof *head;
  ND_TRY(nd_grow(&w->batch, &w->batch_capacity, size, 1, error));
  memset(w->batch, 0, size);
  for (size_t i = 0; i < w->count; i++)
    for (size_t e = 0; e < w->columns[i].elements; e++)
      for (size_t row = 0; row < rows; row++)
        place_cell(&w->columns[i], e, &at, w->batch + row * w->row_bytes);
  return nd_output_write(w->output, w->batch, size, error);
}

static nadir_status write_data(fits_writer *w, nadir_error *error) {
  static const char zeros[ND_FITS_BLOCK];
  uint64_t offset = 0;
  batch_head head;
  while (offset < w->spooled) {
    ND_TRY(fetch(w, &offset, &head, error));
    ND_TRY(write_batch(w, &head, error));
  }
  size_t last = (size_t)(w->rows % ND_FITS_BLOCK * (w->row_bytes % ND_FITS_BLOCK) % ND_FITS_BLOCK);
  return last == 0 ? NADIR_OK : nd_output_write(w->output, zeros, ND_FITS_BLOCK - last, error);
}

static nadir_status commit(void *state, nadir_error *error) {
  fits_writer *w = state;
  ND_TRY(settle(w, error));
  ND_TRY(write_header(w, error));
  ND_TRY(write_data(w, error));
  return nd_output_commit(w->output, error);
}

static nadir_status note(void *state, const char *lines, nadir_error *error) {
  fits_writer *w = state;
  w->notes = keep(w, lines, error);
  return w->notes ? NADIR_OK : NADIR_NO_MEMORY;
}

const nd_writer_class nd_fits_writer = {open_writer, write_rows, commit, close_writer, note};
