/* Runs gnuplot on a script: one process, started by posix_spawn with an argument vector and a small
 * environment. The script is its standard input, the picture its standard output, its complaints go
 * to another file: all three are unlinked temporary files. The picture is taken from there when it
 * is whole. So no path is ever part of the script or of a command, and nothing is left behind
 * whatever ends us. Forbidden: a shell, a pipe, `set output`.
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

/* What gnuplot reads and writes. */
typedef struct streams {
  nd_file *script, *picture, *complaints; /* its standard input, output and error */
} streams;

static int redirect(posix_spawn_file_actions_t *actions, const streams *files) {
  const nd_file *const list[] = {files->script, files->picture, files->complaints};
  int failed = 0;
  for (int i = 0; i < 3 && !failed; i++)
    failed = posix_spawn_file_actions_adddup2(actions, nd_file_descriptor(list[i]), i);
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

static int spawn(pid_t *child, const streams *files) {
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
    failed = redirect(&actions, files);
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
static bool looks_whole(const nd_text *picture, nd_picture kind) {
  static const struct {
    const char *head, *tail;
    size_t head_length, tail_length;
  } formats[] = {
#define ND_PICTURE(id, ending, begin, end, ...) {begin, end, sizeof begin - 1, sizeof end - 1},
#include "plot/pictures.def"
#undef ND_PICTURE
  };
  const char *data = nd_text_data(picture);
  return picture->length >= formats[kind].head_length &&
         memcmp(data, formats[kind].head, formats[kind].head_length) == 0 &&
         ends_with(data, picture->length, formats[kind].tail, formats[kind].tail_length);
}

/* path NULL: the picture was for a page, where no script can be kept. */
static nadir_status not_started(int failed, const char *path, nadir_error *error) {
  const char *hint = path ? ", or give a name that ends in .gp to keep the script" : "";
  if (!path) path = "picture";
  if (failed == ENOENT)
    return nd_fail(error, NADIR_SYSTEM,
                   "%s: gnuplot, which draws pictures, is not on the PATH: install gnuplot-nox%s",
                   path, hint);
  if (failed == ENOMEM) return nd_fail(error, NADIR_NO_MEMORY, "%s: out of memory", path);
  char reason[128] = "unknown error";
  (void)!strerror_r(failed, reason, sizeof reason);
  return nd_fail(error, NADIR_SYSTEM, "%s: gnuplot cannot be started (%s): repair gnuplot-nox%s",
                 path, reason, hint);
}

static nadir_status take_picture(const nd_file *picture, nd_text *out, nadir_error *error) {
  char part[4096];
  size_t got = sizeof part;
  for (uint64_t at = 0; got == sizeof part; at += got) {
    ND_TRY(nd_file_read_at(picture, at, part, sizeof part, &got, error));
    nd_text_append_bytes(out, part, got);
  }
  return nd_text_status(out, error);
}

static nadir_status draw(const streams *files, nd_picture kind, const char *path, nd_text *out,
                         nadir_error *error) {
  char said[400];
  pid_t child;
  int failed = spawn(&child, files);
  if (failed) return not_started(failed, path, error);
  bool well = wait_for(child);
  ND_TRY(take_picture(files->picture, out, error));
  if (well && looks_whole(out, kind)) return NADIR_OK;
  return nd_fail(error, NADIR_SYSTEM,
                 "%s: gnuplot failed to draw the picture (%s): look at the script by giving a "
                 "name that ends in .gp",
                 path ? path : "picture", last_words(files->complaints, said, sizeof said));
}

nadir_status nd_gnuplot_run(const nd_text *script, nd_picture kind, const char *path, nd_text *out,
                            nadir_error *error) {
  streams files = {NULL, NULL, NULL};
  nadir_status status = nd_file_temporary(&files.script, error);
  if (status == NADIR_OK)
    status = nd_file_write_at(files.script, 0, nd_text_data(script), script->length, error);
  if (status == NADIR_OK) status = nd_file_temporary(&files.picture, error);
  if (status == NADIR_OK) status = nd_file_temporary(&files.complaints, error);
  if (status == NADIR_OK) status = draw(&files, kind, path, out, error);
  nd_file_close(files.complaints);
  nd_file_close(files.picture);
  nd_file_close(files.script);
  return status;
}
