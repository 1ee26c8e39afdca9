/* How much a model bends in its parameters (bend.c). */
#ifndef ND_BEND_H
#define ND_BEND_H

#include "judge/judge.h"

/* Of squared loss at its minimum w, in descent coordinates; NaN of other losses, and where it would cost much. */
nadir_status nd_find_bend(const nd_objective *objective, const nd_errors *errors, const double *w,
                          double *curvature, nadir_error *error);

#endif
