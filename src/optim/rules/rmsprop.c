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
#include "optim/optim.h"

#include <math.h>

enum { RHO, EPSILON };
static const nadir_rule_setting settings[] = {
    [RHO] = {"rho", 0.9, 0, 0.99999999, "decay of the mean of the squared gradients"},
    [EPSILON] = {"epsilon", 1e-8, 1e-300, 1, "added to the root of the mean square"},
};

static void step_rmsprop(const nadir_step *now, double *step, double *effective) {
  double rho = now->values[RHO], *v = now->vectors[0];
  for (size_t i = 0; i < now->size; i++) {
    double g = now->gradient[i];
    v[i] = rho * v[i] + (1 - rho) * g * g;
    effective[i] = now->rate[i] / (sqrt(v[i]) + now->values[EPSILON]);
    step[i] = effective[i] * g;
  }
}

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
