/* Tables as nadir.h shows them, and the settings that say how files are read. */
#include <string.h>

#include "api/api_internal.h"

static nadir_status read_delimiter(const char *text, char *delimiter, nadir_error *error) {
  static const struct {
    const char *name;
    char delimiter;
  } names[] = {{"auto", 0},        {"comma", ','}, {"tab", '\t'},
               {"semicolon", ';'}, {"bar", '|'},   {"blank", ' '}};
  for (size_t i = 0; i < ND_COUNT(names); i++)
    if (strcmp(names[i].name, text) == 0) {
      *delimiter = names[i].delimiter;
      return NADIR_OK;
    }
  *delimiter = text[0];
  if (text[0] && !text[1] && !strchr("\"\n\r.+-", text[0]) && (text[0] < '0' || text[0] > '9'))
    return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING,
                 "delimiter: '%s' is no value for it: give auto, comma, tab, semicolon, bar, "
                 "blank, or one character",
                 text);
}

/* "-9,-99": the numbers that mean missing. */
static nadir_status read_nulls(const char *text, double **nulls, size_t *count,
                               nadir_error *error) {
  const char *end = text + strlen(text);
  size_t capacity = 0;
  for (const char *at = text; at < end; at++) {
    double value;
    const char *after = nd_read_number(at, end, &value);
    if (!after || (after < end && *after != ','))
      return nd_fail(error, NADIR_BAD_SETTING,
                     "null: '%s' is no list of numbers: write them with commas, as in -9,-99",
                     text);
    ND_TRY(nd_grow(nulls, &capacity, *count + 1, sizeof **nulls, error));
    (*nulls)[(*count)++] = value;
    at = after;
  }
  return NADIR_OK;
}

nadir_status nd_table_options_read(const nadir_settings *settings, nd_table_options *options,
                                   double **nulls, nadir_error *error) {
  *nulls = NULL;
  *options = (nd_table_options){.no_header = settings->no_header,
                                .hdu = *settings->hdu ? settings->hdu : NULL,
                                .threads = (size_t)settings->threads};
  ND_TRY(read_delimiter(settings->delimiter, &options->delimiter, error));
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
  nd_table_options options;
  double *nulls;
  nd_table *inner = NULL;
  *table = NULL;
  nadir_status status = nd_table_options_read(settings, &options, &nulls, error);
  if (status == NADIR_OK) status = nd_table_open(&inner, paths, count, &options, error);
  nd_free(nulls);
  return status == NADIR_OK ? wrap(table, inner, error) : status;
}

nadir_status nadir_table_from_arrays(nadir_table **table, const nadir_array *arrays, size_t columns,
                                     uint64_t rows, nadir_error *error) {
  nd_table *inner;
  *table = NULL;
  ND_TRY(nd_table_from_arrays(&inner, arrays, columns, rows, error));
  return wrap(table, inner, error);
}

nadir_status nadir_table_from_reader(nadir_table **table, const nadir_reader *reader,
                                     nadir_error *error) {
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

uint64_t nadir_table_rows(const nadir_table *table) {
  return nd_table_rows(table->table);
}

bool nd_is_variable_length(const nd_column *column) {
  char kind = column->format[strspn(column->format, "0123456789")];
  return kind == 'P' || kind == 'Q';
}
