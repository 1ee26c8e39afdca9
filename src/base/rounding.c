/* The rounding mode of floating point: that of the calling thread, as the host program has left it. */
#include <fenv.h>

#include "base/base.h"

int nd_round_to_nearest(void) {
  int mode = fegetround();
  if (mode != FE_TONEAREST) fesetround(FE_TONEAREST);
  return mode;
}

void nd_restore_rounding(const int *mode) {
  if (*mode != FE_TONEAREST && *mode >= 0) fesetround(*mode);
}
