/* The path of a penalty as a result has it: by all rows, and with folds what each strength is worth on rows that were not
 * fitted. The error is the mean over the folds by the weights of their rows, its standard error
 *
 *     sqrt(sum_k W_k (e_k - e)^2 / sum_k W_k / (K - 1))
 *
 * as glmnet's; of the penalties whose error is at most one standard error above the least the largest is chosen
 * (Breiman, Friedman, Olshen, Stone 1984, "Classification and Regression Trees"). Costs a path for each fold. */
#include <string.h>

#include "api/validate_internal.h"
#include "judge/path.h"

/* The path with what it points to. */
typedef struct path_box {
  nadir_path path; /* first: the caller's pointer is the box's */
  nd_path found;   /* by all rows: the numbers of the parameters */
} path_box;

void nd_traced_path_free(nadir_path *path) {
  if (!path) return;
  nd_path_clear(&((path_box *)path)->found);
  nd_free(path->value);
  nd_free(path);
}

/* What the folds say of each penalty, summed: weights, and weighted losses and squares of these about the first. */
typedef struct errors {
  double weight, *loss, *square, *first;
} errors;

static void add_fold(errors *sums, const nd_path *fold) {
  double weight = fold->held_weight;
  for (size_t i = 0; i < fold->count; i++) {
    if (sums->weight == 0) sums->first[i] = fold->held[i];
    double off = fold->held[i] - sums->first[i];
    sums->loss[i] += weight * off;
    sums->square[i] += weight * off * off;
  }
  sums->weight += weight;
}

static nadir_status follow_fold(const nd_path *all, const nd_fit_task *task, const nd_folds *folds,
                                size_t k, errors *sums, nadir_error *error) {
  const nd_part part = {.folds = folds, .fold = k, .others = true, .holds = true};
  nd_murmur murmur;
  nd_fitting f;
  nd_path path = {0};
  nd_murmur_start(&murmur, task->listener);
  nadir_status status = nd_fitting_new(&f, task->table->table, &part, task->formula, task->settings,
                                       &murmur.listener, error);
  if (status == NADIR_OK) status = nd_path_new(&path, &f, error);
  if (status == NADIR_OK) {
    memcpy(path.penalty, all->penalty, all->count * sizeof *all->penalty);
    status = nd_path_follow(&path, &f, error);
  }
  if (status == NADIR_OK) add_fold(sums, &path);
  nd_path_clear(&path);
  nd_fitting_free(&f);
  return status;
}

static void choose(nadir_path *path) {
  path->least = 0;
  for (size_t i = 1; i < path->count; i++)
    if (path->value[i].error < path->value[path->least].error) path->least = i;
  const nadir_path_value *least = &path->value[path->least];
  path->chosen = 0;
  while (path->value[path->chosen].error > least->error + least->standard_error)
    path->chosen++;
}

static nadir_status take_errors(path_box *box, const nd_fit_task *task, const nd_folds *folds,
                                errors *sums, nadir_error *error) {
  size_t count = nd_folds_count(folds);
  for (size_t k = 0; k < count; k++)
    ND_TRY(follow_fold(&box->found, task, folds, k, sums, error));
  for (size_t i = 0; i < box->path.count; i++) {
    double mean = sums->loss[i] / sums->weight,
           spread = sums->square[i] / sums->weight - mean * mean;
    box->path.value[i].error = sums->first[i] + mean;
    box->path.value[i].standard_error = sqrt(fmax(0, spread) / (double)(count - 1));
  }
  choose(&box->path);
  return NADIR_OK;
}

static nadir_status find_errors(path_box *box, const nd_fit_task *task, const nd_folds *folds,
                                nadir_error *error) {
  size_t count = box->path.count;
  double *memory = nd_new(3 * count, sizeof *memory, error);
  if (!memory) return NADIR_NO_MEMORY;
  errors sums = {.loss = memory, .square = memory + count, .first = memory + 2 * count};
  nadir_status status = take_errors(box, task, folds, &sums, error);
  nd_free(memory);
  return status;
}

static nadir_status find_path(path_box *box, const nd_fit_task *task, nadir_error *error) {
  nd_murmur murmur;
  nd_fitting f;
  nd_murmur_start(&murmur, task->listener);
  nadir_status status = nd_fitting_new(&f, task->table->table, NULL, task->formula, task->settings,
                                       &murmur.listener, error);
  if (status == NADIR_OK) status = nd_path_new(&box->found, &f, error);
  if (status == NADIR_OK) status = nd_path_choose(&box->found, &f, error);
  if (status == NADIR_OK) status = nd_path_follow(&box->found, &f, error);
  nd_fitting_free(&f);
  return status;
}

static nadir_status take_values(path_box *box, nadir_error *error) {
  const nd_path *found = &box->found;
  nadir_path *path = &box->path;
  if (!(path->value = nd_new(found->count, sizeof *path->value, error))) return NADIR_NO_MEMORY;
  path->l1 = found->l1;
  path->count = found->count;
  path->least = path->chosen = SIZE_MAX;
  for (size_t i = 0; i < path->count; i++)
    path->value[i] = (nadir_path_value){.penalty = found->penalty[i],
                                        .loss = found->loss[i],
                                        .used = found->used[i],
                                        .w = found->w + i * found->size,
                                        .scaled = found->scaled + i * found->size,
                                        .stop = found->stop[i],
                                        .error = (double)NAN,
                                        .standard_error = (double)NAN};
  return NADIR_OK;
}

nadir_status nd_trace_path(nadir_path **path, const nd_fit_task *task, const nd_folds *folds,
                           nadir_error *error) {
  path_box *box = nd_new(1, sizeof *box, error);
  *path = NULL;
  if (!box) return NADIR_NO_MEMORY;
  nadir_status status = find_path(box, task, error);
  if (status == NADIR_OK) status = take_values(box, error);
  if (status == NADIR_OK && folds) status = find_errors(box, task, folds, error);
  if (status == NADIR_OK)
    *path = &box->path;
  else
    nd_traced_path_free(&box->path);
  return status;
}
