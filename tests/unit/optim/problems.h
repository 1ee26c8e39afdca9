/* Small convex problems with known minima that the tests of rules and methods share. Each fills in
 * value, gradient and Hessian by hand-written formulas, apart from all code under test. */
#ifndef PROBLEMS_H
#define PROBLEMS_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "optim/optim.h"

enum { MOST = 4, ROWS = 40 };

typedef struct small_problem {
  const char *name;
  size_t size;
  double curvature; /* the largest */
  double minimum[MOST];
  /* Loss, gradient and Hessian (size x size) at w; the last two may be NULL. */
  double (*at)(const double *w, double *gradient, double *hessian);
} small_problem;

/* L = 1/2 (w - minimum)' A (w - minimum) */
static inline double quadratic(size_t n, const double *a, const double *minimum, const double *w,
                               double *gradient, double *hessian) {
  double loss = 0;
  for (size_t i = 0; i < n; i++) {
    double sum = 0;
    for (size_t j = 0; j < n; j++)
      sum += a[i * n + j] * (w[j] - minimum[j]);
    if (gradient) gradient[i] = sum;
    loss += 0.5 * sum * (w[i] - minimum[i]);
  }
  if (hessian) memcpy(hessian, a, n * n * sizeof *a);
  return loss;
}

static inline double parabola_at(const double *w, double *gradient, double *hessian) {
  static const double a[] = {1}, minimum[] = {-1.25};
  return quadratic(1, a, minimum, w, gradient, hessian);
}

/* Eigenvalues 10 and 1 along the axes. */
static inline double bowl_at(const double *w, double *gradient, double *hessian) {
  static const double a[] = {10, 0, 0, 1}, minimum[] = {1, -0.75};
  return quadratic(2, a, minimum, w, gradient, hessian);
}

/* The same eigenvalues, turned by 45 degrees. */
static inline double turned_at(const double *w, double *gradient, double *hessian) {
  static const double a[] = {5.5, 4.5, 4.5, 5.5}, minimum[] = {0.5, -1.25};
  return quadratic(2, a, minimum, w, gradient, hessian);
}

/* Features 1, x1, x2 with x1 and x2 of mean 0 and variance 1 over the ROWS rows, correlation 0.6:
 * Fourier modes, so that all of this is exact by orthogonality. */
static inline void features(size_t row, double x[3]) {
  double phase = 2 * 3.14159265358979323846 * (double)row / ROWS;
  double u = sqrt(2) * cos(phase), v = sqrt(2) * sin(phase);
  x[0] = 1, x[1] = u, x[2] = 0.6 * u + 0.8 * v;
}

/* Mean of (w . x - y)^2, y = 0.25 + x1 - 0.9 x2 + a residual orthogonal to all features. */
static inline double regression_at(const double *w, double *gradient, double *hessian) {
  double loss = 0, g[3] = {0}, h[9] = {0};
  for (size_t row = 0; row < ROWS; row++) {
    double x[3];
    features(row, x);
    double residual =
        (w[0] - 0.25) * x[0] + (w[1] - 1) * x[1] + (w[2] + 0.9) * x[2] - (row % 2 ? 0.3 : -0.3);
    loss += residual * residual / ROWS;
    for (int i = 0; i < 3; i++) {
      g[i] += 2 * residual * x[i] / ROWS;
      for (int j = 0; j < 3; j++)
        h[3 * i + j] += 2 * x[i] * x[j] / ROWS;
    }
  }
  if (gradient) memcpy(gradient, g, sizeof g);
  if (hessian) memcpy(hessian, h, sizeof h);
  return loss;
}

/* Mean logistic loss with targets p(row) = sigmoid(minimum . x): the gradient, the mean of
 * (sigmoid(w . x) - p) x, is zero exactly there. */
static const double logistic_minimum[] = {0.3, 1, -0.7};

static inline double logistic_at(const double *w, double *gradient, double *hessian) {
  double loss = 0, g[3] = {0}, h[9] = {0};
  for (size_t row = 0; row < ROWS; row++) {
    double x[3], eta = 0, true_eta = 0;
    features(row, x);
    for (int i = 0; i < 3; i++)
      eta += w[i] * x[i], true_eta += logistic_minimum[i] * x[i];
    double s = 1 / (1 + exp(-eta)), p = 1 / (1 + exp(-true_eta));
    loss += (fmax(eta, 0) + log1p(exp(-fabs(eta))) - p * eta) / ROWS;
    for (int i = 0; i < 3; i++) {
      g[i] += (s - p) * x[i] / ROWS;
      for (int j = 0; j < 3; j++)
        h[3 * i + j] += s * (1 - s) * x[i] * x[j] / ROWS;
    }
  }
  if (gradient) memcpy(gradient, g, sizeof g);
  if (hessian) memcpy(hessian, h, sizeof h);
  return loss;
}

/* Curvatures: of the features' mean square 1 and 1 +- 0.6, times 2 or at most 1/4. */
static const small_problem small_problems[] = {
    {"parabola", 1, 1, {-1.25}, parabola_at},
    {"bowl", 2, 10, {1, -0.75}, bowl_at},
    {"turned bowl", 2, 10, {0.5, -1.25}, turned_at},
    {"regression", 3, 3.2, {0.25, 1, -0.9}, regression_at},
    {"logistic", 3, 0.4, {0.3, 1, -0.7}, logistic_at},
};

static inline nadir_status problem_value(void *context, const double *w, double *loss,
                                         nadir_error *error) {
  (void)error;
  *loss = ((const small_problem *)context)->at(w, NULL, NULL);
  return NADIR_OK;
}

static inline nadir_status problem_gradient(void *context, const double *w, double *loss,
                                            double *gradient, nadir_error *error) {
  (void)error;
  *loss = ((const small_problem *)context)->at(w, gradient, NULL);
  return NADIR_OK;
}

static inline nadir_status problem_hessian(void *context, const double *w, double *hessian,
                                           nadir_error *error) {
  (void)error;
  double gradient[MOST];
  ((const small_problem *)context)->at(w, gradient, hessian);
  return NADIR_OK;
}

static inline nadir_status problem_hessian_vector(void *context, const double *w, const double *v,
                                                  double *product, nadir_error *error) {
  (void)error;
  const small_problem *problem = context;
  double gradient[MOST], h[MOST * MOST];
  problem->at(w, gradient, h);
  for (size_t i = 0; i < problem->size; i++) {
    product[i] = 0;
    for (size_t j = 0; j < problem->size; j++)
      product[i] += h[i * problem->size + j] * v[j];
  }
  return NADIR_OK;
}

static inline nadir_problem whole_problem(const small_problem *problem) {
  return (nadir_problem){.size = problem->size,
                         .context = (void *)(uintptr_t)problem,
                         .value = problem_value,
                         .gradient = problem_gradient,
                         .hessian = problem_hessian,
                         .hessian_vector = problem_hessian_vector};
}

static inline const nadir_optimizer *rule_named(const char *name) {
  const nadir_optimizer *rule;
  for (size_t i = 0; (rule = nd_optimizer_at(i)); i++)
    if (strcmp(rule->name, name) == 0) return rule;
  fail_msg("no rule named %s", name);
  return NULL;
}

static inline nd_method *method_of(const nadir_optimizer *rule, size_t size) {
  nd_method *method;
  nadir_error error = {0};
  nd_method_options options = {.optimizer = rule};
  if (nd_method_new(&method, size, &options, &error) != NADIR_OK) fail_msg("%s", error.message);
  return method;
}

static inline void advance(nd_method *method, double rate, double loss, const double *gradient,
                           const nadir_problem *problem, double *w) {
  nadir_error error = {0};
  if (nd_method_advance(method, rate, loss, gradient, problem, w, &error) != NADIR_OK)
    fail_msg("%s", error.message);
}

#endif
