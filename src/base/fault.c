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
    [ND_FAULT_THREAD] = {"thread", EAGAIN}, [ND_FAULT_ANY] = {"any", EIO},
};

static atomic_uint_fast64_t counts[ND_FAULT_KINDS];
static atomic_uint_fast64_t failing_call; /* 0: none */
static atomic_int failing_kind;
static atomic_bool for_good;
static pthread_once_t environment_read = PTHREAD_ONCE_INIT;

static bool find_kind(const char *name, size_t length, int *kind) {
  for (int i = 0; i < ND_FAULT_KINDS; i++) {
    bool same = strlen(kinds[i].name) == length && memcmp(kinds[i].name, name, length) == 0;
    if (same) *kind = i;
    if (same) return true;
  }
  return false;
}

static bool set(const char *what) {
  int kind = 0;
  uint64_t call = 0;
  bool on = false;
  if (what && *what) {
    const char *colon = strchr(what, ':');
    if (!colon || !find_kind(what, (size_t)(colon - what), &kind)) return false;
    char *end;
    call = strtoull(colon + 1, &end, 10);
    on = strcmp(end, ":on") == 0;
    if (call == 0 || (*end && !on)) return false;
  }
  for (int i = 0; i < ND_FAULT_KINDS; i++)
    atomic_store(&counts[i], 0);
  atomic_store(&failing_kind, kind);
  atomic_store(&for_good, on);
  atomic_store(&failing_call, call);
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

bool nd_fault(nd_fault_kind kind) {
  pthread_once(&environment_read, read_environment);
  uint64_t of_kind = atomic_fetch_add(&counts[kind], 1) + 1;
  bool fatal = kind != ND_FAULT_THREAD;
  uint64_t of_any = atomic_fetch_add(&counts[ND_FAULT_ANY], fatal) + fatal;
  uint64_t failing = atomic_load(&failing_call);
  int wanted = atomic_load(&failing_kind);
  if (failing == 0 || (wanted != (int)kind && !(wanted == ND_FAULT_ANY && fatal))) return false;
  uint64_t call = wanted == ND_FAULT_ANY ? of_any : of_kind;
  bool fails = call == failing || (call > failing && atomic_load(&for_good));
  if (fails) errno = kinds[kind].number;
  return fails;
}
#endif
