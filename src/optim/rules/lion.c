/* Lion:
 *   c = beta1 m + (1 - beta1) g,  w <- w - eta (sign(c) + lambda w),  m <- beta2 m + (1 - beta2) g
 *
 * X. Chen, C. Liang, D. Huang, E. Real et al. 2023, "Symbolic discovery of optimization
 * algorithms".
 * Defaults: beta1 0.9, beta2 0.99, as published. eta is left to the user there (its code has
 * 1e-4); 0.001 here, since every step has the length eta, and parameters of order 1 are to be
 * reached within some thousand updates. lambda (`decay`) is 0, as in adamw.c.
 * Choices: sign(0) is 0; m starts at 0. effective is eta / |c|, what multiplies c.
 * It never comes to rest at a constant rate, so `--rate auto` takes the plateau schedule. */
#include "optim/each.h"

enum { BETA1, BETA2, DECAY };
static const nadir_rule_setting settings[] = {
    [BETA1] = {"beta1", 0.9, 0, 0.999999, "weight of the past in the direction of a step"},
    [BETA2] = {"beta2", 0.99, 0, 0.999999, "decay of the mean of the gradients"},
    [DECAY] = {"decay", 0, 0, 1e6, "rate*decay*w is subtracted from every parameter"},
};

nd_terms nd_terms_lion(const double *values, double *scalars, uint64_t t) {
  (void)scalars, (void)t;
  return (nd_terms){.keep1 = values[BETA1],
                    .take1 = 1 - values[BETA1],
                    .keep2 = values[BETA2],
                    .take2 = 1 - values[BETA2],
                    .decay = values[DECAY],
                    .settled = true};
}
ND_STEP_EACH(lion, 1)

const nadir_optimizer nd_optimizer_lion = {
    .name = "lion",
    .summary = "steps of one length, by the sign of a momentum",
    .source = "X. Chen et al. 2023, Symbolic discovery of optimization algorithms",
    .settings = settings,
    .setting_count = ND_COUNT(settings),
    .vectors = 1,
    .rate = 0.001,
    .schedule = "plateau",
    .step = step_lion,
};
