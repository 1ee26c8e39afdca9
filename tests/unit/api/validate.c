/* Cross-validation, the path of a penalty and weights of classes, against closed forms and scikit-learn 1.2.1. */
#include "support.h"

#include <stdbool.h>

static const char table_path[] = "validate.csv";

static const double *metric(const nadir_scores *scores, nadir_measure measure) {
  for (size_t i = 0; i < scores->metrics; i++)
    if (scores->metric[i].measure == measure) return &scores->metric[i].value;
  fail_msg("no %s", nadir_measure_name(measure));
  return NULL;
}

static const nadir_fold_metric *mean_of(const nadir_folds *folds, nadir_measure measure) {
  for (size_t i = 0; i < folds->metrics; i++)
    if (folds->metric[i].measure == measure) return &folds->metric[i];
  fail_msg("no %s", nadir_measure_name(measure));
  return NULL;
}

/* ---- folds ---- */

/* Of a straight line, leaving one row out changes its residual from e to e/(1 - h), h its leverage (the PRESS of Allen
 * 1974): the mean of the squares and their standard deviation by numpy. */
static void leaving_one_out(void **state) {
  (void)state;
  nadir_result *result = fit_file(HUBBLE, "velocity ~ linear(distance)", PAIRS("folds", "24"));
  const nadir_folds *folds = result->folds;
  assert_int_equal(folds->count, 24);
  assert_int_equal(folds->failed, 0);
  const nadir_fold_metric *loss = mean_of(folds, NADIR_LOSS), *mae = mean_of(folds, NADIR_MAE);
  near(loss->mean, 59500.974459457524, 1e-5);
  near(loss->deviation, 72890.30525986476, 1e-5);
  near(mae->mean, 196.19695852201028, 1e-8);
  assert_int_equal(loss->folds, 24);
  assert_int_equal(mean_of(folds, NADIR_R2)->folds, 0); /* one row has no spread */
  assert_true(isnan(mean_of(folds, NADIR_R2)->mean));
  for (size_t i = 0; i < folds->count; i++)
    assert_true(folds->fold[i].rows == 1 && folds->fold[i].rows_used == 23);
  nadir_result_free(result);
}

/* A fold by a column is what where leaves out: the same fit, the same scores; and the last fit is that of all rows. */
static void a_fold_is_a_fit(void **state) {
  (void)state;
  FILE *file = fopen(table_path, "w");
  fputs("x,y,g\n", file);
  for (int i = 0; i < 60; i++)
    fprintf(file, "%d,%.17g,%s\n", i, 3 * i + i * 37 % 11 / 7.0,
            i % 3 == 0   ? "a"
            : i % 3 == 1 ? "b"
                         : "c d");
  fclose(file);
  nadir_result *result = fit_file(table_path, "y ~ linear(x)", PAIRS("folds", "3", "fold-by", "g"));
  nadir_result *plain = fit_file(table_path, "y ~ linear(x)", NULL);
  near(result->loss, plain->loss, 0);
  assert_true(plain->folds == NULL && plain->path == NULL);
  static const char *const groups[] = {"a", "b", "c d"};
  bool found[3] = {false, false, false};
  for (size_t g = 0; g < 3; g++) {
    char others[32], own[32];
    snprintf(others, sizeof others, "g != \"%s\"", groups[g]);
    snprintf(own, sizeof own, "g == \"%s\"", groups[g]);
    nadir_result *left = fit_file(table_path, "y ~ linear(x)", PAIRS("where", others));
    nadir_settings *settings = settings_of(PAIRS("where", own));
    nadir_table *table = open_table(table_path, settings);
    nadir_scores *scores;
    ok(nadir_score(left->model, table, settings, NULL, &scores, &error));
    for (size_t k = 0; k < 3; k++) {
      const nadir_scores *fold = result->folds->fold[k].scores;
      found[g] |= fold->rows == 20 && *metric(fold, NADIR_LOSS) == *metric(scores, NADIR_LOSS) &&
                  *metric(fold, NADIR_R2) == *metric(scores, NADIR_R2);
    }
    nadir_scores_free(scores);
    nadir_table_free(table);
    nadir_settings_free(settings);
    nadir_result_free(left);
  }
  assert_true(found[0] && found[1] && found[2]);
  nadir_result_free(plain);
  nadir_result_free(result);
  unlink(table_path);
}

/* 10,000 rows in three chunks, 1 in 50 of the second class: each fold has the same number of rows, and of the rare ones
 * to one for each chunk; whatever the threads are, kept or read again, in one file or in two. */
static void folds_are_even(void **state) {
  (void)state;
  static const char second[] = "validate2.csv";
  enum { ROWS = 10000, FOLDS = 7 };
  FILE *file = fopen(table_path, "w"), *half[2] = {fopen("half1.csv", "w"), fopen(second, "w")};
  fputs("x,c\n", file);
  for (int h = 0; h < 2; h++)
    fputs("x,c\n", half[h]);
  for (int i = 0; i < ROWS; i++) {
    char line[64];
    snprintf(line, sizeof line, "%d,%s\n", i * 7919 % 1000, i % 50 == 3 ? "rare" : "common");
    fputs(line, file);
    fputs(line, half[i >= ROWS / 3]);
  }
  fclose(file);
  fclose(half[0]);
  fclose(half[1]);
  double loss[4];
  for (int variant = 0; variant < 4; variant++) {
    nadir_settings *settings =
        settings_of(PAIRS("folds", "7", "seed", variant == 3 ? "1" : "0", "threads",
                          variant == 1 ? "3" : "1", "memory", variant == 1 ? "0" : "auto"));
    const char *paths[] = {variant == 2 ? "half1.csv" : table_path, second};
    nadir_table *table;
    nadir_result *result;
    ok(nadir_table_open(&table, paths, variant == 2 ? 2 : 1, settings, &error));
    ok(nadir_fit(table, "c == \"rare\" ~ linear(x)", settings, NULL, &result, &error));
    for (size_t k = 0; k < FOLDS; k++) {
      const nadir_fold *fold = &result->folds->fold[k];
      assert_in_range(fold->rows, ROWS / FOLDS, ROWS / FOLDS + 1);
      assert_int_equal(fold->rows + fold->rows_used, ROWS);
      assert_int_equal(fold->scores->rows, fold->rows);
      assert_in_range(fold->scores->class_score[1].rows, 200 / FOLDS - 2, 200 / FOLDS + 4);
    }
    loss[variant] = *metric(result->folds->fold[0].scores, NADIR_LOSS);
    nadir_result_free(result);
    nadir_table_free(table);
    nadir_settings_free(settings);
  }
  near(loss[1], loss[0], 0);
  near(loss[2], loss[0], 0);
  assert_true(loss[3] != loss[0]);
  unlink(table_path);
  unlink("half1.csv");
  unlink(second);
}

/* The groups of 12, 9, 8, 4, 4, 3 rows go to 3 folds as the largest first into the least full: 12+3... = 12, 9+4, 8+4+3 or
 * so: no fold is more than 15 or less than 12; and no group is in two. */
static void groups_stay_together(void **state) {
  (void)state;
  static const int sizes[] = {12, 9, 8, 4, 4, 3};
  FILE *file = fopen(table_path, "w");
  fputs("x,y,night\n", file);
  for (int i = 0; i < 12; i++)
    for (int g = 0; g < 6; g++)
      if (i < sizes[g]) fprintf(file, "%d,%d,%d\n", i, 2 * i + (i * g) % 3, 2400 + g);
  fclose(file);
  nadir_result *result = fit_file(table_path, "y ~ linear(x)",
                                  PAIRS("folds", "3", "fold-by", "night", "where", "x >= 0"));
  uint64_t all = 0;
  for (size_t k = 0; k < 3; k++) {
    assert_in_range(result->folds->fold[k].rows, 12, 15);
    assert_int_equal(result->folds->fold[k].scores->rows, result->folds->fold[k].rows);
    all += result->folds->fold[k].rows;
  }
  assert_int_equal(all, 40);
  nadir_result_free(result);
  unlink(table_path);
}

/* Groups that are each of one class are spread so that every fold has both classes. */
static void groups_and_classes(void **state) {
  (void)state;
  FILE *file = fopen(table_path, "w");
  fputs("x,c,g\n", file);
  for (int i = 0; i < 60; i++)
    fprintf(file, "%d,%c,g%d\n", i * 7 % 60, i % 6 < 2 ? 'b' : 'a', i % 6 + 6 * (i / 30));
  fclose(file);
  nadir_result *result = fit_file(table_path, "c ~ linear(x)", PAIRS("folds", "4", "fold-by", "g"));
  for (size_t k = 0; k < 4; k++) {
    assert_int_equal(result->folds->fold[k].scores->class_score[0].rows, 10);
    assert_int_equal(result->folds->fold[k].scores->class_score[1].rows, 5);
  }
  nadir_result_free(result);
  unlink(table_path);
}

/* Only the rows of group a have a weight: without them there is nothing to fit. That fold says so, and the others, and the
 * fit of all rows, are there. */
static void a_fold_that_fails(void **state) {
  (void)state;
  FILE *file = fopen(table_path, "w");
  fputs("x,y,w,g\n", file);
  for (int i = 0; i < 12; i++)
    fprintf(file, "%d,%d,%d,%c\n", i, 2 * i + i % 2, i % 3 == 0, "abc"[i % 3]);
  fclose(file);
  nadir_result *result =
      fit_file(table_path, "y ~ linear(x)", PAIRS("folds", "3", "fold-by", "g", "weight", "w"));
  assert_int_equal(result->exit_status, 0);
  assert_int_equal(result->folds->failed, 1);
  assert_int_equal(mean_of(result->folds, NADIR_RMSE)->folds, 2);
  for (size_t k = 0; k < 3; k++) {
    const nadir_fold *fold = &result->folds->fold[k];
    assert_int_equal(fold->rows, 4);
    if (!fold->error) {
      assert_true(fold->scores && fold->exit_status == 0);
      continue;
    }
    assert_int_equal(fold->error->status, NADIR_BAD_DATA);
    assert_true(!fold->scores && fold->exit_status == 2);
    assert_non_null(
        strstr(fold->error->message, "the weights of the rows do not sum to a number above 0"));
  }
  char *text;
  assert_int_equal(result->warnings, 1);
  ok(nadir_warning_text(&result->warning[0], &text, &error));
  assert_non_null(strstr(text, "1 of 3 folds did not end as they should"));
  nadir_text_free(text);
  ok(nadir_result_json(result, &text, &error));
  assert_non_null(strstr(text, "\"failed\": \"validate.csv: the weights"));
  nadir_text_free(text);
  nadir_result_free(result);
  unlink(table_path);
}

static void expect_refusal(const char *formula, const char *const *pairs, const char *why) {
  nadir_settings *settings = settings_of(pairs);
  nadir_table *table = open_table(HUBBLE, settings);
  nadir_result *result;
  assert_true(nadir_fit(table, formula, settings, NULL, &result, &error) != NADIR_OK);
  assert_null(result);
  assert_string_equal(error.message, why);
  nadir_table_free(table);
  nadir_settings_free(settings);
}

static void what_is_refused(void **state) {
  (void)state;
  static const char line[] = "velocity ~ linear(distance)";
  expect_refusal(line, PAIRS("folds", "1"),
                 "folds: one fold leaves no rows to fit: set it to 2 or more, or to 0");
  expect_refusal(line, PAIRS("folds", "25"),
                 "folds: 24 rows are used, fewer than the 25 folds: set folds to fewer");
  expect_refusal(line, PAIRS("fold-by", "nebula"), "fold-by: there are no folds: set folds too");
  expect_refusal(line, PAIRS("folds", "30", "fold-by", "nebula"),
                 "folds: 24 rows are used, fewer than the 30 folds: set folds to fewer");
  expect_refusal(line, PAIRS("folds", "3", "fold-by", "distanc"),
                 "fold-by: " HUBBLE " has no column 'distanc': did you mean 'distance'?");
  expect_refusal(line, PAIRS("folds", "3", "fold-by", "q"),
                 "fold-by: " HUBBLE " has no column 'q'");
  expect_refusal(line, PAIRS("path", "l1", "validate", "0.2"),
                 "path: it does not go with validate: set folds, which keep rows out in turn");
  expect_refusal(line, PAIRS("path", "l1", "bounds", "w[distance]=1:2"),
                 "path: it does not go with bounds, which may keep weights from 0: leave out one");
  expect_refusal(line, PAIRS("path", "l1", "folds", "3", "l1", "0.1"),
                 "path: with folds it chooses l1: leave out l1");
  expect_refusal("velocity ~ H*distance", PAIRS("path", "l2"),
                 "path: it needs a model that is linear, poly or softmax as a whole, whose "
                 "features have one scale: set "
                 "path to none");
  expect_refusal(line, PAIRS("path", "l2", "no-penalty", "w[distance]"),
                 "path: the loss does not depend on a penalised parameter: there is no strength to "
                 "begin with");
  expect_refusal(line, PAIRS("class-weight", "balanced"),
                 "class-weight: the target velocity is a number, not a class: set it to none");
}

/* ---- the path ---- */

enum { ROWS = 40 };

static void write_path(void) {
  FILE *file = fopen(table_path, "w");
  fputs("a,b,c,d,y,g\n", file);
  for (int i = 1; i <= ROWS; i++) {
    double a = i * 7 % 41 / 10.0, b = i * 11 % 41 / 10.0, c = i * 17 % 41 / 10.0,
           d = i * 29 % 41 / 10.0;
    fprintf(file, "%.17g,%.17g,%.17g,%.17g,%.17g,g%d\n", a, b, c, d,
            3 * a - 2 * b + 0.5 * c + i * 23 % 37 / 9.0, i % 5);
  }
  fclose(file);
}

/* Lasso(alpha = l1/2) of scikit-learn on standardised columns and target. */
static void the_path_of_lasso(void **state) {
  (void)state;
  static const double weights[3][4] = {
      {0.5781790988704056, -0.41593797004340105, 0, 0},
      {0.8123363363746756, -0.5802292561758053, 0.155619282424966, 0.0015550336457689129},
      {0.8405145520262303, -0.596560442064231, 0.17970086161637341, 0.010467985944197787}};
  static const double losses[] = {2.8631911299368427, 1.3511925913524503, 1.330556037579232};
  static const size_t at[] = {3, 8, 19}, used[] = {0, 2, 2, 2, 2, 3, 3, 3, 4, 4};
  write_path();
  nadir_result *result =
      fit_file(table_path, "y ~ linear(a,b,c,d)", PAIRS("path", "l1", "path-values", "20"));
  const nadir_path *path = result->path;
  assert_int_equal(path->count, 20);
  assert_true(path->l1 && path->chosen == SIZE_MAX && path->least == SIZE_MAX);
  near(path->value[0].penalty, 1.4753665917398813, 1e-6);
  near(path->value[19].penalty, 1.4753665917398813e-4, 1e-10);
  for (size_t i = 0; i < 10; i++)
    assert_int_equal(path->value[i].used, used[i]);
  for (size_t k = 0; k < 3; k++) {
    const nadir_path_value *value = &path->value[at[k]];
    for (size_t j = 0; j < 4; j++)
      near(value->scaled[j + 1], weights[k][j], 1e-7);
    near(value->loss, losses[k], 1e-6);
    assert_true(isnan(value->error));
  }
  near(result->loss, result->data_loss, 0); /* without folds nothing is chosen */
  nadir_result_free(result);
  unlink(table_path);
}

/* The same with every fold standardised by its own rows, and glmnet's error and its standard error. */
static void the_choice_by_folds(void **state) {
  (void)state;
  write_path();
  const char *const pairs[] = {"path", "l1",      "path-values", "20", "folds",
                               "5",    "fold-by", "g",           NULL};
  nadir_result *result = fit_file(table_path, "y ~ linear(a,b,c,d)", pairs);
  const nadir_path *path = result->path;
  assert_int_equal(path->least, 10);
  assert_int_equal(path->chosen, 6);
  near(path->value[10].error, 1.8872602898665487, 1e-6);
  near(path->value[10].standard_error, 0.213423631159192, 1e-6);
  near(path->value[6].error, 2.0434512860756575, 1e-6);
  near(path->value[6].standard_error, 0.2327082728236671, 1e-6);
  near(path->value[6].penalty, 0.08049003083106711, 1e-8);
  for (size_t j = 0; j < 5; j++) /* the result is the fit with the choice */
    near(parameter(result, result->parameter[j].name), path->value[6].w[j], 1e-7);
  near(mean_of(result->folds, NADIR_LOSS)->mean, path->value[6].error,
       1e-6); /* folds of one size */
  char *text;
  ok(nadir_result_json(result, &text, &error));
  assert_non_null(strstr(text, "\"path_of\": \"l1\""));
  nadir_text_free(text);
  nadir_settings *settings = settings_of(NULL);
  ok(nadir_plot_path(result, settings, "path.gp", &error));
  nadir_settings_free(settings);
  unlink("path.gp");
  nadir_result_free(result);
  unlink(table_path);
}

/* Ridge: (X'X + n l2/2 I)^-1 X'y of standardised columns; of one column w = r/(1 + l2/2). */
static void the_path_of_ridge(void **state) {
  (void)state;
  nadir_result *result =
      fit_file(HUBBLE, "velocity ~ linear(distance)", PAIRS("path", "l2", "path-values", "5"));
  const nadir_path *path = result->path;
  double r = sqrt(0.6235302); /* to seven digits */
  assert_false(path->l1);
  near(path->value[0].penalty, 2 * r * 1000, 1e-2);
  for (size_t i = 0; i < 5; i++)
    near(path->value[i].scaled[1], r / (1 + path->value[i].penalty / 2), 1e-6);
  nadir_result_free(result);
}

/* ---- weights of classes ---- */

/* LogisticRegression(class_weight="balanced", penalty=None) of scikit-learn. */
static void balanced_classes(void **state) {
  (void)state;
  FILE *file = fopen(table_path, "w");
  fputs("x,z,kind,one\n", file);
  for (int i = 0; i < 60; i++)
    fprintf(file, "%g,%g,%s,1\n", i * 37 % 60 / 10.0, i * 17 % 60 / 10.0,
            i % 20 == 7 ? "rare" : "common");
  fclose(file);
  for (int variant = 0; variant < 3; variant++) {
    nadir_settings *settings =
        settings_of(PAIRS("class-weight", "balanced", "memory", variant == 1 ? "0" : "auto",
                          "weight", variant == 2 ? "one" : ""));
    nadir_table *table = open_table(table_path, settings);
    nadir_result *result;
    ok(nadir_fit(table, "kind == \"rare\" ~ linear(x,z)", settings, NULL, &result, &error));
    near(parameter(result, "b"), -5.015079589315046, 1e-6);
    near(parameter(result, "w[x]"), 0.713665939434596, 1e-7);
    near(parameter(result, "w[z]"), 0.7136659394345958, 1e-7);
    near(result->loss, 0.5522529551318893, 1e-9);
    assert_int_equal(result->no_errors, NADIR_ERRORS_CLASS_WEIGHT);
    assert_true(isnan(result->uncertainty->aic) && isnan(result->uncertainty->log_likelihood));
    ok(nadir_model_save(result->model, "validate.json", &error));
    nadir_model *model;
    ok(nadir_model_load(&model, "validate.json", &error));
    nadir_scores *scores;
    ok(nadir_score(model, table, settings, NULL, &scores, &error));
    near(*metric(scores, NADIR_LOSS), result->loss, 1e-12);
    nadir_scores_free(scores);
    nadir_model_free(model);
    nadir_result_free(result);
    nadir_table_free(table);
    nadir_settings_free(settings);
  }
  unlink("validate.json");
  unlink(table_path);
}

/* Three classes: the fit is that with the same weights written out. */
static void balanced_softmax(void **state) {
  (void)state;
  FILE *file = fopen(table_path, "w");
  fputs("x,c\n", file);
  for (int i = 0; i < 60; i++)
    fprintf(file, "%d,%c\n", i * 17 % 60, i % 10 == 0 ? 'a' : i % 3 == 0 ? 'b' : 'c');
  fclose(file); /* 6 of a, 18 of b, 36 of c */
  nadir_result *balanced =
      fit_file(table_path, "c ~ softmax(3; x)", PAIRS("class-weight", "balanced", "l2", "0.01"));
  nadir_result *written = fit_file(
      table_path, "c ~ softmax(3; x)",
      PAIRS("weight", "60/3*(if(c == \"a\", 1/6, if(c == \"b\", 1/18, 1/36)))", "l2", "0.01"));
  for (size_t i = 0; i < written->size; i++) /* of the intercepts only differences count */
    if (written->parameter[i].name[0] == 'w')
      near(balanced->parameter[i].value, written->parameter[i].value, 1e-9);
  near(balanced->loss, written->loss, 1e-12);
  nadir_result_free(balanced);
  nadir_result_free(written);
  unlink(table_path);
}

/* Those not named weigh 1; the fit is that with the same weights written out. */
static void classes_by_name(void **state) {
  (void)state;
  FILE *file = fopen(table_path, "w");
  fputs("x,c\n", file);
  for (int i = 0; i < 60; i++)
    fprintf(file, "%d,%s\n", i * 17 % 60, i % 10 == 0 ? "a" : i % 3 == 0 ? "b b" : "c");
  fclose(file);
  nadir_result *named =
      fit_file(table_path, "c ~ softmax(3; x)", PAIRS("class-weight", "c=0.25, a=3", "l2", "0.01"));
  nadir_result *written =
      fit_file(table_path, "c ~ softmax(3; x)",
               PAIRS("weight", "if(c == \"a\", 3, if(c == \"c\", 0.25, 1))", "l2", "0.01"));
  for (size_t i = 0; i < written->size; i++)
    if (written->parameter[i].name[0] == 'w')
      near(named->parameter[i].value, written->parameter[i].value, 1e-9);
  near(named->loss, written->loss, 1e-12);
  nadir_result_free(named);
  nadir_result_free(written);
  named = fit_file(table_path, "c == \"a\" ~ linear(x)", PAIRS("class-weight", "true=3"));
  assert_int_equal(named->no_errors, NADIR_ERRORS_CLASS_WEIGHT);
  nadir_result_free(named);
  static const char truth[] = "velocity > 250 ~ linear(distance)";
  expect_refusal(truth, PAIRS("class-weight", "True=3"),
                 "class-weight: velocity > 250 has no class 'True': did you mean 'true'?");
  expect_refusal(truth, PAIRS("class-weight", "1=3"),
                 "class-weight: velocity > 250 has no class '1': its first is 'false'");
  expect_refusal(truth, PAIRS("class-weight", "true=3,true=2"),
                 "class-weight: true is given twice: give it one weight");
  unlink(table_path);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(leaving_one_out),     cmocka_unit_test(a_fold_is_a_fit),
      cmocka_unit_test(folds_are_even),      cmocka_unit_test(groups_stay_together),
      cmocka_unit_test(groups_and_classes),  cmocka_unit_test(a_fold_that_fails),
      cmocka_unit_test(what_is_refused),     cmocka_unit_test(the_path_of_lasso),
      cmocka_unit_test(the_choice_by_folds), cmocka_unit_test(the_path_of_ridge),
      cmocka_unit_test(balanced_classes),    cmocka_unit_test(balanced_softmax),
      cmocka_unit_test(classes_by_name)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
