/* What `nadir info` shows: moments, extremes and exact quartiles (base/quartiles.h) of the columns
 * that are numbers, over the rows that --where keeps. Vector columns are shown element by element;
 * text is counted only.
 *
 * Costs two passes for columns of floats, two to four for others: for all at once, or as many as a quarter of --memory
 * holds what is known of them meanwhile, and of those that are texts for 16. A pass goes by windows of chunks: each
 * chunk is read by one thread, then each column is added up by one, chunk after chunk. Moments of windows are put
 * together in the tree of reduce.c, so that no sum depends on threads or ranks; what is only counted or compared, in any
 * order. What was parsed is kept where half of --memory holds it.
 * The values of a table of one chunk are at hand after the first pass: they are sorted. */
#include <string.h>

#include "base/dense.h"
#include "base/quartiles.h"
#include "engine/pairs.h"
#include "rows/blocks.h"
#include "rows/summary.h"

enum { TEXTS_AT_ONCE = 16, OF_ONE_CHUNK = 256, MOST_ELEMENTS = 64, WINDOW = 16 /* chunks */ };

/* A summary with all that it points to. */
typedef struct summary_box {
  nadir_summary summary; /* first: the caller's pointer is the box's */
  nd_warnings warned;
} summary_box;

/* One line of the summary: a column, or one element of a vector column. */
typedef struct cell {
  size_t column, element;
  bool is_number, is_read; /* arrays of any length are listed only */
  nadir_number_type type;
  size_t at; /* byte of its numbers in a slot */
  nd_quartiles *quartiles; /* NULL: one chunk is sorted */
  nd_ends ends;
  /* of the first pass: */
  nd_moments moments;
  uint64_t missing;
  double quartile[ND_QUARTILES];
} cell;

/* Of a window of chunks, then of all: the rows that are used, and of each cell what depends on an order. */
typedef struct cell_sums {
  nd_moments moments;
  uint64_t missing;
  double quartile[ND_QUARTILES]; /* of one chunk */
} cell_sums;
typedef struct window_sums {
  uint64_t rows;
  cell_sums cell[];
} window_sums;

/* What a thread reads with. */
typedef struct reader {
  nd_scratch *scratch;
  nd_filter *filter;
  nd_request *requests; /* of the filter, then of the cells now read */
  double *filter_numbers;
  const double **filter_values;
  const char **texts;
  double *room; /* of a chunk's column */
} reader;

/* A chunk that was read. */
typedef struct slot {
  size_t rows, used;
  unsigned char *kept;
  unsigned char *numbers; /* of each cell, in its type */
  size_t *texts;          /* of each cell: used rows that have one */
} slot;

typedef struct survey {
  const nd_table *table;
  nd_teller *teller;
  nd_pool *pool, *windows; /* windows: of one thread, by which these are shared among ranks */
  nd_until until;
  reader *readers;
  size_t reader_count, room;
  cell *cells;
  size_t count, capacity, at_once, texts_at_once;
  slot slots[WINDOW];
  uint64_t rows;
  /* of the pass: */
  cell *now;
  size_t now_count, first; /* first: chunk of the window */
  size_t window;           /* chunks in it */
  window_sums *sums;       /* of it */
  bool is_first;
} survey;

/* ---- set-up ---- */

static void reader_clear(reader *r) {
  nd_scratch_free(r->scratch);
  nd_filter_free(r->filter);
  nd_free(r->requests);
  nd_free(r->filter_numbers);
  nd_free(r->filter_values);
  nd_free(r->texts);
  nd_free(r->room);
}

static void survey_free(survey *s) {
  for (size_t i = 0; i < s->reader_count; i++)
    reader_clear(&s->readers[i]);
  for (size_t i = 0; i < WINDOW; i++) {
    nd_free(s->slots[i].kept);
    nd_free(s->slots[i].numbers);
    nd_free(s->slots[i].texts);
  }
  for (size_t i = 0; i < s->count; i++)
    nd_quartiles_free(s->cells[i].quartiles);
  nd_free(s->readers);
  nd_free(s->cells);
  nd_pool_free(s->pool);
  nd_pool_free(s->windows);
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
                                    .is_read = nd_cells_of(column) != NADIR_ARRAYS,
                                    .type = column->single ? NADIR_FLOAT32 : NADIR_FLOAT64};
    }
  }
  return NADIR_OK;
}

static nadir_status request_filter(const survey *s, reader *r, nadir_error *error) {
  for (size_t i = 0; i < nd_filter_columns(r->filter); i++) {
    double *numbers = r->filter_numbers + i * s->room;
    r->filter_values[i] = numbers;
    ND_TRY(nd_request_column(s->table, nd_filter_column(r->filter, i), numbers, &r->requests[i], error));
  }
  return NADIR_OK;
}

static nadir_status reader_new(const survey *s, reader *r, const nadir_settings *settings, nadir_error *error) {
  ND_TRY(nd_filter_new(&r->filter, s->table, settings->where, error));
  size_t filters = nd_filter_columns(r->filter);
  r->requests = nd_new(filters + s->at_once, sizeof *r->requests, error);
  r->filter_numbers = nd_new(filters * s->room, sizeof *r->filter_numbers, error);
  r->filter_values = nd_new(filters, sizeof *r->filter_values, error);
  r->texts = nd_new(s->texts_at_once * s->room, sizeof *r->texts, error);
  r->room = nd_new(s->room, sizeof *r->room, error);
  if (!r->requests || !r->filter_numbers || !r->filter_values || !r->texts || !r->room) return NADIR_NO_MEMORY;
  ND_TRY(request_filter(s, r, error));
  return nd_scratch_new(&r->scratch, s->table, error);
}

static nadir_status slot_new(const survey *s, slot *made, nadir_error *error) {
  made->kept = nd_new(s->room, 1, error);
  made->numbers = nd_new(s->at_once * s->room, sizeof(double), error);
  made->texts = nd_new(s->at_once, sizeof *made->texts, error);
  return made->kept && made->numbers && made->texts ? NADIR_OK : NADIR_NO_MEMORY;
}

static nadir_status choose_at_once(survey *s, const nadir_settings *settings, nadir_error *error) {
  const size_t numbers = WINDOW * ND_CHUNK * sizeof(double);
  s->texts_at_once = TEXTS_AT_ONCE;
  if (nd_table_chunks(s->table) > 1)
    return nd_quartiles_at_once(nd_memory_bytes(settings, s->until.ranks), numbers, s->count, s->until.ranks, &s->at_once,
                                error);
  s->at_once = s->texts_at_once = s->count < OF_ONE_CHUNK ? s->count : OF_ONE_CHUNK;
  return NADIR_OK;
}

static nadir_status survey_new(survey *s, const nd_table *table, const nadir_settings *settings,
                               nd_teller *teller, nadir_error *error) {
  size_t chunks = nd_table_chunks(table);
  s->table = table;
  s->teller = teller;
  s->until = (nd_until){.deadline = HUGE_VAL,
                        .asked = nd_asks_to_end,
                        .context = teller,
                        .ranks = nd_table_ranks(table)};
  ND_TRY(nd_pool_new(&s->windows, 1, error));
  nd_pool_heed(s->windows, &s->until);
  nd_pool_share(s->windows, s->until.ranks);
  s->room = nd_table_room(table);
  ND_TRY(list_cells(s, error));
  ND_TRY(choose_at_once(s, settings, error));
  ND_TRY(nd_pool_new(&s->pool, chunks <= 1 ? 1 : (size_t)settings->threads, error));
  s->readers = nd_new(nd_pool_threads(s->pool), sizeof *s->readers, error);
  if (!s->readers) return NADIR_NO_MEMORY;
  while (s->reader_count < nd_pool_threads(s->pool))
    ND_TRY(reader_new(s, &s->readers[s->reader_count++], settings, error));
  for (size_t i = 0; i < WINDOW && i < chunks; i++)
    ND_TRY(slot_new(s, &s->slots[i], error));
  return NADIR_OK;
}

/* ---- a chunk ---- */

/* Requests for the cells that are read, after those of the filter; gives their number. */
static size_t request_cells(const survey *s, reader *r, const slot *to) {
  size_t count = nd_filter_columns(r->filter), texts = 0;
  for (size_t i = 0; i < s->now_count; i++) {
    const cell *of = &s->now[i];
    void *numbers = to->numbers + of->at;
    if (!of->is_read) continue;
    r->requests[count++] = (nd_request){.kind = !of->is_number                  ? ND_AS_TEXT
                                                : of->type == NADIR_FLOAT32 ? ND_AS_SINGLE
                                                                            : ND_AS_NUMBER,
                                        .column = of->column,
                                        .element = of->element,
                                        .numbers = numbers,
                                        .singles = numbers,
                                        .texts = of->is_number ? NULL : r->texts + texts++ * s->room};
  }
  return count;
}

static void count_texts(const survey *s, const reader *r, slot *to) {
  const char **text = r->texts;
  for (size_t i = 0; i < s->now_count; i++) {
    to->texts[i] = 0;
    if (!s->now[i].is_read || s->now[i].is_number) continue;
    for (size_t row = 0; row < to->rows; row++)
      to->texts[i] += to->kept[row] && text[row] != NULL;
    text += s->room;
  }
}

static nadir_status read_slot(void *context, size_t i, size_t worker, nadir_error *error) {
  survey *s = context;
  reader *r = &s->readers[worker];
  slot *to = &s->slots[i];
  size_t requests = request_cells(s, r, to);
  ND_TRY(nd_table_read(s->table, s->first + i, r->requests, requests, r->scratch, &to->rows, error));
  nd_filter_run(r->filter, r->filter_values, to->rows, to->kept);
  to->used = 0;
  for (size_t row = 0; row < to->rows; row++)
    to->used += to->kept[row] != 0;
  if (s->is_first) count_texts(s, r, to);
  return NADIR_OK;
}

/* ---- a column of the chunks in the window ---- */

/* The values of used rows that are not missing: where they are, or else in `room`. */
static nd_numbers values_in(const slot *in, nd_numbers x, double *room, size_t *count) {
  *count = in->rows;
  if (in->used == in->rows && !nd_has_nan(x, in->rows)) return x;
  float *singles = (float *)room;
  *count = 0;
  for (size_t i = 0; i < in->rows; i++) {
    if (!in->kept[i] || isnan(nd_number(x, i))) continue;
    if (x.type == NADIR_FLOAT32)
      singles[(*count)++] = ((const float *)x.at)[i];
    else
      room[(*count)++] = ((const double *)x.at)[i];
  }
  return (nd_numbers){x.type, room};
}

static void sort_values(cell_sums *to, nd_numbers x, size_t count, double *room) {
  for (size_t i = count; i-- > 0;) /* from the end, as floats may lie in the same room */
    room[i] = nd_number(x, i);
  nd_sort(count, room);
  for (size_t q = 0; q < ND_QUARTILES; q++)
    to->quartile[q] = nd_quartile_of(room, count, q);
}

/* Moments and ends of the first pass. */
static void add_first(cell *to, cell_sums *sums, nd_numbers x, size_t count, size_t used) {
  nd_moments of = {0};
  sums->missing += used - count;
  if (count == 0) return;
  nd_moments_add_all(&of, x, NULL, count, nd_pairs_now()->spread);
  nd_moments_merge(&sums->moments, &of);
  nd_ends_add_all(&to->ends, x, count, of.min, of.max);
}

static nadir_status add_cell(void *context, size_t i, size_t worker, nadir_error *error) {
  (void)error;
  survey *s = context;
  cell *to = &s->now[i];
  cell_sums *sums = &s->sums->cell[i];
  double *room = s->readers[worker].room;
  for (size_t w = 0; w < s->window && to->is_read; w++) {
    const slot *in = &s->slots[w];
    size_t count;
    if (!to->is_number) {
      sums->moments.count += s->is_first ? in->texts[i] : 0;
      sums->missing += s->is_first ? in->used - in->texts[i] : 0;
      continue;
    }
    nd_numbers x = values_in(in, (nd_numbers){to->type, in->numbers + to->at}, room, &count);
    if (s->is_first) add_first(to, sums, x, count, in->used);
    if (to->quartiles != NULL)
      nd_quartiles_add(to->quartiles, x.at, count);
    else
      sort_values(sums, x, count, room);
  }
  return NADIR_OK;
}

/* ---- passes ---- */

static nadir_status add_window(void *context, size_t window, size_t worker, void *out,
                               nadir_error *error) {
  survey *s = context;
  size_t chunks = nd_table_chunks(s->table);
  (void)worker;
  s->first = window * WINDOW;
  s->window = chunks - s->first < WINDOW ? chunks - s->first : WINDOW;
  s->sums = out;
  s->teller->last.rows_seen = (uint64_t)s->first * ND_CHUNK;
  ND_TRY(nd_pool_run(s->pool, s->window, read_slot, s, error));
  ND_TRY(nd_pool_run(s->pool, s->now_count, add_cell, s, error));
  for (size_t w = 0; w < s->window; w++)
    s->sums->rows += s->slots[w].used;
  return NADIR_OK;
}

static void merge_windows(const nd_reduction *reduction, void *into, void *more) {
  const survey *s = reduction->context;
  window_sums *a = into;
  const window_sums *b = more;
  a->rows += b->rows;
  for (size_t i = 0; i < s->now_count; i++) {
    nd_moments_merge(&a->cell[i].moments, &b->cell[i].moments);
    a->cell[i].missing += b->cell[i].missing;
  }
}

static void take_sums(survey *s, const window_sums *all) {
  s->rows = all->rows;
  for (size_t i = 0; i < s->now_count; i++) {
    s->now[i].moments = all->cell[i].moments;
    s->now[i].missing = all->cell[i].missing;
    memcpy(s->now[i].quartile, all->cell[i].quartile, sizeof s->now[i].quartile);
  }
}

static nadir_status share_ends(cell *of, nd_ranks *ranks, nadir_error *error) {
  size_t count = nd_rank_count(ranks);
  if (count == 1) return NADIR_OK;
  nd_ends *ends = nd_new(count, sizeof *ends, error);
  if (!ends) return NADIR_NO_MEMORY;
  ends[nd_rank(ranks)] = of->ends;
  nadir_status status = nd_ranks_fill(ranks, ends, count, sizeof *ends, error);
  of->ends = (nd_ends){0};
  for (size_t r = 0; r < count && status == NADIR_OK; r++)
    nd_ends_merge(&of->ends, &ends[r]);
  nd_free(ends);
  return status;
}

static nadir_status pass(survey *s, nadir_error *error) {
  size_t windows = (nd_table_chunks(s->table) + WINDOW - 1) / WINDOW;
  const nd_reduction reduction = {.blocks = windows,
                                  .bytes = sizeof(window_sums) + s->now_count * sizeof(cell_sums),
                                  .block = add_window,
                                  .combine = merge_windows,
                                  .context = s};
  window_sums *all = nd_new(1, reduction.bytes, error);
  if (!all) return NADIR_NO_MEMORY;
  nadir_status status = nd_reduce(&reduction, s->windows, all, error);
  if (status == NADIR_OK && s->is_first) take_sums(s, all);
  for (size_t i = 0; i < s->now_count && s->is_first && status == NADIR_OK; i++)
    status = share_ends(&s->now[i], s->until.ranks, error);
  nd_free(all);
  return status;
}

/* Ends a pass; *more: some quartile needs another one. */
static nadir_status next_pass(survey *s, bool *more, nadir_error *error) {
  *more = false;
  for (size_t i = 0; i < s->now_count; i++) {
    bool again = false;
    if (s->now[i].quartiles != NULL)
      ND_TRY(nd_quartiles_next(s->now[i].quartiles, s->until.ranks, &again, error));
    *more = *more || again;
  }
  return NADIR_OK;
}

static void take_quartiles(survey *s) {
  for (size_t i = 0; i < s->now_count; i++) {
    cell *of = &s->now[i];
    for (size_t q = 0; q < ND_QUARTILES && of->quartiles != NULL; q++)
      of->quartile[q] = nd_quartiles_value(of->quartiles, q);
    nd_quartiles_free(of->quartiles);
    of->quartiles = NULL;
  }
}

static nadir_status new_quartiles(survey *s, nadir_error *error) {
  for (size_t i = 0; i < s->now_count; i++)
    if (s->now[i].is_number && s->now[i].is_read)
      ND_TRY(nd_quartiles_new(&s->now[i].quartiles, s->now[i].type, error));
  return NADIR_OK;
}

static nadir_status all_passes(survey *s, nadir_error *error) {
  bool more = true;
  if (nd_table_chunks(s->table) > 1) ND_TRY(new_quartiles(s, error));
  for (s->is_first = true; more; s->is_first = false) {
    ND_TRY(pass(s, error));
    ND_TRY(next_pass(s, &more, error));
  }
  take_quartiles(s);
  return NADIR_OK;
}

/* Columns that are parsed are kept for the second pass. */
static nadir_status keep_numbers(survey *s, uint64_t memory, nd_kept **kept, nadir_error *error) {
  *kept = NULL;
  if (!nd_table_is_slow(s->table) || nd_table_chunks(s->table) <= 1) return NADIR_OK;
  size_t requests = request_cells(s, &s->readers[0], &s->slots[0]);
  return nd_kept_new(kept, s->table, s->readers[0].requests, requests, memory / 2, error);
}

static nadir_status survey_cells(survey *s, cell *cells, size_t count, uint64_t memory, nadir_error *error) {
  nd_kept *kept;
  s->now = cells;
  s->now_count = count;
  for (size_t i = 0, at = 0; i < count; i++) {
    cells[i].at = at;
    at += cells[i].is_number ? s->room * nd_number_size(cells[i].type) : 0;
  }
  ND_TRY(keep_numbers(s, memory, &kept, error));
  for (size_t i = 0; i < s->reader_count; i++)
    nd_scratch_keep(s->readers[i].scratch, kept);
  nadir_status status = all_passes(s, error);
  for (size_t i = 0; i < s->reader_count; i++)
    nd_scratch_keep(s->readers[i].scratch, NULL);
  nd_kept_free(kept);
  return status;
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
                               .q1 = numbers ? from->quartile[0] : nan,
                               .median = numbers ? from->quartile[1] : nan,
                               .q3 = numbers ? from->quartile[2] : nan,
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

/* How many of the cells from this one on are surveyed at once. */
static size_t group_from(const survey *s, size_t first) {
  size_t count = 0, texts = 0;
  for (; first + count < s->count && count < s->at_once; count++) {
    texts += !s->cells[first + count].is_number;
    if (texts > s->texts_at_once) break;
  }
  return count;
}

static nadir_status summarize(survey *s, const nadir_settings *settings, nadir_summary *summary,
                              nd_teller *teller, nadir_error *error) {
  summary->column = nd_new(s->count, sizeof *summary->column, error);
  if (!summary->column) return NADIR_NO_MEMORY;
  uint64_t memory = nd_memory_bytes(settings, s->until.ranks);
  for (size_t first = 0, count; first < s->count; first += count) {
    count = group_from(s, first);
    ND_TRY(survey_cells(s, s->cells + first, count, memory, error));
  }
  for (size_t i = 0; i < s->count; i++) {
    summary->columns++;
    ND_TRY(fill_column(&summary->column[i], s, &s->cells[i], error));
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
  nadir_status status = survey_new(&s, table, settings, teller, error);
  if (status == NADIR_OK) status = nd_warn_unmet_filter(table, s.readers[0].filter, teller, error);
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
