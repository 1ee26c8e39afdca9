/* Steps inside a radius, of a quadratic with any symmetric H (Moré and Sorensen
 * 1983) and of a sum of squares (Levenberg 1944, Marquardt 1963; Moré 1978).
 * O(n^3) time, n^2 memory.
 *
 * The first has H's eigenvalues lambda_1 <= ... and writes the multiplier as t
 * - lambda_1, so that what matters, lambda_i + mu = (lambda_i - lambda_1) + t,
 * has all its digits also where mu is next to -lambda_1, the hard case. The
 * second never forms R'R: for each mu the R factor of [R; sqrt(mu) D] is taken.
 * Both look for the length of a step as a function of the multiplier by
 * Newton's method on its inverse, which is nearly a straight line (Hebden 1973;
 * Reinsch 1971), inside a bracket. Everything is relative to the numbers given:
 * units have no influence. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/dense.h"
#include "base/base.h"

enum { MOST_TURNS = 100, MOST_MULTIPLIERS = 20 };

/* ---- a quadratic
 * -----------------------------------------------------------------------------
 */

typedef struct secular {
  size_t n;
  const double *values; /* ascending */
  double *slope;        /* g along each eigenvector; 0 where it is rounding on a flat
                    direction */
  double *part;         /* the step along each */
} secular;

static double largest_size(const secular *s) {
  return fmax(fabs(s->values[0]), fabs(s->values[s->n - 1]));
}

/* Along a direction without curvature a slope of rounding errors alone leads
 * nowhere. */
static void resolve(secular *s, const double *vectors, const double *g) {
  double noise = 32 * (double)s->n * DBL_EPSILON, size = nd_norm(s->n, g);
  double flat = noise * largest_size(s);
  for (size_t i = 0; i < s->n; i++) {
    double slope = nd_dot(s->n, vectors + i * s->n, g);
    bool nothing = fabs(s->values[i]) <= flat && fabs(slope) <= noise * size;
    s->slope[i] = nothing ? 0 : slope;
  }
}

static double step_at(const secular *s, double t) {
  for (size_t i = 0; i < s->n; i++) {
    double curvature = (s->values[i] - s->values[0]) + t;
    s->part[i] = s->slope[i] == 0 ? 0 : -s->slope[i] / curvature;
  }
  return nd_norm(s->n, s->part);
}

/* -d|p|/dt / |p| of the step in s->part. */
static double shortening(const secular *s, double t, double length) {
  double sum = 0;
  for (size_t i = 0; i < s->n; i++) {
    double share = s->part[i] / length;
    if (share != 0) sum += share * share / ((s->values[i] - s->values[0]) + t);
  }
  return sum;
}

/* t in [low, high] where |p(t)| = radius; the length falls with t. */
static double reach(const secular *s, double radius, double low, double high) {
  double t = low;
  for (int turn = 0; turn < MOST_TURNS; turn++) {
    double length = step_at(s, t), ratio = length / radius;
    if (fabs(ratio - 1) <= 4 * DBL_EPSILON || !(low < high)) break;
    if (ratio > 1)
      low = t;
    else
      high = t;
    double next = t + (ratio - 1) / shortening(s, t, length);
    if (!(next > low && next < high)) next = low + (high - low) / 2;
    if (next == t) break;
    t = next;
  }
  step_at(s, t);
  return t;
}

/* H has a direction of negative curvature without slope, and the rest is short:
 * go along it until the radius; both senses are equally low, the positive one
 * is taken. */
static void go_along_first(secular *s, double length, double radius) {
  double share = length / radius;
  s->part[0] = radius * sqrt((1 - share) * (1 + share));
}

/* The multiplier; the step in s->part. */
static double find_step(secular *s, double radius) {
  double lowest = s->values[0], noise = 32 * (double)s->n * DBL_EPSILON * largest_size(s);
  double floor = lowest > 0 ? lowest : 0; /* mu >= 0 */
  if (floor > 0 || s->slope[0] == 0) {
    double length = step_at(s, floor);
    bool inside = length <= radius;
    if (inside && lowest >= -noise) return fmax(0, -lowest);
    if (inside) {
      go_along_first(s, length, radius);
      return -lowest;
    }
  }
  double low = fmax(floor, fabs(s->slope[0]) / radius);
  double high = fmax(floor, nd_norm(s->n, s->slope) / radius);
  return fmax(0, reach(s, radius, low, high) - lowest);
}

/* -(g'p + p'Hp/2) = (mu |p|^2 - g'p) / 2, a sum of terms that are not negative.
 */
static double decrease_of(const secular *s, double mu) {
  double sum = 0;
  for (size_t i = 0; i < s->n; i++)
    sum += s->part[i] * (mu * s->part[i] - s->slope[i]);
  return sum / 2;
}

nadir_status nd_step_in_radius(size_t n, const double *values, const double *vectors,
                               const double *g, double radius, double *p, double *mu,
                               double *decrease, nadir_error *error) {
  *mu = *decrease = 0;
  if (n == 0) return NADIR_OK;
  double *work = nd_new(2 * n, sizeof *work, error);
  if (!work) return NADIR_NO_MEMORY;
  secular s = {.n = n, .values = values, .slope = work, .part = work + n};
  resolve(&s, vectors, g);
  *mu = find_step(&s, radius);
  *decrease = decrease_of(&s, *mu);
  memset(p, 0, n * sizeof *p);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      p[j] += s.part[i] * vectors[i * n + j];
  nd_free(work);
  return NADIR_OK;
}

/* ---- a sum of squares
 * ------------------------------------------------------------------------ */

typedef struct damped {
  size_t n, m; /* m = n + 1: the right-hand side is the last column */
  size_t stride;
  const double *r, *q, *scale;
  double *factor, *rows; /* m x m: of [R q; sqrt(mu) D 0], and the rows that are
                            folded in */
  double *scaled, *slope;
} damped;

static double scaled_length(const damped *d, const double *p) {
  for (size_t i = 0; i < d->n; i++)
    d->scaled[i] = d->scale[i] * p[i];
  return nd_norm(d->n, d->scaled);
}

/* p of this mu; components that neither R nor D knows stay. */
static void solve_with(const damped *d, double mu, double *p) {
  size_t n = d->n, m = d->m;
  memset(d->factor, 0, m * m * sizeof *d->factor);
  memset(d->rows, 0, n * m * sizeof *d->rows);
  for (size_t i = 0; i < n; i++) {
    memcpy(d->factor + i * m + i, d->r + i * d->stride + i, (n - i) * sizeof *d->factor);
    d->factor[i * m + n] = d->q[i];
    d->rows[i * m + i] = sqrt(mu) * d->scale[i];
  }
  nd_qr_fold(m, d->factor, n, d->rows);
  for (size_t i = n; i-- > 0;) {
    double sum = d->factor[i * m + n];
    for (size_t j = i + 1; j < n; j++)
      sum -= d->factor[i * m + j] * p[j];
    p[i] = d->factor[i * m + i] == 0 ? 0 : sum / d->factor[i * m + i];
  }
}

/* -d|D p|/d mu / |D p| = |z|^2, R_mu' z = D D p / |D p|. */
static double damped_shortening(const damped *d, double length) {
  size_t n = d->n, m = d->m;
  double *z = d->slope, sum = 0;
  for (size_t i = 0; i < n; i++) {
    double rest = d->scale[i] * (d->scaled[i] / length);
    for (size_t j = 0; j < i; j++)
      rest -= d->factor[j * m + i] * z[j];
    z[i] = d->factor[i * m + i] == 0 ? 0 : rest / d->factor[i * m + i];
    sum += z[i] * z[i];
  }
  return sum;
}

/* |D^-1 R'q| / radius: no mu beyond it can be needed. */
static double greatest_multiplier(const damped *d, double radius) {
  for (size_t j = 0; j < d->n; j++) {
    double sum = 0;
    for (size_t i = 0; i <= j && d->scale[j] > 0; i++)
      sum += d->r[i * d->stride + j] / d->scale[j] * d->q[i];
    d->slope[j] = sum;
  }
  return nd_norm(d->n, d->slope) / radius;
}

static double find_multiplier(const damped *d, double radius, double guess, double *p) {
  double low = 0, high = greatest_multiplier(d, radius);
  double mu = guess > low && guess < high ? guess : 1e-3 * high;
  for (int turn = 0; turn < MOST_MULTIPLIERS; turn++) {
    solve_with(d, mu, p);
    double length = scaled_length(d, p), ratio = length / radius;
    if (fabs(ratio - 1) <= 0.1 || length == 0) break;
    if (ratio > 1)
      low = mu;
    else
      high = mu;
    double next = mu + (ratio - 1) / damped_shortening(d, length);
    mu = next > low && next < high ? next : fmax(1e-3 * high, sqrt(low) * sqrt(high));
  }
  return mu;
}

static nadir_status solve_outside(damped *d, double radius, double *p, double *mu,
                                  nadir_error *error) {
  double *work = nd_new(d->m * (d->m + d->n), sizeof *work, error);
  if (!work) return NADIR_NO_MEMORY;
  d->factor = work;
  d->rows = work + d->m * d->m;
  *mu = find_multiplier(d, radius, *mu, p);
  nd_free(work);
  return NADIR_OK;
}

nadir_status nd_solve_damped(size_t n, size_t stride, const double *r, const double *q,
                             const double *scale, double radius, double *p, double *mu,
                             nadir_error *error) {
  double *work = nd_new(2 * n, sizeof *work, error);
  if (!work) return NADIR_NO_MEMORY;
  damped d = {.n = n, .m = n + 1, .stride = stride, .r = r, .q = q, .scale = scale};
  d.scaled = work;
  d.slope = work + n;
  nadir_status status = NADIR_OK;
  if (scaled_length(&d, p) <= 1.1 * radius)
    *mu = 0;
  else
    status = solve_outside(&d, radius, p, mu, error);
  nd_free(work);
  return status;
}
