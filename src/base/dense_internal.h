/* What the files of dense algebra share: sums in a fixed order of lanes, so
 * that their bits are the same at any width of vectors, and Householder
 * reflections. */
#ifndef ND_DENSE_INTERNAL_H
#define ND_DENSE_INTERNAL_H

#include <math.h>

#include "base/base.h"

enum { ND_DENSE_LANES = 8 };

static inline double nd_sum_of_lanes(const double lane[ND_DENSE_LANES]) {
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

static inline double nd_sum_of_products(size_t count, const double *a, const double *b) {
  double lane[ND_DENSE_LANES] = {0}, rest = 0;
  size_t i = 0;
  for (; i + ND_DENSE_LANES <= count; i += ND_DENSE_LANES)
    for (size_t l = 0; l < ND_DENSE_LANES; l++)
      lane[l] += a[i + l] * b[i + l];
  for (; i < count; i++)
    rest += a[i] * b[i];
  return nd_sum_of_lanes(lane) + rest;
}

static inline double nd_sum_of_sizes(size_t count, const double *a) {
  double lane[ND_DENSE_LANES] = {0}, rest = 0;
  size_t i = 0;
  for (; i + ND_DENSE_LANES <= count; i += ND_DENSE_LANES)
    for (size_t l = 0; l < ND_DENSE_LANES; l++)
      lane[l] += fabs(a[i + l]);
  for (; i < count; i++)
    rest += fabs(a[i]);
  return nd_sum_of_lanes(lane) + rest;
}

static inline void nd_subtract_multiple(size_t count, double factor, const double *v, double *a) {
  for (size_t i = 0; i < count; i++)
    a[i] -= factor * v[i];
}

/* I - tau (head, v) (head, v)' takes (x, v) / 2^exponent to (beta, 0) /
 * 2^exponent. */
typedef struct nd_reflection {
  double head, tau, beta;
} nd_reflection;
/* v is divided by the power of two in place; size is the sum of its sizes. x
 * and v are not all 0. */
nd_reflection nd_reflect(double x, size_t count, double *v, double size);

/* Of v and -v the one whose first component of at least half the largest size
 * is positive: so a tie between components of opposite signs is not left to
 * rounding. */
void nd_fix_sign(size_t n, double *v);

/* At most ND_LIMIT_MATRIX: 2 GB. */
nadir_status nd_check_matrix(size_t n, nadir_error *error);
#endif
