/* A table of text read by way of its parsed copy is the table itself, cell by cell, with its errors, names, units and
 * lines: the files of other people, and one with what a copy cannot hold. Then what becomes of a copy when the file, the
 * options or the copy itself change. */
#include "data_test.h"
#include "table_test.h"

#include <sys/stat.h>
#include <zlib.h>

/* ---- all that a table gives, as text ---- */

static void add_columns(const nd_table *table, nd_text *out) {
  for (size_t i = 0; i < nd_table_columns(table); i++) {
    const nd_column *c = nd_table_column(table, i);
    nd_text_print(out, "%s [%s] %d %d %d '%s'%s%s\n", c->name, c->unit, (int)c->type, c->wide,
                  c->single, c->format, c->stray ? " " : "", c->stray ? c->stray->text : "");
  }
}

static void add_cells(const nd_table *table, size_t chunk, size_t column, nd_scratch *scratch,
                      nd_text *out) {
  static double numbers[ND_CHUNK];
  static const char *texts[ND_CHUNK];
  const nd_request_kind kinds[] = {ND_AS_NUMBER, ND_AS_REST, ND_AS_EQUAL, ND_AS_EQUAL, ND_AS_TEXT};
  for (size_t k = 0; k < ND_COUNT(kinds); k++) {
    const nd_request request = {.kind = kinds[k],
                                .column = column,
                                .numbers = numbers,
                                .texts = texts,
                                .equals = k == 2 ? "star" : " star"};
    nadir_error error = {0};
    size_t rows;
    if (nd_table_read(table, chunk, &request, 1, scratch, &rows, &error) != NADIR_OK) {
      nd_text_print(out, "%s\n", error.message);
      continue;
    }
    for (size_t r = 0; r < rows; r++) {
      if (kinds[k] == ND_AS_TEXT)
        nd_text_print(out, "%s|", texts[r] ? texts[r] : "-");
      else
        nd_text_print(out, "%.17g ", numbers[r]);
    }
    nd_text_append(out, "\n");
  }
}

static char *all_of(const nd_table *table) {
  nd_text out = {0};
  nd_scratch *scratch;
  nadir_error error = {0};
  assert_int_equal(nd_scratch_new(&scratch, table, &error), NADIR_OK);
  add_columns(table, &out);
  for (size_t c = 0; c < nd_table_chunks(table); c++) {
    for (size_t i = 0; i < nd_table_columns(table); i++)
      add_cells(table, c, i, scratch, &out);
    assert_int_equal(nd_table_where(table, (uint64_t)c * ND_CHUNK, &out, &error), NADIR_OK);
  }
  nd_scratch_free(scratch);
  assert_false(out.failed);
  return out.data;
}

/* What a table of these files gives, or the error of opening it. */
static char *all_in(const char *const *paths, size_t count, const nd_table_options *options,
                    nadir_error *uncached) {
  nd_table *table;
  nadir_error error = {0};
  *uncached = (nadir_error){0};
  if (nd_table_open(&table, paths, count, options, &error) != NADIR_OK)
    return nd_copy_text(error.message, strlen(error.message), NULL);
  if (nd_table_uncached(table)) *uncached = *nd_table_uncached(table);
  char *all = all_of(table);
  nd_table_close(table);
  return all;
}

/* The same without a copy, with one that is made, and with one that was made. */
static void is_same_with_copy(const char *const *paths, size_t count, nd_table_options options) {
  nadir_error uncached;
  options.cache = false;
  char *plain = all_in(paths, count, &options, &uncached);
  options.cache = true;
  for (int run = 0; run < 2; run++) {
    char *copied = all_in(paths, count, &options, &uncached);
    if (strcmp(plain, copied) != 0)
      fail_msg("%s, run %d, has other cells:\n%.3000s\n---\n%.3000s", paths[0], run, plain, copied);
    nd_free(copied);
  }
  nd_free(plain);
}

static bool is_there(const char *path) {
  return access(path, F_OK) == 0;
}

static char *slurp(const char *path, size_t *size) {
  char *bytes;
  assert_int_equal(nd_file_slurp(path, 1 << 26, &bytes, size, NULL), NADIR_OK);
  return bytes;
}

/* ---- files of others ---- */

static void real_files_are_the_same(void **state) {
  static const char *const folders[] = {"csv", "ascii", "astro"};
  const char *const path = "t.csv";
  size_t files = 0;
  (void)state;
  for (size_t f = 0; f < ND_COUNT(folders); f++) {
    DIR *folder = opendir(in_data(folders[f]));
    for (struct dirent *entry; folder && (entry = readdir(folder)) != NULL;) {
      char from[2048];
      struct stat about;
      snprintf(from, sizeof from, "%s/%s", in_data(folders[f]), entry->d_name);
      if (stat(from, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size > 1 << 17) continue;
      size_t size;
      char *bytes = slurp(from, &size);
      put_bytes(path, bytes, size);
      nd_free(bytes);
      is_same_with_copy(&path, 1, (nd_table_options){0});
      files++;
      remove("t.csv.nadir.fits");
    }
    if (folder) closedir(folder);
  }
  assert_true(files > 20);
}

/* ---- what a copy cannot hold, over several chunks ---- */

static void put_odd(const char *path, int rows, bool packed) {
  nd_text text = {0};
  nd_text_append(&text, "# a comment\nid,x [mag],kind,note,blanked,big,truth\n");
  for (int i = 0; i < rows; i++)
    nd_text_print(&text, "%d,%s,%s,%s,%s,%s,%s\n", i, i % 7 ? i % 2 ? "1.50" : "-0" : "",
                  i % 3 ? "star" : "qso", i % 1000 ? "\"a \"\"quoted\"\",\nbroken text\"" : "",
                  i % 5 ? "plain" : "\" star \"",
                  i % 11 ? "9007199254740993" : "18446744073709551615", i % 2 ? "true" : "false");
  if (packed) {
    gzFile file = gzopen(path, "wb1");
    assert_int_equal(gzwrite(file, text.data, (unsigned)text.length), (int)text.length);
    assert_int_equal(gzclose(file), Z_OK);
  } else {
    put_bytes(path, text.data, text.length);
  }
  nd_text_free(&text);
}

static void odd_cells_are_the_same(void **state) {
  const double nulls[] = {1.5};
  const char *const plain = "odd.csv", *const packed = "odd.csv.gz";
  (void)state;
  put_odd(plain, 5000, false);
  put_odd(packed, 5000, true);
  for (size_t threads = 1; threads <= 3; threads++) {
    remove("odd.csv.nadir.fits");
    is_same_with_copy(&plain, 1, (nd_table_options){.threads = threads});
  }
  assert_true(is_there("odd.csv.nadir.fits"));
  is_same_with_copy(&packed, 1, (nd_table_options){0});
  assert_true(is_there("odd.csv.gz.nadir.fits"));
  is_same_with_copy(&plain, 1, (nd_table_options){.nulls = nulls, .null_count = 1});
}

static void tables_of_several_files_are_the_same(void **state) {
  const char *const paths[] = {"p1.csv", "p2.csv", "p3.csv.gz", "p4.csv", "p5.csv",
                               "p6.csv", "p7.csv", "p8.csv",    "p9.csv"};
  (void)state;
  for (size_t i = 0; i < ND_COUNT(paths); i++)
    put_odd(paths[i], 1500 + (int)i, strstr(paths[i], ".gz") != NULL);
  is_same_with_copy(paths, 3, (nd_table_options){0});
  is_same_with_copy(paths, ND_COUNT(paths), (nd_table_options){0});
}

static void a_cell_that_cannot_be_read_is_told_where_it_is(void **state) {
  const char *const path = "bad.csv";
  nd_text text = {0};
  nadir_error uncached;
  const nd_table_options options = {.cache = true};
  (void)state;
  nd_text_append(&text, "a,b\n");
  for (int i = 0; i < 9000; i++)
    nd_text_print(&text, "%d,%s\n", i, i == 8000 ? "oops" : "1");
  put_bytes(path, text.data, text.length);
  nd_text_free(&text);
  is_same_with_copy(&path, 1, (nd_table_options){0});
  nd_free(all_in(&path, 1, &options, &uncached));
  assert_non_null(strstr(uncached.message, "bad.csv:row 8002:b: \"oops\" is not a number"));
  assert_false(is_there("bad.csv.nadir.fits"));
}

/* ---- changes ---- */

static double first_number(const char *path, const nd_table_options *options,
                           nadir_error *uncached) {
  double numbers[ND_CHUNK];
  size_t rows;
  nd_table *table = open_one(path, options);
  assert_int_equal(read_numbers(table, 0, 0, numbers, &rows, NULL), NADIR_OK);
  *uncached = (nadir_error){0};
  if (nd_table_uncached(table)) *uncached = *nd_table_uncached(table);
  nd_table_close(table);
  return numbers[0];
}

static const nd_table_options cached = {.cache = true};

static void another_content_is_seen(void **state) {
  nadir_error uncached;
  (void)state;
  for (int i = 0; i < 40; i++) { /* at once, so that times may be the same */
    char text[] = "a\n10\n";
    text[2] = (char)('1' + i % 9);
    put("c.csv", text);
    assert_true(first_number("c.csv", &cached, &uncached) == 10 * (1 + i % 9));
    assert_true(first_number("c.csv", &cached, &uncached) == 10 * (1 + i % 9));
    assert_int_equal(uncached.status, NADIR_OK);
  }
}

/* Only then is the copy another file. */
static void a_copy_serves_until_something_changes(void **state) {
  struct stat first, then;
  nadir_error uncached;
  (void)state;
  put("s.csv", "a\n1\n");
  first_number("s.csv", &cached, &uncached);
  assert_int_equal(stat("s.csv.nadir.fits", &first), 0);
  first_number("s.csv", &cached, &uncached);
  put("s.csv", "a\n1\n"); /* another time, the same bytes */
  first_number("s.csv", &cached, &uncached);
  assert_int_equal(stat("s.csv.nadir.fits", &then), 0);
  assert_true(first.st_ino == then.st_ino);
  const double nulls[] = {1};
  const nd_table_options others = {.cache = true, .nulls = nulls, .null_count = 1};
  assert_true(isnan(first_number("s.csv", &others, &uncached)));
  assert_int_equal(stat("s.csv.nadir.fits", &then), 0);
  assert_false(first.st_ino == then.st_ino);
  assert_true(first_number("s.csv", &cached, &uncached) == 1);
}

static void damage_is_found_anywhere(void **state) {
  size_t size;
  nadir_error uncached;
  (void)state;
  put_odd("d.csv", 30, false);
  const char *const path = "d.csv";
  char *plain = all_in(&path, 1, &(nd_table_options){0}, &uncached);
  nd_free(all_in(&path, 1, &cached, &uncached));
  char *copy = slurp("d.csv.nadir.fits", &size);
  for (size_t i = 0; i < size; i += i < 2880 ? 101 : 53) {
    copy[i] ^= 4;
    put_bytes("d.csv.nadir.fits", copy, size);
    copy[i] ^= 4;
    char *read = all_in(&path, 1, &cached, &uncached);
    assert_string_equal(read, plain);
    nd_free(read);
    assert_non_null(
        strstr(uncached.message, i < 2880 ? "is not a parsed copy" : "is damaged: it is made anew"));
  }
  for (size_t cut = 0; cut < size; cut += 977) {
    put_bytes("d.csv.nadir.fits", copy, cut);
    char *read = all_in(&path, 1, &cached, &uncached);
    assert_string_equal(read, plain);
    nd_free(read);
    assert_int_not_equal(uncached.status, NADIR_OK);
  }
  nd_free(copy);
  nd_free(plain);
}

static void what_is_anothers_is_left_alone(void **state) {
  size_t size;
  nadir_error uncached;
  (void)state;
  put("f.csv", "a\n1\n");
  put("f.csv.nadir.fits", "mine");
  assert_true(first_number("f.csv", &cached, &uncached) == 1);
  assert_non_null(
      strstr(uncached.message, "f.csv.nadir.fits: it is not a parsed copy of a table: rename it"));
  char *kept = slurp("f.csv.nadir.fits", &size);
  assert_string_equal(kept, "mine");
  nd_free(kept);
  put("g.csv", "a\n1\n");
  assert_int_equal(mkdir("g.csv.nadir.fits", 0777), 0);
  assert_true(first_number("g.csv", &cached, &uncached) == 1);
  assert_int_equal(uncached.status, NADIR_BAD_PATH);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(real_files_are_the_same),
      cmocka_unit_test(odd_cells_are_the_same),
      cmocka_unit_test(tables_of_several_files_are_the_same),
      cmocka_unit_test(a_cell_that_cannot_be_read_is_told_where_it_is),
      cmocka_unit_test(another_content_is_seen),
      cmocka_unit_test(a_copy_serves_until_something_changes),
      cmocka_unit_test(damage_is_found_anywhere),
      cmocka_unit_test(what_is_anothers_is_left_alone),
  };
  choose_data(argc, argv);
  return cmocka_run_group_tests(tests, enter, leave);
}
