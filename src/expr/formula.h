/* A formula on its own: parsed once, simplified, with its partial derivatives as nodes of the same graph. */
#ifndef ND_FORMULA_H
#define ND_FORMULA_H

#include "expr/expr.h"

struct nadir_expr {
  nd_graph *graph;
  char *text;
  nd_node typed, root; /* as typed; simplified */
  nd_node *names;      /* NAME leaves, the parameters */
  size_t size;
  const nd_node *partials; /* derivatives of root by them; the graph's */
  double *values; /* of all nodes, for evaluation */
  size_t values_size;
};

nadir_status nd_formula_new(nadir_expr **formula, const char *text, nadir_error *error);
/* The same where the root, once it is parsed, is changed by the caller. */
typedef nadir_status (*nd_change_root)(void *context, nd_graph *graph, nd_node *root,
                                       nadir_error *error);
nadir_status nd_formula_changed(nadir_expr **formula, const char *text, nd_change_root change,
                                void *context, nadir_error *error);
void nd_formula_free(nadir_expr *formula);
/* Value, and gradient where not NULL, at w. */
nadir_status nd_formula_evaluate(const nadir_expr *formula, const double *w, double *value,
                                 double *gradient, nadir_error *error);
/* size x size numbers. */
nadir_status nd_formula_hessian(nadir_expr *formula, const double *w, double *hessian,
                                nadir_error *error);
const char *nd_formula_parameter(const nadir_expr *formula, size_t i);

#endif
