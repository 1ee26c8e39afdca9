/* The n-th allocation, opening, read, write, fsync or rename fails, for every n, while FITS tables
 * are written and read: each time a sentence, no leak (under sanitizers), and the old file
 * untouched. */
#include "fits_test.h"

#include "base/fault_internal.h"

#define PATH "fits_faults.fits"
#define PACKED "fits_faults.fits.fz"

static nadir_status write_table(nadir_error *error) {
  void *writer;
  nd_column columns[] = {
      {.name = "k", .unit = "", .type = ND_CELL_INTEGER, .elements = 1, .format = ""},
      {.name = "t", .unit = "m", .type = ND_CELL_TEXT, .elements = 1, .format = "4A"},
      {.name = "d", .unit = "", .type = ND_CELL_REAL, .elements = 1, .format = "E"}};
  double k[] = {1, 2, (double)NAN}, d[] = {0.5, 0.1, 7};
  const char *t[] = {"a", "longer than four", NULL};
  nd_cells cells[] = {{.numbers = k}, {.texts = t}, {.numbers = d}};
  nadir_status status = nd_fits_writer.open(&writer, PATH, columns, 3, 3, error);
  if (status != NADIR_OK) {
    assert_null(writer);
    return status;
  }
  status = nd_fits_writer.rows(writer, cells, 3, error);
  if (status == NADIR_OK) status = nd_fits_writer.commit(writer, error);
  nd_fits_writer.close(writer);
  return status;
}

static nadir_status read_table(const char *path, nadir_error *error) {
  static const char *texts[ND_CHUNK];
  nd_file *file;
  nd_source *source;
  void *scratch;
  nd_table_options options = {.nulls = (const double[]){-99}, .null_count = 1};
  nadir_status status = nd_file_open(&file, path, error);
  if (status == NADIR_OK) status = nd_fits_open(&source, file, &options, error);
  if (status != NADIR_OK) return status;
  status = source->class->scratch_new(&scratch, source, error);
  for (size_t c = 0; c < source->column_count && status == NADIR_OK; c++) {
    nd_request request = {.kind = ND_AS_TEXT, .column = c, .texts = texts};
    status = source->class->read(source, 0, (size_t)source->rows, 0, &request, 1, scratch, error);
  }
  if (scratch != NULL) source->class->scratch_free(scratch);
  source->class->close(source);
  return status;
}

static nadir_status read_plain(nadir_error *error) {
  return read_table(PATH, error);
}

static nadir_status read_packed(nadir_error *error) {
  return read_table(PACKED, error);
}

/* Fails call after call, once and for good, until a run makes fewer calls than that. */
static size_t walk(nadir_status (*run)(nadir_error *error),
                   nadir_status (*unharmed)(nadir_error *error)) {
  static const char *const kinds[] = {"memory", "open", "read", "write", "fsync", "rename"};
  size_t failures = 0;
  for (size_t kind = 0; kind < ND_COUNT(kinds); kind++)
    for (int on = 0; on < 2; on++)
      for (int n = 1;; n++) {
        char what[64];
        nadir_error error = {0};
        snprintf(what, sizeof what, "%s:%d%s", kinds[kind], n, on ? ":on" : "");
        assert_true(nd_fault_set(what));
        nadir_status status = run(&error);
        assert_true(nd_fault_set(NULL));
        if (status == NADIR_OK) break;
        failures++;
        assert_true(nadir_exit_status(status) == 3 || status == NADIR_BAD_PATH);
        assert_true(error.message[0] != '\0');
        assert_int_equal(unharmed(&error), NADIR_OK);
      }
  return failures;
}

static void every_call_fails_once(void **state) {
  (void)state;
  nadir_error error;
  const char *names[] = {"k", "e"}, *forms[] = {"1J", "1E"};
  int status = 0;
  fitsfile *f, *packed;
  unlink(PATH);
  unlink(PACKED);
  fits_create_diskfile(&f, PATH, &status);
  fits_create_tbl(f, BINARY_TBL, 40, 2, (char **)names, (char **)forms, NULL, "T", &status);
  int last = 7;
  fits_write_col(f, TINT, 1, 40, 1, 1, &last, &status);
  fits_write_col(f, TINT, 2, 40, 1, 1, &last, &status);
  fits_create_diskfile(&packed, PACKED, &status);
  fits_create_img(packed, 8, 0, NULL, &status);
  fits_compress_table(f, packed, &status);
  fits_close_file(packed, &status);
  fits_close_file(f, &status);
  assert_cfitsio(status);
  assert_int_equal(write_table(&error), NADIR_OK);
  size_t writing = walk(write_table, read_plain), reading = walk(read_plain, read_plain),
         unpacking = walk(read_packed, read_packed);
  print_message("%zu failures in writing, %zu in reading, %zu in unpacking\n", writing, reading,
                unpacking);
  assert_true(writing > 20 && reading > 20 && unpacking > 20);
  unlink(PATH);
  unlink(PACKED);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_call_fails_once)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
