/* Where the stack of the calling thread ends (stack.h). The first thread's grows up to RLIMIT_STACK, which the
 * C library takes into account. */
#define _GNU_SOURCE /* pthread_getattr_np */
#include <pthread.h>

#include "base/stack.h"

uintptr_t nd_stack_floor(void) {
  pthread_attr_t about;
  void *lowest = NULL;
  size_t size, guard = 0;
  if (pthread_getattr_np(pthread_self(), &about) != 0) return 0;
  if (pthread_attr_getstack(&about, &lowest, &size) != 0) lowest = NULL;
  pthread_attr_getguardsize(&about, &guard);
  pthread_attr_destroy(&about);
  return lowest == NULL ? 0 : (uintptr_t)lowest + guard;
}
