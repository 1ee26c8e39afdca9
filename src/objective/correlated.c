/* Rows whose errors belong together, by their covariance C (--data-covariance): chi2 = r' C^-1 r, and with sigma
 * C + diag(sigma^2), as systematic and own errors add up.
 *
 * C = L D L' is taken apart once; residuals and derivatives are made white by D^-1/2 L^-1, so that chi2 is the sum
 * of their squares (A. C. Aitken 1935). The matrix is that of all rows of the table: rows that are left out take their
 * rows and columns with them, which leaves the covariance of those that stay. Costs n^3/3 operations once and n^2 (p + 1)
 * for each look at n rows and p parameters, and n^2 numbers. */
#include <float.h>
#include <string.h>

#include "base/dense.h"
#include "base/limits.h"
#include "objective/joint.h"
#include "table/matrix.h"

static const double SYMMETRIC = 1e-6; /* of two standard deviations */

typedef struct correlated {
  nd_joint joint;
  const nd_table_objective *self;
  nd_gathered rows;
  nd_row_program *value, *slopes, *curvatures;
  double *factor;      /* n x n */
  double *white, *own; /* the last residuals, made white; the rounding of each before */
} correlated;

/* ---- the matrix ---- */

static nadir_status check_pair(const char *path, size_t size, const double *c, size_t i, size_t j,
                               nadir_error *error) {
  double apart = fabs(c[i * size + j] - c[j * size + i]);
  if (!(c[i * size + i] > 0))
    return nd_fail(
        error, NADIR_BAD_DATA,
        "%s: the variance of row %zu is not above 0: leave the row out with the setting where",
        path, i + 1);
  if (apart <= SYMMETRIC * sqrt(c[i * size + i]) * sqrt(fabs(c[j * size + j]))) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_DATA,
                 "%s: elements %zu, %zu and %zu, %zu differ: a covariance is symmetric", path,
                 i + 1, j + 1, j + 1, i + 1);
}

/* The rows and columns that are used, with the variances of sigma added. */
static nadir_status select_rows(correlated *it, const char *path, size_t size, const double *c,
                                nadir_error *error) {
  size_t n = it->rows.rows;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j <= i; j++) {
      size_t a = (size_t)it->rows.place[i], b = (size_t)it->rows.place[j];
      ND_TRY(check_pair(path, size, c, a, b, error));
      it->factor[i * n + j] = it->factor[j * n + i] = (c[a * size + b] + c[b * size + a]) / 2;
    }
  return NADIR_OK;
}

static void add_variances(correlated *it) {
  const nd_model *model = it->self->model;
  size_t n = it->rows.rows, at = nd_packed_weight(it->self->data), row = 0;
  for (size_t k = 0; k < it->rows.pieces && model->sigma != ND_NO_NODE; k++)
    for (size_t r = 0; r < it->rows.piece[k].rows; r++, row++)
      it->factor[row * n + row] += 1 / nd_packed_number(&it->rows.piece[k], at, r);
}

static nadir_status take_apart(correlated *it, const char *path, nadir_error *error) {
  size_t n = it->rows.rows, sound;
  ND_TRY(nd_factor_definite(n, it->factor, &sound, nd_pool_until(it->self->pool), error));
  if (sound < n)
    return nd_fail(
        error, NADIR_BAD_DATA,
        "%s: the matrix is not positive definite: the error of row %llu follows from those of the "
        "rows before it; add each row's own error with the setting sigma",
        path, (unsigned long long)it->rows.place[sound] + 1);
  it->joint.log_determinant = 0;
  for (size_t i = 0; i < n; i++)
    it->joint.log_determinant += log(it->factor[i * n + i]);
  return NADIR_OK;
}

static nadir_status check_size(const correlated *it, const char *path, size_t size,
                               nadir_error *error) {
  uint64_t rows = nd_table_rows(it->self->data->table);
  if (size == rows) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_DATA,
                 "%s: the matrix has %zu rows and the table %llu: give one of all rows of the "
                 "table, in its order",
                 path, size, (unsigned long long)rows);
}

static nadir_status read_matrix(correlated *it, const nadir_settings *settings,
                                nadir_error *error) {
  const char *path = settings->data_covariance;
  size_t size;
  double *c;
  ND_TRY(nd_matrix_read(path, nd_memory_bytes(settings, NULL) / 2, &size, &c, error));
  nadir_status status = check_size(it, path, size, error);
  if (status == NADIR_OK) status = select_rows(it, path, size, c, error);
  nd_free(c);
  if (status != NADIR_OK) return status;
  add_variances(it);
  return take_apart(it, path, error);
}

/* ---- squares ---- */

/* y - f and, for each parameter, -df/dw, of all rows; own: about their rounding. */
static void find_rows(correlated *it, nd_row_program *program, const double *w, double *residual,
                      double *jacobian) {
  const nd_model *model = it->self->model;
  size_t n = it->rows.rows, target = nd_packed_target(it->self->data), first = 0;
  nd_row_program_at(program, w);
  for (size_t k = 0; k < it->rows.pieces; first += it->rows.piece[k++].rows) {
    const nd_packed *piece = &it->rows.piece[k];
    double *const *out = nd_row_program_run(program, piece);
    for (size_t r = 0; r < piece->rows; r++) {
      double y = nd_packed_number(piece, target, r);
      residual[first + r] = y - out[0][r];
      it->own[first + r] = 2 * DBL_EPSILON * (fabs(y) + fabs(out[0][r]));
    }
    for (size_t j = 0; j < model->free_count && jacobian; j++)
      for (size_t r = 0; r < piece->rows; r++)
        jacobian[model->free_index[j] * n + first + r] = -out[1 + j][r];
  }
}

static nadir_status squares(nd_joint *joint, const double *w, double *residual, double *jacobian,
                            nadir_error *error) {
  correlated *it = (correlated *)joint;
  size_t n = joint->rows;
  ND_TRY(nd_go_on(it->self->face.until, error));
  find_rows(it, jacobian ? it->slopes : it->value, w, residual, jacobian);
  nd_whiten(n, it->factor, residual);
  for (size_t j = 0; j < it->self->model->size && jacobian; j++)
    nd_whiten(n, it->factor, jacobian + j * n);
  memcpy(it->white, residual, n * sizeof *residual);
  return NADIR_OK;
}

/* chi2 changes by 2 (C^-1 r)_i for each change of r_i. Uses up the white residuals. */
static double rounding(const nd_joint *joint) {
  const correlated *it = (const correlated *)joint;
  double sum = DBL_EPSILON * nd_dot(joint->rows, it->white, it->white);
  nd_whiten_back(joint->rows, it->factor, it->white);
  for (size_t i = 0; i < joint->rows; i++)
    sum += 2 * fabs(it->white[i]) * it->own[i];
  return sum;
}

/* ---- the Hessian ---- */

/* + sum v_i d2r_i, with r = y - f. */
static void add_curvatures(correlated *it, const double *w, const double *v, double *hessian) {
  const nd_model *model = it->self->model;
  size_t p = model->size, first = 0;
  nd_row_program_at(it->curvatures, w);
  for (size_t k = 0; k < it->rows.pieces; first += it->rows.piece[k++].rows) {
    double *const *out = nd_row_program_run(it->curvatures, &it->rows.piece[k]);
    for (size_t i = 0; i < p; i++)
      for (size_t j = 0; j <= i; j++)
        hessian[model->free_index[i] * p + model->free_index[j]] -=
            nd_dot(it->rows.piece[k].rows, v + first, *out++);
  }
}

static nadir_status hessian(nd_joint *joint, const double *w, double *into, nadir_error *error) {
  correlated *it = (correlated *)joint;
  size_t n = joint->rows, p = it->self->model->size;
  double *r = nd_new(n * (p + 1), sizeof *r, error);
  nadir_status status = r ? squares(joint, w, r, r + n, error) : NADIR_NO_MEMORY;
  if (status == NADIR_OK) {
    memset(into, 0, p * p * sizeof *into);
    nd_whiten_back(n, it->factor, r);
    add_curvatures(it, w, r, into);
    nd_mirror(p, into);
    for (size_t i = 0; i < p * p; i++)
      into[i] += nd_dot(n, r + (1 + i / p) * n, r + (1 + i % p) * n);
  }
  nd_free(r);
  return status;
}

/* ---- making it ---- */

static nadir_status find_affine(correlated *it, const nd_node *slopes, nadir_error *error) {
  const nd_model *model = it->self->model;
  bool bent;
  ND_TRY(nd_any_depends(model->graph, slopes, model->free_count, model->free, model->free_count, &bent, error));
  it->joint.affine = !bent;
  return NADIR_OK;
}

static nadir_status make_programs(correlated *it, nadir_error *error) {
  const nd_model *model = it->self->model;
  size_t p = model->size, seconds = p * (p + 1) / 2;
  nd_node *nodes = nd_new(1 + p + seconds, sizeof *nodes, error);
  double *origin = nd_new(p, sizeof *origin, error);
  nadir_status status = nodes && origin ? NADIR_OK : NADIR_NO_MEMORY;
  if (status == NADIR_OK) {
    nodes[0] = model->output;
    status = nd_model_slopes(model, nodes + 1, error);
  }
  if (status == NADIR_OK)
    status = nd_row_program_new(&it->value, it->self, nodes, 1, origin, error);
  if (status == NADIR_OK)
    status = nd_row_program_new(&it->slopes, it->self, nodes, 1 + p, origin, error);
  bool curved = it->self->data->hessian;
  if (status == NADIR_OK) status = find_affine(it, nodes + 1, error);
  if (status == NADIR_OK && curved)
    status = nd_model_curvatures(model, nodes + 1, nodes + 1 + p, error);
  if (status == NADIR_OK && curved)
    status = nd_row_program_new(&it->curvatures, it->self, nodes + 1 + p, seconds, origin, error);
  nd_free(origin);
  nd_free(nodes);
  return status;
}

static nadir_status make_room(correlated *it, nadir_error *error) {
  size_t n = it->rows.rows;
  it->joint.rows = n;
  it->factor = nd_new(n * n, sizeof *it->factor, error);
  it->white = nd_new(n, sizeof *it->white, error);
  it->own = nd_new(n, sizeof *it->own, error);
  return it->factor && it->white && it->own ? NADIR_OK : NADIR_NO_MEMORY;
}

static void free_self(nd_joint *joint) {
  correlated *it = (correlated *)joint;
  nd_row_program_free(it->value);
  nd_row_program_free(it->slopes);
  nd_row_program_free(it->curvatures);
  nd_gathered_free(&it->rows);
  nd_free(it->factor);
  nd_free(it->white);
  nd_free(it->own);
  nd_free(it);
}

nadir_status nd_correlated_new(nd_joint **joint, const nd_table_objective *self,
                               const nadir_settings *settings, nadir_error *error) {
  if (self->data->counts.used > ND_LIMIT_MATRIX)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "data-covariance: %llu rows are more than %d: use fewer",
                   (unsigned long long)self->data->counts.used, ND_LIMIT_MATRIX);
  correlated *it = nd_new(1, sizeof *it, error);
  if (!it) return NADIR_NO_MEMORY;
  *it = (correlated){.self = self,
                     .joint = {.squares = squares,
                               .hessian = self->data->hessian ? hessian : NULL,
                               .rounding = rounding,
                               .free = free_self}};
  nadir_status status = nd_gather(&it->rows, self, error);
  if (status == NADIR_OK) status = make_programs(it, error);
  if (status == NADIR_OK) status = make_room(it, error);
  if (status == NADIR_OK) status = read_matrix(it, settings, error);
  *joint = &it->joint;
  if (status == NADIR_OK) return NADIR_OK;
  free_self(*joint);
  *joint = NULL;
  return status;
}
