/* Lanczos (1950) on products with a symmetric matrix H of n rows, every vector orthogonalised
 * against all before it, twice (Kahan and Parlett: twice is enough).
 *
 * After m steps the eigenvalues of the tridiagonal matrix T, the Ritz values, lie between those of
 * H; with s the eigenvector of T there is an eigenvalue of H within beta_m |s_m| of a Ritz value
 * (B. N. Parlett 1980, The symmetric eigenvalue problem). That another one lies beyond is excluded
 * by the random start alone. With t = (2m-1) artanh(sqrt(eps)) the Chebyshev polynomial of degree
 * 2m-1 shows that the largest Ritz value is short by more than eps (lambda_1 - lambda_n) only if
 * the start's part along the first eigenvector is below 1/cosh(t), so with a probability below
 * 1.648 sqrt(n) exp(-t), as in J. Kuczynski, H. Wozniakowski 1992, Estimating the largest
 * eigenvalue by the power and Lanczos algorithms with a random start. The same holds of the
 * smallest.
 *
 * Costs one product and 8 m n operations a step, m + 1 vectors of memory. */
#include <string.h>

#include "base/dense.h"
#include "objective/lanczos.h"

nadir_status nd_lanczos_new(nd_lanczos *l, size_t n, size_t most, nadir_error *error) {
  size_t cells;
  *l = (nd_lanczos){.n = n, .most = most, .rounding = ND_SUM_ROUNDING};
  if (!nd_multiply(n, most + 1, &cells)) cells = SIZE_MAX;
  l->basis = nd_new(cells, sizeof(double), error);
  l->alpha = l->basis ? nd_new(2 * most, sizeof(double), error) : NULL;
  if (!l->alpha) {
    nd_lanczos_clear(l);
    return NADIR_NO_MEMORY;
  }
  l->beta = l->alpha + most;
  return NADIR_OK;
}

void nd_lanczos_clear(nd_lanczos *l) {
  nd_free(l->basis);
  nd_free(l->alpha);
  *l = (nd_lanczos){0};
}

void nd_lanczos_start(nd_lanczos *l, const double *from) {
  nd_random random = nd_random_stream(0, ND_FOR_START, 0, 1);
  for (size_t i = 0; i < l->n; i++)
    l->basis[i] = from ? from[i] : nd_random_normal(&random);
  l->length = nd_norm(l->n, l->basis);
  l->count = 0;
  l->norm = 0;
  l->broken = !isfinite(l->length);
  l->complete = l->length == 0;
  for (size_t i = 0; i < l->n && l->length > 0; i++)
    l->basis[i] /= l->length;
}

static void orthogonalise(const nd_lanczos *l, size_t count, double *next) {
  for (int pass = 0; pass < 2; pass++)
    for (size_t j = 0; j < count; j++) {
      const double *q = l->basis + j * l->n;
      double along = nd_dot(l->n, q, next);
      for (size_t i = 0; i < l->n; i++)
        next[i] -= along * q[i];
    }
}

nadir_status nd_lanczos_step(nd_lanczos *l, nadir_error *error) {
  size_t n = l->n, j = l->count;
  if (l->complete || l->broken || j == l->most) return NADIR_OK;
  double *q = l->basis + j * n, *next = q + n;
  ND_TRY(l->multiply(l->context, q, next, error));
  double alpha = nd_dot(n, q, next);
  l->broken = !nd_all_finite(n, next) || !isfinite(alpha);
  if (l->broken) return NADIR_OK;
  orthogonalise(l, j + 1, next);
  l->alpha[j] = alpha;
  l->beta[j] = nd_norm(n, next);
  l->count = j + 1;
  l->norm = fmax(l->norm, fabs(alpha) + l->beta[j] + (j > 0 ? l->beta[j - 1] : 0));
  l->complete = l->count == n || l->beta[j] <= 1e-12 * l->norm;
  for (size_t i = 0; i < n && !l->complete; i++)
    next[i] /= l->beta[j];
  return NADIR_OK;
}

nadir_status nd_lanczos_run(nd_lanczos *l, nadir_error *error) {
  while (!l->complete && !l->broken && l->count < l->most)
    ND_TRY(nd_lanczos_step(l, error));
  return NADIR_OK;
}

nadir_status nd_lanczos_eigen(const nd_lanczos *l, double *values, double *vectors,
                              nadir_error *error) {
  size_t m = l->count;
  double *matrix = nd_new(m * m, sizeof *matrix, error);
  if (!matrix) return NADIR_NO_MEMORY;
  for (size_t j = 0; j < m; j++) {
    matrix[j * m + j] = l->alpha[j];
    if (j + 1 < m) matrix[j * m + j + 1] = matrix[(j + 1) * m + j] = l->beta[j];
  }
  nadir_status status = nd_eigen(m, matrix, values, vectors, NULL, error);
  nd_free(matrix);
  return status;
}

/* The spread lambda_1 - lambda_n is at most that of the Ritz values over 1 - 2 eps, each end being
 * short by eps of it at most. */
static void bound_ends(const nd_lanczos *l, nd_ritz *ritz) {
  double rounding = l->rounding * l->norm, short_by = 0;
  if (!l->complete) {
    double root =
        tanh(log(1.648 * sqrt((double)l->n) / (NADIR_CHANCE / 2)) / (2 * (double)l->count - 1));
    double part = root * root;
    short_by = part < 0.5 ? part * (ritz->largest - ritz->smallest) / (1 - 2 * part) : HUGE_VAL;
  }
  ritz->above = ritz->largest + short_by + rounding;
  ritz->below = ritz->smallest - short_by - rounding;
}

nadir_status nd_lanczos_bounds(const nd_lanczos *l, nd_ritz *ritz, nadir_error *error) {
  size_t m = l->count;
  double *values = nd_new(m + m * m, sizeof *values, error);
  if (!values) return NADIR_NO_MEMORY;
  double *vectors = values + m;
  nadir_status status = nd_lanczos_eigen(l, values, vectors, error);
  double last = l->beta[m - 1], rounding = l->rounding * l->norm;
  *ritz = (nd_ritz){.largest = values[m - 1],
                    .smallest = values[0],
                    .largest_error = last * fabs(vectors[m * m - 1]) + rounding,
                    .smallest_error = last * fabs(vectors[m - 1]) + rounding};
  for (size_t i = 0; i + 1 < m; i++)
    ritz->others += fmax(values[i], 0);
  bound_ends(l, ritz);
  nd_free(values);
  return status;
}
