/* The pieces of stochastic descent: near.c brings rows near, stochastic.c has batches and what holds for
 * any stretch, singles.c stretches of single rows. */
#ifndef ND_STOCHASTIC_INTERNAL_H
#define ND_STOCHASTIC_INTERNAL_H

#include "rows_internal.h"

/* Rows to go over, in this order; of a stretch also the one after it, where it is followed. */
typedef struct nd_picked {
  nd_block *const *blocks;
  const nd_pick *picks;
  size_t count;
} nd_picked;

typedef struct nd_run_of_updates {
  const nd_rows *rows;
  nd_rows_workspace *work;
  nd_picked picked;
  size_t count; /* of picks that are not only to follow */
  const nd_descent *descent;
  double *w, *gradient, *step;
  nd_eta_ahead *ahead;
} nd_run_of_updates;

/* What multiplies a batch's sums, and its share of the penalty. */
static inline double nd_batch_factor(const nd_descent *descent, size_t batch) {
  return descent->sum ? 1 : descent->scale / (double)batch;
}
static inline double nd_batch_ridge(const nd_descent *descent, size_t batch, size_t j) {
  if (!descent->ridge) return 0;
  return descent->sum ? (double)batch / descent->rows_total * descent->ridge[j] : descent->ridge[j];
}

enum { ND_NEAR_AHEAD = 16 /* rows whose memory is asked for before they are read */ };
nadir_status nd_near_new(nd_near *near, const nd_rows *rows, nadir_error *error);
void nd_near_clear(nd_near *near);
/* The features of picks [at, at + count), a tile and the row after it at most, into near->row, good until the next call; how many of
 * these and the picks to come are there. A row is followed by as much as is read past its end. */
size_t nd_near_rows(const nd_rows *rows, nd_near *near, const nd_picked *p, size_t at, size_t count);
/* Stored values and weights of picks [at, at + count), a tile at most, into near. */
void nd_near_values(const nd_rows *rows, nd_near *near, const nd_picked *p, size_t at, size_t count);
/* Runs a tail over those values and the etas in work; then output o times the weights is left in work->r, and
 * summed. */
void nd_near_run(const nd_rows *rows, nd_rows_workspace *work, nd_tail tail, size_t count);
double nd_near_weigh(const nd_rows *rows, nd_rows_workspace *work, nd_tail tail, size_t o,
                     size_t count);

/* How slopes of single rows are computed. */
nd_slope_form nd_slope_form_of(const nd_rows *rows);
/* Room for single rows (singles.c): NULL where rows->fuses is not set. */
nadir_status nd_singles_new(nd_singles **singles, const nd_rows *rows, const nd_rows_workspace *work,
                            nadir_error *error);
void nd_singles_free(nd_singles *singles);
/* Updates [from, from + count), one row each; their losses in sum. */
double nd_singles_update(const nd_run_of_updates *s, size_t from, size_t count);

#endif
