/* Files to read, and temporary files to read again. A file is known by its descriptor from the
 * moment it is opened: it is looked at by fstat, so nothing can be put in its place meanwhile.
 * Reading in order and reading at an offset are both plain system calls; callers ask for large
 * pieces.
 *
 * Standard input counts as seekable only at the start of a regular file. A file of
 * the kernel's (/proc), which gives bytes though its size is said to be nought, counts as a pipe.
 */
#define _GNU_SOURCE /* O_TMPFILE */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/base.h"
#include "base/spool.h"
#include "fault_internal.h"
#include "system_internal.h"

struct nd_file {
  int descriptor;
  bool seekable, borrowed; /* borrowed: not ours to close */
  bool named;              /* by its path it can be opened again */
  bool resting;            /* opened for each read alone */
  dev_t device;            /* what it was when it was laid to rest ... */
  ino_t number;            /* ... and must be whenever it is opened again */
  uint64_t size;
  char *path;
  nd_spool *spool; /* where what is written counts; or NULL */
};

static nadir_status new_file(nd_file **file, const char *path, nadir_error *error) {
  *file = NULL;
  nd_file *fresh = nd_new(1, sizeof *fresh, error);
  if (!fresh) return NADIR_NO_MEMORY;
  fresh->descriptor = -1;
  fresh->path = nd_copy_text(path, strlen(path), error);
  if (!fresh->path) {
    nd_free(fresh);
    return NADIR_NO_MEMORY;
  }
  *file = fresh;
  return NADIR_OK;
}

/* On failure the file is closed and *file is NULL. */
static nadir_status checked(nd_file **file, nadir_status status) {
  if (status != NADIR_OK) {
    nd_file_close(*file);
    *file = NULL;
  }
  return status;
}

static ssize_t read_once(int descriptor, void *buffer, size_t size) {
  ssize_t got;
  do
    got = nd_fault(ND_FAULT_READ) ? -1 : read(descriptor, buffer, size);
  while (got < 0 && errno == EINTR);
  return got;
}

static ssize_t read_once_at(int descriptor, void *buffer, size_t size, off_t offset) {
  ssize_t got;
  do
    got = nd_fault(ND_FAULT_READ) ? -1 : pread(descriptor, buffer, size, offset);
  while (got < 0 && errno == EINTR);
  return got;
}

/* Learns what the descriptor is: refuses directories, finds size and whether it can be sought in.
 */
static nadir_status look_at(nd_file *file, nadir_error *error) {
  struct stat about;
  if (fstat(file->descriptor, &about) != 0) return nd_fail_system(error, file->path, "read", errno);
  if (S_ISDIR(about.st_mode)) return nd_fail_system(error, file->path, "read", EISDIR);
  if (!S_ISREG(about.st_mode) && !S_ISBLK(about.st_mode)) return NADIR_OK;
  if (lseek(file->descriptor, 0, SEEK_CUR) != 0) return NADIR_OK;
  off_t end = lseek(file->descriptor, 0, SEEK_END);
  if (end < 0 || lseek(file->descriptor, 0, SEEK_SET) != 0) return NADIR_OK;
  char byte;
  if (end == 0) {
    ssize_t got = read_once_at(file->descriptor, &byte, 1, 0);
    if (got < 0) return nd_fail_system(error, file->path, "read", errno);
    if (got > 0) return NADIR_OK;
  }
  file->seekable = true;
  file->size = (uint64_t)end;
  /* tables are read from end to end: the system reads further ahead then */
  (void)posix_fadvise(file->descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  return NADIR_OK;
}

static int open_to_read(const char *path) {
  int descriptor;
  do
    descriptor = nd_fault(ND_FAULT_OPEN) ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

nadir_status nd_file_open(nd_file **file, const char *path, nadir_error *error) {
  ND_TRY(new_file(file, path, error));
  (*file)->descriptor = open_to_read(path);
  if ((*file)->descriptor < 0) return checked(file, nd_fail_system(error, path, "opened", errno));
  (*file)->named = true;
  return checked(file, look_at(*file, error));
}

nadir_status nd_file_standard_input(nd_file **file, nadir_error *error) {
  ND_TRY(new_file(file, "standard input", error));
  (*file)->descriptor = STDIN_FILENO;
  (*file)->borrowed = true;
  return checked(file, look_at(*file, error));
}

static const char *temporary_directory(void) {
  const char *directory = getenv("TMPDIR");
  return directory && *directory ? directory : "/tmp";
}

/* Where there are no files without a name it has one for a moment, in which no signal ends us. */
static int make_unlinked(char *template) {
  sigset_t all, before;
#ifdef O_TMPFILE
  int nameless = open(temporary_directory(), O_RDWR | O_TMPFILE | O_EXCL | O_CLOEXEC, 0600);
  if (nameless >= 0) return nameless;
#endif
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  int descriptor = mkostemp(template, O_CLOEXEC), number = errno;
  if (descriptor >= 0) unlink(template);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = number;
  return descriptor;
}

static nadir_status temporary_name(char **name, nadir_error *error) {
  nd_text text = {0};
  nd_text_append(&text, temporary_directory());
  nd_text_append(&text, "/nadir.XXXXXX");
  nadir_status status = nd_text_status(&text, error);
  *name = text.data;
  if (status != NADIR_OK) nd_text_free(&text);
  return status;
}

static nadir_status open_unlinked(nd_file *file, char *template, nadir_error *error) {
  file->descriptor = nd_fault(ND_FAULT_OPEN) ? -1 : make_unlinked(template);
  if (file->descriptor < 0)
    return nd_fail_system(error, template, "opened as a temporary file (see TMPDIR)", errno);
  file->seekable = true;
  return NADIR_OK;
}

nadir_status nd_file_temporary(nd_file **file, nadir_error *error) {
  *file = NULL;
  char *template;
  ND_TRY(temporary_name(&template, error));
  nadir_status status = new_file(file, template, error);
  if (status == NADIR_OK) status = checked(file, open_unlinked(*file, template, error));
  nd_free(template);
  return status;
}

void nd_spool_start(nd_spool *spool, uint64_t bytes) {
  struct statvfs disk;
  *spool = (nd_spool){.bound = bytes > 0 ? bytes : UINT64_MAX};
  if (bytes == 0 && statvfs(temporary_directory(), &disk) == 0)
    spool->bound = (uint64_t)disk.f_bavail * disk.f_frsize / 10;
}

nadir_status nd_file_spool(nd_file **file, const char *path, nd_spool *spool, nadir_error *error) {
  ND_TRY(nd_file_temporary(file, error));
  (*file)->spool = spool;
  return checked(file, nd_file_set_path(*file, path, error));
}

/* As the setting is typed: 1.5G. */
static nadir_status fail_spool(const nd_file *file, nadir_error *error) {
  double size = (double)file->spool->bound;
  size_t unit = 0;
  for (; size >= 1024 && unit < 3; unit++)
    size /= 1024;
  return nd_fail(error, NADIR_BAD_DATA,
                 "%s: its copy in %s would go beyond the %.4g%.*s that the setting spool allows for "
                 "all copies: set spool to more, or give the file unpacked",
                 file->path, temporary_directory(), size, unit > 0, &"KMG"[unit > 0 ? unit - 1 : 0]);
}

/* Before the file grows to `size`. */
static nadir_status count_spooled(nd_file *file, uint64_t size, nadir_error *error) {
  nd_spool *spool = file->spool;
  if (spool == NULL || size <= file->size) return NADIR_OK;
  if (size - file->size > spool->bound - spool->used) return fail_spool(file, error);
  spool->used += size - file->size;
  return NADIR_OK;
}

void nd_file_close(nd_file *file) {
  if (!file) return;
  if (file->descriptor >= 0 && !file->borrowed) nd_close(file->descriptor);
  nd_free(file->path);
  nd_free(file);
}

const char *nd_file_path(const nd_file *file) {
  return file->path;
}

nadir_status nd_file_set_path(nd_file *file, const char *path, nadir_error *error) {
  char *copy = nd_copy_text(path, strlen(path), error);
  if (!copy) return NADIR_NO_MEMORY;
  nd_free(file->path);
  file->path = copy;
  return NADIR_OK;
}

int nd_file_descriptor(const nd_file *file) {
  return file->descriptor;
}

bool nd_file_seekable(const nd_file *file) {
  return file->seekable;
}

uint64_t nd_file_size(const nd_file *file) {
  return file->size;
}

nadir_status nd_file_read(nd_file *file, void *buffer, size_t size, size_t *got,
                          nadir_error *error) {
  char *next = buffer;
  *got = 0;
  while (*got < size) {
    ssize_t more = read_once(file->descriptor, next + *got, size - *got);
    if (more < 0) return nd_fail_system(error, file->path, "read", errno);
    if (more == 0) break;
    *got += (size_t)more;
  }
  return NADIR_OK;
}

static bool is_offset(uint64_t offset, size_t size) {
  return offset <= INT64_MAX && size <= INT64_MAX - offset;
}

nadir_status nd_file_rest(nd_file *file, nadir_error *error) {
  struct stat about;
  if (fstat(file->descriptor, &about) != 0) return nd_fail_system(error, file->path, "read", errno);
  if (!file->named || !S_ISREG(about.st_mode)) return NADIR_OK;
  file->device = about.st_dev;
  file->number = about.st_ino;
  file->resting = true;
  nd_close(file->descriptor);
  file->descriptor = -1;
  return NADIR_OK;
}

/* A descriptor of a file that rests, where its name still names what it did. */
static nadir_status wake(const nd_file *file, int *descriptor, nadir_error *error) {
  struct stat about;
  *descriptor = open_to_read(file->path);
  if (*descriptor < 0) return nd_fail_system(error, file->path, "opened", errno);
  if (fstat(*descriptor, &about) == 0 && about.st_dev == file->device &&
      about.st_ino == file->number && (uint64_t)about.st_size == file->size)
    return NADIR_OK;
  nd_close(*descriptor);
  return nd_fail(error, NADIR_BAD_DATA,
                 "%s: the file has changed while it was read: wait until it is complete",
                 file->path);
}

static nadir_status read_from(const nd_file *file, int descriptor, uint64_t offset, void *buffer,
                              size_t size, size_t *got, nadir_error *error) {
  char *next = buffer;
  while (*got < size) {
    ssize_t more = read_once_at(descriptor, next + *got, size - *got, (off_t)(offset + *got));
    if (more < 0) return nd_fail_system(error, file->path, "read", errno);
    if (more == 0) break;
    *got += (size_t)more;
  }
  return NADIR_OK;
}

nadir_status nd_file_read_at(const nd_file *file, uint64_t offset, void *buffer, size_t size,
                             size_t *got, nadir_error *error) {
  int descriptor = file->descriptor;
  *got = 0;
  if (!is_offset(offset, size)) return NADIR_OK; /* past the end of any file */
  if (file->resting) ND_TRY(wake(file, &descriptor, error));
  nadir_status status = read_from(file, descriptor, offset, buffer, size, got, error);
  if (file->resting) nd_close(descriptor);
  return status;
}

bool nd_file_is_named(const nd_file *file) {
  return file->named;
}

nadir_status nd_file_stamp(const nd_file *file, nd_stamp *stamp, nadir_error *error) {
  int descriptor = file->descriptor;
  if (file->resting) ND_TRY(wake(file, &descriptor, error));
  nadir_status status = nd_take_stamp(descriptor, file->path, stamp, error);
  if (file->resting) nd_close(descriptor);
  return status;
}

nadir_status nd_file_write_at(nd_file *file, uint64_t offset, const void *data, size_t size,
                              nadir_error *error) {
  const char *next = data;
  if (!is_offset(offset, size)) return nd_fail_system(error, file->path, "written", EFBIG);
  ND_TRY(count_spooled(file, offset + size, error));
  for (size_t done = 0; done < size;) {
    ssize_t more = nd_fault(ND_FAULT_WRITE)
                       ? -1
                       : pwrite(file->descriptor, next + done, size - done, (off_t)(offset + done));
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) return nd_fail_system(error, file->path, "written", errno);
    done += (size_t)more;
  }
  if (offset + size > file->size) file->size = offset + size;
  return NADIR_OK;
}

/* Reads to the end into a text that may grow to `limit` bytes. */
static nadir_status slurp(nd_file *file, size_t limit, nd_text *text, nadir_error *error) {
  enum { PIECE = 1 << 16 };
  char *piece = nd_new(PIECE, 1, error);
  nadir_status status = piece ? NADIR_OK : NADIR_NO_MEMORY;
  for (size_t got = 1; status == NADIR_OK && got > 0;) {
    status = nd_file_read(file, piece, PIECE, &got, error);
    if (status == NADIR_OK && got > limit - text->length)
      status = nd_fail(error, NADIR_BAD_DATA,
                       "%s: it is larger than %zu bytes: check that it is the right file",
                       file->path, limit);
    if (status == NADIR_OK) {
      nd_text_append_bytes(text, piece, got);
      status = nd_text_status(text, error);
    }
  }
  nd_free(piece);
  return status;
}

nadir_status nd_file_slurp(const char *path, size_t limit, char **text, size_t *size,
                           nadir_error *error) {
  *text = NULL;
  *size = 0;
  nd_file *file;
  ND_TRY(nd_file_open(&file, path, error));
  nd_text content = {0};
  nadir_status status = slurp(file, limit, &content, error);
  nd_file_close(file);
  if (status == NADIR_OK && !content.data) {
    content.data = nd_copy_text("", 0, error);
    if (!content.data) status = NADIR_NO_MEMORY;
  }
  if (status != NADIR_OK) {
    nd_text_free(&content);
    return status;
  }
  *text = content.data;
  *size = content.length;
  return NADIR_OK;
}
