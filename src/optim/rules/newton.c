/* Newton's method: w <- w - lambda p, H p = g, lambda = 1, 1/2, ... until
 *   L(w - lambda p) <= L(w) - c lambda g'p
 *
 * I. Newton 1669, J. Raphson 1690; made to descend as in J. Nocedal, S. J. Wright 2006, "Numerical
 * optimization", algorithm 3.2 and section 3.4.
 * Defaults are theirs: c 1e-4, lambda from 1. The rate multiplies the first lambda; of several,
 * the smallest counts. A quadratic is solved in one update.
 * Choices: where Cholesky's factorisation of H fails, each eigenvalue l_i is replaced by
 * max(|l_i|, floor max|l|), as in the saddle-free method of Y. Dauphin et al. 2014: a direction of
 * negative curvature is left downhill, with its own length scale. A Hessian that is zero or not
 * finite gives the gradient's direction. effective is step / g.
 * With an L1 penalty the step is that of proximal.c.
 * Costs a Hessian (n^2 numbers, taken anew each time) and n^3/3 operations an update. */
#include "optim/search_internal.h"

#include <math.h>
#include <string.h>

enum { SUFFICIENT, SHRINK, FLOOR };
static const nadir_rule_setting settings[] = {
    [SUFFICIENT] = {"sufficient", 1e-4, 1e-10, 0.49, "share of the predicted decrease to be had"},
    [SHRINK] = {"shrink", 0.5, 0.01, 0.99, "what a refused step is multiplied by"},
    [FLOOR] = {"floor", 1e-8, 1e-15, 1, "smallest curvature believed, over the largest"},
};

/* p <- |H|^-1 g from the eigenvectors of H, which stand in rows of `vectors`. */
static void solve_modified(size_t n, const double *values, const double *vectors, double floor_at,
                           const double *g, double *p) {
  double largest = fmax(fabs(values[0]), fabs(values[n - 1]));
  if (!(largest > 0)) return;
  memset(p, 0, n * sizeof *p);
  for (size_t k = 0; k < n; k++) {
    const double *v = vectors + k * n;
    double share = nd_dot(n, v, g) / fmax(fabs(values[k]), floor_at * largest);
    for (size_t i = 0; i < n; i++)
      p[i] += share * v[i];
  }
}

static nadir_status solve_indefinite(size_t n, const double *h, double floor_at, const double *g,
                                     double *p, nadir_error *error) {
  size_t count = n * n + n; /* n * n numbers have already been had */
  double *values = nd_new(count, sizeof *values, error);
  if (!values) return NADIR_NO_MEMORY;
  nadir_status status = nd_eigen(n, h, values, values + n, error);
  if (status == NADIR_OK) solve_modified(n, values, values + n, floor_at, g, p);
  nd_free(values);
  return status;
}

/* p <- a descent direction; g where second derivatives do not help. */
static nadir_status direction(const nadir_step *now, const nadir_problem *problem, double *h,
                              double *p, nadir_error *error) {
  size_t n = now->size;
  memcpy(p, now->gradient, n * sizeof *p);
  ND_TRY(nd_hessian_at(now, problem, h, "newton", error));
  if (!nd_all_finite(n * n, h) || !nd_all_finite(n, p)) return NADIR_OK;
  bool definite = false;
  ND_TRY(nd_solve_definite(n, h, p, &definite, error));
  if (definite && nd_all_finite(n, p) && nd_dot(n, p, now->gradient) > 0) return NADIR_OK;
  memcpy(p, now->gradient, n * sizeof *p);
  return solve_indefinite(n, h, now->values[FLOOR], now->gradient, p, error);
}

static double first_of(const nadir_step *now) {
  double first = now->rate[0];
  for (size_t i = 1; i < now->size; i++)
    first = fmin(first, now->rate[i]);
  return first;
}

static nadir_status search_along(const nadir_step *now, double loss, const nadir_problem *problem,
                                 nadir_update *update, nadir_error *error) {
  double lambda;
  nd_descent_search how = {
      .first = first_of(now), .sufficient = now->values[SUFFICIENT], .shrink = now->values[SHRINK]};
  return nd_search_descent(now, loss, problem, &how, &lambda, update, error);
}

static nadir_status advance(const nadir_step *now, double loss, const nadir_problem *problem,
                            nadir_update *update, nadir_error *error) {
  size_t n = now->size, count;
  if (n == 0) return NADIR_OK;
  if (now->l1) return nd_proximal_newton(now, loss, problem, first_of(now), update, error);
  if (!nd_multiply(n, n, &count)) count = SIZE_MAX; /* too large for nd_new, which says so */
  double *h = nd_new(count, sizeof *h, error);
  if (!h) return NADIR_NO_MEMORY;
  nadir_status status = direction(now, problem, h, update->step, error);
  nd_free(h);
  ND_TRY(status);
  return search_along(now, loss, problem, update, error);
}

const nadir_optimizer nd_optimizer_newton = {
    .name = "newton",
    .summary = "the gradient over the matrix of second derivatives: the best step of a quadratic",
    .source =
        "I. Newton 1669, J. Raphson 1690; J. Nocedal, S. J. Wright 2006, Numerical optimization",
    .settings = settings,
    .setting_count = ND_COUNT(settings),
    .traits = NADIR_FULL_BATCH | NADIR_SELF_SIZING | NADIR_COMPOSITE,
    .rate = 1,
    .schedule = "constant",
    .advance = advance,
};
