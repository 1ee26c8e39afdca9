/* Work grows with the size of an input, not with its square: each case is run at n and at 4n, and the work of the
 * second is at most LARGEST times that of the first (4 for what is linear, 16 for a square). Work is counted, not
 * timed: it is the number of times that pieces of code were run, from the counters of a build that counts
 * coverage; in other builds the test is skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "nadir.h"

#ifdef NADIR_COVERAGE
static const double LARGEST = 6;

uint64_t *__llvm_profile_begin_counters(void);
uint64_t *__llvm_profile_end_counters(void);

static double work(void) {
  double sum = 0;
  for (uint64_t *c = __llvm_profile_begin_counters(); c < __llvm_profile_end_counters(); c++)
    sum += (double)*c;
  return sum;
}

typedef void trial(const nd_text *input);
typedef void recipe(nd_text *input, size_t n);

static double cost(recipe *make, trial *run, size_t n) {
  nd_text input = {0};
  make(&input, n);
  double before = work();
  run(&input);
  double spent = work() - before;
  nd_text_free(&input);
  return spent;
}

static void grows_evenly(const char *what, recipe *make, trial *run, size_t n) {
  cost(make, run, n); /* what is done once is done */
  double one = cost(make, run, n), four = cost(make, run, 4 * n);
  printf("%s: %.0f at %zu, %.0f at %zu: %.1f times\n", what, one, n, four, 4 * n, four / one);
  if (!(four <= LARGEST * one))
    fail_msg("%s: %.1f times the work for 4 times the size", what, four / one);
}

/* ---- formulas ---- */

static void parse(const nd_text *input) {
  nadir_expr *expr;
  nadir_error error = {0};
  if (nadir_expr_new(&expr, input->data, &error) != NADIR_OK) fail_msg("%s", error.message);
  nadir_expr_free(expr);
}

static void derive(const nd_text *input) {
  nadir_expr *expr;
  double value, *w, *gradient;
  assert_int_equal(nadir_expr_new(&expr, input->data, NULL), NADIR_OK);
  w = calloc(nadir_expr_size(expr), sizeof *w);
  gradient = calloc(nadir_expr_size(expr), sizeof *gradient);
  assert_int_equal(nadir_expr_evaluate(expr, w, &value, gradient, NULL), NADIR_OK);
  free(w), free(gradient);
  nadir_expr_free(expr);
}

static void like_terms(nd_text *input, size_t n) {
  nd_text_append(input, "x");
  for (size_t i = 1; i < n; i++)
    nd_text_print(input, " + sin(%zu*x)", i);
}

static void many_names(nd_text *input, size_t n) {
  nd_text_append(input, "x");
  for (size_t i = 1; i < n; i++)
    nd_text_print(input, " + x%zu^2", i);
}

static void deep(nd_text *input, size_t n) {
  for (size_t i = 0; i < n; i++)
    nd_text_append(input, "(1 + 0.5*");
  nd_text_append(input, "x");
  for (size_t i = 0; i < n; i++)
    nd_text_append(input, ")");
}

/* ---- tables ---- */

static void put(const nd_text *input, const char *path) {
  FILE *file = fopen(path, "wb");
  assert_true(file && fwrite(input->data, 1, input->length, file) == input->length);
  fclose(file);
}

static void open_table(const nd_text *input, const char *path, const char *where) {
  nadir_settings *settings;
  nadir_table *table;
  nadir_summary *summary;
  nadir_error error = {0};
  put(input, path);
  assert_int_equal(nadir_settings_new(&settings, NULL), NADIR_OK);
  assert_int_equal(nadir_settings_set(settings, "threads", "1", NULL), NADIR_OK);
  if (where && nadir_settings_set(settings, "where", where, &error) != NADIR_OK)
    fail_msg("%s", error.message);
  if (nadir_table_open(&table, &path, 1, settings, &error) != NADIR_OK)
    fail_msg("%s", error.message);
  if (nadir_table_summarize(table, settings, NULL, &summary, &error) != NADIR_OK)
    fail_msg("%s", error.message);
  nadir_summary_free(summary);
  nadir_table_free(table);
  nadir_settings_free(settings);
  remove(path);
}

static void open_csv(const nd_text *input) {
  open_table(input, "scaling.csv", NULL);
}

static void open_fits(const nd_text *input) {
  open_table(input, "scaling.fits", NULL);
}

/* A fit of all columns but the last, which is the target, saved, loaded, and predicted from. */
static void fit(const nd_text *input) {
  const char *path = "scaling.csv";
  nadir_settings *settings;
  nadir_table *table;
  nadir_result *result;
  nadir_model *model;
  nadir_error error = {0};
  put(input, path);
  assert_int_equal(nadir_settings_new(&settings, NULL), NADIR_OK);
  assert_int_equal(nadir_settings_set(settings, "threads", "1", NULL), NADIR_OK);
  assert_int_equal(nadir_settings_set(settings, "method", "gd", NULL), NADIR_OK);
  assert_int_equal(nadir_settings_set(settings, "updates", "2", NULL), NADIR_OK);
  assert_int_equal(nadir_table_open(&table, &path, 1, settings, NULL), NADIR_OK);
  if (nadir_fit(table, "c0 ~ linear(*)", settings, NULL, &result, &error) != NADIR_OK)
    fail_msg("%s", error.message);
  assert_int_equal(nadir_model_save(result->model, "scaling.json", NULL), NADIR_OK);
  if (nadir_model_load(&model, "scaling.json", &error) != NADIR_OK) fail_msg("%s", error.message);
  nadir_model_free(model);
  nadir_result_free(result);
  nadir_table_free(table);
  nadir_settings_free(settings);
  remove(path);
  remove("scaling.json");
}

static void filter(const nd_text *input) {
  nd_text table = {0};
  nd_text_append(&table, "x,y\n1,2\n3,4\n");
  open_table(&table, "scaling.csv", input->data);
  nd_text_free(&table);
}

static void columns(nd_text *input, size_t n) {
  for (int row = 0; row < 4; row++)
    for (size_t i = 0; i < n; i++)
      nd_text_print(input, "%s%zu%s", row == 0 ? "c" : "", i, i + 1 < n ? "," : "\n");
}

static void rows(nd_text *input, size_t n) {
  nd_text_append(input, "x,y\n");
  for (size_t i = 0; i < n; i++)
    nd_text_print(input, "%zu,%zu\n", i, i * i);
}

static void conditions(nd_text *input, size_t n) {
  nd_text_append(input, "x > 0");
  for (size_t i = 1; i < n; i++)
    nd_text_print(input, " and x + %zu > y", i);
}

static void card(nd_text *input, const char *text) {
  nd_text_print(input, "%-80s", text);
}

static void pad(nd_text *input) {
  card(input, "END");
  while (input->length % 2880 != 0)
    nd_text_append(input, " ");
}

static void cards(nd_text *input, size_t n) {
  static const char *const first[] = {
      "SIMPLE  =                    T", "BITPIX  =                    8",
      "NAXIS   =                    0", "EXTEND  =                    T"};
  static const char *const table[] = {
      "XTENSION= 'TABLE   '",           "BITPIX  =                    8",
      "NAXIS   =                    2", "NAXIS1  =                    5",
      "NAXIS2  =                  576", "PCOUNT  =                    0",
      "GCOUNT  =                    1", "TFIELDS =                    1",
      "TTYPE1  = 'N       '",           "TFORM1  = 'I5      '",
      "TBCOL1  =                    1"};
  for (size_t i = 0; i < ND_COUNT(first); i++)
    card(input, first[i]);
  pad(input);
  for (size_t i = 0; i < ND_COUNT(table); i++)
    card(input, table[i]);
  for (size_t i = 0; i < n; i++)
    nd_text_print(input, "KEY%-5zu= %20zu%50s", i, i, "");
  pad(input);
  for (int i = 0; i < 576; i++)
    nd_text_print(input, "%5d", i);
}

static void formulas(void **state) {
  (void)state;
  grows_evenly("parse terms", like_terms, parse, 500);
  grows_evenly("derive terms", like_terms, derive, 500);
  grows_evenly("parse names", many_names, parse, 500);
  grows_evenly("derive names", many_names, derive, 500);
  grows_evenly("parse depth", deep, parse, 45);
  grows_evenly("derive depth", deep, derive, 45);
}

static void tables(void **state) {
  (void)state;
  grows_evenly("columns", columns, open_csv, 500);
  grows_evenly("columns of a fit", columns, fit, 500);
  grows_evenly("rows", rows, open_csv, 5000);
  grows_evenly("header cards", cards, open_fits, 1000);
  grows_evenly("where", conditions, filter, 200);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(formulas), cmocka_unit_test(tables)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
int main(void) {
  puts("skipped: work is counted by a build that counts coverage (./check --coverage)");
  return 77;
}
#endif
