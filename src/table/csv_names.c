/* The names of the columns: as the caller gives them, from a row, from the # lines before the rows, or c1, c2, ... The
 * last # line that splits, by the delimiter of the rows or by another, into as many names as there
 * are columns gives them, unless it reads as prose; the type letters of F:MAG_U are dropped.
 * Names are trimmed and unquoted; an empty one becomes cN. All names live in the arena of the
 * source. */
#include "table/csv_internal.h"

#include <stdio.h>
#include <string.h>

const char *nd_csv_line_after(const char *line) {
  const char *stop = strchr(line, '\n');
  return stop == NULL ? line + strlen(line) : stop + 1;
}

static nadir_status take_name(nd_csv_names *n, const nd_csv_record *record, nd_csv_cell cell,
                              nd_text_store *store, const char **name, nadir_error *error) {
  const char *plain;
  if (cell.spoiled) return nd_csv_spoiled(n->text, record, error);
  ND_TRY(nd_csv_text_of(nd_csv_trim(cell), store, &plain, error));
  *name = nd_arena_text(n->arena, plain, strlen(plain), error);
  return *name == NULL ? NADIR_NO_MEMORY : NADIR_OK;
}

/* The names in a record into n->name: it has that many cells after the first `lead`, or more. */
nadir_status nd_csv_names_from_row(nd_csv_names *n, const nd_csv_record *record, char delimiter,
                                   size_t lead, nadir_error *error) {
  nd_text_store *store;
  nd_csv_cell cell = {0};
  const char *at = nd_csv_first(record, delimiter);
  ND_TRY(nd_text_store_new(&store, error));
  nadir_status status = NADIR_OK;
  for (size_t i = 0; status == NADIR_OK && i < lead + n->columns; i++) {
    nd_csv_cell_next(&at, record->end, delimiter, &cell);
    if (i >= lead) status = take_name(n, record, cell, store, &n->name[i - lead], error);
  }
  nd_text_store_free(store);
  return status;
}

/* With a letter, or a unit in brackets. */
static bool is_name(nd_csv_cell cell) {
  for (const char *p = cell.begin; p < cell.end; p++)
    if ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z') return !nd_csv_numeral(cell);
  return false;
}

/* Whether a # line, without its #, splits into as many names as there are columns. */
static bool names_all(const nd_csv_names *n, const nd_csv_record *line, char delimiter) {
  return nd_csv_count(line, delimiter) == n->columns && nd_csv_all(line, delimiter, is_name);
}

static bool splits_into_names(const nd_csv_names *n, const nd_csv_record *line, char *delimiter) {
  *delimiter = n->text->delimiter;
  if (names_all(n, line, *delimiter)) return true;
  if (n->columns < 2) return false;
  for (size_t i = 0; i < ND_COUNT(nd_csv_delimiters); i++) {
    *delimiter = nd_csv_delimiters[i];
    if (names_all(n, line, *delimiter)) return true;
  }
  return false;
}

/* Where every name is LETTER:NAME, as in F:MAG_U, the letter is a type. */
static void drop_type_letters(nd_csv_names *n) {
  for (size_t i = 0; i < n->columns; i++) {
    const char *name = n->name[i];
    if (!(name[0] >= 'A' && name[0] <= 'Z') || name[1] != ':' || name[2] == '\0') return;
  }
  for (size_t i = 0; i < n->columns; i++)
    n->name[i] += 2;
}

static bool is_prose_word(nd_csv_cell cell) {
  static const char *const words[] = {"the", "of",   "by",   "is",   "are",
                                      "was", "were", "with", "this", "and"};
  for (size_t i = 0; i < ND_COUNT(words); i++)
    if (nd_csv_is_word(cell, words[i])) return true;
  return false;
}

/* Words that are names only where nothing else is. */
static bool is_prose_like(nd_csv_cell cell) {
  static const char *const words[] = {"an",      "for",  "from",  "in",  "on",
                                      "comment", "file", "table", "made"};
  for (size_t i = 0; i < ND_COUNT(words); i++)
    if (nd_csv_is_word(cell, words[i])) return true;
  return is_prose_word(cell);
}

/* 10A, E: the types of FITS. The cell is a name, so there is a letter in it. */
static bool is_type_code(nd_csv_cell cell) {
  const char *p = cell.begin;
  while (*p >= '0' && *p <= '9')
    p++;
  return p + 1 == cell.end && strchr("LXBIJKAEDCM", *p) != NULL;
}

typedef struct heading {
  nd_csv_record line;
  char delimiter;
  bool found, doubtful; /* it may be prose */
  bool units, types;    /* its cells are these, all of them */
} heading;

static heading look_at(const nd_csv_names *n, const nd_csv_record *line) {
  heading h = {.line = *line};
  h.found = splits_into_names(n, line, &h.delimiter) &&
            nd_csv_how_many(line, h.delimiter, is_prose_word) == 0;
  if (!h.found) return h;
  h.doubtful = nd_csv_how_many(line, h.delimiter, is_prose_like) > 0;
  h.units = nd_csv_all(line, h.delimiter, nd_csv_is_unit);
  h.types = nd_csv_all(line, h.delimiter, is_type_code);
  return h;
}

/* The last # line that can be names; one that may be prose only where no other can. A line of units
 * or types below the names is not a line of names. */
static void find_headings(const nd_csv_names *n, const char *end, heading *names, heading *units) {
  const char *at = n->head + n->text->start;
  nd_csv_record line;
  while (nd_csv_next_comment(&at, end, &line)) {
    heading h = look_at(n, &line);
    bool lesser = h.types || (h.doubtful && !names->doubtful);
    if (!h.found || (lesser && names->found)) continue;
    if (h.units && names->found && !names->units) {
      *units = h;
    } else {
      *names = h;
      units->found = false;
    }
  }
}

/* Names out of the # lines before the first row, where they give any. */
nadir_status nd_csv_names_from_comments(nd_csv_names *n, uint64_t rows_begin, nadir_error *error) {
  const char *end = n->head + (rows_begin < n->head_size ? rows_begin : n->head_size);
  heading names = {0}, units = {0};
  bool done;
  ND_TRY(nd_csv_described_columns(n, end, &done, error));
  if (done) return NADIR_OK;
  find_headings(n, end, &names, &units);
  if (!names.found) return NADIR_OK;
  ND_TRY(nd_csv_names_from_row(n, &names.line, names.delimiter, 0, error));
  drop_type_letters(n);
  return units.found ? nd_csv_take_units(n, &units.line, units.delimiter, 0, error) : NADIR_OK;
}

/* A name for every column. */
nadir_status nd_csv_names_complete(nd_csv_names *n, nadir_error *error) {
  for (size_t i = 0; i < n->columns; i++) {
    if (n->name[i] != NULL && n->name[i][0] != '\0') continue;
    char text[24];
    int length = snprintf(text, sizeof text, "c%zu", i + 1);
    n->name[i] = nd_arena_text(n->arena, text, (size_t)length, error);
    if (n->name[i] == NULL) return NADIR_NO_MEMORY;
  }
  return NADIR_OK;
}

nadir_status nd_csv_names_given(nd_csv_names *n, const char *given, nadir_error *error) {
  size_t count = 1;
  for (const char *at = given; *at; at++)
    count += *at == ',';
  if (count != n->columns)
    return nd_fail(
        error, NADIR_BAD_SETTING,
        "names: %zu names are given, and the rows of %s have %zu cells: give one name per column, "
        "an empty one for a column without a name",
        count, n->text->path, n->columns);
  for (size_t i = 0; i < count; i++) {
    size_t length = strcspn(given, ",");
    nd_csv_cell cell = nd_csv_trim((nd_csv_cell){.begin = given, .end = given + length});
    n->name[i] = nd_arena_text(n->arena, cell.begin, (size_t)(cell.end - cell.begin), error);
    if (n->name[i] == NULL) return NADIR_NO_MEMORY;
    given += length + (given[length] == ',');
  }
  return NADIR_OK;
}
