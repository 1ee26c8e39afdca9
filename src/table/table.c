/* One logical table over one or more sources of rows: joining them, finding columns, reading chunks
 * that may straddle files. Costs nothing per row; a chunk costs a binary search for its file, and
 * the memory of a reader is that of the files which the chunk touches, however many there are. */
#include "table/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cell.h"
#include "base/index.h"
#include "table/reader_internal.h"

enum { FILES_OPEN = 8 }; /* with more, each is opened when it is read */

struct nd_table {
  nd_source **sources;
  uint64_t *first; /* row of each source, and the number of all rows at the end */
  size_t count;
  nd_column *columns;
  bool *unseen;
  size_t column_count, capacity;
  nd_index by_name; /* of the columns */
  nd_arena *arena;  /* for names that are made */
  nd_hash128 digest; /* of the files */
  nadir_error uncached;
  nd_ranks *ranks;
};

struct nd_scratch {
  const nd_table *table;
  void **of;        /* by source; NULL until needed */
  size_t low, high; /* sources low .. high-1 may have one */
  nd_request *plain; /* requests as sources know them, where some are ND_AS_READ ... */
  size_t plain_count;
  const char **texts; /* ... and room for the texts of these */
  size_t text_count;
  nd_kept *kept;     /* NULL: nothing is kept */
  nd_request *fresh; /* requests that it does not have yet */
  size_t fresh_count;
};

/* ---- several sources as one */

static bool is_numeric(nd_cell_type type) {
  return type == ND_CELL_REAL || type == ND_CELL_INTEGER;
}

static nadir_status fail_type(const char *first, const nd_column *a, const char *more,
                              const nd_column *b, nadir_error *error) {
  const nadir_cell *stray = b->nearly_numbers ? b->stray : a->nearly_numbers ? a->stray : NULL;
  nd_text since = {0};
  if (stray != NULL) nd_text_append(&since, ", since ");
  if (stray != NULL) nd_say_cell(stray, &since);
  nadir_status status =
      nd_fail(error, NADIR_BAD_DATA,
              "%s: column %s is %s where it is %s in %s%s: files read as one table must agree",
              more, b->name, nadir_cells_name(nd_cells_of(b)), nadir_cells_name(nd_cells_of(a)), first, nd_text_data(&since));
  nd_text_free(&since);
  return status;
}

static nadir_status join_types(nd_table *table, const nd_source *more, size_t i,
                               nadir_error *error) {
  nd_column *a = &table->columns[i];
  const nd_column *b = &more->columns[i];
  bool unseen = more->unseen != NULL && more->unseen[i];
  if (a->type != b->type && !unseen) {
    if (is_numeric(a->type) && is_numeric(b->type)) {
      a->type = ND_CELL_REAL;
    } else if (table->unseen[i]) {
      a->type = b->type;
      a->stray = b->stray;
      a->nearly_numbers = b->nearly_numbers;
    } else {
      return fail_type(table->sources[0]->path, a, more->path, b, error);
    }
  }
  table->unseen[i] = table->unseen[i] && unseen;
  return NADIR_OK;
}

static nadir_status join_column(nd_table *table, const nd_source *more, size_t i,
                                nadir_error *error) {
  nd_column *a = &table->columns[i];
  const nd_column *b = &more->columns[i];
  const char *path = table->sources[0]->path;
  if (strcmp(a->title, b->name) != 0)
    return nd_fail(error, NADIR_BAD_DATA,
                   "%s: column %zu is named %s where %s has %s: files read as one table must have "
                   "the same columns in the same order",
                   more->path, i + 1, b->name, path, a->title);
  if (*a->unit != '\0' && *b->unit != '\0' && strcmp(a->unit, b->unit) != 0)
    return nd_fail(error, NADIR_BAD_DATA,
                   "%s: column %s is in %s where %s has it in %s: convert one of them", more->path,
                   b->name, b->unit, path, a->unit);
  if (a->elements != b->elements)
    return nd_fail(error, NADIR_BAD_DATA,
                   "%s: column %s has %zu elements where %s has %zu: files read as one table must "
                   "agree",
                   more->path, b->name, b->elements, path, a->elements);
  if (*a->unit == '\0') a->unit = b->unit;
  if (strcmp(a->format, b->format) != 0) a->format = "";
  a->single = a->single && b->single;
  a->wide = a->wide || b->wide;
  return join_types(table, more, i, error);
}

static nadir_status join(nd_table *table, const nd_source *more, nadir_error *error) {
  if (more->column_count != table->column_count)
    return nd_fail(error, NADIR_BAD_DATA,
                   "%s: %zu columns where %s has %zu: files read as one table must have the same "
                   "columns in the same order",
                   more->path, more->column_count, table->sources[0]->path, table->column_count);
  for (size_t i = 0; i < table->column_count; i++)
    ND_TRY(join_column(table, more, i, error));
  return NADIR_OK;
}

static nadir_status take_columns(nd_table *table, const nd_source *source, nadir_error *error) {
  size_t count = source->column_count;
  table->columns = nd_new(count, sizeof *table->columns, error);
  table->unseen = nd_new(count, sizeof *table->unseen, error);
  if (table->columns == NULL || table->unseen == NULL) return NADIR_NO_MEMORY;
  table->column_count = table->capacity = count;
  if (count > 0) memcpy(table->columns, source->columns, count * sizeof *table->columns);
  for (size_t i = 0; i < count; i++)
    table->unseen[i] = source->unseen != NULL && source->unseen[i];
  ND_TRY(nd_arena_new(&table->arena, error));
  ND_TRY(nd_part_twins(table->columns, count, table->arena, error));
  for (size_t i = 0; i < count; i++)
    ND_TRY(nd_index_add(&table->by_name, table->columns[i].name, i, error));
  return NADIR_OK;
}

static nadir_status add_source(nd_table *table, nd_source *source, nadir_error *error) {
  size_t i = table->count;
  table->sources[i] = source;
  table->count++;
  if (source->rows > UINT64_MAX - ND_CHUNK - table->first[i])
    return nd_fail(error, NADIR_BAD_DATA, "%s: more rows than can be counted: give fewer files",
                   source->path);
  table->first[i + 1] = table->first[i] + source->rows;
  return i == 0 ? take_columns(table, source, error) : join(table, source, error);
}

static nadir_status new_table(nd_table **table, size_t count, nadir_error *error) {
  nd_table *fresh = nd_new(1, sizeof *fresh, error);
  *table = fresh;
  if (fresh == NULL) return NADIR_NO_MEMORY;
  fresh->sources = nd_new(count, sizeof(nd_source *), error);
  fresh->first = nd_new(count + 1, sizeof *fresh->first, error);
  return fresh->sources == NULL || fresh->first == NULL ? NADIR_NO_MEMORY : NADIR_OK;
}

static nadir_status open_all(nd_table *table, const char *const *paths, size_t count,
                             const nd_table_options *options, nadir_error *error) {
  for (size_t i = 0; i < count; i++) {
    nd_source *source;
    ND_TRY(nd_source_open(&source, paths[i], &table->digest, options, error));
    ND_TRY(add_source(table, source, error));
  }
  return NADIR_OK;
}

/* The finished table, or nothing. */
static nadir_status finish(nd_table **out, nd_table *table, nadir_status status) {
  if (status != NADIR_OK) {
    nd_table_close(table);
    table = NULL;
  }
  *out = table;
  return status;
}

nadir_status nd_table_open(nd_table **table, const char *const *paths, size_t count,
                           const nd_table_options *options, nadir_error *error) {
  nd_table_options own = options == NULL ? (nd_table_options){0} : *options;
  nd_spool spool;
  nd_table *fresh;
  *table = NULL;
  if (count == 0)
    return nd_fail(error, NADIR_BAD_PATH, "table: no file is given: name at least one");
  nadir_status status = new_table(&fresh, count, error);
  nd_spool_start(&spool, own.spool);
  own.spooled = &spool;
  own.many = count > FILES_OPEN;
  if (status == NADIR_OK) own.uncached = &fresh->uncached;
  if (status == NADIR_OK) status = open_all(fresh, paths, count, &own, error);
  return finish(table, fresh, status);
}

static nadir_status table_of_one(nd_table **table, nd_source *source, nadir_error *error) {
  nd_table *fresh;
  nadir_status status = new_table(&fresh, 1, error);
  if (status == NADIR_OK) {
    status = add_source(fresh, source, error);
  } else {
    source->class->close(source);
  }
  return finish(table, fresh, status);
}

nadir_status nd_table_of_rows(nd_table **table, uint64_t rows, nadir_error *error) {
  nd_source *source;
  *table = NULL;
  ND_TRY(nd_arrays_open(&source, rows, error));
  return table_of_one(table, source, error);
}

nadir_status nd_table_add(nd_table *table, const nd_array *array, nadir_error *error) {
  nd_source *source = table->sources[0];
  size_t count = table->column_count, capacity = table->capacity;
  ND_TRY(nd_grow(&table->columns, &capacity, count + 1, sizeof *table->columns, error));
  ND_TRY(nd_grow(&table->unseen, &table->capacity, count + 1, sizeof *table->unseen, error));
  ND_TRY(nd_index_reserve(&table->by_name, error));
  ND_TRY(nd_arrays_add(source, array, error));
  table->columns[count] = source->columns[count];
  table->unseen[count] = false;
  table->column_count++;
  return nd_index_add(&table->by_name, table->columns[count].name, count, error);
}

nadir_status nd_table_from_arrays(nd_table **table, const nd_array *arrays, size_t columns,
                                  uint64_t rows, nadir_error *error) {
  nd_table *fresh;
  nadir_status status = nd_table_of_rows(&fresh, rows, error);
  for (size_t i = 0; i < columns && status == NADIR_OK; i++)
    status = nd_table_add(fresh, &arrays[i], error);
  return finish(table, fresh, status);
}

nadir_status nd_table_from_reader(nd_table **table, const nadir_reader *reader,
                                  nadir_error *error) {
  nd_source *source;
  *table = NULL;
  ND_TRY(nd_reader_open(&source, reader, error));
  return table_of_one(table, source, error);
}

void nd_table_close(nd_table *table) {
  if (table == NULL) return;
  for (size_t i = 0; i < table->count; i++)
    table->sources[i]->class->close(table->sources[i]);
  nd_free(table->sources);
  nd_free(table->first);
  nd_free(table->columns);
  nd_free(table->unseen);
  nd_index_clear(&table->by_name);
  nd_arena_free(table->arena);
  nd_free(table);
}

/* ---- what it is */

size_t nd_table_columns(const nd_table *table) {
  return table->column_count;
}

const nd_column *nd_table_column(const nd_table *table, size_t i) {
  return &table->columns[i];
}

void nd_table_share(nd_table *table, nd_ranks *ranks) {
  table->ranks = ranks;
}

nd_ranks *nd_table_ranks(const nd_table *table) {
  return table->ranks;
}

uint64_t nd_table_rows(const nd_table *table) {
  return table->first[table->count];
}

size_t nd_table_chunks(const nd_table *table) {
  return (size_t)((nd_table_rows(table) + ND_CHUNK - 1) / ND_CHUNK);
}

size_t nd_table_room(const nd_table *table) {
  enum { LINE = 16 };
  uint64_t rows = nd_table_rows(table);
  return rows < ND_CHUNK ? (size_t)(rows + LINE) / LINE * LINE : ND_CHUNK;
}

size_t nd_table_files(const nd_table *table) {
  return table->count;
}

const char *nd_table_file(const nd_table *table, size_t i) {
  return table->sources[i]->path;
}

void nd_table_digest(const nd_table *table, char digest[ND_DIGEST_TEXT]) {
  const uint64_t rows = nd_table_rows(table);
  nd_hash128 hash = table->digest;
  for (size_t i = 0; i < table->column_count; i++)
    hash = nd_hash128_add(hash, table->columns[i].name, strlen(table->columns[i].name));
  hash = nd_hash128_add(hash, &rows, sizeof rows);
  nd_arrays_digest(table->sources[0], &hash);
  snprintf(digest, ND_DIGEST_TEXT, "%016llx%016llx", (unsigned long long)hash.high,
           (unsigned long long)hash.low);
}

const nadir_error *nd_table_uncached(const nd_table *table) {
  return table->uncached.status == NADIR_OK ? NULL : &table->uncached;
}

/* The source that has a row of the table: the last that begins at it or before and is not empty. */
static size_t source_of(const nd_table *table, uint64_t row) {
  size_t low = 0, high = table->count;
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (table->first[middle] <= row) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

size_t nd_table_file_of(const nd_table *table, uint64_t row) {
  return source_of(table, row);
}

nadir_status nd_table_where(const nd_table *table, uint64_t row, nd_text *out, nadir_error *error) {
  if (row >= nd_table_rows(table))
    return nd_fail(error, NADIR_BAD_DATA, "%s: there is no row %llu: the table has %llu",
                   nd_table_file(table, table->count - 1), (unsigned long long)row + 1,
                   (unsigned long long)nd_table_rows(table));
  size_t i = source_of(table, row);
  const nd_source *source = table->sources[i];
  return source->class->where(source, row - table->first[i], out, error);
}

/* ---- finding columns */

/* Digits of [text, end) as a number from 1; 0 where they are none. */
static size_t ordinal(const char *text, const char *end) {
  size_t number = 0;
  if (text == end) return 0;
  for (; text < end; text++) {
    if (*text < '0' || *text > '9' || number > 100000000) return 0;
    number = 10 * number + (size_t)(*text - '0');
  }
  return number;
}

/* Exact, or $3; SIZE_MAX where there is none. */
static size_t find_whole(const nd_table *table, const char *name, size_t length) {
  size_t found = nd_index_find(&table->by_name, name, length);
  if (found != SIZE_MAX) return found;
  size_t number = *name == '$' && length > 1 ? ordinal(name + 1, name + length) : 0;
  return number >= 1 && number <= table->column_count ? number - 1 : SIZE_MAX;
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* One letter more, less, other, or two neighbours exchanged, without regard to case. */
static bool one_letter(const char *a, size_t n, const char *b) {
  size_t m = strlen(b), same = 0;
  if (n < 4 || m < 4) return false;
  while (same < n && same < m && lower(a[same]) == lower(b[same]))
    same++;
  size_t tail = 0;
  while (tail < n - same && tail < m - same && lower(a[n - 1 - tail]) == lower(b[m - 1 - tail]))
    tail++;
  size_t x = n - same - tail, y = m - same - tail;
  if (x <= 1 && y <= 1) return true;
  return x == 2 && y == 2 && lower(a[same]) == lower(b[same + 1]) &&
         lower(a[same + 1]) == lower(b[same]);
}

static bool same_but_case(const char *a, size_t n, const char *b) {
  size_t i = 0;
  while (i < n && lower(a[i]) == lower(b[i]) && b[i] != '\0')
    i++;
  return i == n && b[n] == '\0';
}

static ptrdiff_t find_hint(const nd_table *table, const char *name, size_t length) {
  for (size_t i = 0; i < table->column_count; i++)
    if (same_but_case(name, length, table->columns[i].name)) return (ptrdiff_t)i;
  for (size_t i = 0; i < table->column_count; i++)
    if (one_letter(name, length, table->columns[i].name)) return (ptrdiff_t)i;
  return -1;
}

bool nd_table_find(const nd_table *table, const char *name, size_t *column, size_t *element,
                   ptrdiff_t *hint) {
  size_t length = strlen(name), base = strcspn(name, "[");
  *hint = -1;
  *column = find_whole(table, name, length);
  if (*column != SIZE_MAX) {
    *element = table->columns[*column].elements > 1 ? SIZE_MAX : 0;
    return true;
  }
  bool indexed = base < length && base > 0 && name[length - 1] == ']';
  size_t number = indexed ? ordinal(name + base + 1, name + length - 1) : 0;
  if (number > 0) {
    *column = find_whole(table, name, base);
    *element = number - 1;
    if (*column != SIZE_MAX && number <= table->columns[*column].elements) return true;
  }
  const char *inner;
  size_t inside;
  if (nd_text_function_of(name, &inner, &inside)) {
    *column = find_whole(table, inner, inside);
    *element = 0;
    if (*column != SIZE_MAX && table->columns[*column].elements == 1) return true;
    *hint = find_hint(table, inner, inside);
    *column = 0;
    return false;
  }
  bool counted = indexed && name[base + 1] >= '0' && name[base + 1] <= '9'; /* also [0] */
  *hint = find_hint(table, name, counted ? base : length);
  *column = *element = 0;
  return false;
}

/* ---- reading */

nadir_status nd_scratch_new(nd_scratch **scratch, const nd_table *table, nadir_error *error) {
  *scratch = NULL;
  nd_scratch *fresh = nd_new(1, sizeof *fresh, error);
  if (fresh == NULL) return NADIR_NO_MEMORY;
  fresh->table = table;
  fresh->of = nd_new(table->count, sizeof *fresh->of, error);
  if (fresh->of == NULL) {
    nd_free(fresh);
    return NADIR_NO_MEMORY;
  }
  *scratch = fresh;
  return NADIR_OK;
}

/* Keeps what sources low .. high-1 use and gives back the rest, so that memory does not grow with
 * the number of files. */
static void keep_only(nd_scratch *scratch, size_t low, size_t high) {
  for (size_t i = scratch->low; i < scratch->high; i++) {
    if ((i >= low && i < high) || scratch->of[i] == NULL) continue;
    scratch->table->sources[i]->class->scratch_free(scratch->of[i]);
    scratch->of[i] = NULL;
  }
  scratch->low = low;
  scratch->high = high;
}

void nd_scratch_free(nd_scratch *scratch) {
  if (scratch == NULL) return;
  keep_only(scratch, 0, 0);
  nd_free(scratch->of);
  nd_free(scratch->plain);
  nd_free(scratch->fresh);
  nd_free((void *)scratch->texts);
  nd_free(scratch);
}

/* ---- texts that are read as numbers */

/* Sources give their texts. */
static nadir_status make_plain(const nd_table *table, const nd_request *requests, size_t count, size_t reads,
                               nd_scratch *scratch, nadir_error *error) {
  size_t room = nd_table_room(table), used = 0;
  ND_TRY(nd_grow(&scratch->plain, &scratch->plain_count, count, sizeof *scratch->plain, error));
  ND_TRY(nd_grow(&scratch->texts, &scratch->text_count, reads * room, sizeof *scratch->texts, error));
  for (size_t i = 0; i < count; i++) {
    scratch->plain[i] = requests[i];
    if (requests[i].kind != ND_AS_READ) continue;
    scratch->plain[i].kind = ND_AS_TEXT;
    scratch->plain[i].texts = scratch->texts + room * used++;
  }
  return NADIR_OK;
}

static nadir_status fail_text(const nd_table *table, const nd_request *request, uint64_t row, const char *text,
                              nadir_error *error) {
  nd_text where = {0}, shown = {0};
  ND_TRY(nd_table_where(table, row, &where, error));
  nd_text_append_bytes(&shown, text, strnlen(text, 40));
  nadir_status status = nd_fail(
      error, NADIR_BAD_DATA, "%s:%s: %s cannot read '%s': such texts are written as in %s",
      nd_text_data(&where), table->columns[request->column].name, request->reads->name, nd_text_data(&shown),
      request->reads->example);
  nd_text_free(&where);
  nd_text_free(&shown);
  return status;
}

/* Blanks around a text do not count. */
static bool read_cell(const nd_text_function *function, const char *text, nd_seconds *seconds) {
  char trimmed[80];
  text += strspn(text, " ");
  size_t length = strlen(text);
  while (length > 0 && text[length - 1] == ' ')
    length--;
  if (length >= sizeof trimmed) return false;
  memcpy(trimmed, text, length);
  trimmed[length] = '\0';
  return nd_text_function_read(function, trimmed, seconds);
}

static nadir_status read_texts(const nd_table *table, const nd_request *request, const char *const *texts,
                               uint64_t first, size_t rows, nadir_error *error) {
  for (size_t r = 0; r < rows; r++) {
    nd_seconds seconds;
    request->numbers[r] = (double)NAN;
    if (texts[r] == NULL) continue;
    if (!read_cell(request->reads, texts[r], &seconds))
      return fail_text(table, request, first + r, texts[r], error);
    request->numbers[r] = nd_text_function_value(request->reads, &seconds);
  }
  return NADIR_OK;
}

static nadir_status check_requests(const nd_table *table, const nd_request *requests, size_t count,
                                   nadir_error *error) {
  for (size_t i = 0; i < count; i++) {
    const nd_request *r = &requests[i];
    if (r->column >= table->column_count)
      return nd_fail(error, NADIR_BAD_DATA, "%s: there is no column %zu: the table has %zu",
                     nd_table_file(table, 0), r->column + 1, table->column_count);
    const nd_column *column = &table->columns[r->column];
    if (r->element >= column->elements)
      return nd_fail(error, NADIR_BAD_DATA,
                     "%s: column %s has %zu elements: name one of them, as in %s[1]",
                     nd_table_file(table, 0), column->name, column->elements, column->name);
    if (r->kind == ND_AS_SINGLE && !column->single)
      return nd_fail(error, NADIR_BAD_DATA,
                     "%s: column %s is not exact in float32: read it as numbers",
                     nd_table_file(table, 0), column->name);
  }
  return NADIR_OK;
}

/* Rows begin .. end-1 of the table that source i has, to the outputs from `at`. */
static nadir_status read_piece(const nd_table *table, size_t i, uint64_t begin, uint64_t end,
                               size_t at, const nd_request *requests, size_t count,
                               nd_scratch *scratch, nadir_error *error) {
  const nd_source *source = table->sources[i];
  if (scratch->of[i] == NULL) ND_TRY(source->class->scratch_new(&scratch->of[i], source, error));
  return source->class->read(source, begin - table->first[i], (size_t)(end - begin), at, requests,
                             count, scratch->of[i], error);
}

/* Rows begin .. end-1 of the table, in whichever of its sources they are. */
static nadir_status read_pieces(const nd_table *table, uint64_t begin, uint64_t end, const nd_request *requests,
                                size_t count, nd_scratch *scratch, nadir_error *error) {
  size_t low = source_of(table, begin), high = source_of(table, end - 1) + 1;
  keep_only(scratch, low, high);
  for (size_t i = low; i < high; i++) {
    uint64_t from = table->first[i] > begin ? table->first[i] : begin;
    uint64_t to = table->first[i + 1] < end ? table->first[i + 1] : end;
    if (from < to)
      ND_TRY(
          read_piece(table, i, from, to, (size_t)(from - begin), requests, count, scratch, error));
  }
  return NADIR_OK;
}

/* The same, texts that are read as numbers among them. */
static nadir_status read_rows(const nd_table *table, uint64_t begin, uint64_t end, const nd_request *requests,
                              size_t count, nd_scratch *scratch, nadir_error *error) {
  size_t reads = 0;
  for (size_t i = 0; i < count; i++)
    reads += requests[i].kind == ND_AS_READ;
  if (reads == 0) return read_pieces(table, begin, end, requests, count, scratch, error);
  ND_TRY(make_plain(table, requests, count, reads, scratch, error));
  ND_TRY(read_pieces(table, begin, end, scratch->plain, count, scratch, error));
  for (size_t i = 0; i < count; i++)
    if (requests[i].kind == ND_AS_READ)
      ND_TRY(read_texts(table, &requests[i], scratch->plain[i].texts, begin, (size_t)(end - begin), error));
  return NADIR_OK;
}

/* Those that are not kept are read. */
static nadir_status read_fresh(const nd_table *table, size_t chunk, uint64_t begin, uint64_t end,
                               const nd_request *requests, size_t count, nd_scratch *scratch, nadir_error *error) {
  size_t rows = (size_t)(end - begin);
  ND_TRY(nd_grow(&scratch->fresh, &scratch->fresh_count, count, sizeof *scratch->fresh, error));
  size_t fresh = nd_kept_give(scratch->kept, chunk, rows, requests, count, scratch->fresh);
  if (fresh == 0) return NADIR_OK;
  ND_TRY(read_rows(table, begin, end, scratch->fresh, fresh, scratch, error));
  nd_kept_take(scratch->kept, chunk, rows, scratch->fresh, fresh);
  return NADIR_OK;
}

nadir_status nd_table_read(const nd_table *table, size_t chunk, const nd_request *requests,
                           size_t count, nd_scratch *scratch, size_t *rows, nadir_error *error) {
  *rows = 0;
  if (chunk >= nd_table_chunks(table))
    return nd_fail(error, NADIR_BAD_DATA, "%s: there is no chunk %zu: the table has %zu",
                   nd_table_file(table, 0), chunk, nd_table_chunks(table));
  ND_TRY(check_requests(table, requests, count, error));
  uint64_t begin = (uint64_t)chunk * ND_CHUNK, all = nd_table_rows(table);
  uint64_t end = all - begin < ND_CHUNK ? all : begin + ND_CHUNK;
  ND_TRY(scratch->kept ? read_fresh(table, chunk, begin, end, requests, count, scratch, error)
                       : read_rows(table, begin, end, requests, count, scratch, error));
  *rows = (size_t)(end - begin);
  return NADIR_OK;
}

void nd_scratch_keep(nd_scratch *scratch, nd_kept *kept) {
  scratch->kept = kept;
}

bool nd_table_is_slow(const nd_table *table) {
  for (size_t i = 0; i < table->count; i++)
    if (table->sources[i]->class->slow) return true;
  return false;
}

nadir_cells nd_cells_of(const nd_column *column) {
  char kind = column->format[strspn(column->format, "0123456789")];
  return kind == 'P' || kind == 'Q' ? NADIR_ARRAYS : (nadir_cells)column->type;
}
