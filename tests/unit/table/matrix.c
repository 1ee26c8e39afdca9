/* Square matrices from every kind of file that covariances come in, and what is said of those that are not. */
#include "fits_made.h"
#include "table_test.h"

#include "table/matrix.h"

static const double three[9] = {4, 1, -0.5, 1, 3, 0.25, -0.5, 0.25, 2};

static void reads(const char *path, size_t size, const double *numbers) {
  nadir_error error = {0};
  double *matrix;
  size_t got;
  if (nd_matrix_read(path, 1 << 20, &got, &matrix, &error) != NADIR_OK)
    fail_msg("%s", error.message);
  assert_int_equal(got, size);
  assert_memory_equal(matrix, numbers, size * size * sizeof *numbers);
  nd_free(matrix);
}

static void refuses(const char *path, uint64_t memory, const char *sentence) {
  nadir_error error = {0};
  double *matrix;
  size_t got;
  assert_int_not_equal(nd_matrix_read(path, memory, &got, &matrix, &error), NADIR_OK);
  assert_null(matrix);
  if (strstr(error.message, sentence) == NULL) fail_msg("%s: %s", path, error.message);
}

static void texts(void **state) {
  (void)state;
  static const char *const same[] = {
      "4,1,-0.5\n1,3,0.25\n-0.5,0.25,2\n",
      "3\n4\n1\n-0.5\n1\n3\n0.25\n-.5\n25e-2\n2\n",   /* as supernova samples come */
      "a;b;c\r\n4;1;-0.5\r\n1;3;0.25\r\n-0.5;0.25;2", /* a header, no last line end */
      "# systematic\n 4 1 -0.5 # of the first\n\n\t1 3 0.25\n-0.5 0.25 2\n"};
  for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
    put("m.txt", same[i]);
    reads("m.txt", 3, three);
  }
  put("one.txt", "7");
  reads("one.txt", 1, &(const double){7});
  put("one.txt", "1 7");
  reads("one.txt", 1, &(const double){7});
}

static void wrong_texts(void **state) {
  (void)state;
  static const struct {
    const char *text, *sentence;
  } wrong[] = {{"", "0 numbers are not a square matrix"},
               {"nothing here\n", "0 numbers"},
               {"1 2\n3\n", "3 numbers are not a square matrix: give n rows of n numbers"},
               {"3\n1\n2\n3\n4\n", "5 numbers"}, /* 3 is not the number of their rows */
               {"a b\nc d\n1 2\n", "m.txt:2: 'c' is not a number"},
               {"1 2\n3 four\n", "m.txt:2: 'four' is not a number"},
               {"1 2\n3 inf\n", "m.txt:2: 'inf' is not a number"},
               {"1 2\n3 4x\n", "'4x' is not a number"}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    put("m.txt", wrong[i].text);
    refuses("m.txt", 1 << 20, wrong[i].sentence);
  }
  put("m.txt", "1 2\n3 4 ");
  refuses("m.txt", 24, "set memory to more");
  refuses("m.txt", 3, "m.txt");
  refuses("absent.txt", 24, "absent.txt");
}

/* An image of `side` numbers of `bitpix` on each axis, in the primary HDU or behind it. */
static void put_image(const char *bitpix, size_t width, size_t height, int extension,
                      const unsigned char *data, size_t bytes, const char *scale,
                      const char *zero) {
  made_file f = {0};
  if (extension) {
    made_primary(&f);
    made_string(&f, "XTENSION", 0, "IMAGE");
  } else {
    made_number(&f, "SIMPLE", "T");
  }
  made_number(&f, "BITPIX", bitpix);
  made_number(&f, "NAXIS", "2");
  made_count(&f, "NAXIS1", width);
  made_count(&f, "NAXIS2", height);
  if (extension) made_number(&f, "PCOUNT", "0");
  if (extension) made_number(&f, "GCOUNT", "1");
  if (scale) made_number(&f, "BSCALE", scale);
  if (zero) made_number(&f, "BZERO", zero);
  made_end(&f);
  made_data(&f, data, bytes);
  made_save(&f, "m.fits");
}

static void put_reals(unsigned char *to, const double *numbers, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint64_t bits;
    memcpy(&bits, &numbers[i], sizeof bits);
    made_big_endian(to + 8 * i, bits, 8);
  }
}

static void images(void **state) {
  (void)state;
  unsigned char data[9 * 8];
  put_reals(data, three, 9);
  put_image("-64", 3, 3, 0, data, 72, NULL, NULL);
  reads("m.fits", 3, three);
  put_image("-64", 3, 3, 1, data, 72, NULL, NULL);
  reads("m.fits", 3, three);
  for (size_t i = 0; i < 9; i++) {
    const float narrow = (float)three[i];
    uint32_t bits;
    memcpy(&bits, &narrow, sizeof bits);
    made_big_endian(data + 4 * i, bits, 4);
  }
  put_image("-32", 3, 3, 0, data, 36, NULL, NULL);
  reads("m.fits", 3, three);
  /* integers, scaled by 1/4: 16, 4, -2 ... */
  static const char *const kinds[] = {"16", "32", "64"};
  for (size_t k = 0; k < 3; k++) {
    size_t width = (size_t)2 << k;
    for (size_t i = 0; i < 9; i++)
      made_big_endian(data + width * i, (uint64_t)(int64_t)(4 * three[i]), width);
    put_image(kinds[k], 3, 3, 0, data, 9 * width, "0.25", NULL);
    reads("m.fits", 3, three);
  }
  for (size_t i = 0; i < 9; i++)
    data[i] = (unsigned char)(4 * (three[i] + 1));
  put_image("8", 3, 3, 0, data, 9, "0.25", "-1");
  reads("m.fits", 3, three);
}

static void wrong_images(void **state) {
  (void)state;
  unsigned char data[6 * 8];
  const double numbers[6] = {1, 2, 3, NAN, 5, 6};
  put_reals(data, numbers, 6);
  put_image("-64", 3, 2, 0, data, 48, NULL, NULL);
  refuses("m.fits", 1 << 20, "the image of HDU 0 is not square");
  put_image("-64", 2, 2, 0, data, 32, NULL, NULL);
  refuses("m.fits", 1 << 20, "missing or not finite");
  put_image("-64", 2, 2, 0, data, 32, NULL, NULL);
  refuses("m.fits", 31, "set memory to more");
  put_image("-64", 100000, 100000, 0, data, 32, NULL, NULL);
  refuses("m.fits", 1 << 20, "the file ends within the image");
}

/* n columns, and one column of n elements. */
static void put_table(size_t fields, const char *form, size_t rows, const double *numbers) {
  made_file f = {0};
  unsigned char data[9 * 8];
  put_reals(data, numbers, 3 * rows);
  made_primary(&f);
  made_table(&f, "BINTABLE", 24, rows, 0, fields);
  for (size_t i = 0; i < fields; i++)
    made_string(&f, "TFORM", i + 1, form);
  made_end(&f);
  made_data(&f, data, 24 * rows);
  made_save(&f, "m.fits");
}

static void tables(void **state) {
  (void)state;
  put_table(3, "D", 3, three);
  reads("m.fits", 3, three);
  put_table(1, "3D", 3, three);
  reads("m.fits", 3, three);
  put_table(1, "3D", 2, three);
  refuses("m.fits", 1 << 20, "2 rows of 3 numbers are not a square matrix");
  put_table(3, "D", 3, three);
  refuses("m.fits", 64, "m.fits");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(texts), cmocka_unit_test(wrong_texts),
                                     cmocka_unit_test(images), cmocka_unit_test(wrong_images),
                                     cmocka_unit_test(tables)};
  return cmocka_run_group_tests_name("matrix", tests, enter, leave);
}
