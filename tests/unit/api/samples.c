/* Descent on samples before that on all rows: it costs few passes and changes no answer, be the table sorted, its
 * one class in a corner, or the run broken off and gone on with; it has the same bits for any number of threads, kept
 * in memory or read at each pass; and where it is not for, it is not. What a fit costs is counted: blocks that each
 * kind of pass goes over (the linker puts the functions of this file in the place of those that it counts). */
#include "support.h"

#include <stdatomic.h>
#include <stdbool.h>

#include "base/base.h"
#include "engine/engine.h"
#include "rows/rows.h"
#include "table/table.h"

enum { ROWS = 300000, BLOCKS = (ROWS + ND_CHUNK - 1) / ND_CHUNK, WIDE_ROWS = 8192, WIDE = 520, MANY = 40,
       MANY_ROWS = 128 * ND_CHUNK };

static double x[ROWS], z[ROWS], y[ROWS], sorted[ROWS], corner[ROWS], weight[ROWS];
static const test_column columns[] = {{"x", "", x},           {"z", "", z},
                                      {"y", "", y},           {"sorted", "", sorted},
                                      {"corner", "", corner}, {"weight", "", weight}};

static int make_rows(void **state) {
  (void)state;
  nd_random random = nd_random_stream(3, ND_FOR_TEST, 0, 0);
  for (size_t i = 0; i < ROWS; i++) {
    x[i] = nd_random_normal(&random);
    z[i] = nd_random_normal(&random);
    y[i] = nd_random_uniform(&random) < 1 / (1 + exp(-1 - x[i] + 2 * z[i]));
    sorted[i] = (double)i + 40000 * nd_random_normal(&random) > ROWS / 3.0;
    corner[i] = i < 3000 && i % 3 == 0;
    weight[i] = 1 + (double)(i % 7);
  }
  return 0;
}

/* ---- blocks that passes went over ---- */

static atomic_size_t gradients, hessians, reads;

void __real_nd_rows_gradient(const nd_rows *rows, nd_rows_workspace *workspace,
                             const nd_block *block, const double *w, double *loss,
                             double *gradient);
void __wrap_nd_rows_gradient(const nd_rows *rows, nd_rows_workspace *workspace,
                             const nd_block *block, const double *w, double *loss,
                             double *gradient);
void __wrap_nd_rows_gradient(const nd_rows *rows, nd_rows_workspace *workspace,
                             const nd_block *block, const double *w, double *loss,
                             double *gradient) {
  gradients++;
  __real_nd_rows_gradient(rows, workspace, block, w, loss, gradient);
}

void __real_nd_rows_hessian(const nd_rows *rows, nd_rows_workspace *workspace,
                            const nd_block *block, const double *w, double *hessian);
void __wrap_nd_rows_hessian(const nd_rows *rows, nd_rows_workspace *workspace,
                            const nd_block *block, const double *w, double *hessian);
void __wrap_nd_rows_hessian(const nd_rows *rows, nd_rows_workspace *workspace,
                            const nd_block *block, const double *w, double *hessian) {
  hessians++;
  __real_nd_rows_hessian(rows, workspace, block, w, hessian);
}

nadir_status __real_nd_model_read(nd_model_reader *reader, size_t chunk, nd_model_rows *rows, nadir_error *problem);
nadir_status __wrap_nd_model_read(nd_model_reader *reader, size_t chunk, nd_model_rows *rows, nadir_error *problem);
nadir_status __wrap_nd_model_read(nd_model_reader *reader, size_t chunk, nd_model_rows *rows, nadir_error *problem) {
  reads++;
  return __real_nd_model_read(reader, chunk, rows, problem);
}

/* ---- fits ---- */

static nadir_result *fit_heard(const char *formula, const char *const *pairs,
                               const nadir_listener *listener) {
  nadir_settings *settings = settings_of(pairs);
  nadir_table *table = table_of(columns, ND_COUNT(columns), ROWS);
  nadir_result *result;
  gradients = hessians = 0;
  ok(nadir_fit(table, formula, settings, listener, &result, &error));
  nadir_table_free(table);
  nadir_settings_free(settings);
  return result;
}

static nadir_result *fit(const char *formula, const char *const *pairs) {
  return fit_heard(formula, pairs, NULL);
}

/* Floats: y, and columns c1, c2 ... that begin `stride` apart. */
typedef struct floats {
  size_t rows, columns, stride;
  const float *y, *values;
} floats;

static nadir_result *fit_floats(const floats *of, const char *formula, const char *const *pairs) {
  nadir_settings *settings = settings_of(pairs);
  nadir_table *table;
  nadir_result *result;
  gradients = hessians = reads = 0;
  ok(nadir_table_new(&table, of->rows, &error));
  for (size_t j = 0; j < of->columns; j++) {
    char name[24];
    snprintf(name, sizeof name, "c%zu", j + 1);
    ok(nadir_table_add(table, name, NULL, NADIR_FLOAT32, of->values + j * of->stride, 0, &error));
  }
  ok(nadir_table_add(table, "y", NULL, NADIR_FLOAT32, of->y, 0, &error));
  ok(nadir_fit(table, formula, settings, NULL, &result, &error));
  nadir_table_free(table);
  nadir_settings_free(settings);
  return result;
}

static uint64_t sampled(const nadir_result *result) {
  uint64_t updates = 0;
  for (size_t k = 0; k < result->plan.samples; k++)
    updates += result->plan.sample[k].updates;
  return updates;
}

static void same_bits(const nadir_result *a, const nadir_result *b) {
  assert_int_equal(a->updates, b->updates);
  assert_int_equal(a->rows_seen, b->rows_seen);
  assert_memory_equal(&a->loss, &b->loss, sizeof a->loss);
  for (size_t k = 0; k < a->plan.samples; k++)
    assert_int_equal(a->plan.sample[k].updates, b->plan.sample[k].updates);
  for (size_t i = 0; i < a->size; i++)
    assert_memory_equal(&a->parameter[i].value, &b->parameter[i].value, sizeof(double));
}

static void same_answer(const nadir_result *a, const nadir_result *b) {
  for (size_t i = 0; i < a->size; i++)
    near(a->parameter[i].value, b->parameter[i].value, 1e-8 * (1 + fabs(b->parameter[i].value)));
}

/* ---- tests ---- */

/* A limit on updates, which leaves samples out. */
static const char *const without[] = {"updates", "1000", NULL};

static void samples_change_no_answer(void **state) {
  (void)state;
  static const char *const formulas[] = {"y == 1 ~ linear(x, z)", "sorted == 1 ~ linear(x, z)",
                                         "corner == 1 ~ linear(x, z)"};
  for (size_t k = 0; k < ND_COUNT(formulas); k++) {
    nadir_result *by_samples = fit(formulas[k], NULL), *by_all = fit(formulas[k], without);
    assert_true(by_samples->plan.samples > 0 && sampled(by_samples) > 0);
    assert_int_equal(by_all->plan.samples, 0);
    assert_int_equal(by_samples->kind, NADIR_MINIMUM);
    same_answer(by_samples, by_all);
    nadir_result_free(by_samples);
    nadir_result_free(by_all);
  }
}

static void what_samples_led_to_is_in_the_trace(void **state) {
  (void)state;
  nadir_result *result = fit("y == 1 ~ linear(x, z)", NULL);
  const nadir_trace *trace = result->trace;
  uint64_t updates = sampled(result);
  double first = nadir_trace_value(trace, 0, NADIR_TRACE_LOSS);
  assert_true(nadir_trace_value(trace, 0, NADIR_TRACE_UPDATE) == 0);
  assert_true(nadir_trace_value(trace, 1, NADIR_TRACE_UPDATE) == (double)updates);
  assert_true(isnan(nadir_trace_value(trace, 1, NADIR_TRACE_STEP)));
  double reached = nadir_trace_value(trace, 1, NADIR_TRACE_LOSS);
  assert_true(reached - result->loss < 1e-3 * (first - result->loss));
  assert_true(nadir_trace_value(trace, 1, NADIR_TRACE_ROWS) < ROWS);
  assert_int_equal(result->epochs, result->updates - updates);
  nadir_result_free(result);
}

static void threads_and_memory_change_no_bit(void **state) {
  (void)state;
  const char *formula = "y == 1 ~ linear(x, z)";
  nadir_result *one = fit(formula, (const char *[]){"threads", "1", "weight", "weight", NULL});
  nadir_result *three = fit(formula, (const char *[]){"threads", "3", "weight", "weight", NULL});
  nadir_result *read = fit(formula, (const char *[]){"memory", "100000", "weight", "weight", NULL});
  assert_true(sampled(one) > 0);
  same_bits(one, three);
  same_bits(one, read);
  nadir_result_free(one);
  nadir_result_free(three);
  nadir_result_free(read);
}

static void they_are_for_smooth_losses_with_one_minimum(void **state) {
  (void)state;
  static const char *const others[][4] = {
      {"method", "newton"}, {"l1", "1e-4"},        {"validate", "0.2"},
      {"epochs", "100"},    {"bounds", "w[x]=0:"}, {"loss", "softplus(-f) + (1 - y)*f", NULL}};
  for (size_t k = 0; k < ND_COUNT(others); k++) {
    nadir_result *result = fit("y == 1 ~ linear(x, z)", others[k]);
    assert_int_equal(result->plan.samples, 0);
    nadir_result_free(result);
  }
  nadir_result *squares = fit("weight ~ linear(x, z)", NULL);
  assert_int_equal(squares->plan.samples, 0);
  nadir_result_free(squares);
}

/* At the minimum the gradient of a sample is within its error: nothing is done on it. */
static void they_leave_a_start_at_the_minimum(void **state) {
  (void)state;
  char start[200];
  nadir_result *cold = fit("y == 1 ~ linear(x, z)", NULL);
  snprintf(start, sizeof start, "b=%.17g,w[x]=%.17g,w[z]=%.17g", cold->parameter[0].value,
           cold->parameter[1].value, cold->parameter[2].value);
  nadir_result *warm = fit("y == 1 ~ linear(x, z)", (const char *[]){"start", start, NULL});
  assert_true(warm->plan.samples > 0);
  assert_int_equal(sampled(warm), 0);
  same_answer(warm, cold);
  nadir_result_free(cold);
  nadir_result_free(warm);
}

typedef struct heard {
  uint64_t updates, last, rows;
  double loss;
  bool looked; /* at all rows */
} heard;

static int hear(void *context, const nadir_event *event) {
  heard *h = context;
  h->looked |= event->kind == NADIR_UPDATE;
  if (event->kind != NADIR_SAMPLED) return 0;
  assert_false(h->looked);
  assert_int_equal(event->update, h->last + 1);
  assert_true(event->rows_seen > h->rows && event->gradient_norm > 0);
  assert_true(isfinite(event->value[0]) && isfinite(event->value[1]) && isfinite(event->value[2]));
  h->updates++;
  h->last = event->update;
  h->rows = event->rows_seen;
  h->loss = event->loss;
  return 0;
}

static void their_updates_are_told(void **state) {
  (void)state;
  heard h = {0}, quiet = {0};
  nadir_listener listener = {sizeof listener, hear, &h, 1};
  nadir_result *loud = fit_heard("y == 1 ~ linear(x, z)", NULL, &listener);
  assert_true(h.looked && h.updates > 0 && h.updates == sampled(loud));
  near(h.loss, loud->loss, 0.1 * loud->loss);
  listener.context = &quiet;
  listener.every_update = 0;
  nadir_result *silent = fit_heard("y == 1 ~ linear(x, z)", NULL, &listener);
  assert_int_equal(quiet.updates, 0);
  same_bits(loud, silent);
  nadir_result_free(loud);
  nadir_result_free(silent);
}

static int stop_at_sample(void *context, const nadir_event *event) {
  (void)context;
  return event->kind == NADIR_SAMPLED;
}

static void a_run_that_is_ended_there_is_at_its_start(void **state) {
  (void)state;
  const nadir_listener listener = {sizeof listener, stop_at_sample, NULL, 1};
  nadir_result *result =
      fit_heard("y == 1 ~ linear(x, z)", (const char *[]){"start", "b=0.5", "scale", "none", NULL}, &listener);
  assert_int_equal(result->stop, NADIR_STOP_SIGNAL);
  assert_int_equal(result->updates, 0);
  assert_true(result->parameter[0].value == 0.5 && result->parameter[1].value == 0);
  nadir_result_free(result);
}

/* On the second by the first one's, so that no Hessian is of its chunks. Each column is the one before, moved. */
static void only_the_first_takes_hessians(void **state) {
  (void)state;
  float *values = malloc((MANY_ROWS + MANY * 100) * sizeof *values), *target = malloc(MANY_ROWS * sizeof *target);
  assert_true(values != NULL && target != NULL);
  nd_random random = nd_random_stream(5, ND_FOR_TEST, 0, 0);
  for (size_t i = 0; i < MANY_ROWS + MANY * 100; i++)
    values[i] = (float)nd_random_normal(&random);
  for (size_t i = 0; i < MANY_ROWS; i++)
    target[i] = nd_random_uniform(&random) < 1 / (1 + exp(-(double)values[i]));
  const floats many = {MANY_ROWS, MANY, 100, target, values};
  nadir_result *result = fit_floats(&many, "y == 1 ~ linear(*)", NULL);
  assert_int_equal(result->plan.samples, 2);
  const nadir_sample *sample = result->plan.sample;
  assert_true(sample[0].updates > 0 && sample[1].updates > 0);
  assert_int_equal(hessians % (MANY_ROWS / ND_CHUNK), sample[0].updates * sample[0].chunks);
  nadir_result_free(result);
  free(values);
  free(target);
}

static int stop_at_update(void *context, const nadir_event *event) {
  (void)context;
  return event->kind == NADIR_UPDATE;
}

static void a_run_goes_on_behind_them(void **state) {
  (void)state;
  const char *formula = "y == 1 ~ linear(x, z)";
  const nadir_listener listener = {sizeof listener, stop_at_update, NULL, 1};
  nadir_result *whole = fit(formula, NULL);
  nadir_result *broken = fit_heard(
      formula, (const char *[]){"checkpoint", "samples.checkpoint", "checkpoint-every", "0", NULL},
      &listener);
  nadir_result *rest = fit(formula, (const char *[]){"resume", "samples.checkpoint", NULL});
  assert_int_equal(broken->stop, NADIR_STOP_SIGNAL);
  assert_true(broken->updates < whole->updates && sampled(broken) > 0);
  same_bits(whole, rest);
  remove("samples.checkpoint");
  nadir_result_free(whole);
  nadir_result_free(broken);
  nadir_result_free(rest);
}

/* docs/performance.md, Around the descent. */
static void passes_keep_to_their_budget(void **state) {
  (void)state;
  nadir_result *all = fit("y == 1 ~ linear(x, z)", (const char *[]){"l2", "1e-5", NULL});
  size_t updates = all->updates - sampled(all);
  assert_true(hessians <= (updates + 3) * BLOCKS + BLOCKS / 2); /* two to polish, one to judge */
  assert_true(gradients <= (updates + 4) * BLOCKS +
                               BLOCKS / 2); /* the start, behind the samples, two to polish */
  nadir_result_free(all);
}

/* Without second derivatives worth their cost lbfgs ends where rounding in float32 hides what is left. */
static void many_parameters_in_single_precision_take_few_passes(void **state) {
  (void)state;
  float *wide = malloc((size_t)WIDE * WIDE_ROWS * sizeof *wide),
        *target = malloc(WIDE_ROWS * sizeof *target);
  assert_true(wide != NULL && target != NULL);
  nd_random random = nd_random_stream(4, ND_FOR_TEST, 0, 0);
  for (size_t i = 0; i < (size_t)WIDE * WIDE_ROWS; i++)
    wide[i] = (float)nd_random_uniform(&random);
  for (size_t i = 0; i < WIDE_ROWS; i++)
    target[i] = nd_random_uniform(&random) < 0.2 + 0.6 * (double)wide[i];
  const floats many = {WIDE_ROWS, WIDE, WIDE_ROWS, target, wide};
  nadir_result *result = fit_floats(&many, "y == 1 ~ linear(*)", (const char *[]){"l2", "1e-3", NULL});
  assert_true(result->single_precision);
  assert_string_equal(result->plan.method->name, "lbfgs");
  assert_int_equal(result->kind, NADIR_MINIMUM);
  assert_true(result->rows_seen <= 25 * (uint64_t)WIDE_ROWS);
  nadir_result_free(result);
  free(wide);
  free(target);
}

static void same_goodness(const nadir_uncertainty *a, const nadir_uncertainty *b, double by) {
  const double from[] = {a->log_likelihood, a->aic, a->bic, a->r2, a->pseudo_r2, a->dispersion},
               to[] = {b->log_likelihood, b->aic, b->bic, b->r2, b->pseudo_r2, b->dispersion};
  assert_true(isfinite(a->log_likelihood) && !(isfinite(a->dispersion) && isfinite(a->r2)));
  for (size_t i = 0; i < ND_COUNT(from); i++)
    assert_true(isnan(to[i]) ? isnan(from[i]) : fabs(from[i] - to[i]) <= by * fabs(to[i]));
}

/* Goodness of fit too comes from what blocks keep; to what floats say of the doubles, each of 2^-24. */
static void rows_of_floats_are_not_read_again(void **state) {
  (void)state;
  static float values[2][ROWS], target[ROWS];
  const floats of = {ROWS, 2, ROWS, target, values[0]};
  static const struct {
    const char *formula, *setting, *value;
    bool again; /* blocks hold other polynomials than the formula's; of residuals hardly more than what rounding left, or sizes
                   that nothing bounds */
  } fits[] = {{"y == 1 ~ linear(c1, c2)", "no-intercept", "false", false},
              {"y == 1 ~ linear(c1, c2)", "no-intercept", "true", false},
              {"y == 1 ~ linear(c1, c2)", "where", "c2 < 0.5", false},
              {"floor(2*y) ~ linear(c1, c2)", "loss", "poisson", false},
              {"y == 1 ~ poly(c1, 3)", "no-intercept", "false", true},
              {"y + 1000 ~ linear(c1, c2)", "no-intercept", "false", false},
              {"c1 + c2/4096 ~ linear(c1)", "no-intercept", "false", true},
              {"y + 1000 ~ linear(c1, c2)", "no-intercept", "true", true},
              {"y ~ linear(c1, c2)", "scale", "none", true}};
  for (size_t i = 0; i < ROWS; i++)
    values[0][i] = (float)x[i], values[1][i] = (float)z[i], target[i] = (float)y[i];
  for (size_t k = 0; k < ND_COUNT(fits); k++) {
    const char *with[] = {"precision", "single", "memory", "auto", "threads", "1", fits[k].setting, fits[k].value, NULL};
    nadir_result *kept = fit_floats(&of, fits[k].formula, with);
    assert_int_equal(reads >= BLOCKS, fits[k].again);
    with[3] = "1000000";
    with[5] = "3";
    nadir_result *read = fit_floats(&of, fits[k].formula, with);
    assert_int_equal(reads >= BLOCKS, fits[k].again);
    with[1] = "double";
    nadir_result *exact = fit_floats(&of, fits[k].formula, with);
    assert_true(reads >= BLOCKS);
    same_bits(kept, read);
    same_goodness(kept->uncertainty, read->uncertainty, 0);
    same_goodness(kept->uncertainty, exact->uncertainty, 1e-6);
    nadir_result_free(kept);
    nadir_result_free(read);
    nadir_result_free(exact);
  }
}

/* What the point is seen to be needs no proof, for which steps along each parameter are tried. */
static void a_minimum_that_is_seen_is_not_looked_for_again(void **state) {
  (void)state;
  static float values[2][ROWS], target[ROWS];
  const floats of = {ROWS, 2, ROWS, target, values[0]};
  for (size_t i = 0; i < ROWS; i++)
    values[0][i] = (float)x[i], values[1][i] = (float)z[i], target[i] = (float)(x[i] + y[i]);
  nadir_result *result = fit_floats(&of, "y ~ linear(c1, c2)", (const char *[]){"updates", "1", NULL});
  assert_int_equal(result->updates, 1);
  assert_int_equal(result->kind, NADIR_MINIMUM);
  assert_true(gradients <= 4 * BLOCKS); /* the start, the update, the point, and what errors are scaled by */
  assert_int_equal(hessians, BLOCKS); /* of squares it is the same everywhere */
  nadir_result_free(result);
}

static void what_is_not_looked_at_is_said(void **state) {
  (void)state;
  nadir_result *result = fit("y == 1 ~ linear(x, z)", (const char *[]){"no-certify", "true", NULL});
  assert_int_equal(result->exit_status, 0);
  assert_int_equal(result->kind, NADIR_MINIMUM);
  assert_int_equal(result->no_errors, NADIR_ERRORS_NOT_LOOKED_AT);
  assert_int_equal(result->no_gap, NADIR_NO_GAP_NOT_LOOKED_AT);
  assert_int_equal(result->convex, NADIR_NOT_KNOWN);
  assert_true(isnan(result->condition_raw) && isnan(result->optimum_gap) &&
              isnan(result->parameter[0].standard_error));
  nadir_result_free(result);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(samples_change_no_answer),
      cmocka_unit_test(what_samples_led_to_is_in_the_trace),
      cmocka_unit_test(threads_and_memory_change_no_bit),
      cmocka_unit_test(they_are_for_smooth_losses_with_one_minimum),
      cmocka_unit_test(they_leave_a_start_at_the_minimum),
      cmocka_unit_test(their_updates_are_told),
      cmocka_unit_test(a_run_that_is_ended_there_is_at_its_start),
      cmocka_unit_test(only_the_first_takes_hessians),
      cmocka_unit_test(a_run_goes_on_behind_them),
      cmocka_unit_test(passes_keep_to_their_budget),
      cmocka_unit_test(many_parameters_in_single_precision_take_few_passes),
      cmocka_unit_test(rows_of_floats_are_not_read_again),
      cmocka_unit_test(a_minimum_that_is_seen_is_not_looked_for_again),
      cmocka_unit_test(what_is_not_looked_at_is_said),
  };
  return cmocka_run_group_tests(tests, make_rows, NULL);
}
