/* What the objectives without rows share, of a formula and of a function of the caller's (plain.c). */
#ifndef ND_PLAIN_INTERNAL_H
#define ND_PLAIN_INTERNAL_H

#include "objective/objective.h"

enum { ND_MOST_SYMBOLIC = 64 }; /* parameters with which a Hessian is formed */

/* The first member of both. */
typedef struct nd_plain {
  nd_objective face;
  size_t size;
  double *ridge, *l1; /* NULL: none */
  char **names;
} nd_plain;
nadir_status nd_plain_begin(nd_plain *plain, size_t size, nadir_error *error);
nadir_status nd_plain_name(nd_plain *plain, size_t i, const char *name, nadir_error *error);
/* The l2 penalty; its gradient is added to where not NULL. */
double nd_plain_penalty(const nd_plain *plain, const double *w, double *gradient);
/* The last step: penalties by the settings; on any failure the objective is freed, by its own function. */
nadir_status nd_plain_finish(nd_plain *plain, nadir_status status, const nadir_settings *settings,
                             nd_objective **objective, nadir_error *error);
void nd_plain_clear(nd_plain *plain);

#endif
