/* Inverses of the matrices that standard errors come from, and the way of these from descent coordinates to
 * the table's.
 *
 * A matrix is inverted with a unit diagonal. Where it is singular to rounding its inverse is the
 * pseudo-inverse, which gives the errors of all that is determined nevertheless (Rao, Linear Statistical
 * Inference, 1973, 4a.3); a parameter that has a part in a null vector is not. Cost: n^3. */
#include <float.h>
#include <string.h>

#include "base/dense.h"
#include "judge/errors_internal.h"
#include "judge/kind_internal.h"

/* Of a matrix with a unit diagonal: eigenvalues that are rounding, in units of n epsilon. Of a null
 * vector: a part that is rounding. */
static const double null_eigenvalue = 8, null_part = 1e-6;

/* ---- between coordinates: the linear part of the map alone ---- */

nd_model nd_linear_part(const nd_model *model) {
  nd_model part = *model;
  part.target_scaling.center = 0;
  return part;
}

void nd_carry_covariance(const nd_model *model, double *c) {
  nd_model part = nd_linear_part(model);
  size_t n = model->size;
  for (size_t i = 0; i < n; i++)
    nd_model_to_table(&part, c + i * n, c + i * n);
  nd_transpose(n, c);
  for (size_t i = 0; i < n; i++)
    nd_model_to_table(&part, c + i * n, c + i * n);
}

void nd_carry_hessian(const nd_model *model, const double *h, double *columns, double *raw) {
  nd_model part = nd_linear_part(model);
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

nadir_status nd_invert_scaled(size_t n, const double *h, double *inverse, bool *definite,
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
  nd_model part = nd_linear_part(model);
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
  nd_model part = nd_linear_part(model);
  for (size_t i = 0; i < s->n; i++)
    null[i] = s->vectors[k * s->n + i] / s->scale[i];
  nd_model_to_table(&part, null, null);
}

/* What the rows do not determine, and the directions of that, as few numbers as can say them. */
static nadir_status mark_undetermined(nd_model *model, const spectrum *s, nadir_error *error) {
  size_t n = s->n;
  double *room = nd_new(2 * n, sizeof *room, error);
  model->undetermined = nd_new(s->lost * n, sizeof *model->undetermined, error);
  if (room == NULL || model->undetermined == NULL) {
    nd_free(room);
    return NADIR_NO_MEMORY;
  }
  largest_moves(model, s, room, room + n);
  for (size_t k = 0; k < s->lost; k++) {
    double *null = model->undetermined + k * n;
    null_vector(model, s, k, null);
    for (size_t i = 0; i < n; i++)
      if (fabs(null[i]) > null_part * room[n + i])
        model->parameters[i].undetermined = true;
      else
        null[i] = 0;
  }
  model->undetermined_count = s->lost;
  nd_reduce_directions(n, s->lost, model->undetermined);
  nd_free(room);
  return NADIR_OK;
}

/* ---- parameters that do not move ---- */

/* Their rows and columns become those of the unit matrix, which leaves the rest as if they were not there. */
static void hold(const bool *held, size_t n, double *h) {
  for (size_t i = 0; i < n * n && held != NULL; i++)
    if (held[i / n] || held[i % n]) h[i] = i / n == i % n ? 1 : 0;
}

/* What does not move has no variance. */
static void release(const bool *held, size_t n, double *inverse) {
  for (size_t i = 0; i < n * n && held != NULL; i++)
    if (held[i / n] || held[i % n]) inverse[i] = 0;
}

nadir_status nd_invert_determined(nd_model *model, double *h, nd_errors_work *work,
                                  const nd_until *until, nd_errors *errors, nadir_error *error) {
  spectrum s = {0};
  bool definite;
  size_t n = model->size;
  hold(work->held, n, h);
  nadir_status status = nd_invert_scaled(n, h, work->inverse, &definite, until, error);
  if (status == NADIR_OK && nd_all_finite(n * n, h)) status = spectrum_of(n, h, &s, until, error);
  if (status == NADIR_OK && s.lost > 0) {
    pseudo_inverse(&s, work->inverse);
    status = mark_undetermined(model, &s, error);
  }
  release(work->held, n, work->inverse);
  errors->rank -= s.lost;
  spectrum_free(&s);
  return status;
}
