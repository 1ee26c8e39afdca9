/* How well a fit fits (goodness.c): numbers of nadir_uncertainty. */
#ifndef ND_GOODNESS_H
#define ND_GOODNESS_H

#include "judge/judge.h"
#include "objective/of_table.h"

/* What the training rows add up to at the end of a fit; survey.c's pass adds them. */
typedef struct nd_row_sums nd_row_sums;
nadir_status nd_row_sums_new(nd_row_sums **sums, const nd_table_objective *self,
                             nadir_error *error);
void nd_row_sums_free(nd_row_sums *sums);
/* Whether residuals that are off by so much of their scatter serve: of squares, where none is looked at by itself. */
bool nd_row_sums_bear(const nd_table_objective *self, double error);
/* The rows just read that are kept and, where validation rows are held, are none of these. */
nadir_status nd_row_sums_add(nd_row_sums *sums, const nd_model_reader *reader, size_t chunk,
                             const nd_model_rows *rows, nadir_error *error);

/* chi2 by the variances with the scatter; NaN without one. */
double nd_scattered_chi2(const nd_table_objective *self, const nd_row_sums *sums);

typedef struct nd_goodness {
  double reduced_chi2, p_value, log_likelihood, aic, bic, r2, pseudo_r2, dispersion;
  double runs_p, normal_p, farthest, farthest_p;
  const char *order; /* the column that runs are in the order of, the model's; NULL: of the rows */
} nd_goodness;
/* at_minimum false: what says something of a minimum alone is NaN, as is all of it where sums is NULL. */
void nd_find_goodness(const nd_table_objective *self, const nd_errors *errors, nd_row_sums *sums,
                      bool at_minimum, nd_goodness *goodness);

#endif
