/* Columns of one name: each gets a name of its own, so that every column can be asked for. The k-th
 * that the file calls x is x_k here, or the next number that no column has; `title` keeps what the
 * file calls it. Costs one sort of the names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table/reader_internal.h"

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

/* The columns sorted[first] .. sorted[last-1] have one title. */
static nadir_status part(const named *sorted, size_t count, size_t first, size_t last,
                         nd_column *columns, nd_arena *arena, nadir_error *error) {
  size_t k = 2, size = strlen(sorted[first].name) + 24;
  for (size_t i = first; i < last; i++) {
    nd_column *column = &columns[sorted[i].column];
    column->twins = last - first;
    if (i == first) continue;
    char *fresh = nd_arena_take(arena, size, error);
    if (fresh == NULL) return NADIR_NO_MEMORY;
    named key = {.name = fresh};
    do {
      snprintf(fresh, size, "%s_%zu", column->title, k++);
    } while (bsearch(&key, sorted, count, sizeof key, only_by_name) != NULL);
    column->name = fresh;
  }
  return NADIR_OK;
}

nadir_status nd_part_twins(nd_column *columns, size_t count, nd_arena *arena, nadir_error *error) {
  named *sorted = nd_new(count, sizeof *sorted, error);
  if (sorted == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < count; i++) {
    columns[i].title = columns[i].name;
    sorted[i] = (named){columns[i].name, i};
  }
  if (count > 1) qsort(sorted, count, sizeof *sorted, by_name);
  nadir_status status = NADIR_OK;
  for (size_t i = 0, end; status == NADIR_OK && i < count; i = end) {
    for (end = i + 1; end < count && strcmp(sorted[end].name, sorted[i].name) == 0;)
      end++;
    if (end > i + 1) status = part(sorted, count, i, end, columns, arena, error);
  }
  nd_free(sorted);
  return status;
}
