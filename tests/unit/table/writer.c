/* The CSV writer: what is written byte for byte, and that our reader gives the same cells back. */
#include "table_test.h"

static void write_one(const char *path, const nd_column *columns, size_t count,
                      const nd_cells *cells, size_t rows) {
  nd_writer *writer;
  nadir_error error = {0};
  if (nd_writer_open(&writer, path, columns, count, rows, &error) != NADIR_OK)
    fail_msg("%s", error.message);
  assert_int_equal(nd_writer_rows(writer, cells, rows, NULL), NADIR_OK);
  assert_int_equal(nd_writer_commit(writer, NULL), NADIR_OK);
  nd_writer_close(writer);
}

static void check_file(const char *path, const char *expected) {
  char *text;
  size_t size;
  assert_int_equal(nd_file_slurp(path, 1 << 20, &text, &size, NULL), NADIR_OK);
  assert_string_equal(text, expected);
  nd_free(text);
}

static const nd_column all_types[] = {
    {.name = "x", .unit = "", .type = ND_CELL_REAL, .elements = 1, .format = ""},
    {.name = "id", .unit = "", .type = ND_CELL_INTEGER, .elements = 1, .format = ""},
    {.name = "objid", .unit = "", .type = ND_CELL_INTEGER, .elements = 1, .format = ""},
    {.name = "ok", .unit = "", .type = ND_CELL_TRUTH, .elements = 1, .format = ""},
    {.name = "a, \"b\"", .unit = "", .type = ND_CELL_TEXT, .elements = 1, .format = ""}};
static const double reals[] = {0.1, -1e300, NAN, 5};
static const double integers[] = {1e15, -3, NAN, 9007199254740991};
static const char *const objids[] = {"1237656971301945477", "-1", NULL, "9223372036854775807"};
static const double truths[] = {1, 0, NAN, 1};
static const char *const words[] = {"M 31", "say \"hi\",\nso", NULL, "#1 "};
static const nd_cells all_cells[] = {{.numbers = reals},
                                     {.numbers = integers},
                                     {.texts = objids},
                                     {.numbers = truths},
                                     {.texts = words}};

static void csv_byte_for_byte(void **state) {
  (void)state;
  write_one("w.csv", all_types, 5, all_cells, 4);
  check_file("w.csv", "x,id,objid,ok,\"a, \"\"b\"\"\"\n"
                      "0.1,1000000000000000,1237656971301945477,true,M 31\n"
                      "-1e300,-3,-1,false,\"say \"\"hi\"\",\nso\"\n"
                      ",,,,\n"
                      "5,9007199254740991,9223372036854775807,true,\"#1 \"\n");
}

static void what_is_written_is_read_back(void **state) {
  (void)state;
  const char *const paths[] = {"w.csv", "w.tsv", "w.dat", "w.tab"};
  for (size_t i = 0; i < ND_COUNT(paths); i++) {
    write_one(paths[i], all_types, 5, all_cells, 4);
    nd_table *table = open_one(paths[i], NULL);
    char *reads = describe(table);
    assert_string_equal(reads, "x:R id:I objid:I ok:B a, \"b\":T"
                               " | 0.1 1000000000000000 1237656971301945477 true M 31"
                               " | -1e300 -3 -1 false say \"hi\",\nso | - - - - -"
                               " | 5 9007199254740991 9223372036854775807 true #1 ");
    nd_free(reads);
    nd_table_close(table);
  }
  char *text;
  size_t size;
  assert_int_equal(nd_file_slurp("w.tsv", 1 << 20, &text, &size, NULL), NADIR_OK);
  assert_non_null(strstr(text, "x\tid\tobjid"));
  nd_free(text);
}

/* What a reader would take for something else is in quotes; integers of doubles are written in full where they are
 * exact. */
static void cells_keep_their_meaning(void **state) {
  (void)state;
  static const char *const odd[] = {"", " a", "a ", "\tb", "b\t", "c\td", "#e", "f#", "g\rh"};
  static const double whole[] = {0x1p53, 0.5, -0x1p53, 7, 1e300, -7, 0, 1, 2};
  const nd_column columns[] = {
      {.name = "t", .unit = "", .type = ND_CELL_TEXT, .elements = 1, .format = ""},
      {.name = "k", .unit = "", .type = ND_CELL_INTEGER, .elements = 1, .format = ""}};
  const nd_cells cells[] = {{.texts = odd}, {.numbers = whole}};
  write_one("odd.csv", columns, 2, cells, ND_COUNT(odd));
  check_file("odd.csv",
             "t,k\n\"\",9007199254740992\n\" a\",0.5\n\"a \",-9007199254740992\n\"\tb\",7\n"
             "\"b\t\",1e300\nc\td,-7\n\"#e\",0\nf#,1\n\"g\rh\",2\n");
  write_one("odd.tab", columns, 2, cells, ND_COUNT(odd));
  nd_table *table = open_one("odd.tab", NULL);
  const char *texts[ND_CHUNK];
  size_t rows;
  nd_scratch *scratch;
  nd_request request = {.kind = ND_AS_TEXT, .column = 0, .texts = texts};
  assert_int_equal(nd_scratch_new(&scratch, table, NULL), NADIR_OK);
  assert_int_equal(nd_table_read(table, 0, &request, 1, scratch, &rows, NULL), NADIR_OK);
  assert_null(texts[0]); /* of a text that is empty a reader cannot know */
  for (size_t i = 1; i < ND_COUNT(odd); i++)
    assert_string_equal(texts[i], odd[i]);
  nd_scratch_free(scratch);
  nd_table_close(table);
}

static void formats_follow_from_names(void **state) {
  (void)state;
  static const struct {
    const char *path, *begins;
  } cases[] = {{"w.fits", "SIMPLE"},
               {"w.fit", "SIMPLE"},
               {"w.FITS", "SIMPLE"},
               {".fits", "x,id"},
               {"fits", "x,id"}};
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    char *text;
    size_t size;
    write_one(cases[i].path, all_types, 2, all_cells, 4);
    assert_int_equal(nd_file_slurp(cases[i].path, 1 << 20, &text, &size, NULL), NADIR_OK);
    assert_memory_equal(text, cases[i].begins, strlen(cases[i].begins));
    nd_free(text);
  }
}

static void columns_that_no_memory_holds(void **state) {
  (void)state;
  nd_column columns[] = {all_types[0], all_types[1]};
  nd_writer *writer;
  nadir_error error = {0};
  columns[0].elements = SIZE_MAX;
  assert_int_equal(nd_writer_open(&writer, "w.csv", columns, 2, 0, &error), NADIR_NO_MEMORY);
  assert_non_null(strstr(error.message, "too many columns for the memory"));
  assert_null(writer);
}

/* Seeded doubles of every size come back to the last bit. */
static void doubles_survive(void **state) {
  (void)state;
  static double values[ND_CHUNK], back[ND_CHUNK];
  nd_random random = nd_random_stream(11, ND_FOR_TEST, 0, 0);
  for (size_t i = 0; i < ND_CHUNK; i++) {
    uint64_t bits = (uint64_t)nd_random_u32(&random) << 32 | nd_random_u32(&random);
    memcpy(&values[i], &bits, sizeof bits);
    if (!isfinite(values[i])) values[i] = (double)i;
  }
  const nd_cells cells = {.numbers = values};
  size_t rows;
  write_one("d.csv", all_types, 1, &cells, ND_CHUNK);
  nd_table *table = open_one("d.csv", NULL);
  assert_int_equal(read_numbers(table, 0, 0, back, &rows, NULL), NADIR_OK);
  assert_int_equal(rows, ND_CHUNK);
  assert_memory_equal(values, back, sizeof values);
  nd_table_close(table);
}

static void a_missing_cell_alone_is_a_row(void **state) {
  (void)state;
  const double values[] = {NAN, 2, NAN};
  const nd_cells cells = {.numbers = values};
  write_one("m.csv", all_types, 1, &cells, 3);
  check_file("m.csv", "x\n\"\"\n2\n\"\"\n");
  nd_table *table = open_one("m.csv", NULL);
  char *reads = describe(table);
  assert_string_equal(reads, "x:I | - | 2 | -");
  nd_free(reads);
  nd_table_close(table);
}

static void a_vector_is_several_cells(void **state) {
  (void)state;
  const nd_column columns[] = {
      {.name = "flux", .unit = "", .type = ND_CELL_REAL, .elements = 2, .format = ""},
      {.name = "n", .unit = "", .type = ND_CELL_INTEGER, .elements = 1, .format = ""}};
  const double a[] = {1}, b[] = {2.5}, n[] = {3};
  const nd_cells cells[] = {{.numbers = a}, {.numbers = b}, {.numbers = n}};
  write_one("v.csv", columns, 2, cells, 1);
  check_file("v.csv", "flux[1],flux[2],n\n1,2.5,3\n");
}

static void nothing_appears_without_commit(void **state) {
  (void)state;
  nd_writer *writer;
  put("old.csv", "old\n");
  assert_int_equal(nd_writer_open(&writer, "old.csv", all_types, 5, 4, NULL), NADIR_OK);
  assert_int_equal(nd_writer_rows(writer, all_cells, 4, NULL), NADIR_OK);
  nd_writer_close(writer);
  check_file("old.csv", "old\n");
  nadir_error error = {0};
  assert_int_not_equal(nd_writer_open(&writer, "no/such/place.csv", all_types, 5, 4, &error),
                       NADIR_OK);
  assert_null(writer);
  nd_writer_close(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(csv_byte_for_byte),
      cmocka_unit_test(what_is_written_is_read_back),
      cmocka_unit_test(doubles_survive),
      cmocka_unit_test(a_missing_cell_alone_is_a_row),
      cmocka_unit_test(a_vector_is_several_cells),
      cmocka_unit_test(nothing_appears_without_commit),
      cmocka_unit_test(cells_keep_their_meaning),
      cmocka_unit_test(formats_follow_from_names),
      cmocka_unit_test(columns_that_no_memory_holds),
  };
  return cmocka_run_group_tests(tests, enter, leave);
}
