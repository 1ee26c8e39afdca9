/* What guess.c asks guess_peaks.c. */
#ifndef ND_GUESS_INTERNAL_H
#define ND_GUESS_INTERNAL_H

#include "judge/guess.h"
#include "objective/of_table.h"

/* The peaks of the target against what turns with free parameter `p` in the argument of a circular function, w being any
 * point; `value` is that of the parameter. Nothing where the argument is not proportional to the parameter or to one over it,
 * or where the rows are too many. */
nadir_status nd_find_start_peaks(nd_table_objective *rows, nd_node argument, size_t p, double *w,
                            nd_start_peaks *peaks, nadir_error *error);

#endif
