/* The curvature of an objective at a point: the largest and the smallest signed eigenvalue of its
 * Hessian, in descent coordinates. Exact (to rounding) from the Hessian where d is small; else by
 * Lanczos on Hessian-vector products (lanczos.c), whose largest Ritz value approaches the largest
 * eigenvalue from below; for a function without second derivatives the products are central
 * differences of gradients.
 *
 * Costs one Hessian, or at most 40 products of one pass over the rows each.
 *
 * Also the reach of Newton's step H^-1 g: how far the minimum of the local quadratic is. */
#include <string.h>

#include "base/dense.h"
#include "objective/lanczos.h"

static const double MOST_WORK = 2e10; /* products for one Hessian over the rows */
enum { EXACT_SIZE = 16, LANCZOS_STEPS = 40 };

static nadir_status from_hessian(const nd_objective *objective, const double *w, double *largest,
                                 double *smallest, nadir_error *error) {
  size_t n = objective->problem.size;
  double *hessian = nd_new(n * n, sizeof(double), error),
         *values = nd_new(n, sizeof(double), error);
  nadir_status status = hessian && values ? NADIR_OK : NADIR_NO_MEMORY;
  if (status == NADIR_OK)
    status = objective->problem.hessian(objective->problem.context, w, hessian, error);
  if (status == NADIR_OK && nd_all_finite(n * n, hessian)) {
    status = nd_eigen(n, hessian, values, NULL, objective->until, error);
    *smallest = values[0];
    *largest = values[n - 1];
  }
  nd_free(values);
  nd_free(hessian);
  return status;
}

nadir_status nd_hessian_times(const nd_objective *objective, const double *w, const double *v,
                              double *product, double *scratch, nadir_error *error) {
  const nadir_problem *problem = &objective->problem;
  size_t n = problem->size;
  if (problem->hessian_vector)
    return problem->hessian_vector(problem->context, w, v, product, error);
  double loss, *shifted = scratch, *below = scratch + n;
  double h = cbrt(0x1p-52) * fmax(1, nd_norm(n, w)) / nd_norm(n, v);
  for (size_t i = 0; i < n; i++)
    shifted[i] = w[i] + h * v[i];
  ND_TRY(problem->gradient(problem->context, shifted, &loss, product, error));
  for (size_t i = 0; i < n; i++)
    shifted[i] = w[i] - h * v[i];
  ND_TRY(problem->gradient(problem->context, shifted, &loss, below, error));
  for (size_t i = 0; i < n; i++)
    product[i] = (product[i] - below[i]) / (2 * h);
  return NADIR_OK;
}

typedef struct hessian_at {
  const nd_objective *objective;
  const double *w;
  double *scratch;
} hessian_at;

static nadir_status times(void *context, const double *v, double *product, nadir_error *error) {
  const hessian_at *h = context;
  return nd_hessian_times(h->objective, h->w, v, product, h->scratch, error);
}

/* Until the largest Ritz value has settled; the smallest is known when all are. */
static nadir_status settle(nd_lanczos *l, double *largest, double *smallest, nadir_error *error) {
  double previous = (double)NAN, values[LANCZOS_STEPS];
  nd_lanczos_start(l, NULL);
  while (l->count < l->most) {
    ND_TRY(nd_lanczos_step(l, error));
    if (l->broken) return NADIR_OK;
    ND_TRY(nd_lanczos_eigen(l, values, NULL, error));
    *largest = values[l->count - 1];
    if (l->complete) *smallest = values[0];
    if (l->complete || fabs(*largest - previous) <= 1e-4 * fabs(*largest)) return NADIR_OK;
    previous = *largest;
  }
  return NADIR_OK;
}

nadir_status nd_curvature(const nd_objective *objective, const double *w, double *largest,
                          double *smallest, nadir_error *error) {
  *largest = *smallest = (double)NAN;
  size_t n = objective->problem.size;
  if (objective->problem.hessian && n <= EXACT_SIZE)
    return from_hessian(objective, w, largest, smallest, error);
  if (!objective->problem.hessian_vector && !objective->problem.gradient) return NADIR_OK;
  nd_lanczos l;
  ND_TRY(nd_lanczos_new(&l, n, n < LANCZOS_STEPS ? n : LANCZOS_STEPS, error));
  hessian_at h = {objective, w, nd_new(2 * n, sizeof(double), error)};
  l.multiply = times;
  l.context = &h;
  nadir_status status = h.scratch ? settle(&l, largest, smallest, error) : NADIR_NO_MEMORY;
  nd_free(h.scratch);
  nd_lanczos_clear(&l);
  return status;
}

bool nd_hessian_is_affordable(const nd_objective *objective, size_t most_parameters) {
  double n = (double)objective->problem.size, rows = objective->rows ? (double)objective->rows : 1;
  return objective->problem.hessian && objective->problem.size <= most_parameters &&
         rows * n * n <= MOST_WORK;
}

/* ---- Newton's step ---- */

static nadir_status solve(const nadir_problem *problem, const double *w, const double *gradient,
                          double *hessian, double *step, const nd_until *until, double *reach,
                          nadir_error *error) {
  size_t n = problem->size;
  bool definite;
  ND_TRY(problem->hessian(problem->context, w, hessian, error));
  if (!nd_all_finite(n * n, hessian)) return NADIR_OK;
  memcpy(step, gradient, n * sizeof *step);
  ND_TRY(nd_solve_definite(n, hessian, step, &definite, until, error));
  if (!definite) return NADIR_OK;
  *reach = 0;
  for (size_t i = 0; i < n; i++)
    *reach = fmax(*reach, fabs(step[i]) / (1 + fabs(w[i])));
  return NADIR_OK;
}

nadir_status nd_newton_reach(const nadir_problem *problem, const double *w, const double *gradient,
                             const nd_until *until, double *reach, nadir_error *error) {
  size_t n = problem->size;
  *reach = (double)NAN;
  if (!problem->hessian || n > EXACT_SIZE) return NADIR_OK;
  double *memory = nd_new(n * n + n, sizeof *memory, error);
  if (!memory) return NADIR_NO_MEMORY;
  nadir_status status =
      solve(problem, w, gradient, memory, memory + n * n, until, reach, error);
  nd_free(memory);
  return status;
}
