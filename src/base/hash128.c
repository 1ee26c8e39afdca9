/* Digests by libxxhash. A chain of pieces: the digest of the one before and of the piece's own bytes, digested. */
#include "base/hash128.h"

#include <xxhash.h>

enum { PIECE = 1 << 20 };

/* Its bytes are the same on every machine. */
static XXH128_canonical_t canonical(XXH128_hash_t hash) {
  XXH128_canonical_t bytes;
  XXH128_canonicalFromHash(&bytes, hash);
  return bytes;
}

nd_hash128 nd_hash128_add(nd_hash128 before, const void *data, size_t size) {
  const XXH128_canonical_t both[] = {canonical((XXH128_hash_t){before.low, before.high}),
                                     canonical(XXH3_128bits(data, size))};
  const XXH128_hash_t hash = XXH3_128bits(both, sizeof both);
  return (nd_hash128){hash.low64, hash.high64};
}

nadir_status nd_hash128_file(nd_hash128 *digest, const nd_file *file, uint64_t offset,
                             uint64_t size, nadir_error *error) {
  *digest = (nd_hash128){0};
  char *piece = nd_new(PIECE, 1, error);
  nadir_status status = piece ? NADIR_OK : NADIR_NO_MEMORY;
  while (status == NADIR_OK && size > 0) {
    const size_t wanted = size < PIECE ? (size_t)size : PIECE;
    size_t got;
    status = nd_file_read_at(file, offset, piece, wanted, &got, error);
    if (status == NADIR_OK && got < wanted)
      status =
          nd_fail(error, NADIR_BAD_DATA,
                  "%s: the file has become shorter while it was read: wait until it is complete",
                  nd_file_path(file));
    if (status == NADIR_OK) *digest = nd_hash128_add(*digest, piece, got);
    offset += wanted;
    size -= wanted;
  }
  nd_free(piece);
  return status;
}
