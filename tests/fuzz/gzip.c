/* Fuzzes the unpacking of gzip. The first byte chooses: the rest is packed by zlib, and must come back the
 * same, and with one byte changed be refused or come back the same; or it is unpacked as it is, and must be
 * refused or unpacked. A fault: a crash, other bytes than went in, and an error without a sentence. Good
 * seeds are text with a blank in front, and small gzip files with an exclamation mark. */
#include <zlib.h>

#include "fuzz.h"
#include "table/reader_internal.h"

static size_t pack(const uint8_t *data, size_t size, uint8_t **packed) {
  z_stream z = {0};
  require(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "zlib begins");
  uLong room = deflateBound(&z, (uLong)size) + 32;
  *packed = malloc(room);
  require(*packed != NULL, "there is memory");
  z.next_in = (Bytef *)(uintptr_t)data, z.avail_in = (uInt)size;
  z.next_out = *packed, z.avail_out = (uInt)room;
  require(deflate(&z, Z_FINISH) == Z_STREAM_END, "zlib packs");
  size_t length = (size_t)z.total_out;
  deflateEnd(&z);
  return length;
}

/* Whether it unpacks; if `expected` is not NULL, to it. */
static bool unpacks(const uint8_t *packed, size_t length, const uint8_t *expected, size_t size) {
  enum { BOUND = 1 << 24 };
  nd_file *file = fuzz_file(packed, length), *plain;
  nd_spool spool = {.bound = BOUND};
  nadir_error error = {0};
  bool good = nd_gunzip(file, &plain, &spool, &error) == NADIR_OK;
  require(spool.used <= BOUND, "what is unpacked stays within its bound");
  if (!good) require_sentence(&error);
  if (good && expected) {
    uint8_t *got = malloc(size + 1);
    size_t count = 0;
    require(got && nd_file_read_at(plain, 0, got, size + 1, &count, NULL) == NADIR_OK,
            "what was unpacked can be read");
    require(count == size && (size == 0 || memcmp(got, expected, size) == 0),
            "what was packed comes back");
    free(got);
  }
  nd_file_close(plain);
  nd_file_close(file);
  return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_feed feed = {data, size};
  if (fuzz_byte(&feed) % 2 != 0) {
    unpacks(feed.data, feed.size, NULL, 0);
    return 0;
  }
  uint8_t *packed;
  nd_random random = fuzz_random(data, size);
  size_t length = pack(feed.data, feed.size, &packed);
  require(unpacks(packed, length, feed.data, feed.size), "what was packed unpacks");
  packed[nd_random_below(&random, length)] ^= (uint8_t)(1 + nd_random_below(&random, 255));
  unpacks(packed, length, feed.data, feed.size);
  free(packed);
  return 0;
}
