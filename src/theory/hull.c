/* The gap of a convex formula where no curvature bounds it: at a kink, or at a minimum that is flat
 * to the second order.
 *
 * A plane through (x, f(x)) with the slope g there lies below a convex f everywhere. Where planes at
 * n+1 points x_k have slopes with 0 inside of their simplex, sum of l_k g_k = 0 for weights l_k > 0 of
 * sum 1, and for all y
 *   f(y) >= sum of l_k (f(x_k) + g_k . (y - x_k)) = sum of l_k (f(x_k) - g_k . (x_k - w)),
 * a bound that is near f(w) where the x_k are near w; f then grows in every direction, so a minimum
 * exists where the domain has no end. Where only the edge of a simplex would meet 0, as with the slopes
 * of |x| + |y|, one simplex is found around a point close to 0 and one around the opposite point, and
 * the weights of the second are kept while those of the first are solved for.
 * (The bundle methods' bound: C. Lemarechal 1975; the simplex is
 * found as that of E. Gilbert, D. Johnson, S. Keerthi 1988: the slope at a step along d from w is
 * the one that reaches farthest along d.)
 *
 * The points are searched for in doubles, at ever larger distances from w; the weights, then the
 * bound, are enclosed by Arb at the very points. Costs some 10 n gradients in balls for each of at
 * most 12 distances, and (n+1)^3. Forbidden: a slope taken where f is not smooth. */
#include <arb_mat.h>
#include <string.h>

#include "base/dense.h"
#include "theory/hull_internal.h"
#include "theory/theory_internal.h"

enum { MOST = ND_HULL_PARAMETERS, BITS = 160, TURNS = 10, DISTANCES = 12 };
static const double FIRST = 0x1p-48, FARTHER = 16; /* distances, against the way of the descent */
static const double ASIDE = 0x1p-16; /* of the slopes: how far the targets are from 0 */

typedef struct simplex {
  double at[MOST + 1][MOST], slope[MOST + 1][MOST]; /* slopes in units */
  double weight[MOST + 1];                          /* of sum 1, with which they add up to target */
} simplex;

typedef struct search {
  const nd_slopes *slopes;
  const double *w;
  double unit[MOST]; /* of each parameter: what a distance of 1 is */
  double target[MOST];
  size_t n;
  nd_random random;
} search;

/* ---- slopes ---- */

static void set_leaves(const search *s, const double *w) {
  for (size_t i = 0; i < s->n; i++)
    nd_enclosure_set_double(nd_encloser_leaf(s->slopes->encloser, i), w[i]);
  nd_encloser_run(s->slopes->encloser, BITS);
}

static bool is_smooth_here(const search *s) {
  const nd_enclosure *value = nd_encloser_root(s->slopes->encloser, 0);
  bool smooth = value->defined && value->smooth;
  for (size_t i = 0; i < s->n && smooth; i++) {
    const nd_enclosure *g = nd_encloser_root(s->slopes->encloser, 1 + i);
    smooth = !g->nowhere && arf_is_finite(g->low) && arf_is_finite(g->high);
  }
  return smooth;
}

/* Vertex k becomes the slope at w + distance * direction, a little aside so that no kink is hit. */
static bool take_vertex(search *s, simplex *x, size_t k, const double *direction, double distance) {
  double largest = 0;
  for (size_t i = 0; i < s->n; i++)
    largest = fmax(largest, fabs(direction[i]));
  for (size_t i = 0; i < s->n; i++) {
    double aside = 0.02 * (nd_random_uniform(&s->random) - 0.5);
    x->at[k][i] = s->w[i] + distance * s->unit[i] * (direction[i] / largest + aside);
  }
  if (!(largest > 0) || !nd_all_finite(s->n, x->at[k])) return false;
  set_leaves(s, x->at[k]);
  if (!is_smooth_here(s)) return false;
  for (size_t i = 0; i < s->n; i++)
    x->slope[k][i] = s->unit[i] * nd_enclosure_low(nd_encloser_root(s->slopes->encloser, 1 + i));
  return nd_all_finite(s->n, x->slope[k]);
}

/* ---- the simplex, in doubles ---- */

/* Solves a x = right by Gauss with the largest pivot; rows are of n + 1 numbers, `right` last. */
static bool solve(size_t n, double a[MOST + 1][MOST + 2]) {
  for (size_t k = 0; k < n; k++) {
    size_t best = k;
    for (size_t i = k + 1; i < n; i++)
      if (fabs(a[i][k]) > fabs(a[best][k])) best = i;
    if (!(fabs(a[best][k]) > 0)) return false;
    for (size_t j = 0; j <= n; j++) {
      double held = a[k][j];
      a[k][j] = a[best][j];
      a[best][j] = held;
    }
    for (size_t i = 0; i < n; i++) {
      double share = i == k ? 0 : a[i][k] / a[k][k];
      for (size_t j = k; share != 0 && j <= n; j++)
        a[i][j] -= share * a[k][j];
    }
  }
  for (size_t k = 0; k < n; k++)
    a[k][n] /= a[k][k];
  return true;
}

/* The largest slope of each parameter, which its row is divided by. */
static double size_of_row(const search *s, const simplex *x, size_t i) {
  double largest = 0;
  for (size_t k = 0; k <= s->n; k++)
    largest = fmax(largest, fabs(x->slope[k][i]));
  return largest;
}

static bool find_weights(const search *s, simplex *x) {
  size_t n = s->n;
  double a[MOST + 1][MOST + 2];
  for (size_t i = 0; i < n; i++) {
    double size = size_of_row(s, x, i);
    if (!(size > 0)) return false;
    for (size_t k = 0; k <= n; k++)
      a[i][k] = x->slope[k][i] / size;
    a[i][n + 1] = s->target[i] / size;
  }
  for (size_t k = 0; k <= n + 1; k++)
    a[n][k] = 1;
  if (!solve(n + 1, a)) return false;
  for (size_t k = 0; k <= n; k++)
    x->weight[k] = a[k][n + 1];
  return nd_all_finite(n + 1, x->weight);
}

/* The direction that all slopes but number `out` have the same part along, to the side that slope `out`
 * is not on: the face's normal. */
static bool find_normal(const search *s, const simplex *x, size_t out, double *normal) {
  size_t n = s->n, rows = 0, first = out == 0;
  double a[MOST + 1][MOST + 2], size[MOST], along = 0;
  for (size_t i = 0; i < n; i++)
    size[i] = size_of_row(s, x, i);
  for (size_t k = 0; k <= n; k++) {
    if (k == out || k == first) continue;
    for (size_t i = 0; i < n; i++)
      a[rows][i] = (x->slope[k][i] - x->slope[first][i]) / size[i];
    a[rows++][n] = 0;
  }
  for (size_t i = 0; i < n; i++)
    a[rows][i] = (x->slope[out][i] - x->slope[first][i]) / size[i];
  a[rows][n] = -1;
  if (!solve(n, a)) return false;
  for (size_t i = 0; i < n; i++) {
    normal[i] = a[i][n] / size[i];
    along += fabs(normal[i]);
  }
  return isfinite(along) && along > 0;
}

static bool begin(search *s, simplex *x, double distance) {
  double direction[MOST];
  for (size_t k = 0; k <= s->n; k++) {
    for (size_t i = 0; i < s->n; i++)
      direction[i] = k == s->n ? -1 : i == k;
    if (!take_vertex(s, x, k, direction, distance)) return false;
  }
  return true;
}

/* Pushes the simplex over the target: where a weight is negative, its vertex gives way to the slope
 * that reaches farthest on the other side of the face of the others. */
static bool surround(search *s, simplex *x, double distance) {
  double normal[MOST];
  for (size_t turn = 0; turn < TURNS * (s->n + 1); turn++) {
    size_t least = 0;
    bool whole = find_weights(s, x);
    for (size_t k = 1; whole && k <= s->n; k++)
      if (x->weight[k] < x->weight[least]) least = k;
    if (whole && x->weight[least] > 0) return true;
    if (!whole) least = turn % (s->n + 1);
    bool known = whole && find_normal(s, x, least, normal);
    for (size_t i = 0; !known && i < s->n; i++)
      normal[i] = nd_random_uniform(&s->random) - 0.5;
    if (!take_vertex(s, x, least, normal, distance)) return false;
  }
  return false;
}

static bool surround_twice(search *s, simplex *one, simplex *two, double distance) {
  if (!begin(s, one, distance)) return false;
  *two = *one;
  for (size_t i = 0; i < s->n; i++)
    s->target[i] = ASIDE * size_of_row(s, one, i) * (nd_random_uniform(&s->random) - 0.5);
  if (!surround(s, one, distance)) return false;
  for (size_t i = 0; i < s->n; i++)
    s->target[i] = -s->target[i];
  return surround(s, two, distance);
}

/* ---- the proof ---- */

/* Column k: the slope at vertex k, in powers of two near the units, and 1 below it; value k: the plane
 * there, at w. */
static void set_columns(const search *s, const simplex *x, arb_mat_t slopes, arb_mat_t values) {
  size_t n = s->n;
  arb_t part, step;
  arb_init(part);
  arb_init(step);
  for (size_t k = 0; k <= n; k++) {
    set_leaves(s, x->at[k]);
    arb_ptr value = arb_mat_entry(values, (slong)k, 0);
    nd_enclosure_get_arb(value, nd_encloser_root(s->slopes->encloser, 0), BITS);
    for (size_t i = 0; i < n; i++) {
      arb_ptr g = arb_mat_entry(slopes, (slong)i, (slong)k);
      nd_enclosure_get_arb(g, nd_encloser_root(s->slopes->encloser, 1 + i), BITS);
      arb_set_d(step, s->w[i]);
      arb_set_d(part, x->at[k][i]);
      arb_sub(step, step, part, BITS);
      arb_addmul(value, g, step, BITS);
      int exponent;
      frexp(s->unit[i], &exponent);
      arb_mul_2exp_si(g, g, exponent);
    }
    arb_one(arb_mat_entry(slopes, (slong)n, (slong)k));
  }
  arb_clear(part);
  arb_clear(step);
}

/* right <- (0, ..., 0, 2) less the second simplex's columns, times its weights as the doubles are;
 * low += its part of the bound. */
static void fill_right(const search *s, const simplex *two, arb_mat_t slopes, arb_mat_t values,
                       arb_mat_t right, arb_t low) {
  slong n = (slong)s->n;
  arb_mat_t weights;
  arb_mat_init(weights, n + 1, 1);
  set_columns(s, two, slopes, values);
  for (slong k = 0; k <= n; k++) {
    arb_set_d(arb_mat_entry(weights, k, 0), two->weight[k]);
    arb_addmul(low, arb_mat_entry(weights, k, 0), arb_mat_entry(values, k, 0), BITS);
  }
  arb_mat_mul(right, slopes, weights, BITS);
  arb_mat_neg(right, right);
  arb_add_ui(arb_mat_entry(right, n, 0), arb_mat_entry(right, n, 0), 2, BITS);
  arb_mat_clear(weights);
}

/* f(w) less the bound, rounded up; false where it is not defined. */
static bool set_gap(const search *s, arb_t low, double *gap) {
  arb_t here;
  arf_t end;
  arb_init(here);
  arf_init(end);
  set_leaves(s, s->w);
  const nd_enclosure *value = nd_encloser_root(s->slopes->encloser, 0);
  nd_enclosure_get_arb(here, value, BITS);
  arb_mul_2exp_si(low, low, -1);
  arb_sub(here, here, low, BITS);
  arb_get_ubound_arf(end, here, BITS);
  *gap = arf_get_d(end, ARF_RND_CEIL);
  bool proved = value->defined && isfinite(*gap) && *gap >= 0;
  arb_clear(here);
  arf_clear(end);
  return proved;
}

/* False where a weight may be negative. */
static bool prove(const search *s, const simplex *one, const simplex *two, double *gap) {
  slong n = (slong)s->n;
  arb_mat_t slopes, values, right, weights;
  arb_t low;
  arb_mat_init(slopes, n + 1, n + 1);
  arb_mat_init(values, n + 1, 1);
  arb_mat_init(right, n + 1, 1);
  arb_mat_init(weights, n + 1, 1);
  arb_init(low);
  fill_right(s, two, slopes, values, right, low);
  arb_mat_zero(values);
  set_columns(s, one, slopes, values);
  bool proved = arb_mat_solve(weights, slopes, right, BITS);
  for (slong k = 0; k <= n && proved; k++) {
    proved = arb_is_positive(arb_mat_entry(weights, k, 0));
    arb_addmul(low, arb_mat_entry(weights, k, 0), arb_mat_entry(values, k, 0), BITS);
  }
  proved = proved && set_gap(s, low, gap);
  arb_clear(low);
  arb_mat_clear(slopes);
  arb_mat_clear(values);
  arb_mat_clear(right);
  arb_mat_clear(weights);
  return proved;
}

/* ---- the search ---- */

static double value_at(search *s, const double *w) {
  set_leaves(s, w);
  const nd_enclosure *value = nd_encloser_root(s->slopes->encloser, 0);
  return value->defined ? nd_enclosure_high(value) : HUGE_VAL;
}

/* The largest power of two that parameter i can go without a rise of the loss by more than `gain`. */
static double way_of(search *s, size_t i, double gain) {
  int low = -1000, high = 1000;
  double moved[MOST], here = value_at(s, s->w);
  memcpy(moved, s->w, s->n * sizeof *moved);
  while (high - low > 1) {
    int middle = (low + high) / 2;
    moved[i] = s->w[i] + ldexp(1, middle);
    if (value_at(s, moved) - here <= gain)
      low = middle;
    else
      high = middle;
  }
  return ldexp(1, low);
}

/* What a parameter's distance is measured by: the way that it went. One that never moved from 0 is
 * measured by the way that raises the loss as much as the others' slopes would. */
static bool choose_units(search *s, const double *reach) {
  double gain = 0, moved[MOST];
  for (size_t i = 0; i < s->n; i++) {
    s->unit[i] = reach[i] > 0 ? reach[i] : fabs(s->w[i]);
    moved[i] = s->w[i] + FIRST * s->unit[i];
  }
  set_leaves(s, moved);
  for (size_t i = 0; i < s->n; i++) {
    double slope = fabs(nd_enclosure_high(nd_encloser_root(s->slopes->encloser, 1 + i)));
    if (s->unit[i] > 0) gain = fmax(gain, slope * s->unit[i]);
  }
  for (size_t i = 0; i < s->n; i++) {
    if (s->unit[i] == 0 && gain > 0) s->unit[i] = way_of(s, i, gain);
    if (!(s->unit[i] > 0) || !isfinite(s->unit[i])) return false;
  }
  return true;
}

bool nd_hull_gap(const nd_slopes *slopes, const double *w, const double *reach, double *gap) {
  search s = {.slopes = slopes, .w = w, .n = slopes->size};
  simplex one, two;
  double distance = FIRST;
  s.random = nd_random_stream(1, ND_FOR_START, 0, 0);
  if (s.n > MOST || !choose_units(&s, reach)) return false;
  for (int k = 0; k < DISTANCES; k++, distance *= FARTHER)
    if (surround_twice(&s, &one, &two, distance) && prove(&s, &one, &two, gap)) return true;
  return false;
}
