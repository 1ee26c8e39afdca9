/* NAdam: Adam with Nesterov's look-ahead and a momentum that warms up. t from 1:
 *   mu_t = beta1 (1 - 0.96^(t psi) / 2)
 *   m <- mu_t m + (1 - mu_t) g,  v <- beta2 v + (1 - beta2) g^2,  v^ = v / (1 - beta2^t)
 *   m^ = mu_{t+1} m / (1 - mu_1 ... mu_{t+1}) + (1 - mu_t) g / (1 - mu_1 ... mu_t)
 *   w <- w - alpha m^ / (sqrt(v^) + epsilon)
 *
 * T. Dozat 2016, "Incorporating Nesterov momentum into Adam".
 * Defaults: alpha 0.002, beta1 0.9, beta2 0.999, psi 0.004, epsilon 1e-8 (Keras, torch).
 * Choices: m is decayed by mu_t, as in the paper (torch and Keras by beta1, with the same m^);
 * epsilon outside the root; m and v start at 0. effective is alpha / (sqrt(v^) + epsilon), what
 * multiplies m^.
 * At a constant rate it circles the minimum, so `--rate auto` takes the plateau schedule. */
#include "optim/each.h"

enum { BETA1, BETA2, PSI, EPSILON };
static const nadir_rule_setting settings[] = {
    [BETA1] = {"beta1", 0.9, 0, 0.999999, "decay of the mean of the gradients, in the end"},
    [BETA2] = {"beta2", 0.999, 0, 0.99999999, "decay of the mean of their squares"},
    [PSI] = {"psi", 0.004, 0, 1, "how fast beta1 is approached from its half"},
    [EPSILON] = {"epsilon", 1e-8, 1e-300, 1, "added to the root of the mean square"},
};

static double momentum_at(const double *values, double t) {
  return values[BETA1] * (1 - 0.5 * pow(0.96, t * values[PSI]));
}

nd_terms nd_terms_nadam(const double *values, double *scalars, uint64_t t) {
  const double now = (double)t + 1, mu = momentum_at(values, now), next = momentum_at(values, now + 1);
  const double product = (t == 0 ? 1 : scalars[0]) * mu; /* of mu_1 ... mu_t */
  nd_terms terms = nd_terms_of_means(mu, values[BETA2], values[EPSILON], t);
  scalars[0] = product;
  terms.corrected = terms.correction2 == 1;
  terms.settled = false;
  terms.of_mean = next / (1 - product * next), terms.of_gradient = (1 - mu) / (1 - product);
  return terms;
}
ND_STEP_EACH(nadam, 2)

const nadir_optimizer nd_optimizer_nadam = {
    .name = "nadam",
    .summary = "Adam with Nesterov's look-ahead",
    .source = "T. Dozat 2016, Incorporating Nesterov momentum into Adam",
    .settings = settings,
    .setting_count = ND_COUNT(settings),
    .vectors = 2,
    .scalars = 1,
    .rate = 0.002,
    .schedule = "plateau",
    .step = step_nadam,
};
