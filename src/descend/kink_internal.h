/* What smooth.c, which solves losses with kinks, and kink_gap.c, which proves how well, share. */
#ifndef ND_KINK_INTERNAL_H
#define ND_KINK_INTERNAL_H

#include "descend/descend.h"
#include "objective/slope.h"

/* l(r) = max(high r, low r), of r = y - f, or of 1 - (2 y - 1) f for hinge. */
typedef struct nd_kinked {
  double low, high;
  bool is_hinge;
} nd_kinked;

/* Row k of a chunk: its factor of each parameter in descent coordinates, the target in the table's
 * units, the weight in the loss. */
void nd_kinked_row(const nd_table_objective *self, const nd_packed *packed, size_t k, double *a,
                   double *y, double *weight);
/* Gauss with the largest pivot; false where the system has no one solution. `right` becomes x. */
bool nd_solve_square(size_t n, double *a, double *right);

/* A bound on the loss, in descent coordinates, less its least value at the table's parameters that w
 * becomes; u: dual variables of the rows of weight above 0. Infinite where none is proved. */
nadir_status nd_kink_gap(const nd_table_objective *self, const nd_kinked *kinked, const double *w,
                         const double *u, double *bound, nadir_error *error);

#endif
