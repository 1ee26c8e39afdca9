/* Advice on the rate by Lanczos, against matrices and tables whose eigenvalues are known in closed
 * form, against the same advice from the Hessian itself, and against descents that were counted.
 *
 * Tables: columns of a Hadamard matrix (Sylvester) are orthogonal and of mean 0, so that columns
 * s_j h_j without scaling have the Hessian 2 diag(1, s_1^2, s_2^2, ...) under squared loss. */
#include "base/dense.h"
#include "../fitting.h"

#include "judge/judge.h"
#include "judge/advice.h"

#include "base/fault_internal.h"
#include "judge/advise_internal.h"

/* ---- matrices of known eigenvalues ---- */

/* Q D Q with the reflection Q = I - 2 u u', or the second difference matrix where D is NULL. */
typedef struct matrix {
  size_t n;
  const double *eigenvalues;
  double *u, *work;
} matrix;

static void reflect(const matrix *a, const double *from, double *to) {
  double along = 2 * nd_dot(a->n, a->u, from);
  for (size_t i = 0; i < a->n; i++)
    to[i] = from[i] - along * a->u[i];
}

static nadir_status times(void *context, const double *v, double *product, nadir_error *error) {
  (void)error;
  const matrix *a = context;
  size_t n = a->n;
  if (!a->eigenvalues) {
    for (size_t i = 0; i < n; i++)
      product[i] = 2 * v[i] - (i > 0 ? v[i - 1] : 0) - (i + 1 < n ? v[i + 1] : 0);
    return NADIR_OK;
  }
  reflect(a, v, a->work);
  for (size_t i = 0; i < n; i++)
    a->work[i] *= a->eigenvalues[i];
  reflect(a, a->work, product);
  return NADIR_OK;
}

static double distance_to_nearest(const double *values, size_t n, double x) {
  double nearest = HUGE_VAL;
  for (size_t i = 0; i < n; i++)
    nearest = fmin(nearest, fabs(values[i] - x));
  return nearest;
}

/* truth: all eigenvalues, ascending. */
static void check_bounds(const nd_ritz *r, const double *truth, size_t n) {
  double low = truth[0], high = truth[n - 1], noise = 1e-12 * fmax(fabs(low), fabs(high));
  assert_true(r->largest <= high + noise && r->smallest >= low - noise);
  assert_true(r->above >= high && r->below <= low);
  assert_true(distance_to_nearest(truth, n, r->largest) <= r->largest_error);
  assert_true(distance_to_nearest(truth, n, r->smallest) <= r->smallest_error);
}

static nd_ritz ritz_of(const matrix *a, size_t steps, bool *complete) {
  nd_lanczos l;
  nd_ritz ritz;
  nadir_error error;
  must(nd_lanczos_new(&l, a->n, steps, &error), &error);
  l.multiply = times;
  l.context = (void *)(uintptr_t)a;
  nd_lanczos_start(&l, NULL);
  must(nd_lanczos_run(&l, &error), &error);
  must(nd_lanczos_bounds(&l, &ritz, &error), &error);
  *complete = l.complete;
  nd_lanczos_clear(&l);
  return ritz;
}

enum { EVEN, GEOMETRIC, CLUSTERED, SADDLE, FEW, KINDS };

static void fill_eigenvalues(double *d, size_t n, int kind) {
  for (size_t i = 0; i < n; i++) {
    double x = (double)i / (double)(n - 1);
    d[i] = kind == EVEN        ? 1 + x
           : kind == GEOMETRIC ? pow(10, 6 * x - 3)
           : kind == CLUSTERED ? (i + 3 < n ? 1 + 1e-3 * x : 50 + (double)i)
           : kind == SADDLE    ? x * x - 0.125
                               : floor(4 * x); /* 0, 1, 2, 3, and 4 once */
  }
}

static void test_matrices(void **state) {
  (void)state;
  static const size_t sizes[] = {300, 1200};
  for (size_t s = 0; s < ND_COUNT(sizes); s++)
    for (int kind = 0; kind < KINDS; kind++) {
      size_t n = sizes[s];
      bool complete;
      double *d = calloc(3 * n, sizeof *d);
      matrix a = {n, d, d + n, d + 2 * n};
      fill_eigenvalues(d, n, kind);
      fill_normal(a.u, n, 3);
      double norm = nd_norm(n, a.u);
      for (size_t i = 0; i < n; i++)
        a.u[i] /= norm;
      nd_ritz ritz = ritz_of(&a, 120, &complete);
      check_bounds(&ritz, d, n);
      /* Kuczynski and Wozniakowski at 120 steps: short by 1.2% of the spread at the most */
      double spread = d[n - 1] - d[0];
      assert_true(ritz.above - d[n - 1] <= 0.03 * spread && d[0] - ritz.below <= 0.03 * spread);
      assert_int_equal(complete, kind == FEW);
      if (kind == FEW || kind == CLUSTERED) assert_close(ritz.largest, d[n - 1], 1e-12);
      if (kind == FEW) assert_true(fabs(ritz.smallest) <= 1e-12);
      free(d);
    }
}

/* The second difference matrix, whose ends crowd, is the hard case: 2 - 2 cos(k pi / (n + 1)). */
static void test_second_differences(void **state) {
  (void)state;
  static const size_t sizes[] = {300, 1200};
  for (size_t s = 0; s < ND_COUNT(sizes); s++) {
    size_t n = sizes[s];
    bool complete;
    double *truth = calloc(n, sizeof *truth);
    for (size_t k = 0; k < n; k++)
      truth[k] = 2 - 2 * cos((double)(k + 1) * acos(-1) / (double)(n + 1));
    matrix a = {.n = n};
    static const size_t steps[] = {40, 150, 300};
    for (size_t i = 0; i < ND_COUNT(steps); i++) {
      nd_ritz ritz = ritz_of(&a, steps[i], &complete);
      check_bounds(&ritz, truth, n);
      assert_int_equal(complete, steps[i] == n);
      if (complete) assert_true(fabs(ritz.smallest - truth[0]) <= 1e-12);
    }
    free(truth);
  }
}

/* ---- tables of known eigenvalues ---- */

enum { COLUMNS = 1010, ROWS = 1024 };

typedef struct design {
  size_t columns, rows;
  double *cells, scale[COLUMNS]; /* of column j, from 1 */
  nd_array arrays[COLUMNS + 1];
  char names[COLUMNS + 1][8];
} design;

/* The target leans on every column alike in units of its own, and is not 0 on average. */
static design *design_new(size_t columns, size_t rows) {
  design *d = calloc(1, sizeof *d);
  d->columns = columns;
  d->rows = rows;
  d->cells = calloc((columns + 1) * rows, sizeof *d->cells);
  double *y = d->cells + columns * rows;
  fill_normal(y, rows, 9);
  for (size_t j = 0; j < columns; j++) {
    d->scale[j] = pow(10, 1 - 2 * (double)j / (double)(columns - 1));
    double *x = d->cells + j * rows;
    for (size_t i = 0; i < rows; i++) {
      x[i] = __builtin_parityll(i & (j + 1)) ? -d->scale[j] : d->scale[j];
      y[i] += x[i] / d->scale[j];
    }
  }
  for (size_t j = 0; j <= columns; j++) {
    snprintf(d->names[j], sizeof d->names[j], j < columns ? "c%zu" : "y", j);
    d->arrays[j] = (nd_array){.name = d->names[j], .values = d->cells + j * rows};
  }
  return d;
}

static void design_free(design *d) {
  free(d->cells);
  free(d);
}

static double *start_of(fitting *fit) {
  double *w = calloc(fit->objective->problem.size, sizeof *w);
  nd_model_start(fit->model, fit->settings, w);
  return w;
}

static const nadir_needed *needed_by(const nd_advice *advice, const char *rule) {
  for (size_t r = 0; nd_optimizer_at(r); r++)
    if (strcmp(nd_optimizer_at(r)->name, rule) == 0) return &advice->needed[r];
  fail();
  return NULL;
}

/* Updates of gd with this rate on the rows themselves. */
static uint64_t descend_with_rows(fitting *fit, double rate, double tolerance) {
  size_t n = fit->objective->problem.size;
  double *w = start_of(fit), *g = calloc(n, sizeof *g), first = 0;
  for (uint64_t t = 0;; t++) {
    gradient_at(fit, w, g);
    if (t == 0) first = nd_norm(n, g);
    if (nd_norm(n, g) <= tolerance * fmax(1, first)) {
      free(w);
      free(g);
      return t;
    }
    for (size_t i = 0; i < n; i++)
      w[i] -= rate * g[i];
  }
}

/* 1,011 parameters, for which the Hessian was not to be had: eigenvalues 2 s_j^2 from 0.02 to 200,
 * and 2 of the intercept. */
static void test_wide_table(void **state) {
  (void)state;
  fitting fit;
  nd_advice a;
  design *d = design_new(COLUMNS, ROWS);
  static const char *const pairs[] = {"scale", "none", "threads", "2", NULL};
  fit_arrays(&fit, d->arrays, d->columns + 1, d->rows, "y ~ linear(*)", pairs);
  double *w = start_of(&fit), trace = 2;
  must(nd_advise(fit.objective, w, 1e-6, &a, &fit.error), &fit.error);
  assert_true(a.steps > 0 && a.steps <= 150 && !a.hessian && a.convex_here);
  assert_true(a.curvature_max <= 200 * (1 + 1e-12) && a.largest_bound >= 200);
  assert_close(a.curvature_max, 200, 1e-4);
  assert_true(a.largest_bound <= 204 && !a.largest_proved);
  assert_true(a.curvature_min >= 0.02 && a.least_bound == 0 && a.least_proved);
  for (size_t j = 0; j < d->columns; j++) {
    assert_close(a.second[1 + j], 2 * d->scale[j] * d->scale[j], 1e-12);
    trace += 2 * d->scale[j] * d->scale[j];
  }
  assert_true(a.trace_bound >= 200 && a.trace_bound < trace);
  /* at least, and not by much less: the true one is 10^4 */
  assert_true(a.condition_scaled > 300 && a.condition_scaled <= 1e4 * (1 + 1e-9));
  assert_close(a.condition_raw, a.condition_scaled, 1e-6);
  assert_int_equal(needed_by(&a, "gd")->known, NADIR_MODELLED);
  assert_int_equal(needed_by(&a, "newton")->updates, 1);
  assert_int_equal(needed_by(&a, "adam")->known, NADIR_NOT_PREDICTED);
  nd_advice_clear(&a);
  free(w);
  fit_free(&fit);
  design_free(d);
}

/* The first updates are known exactly, the later ones by quadrature: as a descent on the rows. */
static void test_updates_counted(void **state) {
  (void)state;
  fitting fit;
  nd_advice a;
  design *d = design_new(COLUMNS, ROWS);
  static const char *const pairs[] = {"scale", "none", "threads", "2", NULL};
  static const double tolerances[] = {0.2, 0.02};
  fit_arrays(&fit, d->arrays, d->columns + 1, d->rows, "y ~ linear(*)", pairs);
  double *w = start_of(&fit);
  for (size_t i = 0; i < ND_COUNT(tolerances); i++) {
    must(nd_advise(fit.objective, w, tolerances[i], &a, &fit.error), &fit.error);
    uint64_t counted = descend_with_rows(&fit, 1 / a.curvature_max, tolerances[i]);
    assert_int_equal(needed_by(&a, "gd")->known, counted < a.steps ? NADIR_SIMULATED : NADIR_MODELLED);
    assert_int_equal(counted < a.steps, i == 0);
    assert_close((double)needed_by(&a, "gd")->updates, (double)counted, i == 0 ? 0 : 0.01);
    nd_advice_clear(&a);
  }
  free(w);
  fit_free(&fit);
  design_free(d);
}

/* Scaled to one width all eigenvalues are 2, one step finds them, and the table's own are as before:
 * 2 s_j^2, and those of the intercept. */
static void test_scaled_table(void **state) {
  (void)state;
  fitting fit;
  nd_advice a;
  design *d = design_new(COLUMNS, ROWS);
  fit_arrays(&fit, d->arrays, d->columns + 1, d->rows, "y ~ linear(*)", NULL);
  double *w = start_of(&fit);
  must(nd_advise(fit.objective, w, 1e-6, &a, &fit.error), &fit.error);
  assert_int_equal(a.steps, 1);
  assert_close(a.curvature_max, 2, 1e-12);
  assert_close(a.curvature_min, 2, 1e-12);
  assert_close(a.condition_scaled, 1, 1e-9);
  assert_true(a.condition_raw > 300 && a.condition_raw <= 1e4 * (1 + 1e-9));
  assert_int_equal(needed_by(&a, "gd")->updates, 1);
  assert_int_equal(needed_by(&a, "gd")->known, NADIR_SIMULATED);
  for (size_t i = 0; i < a.size; i++)
    assert_true(fabs(a.best_step[i] - fabs(a.gradient[i]) / 2) <= 1e-12);
  nd_advice_clear(&a);
  free(w);
  fit_free(&fit);
  design_free(d);
}

/* ---- against the Hessian itself ---- */

typedef struct both {
  const char *formula, *pairs[7];
} both;

static const both cases[] = {{"y ~ linear(x, z)", {NULL}},
                             {"y ~ linear(x, z)", {"l2", "0.3", "weight", "v", NULL}},
                             {"y ~ poly(x, 2)", {"scale", "none", NULL}},
                             {"y > 0 ~ linear(x, z, x*z)", {"loss", "logistic", NULL}},
                             {"y ~ linear(x, x^2, z)", {"precision", "single", NULL}},
                             {"y ~ linear(x, z)", {"loss", "(y - f)^2 + 0.1*f^2", NULL}},
                             {"y ~ a*tanh(b*x) + c*z", {"start", "a=1,b=1", NULL}},
                             {"y ~ a*tanh(b*x)", {"start", "a=0.1,b=2", NULL}}};

static void open_case(fitting *fit, const both *which) {
  static double columns[4][200];
  static const char *const names[] = {"x", "z", "y", "v"};
  nd_array arrays[4];
  for (size_t j = 0; j < 4; j++) {
    fill_normal(columns[j], 200, 20 + j);
    arrays[j] = (nd_array){.name = names[j], .values = columns[j]};
  }
  for (size_t i = 0; i < 200; i++) {
    columns[0][i] = 3 + columns[0][i];
    columns[2][i] += columns[0][i] - 10 * columns[1][i];
    columns[3][i] = 1 + fabs(columns[3][i]);
  }
  fit_arrays(fit, arrays, 4, 200, which->formula, which->pairs);
  fit->objective->single = nd_data_count(fit->data)->single;
}

/* The slopes along the eigenvectors make the gradient, and from them gd needs as many updates as it took in the
 * simulation; at the limit and beyond it never comes to rest. */
static void check_modes(const nd_advice *a, bool single) {
  const nadir_needed *gd = needed_by(a, "gd");
  nadir_curvature c = {.tolerance = 1e-6, .modes = a->modes, .mode = a->mode};
  double square = 0;
  for (size_t i = 0; i < a->modes; i++)
    square += a->mode[i].slope * a->mode[i].slope;
  assert_close(sqrt(square), nd_norm(a->size, a->gradient), 1e-6);
  if (gd->known != NADIR_SIMULATED || single) return;
  double rate = nd_auto_rate(gd->method, NULL, a->curvature_max), updates = nd_updates_at(&c, rate);
  assert_true(fabs(updates - (double)gd->updates) <= 1 + (double)gd->updates / 50);
  assert_true(nd_updates_at(&c, rate / 100) >= updates);
  assert_true(isinf(nd_updates_at(&c, 2.001 / a->curvature_max)));
}

/* With as many steps as parameters all is known to rounding, so both ways must agree. */
static void compare(const fitting *fit, const nd_advice *exact, const nd_advice *a) {
  double noise = fit->objective->single ? 1e-4 : 1e-9, scale = exact->curvature_max;
  assert_true(fabs(a->curvature_max - exact->curvature_max) <= noise * scale);
  assert_true(fabs(a->curvature_min - exact->curvature_min) <= noise * scale);
  assert_true(a->largest_bound >= exact->curvature_max && a->least_bound <= exact->curvature_min);
  assert_int_equal(a->convex_here, exact->convex_here);
  if (!exact->convex_here) return;
  check_modes(exact, fit->objective->single);
  check_modes(a, fit->objective->single);
  static const char *const rules[] = {"gd", "momentum", "nesterov"};
  for (size_t r = 0; r < ND_COUNT(rules) && !fit->objective->single; r++) {
    const nadir_needed *one = needed_by(exact, rules[r]), *other = needed_by(a, rules[r]);
    assert_int_equal(other->known, one->known);
    if (one->known == NADIR_SIMULATED)
      assert_true(llabs((long long)one->updates - (long long)other->updates) <=
                  1 + (long long)(one->updates / 50));
  }
  for (size_t i = 0; i < a->size; i++) {
    assert_true(fabs(a->second[i] - exact->second[i]) <= noise * scale);
    assert_close(a->root_sum_square[i], exact->root_sum_square[i], fmax(noise, 1e-6));
  }
}

static void test_both_ways(void **state) {
  (void)state;
  for (size_t k = 0; k < ND_COUNT(cases); k++) {
    fitting fit;
    nd_advice exact, a;
    nd_errors errors;
    open_case(&fit, &cases[k]);
    double *w = start_of(&fit);
    must(nd_advise(fit.objective, w, 1e-6, &exact, &fit.error), &fit.error);
    must(nd_advise_by_products(fit.objective, w, 1e-6, &a, &fit.error), &fit.error);
    assert_int_equal(exact.steps, 0);
    compare(&fit, &exact, &a);
    must(nd_standard_errors(ND_ERRORS_AUTO, fit.objective, w, &errors, &fit.error),
         &fit.error);
    assert_int_equal(isnan(errors.condition_raw), isnan(a.condition_raw));
    if (!isnan(a.condition_raw) && errors.condition_raw < 1e8 && !fit.objective->single) {
      assert_close(a.condition_raw, errors.condition_raw, 1e-4);
      assert_close(a.condition_scaled, errors.condition_scaled, 1e-4);
    }
    nd_advice_clear(&a);
    nd_advice_clear(&exact);
    free(w);
    fit_free(&fit);
  }
}

/* ---- without memory ---- */

#ifdef NADIR_FAULTS

static bool advise_with_failure(const both *which, unsigned n) {
  fitting fit;
  nd_advice a;
  char what[32];
  open_case(&fit, which);
  double *w = start_of(&fit);
  snprintf(what, sizeof what, "memory:%u", n);
  assert_true(nd_fault_set(what));
  nadir_status status = nd_advise_by_products(fit.objective, w, 1e-3, &a, &fit.error);
  bool reached = nd_fault_count(ND_FAULT_MEMORY) >= n;
  assert_true(nd_fault_set(NULL));
  assert_int_equal(status, reached ? NADIR_NO_MEMORY : NADIR_OK);
  nd_advice_clear(&a);
  free(w);
  fit_free(&fit);
  return reached;
}

static void test_memory(void **state) {
  (void)state;
  unsigned n = 1;
  while (advise_with_failure(&cases[1], n))
    n += n < 40 ? 1 : 17;
  assert_true(n > 40);
}

#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_matrices),     cmocka_unit_test(test_second_differences),
      cmocka_unit_test(test_wide_table),   cmocka_unit_test(test_updates_counted),
      cmocka_unit_test(test_scaled_table), cmocka_unit_test(test_both_ways),
#ifdef NADIR_FAULTS
      cmocka_unit_test(test_memory),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
