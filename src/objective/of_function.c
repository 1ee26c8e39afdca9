/* The objective of a function of the caller's. What it leaves of the gradient is by central differences; a
 * Hessian that it does not give is by differences of gradients, or of values where there are none. A value
 * that is not a number is outside of the domain, not an error.
 *
 * The step of a difference goes with the size of its parameter: eps^(1/3) of it for slopes and eps^(1/4) for
 * second derivatives of values (Dennis, Schnabel 1983, Numerical Methods for Unconstrained Optimization and
 * Nonlinear Equations, 5.4). The size is |w|, or 1 near 0, unless values at the first point that needs one show
 * that it is not: sizes.c. Cost: 6 values per parameter, once, and more where 1 is not its size. */
#include <string.h>

#include "base/dense.h"
#include "objective/differences.h"
#include "objective/plain_internal.h"

typedef struct function_objective {
  nd_plain plain;
  nadir_function function;
  double *at, *on, *moved, *up, *down; /* points nearby, gradients there */
  double *whole;                       /* room for a Hessian, where it is given */
  nd_size *size;                       /* of each parameter */
  bool has_gradient;                   /* all of it */
  bool looked, sized;                  /* for a gradient, for sizes: where the value is a number */
} function_objective;

static double call(const function_objective *self, const double *w, double *gradient) {
  return self->function.value(self->function.context, w, gradient);
}

/* ---- what the function fills ---- */

static const uint64_t MARK = 0x7ff80000dead5eedu; /* a NaN that no arithmetic makes */

static bool is_left(const double *number) {
  return memcmp(number, &MARK, sizeof MARK) == 0;
}

/* The value, and the gradient with a mark in what is not filled. */
static double marked(const function_objective *self, const double *w, double *gradient) {
  for (size_t i = 0; i < self->plain.size; i++)
    memcpy(&gradient[i], &MARK, sizeof MARK);
  return call(self, w, gradient);
}

/* Outside of the domain it may return before it fills its gradient, which then says nothing. */
static void look_for_gradient(function_objective *self, double value, const double *gradient) {
  if (self->looked || !isfinite(value)) return;
  self->looked = self->has_gradient = true;
  for (size_t i = 0; i < self->plain.size; i++)
    self->has_gradient = self->has_gradient && !is_left(&gradient[i]);
  if (self->function.hessian == NULL)
    self->plain.face.hessian_error = self->has_gradient ? 1e-7 : 1e-4;
}

/* ---- differences ---- */

/* The line w + t direction: its values, and NaN once time is up. */
typedef struct line {
  function_objective *self;
  const double *w, *direction;
} line;

static double value_on(void *context, double t) {
  const line *l = context;
  double *at = l->self->on;
  if (nd_is_over(l->self->plain.face.until) != ND_GOES_ON) return (double)NAN;
  for (size_t i = 0; i < l->self->plain.size; i++)
    at[i] = l->w[i] + t * l->direction[i];
  return call(l->self, at, NULL);
}

/* Learns the sizes, where it can. */
static nadir_status find_sizes(function_objective *self, const double *w, nadir_error *error) {
  size_t size = self->plain.size;
  if (self->sized || !isfinite(call(self, w, NULL))) return NADIR_OK;
  double *direction = nd_new(size, sizeof *direction, error);
  nadir_status status = direction == NULL ? NADIR_NO_MEMORY : NADIR_OK;
  line l = {self, w, direction};
  for (size_t i = 0; i < size && status == NADIR_OK; i++) {
    direction[i] = 1;
    status = nd_find_size(&self->size[i], value_on, &l, w[i], self->plain.face.until, error);
    direction[i] = 0;
  }
  nd_free(direction);
  self->sized = status == NADIR_OK;
  return status;
}

/* The step at which rounding and curvature cost a central difference the same. */
static double step_at(const function_objective *self, const double *w, size_t i, double power) {
  volatile double moved = w[i] + nd_size_at(&self->size[i], w[i]) * pow(0x1p-52, power);
  return moved - w[i];
}

static double slope_of_values(function_objective *self, const double *w, size_t i) {
  double step = step_at(self, w, i, 1.0 / 3);
  self->moved[i] = w[i] + step;
  double up = call(self, self->moved, NULL);
  self->moved[i] = w[i] - step;
  double down = call(self, self->moved, NULL);
  self->moved[i] = w[i];
  return (up - down) / (2 * step);
}

/* Fills what the function left. */
static nadir_status complete(function_objective *self, const double *w, double *gradient,
                             nadir_error *error) {
  size_t size = self->plain.size, i = 0;
  while (i < size && !is_left(&gradient[i]))
    i++;
  if (i == size) return NADIR_OK;
  ND_TRY(find_sizes(self, w, error));
  memcpy(self->moved, w, size * sizeof *w);
  for (; i < size; i++) {
    if (!is_left(&gradient[i])) continue;
    ND_TRY(nd_go_on(self->plain.face.until, error));
    gradient[i] = slope_of_values(self, w, i);
  }
  return NADIR_OK;
}

static nadir_status function_value(void *context, const double *w, double *loss,
                                   nadir_error *error) {
  (void)error;
  function_objective *self = context;
  *loss = call(self, w, NULL) + nd_plain_penalty(&self->plain, w, NULL);
  return NADIR_OK;
}

/* Without penalties. Where there is no value there is no gradient. */
static nadir_status bare_gradient(function_objective *self, const double *w, double *loss,
                                  double *gradient, nadir_error *error) {
  *loss = marked(self, w, gradient);
  look_for_gradient(self, *loss, gradient);
  return isfinite(*loss) ? complete(self, w, gradient, error) : NADIR_OK;
}

static nadir_status function_gradient(void *context, const double *w, double *loss,
                                      double *gradient, nadir_error *error) {
  function_objective *self = context;
  ND_TRY(nd_go_on(self->plain.face.until, error));
  ND_TRY(bare_gradient(self, w, loss, gradient, error));
  *loss += nd_plain_penalty(&self->plain, w, gradient);
  return NADIR_OK;
}

/* Row i by the difference of the gradients on both sides. */
static nadir_status row_of_gradients(function_objective *self, const double *w, size_t i,
                                     double *row, nadir_error *error) {
  double step = step_at(self, w, i, 1.0 / 3);
  self->moved[i] = w[i] + step;
  marked(self, self->moved, self->up);
  self->moved[i] = w[i] - step;
  marked(self, self->moved, self->down);
  self->moved[i] = w[i];
  for (size_t j = 0; j < self->plain.size; j++)
    row[j] = (self->up[j] - self->down[j]) / (2 * step);
  return nd_go_on(self->plain.face.until, error);
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

static nadir_status row_of_values(function_objective *self, const double *w, size_t i, double *row,
                                  nadir_error *error) {
  double a = step_at(self, w, i, 0.25);
  for (size_t j = 0; j < self->plain.size; j++) {
    double b = step_at(self, w, j, 0.25);
    double same = corner(self, w, i, a, j, b) + corner(self, w, i, -a, j, -b);
    double other = corner(self, w, i, a, j, -b) + corner(self, w, i, -a, j, b);
    row[j] = (same - other) / (4 * a * b);
    ND_TRY(nd_go_on(self->plain.face.until, error));
  }
  return NADIR_OK;
}

/* Where it has not been seen yet whether a gradient is filled, w shows it. */
static nadir_status hessian_by_differences(function_objective *self, const double *w,
                                           double *hessian, nadir_error *error) {
  size_t size = self->plain.size;
  if (!self->looked) look_for_gradient(self, marked(self, w, self->up), self->up);
  ND_TRY(find_sizes(self, w, error));
  memcpy(self->moved, w, size * sizeof *w);
  for (size_t i = 0; i < size; i++)
    ND_TRY((self->has_gradient ? row_of_gradients : row_of_values)(self, w, i, hessian + i * size,
                                                                   error));
  return NADIR_OK;
}

static nadir_status function_hessian(void *context, const double *w, double *hessian,
                                     nadir_error *error) {
  function_objective *self = context;
  size_t size = self->plain.size;
  ND_TRY(nd_go_on(self->plain.face.until, error));
  if (self->function.hessian != NULL)
    self->function.hessian(self->function.context, w, hessian);
  else
    ND_TRY(hessian_by_differences(self, w, hessian, error));
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

/* How far along v the sizes go. */
static double length_along(const function_objective *self, const double *w, const double *v) {
  double sum = 0;
  for (size_t i = 0; i < self->plain.size; i++) {
    double part = v[i] / nd_size_at(&self->size[i], w[i]);
    sum += part * part;
  }
  return 1 / sqrt(sum);
}

/* The difference of two gradients along v, or of gradients that are themselves differences. */
static nadir_status product_by_differences(void *context, const double *w, const double *v,
                                           double *product, nadir_error *error) {
  function_objective *self = context;
  size_t size = self->plain.size;
  double loss, *at = self->at;
  for (size_t i = 0; i < size; i++)
    product[i] = 0;
  if (!(nd_norm(size, v) > 0)) return NADIR_OK;
  ND_TRY(find_sizes(self, w, error));
  double step = length_along(self, w, v) * pow(0x1p-52, self->has_gradient ? 1.0 / 3 : 0.25);
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

static nadir_status name_arguments(function_objective *self, nadir_error *error) {
  const char *const *names = self->function.names;
  for (size_t i = 0; i < self->plain.size; i++) {
    char name[ND_NUMBER_TEXT + 1] = "w";
    nd_format((double)(i + 1), name + 1);
    if (names != NULL && (names[i] == NULL || *names[i] == '\0'))
      return nd_fail(error, NADIR_BAD_FORMULA, "function: parameter %zu has no name: give it one",
                     i + 1);
    ND_TRY(nd_plain_name(&self->plain, i, names != NULL ? names[i] : name, error));
  }
  return NADIR_OK;
}

/* ---- the gradient against the values ---- */

/* The first look: the step of its line, what is no difference there, and the least change of a value that it sees. */
static const double GLANCE = 0x1p-17, ALIKE = 1e-3, SHOWN = 1e-6;

/* Of a size that was found: the function is known to be smooth there. */
static const double SHORT = 0x1p-10;

static bool is_usual(const function_objective *self) {
  for (size_t i = 0; i < self->plain.size; i++)
    if (self->size[i].absolute != 1 || self->size[i].relative != 1) return false;
  return true;
}

/* Where sizes were found, the steps go with them. Else with w, which goes so far along the direction, and where
 * that is below 1, with 1 too: what they do not agree on is not known. */
static nd_difference slope_along(function_objective *self, const double *w, const double *direction,
                                 double size) {
  line l = {self, w, direction};
  if (!is_usual(self))
    return nd_slope_at_zero(value_on, &l, SHORT * length_along(self, w, direction));
  nd_difference one = nd_slope_at_zero(value_on, &l, fmax(size, 1));
  if (!(size > 0 && size < 1)) return one;
  nd_difference other = nd_slope_at_zero(value_on, &l, size);
  nd_difference better = other.uncertainty < one.uncertainty ? other : one;
  double apart = fabs(one.slope - other.slope) - one.uncertainty - other.uncertainty;
  if (apart > 0) better.uncertainty += apart;
  return better;
}

/* Each parameter on its own. *wrong: the first whose gradient is contradicted, or SIZE_MAX. */
static nadir_status check_each(function_objective *self, const double *w, const double *gradient,
                               nd_difference *found, size_t *wrong, nadir_error *error) {
  size_t size = self->plain.size;
  *wrong = SIZE_MAX;
  ND_TRY(find_sizes(self, w, error));
  double *direction = nd_new(size, sizeof *direction, error);
  nadir_status status = direction == NULL ? NADIR_NO_MEMORY : NADIR_OK;
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
  bool usual = is_usual(self);
  double *direction = nd_new(size, sizeof *direction, error);
  if (direction == NULL) return NADIR_NO_MEMORY;
  memcpy(direction, gradient, size * sizeof *direction);
  *right = is_along(self, w, gradient, direction);
  for (size_t i = 0; i < size; i++) {
    double reach = usual ? fabs(w[i]) : nd_size_at(&self->size[i], w[i]);
    direction[i] = (i % 3 == 1 ? -1 : 1) * (reach > 0 ? reach : 1);
  }
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

/* A line that each parameter's share of the slope goes up on, by as much as the least of them where the digits of the
 * value show that: so no share hides another. */
static double *shared_line(function_objective *self, const double *w, double value,
                           const double *gradient) {
  size_t size = self->plain.size;
  double *direction = self->at, share = HUGE_VAL;
  for (size_t i = 0; i < size; i++) {
    direction[i] = w[i] != 0 ? fabs(w[i]) : 1;
    if (gradient[i] != 0) share = fmin(share, fabs(gradient[i]) * direction[i]);
  }
  share = fmax(share, SHOWN * fabs(value));
  for (size_t i = 0; i < size; i++)
    direction[i] = copysign(fmin(direction[i], share / fabs(gradient[i])), gradient[i]);
  return direction;
}

/* By two values. */
static bool is_right_at_first_sight(function_objective *self, const double *w, double value,
                                    const double *gradient, const double *direction) {
  line l = {self, w, direction};
  double up = value_on(&l, GLANCE), down = value_on(&l, -GLANCE), given = 0;
  double slope = (up - down) / (2 * GLANCE);
  double rounding = 0x1p-50 * fmax(fabs(value), fmax(fabs(up), fabs(down))) / GLANCE;
  for (size_t i = 0; i < self->plain.size; i++)
    given += gradient[i] * direction[i];
  return fabs(given - slope) <= ALIKE * fmax(fabs(given), fabs(slope)) + rounding;
}

static nadir_status is_right(function_objective *self, const double *w, double value,
                             const double *gradient, bool briefly, bool *right,
                             nadir_error *error) {
  if (!briefly) return is_right_along_lines(self, w, gradient, right, error);
  double *direction = shared_line(self, w, value, gradient);
  *right = is_right_at_first_sight(self, w, value, gradient, direction) ||
           is_along(self, w, gradient, direction);
  return nd_go_on(self->plain.face.until, error);
}

static nadir_status look_for_contradiction(nd_objective *face, const double *w, bool briefly,
                                           nd_wrong_gradient *wrong, nadir_error *error) {
  function_objective *self = (function_objective *)face;
  bool right = true;
  double *gradient = nd_new(self->plain.size, sizeof *gradient, error);
  if (gradient == NULL) return NADIR_NO_MEMORY;
  double value = marked(self, w, gradient);
  look_for_gradient(self, value, gradient);
  nadir_status status = NADIR_OK;
  if (self->has_gradient) status = is_right(self, w, value, gradient, briefly, &right, error);
  if (status == NADIR_OK && !right) status = name_wrong(self, w, gradient, wrong, error);
  nd_free(gradient);
  return status;
}

/* ---- making and freeing ---- */

static void free_function(nd_objective *face) {
  function_objective *self = (function_objective *)face;
  void *owned[] = {self->at, self->on, self->moved, self->up, self->down, self->whole, self->size};
  for (size_t i = 0; i < ND_COUNT(owned); i++)
    nd_free(owned[i]);
  nd_plain_clear(&self->plain);
  nd_free(self);
}

static nadir_status take_room(function_objective *self, nadir_error *error) {
  size_t size = self->plain.size;
  double **room[] = {&self->at, &self->on, &self->moved, &self->up, &self->down};
  for (size_t i = 0; i < ND_COUNT(room); i++)
    if ((*room[i] = nd_new(size, sizeof(double), error)) == NULL) return NADIR_NO_MEMORY;
  self->size = nd_new(size, sizeof *self->size, error);
  if (self->size == NULL) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < size; i++)
    self->size[i] = (nd_size){1, 1};
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
                      .hessian_vector = given ? product_by_hessian : product_by_differences,
                      .go_on = nd_objective_go_on};
  face->look_for_contradiction = look_for_contradiction;
  if (!given) face->hessian_error = 1e-4; /* until it is seen that gradients are given */
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
  size_t left = 0;
  *wrong = SIZE_MAX;
  marked(self, w, gradient);
  for (size_t i = 0; i < size; i++)
    left += is_left(&gradient[i]);
  if (left == size)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "function: it gives no gradient that could be checked");
  nd_difference *found = nd_new(size, sizeof *found, error);
  if (found == NULL) return NADIR_NO_MEMORY;
  nadir_status status = check_each(self, w, gradient, found, wrong, error);
  for (size_t i = 0; i < size && status == NADIR_OK; i++) {
    differences[i] = found[i].slope;
    uncertainty[i] = found[i].uncertainty;
  }
  nd_free(found);
  return status;
}
