/* The bounds of limits.def as constants, ND_LIMIT_FORMULA ..., and as a list (limits.c). */
#ifndef ND_LIMITS_H
#define ND_LIMITS_H

#include "nadir.h"

enum {
#define ND_LIMIT(id, name, value, unit, help) ND_LIMIT_##id = value,
#include "base/limits.def"
};

const nadir_limit *nd_limit_at(size_t i); /* as nadir_limit_at */

#endif
