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
  return complain(EXIT_WRONG, "%s: it cannot be written: %s: give another name", path, why);
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
  static const char *const kinds[] = {".svg", ".png", ".pdf", ".gp"};
  const char *end = path ? strrchr(path, '.') : NULL;
  if (!path) return 0;
  for (size_t i = 0; end && i < COUNT(kinds); i++)
    if (strcasecmp(end, kinds[i]) == 0) return 0;
  return complain(EXIT_WRONG,
                  "%s: the name does not say which kind of picture: end it in .svg, .png, .pdf, or "
                  ".gp for the gnuplot script",
                  path);
}

int check_outputs(const cli_arguments *arguments) {
  const char *const paths[] = {arguments->model, arguments->predicted, arguments->picture,
                               arguments->plot,  arguments->contour,   arguments->plot_fit,
                               arguments->trace};
  const char *const pictures[] = {arguments->picture, arguments->plot, arguments->contour,
                                  arguments->plot_fit};
  bool numbered = strcmp(arguments->command->name, "compare") == 0; /* the trace is, by run */
  int status = 0;
  for (size_t i = 0; status == 0 && i < COUNT(paths) - numbered; i++)
    status = check(paths[i]);
  for (size_t i = 0; status == 0 && i < COUNT(pictures); i++)
    status = check_kind(pictures[i]);
  if (status == 0 && numbered && arguments->trace) status = check_folder(arguments->trace);
  return status;
}
