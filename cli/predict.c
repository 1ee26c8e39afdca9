/* nadir predict MODEL.json TABLE... -o FILE: the table with the prediction added. */
#include "cli.h"

int run_predict(cli_arguments *arguments) {
  nadir_error error = {0};
  nadir_model *model = NULL;
  nadir_table *table = NULL;
  const char *path = arguments->predicted ? arguments->predicted : "-";
  if (arguments->words < 2)
    return complain(EXIT_WRONG,
                    "predict: the %s is missing: nadir predict MODEL.json TABLE -o FILE",
                    arguments->words ? "table" : "model");
  if (nadir_model_load(&model, arguments->word[0], &error) != NADIR_OK) return fail(&error);
  int status = 0;
  if (nadir_model_defaults(model, arguments->settings, &error) != NADIR_OK) status = fail(&error);
  if (status == 0) status = open_table(&table, arguments, 1, arguments->words - 1);
  if (status == 0) {
    cli_watch watch;
    watch_start(&watch, arguments);
    nadir_status made =
        nadir_predict(model, table, arguments->settings, &watch.listener, path, &error);
    watch_end(&watch);
    if (made != NADIR_OK) status = fail(&error);
    if (made == NADIR_SYSTEM && watch_interrupted()) status = EXIT_ENDED;
  }
  nadir_table_free(table);
  nadir_model_free(model);
  return status;
}
