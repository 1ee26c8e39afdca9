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
#include "optim/optim.h"

#include <math.h>

enum { BETA1, BETA2, EPSILON };
static const nadir_rule_setting settings[] = {
    [BETA1] = {"beta1", 0.9, 0, 0.999999, "decay of the mean of the gradients"},
    [BETA2] = {"beta2", 0.999, 0, 0.99999999, "decay of the mean of their squares"},
    [EPSILON] = {"epsilon", 1e-8, 1e-300, 1, "added to the root of the mean square"},
};

static void step_adam(const nadir_step *now, double *step, double *effective) {
  double beta1 = now->values[BETA1], beta2 = now->values[BETA2], t = (double)now->t + 1;
  double correction1 = 1 - pow(beta1, t), correction2 = 1 - pow(beta2, t);
  double *m = now->vectors[0], *v = now->vectors[1];
  for (size_t i = 0; i < now->size; i++) {
    double g = now->gradient[i];
    m[i] = beta1 * m[i] + (1 - beta1) * g;
    v[i] = beta2 * v[i] + (1 - beta2) * g * g;
    effective[i] = now->rate[i] / (sqrt(v[i] / correction2) + now->values[EPSILON]);
    step[i] = effective[i] * (m[i] / correction1);
  }
}

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
