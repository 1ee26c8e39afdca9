/* What gap.c gives to certify.c: the gradient of a fit at the parameters as printed. */
#ifndef ND_SLOPE_H
#define ND_SLOPE_H

#include "objective/of_table.h"

typedef struct nd_pair {
  double high, low; /* their exact sum is meant */
} nd_pair;

nd_pair nd_pair_add(nd_pair a, nd_pair b);
/* f of a linear model of one head at row r of a chunk, in the table's units, less `less`; and a bound on
 * its rounding. */
nd_pair nd_predict_less(const nd_model *model, const double *w, const nd_packed *packed, size_t r,
                        double less, double *rounding);
/* The image of the table's parameters in descent coordinates, to some units. */
void nd_image_in_descent(const nd_model *model, const double *w, double *image);

/* Of one parameter, over rows: the terms, the sum of their sizes, and a bound on their rounding. */
typedef struct nd_slope_sum {
  nd_pair total;
  double size, rounding;
} nd_slope_sum;

typedef struct nd_slope_sums {
  nd_pair weight;
  double longest, rows; /* longest: the greatest squared norm of a row */
  nd_slope_sum by_parameter[];
} nd_slope_sums;

/* For a linear model of one head. */
typedef struct nd_slope_pass {
  const nd_model *model;
  nd_data *data;
  nd_pool *pool;
  nd_curve curve;              /* not UNBOUNDED */
  const double *w, *descended; /* in the table's units; and what they were rounded from */
  const double *ridge, *l1;    /* by parameter, or NULL */
  const int *held;             /* by parameter, as nd_gap_at has it; or NULL */
  double *image;               /* used within: of w in descent coordinates ... */
  double image_error;          /* ... and what its intercept may be off by */
} nd_slope_pass;

/* All of them rounded up. */
typedef struct nd_slope {
  double norm;        /* of the gradient in descent coordinates at the image of w, without what leads out of a bound */
  double moved;       /* how far that image lies from `descended` */
  double longest_row; /* norm of a scaled row, with the 1 of the intercept */
} nd_slope;
nadir_status nd_slope_at(nd_slope_pass *pass, nd_slope *slope, nadir_error *error);

/* slope_rows.c: whether the sums of blocks can be bounded from what they keep, and those of block b, nd_slope_sums. */
bool nd_slope_is_of_rows(const nd_slope_pass *pass);
nadir_status nd_slope_of_rows(void *pass, size_t b, size_t worker, void *sums, nadir_error *error);

#endif
