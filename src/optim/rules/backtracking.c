/* Gradient descent with backtracking (Armijo):
 *   w <- w - lambda eta g, lambda the first of 2 last, last, last/2, ... with
 *   L(w - lambda eta g) <= L(w) - c lambda eta |g|^2
 *
 * L. Armijo 1966, "Minimization of functions having Lipschitz continuous first partial
 * derivatives".
 * Defaults: c 1/2 and halving, which are Armijo's own. Textbooks take c 1e-4 (Nocedal, Wright
 * 2006), which on a quadratic lets through steps just below the stable limit 2/M that hardly
 * shorten the error; with 1/2 no step is longer than that to the lowest point along the gradient.
 * Choices: each search begins at twice the last step, so that a step that had to be small once is
 * outgrown; a loss that is not a number at a trial point shrinks the step tenfold.
 * eta, 1/M of the measured curvature, is only where the first search starts. Costs about two
 * gradients an update. No l1: the test would have to include the penalty. */
#include "optim/search_internal.h"

enum { SUFFICIENT, SHRINK, GROW };
static const nadir_rule_setting settings[] = {
    [SUFFICIENT] = {"sufficient", 0.5, 1e-10, 0.5,
                    "share of the predicted decrease that a step must reach"},
    [SHRINK] = {"shrink", 0.5, 0.01, 0.99, "what a refused step is multiplied by"},
    [GROW] = {"grow", 2, 1, 1000, "the first trial is this many times the last step"},
};

static nadir_status advance(const nadir_step *now, double loss, const nadir_problem *problem,
                            nadir_update *update, nadir_error *error) {
  double *last = &now->scalars[0], lambda;
  for (size_t i = 0; i < now->size; i++)
    update->step[i] = now->rate[i] * now->gradient[i];
  double first = *last > 0 ? *last * now->values[GROW] : 1;
  nd_descent_search how = {
      .first = first, .sufficient = now->values[SUFFICIENT], .shrink = now->values[SHRINK]};
  ND_TRY(nd_search_descent(now, loss, problem, &how, &lambda, update, error));
  if (lambda > 0) *last = lambda;
  return NADIR_OK;
}

const nadir_optimizer nd_optimizer_backtracking = {
    .name = "backtracking",
    .summary = "gradient descent whose every step must lower the loss enough",
    .source = "L. Armijo 1966, Minimization of functions having Lipschitz continuous first partial "
              "derivatives",
    .settings = settings,
    .setting_count = ND_COUNT(settings),
    .scalars = 1,
    .traits = NADIR_FULL_BATCH | NADIR_SELF_SIZING | NADIR_SPECTRAL,
    .rate = 0,
    .schedule = "constant",
    .advance = advance,
};
