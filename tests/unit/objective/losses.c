/* Every loss of the list: its value against the formula written in C, its gradient and Hessian
 * against differences, scaled and unscaled, weighted and penalised. A new row of loss.def is walked
 * too; its value is checked when loss_by_hand has a line for it. */
#include "base/dense.h"
#include "../fitting.h"

enum { ROWS = 200, FEATURES = 3 };

static double x1[ROWS], x2[ROWS], x3[ROWS], noise[ROWS], y[ROWS], weight[ROWS];

/* Target: REAL a number (poisson: a count), TRUTH 0 or 1, CLASS 0, 1 or 2. */
static void make_rows(const char *loss) {
  fill_normal(x1, ROWS, 1);
  fill_normal(x2, ROWS, 2);
  fill_normal(x3, ROWS, 3);
  fill_normal(noise, ROWS, 4);
  bool truth = strstr(loss, "hinge") || strcmp(loss, "logistic") == 0;
  for (size_t i = 0; i < ROWS; i++) {
    x2[i] = 40 + 7 * x2[i];
    x3[i] = 1e-3 * x3[i];
    double f = 2 * x1[i] - 0.3 * (x2[i] - 40) + 900 * x3[i] + noise[i];
    y[i] = truth ? f > 0 : f;
    if (strcmp(loss, "poisson") == 0) y[i] = floor(exp(0.3 * f));
    if (strcmp(loss, "softmax") == 0) y[i] = f < -1 ? 0 : f < 1 ? 1 : 2;
    weight[i] = 0.5 + (double)(i % 4);
  }
}

static const nd_array arrays[] = {
    {.name = "x1", .values = x1}, {.name = "x2", .unit = "s", .values = x2}, {.name = "x3", .values = x3}, {.name = "y", .values = y}, {.name = "weight", .values = weight}};

/* l(y, f) in the table's units. */
static double loss_by_hand(const char *name, double target, double f) {
  double r = target - f, s = 2 * target - 1;
  if (strcmp(name, "squared") == 0) return r * r;
  if (strcmp(name, "absolute") == 0) return fabs(r);
  if (strcmp(name, "huber") == 0) return fabs(r) <= 0.7 ? r * r : 2 * 0.7 * fabs(r) - 0.49;
  if (strcmp(name, "quantile") == 0) return r > 0 ? 0.7 * r : -0.3 * r;
  if (strcmp(name, "logistic") == 0) return log1p(exp(f)) - target * f;
  if (strcmp(name, "hinge") == 0) return fmax(0, 1 - s * f);
  if (strcmp(name, "squared-hinge") == 0) return fmax(0, 1 - s * f) * fmax(0, 1 - s * f);
  if (strcmp(name, "poisson") == 0) return exp(f) - target * f;
  return (double)NAN;
}

static double softmax_by_hand(const double *w, size_t i) {
  double all = 0, own = 0;
  for (size_t k = 0; k < 3; k++) {
    const double *of = w + 4 * k;
    double eta = of[0] + of[1] * x1[i] + of[2] * x2[i] + of[3] * x3[i];
    all += exp(eta);
    if (y[i] == (double)k) own = eta;
  }
  return log(all) - own;
}

static double mean_by_hand(const char *name, const double *w, bool weighted) {
  double sum = 0, total = 0;
  for (size_t i = 0; i < ROWS; i++) {
    double a = weighted ? weight[i] : 1;
    double f = w[0] + w[1] * x1[i] + w[2] * x2[i] + w[3] * x3[i];
    sum += a * (strcmp(name, "softmax") == 0 ? softmax_by_hand(w, i) : loss_by_hand(name, y[i], f));
    total += a;
  }
  return sum / total;
}

static const char *setting_of(const nadir_loss_info *info, char *buffer, size_t size) {
  bool has = info->parameter[0] != '\0';
  snprintf(buffer, size, has ? "%s(0.7)" : "%s", info->name);
  return buffer;
}

static void check_gradient(fitting *fit, const double *w, size_t n) {
  double gradient[16], none[16], moved[16];
  gradient_at(fit, w, gradient);
  memcpy(moved, w, n * sizeof *moved);
  double norm = 1 + nd_norm(n, gradient);
  for (size_t i = 0; i < n; i++) {
    double h = 1e-6;
    moved[i] = w[i] + h;
    double up = gradient_at(fit, moved, none);
    moved[i] = w[i] - h;
    double slope = (up - gradient_at(fit, moved, none)) / (2 * h);
    moved[i] = w[i];
    /* rounding 1e-16/h, third derivative h^2, and at a kink the few rows within h of it */
    if (!(fabs(slope - gradient[i]) < 1e-6 * norm))
      fail_msg("%s: gradient %zu: %g, not %g", fit->model->formula, i, gradient[i], slope);
  }
}

static void check_hessian(fitting *fit, const double *w, size_t n) {
  const nadir_problem *p = &fit->objective->problem;
  double h[256], up[16], down[16], moved[16], v[16], product[16];
  must(p->hessian(p->context, w, h, &fit->error), &fit->error);
  memcpy(moved, w, n * sizeof *moved);
  for (size_t i = 0; i < n; i++) {
    moved[i] = w[i] + 1e-6;
    gradient_at(fit, moved, up);
    moved[i] = w[i] - 1e-6;
    gradient_at(fit, moved, down);
    moved[i] = w[i];
    for (size_t j = 0; j < n; j++)
      assert_true(fabs((up[j] - down[j]) / 2e-6 - h[i * n + j]) < 1e-5 * (1 + fabs(h[i * n + j])));
  }
  fill_normal(v, n, 9);
  must(p->hessian_vector(p->context, w, v, product, &fit->error), &fit->error);
  for (size_t i = 0; i < n; i++)
    assert_true(fabs(product[i] - nd_dot(n, h + i * n, v)) < 1e-11 * (1 + nd_norm(n, product)));
}

static bool is_smooth(const char *name) {
  return strcmp(name, "squared") == 0 || strcmp(name, "logistic") == 0 ||
         strcmp(name, "poisson") == 0 || strcmp(name, "softmax") == 0;
}

static void check_one(const nadir_loss_info *info, const char *scale, bool weighted) {
  char loss[64];
  const char *pairs[] = {"loss",   setting_of(info, loss, sizeof loss),
                         "scale",  scale,
                         "weight", weighted ? "weight" : "",
                         "l2",     "0",
                         NULL};
  bool classes = strcmp(info->name, "softmax") == 0;
  const char *formula = classes ? "y ~ softmax(3; x1, x2, x3)" : "y ~ linear(x1, x2, x3)";
  fitting fit;
  make_rows(info->name);
  fit_arrays(&fit, arrays, 5, ROWS, formula, pairs);
  size_t n = fit.model->size;
  assert_int_equal(n, classes ? 12 : 4);
  double w[16], table[16], back[16];
  fill_normal(w, n, 5);
  for (size_t i = 0; i < n; i++)
    w[i] *= strcmp(scale, "none") == 0 ? 0.01 : 0.3;
  nd_model_to_table(fit.model, w, table);
  nd_model_to_descent(fit.model, table, back);
  for (size_t i = 0; i < n; i++)
    assert_true(fabs(back[i] - w[i]) < 1e-12 * (1 + fabs(w[i])));
  double by_hand = mean_by_hand(info->name, table, weighted);
  if (!isnan(by_hand)) assert_close(loss_at(&fit, w) * fit.objective->loss_factor, by_hand, 1e-11);
  check_gradient(&fit, w, n);
  if (is_smooth(info->name)) check_hessian(&fit, w, n);
  fit_free(&fit);
}

static void test_every_loss(void **state) {
  (void)state;
  const char *scales[] = {"standard", "minmax", "robust", "none"};
  for (size_t i = 0; nd_loss_at(i) != NULL; i++)
    for (size_t s = 0; s < 4; s++) {
      check_one(nd_loss_at(i), scales[s], false);
      check_one(nd_loss_at(i), scales[s], true);
    }
}

/* An expression is what it says, and backquotes reach a column that is called y. */
static void test_expression(void **state) {
  (void)state;
  fitting fit;
  double w[4] = {0.1, 0.2, -0.3, 0.4}, table[4], sum = 0;
  make_rows("squared");
  fit_arrays(&fit, arrays, 5, ROWS, "y ~ linear(x1, x2, x3)",
             (const char *[]){"loss", "abs((y - f)/weight)^3 + `y`*f", NULL});
  assert_string_equal(fit.model->loss.info.name, "expression");
  assert_true(fit.objective->loss_factor == 1);
  nd_model_to_table(fit.model, w, table);
  for (size_t i = 0; i < ROWS; i++) {
    double f = table[0] + table[1] * x1[i] + table[2] * x2[i] + table[3] * x3[i];
    sum += pow(fabs((y[i] - f) / weight[i]), 3) + y[i] * f;
  }
  assert_close(loss_at(&fit, w), sum / ROWS, 1e-12);
  check_gradient(&fit, w, 4);
  fit_free(&fit);
}

/* Formulas with parts that are one for all rows, powers, heads with free parameters. */
static void test_free_formulas(void **state) {
  (void)state;
  const char *formulas[] = {"y ~ b1 + b2*cos(2*pi*x2/b4) + b5*sin(2*pi*x2/b4) + b3",
                            "y ~ a*exp(-(x2 - m)^2/(2*s^2)) + linear(x1, x3)",
                            "y ~ c^x1*k + exp(linear(x1)) + linear(x3)/(1 + d^2)"};
  const char *starts[] = {"b1=0.3,b2=1.1,b4=11,b5=-0.4,b3=0.2", "a=2,m=38,s=5,b=0.1",
                          "c=1.7,k=0.3,d=0.8,b=-0.4,w[x1]=0.2"};
  make_rows("squared");
  for (size_t k = 0; k < ND_COUNT(formulas); k++) {
    fitting fit;
    double w[16];
    fit_arrays(&fit, arrays, 5, ROWS, formulas[k], (const char *[]){"start", starts[k], NULL});
    nd_model_start(fit.model, fit.settings, w);
    check_gradient(&fit, w, fit.model->size);
    check_hessian(&fit, w, fit.model->size);
    fit_free(&fit);
  }
}

static void test_penalty(void **state) {
  (void)state;
  fitting plain, with;
  double w[4] = {0.1, 0.2, -0.3, 0.4};
  make_rows("squared");
  fit_arrays(&plain, arrays, 5, ROWS, "y ~ linear(x1, x2, x3)", NULL);
  fit_arrays(&with, arrays, 5, ROWS, "y ~ linear(x1, x2, x3)",
             (const char *[]){"l2", "0.5", "l1", "2", "no-penalty", "w[x2]", NULL});
  /* 0.5/2 (0.2^2 + 0.4^2): b and w[x2] are free of it; l1 is given as a vector */
  double loss = loss_at(&with, w);
  assert_close(loss - loss_at(&plain, w), 0.25 * (0.04 + 0.16), 1e-12);
  assert_close(with.objective->data_loss(with.objective, w, loss), loss_at(&plain, w), 1e-14);
  const double *l1 = with.objective->l1;
  assert_true(l1[0] == 0 && l1[1] == 2 && l1[2] == 0 && l1[3] == 2);
  assert_null(plain.objective->l1);
  check_gradient(&with, w, 4);
  check_hessian(&with, w, 4);
  fit_free(&plain);
  fit_free(&with);
}

static void expect_error(const char *loss, const char *part) {
  nd_loss read;
  nadir_error error = {0};
  assert_int_equal(nd_loss_read(loss, ND_TARGET_REAL, &read, &error), NADIR_BAD_SETTING);
  if (strstr(error.message, part) == NULL) fail_msg("%s: %s", loss, error.message);
}

static void test_reading(void **state) {
  (void)state;
  nd_loss loss;
  nadir_error error;
  must(nd_loss_read(" huber ( 1.5 ) ", ND_TARGET_REAL, &loss, &error), &error);
  assert_string_equal(loss.info.name, "huber");
  assert_true(loss.parameter == 1.5 && loss.power == 2);
  must(nd_loss_read("auto", ND_TARGET_TRUTH, &loss, &error), &error);
  assert_string_equal(loss.info.name, "logistic");
  must(nd_loss_read("auto", ND_TARGET_CLASS, &loss, &error), &error);
  assert_string_equal(loss.info.name, "softmax");
  must(nd_loss_read("auto", ND_TARGET_REAL, &loss, &error), &error);
  assert_string_equal(loss.info.name, "squared");
  const char *expressions[] = {"(y-f)^2", "huber(y-f, 2)", "abs(y-f)", "((y-f)/err)^2",
                               "abs(y-f)+abs(f)"};
  for (size_t i = 0; i < ND_COUNT(expressions); i++) {
    must(nd_loss_read(expressions[i], ND_TARGET_REAL, &loss, &error), &error);
    assert_string_equal(loss.info.name, "expression");
  }
  expect_error("sqared", "squared");
  expect_error("hubber(1)", "huber");
  expect_error("huber", "needs its d");
  expect_error("huber(-1)", "needs its d");
  expect_error("huber(x)", "needs its d");
  expect_error("quantile(1.5)", "between 0 and 1");
  expect_error("squared(2)", "takes no number");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_loss), cmocka_unit_test(test_expression),
      cmocka_unit_test(test_penalty), cmocka_unit_test(test_free_formulas),
      cmocka_unit_test(test_reading)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
