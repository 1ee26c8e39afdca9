/* Cells: where one ends, and what its text means. Numbers are read by base (fast_float); the words
 * for a missing cell are NA, NaN, null and N/A in any case, -- and AASTeX's \nodata. Quoting is
 * that of RFC 4180, with blanks allowed around the quotes. Nothing here allocates but
 * nd_csv_text_of. */
#include "table/csv_internal.h"

#include <string.h>

const char *nd_csv_first(const nd_csv_record *record, char delimiter) {
  const char *p = record->begin;
  if (delimiter != ' ') return p;
  while (p < record->end && nd_csv_blank(*p, delimiter))
    p++;
  return p < record->end ? p : NULL;
}

const char *nd_csv_step(const char *p, const char *end, char delimiter) {
  if (delimiter != ' ') return p < end ? p + 1 : NULL;
  while (p < end && nd_csv_blank(*p, delimiter))
    p++;
  return p < end ? p : NULL;
}

static const char *cell_end(const char *p, const char *end, char delimiter) {
  if (delimiter != ' ') {
    const char *stop = p < end ? memchr(p, delimiter, (size_t)(end - p)) : NULL;
    return stop == NULL ? end : stop;
  }
  while (p < end && !nd_csv_blank(*p, delimiter))
    p++;
  return p;
}

/* p is behind the opening quote. */
static void quoted_cell(const char **at, const char *p, const char *end, char delimiter,
                        nd_csv_cell *cell) {
  cell->begin = p;
  cell->quoted = true;
  while (p < end) {
    if (*p != '"') {
      p++;
    } else if (p + 1 < end && p[1] == '"') {
      cell->doubled = true;
      p += 2;
    } else {
      break;
    }
  }
  cell->end = p;
  cell->spoiled = p == end; /* never closed */
  if (p < end) p++;
  const char *stop = cell_end(p, end, delimiter);
  while (p < stop && nd_csv_blank(*p, delimiter))
    p++;
  if (p < stop) cell->spoiled = true;
  *at = nd_csv_step(stop, end, delimiter);
}

bool nd_csv_cell_next(const char **at, const char *end, char delimiter, nd_csv_cell *cell) {
  const char *p = *at;
  if (p == NULL) return false;
  *cell = (nd_csv_cell){.begin = p};
  while (p < end && nd_csv_blank(*p, delimiter))
    p++;
  if (p < end && *p == '"') {
    quoted_cell(at, p + 1, end, delimiter, cell);
    return true;
  }
  cell->end = cell_end(p, end, delimiter);
  *at = nd_csv_step(cell->end, end, delimiter);
  return true;
}

size_t nd_csv_count(const nd_csv_record *record, char delimiter) {
  const char *at = nd_csv_first(record, delimiter);
  nd_csv_cell cell;
  size_t count = 0;
  while (nd_csv_cell_next(&at, record->end, delimiter, &cell))
    count++;
  return count;
}

nd_csv_cell nd_csv_trim(nd_csv_cell cell) {
  while (cell.begin < cell.end && (*cell.begin == ' ' || *cell.begin == '\t'))
    cell.begin++;
  while (cell.begin < cell.end && (cell.end[-1] == ' ' || cell.end[-1] == '\t'))
    cell.end--;
  return cell;
}

nadir_status nd_csv_text_of(nd_csv_cell cell, nd_text_store *store, const char **text,
                            nadir_error *error) {
  size_t length = (size_t)(cell.end - cell.begin);
  if (!cell.doubled) return nd_text_store_copy(store, cell.begin, length, text, error);
  char *out = nd_text_store_take(store, length + 1, error);
  if (out == NULL) return NADIR_NO_MEMORY;
  *text = out;
  for (const char *p = cell.begin; p < cell.end; p++) {
    *out++ = *p;
    if (*p == '"') p++;
  }
  *out = '\0';
  return NADIR_OK;
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool nd_csv_is_word(nd_csv_cell cell, const char *word) {
  const char *p = cell.begin;
  for (; *word != '\0' && p < cell.end && lower(*p) == *word; p++)
    word++;
  return *word == '\0' && p == cell.end;
}

bool nd_csv_missing(nd_csv_cell cell) {
  static const char *const words[] = {"na", "nan", "null", "--", "n/a", "\\nodata"};
  if (cell.begin == cell.end) return true;
  for (size_t i = 0; i < ND_COUNT(words); i++)
    if (nd_csv_is_word(cell, words[i])) return true;
  return false;
}

bool nd_csv_number(nd_csv_cell cell, double *value) {
  return cell.begin < cell.end && nd_read_number(cell.begin, cell.end, value) == cell.end;
}

bool nd_csv_integer(nd_csv_cell cell) {
  const char *p = cell.begin;
  bool negative = *p == '-';
  if (*p == '-' || *p == '+') p++;
  if (p == cell.end) return false;
  uint64_t value = 0, limit = negative ? (uint64_t)INT64_MAX + 1 : UINT64_MAX;
  for (; p < cell.end; p++) {
    if (*p < '0' || *p > '9') return false;
    uint64_t digit = (uint64_t)(*p - '0');
    if (value > (limit - digit) / 10) return false;
    value = value * 10 + digit;
  }
  return true;
}

bool nd_csv_truth(nd_csv_cell cell, double *value) {
  bool yes = nd_csv_is_word(cell, "true");
  *value = yes;
  return yes || nd_csv_is_word(cell, "false");
}

bool nd_csv_numeral(nd_csv_cell cell) {
  double value;
  const char *p = cell.begin;
  if (p < cell.end && (*p == '+' || *p == '-')) p++;
  if (p < cell.end && *p == '.') p++;
  return p < cell.end && *p >= '0' && *p <= '9' && nd_csv_number(cell, &value);
}

size_t nd_csv_how_many(const nd_csv_record *record, char delimiter, nd_csv_test *test) {
  const char *at = nd_csv_first(record, delimiter);
  nd_csv_cell cell;
  size_t count = 0;
  while (nd_csv_cell_next(&at, record->end, delimiter, &cell))
    count += test(nd_csv_trim(cell));
  return count;
}

bool nd_csv_all(const nd_csv_record *record, char delimiter, nd_csv_test *test) {
  return nd_csv_how_many(record, delimiter, test) == nd_csv_count(record, delimiter);
}
