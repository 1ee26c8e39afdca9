/* AMSGrad:
 *   m <- beta1 m + (1 - beta1) g,  v <- beta2 v + (1 - beta2) g^2,  v^ <- max(v^, v)
 *   w <- w - alpha m / (sqrt(v^) + epsilon)
 *
 * S. J. Reddi, S. Kale, S. Kumar 2018, "On the convergence of Adam and beyond", algorithm 2.
 * Defaults: beta1 0.9, beta2 0.999, as published; alpha, left open there, is 0.1. Because v^ never
 * falls, near the minimum it is gradient descent with momentum at the rate alpha over about the
 * largest gradient met: at the libraries' 0.001 it would need some 1e5 updates to settle where
 * parameters are of order 1. Where 0.1 is too large the plateau schedule lowers it.
 * Choices: no bias correction, as in the paper (torch and Keras correct both means); epsilon 1e-8
 * outside the root, against a first gradient of zero (the paper has none); m, v, v^ start at 0. */
#include "optim/optim.h"

#include <math.h>

enum { BETA1, BETA2, EPSILON };
static const nadir_rule_setting settings[] = {
    [BETA1] = {"beta1", 0.9, 0, 0.999999, "decay of the mean of the gradients"},
    [BETA2] = {"beta2", 0.999, 0, 0.99999999, "decay of the mean of their squares"},
    [EPSILON] = {"epsilon", 1e-8, 1e-300, 1, "added to the root of the largest mean square"},
};

static void step_amsgrad(const nadir_step *now, double *step, double *effective) {
  double beta1 = now->values[BETA1], beta2 = now->values[BETA2];
  double *m = now->vectors[0], *v = now->vectors[1], *largest = now->vectors[2];
  for (size_t i = 0; i < now->size; i++) {
    double g = now->gradient[i];
    m[i] = beta1 * m[i] + (1 - beta1) * g;
    v[i] = beta2 * v[i] + (1 - beta2) * g * g;
    largest[i] = fmax(largest[i], v[i]);
    effective[i] = now->rate[i] / (sqrt(largest[i]) + now->values[EPSILON]);
    step[i] = effective[i] * m[i];
  }
}

const nadir_optimizer nd_optimizer_amsgrad = {
    .name = "amsgrad",
    .summary = "Adam over the largest mean square so far, so that no rate ever grows",
    .source = "S. J. Reddi, S. Kale, S. Kumar 2018, On the convergence of Adam and beyond",
    .settings = settings,
    .setting_count = ND_COUNT(settings),
    .vectors = 3,
    .rate = 0.1,
    .schedule = "plateau",
    .step = step_amsgrad,
};
