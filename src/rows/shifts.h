/* The shifts of cells that have errors: the least ((y - f(x + d))/s)^2 + (d/t)^2 of a row over a shift d of each such
 * cell, s the error of the target and t that of the cell, by Newton's method in e = d/t from none at all, damped where it
 * does not go down; where a row has several minima it is the one that this leads to (shifts.c). */
#ifndef ND_SHIFTS_H
#define ND_SHIFTS_H

#include "rows/rows.h"

enum { ND_MOST_SHIFTED = 8, ND_SHIFT_STEPS = 60 };

typedef struct nd_shifts {
  size_t rows, columns;       /* with errors: k */
  double *sigma;              /* by row: s */
  double *width;              /* t, by column and row */
  double *moved, *e, *trial;  /* x + d, and e, by column and row */
  double *best, *step, *size; /* a row's square, its step, the length of it that is tried */
  bool *done;
} nd_shifts;

/* Takes the memory of a struct of zeros. */
nadir_status nd_shifts_new(nd_shifts *it, size_t rows, size_t columns, nadir_error *error);
void nd_shifts_free(nd_shifts *it);

/* A row at x + d, in units of the errors. */
typedef struct nd_bent_row {
  double r, f[ND_MOST_SHIFTED],
      h[ND_MOST_SHIFTED * ND_MOST_SHIFTED]; /* F, and half of the Hessian by e */
} nd_bent_row;
/* out: f, its k slopes by x, and its k (k + 1)/2 curvatures, at row i of a piece that begins at `first`. */
void nd_shifts_bend(const nd_shifts *it, double y, double *const *out, size_t first, size_t i,
                    nd_bent_row *row);
/* x <- h^-1 x; without the bend where that leaves h indefinite, which F F' + 1 never is. */
nadir_status nd_shifts_solve(size_t k, const nd_bent_row *row, double *x, nadir_error *error);

/* No shift, of the rows of a piece. */
void nd_shifts_start(nd_shifts *it, size_t first, size_t count);
/* The trial of each row, and its cells there; at the end it is where the row rests. */
void nd_shifts_move(nd_shifts *it, size_t first, size_t count, const nd_numbers *cells);
/* What the trial of a row gave, out as above: it is taken where it goes down, else a shorter one is next. */
nadir_status nd_shifts_judge(nd_shifts *it, double y, double *const *out, size_t first, size_t i,
                             nadir_error *error);
/* Rows that no step leads further rest where they are. */
void nd_shifts_settle(nd_shifts *it, size_t first, size_t count);

#endif
