/* Losses of a table's rows that are not a sum of what the engine computes of each row: of rows whose errors belong
 * together (correlated.c), or that have errors in their columns too (orthogonal.c). Each is a sum of squares all the
 * same, of rows [J r] that are made of those of the table; joint.c makes an objective of them. */
#ifndef ND_JOINT_H
#define ND_JOINT_H

#include "objective/of_table.h"

/* The used rows of a table without heads, in memory: a piece for each block of them. */
typedef struct nd_gathered {
  size_t rows, pieces;
  nd_packed *piece;
  uint64_t *place; /* of each row in the table */
} nd_gathered;
nadir_status nd_gather(nd_gathered *gathered, const nd_table_objective *self, nadir_error *error);
void nd_gathered_free(nd_gathered *gathered);

/* What a kind of loss fills in; n: rows, p: parameters. */
struct nd_joint {
  size_t rows;
  bool affine; /* the rows are so in the parameters: their squares are convex */
  double log_determinant; /* -2 ln L = chi2 + n ln(2 pi) + this: of the covariance of the rows, or what stands for it */
  /* residual[n]; jacobian, where it is not NULL: p columns of n, one after the other. */
  nadir_status (*squares)(nd_joint *joint, const double *w, double *residual, double *jacobian,
                          nadir_error *error);
  /* Of half the sum of squares, p x p; NULL where the formula has no second derivatives. */
  nadir_status (*hessian)(nd_joint *joint, const double *w, double *hessian, nadir_error *error);
  /* What rounding of target and model may change the sum of squares by, at the last point of squares. */
  double (*rounding)(const nd_joint *joint);
  void (*free)(nd_joint *joint);
};
/* What the settings ask for; self->joint stays NULL where they ask for none. It takes the place of the sums over
 * rows in the objective's problem. */
nadir_status nd_join(nd_table_objective *self, const nadir_settings *settings, nadir_error *error);
/* The kinds; for a model without heads and squared loss. */
nadir_status nd_correlated_new(nd_joint **joint, const nd_table_objective *self,
                               const nadir_settings *settings, nadir_error *error);
nadir_status nd_orthogonal_new(nd_joint **joint, const nd_table_objective *self,
                               nadir_error *error);

/* A p x p matrix of which each pair of elements has one, on whichever side, and 0: then both have it. */
void nd_mirror(size_t p, double *a);

/* The derivatives of the model by its parameters, and the second ones, each pair once: p + p (p + 1)/2 nodes. */
nadir_status nd_model_slopes(const nd_model *model, nd_node *slopes, nadir_error *error);
nadir_status nd_model_curvatures(const nd_model *model, const nd_node *slopes, nd_node *curvatures,
                                 nadir_error *error);

#endif
