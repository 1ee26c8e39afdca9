/* Floats widened to doubles: exact, one pass over them. */
#include "base/widen.h"

const double *nd_doubles(nd_numbers x, size_t count, double *room) {
  if (x.type == NADIR_FLOAT64) return x.at;
  const float *from = x.at;
  for (size_t i = 0; i < count; i++)
    room[i] = (double)from[i];
  return room;
}
