/* Tables of delimited text as a source of rows: CSV by RFC 4180 and its relatives by tab,
 * semicolon, bar or blanks. Opening scans the whole file once, for the places where rows 0, 4096,
 * 8192, ... begin; that index (16 bytes a chunk) is all that grows with the file. Reading goes to
 * the chunk and parses what is asked for.
 *
 * A long file is scanned in pieces, by all threads. Whether a line end is one of a row or within quotes is known only
 * from the beginning, so each piece is scanned as if its first line began a row. Then they are joined in order: where
 * the rows before end elsewhere, or anything is wrong, the piece is scanned again from where they do end. So what is
 * found, and what is said of an error, is what one thread finds. */
#include "table/copy_internal.h"

#include <string.h>

static void close_csv(nd_source *source) {
  nd_csv *csv = (nd_csv *)source;
  nd_file_close(csv->file);
  nd_free(csv->marks);
  nd_free(csv->nulls);
  nd_arena_free(csv->source.arena);
  nd_free(csv);
}

static nadir_status where(const nd_source *source, uint64_t row, nd_text *out, nadir_error *error) {
  const nd_csv *csv = (const nd_csv *)source;
  nd_csv_cursor cursor;
  nd_csv_record record;
  nadir_status status = nd_csv_cursor_new(&cursor, error);
  if (status == NADIR_OK) status = nd_csv_stand(csv, &cursor, row, row, error);
  if (status == NADIR_OK) status = nd_csv_row(csv, &cursor, &record, error);
  if (status == NADIR_OK) {
    nd_text_print(out, "%s:row %llu", source->path, (unsigned long long)record.line);
    status = nd_text_status(out, error);
  }
  nd_csv_cursor_free(&cursor);
  return status;
}

static const nd_source_class csv_class = {.name = "csv",
                                          .slow = true,
                                          .read = nd_csv_read,
                                          .scratch_new = nd_csv_scratch_new,
                                          .scratch_free = nd_csv_scratch_free,
                                          .where = where,
                                          .close = close_csv};

bool nd_is_csv(const nd_source *source) {
  return source->class == &csv_class;
}

/* ---- pieces of the text */

enum { PIECE = 8 << 20, MARKED = 16 /* rows from one mark of a piece to the next */ };

/* The rows that begin between two places; lines of the marks count from the first of them. */
typedef struct piece {
  uint64_t from, to;    /* from: 0 of the first one, whose first row is known */
  uint64_t first, next; /* where its first row begins, and the first behind it; or the end of the text */
  uint64_t line, next_line;
  uint64_t rows;
  nd_csv_mark *marks;
  size_t mark_count, mark_capacity;
  nadir_status status;
} piece;

typedef struct scan {
  nd_csv *csv;
  nd_csv_cursor *cursors; /* of each thread */
  piece *pieces;
  uint64_t expected, line; /* where the next row begins */
} scan;

static nadir_status add_mark(piece *p, const nd_csv_record *record, nadir_error *error) {
  ND_TRY(nd_grow(&p->marks, &p->mark_capacity, p->mark_count + 1, sizeof *p->marks, error));
  p->marks[p->mark_count++] = (nd_csv_mark){record->offset, record->line - p->line};
  return NADIR_OK;
}

/* Rows from the one that begins at `offset`. */
static nadir_status scan_from(const nd_csv *csv, nd_csv_cursor *cursor, uint64_t offset, uint64_t line, piece *p,
                              nadir_error *error) {
  nd_csv_record record;
  bool found;
  p->rows = p->mark_count = 0;
  p->first = p->next = csv->text.end;
  nd_csv_cursor_seek(cursor, &csv->text, offset, line, csv->text.end);
  nd_csv_cursor_expect(cursor, p->to);
  for (bool is_first = true;; is_first = false) {
    ND_TRY(nd_csv_next(cursor, &record, &found, error));
    if (!found) return NADIR_OK;
    if (is_first) p->first = record.offset, p->line = record.line;
    p->next = record.offset, p->next_line = record.line;
    if (record.offset >= p->to) return NADIR_OK;
    if (p->rows % MARKED == 0) ND_TRY(add_mark(p, &record, error));
    p->rows++;
    p->next = csv->text.end;
  }
}

/* The first line that begins at `from` or behind it, or the end of the text. */
static nadir_status find_line(const nd_csv *csv, nd_csv_cursor *cursor, uint64_t from, uint64_t *offset,
                              nadir_error *error) {
  enum { SOME = 1 << 12 };
  for (*offset = from - 1; *offset < csv->text.end;) {
    uint64_t left = csv->text.end - *offset;
    size_t wanted = left < SOME ? (size_t)left : SOME, got;
    ND_TRY(nd_file_read_at(csv->file, *offset, cursor->buffer, wanted, &got, error));
    const char *stop = got == 0 ? NULL : memchr(cursor->buffer, '\n', got);
    if (got == 0) *offset = csv->text.end; /* the file became shorter, as the scan will find */
    *offset += stop == NULL ? got : (size_t)(stop - cursor->buffer) + 1;
    if (stop != NULL) return NADIR_OK;
  }
  return NADIR_OK;
}

/* What is wrong with the text of a piece is found again, with its line, when it is joined. */
static nadir_status scan_piece(void *context, size_t i, size_t worker, nadir_error *error) {
  scan *s = context;
  piece *p = &s->pieces[i];
  uint64_t offset = s->csv->text.start, line = p->from == 0 ? s->csv->line : 1;
  p->status = p->from == 0 ? NADIR_OK : find_line(s->csv, &s->cursors[worker], p->from, &offset, error);
  if (p->status == NADIR_OK) p->status = scan_from(s->csv, &s->cursors[worker], offset, line, p, error);
  return p->status == NADIR_BAD_DATA ? NADIR_OK : p->status;
}

/* Where the row that is `rows` behind the first one of a piece begins: some rows on from a mark. */
static nadir_status mark_row(scan *s, const piece *p, uint64_t rows, nadir_error *error) {
  nd_csv *csv = s->csv;
  nd_csv_record record;
  const size_t at = (size_t)(rows / MARKED);
  const nd_csv_mark *mark = &p->marks[at];
  uint64_t limit = at + 1 < p->mark_count ? p->marks[at + 1].offset : p->next;
  nd_csv_cursor_seek(&s->cursors[0], &csv->text, mark->offset, mark->line + s->line, limit);
  for (uint64_t row = rows - rows % MARKED; row <= rows; row++)
    ND_TRY(nd_csv_row(csv, &s->cursors[0], &record, error));
  ND_TRY(nd_grow(&csv->marks, &csv->mark_capacity, csv->mark_count + 1, sizeof *csv->marks, error));
  csv->marks[csv->mark_count++] = (nd_csv_mark){record.offset, record.line};
  return NADIR_OK;
}

/* The rows of a piece that begin chunks. */
static nadir_status take_marks(scan *s, const piece *p, nadir_error *error) {
  uint64_t before = s->csv->source.rows, rows = (ND_CHUNK - before % ND_CHUNK) % ND_CHUNK;
  for (; rows < p->rows; rows += ND_CHUNK)
    ND_TRY(mark_row(s, p, rows, error));
  s->csv->source.rows += p->rows;
  return NADIR_OK;
}

static nadir_status join(scan *s, piece *p, nadir_error *error) {
  if (s->expected >= p->to) return NADIR_OK; /* a row that began before goes on beyond it */
  bool is_sure = p->from == 0 || p->first == s->expected;
  if (p->status != NADIR_OK || !is_sure)
    ND_TRY(scan_from(s->csv, &s->cursors[0], p->from == 0 ? s->csv->text.start : s->expected,
                     p->from == 0 ? s->csv->line : s->line, p, error));
  if (p->from == 0) s->line = p->line;
  ND_TRY(take_marks(s, p, error));
  s->expected = p->next;
  s->line += p->next_line - p->line;
  return NADIR_OK;
}

/* ---- the scan: counts the rows, and notes where each chunk begins */

static nadir_status scan_pieces(scan *s, nd_pool *pool, nadir_error *error) {
  const uint64_t end = s->csv->text.end;
  for (uint64_t at = s->csv->text.start; at < end;) {
    size_t count = 0;
    for (; count < nd_pool_threads(pool) && at < end; count++) {
      piece *p = &s->pieces[count];
      p->from = at == s->csv->text.start ? 0 : at;
      at = end - at < PIECE ? end : at + PIECE;
      p->to = at;
    }
    ND_TRY(nd_pool_run(pool, count, scan_piece, s, error));
    for (size_t i = 0; i < count; i++)
      ND_TRY(join(s, &s->pieces[i], error));
  }
  return NADIR_OK;
}

static nadir_status scan_with(scan *s, nd_pool *pool, nadir_error *error) {
  size_t threads = nd_pool_threads(pool), made = 0;
  s->cursors = nd_new(threads, sizeof *s->cursors, error);
  s->pieces = nd_new(threads, sizeof *s->pieces, error);
  nadir_status status = s->cursors == NULL || s->pieces == NULL ? NADIR_NO_MEMORY : NADIR_OK;
  for (; status == NADIR_OK && made < threads; made++)
    status = nd_csv_cursor_new(&s->cursors[made], error);
  if (status == NADIR_OK) status = scan_pieces(s, pool, error);
  for (size_t i = 0; s->cursors != NULL && i < made; i++)
    nd_csv_cursor_free(&s->cursors[i]);
  for (size_t i = 0; s->pieces != NULL && i < threads; i++)
    nd_free(s->pieces[i].marks);
  nd_free(s->cursors);
  nd_free(s->pieces);
  return status;
}

static nadir_status scan_rows(nd_csv *csv, size_t threads, nadir_error *error) {
  nd_pool *pool;
  bool is_long = csv->text.end - csv->text.start > PIECE;
  scan s = {.csv = csv};
  ND_TRY(nd_pool_new(&pool, is_long ? threads : 1, error));
  nadir_status status = scan_with(&s, pool, error);
  nd_pool_free(pool);
  return status;
}

static nadir_status copy_nulls(nd_csv *csv, const nd_table_options *options, nadir_error *error) {
  if (options->null_count == 0) return NADIR_OK;
  csv->nulls = nd_new(options->null_count, sizeof *csv->nulls, error);
  if (csv->nulls == NULL) return NADIR_NO_MEMORY;
  memcpy(csv->nulls, options->nulls, options->null_count * sizeof *csv->nulls);
  csv->null_count = options->null_count;
  return NADIR_OK;
}

static nadir_status prepare(nd_csv *csv, const nd_table_options *options, nadir_error *error) {
  ND_TRY(copy_nulls(csv, options, error));
  ND_TRY(nd_arena_new(&csv->source.arena, error));
  ND_TRY(nd_csv_sniff(csv, options, error));
  return csv->marks != NULL ? NADIR_OK : scan_rows(csv, options->threads, error);
}

bool nd_csv_begins(const char *head, size_t size) {
  (void)head;
  (void)size;
  return true;
}

nadir_status nd_csv_open(nd_source **source, nd_file *file, const nd_table_options *options,
                         nadir_error *error) {
  const nd_csv_known known = {.end = nd_file_size(file)};
  return nd_csv_open_known(source, file, options, &known, error);
}

nadir_status nd_csv_open_known(nd_source **source, nd_file *file, const nd_table_options *options,
                               const nd_csv_known *known, nadir_error *error) {
  *source = NULL;
  nd_csv *csv = nd_new(1, sizeof *csv, error);
  if (csv == NULL) {
    nd_file_close(file);
    nd_free(known->marks);
    return NADIR_NO_MEMORY;
  }
  csv->source.class = &csv_class;
  csv->source.path = nd_file_path(file);
  csv->source.rows = known->rows;
  csv->file = file;
  csv->marks = known->marks;
  csv->mark_count = csv->mark_capacity = known->count;
  csv->text = (nd_csv_text){.file = file, .path = csv->source.path, .end = known->end};
  nadir_status status = prepare(csv, options, error);
  if (status != NADIR_OK) {
    close_csv(&csv->source);
    return status;
  }
  *source = &csv->source;
  return NADIR_OK;
}
