/* How a file format plugs into table.c: a source of consecutive rows. csv.c, fits.c and arrays.c
 * each give one. A new reader is one file that fills this in, and a row of
 * formats.def. */
#ifndef ND_READER_INTERNAL_H
#define ND_READER_INTERNAL_H

#include "table/table.h"

typedef struct nd_source nd_source;
typedef struct nd_source_class {
  const char *name; /* "csv", "fits", "arrays", "reader" */
  bool slow;        /* a cell costs far more to read than to copy */
  /* Rows first .. first+count-1 of this source (first+count <= rows, count <= ND_CHUNK; first is a
   * multiple of ND_CHUNK unless the table has several sources). out of each request is filled from
   * index `at`. Callable from several threads, each with a scratch of its own. */
  nadir_status (*read)(const nd_source *source, uint64_t first, size_t count, size_t at,
                       const nd_request *requests, size_t request_count, void *scratch,
                       nadir_error *error);
  nadir_status (*scratch_new)(void **scratch, const nd_source *source, nadir_error *error);
  void (*scratch_free)(void *scratch);
  nadir_status (*where)(const nd_source *source, uint64_t row, nd_text *out, nadir_error *error);
  void (*close)(nd_source *source);
} nd_source_class;

/* First member of each format's own struct. */
struct nd_source {
  const nd_source_class *class;
  const char *path;
  uint64_t rows;
  nd_column *columns; /* names etc. owned by the source */
  size_t column_count;
  nd_arena *arena; /* for names */
  const bool
      *unseen; /* columns whose type is only assumed, having no cell in the sample; or NULL */
};

/* Of each format: whether a file that begins so is one, and its opening. */
enum { ND_HEAD = 4096 };
#define ND_FORMAT(name)                                                                            \
  bool nd_##name##_begins(const char *head, size_t size);                                              \
  nadir_status nd_##name##_open(nd_source **source, nd_file *file,                                 \
                                const nd_table_options *options, nadir_error *error);
#include "table/formats.def"
#undef ND_FORMAT
nadir_status nd_arrays_open(nd_source **source, uint64_t rows, nadir_error *error);
nadir_status nd_arrays_add(nd_source *source, const nd_array *array, nadir_error *error);
void nd_arrays_digest(const nd_source *source, nd_hash128 *digest); /* nothing of other sources */
nadir_status nd_reader_open(nd_source **source, const nadir_reader *reader, nadir_error *error);

/* source.c: the source of what a path names, in any of these formats; *digest takes in the file. */
nadir_status nd_source_open(nd_source **source, const char *path, nd_hash128 *digest,
                            const nd_table_options *options, nadir_error *error);

/* kept.c: the numbers of the requests, where they are kept; the others, into `fresh`, and how many these are. Then
 * those that were just read, which are kept where all that are listed are among them. */
size_t nd_kept_give(const nd_kept *kept, size_t chunk, size_t rows, const nd_request *requests,
                    size_t count, nd_request *fresh);
void nd_kept_take(nd_kept *kept, size_t chunk, size_t rows, const nd_request *requests, size_t count);

/* gzip.c: unpack a stream into an unlinked temporary file, for CSV and FITS alike. */
nadir_status nd_gunzip(nd_file *packed, nd_file **plain, nd_spool *spooled, nadir_error *error);
/* The same until `most` bytes are there, or some more. */
nadir_status nd_gunzip_some(nd_file *packed, nd_file **plain, nd_spool *spooled, uint64_t most, nadir_error *error);
nadir_status nd_is_gzip(const nd_file *file, bool *is, nadir_error *error);

/* copy_find.c: a table of text is read from its parsed copy where there is one. Begun before the file is read; *copy is NULL
 * where none is asked for, nor possible. */
typedef struct nd_copy nd_copy;
nadir_status nd_copy_new(nd_copy **copy, const nd_file *file, const nd_table_options *options, nadir_error *error);
void nd_copy_free(nd_copy *copy);
nd_source *nd_copy_open(nd_copy *copy); /* NULL: there is no good one */
/* Then one is made of the table that was read, which gives way to it. Of another format: nothing. */
void nd_copy_replace(nd_copy *copy, nd_source **source);

/* Exact for every integer of 64 bits, signed or not, and for sums of two. */
__extension__ typedef __int128 nd_wide;
/* whole.c: the whole text as an integer, in full or with a point or an exponent; false where it is
 * none, or of more than 30 digits. */
bool nd_read_whole(const char *text, const char *end, nd_wide *value);
double nd_rest_of_whole(nd_wide value); /* what the nearest double leaves out of it */

/* twins.c: sets title, twins and, of the second of a name and later ones, the name. */
nadir_status nd_part_twins(nd_column *columns, size_t count, nd_arena *arena, nadir_error *error);

/* A writer for one format. */
typedef struct nd_writer_class {
  nadir_status (*open)(void **state, const char *path, const nd_column *columns, size_t count,
                       uint64_t rows, nadir_error *error);
  nadir_status (*rows)(void *state, const nd_cells *cells, size_t rows, nadir_error *error);
  nadir_status (*commit)(void *state, nadir_error *error);
  void (*close)(void *state);
  nadir_status (*note)(void *state, const char *lines, nadir_error *error); /* NULL: it has no place for notes */
} nd_writer_class;
extern const nd_writer_class nd_csv_writer, nd_fits_writer;

#endif
