/* nadir score MODEL.json TABLE...: loss and metrics; of classes also the confusion matrix, a line for each class, and
 * pictures. */
#include <stdlib.h>

#include "cli.h"

static void say_confusion(const nadir_scores *scores) {
  size_t classes = scores->classes->count;
  char *align = print_text("%*s", (int)classes + 1, "");
  for (size_t i = 0; i <= classes; i++)
    align[i] = i ? 'r' : 'l';
  cli_grid grid = {.columns = classes + 1, .align = align, .widest = report_width(), .keys = 1};
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

enum { WIDEST_CLASS = 24 };

/* The name of a class, cut where a line would pass 80 columns. */
static void add_class_name(cli_grid *grid, const char *name) {
  char shown[WIDEST_CLASS];
  show_text(shown, sizeof shown, name);
  grid_add(grid, "%s", shown);
}

static void say_class_scores(const nadir_scores *scores) {
  static const char *const heads[] = {"class", "rows", "predicted", "precision", "recall", "f1", "auc"};
  char digits[NUMBER_TEXT];
  bool areas = scores->classes->count > 2; /* of two classes it is said above */
  cli_grid grid = {.columns = areas ? 7 : 6, .align = "lrrrrrr"};
  for (size_t i = 0; i < grid.columns; i++)
    grid_add(&grid, "%s", heads[i]);
  for (size_t k = 0; k < scores->classes->count; k++) {
    const nadir_class_score *it = &scores->class_score[k];
    add_class_name(&grid, scores->classes->name[k]);
    grid_add(&grid, "%llu", (unsigned long long)it->rows);
    grid_add(&grid, "%llu", (unsigned long long)it->predicted);
    grid_add(&grid, "%s", number(it->precision, 4, digits));
    grid_add(&grid, "%s", number(it->recall, 4, digits));
    grid_add(&grid, "%s", number(it->f1, 4, digits));
    if (areas) grid_add(&grid, "%s", number(it->auc, 4, digits));
  }
  say_text("\n");
  grid_say(&grid, "");
  grid_free(&grid);
}

/* A line for each bin that has rows. */
static void say_calibration(const nadir_scores *scores) {
  static const char *const heads[] = {"probability", "rows", "mean", "came true"};
  char from[NUMBER_TEXT], to[NUMBER_TEXT];
  cli_grid grid = {.columns = COUNT(heads), .align = "lrrr"};
  for (size_t i = 0; i < COUNT(heads); i++)
    grid_add(&grid, "%s", heads[i]);
  for (size_t i = 0; i < scores->bins; i++) {
    const nadir_calibration_bin *bin = &scores->bin[i];
    if (bin->rows == 0) continue;
    grid_add(&grid, "%s to %s", number(bin->from, 3, from), number(bin->to, 3, to));
    grid_add(&grid, "%llu", (unsigned long long)bin->rows);
    grid_add(&grid, "%s", number(bin->probability, 4, from));
    grid_add(&grid, "%s", number(bin->share, 4, from));
  }
  say_text("\n");
  grid_say(&grid, "");
  grid_free(&grid);
}

static void say_scores(const nadir_scores *scores, bool verbose) {
  char digits[NUMBER_TEXT];
  cli_grid grid = {.columns = 2, .align = "ll", .widest = report_width()};
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
  if (!scores->classes) return;
  say_confusion(scores);
  say_class_scores(scores);
  if (verbose && scores->bins) say_calibration(scores);
}

static int print(const cli_arguments *arguments, const nadir_scores *scores) {
  nadir_error error = {0};
  char *text = NULL;
  if (!arguments->json) {
    if (!arguments->quiet) say_scores(scores, arguments->verbose);
    return 0;
  }
  nadir_status made = nadir_scores_json(scores, &text, &error);
  return say_made(made, text, &error);
}

static int save_pictures(const cli_arguments *arguments, const nadir_scores *scores) {
  nadir_error error = {0};
  int status = 0;
  if (arguments->plot_roc &&
      nadir_plot_roc(scores, arguments->settings, arguments->plot_roc, &error) != NADIR_OK)
    status = fail(&error);
  if (arguments->plot_calibration &&
      nadir_plot_calibration(scores, arguments->settings, arguments->plot_calibration, &error) != NADIR_OK)
    status = worse(status, fail(&error));
  return status;
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
  flush_output();
  if (made == NADIR_OK && is_first_rank()) status = worse(status, save_pictures(arguments, scores));
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
