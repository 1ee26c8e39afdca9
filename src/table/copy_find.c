/* Whether a table of text has a parsed copy beside it, of this file and as it is read now; else one is made. Nothing
 * that is wrong with a copy, or with the place for one, is a failure: it is kept in options->uncached, and the text is
 * read. What lies under the copy's name and does not begin like one is left alone.
 *
 * Costs a reading of the copy, whose bytes are checked against their hashes before anything is made of them; where the
 * times do not show that the file is unchanged, one of the file. */
#include <string.h>
#include <sys/stat.h>

#include "table/copy_internal.h"

#define SUFFIX ".nadir.fits"

uint64_t nd_copy_tail_bytes(uint64_t chunks, uint64_t columns) {
  const uint64_t most = (uint64_t)1 << 40;
  if (chunks > most || columns > most) return UINT64_MAX;
  const uint64_t bytes =
      chunks * sizeof(nd_copy_chunk) + columns * sizeof(uint32_t) + sizeof(nd_copy_seal);
  return (bytes + ND_FITS_BLOCK - 1) / ND_FITS_BLOCK * ND_FITS_BLOCK;
}

/* ---- what a copy is of ---- */

/* Of what says how the file is read, and of who reads it. */
static nd_hash128 key_of(const nd_table_options *options) {
  const char *names = options->names == NULL ? "" : options->names;
  const unsigned char switches[] = {(unsigned char)options->delimiter, options->no_header,
                                    options->names != NULL};
  nd_hash128 key = nd_hash128_add((nd_hash128){0}, NADIR_VERSION, sizeof NADIR_VERSION);
  key = nd_hash128_add(key, switches, sizeof switches);
  key = nd_hash128_add(key, names, strlen(names));
  return nd_hash128_add(key, options->nulls, options->null_count * sizeof *options->nulls);
}

static nadir_status fill(nd_copy *copy, const nd_file *file, nadir_error *error) {
  nd_text path = {0};
  nd_text_append(&path, nd_file_path(file));
  nd_text_append(&path, SUFFIX);
  nadir_status status = nd_text_status(&path, error);
  copy->path = path.data;
  if (status == NADIR_OK) status = nd_file_open(&copy->file, nd_file_path(file), error);
  if (status == NADIR_OK) status = nd_file_stamp(copy->file, &copy->stamp, error);
  return status;
}

nadir_status nd_copy_new(nd_copy **copy, const nd_file *file, const nd_table_options *options,
                         nadir_error *error) {
  char head[ND_HEAD];
  size_t got;
  *copy = NULL;
  if (!options->cache || !nd_file_is_named(file)) return NADIR_OK;
  ND_TRY(nd_file_read_at(file, 0, head, sizeof head, &got, error));
  if (nd_fits_begins(head, got)) return NADIR_OK;
  nd_copy *fresh = nd_new(1, sizeof *fresh, error);
  if (fresh == NULL) return NADIR_NO_MEMORY;
  fresh->options = options;
  fresh->key = key_of(options);
  nadir_status status = fill(fresh, file, error);
  if (status == NADIR_OK)
    *copy = fresh;
  else
    nd_copy_free(fresh);
  return status;
}

void nd_copy_free(nd_copy *copy) {
  if (copy == NULL) return;
  nd_output_close(copy->output);
  nd_file_close(copy->file);
  nd_free(copy->path);
  nd_free(copy);
}

/* ---- whether it is whole ---- */

/* Why a copy is not used. */
typedef enum finding {
  GOOD,
  NONE,
  OTHER /* of another file, or read otherwise */,
  DAMAGED,
  FOREIGN
} finding;

static bool begins_as_copy(const nd_file *file) {
  char head[ND_FITS_BLOCK];
  size_t got;
  nd_text primary = {0};
  nd_fits_add_primary(&primary, ND_COPY_CREATOR);
  bool is = nd_file_read_at(file, 0, head, sizeof head, &got, NULL) == NADIR_OK &&
            got == sizeof head && primary.length == sizeof head &&
            memcmp(head, primary.data, sizeof head) == 0;
  nd_text_free(&primary);
  return is;
}

/* Whether the parts that a seal speaks of make up the file; *rows_end: where its rows do. */
static bool is_possible(const nd_copy_seal *seal, uint64_t size, uint64_t *rows_end) {
  uint64_t tail = nd_copy_tail_bytes(seal->chunks, seal->columns), rows;
  if (seal->rows == 0 || seal->row_bytes == 0 || seal->chunks != (seal->rows - 1) / ND_CHUNK + 1)
    return false;
  if (__builtin_mul_overflow(seal->rows, seal->row_bytes, &rows) ||
      __builtin_add_overflow(seal->rows_at, rows, rows_end))
    return false;
  return *rows_end <= seal->tail_at && seal->tail_at <= size && size - seal->tail_at == tail;
}

static bool read_exactly(const nd_file *file, uint64_t offset, void *bytes, size_t size) {
  size_t got;
  return nd_file_read_at(file, offset, bytes, size, &got, NULL) == NADIR_OK && got == size;
}

/* Places where chunks begin, in ascending order within the text. */
static bool are_in_order(const nd_copy_contents *contents) {
  for (size_t i = 0; i < contents->seal.chunks; i++) {
    if (contents->chunk[i].mark.offset >= contents->seal.text) return false;
    if (i > 0 && contents->chunk[i].mark.offset <= contents->chunk[i - 1].mark.offset) return false;
  }
  return true;
}

/* The hash of what precedes the rows and of what follows them, which is `after`. */
static bool is_sealed(const nd_copy_contents *contents, const unsigned char *after,
                      uint64_t rows_end) {
  const nd_copy_seal *seal = &contents->seal;
  const size_t size =
      (size_t)(seal->tail_at - rows_end + nd_copy_tail_bytes(seal->chunks, seal->columns));
  unsigned char *head = nd_new((size_t)seal->rows_at, 1, NULL);
  bool is = head != NULL && read_exactly(contents->rows, 0, head, (size_t)seal->rows_at);
  if (is) {
    nd_hash128 self = nd_hash128_add((nd_hash128){0}, head, (size_t)seal->rows_at);
    self = nd_hash128_add(self, after, size - sizeof self);
    is = nd_hash128_same(self, seal->self);
  }
  nd_free(head);
  return is;
}

static bool take_tail(nd_copy_contents *contents, const unsigned char *tail) {
  const nd_copy_seal *seal = &contents->seal;
  contents->chunk = nd_new((size_t)seal->chunks, sizeof *contents->chunk, NULL);
  contents->place = nd_new((size_t)seal->columns, sizeof *contents->place, NULL);
  if (contents->chunk == NULL || contents->place == NULL) return false;
  const size_t chunks = (size_t)seal->chunks * sizeof *contents->chunk;
  memcpy(contents->chunk, tail, chunks);
  memcpy(contents->place, tail + chunks, (size_t)seal->columns * sizeof *contents->place);
  return are_in_order(contents);
}

/* All but the rows. */
static bool read_frame(nd_copy_contents *contents) {
  const uint64_t size = nd_file_size(contents->rows);
  nd_copy_seal *seal = &contents->seal;
  uint64_t rows_end;
  if (size < sizeof *seal ||
      !read_exactly(contents->rows, size - sizeof *seal, seal, sizeof *seal) ||
      !is_possible(seal, size, &rows_end))
    return false;
  unsigned char *after = nd_new((size_t)(size - rows_end), 1, NULL);
  bool good = after != NULL &&
              read_exactly(contents->rows, rows_end, after, (size_t)(size - rows_end)) &&
              is_sealed(contents, after, rows_end) &&
              take_tail(contents, after + (seal->tail_at - rows_end));
  nd_free(after);
  return good;
}

/* ---- its rows ---- */

typedef struct checking {
  const nd_copy_contents *contents;
  unsigned char **bytes; /* of each thread */
} checking;

static nadir_status check_chunk(void *context, size_t i, size_t at, nadir_error *error) {
  const checking *now = context;
  const nd_copy_seal *seal = &now->contents->seal;
  const uint64_t first = (uint64_t)i * ND_CHUNK, left = seal->rows - first;
  const size_t size = (size_t)((left < ND_CHUNK ? left : ND_CHUNK) * seal->row_bytes);
  unsigned char *bytes = now->bytes[at];
  bool same =
      read_exactly(now->contents->rows, seal->rows_at + first * seal->row_bytes, bytes, size) &&
      nd_hash128_same(nd_hash128_add((nd_hash128){0}, bytes, size), now->contents->chunk[i].hash);
  return same ? NADIR_OK
              : nd_fail(error, NADIR_BAD_DATA, "%s: it is damaged",
                        nd_file_path(now->contents->rows));
}

static nadir_status check_rows(const nd_copy_contents *contents, nd_pool *pool,
                               nadir_error *error) {
  const size_t threads = nd_pool_threads(pool);
  const uint64_t rows = contents->seal.rows < ND_CHUNK ? contents->seal.rows : ND_CHUNK;
  checking now = {.contents = contents, .bytes = nd_new(threads, sizeof *now.bytes, error)};
  nadir_status status = now.bytes == NULL ? NADIR_NO_MEMORY : NADIR_OK;
  for (size_t i = 0; i < threads && status == NADIR_OK; i++)
    if ((now.bytes[i] = nd_new((size_t)rows, (size_t)contents->seal.row_bytes, error)) == NULL)
      status = NADIR_NO_MEMORY;
  if (status == NADIR_OK)
    status = nd_pool_run(pool, (size_t)contents->seal.chunks, check_chunk, &now, error);
  for (size_t i = 0; now.bytes != NULL && i < threads; i++)
    nd_free(now.bytes[i]);
  nd_free(now.bytes);
  return status;
}

static bool rows_are_whole(const nd_copy *copy, const nd_copy_contents *contents) {
  nd_pool *pool;
  if (nd_pool_new(&pool, copy->options->threads, NULL) != NADIR_OK) return false;
  bool whole = check_rows(contents, pool, NULL) == NADIR_OK;
  nd_pool_free(pool);
  return whole;
}

/* ---- whether it is of this file ---- */

static bool is_unchanged(const nd_copy *copy, const nd_copy_seal *seal) {
  const nd_stamp *now = &copy->stamp;
  return nd_same_stamp(now, &seal->stamp) && seal->begun > now->changed &&
         seal->begun > now->modified;
}

static bool is_of_file(const nd_copy *copy, const nd_copy_seal *seal) {
  nd_hash128 bytes;
  if (!nd_hash128_same(copy->key, seal->key) || copy->stamp.size != seal->stamp.size) return false;
  if (is_unchanged(copy, seal)) return true;
  return nd_hash128_file(&bytes, copy->file, 0, copy->stamp.size, NULL) == NADIR_OK &&
         nd_hash128_same(bytes, seal->bytes);
}

/* ---- using it ---- */

static finding look_into(const nd_copy *copy, nd_copy_contents *contents) {
  if (!begins_as_copy(contents->rows)) return FOREIGN;
  if (!read_frame(contents)) return DAMAGED;
  if (!is_of_file(copy, &contents->seal)) return OTHER;
  return rows_are_whole(copy, contents) ? GOOD : DAMAGED;
}

static finding look(const nd_copy *copy, nd_copy_contents *contents, nadir_error *why) {
  struct stat about;
  if (stat(copy->path, &about) != 0) return NONE;
  if (!S_ISREG(about.st_mode)) return FOREIGN;
  if (nd_file_open(&contents->rows, copy->path, why) != NADIR_OK) return NONE;
  return look_into(copy, contents);
}

static void tell(const nd_copy *copy, const nadir_error *why) {
  if (copy->options->uncached->status == NADIR_OK) *copy->options->uncached = *why;
}

/* A new copy begins before the file is read. What is wrong with its place is told only once the file is seen to be text. */
static void begin(nd_copy *copy) {
  nd_stamp stamp;
  nadir_status status = nd_output_open(&copy->output, copy->path, &copy->refused);
  if (status == NADIR_OK) status = nd_output_stamp(copy->output, &stamp, &copy->refused);
  if (status == NADIR_OK) copy->begun = stamp.modified;
}

/* The source where there is a good copy. */
static finding open_it(const nd_copy *copy, nd_source **source, nadir_error *why) {
  nd_copy_contents contents = {0};
  finding found = look(copy, &contents, why);
  if (found == GOOD && nd_copy_source(source, copy, &contents, NULL) != NADIR_OK) found = DAMAGED;
  nd_file_close(contents.rows);
  nd_free(contents.chunk);
  nd_free(contents.place);
  return found;
}

nd_source *nd_copy_open(nd_copy *copy) {
  nd_source *source = NULL;
  nadir_error why = {0};
  switch (open_it(copy, &source, &copy->refused)) {
  case DAMAGED:
    nd_fail(&why, NADIR_BAD_DATA, "%s: it is damaged: it is made anew", copy->path);
    tell(copy, &why);
    break;
  case FOREIGN:
    nd_fail(&copy->refused, NADIR_BAD_PATH,
            "%s: it is not a parsed copy of a table: rename it, so that one can be made",
            copy->path);
    break;
  case GOOD:
  case NONE:
  case OTHER:
    break;
  }
  if (source == NULL && copy->refused.status == NADIR_OK) begin(copy);
  return source;
}

/* ---- making one ---- */

void nd_copy_replace(nd_copy *copy, nd_source **source) {
  nd_source *copied = NULL;
  if (!nd_is_csv(*source) || (*source)->rows == 0) return;
  if (copy->refused.status == NADIR_OK &&
      nd_copy_make(copy, (nd_csv *)*source, &copy->refused) == NADIR_OK)
    open_it(copy, &copied, &copy->refused);
  if (copy->refused.status != NADIR_OK) tell(copy, &copy->refused);
  if (copied == NULL) return;
  (*source)->class->close(*source);
  *source = copied;
}
