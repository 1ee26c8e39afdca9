/* The curvature of a model in its parameters: D. M. Bates, D. G. Watts, Relative curvature measures of
 * nonlinearity, J. R. Statist. Soc. B 42, 1 (1980).
 *
 * With J = Q R, L = R^-1 and rho = s sqrt(p), the array a = rho Q' f''(L, L) says how far second derivatives of the
 * model lie in its tangent plane, where other parameters would take them away. Its root mean square over directions is
 * c^2 = sum_i (2 sum_jk a_ijk^2 + (sum_j a_ijj)^2) / (p (p + 2)), and c sqrt(F), F the quantile of F(p, n - p) at 95 %, is
 * small against 1 where a region of confidence is an ellipse. Inner products of first and second derivatives follow
 * from changes of the metric M = L' J' J L,
 *
 *     a_ijk = (dM_ik/du_j + dM_ij/du_k - dM_jk/du_i) / 2    along w + rho L u,
 *
 * which central differences find from the triangles of the rows at 2 p points. Cost: these, p^4; only where that is
 * little. The intrinsic curvature, which is less in nearly all models, is left out. */
#include <string.h>

#include "base/dense.h"
#include "base/distribution.h"
#include "judge/bend.h"
#include "judge/errors_internal.h"

enum { MOST_PARAMETERS = 16 };
static const double MOST_WORK = 2e5; /* rows times parameters cubed */
static const double STEP = 1e-3, LEVEL = 0.05;

typedef struct bend {
  const nadir_problem *problem;
  size_t n;
  double *triangle, *inverse; /* (n + 1)^2 of [J r]; L, by columns */
  double *at, *image;         /* n; n x n: R L */
  double *change;             /* n^3: dM_ik/du_j at [j][i][k] */
} bend;

static nadir_status bend_new(bend *b, nadir_error *error) {
  size_t width = b->n + 1;
  b->triangle = nd_new(width * width, sizeof *b->triangle, error);
  b->inverse = nd_new(width * width, sizeof *b->inverse, error);
  b->at = nd_new(b->n, sizeof *b->at, error);
  b->image = nd_new(b->n * b->n, sizeof *b->image, error);
  b->change = nd_new(b->n * b->n * b->n, sizeof *b->change, error);
  bool made = b->triangle && b->inverse && b->at && b->image && b->change;
  return made ? NADIR_OK : NADIR_NO_MEMORY;
}

static void bend_free(bend *b) {
  double *rooms[] = {b->triangle, b->inverse, b->at, b->image, b->change};
  for (size_t i = 0; i < ND_COUNT(rooms); i++)
    nd_free(rooms[i]);
}

/* metric += share M at b->at. */
static nadir_status add_metric(bend *b, double share, double *metric, nadir_error *error) {
  size_t n = b->n, width = n + 1;
  ND_TRY(b->problem->factor(b->problem->context, b->at, b->triangle, error));
  for (size_t j = 0; j < n; j++) /* column j of R L */
    for (size_t i = 0; i < n; i++) {
      double sum = 0;
      for (size_t k = i; k < n; k++)
        sum += b->triangle[i * width + k] * b->inverse[j * n + k];
      b->image[j * n + i] = sum;
    }
  for (size_t i = 0; i < n * n; i++)
    metric[i] += share * nd_dot(n, b->image + i / n * n, b->image + i % n * n);
  return NADIR_OK;
}

static nadir_status find_changes(bend *b, const double *w, double rho, nadir_error *error) {
  for (size_t j = 0; j < b->n; j++)
    for (int side = -1; side <= 1; side += 2) {
      for (size_t k = 0; k < b->n; k++)
        b->at[k] = w[k] + side * STEP * rho * b->inverse[j * b->n + k];
      ND_TRY(add_metric(b, side / (2 * STEP), b->change + j * b->n * b->n, error));
    }
  return NADIR_OK;
}

static double mean_square(const bend *b) {
  size_t n = b->n;
  double sum = 0;
  const double *d = b->change;
  for (size_t i = 0; i < n; i++) {
    double squares = 0, trace = 0;
    for (size_t j = 0; j < n; j++)
      for (size_t k = 0; k < n; k++) {
        double a = (d[(j * n + i) * n + k] + d[(k * n + i) * n + j] - d[(i * n + j) * n + k]) / 2;
        squares += a * a;
        trace += j == k ? a : 0;
      }
    sum += 2 * squares + trace * trace;
  }
  return sum / (double)(n * (n + 2));
}

/* s in the units of the triangle. */
static double scatter(const bend *b, const nd_table_objective *self, const nd_errors *errors) {
  size_t width = b->n + 1;
  double sum = 0;
  for (size_t i = 0; i < width; i++)
    sum = hypot(sum, b->triangle[i * width + b->n]);
  return self->model->row_errors ? 1 / sqrt(self->face.loss_factor)
                                          : sum / sqrt((double)errors->degrees_of_freedom);
}

static nadir_status measure(bend *b, const nd_table_objective *self, const nd_errors *errors,
                            const double *w, double *curvature, nadir_error *error) {
  double p = (double)b->n;
  ND_TRY(b->problem->factor(b->problem->context, w, b->triangle, error));
  nd_invert_upper(b->n, b->triangle, b->inverse);
  double rho = scatter(b, self, errors) * sqrt(p);
  ND_TRY(find_changes(b, w, rho, error));
  double f = nd_f_exceeded(LEVEL, p, (double)errors->degrees_of_freedom);
  *curvature = sqrt(mean_square(b) * f);
  return NADIR_OK;
}

nadir_status nd_find_bend(const nd_objective *objective, const nd_errors *errors, const double *w,
                          double *curvature, nadir_error *error) {
  const nd_table_objective *self = nd_rows_of(objective);
  size_t n = self->model->size;
  double work = (double)self->data->counts.used * (double)(n * n * n);
  bool bends = errors->by == NADIR_ERRORS_BY_SQUARES && !self->model->is_linear &&
               self->face.problem.factor && errors->rank == n && errors->degrees_of_freedom > 0;
  bend b = {.problem = &objective->problem, .n = n};
  *curvature = (double)NAN;
  if (!bends || n > MOST_PARAMETERS || work > MOST_WORK) return NADIR_OK;
  nadir_status status = bend_new(&b, error);
  if (status == NADIR_OK) status = measure(&b, self, errors, w, curvature, error);
  bend_free(&b);
  return status;
}
