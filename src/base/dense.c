/* Symmetric matrices: solving and inverting definite ones, and sums over vectors that keep their digits.
 * A = L D L' without square roots, so that a power of two on A, or on a row and its column, changes exponents
 * alone. O(n^3) time, a copy of the matrix in memory. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/dense.h"
#include "base/dense_internal.h"
#include "base/limits.h"

nadir_status nd_check_matrix(size_t n, nadir_error *error) {
  if (n <= ND_LIMIT_MATRIX) return NADIR_OK;
  return nd_fail(error, NADIR_NO_MEMORY,
                 "matrix: %zu x %zu is more than %d x %d: use a method without a matrix", n, n,
                 ND_LIMIT_MATRIX, ND_LIMIT_MATRIX);
}

void nd_transpose(size_t n, double *a) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < i; j++) {
      double swap = a[i * n + j];
      a[i * n + j] = a[j * n + i];
      a[j * n + i] = swap;
    }
}

bool nd_all_finite(size_t n, const double *a) {
  for (size_t i = 0; i < n; i++)
    if (!isfinite(a[i])) return false;
  return true;
}

void nd_fix_sign(size_t n, double *v) {
  double largest = 0;
  size_t i = 0;
  for (size_t k = 0; k < n; k++)
    if (fabs(v[k]) > largest) largest = fabs(v[k]);
  while (i < n && fabs(v[i]) < largest / 2)
    i++;
  bool turned = i < n && v[i] < 0;
  for (size_t k = 0; turned && k < n; k++)
    v[k] = -v[k];
}

/* ---- definite matrices
 * ----------------------------------------------------------------------- */

/* A pivot is the part of the diagonal that the earlier rows do not explain:
 * when it is rounding error alone, the matrix is not definite as far as doubles
 * can tell. */
static bool is_sound(size_t n, double pivot, double diagonal) {
  return pivot > (double)n * DBL_EPSILON * diagonal;
}

enum { BLOCK = 16, ROWS_ASKED = 256 };

/* Row i from column `from` on, where rows `from` and on are of its own block. */
static bool finish_row(size_t n, double *a, size_t i, size_t from) {
  double *row = a + i * n, pivot = row[i];
  for (size_t j = from; j < i; j++)
    row[j] -= nd_sum_of_products(j, row, a + j * n);
  for (size_t j = 0; j < i; j++) {
    double entry = row[j] / a[j * n + j];
    pivot -= entry * row[j];
    row[j] = entry;
  }
  if (!is_sound(n, pivot, row[i])) return false;
  row[i] = pivot;
  return true;
}

/* In place: D on the diagonal, L below it. Row i is L D until its pivot is known. A row of the factor is taken
 * from memory once for the rows of a block. *sound: how many rows have a pivot, up to the first that has none. */
static nadir_status factorize_rows(size_t n, double *a, size_t *sound, const nd_until *until,
                                   nadir_error *error) {
  *sound = 0;
  for (size_t from = 0; from < n && *sound == from; from += BLOCK) {
    size_t to = from + BLOCK < n ? from + BLOCK : n;
    for (size_t j = 0; j < from; j++) {
      if (j % ROWS_ASKED == 0) ND_TRY(nd_go_on(until, error));
      for (size_t i = from; i < to; i++)
        a[i * n + j] -= nd_sum_of_products(j, a + i * n, a + j * n);
    }
    while (*sound < to && finish_row(n, a, *sound, from))
      ++*sound;
  }
  return NADIR_OK;
}

/* *factor <- D and L of a, to be freed; NULL, with success, if a is not
 * definite. */
static nadir_status factorize(size_t n, const double *a, double **factor, const nd_until *until,
                              nadir_error *error) {
  *factor = NULL;
  ND_TRY(nd_check_matrix(n, error));
  if (!nd_all_finite(n * n, a)) return NADIR_OK;
  double *copy = nd_new(n * n, sizeof *copy, error);
  if (!copy) return NADIR_NO_MEMORY;
  if (n > 0) memcpy(copy, a, n * n * sizeof *copy);
  size_t sound;
  nadir_status status = factorize_rows(n, copy, &sound, until, error);
  if (status == NADIR_OK && sound == n)
    *factor = copy;
  else
    nd_free(copy);
  return status;
}

/* x <- A^-1 x, where x is 0 before `from`. */
static void substitute(size_t n, const double *factor, size_t from, double *x) {
  for (size_t i = from + 1; i < n; i++)
    x[i] -= nd_sum_of_products(i - from, factor + i * n + from, x + from);
  for (size_t i = from; i < n; i++)
    x[i] /= factor[i * n + i];
  for (size_t i = n; i-- > 0;)
    nd_subtract_multiple(i, x[i], factor + i * n, x);
}

nadir_status nd_solve_definite(size_t n, const double *a, double *x, bool *definite,
                               const nd_until *until, nadir_error *error) {
  double *factor;
  *definite = false;
  ND_TRY(factorize(n, a, &factor, until, error));
  if (!factor) return NADIR_OK;
  *definite = true;
  substitute(n, factor, 0, x);
  nd_free(factor);
  return NADIR_OK;
}

/* Row j of the inverse from its diagonal on, mirrored. */
static nadir_status fill_inverse(size_t n, const double *factor, double *inverse,
                                 const nd_until *until, nadir_error *error) {
  for (size_t j = n; j-- > 0;) {
    ND_TRY(nd_go_on(until, error));
    double *row = inverse + j * n;
    memset(row, 0, n * sizeof *row);
    row[j] = 1;
    substitute(n, factor, j, row);
  }
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < i; j++)
      inverse[i * n + j] = inverse[j * n + i];
  return NADIR_OK;
}

nadir_status nd_invert_definite(size_t n, const double *a, double *inverse, bool *definite,
                                const nd_until *until, nadir_error *error) {
  double *factor;
  *definite = false;
  ND_TRY(factorize(n, a, &factor, until, error));
  if (!factor) return NADIR_OK;
  *definite = true;
  nadir_status status = fill_inverse(n, factor, inverse, until, error);
  nd_free(factor);
  return status;
}

nadir_status nd_factor_definite(size_t n, double *a, size_t *sound, const nd_until *until,
                                nadir_error *error) {
  ND_TRY(nd_check_matrix(n, error));
  return factorize_rows(n, a, sound, until, error);
}

void nd_whiten(size_t n, const double *factor, double *x) {
  for (size_t i = 1; i < n; i++)
    x[i] -= nd_sum_of_products(i, factor + i * n, x);
  for (size_t i = 0; i < n; i++)
    x[i] /= sqrt(factor[i * n + i]);
}

void nd_whiten_back(size_t n, const double *factor, double *x) {
  for (size_t i = 0; i < n; i++)
    x[i] /= sqrt(factor[i * n + i]);
  for (size_t i = n; i-- > 0;)
    nd_subtract_multiple(i, x[i], factor + i * n, x);
}

/* ---- sums
 * ------------------------------------------------------------------------------------
 */

/* Dot2 of Ogita, Rump and Oishi 2005: as if in twice the precision. */
double nd_dot(size_t n, const double *a, const double *b) {
  double sum = 0, lost = 0, plain = 0;
  for (size_t i = 0; i < n; i++) {
    double product = a[i] * b[i];
    double next = sum + product, back = next - sum;
    lost += ((sum - (next - back)) + (product - back)) + fma(a[i], b[i], -product);
    sum = next;
    plain += product;
  }
  return isfinite(sum + lost) ? sum + lost : plain;
}

/* Squares of numbers between these, and sums of up to 2^60 of them, are normal doubles. */
static const double SQUARE_SAFE_LOW = 0x1p-480, SQUARE_SAFE_HIGH = 0x1p480;

double nd_norm(size_t n, const double *a) {
  double largest = 0, sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += a[i] * a[i];
  if (nd_is_safe_sum(sum)) return sqrt(sum);
  sum = 0;
  for (size_t i = 0; i < n; i++) {
    if (isnan(a[i])) return a[i];
    if (fabs(a[i]) > largest) largest = fabs(a[i]);
  }
  if (largest == 0 || isinf(largest)) return largest;
  if (largest > SQUARE_SAFE_LOW && largest < SQUARE_SAFE_HIGH) { /* the same bits: powers of two are exact */
    for (size_t i = 0; i < n; i++)
      sum += a[i] * a[i];
    return sqrt(sum);
  }
  int exponent;
  frexp(largest, &exponent);
  for (size_t i = 0; i < n; i++) {
    double scaled = ldexp(a[i], -exponent);
    sum += scaled * scaled;
  }
  return ldexp(sqrt(sum), exponent);
}

void nd_equilibrate(size_t n, const double *h, double *scale) {
  for (size_t i = 0; i < n; i++) {
    double largest = sqrt(fabs(h[i * n + i]));
    for (size_t j = 0; j < i; j++)
      if (scale[j] > 0) largest = fmax(largest, fabs(h[i * n + j]) / scale[j]);
    scale[i] = largest;
  }
}
