/* Predictions as numbers: those that nadir_predict writes into a file, row by row, and NaN where a row
 * has none. */
#include "support.h"

#include <stdint.h>

static void write_file(const char *path, const char *text) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

static double *answers(const nadir_model *model, nadir_table *table, const char *const *pairs) {
  nadir_settings *settings = settings_of(pairs);
  size_t count = (size_t)nadir_table_rows(table) * nadir_model_outputs(model);
  double *values = malloc(count * sizeof *values + 1);
  assert_non_null(values);
  ok(nadir_evaluate(model, table, settings, NULL, values, count, &error));
  nadir_settings_free(settings);
  return values;
}

static void a_line_answers_by_row(void **state) {
  (void)state;
  enum { ROWS = 5000 }; /* more than one chunk */
  static double x[ROWS], y[ROWS];
  for (size_t i = 0; i < ROWS; i++) {
    x[i] = (double)i / ROWS;
    y[i] = 2 * x[i] - 1;
  }
  test_column arrays[] = {{"x", NULL, x}, {"y", NULL, y}};
  nadir_table *table, *other;
  nadir_settings *settings = settings_of(NULL);
  nadir_result *fit;
  table = table_of(arrays, 2, ROWS);
  ok(nadir_fit(table, "y ~ linear(x)", settings, NULL, &fit, &error));
  x[4500] = (double)NAN;
  other = table_of(arrays, 1, ROWS); /* without a target */
  assert_int_equal(nadir_model_outputs(fit->model), 1);
  double *values =
      answers(fit->model, other, (const char *[]){"missing", "drop", "where", "!(x < 0.5)", NULL});
  for (size_t i = 0; i < ROWS; i++)
    if (i < ROWS / 2 || i == 4500)
      assert_true(isnan(values[i]));
    else
      near(values[i], y[i], 1e-9);
  assert_int_equal(nadir_evaluate(fit->model, other, settings, NULL, values, ROWS - 1, &error),
                   NADIR_BAD_SETTING);
  assert_int_equal(nadir_evaluate(fit->model, other, settings, NULL, values, ROWS, &error),
                   NADIR_BAD_DATA); /* a missing value stops it */
  free(values);
  nadir_result_free(fit);
  nadir_table_free(table);
  nadir_table_free(other);
  nadir_settings_free(settings);
}

/* The numbers of the columns that nadir_predict adds, behind the class where there is one. */
static void compare_with_file(const nadir_model *model, nadir_table *table, size_t skipped) {
  nadir_settings *settings = settings_of(NULL);
  double *values = answers(model, table, NULL);
  size_t outputs = nadir_model_outputs(model), at = 0;
  char line[256];
  ok(nadir_predict(model, table, settings, NULL, "outputs_said.csv", &error));
  FILE *file = fopen("outputs_said.csv", "r");
  assert_non_null(file);
  assert_non_null(fgets(line, sizeof line, file));
  while (fgets(line, sizeof line, file)) {
    char *cell = line;
    for (size_t c = 0; c < skipped; c++)
      cell = strchr(cell, ',') + 1;
    for (size_t k = 0; k < outputs; k++, at++) {
      near(values[at], strtod(cell, &cell), 0);
      cell++;
    }
  }
  assert_int_equal(at, nadir_table_rows(table) * outputs);
  fclose(file);
  remove("outputs_said.csv");
  free(values);
  nadir_settings_free(settings);
}

static void check_classes(const char *rows, const char *formula, size_t outputs) {
  write_file("outputs.csv", rows);
  nadir_settings *settings = settings_of(NULL);
  nadir_table *table = open_table("outputs.csv", settings);
  nadir_result *fit;
  ok(nadir_fit(table, formula, settings, NULL, &fit, &error));
  assert_int_equal(nadir_model_outputs(fit->model), outputs);
  compare_with_file(fit->model, table, 3);
  nadir_result_free(fit);
  nadir_table_free(table);
  nadir_settings_free(settings);
  remove("outputs.csv");
}

static void classes_answer_with_probabilities(void **state) {
  (void)state;
  check_classes("x,kind\n1,star\n2,qso\n3,star\n4,qso\n5,qso\n6,star\n7,qso\n", "kind ~ linear(x)",
                1);
  check_classes("x,kind\n1,a\n2,b\n3,a\n4,c\n5,b\n6,a\n7,c\n8,b\n9,c\n10,b\n",
                "kind ~ softmax(3; x)", 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_line_answers_by_row),
      cmocka_unit_test(classes_answer_with_probabilities),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
