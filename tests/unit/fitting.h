/* Fits for the tests: a table of arrays or a file, settings by name and text, and the objective. */
#ifndef ND_FIT_SUPPORT_H
#define ND_FIT_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/listener.h"
#include "base/dense.h"
#include "objective/of_table.h"

typedef struct fitting {
  nadir_settings *settings;
  nd_table *table;
  nd_model *model;
  nd_pool *pool;
  nd_data *data;
  nd_objective *objective;
  nd_teller teller;
  nadir_error error;
} fitting;

static inline void must(nadir_status status, const nadir_error *error) {
  if (status != NADIR_OK) print_error("%s\n%s\n", error->message, error->excerpt);
  assert_int_equal(status, NADIR_OK);
}

/* A file as a text, to be given back by nd_free; size may be NULL. */
static inline char *slurp(const char *path, size_t *size) {
  char *text;
  size_t length;
  nadir_error error;
  must(nd_file_slurp(path, (size_t)1 << 20, &text, &length, &error), &error);
  char *copy = nd_copy_text(text, length, &error); /* or gcc 12 takes it for a pointer to `text` */
  nd_free(text);
  assert_non_null(copy);
  if (size != NULL) *size = length;
  return copy;
}

/* Pairs of name and value, ended by NULL. */
static inline void set_all(fitting *fit, const char *const *pairs) {
  must(nd_settings_new(&fit->settings, &fit->error), &fit->error);
  for (size_t i = 0; pairs != NULL && pairs[i] != NULL; i += 2)
    must(nd_settings_set(fit->settings, pairs[i], pairs[i + 1], &fit->error), &fit->error);
}

static inline nadir_status try_fit(fitting *fit, const char *formula) {
  nadir_error *error = &fit->error;
  ND_TRY(nd_model_new(&fit->model, fit->table, formula, fit->settings, &fit->teller, error));
  ND_TRY(nd_pool_new(&fit->pool, (size_t)fit->settings->threads, error));
  ND_TRY(nd_data_new(&fit->data, fit->model, fit->table, NULL, fit->settings, fit->pool, &fit->teller,
                     error));
  return nd_objective_of_table(&fit->objective, fit->model, fit->data, fit->settings, fit->pool,
                               error);
}

static inline void fit_free(fitting *fit) {
  nd_objective_free(fit->objective);
  nd_data_free(fit->data);
  nd_model_free(fit->model);
  nd_pool_free(fit->pool);
  nd_table_close(fit->table);
  nd_settings_free(fit->settings);
  nd_teller_free(&fit->teller);
  memset(fit, 0, sizeof *fit);
}

static inline void open_arrays(fitting *fit, const nd_array *arrays, size_t columns,
                               uint64_t rows, const char *const *pairs) {
  memset(fit, 0, sizeof *fit);
  set_all(fit, pairs);
  must(nd_table_from_arrays(&fit->table, arrays, columns, rows, &fit->error), &fit->error);
}

static inline void fit_arrays(fitting *fit, const nd_array *arrays, size_t columns,
                              uint64_t rows, const char *formula, const char *const *pairs) {
  open_arrays(fit, arrays, columns, rows, pairs);
  must(try_fit(fit, formula), &fit->error);
}

/* A CSV file of this text, under a name of its own. */
static inline void open_text(fitting *fit, const char *text, const char *const *pairs) {
  char path[] = "fit_test_XXXXXX";
  int descriptor = mkstemp(path);
  assert_true(descriptor >= 0);
  FILE *file = fdopen(descriptor, "w");
  assert_int_equal(fputs(text, file) >= 0, 1);
  fclose(file);
  memset(fit, 0, sizeof *fit);
  set_all(fit, pairs);
  nd_table_options options = {0};
  const char *paths[] = {path};
  nadir_status status = nd_table_open(&fit->table, paths, 1, &options, &fit->error);
  remove(path);
  must(status, &fit->error);
}

static inline void fit_text(fitting *fit, const char *text, const char *formula,
                            const char *const *pairs) {
  open_text(fit, text, pairs);
  must(try_fit(fit, formula), &fit->error);
}

/* Newton's method to the minimum, in descent coordinates: exact in one step for a quadratic. */
static inline void solve(fitting *fit, size_t steps, double *w) {
  const nadir_problem *problem = &fit->objective->problem;
  size_t n = problem->size;
  double loss, *g = calloc(n, sizeof *g), *h = calloc(n * n, sizeof *h);
  nd_model_start(fit->model, fit->settings, w);
  for (size_t k = 0; k < steps; k++) {
    bool definite;
    must(problem->gradient(problem->context, w, &loss, g, &fit->error), &fit->error);
    must(problem->hessian(problem->context, w, h, &fit->error), &fit->error);
    must(nd_solve_definite(n, h, g, &definite, NULL, &fit->error), &fit->error);
    assert_true(definite);
    for (size_t i = 0; i < n; i++)
      w[i] -= g[i];
  }
  fit->objective->to_table(fit->objective, w, fit->model->value);
  free(g);
  free(h);
}

static inline double loss_at(fitting *fit, const double *w) {
  double loss;
  must(fit->objective->problem.value(fit->objective->problem.context, w, &loss, &fit->error),
       &fit->error);
  return loss;
}

static inline double gradient_at(fitting *fit, const double *w, double *gradient) {
  double loss;
  must(fit->objective->problem.gradient(fit->objective->problem.context, w, &loss, gradient,
                                        &fit->error),
       &fit->error);
  return loss;
}

static inline void assert_close(double value, double truth, double relative) {
  if (fabs(value - truth) <= relative * fabs(truth)) return;
  print_error("%.17g is not within %g of %.17g\n", value, relative, truth);
  fail();
}

/* Random numbers that do not change: normal, by column. */
static inline void fill_normal(double *to, size_t count, uint64_t column) {
  nd_random random = nd_random_stream(7, ND_FOR_TEST, 0, column);
  for (size_t i = 0; i < count; i++)
    to[i] = nd_random_normal(&random);
}

static const double hubble_distance[24] = {0.032, 0.034, 0.214, 0.263, 0.275, 0.275, 0.45, 0.5,
                                           0.5,   0.63,  0.8,   0.9,   0.9,   0.9,   0.9,  1.0,
                                           1.1,   1.1,   1.4,   1.7,   2.0,   2.0,   2.0,  2.0};
static const double hubble_velocity[24] = {170, 290, -130, -70, -185, -220, 200, 290,
                                           270, 200, 300,  -30, 650,  150,  500, 920,
                                           450, 500, 500,  960, 500,  850,  800, 1090};
static const nd_array hubble[2] = {
    {.name = "distance", .unit = "Mpc", .values = hubble_distance},
    {.name = "velocity", .unit = "km/s", .values = hubble_velocity}};

#endif
