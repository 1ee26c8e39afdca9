/* Advice on the rate where the Hessian H costs too much as numbers: from products H v alone, each a
 * pass over the rows.
 *
 * Eigenvalues: Lanczos from a random vector (lanczos.c), and where every row's loss is convex, so
 * that no eigenvalue is negative, the largest is proved to be at most the trace less the other Ritz
 * values, each of which is below an eigenvalue (Cauchy's interlacing). The diagonal, and so the
 * trace, takes a product for each parameter.
 *
 * Updates: the gradient after t updates of gd and its kin is p(H) g with a polynomial p of degree
 * t, which m steps of Lanczos from g know exactly for t < m, and beyond by Gauss's quadrature with
 * m nodes (G. Golub, G. Meurant 2010, Matrices, moments and quadrature). Rules that treat each
 * parameter on its own leave that space: Adagrad is simulated with as many products, the rest are
 * not predicted.
 *
 * The condition numbers are of the loss without penalty, in the table's coordinates and as
 * descended: at least the quotient of the outer Ritz values.
 *
 * Costs at most 850 products, and the diagonal; 150 vectors of memory. */
#include <string.h>

#include "base/dense.h"
#include "base/limits.h"
#include "judge/advise_internal.h"
#include "objective/of_table.h"

enum { FEWEST_STEPS = 40, MOST_STEPS = 150 };
static const double MOST_WORK = 2e10; /* cells of the table to be seen by one run of Lanczos */
static const double MOST_CELLS = 1e8; /* of its basis */

typedef struct work {
  nd_objective *objective;
  const nd_table_objective *table;
  const double *at;
  size_t passes;           /* of one run of Lanczos, or of one simulation by products */
  double *scratch, *moved; /* 2 n numbers, n numbers */
  bool bare, raw;          /* without the penalty; in the table's coordinates */
  nd_advice *advice;
} work;

/* ---- products ---- */

/* u <- B u, B the linear part of the map from the table's coordinates to those of descent. */
static void to_descent(const nd_model *model, double *u) {
  nd_model part = *model;
  part.target_scaling.center = 0;
  nd_model_to_descent(&part, u, u);
}

/* u <- B' u column by column, from the powers of a poly, of which there are few. */
static void basis_transposed(const nd_model *model, double *u) {
  double column[ND_LIMIT_POWERS + 1], product[ND_LIMIT_POWERS + 1];
  for (size_t i = 0; i < model->size; i++) {
    memset(column, 0, sizeof column);
    column[i] = 1;
    to_descent(model, column);
    product[i] = nd_dot(model->size, column, u);
  }
  memcpy(u, product, model->size * sizeof *u);
}

/* u <- B' u: see coordinates.c for B. */
static void to_table_transposed(const nd_model *model, double *u) {
  if (model->basis.degree > 0) {
    basis_transposed(model, u);
    return;
  }
  const nd_head *head = &model->heads[0];
  double width = model->target_scaling.width, at_intercept = u[head->intercept];
  for (size_t j = 0; j < head->features; j++) {
    const nd_scaling *scaling = &model->scaling[head->first_feature + j];
    double *to = &u[head->first_weight + j];
    *to = (*to * scaling->width + scaling->center * at_intercept) / width;
  }
  u[head->intercept] = at_intercept / width;
}

static nadir_status times(void *context, const double *v, double *product, nadir_error *error) {
  const work *now = context;
  size_t n = now->advice->size;
  const double *ridge = now->bare ? now->table->ridge : NULL;
  memcpy(now->moved, v, n * sizeof *v);
  if (now->raw) to_descent(now->table->model, now->moved);
  ND_TRY(nd_hessian_times(now->objective, now->at, now->moved, product, now->scratch, error));
  for (size_t i = 0; i < n && ridge; i++)
    product[i] -= ridge[i] * now->moved[i];
  if (now->raw) to_table_transposed(now->table->model, product);
  return NADIR_OK;
}

/* A run of Lanczos from a vector, at random for NULL; freed by the caller on success. */
static nadir_status run(work *now, const double *from, nd_lanczos *l, nadir_error *error) {
  size_t n = now->advice->size;
  ND_TRY(nd_lanczos_new(l, n, now->passes < n ? now->passes : n, error));
  if (now->objective->single) l->rounding = ND_SINGLE_ROUNDING;
  l->multiply = times;
  l->context = now;
  nd_lanczos_start(l, from);
  nadir_status status = nd_lanczos_run(l, error);
  if (status == NADIR_OK && l->broken) status = nd_fail_curvature(error);
  if (status != NADIR_OK) nd_lanczos_clear(l);
  return status;
}

static nadir_status eigenvalues(work *now, nd_ritz *ritz, nadir_error *error) {
  nd_lanczos l;
  ND_TRY(run(now, NULL, &l, error));
  if (!now->bare) now->advice->steps = l.count;
  nadir_status status = nd_lanczos_bounds(&l, ritz, error);
  nd_lanczos_clear(&l);
  return status;
}

/* ---- curvature ---- */

static bool diagonal_is_affordable(const work *now) {
  double n = (double)now->advice->size;
  return now->table->data->counts.in_memory && (double)now->objective->rows * n * n <= MOST_WORK;
}

static nadir_status find_diagonal(work *now, double *unit, double *product, nadir_error *error) {
  nd_advice *advice = now->advice;
  for (size_t i = 0; i < advice->size; i++) {
    unit[i] = 1;
    ND_TRY(times(now, unit, product, error));
    advice->second[i] = product[i];
    unit[i] = 0;
  }
  return NADIR_OK;
}

/* The mean of rows that are convex each, as every built-in loss of a linear model is. */
static bool is_convex(const work *now) {
  const nd_model *model = now->table->model;
  return model->is_linear && model->loss.is_listed;
}

/* A lower bound on the eigenvalues of a convex loss with this penalty. */
static double least_ridge(const work *now) {
  const double *ridge = now->table->ridge;
  double least = ridge ? ridge[0] : 0;
  for (size_t i = 0; i < now->advice->size && ridge; i++)
    least = fmin(least, ridge[i]);
  return least;
}

static void set_bounds(const work *now, const nd_ritz *ritz) {
  nd_advice *advice = now->advice;
  advice->curvature_max = ritz->largest;
  advice->curvature_min = ritz->smallest;
  advice->largest_error = ritz->largest_error;
  advice->least_error = ritz->smallest_error;
  advice->largest_bound = ritz->above;
  advice->least_bound = ritz->below;
  double noise = now->objective->single ? ND_SINGLE_ROUNDING : ND_SUM_ROUNDING;
  advice->convex_here =
      ritz->largest > 0 && (is_convex(now) || ritz->smallest > -noise * ritz->largest);
  if (!is_convex(now)) return;
  advice->least_proved = !(ritz->below > least_ridge(now));
  if (advice->least_proved) {
    advice->least_bound = least_ridge(now);
    advice->curvature_min = fmax(advice->curvature_min, advice->least_bound); /* but for rounding */
  }
  if (!advice->second) return;
  double trace = 0;
  for (size_t i = 0; i < advice->size; i++)
    trace += advice->second[i];
  advice->trace_bound = fmax(trace - ritz->others, ritz->largest) + noise * trace;
  advice->largest_proved = advice->trace_bound <= ritz->above;
  if (advice->largest_proved) advice->largest_bound = advice->trace_bound;
}

static nadir_status find_curvature(work *now, nadir_error *error) {
  nd_advice *advice = now->advice;
  nd_ritz ritz;
  ND_TRY(eigenvalues(now, &ritz, error));
  nadir_status status = NADIR_OK;
  if (diagonal_is_affordable(now)) { /* room: best_step and root_sum_square are set later */
    status = find_diagonal(now, advice->root_sum_square, advice->best_step, error);
  } else {
    nd_free(advice->second);
    nd_free(advice->best_step);
    advice->second = advice->best_step = NULL;
  }
  if (status == NADIR_OK) set_bounds(now, &ritz);
  return status;
}

/* ---- condition ---- */

static double condition_of(const work *now, double largest, double smallest) {
  double noise = now->objective->single ? ND_SINGLE_ROUNDING : ND_SUM_ROUNDING;
  return largest > 0 ? largest / (fmax(smallest, 0) + noise * largest) : (double)NAN;
}

static nadir_status find_condition(work *now, nadir_error *error) {
  nd_advice *advice = now->advice;
  const nd_model *model = now->table->model;
  nd_ritz ritz = {.largest = advice->curvature_max, .smallest = advice->curvature_min};
  if (!model->is_linear || !model->intercept || model->head_count != 1) return NADIR_OK;
  now->bare = true;
  nadir_status status = now->table->ridge ? eigenvalues(now, &ritz, error) : NADIR_OK;
  advice->condition_scaled = condition_of(now, ritz.largest, ritz.smallest);
  now->raw = true;
  if (status == NADIR_OK) status = eigenvalues(now, &ritz, error);
  if (status == NADIR_OK) advice->condition_raw = condition_of(now, ritz.largest, ritz.smallest);
  now->bare = now->raw = false;
  return status;
}

/* ---- updates needed ---- */

/* The quadratic on the Krylov space of the gradient, in the basis of its Ritz vectors. */
typedef struct spectrum {
  size_t m;
  double *values, *minimum, *start, *vectors;
} spectrum;

static nadir_status spectrum_times(void *context, const double *v, double *product,
                                   nadir_error *error) {
  (void)error;
  const spectrum *s = context;
  for (size_t i = 0; i < s->m; i++)
    product[i] = s->values[i] * v[i];
  return NADIR_OK;
}

static void spectrum_fill(void *context, double *hessian) {
  const spectrum *s = context;
  memset(hessian, 0, s->m * s->m * sizeof *hessian);
  for (size_t i = 0; i < s->m; i++)
    hessian[i * s->m + i] = s->values[i];
}

/* Ritz values that are rounding errors of 0, of parts of the gradient that are lost next to the
 * tolerance, are left out. */
static nadir_status find_spectrum(const nd_lanczos *l, double tolerance, spectrum *s,
                                  nadir_error *error) {
  size_t m = l->count, kept = 0;
  s->minimum = s->values + m;
  s->start = s->minimum + m; /* zeros */
  s->vectors = s->start + m;
  ND_TRY(nd_lanczos_eigen(l, s->values, s->vectors, error));
  for (size_t i = 0; i < m; i++) {
    double slope = l->length * s->vectors[i * m];
    bool lost = fabs(slope) <= fmax(1e-3 * tolerance, l->rounding) * l->length / (double)m;
    if (lost && s->values[i] <= l->rounding * l->norm) continue;
    s->values[kept] = s->values[i];
    s->minimum[kept++] = -slope / s->values[i];
  }
  s->m = kept;
  return NADIR_OK;
}

static nadir_status simulate_in_space(const work *now, const nd_lanczos *l, spectrum *s,
                                      double tolerance, nadir_error *error) {
  nd_advice *advice = now->advice;
  nd_quadratic q;
  const nadir_optimizer *rule;
  ND_TRY(nd_quadratic_new(&q, s->m, error));
  q.multiply = spectrum_times;
  q.fill = spectrum_fill;
  q.context = s;
  q.origin = s->minimum;
  q.until = now->objective->until;
  nadir_status status = NADIR_OK;
  for (size_t r = 0; status == NADIR_OK && (rule = nd_optimizer_at(r)); r++) {
    nadir_needed *needed = &advice->needed[r];
    if (!(rule->traits & NADIR_SPECTRAL)) continue;
    status = nd_simulate(&q, s->start, rule, advice->curvature_max, tolerance,
                         nd_most_updates(s->m), needed, error);
    bool left = (needed->updates >= l->count && !l->complete) || now->objective->single;
    bool searches = (rule->traits & NADIR_SELF_SIZING) != 0;
    if (needed->known == NADIR_SIMULATED && (left || searches))
      needed->known =
          NADIR_MODELLED; /* long steps enlarge rounding errors along steep directions */
  }
  nd_quadratic_clear(&q);
  return status;
}

/* The run from the gradient may meet a direction of negative curvature that the random one missed:
 * then the quadratic has no minimum, and nothing is predicted. */
static void look_for_saddle(work *now, const nd_lanczos *l, const spectrum *s) {
  nd_advice *advice = now->advice;
  if (s->m == 0 || s->values[0] > 0) return;
  advice->convex_here = is_convex(now);
  if (!(s->values[0] < advice->curvature_min)) return;
  advice->curvature_min = s->values[0];
  advice->least_error = l->beta[l->count - 1] + l->rounding * l->norm;
}

static nadir_status keep_modes(nd_advice *advice, const spectrum *s, nadir_error *error) {
  if (s->m == 0 || !(s->values[0] > 0)) return NADIR_OK;
  ND_TRY(nd_modes_new(advice, s->m, error));
  for (size_t i = 0; i < s->m; i++)
    advice->mode[i] = (nadir_mode){s->values[i], -s->minimum[i] * s->values[i]};
  return NADIR_OK;
}

static nadir_status predict_in_space(work *now, double tolerance, nadir_error *error) {
  nd_lanczos l;
  spectrum s = {0};
  ND_TRY(run(now, now->advice->gradient, &l, error));
  s.values = nd_new(3 * l.count + l.count * l.count + 1, sizeof *s.values, error);
  nadir_status status = s.values ? NADIR_OK : NADIR_NO_MEMORY;
  if (status == NADIR_OK && l.count > 0) status = find_spectrum(&l, tolerance, &s, error);
  if (status == NADIR_OK) look_for_saddle(now, &l, &s);
  for (size_t r = 0; nd_optimizer_at(r); r++)
    if (nd_optimizer_at(r)->traits & NADIR_SPECTRAL)
      now->advice->needed[r].known = NADIR_NO_MINIMUM;
  if (status == NADIR_OK) status = keep_modes(now->advice, &s, error);
  if (status == NADIR_OK && s.m > 0 && s.values[0] > 0)
    status = simulate_in_space(now, &l, &s, tolerance, error);
  nd_free(s.values);
  nd_lanczos_clear(&l);
  return status;
}

/* Adagrad, with products. */
static nadir_status predict_by_products(work *now, double tolerance, nadir_error *error) {
  nd_advice *advice = now->advice;
  nd_quadratic q;
  const nadir_optimizer *rule;
  ND_TRY(nd_quadratic_new(&q, advice->size, error));
  q.multiply = times;
  q.context = now;
  q.slope = advice->gradient;
  q.origin = now->at;
  q.until = now->objective->until;
  nadir_status status = NADIR_OK;
  for (size_t r = 0; status == NADIR_OK && (rule = nd_optimizer_at(r)); r++)
    if (rule == nd_optimizer_for(ND_FOR_OWN_RATES))
      status = nd_simulate(&q, now->at, rule, advice->curvature_max, tolerance, now->passes,
                           &advice->needed[r], error);
  memset(advice->root_sum_square, 0, advice->size * sizeof(double));
  if (status == NADIR_OK) status = nd_compare_steps(&q, now->at, advice, error);
  nd_quadratic_clear(&q);
  return status;
}

/* ---- all of it ---- */

static size_t affordable_passes(const work *now) {
  double n = (double)now->advice->size, rows = (double)now->objective->rows;
  double passes = fmin(fmin(MOST_STEPS, MOST_WORK / (rows * n)), MOST_CELLS / n);
  if (!now->table->data->counts.in_memory) return FEWEST_STEPS; /* each reads the table */
  return (size_t)fmax(passes, FEWEST_STEPS);
}

static nadir_status advise(work *now, double tolerance, nadir_error *error) {
  const nadir_problem *problem = &now->objective->problem;
  nd_advice *advice = now->advice;
  double loss;
  ND_TRY(problem->gradient(problem->context, now->at, &loss, advice->gradient, error));
  if (!nd_all_finite(advice->size, advice->gradient)) return nd_fail_curvature(error);
  ND_TRY(find_curvature(now, error));
  ND_TRY(find_condition(now, error));
  if (!advice->convex_here) return NADIR_OK;
  if ((size_t)advice->adagrad_updates > now->passes) advice->adagrad_updates = (int)now->passes;
  ND_TRY(nd_needed_new(&advice->needed, error));
  ND_TRY(predict_in_space(now, tolerance, error));
  return advice->convex_here ? predict_by_products(now, tolerance, error) : NADIR_OK;
}

nadir_status nd_advise_by_products(nd_objective *objective, const double *at, double tolerance,
                                   nd_advice *advice, nadir_error *error) {
  work now = {.objective = objective, .table = nd_rows_of(objective), .at = at, .advice = advice};
  size_t cells;
  ND_TRY(nd_advice_new(advice, objective->problem.size, 0, error));
  if (!nd_multiply(advice->size, 3, &cells)) cells = SIZE_MAX;
  now.scratch = nd_new(cells, sizeof(double), error);
  if (!now.scratch) return NADIR_NO_MEMORY;
  now.moved = now.scratch + 2 * advice->size;
  now.passes = affordable_passes(&now);
  nadir_status status = advise(&now, tolerance, error);
  nd_free(now.scratch);
  return status;
}
