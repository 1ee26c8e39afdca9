/* bounds: what a method sees of a problem whose parameters are kept within ranges. */
#ifndef ND_BOUNDS_H
#define ND_BOUNDS_H

#include "base/base.h"

/* From low to high: the values of a column, a side of a box, the bounds of a parameter. */
typedef struct nd_span {
  double low, high;
} nd_span;

/* w <- the nearest point within. bounds NULL: w stays. */
void nd_project(size_t size, const nd_span *bounds, double *w);
bool nd_is_within(size_t size, const nd_span *bounds, const double *w);
/* The part of a slope along which a parameter can still gain: that of l1 |w| + smooth that is smallest
 * (0 where w is 0 and |g| <= l1), and 0 where it leads out of the bounds. bound may be NULL. */
double nd_slope_left(double w, double g, double l1, const nd_span *bound);
/* -1: w is on its lower bound and the slope keeps it there, 1: on its upper one, 0: it is free. */
int nd_bound_holding(double w, double g, double l1, const nd_span *bound);

/* A problem on the face of the box that w is on. */
typedef struct nd_face nd_face;
nadir_status nd_face_new(nd_face **face, size_t size, const nd_span *bounds, nadir_error *error);
void nd_face_free(nd_face *face);
/* Holds the parameters that slopes keep on their bounds at w. Whether they are others than before. l1 may be
 * NULL. */
bool nd_face_look(nd_face *face, const nadir_problem *of, const double *w, const double *gradient,
                  const double *l1);
const nadir_problem *nd_face_problem(const nd_face *face); /* until the next look; borrows w */
/* Of the held parameters the numbers become 0. */
void nd_face_mask(const nd_face *face, double *numbers);
/* w <- w where held, else within the bounds. */
void nd_face_project(const nd_face *face, double *w);
/* What the next look is compared with, as numbers, for saving. */
size_t nd_face_state_size(const nd_face *face);
void nd_face_state_get(const nd_face *face, double *state);
void nd_face_state_set(nd_face *face, const double *state);

#endif
