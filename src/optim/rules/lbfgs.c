/* Limited-memory BFGS: w <- w - lambda H g, H the inverse Hessian that the last m steps s and
 * changes of gradient y tell of, by the two-loop recursion; lambda meets Wolfe's strong conditions.
 *
 * D. C. Liu, J. Nocedal 1989, "On the limited memory BFGS method for large scale optimization";
 * J. Nocedal 1980, "Updating quasi-Newton matrices with limited storage".
 * Defaults: m 10; c1 1e-4 and c2 0.9 of theirs.
 * Choices: H begins as gamma D, gamma = s'y / y'D y of the newest pair, D_i = 1/|d2L/dw_i^2| at the
 * start, so that the units of the parameters change nothing; where there is none the largest of the
 * others. Without second derivatives, or where a Hessian would cost more than the run, D is 1 and
 * the first step that of one product with g, or as long as would bring a straight line to 0. Pairs
 * are kept where s'y is above rounding. Where a direction finds no lower point the pairs are
 * forgotten and D is measured anew. What is left is given as g'Hg/2, but no less than the last fall,
 * once min(m, n) pairs are kept, or rounding hides it.
 * Costs 4 m n operations and a gradient an update, about one trial in ten another; a Hessian's
 * diagonal at the start, for up to 512 parameters. */
#include "base/dense.h"
#include "optim/search_internal.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { HISTORY, SUFFICIENT, FLATTER };
enum { DEFAULT_HISTORY = 10, MOST_HISTORY = 100, HIDING_PAIRS = 2 };
static const nadir_rule_setting settings[] = {
    [HISTORY] = {"history", DEFAULT_HISTORY, 1, MOST_HISTORY, "pairs of steps that are kept"},
    [SUFFICIENT] = {"sufficient", 1e-4, 1e-10, 0.49,
                    "share of the predicted decrease that a step must reach"},
    [FLATTER] = {"flatter", 0.9, 0.01, 0.999, "share of the slope that a step may leave"},
};

/* State: D, a kept gradient, then the pairs in a ring: the k-th s and y. */
enum { SCALE, KEPT, PAIRS };
/* Pairs kept, the place of the next one, gamma, what the last update gained; then 1/s'y by place. */
enum { COUNT, NEXT, GAMMA, FALL, INVERSE, STATE_SCALARS = INVERSE + MOST_HISTORY };

static size_t history_of(const double *values) {
  return values ? (size_t)values[HISTORY] : DEFAULT_HISTORY;
}

static size_t vectors_for(size_t size, const double *values) {
  (void)size;
  return PAIRS + 2 * history_of(values);
}

static size_t count_of(const nadir_step *now) {
  return (size_t)nd_within(0, now->scalars[COUNT], (double)history_of(now->values));
}

static size_t next_of(const nadir_step *now) {
  return (size_t)nd_within(0, now->scalars[NEXT], (double)history_of(now->values) - 1);
}

static double *step_of(const nadir_step *now, size_t place) {
  return now->vectors[PAIRS + 2 * place];
}

static double *change_of(const nadir_step *now, size_t place) {
  return now->vectors[PAIRS + 2 * place + 1];
}

/* The place of the k-th newest pair. */
static size_t place_of(const nadir_step *now, size_t k) {
  size_t history = history_of(now->values);
  return (next_of(now) + history - 1 - k) % history;
}

/* ---- the direction ---- */

/* direction <- H direction */
static void two_loops(const nadir_step *now, double *direction) {
  size_t n = now->size, count = count_of(now);
  double share[MOST_HISTORY];
  for (size_t k = 0; k < count; k++) {
    size_t place = place_of(now, k);
    const double *y = change_of(now, place);
    share[k] = now->scalars[INVERSE + place] * nd_dot(n, step_of(now, place), direction);
    for (size_t i = 0; i < n; i++)
      direction[i] -= share[k] * y[i];
  }
  for (size_t i = 0; i < n; i++)
    direction[i] *= now->scalars[GAMMA] * now->vectors[SCALE][i];
  for (size_t k = count; k-- > 0;) {
    size_t place = place_of(now, k);
    const double *s = step_of(now, place);
    double part = now->scalars[INVERSE + place] * nd_dot(n, change_of(now, place), direction);
    for (size_t i = 0; i < n; i++)
      direction[i] += (share[k] - part) * s[i];
  }
}

/* D <- s^2 / L0, which is 1/|diagonal| where that is a number; false where there are no scales. */
static bool invert(const nadir_step *now, double loss, double *diagonal) {
  double unit, *scale = now->vectors[KEPT];
  if (!nd_scales_find(now->size, loss, now->w, now->gradient, diagonal, &unit, scale)) return false;
  for (size_t i = 0; i < now->size; i++)
    diagonal[i] = scale[i] / unit * scale[i];
  return nd_all_finite(now->size, diagonal);
}

/* The rate of the lowest point along g, |g|^2 / |g'H g|. */
static nadir_status rate_of_product(const nadir_step *now, const nadir_problem *problem,
                                    double *product, double *rate, nadir_error *error) {
  ND_TRY(problem->hessian_vector(problem->context, now->w, now->gradient, product, error));
  double norm = nd_norm(now->size, now->gradient), curved = 0;
  for (size_t i = 0; i < now->size; i++)
    curved += now->gradient[i] / norm * (product[i] / norm);
  *rate = 1 / fabs(curved);
  return NADIR_OK;
}

/* A straight line along g falls to 0 in |L| / |g|^2; not farther than the parameters are from 0. */
static double rate_of_slope(const nadir_step *now, double loss) {
  double norm = nd_norm(now->size, now->gradient), length = nd_norm(now->size, now->w);
  double rate = fabs(loss) / norm / norm;
  if (!(rate > 0) || (length > 0 && length / norm < rate)) rate = length / norm;
  return rate > 0 && isfinite(rate) ? rate : 1 / norm;
}

static nadir_status measure_scale(const nadir_step *now, double loss, const nadir_problem *problem,
                                  nadir_error *error) {
  double *scale = now->vectors[SCALE], rate = 0;
  bool second = problem->hessian || problem->hessian_vector;
  if (second && now->size <= ND_MOST_DENSE) {
    ND_TRY(nd_hessian_diagonal_at(now, problem, scale, "lbfgs", error));
    if (invert(now, loss, scale)) return NADIR_OK;
  } else if (problem->hessian_vector)
    ND_TRY(rate_of_product(now, problem, scale, &rate, error));
  if (!(rate > 0) || !isfinite(rate)) rate = rate_of_slope(now, loss);
  for (size_t i = 0; i < now->size; i++)
    scale[i] = rate;
  return NADIR_OK;
}

/* ---- the pairs ---- */

/* y'D y, s'y and s's/D must not differ by more than rounding explains. */
static bool stands_out(const nadir_step *now, const double *s, const double *y, double sy,
                       double *ydy) {
  double sds = 0, sum = 0;
  for (size_t i = 0; i < now->size; i++) {
    sum += y[i] * (now->vectors[SCALE][i] * y[i]);
    sds += s[i] * (s[i] / now->vectors[SCALE][i]);
  }
  *ydy = sum;
  return sy > 0 && sum > 0 && isfinite(sum) && sy / sum >= DBL_EPSILON * DBL_EPSILON * (sds / sy);
}

/* The step as it will be rounded, and what it changed; kept where that says something. */
static void remember(const nadir_step *now, const nadir_update *update) {
  size_t place = next_of(now), history = history_of(now->values);
  double *s = step_of(now, place), *y = change_of(now, place), ydy;
  for (size_t i = 0; i < now->size; i++) {
    s[i] = (now->w[i] - update->step[i]) - now->w[i];
    y[i] = update->gradient[i] - now->gradient[i];
  }
  double sy = nd_dot(now->size, s, y);
  if (!stands_out(now, s, y, sy, &ydy) || !isfinite(1 / sy)) return;
  now->scalars[INVERSE + place] = 1 / sy;
  now->scalars[GAMMA] = sy / ydy;
  now->scalars[NEXT] = (double)((place + 1) % history);
  now->scalars[COUNT] = fmin(now->scalars[COUNT] + 1, (double)history);
}

static void forget(const nadir_step *now) {
  now->scalars[COUNT] = now->scalars[NEXT] = 0;
  now->scalars[GAMMA] = 1;
}

/* ---- the update ---- */

static double smallest_rate(const nadir_step *now) {
  double least = now->rate[0];
  for (size_t i = 1; i < now->size; i++)
    least = fmin(least, now->rate[i]);
  return least;
}

/* Few pairs know few directions, unless rounding hides both what the last step gained and what this one promises. */
static double left_of(const nadir_step *now, double slope, double noise) {
  double left = fmax(slope / 2, now->scalars[FALL]), count = now->scalars[COUNT];
  bool knows = count >= fmin((double)now->size, (double)history_of(now->values));
  return knows || (count >= HIDING_PAIRS && left <= noise) ? left : (double)NAN;
}

static nadir_status try_direction(const nadir_step *now, double loss, const nadir_problem *problem,
                                  double *lambda, nadir_update *update, nadir_error *error) {
  double noise;
  ND_TRY(nd_rounding_at(now, loss, problem, &noise, error));
  memcpy(update->step, now->gradient, now->size * sizeof *update->step);
  two_loops(now, update->step);
  nd_wolfe search = {.now = now,
                     .problem = problem,
                     .direction = update->step,
                     .slope = nd_dot(now->size, now->gradient, update->step),
                     .loss = loss,
                     .noise = noise,
                     .sufficient = now->values[SUFFICIENT],
                     .flatter = now->values[FLATTER],
                     .point = update->effective,
                     .kept = now->vectors[KEPT]};
  update->left = left_of(now, search.slope, noise);
  return nd_search_wolfe(&search, smallest_rate(now), lambda, update, error);
}

static nadir_status try_afresh(const nadir_step *now, double loss, const nadir_problem *problem,
                               double *lambda, nadir_update *update, nadir_error *error) {
  forget(now);
  ND_TRY(measure_scale(now, loss, problem, error));
  return try_direction(now, loss, problem, lambda, update, error);
}

static nadir_status rest(const nadir_step *now, nadir_update *update) {
  for (size_t i = 0; i < now->size; i++)
    update->step[i] = update->effective[i] = 0;
  return NADIR_OK;
}

static nadir_status advance(const nadir_step *now, double loss, const nadir_problem *problem,
                            nadir_update *update, nadir_error *error) {
  double lambda = 0;
  if (!(nd_norm(now->size, now->gradient) > 0)) return rest(now, update);
  if (now->scalars[COUNT] > 0) ND_TRY(try_direction(now, loss, problem, &lambda, update, error));
  if (!(lambda > 0)) ND_TRY(try_afresh(now, loss, problem, &lambda, update, error));
  nd_search_finish(now, lambda, update);
  if (!(lambda > 0)) return NADIR_OK;
  now->scalars[FALL] = loss - update->loss;
  remember(now, update);
  return NADIR_OK;
}

const nadir_optimizer nd_optimizer_lbfgs = {
    .name = "lbfgs",
    .summary = "Newton's step from the last few changes of the gradient: for many parameters",
    .source = "D. C. Liu, J. Nocedal 1989, On the limited memory BFGS method for large scale "
              "optimization",
    .settings = settings,
    .setting_count = ND_COUNT(settings),
    .scalars = STATE_SCALARS,
    .vectors_for = vectors_for,
    .traits = NADIR_FULL_BATCH | NADIR_SELF_SIZING | NADIR_FINISHES,
    .rate = 1,
    .schedule = "constant",
    .advance = advance,
};
