/* Sums over the rows that a block keeps, in double and in an order that is the same on every level of processor, for
 * bounds on what rounding leaves of them. Without fused multiplication, so that each operation rounds once. */
#ifndef ND_CERTAIN_H
#define ND_CERTAIN_H

#include "engine/engine.h"

enum {
  ND_CERTAIN_ROWS = 256, /* at once; they begin at a multiple of it */
  ND_CERTAIN_LANES = 8   /* sums of a feature, to be added up */
};

/* By row; what lies behind the last row up to whole lines of 16 is that of no row. */
typedef struct nd_certain_rows {
  double f[ND_CERTAIN_ROWS];    /* w[intercept] + sum w x */
  double size[ND_CERTAIN_ROWS]; /* the sum of the terms' sizes */
  double norm[ND_CERTAIN_ROWS]; /* sum x^2 */
} nd_certain_rows;

/* Of a head; intercept: 0 where it has none. */
void nd_block_predict(const nd_rows *rows, const nd_block *block, const nd_head *head, double intercept,
                      const double *weights, size_t at, size_t count, nd_certain_rows *of);
/* For each of the head's features j and of some lanes l: sums[j * ND_CERTAIN_LANES + l] += slope x, errors likewise
 * += error |x|. slope and error are 0 behind the last row, up to whole lines of 16. */
void nd_block_weigh(const nd_rows *rows, const nd_block *block, const nd_head *head, const double *slope,
                    const double *error, size_t at, size_t count, double *sums, double *errors);
/* The column to keep (nd_rows_spec.keep) as it is kept; and whether there is one. */
nd_numbers nd_block_kept(const nd_rows *rows, const nd_block *block, size_t at);
bool nd_rows_keep(const nd_rows *rows);

#endif
