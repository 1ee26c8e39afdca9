/* AdaBelief: Adam over the deviation of the gradient from what was expected of it. t from 1:
 *   m <- beta1 m + (1 - beta1) g,  s <- beta2 s + (1 - beta2) (g - m)^2 + epsilon
 *   w <- w - alpha m^ / (sqrt(s^) + epsilon),  m^ = m / (1 - beta1^t),  s^ = s / (1 - beta2^t)
 *
 * J. Zhuang, T. Tang, Y. Ding, S. Tatikonda, N. Dvornek, X. Papademetris, J. Duncan 2020,
 * "AdaBelief optimizer: adapting stepsizes by the belief in observed gradients".
 * Defaults, as published: alpha 0.001, beta1 0.9, beta2 0.999, epsilon 1e-8 (its code later
 * 1e-16).
 * Choices: epsilon both in s at every update and outside the root, as in the paper's algorithm; m
 * in (g - m) is the new one; m and s start at 0. effective is alpha / (sqrt(s^) + epsilon).
 * At a constant rate it circles the minimum, so `--rate auto` takes the plateau schedule. */
#include "optim/each.h"

enum { BETA1, BETA2, EPSILON };
static const nadir_rule_setting settings[] = {
    [BETA1] = {"beta1", 0.9, 0, 0.999999, "decay of the mean of the gradients"},
    [BETA2] = {"beta2", 0.999, 0, 0.99999999, "decay of the mean of the squared deviations"},
    [EPSILON] = {"epsilon", 1e-8, 1e-300, 1, "added to the mean square, and to its root"},
};

nd_terms nd_terms_adabelief(const double *values, double *scalars, uint64_t t) {
  (void)scalars;
  return nd_terms_of_means(values[BETA1], values[BETA2], values[EPSILON], t);
}
ND_STEP_EACH(adabelief, 2)

const nadir_optimizer nd_optimizer_adabelief = {
    .name = "adabelief",
    .summary = "Adam that takes large steps where gradients are as expected",
    .source = "J. Zhuang et al. 2020, AdaBelief optimizer: adapting stepsizes by the belief in "
              "observed gradients",
    .settings = settings,
    .setting_count = ND_COUNT(settings),
    .vectors = 2,
    .rate = 0.001,
    .schedule = "plateau",
    .step = step_adabelief,
};
