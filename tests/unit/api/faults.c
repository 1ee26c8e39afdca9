/* Every allocation, open, read, write, fsync and rename of a small fit, its model, trace, picture,
 * prediction, score and summary fails in turn, once and for good: each ends in a sentence and exit
 * status 3, nothing leaks (the sanitizers look), outputs that were there before stay as they were,
 * and no other file is left behind. Built with NADIR_FAULTS alone. */
#include "support.h"

#include <dirent.h>

#include "base/fault_internal.h"

static char directory[] = "/tmp/nadir-faults-XXXXXX";
static const char *const outputs[] = {"model.json", "trace.csv", "loss.gp",
                                      "fit.gp",     "out.csv",   "out.fits"};
static const char old[] = "what was there before";

static nadir_status save(const nadir_result *result, nadir_table *table,
                         const nadir_settings *settings) {
  const nadir_trace *trace = result->trace;
  nadir_status status = nadir_model_save(result->model, "model.json", &error);
  if (status == NADIR_OK) status = nadir_trace_save(trace, "trace.csv", &error);
  if (status == NADIR_OK) status = nadir_plot_traces(&trace, NULL, 1, settings, "loss.gp", &error);
  if (status == NADIR_OK) status = nadir_plot_fit(result->model, table, settings, "fit.gp", &error);
  return status;
}

static nadir_status use(nadir_table *table, const nadir_settings *settings) {
  nadir_model *model = NULL;
  nadir_scores *scores = NULL;
  nadir_summary *summary = NULL;
  char *text = NULL;
  nadir_status status = nadir_model_load(&model, "model.json", &error);
  if (status == NADIR_OK) status = nadir_predict(model, table, settings, NULL, "out.csv", &error);
  if (status == NADIR_OK) status = nadir_predict(model, table, settings, NULL, "out.fits", &error);
  if (status == NADIR_OK) status = nadir_score(model, table, settings, NULL, &scores, &error);
  if (status == NADIR_OK) status = nadir_table_summarize(table, settings, NULL, &summary, &error);
  if (status == NADIR_OK) status = nadir_scores_json(scores, &text, &error);
  nadir_text_free(text);
  nadir_summary_free(summary);
  nadir_scores_free(scores);
  nadir_model_free(model);
  return status;
}

static nadir_status whole_life(void) {
  static const char *const path = HUBBLE;
  nadir_settings *settings = NULL;
  nadir_table *table = NULL;
  nadir_result *result = NULL;
  char *text = NULL;
  nadir_status status = nadir_settings_new(&settings, &error);
  if (status == NADIR_OK) status = nadir_settings_set(settings, "threads", "1", &error);
  if (status == NADIR_OK) status = nadir_settings_set(settings, "method", "adam", &error);
  if (status == NADIR_OK) status = nadir_settings_set(settings, "updates", "3", &error);
  if (status == NADIR_OK) status = nadir_table_open(&table, &path, 1, settings, &error);
  if (status == NADIR_OK)
    status = nadir_fit(table, "velocity ~ linear(distance)", settings, NULL, &result, &error);
  if (status == NADIR_OK) status = nadir_result_json(result, &text, &error);
  if (status == NADIR_OK) status = save(result, table, settings);
  if (status == NADIR_OK) status = use(table, settings);
  nadir_text_free(text);
  nadir_result_free(result);
  nadir_table_free(table);
  nadir_settings_free(settings);
  return status;
}

static void lay_old_outputs(void) {
  for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
    FILE *file = fopen(outputs[i], "w");
    assert_non_null(file);
    fputs(old, file);
    fclose(file);
  }
}

/* Each output is the old one or a new one that is whole: a model's last line is its checksum. */
static void check_outputs(void) {
  size_t entries = 0;
  DIR *open = opendir(".");
  while (readdir(open))
    entries++;
  closedir(open);
  assert_int_equal(entries, sizeof outputs / sizeof *outputs + 2);
  char text[1 << 16];
  FILE *file = fopen("model.json", "r");
  assert_non_null(file);
  size_t size = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[size] = '\0';
  assert_true(strcmp(text, old) == 0 || (size > 4 && strcmp(text + size - 4, "\"\n}\n") == 0));
}

/* Every fifth call for good. */
static size_t walk(const char *kind, bool for_good) {
  char what[64];
  for (size_t n = 1;; n += for_good ? 5 : 1) {
    assert_true(n < 100000);
    lay_old_outputs();
    snprintf(what, sizeof what, "%s:%zu%s", kind, n, for_good ? ":on" : "");
    assert_true(nd_fault_set(what));
    error = (nadir_error){0};
    nadir_status status = whole_life();
    nd_fault_set(NULL);
    check_outputs();
    if (status == NADIR_OK) return n - 1;
    if (nadir_exit_status(status) != 3 || !*error.message)
      fail_msg("%s: status %d, '%s'", what, status, error.message);
  }
}

static void every_call_may_fail(void **state) {
  (void)state;
  static const char *const kinds[] = {"memory", "open", "read", "write", "fsync", "rename"};
  assert_non_null(mkdtemp(directory));
  assert_int_equal(chdir(directory), 0);
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    size_t once = walk(kinds[k], false), for_good = walk(kinds[k], true);
    if (once < 1 || for_good < 1) fail_msg("no %s was counted", kinds[k]);
  }
  for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++)
    unlink(outputs[i]);
  assert_int_equal(chdir("/"), 0);
  rmdir(directory);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_call_may_fail)};
  return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
