/* Every allocation, open, read and write of a small table's life fails in turn, once and for good:
 * each ends in a sentence with status NO_MEMORY or SYSTEM, nothing leaks (the sanitizers look), no
 * output is left behind, and the run after the last call that exists succeeds. Built with
 * NADIR_FAULTS alone. */
#include "table_test.h"

#include "base/fault_internal.h"

#include <zlib.h>

static nadir_status read_everything(const nd_table *table, nadir_error *error) {
  static double numbers[ND_CHUNK], equal[ND_CHUNK];
  static const char *texts[ND_CHUNK];
  const nd_request requests[] = {
      {.kind = ND_AS_NUMBER, .column = 1, .numbers = numbers},
      {.kind = ND_AS_EQUAL, .column = 0, .numbers = equal, .equals = "a \"b"},
      {.kind = ND_AS_TEXT, .column = 0, .texts = texts}};
  nd_scratch *scratch;
  size_t rows;
  ND_TRY(nd_scratch_new(&scratch, table, error));
  nadir_status status = NADIR_OK;
  for (size_t c = 0; status == NADIR_OK && c < nd_table_chunks(table); c++)
    status = nd_table_read(table, c, requests, 3, scratch, &rows, error);
  nd_scratch_free(scratch);
  return status;
}

static nadir_status read_files(nadir_error *error) {
  const double nulls[] = {-99};
  const nd_table_options options = {.nulls = nulls, .null_count = 1};
  const char *const paths[] = {"f.csv", "f.csv.gz"};
  nd_text where = {0};
  nd_table *table;
  ND_TRY(nd_table_open(&table, paths, 2, &options, error));
  nadir_status status = read_everything(table, error);
  if (status == NADIR_OK) status = nd_table_where(table, 3, &where, error);
  nd_text_free(&where);
  nd_table_close(table);
  return status;
}

static nadir_status read_arrays(nadir_error *error) {
  const double values[] = {1, 2, NAN};
  const nd_array arrays[] = {{.name = "a", .unit = "m", .values = values}, {.name = "b", .values = values}};
  nd_table *table;
  ND_TRY(nd_table_from_arrays(&table, arrays, 2, 3, error));
  nadir_status status = read_everything(table, error);
  nd_table_close(table);
  return status;
}

static nadir_status write_rows(nadir_error *error) {
  const nd_column column = {
      .name = "x", .unit = "", .type = ND_CELL_REAL, .elements = 1, .format = ""};
  const double values[] = {1, 2.5, NAN};
  const nd_cells cells = {.numbers = values};
  nd_writer *writer;
  ND_TRY(nd_writer_open(&writer, "out.csv", &column, 1, 3, error));
  nadir_status status = nd_writer_rows(writer, &cells, 3, error);
  if (status == NADIR_OK) status = nd_writer_commit(writer, error);
  nd_writer_close(writer);
  return status;
}

static size_t entries(void) {
  size_t count = 0;
  DIR *directory = opendir(test_directory);
  while (readdir(directory) != NULL)
    count++;
  closedir(directory);
  return count;
}

/* The number of calls that were made to fail. */
static size_t walk(nadir_status (*life)(nadir_error *error), const char *kind, const char *tail) {
  char what[64];
  size_t before = entries();
  for (size_t n = 1; n < 10000; n++) {
    nadir_error error = {0};
    snprintf(what, sizeof what, "%s:%zu%s", kind, n, tail);
    assert_true(nd_fault_set(what));
    nadir_status status = life(&error);
    assert_true(nd_fault_set(NULL));
    if (status == NADIR_OK) return n - 1;
    if (nadir_exit_status(status) != 3) fail_msg("%s: %d %s", what, status, error.message);
    assert_true(error.message[0] != '\0');
    assert_int_equal(entries(), before);
  }
  fail();
  return 0;
}

static void put_files(void) {
  static const char numbers[] = "s,x\n\"a \"\"b\",1\n\"two\nlines\",-99\nNA,\n#c\nz,3\n";
  put("f.csv", numbers);
  gzFile packed = gzopen("f.csv.gz", "wb");
  assert_int_equal(gzwrite(packed, numbers, sizeof numbers - 1), sizeof numbers - 1);
  assert_int_equal(gzclose(packed), Z_OK);
}

static void every_call_may_fail(void **state) {
  (void)state;
  const char *const tails[] = {"", ":on"};
  put_files();
  for (size_t i = 0; i < 2; i++) {
    assert_true(walk(read_files, "memory", tails[i]) > 20);
    assert_true(walk(read_files, "open", tails[i]) >= 3);
    assert_true(walk(read_files, "read", tails[i]) > 5);
    assert_true(walk(read_files, "write", tails[i]) >= 1);
    assert_true(walk(read_arrays, "memory", tails[i]) > 5);
    assert_true(walk(write_rows, "memory", tails[i]) > 3);
    unlink("out.csv");
    assert_true(walk(write_rows, "write", tails[i]) >= 1);
    unlink("out.csv");
    assert_true(walk(write_rows, "fsync", tails[i]) >= 1);
    unlink("out.csv");
    assert_true(walk(write_rows, "rename", tails[i]) >= 1);
    unlink("out.csv");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_call_may_fail)};
  return cmocka_run_group_tests(tests, enter, leave);
}
