/* The rows of a table group by group, in memory: for one fit after another, each of the rows that have the same text or
 * number in a column.
 *
 * One pass over the table, some chunks at a time by all threads, appends the columns that the model takes, of the rows
 * that --where leaves, and numbers the groups by their first rows; then a counting sort, which keeps the order within a group, puts the rows of each
 * together. Nothing is checked or filled in yet: what is wrong with a row is its group's matter, and each group is
 * classified anew when a reader reads it. Cost: the pass, and a copy where groups are not together in the file. */
#include <string.h>

#include "base/index.h"
#include "base/limits.h"
#include "rows/rows.h"

typedef struct group {
  const char *name;
  uint64_t first, rows;
} group;

struct nd_groups {
  const char *by;
  double **column; /* by model column; NULL where it is not read */
  size_t columns, column_capacity;
  const char **class; /* texts of the class column, or NULL */
  uint64_t *row;      /* of the table */
  uint32_t *of;       /* the group of each, while they are read */
  uint64_t rows;
  size_t capacity; /* of rows, in each of these */
  group *group;
  size_t count, group_capacity;
  const char **class_text; /* the different ones */
  size_t class_count, class_capacity;
  nd_index index, classes; /* of names, of class_text */
  nd_arena *texts;
  uint64_t most, dropped, memory;
};

void nd_groups_free(nd_groups *groups) {
  if (groups == NULL) return;
  for (size_t c = 0; groups->column != NULL && c < groups->columns; c++)
    nd_free(groups->column[c]);
  nd_index_clear(&groups->index);
  nd_index_clear(&groups->classes);
  nd_arena_free(groups->texts);
  void *owned[] = {groups->column, (void *)groups->class, (void *)groups->class_text, groups->row, groups->of,
                   groups->group};
  for (size_t i = 0; i < ND_COUNT(owned); i++)
    nd_free(owned[i]);
  nd_free(groups);
}

size_t nd_groups_count(const nd_groups *groups) {
  return groups->count;
}

const char *nd_groups_name(const nd_groups *groups, size_t g) {
  return groups->group[g].name;
}

uint64_t nd_groups_rows(const nd_groups *groups, size_t g) {
  return groups->group[g].rows;
}

uint64_t nd_groups_most_rows(const nd_groups *groups) {
  return groups->most;
}

uint64_t nd_groups_dropped(const nd_groups *groups) {
  return groups->dropped;
}

/* ---- the rows of a group ---- */

uint64_t nd_groups_row(const nd_groups *groups, size_t g, size_t chunk, size_t row) {
  return groups->row[groups->group[g].first + chunk * ND_CHUNK + row];
}

size_t nd_groups_read(const nd_groups *groups, size_t g, size_t chunk, double *const *columns,
                      const char **classes) {
  const group *it = &groups->group[g];
  uint64_t first = it->first + chunk * ND_CHUNK, left = it->first + it->rows - first;
  size_t count = left < ND_CHUNK ? (size_t)left : ND_CHUNK;
  for (size_t c = 0; c < groups->columns; c++)
    if (groups->column[c] != NULL)
      memcpy(columns[c], groups->column[c] + first, count * sizeof(double));
  if (groups->class != NULL) memcpy((void *)classes, groups->class + first, count * sizeof *classes);
  return count;
}

/* ---- reading ---- */

static nadir_status new_group(nd_groups *groups, const char *text, size_t length, size_t *number,
                              nadir_error *error) {
  if (groups->count == ND_LIMIT_GROUPS)
    return nd_fail(error, NADIR_BAD_DATA,
                   "by: column %s has more than %d different values: choose a column with fewer", groups->by,
                   ND_LIMIT_GROUPS);
  ND_TRY(nd_grow(&groups->group, &groups->group_capacity, groups->count + 1, sizeof *groups->group, error));
  const char *copy = nd_arena_text(groups->texts, text, length, error);
  if (copy == NULL) return NADIR_NO_MEMORY;
  ND_TRY(nd_index_add(&groups->index, copy, groups->count, error));
  groups->group[groups->count] = (group){.name = copy};
  *number = groups->count++;
  return NADIR_OK;
}

/* Most rows are of the group of the row before. Padding blanks do not count, as where texts are compared. */
static nadir_status find_group(nd_groups *groups, const char *text, size_t *number, nadir_error *error) {
  text += strspn(text, " ");
  size_t length = strlen(text);
  while (length > 0 && text[length - 1] == ' ')
    length--;
  if (groups->rows > 0) {
    *number = groups->of[groups->rows - 1];
    const char *name = groups->group[*number].name;
    if (strncmp(name, text, length) == 0 && name[length] == '\0') return NADIR_OK;
  }
  *number = nd_index_find(&groups->index, text, length);
  return *number == SIZE_MAX ? new_group(groups, text, length, number, error) : NADIR_OK;
}

/* One copy of each. */
static nadir_status keep_class(nd_groups *groups, const char *text, const char **kept, nadir_error *error) {
  *kept = NULL;
  if (text == NULL) return NADIR_OK;
  size_t at = nd_index_find(&groups->classes, text, strlen(text));
  if (at == SIZE_MAX) {
    at = groups->class_count;
    ND_TRY(nd_grow(&groups->class_text, &groups->class_capacity, at + 1, sizeof *groups->class_text, error));
    if (!(*kept = nd_arena_text(groups->texts, text, strlen(text), error))) return NADIR_NO_MEMORY;
    ND_TRY(nd_index_add(&groups->classes, *kept, at, error));
    groups->class_text[groups->class_count++] = *kept;
  }
  *kept = groups->class_text[at];
  return NADIR_OK;
}

static bool fits(const nd_groups *groups, size_t rows) {
  size_t wide = 2 + (groups->class != NULL), bytes;
  for (size_t c = 0; c < groups->columns; c++)
    wide += groups->column[c] != NULL;
  return nd_multiply(rows, 2 * wide * sizeof(double), &bytes) && bytes <= groups->memory;
}

/* Room for `more` rows in every array; and at once for as many as the `chunks` of the table will have, if they go on as
 * those that were read, since what grows is copied. */
static nadir_status make_room(nd_groups *groups, size_t more, size_t read, size_t chunks, nadir_error *error) {
  size_t wanted = (size_t)groups->rows + more, capacity = groups->capacity, all;
  if (wanted <= capacity) return NADIR_OK;
  if (!fits(groups, wanted))
    return nd_fail(error, NADIR_BAD_SETTING,
                   "by: groups need their rows in memory, and those used do not fit: set memory to more, or leave rows "
                   "out with where");
  if (read > 0 && nd_multiply((size_t)groups->rows, chunks, &all) && fits(groups, all / read + more))
    wanted = all / read + more > wanted ? all / read + more : wanted;
  for (size_t c = 0; c < groups->columns; c++) {
    capacity = groups->capacity;
    if (groups->column[c] != NULL) ND_TRY(nd_grow(&groups->column[c], &capacity, wanted, sizeof(double), error));
  }
  capacity = groups->capacity;
  if (groups->class != NULL) ND_TRY(nd_grow(&groups->class, &capacity, wanted, sizeof *groups->class, error));
  capacity = groups->capacity;
  ND_TRY(nd_grow(&groups->of, &capacity, wanted, sizeof *groups->of, error));
  return nd_grow(&groups->row, &groups->capacity, wanted, sizeof *groups->row, error);
}

/* A chunk as it was read. */
typedef struct piece {
  nd_model_reader *reader;
  nd_model_rows rows;
  const char *const *classes;
  nadir_status status;
  nadir_error error;
} piece;

typedef struct reading {
  nd_groups *groups;
  piece *piece; /* one for each thread that there are chunks for */
  size_t pieces;
  size_t first; /* chunk of the pieces */
  nd_pool *pool;
  const nd_table *table;
  bool by_file;
  size_t folders; /* then the length of the folders that all files are in */
  bool drops; /* rows without a group, as those with other values missing */
} reading;

static nadir_status add_row(const reading *now, size_t chunk, const piece *from, size_t r, nadir_error *error) {
  nd_groups *groups = now->groups;
  uint64_t row = (uint64_t)chunk * ND_CHUNK + r;
  size_t number;
  const char *name =
      now->by_file ? nd_table_file(now->table, nd_table_file_of(now->table, row)) + now->folders : from->rows.group[r];
  if (name == NULL) {
    groups->dropped++;
    if (now->drops) return NADIR_OK;
    return nd_fail_row(now->table, NULL, chunk, r, error, groups->by,
                       "the value is missing, and groups go by it: leave such rows out with the setting where");
  }
  ND_TRY(find_group(groups, name, &number, error));
  if (groups->class != NULL) ND_TRY(keep_class(groups, from->classes[r], &groups->class[groups->rows], error));
  for (size_t c = 0; c < groups->columns; c++)
    if (groups->column[c] != NULL)
      groups->column[c][groups->rows] = nd_number(nd_model_reader_column(from->reader, c), r);
  groups->of[groups->rows] = (uint32_t)number;
  groups->row[groups->rows++] = row;
  groups->group[number].rows++;
  return NADIR_OK;
}

/* What is wrong is told when its turn comes: of two bad chunks the first. */
static nadir_status read_piece(void *context, size_t i, size_t number, nadir_error *error) {
  const reading *now = context;
  piece *to = &now->piece[i];
  (void)number, (void)error;
  to->status = nd_model_read_raw(to->reader, now->first + i, &to->rows, &to->classes, &to->error);
  return NADIR_OK;
}

static nadir_status add_piece(const reading *now, size_t chunk, const piece *from, nadir_error *error) {
  if (from->status != NADIR_OK && error) *error = from->error;
  ND_TRY(from->status);
  ND_TRY(make_room(now->groups, from->rows.rows, chunk, nd_table_chunks(now->table), error));
  for (size_t r = 0; r < from->rows.rows; r++) {
    if (from->rows.kept[r])
      ND_TRY(add_row(now, chunk, from, r, error));
    else
      now->groups->dropped++;
  }
  return NADIR_OK;
}

static nadir_status read_all(reading *now, nd_teller *teller, nadir_error *error) {
  size_t chunks = nd_table_chunks(now->table);
  for (now->first = 0; now->first < chunks; now->first += now->pieces) {
    size_t count = chunks - now->first < now->pieces ? chunks - now->first : now->pieces;
    ND_TRY(nd_heed(teller, error));
    ND_TRY(nd_pool_run(now->pool, count, read_piece, now, error));
    for (size_t i = 0; i < count; i++)
      ND_TRY(add_piece(now, now->first + i, &now->piece[i], error));
  }
  return NADIR_OK;
}

/* ---- sorting ---- */

/* Where the rows of each group begin; whether they are there already. */
static bool find_places(nd_groups *groups) {
  uint64_t first = 0;
  for (size_t g = 0; g < groups->count; g++) {
    groups->group[g].first = first;
    first += groups->group[g].rows;
    if (groups->group[g].rows > groups->most) groups->most = groups->group[g].rows;
  }
  for (uint64_t r = 1; r < groups->rows; r++)
    if (groups->of[r] < groups->of[r - 1]) return false;
  return true;
}

/* Numbers of 8 bytes each into the order of `place`, through `room`. */
static void reorder(void *numbers, const uint64_t *place, uint64_t count, uint64_t *room) {
  const unsigned char *from = numbers;
  for (uint64_t r = 0; r < count; r++)
    memcpy(&room[place[r]], from + r * sizeof *room, sizeof *room);
  memcpy(numbers, room, count * sizeof *room);
}

static nadir_status sort(nd_groups *groups, nadir_error *error) {
  _Static_assert(sizeof(char *) == sizeof(uint64_t) && sizeof(double) == sizeof(uint64_t), "8 bytes each");
  uint64_t *next = nd_new(groups->count, sizeof *next, error);
  uint64_t *place = nd_new(groups->rows, sizeof *place, error);
  uint64_t *room = nd_new(groups->rows, sizeof *room, error);
  bool made = next && place && room;
  for (size_t g = 0; made && g < groups->count; g++)
    next[g] = groups->group[g].first;
  for (uint64_t r = 0; made && r < groups->rows; r++)
    place[r] = next[groups->of[r]]++;
  for (size_t c = 0; made && c < groups->columns; c++)
    if (groups->column[c] != NULL) reorder(groups->column[c], place, groups->rows, room);
  if (made && groups->class != NULL) reorder((void *)groups->class, place, groups->rows, room);
  if (made) reorder(groups->row, place, groups->rows, room);
  nd_free(room);
  nd_free(place);
  nd_free(next);
  return made ? NADIR_OK : NADIR_NO_MEMORY;
}

/* ---- making ---- */

/* The first rows of each column that the reader needs. */
static nadir_status plan_columns(nd_groups *groups, const nd_model_reader *reader, const nd_model *model,
                                 nadir_error *error) {
  groups->column = nd_new(model->column_count, sizeof *groups->column, error);
  if (groups->column == NULL) return NADIR_NO_MEMORY;
  for (groups->columns = 0; groups->columns < model->column_count; groups->columns++) {
    if (nd_model_reader_column(reader, groups->columns).at == NULL) continue;
    if (!(groups->column[groups->columns] = nd_new(1, sizeof(double), error))) return NADIR_NO_MEMORY;
  }
  if (model->class_column != NULL && !(groups->class = nd_new(1, sizeof *groups->class, error)))
    return NADIR_NO_MEMORY;
  groups->of = nd_new(1, sizeof *groups->of, error);
  groups->row = nd_new(1, sizeof *groups->row, error);
  groups->capacity = 1;
  return groups->of && groups->row ? NADIR_OK : NADIR_NO_MEMORY;
}

/* "file" where no column has this name. */
static bool is_by_file(const nd_groups *groups, const nd_table *table) {
  size_t column, element;
  ptrdiff_t hint;
  return strcmp(groups->by, "file") == 0 && !nd_table_find(table, groups->by, &column, &element, &hint);
}

static size_t shared_folders(const nd_table *table) {
  const char *first = nd_table_file(table, 0), *slash = strrchr(first, '/');
  size_t length = slash ? (size_t)(slash - first) + 1 : 0;
  for (size_t i = 1; i < nd_table_files(table); i++) {
    const char *other = nd_table_file(table, i);
    while (length > 0 && strncmp(first, other, length) != 0)
      do length--;
      while (length > 0 && first[length - 1] != '/');
  }
  return length;
}

static nadir_status new_readers(const reading *now, const nd_model *model, const nadir_settings *settings,
                                nadir_error *error) {
  for (size_t i = 0; i < now->pieces; i++) {
    nd_model_reader **reader = &now->piece[i].reader;
    ND_TRY(nd_model_reader_new(reader, model, now->table, settings, true, error));
    if (!now->by_file) ND_TRY(nd_model_reader_group(*reader, now->groups->by, "by", error));
  }
  return plan_columns(now->groups, now->piece->reader, model, error);
}

static nadir_status read_groups(reading *now, const nd_model *model, const nadir_settings *settings,
                                nd_teller *teller, nadir_error *error) {
  nd_groups *groups = now->groups;
  now->by_file = is_by_file(groups, now->table);
  now->folders = now->by_file ? shared_folders(now->table) : 0;
  now->drops = settings->missing == ND_MISSING_DROP;
  ND_TRY(new_readers(now, model, settings, error));
  ND_TRY(read_all(now, teller, error));
  if (groups->count == 0)
    return nd_fail(error, NADIR_BAD_DATA, "%s: no row is left to fit (%llu left out): loosen where",
                   nd_table_files(now->table) > 0 ? nd_table_file(now->table, 0) : "table",
                   (unsigned long long)groups->dropped);
  return find_places(groups) ? NADIR_OK : sort(groups, error);
}

nadir_status nd_groups_new(nd_groups **groups, const nd_model *model, const nd_table *table, nd_pool *pool,
                           const nadir_settings *settings, nd_teller *teller, nadir_error *error) {
  size_t threads = nd_pool_threads(pool), chunks = nd_table_chunks(table);
  nd_groups *made = nd_new(1, sizeof *made, error);
  reading now = {.groups = made, .pool = pool, .table = table, .pieces = chunks < threads ? chunks + (chunks == 0) : threads};
  *groups = NULL;
  if (made == NULL) return NADIR_NO_MEMORY;
  made->by = settings->by;
  made->memory = nd_memory_bytes(settings, nd_table_ranks(table));
  nadir_status status = nd_arena_new(&made->texts, error);
  if (status == NADIR_OK && !(now.piece = nd_new(now.pieces, sizeof *now.piece, error))) status = NADIR_NO_MEMORY;
  if (status == NADIR_OK) status = read_groups(&now, model, settings, teller, error);
  for (size_t i = 0; now.piece && i < now.pieces; i++)
    nd_model_reader_free(now.piece[i].reader);
  nd_free(now.piece);
  if (status == NADIR_OK)
    *groups = made;
  else
    nd_groups_free(made);
  return status;
}
