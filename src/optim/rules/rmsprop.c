/* RMSprop: v <- rho v + (1 - rho) g^2, w <- w - eta g / (sqrt(v) + epsilon).
 *
 * T. Tieleman, G. Hinton 2012, "Lecture 6.5 - rmsprop: divide the gradient by a running average of
 * its recent magnitude" (Coursera).
 * Defaults: rho 0.9 is the lecture's, which gives neither eta nor epsilon; 0.001 and 1e-8 are
 * usual (Keras 0.001 and 1e-7; torch 0.01 and 1e-8, with rho 0.99).
 * Choices: epsilon outside the root (torch; TensorFlow 1 had it inside); v starts at 0 and is not
 * corrected for it, as in the lecture, so the first step is eta / sqrt(1 - rho).
 * At a constant rate it circles the minimum, so `--rate auto` takes the plateau schedule.
 * The step is effective * g, so soft-thresholding by the effective rate is its proximal step (J.
 * Yun, A. C. Lozano, E. Yang 2021, "Adaptive proximal gradient methods for structured neural
 * networks"). */
#include "optim/each.h"

enum { RHO, EPSILON };
static const nadir_rule_setting settings[] = {
    [RHO] = {"rho", 0.9, 0, 0.99999999, "decay of the mean of the squared gradients"},
    [EPSILON] = {"epsilon", 1e-8, 1e-300, 1, "added to the root of the mean square"},
};

nd_terms nd_terms_rmsprop(const double *values, double *scalars, uint64_t t) {
  (void)scalars, (void)t;
  return (nd_terms){.keep1 = values[RHO],
                    .take1 = 1 - values[RHO],
                    .epsilon = values[EPSILON],
                    .settled = true};
}
ND_STEP_EACH(rmsprop, 1)

const nadir_optimizer nd_optimizer_rmsprop = {
    .name = "rmsprop",
    .summary = "a rate for each parameter: eta over the root mean square of recent gradients",
    .source = "T. Tieleman, G. Hinton 2012, Lecture 6.5: rmsprop, divide the gradient by a running "
              "average of its recent magnitude",
    .settings = settings,
    .setting_count = ND_COUNT(settings),
    .vectors = 1,
    .traits = NADIR_PROXIMAL,
    .rate = 0.001,
    .schedule = "plateau",
    .step = step_rmsprop,
};
