/* Checkpoints: every rule goes on to the bits of the unbroken run; what is damaged, changed or of another run is refused,
 * and no word of a file, however wrong, leads to more than a run or a sentence. A fit begins warm. */
#include <stdbool.h>
#include <zlib.h>

#include "base/base.h"
#include "optim/optim.h"
#include "support.h"

enum { ROWS = 60, MOST_PAIRS = 24 };

static double x[ROWS], z[ROWS], y[ROWS], other[ROWS];
static const test_column columns[] = {
    {"x", "", x}, {"z", "", z}, {"y", "", y}, {"other", "", other}};

static int make_rows(void **state) {
  (void)state;
  for (int i = 0; i < ROWS; i++) {
    x[i] = sin(3.0 * i) + i / 30.0;
    z[i] = cos(7.0 * i);
    y[i] = 2 - x[i] + 3 * z[i] + sin(11.0 * i) / 2;
    other[i] = y[i];
  }
  other[ROWS / 2] += 1e-9;
  return 0;
}

/* Settings that are added to others. */
typedef struct pairs {
  const char *text[2 * MOST_PAIRS + 1];
  size_t count;
} pairs;

static pairs with(const pairs *of, const char *name, const char *value) {
  pairs more = of ? *of : (pairs){.count = 0};
  more.text[more.count++] = name;
  more.text[more.count++] = value;
  more.text[more.count] = NULL;
  return more;
}

static nadir_status try_run(const char *formula, const pairs *p, const nadir_listener *listener,
                            nadir_result **result) {
  nadir_settings *settings = settings_of(p->text);
  nadir_table *table = table_of(columns, 4, ROWS);
  nadir_status status = nadir_fit(table, formula, settings, listener, result, &error);
  nadir_table_free(table);
  nadir_settings_free(settings);
  return status;
}

static nadir_result *run(const char *formula, const pairs *p) {
  nadir_result *result;
  ok(try_run(formula, p, NULL, &result));
  return result;
}

/* In bits, but for seconds. */
static void assert_same(const nadir_result *a, const nadir_result *b, const char *what) {
  const nadir_trace *s = a->trace, *t = b->trace;
  bool same = a->size == b->size && a->stop == b->stop && a->updates == b->updates &&
              a->rows_seen == b->rows_seen && nadir_trace_rows(s) == nadir_trace_rows(t) &&
              memcmp(&a->loss, &b->loss, sizeof a->loss) == 0;
  for (size_t i = 0; same && i < a->size; i++)
    same = memcmp(&a->parameter[i].value, &b->parameter[i].value, sizeof(double)) == 0;
  for (size_t r = 0; same && r < nadir_trace_rows(s); r++)
    for (size_t c = 0; same && c < nadir_trace_columns(s); c++) {
      double u = nadir_trace_value(s, r, c), v = nadir_trace_value(t, r, c);
      same = c == NADIR_TRACE_SECONDS || memcmp(&u, &v, sizeof u) == 0 || (isnan(u) && isnan(v));
    }
  if (!same) fail_msg("%s: not the unbroken run", what);
}

/* Five updates, then on to twelve: the run of twelve. */
static void goes_on(const char *formula, const pairs *of, const char *what) {
  pairs twelve = with(of, "updates", "12"), five = with(of, "updates", "5");
  five = with(&five, "checkpoint", "run.checkpoint");
  pairs rest = with(&twelve, "resume", "run.checkpoint");
  rest = with(&rest, "threads", "3");
  nadir_result *whole = run(formula, &twelve), *first = run(formula, &five),
               *last = run(formula, &rest);
  assert_true(first->updates <= 5);
  assert_same(whole, last, what);
  nadir_result_free(whole);
  nadir_result_free(first);
  nadir_result_free(last);
}

static void every_rule_goes_on(void **state) {
  (void)state;
  static const char *const batches[] = {"all", "16", "1"};
  const nadir_optimizer *rule;
  for (size_t i = 0; (rule = nd_optimizer_at(i)); i++)
    for (size_t b = 0; b < ND_COUNT(batches) && (b == 0 || !(rule->traits & NADIR_FULL_BATCH));
         b++) {
      pairs p = with(NULL, "method", rule->name);
      p = with(&p, "schedule", "inverse-sqrt");
      p = with(&p, "batch", batches[b]);
      goes_on("y ~ linear(x, z)", &p, rule->name);
      p = with(&p, "start", "a=1,b=0.5,c=2");
      goes_on("y ~ a*exp(-b*x) + c*z", &p, rule->name);
    }
}

static void runs_of_all_kinds_go_on(void **state) {
  (void)state;
  static const char *const kinds[][5] = {{"batch", "4", "validate", "0.3"},
                                         {"batch", "7", "shuffle", "draw"},
                                         {"batch", "1", "shuffle", "full"},
                                         {"batch", "8", "l1", "0.01"},
                                         {"method", "newton", "loss", "huber(0.2)"},
                                         {"method", "lbfgs", "bounds", "w[x]=-0.5:0.5"},
                                         {"method", "adam", "bounds", "w[x]=-0.5:0.5"},
                                         {"method", "newton", "l1", "0.1"},
                                         {"method", "gd", "loss", "absolute"},
                                         {"method", "newton", "loss", "absolute"},
                                         {"schedule", "plateau", "schedule.every", "2"},
                                         {"reduce", "sum", "scale", "none"},
                                         {"precision", "single", "batch", "3"}};
  for (size_t i = 0; i < ND_COUNT(kinds); i++) {
    pairs p = with(NULL, "schedule", "step");
    p = with(&p, kinds[i][0], kinds[i][1]);
    p = with(&p, kinds[i][2], kinds[i][3]);
    goes_on("y ~ linear(x, z)", &p, kinds[i][3]);
  }
}

/* ---- a listener that asks for the end ---- */

typedef struct asking {
  uint64_t at;
} asking;

static int ask(void *context, const nadir_event *event) {
  const asking *a = context;
  return event->kind == NADIR_UPDATE && event->update >= a->at;
}

static void what_is_ended_goes_on(void **state) {
  (void)state;
  static const char *const batches[] = {"all", "16", "1"};
  for (size_t b = 0; b < ND_COUNT(batches); b++) {
    pairs p = with(NULL, "batch", batches[b]);
    p = with(&p, "rate", "0.05");
    p = with(&p, "epochs", "9");
    pairs kept = with(&p, "checkpoint", "run.checkpoint"),
          rest = with(&kept, "resume", "run.checkpoint");
    asking a = {3};
    nadir_listener listener = {
        .bytes = sizeof listener, .notify = ask, .context = &a, .every_update = 1};
    nadir_result *whole = run("y ~ linear(x, z)", &p), *first, *last;
    ok(try_run("y ~ linear(x, z)", &kept, &listener, &first));
    assert_int_equal(first->stop, NADIR_STOP_SIGNAL);
    assert_true(first->updates < whole->updates);
    last = run("y ~ linear(x, z)", &rest);
    assert_same(whole, last, batches[b]);
    nadir_result_free(whole);
    nadir_result_free(first);
    nadir_result_free(last);
  }
}

static void a_finished_run_ends_at_once(void **state) {
  (void)state;
  pairs none = {.count = 0}, kept = with(NULL, "checkpoint", "run.checkpoint");
  pairs rest = with(NULL, "resume", "run.checkpoint");
  nadir_result *whole = run("y ~ a*exp(-b*x) + c*z", &none),
               *first = run("y ~ a*exp(-b*x) + c*z", &kept);
  nadir_result *last = run("y ~ a*exp(-b*x) + c*z", &rest);
  assert_same(whole, first, "kept");
  assert_same(whole, last, "gone on from its end");
  nadir_result_free(whole);
  nadir_result_free(first);
  nadir_result_free(last);
}

/* ---- files that are not what they should be ---- */

static void write_bytes(const char *path, const void *data, size_t size) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(data, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

static char *read_bytes(const char *path, size_t *size) {
  char *text;
  ok(nd_file_slurp(path, (size_t)1 << 24, &text, size, &error));
  return text;
}

static void seal(char *text, size_t size) {
  char sum[10];
  snprintf(sum, sizeof sum, "%08lx\n", crc32_z(0, (const Bytef *)text, size - 9));
  memcpy(text + size - 9, sum, 9);
}

static const pairs *small(void) {
  static pairs p;
  p = with(NULL, "method", "lbfgs");
  p = with(&p, "updates", "4");
  return &p;
}

static char *small_checkpoint(size_t *size) {
  pairs kept = with(small(), "checkpoint", "run.checkpoint");
  nadir_result_free(run("y ~ linear(x)", &kept));
  return read_bytes("run.checkpoint", size);
}

static nadir_status go_on_from(const char *text, size_t size) {
  nadir_result *result;
  pairs p = with(small(), "resume", "bad.checkpoint");
  write_bytes("bad.checkpoint", text, size);
  error = (nadir_error){.status = NADIR_OK};
  nadir_status status = try_run("y ~ linear(x)", &p, NULL, &result);
  if (status != NADIR_OK) assert_true(error.message[0] != '\0');
  nadir_result_free(result);
  return status;
}

static void every_byte_counts(void **state) {
  (void)state;
  size_t size;
  char *text = small_checkpoint(&size);
  assert_int_equal(go_on_from(text, size), NADIR_OK);
  for (size_t i = 0; i < size; i++) {
    char good = text[i];
    text[i] = (char)(good ^ (1 << i % 8));
    if (go_on_from(text, size) != NADIR_BAD_DATA) fail_msg("byte %zu of %zu was changed", i, size);
    text[i] = good;
    if (go_on_from(text, i) != NADIR_BAD_DATA) fail_msg("cut to %zu of %zu bytes", i, size);
  }
  char *longer = calloc(size + 1, 1);
  memcpy(longer, text, size);
  assert_int_equal(go_on_from(longer, size + 1), NADIR_BAD_DATA);
  free(longer);
  nd_free(text);
}

/* With a sum that is right: as one writes it who wants to deceive. */
static void no_word_leads_astray(void **state) {
  (void)state;
  static const uint64_t words[] = {0,
                                   1,
                                   UINT64_MAX,
                                   UINT64_C(0x7ff8000000000000),
                                   UINT64_C(0x7ff0000000000000),
                                   UINT64_C(0xc340000000000000),
                                   UINT64_C(0x4008000000000000)};
  size_t size;
  char *text = small_checkpoint(&size), *first = memchr(text, '\n', size);
  for (char *at = first + 1; at + 8 <= text + size - 9; at += 8)
    for (size_t k = 0; k < ND_COUNT(words); k++) {
      uint64_t good;
      memcpy(&good, at, sizeof good);
      memcpy(at, &words[k], sizeof good);
      seal(text, size);
      (void)go_on_from(text, size);
      memcpy(at, &good, sizeof good);
    }
  nd_free(text);
}

/* The same file with one text of its head replaced by another of the same length. */
static void refuse_changed(const char *there, const char *instead, const char *words) {
  size_t size;
  char *text = small_checkpoint(&size), *at = strstr(text, there);
  assert_non_null(at);
  memcpy(at, instead, strlen(there));
  seal(text, size);
  assert_int_not_equal(go_on_from(text, size), NADIR_OK);
  if (!strstr(error.message, words)) fail_msg("%s", error.message);
  nd_free(text);
}

static void other_versions_are_refused(void **state) {
  (void)state;
  refuse_changed("\"format_version\":2", "\"format_version\":1", "format 1");
  refuse_changed("\"nadir\":\"" NADIR_VERSION "\"", "\"nadir\":\"9.9.9\"", "nadir 9.9.9");
  refuse_changed("\"numbers\":", "\"numbered\":", "damaged");
  refuse_changed("nadir checkpoint", "nadir checkpaint", "not a nadir checkpoint");
}

static void refuse_run(const char *formula, const pairs *p, const char *words) {
  nadir_result *result;
  pairs rest = with(p, "resume", "run.checkpoint");
  assert_int_equal(try_run(formula, &rest, NULL, &result), NADIR_BAD_SETTING);
  assert_null(result);
  if (!strstr(error.message, words)) fail_msg("%s", error.message);
}

static void another_run_is_refused_and_its_difference_named(void **state) {
  (void)state;
  size_t size;
  nd_free(small_checkpoint(&size));
  pairs plain = with(NULL, "method", "gd"), more = with(small(), "l2", "0.5");
  refuse_run("y ~ linear(x)", &plain, "method is 'lbfgs', in this one 'gd'");
  refuse_run("y ~ linear(x)", &more, "l2 is '0', in this one '0.5'");
  refuse_run("y ~ linear(z)", small(), "formula");
  pairs three = with(small(), "lbfgs.history", "3");
  refuse_run("y ~ linear(x)", &three, "lbfgs.history is '10', in this one '3'");
  pairs two = with(small(), "updates", "2");
  refuse_run("y ~ linear(x)", &two, "beyond the limit");
  y[ROWS - 1] += 1; /* at the end: the digest of the table has it */
  refuse_run("y ~ linear(x)", small(), "another table");
  y[ROWS - 1] -= 1;
  pairs starts = with(small(), "starts", "3");
  refuse_run("y ~ linear(x)", &starts, "starts makes many");
  pairs folds = with(small(), "folds", "3");
  refuse_run("y ~ linear(x)", &folds, "folds makes many");
}

/* ---- functions ---- */

static double bowl;

static double bowl_at(void *context, const double *w, double *gradient) {
  (void)context;
  if (gradient) gradient[0] = 2 * (w[0] - bowl), gradient[1] = 6 * w[1];
  return (w[0] - bowl) * (w[0] - bowl) + 3 * w[1] * w[1];
}

static nadir_status minimize_bowl(const pairs *p, nadir_result **result) {
  static const char *const names[] = {"a", "b"};
  nadir_settings *settings = settings_of(p->text);
  nadir_function function = {.bytes = sizeof function, .size = 2, .names = names, .value = bowl_at};
  nadir_status status = nadir_minimize_function(&function, settings, NULL, result, &error);
  nadir_settings_free(settings);
  return status;
}

static void functions_go_on_where_they_are_the_same(void **state) {
  (void)state;
  pairs p = with(NULL, "method", "momentum"), kept, rest;
  p = with(&p, "start", "a=5,b=2");
  kept = with(&p, "updates", "5");
  kept = with(&kept, "checkpoint", "run.checkpoint");
  p = with(&p, "updates", "20");
  rest = with(&p, "resume", "run.checkpoint");
  nadir_result *whole, *first, *last;
  bowl = 1;
  ok(minimize_bowl(&p, &whole));
  ok(minimize_bowl(&kept, &first));
  ok(minimize_bowl(&rest, &last));
  assert_same(whole, last, "function");
  bowl = 1.5;
  nadir_result *none;
  assert_int_equal(minimize_bowl(&rest, &none), NADIR_BAD_SETTING);
  assert_non_null(strstr(error.message, "loss and gradient at the start"));
  nadir_result_free(whole);
  nadir_result_free(first);
  nadir_result_free(last);
}

/* ---- warm starts ---- */

static void a_fit_begins_at_a_model(void **state) {
  (void)state;
  pairs none = {.count = 0}, warm = with(NULL, "warm-start", "model.json"),
        start = with(&warm, "start", "w[x]=7");
  nadir_result *cold = run("y ~ linear(x, z)", &none);
  ok(nadir_model_save(cold->model, "model.json", &error));
  nadir_result *same = run("y ~ linear(x, z)", &warm), *more = run("y ~ linear(x, other)", &warm);
  nadir_result *given = run("y ~ linear(x, z)", &start), *result;
  assert_int_equal(same->start_from, NADIR_START_MODEL);
  for (size_t i = 0; i < same->size; i++)
    relative(same->start[i], cold->parameter[i].value, 1e-12);
  near(given->start[1], 7, 1e-12);
  relative(given->start[2], cold->parameter[2].value, 1e-12);
  assert_int_equal(same->warnings, 0);
  assert_int_equal(more->warning[0].kind, NADIR_WARN_COLD);
  assert_string_equal(more->warning[0].name[0], "w[other]");
  assert_int_equal(try_run("y ~ k*x + q", &warm, NULL, &result), NADIR_BAD_SETTING);
  assert_non_null(strstr(error.message, "give a model that has one of them"));
  nadir_result_free(cold);
  nadir_result_free(same);
  nadir_result_free(more);
  nadir_result_free(given);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_rule_goes_on),
      cmocka_unit_test(runs_of_all_kinds_go_on),
      cmocka_unit_test(what_is_ended_goes_on),
      cmocka_unit_test(a_finished_run_ends_at_once),
      cmocka_unit_test(every_byte_counts),
      cmocka_unit_test(no_word_leads_astray),
      cmocka_unit_test(other_versions_are_refused),
      cmocka_unit_test(another_run_is_refused_and_its_difference_named),
      cmocka_unit_test(functions_go_on_where_they_are_the_same),
      cmocka_unit_test(a_fit_begins_at_a_model),
  };
  return cmocka_run_group_tests(tests, make_rows, NULL);
}
