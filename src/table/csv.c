/* Tables of delimited text as a source of rows: CSV by RFC 4180 and its relatives by tab,
 * semicolon, bar or blanks. Opening scans the whole file once, for the places where rows 0, 4096,
 * 8192, ... begin; that index (16 bytes a chunk) is all that grows with the file. Reading goes to
 * the chunk and parses what is asked for. The scan is bound by memchr, so by the disk. */
#include "table/csv_internal.h"

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

static nadir_status add_mark(nd_csv *csv, const nd_csv_record *record, nadir_error *error) {
  ND_TRY(nd_grow(&csv->marks, &csv->mark_capacity, csv->mark_count + 1, sizeof *csv->marks, error));
  csv->marks[csv->mark_count++] = (nd_csv_mark){record->offset, record->line};
  return NADIR_OK;
}

/* Count the rows and note where each chunk begins. */
static nadir_status scan(nd_csv *csv, nd_csv_cursor *cursor, nadir_error *error) {
  nd_csv_record record;
  bool found;
  nd_csv_cursor_seek(cursor, &csv->text, csv->text.start, csv->line, csv->text.end);
  for (;;) {
    ND_TRY(nd_csv_next(cursor, &record, &found, error));
    if (!found) return NADIR_OK;
    if (csv->source.rows % ND_CHUNK == 0) ND_TRY(add_mark(csv, &record, error));
    csv->source.rows++;
  }
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
  nd_csv_cursor cursor;
  ND_TRY(copy_nulls(csv, options, error));
  ND_TRY(nd_arena_new(&csv->source.arena, error));
  ND_TRY(nd_csv_sniff(csv, options, error));
  ND_TRY(nd_csv_cursor_new(&cursor, error));
  nadir_status status = scan(csv, &cursor, error);
  nd_csv_cursor_free(&cursor);
  return status;
}

bool nd_csv_begins(const char *head, size_t size) {
  (void)head;
  (void)size;
  return true;
}

nadir_status nd_csv_open(nd_source **source, nd_file *file, const nd_table_options *options,
                         nadir_error *error) {
  *source = NULL;
  nd_csv *csv = nd_new(1, sizeof *csv, error);
  if (csv == NULL) {
    nd_file_close(file);
    return NADIR_NO_MEMORY;
  }
  csv->source.class = &csv_class;
  csv->source.path = nd_file_path(file);
  csv->file = file;
  csv->text = (nd_csv_text){.file = file, .path = csv->source.path, .end = nd_file_size(file)};
  nadir_status status = prepare(csv, options, error);
  if (status != NADIR_OK) {
    close_csv(&csv->source);
    return status;
  }
  *source = &csv->source;
  return NADIR_OK;
}
