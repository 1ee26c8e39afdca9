/* Rows of a chunk -> what was requested of them. Only requested cells are looked at; the others are
 * counted, eight bytes at a time, so that a row with too few or too many cells is always found.
 * Records without quotes take the short way: a cell of a number costs one call of nd_read_number.
 * Memory is one cursor, one plan and the texts of the chunk, all kept in the scratch. */
#include "table/csv_internal.h"

#include <math.h>
#include <string.h>

#include "base/cell.h"

/* A request by the place of its cell in the row. */
typedef struct task {
  size_t field, request;
} task;

typedef struct scratch {
  nd_csv_cursor cursor;
  nd_text_store *store;
  task *plan;
  size_t plan_capacity;
} scratch;

/* One call of nd_csv_read. */
typedef struct reading {
  const nd_csv *csv;
  const nd_request *requests;
  const task *plan;
  size_t count;
  nd_text_store *store;
  nd_csv_record record;
  size_t row; /* index into the outputs */
} reading;

nadir_status nd_csv_scratch_new(void **out, const nd_source *source, nadir_error *error) {
  (void)source;
  *out = NULL;
  scratch *s = nd_new(1, sizeof *s, error);
  if (s == NULL) return NADIR_NO_MEMORY;
  nadir_status status = nd_csv_cursor_new(&s->cursor, error);
  if (status == NADIR_OK) status = nd_text_store_new(&s->store, error);
  if (status != NADIR_OK) {
    nd_csv_scratch_free(s);
    return status;
  }
  *out = s;
  return NADIR_OK;
}

void nd_csv_scratch_free(void *memory) {
  scratch *s = memory;
  nd_csv_cursor_free(&s->cursor);
  nd_text_store_free(s->store);
  nd_free(s->plan);
  nd_free(s);
}

/* ---- being at a row */

nadir_status nd_csv_row(const nd_csv *csv, nd_csv_cursor *cursor, nd_csv_record *record,
                        nadir_error *error) {
  bool found;
  ND_TRY(nd_csv_next(cursor, record, &found, error));
  if (found) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_DATA,
                 "%s: the file has changed while it was read: wait until it is complete",
                 csv->source.path);
}

nadir_status nd_csv_stand(const nd_csv *csv, nd_csv_cursor *cursor, uint64_t first, uint64_t last,
                          nadir_error *error) {
  size_t chunk = (size_t)(first / ND_CHUNK), after = (size_t)(last / ND_CHUNK) + 1;
  uint64_t limit = after < csv->mark_count ? csv->marks[after].offset : csv->text.end;
  nd_csv_record record;
  nd_csv_cursor_seek(cursor, &csv->text, csv->marks[chunk].offset, csv->marks[chunk].line, limit);
  for (uint64_t skipped = 0; skipped < first % ND_CHUNK; skipped++)
    ND_TRY(nd_csv_row(csv, cursor, &record, error));
  return NADIR_OK;
}

/* ---- errors about a row or a cell */

nadir_status nd_csv_ragged(const nd_csv *csv, const nd_csv_record *record, nadir_error *error) {
  size_t cells = nd_csv_count(record, csv->text.delimiter);
  return nd_fail(
      error, NADIR_BAD_DATA,
      "%s:row %llu: %zu cell%s where the table has %zu column%s: complete the row, put "
      "text that holds the delimiter in double quotes, or set delimiter to a different one",
      csv->source.path, (unsigned long long)record->line, cells - csv->lead,
      cells - csv->lead == 1 ? "" : "s", csv->source.column_count,
      csv->source.column_count == 1 ? "" : "s");
}

nadir_status nd_csv_spoiled(const nd_csv_text *text, const nd_csv_record *record,
                            nadir_error *error) {
  return nd_fail(error, NADIR_BAD_DATA,
                 "%s:row %llu: text follows the quote that closes a cell: write a quote inside a "
                 "quoted cell twice",
                 text->path, (unsigned long long)record->line);
}

static nadir_status refuse_cell(const reading *r, size_t column, nd_csv_cell cell,
                                nadir_error *error) {
  size_t length = (size_t)(cell.end - cell.begin);
  int shown = length > 60 ? 60 : (int)length;
  const nd_column *c = &r->csv->source.columns[column];
  const char *what = c->type == ND_CELL_TRUTH ? "is neither true nor false" : "is not a number";
  const char *todo = "empty the cell if it is missing, or use the column only in comparisons "
                     "with a quoted text";
  nadir_notation notation = nd_csv_notation_of(cell);
  if (notation != NADIR_NO_NOTATION) {
    what = nd_notation_words(notation);
    todo = nd_notation_cure(notation, r->csv->text.delimiter == ',');
  }
  return nd_fail(error, NADIR_BAD_DATA, "%s:row %llu:%s: \"%.*s%s\" %s: %s", r->csv->source.path,
                 (unsigned long long)r->record.line, c->name, shown, cell.begin,
                 length > 60 ? "..." : "", what, todo);
}

/* ---- cells */

static bool is_sentinel(const nd_csv *csv, double value) {
  for (size_t i = 0; i < csv->null_count; i++)
    if (value == csv->nulls[i]) return true;
  return false;
}

static bool is_blank_number(const nd_csv *csv, size_t column, double value) {
  return csv->blanks != NULL && value == csv->blanks[column].number;
}

bool nd_csv_blank_in(const nd_csv *csv, size_t column, nd_csv_cell cell) {
  const char *text = csv->blanks == NULL ? NULL : csv->blanks[column].text;
  size_t length = (size_t)(cell.end - cell.begin);
  double value;
  if (text == NULL) return false;
  return (strlen(text) == length && memcmp(text, cell.begin, length) == 0) ||
         (nd_csv_number(cell, &value) && is_blank_number(csv, column, value));
}

static bool is_missing(const nd_csv *csv, size_t column, nd_csv_cell trimmed) {
  double value;
  if (nd_csv_missing(trimmed) || nd_csv_blank_in(csv, column, trimmed)) return true;
  return nd_csv_number(trimmed, &value) && (isnan(value) || is_sentinel(csv, value));
}

static nadir_status as_number(const reading *r, const nd_request *request, nd_csv_cell trimmed,
                              nadir_error *error) {
  double value;
  bool truth = r->csv->source.columns[request->column].type == ND_CELL_TRUTH;
  if (nd_csv_number(trimmed, &value)) {
    if (is_sentinel(r->csv, value) || is_blank_number(r->csv, request->column, value)) value = NAN;
  } else if (nd_csv_missing(trimmed) || nd_csv_blank_in(r->csv, request->column, trimmed)) {
    value = NAN;
  } else if (!truth || !nd_csv_truth(trimmed, &value)) {
    return refuse_cell(r, request->column, trimmed, error);
  }
  request->numbers[r->row] = value;
  return NADIR_OK;
}

static nadir_status as_rest(const reading *r, const nd_request *request, nd_csv_cell trimmed,
                            nadir_error *error) {
  ND_TRY(as_number(r, request, trimmed, error));
  double *out = &request->numbers[r->row];
  if (!isnan(*out)) *out = nd_rest_of_text(trimmed.begin, trimmed.end);
  return NADIR_OK;
}

static nd_csv_cell as_cell(const char *text) {
  return nd_csv_trim((nd_csv_cell){.begin = text, .end = text + strlen(text)});
}

static nadir_status as_equal(const reading *r, const nd_request *request, nd_csv_cell trimmed,
                             nadir_error *error) {
  double *out = &request->numbers[r->row];
  if (is_missing(r->csv, request->column, trimmed)) {
    *out = NAN;
    return NADIR_OK;
  }
  if (trimmed.doubled) {
    const char *plain;
    ND_TRY(nd_csv_text_of(trimmed, r->store, &plain, error));
    trimmed = as_cell(plain);
  }
  nd_csv_cell wanted = as_cell(request->equals);
  size_t length = (size_t)(trimmed.end - trimmed.begin);
  *out = length == (size_t)(wanted.end - wanted.begin) &&
         memcmp(trimmed.begin, wanted.begin, length) == 0;
  return NADIR_OK;
}

static nadir_status as_text(const reading *r, const nd_request *request, nd_csv_cell cell,
                            nadir_error *error) {
  nd_csv_cell trimmed = nd_csv_trim(cell);
  request->texts[r->row] = NULL;
  if (is_missing(r->csv, request->column, trimmed)) return NADIR_OK;
  bool text = r->csv->source.columns[request->column].type == ND_CELL_TEXT;
  return nd_csv_text_of(text ? cell : trimmed, r->store, &request->texts[r->row], error);
}

static nadir_status answer(const reading *r, const nd_request *request, nd_csv_cell cell,
                           nadir_error *error) {
  switch (request->kind) {
  case ND_AS_NUMBER:
    return as_number(r, request, nd_csv_trim(cell), error);
  case ND_AS_REST:
    return as_rest(r, request, nd_csv_trim(cell), error);
  case ND_AS_EQUAL:
    return as_equal(r, request, nd_csv_trim(cell), error);
  case ND_AS_TEXT:
    return as_text(r, request, cell, error);
  case ND_AS_READ:   /* table.c asks for the text */
  case ND_AS_SINGLE: /* no type says that a cell is exact in float32: table.c refuses */
    break;
  }
  return NADIR_OK;
}

/* ---- rows */

/* A bit in each byte of eight that is the delimiter (exact, unlike the shorter haszero). */
static uint64_t delimiters(const char *p, uint64_t pattern) {
  const uint64_t low = 0x7f7f7f7f7f7f7f7f;
  uint64_t x;
  memcpy(&x, p, sizeof x);
  x ^= pattern;
  return ~(((x & low) + low) | x | low);
}

static size_t bits(uint64_t marks) {
  return (size_t)(((marks >> 7) * 0x0101010101010101) >> 56);
}

static uint64_t repeated(char c) {
  return 0x0101010101010101 * (uint64_t)(unsigned char)c;
}

/* Behind the n-th delimiter of [p, end), n > 0; NULL where there are fewer. */
static const char *skip(const char *p, const char *end, char delimiter, size_t n) {
  const uint64_t pattern = repeated(delimiter);
  while (end - p >= 8) {
    size_t found = bits(delimiters(p, pattern));
    if (found >= n) break;
    n -= found;
    p += 8;
  }
  for (; p < end; p++)
    if (*p == delimiter && --n == 0) return p + 1;
  return NULL;
}

static size_t count_delimiters(const char *p, const char *end, char delimiter) {
  const uint64_t pattern = repeated(delimiter);
  size_t count = 0;
  for (; end - p >= 8; p += 8)
    count += bits(delimiters(p, pattern));
  for (; p < end; p++)
    count += *p == delimiter;
  return count;
}

/* A number of at most 15 digits, with a point or without: the quotient of two integers that doubles
 * hold exactly, so correctly rounded (Clinger 1990). NULL for all others, which go the long way. It
 * makes the reading of six decimals faster by a fifth. */
static const char *short_decimal(const char *p, const char *end, double *value) {
  static const double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  bool negative = p < end && *p == '-';
  const char *start = p += negative, *point = NULL;
  int64_t digits = 0;
  if (end - p > 16) end = p + 17; /* one more than a number that ends there can have */
  for (; p < end; p++) {
    unsigned digit = (unsigned)(unsigned char)*p - '0';
    if (digit <= 9) {
      digits = 10 * digits + digit;
    } else if (*p == '.' && point == NULL) {
      point = p;
    } else {
      break;
    }
  }
  ptrdiff_t count = p - start - (point != NULL), fraction = point == NULL ? 0 : p - point - 1;
  if (count == 0 || count > 15) return NULL;
  double magnitude = (double)digits / powers[fraction];
  *value = negative ? -magnitude : magnitude;
  return p;
}

/* The cell at `cell` as a number where it is a plain one: then true, with the place behind it. */
static bool plain_number(const reading *r, const char *cell, const nd_request *request,
                         const char **after) {
  const char *end = r->record.end;
  char delimiter = r->csv->text.delimiter;
  double value;
  while (cell < end && nd_csv_blank(*cell, delimiter))
    cell++;
  const char *stop = short_decimal(cell, end, &value);
  if (stop == NULL || (stop < end && !nd_csv_delimits(*stop, delimiter))) {
    stop = nd_read_number(cell, end, &value);
    if (stop == NULL || (stop < end && !nd_csv_delimits(*stop, delimiter))) return false;
  }
  bool missing = is_sentinel(r->csv, value) || is_blank_number(r->csv, request->column, value);
  request->numbers[r->row] = missing ? NAN : value;
  *after = stop;
  return true;
}

/* A record without quotes, by a delimiter that is one character. */
static nadir_status read_plain(const reading *r, nadir_error *error) {
  const char *cell = r->record.begin, *at = cell, *end = r->record.end;
  char delimiter = r->csv->text.delimiter;
  size_t field = 0;
  for (size_t i = 0; i < r->count; i++) {
    const nd_request *request = &r->requests[r->plan[i].request];
    if (r->plan[i].field > field) {
      at = cell = skip(at, end, delimiter, r->plan[i].field - field);
      if (cell == NULL) return nd_csv_ragged(r->csv, &r->record, error);
      field = r->plan[i].field;
    }
    if (request->kind == ND_AS_NUMBER && plain_number(r, cell, request, &at)) continue;
    const char *stop = skip(cell, end, delimiter, 1);
    nd_csv_cell whole = {.begin = cell, .end = stop == NULL ? end : stop - 1};
    at = whole.end;
    ND_TRY(answer(r, request, whole, error));
  }
  if (field + count_delimiters(at, end, delimiter) + 1 != r->csv->fields)
    return nd_csv_ragged(r->csv, &r->record, error);
  return NADIR_OK;
}

/* Whether the only request of a cell is for a number. */
static bool is_lone_number(const reading *r, size_t i, size_t field) {
  return i < r->count && r->plan[i].field == field &&
         r->requests[r->plan[i].request].kind == ND_AS_NUMBER &&
         (i + 1 == r->count || r->plan[i + 1].field != field);
}

/* Any record. */
static nadir_status read_quoted(const reading *r, nadir_error *error) {
  const char *end = r->record.end, *after;
  char delimiter = r->csv->text.delimiter;
  const char *at = nd_csv_first(&r->record, delimiter);
  nd_csv_cell cell;
  size_t field = 0, i = 0;
  for (; at != NULL; field++) {
    if (is_lone_number(r, i, field) &&
        plain_number(r, at, &r->requests[r->plan[i].request], &after)) {
      at = nd_csv_step(after, end, delimiter);
      i++;
      continue;
    }
    nd_csv_cell_next(&at, end, delimiter, &cell);
    if (cell.spoiled) return nd_csv_spoiled(&r->csv->text, &r->record, error);
    for (; i < r->count && r->plan[i].field == field; i++)
      ND_TRY(answer(r, &r->requests[r->plan[i].request], cell, error));
  }
  return field == r->csv->fields ? NADIR_OK : nd_csv_ragged(r->csv, &r->record, error);
}

/* The requests in the order of their cells: insertion, since they nearly always come so. */
static nadir_status make_plan(scratch *s, const nd_csv *csv, const nd_request *requests,
                              size_t count, nadir_error *error) {
  ND_TRY(nd_grow(&s->plan, &s->plan_capacity, count, sizeof *s->plan, error));
  for (size_t i = 0; i < count; i++) {
    task new = {requests[i].column + csv->lead, i};
    size_t j = i;
    for (; j > 0 && s->plan[j - 1].field > new.field; j--)
      s->plan[j] = s->plan[j - 1];
    s->plan[j] = new;
  }
  return NADIR_OK;
}

nadir_status nd_csv_read(const nd_source *source, uint64_t first, size_t count, size_t at,
                         const nd_request *requests, size_t request_count, void *memory,
                         nadir_error *error) {
  const nd_csv *csv = (const nd_csv *)source;
  scratch *s = memory;
  nd_text_store_clear(s->store);
  ND_TRY(make_plan(s, csv, requests, request_count, error));
  ND_TRY(nd_csv_stand(csv, &s->cursor, first, first + count - 1, error));
  reading r = {.csv = csv,
               .requests = requests,
               .plan = s->plan,
               .count = request_count,
               .store = s->store,
               .row = at};
  for (; r.row < at + count; r.row++) {
    ND_TRY(nd_csv_row(csv, &s->cursor, &r.record, error));
    bool plain = !r.record.quoted && csv->text.delimiter != ' ';
    ND_TRY(plain ? read_plain(&r, error) : read_quoted(&r, error));
  }
  return NADIR_OK;
}
