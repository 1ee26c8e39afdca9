/* Newton's method with an L1 penalty: w <- w + lambda p, p the minimum of the model
 *   q(p) = g'p + p'H p / 2 + sum_i l1_i (|w_i + p_i| - |w_i|)
 * and lambda = 1, 1/2, ... until the whole objective falls by c lambda D at least, D = -g'p - sum_i
 * l1_i (|w_i + p_i| - |w_i|).
 *
 * J. D. Lee, Y. Sun, M. A. Saunders 2014, "Proximal Newton-type methods for minimizing composite
 * functions". The model is solved by coordinates (J. Friedman, T. Hastie, R. Tibshirani 2010,
 * "Regularization paths for generalized linear models via coordinate descent"), which finds the
 * signs, and exactly for these signs by Cholesky, up to the first parameter that becomes 0: few
 * rounds, however correlated the features are. A parameter that ends at 0 is exactly 0.
 * Where H has negative curvature its diagonal grows until the model has a minimum. Costs a Hessian
 * and n^3/3 operations a round; one gradient a trial. */
#include "base/dense.h"
#include "optim/search_internal.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { SWEEPS = 4, MOST_ROUNDS = 500, MOST_SHIFTS = 20, MOST_TRIALS = 60 };
static const double sufficient = 1e-4, rounding = 1024 * DBL_EPSILON;
static const double solved = 1e-24; /* a round that gains this share of the fall is the last */
static const double first_shift = 1e-3, next_shift = 10; /* of the diagonal */

/* bent: H p. free: the parameters whose sign is settled, `frees` of them. */
typedef struct model {
  const nadir_step *now;
  const nadir_problem *problem;
  size_t n, frees;
  double *h, *diagonal, *p, *bent, *sub, *rhs;
  size_t *free;
} model;

static double weight(const model *m, size_t i) {
  return m->now->l1[i];
}

/* w_i + p_i; exactly 0 where p_i = -w_i. */
static double moved(const model *m, size_t i) {
  return m->now->w[i] + m->p[i];
}

static double sign(double x) {
  return (double)((x > 0) - (x < 0));
}

/* sum l1 (|w + p| - |w|) */
static double penalty_change(const model *m) {
  double sum = 0;
  for (size_t i = 0; i < m->n; i++)
    sum += weight(m, i) * (fabs(moved(m, i)) - fabs(m->now->w[i]));
  return sum;
}

static double model_value(const model *m) {
  return nd_dot(m->n, m->now->gradient, m->p) + nd_dot(m->n, m->p, m->bent) / 2 + penalty_change(m);
}

/* ---- coordinates ---- */

static void shift(model *m, size_t i, double by) {
  m->p[i] += by;
  for (size_t k = 0; k < m->n; k++)
    m->bent[k] += m->h[i * m->n + k] * by;
}

/* To the lowest point of the model along parameter i; gives back what that gained. */
static double descend_along(model *m, size_t i) {
  double h = m->h[i * m->n + i], l1 = weight(m, i), at = moved(m, i);
  double slope = m->now->gradient[i] + m->bent[i], by;
  if (!(h > 0)) { /* straight: only the kink can be a minimum */
    if (!(l1 > 0) || fabs(slope) > l1 || at == 0) return 0;
    by = -m->now->w[i] - m->p[i];
    double gain = l1 * fabs(at) - slope * by;
    shift(m, i, by);
    m->p[i] = -m->now->w[i];
    return gain;
  }
  bool zero = fabs(h * at - slope) <= l1;
  double to = zero ? 0 : at - (slope + (h * at - slope > 0 ? l1 : -l1)) / h;
  by = zero ? -m->now->w[i] - m->p[i] : to - at;
  double gain = -(slope * by + h * by * by / 2 + l1 * (fabs(to) - fabs(at)));
  if (by != 0) shift(m, i, by);
  if (zero) m->p[i] = -m->now->w[i];
  return gain;
}

static double sweep(model *m) {
  double gain = 0;
  for (size_t i = 0; i < m->n; i++)
    gain += fmax(0, descend_along(m, i));
  return gain;
}

/* ---- the signs settled ---- */

static void find_free(model *m) {
  m->frees = 0;
  for (size_t i = 0; i < m->n; i++)
    if (m->h[i * m->n + i] > 0 && (weight(m, i) == 0 || moved(m, i) != 0)) m->free[m->frees++] = i;
}

/* H over the free parameters, and the slope of the model along each. */
static void fill_free(const model *m) {
  for (size_t a = 0; a < m->frees; a++) {
    size_t i = m->free[a];
    for (size_t b = 0; b < m->frees; b++)
      m->sub[a * m->frees + b] = m->h[i * m->n + m->free[b]];
    m->rhs[a] = m->now->gradient[i] + m->bent[i] + weight(m, i) * sign(moved(m, i));
  }
}

/* The share of the way -rhs that can be gone before a parameter crosses 0; and which does. */
static double room(const model *m, size_t *first) {
  double most = 1;
  *first = SIZE_MAX;
  for (size_t a = 0; a < m->frees; a++) {
    size_t i = m->free[a];
    double at = moved(m, i), share = at / m->rhs[a];
    if (weight(m, i) == 0 || at * sign(m->rhs[a]) <= 0 || !(share < most)) continue;
    most = share;
    *first = i;
  }
  return most;
}

static nadir_status solve_free(model *m, nadir_error *error) {
  bool definite = false;
  size_t first;
  find_free(m);
  if (m->frees == 0) return NADIR_OK;
  fill_free(m);
  nd_until until = nd_until_of(m->problem);
  ND_TRY(nd_solve_definite(m->frees, m->sub, m->rhs, &definite, &until, error));
  if (!definite || !nd_all_finite(m->frees, m->rhs)) return NADIR_OK;
  double share = room(m, &first);
  for (size_t a = 0; a < m->frees; a++)
    m->p[m->free[a]] -= share * m->rhs[a];
  if (first != SIZE_MAX) m->p[first] = -m->now->w[first];
  for (size_t i = 0; i < m->n; i++)
    m->bent[i] = nd_dot(m->n, m->h + i * m->n, m->p);
  return NADIR_OK;
}

/* p <- the minimum of the model; false where it has none. */
static nadir_status solve(model *m, bool *found, nadir_error *error) {
  memset(m->p, 0, m->n * sizeof *m->p);
  memset(m->bent, 0, m->n * sizeof *m->bent);
  double fall = 0;
  for (int round = 0; round < MOST_ROUNDS; round++) {
    double gain = 0;
    for (int k = 0; k < SWEEPS; k++)
      gain += sweep(m);
    fall += gain;
    if (!isfinite(fall) || gain <= solved * fall) break;
    ND_TRY(solve_free(m, error));
  }
  *found = nd_all_finite(m->n, m->p) && model_value(m) <= 0 && nd_dot(m->n, m->p, m->bent) >= 0;
  return NADIR_OK;
}

static void raise_diagonal(model *m, double by) {
  for (size_t i = 0; i < m->n; i++)
    m->h[i * m->n + i] = m->diagonal[i] + by * fabs(m->diagonal[i]);
}

static nadir_status find_step(model *m, nadir_error *error) {
  bool found = false;
  double by = first_shift;
  for (size_t i = 0; i < m->n; i++)
    m->diagonal[i] = m->h[i * m->n + i];
  ND_TRY(solve(m, &found, error));
  for (int k = 0; k < MOST_SHIFTS && !found; k++, by *= next_shift) {
    raise_diagonal(m, by);
    ND_TRY(solve(m, &found, error));
  }
  if (!found) memset(m->p, 0, m->n * sizeof *m->p);
  return NADIR_OK;
}

/* ---- the search ---- */

/* Of the whole objective along p, as the new point is reached. */
static double slope_at(const model *m, const double *point, const double *gradient) {
  double sum = nd_dot(m->n, gradient, m->p);
  for (size_t i = 0; i < m->n; i++)
    sum += weight(m, i) * (point[i] != 0 ? sign(point[i]) * m->p[i] : -fabs(m->p[i]));
  return sum;
}

static bool enough(const model *m, double lambda, double promised, double loss,
                   const nadir_update *update) {
  if (!isfinite(update->loss) || !nd_all_finite(m->n, update->gradient)) return false;
  double change = update->loss - loss;
  for (size_t i = 0; i < m->n; i++)
    change += weight(m, i) * (fabs(update->effective[i]) - fabs(m->now->w[i]));
  if (fabs(change) > rounding * fmax(fabs(loss), fabs(update->loss)))
    return change <= -sufficient * lambda * promised;
  return slope_at(m, update->effective, update->gradient) <= (1 - 2 * sufficient) * promised;
}

/* update->effective is room for the trial point. */
static nadir_status search(const model *m, double loss, const nadir_problem *problem, double first,
                           double *lambda, nadir_update *update, nadir_error *error) {
  double promised = -nd_dot(m->n, m->now->gradient, m->p) - penalty_change(m), trial = first;
  *lambda = 0;
  for (int k = 0; k < MOST_TRIALS && promised > 0; k++, trial /= 2) {
    for (size_t i = 0; i < m->n; i++)
      update->effective[i] = m->now->w[i] + trial * m->p[i];
    if (k > 0) update->evaluations++;
    update->loss = (double)NAN;
    ND_TRY(problem->gradient(problem->context, update->effective, &update->loss, update->gradient,
                             error));
    if (!enough(m, trial, promised, loss, update)) continue;
    *lambda = trial;
    return NADIR_OK;
  }
  update->loss = (double)NAN;
  return NADIR_OK;
}

/* ---- the update ---- */

static nadir_status advance(model *m, double loss, const nadir_problem *problem, double first,
                            nadir_update *update, nadir_error *error) {
  double lambda = 0;
  if (nd_all_finite(m->n * m->n, m->h) && nd_all_finite(m->n, m->now->gradient) && isfinite(loss)) {
    ND_TRY(find_step(m, error));
    update->left = -model_value(m);
    ND_TRY(search(m, loss, problem, first, &lambda, update, error));
  }
  for (size_t i = 0; i < m->n; i++)
    update->step[i] = lambda > 0 ? -m->p[i] : 0;
  nd_search_finish(m->now, lambda, update);
  return NADIR_OK;
}

nadir_status nd_proximal_newton(const nadir_step *now, double loss, const nadir_problem *problem,
                                const char *method, double first, nadir_update *update,
                                nadir_error *error) {
  size_t n = now->size, square, count;
  if (!nd_multiply(n, n, &square) || !nd_multiply(square, 2, &count) ||
      !nd_add(count, 4 * n, &count))
    square = 0, count = SIZE_MAX; /* too large for nd_new, which says so */
  double *memory = nd_new(count, sizeof *memory, error);
  size_t *places = memory ? nd_new(n, sizeof *places, error) : NULL;
  double *rest = memory ? memory + 2 * square : NULL;
  nadir_status status = NADIR_NO_MEMORY;
  if (places) {
    model m = {.now = now,
               .problem = problem,
               .n = n,
               .h = memory,
               .sub = memory + square,
               .free = places,
               .diagonal = rest,
               .p = rest + n,
               .bent = rest + 2 * n,
               .rhs = rest + 3 * n};
    status = nd_hessian_at(now, problem, m.h, method, error);
    if (status == NADIR_OK) status = advance(&m, loss, problem, first, update, error);
  }
  nd_free(places);
  nd_free(memory);
  return status;
}
