/* Every kind of table, opened and read in every way, while the n-th allocation, opening, read or write fails, for
 * every n, once and for good: each ends in a sentence with the status of what failed, nothing leaks (the sanitizers
 * look), and what comes after the last call that exists is right. Names, units and rows are longer than the pieces in
 * which memory is taken, so that every place that takes some is the one that fails. */
#include "fits_made.h"
#include "table_test.h"

#include "base/fault_internal.h"

enum {
  LONG = 20000,   /* a text that gets memory of its own */
  LINE = 1 << 18, /* a line that fills the buffer */
  FEW = 1100,     /* columns of which the lists have memory of their own */
  MANY = 20000    /* columns of which even truth values have */
};

typedef struct life {
  const char *name;
  const char *paths[12];
  const double *nulls;
  size_t null_count;
  const char *says_at_last; /* the message where nothing fails; NULL: it is read */
} life;

/* ---- the files ---- */

static void many(FILE *file, size_t count, const char *text) {
  for (size_t i = 0; i < count; i++)
    fputs(text, file);
}

static void row_of(FILE *file, size_t count, const char *cell) {
  for (size_t i = 0; i < count; i++)
    fprintf(file, "%s%s", i > 0 ? "," : "", cell);
  fputc('\n', file);
}

static void put_quoted(void) {
  FILE *file = fopen("quoted.csv", "w");
  fputs("s,x\n\"a \"\"b\",1\n\"two\nlines\",-99\nNA,\n#c\nz,3\n\"", file);
  many(file, 70000, "\"\"");
  fputs("\",4\n\"", file);
  fputs("\n", file);
  many(file, LINE + 9, "y");
  fputs("\",5\n", file);
  fclose(file);
}

static void put_texts(void) {
  FILE *file = fopen("texts.csv", "w");
  for (int i = 0; i < 3; i++)
    row_of(file, FEW,
           i > 0 ? "12.5 and a word of more than sixty bytes in all that is cut short" : "\"\"");
  fclose(file);
}

static void put_described(void) {
  FILE *file = fopen("described.txt", "w");
  fputs("# Column 1: ", file);
  many(file, LONG, "n");
  fputs(" [", file);
  many(file, LONG, "u");
  fputs(", f", file);
  many(file, LONG, "4");
  fputs("(3), ", file);
  many(file, LONG, "9");
  fputs("]\n", file);
  row_of(file, FEW, "1");
  fclose(file);
  file = fopen("sextracted.txt", "w");
  fputs("# 1 ", file);
  many(file, LONG, "n");
  fputs("\n# 3 B\n1 2 3\n", file);
  fclose(file);
}

static void put_commented(void) {
  FILE *file = fopen("commented.txt", "w");
  fputs("# ", file);
  many(file, LONG, "n");
  fputs(" b\n# [", file);
  many(file, LONG, "u");
  fputs("] [s]\n1 2\n", file);
  fclose(file);
}

/* Names, units and a ruler that each fill the buffer, so that each is read by itself. */
static void put_noted(void) {
  FILE *file = fopen("noted.txt", "w");
  static const char *const letters[] = {"n", "u", "-"};
  for (int i = 0; i < 3; i++) {
    fputs(i == 1 ? "[" : "", file);
    many(file, i == 2 ? 2 * LINE - 3 : LINE,
         letters[i]); /* the ruler fills the buffer, now twice as large */
    fputs(i == 1 ? "] [s]\n" : i == 0 ? " b\n" : " -\n", file);
  }
  fputs("1 2\n", file);
  fclose(file);
}

static void put_ecsv(void) {
  FILE *file = fopen("typed.ecsv", "w");
  fputs("# %ECSV 1.0\n# datatype:\n# - {name: a, x: [1, {b: 'c'}], unit: ", file);
  many(file, LONG, "u");
  fputs("}\n# - {name: b, unit: ~}\n# - {name: \"c\", unit: !u {unit: 'm''s'}}\n# - name: d\n#   "
        "unit: \"k\na b c d\n"
        "1 2 3 4\n",
        file);
  fclose(file);
}

static void put_rows_of(const char *path, size_t rows) {
  FILE *file = fopen(path, "w");
  fputs("a,b\n", file);
  many(file, rows, "\"1\",x\n");
  fclose(file);
}

static void put_packed(const char *path, const char *text) {
  size_t room = strlen(text) + 1024;
  unsigned char *bytes = malloc(room);
  put_bytes(path, bytes, made_gzip(text, strlen(text), bytes, room));
  free(bytes);
}

/* Longer than what is unpacked at once. */
static void put_long_packed(void) {
  enum { SIZE = 600000 };
  char *text = malloc(SIZE + 1);
  for (size_t i = 0; i < SIZE; i += 4)
    memcpy(text + i, i == 0 ? "a,b\n" : "1,2\n", 4);
  text[SIZE] = '\0';
  put_packed("long.csv.gz", text);
  free(text);
}

static void put_texts_files(void) {
  put_quoted();
  put_texts();
  put_described();
  put_commented();
  put_noted();
  put_ecsv();
  put_packed("packed.csv.gz", "s,x\n\"a\",1\nNA,2.5\n");
  put_long_packed();
  put("notations.csv", "a;b;c;d\n1,5;12:30:00;2011-03-04;true\n2,5;12:31:00;2011-03-05;false\n");
  put("one.csv", "x\n\n1\n \n3\n\n\n\n");
  put("mixed.csv", "id,500,600\n1,2,3\n");
  put("plain.csv", "1,2\n3,4\n");
  FILE *file = fopen("wide.csv", "w");
  row_of(file, MANY, "1");
  fclose(file);
  put_rows_of("100.csv", 100);
  put_rows_of("5000.csv", 5000);
  file = fopen("twins.csv", "w");
  for (int i = 0; i < 3; i++)
    many(file, LONG, "t"), fputs(i < 2 ? "," : "\n1,2,3\n", file);
  fclose(file);
  put("cat.fits", "a\n1\n");
  put("nine.csv", "a,b\n1,x\n");
  put("ragged.csv", "a,b\n1\n");
}

/* 999 columns, named or not, whose units fill a piece of memory just so. */
static void put_wide_fits(const char *path, bool named) {
  made_file f = {0};
  made_primary(&f);
  made_table(&f, "BINTABLE", 999, 2, 0, 999);
  for (size_t i = 1; i <= 999; i++) {
    made_string(&f, "TFORM", i, "1B");
    made_string(&f, "TUNIT", i, "0123456789012345678901234567890123456789");
    if (named) made_string(&f, "TTYPE", i, "a name that is continued on the next card  &");
    if (named) made_card(&f, "CONTINUE  'on which it ends'");
  }
  made_end(&f);
  unsigned char rows[2 * 999] = {0};
  made_data(&f, rows, sizeof rows);
  made_save(&f, path);
}

static void put_fits(void) {
  static const unsigned char four[4] = {1, 2, 3, 4}, rice[] = {7, 0};
  unsigned char gz[64];
  size_t size = made_gzip(four, 4, gz, sizeof gz);
  const packed_column columns[] = {
      {.form = "1B", .packing = "GZIP_1", .data = gz, .size = size},
      {.form = "1B", .packing = "RICE_1", .data = rice, .size = 2},
      {.form = "1B", .packing = "NOCOMPRESS", .data = four, .size = 4}};
  packed_table t = {
      .rows = 4, .row_bytes = 3, .tile_rows = 4, .tiles = 1, .count = 3, .columns = columns};
  made_file f = {0};
  made_packed(&f, &t);
  made_save(&f, "packed.fits");
  made_primary(&f);
  made_table(&f, "TABLE", 12, 2, 0, 2);
  made_card(&f, "TFORM1  = 'I6'");
  made_card(&f, "TBCOL1  =                    1");
  made_card(&f, "TFORM2  = 'A6'");
  made_card(&f, "TBCOL2  =                    7");
  made_end(&f);
  made_data(&f, "     1one       2   two", 24);
  made_string(&f, "XTENSION", 0, "IMAGE");
  made_number(&f, "BITPIX", "8");
  made_number(&f, "NAXIS", "0");
  made_end(&f);
  unsigned char *packed = malloc(f.size);
  size_t packed_size = made_gzip(f.bytes, f.size, packed, f.size);
  put_bytes("ascii.fits.gz", packed, packed_size);
  free(packed);
  made_save(&f, "ascii.fits");
  put_wide_fits("named.fits", true);
  put_wide_fits("nameless.fits", false);
}

/* ---- one life ---- */

static nadir_status read_chunk(const nd_table *table, size_t chunk, size_t column,
                               nd_scratch *scratch, nadir_error *error) {
  static double numbers[ND_CHUNK], rests[ND_CHUNK], equals[ND_CHUNK];
  static const char *texts[ND_CHUNK];
  size_t rows;
  const nd_request requests[] = {
      {.kind = ND_AS_TEXT, .column = column, .texts = texts},
      {.kind = ND_AS_EQUAL, .column = column, .numbers = equals, .equals = "a \"b"},
      {.kind = ND_AS_NUMBER, .column = column, .numbers = numbers},
      {.kind = ND_AS_REST, .column = column, .numbers = rests}};
  size_t count = nd_table_column(table, column)->type == ND_CELL_TEXT ? 2 : 4;
  return nd_table_read(table, chunk, requests, count, scratch, &rows, error);
}

static nadir_status read_table(const nd_table *table, nadir_error *error) {
  nd_scratch *scratch;
  nd_text where = {0};
  size_t columns = nd_table_columns(table);
  ND_TRY(nd_scratch_new(&scratch, table, error));
  nadir_status status = NADIR_OK;
  for (size_t c = 0; c < nd_table_chunks(table); c++)
    for (size_t i = 0; status == NADIR_OK && i<columns; i += columns> 9 ? columns / 2 : 1)
      status = read_chunk(table, c, i, scratch, error);
  nd_scratch_free(scratch);
  if (status == NADIR_OK) status = nd_table_where(table, nd_table_rows(table) - 1, &where, error);
  nd_text_free(&where);
  return status;
}

static nadir_status live(const life *l, nadir_error *error) {
  nd_table_options options = {.nulls = l->nulls, .null_count = l->null_count};
  nd_table *table;
  size_t count = 0;
  while (l->paths[count] != NULL)
    count++;
  nadir_status status = nd_table_open(&table, l->paths, count, &options, error);
  if (status != NADIR_OK) {
    assert_null(table);
    return status;
  }
  status = read_table(table, error);
  nd_table_close(table);
  return status;
}

/* A pipe on standard input, of which all is written before. */
static nadir_status live_on_pipe(const life *l, nadir_error *error) {
  int ends[2], kept = dup(STDIN_FILENO);
  assert_int_equal(pipe(ends), 0);
  assert_true(write(ends[1], "a,b\n1,x\n", 8) == 8);
  close(ends[1]);
  assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
  close(ends[0]);
  nadir_status status = live(l, error);
  assert_true(dup2(kept, STDIN_FILENO) >= 0);
  close(kept);
  return status;
}

/* ---- the walk ---- */

static bool ends_well(const life *l, nadir_status status, const nadir_error *error) {
  if (l->says_at_last == NULL) return status == NADIR_OK;
  return status != NADIR_OK && strstr(error->message, l->says_at_last) != NULL;
}

static size_t entries(void) {
  size_t count = 0;
  DIR *directory = opendir(test_directory);
  while (readdir(directory) != NULL)
    count++;
  closedir(directory);
  return count;
}

/* The number of calls of this kind that were made to fail. */
static size_t walk(const life *l, const char *kind, bool for_good) {
  bool pipe = strcmp(l->paths[0], "-") == 0;
  /* once for every n; for good in strides of memory, of which there is much */
  for (size_t n = 1;; n += for_good && strcmp(kind, "memory") == 0 ? 7 : 1) {
    char what[64];
    nadir_error error = {0};
    snprintf(what, sizeof what, "%s:%zu%s", kind, n, for_good ? ":on" : "");
    assert_true(nd_fault_set(what));
    nadir_status status = pipe ? live_on_pipe(l, &error) : live(l, &error);
    bool failed = nd_fault_count(strcmp(kind, "memory") == 0 ? ND_FAULT_MEMORY
                                 : strcmp(kind, "open") == 0 ? ND_FAULT_OPEN
                                 : strcmp(kind, "read") == 0 ? ND_FAULT_READ
                                                             : ND_FAULT_WRITE) >= n;
    assert_true(nd_fault_set(NULL));
    if (!failed) {
      if (!ends_well(l, status, &error)) fail_msg("%s %s: %s", l->name, what, error.message);
      return n - 1;
    }
    if (nadir_exit_status(status) != 3)
      fail_msg("%s %s: %d %s", l->name, what, (int)status, error.message);
    assert_true(error.message[0] != '\0' && error.status == status);
  }
}

static void walk_all(const life *lives, size_t count) {
  static const char *const kinds[] = {"memory", "open", "read", "write"};
  size_t before = entries(), failures = 0;
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < ND_COUNT(kinds); k++)
      for (int on = 0; on < 2; on++)
        failures += walk(&lives[i], kinds[k], on == 1);
  print_message("%zu failures\n", failures);
  assert_int_equal(entries(), before);
  assert_true(failures > 100);
}

static void each_call_for_text_may_fail(void **state) {
  (void)state;
  static const double nulls[] = {-99};
  const life lives[] = {
      {"quoted", {"quoted.csv"}, nulls, 1, NULL},
      {"packed", {"packed.csv.gz"}, nulls, 1, NULL},
      {"long packed", {"long.csv.gz"}, NULL, 0, NULL},
      {"texts", {"texts.csv"}, NULL, 0, NULL},
      {"notations", {"notations.csv"}, NULL, 0, NULL},
      {"described", {"described.txt"}, NULL, 0, NULL},
      {"sextracted", {"sextracted.txt"}, NULL, 0, NULL},
      {"commented", {"commented.txt"}, NULL, 0, NULL},
      {"noted", {"noted.txt"}, NULL, 0, NULL},
      {"typed", {"typed.ecsv"}, NULL, 0, NULL},
      {"one", {"one.csv"}, NULL, 0, NULL},
      {"mixed", {"mixed.csv"}, NULL, 0, NULL},
      {"plain", {"plain.csv"}, NULL, 0, NULL},
      {"wide", {"wide.csv"}, NULL, 0, NULL},
      {"twins", {"twins.csv"}, NULL, 0, NULL},
      {"files", {"100.csv", "5000.csv", "100.csv"}, NULL, 0, NULL},
      {"many files",
       {"nine.csv", "nine.csv", "nine.csv", "nine.csv", "nine.csv", "nine.csv", "nine.csv",
        "nine.csv", "nine.csv"},
       NULL,
       0,
       NULL},
      {"pipe", {"-"}, NULL, 0, NULL},
      {"hint", {"cat.fits[1]"}, NULL, 0, "set hdu to 1"},
      {"ragged", {"ragged.csv"}, NULL, 0, "ragged.csv:row 2: 1 cell where"},
  };
  walk_all(lives, ND_COUNT(lives));
}

static void each_call_for_fits_may_fail(void **state) {
  (void)state;
  static double nulls[3000]; /* a list with memory of its own */
  for (size_t i = 0; i < ND_COUNT(nulls); i++)
    nulls[i] = -(double)i - 1;
  const life lives[] = {
      {"ascii", {"ascii.fits"}, nulls, ND_COUNT(nulls), NULL},
      {"ascii.gz", {"ascii.fits.gz"}, NULL, 0, NULL},
      {"packed", {"packed.fits"}, NULL, 0, NULL},
      {"named", {"named.fits"}, NULL, 0, NULL},
      {"nameless", {"nameless.fits"}, NULL, 0, NULL},
  };
  walk_all(lives, ND_COUNT(lives));
}

/* Who wants no words gets the same status. */
static void failures_need_no_words(void **state) {
  (void)state;
  static const char *const kinds[] = {"memory", "read"};
  const life lives[] = {{"ascii", {"ascii.fits"}, NULL, 0, NULL},
                        {"packed", {"packed.fits"}, NULL, 0, NULL},
                        {"quoted", {"quoted.csv"}, NULL, 0, NULL},
                        {"typed", {"typed.ecsv"}, NULL, 0, NULL}};
  for (size_t i = 0; i < ND_COUNT(lives); i++)
    for (size_t k = 0; k < 2; k++)
      for (size_t n = 1;; n++) {
        char what[64];
        snprintf(what, sizeof what, "%s:%zu", kinds[k], n);
        assert_true(nd_fault_set(what));
        nadir_status status = live(&lives[i], NULL);
        assert_true(nd_fault_set(NULL));
        if (status == NADIR_OK) break;
        assert_int_equal(nadir_exit_status(status), 3);
      }
}

/* ---- memory of the caller's ---- */

static double values[ND_CHUNK];
static float floats[ND_CHUNK];
static char long_names[3][LONG + 2];

static nadir_status live_in_arrays(nadir_error *error) {
  const nd_array arrays[] = {{.name = long_names[0], .unit = long_names[1], .values = values},
                             {.name = "float", .values = floats, .type = NADIR_FLOAT32}};
  nd_table *table;
  ND_TRY(nd_table_from_arrays(&table, arrays, 2, ND_CHUNK, error));
  nadir_status status = read_table(table, error);
  nd_table_close(table);
  return status;
}

static nadir_status give(void *context, uint64_t first, size_t count, double *const *out,
                         nadir_error *error) {
  (void)context, (void)error;
  for (size_t c = 0; c < 2; c++)
    if (out[c] != NULL) memcpy(out[c], values + first, count * sizeof *values);
  return NADIR_OK;
}

static nadir_status live_in_reader(nadir_error *error) {
  const char *const names[] = {long_names[0], "b"}, *const units[] = {long_names[1], ""};
  const nadir_reader reader = {.bytes = sizeof reader,
                               .columns = 2,
                               .names = names,
                               .units = units,
                               .rows = ND_CHUNK,
                               .read = give};
  nd_table *table;
  ND_TRY(nd_table_from_reader(&table, &reader, error));
  nadir_status status = read_table(table, error);
  nd_table_close(table);
  return status;
}

static void each_call_for_memory_tables_may_fail(void **state) {
  (void)state;
  nadir_status (*const lives[])(nadir_error *) = {live_in_arrays, live_in_reader};
  for (size_t i = 0; i < ND_CHUNK; i++)
    values[i] = 1.0 / (double)(i + 3), floats[i] = (float)values[i]; /* 17 digits: 70 kB of text */
  for (size_t i = 0; i < 2; i++)
    memset(long_names[i], 'n', LONG);
  for (size_t i = 0; i < 2; i++) {
    size_t n = 1;
    for (;; n++) {
      char what[64];
      nadir_error error = {0};
      snprintf(what, sizeof what, "memory:%zu", n);
      assert_true(nd_fault_set(what));
      nadir_status status = lives[i](&error);
      assert_true(nd_fault_set(NULL));
      if (status == NADIR_OK) break;
      assert_int_equal(status, NADIR_NO_MEMORY);
      assert_true(error.message[0] != '\0');
    }
    assert_true(n > 10);
  }
}

/* ---- writers ---- */

/* 999 columns at once have lists, and long names memory, of their own. */
static nadir_status write_columns(const char *path, const nd_column *columns, size_t count,
                                  const nd_cells *cells, size_t rows, nadir_error *error) {
  nd_writer *writer;
  ND_TRY(nd_writer_open(&writer, path, columns, count, rows, error));
  nadir_status status = nd_writer_rows(writer, cells, rows, error);
  if (status == NADIR_OK) status = nd_writer_rows(writer, cells, rows / 2, error);
  if (status == NADIR_OK) status = nd_writer_commit(writer, error);
  nd_writer_close(writer);
  return status;
}

typedef struct writing {
  const char *path;
  nd_cell_type type;
  bool wide;
} writing;

static nadir_status write_life(const writing *w, nadir_error *error) {
  static const char *texts[ND_CHUNK];
  static nd_column columns[999];
  static nd_cells cells[999];
  size_t count = w->wide ? ND_COUNT(columns) : 1;
  for (size_t i = 0; i < ND_CHUNK; i++)
    texts[i] = i % 2 == 0 ? "some text of some length, which may, be quoted" : NULL;
  for (size_t i = 0; i < count; i++) {
    columns[i] = (nd_column){.name = w->wide ? "x" : long_names[0],
                             .unit = w->wide ? "" : long_names[1],
                             .type = w->type,
                             .elements = 1,
                             .format = w->wide ? "1D" : long_names[2]};
    cells[i] = w->type == ND_CELL_TEXT ? (nd_cells){.texts = texts} : (nd_cells){.numbers = values};
  }
  return write_columns(w->path, columns, count, cells, w->wide ? 3 : ND_CHUNK, error);
}

static void each_call_of_writers_may_fail(void **state) {
  (void)state;
  static const char *const kinds[] = {"memory", "open", "write", "fsync", "rename", "read"};
  const writing lives[] = {{"out.csv", ND_CELL_REAL, false},  {"out.csv", ND_CELL_TEXT, false},
                           {"out.csv", ND_CELL_REAL, true},   {"out.fits", ND_CELL_REAL, false},
                           {"out.fits", ND_CELL_TEXT, false}, {"out.fits", ND_CELL_INTEGER, false},
                           {"out.fits", ND_CELL_REAL, true}};
  for (size_t i = 0; i < 3; i++)
    memset(long_names[i], 'n', LONG);
  for (size_t i = 0; i < ND_COUNT(lives); i++) {
    size_t failures = 0;
    for (size_t k = 0; k < ND_CHUNK; k++)
      values[k] = lives[i].type == ND_CELL_INTEGER ? (double)k : 1.0 / (double)(k + 3);
    for (size_t k = 0; k < 2 * ND_COUNT(kinds); k++)
      for (size_t n = 1;; n++, failures++) {
        char what[64];
        nadir_error error = {0};
        snprintf(what, sizeof what, "%s:%zu%s", kinds[k / 2], n, k % 2 == 0 ? "" : ":on");
        assert_true(nd_fault_set(what));
        nadir_status status = write_life(&lives[i], &error);
        assert_true(nd_fault_set(NULL));
        int exists = access(lives[i].path, F_OK);
        unlink(lives[i].path);
        assert_int_equal(exists, status == NADIR_OK ? 0 : -1);
        if (status == NADIR_OK) break;
        if (nadir_exit_status(status) != 3) fail_msg("%s: %s", what, error.message);
      }
    assert_true(failures > 10);
  }
}

static int make_files(void **state) {
  if (enter(state) != 0) return -1;
  put_texts_files();
  put_fits();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_call_for_text_may_fail),
      cmocka_unit_test(each_call_for_fits_may_fail),
      cmocka_unit_test(failures_need_no_words),
      cmocka_unit_test(each_call_for_memory_tables_may_fail),
      cmocka_unit_test(each_call_of_writers_may_fail),
  };
  return cmocka_run_group_tests(tests, make_files, leave);
}
