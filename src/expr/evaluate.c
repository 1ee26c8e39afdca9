/* The scalar reference evaluator: every node under the roots once, in the order of node numbers.
 * Costs one operation a node; the engine's programs are checked against it. */
#include "expr/expr_internal.h"

static nadir_status evaluate_node(const nd_graph *graph, nd_node node, double *scratch,
                                  double *values, nadir_error *error) {
  nd_op op = nd_node_op(graph, node);
  size_t arity = nd_node_arity(graph, node);
  if (op == ND_NAME) return NADIR_OK;
  if (op == ND_NUMBER) {
    values[node] = nd_node_number(graph, node);
    return NADIR_OK;
  }
  if (nd_op_about(op) == NULL)
    return nd_fail_at_node(
        graph, node, error, NADIR_BAD_FORMULA,
        op == ND_TEXT_LITERAL
            ? "formula: a quoted string can only be compared with a column of a table"
            : "formula: linear, poly and softmax need a table: fit the formula to one");
  for (size_t i = 0; i < arity; i++)
    scratch[i] = values[nd_node_argument(graph, node, i)];
  values[node] = nd_op_value(op, scratch, arity);
  return NADIR_OK;
}

nadir_status nd_evaluate(const nd_graph *graph, const nd_node *roots, size_t count, double *values,
                         nadir_error *error) {
  bool *reached = NULL;
  size_t size = nd_graph_size(graph), most = 0;
  ND_TRY(nd_reach(graph, roots, count, &reached, error));
  for (size_t n = 0; n < size; n++) {
    size_t arity = nd_node_arity(graph, (nd_node)n);
    if (reached[n] && arity > most) most = arity;
  }
  double *scratch = nd_new(most, sizeof *scratch, error);
  nadir_status status = scratch == NULL ? NADIR_NO_MEMORY : NADIR_OK;
  for (size_t n = 0; n < size && status == NADIR_OK; n++)
    if (reached[n]) status = evaluate_node(graph, (nd_node)n, scratch, values, error);
  nd_free(scratch);
  nd_free(reached);
  return status;
}
