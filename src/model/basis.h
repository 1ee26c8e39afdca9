/* The basis of a poly: its polynomials at points, and from and to the powers of x. */
#ifndef ND_BASIS_H
#define ND_BASIS_H

#include "model/model.h"

/* T_0 ... T_degree at x, of its (x - center)/width. */
void nd_basis_chebyshev(const nd_basis *basis, size_t degree, double x, double *t);
double nd_basis_value(const nd_basis *basis, size_t k, double x); /* P_k(x) */
/* sums[i] = target.center + target.width (constant + sum of weights[k-1] P_k(x[i])). */
void nd_basis_sum(const nd_basis *basis, nd_scaling target, double constant, const double *weights,
                  const double *x, size_t count, double *sums);
/* In place: constant and weights of P_1 ... P_degree, of the scaled target, become those of the
 * powers of x, of the target; and back. */
void nd_basis_to_powers(const nd_basis *basis, nd_scaling target, double *constant,
                        double *weights);
void nd_basis_from_powers(const nd_basis *basis, nd_scaling target, double *constant,
                          double *weights);

#endif
