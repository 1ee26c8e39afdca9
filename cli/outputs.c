/* Whether the files that were asked for could be written, looked at before a run that may take
 * hours. What the system says later still counts: this only finds the mistakes of typing early. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

static int refuse(const char *path, const char *why) {
  return complain(EXIT_WRONG, "%s: it cannot be written: %s: choose a different name", path, why);
}

static int check_folder(const char *path) {
  const char *slash = strrchr(path, '/');
  char *folder =
      slash ? copy_text(path, slash == path ? 1 : (size_t)(slash - path)) : copy_text(".", 1);
  int status = access(folder, W_OK | X_OK) == 0 ? 0 : refuse(path, strerror(errno));
  free(folder);
  return status;
}

static int check(const char *path) {
  struct stat about;
  if (!path || strcmp(path, "-") == 0) return 0;
  if (!*path) return complain(EXIT_WRONG, "output: the name of the file is empty: give one");
  if (stat(path, &about) != 0) return check_folder(path);
  if (S_ISDIR(about.st_mode)) return refuse(path, "it is a directory");
  return access(path, W_OK) == 0 ? 0 : refuse(path, strerror(errno));
}

/* The library says so too, but only when it draws: after the run. */
static int check_kind(const char *path) {
  nadir_error error;
  return !path || nadir_picture_check(path, &error) == NADIR_OK ? 0 : fail(&error);
}

/* One file, or one name of a file that is not there yet. Devices may be shared. */
static bool is_same(const char *a, const char *b) {
  struct stat one, other;
  if (strcmp(a, "-") == 0 || strcmp(b, "-") == 0) return strcmp(a, b) == 0;
  bool a_is_there = stat(a, &one) == 0, b_is_there = stat(b, &other) == 0;
  if (!a_is_there || !b_is_there) return strcmp(a, b) == 0;
  return S_ISREG(one.st_mode) && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* A table must not be lost by mistake; a formula among the words harms nothing. */
static int check_inputs(const cli_arguments *arguments, const char *path) {
  bool is_input = arguments->config && is_same(path, arguments->config);
  for (size_t i = 0; i < arguments->words; i++)
    is_input |= is_same(path, arguments->word[i]);
  if (!is_input || strcmp(path, "-") == 0) return 0;
  return complain(
      EXIT_WRONG,
      "%s: it is read, and would be written over: choose a different name for the output", path);
}

static int check_distinct(const cli_arguments *arguments, const char *const *paths, size_t count) {
  int status = 0;
  for (size_t i = 0; status == 0 && i < count; i++) {
    if (paths[i]) status = check_inputs(arguments, paths[i]);
    for (size_t j = 0; status == 0 && paths[i] && j < i; j++)
      if (paths[j] && is_same(paths[i], paths[j]))
        status =
            complain(EXIT_WRONG, "%s: two outputs have this name: give each its own", paths[i]);
  }
  return status;
}

/* compare saves one trace per run, numbered before the ending of the name. */
static int check_numbered(const char *trace) {
  if (!trace) return 0;
  if (strcmp(trace, "-") != 0) return check_folder(trace);
  return complain(
      EXIT_WRONG,
      "standard output: compare saves one trace per run: give --trace the name of a file");
}

/* Standard output takes one output alone. */
static int check_standard(const cli_arguments *arguments) {
  const char *option = NULL;
  if (arguments->trace && strcmp(arguments->trace, "-") == 0) option = "--trace";
  if (arguments->model && strcmp(arguments->model, "-") == 0) option = "--output";
  if (arguments->report && strcmp(arguments->report, "-") == 0) option = "--report";
  if (!option || arguments->show_gradient) return 0;
  if (arguments->json)
    return complain(EXIT_WRONG,
                    "standard output: %s - and --json would both go there: give %s a file", option,
                    option);
  if (arguments->quiet) return 0;
  return complain(EXIT_WRONG,
                  "standard output: %s - and the report would both go there: add --quiet, or give "
                  "%s a file",
                  option, option);
}

int check_contour(size_t parameters) {
  if (parameters == 2) return 0;
  return complain(EXIT_WRONG, "contour: the loss has %zu parameter%s: contours are drawn for two",
                  parameters, parameters == 1 ? "" : "s");
}

int check_outputs(const cli_arguments *arguments) {
  const char *const paths[] = {arguments->model,  arguments->predicted, arguments->picture,
                               arguments->plot,   arguments->contour,   arguments->plot_fit,
                               arguments->report, arguments->trace};
  const char *const pictures[] = {arguments->picture, arguments->plot, arguments->contour,
                                  arguments->plot_fit};
  bool numbered = strcmp(arguments->command->name, "compare") == 0; /* the trace is, by run */
  int status = 0;
  for (size_t i = 0; status == 0 && i < COUNT(paths) - numbered; i++)
    status = check(paths[i]);
  for (size_t i = 0; status == 0 && i < COUNT(pictures); i++)
    status = check_kind(pictures[i]);
  if (status == 0) status = check_distinct(arguments, paths, COUNT(paths) - numbered);
  if (status == 0 && !numbered) status = check_standard(arguments);
  if (status == 0 && numbered) status = check_numbered(arguments->trace);
  return status;
}
