/* The best step of each parameter on its own, with p_i = eta_i g_i / |d2L/dw_i^2|:
 *   w <- w - lambda p, lambda = 1, 1/2, ... until L(w - lambda p) <= L(w) - c lambda g'p
 *
 * "The best step is the first derivative over the second"; with the absolute value as in S.
 * Becker, Y. LeCun 1989, "Improving the convergence of back-propagation learning with second order
 * methods".
 * Defaults: eta 1. c is 1/4, which lets the best step of a parabola pass (it brings half of what
 * the slope predicts) and refuses those that overshoot by half, as where parameters pull together.
 * Choices: a second derivative below `floor` of the largest that its parameter has had counts as that
 * much, as 1 while all were zero or not finite. In one parameter a parabola is solved in one update.
 * Costs a Hessian, or n products with it, an update. */
#include "optim/search_internal.h"

#include <math.h>

enum { SUFFICIENT, SHRINK, FLOOR };
static const nadir_rule_setting settings[] = {
    [SUFFICIENT] = {"sufficient", 0.25, 1e-10, 0.49,
                    "share of the predicted decrease that a step must reach"},
    [SHRINK] = {"shrink", 0.5, 0.01, 0.99, "what a refused step is multiplied by"},
    [FLOOR] = {"floor", 1e-8, 1e-15, 1,
               "smallest curvature believed, over the largest of its parameter"},
};

/* diagonal <- max(|diagonal|, floor * the largest so far), or 1 where that is not a positive number. */
static void make_positive(size_t n, double floor_at, double *largest, double *diagonal) {
  for (size_t i = 0; i < n; i++) {
    if (isfinite(diagonal[i])) largest[i] = fmax(largest[i], fabs(diagonal[i]));
    double d = fmax(fabs(diagonal[i]), floor_at * largest[i]);
    diagonal[i] = isfinite(d) && d > 0 ? d : 1;
  }
}

static nadir_status advance(const nadir_step *now, double loss, const nadir_problem *problem,
                            nadir_update *update, nadir_error *error) {
  double *diagonal = now->vectors[0], lambda;
  ND_TRY(nd_hessian_diagonal_at(now, problem, diagonal, "newton-diagonal", error));
  make_positive(now->size, now->values[FLOOR], now->vectors[1], diagonal);
  for (size_t i = 0; i < now->size; i++)
    update->step[i] = now->rate[i] * now->gradient[i] / diagonal[i];
  nd_descent_search how = {
      .first = 1, .sufficient = now->values[SUFFICIENT], .shrink = now->values[SHRINK]};
  return nd_search_descent(now, loss, problem, &how, &lambda, update, error);
}

const nadir_optimizer nd_optimizer_newton_diagonal = {
    .name = "newton-diagonal",
    .summary = "each derivative over its own second derivative: the lecture's best step",
    .source =
        "S. Becker, Y. LeCun 1989, Improving the convergence of back-propagation learning with "
        "second order methods",
    .settings = settings,
    .setting_count = ND_COUNT(settings),
    .vectors = 2,
    .traits = NADIR_FULL_BATCH | NADIR_SELF_SIZING,
    .rate = 1,
    .schedule = "constant",
    .advance = advance,
};
