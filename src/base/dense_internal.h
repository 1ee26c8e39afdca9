/* What the files of dense algebra share besides reflect.h. */
#ifndef ND_DENSE_INTERNAL_H
#define ND_DENSE_INTERNAL_H

#include "base/reflect.h"

/* A sum of squares between these lost nothing to the ends of the range that its rounding would show. */
static inline bool nd_is_safe_sum(double squares) {
  return squares > 0x1p-900 && squares < 0x1p960;
}

/* Of v and -v the one whose first component of at least half the largest size
 * is positive: so a tie between components of opposite signs is not left to
 * rounding. */
void nd_fix_sign(size_t n, double *v);

/* At most ND_LIMIT_MATRIX: 2 GB. */
nadir_status nd_check_matrix(size_t n, nadir_error *error);
#endif
