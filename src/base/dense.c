/* Small symmetric matrices, through LAPACK with work space of our own, and sums over vectors that
 * keep their digits. Rows and columns of a symmetric matrix are the same, so LAPACK's column order
 * needs no transposition. O(n^3) time, a copy of the matrix in memory.
 *
 * BLAS must run serially here, or bits and threads would be its own affair: the build warns where
 * libblas.so.3 is not OpenBLAS's serial or the reference one. */
#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

#include "base/base.h"

/* Beyond this a matrix has 2 GB, and LAPACK's 32-bit sizes of work space would overflow. */
enum { LARGEST = 16000 };

static nadir_status check_size(size_t n, nadir_error *error) {
  if (n <= LARGEST) return NADIR_OK;
  return nd_fail(error, NADIR_NO_MEMORY,
                 "matrix: %zu x %zu is more than %d x %d: use a method without a matrix", n, n,
                 LARGEST, LARGEST);
}

/* OpenBLAS takes a buffer of 128 MiB at each call, and where there is none it asks again for ever
 * (seen in 0.3.21): so look first. */
static nadir_status check_room(nadir_error *error) {
  return nd_check_room((size_t)160 << 20, error);
}

bool nd_all_finite(size_t n, const double *a) {
  for (size_t i = 0; i < n; i++)
    if (!isfinite(a[i])) return false;
  return true;
}

/* A pivot is the part of the diagonal that the earlier rows do not explain: when it is rounding
 * error alone, the matrix is not definite as far as doubles can tell. */
static bool pivots_are_sound(size_t n, const double *a, const double *factor) {
  const double noise = (double)n * DBL_EPSILON;
  for (size_t i = 0; i < n; i++) {
    double pivot = factor[i * n + i];
    if (!(pivot * pivot > noise * a[i * n + i])) return false;
  }
  return true;
}

/* *factor <- the Cholesky factor of a, to be freed; NULL, with success, if a is not definite. */
static nadir_status factorize(size_t n, const double *a, double **factor, nadir_error *error) {
  *factor = NULL;
  ND_TRY(check_size(n, error));
  if (!nd_all_finite(n * n, a)) return NADIR_OK;
  ND_TRY(check_room(error));
  double *copy = nd_new(n * n, sizeof *copy, error);
  if (!copy) return NADIR_NO_MEMORY;
  if (n > 0) memcpy(copy, a, n * n * sizeof *copy);
  lapack_int order = (lapack_int)n, leading = order > 0 ? order : 1;
  lapack_int info = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', order, copy, leading);
  if (info == 0 && pivots_are_sound(n, a, copy))
    *factor = copy;
  else
    nd_free(copy);
  return NADIR_OK;
}

nadir_status nd_solve_definite(size_t n, const double *a, double *x, bool *definite,
                               nadir_error *error) {
  double *factor;
  *definite = false;
  ND_TRY(factorize(n, a, &factor, error));
  if (!factor) return NADIR_OK;
  *definite = true;
  lapack_int order = (lapack_int)n;
  if (n > 0) LAPACKE_dpotrs_work(LAPACK_COL_MAJOR, 'L', order, 1, factor, order, x, order);
  nd_free(factor);
  return NADIR_OK;
}

static void mirror(size_t n, const double *lower, double *whole) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = i; j < n; j++)
      whole[i * n + j] = whole[j * n + i] = lower[i * n + j];
}

nadir_status nd_invert_definite(size_t n, const double *a, double *inverse, bool *definite,
                                nadir_error *error) {
  double *factor;
  *definite = false;
  ND_TRY(factorize(n, a, &factor, error));
  if (!factor) return NADIR_OK;
  lapack_int order = (lapack_int)n;
  *definite = n == 0 || LAPACKE_dpotri_work(LAPACK_COL_MAJOR, 'L', order, factor, order) == 0;
  if (*definite) mirror(n, factor, inverse);
  nd_free(factor);
  return NADIR_OK;
}

/* Divide and conquer (Cuppen 1981; dsyevd): a is overwritten, by the vectors if they are wanted. */
static nadir_status eigen_in_place(size_t n, double *a, bool vectors, double *values,
                                   nadir_error *error) {
  size_t reals = vectors ? 1 + 6 * n + 2 * n * n : 2 * n + 1, integers = vectors ? 3 + 5 * n : 1;
  double *work = nd_new(reals, sizeof *work, error);
  lapack_int *more = work ? nd_new(integers, sizeof *more, error) : NULL;
  nadir_status status = more ? NADIR_OK : NADIR_NO_MEMORY;
  lapack_int order = (lapack_int)n;
  if (status == NADIR_OK &&
      LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, vectors ? 'V' : 'N', 'L', order, a, order, values, work,
                          (lapack_int)reals, more, (lapack_int)integers) != 0)
    status = nd_fail(error, NADIR_BAD_DATA,
                     "matrix: its eigenvalues do not converge: scale the "
                     "parameters to like sizes");
  nd_free(more);
  nd_free(work);
  return status;
}

nadir_status nd_eigen(size_t n, const double *a, double *values, double *vectors,
                      nadir_error *error) {
  ND_TRY(check_size(n, error));
  if (n == 0) return NADIR_OK;
  if (!nd_all_finite(n * n, a))
    return nd_fail(error, NADIR_BAD_DATA,
                   "matrix: an element is not finite: it has no eigenvalues");
  ND_TRY(check_room(error));
  double *copy = vectors ? vectors : nd_new(n * n, sizeof *copy, error);
  if (!copy) return NADIR_NO_MEMORY;
  memcpy(copy, a, n * n * sizeof *copy);
  nadir_status status = eigen_in_place(n, copy, vectors != NULL, values, error);
  if (!vectors) nd_free(copy);
  return status;
}

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

double nd_norm(size_t n, const double *a) {
  double largest = 0, sum = 0;
  for (size_t i = 0; i < n; i++) {
    if (isnan(a[i])) return a[i];
    if (fabs(a[i]) > largest) largest = fabs(a[i]);
  }
  if (largest == 0 || isinf(largest)) return largest;
  int exponent;
  frexp(largest, &exponent);
  for (size_t i = 0; i < n; i++) {
    double scaled = ldexp(a[i], -exponent);
    sum += scaled * scaled;
  }
  return ldexp(sqrt(sum), exponent);
}
