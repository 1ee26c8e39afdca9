/* From a file to the kernels a float32 column is converted once and copied once: the numbers of a block are
 * made of the floats that the reader laid down, at the addresses where it did, and where they stay in memory no chunk is
 * read twice for them. And where they are widened
 * changes no bit of any result: a table of doubles with the same values gives the same fits. The linker puts
 * the functions of this file in the place of those that it watches (--wrap, see tests/CMakeLists.txt). */
#include "support.h"

#include "base/base.h"
#include "engine/engine.h"
#include "table/table.h"

enum { ROWS = 3 * ND_CHUNK + 100, COLUMNS = 4, MOST = 1000 };
static const char *const name[COLUMNS] = {"x1", "x2", "y", "e"};
static const char path[] = "column_once.fits";

static float values[COLUMNS][ROWS];
static double wide[COLUMNS][ROWS];

static int make_rows(void **state) {
  (void)state;
  nd_random random = nd_random_stream(5, ND_FOR_TEST, 0, 0);
  for (size_t i = 0; i < ROWS; i++) {
    float a = (float)nd_random_normal(&random), b = (float)nd_random_normal(&random);
    values[0][i] = i % 97 == 5 ? NAN : a;
    values[1][i] = 1e5f + b;
    values[2][i] = 3 * a - b + (float)nd_random_normal(&random);
    values[3][i] = 0.5f + fabsf(b);
    for (size_t c = 0; c < COLUMNS; c++)
      wide[c][i] = (double)values[c][i];
  }
  return 0;
}

/* ---- what is read, and what blocks are made of ---- */

static const void *read_at[MOST]; /* where floats were laid down */
static size_t reads, loads, holds, chunks_read, chunks_at_hold; /* chunks read by the last hold */
static bool watched,
    in_place; /* whether blocks are looked at; whether they are made of what is where it was read */

nadir_status __real_nd_table_read(const nd_table *table, size_t chunk, const nd_request *requests,
                                  size_t count, nd_scratch *scratch, size_t *rows,
                                  nadir_error *failed);
nadir_status __wrap_nd_table_read(const nd_table *table, size_t chunk, const nd_request *requests,
                                  size_t count, nd_scratch *scratch, size_t *rows,
                                  nadir_error *failed);
nadir_status __wrap_nd_table_read(const nd_table *table, size_t chunk, const nd_request *requests,
                                  size_t count, nd_scratch *scratch, size_t *rows,
                                  nadir_error *failed) {
  bool singles = false;
  for (size_t i = 0; i < count; i++) {
    singles |= requests[i].kind == ND_AS_SINGLE;
    if (requests[i].kind == ND_AS_SINGLE && reads < MOST) read_at[reads++] = requests[i].singles;
  }
  chunks_read += singles; /* by the reader of a fit's rows */
  return __real_nd_table_read(table, chunk, requests, count, scratch, rows, failed);
}

static bool was_read_at(const void *at) {
  for (size_t i = 0; i < reads; i++)
    if (read_at[i] == at) return true;
  return false;
}

static void look_at(const nd_scaled *column) {
  assert_int_equal(column->x.type, NADIR_FLOAT32);
  assert_int_equal(was_read_at(column->x.at), in_place);
}

static void look_at_all(const nd_scaled *features, const nd_scaled *columns, const nd_scaled *weights) {
  look_at(&features[0]), look_at(&features[1]);
  look_at(&columns[0]);
  if (weights) look_at(weights);
}

void __real_nd_block_load(const nd_rows *rows, nd_rows_workspace *work, nd_block *block,
                          size_t count, const nd_scaled *features, const nd_scaled *columns,
                          const nd_scaled *weights);
void __wrap_nd_block_load(const nd_rows *rows, nd_rows_workspace *work, nd_block *block,
                          size_t count, const nd_scaled *features, const nd_scaled *columns,
                          const nd_scaled *weights);
void __wrap_nd_block_load(const nd_rows *rows, nd_rows_workspace *work, nd_block *block,
                          size_t count, const nd_scaled *features, const nd_scaled *columns,
                          const nd_scaled *weights) {
  if (watched && loads++ < 4) { /* the first of each chunk: later ones may have f for y */
    look_at_all(features, columns, weights);
  }
  __real_nd_block_load(rows, work, block, count, features, columns, weights);
}

void __real_nd_block_hold(const nd_rows *rows, nd_rows_workspace *work, nd_block *block,
                          size_t count, const nd_scaled *features, const nd_scaled *columns,
                          const nd_scaled *weights);
void __wrap_nd_block_hold(const nd_rows *rows, nd_rows_workspace *work, nd_block *block,
                          size_t count, const nd_scaled *features, const nd_scaled *columns,
                          const nd_scaled *weights);
void __wrap_nd_block_hold(const nd_rows *rows, nd_rows_workspace *work, nd_block *block,
                          size_t count, const nd_scaled *features, const nd_scaled *columns,
                          const nd_scaled *weights) {
  if (watched) {
    loads++, holds++, chunks_at_hold = chunks_read;
    look_at_all(features, columns, weights);
  }
  __real_nd_block_hold(rows, work, block, count, features, columns, weights);
}

/* ---- tables ---- */

static void write_fits(void) {
  static double one[COLUMNS][ND_CHUNK];
  nd_writer *writer;
  nd_column columns[COLUMNS];
  nd_cells cells[COLUMNS];
  for (size_t c = 0; c < COLUMNS; c++) {
    columns[c] = (nd_column){.name = name[c], .unit = "", .elements = 1, .format = "1E"};
    cells[c] = (nd_cells){.numbers = one[c]};
  }
  ok(nd_writer_open(&writer, path, columns, COLUMNS, ROWS, &error));
  for (size_t at = 0; at < ROWS; at += ND_CHUNK) {
    size_t rows = ROWS - at < ND_CHUNK ? ROWS - at : ND_CHUNK;
    for (size_t c = 0; c < COLUMNS; c++)
      memcpy(one[c], wide[c] + at, rows * sizeof(double));
    ok(nd_writer_rows(writer, cells, rows, &error));
  }
  ok(nd_writer_commit(writer, &error));
  nd_writer_close(writer);
}

static nadir_table *of_file(void) {
  nadir_settings *settings = settings_of(NULL);
  write_fits();
  nadir_table *table = open_table(path, settings);
  remove(path);
  nadir_settings_free(settings);
  return table;
}

static nadir_table *of_arrays(nadir_number_type type) {
  nadir_table *table;
  ok(nadir_table_new(&table, ROWS, &error));
  for (size_t c = 0; c < COLUMNS; c++) {
    const void *at = type == NADIR_FLOAT32 ? (const void *)values[c] : (const void *)wide[c];
    ok(nadir_table_add(table, name[c], NULL, type, at, 0, &error));
  }
  return table;
}

static nadir_result *fit_of(nadir_table *table, const char *formula, const char *const *pairs) {
  nadir_settings *settings = settings_of(pairs);
  nadir_result *result;
  reads = loads = holds = chunks_read = chunks_at_hold = 0;
  ok(nadir_fit(table, formula, settings, NULL, &result, &error));
  nadir_settings_free(settings);
  return result;
}

/* ---- tests ---- */

/* once: blocks hold what is read, each chunk of it once, and are scaled later. */
static void walk(nadir_table *table, bool all, bool once, const char *const *pairs) {
  watched = true, in_place = all;
  nadir_result *result = fit_of(table, "y ~ linear(x1, x2)", pairs);
  assert_true(loads >= 4);
  assert_int_equal(holds, once ? 4 : 0);
  if (once) assert_int_equal(chunks_at_hold, 4);
  watched = false;
  nadir_result_free(result);
}

static void a_float_is_copied_and_converted_once(void **state) {
  (void)state;
  const char *const all[] = {"threads", "1", "missing", "drop", "where", "x2 > 0", NULL};
  for (size_t i = 0; i < ROWS; i++)
    if (isnan(values[0][i])) wide[0][i] = values[0][i] = 0;
  nadir_table *tables[] = {of_arrays(NADIR_FLOAT32), of_file()};
  for (size_t k = 0; k < 2; k++) {
    walk(tables[k], true, true, all);
    walk(tables[k], true, false, (const char *[]){"threads", "1", "scale", "none", NULL});
    walk(tables[k], true, false, (const char *[]){"threads", "1", "scale", "robust", NULL});
    walk(tables[k], true, true, (const char *[]){"threads", "1", "weight", "e", NULL});
    walk(tables[k], true, false, (const char *[]){"threads", "1", "memory", "100000", NULL});
    walk(tables[k], false, true,
         (const char *[]){"threads", "1", "where", "e > 0.6", NULL}); /* gathered */
    nadir_table_free(tables[k]);
  }
  make_rows(NULL);
}

static void same_bits(const nadir_result *a, const nadir_result *b) {
  assert_int_equal(a->size, b->size);
  assert_int_equal(a->updates, b->updates);
  assert_memory_equal(&a->loss, &b->loss, sizeof a->loss);
  for (size_t i = 0; i < a->size; i++) {
    assert_memory_equal(&a->parameter[i].value, &b->parameter[i].value, sizeof(double));
    assert_memory_equal(&a->parameter[i].standard_error, &b->parameter[i].standard_error,
                        sizeof(double));
  }
}

static void where_it_is_widened_changes_no_bit(void **state) {
  (void)state;
  static const struct {
    const char *formula, *pairs[12];
  } cases[] = {
      {"y ~ linear(x1, x2)", {"missing", "drop"}},
      {"y ~ linear(x1, x2)", {"missing", "mean"}},
      {"y ~ linear(x1, x2)", {"missing", "drop", "scale", "robust", "where", "e < 2"}},
      {"y ~ linear(x1, x2)", {"missing", "drop", "scale", "minmax", "validate", "0.2"}},
      {"y ~ linear(x1, x2)", {"missing", "drop", "scale", "none", "method", "newton"}},
      {"y ~ linear(x1, x2)", {"missing", "drop", "weight", "e"}},
      {"y ~ linear(x1, x2)", {"missing", "drop", "sigma", "e"}},
      {"y ~ linear(x1, x2)", {"missing", "drop", "memory", "100000", "validate", "0.3"}},
      {"y ~ linear(x1, x2, x1*x2)", {"missing", "drop", "method", "adam", "epochs", "2"}},
      {"y ~ linear(x1, x2)", {"missing", "drop", "loss", "absolute", "where", "e > 1.5"}},
      {"y ~ poly(x2, 4)", {"missing", "drop"}},
      {"y > 1e4 - 1e5 ~ linear(x1, x2)", {"missing", "drop"}},
      {"y ~ a*x1 + b*(x2 - 1e5) + c*exp(-x1^2)", {"missing", "drop", "method", "lm"}},
      {"y ~ a*abs(x1) + c", {"missing", "drop", "loss", "absolute", "where", "e > 1.5"}},
  };
  nadir_table *tables[] = {of_arrays(NADIR_FLOAT64), of_arrays(NADIR_FLOAT32), of_file()};
  for (size_t k = 0; k < ND_COUNT(cases); k++) {
    const char *pairs[16] = {"precision", "double"};
    memcpy(pairs + 2, cases[k].pairs, sizeof cases[k].pairs);
    nadir_result *plain = fit_of(tables[0], cases[k].formula, pairs);
    assert_int_equal(reads, 0);
    for (size_t t = 1; t < 3; t++) {
      nadir_result *other = fit_of(tables[t], cases[k].formula, pairs);
      same_bits(plain, other);
      nadir_result_free(other);
    }
    nadir_result_free(plain);
  }
  for (size_t t = 0; t < 3; t++)
    nadir_table_free(tables[t]);
}

/* ---- a summary ---- */

enum { WIDE = 40 };

static nadir_summary *summary_of(nadir_table *table, const char *memory) {
  nadir_settings *settings = settings_of((const char *[]){"memory", memory, "threads", "1", NULL});
  nadir_summary *summary;
  chunks_read = 0;
  ok(nadir_table_summarize(table, settings, NULL, &summary, &error));
  nadir_settings_free(settings);
  return summary;
}

/* Two passes over the four chunks of floats, however many the columns; as often for each 16 where memory is short. */
static void a_summary_of_many_columns_takes_two_passes(void **state) {
  (void)state;
  nadir_table *table;
  ok(nadir_table_new(&table, ROWS, &error));
  for (size_t c = 0; c < WIDE; c++) {
    char column[8];
    snprintf(column, sizeof column, "c%zu", c);
    ok(nadir_table_add(table, column, NULL, NADIR_FLOAT32, values[c % COLUMNS], 0, &error));
  }
  nadir_summary *large = summary_of(table, "1000000000");
  assert_int_equal(chunks_read, 2 * 4);
  nadir_summary *small = summary_of(table, "100000");
  assert_int_equal(chunks_read, 3 * 2 * 4);
  for (size_t c = 0; c < WIDE; c++) {
    const nadir_column_summary *a = &large->column[c], *b = &small->column[c];
    assert_true(a->count == b->count && a->missing == b->missing && a->mean == b->mean && a->sigma == b->sigma);
    assert_true(a->min == b->min && a->q1 == b->q1 && a->median == b->median && a->q3 == b->q3 && a->max == b->max);
  }
  nadir_summary_free(large);
  nadir_summary_free(small);
  nadir_table_free(table);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_float_is_copied_and_converted_once),
      cmocka_unit_test(where_it_is_widened_changes_no_bit),
      cmocka_unit_test(a_summary_of_many_columns_takes_two_passes),
  };
  return cmocka_run_group_tests(tests, make_rows, NULL);
}
