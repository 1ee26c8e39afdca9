/* Shared by the tests of nadir.h: settings from pairs of texts, fits of files and arrays. */
#ifndef API_SUPPORT_H
#define API_SUPPORT_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "nadir.h"

#define HUBBLE ND_SOURCE_DIR "/examples/data/hubble1929.csv"

static nadir_error error;

static inline void near(double value, double expected, double bound) {
  if (!(fabs(value - expected) <= bound)) fail_msg("%.17g instead of %.17g", value, expected);
}

static inline void relative(double value, double expected, double bound) {
  near(value, expected, bound * fabs(expected));
}

static inline void ok(nadir_status status) {
  if (status != NADIR_OK) fail_msg("%s\n%s", error.message, error.excerpt);
}

/* Settings from names and values in turn, ended by NULL. */
static inline nadir_settings *settings_of(const char *const *pairs) {
  nadir_settings *settings;
  ok(nadir_settings_new(&settings, &error));
  for (; pairs && *pairs; pairs += 2)
    ok(nadir_settings_set(settings, pairs[0], pairs[1], &error));
  return settings;
}

/* A table of arrays, which it borrows. */
typedef struct test_column {
  const char *name, *unit;
  const double *values;
} test_column;
static inline nadir_table *table_of(const test_column *columns, size_t count, uint64_t rows) {
  nadir_table *table;
  ok(nadir_table_new(&table, rows, &error));
  for (size_t i = 0; i < count; i++)
    ok(nadir_table_add(table, columns[i].name, columns[i].unit, NADIR_FLOAT64, columns[i].values, 0, &error));
  return table;
}

static inline nadir_table *open_table(const char *path, const nadir_settings *settings) {
  nadir_table *table;
  ok(nadir_table_open(&table, &path, 1, settings, &error));
  return table;
}

static inline nadir_result *fit_file(const char *path, const char *formula, const char *const *pairs) {
  nadir_settings *settings = settings_of(pairs);
  nadir_table *table = open_table(path, settings);
  nadir_result *result;
  ok(nadir_fit(table, formula, settings, NULL, &result, &error));
  nadir_table_free(table);
  nadir_settings_free(settings);
  return result;
}

static inline nadir_status fit_columns(const test_column *columns, size_t count, uint64_t rows, const char *formula,
                                      const char *const *pairs, nadir_result **result) {
  nadir_settings *settings = settings_of(pairs);
  nadir_table *table = table_of(columns, count, rows);
  nadir_status status = nadir_fit(table, formula, settings, NULL, result, &error);
  nadir_table_free(table);
  nadir_settings_free(settings);
  return status;
}

/* What is said of a topic: text that stays until the next one. */
static inline const char *said(const nadir_result *result, nadir_topic topic) {
  static char kept[4096];
  char *text;
  ok(nadir_result_text(result, topic, &text, &error));
  snprintf(kept, sizeof kept, "%s", text);
  nadir_text_free(text);
  return kept;
}

static inline double parameter(const nadir_result *result, const char *name) {
  for (size_t i = 0; i < result->size; i++)
    if (strcmp(result->parameter[i].name, name) == 0) return result->parameter[i].value;
  fail_msg("no parameter %s", name);
  return 0;
}

/* Data that other programs were given too: without a pattern, and in few digits. */
static inline double ripple(int i, int k) {
  return sin(1 + 7 * i + 3.1 * k * i * i);
}

static inline double four_places(double value) {
  return floor(value * 1e4 + 0.5) / 1e4;
}

#define PAIRS(...) ((const char *const[]){__VA_ARGS__, NULL})

#endif
