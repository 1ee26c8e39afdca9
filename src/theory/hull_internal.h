/* What gap.c and hull.c share: value and gradient of a formula, ready to be enclosed. */
#ifndef ND_HULL_INTERNAL_H
#define ND_HULL_INTERNAL_H

#include "theory/enclose_internal.h"
#include "theory/theory.h"

typedef struct nd_slopes {
  nd_encloser *encloser; /* roots: value, gradient */
  size_t size;
  const int *held; /* by parameter, -1: on a lower bound, 1: on an upper one; NULL: on none */
  arf_t square; /* no less than the squared norm of the gradient, as far as it leads
                   within the bounds */
} nd_slopes;

enum { ND_HULL_PARAMETERS = 8 };
/* A bound on f(w) - inf f of a formula proved convex, rounded up, by slopes around w; reach: how far
 * each parameter was moved, the measure of what is near. False where none is found. */
bool nd_hull_gap(const nd_slopes *slopes, const double *w, const double *reach, double *gap);

#endif
