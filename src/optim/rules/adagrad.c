/* Adagrad: w <- w - eta g / sqrt(sum of g^2 so far, this one included).
 *
 * J. Duchi, E. Hazan, Y. Singer 2011, "Adaptive subgradient methods for online learning and
 * stochastic optimization": x_{t+1} = x_t - eta diag(G_t)^{-1/2} g_t, G_t = sum_{tau <= t}
 * g_tau^2. It is the same as the decayed rate eta / sqrt(t + 1) over the root mean square sigma_t
 * of the derivatives 0 ... t, as lectures have it: both roots of t + 1 cancel.
 * Defaults: the paper leaves eta open. 1 here: the first step is eta whatever the gradient, and
 * scaled parameters are of order 1 (with torch's 0.01, some (1/0.01)^2 updates go as far).
 * Choices: epsilon is exactly 0 and 0/0 is 0: a parameter that never had a gradient does not move.
 * torch and Keras add 1e-10 or 1e-7, and Keras starts the sum at 0.1, which changes the first
 * steps.
 * It comes to rest at a constant eta: the sum grows until the steps are small enough.
 * The step is effective * g, so soft-thresholding by the effective rate is its proximal step (the
 * paper's composite update). */
#include "optim/each.h"

nd_terms nd_terms_adagrad(const double *values, double *scalars, uint64_t t) {
  (void)values, (void)scalars, (void)t;
  return (nd_terms){.settled = true};
}
ND_STEP_EACH(adagrad, 1)

const nadir_optimizer nd_optimizer_adagrad = {
    .name = "adagrad",
    .summary = "a rate for each parameter: eta over the root of its summed squared gradients",
    .source = "J. Duchi, E. Hazan, Y. Singer 2011, Adaptive subgradient methods for online "
              "learning and stochastic optimization",
    .vectors = 1,
    .traits = NADIR_PROXIMAL,
    .rate = 1,
    .schedule = "constant",
    .step = step_adagrad,
};
