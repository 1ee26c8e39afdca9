/* Sums over rows in pairs of doubles, high + low, which are exact but for some 2^-104 of their terms' sizes
 * (T. Dekker 1971, "A floating-point technique for extending the available precision"), for bounds on rounding.
 * The same bits on every level of processor. */
#ifndef ND_PAIRS_H
#define ND_PAIRS_H

#include "base/dense.h"

enum { ND_PAIR_LANES = 8, ND_PAIR_ROWS = 256 /* at once, at most; counts are rounded up to whole lanes */ };

/* By row. */
typedef struct nd_pair_rows {
  double high[ND_PAIR_ROWS], low[ND_PAIR_ROWS];
  double size[ND_PAIR_ROWS]; /* the sum of the terms' sizes */
} nd_pair_rows;

/* By lane: rows l, l + 8, ... are summed in lane l. */
typedef struct nd_pair_lanes {
  double high[ND_PAIR_LANES], low[ND_PAIR_LANES], size[ND_PAIR_LANES], rounding[ND_PAIR_LANES];
} nd_pair_lanes;

typedef struct nd_pairs {
  /* f += w x for each row. */
  void (*add_products)(double w, const double *x, size_t rows, nd_pair_rows *f);
  /* With u = (x - center) / width: sums += slope u, rounding += error |u| + 2^-51 |slope u|; norm += u^2 by row. */
  void (*sum_products)(double center, double width, const double *x, const double *slope,
                       const double *error, size_t rows, double *norm, nd_pair_lanes *sums);
  /* to[i] = exp(x[i]), within a unit of the last place, or of the smallest number; other bits where there is no fused
   * multiplication. `to` may be x. */
  void (*exp)(const double *x, size_t rows, double *to);
  nd_extent_about *spread;
} nd_pairs;
/* At the level in use. */
const nd_pairs *nd_pairs_now(void);

#endif
