/* What kind of point a run ended at, from gradient and Hessian there, in descent coordinates:
 *
 *   minimum   all curvatures clearly positive, and Newton's step H^-1 g is at most 1e-3 (1 + |w_i|)
 *             in each parameter: so exp(x), whose descent never ends, is no minimum
 *   saddle    the gradient vanishes, and some curvature is clearly negative, some positive
 *   maximum   the gradient vanishes, and all curvatures are clearly negative
 *   plateau   gradient and curvatures vanish
 *   boundary  the loss is not defined a step beyond
 *
 * "Clearly" is against the rounding of the eigenvalues, 1e-9 of the largest. Where rounding does
 * not allow a verdict, or the Hessian would cost too much, the answer is "not known".
 *
 * Also the largest stable rate: 2/M and its kin (definitions of each rule's stable_rate), M the
 * largest curvature at the lowest-loss point seen. */
#include <string.h>

#include "fit/fit.h"

enum { MOST_PARAMETERS = 64 };
static const double CLEARLY = 1e-9, FLAT_GRADIENT = 1e-6, NEAR = 1e-3, REST = 10;

typedef struct spectrum {
  size_t n;
  double *gradient, *hessian, *values, *vectors;
} spectrum;

static void spectrum_free(spectrum *s) {
  nd_free(s->gradient);
  nd_free(s->hessian);
  nd_free(s->values);
  nd_free(s->vectors);
}

static nadir_status spectrum_new(spectrum *s, size_t n, nadir_error *error) {
  *s = (spectrum){.n = n,
                  .gradient = nd_new(n, sizeof(double), error),
                  .hessian = nd_new(n * n, sizeof(double), error),
                  .values = nd_new(n, sizeof(double), error),
                  .vectors = nd_new(n * n, sizeof(double), error)};
  return s->gradient && s->hessian && s->values && s->vectors ? NADIR_OK : NADIR_NO_MEMORY;
}

/* Whether Newton's step H^-1 g, by the eigenvectors, is short in each parameter: one as large as a
 * Julian date must not hide what is left to go in the others. */
static bool is_near(const spectrum *s, const double *w) {
  for (size_t i = 0; i < s->n; i++) {
    double step = 0;
    for (size_t j = 0; j < s->n; j++) {
      const double *v = s->vectors + j * s->n;
      step += nd_dot(s->n, v, s->gradient) / s->values[j] * v[i];
    }
    if (!(fabs(step) <= NEAR * (1 + fabs(w[i])))) return false;
  }
  return true;
}

/* Eigenvector 0 as a direction in the table's coordinates, its largest part 1. */
static nadir_status keep_direction(const nd_objective *objective, const double *w,
                                   const spectrum *s, nd_diagnosis *diagnosis, nadir_error *error) {
  size_t n = s->n;
  double *to = nd_new(2 * n, sizeof *to, error), *from = to + n, largest = 0;
  if (!to) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < n; i++)
    to[i] = w[i] + s->vectors[i];
  objective->to_table(objective, to, to);
  objective->to_table(objective, w, from);
  for (size_t i = 0; i < n; i++) {
    to[i] -= from[i];
    if (fabs(to[i]) > fabs(largest)) largest = to[i];
  }
  for (size_t i = 0; i < n && largest != 0; i++)
    to[i] /= largest;
  diagnosis->directions = to;
  diagnosis->direction_count = 1;
  return NADIR_OK;
}

const nd_reason_info *nd_reason_about(nd_reason reason) {
  static const nd_reason_info list[] = {
#define ND_REASON(id, name, point, is, sentence) {name, NADIR_##point, NADIR_IS_##is, sentence},
#include "fit/outcome.def"
  };
  return &list[reason];
}

void nd_diagnosis_clear(nd_diagnosis *diagnosis) {
  nd_free(diagnosis->directions);
  *diagnosis = (nd_diagnosis){0};
}

/* The same where some curvatures are 0 (within `clear`): no slope along those, a short step in all
 * others. */
static bool is_bottom(const spectrum *s, const double *w, double clear) {
  double largest = nd_norm(s->n, w), left = 0;
  for (size_t j = 0; j < s->n; j++) {
    double slope = nd_dot(s->n, s->vectors + j * s->n, s->gradient);
    if (s->values[j] < -clear) return false;
    if (s->values[j] > clear)
      left = hypot(left, slope / s->values[j]);
    else if (fabs(slope) > clear)
      return false;
  }
  return left <= NEAR * (1 + largest);
}

static void classify(const nd_run *run, const spectrum *s, nd_diagnosis *diagnosis) {
  size_t n = s->n;
  double low = s->values[0], high = s->values[n - 1], largest = fmax(fabs(low), fabs(high));
  double clear = CLEARLY * largest, scale = 1 + nd_norm(n, run->w);
  /* what the curvatures may change by on the rest of the way, or a valley's floor reads as a saddle
   */
  double falls = -fmax(clear, REST * nd_norm(n, s->gradient) / scale);
  /* the gradient vanishes when it is small against what a step of the parameters' own size would
   * change it by */
  bool flat = nd_norm(n, s->gradient) <= FLAT_GRADIENT * fmax(largest * scale, 1);
  diagnosis->bottom = largest > 0 && is_bottom(s, run->w, clear);
  nd_reason *reason = &diagnosis->reason;
  if (largest == 0 || (flat && largest * scale < FLAT_GRADIENT))
    *reason = flat ? ND_REASON_ALL_FLAT : ND_REASON_SLOPES;
  else if (low > clear)
    *reason = is_near(s, run->w) ? ND_REASON_AT_REST : ND_REASON_RUN_ON;
  else if (!flat)
    *reason = ND_REASON_NOT_AT_REST;
  else if (high < falls)
    *reason = ND_REASON_ALL_CURVE_DOWN;
  else
    *reason = low < falls && high > clear ? ND_REASON_CURVES_DOWN : ND_REASON_FLAT;
}

/* Whether gradients a small step to both sides of w along axis i differ by other than the Hessian
 * says. */
static nadir_status axis_has_kink(const nd_objective *objective, const double *w, const spectrum *s,
                                  size_t i, double *scratch, bool *kink, nadir_error *error) {
  const nadir_problem *problem = &objective->problem;
  double loss, *shifted = scratch, *above = scratch + s->n, *below = scratch + 2 * s->n;
  double h = 0x1p-20 * fmax(1, fabs(w[i]));
  memcpy(shifted, w, s->n * sizeof *w);
  shifted[i] = w[i] + h;
  ND_TRY(problem->gradient(problem->context, shifted, &loss, above, error));
  shifted[i] = w[i] - h;
  ND_TRY(problem->gradient(problem->context, shifted, &loss, below, error));
  double told = s->hessian[i * s->n + i], seen = (above[i] - below[i]) / (2 * h);
  double scale = fmax(1e-3, fmax(fabs(told), fabs(s->values[s->n - 1])));
  *kink = !(fabs(seen - told) <= 1e-2 * scale);
  return NADIR_OK;
}

static nadir_status has_kink(const nd_objective *objective, const double *w, const spectrum *s,
                             bool *kink, nadir_error *error) {
  *kink = false;
  if (objective->rows) return NADIR_OK;
  double *scratch = nd_new(3 * s->n, sizeof(double), error);
  nadir_status status = scratch ? NADIR_OK : NADIR_NO_MEMORY;
  for (size_t i = 0; status == NADIR_OK && !*kink && i < s->n; i++)
    status = axis_has_kink(objective, w, s, i, scratch, kink, error);
  nd_free(scratch);
  return status;
}

static nadir_status look(const nd_objective *objective, const nd_run *run, spectrum *s,
                         nd_diagnosis *diagnosis, nadir_error *error) {
  const nadir_problem *problem = &objective->problem;
  double loss;
  ND_TRY(problem->gradient(problem->context, run->w, &loss, s->gradient, error));
  ND_TRY(problem->hessian(problem->context, run->w, s->hessian, error));
  if (!nd_all_finite(s->n * s->n, s->hessian) || !nd_all_finite(s->n, s->gradient)) {
    diagnosis->reason = ND_REASON_NO_DERIVATIVES;
    return NADIR_OK;
  }
  ND_TRY(nd_eigen(s->n, s->hessian, s->values, s->vectors, error));
  bool kink;
  ND_TRY(has_kink(objective, run->w, s, &kink, error));
  if (kink) {
    diagnosis->bottom = false;
    diagnosis->reason = ND_REASON_KINK;
    return NADIR_OK;
  }
  diagnosis->curvature_min = s->values[0];
  diagnosis->curvature_max = s->values[s->n - 1];
  classify(run, s, diagnosis);
  return keep_direction(objective, run->w, s, diagnosis, error);
}

static nadir_status find_stable_rate(const nd_objective *objective, const nd_run *run,
                                     const double *rule_values, nd_diagnosis *diagnosis,
                                     nadir_error *error) {
  double largest = diagnosis->curvature_max, smallest;
  bool same = memcmp(run->best, run->w, objective->problem.size * sizeof(double)) == 0;
  if (!run->method.optimizer->stable_rate) return NADIR_OK;
  if (!same || isnan(largest))
    ND_TRY(nd_curvature(objective, run->best, &largest, &smallest, error));
  if (largest > 0) diagnosis->stable_rate = run->method.optimizer->stable_rate(rule_values, largest);
  return NADIR_OK;
}

nadir_status nd_diagnose(const nd_objective *objective, const nd_run *run,
                         const double *rule_values, nd_diagnosis *diagnosis, nadir_error *error) {
  double nan = (double)NAN;
  *diagnosis = (nd_diagnosis){.reason = ND_REASON_COSTS_TOO_MUCH,
                              .curvature_max = nan,
                              .curvature_min = nan,
                              .stable_rate = nan};
  if (!objective->problem.hessian && !objective->problem.hessian_vector)
    diagnosis->reason = ND_REASON_NO_SECOND;
  if (objective->l1)
    diagnosis->reason = ND_REASON_KINK;
  else if (nd_hessian_is_affordable(objective, MOST_PARAMETERS)) {
    spectrum s;
    nadir_status status = spectrum_new(&s, objective->problem.size, error);
    if (status == NADIR_OK) status = look(objective, run, &s, diagnosis, error);
    spectrum_free(&s);
    ND_TRY(status);
  }
  if (isnan(diagnosis->curvature_max) && objective->problem.hessian_vector)
    ND_TRY(nd_curvature(objective, run->w, &diagnosis->curvature_max, &diagnosis->curvature_min,
                        error));
  if (run->stop == ND_STOP_DOMAIN) diagnosis->reason = ND_REASON_LEAVES_DOMAIN;
  if (run->stop == ND_STOP_UNBOUNDED) diagnosis->reason = ND_REASON_WITHOUT_END;
  if (run->stop == ND_STOP_DIVERGED || run->stop == ND_STOP_ROSE)
    diagnosis->reason = ND_REASON_LOST;
  if (run->stop == ND_STOP_GAP) diagnosis->reason = ND_REASON_LEAST_SLOPE;
  return find_stable_rate(objective, run, rule_values, diagnosis, error);
}
