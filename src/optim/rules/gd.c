/* Gradient descent: w <- w - eta grad L(w).
 *
 * A. Cauchy 1847, "Methode generale pour la resolution des systemes d'equations simultanees".
 * Defaults: there is no published rate. It is taken from the measured curvature M as 1/M, which
 * gives the largest guaranteed decrease, rate/2 |grad L|^2.
 * On a quadratic an update multiplies the error along the eigenvector of curvature m by 1 - eta m,
 * so it is stable below eta = 2/M. The step is eta times the gradient, so soft-thresholding by eta
 * is its proximal step (ISTA; Daubechies, Defrise, De Mol 2004). Costs one pass, no state. */
#include "optim/each.h"

static double stable_rate(const double *values, double curvature) {
  (void)values;
  return 2 / curvature;
}

nd_terms nd_terms_gd(const double *values, double *scalars, uint64_t t) {
  (void)values, (void)scalars, (void)t;
  return (nd_terms){.settled = true};
}
ND_STEP_EACH(gd, 0)

const nadir_optimizer nd_optimizer_gd = {
    .name = "gd",
    .summary = "plain gradient descent",
    .source = "A. Cauchy 1847, Methode generale pour la resolution des systemes d'equations "
              "simultanees",
    .traits = NADIR_PROXIMAL | NADIR_SPECTRAL,
    .rate = 0,
    .schedule = "constant",
    .stable_rate = stable_rate,
    .step = step_gd,
};
