/* A safe rate, Taylor coefficients, the steps of a proof and predictions, as numbers.
 *
 *     cc facts.c $(pkg-config --cflags --libs nadir) -o facts */
#include <nadir.h>
#include <stdio.h>

static nadir_status about_formula(nadir_settings *settings, nadir_error *error) {
  nadir_expr *expr = NULL;
  nadir_curvature *curvature = NULL;
  nadir_expansion *series = NULL;
  nadir_convexity *proof = NULL;
  nadir_status status = nadir_expr_new(&expr, "x^2 + exp(x)", error);
  if (status == NADIR_OK) status = nadir_rate(expr, settings, NULL, &curvature, error);
  if (status == NADIR_OK) status = nadir_taylor(expr, settings, NULL, &series, error);
  if (status == NADIR_OK) status = nadir_convex(expr, settings, NULL, &proof, error);
  if (status == NADIR_OK) {
    printf("safe rate %.4f\n", curvature->safe);
    for (size_t k = 0; k < series->coefficients; k++)
      printf("h^(%zu)/%zu! = %.6f\n", k, k, series->coefficient[k]);
    for (size_t i = 0; i < proof->steps; i++)
      printf("%s: %s\n", proof->step[i].formula, nadir_rule_meaning(proof->step[i].rule));
  }
  nadir_convexity_free(proof);
  nadir_expansion_free(series);
  nadir_curvature_free(curvature);
  nadir_expr_free(expr);
  return status;
}

static nadir_status predictions(nadir_settings *settings, nadir_error *error) {
  static const double x[] = {0, 1, 2}, y[] = {1, 3, 5}, new_x[] = {10, 20};
  nadir_table *table = NULL, *new_table = NULL;
  nadir_result *fit = NULL;
  double values[2]; /* of y, one for each new x */
  nadir_status status = nadir_table_new(&table, 3, error);
  if (status == NADIR_OK) status = nadir_table_add(table, "x", NULL, NADIR_FLOAT64, x, 0, error);
  if (status == NADIR_OK) status = nadir_table_add(table, "y", NULL, NADIR_FLOAT64, y, 0, error);
  if (status == NADIR_OK) status = nadir_table_new(&new_table, 2, error);
  if (status == NADIR_OK) status = nadir_table_add(new_table, "x", NULL, NADIR_FLOAT64, new_x, 0, error);
  if (status == NADIR_OK) status = nadir_fit(table, "y ~ linear(x)", settings, NULL, &fit, error);
  if (status == NADIR_OK) status = nadir_evaluate(fit->model, new_table, settings, NULL, values, 2, error);
  if (status == NADIR_OK) printf("y(10) = %.6f, y(20) = %.6f\n", values[0], values[1]);
  nadir_result_free(fit);
  nadir_table_free(new_table);
  nadir_table_free(table);
  return status;
}

int main(void) {
  nadir_error error;
  nadir_settings *settings = NULL;
  nadir_status status = nadir_settings_new(&settings, &error);
  if (status == NADIR_OK) status = nadir_settings_set(settings, "box", "x=-1:1", &error);
  if (status == NADIR_OK) status = about_formula(settings, &error);
  if (status == NADIR_OK) status = predictions(settings, &error);
  if (status != NADIR_OK) fprintf(stderr, "facts: %s\n", error.message);
  nadir_settings_free(settings);
  return nadir_exit_status(status);
}
