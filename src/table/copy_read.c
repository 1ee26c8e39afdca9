/* A copy and the text that it is of, as one source of rows. Numbers and short texts come from the copy, all else from
 * the text, whose columns, names, types and reasons are those of both: they are found in its first rows, as without a
 * copy. A packed text is unpacked as far as that takes, and in whole only once a cell of it is asked for. */
#include <string.h>

#include "base/lock.h"
#include "table/copy_internal.h"

typedef struct copied {
  nd_source source; /* columns and names are those of the text */
  nd_csv *text;
  nd_source *rows;
  uint32_t *place;
  bool is_packed;     /* only the beginning of the text is there */
  nd_file *beginning; /* that, which has the path, once all is there */
  nd_stamp stamp;
  nd_spool spool;
  nd_lock *lock; /* of is_packed */
} copied;

typedef struct copied_scratch {
  void *text, *rows;
  nd_request *from_text, *from_rows;
  size_t text_capacity, rows_capacity;
} copied_scratch;

/* ---- the whole of a packed text ---- */

static nadir_status unpack(copied *c, nadir_error *error) {
  nd_file *packed, *plain = NULL;
  nd_stamp now;
  ND_TRY(nd_file_open(&packed, c->source.path, error));
  nadir_status status = nd_file_stamp(packed, &now, error);
  if (status == NADIR_OK && !nd_same_stamp(&now, &c->stamp))
    status = nd_fail(error, NADIR_BAD_DATA,
                     "%s: the file has changed while it was read: wait until it is complete",
                     c->source.path);
  if (status == NADIR_OK) status = nd_gunzip(packed, &plain, &c->spool, error);
  nd_file_close(packed);
  if (status != NADIR_OK) return status;
  c->beginning = c->text->file;
  c->text->file = plain;
  c->text->text.file = plain;
  c->is_packed = false;
  return NADIR_OK;
}

static nadir_status need_text(const nd_source *source, nadir_error *error) {
  copied *c = (copied *)(uintptr_t)source; /* what is read of it stays the same */
  nd_lock_take(c->lock);
  nadir_status status = c->is_packed ? unpack(c, error) : NADIR_OK;
  nd_lock_give(c->lock);
  return status;
}

/* ---- reading ---- */

static bool is_trimmed(const char *text) {
  const nd_csv_cell whole = {.begin = text, .end = text + strlen(text)},
                    trimmed = nd_csv_trim(whole);
  return trimmed.begin == whole.begin && trimmed.end == whole.end;
}

static bool is_in_copy(const copied *c, const nd_request *request) {
  if (c->place[request->column] == ND_COPY_NOWHERE) return false;
  if (c->source.columns[request->column].type != ND_CELL_TEXT) return request->kind == ND_AS_NUMBER;
  return request->kind == ND_AS_TEXT ||
         (request->kind == ND_AS_EQUAL && is_trimmed(request->equals));
}

static nadir_status read(const nd_source *source, uint64_t first, size_t count, size_t at,
                         const nd_request *requests, size_t request_count, void *scratch,
                         nadir_error *error) {
  const copied *c = (const copied *)source;
  copied_scratch *s = scratch;
  size_t texts = 0, rows = 0;
  ND_TRY(nd_grow(&s->from_text, &s->text_capacity, request_count, sizeof *s->from_text, error));
  ND_TRY(nd_grow(&s->from_rows, &s->rows_capacity, request_count, sizeof *s->from_rows, error));
  for (size_t i = 0; i < request_count; i++) {
    if (is_in_copy(c, &requests[i])) {
      s->from_rows[rows] = requests[i];
      s->from_rows[rows++].column = c->place[requests[i].column];
    } else {
      s->from_text[texts++] = requests[i];
    }
  }
  if (rows > 0) ND_TRY(nd_fits_read(c->rows, first, count, at, s->from_rows, rows, s->rows, error));
  if (texts == 0) return NADIR_OK;
  ND_TRY(need_text(source, error));
  return nd_csv_read(&c->text->source, first, count, at, s->from_text, texts, s->text, error);
}

static void scratch_free(void *scratch) {
  copied_scratch *s = scratch;
  if (s->text != NULL) nd_csv_scratch_free(s->text);
  if (s->rows != NULL) nd_fits_scratch_free(s->rows);
  nd_free(s->from_text);
  nd_free(s->from_rows);
  nd_free(s);
}

static nadir_status scratch_new(void **scratch, const nd_source *source, nadir_error *error) {
  const copied *c = (const copied *)source;
  *scratch = NULL;
  copied_scratch *s = nd_new(1, sizeof *s, error);
  if (s == NULL) return NADIR_NO_MEMORY;
  nadir_status status = nd_csv_scratch_new(&s->text, &c->text->source, error);
  if (status == NADIR_OK) status = nd_fits_scratch_new(&s->rows, c->rows, error);
  if (status == NADIR_OK)
    *scratch = s;
  else
    scratch_free(s);
  return status;
}

static nadir_status where(const nd_source *source, uint64_t row, nd_text *out, nadir_error *error) {
  const copied *c = (const copied *)source;
  ND_TRY(need_text(source, error));
  return c->text->source.class->where(&c->text->source, row, out, error);
}

static void close_copied(nd_source *source) {
  copied *c = (copied *)source;
  if (c->text != NULL) c->text->source.class->close(&c->text->source);
  if (c->rows != NULL) c->rows->class->close(c->rows);
  nd_file_close(c->beginning);
  nd_lock_free(c->lock);
  nd_free(c->place);
  nd_free(c);
}

static const nd_source_class copied_class = {.name = "copy",
                                             .read = read,
                                             .scratch_new = scratch_new,
                                             .scratch_free = scratch_free,
                                             .where = where,
                                             .close = close_copied};

/* ---- making it ---- */

/* The text as far as names and types are found in: its first chunk, and some megabytes at most. */
static nadir_status open_beginning(copied *c, const nd_copy *copy, const nd_copy_contents *contents,
                                   nd_file **text, nadir_error *error) {
  enum { SNIFFED = 6 << 20 };
  const uint64_t most =
      contents->seal.chunks > 1 ? contents->chunk[1].mark.offset + SNIFFED : UINT64_MAX;
  nd_file *file;
  ND_TRY(nd_file_open(&file, nd_file_path(copy->file), error));
  nadir_status status = nd_is_gzip(file, &c->is_packed, error);
  if (status == NADIR_OK && c->is_packed) {
    status = nd_gunzip_some(file, text, &c->spool, most, error);
    nd_file_close(file);
    return status;
  }
  if (status == NADIR_OK && copy->options->many) status = nd_file_rest(file, error);
  if (status == NADIR_OK)
    *text = file;
  else
    nd_file_close(file);
  return status;
}

static nadir_status open_text(copied *c, const nd_copy *copy, const nd_copy_contents *contents,
                              nadir_error *error) {
  const nd_copy_seal *seal = &contents->seal;
  nd_csv_known known = {.end = seal->text, .rows = seal->rows, .count = (size_t)seal->chunks};
  nd_source *source;
  nd_file *text;
  ND_TRY(open_beginning(c, copy, contents, &text, error));
  known.marks = nd_new(known.count, sizeof *known.marks, error);
  if (known.marks == NULL) {
    nd_file_close(text);
    return NADIR_NO_MEMORY;
  }
  for (size_t i = 0; i < known.count; i++)
    known.marks[i] = contents->chunk[i].mark;
  ND_TRY(nd_csv_open_known(&source, text, copy->options, &known, error));
  c->text = (nd_csv *)source;
  return NADIR_OK;
}

static nadir_status open_rows(copied *c, const nd_copy *copy, nd_copy_contents *contents,
                              nadir_error *error) {
  const nd_table_options options = {.hdu = "1"};
  nd_file *rows = contents->rows;
  if (copy->options->many) ND_TRY(nd_file_rest(rows, error));
  contents->rows = NULL;
  return nd_fits_open(&c->rows, rows, &options, error);
}

/* Whether it has so many rows and columns, and texts where the text has them. A copy that was made by others on purpose
 * may not. */
static bool is_of(const copied *c, const nd_copy_seal *seal) {
  const nd_source *text = &c->text->source;
  if (seal->columns != text->column_count || seal->rows != c->rows->rows) return false;
  for (size_t i = 0; i < text->column_count; i++) {
    const uint32_t place = c->place[i];
    if (place == ND_COPY_NOWHERE) continue;
    if (place >= c->rows->column_count || c->rows->columns[place].elements != 1 ||
        (c->rows->columns[place].type == ND_CELL_TEXT) != (text->columns[i].type == ND_CELL_TEXT))
      return false;
  }
  return true;
}

static nadir_status fill(copied *c, const nd_copy *copy, nd_copy_contents *contents,
                         nadir_error *error) {
  c->source.class = &copied_class;
  c->stamp = copy->stamp;
  nd_spool_start(&c->spool, copy->options->spool);
  c->place = contents->place;
  contents->place = NULL;
  ND_TRY(nd_lock_new(&c->lock, error));
  ND_TRY(open_text(c, copy, contents, error));
  ND_TRY(open_rows(c, copy, contents, error));
  if (!is_of(c, &contents->seal))
    return nd_fail(error, NADIR_BAD_DATA, "%s: it is damaged", copy->path);
  const nd_source *text = &c->text->source;
  c->source.path = text->path;
  c->source.rows = text->rows;
  c->source.columns = text->columns;
  c->source.column_count = text->column_count;
  c->source.unseen = text->unseen;
  return NADIR_OK;
}

nadir_status nd_copy_source(nd_source **source, const nd_copy *copy, nd_copy_contents *contents,
                            nadir_error *error) {
  copied *c = nd_new(1, sizeof *c, error);
  *source = NULL;
  if (c == NULL) return NADIR_NO_MEMORY;
  nadir_status status = fill(c, copy, contents, error);
  if (status == NADIR_OK)
    *source = &c->source;
  else
    close_copied(&c->source);
  return status;
}
