/* lbfgs: known hard functions (J. J. More, B. S. Garbow, K. E. Hillstrom 1981, "Testing
 * unconstrained optimization software") with and without second derivatives, many parameters, units
 * that are powers of two, and the step that its line search takes. */
#include <stdlib.h>

#include "optim/search_internal.h"
#include "problems.h"

/* w = 2^unit x, loss 2^lift f(x); counts its passes. */
typedef struct hard {
  const char *name;
  size_t size;
  double start[4], least; /* the lowest value of f */
  double (*at)(const double *x, double *g, double *h);
  int unit[4], lift;
  uint64_t passes;
} hard;

static double rosenbrock(const double *x, double *g, double *h) {
  double a = 10 * (x[1] - x[0] * x[0]), b = 1 - x[0];
  g[0] = -40 * x[0] * a - 2 * b, g[1] = 20 * a;
  h[0] = 800 * x[0] * x[0] - 40 * a + 2, h[1] = h[2] = -400 * x[0], h[3] = 200;
  return a * a + b * b;
}

static double brown(const double *x, double *g, double *h) {
  double a = x[0] - 1e6, b = x[1] - 2e-6, c = x[0] * x[1] - 2;
  g[0] = 2 * a + 2 * c * x[1], g[1] = 2 * b + 2 * c * x[0];
  h[0] = 2 + 2 * x[1] * x[1], h[3] = 2 + 2 * x[0] * x[0], h[1] = h[2] = 4 * x[0] * x[1] - 4;
  return a * a + b * b + c * c;
}

static double powell(const double *x, double *g, double *h) {
  double a = x[0] + 10 * x[1], b = x[2] - x[3], c = x[1] - 2 * x[2], d = x[0] - x[3];
  g[0] = 2 * a + 40 * d * d * d, g[1] = 20 * a + 4 * c * c * c;
  g[2] = 10 * b - 8 * c * c * c, g[3] = -10 * b - 40 * d * d * d;
  memset(h, 0, 16 * sizeof *h);
  h[0] = 2 + 120 * d * d, h[5] = 200 + 12 * c * c, h[10] = 10 + 48 * c * c;
  h[15] = 10 + 120 * d * d;
  return a * a + 5 * b * b + c * c * c * c + 10 * d * d * d * d;
}

static double wood(const double *x, double *g, double *h) {
  double a = x[1] - x[0] * x[0], b = 1 - x[0], c = x[3] - x[2] * x[2], d = 1 - x[2];
  double e = x[1] + x[3] - 2, f = x[1] - x[3];
  g[0] = -400 * a * x[0] - 2 * b, g[1] = 200 * a + 20 * e + 0.2 * f;
  g[2] = -360 * c * x[2] - 2 * d, g[3] = 180 * c + 20 * e - 0.2 * f;
  memset(h, 0, 16 * sizeof *h);
  h[0] = 1200 * x[0] * x[0] - 400 * x[1] + 2, h[5] = 220.2;
  h[10] = 1080 * x[2] * x[2] - 360 * x[3] + 2, h[15] = 200.2;
  return 100 * a * a + b * b + 90 * c * c + d * d + 10 * e * e + 0.1 * f * f;
}

static double beale(const double *x, double *g, double *h) {
  static const double y[] = {1.5, 2.25, 2.625};
  double sum = 0, power = 1;
  g[0] = g[1] = 0, memset(h, 0, 4 * sizeof *h);
  for (int i = 0; i < 3; i++) {
    double slope = (i + 1) * power, bend = i ? (i + 1) * i * (i == 1 ? 1 : x[1]) : 0;
    power *= x[1];
    double r = y[i] - x[0] * (1 - power), a = power - 1, b = x[0] * slope;
    sum += r * r, g[0] += 2 * r * a, g[1] += 2 * r * b;
    h[0] += 2 * a * a, h[3] += 2 * (b * b + r * x[0] * bend), h[1] += 2 * (a * b + r * slope);
  }
  h[2] = h[1];
  return sum;
}

static const hard all[] = {
    {"rosenbrock", 2, {-1.2, 1}, 0, rosenbrock, {0}, 0, 0},
    {"brown badly scaled", 2, {1, 1}, 0, brown, {0}, 0, 0},
    {"powell singular", 4, {3, -1, 0, 1}, 0, powell, {0}, 0, 0},
    {"wood", 4, {-3, -1, -3, -1}, 0, wood, {0}, 0, 0},
    {"beale", 2, {1, 0.8}, 0, beale, {0}, 0, 0},
};

static nadir_status gradient_of(void *context, const double *w, double *loss, double *gradient,
                                nadir_error *error) {
  (void)error;
  hard *self = context;
  double x[4], h[16];
  for (size_t i = 0; i < self->size; i++)
    x[i] = ldexp(w[i], -self->unit[i]);
  *loss = ldexp(self->at(x, gradient, h), self->lift);
  for (size_t i = 0; i < self->size; i++)
    gradient[i] = ldexp(gradient[i], self->lift - self->unit[i]);
  self->passes++;
  return NADIR_OK;
}

static nadir_status value_of(void *context, const double *w, double *loss, nadir_error *error) {
  double gradient[4];
  return gradient_of(context, w, loss, gradient, error);
}

static nadir_status hessian_of(void *context, const double *w, double *hessian,
                               nadir_error *error) {
  (void)error;
  const hard *self = context;
  double x[4], g[4];
  for (size_t i = 0; i < self->size; i++)
    x[i] = ldexp(w[i], -self->unit[i]);
  self->at(x, g, hessian);
  for (size_t i = 0; i < self->size; i++)
    for (size_t j = 0; j < self->size; j++)
      hessian[i * self->size + j] =
          ldexp(hessian[i * self->size + j], self->lift - self->unit[i] - self->unit[j]);
  return NADIR_OK;
}

/* As the descent does it: a gradient that the method has is not asked for again. */
static double descend(hard *self, bool second, int updates, double *w, double *left) {
  nadir_problem problem = {.size = self->size,
                           .context = self,
                           .value = value_of,
                           .gradient = gradient_of,
                           .hessian = second ? hessian_of : NULL};
  nd_method *method = method_of(rule_named("lbfgs"), self->size);
  double gradient[4], loss;
  for (size_t i = 0; i < self->size; i++)
    w[i] = ldexp(self->start[i], self->unit[i]);
  gradient_of(self, w, &loss, gradient, NULL);
  for (int t = 0; t < updates; t++) {
    advance(method, 1, loss, gradient, &problem, w);
    const double *known = nd_method_gradient(method, &loss);
    if (known) memcpy(gradient, known, self->size * sizeof *gradient);
    if (!known) gradient_of(self, w, &loss, gradient, NULL);
  }
  *left = nd_method_left(method);
  nd_method_free(method);
  return loss;
}

static void hard_functions_are_solved(void **state) {
  (void)state;
  for (size_t k = 0; k < ND_COUNT(all); k++)
    for (int second = 0; second < 2; second++) {
      hard self = all[k];
      double w[4], left, loss = descend(&self, second, 120, w, &left);
      if (!(loss - self.least <= 1e-12)) /* of falls of 0.1 to 1e12 */
        fail_msg("%s%s: %g", self.name, second ? "" : ", gradient only", loss);
      if (!(isnan(left) || left <= 1e-10)) fail_msg("%s: left %g", self.name, left);
      if (!(self.passes <= 200)) fail_msg("%s: %d passes", self.name, (int)self.passes);
    }
}

static void a_unit_changes_no_bit(void **state) {
  (void)state;
  static const int units[][4] = {{60, -60, 17, 1}, {-41, -40, 39, -60}, {3, 0, 0, -1}};
  for (size_t k = 0; k < ND_COUNT(all); k++)
    for (size_t u = 0; u < ND_COUNT(units); u++)
      for (int lift = -60; lift <= 60; lift += 40) {
        hard plain = all[k], scaled = all[k];
        double w[4], v[4], left[2];
        memcpy(scaled.unit, units[u], sizeof scaled.unit);
        scaled.lift = lift;
        descend(&plain, true, 25, w, &left[0]);
        descend(&scaled, true, 25, v, &left[1]);
        if (plain.passes != scaled.passes)
          fail_msg("%s: %d passes for %d", plain.name, (int)scaled.passes, (int)plain.passes);
        for (size_t i = 0; i < plain.size; i++)
          if (v[i] != ldexp(w[i], units[u][i]))
            fail_msg("%s: %.17g for %.17g", plain.name, ldexp(v[i], -units[u][i]), w[i]);
        assert_true(left[1] == ldexp(left[0], lift) || (isnan(left[0]) && isnan(left[1])));
      }
}

/* Without second derivatives a unit that all parameters share, and that of the loss. */
static void a_shared_unit_needs_no_second_derivatives(void **state) {
  (void)state;
  for (size_t k = 0; k < ND_COUNT(all); k++) {
    hard plain = all[k], scaled = all[k];
    double w[4], v[4], left;
    for (int i = 0; i < 4; i++)
      scaled.unit[i] = -50;
    scaled.lift = 33;
    descend(&plain, false, 25, w, &left);
    descend(&scaled, false, 25, v, &left);
    for (size_t i = 0; i < plain.size; i++)
      assert_true(v[i] == ldexp(w[i], -50));
  }
}

/* sum_i c_i (w_i - 1)^2 / 2 + (w_i - 1)^4 / 4, c from 1 to 100, n parameters; products alone. */
enum { MANY = 20000 };
static double weight(size_t i) {
  return pow(10, 2 * (double)i / (MANY - 1));
}

static nadir_status many_gradient(void *context, const double *w, double *loss, double *gradient,
                                  nadir_error *error) {
  (void)context, (void)error;
  *loss = 0;
  for (size_t i = 0; i < MANY; i++) {
    double d = w[i] - 1, c = weight(i);
    *loss += c * d * d / 2 + d * d * d * d / 4;
    gradient[i] = c * d + d * d * d;
  }
  return NADIR_OK;
}

static nadir_status many_value(void *context, const double *w, double *loss, nadir_error *error) {
  (void)context, (void)w, (void)loss;
  return nd_fail(error, NADIR_SYSTEM, "value: is not needed: ask gradient");
}

static nadir_status many_product(void *context, const double *w, const double *v, double *product,
                                 nadir_error *error) {
  (void)context, (void)error;
  for (size_t i = 0; i < MANY; i++)
    product[i] = (weight(i) + 3 * (w[i] - 1) * (w[i] - 1)) * v[i];
  return NADIR_OK;
}

static void many_parameters_are_found(void **state) {
  (void)state;
  nadir_problem problem = {
      .size = MANY, .value = many_value, .gradient = many_gradient, .hessian_vector = many_product};
  nd_method *method = method_of(rule_named("lbfgs"), MANY);
  double *w = calloc(2 * MANY, sizeof *w), *gradient = w + MANY, loss;
  assert_non_null(w);
  many_gradient(NULL, w, &loss, gradient, NULL);
  int updates = 0;
  while (updates < 400 && !(nd_method_left(method) <= 1e-9)) {
    advance(method, 1, loss, gradient, &problem, w);
    memcpy(gradient, nd_method_gradient(method, &loss), MANY * sizeof *gradient);
    updates++;
  }
  if (!(loss <= 1e-8 && updates < 400)) fail_msg("%g after %d updates", loss, updates);
  free(w);
  nd_method_free(method);
}

/* The step meets both conditions, from trials far too short, far too long, and beyond the domain. */
static nadir_status valley(void *context, const double *w, double *loss, double *gradient,
                           nadir_error *error) {
  (void)error;
  ++*(int *)context;
  double x = *w;
  *loss = x < 50 ? cosh(x - 3) - 2 / (1 + x * x) : (double)NAN;
  *gradient = sinh(x - 3) + 4 * x / ((1 + x * x) * (1 + x * x));
  return NADIR_OK;
}

static void the_search_meets_both_conditions(void **state) {
  (void)state;
  for (double first = 1e-12; first < 1e9; first *= 10) {
    int passes = 0;
    double w = -2, g, loss, point, kept, lambda;
    nadir_problem problem = {.size = 1, .context = &passes, .gradient = valley};
    valley(&passes, &w, &loss, &g, NULL);
    nadir_step now = {.size = 1, .w = &w, .gradient = &g};
    nadir_update update = {.gradient = (double[1]){0}};
    nd_wolfe search = {.now = &now,
                       .problem = &problem,
                       .direction = &g,
                       .slope = g * g,
                       .loss = loss,
                       .sufficient = 1e-4,
                       .flatter = 0.1,
                       .point = &point,
                       .kept = &kept};
    passes = 0;
    assert_int_equal(nd_search_wolfe(&search, first, &lambda, &update, NULL), NADIR_OK);
    assert_int_equal(passes, (int)update.evaluations + 1);
    assert_true(passes <= 30 && lambda > 0);
    double x = w - lambda * g, slope, there;
    valley(&passes, &x, &there, &slope, NULL);
    assert_true(there == update.loss && slope == update.gradient[0]);
    assert_true(there <= loss - 1e-4 * lambda * g * g && fabs(slope * g) <= 0.1 * g * g);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(hard_functions_are_solved),
      cmocka_unit_test(a_unit_changes_no_bit),
      cmocka_unit_test(a_shared_unit_needs_no_second_derivatives),
      cmocka_unit_test(many_parameters_are_found),
      cmocka_unit_test(the_search_meets_both_conditions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
