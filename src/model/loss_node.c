/* The loss of one row as a node: the formula of loss.def with its y, f and parameter replaced, so that
 * gradient, Hessian and convexity follow from the one formula. */
#include "model/model_internal.h"

/* logsumexp(etas) - the eta of the row's class. The choice depends on the row alone, so it is made
 * once, when a block is loaded. */
static nadir_status build_softmax(nd_graph *graph, nd_node y, const nd_node *etas, size_t count,
                                  nd_node *node, nadir_error *error) {
  nd_node *terms = nd_new(count, sizeof *terms, error), all, own;
  nadir_status status = terms == NULL ? NADIR_NO_MEMORY : NADIR_OK;
  for (size_t k = 0; k < count && status == NADIR_OK; k++) {
    nd_node number;
    status = nd_make_number(graph, (double)k, &number, error);
    if (status == NADIR_OK)
      status = nd_make_formula(graph, "if(y == k, f, 0)", (const char *[]){"y", "k", "f"},
                               (nd_node[]){y, number, etas[k]}, 3, &terms[k], error);
  }
  if (status == NADIR_OK) status = nd_make(graph, ND_ADD, terms, count, &own, error);
  if (status == NADIR_OK) status = nd_make(graph, ND_LOGSUMEXP, etas, count, &all, error);
  if (status == NADIR_OK) status = nd_make(graph, ND_SUB, (nd_node[]){all, own}, 2, node, error);
  nd_free(terms);
  return status;
}

nadir_status nd_loss_build(nd_graph *graph, const nd_loss *loss, double parameter, nd_node y,
                           nd_node f, const nd_node *etas, size_t eta_count, nd_node *node,
                           nadir_error *error) {
  if (loss->target == ND_TARGET_CLASS) return build_softmax(graph, y, etas, eta_count, node, error);
  const char *names[3] = {"y", "f", loss->info.parameter};
  nd_node nodes[3] = {y, f, ND_NO_NODE};
  if (names[2][0] == '\0')
    return nd_make_formula(graph, loss->info.formula, names, nodes, 2, node, error);
  ND_TRY(nd_make_number(graph, parameter, &nodes[2], error));
  return nd_make_formula(graph, loss->info.formula, names, nodes, 3, node, error);
}
