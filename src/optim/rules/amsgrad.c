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
#include "optim/each.h"

enum { BETA1, BETA2, EPSILON };
static const nadir_rule_setting settings[] = {
    [BETA1] = {"beta1", 0.9, 0, 0.999999, "decay of the mean of the gradients"},
    [BETA2] = {"beta2", 0.999, 0, 0.99999999, "decay of the mean of their squares"},
    [EPSILON] = {"epsilon", 1e-8, 1e-300, 1, "added to the root of the largest mean square"},
};

nd_terms nd_terms_amsgrad(const double *values, double *scalars, uint64_t t) {
  (void)scalars, (void)t;
  return (nd_terms){.keep1 = values[BETA1],
                    .take1 = 1 - values[BETA1],
                    .keep2 = values[BETA2],
                    .take2 = 1 - values[BETA2],
                    .epsilon = values[EPSILON],
                    .settled = true};
}
ND_STEP_EACH(amsgrad, 3)

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
