/* One table over several files, arrays or a caller's reader: opening, finding columns, chunks that
 * straddle files, and paths that are only paths. */
#include "table_test.h"

#include <fcntl.h>
#include <sys/stat.h>

static nadir_status open_many(nd_table **table, const char *const *paths, size_t count,
                              nadir_error *error) {
  *error = (nadir_error){0};
  return nd_table_open(table, paths, count, NULL, error);
}

/* Rows first .. first+count-1 of one long table, in a file of their own. */
static void put_rows(const char *path, int first, int count) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs("n,half,name\n", file);
  for (int i = first; i < first + count; i++)
    fprintf(file, "%d,%.1f,r%d\n", i, i / 2.0, i);
  fclose(file);
}

static void check_rows(const nd_table *table, size_t chunk, nd_scratch *scratch) {
  static double n[ND_CHUNK], half[ND_CHUNK];
  static const char *names[ND_CHUNK];
  char expected[16];
  size_t rows;
  const nd_request requests[] = {{.kind = ND_AS_NUMBER, .column = 0, .numbers = n},
                                 {.kind = ND_AS_TEXT, .column = 2, .texts = names},
                                 {.kind = ND_AS_NUMBER, .column = 1, .numbers = half}};
  nadir_error error = {0};
  if (nd_table_read(table, chunk, requests, 3, scratch, &rows, &error) != NADIR_OK)
    fail_msg("%s", error.message);
  uint64_t left = nd_table_rows(table) - chunk * ND_CHUNK;
  assert_int_equal(rows, left < ND_CHUNK ? left : ND_CHUNK);
  for (size_t i = 0; i < rows; i++) {
    size_t row = chunk * ND_CHUNK + i;
    snprintf(expected, sizeof expected, "r%zu", row);
    assert_true(n[i] == (double)row && half[i] == (double)row / 2);
    assert_string_equal(names[i], expected);
  }
}

static nadir_status check_task(void *context, size_t i, size_t worker, nadir_error *error) {
  (void)worker;
  const nd_table *table = context;
  nd_scratch *scratch;
  ND_TRY(nd_scratch_new(&scratch, table, error));
  double numbers[ND_CHUNK];
  size_t rows;
  const nd_request request = {.kind = ND_AS_NUMBER, .column = 0, .numbers = numbers};
  nadir_status status =
      nd_table_read(table, i % nd_table_chunks(table), &request, 1, scratch, &rows, error);
  nd_scratch_free(scratch);
  if (status == NADIR_OK && numbers[rows - 1] < (double)(i % nd_table_chunks(table)) * ND_CHUNK)
    status = nd_fail(error, NADIR_BAD_DATA, "wrong rows");
  return status;
}

static void files_follow_each_other(void **state) {
  (void)state;
  const char *const paths[] = {"p1.csv", "p2.csv", "p3.csv", "p4.csv", "p5.csv"};
  const int counts[] = {5000, 0, 3, 4100, 9000};
  for (int i = 0, first = 0; i < 5; first += counts[i++])
    put_rows(paths[i], first, counts[i]);
  nd_table *table;
  nd_scratch *scratch;
  nadir_error error;
  if (open_many(&table, paths, 5, &error) != NADIR_OK) fail_msg("%s", error.message);
  assert_int_equal(nd_table_rows(table), 18103);
  assert_int_equal(nd_table_chunks(table), 5);
  assert_int_equal(nd_table_files(table), 5);
  assert_string_equal(nd_table_file(table, 3), "p4.csv");
  assert_int_equal(nd_scratch_new(&scratch, table, NULL), NADIR_OK);
  const size_t order[] = {0, 1, 2, 3, 4, 2, 0, 4, 1};
  for (size_t i = 0; i < ND_COUNT(order); i++)
    check_rows(table, order[i], scratch);
  nd_scratch_free(scratch);

  const struct {
    uint64_t row;
    const char *where;
  } places[] = {{0, "p1.csv:row 2"},    {4999, "p1.csv:row 5001"}, {5000, "p3.csv:row 2"},
                {5002, "p3.csv:row 4"}, {5003, "p4.csv:row 2"},    {18102, "p5.csv:row 9001"}};
  for (size_t i = 0; i < ND_COUNT(places); i++) {
    nd_text where = {0};
    assert_int_equal(nd_table_where(table, places[i].row, &where, NULL), NADIR_OK);
    assert_string_equal(where.data, places[i].where);
    nd_text_free(&where);
  }
  nd_text where = {0};
  assert_int_equal(nd_table_where(table, 18103, &where, NULL), NADIR_BAD_DATA);
  nd_text_free(&where);

  nd_pool *pool;
  assert_int_equal(nd_pool_new(&pool, 4, NULL), NADIR_OK);
  assert_int_equal(nd_pool_run(pool, 40, check_task, table, &error), NADIR_OK);
  nd_pool_free(pool);
  nd_table_close(table);
}

static void types_are_reconciled(void **state) {
  (void)state;
  put("i.csv", "a,b\n1,x\n");
  put("r.csv", "a,b\n1.5,y\n");
  put("e.csv", "a,b\n,\n");
  const char *const paths[] = {"e.csv", "i.csv", "r.csv", "e.csv"};
  nd_table *table;
  nadir_error error;
  if (open_many(&table, paths, 4, &error) != NADIR_OK) fail_msg("%s", error.message);
  char *reads = describe(table);
  assert_string_equal(reads, "a:R b:T | - - | 1 x | 1.5 y | - -");
  nd_free(reads);
  nd_table_close(table);
}

static void files_that_do_not_agree_are_named(void **state) {
  (void)state;
  put("a.csv", "a,b\n1,2\n");
  const struct {
    const char *other, *says;
  } cases[] = {
      {"a,c\n1,2\n", "b.csv: column 2 is named c where a.csv has b"},
      {"a\n1\n", "b.csv: 1 columns where a.csv has 2"},
      {"a,b\n1,x\n", "b.csv: column b is text where it is integer in a.csv"},
      {"a,b\n1,2\n3,?\n4,5\n", "b.csv: column b is text where it is integer in a.csv, since "
                               "b.csv:row 3:b: \"?\" is not a number: files"},
      {"a,b\n1,true\n", "b.csv: column b is truth where it is integer in a.csv"},
  };
  const char *const paths[] = {"a.csv", "b.csv"};
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    nd_table *table;
    nadir_error error;
    put("b.csv", cases[i].other);
    assert_int_equal(open_many(&table, paths, 2, &error), NADIR_BAD_DATA);
    assert_null(table);
    if (strstr(error.message, cases[i].says) == NULL) fail_msg("%s", error.message);
  }
}

static nd_table *open_two(const char *a, const char *b, nadir_error *error) {
  const char *const paths[] = {"a.csv", "b.csv"};
  nd_table *table;
  put(paths[0], a);
  put(paths[1], b);
  nadir_status status = open_many(&table, paths, 2, error);
  assert_int_equal(status == NADIR_OK, table != NULL);
  return table;
}

/* Units: one file may leave out what the other gives; two that differ are an error. */
static void units_are_reconciled(void **state) {
  (void)state;
  static const struct {
    const char *a, *b, *unit;
  } cases[] = {{"x,y\n[km],\n1,2\n", "x,y\n1,2\n", "km"},
               {"x,y\n1,2\n", "x,y\n[km],\n1,2\n", "km"},
               {"x,y\n[km],\n1,2\n", "x,y\n[km],\n1,2\n", "km"}};
  nadir_error error;
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    nd_table *table = open_two(cases[i].a, cases[i].b, &error);
    assert_string_equal(nd_table_column(table, 0)->unit, cases[i].unit);
    nd_table_close(table);
  }
  assert_null(open_two("x,y\n[km],\n1,2\n", "x,y\n[pc],\n1,2\n", &error));
  assert_non_null(strstr(error.message, "b.csv: column x is in pc where a.csv has it in km"));
}

/* Why a column is text is told of the file where few cells are, whichever comes first. */
static void strays_are_told_of_either_file(void **state) {
  (void)state;
  nadir_error error;
  assert_null(open_two("a\n1\n2\n?\n", "a\n1\n", &error));
  assert_non_null(strstr(error.message, "since a.csv:row 4:a: \"?\" is not a number"));
  assert_null(open_two("a\ntrue\n", "a\n1\n", &error));
  assert_non_null(strstr(error.message, "b.csv: column a is integer where it is truth in a.csv"));
  nd_table *table = open_two("a\n\"\"\n", "a\n\"\"\n", &error);
  nd_table_close(table);
  table = open_two("a\nx\n", "a\n\"\"\n", &error);
  assert_int_equal(nd_table_column(table, 0)->type, ND_CELL_TEXT);
  nd_table_close(table);
}

static const struct {
  const char *begins;
  const char *says;
} foreign[] = {
    {"BZh9", "bzip2"},
    {"\xfd"
     "7zXZ",
     "packed by xz"},
    {"\x28\xb5\x2f\xfd", "zstd"},
    {"\x1f\x9d", "compress"},
    {"PK\x03\x04", "zip"},
    {"\xd0\xcf\x11\xe0", "spreadsheet"},
    {"\x89HDF", "HDF5"},
    {"PAR1", "Parquet"},
    {"ARROW1", "Arrow"},
    {"\x93NUMPY", "NumPy"},
    {"SQLite format 3", "SQLite"},
    {"%PDF-", "PDF"},
    {"<?xml", "XML"},
    {"<!DOC", "web page"},
    {"<html", "web page"},
};

static void other_kinds_of_file_are_refused_by_name(void **state) {
  (void)state;
  for (size_t i = 0; i < ND_COUNT(foreign); i++) {
    put_bytes("foreign", foreign[i].begins,
              strlen(foreign[i].begins) + 1); /* a NUL is part of that of xz */
    const char *says = refused("foreign", NULL);
    if (strstr(says, "foreign: this file is ") == NULL || strstr(says, foreign[i].says) == NULL)
      fail_msg("%s", says);
  }
}

static void devices_without_an_end_are_refused(void **state) {
  (void)state;
  if (access("/dev/zero", R_OK) != 0) skip();
  assert_non_null(strstr(refused("/dev/zero", NULL), "/dev/zero: it is a device that never ends"));
  assert_non_null(strstr(refused("/dev/null", NULL), "/dev/null: the file is empty"));
}

static void columns_are_found(void **state) {
  (void)state;
  put("f.csv", "ra,Dec,mag_u,x[1],$2\n1,2,3,4,5\n");
  nd_table *table = open_one("f.csv", NULL);
  const struct {
    const char *name;
    ptrdiff_t column, hint;
  } cases[] = {
      {"ra", 0, 0},
      {"Dec", 1, 0},
      {"dec", -1, 1},
      {"RA", -1, 0},
      {"x[1]", 3, 0},
      {"$1", 0, 0},
      {"$2", 4, 0},
      {"$5", 4, 0},
      {"$6", -1, -1},
      {"$0", -1, -1},
      {"$", -1, -1},
      {"$1x", -1, -1},
      {"mag_v", -1, 2},
      {"magu", -1, 2},
      {"mga_u", -1, 2},
      {"mag_uu", -1, 2},
      {"MAG_U", -1, 2},
      {"mag", -1, -1},
      {"rb", -1, -1},
      {"", -1, -1},
      {"ra[1]", 0, 0},
      {"ra[2]", -1, 0},
      {"Ra[1]", -1, 0},
      {"ra[0]", -1, 0},
      {"ra[99999999999999999999]", -1, 0},
      {"ra[x]", -1, -1},
      {"mag_ux y", -1, -1},
      {"mag_", -1, 2},
      {"mag_uu", -1, 2},
      {"gma_u", -1, -1},
      {"amg_u", -1, 2},
      {"magu_x", -1, -1},
      {"mag_xy", -1, -1},
      {"rax", -1, -1},
      {"ra[", -1, -1},
      {"ra[1", -1, -1},
      {"[1]", -1, -1},
      {"ra[]", -1, -1},
      {"ra[:]", -1, -1},
      {"r", -1, -1},
      {"$99999999999", -1, -1},
  };
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    size_t column, element;
    ptrdiff_t hint;
    bool found = nd_table_find(table, cases[i].name, &column, &element, &hint);
    if (found != (cases[i].column >= 0)) fail_msg("%s", cases[i].name);
    if (found) {
      assert_int_equal(column, cases[i].column);
      assert_int_equal(element, 0);
    } else if (hint != cases[i].hint) {
      fail_msg("%s: hint %td", cases[i].name, hint);
    }
  }
  nd_table_close(table);
}

static void a_path_is_only_a_path(void **state) {
  (void)state;
  const char *const names[] = {"!x.fits",      "ftp://h/x.fits", "http://h/x",    "sh://touch made",
                               "file://t.csv", "x.fits[1]",      "mem://x",       "|touch made",
                               "t.csv#1x",     "x.fits[pix 1]",  "$(touch made)", ""};
  for (size_t i = 0; i < ND_COUNT(names); i++) {
    nd_table *table;
    nadir_error error;
    assert_int_equal(open_many(&table, &names[i], 1, &error), NADIR_BAD_PATH);
    assert_null(strstr(error.message, "set hdu"));
  }
  assert_int_not_equal(access("made", F_OK), 0);
  put("!x[1].csv", "a\n1\n"); /* and such a file is read where it exists */
  nd_table *table = open_one("!x[1].csv", NULL);
  assert_int_equal(nd_table_rows(table), 1);
  nd_table_close(table);
  unlink("!x[1].csv");
}

static void an_extension_in_the_path_gets_a_hint(void **state) {
  (void)state;
  put("cat.fits", "a\n1\n");
  const struct {
    const char *path, *hint;
  } cases[] = {{"cat.fits[1]", "give cat.fits, and set hdu to 1"},
               {"cat.fits#2", "give cat.fits, and set hdu to 2"},
               {"cat.fits[EVENTS]", "give cat.fits, and set hdu to EVENTS"}};
  for (size_t i = 0; i < ND_COUNT(cases); i++)
    assert_non_null(strstr(refused(cases[i].path, NULL), cases[i].hint));
  static const char *const none[] = {"cat.fits[1", "cat.fits#", "cat.fits[",
                                     "[1]",        "#1",        "dog.fits[1]"};
  for (size_t i = 0; i < ND_COUNT(none); i++)
    assert_null(strstr(refused(none[i], NULL), "set hdu"));
  char path[200] = "cat.fits[";
  memset(path + 9, 'E', 100);
  strcpy(path + 109, "]");
  const char *says = refused(path, NULL);
  assert_int_equal(strspn(strstr(says, "set hdu to ") + 11, "E"), 80);
  unlink("cat.fits");
}

static void directories_and_absent_files_are_refused(void **state) {
  (void)state;
  nd_table *table;
  nadir_error error;
  const char *path = "/tmp";
  assert_int_equal(open_many(&table, &path, 1, &error), NADIR_BAD_PATH);
  assert_non_null(strstr(error.message, "/tmp: "));
  path = "absent.csv";
  assert_int_equal(open_many(&table, &path, 1, &error), NADIR_BAD_PATH);
  assert_int_equal(open_many(&table, NULL, 0, &error), NADIR_BAD_PATH);
}

/* Standard input as a pipe, which cannot be read twice. */
static void standard_input_is_spooled(void **state) {
  (void)state;
  int ends[2], saved = dup(STDIN_FILENO);
  assert_int_equal(pipe(ends), 0);
  assert_int_equal(write(ends[1], "a,b\n1,x\n2,y\n", 12), 12);
  close(ends[1]);
  assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
  close(ends[0]);
  nd_table *table = open_one("-", NULL);
  char *reads = describe(table);
  assert_string_equal(reads, "a:I b:T | 1 x | 2 y");
  assert_string_equal(nd_table_file(table, 0), "standard input");
  nd_free(reads);
  nd_table_close(table);
  dup2(saved, STDIN_FILENO);
  close(saved);
}

static void digest_of(const char *path, char digest[ND_DIGEST_TEXT]) {
  nd_table *table = open_one(path, NULL);
  nd_table_digest(table, digest);
  nd_table_close(table);
  assert_int_equal(strspn(digest, "0123456789abcdef"), ND_DIGEST_TEXT - 1);
}

static void the_digest_follows_the_content(void **state) {
  (void)state;
  const char *const texts[] = {"a,b\n1,2\n", "a,b\n1,3\n", "a,c\n1,2\n", "a,b\n1,2\n\n"};
  char digests[4][ND_DIGEST_TEXT], again[ND_DIGEST_TEXT];
  for (size_t i = 0; i < 4; i++) {
    put("h.csv", texts[i]);
    digest_of("h.csv", digests[i]);
    for (size_t j = 0; j < i; j++)
      assert_string_not_equal(digests[i], digests[j]);
  }
  put("h2.csv", texts[0]); /* not the name */
  digest_of("h2.csv", again);
  assert_string_equal(again, digests[0]);
}

/* Of a file of some pieces it looks at every byte. */
static void the_digest_takes_in_the_middle(void **state) {
  (void)state;
  enum { LENGTH = 300000 };
  char *text = calloc(LENGTH + 1, 1);
  for (size_t i = 0; i < LENGTH; i += 2)
    memcpy(text + i, "1\n", 2);
  put("h.csv", text);
  char plain[ND_DIGEST_TEXT], other[ND_DIGEST_TEXT];
  digest_of("h.csv", plain);
  static const size_t places[] = {65536, 150000, LENGTH - 2};
  for (size_t i = 0; i < 3; i++) {
    text[places[i]] = '2';
    put("h.csv", text);
    text[places[i]] = '1';
    digest_of("h.csv", other);
    assert_string_not_equal(other, plain);
  }
  free(text);
}

static void requests_that_cannot_be_are_refused(void **state) {
  (void)state;
  double numbers[ND_CHUNK];
  size_t rows;
  nadir_error error = {0};
  put("q.csv", "a,b\n1,2\n");
  nd_table *table = open_one("q.csv", NULL);
  assert_int_equal(read_numbers(table, 0, 2, numbers, &rows, &error), NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, "there is no column 3"));
  assert_int_equal(read_numbers(table, 1, 0, numbers, &rows, &error), NADIR_BAD_DATA);
  assert_int_equal(rows, 0);
  nd_table_close(table);
}

/* A number out of a file of the kernel's; -1 where there is none. */
static long long kernel_says(const char *path, const char *key) {
  char line[256];
  long long value = -1;
  FILE *file = fopen(path, "r");
  while (file != NULL && fgets(line, sizeof line, file) != NULL)
    if (strncmp(line, key, strlen(key)) == 0) value = strtoll(line + strlen(key), NULL, 10);
  if (file != NULL) fclose(file);
  return value;
}

static bool memory_can_be_measured(void) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return false;
#endif
#endif
  return kernel_says("/proc/self/status", "VmRSS:") > 0;
}

/* Ten times the rows: the bytes read are those of the file once to open it, those of its digest, and once to read it,
 * and the memory held stays. Both are the kernel's counts; nothing is timed. */
static void work_is_linear_and_memory_constant(void **state) {
  (void)state;
  const int counts[] = {100000, 1000000};
  const long long start = 4 << 20, digested = 16 << 20; /* bytes looked at to find out what the text is; and its digest */
  long long held[2], before[3];
  for (int k = 0; k < 2; k++) {
    put_rows("million.csv", 0, counts[k]);
    struct stat about;
    assert_int_equal(stat("million.csv", &about), 0);
    nd_scratch *scratch;
    before[0] = kernel_says("/proc/self/io", "rchar:");
    nd_table *table = open_one("million.csv", NULL);
    before[1] = kernel_says("/proc/self/io", "rchar:");
    assert_int_equal(nd_table_rows(table), counts[k]);
    assert_int_equal(nd_scratch_new(&scratch, table, NULL), NADIR_OK);
    for (size_t c = 0; c < nd_table_chunks(table); c++)
      check_rows(table, c, scratch);
    before[2] = kernel_says("/proc/self/io", "rchar:");
    held[k] = kernel_says("/proc/self/status", "VmRSS:");
    nd_scratch_free(scratch);
    nd_table_close(table);
    long long pieces = about.st_size < digested ? about.st_size : digested;
    assert_true(before[1] - before[0] <= about.st_size + about.st_size / 64 + start + pieces); /* where pieces meet, twice */
    assert_true(before[2] - before[1] <= about.st_size + 65536);
  }
  unlink("million.csv");
  if (memory_can_be_measured()) assert_true(held[1] - held[0] < 2048); /* KiB, for 20 MB more */
}

/* The file is changed under the reader, so that what comes of it can be told from what was kept. */
static void what_is_kept_is_read_once(void **state) {
  (void)state;
  double x[ND_CHUNK], is_a[ND_CHUNK], y[ND_CHUNK];
  const char *s[ND_CHUNK];
  nd_scratch *scratch;
  nd_kept *kept;
  size_t rows;
  put("k.csv", "x,s,y\n1,a,4\n2.5,b,5\n");
  nd_table *table = open_one("k.csv", NULL);
  const nd_request requests[] = {{.kind = ND_AS_NUMBER, .column = 0, .numbers = x},
                                 {.kind = ND_AS_EQUAL, .column = 1, .numbers = is_a, .equals = "a"},
                                 {.kind = ND_AS_TEXT, .column = 1, .texts = s},
                                 {.kind = ND_AS_NUMBER, .column = 2, .numbers = y}};
  assert_true(nd_table_is_slow(table));
  assert_int_equal(nd_kept_new(&kept, table, requests, 3, 100, NULL), NADIR_OK);
  assert_null(kept);
  assert_int_equal(nd_kept_new(&kept, table, requests, 3, 1000, NULL), NADIR_OK);
  assert_true(nd_kept_bytes(kept) <= 1000);
  assert_int_equal(nd_scratch_new(&scratch, table, NULL), NADIR_OK);
  nd_scratch_keep(scratch, kept);
  assert_int_equal(nd_table_read(table, 0, requests, 1, scratch, &rows, NULL), NADIR_OK); /* not all of them */
  for (size_t again = 0; again < 2; again++) {
    assert_int_equal(nd_table_read(table, 0, requests, 4, scratch, &rows, NULL), NADIR_OK);
    assert_int_equal(rows, 2);
    assert_true(x[0] == 1 && x[1] == 2.5 && is_a[0] == 1 && is_a[1] == 0);
    assert_true(y[0] == (again ? 6 : 4) && y[1] == (again ? 7 : 5));
    assert_string_equal(s[1], again ? "d" : "b");
    put("k.csv", "x,s,y\n3,c,6\n7.5,d,7\n");
  }
  nd_scratch_keep(scratch, NULL);
  assert_int_equal(nd_table_read(table, 0, requests, 1, scratch, &rows, NULL), NADIR_OK);
  assert_true(x[0] == 3);
  nd_scratch_free(scratch);
  nd_kept_free(kept);
  nd_table_close(table);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(files_follow_each_other),
      cmocka_unit_test(types_are_reconciled),
      cmocka_unit_test(files_that_do_not_agree_are_named),
      cmocka_unit_test(units_are_reconciled),
      cmocka_unit_test(strays_are_told_of_either_file),
      cmocka_unit_test(other_kinds_of_file_are_refused_by_name),
      cmocka_unit_test(devices_without_an_end_are_refused),
      cmocka_unit_test(columns_are_found),
      cmocka_unit_test(a_path_is_only_a_path),
      cmocka_unit_test(an_extension_in_the_path_gets_a_hint),
      cmocka_unit_test(directories_and_absent_files_are_refused),
      cmocka_unit_test(standard_input_is_spooled),
      cmocka_unit_test(the_digest_follows_the_content),
      cmocka_unit_test(the_digest_takes_in_the_middle),
      cmocka_unit_test(requests_that_cannot_be_are_refused),
      cmocka_unit_test(work_is_linear_and_memory_constant),
      cmocka_unit_test(what_is_kept_is_read_once),
  };
  return cmocka_run_group_tests(tests, enter, leave);
}
