/* Newton's step without a matrix: the quadratic g'p + p'Hp/2 is minimised by conjugate gradients (M. R. Hestenes, E.
 * Stiefel 1952), which ask for products of H with a vector. T. Steihaug 1983, "The conjugate gradient method and trust
 * regions in large scale optimization", and Ph. L. Toint 1981: the lengths of p grow from product to product, so where
 * p would leave the radius, or a direction does not curve upwards, it ends on the radius along that direction.
 * R. S. Dembo, S. C. Eisenstat, T. Steihaug 1982, "Inexact Newton methods": it suffices that a share of the slope is
 * left. Where the condition is bad the slope is no measure of what is left to gain: that is the sum of the gains to come
 * (Hestenes, Stiefel 1952), for which stands what a product gains, times the products so far.
 * Costs a product for each iteration: about sqrt(condition) ln(2 / share) / 2. */
#include "base/dense.h"
#include "optim/search_internal.h"

static const double CURVED = 0x1p-40; /* of |d| |H d|: less of d'H d is rounding */

/* t >= 0 of |p + t d| = radius, p inside it and d away from where p began; nothing is squared, nor overflows. */
static double way_to_radius(const nd_conjugate *c, const double *d) {
  double size = nd_norm(c->n, d), along = nd_dot(c->n, c->p, d) / size, length = nd_norm(c->n, c->p);
  double room = sqrt(fmax(c->radius - length, 0)) * sqrt(c->radius + length);
  return room > 0 ? room / size * (room / (along + hypot(along, room))) : 0;
}

static void go(nd_conjugate *c, double length, const double *d, const double *product) {
  for (size_t i = 0; i < c->n; i++) {
    c->p[i] += length * d[i];
    c->product[i] += length * product[i];
  }
}

/* How far along d at most. Where there is no radius yet it becomes that of the lowest point along d, the gradient. */
static double most_along(nd_conjugate *c, const double *d, double slope, double length) {
  if (c->radius > 0) return way_to_radius(c, d);
  double most = isfinite(length) ? length : 1;
  c->radius = most * slope;
  return most;
}

/* memory: rest, d, product; 3 n numbers. */
static nadir_status iterate(nd_conjugate *c, const nadir_step *now, const nadir_problem *problem, double *memory,
                            nadir_error *error) {
  size_t n = c->n;
  double *rest = memory, *d = rest + n, *product = d + n, slope = nd_norm(n, now->gradient), left = slope;
  double gained = 0;
  bool enough = slope == 0;
  for (size_t i = 0; i < n; i++)
    d[i] = rest[i] = -now->gradient[i];
  while (c->products < c->most && !enough) {
    ND_TRY(problem->hessian_vector(problem->context, now->w, d, product, error));
    c->products++;
    if (!nd_all_finite(n, product)) return NADIR_OK;
    double curved = nd_dot(n, d, product);
    bool upwards = curved > CURVED * nd_norm(n, d) * nd_norm(n, product);
    double length = upwards ? left / curved * left : HUGE_VAL;
    double most = most_along(c, d, slope, length);
    go(c, fmin(length, most), d, product);
    if (!(length < most)) return NADIR_OK;
    for (size_t i = 0; i < n; i++)
      rest[i] -= length * product[i];
    double before = left, gain = length * left * left;
    left = nd_norm(n, rest);
    gained += gain;
    enough = left <= c->share * slope && (double)c->products * gain <= c->share * gained;
    enough = enough || left == 0;
    for (size_t i = 0; i < n; i++)
      d[i] = rest[i] + left / before * (left / before) * d[i];
  }
  c->inside = enough;
  c->gave_up = !enough;
  return NADIR_OK;
}

nadir_status nd_conjugate_step(nd_conjugate *c, const nadir_step *now, const nadir_problem *problem,
                               nadir_error *error) {
  double *memory = nd_new(3 * c->n, sizeof *memory, error);
  if (!memory) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < c->n; i++)
    c->p[i] = c->product[i] = 0;
  c->inside = c->gave_up = false;
  c->products = 0;
  nadir_status status = iterate(c, now, problem, memory, error);
  nd_free(memory);
  return status;
}
