/* RAdam: Adam whose adaptive rate is rectified while v is known from few gradients. t from 1:
 *   rho_inf = 2 / (1 - beta2) - 1,  rho_t = rho_inf - 2 t beta2^t / (1 - beta2^t)
 *   rho_t > 4: w <- w - alpha r_t m^ / (sqrt(v^) + epsilon),
 *     r_t = sqrt((rho_t - 4) (rho_t - 2) rho_inf / ((rho_inf - 4) (rho_inf - 2) rho_t))
 *   else: w <- w - alpha m^   (momentum alone)
 *
 * L. Liu, H. Jiang, P. He, W. Chen, X. Liu, J. Gao, J. Han 2020, "On the variance of the adaptive
 * learning rate and beyond".
 * Defaults, as published: alpha 0.001, beta1 0.9, beta2 0.999; epsilon 1e-8 is its code's.
 * Choices: the threshold is the paper's 4 (its code and torch take 5, one update later); epsilon
 * outside the root, as in its code; m and v start at 0. effective is what multiplies m^.
 * At a constant rate it circles the minimum, so `--rate auto` takes the plateau schedule. */
#include "optim/each.h"

enum { BETA1, BETA2, EPSILON };
static const nadir_rule_setting settings[] = {
    [BETA1] = {"beta1", 0.9, 0, 0.999999, "decay of the mean of the gradients"},
    [BETA2] = {"beta2", 0.999, 0, 0.99999999, "decay of the mean of their squares"},
    [EPSILON] = {"epsilon", 1e-8, 1e-300, 1, "added to the root of the mean square"},
};

/* r_t, or 0 while the variance of the adaptive rate is not defined. */
static double rectification(double beta2, double t) {
  double power = pow(beta2, t), rho_inf = 2 / (1 - beta2) - 1;
  double rho = rho_inf - 2 * t * power / (1 - power);
  if (!(rho > 4)) return 0;
  return sqrt((rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho));
}

nd_terms nd_terms_radam(const double *values, double *scalars, uint64_t t) {
  (void)scalars;
  nd_terms terms = nd_terms_of_means(values[BETA1], values[BETA2], values[EPSILON], t);
  terms.rectified = rectification(values[BETA2], (double)t + 1);
  terms.settled = false;
  return terms;
}
ND_STEP_EACH(radam, 2)

const nadir_optimizer nd_optimizer_radam = {
    .name = "radam",
    .summary = "Adam with its first steps rectified",
    .source = "L. Liu et al. 2020, On the variance of the adaptive learning rate and beyond",
    .settings = settings,
    .setting_count = ND_COUNT(settings),
    .vectors = 2,
    .rate = 0.001,
    .schedule = "plateau",
    .step = step_radam,
};
