/* Files of models: each member that is not as it should be is refused by its name, what is read is written again as it
 * was, and every allocation on the way, Jansson's too, fails in turn. */
#include "../fitting.h"

#include <jansson.h>

#include <unistd.h>

#include "base/json.h"
#include "base/limits.h"
#include "model/saved.h"
#ifdef NADIR_FAULTS
#include "../walk.h"
#endif

static const char path[] = "saved_model_test.json";

static void put(const char *text) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fputs(text, file) >= 0, 1);
  assert_int_equal(fclose(file), 0);
}

/* `from` by `to` once; a file of format 1, so that no checksum stands in the way. */
static void put_changed(const char *from, const char *to) {
  char *text = slurp(ND_SOURCE_DIR "/tests/data/model/format1.json", NULL), *at = strstr(text, from);
  if (at == NULL) fail_msg("there is no %s", from);
  size_t size = strlen(text) + strlen(to) + 1;
  char *changed = malloc(size);
  snprintf(changed, size, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
  put(changed);
  free(changed);
  nd_free(text);
}

static void refused(const char *from, const char *to, const char *why) {
  nadir_model *model;
  nadir_error error = {0};
  put_changed(from, to);
  nadir_status status = nd_saved_read(&model, path, &error);
  if (status != NADIR_BAD_DATA || strncmp(error.message, path, strlen(path)) != 0 ||
      strstr(error.message, why) == NULL)
    fail_msg("%s: status %d, %s", to, (int)status, error.message);
  assert_null(model);
}

static nadir_model *accepted(const char *from, const char *to) {
  nadir_model *model;
  nadir_error error = {0};
  put_changed(from, to);
  must(nd_saved_read(&model, path, &error), &error);
  return model;
}

static void heads_and_settings(void **state) {
  (void)state;
  refused("\"nadir model\"", "\"other model\"", "not a nadir model file");
  refused("\"nadir model\"", "7", "not a nadir model file");
  refused("\"format_version\": 1", "\"format_version\": 4",
          "its format_version is 4, and this nadir reads up to 3");
  refused("\"format_version\": 1", "\"format_version\": \"1\"", "its format_version is 0");
  refused("\"format_version\": 1", "\"format_version\": 2",
          "its checksum is not that of its content");
  refused("\"nadir\":", "\"other\":", "\"other\" is not a member of a model");
  refused("\"formula\": \"velocity ~ poly(distance, 2)\"", "\"formula\": null",
          "\"formula\" is not a text");
  refused("poly(distance, 2)", "poly(distance, 2", "expected a comma or )");
  refused("poly(distance, 2)", "poly(depth, 2)", "depth");
  refused("\"settings\": {", "\"settings\": [], \"no\": {", "is not a member of a model");
  refused("\"weight\": \"\",\n    \"sigma\": \"\"", "\"weight\": \"2\", \"sigma\": \"3\"",
          "sigma: weight is given too: give one of the two");
  refused("\"l1\": \"0\"", "\"l1\": 0", "\"l1\" is not a text");
  refused("\"l1\": \"0\"", "\"l1\": \"x\"", "l1");
  refused("\"l1\": \"0\"", "\"loudness\": \"0\"", "\"loudness\" is not a setting of a model");
  refused("\"l1\": \"0\"", "\"threads\": \"2\"", "\"threads\" is not a setting of a model");
  /* how the run was made is recorded only: a caller's own rule may be unknown here */
  nd_saved_free(accepted("\"method\": \"auto\"", "\"method\": \"mine\", \"mine.beta\": \"3\""));
}

static void not_objects(void **state) {
  (void)state;
  char *text = slurp(ND_SOURCE_DIR "/tests/data/model/format1.json", NULL);
  static const struct {
    const char *member, *why;
  } members[] = {{"settings", "\"settings\" is not an object"},
                 {"columns", "\"columns\" is not a list"},
                 {"classes", "\"classes\" is not a list"},
                 {"parameters", "\"parameters\" is not a list"},
                 {"covariance", "\"covariance\" is not a square over the parameters"},
                 {"scaler", "\"scaler\" is not an object"},
                 {"loss", "\"loss\" is not a finite number"},
                 {"fitted", "\"fitted\" is not an object"}};
  for (size_t i = 0; i < ND_COUNT(members); i++) {
    json_error_t where;
    nadir_model *model;
    nadir_error error = {0};
    json_t *tree = nd_json_read(text, strlen(text), &where);
    json_object_set_new(tree, members[i].member, json_string("x"));
    char *changed = json_dumps(tree, 0);
    put(changed);
    assert_int_equal(nd_saved_read(&model, path, &error), NADIR_BAD_DATA);
    assert_non_null(strstr(error.message, members[i].why));
    free(changed);
    json_decref(tree);
  }
  nd_free(text);
}

static void columns_and_parameters(void **state) {
  (void)state;
  refused("\"classes\": []", "\"classes\": [1]", "\"classes\" holds something that is not a text");
  refused("\"name\": \"distance\",\n      \"unit\"", "\"unit\"", "\"name\" is not a text");
  refused("\"mean\": null", "\"mean\": \"x\"", "\"mean\" is not a finite number");
  refused("\"mean\": null", "\"mean\": null, \"median\": 1",
          "\"median\" is not a member of a model");
  refused("\"name\": \"b\"", "\"name\": \"c\"", "\"parameters\" are not those of the formula");
  refused("\"name\": \"b\"", "\"name\": 1", "\"name\" is not a text");
  refused("\"name\": \"b\"", "\"nom\": \"b\"", "\"nom\" is not a member of a model");
  refused("\"value\": -63.215291174958416", "\"value\": null", "\"value\" is not a finite number");
  refused("\"value\": -63.215291174958416", "\"value\": 1e999",
          "not a nadir model file, which is JSON (real number overflow");
  refused("\"standard_error\": 127.05054104669424", "\"standard_error\": true",
          "\"standard_error\" is not a finite number");
  refused("poly(distance, 2)", "poly(distance, 3)",
          "\"parameters\" are not as many as the formula has");
  refused("16141.839980257735,", "", "\"covariance\" is not a square over the parameters");
  refused("16141.839980257735", "\"x\"", "\"covariance\" holds something that is not a number");
  nadir_model *model = accepted("\"unit\": \"km/s\",\n      \"value\"", "\"value\"");
  assert_string_equal(model->model->parameters[0].unit, "");
  nd_saved_free(model);
}

static void scalers(void **state) {
  (void)state;
  refused("\"method\": \"standard\"", "\"way\": \"standard\"",
          "\"way\" is not a member of a model");
  refused("\"features\": [", "\"features\": 1, \"more\": [", "\"more\" is not a member of a model");
  refused("\"center\": 0.0", "\"center\": null", "\"center\" is not a finite number");
  refused("\"width\": 1.0", "\"width\": 0", "\"scaler\" has a width that is not above 0");
  refused("\"width\": 1.0", "\"with\": 1.0", "\"with\" is not a member of a model");
  refused("\"width\": 1.0", "\"width\": \"\"", "\"width\" is not a finite number");
  refused("\"width\": 363.43790305222706", "\"width\": -1",
          "\"scaler\" has a width that is not above 0");
  refused("\"center\": 1.016", "\"center\": []", "\"center\" is not a finite number");
  refused("\"center\": 1.016", "\"centre\": 1.016", "\"centre\" is not a member of a model");
  refused("\"width\": 0.98399999999999999", "\"width\": 0.0",
          "\"basis\" has a width that is not above 0");
  refused("\"width\": 0.98399999999999999", "\"width\": {}", "\"width\" is not a finite number");
  refused("0.16557081444355695,", "",
          "\"basis\" does not have as many numbers as the formula needs");
  refused("0.16557081444355695", "null", "\"basis\" holds something that is not a number");
  refused("-1.0154538187371534e-16,", "",
          "\"basis\" does not have as many numbers as the formula needs");
  refused("\"values\": [", "\"values\": 1, \"others\": [", "\"others\" is not a member of a model");
  refused("poly(distance, 2)", "linear(distance)", "are not as many as the formula has");
}

/* The file with `member` of `of` set to a value, or taken out (NULL). */
static nadir_status read_with(const char *of, const char *member, json_t *value,
                              nadir_error *error) {
  char *text = slurp(ND_SOURCE_DIR "/tests/data/model/format1.json", NULL);
  json_error_t where;
  nadir_model *model;
  json_t *tree = nd_json_read(text, strlen(text), &where),
         *object = of ? json_object_get(tree, of) : tree;
  if (value)
    json_object_set_new(object, member, value);
  else
    json_object_del(object, member);
  char *changed = json_dumps(tree, 0);
  put(changed);
  nadir_status status = nd_saved_read(&model, path, error);
  nd_saved_free(model);
  free(changed);
  json_decref(tree);
  nd_free(text);
  return status;
}

static void refused_with(const char *of, const char *member, json_t *value, const char *why) {
  nadir_error error = {0};
  assert_int_equal(read_with(of, member, value, &error), NADIR_BAD_DATA);
  if (strstr(error.message, why) == NULL) fail_msg("%s: %s", member, error.message);
}

static void origins(void **state) {
  (void)state;
  nadir_error error = {0};
  refused_with("fitted", "files", json_integer(1), "\"files\" is not a list");
  refused_with("fitted", "files", json_pack("[si]", "a", 1),
               "\"files\" holds something that is not a text");
  refused_with("fitted", "rows_read", json_integer(-1), "\"rows_read\" is not a count");
  refused_with("fitted", "rows_used", json_real(1), "\"rows_used\" is not a count");
  refused_with("fitted", "hash", json_integer(1), "\"hash\" is not a text");
  refused_with("fitted", "hash", json_string("00g1"), "\"hash\" is not of 32 hexadecimal digits");
  refused_with("fitted", "hash", json_string("0123456789abcdef0123456789abcdef0"),
               "\"hash\" is not of 32 hexadecimal digits");
  refused_with("fitted", "who", json_true(), "\"who\" is not a member of a model");
  refused_with("scaler", "features", json_array(), "does not have as many features as the formula");
  refused_with("scaler", "features", json_null(), "\"features\" is not a list");
  refused_with("scaler", "target", json_null(), "\"center\" is not a finite number");
  refused_with("scaler", "basis", json_pack("{s:f}", "center", 1.0),
               "\"width\" is not a finite number");
  refused_with("scaler", "basis", json_pack("{s:f,s:f,s:i}", "center", 1.0, "width", 1.0, "part", 1),
               "\"part\" is not a list");
  refused_with(NULL, "parameters", json_pack("[n]"), "are not as many as the formula has");
  refused_with(NULL, "columns", json_pack("[i]", 1), "\"name\" is not a text");
  assert_int_equal(read_with(NULL, "covariance", json_null(), &error), NADIR_OK);
  assert_int_equal(read_with("scaler", "basis", NULL, &error), NADIR_OK);
  json_t *list = json_array();
  for (int i = 0; i <= ND_LIMIT_MODEL_LIST; i++)
    json_array_append_new(list, json_null());
  refused_with(NULL, "columns", list, "\"columns\" is not a list");
}

/* A basis is poly's alone, with its constant. */
static void expect_foreign_basis(const char *formula, const char *const *pairs) {
  fitting fit;
  nadir_error error = {0};
  fit_arrays(&fit, hubble, 2, 24, formula, pairs);
  nadir_model model = {.model = fit.model, .settings = fit.settings, .loss = 1}, *read;
  must(nd_saved_write(&model, path, &error), &error);
  char *text = slurp(path, NULL);
  json_error_t where;
  json_t *tree = nd_json_read(text, strlen(text), &where);
  json_object_del(tree, "checksum");
  json_object_set_new(tree, "format_version", json_integer(1));
  json_object_set_new(json_object_get(tree, "scaler"), "basis", json_object());
  char *changed = json_dumps(tree, 0);
  put(changed);
  assert_int_equal(nd_saved_read(&read, path, &error), NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, "\"basis\" belongs to poly only"));
  free(changed);
  json_decref(tree);
  nd_free(text);
  fit_free(&fit);
}

static void foreign_basis(void **state) {
  (void)state;
  expect_foreign_basis("velocity ~ linear(distance)", NULL);
  expect_foreign_basis("velocity ~ poly(distance, 2)",
                       (const char *[]){"no-intercept", "true", NULL});
}

/* poly's is written, and read again. */
static void own_basis(void **state) {
  (void)state;
  nadir_error error = {0};
  nadir_model *first = accepted("velocity", "velocity"), *second;
  nd_teller teller = {0};
  assert_int_equal(nd_warn_unsealed(first, &teller, &error), NADIR_OK);
  must(nd_saved_write(first, path, &error), &error);
  must(nd_saved_read(&second, path, &error), &error);
  assert_int_equal(second->model->basis.degree, 2);
  for (size_t i = 0; i < 9; i++)
    assert_true(first->model->basis.part[i] == second->model->basis.part[i]);
  for (size_t i = 0; i < 3; i++)
    assert_true(first->model->basis_value[i] == second->model->basis_value[i]);
  nd_teller_free(&teller);
  nd_saved_free(first);
  nd_saved_free(second);
}

/* A star, classes, conditions of text, a rule's settings and a covariance: as written, so read, so written again. */
static const char world[] =
    "kind,a,b,c,flag,id\nQSO,1,2,3,x,9007199254740993\nSTAR,2,3,5,y,9007199254740992\n"
    "QSO,3,5,8,x,9007199254740993\nSTAR,4,1,9,y,1\n";

static nadir_model *small_model(fitting *fit) {
  static char file[] = "table.csv", *files[] = {file};
  static nadir_model model;
  static double covariance[64];
  open_text(fit, world,
            (const char *[]){"where", "flag != \"z\"", "method", "adam", "unit", "a=m", NULL});
  must(try_fit(fit, "kind ~ softmax(2; a, *, flag == 'x', flag == 'y', id == 9007199254740993)"),
       &fit->error);
  if (fit->model->covariance == NULL) {
    fit->model->covariance = nd_new(fit->model->size * fit->model->size, sizeof(double), NULL);
    memcpy(fit->model->covariance, covariance, fit->model->size * sizeof *covariance);
  }
  model = (nadir_model){.model = fit->model, .settings = fit->settings, .loss = 0.5};
  model.origin = (nd_origin){files, 1, "0123456789abcdef0123456789abcdef", 4, 4, "nadir fit 'a b.csv'", "2026-11-29T16:30:00Z"};
  return &model;
}

static void there_and_back(void **state) {
  (void)state;
  fitting fit;
  nadir_error error = {0};
  nadir_model *read;
  must(nd_saved_write(small_model(&fit), path, &error), &error);
  char *first = slurp(path, NULL);
  must(nd_saved_read(&read, path, &error), &error);
  assert_null(read->unsealed);
  assert_int_equal(nd_warn_unsealed(read, &fit.teller, &error), NADIR_OK);
  must(nd_saved_write(read, path, &error), &error);
  char *second = slurp(path, NULL);
  assert_string_equal(first, second);
  assert_non_null(strstr(first, "\"rest\": true"));
  assert_non_null(strstr(first, "\"adam.beta1\": \"0.9\""));
  nd_saved_free(read);
  nd_saved_free(NULL);
  nd_free(first);
  nd_free(second);
  fit_free(&fit);
}

/* Files were written with digests of 16 digits. */
static void an_older_digest_stays(void **state) {
  (void)state;
  fitting fit;
  nadir_error error = {0};
  nadir_model *model = small_model(&fit), *read;
  memcpy(model->origin.digest, "123456789abcdef0", sizeof "123456789abcdef0");
  must(nd_saved_write(model, path, &error), &error);
  must(nd_saved_read(&read, path, &error), &error);
  assert_string_equal(read->origin.digest, "123456789abcdef0");
  nd_saved_free(read);
  fit_free(&fit);
}

static void other_checksum(void **state) {
  (void)state;
  fitting fit;
  nadir_error error = {0};
  nadir_model *read;
  must(nd_saved_write(small_model(&fit), path, &error), &error);
  char *text = slurp(path, NULL), *sum = strstr(text, "\"checksum\": \"") + strlen("\"checksum\": \"");
  *sum = *sum == '0' ? '1' : '0';
  put(text);
  assert_int_equal(nd_saved_read(&read, path, &error), NADIR_BAD_DATA);
  assert_non_null(strstr(error.message, "its checksum is not that of its content"));
  nd_free(text);
  fit_free(&fit);
}

static void nowhere_to_write(void **state) {
  (void)state;
  fitting fit;
  nadir_error error = {0};
  nadir_model *model = small_model(&fit), *read;
  assert_int_not_equal(nd_saved_write(model, "no/such/directory.json", &error), NADIR_OK);
  assert_memory_equal(error.message, "no/such/directory.json: ", 24);
  assert_int_not_equal(nd_saved_read(&read, "no_such_model.json", &error), NADIR_OK);
  assert_memory_equal(error.message, "no_such_model.json: ", 20);
  assert_null(read);
  fit_free(&fit);
}

#ifdef NADIR_FAULTS
static nadir_status write_file(void *model, nadir_error *error) {
  return nd_saved_write(model, path, error);
}

static nadir_status read_file(void *name, nadir_error *error) {
  nadir_model *model;
  nadir_status status = nd_saved_read(&model, name, error);
  assert_true((model != NULL) == (status == NADIR_OK));
  nd_saved_free(model);
  return status;
}

static void our_calls_fail(void **state) {
  (void)state;
  fitting fit;
  nadir_model *model = small_model(&fit);
  assert_true(walk_memory(write_file, model) > 10);
  assert_true(walk(write_file, model, "write", ND_FAULT_WRITE) >= 1);
  assert_true(walk(write_file, model, "rename", ND_FAULT_RENAME) >= 1);
  must(nd_saved_write(model, path, &fit.error), &fit.error);
  assert_true(walk_memory(read_file, (void *)(uintptr_t)path) > 100);
  assert_true(walk(read_file, (void *)(uintptr_t)path, "read", ND_FAULT_READ) >= 1);
  char format1[] = ND_SOURCE_DIR "/tests/data/model/format1.json";
  assert_true(walk(read_file, format1, "memory", ND_FAULT_MEMORY) > 50);
  fit_free(&fit);
}

static size_t calls, failing;

static void *may_fail(size_t size) {
  return ++calls == failing ? NULL : malloc(size);
}

/* While it writes. While it reads, Jansson 2.14 does not look whether there was room for a token, and ends or
 * destroys the process itself. */
static size_t walk_jansson(walked *work, void *context) {
  nadir_status status = NADIR_NO_MEMORY;
  json_set_alloc_funcs(may_fail, free);
  for (failing = 1; status != NADIR_OK; failing++) {
    nadir_error error = {0};
    calls = 0;
    status = work(context, &error);
    if (status == NADIR_OK && calls >= failing)
      fail_msg("call %zu failed, and nobody heard", failing);
    assert_true(status == NADIR_OK || *error.message);
  }
  json_set_alloc_funcs(malloc, free);
  return failing;
}

static void jansson_s_calls_fail(void **state) {
  (void)state;
  fitting fit;
  nadir_model *model = small_model(&fit);
  assert_true(walk_jansson(write_file, model) > 100);
  fit_free(&fit);
}
#endif

static int clean(void **state) {
  (void)state;
  remove(path);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(heads_and_settings),
      cmocka_unit_test(not_objects),
      cmocka_unit_test(columns_and_parameters),
      cmocka_unit_test(scalers),
      cmocka_unit_test(origins),
      cmocka_unit_test(foreign_basis),
      cmocka_unit_test(own_basis),
      cmocka_unit_test(an_older_digest_stays),
      cmocka_unit_test(other_checksum),
      cmocka_unit_test(there_and_back),
      cmocka_unit_test(nowhere_to_write),
#ifdef NADIR_FAULTS
      cmocka_unit_test(our_calls_fail),
      cmocka_unit_test(jansson_s_calls_fail),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, clean);
}
