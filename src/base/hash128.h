/* Digests of bytes, by which it is known that they are the same still: XXH3 of 128 bits (Y. Collet, the xxHash
 * specification), at the speed of memory. They are no defence against somebody who makes two contents alike. */
#ifndef ND_HASH128_H
#define ND_HASH128_H

#include "base/base.h"

typedef struct nd_hash128 {
  uint64_t low, high;
} nd_hash128;

/* Of these bytes behind those that `before` is of, {0} at first. Bytes in other pieces give another digest. */
nd_hash128 nd_hash128_add(nd_hash128 before, const void *data, size_t size);
static inline bool nd_hash128_same(nd_hash128 a, nd_hash128 b) {
  return a.low == b.low && a.high == b.high;
}
/* Of a part of a file, in pieces of a megabyte. */
nadir_status nd_hash128_file(nd_hash128 *digest, const nd_file *file, uint64_t offset,
                             uint64_t size, nadir_error *error);

#endif
