/* Numbers of either type: floats widened to doubles, which is exact, and looked at all at once. */
#include "base/widen.h"

const double *nd_doubles(nd_numbers x, size_t count, double *room) {
  if (x.type == NADIR_FLOAT64) return x.at;
  const float *from = x.at;
  for (size_t i = 0; i < count; i++)
    room[i] = (double)from[i];
  return room;
}

/* Counts in place of a way out at the first, which would look at one after another. */
#define COUNT(type, x, test)                                                                                           \
  for (size_t i = 0; i < count; i++) {                                                                                 \
    const type v = ((const type *)(x).at)[i];                                                                          \
    found += test;                                                                                                     \
  }

bool nd_has_nan(nd_numbers x, size_t count) {
  size_t found = 0;
  if (x.type == NADIR_FLOAT32)
    COUNT(float, x, v != v)
  else
    COUNT(double, x, v != v)
  return found > 0;
}

/* v - v is 0 of a finite number, else NaN. */
bool nd_are_finite(nd_numbers x, size_t count) {
  size_t found = 0;
  if (x.type == NADIR_FLOAT32)
    COUNT(float, x, v - v != 0)
  else
    COUNT(double, x, v - v != 0)
  return found == 0;
}
