/* The FITS reader on tables that CFITSIO writes here: every type, TSCAL and TZERO, TNULL, unsigned
 * and signed bytes, vectors, bits, ASCII tables, compressed tables; every number must have the bits
 * that CFITSIO itself reads. Then what must be refused, and the choice of the HDU. */
#include "fits_test.h"

#define PATH "fits_types.fits"
#define PACKED "fits_types.fits.fz"

static fitsfile *create(const char *path) {
  fitsfile *f;
  int status = 0;
  unlink(path);
  fits_create_diskfile(&f, path, &status);
  assert_cfitsio(status);
  return f;
}

static fitsfile *open_by_cfitsio(const char *path, int hdu) {
  fitsfile *f;
  int status = 0;
  fits_open_diskfile(&f, path, READONLY, &status);
  fits_movabs_hdu(f, hdu + 1, NULL, &status);
  assert_cfitsio(status);
  return f;
}

/* Closes it; `status` is that of all calls before, which CFITSIO leaves undone after a failure. */
static void done(fitsfile *f, int status) {
  assert_cfitsio(status);
  fits_close_file(f, &status);
  assert_cfitsio(status);
}

enum { ROWS = 300 };

/* Rows of seeded bytes, so that every bit pattern of every type comes up: NaN, infinities,
 * denormals. */
static void fill_with_noise(fitsfile *f, size_t row_bytes, long rows, uint64_t seed) {
  int status = 0;
  nd_random random = nd_random_stream(seed, ND_FOR_TEST, 0, 0);
  unsigned char *row = malloc(row_bytes + 1);
  for (long r = 1; r <= rows; r++) {
    for (size_t i = 0; i < row_bytes; i++)
      row[i] = (unsigned char)nd_random_below(&random, 256);
    fits_write_tblbytes(f, r, 1, (long long)row_bytes, row, &status);
  }
  free(row);
  assert_cfitsio(status);
}

static void binary_types_agree(void **state) {
  (void)state;
  const char *names[] = {"l", "x",  "b",  "i",  "j",  "k",  "e",   "d", "sb",
                         "u", "ju", "ku", "bs", "ks", "es", "vec", "il"};
  const char *forms[] = {"1L", "11X", "1B", "1I", "1J", "1K", "1E", "1D", "1B",
                         "1I", "1J",  "1K", "1B", "1K", "E",  "3D", "2I"};
  int n = (int)ND_COUNT(names), status = 0;
  fitsfile *f = create(PATH);
  fits_create_tbl(f, BINARY_TBL, 0, n, (char **)names, (char **)forms, NULL, "NOISE", &status);
  fits_write_key_lng(f, "TZERO9", -128, "", &status);
  fits_write_key_lng(f, "TZERO10", 32768, "", &status);
  fits_write_key_str(f, "COMMENT", "unsigned", "", &status);
  fits_write_key_dbl(f, "TZERO11", 2147483648.0, 15, "", &status);
  fits_write_record(f, "TZERO12 =  9223372036854775808", &status);
  fits_write_key_dbl(f, "TSCAL13", 0.5, 5, "", &status);
  fits_write_key_dbl(f, "TZERO13", -3.25, 5, "", &status);
  fits_write_key_dbl(f, "TSCAL14", 1e-3, 5, "", &status);
  fits_write_key_dbl(f, "TSCAL15", 2.5, 5, "", &status);
  fits_write_key_lng(f, "TNULL3", 77, "", &status);
  fits_write_key_lng(f, "TNULL9", 3, "", &status);
  fits_set_hdustruc(f, &status);
  assert_cfitsio(status);
  fill_with_noise(f, 1 + 2 + 1 + 2 + 4 + 8 + 4 + 8 + 1 + 2 + 4 + 8 + 1 + 8 + 4 + 24 + 4, ROWS, 1);
  /* truth values are T, F and 0 only: others mean nothing */
  unsigned char truths[3] = {'T', 'F', 0};
  for (long r = 1; r <= ROWS; r++)
    fits_write_tblbytes(f, r, 1, 1, &truths[r % 3], &status);
  done(f, status);
  f = open_by_cfitsio(PATH, 1);
  nd_source *source = open_table(PATH, NULL);
  assert_int_equal(compare_with_cfitsio(source, f), ROWS * (14 + 11 + 1 + 3 + 2 - 1));
  const nd_column *c = source->columns;
  const nd_cell_type types[] = {ND_CELL_TRUTH,   ND_CELL_TRUTH,   ND_CELL_INTEGER, ND_CELL_INTEGER,
                                ND_CELL_INTEGER, ND_CELL_INTEGER, ND_CELL_REAL,    ND_CELL_REAL,
                                ND_CELL_INTEGER, ND_CELL_INTEGER, ND_CELL_INTEGER, ND_CELL_INTEGER,
                                ND_CELL_REAL,    ND_CELL_REAL,    ND_CELL_REAL,    ND_CELL_REAL,
                                ND_CELL_INTEGER};
  const char *single = "11110010110000001"; /* exact in float32 by type */
  for (int i = 0; i < n; i++) {
    assert_int_equal(c[i].type, types[i]);
    assert_int_equal(c[i].single, single[i] == '1');
    assert_string_equal(c[i].format, forms[i]);
  }
  source->class->close(source);
  done(f, status);
}

static void large_integers_are_exact_as_text(void **state) {
  (void)state;
  const char *names[] = {"k", "ku"}, *forms[] = {"1K", "1K"};
  long long k[] = {INT64_MAX, INT64_MIN, 9007199254740993, 0, -1};
  unsigned long long ku[] = {UINT64_MAX, 0, UINT64_C(1) << 63, 9007199254740993u,
                             18446744073709551557u};
  int status = 0;
  fitsfile *f = create(PATH);
  fits_create_tbl(f, BINARY_TBL, 0, 2, (char **)names, (char **)forms, NULL, "K", &status);
  fits_write_record(f, "TZERO2  =  9223372036854775808", &status);
  fits_set_hdustruc(f, &status);
  fits_write_col(f, TLONGLONG, 1, 1, 1, 5, k, &status);
  fits_write_col(f, TULONGLONG, 2, 1, 1, 5, ku, &status);
  done(f, status);
  nd_source *source = open_table(PATH, "K");
  char **a = texts_of(source, 0, 0), **b = texts_of(source, 1, 0);
  const char *wanted_a[] = {"9223372036854775807", "-9223372036854775808", "9007199254740993", "0",
                            "-1"};
  const char *wanted_b[] = {"18446744073709551615", "0", "9223372036854775808", "9007199254740993",
                            "18446744073709551557"};
  for (int i = 0; i < 5; i++) {
    assert_string_equal(a[i], wanted_a[i]);
    assert_string_equal(b[i], wanted_b[i]);
  }
  free_texts(a, 5);
  free_texts(b, 5);
  source->class->close(source);
}

static void texts_lose_padding_and_compare(void **state) {
  (void)state;
  const char *names[] = {"class", "pair", "e"}, *forms[] = {"8A", "6A3", "1E"};
  int status = 0;
  unsigned char rows[4][18] = {"QSO     abcde ", "STAR\0xx b    c", "        \0\0\0q  ",
                               " QSO  \0 xyz   "};
  float e[] = {22.04064f, 0.1f, (float)NAN, 1e-30f};
  fitsfile *f = create(PATH);
  fits_create_tbl(f, BINARY_TBL, 0, 3, (char **)names, (char **)forms, NULL, "T", &status);
  for (long r = 0; r < 4; r++)
    fits_write_tblbytes(f, r + 1, 1, 14, rows[r], &status);
  fits_write_col(f, TFLOAT, 3, 1, 1, 4, e, &status);
  done(f, status);
  nd_source *source = open_table(PATH, NULL);
  assert_int_equal(source->columns[0].type, ND_CELL_TEXT);
  assert_int_equal(source->columns[1].elements, 2);
  char **class = texts_of(source, 0, 0), **second = texts_of(source, 1, 1),
       **short_e = texts_of(source, 2, 0);
  assert_string_equal(class[0], "QSO");
  assert_string_equal(class[1], "STAR");
  assert_null(class[2]);
  assert_string_equal(class[3], " QSO");
  assert_string_equal(second[0], "de");
  assert_string_equal(second[1], "  c");
  assert_string_equal(short_e[0], "22.04064");
  assert_string_equal(short_e[1], "0.1");
  assert_null(short_e[2]);
  assert_string_equal(short_e[3], "1e-30");
  free_texts(class, 4);
  free_texts(second, 4);
  free_texts(short_e, 4);
  double equal[4];
  nadir_error error;
  nd_request request = {.kind = ND_AS_EQUAL, .column = 0, .equals = "QSO  "};
  assert_int_equal(read_whole(source, request, equal, NULL, &error), NADIR_OK);
  assert_true(equal[0] == 1 && equal[1] == 0 && isnan(equal[2]) && equal[3] == 0);
  source->class->close(source);
}

static void ascii_tables_agree(void **state) {
  (void)state;
  const char *names[] = {"name", "i", "f", "e", "d"},
             *forms[] = {"A6", "I10", "F9.3", "E14.6", "D24.16"};
  int status = 0;
  const char *texts[] = {"one", "two", "", "four four"};
  long i[] = {1, -200000000, 99, 7};
  double d[] = {1.5, -2.25e-30, 3.14159265358979, 1e200};
  double f3[] = {1.5, -12.25, 3.142, 1000};
  fitsfile *f = create(PATH);
  fits_create_tbl(f, ASCII_TBL, 0, 5, (char **)names, (char **)forms, NULL, "ASC", &status);
  fits_write_key_dbl(f, "TSCAL4", 2, 5, "", &status);
  fits_set_hdustruc(f, &status);
  fits_write_col(f, TSTRING, 1, 1, 1, 4, texts, &status);
  fits_write_col(f, TLONG, 2, 1, 1, 4, i, &status);
  fits_write_col(f, TDOUBLE, 3, 1, 1, 4, f3, &status);
  fits_write_col(f, TDOUBLE, 4, 1, 1, 4, f3, &status);
  fits_write_col(f, TDOUBLE, 5, 1, 1, 4, d, &status);
  /* no point: the decimals of the TFORM; blank: zero */
  fits_write_tblbytes(f, 4, 1 + 6 + 1 + 10 + 1, 9, (unsigned char *)"    12345", &status);
  fits_write_tblbytes(f, 1, 1 + 6 + 1 + 10 + 1, 9, (unsigned char *)"         ", &status);
  done(f, status);
  f = open_by_cfitsio(PATH, 1);
  nd_source *source = open_table(PATH, NULL);
  assert_int_equal(compare_with_cfitsio(source, f), 4 * 4);
  assert_int_equal(source->columns[1].type, ND_CELL_INTEGER);
  assert_int_equal(source->columns[2].type, ND_CELL_REAL);
  double *got = numbers_of(source, 2, 0);
  assert_true(got[3] == 12.345 && got[0] == 0);
  free(got);
  got = numbers_of(source, 4, 0); /* 17 digits read back to the bit */
  for (int r = 0; r < 4; r++)
    assert_true(got[r] == d[r]);
  free(got);
  char **name = texts_of(source, 0, 0);
  assert_string_equal(name[0], "one");
  assert_null(name[2]);
  assert_string_equal(name[3], "four f");
  free_texts(name, 4);
  source->class->close(source);
  done(f, status);
}

static void ascii_nulls_are_missing(void **state) {
  (void)state;
  const char *names[] = {"i", "t"}, *forms[] = {"I6", "A6"};
  const char *texts[] = {"none", "nonesuch", "x"};
  long i[] = {5, 99, 990};
  int status = 0;
  fitsfile *f = create(PATH);
  fits_create_tbl(f, ASCII_TBL, 0, 2, (char **)names, (char **)forms, NULL, "ASC", &status);
  fits_write_col(f, TLONG, 1, 1, 1, 3, i, &status);
  fits_write_col(f, TSTRING, 2, 1, 1, 3, texts, &status);
  fits_write_key_str(f, "TNULL1", "99", "", &status);
  fits_write_key_str(f, "TNULL2", "none", "", &status);
  done(f, status);
  nd_source *source = open_table(PATH, NULL);
  double *whole = numbers_of(source, 0, 0);
  char **text = texts_of(source, 1, 0), **digits = texts_of(source, 0, 0);
  assert_true(whole[0] == 5 && isnan(whole[1]) && whole[2] == 990);
  assert_null(text[0]);
  assert_string_equal(text[1], "nonesu");
  assert_null(digits[1]);
  assert_string_equal(digits[2], "990");
  free(whole);
  free_texts(text, 3);
  free_texts(digits, 3);
  source->class->close(source);
}

static void bad_ascii_number_names_its_place(void **state) {
  (void)state;
  const char *names[] = {"velocity"}, *forms[] = {"F9.3"};
  int status = 0;
  nadir_error error;
  fitsfile *f = create(PATH);
  fits_create_tbl(f, ASCII_TBL, 3, 1, (char **)names, (char **)forms, NULL, "ASC", &status);
  fits_write_tblbytes(f, 2, 1, 9, (unsigned char *)" 12x5    ", &status);
  done(f, status);
  nd_source *source = open_table(PATH, NULL);
  double numbers[3];
  nd_request request = {.kind = ND_AS_NUMBER};
  assert_int_equal(read_whole(source, request, numbers, NULL, &error), NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, PATH ":row 2:velocity"));
  assert_non_null(strstr(error.message, "'12x5'"));
  source->class->close(source);
}

/* Rows of 72 kB are read one by one, and only the part that is asked for. */
static void long_rows_agree(void **state) {
  (void)state;
  const char *names[] = {"a", "v", "b", "t"}, *forms[] = {"1D", "9000D", "3I", "5A"};
  int status = 0;
  fitsfile *f = create(PATH);
  fits_create_tbl(f, BINARY_TBL, 0, 4, (char **)names, (char **)forms, NULL, "LONG", &status);
  fill_with_noise(f, 8 + 72000 + 6 + 5, 4, 3);
  fits_flush_file(f, &status);
  nd_source *source = open_table(PATH, NULL);
  assert_int_equal(compare_with_cfitsio(source, f), 4 * (1 + 9000 + 3));
  source->class->close(source);
  done(f, status);
}

/* Several requests at once, in the middle of the caller's arrays, as for a table of several files.
 */
static void requests_together_are_as_alone(void **state) {
  (void)state;
  const char *names[] = {"a", "b"}, *forms[] = {"1D", "3J"};
  enum { MANY = 20000 };
  int status = 0;
  nadir_error error;
  void *scratch;
  fitsfile *f = create(PATH);
  fits_create_tbl(f, BINARY_TBL, 0, 2, (char **)names, (char **)forms, NULL, "T", &status);
  fill_with_noise(f, 8 + 12, MANY, 4);
  done(f, status);
  nd_source *source = open_table(PATH, NULL);
  double *a = numbers_of(source, 0, 0), *b = numbers_of(source, 1, 2);
  static double got_a[ND_CHUNK], got_b[ND_CHUNK];
  nd_request requests[] = {{.kind = ND_AS_NUMBER, .numbers = got_a},
                           {.kind = ND_AS_NUMBER, .column = 1, .element = 2, .numbers = got_b}};
  assert_int_equal(source->class->scratch_new(&scratch, source, &error), NADIR_OK);
  got_a[99] = got_b[99] = 42;
  nadir_status read = source->class->read(source, 15000, 3000, 100, requests, 2, scratch, &error);
  assert_int_equal(read, NADIR_OK);
  assert_true(got_a[99] == 42 && got_b[99] == 42);
  for (int i = 0; i < 3000; i++)
    assert_true(same_bits(got_a[100 + i], a[15000 + i]) && same_bits(got_b[100 + i], b[15000 + i]));
  source->class->scratch_free(scratch);
  free(a);
  free(b);
  source->class->close(source);
}

typedef struct parallel {
  const nd_source *source;
  const double *wanted;
  void *scratch[4];
  double out[4][ND_CHUNK];
  bool differs[4];
} parallel;

static nadir_status read_in_parallel(void *context, size_t i, size_t worker, nadir_error *error) {
  parallel *p = context;
  uint64_t first = i * ND_CHUNK, left = p->source->rows - first;
  size_t n = left < ND_CHUNK ? (size_t)left : ND_CHUNK;
  nd_request request = {.kind = ND_AS_NUMBER, .numbers = p->out[worker]};
  ND_TRY(p->source->class->read(p->source, first, n, 0, &request, 1, p->scratch[worker], error));
  if (memcmp(p->out[worker], p->wanted + first, n * sizeof(double)) != 0) p->differs[worker] = true;
  return NADIR_OK;
}

static void threads_read_the_same(void **state) {
  (void)state;
  const char *names[] = {"a"}, *forms[] = {"1J"};
  enum { MANY = 60000, CHUNKS = (MANY - 1) / ND_CHUNK + 1 };
  static parallel p;
  int status = 0;
  nadir_error error;
  nd_pool *pool;
  fitsfile *f = create(PATH);
  fits_create_tbl(f, BINARY_TBL, 0, 1, (char **)names, (char **)forms, NULL, "T", &status);
  fill_with_noise(f, 4, MANY, 5);
  done(f, status);
  nd_source *source = open_table(PATH, NULL);
  double *wanted = numbers_of(source, 0, 0);
  p.source = source;
  p.wanted = wanted;
  for (int i = 0; i < 4; i++)
    assert_int_equal(source->class->scratch_new(&p.scratch[i], source, &error), NADIR_OK);
  assert_int_equal(nd_pool_new(&pool, 4, &error), NADIR_OK);
  assert_int_equal(nd_pool_run(pool, CHUNKS, read_in_parallel, &p, &error), NADIR_OK);
  nd_pool_free(pool);
  for (int i = 0; i < 4; i++) {
    assert_false(p.differs[i]);
    source->class->scratch_free(p.scratch[i]);
  }
  free(wanted);
  source->class->close(source);
}

static void sentinels_are_missing(void **state) {
  (void)state;
  const char *names[] = {"e", "i", "d"}, *forms[] = {"1E", "1I", "1D"};
  float e[] = {-99.9f, 1}, i[] = {-9, 2}, d[] = {3, -9};
  int status = 0;
  nadir_error error;
  nd_file *file;
  nd_source *source;
  fitsfile *f = create(PATH);
  fits_create_tbl(f, BINARY_TBL, 0, 3, (char **)names, (char **)forms, NULL, "T", &status);
  fits_write_col(f, TFLOAT, 1, 1, 1, 2, e, &status);
  fits_write_col(f, TFLOAT, 2, 1, 1, 2, i, &status);
  fits_write_col(f, TFLOAT, 3, 1, 1, 2, d, &status);
  done(f, status);
  const double nulls[] = {-9, -99.9};
  nd_table_options options = {.nulls = nulls, .null_count = 2};
  assert_int_equal(nd_file_open(&file, PATH, &error), NADIR_OK);
  assert_int_equal(nd_fits_open(&source, file, &options, &error), NADIR_OK);
  const char *wanted[] = {"m1", "m2", "3m"}; /* m: missing */
  for (size_t c = 0; c < 3; c++) {
    double *numbers = numbers_of(source, c, 0);
    char **texts = texts_of(source, c, 0);
    for (int r = 0; r < 2; r++) {
      assert_int_equal(isnan(numbers[r]) != 0, wanted[c][r] == 'm');
      assert_int_equal(texts[r] == NULL, wanted[c][r] == 'm');
      if (wanted[c][r] != 'm') assert_true(numbers[r] == wanted[c][r] - '0');
    }
    free(numbers);
    free_texts(texts, 2);
  }
  source->class->close(source);
}

/* ---- compressed ---- */

static void compressed_tables_agree(void **state) {
  (void)state;
  const char *names[] = {"l", "b", "i", "j", "k", "e", "d", "v", "t", "p", "run"};
  const char *forms[] = {"1L", "1B", "1I", "1J", "1K", "1E", "1D", "4E", "7A", "1PE", "1J"};
  const char *ways[] = {"GZIP_1", "GZIP_2", "RICE_1"};
  int status = 0;
  long rows = 1000;
  fitsfile *f = create(PATH);
  fits_create_tbl(f, BINARY_TBL, 0, 11, (char **)names, (char **)forms, NULL, "PLAIN", &status);
  fits_write_key_lng(f, "TNULL3", 5, "", &status);
  fits_write_key_lng(f, "FZTILELN", 137, "rows of a tile; the last has fewer", &status);
  fits_set_hdustruc(f, &status);
  size_t bytes = 1 + 1 + 2 + 4 + 8 + 4 + 8 + 16 + 7;
  fill_with_noise(f, bytes, rows, 2);
  for (long r = 0; r < rows; r++) {
    unsigned char truth = "TF"[r % 2];
    int slow = (int)(r * r / 1000) - 300; /* small differences: Rice at its work */
    float p[] = {1, 2};
    fits_write_tblbytes(f, r + 1, 1, 1, &truth, &status);
    fits_write_col(f, TFLOAT, 10, r + 1, 1, 1 + r % 2, p, &status);
    fits_write_col(f, TINT, 11, r + 1, 1, 1, &slow, &status);
  }
  assert_cfitsio(status);
  for (size_t way = 0; way < ND_COUNT(ways); way++) {
    fitsfile *packed = create(PACKED);
    for (size_t c = 0; c < 4; c++) { /* FZALGn asks for the algorithm of a column */
      char key[16];
      const int number[] = {2, 3, 4, 11};
      snprintf(key, sizeof key, "FZALG%d", number[c]);
      bool unfit = number[c] == 2 && strcmp(ways[way], "GZIP_2") == 0; /* bytes are not shuffled */
      fits_update_key(f, TSTRING, key, (void *)(uintptr_t)(unfit ? "GZIP_1" : ways[way]), "",
                      &status);
    }
    fits_set_hdustruc(f, &status);
    fits_create_img(packed, 8, 0, NULL, &status);
    fits_compress_table(f, packed, &status);
    assert_cfitsio(status);
    char used[FLEN_VALUE];
    long tiles;
    fits_read_key(packed, TSTRING, "ZCTYP4", used, NULL, &status);
    fits_get_num_rows(packed, &tiles, &status);
    done(packed, status);
    assert_string_equal(used, ways[way]);
    assert_int_equal(tiles, 8); /* 1000 rows by 137 */
    nd_source *source = open_table(PACKED, NULL);
    size_t compared = compare_with_cfitsio(source, f);
    assert_int_equal(compared, (size_t)rows * (7 + 4 + 1));
    char **t = texts_of(source, 8, 0);
    unsigned char raw[8] = {0};
    for (long r = 0; r < rows; r++) {
      fits_read_tblbytes(f, r + 1, (long long)bytes - 6, 7, raw, &status);
      assert_int_equal(
          strncmp(t[r] == NULL ? "" : t[r], (char *)raw, t[r] == NULL ? 0 : strlen(t[r])), 0);
    }
    free_texts(t, (uint64_t)rows);
    source->class->close(source);
  }
  done(f, status);
  unlink(PACKED);
}

/* ---- refusals and choices ---- */

static void wrong_kinds_are_refused_by_name(void **state) {
  (void)state;
  const char *names[] = {"spectrum", "visibility", "tag", "mag"},
             *forms[] = {"1PE", "1C", "4A", "1E"};
  int status = 0;
  nadir_error error;
  double numbers[2];
  fitsfile *f = create(PATH);
  fits_create_tbl(f, BINARY_TBL, 2, 4, (char **)names, (char **)forms, NULL, "T", &status);
  float z[] = {1.5f, -2.0f};
  fits_write_col(f, TCOMPLEX, 2, 1, 1, 1, z, &status);
  done(f, status);
  nd_source *source = open_table(PATH, NULL);
  assert_int_equal(source->column_count, 4);
  for (size_t c = 0; c < 3; c++) {
    nd_request request = {.kind = ND_AS_NUMBER, .column = c};
    assert_int_equal(read_whole(source, request, numbers, NULL, &error), NADIR_BAD_DATA);
    assert_non_null(strstr(error.message, names[c]));
  }
  nd_request request = {.kind = ND_AS_NUMBER, .column = 3, .element = 1};
  assert_int_equal(read_whole(source, request, numbers, NULL, &error), NADIR_BAD_DATA);
  char **z_text = texts_of(source, 1, 0);
  assert_string_equal(z_text[0], "1.5-2i");
  free_texts(z_text, 2);
  source->class->close(source);
}

static void the_hdu_is_chosen(void **state) {
  (void)state;
  const char *names[] = {"a"}, *forms[] = {"1J"};
  long axes[] = {4, 4};
  int status = 0;
  nadir_error error;
  fitsfile *f = create(PATH);
  fits_create_img(f, 8, 0, NULL, &status);
  fits_create_img(f, 16, 2, axes, &status);
  fits_write_key_str(f, "EXTNAME", "EVENTS", "", &status);
  fits_create_tbl(f, BINARY_TBL, 3, 1, (char **)names, (char **)forms, NULL, "Events", &status);
  fits_create_tbl(f, BINARY_TBL, 5, 1, (char **)names, (char **)forms, NULL, "GTI", &status);
  done(f, status);
  const char *wanted[] = {NULL, "2", "events", "3", "gti"};
  const uint64_t rows[] = {3, 3, 3, 5, 5};
  for (int i = 0; i < 5; i++) {
    nd_source *source = open_table(PATH, wanted[i]);
    assert_int_equal(source->rows, rows[i]);
    source->class->close(source);
  }
  refuse_table(PATH, "1", &error);
  assert_non_null(strstr(error.message, "image"));
  assert_non_null(strstr(error.message, "2 Events (table), 3 GTI (table)"));
  refuse_table(PATH, "0", &error);
  refuse_table(PATH, "4", &error);
  refuse_table(PATH, "99999999999999999999999", &error);
  refuse_table(PATH, "GTX", &error);
  assert_non_null(strstr(error.message, "GTX"));
}

static void replace(const char *card, const char *with) {
  FILE *file = fopen(PATH, "r+b");
  char bytes[80];
  for (long at = 0; fread(bytes, 1, 80, file) == 80; at += 80) {
    if (strncmp(bytes, card, strlen(card)) != 0) continue;
    snprintf(bytes, sizeof bytes, "%-79s", with);
    fseek(file, at, SEEK_SET);
    fwrite(bytes, 1, 79, file);
    fclose(file);
    return;
  }
  fail_msg("no card %s", card);
}

static void damage_is_named(void **state) {
  (void)state;
  const struct {
    const char *card, *with, *sentence;
  } cases[] = {
      {"NAXIS2  =                   10", "NAXIS2  =                   -1", "NAXIS2 is negative"},
      {"NAXIS2  =                   10", "NAXIS2  =                 1e10",
       "NAXIS2 is not a whole number"},
      {"NAXIS2  =                   10", "NAXIS2  =  9223372036854775807",
       "more data than any file"},
      {"NAXIS2  =                   10", "NAXIS2  =               100000",
       "100000 rows of 12 bytes"},
      {"TFIELDS ", "TFIELDS =            123456789", "TFIELDS is more than 999"},
      {"TFIELDS ", "COMMENT", "TFIELDS is missing"},
      {"TFORM1  ", "TFORM1  = '1Z      '", "column 1 of HDU 1: TFORM is not a type"},
      {"TFORM1  ", "TFORM1  = '99999999999999999999J'", "TFORM is not a type"},
      {"TFORM2  ", "TFORM2  = '1J      '", "take 8 bytes by TFORM"},
      {"TFORM2  ", "TFORM2  = '9J      '", "reach past the end of a row"},
      {"END", "ENDE", "has no END card"},
      {"BITPIX  =                    8 / 8", "BITPIX  =                   16", "BITPIX is not 8"},
      {"PCOUNT  ", "PCOUNT  =  9223372036854775807", "more data than any file"},
  };
  const char *names[] = {"a", "b"}, *forms[] = {"1J", "1D"};
  nadir_error error;
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    int status = 0;
    fitsfile *f = create(PATH);
    fits_create_tbl(f, BINARY_TBL, 10, 2, (char **)names, (char **)forms, NULL, "T", &status);
    done(f, status);
    if (strncmp(cases[i].card, "END", 3) == 0) {
      assert_int_equal(truncate(PATH, 2 * 2880), 0); /* the data go too, so that no END is found */
      FILE *file = fopen(PATH, "r+b");
      char bytes[2 * 2880];
      assert_int_equal(fread(bytes, 1, sizeof bytes, file), sizeof bytes);
      for (size_t at = 2880; at < sizeof bytes; at += 80)
        if (strncmp(bytes + at, "END ", 4) == 0) memcpy(bytes + at, "ENDE", 4);
      rewind(file);
      fwrite(bytes, 1, sizeof bytes, file);
      fclose(file);
    } else {
      replace(cases[i].card, cases[i].with);
    }
    refuse_table(PATH, NULL, &error);
    if (strstr(error.message, cases[i].sentence) == NULL)
      fail_msg("case %zu: '%s' is not in: %s", i, cases[i].sentence, error.message);
  }
}

static void truncation_gives_both_sizes(void **state) {
  (void)state;
  const char *names[] = {"a"}, *forms[] = {"1D"};
  int status = 0;
  nadir_error error;
  fitsfile *f = create(PATH);
  fits_create_tbl(f, BINARY_TBL, 1000, 1, (char **)names, (char **)forms, NULL, "T", &status);
  done(f, status);
  assert_int_equal(truncate(PATH, 2 * 2880 + 1234), 0);
  refuse_table(PATH, NULL, &error);
  assert_non_null(strstr(error.message, "1000 rows of 8 bytes"));
  assert_non_null(strstr(error.message, "only 1234 bytes"));
  /* missing padding alone is no damage */
  f = create(PATH);
  fits_create_tbl(f, BINARY_TBL, 1000, 1, (char **)names, (char **)forms, NULL, "T", &status);
  done(f, status);
  assert_int_equal(truncate(PATH, 2 * 2880 + 8000), 0);
  nd_source *source = open_table(PATH, NULL);
  assert_int_equal(source->rows, 1000);
  source->class->close(source);
}

/* A name is only a name: all of these are files, and are read. */
static void names_have_no_powers(void **state) {
  (void)state;
  const char *names[] = {
      "!x.fits",       "x.fits[1]",        "x.fits+1",        "x.fits[EVENTS][a>1]",
      "sh:echo | cat", "x.fits(out.fits)", "mem:x.fits.gz",   "x.fits#1",
      "-.fits",        "@x.fits",          "a b'c\"`id`.fits"};
  const char *columns[] = {"a"}, *forms[] = {"1J"};
  for (size_t i = 0; i < ND_COUNT(names); i++) {
    int status = 0;
    fitsfile *f = create(PATH);
    fits_create_tbl(f, BINARY_TBL, 3, 1, (char **)columns, (char **)forms, NULL, "T", &status);
    done(f, status);
    assert_int_equal(rename(PATH, names[i]), 0);
    nd_source *source = open_table(names[i], NULL);
    assert_int_equal(source->rows, 3);
    source->class->close(source);
    unlink(names[i]);
  }
}

static int clean(void **state) {
  (void)state;
  unlink(PATH);
  unlink(PACKED);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(binary_types_agree),
      cmocka_unit_test(large_integers_are_exact_as_text),
      cmocka_unit_test(texts_lose_padding_and_compare),
      cmocka_unit_test(ascii_tables_agree),
      cmocka_unit_test(ascii_nulls_are_missing),
      cmocka_unit_test(bad_ascii_number_names_its_place),
      cmocka_unit_test(long_rows_agree),
      cmocka_unit_test(requests_together_are_as_alone),
      cmocka_unit_test(threads_read_the_same),
      cmocka_unit_test(sentinels_are_missing),
      cmocka_unit_test(compressed_tables_agree),
      cmocka_unit_test(wrong_kinds_are_refused_by_name),
      cmocka_unit_test(the_hdu_is_chosen),
      cmocka_unit_test(damage_is_named),
      cmocka_unit_test(truncation_gives_both_sizes),
      cmocka_unit_test(names_have_no_powers),
  };
  return cmocka_run_group_tests(tests, NULL, clean);
}
