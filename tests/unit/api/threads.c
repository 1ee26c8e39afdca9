/* What nadir.h says of threads: a table, a model, settings, a result and its trace are shared by several at once, each
 * of which has formulas of its own; all answer as one thread alone does. The thread sanitizer runs it. */
#include <pthread.h>

#include "support.h"

#include <stdint.h>

enum { ROWS = 10000, THREADS = 4, TURNS = 3 };

static double x[ROWS], y[ROWS];

/* What all threads share. */
typedef struct shared {
  nadir_table *table, *file;
  nadir_settings *settings;
  nadir_result *fit;
} shared;

typedef struct worker {
  const shared *with;
  int number;
  double slope, predicted, r2, loss, cell, safe;
  int convex;
  size_t json, trace;
  char failed[1200];
} worker;

#define MUST(call)                                                                                 \
  if (w->failed[0] == '\0' && (call) != NADIR_OK)                                                  \
  snprintf(w->failed, sizeof w->failed, "%s: %s", #call, own.message)

/* A path of this thread's. */
static void own_path(const worker *w, const char *end, char path[64]) {
  snprintf(path, 64, "threads_%d%s", w->number, end);
}

static void use_model(worker *w) {
  const shared *with = w->with;
  nadir_error own = {0};
  double *values = calloc(ROWS, sizeof *values);
  nadir_scores *scores = NULL;
  nadir_model *loaded = NULL;
  char path[64];
  size_t size;
  MUST(nadir_evaluate(with->fit->model, with->table, with->settings, NULL, values, ROWS, &own));
  w->predicted = values[ROWS - 1];
  MUST(nadir_score(with->fit->model, with->table, with->settings, NULL, &scores, &own));
  w->r2 = scores ? scores->metric[0].value : 0;
  own_path(w, ".csv", path);
  MUST(nadir_predict(with->fit->model, with->table, with->settings, NULL, path, &own));
  remove(path);
  own_path(w, ".json", path);
  MUST(nadir_model_save(with->fit->model, path, &own));
  MUST(nadir_model_load(&loaded, path, &own));
  if (loaded) w->loss = nadir_model_parameters(loaded, &size)[0].value;
  remove(path);
  nadir_model_free(loaded);
  nadir_scores_free(scores);
  free(values);
}

static void use_table(worker *w) {
  const shared *with = w->with;
  nadir_error own = {0};
  nadir_result *fit = NULL, *other = NULL;
  nadir_summary *summary = NULL;
  char *text = NULL;
  MUST(nadir_fit(with->table, "y ~ linear(x)", with->settings, NULL, &fit, &own));
  w->slope = fit ? fit->parameter[1].value : 0;
  MUST(nadir_fit(with->file, "velocity ~ linear(distance)", with->settings, NULL, &other, &own));
  w->slope += other ? other->parameter[1].value : 0;
  MUST(nadir_table_summarize(with->file, with->settings, NULL, &summary, &own));
  MUST(nadir_table_numbers(with->table, "y", 5000, 1, &w->cell, &own));
  MUST(nadir_result_json(with->fit, &text, &own));
  w->json = text ? strlen(text) : 0;
  w->trace = nadir_trace_rows(with->fit->trace);
  nadir_text_free(text);
  nadir_summary_free(summary);
  nadir_result_free(other);
  nadir_result_free(fit);
}

static void use_formulas(worker *w) {
  nadir_error own = {0};
  nadir_expr *expr = NULL;
  nadir_convexity *convexity = NULL;
  nadir_curvature *curvature = NULL;
  nadir_result *result = NULL;
  MUST(nadir_expr_new(&expr, "log(exp(a) + exp(-a)) + a^2", &own));
  MUST(nadir_convex(expr, w->with->settings, NULL, &convexity, &own));
  MUST(nadir_rate(expr, w->with->settings, NULL, &curvature, &own));
  MUST(nadir_minimize(expr, w->with->settings, NULL, &result, &own));
  if (w->failed[0] == '\0') {
    w->convex = convexity->convex;
    w->safe = curvature->safe;
    w->loss += result->loss;
  }
  nadir_result_free(result);
  nadir_curvature_free(curvature);
  nadir_convexity_free(convexity);
  nadir_expr_free(expr);
}

static void *work(void *context) {
  worker *w = context;
  for (int turn = 0; turn < TURNS; turn++) {
    use_table(w);
    use_model(w);
    use_formulas(w);
  }
  return NULL;
}

static void same(const worker *a, const worker *b) {
  if (a->failed[0] != '\0') fail_msg("%s", a->failed);
  assert_memory_equal(&a->slope, &b->slope, sizeof a->slope);
  assert_memory_equal(&a->predicted, &b->predicted, sizeof a->predicted);
  assert_memory_equal(&a->r2, &b->r2, sizeof a->r2);
  assert_memory_equal(&a->loss, &b->loss, sizeof a->loss);
  assert_memory_equal(&a->cell, &b->cell, sizeof a->cell);
  assert_memory_equal(&a->safe, &b->safe, sizeof a->safe);
  assert_int_equal(a->convex, b->convex);
  assert_int_equal(a->json, b->json);
  assert_int_equal(a->trace, b->trace);
}

static void threads_share_what_may_be_shared(void **state) {
  (void)state;
  for (size_t i = 0; i < ROWS; i++) {
    x[i] = (double)i / ROWS;
    y[i] = 3 * x[i] - 1 + 0.1 * sin(40 * x[i]);
  }
  test_column columns[] = {{"x", NULL, x}, {"y", NULL, y}};
  shared with = {.table = table_of(columns, 2, ROWS)};
  with.settings = settings_of((const char *[]){"threads", "2", "box", "a=-1:1", NULL});
  with.file = open_table(HUBBLE, with.settings);
  ok(nadir_fit(with.table, "y ~ linear(x)", with.settings, NULL, &with.fit, &error));
  worker alone = {.with = &with, .number = THREADS};
  work(&alone);
  same(&alone, &alone);
  worker workers[THREADS] = {{0}};
  pthread_t thread[THREADS];
  for (int i = 0; i < THREADS; i++) {
    workers[i] = (worker){.with = &with, .number = i};
    assert_int_equal(pthread_create(&thread[i], NULL, work, &workers[i]), 0);
  }
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(pthread_join(thread[i], NULL), 0);
  for (int i = 0; i < THREADS; i++)
    same(&workers[i], &alone);
  nadir_result_free(with.fit);
  nadir_table_free(with.table);
  nadir_table_free(with.file);
  nadir_settings_free(with.settings);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(threads_share_what_may_be_shared)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
