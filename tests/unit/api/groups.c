/* Fits by group: each is that of its rows alone, wherever they are in the table and however many threads there are; what
 * is wrong with one group is told of it, and is none of the others' business. */
#include "support.h"

#include <stdbool.h>

static const char table_path[] = "groups.csv";
enum { GROUPS = 7, ROWS = 40 };

static double noise(unsigned i) {
  return (double)(i * 2654435761u % 1000) / 1000 - 0.5;
}

static double line_at(int g, double x) {
  double off = (x - 4 - g * 0.3) / (0.8 + 0.1 * g);
  return 1 + g + (3 + g) * exp(-off * off / 2);
}

/* Rows of all groups in turn, or group after group; each with its own numbers for other targets. */
static void write_table(bool in_turn) {
  FILE *file = fopen(table_path, "w");
  assert_non_null(file);
  fputs("g,x,y,s,k,t\n", file);
  for (int i = 0; i < GROUPS * ROWS; i++) {
    int g = in_turn ? i % GROUPS : i / ROWS, r = in_turn ? i / GROUPS : i % ROWS;
    double x = r * 0.25 + 0.01 * g, e = noise((unsigned)(g * ROWS + r));
    fprintf(file, "group %d,%.17g,%.17g,%.17g,%d,%s\n", g, x, line_at(g, x) + 0.1 * e, 0.1 + 0.05 * (r % 3),
            (int)(g + 2 + 3 * noise((unsigned)(g + 7 * r))) % 9 + (r % 4), x + 6 * e > 5 ? "up" : "down");
  }
  fclose(file);
}

static nadir_groups *fit_groups(const char *const *paths, size_t count, const char *formula, const char *const *pairs) {
  nadir_settings *settings = settings_of(pairs);
  nadir_table *table;
  nadir_groups *groups;
  ok(nadir_table_open(&table, paths, count, settings, &error));
  ok(nadir_fit_groups(table, formula, settings, NULL, &groups, &error));
  nadir_table_free(table);
  nadir_settings_free(settings);
  return groups;
}

static nadir_groups *fit_table(const char *formula, const char *const *pairs) {
  const char *path = table_path;
  return fit_groups(&path, 1, formula, pairs);
}

static void close_to(double value, double expected, double part) {
  near(value, expected, part * fabs(expected) + 1e-12);
}

/* The same as the fit of the rows that --where leaves. */
static void compare_with_single(const char *formula, const char *const *pairs, const nadir_groups *groups) {
  for (size_t g = 0; g < groups->count; g++) {
    const nadir_group *group = &groups->group[g];
    const char *own[32];
    char where[64];
    size_t n = 0;
    for (; pairs[n]; n += 2) {
      own[n] = strcmp(pairs[n], "by") == 0 ? "where" : pairs[n];
      own[n + 1] = strcmp(pairs[n], "by") == 0 ? where : pairs[n + 1];
    }
    own[n] = NULL;
    snprintf(where, sizeof where, "g == \"%s\"", group->name);
    nadir_result *alone = fit_file(table_path, formula, own);
    assert_null(group->error);
    assert_int_equal(group->kind, alone->kind);
    assert_int_equal(group->ended, alone->ended);
    assert_int_equal(group->exit_status, alone->exit_status);
    assert_int_equal(group->rows_used, alone->rows_used);
    close_to(group->loss, alone->loss, 1e-9);
    if (!isnan(alone->chi2)) close_to(group->chi2, alone->chi2, 1e-9);
    assert_int_equal(isnan(group->chi2), isnan(alone->chi2));
    assert_int_equal(group->degrees_of_freedom, alone->degrees_of_freedom);
    for (size_t i = 0; i < groups->size; i++) {
      assert_string_equal(groups->parameter[i], alone->parameter[i].name);
      close_to(group->value[i], alone->parameter[i].value, 1e-7);
      if (!isnan(alone->parameter[i].standard_error))
        close_to(group->standard_error[i], alone->parameter[i].standard_error, 1e-6);
      assert_int_equal(isnan(group->standard_error[i]), isnan(alone->parameter[i].standard_error));
      assert_int_equal(group->at_bound[i], alone->parameter[i].at_bound);
    }
    nadir_result_free(alone);
  }
}

/* Formulas of one's own, and heads, whose scaling is that of the group; losses with widths of their own; penalties. */
static void groups_are_fits(void **state) {
  (void)state;
  const struct {
    const char *formula;
    const char *const *pairs;
  } cases[] = {
      {"y ~ c + a*exp(-((x-m)/w)^2/2)", PAIRS("by", "g", "start", "c=1,a=3,m=5,w=1")},
      {"y ~ c + a*exp(-((x-m)/w)^2/2)", PAIRS("by", "g", "sigma", "s", "bounds", "c=:4", "start", "c=1,a=3,m=5,w=1")},
      {"y ~ linear(x)", PAIRS("by", "g", "sigma", "s")},
      {"y ~ linear(x)", PAIRS("by", "g", "loss", "huber(0.3)")},
      {"y ~ linear(x)", PAIRS("by", "g", "l2", "0.1")},
      {"y ~ poly(x, 4)", PAIRS("by", "g", "weight", "s")},
      {"k ~ linear(x)", PAIRS("by", "g", "loss", "poisson")},
      {"t ~ linear(x)", PAIRS("by", "g")},
      {"t ~ linear(x)", PAIRS("by", "g", "class-weight", "balanced")},
      {"y ~ linear(x, x^2)", PAIRS("by", "g", "scale", "robust")},
      {"y ~ a + b*x", PAIRS("by", "g", "method", "gd", "updates", "200")},
  };
  for (int in_turn = 0; in_turn < 2; in_turn++) {
    write_table(in_turn);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
      nadir_groups *groups = fit_table(cases[i].formula, cases[i].pairs);
      assert_int_equal(groups->count, GROUPS);
      for (size_t g = 0; g < GROUPS; g++) {
        char name[16];
        snprintf(name, sizeof name, "group %zu", g);
        assert_string_equal(groups->group[g].name, name);
        assert_int_equal(groups->group[g].rows, ROWS);
      }
      compare_with_single(cases[i].formula, cases[i].pairs, groups);
      nadir_groups_free(groups);
    }
  }
  unlink(table_path);
}

/* More groups than are searched for with all there is: the others find the same minima from what those found. */
static void lore_finds_the_same(void **state) {
  (void)state;
  enum { MANY = 60, FEW = 30 };
  FILE *file = fopen(table_path, "w");
  fputs("g,x,y\n", file);
  for (int i = 0; i < MANY * FEW; i++) {
    int g = i % MANY, r = i / MANY;
    double at = 2 + 6 * (double)(g * 37 % MANY) / MANY, off = (r * 0.35 - at) / 0.7;
    fprintf(file, "%d,%.17g,%.17g\n", g, r * 0.35, 1 + (2 + g % 5) * exp(-off * off / 2) + 0.1 * noise((unsigned)i));
  }
  fclose(file);
  nadir_groups *groups[2];
  for (int k = 0; k < 2; k++)
    groups[k] = fit_table("y ~ c + a*exp(-((x-m)/w)^2/2)", PAIRS("by", "g", "threads", k ? "5" : "1"));
  assert_int_equal(groups[0]->count, MANY);
  assert_int_equal(groups[0]->failed, 0);
  for (size_t g = 0; g < MANY; g++) {
    const nadir_group *one = &groups[0]->group[g], *other = &groups[1]->group[g];
    double at = 2 + 6 * (double)(g * 37 % MANY) / MANY;
    near(one->value[2], at, 0.1);
    near(fabs(one->value[3]), 0.7, 0.15);
    assert_memory_equal(one->value, other->value, groups[0]->size * sizeof(double));
    assert_memory_equal(one->standard_error, other->standard_error, groups[0]->size * sizeof(double));
    assert_true(one->loss == other->loss && one->updates == other->updates);
  }
  nadir_groups_free(groups[0]);
  nadir_groups_free(groups[1]);
  unlink(table_path);
}

/* ---- what is wrong with a group ---- */

static void write_damaged(void) {
  FILE *file = fopen(table_path, "w");
  fputs("g,x,y,s\n", file);
  for (int r = 0; r < 9; r++)
    fprintf(file, "good,%d,%g,0.5\nmissing,%d,%s,0.5\nsigma,%d,1,%g\n", r, 2 * r + noise((unsigned)r), r,
            r == 4 ? "" : "3", r, r == 7 ? 0.0 : 1.0);
  fputs("single,1,1,1\n", file);
  fclose(file);
}

static const nadir_group *named(const nadir_groups *groups, const char *name) {
  for (size_t g = 0; g < groups->count; g++)
    if (strcmp(groups->group[g].name, name) == 0) return &groups->group[g];
  fail_msg("no group %s", name);
  return NULL;
}

static void bad_groups_are_told(void **state) {
  (void)state;
  write_damaged();
  nadir_groups *groups = fit_table("y ~ linear(x)", PAIRS("by", "g", "sigma", "s"));
  assert_int_equal(groups->count, 4);
  assert_null(named(groups, "good")->error);
  assert_int_equal(named(groups, "good")->kind, NADIR_MINIMUM);
  const nadir_group *missing = named(groups, "missing"), *sigma = named(groups, "sigma");
  assert_string_equal(missing->error->message,
                      "groups.csv:row 15:y: the value is missing: set missing to drop, which leaves such rows out, "
                      "or to mean");
  assert_true(strncmp(sigma->error->message, "groups.csv:row 25: sigma is not above 0", 39) == 0);
  assert_int_equal(missing->exit_status, 2);
  assert_string_equal(nadir_group_status(missing), "failed");
  assert_true(isnan(missing->value[0]) && isnan(missing->standard_error[0]) && isnan(missing->loss));
  assert_int_equal(named(groups, "single")->kind, NADIR_MINIMUM); /* of many: its errors are not determined */
  assert_true(isnan(named(groups, "single")->standard_error[1]));
  assert_int_equal(groups->failed, 2);
  nadir_groups_free(groups);
  groups = fit_table("y ~ linear(x)", PAIRS("by", "g", "missing", "drop", "where", "s > 0"));
  assert_int_equal(groups->failed, 0);
  assert_int_equal(named(groups, "missing")->rows, 9);
  assert_int_equal(named(groups, "missing")->rows_used, 8);
  assert_int_equal(groups->rows_dropped, 1);
  nadir_groups_free(groups);
  groups = fit_table("x ~ linear(y)", PAIRS("by", "g", "missing", "mean", "where", "s > 0"));
  assert_int_equal(named(groups, "missing")->rows_used, 9);
  nadir_groups_free(groups);
  unlink(table_path);
}

static void refused(const char *formula, const char *const *pairs, const char *message) {
  const char *path = table_path;
  nadir_settings *settings = settings_of(pairs);
  nadir_table *table;
  nadir_groups *groups;
  ok(nadir_table_open(&table, &path, 1, settings, &error));
  assert_int_not_equal(nadir_fit_groups(table, formula, settings, NULL, &groups, &error), NADIR_OK);
  assert_null(groups);
  assert_string_equal(error.message, message);
  nadir_table_free(table);
  nadir_settings_free(settings);
}

static void what_groups_cannot_do_is_refused(void **state) {
  (void)state;
  write_damaged();
  refused("y ~ linear(x)", NULL, "by: there is no column to group by: name one");
  refused("y ~ linear(x)", PAIRS("by", "h"), "by: groups.csv has no column 'h'");
  refused("y ~ linear(x)", PAIRS("by", "g", "folds", "2"), "by: it does not go with folds: that is looked at in one fit: make it of one group, by the setting where");
  refused("y ~ linear(x)", PAIRS("by", "g", "validate", "0.2"),
          "by: it does not go with validate: that is looked at in one fit: make it of one group, by the setting where");
  refused("y ~ linear(x)", PAIRS("by", "g", "data-covariance", "c.txt"),
          "by: it does not go with data-covariance: the matrix is of all rows, and ties groups to one another: give sigma instead");
  refused("y ~ linear(x)", PAIRS("by", "g", "where", "x > 99"),
          "groups.csv: no row is left to fit (28 left out): loosen where");
  refused("y ~ linear(x)", PAIRS("by", "g", "memory", "0"),
          "by: groups need their rows in memory, and those used do not fit: set memory to more, or leave rows out "
          "with where");
  nadir_settings *settings = settings_of(PAIRS("by", "g"));
  nadir_table *table = open_table(table_path, settings);
  nadir_result *result;
  assert_int_equal(nadir_fit(table, "y ~ linear(x)", settings, NULL, &result, &error), NADIR_BAD_SETTING);
  nadir_table_free(table);
  nadir_settings_free(settings);
  unlink(table_path);
}

/* ---- files, time, tables ---- */

static void each_file_is_a_group(void **state) {
  (void)state;
  const char *paths[] = {"one.csv", "./two.csv"};
  for (int f = 0; f < 2; f++) {
    FILE *file = fopen(paths[f], "w");
    fputs("x,y\n", file);
    for (int r = 0; r < 5; r++)
      fprintf(file, "%d,%d\n", r, (f + 2) * r);
    fclose(file);
  }
  nadir_groups *groups = fit_groups(paths, 2, "y ~ a*x", PAIRS("by", "file"));
  assert_int_equal(groups->count, 2);
  assert_string_equal(groups->group[0].name, "one.csv");
  assert_string_equal(groups->group[1].name, "./two.csv");
  near(groups->group[0].value[0], 2, 1e-12);
  near(groups->group[1].value[0], 3, 1e-12);
  nadir_groups_free(groups);
  unlink(paths[0]);
  unlink(paths[1]);
}

/* Groups that were not begun say so. */
static void time_ends_it(void **state) {
  (void)state;
  write_table(false);
  nadir_groups *groups = fit_table("y ~ linear(x)", PAIRS("by", "g", "seconds", "1e-9"));
  assert_int_equal(groups->count, GROUPS);
  assert_int_equal(groups->failed, GROUPS);
  assert_int_equal(groups->group[0].error->status, NADIR_ENDED);
  nadir_groups_free(groups);
  unlink(table_path);
}

/* What is written reads back, as FITS and as CSV. */
static void the_table_reads_back(void **state) {
  (void)state;
  static const char *const saved[] = {"fits.fits", "fits.csv"};
  write_table(true);
  nadir_groups *groups = fit_table("y ~ linear(x)", PAIRS("by", "g", "sigma", "s", "unit", "x=kpc,y=km"));
  for (int f = 0; f < 2; f++) {
    double numbers[GROUPS];
    char *texts[GROUPS];
    ok(nadir_groups_save(groups, saved[f], &error));
    nadir_settings *settings = settings_of(NULL);
    nadir_table *table = open_table(saved[f], settings);
    assert_int_equal(nadir_table_rows(table), GROUPS);
    ok(nadir_table_numbers(table, "w[x]_error", 0, GROUPS, numbers, &error));
    for (size_t g = 0; g < GROUPS; g++)
      near(numbers[g], groups->group[g].standard_error[1], 0);
    ok(nadir_table_texts(table, "status", 0, GROUPS, texts, &error));
    for (size_t g = 0; g < GROUPS; g++) {
      assert_string_equal(texts[g], "done");
      nadir_text_free(texts[g]);
    }
    nadir_table_free(table);
    nadir_settings_free(settings);
    unlink(saved[f]);
  }
  assert_int_equal(nadir_groups_save(groups, "no/such/place.csv", &error), NADIR_BAD_PATH);
  nadir_groups_free(groups);
  groups = fit_table("y ~ chi2 + rows*x", PAIRS("by", "g"));
  assert_int_equal(nadir_groups_save(groups, saved[1], &error), NADIR_BAD_DATA);
  nadir_groups_free(groups);
  unlink(table_path);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(groups_are_fits),     cmocka_unit_test(lore_finds_the_same),
      cmocka_unit_test(bad_groups_are_told), cmocka_unit_test(what_groups_cannot_do_is_refused),
      cmocka_unit_test(each_file_is_a_group), cmocka_unit_test(time_ends_it),
      cmocka_unit_test(the_table_reads_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
