/* Thousands of damaged FITS files: each must either be read to the end or be refused with a
 * sentence that names the file; never a crash, a leak or an endless loop (run this under
 * sanitizers). Damage is seeded: flipped bytes, random digits and letters in header cards, swapped
 * and removed cards, cut and doubled pieces. */
#include <dirent.h>

#include "data_test.h"
#include "fits_test.h"

#define PATH "fits_damage.fits"

typedef struct bytes {
  unsigned char *data;
  size_t size;
} bytes;

static bytes load(const char *path) {
  FILE *file = fopen(path, "rb");
  bytes b = {0};
  if (file == NULL) fail_msg("%s cannot be opened", path);
  fseek(file, 0, SEEK_END);
  b.size = (size_t)ftell(file);
  rewind(file);
  b.data = malloc(2 * b.size + 2880);
  assert_int_equal(fread(b.data, 1, b.size, file), b.size);
  fclose(file);
  return b;
}

static bytes copy_of(bytes b) {
  bytes copy = {malloc(2 * b.size + 2880), b.size};
  memcpy(copy.data, b.data, b.size);
  return copy;
}

/* ---- damage ---- */

static size_t below(nd_random *random, size_t bound) {
  return (size_t)nd_random_below(random, bound);
}

static void flip_bytes(bytes *b, nd_random *random) {
  for (size_t n = 1 + below(random, 8); n > 0; n--)
    b->data[below(random, b->size)] = (unsigned char)below(random, 256);
}

/* A place in a card that stands for something: a keyword's letter or its value. */
static void change_card(bytes *b, nd_random *random) {
  static const char signs[] = "0123456789-'PQXLBIJKEDCMATF. ";
  size_t card = below(random, b->size / 80) * 80;
  for (int tries = 0; tries < 200 && b->data[card + 8] != '='; tries++)
    card = below(random, b->size / 80) * 80;
  for (size_t n = 1 + below(random, 3); n > 0; n--)
    b->data[card + below(random, 2) * 10 + below(random, 20)] =
        (unsigned char)signs[below(random, sizeof signs - 1)];
}

/* A number of a card becomes one that breaks sums and products. */
static void change_number(bytes *b, nd_random *random) {
  static const char *const numbers[] = {"-1",
                                        "0",
                                        "1",
                                        "2147483648",
                                        "4294967296",
                                        "9223372036854775807",
                                        "-9223372036854775808",
                                        "99999999999999999999",
                                        "1E30",
                                        "NaN",
                                        "999"};
  size_t card = below(random, b->size / 80) * 80;
  for (int tries = 0; tries < 500 && (b->data[card + 8] != '=' || b->data[card + 10] == '\'');
       tries++)
    card = below(random, b->size / 80) * 80;
  char text[21];
  snprintf(text, sizeof text, "%20s", numbers[below(random, ND_COUNT(numbers))]);
  memcpy(b->data + card + 10, text, 20);
}

static void swap_cards(bytes *b, nd_random *random) {
  unsigned char card[80];
  size_t from = below(random, b->size / 80) * 80, to = below(random, b->size / 80) * 80;
  memcpy(card, b->data + from, 80);
  memcpy(b->data + from, b->data + to, 80);
  memcpy(b->data + to, card, 80);
}

static void cut(bytes *b, nd_random *random) {
  b->size = 1 + below(random, b->size);
}

static void repeat_piece(bytes *b, nd_random *random) {
  size_t from = below(random, b->size), size = below(random, b->size - from) / 80 * 80;
  memcpy(b->data + b->size, b->data + from, size);
  b->size += size;
}

/* One to three kinds of damage; only the last may make the file longer, since its room is twice its
 * size. */
static void damage(bytes *b, nd_random *random) {
  void (*const ways[])(bytes *, nd_random *) = {
      flip_bytes, change_card, change_card, change_number, change_number, swap_cards, cut};
  for (size_t n = 1 + below(random, 3); n > 0 && b->size >= 160; n--)
    ways[below(random, ND_COUNT(ways))](b, random);
  if (below(random, 10) == 0) repeat_piece(b, random);
}

/* ---- reading all of it ---- */

static size_t opened, refused;

static void check_sentence(const nadir_error *error, nadir_status status) {
  assert_true(status == NADIR_BAD_DATA);
  if (strstr(error->message, PATH) == NULL) fail_msg("no file is named: %s", error->message);
}

static void read_chunk(const nd_source *source, nd_request request, uint64_t first, void *scratch) {
  nadir_error error = {0};
  uint64_t left = source->rows - first;
  size_t n = left < ND_CHUNK ? (size_t)left : ND_CHUNK;
  nadir_status status = source->class->read(source, first, n, 0, &request, 1, scratch, &error);
  if (status != NADIR_OK) check_sentence(&error, status);
}

static void read_column(const nd_source *source, size_t column, void *scratch) {
  static double numbers[ND_CHUNK];
  static float singles[ND_CHUNK];
  static const char *texts[ND_CHUNK];
  const size_t elements[] = {0, source->columns[column].elements - 1};
  uint64_t last = source->rows == 0 ? 0 : (source->rows - 1) / ND_CHUNK * ND_CHUNK;
  for (size_t e = 0; e < 2; e++)
    for (nd_request_kind kind = ND_AS_NUMBER; kind <= ND_AS_TEXT; kind++) {
      nd_request request = {.kind = kind, .column = column, .element = elements[e], .equals = "QSO", .numbers = numbers, .texts = texts, .singles = singles};
      read_chunk(source, request, 0, scratch);
      read_chunk(source, request, last, scratch);
    }
}

static void read_hdu(const char *hdu) {
  nadir_error error = {0};
  nd_file *file;
  nd_source *source;
  void *scratch;
  nd_table_options options = {.hdu = hdu};
  assert_int_equal(nd_file_open(&file, PATH, &error), NADIR_OK);
  nadir_status status = nd_fits_open(&source, file, &options, &error);
  if (status != NADIR_OK) {
    refused++;
    check_sentence(&error, status);
    return;
  }
  opened++;
  assert_int_equal(source->class->scratch_new(&scratch, source, &error), NADIR_OK);
  for (size_t c = 0; c < source->column_count && c < 20; c++)
    read_column(source, c, scratch);
  source->class->scratch_free(scratch);
  source->class->close(source);
}

static void try_damaged(bytes whole, uint64_t seed, size_t times) {
  for (size_t i = 0; i < times; i++) {
    nd_random random = nd_random_stream(seed, ND_FOR_TEST, i, 0);
    bytes b = copy_of(whole);
    damage(&b, &random);
    FILE *file = fopen(PATH, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(b.data, 1, b.size, file), b.size);
    fclose(file);
    free(b.data);
    read_hdu(NULL);
    const char *const others[] = {"0", "1", "2", "EVENTS"};
    read_hdu(others[i % 4]);
  }
}

/* A small file of every type, with an image and an ASCII table, made by CFITSIO. */
static void make_sample(const char *path, bool pack) {
  const char *names[] = {"l", "x", "b", "i", "j", "k", "e", "d", "t", "c", "p"};
  const char *forms[] = {"1L", "9X", "1B", "2I", "1J", "1K", "1E", "3D", "8A", "1C", "1PE"};
  const char *ascii[] = {"A6", "I10", "F9.3"};
  int status = 0;
  fitsfile *f, *packed;
  unlink(path);
  unlink(PATH);
  fits_create_diskfile(&f, pack ? PATH : path, &status);
  fits_create_tbl(f, BINARY_TBL, 40, 11, (char **)names, (char **)forms, NULL, "EVENTS", &status);
  fits_write_key_lng(f, "TNULL4", 7, "", &status);
  fits_write_key_lng(f, "FZTILELN", 16, "", &status);
  fits_write_key_str(f, "FZALG5", "RICE_1", "", &status);
  fits_set_hdustruc(f, &status);
  float p[] = {1, 2, 3};
  fits_write_col(f, TFLOAT, 11, 1, 1, 3, p, &status);
  if (pack) {
    fits_create_diskfile(&packed, path, &status);
    fits_create_img(packed, 8, 0, NULL, &status);
    fits_compress_table(f, packed, &status);
    fits_close_file(packed, &status);
  } else {
    fits_create_tbl(f, ASCII_TBL, 5, 3, (char **)names, (char **)ascii, NULL, "ASCII", &status);
  }
  fits_close_file(f, &status);
  assert_cfitsio(status);
}

/* ---- a second opinion ---- */

/* One element of a column as CFITSIO reads it: false where it does not. */
static bool read_by_cfitsio(fitsfile *f, int kind, int column, int type, long long row,
                            long long element, double *value) {
  int status = 0, any;
  char truth = 0, flag = 0;
  double null = (double)NAN;
  /* told to look for NaN, CFITSIO reads denormals as zero */
  bool floats = (type == TFLOAT || type == TDOUBLE) && kind == BINARY_TBL;
  if (type == TBIT) {
    fits_read_col_bit(f, column, row, element, 1, &truth, &status);
    *value = truth;
  } else if (type == TLOGICAL) {
    fits_read_colnull(f, TLOGICAL, column, row, element, 1, &truth, &flag, &any, &status);
    *value = flag ? null : truth;
  } else {
    fits_read_col(f, TDOUBLE, column, row, element, 1, floats ? NULL : &null, value, &any, &status);
  }
  return status == 0;
}

typedef struct opinion {
  size_t alike, different, only_ours, refused;
} opinion;

/* False where a number differs; those that CFITSIO does not give are passed over. */
static bool columns_agree(const nd_source *source, fitsfile *f, size_t c, int kind, char *why,
                          size_t size) {
  int type, status = 0;
  long long repeat, width;
  fits_get_coltypell(f, (int)c + 1, &type, &repeat, &width, &status);
  if (status != 0 || type == TSTRING || type == TCOMPLEX || type == TDBLCOMPLEX || type < 0 ||
      repeat < 1)
    return true;
  if (source->columns[c].type == ND_CELL_TEXT || source->rows == 0) return true;
  uint64_t rows = source->rows < 50 ? source->rows : 50;
  nd_request request = {.kind = ND_AS_NUMBER, .column = c};
  static double numbers[ND_CHUNK];
  void *scratch;
  nadir_error error;
  request.numbers = numbers;
  assert_int_equal(source->class->scratch_new(&scratch, source, &error), NADIR_OK);
  nadir_status read = source->class->read(source, 0, (size_t)rows, 0, &request, 1, scratch, &error);
  source->class->scratch_free(scratch);
  for (uint64_t row = 0; read == NADIR_OK && row < rows; row++) {
    double theirs;
    if (!read_by_cfitsio(f, kind, (int)c + 1, type, (long long)row + 1, 1, &theirs)) continue;
    if (as_near(numbers[row], theirs, kind)) continue;
    /* a byte that is no truth value is missing here, and a number there */
    if (type == TLOGICAL && isnan(numbers[row]) && theirs != 0 && theirs != 1) continue;
    snprintf(why, size, "column %zu (%s) row %llu: %.17g, not %.17g", c + 1,
             source->columns[c].format, (unsigned long long)row + 1, numbers[row], theirs);
    return false;
  }
  return true;
}

static void ask_cfitsio(const nd_source *source, int hdu, uint64_t seed, size_t i, opinion *o) {
  fitsfile *f;
  int status = 0, columns = 0, kind = 0;
  long long rows = 0;
  char why[256] = "";
  fits_open_diskfile(&f, PATH, READONLY, &status);
  if (status != 0) {
    o->only_ours++;
    return;
  }
  fits_movabs_hdu(f, hdu + 1, &kind, &status);
  fits_get_num_rowsll(f, &rows, &status);
  fits_get_num_cols(f, &columns, &status);
  bool asked = status == 0;
  if (asked && ((uint64_t)rows != source->rows || (size_t)columns != source->column_count))
    snprintf(why, sizeof why, "%lld rows, %d columns", rows, columns);
  for (size_t c = 0; asked && c < source->column_count && why[0] == '\0'; c++)
    columns_agree(source, f, c, kind, why, sizeof why);
  status = 0;
  fits_close_file(f, &status);
  o->only_ours += !asked;
  o->alike += asked && why[0] == '\0';
  o->different += why[0] != '\0';
  if (why[0] != '\0') print_message("seed %llu, %zu: %s\n", (unsigned long long)seed, i, why);
}

/* What both read of a damaged table is the same. */
static void compare_damaged(bytes whole, const char *hdu, uint64_t seed, size_t times, opinion *o) {
  for (size_t i = 0; i < times; i++) {
    nd_random random = nd_random_stream(seed, ND_FOR_TEST, i, 1);
    nadir_error error = {0};
    nd_file *file;
    nd_source *source;
    nd_table_options options = {.hdu = hdu};
    bytes b = copy_of(whole);
    damage(&b, &random);
    FILE *out = fopen(PATH, "wb");
    assert_int_equal(fwrite(b.data, 1, b.size, out), b.size);
    fclose(out);
    free(b.data);
    assert_int_equal(nd_file_open(&file, PATH, &error), NADIR_OK);
    if (nd_fits_open(&source, file, &options, &error) != NADIR_OK) {
      o->refused++;
      continue;
    }
    ask_cfitsio(source, atoi(hdu), seed, i, o);
    source->class->close(source);
  }
}

static void samples(void **state) {
  (void)state;
  opened = refused = 0;
  for (int pack = 0; pack < 2; pack++) {
    make_sample("fits_sample.fits", pack == 1);
    bytes whole = load("fits_sample.fits");
    try_damaged(whole, 100 + (uint64_t)pack, 3000);
    free(whole.data);
  }
  unlink("fits_sample.fits");
  print_message("%zu opened, %zu refused\n", opened, refused);
  assert_true(opened > 1000 && refused > 1000); /* the damage is neither harmless nor total */
}

static void collection(void **state) {
  (void)state;
  DIR *directory = opendir(in_data("fits"));
  assert_non_null(directory);
  size_t files = 0;
  char path[1024];
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    const char *dot = strrchr(entry->d_name, '.');
    if (dot == NULL || strcmp(dot, ".gz") == 0 || strcmp(dot, ".json") == 0 ||
        entry->d_name[0] == '.')
      continue;
    snprintf(path, sizeof path, "%s/%s", in_data("fits"), entry->d_name);
    bytes whole = load(path);
    if (whole.size > 0 && whole.size < 200000) {
      try_damaged(whole, 1000 + files++, 60);
    }
    free(whole.data);
  }
  closedir(directory);
  assert_true(files >= (larger_collection ? 25 : 15));
}

/* The plain files of other people: CFITSIO is not asked about damaged compressed ones, on which it breaks down. */
static void compare_collection(uint64_t seed, size_t times, opinion *o) {
  DIR *directory = opendir(in_data("fits"));
  assert_non_null(directory);
  char path[1024];
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    const char *dot = strrchr(entry->d_name, '.');
    if (dot == NULL || strcmp(dot, ".gz") == 0 || strcmp(dot, ".json") == 0 ||
        strcmp(dot, ".fz") == 0 || entry->d_name[0] == '.' ||
        strstr(entry->d_name, "compressed") != NULL)
      continue;
    snprintf(path, sizeof path, "%s/%s", in_data("fits"), entry->d_name);
    bytes whole = load(path);
    if (whole.size > 0 && whole.size < 100000) compare_damaged(whole, "1", seed, times, o);
    free(whole.data);
  }
  closedir(directory);
}

/* 200 damaged tables and 10 of each file, or ten times as many where NADIR_LONG is set; NADIR_SEED chooses others. */
static void both_readers_agree(void **state) {
  (void)state;
  const char *wish = getenv("NADIR_SEED");
  uint64_t seed = wish == NULL ? 1 : strtoull(wish, NULL, 10);
  size_t times = getenv("NADIR_LONG") == NULL ? 100 : 1000;
  opinion o = {0};
  make_sample("fits_sample.fits", false);
  bytes whole = load("fits_sample.fits");
  compare_damaged(whole, "1", seed, times, &o);
  compare_damaged(whole, "2", seed, times, &o);
  free(whole.data);
  unlink("fits_sample.fits");
  compare_collection(seed + 1, times / 10, &o);
  print_message("%zu alike, %zu different, %zu read by nadir alone, %zu refused\n", o.alike,
                o.different, o.only_ours, o.refused);
  assert_true(o.alike > times / 4);
  assert_int_equal(o.different, 0);
}

static int clean(void **state) {
  (void)state;
  unlink(PATH);
  return 0;
}

int main(int argc, char **argv) {
  choose_data(argc, argv);
  const struct CMUnitTest tests[] = {cmocka_unit_test(samples), cmocka_unit_test(collection),
                                     cmocka_unit_test(both_readers_agree)};
  return cmocka_run_group_tests(tests, NULL, clean);
}
