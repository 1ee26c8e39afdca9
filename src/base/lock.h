/* A lock, for what threads may do one at a time. */
#ifndef ND_LOCK_H
#define ND_LOCK_H

#include "base/base.h"

typedef struct nd_lock nd_lock;
nadir_status nd_lock_new(nd_lock **lock, nadir_error *error);
void nd_lock_free(nd_lock *lock); /* nobody holds it */
void nd_lock_take(nd_lock *lock);
void nd_lock_give(nd_lock *lock);

#endif
