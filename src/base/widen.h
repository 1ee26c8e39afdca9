/* Numbers in memory as their file has them, float or double, so that half of the memory is enough for
 * floats. A float is widened where it is computed with, which is exact. */
#ifndef ND_WIDEN_H
#define ND_WIDEN_H

#include "base/base.h"

typedef struct nd_numbers {
  nadir_number_type type;
  const void *at;
} nd_numbers;

/* 0 of what is not a type. */
static inline size_t nd_number_size(nadir_number_type type) {
  return type == NADIR_FLOAT32 ? sizeof(float) : type == NADIR_FLOAT64 ? sizeof(double) : 0;
}

static inline double nd_number(nd_numbers x, size_t i) {
  return x.type == NADIR_FLOAT32 ? (double)((const float *)x.at)[i] : ((const double *)x.at)[i];
}

/* Without the first ones. */
static inline nd_numbers nd_numbers_after(nd_numbers x, size_t first) {
  return (nd_numbers){x.type, (const char *)x.at + first * nd_number_size(x.type)};
}

/* As doubles: where they are, or else widened into `room`. */
const double *nd_doubles(nd_numbers x, size_t count, double *room);

/* Whether any is NaN; whether none is NaN or infinite. */
bool nd_has_nan(nd_numbers x, size_t count);
bool nd_are_finite(nd_numbers x, size_t count);

#endif
