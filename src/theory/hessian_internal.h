/* Exact algebra for proofs by the Hessian: nodes as quotients of polynomials with integer
 * coefficients in generators, and the sign of such quotients where each generator has a range.
 *
 * Generators are names and what is not rational: exp(u), roots, log(u), sin(u), a^b. What relates
 * them (the square of a root, sin^2 + cos^2) is used where it is known and forgotten where it is
 * not: forgetting it only loses proofs. */
#ifndef ND_HESSIAN_INTERNAL_H
#define ND_HESSIAN_INTERNAL_H

#include <flint/fmpz_mpoly.h>

#include "theory/enclose_internal.h"
#include "theory/theory_internal.h"

enum { ND_GENERATORS = 12 };

typedef struct nd_quotient {
  fmpz_mpoly_t over, under; /* under is not zero */
} nd_quotient;

typedef struct nd_algebra nd_algebra;
/* `until` is borrowed: once it is over everything is too large. */
nadir_status nd_algebra_new(nd_algebra **algebra, nd_graph *graph, const nd_until *until,
                            nadir_error *error);
void nd_algebra_free(nd_algebra *algebra);
void nd_quotient_init(nd_quotient *q, nd_algebra *algebra);
void nd_quotient_clear(nd_quotient *q, nd_algebra *algebra);
/* *known false where the node is too large for it. */
nadir_status nd_algebra_of(nd_algebra *algebra, nd_node node, nd_quotient *q, bool *known,
                           nadir_error *error);
/* q <- a op b for op ADD, SUB, MUL; false where it would be too large. */
bool nd_quotient_combine(nd_algebra *algebra, nd_op op, nd_quotient *q, const nd_quotient *a,
                         const nd_quotient *b);
bool nd_quotient_set_rational(nd_algebra *algebra, nd_quotient *q, const fmpq_t value);
/* Uses the relations between generators and cancels; false where that is too large. */
bool nd_algebra_reduce(nd_algebra *algebra, nd_quotient *q);
size_t nd_algebra_generators(const nd_algebra *algebra);
nd_node nd_algebra_generator(const nd_algebra *algebra, size_t i); /* the node that it stands for */
const fmpz_mpoly_ctx_struct *nd_algebra_context(const nd_algebra *algebra);
bool nd_algebra_is_over(const nd_algebra *algebra);

/* ---- signs (sign.c) ---- */

typedef struct nd_sign {
  bool nonnegative, nonpositive; /* both: zero */
  bool nonzero;
} nd_sign;
/* For generators in these ranges. */
nd_sign nd_sign_of_quotient(const nd_algebra *algebra, const nd_quotient *q,
                            const nd_enclosure *ranges);

/* ---- one variable (polynomial.c) ---- */

/* The sign of p over a range, exactly, by the real roots of its square-free parts (Sturm). */
nd_sign nd_sign_of_polynomial(const fmpz_poly_t p, const nd_enclosure *range);

/* ---- the Hessian (hessian.c) ---- */

/* entries[i*n + j]: the second derivatives of the root, simplified, by the parameters. */
nadir_status nd_hessian_nodes(const nd_question *question, nd_node *entries, nadir_error *error);

/* ---- symmetric matrices of enclosures (curvature.c) ---- */

/* Bounds on the least and on the greatest eigenvalue of every symmetric matrix with entries in
 * these, n x n whole. */
nadir_status nd_enclosed_eigenvalues(size_t n, const nd_enclosure *const *entries, double *least,
                                     double *greatest, nadir_error *error);

#endif
