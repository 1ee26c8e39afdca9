/* Makes the n-th call to the system fail where a test asks for it (see fault_internal.h). Compiled
 * out without NADIR_FAULTS, and the only state that the whole process shares: counts of calls, in
 * atomic variables, and what is to fail, read once from NADIR_FAIL before the first call is counted. */
#include "fault_internal.h"

#ifdef NADIR_FAULTS
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

static const struct {
  const char *name;
  int number; /* what errno is set to */
} kinds[ND_FAULT_KINDS] = {
    [ND_FAULT_MEMORY] = {"memory", ENOMEM}, [ND_FAULT_OPEN] = {"open", EIO},
    [ND_FAULT_READ] = {"read", EIO},        [ND_FAULT_WRITE] = {"write", ENOSPC},
    [ND_FAULT_FSYNC] = {"fsync", EIO},      [ND_FAULT_RENAME] = {"rename", EIO},
    [ND_FAULT_MMAP] = {"mmap", ENOMEM},     [ND_FAULT_CLOSE] = {"close", EIO},
    [ND_FAULT_THREAD] = {"thread", EAGAIN}, [ND_FAULT_PIECE] = {"piece", ENOMEM},
    [ND_FAULT_ANY] = {"any", EIO},
};

enum { MOST_FAILURES = 2 };

/* What is to fail: call 0 is none. */
static struct {
  atomic_uint_fast64_t call;
  atomic_int kind;
  atomic_bool for_good;
} failing[MOST_FAILURES];
static atomic_uint_fast64_t counts[ND_FAULT_KINDS];
static pthread_once_t environment_read = PTHREAD_ONCE_INIT;

static bool find_kind(const char *name, size_t length, int *kind) {
  for (int i = 0; i < ND_FAULT_KINDS; i++) {
    bool same = strlen(kinds[i].name) == length && memcmp(kinds[i].name, name, length) == 0;
    if (same) *kind = i;
    if (same) return true;
  }
  return false;
}

typedef struct failure {
  int kind;
  uint64_t call;
  bool for_good;
} failure;

/* Reads KIND:CALL or KIND:CALL:on; *end is behind it. False where it is neither. */
static bool read_failure(const char *text, failure *one, const char **end) {
  const char *colon = strchr(text, ':');
  char *behind;
  if (!colon || !find_kind(text, (size_t)(colon - text), &one->kind)) return false;
  one->call = strtoull(colon + 1, &behind, 10);
  one->for_good = strncmp(behind, ":on", 3) == 0;
  *end = behind + (one->for_good ? 3 : 0);
  return one->call > 0;
}

static bool set(const char *what) {
  failure wanted[MOST_FAILURES] = {0};
  for (int i = 0; what && *what; i++) {
    if (i == MOST_FAILURES || !read_failure(what, &wanted[i], &what)) return false;
    if (*what && *what != ',') return false;
    what += *what == ',';
  }
  for (int i = 0; i < ND_FAULT_KINDS; i++)
    atomic_store(&counts[i], 0);
  for (int i = 0; i < MOST_FAILURES; i++) {
    atomic_store(&failing[i].kind, wanted[i].kind);
    atomic_store(&failing[i].for_good, wanted[i].for_good);
    atomic_store(&failing[i].call, wanted[i].call);
  }
  return true;
}

/* A request that cannot be understood must not pass for a test that succeeded. */
static void read_environment(void) {
  if (!set(getenv("NADIR_FAIL"))) abort();
}

bool nd_fault_set(const char *what) {
  pthread_once(&environment_read, read_environment);
  return set(what);
}

uint64_t nd_fault_count(nd_fault_kind kind) {
  return atomic_load(&counts[kind]);
}

/* Whether such a call counts as any. */
static bool is_any(nd_fault_kind kind) {
  return kind != ND_FAULT_THREAD && kind != ND_FAULT_CLOSE && kind != ND_FAULT_PIECE;
}

static bool fails(int i, nd_fault_kind kind, uint64_t of_kind, uint64_t of_any) {
  uint64_t first = atomic_load(&failing[i].call);
  int wanted = atomic_load(&failing[i].kind);
  bool any = wanted == ND_FAULT_ANY && is_any(kind);
  if (first == 0 || (wanted != (int)kind && !any)) return false;
  uint64_t call = any ? of_any : of_kind;
  return call == first || (call > first && atomic_load(&failing[i].for_good));
}

bool nd_fault(nd_fault_kind kind) {
  pthread_once(&environment_read, read_environment);
  uint64_t of_kind = atomic_fetch_add(&counts[kind], 1) + 1;
  bool any = is_any(kind), failed = false;
  uint64_t of_any = atomic_fetch_add(&counts[ND_FAULT_ANY], any) + any;
  for (int i = 0; i < MOST_FAILURES; i++)
    failed = failed || fails(i, kind, of_kind, of_any);
  if (failed) errno = kinds[kind].number;
  return failed;
}
#endif
