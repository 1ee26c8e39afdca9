/* Standard errors of a least-squares fit, and the condition of the problem before and after
 * scaling.
 *
 * With J the derivatives of the model by the parameters and W the weights, the covariance is
 * s^2 (J'WJ)^-1 with s^2 = RSS/(n - p), and (J'WJ)^-1 where --sigma gives the weights (then chi2
 * and n - p say whether they were right). For linear models J'WJ is half the Hessian; for others it
 * is half the Hessian of the same loss with the fitted values as target, since all residuals are
 * then 0 (Gauss-Newton). It is inverted in descent coordinates, with a unit diagonal, and carried
 * to the table's by the linear map between them. Only the unpenalised squared loss has these
 * errors.
 *
 * Where J'WJ is singular to rounding its inverse is the pseudo-inverse, which gives the errors of all
 * that is determined nevertheless (Rao, Linear Statistical Inference, 1973, 4a.3); a parameter that
 * has a part in a null vector is not.
 *
 * The condition number is the greatest eigenvalue of the Hessian times that of its inverse: each is
 * accurate in the table's coordinates too, where the least eigenvalue itself would be lost to
 * rounding. Cost: one Hessian, n^3 for n parameters; none above 512. */
#include <float.h>
#include <string.h>

#include "base/dense.h"
#include "judge/judge.h"
#include "objective/of_table.h"

enum { MOST_PARAMETERS = 512 };
static const double most_work = 2e11; /* rows times parameters squared */
/* Of J'WJ with a unit diagonal: eigenvalues that are rounding, in units of n epsilon. Of a null
 * vector: a part that is rounding. */
static const double null_eigenvalue = 8, null_part = 1e-6;

/* ---- between coordinates: the linear part of the map alone ---- */

static nd_model linear_part(const nd_model *model) {
  nd_model part = *model;
  part.target_scaling.center = 0;
  return part;
}

static void transpose(size_t n, double *a) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < i; j++) {
      double swap = a[i * n + j];
      a[i * n + j] = a[j * n + i];
      a[j * n + i] = swap;
    }
}

/* c <- A c A', A from descent to table. */
static void carry_covariance(const nd_model *model, double *c) {
  nd_model part = linear_part(model);
  size_t n = model->size;
  for (size_t i = 0; i < n; i++)
    nd_model_to_table(&part, c + i * n, c + i * n);
  transpose(n, c);
  for (size_t i = 0; i < n; i++)
    nd_model_to_table(&part, c + i * n, c + i * n);
}

/* raw <- B' h B, B from table to descent. columns[k] is column k of B. */
static void carry_hessian(const nd_model *model, const double *h, double *columns, double *raw) {
  nd_model part = linear_part(model);
  size_t n = model->size;
  for (size_t k = 0; k < n; k++) {
    memset(columns + k * n, 0, n * sizeof *columns);
    columns[k * n + k] = 1;
    nd_model_to_descent(&part, columns + k * n, columns + k * n);
  }
  for (size_t k = 0; k < n; k++)
    for (size_t l = 0; l <= k; l++) {
      double sum = 0;
      for (size_t i = 0; i < n; i++)
        if (columns[k * n + i] != 0)
          sum += columns[k * n + i] * nd_dot(n, h + i * n, columns + l * n);
      raw[k * n + l] = raw[l * n + k] = sum;
    }
}

/* ---- inverses ---- */

/* inverse <- h^-1 by way of a unit diagonal; false where h is not numerically positive definite. */
static nadir_status invert(size_t n, const double *h, double *inverse, bool *definite,
                           const nd_until *until, nadir_error *error) {
  double *unit = nd_new(n * n, sizeof *unit, error), *root = nd_new(n, sizeof *root, error);
  nadir_status status = unit == NULL || root == NULL ? NADIR_NO_MEMORY : NADIR_OK;
  *definite = nd_all_finite(n * n, h);
  for (size_t i = 0; i < n && status == NADIR_OK; i++) {
    root[i] = sqrt(h[i * n + i]);
    *definite = *definite && root[i] > 0;
  }
  if (status == NADIR_OK && *definite) {
    for (size_t i = 0; i < n * n; i++)
      unit[i] = h[i] / root[i / n] / root[i % n];
    status = nd_invert_definite(n, unit, inverse, definite, until, error);
    for (size_t i = 0; i < n * n && status == NADIR_OK && *definite; i++)
      inverse[i] = inverse[i] / root[i / n] / root[i % n];
  }
  nd_free(unit);
  nd_free(root);
  return status;
}

/* ---- what is not determined ---- */

typedef struct spectrum {
  size_t n, lost;                          /* eigenvalues that count as 0: the first ones */
  double *unit, *values, *vectors, *scale; /* vectors by rows; scale: roots of the diagonal */
} spectrum;

static void spectrum_free(spectrum *s) {
  nd_free(s->unit);
  nd_free(s->values);
  nd_free(s->vectors);
  nd_free(s->scale);
}

/* Of h with a unit diagonal; a parameter that does not act has a row of zeros. */
static nadir_status spectrum_of(size_t n, const double *h, spectrum *s, const nd_until *until,
                                nadir_error *error) {
  *s = (spectrum){.n = n,
                  .unit = nd_new(n * n, sizeof(double), error),
                  .values = nd_new(n, sizeof(double), error),
                  .vectors = nd_new(n * n, sizeof(double), error),
                  .scale = nd_new(n, sizeof(double), error)};
  if (!s->unit || !s->values || !s->vectors || !s->scale) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < n; i++)
    s->scale[i] = h[i * n + i] > 0 ? sqrt(h[i * n + i]) : 1;
  for (size_t i = 0; i < n * n; i++)
    s->unit[i] = h[i] / s->scale[i / n] / s->scale[i % n];
  ND_TRY(nd_eigen(n, s->unit, s->values, s->vectors, until, error));
  double least = null_eigenvalue * (double)n * DBL_EPSILON * s->values[n - 1];
  while (s->lost < n && s->values[s->lost] <= least)
    s->lost++;
  return NADIR_OK;
}

static void pseudo_inverse(const spectrum *s, double *inverse) {
  size_t n = s->n;
  for (size_t i = 0; i < n * n; i++) {
    inverse[i] = 0;
    for (size_t k = s->lost; k < n; k++)
      inverse[i] += s->vectors[k * n + i / n] * s->vectors[k * n + i % n] / s->values[k];
    inverse[i] = inverse[i] / s->scale[i / n] / s->scale[i % n];
  }
}

/* bound[i]: the most that a unit vector in the coordinates of the spectrum moves parameter i of the
 * table by, against which a part of a null vector is large or rounding. */
static void largest_moves(const nd_model *model, const spectrum *s, double *move, double *bound) {
  nd_model part = linear_part(model);
  size_t n = s->n;
  memset(bound, 0, n * sizeof *bound);
  for (size_t k = 0; k < n; k++) {
    memset(move, 0, n * sizeof *move);
    move[k] = 1 / s->scale[k];
    nd_model_to_table(&part, move, move);
    for (size_t i = 0; i < n; i++)
      bound[i] = fmax(bound[i], fabs(move[i]));
  }
}

/* null <- null vector k in the table's coordinates. */
static void null_vector(const nd_model *model, const spectrum *s, size_t k, double *null) {
  nd_model part = linear_part(model);
  for (size_t i = 0; i < s->n; i++)
    null[i] = s->vectors[k * s->n + i] / s->scale[i];
  nd_model_to_table(&part, null, null);
}

static nadir_status mark_undetermined(nd_model *model, const spectrum *s, nd_errors *errors,
                                      nadir_error *error) {
  size_t n = s->n, found = 0;
  double *room = nd_new(2 * n, sizeof *room, error);
  if (room == NULL) return NADIR_NO_MEMORY;
  largest_moves(model, s, room, room + n);
  for (size_t k = 0; k < s->lost; k++) {
    null_vector(model, s, k, room);
    for (size_t i = 0; i < n; i++)
      if (fabs(room[i]) > null_part * room[n + i]) model->parameters[i].undetermined = true;
  }
  for (size_t i = 0; i < n && s->lost == 1; i++)
    if (model->parameters[i].undetermined && found < 2) errors->along[found++] = room[i];
  nd_free(room);
  return NADIR_OK;
}

/* inverse <- that of h where it is positive definite, else its pseudo-inverse, and what is not
 * determined is marked. */
static nadir_status invert_determined(nd_model *model, const double *h, double *inverse,
                                      const nd_until *until, nd_errors *errors,
                                      nadir_error *error) {
  spectrum s = {0};
  bool definite;
  nadir_status status = invert(model->size, h, inverse, &definite, until, error);
  if (status == NADIR_OK && nd_all_finite(model->size * model->size, h))
    status = spectrum_of(model->size, h, &s, until, error);
  if (status == NADIR_OK && s.lost > 0) {
    pseudo_inverse(&s, inverse);
    status = mark_undetermined(model, &s, errors, error);
  }
  errors->rank = model->size - s.lost;
  spectrum_free(&s);
  return status;
}

/* The greatest eigenvalue of a positive definite matrix. */
static nadir_status greatest(size_t n, const double *a, double *value, const nd_until *until,
                             nadir_error *error) {
  *value = (double)INFINITY;
  if (!nd_all_finite(n * n, a)) return NADIR_OK;
  double *values = nd_new(n, sizeof *values, error);
  if (values == NULL) return NADIR_NO_MEMORY;
  nadir_status status = nd_eigen(n, a, values, NULL, until, error);
  if (status == NADIR_OK) *value = values[n - 1];
  nd_free(values);
  return status;
}

/* ---- condition ---- */

typedef struct matrices {
  size_t n;
  double *hessian, *inverse, *columns, *raw;
  double *unit; /* the inverse is that over w[i] / unit[i], so that its numbers are doubles */
} matrices;

static nadir_status condition_of(size_t n, const double *h, const double *inverse, double *value,
                                 const nd_until *until, nadir_error *error) {
  double up, down;
  ND_TRY(greatest(n, h, &up, until, error));
  ND_TRY(greatest(n, inverse, &down, until, error));
  *value = up * down;
  return NADIR_OK;
}

/* Uses up work->inverse. */
static nadir_status find_condition(const nd_model *model, matrices *work, bool definite,
                                   const nd_until *until, nd_errors *errors, nadir_error *error) {
  errors->condition_raw = errors->condition_scaled = (double)INFINITY;
  if (!definite) return NADIR_OK;
  ND_TRY(condition_of(work->n, work->hessian, work->inverse, &errors->condition_scaled, until,
                      error));
  carry_hessian(model, work->hessian, work->columns, work->raw);
  carry_covariance(model, work->inverse);
  return condition_of(work->n, work->raw, work->inverse, &errors->condition_raw, until, error);
}

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

/* ---- standard errors ---- */

static bool is_least_squares(const nd_model *model) {
  return model->loss.curve == ND_CURVE_SQUARE;
}

static void forget(nd_model *model) {
  for (size_t i = 0; i < model->size; i++) {
    model->standard_error[i] = (double)NAN;
    model->parameters[i].undetermined = false;
  }
  nd_free(model->covariance);
  model->covariance = NULL;
}

/* The same model over columns and a target divided by their widths, so that squares of its
 * parameters are doubles whatever the units; unit[i]: parameter i of the table's own over its.
 * part->scaling is to be freed. */
static nadir_status divide_by_widths(const nd_model *model, nd_model *part, double *unit,
                                     nadir_error *error) {
  double width = model->target_scaling.width;
  *part = *model;
  part->target_scaling = (nd_scaling){0, 1};
  part->scaling = nd_new(model->feature_count, sizeof *part->scaling, error);
  if (part->scaling == NULL) return NADIR_NO_MEMORY;
  for (size_t j = 0; j < model->feature_count; j++)
    part->scaling[j] = (nd_scaling){model->scaling[j].center / model->scaling[j].width, 1};
  part->basis.center /= model->basis.degree > 0 ? model->basis.width : 1;
  part->basis.width = 1;
  for (size_t i = 0; i < model->size; i++) {
    const nd_model_parameter *it = &model->parameters[i];
    unit[i] = model->is_linear ? width : 1;
    if (!model->is_linear || it->kind != ND_WEIGHT) continue;
    unit[i] /= model->scaling[it->feature].width;
    for (size_t k = 0; k <= it->feature && model->basis.degree > 0; k++)
      unit[i] /= model->basis.width;
  }
  return NADIR_OK;
}

/* inverse: of J'WJ over w[i] / own[i]; variance: of a residual of weight 1; both in descent
 * coordinates. */
static nadir_status take_errors(nd_model *model, const double *inverse, const double *own,
                                double variance, nadir_error *error) {
  size_t n = model->size;
  bool all = true;
  nd_model part = {0};
  model->covariance = nd_new(n * n, sizeof *model->covariance, error);
  double *unit = nd_new(n, sizeof *unit, error);
  nadir_status status = model->covariance == NULL || unit == NULL
                            ? NADIR_NO_MEMORY
                            : divide_by_widths(model, &part, unit, error);
  if (status == NADIR_OK) {
    for (size_t i = 0; i < n * n; i++)
      model->covariance[i] = inverse[i] * variance;
    carry_covariance(&part, model->covariance);
    for (size_t i = 0; i < n; i++) {
      unit[i] *= own[i];
      bool known = !model->parameters[i].undetermined;
      model->standard_error[i] = known ? sqrt(model->covariance[i * n + i]) * unit[i] : (double)NAN;
      all &= known;
    }
    for (size_t i = 0; i < n * n; i++)
      model->covariance[i] *= unit[i / n] * unit[i % n];
  }
  bool whole = status == NADIR_OK && all && nd_all_finite(n * n, model->covariance);
  if (!whole) { /* of some there is none, or it is beyond a double */
    nd_free(model->covariance);
    model->covariance = NULL;
  }
  nd_free(part.scaling);
  nd_free(unit);
  return status;
}

/* Sets what the residuals say; gives the variance of a residual of weight 1 in descent coordinates,
 * NaN where there is none. */
static nadir_status residuals(const nd_table_objective *self, const double *w, nd_errors *errors,
                              double *variance, nadir_error *error) {
  const nd_model *model = self->model;
  double loss;
  ND_TRY(self->face.problem.value(self->face.problem.context, w, &loss, error));
  double sum = self->face.data_loss(&self->face, w, loss) / self->scale;
  double width = model->target_scaling.width;
  uint64_t rows = self->data->positive, size = errors->rank;
  errors->degrees_of_freedom = rows > size ? rows - size : 0;
  *variance = (double)NAN;
  if (model->sigma != ND_NO_NODE) {
    errors->chi2 = sum * self->face.loss_factor;
    *variance = 1 / (width * width);
  } else if (errors->degrees_of_freedom > 0) {
    *variance = sum / (double)errors->degrees_of_freedom;
    errors->residual_sigma = sqrt(*variance) * width;
  }
  return NADIR_OK;
}

static nadir_status half_hessian(nd_table_objective *self, const double *w, matrices *work,
                                 nadir_error *error) {
  size_t cells = work->n * work->n;
  if (!self->model->is_linear)
    ND_TRY(gauss_newton(self->model, self->data, self->pool, w, work->raw, error));
  for (size_t i = 0; i < cells; i++)
    work->raw[i] = self->model->is_linear ? work->hessian[i] / self->scale / 2 : work->raw[i] / 2;
  return NADIR_OK;
}

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

/* (J'WJ)^-1 = R^-1 R'^-1 by the triangle of the rows, which keeps the digits that J'WJ loses; done
 * false where a column is 0 or depends on others. */
static nadir_status invert_by_triangle(nd_table_objective *self, const double *w, matrices *work,
                                       bool *done, nadir_error *error) {
  const nadir_problem *problem = &self->face.problem;
  size_t n = work->n, width = n + 1, rank = 0;
  *done = false;
  double *triangle = nd_new(width * width + 2 * n, sizeof *triangle, error);
  if (triangle == NULL) return NADIR_NO_MEMORY;
  double *norm = triangle + width * width, *x = norm + n;
  nadir_status status = problem->factor(problem->context, w, triangle, error);
  bool whole = status == NADIR_OK && nd_all_finite(width * width, triangle);
  for (size_t j = 0; j < n && whole; j++) {
    norm[j] = nd_qr_column_norm(width, triangle, j);
    x[j] = 0;
    whole = norm[j] > 0;
  }
  if (whole) status = nd_qr_solve(n, width, triangle, x, x, &rank, NULL, error);
  *done = whole && status == NADIR_OK && rank == n;
  if (*done) {
    invert_upper(n, triangle, norm, work->columns);
    for (size_t i = 0; i < n * n; i++) {
      work->inverse[i] = 0;
      for (size_t k = 0; k < n; k++)
        work->inverse[i] += work->columns[k * n + i / n] * work->columns[k * n + i % n];
    }
    for (size_t i = 0; i < n; i++)
      work->unit[i] = 1 / norm[i];
  }
  nd_free(triangle);
  return status;
}

static nadir_status find_errors(nd_table_objective *self, const double *w, matrices *work,
                                nd_errors *errors, nadir_error *error) {
  double variance;
  bool penalised = self->ridge != NULL || self->l1 != NULL, done = false;
  errors->rank = work->n;
  for (size_t i = 0; i < work->n; i++)
    work->unit[i] = 1;
  if (!penalised && !self->model->is_linear && self->face.problem.factor)
    ND_TRY(invert_by_triangle(self, w, work, &done, error));
  if (!penalised && !done) {
    ND_TRY(half_hessian(self, w, work, error));
    ND_TRY(invert_determined(self->model, work->raw, work->inverse, self->face.until, errors, error));
    done = nd_all_finite(work->n * work->n, work->raw);
  }
  ND_TRY(residuals(self, w, errors, &variance, error));
  errors->none = penalised                   ? NADIR_ERRORS_PENALTY
                 : self->model->class_weight ? NADIR_ERRORS_CLASS_WEIGHT
                 : !done                     ? NADIR_ERRORS_RANGE
                 : isnan(variance) ? NADIR_ERRORS_FREEDOM
                                   : NADIR_ERRORS_GIVEN;
  if (errors->none != NADIR_ERRORS_GIVEN) return NADIR_OK;
  return take_errors(self->model, work->inverse, work->unit, variance, error);
}

/* Of a loss that is not squared. */
static nadir_no_errors why_none(const nd_table_objective *self) {
  if (self->model->class_weight) return NADIR_ERRORS_CLASS_WEIGHT;
  if (self->face.kinked) return NADIR_ERRORS_KINKS;
  return self->model->loss.is_likelihood ? NADIR_ERRORS_LOSS : NADIR_ERRORS_NO_LIKELIHOOD;
}

/* The Hessian of the loss, without the penalty. */
static nadir_status loss_hessian(nd_table_objective *self, const double *w, matrices *work,
                                 nadir_error *error) {
  const nadir_problem *problem = &self->face.problem;
  ND_TRY(problem->hessian(problem->context, w, work->hessian, error));
  for (size_t i = 0; i < work->n && self->ridge != NULL; i++)
    work->hessian[i * work->n + i] -= self->ridge[i];
  return NADIR_OK;
}

static nadir_status diagnose(nd_table_objective *self, const double *w, matrices *work,
                             nd_errors *errors, nadir_error *error) {
  nd_model *model = self->model;
  bool definite;
  if (model->is_linear) ND_TRY(loss_hessian(self, w, work, error));
  if (is_least_squares(model)) ND_TRY(find_errors(self, w, work, errors, error));
  bool curved = model->is_linear && !self->face.kinked; /* else the Hessian does not tell */
  if (!curved || !model->intercept || model->head_count != 1) return NADIR_OK;
  ND_TRY(invert(work->n, work->hessian, work->inverse, &definite, self->face.until, error));
  return find_condition(model, work, definite, self->face.until, errors, error);
}

static bool too_much(const nd_table_objective *self) {
  double size = (double)self->model->size;
  return self->model->size > MOST_PARAMETERS || self->face.problem.hessian == NULL ||
         (double)self->data->counts.used * size * size > most_work;
}

nadir_status nd_standard_errors(nd_model *model, nd_data *data, const nd_objective *objective,
                                const double *descent_w, nd_errors *errors, nadir_error *error) {
  (void)data;
  nd_table_objective *self = nd_rows_of(objective);
  double nothing = (double)NAN;
  *errors = (nd_errors){.residual_sigma = nothing,
                        .chi2 = nothing,
                        .condition_raw = nothing,
                        .condition_scaled = nothing,
                        .rank = model->size};
  forget(model);
  errors->none = is_least_squares(model) ? NADIR_ERRORS_COST : why_none(self);
  if (too_much(self)) return NADIR_OK;
  size_t cells = model->size * model->size;
  matrices work = {.n = model->size};
  double **rooms[] = {&work.hessian, &work.inverse, &work.columns, &work.raw, &work.unit};
  nadir_status status = NADIR_OK;
  for (size_t i = 0; i < ND_COUNT(rooms) && status == NADIR_OK; i++) {
    *rooms[i] = nd_new(cells, sizeof(double), error);
    if (*rooms[i] == NULL) status = NADIR_NO_MEMORY;
  }
  if (status == NADIR_OK) status = diagnose(self, descent_w, &work, errors, error);
  for (size_t i = 0; i < ND_COUNT(rooms); i++)
    nd_free(*rooms[i]);
  return status;
}
