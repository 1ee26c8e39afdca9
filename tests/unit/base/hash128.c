/* A digest of pieces is that of xxHash's own program over the digest before and that of the piece, and each bit, the
 * order and the ends of the pieces count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash128.h"

static void they_are_those_of_xxhsum(void **state) {
  (void)state;
  nd_hash128 hash = nd_hash128_add((nd_hash128){0}, "nadir", 5);
  assert_true(nd_hash128_same(hash, (nd_hash128){0xab6d88daacb558c3, 0x523e10b9c750cd80}));
  hash = nd_hash128_add(hash, "", 0);
  assert_true(nd_hash128_same(hash, (nd_hash128){0x72cfd45b73b9c542, 0xc063da384ccc21fe}));
}

static void each_bit_counts(void **state) {
  (void)state;
  enum { LENGTH = 1000 };
  unsigned char bytes[LENGTH] = {0};
  const nd_hash128 none = {0}, plain = nd_hash128_add(none, bytes, LENGTH);
  for (size_t bit = 0; bit < (size_t)LENGTH * 8; bit++) {
    bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    nd_hash128 other = nd_hash128_add(none, bytes, LENGTH);
    bytes[bit / 8] = 0;
    assert_true(other.high != plain.high && other.low != plain.low);
  }
}

static void pieces_count_in_their_order(void **state) {
  (void)state;
  const nd_hash128 none = {0}, all = nd_hash128_add(none, "ab", 2);
  nd_hash128 ab = nd_hash128_add(nd_hash128_add(none, "a", 1), "b", 1);
  nd_hash128 ba = nd_hash128_add(nd_hash128_add(none, "b", 1), "a", 1);
  assert_false(nd_hash128_same(all, ab) || nd_hash128_same(ab, ba) || nd_hash128_same(ba, all));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(they_are_those_of_xxhsum),
      cmocka_unit_test(each_bit_counts),
      cmocka_unit_test(pieces_count_in_their_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
