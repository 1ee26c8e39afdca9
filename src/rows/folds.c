/* Folds of a cross-validation: which of them each used row of a table is in.
 *
 * Without groups the rows of a chunk are shuffled, by the seed and the chunk, laid class after class, and dealt in turn,
 * where the chunk before left off: so all folds have the same number of rows, to one, and in each chunk the same
 * number of each class, to one (Kohavi 1995, "stratification"). Nothing is kept but 4 bytes for each chunk.
 *
 * With groups, the values of a column, a first pass counts the rows of each by class. The largest goes first, into the
 * fold whose rows are then the most even over folds and classes: it adds least to sum (n_fc / n_c)^2, n_fc the
 * rows of class c in fold f. Of one class that is the fold with the fewest rows. Groups of one size go in an order by
 * the seed. Memory: the texts of the groups and a count for each of them and class. */
#include <stdlib.h>
#include <string.h>

#include "base/index.h"
#include "base/limits.h"
#include "rows/rows.h"

typedef struct group {
  uint64_t rows;
  uint32_t key; /* by the seed */
  size_t fold, number;
} group;

struct nd_folds {
  size_t count, classes;
  uint64_t seed;
  uint64_t *rows;   /* by fold */
  uint32_t *offset; /* by chunk: the fold that its first row goes to */
  char *by;         /* the column of the groups, or NULL */
  nd_index index;   /* of their texts */
  nd_arena *texts;
  group *group;
  size_t groups, group_capacity;
  uint64_t *cells; /* rows by group and class */
  size_t cell_capacity;
};

void nd_folds_free(nd_folds *folds) {
  if (folds == NULL) return;
  nd_index_clear(&folds->index);
  nd_arena_free(folds->texts);
  void *owned[] = {folds->rows, folds->offset, folds->by, folds->group, folds->cells};
  for (size_t i = 0; i < ND_COUNT(owned); i++)
    nd_free(owned[i]);
  nd_free(folds);
}

size_t nd_folds_count(const nd_folds *folds) {
  return folds->count;
}

uint64_t nd_folds_rows(const nd_folds *folds, size_t fold) {
  return folds->rows[fold];
}

const char *nd_folds_by(const nd_folds *folds) {
  return folds->by;
}

/* ---- the fold of a row ---- */

/* Numbers are one class, and so are rows of a class that the model does not know. */
static size_t class_of(const nd_model *model, const nd_model_rows *rows, size_t row) {
  bool known = model->target_kind != ND_TARGET_REAL && !isnan(rows->target[row]);
  return known ? nd_model_class(model, rows, row) : 0;
}

/* Where the rows of each class begin, in the order in which they are dealt. */
static void begin_classes(const nd_folds *folds, const nd_model *model, const nd_model_rows *rows,
                          size_t *next) {
  for (size_t k = 0; k <= folds->classes; k++)
    next[k] = 0;
  for (size_t i = 0; i < rows->rows; i++)
    if (rows->kept[i] == 1) next[class_of(model, rows, i) + 1]++;
  for (size_t k = 0; k < folds->classes; k++)
    next[k + 1] += next[k];
}

static void deal(const nd_folds *folds, const nd_model *model, size_t chunk,
                 const nd_model_rows *rows, uint16_t *fold) {
  size_t next[ND_LIMIT_CLASSES + 1];
  uint32_t order[ND_CHUNK];
  nd_random random = nd_random_stream(folds->seed, ND_FOR_FOLDS, 0, chunk);
  begin_classes(folds, model, rows, next);
  for (size_t i = 0; i < rows->rows; i++)
    order[i] = (uint32_t)i;
  nd_random_permute(&random, order, rows->rows);
  for (size_t i = 0; i < rows->rows; i++) {
    size_t row = order[i];
    if (rows->kept[row] != 1) continue;
    fold[row] =
        (uint16_t)((folds->offset[chunk] + next[class_of(model, rows, row)]++) % folds->count);
  }
}

/* A file that has changed since the groups were counted may have others: they go to the first fold. */
static uint16_t fold_of_group(const nd_folds *folds, const char *text) {
  size_t g = text == NULL ? SIZE_MAX : nd_index_find(&folds->index, text, strlen(text));
  return g == SIZE_MAX ? 0 : (uint16_t)folds->group[g].fold;
}

void nd_folds_of(const nd_folds *folds, const nd_model *model, size_t chunk,
                 const nd_model_rows *rows, uint16_t *fold) {
  if (folds->by == NULL) {
    deal(folds, model, chunk, rows, fold);
    return;
  }
  for (size_t i = 0; i < rows->rows; i++)
    if (rows->kept[i] == 1) fold[i] = fold_of_group(folds, rows->group[i]);
}

/* ---- groups ---- */

static nadir_status new_group(nd_folds *folds, const char *text, nadir_error *error) {
  size_t number = folds->groups, cells = (number + 1) * folds->classes;
  if (number == ND_LIMIT_FOLD_GROUPS)
    return nd_fail(
        error, NADIR_BAD_DATA,
        "fold-by: column %s has more than %d different values: choose a column with fewer",
        folds->by, ND_LIMIT_FOLD_GROUPS);
  ND_TRY(nd_grow(&folds->group, &folds->group_capacity, number + 1, sizeof *folds->group, error));
  ND_TRY(nd_grow(&folds->cells, &folds->cell_capacity, cells, sizeof *folds->cells, error));
  const char *copy = nd_arena_text(folds->texts, text, strlen(text), error);
  if (copy == NULL) return NADIR_NO_MEMORY;
  ND_TRY(nd_index_add(&folds->index, copy, number, error));
  nd_random random = nd_random_stream(folds->seed, ND_FOR_FOLDS, 1, number);
  folds->group[number] = (group){.number = number, .key = nd_random_u32(&random)};
  memset(folds->cells + number * folds->classes, 0, folds->classes * sizeof *folds->cells);
  folds->groups++;
  return NADIR_OK;
}

static nadir_status count_group(nd_folds *folds, const char *text, size_t class,
                                nadir_error *error) {
  size_t g = nd_index_find(&folds->index, text, strlen(text));
  if (g == SIZE_MAX) {
    g = folds->groups;
    ND_TRY(new_group(folds, text, error));
  }
  folds->group[g].rows++;
  folds->cells[g * folds->classes + class]++;
  return NADIR_OK;
}

static int larger_first(const void *a, const void *b) {
  const group *x = *(const group *const *)a, *y = *(const group *const *)b;
  if (x->rows != y->rows) return x->rows < y->rows ? 1 : -1;
  if (x->key != y->key) return x->key < y->key ? -1 : 1;
  return x->number < y->number ? -1 : 1;
}

/* What the group adds to sum (n_fc / n_c)^2 in a fold, less what it adds in every fold. */
static double unevenness(const nd_folds *folds, const uint64_t *cells, const double *in_fold,
                         const double *all) {
  double sum = 0;
  for (size_t c = 0; c < folds->classes; c++)
    if (cells[c]) sum += (double)cells[c] * in_fold[c] / (all[c] * all[c]);
  return sum;
}

static void place_group(nd_folds *folds, group *g, double *in_folds, const double *all) {
  const uint64_t *cells = folds->cells + g->number * folds->classes;
  double least = HUGE_VAL;
  for (size_t f = 0; f < folds->count; f++) {
    double adds = unevenness(folds, cells, in_folds + f * folds->classes, all);
    if (adds > least || (adds == least && folds->rows[f] >= folds->rows[g->fold])) continue;
    least = adds;
    g->fold = f;
  }
  folds->rows[g->fold] += g->rows;
  for (size_t c = 0; c < folds->classes; c++)
    in_folds[g->fold * folds->classes + c] += (double)cells[c];
}

static nadir_status place_groups(nd_folds *folds, nadir_error *error) {
  size_t classes = folds->classes;
  group **order = nd_new(folds->groups, sizeof *order, error);
  double *all = nd_new((folds->count + 1) * classes, sizeof *all, error);
  if (order != NULL && all != NULL) {
    for (size_t g = 0; g < folds->groups; g++) {
      order[g] = &folds->group[g];
      for (size_t c = 0; c < classes; c++)
        all[c] += (double)folds->cells[g * classes + c];
    }
    qsort(order, folds->groups, sizeof *order, larger_first);
    for (size_t g = 0; g < folds->groups; g++)
      place_group(folds, order[g], all + classes, all);
  }
  bool made = order != NULL && all != NULL;
  nd_free(order);
  nd_free(all);
  return made ? NADIR_OK : NADIR_NO_MEMORY;
}

/* ---- the pass over the rows ---- */

static nadir_status count_rows(nd_folds *folds, const nd_model *model, const nd_table *table,
                               size_t chunk, const nd_model_rows *rows, uint64_t *used,
                               nadir_error *error) {
  folds->offset[chunk] = (uint32_t)(*used % folds->count);
  for (size_t i = 0; i < rows->rows; i++) {
    if (rows->kept[i] != 1) continue;
    ++*used;
    if (folds->by == NULL) continue;
    if (rows->group[i] == NULL)
      return nd_fail_row(
          table, NULL, chunk, i, error, folds->by,
          "the value is missing, and folds go by it: leave such rows out with the setting where");
    ND_TRY(count_group(folds, rows->group[i], class_of(model, rows, i), error));
  }
  return NADIR_OK;
}

static nadir_status read_all(nd_folds *folds, nd_model_reader *reader, const nd_model *model,
                             const nd_table *table, nd_teller *teller, uint64_t *used,
                             nadir_error *error) {
  nd_model_rows rows;
  if (folds->by != NULL) ND_TRY(nd_model_reader_group(reader, folds->by, "fold-by", error));
  nd_model_reader_fill(reader, false);
  for (size_t c = 0; c < nd_table_chunks(table); c++) {
    ND_TRY(nd_heed(teller, error));
    ND_TRY(nd_model_fetch(reader, c, &rows, error));
    ND_TRY(count_rows(folds, model, table, c, &rows, used, error));
  }
  return NADIR_OK;
}

static nadir_status check_counts(const nd_folds *folds, uint64_t used, nadir_error *error) {
  if (used < folds->count)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "folds: %llu row%s used, fewer than the %zu folds: set folds to fewer",
                   (unsigned long long)used, used == 1 ? " is" : "s are", folds->count);
  if (folds->by != NULL && folds->groups < folds->count)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "fold-by: column %s has %zu different value%s, fewer than the %zu folds: set "
                   "folds to fewer",
                   folds->by, folds->groups, folds->groups == 1 ? "" : "s", folds->count);
  return NADIR_OK;
}

/* Dealt in turn, the first folds have one more. */
static void share_rows(nd_folds *folds, uint64_t used) {
  for (size_t f = 0; f < folds->count; f++)
    folds->rows[f] = used / folds->count + (f < used % folds->count);
}

static nadir_status set_up(nd_folds *folds, const nd_model *model, const nd_table *table,
                           const nadir_settings *settings, nd_teller *teller, nadir_error *error) {
  nd_model_reader *reader = NULL;
  uint64_t used = 0;
  folds->rows = nd_new(folds->count, sizeof *folds->rows, error);
  folds->offset = nd_new(nd_table_chunks(table), sizeof *folds->offset, error);
  if (folds->rows == NULL || folds->offset == NULL) return NADIR_NO_MEMORY;
  ND_TRY(nd_arena_new(&folds->texts, error));
  const char *by = settings->fold_by;
  if (*by && !(folds->by = nd_copy_text(by, strlen(by), error))) return NADIR_NO_MEMORY;
  nadir_status status = nd_model_reader_new(&reader, model, table, settings, true, error);
  if (status == NADIR_OK) status = read_all(folds, reader, model, table, teller, &used, error);
  nd_model_reader_free(reader);
  ND_TRY(status);
  ND_TRY(check_counts(folds, used, error));
  if (folds->by != NULL) return place_groups(folds, error);
  share_rows(folds, used);
  return NADIR_OK;
}

nadir_status nd_folds_new(nd_folds **folds, const nd_model *model, const nd_table *table,
                          const nadir_settings *settings, nd_teller *teller, nadir_error *error) {
  *folds = NULL;
  nd_folds *made = nd_new(1, sizeof *made, error);
  if (made == NULL) return NADIR_NO_MEMORY;
  made->count = (size_t)settings->folds;
  made->seed = settings->seed;
  made->classes = model->target_kind == ND_TARGET_REAL ? 1 : model->class_count;
  nadir_status status = set_up(made, model, table, settings, teller, error);
  if (status == NADIR_OK)
    *folds = made;
  else
    nd_folds_free(made);
  return status;
}
