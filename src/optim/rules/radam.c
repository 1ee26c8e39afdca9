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
#include "optim/optim.h"

#include <math.h>

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

static void step_radam(const nadir_step *now, double *step, double *effective) {
  double beta1 = now->values[BETA1], beta2 = now->values[BETA2], t = (double)now->t + 1;
  double correction1 = 1 - pow(beta1, t), correction2 = 1 - pow(beta2, t);
  double r = rectification(beta2, t);
  double *m = now->vectors[0], *v = now->vectors[1];
  for (size_t i = 0; i < now->size; i++) {
    double g = now->gradient[i];
    m[i] = beta1 * m[i] + (1 - beta1) * g;
    v[i] = beta2 * v[i] + (1 - beta2) * g * g;
    double root = sqrt(v[i] / correction2) + now->values[EPSILON];
    effective[i] = r > 0 ? now->rate[i] * r / root : now->rate[i];
    step[i] = effective[i] * (m[i] / correction1);
  }
}

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
