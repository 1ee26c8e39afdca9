/* The parts of the FITS reader and writer among themselves:
 *
 *   fits_header.c   cards and HDUs: where each begins, what it is, how long it must be
 *   fits_columns.c  TFORM and its companions: what each column of a table is
 *   fits_rows.c     bytes of rows -> numbers, equalities, texts
 *   fits_packed.c   a tile-compressed table -> its plain rows in a temporary file
 *   fits_cards.c    keywords and values -> the cards of a header
 *   fits_write.c    a table -> a binary table file
 *   fits.c          nd_fits_open and the choice of the HDU
 *
 * Standard: Definition of the FITS, version 4.0 (FITS Working Group, 2018). */
#ifndef ND_FITS_INTERNAL_H
#define ND_FITS_INTERNAL_H

#include "table/reader_internal.h"

enum {
  ND_FITS_BLOCK = 2880,
  ND_FITS_CARD = 80,
  ND_FITS_TEXT = 72 /* a string value of one card, with its NUL */
};

typedef enum nd_fits_kind {
  ND_FITS_IMAGE,
  ND_FITS_GROUPS,
  ND_FITS_BINARY,
  ND_FITS_ASCII,
  ND_FITS_PACKED_IMAGE,
  ND_FITS_PACKED_TABLE,
  ND_FITS_OTHER
} nd_fits_kind;

typedef struct nd_fits_hdu {
  nd_fits_kind kind;
  char name[ND_FITS_TEXT];  /* EXTNAME, "" without one */
  uint64_t header, data;    /* where they begin in the file */
  uint64_t size;            /* bytes of data by the header, the heap among them */
  uint64_t available;       /* bytes of data that the file has */
  uint64_t rows, row_bytes; /* of a table */
  size_t fields;            /* TFIELDS */
  uint64_t plain_rows, plain_row_bytes,
      tile_rows; /* of a compressed table: ZNAXIS2 ZNAXIS1 ZTILELEN */
  uint64_t heap; /* THEAP, from the begin of the data */
  bool has_data; /* an image with NAXIS > 0 */
} nd_fits_hdu;

typedef struct nd_fits {
  nd_file *file;
  const char *path; /* for sentences */
  nd_fits_hdu *hdus;
  size_t count, capacity;
  nadir_error broken; /* what ended the walk, if it was not the end of the file */
} nd_fits;

/* Finds every HDU. Damage after the primary header ends the walk and is kept in `broken`. */
nadir_status nd_fits_walk(nd_fits *fits, nadir_error *error);
/* Calls visit for each card of the header at `offset`, END excluded; *end is where its data begin.
 * `number` is the HDU's, for sentences. */
typedef nadir_status nd_fits_visit(void *context, const char card[ND_FITS_CARD],
                                   nadir_error *error);
nadir_status nd_fits_cards(const nd_fits *fits, size_t number, uint64_t offset, uint64_t *end,
                           nd_fits_visit *visit, void *context, nadir_error *error);

bool nd_fits_is(const char *card, const char *keyword);
/* The n of keyword STEMn (1 .. 999), or 0. */
size_t nd_fits_index(const char *card, const char *stem);
bool nd_fits_integer(const char *card, int64_t *value);
bool nd_fits_real(const char *card, double *value);
bool nd_fits_truth(const char *card);
/* The string without its trailing blanks; false when the value is not a string. `text` holds
 * ND_FITS_TEXT bytes. A CONTINUE card is read by the same. */
bool nd_fits_string(const char *card, char *text);

/* Cards at the end of a header: of text in place, of a value with a comment, of a string (carried on where it is
 * longer than a card), of a line as HISTORY. nd_fits_numbered: TFORM3 of the stem TFORM and i = 2. */
void nd_fits_add_card(nd_text *header, const char *card);
void nd_fits_add_value(nd_text *header, const char *keyword, const char *value, const char *comment);
void nd_fits_add_integer(nd_text *header, const char *keyword, nd_wide value, const char *comment);
void nd_fits_add_string(nd_text *header, const char *keyword, const char *value);
void nd_fits_add_history(nd_text *header, const char *line, size_t length);
const char *nd_fits_numbered(char keyword[16], const char *stem, size_t i);
void nd_fits_end_header(nd_text *header); /* END, and blanks to a whole block */
/* The primary HDU before a table (creator: of the file; NULL: not said), and the first cards of that: of `rows` rows of
 * `row_bytes` bytes. */
void nd_fits_add_primary(nd_text *header, const char *creator);
void nd_fits_add_table(nd_text *header, uint64_t row_bytes, uint64_t rows, size_t columns);

/* A column of the table as it is in a row. */
typedef struct nd_fits_field {
  char code;          /* L X B I J K E D C M A, P for both kinds of variable length;
                         of ASCII tables A, or N for every kind of number */
  size_t offset;      /* of the first byte in a row */
  size_t repeat;      /* elements */
  size_t width;       /* bytes (characters) of an element; 0 for X */
  size_t bytes;       /* of all elements */
  double scale, zero; /* TSCAL, TZERO */
  bool scaled;        /* scale is not 1 or zero is not 0 */
  bool whole;         /* zero is an integer, scale is 1: integers stay exact */
  bool has_null, bad_null;      /* bad: TNULL is there, but is not a whole number */
  int64_t null;                 /* TNULL of B I J K */
  char null_text[ND_FITS_TEXT]; /* TNULL of ASCII tables */
  size_t packed_offset;         /* in a compressed table: of its descriptor in a row */
  size_t packed_width;          /* of the descriptor: 8 (P) or 16 (Q) */
  char packing;                 /* '1' '2' GZIP_1 and _2, 'R' RICE_1, 'N' NOCOMPRESS */
  size_t decimals;              /* of an ASCII number without a point */
} nd_fits_field;

/* Fields and columns of the table `number`, both from the arena. */
nadir_status nd_fits_columns(const nd_fits *fits, size_t number, nd_arena *arena,
                             nd_fits_field **fields, nd_column **columns, nadir_error *error);
/* A binary TFORM: code, repeat, width, bytes. False when it is none. */
bool nd_fits_tform(const char *tform, nd_fits_field *field);

typedef struct nd_fits_source {
  nd_source source;
  nd_file *file;
  nd_fits_hdu hdu;
  const nd_fits_field *fields;
  const double *nulls; /* numbers that mean missing */
  size_t null_count;
} nd_fits_source;

nadir_status nd_fits_read(const nd_source *source, uint64_t first, size_t count, size_t at,
                          const nd_request *requests, size_t request_count, void *scratch,
                          nadir_error *error);
nadir_status nd_fits_scratch_new(void **scratch, const nd_source *source, nadir_error *error);
void nd_fits_scratch_free(void *scratch);

/* Writes the rows of the compressed table `number` of `fits`, unpacked and without a header, into
 * an unlinked temporary file. */
nadir_status nd_fits_unpack(const nd_fits *fits, size_t number, const nd_fits_field *fields,
                            nd_file **plain, nd_spool *spooled, nadir_error *error);

#endif
