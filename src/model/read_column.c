/* Rows of one column, read for the caller: as numbers or as texts, chunk by chunk. A column is named as in
 * formulas. Cost: the chunks that the rows lie in are decoded once, for this column alone. */
#include <string.h>

#include "model/schema.h"

/* What is read, and where it goes. */
typedef struct reading {
  nd_request request;
  uint64_t first;
  size_t count, done;
  double *numbers;
  char **texts;
} reading;

static nadir_status find(const nd_table *table, const char *name, nd_request *request,
                         nadir_error *error) {
  nd_schema schema = {.table = table};
  nd_found found;
  const char *near;
  if (nd_schema_find(&schema, name, &found, &near)) {
    if (found.bare)
      return nd_fail(error, NADIR_BAD_DATA, "column %s: it has %zu elements: name one, as in %s[1]",
                     name, found.elements, name);
    request->column = found.column;
    request->element = found.element;
    return NADIR_OK;
  }
  return nd_fail_no_column(&schema, NADIR_BAD_DATA, "", name, "", near, error);
}

static nadir_status check_rows(const nd_table *table, const reading *r, nadir_error *error) {
  uint64_t rows = nd_table_rows(table);
  if (r->first <= rows && r->count <= rows - r->first) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_DATA,
                 "rows: %zu from row %llu on are asked for (counted from 0): the table has %llu",
                 r->count, (unsigned long long)r->first, (unsigned long long)rows);
}

/* Takes cells from, from + 1 ... of the chunk that was read. */
static nadir_status take(reading *r, size_t from, size_t count, nadir_error *error) {
  if (r->numbers != NULL) {
    memcpy(r->numbers + r->done, r->request.numbers + from, count * sizeof *r->numbers);
    r->done += count;
    return NADIR_OK;
  }
  for (size_t i = 0; i < count; i++) {
    const char *text = r->request.texts[from + i];
    char *copy = text == NULL ? NULL : nd_copy_text(text, strlen(text), error);
    if (text != NULL && copy == NULL) return NADIR_NO_MEMORY;
    r->texts[r->done++] = copy;
  }
  return NADIR_OK;
}

static nadir_status read_chunks(const nd_table *table, reading *r, nd_scratch *scratch,
                                nadir_error *error) {
  while (r->done < r->count) {
    uint64_t row = r->first + r->done;
    size_t from = (size_t)(row % ND_CHUNK), rows, left = r->count - r->done;
    ND_TRY(nd_table_read(table, (size_t)(row / ND_CHUNK), &r->request, 1, scratch, &rows, error));
    ND_TRY(take(r, from, rows - from < left ? rows - from : left, error));
  }
  return NADIR_OK;
}

static nadir_status read_all(const nd_table *table, const char *name, reading *r,
                             nadir_error *error) {
  nd_scratch *scratch;
  ND_TRY(check_rows(table, r, error));
  ND_TRY(find(table, name, &r->request, error));
  ND_TRY(nd_scratch_new(&scratch, table, error));
  nadir_status status = read_chunks(table, r, scratch, error);
  nd_scratch_free(scratch);
  return status;
}

nadir_status nd_read_numbers(const nd_table *table, const char *name, uint64_t first, size_t count,
                             double *numbers, nadir_error *error) {
  reading r = {.first = first, .count = count, .numbers = numbers};
  r.request.kind = ND_AS_NUMBER;
  r.request.numbers = nd_new(nd_table_room(table), sizeof *r.request.numbers, error);
  nadir_status status =
      r.request.numbers == NULL ? NADIR_NO_MEMORY : read_all(table, name, &r, error);
  nd_free(r.request.numbers);
  return status;
}

nadir_status nd_read_texts(const nd_table *table, const char *name, uint64_t first, size_t count,
                           char **texts, nadir_error *error) {
  reading r = {.first = first, .count = count, .texts = texts};
  r.request.kind = ND_AS_TEXT;
  r.request.texts = nd_new(nd_table_room(table), sizeof *r.request.texts, error);
  nadir_status status =
      r.request.texts == NULL ? NADIR_NO_MEMORY : read_all(table, name, &r, error);
  nd_free(r.request.texts);
  for (size_t i = 0; status != NADIR_OK && i < r.done; i++)
    nd_free(texts[i]);
  return status;
}
