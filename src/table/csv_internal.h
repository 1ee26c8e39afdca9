/* The parts of the CSV reader among themselves:
 *
 *   csv_cursor.c  bytes of a file -> records, in constant memory
 *   csv_cell.c    a record -> cells; what a cell is (number, integer, truth, missing)
 *   csv_notation.c  numbers in other notations: decimal commas, dates, sexagesimal
 *   csv_names.c   the names of the columns
 *   csv_ecsv.c    the units that an ECSV header gives
 *   csv_sniff.c   what kind of text it is: delimiter, header, types of the columns
 *   csv_read.c    rows of a chunk -> numbers, equalities, texts
 *   csv.c         nd_csv_open: the chunk index; the source's class
 *
 * A record is a line, or several where a quoted cell holds line ends. Lines that are blank or whose
 * first character (after blanks) is # are not records. A cell is quoted when its first character
 * (after blanks) is a double quote; a quote anywhere else is a character like any other. */
#ifndef ND_CSV_INTERNAL_H
#define ND_CSV_INTERNAL_H

#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "table/reader_internal.h"
#include "table/text_store_internal.h"

enum {
  ND_CSV_BLOCK = 1 << 18,       /* bytes read at once */
  ND_CSV_LONGEST = 64 << 20,    /* bytes of the longest record */
  ND_CSV_BEYOND = 64, /* bytes behind the end of a record that may be read, whatever they are */
  ND_CSV_SAMPLE_ROWS = ND_CHUNK /* rows whose cells decide the types */
};

/* What is read: the bytes `start` .. `end` of a file, by one delimiter (' ': runs of blanks and
 * tabs). */
typedef struct nd_csv_text {
  const nd_file *file;
  const char *path;
  uint64_t start, end;
  char delimiter;
  bool blank_rows; /* a blank line is a row: of the one column that there is */
} nd_csv_text;

/* The delimiters that are looked for, in the order of preference. */
static const char nd_csv_delimiters[] = {',', '\t', ';', '|', ' '};

/* ---- csv_cursor.c */

typedef struct nd_csv_record {
  const char *begin, *end; /* without the line end; valid until the next record */
  uint64_t offset, line;   /* of the first byte; lines count from 1 */
  bool quoted;             /* there is a double quote in it */
} nd_csv_record;

typedef struct nd_csv_cursor {
  const nd_csv_text *text;
  char *buffer;
  size_t capacity;
  const char *at, *end, *quote; /* unread bytes; the first quote among them (or end) */
  uint64_t offset;              /* in the file, of `end` */
  uint64_t limit, enough;
  uint64_t line; /* of `at` */
} nd_csv_cursor;

nadir_status nd_csv_cursor_new(nd_csv_cursor *cursor, nadir_error *error);
void nd_csv_cursor_free(nd_csv_cursor *cursor);
/* Go to a record's first byte; nothing at or after `limit` is read. */
void nd_csv_cursor_seek(nd_csv_cursor *cursor, const nd_csv_text *text, uint64_t offset,
                        uint64_t line, uint64_t limit);
/* What lies behind this place is read in small pieces: it is hardly needed. */
void nd_csv_cursor_expect(nd_csv_cursor *cursor, uint64_t enough);
/* The first byte that is not read yet, and its line. */
void nd_csv_place(const nd_csv_cursor *cursor, uint64_t *offset, uint64_t *line);
nadir_status nd_csv_next(nd_csv_cursor *cursor, nd_csv_record *record, bool *found,
                         nadir_error *error);

/* The next eight bytes, the first in the lowest. */
static inline uint64_t nd_csv_eight(const char *p) {
  uint64_t x;
  memcpy(&x, p, sizeof x);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  x = __builtin_bswap64(x);
#endif
  return x;
}

/* A bit for each of the next 64 bytes that is c, the first in the lowest. */
static inline uint64_t nd_csv_among(const char *p, char c) {
  uint64_t marks = 0;
#if defined(__SSE2__)
  const __m128i wanted = _mm_set1_epi8(c);
  for (size_t i = 0; i < 64; i += 16) {
    __m128i same = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)(p + i)), wanted);
    marks |= (uint64_t)(unsigned)_mm_movemask_epi8(same) << i;
  }
#else
  for (size_t i = 0; i < 64; i++)
    marks |= (uint64_t)(p[i] == c) << i;
#endif
  return marks;
}

/* ---- csv_cell.c */

typedef struct nd_csv_cell {
  const char *begin, *end; /* within the quotes, where it is quoted */
  bool quoted, doubled;    /* doubled: it holds "" for " */
  bool spoiled;            /* text follows the closing quote */
} nd_csv_cell;

/* A blank that is not a delimiter. */
static inline bool nd_csv_blank(char c, char delimiter) {
  return c == ' ' || (c == '\t' && delimiter != '\t');
}
static inline bool nd_csv_delimits(char c, char delimiter) {
  return c == delimiter || (delimiter == ' ' && c == '\t');
}
/* *at: where the first cell of a record begins. */
const char *nd_csv_first(const nd_csv_record *record, char delimiter);
/* From the end of a cell to the beginning of the next; NULL where it was the last. */
const char *nd_csv_step(const char *p, const char *end, char delimiter);
/* The cell at *at, which moves on to the next or to NULL after the last. False at NULL. */
bool nd_csv_cell_next(const char **at, const char *end, char delimiter, nd_csv_cell *cell);
size_t nd_csv_count(const nd_csv_record *record, char delimiter);
/* Without the blanks around it. */
nd_csv_cell nd_csv_trim(nd_csv_cell cell);
/* The characters of a cell, "" made ". */
nadir_status nd_csv_text_of(nd_csv_cell cell, nd_text_store *store, const char **text,
                            nadir_error *error);

/* These take a trimmed cell. */
bool nd_csv_is_word(nd_csv_cell cell, const char *word); /* in any case; word is in lower case */
bool nd_csv_missing(nd_csv_cell cell);
bool nd_csv_number(nd_csv_cell cell, double *value);
bool nd_csv_integer(nd_csv_cell cell); /* not empty: in full within 64 bits, signed or not */
bool nd_csv_truth(nd_csv_cell cell, double *value);
bool nd_csv_numeral(nd_csv_cell cell); /* a number in digits: not nan or inf */

/* ---- csv_notation.c: these take a trimmed cell too */

nadir_notation nd_csv_notation_of(nd_csv_cell cell);
bool nd_csv_numeric(nd_csv_cell cell); /* a numeral, or one of these: no name */

/* How many cells of a record, trimmed, pass the test, and whether all do. */
typedef bool nd_csv_test(nd_csv_cell cell);
size_t nd_csv_how_many(const nd_csv_record *record, char delimiter, nd_csv_test *test);
bool nd_csv_all(const nd_csv_record *record, char delimiter, nd_csv_test *test);

/* ---- csv_names.c */

typedef struct nd_csv_names {
  const nd_csv_text *text;
  nd_arena *arena;
  char *head; /* the first bytes of the file, NUL-terminated */
  size_t head_size;
  const char **name;  /* NULL or "" where there is none yet */
  const char **unit;  /* NULL where none is given */
  const char **blank; /* the text that means missing; NULL where none is given */
  const char **type;  /* as the comment gives it; NULL where none is given */
  size_t columns;
} nd_csv_names;

/* From the cells of a record after the first `lead`. */
nadir_status nd_csv_names_from_row(nd_csv_names *names, const nd_csv_record *record, char delimiter,
                                   size_t lead, nadir_error *error);
/* Names, and units where they are given with them, from the # lines before the byte where the rows
 * begin, where they give any. */
nadir_status nd_csv_names_from_comments(nd_csv_names *names, uint64_t rows_begin,
                                        nadir_error *error);
/* A name for every column. */
nadir_status nd_csv_names_complete(nd_csv_names *names, nadir_error *error);
/* As they are given, separated by commas: one for each column. */
nadir_status nd_csv_names_given(nd_csv_names *names, const char *given, nadir_error *error);
const char *nd_csv_line_after(const char *line);

/* ---- csv_columns.c: # lines that each describe one column */

/* Gnuastro's "# Column 3: NAME [unit, type, blank] comment" and SExtractor's "# 3 NAME comment
 * [unit]", before `end`; false where they are none. */
nadir_status nd_csv_described_columns(nd_csv_names *names, const char *end, bool *done,
                                      nadir_error *error);
/* The next # line of the head before `end`, without # and blanks around. */
bool nd_csv_next_comment(const char **at, const char *end, nd_csv_record *line);

/* ---- csv_units.c */

/* Whether a trimmed cell reads as a unit: [..] or (..), or made of the units that people use. */
bool nd_csv_is_unit(nd_csv_cell cell);
/* The units in a record after the first `lead` cells, without brackets. */
nadir_status nd_csv_take_units(nd_csv_names *names, const nd_csv_record *record, char delimiter,
                               size_t lead, nadir_error *error);

/* ---- csv_ecsv.c */

/* head: the first bytes of the file, NUL-terminated. Units are taken from it where it is ECSV. */
nadir_status nd_csv_ecsv_units(const char *head, nd_column *columns, size_t count, nd_arena *arena,
                               nadir_error *error);

/* ---- csv_sniff.c, csv.c, csv_read.c */

typedef struct nd_csv_mark {
  uint64_t offset, line;
} nd_csv_mark;

/* The cell that means missing in one column: a text, which may be a number. */
typedef struct nd_csv_blank_value {
  const char *text; /* NULL: none */
  double number;    /* NaN: it is none */
} nd_csv_blank_value;

typedef struct nd_csv {
  nd_source source;
  nd_file *file;
  nd_csv_text text; /* start: of the first row */
  uint64_t line;    /* of the first row */
  size_t fields;    /* cells of a row */
  size_t lead;      /* cells before the first column: 1 where every row begins with a bar */
  double *nulls;
  size_t null_count;
  const nd_csv_blank_value *blanks; /* by column: the cell that means missing in it; or NULL */
  nd_csv_mark *marks;               /* where each chunk begins */
  size_t mark_count, mark_capacity;
} nd_csv;

/* Whether a trimmed cell is the one that means missing in this column. */
bool nd_csv_blank_in(const nd_csv *csv, size_t column, nd_csv_cell cell);

/* Sets text, line, fields, lead and the columns. */
nadir_status nd_csv_sniff(nd_csv *csv, const nd_table_options *options, nadir_error *error);
nadir_status nd_csv_ragged(const nd_csv *csv, const nd_csv_record *record, nadir_error *error);
nadir_status nd_csv_spoiled(const nd_csv_text *text, const nd_csv_record *record,
                            nadir_error *error);

nadir_status nd_csv_read(const nd_source *source, uint64_t first, size_t count, size_t at,
                         const nd_request *requests, size_t request_count, void *scratch,
                         nadir_error *error);
nadir_status nd_csv_scratch_new(void **scratch, const nd_source *source, nadir_error *error);
void nd_csv_scratch_free(void *scratch);
/* Go to row `first` of the source; the cursor stops at row `last` at the earliest. */
nadir_status nd_csv_stand(const nd_csv *csv, nd_csv_cursor *cursor, uint64_t first, uint64_t last,
                          nadir_error *error);
/* The next row, which must exist. */
nadir_status nd_csv_row(const nd_csv *csv, nd_csv_cursor *cursor, nd_csv_record *record,
                        nadir_error *error);

#endif
