/* The scalar reference evaluator: every node under the roots once, in the order of node numbers; of an integral those
 * of its integrand at each place of the rule. Costs one operation a node; the engine's programs are checked against
 * it. */
#include "expr/expr_internal.h"

#include <math.h>

typedef struct evaluation {
  const nd_graph *graph;
  double *values, *scratch;
  nadir_error *error;
} evaluation;

static nadir_status evaluate_node(const evaluation *e, nd_node node);

/* The integrand at one place, times its weight. */
static nadir_status term_at(const evaluation *e, nd_node integral, const nd_node *list,
                            size_t count, size_t i, double *term) {
  nd_abscissa at = nd_abscissa_at(i);
  nd_node bound = nd_node_argument(e->graph, integral, 1);
  double low = e->values[nd_node_argument(e->graph, integral, 2)],
         high = e->values[nd_node_argument(e->graph, integral, 3)], step = (high - low) * at.part;
  e->values[bound] = at.from_high ? high - step : low + step;
  for (size_t k = 0; k < count; k++)
    if (list[k] != bound) ND_TRY(evaluate_node(e, list[k]));
  *term = at.weight * e->values[nd_node_argument(e->graph, integral, 0)];
  return NADIR_OK;
}

/* As lower.c has it. */
static nadir_status sum_terms(const evaluation *e, nd_node node, const nd_node *list,
                              size_t count) {
  double part[2] = {0, 0}, sizes = 0, ends = 0, term;
  for (size_t i = 0; i < ND_ABSCISSAE; i++) {
    ND_TRY(term_at(e, node, list, count, i, &term));
    part[i % 2] += term;
    if (i % 2 == 0) sizes += fabs(term);
    if (i == 0 || i + 1 == ND_ABSCISSAE) ends += fabs(term);
  }
  bool converged = fabs(part[0] - part[1]) <= nd_rule_tolerance(false) * sizes &&
                   ends <= nd_end_tolerance(false) * sizes;
  double width = e->values[nd_node_argument(e->graph, node, 3)] -
                 e->values[nd_node_argument(e->graph, node, 2)];
  e->values[node] = converged ? width * (part[0] + part[1]) : (double)NAN;
  return NADIR_OK;
}

static nadir_status evaluate_integral(const evaluation *e, nd_node node) {
  nd_node *list;
  size_t count;
  ND_TRY(nd_integrand(e->graph, node, &list, &count, e->error));
  nadir_status status = sum_terms(e, node, list, count);
  nd_free(list);
  return status;
}

static nadir_status evaluate_node(const evaluation *e, nd_node node) {
  const nd_graph *graph = e->graph;
  nd_op op = nd_node_op(graph, node);
  size_t arity = nd_node_arity(graph, node);
  if (op == ND_NAME) return NADIR_OK;
  if (op == ND_INTEGRAL) return evaluate_integral(e, node);
  if (op == ND_NUMBER) {
    e->values[node] = nd_node_number(graph, node);
    return NADIR_OK;
  }
  if (nd_op_about(op) == NULL)
    return nd_fail_at_node(
        graph, node, e->error, NADIR_BAD_FORMULA,
        op == ND_TEXT_LITERAL
            ? "formula: a quoted string can only be compared with a column of a table"
            : "formula: linear, poly and softmax need a table: fit the formula to one");
  for (size_t i = 0; i < arity; i++)
    e->scratch[i] = e->values[nd_node_argument(graph, node, i)];
  e->values[node] = nd_op_value(op, e->scratch, arity);
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
  evaluation e = {.graph = graph,
                  .values = values,
                  .scratch = nd_new(most, sizeof(double), error),
                  .error = error};
  nadir_status status = e.scratch == NULL ? NADIR_NO_MEMORY : NADIR_OK;
  for (size_t n = 0; n < size && status == NADIR_OK; n++)
    if (reached[n] && nd_node_bound(graph, (nd_node)n) == 0) status = evaluate_node(&e, (nd_node)n);
  nd_free(e.scratch);
  nd_free(reached);
  return status;
}
