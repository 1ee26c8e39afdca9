/* Tables as nadir.h shows them, and the settings that say how files are read. */
#include <string.h>

#include "api/api_internal.h"
#include "model/schema.h"
#include "rows/summary.h"

/* "-9,-99": the numbers that mean missing. */
static nadir_status read_nulls(const char *text, double **nulls, size_t *count,
                               nadir_error *error) {
  *nulls = NULL;
  *count = 0;
  if (nd_is_auto(text) || nd_is_none(text)) return NADIR_OK;
  return nd_numbers_read(text, nulls, count, error);
}

/* Of the options 0 is auto; a byte is as good as none. */
static uint64_t spool_bytes(nd_number_or_word spool) {
  return !spool.is_number ? 0 : spool.number < 1 ? 1 : (uint64_t)spool.number;
}

nadir_status nd_table_options_read(const nadir_settings *settings, nd_table_options *options,
                                   double **nulls, nadir_error *error) {
  *options = (nd_table_options){.no_header = settings->no_header,
                                .names = *settings->names ? settings->names : NULL,
                                .hdu = *settings->hdu ? settings->hdu : NULL,
                                .delimiter = settings->delimiter,
                                .spool = spool_bytes(settings->spool),
                                .cache = settings->cache,
                                .threads = (size_t)settings->threads};
  nadir_status status = read_nulls(settings->null, nulls, &options->null_count, error);
  options->nulls = *nulls;
  return status;
}

/* Wrap a table; what could not be wrapped is closed. */
static nadir_status wrap(nadir_table **table, nd_table *inner, nadir_error *error) {
  *table = nd_new(1, sizeof **table, error);
  if (!*table) {
    nd_table_close(inner);
    return NADIR_NO_MEMORY;
  }
  (*table)->table = inner;
  return NADIR_OK;
}

nadir_status nadir_table_open(nadir_table **table, const char *const *paths, size_t count,
                              const nadir_settings *settings, nadir_error *error) {
  ND_TO_NEAREST;
  nd_table_options options;
  double *nulls;
  nd_table *inner = NULL;
  *table = NULL;
  nadir_status status = nd_table_options_read(settings, &options, &nulls, error);
  if (status == NADIR_OK) status = nd_table_open(&inner, paths, count, &options, error);
  nd_free(nulls);
  return status == NADIR_OK ? wrap(table, inner, error) : status;
}

nadir_status nadir_table_new(nadir_table **table, uint64_t rows, nadir_error *error) {
  ND_TO_NEAREST;
  nd_table *inner;
  *table = NULL;
  ND_TRY(nd_table_of_rows(&inner, rows, error));
  return wrap(table, inner, error);
}

nadir_status nadir_table_add(nadir_table *table, const char *name, const char *unit,
                             nadir_number_type type, const void *values, ptrdiff_t stride,
                             nadir_error *error) {
  ND_TO_NEAREST;
  nd_array array = {.name = name, .unit = unit, .values = values, .type = type, .stride = stride};
  return nd_table_add(table->table, &array, error);
}

nadir_status nadir_table_from_reader(nadir_table **table, const nadir_reader *reader,
                                     nadir_error *error) {
  ND_TO_NEAREST;
  nd_table *inner;
  *table = NULL;
  ND_TRY(nd_table_from_reader(&inner, reader, error));
  return wrap(table, inner, error);
}

void nadir_table_free(nadir_table *table) {
  if (!table) return;
  nd_table_close(table->table);
  nd_free(table);
}

void nadir_table_share(nadir_table *table, nadir_ranks *ranks) {
  nd_table_share(table->table, ranks);
}

const nadir_error *nadir_table_uncached(const nadir_table *table) {
  return nd_table_uncached(table->table);
}

uint64_t nadir_table_rows(const nadir_table *table) {
  return nd_table_rows(table->table);
}

size_t nadir_table_columns(const nadir_table *table) {
  return nd_table_columns(table->table);
}

static const nd_column *column_at(const nadir_table *table, size_t i) {
  return i < nd_table_columns(table->table) ? nd_table_column(table->table, i) : NULL;
}

const char *nadir_table_column(const nadir_table *table, size_t i) {
  const nd_column *column = column_at(table, i);
  return column ? column->name : NULL;
}

const char *nadir_table_unit(const nadir_table *table, size_t i) {
  const nd_column *column = column_at(table, i);
  return column ? column->unit : NULL;
}

nadir_cells nadir_table_cells(const nadir_table *table, size_t i) {
  const nd_column *column = column_at(table, i);
  return column ? nd_cells_of(column) : NADIR_ARRAYS;
}

nadir_status nadir_table_numbers(const nadir_table *table, const char *column, uint64_t first,
                                 size_t count, double *numbers, nadir_error *error) {
  ND_TO_NEAREST;
  return nd_read_numbers(table->table, column, first, count, numbers, error);
}

nadir_status nadir_table_texts(const nadir_table *table, const char *column, uint64_t first,
                               size_t count, char **texts, nadir_error *error) {
  ND_TO_NEAREST;
  return nd_read_texts(table->table, column, first, count, texts, error);
}

nadir_status nadir_table_summarize(nadir_table *table, const nadir_settings *settings,
                                   const nadir_listener *listener, nadir_summary **summary,
                                   nadir_error *error) {
  ND_TO_NEAREST;
  nd_teller teller = nd_teller_for(listener);
  ND_TRY(nd_listener_check(listener, error));
  nadir_status status = nd_summarize(table->table, settings, &teller, summary, error);
  nd_teller_free(&teller);
  return status;
}

void nadir_summary_free(nadir_summary *summary) {
  nd_summary_free(summary);
}
