/* The fits of groups as a table with a row each. */
#include <string.h>

#include "api/api_internal.h"

typedef struct table_out {
  const nadir_groups *groups;
  nd_arena *arena; /* names of columns */
  nd_column *columns;
  nd_cells *cells;
  size_t count;
  double *numbers; /* room for ND_CHUNK of each */
  const char **names, **statuses;
} table_out;

enum { BESIDES = 5 }; /* group, status, chi2, loss, rows */

static void clear(table_out *t) {
  nd_arena_free(t->arena);
  nd_free(t->columns);
  nd_free(t->cells);
  nd_free(t->numbers);
  nd_free((void *)t->names);
  nd_free((void *)t->statuses);
}

static nadir_status add(table_out *t, const char *name, const char *unit, nd_cell_type type, nadir_error *error) {
  for (size_t i = 0; i < t->count; i++)
    if (nd_same_name(t->columns[i].name, name))
      return nd_fail(error, NADIR_BAD_DATA,
                     "by: the table of results would have two columns named %s: rename the parameter", name);
  if (type != ND_CELL_TEXT) t->cells[t->count].numbers = t->numbers + t->count * ND_CHUNK;
  t->columns[t->count++] =
      (nd_column){.name = name, .title = name, .unit = unit, .type = type, .elements = 1, .format = ""};
  return NADIR_OK;
}

static bool has_intervals(const nadir_groups *groups) {
  return groups->count > 0 && groups->group[0].low;
}

/* A column of what is known of a parameter besides its value. */
static nadir_status add_beside(table_out *t, const char *name, const char *what, const char *unit, nadir_error *error) {
  nd_text text = {0};
  nd_text_print(&text, "%s_%s", name, what);
  const char *kept = nd_arena_text(t->arena, nd_text_data(&text), text.length, error);
  nadir_status status = nd_text_status(&text, error);
  nd_text_free(&text);
  ND_TRY(status);
  return kept ? add(t, kept, unit, ND_CELL_REAL, error) : NADIR_NO_MEMORY;
}

static nadir_status add_parameter(table_out *t, size_t i, nadir_error *error) {
  const char *name = t->groups->parameter[i], *unit = t->groups->unit[i];
  ND_TRY(add(t, name, unit, ND_CELL_REAL, error));
  ND_TRY(add_beside(t, name, "error", unit, error));
  if (!has_intervals(t->groups)) return NADIR_OK;
  ND_TRY(add_beside(t, name, "low", unit, error));
  return add_beside(t, name, "high", unit, error);
}

static nadir_status list_columns(table_out *t, nadir_error *error) {
  size_t most = BESIDES + 4 * t->groups->size;
  ND_TRY(nd_arena_new(&t->arena, error));
  t->columns = nd_new(most, sizeof *t->columns, error);
  t->cells = nd_new(most, sizeof *t->cells, error);
  t->numbers = nd_new(most * ND_CHUNK, sizeof *t->numbers, error);
  t->names = nd_new(ND_CHUNK, sizeof *t->names, error);
  t->statuses = nd_new(ND_CHUNK, sizeof *t->statuses, error);
  if (!t->columns || !t->cells || !t->numbers || !t->names || !t->statuses) return NADIR_NO_MEMORY;
  ND_TRY(add(t, t->groups->by, "", ND_CELL_TEXT, error));
  ND_TRY(add(t, "status", "", ND_CELL_TEXT, error));
  t->cells[0].texts = t->names;
  t->cells[1].texts = t->statuses;
  for (size_t i = 0; i < t->groups->size; i++)
    ND_TRY(add_parameter(t, i, error));
  ND_TRY(add(t, "chi2", "", ND_CELL_REAL, error));
  ND_TRY(add(t, "loss", "", ND_CELL_REAL, error));
  return add(t, "rows", "", ND_CELL_INTEGER, error);
}

static void fill_row(table_out *t, size_t r, const nadir_group *group) {
  size_t size = t->groups->size;
  double *at = t->numbers + r;
  t->names[r] = group->name;
  t->statuses[r] = nadir_group_status(group);
  size_t c = 2;
  for (size_t i = 0; i < size; i++) {
    at[c++ * ND_CHUNK] = group->value[i];
    at[c++ * ND_CHUNK] = group->standard_error[i];
    if (!group->low) continue;
    at[c++ * ND_CHUNK] = group->low[i];
    at[c++ * ND_CHUNK] = group->high[i];
  }
  at[c++ * ND_CHUNK] = group->chi2;
  at[c++ * ND_CHUNK] = group->loss;
  at[c * ND_CHUNK] = (double)group->rows;
}

/* Where the fits come from, by lines. */
static nadir_status note_source(const nadir_groups *groups, nd_writer *writer, nadir_error *error) {
  nd_text notes = {0};
  nd_text_print(&notes, "nadir %s: fits by %s\nmodel %s\ndigest %s, on %s", NADIR_VERSION,
                groups->by, groups->formula, groups->digest, groups->date);
  if (groups->command_line) nd_text_print(&notes, "\nby %s", groups->command_line);
  nadir_status status = nd_text_status(&notes, error);
  if (status == NADIR_OK) status = nd_writer_note(writer, nd_text_data(&notes), error);
  nd_text_free(&notes);
  return status;
}

static nadir_status write_rows(table_out *t, nd_writer *writer, nadir_error *error) {
  const nadir_groups *groups = t->groups;
  for (size_t first = 0; first < groups->count; first += ND_CHUNK) {
    size_t rows = groups->count - first < ND_CHUNK ? groups->count - first : ND_CHUNK;
    for (size_t r = 0; r < rows; r++)
      fill_row(t, r, &groups->group[first + r]);
    ND_TRY(nd_writer_rows(writer, t->cells, rows, error));
  }
  return nd_writer_commit(writer, error);
}

nadir_status nadir_groups_save(const nadir_groups *groups, const char *path, nadir_error *error) {
  ND_TO_NEAREST;
  table_out t = {.groups = groups};
  nd_writer *writer = NULL;
  nadir_status status = nadir_output_check(path, error);
  if (status == NADIR_OK) status = list_columns(&t, error);
  if (status == NADIR_OK) status = nd_writer_open(&writer, path, t.columns, t.count, groups->count, error);
  if (status == NADIR_OK) status = note_source(groups, writer, error);
  if (status == NADIR_OK) status = write_rows(&t, writer, error);
  nd_writer_close(writer);
  clear(&t);
  return status;
}
