/* How far above its minimum the value of a convex formula can be at a point, which is given by
 * doubles: exact dyadic numbers, never a decimal printed and read back.
 *
 * Where f is convex and its Hessian is at least m, f(w) - inf f <= |g|^2 / (2 m): with a modulus of
 * the whole domain, or with one of a ball of radius r around w in it, if |g| < m r; then the minimum
 * lies in the ball, and so exists. The gradient is enclosed at ever more bits until its square is
 * sharp, and the result is rounded once, up. A quadratic's gap is so |g|^2/2m to the last digits.
 *
 * Within bounds inf f is that over the box, and g(y - w) is no less than -|p| |y - w| there, p the gradient without
 * the parts that lead out of a bound that w is on: the same holds with p in the place of g.
 *
 * Where no curvature bounds it, slopes around w may (hull.c).
 *
 * Costs two evaluations in balls of value and gradient, as a rule, and six Hessians over boxes at
 * most. Forbidden: a bound that rounding to nearest has touched. */
#include <math.h>
#include <string.h>

#include "base/dense.h"
#include "theory/hull_internal.h"
#include "theory/theory_internal.h"

enum { LEAST_BITS = 128, MOST_BITS = 4096, SHARP_BITS = 62, BOX_PARAMETERS = 8 };

static void slope_clear(nd_slopes *s) {
  nd_encloser_free(s->encloser);
  arf_clear(s->square);
}

static nadir_status slope_new(nd_slopes *s, const nd_question *q, nadir_error *error) {
  size_t n = q->parameter_count;
  *s = (nd_slopes){.size = n};
  arf_init(s->square);
  nd_node *roots = nd_new(1 + n, sizeof *roots, error);
  if (roots == NULL) return NADIR_NO_MEMORY;
  roots[0] = q->root;
  const nd_derivatives *d;
  nadir_status status =
      nd_derivatives_of(q->graph, q->root, q->parameters, n, 1, &d, error);
  if (status == NADIR_OK) memcpy(roots + 1, d->gradient, n * sizeof *roots);
  if (status == NADIR_OK)
    status =
        nd_encloser_new(&s->encloser, q->graph, roots, 1 + n, q->parameters, n, q->until, error);
  nd_free(roots);
  return status;
}

/* Whether the slope of a parameter that is on a bound leads out of it: then the value rises on every way
 * within. */
static bool leads_out(const nd_slopes *s, size_t i, const nd_enclosure *g) {
  if (s->held == NULL || s->held[i] == 0) return false;
  return s->held[i] < 0 ? arf_sgn(g->low) >= 0 : arf_sgn(g->high) <= 0;
}

/* The squared norm rounded to one side; false where an end is infinite. */
static bool square_of(const nd_slopes *s, bool up, arf_t sum) {
  arf_t end, other;
  arf_init(end);
  arf_init(other);
  arf_zero(sum);
  bool finite = true;
  arf_rnd_t rounding = ARF_RND_FLOOR;
  if (up) rounding = ARF_RND_CEIL;
  for (size_t i = 0; i < s->size && finite; i++) {
    const nd_enclosure *g = nd_encloser_root(s->encloser, 1 + i);
    finite = !g->nowhere && arf_is_finite(g->low) && arf_is_finite(g->high);
    if (finite && leads_out(s, i, g)) continue;
    arf_abs(end, g->low);
    arf_abs(other, g->high);
    bool first = (arf_cmp(end, other) > 0) == up;
    if (!up && arf_sgn(g->low) * arf_sgn(g->high) <= 0) continue;
    arf_set(end, first ? end : other);
    arf_mul(end, end, end, LEAST_BITS, rounding);
    arf_add(sum, sum, end, LEAST_BITS, rounding);
  }
  arf_clear(end);
  arf_clear(other);
  return finite;
}

/* Whether the upper end is within 2^-62 of the lower, or both are nothing. */
static bool is_sharp(const nd_slopes *s) {
  arf_t low, rest;
  arf_init(low);
  arf_init(rest);
  bool sharp = square_of(s, false, low);
  arf_sub(rest, s->square, low, LEAST_BITS, ARF_RND_UP);
  arf_mul_2exp_si(low, s->square, -SHARP_BITS);
  sharp = sharp && arf_cmp(rest, low) <= 0;
  arf_clear(low);
  arf_clear(rest);
  return sharp;
}

/* Encloses the gradient at w; false where there is none. */
static bool enclose_slope(nd_slopes *s, const double *w) {
  for (slong bits = LEAST_BITS; bits <= MOST_BITS; bits *= 2) {
    for (size_t i = 0; i < s->size; i++)
      nd_enclosure_set_double(nd_encloser_leaf(s->encloser, i), w[i]);
    nd_encloser_run(s->encloser, bits);
    const nd_enclosure *value = nd_encloser_root(s->encloser, 0);
    bool smooth = value->defined && value->smooth;
    if (smooth && square_of(s, true, s->square) && is_sharp(s)) return true;
    if (bits * 2 > MOST_BITS) return smooth && square_of(s, true, s->square);
  }
  return false;
}

/* ---- the bound ---- */

static void set_gap(const nd_slopes *s, double modulus, nd_gap *gap) {
  arf_t bound, twice;
  arf_init(bound);
  arf_init(twice);
  arf_set_d(twice, modulus);
  arf_mul_2exp_si(twice, twice, 1);
  arf_div(bound, s->square, twice, LEAST_BITS, ARF_RND_CEIL);
  gap->bound = arf_get_d(bound, ARF_RND_CEIL);
  gap->none = isfinite(gap->bound) ? NADIR_GAP_FOUND : NADIR_NO_GAP_TOO_LARGE;
  arf_clear(bound);
  arf_clear(twice);
}

/* |g| < m r */
static bool is_inside(const nd_slopes *s, double modulus, double r) {
  arf_t reach;
  arf_init(reach);
  arf_set_d(reach, modulus);
  arf_mul(reach, reach, reach, LEAST_BITS, ARF_RND_FLOOR);
  for (int i = 0; i < 2; i++) {
    arf_t side;
    arf_init(side);
    arf_set_d(side, r);
    arf_mul(reach, reach, side, LEAST_BITS, ARF_RND_FLOOR);
    arf_clear(side);
  }
  bool inside = modulus > 0 && arf_cmp(s->square, reach) < 0;
  arf_clear(reach);
  return inside;
}

/* The least curvature on the box of half-width r around w, not above 0 where none is proved: a kink
 * or a hole in the domain is no failure, there is no bound then. */
static nadir_status modulus_around(const nd_question *question, const double *w, double r,
                                   double *modulus, nadir_error *error) {
  size_t n = question->parameter_count;
  nd_fact facts[BOX_PARAMETERS];
  nd_curvature_bounds bounds;
  nd_question local = *question;
  nadir_error inner = {0};
  *modulus = -(double)INFINITY;
  for (size_t i = 0; i < n; i++) {
    facts[i].name = question->parameters[i];
    ND_TRY(nd_range_of_doubles(question->graph, nextafter(w[i] - r, -(double)INFINITY),
                               nextafter(w[i] + r, (double)INFINITY), &facts[i].range, error));
  }
  local.facts = facts;
  local.fact_count = n;
  nadir_status status = nd_curvature_on_box(&local, &bounds, &inner);
  if (status == NADIR_NO_MEMORY) return nd_fail(error, status, "proof: out of memory");
  if (status == NADIR_OK) *modulus = bounds.smallest[0];
  return NADIR_OK;
}

static nadir_status search_balls(const nd_question *question, const nd_slopes *s, const double *w,
                                 nd_gap *gap, nadir_error *error) {
  double scale = 1 + nd_norm(s->size, w), modulus;
  gap->none = NADIR_NO_GAP_FLAT_AROUND;
  if (s->size > BOX_PARAMETERS || !isfinite(scale)) return NADIR_OK;
  for (double r = 0.1 * scale; r > 1e-5 * scale; r /= 10) {
    ND_TRY(modulus_around(question, w, r, &modulus, error));
    if (!is_inside(s, modulus, r)) continue;
    gap->exists = true;
    set_gap(s, modulus, gap);
    return NADIR_OK;
  }
  return NADIR_OK;
}

static void by_slopes(const nd_verdict *verdict, const nd_slopes *s, const double *w,
                      const double *reach, nd_gap *gap) {
  if (reach == NULL || !nd_hull_gap(s, w, reach, &gap->bound)) return;
  gap->none = NADIR_GAP_FOUND;
  gap->exists = verdict->domain.everywhere;
}

nadir_status nd_gap_at(const nd_question *asked, const nd_verdict *verdict, const double *w,
                       const double *reach, const int *held, nd_gap *gap, nadir_error *error) {
  nd_slopes s;
  nd_until until = nd_question_until(asked);
  nd_question timed = *asked, *question = &timed;
  timed.until = &until;
  *gap = (nd_gap){.bound = (double)NAN, .none = NADIR_NO_GAP_NO_GRADIENT};
  if (!nd_all_finite(question->parameter_count, w)) return NADIR_OK;
  const nd_until *before = nd_graph_heed(question->graph, &until);
  nadir_status status = slope_new(&s, question, error);
  s.held = held;
  if (status == NADIR_OK && enclose_slope(&s, w)) {
    gap->exists = verdict->modulus > 0 && verdict->domain.everywhere;
    if (arf_is_zero(s.square))
      *gap = (nd_gap){.exists = true}; /* this is a minimum */
    else if (verdict->modulus > 0)
      set_gap(&s, verdict->modulus, gap);
    else
      status = search_balls(question, &s, w, gap, error);
  }
  if (status == NADIR_OK && (gap->none == NADIR_NO_GAP_NO_GRADIENT || gap->none == NADIR_NO_GAP_FLAT_AROUND))
    by_slopes(verdict, &s, w, reach, gap);
  if (gap->none != NADIR_GAP_FOUND && nd_is_over(&until)) gap->none = NADIR_NO_GAP_TIME;
  slope_clear(&s);
  nd_graph_heed(question->graph, before);
  nd_give_back();
  return status == NADIR_ENDED ? NADIR_OK : status;
}
