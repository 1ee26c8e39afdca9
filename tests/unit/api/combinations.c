/* One line through many rows, by each way that its rows can be read, kept, weighed and seen: the least squares of
 * the rows that are used, in closed form, whatever the precision, the order, the batches and the memory. */
#include <stdbool.h>

#include "support.h"

enum { ROWS = 3 * 4096 + 5 };

static float x32[ROWS], y32[ROWS];
static double x[ROWS], y[ROWS], weight[ROWS];

/* Numbers that float32 has exactly; the second of four chunks has no weight and x above 100. */
static void make_rows(void) {
  unsigned state = 12345;
  for (size_t i = 0; i < ROWS; i++) {
    state = state * 1664525u + 1013904223u;
    double noise = ((double)(state >> 8) / (1 << 24) - 0.5) / 4;
    bool second = i / 4096 == 1;
    x32[i] = (float)(second ? 101 + (double)(i % 7) : (double)(i % 64) / 16 - 2);
    y32[i] = (float)(second ? 7 : 0.5 - 1.25 * (double)x32[i] + noise);
    x[i] = x32[i];
    y[i] = y32[i];
    weight[i] = second ? 0 : 1 + (double)(i % 3);
  }
}

typedef struct line {
  double b, w;
} line;

/* The least of sum weight (y - b - w x)^2 + lambda n/2 ... w^2 over the rows with x < 100. */
static line least_squares(bool weighted) {
  long double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (size_t i = 0; i < ROWS; i++) {
    if (x[i] > 100) continue;
    long double u = weighted ? weight[i] : 1;
    n += u;
    sx += u * x[i];
    sy += u * y[i];
    sxx += u * x[i] * x[i];
    sxy += u * x[i] * y[i];
  }
  long double w = (n * sxy - sx * sy) / (n * sxx - sx * sx);
  return (line){(double)((sy - w * sx) / n), (double)w};
}

static nadir_table *table(bool single) {
  nadir_table *made;
  nadir_number_type type = single ? NADIR_FLOAT32 : NADIR_FLOAT64;
  ok(nadir_table_new(&made, ROWS, &error));
  ok(nadir_table_add(made, "x", "", type, single ? (void *)x32 : (void *)x, 0, &error));
  ok(nadir_table_add(made, "y", "", type, single ? (void *)y32 : (void *)y, 0, &error));
  ok(nadir_table_add(made, "u", "", NADIR_FLOAT64, weight, 0, &error));
  return made;
}

static nadir_result *fit(bool single, const char *formula, const char *const *pairs) {
  nadir_settings *settings = settings_of(pairs);
  nadir_table *rows = table(single);
  nadir_result *result;
  ok(nadir_fit(rows, formula, settings, NULL, &result, &error));
  nadir_table_free(rows);
  nadir_settings_free(settings);
  return result;
}

static void check(const nadir_result *result, line truth, double bound, const char *what) {
  double b = result->parameter[0].value, w = result->parameter[1].value;
  if (strcmp(result->parameter[0].name, "b") != 0) {
    double kept = b;
    b = w;
    w = kept;
  }
  if (!(fabs(b - truth.b) <= bound) || !(fabs(w - truth.w) <= bound))
    fail_msg("%s: %.17g + %.17g x instead of %.17g + %.17g x", what, b, w, truth.b, truth.w);
}

static void rows_that_are_left_out(void **state) {
  (void)state;
  line plain = least_squares(false), weighted = least_squares(true);
  static const char *const models[] = {"y ~ linear(x)", "y ~ b + w*x"};
  for (size_t m = 0; m < 2; m++)
    for (int single = 0; single < 2; single++) {
      nadir_result *result = fit(single, models[m], PAIRS("where", "x < 100"));
      check(result, plain, 1e-6, models[m]);
      assert_int_equal(result->rows_used, ROWS - 4096);
      assert_int_equal(result->kind, NADIR_MINIMUM);
      nadir_result_free(result);
      result = fit(single, models[m], PAIRS("weight", "u"));
      check(result, weighted, 1e-6, models[m]);
      nadir_result_free(result);
    }
}

/* Float32 knows the gradient to 1e-5 of its terms: the digits that are left are enough. */
static void single_precision(void **state) {
  (void)state;
  line plain = least_squares(false);
  static const char *const methods[] = {"gd", "adam", "lbfgs", "newton", "lm", "bb", "momentum"};
  for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
    nadir_result *result =
        fit(true, "y ~ linear(x)",
            PAIRS("where", "x < 100", "precision", "single", "method", methods[m]));
    check(result, plain, 1e-4, methods[m]);
    if (result->exit_status != 0) fail_msg("%s: %s", methods[m], said(result, NADIR_ON_END));
    nadir_result_free(result);
  }
  nadir_result *sparse =
      fit(true, "y ~ linear(x)", PAIRS("where", "x < 100", "precision", "single", "l1", "1e-9"));
  check(sparse, plain, 1e-4, "l1");
  nadir_result_free(sparse);
}

/* The rows are read again for each pass: to the same bits as where they stay. */
static void rows_that_are_read_again(void **state) {
  (void)state;
  static const char *const models[] = {"y ~ linear(x)", "y ~ b + w*x"};
  static const char *const methods[] = {"gd", "newton", "lm"};
  line plain = least_squares(false);
  for (size_t m = 0; m < 2; m++)
    for (size_t k = 0; k < 3; k++) {
      nadir_result *kept = fit(false, models[m], PAIRS("where", "x < 100", "method", methods[k]));
      nadir_result *again =
          fit(false, models[m], PAIRS("where", "x < 100", "method", methods[k], "memory", "1K"));
      check(kept, plain, 1e-6, methods[k]);
      assert_true(kept->loss == again->loss);
      assert_true(kept->parameter[0].value == again->parameter[0].value);
      assert_true(kept->parameter[1].value == again->parameter[1].value);
      nadir_result_free(kept);
      nadir_result_free(again);
    }
}

/* Batches of rows in memory, and of rows that are not, see the same rows in the same order. */
static void batches_that_are_read_again(void **state) {
  (void)state;
  static const char *const shuffles[] = {"block", "none"};
  line plain = least_squares(false);
  for (size_t s = 0; s < 2; s++) {
    double loss[2];
    for (int streamed = 0; streamed < 2; streamed++) {
      nadir_result *result =
          fit(false, "y ~ linear(x)",
              PAIRS("where", "x < 100", "batch", "500", "epochs", "30", "shuffle", shuffles[s],
                    "memory", streamed ? "1K" : "auto", "seed", "4"));
      check(result, plain, 0.02, shuffles[s]);
      assert_int_equal(result->epochs, 30);
      assert_int_equal(result->rows_seen, 30 * (ROWS - 4096));
      loss[streamed] = result->loss;
      nadir_result_free(result);
    }
    assert_true(loss[0] == loss[1]);
  }
  for (size_t s = 0; s < 2; s++) { /* these jump over all of the table */
    nadir_settings *settings =
        settings_of(PAIRS("batch", "500", "memory", "1K", "shuffle", s ? "full" : "draw"));
    nadir_table *rows = table(false);
    nadir_result *result;
    assert_int_equal(nadir_fit(rows, "y ~ linear(x)", settings, NULL, &result, &error),
                     NADIR_BAD_SETTING);
    assert_non_null(strstr(error.message, s ? "full needs the rows in memory" : "draw needs"));
    nadir_table_free(rows);
    nadir_settings_free(settings);
  }
}

/* Of batches each rule that knows them comes close; a sum and a mean have the same minimum. */
static void batches_by_every_rule(void **state) {
  (void)state;
  line plain = least_squares(false);
  const nadir_optimizer *rule;
  for (size_t i = 0; (rule = nadir_optimizer_at(i)); i++) {
    if (rule->traits & NADIR_FULL_BATCH) continue;
    static const char *const models[] = {"y ~ linear(x)", "y ~ b + w*x"};
    for (size_t m = 0; m < 2; m++) {
      nadir_result *result =
          fit(false, models[m],
              PAIRS("where", "x < 100", "batch", "256", "epochs", "40", "method", rule->name,
                    "reduce", m ? "sum" : "mean", "shuffle", "full"));
      if (rule->rate == 0) check(result, plain, 0.05, rule->name);
      double mean = result->loss / (m ? ROWS - 4096 : 1);
      if (!(mean < 1)) fail_msg("%s: %g", rule->name, mean); /* from 2.3 at the start */
      if (rule->traits & NADIR_VARIANCE_REDUCED) check(result, plain, 1e-3, rule->name);
      nadir_result_free(result);
    }
  }
}

/* The mean of the last epochs is closer than the last iterate is likely to be. */
static void averages(void **state) {
  (void)state;
  line plain = least_squares(false);
  static const char *const models[] = {"y ~ linear(x)", "y ~ b + w*x"};
  static const char *const methods[] = {"gd", "momentum"};
  for (size_t m = 0; m < 2; m++)
    for (size_t k = 0; k < 2; k++) {
      nadir_result *result =
          fit(false, models[m],
              PAIRS("where", "x < 100", "batch", "64", "epochs", "20", "method", methods[k],
                    "average", "0.5", "coordinates", m ? "scaled" : "auto"));
      check(result, plain, 0.01, methods[k]);
      nadir_result_free(result);
    }
}

/* Rows that are held out stop the run, in either coordinates; the fit is that of the others, even where the first
 * update is the last. */
static void held_out(void **state) {
  (void)state;
  line plain = least_squares(false);
  static const char *const models[] = {"y ~ linear(x)", "y ~ b + w*x"};
  for (size_t m = 0; m < 2; m++)
    for (int batch = 0; batch < 2; batch++) {
      nadir_result *result = fit(false, models[m],
                                 PAIRS("where", "x < 100", "validate", "0.3", "method", "gd",
                                       "batch", batch ? "128" : "all", "epochs", "60", "patience",
                                       "3", "coordinates", m ? "scaled" : "plain"));
      check(result, plain, 0.02, models[m]);
      near((double)result->rows_validation, 0.3 * (ROWS - 4096), 200);
      /* noise of variance 1/16/12 */
      near(result->validation_loss, 1.0 / 192, 4e-4);
      nadir_result_free(result);
    }
}

/* What a formula has not is not asked for. */
static void without_rows(void **state) {
  (void)state;
  nadir_settings *settings =
      settings_of(PAIRS("validate", "0.3", "batch", "5", "reduce", "sum", "sigma", "2"));
  nadir_expr *formula;
  nadir_result *result;
  ok(nadir_expr_new(&formula, "(x-3)^2", &error));
  ok(nadir_minimize(formula, settings, NULL, &result, &error));
  near(parameter(result, "x"), 3, 1e-12);
  assert_true(isnan(result->validation_loss));
  nadir_result_free(result);
  nadir_expr_free(formula);
  nadir_settings_free(settings);
}

/* In coordinates of its own the penalty is still that of the parameters. */
static void penalties_in_scaled_coordinates(void **state) {
  (void)state;
  double value[2];
  for (int scaled = 0; scaled < 2; scaled++) {
    nadir_result *result =
        fit(false, "y ~ b + w*x",
            PAIRS("where", "x < 100", "method", "gd", "l1", "0.1", "l2", "0.05", "coordinates",
                  scaled ? "scaled" : "plain", "updates", "20000"));
    assert_int_not_equal(result->ended, NADIR_LIMIT);
    value[scaled] = parameter(result, "w");
    nadir_result_free(result);
  }
  near(value[0], value[1], 1e-6);
  assert_true(fabs(value[0]) < 1.25);
}

/* A rate far above the stable one, by batches, with and without a stretch of its own. */
static void batches_diverge(void **state) {
  (void)state;
  static const char *const methods[] = {"gd", "momentum", "svrg"};
  for (size_t k = 0; k < 3; k++)
    for (int many = 0; many < 2; many++) {
      nadir_result *result =
          fit(false, "y ~ b + w*x",
              PAIRS("where", many ? "x < 100" : "x < 100 and u == 1", "batch", "10", "method",
                    methods[k], "rate", "1e6", "epochs", "1000"));
      assert_int_equal(result->ended, NADIR_DIVERGED);
      assert_true(result->stop_update >= 1 && result->stop_update < 200);
      assert_true(isfinite(result->loss));
      nadir_result_free(result);
    }
}

int main(void) {
  make_rows();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_that_are_left_out),
      cmocka_unit_test(single_precision),
      cmocka_unit_test(rows_that_are_read_again),
      cmocka_unit_test(batches_that_are_read_again),
      cmocka_unit_test(batches_by_every_rule),
      cmocka_unit_test(averages),
      cmocka_unit_test(held_out),
      cmocka_unit_test(without_rows),
      cmocka_unit_test(penalties_in_scaled_coordinates),
      cmocka_unit_test(batches_diverge),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
