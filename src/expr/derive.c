/* Partial derivatives by one reverse sweep over the graph (Linnainmaa 1970; Griewank and Walther
 * 2008).
 *
 * Nodes are visited from the root down; each adds to its arguments' adjoints the products of its
 * own adjoint with the local derivatives, which ops.def spells as formulas. Costs a small multiple
 * of the graph's size for all parameters together, plus the simplification.
 *
 * Subgradients are those of ops.def: abs 0 at 0, max and min that of the first argument that
 * attains them, pos 0 at 0, norm2 0 at the origin. A branch not taken must not spoil the sum: an
 * adjoint of the form if(c, A, 0) stays outermost, so sqrt(x) inside if(x > 0, sqrt(x), 0) has
 * derivative 0 at x < 0 and not 0 times NaN. */
#include "expr/expr_internal.h"

#include <string.h>

/* Contributions to a node's adjoint, a list in one array. */
typedef struct link {
  nd_node term;
  size_t next; /* index + 1; 0 ends */
} link;

typedef struct sweep {
  nd_graph *graph;
  const nd_node *by;
  size_t by_count;
  const bool *needs; /* by node: depends on a parameter */
  size_t *heads;     /* by node: its list of contributions */
  link *links;
  size_t count, capacity;
  nd_node zero, one, minus_one;
  nd_node *scratch;
  nadir_error *error;
} sweep;

static nadir_status contribute(sweep *s, nd_node node, nd_node term) {
  if (term == s->zero) return NADIR_OK;
  ND_TRY(nd_grow(&s->links, &s->capacity, s->count + 1, sizeof *s->links, s->error));
  s->links[s->count] = (link){term, s->heads[node]};
  s->heads[node] = ++s->count;
  return NADIR_OK;
}

/* if(c, A, 0): a derivative that a condition lets through. */
static bool is_gate(const sweep *s, nd_node node) {
  return nd_node_op(s->graph, node) == ND_IF && nd_node_argument(s->graph, node, 2) == s->zero;
}

static bool is_far_gate(const sweep *s, nd_node node) {
  return nd_node_op(s->graph, node) == ND_IF && nd_node_argument(s->graph, node, 1) == s->zero;
}

static nadir_status product(sweep *s, nd_node a, nd_node b, nd_node *result) {
  if (a == s->zero || b == s->zero) {
    *result = s->zero;
    return NADIR_OK;
  }
  if (a == s->one || b == s->one) {
    *result = a == s->one ? b : a;
    return NADIR_OK;
  }
  if (a == s->minus_one) return nd_make(s->graph, ND_NEG, &b, 1, result, s->error);
  if (b == s->minus_one) return nd_make(s->graph, ND_NEG, &a, 1, result, s->error);
  return nd_make2(s->graph, ND_MUL, a, b, result, s->error);
}

/* The branch of a condition between two numbers, as b == 0 in the derivative of x^2: a number has
 * one node, so they are equal when they are the same. */
static nd_node without_known_condition(const sweep *s, nd_node node) {
  while (nd_node_op(s->graph, node) == ND_IF) {
    nd_node condition = nd_node_argument(s->graph, node, 0);
    if (nd_node_op(s->graph, condition) != ND_EQUAL) break;
    nd_node a = nd_node_argument(s->graph, condition, 0),
            b = nd_node_argument(s->graph, condition, 1);
    if (nd_node_op(s->graph, a) != ND_NUMBER || nd_node_op(s->graph, b) != ND_NUMBER) break;
    node = nd_node_argument(s->graph, node, a == b ? 1 : 2);
  }
  return node;
}

/* adjoint * local, with their gates outermost and joined, so that there is one at most. `swapped`
 * writes local * adjoint, which keeps the factors of a product in their order. */
static nadir_status multiply(sweep *s, nd_node adjoint, nd_node local, bool swapped,
                             nd_node *result) {
  local = without_known_condition(s, local);
  bool near = is_gate(s, adjoint), local_near = is_gate(s, local),
       local_far = is_far_gate(s, local);
  if (local == s->zero) {
    *result = s->zero;
    return NADIR_OK;
  }
  nd_node condition = ND_NO_NODE, inner = adjoint, gated;
  if (near) {
    condition = nd_node_argument(s->graph, adjoint, 0);
    inner = nd_node_argument(s->graph, adjoint, 1);
  }
  if (local_near || local_far) {
    nd_node more = nd_node_argument(s->graph, local, 0);
    if (!local_near) ND_TRY(nd_make(s->graph, ND_NOT, &more, 1, &more, s->error));
    local = nd_node_argument(s->graph, local, local_near ? 1 : 2);
    if (near) ND_TRY(nd_make2(s->graph, ND_AND, condition, more, &more, s->error));
    condition = more;
  }
  ND_TRY(swapped ? product(s, local, inner, &gated) : product(s, inner, local, &gated));
  if (condition == ND_NO_NODE || gated == s->zero) {
    *result = gated;
    return NADIR_OK;
  }
  return nd_make(s->graph, ND_IF, (nd_node[]){condition, gated, s->zero}, 3, result, s->error);
}

/* Whether the conditions are g and c, g and not c (or c, not c alone: g is ND_NO_NODE). */
static bool are_contrary(const sweep *s, nd_node first, nd_node second, nd_node *g, nd_node *c) {
  *g = ND_NO_NODE;
  if (nd_node_op(s->graph, first) == ND_AND && nd_node_op(s->graph, second) == ND_AND &&
      nd_node_argument(s->graph, first, 0) == nd_node_argument(s->graph, second, 0)) {
    *g = nd_node_argument(s->graph, first, 0);
    first = nd_node_argument(s->graph, first, 1);
    second = nd_node_argument(s->graph, second, 1);
  }
  bool inverted = nd_node_op(s->graph, first) == ND_NOT;
  *c = inverted ? second : first;
  nd_node other = inverted ? first : second;
  return nd_node_op(s->graph, other) == ND_NOT && nd_node_argument(s->graph, other, 0) == *c;
}

/* if(c, A, 0) + if(not c, B, 0) is if(c, A, B); what gates both stays outermost. *joined is false
 * where the two are not of this kind. */
static nadir_status join_contrary(sweep *s, nd_node first, nd_node second, nd_node *result,
                                  bool *joined) {
  nd_node g, c;
  *joined = false;
  if (!is_gate(s, first) || !is_gate(s, second)) return NADIR_OK;
  nd_node condition = nd_node_argument(s->graph, first, 0);
  if (!are_contrary(s, condition, nd_node_argument(s->graph, second, 0), &g, &c)) return NADIR_OK;
  if (g != ND_NO_NODE) condition = nd_node_argument(s->graph, condition, 1);
  bool in_order = condition == c;
  nd_node yes = nd_node_argument(s->graph, in_order ? first : second, 1);
  nd_node no = nd_node_argument(s->graph, in_order ? second : first, 1);
  *joined = true;
  ND_TRY(nd_make(s->graph, ND_IF, (nd_node[]){c, yes, no}, 3, result, s->error));
  if (g == ND_NO_NODE) return NADIR_OK;
  return nd_make(s->graph, ND_IF, (nd_node[]){g, *result, s->zero}, 3, result, s->error);
}

/* Joins what can be joined of a few terms; tries of all pairs, so of no more than JOIN_LIMIT. */
static nadir_status join_all(sweep *s, nd_node *terms, size_t *count) {
  enum { JOIN_LIMIT = 8 };
  bool joined = *count <= JOIN_LIMIT;
  while (joined) {
    joined = false;
    for (size_t i = 0; i < *count && !joined; i++) {
      for (size_t j = i + 1; j < *count && !joined; j++) {
        ND_TRY(join_contrary(s, terms[i], terms[j], &terms[i], &joined));
        if (joined) memmove(&terms[j], &terms[j + 1], (--*count - j) * sizeof *terms);
      }
    }
  }
  return NADIR_OK;
}

/* A sum of gates is a gate again, open where any of them is. */
static nadir_status gated_sum(sweep *s, nd_node *terms, size_t count, nd_node *result) {
  ND_TRY(join_all(s, terms, &count));
  *result = terms[0];
  if (count == 1) return NADIR_OK;
  ND_TRY(nd_make(s->graph, ND_ADD, terms, count, result, s->error));
  for (size_t i = 0; i < count; i++)
    if (!is_gate(s, terms[i])) return NADIR_OK;
  nd_node any = nd_node_argument(s->graph, terms[0], 0);
  for (size_t i = 1; i < count; i++)
    ND_TRY(nd_make2(s->graph, ND_OR, any, nd_node_argument(s->graph, terms[i], 0), &any, s->error));
  return nd_make(s->graph, ND_IF, (nd_node[]){any, *result, s->zero}, 3, result, s->error);
}

static nadir_status adjoint_of(sweep *s, nd_node node, nd_node *adjoint) {
  size_t count = 0, first = s->heads[node];
  for (size_t i = first; i != 0; i = s->links[i - 1].next)
    count++;
  if (count <= 1) {
    *adjoint = count == 0 ? s->zero : s->links[first - 1].term;
    return NADIR_OK;
  }
  nd_node *terms = nd_new(count, sizeof *terms, s->error);
  if (terms == NULL) return NADIR_NO_MEMORY;
  /* last in, first out: the sweep goes backwards, so this is the order of the text */
  size_t at = 0;
  for (size_t i = first; i != 0; i = s->links[i - 1].next)
    terms[at++] = s->links[i - 1].term;
  nadir_status status = gated_sum(s, terms, count, adjoint);
  nd_free(terms);
  return status;
}

/* The i-th of the formulas that ';' separates. */
static void piece(const char *formulas, size_t i, const char **begin, size_t *length) {
  for (; i > 0; i--)
    formulas = strchr(formulas, ';') + 1;
  const char *end = strchr(formulas, ';');
  *begin = formulas;
  *length = end == NULL ? strlen(formulas) : (size_t)(end - formulas);
}

static nadir_status local_derivative(sweep *s, const char *formulas, size_t i,
                                     const char *const *names, const nd_node *nodes, size_t count,
                                     nd_node *local) {
  const char *begin;
  size_t length;
  piece(formulas, i, &begin, &length);
  return nd_parse_bound(s->graph, begin, length, names, nodes, count, local, s->error);
}

static nadir_status sweep_fixed(sweep *s, nd_node node, nd_node adjoint, const char *formulas) {
  static const char *const names[] = {"f", "a", "b", "c"};
  size_t arity = nd_node_arity(s->graph, node);
  nd_node nodes[4] = {node}, local, term;
  for (size_t i = 0; i < arity; i++)
    nodes[i + 1] = nd_node_argument(s->graph, node, i);
  for (size_t i = 0; i < arity; i++) {
    if (!s->needs[nodes[i + 1]]) continue;
    ND_TRY(local_derivative(s, formulas, i, names, nodes, arity + 1, &local));
    ND_TRY(multiply(s, adjoint, local, false, &term));
    ND_TRY(contribute(s, nodes[i + 1], term));
  }
  return NADIR_OK;
}

static nadir_status sweep_n_ary(sweep *s, nd_node node, nd_node adjoint, const char *formula) {
  static const char *const names[] = {"f", "x"};
  for (size_t i = 0; i < nd_node_arity(s->graph, node); i++) {
    nd_node nodes[2] = {node, nd_node_argument(s->graph, node, i)}, local, term;
    if (!s->needs[nodes[1]]) continue;
    ND_TRY(local_derivative(s, formula, 0, names, nodes, 2, &local));
    ND_TRY(multiply(s, adjoint, local, false, &term));
    ND_TRY(contribute(s, nodes[1], term));
  }
  return NADIR_OK;
}

/* The chain op(op(a, b), c) ...: prefix[i] is its value over the first i + 1 arguments. */
static nadir_status sweep_fold(sweep *s, nd_node node, nd_node adjoint, const char *formulas) {
  static const char *const names[] = {"a", "b", "f"};
  nd_op op = nd_node_op(s->graph, node);
  size_t arity = nd_node_arity(s->graph, node);
  nd_node *prefix = s->scratch, local, term;
  prefix[0] = nd_node_argument(s->graph, node, 0);
  bool needed = s->needs[prefix[0]];
  size_t first = needed ? 1 : 0; /* the first link whose left side needs a derivative */
  for (size_t i = 1; i < arity; i++) {
    nd_node next = nd_node_argument(s->graph, node, i);
    ND_TRY(nd_make2(s->graph, op, prefix[i - 1], next, &prefix[i], s->error));
    needed = needed || s->needs[next];
    if (needed && first == 0) first = i + 1;
  }
  for (size_t i = arity; i-- > 1;) {
    nd_node nodes[3] = {prefix[i - 1], nd_node_argument(s->graph, node, i), prefix[i]};
    if (s->needs[nodes[1]]) {
      ND_TRY(local_derivative(s, formulas, 1, names, nodes, 3, &local));
      ND_TRY(multiply(s, adjoint, local, true, &term));
      ND_TRY(contribute(s, nodes[1], term));
    }
    if (i < first) return NADIR_OK;
    ND_TRY(local_derivative(s, formulas, 0, names, nodes, 3, &local));
    ND_TRY(multiply(s, adjoint, local, true, &adjoint));
  }
  return s->needs[prefix[0]] ? contribute(s, prefix[0], adjoint) : NADIR_OK;
}

/* The integrand at a limit, which the integral changes by: sign 1 at the upper one. */
static nadir_status sweep_limit(sweep *s, nd_node node, nd_node adjoint, size_t i) {
  nd_node limit = nd_node_argument(s->graph, node, i), bound = nd_node_argument(s->graph, node, 1),
          at;
  if (!s->needs[limit]) return NADIR_OK;
  ND_TRY(nd_substitute(s->graph, nd_node_argument(s->graph, node, 0), &bound, &limit, 1, &at,
                       s->error));
  if (i == 2) ND_TRY(nd_make(s->graph, ND_NEG, &at, 1, &at, s->error));
  ND_TRY(multiply(s, adjoint, at, false, &at));
  return contribute(s, limit, at);
}

/* The integrals of the derivatives of the integrand, by parameter. */
static nadir_status sweep_integrand(sweep *s, nd_node node, nd_node adjoint, nd_node *partials) {
  nd_node parts[4], term;
  for (size_t i = 0; i < 4; i++)
    parts[i] = nd_node_argument(s->graph, node, i);
  if (!s->needs[parts[0]]) return NADIR_OK;
  ND_TRY(nd_derive_simplified(s->graph, parts[0], s->by, s->by_count, partials, s->error));
  for (size_t k = 0; k < s->by_count; k++) {
    parts[0] = partials[k];
    if (parts[0] == s->zero) continue;
    ND_TRY(nd_make(s->graph, ND_INTEGRAL, parts, 4, &term, s->error));
    ND_TRY(multiply(s, adjoint, term, false, &term));
    ND_TRY(contribute(s, s->by[k], term));
  }
  return NADIR_OK;
}

/* Leibniz's rule. Parameters get what they contribute to the integrand at once, for what lies between depends on
 * what is integrated over. */
static nadir_status sweep_integral(sweep *s, nd_node node, nd_node adjoint) {
  nd_node *partials = nd_new(s->by_count, sizeof *partials, s->error);
  if (partials == NULL) return NADIR_NO_MEMORY;
  nadir_status status = sweep_integrand(s, node, adjoint, partials);
  for (size_t i = 2; i < 4 && status == NADIR_OK; i++)
    status = sweep_limit(s, node, adjoint, i);
  nd_free(partials);
  return status;
}

static nadir_status sweep_node(sweep *s, nd_node node) {
  const nd_op_info *info = nd_op_about(nd_node_op(s->graph, node));
  nd_node adjoint;
  if (nd_node_op(s->graph, node) == ND_INTEGRAL) {
    ND_TRY(adjoint_of(s, node, &adjoint));
    return sweep_integral(s, node, adjoint);
  }
  if (info == NULL)
    return nd_fail_at_node(s->graph, node, s->error, NADIR_BAD_FORMULA,
                           "formula: linear, poly and softmax have a derivative only in a fit: fit "
                           "the formula to a table");
  ND_TRY(adjoint_of(s, node, &adjoint));
  if (info->most == ND_MANY)
    return (strchr(info->derivative, ';') ? sweep_fold : sweep_n_ary)(s, node, adjoint,
                                                                      info->derivative);
  return sweep_fixed(s, node, adjoint, info->derivative);
}

static nadir_status sweep_all(sweep *s, nd_node root, const nd_node *by, size_t count,
                              nd_node *derivatives) {
  ND_TRY(nd_make_decimal(s->graph, false, "0", 1, &s->zero, s->error));
  ND_TRY(nd_make_decimal(s->graph, false, "1", 1, &s->one, s->error));
  ND_TRY(nd_make_decimal(s->graph, true, "1", 1, &s->minus_one, s->error));
  ND_TRY(contribute(s, root, s->one));
  for (size_t n = (size_t)root + 1; n-- > 0;) {
    if (s->needs[n] && s->heads[n] != 0 && nd_node_arity(s->graph, (nd_node)n) > 0)
      ND_TRY(sweep_node(s, (nd_node)n));
  }
  for (size_t i = 0; i < count; i++)
    ND_TRY(adjoint_of(s, by[i], &derivatives[i]));
  return nd_simplify_all(s->graph, derivatives, count, derivatives, s->error);
}

static size_t widest(const nd_graph *graph, nd_node root) {
  size_t most = 1;
  for (size_t n = 0; n <= root; n++)
    if (nd_node_arity(graph, (nd_node)n) > most) most = nd_node_arity(graph, (nd_node)n);
  return most;
}

nadir_status nd_derive_simplified(nd_graph *graph, nd_node root, const nd_node *by, size_t count,
                                  nd_node *derivatives, nadir_error *error) {
  bool *needs = NULL;
  size_t size = nd_graph_size(graph);
  ND_TRY(nd_depends(graph, by, count, &needs, error));
  sweep s = {.graph = graph, .by = by, .by_count = count, .needs = needs, .error = error};
  s.heads = nd_new(size, sizeof *s.heads, error);
  s.scratch = nd_new(widest(graph, root), sizeof *s.scratch, error);
  nadir_status status = s.heads == NULL || s.scratch == NULL ? NADIR_NO_MEMORY : NADIR_OK;
  if (status == NADIR_OK) status = sweep_all(&s, root, by, count, derivatives);
  nd_free(needs);
  nd_free(s.heads);
  nd_free(s.links);
  nd_free(s.scratch);
  return status;
}

nadir_status nd_derive(nd_graph *graph, nd_node root, const nd_node *by, size_t count,
                       nd_node *derivatives, nadir_error *error) {
  ND_TRY(nd_simplify(graph, root, &root, error)); /* stable forms have stable derivatives */
  return nd_derive_simplified(graph, root, by, count, derivatives, error);
}
