/* The columns that have errors of their own, as a fit by orthogonal distances takes them (adjusted.c). */
#ifndef ND_ADJUSTED_H
#define ND_ADJUSTED_H

#include "rows/rows.h"

/* *made stays NULL where the model has no such columns, or the table lacks what gives the target or the errors. */
typedef struct nd_adjusted nd_adjusted;
nadir_status nd_adjusted_new(nd_adjusted **made, const nd_model *model, const nd_table *table,
                             const nadir_settings *settings, nadir_error *error);
void nd_adjusted_free(nd_adjusted *it);
/* Of each row of a chunk, by column and then row, as many as nd_table_room apart: x + d, on the curve's point that is
 * nearest in units of the errors; NaN where the row has no target or no error. Good until the next call. */
nadir_status nd_adjusted_run(nd_adjusted *it, size_t chunk, const double **cells, nadir_error *error);

#endif
