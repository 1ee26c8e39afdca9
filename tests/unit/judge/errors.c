/* Standard errors against NIST's certified values (Statistical Reference Datasets) and closed
 * forms, and condition numbers against eigenvalues found by hand. */
#include <jansson.h>

#include "../fitting.h"

#include "judge/judge.h"

enum { MOST = 300, MOST_COLUMNS = 8 };

typedef struct dataset {
  const char *folder, *name;
  json_t *about;
  double columns[MOST_COLUMNS][MOST];
  nd_array arrays[MOST_COLUMNS];
  size_t count, rows;
} dataset;

static const char *text_of(const json_t *object, const char *key) {
  return json_string_value(json_object_get(object, key));
}

static double number_of(const json_t *object, const char *key) {
  return atof(text_of(object, key));
}

/* The data are the last lines of the file, one an observation. */
static void read_rows(dataset *set) {
  char path[512], line[256];
  snprintf(path, sizeof path, "%s/%s.dat", set->folder, set->name);
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  bool inside = false;
  set->rows = 0;
  while (fgets(line, sizeof line, file) != NULL) {
    if (!inside) {
      /* "Data:  y  x": the heading of the numbers names its columns; earlier ones tell of lines */
      inside = strncmp(line, "Data:", 5) == 0 && strstr(line, " x") != NULL &&
               strstr(line, "Response") == NULL;
      continue;
    }
    char *at = line;
    size_t c = 0;
    for (char *end; c < set->count; c++, at = end) {
      set->columns[c][set->rows] = strtod(at, &end);
      if (end == at) break;
    }
    if (c == set->count) set->rows++;
  }
  fclose(file);
  assert_int_equal(set->rows, json_integer_value(json_object_get(set->about, "observations")));
}

static void read_set(dataset *set) {
  const json_t *columns = json_object_get(set->about, "columns");
  set->count = json_array_size(columns);
  for (size_t c = 0; c < set->count; c++)
    set->arrays[c] = (nd_array){.name = json_string_value(json_array_get(columns, c)),
                                .values = set->columns[c]};
  read_rows(set);
}

static const char *linear_formula(const char *name) {
  if (strncmp(name, "Wampler", 7) == 0) return "y ~ poly(x, 5)";
  if (strcmp(name, "Filip") == 0) return "y ~ poly(x, 10)";
  return strcmp(name, "Longley") == 0 ? "y ~ linear(x1..x6)" : "y ~ linear(x)";
}

/* Digits: Longley's columns are nearly dependent (scaled condition number of the Hessian 1e4), and
 * Wampler's parameters of 1 go with a target of 1e6 that rounds to 1e-10. */
static void check_linear(dataset *set) {
  fitting fit;
  nd_errors errors;
  double w[16];
  bool no_intercept = strcmp(set->name, "NoInt1") == 0;
  fit_arrays(&fit, set->arrays, set->count, set->rows, linear_formula(set->name),
             (const char *[]){"no-intercept", no_intercept ? "true" : "false", NULL});
  solve(&fit, 3, w);
  must(nd_standard_errors(ND_ERRORS_AUTO, fit.objective, w, &errors, &fit.error), &fit.error);
  const json_t *parameters = json_object_get(set->about, "parameters");
  assert_int_equal(json_array_size(parameters), fit.model->size);
  for (size_t i = 0; i < fit.model->size; i++) {
    const json_t *certified = json_array_get(parameters, i);
    double value = number_of(certified, "certified"), sigma = number_of(certified, "std_dev");
    assert_close(fit.model->value[i], value, 1e-9);
    if (sigma > 0) assert_close(fit.model->standard_error[i], sigma, 1e-10);
  }
  double residual = number_of(set->about, "residual_std_dev");
  if (residual > 0) assert_close(errors.residual_sigma, residual, 1e-9);
  assert_int_equal(errors.degrees_of_freedom,
                   json_integer_value(json_object_get(set->about, "degrees_of_freedom")));
  if (!no_intercept) assert_true(errors.condition_scaled <= errors.condition_raw * (1 + 1e-9));
  fit_free(&fit);
}

/* At the certified parameters: there the residuals' standard deviation and J'J are certified too.
 */
static void check_nonlinear(dataset *set) {
  fitting fit;
  nd_errors errors;
  char formula[512];
  snprintf(formula, sizeof formula, "%s ~ %s", text_of(set->about, "response"),
           text_of(set->about, "model"));
  fit_arrays(&fit, set->arrays, set->count, set->rows, formula, NULL);
  const json_t *parameters = json_object_get(set->about, "parameters"), *certified;
  double w[16];
  size_t i;
  assert_int_equal(json_array_size(parameters), fit.model->size);
  json_array_foreach(parameters, i, certified) {
    size_t at = 0;
    while (strcmp(fit.model->parameters[at].name, text_of(certified, "name")) != 0)
      at++;
    w[at] = number_of(certified, "certified");
  }
  must(nd_standard_errors(ND_ERRORS_AUTO, fit.objective, w, &errors, &fit.error), &fit.error);
  json_array_foreach(parameters, i, certified) {
    size_t at = 0;
    while (strcmp(fit.model->parameters[at].name, text_of(certified, "name")) != 0)
      at++;
    assert_close(fit.model->standard_error[at], number_of(certified, "std_dev"), 1e-6);
  }
  assert_close(errors.residual_sigma, number_of(set->about, "residual_std_dev"), 1e-7);
  fit_free(&fit);
}

/* The linear sets of the list of certified values, or the others. */
static void check_sets(bool linear, size_t wanted) {
  static dataset set;
  json_error_t wrong;
  json_t *all = json_load_file(ND_SOURCE_DIR "/tests/data/nist/certified.json", 0, &wrong), *about;
  const char *name;
  size_t checked = 0;
  assert_non_null(all);
  json_object_foreach(all, name, about) {
    /* Lanczos1's residuals, 1e-13, are below what its printed parameters determine. */
    bool other = strcmp(text_of(about, "kind"), "linear") == 0 ? !linear : linear;
    if (other || strcmp(name, "Lanczos1") == 0) continue;
    set = (dataset){.folder = ND_SOURCE_DIR "/tests/data/nist", .name = name, .about = about};
    read_set(&set);
    print_message("%s\n", name);
    if (linear)
      check_linear(&set);
    else
      check_nonlinear(&set);
    checked++;
  }
  assert_int_equal(checked, wanted);
  json_decref(all);
}

static void test_nist_linear(void **state) {
  (void)state;
  check_sets(true, 7);
}

static void test_nist_nonlinear(void **state) {
  (void)state;
  check_sets(false, 13);
}

/* ---- weights: closed forms of a weighted straight line ---- */

typedef struct line {
  double slope, intercept, slope_error, intercept_error, chi2;
} line;

static line line_by_hand(const double *x, const double *y, const double *sigma, size_t n) {
  double s = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (size_t i = 0; i < n; i++) {
    double a = 1 / (sigma[i] * sigma[i]);
    s += a;
    sx += a * x[i];
    sy += a * y[i];
    sxx += a * x[i] * x[i];
    sxy += a * x[i] * y[i];
  }
  double d = s * sxx - sx * sx;
  line it = {.slope = (s * sxy - sx * sy) / d, .intercept = (sxx * sy - sx * sxy) / d};
  it.slope_error = sqrt(s / d);
  it.intercept_error = sqrt(sxx / d);
  for (size_t i = 0; i < n; i++) {
    double r = (y[i] - it.intercept - it.slope * x[i]) / sigma[i];
    it.chi2 += r * r;
  }
  return it;
}

static void fit_line(const nd_array *arrays, const char *formula, const char *const *pairs,
                     double *errors_of, double *values, nd_errors *errors) {
  fitting fit;
  double w[2];
  fit_arrays(&fit, arrays, 3, 24, formula, pairs);
  solve(&fit, 1, w);
  must(nd_standard_errors(ND_ERRORS_AUTO, fit.objective, w, errors, &fit.error), &fit.error);
  memcpy(values, fit.model->value, 2 * sizeof *values);
  memcpy(errors_of, fit.model->standard_error, 2 * sizeof *errors_of);
  fit_free(&fit);
}

static void test_sigma(void **state) {
  (void)state;
  double sigma[24], e[2], v[2];
  for (size_t i = 0; i < 24; i++)
    sigma[i] = 100 + 10 * (double)(i % 7);
  const nd_array arrays[] = {
      hubble[0], hubble[1], {.name = "sigma", .unit = "km/s", .values = sigma}};
  line truth = line_by_hand(hubble_distance, hubble_velocity, sigma, 24);
  nd_errors errors;
  fit_line(arrays, "velocity ~ linear(distance)", (const char *[]){"sigma", "sigma", NULL}, e, v,
           &errors);
  assert_close(v[0], truth.intercept, 1e-12);
  assert_close(v[1], truth.slope, 1e-12);
  assert_close(e[0], truth.intercept_error, 1e-12);
  assert_close(e[1], truth.slope_error, 1e-12);
  assert_close(errors.chi2, truth.chi2, 1e-12);
  assert_int_equal(errors.degrees_of_freedom, 22);
  assert_true(isnan(errors.residual_sigma));
  /* the same line as a free formula, by Gauss-Newton */
  fit_line(arrays, "velocity ~ b + h*distance", (const char *[]){"sigma", "sigma", NULL}, e, v,
           &errors);
  assert_close(v[1], truth.slope, 1e-9);
  assert_close(e[0], truth.intercept_error, 1e-12);
  assert_close(e[1], truth.slope_error, 1e-12);
  assert_close(errors.chi2, truth.chi2, 1e-12);
}

/* Weights are relative: s^2 takes up their scale. */
static void test_weight(void **state) {
  (void)state;
  double sigma[24], e[2], v[2];
  for (size_t i = 0; i < 24; i++)
    sigma[i] = 100 + 10 * (double)(i % 7);
  const nd_array arrays[] = {
      hubble[0], hubble[1], {.name = "sigma", .unit = "km/s", .values = sigma}};
  line truth = line_by_hand(hubble_distance, hubble_velocity, sigma, 24);
  double s = sqrt(truth.chi2 / 22);
  nd_errors errors;
  const char *weights[] = {"1/sigma^2", "1e6/sigma^2"};
  for (size_t k = 0; k < 2; k++) {
    fit_line(arrays, "velocity ~ linear(distance)", (const char *[]){"weight", weights[k], NULL}, e,
             v, &errors);
    assert_close(e[0], s * truth.intercept_error, 1e-12);
    assert_close(e[1], s * truth.slope_error, 1e-12);
    assert_close(errors.residual_sigma, s * (k == 0 ? 1 : 1e3), 1e-12);
    assert_true(isnan(errors.chi2));
  }
}

static void test_no_errors(void **state) {
  (void)state;
  const char *settings[][3] = {{"l2", "1", NULL}, {"l1", "1", NULL}, {"loss", "absolute", NULL}};
  for (size_t k = 0; k < 3; k++) {
    fitting fit;
    nd_errors errors;
    double w[2] = {0.1, 0.2};
    fit_arrays(&fit, hubble, 2, 24, "velocity ~ linear(distance)", settings[k]);
    must(nd_standard_errors(ND_ERRORS_AUTO, fit.objective, w, &errors, &fit.error),
         &fit.error);
    assert_true(isnan(fit.model->standard_error[0]) && isnan(fit.model->standard_error[1]));
    assert_null(fit.model->covariance);
    fit_free(&fit);
  }
}

/* Units that are powers of two change exponents alone, also where squares are no doubles. */
static void test_units(void **state) {
  (void)state;
  double x[24], y[24], e[2][2], v[2][2], sigma[2];
  for (int k = 0; k < 2; k++) {
    int of_x = k == 0 ? 0 : -520, of_y = k == 0 ? 0 : -570;
    for (size_t i = 0; i < 24; i++) {
      x[i] = ldexp(hubble_distance[i], of_x);
      y[i] = ldexp(hubble_velocity[i], of_y);
    }
    const nd_array arrays[] = {
        {.name = "x", .values = x}, {.name = "y", .values = y}, {.name = "z", .values = x}};
    nd_errors errors;
    fit_line(arrays, "y ~ linear(x)", NULL, e[k], v[k], &errors);
    sigma[k] = errors.residual_sigma;
  }
  assert_true(v[1][0] == ldexp(v[0][0], -570) && e[1][0] == ldexp(e[0][0], -570));
  assert_true(v[1][1] == ldexp(v[0][1], -50) && e[1][1] == ldexp(e[0][1], -50));
  assert_true(sigma[1] == ldexp(sigma[0], -570));
}

/* ---- condition ---- */

/* x of mean 0: the Hessian of b + w x is 2 diag(1, mean x^2), so its condition is mean x^2; scaled,
 * it is the identity's. With a mean of m, that of [[1, m], [m, m^2 + v]]. */
static void test_condition(void **state) {
  (void)state;
  double x[4] = {-3, -1, 1, 3}, y[4] = {1, 2, 2, 5}, scale[] = {1, 1e5, 1e12};
  for (size_t k = 0; k < 3; k++)
    for (size_t m = 0; m < 2; m++) {
      double moved[4], mean = m == 0 ? 0 : 2 * scale[k], variance = 5 * scale[k] * scale[k];
      for (size_t i = 0; i < 4; i++)
        moved[i] = x[i] * scale[k] + mean;
      const nd_array arrays[] = {{.name = "x", .values = moved}, {.name = "y", .values = y}};
      fitting fit;
      nd_errors errors;
      double w[2];
      fit_arrays(&fit, arrays, 2, 4, "y ~ linear(x)", NULL);
      solve(&fit, 1, w);
      must(nd_standard_errors(ND_ERRORS_AUTO, fit.objective, w, &errors, &fit.error),
           &fit.error);
      double trace = 1 + mean * mean + variance, root = sqrt(trace * trace - 4 * variance);
      double greatest = (trace + root) / 2;
      assert_close(errors.condition_scaled, 1, 1e-12);
      assert_close(errors.condition_raw, greatest * greatest / variance, 1e-10);
      fit_free(&fit);
    }
}

static void test_dependent(void **state) {
  (void)state;
  fitting fit;
  nd_errors errors;
  double w[3] = {0};
  fit_text(&fit, "x,y\n1,2\n2,3\n3,9\n4,1\n", "y ~ linear(x, 2*x)", NULL);
  must(nd_standard_errors(ND_ERRORS_AUTO, fit.objective, w, &errors, &fit.error), &fit.error);
  assert_true(errors.condition_raw > 1e14 && errors.condition_scaled > 1e14);
  fit_free(&fit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_nist_linear), cmocka_unit_test(test_nist_nonlinear),
      cmocka_unit_test(test_sigma),       cmocka_unit_test(test_weight),
      cmocka_unit_test(test_no_errors),   cmocka_unit_test(test_units),
      cmocka_unit_test(test_condition),   cmocka_unit_test(test_dependent)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
