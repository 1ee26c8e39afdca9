/* The names of the columns: from a row, from the # lines before the rows, or c1, c2, ... A # line
 * gives names when it splits, by the delimiter of the rows or by another, into as many names as
 * there are columns. SExtractor's numbered lines, and the type letters of F:MAG_U, are understood.
 * Names are trimmed and unquoted; an empty one becomes cN; the k-th column of a name gets _k, so
 * that every column can be asked for by a name of its own. All names live in the arena of the
 * source. */
#include "table/csv_internal.h"

#include <stdlib.h>
#include <string.h>

static char *keep(nd_arena *arena, const char *text, size_t length, nadir_error *error) {
  char *copy = nd_arena_take(arena, length + 1, error);
  if (copy != NULL) memcpy(copy, text, length);
  return copy;
}

const char *nd_csv_line_after(const char *line) {
  const char *stop = strchr(line, '\n');
  return stop == NULL ? line + strlen(line) : stop + 1;
}

/* The names in a record into n->name, at most n->columns of them after `lead` cells. */
nadir_status nd_csv_names_from_row(nd_csv_names *n, const nd_csv_record *record, char delimiter,
                                   size_t lead, nadir_error *error) {
  nd_text_store *store;
  nd_csv_cell cell;
  const char *at = nd_csv_first(record, delimiter);
  ND_TRY(nd_text_store_new(&store, error));
  nadir_status status = NADIR_OK;
  for (size_t i = 0; status == NADIR_OK && i < lead + n->columns; i++) {
    const char *plain = "";
    if (!nd_csv_cell_next(&at, record->end, delimiter, &cell)) break;
    if (i < lead) continue;
    if (cell.spoiled) status = nd_csv_spoiled(n->text, record, error);
    if (status == NADIR_OK) status = nd_csv_text_of(nd_csv_trim(cell), store, &plain, error);
    if (status != NADIR_OK) break;
    n->name[i - lead] = keep(n->arena, plain, strlen(plain), error);
    if (n->name[i - lead] == NULL) status = NADIR_NO_MEMORY;
  }
  nd_text_store_free(store);
  return status;
}

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

/* The next # line of the head before `end`, without # and blanks around. */
static bool next_comment(const nd_csv_names *n, const char **at, const char *end,
                         nd_csv_record *line) {
  while (*at < end) {
    const char *p = *at + strspn(*at, " \t");
    size_t length = strcspn(p, "\n");
    *at = nd_csv_line_after(p);
    if (*p != '#' || p + length > n->head + n->head_size) continue;
    nd_csv_cell text = {.begin = p, .end = p + length};
    while (text.begin < text.end && *text.begin == '#')
      text.begin++;
    if (text.end > text.begin && text.end[-1] == '\r') text.end--;
    text = nd_csv_trim(text);
    *line = (nd_csv_record){.begin = text.begin, .end = text.end};
    return true;
  }
  return false;
}

/* Where every name is LETTER:NAME, as in F:MAG_U, the letter is a type. */
static void drop_type_letters(nd_csv_names *n) {
  for (size_t i = 0; i < n->columns; i++) {
    const char *name = n->name[i];
    if (name == NULL || !(name[0] >= 'A' && name[0] <= 'Z') || name[1] != ':' || name[2] == '\0')
      return;
  }
  for (size_t i = 0; i < n->columns; i++)
    n->name[i] += 2;
}

/* The column number that begins a line of SExtractor's header; 0 where there is none. */
static size_t numbered(const nd_csv_record *line, const char **rest) {
  size_t number = 0;
  const char *p = line->begin;
  for (; p < line->end && *p >= '0' && *p <= '9' && number < 1000000; p++)
    number = 10 * number + (size_t)(*p - '0');
  if (p == line->begin || p == line->end || *p != ' ') return 0;
  while (p < line->end && *p == ' ')
    p++;
  *rest = p;
  return p < line->end ? number : 0;
}

/* Lines "# 3 NAME  what it is", from 1 in rising order (a vector column takes several numbers). */
static nadir_status sextractor_names(nd_csv_names *n, const char *end, bool *done,
                                     nadir_error *error) {
  const char *at = n->head + n->text->start, *rest;
  nd_csv_record line;
  size_t last = 0, lines = 0;
  while (next_comment(n, &at, end, &line)) {
    size_t number = numbered(&line, &rest);
    if (number <= last || number > n->columns || (last == 0 && number != 1)) break;
    const char *stop = rest;
    while (stop < line.end && *stop != ' ' && *stop != '\t')
      stop++;
    n->name[number - 1] = keep(n->arena, rest, (size_t)(stop - rest), error);
    if (n->name[number - 1] == NULL) return NADIR_NO_MEMORY;
    last = number;
    lines++;
  }
  *done = lines >= 2;
  for (size_t i = 0; !*done && i < n->columns; i++)
    n->name[i] = NULL;
  return NADIR_OK;
}

/* Names out of the # lines before the first row, where they give any. */
nadir_status nd_csv_names_from_comments(nd_csv_names *n, uint64_t rows_begin, nadir_error *error) {
  const char *at = n->head + n->text->start;
  const char *end = n->head + (rows_begin < n->head_size ? rows_begin : n->head_size);
  nd_csv_record line;
  char delimiter;
  bool done;
  ND_TRY(sextractor_names(n, end, &done, error));
  while (!done && next_comment(n, &at, end, &line)) {
    if (!splits_into_names(n, &line, &delimiter)) continue;
    ND_TRY(nd_csv_names_from_row(n, &line, delimiter, 0, error));
    drop_type_letters(n);
    done = true;
  }
  return NADIR_OK;
}

typedef struct named {
  const char *name;
  size_t column;
} named;

static int by_name(const void *a, const void *b) {
  const named *x = a, *y = b;
  int order = strcmp(x->name, y->name);
  return order != 0 ? order : (x->column > y->column) - (x->column < y->column);
}

static int only_by_name(const void *a, const void *b) {
  return strcmp(((const named *)a)->name, ((const named *)b)->name);
}

static nadir_status rename_copy(nd_csv_names *n, const named *sorted, size_t i, size_t *k,
                                nadir_error *error) {
  size_t size = strlen(sorted[i].name) + 24;
  char *fresh = nd_arena_take(n->arena, size, error);
  if (fresh == NULL) return NADIR_NO_MEMORY;
  named key = {.name = fresh};
  do {
    nd_text text = {0};
    nd_text_print(&text, "%s_%zu", sorted[i].name, (*k)++);
    nadir_status status = nd_text_status(&text, error);
    if (status == NADIR_OK) memcpy(fresh, text.data, text.length + 1);
    nd_text_free(&text);
    if (status != NADIR_OK) return status;
  } while (bsearch(&key, sorted, n->columns, sizeof key, only_by_name) != NULL);
  n->name[sorted[i].column] = fresh;
  return NADIR_OK;
}

/* The second column named x becomes x_2, the third x_3. */
static nadir_status part_copies(nd_csv_names *n, nadir_error *error) {
  named *sorted = nd_new(n->columns, sizeof *sorted, error);
  if (sorted == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < n->columns; i++)
    sorted[i] = (named){n->name[i], i};
  qsort(sorted, n->columns, sizeof *sorted, by_name);
  nadir_status status = NADIR_OK;
  size_t k = 2;
  for (size_t i = 1; status == NADIR_OK && i < n->columns; i++) {
    if (strcmp(sorted[i].name, sorted[i - 1].name) != 0) {
      k = 2;
    } else {
      status = rename_copy(n, sorted, i, &k, error);
    }
  }
  nd_free(sorted);
  return status;
}

static nadir_status name_the_nameless(nd_csv_names *n, nadir_error *error) {
  for (size_t i = 0; i < n->columns; i++) {
    if (n->name[i] != NULL && n->name[i][0] != '\0') continue;
    nd_text text = {0};
    nd_text_print(&text, "c%zu", i + 1);
    nadir_status status = nd_text_status(&text, error);
    if (status == NADIR_OK) {
      n->name[i] = keep(n->arena, text.data, text.length, error);
      if (n->name[i] == NULL) status = NADIR_NO_MEMORY;
    }
    nd_text_free(&text);
    if (status != NADIR_OK) return status;
  }
  return NADIR_OK;
}

nadir_status nd_csv_names_complete(nd_csv_names *n, nadir_error *error) {
  ND_TRY(name_the_nameless(n, error));
  return part_copies(n, error);
}
