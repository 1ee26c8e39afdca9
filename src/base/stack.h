/* How far the stack of a thread may grow: for recursion that follows what a user wrote.
 *
 * What recurses asks before each level whether the stack goes on; a small `ulimit -s`, or a small thread of
 * the host's, then gives a sentence instead of a crash. */
#ifndef ND_STACK_H
#define ND_STACK_H

#include "base/base.h"

/* The lowest address of this thread's stack that may be used; 0 where the system does not say. In the first
 * thread of a program it costs reading /proc/self/maps. */
uintptr_t nd_stack_floor(void);
/* Whether there are `bytes` more between the caller and the floor. */
static inline bool nd_stack_goes_on(uintptr_t floor, size_t bytes) {
  uintptr_t here = (uintptr_t)__builtin_frame_address(0);
  return here > floor && here - floor >= bytes;
}

#endif
