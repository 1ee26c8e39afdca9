/* nadir predict MODEL.json TABLE... -o FILE: the table with the prediction added. */
#include <stdlib.h>

#include "cli.h"

/* Which class the probability is of: the file that is written has no place for it. */
static void tell_classes(const cli_arguments *arguments, const nadir_model *model) {
  const nadir_classes *classes = nadir_model_classes(model);
  if (!classes || arguments->quiet) return;
  char *said = classes_text(classes), *text = print_text("classes: %s", said);
  note(text);
  free(text);
  nadir_text_free(said);
}

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
    tell_classes(arguments, model);
    watch_start(&watch, arguments);
    nadir_status made =
        nadir_predict(model, table, arguments->settings, &watch.listener, path, &error);
    watch_end(&watch);
    if (made != NADIR_OK) status = fail(&error);
  }
  nadir_table_free(table);
  nadir_model_free(model);
  return status;
}
