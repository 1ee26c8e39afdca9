/* Objectives of tables against normal equations, finite differences, and themselves in other forms.
 */
#include "../fitting.h"

/* Slope and intercept of E. Hubble's 1929 table by normal equations, done by hand in double. */
static void test_hubble(void **state) {
  (void)state;
  double n = 24, x = 0, y = 0, xx = 0, xy = 0;
  for (size_t i = 0; i < 24; i++) {
    x += hubble_distance[i];
    y += hubble_velocity[i];
    xx += hubble_distance[i] * hubble_distance[i];
    xy += hubble_distance[i] * hubble_velocity[i];
  }
  double slope = (n * xy - x * y) / (n * xx - x * x), intercept = (y - slope * x) / n;
  assert_close(slope, 454.16, 1e-5);
  assert_close(intercept, -40.78, 1e-4);
  fitting fit;
  double w[2];
  fit_arrays(&fit, hubble, 2, 24, "velocity ~ linear(distance)", NULL);
  assert_string_equal(fit.model->parameters[0].name, "b");
  assert_string_equal(fit.model->parameters[1].name, "w[distance]");
  assert_string_equal(fit.model->parameters[1].unit, "km/s/Mpc");
  solve(&fit, 1, w);
  assert_close(fit.model->value[1], slope, 1e-13);
  assert_close(fit.model->value[0], intercept, 1e-12);
  /* Scaled: the slope is the correlation, the intercept 0. */
  assert_close(w[1], 0.7896, 1e-3);
  assert_true(fabs(w[0]) < 1e-14);
  fit_free(&fit);
  fit_arrays(&fit, hubble, 2, 24, "velocity ~ linear(distance)",
             (const char *[]){"no-intercept", "true", NULL});
  assert_int_equal(fit.model->size, 1);
  solve(&fit, 1, w);
  assert_close(fit.model->value[0], xy / xx, 1e-13);
  assert_close(fit.model->value[0], 423.94, 1e-5);
  fit_free(&fit);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_hubble)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
