/* Runs gnuplot on a script: one process, started by posix_spawn with an argument vector and a small
 * environment. The script is its standard input and its complaints go to another file, both
 * unlinked temporary files; the picture is its standard output, opened on the name that nd_output
 * writes to until it is whole. So no path is ever part of the script or of a command, and nothing
 * is left behind whatever ends us. Forbidden: a shell, a pipe, `set output`.
 *
 * Cost: gnuplot's own, a few hundredths of a second and the size of the script. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "plot/plot_internal.h"

enum { ENVIRONMENT = 8, SETTING = 4096 };

/* The environment for gnuplot: where programs and fonts are found, nothing that sets gnuplot up. */
typedef struct environment {
  char text[ENVIRONMENT][SETTING];
  char *list[ENVIRONMENT + 1];
} environment;

static void pass_on(environment *env, size_t *count, const char *name, const char *fallback) {
  const char *value = getenv(name);
  if (!value) value = fallback;
  size_t head = strlen(name), tail = value ? strlen(value) : 0;
  if (!value || head + tail + 2 > SETTING) return;
  char *entry = env->text[*count];
  memcpy(entry, name, head);
  entry[head] = '=';
  memcpy(entry + head + 1, value, tail + 1);
  env->list[(*count)++] = entry;
}

static void fill_environment(environment *env) {
  size_t count = 0;
  pass_on(env, &count, "PATH", "/usr/local/bin:/usr/bin:/bin");
  pass_on(env, &count, "HOME", NULL);
  pass_on(env, &count, "TMPDIR", NULL);
  pass_on(env, &count, "XDG_CACHE_HOME", NULL);
  pass_on(env, &count, "FONTCONFIG_PATH", NULL);
  pass_on(env, &count, "FONTCONFIG_FILE", NULL);
  env->list[count] = NULL;
}

/* Standard input, output and error of the child. The script's descriptor is the lower of the two.
 */
static int redirect(posix_spawn_file_actions_t *actions, const nd_file *script,
                    const nd_file *complaints, const char *aside) {
  int failed = posix_spawn_file_actions_adddup2(actions, nd_file_descriptor(script), 0);
  if (!failed)
    failed = posix_spawn_file_actions_adddup2(actions, nd_file_descriptor(complaints), 2);
  if (!failed) failed = posix_spawn_file_actions_addopen(actions, 1, aside, O_WRONLY | O_TRUNC, 0);
  return failed;
}

/* No blocked or ignored signal of ours reaches gnuplot. */
static int plain_signals(posix_spawnattr_t *attributes) {
  sigset_t none, usual;
  sigemptyset(&none);
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  sigaddset(&usual, SIGCHLD);
  int failed = posix_spawnattr_setsigmask(attributes, &none);
  if (!failed) failed = posix_spawnattr_setsigdefault(attributes, &usual);
  if (!failed)
    failed = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  return failed;
}

static int spawn(pid_t *child, const nd_file *script, const nd_file *complaints,
                 const char *aside) {
  char name[] = "gnuplot", no_settings[] = "-d";
  char *const arguments[] = {name, no_settings, NULL};
  environment env;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  fill_environment(&env);
  int failed = posix_spawn_file_actions_init(&actions);
  if (failed) return failed;
  failed = posix_spawnattr_init(&attributes);
  if (!failed) {
    failed = redirect(&actions, script, complaints, aside);
    if (!failed) failed = plain_signals(&attributes);
    if (!failed)
      failed = posix_spawnp(child, "gnuplot", &actions, &attributes, arguments, env.list);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&actions);
  return failed;
}

/* True when the child ended well, or when another part of the process took its status away: then
 * the picture itself tells. */
static bool wait_for(pid_t child) {
  int status;
  pid_t got;
  do {
    got = waitpid(child, &status, 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return errno == ECHILD;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The last line of what gnuplot said. */
static const char *last_words(const nd_file *complaints, char *buffer, size_t size) {
  size_t got = 0;
  uint64_t total = nd_file_size(complaints);
  uint64_t offset = total > size - 1 ? total - (size - 1) : 0;
  if (nd_file_read_at(complaints, offset, buffer, size - 1, &got, NULL) != NADIR_OK) got = 0;
  while (got > 0 && strchr(" \t\r\n", buffer[got - 1]))
    got--;
  buffer[got] = '\0';
  char *line = strrchr(buffer, '\n');
  line = line ? line + 1 : buffer;
  while (*line == ' ' || *line == '\t')
    line++;
  return *line ? line : "it gave no reason";
}

static bool ends_with(const char *data, size_t size, const char *end, size_t length) {
  while (size > 0 && (data[size - 1] == '\n' || data[size - 1] == '\r'))
    size--;
  return size >= length && memcmp(data + size - length, end, length) == 0;
}

/* Head and tail of the picture are what its format asks for: a full disk leaves it cut. */
static bool looks_whole(const char *aside, nd_picture kind) {
  static const struct {
    const char *head, *tail;
    size_t head_length, tail_length;
  } FORMATS[] = {[ND_SVG] = {"<?xml", "</svg>", 5, 6},
                 [ND_PNG] = {"\x89PNG\r\n\x1a\n", "IEND\xae\x42\x60\x82", 8, 8},
                 [ND_PDF] = {"%PDF-", "%%EOF", 5, 5}};
  char head[8] = {0}, tail[64] = {0};
  size_t got_head = 0, got_tail = 0;
  nd_file *file;
  if (nd_file_open(&file, aside, NULL) != NADIR_OK) return false;
  uint64_t size = nd_file_size(file), offset = size > sizeof tail ? size - sizeof tail : 0;
  bool read = nd_file_read_at(file, 0, head, sizeof head, &got_head, NULL) == NADIR_OK &&
              nd_file_read_at(file, offset, tail, sizeof tail, &got_tail, NULL) == NADIR_OK;
  nd_file_close(file);
  return read && got_head >= FORMATS[kind].head_length &&
         memcmp(head, FORMATS[kind].head, FORMATS[kind].head_length) == 0 &&
         ends_with(tail, got_tail, FORMATS[kind].tail, FORMATS[kind].tail_length);
}

static nadir_status not_started(int failed, const char *path, nadir_error *error) {
  if (failed == ENOENT)
    return nd_fail(error, NADIR_SYSTEM,
                   "%s: gnuplot, which draws pictures, is not on the PATH: install gnuplot-nox, or "
                   "give a name that ends in .gp to keep the script",
                   path);
  if (failed == ENOMEM) return nd_fail(error, NADIR_NO_MEMORY, "%s: out of memory", path);
  char reason[128] = "unknown error";
  (void)!strerror_r(failed, reason, sizeof reason);
  return nd_fail(error, NADIR_SYSTEM,
                 "%s: gnuplot cannot be started (%s): give a name that ends in .gp to keep the "
                 "script",
                 path, reason);
}

static nadir_status draw(const nd_file *script, const nd_file *complaints, nd_picture kind,
                         nd_output *output, const char *path, nadir_error *error) {
  char said[400];
  pid_t child;
  int failed = spawn(&child, script, complaints, nd_output_aside(output));
  if (failed) return not_started(failed, path, error);
  bool well = wait_for(child);
  if (!well || !looks_whole(nd_output_aside(output), kind))
    return nd_fail(error, NADIR_SYSTEM,
                   "%s: gnuplot failed to draw the picture (%s): look at the script by giving a "
                   "name that ends in .gp",
                   path, last_words(complaints, said, sizeof said));
  return nd_output_commit(output, error);
}

nadir_status nd_gnuplot_run(const nd_text *script, nd_picture kind, const char *path,
                            nadir_error *error) {
  nd_file *input = NULL, *complaints = NULL;
  nd_output *output = NULL;
  nadir_status status = nd_file_temporary(&input, error);
  if (status == NADIR_OK)
    status = nd_file_write_at(input, 0, nd_text_data(script), script->length, error);
  if (status == NADIR_OK) status = nd_file_temporary(&complaints, error);
  if (status == NADIR_OK) status = nd_output_open(&output, path, error);
  if (status == NADIR_OK) status = draw(input, complaints, kind, output, path, error);
  nd_output_close(output);
  nd_file_close(complaints);
  nd_file_close(input);
  return status;
}
