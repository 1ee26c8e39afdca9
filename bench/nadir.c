/* nadir's own side of the marks, through nadir.h alone:
 *
 *     bench_nadir gradient ROWS COLUMNS PREFIX [PRECISION]        descent by the full gradient
 *     bench_nadir epoch ROWS COLUMNS PREFIX [PRECISION [BATCH [METHOD [SHUFFLE]]]]
 *                                                                 stochastic epochs, one row an update by gd
 *     bench_nadir profile ROWS FILE                               a line profile, four derivatives
 *     bench_nadir read MARK FILE TARGET                           a table of ten columns, to rows in memory
 *     bench_nadir answer ROWS COLUMNS PREFIX                      by the default method, near the least loss
 *
 * An update rule of the caller's own (plain descent, which also reads the clock) gives the time of
 * each update: from one step to the next lie one loss and gradient over all rows and everything the
 * loop does besides. An epoch is timed as eleven epochs less one, since only the built-in rules run
 * fused; the look at all rows after each epoch counts, the packing of rows before the first does not.
 * A table is timed twice: from opening it to the end of a fit of one update to all its columns, with
 * all that a fit does besides; and as an update of a fit that keeps no rows, so that it reads all of
 * the table and computes a gradient. NADIR_BENCH_THREADS threads compute gradients and epochs (1). */
#include <math.h>
#include <nadir.h>
#include <stdbool.h>
#include <string.h>

#include "measure.h"

enum {
  UPDATES = 6
}; /* the loss of the last is that of the seventh gradient, where the peers stop */

static void must(nadir_status status, const nadir_error *error) {
  if (status != NADIR_OK) give_up("nadir", error->message);
}

static void set(nadir_settings *settings, const char *name, const char *value) {
  nadir_error error;
  must(nadir_settings_set(settings, name, value, &error), &error);
}

static nadir_settings *settings_of(const char *const pairs[][2], size_t count) {
  nadir_settings *settings;
  nadir_error error;
  must(nadir_settings_new(&settings, &error), &error);
  for (size_t i = 0; i < count; i++)
    set(settings, pairs[i][0], pairs[i][1]);
  return settings;
}

/* Tolerances off, no scaling: the work of the peers. */
static nadir_settings *plain_settings(const char *precision) {
  static const char *const pairs[][2] = {{"scale", "none"},
                                         {"tol-gradient", "0"}, {"tol-loss", "0"},
                                         {"batch", "all"},      {"schedule", "constant"}};
  nadir_settings *settings = settings_of(pairs, sizeof pairs / sizeof *pairs);
  char threads[32];
  snprintf(threads, sizeof threads, "%zu", bench_threads());
  set(settings, "threads", threads);
  set(settings, "precision", precision);
  return settings;
}

static const char *version(void) {
  static char text[64];
  snprintf(text, sizeof text, "%s %s", nadir_version(), nadir_cpu());
  return text;
}

/* ---- the rows of bench_synthesize raw, as a reader ---- */

typedef struct raw {
  const float *x, *y;
  size_t columns;
} raw;

static nadir_status read_raw(void *context, uint64_t first, size_t count, double *const *out,
                             nadir_error *error) {
  const raw *r = context;
  (void)error;
  for (size_t j = 0; j < r->columns; j++)
    for (size_t i = 0; out[j] != NULL && i < count; i++)
      out[j][i] = (double)r->x[((size_t)first + i) * r->columns + j];
  for (size_t i = 0; out[r->columns] != NULL && i < count; i++)
    out[r->columns][i] = (double)r->y[(size_t)first + i];
  return NADIR_OK;
}

static raw map_raw(size_t rows, size_t columns, const char *prefix) {
  char path[4096];
  raw r = {.columns = columns};
  snprintf(path, sizeof path, "%s.x", prefix);
  r.x = map_file(path, rows * columns * sizeof *r.x);
  snprintf(path, sizeof path, "%s.y", prefix);
  r.y = map_file(path, rows * sizeof *r.y);
  return r;
}

static nadir_table *raw_table(raw *r, size_t rows) {
  const size_t columns = r->columns + 1;
  char(*text)[32] = malloc(columns * sizeof *text);
  const char **names = malloc(columns * sizeof *names);
  if (text == NULL || names == NULL) give_up("nadir", "out of memory");
  for (size_t j = 0; j < r->columns; j++)
    snprintf(text[j], sizeof text[j], "x%zu", j + 1);
  snprintf(text[r->columns], sizeof text[r->columns], "y");
  for (size_t j = 0; j < columns; j++)
    names[j] = text[j];
  const nadir_reader reader = {
      .bytes = sizeof(nadir_reader),
      .context = r, .columns = columns, .names = names, .rows = rows, .read = read_raw};
  nadir_table *table;
  nadir_error error;
  must(nadir_table_from_reader(&table, &reader, &error), &error);
  free(names), free(text);
  return table;
}

/* ---- descent that reads the clock ---- */

static double step_at[UPDATES];

static void timed_step(const nadir_step *now, double *step, double *effective) {
  if (now->t < UPDATES) step_at[now->t] = clock_now();
  for (size_t i = 0; i < now->size; i++) {
    effective[i] = now->rate[i];
    step[i] = now->rate[i] * now->gradient[i];
  }
}

static const nadir_optimizer timed_descent = {.bytes = sizeof(nadir_optimizer), .name = "timed-descent",
                                              .summary = "plain descent that reads the clock",
                                              .source = "Cauchy, 1847",
                                              .rate = 0.5,
                                              .schedule = "constant",
                                              .step = timed_step};

static double fit_heard(nadir_table *table, const char *formula, const nadir_settings *settings,
                        const nadir_listener *listener) {
  nadir_result *result;
  nadir_error error;
  must(nadir_fit(table, formula, settings, listener, &result, &error), &error);
  const double loss = result->loss;
  nadir_result_free(result);
  return loss;
}

static double fit(nadir_table *table, const char *formula, const nadir_settings *settings) {
  return fit_heard(table, formula, settings, NULL);
}

/* When the rows are packed, and the first update is to come. */
static int note_begin(void *began, const nadir_event *event) {
  if (event->kind == NADIR_PLANNED) *(double *)began = clock_now();
  return 0;
}

/* Seconds of an update: the median of the last MEASURED. */
static double time_updates(nadir_table *table, const char *formula, nadir_settings *settings,
                           double *loss) {
  double steps[MEASURED];
  char updates[16];
  nadir_error error;
  must(nadir_settings_add_optimizer(settings, &timed_descent, &error), &error);
  set(settings, "method", timed_descent.name);
  snprintf(updates, sizeof updates, "%d", UPDATES);
  set(settings, "updates", updates);
  *loss = fit(table, formula, settings);
  for (size_t i = 0; i < MEASURED; i++)
    steps[i] = step_at[UPDATES - i - 1] - step_at[UPDATES - i - 2];
  return median(steps, MEASURED);
}

/* ---- the marks ---- */

static void gradient(const char *mark, size_t rows, raw *r, const char *precision) {
  nadir_settings *settings = plain_settings(precision);
  nadir_table *table = raw_table(r, rows);
  double loss;
  set(settings, "rate", "0.5");
  const double seconds = time_updates(table, "y == 1 ~ linear(*)", settings, &loss);
  report(mark, "nadir", version(), seconds, loss);
  nadir_table_free(table);
  nadir_settings_free(settings);
}

static double time_epochs(const char *epochs, nadir_table *table, nadir_settings *settings,
                          double *loss) {
  double start;
  const nadir_listener listener = {.bytes = sizeof listener, .notify = note_begin, .context = &start};
  set(settings, "epochs", epochs);
  *loss = fit_heard(table, "y == 1 ~ linear(*)", settings, &listener);
  return clock_now() - start;
}

/* how: precision, batch, method, order of rows, as many of them as are given. */
static void epoch(const char *mark, size_t rows, raw *r, int given, char *const how[]) {
  const char *batch = given > 1 ? how[1] : "1", *method = given > 2 ? how[2] : "gd";
  nadir_settings *settings = plain_settings(given > 0 ? how[0] : "single");
  nadir_table *table = raw_table(r, rows);
  double loss;
  set(settings, "method", method);
  set(settings, "batch", batch);
  set(settings, "rate", "0.01");
  if (given > 3) set(settings, "shuffle", how[3]);
  const double one = time_epochs("1", table, settings, &loss),
               eleven = time_epochs("11", table, settings, &loss);
  report(mark, "nadir", version(), (eleven - one) / 10, loss);
  nadir_table_free(table);
  nadir_settings_free(settings);
}

static void profile(size_t rows, const char *path) {
  const double *x = map_file(path, 2 * rows * sizeof *x);
  nadir_settings *settings = plain_settings("double");
  nadir_table *table;
  nadir_error error;
  double loss;
  must(nadir_table_new(&table, rows, &error), &error);
  must(nadir_table_add(table, "x", NULL, NADIR_FLOAT64, x, 0, &error), &error);
  must(nadir_table_add(table, "y", NULL, NADIR_FLOAT64, x + rows, 0, &error), &error);
  set(settings, "rate", "0.1");
  set(settings, "start", "a=1.5,mu=0.2,s=0.6,c=0.1");
  const double seconds = time_updates(table, "y ~ a*exp(-(x-mu)^2/(2*s^2)) + c", settings, &loss);
  report("profile", "nadir", version(), seconds, loss);
  nadir_table_free(table);
  nadir_settings_free(settings);
}

/* From opening the table to the end of a fit of one update. */
static double time_whole_fit(const char *path, const char *formula, double *loss) {
  nadir_settings *settings = plain_settings("auto");
  nadir_table *table;
  nadir_error error;
  set(settings, "updates", "1");
  set(settings, "rate", "0.1");
  const double start = clock_now();
  must(nadir_table_open(&table, &path, 1, settings, &error), &error);
  *loss = fit(table, formula, settings);
  nadir_table_free(table);
  const double seconds = clock_now() - start;
  nadir_settings_free(settings);
  return seconds;
}

/* An update that reads the table again, since it may keep only a megabyte of it. */
static double time_streamed_update(const char *path, const char *formula, double *loss) {
  nadir_settings *settings = plain_settings("auto");
  nadir_table *table;
  nadir_error error;
  set(settings, "memory", "1M");
  set(settings, "rate", "0.1");
  must(nadir_table_open(&table, &path, 1, settings, &error), &error);
  const double seconds = time_updates(table, formula, settings, loss);
  nadir_table_free(table);
  nadir_settings_free(settings);
  return seconds;
}

static void read_table(const char *mark, const char *path, const char *target) {
  char formula[128];
  double seconds[3], loss = 0;
  snprintf(formula, sizeof formula, "%s ~ linear(*)", target);
  for (size_t run = 0; run < 3; run++)
    seconds[run] = time_whole_fit(path, formula, &loss);
  report(mark, "nadir, whole fit", version(), median(seconds, 3), loss);
  const double pass = time_streamed_update(path, formula, &loss);
  report(mark, "nadir, one pass", version(), pass, loss);
}

/* ---- the time to an answer ---- */

static const double NEAR = 1e-3;

enum { MOST_POINTS = 64 };

typedef struct point {
  double seconds; /* since the first update began */
  double *value;
} point;

typedef struct course {
  double loss;           /* for one as low as this */
  double began, arrived; /* arrived: and looked at all rows; 0: not yet */
  size_t points;
  point at[MOST_POINTS];
} course;

static int note(void *context, const nadir_event *event) {
  course *c = context;
  const double now = clock_now();
  if (event->kind == NADIR_PLANNED) c->began = now;
  bool updated = event->kind == NADIR_UPDATE || event->kind == NADIR_SAMPLED;
  if (!updated || c->arrived > 0 || c->points == MOST_POINTS) return 0;
  if (event->kind == NADIR_UPDATE && event->loss <= c->loss) c->arrived = now - c->began;
  const size_t bytes = event->plan->size * sizeof(double);
  c->at[c->points] = (point){now - c->began, malloc(bytes)};
  if (c->at[c->points].value == NULL) give_up("nadir", "out of memory");
  memcpy(c->at[c->points++].value, event->value, bytes);
  return 0;
}

/* By all rows: a fit without an update that starts there. */
static double loss_at(nadir_table *table, const char *formula, nadir_settings *settings, const nadir_result *names,
                      const double *value) {
  const size_t room = names->size * 64;
  char *start = malloc(room), *end = start;
  if (start == NULL) give_up("nadir", "out of memory");
  for (size_t i = 0; i < names->size; i++)
    end += snprintf(end, room - (size_t)(end - start), "%s%s=%.17g", i ? "," : "", names->parameter[i].name, value[i]);
  set(settings, "start", start);
  free(start);
  return fit(table, formula, settings);
}

/* The time to the first point with the loss, which the peers are told and need not look for; and that to the first
 * which has been looked at by all rows. */
static void answer(const char *mark, size_t rows, raw *r) {
  static const char *const pairs[][2] = {{"threads", "1"}, {"scale", "none"}, {"precision", "single"}, {"l2", "1e-5"}};
  const char *formula = "y == 1 ~ linear(*)";
  nadir_settings *settings = settings_of(pairs, sizeof pairs / sizeof *pairs);
  nadir_table *table = raw_table(r, rows);
  nadir_result *result;
  nadir_error error;
  course c = {.loss = (1 + NEAR) * fit(table, formula, settings)};
  const nadir_listener listener = {.bytes = sizeof listener, .notify = note, .context = &c, .every_update = 1};
  const double start = clock_now();
  must(nadir_fit(table, formula, settings, &listener, &result, &error), &error);
  report(mark, "nadir, whole fit", version(), clock_now() - start, result->loss);
  report(mark, "nadir, looked at", version(), c.arrived, result->loss);
  set(settings, "updates", "0");
  set(settings, "no-certify", "true");
  bool near = false;
  for (size_t i = 0; i < c.points; i++) {
    if (!near && loss_at(table, formula, settings, result, c.at[i].value) <= c.loss) {
      report(mark, "nadir", version(), c.at[i].seconds, result->loss);
      near = true;
    }
    free(c.at[i].value);
  }
  nadir_result_free(result);
  nadir_table_free(table);
  nadir_settings_free(settings);
}

int main(int argc, char **argv) {
  char mark[64];
  const char *what = argc > 1 ? argv[1] : "";
  if (argc >= 5 && (strcmp(what, "gradient") == 0 || strcmp(what, "epoch") == 0 || strcmp(what, "answer") == 0)) {
    const size_t rows = read_count(argv[2]);
    raw r = map_raw(rows, read_count(argv[3]), argv[4]);
    snprintf(mark, sizeof mark, "%s-%zu", what, r.columns);
    if (bench_threads() > 1) snprintf(mark + strlen(mark), sizeof mark - strlen(mark), ", %zu threads", bench_threads());
    for (int k = 6; k < argc; k++)
      snprintf(mark + strlen(mark), sizeof mark - strlen(mark), "-%s", argv[k]);
    if (what[0] == 'g')
      gradient(mark, rows, &r, argc > 5 ? argv[5] : "single");
    else if (what[0] == 'a')
      answer(mark, rows, &r);
    else
      epoch(mark, rows, &r, argc - 5, argv + 5);
  } else if (argc == 4 && strcmp(what, "profile") == 0) {
    profile(read_count(argv[2]), argv[3]);
  } else if (argc == 5 && strcmp(what, "read") == 0) {
    read_table(argv[2], argv[3], argv[4]);
  } else {
    give_up("bench_nadir",
            "gradient|epoch|answer ROWS COLUMNS PREFIX ..., profile ROWS FILE, or read MARK FILE "
            "TARGET");
  }
  return 0;
}
