/* nadir score MODEL.json TABLE...: loss and metrics, and the confusion matrix of classes. */
#include <stdlib.h>

#include "cli.h"

static void say_confusion(const nadir_scores *scores) {
  size_t classes = scores->classes->count;
  char *align = print_text("%*s", (int)classes + 1, "");
  for (size_t i = 0; i <= classes; i++)
    align[i] = i ? 'r' : 'l';
  cli_grid grid = {.columns = classes + 1, .align = align};
  grid_add(&grid, "true \\ predicted");
  for (size_t i = 0; i < classes; i++)
    grid_add(&grid, "%s", scores->classes->name[i]);
  for (size_t i = 0; i < classes; i++) {
    grid_add(&grid, "%s", scores->classes->name[i]);
    for (size_t j = 0; j < classes; j++)
      grid_add(&grid, "%llu", (unsigned long long)scores->confusion[i * classes + j]);
  }
  say_text("\n");
  grid_say(&grid, "");
  grid_free(&grid);
  free(align);
}

static void say_scores(const nadir_scores *scores) {
  char digits[NUMBER_TEXT];
  cli_grid grid = {.columns = 2, .align = "ll"};
  grid_add(&grid, "rows");
  if (scores->dropped)
    grid_add(&grid, "%llu (%llu dropped)", (unsigned long long)scores->rows,
             (unsigned long long)scores->dropped);
  else
    grid_add(&grid, "%llu", (unsigned long long)scores->rows);
  if (scores->classes) {
    char *classes = classes_text(scores->classes);
    grid_add(&grid, "classes");
    grid_add(&grid, "%s", classes);
    nadir_text_free(classes);
  }
  for (size_t i = 0; i < scores->metrics; i++) {
    grid_add(&grid, "%s", nadir_measure_name(scores->metric[i].measure));
    grid_add(&grid, "%s", number(scores->metric[i].value, 6, digits));
  }
  grid_say(&grid, "");
  grid_free(&grid);
  if (scores->classes) say_confusion(scores);
}

static int print(const cli_arguments *arguments, const nadir_scores *scores) {
  nadir_error error = {0};
  char *text;
  if (!arguments->json) {
    if (!arguments->quiet) say_scores(scores);
    return 0;
  }
  if (nadir_scores_json(scores, &text, &error) != NADIR_OK) return fail(&error);
  say("%s\n", text);
  nadir_text_free(text);
  return 0;
}

static int score(const cli_arguments *arguments, const nadir_model *model, nadir_table *table) {
  nadir_error error = {0};
  nadir_scores *scores = NULL;
  cli_watch watch;
  watch_start(&watch, arguments);
  nadir_status made =
      nadir_score(model, table, arguments->settings, &watch.listener, &scores, &error);
  watch_end(&watch);
  int status = made == NADIR_OK ? print(arguments, scores) : fail(&error);
  nadir_scores_free(scores);
  return status;
}

int run_score(cli_arguments *arguments) {
  nadir_error error = {0};
  nadir_model *model = NULL;
  nadir_table *table = NULL;
  if (arguments->words < 2)
    return complain(EXIT_WRONG, "score: the %s is missing: nadir score MODEL.json TABLE",
                    arguments->words ? "table" : "model");
  if (nadir_model_load(&model, arguments->word[0], &error) != NADIR_OK) return fail(&error);
  int status = 0;
  if (nadir_model_defaults(model, arguments->settings, &error) != NADIR_OK) status = fail(&error);
  if (status == 0) status = open_table(&table, arguments, 1, arguments->words - 1);
  if (status == 0) status = score(arguments, model, table);
  nadir_table_free(table);
  nadir_model_free(model);
  return status;
}
