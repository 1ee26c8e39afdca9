/* Shared by the files that make standard errors: errors.c decides, errors_sums.c passes over the rows,
 * errors_inverse.c inverts and goes from descent coordinates to the table's. */
#ifndef ND_ERRORS_INTERNAL_H
#define ND_ERRORS_INTERNAL_H

#include "judge/judge.h"
#include "objective/of_table.h"

/* Matrices of n x n numbers over descent coordinates. */
typedef struct nd_errors_work {
  size_t n;
  const bool *held; /* parameters that do not move: they have no error; NULL: all move */
  double *hessian, *inverse, *columns, *raw;
  double *unit; /* the inverse is that over w[i] / unit[i], so that its numbers are doubles */
} nd_errors_work;

static inline bool nd_is_held(const bool *held, size_t i) {
  return held != NULL && held[i];
}

/* By parameter: whether it does not move where the others are varied, being on a bound, or of the first class of
 * softmax. *bounded: some are on a bound. */
nadir_status nd_find_unmoved(const nd_objective *objective, const double *w, bool **held,
                             bool *bounded, nadir_error *error);

/* ---- errors_inverse.c ---- */

/* The same map between coordinates without its constants. */
nd_model nd_linear_part(const nd_model *model);
/* c <- A c A', A from descent to table. */
void nd_carry_covariance(const nd_model *model, double *c);
/* raw <- B' h B, B from table to descent. columns[k] is column k of B. */
void nd_carry_hessian(const nd_model *model, const double *h, double *columns, double *raw);
/* inverse <- h^-1 by way of a unit diagonal; *definite false where h is not numerically positive definite. */
nadir_status nd_invert_scaled(size_t n, const double *h, double *inverse, bool *definite,
                              const nd_until *until, nadir_error *error);
/* work->inverse <- that of h where it is positive definite, else its pseudo-inverse, and what is not
 * determined is marked in the model. Held parameters are left out; h loses what it says of them. */
nadir_status nd_invert_determined(nd_model *model, double *h, nd_errors_work *work,
                                  const nd_until *until, nd_errors *errors, nadir_error *error);

/* ---- errors_sums.c ---- */

/* work->raw <- J'WJ, by the sums of a model that is linear or by Gauss and Newton's. */
nadir_status nd_half_hessian(nd_table_objective *self, const double *w, nd_errors_work *work,
                             nadir_error *error);
/* The Hessian of the loss, without the penalty. */
nadir_status nd_loss_hessian(nd_table_objective *self, const double *w, double *hessian,
                             nadir_error *error);
/* work->raw <- that of the sum of the rows' losses, divided by `by`. */
nadir_status nd_observed_hessian(nd_table_objective *self, const double *w, double by,
                                 nd_errors_work *work, nadir_error *error);
/* work->inverse <- (J'WJ)^-1 by the triangle of the rows, which keeps the digits that J'WJ loses; *done
 * false where a column is 0 or depends on others. */
nadir_status nd_invert_by_triangle(nd_table_objective *self, const double *w, nd_errors_work *work,
                                   bool *done, nadir_error *error);
/* columns[j n ..] <- column j of R^-1, R the leading triangle of (n + 1)^2 numbers. columns has room for (n + 1)^2. */
void nd_invert_upper(size_t n, const double *triangle, double *columns);
/* work->raw <- sum g g' over the rows, g the gradient of a row's weighted loss divided by `by`, in units of
 * 1 / work->unit. */
nadir_status nd_sum_of_squared_gradients(nd_table_objective *self, const double *w, double by,
                                         nd_errors_work *work, nadir_error *error);

#endif
