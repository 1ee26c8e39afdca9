/* The path of a penalty: penalties evenly spaced in their logarithm, from the least with which all penalised weights are 0
 * down to a ten-thousandth of it, or a hundredth where there are not more rows than parameters; and the fit with
 * each, begun at the one before (J. Friedman, T. Hastie, R. Tibshirani 2010, "Regularization paths for generalized
 * linear models via coordinate descent").
 *
 * With all penalised weights at 0 and the others at their minimum, 0 is the minimum as long as l1 is at least the
 * largest |dL/dw_j|. No l2 makes a weight 0: its path begins at a thousand times that, as glmnet's.
 *
 * Costs a run for each penalty, of a few updates; the rows are read and scaled once. */
#include <string.h>

#include "base/ranks.h"
#include "judge/path.h"
#include "objective/of_table.h"

enum { MOST_TRIES = 20 };
static const double SMALLEST = 1e-4, SMALLEST_FEW_ROWS = 1e-2, RIDGE = 1e3;
static const double MARGIN =
    1e-7; /* by which the gradient at the minimum of the others may be off */

nadir_status nd_path_new(nd_path *path, const nd_fitting *f, nadir_error *error) {
  size_t count = (size_t)f->settings->path_values, size = f->model->size, cells;
  *path = (nd_path){.l1 = f->settings->path == ND_PATH_L1, .count = count, .size = size};
  if (!nd_multiply(count, size, &cells)) cells = SIZE_MAX;
  double **numbers[] = {&path->penalty, &path->loss, &path->held};
  for (size_t i = 0; i < ND_COUNT(numbers); i++)
    if (!(*numbers[i] = nd_new(count, sizeof(double), error))) return NADIR_NO_MEMORY;
  path->w = nd_new(cells, sizeof *path->w, error);
  path->scaled = nd_new(cells, sizeof *path->scaled, error);
  path->used = nd_new(count, sizeof *path->used, error);
  path->stop = nd_new(count, sizeof *path->stop, error);
  return path->w && path->scaled && path->used && path->stop ? NADIR_OK : NADIR_NO_MEMORY;
}

void nd_path_clear(nd_path *path) {
  void *owned[] = {path->penalty, path->loss, path->held, path->w,
                   path->scaled,  path->used, path->stop};
  for (size_t i = 0; i < ND_COUNT(owned); i++)
    nd_free(owned[i]);
  *path = (nd_path){0};
}

/* ---- one fit ---- */

/* The fitting with another penalty. */
typedef struct variant {
  nd_fitting *fitting;
  nadir_settings *settings;
  nd_objective *objective;
} variant;

static nadir_status set_penalty(variant *v, bool l1, double penalty, nadir_error *error) {
  nd_fitting *f = v->fitting;
  *(l1 ? &v->settings->l1 : &v->settings->l2) = penalty;
  nd_objective_free(v->objective);
  v->objective = NULL;
  ND_TRY(nd_objective_of_table(&v->objective, f->model, f->data, v->settings, f->pool, error));
  v->objective->deadline = f->deadline;
  v->objective->until = &f->until;
  v->objective->single = f->objective->single;
  return NADIR_OK;
}

static void variant_clear(variant *v) {
  nd_objective_free(v->objective);
  nd_settings_free(v->settings);
}

static nadir_status descend(const variant *v, const double *start, nd_run *run,
                            nadir_error *error) {
  nd_teller *teller = &v->fitting->teller, quiet = nd_teller_for(teller->listener);
  nadir_status status = nd_descend(v->objective, v->settings, start, &quiet, run, error);
  teller->stop |= quiet.stop;
  nd_teller_free(&quiet);
  if (status == NADIR_OK)
    status = nd_ranks_share(v->fitting->until.ranks, &teller->stop, sizeof teller->stop, error);
  if (status != NADIR_OK || !teller->stop) return status;
  nd_run_clear(run);
  return nd_fail(error, NADIR_ENDED, "path: it was interrupted before its end: run it again");
}

/* ---- the penalties ---- */

static double largest_slope(const nd_model *model, const double *gradient) {
  double most = 0;
  for (size_t i = 0; i < model->size; i++)
    if (model->parameters[i].penalised) most = fmax(most, fabs(gradient[i]));
  return most;
}

static nadir_status slope_at(const variant *v, const double *w, double *gradient, double *slope,
                             nadir_error *error) {
  const nadir_problem *problem = &v->objective->problem;
  double loss;
  ND_TRY(problem->gradient(problem->context, w, &loss, gradient, error));
  *slope = largest_slope(v->fitting->model, gradient);
  return NADIR_OK;
}

/* The minimum with all penalised weights at 0, which an l1 that is large enough gives, and the slope there. */
static nadir_status find_least(variant *v, double *w, double *gradient, double *slope,
                               nadir_error *error) {
  double l1 = 0;
  nd_run run;
  ND_TRY(set_penalty(v, true, 0, error));
  ND_TRY(slope_at(v, w, gradient, slope, error));
  for (int i = 0; i<MOST_TRIES && * slope >= l1 && * slope> 0 && isfinite(*slope); i++) {
    l1 = 2 * *slope;
    ND_TRY(set_penalty(v, true, l1, error));
    ND_TRY(descend(v, w, &run, error));
    memcpy(w, run.w, v->fitting->model->size * sizeof *w);
    nd_run_clear(&run);
    ND_TRY(slope_at(v, w, gradient, slope, error));
  }
  return NADIR_OK;
}

static void space(nd_path *path, double largest, double smallest) {
  for (size_t i = 0; i < path->count; i++)
    path->penalty[i] = largest * pow(smallest, (double)i / (double)(path->count - 1));
}

static nadir_status choose(nd_path *path, variant *v, double *w, nadir_error *error) {
  const nd_fitting *f = v->fitting;
  double slope;
  ND_TRY(nd_fitting_start(f, w, error));
  for (size_t i = 0; i < path->size; i++)
    if (f->model->parameters[i].penalised) w[i] = 0;
  ND_TRY(find_least(v, w, w + path->size, &slope, error));
  if (!(slope > 0) || !isfinite(slope))
    return nd_fail(error, NADIR_BAD_SETTING,
                   "path: the loss does not depend on a penalised parameter: there is no strength "
                   "to begin with");
  bool few = nd_data_count(f->data)->used <= path->size;
  space(path, slope * (1 + MARGIN) * (path->l1 ? 1 : RIDGE), few ? SMALLEST_FEW_ROWS : SMALLEST);
  return NADIR_OK;
}

static nadir_status check_model(const nd_fitting *f, nadir_error *error) {
  if (f->model->is_linear) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING,
                 "path: it needs a model that is linear, poly or softmax as a whole, whose "
                 "features have one scale: set path "
                 "to none");
}

nadir_status nd_path_choose(nd_path *path, nd_fitting *f, nadir_error *error) {
  variant v = {.fitting = f};
  ND_TRY(check_model(f, error));
  ND_TRY(nd_settings_copy(&v.settings, f->settings, error));
  double *w = nd_new(2 * path->size, sizeof *w, error);
  nadir_status status = w ? choose(path, &v, w, error) : NADIR_NO_MEMORY;
  nd_free(w);
  variant_clear(&v);
  return status;
}

/* ---- the fits ---- */

static nadir_status keep(nd_path *path, size_t i, const variant *v, const nd_run *run,
                         nadir_error *error) {
  const nd_objective *objective = v->objective;
  double *scaled = path->scaled + i * path->size;
  memcpy(scaled, run->w, path->size * sizeof *scaled);
  objective->to_table(objective, run->w, path->w + i * path->size);
  path->loss[i] = run->data_loss;
  path->stop[i] = run->stop;
  for (size_t j = 0; j < path->size; j++)
    path->used[i] += v->fitting->model->parameters[j].penalised && scaled[j] != 0;
  path->held[i] = (double)NAN;
  if (!objective->validation) return NADIR_OK;
  ND_TRY(objective->validation(v->objective, run->w, &path->held[i], error));
  path->held[i] *= objective->loss_factor;
  return NADIR_OK;
}

static nadir_status follow(nd_path *path, variant *v, double *start, nadir_error *error) {
  ND_TRY(nd_fitting_start(v->fitting, start, error));
  for (size_t i = 0; i < path->count; i++) {
    nd_run run;
    ND_TRY(set_penalty(v, path->l1, path->penalty[i], error));
    ND_TRY(descend(v, start, &run, error));
    memcpy(start, run.w, path->size * sizeof *start);
    nadir_status status = keep(path, i, v, &run, error);
    nd_run_clear(&run);
    ND_TRY(status);
  }
  return NADIR_OK;
}

nadir_status nd_path_follow(nd_path *path, nd_fitting *f, nadir_error *error) {
  variant v = {.fitting = f};
  path->held_weight = nd_rows_of(f->objective)->data->validation_weight;
  ND_TRY(nd_settings_copy(&v.settings, f->settings, error));
  double *start = nd_new(path->size, sizeof *start, error);
  nadir_status status = start ? follow(path, &v, start, error) : NADIR_NO_MEMORY;
  nd_free(start);
  variant_clear(&v);
  return status;
}
