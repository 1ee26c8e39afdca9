/* Matrices that are too large for plain loops go to LAPACK, one at a time:
 * Debian's serial OpenBLAS keeps work space that is not safe among threads
 * (four threads at once get wrong factors), so one lock covers the whole
 * process. It is the one thing that the library shares between its callers.
 *
 * BLAS must run serially here, or bits and threads would be its own affair: the
 * build warns where libblas.so.3 is not OpenBLAS's serial or the reference one.
 */
#include <lapacke.h>
#include <pthread.h>

#include "base/dense_internal.h"

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

/* OpenBLAS takes a buffer of 128 MiB at each call, and where there is none it
 * asks again without limit (seen in 0.3.21): so look first. */
static nadir_status check_room(nadir_error *error) {
  return nd_check_room((size_t)160 << 20, error);
}

nadir_status nd_lapack_factorize(size_t n, double *a, bool *definite, nadir_error *error) {
  *definite = false;
  ND_TRY(check_room(error));
  lapack_int order = (lapack_int)n;
  pthread_mutex_lock(&one_at_a_time);
  *definite = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', order, a, order) == 0;
  pthread_mutex_unlock(&one_at_a_time);
  return NADIR_OK;
}

/* Divide and conquer (Cuppen 1981; dsyevd). */
nadir_status nd_lapack_eigen(size_t n, double *a, bool vectors, double *values,
                             nadir_error *error) {
  ND_TRY(check_room(error));
  size_t reals = vectors ? 1 + 6 * n + 2 * n * n : 2 * n + 1, integers = vectors ? 3 + 5 * n : 1;
  double *work = nd_new(reals, sizeof *work, error);
  lapack_int *more = work ? nd_new(integers, sizeof *more, error) : NULL;
  nadir_status status = more ? NADIR_OK : NADIR_NO_MEMORY;
  lapack_int order = (lapack_int)n, info = 0;
  if (status == NADIR_OK) {
    pthread_mutex_lock(&one_at_a_time);
    info = LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, vectors ? 'V' : 'N', 'L', order, a, order, values,
                               work, (lapack_int)reals, more, (lapack_int)integers);
    pthread_mutex_unlock(&one_at_a_time);
  }
  if (info != 0)
    status =
        nd_fail(error, NADIR_BAD_DATA,
                "matrix: its eigenvalues do not converge: scale the parameters to similar sizes");
  nd_free(more);
  nd_free(work);
  return status;
}
