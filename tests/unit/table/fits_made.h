/* FITS files made card by card, wrong ones too, which no library would write. */
#ifndef FITS_MADE_H
#define FITS_MADE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

typedef struct made_file {
  unsigned char *bytes;
  size_t size, capacity;
} made_file;

static inline void made_bytes(made_file *f, const void *data, size_t size) {
  while (f->size + size > f->capacity) {
    f->capacity = 2 * f->capacity + 2880;
    f->bytes = realloc(f->bytes, f->capacity);
    assert_non_null(f->bytes);
  }
  if (size > 0) memcpy(f->bytes + f->size, data, size);
  f->size += size;
}

static inline void made_card(made_file *f, const char *card) {
  char full[81];
  snprintf(full, sizeof full, "%-80.80s", card);
  made_bytes(f, full, 80);
}

static inline void made_number(made_file *f, const char *keyword, const char *value) {
  char card[81];
  snprintf(card, sizeof card, "%-8.8s= %20s", keyword, value);
  made_card(f, card);
}

static inline void made_count(made_file *f, const char *keyword, uint64_t value) {
  char text[24];
  snprintf(text, sizeof text, "%llu", (unsigned long long)value);
  made_number(f, keyword, text);
}

/* TFORM3 and the like */
static inline void made_string(made_file *f, const char *stem, size_t number, const char *value) {
  char card[128], keyword[32];
  snprintf(keyword, sizeof keyword, number > 0 ? "%s%zu" : "%s", stem, number);
  snprintf(card, sizeof card, "%-8.8s= '%-8.68s'", keyword, value);
  made_card(f, card);
}

static inline void made_pad(made_file *f, char with) {
  while (f->size % 2880 != 0)
    made_bytes(f, &with, 1);
}

static inline void made_end(made_file *f) {
  made_card(f, "END");
  made_pad(f, ' ');
}

static inline void made_primary(made_file *f) {
  made_number(f, "SIMPLE", "T");
  made_number(f, "BITPIX", "8");
  made_number(f, "NAXIS", "0");
  made_end(f);
}

/* The cards of an extension up to TFIELDS. */
static inline void made_table(made_file *f, const char *kind, uint64_t row_bytes, uint64_t rows,
                              uint64_t heap, size_t fields) {
  made_string(f, "XTENSION", 0, kind);
  made_number(f, "BITPIX", "8");
  made_number(f, "NAXIS", "2");
  made_count(f, "NAXIS1", row_bytes);
  made_count(f, "NAXIS2", rows);
  made_count(f, "PCOUNT", heap);
  made_number(f, "GCOUNT", "1");
  made_count(f, "TFIELDS", fields);
}

static inline void made_data(made_file *f, const void *data, size_t size) {
  made_bytes(f, data, size);
  made_pad(f, '\0');
}

/* Writes it, and begins anew. */
static inline void made_save(made_file *f, const char *path) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(f->bytes, 1, f->size, file), f->size);
  assert_int_equal(fclose(file), 0);
  free(f->bytes);
  *f = (made_file){0};
}

/* ---- compressed tables ---- */

typedef struct packed_column {
  const char *form, *packing;  /* ZFORM; ZCTYP */
  const char *descriptor_form; /* of TFORM; NULL: 1PB(8); -: no card */
  const void *data;            /* as it is in the heap */
  size_t size;
  int64_t more, shift; /* what the descriptor says beside the truth, of length and place */
} packed_column;

typedef struct packed_table {
  uint64_t rows, row_bytes, tile_rows; /* of the plain table */
  uint64_t tiles;                      /* NAXIS2 */
  int64_t heap_shift;                  /* of THEAP; 0: no card */
  uint64_t row_more;                   /* bytes of a row behind the descriptors */
  size_t count;
  const packed_column *columns;
} packed_table;

static inline void made_big_endian(unsigned char *to, uint64_t value, size_t width) {
  for (size_t i = 0; i < width; i++)
    to[i] = (unsigned char)(value >> (8 * (width - 1 - i)));
}

/* One tile (or none) whose columns are as given, behind an empty primary HDU. */
static inline void made_packed(made_file *f, const packed_table *t) {
  uint64_t heap = 0;
  unsigned char row[64 * 16] = {0};
  size_t width = 0;
  for (size_t i = 0; i < t->count; i++) {
    bool wide =
        t->columns[i].descriptor_form != NULL && strchr(t->columns[i].descriptor_form, 'Q') != NULL;
    size_t half = wide ? 8 : 4;
    made_big_endian(row + width, t->columns[i].size + (uint64_t)t->columns[i].more, half);
    made_big_endian(row + width + half, heap + (uint64_t)t->columns[i].shift, half);
    width += 2 * half;
    heap += t->columns[i].size;
  }
  width += (size_t)t->row_more;
  made_primary(f);
  made_table(f, "BINTABLE", width, t->tiles, heap, t->count);
  made_number(f, "ZTABLE", "T");
  made_count(f, "ZNAXIS1", t->row_bytes);
  made_count(f, "ZNAXIS2", t->rows);
  made_count(f, "ZTILELEN", t->tile_rows);
  if (t->heap_shift != 0)
    made_count(f, "THEAP", (uint64_t)((int64_t)(width * t->tiles) + t->heap_shift));
  for (size_t i = 0; i < t->count; i++) {
    const packed_column *c = &t->columns[i];
    const char *form = c->descriptor_form == NULL ? "1PB(8)" : c->descriptor_form;
    if (form[0] != '-') made_string(f, "TFORM", i + 1, form);
    if (c->form != NULL) made_string(f, "ZFORM", i + 1, c->form);
    if (c->packing != NULL) made_string(f, "ZCTYP", i + 1, c->packing);
  }
  made_end(f);
  for (uint64_t tile = 0; tile < t->tiles; tile++)
    made_bytes(f, row, width);
  for (size_t i = 0; i < t->count; i++)
    made_bytes(f, t->columns[i].data, t->columns[i].size);
  made_pad(f, '\0');
}

/* gzip of `data` into out; its size. */
static inline size_t made_gzip(const void *data, size_t size, unsigned char *out, size_t room) {
  z_stream stream = {.next_in = (unsigned char *)(uintptr_t)data,
                     .avail_in = (uInt)size,
                     .next_out = out,
                     .avail_out = (uInt)room};
  assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
  size_t used = room - stream.avail_out;
  deflateEnd(&stream);
  return used;
}

#endif
