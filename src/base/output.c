/* Outputs that appear whole or not at all: written to a file aside in the same directory (aside.c),
 * fsynced and renamed by commit, so that at any moment, a crash included, NAME is the old file or the
 * new one.
 *
 * A symbolic link is followed, so that the link stays; the permissions of the old file are kept.
 * What is not a regular file (/dev/null, a pipe) can be neither replaced nor renamed and is written in
 * place, as standard output is. Writing goes through a buffer of 64 kB; a write is whole in it, or goes out alone. */
#define _XOPEN_SOURCE 700 /* realpath */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aside_internal.h"
#include "base/base.h"
#include "fault_internal.h"
#include "system_internal.h"

enum { BUFFER = 1 << 16 };

struct nd_output {
  int descriptor;
  bool standard, in_place;
  bool terminal; /* it is standard output, and a person reads it */
  char *path;   /* as given, for sentences */
  char *target; /* with links followed */
  nd_aside aside;
  size_t used;
  char *buffer;
};

/* Where the last link leads, also when nothing is there yet. */
static nadir_status follow_links(nd_output *output, nadir_error *error) {
  char *resolved = realpath(output->path, NULL);
  const char *target = resolved ? resolved : output->path;
  output->target = nd_copy_text(target, strlen(target), error);
  free(resolved);
  return output->target ? NADIR_OK : NADIR_NO_MEMORY;
}

static nadir_status open_aside(nd_output *output, nadir_error *error) {
  ND_TRY(nd_aside_open(&output->aside, output->target, output->path, error));
  output->descriptor = output->aside.descriptor;
  return NADIR_OK;
}

static nadir_status open_in_place(nd_output *output, nadir_error *error) {
  output->in_place = true;
  output->descriptor = nd_open_to_write(output->target, 0);
  if (output->descriptor >= 0) return NADIR_OK;
  return nd_fail_system(error, output->path, "written", errno);
}

static nadir_status open_target(nd_output *output, nadir_error *error) {
  struct stat about;
  ND_TRY(follow_links(output, error));
  if (stat(output->target, &about) != 0) return open_aside(output, error);
  if (S_ISDIR(about.st_mode)) return nd_fail_system(error, output->path, "written", EISDIR);
  if (!S_ISREG(about.st_mode)) return open_in_place(output, error);
  if (access(output->target, W_OK) != 0)
    return nd_fail_system(error, output->path, "written", errno);
  ND_TRY(open_aside(output, error));
  if (fchmod(output->descriptor, about.st_mode & 0777) == 0) return NADIR_OK;
  return nd_fail_system(error, output->path, "written", errno);
}

nadir_status nd_output_open(nd_output **output, const char *path, nadir_error *error) {
  *output = NULL;
  ND_TRY(nd_output_check(path, error));
  nd_output *fresh = nd_new(1, sizeof *fresh, error);
  if (!fresh) return NADIR_NO_MEMORY;
  fresh->aside.descriptor = -1;
  fresh->standard = strcmp(path, "-") == 0;
  fresh->terminal = fresh->standard && isatty(STDOUT_FILENO);
  fresh->descriptor = fresh->standard ? STDOUT_FILENO : -1;
  const char *name = fresh->standard ? "standard output" : path;
  fresh->path = nd_copy_text(name, strlen(name), error);
  fresh->buffer = nd_new(BUFFER, 1, error);
  nadir_status status = fresh->path && fresh->buffer ? NADIR_OK : NADIR_NO_MEMORY;
  if (status == NADIR_OK && !fresh->standard) status = open_target(fresh, error);
  if (status != NADIR_OK) {
    nd_output_close(fresh);
    return status;
  }
  *output = fresh;
  return NADIR_OK;
}

static nadir_status put(nd_output *output, const void *data, size_t size, nadir_error *error) {
  if (nd_write_all(output->descriptor, data, size)) return NADIR_OK;
  nadir_status status = nd_fail_system(error, output->path, "written", errno);
  if (!output->standard) return status;
  if (error) error->status = NADIR_SYSTEM; /* no name was wrong */
  return NADIR_SYSTEM;
}

/* Cells that came from a file do not drive a terminal. */
static nadir_status put_shown(nd_output *output, const char *data, size_t size, nadir_error *error) {
  nd_text text = {0};
  for (size_t i = 0, step; i < size; i += step) {
    char shown[NADIR_SHOWN_TEXT];
    bool blank = data[i] == '\n' || data[i] == '\t';
    step = nd_show_character(data + i, size - i, shown);
    nd_text_append(&text, blank ? (char[]){data[i], '\0'} : shown);
  }
  nadir_status status = nd_text_status(&text, error);
  if (status == NADIR_OK) status = put(output, nd_text_data(&text), text.length, error);
  nd_text_free(&text);
  return status;
}

static nadir_status send(nd_output *output, const void *data, size_t size, nadir_error *error) {
  return output->terminal ? put_shown(output, data, size, error) : put(output, data, size, error);
}

static nadir_status flush(nd_output *output, nadir_error *error) {
  size_t used = output->used;
  output->used = 0;
  return send(output, output->buffer, used, error);
}

nadir_status nd_output_write(nd_output *output, const void *data, size_t size, nadir_error *error) {
  if (size > BUFFER - output->used) ND_TRY(flush(output, error));
  if (size >= BUFFER) return send(output, data, size, error);
  if (size > 0) memcpy(output->buffer + output->used, data, size);
  output->used += size;
  return NADIR_OK;
}

nadir_status nd_output_print(nd_output *output, nadir_error *error, const char *format, ...) {
  char small[512];
  va_list arguments, again;
  va_start(arguments, format);
  va_copy(again, arguments);
  int length = vsnprintf(small, sizeof small, format, arguments);
  va_end(arguments);
  char *large = NULL;
  if (length >= (int)sizeof small) {
    large = nd_new((size_t)length + 1, 1, error);
    if (large) vsnprintf(large, (size_t)length + 1, format, again);
  }
  va_end(again);
  if (length < 0)
    return nd_fail(error, NADIR_SYSTEM, "%s: a text cannot be formatted", output->path);
  if (length >= (int)sizeof small && !large) return NADIR_NO_MEMORY;
  nadir_status status = nd_output_write(output, large ? large : small, (size_t)length, error);
  nd_free(large);
  return status;
}

nadir_status nd_output_seek(nd_output *output, uint64_t offset, nadir_error *error) {
  ND_TRY(flush(output, error));
  if (output->standard || offset > INT64_MAX ||
      lseek(output->descriptor, (off_t)offset, SEEK_SET) < 0)
    return nd_fail_system(error, output->path, "written out of order", ESPIPE);
  return NADIR_OK;
}

nadir_status nd_output_stamp(const nd_output *output, nd_stamp *stamp, nadir_error *error) {
  return nd_take_stamp(output->descriptor, output->path, stamp, error);
}

/* Some file systems know no fsync and say so by EINVAL: there is nothing more to be had from them.
 */
static bool sync_file(int descriptor) {
  int answer;
  do
    answer = nd_fault(ND_FAULT_FSYNC) ? -1 : fsync(descriptor);
  while (answer != 0 && errno == EINTR);
  return answer == 0 || errno == EINVAL || errno == ENOTSUP;
}

/* What closing would tell: Linux writes back, and reports what it could not, whenever a descriptor of
 * the file is closed. The file itself is held, and with it its lock, until it has its name. */
static bool close_twin(int descriptor) {
  int twin = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  return twin < 0 || nd_close(twin);
}

nadir_status nd_output_commit(nd_output *output, nadir_error *error) {
  ND_TRY(flush(output, error));
  bool done = close_twin(output->descriptor);
  if (done && !output->standard && !output->in_place)
    done = sync_file(output->descriptor) && nd_aside_take_place(&output->aside);
  return done ? NADIR_OK : nd_fail_system(error, output->path, "written", errno);
}

void nd_output_close(nd_output *output) {
  if (!output) return;
  if (output->in_place && output->descriptor >= 0) nd_close(output->descriptor);
  nd_aside_close(&output->aside);
  nd_free(output->target);
  nd_free(output->path);
  nd_free(output->buffer);
  nd_free(output);
}
