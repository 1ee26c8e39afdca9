/* The coordinates in which a poly is descended on: polynomials that are orthogonal over the used
 * rows with their weights (Forsythe 1957), so that the Hessian of a squared loss is a multiple of
 * the identity whatever the dates and the degree.
 *
 *   P_k = sum over j <= k of part[k][j] T_j(z),   z = (x - center)/width in -1 ... 1
 *
 * T_j are Chebyshev's polynomials, of which all are of size 1; part is R^-1 of the rows
 * sqrt(weight) (T_0 ... T_degree), folded block by block in the fixed tree: one more pass over the
 * rows. What rounding does to part is of no matter: its doubles define the basis.
 *
 * Between P_k and the powers of x (w' and w) both ways go through the T_j in numbers of two doubles
 * (Dekker 1971): powers of a Julian date would lose all digits of one. O(degree^2) each. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "fit/data_internal.h"

enum { MOST = ND_MOST_POWERS + 1 };

/* ---- values ---- */

static void chebyshev(const nd_basis *basis, size_t degree, double x, double t[MOST]) {
  double z = (x - basis->center) / basis->width;
  t[0] = 1;
  t[1] = z;
  for (size_t k = 2; k <= degree; k++)
    t[k] = 2 * z * t[k - 1] - t[k - 2];
}

static const double *part_of(const nd_basis *basis, size_t k) {
  return basis->part + k * (basis->degree + 1);
}

double nd_basis_value(const nd_basis *basis, size_t k, double x) {
  const double *part = part_of(basis, k);
  double t[MOST], sum = 0;
  chebyshev(basis, k, x, t);
  for (size_t j = 0; j <= k; j++)
    sum += part[j] * t[j];
  return sum;
}

void nd_basis_sum(const nd_basis *basis, nd_scaling target, double constant, const double *weights,
                  const double *x, size_t count, double *sums) {
  double t[MOST], of[MOST] = {constant};
  for (size_t k = 1; k <= basis->degree; k++)
    for (size_t j = 0; j <= k; j++)
      of[j] += weights[k - 1] * part_of(basis, k)[j];
  for (size_t i = 0; i < count; i++) {
    chebyshev(basis, basis->degree, x[i], t);
    double sum = 0;
    for (size_t j = 0; j <= basis->degree; j++)
      sum += of[j] * t[j];
    sums[i] = target.center + target.width * sum;
  }
}

/* ---- numbers of two doubles ---- */

typedef struct wide {
  double high, low; /* their sum; |low| at most half a unit of high's last digit */
} wide;

static wide normal(double high, double low) {
  double sum = high + low;
  return (wide){sum, low - (sum - high)};
}

static wide plus(wide a, wide b) {
  double sum = a.high + b.high, back = sum - a.high;
  double lost = (a.high - (sum - back)) + (b.high - back);
  return normal(sum, lost + (a.low + b.low));
}

static wide times(wide a, wide b) {
  double product = a.high * b.high;
  return normal(product, fma(a.high, b.high, -product) + (a.high * b.low + a.low * b.high));
}

static wide scaled(wide a, double factor) {
  return times(a, (wide){factor, 0});
}

static wide divided(wide a, double by) {
  double first = a.high / by;
  wide rest = plus(a, scaled((wide){first, 0}, -by));
  return normal(first, rest.high / by);
}

/* ---- to the powers of x ---- */

/* to <- 2 z of - before, as polynomials in x; of has `count` powers. before may be to. */
static void next_chebyshev(const nd_basis *basis, size_t count, const wide *of, const wide *before,
                           wide *to) {
  for (size_t i = 0; i <= count; i++) {
    wide sum = i < count ? scaled(of[i], -basis->center) : (wide){0, 0};
    if (i > 0) sum = plus(sum, of[i - 1]);
    to[i] = plus(divided(scaled(sum, 2), basis->width), scaled(before[i], -1));
  }
}

/* of[j] of T_j -> powers[i] of x^i. */
static void expand(const nd_basis *basis, const wide *of, wide *powers) {
  wide room[2][MOST] = {{{1, 0}}, {{0, 0}}}, *now = room[0], *next = room[1];
  next[0] = divided((wide){-basis->center, 0}, basis->width);
  next[1] = divided((wide){1, 0}, basis->width);
  for (size_t j = 0; j <= basis->degree; j++) {
    for (size_t i = 0; i <= j; i++)
      powers[i] = plus(powers[i], times(of[j], now[i]));
    if (j + 2 <= basis->degree) next_chebyshev(basis, j + 2, next, now, now);
    wide *kept = now;
    now = next;
    next = kept;
  }
}

void nd_basis_to_powers(const nd_basis *basis, nd_scaling target, double *constant,
                        double *weights) {
  wide of[MOST] = {{*constant, 0}}, powers[MOST] = {{0, 0}};
  for (size_t k = 1; k <= basis->degree; k++)
    for (size_t j = 0; j <= k; j++)
      of[j] = plus(of[j], scaled((wide){weights[k - 1], 0}, part_of(basis, k)[j]));
  expand(basis, of, powers);
  for (size_t i = 1; i <= basis->degree; i++)
    weights[i - 1] = scaled(powers[i], target.width).high;
  *constant = plus(scaled(powers[0], target.width), (wide){target.center, 0}).high;
}

/* ---- and back ---- */

/* q <- x q + add, q a sum of T_j up to j = count - 1 before; x = center + width z, and
 * z T_j = (T_j-1 + T_j+1)/2. */
static void multiply_by_x(const nd_basis *basis, size_t count, double add, wide *q) {
  wide from[MOST + 2] = {{0, 0}};
  memcpy(from, q, count * sizeof *q);
  for (size_t j = 0; j <= count && j <= basis->degree; j++) {
    wide around = plus(j > 0 ? from[j - 1] : (wide){0, 0}, from[j + 1]);
    if (j == 1) around = plus(around, from[0]); /* z T_0 is the whole of T_1 */
    q[j] = plus(scaled(from[j], basis->center), scaled(scaled(around, 0.5), basis->width));
  }
  q[0] = plus(q[0], (wide){add, 0});
}

void nd_basis_from_powers(const nd_basis *basis, nd_scaling target, double *constant,
                          double *weights) {
  wide q[MOST] = {{0, 0}};
  for (size_t k = basis->degree; k > 0; k--)
    multiply_by_x(basis, basis->degree - k, weights[k - 1], q);
  multiply_by_x(basis, basis->degree, *constant, q);
  q[0] = plus(q[0], (wide){-target.center, 0});
  for (size_t k = basis->degree; k > 0; k--) {
    const double *part = part_of(basis, k);
    wide weight = divided(q[k], part[k]);
    for (size_t j = 0; j < k; j++)
      q[j] = plus(q[j], scaled(weight, -part[j]));
    weights[k - 1] = divided(weight, target.width).high;
  }
  *constant = divided(q[0], target.width).high;
}

/* ---- finding it ---- */

/* Rows sqrt(weight) (T_0 ... T_degree) of a block, folded into its R factor. */
static nadir_status fold_block(void *context, size_t chunk, size_t worker, void *out,
                               nadir_error *error) {
  nd_data *data = context;
  const nd_basis *basis = &data->model->basis;
  const nd_packed *packed;
  if (data->block_rows[chunk] == 0) return NADIR_OK;
  ND_TRY(nd_data_raw(data, chunk, worker, &packed, error));
  const double *x = nd_packed_column(packed, 0);
  const double *weight = nd_packed_column(packed, nd_packed_weight(data));
  size_t n = basis->degree + 1;
  double *rows = nd_new(packed->rows * n, sizeof *rows, error), t[MOST];
  if (rows == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < packed->rows; i++) {
    chebyshev(basis, basis->degree, x[i], t);
    for (size_t j = 0; j < n; j++)
      rows[i * n + j] = weight[i] > 0 ? sqrt(weight[i]) * t[j] : 0;
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

nadir_status nd_basis_find(nd_data *data, const nd_moments *x, nadir_error *error) {
  nd_model *model = data->model;
  bool poly = nd_node_op(model->graph, model->typed_model) == ND_POLY;
  double low = x->min, width = x->max / 2 - low / 2;
  if (!model->is_linear || !poly || !model->intercept || x->count == 0) return NADIR_OK;
  if (!(width > 0) || !isfinite(1 / width)) return NADIR_OK;
  model->basis = (nd_basis){.degree = model->feature_count, .center = low + width, .width = width};
  return orthogonalise(data, error);
}
