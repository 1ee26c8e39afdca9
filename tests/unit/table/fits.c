/* The FITS reader against expected.json (astropy's reading of other people's files): names, TFORM, TUNIT, rows, first and last value, nulls, min, max and mean of every
 * column. */
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "data_test.h"
#include "table/reader_internal.h"

static bool ends_with(const char *text, const char *end) {
  size_t a = strlen(text), b = strlen(end);
  return a >= b && strcmp(text + a - b, end) == 0;
}

/* The file, unpacked where it is gzipped. */
static nd_file *open_data(const char *name) {
  char path[1024];
  nadir_error error;
  nd_file *file;
  snprintf(path, sizeof path, "%s/%s", in_data("fits"), name);
  if (!ends_with(name, ".gz")) {
    assert_int_equal(nd_file_open(&file, path, &error), NADIR_OK);
    return file;
  }
  gzFile packed = gzopen(path, "rb");
  assert_non_null(packed);
  assert_int_equal(nd_file_temporary(&file, &error), NADIR_OK);
  static char bytes[1 << 16];
  uint64_t at = 0;
  for (int n; (n = gzread(packed, bytes, sizeof bytes)) > 0; at += (uint64_t)n)
    assert_int_equal(nd_file_write_at(file, at, bytes, (size_t)n, &error), NADIR_OK);
  gzclose(packed);
  return file;
}

static nadir_status open_hdu(nd_source **source, const char *name, size_t hdu, nadir_error *error) {
  char number[32];
  snprintf(number, sizeof number, "%zu", hdu);
  nd_table_options options = {.hdu = number};
  return nd_fits_open(source, open_data(name), &options, error);
}

/* ---- a whole column ---- */

typedef struct column_values {
  double *numbers;
  char **texts;
  uint64_t rows;
} column_values;

static column_values read_column(const nd_source *source, size_t column, size_t element,
                                 bool text) {
  nadir_error error;
  void *scratch;
  column_values v = {.rows = source->rows};
  v.numbers = calloc(v.rows + 1, sizeof *v.numbers);
  v.texts = calloc(v.rows + 1, sizeof *v.texts);
  const char **texts = calloc(ND_CHUNK, sizeof *texts);
  assert_int_equal(source->class->scratch_new(&scratch, source, &error), NADIR_OK);
  for (uint64_t first = 0; first < v.rows; first += ND_CHUNK) {
    size_t n = v.rows - first < ND_CHUNK ? (size_t)(v.rows - first) : ND_CHUNK;
    nd_request request = {.kind = text ? ND_AS_TEXT : ND_AS_NUMBER,
                          .column = column,
                          .element = element,
                          .numbers = v.numbers + first,
                          .texts = texts};
    if (source->class->read(source, first, n, 0, &request, 1, scratch, &error) != NADIR_OK)
      fail_msg("%s", error.message);
    for (size_t i = 0; text && i < n; i++)
      v.texts[first + i] = texts[i] == NULL ? NULL : strdup(texts[i]);
  }
  source->class->scratch_free(scratch);
  free(texts);
  return v;
}

static void free_values(column_values *v) {
  for (uint64_t i = 0; i < v->rows; i++)
    free(v->texts[i]);
  free(v->texts);
  free(v->numbers);
}

/* ---- comparing with expected.json ---- */

static void near(const char *what, const char *where, double got, double wanted, double tolerance) {
  if (isnan(got) && isnan(wanted)) return;
  if (!(fabs(got - wanted) <= tolerance * (1e-300 + fabs(wanted))))
    fail_msg("%s: %s is %.17g, not %.17g", where, what, got, wanted);
}

static double json_double(const json_t *value) {
  if (json_is_boolean(value)) return json_boolean_value(value);
  if (json_is_number(value)) return json_number_value(value);
  if (json_is_string(value) && strcmp(json_string_value(value), "inf") == 0) return INFINITY;
  if (json_is_string(value) && strcmp(json_string_value(value), "-inf") == 0) return -INFINITY;
  return (double)NAN;
}

static void check_number_cell(const char *where, const char *what, const nd_source *source,
                              size_t column, uint64_t row, const json_t *wanted) {
  if (!json_is_array(wanted)) {
    column_values v = read_column(source, column, 0, false);
    near(what, where, v.numbers[row], json_double(wanted), 1e-15);
    free_values(&v);
    return;
  }
  for (size_t e = 0; e < json_array_size(wanted); e++) {
    const json_t *value = json_array_get(wanted, e);
    if (json_is_string(value) && strncmp(json_string_value(value), "...", 3) == 0) {
      assert_int_equal(source->columns[column].elements, atoi(json_string_value(value) + 3));
      continue;
    }
    if (json_is_array(value)) return; /* TDIM: nested as in numpy */
    column_values v = read_column(source, column, e, false);
    near(what, where, v.numbers[row], json_double(value), 1e-15);
    free_values(&v);
  }
}

static bool is_printable(const char *text) {
  while (*text >= ' ' && *text <= '~')
    text++;
  return *text == '\0';
}

static void check_text_cell(const char *where, const column_values *v, uint64_t row,
                            const json_t *wanted) {
  if (!json_is_string(wanted)) return;
  char text[512];
  snprintf(text, sizeof text, "%s", json_string_value(wanted));
  for (size_t n = strlen(text); n > 0 && text[n - 1] == ' '; n--)
    text[n - 1] = '\0';
  const char *got = v->texts[row] == NULL ? "" : v->texts[row];
  if (!is_printable(text) || !is_printable(got)) return; /* binary bytes in a text column */
  if (strcmp(got, text) != 0) fail_msg("%s: the text is '%s', not '%s'", where, got, text);
}

static void check_statistics(const char *where, const nd_source *source, size_t column,
                             const json_t *wanted) {
  column_values v = read_column(source, column, 0, false);
  double sum = 0, low = INFINITY, high = -INFINITY;
  uint64_t finite = 0;
  for (uint64_t i = 0; i < v.rows; i++) {
    if (!isfinite(v.numbers[i])) continue;
    finite++;
    sum += v.numbers[i];
    low = fmin(low, v.numbers[i]);
    high = fmax(high, v.numbers[i]);
  }
  json_int_t missing = json_integer_value(json_object_get(wanted, "nulls")) +
                       json_integer_value(json_object_get(wanted, "nonfinite")) +
                       json_integer_value(json_object_get(wanted, "null_or_nonfinite"));
  if (v.rows - finite != (uint64_t)missing)
    fail_msg("%s: %llu missing, not %llu", where, (unsigned long long)(v.rows - finite),
             (unsigned long long)missing);
  if (json_object_get(wanted, "min") != NULL) {
    near("min", where, low, json_double(json_object_get(wanted, "min")), 1e-15);
    near("max", where, high, json_double(json_object_get(wanted, "max")), 1e-15);
    /* sums of up to 14280 rounded terms: their error goes with the largest magnitude */
    double scale = fmax(fabs(low), fabs(high));
    double mean = json_double(json_object_get(wanted, "mean"));
    if (fabs(sum / (double)finite - mean) > 1e-12 * scale)
      fail_msg("%s: the mean is %.17g, not %.17g", where, sum / (double)finite, mean);
  }
  free_values(&v);
}

static bool is_unreadable(const char *form) {
  form += strspn(form, "0123456789 ");
  return strchr("PQCM", *form) != NULL;
}

static bool holds_nan(const nd_source *source, size_t column) {
  column_values v = read_column(source, column, 0, false);
  bool found = false;
  for (uint64_t i = 0; i < v.rows; i++)
    found = found || isnan(v.numbers[i]);
  free_values(&v);
  return found;
}

static void check_column(const char *file, const nd_source *source, size_t i,
                         const json_t *wanted) {
  char where[512];
  const nd_column *column = &source->columns[i];
  const char *form = json_string_value(json_object_get(wanted, "tform"));
  const char *unit = json_string_value(json_object_get(wanted, "tunit"));
  const char *name = json_string_value(json_object_get(wanted, "name"));
  snprintf(where, sizeof where, "%s column %s", file, name);
  assert_string_equal(column->name, name);
  assert_string_equal(column->format, form);
  assert_string_equal(column->unit, unit == NULL ? "" : unit);
  if (source->rows == 0 || json_object_get(wanted, "error") != NULL || is_unreadable(form)) return;
  const json_t *first = json_object_get(wanted, "first"), *last = json_object_get(wanted, "last");
  if (column->type == ND_CELL_TEXT) {
    column_values v = read_column(source, i, 0, true);
    check_text_cell(where, &v, 0, first);
    check_text_cell(where, &v, source->rows - 1, last);
    free_values(&v);
    return;
  }
  /* a zero byte is an invalid truth value by the standard (7.3.3.1), but False to astropy */
  if (column->type == ND_CELL_TRUTH && column->elements == 1 && holds_nan(source, i)) return;
  check_number_cell(where, "first", source, i, 0, first);
  check_number_cell(where, "last", source, i, source->rows - 1, last);
  if (column->elements == 1) check_statistics(where, source, i, wanted);
}

static void check_hdu(const char *file, const json_t *hdu, size_t *tables, size_t *columns) {
  nadir_error error = {0};
  nd_source *source;
  const char *type = json_string_value(json_object_get(hdu, "type"));
  size_t number = (size_t)json_integer_value(json_object_get(hdu, "hdu"));
  nadir_status status = open_hdu(&source, file, number, &error);
  if (strcmp(type, "BINTABLE") != 0 && strcmp(type, "TABLE") != 0) {
    assert_int_equal(status, NADIR_BAD_DATA);
    assert_null(source);
    if (!ends_with(file, ".gz")) assert_non_null(strstr(error.message, file));
    return;
  }
  if (status != NADIR_OK) fail_msg("%s", error.message);
  ++*tables;
  const json_t *wanted = json_object_get(hdu, "columns");
  if (json_array_size(wanted) > 0) {
    assert_int_equal(source->rows, json_integer_value(json_object_get(hdu, "rows")));
    assert_int_equal(source->column_count, json_array_size(wanted));
  }
  for (size_t i = 0; i < json_array_size(wanted); i++, ++*columns)
    check_column(file, source, i, json_array_get(wanted, i));
  source->class->close(source);
}

static void agrees_with_astropy(void **state) {
  (void)state;
  json_error_t why;
  json_t *all = json_load_file(in_data("fits/expected.json"), JSON_ALLOW_NUL, &why);
  if (all == NULL) fail_msg("%s", why.text);
  const char *file;
  json_t *hdus;
  size_t tables = 0, columns = 0, i;
  json_t *hdu;
  json_object_foreach(all, file, hdus) json_array_foreach(hdus, i, hdu)
      check_hdu(file, hdu, &tables, &columns);
  print_message("%zu tables, %zu columns\n", tables, columns);
  assert_true(tables >= (larger_collection ? 60 : 19) &&
              columns >= (larger_collection ? 600 : 150));
  json_decref(all);
}

/* A table of another program, compressed by fpack, against the same one as it was before. */
static void unpacks_what_fpack_packed(void **state) {
  (void)state;
  nadir_error error;
  nd_source *plain, *packed;
  assert_int_equal(open_hdu(&plain, "nomtam_bt12.fits", 1, &error), NADIR_OK);
  assert_int_equal(open_hdu(&packed, "nomtam_bt12.fits.fz", 1, &error), NADIR_OK);
  assert_int_equal(packed->rows, plain->rows);
  assert_int_equal(packed->column_count, plain->column_count);
  for (size_t c = 0; c < plain->column_count; c++)
    for (size_t e = 0; e < plain->columns[c].elements; e++) {
      column_values a = read_column(plain, c, e, true), b = read_column(packed, c, e, true);
      for (uint64_t i = 0; i < a.rows; i++) {
        assert_int_equal(a.texts[i] == NULL, b.texts[i] == NULL);
        if (a.texts[i] != NULL) assert_string_equal(a.texts[i], b.texts[i]);
      }
      free_values(&a);
      free_values(&b);
    }
  plain->class->close(plain);
  packed->class->close(packed);
}

int main(int argc, char **argv) {
  choose_data(argc, argv);
  const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_astropy),
                                     cmocka_unit_test(unpacks_what_fpack_packed)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
