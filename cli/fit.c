/* nadir fit TABLE... 'TARGET ~ MODEL', and the opening of tables for all commands. */
#include <string.h>

#include "cli.h"

/* Shared by all ranks that run the command. */
int open_table(nadir_table **table, const cli_arguments *arguments, size_t first, size_t count) {
  nadir_error error = {0};
  int status = check_ranks(arguments);
  if (status != 0) return status;
  const char **paths = (const char **)(arguments->word + first);
  if (nadir_table_open(table, paths, count, arguments->settings, &error) != NADIR_OK)
    return fail(&error);
  const nadir_error *uncached = nadir_table_uncached(*table);
  if (uncached && is_first_rank()) warn("cache", uncached->message);
  share_table(*table, all_ranks_run(arguments->command));
  return 0;
}

static int check_words(const cli_arguments *arguments) {
  size_t words = arguments->words;
  if (words >= 2 && strchr(arguments->word[words - 1], '~')) return 0;
  if (words >= 2 && strchr(arguments->word[0], '~'))
    return complain(EXIT_WRONG,
                    "fit: the formula '%s' comes last: nadir fit TABLE 'TARGET ~ MODEL'",
                    arguments->word[0]);
  if (words >= 2)
    return complain(
        EXIT_WRONG,
        "fit: '%s' is not of the form TARGET ~ MODEL: write the target, a ~ and the model, as in "
        "'y ~ linear(x)'",
        arguments->word[words - 1]);
  return complain(EXIT_WRONG, "fit: %s is missing: nadir fit TABLE 'TARGET ~ MODEL'",
                  words == 0                        ? "the table"
                  : strchr(arguments->word[0], '~') ? "the table"
                                                    : "the formula");
}

static int check_path(const cli_arguments *arguments) {
  if (!arguments->plot_path || strcmp(nadir_settings_get(arguments->settings, "path"), "none") != 0) return 0;
  return complain(EXIT_WRONG, "plot-path: there is no path to draw: add --path l1 or --path l2");
}

static int check_summary(const cli_arguments *arguments) {
  static const char *const forms[] = {"tex", "md", "csv"};
  if (!arguments->summary) return 0;
  if (arguments->json) return complain(EXIT_WRONG, "summary: --json prints the result already: leave out one");
  for (size_t i = 0; i < COUNT(forms); i++)
    if (strcmp(arguments->summary, forms[i]) == 0) return 0;
  return complain(EXIT_WRONG, "summary: there is no form '%s': expected tex, md or csv", arguments->summary);
}

static int run_one(const cli_arguments *arguments, nadir_table *table, const char *formula) {
  nadir_error error = {0};
  nadir_result *result = NULL;
  const cli_subject subject = {.table = table};
  cli_watch watch;
  watch_start(&watch, arguments);
  nadir_status made = nadir_fit(table, formula, arguments->settings, &watch.listener, &result, &error);
  share_table(table, false); /* pictures are of the first rank alone */
  watch_wipe(&watch);
  int status = watch_refusal(&watch);
  if (status == 0 && made != NADIR_OK) status = fail(&error);
  if (made == NADIR_OK && status == 0 && is_first_rank()) status = deliver(arguments, result, &subject);
  watch_end(&watch);
  nadir_result_free(result);
  return status;
}

int run_fit(cli_arguments *arguments) {
  bool groups = *nadir_settings_get(arguments->settings, "by");
  nadir_table *table = NULL;
  int status = check_words(arguments);
  if (status == 0) status = check_path(arguments);
  if (status == 0) status = check_summary(arguments);
  if (status == 0 && groups) status = check_groups(arguments);
  if (status == 0) status = open_table(&table, arguments, 0, arguments->words - 1);
  if (status != 0) return status;
  const char *formula = arguments->word[arguments->words - 1];
  status = (groups ? run_groups : run_one)(arguments, table, formula);
  nadir_table_free(table);
  return status;
}
