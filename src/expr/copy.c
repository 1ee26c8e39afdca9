/* Nodes of one graph made in another, with some of them replaced on the way: a graph that others read is changed in a
 * copy. It costs a look at each node of the graph that is copied from. */
#include <string.h>

#include "expr/copy.h"
#include "expr/expr_internal.h"

typedef struct copier {
  const nd_graph *from;
  nd_graph *to;
  nd_node *map, *arguments;
  bool *needed;
} copier;

/* Downwards from the roots, as far as the map has nothing. */
static size_t mark(const copier *c, const nd_node *roots, size_t count) {
  size_t widest = 1;
  for (size_t i = 0; i < count; i++)
    c->needed[roots[i]] = true;
  for (size_t n = nd_graph_size(c->from); n-- > 0;) {
    size_t arity = nd_node_arity(c->from, (nd_node)n);
    if (!c->needed[n] || c->map[n] != ND_NO_NODE) continue;
    if (arity > widest) widest = arity;
    for (size_t i = 0; i < arity; i++)
      c->needed[nd_node_argument(c->from, (nd_node)n, i)] = true;
  }
  return widest;
}

static nadir_status copy_node(copier *c, nd_node node, nadir_error *error) {
  nd_op op = nd_node_op(c->from, node);
  size_t arity = nd_node_arity(c->from, node);
  const char *text = nd_node_text(c->from, node);
  if (arity == 0 && text) return nd_make_text(c->to, op, text, strlen(text), &c->map[node], error);
  for (size_t i = 0; i < arity; i++)
    c->arguments[i] = c->map[nd_node_argument(c->from, node, i)];
  return nd_make(c->to, op, c->arguments, arity, &c->map[node], error);
}

nadir_status nd_copy(const nd_graph *from, const nd_node *roots, size_t count, nd_graph *to,
                     nd_node *map, nadir_error *error) {
  size_t size = nd_graph_size(from);
  copier c = {.from = from, .to = to, .map = map};
  nadir_status status = NADIR_NO_MEMORY;
  c.needed = nd_new(size, sizeof *c.needed, error);
  if (c.needed) c.arguments = nd_new(mark(&c, roots, count), sizeof *c.arguments, error);
  if (c.arguments) status = NADIR_OK;
  for (size_t i = 0; i < ND_MOST_BOUND; i++)
    if (!to->stems[i]) to->stems[i] = from->stems[i];
  for (size_t n = 0; n < size && status == NADIR_OK; n++)
    if (c.needed[n] && map[n] == ND_NO_NODE) status = copy_node(&c, (nd_node)n, error);
  nd_free(c.needed);
  nd_free(c.arguments);
  return status;
}
