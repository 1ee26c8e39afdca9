/* What `nadir info` shows: moments, extremes and exact quartiles (base's selectors) of the columns
 * that are numbers, over the rows that --where keeps. Vector columns are shown element by element;
 * text is counted only.
 *
 * Costs up to four passes for every 16 columns, so that memory does not grow with their number or
 * the rows'. The values of a table of one chunk are at hand after the first pass: they are sorted,
 * and more columns are read at once. */
#include <string.h>

#include "base/dense.h"
#include "rows/summary.h"

enum {
  COLUMNS_AT_ONCE = 16,
  COLUMNS_OF_ONE_CHUNK = 256,
  QUARTILES = 3,
  SELECTORS = 2 * QUARTILES,
  MOST_ELEMENTS = 64
};

/* A summary with all that it points to. */
typedef struct summary_box {
  nadir_summary summary; /* first: the caller's pointer is the box's */
  nd_warnings warned;
} summary_box;

/* One line of the summary: a column, or one element of a vector column. */
typedef struct cell {
  size_t column, element;
  bool is_number, is_read; /* arrays of any length are listed only */
  size_t request;
  nd_moments moments;
  nd_selector *selector[SELECTORS]; /* for each quartile the values below and above it; or NULL */
  double ordered[SELECTORS];        /* those values */
  nd_ends ends;
  uint64_t missing;
} cell;

typedef struct survey {
  const nd_table *table;
  nd_teller *teller;
  nd_scratch *scratch;
  nd_filter *filter;
  cell *cells;
  size_t count, capacity, at_once;
  nd_request *requests; /* of the filter, then of the cells now read */
  double *numbers;
  const double **filter_values;
  const char **texts;
  unsigned char *kept;
  uint64_t rows;
  size_t last_rows; /* of the chunk read last */
} survey;

/* ---- set-up ---- */

static void survey_free(survey *s) {
  nd_scratch_free(s->scratch);
  nd_filter_free(s->filter);
  nd_free(s->cells);
  nd_free(s->requests);
  nd_free(s->numbers);
  nd_free(s->filter_values);
  nd_free(s->texts);
  nd_free(s->kept);
}

static nadir_status list_cells(survey *s, nadir_error *error) {
  for (size_t c = 0; c < nd_table_columns(s->table); c++) {
    const nd_column *column = nd_table_column(s->table, c);
    size_t elements = column->elements < MOST_ELEMENTS ? column->elements : MOST_ELEMENTS;
    for (size_t e = 0; e < elements; e++) {
      ND_TRY(nd_grow(&s->cells, &s->capacity, s->count + 1, sizeof *s->cells, error));
      s->cells[s->count++] = (cell){.column = c,
                                    .element = e,
                                    .is_number = column->type != ND_CELL_TEXT,
                                    .is_read = nd_cells_of(column) != NADIR_ARRAYS};
    }
  }
  return NADIR_OK;
}

static nadir_status take_memory(survey *s, nadir_error *error) {
  size_t filters = nd_filter_columns(s->filter), most = filters + s->at_once;
  size_t room = nd_table_room(s->table);
  s->requests = nd_new(most, sizeof *s->requests, error);
  s->numbers = nd_new(most * room, sizeof *s->numbers, error);
  s->filter_values = nd_new(filters, sizeof *s->filter_values, error);
  s->texts = nd_new(s->at_once * room, sizeof *s->texts, error);
  s->kept = nd_new(room, 1, error);
  if (!s->requests || !s->numbers || !s->filter_values || !s->texts || !s->kept)
    return NADIR_NO_MEMORY;
  return nd_scratch_new(&s->scratch, s->table, error);
}

static nadir_status request_filter(survey *s, nadir_error *error) {
  for (size_t i = 0; i < nd_filter_columns(s->filter); i++) {
    double *numbers = s->numbers + i * nd_table_room(s->table);
    s->filter_values[i] = numbers;
    ND_TRY(nd_request_column(s->table, nd_filter_column(s->filter, i), numbers, &s->requests[i],
                             error));
  }
  return NADIR_OK;
}

static nadir_status survey_new(survey *s, const nd_table *table, const nadir_settings *settings,
                               nadir_error *error) {
  *s = (survey){.table = table};
  s->at_once = nd_table_chunks(table) <= 1 ? COLUMNS_OF_ONE_CHUNK : COLUMNS_AT_ONCE;
  ND_TRY(nd_filter_new(&s->filter, table, settings->where, error));
  ND_TRY(list_cells(s, error));
  if (s->count < s->at_once) s->at_once = s->count;
  ND_TRY(take_memory(s, error));
  return request_filter(s, error);
}

/* ---- one pass over some cells ---- */

/* Requests for the cells that are read, after those of the filter; gives their number. */
static size_t request_cells(survey *s, cell *cells, size_t count) {
  size_t at = nd_filter_columns(s->filter);
  for (size_t i = 0; i < count; i++) {
    if (!cells[i].is_read) continue;
    cells[i].request = at;
    s->requests[at] = (nd_request){.kind = cells[i].is_number ? ND_AS_NUMBER : ND_AS_TEXT,
                                   .column = cells[i].column,
                                   .element = cells[i].element,
                                   .numbers = s->numbers + at * nd_table_room(s->table),
                                   .texts = s->texts + i * nd_table_room(s->table)};
    at++;
  }
  return at;
}

static void add_number(cell *to, double value, bool first_pass) {
  if (isnan(value)) {
    to->missing += first_pass;
    return;
  }
  if (first_pass) {
    nd_moments_add(&to->moments, value, 1);
    nd_ends_add(&to->ends, value);
  }
  for (size_t k = 0; k < SELECTORS; k++)
    if (to->selector[k]) nd_selector_add(to->selector[k], value);
}

static void add_chunk(survey *s, cell *cells, size_t count, size_t rows, bool first_pass) {
  for (size_t i = 0; i < count; i++) {
    const nd_request *request = &s->requests[cells[i].request];
    for (size_t r = 0; r < rows; r++) {
      if (!s->kept[r] || !cells[i].is_read) continue;
      if (cells[i].is_number)
        add_number(&cells[i], request->numbers[r], first_pass);
      else if (request->texts[r])
        cells[i].moments.count += first_pass;
      else
        cells[i].missing += first_pass;
    }
  }
}

static nadir_status pass(survey *s, cell *cells, size_t count, bool first_pass,
                         nadir_error *error) {
  size_t requests = request_cells(s, cells, count), rows;
  uint64_t kept = 0;
  for (size_t c = 0; c < nd_table_chunks(s->table); c++) {
    s->teller->last.rows_seen = (uint64_t)c * ND_CHUNK;
    ND_TRY(nd_heed(s->teller, error));
    ND_TRY(nd_table_read(s->table, c, s->requests, requests, s->scratch, &rows, error));
    nd_filter_run(s->filter, s->filter_values, rows, s->kept);
    for (size_t r = 0; r < rows; r++)
      kept += s->kept[r] != 0;
    add_chunk(s, cells, count, rows, first_pass);
    s->last_rows = rows;
  }
  s->rows = kept;
  return NADIR_OK;
}

/* ---- quartiles ---- */

/* Where a quartile lies in the order of the values: linear between the two next to it, as in R's
 * type 7 and numpy. */
static double position_of(uint64_t count, size_t q) {
  return (double)(q + 1) / 4 * (double)(count - 1);
}

static uint64_t rank_of(uint64_t count, size_t k) {
  uint64_t rank = (uint64_t)floor(position_of(count, k / 2)) + k % 2;
  return rank < count ? rank : count - 1;
}

static void free_selectors(cell *cells, size_t count) {
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < SELECTORS; k++) {
      nd_selector_free(cells[i].selector[k]);
      cells[i].selector[k] = NULL;
    }
}

static nadir_status new_selectors(cell *cells, size_t count, nadir_error *error) {
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; cells[i].is_number && k < SELECTORS; k++)
      ND_TRY(nd_selector_new(&cells[i].selector[k], error));
  return NADIR_OK;
}

/* Ends a pass; true when any selector needs one more. */
static bool next_pass(cell *cells, size_t count) {
  bool again = false;
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; cells[i].moments.count && k < SELECTORS; k++)
      if (cells[i].selector[k])
        again |= nd_selector_next_pass(cells[i].selector[k], rank_of(cells[i].moments.count, k));
  return again;
}

/* From the only chunk, as it was read last. */
static void order_by_sorting(survey *s, cell *of) {
  double *values = s->requests[of->request].numbers;
  size_t count = 0;
  if (!of->is_number || !of->is_read || !of->moments.count) return;
  for (size_t r = 0; r < s->last_rows; r++)
    if (s->kept[r] && !isnan(values[r])) values[count++] = values[r];
  nd_sort(count, values);
  for (size_t k = 0; k < SELECTORS; k++)
    of->ordered[k] = values[rank_of(count, k)];
}

static nadir_status order_by_passes(survey *s, cell *cells, size_t count, nadir_error *error) {
  while (next_pass(cells, count))
    ND_TRY(pass(s, cells, count, false, error));
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < SELECTORS; k++)
      if (cells[i].selector[k] && cells[i].moments.count)
        cells[i].ordered[k] = nd_selector_value(cells[i].selector[k]);
  return NADIR_OK;
}

static double quartile(const cell *of, size_t q) {
  if (!of->is_number || !of->moments.count) return (double)NAN;
  double position = position_of(of->moments.count, q), above = position - floor(position);
  double low = of->ordered[2 * q], high = of->ordered[2 * q + 1];
  return above == 0 || low == high ? low : low + above * (high - low);
}

/* ---- the summary ---- */

static char *cell_name(const nd_column *column, size_t element, nadir_error *error) {
  nd_text text = {0};
  nd_text_append(&text, column->name);
  if (column->elements > 1) nd_text_print(&text, "[%zu]", element + 1);
  char *copy = nd_text_status(&text, error) == NADIR_OK
                   ? nd_copy_text(nd_text_data(&text), text.length, error)
                   : NULL;
  nd_text_free(&text);
  return copy;
}

static nadir_status fill_column(nadir_column_summary *to, const survey *s, const cell *from,
                                nadir_error *error) {
  const nd_column *column = nd_table_column(s->table, from->column);
  const nd_moments *moments = &from->moments;
  double nan = (double)NAN;
  bool numbers = from->is_number && moments->count;
  *to = (nadir_column_summary){.name = cell_name(column, from->element, error),
                               .cells = nd_cells_of(column),
                               .unit = nd_copy_text(column->unit, strlen(column->unit), error),
                               .count = moments->count,
                               .missing = from->missing,
                               .mean = numbers ? moments->mean : nan,
                               .sigma = numbers ? nd_moments_sigma(moments) : nan,
                               .min = numbers ? moments->min : nan,
                               .q1 = quartile(from, 0),
                               .median = quartile(from, 1),
                               .q3 = quartile(from, 2),
                               .max = numbers ? moments->max : nan,
                               .at_min = from->ends.low.times,
                               .at_max = from->ends.high.times};
  return to->name && to->unit ? NADIR_OK : NADIR_NO_MEMORY;
}

static nadir_status warn_of_strays(const nd_table *table, nd_teller *teller, nadir_error *error) {
  for (size_t c = 0; c < nd_table_columns(table); c++) {
    const nd_column *column = nd_table_column(table, c);
    if (column->nearly_numbers)
      ND_TRY(nd_warn(teller,
                     &(nadir_warning){.kind = NADIR_WARN_NEARLY_NUMBERS,
                                      .column = column->name,
                                      .cell = column->stray},
                     error));
  }
  return NADIR_OK;
}

static nadir_status warn_of_twins(const nd_table *table, nd_teller *teller, nadir_error *error) {
  for (size_t c = 0; c < nd_table_columns(table); c++)
    ND_TRY(nd_warn_of_same_names(table, c, NADIR_WARN_SAME_NAMES, teller, error));
  return NADIR_OK;
}

static nadir_status warn_of_left_out(const nd_table *table, nd_teller *teller, nadir_error *error) {
  for (size_t c = 0; c < nd_table_columns(table); c++) {
    const nd_column *column = nd_table_column(table, c);
    if (column->elements > MOST_ELEMENTS)
      ND_TRY(nd_warn(teller,
                     &(nadir_warning){.kind = NADIR_WARN_ELEMENTS,
                                      .column = column->name,
                                      .count = MOST_ELEMENTS,
                                      .of = column->elements},
                     error));
  }
  return NADIR_OK;
}

static nadir_status warn_of_all(const nadir_summary *summary, const survey *s, nd_teller *teller,
                                nadir_error *error) {
  ND_TRY(warn_of_strays(s->table, teller, error));
  ND_TRY(warn_of_twins(s->table, teller, error));
  ND_TRY(warn_of_left_out(s->table, teller, error));
  for (size_t c = 0; c < summary->columns; c++)
    ND_TRY(nd_warn_of_ends(&s->cells[c].ends, summary->column[c].name, 0, teller, error));
  return NADIR_OK;
}

static void take_warnings(nadir_summary *summary, nd_teller *teller) {
  summary_box *box = (summary_box *)summary;
  box->warned = nd_take_warnings(teller);
  summary->warning = box->warned.warning;
  summary->warnings = box->warned.count;
}

static nadir_status survey_group(survey *s, size_t first, size_t count, nadir_summary *summary,
                                 nadir_error *error) {
  cell *cells = s->cells + first;
  bool sorts = nd_table_chunks(s->table) <= 1;
  nadir_status status = sorts ? NADIR_OK : new_selectors(cells, count, error);
  if (status == NADIR_OK) status = pass(s, cells, count, true, error);
  if (status == NADIR_OK && !sorts) status = order_by_passes(s, cells, count, error);
  for (size_t i = 0; status == NADIR_OK && sorts && i < count; i++)
    order_by_sorting(s, &cells[i]);
  for (size_t i = 0; status == NADIR_OK && i < count; i++) {
    summary->columns++;
    status = fill_column(&summary->column[first + i], s, &cells[i], error);
  }
  free_selectors(cells, count);
  return status;
}

static nadir_status summarize(survey *s, const nadir_settings *settings, nadir_summary *summary,
                              nd_teller *teller, nadir_error *error) {
  summary->column = nd_new(s->count, sizeof *summary->column, error);
  if (!summary->column) return NADIR_NO_MEMORY;
  for (size_t first = 0; first < s->count; first += s->at_once) {
    size_t left = s->count - first;
    ND_TRY(survey_group(s, first, left < s->at_once ? left : s->at_once, summary, error));
  }
  summary->rows = s->rows;
  nd_summarize_need(s->table, settings, summary);
  ND_TRY(warn_of_all(summary, s, teller, error));
  take_warnings(summary, teller);
  return NADIR_OK;
}

nadir_status nd_summarize(const nd_table *table, const nadir_settings *settings, nd_teller *teller,
                          nadir_summary **summary, nadir_error *error) {
  survey s = {0};
  summary_box *box = nd_new(1, sizeof *box, error);
  *summary = box ? &box->summary : NULL;
  if (!box) return NADIR_NO_MEMORY;
  nadir_status status = survey_new(&s, table, settings, error);
  s.teller = teller;
  if (status == NADIR_OK) status = nd_warn_unmet_filter(table, s.filter, teller, error);
  if (status == NADIR_OK) status = summarize(&s, settings, *summary, teller, error);
  survey_free(&s);
  if (status != NADIR_OK) {
    nd_summary_free(*summary);
    *summary = NULL;
  }
  return status;
}

void nd_summary_free(nadir_summary *summary) {
  if (!summary) return;
  for (size_t c = 0; summary->column && c < summary->columns; c++) {
    nd_free((void *)(uintptr_t)summary->column[c].name);
    nd_free((void *)(uintptr_t)summary->column[c].unit);
  }
  nd_warnings_free(&((summary_box *)summary)->warned);
  nd_free(summary->column);
  nd_free(summary);
}
