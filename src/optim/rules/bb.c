/* Barzilai-Borwein: w <- w - lambda alpha g, alpha = s's / s'y, with s the last step and y the
 * last change of g.
 *
 * J. Barzilai, J. M. Borwein 1988, "Two-point step size gradient methods", the longer of their two
 * steps. It lets the loss rise at times; M. Raydan 1997, "The Barzilai and Borwein gradient method
 * for the large scale unconstrained minimization problem", makes it converge by the nonmonotone
 * line search of L. Grippo, F. Lampariello, S. Lucidi 1986: lambda = 1, 1/2, ... until L(w -
 * lambda alpha g) <= the largest of the last 10 losses - c lambda alpha |g|^2.
 * Defaults are Raydan's: 10 losses, c 1e-4. His bounds on alpha are left out: from far out on a
 * steep wall, cosh(x) at 40, the last steps are 1e17 times the first. The first alpha is the rate, 1/M
 * of the measured curvature.
 * Choices: where s'y <= 0 (no curvature seen) alpha is twice the last one. With rates of the
 * parameters' own, alpha is formed in the coordinates w / sqrt(rate), where the rates are equal.
 * Costs about one gradient an update. No l1, as in backtracking.c. */
#include "base/dense.h"
#include "optim/search_internal.h"

#include <math.h>

enum { SUFFICIENT, SHRINK };
static const nadir_rule_setting settings[] = {
    [SUFFICIENT] = {"sufficient", 1e-4, 1e-10, 0.5,
                    "share of the predicted decrease that a step must reach"},
    [SHRINK] = {"shrink", 0.5, 0.1, 0.9, "what a refused step is multiplied by"},
};

/* State: vectors W and G, the last point and gradient, and scratch; the last losses and alpha. */
enum { MEMORY = 10, LAST_W = 0, LAST_G, STATE_VECTORS, ALPHA = MEMORY, STATE_SCALARS };

/* In units of the rate. */
static double next_alpha(const nadir_step *now) {
  if (now->t == 0) return 1;
  double ss = 0, sy = 0, last = now->scalars[ALPHA];
  for (size_t i = 0; i < now->size; i++) {
    double s = now->w[i] - now->vectors[LAST_W][i];
    double y = now->gradient[i] - now->vectors[LAST_G][i];
    if (now->rate[i] > 0) ss += s * s / now->rate[i];
    sy += s * y;
  }
  double alpha = sy > 0 ? ss / sy : 2 * last;
  return ss > 0 && isfinite(alpha) && alpha > 0 ? alpha : last;
}

static double largest_loss(const nadir_step *now) {
  size_t count = now->t < MEMORY ? (size_t)now->t + 1 : MEMORY;
  double largest = now->scalars[0];
  for (size_t k = 1; k < count; k++)
    largest = fmax(largest, now->scalars[k]);
  return largest;
}

static void remember(const nadir_step *now, double alpha) {
  now->scalars[ALPHA] = alpha;
  for (size_t i = 0; i < now->size; i++) {
    now->vectors[LAST_W][i] = now->w[i];
    now->vectors[LAST_G][i] = now->gradient[i];
  }
}

static nadir_status advance(const nadir_step *now, double loss, const nadir_problem *problem,
                            nadir_update *update, nadir_error *error) {
  double lambda, alpha = next_alpha(now);
  now->scalars[now->t % MEMORY] = loss;
  for (size_t i = 0; i < now->size; i++)
    update->step[i] = alpha * now->rate[i] * now->gradient[i];
  nd_search search = {.now = now,
                      .problem = problem,
                      .direction = update->step,
                      .slope = nd_dot(now->size, now->gradient, update->step),
                      .loss = loss,
                      .reference = largest_loss(now),
                      .sufficient = now->values[SUFFICIENT],
                      .shrink = now->values[SHRINK],
                      .point = update->effective,
                      .by_loss = true};
  ND_TRY(nd_search_step(&search, 1, &lambda, update, error));
  remember(now, lambda > 0 ? lambda * alpha : alpha);
  nd_search_finish(now, lambda, update);
  return NADIR_OK;
}

const nadir_optimizer nd_optimizer_bb = {
    .name = "bb",
    .summary = "gradient descent with Barzilai and Borwein's step, made safe",
    .source = "J. Barzilai, J. M. Borwein 1988, Two-point step size gradient methods",
    .settings = settings,
    .setting_count = ND_COUNT(settings),
    .vectors = STATE_VECTORS,
    .scalars = STATE_SCALARS,
    .traits = NADIR_FULL_BATCH | NADIR_SELF_SIZING | NADIR_SPECTRAL,
    .rate = 0,
    .schedule = "constant",
    .advance = advance,
};
