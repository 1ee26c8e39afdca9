/* The rows of a fit drawn again (resample.c): the objective's sums are then over these. */
#ifndef ND_RESAMPLE_H
#define ND_RESAMPLE_H

#include "objective/of_table.h"

typedef struct nd_resampler nd_resampler;
/* For rows in memory; it borrows the objective, and is to be freed before it. */
nadir_status nd_resampler_new(nd_resampler **resampler, nd_table_objective *self, nadir_error *error);
/* As many rows as there are, each drawn from all, with replacement: a row weighs what it weighed times how often it was
 * drawn. By the seed and the number of the draw alone. */
nadir_status nd_resample(nd_resampler *resampler, uint64_t seed, uint64_t number,
                         nadir_error *error);
void nd_resampler_free(nd_resampler *resampler); /* the objective is then what it was; NULL: nothing */

#endif
