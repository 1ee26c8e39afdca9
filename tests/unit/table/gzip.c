/* Packed tables, by content and not by name: members one after the other, padding, every place to
 * be cut and every byte to be damaged. Packed here by zlib itself. */
#include "table_test.h"

#include <zlib.h>

static size_t pack(const char *text, size_t length, unsigned char *out, size_t capacity) {
  z_stream stream = {.next_in = (unsigned char *)(uintptr_t)text,
                     .avail_in = (uInt)length,
                     .next_out = out,
                     .avail_out = (uInt)capacity};
  assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
  size_t size = capacity - stream.avail_out;
  deflateEnd(&stream);
  return size;
}

static unsigned char packed[1 << 20];

static void members_make_one_file(void **state) {
  (void)state;
  const char *const parts[] = {"a,b\n1,2", "", "\n3,4\n"};
  size_t size = 0;
  for (size_t i = 0; i < 3; i++)
    size += pack(parts[i], strlen(parts[i]), packed + size, sizeof packed - size);
  memset(packed + size, 0, 100);
  for (size_t padding = 0; padding <= 100; padding += 100) {
    put_bytes("t.dat", packed, size + padding);
    nd_table *table = open_one("t.dat", NULL);
    char *reads = describe(table);
    assert_string_equal(reads, "a:I b:I | 1 2 | 3 4");
    assert_string_equal(nd_table_file(table, 0), "t.dat");
    nd_free(reads);
    nd_table_close(table);
  }
}

static void errors_name_the_packed_file(void **state) {
  (void)state;
  put_bytes("t.csv.gz", packed, pack("a,b\n1\n", 6, packed, sizeof packed));
  assert_non_null(strstr(refused("t.csv.gz", NULL), "t.csv.gz:row 2: 1 cell where"));
  put_bytes("t.csv.gz", packed, pack("", 0, packed, sizeof packed));
  assert_non_null(strstr(refused("t.csv.gz", NULL), "t.csv.gz: the file is empty"));
  unsigned char inner[256];
  size_t size = pack("a,b\n1,2\n", 8, inner, sizeof inner);
  put_bytes("t.csv.gz", packed, pack((char *)inner, size, packed, sizeof packed));
  assert_non_null(strstr(refused("t.csv.gz", NULL), "t.csv.gz: this file is packed twice"));
}

/* 300 rows: each byte in turn is cut off, each in turn is damaged. */
static void damage_is_found_wherever_it_is(void **state) {
  (void)state;
  nd_text text = {0};
  nd_text_append(&text, "a,b\n");
  for (int i = 0; i < 300; i++)
    nd_text_print(&text, "%d,%d\n", i * 7919 % 1000, i * 104729 % 1000);
  size_t size = pack(text.data, text.length, packed, sizeof packed);
  for (size_t cut = 2; cut < size; cut++) {
    put_bytes("t.gz", packed, cut);
    assert_non_null(strstr(refused("t.gz", NULL), "t.gz: the gzip file is cut short"));
  }
  size_t noticed = 0;
  for (size_t at = 2; at < size; at++) {
    packed[at] ^= 0x10;
    put_bytes("t.gz", packed, size);
    nd_table *table;
    const char *path = "t.gz";
    nadir_error error = {0};
    if (nd_table_open(&table, &path, 1, NULL, &error) != NADIR_OK) {
      noticed++;
      assert_non_null(strstr(error.message, "t.gz: the gzip file is "));
    } else { /* only bytes that mean nothing: time, system, extra flags */
      assert_true(at >= 3 && at <= 9);
      assert_int_equal(nd_table_rows(table), 300);
      nd_table_close(table);
    }
    packed[at] ^= 0x10;
  }
  assert_true(noticed >= size - 2 - 7);
  packed[size] = 'x'; /* something after the end */
  put_bytes("t.gz", packed, size + 1);
  assert_non_null(strstr(refused("t.gz", NULL), "t.gz: the gzip file is "));
  nd_text_free(&text);
}

/* More than a buffer of either side. */
static void a_long_one_is_unpacked_whole(void **state) {
  (void)state;
  nd_text text = {0};
  nd_text_append(&text, "a,b\n");
  for (int i = 0; i < 100000; i++)
    nd_text_print(&text, "%d,%d\n", i, i % 7);
  put_bytes("long.gz", packed, pack(text.data, text.length, packed, sizeof packed));
  double numbers[ND_CHUNK];
  size_t rows;
  nd_table *table = open_one("long.gz", NULL);
  assert_int_equal(nd_table_rows(table), 100000);
  assert_int_equal(read_numbers(table, 24, 0, numbers, &rows, NULL), NADIR_OK);
  assert_true(numbers[rows - 1] == 99999);
  nd_table_close(table);
  nd_text_free(&text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(members_make_one_file),
      cmocka_unit_test(errors_name_the_packed_file),
      cmocka_unit_test(damage_is_found_wherever_it_is),
      cmocka_unit_test(a_long_one_is_unpacked_whole),
  };
  return cmocka_run_group_tests(tests, enter, leave);
}
