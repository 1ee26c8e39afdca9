/* Rprop in the form iRprop-: only the signs of derivatives count. With g' the last one,
 *   g g' > 0: Delta <- min(eta+ Delta, Delta_max)
 *   g g' < 0: Delta <- max(eta- Delta, Delta_min), g <- 0
 *   w <- w - sign(g) Delta
 *
 * M. Riedmiller, H. Braun 1993, "A direct adaptive method for faster backpropagation learning: the
 * RPROP algorithm"; iRprop- is of C. Igel, M. Huesken 2000, "Improving the Rprop learning
 * algorithm".
 * Defaults, as published: eta- 0.5, eta+ 1.2, Delta_0 0.1 (the rate here), Delta_max 50.
 * Choices: Delta_min is 1e-18; the published 1e-6 would leave a circle of that size. After a
 * change of sign the parameter rests for one update, so a step of zero is no sign of having
 * arrived.
 * The signs of a batch's gradient are noise, so it needs --batch all. The rate is only the first
 * step, and no schedule acts on the later ones. effective is Delta / |g|. */
#include "optim/optim.h"

#include <math.h>

enum { SHRINK, GROW, LARGEST, SMALLEST };
static const nadir_rule_setting settings[] = {
    [SHRINK] = {"shrink", 0.5, 0.01, 0.99, "eta-: what a change of sign multiplies a step by"},
    [GROW] = {"grow", 1.2, 1, 10, "eta+: what a sign kept multiplies a step by"},
    [LARGEST] = {"largest", 50, 1e-18, 1e300, "Delta_max: the largest step"},
    [SMALLEST] = {"smallest", 1e-18, 1e-300, 1, "Delta_min: the smallest step"},
};

/* The size of the next step from the last one and the signs of the two derivatives. */
static double resize(const double *values, double delta, double g, double last) {
  if (delta == 0) return 0; /* held by a rate of 0 */
  if ((g > 0 && last > 0) || (g < 0 && last < 0))
    return fmin(values[GROW] * delta, values[LARGEST]);
  if ((g > 0 && last < 0) || (g < 0 && last > 0))
    return fmax(values[SHRINK] * delta, values[SMALLEST]);
  return delta;
}

static void step_rprop(const nadir_step *now, double *step, double *effective) {
  double *last = now->vectors[0], *delta = now->vectors[1];
  for (size_t i = 0; i < now->size; i++) {
    double g = now->gradient[i];
    delta[i] = now->t == 0 ? now->rate[i] : resize(now->values, delta[i], g, last[i]);
    if ((g > 0 && last[i] < 0) || (g < 0 && last[i] > 0)) g = 0;
    last[i] = g;
    step[i] = g > 0 ? delta[i] : g < 0 ? -delta[i] : g;
    effective[i] = g == 0 ? 0 : delta[i] / fabs(g);
  }
}

const nadir_optimizer nd_optimizer_rprop = {
    .name = "rprop",
    .summary = "a step size for each parameter, from the signs of its derivatives alone",
    .source = "M. Riedmiller, H. Braun 1993, A direct adaptive method for faster backpropagation "
              "learning: the RPROP algorithm",
    .settings = settings,
    .setting_count = ND_COUNT(settings),
    .vectors = 2,
    .traits = NADIR_FULL_BATCH | NADIR_SELF_SIZING,
    .rate = 0.1,
    .schedule = "constant",
    .step = step_rprop,
};
