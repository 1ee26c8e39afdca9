/* The quartiles of one column, exact, by passes over its values. */
#ifndef ND_QUARTILES_H
#define ND_QUARTILES_H

#include "base/ranks.h"
#include "base/widen.h"

enum { ND_QUARTILES = 3 };

/* Counts 16 bits of the values in a pass, and ends early where few values are left: two passes for floats; for
 * doubles two to four, mostly three. Half a megabyte, and up to three more (mostly half of that, less of few
 * values) from the second pass on, whatever the number of values. The order of values does not matter. */
typedef struct nd_quartiles nd_quartiles;
nadir_status nd_quartiles_new(nd_quartiles **quartiles, nadir_number_type type, nadir_error *error);
void nd_quartiles_free(nd_quartiles *quartiles);
/* Of how many columns, at most `columns`, the quartiles are found at once: as many as a quarter of `memory` holds, 2 MB
 * and `more` bytes for each, at least 16; of all ranks the least. */
nadir_status nd_quartiles_at_once(uint64_t memory, size_t more, size_t columns, nd_ranks *ranks, size_t *at_once,
                                  nadir_error *error);
/* Values of this type, no NaN; in each pass the same ones. */
void nd_quartiles_add(nd_quartiles *quartiles, const void *values, size_t count);
/* Ends a pass, in which each rank has added its share of the values. *more: another one is needed. */
nadir_status nd_quartiles_next(nd_quartiles *quartiles, nd_ranks *ranks, bool *more,
                               nadir_error *error);
/* Quartile 0, 1 or 2: between two values linear, as in R's type 7 and numpy; NaN where there is no value. */
double nd_quartiles_value(const nd_quartiles *quartiles, size_t which);

/* The same of values that are at hand, in order from low to high. */
double nd_quartile_of(const double *sorted, size_t count, size_t which);

#endif
