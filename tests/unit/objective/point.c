/* Objectives of formulas and of a caller's function against derivatives done by hand. */
#include "base/dense.h"
#include "../fitting.h"

typedef struct formula {
  nadir_expr *expr;
  nadir_settings *settings;
  nd_objective *objective;
  nadir_error error;
} formula;

static void make(formula *f, const char *text, const char *const *pairs) {
  memset(f, 0, sizeof *f);
  fitting settings = {0};
  set_all(&settings, pairs);
  f->settings = settings.settings;
  must(nd_formula_new(&f->expr, text, &f->error), &f->error);
  must(nd_objective_of_formula(&f->objective, f->expr, f->settings, &f->error), &f->error);
}

static void drop(formula *f) {
  nd_objective_free(f->objective);
  nd_formula_free(f->expr);
  nd_settings_free(f->settings);
}

/* Rosenbrock's valley (1960): 100 (y - x^2)^2 + (1 - x)^2. */
static void rosenbrock(double x, double y, double *value, double *g, double *h) {
  double r = y - x * x;
  *value = 100 * r * r + (1 - x) * (1 - x);
  g[0] = -400 * x * r - 2 * (1 - x);
  g[1] = 200 * r;
  h[0] = -400 * (r - 2 * x * x) + 2;
  h[1] = h[2] = -400 * x;
  h[3] = 200;
}

static void check_at(nd_objective *objective, const double *w, double tolerance,
                     double hessian_tolerance) {
  const nadir_problem *p = &objective->problem;
  nadir_error error;
  double value, g[2], h[4], found, gradient[2], hessian[4], product[2];
  const double v[2] = {0.6, -1.7};
  rosenbrock(w[0], w[1], &value, g, h);
  must(p->value(p->context, w, &found, &error), &error);
  assert_close(found, value, 1e-13);
  must(p->gradient(p->context, w, &found, gradient, &error), &error);
  assert_close(found, value, 1e-13);
  must(p->hessian(p->context, w, hessian, &error), &error);
  must(p->hessian_vector(p->context, w, v, product, &error), &error);
  double scale = nd_norm(2, g), size = nd_norm(4, h);
  for (size_t i = 0; i < 2; i++) {
    assert_true(fabs(gradient[i] - g[i]) < tolerance * scale);
    assert_true(fabs(product[i] - h[2 * i] * v[0] - h[2 * i + 1] * v[1]) <
                2 * hessian_tolerance * size);
  }
  for (size_t i = 0; i < 4; i++)
    assert_true(fabs(hessian[i] - h[i]) < hessian_tolerance * size);
}

static void test_formula(void **state) {
  (void)state;
  formula f;
  make(&f, "100*(y - x^2)^2 + (1 - x)^2", NULL);
  assert_int_equal(f.expr->size, 2);
  /* in order of first appearance */
  assert_string_equal(f.objective->names[0], "y");
  const nadir_problem *p = &f.objective->problem;
  double w[2] = {1, -1.2}, loss, gradient[2], value, g[2], h[4];
  rosenbrock(w[1], w[0], &value, g, h);
  must(p->gradient(p->context, w, &loss, gradient, &f.error), &f.error);
  assert_close(loss, value, 1e-14);
  assert_close(gradient[0], g[1], 1e-14);
  assert_close(gradient[1], g[0], 1e-14);
  assert_int_equal(f.objective->rows, 0);
  assert_null(f.objective->batch);
  drop(&f);
  make(&f, "(1 - x)^2 + 100*(y - x^2)^2", NULL);
  check_at(f.objective, (const double[]){-1.2, 1}, 1e-14, 1e-14);
  check_at(f.objective, (const double[]){3, 0.1}, 1e-14, 1e-14);
  drop(&f);
}

static void test_outside_domain(void **state) {
  (void)state;
  formula f;
  make(&f, "log(x) + y", NULL);
  double loss, gradient[2];
  const nadir_problem *p = &f.objective->problem;
  must(p->gradient(p->context, (const double[]){-1, 2}, &loss, gradient, &f.error), &f.error);
  assert_true(isnan(loss));
  drop(&f);
}

static void test_penalty(void **state) {
  (void)state;
  formula f;
  make(&f, "(x - 1)^2 + y", (const char *[]){"l2", "0.5", "l1", "3", "no-penalty", "y", NULL});
  const double w[2] = {2, 7};
  double loss, gradient[2], hessian[4];
  const nadir_problem *p = &f.objective->problem;
  must(p->gradient(p->context, w, &loss, gradient, &f.error), &f.error);
  assert_true(loss == 1 + 7 + 0.25 * 4 && gradient[0] == 2 + 0.5 * 2 && gradient[1] == 1);
  must(p->hessian(p->context, w, hessian, &f.error), &f.error);
  assert_true(hessian[0] == 2.5 && hessian[3] == 0);
  assert_true(f.objective->l1[0] == 3 && f.objective->l1[1] == 0);
  assert_true(f.objective->data_loss(f.objective, w, loss) == 8);
  drop(&f);
}

/* 100 parameters: sum (x_i - x_(i-1)^2)^2 has no symbolic Hessian, and a product by hand. */
static void test_many(void **state) {
  (void)state;
  enum { N = 100 };
  nd_text text = {0};
  for (size_t i = 1; i < N; i++)
    nd_text_print(&text, "%s(x%zu^2 - x%zu)^2", i > 1 ? " + " : "", i - 1, i);
  formula f;
  make(&f, nd_text_data(&text), NULL);
  nd_text_free(&text);
  assert_int_equal(f.expr->size, N);
  assert_null(f.objective->problem.hessian);
  double x[N], v[N], product[N], truth[N] = {0};
  fill_normal(x, N, 1);
  fill_normal(v, N, 2);
  for (size_t i = 1; i < N; i++) {
    double a = x[i - 1], r = a * a - x[i];
    truth[i - 1] += (8 * a * a + 4 * r) * v[i - 1] - 4 * a * v[i];
    truth[i] += 2 * v[i] - 4 * a * v[i - 1];
  }
  const nadir_problem *p = &f.objective->problem;
  must(p->hessian_vector(p->context, x, v, product, &f.error), &f.error);
  for (size_t i = 0; i < N; i++)
    assert_true(fabs(product[i] - truth[i]) < 1e-12 * nd_norm(N, truth));
  drop(&f);
}

/* ---- a function of the caller's ---- */

static double with_gradient(void *context, const double *w, double *gradient) {
  double value, g[2], h[4];
  ++*(int *)context;
  rosenbrock(w[0], w[1], &value, g, h);
  if (gradient != NULL) memcpy(gradient, g, sizeof g);
  return value;
}

static double without_gradient(void *context, const double *w, double *gradient) {
  (void)gradient;
  return with_gradient(context, w, NULL);
}

static void test_function(void **state) {
  (void)state;
  int calls = 0;
  nadir_error error;
  fitting fit = {0};
  nd_objective *objective;
  const double w[2] = {-1.2, 1};
  nadir_function function = {.bytes = sizeof(nadir_function), .size = 2, .context = &calls, .value = with_gradient};
  set_all(&fit, NULL);
  must(nd_objective_of_function(&objective, &function, fit.settings, &error), &error);
  assert_string_equal(objective->names[1], "w2");
  /* differences of gradients: eps^(2/3), times third derivatives over the Hessian's size */
  check_at(objective, w, 1e-15, 1e-8);
  nd_objective_free(objective);
  const char *names[] = {"left", "right"};
  function.names = names;
  function.value = without_gradient;
  must(nd_objective_of_function(&objective, &function, fit.settings, &error), &error);
  assert_string_equal(objective->names[1], "right");
  /* differences of values: eps^(2/3) for the gradient, eps^(1/2) for the Hessian */
  check_at(objective, w, 1e-8, 1e-5);
  nd_objective_free(objective);
  assert_true(calls > 0);
  fit_free(&fit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_formula), cmocka_unit_test(test_outside_domain),
      cmocka_unit_test(test_penalty), cmocka_unit_test(test_many), cmocka_unit_test(test_function)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
