/* Records of a text file, one after the other, in constant memory: a buffer of 256 KiB that grows
 * only for a longer record, up to 64 MiB. A line without a double quote costs one memchr; only
 * records that hold a quote are walked cell by cell. Nothing is written over: a record is a view
 * into the buffer. The file is read by pread alone, so cursors of several threads may share it. */
#include "table/csv_internal.h"

#include <string.h>

nadir_status nd_csv_cursor_new(nd_csv_cursor *cursor, nadir_error *error) {
  *cursor = (nd_csv_cursor){.capacity = ND_CSV_BLOCK};
  cursor->buffer = nd_new(1, cursor->capacity + ND_CSV_BEYOND, error);
  return cursor->buffer == NULL ? NADIR_NO_MEMORY : NADIR_OK;
}

void nd_csv_cursor_free(nd_csv_cursor *cursor) {
  nd_free(cursor->buffer);
  cursor->buffer = NULL;
}

void nd_csv_cursor_seek(nd_csv_cursor *cursor, const nd_csv_text *text, uint64_t offset,
                        uint64_t line, uint64_t limit) {
  cursor->text = text;
  cursor->at = cursor->end = cursor->quote = cursor->buffer;
  cursor->offset = offset;
  cursor->limit = cursor->enough = limit;
  cursor->line = line;
}

void nd_csv_cursor_expect(nd_csv_cursor *cursor, uint64_t enough) {
  cursor->enough = enough < cursor->limit ? enough : cursor->limit;
}

void nd_csv_place(const nd_csv_cursor *cursor, uint64_t *offset, uint64_t *line) {
  *offset = cursor->offset - (uint64_t)(cursor->end - cursor->at);
  *line = cursor->line;
}

static const char *find(const char *from, const char *end, char c) {
  const char *found = from == end ? NULL : memchr(from, c, (size_t)(end - from));
  return found == NULL ? end : found;
}

static size_t count_lines(const char *from, const char *end) {
  size_t lines = 0;
  for (const char *p = find(from, end, '\n'); p != end; p = find(p + 1, end, '\n'))
    lines++;
  return lines;
}

static nadir_status grow(nd_csv_cursor *cursor, size_t kept, nadir_error *error) {
  if (cursor->capacity >= ND_CSV_LONGEST)
    return nd_fail(error, NADIR_BAD_DATA,
                   "%s:row %llu: the row is longer than 64 MiB: look for a quote that is never "
                   "closed, or for a file that is not a table of text",
                   cursor->text->path, (unsigned long long)cursor->line);
  char *larger = nd_new(1, 2 * cursor->capacity + ND_CSV_BEYOND, error);
  if (larger == NULL) return NADIR_NO_MEMORY;
  memcpy(larger, cursor->at, kept);
  nd_free(cursor->buffer);
  cursor->buffer = larger;
  cursor->capacity *= 2;
  return NADIR_OK;
}

static nadir_status refuse_nul(nd_csv_cursor *cursor, const char *nul, nadir_error *error) {
  size_t before = count_lines(cursor->at, nul);
  return nd_fail(error, NADIR_BAD_DATA,
                 "%s:row %llu: a NUL byte: this is not text; give a table as CSV or FITS",
                 cursor->text->path, (unsigned long long)(cursor->line + before));
}

/* Bring in more bytes behind those unread. There are some before the limit. */
static nadir_status refill(nd_csv_cursor *cursor, nadir_error *error) {
  size_t kept = (size_t)(cursor->end - cursor->at);
  if (kept == cursor->capacity) {
    ND_TRY(grow(cursor, kept, error));
  } else if (kept > 0) {
    memmove(cursor->buffer, cursor->at, kept);
  }
  enum { PIECE = 1 << 14 };
  uint64_t left = cursor->limit - cursor->offset, few = kept < PIECE ? PIECE : kept; /* a long record twice as far */
  if (cursor->offset < cursor->enough)
    left = cursor->enough - cursor->offset;
  else if (few < left)
    left = few;
  size_t room = cursor->capacity - kept;
  size_t wanted = left < room ? (size_t)left : room, got;
  char *fresh = cursor->buffer + kept;
  cursor->at = cursor->buffer;
  cursor->end = cursor->quote = fresh;
  ND_TRY(nd_file_read_at(cursor->text->file, cursor->offset, fresh, wanted, &got, error));
  if (got < wanted)
    return nd_fail(error, NADIR_BAD_DATA,
                   "%s: the file has become shorter while it was read: wait until it is complete",
                   cursor->text->path);
  cursor->end = fresh + got;
  cursor->offset += got;
  cursor->quote = find(cursor->at, cursor->end, '"');
  const char *nul = find(fresh, cursor->end, '\0');
  return nul == cursor->end ? NADIR_OK : refuse_nul(cursor, nul, error);
}

/* Whether the line [p, end) is a comment, or blank and no row. A tab is a cell where tabs delimit. */
static bool is_skipped(const char *p, const char *end, const nd_csv_text *text) {
  while (p < end && nd_csv_blank(*p, text->delimiter))
    p++;
  bool blank = p == end || (*p == '\r' && p + 1 == end);
  return blank ? !text->blank_rows : *p == '#';
}

/* Whether a quote is at the beginning of a cell of the record at `begin`. */
static bool opens_cell(const char *begin, const char *quote, char delimiter) {
  const char *p = quote;
  if (delimiter == ' ') return p == begin || nd_csv_blank(p[-1], ' ');
  while (p > begin && nd_csv_blank(p[-1], delimiter))
    p--;
  return p == begin || p[-1] == delimiter;
}

/* Behind the quote that closes the cell whose text begins at p; NULL where none does. */
static const char *closing(const char *p, const char *end) {
  for (;; p += 2) {
    p = find(p, end, '"');
    if (p == end) return NULL;
    if (p + 1 == end || p[1] != '"') return p + 1;
  }
}

/* The line end that closes the record at `begin`, `end` where the text ends first; NULL when a
 * quote is still open there, or may be. */
static const char *record_end(const char *begin, const char *end, char delimiter, bool last) {
  const char *stop = find(begin, end, '\n');
  for (const char *p = begin;;) {
    const char *quote = find(p, stop, '"');
    if (quote == stop) return stop == end && !last ? NULL : stop;
    p = quote + 1;
    if (!opens_cell(begin, quote, delimiter)) continue;
    p = closing(p, end);
    if (p == NULL) return NULL;
    if (p > stop) stop = find(p, end, '\n');
  }
}

static nadir_status refuse_open_quote(const nd_csv_cursor *cursor, nadir_error *error) {
  return nd_fail(error, NADIR_BAD_DATA,
                 "%s:row %llu: a double quote opens a cell in this row and is never closed: close "
                 "it, or write the cell in quotes with each quote in it doubled",
                 cursor->text->path, (unsigned long long)cursor->line);
}

static void give(nd_csv_cursor *cursor, const char *stop, bool quoted, nd_csv_record *record) {
  record->begin = cursor->at;
  record->end = stop > cursor->at && stop[-1] == '\r' ? stop - 1 : stop;
  record->offset = cursor->offset - (uint64_t)(cursor->end - cursor->at);
  record->line = cursor->line;
  record->quoted = quoted;
  cursor->line += 1 + (quoted ? count_lines(cursor->at, stop) : 0);
  cursor->at = stop < cursor->end ? stop + 1 : stop;
}

/* Characters that a line to be skipped may begin with. */
static bool may_skip(char c) {
  return c == '#' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

nadir_status nd_csv_next(nd_csv_cursor *cursor, nd_csv_record *record, bool *found,
                         nadir_error *error) {
  *found = false;
  for (;;) {
    bool last = cursor->offset >= cursor->limit;
    if (cursor->at == cursor->end && last) return NADIR_OK;
    const char *stop = find(cursor->at, cursor->end, '\n');
    if (stop == cursor->end && !last) {
      ND_TRY(refill(cursor, error));
      continue;
    }
    if (may_skip(*cursor->at) && is_skipped(cursor->at, stop, cursor->text)) {
      cursor->at = stop < cursor->end ? stop + 1 : stop;
      cursor->line++;
      continue;
    }
    if (cursor->quote < cursor->at) cursor->quote = find(cursor->at, cursor->end, '"');
    bool quoted = cursor->quote < stop;
    if (quoted) stop = record_end(cursor->at, cursor->end, cursor->text->delimiter, last);
    if (stop == NULL) {
      if (last) return refuse_open_quote(cursor, error);
      ND_TRY(refill(cursor, error));
      continue;
    }
    give(cursor, stop, quoted, record);
    *found = true;
    return NADIR_OK;
  }
}
