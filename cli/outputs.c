/* Whether the files that were asked for could be written, looked at before a run that may take
 * hours. What the system says later still counts: this only finds the mistakes of typing early.
 *
 * A file is known by where it is, not by how it is written: `q.json`, `./q.json`, a link to it and its name in another
 * spelling of the directory are one. So no output replaces another, or what is read. */
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

enum { MOST_LINKS = 40 };

static const struct {
  size_t offset;
  const char *option;
  bool written;
} file_options[] = {
#define FLAG(field, name, letter, commands, help)
#define VALUE(field, name, letter, value, commands, help)
#define INPUT(field, name, letter, value, commands, help) {offsetof(cli_arguments, field), name, false},
#define OUTPUT(field, name, letter, value, commands, help) {offsetof(cli_arguments, field), name, true},
#define LETTER(letter, setting)
#include "options.def"
#undef FLAG
#undef VALUE
#undef INPUT
#undef OUTPUT
#undef LETTER
};

/* The path that the i-th of them was given; NULL where it was not. */
static const char *path_of(const cli_arguments *arguments, size_t i) {
  const char *path;
  memcpy(&path, (const char *)arguments + file_options[i].offset, sizeof path);
  return path;
}

/* ---- where a file is ---- */

/* A device may be written by many, and is not known. */
typedef struct location {
  enum { UNKNOWN, STANDARD_OUTPUT, FILE_THERE, FILE_TO_BE } kind;
  dev_t device; /* of the file; of one that is not there yet, of its folder */
  ino_t number;
  char name[NAME_MAX + 1]; /* in the folder, of one that is not there yet */
} location;

static char *folder_of(const char *path) {
  const char *slash = strrchr(path, '/');
  if (!slash) return copy_text(".", 1);
  return copy_text(path, slash == path ? 1 : (size_t)(slash - path));
}

static bool is_standard_output(const struct stat *about) {
  struct stat standard;
  if (fstat(STDOUT_FILENO, &standard) != 0) return false;
  bool shared = S_ISCHR(about->st_mode) && !is_terminal(STDOUT_FILENO); /* /dev/null */
  return !shared && standard.st_dev == about->st_dev && standard.st_ino == about->st_ino;
}

static location location_there(const struct stat *about) {
  location at = {.kind = FILE_THERE, .device = about->st_dev, .number = about->st_ino};
  if (S_ISCHR(about->st_mode) || S_ISBLK(about->st_mode)) at.kind = UNKNOWN;
  if (is_standard_output(about)) at.kind = STANDARD_OUTPUT;
  return at;
}

static location location_to_be(const char *path) {
  const char *slash = strrchr(path, '/');
  location at = {.kind = UNKNOWN};
  struct stat about;
  char *folder = folder_of(path);
  if (stat(folder, &about) == 0)
    at = (location){.kind = FILE_TO_BE, .device = about.st_dev, .number = about.st_ino};
  snprintf(at.name, sizeof at.name, "%s", slash ? slash + 1 : path);
  free(folder);
  return at;
}

/* Where a link leads to; NULL where it is none. */
static char *link_target(const char *path) {
  char target[PATH_MAX];
  ssize_t length = readlink(path, target, sizeof target - 1);
  if (length < 0) return NULL;
  target[length] = '\0';
  if (target[0] == '/') return copy_text(target, (size_t)length);
  char *folder = folder_of(path), *whole = print_text("%s/%s", folder, target);
  free(folder);
  return whole;
}

/* What is not there may be the target of a link that is. */
static location location_of_missing(const char *path) {
  char *now = copy_text(path, strlen(path)), *next = NULL;
  for (int i = 0; i < MOST_LINKS && (next = link_target(now)); i++) {
    free(now);
    now = next;
  }
  location at = location_to_be(now);
  free(now);
  return at;
}

static location location_of_output(const char *path) {
  struct stat about;
  if (strcmp(path, "-") == 0) return (location){.kind = STANDARD_OUTPUT};
  return stat(path, &about) == 0 ? location_there(&about) : location_of_missing(path);
}

static location location_of_input(const char *path) {
  struct stat about;
  bool found = strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, &about) == 0 : stat(path, &about) == 0;
  return found ? location_there(&about) : (location){.kind = UNKNOWN};
}

static bool is_same(const location *a, const location *b) {
  if (a->kind != b->kind || a->kind == UNKNOWN) return false;
  if (a->kind == STANDARD_OUTPUT) return true;
  return a->device == b->device && a->number == b->number && strcmp(a->name, b->name) == 0;
}

/* ---- one output ---- */

static int refuse(const char *path, const char *why) {
  return complain(EXIT_WRONG, "%s: it cannot be written: %s: choose a different name", path, why);
}

static int check_folder(const char *path) {
  char *folder = folder_of(path);
  int status = access(folder, W_OK | X_OK) == 0 ? 0 : refuse(path, strerror(errno));
  free(folder);
  return status;
}

static int check(const char *path) {
  struct stat about;
  nadir_error error;
  if (strcmp(path, "-") == 0) return 0;
  if (!*path) return complain(EXIT_WRONG, "output: the name of the file is empty: give one");
  if (nadir_output_check(path, &error) != NADIR_OK) return fail(&error);
  if (stat(path, &about) != 0) return check_folder(path);
  if (S_ISDIR(about.st_mode)) return refuse(path, "it is a directory");
  return access(path, W_OK) == 0 ? 0 : refuse(path, strerror(errno));
}

/* The library says so too, but only when it draws: after the run. */
static int check_picture(const char *path) {
  nadir_error error;
  return !path || nadir_picture_check(path, &error) == NADIR_OK ? 0 : fail(&error);
}

static int check_pictures(const cli_arguments *arguments) {
  const char *pictures[] = {arguments->picture,  arguments->plot,     arguments->contour,
                            arguments->plot_fit, arguments->plot_roc, arguments->plot_calibration,
                            arguments->plot_path,  arguments->plot_folded, arguments->plot_corner};
  int status = 0;
  for (size_t i = 0; status == 0 && i < COUNT(pictures); i++)
    status = check_picture(pictures[i]);
  return status;
}

/* ---- all of them ---- */

/* compare saves one trace per run, each under a name of its own (numbered_output). */
static bool is_numbered(const cli_arguments *arguments, const char *path) {
  return path == arguments->trace && strcmp(arguments->command->name, "compare") == 0;
}

/* A table must not be lost by mistake. */
static int check_inputs(const cli_arguments *arguments, const char *path, const location *at) {
  bool is_input = false;
  for (size_t i = 0; i < COUNT(file_options); i++) {
    const char *read = file_options[i].written ? NULL : path_of(arguments, i);
    location there = read ? location_of_input(read) : (location){.kind = UNKNOWN};
    is_input |= is_same(at, &there);
  }
  for (size_t i = 0; i + arguments->command->formulas < arguments->words; i++) {
    location there = location_of_input(arguments->word[i]);
    is_input |= is_same(at, &there);
  }
  if (!is_input || at->kind == STANDARD_OUTPUT) return 0;
  return complain(
      EXIT_WRONG,
      "%s: it is read, and would be written over: choose a different name for the output", path);
}

/* Of the i-th option, or of another output where i is past their end. */
static int check_distinct(const cli_arguments *arguments, const char *path, size_t i) {
  location at = location_of_output(path);
  int status = check_inputs(arguments, path, &at);
  for (size_t j = 0; status == 0 && j < i && j < COUNT(file_options); j++) {
    const char *other = file_options[j].written ? path_of(arguments, j) : NULL;
    if (other && is_numbered(arguments, other)) continue;
    location there = other ? location_of_output(other) : (location){.kind = UNKNOWN};
    if (is_same(&at, &there))
      status = strcmp(path, other) == 0
                   ? complain(EXIT_WRONG, "%s: two outputs have this name: give each its own", path)
                   : complain(EXIT_WRONG, "%s: it is the same file as %s, another output: give each its own", path,
                              other);
  }
  return status;
}

/* Standard output takes one output alone. */
static int check_standard(const cli_arguments *arguments, const char *path, const char *option) {
  if (location_of_output(path).kind != STANDARD_OUTPUT || arguments->show_gradient) return 0;
  if (arguments->json)
    return complain(EXIT_WRONG,
                    "standard output: --%s %s and --json would both go there: give --%s a file", option,
                    path, option);
  if (arguments->quiet || arguments->predicted) return 0;
  return complain(EXIT_WRONG,
                  "standard output: --%s %s and the report would both go there: add --quiet, or give "
                  "--%s a file",
                  option, path, option);
}

int check_contour_of(const cli_arguments *arguments, const nadir_expr *expr) {
  bool held = nadir_settings_is_set(arguments->settings, "fix") ||
              nadir_settings_is_set(arguments->settings, "tie");
  return arguments->contour && !held ? check_contour(nadir_expr_size(expr)) : 0;
}

int check_contour(size_t parameters) {
  if (parameters == 2) return 0;
  return complain(EXIT_WRONG, "contour: the loss has %zu parameter%s: contours are drawn for two",
                  parameters, parameters == 1 ? "" : "s");
}

static int check_numbered(const char *trace) {
  if (!trace) return 0;
  if (strcmp(trace, "-") == 0)
    return complain(
        EXIT_WRONG,
        "standard output: compare saves one trace per run: give --trace the name of a file");
  nadir_error error;
  return nadir_output_check(trace, &error) == NADIR_OK ? check_folder(trace) : fail(&error);
}

static int check_ith(const cli_arguments *arguments, const char *path, size_t i) {
  if (is_numbered(arguments, path)) return check_numbered(path);
  int status = check(path);
  return status ? status : check_distinct(arguments, path, i);
}

/* It is a setting of the library, which refuses standard output. */
static int check_checkpoint(const cli_arguments *arguments) {
  const char *given = nadir_settings_get(arguments->settings, "checkpoint");
  if (!*given || strcmp(given, "-") == 0) return 0;
  char *path = copy_text(given, strlen(given));
  int status = check(path);
  if (status == 0) status = check_distinct(arguments, path, COUNT(file_options));
  free(path);
  return status;
}

int check_outputs(const cli_arguments *arguments) {
  const char *path;
  int status = check_checkpoint(arguments);
  for (size_t i = 0; status == 0 && i < COUNT(file_options); i++)
    if (file_options[i].written && (path = path_of(arguments, i))) status = check_ith(arguments, path, i);
  for (size_t i = 0; status == 0 && i < COUNT(file_options); i++)
    if (file_options[i].written && (path = path_of(arguments, i)))
      status = check_standard(arguments, path, file_options[i].option);
  return status ? status : check_pictures(arguments);
}

char *numbered_output(const char *path, size_t run) {
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  const char *dot = strrchr(name, '.');
  size_t stem = dot && dot != name ? (size_t)(dot - path) : strlen(path);
  return print_text("%.*s-%zu%s", (int)stem, path, run + 1, path + stem);
}

int check_numbered_outputs(const cli_arguments *arguments, size_t runs) {
  int status = 0;
  for (size_t run = 0; arguments->trace && status == 0 && run < runs; run++) {
    char *path = numbered_output(arguments->trace, run);
    status = check(path);
    if (status == 0) status = check_distinct(arguments, path, COUNT(file_options));
    free(path);
  }
  return status;
}
