/* Small dense algebra and statistics, deterministic to the last bit. */
#ifndef ND_DENSE_H
#define ND_DENSE_H

#include "base/widen.h"

/* ---- small dense algebra (dense.c, dense_eigen.c, dense_qr.c, dense_trust.c) ------------------ */

/* Symmetric n x n matrices are stored whole, row after row. Work space is taken inside. Same input,
 * same bits, on any thread; a power of two on a matrix changes exponents alone. Results are those of
 * rounding to nearest: a caller in another mode gets other bits. What takes n^3 asks `until` (NULL: no limit),
 * and fails with NADIR_ENDED when it is over. */
/* x <- A^-1 x by Cholesky; *definite false (x untouched) when A is not numerically positive
 * definite. */
nadir_status nd_solve_definite(size_t n, const double *a, double *x, bool *definite,
                               const nd_until *until, nadir_error *error);
/* Eigenvalues ascending; vectors, where not NULL, by rows: vectors[i*n .. ] belongs to values[i], and
 * the first component of at least half the largest size is positive. */
nadir_status nd_eigen(size_t n, const double *a, double *values, double *vectors,
                      const nd_until *until, nadir_error *error);
/* inverse <- A^-1 for a positive definite A; *definite as above. */
nadir_status nd_invert_definite(size_t n, const double *a, double *inverse, bool *definite,
                                const nd_until *until, nadir_error *error);

/* In place: a = L D L', D on the diagonal and L below it. *sound < n: the leading rows that are positive
 * definite; row *sound follows from these. */
nadir_status nd_factor_definite(size_t n, double *a, size_t *sound, const nd_until *until,
                                nadir_error *error);
/* x <- W x with W' W = a^-1, so that the new |x|^2 is x' a^-1 x; and x <- W' x. n^2 operations. */
void nd_whiten(size_t n, const double *factor, double *x);
void nd_whiten_back(size_t n, const double *factor, double *x);

/* r, n x n, upper triangular and row after row, becomes the R factor of r stacked on the rows x n
 * matrix a (row after row, destroyed); start from r = 0. Elements below the diagonal of r are not
 * touched. Let the last columns of a be right-hand sides: the R factor of [J y] has that of J, Q'y
 * above the diagonal of its last column, and the norm of what is left, up to its sign, on it. To
 * put two R together fold one into the other: leading zeros of a cost nothing. The signs of
 * the diagonal are not fixed. Columns may have any size from 1e-290 to 1e290; a power of two on a
 * column of r and a changes exponents alone. What is not a number spreads over r. */
void nd_qr_fold(size_t n, double *r, size_t rows, double *a);
/* The x that minimises |R x - q|, R the leading n x n triangle of r whose rows are `stride` apart.
 * Columns are divided by their norms; *rank counts those that keep more than 32 n eps of the
 * largest after the others are taken out. Where *rank < n, x is the shortest in these coordinates,
 * and null (may be NULL; room for n * n) gets n - *rank vectors, one a row, that R takes to 0:
 * orthonormal in these coordinates, of one sign. A column of zeros is a null
 * vector. */
nadir_status nd_qr_solve(size_t n, size_t stride, const double *r, const double *q, double *x,
                         size_t *rank, double *null, nadir_error *error);
/* The p that minimises g'p + p'Hp/2 in |p| <= radius, H any symmetric matrix: (H + mu I) p = -g with
 * mu >= 0, and mu = 0 where |p| < radius. *decrease is by how much the quadratic falls, never
 * negative. Slopes of rounding size on flat directions count as none. Two equally good steps are
 * told apart by the signs of nd_eigen's vectors. H is given by its eigenvalues and vectors, as nd_eigen
 * finds them, so that another radius costs n^2. */
nadir_status nd_step_in_radius(size_t n, const double *values, const double *vectors,
                               const double *g, double radius, double *p, double *mu,
                               double *decrease, nadir_error *error);
/* The p that minimises |R p - q|^2 + mu |D p|^2, D the diagonal `scale`, for a mu >= 0 that makes
 * |D p| at most 1.1 radius: 0 where that is so already, else one that makes it at least 0.9 radius.
 * p comes in as nd_qr_solve finds it, and *mu as a guess, 0 for none. scale[i] may be 0 where column
 * i of R is: p[i] is 0 then. r and stride as in nd_qr_solve. */
nadir_status nd_solve_damped(size_t n, size_t stride, const double *r, const double *q,
                             const double *scale, double radius, double *p, double *mu,
                             nadir_error *error);
/* The norm of column j of an upper triangle whose rows are `stride` apart. */
double nd_qr_column_norm(size_t stride, const double *r, size_t j);
/* scale[i] <- the root of the largest of |h_ii| and (h_ij / scale[j])^2, j < i: divided by it on both
 * sides a symmetric h has no element above 1 in size (J. R. Bunch 1971); 0 for a row that is 0. */
void nd_equilibrate(size_t n, const double *h, double *scale);
double nd_dot(size_t n, const double *a,
              const double *b);            /* compensated (Ogita, Rump, Oishi 2005) */
double nd_norm(size_t n, const double *a); /* scaled: no overflow */
bool nd_all_finite(size_t n, const double *a);
void nd_transpose(size_t n, double *a); /* n x n, in place */

/* ---- statistics (statistics.c) --------------------------------------------------------------- */

/* Weighted moments, one value at a time (West 1979) or merged (Chan, Golub, LeVeque 1979), of values
 * of any size. */
typedef struct nd_moments {
  uint64_t count;
  double weight, mean, min, max;
  double m2;    /* sum of weight times squared deviation, divided by 4^exponent */
  int exponent; /* 0 unless squares of the deviations leave the doubles */
} nd_moments;
/* Value i in lane i % 8: the least and the greatest, and sums of deviations from a center and of their squares, without
 * fused multiplication. NaN is neither least nor greatest. */
enum { ND_EXTENT_LANES = 8 };
typedef struct nd_extent {
  double low[ND_EXTENT_LANES], high[ND_EXTENT_LANES]; /* of values before these, in and out */
  double sum[ND_EXTENT_LANES], square[ND_EXTENT_LANES];
} nd_extent;
typedef void nd_extent_about(nd_numbers x, size_t count, double center, nd_extent *spread);
void nd_moments_add(nd_moments *moments, double value, double weight);
/* The same of many values, each of a weight above 0 (NULL: 1), many times faster. */
/* spread: how many values without weights are gone over; NULL: as every processor can. */
void nd_moments_add_all(nd_moments *moments, nd_numbers x, const nd_numbers *weights, size_t count,
                        nd_extent_about *spread);
void nd_moments_merge(nd_moments *moments, const nd_moments *more);
double nd_moments_sigma(const nd_moments *moments); /* root of m2 / weight: divides by n */

void nd_sort(size_t n, double *values); /* from low to high; no NaN */

#endif
