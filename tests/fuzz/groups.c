/* Fuzzes the fits of groups. An input is the formula, a line; the settings, a line each, as
 * NAME=VALUE, up to an empty one; the table, whose groups are the values of the column g. Faults:
 * a crash; an error without a sentence; a row that is in no group and not counted as dropped; a
 * status that has no name, or does not go with the rest; a group that fails, or uses other rows,
 * unlike the fit of the rows that --where leaves; of a minimum that is the only one, another loss
 * than that fit's; other bits by two threads; a saved table that has not a row for each group. */
#include "small_fit.h"

enum { MOST_ALONE = 3 };

static const char *const paths[] = {"table"};

static nadir_status fit(const nadir_settings *settings, const char *formula,
                        nadir_groups **groups) {
  nadir_table *table;
  nadir_error error = {0};
  *groups = NULL;
  nadir_status status = nadir_table_open(&table, paths, 1, settings, &error);
  if (status == NADIR_OK) {
    status = nadir_fit_groups(table, formula, settings, NULL, groups, &error);
    if (status == NADIR_OK) {
      uint64_t rows = (*groups)->rows_dropped;
      for (size_t g = 0; g < (*groups)->count; g++)
        rows += (*groups)->group[g].rows;
      require(rows == nadir_table_rows(table), "each row is in a group, or dropped");
    }
    nadir_table_free(table);
  }
  if (status != NADIR_OK) require_sentence(&error);
  return status;
}

static void look_at(const nadir_group *group) {
  require(nadir_group_status(group) != NULL, "a status has a name");
  require(group->exit_status >= 0 && group->exit_status <= 3, "an exit status is 0 to 3");
  require(group->rows_used <= group->rows, "no more rows are used than there are");
  if (group->error) {
    require_sentence(group->error);
    require(isnan(group->loss) && group->exit_status > 0, "what failed has no loss");
  } else {
    require(nadir_stop_name(group->stop) && nadir_point_name(group->kind) &&
                nadir_reason_name(group->reason),
            "the end of a descent has names");
    require(group->rows_used > 0, "a fit has rows");
  }
}

/* Whether a condition can say the name as it is. */
static bool is_plain(const char *name) {
  return *name && strlen(name) < 40 &&
         name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")] == '\0';
}

/* Least squares of a line: its minimum is the only one. */
static bool is_told_alike(const char *formula, const nadir_group *group,
                          const nadir_result *alone) {
  if (strcmp(formula, "y ~ linear(x)") != 0 || group->kind != NADIR_MINIMUM ||
      alone->kind != NADIR_MINIMUM)
    return true;
  if (group->ended != NADIR_DONE || alone->ended != NADIR_DONE) return true;
  return fabs(group->loss - alone->loss) <= 1e-6 * (fabs(group->loss) + fabs(alone->loss)) + 1e-290;
}

static void fit_alone(const nadir_settings *settings, const char *formula,
                      const nadir_group *group) {
  char where[64];
  nadir_settings *own;
  nadir_table *table;
  nadir_result *alone;
  nadir_error error = {0};
  require(nadir_settings_copy(&own, settings, &error) == NADIR_OK, "settings can be copied");
  fuzz_set(own, "by", "");
  snprintf(where, sizeof where, "g == \"%s\"", group->name);
  fuzz_set(own, "where", where);
  require(nadir_table_open(&table, paths, 1, own, &error) == NADIR_OK, "the table is still there");
  nadir_status status = nadir_fit(table, formula, own, NULL, &alone, &error);
  if (status != NADIR_ENDED && !(group->error && group->error->status == NADIR_ENDED)) {
    if ((status == NADIR_OK) == (group->error != NULL))
      fprintf(stderr, "%s: %s\n", group->name,
              group->error ? group->error->message : error.message);
    require((status == NADIR_OK) == (group->error == NULL), "a group fails as its rows alone do");
    require(status != NADIR_OK || alone->rows_used == group->rows_used,
            "a group uses the rows that it alone would");
    require(status != NADIR_OK || is_told_alike(formula, group, alone),
            "a group's minimum is that of its rows alone");
  }
  if (status != NADIR_OK) require_sentence(&error);
  nadir_result_free(alone);
  nadir_table_free(table);
  nadir_settings_free(own);
}

static void tell(const nadir_groups *groups) {
  static const char *const outputs[] = {"out.csv", "out.fits"};
  nadir_error error = {0};
  char *text;
  nadir_status status = nadir_groups_json(groups, &text, &error);
  require(status == NADIR_OK || status == NADIR_BAD_DATA, "the fits can be said");
  if (status == NADIR_OK)
    require_plain_text(text);
  else
    require_sentence(&error); /* a parameter is called as something else of a group */
  for (size_t i = 0; i < ND_COUNT(outputs); i++) {
    if (nadir_groups_save(groups, outputs[i], &error) == NADIR_OK)
      require_table(outputs[i], groups->count);
    else
      require_sentence(&error);
  }
}

static bool is_same(const nadir_group *a, const nadir_group *b, size_t size) {
  return strcmp(a->name, b->name) == 0 && memcmp(&a->loss, &b->loss, sizeof a->loss) == 0 &&
         memcmp(a->value, b->value, size * sizeof *a->value) == 0;
}

/* Of fits whose time was not over. */
static bool is_whole(const nadir_groups *groups) {
  for (size_t g = 0; g < groups->count; g++)
    if (groups->group[g].error ? groups->group[g].error->status == NADIR_ENDED
                               : groups->group[g].stop == NADIR_STOP_SECONDS)
      return false;
  return true;
}

static void fit_again(nadir_settings *settings, const char *formula, const nadir_groups *groups) {
  nadir_groups *again;
  fuzz_set(settings, "threads", "2");
  require(fit(settings, formula, &again) == NADIR_OK, "what was fitted can be fitted again");
  require(again->count == groups->count, "threads change no count");
  if (is_whole(groups) && is_whole(again))
    for (size_t g = 0; g < groups->count; g++)
      require(is_same(&groups->group[g], &again->group[g], groups->size), "threads change no bit");
  nadir_groups_free(again);
}

static void look_at_all(nadir_settings *settings, const char *formula, const nadir_groups *groups) {
  bool has_where = *nadir_settings_get(settings, "where") != '\0',
       by_g = strcmp(groups->by, "g") == 0;
  size_t alone = 0;
  for (size_t g = 0; g < groups->count; g++)
    look_at(&groups->group[g]);
  tell(groups);
  for (size_t g = 0;
       g < groups->count && alone < MOST_ALONE && by_g && !has_where && is_whole(groups); g++)
    if (is_plain(groups->group[g].name)) alone++, fit_alone(settings, formula, &groups->group[g]);
  fit_again(settings, formula, groups);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_feed feed = {data, size};
  nadir_settings *settings = fuzz_settings();
  nadir_groups *groups;
  fuzz_enter();
  char *formula = fuzz_text(&feed, '\n');
  fuzz_set(settings, "by", "g");
  fuzz_set(settings, "updates", "200");
  fuzz_set_lines(settings, &feed, "fit");
  fuzz_set(settings, "seconds", FUZZ_SECONDS);
  fuzz_set(settings, "threads", "1");
  fuzz_set(settings, "data-covariance", ""); /* it would name a file */
  fuzz_write("table", feed.data, feed.size);
  if (fit(settings, formula, &groups) == NADIR_OK) look_at_all(settings, formula, groups);
  nadir_groups_free(groups);
  nadir_settings_free(settings);
  nd_free(formula);
  return 0;
}
