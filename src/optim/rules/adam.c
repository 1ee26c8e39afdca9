/* Adam. t from 1:
 *   m <- beta1 m + (1 - beta1) g,  v <- beta2 v + (1 - beta2) g^2
 *   w <- w - alpha m^ / (sqrt(v^) + epsilon),  m^ = m / (1 - beta1^t),  v^ = v / (1 - beta2^t)
 *
 * D. P. Kingma, J. Ba 2015, "Adam: a method for stochastic optimization".
 * Defaults, as published: alpha 0.001, beta1 0.9, beta2 0.999, epsilon 1e-8.
 * Choices: epsilon outside the root, as in the paper's algorithm 1 (TensorFlow's "epsilon hat"
 * adds it before the bias correction); both corrections on; m and v start at 0.
 * effective is alpha / (sqrt(v^) + epsilon), what multiplies m^.
 * At a constant rate it circles the minimum at a distance of the order of alpha, so `--rate auto`
 * takes the plateau schedule. */
#include "optim/each.h"

enum { BETA1, BETA2, EPSILON };
static const nadir_rule_setting settings[] = {
    [BETA1] = {"beta1", 0.9, 0, 0.999999, "decay of the mean of the gradients"},
    [BETA2] = {"beta2", 0.999, 0, 0.99999999, "decay of the mean of their squares"},
    [EPSILON] = {"epsilon", 1e-8, 1e-300, 1, "added to the root of the mean square"},
};

nd_terms nd_terms_adam(const double *values, double *scalars, uint64_t t) {
  (void)scalars;
  return nd_terms_of_means(values[BETA1], values[BETA2], values[EPSILON], t);
}
ND_STEP_EACH(adam, 2)

const nadir_optimizer nd_optimizer_adam = {
    .name = "adam",
    .summary = "momentum over the root mean square of recent gradients",
    .source = "D. P. Kingma, J. Ba 2015, Adam: a method for stochastic optimization",
    .settings = settings,
    .setting_count = ND_COUNT(settings),
    .vectors = 2,
    .rate = 0.001,
    .schedule = "plateau",
    .step = step_adam,
};
