/* FITS headers: 80-character cards in blocks of 2880 bytes, ended by END (FITS 4.0, section 4).
 *
 * The walk visits every header of the file once, reads no data, and knows of each HDU what it is,
 * where its data are and how long they must be. A file that lies about its sizes is found out here,
 * before anything is allocated for it or read from it: every product is checked against overflow,
 * and every size against the size of the file. Cost: one read of 2880 bytes for each block of
 * header.
 *
 * Damage behind the first header is not a failure of the file: tables before it can still be read. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "table/fits_internal.h"

/* ---- one card -------------------------------------------------------------------------------- */

bool nd_fits_is(const char *card, const char *keyword) {
  size_t length = strlen(keyword);
  if (memcmp(card, keyword, length) != 0) return false;
  for (size_t i = length; i < 8; i++)
    if (card[i] != ' ') return false;
  return true;
}

size_t nd_fits_index(const char *card, const char *stem) {
  size_t length = strlen(stem), n = 0, i = length;
  if (memcmp(card, stem, length) != 0 || card[length] == '0') return 0;
  for (; i < 8 && card[i] >= '0' && card[i] <= '9'; i++)
    n = 10 * n + (size_t)(card[i] - '0');
  for (; i < 8; i++)
    if (card[i] != ' ') return 0;
  return n; /* of three digits, where the stem has five letters */
}

/* The value's text, blanks around it and the comment cut: [*end of it is given, result is its
 * start). */
static const char *value_text(const char *card, const char **end) {
  const char *start = card + 10, *stop = card + ND_FITS_CARD;
  if (card[8] != '=') return *end = start;
  while (start < stop && *start == ' ')
    start++;
  const char *slash = memchr(start, '/', (size_t)(stop - start));
  if (slash != NULL) stop = slash;
  while (stop > start && stop[-1] == ' ')
    stop--;
  *end = stop;
  return start;
}

bool nd_fits_integer(const char *card, int64_t *value) {
  const char *end, *at = value_text(card, &end);
  bool negative = at < end && *at == '-';
  if (at < end && (*at == '-' || *at == '+')) at++;
  if (at == end) return false;
  int64_t sum = 0;
  for (; at < end; at++) {
    if (*at < '0' || *at > '9') return false;
    int64_t digit = negative ? -(*at - '0') : *at - '0';
    if (__builtin_mul_overflow(sum, 10, &sum) || __builtin_add_overflow(sum, digit, &sum))
      return false;
  }
  *value = sum;
  return true;
}

bool nd_fits_real(const char *card, double *value) {
  const char *end, *at = value_text(card, &end);
  return at < end && nd_read_number(at, end, value) == end;
}

bool nd_fits_truth(const char *card) {
  const char *end, *at = value_text(card, &end);
  return end - at == 1 && *at == 'T';
}

bool nd_fits_string(const char *card, char *text) {
  bool continued = nd_fits_is(card, "CONTINUE");
  const char *at = card + (continued ? 8 : 10), *end = card + ND_FITS_CARD;
  size_t length = 0;
  text[0] = '\0';
  if (!continued && card[8] != '=') return false;
  while (at < end && *at == ' ')
    at++;
  if (at == end || *at != '\'') return false;
  for (at++; at < end; at++) {
    if (*at == '\'') { /* a doubled quote is a quote, a single one ends the string */
      if (at + 1 == end || at[1] != '\'') break;
      at++;
    }
    text[length++] = *at;
  }
  while (length > 0 && text[length - 1] == ' ')
    length--;
  text[length] = '\0';
  return true;
}

/* ---- one header ------------------------------------------------------------------------------ */

static nadir_status read_block(const nd_fits *fits, uint64_t offset, char block[ND_FITS_BLOCK],
                               size_t *got, nadir_error *error) {
  *got = 0;
  if (offset >= nd_file_size(fits->file)) return NADIR_OK;
  return nd_file_read_at(fits->file, offset, block, ND_FITS_BLOCK, got, error);
}

static bool is_end(const char *card) {
  for (size_t i = 3; i < 8; i++)
    if (card[i] != ' ') return false;
  return memcmp(card, "END", 3) == 0;
}

/* One without END is not sought to the end of a disk. */
static nadir_status endless(const nd_fits *fits, size_t number, nadir_error *error) {
  return nd_fail(error, NADIR_BAD_DATA,
                 "%s: the header of HDU %zu is longer than %d bytes: restore the file, or shorten its header",
                 fits->path, number, ND_LIMIT_FITS_HEADER);
}

nadir_status nd_fits_cards(const nd_fits *fits, size_t number, uint64_t offset, uint64_t *end,
                           nd_fits_visit *visit, void *context, nadir_error *error) {
  char block[ND_FITS_BLOCK];
  for (uint64_t done = 0;; done += ND_FITS_BLOCK) {
    if (done >= ND_LIMIT_FITS_HEADER) return endless(fits, number, error);
    size_t got;
    ND_TRY(read_block(fits, offset + done, block, &got, error));
    for (size_t at = 0; at + ND_FITS_CARD <= got; at += ND_FITS_CARD) {
      if (is_end(block + at)) {
        *end = offset + done + ND_FITS_BLOCK;
        return NADIR_OK;
      }
      if (memchr(block + at, '\0', ND_FITS_CARD) != NULL)
        return nd_fail(
            error, NADIR_BAD_DATA,
            "%s: the header of HDU %zu is damaged at card %zu (it holds NUL bytes): restore "
            "the file",
            fits->path, number, (size_t)((done + at) / ND_FITS_CARD) + 1);
      ND_TRY(visit(context, block + at, error));
    }
    if (got < ND_FITS_BLOCK) break;
  }
  return nd_fail(
      error, NADIR_BAD_DATA,
      "%s: the header of HDU %zu has no END card: the file is cut short or damaged; fetch it "
      "again",
      fits->path, number);
}

/* ---- what a header says of its data ---------------------------------------------------------- */

typedef struct shape {
  const nd_fits *fits;
  size_t number;
  char extension[ND_FITS_TEXT], name[ND_FITS_TEXT];
  int64_t bitpix, naxis, axes_seen, axis1, axis2, pcount, gcount, fields;
  int64_t plain_row_bytes, plain_rows, tile_rows,
      heap;        /* ZNAXIS1, ZNAXIS2, ZTILELEN, THEAP (-1: none) */
  uint64_t others; /* the product of NAXIS2 ... */
  bool bitpix_seen, naxis_seen, fields_seen, overflow, groups, packed_image, packed_table;
} shape;

static nadir_status damaged(const shape *s, nadir_error *error, const char *keyword,
                            const char *what) {
  return nd_fail(
      error, NADIR_BAD_DATA,
      "%s: the header of HDU %zu is damaged: %s %s: restore the file or choose another HDU",
      s->fits->path, s->number, keyword, what);
}

static nadir_status count_card(const shape *s, const char *card, const char *keyword,
                               int64_t *value, nadir_error *error) {
  if (!nd_fits_integer(card, value)) return damaged(s, error, keyword, "is not a whole number");
  if (*value < 0) return damaged(s, error, keyword, "is negative");
  return NADIR_OK;
}

static nadir_status axis_card(shape *s, const char *card, size_t n, nadir_error *error) {
  char keyword[9];
  int64_t value;
  snprintf(keyword, sizeof keyword, "%.8s", card);
  keyword[strcspn(keyword, " ")] = '\0';
  ND_TRY(count_card(s, card, keyword, &value, error));
  if ((int64_t)n > s->naxis) return NADIR_OK;
  s->axes_seen++;
  if (n == 1) s->axis1 = value;
  if (n == 2) s->axis2 = value;
  if (n >= 2 && __builtin_mul_overflow(s->others, (uint64_t)value, &s->others)) s->overflow = true;
  return NADIR_OK;
}

/* Of compressed tables; ZNAXISn of compressed images are no concern of ours. */
static nadir_status packed_card(shape *s, const char *card, nadir_error *error) {
  if (nd_fits_is(card, "ZNAXIS1"))
    return count_card(s, card, "ZNAXIS1", &s->plain_row_bytes, error);
  if (nd_fits_is(card, "ZNAXIS2")) return count_card(s, card, "ZNAXIS2", &s->plain_rows, error);
  if (nd_fits_is(card, "ZTILELEN")) return count_card(s, card, "ZTILELEN", &s->tile_rows, error);
  return NADIR_OK;
}

static nadir_status structure_card(shape *s, const char *card, nadir_error *error) {
  size_t n = nd_fits_index(card, "NAXIS");
  if (n > 0) return axis_card(s, card, n, error);
  if (nd_fits_is(card, "NAXIS")) {
    s->naxis_seen = true;
    return count_card(s, card, "NAXIS", &s->naxis, error);
  }
  if (nd_fits_is(card, "PCOUNT")) return count_card(s, card, "PCOUNT", &s->pcount, error);
  if (nd_fits_is(card, "GCOUNT")) return count_card(s, card, "GCOUNT", &s->gcount, error);
  if (nd_fits_is(card, "TFIELDS")) {
    s->fields_seen = true;
    return count_card(s, card, "TFIELDS", &s->fields, error);
  }
  if (nd_fits_is(card, "THEAP")) return count_card(s, card, "THEAP", &s->heap, error);
  if (card[0] == 'Z') return packed_card(s, card, error);
  if (nd_fits_is(card, "BITPIX")) {
    s->bitpix_seen = true;
    if (!nd_fits_integer(card, &s->bitpix))
      return damaged(s, error, "BITPIX", "is not a whole number");
  }
  return NADIR_OK;
}

static nadir_status shape_card(void *context, const char card[ND_FITS_CARD], nadir_error *error) {
  shape *s = context;
  if (nd_fits_is(card, "XTENSION")) nd_fits_string(card, s->extension);
  if (nd_fits_is(card, "EXTNAME")) nd_fits_string(card, s->name);
  if (nd_fits_is(card, "GROUPS")) s->groups = nd_fits_truth(card);
  if (nd_fits_is(card, "ZIMAGE")) s->packed_image = nd_fits_truth(card);
  if (nd_fits_is(card, "ZTABLE")) s->packed_table = nd_fits_truth(card);
  return structure_card(s, card, error);
}

static bool is_bitpix(int64_t value) {
  return value == 8 || value == 16 || value == 32 || value == 64 || value == -32 || value == -64;
}

static nd_fits_kind kind_of(const shape *s) {
  if (s->number == 0)
    return s->groups && s->naxis > 0 && s->axis1 == 0 ? ND_FITS_GROUPS : ND_FITS_IMAGE;
  if (strcmp(s->extension, "TABLE") == 0) return ND_FITS_ASCII;
  if (strcmp(s->extension, "BINTABLE") == 0 || strcmp(s->extension, "A3DTABLE") == 0) {
    if (s->packed_image) return ND_FITS_PACKED_IMAGE;
    return s->packed_table ? ND_FITS_PACKED_TABLE : ND_FITS_BINARY;
  }
  return strcmp(s->extension, "IMAGE") == 0 || strcmp(s->extension, "IUEIMAGE") == 0
             ? ND_FITS_IMAGE
             : ND_FITS_OTHER;
}

static bool is_table(nd_fits_kind kind) {
  return kind == ND_FITS_BINARY || kind == ND_FITS_ASCII || kind == ND_FITS_PACKED_IMAGE ||
         kind == ND_FITS_PACKED_TABLE;
}

/* |BITPIX|/8 * GCOUNT * (PCOUNT + NAXIS1 * ... * NAXISn), in bytes; false on overflow. */
static bool data_size(const shape *s, nd_fits_kind kind, uint64_t *size) {
  uint64_t values = s->others;
  *size = 0;
  if (s->naxis == 0) return true;
  if (s->overflow) return false;
  if (kind != ND_FITS_GROUPS && __builtin_mul_overflow(values, (uint64_t)s->axis1, &values))
    return false;
  uint64_t bytes = (uint64_t)(s->bitpix < 0 ? -s->bitpix : s->bitpix) / 8;
  return !__builtin_add_overflow(values, (uint64_t)s->pcount, &values) &&
         !__builtin_mul_overflow(values, (uint64_t)s->gcount, &values) &&
         !__builtin_mul_overflow(values, bytes, &values) && (*size = values) <= INT64_MAX;
}

static nadir_status too_many(const shape *s, nadir_error *error, const char *keyword) {
  char what[40];
  snprintf(what, sizeof what, "is more than %d", ND_LIMIT_FITS_COLUMNS);
  return damaged(s, error, keyword, what);
}

static nadir_status check_table(const shape *s, nadir_error *error) {
  if (s->naxis != 2) return damaged(s, error, "NAXIS", "is not 2, as of every table");
  if (s->bitpix != 8) return damaged(s, error, "BITPIX", "is not 8, as of every table");
  if (s->gcount != 1) return damaged(s, error, "GCOUNT", "is not 1, as of every table");
  if (!s->fields_seen) return damaged(s, error, "TFIELDS", "is missing");
  if (s->fields > ND_LIMIT_FITS_COLUMNS) return too_many(s, error, "TFIELDS");
  return NADIR_OK;
}

static nadir_status check_shape(const shape *s, nd_fits_kind kind, nadir_error *error) {
  if (!s->bitpix_seen) return damaged(s, error, "BITPIX", "is missing");
  if (!is_bitpix(s->bitpix)) return damaged(s, error, "BITPIX", "is not one of 8 16 32 64 -32 -64");
  if (!s->naxis_seen) return damaged(s, error, "NAXIS", "is missing");
  if (s->naxis > ND_LIMIT_FITS_COLUMNS) return too_many(s, error, "NAXIS");
  if (s->axes_seen != s->naxis) return damaged(s, error, "NAXISn", "are not as many as NAXIS says");
  return is_table(kind) ? check_table(s, error) : NADIR_OK;
}

static nadir_status describe(const shape *s, nd_fits_hdu *hdu, nadir_error *error) {
  hdu->kind = kind_of(s);
  ND_TRY(check_shape(s, hdu->kind, error));
  if (!data_size(s, hdu->kind, &hdu->size))
    return damaged(s, error, "NAXISn", "promise more data than any file can hold");
  uint64_t end = nd_file_size(s->fits->file);
  hdu->available = hdu->data < end ? end - hdu->data : 0;
  hdu->has_data = s->naxis > 0;
  if (is_table(hdu->kind)) {
    hdu->row_bytes = (uint64_t)s->axis1;
    hdu->rows = (uint64_t)s->axis2;
    hdu->fields = (size_t)s->fields;
    hdu->plain_rows = (uint64_t)s->plain_rows;
    hdu->plain_row_bytes = (uint64_t)s->plain_row_bytes;
    hdu->tile_rows = (uint64_t)s->tile_rows;
    hdu->heap = s->heap >= 0 ? (uint64_t)s->heap : hdu->rows * hdu->row_bytes;
  }
  memcpy(hdu->name, s->name, sizeof hdu->name);
  return NADIR_OK;
}

/* ---- the walk -------------------------------------------------------------------------------- */

static nadir_status read_hdu(nd_fits *fits, uint64_t offset, nadir_error *error) {
  shape s = {.fits = fits, .number = fits->count, .gcount = 1, .others = 1, .heap = -1};
  nd_fits_hdu hdu = {.header = offset};
  ND_TRY(nd_fits_cards(fits, s.number, offset, &hdu.data, shape_card, &s, error));
  ND_TRY(describe(&s, &hdu, error));
  ND_TRY(nd_grow(&fits->hdus, &fits->capacity, fits->count + 1, sizeof hdu, error));
  fits->hdus[fits->count++] = hdu;
  return NADIR_OK;
}

/* Whether an extension begins at `offset`; anything else there is the end of the HDUs. */
static nadir_status begins(const nd_fits *fits, uint64_t offset, bool *extension,
                           nadir_error *error) {
  char block[ND_FITS_BLOCK];
  size_t got;
  ND_TRY(read_block(fits, offset, block, &got, error));
  *extension = got >= 10 && memcmp(block, "XTENSION= ", 10) == 0;
  return NADIR_OK;
}

nadir_status nd_fits_walk(nd_fits *fits, nadir_error *error) {
  ND_TRY(read_hdu(fits, 0, error));
  for (;;) {
    const nd_fits_hdu *last = &fits->hdus[fits->count - 1];
    uint64_t padded = (last->size + ND_FITS_BLOCK - 1) / ND_FITS_BLOCK * ND_FITS_BLOCK;
    bool more = false;
    if (padded >= last->available) return NADIR_OK;
    uint64_t next = last->data + padded;
    ND_TRY(begins(fits, next, &more, error));
    if (!more) return NADIR_OK;
    nadir_status status = read_hdu(fits, next, &fits->broken);
    if (status == NADIR_BAD_DATA) return NADIR_OK;
    if (status != NADIR_OK) {
      if (error != NULL) *error = fits->broken;
      return status;
    }
  }
}
