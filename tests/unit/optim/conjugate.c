/* Newton's step by products: what it solves, where it ends on the radius, and newton beyond 512 parameters, where no
 * matrix is asked for. */
#include "problems.h"

#include "base/dense.h"
#include "optim/search_internal.h"

/* ---- the step ---- */

typedef struct step {
  double p[MOST], product[MOST], gradient[MOST], hessian[MOST * MOST];
  nd_conjugate of;
} step;

static void make_step(step *s, const small_problem *problem, const double *w, double radius, double share) {
  nadir_problem whole = whole_problem(problem);
  nadir_step now = {.size = problem->size, .w = w, .gradient = s->gradient};
  problem->at(w, s->gradient, s->hessian);
  s->of = (nd_conjugate){.n = problem->size, .radius = radius, .share = share, .most = 2 * problem->size, .p = s->p, .product = s->product};
  assert_int_equal(nd_conjugate_step(&s->of, &now, &whole, NULL), NADIR_OK);
}

static double promised(const step *s) {
  return -nd_dot(s->of.n, s->gradient, s->p) - nd_dot(s->of.n, s->p, s->product) / 2;
}

/* n products solve n equations but for rounding, which one more may show: of condition 10 at most. */
static void it_solves_within_the_radius(void **state) {
  (void)state;
  const double w[MOST] = {3, -5, 2};
  for (size_t p = 0; p < ND_COUNT(small_problems); p++) {
    step s;
    make_step(&s, &small_problems[p], w, 1e6, 1e-10);
    assert_true(s.of.inside && s.of.products <= s.of.n + 1 && s.of.radius == 1e6);
    double slope = nd_norm(s.of.n, s.gradient);
    for (size_t i = 0; i < s.of.n; i++) {
      double along = nd_dot(s.of.n, s.hessian + i * s.of.n, s.p);
      assert_true(fabs(along - s.product[i]) <= 1e-13 * slope);
      assert_true(fabs(along + s.gradient[i]) <= 1e-10 * slope);
    }
  }
}

/* What the best step in the radius gains is the most, and half of it is had (Y. Yuan 2000) where H is positive. */
static void it_ends_on_the_radius(void **state) {
  (void)state;
  const double w[MOST] = {3, -5, 2};
  for (size_t p = 0; p < ND_COUNT(small_problems); p++)
    for (double radius = 1e-3; radius < 2; radius *= 7) {
      step s;
      double values[MOST], vectors[MOST * MOST], best[MOST], damping, most;
      make_step(&s, &small_problems[p], w, radius, 1e-10);
      assert_false(s.of.inside);
      assert_true(fabs(nd_norm(s.of.n, s.p) - radius) <= 1e-14 * radius);
      assert_int_equal(nd_eigen(s.of.n, s.hessian, values, vectors, NULL, NULL), NADIR_OK);
      assert_int_equal(
          nd_step_in_radius(s.of.n, values, vectors, s.gradient, radius, best, &damping, &most, NULL), NADIR_OK);
      assert_true(promised(&s) <= most * (1 + 1e-12) && promised(&s) >= most / 2);
    }
}

static void without_a_radius_it_goes_to_the_lowest_point_along_the_gradient(void **state) {
  (void)state;
  const double w[MOST] = {3, -5, 2};
  for (size_t p = 0; p < ND_COUNT(small_problems); p++) {
    step s;
    double product[MOST];
    make_step(&s, &small_problems[p], w, 0, 1e-10);
    for (size_t i = 0; i < s.of.n; i++)
      product[i] = nd_dot(s.of.n, s.hessian + i * s.of.n, s.gradient);
    double rate = nd_dot(s.of.n, s.gradient, s.gradient) / nd_dot(s.of.n, s.gradient, product);
    assert_int_equal(s.of.products, 1);
    for (size_t i = 0; i < s.of.n; i++)
      assert_true(fabs(s.p[i] + rate * s.gradient[i]) <= 1e-14 * fabs(rate * s.gradient[i]));
  }
}

static double hill_at(const double *w, double *gradient, double *hessian) {
  if (gradient) gradient[0] = -w[0], gradient[1] = 2 * w[1];
  if (hessian) hessian[0] = -1, hessian[1] = hessian[2] = 0, hessian[3] = 2;
  return (2 * w[1] * w[1] - w[0] * w[0]) / 2;
}

static void what_curves_downwards_is_followed_to_the_radius(void **state) {
  (void)state;
  const small_problem hill = {"hill", 2, 2, {0}, hill_at};
  for (double at = 1e-8; at < 1e3; at *= 10) {
    const double w[MOST] = {at, 1};
    step s;
    make_step(&s, &hill, w, 5, 1e-12);
    assert_false(s.of.inside);
    assert_true(fabs(nd_norm(2, s.p) - 5) <= 1e-13 && s.p[0] > 0 && promised(&s) > 0);
  }
}

/* ---- newton ---- */

enum { MANY = 600 };

/* sum of a_i (w_i - c_i)^2 / 2 + (w_i - w_i+1)^4 / 4, a from 1 to 100, c a wave; or of w^4/4 - w^2/2 with saddles. */
typedef struct large {
  bool saddles;
  int products;
} large;

static double a_of(size_t i) {
  return 1 + 99.0 * (double)(i * 7919 % MANY) / MANY;
}

static nadir_status large_gradient(void *context, const double *w, double *loss, double *gradient, nadir_error *error) {
  const large *l = context;
  (void)error;
  *loss = 0;
  for (size_t i = 0; i < MANY; i++) {
    double off = w[i] - sin((double)i), square = w[i] * w[i];
    *loss += l->saddles ? square * (square / 4 - 0.5) : a_of(i) * off * off / 2;
    gradient[i] = l->saddles ? w[i] * (square - 1) : a_of(i) * off;
  }
  for (size_t i = 0; i + 1 < MANY && !l->saddles; i++) {
    double apart = w[i] - w[i + 1], cube = apart * apart * apart;
    *loss += cube * apart / 4;
    gradient[i] += cube;
    gradient[i + 1] -= cube;
  }
  return NADIR_OK;
}

static nadir_status large_value(void *context, const double *w, double *loss, nadir_error *error) {
  double gradient[MANY];
  return large_gradient(context, w, loss, gradient, error);
}

static nadir_status large_product(void *context, const double *w, const double *v, double *product, nadir_error *error) {
  large *l = context;
  (void)error;
  l->products++;
  for (size_t i = 0; i < MANY; i++)
    product[i] = (l->saddles ? 3 * w[i] * w[i] - 1 : a_of(i)) * v[i];
  for (size_t i = 0; i + 1 < MANY && !l->saddles; i++) {
    double apart = w[i] - w[i + 1], curved = 3 * apart * apart * (v[i] - v[i + 1]);
    product[i] += curved;
    product[i + 1] -= curved;
  }
  return NADIR_OK;
}

static nadir_status no_matrix(void *context, const double *w, double *hessian, nadir_error *error) {
  (void)context, (void)w, (void)hessian;
  return nd_fail(error, NADIR_BAD_DATA, "a matrix was asked for");
}

/* Returns the updates until |gradient| is 1e-9; each lowers the loss, and counts its products as passes. */
static int descend(large *l, nadir_problem *problem, double *w) {
  double gradient[MANY], loss, last = HUGE_VAL;
  nd_method *method = method_of(rule_named("newton"), MANY);
  int t = 0;
  assert_int_equal(large_gradient(l, w, &loss, gradient, NULL), NADIR_OK);
  for (; t < 100 && nd_norm(MANY, gradient) > 1e-9; t++) {
    assert_true(loss <= last + 1e-12 * fabs(last));
    last = loss;
    advance(method, 1, loss, gradient, problem, w);
    assert_int_equal(large_gradient(l, w, &loss, gradient, NULL), NADIR_OK);
  }
  assert_true(nd_method_evaluations(method) >= (uint64_t)l->products);
  nd_method_free(method);
  return t;
}

static void many_parameters_need_no_matrix(void **state) {
  (void)state;
  large l = {0};
  double w[MANY] = {0};
  nadir_problem problem = {.size = MANY,
                           .context = &l,
                           .value = large_value,
                           .gradient = large_gradient,
                           .hessian = no_matrix,
                           .hessian_vector = large_product,
                           .scaled = 1};
  int updates = descend(&l, &problem, w);
  /* With rates that converge quadratically some ten updates are enough; condition 100 takes some 40 products each. */
  if (!(updates <= 20 && l.products <= 20 * 40)) fail_msg("%d updates, %d products", updates, l.products);
}

static void many_parameters_leave_saddles(void **state) {
  (void)state;
  large l = {.saddles = true};
  double w[MANY];
  for (size_t i = 0; i < MANY; i++)
    w[i] = 0.01 * cos((double)(i * i));
  nadir_problem problem = {.size = MANY,
                           .context = &l,
                           .value = large_value,
                           .gradient = large_gradient,
                           .hessian_vector = large_product,
                           .scaled = 1};
  int updates = descend(&l, &problem, w);
  if (updates >= 100) fail_msg("%d updates", updates);
  for (size_t i = 0; i < MANY; i++)
    assert_true(fabs(fabs(w[i]) - 1) <= 1e-9);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_solves_within_the_radius),
      cmocka_unit_test(it_ends_on_the_radius),
      cmocka_unit_test(without_a_radius_it_goes_to_the_lowest_point_along_the_gradient),
      cmocka_unit_test(what_curves_downwards_is_followed_to_the_radius),
      cmocka_unit_test(many_parameters_need_no_matrix),
      cmocka_unit_test(many_parameters_leave_saddles),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
