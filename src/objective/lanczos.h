/* Lanczos (1950) on products with a symmetric matrix, fully reorthogonalised: what curvature.c and
 * advise.c know of a Hessian that is not had as numbers. */
#ifndef ND_LANCZOS_H
#define ND_LANCZOS_H

#include "objective/objective.h"

/* Sums over rows in any order are trusted to this part of the largest; and of rows in float32. */
#define ND_SUM_ROUNDING 0x1p-40
#define ND_SINGLE_ROUNDING 0x1p-16

typedef struct nd_lanczos {
  nadir_status (*multiply)(void *context, const double *v, double *product, nadir_error *error);
  void *context;
  size_t n, most, count; /* steps that there is room for; made */
  double *basis;         /* most + 1 orthonormal vectors */
  double *alpha, *beta;  /* the tridiagonal matrix: beta[j] joins j and j + 1 */
  double rounding; /* of the products, over the largest eigenvalue: ND_SUM_ROUNDING at first */
  double length;   /* of the vector at which it began */
  double norm;     /* of the tridiagonal matrix, bounded above */
  bool complete;   /* the space is invariant: Ritz values are eigenvalues */
  bool broken;     /* a product was not finite: count does not count it */
} nd_lanczos;
nadir_status nd_lanczos_new(nd_lanczos *l, size_t n, size_t most, nadir_error *error);
void nd_lanczos_clear(nd_lanczos *l);
/* At a vector; at a random one for NULL. */
void nd_lanczos_start(nd_lanczos *l, const double *from);
/* One product; none when complete, broken or full. */
nadir_status nd_lanczos_step(nd_lanczos *l, nadir_error *error);
nadir_status nd_lanczos_run(nd_lanczos *l, nadir_error *error);
/* Ritz values, ascending; vectors (by rows, in the basis) where not NULL: count x count. */
nadir_status nd_lanczos_eigen(const nd_lanczos *l, double *values, double *vectors,
                              nadir_error *error);

/* What a run of a step or more from a random vector says of the eigenvalues. The largest is at least `largest`, the
 * smallest at most `smallest`, and there is an eigenvalue within the error of each (Parlett 1980).
 * Eigenvalues above `above` or below `below` exist with probability NADIR_CHANCE at most. */
typedef struct nd_ritz {
  double largest, smallest, largest_error, smallest_error, above, below;
  double others; /* the sum of the positive Ritz values but the largest */
} nd_ritz;
nadir_status nd_lanczos_bounds(const nd_lanczos *l, nd_ritz *ritz, nadir_error *error);

/* product <- H v, H the Hessian of the objective at w, by differences of gradients where it has no
 * products. scratch: 2 size numbers. */
nadir_status nd_hessian_times(const nd_objective *objective, const double *w, const double *v,
                              double *product, double *scratch, nadir_error *error);

#endif
