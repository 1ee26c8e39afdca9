/* nadir compare: several settings from one start, in one table and one picture.
 *
 * A combination that cannot run (an exact method in batches) is named and left out, and the exit
 * status is 2 then; what else goes wrong ends the command. That runs diverge is a result, not a
 * failure. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sweep.h"

typedef struct comparison {
  const cli_arguments *arguments;
  cli_subject subject;
  const char *formula; /* of the table; NULL with an expression */
  cli_sweep sweep;
  nadir_result **result; /* by run; NULL where it could not be made */
  char **label;
  size_t made, done, diverged, interrupted, warnings;
  int exit_status;
} comparison;

/* ---- running ---- */

static nadir_status run_with(comparison *c, const nadir_settings *settings, cli_watch *watch,
                             nadir_result **result, nadir_error *error) {
  if (c->formula)
    return nadir_fit(c->subject.table, c->formula, settings, &watch->listener, result, error);
  return nadir_minimize(c->subject.expr, settings, &watch->listener, result, error);
}

static void count(comparison *c, const nadir_result *result) {
  c->made++;
  c->done += result->ended == NADIR_DONE || result->ended == NADIR_STUCK;
  c->diverged += result->ended == NADIR_DIVERGED;
  c->interrupted += result->ended == NADIR_INTERRUPTED;
  c->warnings += result->warnings;
}

/* The status of the command so far; -1: go on. */
static int after_run(comparison *c, size_t run, nadir_status status, nadir_error *error) {
  if (status == NADIR_OK) {
    count(c, c->result[run]);
    return c->result[run]->ended == NADIR_INTERRUPTED ? EXIT_ENDED : -1;
  }
  if (status != NADIR_BAD_SETTING || c->sweep.runs == 1) return fail(error);
  complain(0, "%s: %s", c->label[run], error->message);
  c->exit_status = EXIT_WRONG;
  return -1;
}

/* Plain descent is compared where no method is chosen, and rules as a student works them out, in the parameters
 * themselves. */
static nadir_status stay_plain(nadir_settings *settings, nadir_error *error) {
  nadir_status status = NADIR_OK;
  if (nadir_settings_is_auto(settings, "method"))
    status = nadir_settings_set(settings, "method", nadir_optimizer_for(NADIR_METHOD_DESCENT)->name,
                                error);
  if (status == NADIR_OK && nadir_settings_is_auto(settings, "coordinates"))
    status = nadir_settings_set(settings, "coordinates", "plain", error);
  return status;
}

static int run_one(comparison *c, size_t run, cli_watch *watch) {
  nadir_error error = {0};
  nadir_settings *settings = NULL;
  c->label[run] = sweep_label(&c->sweep, run);
  watch->label = c->label[run][0] ? c->label[run] : NULL;
  nadir_status status = nadir_settings_copy(&settings, c->arguments->settings, &error);
  if (status == NADIR_OK) status = stay_plain(settings, &error);
  if (status == NADIR_OK) status = sweep_settings(&c->sweep, run, settings, &error);
  if (status == NADIR_OK) status = run_with(c, settings, watch, &c->result[run], &error);
  nadir_settings_free(settings);
  watch_wipe(watch);
  int refused = watch_refusal(watch);
  return refused ? refused : after_run(c, run, status, &error);
}

/* ---- the table ---- */

/* The last recorded update's, as the count of updates is: the parameters of a run that diverged are
 * those of its lowest point, which has another loss. */
static double at_last_update(const nadir_result *result, nadir_trace_column column, double at_end) {
  const nadir_trace *trace = result->trace;
  size_t rows = nadir_trace_rows(trace);
  if (result->ended != NADIR_DIVERGED || rows == 0) return at_end;
  return nadir_trace_value(trace, rows - 1, column);
}

static void add_run(cli_grid *grid, const comparison *c, size_t run) {
  const nadir_result *result = c->result[run];
  char digits[NUMBER_TEXT];
  for (size_t i = 0; i < c->sweep.count; i++)
    if (c->sweep.axis[i].count > 1) grid_add(grid, "%s", sweep_value(&c->sweep, run, i));
  grid_add(grid, "%s", nadir_ended_name(result->ended));
  grid_add(grid, "%llu", (unsigned long long)result->updates);
  if (c->formula) grid_add(grid, "%llu", (unsigned long long)result->rows_seen);
  grid_add(grid, "%s", seconds_text(result->seconds, digits));
  grid_add(grid, "%s", number(at_last_update(result, NADIR_TRACE_LOSS, result->loss), 8, digits));
  grid_add(grid, "%s",
           number(at_last_update(result, NADIR_TRACE_GRADIENT, result->gradient_norm), 3, digits));
  grid_add(grid, "%s", number(result->stable_rate, 4, digits));
}

/* The same in all runs. */
static void say_classes(const comparison *c) {
  size_t run = 0;
  while (run + 1 < c->sweep.runs && !c->result[run])
    run++;
  if (!c->result[run] || !c->result[run]->classes) return;
  char *classes = classes_text(c->result[run]->classes);
  say_text("classes: ");
  say_name(classes);
  say_text("\n\n");
  nadir_text_free(classes);
}

static void say_table(const comparison *c) {
  size_t varied = c->sweep.varied, rest = c->formula ? 7 : 6;
  char *align = checked(calloc(varied + rest + 1, 1));
  memset(align, 'r', varied + rest);
  memset(align, 'l', varied + 1);
  cli_grid grid = {.columns = varied + rest, .align = align, .widest = report_width(), .keys = varied ? varied : 1};
  for (size_t i = 0; i < c->sweep.count; i++)
    if (c->sweep.axis[i].count > 1) grid_add(&grid, "%s", c->sweep.axis[i].name);
  grid_add(&grid, "status");
  grid_add(&grid, "updates");
  if (c->formula) grid_add(&grid, "rows seen");
  grid_add(&grid, "time");
  grid_add(&grid, c->formula ? "loss" : "value");
  grid_add(&grid, "gradient");
  grid_add(&grid, "stable rate");
  for (size_t run = 0; run < c->sweep.runs; run++)
    if (c->result[run]) add_run(&grid, c, run);
  grid_say(&grid, "");
  grid_free(&grid);
  free(align);
}

/* ---- the end ---- */

static size_t best_run(const comparison *c) {
  size_t best = SIZE_MAX;
  for (size_t run = 0; run < c->sweep.runs; run++) {
    const nadir_result *result = c->result[run];
    if (!result || isnan(result->loss) || result->ended == NADIR_DIVERGED) continue;
    if (best == SIZE_MAX || result->loss < c->result[best]->loss) best = run;
  }
  return best;
}

static void say_verdict(const comparison *c) {
  char digits[NUMBER_TEXT];
  size_t best = best_run(c), limited = c->made - c->done - c->diverged - c->interrupted;
  char *said = print_text("%zu run%s: %zu done", c->made, c->made == 1 ? "" : "s", c->done);
  if (limited) said = add_to_list(said, ", ", "%zu at a limit", limited);
  if (c->diverged) said = add_to_list(said, ", ", "%zu diverged", c->diverged);
  if (c->interrupted) said = add_to_list(said, ", ", "%zu interrupted", c->interrupted);
  if (best != SIZE_MAX && c->made > 1)
    said = add_to_list(said, "; ", "lowest %s %s by %s", c->formula ? "loss" : "value",
                       number(c->result[best]->loss, 8, digits), c->label[best]);
  if (c->warnings)
    said = add_to_list(said, "; ", "%zu warning%s", c->warnings, c->warnings == 1 ? "" : "s");
  else
    said = add_to_list(said, "; ", "no warnings");
  say_text("\n");
  say_wrapped("", 0, report_width(), said);
  free(said);
}

static int say_json(const comparison *c) {
  nadir_error error = {0};
  const char *between = "[\n";
  for (size_t run = 0; run < c->sweep.runs; run++) {
    char *text;
    if (!c->result[run]) continue;
    if (nadir_result_json(c->result[run], &text, &error) != NADIR_OK) return fail(&error);
    say("%s%s", between, text);
    between = ",\n";
    nadir_text_free(text);
  }
  say_text(c->made ? "\n]\n" : "[]\n");
  return 0;
}

static int save_traces(const comparison *c) {
  int exit_status = 0;
  for (size_t run = 0; run < c->sweep.runs; run++) {
    nadir_error error = {0};
    if (!c->result[run]) continue;
    char *path = numbered_output(c->arguments->trace, run);
    if (nadir_trace_save(c->result[run]->trace, path, &error) != NADIR_OK)
      exit_status = worse(exit_status, fail(&error));
    free(path);
  }
  return exit_status;
}

static int save_plot(const comparison *c, const nadir_result *const *results,
                     const char *const *labels) {
  nadir_error error = {0};
  const nadir_trace **traces = checked(calloc(c->made + 1, sizeof *traces));
  for (size_t i = 0; i < c->made; i++)
    traces[i] = results[i]->trace;
  nadir_status status = nadir_plot_traces(traces, labels, c->made, c->arguments->settings,
                                          c->arguments->plot, &error);
  free(traces);
  return status == NADIR_OK ? 0 : fail(&error);
}

static int save_pictures(const comparison *c) {
  const nadir_result **results = checked(calloc(c->made + 1, sizeof *results));
  const char **labels = checked(calloc(c->made + 1, sizeof *labels));
  size_t at = 0;
  int exit_status = 0;
  for (size_t run = 0; run < c->sweep.runs; run++)
    if (c->result[run]) {
      labels[at] = c->label[run];
      results[at++] = c->result[run];
    }
  if (c->arguments->plot) exit_status = save_plot(c, results, labels);
  if (c->arguments->contour)
    exit_status =
        worse(exit_status, save_contour(c->arguments, &c->subject, results, labels, c->made));
  free(labels);
  free(results);
  return exit_status;
}

static int deliver_all(const comparison *c) {
  int exit_status = 0;
  if (c->arguments->json)
    exit_status = say_json(c);
  else if (!c->arguments->quiet && c->made) {
    say_classes(c);
    say_table(c);
    say_verdict(c);
  }
  if (c->made == 0) return exit_status;
  flush_output();
  if (c->arguments->trace) exit_status = worse(exit_status, save_traces(c));
  return worse(exit_status, save_pictures(c));
}

/* ---- the command ---- */

static int run_all(comparison *c) {
  cli_watch watch;
  int status = -1;
  c->result = checked(calloc(c->sweep.runs, sizeof(nadir_result *)));
  c->label = checked(calloc(c->sweep.runs, sizeof(char *)));
  watch_start(&watch, c->arguments);
  for (size_t run = 0; run < c->sweep.runs && status == -1; run++)
    status = run_one(c, run, &watch);
  watch_end(&watch);
  if (status > EXIT_ENDED) return status;
  c->exit_status = worse(c->exit_status, status == EXIT_ENDED ? EXIT_ENDED : 0);
  return worse(deliver_all(c), c->exit_status);
}

/* Every value is tried before the first run; those that do not differ between runs (the table's
 * among them) stay set. */
static int set_values(comparison *c, cli_arguments *arguments) {
  nadir_error error = {0};
  for (size_t i = 0; i < c->sweep.count; i++) {
    const cli_axis *axis = &c->sweep.axis[i];
    for (size_t j = axis->count; j-- > 0;)
      if (nadir_settings_set(arguments->settings, axis->name, axis->value[j], &error) != NADIR_OK)
        return fail(&error);
  }
  return 0;
}

static int open_subject(comparison *c, cli_arguments *arguments) {
  nadir_error error = {0};
  size_t words = arguments->words;
  if (words == 0)
    return complain(EXIT_WRONG,
                    "compare: the formula is missing: nadir compare '(x-1)^2' --rate 0.1,0.5");
  if (words == 1 && strchr(arguments->word[0], '~'))
    return complain(EXIT_WRONG, "compare: the table is missing: nadir compare TABLE '%s'",
                    arguments->word[0]);
  if (words == 1)
    return nadir_expr_new(&c->subject.expr, arguments->word[0], &error) == NADIR_OK ? 0
                                                                                    : fail(&error);
  c->formula = arguments->word[words - 1];
  if (!strchr(c->formula, '~'))
    return complain(
        EXIT_WRONG,
        "compare: '%s' is not of the form TARGET ~ MODEL: write the target, a ~ and the model",
        c->formula);
  return open_table(&c->subject.table, arguments, 0, words - 1);
}

int run_compare(cli_arguments *arguments) {
  comparison c = {.arguments = arguments};
  int status = sweep_make(&c.sweep, arguments);
  if (status == 0) status = check_numbered_outputs(arguments, c.sweep.runs);
  if (status == 0) status = set_values(&c, arguments);
  if (status == 0) status = open_subject(&c, arguments);
  if (status == 0 && c.subject.expr) status = check_contour_of(arguments, c.subject.expr);
  if (status == 0) status = run_all(&c);
  for (size_t run = 0; c.result && run < c.sweep.runs; run++) {
    nadir_result_free(c.result[run]);
    free(c.label[run]);
  }
  free(c.result);
  free(c.label);
  nadir_table_free(c.subject.table);
  nadir_expr_free(c.subject.expr);
  sweep_free(&c.sweep);
  return status;
}
