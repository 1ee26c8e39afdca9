/* Comparisons of integers that doubles round: identifiers of 64 bits. Of each side the nearest
 * double is compared, and where these agree what they leave out (ND_AS_REST), so that
 * source_id == 4295806720000000002 holds for one row and not for the 512 that share its double.
 *
 * A comparison is one of these when a column that may have such integers is compared with another,
 * or with a literal of 2^53 or more; all others are exact as they are. Each costs a second look at
 * the column's cells. */
#include <math.h>
#include <string.h>

#include "model/model_internal.h"

typedef struct side {
  nd_found found; /* of a column; column SIZE_MAX: a literal */
  nd_node node;   /* the literal, without its sign */
  bool negative;
} side;

static bool is_literal(const side *s) {
  return s->found.column == SIZE_MAX;
}

/* A column of numbers, or a literal with or without a sign. */
static bool read_side(const nd_binder *binder, nd_node node, side *s) {
  const nd_graph *graph = binder->graph;
  const char *near;
  *s = (side){.found = {.column = SIZE_MAX}, .node = node};
  if (nd_node_op(graph, node) == ND_NAME)
    return nd_schema_find(binder->schema, nd_node_text(graph, node), &s->found, &near) &&
           s->found.wide && !s->found.bare;
  s->negative = nd_node_op(graph, node) == ND_NEG;
  if (s->negative) s->node = nd_node_argument(graph, node, 0);
  return nd_node_op(graph, s->node) == ND_NUMBER && fabs(nd_node_number(graph, s->node)) >= 0x1p53;
}

static bool is_comparison(nd_op op) {
  return op == ND_EQUAL || op == ND_LESS || op == ND_LESSEQ;
}

static bool read_sides(const nd_binder *binder, nd_node comparison, side sides[2]) {
  for (size_t i = 0; i < 2; i++)
    if (!read_side(binder, nd_node_argument(binder->graph, comparison, i), &sides[i])) return false;
  return !is_literal(&sides[0]) || !is_literal(&sides[1]);
}

bool nd_compares_exactly(const nd_binder *binder, nd_node comparison) {
  side sides[2];
  return is_comparison(nd_node_op(binder->graph, comparison)) &&
         read_sides(binder, comparison, sides);
}

/* The double of one side and what it leaves out. */
static nadir_status bind_side(nd_binder *binder, const side *s, nd_node *whole, nd_node *rest,
                              nadir_error *error) {
  if (!is_literal(s)) {
    ND_TRY(nd_bind_column(binder, &s->found, s->found.element, whole, error));
    return nd_bind_rest(binder, &s->found, s->found.element, rest, error);
  }
  const char *text = nd_node_text(binder->graph, s->node);
  double sign = s->negative ? -1 : 1, left_out = nd_rest_of_text(text, text + strlen(text));
  ND_TRY(
      nd_make_number(binder->graph, sign * nd_node_number(binder->graph, s->node), whole, error));
  return nd_make_number(binder->graph, sign * left_out, rest, error);
}

nadir_status nd_bind_exactly(nd_binder *binder, nd_node comparison, nd_node *to,
                             nadir_error *error) {
  static const char *const names[] = {"a", "b", "r", "s"};
  nd_op op = nd_node_op(binder->graph, comparison);
  const char *text = op == ND_EQUAL  ? "a == b and r == s"
                     : op == ND_LESS ? "a < b or a == b and r < s"
                                     : "a < b or a == b and r <= s";
  side sides[2];
  nd_node nodes[4];
  read_sides(binder, comparison, sides);
  for (size_t i = 0; i < 2; i++)
    ND_TRY(bind_side(binder, &sides[i], &nodes[i], &nodes[2 + i], error));
  return nd_make_formula(binder->graph, text, names, nodes, 4, to, error);
}
