/* The kind of point where there are many parameters: Newton's step by conjugate gradients (M. R.
 * Hestenes, E. Stiefel 1952), which sees the Hessian through products alone. A direction met on the
 * way that curves downwards shows that it is not a minimum; the least Ritz value of Lanczos looks for
 * one that the gradient does not point to, and until it has settled, or is known not to matter, no
 * minimum is seen. With it the error of the step is bounded: |H^-1 r| is at most |r| over the least
 * eigenvalue. A minimum found so is not proved.
 *
 * Costs at most MOST_PRODUCTS products with the Hessian and MOST_STEPS more, where those take MOST_WORK
 * operations or the loss is not convex, else FEW_STEPS, or LEAST_STEPS where they give both ends of the spectrum of a
 * convex loss to two digits and no rate is told from them; memory for CELLS numbers, or FEW_STEPS vectors. */
#include <string.h>

#include "base/dense.h"
#include "judge/kind_internal.h"
#include "objective/lanczos.h"

enum { MOST_PRODUCTS = 300, LEAST_STEPS = 10, FEW_STEPS = 40, MOST_STEPS = 400, CELLS = 1 << 24 };
static const double SMALL = 1e-3, SETTLED = 0.1, TWO_DIGITS = 0.02, MOST_WORK = 1e10;

typedef struct products {
  const nd_objective *objective;
  const nd_run *run;
  size_t n;
  double loss, *g, *step, *rest, *along, *curved, *scratch; /* scratch: 3 n */
  double least; /* curvature, infinite where it is 0 or not known */
  double left;  /* length of the rest: g + H step */
  bool settled, down, solved;
  bool *held;   /* by a bound; what it is of gets the curvature `own`, one that others have: */
  double own;   /* H is that of the others, and says nothing of these */
  bool on_bound;
} products;

static nadir_status times(void *context, const double *v, double *product, nadir_error *error) {
  const products *p = context;
  ND_TRY(nd_go_on(p->objective->until, error));
  if (!p->on_bound)
    return nd_hessian_times(p->objective, p->run->w, v, product, p->scratch, error);
  double *free = p->scratch + 2 * p->n;
  for (size_t i = 0; i < p->n; i++)
    free[i] = p->held[i] ? 0 : v[i];
  ND_TRY(nd_hessian_times(p->objective, p->run->w, free, product, p->scratch, error));
  for (size_t i = 0; i < p->n; i++)
    if (p->held[i]) product[i] = p->own * v[i];
  return NADIR_OK;
}

static void find_held(products *p) {
  const nd_span *bounds = p->objective->bounds;
  for (size_t i = 0; bounds && i < p->n; i++) {
    p->held[i] = nd_bound_holding(p->run->w[i], p->g[i], 0, &bounds[i]) != 0;
    p->on_bound |= p->held[i];
    if (p->held[i]) p->g[i] = 0;
  }
}

/* The curvature along a vector of ones, over the parameters that are free. */
static nadir_status find_own(products *p, nadir_error *error) {
  double along = 0, size = 0;
  if (!p->on_bound) return NADIR_OK;
  for (size_t i = 0; i < p->n; i++)
    p->along[i] = 1;
  ND_TRY(times((void *)p, p->along, p->curved, error));
  for (size_t i = 0; i < p->n; i++) {
    along += p->held[i] ? 0 : p->curved[i];
    size += !p->held[i];
  }
  p->own = along != 0 ? fabs(along) / size : 1;
  return NADIR_OK;
}

/* Solves H step = -g, and its error too, to a thousandth; down: a direction curves downwards. */
static nadir_status solve(products *p, nadir_error *error) {
  size_t n = p->n;
  double norm = nd_norm(n, p->g), rest = nd_dot(n, p->g, p->g);
  for (size_t i = 0; i < n; i++)
    p->along[i] = p->rest[i] = -p->g[i];
  p->left = norm;
  for (int k = 0; p->left > 0 && k < MOST_PRODUCTS; k++) {
    ND_TRY(times(p, p->along, p->curved, error));
    double curvature = nd_dot(n, p->along, p->curved), size = nd_dot(n, p->along, p->along);
    p->down = !(curvature > 0x1p-40 * nd_norm(n, p->curved) * sqrt(size));
    if (p->down) return NADIR_OK;
    double length = rest / curvature, before = rest;
    for (size_t i = 0; i < n; i++) {
      p->step[i] += length * p->along[i];
      p->rest[i] -= length * p->curved[i];
    }
    rest = nd_dot(n, p->rest, p->rest);
    p->left = sqrt(rest);
    if (p->left <= SMALL * fmin(norm, p->least * nd_norm(n, p->step))) break;
    for (size_t i = 0; i < n; i++)
      p->along[i] = p->rest[i] + rest / before * p->along[i];
  }
  p->solved = p->left <= SMALL * norm;
  return NADIR_OK;
}

static bool is_near(const products *p, const nd_known_of_run *known) {
  double off = p->left / p->least, decrease = (p->left * off - nd_dot(p->n, p->g, p->step)) / 2;
  double rounding = fmax(known->rounding, 8 * ND_RELATIVE_ROUNDING * fabs(p->loss));
  if (decrease <= fmax(rounding, known->noise)) return true;
  if (!(off <= ND_SHARE_OF_WAY * nd_norm(p->n, p->run->reach))) return false;
  double noise = p->objective->hessian_error * nd_norm(p->n, p->step);
  for (size_t i = 0; i < p->n; i++)
    if (!(fabs(p->step[i]) - noise <=
          fmax(ND_SHARE_OF_WAY * p->run->reach[i], 4 * ND_RELATIVE_ROUNDING * fabs(p->run->w[i]))))
      return false;
  double first = p->run->first_loss / p->objective->loss_factor;
  return decrease <= ND_SHARE_OF_FALL * fmax(first - p->loss, 0);
}

static bool knows_both_ends(const nd_ritz *ritz) {
  return ritz->smallest_error <= TWO_DIGITS * fabs(ritz->smallest) &&
         ritz->largest_error <= TWO_DIGITS * fabs(ritz->largest);
}

/* Four times as many steps each time, until the least is known to a tenth. */
static nadir_status settle(products *p, nd_lanczos *l, bool convex, nd_ritz *ritz, nadir_error *error) {
  bool few = convex && !p->run->method.optimizer->stable_rate;
  for (size_t next = few ? LEAST_STEPS : FEW_STEPS; !p->settled; next *= 4) {
    while (l->count < next && l->count < l->most && !l->complete && !l->broken)
      ND_TRY(nd_lanczos_step(l, error));
    if (l->broken) return NADIR_OK;
    ND_TRY(nd_lanczos_bounds(l, ritz, error));
    p->settled = l->complete || (next == LEAST_STEPS ? knows_both_ends(ritz)
                                                     : ritz->smallest_error <= SETTLED * fabs(ritz->smallest));
    if (l->count == l->most) return NADIR_OK;
  }
  return NADIR_OK;
}

/* Of a convex loss they tell only whether it is flat. */
static size_t steps_for(const nd_objective *objective, bool convex) {
  size_t n = objective->problem.size, most = CELLS / n;
  double work = (double)n * (double)(objective->rows ? objective->rows : 1);
  if (most > MOST_STEPS) most = MOST_STEPS;
  if (most < FEW_STEPS || (convex && work * (double)most > MOST_WORK)) most = FEW_STEPS;
  return n < most ? n : most;
}

static nadir_status least_curvature(products *p, bool convex, nd_diagnosis *d, nadir_error *error) {
  nd_lanczos l;
  nd_ritz ritz = {.largest = (double)NAN, .smallest = (double)NAN};
  ND_TRY(nd_lanczos_new(&l, p->n, steps_for(p->objective, convex), error));
  l.multiply = times;
  l.context = p;
  nd_lanczos_start(&l, NULL);
  nadir_status status = settle(p, &l, convex, &ritz, error);
  nd_lanczos_clear(&l);
  d->curvature_max = ritz.largest;
  d->curvature_min = ritz.smallest;
  p->least = ritz.smallest > 0x1p-40 * fabs(ritz.largest) ? ritz.smallest : INFINITY;
  return status;
}

static nadir_reason decide(const products *p, const nd_known_of_run *known, const nd_diagnosis *d) {
  if (p->objective->kinked || p->objective->l1) return NADIR_REASON_KINK;
  if (p->down || d->curvature_min < -0x1p-40 * fabs(d->curvature_max))
    return known->convex ? NADIR_REASON_RUN_ON : NADIR_REASON_NOT_AT_REST;
  if (!p->solved || !is_near(p, known)) return NADIR_REASON_RUN_ON;
  if (!isfinite(p->least)) return known->convex ? NADIR_REASON_FLAT_CONVEX : NADIR_REASON_FLAT;
  return p->settled || known->convex ? NADIR_REASON_AT_REST : NADIR_REASON_COSTS_TOO_MUCH;
}

static nadir_status judge(products *p, const nd_known_of_run *known, nd_diagnosis *d,
                          nadir_error *error) {
  const nadir_problem *problem = &p->objective->problem;
  ND_TRY(problem->gradient(problem->context, p->run->w, &p->loss, p->g, error));
  if (!isfinite(p->loss) || !nd_all_finite(p->n, p->g)) {
    d->reason = NADIR_REASON_NO_DERIVATIVES;
    return NADIR_OK;
  }
  find_held(p);
  ND_TRY(find_own(p, error));
  ND_TRY(least_curvature(p, known->convex, d, error));
  ND_TRY(solve(p, error));
  d->reason = decide(p, known, d);
  bool minimum = nd_reason_about(d->reason)->point == NADIR_MINIMUM;
  if (p->on_bound && minimum) d->reason = NADIR_REASON_BOUND;
  return NADIR_OK;
}

nadir_status nd_diagnose_large(const nd_objective *objective, const nd_run *run,
                               const nd_known_of_run *known, nd_diagnosis *diagnosis,
                               nadir_error *error) {
  size_t n = objective->problem.size;
  if (!objective->problem.hessian_vector) {
    diagnosis->reason = NADIR_REASON_NO_SECOND;
    return NADIR_OK;
  }
  double *memory = nd_new(8 * n, sizeof *memory, error);
  bool *held = memory ? nd_new(n, sizeof *held, error) : NULL;
  if (!held) {
    nd_free(memory);
    return NADIR_NO_MEMORY;
  }
  products p = {.objective = objective,
                .run = run,
                .n = n,
                .g = memory,
                .step = memory + n,
                .rest = memory + 2 * n,
                .along = memory + 3 * n,
                .curved = memory + 4 * n,
                .held = held,
                .scratch = memory + 5 * n};
  nadir_status status = judge(&p, known, diagnosis, error);
  nd_free(held);
  nd_free(memory);
  return status;
}
