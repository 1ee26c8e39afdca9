/* Failures of the system as sentences in one language, and writing that takes up again what was cut
 * short. strerror is not used: it follows the locale and is not safe among threads. */
#include "system_internal.h"

#include <errno.h>
#include <unistd.h>

#include "fault_internal.h"

typedef struct failure {
  int number;
  nadir_status status;
  const char *what, *remedy;
} failure;

static const failure failures[] = {
    {ENOENT, NADIR_BAD_PATH, "there is no such file or directory", "check the name"},
    {ENOTDIR, NADIR_BAD_PATH, "a part of the path is not a directory", "check the name"},
    {EISDIR, NADIR_BAD_PATH, "it is a directory", "name a file in it"},
    {EACCES, NADIR_BAD_PATH, "permission denied", "change its permissions or use another file"},
    {EPERM, NADIR_BAD_PATH, "not permitted", "change its permissions or use another file"},
    {ELOOP, NADIR_BAD_PATH, "its symbolic links lead in a circle", "fix the links"},
    {ENAMETOOLONG, NADIR_BAD_PATH, "the name is too long", "use a shorter one"},
    {EROFS, NADIR_BAD_PATH, "the file system is read-only", "use another directory"},
    {ENXIO, NADIR_BAD_PATH, "nothing answers at this device or socket", "use a file"},
    {ENODEV, NADIR_BAD_PATH, "there is no such device", "use a file"},
    {EBADF, NADIR_BAD_PATH, "it is not open for this", "redirect it to a file or a pipe"},
    {ESPIPE, NADIR_BAD_PATH, "it is a pipe or a terminal", "use a file"},
    {ENOSPC, NADIR_SYSTEM, "no space is left on the device", "free some or use another directory"},
    {EDQUOT, NADIR_SYSTEM, "the disk quota is used up", "free some or use another directory"},
    {EFBIG, NADIR_SYSTEM, "the file would be larger than allowed", "raise the limit (ulimit -f)"},
    {EMFILE, NADIR_SYSTEM, "too many files are open", "raise the limit (ulimit -n)"},
    {ENFILE, NADIR_SYSTEM, "too many files are open in the system", "close some"},
    {ENOMEM, NADIR_SYSTEM, "the system is out of memory", "free some"},
    {EPIPE, NADIR_SYSTEM, "the program at the other end of the pipe has ended", "see why it did"},
    {EIO, NADIR_SYSTEM, "input or output error", "check the disk or the connection"},
};

nadir_status nd_fail_system(nadir_error *error, const char *path, const char *doing, int number) {
  for (size_t i = 0; i < ND_COUNT(failures); i++) {
    const failure *known = &failures[i];
    if (known->number == number)
      return nd_fail(error, known->status, "%s: cannot be %s, %s: %s", path, doing, known->what,
                     known->remedy);
  }
  return nd_fail(error, NADIR_SYSTEM,
                 "%s: cannot be %s, the system says error %d: look it up by "
                 "`errno %d`",
                 path, doing, number, number);
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
