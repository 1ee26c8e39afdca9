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
#include "optim/optim.h"

#include <math.h>

enum { BETA1, BETA2, DECAY };
static const nadir_rule_setting settings[] = {
    [BETA1] = {"beta1", 0.9, 0, 0.999999, "weight of the past in the direction of a step"},
    [BETA2] = {"beta2", 0.99, 0, 0.999999, "decay of the mean of the gradients"},
    [DECAY] = {"decay", 0, 0, 1e6, "rate*decay*w is subtracted from every parameter"},
};

static double sign_of(double c) {
  if (c > 0) return 1;
  if (c < 0) return -1;
  return c; /* 0 or NaN */
}

static void step_lion(const nadir_step *now, double *step, double *effective) {
  double beta1 = now->values[BETA1], beta2 = now->values[BETA2], *m = now->vectors[0];
  for (size_t i = 0; i < now->size; i++) {
    double g = now->gradient[i], c = beta1 * m[i] + (1 - beta1) * g;
    m[i] = beta2 * m[i] + (1 - beta2) * g;
    effective[i] = c == 0 ? 0 : now->rate[i] / fabs(c);
    step[i] = now->rate[i] * (sign_of(c) + now->values[DECAY] * now->w[i]);
  }
}

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
