/* Stochastic variance reduced gradient: with a snapshot w~ and its full gradient mu = grad L(w~),
 *   w <- w - eta (g_B(w) - g_B(w~) + mu)
 *
 * R. Johnson, T. Zhang 2013, "Accelerating stochastic gradient descent using predictive variance
 * reduction". The step is still an unbiased estimate of the gradient, but its variance vanishes as
 * w and w~ near the minimum, so that a constant rate comes to rest there instead of in a cloud
 * around it. Of a sum over rows mu is the batch's part of the full gradient.
 *
 * Defaults: eta of the order of 1/(10 L) in theory; here 1/L from the measured curvature
 * of a batch, as for gd. Choice: a new snapshot every `epochs` passes (the paper takes 2 for convex
 * losses), at the last iterate (option I). With --batch all it is gradient descent. Costs two batch
 * gradients an update, and one pass a snapshot. */
#include "optim/optim.h"

#include <math.h>
#include <string.h>

enum { SNAPSHOT, FULL, REFERENCE, VECTORS };
enum { AGE, SCALARS };
static const nadir_rule_setting settings[] = {
    {"epochs", 2, 0.01, 1e6, "passes over the rows between two snapshots"}};

static nadir_status take_snapshot(const nadir_step *now, const nadir_problem *problem,
                                  uint64_t *evaluations, nadir_error *error) {
  double loss;
  memcpy(now->vectors[SNAPSHOT], now->w, now->size * sizeof *now->w);
  now->scalars[AGE] = 0;
  ++*evaluations;
  return problem->gradient(problem->context, now->w, &loss, now->vectors[FULL], error);
}

static nadir_status advance(const nadir_step *now, double loss, const nadir_problem *problem,
                            nadir_update *update, nadir_error *error) {
  (void)loss;
  double *reference = now->vectors[REFERENCE], *full = now->vectors[FULL];
  bool batches = problem->batch_gradient != NULL;
  if (batches) {
    double life = fmax(1, rint(now->values[0] * (double)problem->epoch_updates));
    if (now->t == 0 || now->scalars[AGE] >= life)
      ND_TRY(take_snapshot(now, problem, &update->evaluations, error));
    ND_TRY(
        problem->batch_gradient(problem->batch_context, now->vectors[SNAPSHOT], reference, error));
    now->scalars[AGE]++;
  }
  for (size_t i = 0; i < now->size; i++) {
    update->effective[i] = now->rate[i];
    update->step[i] = now->rate[i] * (batches ? now->gradient[i] - reference[i] +
                                                    problem->batch_share * full[i]
                                              : now->gradient[i]);
  }
  return NADIR_OK;
}

const nadir_optimizer nd_optimizer_svrg = {
    .name = "svrg",
    .summary =
        "stochastic descent whose noise vanishes: corrected by the full gradient at a snapshot",
    .source = "R. Johnson, T. Zhang 2013, Accelerating stochastic gradient descent using "
              "predictive variance reduction",
    .settings = settings,
    .setting_count = ND_COUNT(settings),
    .vectors = VECTORS,
    .scalars = SCALARS,
    .traits = NADIR_VARIANCE_REDUCED | NADIR_SPECTRAL,
    .schedule = "constant",
    .advance = advance,
};
