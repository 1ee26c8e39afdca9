/* Numbers of either type: floats widened to doubles, which is exact, and looked at all at once. */
#include "base/widen.h"

const double *nd_doubles(nd_numbers x, size_t count, double *room) {
  if (x.type == NADIR_FLOAT64) return x.at;
  const float *from = x.at;
  for (size_t i = 0; i < count; i++)
    room[i] = (double)from[i];
  return room;
}

/* In place of a way out at the first, which would look at one after another; `found` is as wide as a number, so that
 * vectors of both are. */
#define LOOK(name, type, word, test)                                                                                   \
  static bool name(const type *x, size_t count) {                                                                      \
    word found = 0;                                                                                                    \
    for (size_t i = 0; i < count; i++)                                                                                 \
      found |= test ? 1 : 0;                                                                                           \
    return found != 0;                                                                                                 \
  }

LOOK(nan_in_floats, float, uint32_t, x[i] != x[i])
LOOK(nan_in_doubles, double, uint64_t, x[i] != x[i])
/* x - x is 0 of a finite number, else NaN. */
LOOK(stray_in_floats, float, uint32_t, x[i] - x[i] != 0)
LOOK(stray_in_doubles, double, uint64_t, x[i] - x[i] != 0)

bool nd_has_nan(nd_numbers x, size_t count) {
  return x.type == NADIR_FLOAT32 ? nan_in_floats(x.at, count) : nan_in_doubles(x.at, count);
}

bool nd_are_finite(nd_numbers x, size_t count) {
  return !(x.type == NADIR_FLOAT32 ? stray_in_floats(x.at, count) : stray_in_doubles(x.at, count));
}
