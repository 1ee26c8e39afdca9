/* The rates that are safe with the curvature of a loss: of a formula on a box, and of a fit at its
 * start. With M a bound on the largest eigenvalue of the Hessian, a step of gradient descent at 1/M
 * decreases the loss by |gradient|^2 / (2M) at least, and below 2/M it decreases it at all (Y. Nesterov
 * 2004, Introductory lectures on convex optimization, section 1.2). Both are rounded down, so that
 * they are safe for certain.
 *
 * Costs what the bounds cost: theory's nd_curvature_on_box, or nd_advise and the standard errors, for
 * the condition numbers. */
#include <string.h>

#include "judge/advice.h"
#include "judge/judge.h"

static const double TOLERANCE = 1e-6; /* of the gradient, for the prediction of updates */
static const double FLAT = 1e-9;      /* of the largest curvature: less downwards may be rounding */

/* Rounded down. */
static double over(double numerator, double curvature) {
  return curvature > 0 && isfinite(curvature) ? nextafter(numerator / curvature, 0) : (double)NAN;
}

static void set_rates(nadir_curvature *c) {
  c->safe = over(1, c->largest.high);
  c->limit = over(2, c->largest.high);
}

/* ---- a formula on a box ---- */

nadir_status nd_rates_on_box(const nd_question *question, nadir_curvature *c, nadir_error *error) {
  nd_curvature_bounds bounds = {0};
  double nan = (double)NAN;
  *c = (nadir_curvature){.way = NADIR_ON_BOX, .condition_raw = nan, .condition_is = NADIR_AT_MOST};
  ND_TRY(nd_curvature_on_box(question, &bounds, error));
  c->largest =
      (nadir_eigenvalue){bounds.largest[0], bounds.largest[1], true, bounds.largest[1], nan};
  c->smallest =
      (nadir_eigenvalue){bounds.smallest[0], bounds.smallest[1], true, bounds.smallest[0], nan};
  c->boxes = bounds.boxes;
  c->condition = c->smallest.low > 0 ? c->largest.high / c->smallest.low : nan;
  set_rates(c);
  return NADIR_OK;
}

/* ---- a fit ---- */

static void set_eigenvalues(nadir_curvature *c, const nd_advice *a) {
  double nan = (double)NAN;
  bool lanczos = a->steps > 0;
  c->way = lanczos ? NADIR_BY_LANCZOS : NADIR_AT_START;
  c->steps = a->steps;
  c->largest = (nadir_eigenvalue){.low = a->curvature_max,
                                  .high = a->largest_bound,
                                  .proved = a->largest_proved,
                                  .proved_bound = lanczos ? a->trace_bound : a->largest_bound,
                                  .within = lanczos ? a->largest_error : nan};
  c->smallest = (nadir_eigenvalue){.low = a->least_bound,
                                   .high = a->curvature_min,
                                   .proved = a->least_proved,
                                   .proved_bound = a->least_proved ? a->least_bound : nan,
                                   .within = lanczos ? a->least_error : nan};
}

/* Those that come with the standard errors are exact; Lanczos has lower bounds. */
static void set_condition(nadir_curvature *c, const nd_advice *a, const nd_errors *errors) {
  bool bounds = isnan(errors->condition_scaled) && !isnan(a->condition_scaled);
  c->condition = bounds ? a->condition_scaled : errors->condition_scaled;
  c->condition_raw = bounds ? a->condition_raw : errors->condition_raw;
  c->condition_is = bounds ? NADIR_AT_LEAST : NADIR_EXACTLY;
}

static nadir_recommended recommend(const nd_advice *a) {
  if (a->convex_here) return NADIR_RECOMMENDS_GD;
  return a->curvature_min < -FLAT * fabs(a->curvature_max) ? NADIR_RECOMMENDS_NOT_CONVEX
                                                           : NADIR_RECOMMENDS_FLAT;
}

static nadir_status set_along(nadir_curvature *c, const nd_advice *a, char *const *names,
                              nadir_error *error) {
  c->along = nd_new(a->size, sizeof *c->along, error);
  if (!c->along) return NADIR_NO_MEMORY;
  c->size = a->size;
  c->adagrad_updates = (unsigned)a->adagrad_updates;
  for (size_t i = 0; i < a->size; i++) {
    c->along[i] = (nadir_along){.name = nd_copy_text(names[i], strlen(names[i]), error),
                                .first = a->gradient[i],
                                .second = a->second ? a->second[i] : (double)NAN,
                                .best_step = a->best_step ? a->best_step[i] : (double)NAN,
                                .stand_in = a->root_sum_square[i]};
    if (!c->along[i].name) return NADIR_NO_MEMORY;
  }
  return NADIR_OK;
}

/* These are handed over. */
static void set_modes(nadir_curvature *c, nd_advice *a) {
  c->modes = a->modes;
  c->mode = a->mode;
  a->mode = NULL;
}

static void set_needed(nadir_curvature *c, nd_advice *a) {
  c->needed = a->needed;
  a->needed = NULL;
  while (nd_optimizer_at(c->methods))
    c->methods++;
}

nadir_status nd_rates_of_fit(nd_model *model, nd_objective *objective, const double *at,
                             nadir_curvature *c, nadir_error *error) {
  nd_errors errors = {0};
  nd_advice a;
  *c = (nadir_curvature){.tolerance = TOLERANCE};
  nd_model_set(model, at);
  ND_TRY(nd_standard_errors(ND_ERRORS_NONE, objective, at, &errors, error));
  ND_TRY(nd_advise(objective, at, TOLERANCE, &a, error));
  set_eigenvalues(c, &a);
  set_condition(c, &a, &errors);
  set_rates(c);
  c->recommended = recommend(&a);
  set_modes(c, &a);
  nadir_status status = NADIR_OK;
  if (a.convex_here) {
    set_needed(c, &a);
    status = set_along(c, &a, objective->names, error);
  }
  nd_advice_clear(&a);
  return status;
}

void nd_rates_clear(nadir_curvature *c) {
  for (size_t i = 0; i < c->size; i++)
    nd_free(c->along[i].name);
  nd_free(c->along);
  nd_free(c->needed);
  nd_free(c->mode);
}

/* ---- gradient descent at a rate ---- */

/* The norm of the gradient after so many updates. */
static double norm_after(const nadir_curvature *c, double rate, double updates) {
  double norm = 0;
  for (size_t i = 0; i < c->modes; i++) {
    double slope = c->mode[i].slope;
    if (slope != 0) norm = hypot(norm, slope * pow(fabs(1 - rate * c->mode[i].curvature), updates));
  }
  return norm;
}

static bool comes_to_rest(const nadir_curvature *c, double rate) {
  for (size_t i = 0; i < c->modes; i++)
    if (c->mode[i].slope != 0 && !(fabs(1 - rate * c->mode[i].curvature) < 1)) return false;
  return true;
}

/* The norm falls with each update: doubled until it is low enough, then halved. */
double nd_updates_at(const nadir_curvature *c, double rate) {
  double enough = c->tolerance * fmax(1, norm_after(c, rate, 0)), low = 0, high = 1;
  if (!comes_to_rest(c, rate)) return HUGE_VAL;
  if (norm_after(c, rate, 0) <= enough) return 0;
  while (norm_after(c, rate, high) > enough)
    low = high, high *= 2;
  for (;;) {
    double middle = floor(low + (high - low) / 2);
    if (!(middle > low && middle < high)) return high;
    *(norm_after(c, rate, middle) > enough ? &low : &high) = middle;
  }
}
