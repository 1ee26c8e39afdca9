/* The list of limits.def. */
#include "base/limits.h"

#include "base/base.h"

static const nadir_limit limits[] = {
#define ND_LIMIT(id, name, value, unit, help) {name, unit, help, value},
#include "base/limits.def"
};

const nadir_limit *nd_limit_at(size_t i) {
  return i < ND_COUNT(limits) ? &limits[i] : NULL;
}
