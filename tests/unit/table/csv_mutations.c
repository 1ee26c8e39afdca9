/* Damaged text: thousands of seeded mutations of small tables are opened and read in every way.
 * Each ends in rows or in a sentence that names the file; the sanitizers see to the rest. What was
 * read also obeys the reader's own promises: the same answer twice, chunk by chunk and row by row.
 */
#include "table_test.h"

static const char *const seeds[] = {
    "a,b,c\n1,2,3\n4,5,6\n7,,NA\n",
    "name;x;y\r\n\"M 31\";1.5;true\r\n\"say \"\"hi\"\"\";2e3;false\r\n\r\n# c\r\n;;\r\n",
    "#F:U;F:G;D:Z\n1.0,2.0,3.0\n-1d5,inf,nan\n",
    "| a | b |\n| 1 | x |\n| 2 | y |\n",
    "  ra   dec name\n 1.5 2.5 \"a b\"\n 3 4 c\n",
    "id\tv\n10N\tS\n1\tx\n2\t\n",
    "# 1 NUMBER id\n# 2 FLUX\n1 2.5\n2 3.5\n",
    "\xef\xbb\xbf\"a\nb\",c\n\"1\n\",2\n\"\"\"\",\"\"\n",
    "a\n\n1\n\"\"\n2",
    "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: a, unit: m / s, x: [1, {b: 'c'}]}\n# - {name: b, "
    "unit: !u {unit: \"k\\\"g\"}, description: of\n#     it}\na b\n1 2\n",
    "# %ECSV 1.0\n# datatype:\n# -\n#   name: a\n#   unit: 'm''s'\n# - name: b\n#   unit: "
    "~\na,b\n1,2\n",
};

static const char pool[] = "\",;|\t \n\r#-+.019aeEdNx\\\xff\xef{}[]:'!~";

static size_t mutate(nd_random *random, char *text, size_t size, size_t capacity) {
  for (uint64_t changes = 1 + nd_random_below(random, 6); changes > 0 && size > 0; changes--) {
    size_t at = (size_t)nd_random_below(random, size);
    char c = pool[nd_random_below(random, sizeof pool - 1)];
    switch (nd_random_below(random, 5)) {
    case 0:
      text[at] = c;
      break;
    case 1: /* one more */
      if (size == capacity) break;
      memmove(text + at + 1, text + at, size - at);
      text[at] = c;
      size++;
      break;
    case 2: /* one less */
      memmove(text + at, text + at + 1, size - at - 1);
      size--;
      break;
    case 3:
      size = at;
      break; /* cut short */
    default: /* a piece again */
      if (size + (size - at) > capacity) break;
      memcpy(text + size, text + at, size - at);
      size += size - at;
    }
  }
  return size;
}

static void check_message(nadir_status status, const nadir_error *error, bool with_file) {
  if (status == NADIR_OK) return;
  assert_int_equal(status, NADIR_BAD_DATA);
  assert_int_equal(error->status, status);
  if (with_file) assert_non_null(strstr(error->message, "m.csv:"));
}

static void read_every_way(const nd_table *table) {
  double numbers[2][64], equal[64];
  const char *texts[64];
  size_t rows;
  nd_scratch *scratch;
  assert_int_equal(nd_scratch_new(&scratch, table, NULL), NADIR_OK);
  for (size_t i = 0; i < nd_table_columns(table) && nd_table_chunks(table) > 0; i++) {
    nd_request requests[] = {{.kind = ND_AS_TEXT, .column = i, .texts = texts},
                             {.kind = ND_AS_EQUAL, .column = i, .numbers = equal, .equals = "1"},
                             {.kind = ND_AS_NUMBER, .column = i, .numbers = numbers[0]},
                             {.kind = ND_AS_NUMBER, .column = i, .numbers = numbers[1]}};
    nadir_error error = {0};
    size_t count = nd_table_column(table, i)->type == ND_CELL_TEXT ? 2 : 4;
    nadir_status status = nd_table_read(table, 0, requests, count, scratch, &rows, &error);
    check_message(status, &error, true);
    if (status != NADIR_OK) continue;
    assert_int_equal(rows, nd_table_rows(table));
    for (size_t r = 0; r < rows; r++) {
      assert_int_equal(texts[r] == NULL, isnan(equal[r]));
      if (count == 4) assert_memory_equal(&numbers[0][r], &numbers[1][r], sizeof(double));
      if (count == 4) assert_int_equal(texts[r] == NULL, isnan(numbers[0][r]));
    }
  }
  nd_scratch_free(scratch);
}

static bool try_one(const char *path, char delimiter, bool no_header) {
  const double nulls[] = {-1};
  nd_table_options options = {
      .delimiter = delimiter, .no_header = no_header, .nulls = nulls, .null_count = no_header};
  nd_table *table;
  nadir_error error = {0};
  nadir_status status = nd_table_open(&table, &path, 1, &options, &error);
  check_message(status, &error, true);
  if (status != NADIR_OK) return false;
  assert_true(nd_table_columns(table) > 0 && nd_table_rows(table) <= 64);
  read_every_way(table);
  for (uint64_t row = 0; row < nd_table_rows(table); row++) {
    nd_text where = {0};
    assert_int_equal(nd_table_where(table, row, &where, NULL), NADIR_OK);
    nd_text_free(&where);
  }
  nd_table_close(table);
  return true;
}

static void damage_ends_in_rows_or_a_sentence(void **state) {
  (void)state;
  const char delimiters[] = {0, 0, 0, 0, ',', ' ', '\t', ';'};
  char text[512];
  size_t read = 0, refusals = 0;
  for (uint64_t round = 0; round < 6000; round++) {
    nd_random random = nd_random_stream(3, ND_FOR_TEST, 1, round);
    const char *seed = seeds[round % ND_COUNT(seeds)];
    memcpy(text, seed, strlen(seed));
    size_t size = mutate(&random, text, strlen(seed), 128);
    put_bytes("m.csv", text, size);
    char delimiter = delimiters[nd_random_below(&random, sizeof delimiters)];
    if (try_one("m.csv", delimiter, nd_random_below(&random, 4) == 0)) {
      read++;
    } else {
      refusals++;
    }
  }
  assert_true(read > 1000 && refusals > 1000); /* both ends of the road are walked */
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(damage_ends_in_rows_or_a_sentence)};
  return cmocka_run_group_tests(tests, enter, leave);
}
