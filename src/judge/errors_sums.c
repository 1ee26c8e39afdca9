/* The passes over the rows of a fit that its standard errors come from.
 *
 * J'WJ of a model that is not linear is half the Hessian of the same loss with the fitted values as target,
 * since all residuals are then 0 (Gauss-Newton). Cost: a pass each, n^2 a row for n parameters. */
#include <string.h>

#include "base/dense.h"
#include "judge/errors_internal.h"

/* ---- J'WJ ---- */

typedef struct fitted_pass {
  nd_data *data;
  const double *w;
} fitted_pass;

static nadir_status fitted_block(void *context, size_t b, size_t worker, void *out,
                                 nadir_error *error) {
  const fitted_pass *now = context;
  nd_data *data = now->data;
  nd_block *block;
  ND_TRY(nd_data_fitted_block(data, b, worker, &block, error));
  if (block != NULL)
    nd_rows_hessian(data->rows, data->workers[worker].workspace, block, now->w, out);
  return NADIR_OK;
}

/* 2 J'WJ over all rows of a model that is not linear. */
static nadir_status gauss_newton(nd_model *model, nd_data *data, nd_pool *pool, const double *w,
                                 double *sums, nadir_error *error) {
  fitted_pass now = {.data = data, .w = w};
  nd_reduction reduction = {.blocks = data->blocks,
                            .bytes = model->size * model->size * sizeof(double),
                            .block = fitted_block,
                            .combine = nd_combine_sums,
                            .context = &now};
  double *before = model->value;
  model->value = nd_new(model->size, sizeof *model->value, error);
  nadir_status status = model->value == NULL ? NADIR_NO_MEMORY : NADIR_OK;
  if (status == NADIR_OK) {
    nd_model_to_table(model, w, model->value);
    status = nd_reduce(&reduction, pool, sums, error);
  }
  nd_free(model->value);
  model->value = before;
  return status;
}

nadir_status nd_half_hessian(nd_table_objective *self, const double *w, nd_errors_work *work,
                             nadir_error *error) {
  if (self->model->is_linear) return nd_observed_hessian(self, w, 2, work, error);
  ND_TRY(gauss_newton(self->model, self->data, self->pool, w, work->raw, error));
  for (size_t i = 0; i < work->n * work->n; i++)
    work->raw[i] /= 2;
  return NADIR_OK;
}

nadir_status nd_loss_hessian(nd_table_objective *self, const double *w, double *hessian,
                             nadir_error *error) {
  const nadir_problem *problem = &self->face.problem;
  ND_TRY(problem->hessian(problem->context, w, hessian, error));
  for (size_t i = 0; i < problem->size && self->ridge != NULL; i++)
    hessian[i * problem->size + i] -= self->ridge[i];
  return NADIR_OK;
}

nadir_status nd_observed_hessian(nd_table_objective *self, const double *w, double by,
                                 nd_errors_work *work, nadir_error *error) {
  ND_TRY(nd_loss_hessian(self, w, work->raw, error));
  for (size_t i = 0; i < work->n * work->n; i++)
    work->raw[i] = work->raw[i] / self->scale / by;
  return NADIR_OK;
}

/* ---- the triangle of the rows ---- */

/* columns[j] <- column j of R^-1, R the triangle with its columns divided by `norm`. */
static void invert_upper(size_t n, const double *triangle, const double *norm, double *columns) {
  for (size_t j = 0; j < n; j++) {
    double *x = columns + j * n;
    memset(x, 0, n * sizeof *x);
    x[j] = norm[j] / triangle[j * (n + 1) + j];
    for (size_t i = j; i-- > 0;) {
      for (size_t k = i + 1; k <= j; k++)
        x[i] -= triangle[i * (n + 1) + k] / norm[k] * x[k];
      x[i] /= triangle[i * (n + 1) + i] / norm[i];
    }
  }
}

void nd_invert_upper(size_t n, const double *triangle, double *columns) {
  double *norm = columns + n * n; /* room behind the inverse */
  for (size_t j = 0; j < n; j++)
    norm[j] = nd_qr_column_norm(n + 1, triangle, j);
  invert_upper(n, triangle, norm, columns);
  for (size_t i = 0; i < n * n; i++)
    columns[i] /= norm[i % n];
}

/* A triangle with the columns of held parameters taken out, and a 1 of their own in their place. */
static nadir_status hold_columns(size_t n, const bool *held, double *triangle, nadir_error *error) {
  size_t width = n + 1;
  if (held == NULL) return NADIR_OK;
  double *rows = nd_new(2 * width * width, sizeof *rows, error);
  if (rows == NULL) return NADIR_NO_MEMORY;
  memcpy(rows, triangle, width * width * sizeof *rows);
  for (size_t j = 0; j < n; j++) {
    for (size_t i = 0; i < width && held[j]; i++)
      rows[i * width + j] = 0;
    rows[(width + j) * width + j] = held[j];
  }
  memset(triangle, 0, width * width * sizeof *triangle);
  nd_qr_fold(width, triangle, 2 * width, rows);
  nd_free(rows);
  return NADIR_OK;
}

/* R^-1 R'^-1, and norms and x as room for n numbers each; false where R is singular. */
static nadir_status invert_triangle(const double *triangle, double *norm, double *x,
                                    nd_errors_work *work, bool *done, nadir_error *error) {
  size_t n = work->n, width = n + 1, rank = 0;
  *done = nd_all_finite(width * width, triangle);
  for (size_t j = 0; j < n && *done; j++) {
    norm[j] = nd_qr_column_norm(width, triangle, j);
    x[j] = 0;
    *done = norm[j] > 0;
  }
  if (*done) ND_TRY(nd_qr_solve(n, width, triangle, x, x, &rank, NULL, error));
  *done = *done && rank == n;
  if (!*done) return NADIR_OK;
  invert_upper(n, triangle, norm, work->columns);
  for (size_t i = 0; i < n * n; i++) {
    work->inverse[i] = 0;
    if (nd_is_held(work->held, i / n) || nd_is_held(work->held, i % n)) continue;
    for (size_t k = 0; k < n; k++)
      work->inverse[i] += work->columns[k * n + i / n] * work->columns[k * n + i % n];
  }
  for (size_t i = 0; i < n; i++)
    work->unit[i] = 1 / norm[i];
  return NADIR_OK;
}

nadir_status nd_invert_by_triangle(nd_table_objective *self, const double *w, nd_errors_work *work,
                                   bool *done, nadir_error *error) {
  const nadir_problem *problem = &self->face.problem;
  size_t n = work->n, width = n + 1;
  *done = false;
  double *triangle = nd_new(width * width + 2 * n, sizeof *triangle, error);
  if (triangle == NULL) return NADIR_NO_MEMORY;
  double *norm = triangle + width * width;
  nadir_status status = problem->factor(problem->context, w, triangle, error);
  if (status == NADIR_OK) status = hold_columns(n, work->held, triangle, error);
  if (status == NADIR_OK) status = invert_triangle(triangle, norm, norm + n, work, done, error);
  nd_free(triangle);
  return status;
}

/* ---- the squares of the rows' gradients ---- */

typedef struct squares_pass {
  nd_data *data;
  const double *w, *unit;
  double by;
  size_t n;
} squares_pass;

static nadir_status squares_of_block(void *context, size_t b, size_t at, void *out,
                                     nadir_error *error) {
  const squares_pass *now = context;
  nd_block *block;
  double loss, *sums = out;
  ND_TRY(nd_data_block(now->data, b, at, false, &block, error));
  if (block == NULL) return NADIR_OK;
  double *g = nd_new(now->n, sizeof *g, error);
  if (g == NULL) return NADIR_NO_MEMORY;
  for (uint32_t row = 0; row < nd_block_rows(block); row++) {
    const nd_pick pick = {0, row};
    nd_rows_batch(now->data->rows, now->data->workers[at].workspace, &block, &pick, 1, now->w,
                  &loss, g);
    for (size_t i = 0; i < now->n; i++)
      g[i] *= now->unit[i] / now->by;
    for (size_t i = 0; i < now->n * now->n; i++)
      sums[i] += g[i / now->n] * g[i % now->n];
  }
  nd_free(g);
  return NADIR_OK;
}

nadir_status nd_sum_of_squared_gradients(nd_table_objective *self, const double *w, double by,
                                         nd_errors_work *work, nadir_error *error) {
  squares_pass now = {.data = self->data, .w = w, .unit = work->unit, .by = by, .n = work->n};
  nd_reduction reduction = {.blocks = self->data->blocks,
                            .bytes = work->n * work->n * sizeof(double),
                            .block = squares_of_block,
                            .combine = nd_combine_sums,
                            .context = &now};
  return nd_reduce(&reduction, self->pool, work->raw, error);
}
