/* Whether residuals look like noise (residuals.c). */
#ifndef ND_RESIDUALS_H
#define ND_RESIDUALS_H

#include "base/base.h"

typedef struct nd_residual {
  double value, place; /* in units of its row's error; where it comes in the order */
  size_t row;
} nd_residual;
/* The probability that as many signs in random order have runs that are as many or as few; NaN of fewer than ten of
 * a sign. Sorts by place, then row. */
double nd_runs_p(nd_residual *residuals, size_t count);
/* The probability that normal numbers are as skewed or as heavy in the tails; NaN of fewer than 20. */
double nd_normal_p(const nd_residual *residuals, size_t count);
/* The largest size of one, and the probability that one of so many normal numbers is as far from 0. */
double nd_farthest(const nd_residual *residuals, size_t count);
double nd_farthest_p(double farthest, size_t count);

#endif
