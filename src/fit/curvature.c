/* The curvature of an objective at a point: the largest and the smallest signed eigenvalue of its
 * Hessian, in descent coordinates. Exact (to rounding) from the Hessian where d is small; else by
 * Lanczos (1950) on Hessian-vector products, fully reorthogonalised, whose largest Ritz value
 * approaches the largest eigenvalue from below; for a function without second derivatives the
 * products are central differences of gradients.
 *
 * Costs one Hessian, or at most 40 products of one pass over the rows each.
 *
 * Also the reach of Newton's step H^-1 g: how far the minimum of the local quadratic is. */
#include <string.h>

#include "fit/fit.h"

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
    status = nd_eigen(n, hessian, values, NULL, error);
    *smallest = values[0];
    *largest = values[n - 1];
  }
  nd_free(values);
  nd_free(hessian);
  return status;
}

/* product <- H v. scratch: 2 n numbers. */
static nadir_status multiply(const nd_objective *objective, const double *w, const double *v,
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

typedef struct lanczos {
  size_t n, steps;
  double *basis; /* steps + 1 vectors */
  double *alpha, *beta, *scratch, *tridiagonal, *values;
} lanczos;

static nadir_status take_memory(lanczos *l, nadir_error *error) {
  size_t cells;
  if (!nd_multiply(l->n, l->steps + 3, &cells)) cells = SIZE_MAX;
  l->basis = nd_new(cells, sizeof(double), error);
  l->alpha = nd_new(4 * l->steps + l->steps * l->steps, sizeof(double), error);
  if (!l->basis || !l->alpha) return NADIR_NO_MEMORY;
  l->scratch = l->basis + (l->steps + 1) * l->n;
  l->beta = l->alpha + l->steps;
  l->values = l->beta + l->steps;
  l->tridiagonal = l->values + l->steps;
  return NADIR_OK;
}

/* Subtract from next its parts along the basis, twice (Kahan and Parlett: twice is enough). */
static void orthogonalise(const lanczos *l, size_t count, double *next) {
  for (int pass = 0; pass < 2; pass++)
    for (size_t j = 0; j < count; j++) {
      const double *q = l->basis + j * l->n;
      double along = nd_dot(l->n, q, next);
      for (size_t i = 0; i < l->n; i++)
        next[i] -= along * q[i];
    }
}

static nadir_status ritz_values(lanczos *l, size_t count, nadir_error *error) {
  memset(l->tridiagonal, 0, count * count * sizeof(double));
  for (size_t j = 0; j < count; j++) {
    l->tridiagonal[j * count + j] = l->alpha[j];
    if (j + 1 < count)
      l->tridiagonal[j * count + j + 1] = l->tridiagonal[(j + 1) * count + j] = l->beta[j];
  }
  return nd_eigen(count, l->tridiagonal, l->values, NULL, error);
}

static void random_start(lanczos *l) {
  nd_random random = nd_random_stream(0, ND_FOR_START, 0, 1);
  for (size_t i = 0; i < l->n; i++)
    l->basis[i] = nd_random_normal(&random);
  double norm = nd_norm(l->n, l->basis);
  for (size_t i = 0; i < l->n; i++)
    l->basis[i] /= norm;
}

static nadir_status run_lanczos(lanczos *l, const nd_objective *objective, const double *w,
                                double *largest, double *smallest, nadir_error *error) {
  random_start(l);
  double previous = (double)NAN;
  for (size_t j = 0; j < l->steps; j++) {
    double *q = l->basis + j * l->n, *next = q + l->n;
    ND_TRY(multiply(objective, w, q, next, l->scratch, error));
    if (!nd_all_finite(l->n, next)) return NADIR_OK;
    l->alpha[j] = nd_dot(l->n, q, next);
    orthogonalise(l, j + 1, next);
    l->beta[j] = nd_norm(l->n, next);
    ND_TRY(ritz_values(l, j + 1, error));
    *largest = l->values[j];
    bool complete = j + 1 == l->n || l->beta[j] <= 1e-12 * fabs(*largest);
    if (complete) *smallest = l->values[0];
    if (complete || fabs(*largest - previous) <= 1e-4 * fabs(*largest)) return NADIR_OK;
    previous = *largest;
    for (size_t i = 0; i < l->n; i++)
      next[i] /= l->beta[j];
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
  lanczos l = {.n = n, .steps = n < LANCZOS_STEPS ? n : LANCZOS_STEPS};
  nadir_status status = take_memory(&l, error);
  if (status == NADIR_OK) status = run_lanczos(&l, objective, w, largest, smallest, error);
  nd_free(l.alpha);
  nd_free(l.basis);
  return status;
}

bool nd_hessian_is_affordable(const nd_objective *objective, size_t most_parameters) {
  double n = (double)objective->problem.size, rows = objective->rows ? (double)objective->rows : 1;
  return objective->problem.hessian && objective->problem.size <= most_parameters &&
         rows * n * n <= MOST_WORK;
}

/* ---- Newton's step ---- */

static nadir_status solve(const nd_objective *objective, const double *w, const double *gradient,
                          double *hessian, double *step, double *reach, nadir_error *error) {
  size_t n = objective->problem.size;
  bool definite;
  ND_TRY(objective->problem.hessian(objective->problem.context, w, hessian, error));
  if (!nd_all_finite(n * n, hessian)) return NADIR_OK;
  memcpy(step, gradient, n * sizeof *step);
  ND_TRY(nd_solve_definite(n, hessian, step, &definite, error));
  if (!definite) return NADIR_OK;
  *reach = 0;
  for (size_t i = 0; i < n; i++)
    *reach = fmax(*reach, fabs(step[i]) / (1 + fabs(w[i])));
  return NADIR_OK;
}

nadir_status nd_newton_reach(const nd_objective *objective, const double *w, const double *gradient,
                             double *reach, nadir_error *error) {
  size_t n = objective->problem.size;
  *reach = (double)NAN;
  if (!objective->problem.hessian || n > EXACT_SIZE || objective->l1) return NADIR_OK;
  double *memory = nd_new(n * n + n, sizeof *memory, error);
  if (!memory) return NADIR_NO_MEMORY;
  nadir_status status = solve(objective, w, gradient, memory, memory + n * n, reach, error);
  nd_free(memory);
  return status;
}
