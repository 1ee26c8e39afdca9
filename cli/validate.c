/* What folds and the path of a penalty say of a fit, for people. Lines have 80 columns. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

typedef unsigned long long count_type;
enum { LINE = 80, NARROWEST = 9, LEAD = 24, MOST_VALUES = 12 };

/* ---- folds ---- */

/* As many metrics as a line has room for, in their order. */
static size_t metrics_in_line(const nadir_folds *folds) {
  size_t width = LEAD, m = 0;
  for (; m < folds->metrics; m++) {
    size_t name = strlen(nadir_measure_name(folds->metric[m].measure));
    width += 2 + (name > NARROWEST ? name : NARROWEST);
    if (width > LINE) break;
  }
  return m;
}

static void add_fold(cli_grid *grid, const nadir_fold *fold, size_t number_of, size_t metrics) {
  char digits[NUMBER_TEXT];
  grid_add(grid, "%zu", number_of);
  grid_add(grid, "%llu", (count_type)fold->rows);
  grid_add(grid, "%s", fold->error ? "failed" : nadir_ended_name(fold->ended));
  for (size_t m = 0; m < metrics; m++)
    grid_add(grid, "%s", fold->scores ? number(fold->scores->metric[m].value, 4, digits) : "-");
}

static void say_each_fold(const nadir_folds *folds) {
  size_t metrics = metrics_in_line(folds);
  char align[LINE] = "rrl";
  memset(align + 3, 'r', metrics);
  cli_grid grid = {.columns = 3 + metrics, .align = align};
  grid_add(&grid, "fold");
  grid_add(&grid, "rows");
  grid_add(&grid, "end");
  for (size_t m = 0; m < metrics; m++)
    grid_add(&grid, "%s", nadir_measure_name(folds->metric[m].measure));
  for (size_t i = 0; i < folds->count; i++)
    add_fold(&grid, &folds->fold[i], i + 1, metrics);
  grid_say(&grid, "");
  grid_free(&grid);
}

static void say_means(const nadir_folds *folds) {
  char digits[NUMBER_TEXT];
  cli_grid grid = {.columns = 3, .align = "lrr"};
  grid_add(&grid, "over the folds");
  grid_add(&grid, "mean");
  grid_add(&grid, "deviation");
  for (size_t m = 0; m < folds->metrics; m++) {
    const nadir_fold_metric *metric = &folds->metric[m];
    grid_add(&grid, "%s", nadir_measure_name(metric->measure));
    grid_add(&grid, "%s", number(metric->mean, 6, digits));
    grid_add(&grid, "%s", number(metric->deviation, 3, digits));
  }
  grid_say(&grid, "");
  grid_free(&grid);
}

static void say_failures(const nadir_folds *folds) {
  for (size_t i = 0; i < folds->count; i++)
    if (folds->fold[i].error) {
      char *lead = print_text("fold %zu: ", i + 1);
      say_wrapped(lead, 0, LINE, folds->fold[i].error->message);
      free(lead);
    }
}

void report_folds(const nadir_folds *folds) {
  if (!folds) return;
  say_each_fold(folds);
  say_failures(folds);
  say_text("\n");
  say_means(folds);
  say_text("\n");
}

/* ---- the path ---- */

/* Some values, evenly; the least and the chosen one; the ends. */
static bool is_shown(const nadir_path *path, size_t i) {
  size_t step = (path->count + MOST_VALUES - 1) / MOST_VALUES;
  return i % step == 0 || i + 1 == path->count || i == path->least || i == path->chosen;
}

static const char *mark_of(const nadir_path *path, size_t i) {
  if (i == path->least) return i == path->chosen ? "least error, chosen" : "least error";
  return i == path->chosen ? "chosen" : "";
}

static void add_value(cli_grid *grid, const nadir_path *path, size_t i) {
  const nadir_path_value *value = &path->value[i];
  char digits[NUMBER_TEXT];
  if (path->chosen != SIZE_MAX) grid_add(grid, "%s", mark_of(path, i));
  grid_add(grid, "%s", number(value->penalty, 4, digits));
  grid_add(grid, "%zu", value->used);
  grid_add(grid, "%s", number(value->loss, 6, digits));
  if (path->chosen == SIZE_MAX) return;
  grid_add(grid, "%s", number(value->error, 6, digits));
  grid_add(grid, "%s", number(value->standard_error, 3, digits));
}

void report_path(const nadir_path *path) {
  if (!path) return;
  bool folds = path->chosen != SIZE_MAX;
  cli_grid grid = {.columns = folds ? 6 : 3, .align = folds ? "lrrrrr" : "rrr"};
  if (folds) grid_add(&grid, "choice");
  grid_add(&grid, "%s", path->l1 ? "l1" : "l2");
  grid_add(&grid, "nonzero");
  grid_add(&grid, "loss");
  if (folds) grid_add(&grid, "error");
  if (folds) grid_add(&grid, "+-");
  for (size_t i = 0; i < path->count; i++)
    if (is_shown(path, i)) add_value(&grid, path, i);
  say("path of %s, %zu values%s:\n", path->l1 ? "l1" : "l2", path->count,
      folds ? "; error: the loss of rows that were not fitted" : "");
  grid_say(&grid, "");
  grid_free(&grid);
  say_text("\n");
}
