/* Cross-validation: each fold scored by a fit of the rows of all others, by the settings of the task. Costs that many fits
 * and two passes over the table for each. */
#include "api/validate_internal.h"
#include "judge/metrics.h"

/* The scores with what they point to. */
typedef struct folds_box {
  nadir_folds folds; /* first: the caller's pointer is the box's */
  nd_arena *arena;
} folds_box;

void nd_fold_scores_free(nadir_folds *folds) {
  if (!folds) return;
  for (size_t i = 0; i < folds->count; i++)
    nd_scores_free(folds->fold[i].scores);
  nd_free(folds->fold);
  nd_free(folds->metric);
  nd_arena_free(((folds_box *)folds)->arena);
  nd_free(folds);
}

/* ---- the rows of each ---- */

nadir_status nd_task_folds(nd_folds **folds, const nd_fit_task *task, nadir_error *error) {
  nd_murmur murmur;
  nd_murmur_start(&murmur, task->listener);
  nd_teller teller = nd_teller_for(&murmur.listener);
  nd_model *model = NULL;
  *folds = NULL;
  nadir_status status =
      nd_model_new(&model, task->table->table, task->formula, task->settings, &teller, error);
  if (status == NADIR_OK)
    status = nd_folds_new(folds, model, task->table->table, task->settings, &teller, error);
  nd_model_free(model);
  nd_teller_free(&teller);
  return status;
}

/* ---- one fold ---- */

static nadir_status score_fold(const nd_fit_task *task, const nadir_result *fitted, nd_part *part,
                               const nadir_listener *listener, nadir_fold *fold,
                               nadir_error *error) {
  nd_teller teller = nd_teller_for(listener);
  part->others = false;
  nadir_status status =
      nd_score(fitted->model->model, nadir_model_classes(fitted->model), task->table->table, part,
               task->settings, &teller, &fold->scores, error);
  nd_teller_free(&teller);
  return status;
}

static nadir_status fit_fold(const nd_fit_task *task, const nd_folds *folds, size_t k,
                             nadir_fold *fold, nadir_error *error) {
  nd_part part = {.folds = folds, .fold = k, .others = true};
  nadir_result *fitted;
  nd_murmur murmur;
  nd_murmur_start(&murmur, task->listener);
  ND_TRY(nd_fit_part(task->table, &part, task->formula, task->settings, &murmur.listener, NULL,
                     &fitted, error));
  fold->ended = fitted->ended;
  fold->stop = fitted->stop;
  fold->exit_status = fitted->exit_status;
  fold->rows_used = fitted->rows_used;
  nadir_status status = score_fold(task, fitted, &part, &murmur.listener, fold, error);
  nadir_result_free(fitted);
  return status;
}

/* What only this fold cannot do is told of it; what the system cannot do is told at once. */
static nadir_status take_fold(folds_box *box, const nd_fit_task *task, const nd_folds *folds,
                              size_t k, nadir_error *error) {
  nadir_fold *fold = &box->folds.fold[k];
  nadir_error *inner = nd_arena_take(box->arena, sizeof *inner, error);
  if (!inner) return NADIR_NO_MEMORY;
  fold->rows = nd_folds_rows(folds, k);
  nadir_status status = fit_fold(task, folds, k, fold, inner);
  if (nadir_exit_status(status) == nadir_exit_status(NADIR_SYSTEM)) {
    if (error) *error = *inner;
    return status;
  }
  if (status != NADIR_OK) {
    fold->error = inner;
    fold->exit_status = nadir_exit_status(status);
  }
  box->folds.failed += fold->exit_status != 0;
  return NADIR_OK;
}

/* ---- over all folds ---- */

static nadir_fold_metric metric_of(const nadir_folds *folds, size_t m, nadir_measure measure) {
  nadir_fold_metric it = {.measure = measure};
  double square = 0; /* Welford 1962 */
  for (size_t i = 0; i < folds->count; i++) {
    const nadir_scores *scores = folds->fold[i].scores;
    double value = scores ? scores->metric[m].value : (double)NAN;
    if (!isfinite(value)) continue;
    double off = value - it.mean;
    it.mean += off / (double)++it.folds;
    square += off * (value - it.mean);
  }
  if (it.folds == 0) it.mean = (double)NAN;
  it.deviation = it.folds > 1 ? sqrt(square / (double)(it.folds - 1)) : (double)NAN;
  return it;
}

/* All scores are of models of one kind, and have the same metrics. */
static void summarise(nadir_folds *folds) {
  const nadir_scores *scores = NULL;
  for (size_t i = 0; i < folds->count && !scores; i++)
    scores = folds->fold[i].scores;
  for (size_t m = 0; scores && m < scores->metrics; m++)
    folds->metric[folds->metrics++] = metric_of(folds, m, scores->metric[m].measure);
}

static nadir_status cross_validate(folds_box *box, const nd_fit_task *task, const nd_folds *folds,
                                   nadir_error *error) {
  ND_TRY(nd_arena_new(&box->arena, error));
  box->folds.metric = nd_new(NADIR_LAST_MEASURE + 1, sizeof *box->folds.metric, error);
  box->folds.fold = nd_new(nd_folds_count(folds), sizeof *box->folds.fold, error);
  if (!box->folds.metric || !box->folds.fold) return NADIR_NO_MEMORY;
  box->folds.count = nd_folds_count(folds);
  for (size_t k = 0; k < box->folds.count; k++)
    ND_TRY(take_fold(box, task, folds, k, error));
  summarise(&box->folds);
  return NADIR_OK;
}

nadir_status nd_cross_validate(nadir_folds **scored, const nd_fit_task *task, const nd_folds *folds,
                               nadir_error *error) {
  folds_box *box = nd_new(1, sizeof *box, error);
  *scored = NULL;
  if (!box) return NADIR_NO_MEMORY;
  nadir_status status = cross_validate(box, task, folds, error);
  if (status == NADIR_OK)
    *scored = &box->folds;
  else
    nd_fold_scores_free(&box->folds);
  return status;
}
