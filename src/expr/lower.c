/* Graph -> graph without integrals: each is the sum of its rule, with a test whether that has converged.
 *
 *   (b - a) sum_i w_i f(x_i)   where the sums over even and odd i are near and the ends are small, else NaN
 *
 * The new graph is a straight line of operations that the engine compiles like any other: what does not depend on x is
 * in it once, and what f has in common with its derivatives is shared at each x_i. It costs 207 times the
 * integrand, and that squared where an integral is in another. */
#include <string.h>

#include "expr/expr_internal.h"

typedef struct lowerer {
  const nd_graph *from;
  nd_graph *to;
  bool single;
  nd_node *map;        /* by node of from; ND_NO_NODE before it is there */
  nd_node **integrand; /* of the integrals, by node */
  size_t *count;
  nd_node *arguments;
  nadir_error *error;
} lowerer;

static nadir_status lower_node(lowerer *l, nd_node node);

static nadir_status number(lowerer *l, double value, nd_node *node) {
  return nd_make_number(l->to, value, node, l->error);
}

static nadir_status make2(lowerer *l, nd_op op, nd_node a, nd_node b, nd_node *node) {
  return nd_make2(l->to, op, a, b, node, l->error);
}

/* Both ends of an integral, and what lies between. */
typedef struct span {
  nd_node low, high, width;
} span;

static nadir_status place_of(lowerer *l, const span *s, const nd_abscissa *at, nd_node *x) {
  nd_node part, step;
  ND_TRY(number(l, at->part, &part));
  ND_TRY(make2(l, ND_MUL, s->width, part, &step));
  return at->from_high ? make2(l, ND_SUB, s->high, step, x) : make2(l, ND_ADD, s->low, step, x);
}

static nadir_status term_at(lowerer *l, nd_node integral, const span *s, size_t i, nd_node *term) {
  nd_abscissa at = nd_abscissa_at(i);
  nd_node weight, bound = nd_node_argument(l->from, integral, 1);
  ND_TRY(place_of(l, s, &at, &l->map[bound]));
  for (size_t k = 0; k < l->count[integral]; k++)
    if (l->integrand[integral][k] != bound) ND_TRY(lower_node(l, l->integrand[integral][k]));
  ND_TRY(number(l, at.weight, &weight));
  return make2(l, ND_MUL, weight, l->map[nd_node_argument(l->from, integral, 0)], term);
}

/* The sums over even and odd numbers, of sizes over even ones, and of the sizes of both ends. */
typedef struct sums {
  nd_node part[2], sizes, ends;
} sums;

static nadir_status add(lowerer *l, nd_node *sum, nd_node term) {
  if (*sum != ND_NO_NODE) return make2(l, ND_ADD, *sum, term, sum);
  *sum = term;
  return NADIR_OK;
}

static nadir_status add_all(lowerer *l, nd_node integral, const span *s, sums *all) {
  nd_node term, size;
  *all = (sums){{ND_NO_NODE, ND_NO_NODE}, ND_NO_NODE, ND_NO_NODE};
  for (size_t i = 0; i < ND_ABSCISSAE; i++) {
    bool end = i == 0 || i + 1 == ND_ABSCISSAE;
    ND_TRY(term_at(l, integral, s, i, &term));
    ND_TRY(add(l, &all->part[i % 2], term));
    if (i % 2 != 0 && !end) continue;
    ND_TRY(nd_make(l->to, ND_ABS, &term, 1, &size, l->error));
    ND_TRY(add(l, i % 2 == 0 ? &all->sizes : &all->ends, size));
    if (end && i % 2 == 0) ND_TRY(add(l, &all->ends, size));
  }
  return NADIR_OK;
}

/* *holds <- small <= part * sizes */
static nadir_status is_small(lowerer *l, nd_node small, double part, nd_node sizes,
                             nd_node *holds) {
  nd_node tolerance, bound;
  ND_TRY(number(l, part, &tolerance));
  ND_TRY(make2(l, ND_MUL, tolerance, sizes, &bound));
  return make2(l, ND_LESSEQ, small, bound, holds);
}

static nadir_status has_converged(lowerer *l, const sums *all, nd_node *holds) {
  nd_node difference, near, ends;
  ND_TRY(make2(l, ND_SUB, all->part[0], all->part[1], &difference));
  ND_TRY(nd_make(l->to, ND_ABS, &difference, 1, &difference, l->error));
  ND_TRY(is_small(l, difference, nd_rule_tolerance(l->single), all->sizes, &near));
  ND_TRY(is_small(l, all->ends, nd_end_tolerance(l->single), all->sizes, &ends));
  return make2(l, ND_AND, near, ends, holds);
}

static nadir_status lower_integral(lowerer *l, nd_node integral) {
  span s = {.low = l->map[nd_node_argument(l->from, integral, 2)],
            .high = l->map[nd_node_argument(l->from, integral, 3)]};
  sums all;
  nd_node choice[3], zero, sum;
  if (!l->integrand[integral])
    ND_TRY(nd_integrand(l->from, integral, &l->integrand[integral], &l->count[integral], l->error));
  ND_TRY(make2(l, ND_SUB, s.high, s.low, &s.width));
  ND_TRY(add_all(l, integral, &s, &all));
  ND_TRY(has_converged(l, &all, &choice[0]));
  ND_TRY(make2(l, ND_ADD, all.part[0], all.part[1], &sum));
  ND_TRY(make2(l, ND_MUL, s.width, sum, &choice[1]));
  ND_TRY(number(l, 0, &zero));
  ND_TRY(make2(l, ND_DIV, zero, zero, &choice[2]));
  return nd_make(l->to, ND_IF, choice, 3, &l->map[integral], l->error);
}

static nadir_status lower_node(lowerer *l, nd_node node) {
  const nd_graph *from = l->from;
  nd_op op = nd_node_op(from, node);
  size_t arity = nd_node_arity(from, node);
  if (op == ND_INTEGRAL) return lower_integral(l, node);
  if (arity == 0 && nd_node_text(from, node)) {
    const char *text = nd_node_text(from, node);
    return nd_make_text(l->to, op, text, strlen(text), &l->map[node], l->error);
  }
  for (size_t i = 0; i < arity; i++)
    l->arguments[i] = l->map[nd_node_argument(from, node, i)];
  return nd_make(l->to, op, l->arguments, arity, &l->map[node], l->error);
}

/* Leaves get names that no formula can spell. */
static nadir_status name_leaves(lowerer *l, nd_node *leaves, size_t count) {
  for (size_t i = 0; i < count; i++) {
    nd_node leaf = leaves[i];
    if (nd_node_op(l->from, leaf) == ND_NAME)
      ND_TRY(lower_node(l, leaf));
    else
      ND_TRY(nd_make_fresh_name(l->to, "\001leaf", &l->map[leaf], l->error));
    leaves[i] = l->map[leaf];
  }
  return NADIR_OK;
}

/* Downwards from the roots, stopping at leaves; nodes that depend on a BOUND leaf are their integral's. */
static void mark(const lowerer *l, const nd_node *roots, size_t count, bool *needed) {
  for (size_t i = 0; i < count; i++)
    needed[roots[i]] = true;
  for (size_t n = nd_graph_size(l->from); n-- > 0;)
    for (size_t i = 0;
         needed[n] && l->map[n] == ND_NO_NODE && i < nd_node_arity(l->from, (nd_node)n); i++)
      needed[nd_node_argument(l->from, (nd_node)n, i)] = true;
}

static nadir_status lower_all(lowerer *l, nd_node *roots, size_t root_count, nd_node *leaves,
                              size_t leaf_count, bool *needed) {
  ND_TRY(name_leaves(l, leaves, leaf_count));
  mark(l, roots, root_count, needed);
  for (size_t n = 0; n < nd_graph_size(l->from); n++)
    if (needed[n] && l->map[n] == ND_NO_NODE && nd_node_bound(l->from, (nd_node)n) == 0)
      ND_TRY(lower_node(l, (nd_node)n));
  for (size_t i = 0; i < root_count; i++)
    roots[i] = l->map[roots[i]];
  return NADIR_OK;
}

static size_t widest(const nd_graph *graph) {
  size_t most = 1;
  for (size_t n = 0; n < nd_graph_size(graph); n++)
    if (nd_node_arity(graph, (nd_node)n) > most) most = nd_node_arity(graph, (nd_node)n);
  return most;
}

nadir_status nd_lower(const nd_graph *graph, nd_node *roots, size_t root_count, nd_node *leaves,
                      size_t leaf_count, bool single, nd_graph **lowered, nadir_error *error) {
  size_t size = nd_graph_size(graph);
  lowerer l = {.from = graph, .single = single, .error = error};
  bool *needed = nd_new(size, sizeof *needed, error);
  l.map = nd_new(size, sizeof *l.map, error);
  l.integrand = nd_new(size, sizeof *l.integrand, error);
  l.count = nd_new(size, sizeof *l.count, error);
  l.arguments = nd_new(widest(graph), sizeof *l.arguments, error);
  nadir_status status =
      needed && l.map && l.integrand && l.count && l.arguments ? NADIR_OK : NADIR_NO_MEMORY;
  if (status == NADIR_OK) status = nd_graph_new(&l.to, error);
  if (status == NADIR_OK) {
    nd_graph_heed(l.to, graph->until);
    memset(l.map, 0xff, size * sizeof *l.map); /* ND_NO_NODE */
    status = lower_all(&l, roots, root_count, leaves, leaf_count, needed);
  }
  for (size_t n = 0; l.integrand && n < size; n++)
    nd_free(l.integrand[n]);
  nd_free(needed), nd_free(l.map), nd_free((void *)l.integrand), nd_free(l.count),
      nd_free(l.arguments);
  if (status != NADIR_OK) {
    nd_graph_free(l.to);
    l.to = NULL;
  }
  *lowered = l.to;
  return status;
}
