/* Absolute, quantile and hinge losses solved to their vertex: medians and quantiles of groups, lines
 * through points, a support vector machine worked out by hand, and random fits, whose losses rise in
 * every direction. */
#include "../fitting.h"

#include "judge/judge.h"

static nd_smooth solved(fitting *fit, double *table_w) {
  assert_true(nd_smooth_applies(fit->objective));
  size_t n = fit->objective->problem.size;
  double *start = calloc(n, sizeof *start);
  nd_smooth result;
  nd_model_start(fit->model, fit->settings, start);
  must(nd_smooth_descend(fit->objective, start, 0, NULL, &result, &fit->error), &fit->error);
  fit->objective->to_table(fit->objective, result.w, table_w);
  free(start);
  return result;
}

/* 9 rows of each of two groups; the k-th smallest of each group. */
static const double group[18] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1};
static const double values[18] = {3.25, 1,  7,  100, 2.5, 4,  -6, 5,    5.5,
                                  20,   40, 35, 31,  10,  22, 28, -500, 33};
static const double sorted[2][9] = {{-6, 1, 2.5, 3.25, 4, 5, 5.5, 7, 100},
                                    {-500, 10, 20, 22, 28, 31, 33, 35, 40}};

static void groups_get_their_quantiles(void **state) {
  (void)state;
  static const struct {
    const char *loss;
    int place;
  } cases[] = {{"absolute", 4},
               {"quantile(0.5)", 4},
               {"quantile(0.25)", 2},
               {"quantile(0.9)", 8},
               {"quantile(0.05)", 0}};
  const nd_array arrays[] = {{.name = "x", .values = group}, {.name = "y", .values = values}};
  for (size_t k = 0; k < ND_COUNT(cases); k++) {
    const char *pairs[] = {"loss", cases[k].loss, NULL};
    fitting fit;
    double w[2];
    fit_arrays(&fit, arrays, 2, 18, "y ~ linear(x)", pairs);
    nd_smooth result = solved(&fit, w);
    double low = sorted[0][cases[k].place], high = sorted[1][cases[k].place];
    assert_close(w[0], low, 1e-13);
    assert_close(w[0] + w[1], high, 1e-13);
    assert_true(result.duality_gap <= 1e-9 * loss_at(&fit, result.w) && result.updates <= 40);
    nd_smooth_clear(&result);
    fit_free(&fit);
  }
}

/* Five of eight points lie on a line, however far the others are from it. */
static void the_line_goes_through_most_points(void **state) {
  (void)state;
  static const double x[8] = {0, 1, 2, 3, 4, 5, 6, 7};
  static const double far[] = {1, 1e3, 1e8};
  for (size_t k = 0; k < ND_COUNT(far); k++) {
    double y[8], w[2];
    for (int i = 0; i < 8; i++)
      y[i] = 2 + 3 * x[i];
    y[1] += far[k], y[4] -= 2 * far[k], y[6] += far[k];
    const nd_array arrays[] = {{.name = "x", .values = x}, {.name = "y", .values = y}};
    const char *pairs[] = {"loss", "absolute", NULL};
    fitting fit;
    fit_arrays(&fit, arrays, 2, 8, "y ~ linear(x)", pairs);
    nd_smooth result = solved(&fit, w);
    if (!(fabs(w[0] - 2) <= 1e-14 * (1 + far[k])))
      fail_msg("%.17g %.17g gap %g updates %d", w[0], w[1], result.duality_gap,
               (int)result.updates);
    assert_true(fabs(w[1] - 3) <= 1e-14 * (1 + far[k]));
    nd_smooth_clear(&result);
    fit_free(&fit);
  }
}

/* Classes at x = -1 and 1: w is least of max(0, 1 - w) + l2 w^2 / 2, at 1 or 1/l2. */
static void two_points_make_a_machine(void **state) {
  (void)state;
  static const double x[4] = {-1, 1, -1, 1}, y[4] = {0, 1, 0, 1};
  static const struct {
    const char *l2;
    double w;
  } cases[] = {{"0.1", 1}, {"0.5", 1}, {"2", 0.5}, {"8", 0.125}};
  for (size_t k = 0; k < ND_COUNT(cases); k++) {
    const nd_array arrays[] = {{.name = "x", .values = x}, {.name = "y", .values = y}};
    const char *pairs[] = {"loss", "hinge", "l2", cases[k].l2, NULL};
    fitting fit;
    double w[2];
    fit_arrays(&fit, arrays, 2, 4, "y ~ linear(x)", pairs);
    nd_smooth result = solved(&fit, w);
    assert_close(w[1], cases[k].w, 1e-9);
    assert_true(result.duality_gap <= 1e-9 * loss_at(&fit, result.w));
    nd_smooth_clear(&result);
    fit_free(&fit);
  }
}

/* A convex loss that rises in every direction is at its minimum. */
static void check_rises(fitting *fit, const double *w) {
  double least = loss_at(fit, w), moved[4], step[4 * 40];
  fill_normal(step, 160, 9);
  for (int d = 0; d < 40; d++)
    for (double size = 1e-6; size < 1; size *= 30) {
      for (int j = 0; j < 4; j++)
        moved[j] = w[j] + size * step[4 * d + j];
      assert_true(loss_at(fit, moved) >= least * (1 - 1e-12));
    }
}

static void random_fits_end_at_their_minimum(void **state) {
  (void)state;
  enum { ROWS = 500 };
  static double x[3][ROWS], y[ROWS], truth[ROWS], weight[ROWS];
  const char *losses[] = {"absolute", "quantile(0.8)", "hinge", "hinge"};
  for (uint64_t k = 0; k < 3; k++)
    fill_normal(x[k], ROWS, k);
  fill_normal(y, ROWS, 3);
  for (int i = 0; i < ROWS; i++) {
    y[i] += x[0][i] - 2 * x[2][i];
    truth[i] = y[i] > 0.3;
    weight[i] = 1 + i % 3;
  }
  for (size_t k = 0; k < ND_COUNT(losses); k++) {
    const nd_array arrays[] = {{.name = "a", .values = x[0]},
                               {.name = "b", .values = x[1]},
                               {.name = "c", .values = x[2]},
                               {.name = "y", .values = k < 2 ? y : truth},
                               {.name = "v", .values = weight}};
    const char *pairs[] = {"loss", losses[k], "weight", "v", "l2", k % 2 ? "0.01" : "0", NULL};
    fitting fit;
    double w[4];
    fit_arrays(&fit, arrays, 5, ROWS, "y ~ linear(a, b, c)", pairs);
    nd_smooth result = solved(&fit, w);
    double loss = loss_at(&fit, result.w);
    if (!(result.duality_gap <= 1e-9 * loss))
      fail_msg("%s: gap %g of %g", losses[k], result.duality_gap, loss);
    assert_true(result.updates <= 40);
    check_rises(&fit, result.w);
    nd_smooth_clear(&result);
    fit_free(&fit);
  }
}

/* The whole descent by newton: done where the gap is closed, and a minimum; not after two updates. */
static void newton_ends_at_the_vertex(void **state) {
  (void)state;
  const nd_array arrays[] = {{.name = "x", .values = group}, {.name = "y", .values = values}};
  const char *limits[] = {"1000", "2"};
  for (size_t k = 0; k < 2; k++) {
    const char *pairs[] = {"loss", "absolute", "method", "newton", "updates", limits[k], NULL};
    fitting fit;
    nd_run run;
    nd_diagnosis diagnosis;
    double start[2] = {0}, w[2];
    fit_arrays(&fit, arrays, 2, 18, "y ~ linear(x)", pairs);
    must(nd_descend(fit.objective, fit.settings, start, &fit.teller, &run, &fit.error), &fit.error);
    must(nd_diagnose(fit.objective, &run, NULL, &diagnosis, &fit.error), &fit.error);
    fit.objective->to_table(fit.objective, run.w, w);
    bool all = k == 0;
    assert_int_equal(run.stop, all ? NADIR_STOP_GAP : NADIR_STOP_UPDATES);
    assert_int_equal(diagnosis.reason == NADIR_REASON_LEAST_SLOPE, all);
    if (all) assert_close(w[0], 4, 1e-13);
    if (!all) assert_int_equal(run.updates, 2);
    assert_int_equal(run.trace->rows, 2);
    nd_diagnosis_clear(&diagnosis);
    nd_run_clear(&run);
    fit_free(&fit);
  }
}

static void other_losses_are_left_alone(void **state) {
  (void)state;
  static const struct {
    const char *formula, *loss, *l1;
  } cases[] = {{"y ~ linear(x)", "squared", "0"},
               {"y ~ linear(x)", "absolute", "0.1"},
               {"y ~ a*x^c", "absolute", "0"}};
  const nd_array arrays[] = {{.name = "x", .values = group}, {.name = "y", .values = values}};
  for (size_t k = 0; k < ND_COUNT(cases); k++) {
    const char *pairs[] = {"loss", cases[k].loss, "l1", cases[k].l1, NULL};
    fitting fit;
    fit_arrays(&fit, arrays, 2, 18, cases[k].formula, pairs);
    assert_false(nd_smooth_applies(fit.objective));
    fit_free(&fit);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(groups_get_their_quantiles),
      cmocka_unit_test(the_line_goes_through_most_points),
      cmocka_unit_test(two_points_make_a_machine),
      cmocka_unit_test(random_fits_end_at_their_minimum),
      cmocka_unit_test(newton_ends_at_the_vertex),
      cmocka_unit_test(other_losses_are_left_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
