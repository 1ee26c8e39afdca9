/* What a run leaves: its words, and its files. The words come first, so that a picture that cannot
 * be written costs nobody the result; every file is tried, and the gravest failure is the exit
 * status. */
#include "cli.h"

static int status_of(nadir_status status, const nadir_error *error) {
  return status == NADIR_OK ? 0 : fail(error);
}

int save_contour(const cli_arguments *arguments, const cli_subject *subject,
                 const nadir_result *const *results, const char *const *labels, size_t count) {
  nadir_error error = {0};
  nadir_status status =
      subject->expr
          ? nadir_plot_contour(subject->expr, results, labels, count, arguments->settings,
                               arguments->contour, &error)
          : nadir_plot_fit_contour(results[0]->model, subject->table, results, labels, count,
                                   arguments->settings, arguments->contour, &error);
  return status_of(status, &error);
}

nadir_settings *settings_of_trace(const cli_arguments *arguments, const nadir_result *result) {
  static const char *const AXES[][2] = {
      {"x-range", "auto"}, {"y-range", "auto"}, {"x-label", ""}, {"y-label", ""}, {"reverse", "none"}};
  nadir_settings *settings = NULL;
  bool fit = arguments->plot_fit || (arguments->report && result->model);
  checked(nadir_settings_copy(&settings, arguments->settings, NULL) == NADIR_OK ? settings : NULL);
  for (size_t i = 0; fit && i < COUNT(AXES); i++)
    nadir_settings_set(settings, AXES[i][0], AXES[i][1], NULL);
  return settings;
}

static int plot_trace(const cli_arguments *arguments, const nadir_result *result) {
  nadir_error error = {0};
  const nadir_trace *trace = result->trace;
  nadir_settings *settings = settings_of_trace(arguments, result);
  nadir_status status = nadir_plot_traces(&trace, NULL, 1, settings, arguments->plot, &error);
  nadir_settings_free(settings);
  return status_of(status, &error);
}

static int save_files(const cli_arguments *arguments, const nadir_result *result,
                      const cli_subject *subject) {
  nadir_error error = {0};
  const nadir_trace *trace = result->trace;
  const nadir_settings *settings = arguments->settings;
  int exit_status = 0;
  if (arguments->model)
    exit_status = status_of(nadir_model_save(result->model, arguments->model, &error), &error);
  if (arguments->trace)
    exit_status =
        worse(exit_status, status_of(nadir_trace_save(trace, arguments->trace, &error), &error));
  if (arguments->plot) exit_status = worse(exit_status, plot_trace(arguments, result));
  if (arguments->contour)
    exit_status = worse(exit_status, save_contour(arguments, subject, &result, NULL, 1));
  if (arguments->plot_fit)
    exit_status =
        worse(exit_status, status_of(nadir_plot_fit(result->model, subject->table, settings,
                                                    arguments->plot_fit, &error),
                                     &error));
  if (arguments->plot_path)
    exit_status = worse(exit_status,
                        status_of(nadir_plot_path(result, settings, arguments->plot_path, &error), &error));
  if (arguments->plot_corner)
    exit_status = worse(exit_status,
                        status_of(nadir_plot_corner(result, settings, arguments->plot_corner, &error), &error));
  if (arguments->report)
    exit_status = worse(exit_status, status_of(nadir_report(result, subject->expr, subject->table,
                                                            settings, arguments->report, &error),
                                               &error));
  return exit_status;
}

static int print_json(const nadir_result *result) {
  nadir_error error = {0};
  char *text = NULL;
  nadir_status made = nadir_result_json(result, &text, &error);
  return say_made(made, text, &error);
}

static int print_summary(const cli_arguments *arguments, const nadir_result *result) {
  nadir_error error = {0};
  char *text;
  if (nadir_result_summary(result, arguments->summary, &text, &error) != NADIR_OK) return fail(&error);
  say_text(text);
  nadir_text_free(text);
  return 0;
}

/* Of a run that stopped elsewhere than at a minimum, what is wrong is the point. */
static void say_why(const nadir_result *result) {
  bool stuck = result->ended == NADIR_STUCK;
  char *last = topic_text(result, NADIR_ON_END);
  char *why = topic_text(result, stuck ? NADIR_ON_POINT : NADIR_ON_STOP);
  complain(0, "%s: %s%s%s", result->command, stuck ? last : "", stuck ? ": " : "", why);
  nadir_text_free(last);
  nadir_text_free(why);
}

int deliver(const cli_arguments *arguments, const nadir_result *result,
            const cli_subject *subject) {
  int exit_status = 0;
  if (arguments->json)
    exit_status = print_json(result);
  else if (arguments->summary)
    exit_status = print_summary(arguments, result);
  else if (!arguments->quiet)
    report_run(arguments, result);
  if (result->exit_status && (arguments->json || arguments->summary || arguments->quiet)) say_why(result);
  flush_output();
  exit_status = worse(exit_status, save_files(arguments, result, subject));
  tell_how_to_go_on(arguments, result);
  return worse(result->exit_status, exit_status);
}
