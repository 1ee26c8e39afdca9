/* Rows of a chunk -> what was requested of them. Only requested cells are looked at; the others are
 * counted, eight bytes at a time, so that a row with too few or too many cells is always found.
 * Records without quotes take the short way, and numbers of up to 16 digits without an exponent a shorter one:
 * their digits too are read eight at a time. The others cost one call of nd_read_number.
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
  uint32_t *stops; /* where the cells of a record end */
} scratch;

/* One call of nd_csv_read. */
typedef struct reading {
  const nd_csv *csv;
  const nd_request *requests;
  const task *plan;
  size_t count;
  nd_text_store *store;
  nd_csv_record record;
  uint32_t *stops;    /* of cells, in the record */
  size_t row;         /* index into the outputs */
  bool marks_missing; /* some numbers mean that they are missing */
} reading;

nadir_status nd_csv_scratch_new(void **out, const nd_source *source, nadir_error *error) {
  const nd_csv *csv = (const nd_csv *)source;
  *out = NULL;
  scratch *s = nd_new(1, sizeof *s, error);
  if (s == NULL) return NADIR_NO_MEMORY;
  nadir_status status = nd_csv_cursor_new(&s->cursor, error);
  if (status == NADIR_OK) status = nd_text_store_new(&s->store, error);
  s->stops = nd_new(csv->fields, sizeof *s->stops, error);
  if (s->stops == NULL) status = NADIR_NO_MEMORY;
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
  nd_free(s->stops);
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

/* Where the cells of a record without quotes end, of at most csv->fields of them; how many cells there are. */
static size_t find_stops(const reading *r) {
  const char *begin = r->record.begin;
  const size_t size = (size_t)(r->record.end - begin), most = r->csv->fields;
  size_t cells = 0;
  for (size_t at = 0; at < size; at += 64) {
    uint64_t marks = nd_csv_among(begin + at, r->csv->text.delimiter);
    if (size - at < 64) marks &= (UINT64_C(1) << (size - at)) - 1;
    for (; marks != 0; marks &= marks - 1, cells++)
      if (cells < most) r->stops[cells] = (uint32_t)(at + (size_t)__builtin_ctzll(marks));
  }
  if (cells < most) r->stops[cells] = (uint32_t)size;
  return cells + 1;
}

static uint64_t repeated(char c) {
  return 0x0101010101010101 * (uint64_t)(unsigned char)c;
}

/* Powers of ten as integers and, of either sign, as doubles, all exact. */
#define TENS(X)                                                                                                        \
  X(1), X(10), X(100), X(1000), X(10000), X(100000), X(1000000), X(10000000), X(100000000), X(1000000000),             \
      X(10000000000), X(100000000000), X(1000000000000), X(10000000000000), X(100000000000000), X(1000000000000000),   \
      X(10000000000000000)
#define INTEGER(x) UINT64_C(x)
#define ABOVE(x) x##.0
#define BELOW(x) -x##.0
static const uint64_t whole_powers[] = {TENS(INTEGER)};
static const double powers[2][ND_COUNT(whole_powers)] = {{TENS(ABOVE)}, {TENS(BELOW)}};

/* A bit in each byte of eight that is no digit, where all were xored with '0'. Sure of the lowest one, and of those
 * behind it as far as they are ASCII. */
static inline uint64_t others_among(uint64_t x) {
  return ((x + repeated(0x76)) | x) & repeated((char)0x80);
}

static inline size_t place_of(uint64_t mark) {
  return (size_t)__builtin_ctzll(mark) / 8;
}

/* The number of eight digits, the first in the lowest byte (D. Lemire 2021, "Number parsing at a gigabyte per
 * second", section 4). */
static inline uint64_t number_of(uint64_t digits) {
  const uint64_t pairs = 0x000000ff000000ff, low = 100 + (UINT64_C(1000000) << 32), high = 1 + (UINT64_C(10000) << 32);
  digits = digits * 10 + (digits >> 8);
  return ((digits & pairs) * low + ((digits >> 16) & pairs) * high) >> 32;
}

/* The first n of eight bytes, moved to the end, with zeros before them. One shift cannot be by 64. */
static inline uint64_t first_bytes(uint64_t x, size_t n) {
  return x << 4 * (8 - n) << 4 * (8 - n);
}

/* The digits at p as a number: at most 16, of which *count is how many there are. */
static uint64_t digits_at(const char *p, size_t *count) {
  uint64_t value = 0;
  *count = 0;
  for (size_t n = 8; n == 8 && *count < 16; *count += n) {
    uint64_t x = nd_csv_eight(p + *count) ^ repeated('0'), others = others_among(x);
    n = others == 0 ? 8 : place_of(others);
    value = value * whole_powers[n] + number_of(first_bytes(x, n));
  }
  return value;
}

/* A number of digits alone, with a point or without: the quotient of two integers that doubles hold exactly, so
 * correctly rounded (Clinger 1990). NULL for those of more digits, which go the long way. What follows the digits
 * is for the caller to look at: it may be more of the number. */
static const char *decimal(const char *p, const char *end, double *value) {
  const uint64_t largest = UINT64_C(1) << 53;
  size_t negative = *p == '-', whole, fraction = 0;
  p += negative;
  uint64_t digits = digits_at(p, &whole);
  p += whole;
  if (*p == '.') {
    uint64_t more = digits_at(p + 1, &fraction);
    digits = digits * whole_powers[fraction] + more;
    p += 1 + fraction;
  }
  if (p > end || whole + fraction - 1 > 18 || digits > largest) return NULL;
  *value = (double)(int64_t)digits / powers[negative][fraction];
  return p;
}

/* A cell of at most eight characters: a sign apart, they are in one word, where the digits before a point are moved
 * up to those behind it. False for a cell that is anything else. */
static inline bool short_number(const char *cell, const char *stop, double *value) {
  size_t negative = *cell == '-', size = (size_t)(stop - cell) - negative, fraction = 0;
  if (size - 1 > 7) return false;
  uint64_t x = first_bytes(nd_csv_eight(cell + negative) ^ repeated('0'), size), point = others_among(x);
  if (point != 0) {
    size_t place = (size_t)__builtin_ctzll(point) - 7;
    if ((point & (point - 1)) != 0 || (x >> place & 0xff) != ('.' ^ '0') || size == 1) return false;
    fraction = 7 - place / 8;
    x = (x & ~((point << 1) - 1)) | (x & ((point >> 7) - 1)) << 8;
  }
  *value = (double)(int64_t)number_of(x) / powers[negative][fraction];
  return true;
}

/* ---- cells of numbers */

/* Whether a number may mean that it is missing. */
static bool is_missing_number(const reading *r, const nd_request *request, double value) {
  return is_sentinel(r->csv, value) || is_blank_number(r->csv, request->column, value);
}

static void give_number(const reading *r, const nd_request *request, double value) {
  bool missing = r->marks_missing && is_missing_number(r, request, value);
  request->numbers[r->row] = missing ? (double)NAN : value;
}

/* Whether a number that stops there is all of its cell. */
static bool fills_cell(const char *stop, const char *end, char delimiter) {
  return stop != NULL && (stop >= end || nd_csv_delimits(*stop, delimiter));
}

/* The cell at `cell` as a number where it is a plain one: then true, with the place behind it. */
static bool plain_number(const reading *r, const char *cell, const nd_request *request,
                         const char **after) {
  const char *end = r->record.end;
  char delimiter = r->csv->text.delimiter;
  double value;
  while (cell < end && nd_csv_blank(*cell, delimiter))
    cell++;
  const char *stop = decimal(cell, end, &value);
  if (!fills_cell(stop, end, delimiter)) stop = nd_read_number(cell, end, &value);
  if (!fills_cell(stop, end, delimiter)) return false;
  give_number(r, request, value);
  *after = stop;
  return true;
}

static bool read_cell_number(const reading *r, const char *cell, const char *stop, const nd_request *request) {
  enum { LONG = 18 }; /* characters: decimal would look at them in vain */
  double value;
  const char *after;
  if (!short_number(cell, stop, &value)) {
    if (stop - cell <= LONG) return plain_number(r, cell, request, &after);
    if (nd_read_number(cell, stop, &value) != stop) return false;
  }
  give_number(r, request, value);
  return true;
}

/* A record without quotes, by a delimiter that is one character. */
static nadir_status read_plain(const reading *r, nadir_error *error) {
  const char *begin = r->record.begin;
  const size_t cells = find_stops(r);
  for (size_t i = 0; i < r->count; i++) {
    const nd_request *request = &r->requests[r->plan[i].request];
    const size_t field = r->plan[i].field;
    if (field >= cells) return nd_csv_ragged(r->csv, &r->record, error);
    nd_csv_cell whole = {.begin = begin + (field == 0 ? 0 : r->stops[field - 1] + 1), .end = begin + r->stops[field]};
    if (request->kind == ND_AS_NUMBER && read_cell_number(r, whole.begin, whole.end, request)) continue;
    ND_TRY(answer(r, request, whole, error));
  }
  return cells == r->csv->fields ? NADIR_OK : nd_csv_ragged(r->csv, &r->record, error);
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
               .stops = s->stops,
               .row = at,
               .marks_missing = csv->null_count > 0 || csv->blanks != NULL};
  for (; r.row < at + count; r.row++) {
    ND_TRY(nd_csv_row(csv, &s->cursor, &r.record, error));
    bool plain = !r.record.quoted && csv->text.delimiter != ' ';
    ND_TRY(plain ? read_plain(&r, error) : read_quoted(&r, error));
  }
  return NADIR_OK;
}
