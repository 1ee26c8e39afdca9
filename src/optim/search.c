/* The line search and the second derivatives of bb, backtracking, newton and newton-diagonal.
 *
 * L. Armijo 1966, "Minimization of functions having Lipschitz continuous first partial
 * derivatives": a step is taken when it brings at least a given share c of the decrease that the
 * slope predicts. W. W. Hager, H. Zhang 2005, "A new conjugate gradient method with guaranteed
 * descent and an efficient line search", section 3.1: near a minimum losses agree to rounding long
 * before gradients do; for a quadratic the same test can be made with slopes alone, the slope down
 * at the new point being no less than -(1 - 2c) times that at the old one.
 * Costs a gradient a trial, the last of which is the one that the next update begins with; at most
 * 100 trials. */
#include "base/dense.h"
#include "optim/search_internal.h"

#include <float.h>
#include <math.h>

enum { MOST_TRIALS = 100 };
static const double rounding = 1024 * DBL_EPSILON; /* of a loss summed over many rows, relative */

static bool slope_allows(const nd_search *search, const double *gradient) {
  double slope = nd_dot(search->now->size, gradient, search->direction);
  return slope >= -(1 - 2 * search->sufficient) * search->slope;
}

static bool acceptable(const nd_search *search, double lambda, double loss,
                       const double *gradient) {
  double noise = rounding * fmax(fabs(loss), fabs(search->loss));
  if (fabs(loss - search->loss) > noise)
    return loss <= search->reference - search->sufficient * lambda * search->slope;
  return search->by_loss || slope_allows(search, gradient);
}

nadir_status nd_search_step(const nd_search *search, double first, double *lambda,
                            nadir_update *update, nadir_error *error) {
  const nadir_problem *problem = search->problem;
  double trial = fmin(first, 1e100);
  *lambda = 0;
  if (!isfinite(search->loss) || !(search->slope > 0)) return NADIR_OK;
  for (int k = 0; k < MOST_TRIALS && nd_move(search->now, trial, search->direction, search->point);
       k++) {
    double loss = NAN;
    ND_TRY(problem->gradient(problem->context, search->point, &loss, update->gradient, error));
    bool finite = isfinite(loss) && nd_all_finite(search->now->size, update->gradient);
    if (finite && acceptable(search, trial, loss, update->gradient)) {
      *lambda = trial;
      update->loss = loss;
      return NADIR_OK;
    }
    update->evaluations++;
    trial *= finite ? search->shrink : 0.1;
  }
  return NADIR_OK;
}

void nd_search_finish(const nadir_step *now, double lambda, nadir_update *update) {
  for (size_t i = 0; i < now->size; i++) {
    update->step[i] *= lambda;
    update->effective[i] = now->gradient[i] == 0 ? 0 : update->step[i] / now->gradient[i];
  }
}

bool nd_move(const nadir_step *now, double lambda, const double *direction, double *point) {
  bool moved = false;
  for (size_t i = 0; i < now->size; i++) {
    point[i] = now->w[i] - lambda * direction[i];
    moved = moved || point[i] != now->w[i];
  }
  return moved;
}

nadir_status nd_rounding_at(const nadir_step *now, double loss, const nadir_problem *problem,
                            double *into, nadir_error *error) {
  *into = 4 * DBL_EPSILON * fabs(loss);
  if (!problem->rounding) return NADIR_OK;
  return problem->rounding(problem->context, now->w, loss, into, error);
}

/* ---- second derivatives ---- */

static nadir_status no_second(const char *method, nadir_error *error) {
  return nd_fail(
      error, NADIR_BAD_SETTING,
      "method %s: it needs second derivatives, which this function does not give: use %s", method,
      nd_optimizer_for(ND_FOR_GRADIENTS)->name);
}

static bool is_to_end(void *context) {
  const nadir_problem *problem = context;
  return problem->go_on(problem->context, NULL) != NADIR_OK;
}

nd_until nd_until_of(const nadir_problem *problem) {
  return (nd_until){.deadline = HUGE_VAL,
                    .asked = problem->go_on ? is_to_end : NULL,
                    .context = (void *)(uintptr_t)problem};
}

/* Row k of the Hessian, by a product with the k-th unit vector, which is left zero again. */
static nadir_status hessian_row(const double *w, const nadir_problem *problem, size_t k,
                                double *unit, double *row, nadir_error *error) {
  unit[k] = 1;
  nadir_status status = problem->hessian_vector(problem->context, w, unit, row, error);
  unit[k] = 0;
  return status;
}

nadir_status nd_hessian_at(const nadir_step *now, const nadir_problem *problem, double *hessian,
                           const char *method, nadir_error *error) {
  if (problem->hessian) return problem->hessian(problem->context, now->w, hessian, error);
  if (!problem->hessian_vector) return no_second(method, error);
  size_t n = now->size;
  double *unit = nd_new(n, sizeof *unit, error);
  nadir_status status = unit ? NADIR_OK : NADIR_NO_MEMORY;
  for (size_t k = 0; k < n && status == NADIR_OK; k++)
    status = hessian_row(now->w, problem, k, unit, hessian + k * n, error);
  nd_free(unit);
  return status;
}

static nadir_status diagonal_of_dense(const double *w, const nadir_problem *problem,
                                      double *diagonal, nadir_error *error) {
  size_t n = problem->size, count;
  if (!nd_multiply(n, n, &count)) count = SIZE_MAX; /* too large for nd_new, which says so */
  double *hessian = nd_new(count, sizeof *hessian, error);
  if (!hessian) return NADIR_NO_MEMORY;
  nadir_status status = problem->hessian(problem->context, w, hessian, error);
  for (size_t k = 0; k < n && status == NADIR_OK; k++)
    diagonal[k] = hessian[k * n + k];
  nd_free(hessian);
  return status;
}

nadir_status nd_hessian_diagonal(const nadir_problem *problem, const double *w, double *diagonal,
                                 nadir_error *error) {
  size_t n = problem->size, count;
  bool products = problem->hessian_vector != NULL;
  if (problem->hessian && (n <= ND_MOST_DENSE || !products))
    return diagonal_of_dense(w, problem, diagonal, error);
  if (!nd_multiply(n, 2, &count)) count = SIZE_MAX;
  double *unit = nd_new(count, sizeof *unit, error);
  nadir_status status = unit ? NADIR_OK : NADIR_NO_MEMORY;
  for (size_t k = 0; k < n && status == NADIR_OK; k++) {
    status = hessian_row(w, problem, k, unit, unit + n, error);
    diagonal[k] = unit[n + k];
  }
  nd_free(unit);
  return status;
}

nadir_status nd_hessian_diagonal_at(const nadir_step *now, const nadir_problem *problem,
                                    double *diagonal, const char *method, nadir_error *error) {
  if (!problem->hessian_vector && !problem->hessian) return no_second(method, error);
  return nd_hessian_diagonal(problem, now->w, diagonal, error);
}

nadir_status nd_search_descent(const nadir_step *now, double loss, const nadir_problem *problem,
                               const nd_descent_search *how, double *lambda, nadir_update *update,
                               nadir_error *error) {
  nd_search search = {.now = now,
                      .problem = problem,
                      .direction = update->step,
                      .slope = nd_dot(now->size, now->gradient, update->step),
                      .loss = loss,
                      .reference = loss,
                      .sufficient = how->sufficient,
                      .shrink = how->shrink,
                      .point = update->effective};
  ND_TRY(nd_search_step(&search, how->first, lambda, update, error));
  nd_search_finish(now, *lambda, update);
  return NADIR_OK;
}
