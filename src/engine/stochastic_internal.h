/* The pieces of stochastic descent: stochastic.c has batches and what holds for any stretch, singles.c
 * stretches of single rows. */
#ifndef ND_STOCHASTIC_INTERNAL_H
#define ND_STOCHASTIC_INTERNAL_H

#include "rows_internal.h"

/* Rows to go over, in this order. */
typedef struct nd_picked {
  nd_block *const *blocks;
  const nd_pick *picks;
  size_t count;
} nd_picked;

typedef struct nd_run_of_updates {
  const nd_rows *rows;
  nd_rows_workspace *work;
  nd_picked picked;
  const nd_descent *descent;
  double *w, *gradient, *step;
} nd_run_of_updates;

/* What multiplies a batch's sums, and its share of the penalty. */
static inline double nd_batch_factor(const nd_descent *descent, size_t batch) {
  return descent->sum ? 1 : descent->scale / (double)batch;
}
static inline double nd_batch_ridge(const nd_descent *descent, size_t batch, size_t j) {
  if (!descent->ridge) return 0;
  return descent->sum ? (double)batch / descent->rows_total * descent->ridge[j] : descent->ridge[j];
}

/* How slopes of single rows are computed. */
nd_slope_form nd_slope_form_of(const nd_rows *rows);
/* Room for single rows (singles.c): NULL where rows->fuses is not set. */
nadir_status nd_singles_new(nd_singles **singles, const nd_rows *rows, const nd_rows_workspace *work,
                            nadir_error *error);
void nd_singles_free(nd_singles *singles);
/* Blocks may have been loaded anew. */
void nd_singles_forget(nd_singles *singles);
/* Updates [from, from + count), one row each; their losses in sum. */
double nd_singles_update(const nd_run_of_updates *s, size_t from, size_t count);

#endif
