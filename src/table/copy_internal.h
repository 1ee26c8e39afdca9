/* A parsed copy of a table of text, beside it as PATH.nadir.fits: a FITS table of its numbers, and of texts that are
 * short. What it has not is read from the text still: other texts, numbers as they were written, the rest that doubles
 * leave of integers, the lines of rows.
 *
 *   copy_find.c   whether there is a copy, and of this file as it is now; its making asked for where there is none
 *   copy_make.c   a table of text -> its copy
 *   copy_read.c   a copy, and the text beside it, as one source
 *
 * Behind the table follows another, EXTNAME NADIR: where in the text each chunk begins and the hash of its rows, which
 * column of the copy each column is, and, as the last bytes of the file, the seal.
 *
 * A copy is of this file where size and hash are those of the seal. The hash is not looked at where also the times of
 * the file are the same and the copy was begun after the last of them: a later change has another time then (git calls
 * an entry of its index without this "racily clean"). */
#ifndef ND_COPY_INTERNAL_H
#define ND_COPY_INTERNAL_H

#include "base/hash128.h"
#include "base/stamp.h"
#include "table/csv_internal.h"
#include "table/fits_internal.h"

/* ---- of csv.c, for text that was scanned before ---- */

/* What a scan finds: where the text ends, its rows, and where each chunk begins (NULL: it is to be scanned). Opening
 * takes the file and the marks over. */
typedef struct nd_csv_known {
  uint64_t end, rows;
  nd_csv_mark *marks;
  size_t count;
} nd_csv_known;
bool nd_is_csv(const nd_source *source);
nadir_status nd_csv_open_known(nd_source **source, nd_file *file, const nd_table_options *options,
                               const nd_csv_known *known, nadir_error *error);

/* ---- the copy ---- */

typedef struct nd_copy_chunk {
  nd_csv_mark mark;
  nd_hash128 hash; /* of its rows in the copy */
} nd_copy_chunk;

#define ND_COPY_CREATOR "nadir: a parsed copy of a table of text"
#define ND_COPY_NOWHERE UINT32_MAX

typedef struct nd_copy_seal {
  nd_stamp stamp;        /* of the file */
  int64_t begun;         /* when the copy was, by the clock of the file's system */
  nd_hash128 bytes, key; /* of the file; of what says how it is read */
  uint64_t text;         /* bytes of the text, unpacked */
  uint64_t columns;      /* of the text */
  uint64_t rows, row_bytes, chunks;
  uint64_t rows_at, tail_at; /* where in the copy they begin */
  nd_hash128 self;           /* of all of the copy but its rows and this */
} nd_copy_seal;

/* Bytes from tail_at to the end, in whole blocks of FITS: `chunks` nd_copy_chunk, for each column of the text its place
 * in the copy, and the seal. UINT64_MAX where that is beyond any file. */
uint64_t nd_copy_tail_bytes(uint64_t chunks, uint64_t columns);

struct nd_copy {
  const nd_table_options *options;
  char *path;    /* of the copy */
  nd_file *file; /* of which it is: once more, as it is packed */
  nd_stamp stamp;
  nd_hash128 key;
  nd_output *output; /* a new one, begun */
  int64_t begun;
  nadir_error refused; /* why none can be made; status OK: it can */
};

/* Into copy->output, which is committed. */
nadir_status nd_copy_make(nd_copy *copy, const nd_csv *csv, nadir_error *error);

/* An open copy whose seal and chunks are right. */
typedef struct nd_copy_contents {
  nd_copy_seal seal;
  nd_file *rows;
  nd_copy_chunk *chunk;
  uint32_t *place; /* of each column of the text; ND_COPY_NOWHERE: it is not in the copy */
} nd_copy_contents;
/* The text and the copy as one source, which takes places and `rows` over (they are NULL then), on failure too. */
nadir_status nd_copy_source(nd_source **source, const nd_copy *copy, nd_copy_contents *contents,
                            nadir_error *error);

#endif
