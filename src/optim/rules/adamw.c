/* AdamW: Adam with decoupled weight decay, w <- w - alpha (m^ / (sqrt(v^) + epsilon) + lambda w).
 *
 * I. Loshchilov, F. Hutter 2019, "Decoupled weight decay regularization": theta_t = theta_{t-1} -
 * eta_t (alpha m^ / (sqrt(v^) + epsilon) + lambda theta_{t-1}).
 * Defaults: Adam's alpha 0.001, beta1 0.9, beta2 0.999, epsilon 1e-8; lambda (`decay`) 0.
 * Choices: the decay is multiplied by the whole rate (torch, optax), where the paper has the
 * schedule eta_t alone. It is 0 by default (torch 0.01, Keras 0.004), so that the minimum found is
 * that of the loss as stated: with a decay it is not, and the gradient does not go to zero. For a
 * penalty that is part of the objective there is --l2. All else as in adam.c. */
#include "optim/each.h"

enum { BETA1, BETA2, EPSILON, DECAY };
static const nadir_rule_setting settings[] = {
    [BETA1] = {"beta1", 0.9, 0, 0.999999, "decay of the mean of the gradients"},
    [BETA2] = {"beta2", 0.999, 0, 0.99999999, "decay of the mean of their squares"},
    [EPSILON] = {"epsilon", 1e-8, 1e-300, 1, "added to the root of the mean square"},
    [DECAY] = {"decay", 0, 0, 1e6, "rate*decay*w is subtracted from every parameter"},
};

nd_terms nd_terms_adamw(const double *values, double *scalars, uint64_t t) {
  (void)scalars;
  nd_terms terms = nd_terms_of_means(values[BETA1], values[BETA2], values[EPSILON], t);
  terms.decay = values[DECAY];
  return terms;
}
ND_STEP_EACH(adamw, 2)

const nadir_optimizer nd_optimizer_adamw = {
    .name = "adamw",
    .summary = "Adam with a weight decay of its own (adamw.decay)",
    .source = "I. Loshchilov, F. Hutter 2019, Decoupled weight decay regularization",
    .settings = settings,
    .setting_count = ND_COUNT(settings),
    .vectors = 2,
    .rate = 0.001,
    .schedule = "plateau",
    .step = step_adamw,
};
