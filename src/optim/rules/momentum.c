/* Gradient descent with momentum (heavy ball): v <- beta v + g, w <- w - eta v.
 *
 * B. T. Polyak 1964, "Some methods of speeding up the convergence of iteration methods": x_{t+1} =
 * x_t - alpha grad f(x_t) + beta (x_t - x_{t-1}), the same iterates at a constant rate.
 * Defaults: beta 0.9, usual since Rumelhart, Hinton, Williams 1986; the rate is 1/M of the
 * measured curvature. Choices: v is not damped by (1 - beta), as in torch, so steps in a steady
 * gradient grow to eta/(1 - beta) times it; eta multiplies v, not g, so a new rate acts at once; v
 * starts at 0.
 * On a quadratic it is stable below eta = 2 (1 + beta) / M: z^2 - (1 + beta - eta m) z + beta has
 * a root -1 there. No l1: v remembers gradients, so that thresholding by eta would come to rest
 * away from the penalised minimum. */
#include "optim/each.h"

enum { BETA };
static const nadir_rule_setting settings[] = {
    [BETA] = {"beta", 0.9, 0, 0.999999, "how much of the last velocity is kept"},
};

static double stable_rate(const double *values, double curvature) {
  double beta = values ? values[BETA] : settings[BETA].initial;
  return 2 * (1 + beta) / curvature;
}

nd_terms nd_terms_momentum(const double *values, double *scalars, uint64_t t) {
  (void)scalars, (void)t;
  return (nd_terms){.keep1 = values[BETA], .settled = true};
}
ND_STEP_EACH(momentum, 1)

const nadir_optimizer nd_optimizer_momentum = {
    .name = "momentum",
    .summary = "gradient descent with a heavy ball's momentum",
    .source = "B. T. Polyak 1964, Some methods of speeding up the convergence of iteration methods",
    .settings = settings,
    .setting_count = ND_COUNT(settings),
    .vectors = 1,
    .traits = NADIR_SPECTRAL,
    .rate = 0,
    .schedule = "constant",
    .stable_rate = stable_rate,
    .step = step_momentum,
};
