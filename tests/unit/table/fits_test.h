/* What the FITS tests share: whole columns through the reader, and files made by CFITSIO. */
#ifndef FITS_TEST_H
#define FITS_TEST_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <fitsio.h>

#include "table/reader_internal.h"

/* Opens a table that must open. */
static inline nd_source *open_table(const char *path, const char *hdu) {
  nadir_error error;
  nd_file *file;
  nd_source *source;
  nd_table_options options = {.hdu = hdu};
  if (nd_file_open(&file, path, &error) != NADIR_OK) fail_msg("%s", error.message);
  if (nd_fits_open(&source, file, &options, &error) != NADIR_OK) fail_msg("%s", error.message);
  return source;
}

/* Opens what must be refused; error->message is the sentence. */
static inline void refuse_table(const char *path, const char *hdu, nadir_error *error) {
  nd_file *file;
  nd_source *source;
  nd_table_options options = {.hdu = hdu};
  if (nd_file_open(&file, path, error) != NADIR_OK) fail_msg("%s", error->message);
  assert_int_equal(nd_fits_open(&source, file, &options, error), NADIR_BAD_DATA);
  assert_null(source);
  if (strstr(error->message, path) == NULL) fail_msg("no file is named: %s", error->message);
}

/* Chunk by chunk, as table.c reads; into numbers (or texts, copies, where numbers is NULL). */
static inline nadir_status read_whole(const nd_source *source, nd_request request, double *numbers,
                                      char **copies, nadir_error *error) {
  void *scratch;
  static const char *texts[ND_CHUNK];
  nadir_status status = source->class->scratch_new(&scratch, source, error);
  assert_int_equal(status, NADIR_OK);
  for (uint64_t first = 0; first < source->rows && status == NADIR_OK; first += ND_CHUNK) {
    uint64_t left = source->rows - first;
    size_t n = left < ND_CHUNK ? (size_t)left : ND_CHUNK;
    request.numbers = numbers == NULL ? NULL : numbers + first;
    request.texts = texts;
    status = source->class->read(source, first, n, 0, &request, 1, scratch, error);
    for (size_t i = 0; i < n && copies != NULL && status == NADIR_OK; i++)
      copies[first + i] = texts[i] == NULL ? NULL : strdup(texts[i]);
  }
  source->class->scratch_free(scratch);
  return status;
}

static inline double *numbers_of(const nd_source *source, size_t column, size_t element) {
  nadir_error error;
  double *numbers = calloc(source->rows + 1, sizeof *numbers);
  nd_request request = {.kind = ND_AS_NUMBER, .column = column, .element = element};
  if (read_whole(source, request, numbers, NULL, &error) != NADIR_OK) fail_msg("%s", error.message);
  return numbers;
}

static inline char **texts_of(const nd_source *source, size_t column, size_t element) {
  nadir_error error;
  char **copies = calloc(source->rows + 1, sizeof *copies);
  nd_request request = {.kind = ND_AS_TEXT, .column = column, .element = element};
  if (read_whole(source, request, NULL, copies, &error) != NADIR_OK) fail_msg("%s", error.message);
  return copies;
}

static inline void free_texts(char **texts, uint64_t rows) {
  for (uint64_t i = 0; i < rows; i++)
    free(texts[i]);
  free(texts);
}

static inline size_t column_of(const nd_source *source, const char *name) {
  for (size_t i = 0; i < source->column_count; i++)
    if (strcmp(source->columns[i].name, name) == 0) return i;
  fail_msg("no column %s", name);
  return 0;
}

static inline bool same_bits(double a, double b) {
  return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

/* CFITSIO rounds the numbers of ASCII tables once for each digit and once for the exponent. */
static inline bool as_near(double a, double b, int kind) {
  return same_bits(a, b) || (kind == ASCII_TBL && fabs(a - b) <= 8 * 0x1p-53 * fabs(b));
}

/* A column that is exact in float32 has the same numbers as floats. */
static inline void check_singles(const nd_source *source, size_t column, size_t element,
                                 const double *numbers) {
  nadir_error error;
  void *scratch;
  static float singles[ND_CHUNK];
  if (!source->columns[column].single) return;
  nd_request request = {
      .kind = ND_AS_SINGLE, .column = column, .element = element, .singles = singles};
  assert_int_equal(source->class->scratch_new(&scratch, source, &error), NADIR_OK);
  for (uint64_t first = 0; first < source->rows; first += ND_CHUNK) {
    uint64_t left = source->rows - first;
    size_t n = left < ND_CHUNK ? (size_t)left : ND_CHUNK;
    nadir_status status = source->class->read(source, first, n, 0, &request, 1, scratch, &error);
    assert_int_equal(status, NADIR_OK);
    for (size_t i = 0; i < n; i++)
      assert_true(same_bits((double)singles[i], numbers[first + i]));
  }
  source->class->scratch_free(scratch);
}

static inline void assert_cfitsio(int status) {
  char text[FLEN_STATUS];
  fits_get_errstatus(status, text);
  if (status != 0) fail_msg("CFITSIO: %s", text);
}

/* Every element of every numeric column of the open HDU, ours against CFITSIO's, to the bit. */
static inline size_t compare_with_cfitsio(const nd_source *source, fitsfile *f) {
  int status = 0, columns, kind;
  long long rows;
  size_t compared = 0;
  fits_get_num_rowsll(f, &rows, &status);
  fits_get_num_cols(f, &columns, &status);
  fits_get_hdu_type(f, &kind, &status);
  assert_cfitsio(status);
  assert_int_equal(rows, source->rows);
  assert_int_equal(columns, source->column_count);
  for (int c = 0; c < columns; c++) {
    int type, any;
    long long repeat, width;
    fits_get_coltypell(f, c + 1, &type, &repeat, &width, &status);
    if (type == TSTRING || type == TCOMPLEX || type == TDBLCOMPLEX || type < 0) continue;
    assert_true(repeat == 0 || (size_t)repeat == source->columns[c].elements);
    for (long long e = 0; e < repeat; e++) {
      double *ours = numbers_of(source, (size_t)c, (size_t)e);
      check_singles(source, (size_t)c, (size_t)e, ours);
      for (long long r = 0; r < rows; r++) {
        double theirs = 0, null = (double)NAN;
        char truth = 0, flag = 0;
        if (type == TBIT) {
          fits_read_col_bit(f, c + 1, r + 1, e + 1, 1, &truth, &status);
          theirs = truth;
        } else if (type == TLOGICAL) {
          fits_read_colnull(f, TLOGICAL, c + 1, r + 1, e + 1, 1, &truth, &flag, &any, &status);
          theirs = flag ? null : truth;
        } else {
          /* told to look for NaN in floats, CFITSIO reads denormals as zero */
          bool floats = type == TFLOAT || type == TDOUBLE;
          fits_read_col(f, TDOUBLE, c + 1, r + 1, e + 1, 1, floats ? NULL : &null, &theirs, &any,
                        &status);
        }
        assert_cfitsio(status);
        if (!as_near(ours[r], theirs, kind))
          fail_msg("column %s row %lld element %lld: %.17g, not %.17g", source->columns[c].name,
                   r + 1, e, ours[r], theirs);
        compared++;
      }
      free(ours);
    }
  }
  return compared;
}

#endif
