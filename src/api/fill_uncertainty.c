/* How far the parameters of a fit may be off, copied into its result. */
#include <math.h>
#include <string.h>

#include "api/run_internal.h"
#include "base/distribution.h"

/* NaN for a parameter that has no error of its own. Symmetric to the last bit. */
static void correlate(size_t n, const double *covariance, double *correlation) {
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k <= i; k++) {
      double a = sqrt(covariance[i * n + i]), b = sqrt(covariance[k * n + k]);
      double part = i == k && a > 0 ? 1 : covariance[i * n + k] / a / b;
      correlation[i * n + k] = correlation[k * n + i] = part;
    }
}

static nadir_status fill_covariance(nd_job *j, nadir_uncertainty *u, nadir_error *error) {
  size_t n = j->box->result.size;
  const double *from = j->fitting.model->covariance;
  if (!from) return NADIR_OK;
  double *room = nd_arena_take(j->box->arena, 2 * n * n * sizeof *room, error);
  if (!room) return NADIR_NO_MEMORY;
  memcpy(room, from, n * n * sizeof *room);
  correlate(n, room, room + n * n);
  u->covariance = room;
  u->correlation = room + n * n;
  return NADIR_OK;
}

/* Of softmax: only differences from the parameters of one class are determined. */
static nadir_status fill_differences(nd_job *j, nadir_uncertainty *u, nadir_error *error) {
  const nd_model *model = j->fitting.model;
  bool differences = u->by != NADIR_ERRORS_BY_NOTHING && u->by != NADIR_ERRORS_BY_BOOTSTRAP;
  if (model->loss.link != ND_LINK_CLASSES || !differences) return NADIR_OK;
  double *less = nd_arena_take(j->box->arena, model->size * sizeof *less, error);
  if (!less) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < model->size; i++) {
    const nd_model_parameter *it = &model->parameters[i];
    const nd_head *own = &model->heads[it->head], *first = &model->heads[0];
    size_t other =
        it->kind == ND_INTERCEPT ? first->intercept : first->first_weight + i - own->first_weight;
    less[i] = model->value[i] - model->value[other];
  }
  u->less_reference = less;
  return nd_arena_keep(j->box->arena, &u->reference, model->classes[0], error);
}

/* About the values, or of softmax about the differences. */
static nadir_status fill_intervals(nd_job *j, nadir_uncertainty *u, nadir_error *error) {
  const nd_ending *ending = &j->ending;
  if (!ending->profile_count) return NADIR_OK;
  nadir_interval *to = nd_arena_take(j->box->arena, ending->profile_count * sizeof *to, error);
  if (!to) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < ending->profile_count; i++) {
    const nd_profile *from = &ending->profiles[i];
    double at = u->less_reference ? u->less_reference[from->parameter]
                                  : j->box->result.parameter[from->parameter].value;
    to[i] = (nadir_interval){.parameter = from->parameter,
                             .level = from->level,
                             .low = at + from->below,
                             .high = at + from->above,
                             .low_is = from->below_is,
                             .high_is = from->above_is};
  }
  u->interval = to;
  u->intervals = ending->profile_count;
  return NADIR_OK;
}

static void fill_goodness(const nd_goodness *from, nadir_uncertainty *u) {
  u->reduced_chi2 = from->reduced_chi2;
  u->p_value = from->p_value;
  u->log_likelihood = from->log_likelihood;
  u->aic = from->aic;
  u->bic = from->bic;
  u->r2 = from->r2;
  u->pseudo_r2 = from->pseudo_r2;
  u->dispersion = from->dispersion;
  u->runs_p = from->runs_p;
  u->normal_p = from->normal_p;
  u->farthest = from->farthest;
  u->farthest_p = from->farthest_p;
}

/* Neither law holds where a bound is active, a parameter may not be 0, or nothing
 * scatters. */
static void fill_tests(nd_job *j, const nadir_uncertainty *u) {
  nadir_result *result = &j->box->result;
  for (size_t i = 0; i < result->size + result->held && !j->ending.errors.bounded; i++) {
    nadir_parameter *p = &result->parameter[i];
    bool less = u->less_reference && i < result->size;
    if (!(p->low < 0 && p->high > 0 && p->standard_error > 0)) continue;
    p->statistic = (less ? u->less_reference[i] : p->value) / p->standard_error;
    p->p_value = u->scaled ? nd_t_beyond(p->statistic, (double)result->degrees_of_freedom)
                           : nd_normal_beyond(p->statistic);
  }
}

/* Squared loss knows its scale from the residuals, where sigma does not give it. */
static bool is_scaled(const nd_model *model, nadir_errors_by by) {
  bool squares = model->loss.errors == ND_HAS_SQUARES && !model->row_errors;
  return squares && (by == NADIR_ERRORS_BY_SQUARES || by == NADIR_ERRORS_BY_HESSIAN);
}

static bool is_tested(const nd_model *model) {
  bool likelihood = model->loss.errors == ND_HAS_LIKELIHOOD && model->scatter == SIZE_MAX;
  return model->head_count > 0 || likelihood;
}

nadir_status nd_fill_uncertainty(nd_job *j, nadir_error *error) {
  const nd_model *model = j->fitting.model;
  const nd_ending *ending = &j->ending;
  nadir_uncertainty *u = nd_arena_take(j->box->arena, sizeof *u, error);
  if (!u) return NADIR_NO_MEMORY;
  *u = (nadir_uncertainty){.by = ending->errors.by,
                           .row_errors = model->row_errors,
                           .refits = ending->bootstrap.refits,
                           .refits_failed = ending->bootstrap.failed,
                           .scaled = is_scaled(model, ending->errors.by),
                           .tested = is_tested(model),
                           .difference = ending->errors.difference,
                           .curvature = ending->curvature,
                           .rounding = ending->rounding};
  fill_goodness(&ending->goodness, u);
  j->box->result.uncertainty = u;
  if (ending->goodness.order)
    ND_TRY(nd_arena_keep(j->box->arena, &u->order, ending->goodness.order, error));
  ND_TRY(fill_differences(j, u, error));
  fill_tests(j, u);
  ND_TRY(fill_intervals(j, u, error));
  return fill_covariance(j, u, error);
}
