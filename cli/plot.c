/* nadir plot TRACE.csv...: one picture of all traces, or each as a chart in characters. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

enum { CHART_LINES = 16, CHART_WIDEST = 100 };

static char *label_of_file(const char *path) {
  const char *slash = strrchr(path, '/'), *name = slash && slash[1] ? slash + 1 : path;
  const char *dot = strrchr(name, '.');
  return copy_text(name, dot && dot != name ? (size_t)(dot - name) : strlen(name));
}

static size_t count_labels(const char *text) {
  size_t count = 1;
  for (; *text; text++)
    count += *text == ',';
  return count;
}

static int make_labels(const cli_arguments *arguments, char **labels) {
  const char *text = arguments->label;
  size_t given = text ? count_labels(text) : 0;
  if (text && given != arguments->words)
    return complain(EXIT_WRONG, "plot: --label has %zu name%s for %zu trace%s: give one for each",
                    given, given == 1 ? "" : "s", arguments->words,
                    arguments->words == 1 ? "" : "s");
  for (size_t i = 0; i < arguments->words; i++) {
    if (!text) {
      labels[i] = label_of_file(arguments->word[i]);
      continue;
    }
    size_t length = strcspn(text, ",");
    labels[i] = copy_text(text, length);
    text += length + (text[length] == ',');
  }
  return 0;
}

static int draw_charts(const cli_arguments *arguments, nadir_trace *const *traces,
                       char *const *labels) {
  int width = terminal_width(STDOUT_FILENO);
  const char *title = nadir_settings_get(arguments->settings, "title");
  if (title && *title) {
    say_name(title);
    say_text("\n");
  }
  for (size_t i = 0; i < arguments->words; i++) {
    nadir_error error = {0};
    char *text;
    if (nadir_chart(traces[i], arguments->settings, width > CHART_WIDEST ? CHART_WIDEST : width,
                    CHART_LINES, is_utf8(), &text, &error) != NADIR_OK)
      return fail(&error);
    if (i) say_text("\n");
    say_name(labels[i]);
    say("\n%s", text);
    nadir_text_free(text);
  }
  return 0;
}

static int draw(const cli_arguments *arguments, nadir_trace *const *traces, char *const *labels) {
  nadir_error error = {0};
  if (!arguments->picture) return draw_charts(arguments, traces, labels);
  nadir_status status =
      nadir_plot_traces((const nadir_trace *const *)traces, (const char *const *)labels,
                        arguments->words, arguments->settings, arguments->picture, &error);
  return status == NADIR_OK ? 0 : fail(&error);
}

int run_plot(cli_arguments *arguments) {
  nadir_error error = {0};
  size_t count = arguments->words;
  if (count == 0)
    return complain(EXIT_WRONG, "plot: the trace is missing: nadir plot TRACE.csv -o FILE.svg");
  nadir_trace **traces = checked(calloc(count, sizeof *traces));
  char **labels = checked(calloc(count, sizeof *labels));
  int status = make_labels(arguments, labels);
  for (size_t i = 0; status == 0 && i < count; i++)
    if (nadir_trace_load(&traces[i], arguments->word[i], &error) != NADIR_OK) status = fail(&error);
  if (status == 0) status = draw(arguments, traces, labels);
  for (size_t i = 0; i < count; i++) {
    nadir_trace_free(traces[i]);
    free(labels[i]);
  }
  free(labels);
  free(traces);
  return status;
}
