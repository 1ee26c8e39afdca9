/* Rows of a FITS table -> numbers, floats, equalities and texts.
 *
 * Rows are read in runs that stay in the second-level cache, and decoded in stretches of them that stay in the first:
 * each column asked for by one loop over its type: big-endian bytes to double, TNULL and NaN to NaN, then TSCAL and TZERO.
 * Floats may be asked for as they are: then only their bytes are turned round.
 * What is not asked for is not touched; of rows most of which nobody asks for only the bytes between the first and the
 * last column asked for are read, row by row. Nothing is shared between threads but the descriptor, which is
 * read at offsets.
 *
 * Meaning of cells by FITS 4.0, section 7: a text ends at its first NUL and loses its trailing
 * blanks, and an empty one is missing; a truth value that is neither T nor F is missing; a blank
 * number of an ASCII table is zero, and one without a point has the decimals of its TFORM. Integers
 * of 64 bits are exact as text, with the unsigned ones (TZERO = 2^63) too. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "table/fits_internal.h"

enum {
  RUN_BYTES = 1 << 18, /* rows read at once: half of a small second-level cache */
  STRETCH_BYTES = 1 << 14, /* rows decoded at once: half of a first-level cache, ... */
  STRETCH_ROWS = 64, /* ... but so many, or the way from column to column takes longer than their cells */
  LONG_GAP = 1 << 12,  /* bytes of a row that nobody asks for, which cost more to copy than a call of the system */
  NARROWED = 512,      /* numbers narrowed at once */
  CELL_TEXT = 96       /* any number as text, complex ones too */
};

typedef struct fits_scratch {
  unsigned char *bytes;
  size_t capacity;
  char *text; /* the texts given out */
  size_t text_capacity, text_used;
} fits_scratch;

nadir_status nd_fits_scratch_new(void **scratch, const nd_source *source, nadir_error *error) {
  (void)source;
  *scratch = nd_new(1, sizeof(fits_scratch), error);
  return *scratch == NULL ? NADIR_NO_MEMORY : NADIR_OK;
}

void nd_fits_scratch_free(void *scratch) {
  fits_scratch *s = scratch;
  nd_free(s->bytes);
  nd_free(s->text);
  nd_free(s);
}

/* ---- big-endian bytes ------------------------------------------------------------------------ */

static inline uint16_t load16(const unsigned char *p) {
  return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t load32(const unsigned char *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t load64(const unsigned char *p) {
  return (uint64_t)load32(p) << 32 | load32(p + 4);
}

static inline float load_float(const unsigned char *p) {
  uint32_t bits = load32(p);
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline double load_double(const unsigned char *p) {
  uint64_t bits = load64(p);
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static int64_t load_integer(char code, const unsigned char *p) {
  switch (code) {
  case 'B':
    return *p;
  case 'I':
    return (int16_t)load16(p);
  case 'J':
    return (int32_t)load32(p);
  default:
    return (int64_t)load64(p);
  }
}

/* ---- columns of numbers ---------------------------------------------------------------------- */

/* What the loops below share: n cells, `stride` bytes apart, from `cell` on. */
typedef struct run {
  const unsigned char *cell;
  size_t stride, n, bit; /* bit: which one of the byte, for X */
} run;

static void bytes_to_double(run r, double *out) {
  for (size_t i = 0; i < r.n; i++)
    out[i] = r.cell[i * r.stride];
}

static void int16_to_double(run r, double *out) {
  for (size_t i = 0; i < r.n; i++)
    out[i] = (int16_t)load16(r.cell + i * r.stride);
}

static void int32_to_double(run r, double *out) {
  for (size_t i = 0; i < r.n; i++)
    out[i] = (int32_t)load32(r.cell + i * r.stride);
}

static void int64_to_double(run r, double *out) {
  for (size_t i = 0; i < r.n; i++)
    out[i] = (double)(int64_t)load64(r.cell + i * r.stride);
}

/* The sum is exact before it is rounded once, so unsigned 64-bit integers are as close as they can
 * be. */
static void int64_with_zero(run r, nd_wide zero, double *out) {
  for (size_t i = 0; i < r.n; i++)
    out[i] = (double)((nd_wide)(int64_t)load64(r.cell + i * r.stride) + zero);
}

static void float_to_double(run r, double *out) {
  for (size_t i = 0; i < r.n; i++)
    out[i] = (double)load_float(r.cell + i * r.stride);
}

static void float_to_float(run r, float *out) {
  for (size_t i = 0; i < r.n; i++)
    out[i] = load_float(r.cell + i * r.stride);
}

static void double_to_double(run r, double *out) {
  for (size_t i = 0; i < r.n; i++)
    out[i] = load_double(r.cell + i * r.stride);
}

static double truth_of(unsigned char c) {
  return c == 'T' ? 1.0 : c == 'F' ? 0.0 : (double)NAN;
}

static void truth_to_double(run r, double *out) {
  for (size_t i = 0; i < r.n; i++)
    out[i] = truth_of(r.cell[i * r.stride]);
}

static void bit_to_double(run r, double *out) {
  for (size_t i = 0; i < r.n; i++)
    out[i] = (r.cell[i * r.stride] >> (7 - r.bit)) & 1;
}

static void nulls_to_nan(const nd_fits_field *field, run r, double *out) {
  for (size_t i = 0; i < r.n; i++)
    if (load_integer(field->code, r.cell + i * r.stride) == field->null) out[i] = (double)NAN;
}

static void all_missing(run r, double *out) {
  for (size_t i = 0; i < r.n; i++)
    out[i] = (double)NAN;
}

static void raw_numbers(const nd_fits_field *field, run r, double *out) {
  switch (field->code) {
  case 'B':
    bytes_to_double(r, out);
    return;
  case 'I':
    int16_to_double(r, out);
    return;
  case 'J':
    int32_to_double(r, out);
    return;
  case 'K':
    int64_to_double(r, out);
    return;
  case 'E':
    float_to_double(r, out);
    return;
  case 'D':
    double_to_double(r, out);
    return;
  case 'L':
    truth_to_double(r, out);
    return;
  default:
    bit_to_double(r, out);
    return;
  }
}

static bool is_integer(char code) {
  return code == 'B' || code == 'I' || code == 'J' || code == 'K';
}

static void numbers(const nd_fits_field *field, run r, double *out) {
  bool wide = field->code == 'K' && field->scaled && field->whole;
  if (wide)
    int64_with_zero(r, (nd_wide)field->zero, out);
  else
    raw_numbers(field, r, out);
  if (field->scaled && !wide)
    for (size_t i = 0; i < r.n; i++)
      out[i] = out[i] * field->scale + field->zero;
  if (field->has_null && is_integer(field->code)) nulls_to_nan(field, r, out);
}

/* Of a type whose numbers are all floats. */
static void narrowed(const nd_fits_field *field, run r, float *out) {
  double room[NARROWED];
  for (size_t at = 0; at < r.n; at += NARROWED) {
    run some = {r.cell + at * r.stride, r.stride, r.n - at < NARROWED ? r.n - at : NARROWED, r.bit};
    numbers(field, some, room);
    for (size_t i = 0; i < some.n; i++)
      out[at + i] = (float)room[i];
  }
}

/* ---- cells as text --------------------------------------------------------------------------- */

typedef struct slice {
  const char *text; /* NULL: missing */
  size_t length;
} slice;

static slice trimmed(const char *text, size_t length) {
  while (length > 0 && text[length - 1] == ' ')
    length--;
  return (slice){length > 0 ? text : NULL, length};
}

static bool is_null_text(const nd_fits_field *field, slice cell) {
  if (!field->has_null) return false;
  size_t length = strlen(field->null_text);
  return cell.length == length && (length == 0 || memcmp(cell.text, field->null_text, length) == 0);
}

static slice text_cell(const nd_fits_field *field, const unsigned char *cell) {
  const char *text = (const char *)cell;
  const char *nul = memchr(text, '\0', field->width);
  slice s = trimmed(text, nul == NULL ? field->width : (size_t)(nul - text));
  if (s.text != NULL && is_null_text(field, s)) s.text = NULL;
  return s;
}

/* The trimmed text of a number in an ASCII table; empty where it is blank. */
static slice ascii_cell(const nd_fits_field *field, const unsigned char *cell) {
  const char *text = (const char *)cell;
  size_t length = field->width;
  while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\0'))
    length--;
  slice whole = {text, length};
  if (is_null_text(field, whole)) return (slice){NULL, 0};
  while (whole.length > 0 && *whole.text == ' ') {
    whole.text++;
    whole.length--;
  }
  return is_null_text(field, whole) ? (slice){NULL, 0} : whole;
}

/* Shortest text that reads back as the same float32. */
static void format_float(float value, char out[ND_NUMBER_TEXT]) {
  double again = (double)NAN;
  for (int digits = 1; digits <= 9 && (float)again != value; digits++) {
    nd_format_digits((double)value, digits, out);
    nd_read_number(out, out + strlen(out), &again);
  }
}

static void format_wide(nd_wide value, char out[CELL_TEXT]) {
  if (value >= 0) /* at most 2^63 more than the largest that is stored */
    snprintf(out, CELL_TEXT, "%" PRIu64, (uint64_t)value);
  else if (value >= INT64_MIN)
    snprintf(out, CELL_TEXT, "%" PRId64, (int64_t)value);
  else
    nd_format((double)value, out);
}

static void format_complex(const nd_fits_field *field, const unsigned char *cell,
                           char out[CELL_TEXT]) {
  char re[ND_NUMBER_TEXT], im[ND_NUMBER_TEXT];
  bool single = field->code == 'C';
  nd_format(single ? (double)load_float(cell) : load_double(cell), re);
  nd_format(single ? (double)load_float(cell + 4) : load_double(cell + 8), im);
  snprintf(out, CELL_TEXT, "%s%s%si", re, im[0] == '-' ? "" : "+", im);
}

/* The text of `value`, which is that of the cell. */
static void number_text(const nd_fits_field *field, const unsigned char *cell, double value,
                        char out[CELL_TEXT]) {
  if (is_integer(field->code) && field->whole)
    format_wide((nd_wide)load_integer(field->code, cell) + (nd_wide)field->zero, out);
  else if (field->code == 'E' && !field->scaled)
    format_float((float)value, out);
  else
    nd_format(value, out);
}

/* What the double of an integer, of which `out` is one, leaves out of it. */
static void rests(const nd_fits_field *field, run r, double *out) {
  bool exact = is_integer(field->code) && field->whole;
  for (size_t i = 0; i < r.n; i++) {
    if (isnan(out[i])) continue;
    nd_wide zero = (nd_wide)(exact ? field->zero : 0);
    out[i] =
        exact ? nd_rest_of_whole((nd_wide)load_integer(field->code, r.cell + i * r.stride) + zero)
              : 0;
  }
}

/* ---- ASCII numbers --------------------------------------------------------------------------- */

static bool ascii_number(const nd_fits_field *field, slice cell, double *value) {
  *value = 0;
  if (cell.length > 0) {
    const char *end = cell.text + cell.length;
    if (nd_read_number(cell.text, end, value) != end) return false;
    if (field->decimals > 0 && isfinite(*value) && memchr(cell.text, '.', cell.length) == NULL)
      *value /= pow(10, (double)field->decimals);
  }
  *value = *value * field->scale + field->zero;
  return true;
}

/* ---- one request over one run ---------------------------------------------------------------- */

typedef struct job {
  const nd_fits_source *source;
  const nd_request *request;
  const nd_fits_field *field;
  fits_scratch *scratch;
  uint64_t row; /* of the first cell */
} job;

static const char *name_of(const job *j) {
  return j->source->source.columns[j->request->column].name;
}

static nadir_status ascii_fail(const job *j, size_t i, slice cell, nadir_error *error) {
  return nd_fail(error, NADIR_BAD_DATA,
                 "%s:row %" PRIu64 ":%s: '%.*s' is not a number: fix the cell",
                 j->source->source.path, j->row + i + 1, name_of(j),
                 (int)(cell.length < 80 ? cell.length : 80), cell.text);
}

static nadir_status ascii_numbers(const job *j, run r, double *out, nadir_error *error) {
  for (size_t i = 0; i < r.n; i++) {
    slice cell = ascii_cell(j->field, r.cell + i * r.stride);
    if (cell.text == NULL)
      out[i] = (double)NAN;
    else if (!ascii_number(j->field, cell, &out[i]))
      return ascii_fail(j, i, cell, error);
  }
  return NADIR_OK;
}

static void ascii_rests(const nd_fits_field *field, run r, double *out) {
  for (size_t i = 0; i < r.n; i++) {
    slice cell = ascii_cell(field, r.cell + i * r.stride);
    if (isnan(out[i])) continue;
    out[i] =
        field->scaled || cell.length == 0 ? 0 : nd_rest_of_text(cell.text, cell.text + cell.length);
  }
}

/* A sentinel such as -99.9 is met in float32 as the float nearest to it. */
static bool is_sentinel(const job *j, double value) {
  bool single = j->field->code == 'E' && !j->field->scaled;
  for (size_t i = 0; i < j->source->null_count; i++) {
    double null = j->source->nulls[i];
    if (value == null || (single && value == (double)(float)null)) return true;
  }
  return false;
}

static void sentinels_to_nan(const job *j, size_t n, double *out) {
  if (j->source->null_count == 0) return;
  for (size_t i = 0; i < n; i++)
    if (is_sentinel(j, out[i])) out[i] = (double)NAN;
}

static void singles(const job *j, run r, float *out) {
  if (j->field->code == 'E')
    float_to_float(r, out);
  else
    narrowed(j->field, r, out);
  for (size_t i = 0; i < r.n && j->source->null_count > 0; i++)
    if (is_sentinel(j, (double)out[i])) out[i] = NAN;
}

/* A cell of an ASCII table as it is, except for scaling and a point that is not written. */
static nadir_status ascii_text(const job *j, const run *one, char room[CELL_TEXT], slice *cell,
                               nadir_error *error) {
  double value;
  *cell = ascii_cell(j->field, one->cell);
  if (cell->text == NULL) return NADIR_OK;
  if (!ascii_number(j->field, *cell, &value)) return ascii_fail(j, 0, *cell, error);
  bool pointed = j->field->decimals == 0 || memchr(cell->text, '.', cell->length) != NULL;
  if (is_sentinel(j, value)) {
    cell->text = NULL;
  } else if (cell->length == 0 || j->field->scaled || !pointed) {
    nd_format(value, room);
    *cell = (slice){room, strlen(room)};
  }
  return NADIR_OK;
}

/* Any cell as text, which may be in `room`. */
static nadir_status cell_text(const job *j, run one, char room[CELL_TEXT], slice *cell,
                              nadir_error *error) {
  double value;
  if (j->field->code == 'A') {
    *cell = text_cell(j->field, one.cell);
    return NADIR_OK;
  }
  if (j->field->code == 'N') return ascii_text(j, &one, room, cell, error);
  if (j->field->code == 'C' || j->field->code == 'M') {
    format_complex(j->field, one.cell, room);
    *cell = (slice){room, strlen(room)};
    return NADIR_OK;
  }
  numbers(j->field, one, &value);
  *cell = (slice){NULL, 0};
  if (isnan(value) || is_sentinel(j, value)) return NADIR_OK;
  number_text(j->field, one.cell, value, room);
  *cell = (slice){room, strlen(room)};
  return NADIR_OK;
}

/* The i-th cell of a run as a run of its own, and the job for it. */
static run one_of(run r, size_t i) {
  return (run){r.cell + i * r.stride, r.stride, 1, r.bit};
}

static job job_of(const job *j, size_t i) {
  job one = *j;
  one.row += i;
  return one;
}

static nadir_status equals(const job *j, run r, double *out, nadir_error *error) {
  char room[CELL_TEXT];
  slice wanted = trimmed(j->request->equals, strlen(j->request->equals)), cell;
  for (size_t i = 0; i < r.n; i++) {
    job one = job_of(j, i);
    ND_TRY(cell_text(&one, one_of(r, i), room, &cell, error));
    if (cell.text == NULL)
      out[i] = (double)NAN;
    else
      out[i] = cell.length == wanted.length && memcmp(cell.text, wanted.text, wanted.length) == 0;
  }
  return NADIR_OK;
}

/* The room for the texts was taken before (text_room), so that they stay where they are. */
static nadir_status texts(const job *j, run r, const char **out, nadir_error *error) {
  char room[CELL_TEXT];
  slice cell;
  for (size_t i = 0; i < r.n; i++) {
    job one = job_of(j, i);
    ND_TRY(cell_text(&one, one_of(r, i), room, &cell, error));
    out[i] = NULL;
    if (cell.text == NULL) continue;
    char *kept = j->scratch->text + j->scratch->text_used;
    memcpy(kept, cell.text, cell.length);
    kept[cell.length] = '\0';
    j->scratch->text_used += cell.length + 1;
    out[i] = kept;
  }
  return NADIR_OK;
}

static nadir_status empty_cells(const nd_request *request, run r, size_t at) {
  if (request->kind == ND_AS_TEXT)
    for (size_t i = 0; i < r.n; i++)
      request->texts[at + i] = NULL;
  else if (request->kind == ND_AS_SINGLE)
    for (size_t i = 0; i < r.n; i++)
      request->singles[at + i] = NAN;
  else
    all_missing(r, request->numbers + at);
  return NADIR_OK;
}

static nadir_status answer(const job *j, run r, size_t at, nadir_error *error) {
  const nd_request *request = j->request;
  if (j->field->repeat == 0) return empty_cells(request, r, at);
  if (j->field->code == 'X') {
    r.cell += request->element / 8;
    r.bit = request->element % 8;
  } else {
    r.cell += request->element * j->field->width;
  }
  if (request->kind == ND_AS_TEXT) return texts(j, r, request->texts + at, error);
  if (request->kind == ND_AS_EQUAL) return equals(j, r, request->numbers + at, error);
  if (request->kind == ND_AS_SINGLE) {
    singles(j, r, request->singles + at);
    return NADIR_OK;
  }
  if (j->field->code == 'N')
    ND_TRY(ascii_numbers(j, r, request->numbers + at, error));
  else
    numbers(j->field, r, request->numbers + at);
  sentinels_to_nan(j, r.n, request->numbers + at);
  if (request->kind == ND_AS_REST && j->field->code == 'N')
    ascii_rests(j->field, r, request->numbers + at);
  else if (request->kind == ND_AS_REST)
    rests(j->field, r, request->numbers + at);
  return NADIR_OK;
}

/* ---- what may be asked ----------------------------------------------------------------------- */

static nadir_status refuse(const nd_fits_source *s, const nd_request *request, nadir_error *error,
                           const char *what) {
  return nd_fail(error, NADIR_BAD_DATA, "%s: column %s %s", s->source.path,
                 s->source.columns[request->column].name, what);
}

static nadir_status check_request(const nd_fits_source *s, const nd_request *request,
                                  nadir_error *error) {
  const nd_fits_field *field = &s->fields[request->column];
  if (request->element >= s->source.columns[request->column].elements)
    return refuse(s, request, error, "has no such element: choose one that it has");
  if (field->code == 'P')
    return refuse(s, request, error,
                  "has cells of variable length (TFORM P or Q), which are not read: choose a "
                  "different column");
  if (request->kind == ND_AS_TEXT || request->kind == ND_AS_EQUAL) return NADIR_OK;
  if (field->code == 'A')
    return refuse(
        s, request, error,
        "is text, not a number: compare it with a quoted string, or choose a different column");
  if (field->code == 'C' || field->code == 'M')
    return refuse(s, request, error,
                  "holds complex numbers, which are not supported: choose a different column");
  return NADIR_OK;
}

/* Bytes that the texts of `count` rows may take, at most. */
static nadir_status text_room(const nd_fits_source *s, const nd_request *requests,
                              size_t request_count, size_t count, fits_scratch *scratch,
                              nadir_error *error) {
  size_t total = 0;
  for (size_t i = 0; i < request_count; i++) {
    const nd_fits_field *field = &s->fields[requests[i].column];
    size_t one = field->width < CELL_TEXT ? CELL_TEXT : field->width + 1, all;
    if (requests[i].kind != ND_AS_TEXT) continue;
    if (!nd_multiply(one, count, &all) || !nd_add(total, all, &total))
      return nd_fail(error, NADIR_NO_MEMORY,
                     "%s: the texts of a chunk of rows do not fit in memory: use fewer "
                     "columns",
                     s->source.path);
  }
  scratch->text_used = 0;
  return nd_grow(&scratch->text, &scratch->text_capacity, total, 1, error);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* The part of each row that is read: all of it, unless that leaves out much. */
typedef struct span {
  size_t begin, size;
  bool is_part;
} span;

static span span_of(const nd_fits_source *s, const nd_request *requests, size_t request_count) {
  size_t row = (size_t)s->hdu.row_bytes, begin = row, end = 0;
  for (size_t i = 0; i < request_count; i++) {
    const nd_fits_field *field = &s->fields[requests[i].column];
    if (field->offset < begin) begin = field->offset;
    if (field->offset + field->bytes > end) end = field->offset + field->bytes;
  }
  const size_t size = end > begin ? end - begin : 0;
  return row - size > LONG_GAP ? (span){begin, size, true} : (span){0, row, false};
}

static nadir_status read_rows(const nd_fits_source *s, uint64_t row, size_t rows, span part,
                              fits_scratch *scratch, nadir_error *error) {
  size_t size = part.size * rows, got; /* rows is 1 unless part is the whole row */
  ND_TRY(nd_grow(&scratch->bytes, &scratch->capacity, size, 1, error));
  uint64_t offset = s->hdu.data + row * s->hdu.row_bytes + part.begin;
  ND_TRY(nd_file_read_at(s->file, offset, scratch->bytes, size, &got, error));
  if (got == size) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_DATA,
                 "%s:row %" PRIu64 ": the file ended while it was read: fetch it again",
                 s->source.path, row + 1);
}

/* n rows from `row` on, of which `part` is in the scratch, to the outputs from `at`. */
static nadir_status decode(const nd_fits_source *s, uint64_t row, size_t n, span part, size_t at,
                           const nd_request *requests, size_t request_count, fits_scratch *room, nadir_error *error) {
  const size_t row_bytes = (size_t)s->hdu.row_bytes, fit = STRETCH_BYTES / (row_bytes + 1),
               stretch = fit < STRETCH_ROWS ? STRETCH_ROWS : fit;
  for (size_t done = 0; done < n; done += stretch) {
    const size_t some = n - done < stretch ? n - done : stretch;
    for (size_t i = 0; i < request_count; i++) {
      const nd_fits_field *field = &s->fields[requests[i].column];
      job j = {s, &requests[i], field, room, row + done};
      run r = {room->bytes + (done * row_bytes + field->offset - part.begin), row_bytes, some, 0};
      ND_TRY(answer(&j, r, at + done, error));
    }
  }
  return NADIR_OK;
}

nadir_status nd_fits_read(const nd_source *source, uint64_t first, size_t count, size_t at,
                          const nd_request *requests, size_t request_count, void *scratch,
                          nadir_error *error) {
  const nd_fits_source *s = (const nd_fits_source *)source;
  fits_scratch *room = scratch;
  for (size_t i = 0; i < request_count; i++)
    ND_TRY(check_request(s, &requests[i], error));
  ND_TRY(text_room(s, requests, request_count, count, room, error));
  span part = span_of(s, requests, request_count);
  size_t step = part.is_part ? 1 : RUN_BYTES / ((size_t)s->hdu.row_bytes + 1) + 1;
  for (size_t done = 0; done < count; done += step) {
    size_t n = count - done < step ? count - done : step;
    ND_TRY(read_rows(s, first + done, n, part, room, error));
    ND_TRY(decode(s, first + done, n, part, at + done, requests, request_count, room, error));
  }
  return NADIR_OK;
}
