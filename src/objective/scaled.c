/* The same objective in coordinates of its own size: u_i = w_i / s_i, the loss in units of L0, by what
 * slopes and second derivatives say at the start (optim/scales.c). Rules of the first order measure
 * every parameter with one rate, so that in the table's own units a flux of 1e-17 next to a date of 2e6
 * decides where they go; in u they do the same whatever the units are.
 *
 * Costs a Hessian (or a product for each parameter) at the start, and O(n) an evaluation. */
#include "objective/objective.h"

enum { MOST_PARAMETERS = 4096 }; /* beyond, the diagonal is too dear */

typedef struct scaled_objective {
  nd_objective face, *of;
  const nd_scales *scales;
  size_t size;
  double *w, *v;      /* points and directions, as `of` has them */
  double *l1, *share; /* share: s_i^2 / L0, what a rate is multiplied by in w */
} scaled_objective;

static scaled_objective *self_of(const nd_objective *face) {
  return (scaled_objective *)(uintptr_t)face; /* the face is its first member, never const */
}

/* ---- measuring ---- */

nadir_status nd_scales_measure(nd_scales **scales, const nd_objective *objective, const double *w,
                               nadir_error *error) {
  const nadir_problem *problem = &objective->problem;
  size_t n = problem->size;
  double loss;
  *scales = NULL;
  if (n > MOST_PARAMETERS || !(problem->hessian || problem->hessian_vector)) return NADIR_OK;
  nd_scales *made = nd_new(1, sizeof *made, error);
  double *gradient = nd_new(2 * n, sizeof *gradient, error);
  if (made) made->parameter = nd_new(n, sizeof(double), error);
  nadir_status status = made && gradient && made->parameter ? NADIR_OK : NADIR_NO_MEMORY;
  if (status == NADIR_OK) status = problem->gradient(problem->context, w, &loss, gradient, error);
  if (status == NADIR_OK) status = nd_hessian_diagonal(problem, w, gradient + n, error);
  bool found = status == NADIR_OK &&
               nd_scales_find(n, loss, w, gradient, gradient + n, &made->loss, made->parameter);
  nd_free(gradient);
  if (found)
    *scales = made;
  else
    nd_scales_free(made);
  return status;
}

void nd_scales_free(nd_scales *scales) {
  if (scales == NULL) return;
  nd_free(scales->parameter);
  nd_free(scales);
}

/* ---- between the coordinates ---- */

void nd_scales_up(const nd_scales *scales, size_t n, const double *u, double *w) {
  for (size_t i = 0; i < n; i++)
    w[i] = u[i] * scales->parameter[i];
}

void nd_scales_down(const nd_scales *scales, size_t n, const double *w, double *u) {
  for (size_t i = 0; i < n; i++)
    u[i] = w[i] / scales->parameter[i];
}

/* Of a slope dL/dw: that of L / L0 by u. */
static void scale_slope(const scaled_objective *self, double *slope) {
  for (size_t i = 0; i < self->size; i++)
    slope[i] = slope[i] * self->scales->parameter[i] / self->scales->loss;
}

static const double *point(scaled_objective *self, const double *u) {
  nd_scales_up(self->scales, self->size, u, self->w);
  return self->w;
}

/* ---- the problem ---- */

static nadir_status value(void *context, const double *u, double *loss, nadir_error *error) {
  scaled_objective *self = context;
  const nadir_problem *of = &self->of->problem;
  ND_TRY(of->value(of->context, point(self, u), loss, error));
  *loss /= self->scales->loss;
  return NADIR_OK;
}

static nadir_status gradient(void *context, const double *u, double *loss, double *into,
                             nadir_error *error) {
  scaled_objective *self = context;
  const nadir_problem *of = &self->of->problem;
  ND_TRY(of->gradient(of->context, point(self, u), loss, into, error));
  *loss /= self->scales->loss;
  scale_slope(self, into);
  return NADIR_OK;
}

static nadir_status hessian(void *context, const double *u, double *into, nadir_error *error) {
  scaled_objective *self = context;
  const nadir_problem *of = &self->of->problem;
  const double *s = self->scales->parameter;
  size_t n = self->size;
  ND_TRY(of->hessian(of->context, point(self, u), into, error));
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      into[i * n + j] = s[i] * into[i * n + j] / self->scales->loss * s[j];
  return NADIR_OK;
}

static nadir_status hessian_vector(void *context, const double *u, const double *v, double *product,
                                   nadir_error *error) {
  scaled_objective *self = context;
  const nadir_problem *of = &self->of->problem;
  nd_scales_up(self->scales, self->size, v, self->v);
  ND_TRY(of->hessian_vector(of->context, point(self, u), self->v, product, error));
  scale_slope(self, product);
  return NADIR_OK;
}

/* ---- rows ---- */

static nadir_status batch(nd_objective *face, const nd_pick *picks, size_t count, const double *u,
                          double *loss, double *into, nadir_error *error) {
  scaled_objective *self = self_of(face);
  ND_TRY(self->of->batch(self->of, picks, count, point(self, u), loss, into, error));
  *loss /= self->scales->loss;
  scale_slope(self, into);
  return NADIR_OK;
}

/* In w the rates are those in u times s^2 / L0. */
static nadir_status descend(nd_objective *face, const nd_stretch *stretch, double *u,
                            size_t *updates, double *loss, double *into, double *step,
                            nadir_error *error) {
  scaled_objective *self = self_of(face);
  nd_stretch own = *stretch;
  size_t n = self->size;
  own.share = self->share;
  if (own.average) nd_scales_up(self->scales, n, own.average, own.average);
  nd_scales_up(self->scales, n, u, u);
  ND_TRY(self->of->descend(self->of, &own, u, updates, loss, into, step, error));
  nd_scales_down(self->scales, n, u, u);
  nd_scales_down(self->scales, n, step, step);
  for (size_t i = 0; i < n; i++)
    stretch->effective[i] /= self->share[i];
  if (own.average) nd_scales_down(self->scales, n, own.average, own.average);
  *loss /= self->scales->loss;
  scale_slope(self, into);
  return NADIR_OK;
}

static nadir_status validation(nd_objective *face, const double *u, double *loss,
                               nadir_error *error) {
  scaled_objective *self = self_of(face);
  ND_TRY(self->of->validation(self->of, point(self, u), loss, error));
  *loss /= self->scales->loss;
  return NADIR_OK;
}

/* ---- the face ---- */

static void to_table(const nd_objective *face, const double *u, double *table_w) {
  scaled_objective *self = self_of(face);
  self->of->to_table(self->of, point(self, u), table_w);
}

static double data_loss(const nd_objective *face, const double *u, double loss) {
  scaled_objective *self = self_of(face);
  double unit = self->scales->loss;
  return self->of->data_loss(self->of, point(self, u), loss * unit) / unit;
}

static void free_self(nd_objective *face) {
  scaled_objective *self = self_of(face);
  nd_free(self->w);
  nd_free(self);
}

static nadir_status fill_bounds(scaled_objective *self, nadir_error *error) {
  const nd_span *of = self->of->bounds;
  if (!of) return NADIR_OK;
  nd_span *bounds = nd_new(self->size, sizeof *bounds, error);
  self->face.bounds = bounds;
  if (!bounds) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < self->size; i++) {
    double s = self->scales->parameter[i];
    bounds[i] = (nd_span){of[i].low / s, of[i].high / s};
  }
  return NADIR_OK;
}

static void fill_problem(scaled_objective *self) {
  const nadir_problem *of = &self->of->problem;
  self->face.problem =
      (nadir_problem){.size = self->size,
                      .context = self,
                      .value = value,
                      .gradient = gradient,
                      .hessian = of->hessian ? hessian : NULL,
                      .hessian_vector = of->hessian_vector ? hessian_vector : NULL,
                      .go_on = nd_objective_go_on};
}

static void fill_face(scaled_objective *self) {
  const nd_objective *of = self->of;
  nd_objective *face = &self->face;
  face->free = free_self;
  face->rows = of->rows;
  face->block_rows = of->block_rows;
  face->blocks = of->blocks;
  face->loss_factor = of->loss_factor * self->scales->loss;
  face->l1 = of->l1 ? self->l1 : NULL;
  face->names = of->names;
  face->kinked = of->kinked;
  face->linear = of->linear;
  face->sum = of->sum;
  face->hessian_error = of->hessian_error;
  face->single = of->single;
  face->deadline = of->deadline;
  face->until = of->until;
  face->scales = self->scales;
  face->batch = of->batch ? batch : NULL;
  face->descend = of->descend ? descend : NULL;
  face->validation = of->validation ? validation : NULL;
  face->to_table = to_table;
  face->data_loss = of->data_loss ? data_loss : NULL;
}

nadir_status nd_objective_scaled(nd_objective **scaled, nd_objective *of, const nd_scales *scales,
                                 nadir_error *error) {
  size_t n = of->problem.size;
  *scaled = NULL;
  scaled_objective *self = nd_new(1, sizeof *self, error);
  if (self == NULL) return NADIR_NO_MEMORY;
  self->of = of;
  self->scales = scales;
  self->size = n;
  self->w = nd_new(4 * n, sizeof *self->w, error);
  if (self->w == NULL) {
    nd_free(self);
    return NADIR_NO_MEMORY;
  }
  self->v = self->w + n;
  self->l1 = self->v + n;
  self->share = self->l1 + n;
  for (size_t i = 0; i < n; i++) {
    double s = scales->parameter[i];
    self->l1[i] = of->l1 ? of->l1[i] * s / scales->loss : 0;
    self->share[i] = s / scales->loss * s;
  }
  fill_problem(self);
  fill_face(self);
  nadir_status status = fill_bounds(self, error);
  if (status == NADIR_OK)
    *scaled = &self->face;
  else
    nd_objective_free(&self->face);
  return status;
}
