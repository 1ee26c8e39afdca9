/* Loaded before the C library (LD_PRELOAD) it makes calls to the system as bad as they may be without failing: each
 * read and write is first interrupted, and then transfers about half of what was asked for. For short.sh. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

static atomic_uint calls;

static int is_interrupted(void) {
  int interrupted = atomic_fetch_add(&calls, 1) % 2 == 0;
  if (interrupted) errno = EINTR;
  return interrupted;
}

static size_t half(size_t size) {
  return size - size / 2;
}

/* The next NAME behind this one; ISO C has no cast from an object's address to a function's. */
#define BEHIND(type, name)                                                                         \
  union {                                                                                          \
    void *object;                                                                                  \
    type;                                                                                          \
  } next = {.object = dlsym(RTLD_NEXT, name)}

ssize_t read(int file, void *to, size_t size) {
  BEHIND(ssize_t(*call)(int, void *, size_t), "read");
  return is_interrupted() ? -1 : next.call(file, to, half(size));
}

ssize_t write(int file, const void *from, size_t size) {
  BEHIND(ssize_t(*call)(int, const void *, size_t), "write");
  return is_interrupted() ? -1 : next.call(file, from, half(size));
}

ssize_t pread(int file, void *to, size_t size, off_t offset) {
  BEHIND(ssize_t(*call)(int, void *, size_t, off_t), "pread");
  return is_interrupted() ? -1 : next.call(file, to, half(size), offset);
}

ssize_t pwrite(int file, const void *from, size_t size, off_t offset) {
  BEHIND(ssize_t(*call)(int, const void *, size_t, off_t), "pwrite");
  return is_interrupted() ? -1 : next.call(file, from, half(size), offset);
}
