/* softmax: all classes together can go anywhere, so that slopes and curvatures along that are 0 - to the rounding of
 * the slopes themselves, not of the sums over rows, or Newton's steps lead far away. */
#include <float.h>

#include "../fitting.h"

enum { ROWS = 1200, CLASSES = 3, FEATURES = 2, SIZE = CLASSES * (FEATURES + 1) };

static double x[ROWS], y[ROWS], noise[ROWS], class[ROWS];

static void begin(fitting *fit) {
  fill_normal(x, ROWS, 1);
  fill_normal(y, ROWS, 2);
  fill_normal(noise, ROWS, 3);
  for (size_t i = 0; i < ROWS; i++) {
    double at = x[i] + 0.3 * noise[i];
    class[i] = at < -0.5 ? 0 : at < 0.6 ? 1 : 2;
  }
  const nd_array columns[] = {{"x", NULL, x, NADIR_FLOAT64, 0},
                              {"y", NULL, y, NADIR_FLOAT64, 0},
                              {"class", NULL, class, NADIR_FLOAT64, 0}};
  fit_arrays(fit, columns, 3, ROWS, "class ~ softmax(3; x, y)", NULL);
}

/* Near the minimum slopes are small against what they are sums of. */
static void slopes_of_all_classes_together_are_0(void **state) {
  (void)state;
  fitting fit;
  double w[SIZE] = {0}, gradient[SIZE], hessian[SIZE * SIZE], loss, largest = 0, curved = 0;
  begin(&fit);
  const nadir_problem *problem = &fit.objective->problem;
  for (int t = 0; t < 500; t++) { /* plain descent comes near enough */
    must(problem->gradient(problem->context, w, &loss, gradient, &fit.error), &fit.error);
    for (size_t i = 0; i < SIZE; i++)
      w[i] -= 2 * gradient[i];
  }
  must(problem->hessian(problem->context, w, hessian, &fit.error), &fit.error);
  for (size_t i = 0; i < SIZE; i++) {
    largest = fmax(largest, fabs(gradient[i]));
    curved = fmax(curved, hessian[i * SIZE + i]);
  }
  assert_true(largest > 0 && largest < 1e-2);
  for (size_t j = 0; j <= FEATURES; j++) {
    double slope = 0;
    for (size_t k = 0; k < CLASSES; k++)
      slope += gradient[k * (FEATURES + 1) + j];
    assert_true(fabs(slope) <= 4 * DBL_EPSILON * largest);
    for (size_t i = 0; i < SIZE; i++) {
      double curvature = 0;
      for (size_t k = 0; k < CLASSES; k++)
        curvature += hessian[i * SIZE + k * (FEATURES + 1) + j];
      assert_true(fabs(curvature) <= 4 * DBL_EPSILON * curved);
    }
  }
  fit_free(&fit);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(slopes_of_all_classes_together_are_0)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
