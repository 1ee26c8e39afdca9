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
      nd_request request = {kind, column, elements[e], "QSO", numbers, texts, singles};
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

static int clean(void **state) {
  (void)state;
  unlink(PATH);
  return 0;
}

int main(int argc, char **argv) {
  choose_data(argc, argv);
  const struct CMUnitTest tests[] = {cmocka_unit_test(samples), cmocka_unit_test(collection)};
  return cmocka_run_group_tests(tests, NULL, clean);
}
