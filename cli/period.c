/* nadir period TABLE... 'VALUE ~ TIME': the periodogram, its highest peaks, pictures, a table. */
#include "cli.h"

static int print(const cli_arguments *arguments, const nadir_periodogram *found) {
  nadir_error error = {0};
  char *text;
  if (arguments->quiet && !arguments->json) return 0;
  if (nadir_periodogram_text(found, arguments->json ? NADIR_JSON : NADIR_PEOPLE, &text, &error) !=
      NADIR_OK)
    return fail(&error);
  if (arguments->json)
    say("%s\n", text);
  else
    say_lines(text);
  nadir_text_free(text);
  return 0;
}

static int save(const cli_arguments *arguments, const nadir_periodogram *found) {
  nadir_error error = {0};
  int status = 0;
  if (arguments->periodogram &&
      nadir_periodogram_save(found, arguments->periodogram, &error) != NADIR_OK)
    status = fail(&error);
  if (arguments->plot &&
      nadir_plot_periodogram(found, arguments->settings, arguments->plot, &error) != NADIR_OK)
    status = worse(status, fail(&error));
  if (arguments->plot_folded &&
      nadir_plot_folded(found, arguments->settings, arguments->plot_folded, &error) != NADIR_OK)
    status = worse(status, fail(&error));
  return status;
}

static int search(const cli_arguments *arguments, nadir_table *table) {
  nadir_error error = {0};
  nadir_periodogram *found = NULL;
  cli_watch watch;
  watch_start(&watch, arguments);
  nadir_status made = nadir_period(table, arguments->word[arguments->words - 1],
                                   arguments->settings, &watch.listener, &found, &error);
  watch_end(&watch);
  int status = made == NADIR_OK ? print(arguments, found) : fail(&error);
  flush_output();
  if (made == NADIR_OK) status = worse(status, save(arguments, found));
  nadir_periodogram_free(found);
  return status;
}

int run_period(cli_arguments *arguments) {
  nadir_table *table = NULL;
  if (arguments->words < 2)
    return complain(EXIT_WRONG, "period: the %s is missing: nadir period TABLE 'VALUE ~ TIME'",
                    arguments->words ? "formula" : "table");
  int status = open_table(&table, arguments, 0, arguments->words - 1);
  if (status == 0) status = search(arguments, table);
  nadir_table_free(table);
  return status;
}
