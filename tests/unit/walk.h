/* Walks a piece of work through its failing calls: the n-th call of a kind fails once, and for every fourth n for good,
 * until a run has fewer than n. The further, the more are stepped over, unless NADIR_TRIES is set (`./check --long`,
 * `--coverage`): then it is every n. Each run that fails must end with exit status 3 and a sentence, and leak nothing
 * (the sanitizers look); the last one must succeed. Built with NADIR_FAULTS alone. */
#ifndef WALK_H
#define WALK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/fault_internal.h"

typedef nadir_status walked(void *context, nadir_error *error);

static inline bool walk_step(walked *work, void *context, const char *what, nd_fault_kind kind,
                             uint64_t n) {
  nadir_error error = {0};
  assert_true(nd_fault_set(what));
  nadir_status status = work(context, &error);
  bool reached = nd_fault_count(kind) >= n;
  assert_true(nd_fault_set(NULL));
  if (status == NADIR_OK) return reached;
  if (!reached || nadir_exit_status(status) != 3 || error.status != status || !*error.message)
    fail_msg("%s: status %d, exit status %d: '%s'", what, (int)status, nadir_exit_status(status),
             error.message);
  return true;
}

/* As many calls as there were to fail, or some more. */
static inline uint64_t walk(walked *work, void *context, const char *name, nd_fault_kind kind) {
  const bool each = getenv("NADIR_TRIES") != NULL;
  char what[64];
  for (uint64_t n = 1, tries = 0;; n += each ? 1 : 1 + n / 64) {
    snprintf(what, sizeof what, "%s:%llu", name, (unsigned long long)n);
    if (!walk_step(work, context, what, kind, n)) return n - 1;
    if (tries++ % 4 != 0) continue;
    snprintf(what, sizeof what, "%s:%llu:on", name, (unsigned long long)n);
    walk_step(work, context, what, kind, n);
  }
}

/* Every allocation, and every piece of memory that is cut from one. */
static inline uint64_t walk_memory(walked *work, void *context) {
  return walk(work, context, "memory", ND_FAULT_MEMORY) +
         walk(work, context, "piece", ND_FAULT_PIECE);
}

#endif
