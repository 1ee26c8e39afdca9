/* What rate to take, and what it will cost: the curvature of the loss at a point, the updates that
 * each rule needs on the local quadratic q(w) = 1/2 (w - w*)' H (w - w*),  w* = w - H^-1 g,
 * simulated with the rule itself, and the lecture's comparison of the best step |g|/|L''| with
 * Adagrad's stand-in for it, |g| over the root of the summed squares, parameter by parameter.
 *
 * Here from the Hessian as numbers; advise_large.c has the way by products alone. Proved bounds on
 * the eigenvalues come with their rounding (theory's nd_eigenvalue_bounds). Costs one gradient and
 * one Hessian; the simulation sees neither rows nor formula. */
#include <string.h>

#include "base/dense.h"
#include "judge/advise_internal.h"

enum { MOST_WORK = 200000000, MOST_PARAMETERS = 1000 };

/* ---- the quadratic ---- */

static nadir_status quadratic_gradient(void *context, const double *w, double *loss,
                                       double *gradient, nadir_error *error) {
  const nd_quadratic *q = context;
  for (size_t i = 0; i < q->n; i++)
    q->offset[i] = w[i] - q->origin[i];
  ND_TRY(q->multiply(q->context, q->offset, gradient, error));
  *loss = 0;
  for (size_t i = 0; i < q->n; i++) {
    double slope = q->slope ? q->slope[i] : 0;
    *loss += (slope + 0.5 * gradient[i]) * q->offset[i];
    gradient[i] += slope;
  }
  return NADIR_OK;
}

static nadir_status quadratic_value(void *context, const double *w, double *loss,
                                    nadir_error *error) {
  const nd_quadratic *q = context;
  return quadratic_gradient(context, w, loss, q->unused, error);
}

static nadir_status quadratic_hessian(void *context, const double *w, double *hessian,
                                      nadir_error *error) {
  (void)w, (void)error;
  const nd_quadratic *q = context;
  q->fill(q->context, hessian);
  return NADIR_OK;
}

nadir_status nd_quadratic_new(nd_quadratic *q, size_t n, nadir_error *error) {
  size_t cells;
  *q = (nd_quadratic){.n = n};
  if (!nd_multiply(n, 4, &cells)) cells = SIZE_MAX;
  q->w = nd_new(cells, sizeof *q->w, error);
  if (!q->w) return NADIR_NO_MEMORY;
  q->gradient = q->w + n;
  q->offset = q->gradient + n;
  q->unused = q->offset + n;
  return NADIR_OK;
}

void nd_quadratic_clear(nd_quadratic *q) {
  nd_free(q->w);
  *q = (nd_quadratic){0};
}

typedef struct dense {
  size_t n;
  const double *hessian;
} dense;

static nadir_status dense_times(void *context, const double *v, double *product,
                                nadir_error *error) {
  (void)error;
  const dense *h = context;
  for (size_t i = 0; i < h->n; i++) {
    product[i] = 0;
    for (size_t j = 0; j < h->n; j++)
      product[i] += h->hessian[i * h->n + j] * v[j];
  }
  return NADIR_OK;
}

static void dense_fill(void *context, double *hessian) {
  const dense *h = context;
  memcpy(hessian, h->hessian, h->n * h->n * sizeof *hessian);
}

/* ---- updates needed ---- */

static nadir_status descend(nd_quadratic *q, nd_method *method, double rate, nd_schedule *schedule,
                            double tolerance, uint64_t most, nadir_needed *needed,
                            nadir_error *error) {
  nadir_problem problem = {.size = q->n,
                           .context = q,
                           .value = quadratic_value,
                           .gradient = quadratic_gradient,
                           .hessian = q->fill ? quadratic_hessian : NULL};
  double loss, first = 0;
  needed->known = NADIR_MORE_THAN;
  needed->updates = most;
  for (uint64_t t = 0; t <= most; t++) {
    ND_TRY(nd_go_on(q->until, error));
    ND_TRY(quadratic_gradient(q, q->w, &loss, q->gradient, error));
    double norm = nd_norm(q->n, q->gradient);
    if (t == 0) first = norm;
    if (norm <= tolerance * fmax(1, first)) {
      needed->known = NADIR_SIMULATED;
      needed->updates = t;
      return NADIR_OK;
    }
    if (!isfinite(loss) || norm > 1e12 * (1 + first)) return NADIR_OK;
    nd_schedule_observe(schedule, loss);
    ND_TRY(nd_method_advance(method, rate * nd_schedule_multiplier(schedule, t, t), loss,
                             q->gradient, &problem, q->w, error));
  }
  return NADIR_OK;
}

nadir_status nd_simulate(nd_quadratic *q, const double *start, const nadir_optimizer *optimizer,
                         double curvature, double tolerance, uint64_t most, nadir_needed *needed,
                         nadir_error *error) {
  nd_method *method;
  nd_schedule schedule;
  double nan = (double)NAN;
  nd_method_options options = {.optimizer = optimizer};
  if (optimizer->traits & NADIR_SQUARES) { /* the quadratic's residuals are not known */
    needed->known = NADIR_NOT_PREDICTED;
    return NADIR_OK;
  }
  ND_TRY(nd_schedule_init(&schedule,
                          optimizer->schedule ? optimizer->schedule
                                              : nd_schedule_at(ND_SCHEDULE_CONSTANT)->name,
                          nan, nan, nan, nan, error));
  ND_TRY(nd_method_new(&method, q->n, &options, error));
  memcpy(q->w, start, q->n * sizeof *q->w);
  nadir_status status = descend(q, method, nd_auto_rate(optimizer, NULL, curvature), &schedule,
                                tolerance, most, needed, error);
  nd_method_free(method);
  return status;
}

nadir_status nd_needed_new(nadir_needed **needed, nadir_error *error) {
  size_t rules = 0;
  while (nd_optimizer_at(rules))
    rules++;
  *needed = nd_new(rules, sizeof **needed, error);
  if (!*needed) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < rules; i++)
    (*needed)[i].method = nd_optimizer_at(i);
  return NADIR_OK;
}

uint64_t nd_most_updates(uint64_t work) {
  uint64_t most = MOST_WORK / (work + 20);
  return most < ND_MOST_UPDATES ? most : ND_MOST_UPDATES;
}

static nadir_status count_updates(nd_quadratic *q, const double *start, double tolerance,
                                  nd_advice *advice, nadir_error *error) {
  uint64_t n = advice->size, most = nd_most_updates(n * n);
  ND_TRY(nd_needed_new(&advice->needed, error));
  for (size_t r = 0; nd_optimizer_at(r); r++)
    ND_TRY(nd_simulate(q, start, nd_optimizer_at(r), advice->curvature_max, tolerance, most,
                       &advice->needed[r], error));
  return NADIR_OK;
}

/* ---- the lecture's comparison ---- */

nadir_status nd_compare_steps(nd_quadratic *q, const double *start, nd_advice *advice,
                              nadir_error *error) {
  size_t n = advice->size;
  double loss;
  memcpy(q->w, start, n * sizeof *q->w);
  for (int t = 0; t < advice->adagrad_updates; t++) {
    ND_TRY(quadratic_gradient(q, q->w, &loss, q->gradient, error));
    for (size_t i = 0; i < n; i++) {
      advice->root_sum_square[i] = hypot(advice->root_sum_square[i], q->gradient[i]);
      if (advice->root_sum_square[i] > 0) q->w[i] -= q->gradient[i] / advice->root_sum_square[i];
    }
  }
  for (size_t i = 0; i < n && advice->second; i++)
    advice->best_step[i] = fabs(advice->gradient[i]) / fabs(advice->second[i]);
  return NADIR_OK;
}

static nadir_status predict(const double *start, const double *minimum, double tolerance,
                            const nd_until *until, nd_advice *advice, nadir_error *error) {
  nd_quadratic q;
  dense h = {advice->size, advice->hessian};
  ND_TRY(nd_quadratic_new(&q, advice->size, error));
  q.multiply = dense_times;
  q.fill = dense_fill;
  q.context = &h;
  q.origin = minimum;
  q.until = until;
  nadir_status status = count_updates(&q, start, tolerance, advice, error);
  if (status == NADIR_OK) status = nd_compare_steps(&q, start, advice, error);
  nd_quadratic_clear(&q);
  return status;
}

/* ---- the curvature ---- */

/* The eigenvalues with proved bounds: the Hessian's entries are trusted to a part of the largest,
 * which covers the rounding of sums over rows in any order. */
static nadir_status find_curvature(bool single, nd_advice *advice, const nd_until *until,
                                   nadir_error *error) {
  size_t n = advice->size;
  double largest = 0, *values = nd_new(n, sizeof(double), error),
         *vectors = nd_new(n * n, sizeof(double), error),
         *errors = nd_new(n * n, sizeof(double), error);
  nadir_status status = values && vectors && errors ? NADIR_OK : NADIR_NO_MEMORY;
  for (size_t i = 0; i < n * n; i++)
    largest = fmax(largest, fabs(advice->hessian[i]));
  for (size_t i = 0; status == NADIR_OK && i < n * n; i++)
    errors[i] = (single ? ND_SINGLE_ROUNDING : ND_SUM_ROUNDING) * largest;
  if (status == NADIR_OK) status = nd_eigen(n, advice->hessian, values, vectors, until, error);
  if (status == NADIR_OK) status = nd_modes_new(advice, n, error);
  for (size_t i = 0; i < advice->modes; i++)
    advice->mode[i] = (nadir_mode){values[i], nd_dot(n, vectors + i * n, advice->gradient)};
  if (status == NADIR_OK) {
    advice->curvature_min = values[0];
    advice->curvature_max = values[n - 1];
    status = nd_eigenvalue_bounds(n, advice->hessian, errors, &advice->least_bound,
                                  &advice->largest_bound, error);
  }
  advice->largest_proved = advice->least_proved = true;
  nd_free(errors);
  nd_free(vectors);
  nd_free(values);
  return status;
}

nadir_status nd_modes_new(nd_advice *advice, size_t count, nadir_error *error) {
  advice->mode = nd_new(count, sizeof *advice->mode, error);
  if (!advice->mode) return NADIR_NO_MEMORY;
  advice->modes = count;
  return NADIR_OK;
}

nadir_status nd_advice_new(nd_advice *advice, size_t n, size_t cells, nadir_error *error) {
  double nan = (double)NAN;
  *advice = (nd_advice){.size = n,
                        .trace_bound = nan,
                        .condition_raw = nan,
                        .condition_scaled = nan,
                        .adagrad_updates = 100};
  struct {
    double **room;
    size_t cells;
  } rooms[] = {{&advice->gradient, n},
               {&advice->second, n},
               {&advice->best_step, n},
               {&advice->root_sum_square, n},
               {&advice->hessian, cells}};
  for (size_t i = 0; i < ND_COUNT(rooms); i++)
    if (rooms[i].cells && !(*rooms[i].room = nd_new(rooms[i].cells, sizeof(double), error)))
      return NADIR_NO_MEMORY;
  return NADIR_OK;
}

nadir_status nd_fail_curvature(nadir_error *error) {
  return nd_fail(error, NADIR_BAD_FORMULA,
                 "rate: the loss has no finite second derivatives here: choose a different start");
}

static nadir_status advise(nd_objective *objective, const double *at, double tolerance,
                           nd_advice *advice, nadir_error *error) {
  const nadir_problem *problem = &objective->problem;
  size_t n = problem->size;
  bool definite;
  ND_TRY(nd_advice_new(advice, n, n * n, error));
  double loss, *minimum = nd_new(advice->size, sizeof *minimum, error);
  if (!minimum) return NADIR_NO_MEMORY;
  nadir_status status = problem->gradient(problem->context, at, &loss, advice->gradient, error);
  if (status == NADIR_OK) status = problem->hessian(problem->context, at, advice->hessian, error);
  if (status == NADIR_OK && !nd_all_finite(advice->size * advice->size, advice->hessian))
    status = nd_fail_curvature(error);
  if (status == NADIR_OK) status = find_curvature(objective->single, advice, objective->until, error);
  for (size_t i = 0; i < advice->size; i++)
    advice->second[i] = advice->hessian[i * advice->size + i];
  memcpy(minimum, advice->gradient, advice->size * sizeof *minimum);
  if (status == NADIR_OK)
    status = nd_solve_definite(advice->size, advice->hessian, minimum, &definite, objective->until,
                               error);
  advice->convex_here = status == NADIR_OK && definite;
  for (size_t i = 0; i < advice->size; i++)
    minimum[i] = at[i] - minimum[i];
  if (advice->convex_here)
    status = predict(at, minimum, tolerance, objective->until, advice, error);
  nd_free(minimum);
  return status;
}

nadir_status nd_advise(nd_objective *objective, const double *at, double tolerance,
                       nd_advice *advice, nadir_error *error) {
  bool small = nd_hessian_is_affordable(objective, MOST_PARAMETERS);
  *advice = (nd_advice){0};
  if (!objective->problem.hessian || !objective->problem.hessian_vector)
    return nd_fail(error, NADIR_BAD_FORMULA,
                   "rate: it needs the loss's second derivatives, which are not available: choose "
                   "a model with fewer terms");
  nadir_status status = small ? advise(objective, at, tolerance, advice, error)
                              : nd_advise_by_products(objective, at, tolerance, advice, error);
  if (status != NADIR_OK) nd_advice_clear(advice);
  return status;
}

void nd_advice_clear(nd_advice *advice) {
  nd_free(advice->gradient);
  nd_free(advice->second);
  nd_free(advice->hessian);
  nd_free(advice->best_step);
  nd_free(advice->root_sum_square);
  nd_free(advice->needed);
  nd_free(advice->mode);
  *advice = (nd_advice){0};
}
