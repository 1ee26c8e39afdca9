/* Failures of the system as sentences in one language, and writing that takes up again what was cut
 * short. strerror is not used: it follows the locale and is not safe among threads. */
#include "system_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault_internal.h"

/* number, status, what happened, what to do */
#define FAILURES(X)                                                                                \
  X(ENOENT, NADIR_BAD_PATH, "there is no such file or directory", "check the name")                \
  X(ENOTDIR, NADIR_BAD_PATH, "a part of the path is not a directory", "check the name")            \
  X(EISDIR, NADIR_BAD_PATH, "it is a directory", "name a file in it")                              \
  X(EACCES, NADIR_BAD_PATH, "permission denied", "change its permissions or use another file")     \
  X(EPERM, NADIR_BAD_PATH, "not permitted", "change its permissions or use another file")          \
  X(ELOOP, NADIR_BAD_PATH, "its symbolic links lead in a circle", "fix the links")                 \
  X(ENAMETOOLONG, NADIR_BAD_PATH, "the name is too long", "use a shorter one")                     \
  X(EROFS, NADIR_BAD_PATH, "the file system is read-only", "use another directory")                \
  X(ENXIO, NADIR_BAD_PATH, "nothing answers at this device or socket", "use a file")               \
  X(ENODEV, NADIR_BAD_PATH, "there is no such device", "use a file")                               \
  X(EBADF, NADIR_BAD_PATH, "it is not open for this", "redirect it to a file or a pipe")           \
  X(ESPIPE, NADIR_BAD_PATH, "it is a pipe or a terminal", "use a file")                            \
  X(ENOSPC, NADIR_SYSTEM, "no space is left on the device", "free some or use another directory")  \
  X(EDQUOT, NADIR_SYSTEM, "the disk quota is used up", "free some or use another directory")       \
  X(EFBIG, NADIR_SYSTEM, "the file would be larger than allowed", "raise the limit (ulimit -f)")   \
  X(EMFILE, NADIR_SYSTEM, "too many files are open", "raise the limit (ulimit -n)")                \
  X(ENFILE, NADIR_SYSTEM, "too many files are open in the system", "close some")                   \
  X(ENOMEM, NADIR_SYSTEM, "the system is out of memory", "free some")                              \
  X(EPIPE, NADIR_SYSTEM, "the program at the other end of the pipe has ended", "see why it did")   \
  X(EIO, NADIR_SYSTEM, "input or output error", "check the disk or the connection")

nadir_status nd_fail_system(nadir_error *error, const char *path, const char *doing, int number) {
  switch (number) {
#define FAIL(number, status, what, remedy)                                                         \
  case number:                                                                                     \
    return nd_fail(error, status, "%s: cannot be %s, " what ": " remedy, path, doing);
    FAILURES(FAIL)
#undef FAIL
  default:
    return nd_fail(error, NADIR_SYSTEM,
                   "%s: cannot be %s, the system says error %d: look it up by "
                   "`errno %d`",
                   path, doing, number, number);
  }
}

int nd_open_to_write(const char *path, int flags) {
  int descriptor;
  do
    descriptor =
        nd_fault(ND_FAULT_OPEN) ? -1 : open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | flags, 0666);
  while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

static int64_t nanoseconds(struct timespec time) {
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

nadir_status nd_take_stamp(int descriptor, const char *path, nd_stamp *stamp, nadir_error *error) {
  struct stat about;
  if (fstat(descriptor, &about) != 0) return nd_fail_system(error, path, "read", errno);
  *stamp = (nd_stamp){(uint64_t)about.st_size, nanoseconds(about.st_mtim), nanoseconds(about.st_ctim)};
  return NADIR_OK;
}

bool nd_close(int descriptor) {
  bool closed = close(descriptor) == 0 || errno == EINTR;
  return !nd_fault(ND_FAULT_CLOSE) && closed;
}

bool nd_write_all(int descriptor, const void *data, size_t size) {
  const char *next = data;
  while (size > 0) {
    ssize_t done = nd_fault(ND_FAULT_WRITE) ? -1 : write(descriptor, next, size);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return false;
    next += done;
    size -= (size_t)done;
  }
  return true;
}
