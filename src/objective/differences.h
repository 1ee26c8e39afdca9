/* Slopes from values alone (differences.c), a caller's gradient held against them, and the sizes of parameters
 * that the steps of differences go with (sizes.c). */
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

/* The size of a parameter w: the larger of `absolute` and `relative` |w|. */
typedef struct nd_size {
  double absolute, relative;
} nd_size;
/* From value(context, t) at w + t. Fails only by the end of `until`. */
nadir_status nd_find_size(nd_size *found, double (*value)(void *context, double t), void *context,
                          double w, const nd_until *until, nadir_error *error);
double nd_size_at(const nd_size *size, double w);

#endif
