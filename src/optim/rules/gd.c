/* Gradient descent: w <- w - eta grad L(w).
 *
 * A. Cauchy 1847, "Methode generale pour la resolution des systemes d'equations simultanees".
 * Defaults: there is no published rate. It is taken from the measured curvature M as 1/M, which
 * gives the largest guaranteed decrease, rate/2 |grad L|^2.
 * On a quadratic an update multiplies the error along the eigenvector of curvature m by 1 - eta m,
 * so it is stable below eta = 2/M. The step is eta times the gradient, so soft-thresholding by eta
 * is its proximal step (ISTA; Daubechies, Defrise, De Mol 2004). Costs one pass, no state. */
#include "optim/optim.h"

static double stable_rate(const double *values, double curvature) {
  (void)values;
  return 2 / curvature;
}

static void step_gd(const nadir_step *now, double *step, double *effective) {
  for (size_t i = 0; i < now->size; i++) {
    step[i] = now->rate[i] * now->gradient[i];
    effective[i] = now->rate[i];
  }
}

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
