/* Numbers that stand for missing values: -9999, 99 and their like, told from data by three signs
 * together. Such a number is the least or the greatest of its column; it occurs more than once; and
 * it is clearly apart: farther from the nearest other value than those reach among themselves,
 * or it is the only negative one. So 9 in a column that counts from 0 to 9 is none. 0 is suspected in
 * the same way where the others are not whole numbers, as among magnitudes.
 *
 * Extremes take one pass and a few comparisons a value. A fit looks at the first chunks only, and
 * at so many columns, as a look at the table before a pass that may take hours. */
#include "rows/rows.h"

enum { CHUNKS_LOOKED_AT = 16, COLUMNS_LOOKED_AT = 256 };

/* ---- the ends of a column ---- */

static void add_end(nd_end *end, double value, double sign) {
  double distance = sign * value, reached = sign * end->value, next = sign * end->next;
  if (end->times > 0 && distance == reached) {
    end->times++;
  } else if (end->times == 0 || distance > reached) {
    *end = (nd_end){value, end->times == 0 ? (double)NAN : end->value, 1};
  } else if (isnan(next) || distance > next) {
    end->next = value;
  }
}

void nd_ends_add(nd_ends *ends, double value) {
  ends->fractions |= value != trunc(value);
  add_end(&ends->low, value, -1);
  add_end(&ends->high, value, 1);
}

/* Whether a value that goes as far as this would change what is known of an end. */
static bool would_change(const nd_end *end, double value, double sign) {
  return end->times == 0 || isnan(end->next) || sign * value > sign * end->next;
}

void nd_ends_add_all(nd_ends *ends, nd_numbers x, size_t count, double least, double most) {
  size_t i = 0;
  if (would_change(&ends->low, least, -1) || would_change(&ends->high, most, 1)) {
    for (; i < count; i++)
      nd_ends_add(ends, nd_number(x, i));
    return;
  }
  for (; i < count && !ends->fractions; i++)
    ends->fractions = nd_number(x, i) != trunc(nd_number(x, i));
}

/* The farther of two values, either of which may be NaN, which is none. */
static double farther(double a, double b, double sign) {
  return isnan(a) || sign * b > sign * a ? b : a;
}

static void merge_end(nd_end *end, const nd_end *more, double sign) {
  if (more->times == 0) return;
  if (end->times == 0) {
    *end = *more;
  } else if (end->value == more->value) {
    end->times += more->times;
    end->next = farther(end->next, more->next, sign);
  } else if (sign * more->value > sign * end->value) {
    *end = (nd_end){more->value, farther(more->next, end->value, sign), more->times};
  } else {
    end->next = farther(end->next, more->value, sign);
  }
}

void nd_ends_merge(nd_ends *ends, const nd_ends *more) {
  ends->fractions |= more->fractions;
  merge_end(&ends->low, &more->low, -1);
  merge_end(&ends->high, &more->high, 1);
}

/* ---- is it a sentinel? ---- */

static bool is_known(double value) {
  static const double known[] = {9, 99, 999, 9999, 99999, 99.9, 99.99, 999.9, 99.999};
  for (size_t i = 0; i < ND_COUNT(known); i++)
    if (fabs(value) == known[i]) return true;
  return false;
}

static bool may_be(const nd_end *end) {
  return is_known(end->value) && end->times > 1;
}

/* The values between are those up to the other end, or up to the one before that where the other
 * may be a sentinel too. */
static bool is_sentinel(const nd_end *end, const nd_end *other) {
  if (!may_be(end) || isnan(end->next)) return false;
  double last = may_be(other) && other->next != end->value ? other->next : other->value;
  double gap = fabs(end->value - end->next);
  return gap > fabs(last - end->next) || (end->value < 0 && end->next >= 0);
}

/* 0 among measured numbers that all lie far from it and differ: magnitudes, but no counts or
 * classes, and nothing of which 0 is the natural end. */
static bool is_zero_for_missing(const nd_end *end, const nd_end *other, bool fractions) {
  if (end->value != 0 || end->times < 2 || !fractions || isnan(end->next)) return false;
  double last = may_be(other) ? other->next : other->value;
  double spread = fabs(last - end->next);
  return spread > 0 && fabs(end->next) > spread;
}

/* about: the kind, the column and the rows that were looked at. */
static nadir_status warn_of_end(const nd_end *end, const nd_end *other, bool fractions,
                                nadir_warning about, nd_teller *teller, nadir_error *error) {
  if (!is_sentinel(end, other) && !is_zero_for_missing(end, other, fractions)) return NADIR_OK;
  about.number = end->value;
  about.count = end->times;
  return nd_warn(teller, &about, error);
}

nadir_status nd_warn_of_ends(const nd_ends *ends, const char *column, uint64_t rows,
                             nd_teller *teller, nadir_error *error) {
  nadir_warning about = {.kind = NADIR_WARN_MINIMUM_REPEATED, .column = column, .of = rows};
  ND_TRY(warn_of_end(&ends->low, &ends->high, ends->fractions, about, teller, error));
  about.kind = NADIR_WARN_MAXIMUM_REPEATED;
  return warn_of_end(&ends->high, &ends->low, ends->fractions, about, teller, error);
}

/* ---- a look at the columns of a model ---- */

typedef struct look {
  const nd_table *table;
  nd_filter *filter;
  nd_scratch *scratch;
  nd_request requests[COLUMNS_LOOKED_AT];
  const char *names[COLUMNS_LOOKED_AT];
  const double *values[COLUMNS_LOOKED_AT];
  nd_ends ends[COLUMNS_LOOKED_AT];
  double *numbers;
  size_t filters, count; /* requests of the filter, then of the columns */
  unsigned char kept[ND_CHUNK];
} look;

static nadir_status ask(look *l, const nd_model_column *column, nadir_error *error) {
  size_t at = l->count;
  double *numbers = l->numbers + at * nd_table_room(l->table);
  ND_TRY(nd_request_column(l->table, column, numbers, &l->requests[at], error));
  l->values[at] = numbers;
  l->names[at] = column->column;
  l->count++;
  return NADIR_OK;
}

static nadir_status ask_all(look *l, const nd_model_column *columns, size_t count,
                            nadir_error *error) {
  l->filters = nd_filter_columns(l->filter);
  if (l->filters >= COLUMNS_LOOKED_AT) return NADIR_OK;
  size_t room = COLUMNS_LOOKED_AT;
  if (count < room - l->filters) room = l->filters + count;
  l->numbers = nd_new(room * nd_table_room(l->table), sizeof *l->numbers, error);
  if (l->numbers == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < l->filters; i++)
    ND_TRY(ask(l, nd_filter_column(l->filter, i), error));
  for (size_t i = 0; i < count && l->count < room; i++)
    if (columns[i].equals == NULL && !columns[i].rest) ND_TRY(ask(l, &columns[i], error));
  return nd_scratch_new(&l->scratch, l->table, error);
}

static nadir_status look_at_chunk(look *l, size_t chunk, nadir_error *error) {
  size_t rows;
  ND_TRY(nd_table_read(l->table, chunk, l->requests, l->count, l->scratch, &rows, error));
  nd_filter_run(l->filter, l->values, rows, l->kept);
  for (size_t c = l->filters; c < l->count; c++)
    for (size_t i = 0; i < rows; i++)
      if (l->kept[i] && !isnan(l->values[c][i])) nd_ends_add(&l->ends[c], l->values[c][i]);
  return NADIR_OK;
}

static nadir_status look_at(look *l, const nd_model_column *columns, size_t count,
                            nd_teller *teller, nadir_error *error) {
  size_t chunks = nd_table_chunks(l->table);
  bool all = chunks <= CHUNKS_LOOKED_AT;
  uint64_t rows = all ? 0 : CHUNKS_LOOKED_AT * ND_CHUNK;
  ND_TRY(ask_all(l, columns, count, error));
  for (size_t c = 0; l->count > l->filters && c < (all ? chunks : CHUNKS_LOOKED_AT); c++)
    ND_TRY(look_at_chunk(l, c, error));
  for (size_t c = l->filters; c < l->count; c++)
    ND_TRY(nd_warn_of_ends(&l->ends[c], l->names[c], rows, teller, error));
  return NADIR_OK;
}

nadir_status nd_warn_of_sentinels(const nd_table *table, nd_filter *filter,
                                  const nd_model_column *columns, size_t count, nd_teller *teller,
                                  nadir_error *error) {
  if (table == NULL || teller == NULL) return NADIR_OK;
  look *l = nd_new(1, sizeof *l, error);
  if (l == NULL) return NADIR_NO_MEMORY;
  l->table = table;
  l->filter = filter;
  nadir_status status = look_at(l, columns, count, teller, error);
  nd_scratch_free(l->scratch);
  nd_free(l->numbers);
  nd_free(l);
  return status;
}
