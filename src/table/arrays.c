/* Tables that are in memory already: a caller's arrays, or a caller's own reader. Both give doubles
 * by row, and arrays of float their floats; a text is the number in its shortest form. Arrays, of any
 * stride, are borrowed, and gathered straight into the buffer of who asks for numbers; a reader fills
 * one buffer of a chunk for each column that was asked for, in the scratch of the thread. */
#include <math.h>
#include <string.h>

#include "base/widen.h"
#include "table/reader_internal.h"
#include "table/text_store_internal.h"

enum { DIGESTED = 1 << 13 }; /* numbers at either end of an array that its digest looks at */

typedef struct memory_source {
  nd_source source;
  nd_array *arrays; /* by column; their names are the source's */
  size_t capacity;  /* of both lists of columns */
  nadir_reader reader;
} memory_source;

typedef struct scratch {
  nd_text_store *store;
  double **buffers; /* by column; NULL until asked for */
  size_t room;      /* of each: the most rows that are read at once */
  double **out;     /* what this call asks of a reader */
  size_t columns;
} scratch;

static void close_memory(nd_source *source) {
  memory_source *m = (memory_source *)source;
  if (m->reader.close != NULL) m->reader.close(m->reader.context);
  nd_free(m->arrays);
  nd_free(m->source.columns);
  nd_arena_free(m->source.arena);
  nd_free(m);
}

static void scratch_free(void *memory) {
  scratch *s = memory;
  nd_text_store_free(s->store);
  for (size_t i = 0; s->buffers != NULL && i < s->columns; i++)
    nd_free(s->buffers[i]);
  nd_free(s->buffers);
  nd_free(s->out);
  nd_free(s);
}

static nadir_status scratch_new(void **out, const nd_source *source, nadir_error *error) {
  *out = NULL;
  scratch *s = nd_new(1, sizeof *s, error);
  if (s == NULL) return NADIR_NO_MEMORY;
  s->columns = source->column_count;
  s->room = source->rows < ND_CHUNK ? (size_t)source->rows : ND_CHUNK;
  s->buffers = nd_new(s->columns, sizeof *s->buffers, error);
  s->out = nd_new(s->columns, sizeof *s->out, error);
  nadir_status status = nd_text_store_new(&s->store, error);
  if (s->buffers == NULL || s->out == NULL || status != NADIR_OK) {
    scratch_free(s);
    return NADIR_NO_MEMORY;
  }
  *out = s;
  return NADIR_OK;
}

static nadir_status as_texts(const double *values, size_t count, const nd_request *request,
                             size_t at, nd_text_store *store, nadir_error *error) {
  char buffer[ND_NUMBER_TEXT];
  for (size_t i = 0; i < count; i++) {
    const char **text = &request->texts[at + i];
    *text = NULL;
    if (isnan(values[i])) continue;
    const char *number = nd_format(values[i], buffer);
    ND_TRY(nd_text_store_copy(store, number, strlen(number), text, error));
  }
  return NADIR_OK;
}

static void as_equal(const double *values, size_t count, const nd_request *request, size_t at) {
  char buffer[ND_NUMBER_TEXT];
  const char *wanted = request->equals + strspn(request->equals, " ");
  size_t length = strlen(wanted);
  while (length > 0 && wanted[length - 1] == ' ')
    length--;
  for (size_t i = 0; i < count; i++) {
    const char *number = nd_format(values[i], buffer);
    bool same = strlen(number) == length && memcmp(number, wanted, length) == 0;
    request->numbers[at + i] = isnan(values[i]) ? NAN : same;
  }
}

static nadir_status answer(const double *values, size_t count, const nd_request *request, size_t at,
                           nd_text_store *store, nadir_error *error) {
  switch (request->kind) {
  case ND_AS_NUMBER:
    memcpy(request->numbers + at, values, count * sizeof *values);
    return NADIR_OK;
  case ND_AS_REST: /* a double leaves nothing out of itself */
    for (size_t i = 0; i < count; i++)
      request->numbers[at + i] = isnan(values[i]) ? NAN : 0;
    return NADIR_OK;
  case ND_AS_EQUAL:
    as_equal(values, count, request, at);
    return NADIR_OK;
  case ND_AS_TEXT:
    return as_texts(values, count, request, at, store, error);
  case ND_AS_READ:   /* table.c asks for the text */
  case ND_AS_SINGLE: /* of arrays alone: read_array */
    break;
  }
  return NADIR_OK;
}

/* Rows first .. first+count-1 as doubles. The bytes are copied, for a record may be packed. */
static void gather(const nd_array *array, uint64_t first, size_t count, double *out) {
  const char *at = (const char *)array->values + (ptrdiff_t)first * array->stride;
  if (array->type == NADIR_FLOAT64) {
    for (size_t i = 0; i < count; i++, at += array->stride)
      memcpy(&out[i], at, sizeof *out);
    return;
  }
  for (size_t i = 0; i < count; i++, at += array->stride) {
    float value;
    memcpy(&value, at, sizeof value);
    out[i] = (double)value;
  }
}

static void gather_singles(const nd_array *array, uint64_t first, size_t count, float *out) {
  const char *at = (const char *)array->values + (ptrdiff_t)first * array->stride;
  for (size_t i = 0; i < count; i++, at += array->stride)
    memcpy(&out[i], at, sizeof *out);
}

static nadir_status want(scratch *s, size_t column, nadir_error *error) {
  if (s->buffers[column] == NULL) {
    s->buffers[column] = nd_new(s->room, sizeof(double), error);
    if (s->buffers[column] == NULL) return NADIR_NO_MEMORY;
  }
  s->out[column] = s->buffers[column];
  return NADIR_OK;
}

static nadir_status read_array(const nd_array *array, uint64_t first, size_t count, size_t at,
                               const nd_request *request, scratch *s, nadir_error *error) {
  if (request->kind == ND_AS_NUMBER) {
    gather(array, first, count, request->numbers + at);
    return NADIR_OK;
  }
  if (request->kind == ND_AS_SINGLE) {
    gather_singles(array, first, count, request->singles + at);
    return NADIR_OK;
  }
  ND_TRY(want(s, request->column, error));
  gather(array, first, count, s->buffers[request->column]);
  return answer(s->buffers[request->column], count, request, at, s->store, error);
}

static nadir_status read_arrays(const nd_source *source, uint64_t first, size_t count, size_t at,
                                const nd_request *requests, size_t request_count, void *memory,
                                nadir_error *error) {
  const memory_source *m = (const memory_source *)source;
  scratch *s = memory;
  nd_text_store_clear(s->store);
  for (size_t i = 0; i < request_count; i++)
    ND_TRY(read_array(&m->arrays[requests[i].column], first, count, at, &requests[i], s, error));
  return NADIR_OK;
}

/* The caller's function fails in its own words, or in ours where it has none. */
static nadir_status call_reader(const nadir_reader *reader, uint64_t first, size_t count,
                                double **out, nadir_error *error) {
  nadir_error own = {0};
  nadir_status status = reader->read(reader->context, first, count, out, &own);
  if (status == NADIR_OK) return NADIR_OK;
  if (own.message[0] != '\0') return nd_fail(error, status, "%s", own.message);
  return nd_fail(error, status, "reader:row %llu: the reader failed without saying why",
                 (unsigned long long)first + 1);
}

static nadir_status read_reader(const nd_source *source, uint64_t first, size_t count, size_t at,
                                const nd_request *requests, size_t request_count, void *memory,
                                nadir_error *error) {
  const memory_source *m = (const memory_source *)source;
  scratch *s = memory;
  nd_text_store_clear(s->store);
  memset(s->out, 0, s->columns * sizeof *s->out);
  for (size_t i = 0; i < request_count; i++)
    ND_TRY(want(s, requests[i].column, error));
  ND_TRY(call_reader(&m->reader, first, count, s->out, error));
  for (size_t i = 0; i < request_count; i++)
    ND_TRY(answer(s->buffers[requests[i].column], count, &requests[i], at, s->store, error));
  return NADIR_OK;
}

static nadir_status where(const nd_source *source, uint64_t row, nd_text *out, nadir_error *error) {
  nd_text_print(out, "%s:row %llu", source->path, (unsigned long long)row + 1);
  return nd_text_status(out, error);
}

static const nd_source_class arrays_class = {.name = "arrays",
                                             .read = read_arrays,
                                             .scratch_new = scratch_new,
                                             .scratch_free = scratch_free,
                                             .where = where,
                                             .close = close_memory};
static const nd_source_class reader_class = {.name = "reader",
                                             .read = read_reader,
                                             .scratch_new = scratch_new,
                                             .scratch_free = scratch_free,
                                             .where = where,
                                             .close = close_memory};

static const char *keep(memory_source *m, const char *text, nadir_error *error) {
  return nd_arena_text(m->source.arena, text, text == NULL ? 0 : strlen(text), error);
}

/* Room for one column more. */
static nadir_status grow(memory_source *m, nadir_error *error) {
  nd_source *source = &m->source;
  size_t wanted = source->column_count + 1, capacity = m->capacity;
  ND_TRY(nd_grow(&source->columns, &capacity, wanted, sizeof *source->columns, error));
  return nd_grow(&m->arrays, &m->capacity, wanted, sizeof *m->arrays, error);
}

static nadir_status add_column(memory_source *m, const char *name, const char *unit,
                               nadir_error *error) {
  nd_source *source = &m->source;
  size_t i = source->column_count;
  if (name == NULL || *name == '\0')
    return nd_fail(error, NADIR_BAD_DATA, "%s: column %zu has no name: give it one", source->path,
                   i + 1);
  for (size_t j = 0; j < i; j++)
    if (strcmp(source->columns[j].name, name) == 0)
      return nd_fail(error, NADIR_BAD_DATA, "%s: columns %zu and %zu are both named %s: rename one",
                     source->path, j + 1, i + 1, name);
  ND_TRY(grow(m, error));
  nd_column *column = &source->columns[i];
  *column = (nd_column){.type = ND_CELL_REAL, .elements = 1, .format = ""};
  column->name = column->title = keep(m, name, error);
  column->unit = keep(m, unit, error);
  if (column->name == NULL || column->unit == NULL) return NADIR_NO_MEMORY;
  source->column_count++;
  return NADIR_OK;
}

static nadir_status new_memory(memory_source **out, const nd_source_class *class, uint64_t rows,
                               nadir_error *error) {
  *out = NULL;
  memory_source *m = nd_new(1, sizeof *m, error);
  if (m == NULL) return NADIR_NO_MEMORY;
  m->source = (nd_source){.class = class, .path = class->name, .rows = rows};
  nadir_status status = nd_arena_new(&m->source.arena, error);
  if (status == NADIR_OK)
    *out = m;
  else
    close_memory(&m->source);
  return status;
}

nadir_status nd_arrays_open(nd_source **source, uint64_t rows, nadir_error *error) {
  memory_source *m;
  *source = NULL;
  ND_TRY(new_memory(&m, &arrays_class, rows, error));
  *source = &m->source;
  return NADIR_OK;
}

nadir_status nd_arrays_add(nd_source *source, const nd_array *array, nadir_error *error) {
  if (source->class != &arrays_class)
    return nd_fail(error, NADIR_BAD_DATA,
                   "%s: a column can be added only to a table that was made for arrays",
                   source->path);
  memory_source *m = (memory_source *)source;
  size_t size = nd_number_size(array->type);
  if (array->values == NULL && source->rows > 0)
    return nd_fail(error, NADIR_BAD_DATA, "arrays: column %s has no values: give an array of them",
                   array->name == NULL ? "" : array->name);
  if (size == 0)
    return nd_fail(error, NADIR_BAD_DATA, "arrays: column %s: type %d is not one of numbers",
                   array->name == NULL ? "" : array->name, (int)array->type);
  ND_TRY(add_column(m, array->name, array->unit, error));
  size_t i = source->column_count - 1;
  m->arrays[i] = *array;
  if (array->stride == 0) m->arrays[i].stride = (ptrdiff_t)size;
  if (array->type == NADIR_FLOAT32) {
    source->columns[i].single = true;
    source->columns[i].format = "E";
  }
  return NADIR_OK;
}

static void digest_numbers(const nd_array *array, uint64_t first, size_t count, nd_hash128 *digest) {
  enum { AT_ONCE = 512 };
  double values[AT_ONCE];
  for (size_t some; count > 0; first += some, count -= some) {
    some = count < AT_ONCE ? count : AT_ONCE;
    gather(array, first, some, values);
    *digest = nd_hash128_add(*digest, values, some * sizeof *values);
  }
}

void nd_arrays_digest(const nd_source *source, nd_hash128 *digest) {
  const memory_source *m = (const memory_source *)source;
  uint64_t rows = source->rows, some = rows < DIGESTED ? rows : DIGESTED;
  if (source->class != &arrays_class) return;
  for (size_t i = 0; i < source->column_count; i++) {
    digest_numbers(&m->arrays[i], 0, (size_t)some, digest);
    digest_numbers(&m->arrays[i], rows - some, (size_t)some, digest);
  }
}

nadir_status nd_reader_open(nd_source **source, const nadir_reader *reader, nadir_error *error) {
  *source = NULL;
  ND_TRY(nd_check_bytes("nadir_reader", reader->bytes, sizeof *reader, error));
  if (reader->read == NULL || reader->names == NULL)
    return nd_fail(error, NADIR_BAD_DATA, "reader: it has no names or no read function: give both");
  if (reader->columns == 0)
    return nd_fail(error, NADIR_BAD_DATA, "reader: a table without columns: give at least one");
  memory_source *m;
  ND_TRY(new_memory(&m, &reader_class, reader->rows, error));
  nadir_status status = NADIR_OK;
  for (size_t i = 0; status == NADIR_OK && i < reader->columns; i++)
    status =
        add_column(m, reader->names[i], reader->units == NULL ? NULL : reader->units[i], error);
  if (status != NADIR_OK) {
    close_memory(&m->source);
    return status;
  }
  m->reader = *reader;
  *source = &m->source;
  return NADIR_OK;
}
