/* The parts of the judge of points (kind.c). */
#ifndef ND_KIND_INTERNAL_H
#define ND_KIND_INTERNAL_H

#include "fit/fit.h"

/* kind_large.c: where there are more parameters than a Hessian is wanted of, by products. */
nadir_status nd_diagnose_large(const nd_objective *objective, const nd_run *run,
                               const nd_known_of_run *known, nd_diagnosis *diagnosis,
                               nadir_error *error);

/* kind_directions.c: rows of directions that span the same space, each with a 1 where all others
 * have a 0. */
void nd_reduce_directions(size_t size, size_t count, double *rows);

#endif
