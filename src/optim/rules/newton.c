/* Newton's method in a trust region: p minimises the local quadratic
 *
 *   m(p) = g'p + p'H p / 2   with   |D p| <= Delta
 *
 * and w <- w + p where the loss falls by at least a share of what m promised; Delta grows where m is
 * right and shrinks where it is not.
 *
 * I. Newton 1669, J. Raphson 1690; J. J. Moré, D. C. Sorensen 1983, "Computing a trust region step":
 * p = -(H + mu D^2)^-1 g, with mu >= 0 so that the matrix has no negative eigenvalue: a direction of
 * negative curvature is left downhill. The scale D is J. R. Bunch's equilibration (1971): the root
 * of the largest of |H_ii| and |H_ij| / D_j, j < i, so that units of parameters decide nothing; a
 * parameter without curvature takes the D that makes its slope, the largest seen at any point, promise
 * what the others do.
 * The first Delta is |D w|, the size of the parameters themselves; where that is 0, the step to the
 * lowest point along the gradient. A quadratic is solved in one update as soon as Delta allows it.
 * Choices: a decrease that rounding hides is judged by the gradient instead; a rate below 1
 * shortens the step (of several the smallest counts). effective is step / g. With an L1 penalty the step is that of
 * proximal.c.
 * Beyond 512 parameters of columns that are scaled there is no matrix as long as products with H serve: the step is that
 * of conjugate.c, with D = 1, and may leave a tenth of the slope, in later updates a hundredth, down to a ten-thousandth
 * (S. C. Eisenstat, H. F. Walker 1996, "Choosing the forcing terms in an inexact Newton method", have it go with the
 * slopes; with so few updates this comes to the same). A radius that turns out too large shortens the step as it is.
 * Where n / 4 products, about as long as H takes of rows in memory, are not enough, the matrix serves from then on.
 * Costs a Hessian, about n^3 10 operations and one look at the loss an update; or a product for each iteration. */
#include "base/dense.h"
#include "optim/search_internal.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { SUFFICIENT };
static const nadir_rule_setting settings[] = {
    [SUFFICIENT] = {"sufficient", 1e-4, 0, 0.24,
                    "share of the promised decrease that a step must reach"},
};

enum { MOST_TRIALS = 100 };
/* State vectors: D, the scaled gradient, the largest slopes seen. */
enum { D, G, SEEN, VECTORS };
enum { BEGUN, RADIUS, EXPONENT, MATRIX /* 1: products were not enough */, SCALARS };
static const double LEAST_LEFT = 1e-4; /* share of the slope: of rows in single precision no less is known */

/* ---- the scale ---- */

/* H and g in units of 2^exponent, one that goes with the loss: the roots that follow then round the
 * same way whatever power of two multiplies the loss. */
static void choose_exponent(const nadir_step *now, const double *h) {
  size_t n = now->size;
  double largest = 0;
  for (size_t i = 0; i < n; i++) {
    double curvature = fabs(h[i * n + i]), g = fabs(now->gradient[i]);
    if (curvature > 0) largest = fmax(largest, g / sqrt(curvature));
  }
  int exponent = 0;
  if (largest > 0) frexp(largest, &exponent);
  now->scalars[EXPONENT] = 2.0 * exponent;
}

static int exponent_of(const nadir_step *now) {
  enum { BEYOND_DOUBLES = 5000 };
  return (int)nd_within(-BEYOND_DOUBLES, now->scalars[EXPONENT], BEYOND_DOUBLES);
}

/* A parameter without curvature: the slope over the root of what the others promise to gain; or by
 * those that it bends together with. The slope here may be rounding alone, which would send it far
 * away: the largest seen counts. */
static void scale_the_rest(const nadir_step *now, const double *h, const double *g, double loss,
                           double *d) {
  size_t n = now->size;
  double promised = 0;
  for (size_t i = 0; i < now->size; i++)
    if (d[i] > 0) promised += g[i] / d[i] * (g[i] / d[i]);
  for (size_t i = 0; i < now->size; i++) {
    double size = promised > 0 ? promised : fmax(fabs(loss), fabs(g[i] * now->w[i]));
    double slope = ldexp(now->vectors[SEEN][i], -exponent_of(now));
    if (!(d[i] > 0) && slope > 0) d[i] = slope / sqrt(size > 0 ? size : slope);
  }
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n && !(d[i] > 0); j++)
      if (d[j] > 0 && h[i * n + j] != 0) d[i] = fabs(h[i * n + j]) / d[j];
}

/* ---- the model ---- */

static bool is_straight(size_t n, const double *h, size_t i) {
  for (size_t j = 0; j < n; j++)
    if (h[i * n + j] != 0) return false;
  return true;
}

/* A steeper slope at a trial tells that a parameter without curvature has gone too far: its D goes
 * with the largest slope seen. H is 0 there, and stays as it is. */
static void learn(const nadir_step *now, const double *h, const double *gradient) {
  double *d = now->vectors[D], *g = now->vectors[G], *seen = now->vectors[SEEN];
  for (size_t i = 0; i < now->size; i++) {
    double slope = fabs(gradient[i]);
    if (!(slope > seen[i])) continue;
    if (seen[i] > 0 && is_straight(now->size, h, i)) {
      d[i] *= slope / seen[i];
      g[i] /= slope / seen[i];
    }
    seen[i] = slope;
  }
}

static void scale_model(const nadir_step *now, double loss, double *h) {
  size_t n = now->size;
  double *d = now->vectors[D], *g = now->vectors[G];
  if (now->scalars[BEGUN] == 0) choose_exponent(now, h);
  for (size_t i = 0; i < n; i++)
    now->vectors[SEEN][i] = fmax(now->vectors[SEEN][i], fabs(now->gradient[i]));
  int exponent = -exponent_of(now);
  for (size_t i = 0; i < n * n; i++)
    h[i] = ldexp(h[i], exponent);
  for (size_t i = 0; i < n; i++)
    g[i] = ldexp(now->gradient[i], exponent);
  nd_equilibrate(n, h, d);
  scale_the_rest(now, h, g, ldexp(loss, exponent), d);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      h[i * n + j] = d[i] > 0 && d[j] > 0 ? h[i * n + j] / d[i] / d[j] : 0;
  for (size_t i = 0; i < n; i++)
    if (d[i] > 0) g[i] /= d[i];
}

static double quadratic(size_t n, const double *h, const double *u) {
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += u[i] * nd_dot(n, h + i * n, u);
  return sum;
}

static double first_radius(const nadir_step *now, const double *h, double *scaled) {
  size_t n = now->size;
  const double *d = now->vectors[D], *g = now->vectors[G];
  for (size_t i = 0; i < n; i++)
    scaled[i] = d[i] * now->w[i];
  double size = nd_norm(n, scaled), slope = nd_norm(n, g), curvature = quadratic(n, h, g);
  if (size > 0) return size;
  return curvature > 0 ? slope * (slope * slope / curvature) : slope;
}

/* ---- a trial ---- */

typedef struct trial {
  const nadir_step *now;
  const nadir_problem *problem;
  nadir_update *update;
  const double *h, *values, *vectors; /* scaled; its eigenvalues, its eigenvectors by rows; NULL: by products */
  nd_conjugate by_products;
  double *u; /* scaled step, uphill as step is */
  double loss, noise, promised, length, damping;
} trial;

/* Where there is no curvature at all the model has no lowest point: as far as the radius allows. */
static void go_straight(trial *t) {
  const nadir_step *now = t->now;
  size_t n = now->size;
  const double *g = now->vectors[G];
  double slope = nd_norm(n, g);
  bool curved = t->values[0] != 0 || t->values[n - 1] != 0;
  for (size_t i = 0; i < n && !curved && slope > 0; i++)
    t->u[i] = -g[i] / slope * now->scalars[RADIUS];
}

/* u'H u of the new u. */
static nadir_status solve(trial *t, double rate, double *curved, nadir_error *error) {
  const nadir_step *now = t->now;
  size_t n = now->size;
  double decrease; /* with the rate it is another */
  ND_TRY(nd_step_in_radius(n, t->values, t->vectors, now->vectors[G], now->scalars[RADIUS], t->u, &t->damping,
                           &decrease, error));
  go_straight(t);
  t->length = nd_norm(n, t->u);
  for (size_t i = 0; i < n; i++)
    t->u[i] *= rate;
  *curved = quadratic(n, t->h, t->u);
  return NADIR_OK;
}

static void shorten(trial *t, double rate, double *curved) {
  const nd_conjugate *c = &t->by_products;
  double length = nd_norm(c->n, c->p), radius = t->now->scalars[RADIUS], by = length > radius ? radius / length : 1;
  t->damping = c->inside && by == 1 ? 0 : 1;
  t->length = by * length;
  for (size_t i = 0; i < c->n; i++)
    t->u[i] = by * rate * c->p[i];
  *curved = by * rate * nd_dot(c->n, t->u, c->product);
}

static nadir_status propose(trial *t, double rate, nadir_error *error) {
  const nadir_step *now = t->now;
  const double *d = now->vectors[D];
  double curved;
  if (t->h)
    ND_TRY(solve(t, rate, &curved, error));
  else
    shorten(t, rate, &curved);
  for (size_t i = 0; i < now->size; i++)
    t->update->step[i] = d[i] > 0 ? -t->u[i] / d[i] : 0;
  t->promised = ldexp(-nd_dot(now->size, now->vectors[G], t->u) - curved / 2, exponent_of(now));
  return NADIR_OK;
}

/* Near the minimum losses agree to rounding long before gradients do: the step is good when it
 * leaves no more gradient than there was. */
static bool flatter(const trial *t) {
  const nadir_step *now = t->now;
  const double *d = now->vectors[D];
  double before = 0, after = 0;
  for (size_t i = 0; i < now->size; i++) {
    if (!(d[i] > 0)) continue;
    before = hypot(before, now->gradient[i] / d[i]);
    after = hypot(after, t->update->gradient[i] / d[i]);
  }
  return after <= before;
}

/* Whether the step is taken; the radius for the next. */
static bool judge(trial *t, double loss) {
  const nadir_step *now = t->now;
  double *radius = &now->scalars[RADIUS];
  if (!isfinite(loss) || !nd_all_finite(now->size, t->update->gradient)) {
    *radius = 0.25 * t->length;
    return false;
  }
  if (t->promised <= t->noise && loss - t->loss <= t->noise) {
    bool good = flatter(t);
    if (t->h || !good) *radius = 0.25 * t->length; /* products alone know what is left only inside of it */
    return good;
  }
  double ratio = (t->loss - loss) / t->promised;
  if (ratio < 0.25)
    *radius = 0.25 * t->length;
  else if (ratio > 0.75 || t->damping == 0)
    *radius = fmax(*radius, nd_growth(ratio) * t->length);
  return ratio > now->values[SUFFICIENT] && loss <= t->loss;
}

static nadir_status search(trial *t, double rate, nadir_error *error) {
  const nadir_step *now = t->now;
  nadir_update *update = t->update;
  double *point = update->effective;
  for (int k = 0; k < MOST_TRIALS && now->scalars[RADIUS] > 0; k++) {
    double loss;
    ND_TRY(propose(t, rate, error));
    if (!nd_move(now, 1, update->step, point)) break;
    ND_TRY(t->problem->gradient(t->problem->context, point, &loss, update->gradient, error));
    if (judge(t, loss)) {
      update->loss = loss;
      return NADIR_OK;
    }
    if (t->h && nd_all_finite(now->size, update->gradient)) learn(now, t->h, update->gradient);
    update->evaluations++;
  }
  memset(update->step, 0, now->size * sizeof *update->step);
  return NADIR_OK;
}

/* ---- an update ---- */

/* g'H^-1 g / 2 along the eigenvectors of H; not known where one of them falls. What has no
 * curvature counts as the least that rounding can tell from 0. */
static void find_left(trial *t) {
  const nadir_step *now = t->now;
  size_t n = now->size;
  const double *g = now->vectors[G], *values = t->values;
  double left = 0;
  double floor_at = 32 * (double)n * DBL_EPSILON * fmax(fabs(values[0]), fabs(values[n - 1]));
  for (size_t k = 0; k < n; k++) {
    double along = nd_dot(n, t->vectors + k * n, g);
    if (along != 0) left += along * along / fmax(values[k], floor_at) / 2;
  }
  if (values[0] >= -floor_at) t->update->left = ldexp(left, exponent_of(now));
}

static double least_rate(const nadir_step *now) {
  double rate = fmin(1, now->rate[0]);
  for (size_t i = 1; i < now->size; i++)
    rate = fmin(rate, now->rate[i]);
  return rate;
}

static nadir_status search_from(trial *t, double *values, double *vectors, nadir_error *error) {
  const nadir_step *now = t->now;
  nd_until until = nd_until_of(t->problem);
  ND_TRY(nd_eigen(now->size, t->h, values, vectors, &until, error));
  t->values = values, t->vectors = vectors;
  find_left(t);
  if (now->scalars[BEGUN] == 0) now->scalars[RADIUS] = first_radius(now, t->h, t->u);
  now->scalars[BEGUN] = 1;
  ND_TRY(nd_rounding_at(now, t->loss, t->problem, &t->noise, error));
  return search(t, least_rate(now), error);
}

static nadir_status advance_by_matrix(trial *t, nadir_error *error) {
  const nadir_step *now = t->now;
  size_t n = now->size;
  size_t count;
  if (!nd_multiply(n, 2 * n + 2, &count)) count = SIZE_MAX; /* too large for nd_new, which says so */
  double *room = nd_new(count, sizeof *room, error), *h = room;
  if (!room) return NADIR_NO_MEMORY;
  nadir_status status = nd_hessian_at(now, t->problem, h, "newton", error);
  t->update->evaluations++;
  if (status == NADIR_OK && nd_all_finite(n * n, h)) {
    scale_model(now, t->loss, h);
    t->h = h;
    t->u = room + n * n;
    status = search_from(t, t->u + n, t->u + 2 * n, error);
  }
  nd_free(room);
  return status;
}

/* D = 1, and no exponent. */
static void take_model(const nadir_step *now) {
  for (size_t i = 0; i < now->size; i++) {
    now->vectors[D][i] = 1;
    now->vectors[G][i] = now->gradient[i];
  }
}

static nadir_status search_by_products(trial *t, nadir_error *error) {
  const nadir_step *now = t->now;
  nd_conjugate *c = &t->by_products;
  take_model(now);
  c->radius = now->scalars[BEGUN] == 0 ? nd_norm(now->size, now->w) : now->scalars[RADIUS];
  c->share = fmax(LEAST_LEFT, pow(0.1, (double)now->t + 1));
  c->most = now->size / 4;
  ND_TRY(nd_conjugate_step(c, now, t->problem, error));
  t->update->evaluations += c->products;
  now->scalars[BEGUN] = 1;
  now->scalars[RADIUS] = c->radius;
  if (c->inside && c->share == LEAST_LEFT) t->update->left = -nd_dot(now->size, now->gradient, c->p) / 2;
  ND_TRY(nd_rounding_at(now, t->loss, t->problem, &t->noise, error));
  ND_TRY(search(t, least_rate(now), error));
  if (!c->gave_up || !t->problem->hessian) return NADIR_OK;
  now->scalars[MATRIX] = 1;
  now->scalars[BEGUN] = 0; /* the radius is one of D = 1 */
  return NADIR_OK;
}

static nadir_status advance_by_products(trial *t, nadir_error *error) {
  size_t n = t->now->size;
  double *room = nd_new(3 * n, sizeof *room, error);
  if (!room) return NADIR_NO_MEMORY;
  t->u = room;
  t->by_products = (nd_conjugate){.n = n, .p = room + n, .product = room + 2 * n};
  nadir_status status = search_by_products(t, error);
  nd_free(room);
  return status;
}

static nadir_status advance(const nadir_step *now, double loss, const nadir_problem *problem,
                            nadir_update *update, nadir_error *error) {
  if (now->size == 0) return NADIR_OK;
  if (now->l1)
    return nd_proximal_newton(now, loss, problem, "newton", least_rate(now), update, error);
  memset(update->step, 0, now->size * sizeof *update->step);
  if (!isfinite(loss) || !nd_all_finite(now->size, now->gradient)) return NADIR_OK;
  trial t = {.now = now, .problem = problem, .update = update, .loss = loss};
  bool by_products =
      now->size > ND_MOST_DENSE && problem->scaled && problem->hessian_vector && now->scalars[MATRIX] == 0;
  ND_TRY(by_products ? advance_by_products(&t, error) : advance_by_matrix(&t, error));
  nd_search_finish(now, 1, update);
  return NADIR_OK;
}

const nadir_optimizer nd_optimizer_newton = {
    .name = "newton",
    .summary =
        "the gradient over the matrix of second derivatives, the best step of a quadratic, in "
        "a trust region",
    .source = "I. Newton 1669, J. Raphson 1690; J. J. Moré, D. C. Sorensen 1983, Computing a trust "
              "region step; T. Steihaug 1983, The conjugate gradient method and trust regions in large scale "
              "optimization",
    .settings = settings,
    .setting_count = ND_COUNT(settings),
    .vectors = VECTORS,
    .scalars = SCALARS,
    .traits =
        NADIR_FULL_BATCH | NADIR_SELF_SIZING | NADIR_FINISHES | NADIR_COMPOSITE | NADIR_SPECTRAL,
    .rate = 1,
    .schedule = "constant",
    .advance = advance,
};
