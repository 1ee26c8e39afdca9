/* nadir fit --by: the fits of groups for people, 80 columns wide, and their table. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

typedef unsigned long long count_type;
enum { LINE = 80, MOST_LINES = 40, MOST_FAILURES = 10, DIGITS = 5, ERROR_DIGITS = 2, NAME_WIDTH = 19, BETWEEN = 2 };
/* Rows, status and chi2, at most, and what is between them. */
enum { BESIDE_NAME = 6 + 8 + 7 + 3 * BETWEEN };

/* A fit of one set of rows leaves more than a row of numbers can say. */
int check_groups(const cli_arguments *arguments) {
  const struct {
    const char *name, *path;
  } other[] = {{"trace", arguments->trace},       {"plot", arguments->plot},
               {"contour", arguments->contour},   {"plot-fit", arguments->plot_fit},
               {"plot-path", arguments->plot_path}, {"report", arguments->report},
               {"plot-corner", arguments->plot_corner},
               {"summary", arguments->summary}};
  for (size_t i = 0; i < COUNT(other); i++)
    if (other[i].path)
      return complain(EXIT_WRONG, "%s: with --by there are many fits: fit one of them by --where, and draw that",
                      other[i].name);
  return 0;
}

/* ---- the rows ---- */

/* With its error or, where it has an interval, the ends of that, "-" for an open one. */
static char *value_text(const nadir_group *group, size_t i) {
  char text[NUMBER_TEXT], of_error[NUMBER_TEXT], low[NUMBER_TEXT], high[NUMBER_TEXT];
  double error = group->standard_error[i];
  number(group->value[i], DIGITS, text);
  if (!(error > 0)) return print_text("%s", text);
  if (group->low && !(isnan(group->low[i]) && isnan(group->high[i])))
    return print_text("%s (%s, %s)", text, number(group->low[i], DIGITS, low), number(group->high[i], DIGITS, high));
  return print_text("%s +- %s", text, number(error, ERROR_DIGITS, of_error));
}

/* The widest of a parameter's cells, its name among them. */
static size_t width_of(const nadir_groups *groups, size_t shown, size_t i) {
  size_t most = display_width(groups->parameter[i]);
  for (size_t g = 0; g < shown; g++) {
    char *text = value_text(&groups->group[g], i);
    if (strlen(text) > most) most = strlen(text);
    free(text);
  }
  return most;
}

static size_t width_of_names(const nadir_groups *groups, size_t shown) {
  size_t most = display_width(groups->by);
  for (size_t g = 0; g < shown; g++)
    if (display_width(groups->group[g].name) > most) most = display_width(groups->group[g].name);
  return most < NAME_WIDTH ? most : NAME_WIDTH;
}

/* As many as the line has room for, in their order; one at least. */
static size_t shown_parameters(const nadir_groups *groups, size_t shown) {
  size_t width = BESIDE_NAME + width_of_names(groups, shown), i = 0;
  for (; i < groups->size; i++) {
    width += BETWEEN + width_of(groups, shown, i);
    if (width > LINE && i > 0) break;
  }
  return i;
}

static void add_name(cli_grid *grid, const char *name) {
  char cut[NAME_WIDTH + 1];
  show_text(cut, sizeof cut, name);
  grid_add(grid, "%s", cut);
}

static void add_group(cli_grid *grid, const nadir_group *group, size_t parameters) {
  char text[NUMBER_TEXT];
  add_name(grid, group->name);
  grid_add(grid, "%llu", (count_type)group->rows);
  grid_add(grid, "%s", nadir_group_status(group));
  for (size_t i = 0; i < parameters; i++) {
    char *value = value_text(group, i);
    grid_add(grid, "%s", value);
    free(value);
  }
  grid_add(grid, "%s", number(group->chi2 == group->chi2 ? group->chi2 : group->loss, DIGITS, text));
}

static bool has_chi2(const nadir_groups *groups) {
  for (size_t g = 0; g < groups->count; g++)
    if (groups->group[g].chi2 == groups->group[g].chi2) return true;
  return false;
}

static void say_rows(const nadir_groups *groups, bool all) {
  size_t shown = all || groups->count <= MOST_LINES ? groups->count : MOST_LINES;
  size_t parameters = shown_parameters(groups, shown);
  char align[LINE] = "lrl";
  memset(align + 3, 'r', parameters + 1);
  cli_grid grid = {.columns = parameters + 4, .align = align};
  add_name(&grid, groups->by);
  grid_add(&grid, "rows");
  grid_add(&grid, "status");
  for (size_t i = 0; i < parameters; i++)
    add_name(&grid, groups->parameter[i]);
  grid_add(&grid, "%s", has_chi2(groups) ? "chi2" : "loss");
  for (size_t g = 0; g < shown; g++)
    add_group(&grid, &groups->group[g], parameters);
  grid_say(&grid, "");
  grid_free(&grid);
  if (parameters < groups->size)
    say("(%zu of %zu parameters; --json and -o FILE have all)\n", parameters, groups->size);
  if (shown < groups->count) say("(%zu more groups: -v shows them, --json and -o FILE have all)\n", groups->count - shown);
}

/* ---- what went wrong ---- */

static void say_failures(const nadir_groups *groups) {
  size_t said = 0;
  for (size_t g = 0; g < groups->count && said < MOST_FAILURES; g++) {
    const nadir_group *group = &groups->group[g];
    if (!group->error) continue;
    char *sentence = print_text("%s: %s", group->name, group->error->message);
    say_wrapped("", 0, LINE, sentence);
    free(sentence);
    said++;
  }
}

static void say_count(const nadir_groups *groups) {
  size_t errors = 0, done = 0;
  for (size_t g = 0; g < groups->count; g++) {
    errors += groups->group[g].error != NULL;
    done += groups->group[g].error == NULL && groups->group[g].ended == NADIR_DONE;
  }
  say("%zu group%s by ", groups->count, groups->count == 1 ? "" : "s");
  say_name(groups->by);
  say(": %zu done", done);
  if (done + errors < groups->count) say(", %zu ended elsewhere than at a minimum", groups->count - done - errors);
  if (errors) say(", %zu without a fit", errors);
  if (groups->rows_dropped) say("; %llu rows left out", (count_type)groups->rows_dropped);
  say("\n");
}

static void report_groups(const cli_arguments *arguments, const nadir_groups *groups) {
  say_rows(groups, arguments->verbose);
  say("\n");
  say_failures(groups);
  say_count(groups);
}

static int print_groups(const nadir_groups *groups) {
  nadir_error error = {0};
  char *text = NULL;
  nadir_status made = nadir_groups_json(groups, &text, &error);
  return say_made(made, text, &error);
}

/* ---- the run ---- */

static int deliver_groups(const cli_arguments *arguments, const nadir_groups *groups) {
  nadir_error error = {0};
  int exit_status = 0;
  if (arguments->json)
    exit_status = print_groups(groups);
  else if (!arguments->quiet)
    report_groups(arguments, groups);
  if (groups->failed && (arguments->json || arguments->quiet))
    complain(0, "fit: %zu of %zu groups did not end at a minimum", groups->failed, groups->count);
  flush_output();
  if (arguments->model && nadir_groups_save(groups, arguments->model, &error) != NADIR_OK)
    exit_status = worse(exit_status, fail(&error));
  return worse(groups->failed ? EXIT_ENDED : 0, exit_status);
}

int run_groups(const cli_arguments *arguments, nadir_table *table, const char *formula) {
  nadir_error error = {0};
  nadir_groups *groups = NULL;
  cli_watch watch;
  watch_start(&watch, arguments);
  watch.groups = true;
  nadir_status made = nadir_fit_groups(table, formula, arguments->settings, &watch.listener, &groups, &error);
  watch_wipe(&watch);
  int status = watch_refusal(&watch);
  if (status == 0)
    status = made != NADIR_OK  ? fail(&error)
             : is_first_rank() ? deliver_groups(arguments, groups)
                               : 0;
  watch_end(&watch);
  nadir_groups_free(groups);
  return status;
}
