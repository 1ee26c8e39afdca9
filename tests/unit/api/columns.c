/* Tables of arrays and the reading of columns: floats and doubles with any stride are borrowed and fit to the same
 * bits, columns are read as numbers and as texts across chunks, and what cannot be is refused. */
#include "support.h"

#include <stdint.h>

enum { ROWS = 5000 }; /* more than one chunk */

/* Packed, so that the members lie on no boundary of theirs. */
#pragma pack(push, 1)
typedef struct record {
  char flag;
  float x;
  double y;
} record;
#pragma pack(pop)

static record records[ROWS];
static double x[ROWS], y[ROWS], backwards[ROWS];

static void fill(void) {
  for (size_t i = 0; i < ROWS; i++) {
    records[i].x = (float)i / 7;
    x[i] = (double)records[i].x;
    records[i].y = y[i] = 3 * x[i] - 1 + (i % 2 ? 0.5 : -0.5);
    backwards[ROWS - 1 - i] = y[i];
  }
}

static nadir_result *fit_of(nadir_table *table) {
  nadir_settings *settings = settings_of((const char *[]){"precision", "double", NULL});
  nadir_result *fit;
  ok(nadir_fit(table, "y ~ linear(x)", settings, NULL, &fit, &error));
  nadir_settings_free(settings);
  return fit;
}

static nadir_table *strided(int turned) {
  nadir_table *table;
  ok(nadir_table_new(&table, ROWS, &error));
  ok(nadir_table_add(table, "x", "s", NADIR_FLOAT32, &records[0].x, sizeof(record), &error));
  if (turned)
    ok(nadir_table_add(table, "y", NULL, NADIR_FLOAT64, backwards + ROWS - 1,
                       -(ptrdiff_t)sizeof(double), &error));
  else
    ok(nadir_table_add(table, "y", NULL, NADIR_FLOAT64, &records[0].y, sizeof(record), &error));
  return table;
}

static void strides_change_no_bit(void **state) {
  (void)state;
  fill();
  test_column plain[] = {{"x", "s", x}, {"y", NULL, y}};
  nadir_table *tables[] = {table_of(plain, 2, ROWS), strided(0), strided(1)};
  nadir_result *first = fit_of(tables[0]);
  near(first->parameter[1].value, 3, 1e-4);
  for (size_t k = 1; k < 3; k++) {
    nadir_result *other = fit_of(tables[k]);
    for (size_t i = 0; i < 2; i++)
      assert_memory_equal(&first->parameter[i].value, &other->parameter[i].value, sizeof(double));
    assert_string_equal(other->parameter[1].unit, first->parameter[1].unit);
    nadir_result_free(other);
  }
  nadir_result_free(first);
  for (size_t k = 0; k < 3; k++)
    nadir_table_free(tables[k]);
}

static void columns_are_read(void **state) {
  (void)state;
  fill();
  nadir_table *table = strided(0);
  double numbers[ROWS];
  char *texts[2];
  assert_int_equal(nadir_table_columns(table), 2);
  assert_string_equal(nadir_table_column(table, 1), "y");
  assert_string_equal(nadir_table_unit(table, 0), "s");
  assert_string_equal(nadir_table_unit(table, 1), "");
  assert_null(nadir_table_column(table, 2));
  assert_null(nadir_table_unit(table, 2));
  ok(nadir_table_numbers(table, "x", 0, ROWS, numbers, &error));
  assert_memory_equal(numbers, x, sizeof x);
  ok(nadir_table_numbers(table, "y", 4090, 20, numbers, &error));
  assert_memory_equal(numbers, y + 4090, 20 * sizeof *y);
  ok(nadir_table_numbers(table, "y", ROWS, 0, numbers, &error));
  records[4096].y = (double)NAN;
  records[4095].y = 0.1;
  ok(nadir_table_texts(table, "y", 4095, 2, texts, &error));
  assert_string_equal(texts[0], "0.1");
  assert_null(texts[1]);
  nadir_text_free(texts[0]);
  nadir_table_free(table);
}

static void columns_of_a_file_are_read(void **state) {
  (void)state;
  FILE *file = fopen("columns.csv", "w");
  assert_non_null(file);
  fputs("name,n,ok\na b,3,true\n,,false\n", file);
  fclose(file);
  nadir_settings *settings = settings_of(NULL);
  nadir_table *table = open_table("columns.csv", settings);
  char *texts[2];
  double numbers[2];
  const nadir_cells cells[] = {NADIR_TEXTS, NADIR_INTEGERS, NADIR_TRUTHS};
  for (size_t i = 0; i < 3; i++)
    assert_int_equal(nadir_table_cells(table, i), cells[i]);
  ok(nadir_table_texts(table, "name", 0, 2, texts, &error));
  assert_string_equal(texts[0], "a b");
  assert_null(texts[1]);
  nadir_text_free(texts[0]);
  ok(nadir_table_numbers(table, "n", 0, 2, numbers, &error));
  assert_true(numbers[0] == 3 && isnan(numbers[1]));
  ok(nadir_table_numbers(table, "ok", 0, 2, numbers, &error));
  assert_true(numbers[0] == 1 && numbers[1] == 0);
  assert_int_equal(nadir_table_numbers(table, "name", 0, 2, numbers, &error), NADIR_BAD_DATA);
  assert_int_equal(nadir_table_numbers(table, "Name", 0, 2, numbers, &error), NADIR_BAD_DATA);
  assert_string_equal(error.message, "the table has no column 'Name': did you mean 'name'?");
  assert_int_equal(nadir_table_numbers(table, "n", 1, 2, numbers, &error), NADIR_BAD_DATA);
  assert_string_equal(error.message, "rows: 2 from row 1 on are asked for (counted from 0): the table has 2");
  assert_int_equal(nadir_table_numbers(table, "n", UINT64_MAX, 2, numbers, &error), NADIR_BAD_DATA);
  assert_int_equal(nadir_table_texts(table, "n", 1, SIZE_MAX, texts, &error), NADIR_BAD_DATA);
  assert_int_equal(nadir_table_numbers(table, "n", 3, 0, numbers, &error), NADIR_BAD_DATA);
  ok(nadir_table_numbers(table, "$2", 0, 1, numbers, &error));
  assert_true(numbers[0] == 3);
  assert_int_equal(nadir_table_add(table, "more", NULL, NADIR_FLOAT64, numbers, 0, &error),
                   NADIR_BAD_DATA);
  nadir_table_free(table);
  nadir_settings_free(settings);
  remove("columns.csv");
}

/* A vector has elements; an integer has all of its digits as text. */
static void elements_and_long_integers_are_read(void **state) {
  (void)state;
  FILE *file = fopen("long.csv", "w");
  assert_non_null(file);
  fputs("n\n9007199254740993\n-9007199254740995\n", file);
  fclose(file);
  nadir_settings *settings = settings_of(NULL);
  nadir_table *table = open_table("long.csv", settings);
  char *texts[2];
  ok(nadir_table_texts(table, "n", 0, 2, texts, &error));
  assert_string_equal(texts[0], "9007199254740993");
  assert_string_equal(texts[1], "-9007199254740995");
  nadir_text_free(texts[0]);
  nadir_text_free(texts[1]);
  nadir_table_free(table);
  table = open_table(ND_SOURCE_DIR "/tests/data/fits/astropy_chandra_time.fits", settings);
  double bits[2];
  assert_int_equal(nadir_table_numbers(table, "status", 0, 2, bits, &error), NADIR_BAD_DATA);
  ok(nadir_table_numbers(table, "status[32]", 0, 2, bits, &error));
  assert_int_equal(nadir_table_numbers(table, "status[33]", 0, 2, bits, &error), NADIR_BAD_DATA);
  assert_int_equal(nadir_table_numbers(table, "status[0]", 0, 2, bits, &error), NADIR_BAD_DATA);
  nadir_table_free(table);
  nadir_settings_free(settings);
  remove("long.csv");
}

/* Rows that are none, or more than there can be; columns that are many, and that come after a fit. */
static void tables_of_any_shape(void **state) {
  (void)state;
  nadir_table *table;
  double number;
  char name[16];
  fill();
  ok(nadir_table_new(&table, 0, &error));
  ok(nadir_table_add(table, "x", NULL, NADIR_FLOAT64, NULL, 0, &error));
  ok(nadir_table_numbers(table, "x", 0, 0, &number, &error));
  assert_int_equal(nadir_table_numbers(table, "x", 0, 1, &number, &error), NADIR_BAD_DATA);
  nadir_table_free(table);
  assert_int_equal(nadir_table_new(&table, UINT64_MAX, &error), NADIR_BAD_DATA);
  assert_null(table);
  table = strided(0);
  nadir_result_free(fit_of(table));
  for (int i = 0; i < 1000; i++) {
    snprintf(name, sizeof name, "c%d", i);
    ok(nadir_table_add(table, name, NULL, NADIR_FLOAT64, i == 999 ? backwards : x, 0, &error));
  }
  ok(nadir_table_numbers(table, "c999", ROWS - 1, 1, &number, &error));
  assert_true(number == y[0]);
  nadir_settings *settings = settings_of(NULL);
  nadir_result *fit;
  ok(nadir_fit(table, "y ~ linear(c0)", settings, NULL, &fit, &error));
  nadir_result_free(fit);
  nadir_settings_free(settings);
  nadir_table_free(table);
}

static void bad_arrays_are_refused(void **state) {
  (void)state;
  nadir_table *table;
  ok(nadir_table_new(&table, 2, &error));
  ok(nadir_table_add(table, "x", NULL, NADIR_FLOAT64, x, 0, &error));
  assert_int_equal(nadir_table_add(table, "x", NULL, NADIR_FLOAT64, x, 0, &error), NADIR_BAD_DATA);
  assert_int_equal(nadir_table_add(table, "", NULL, NADIR_FLOAT64, x, 0, &error), NADIR_BAD_DATA);
  assert_int_equal(nadir_table_add(table, "y", NULL, NADIR_FLOAT32, NULL, 0, &error),
                   NADIR_BAD_DATA);
  assert_int_equal(nadir_table_add(table, "y", NULL, (nadir_number_type)7, x, 0, &error),
                   NADIR_BAD_DATA);
  assert_int_equal(nadir_table_columns(table), 1);
  nadir_settings *settings = settings_of(NULL);
  nadir_result *fit;
  nadir_table *empty;
  ok(nadir_table_new(&empty, 2, &error));
  assert_int_equal(nadir_fit(empty, "y ~ x", settings, NULL, &fit, &error), NADIR_BAD_FORMULA);
  nadir_table_free(empty);
  nadir_table_free(table);
  nadir_settings_free(settings);
}

/* What is set from numbers is set from their text, ends of ranges outwards. */
static void settings_take_numbers(void **state) {
  (void)state;
  const char *const names[] = {"a", "w[b,c]"};
  const double numbers[] = {0.1, -1e-300}, low[] = {0.1}, high[] = {0.1 + 0.2};
  nadir_settings *settings = settings_of(NULL);
  ok(nadir_settings_set_numbers(settings, "start", names, numbers, NULL, 2, &error));
  assert_string_equal(nadir_settings_get(settings, "start"), "a=0.1,`w[b,c]`=-1e-300");
  ok(nadir_settings_set_numbers(settings, "rate", NULL, numbers, NULL, 1, &error));
  assert_string_equal(nadir_settings_get(settings, "rate"), "0.1");
  ok(nadir_settings_set_numbers(settings, "box", names, low, high, 1, &error));
  assert_string_equal(nadir_settings_get(settings, "box"),
                      "a=0.1:0.30000000000000005"); /* 0.1 is below the double, the end above it */
  assert_int_equal(nadir_settings_set_numbers(settings, "box", NULL, low, NULL, 1, &error),
                   NADIR_BAD_SETTING);
  const double none[] = {(double)NAN};
  assert_int_equal(nadir_settings_set_numbers(settings, "start", names, none, NULL, 1, &error),
                   NADIR_BAD_SETTING);
  assert_string_equal(nadir_settings_get(settings, "start"), "a=0.1,`w[b,c]`=-1e-300");
  const char *const unnamed[] = {"a", NULL};
  assert_int_equal(nadir_settings_set_numbers(settings, "start", unnamed, numbers, NULL, 2, &error),
                   NADIR_BAD_SETTING);
  assert_string_equal(error.message, "start: number 2 has no name: give it one");
  assert_int_equal(nadir_settings_set_numbers(settings, "start", names, NULL, NULL, 2, &error),
                   NADIR_BAD_SETTING);
  assert_int_equal(nadir_settings_set_numbers(settings, "box", names, high, low, 1, &error),
                   NADIR_BAD_SETTING);
  assert_int_equal(nadir_settings_set_numbers(settings, "such", names, low, NULL, 1, &error),
                   NADIR_BAD_SETTING);
  ok(nadir_settings_set_numbers(settings, "start", NULL, NULL, NULL, 0, &error));
  assert_string_equal(nadir_settings_get(settings, "start"), "");
  nadir_settings_free(settings);
}

/* A loaded model shows what the fitted one has. */
static void a_model_can_be_read(void **state) {
  (void)state;
  fill();
  nadir_table *table = strided(0);
  nadir_result *fit = fit_of(table);
  nadir_model *loaded;
  size_t fitted_size, size;
  ok(nadir_model_save(fit->model, "columns.json", &error));
  ok(nadir_model_load(&loaded, "columns.json", &error));
  const nadir_parameter *a = nadir_model_parameters(fit->model, &fitted_size),
                        *b = nadir_model_parameters(loaded, &size);
  assert_int_equal(size, fit->size);
  assert_int_equal(size, fitted_size);
  for (size_t i = 0; i < size; i++) {
    assert_string_equal(a[i].name, b[i].name);
    assert_string_equal(a[i].unit, b[i].unit);
    assert_true(a[i].value == b[i].value && a[i].value == fit->parameter[i].value);
    assert_true(b[i].standard_error == fit->parameter[i].standard_error);
    near(nadir_model_covariance(loaded)[i * size + i], b[i].standard_error * b[i].standard_error,
         1e-12 * b[i].standard_error);
  }
  assert_string_equal(nadir_model_formula(loaded), "y ~ linear(x)");
  assert_true(nadir_model_loss(loaded) == fit->loss);
  assert_non_null(nadir_model_settings(loaded));
  size_t columns = 0;
  while (nadir_model_column(loaded, columns) != NULL)
    columns++;
  assert_int_equal(columns, 2);
  nadir_model_free(loaded);
  nadir_result_free(fit);
  nadir_table_free(table);
  remove("columns.json");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(strides_change_no_bit),      cmocka_unit_test(columns_are_read),
      cmocka_unit_test(columns_of_a_file_are_read), cmocka_unit_test(bad_arrays_are_refused),
      cmocka_unit_test(tables_of_any_shape),        cmocka_unit_test(elements_and_long_integers_are_read),
      cmocka_unit_test(settings_take_numbers),      cmocka_unit_test(a_model_can_be_read)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
