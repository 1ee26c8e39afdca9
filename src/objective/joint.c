/* The objective of a sum of squares whose rows [J r] are made all at once (joint.h): L = s |r|^2, with gradient
 * 2 s J'r, and the triangle of [J r] for the methods and errors that ask for it. s is 1/n, or 1 for a sum. Costs p + 1
 * numbers for each row in memory. */
#include <string.h>

#include "base/dense.h"
#include "objective/joint.h"

/* ---- derivatives of the model ---- */

nadir_status nd_model_slopes(const nd_model *model, nd_node *slopes, nadir_error *error) {
  return nd_derive(model->graph, model->output, model->free, model->free_count, slopes, error);
}

nadir_status nd_model_curvatures(const nd_model *model, const nd_node *slopes, nd_node *curvatures,
                                 nadir_error *error) {
  for (size_t i = 0; i < model->free_count; curvatures += ++i)
    ND_TRY(nd_derive(model->graph, slopes[i], model->free, i + 1, curvatures, error));
  return NADIR_OK;
}

void nd_mirror(size_t p, double *a) {
  for (size_t i = 0; i < p; i++)
    for (size_t j = 0; j < i; j++)
      a[j * p + i] = a[i * p + j] = a[i * p + j] + a[j * p + i];
}

/* ---- the problem ---- */

static nadir_status value(void *context, const double *w, double *loss, nadir_error *error) {
  nd_table_objective *self = context;
  nd_joint *joint = self->joint;
  double *residual = nd_new(joint->rows, sizeof *residual, error);
  nadir_status status =
      residual ? joint->squares(joint, w, residual, NULL, error) : NADIR_NO_MEMORY;
  if (status == NADIR_OK) *loss = self->scale * nd_dot(joint->rows, residual, residual);
  nd_free(residual);
  return status;
}

/* residual, and behind it the jacobian, to be freed. */
static nadir_status make_rows(const nd_table_objective *self, const double *w, double **rows,
                              nadir_error *error) {
  nd_joint *joint = self->joint;
  size_t n = joint->rows, p = self->model->size;
  *rows = nd_new(n * (p + 1), sizeof **rows, error);
  return *rows ? joint->squares(joint, w, *rows, *rows + n, error) : NADIR_NO_MEMORY;
}

static nadir_status gradient(void *context, const double *w, double *loss, double *into,
                             nadir_error *error) {
  nd_table_objective *self = context;
  size_t n = self->joint->rows, p = self->model->size;
  double *r;
  nadir_status status = make_rows(self, w, &r, error);
  for (size_t j = 0; j < p && status == NADIR_OK; j++)
    into[j] = 2 * self->scale * nd_dot(n, r + (1 + j) * n, r);
  if (status == NADIR_OK) *loss = self->scale * nd_dot(n, r, r);
  nd_free(r);
  return status;
}

static nadir_status hessian(void *context, const double *w, double *into, nadir_error *error) {
  nd_table_objective *self = context;
  size_t p = self->model->size;
  ND_TRY(self->joint->hessian(self->joint, w, into, error));
  for (size_t i = 0; i < p * p; i++)
    into[i] *= 2 * self->scale;
  return NADIR_OK;
}

static nadir_status hessian_vector(void *context, const double *w, const double *v, double *product,
                                   nadir_error *error) {
  nd_table_objective *self = context;
  size_t p = self->model->size;
  double *h = nd_new(p * p, sizeof *h, error);
  nadir_status status = h ? hessian(self, w, h, error) : NADIR_NO_MEMORY;
  for (size_t i = 0; i < p && status == NADIR_OK; i++)
    product[i] = nd_dot(p, h + i * p, v);
  nd_free(h);
  return status;
}

/* Folded in some rows at a time: the columns of `rows`, of which the residual is the first, become rows. */
static void fold(size_t n, size_t p, const double *rows, double *triangle, double *room,
                 size_t height) {
  for (size_t first = 0; first < n; first += height) {
    size_t count = n - first < height ? n - first : height;
    for (size_t i = 0; i < count; i++)
      for (size_t j = 0; j <= p; j++)
        room[i * (p + 1) + j] = rows[(j < p ? 1 + j : 0) * n + first + i];
    nd_qr_fold(p + 1, triangle, count, room);
  }
}

static nadir_status factor(void *context, const double *w, double *triangle, nadir_error *error) {
  enum { HEIGHT = 64 };
  nd_table_objective *self = context;
  size_t n = self->joint->rows, p = self->model->size;
  double *rows = NULL, *room = nd_new(HEIGHT * (p + 1), sizeof *room, error);
  nadir_status status = room ? make_rows(self, w, &rows, error) : NADIR_NO_MEMORY;
  memset(triangle, 0, (p + 1) * (p + 1) * sizeof *triangle);
  if (status == NADIR_OK) {
    fold(n, p, rows, triangle, room, HEIGHT);
    memcpy(self->rounded, w, p * sizeof *w);
    self->rounding = self->scale * self->joint->rounding(self->joint);
  }
  nd_free(rows);
  nd_free(room);
  return status;
}

/* ---- what it cannot be joined with ---- */

static nadir_status refuse(const char *setting, const char *other, const char *cure,
                           nadir_error *error) {
  return nd_fail(error, NADIR_BAD_SETTING, "%s: not with %s: %s", setting, other, cure);
}

static nadir_status check(const nd_table_objective *self, const nadir_settings *settings,
                          const char *setting, nadir_error *error) {
  const nd_model *model = self->model;
  if (model->loss.curve != ND_CURVE_SQUARE || model->target_kind == ND_TARGET_CLASS)
    return refuse(setting, "this loss", "it is for squared loss", error);
  if (model->head_count > 0 || model->free_count != model->size)
    return refuse(setting, "linear, poly or softmax", "write the model out, as in y ~ a + b*x",
                  error);
  if (settings->batch.rows > 0)
    return refuse(setting, "batches", "each update takes all rows: set batch to all", error);
  if (settings->l1 > 0 || settings->l2 > 0 || settings->path != ND_PATH_NONE)
    return refuse(setting, "a penalty", "leave one of the two out", error);
  if (settings->folds > 0 || settings->validate > 0)
    return refuse(setting, "validation rows", "leave folds and validate out", error);
  if (*settings->weight)
    return refuse(setting, "weight", "the errors give the weights: leave weight out", error);
  if (settings->errors.kind == ND_ERRORS_SANDWICH || settings->errors.kind == ND_ERRORS_BOOTSTRAP)
    return refuse(setting, "errors of that kind", "set errors to auto or hessian", error);
  return NADIR_OK;
}

static void take_over(nd_table_objective *self) {
  nadir_problem *problem = &self->face.problem;
  problem->value = value;
  problem->gradient = gradient;
  problem->hessian = self->joint->hessian ? hessian : NULL;
  problem->hessian_vector = self->joint->hessian ? hessian_vector : NULL;
  problem->factor = factor;
  self->scale = self->face.sum ? 1 : 1 / (double)self->joint->rows;
  problem->squares = self->scale;
}

nadir_status nd_join(nd_table_objective *self, const nadir_settings *settings, nadir_error *error) {
  bool correlated = *settings->data_covariance, orthogonal = *settings->sigma_x;
  if (!correlated && !orthogonal) return NADIR_OK;
  if (correlated && orthogonal)
    return refuse("sigma-x", "data-covariance", "leave one of the two out", error);
  ND_TRY(check(self, settings, correlated ? "data-covariance" : "sigma-x", error));
  ND_TRY(correlated ? nd_correlated_new(&self->joint, self, settings, error)
                    : nd_orthogonal_new(&self->joint, self, error));
  take_over(self);
  return NADIR_OK;
}
