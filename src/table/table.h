/* table: files <-> blocks of columns.
 *
 * A table is one logical sequence of rows from one or more files (or arrays, or a caller's reader),
 * read only in chunks: chunk c is rows c*ND_CHUNK .. of the logical table, whatever files they come
 * from. Only the columns asked for are decoded, and nothing grows with the number of rows but an
 * index of 16 bytes a chunk for CSV. nd_table_read may be called from several threads at once. */
#ifndef ND_TABLE_H
#define ND_TABLE_H

#include "base/angle.h"
#include "base/hash128.h"
#include "base/ranks.h"
#include "base/spool.h"

#define ND_CHUNK 4096

typedef enum nd_cell_type {
  ND_CELL_REAL = NADIR_REALS,
  ND_CELL_INTEGER = NADIR_INTEGERS,
  ND_CELL_TRUTH = NADIR_TRUTHS,
  ND_CELL_TEXT = NADIR_TEXTS
} nd_cell_type;

typedef struct nd_column {
  const char *name;  /* no other of the table has it: the second x is x_2 */
  const char *title; /* as the file has it */
  size_t twins;      /* columns with this title, where there are several; else 0 */
  const char *unit;  /* "" where none is given */
  nd_cell_type type;
  size_t elements;    /* 1; more for a vector column, whose elements are asked for one by one */
  bool single;        /* every value is exact in float32 by its type (int16, float32, truth) */
  const char *format; /* FITS TFORM of the column as read, "" for others: for writing it back */
  const nadir_cell *stray; /* why a CSV column is text: its first cell that is not a number; NULL for
                              others */
  bool nearly_numbers; /* it is text for a few cells alone, or for the notation of its numbers */
  bool wide;           /* it may have integers beyond 2^53, which doubles round: see ND_AS_REST */
} nd_column;

typedef struct nd_table_options {
  char delimiter;      /* 0: found; ' ': runs of blanks and tabs */
  bool no_header;      /* columns are c1, c2, ... */
  const char *
      names; /* the names of the columns of a file without header, separated by commas; NULL: none */
  const char *hdu;     /* FITS extension by number ("0" is the primary) or EXTNAME; NULL: the first
                          table */
  const double *nulls; /* numbers that mean missing */
  size_t null_count;
  uint64_t spool;    /* bytes that copies of the files on disk may take (base/spool.h) */
  nd_spool *spooled; /* of these; nd_table_open makes it, NULL: not counted */
  bool many;         /* nd_table_open: so many files that none stays open */
  size_t threads; /* that opening may use; 0: all processors */
  bool cache;     /* a parsed copy of each file of text is kept beside it, and read in its place */
  nadir_error *uncached; /* why one is not; nd_table_open sets it */
} nd_table_options;

typedef struct nd_table nd_table;
/* Format by content (FITS magic, gzip magic); "-" is CSV on standard input, spooled. Errors name
 * file, row, column and the text found. Names like cat.fits[1] that do not exist get the hint
 * --hdu 1. */
nadir_status nd_table_open(nd_table **table, const char *const *paths, size_t count,
                           const nd_table_options *options, nadir_error *error);
/* Borrowed numbers: row i is at values + i stride bytes; 0: one follows another. NaN is missing. */
typedef struct nd_array {
  const char *name, *unit; /* unit may be NULL */
  const void *values;
  nadir_number_type type;
  ptrdiff_t stride;
} nd_array;
nadir_status nd_table_of_rows(nd_table **table, uint64_t rows, nadir_error *error); /* no column yet */
nadir_status nd_table_add(nd_table *table, const nd_array *array, nadir_error *error);
nadir_status nd_table_from_arrays(nd_table **table, const nd_array *arrays, size_t columns,
                                  uint64_t rows, nadir_error *error);
nadir_status nd_table_from_reader(nd_table **table, const nadir_reader *reader, nadir_error *error);
void nd_table_close(nd_table *table);

size_t nd_table_columns(const nd_table *table);
const nd_column *nd_table_column(const nd_table *table, size_t i);
uint64_t nd_table_rows(const nd_table *table);
size_t nd_table_chunks(const nd_table *table);
/* The room of a column: the most rows that a chunk of this table has, in whole lines of 16. All that is
 * kept of a chunk is made for so many, so that a table of few rows may have very many columns. */
size_t nd_table_room(const nd_table *table);
size_t nd_table_files(const nd_table *table);
const char *nd_table_file(const nd_table *table, size_t i); /* path as given */
size_t nd_table_file_of(const nd_table *table, uint64_t row); /* the file that has this row */
/* With whom passes over it are shared; NULL: nobody. */
void nd_table_share(nd_table *table, nd_ranks *ranks);
nd_ranks *nd_table_ranks(const nd_table *table);
/* Why the parsed copy of a file was neither used nor made, of the first such file; NULL: no reason. */
const nadir_error *nd_table_uncached(const nd_table *table);
/* By which a table is known to be the same, in 32 hexadecimal digits: of names, sizes, and what is in each file, all
 * of it up to 16 MiB, beyond that as many bytes at 256 places. */
enum { ND_DIGEST_TEXT = 33 };
void nd_table_digest(const nd_table *table, char digest[ND_DIGEST_TEXT]);
/* "FILE:row N" of a logical row, N being what an editor or TOPCAT shows (CSV: the line in the file;
 * FITS: the row from 1), for errors about a cell found later. */
nadir_status nd_table_where(const nd_table *table, uint64_t row, nd_text *out, nadir_error *error);

/* Find a column by name: exact; or, where nothing is exact, not found, with *hint the index of the
 * one that differs only by case or by one letter (names of 4 letters or more), -1 if none. "$3" is
 * the third; "hms(name)" the same column as "name", for ND_AS_READ; "name[3]" is element 3 (from 1) of a vector column: *element is from 0, and SIZE_MAX
 * for a vector column named without one. */
bool nd_table_find(const nd_table *table, const char *name, size_t *column, size_t *element,
                   ptrdiff_t *hint);

/* What the nearest double leaves out of a number, given as text: not 0 only of integers beyond 2^53
 * (whole.c). */
double nd_rest_of_text(const char *text, const char *end);

/* What is wanted of a chunk. A missing cell is NaN. Text asked for as a number is an error that
 * names the place; so is a vector column without an element when elements > 1 (that is the caller's
 * to prevent). */
typedef enum nd_request_kind {
  ND_AS_NUMBER, /* numbers[i]; truth is 1 or 0 */
  ND_AS_SINGLE, /* singles[i]: the same as float32, of a column that is `single` */
  ND_AS_REST,   /* numbers[i] = the cell - what ND_AS_NUMBER gives of it, exactly: not 0 only of
                   integers beyond 2^53; NaN where missing */
  ND_AS_EQUAL,  /* numbers[i] = 1 where the text equals `equals` (padding blanks do not count), else
                   0;  NaN where missing */
  ND_AS_TEXT, /* texts[i]: the cell as text (numbers in shortest form, integers in full, a CSV cell
                as it is, without its quotes); NULL where missing; kept in the scratch until the next read
                with it */
  ND_AS_READ   /* numbers[i]: what the text function `reads` makes of the text; an error that names the place where it
                cannot */
} nd_request_kind;
typedef struct nd_request {
  nd_request_kind kind;
  size_t column, element;
  const char *equals;
  const nd_text_function *reads;
  double *numbers;    /* nd_table_room of them */
  const char **texts; /* the same */
  float *singles;     /* the same */
} nd_request;

/* Working memory of one reading thread. */
typedef struct nd_scratch nd_scratch;
nadir_status nd_scratch_new(nd_scratch **scratch, const nd_table *table, nadir_error *error);
void nd_scratch_free(nd_scratch *scratch);
/* Fill the requests from chunk c; *rows is how many rows it has (ND_CHUNK except for the last). */
nadir_status nd_table_read(const nd_table *table, size_t chunk, const nd_request *requests,
                           size_t count, nd_scratch *scratch, size_t *rows, nadir_error *error);

/* Numbers kept from one pass for the next (kept.c): those of the requests that give doubles, 8 bytes for each of them
 * and row. *kept is NULL where there is none, or more than `most` bytes. Of scratches of one table, which it must
 * outlive; equals of the requests are borrowed. Worth it where a table is `slow`. */
typedef struct nd_kept nd_kept;
nadir_status nd_kept_new(nd_kept **kept, const nd_table *table, const nd_request *requests, size_t count,
                         uint64_t most, nadir_error *error);
uint64_t nd_kept_bytes(const nd_kept *kept);
void nd_kept_free(nd_kept *kept);
/* From now on reading with this scratch keeps numbers there, and takes them from there; NULL: no more. */
void nd_scratch_keep(nd_scratch *scratch, nd_kept *kept);
bool nd_table_is_slow(const nd_table *table); /* a cell costs far more to read than to copy */

/* ---- writing (writer.c; FITS in fits.c) ---- */
/* FITS when the path ends in .fits or .fit (whatever case), else CSV (.csv, .tsv by delimiter;
 * "-"). A column with a FITS format is written back in it; TEXT as strings. Rows are given in
 * order, in batches of at most ND_CHUNK. The file appears at commit. */
typedef struct nd_writer nd_writer;
nadir_status nd_writer_open(nd_writer **writer, const char *path, const nd_column *columns,
                            size_t count, uint64_t rows, nadir_error *error);
/* Where the table comes from, in lines: HISTORY of a FITS file, next to its DATE; a CSV file has no place for it. */
nadir_status nd_writer_note(nd_writer *writer, const char *lines, nadir_error *error);
/* One of numbers, texts is set for each column: numbers for REAL, INTEGER below 2^53 and TRUTH
 * (NaN: missing); texts for TEXT and for INTEGER in full (NULL: missing). elements of a vector
 * column are separate consecutive cells. */
typedef struct nd_cells {
  const double *numbers;
  const char *const *texts;
} nd_cells;
nadir_status nd_writer_rows(nd_writer *writer, const nd_cells *cells, size_t rows,
                            nadir_error *error);
nadir_status nd_writer_commit(nd_writer *writer, nadir_error *error);
void nd_writer_close(nd_writer *writer);

/* NADIR_ARRAYS: of any length, in FITS (TFORM P, Q). They are listed, but not read. */
nadir_cells nd_cells_of(const nd_column *column);

/* The handle of nadir.h. */
struct nadir_table {
  nd_table *table;
};

#endif
