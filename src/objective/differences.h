/* Slopes from values alone (differences.c), and a caller's gradient held against them. */
#ifndef ND_DIFFERENCES_H
#define ND_DIFFERENCES_H

#include "base/base.h"

/* A slope, and how far it may be off; the latter infinite where the values tell nothing. */
typedef struct nd_difference {
  double slope, uncertainty;
} nd_difference;
/* Of value(context, t) at t = 0. scale: the size of t that is not small. About 30 values. */
nd_difference nd_slope_at_zero(double (*value)(void *context, double t), void *context,
                               double scale);
/* Whether the slope that was given cannot be that of the values. */
bool nd_contradicts(double given, nd_difference found);

#endif
