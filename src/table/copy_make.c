/* Makes the parsed copy of a table of text. Chunks are read by all threads, as many at once as there are threads, and
 * written in order; memory is that of one chunk of the copy for each thread. Texts cost a pass more, for their widths.
 *
 * A column of text is in the copy where each of its texts is short and has no blanks at its ends, since FITS texts end
 * before theirs. A table that has a cell which cannot be read has no copy: so no error is lost, nor its place. */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "table/copy_internal.h"

enum { WIDEST = 256 /* bytes of a text */, WIDEST_ROW = 1 << 14 /* with texts */ };

/* What one thread has. */
typedef struct hand {
  void *scratch;
  nd_request *requests;
  double *numbers;
  const char **texts;
  size_t *width; /* of the texts seen, by column; SIZE_MAX: one does not fit */
  unsigned char *bytes;
} hand;

typedef struct making {
  nd_copy *copy;
  const nd_csv *csv;
  hand *hands;
  size_t threads;
  size_t *bytes;   /* of each column in a row of the copy; 0: it is not in it */
  uint32_t *place; /* of each column in the copy */
  size_t carried;  /* columns of the copy */
  nd_copy_chunk *chunks;
  nd_copy_seal seal;
  uint64_t done; /* chunks written */
} making;

static bool is_text(const making *m, size_t column) {
  return m->csv->source.columns[column].type == ND_CELL_TEXT;
}

static size_t rows_of(const making *m, uint64_t chunk) {
  uint64_t left = m->seal.rows - chunk * ND_CHUNK;
  return left < ND_CHUNK ? (size_t)left : ND_CHUNK;
}

/* ---- what each thread needs ---- */

static void hand_clear(hand *h) {
  if (h->scratch != NULL) nd_csv_scratch_free(h->scratch);
  void *owned[] = {h->requests, h->numbers, (void *)h->texts, h->width, h->bytes};
  for (size_t i = 0; i < ND_COUNT(owned); i++)
    nd_free(owned[i]);
}

static nadir_status hand_new(hand *h, const making *m, nadir_error *error) {
  const size_t columns = m->csv->source.column_count;
  h->requests = nd_new(columns, sizeof *h->requests, error);
  h->numbers = nd_new(columns * ND_CHUNK, sizeof *h->numbers, error);
  h->texts = nd_new(columns * ND_CHUNK, sizeof *h->texts, error);
  h->width = nd_new(columns, sizeof *h->width, error);
  if (h->requests == NULL || h->numbers == NULL || h->texts == NULL || h->width == NULL)
    return NADIR_NO_MEMORY;
  return nd_csv_scratch_new(&h->scratch, &m->csv->source, error);
}

/* Texts, and where `all` numbers: of a chunk. */
static nadir_status read_chunk(const making *m, hand *h, uint64_t chunk, bool all,
                               nadir_error *error) {
  size_t count = 0;
  for (size_t i = 0; i < m->csv->source.column_count; i++) {
    bool wanted = is_text(m, i) ? !all || m->bytes[i] > 0 : all;
    if (!wanted) continue;
    h->requests[count++] = (nd_request){.kind = is_text(m, i) ? ND_AS_TEXT : ND_AS_NUMBER,
                                        .column = i,
                                        .numbers = h->numbers + i * ND_CHUNK,
                                        .texts = h->texts + i * ND_CHUNK};
  }
  nadir_error why = {0};
  nadir_status status = nd_csv_read(&m->csv->source, chunk * ND_CHUNK, rows_of(m, chunk), 0,
                                    h->requests, count, h->scratch, &why);
  if (status == NADIR_OK) return status;
  return nd_fail(error, status, "%s: it is not made, for a row that cannot be read: %s",
                 m->copy->path, why.message);
}

/* ---- how wide texts are ---- */

static size_t width_of(const char *text, size_t widest) {
  const size_t length = strlen(text);
  const nd_csv_cell trimmed = nd_csv_trim((nd_csv_cell){.begin = text, .end = text + length});
  bool is_plain = length > 0 && length <= WIDEST && (size_t)(trimmed.end - trimmed.begin) == length;
  if (!is_plain) return SIZE_MAX;
  return length > widest ? length : widest;
}

static nadir_status measure_chunk(void *context, size_t chunk, size_t at, nadir_error *error) {
  const making *m = context;
  hand *h = &m->hands[at];
  ND_TRY(read_chunk(m, h, chunk, false, error));
  for (size_t i = 0; i < m->csv->source.column_count; i++)
    for (size_t r = 0; r < rows_of(m, chunk) && is_text(m, i) && h->width[i] != SIZE_MAX; r++)
      if (h->texts[i * ND_CHUNK + r] != NULL)
        h->width[i] = width_of(h->texts[i * ND_CHUNK + r], h->width[i]);
  return NADIR_OK;
}

static nadir_status find_widths(making *m, nd_pool *pool, nadir_error *error) {
  size_t texts = 0;
  for (size_t i = 0; i < m->csv->source.column_count; i++)
    texts += is_text(m, i);
  if (texts == 0) return NADIR_OK;
  ND_TRY(nd_pool_run(pool, (size_t)m->seal.chunks, measure_chunk, m, error));
  for (size_t i = 0; i < m->csv->source.column_count; i++)
    for (size_t at = 0; at < m->threads; at++)
      if (m->hands[at].width[i] > m->bytes[i]) m->bytes[i] = m->hands[at].width[i];
  return NADIR_OK;
}

/* Numbers first of all, then texts as far as they fit. */
static void choose_columns(making *m) {
  const size_t columns = m->csv->source.column_count;
  for (size_t i = 0; i < columns; i++) {
    if (!is_text(m, i)) m->bytes[i] = sizeof(double);
    if (!is_text(m, i)) m->seal.row_bytes += sizeof(double);
  }
  for (size_t i = 0; i < columns; i++) {
    if (!is_text(m, i)) continue;
    bool fits = m->bytes[i] != SIZE_MAX && m->seal.row_bytes + m->bytes[i] <= WIDEST_ROW;
    if (!fits) m->bytes[i] = 0;
    m->seal.row_bytes += m->bytes[i];
  }
  for (size_t i = 0; i < columns; i++)
    m->place[i] = m->bytes[i] > 0 ? (uint32_t)m->carried++ : ND_COPY_NOWHERE;
}

/* ---- headers ---- */

static nadir_status put(making *m, const void *data, size_t size, nadir_error *error) {
  return nd_output_write(m->copy->output, data, size, error);
}

static nadir_status put_sealed(making *m, const nd_text *header, nadir_error *error) {
  ND_TRY(nd_text_status(header, error));
  m->seal.self = nd_hash128_add(m->seal.self, nd_text_data(header), header->length);
  return put(m, nd_text_data(header), header->length, error);
}

static void add_columns(const making *m, nd_text *header) {
  char keyword[16], form[16];
  for (size_t i = 0; i < m->csv->source.column_count; i++) {
    const nd_column *column = &m->csv->source.columns[i];
    if (m->place[i] == ND_COPY_NOWHERE) continue;
    snprintf(form, sizeof form, is_text(m, i) ? "%zuA" : "%zuD", is_text(m, i) ? m->bytes[i] : 1);
    nd_fits_add_string(header, nd_fits_numbered(keyword, "TTYPE", m->place[i]), column->name);
    nd_fits_add_string(header, nd_fits_numbered(keyword, "TFORM", m->place[i]), form);
    if (*column->unit)
      nd_fits_add_string(header, nd_fits_numbered(keyword, "TUNIT", m->place[i]), column->unit);
  }
}

static nadir_status put_head(making *m, nadir_error *error) {
  nd_text header = {0};
  const char *line = "Parsed by nadir " NADIR_VERSION
                     ". It is made anew when the table changes, and may be removed";
  nd_fits_add_primary(&header, ND_COPY_CREATOR);
  nd_fits_add_table(&header, m->seal.row_bytes, m->seal.rows, m->carried);
  add_columns(m, &header);
  nd_fits_add_history(&header, line, strlen(line));
  nd_fits_end_header(&header);
  m->seal.rows_at = header.length;
  nadir_status status = put_sealed(m, &header, error);
  nd_text_free(&header);
  return status;
}

static void add_tail_header(const making *m, nd_text *header) {
  char form[16];
  const uint64_t bytes = nd_copy_tail_bytes(m->seal.chunks, m->seal.columns);
  snprintf(form, sizeof form, "%dB", ND_FITS_BLOCK);
  nd_fits_add_table(header, ND_FITS_BLOCK, bytes / ND_FITS_BLOCK, 1);
  nd_fits_add_string(header, "TTYPE1", "SEAL");
  nd_fits_add_string(header, "TFORM1", form);
  nd_fits_add_string(header, "EXTNAME", "NADIR");
  nd_fits_end_header(header);
}

/* Zeros until `size` bytes more would end a block of FITS. */
static void add_zeros(uint64_t at, size_t size, nd_text *text) {
  static const char zeros[ND_FITS_BLOCK];
  nd_text_append_bytes(text, zeros, (ND_FITS_BLOCK - (at + size) % ND_FITS_BLOCK) % ND_FITS_BLOCK);
}

/* ---- rows ---- */

static void place_double(unsigned char *to, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  for (size_t i = 0; i < sizeof bits; i++)
    to[i] = (unsigned char)(bits >> (8 * (sizeof bits - 1 - i)));
}

static void place_text(unsigned char *to, const char *text, size_t width) {
  const size_t length = text == NULL ? 0 : strlen(text);
  memset(to, ' ', width);
  if (length > 0) memcpy(to, text, length);
}

static nadir_status encode_chunk(void *context, size_t i, size_t at, nadir_error *error) {
  making *m = context;
  hand *reader = &m->hands[at], *slot = &m->hands[i];
  const uint64_t chunk = m->done + i;
  const size_t rows = rows_of(m, chunk), row_bytes = (size_t)m->seal.row_bytes;
  ND_TRY(read_chunk(m, reader, chunk, true, error));
  size_t offset = 0;
  for (size_t c = 0; c < m->csv->source.column_count; offset += m->bytes[c++])
    for (size_t r = 0; r < rows && m->bytes[c] > 0; r++) {
      unsigned char *to = slot->bytes + r * row_bytes + offset;
      if (is_text(m, c))
        place_text(to, reader->texts[c * ND_CHUNK + r], m->bytes[c]);
      else
        place_double(to, reader->numbers[c * ND_CHUNK + r]);
    }
  m->chunks[chunk] =
      (nd_copy_chunk){.mark = m->csv->marks[chunk],
                      .hash = nd_hash128_add((nd_hash128){0}, slot->bytes, rows * row_bytes)};
  return NADIR_OK;
}

static nadir_status put_rows(making *m, nd_pool *pool, nadir_error *error) {
  for (size_t i = 0; i < m->threads; i++)
    if ((m->hands[i].bytes = nd_new((size_t)m->seal.row_bytes * ND_CHUNK, 1, error)) == NULL)
      return NADIR_NO_MEMORY;
  while (m->done < m->seal.chunks) {
    const uint64_t left = m->seal.chunks - m->done;
    const size_t some = left < m->threads ? (size_t)left : m->threads;
    ND_TRY(nd_pool_run(pool, some, encode_chunk, m, error));
    for (size_t i = 0; i < some; i++, m->done++)
      ND_TRY(put(m, m->hands[i].bytes, rows_of(m, m->done) * (size_t)m->seal.row_bytes, error));
  }
  return NADIR_OK;
}

/* ---- the seal ---- */

static nadir_status check_unchanged(const nd_copy *copy, nadir_error *error) {
  nd_stamp now;
  ND_TRY(nd_file_stamp(copy->file, &now, error));
  if (nd_same_stamp(&now, &copy->stamp)) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_DATA,
                 "%s: the file has changed while it was read: wait until it is complete",
                 nd_file_path(copy->file));
}

static nadir_status put_tail(making *m, nadir_error *error) {
  const size_t columns = m->csv->source.column_count, before = offsetof(nd_copy_seal, self);
  const uint64_t rows_end = m->seal.rows_at + m->seal.rows * m->seal.row_bytes;
  nd_text header = {0}, tail = {0};
  add_tail_header(m, &header);
  add_zeros(rows_end, 0, &tail);
  nd_text_append_bytes(&tail, nd_text_data(&header), header.length);
  m->seal.tail_at = rows_end + tail.length;
  nd_text_append_bytes(&tail, (const char *)m->chunks, (size_t)m->seal.chunks * sizeof *m->chunks);
  nd_text_append_bytes(&tail, (const char *)m->place, columns * sizeof *m->place);
  add_zeros(rows_end + tail.length, sizeof m->seal, &tail);
  nd_text_append_bytes(&tail, (const char *)&m->seal, before);
  nadir_status status = nd_text_status(&header, error);
  if (status == NADIR_OK) status = put_sealed(m, &tail, error);
  nd_text_free(&header);
  nd_text_free(&tail);
  return status == NADIR_OK ? put(m, &m->seal.self, sizeof m->seal.self, error) : status;
}

static nadir_status write(making *m, nd_pool *pool, nadir_error *error) {
  ND_TRY(find_widths(m, pool, error));
  choose_columns(m);
  if (m->carried == 0)
    return nd_fail(error, NADIR_BAD_DATA,
                   "%s: it is not made of texts that are long or end in blanks alone",
                   m->copy->path);
  ND_TRY(put_head(m, error));
  ND_TRY(put_rows(m, pool, error));
  ND_TRY(nd_hash128_file(&m->seal.bytes, m->copy->file, 0, m->copy->stamp.size, error));
  ND_TRY(check_unchanged(m->copy, error));
  ND_TRY(put_tail(m, error));
  return nd_output_commit(m->copy->output, error);
}

/* ---- all of it ---- */

static nadir_status take_memory(making *m, nadir_error *error) {
  const size_t columns = m->csv->source.column_count;
  m->bytes = nd_new(columns, sizeof *m->bytes, error);
  m->place = nd_new(columns, sizeof *m->place, error);
  m->chunks = nd_new((size_t)m->seal.chunks, sizeof *m->chunks, error);
  m->hands = nd_new(m->threads, sizeof *m->hands, error);
  if (m->bytes == NULL || m->place == NULL || m->chunks == NULL || m->hands == NULL)
    return NADIR_NO_MEMORY;
  for (size_t i = 0; i < m->threads; i++)
    ND_TRY(hand_new(&m->hands[i], m, error));
  return NADIR_OK;
}

static void making_clear(making *m) {
  for (size_t i = 0; m->hands != NULL && i < m->threads; i++)
    hand_clear(&m->hands[i]);
  void *owned[] = {m->hands, m->bytes, m->place, m->chunks};
  for (size_t i = 0; i < ND_COUNT(owned); i++)
    nd_free(owned[i]);
}

static nadir_status make(nd_copy *copy, const nd_csv *csv, nd_pool *pool, nadir_error *error) {
  making m = {.copy = copy, .csv = csv, .threads = nd_pool_threads(pool)};
  m.seal = (nd_copy_seal){.stamp = copy->stamp,
                          .begun = copy->begun,
                          .key = copy->key,
                          .text = csv->text.end,
                          .columns = csv->source.column_count,
                          .rows = csv->source.rows,
                          .chunks = csv->mark_count};
  nadir_status status = take_memory(&m, error);
  if (status == NADIR_OK) status = write(&m, pool, error);
  making_clear(&m);
  return status;
}

nadir_status nd_copy_make(nd_copy *copy, const nd_csv *csv, nadir_error *error) {
  nd_pool *pool;
  if (csv->source.column_count > ND_LIMIT_FITS_COLUMNS)
    return nd_fail(error, NADIR_BAD_DATA,
                   "%s: it is not made of %zu columns: a FITS table has at most %d", copy->path,
                   csv->source.column_count, ND_LIMIT_FITS_COLUMNS);
  ND_TRY(nd_pool_new(&pool, copy->options->threads, error));
  nadir_status status = make(copy, csv, pool, error);
  nd_pool_free(pool);
  return status;
}
