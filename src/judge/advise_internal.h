/* What the two ways to advice share: a quadratic, had as numbers or as products, and the rules
 * simulated on it. */
#ifndef ND_ADVISE_INTERNAL_H
#define ND_ADVISE_INTERNAL_H

#include "judge/advice.h"
#include "judge/judge.h"
#include "objective/lanczos.h"

#define ND_MOST_UPDATES 1000000

/* The gradient is slope + H (w - origin). */
typedef struct nd_quadratic {
  size_t n;
  nadir_status (*multiply)(void *context, const double *v, double *product, nadir_error *error);
  void (*fill)(void *context, double *hessian); /* the whole H; NULL where it is not had */
  void *context;
  const nd_until *until;
  const double *origin, *slope;           /* slope NULL: 0 */
  double *w, *gradient, *offset, *unused; /* n numbers each */
} nd_quadratic;
nadir_status nd_quadratic_new(nd_quadratic *q, size_t n, nadir_error *error);
void nd_quadratic_clear(nd_quadratic *q);

/* The updates that the rule needs, with the rate and schedule of --rate auto, until the gradient is
 * below tolerance of that at the start. */
nadir_status nd_simulate(nd_quadratic *q, const double *start, const nadir_optimizer *optimizer,
                         double curvature, double tolerance, uint64_t most, nadir_needed *needed,
                         nadir_error *error);
/* As many as are simulated where one costs so many operations. */
uint64_t nd_most_updates(uint64_t work);
nadir_status nd_needed_new(nadir_needed **needed, nadir_error *error);
/* The lecture's comparison: Adagrad from the same point on the same quadratic, its root of summed
 * squares after advice->adagrad_updates; and the best steps where the second derivatives are had.
 */
nadir_status nd_compare_steps(nd_quadratic *q, const double *start, nd_advice *advice,
                              nadir_error *error);
/* Room for so many, to be set. */
nadir_status nd_modes_new(nd_advice *advice, size_t count, nadir_error *error);
nadir_status nd_fail_curvature(nadir_error *error);

/* cells: of the Hessian as numbers; 0 for none. To be cleared after a failure too. */
nadir_status nd_advice_new(nd_advice *advice, size_t n, size_t cells, nadir_error *error);
nadir_status nd_advise_by_products(nd_objective *objective, const double *at, double tolerance,
                                   nd_advice *advice, nadir_error *error);

#endif
