/* The clock by which runs are timed: monotonic, so that no change of the date disturbs a limit. */
#include <time.h>

#include "base/base.h"

double nd_clock(void) {
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 0;
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
