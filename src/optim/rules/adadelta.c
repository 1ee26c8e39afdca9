/* Adadelta, with RMS[y] = sqrt(E[y^2] + epsilon):
 *   E[g^2] <- rho E[g^2] + (1 - rho) g^2,  dx = - RMS[dx] / RMS[g] g
 *   E[dx^2] <- rho E[dx^2] + (1 - rho) dx^2,  w <- w + eta dx
 *
 * M. D. Zeiler 2012, "ADADELTA: an adaptive learning rate method".
 * Defaults, as published: rho 0.95, epsilon 1e-6, and no rate at all: eta 1 (torch; Keras 0.001).
 * Choices: epsilon inside both roots, as in the paper; both means start at 0; RMS[dx] is the one
 * before this update; E[dx^2] takes dx before eta, as in torch, so that a schedule slows the steps
 * down without feeding back. The first steps are sqrt(epsilon / (1 - rho)), 0.004, and grow from
 * there.
 * Its steps do not die out at the minimum, so `--rate auto` takes the plateau schedule.
 * No l1: dx^2 would be remembered as it was before thresholding. */
#include "optim/each.h"

enum { RHO, EPSILON };
static const nadir_rule_setting settings[] = {
    [RHO] = {"rho", 0.95, 0, 0.99999999, "decay of both means of squares"},
    [EPSILON] = {"epsilon", 1e-6, 1e-300, 1, "added to both means of squares"},
};

nd_terms nd_terms_adadelta(const double *values, double *scalars, uint64_t t) {
  (void)scalars, (void)t;
  return (nd_terms){.keep1 = values[RHO],
                    .take1 = 1 - values[RHO],
                    .epsilon = values[EPSILON],
                    .settled = true};
}
ND_STEP_EACH(adadelta, 2)

const nadir_optimizer nd_optimizer_adadelta = {
    .name = "adadelta",
    .summary = "RMSprop whose rate is the root mean square of its recent steps",
    .source = "M. D. Zeiler 2012, ADADELTA: an adaptive learning rate method",
    .settings = settings,
    .setting_count = ND_COUNT(settings),
    .vectors = 2,
    .rate = 1,
    .schedule = "plateau",
    .step = step_adadelta,
};
