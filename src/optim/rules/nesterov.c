/* Nesterov's accelerated gradient: v <- beta v + g, w <- w - eta (g + beta v).
 *
 * Y. Nesterov 1983, "A method for solving the convex programming problem with convergence rate
 * O(1/k^2)", in the form of I. Sutskever, J. Martens, G. Dahl, G. Hinton 2013, "On the importance
 * of initialization and momentum in deep learning", with w the look-ahead point, so that the
 * gradient is taken at the current w. With y_{t+1} = w_t - eta g(w_t), w_{t+1} = y_{t+1} + beta
 * (y_{t+1} - y_t).
 * Defaults: beta 0.9, constant (torch, Keras; Nesterov's beta_t grows towards 1); the rate is 1/M
 * of the measured curvature. Choice: v starts at 0 and is not damped, as in momentum.c.
 * On a quadratic it is stable below eta = 2 (1 + beta) / ((1 + 2 beta) M): with q = 1 - eta m, z^2
 * - (1 + beta) q z + beta q has a root -1 there.
 * No l1: FISTA thresholds y, and thresholding w would come to rest away from the penalised minimum. */
#include "optim/each.h"

enum { BETA };
static const nadir_rule_setting settings[] = {
    [BETA] = {"beta", 0.9, 0, 0.999999, "how much of the last velocity is kept"},
};

static double stable_rate(const double *values, double curvature) {
  double beta = values ? values[BETA] : settings[BETA].initial;
  return 2 * (1 + beta) / ((1 + 2 * beta) * curvature);
}

nd_terms nd_terms_nesterov(const double *values, double *scalars, uint64_t t) {
  (void)scalars, (void)t;
  return (nd_terms){.keep1 = values[BETA], .settled = true};
}
ND_STEP_EACH(nesterov, 1)

const nadir_optimizer nd_optimizer_nesterov = {
    .name = "nesterov",
    .summary = "Nesterov's accelerated gradient with constant momentum",
    .source = "Y. Nesterov 1983, A method for solving the convex programming problem with "
              "convergence rate O(1/k^2)",
    .settings = settings,
    .setting_count = ND_COUNT(settings),
    .vectors = 1,
    .traits = NADIR_SPECTRAL,
    .rate = 0,
    .schedule = "constant",
    .stable_rate = stable_rate,
    .step = step_nesterov,
};
