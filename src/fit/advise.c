/* What rate to take, and what it will cost: the curvature of the loss at a point, the updates that
 * each rule needs on the local quadratic q(w) = 1/2 (w - w*)' H (w - w*),  w* = w - H^-1 g,
 * simulated with the rule itself, and the lecture's comparison of the best step |g|/|L''| with
 * Adagrad's stand-in for it, |g| over the root of the summed squares, parameter by parameter.
 *
 * Proved bounds on the eigenvalues come with their rounding (theory's nd_eigenvalue_bounds). Costs
 * one gradient and one Hessian; the simulation sees neither rows nor formula. */
#include <string.h>

#include "fit/fit.h"

enum { MOST_UPDATES = 1000000, MOST_WORK = 200000000 };

typedef struct quadratic {
  size_t n;
  const double *hessian;
  double *minimum, *w, *gradient;
} quadratic;

static nadir_status quadratic_gradient(void *context, const double *w, double *loss,
                                       double *gradient, nadir_error *error) {
  (void)error;
  const quadratic *q = context;
  *loss = 0;
  for (size_t i = 0; i < q->n; i++) {
    double sum = 0;
    for (size_t j = 0; j < q->n; j++)
      sum += q->hessian[i * q->n + j] * (w[j] - q->minimum[j]);
    gradient[i] = sum;
    *loss += 0.5 * sum * (w[i] - q->minimum[i]);
  }
  return NADIR_OK;
}

static nadir_status quadratic_value(void *context, const double *w, double *loss,
                                    nadir_error *error) {
  const quadratic *q = context;
  double *gradient = q->gradient + q->n; /* scratch */
  return quadratic_gradient(context, w, loss, gradient, error);
}

static nadir_status quadratic_hessian(void *context, const double *w, double *hessian,
                                      nadir_error *error) {
  (void)w, (void)error;
  const quadratic *q = context;
  memcpy(hessian, q->hessian, q->n * q->n * sizeof *hessian);
  return NADIR_OK;
}

/* ---- updates needed ---- */

static nadir_status descend(quadratic *q, nd_method *method, double rate, nd_schedule *schedule,
                            double tolerance, uint64_t *updates, nadir_error *error) {
  nadir_problem problem = {.size = q->n,
                           .context = q,
                           .value = quadratic_value,
                           .gradient = quadratic_gradient,
                           .hessian = quadratic_hessian};
  uint64_t most = MOST_WORK / (q->n * q->n + 20);
  double loss, first = 0;
  if (most > MOST_UPDATES) most = MOST_UPDATES;
  *updates = UINT64_MAX;
  for (uint64_t t = 0; t <= most; t++) {
    ND_TRY(quadratic_gradient(q, q->w, &loss, q->gradient, error));
    double norm = nd_norm(q->n, q->gradient);
    if (t == 0) first = norm;
    if (norm <= tolerance * fmax(1, first)) {
      *updates = t;
      return NADIR_OK;
    }
    if (!isfinite(loss) || norm > 1e12 * (1 + first)) return NADIR_OK;
    nd_schedule_observe(schedule, loss);
    ND_TRY(nd_method_advance(method, rate * nd_schedule_multiplier(schedule, t, t), loss,
                             q->gradient, &problem, q->w, error));
  }
  return NADIR_OK;
}

static nadir_status simulate(quadratic *q, const double *start, const nadir_optimizer *optimizer,
                             double curvature, double tolerance, uint64_t *updates,
                             nadir_error *error) {
  nd_method *method;
  nd_schedule schedule;
  double nan = (double)NAN;
  nd_method_options options = {.optimizer = optimizer};
  ND_TRY(nd_schedule_init(&schedule, optimizer->schedule ? optimizer->schedule : "constant", nan,
                          nan, nan, nan, error));
  ND_TRY(nd_method_new(&method, q->n, &options, error));
  memcpy(q->w, start, q->n * sizeof *q->w);
  nadir_status status = descend(q, method, nd_auto_rate(optimizer, NULL, curvature), &schedule,
                                tolerance, updates, error);
  nd_method_free(method);
  return status;
}

static nadir_status count_updates(const double *start, const nd_advice *advice, double *step,
                                  double tolerance, nd_advice *out, nadir_error *error) {
  size_t n = advice->size, rules = 0;
  while (nd_optimizer_at(rules))
    rules++;
  out->updates_needed = nd_new(rules, sizeof *out->updates_needed, error);
  double *memory = nd_new(4 * n, sizeof *memory, error);
  nadir_status status = out->updates_needed && memory ? NADIR_OK : NADIR_NO_MEMORY;
  quadratic q = {
      .n = n, .hessian = advice->hessian, .minimum = step, .w = memory, .gradient = memory + n};
  for (size_t r = 0; status == NADIR_OK && r < rules; r++)
    status = simulate(&q, start, nd_optimizer_at(r), advice->curvature_max, tolerance,
                      &out->updates_needed[r], error);
  nd_free(memory);
  return status;
}

/* ---- the lecture's comparison ---- */

/* Adagrad from the same point on the same quadratic: its root of summed squares after as many
 * updates as it takes to arrive. */
static nadir_status compare_steps(const double *start, const double *minimum, nd_advice *advice,
                                  nadir_error *error) {
  size_t n = advice->size;
  double loss, *memory = nd_new(3 * n, sizeof *memory, error);
  if (!memory) return NADIR_NO_MEMORY;
  quadratic q = {.n = n,
                 .hessian = advice->hessian,
                 .minimum = (double *)(uintptr_t)minimum,
                 .w = memory,
                 .gradient = memory + n};
  memcpy(q.w, start, n * sizeof *q.w);
  nadir_status status = NADIR_OK;
  for (int t = 0; status == NADIR_OK && t < advice->adagrad_updates; t++) {
    status = quadratic_gradient(&q, q.w, &loss, q.gradient, error);
    for (size_t i = 0; i < n; i++) {
      advice->root_sum_square[i] = hypot(advice->root_sum_square[i], q.gradient[i]);
      if (advice->root_sum_square[i] > 0) q.w[i] -= q.gradient[i] / advice->root_sum_square[i];
    }
  }
  for (size_t i = 0; i < n; i++)
    advice->best_step[i] = fabs(advice->gradient[i]) / fabs(advice->hessian[i * n + i]);
  nd_free(memory);
  return status;
}

/* ---- the curvature ---- */

/* The eigenvalues with proved bounds: the Hessian's entries are trusted to 2^-40 of the largest,
 * which covers the rounding of sums over rows in any order. */
static nadir_status find_curvature(nd_advice *advice, nadir_error *error) {
  size_t n = advice->size;
  double largest = 0, *values = nd_new(n, sizeof(double), error),
         *errors = nd_new(n * n, sizeof(double), error);
  nadir_status status = values && errors ? NADIR_OK : NADIR_NO_MEMORY;
  for (size_t i = 0; i < n * n; i++)
    largest = fmax(largest, fabs(advice->hessian[i]));
  for (size_t i = 0; status == NADIR_OK && i < n * n; i++)
    errors[i] = 0x1p-40 * largest;
  if (status == NADIR_OK) status = nd_eigen(n, advice->hessian, values, NULL, error);
  if (status == NADIR_OK) {
    advice->curvature_min = values[0];
    advice->curvature_max = values[n - 1];
    status = nd_eigenvalue_bounds(n, advice->hessian, errors, &advice->least_bound,
                                  &advice->largest_bound, error);
  }
  nd_free(errors);
  nd_free(values);
  return status;
}

static nadir_status take_memory(nd_advice *advice, size_t n, nadir_error *error) {
  *advice = (nd_advice){.size = n, .adagrad_updates = 100};
  advice->gradient = nd_new(n, sizeof(double), error);
  advice->hessian = nd_new(n * n, sizeof(double), error);
  advice->best_step = nd_new(n, sizeof(double), error);
  advice->root_sum_square = nd_new(n, sizeof(double), error);
  return advice->gradient && advice->hessian && advice->best_step && advice->root_sum_square
             ? NADIR_OK
             : NADIR_NO_MEMORY;
}

static nadir_status advise(nd_objective *objective, const double *at, double tolerance,
                           nd_advice *advice, nadir_error *error) {
  const nadir_problem *problem = &objective->problem;
  bool definite;
  double loss, *minimum = nd_new(advice->size, sizeof *minimum, error);
  if (!minimum) return NADIR_NO_MEMORY;
  nadir_status status = problem->gradient(problem->context, at, &loss, advice->gradient, error);
  if (status == NADIR_OK) status = problem->hessian(problem->context, at, advice->hessian, error);
  if (status == NADIR_OK && !nd_all_finite(advice->size * advice->size, advice->hessian))
    status = nd_fail(error, NADIR_BAD_FORMULA,
                     "rate: the loss has no finite second derivatives here: give another --start");
  if (status == NADIR_OK) status = find_curvature(advice, error);
  memcpy(minimum, advice->gradient, advice->size * sizeof *minimum);
  if (status == NADIR_OK)
    status = nd_solve_definite(advice->size, advice->hessian, minimum, &definite, error);
  advice->convex_here = status == NADIR_OK && definite;
  for (size_t i = 0; i < advice->size; i++)
    minimum[i] = at[i] - minimum[i];
  if (advice->convex_here) status = count_updates(at, advice, minimum, tolerance, advice, error);
  if (status == NADIR_OK && advice->convex_here) status = compare_steps(at, minimum, advice, error);
  nd_free(minimum);
  return status;
}

nadir_status nd_advise(nd_objective *objective, const double *at, double tolerance,
                       nd_advice *advice, nadir_error *error) {
  size_t n = objective->problem.size;
  *advice = (nd_advice){0};
  if (!objective->problem.hessian || n > 1000)
    return nd_fail(error, NADIR_BAD_FORMULA,
                   "rate: it needs the loss's Hessian, which is not to be had for %zu parameters",
                   n);
  nadir_status status = take_memory(advice, n, error);
  if (status == NADIR_OK) status = advise(objective, at, tolerance, advice, error);
  if (status != NADIR_OK) nd_advice_clear(advice);
  return status;
}

void nd_advice_clear(nd_advice *advice) {
  nd_free(advice->gradient);
  nd_free(advice->hessian);
  nd_free(advice->best_step);
  nd_free(advice->root_sum_square);
  nd_free(advice->updates_needed);
  *advice = (nd_advice){0};
}
