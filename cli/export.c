/* nadir export MODEL.json --to LANGUAGE: the model as a function of its own. */
#include "cli.h"

int run_export(cli_arguments *arguments) {
  nadir_error error = {0};
  nadir_model *model = NULL;
  if (arguments->words != 1)
    return complain(EXIT_WRONG, "export: expected one model: nadir export MODEL.json --to python");
  if (!arguments->to)
    return complain(
        EXIT_WRONG,
        "export: the language is missing: add --to c, fortran, javascript, python or latex");
  if (nadir_model_load(&model, arguments->word[0], &error) != NADIR_OK) return fail(&error);
  nadir_status made =
      nadir_export(model, arguments->to, arguments->function ? arguments->function : "prediction",
                   arguments->exported ? arguments->exported : "-", &error);
  nadir_model_free(model);
  return made == NADIR_OK ? 0 : fail(&error);
}
