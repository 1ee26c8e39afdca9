/* Tile-compressed tables (FITS 4.0, section 10.3; the .fz files of fpack): each column of a tile of
 * rows is in the heap as one compressed string of bytes. Here they are unpacked tile by tile
 * into the plain rows of an unlinked temporary file, once, when the table is opened.
 *
 * GZIP_1 is deflate of the big-endian bytes, GZIP_2 of the same with equal bytes of all elements
 * brought together, RICE_1 a Rice code of differences in blocks of 32 (Rice, Yeh and Miller 1993;
 * section 10.4.1).
 *
 * Cost: one tile in memory twice, and the plain table on disk. Every length is checked against the
 * heap and against the tile, a stream must end exactly where its column does, and a table that
 * claims to be larger than any of the codes can pack is refused before a byte is written. */
#include <string.h>
#include <zlib.h>

#include "table/fits_internal.h"

enum {
  RICE_BLOCK = 32,
  MAX_RATIO = 1100, /* deflate reaches 1032, Rice 256 */
  SMALL = 1 << 20   /* bytes of table that are never too many */
};

typedef struct unpacking {
  const nd_fits *fits;
  const nd_fits_hdu *hdu;
  const nd_fits_field *fields;
  size_t number, tile;
  unsigned char *descriptors, *packed, *column, *rows;
  size_t packed_capacity, column_capacity;
} unpacking;

static nadir_status damaged(const unpacking *u, size_t column, nadir_error *error) {
  return nd_fail(
      error, NADIR_BAD_DATA,
      "%s: column %zu of compressed HDU %zu is damaged at row %llu: fetch the file again",
      u->fits->path, column + 1, u->number, (unsigned long long)(u->tile * u->hdu->tile_rows) + 1);
}

/* ---- deflate --------------------------------------------------------------------------------- */

static void *take(void *unused, unsigned count, unsigned size) {
  (void)unused;
  return nd_new(count, size, NULL);
}

static void give_back(void *unused, void *memory) {
  (void)unused;
  nd_free(memory);
}

/* Feeds zlib, whose counts have 32 bits, in pieces; Z_STREAM_END when the stream gives exactly
 * `size` bytes. */
static int inflate_all(z_stream *z, const unsigned char *in, size_t length, unsigned char *out,
                       size_t size) {
  const size_t piece = 1u << 30;
  size_t fed = 0, got = 0;
  int result = Z_OK;
  unsigned char beyond; /* a stream that is too long shows itself here */
  while (result == Z_OK) {
    size_t more = length - fed < piece ? length - fed : piece;
    size_t room = size - got < piece ? size - got : piece;
    z->next_in = more > 0 ? (unsigned char *)(uintptr_t)(in + fed) : NULL; /* none of nothing */
    z->avail_in = (unsigned)more;
    z->next_out = room > 0 ? out + got : &beyond;
    z->avail_out = room > 0 ? (unsigned)room : 1;
    result = inflate(z, Z_NO_FLUSH);
    fed += more - z->avail_in;
    if (room == 0 && z->avail_out == 0) return Z_DATA_ERROR;
    if (room > 0) got += room - z->avail_out;
  }
  return result == Z_STREAM_END && got < size ? Z_DATA_ERROR : result;
}

static nadir_status gunzip(const unpacking *u, size_t column, size_t length, size_t size,
                           nadir_error *error) {
  z_stream z = {.zalloc = take, .zfree = give_back};
  int result = inflateInit2(&z, 15 + 32);
  if (result == Z_OK) {
    result = inflate_all(&z, u->packed, length, u->column, size);
    inflateEnd(&z);
  }
  if (result == Z_STREAM_END) return NADIR_OK;
  if (result != Z_MEM_ERROR) return damaged(u, column, error);
  return nd_fail(error, NADIR_NO_MEMORY,
                 "%s: out of memory while it is unpacked: close other programs", u->fits->path);
}

/* ---- Rice ------------------------------------------------------------------------------------ */

typedef struct bits {
  const unsigned char *at, *end;
  uint64_t window; /* the lowest `have` bits are the next ones */
  unsigned have;
  bool failed;
} bits;

static uint32_t next_bits(bits *b, unsigned count) {
  while (b->have < count) {
    if (b->at == b->end) {
      b->failed = true;
      return 0;
    }
    b->window = b->window << 8 | *b->at++;
    b->have += 8;
  }
  b->have -= count;
  return (uint32_t)(b->window >> b->have & ((UINT64_C(1) << count) - 1));
}

static uint32_t zeros_before_one(bits *b) {
  uint32_t zeros = 0;
  while (!b->failed && next_bits(b, 1) == 0)
    zeros++;
  return zeros;
}

static void store(unsigned char *out, size_t width, uint32_t value) {
  for (size_t i = 0; i < width; i++)
    out[i] = (unsigned char)(value >> (8 * (width - 1 - i)));
}

/* One block: how its differences are coded, then the differences, mapped to 0 -1 1 -2 2 ... */
static void rice_block(bits *b, size_t width, size_t n, uint32_t *last, unsigned char *out) {
  static const unsigned choice_bits[] = {0, 3, 4, 0, 5}, plain_choice[] = {0, 7, 15, 0, 26};
  uint32_t choice = next_bits(b, choice_bits[width]), difference = 0;
  for (size_t i = 0; i < n && !b->failed; i++) {
    if (choice == plain_choice[width]) {
      difference = next_bits(b, 8 * (unsigned)width);
    } else if (choice > 0) {
      uint32_t high = zeros_before_one(b);
      difference = (uint32_t)((uint64_t)high << (choice - 1)) | next_bits(b, choice - 1);
    }
    *last += (difference & 1) != 0 ? ~(difference >> 1) : difference >> 1;
    store(out + i * width, width, *last);
  }
}

static nadir_status unrice(const unpacking *u, size_t column, size_t length, size_t size,
                           nadir_error *error) {
  size_t width = u->fields[column].width, count = width > 0 ? size / width : 0;
  if (length == 0 || (width != 1 && width != 2 && width != 4)) return damaged(u, column, error);
  bits b = {.at = u->packed, .end = u->packed + length};
  uint32_t last = next_bits(&b, 8 * (unsigned)width);
  for (size_t i = 0; i < count && !b.failed; i += RICE_BLOCK)
    rice_block(&b, width, count - i < RICE_BLOCK ? count - i : RICE_BLOCK, &last,
               u->column + i * width);
  return b.failed ? damaged(u, column, error) : NADIR_OK;
}

/* ---- one column of one tile ------------------------------------------------------------------ */

static uint64_t big_endian(const unsigned char *p, size_t width) {
  uint64_t value = 0;
  for (size_t i = 0; i < width; i++)
    value = value << 8 | p[i];
  return value;
}

/* The compressed bytes that a descriptor points to, checked to lie in the heap. */
static nadir_status read_packed(unpacking *u, size_t column, size_t *length, nadir_error *error) {
  const nd_fits_field *field = &u->fields[column];
  const unsigned char *at = u->descriptors + field->packed_offset;
  size_t half = field->packed_width / 2, got;
  uint64_t count = big_endian(at, half), offset = big_endian(at + half, half),
           room = u->hdu->size - u->hdu->heap;
  if (count > room || offset > room - count) return damaged(u, column, error);
  *length = (size_t)count;
  ND_TRY(nd_grow(&u->packed, &u->packed_capacity, *length, 1, error));
  ND_TRY(nd_file_read_at(u->fits->file, u->hdu->data + u->hdu->heap + offset, u->packed, *length,
                         &got, error));
  return got == *length ? NADIR_OK : damaged(u, column, error);
}

static nadir_status unpack_bytes(unpacking *u, size_t column, size_t length, size_t size,
                                 nadir_error *error) {
  switch (u->fields[column].packing) {
  case 'R':
    return unrice(u, column, length, size, error);
  case 'N':
    if (length != size) return damaged(u, column, error);
    memcpy(u->column, u->packed, size);
    return NADIR_OK;
  default:
    return gunzip(u, column, length, size, error);
  }
}

/* Bytes of an element that GZIP_2 tears apart. */
static size_t shuffled_width(const nd_fits_field *field) {
  bool shuffled = field->packing == '2' && strchr("IJKED", field->code) != NULL;
  return shuffled ? field->width : 1;
}

/* From one column's bytes to its places in the rows. */
static void spread(const unpacking *u, const nd_fits_field *field, size_t rows) {
  size_t width = shuffled_width(field), stride = (size_t)u->hdu->plain_row_bytes;
  size_t in_row = field->bytes / width, elements = in_row * rows;
  for (size_t row = 0; row < rows; row++) {
    unsigned char *to = u->rows + row * stride + field->offset;
    const unsigned char *from = u->column + row * in_row;
    if (width == 1)
      memcpy(to, from, field->bytes);
    else
      for (size_t e = 0; e < in_row; e++)
        for (size_t b = 0; b < width; b++)
          to[e * width + b] = from[b * elements + e];
  }
}

static nadir_status unpack_column(unpacking *u, size_t column, size_t rows, nadir_error *error) {
  const nd_fits_field *field = &u->fields[column];
  size_t size = field->bytes * rows, length = 0; /* no more than the tile, whose size is checked */
  if (field->code == 'P' || size == 0) return NADIR_OK;
  ND_TRY(read_packed(u, column, &length, error));
  ND_TRY(nd_grow(&u->column, &u->column_capacity, size, 1, error));
  ND_TRY(unpack_bytes(u, column, length, size, error));
  spread(u, field, rows);
  return NADIR_OK;
}

/* ---- the table ------------------------------------------------------------------------------- */

static nadir_status unpack_tile(unpacking *u, size_t rows, nd_file *plain, nadir_error *error) {
  size_t got, size = (size_t)u->hdu->row_bytes;
  ND_TRY(nd_file_read_at(u->fits->file, u->hdu->data + u->tile * u->hdu->row_bytes, u->descriptors,
                         size, &got, error));
  if (got != size) return damaged(u, 0, error);
  for (size_t i = 0; i < u->hdu->fields; i++)
    ND_TRY(unpack_column(u, i, rows, error));
  uint64_t offset = u->tile * u->hdu->tile_rows * u->hdu->plain_row_bytes;
  return nd_file_write_at(plain, offset, u->rows, rows * (size_t)u->hdu->plain_row_bytes, error);
}

static nadir_status unpack_tiles(unpacking *u, size_t tile_rows, nd_file *plain,
                                 nadir_error *error) {
  u->descriptors = nd_new((size_t)u->hdu->row_bytes, 1, error);
  u->rows = nd_new(tile_rows, (size_t)u->hdu->plain_row_bytes, error);
  if (u->descriptors == NULL || u->rows == NULL) return NADIR_NO_MEMORY;
  uint64_t left = u->hdu->plain_rows;
  for (; left > 0; u->tile++) {
    size_t rows = left < tile_rows ? (size_t)left : tile_rows;
    ND_TRY(unpack_tile(u, rows, plain, error));
    left -= rows;
  }
  return NADIR_OK;
}

static nadir_status refuse(const unpacking *u, nadir_error *error, const char *what) {
  return nd_fail(error, NADIR_BAD_DATA,
                 "%s: compressed HDU %zu: %s: restore the file or choose another HDU",
                 u->fits->path, u->number, what);
}

static nadir_status check_sizes(const unpacking *u, size_t *tile_rows, nadir_error *error) {
  const nd_fits_hdu *hdu = u->hdu;
  uint64_t bytes;
  *tile_rows = 0;
  if (hdu->heap < hdu->rows * hdu->row_bytes || hdu->heap > hdu->size)
    return refuse(u, error, "its heap (THEAP) lies outside its data");
  if (hdu->plain_rows == 0) return NADIR_OK;
  if (hdu->tile_rows == 0) return refuse(u, error, "ZTILELEN is missing or 0");
  if (hdu->rows != (hdu->plain_rows - 1) / hdu->tile_rows + 1)
    return refuse(u, error, "its tiles (NAXIS2) are not as many as ZNAXIS2 and ZTILELEN say");
  if (__builtin_mul_overflow(hdu->plain_rows, hdu->plain_row_bytes, &bytes) ||
      (bytes > SMALL && bytes / MAX_RATIO > hdu->size))
    return refuse(u, error, "it claims to hold more than its bytes can");
  uint64_t rows = hdu->tile_rows < hdu->plain_rows ? hdu->tile_rows : hdu->plain_rows;
  if (rows * hdu->plain_row_bytes > nd_physical_memory() / 4)
    return refuse(u, error,
                  "a tile is too large for the memory of this machine (unpack it by funpack)");
  *tile_rows = (size_t)rows;
  return NADIR_OK;
}

nadir_status nd_fits_unpack(const nd_fits *fits, size_t number, const nd_fits_field *fields,
                            nd_file **plain, nd_spool *spooled, nadir_error *error) {
  unpacking u = {.fits = fits, .hdu = &fits->hdus[number], .fields = fields, .number = number};
  size_t tile_rows;
  *plain = NULL;
  ND_TRY(check_sizes(&u, &tile_rows, error));
  ND_TRY(nd_file_spool(plain, fits->path, spooled, error));
  nadir_status status = NADIR_OK;
  if (tile_rows > 0) status = unpack_tiles(&u, tile_rows, *plain, error);
  nd_free(u.descriptors);
  nd_free(u.packed);
  nd_free(u.column);
  nd_free(u.rows);
  if (status == NADIR_OK) return NADIR_OK;
  nd_file_close(*plain);
  *plain = NULL;
  return status;
}
