/* The bootstrap (B. Efron 1979): the fit is made again with rows drawn from the rows, each time from where the first one
 * ended. The errors are the standard deviations of its parameters, intervals their quantiles (B. Efron and R. Tibshirani
 * 1993, chapter 13). It asks nothing of the loss but that it can be descended on, so that it holds with penalties and
 * weights of classes, where the inverse of a Hessian does not. Costs the refits, and their parameters in memory. */
#include <string.h>

#include "base/dense.h"
#include "descend/descend.h"
#include "judge/bootstrap.h"
#include "objective/resample.h"

typedef struct refitting {
  nd_fitting *fitting;
  const double *from;
  size_t size, count; /* parameters; refits that count */
  double *values;     /* of these, in the table's coordinates */
  nd_bootstrap *told;
  bool cut;
} refitting;

/* ---- the refits ---- */

static bool counts(const refitting *r, const nd_run *run) {
  nd_ended ended = nd_stop_amounts_to(run->stop);
  bool batches = r->fitting->settings->batch.rows > 0;
  return ended == ND_ENDED_DONE || ended == ND_ENDED_CHOSEN || (ended == ND_ENDED_LIMIT && batches);
}

static void take_run(refitting *r, const nd_run *run) {
  r->cut = run->stop == NADIR_STOP_SECONDS;
  if (r->cut) return;
  r->told->refits++;
  if (counts(r, run))
    nd_objective_report(r->fitting->objective, run->w, r->values + r->count++ * r->size);
  else
    r->told->failed++;
}

/* A refit that cannot be made, as of rows that are not defined where it steps, is one that failed. */
static nadir_status refit(refitting *r, nd_resampler *resampler, uint64_t number,
                          nadir_error *error) {
  nd_fitting *f = r->fitting;
  nd_run run;
  ND_TRY(nd_resample(resampler, f->settings->seed, number, error));
  nd_teller quiet = nd_teller_for(NULL);
  nadir_status status = nd_descend(f->objective, f->settings, r->from, &quiet, &run, error);
  nd_teller_free(&quiet);
  if (status == NADIR_OK) {
    take_run(r, &run);
    nd_run_clear(&run);
  }
  if (status != NADIR_BAD_FORMULA) return status;
  r->told->refits++;
  r->told->failed++;
  return NADIR_OK;
}

static nadir_status refit_all(refitting *r, uint64_t refits, nadir_error *error) {
  nd_resampler *resampler;
  ND_TRY(nd_resampler_new(&resampler, nd_rows_of(r->fitting->objective), error));
  nadir_status status = NADIR_OK;
  for (uint64_t i = 0; i < refits && !r->cut && status == NADIR_OK; i++)
    status = refit(r, resampler, i, error);
  nd_resampler_free(resampler);
  return status == NADIR_ENDED ? NADIR_OK : status; /* those that were made are there */
}

/* ---- what they say ---- */

static nadir_status take_covariance(const refitting *r, nd_model *model, nadir_error *error) {
  size_t n = r->size;
  double *mean = nd_new(n, sizeof *mean, error);
  double *covariance = mean ? nd_new(n * n, sizeof *covariance, error) : NULL;
  if (!covariance) {
    nd_free(mean);
    return NADIR_NO_MEMORY;
  }
  for (size_t k = 0; k < r->count; k++)
    for (size_t i = 0; i < n; i++)
      mean[i] += (r->values[k * n + i] - mean[i]) / (double)(k + 1);
  for (size_t k = 0; k < r->count; k++)
    for (size_t i = 0; i < n * n; i++)
      covariance[i] += (r->values[k * n + i / n] - mean[i / n]) *
                       (r->values[k * n + i % n] - mean[i % n]) / (double)(r->count - 1);
  for (size_t i = 0; i < n; i++)
    model->standard_error[i] = sqrt(covariance[i * n + i]);
  nd_free(mean);
  nd_free(model->covariance);
  model->covariance = covariance;
  return NADIR_OK;
}

/* Between two of them, as R's quantile and numpy's. */
static double quantile(size_t count, const double *sorted, double part) {
  double at = part * (double)(count - 1), below = floor(at);
  size_t k = (size_t)below;
  return k + 1 < count ? sorted[k] + (at - below) * (sorted[k + 1] - sorted[k]) : sorted[k];
}

static nadir_status take_intervals(const refitting *r, const nd_model *model, const double *levels,
                                   size_t level_count, nd_profile **profiles, size_t *count,
                                   nadir_error *error) {
  double *sorted = nd_new(r->count, sizeof *sorted, error);
  *profiles = nd_new(r->size * level_count, sizeof **profiles, error);
  nadir_status status = sorted && *profiles ? NADIR_OK : NADIR_NO_MEMORY;
  for (size_t i = 0; i < r->size && status == NADIR_OK; i++) {
    for (size_t k = 0; k < r->count; k++)
      sorted[k] = r->values[k * r->size + i];
    nd_sort(r->count, sorted);
    for (size_t l = 0; l < level_count; l++)
      (*profiles)[(*count)++] =
          (nd_profile){.parameter = i,
                       .level = levels[l],
                       .below = quantile(r->count, sorted, (1 - levels[l]) / 2) - model->value[i],
                       .above = quantile(r->count, sorted, (1 + levels[l]) / 2) - model->value[i]};
  }
  nd_free(sorted);
  return status;
}

nadir_status nd_find_bootstrap(nd_fitting *f, const double *w, uint64_t refits,
                               const double *levels, size_t level_count, nd_bootstrap *bootstrap,
                               nd_profile **profiles, size_t *profile_count, nadir_error *error) {
  refitting r = {.fitting = f, .from = w, .size = f->model->size, .told = bootstrap};
  *bootstrap = (nd_bootstrap){0};
  r.values = nd_new((size_t)refits * r.size, sizeof *r.values, error);
  nadir_status status = r.values ? refit_all(&r, refits, error) : NADIR_NO_MEMORY;
  nd_model_set(f->model, w);
  nd_objective_report(f->objective, w, f->model->value);
  if (status == NADIR_OK && r.count > 1) status = take_covariance(&r, f->model, error);
  if (status == NADIR_OK && r.count > 1 && level_count > 0)
    status = take_intervals(&r, f->model, levels, level_count, profiles, profile_count, error);
  nd_free(r.values);
  return status;
}
