/* The FITS writer: what it writes must be read back the same by this library and by CFITSIO, and
 * have the types, ranges, nulls and padding of the standard. */
#include <dirent.h>
#include <sys/stat.h>

#include "data_test.h"
#include "fits_test.h"

#define PATH "fits_write.fits"

static nd_column column(const char *name, nd_cell_type type, const char *format) {
  return (nd_column){.name = name, .unit = "", .type = type, .elements = 1, .format = format};
}

/* Writes `rows` rows in batches, which are ND_CHUNK long except for the last. */
static void write_table(const nd_column *columns, size_t count, const nd_cells *cells,
                        size_t cell_count, uint64_t rows) {
  nadir_error error;
  void *writer;
  nd_cells *batch = calloc(cell_count, sizeof *batch);
  if (nd_fits_writer.open(&writer, PATH, columns, count, rows, &error) != NADIR_OK)
    fail_msg("%s", error.message);
  for (uint64_t first = 0; first < rows; first += ND_CHUNK) {
    size_t n = rows - first < ND_CHUNK ? (size_t)(rows - first) : ND_CHUNK;
    for (size_t c = 0; c < cell_count; c++) {
      batch[c].numbers = cells[c].numbers == NULL ? NULL : cells[c].numbers + first;
      batch[c].texts = cells[c].texts == NULL ? NULL : cells[c].texts + first;
    }
    if (nd_fits_writer.rows(writer, batch, n, &error) != NADIR_OK) fail_msg("%s", error.message);
  }
  if (nd_fits_writer.commit(writer, &error) != NADIR_OK) fail_msg("%s", error.message);
  nd_fits_writer.close(writer);
  free(batch);
}

/* CFITSIO must accept the file, warn of nothing, and read the same numbers. */
static void check_by_cfitsio(const nd_source *source) {
  fitsfile *f;
  int status = 0;
  struct stat about;
  assert_int_equal(stat(PATH, &about), 0);
  assert_int_equal(about.st_size % 2880, 0);
  fits_open_diskfile(&f, PATH, READONLY, &status);
  fits_movabs_hdu(f, 2, NULL, &status);
  assert_cfitsio(status);
  compare_with_cfitsio(source, f);
  fits_close_file(f, &status);
  assert_cfitsio(status);
}

static void every_type_comes_back(void **state) {
  (void)state;
  enum { N = 2 * ND_CHUNK + 77 };
  static double e[N], d[N], k[N], flag[N], v0[N], v1[N], bits[3][N];
  static const char *t[N], *big[N];
  static char room[N][32];
  nd_random random = nd_random_stream(4, ND_FOR_TEST, 0, 0);
  for (size_t i = 0; i < N; i++) {
    e[i] = i % 7 == 0 ? (double)NAN : (double)(float)nd_random_normal(&random);
    d[i] = i % 11 == 0 ? (double)NAN : nd_random_normal(&random) * 1e100;
    k[i] = i % 5 == 0 ? (double)NAN : (double)i - 4000;
    flag[i] = i % 13 == 0 ? (double)NAN : i % 2;
    v0[i] = (double)i;
    v1[i] = -(double)i / 3;
    for (int b = 0; b < 3; b++)
      bits[b][i] = (i >> b) & 1;
    snprintf(room[i], sizeof room[i], "%s%zu", i % 3 == 0 ? "star " : "galaxy-", i);
    t[i] = i % 9 == 0 ? NULL : room[i];
    big[i] = i % 2 == 0 ? "9223372036854775807" : "-9007199254740993";
  }
  nd_column columns[] = {column("e", ND_CELL_REAL, "E"),   column("d", ND_CELL_REAL, ""),
                         column("k", ND_CELL_INTEGER, ""), column("flag", ND_CELL_TRUTH, "1L"),
                         column("v", ND_CELL_REAL, "2D"),  column("bits", ND_CELL_TRUTH, "3X"),
                         column("t", ND_CELL_TEXT, "30A"), column("big", ND_CELL_INTEGER, "K")};
  columns[4].elements = 2;
  columns[5].elements = 3;
  columns[1].unit = "km/s";
  nd_cells cells[] = {{.numbers = e},       {.numbers = d},       {.numbers = k},
                      {.numbers = flag},    {.numbers = v0},      {.numbers = v1},
                      {.numbers = bits[0]}, {.numbers = bits[1]}, {.numbers = bits[2]},
                      {.texts = t},         {.texts = big}};
  write_table(columns, ND_COUNT(columns), cells, ND_COUNT(cells), N);
  nd_source *source = open_table(PATH, NULL);
  assert_int_equal(source->rows, N);
  const char *forms[] = {"E", "1D", "1K", "1L", "2D", "3X", "30A", "K"};
  for (size_t c = 0; c < ND_COUNT(columns); c++) {
    assert_string_equal(source->columns[c].name, columns[c].name);
    assert_string_equal(source->columns[c].unit, columns[c].unit);
    assert_string_equal(source->columns[c].format, forms[c]);
    assert_int_equal(source->columns[c].type, columns[c].type);
    assert_int_equal(source->columns[c].elements, columns[c].elements);
  }
  for (size_t c = 0, cell = 0; c < 6; c++)
    for (size_t element = 0; element < columns[c].elements; element++, cell++) {
      double *got = numbers_of(source, c, element);
      for (size_t i = 0; i < N; i++)
        if (!same_bits(got[i], cells[cell].numbers[i])) fail_msg("column %zu row %zu", c, i);
      free(got);
    }
  char **text = texts_of(source, 6, 0), **whole = texts_of(source, 7, 0);
  for (size_t i = 0; i < N; i++) {
    if (t[i] == NULL)
      assert_null(text[i]);
    else
      assert_string_equal(text[i], t[i]);
    assert_string_equal(whole[i], big[i]);
  }
  free_texts(text, N);
  free_texts(whole, N);
  source->class->close(source);
}

static void small_types_agree_with_cfitsio(void **state) {
  (void)state;
  double a[] = {0, 255, 3}, s[] = {-128, 127, 5}, u[] = {0, 65535, 1}, m[] = {1, (double)NAN, 3};
  double x[] = {1, 0, 1}, l[] = {1, 0, (double)NAN};
  nd_column columns[] = {column("a", ND_CELL_INTEGER, "B"), column("s", ND_CELL_INTEGER, "B"),
                         column("u", ND_CELL_INTEGER, "I"), column("m", ND_CELL_INTEGER, "J"),
                         column("x", ND_CELL_TRUTH, "1X"),  column("l", ND_CELL_TRUTH, "L")};
  nd_cells cells[] = {{.numbers = a}, {.numbers = s}, {.numbers = u},
                      {.numbers = m}, {.numbers = x}, {.numbers = l}};
  write_table(columns, 6, cells, 6, 3);
  nd_source *source = open_table(PATH, NULL);
  check_by_cfitsio(source);
  for (size_t c = 0; c < 6; c++) {
    double *got = numbers_of(source, c, 0);
    for (int i = 0; i < 3; i++)
      assert_true(same_bits(got[i], cells[c].numbers[i]));
    free(got);
    assert_string_equal(source->columns[c].format, columns[c].format);
  }
  source->class->close(source);
}

/* What each range of integers becomes, with and without missing ones. */
static void integers_get_room(void **state) {
  (void)state;
  const struct {
    const char *format, *low, *high, *written;
    bool missing;
  } cases[] = {
      {"B", "0", "255", "B", false},
      {"B", "0", "255", "1I", true}, /* no value is left for TNULL */
      {"B", "0", "254", "B", true},
      {"B", "1", "255", "B", true},
      {"B", "-1", "127", "B", false},
      {"B", "-1", "128", "1I", false},
      {"I", "-32768", "32767", "I", false},
      {"I", "-32768", "32766", "I", true},
      {"I", "-32768", "32767", "1J", true},
      {"I", "0", "65535", "I", false},
      {"I", "0", "65536", "1J", false},
      {"J", "0", "4294967295", "J", false},
      {"J", "-1", "4294967295", "1K", false},
      {"K", "-9223372036854775808", "9223372036854775807", "K", false},
      {"K", "0", "18446744073709551615", "K", false},
      {"I10", "0", "100000", "1K", false}, /* of an ASCII table */
  };
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    nd_column columns[] = {column("k", ND_CELL_INTEGER, cases[i].format)};
    const char *texts[] = {cases[i].low, cases[i].missing ? NULL : cases[i].low, cases[i].high};
    nd_cells cells[] = {{.texts = texts}};
    write_table(columns, 1, cells, 1, 3);
    nd_source *source = open_table(PATH, NULL);
    if (strcmp(source->columns[0].format, cases[i].written) != 0)
      fail_msg("case %zu: TFORM %s, not %s", i, source->columns[0].format, cases[i].written);
    char **got = texts_of(source, 0, 0);
    if (cases[i].missing) assert_null(got[1]);
    if (source->columns[0].type == ND_CELL_INTEGER) {
      assert_string_equal(got[0], cases[i].low);
      assert_string_equal(got[2], cases[i].high);
    }
    free_texts(got, 3);
    check_by_cfitsio(source);
    source->class->close(source);
  }
}

/* Cells that no type of FITS holds to the last digit: the table is not written. */
static void digits_are_not_lost(void **state) {
  (void)state;
  const struct {
    nd_cell_type type;
    const char *texts[2];
  } cases[] = {{ND_CELL_INTEGER, {"-1", "18446744073709551615"}},
               {ND_CELL_INTEGER, {"1", "18446744073709551616"}},
               {ND_CELL_INTEGER, {"1", "-9223372036854775809"}},
               {ND_CELL_INTEGER, {"1", "1.5"}},
               {ND_CELL_INTEGER, {"1", "1e-"}},
               {ND_CELL_REAL, {"0.5", "9007199254740993"}}};
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    nd_column k = column("k", cases[i].type, "");
    nd_cells cells = {.texts = cases[i].texts};
    nd_writer *writer;
    nadir_error error = {0};
    assert_int_equal(nd_writer_open(&writer, PATH, &k, 1, 2, &error), NADIR_OK);
    nadir_status status = nd_writer_rows(writer, &cells, 2, &error);
    if (status == NADIR_OK) status = nd_writer_commit(writer, &error);
    assert_int_equal(status, NADIR_BAD_DATA);
    assert_non_null(strstr(error.message, "write a CSV file"));
    nd_writer_close(writer);
  }
}

/* Cells of a text table that are found out behind its first rows not to be numbers. */
static void words_among_numbers_are_not_lost(void **state) {
  (void)state;
  static const char *const words[] = {"bad", "1.5x", "2011-03-04", "1,5", ""};
  for (size_t i = 0; i < ND_COUNT(words); i++) {
    const char *texts[] = {"0.5", NULL, words[i]};
    nd_column columns[] = {column("x", ND_CELL_REAL, "")};
    nd_cells cells = {.texts = texts};
    void *writer;
    nadir_error error = {0};
    assert_int_equal(nd_fits_writer.open(&writer, PATH, columns, 1, 3, &error), NADIR_OK);
    assert_int_equal(nd_fits_writer.rows(writer, &cells, 2, &error), NADIR_OK);
    cells.texts = texts + 2;
    assert_int_equal(nd_fits_writer.rows(writer, &cells, 1, &error), NADIR_BAD_DATA);
    assert_non_null(strstr(error.message, PATH ":row 3:x: \""));
    assert_non_null(strstr(error.message, "is not a number"));
    nd_fits_writer.close(writer);
  }
}

/* Forms that the cells no longer fit, or that are of no binary table. */
static void forms_are_kept_where_they_can_be(void **state) {
  (void)state;
  double a[] = {1, (double)NAN}, big[] = {1e30, 1};
  const char *t[] = {"abc", NULL};
  nd_column columns[] = {column("bit", ND_CELL_TRUTH, "X"), column("e", ND_CELL_REAL, "2E"),
                         column("t", ND_CELL_TEXT, ""), column("p", ND_CELL_TEXT, "Ab")};
  columns[2].elements = 2;
  nd_cells cells[] = {{.numbers = a}, {.numbers = a}, {.texts = t}, {.texts = t}, {.texts = t}};
  write_table(columns, 4, cells, 5, 2);
  nd_source *source = open_table(PATH, NULL);
  static const char *const forms[] = {"1L", "1E", "6A3", "3A"};
  for (size_t c = 0; c < 4; c++)
    assert_string_equal(source->columns[c].format, forms[c]);
  char **second = texts_of(source, 2, 1);
  assert_string_equal(second[0], "abc");
  assert_null(second[1]);
  free_texts(second, 2);
  check_by_cfitsio(source);
  source->class->close(source);
  nd_column whole = column("k", ND_CELL_INTEGER, "J");
  nd_cells numbers = {.numbers = big};
  void *writer;
  nadir_error error = {0};
  assert_int_equal(nd_fits_writer.open(&writer, PATH, &whole, 1, 2, &error), NADIR_OK);
  assert_int_equal(nd_fits_writer.rows(writer, &numbers, 2, &error), NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, PATH ":row 1:k: the value is not an integer"));
  nd_fits_writer.close(writer);
}

static void rows_have_a_longest_length(void **state) {
  (void)state;
  nd_column columns[] = {column("v", ND_CELL_REAL, ""), column("w", ND_CELL_REAL, "")};
  static const size_t elements[][2] = {
      {300000000, 1}, {SIZE_MAX / 4, 1}, {SIZE_MAX / 8, SIZE_MAX / 8}};
  for (size_t i = 0; i < ND_COUNT(elements); i++) {
    void *writer;
    nadir_error error = {0};
    columns[0].elements = elements[i][0];
    columns[1].elements = elements[i][1];
    assert_int_equal(nd_fits_writer.open(&writer, PATH, columns, 2, 0, &error), NADIR_OK);
    assert_int_equal(nd_fits_writer.commit(writer, &error), NADIR_BAD_DATA);
    assert_non_null(strstr(error.message, "a row takes more than 2147483647 bytes"));
    nd_fits_writer.close(writer);
  }
}

/* Cuts the one file that this process holds open under no name. */
static void cut_unnamed_files(off_t size) {
  DIR *list = opendir("/proc/self/fd");
  for (const struct dirent *entry; (entry = readdir(list)) != NULL;) {
    char path[64], target[512];
    struct stat about;
    snprintf(path, sizeof path, "/proc/self/fd/%.20s", entry->d_name);
    ssize_t length = readlink(path, target, sizeof target - 1);
    if (length < 10 || memcmp(target + length - 10, " (deleted)", 10) != 0) continue;
    if (stat(path, &about) == 0 && about.st_size > size) assert_int_equal(truncate(path, size), 0);
  }
  closedir(list);
}

static void a_spool_that_is_cut_is_noticed(void **state) {
  (void)state;
  static const off_t sizes[] = {8, 20};
  if (access("/proc/self/fd", R_OK) != 0) skip();
  for (size_t i = 0; i < ND_COUNT(sizes); i++) {
    double a[] = {1, 2, 3};
    nd_column columns[] = {column("a", ND_CELL_REAL, "")};
    nd_cells cells[] = {{.numbers = a}};
    void *writer;
    nadir_error error = {0};
    assert_int_equal(nd_fits_writer.open(&writer, PATH, columns, 1, 3, &error), NADIR_OK);
    assert_int_equal(nd_fits_writer.rows(writer, cells, 3, &error), NADIR_OK);
    cut_unnamed_files(sizes[i]);
    assert_int_equal(nd_fits_writer.commit(writer, &error), NADIR_SYSTEM);
    assert_non_null(strstr(error.message, "the temporary file of its rows was cut short"));
    nd_fits_writer.close(writer);
  }
}

static void inexact_floats_become_doubles(void **state) {
  (void)state;
  double a[] = {0.5, 0.1}, b[] = {0.5, 0.25};
  nd_column columns[] = {column("a", ND_CELL_REAL, "1E"), column("b", ND_CELL_REAL, "1E"),
                         column("scaled", ND_CELL_REAL, "1I")};
  nd_cells cells[] = {{.numbers = a}, {.numbers = b}, {.numbers = a}};
  write_table(columns, 3, cells, 3, 2);
  nd_source *source = open_table(PATH, NULL);
  assert_string_equal(source->columns[0].format, "1D");
  assert_string_equal(source->columns[1].format, "1E");
  assert_string_equal(source->columns[2].format, "1D");
  check_by_cfitsio(source);
  source->class->close(source);
}

static void names_and_units_of_any_kind(void **state) {
  (void)state;
  char long_name[301], quotes[] = "it's a 'u-g' = 1 / 2 & more";
  for (int i = 0; i < 300; i++)
    long_name[i] = (char)(i % 10 == 9 ? '\'' : 'a' + i % 26);
  long_name[300] = '\0';
  double a[] = {1};
  const char *t[] = {"a very long text for this column"};
  nd_column columns[] = {column(long_name, ND_CELL_REAL, ""), column(quotes, ND_CELL_REAL, ""),
                         column("\xc3\xa5ngstr\xc3\xb6m\n", ND_CELL_REAL, ""),
                         column("t", ND_CELL_TEXT, "4A")};
  columns[0].unit = quotes;
  nd_cells cells[] = {{.numbers = a}, {.numbers = a}, {.numbers = a}, {.texts = t}};
  write_table(columns, 4, cells, 4, 1);
  nd_source *source = open_table(PATH, NULL);
  assert_string_equal(source->columns[0].name, long_name);
  assert_string_equal(source->columns[0].unit, quotes);
  assert_string_equal(source->columns[1].name, quotes);
  assert_string_equal(source->columns[2].name, "_ngstr_m_");
  assert_string_equal(source->columns[3].format, "32A");
  check_by_cfitsio(source);
  fitsfile *f;
  int status = 0;
  char *name = NULL;
  fits_open_diskfile(&f, PATH, READONLY, &status);
  fits_movabs_hdu(f, 2, NULL, &status);
  fits_read_key_longstr(f, "TTYPE1", &name, NULL, &status);
  assert_cfitsio(status);
  assert_string_equal(name, long_name);
  fits_free_memory(name, &status);
  fits_close_file(f, &status);
  source->class->close(source);
}

static void a_table_without_rows(void **state) {
  (void)state;
  nd_column columns[] = {column("a", ND_CELL_INTEGER, ""), column("t", ND_CELL_TEXT, "")};
  nd_cells cells[] = {{0}, {0}};
  write_table(columns, 2, cells, 2, 0);
  nd_source *source = open_table(PATH, NULL);
  assert_int_equal(source->rows, 0);
  check_by_cfitsio(source);
  source->class->close(source);
}

static void nothing_appears_without_commit(void **state) {
  (void)state;
  nadir_error error;
  void *writer;
  double a[] = {1};
  nd_column columns[] = {column("a", ND_CELL_REAL, "")};
  nd_cells cells[] = {{.numbers = a}};
  unlink(PATH);
  assert_int_equal(nd_fits_writer.open(&writer, PATH, columns, 1, 1, &error), NADIR_OK);
  assert_int_equal(nd_fits_writer.rows(writer, cells, 1, &error), NADIR_OK);
  nd_fits_writer.close(writer);
  assert_int_not_equal(access(PATH, F_OK), 0);
  double half[] = {0.5};
  columns[0].type = ND_CELL_INTEGER;
  cells[0].numbers = half;
  assert_int_equal(nd_fits_writer.open(&writer, PATH, columns, 1, 1, &error), NADIR_OK);
  assert_int_equal(nd_fits_writer.rows(writer, cells, 1, &error), NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, ":row 1:a"));
  nd_fits_writer.close(writer);
  static nd_column many[1000];
  for (int i = 0; i < 1000; i++)
    many[i] = column("a", ND_CELL_REAL, "");
  assert_int_equal(nd_fits_writer.open(&writer, PATH, many, 1000, 1, &error), NADIR_BAD_DATA);
  assert_null(writer);
}

/* ---- every table of the collection, written back ---- */

/* All cells of a table: numbers of real and truth columns, texts of the others. */
typedef struct whole_table {
  nd_column *columns; /* those that can be read */
  nd_cells *cells;
  char ***texts;
  double **numbers;
  size_t column_count, cell_count;
} whole_table;

static bool is_readable(const nd_column *c) {
  const char *form = c->format + strspn(c->format, "0123456789 ");
  return *form != 'P' && *form != 'Q';
}

static whole_table read_all(const nd_source *source) {
  whole_table w = {.columns = calloc(source->column_count + 1, sizeof *w.columns)};
  size_t most = 0, m = 0;
  for (size_t c = 0; c < source->column_count; c++)
    most += source->columns[c].elements;
  w.cells = calloc(most, sizeof *w.cells);
  w.texts = calloc(most, sizeof *w.texts);
  w.numbers = calloc(most, sizeof *w.numbers);
  for (size_t c = 0; c < source->column_count; c++) {
    const nd_column *column = &source->columns[c];
    if (!is_readable(column)) continue;
    w.columns[w.column_count++] = *column;
    for (size_t e = 0; e < column->elements; e++, m++) {
      bool text = column->type == ND_CELL_TEXT || column->type == ND_CELL_INTEGER;
      if (text)
        w.texts[m] = texts_of(source, c, e);
      else
        w.numbers[m] = numbers_of(source, c, e);
      w.cells[m] = (nd_cells){w.numbers[m], (const char *const *)w.texts[m]};
    }
  }
  w.cell_count = m;
  return w;
}

static void free_all(whole_table *w, uint64_t rows) {
  for (size_t m = 0; m < w->cell_count; m++) {
    if (w->texts[m] != NULL) free_texts(w->texts[m], rows);
    free(w->numbers[m]);
  }
  free(w->columns);
  free(w->cells);
  free(w->texts);
  free(w->numbers);
}

static void assert_same_cells(const whole_table *a, const whole_table *b, uint64_t rows) {
  assert_int_equal(a->cell_count, b->cell_count);
  for (size_t m = 0; m < a->cell_count; m++)
    for (uint64_t i = 0; i < rows; i++) {
      if (a->numbers[m] != NULL) {
        assert_true(same_bits(a->numbers[m][i], b->numbers[m][i]));
      } else {
        assert_int_equal(a->texts[m][i] == NULL, b->texts[m][i] == NULL);
        if (a->texts[m][i] != NULL) assert_string_equal(a->texts[m][i], b->texts[m][i]);
      }
    }
}

static bool try_file(const char *name) {
  char path[1024];
  nadir_error error;
  nd_file *file;
  nd_source *source;
  nd_table_options options = {0};
  snprintf(path, sizeof path, "%s/%s", in_data("fits"), name);
  assert_int_equal(nd_file_open(&file, path, &error), NADIR_OK);
  if (nd_fits_open(&source, file, &options, &error) != NADIR_OK) return false;
  whole_table before = read_all(source);
  uint64_t rows = source->rows;
  if (before.column_count > 0) {
    write_table(before.columns, before.column_count, before.cells, before.cell_count, rows);
    nd_source *again = open_table(PATH, NULL);
    whole_table after = read_all(again);
    assert_int_equal(again->rows, rows);
    assert_same_cells(&before, &after, rows);
    if (rows * before.cell_count < 50000) check_by_cfitsio(again);
    free_all(&after, rows);
    again->class->close(again);
  }
  free_all(&before, rows);
  source->class->close(source);
  return true;
}

static void the_collection_comes_back(void **state) {
  (void)state;
  size_t files = 0;
  DIR *directory = opendir(in_data("fits"));
  assert_non_null(directory);
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    const char *dot = strrchr(entry->d_name, '.');
    if (entry->d_name[0] == '.' || strcmp(dot, ".gz") == 0 || strcmp(dot, ".json") == 0) continue;
    files += try_file(entry->d_name);
  }
  closedir(directory);
  assert_true(files >= (larger_collection ? 30 : 12));
}

static int clean(void **state) {
  (void)state;
  unlink(PATH);
  return 0;
}

int main(int argc, char **argv) {
  choose_data(argc, argv);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_type_comes_back),
      cmocka_unit_test(small_types_agree_with_cfitsio),
      cmocka_unit_test(integers_get_room),
      cmocka_unit_test(digits_are_not_lost),
      cmocka_unit_test(words_among_numbers_are_not_lost),
      cmocka_unit_test(forms_are_kept_where_they_can_be),
      cmocka_unit_test(rows_have_a_longest_length),
      cmocka_unit_test(a_spool_that_is_cut_is_noticed),
      cmocka_unit_test(inexact_floats_become_doubles),
      cmocka_unit_test(names_and_units_of_any_kind),
      cmocka_unit_test(a_table_without_rows),
      cmocka_unit_test(nothing_appears_without_commit),
      cmocka_unit_test(the_collection_comes_back),
  };
  return cmocka_run_group_tests(tests, NULL, clean);
}
