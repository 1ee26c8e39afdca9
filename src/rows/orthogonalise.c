/* The basis of a poly found from the rows: R^-1 of the rows sqrt(weight) (T_0 ... T_degree), folded
 * block by block in the fixed tree (Forsythe 1957). What its coefficients mean: model/basis.c. Costs one
 * more pass over the rows. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/dense.h"
#include "base/limits.h"
#include "model/basis.h"
#include "rows/blocks.h"

enum { MOST = ND_LIMIT_POWERS + 1 };

/* Rows sqrt(weight) (T_0 ... T_degree) of a block, folded into its R factor. */
static nadir_status fold_block(void *context, size_t chunk, size_t worker, void *out,
                               nadir_error *error) {
  nd_data *data = context;
  const nd_basis *basis = &data->model->basis;
  const nd_packed *packed;
  if (data->block_rows[chunk] == 0) return NADIR_OK;
  ND_TRY(nd_data_raw(data, chunk, worker, &packed, error));
  size_t n = basis->degree + 1;
  double *rows = nd_new(packed->rows * n, sizeof *rows, error), t[MOST];
  if (rows == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < packed->rows; i++) {
    double weight = nd_packed_number(packed, nd_packed_weight(data), i);
    nd_basis_chebyshev(basis, basis->degree, nd_packed_number(packed, 0, i), t);
    for (size_t j = 0; j < n; j++)
      rows[i * n + j] = weight > 0 ? sqrt(weight) * t[j] : 0;
  }
  nd_qr_fold(n, out, packed->rows, rows);
  nd_free(rows);
  return NADIR_OK;
}

static void fold_factors(const nd_reduction *reduction, void *into, void *more) {
  const nd_data *data = reduction->context;
  size_t n = data->model->basis.degree + 1;
  double rows[MOST * MOST];
  memcpy(rows, more, n * n * sizeof *rows);
  nd_qr_fold(n, into, n, rows);
}

/* part[k] <- column k of root R^-1, P_k of mean square 1. A polynomial that vanishes on all rows, as
 * one of higher degree than there are rows does, stays Chebyshev's. */
static void invert_factor(nd_basis *basis, const double *r, double root) {
  size_t n = basis->degree + 1;
  for (size_t k = 0; k < n; k++) {
    double *part = basis->part + k * n, sum = 0;
    memset(part, 0, n * sizeof *part);
    for (size_t i = 0; i < k; i++)
      sum += fabs(r[i * n + k]);
    bool vanishes = !(fabs(r[k * n + k]) > 32 * (double)n * DBL_EPSILON * sum);
    part[k] = k == 0 || vanishes ? 1 : root / fabs(r[k * n + k]);
    for (size_t i = k; !vanishes && k > 0 && i-- > 0;) {
      for (size_t j = i + 1; j <= k; j++)
        part[i] -= r[i * n + j] * part[j];
      part[i] = r[i * n + i] == 0 ? 0 : part[i] / r[i * n + i];
    }
  }
}

static nadir_status orthogonalise(nd_data *data, nadir_error *error) {
  nd_basis *basis = &data->model->basis;
  size_t n = basis->degree + 1;
  nd_reduction reduction = {.blocks = data->blocks,
                            .bytes = n * n * sizeof(double),
                            .block = fold_block,
                            .combine = fold_factors,
                            .context = data};
  double *r = nd_new(n * n, sizeof *r, error);
  basis->part = nd_new(n * n, sizeof *basis->part, error);
  nadir_status status = r == NULL || basis->part == NULL
                            ? NADIR_NO_MEMORY
                            : nd_reduce(&reduction, data->pool, r, error);
  if (status == NADIR_OK) invert_factor(basis, r, sqrt(data->counts.weight));
  nd_free(r);
  return status;
}

bool nd_may_have_basis(const nd_model *model) {
  return model->is_linear && model->intercept && nd_node_op(model->graph, model->typed_model) == ND_POLY;
}

nadir_status nd_basis_find(nd_data *data, const nd_moments *x, nadir_error *error) {
  nd_model *model = data->model;
  double low = x->min, width = x->max / 2 - low / 2;
  if (!nd_may_have_basis(model) || x->count == 0) return NADIR_OK;
  if (!(width > 0) || !isfinite(1 / width)) return NADIR_OK;
  model->basis = (nd_basis){.degree = model->feature_count, .center = low + width, .width = width};
  return orthogonalise(data, error);
}
