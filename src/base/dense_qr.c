/* The R factor of a tall matrix that comes in pieces, and least squares from
 * it. Householder reflections (1958) fold rows into R (Golub 1965; Gentleman
 * and others call it updating), so that the condition number is never squared
 * as it is by the normal equations: 2 rows n^2 operations.
 *
 * Rows are folded by tiles that fit the first cache, turned so that each column
 * lies together and the loops run along rows whatever n is; the tile lies on
 * the stack, so nothing here can fail. A reflection is computed from its column
 * divided by a power of two: entries of 1e-290 and 1e290 keep their digits, and
 * a power of two on a column changes exponents alone. Sums run in
 * ND_DENSE_LANES lanes and a fixed order: same input, same bits, at any width
 * of vectors.
 *
 * Forbidden here: BLAS, and of libm all but sqrt, frexp and ldexp, which are
 * exact or rounded correctly. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/dense.h"
#include "base/dense_internal.h"

/* A tile is 32 kB on the stack: 256 rows at the most, and one row, in place,
 * beyond 512 columns. */
enum { LANES = ND_DENSE_LANES, TILE = 4096, TALLEST = 256, FEW = 8 };

static size_t leading_zeros(size_t n, const double *row) {
  size_t count = 0;
  while (count < n && row[count] == 0)
    count++;
  return count;
}

/* tile <- `rows` rows of a, turned, and rows of zeros up to `height`. */
static void turn(size_t n, size_t rows, const double *a, size_t height, double *tile) {
  for (size_t k = 0; k < n; k++) {
    double *column = tile + k * height;
    for (size_t i = 0; i < rows; i++)
      column[i] = a[i * n + k];
    for (size_t i = rows; i < height; i++)
      column[i] = 0;
  }
}

static size_t first_column(size_t n, size_t rows, const double *a) {
  size_t first = n;
  for (size_t i = 0; i < rows; i++) {
    size_t zeros = leading_zeros(first, a + i * n);
    if (zeros < first) first = zeros;
  }
  return first;
}

void nd_qr_fold(size_t n, double *r, size_t rows, double *a) {
  double tile[TILE];
  size_t tallest = n > 0 && n <= TILE / LANES ? TILE / n / LANES * LANES : 1;
  if (tallest > TALLEST) tallest = TALLEST;
  for (size_t begin = 0; n > 0 && begin < rows; begin += tallest) {
    double *piece = a + begin * n;
    size_t count = rows - begin < tallest ? rows - begin : tallest;
    size_t from = first_column(n, count, piece);
    if (tallest == 1) {
      nd_fold_tile(n, from, r, 1, piece);
      continue;
    }
    size_t height = (count + LANES - 1) / LANES * LANES;
    turn(n, count, piece, height, tile);
    nd_fold_tile(n, from, r, height, tile);
  }
}

/* ---- least squares from R
 * -------------------------------------------------------------------- */

/* R P = Q S of the columns divided by their norms, found with the largest
 * column left put first (Businger and Golub 1965): s by columns, so that column
 * k of the triangle is s[k*n .. k*n+k]. */
typedef struct pivoted {
  size_t n, rank;
  size_t *order;                  /* the k-th column taken is column order[k] of R */
  double *s, *null, *norms, *rhs; /* null: n - rank vectors; norms of R's columns; rhs = Q'q */
  size_t few_order[FEW];          /* where n is at most FEW, memory is at hand */
  double few[2 * FEW * (FEW + 1)];
} pivoted;

static nadir_status take(pivoted *p, size_t n, nadir_error *error) {
  p->n = n;
  p->rank = 0;
  p->order = n <= FEW ? p->few_order : nd_new(n, sizeof *p->order, error);
  p->s = p->few;
  if (n <= FEW)
    memset(p->few, 0, 2 * n * (n + 1) * sizeof *p->few);
  else
    p->s = p->order ? nd_new(2 * n * (n + 1), sizeof *p->s, error) : NULL;
  if (!p->s) return NADIR_NO_MEMORY;
  p->null = p->s + n * n;
  p->norms = p->null + n * n;
  p->rhs = p->norms + n;
  return NADIR_OK;
}

static void give_back(pivoted *p) {
  if (p->n <= FEW) return;
  nd_free(p->s);
  nd_free(p->order);
}

/* A column of zeros, and what is not a number, keeps the norm 1. */
static void load(pivoted *p, size_t stride, const double *r, const double *q) {
  size_t n = p->n;
  for (size_t j = 0; j < n; j++) {
    double *column = p->s + j * n;
    for (size_t i = 0; i <= j; i++)
      column[i] = r[i * stride + j];
    double norm = nd_norm(j + 1, column);
    p->norms[j] = norm > 0 ? norm : 1;
    for (size_t i = 0; i <= j; i++)
      column[i] /= p->norms[j];
    p->order[j] = j;
    p->rhs[j] = q[j];
  }
}

static void swap_columns(pivoted *p, size_t a, size_t b) {
  size_t order = p->order[a];
  p->order[a] = p->order[b];
  p->order[b] = order;
  for (size_t i = 0; i < p->n; i++) {
    double kept = p->s[a * p->n + i];
    p->s[a * p->n + i] = p->s[b * p->n + i];
    p->s[b * p->n + i] = kept;
  }
}

/* Of equal norms the first: the order depends on the numbers alone. */
static size_t largest_left(const pivoted *p, size_t k, double *norm) {
  size_t best = k;
  *norm = -1;
  for (size_t j = k; j < p->n; j++) {
    double here = nd_norm(p->n - k, p->s + j * p->n + k);
    if (here > *norm) best = j, *norm = here;
  }
  return best;
}

static void apply(const nd_reflection *h, size_t rows, const double *v, double *x) {
  double w = h->tau * (h->head * x[0] + nd_sum_of_products(rows, v, x + 1));
  x[0] -= h->head * w;
  nd_subtract_multiple(rows, w, v, x + 1);
}

/* The rank is where no column keeps more than 32 n eps of the largest. */
static void factorize(pivoted *p) {
  size_t n = p->n;
  double first = 0;
  for (size_t k = 0; k < n; k++) {
    double norm;
    size_t best = largest_left(p, k, &norm);
    if (k == 0) first = norm;
    if (!(norm > 32 * (double)n * DBL_EPSILON * first)) break;
    swap_columns(p, k, best);
    double *v = p->s + k * n + k;
    nd_reflection h = nd_reflect(v[0], n - k - 1, v + 1, nd_sum_of_sizes(n - k - 1, v + 1));
    v[0] = h.beta;
    for (size_t j = k + 1; j < n; j++)
      apply(&h, n - k - 1, v + 1, p->s + j * n + k);
    apply(&h, n - k - 1, v + 1, p->rhs + k);
    p->rank = k + 1;
  }
}

/* y <- S11^-1 y for the leading rank x rank triangle. */
static void substitute_back(const pivoted *p, double *y) {
  for (size_t k = p->rank; k-- > 0;) {
    const double *column = p->s + k * p->n;
    y[k] /= column[k];
    nd_subtract_multiple(k, y[k], column, y);
  }
}

static void make_unit(size_t n, double *v) {
  double norm = nd_norm(n, v);
  for (size_t i = 0; i < n; i++)
    v[i] /= norm;
}

/* The solutions of S z = 0 with one free component each, made orthonormal
 * (Gram-Schmidt, twice). */
static void find_null_vectors(pivoted *p) {
  size_t n = p->n, count = n - p->rank;
  for (size_t c = 0; c < count; c++) {
    double *v = p->null + c * n;
    for (size_t i = 0; i < p->rank; i++)
      v[i] = -p->s[(p->rank + c) * n + i];
    substitute_back(p, v);
    v[p->rank + c] = 1;
    for (int pass = 0; pass < 2; pass++) {
      for (size_t b = 0; b < c; b++)
        nd_subtract_multiple(n, nd_sum_of_products(n, p->null + b * n, v), p->null + b * n, v);
      make_unit(n, v);
    }
  }
}

/* From the order of pivots and unit columns to R's own; `work` has n elements.
 */
static void bring_back(const pivoted *p, double *v, double *work) {
  for (size_t k = 0; k < p->n; k++)
    work[p->order[k]] = v[k] / p->norms[p->order[k]];
  memcpy(v, work, p->n * sizeof *v);
}

/* The shortest of all solutions in the scaled coordinates: so a and b of equal
 * columns share. */
static void solve_shortest(const pivoted *p, double *x) {
  size_t n = p->n;
  memset(x, 0, n * sizeof *x);
  memcpy(x, p->rhs, p->rank * sizeof *x);
  substitute_back(p, x);
  for (size_t c = 0; c < n - p->rank; c++)
    nd_subtract_multiple(n, nd_sum_of_products(n, p->null + c * n, x), p->null + c * n, x);
}

/* What R holds in its own coordinates; s is no longer needed and lends its
 * place. */
static void read_out(pivoted *p, double *x, size_t *rank, double *null) {
  size_t n = p->n;
  *rank = p->rank;
  solve_shortest(p, x);
  bring_back(p, x, p->s);
  for (size_t c = 0; null && c < n - p->rank; c++) {
    memcpy(null + c * n, p->null + c * n, n * sizeof *null);
    bring_back(p, null + c * n, p->s);
    nd_fix_sign(n, null + c * n);
  }
}

nadir_status nd_qr_solve(size_t n, size_t stride, const double *r, const double *q, double *x,
                         size_t *rank, double *null, nadir_error *error) {
  pivoted p;
  *rank = 0;
  nadir_status status = take(&p, n, error);
  if (status == NADIR_OK) {
    load(&p, stride, r, q);
    factorize(&p);
    find_null_vectors(&p);
    read_out(&p, x, rank, null);
  }
  give_back(&p);
  return status;
}

double nd_qr_column_norm(size_t stride, const double *r, size_t j) {
  double sum = 0;
  for (size_t i = 0; i <= j; i++)
    sum += r[i * stride + j] * r[i * stride + j];
  if (nd_is_safe_sum(sum)) return sqrt(sum);
  sum = 0;
  for (size_t i = 0; i <= j; i++)
    sum = hypot(sum, r[i * stride + j]);
  return sum;
}
