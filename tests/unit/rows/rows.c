/* What must not change the answer: threads, memory, units, repeated rows, batches; and which rows
 * are used at all. Bits are compared where the promise is bits. */
#include "base/dense.h"
#include "../fitting.h"
#include "rows/summary.h"

enum { ROWS = 30000 };

static double x1[ROWS], x2[ROWS], y[ROWS], weight[ROWS];
static const nd_array arrays[] = {
    {.name = "x1", .unit = "km", .values = x1}, {.name = "x2", .values = x2}, {.name = "y", .values = y}, {.name = "weight", .values = weight}};

static int make_rows(void **state) {
  (void)state;
  fill_normal(x1, ROWS, 1);
  fill_normal(x2, ROWS, 2);
  fill_normal(y, ROWS, 3);
  for (size_t i = 0; i < ROWS; i++) {
    x2[i] = 1e5 + x2[i];
    y[i] += 3 * x1[i] - x2[i];
    weight[i] = (double)(1 + i % 3);
  }
  return 0;
}

/* Everything an objective answers, as one list of numbers. */
typedef struct answers {
  double all[64];
  size_t count;
} answers;

static void take(answers *to, const double *values, size_t count) {
  memcpy(to->all + to->count, values, count * sizeof *values);
  to->count += count;
}

static void ask(fitting *fit, answers *to) {
  const nadir_problem *p = &fit->objective->problem;
  double w[3] = {0.3, -0.2, 0.7}, v[3] = {1, 2, 3}, values[9], loss;
  to->count = 0;
  take(to, &fit->model->target_scaling.center, 1);
  for (size_t j = 0; j < fit->model->feature_count; j++) {
    take(to, &fit->model->scaling[j].center, 1);
    take(to, &fit->model->scaling[j].width, 1);
  }
  loss = loss_at(fit, w);
  take(to, &loss, 1);
  loss = gradient_at(fit, w, values);
  take(to, &loss, 1);
  take(to, values, p->size);
  must(p->hessian(p->context, w, values, &fit->error), &fit->error);
  take(to, values, p->size * p->size);
  must(p->hessian_vector(p->context, w, v, values, &fit->error), &fit->error);
  take(to, values, p->size);
  if (fit->objective->validation != NULL) {
    must(fit->objective->validation(fit->objective, w, &loss, &fit->error), &fit->error);
    take(to, &loss, 1);
  }
}

static void ask_with(const char *threads, const char *memory, const char *formula,
                     const char *scale, answers *to) {
  fitting fit;
  fit_arrays(&fit, arrays, 4, ROWS, formula,
             (const char *[]){"threads", threads, "memory", memory, "scale", scale, "weight",
                              "weight", "where", "x1 < 2", "validate", "0.2", NULL});
  assert_int_equal(nd_data_count(fit.data)->in_memory, strcmp(memory, "auto") == 0);
  ask(&fit, to);
  fit_free(&fit);
}

static const char *const formulas[] = {"y ~ linear(x1, x2)", "y ~ a*x1 + b*(x2 - 1e5) + c",
                                       "y > -1e5 ~ linear(x1, x2)"};

static void test_threads(void **state) {
  (void)state;
  const char *threads[] = {"2", "3", "7"};
  answers one, more;
  for (size_t f = 0; f < ND_COUNT(formulas); f++) {
    ask_with("1", "auto", formulas[f], "standard", &one);
    for (size_t t = 0; t < ND_COUNT(threads); t++) {
      ask_with(threads[t], "auto", formulas[f], "standard", &more);
      assert_int_equal(one.count, more.count);
      assert_memory_equal(one.all, more.all, one.count * sizeof(double));
    }
  }
}

static void test_streaming(void **state) {
  (void)state;
  const char *scales[] = {"standard", "minmax", "robust", "none"};
  answers kept, streamed;
  for (size_t f = 0; f < ND_COUNT(formulas); f++)
    for (size_t s = 0; s < ND_COUNT(scales); s++) {
      ask_with("2", "auto", formulas[f], scales[s], &kept);
      ask_with("3", "0", formulas[f], scales[s], &streamed);
      assert_int_equal(kept.count, streamed.count);
      assert_memory_equal(kept.all, streamed.all, kept.count * sizeof(double));
    }
}

static void pick_in_order(const nd_objective *objective, nd_pick *picks) {
  size_t n = 0;
  for (size_t b = 0; b < objective->blocks; b++)
    for (uint32_t r = 0; r < objective->block_rows[b]; r++)
      picks[n++] = (nd_pick){(uint32_t)b, r};
  assert_int_equal(n, objective->rows);
}

static void run_batches(const char *memory, size_t size, double *w, double *last) {
  static nd_pick picks[ROWS];
  static double rates[ROWS];
  fitting fit;
  fit_arrays(&fit, arrays, 4, ROWS, "y ~ linear(x1, x2)",
             (const char *[]){"memory", memory, "batch", "64", "weight", "weight", "l2", "0.1",
                              "threads", "2", NULL});
  pick_in_order(fit.objective, picks);
  double loss, step[3];
  size_t updates;
  must(fit.objective->batch(fit.objective, picks, 20000, w, &loss, last, &fit.error), &fit.error);
  size_t made = (ROWS + size - 1) / size;
  for (size_t i = 0; i < made; i++)
    rates[i] = 0.01 / (1 + 0.01 * (double)i);
  const nd_stretch rows = {.picks = picks, .count = ROWS, .batch = size, .rates = rates};
  must(fit.objective->descend(fit.objective, &rows, w, &updates, &loss, last + 3, step, &fit.error),
       &fit.error);
  assert_int_equal(updates, made);
  fit_free(&fit);
}

/* Batches are the same where blocks are read when they are wanted, and a fused stretch is the same
 * as its updates one by one. */
static void test_batches(void **state) {
  (void)state;
  double kept[3] = {0}, streamed[3] = {0}, a[6], b[6];
  run_batches("auto", 64, kept, a);
  run_batches("0", 64, streamed, b);
  assert_memory_equal(kept, streamed, sizeof kept);
  assert_memory_equal(a, b, sizeof a);
  static nd_pick picks[ROWS];
  fitting fit;
  fit_arrays(&fit, arrays, 4, ROWS, "y ~ linear(x1, x2)",
             (const char *[]){"weight", "weight", "l2", "0.1", NULL});
  pick_in_order(fit.objective, picks);
  double w[3] = {0}, gradient[3], loss;
  for (size_t u = 0, at = 0; at < ROWS; u++, at += 64) {
    size_t count = ROWS - at < 64 ? ROWS - at : 64;
    must(fit.objective->batch(fit.objective, picks + at, count, w, &loss, gradient, &fit.error),
         &fit.error);
    for (size_t i = 0; i < 3; i++)
      w[i] -= 0.01 / (1 + 0.01 * (double)u) * gradient[i];
  }
  for (size_t i = 0; i < 3; i++)
    assert_true(fabs(w[i] - kept[i]) < 1e-12);
  fit_free(&fit);
}

/* Over an epoch of equal batches the estimates average to the gradient, weights and penalty too. */
static void check_average(const char *reduce, bool sum) {
  static nd_pick picks[ROWS];
  fitting fit;
  fit_arrays(&fit, arrays, 4, ROWS, "y ~ linear(x1, x2)",
             (const char *[]){"weight", "weight", "l2", "0.3", "reduce", reduce, NULL});
  pick_in_order(fit.objective, picks);
  double w[3] = {0.3, -0.2, 0.7}, whole[3], total[3] = {0}, part[3], loss, losses = 0;
  double full = gradient_at(&fit, w, whole);
  for (size_t at = 0; at < ROWS; at += 100) {
    must(fit.objective->batch(fit.objective, picks + at, 100, w, &loss, part, &fit.error),
         &fit.error);
    for (size_t i = 0; i < 3; i++)
      total[i] += part[i];
    losses += loss;
  }
  /* the mean of the estimates; with --reduce sum their sum */
  double over = sum ? 1 : ROWS / 100;
  for (size_t i = 0; i < 3; i++)
    assert_true(fabs(total[i] / over - whole[i]) < 1e-11 * nd_norm(3, whole));
  assert_close(losses / over, full, 1e-11);
  fit_free(&fit);
}

static void test_average(void **state) {
  (void)state;
  check_average("mean", false);
  check_average("sum", true);
}

/* An integer weight is so many equal rows: scaling, loss and gradient. The mean of x2, 1e5, has
 * units in the last place of 1.5e-11, and so have scaled values. */
static void test_repeated_rows(void **state) {
  (void)state;
  enum { FEW = 1000 };
  static double a[3 * FEW], b[3 * FEW], c[3 * FEW];
  size_t n = 0;
  for (size_t i = 0; i < FEW; i++)
    for (size_t k = 0; k <= i % 3; k++, n++) {
      a[n] = x1[i];
      b[n] = x2[i];
      c[n] = y[i];
    }
  const nd_array repeated[] = {{.name = "x1", .values = a}, {.name = "x2", .values = b}, {.name = "y", .values = c}};
  fitting one, two;
  double w[3] = {0.3, -0.2, 0.7}, g[3], h[3];
  fit_arrays(&one, arrays, 4, FEW, "y ~ linear(x1, x2)",
             (const char *[]){"weight", "weight", NULL});
  fit_arrays(&two, repeated, 3, n, "y ~ linear(x1, x2)", NULL);
  assert_close(one.model->scaling[1].width, two.model->scaling[1].width, 1e-10);
  assert_close(gradient_at(&one, w, g), gradient_at(&two, w, h), 1e-9);
  for (size_t i = 0; i < 3; i++)
    assert_true(fabs(g[i] - h[i]) < 1e-9);
  fit_free(&one);
  fit_free(&two);
}

/* km/s or m/s, Mpc or kpc: the scaled problem is the same. */
static void test_units(void **state) {
  (void)state;
  static double metres[ROWS], kilo[ROWS];
  for (size_t i = 0; i < ROWS; i++) {
    metres[i] = 1000 * y[i];
    kilo[i] = x1[i] / 1000;
  }
  const nd_array other[] = {{.name = "x1", .values = kilo}, {.name = "x2", .values = x2}, {.name = "y", .values = metres}};
  const char *losses[] = {"squared", "absolute", "huber(1.5)", "quantile(0.3)"};
  const char *huge[] = {"squared", "absolute", "huber(1500)", "quantile(0.3)"};
  double w[3] = {0.3, -0.2, 0.7}, g[3], h[3];
  for (size_t k = 0; k < 4; k++) {
    fitting one, two;
    fit_arrays(&one, arrays, 3, ROWS, "y ~ linear(x1, x2)",
               (const char *[]){"loss", losses[k], NULL});
    fit_arrays(&two, other, 3, ROWS, "y ~ linear(x1, x2)", (const char *[]){"loss", huge[k], NULL});
    assert_close(gradient_at(&one, w, g), gradient_at(&two, w, h), 1e-9);
    for (size_t i = 0; i < 3; i++)
      assert_true(fabs(g[i] - h[i]) < 1e-9);
    assert_close(two.objective->loss_factor / one.objective->loss_factor,
                 pow(1000, one.model->loss.power), 1e-10);
    fit_free(&one);
    fit_free(&two);
  }
}

/* ---- which rows ---- */

static const char rows_text[] = "a,b,s,class\n"
                                "1,2,1,A\n"
                                "2,,1,B\n"
                                "3,6,1,A\n"
                                ",8,1,B\n"
                                "5,11,1,\n"
                                "6,12,1,B\n"
                                "7,13,0,B\n";

static void expect(const char *formula, const char *const *pairs, nadir_status wanted,
                   const char *part) {
  fitting fit;
  open_text(&fit, rows_text, pairs);
  nadir_status status = try_fit(&fit, formula);
  if (status != wanted || strstr(fit.error.message, part) == NULL)
    fail_msg("%s: %d: %s", formula, (int)status, fit.error.message);
  fit_free(&fit);
}

static void check_counts(const char *formula, const char *const *pairs, uint64_t used,
                         uint64_t where, uint64_t missing) {
  fitting fit;
  fit_text(&fit, rows_text, formula, pairs);
  const nd_data_counts *counts = nd_data_count(fit.data);
  assert_int_equal(counts->read, 7);
  assert_int_equal(counts->used, used);
  assert_int_equal(counts->dropped_where, where);
  assert_int_equal(counts->dropped_missing, missing);
  fit_free(&fit);
}

static void test_accounting(void **state) {
  (void)state;
  check_counts("b ~ linear(a)", (const char *[]){"missing", "drop", NULL}, 5, 0, 2);
  check_counts("b ~ linear(a)", (const char *[]){"missing", "drop", "where", "a > 1", NULL}, 4, 2,
               1);
  /* a missing value in the condition leaves the row out, whatever the comparison */
  check_counts("b ~ linear(s)", (const char *[]){"missing", "drop", "where", "a != 1", NULL}, 4, 2,
               1);
  check_counts("class ~ linear(s)", (const char *[]){"missing", "drop", NULL}, 6, 0, 1);
  check_counts("b ~ linear(a)",
               (const char *[]){"missing", "drop", "where", "class == \"B\"", NULL}, 2, 3, 2);
  check_counts("b ~ linear(a)",
               (const char *[]){"missing", "mean", "where", "b > 0 or class == \"C\"", NULL}, 5, 2,
               0);
}

static void test_wrong_rows(void **state) {
  (void)state;
  expect("b ~ linear(a)", NULL, NADIR_BAD_DATA, "row 3:b: the value is missing");
  expect("a ~ linear(s)", NULL, NADIR_BAD_DATA, "row 5:a: the value is missing");
  expect("class ~ linear(s)", NULL, NADIR_BAD_DATA, "row 6:class: the value is missing");
  expect("b ~ linear(a)", (const char *[]){"missing", "mean", NULL}, NADIR_BAD_DATA,
         "the mean never replaces target");
  const char *sigma[] = {"missing", "drop", "sigma", "s", NULL};
  expect("b ~ linear(a)", sigma, NADIR_BAD_DATA, "row 8: sigma is not above 0");
  const char *weights[] = {"missing", "drop", "weight", "s - 1", NULL};
  expect("b ~ linear(a)", weights, NADIR_BAD_DATA, "row 8: the row's weight is negative");
  const char *none[] = {"where", "a > 100", NULL};
  expect("b ~ linear(a)", none, NADIR_BAD_DATA, "no row is left");
  const char *zero[] = {"missing", "drop", "weight", "0*s", NULL};
  expect("b ~ linear(a)", zero, NADIR_BAD_DATA, "do not sum");
  const char *drop[] = {"missing", "drop", NULL};
  expect("b ~ linear(log(s))", drop, NADIR_BAD_DATA, "row 8:log(s): the value is not finite");
  const char *logistic[] = {"missing", "drop", "loss", "logistic", NULL};
  expect("b ~ linear(a)", logistic, NADIR_BAD_DATA, "row 2:b: the target is neither 0 nor 1");
  const char *poisson[] = {"missing", "drop", "loss", "poisson", NULL};
  expect("1 - b ~ linear(a)", poisson, NADIR_BAD_DATA, "the target is negative");
}

/* 0 and 1, or -1 and 1, in a column of numbers. */
static void test_coding(void **state) {
  (void)state;
  const char *pairs[] = {"missing", "drop", "loss", "hinge", NULL};
  fitting fit;
  fit_text(&fit, rows_text, "s ~ linear(a)", pairs);
  assert_string_equal(fit.model->classes[0], "0");
  assert_int_equal(fit.model->target_kind, ND_TARGET_TRUTH);
  double w[2] = {0, 0};
  assert_true(loss_at(&fit, w) == 1); /* max(0, 1 - s*0) */
  fit_free(&fit);
  fit_text(&fit, "y,x\n-1,2\n1,3\n-1,5\n1,1\n", "y ~ linear(x)",
           (const char *[]){"loss", "logistic", "scale", "none", NULL});
  assert_string_equal(fit.model->classes[0], "-1");
  w[1] = 0.5;
  double truth = (log1p(exp(1.0)) + log1p(exp(-1.5)) + log1p(exp(2.5)) + log1p(exp(-0.5))) / 4;
  assert_close(loss_at(&fit, w), truth, 1e-14);
  fit_free(&fit);
}

static void test_means(void **state) {
  (void)state;
  fitting fit;
  fit_text(&fit, "x,y\n1,1\n,2\n3,3\n8,4\n", "y ~ linear(x)",
           (const char *[]){"missing", "mean", "scale", "none", NULL});
  assert_true(fit.model->columns[0].mean == 4);
  double w[2] = {0, 1}; /* residuals 0, 2 - 4, 0, 4 - 8 */
  assert_close(loss_at(&fit, w), (4.0 + 16.0) / 4, 1e-15);
  fit_free(&fit);
}

/* Whether a row is a validation row depends on it alone: the rows before it change nothing. */
static void test_validation(void **state) {
  (void)state;
  fitting fit;
  fit_arrays(&fit, arrays, 4, ROWS, "y ~ linear(x1, x2)",
             (const char *[]){"validate", "0.25", NULL});
  const nd_data_counts *counts = nd_data_count(fit.data);
  assert_int_equal(counts->used + counts->validation, ROWS);
  /* binomial: 5 standard deviations */
  assert_true(fabs((double)counts->validation - 0.25 * ROWS) < 5 * sqrt(ROWS * 0.1875));
  double w[3] = {0}, table[3], loss, sum = 0;
  nd_model_to_table(fit.model, w, table);
  must(fit.objective->validation(fit.objective, w, &loss, &fit.error), &fit.error);
  for (size_t c = 0; c * ND_CHUNK < ROWS; c++) {
    nd_random random = nd_random_stream(0, ND_FOR_VALIDATION, 0, c);
    for (size_t i = c * ND_CHUNK; i < ROWS && i < (c + 1) * ND_CHUNK; i++) {
      double r = y[i] - table[0] - table[1] * x1[i] - table[2] * x2[i];
      if (nd_random_uniform(&random) < 0.25) sum += r * r;
    }
  }
  assert_close(loss * fit.objective->loss_factor, sum / (double)counts->validation, 1e-9);
  fit_free(&fit);
  fit_arrays(&fit, arrays, 4, ROWS, "y ~ linear(x1, x2)", NULL);
  assert_null(fit.objective->validation);
  fit_free(&fit);
}

/* ---- scaling ---- */

static int ascending(const void *a, const void *b) {
  const double *x = a, *z = b;
  return (*x > *z) - (*x < *z);
}

static double quantile_of(const double *sorted, size_t n, double q) {
  double at = (double)(n - 1) * q;
  size_t low = (size_t)at;
  return low + 1 < n ? sorted[low] + (at - (double)low) * (sorted[low + 1] - sorted[low])
                     : sorted[low];
}

static void test_scaling(void **state) {
  (void)state;
  static double sorted[ROWS];
  memcpy(sorted, x2, sizeof sorted);
  qsort(sorted, ROWS, sizeof *sorted, ascending);
  double median = quantile_of(sorted, ROWS, 0.5);
  double iqr = quantile_of(sorted, ROWS, 0.75) - quantile_of(sorted, ROWS, 0.25), mean = 0, m2 = 0;
  for (size_t i = 0; i < ROWS; i++)
    mean += (x2[i] - 1e5) / ROWS;
  for (size_t i = 0; i < ROWS; i++)
    m2 += (x2[i] - 1e5 - mean) * (x2[i] - 1e5 - mean) / ROWS;
  fitting fit;
  fit_arrays(&fit, arrays, 4, ROWS, "y ~ linear(x2)", (const char *[]){"scale", "robust", NULL});
  assert_true(fit.model->scaling[0].center == median);
  assert_close(fit.model->scaling[0].width, iqr, 1e-15);
  fit_free(&fit);
  fit_arrays(&fit, arrays, 4, ROWS, "y ~ linear(x2)", (const char *[]){"scale", "minmax", NULL});
  assert_true(fit.model->scaling[0].center == sorted[0]);
  assert_true(fit.model->scaling[0].width == sorted[ROWS - 1] - sorted[0]);
  fit_free(&fit);
  fit_arrays(&fit, arrays, 4, ROWS, "y ~ linear(x2)", NULL);
  assert_close(fit.model->scaling[0].center, 1e5 + mean, 1e-15);
  assert_close(fit.model->scaling[0].width, sqrt(m2), 1e-11);
  fit_free(&fit);
  fit_arrays(&fit, arrays, 4, ROWS, "y ~ linear(x2)",
             (const char *[]){"no-intercept", "true", NULL});
  assert_true(fit.model->scaling[0].center == 0 && fit.model->target_scaling.center == 0);
  assert_close(fit.model->scaling[0].width, sqrt(m2), 1e-11);
  fit_free(&fit);
}

static void test_constant_column(void **state) {
  (void)state;
  fitting fit;
  fit_text(&fit, "x,one,y\n1,7,2\n2,7,3\n4,7,9\n", "y ~ linear(x, one)", NULL);
  const nadir_warning *warning = fit.teller.warned.warning;
  assert_int_equal(fit.teller.warned.count, 1);
  assert_int_equal(warning->kind, NADIR_WARN_CONSTANT);
  assert_int_equal(warning->count, 1);
  assert_string_equal(warning->name[0], "one");
  assert_true(fit.model->scaling[1].center == 0 && fit.model->scaling[1].width == 1);
  fit_free(&fit);
}

/* Scaled or not, the minimum is the same. */
static void test_same_minimum(void **state) {
  (void)state;
  double w[3], plain[3];
  fitting one, two;
  const char *scales[] = {"standard", "minmax", "robust"};
  fit_arrays(&one, arrays, 4, ROWS, "y ~ linear(x1, x2 - 1e5)",
             (const char *[]){"scale", "none", NULL});
  solve(&one, 1, w);
  memcpy(plain, one.model->value, sizeof plain);
  for (size_t s = 0; s < 3; s++) {
    fit_arrays(&two, arrays, 4, ROWS, "y ~ linear(x1, x2 - 1e5)",
               (const char *[]){"scale", scales[s], NULL});
    solve(&two, 1, w);
    for (size_t i = 0; i < 3; i++)
      assert_close(two.model->value[i], plain[i], 1e-9);
    fit_free(&two);
  }
  fit_free(&one);
}

/* What `nadir info` says of memory is what decides. */
static void test_need(void **state) {
  (void)state;
  fitting fit;
  nadir_summary *summary;
  for (size_t columns = 1; columns <= 4; columns++) {
    static const char *const formula[] = {"", "x1 ~ linear(x2)", "x1 ~ linear(x2, y)",
                                          "x1 ~ linear(x2, y, weight)"};
    open_arrays(&fit, arrays, columns, ROWS, NULL);
    must(nd_summarize(fit.table, fit.settings, &fit.teller, &summary, &fit.error), &fit.error);
    uint64_t need = summary->fit_bytes;
    assert_int_equal(summary->numbers, columns);
    assert_int_equal(summary->memory, nd_memory_bytes(fit.settings, NULL));
    nd_summary_free(summary);
    fit_free(&fit);
    for (uint64_t less = 0; columns > 1 && less <= 1; less++) {
      char memory[32];
      snprintf(memory, sizeof memory, "%llu", (unsigned long long)(need - less));
      fit_arrays(&fit, arrays, columns, ROWS, formula[columns - 1],
                 (const char *[]){"memory", memory, NULL});
      assert_int_equal(nd_data_count(fit.data)->in_memory, less == 0);
      fit_free(&fit);
    }
  }
}

static void test_refused_orders(void **state) {
  (void)state;
  fitting fit;
  open_arrays(&fit, arrays, 4, ROWS,
              (const char *[]){"memory", "0", "batch", "10", "shuffle", "full", NULL});
  assert_int_equal(try_fit(&fit, "y ~ linear(x1)"), NADIR_BAD_SETTING);
  assert_non_null(strstr(fit.error.message, "set shuffle to block"));
  fit_free(&fit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_threads),         cmocka_unit_test(test_streaming),
      cmocka_unit_test(test_batches),         cmocka_unit_test(test_average),
      cmocka_unit_test(test_repeated_rows),   cmocka_unit_test(test_units),
      cmocka_unit_test(test_accounting),      cmocka_unit_test(test_wrong_rows),
      cmocka_unit_test(test_coding),          cmocka_unit_test(test_means),
      cmocka_unit_test(test_validation),      cmocka_unit_test(test_scaling),
      cmocka_unit_test(test_constant_column), cmocka_unit_test(test_same_minimum),
      cmocka_unit_test(test_refused_orders),  cmocka_unit_test(test_need)};
  return cmocka_run_group_tests(tests, make_rows, NULL);
}
