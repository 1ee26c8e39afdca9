/* A file beside an output, written in its stead, which takes its place when it is whole (aside.c). */
#ifndef ND_ASIDE_INTERNAL_H
#define ND_ASIDE_INTERNAL_H

#include "base/base.h"

typedef struct nd_aside {
  const char *target; /* borrowed */
  int descriptor;     /* -1: none */
  bool named;         /* it has its name in the directory by now */
  char *name;         /* that, or room for it */
} nd_aside;

/* NADIR_OK, or what is wrong with writing there, in a sentence about `path`. Leftovers of runs that
 * were killed are removed first. */
nadir_status nd_aside_open(nd_aside *aside, const char *target, const char *path,
                           nadir_error *error);
/* Gives it the target's name, in one step; false with errno set. */
bool nd_aside_take_place(nd_aside *aside);
/* Without a trace, unless it has taken its place. */
void nd_aside_close(nd_aside *aside);

#endif
