/* Intervals of parameters by the profile of the loss: how far a parameter can be moved, all others being fitted
 * again, before the loss has risen by what the level allows.
 *
 * With sigma, or a likelihood, that is a rise of chi2 or of -2 ln L by the quantile of chi2 with 1 degree of freedom
 * (MINOS: F. James 1975); without sigma, a rise of the sum of squares by s^2 times that of F(1, n - p) (Bates and Watts,
 * Nonlinear Regression, 1988, ch. 6). The root of the rise is nearly a straight line along the parameter, so a few
 * secants find where it ends.
 *
 * A parameter of the table is a weighted sum a.w of descent coordinates; one of these is given by the others and
 * the value of that sum. Each refit is Newton's, damped where it does not go down, and starts on the tangent of the path
 * at the nearest refit inside. Cost: some ten Hessians for each end. */
#include <string.h>

#include "base/dense.h"
#include "base/distribution.h"
#include "judge/errors_internal.h"
#include "judge/profile.h"

enum { MOST_STEPS = 40, MOST_TRIES = 12, MOST_REFITS = 60, MOST_DOUBLINGS = 24 };
/* Of a rise that counts as one: what is left to fall at the end of a refit, and what a lower minimum differs by. Of the
 * root of the rise: how close an end is found. */
static const double REFITTED = 1e-9, LOWER = 1e-4, FOUND = 1e-6;

/* One parameter's. */
typedef struct path {
  const nd_objective *objective;
  size_t n, at, moving; /* `at`: given by the others, of which so many move */
  const double *origin; /* w at the minimum */
  double *sum;          /* a */
  size_t *index;        /* of those that move */
  double least, unit;   /* the loss at the minimum; a rise of it that counts as one */
  double *gradient, *hessian, *reduced, *slope, *step, *scale, *trial;
} path;

/* A refit. */
typedef struct stand {
  double t, root;      /* the parameter's distance from the minimum; the root of the rise */
  double *w, *tangent; /* dw/dt */
} stand;

/* ---- coordinates on the path ---- */

/* w[at] for the others as they are, where the sum is t more than at the minimum. */
static void close_sum(const path *p, double t, double *w) {
  double rest = t;
  for (size_t k = 0; k < p->n; k++)
    if (k != p->at) rest -= p->sum[k] * (w[k] - p->origin[k]);
  w[p->at] = p->origin[p->at] + rest / p->sum[p->at];
}

/* The gradient and Hessian by those that move, from the whole ones. */
static void reduce(path *p) {
  size_t m = p->moving, n = p->n, at = p->at;
  const double *h = p->hessian;
  for (size_t i = 0; i < m; i++) {
    size_t k = p->index[i];
    double share = p->sum[k] / p->sum[at];
    p->slope[i] = p->gradient[k] - share * p->gradient[at];
    for (size_t j = 0; j < m; j++) {
      size_t l = p->index[j];
      double other = p->sum[l] / p->sum[at];
      p->reduced[i * m + j] = h[k * n + l] - share * h[at * n + l] - other * h[k * n + at] +
                              share * other * h[at * n + at];
    }
  }
}

/* step <- -(H + damping |diag H|)^-1 right, over a unit diagonal. */
static nadir_status solve(path *p, const double *right, double damping, bool *definite,
                          nadir_error *error) {
  size_t m = p->moving;
  double *unit = p->trial + p->n; /* m x m of room behind it */
  *definite = true;
  for (size_t i = 0; i < m; i++) {
    p->scale[i] = sqrt(fabs(p->reduced[i * m + i]));
    if (!(p->scale[i] > 0)) *definite = false;
  }
  for (size_t i = 0; i < m * m && *definite; i++)
    unit[i] = p->reduced[i] / p->scale[i / m] / p->scale[i % m] + (i / m == i % m ? damping : 0);
  for (size_t i = 0; i < m && *definite; i++)
    p->step[i] = -right[i] / p->scale[i];
  if (!*definite || !nd_all_finite(m * m, unit)) {
    *definite = false;
    return NADIR_OK;
  }
  ND_TRY(nd_solve_definite(m, unit, p->step, definite, p->objective->until, error));
  for (size_t i = 0; i < m && *definite; i++)
    p->step[i] /= p->scale[i];
  return NADIR_OK;
}

/* ---- a refit ---- */

/* w <- a point with a lower loss; *moved false where none is found. */
static nadir_status improve(path *p, double t, double *w, double *loss, bool *moved,
                            nadir_error *error) {
  const nadir_problem *problem = &p->objective->problem;
  double damping = 0, next;
  bool definite;
  *moved = false;
  for (int k = 0; k < MOST_TRIES && !*moved; k++, damping = damping > 0 ? 10 * damping : 1e-3) {
    ND_TRY(solve(p, p->slope, damping, &definite, error));
    if (!definite) continue;
    memcpy(p->trial, w, p->n * sizeof *w);
    for (size_t i = 0; i < p->moving; i++)
      p->trial[p->index[i]] += p->step[i];
    close_sum(p, t, p->trial);
    ND_TRY(problem->value(problem->context, p->trial, &next, error));
    *moved = next < *loss;
  }
  if (!*moved) return NADIR_OK;
  memcpy(w, p->trial, p->n * sizeof *w);
  *loss = next;
  return NADIR_OK;
}

/* From there on w goes by so much for each t. */
static nadir_status find_tangent(path *p, double *tangent, nadir_error *error) {
  size_t n = p->n, at = p->at;
  double own = p->sum[at];
  bool definite;
  for (size_t i = 0; i < p->moving; i++) {
    size_t k = p->index[i];
    p->slope[i] = (p->hessian[k * n + at] - p->hessian[at * n + at] * p->sum[k] / own) / own;
  }
  ND_TRY(solve(p, p->slope, 0, &definite, error));
  memset(tangent, 0, n * sizeof *tangent);
  double rest = 1;
  for (size_t i = 0; i < p->moving && definite; i++) {
    tangent[p->index[i]] = p->step[i];
    rest -= p->sum[p->index[i]] * p->step[i];
  }
  tangent[at] = rest / own;
  return NADIR_OK;
}

/* All others fitted again where the parameter is `t` off, from s->w; *fitted false where that cannot be done. */
static nadir_status refit(path *p, double t, stand *s, bool *fitted, nadir_error *error) {
  const nadir_problem *problem = &p->objective->problem;
  double loss = 0;
  bool moved = true;
  *fitted = false;
  s->t = t;
  close_sum(p, t, s->w);
  for (int k = 0; k < MOST_STEPS && moved; k++) {
    ND_TRY(nd_go_on(p->objective->until, error));
    ND_TRY(problem->gradient(problem->context, s->w, &loss, p->gradient, error));
    if (!isfinite(loss)) return NADIR_OK;
    ND_TRY(problem->hessian(problem->context, s->w, p->hessian, error));
    reduce(p);
    ND_TRY(improve(p, t, s->w, &loss, &moved, error));
    double left = 0;
    for (size_t i = 0; i < p->moving && moved; i++)
      left -= p->slope[i] * p->step[i] / 2;
    if (left < REFITTED * p->unit) break;
  }
  s->root = (loss - p->least) / p->unit;
  s->root = s->root < 0 ? -sqrt(-s->root) : sqrt(s->root);
  *fitted = true;
  return find_tangent(p, s->tangent, error);
}

/* The same from another refit, along its tangent. */
static nadir_status go_to(path *p, const stand *from, double t, stand *to, bool *fitted,
                          nadir_error *error) {
  for (size_t k = 0; k < p->n; k++)
    to->w[k] = from->w[k] + (t - from->t) * from->tangent[k];
  return refit(p, t, to, fitted, error);
}

/* ---- the end of an interval ---- */

/* Between an inner refit and an outer distance whose root is `far`: where the secant, kept off both, meets the root
 * that is looked for. */
static double between(const stand *in, double out, double far, double root) {
  double share = isfinite(far) ? (root - in->root) / (far - in->root) : 0.5;
  return in->t + fmin(fmax(share, 0.02), 0.98) * (out - in->t);
}

/* Where the root of the rise is `root`, on the side that `first` is. `in` begins at the minimum. */
static nadir_status find_end(path *p, double first, double root, stand *in, stand *next,
                             double *end, nadir_interval_end *is, nadir_error *error) {
  double t = first, out = 0, far = (double)INFINITY;
  bool fitted, bounded = false;
  int doublings = 0;
  *is = NADIR_END_LOST;
  for (int k = 0; k < MOST_REFITS; k++) {
    ND_TRY(go_to(p, in, t, next, &fitted, error));
    if (fitted && next->root < 0 && next->root * next->root > LOWER) {
      *is = NADIR_END_LOWER;
      return NADIR_OK;
    }
    if (fitted && fabs(next->root - root) <= FOUND * root) {
      *end = t;
      *is = NADIR_END_FOUND;
      return NADIR_OK;
    }
    if (fitted && next->root < root) {
      const stand swap = *in;
      *in = *next;
      *next = swap;
      if (!bounded && ++doublings > MOST_DOUBLINGS) {
        *is = NADIR_END_OPEN;
        return NADIR_OK;
      }
    } else {
      out = t;
      bounded = true;
      far = fitted ? next->root : (double)INFINITY;
    }
    double reach = in->root > 0 ? in->t * fmin(1.02 * root / in->root, 2) : 2 * in->t;
    t = bounded ? between(in, out, far, root) : in->t == 0 ? first / 2 : reach;
  }
  return NADIR_OK;
}

/* ---- all of them ---- */

static nadir_status path_new(path *p, nadir_error *error) {
  size_t n = p->n;
  double **rooms[] = {&p->sum,   &p->gradient, &p->slope,   &p->step,
                      &p->scale, &p->hessian,  &p->reduced, &p->trial};
  for (size_t i = 0; i < ND_COUNT(rooms); i++)
    if (!(*rooms[i] = nd_new(n * n + n, sizeof(double), error))) return NADIR_NO_MEMORY;
  p->index = nd_new(n, sizeof *p->index, error);
  return p->index ? NADIR_OK : NADIR_NO_MEMORY;
}

static void path_free(path *p) {
  double *rooms[] = {p->sum,   p->gradient, p->slope,   p->step,
                     p->scale, p->hessian,  p->reduced, p->trial};
  for (size_t i = 0; i < ND_COUNT(rooms); i++)
    nd_free(rooms[i]);
  nd_free(p->index);
}

/* The path of table's parameter i; held: descent coordinates that stay where they are. */
static void set_path(path *p, const nd_model *model, const bool *held, size_t i) {
  nd_model part = nd_linear_part(model);
  p->at = i;
  p->moving = 0;
  for (size_t k = 0; k < p->n; k++) {
    memset(p->trial, 0, p->n * sizeof *p->trial);
    p->trial[k] = 1;
    nd_model_to_table(&part, p->trial, p->trial);
    p->sum[k] = nd_is_held(held, k) ? 0 : p->trial[i];
    if (k != i && !nd_is_held(held, k)) p->index[p->moving++] = k;
  }
}

double nd_unit_of_rise(const nd_objective *objective, const nd_errors *errors, double loss) {
  const nd_table_objective *self = nd_rows_of(objective);
  if (self->model->loss.errors == ND_HAS_LIKELIHOOD) return self->scale / 2;
  return self->model->row_errors ? self->scale / self->face.loss_factor
                                          : loss / (double)errors->degrees_of_freedom;
}

static double root_of(const nd_table_objective *self, const nd_errors *errors, double level) {
  bool absolute = self->model->loss.errors == ND_HAS_LIKELIHOOD || self->model->row_errors;
  return sqrt(absolute ? nd_chi2_exceeded(1 - level, 1)
                       : nd_f_exceeded(1 - level, 1, (double)errors->degrees_of_freedom));
}

/* One side, from the minimum. room: for two refits. */
static nadir_status find_side(path *p, double first, double root, double *room, double *end,
                              nadir_interval_end *is, nadir_error *error) {
  stand in = {.w = room, .tangent = room + p->n},
        next = {.w = room + 2 * p->n, .tangent = room + 3 * p->n};
  bool fitted;
  *end = (double)NAN;
  *is = NADIR_END_LOST;
  memcpy(in.w, p->origin, p->n * sizeof *in.w);
  ND_TRY(refit(p, 0, &in, &fitted, error));
  in.root = 0;
  return fitted ? find_end(p, first, root, &in, &next, end, is, error) : NADIR_OK;
}

/* An end beyond the parameter's own bound is none. */
static void keep_within(const nd_objective *objective, const double *table_w, nd_profile *profile) {
  const nd_span *typed = objective->bounds;
  size_t i = profile->parameter;
  if (!typed) return;
  typed += objective->problem.size;
  if (table_w[i] + profile->below < typed[i].low) {
    profile->below = (double)NAN;
    profile->below_is = NADIR_END_OPEN;
  }
  if (table_w[i] + profile->above > typed[i].high) {
    profile->above = (double)NAN;
    profile->above_is = NADIR_END_OPEN;
  }
}

static nadir_status find_profile(path *p, double standard_error, double root, double *room,
                                 nd_profile *profile, nadir_error *error) {
  ND_TRY(
      find_side(p, -root * standard_error, root, room, &profile->below, &profile->below_is, error));
  return find_side(p, root * standard_error, root, room, &profile->above, &profile->above_is,
                   error);
}

nadir_status nd_find_profiles(const nd_objective *objective, const nd_errors *errors,
                              const double *w, const double *levels, size_t level_count,
                              nd_profile **profiles, size_t *count, nadir_error *error) {
  const nd_table_objective *self = nd_rows_of(objective);
  const nd_model *model = self->model;
  size_t n = model->size;
  bool *held = NULL, bounded;
  path p = {.objective = objective, .n = n, .origin = w};
  *count = 0;
  *profiles = nd_new(n * level_count, sizeof **profiles, error);
  double *room = nd_new(4 * n, sizeof *room, error);
  nadir_status status = *profiles && room ? path_new(&p, error) : NADIR_NO_MEMORY;
  if (status == NADIR_OK) status = nd_find_unmoved(objective, w, &held, &bounded, error);
  if (status == NADIR_OK)
    status = objective->problem.value(objective->problem.context, w, &p.least, error);
  p.unit = nd_unit_of_rise(objective, errors, p.least);
  for (size_t i = 0; i < n * level_count && status == NADIR_OK; i++) {
    size_t parameter = i / level_count;
    double level = levels[i % level_count], e = model->standard_error[parameter];
    if (!(e > 0)) continue;
    set_path(&p, model, held, parameter);
    nd_profile *profile = &(*profiles)[(*count)++];
    *profile = (nd_profile){.parameter = parameter,
                            .level = level,
                            .below = (double)NAN,
                            .above = (double)NAN,
                            .below_is = NADIR_END_LOST,
                            .above_is = NADIR_END_LOST};
    status = find_profile(&p, e, root_of(self, errors, level), room, profile, error);
    keep_within(objective, model->value, profile);
  }
  path_free(&p);
  nd_free(held);
  nd_free(room);
  if (status == NADIR_OK || status == NADIR_ENDED) return status; /* those found stay */
  nd_free(*profiles);
  *profiles = NULL;
  return status;
}
