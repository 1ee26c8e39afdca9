/* Derivatives that a graph keeps: a formula is simplified once, and each derivative of it is derived once,
 * for all that ask: its evaluation, the objective that is descended, the proofs about it, the judge of the point.
 *
 * A look-up walks the list of what was asked for, which has few entries: the formula, its parts that
 * a proof looks at on their own, a row's loss. What fails is not kept, and fails anew.
 * Forbidden: to change or free what is borrowed; it lies in the graph's arena. */
#include <string.h>

#include "expr/expr_internal.h"

static nd_derivatives *find(const nd_graph *graph, nd_node root, const nd_node *by, size_t count) {
  nd_derivatives *d = graph->derivatives;
  while (d && (d->typed != root || d->count != count || memcmp(d->by, by, count * sizeof *by) != 0))
    d = d->next;
  return d;
}

static nadir_status add(nd_graph *graph, nd_node root, const nd_node *by, size_t count,
                        nd_derivatives **added, nadir_error *error) {
  nd_derivatives *d = nd_graph_take(graph, sizeof *d, error);
  nd_node *names = nd_graph_take(graph, count * sizeof *names + 1, error);
  if (!d || !names) return NADIR_NO_MEMORY;
  memcpy(names, by, count * sizeof *names);
  *d = (nd_derivatives){.typed = root, .by = names, .count = count, .next = graph->derivatives};
  ND_TRY(nd_simplify(graph, root, &d->root, error));
  *added = graph->derivatives = d;
  return NADIR_OK;
}

static nadir_status add_gradient(nd_graph *graph, nd_derivatives *d, nadir_error *error) {
  nd_node *gradient = nd_graph_take(graph, d->count * sizeof *gradient + 1, error);
  if (!gradient) return NADIR_NO_MEMORY;
  ND_TRY(nd_derive_simplified(graph, d->root, d->by, d->count, gradient, error));
  d->gradient = gradient;
  return NADIR_OK;
}

static nadir_status add_hessian(nd_graph *graph, nd_derivatives *d, nadir_error *error) {
  nd_node *hessian = nd_graph_take(graph, d->count * d->count * sizeof *hessian + 1, error);
  if (!hessian) return NADIR_NO_MEMORY;
  /* simplified as a set, a slope may be simpler on its own */
  for (size_t i = 0; i < d->count; i++)
    ND_TRY(nd_derive(graph, d->gradient[i], d->by, d->count, hessian + i * d->count, error));
  d->hessian = hessian;
  return NADIR_OK;
}

nadir_status nd_derivatives_of(nd_graph *graph, nd_node root, const nd_node *by, size_t count,
                               int order, const nd_derivatives **derivatives, nadir_error *error) {
  nd_derivatives *d = find(graph, root, by, count);
  if (!d) ND_TRY(add(graph, root, by, count, &d, error));
  if (order > 0 && !d->gradient) ND_TRY(add_gradient(graph, d, error));
  if (order > 1 && !d->hessian) ND_TRY(add_hessian(graph, d, error));
  *derivatives = d;
  return NADIR_OK;
}
