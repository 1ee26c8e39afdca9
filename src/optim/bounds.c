/* Ranges of parameters. Rules of the first order step and are projected onto the box (the proximal step of
 * the box: Parikh, Boyd 2014). Methods that look at second derivatives, whose steps point elsewhere than the
 * gradient, would not always fall after that: they see the problem on the face of the box that w is on.
 *
 * Two-metric projection (D. P. Bertsekas 1982): the parameters that rest on a bound while their slope leads out
 * are held there for the update; over the others the problem is f(P(w)), P the projection onto their bounds.
 * For small steps along a direction of descent of the free parameters f(P(w)) falls, whatever the metric; a
 * parameter that crosses its bound stops on it, and is held in the next update. Where the slope of a held one
 * comes to lead inwards it is free again. At the end the slopes of all free ones are 0 and those of the held ones
 * lead out: the conditions of Karush, Kuhn and Tucker.
 *
 * Costs O(n) an evaluation, n^3 a triangle. */
#include "optim/bounds.h"

#include <math.h>
#include <string.h>

#include "base/dense.h"

struct nd_face {
  nadir_problem problem;
  const nadir_problem *of;
  const nd_span *bounds;
  size_t size;
  int *held;      /* by parameter, as nd_bound_holding */
  bool looked;
  const double *w; /* the point looked from: what is held stays as it is there */
  double *at, *v;
};

/* ---- one parameter ---- */

static double least_subgradient(double w, double g, double l1) {
  if (!(l1 > 0)) return g;
  if (w != 0) return g + copysign(l1, w);
  return fabs(g) <= l1 ? 0 : g - copysign(l1, g);
}

int nd_bound_holding(double w, double g, double l1, const nd_span *bound) {
  double slope = least_subgradient(w, g, l1);
  if (bound == NULL) return 0;
  if (w <= bound->low && slope > 0) return -1;
  return w >= bound->high && slope < 0 ? 1 : 0;
}

double nd_slope_left(double w, double g, double l1, const nd_span *bound) {
  return nd_bound_holding(w, g, l1, bound) ? 0 : least_subgradient(w, g, l1);
}

/* What is not a number stays so. */
static double within(const nd_span *bound, double w) {
  if (w < bound->low) return bound->low;
  return w > bound->high ? bound->high : w;
}

void nd_project(size_t size, const nd_span *bounds, double *w) {
  for (size_t i = 0; bounds && i < size; i++)
    w[i] = within(&bounds[i], w[i]);
}

bool nd_is_within(size_t size, const nd_span *bounds, const double *w) {
  for (size_t i = 0; bounds && i < size; i++)
    if (w[i] < bounds[i].low || w[i] > bounds[i].high) return false;
  return true;
}

/* ---- the face ---- */

void nd_face_mask(const nd_face *face, double *numbers) {
  for (size_t i = 0; i < face->size; i++)
    if (face->held[i]) numbers[i] = 0;
}

void nd_face_project(const nd_face *face, double *w) {
  for (size_t i = 0; i < face->size; i++)
    w[i] = face->held[i] ? face->w[i] : within(&face->bounds[i], w[i]);
}

static const double *point(nd_face *face, const double *w) {
  memcpy(face->at, w, face->size * sizeof *w);
  nd_face_project(face, face->at);
  return face->at;
}

/* The slope of f(P(w)): none along what is held, or beyond its bound. */
static void mask_slope(const nd_face *face, const double *w, double *slope) {
  for (size_t i = 0; i < face->size; i++)
    if (face->held[i] || w[i] < face->bounds[i].low || w[i] > face->bounds[i].high) slope[i] = 0;
}

static nadir_status value(void *context, const double *w, double *loss, nadir_error *error) {
  nd_face *face = context;
  return face->of->value(face->of->context, point(face, w), loss, error);
}

static nadir_status gradient(void *context, const double *w, double *loss, double *into,
                             nadir_error *error) {
  nd_face *face = context;
  ND_TRY(face->of->gradient(face->of->context, point(face, w), loss, into, error));
  mask_slope(face, w, into);
  return NADIR_OK;
}

/* What is held is a parameter of its own, at rest: a row of the unit matrix. */
static nadir_status hessian(void *context, const double *w, double *into, nadir_error *error) {
  nd_face *face = context;
  size_t n = face->size;
  ND_TRY(face->of->hessian(face->of->context, point(face, w), into, error));
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < n; k++)
      if (face->held[i] || face->held[k]) into[i * n + k] = i == k ? 1 : 0;
  return NADIR_OK;
}

static nadir_status hessian_vector(void *context, const double *w, const double *v, double *product,
                                   nadir_error *error) {
  nd_face *face = context;
  memcpy(face->v, v, face->size * sizeof *v);
  nd_face_mask(face, face->v);
  ND_TRY(face->of->hessian_vector(face->of->context, point(face, w), face->v, product, error));
  for (size_t i = 0; i < face->size; i++)
    if (face->held[i]) product[i] = v[i];
  return NADIR_OK;
}

/* Without the columns of what is held the triangle is none any more: its rows are folded again. */
static nadir_status factor(void *context, const double *w, double *triangle, nadir_error *error) {
  nd_face *face = context;
  size_t n = face->size, width = n + 1;
  bool any = false;
  ND_TRY(face->of->factor(face->of->context, point(face, w), triangle, error));
  for (size_t i = 0; i < n; i++)
    any |= face->held[i] != 0;
  if (!any || !nd_all_finite(width * width, triangle)) return NADIR_OK;
  double *rows = nd_new(width * width, sizeof *rows, error);
  if (!rows) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < width; i++)
    for (size_t k = 0; k < width; k++)
      rows[i * width + k] = k < n && face->held[k] ? 0 : triangle[i * width + k];
  memset(triangle, 0, width * width * sizeof *triangle);
  nd_qr_fold(width, triangle, width, rows);
  nd_free(rows);
  return NADIR_OK;
}

static nadir_status rounding(void *context, const double *w, double loss, double *into,
                             nadir_error *error) {
  nd_face *face = context;
  return face->of->rounding(face->of->context, point(face, w), loss, into, error);
}

static nadir_status go_on(void *context, nadir_error *error) {
  const nd_face *face = context;
  return face->of->go_on(face->of->context, error);
}

static void fill_problem(nd_face *face) {
  const nadir_problem *of = face->of;
  face->problem = (nadir_problem){.size = face->size,
                                  .context = face,
                                  .value = of->value ? value : NULL,
                                  .gradient = of->gradient ? gradient : NULL,
                                  .hessian = of->hessian ? hessian : NULL,
                                  .hessian_vector = of->hessian_vector ? hessian_vector : NULL,
                                  .factor = of->factor ? factor : NULL,
                                  .squares = of->squares,
                                  .rounding = of->rounding ? rounding : NULL,
                                  .go_on = of->go_on ? go_on : NULL,
                                  .epoch_updates = of->epoch_updates,
                                  .batch_share = of->batch_share,
                                  .scaled = of->scaled};
}

bool nd_face_look(nd_face *face, const nadir_problem *of, const double *w, const double *gradient_at,
                  const double *l1) {
  bool changed = false;
  face->of = of;
  face->w = w;
  fill_problem(face);
  for (size_t i = 0; i < face->size; i++) {
    int held = nd_bound_holding(w[i], gradient_at[i], l1 ? l1[i] : 0, &face->bounds[i]);
    changed |= held != face->held[i];
    face->held[i] = held;
  }
  changed &= face->looked;
  face->looked = true;
  return changed;
}

size_t nd_face_state_size(const nd_face *face) {
  return face->size + 1;
}

void nd_face_state_get(const nd_face *face, double *state) {
  for (size_t i = 0; i < face->size; i++)
    state[i] = face->held[i];
  state[face->size] = face->looked;
}

void nd_face_state_set(nd_face *face, const double *state) {
  for (size_t i = 0; i < face->size; i++)
    face->held[i] = state[i] < 0 ? -1 : state[i] > 0;
  face->looked = state[face->size] != 0;
}

const nadir_problem *nd_face_problem(const nd_face *face) {
  return &face->problem;
}

nadir_status nd_face_new(nd_face **face, size_t size, const nd_span *bounds, nadir_error *error) {
  nd_face *made = *face = nd_new(1, sizeof *made, error);
  if (!made) return NADIR_NO_MEMORY;
  made->size = size;
  made->bounds = bounds;
  made->held = nd_new(size, sizeof *made->held, error);
  made->at = nd_new(size, sizeof *made->at, error);
  made->v = nd_new(size, sizeof *made->v, error);
  if (made->held && made->at && made->v) return NADIR_OK;
  nd_face_free(made);
  *face = NULL;
  return NADIR_NO_MEMORY;
}

void nd_face_free(nd_face *face) {
  if (!face) return;
  nd_free(face->held);
  nd_free(face->at);
  nd_free(face->v);
  nd_free(face);
}
