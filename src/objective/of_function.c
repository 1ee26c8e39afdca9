/* The objective of a function of the caller's. Where it fills no gradient, that is by central differences; a
 * Hessian that it does not give is by differences of gradients, or of values where there are none. A value
 * that is not a number is outside of the domain, not an error. */
#include <string.h>

#include "base/dense.h"
#include "objective/differences.h"
#include "objective/plain_internal.h"

typedef struct function_objective {
  nd_plain plain;
  nadir_function function;
  double *at, *moved, *up, *down; /* points nearby, gradients there */
  double *whole;                  /* room for a Hessian, where it is given */
  bool has_gradient;
} function_objective;

static double call(const function_objective *self, const double *w, double *gradient) {
  return self->function.value(self->function.context, w, gradient);
}

/* The step at which rounding and curvature cost a central difference of values the same. */
static double step_at(double w, double power) {
  volatile double size = fabs(w) > 1 ? fabs(w) : 1, moved = w + size * pow(0x1p-52, power);
  return moved - w;
}

static void gradient_by_differences(function_objective *self, const double *w, double *gradient) {
  memcpy(self->moved, w, self->plain.size * sizeof *w);
  for (size_t i = 0; i < self->plain.size; i++) {
    double step = step_at(w[i], 1.0 / 3);
    self->moved[i] = w[i] + step;
    double up = call(self, self->moved, NULL);
    self->moved[i] = w[i] - step;
    gradient[i] = (up - call(self, self->moved, NULL)) / (2 * step);
    self->moved[i] = w[i];
  }
}

static nadir_status function_value(void *context, const double *w, double *loss,
                                   nadir_error *error) {
  (void)error;
  function_objective *self = context;
  *loss = call(self, w, NULL) + nd_plain_penalty(&self->plain, w, NULL);
  return NADIR_OK;
}

static nadir_status function_gradient(void *context, const double *w, double *loss,
                                      double *gradient, nadir_error *error) {
  function_objective *self = context;
  ND_TRY(nd_go_on(self->plain.face.until, error));
  *loss = call(self, w, self->has_gradient ? gradient : NULL);
  if (!self->has_gradient) gradient_by_differences(self, w, gradient);
  *loss += nd_plain_penalty(&self->plain, w, gradient);
  return NADIR_OK;
}

/* Row i by the difference of the gradients on both sides. */
static void row_of_gradients(function_objective *self, const double *w, size_t i, double *row) {
  double step = step_at(w[i], 1.0 / 3);
  self->moved[i] = w[i] + step;
  call(self, self->moved, self->up);
  self->moved[i] = w[i] - step;
  call(self, self->moved, self->down);
  self->moved[i] = w[i];
  for (size_t j = 0; j < self->plain.size; j++)
    row[j] = (self->up[j] - self->down[j]) / (2 * step);
}

static double corner(function_objective *self, const double *w, size_t i, double di, size_t j,
                     double dj) {
  self->moved[i] = w[i] + di;
  self->moved[j] += dj;
  double value = call(self, self->moved, NULL);
  self->moved[i] = w[i];
  self->moved[j] = w[j];
  return value;
}

static void row_of_values(function_objective *self, const double *w, size_t i, double *row) {
  double a = step_at(w[i], 0.25);
  for (size_t j = 0; j < self->plain.size; j++) {
    double b = step_at(w[j], 0.25);
    double same = corner(self, w, i, a, j, b) + corner(self, w, i, -a, j, -b);
    double other = corner(self, w, i, a, j, -b) + corner(self, w, i, -a, j, b);
    row[j] = (same - other) / (4 * a * b);
  }
}

static void hessian_by_differences(function_objective *self, const double *w, double *hessian) {
  size_t size = self->plain.size;
  memcpy(self->moved, w, size * sizeof *w);
  for (size_t i = 0; i < size; i++)
    (self->has_gradient ? row_of_gradients : row_of_values)(self, w, i, hessian + i * size);
}

static nadir_status function_hessian(void *context, const double *w, double *hessian,
                                     nadir_error *error) {
  (void)error;
  function_objective *self = context;
  size_t size = self->plain.size;
  if (self->function.hessian != NULL)
    self->function.hessian(self->function.context, w, hessian);
  else
    hessian_by_differences(self, w, hessian);
  for (size_t i = 0; i < size; i++)
    for (size_t j = 0; j < i; j++)
      hessian[i * size + j] = hessian[j * size + i] =
          (hessian[i * size + j] + hessian[j * size + i]) / 2;
  for (size_t i = 0; i < size && self->plain.ridge != NULL; i++)
    hessian[i * size + i] += self->plain.ridge[i];
  return NADIR_OK;
}

static nadir_status product_by_hessian(void *context, const double *w, const double *v,
                                       double *product, nadir_error *error) {
  function_objective *self = context;
  size_t size = self->plain.size;
  ND_TRY(function_hessian(self, w, self->whole, error));
  for (size_t i = 0; i < size; i++) {
    product[i] = 0;
    for (size_t j = 0; j < size; j++)
      product[i] += self->whole[i * size + j] * v[j];
  }
  return NADIR_OK;
}

/* The difference of two gradients along v, or of gradients that are themselves differences. */
static nadir_status product_by_differences(void *context, const double *w, const double *v,
                                           double *product, nadir_error *error) {
  function_objective *self = context;
  size_t size = self->plain.size;
  double norm = nd_norm(size, v), scale = nd_norm(size, w), loss;
  double *at = self->at;
  for (size_t i = 0; i < size; i++)
    product[i] = 0;
  if (!(norm > 0)) return NADIR_OK;
  double step = (scale > 1 ? scale : 1) * pow(0x1p-52, self->has_gradient ? 1.0 / 3 : 0.25) / norm;
  for (size_t i = 0; i < size; i++)
    at[i] = w[i] + step * v[i];
  ND_TRY(function_gradient(self, at, &loss, self->up, error));
  for (size_t i = 0; i < size; i++)
    at[i] = w[i] - step * v[i];
  ND_TRY(function_gradient(self, at, &loss, self->down, error));
  for (size_t i = 0; i < size; i++)
    product[i] = (self->up[i] - self->down[i]) / (2 * step);
  return NADIR_OK;
}

/* Whether the callback fills a gradient: it is offered one full of a mark. */
static void look_for_gradient(function_objective *self) {
  uint64_t mark = 0x7ff80000dead5eedu;
  for (size_t i = 0; i < self->plain.size; i++) {
    self->moved[i] = 0;
    memcpy(&self->up[i], &mark, sizeof mark);
  }
  call(self, self->moved, self->up);
  for (size_t i = 0; i < self->plain.size; i++)
    if (memcmp(&self->up[i], &mark, sizeof mark) != 0) self->has_gradient = true;
}

static nadir_status name_arguments(function_objective *self, nadir_error *error) {
  for (size_t i = 0; i < self->plain.size; i++) {
    char name[ND_NUMBER_TEXT + 1] = "w";
    nd_format((double)(i + 1), name + 1);
    ND_TRY(nd_plain_name(&self->plain, i,
                         self->function.names != NULL ? self->function.names[i] : name, error));
  }
  return NADIR_OK;
}

/* ---- the gradient against the values ---- */

/* The line w + t direction. */
typedef struct line {
  function_objective *self;
  const double *w, *direction;
} line;

static double value_on(void *context, double t) {
  const line *l = context;
  double *at = l->self->at;
  for (size_t i = 0; i < l->self->plain.size; i++)
    at[i] = l->w[i] + t * l->direction[i];
  return call(l->self, at, NULL);
}

/* With steps of the size of w and, where that is not 1, of 1: what they do not agree on is not known. */
static nd_difference slope_along(function_objective *self, const double *w, const double *direction,
                                 double size) {
  line l = {self, w, direction};
  nd_difference one = nd_slope_at_zero(value_on, &l, fmax(size, 1));
  if (!(size > 0 && size < 1)) return one;
  nd_difference other = nd_slope_at_zero(value_on, &l, size);
  nd_difference better = other.uncertainty < one.uncertainty ? other : one;
  double apart = fabs(one.slope - other.slope) - one.uncertainty - other.uncertainty;
  if (apart > 0) better.uncertainty += apart;
  return better;
}

/* Each parameter by itself. *wrong: the first whose gradient is contradicted, or SIZE_MAX. */
static nadir_status check_each(function_objective *self, const double *w, const double *gradient,
                               nd_difference *found, size_t *wrong, nadir_error *error) {
  size_t size = self->plain.size;
  double *direction = nd_new(size, sizeof *direction, error);
  nadir_status status = direction == NULL ? NADIR_NO_MEMORY : NADIR_OK;
  *wrong = SIZE_MAX;
  for (size_t i = 0; i < size && status == NADIR_OK; i++) {
    direction[i] = 1;
    found[i] = slope_along(self, w, direction, fabs(w[i]));
    direction[i] = 0;
    if (*wrong == SIZE_MAX && nd_contradicts(gradient[i], found[i])) *wrong = i;
    status = nd_go_on(self->plain.face.until, error);
  }
  nd_free(direction);
  return status;
}

static bool is_along(function_objective *self, const double *w, const double *gradient,
                     double *direction) {
  size_t size = self->plain.size;
  double norm = nd_norm(size, direction), given = 0;
  if (!(norm > 0)) return true;
  for (size_t i = 0; i < size; i++) {
    direction[i] /= norm;
    given += gradient[i] * direction[i];
  }
  return !nd_contradicts(given, slope_along(self, w, direction, nd_norm(size, w)));
}

/* Along the gradient, and along a line that goes a little way into each parameter. */
static nadir_status is_right_along_lines(function_objective *self, const double *w,
                                         const double *gradient, bool *right, nadir_error *error) {
  size_t size = self->plain.size;
  double *direction = nd_new(size, sizeof *direction, error);
  if (direction == NULL) return NADIR_NO_MEMORY;
  memcpy(direction, gradient, size * sizeof *direction);
  *right = is_along(self, w, gradient, direction);
  for (size_t i = 0; i < size; i++)
    direction[i] = (i % 3 == 1 ? -1 : 1) * (w[i] != 0 ? fabs(w[i]) : 1);
  *right = *right && is_along(self, w, gradient, direction);
  nd_free(direction);
  return nd_go_on(self->plain.face.until, error);
}

static nadir_status name_wrong(function_objective *self, const double *w, const double *gradient,
                               nd_wrong_gradient *wrong, nadir_error *error) {
  nd_difference *found = nd_new(self->plain.size, sizeof *found, error);
  if (found == NULL) return NADIR_NO_MEMORY;
  size_t at;
  nadir_status status = check_each(self, w, gradient, found, &at, error);
  if (status == NADIR_OK && at != SIZE_MAX)
    *wrong = (nd_wrong_gradient){true, at, gradient[at], found[at].slope};
  nd_free(found);
  return status;
}

static nadir_status look_for_contradiction(nd_objective *face, const double *w,
                                           nd_wrong_gradient *wrong, nadir_error *error) {
  function_objective *self = (function_objective *)face;
  bool right = true;
  double *gradient = nd_new(self->plain.size, sizeof *gradient, error);
  if (gradient == NULL) return NADIR_NO_MEMORY;
  call(self, w, gradient);
  nadir_status status = is_right_along_lines(self, w, gradient, &right, error);
  if (status == NADIR_OK && !right) status = name_wrong(self, w, gradient, wrong, error);
  nd_free(gradient);
  return status;
}

/* ---- making and freeing ---- */

static void free_function(nd_objective *face) {
  function_objective *self = (function_objective *)face;
  void *owned[] = {self->at, self->moved, self->up, self->down, self->whole};
  for (size_t i = 0; i < ND_COUNT(owned); i++)
    nd_free(owned[i]);
  nd_plain_clear(&self->plain);
  nd_free(self);
}

static nadir_status take_room(function_objective *self, nadir_error *error) {
  size_t size = self->plain.size;
  double **room[] = {&self->at, &self->moved, &self->up, &self->down};
  for (size_t i = 0; i < ND_COUNT(room); i++)
    if ((*room[i] = nd_new(size, sizeof(double), error)) == NULL) return NADIR_NO_MEMORY;
  if (self->function.hessian == NULL) return NADIR_OK;
  size_t cells;
  if (!nd_multiply(size, size, &cells)) cells = SIZE_MAX;
  self->whole = nd_new(cells, sizeof(double), error);
  return self->whole == NULL ? NADIR_NO_MEMORY : NADIR_OK;
}

static nadir_status take_function(function_objective *self, nadir_error *error) {
  size_t size = self->plain.size;
  bool given = self->function.hessian != NULL;
  nd_objective *face = &self->plain.face;
  ND_TRY(take_room(self, error));
  face->problem =
      (nadir_problem){.size = size,
                      .context = self,
                      .value = function_value,
                      .gradient = function_gradient,
                      .hessian = given || size <= ND_MOST_SYMBOLIC ? function_hessian : NULL,
                      .hessian_vector = given ? product_by_hessian : product_by_differences};
  look_for_gradient(self);
  face->hessian_error = given ? 0 : self->has_gradient ? 1e-7 : 1e-4;
  if (self->has_gradient) face->look_for_contradiction = look_for_contradiction;
  return name_arguments(self, error);
}

static nadir_status check_function(const nadir_function *function, nadir_error *error) {
  ND_TRY(nd_check_bytes("nadir_function", function->bytes, sizeof *function, error));
  if (function->size > 0 && function->value != NULL) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_FORMULA,
                 "function: it needs at least one parameter and a value function");
}

nadir_status nd_objective_of_function(nd_objective **objective, const nadir_function *function,
                                      const nadir_settings *settings, nadir_error *error) {
  *objective = NULL;
  ND_TRY(check_function(function, error));
  function_objective *self = nd_new(1, sizeof *self, error);
  if (self == NULL) return NADIR_NO_MEMORY;
  self->function = *function;
  self->plain.face.free = free_function;
  nadir_status status = nd_plain_begin(&self->plain, function->size, error);
  if (status == NADIR_OK) status = take_function(self, error);
  return nd_plain_finish(&self->plain, status, settings, objective, error);
}

nadir_status nd_function_hessian(nd_objective *objective, const double *w, double *hessian,
                                 nadir_error *error) {
  return function_hessian(objective, w, hessian, error); /* the face is its first member */
}

nadir_status nd_function_check(nd_objective *objective, const double *w, double *gradient,
                               double *differences, double *uncertainty, size_t *wrong,
                               nadir_error *error) {
  function_objective *self = (function_objective *)objective;
  size_t size = self->plain.size;
  *wrong = SIZE_MAX;
  if (!self->has_gradient)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "function: it gives no gradient that could be checked");
  nd_difference *found = nd_new(size, sizeof *found, error);
  if (found == NULL) return NADIR_NO_MEMORY;
  call(self, w, gradient);
  nadir_status status = check_each(self, w, gradient, found, wrong, error);
  for (size_t i = 0; i < size && status == NADIR_OK; i++) {
    differences[i] = found[i].slope;
    uncertainty[i] = found[i].uncertainty;
  }
  nd_free(found);
  return status;
}
