/* Arrays and a caller's reader as tables: the same reads as of a file, NaN for missing, and the
 * reader's own errors and its close. */
#include "table_test.h"

enum { ROWS = ND_CHUNK + 10 };

static double first_values[ROWS], second_values[ROWS];

static void fill(void) {
  for (int i = 0; i < ROWS; i++) {
    first_values[i] = i;
    second_values[i] = i % 10 == 0 ? NAN : i / 8.0;
  }
}

/* Both columns of the last chunk in every way. */
static void check_last_chunk(const nd_table *table) {
  static double numbers[ND_CHUNK], equal[ND_CHUNK];
  static const char *texts[ND_CHUNK];
  size_t rows;
  nd_scratch *scratch;
  const nd_request requests[] = {
      {.kind = ND_AS_NUMBER, .column = 1, .numbers = numbers},
      {.kind = ND_AS_EQUAL, .column = 0, .numbers = equal, .equals = "4097 "},
      {.kind = ND_AS_TEXT, .column = 1, .texts = texts}};
  assert_int_equal(nd_table_rows(table), ROWS);
  assert_int_equal(nd_scratch_new(&scratch, table, NULL), NADIR_OK);
  assert_int_equal(nd_table_read(table, 1, requests, 3, scratch, &rows, NULL), NADIR_OK);
  assert_int_equal(rows, 10);
  assert_memory_equal(numbers, second_values + ND_CHUNK, 10 * sizeof(double));
  assert_true(equal[0] == 0 && equal[1] == 1 && equal[2] == 0);
  assert_string_equal(texts[1], "512.125");
  assert_null(texts[4]); /* row 4100 */
  nd_scratch_free(scratch);
}

static void arrays_are_a_table(void **state) {
  (void)state;
  fill();
  const nd_array arrays[] = {{.name = "a", .values = first_values},
                             {.name = "b", .unit = "Mpc", .values = second_values}};
  nd_table *table;
  assert_int_equal(nd_table_from_arrays(&table, arrays, 2, ROWS, NULL), NADIR_OK);
  assert_string_equal(nd_table_column(table, 0)->unit, "");
  assert_string_equal(nd_table_column(table, 1)->unit, "Mpc");
  check_last_chunk(table);
  char digest[ND_DIGEST_TEXT], other[ND_DIGEST_TEXT];
  nd_table_digest(table, digest);
  nd_table_close(table);
  second_values[1] = 7;
  assert_int_equal(nd_table_from_arrays(&table, arrays, 2, ROWS, NULL), NADIR_OK);
  nd_table_digest(table, other);
  assert_string_not_equal(other, digest);
  nd_table_close(table);
}

static void arrays_that_make_no_table_are_refused(void **state) {
  (void)state;
  const nd_array cases[][2] = {
      {{.name = "a", .values = first_values}, {.name = "a", .values = first_values}},
      {{.name = "a", .values = first_values}, {.name = "", .values = first_values}},
      {{.name = "a", .values = first_values}, {.name = NULL, .values = first_values}},
      {{.name = "a", .values = first_values}, {.name = "b", .values = NULL}}};
  nd_table *table;
  nadir_error error = {0};
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    assert_int_equal(nd_table_from_arrays(&table, cases[i], 2, 1, &error), NADIR_BAD_DATA);
    assert_null(table);
  }
  assert_int_equal(nd_table_from_arrays(&table, cases[0], 1, 0, &error), NADIR_OK);
  assert_int_equal(nd_table_chunks(table), 0);
  nd_table_close(table);
}

static void what_is_added_is_checked(void **state) {
  (void)state;
  const nd_array good = {.name = "a", .values = first_values};
  const nd_array wrong[] = {{.name = NULL, .values = NULL},
                            {.name = "b", .values = first_values, .type = (nadir_number_type)77},
                            {.name = NULL, .values = first_values, .type = (nadir_number_type)77}};
  static const char *const says[] = {"arrays: column  has no values",
                                     "arrays: column b: type 77 is not",
                                     "arrays: column : type 77 is not"};
  nd_table *table;
  nadir_error error = {0};
  for (size_t i = 0; i < ND_COUNT(wrong); i++) {
    assert_int_equal(nd_table_from_arrays(&table, &wrong[i], 1, 5, &error), NADIR_BAD_DATA);
    assert_memory_equal(error.message, says[i], strlen(says[i]));
  }
  const nd_array none = {.name = "a", .values = NULL};
  assert_int_equal(nd_table_from_arrays(&table, &none, 1, 0, &error), NADIR_OK); /* of no rows */
  nd_table_close(table);
  assert_int_equal(nd_table_from_arrays(&table, &good, 1, UINT64_MAX, &error), NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, "more rows than can be counted"));
}

/* Blanks alone are the text of no number; a double leaves nothing out of itself. */
static void numbers_have_no_rest(void **state) {
  (void)state;
  static float floats[3] = {0.5f, NAN, 2};
  const nd_array arrays[] = {{.name = "d", .values = second_values},
                             {.name = "f", .values = floats, .type = NADIR_FLOAT32}};
  double rest[3], equal[3], number[3];
  size_t rows;
  nd_table *table;
  nd_scratch *scratch;
  fill();
  assert_int_equal(nd_table_from_arrays(&table, arrays, 2, 3, NULL), NADIR_OK);
  assert_int_equal(nd_table_room(table), 16);
  nd_request requests[] = {{.kind = ND_AS_REST, .column = 0, .numbers = rest},
                           {.kind = ND_AS_EQUAL, .column = 0, .numbers = equal, .equals = "  "},
                           {.kind = ND_AS_NUMBER, .column = 1, .numbers = number}};
  assert_int_equal(nd_scratch_new(&scratch, table, NULL), NADIR_OK);
  assert_int_equal(nd_table_read(table, 0, requests, 3, scratch, &rows, NULL), NADIR_OK);
  assert_true(isnan(rest[0]) && rest[1] == 0 && rest[2] == 0);
  assert_true(isnan(equal[0]) && equal[1] == 0 && equal[2] == 0);
  assert_true(number[0] == 0.5 && isnan(number[1]) && number[2] == 2);
  nd_text where = {0};
  assert_int_equal(nd_table_where(table, 2, &where, NULL), NADIR_OK);
  assert_string_equal(where.data, "arrays:row 3");
  nd_text_free(&where);
  nd_scratch_free(scratch);
  nd_table_close(table);
}

/* Of long arrays the digest looks at both ends. */
static void digests_look_at_both_ends(void **state) {
  (void)state;
  enum { LENGTH = 40000 };
  double *values = calloc(LENGTH, sizeof *values);
  const nd_array array = {.name = "a", .values = values};
  static const size_t places[] = {0, 5, LENGTH - 1};
  char digests[4][ND_DIGEST_TEXT];
  for (size_t i = 0; i < 4; i++) {
    nd_table *table;
    if (i > 0) values[places[i - 1]] += 1;
    assert_int_equal(nd_table_from_arrays(&table, &array, 1, LENGTH, NULL), NADIR_OK);
    assert_int_equal(nd_table_room(table), ND_CHUNK);
    nd_table_digest(table, digests[i]);
    nd_table_close(table);
    for (size_t k = 0; k < i; k++)
      assert_string_not_equal(digests[i], digests[k]);
  }
  free(values);
}

/* An array of float of any stride gives its floats; one of double has none to give. */
static void floats_are_read_as_they_are(void **state) {
  (void)state;
  typedef struct pair {
    char flag;
    float value;
  } __attribute__((packed)) pair;
  static pair pairs[ROWS];
  static float singles[ND_CHUNK];
  fill();
  for (int i = 0; i < ROWS; i++)
    pairs[i].value = i % 7 == 0 ? NAN : (float)i / 3;
  const nd_array arrays[] = {{.name = "a", .values = first_values},
                             {.name = "b",
                              .values = (const char *)&pairs[ROWS - 1] + 1,
                              .type = NADIR_FLOAT32,
                              .stride = -(ptrdiff_t)sizeof(pair)}};
  nd_request request = {.kind = ND_AS_SINGLE, .column = 1, .singles = singles};
  size_t rows;
  nd_table *table;
  nd_scratch *scratch;
  nadir_error error = {0};
  assert_int_equal(nd_table_from_arrays(&table, arrays, 2, ROWS, NULL), NADIR_OK);
  assert_int_equal(nd_scratch_new(&scratch, table, NULL), NADIR_OK);
  assert_int_equal(nd_table_read(table, 1, &request, 1, scratch, &rows, NULL), NADIR_OK);
  assert_int_equal(rows, 10);
  for (int i = 0; i < 10; i++)
    assert_memory_equal(&singles[i], &pairs[9 - i].value, sizeof(float));
  request.column = 0;
  assert_int_equal(nd_table_read(table, 0, &request, 1, scratch, &rows, &error), NADIR_BAD_DATA);
  assert_string_equal(error.message,
                      "arrays: column a is not exact in float32: read it as numbers");
  nd_scratch_free(scratch);
  nd_table_close(table);
}

typedef struct mine {
  int calls, closed;
  nadir_status fails;
  const char *words;
} mine;

static nadir_status read_mine(void *context, uint64_t first, size_t count, double *const *out,
                              nadir_error *error) {
  mine *m = context;
  const double *const values[] = {first_values, second_values};
  m->calls++;
  if (m->fails != NADIR_OK) {
    if (m->words != NULL) snprintf(error->message, sizeof error->message, "%s", m->words);
    return m->fails;
  }
  for (int c = 0; c < 2; c++)
    if (out[c] != NULL) memcpy(out[c], values[c] + first, count * sizeof(double));
  return NADIR_OK;
}

static void close_mine(void *context) {
  ((mine *)context)->closed++;
}

static void a_reader_is_a_table(void **state) {
  (void)state;
  static const char *const names[] = {"a", "b"};
  mine m = {0};
  nadir_reader reader = {.bytes = sizeof(nadir_reader),
                         .context = &m,
                         .columns = 2,
                         .names = names,
                         .rows = ROWS,
                         .read = read_mine,
                         .close = close_mine};
  double numbers[ND_CHUNK];
  size_t rows;
  nadir_error error = {0};
  nd_table *table;
  fill();
  assert_int_equal(nd_table_from_reader(&table, &reader, NULL), NADIR_OK);
  check_last_chunk(table);
  assert_int_equal(m.calls, 1);
  const nd_array more = {.name = "c", .values = first_values};
  assert_int_equal(nd_table_add(table, &more, &error), NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, "reader: a column can be added only to a table"));
  m.fails = NADIR_SYSTEM;
  assert_int_equal(read_numbers(table, 0, 0, numbers, &rows, &error), NADIR_SYSTEM);
  assert_string_equal(error.message, "reader:row 1: the reader failed without saying why");
  m.words = "the telescope is closed";
  assert_int_equal(read_numbers(table, 0, 0, numbers, &rows, &error), NADIR_SYSTEM);
  assert_string_equal(error.message, m.words);
  nd_table_close(table);
  assert_int_equal(m.closed, 1);
  reader.read = NULL;
  assert_int_equal(nd_table_from_reader(&table, &reader, &error), NADIR_BAD_DATA);
  assert_null(table);
  reader.read = read_mine;
  reader.names = NULL;
  assert_int_equal(nd_table_from_reader(&table, &reader, &error), NADIR_BAD_DATA);
  reader.names = names;
  reader.columns = 0;
  assert_int_equal(nd_table_from_reader(&table, &reader, &error), NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, "a table without columns"));
  reader.columns = 2;
  reader.bytes = 1;
  assert_int_not_equal(nd_table_from_reader(&table, &reader, &error), NADIR_OK);
  static const char *const twins[] = {"a", "a"};
  reader.bytes = sizeof reader;
  reader.names = twins;
  assert_int_equal(nd_table_from_reader(&table, &reader, &error), NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, "both named a"));
  assert_int_equal(m.closed, 1); /* what was not taken is not closed */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(arrays_are_a_table),
      cmocka_unit_test(arrays_that_make_no_table_are_refused),
      cmocka_unit_test(what_is_added_is_checked),
      cmocka_unit_test(numbers_have_no_rest),
      cmocka_unit_test(digests_look_at_both_ends),
      cmocka_unit_test(floats_are_read_as_they_are),
      cmocka_unit_test(a_reader_is_a_table),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
