/* Model files: what is saved is read again to the bit and predicts the same; a file with any member
 * missing, unknown, of another type or damaged is refused with a sentence that names the file, and never
 * crashes. Any single bit that is flipped is refused, or changes nothing. A file without a checksum is read, with a
 * warning. */
#include "support.h"

enum { CHECKSUM_LINE = 32 }; /* "checksum": "12345678" and what is after it */
static char directory[] = "/tmp/nadir-model-XXXXXX";
static char model_path[64], again_path[64], table_path[64], out_path[64];

static char *slurp(const char *path) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  char *text = calloc(1, 1 << 20);
  size_t size = fread(text, 1, (1 << 20) - 1, file);
  assert_true(size > 0);
  fclose(file);
  return text;
}

static void spit(const char *path, const char *text, size_t length) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_true(fwrite(text, 1, length, file) == length);
  fclose(file);
}

static int set_up(void **state) {
  (void)state;
  assert_non_null(mkdtemp(directory));
  snprintf(model_path, sizeof model_path, "%s/model.json", directory);
  snprintf(again_path, sizeof again_path, "%s/again.json", directory);
  snprintf(table_path, sizeof table_path, "%s/table.csv", directory);
  snprintf(out_path, sizeof out_path, "%s/out.csv", directory);
  nadir_result *result =
      fit_file(HUBBLE, "velocity ~ linear(distance)", PAIRS("unit", "velocity=km/s,distance=Mpc"));
  ok(nadir_model_save(result->model, model_path, &error));
  nadir_result_free(result);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  const char *const paths[] = {model_path, again_path, table_path, out_path};
  for (size_t i = 0; i < 4; i++)
    unlink(paths[i]);
  return rmdir(directory);
}

static void saving_what_was_read_gives_the_same_file(void **state) {
  (void)state;
  nadir_model *model;
  ok(nadir_model_load(&model, model_path, &error));
  ok(nadir_model_save(model, again_path, &error));
  char *first = slurp(model_path), *second = slurp(again_path);
  assert_string_equal(first, second);
  free(first);
  free(second);
  nadir_model_free(model);
}

static void a_prediction_stands_beside_the_columns(void **state) {
  (void)state;
  static const char table[] = "name,distance,note\n\"a, b\",1,x\nc,,\nd,2.5,\"q\"\"q\"\n";
  spit(table_path, table, sizeof table - 1);
  nadir_settings *settings = settings_of(PAIRS("missing", "drop"));
  nadir_table *open = open_table(table_path, settings);
  nadir_model *model;
  ok(nadir_model_load(&model, model_path, &error));
  ok(nadir_predict(model, open, settings, NULL, out_path, &error));
  char *text = slurp(out_path);
  double one, two;
  assert_int_equal(
      sscanf(text, "name,distance,note,prediction,prediction_error\n\"a, b\",1,x,%lf,%*f\nc,,,,\nd,2.5,\"q\"\"q\",%lf",
             &one, &two),
      2);
  near(one, -40.78364909585886 + 454.15844092262836, 1e-9);
  near(two, -40.78364909585886 + 2.5 * 454.15844092262836, 1e-9);
  free(text);
  nadir_model_free(model);
  nadir_table_free(open);
  nadir_settings_free(settings);
}

static void scores_are_the_fits(void **state) {
  (void)state;
  nadir_settings *settings = settings_of(NULL);
  nadir_table *table = open_table(HUBBLE, settings);
  nadir_model *model;
  nadir_scores *scores;
  ok(nadir_model_load(&model, model_path, &error));
  ok(nadir_score(model, table, settings, NULL, &scores, &error));
  assert_int_equal(scores->rows, 24);
  /* RSS/n with RSS = 22 * 232.91^2 */
  near(scores->metric[0].value, 22 * 232.91067018300653 * 232.91067018300653 / 24, 1e-6);
  near(scores->metric[1].value * scores->metric[1].value, scores->metric[0].value, 1e-6);
  near(scores->metric[3].value, 0.6235302, 1e-6); /* r2 = r^2, r = 0.7896 (Hubble's table) */
  nadir_scores_free(scores);
  nadir_model_free(model);
  nadir_table_free(table);
  nadir_settings_free(settings);
}

/* At the maximum of the likelihood the expected counts have the sum of the counts (the derivative
 * by the intercept vanishes), and it is to them that the counts are compared. */
static void a_poisson_model_predicts_counts(void **state) {
  (void)state;
  static const char table[] = "x,n\n0,1\n1,0\n2,3\n3,4\n4,9\n";
  static const double counts[] = {1, 0, 3, 4, 9};
  spit(table_path, table, sizeof table - 1);
  nadir_result *result = fit_file(table_path, "n ~ linear(x)", PAIRS("loss", "poisson"));
  nadir_settings *settings = settings_of(NULL);
  nadir_table *open = open_table(table_path, settings);
  nadir_scores *scores;
  ok(nadir_predict(result->model, open, settings, NULL, out_path, &error));
  ok(nadir_score(result->model, open, settings, NULL, &scores, &error));
  char *text = slurp(out_path);
  double expected[5], sum = 0, squares = 0;
  assert_int_equal(sscanf(text, "x,n,prediction,prediction_error\n0,1,%lf,%*f\n1,0,%lf,%*f\n2,3,%lf,%*f\n3,4,%lf,%*f\n4,9,%lf",
                          &expected[0], &expected[1], &expected[2], &expected[3], &expected[4]),
                   5);
  for (int i = 0; i < 5; i++) {
    sum += expected[i];
    squares += (counts[i] - expected[i]) * (counts[i] - expected[i]);
  }
  near(sum, 17, 1e-6);
  near(expected[1] * expected[1], expected[0] * expected[2], 1e-9); /* exp of a straight line */
  near(scores->metric[1].value, sqrt(squares / 5), 1e-12);
  free(text);
  nadir_scores_free(scores);
  nadir_table_free(open);
  nadir_settings_free(settings);
  nadir_result_free(result);
}

static void refuse(const char *text, size_t length) {
  nadir_model *model;
  spit(again_path, text, length);
  nadir_status status = nadir_model_load(&model, again_path, &error);
  if (status == NADIR_OK) {
    nadir_model_free(model); /* a change that does no harm, as in a number */
    return;
  }
  assert_int_equal(nadir_exit_status(status), 2);
  assert_null(model);
  assert_non_null(strstr(error.message, "again.json"));
}

/* The file as format 1 had it: without a checksum. */
static char *unsealed(void) {
  char *text = slurp(model_path);
  char *version = strstr(text, "\"format_version\": 3"), *checksum = strstr(text, ",\n  \"checksum\": \"");
  assert_non_null(version);
  assert_non_null(checksum);
  version[strlen("\"format_version\": ")] = '1';
  strcpy(checksum, "\n}\n");
  return text;
}

static void is_refused(const char *text, const char *because) {
  nadir_model *model;
  spit(again_path, text, strlen(text));
  assert_int_equal(nadir_model_load(&model, again_path, &error), NADIR_BAD_DATA);
  assert_null(model);
  if (!strstr(error.message, because)) fail_msg("%s", error.message);
}

/* Loaded, it must say what the good file says. */
static void refuse_or_same(const char *text, size_t length, const char *good) {
  nadir_model *model;
  spit(again_path, text, length);
  if (nadir_model_load(&model, again_path, &error) != NADIR_OK) {
    assert_non_null(strstr(error.message, "again.json"));
    return;
  }
  ok(nadir_model_save(model, again_path, &error));
  char *again = slurp(again_path);
  assert_string_equal(again, good);
  free(again);
  nadir_model_free(model);
}

/* One bit of each byte that the checksum watches over, where bits are alike, and all of the others. */
static void every_flipped_bit_is_found(void **state) {
  (void)state;
  char *good = slurp(model_path), *bad = strdup(good);
  size_t length = strlen(good);
  for (size_t i = 0; i < length; i++) {
    int in_checksum = i + CHECKSUM_LINE > length; /* which no checksum watches over */
    for (size_t bit = in_checksum ? 0 : i % 8; bit < (in_checksum ? 8 : i % 8 + 1); bit++) {
      bad[i] = (char)(good[i] ^ 1 << bit);
      refuse_or_same(bad, length, good);
    }
    bad[i] = good[i];
  }
  free(bad);
  free(good);
}

static void layout_does_not_matter(void **state) {
  (void)state;
  char *good = slurp(model_path), *bare = calloc(1, strlen(good) + 1);
  for (size_t from = 0, to = 0; good[from]; from++) /* no text of it has a line's end, or two blanks, in it */
    if (good[from] != '\n' && strncmp(good + from, "  ", 2) != 0) bare[to++] = good[from];
  nadir_model *model;
  spit(again_path, bare, strlen(bare));
  ok(nadir_model_load(&model, again_path, &error));
  nadir_model_free(model);
  free(bare);
  free(good);
}

static int count_warnings(void *context, const nadir_event *event) {
  if (event->kind != NADIR_WARNING || event->warning->kind != NADIR_WARN_NO_CHECKSUM) return 0;
  assert_non_null(strstr(event->warning->path, "again.json"));
  ++*(int *)context;
  return 0;
}

static int warnings_of(const char *path) {
  int count = 0;
  nadir_listener listener = {.bytes = sizeof listener, .notify = count_warnings, .context = &count};
  nadir_settings *settings = settings_of(NULL);
  nadir_table *table = open_table(HUBBLE, settings);
  nadir_model *model;
  nadir_scores *scores;
  double values[24];
  ok(nadir_model_load(&model, path, &error));
  ok(nadir_score(model, table, settings, &listener, &scores, &error));
  ok(nadir_predict(model, table, settings, &listener, out_path, &error));
  ok(nadir_evaluate(model, table, settings, &listener, values, 24, &error));
  nadir_scores_free(scores);
  nadir_model_free(model);
  nadir_table_free(table);
  nadir_settings_free(settings);
  return count;
}

static void a_file_without_a_checksum_is_read_with_a_warning(void **state) {
  (void)state;
  char *old = unsealed();
  spit(again_path, old, strlen(old));
  assert_int_equal(warnings_of(again_path), 3);
  assert_int_equal(warnings_of(model_path), 0);
  free(old);
}

/* The name of a member is put in front of every one that there is. */
static void unknown_members_are_refused(void **state) {
  (void)state;
  char *good = unsealed();
  for (char *at = good; (at = strstr(at, "\": ")); at++) {
    char *name = at, *bad = calloc(1, strlen(good) + 32);
    while (*--name != '"')
      ;
    sprintf(bad, "%.*s\"surprise\": 1, %s", (int)(name - good), good, name);
    is_refused(bad, "\"surprise\" is not a");
    free(bad);
  }
  free(good);
}

static void formats_and_checksums_go_together(void **state) {
  (void)state;
  char *text = slurp(model_path), *version = strstr(text, "\"format_version\": ") + strlen("\"format_version\": ");
  *version = '1';
  is_refused(text, "\"checksum\" is not a");
  *version = '4';
  is_refused(text, "format_version is 4");
  free(text);
  text = unsealed();
  *(strstr(text, "\"format_version\": ") + strlen("\"format_version\": ")) = '3';
  is_refused(text, "checksum");
  free(text);
}

static void damaged_files_are_refused(void **state) {
  (void)state;
  char *good = unsealed();
  size_t length = strlen(good);
  unsigned random = 1;
  for (size_t cut = 0; cut < length; cut += 7)
    refuse(good, cut);
  for (int i = 0; i < 3000; i++) {
    char *bad = strdup(good);
    for (int k = 0; k < 1 + i % 3; k++) {
      random = random * 1664525u + 1013904223u;
      bad[(random >> 8) % length] = "\0\"{}[],:0-9ex\n"[(random >> 3) % 15];
    }
    refuse(bad, length);
    free(bad);
  }
  free(good);
}

static void each_member_is_needed(void **state) {
  (void)state;
  static const char *const members[] = {
      "\"format\"",     "\"format_version\"", "\"formula\"", "\"settings\"", "\"columns\"",
      "\"classes\"",    "\"parameters\"",     "\"scaler\"",  "\"fitted\"",   "\"hash\"",
      "\"covariance\"", "\"center\"",         "\"width\"",   "\"value\""};
  char *good = unsealed();
  for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
    char *bad = strdup(good), *at = strstr(bad, members[i]);
    assert_non_null(at);
    at[1] = 'X';
    nadir_model *model;
    spit(again_path, bad, strlen(bad));
    assert_int_equal(nadir_model_load(&model, again_path, &error), NADIR_BAD_DATA);
    free(bad);
  }
  free(good);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(saving_what_was_read_gives_the_same_file),
                                     cmocka_unit_test(a_prediction_stands_beside_the_columns),
                                     cmocka_unit_test(scores_are_the_fits),
                                     cmocka_unit_test(a_poisson_model_predicts_counts),
                                     cmocka_unit_test(every_flipped_bit_is_found),
                                     cmocka_unit_test(layout_does_not_matter),
                                     cmocka_unit_test(a_file_without_a_checksum_is_read_with_a_warning),
                                     cmocka_unit_test(unknown_members_are_refused),
                                     cmocka_unit_test(formats_and_checksums_go_together),
                                     cmocka_unit_test(damaged_files_are_refused),
                                     cmocka_unit_test(each_member_is_needed)};
  return cmocka_run_group_tests_name("model_file", tests, set_up, tear_down);
}
