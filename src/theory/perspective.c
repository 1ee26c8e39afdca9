/* The perspective of a function: v f(u/v) for affine u and v, v > 0, is convex where f is, and
 * concave where f is (Boyd and Vandenberghe 2004, Convex Optimization, section 3.2.6).
 *
 * In a product with such a factor v the other factors must depend on the parameters through
 * quotients u/v alone. Each quotient becomes a name of its own, with the quotient's range, and the
 * rules are asked of f in these names as parameters. This is sound on the domain that was proved
 * convex: (u/v) maps convex sets with v > 0 to convex sets, f is defined on all of that image, and
 * what the rules claim of f holds on every convex set on which f is defined. Costs one more walk of
 * the factors for each v; nested perspectives go to MOST_LEVELS. */
#include "theory/rules_internal.h"

enum { MOST_LEVELS = 3, MOST_QUOTIENTS = 16, MOST_DEPTH = 200 };

typedef struct perspective {
  nd_rules *rules;
  nd_node v;
  nd_node quotients[MOST_QUOTIENTS], names[MOST_QUOTIENTS];
  size_t count;
  unsigned depth;
} perspective;

/* The name that stands for a quotient. */
static nadir_status name_of(perspective *p, nd_node quotient, nd_node *name, bool *fits) {
  nd_rules *r = p->rules;
  for (size_t i = 0; i < p->count; i++)
    if (p->quotients[i] == quotient) {
      *name = p->names[i];
      return NADIR_OK;
    }
  *fits = p->count < MOST_QUOTIENTS;
  if (!*fits) return NADIR_OK;
  ND_TRY(nd_make_fresh_name(r->graph, "quotient", name, r->error));
  p->quotients[p->count] = quotient;
  p->names[p->count++] = *name;
  return NADIR_OK;
}

static bool is_quotient(const perspective *p, nd_node node) {
  nd_rules *r = p->rules;
  return nd_node_op(r->graph, node) == ND_DIV && nd_node_argument(r->graph, node, 1) == p->v &&
         nd_holds(r, nd_node_argument(r->graph, node, 0), NADIR_IS_AFFINE);
}

/* The node in the names of its quotients; fits false where it depends on parameters otherwise. */
static nadir_status rename_quotients(perspective *p, nd_node node, nd_node *renamed, bool *fits) {
  nd_rules *r = p->rules;
  size_t arity = nd_node_arity(r->graph, node);
  *renamed = node;
  if (nd_known_of(r, node)->constant) return NADIR_OK;
  if (is_quotient(p, node)) return name_of(p, node, renamed, fits);
  *fits = arity > 0 && p->depth < MOST_DEPTH;
  if (!*fits) return NADIR_OK;
  nd_node *arguments = nd_new(arity, sizeof *arguments, r->error);
  if (arguments == NULL) return NADIR_NO_MEMORY;
  nadir_status status = NADIR_OK;
  p->depth++;
  for (size_t i = 0; i < arity && *fits && status == NADIR_OK; i++)
    status = rename_quotients(p, nd_node_argument(r->graph, node, i), &arguments[i], fits);
  p->depth--;
  if (*fits && status == NADIR_OK)
    status = nd_make(r->graph, nd_node_op(r->graph, node), arguments, arity, renamed, r->error);
  nd_free(arguments);
  return status;
}

/* What the rules know of f in the names of the quotients. */
static nadir_status ask_of(perspective *p, nd_node f, bool *convex, bool *concave) {
  nd_rules inner, *r = p->rules;
  nd_question question = *r->question;
  question.root = f;
  question.parameters = p->names;
  question.parameter_count = p->count;
  nadir_status status = nd_rules_begin(&inner, &question, r->budget, r->error);
  inner.level = r->level + 1;
  inner.depth = r->depth;
  for (size_t i = 0; i < p->count && status == NADIR_OK; i++)
    status = nd_narrow(&inner, p->names[i], nd_known_of(r, p->quotients[i])->range);
  if (status == NADIR_OK) status = nd_know(&inner, f);
  *convex = status == NADIR_OK && nd_holds(&inner, f, NADIR_IS_CONVEX);
  *concave = status == NADIR_OK && nd_holds(&inner, f, NADIR_IS_CONCAVE);
  nd_rules_end(&inner);
  return status;
}

static nadir_status conclude(perspective *p, nd_node node, bool minus, bool convex, bool concave) {
  nd_rules *r = p->rules;
  nd_child children[MOST_QUOTIENTS + 1] = {{p->v, NADIR_IS_AFFINE}};
  for (size_t i = 0; i < p->count; i++)
    children[i + 1] = (nd_child){nd_node_argument(r->graph, p->quotients[i], 0), NADIR_IS_AFFINE};
  if (convex)
    ND_TRY(nd_conclude(r, node, NADIR_IS_CONVEX,
                       minus ? NADIR_RULE_NEGATIVE_PERSPECTIVE_OF_CONCAVE
                             : NADIR_RULE_PERSPECTIVE_OF_CONVEX,
                       children, p->count + 1));
  if (concave)
    ND_TRY(nd_conclude(r, node, NADIR_IS_CONCAVE,
                       minus ? NADIR_RULE_NEGATIVE_PERSPECTIVE_OF_CONVEX
                             : NADIR_RULE_PERSPECTIVE_OF_CONCAVE,
                       children, p->count + 1));
  return NADIR_OK;
}

/* node = above/below (below may be missing), argument `at` of the product above being v or -v. */
static nadir_status try_factor(nd_rules *r, nd_node node, nd_node above, nd_node below, size_t at) {
  bool product = nd_node_op(r->graph, above) == ND_MUL, fits = true, convex, concave;
  size_t count = product ? nd_node_arity(r->graph, above) : 1;
  nd_node factor = product ? nd_node_argument(r->graph, above, at) : above;
  bool minus = nd_node_op(r->graph, factor) == ND_NEG;
  perspective p = {.rules = r, .v = minus ? nd_node_argument(r->graph, factor, 0) : factor};
  nd_node f = ND_NO_NODE, part;
  for (size_t i = 0; i < count && fits; i++) {
    if (i == at) continue;
    ND_TRY(rename_quotients(&p, nd_node_argument(r->graph, above, i), &part, &fits));
    if (!fits) return NADIR_OK;
    if (f == ND_NO_NODE)
      f = part;
    else
      ND_TRY(nd_make(r->graph, ND_MUL, (nd_node[]){f, part}, 2, &f, r->error));
  }
  if (f == ND_NO_NODE) ND_TRY(nd_make_number(r->graph, 1, &f, r->error));
  if (below != ND_NO_NODE) {
    ND_TRY(rename_quotients(&p, below, &part, &fits));
    if (!fits) return NADIR_OK;
    ND_TRY(nd_make(r->graph, ND_DIV, (nd_node[]){f, part}, 2, &f, r->error));
  }
  if (p.count == 0) return NADIR_OK;
  ND_TRY(ask_of(&p, f, &convex, &concave));
  return conclude(&p, node, minus, minus ? concave : convex, minus ? convex : concave);
}

nadir_status nd_know_perspective(nd_rules *r, nd_node node) {
  nd_node above = node, below = ND_NO_NODE;
  nd_op op = nd_node_op(r->graph, node);
  if ((op != ND_MUL && op != ND_DIV) || r->level >= MOST_LEVELS) return NADIR_OK;
  if (op == ND_DIV) {
    above = nd_node_argument(r->graph, node, 0);
    below = nd_node_argument(r->graph, node, 1);
  }
  bool product = nd_node_op(r->graph, above) == ND_MUL;
  size_t count = product ? nd_node_arity(r->graph, above) : 1;
  for (size_t i = 0; i < count && count <= MOST_QUOTIENTS; i++) {
    nd_node v = product ? nd_node_argument(r->graph, above, i) : above;
    if (nd_node_op(r->graph, v) == ND_NEG) v = nd_node_argument(r->graph, v, 0);
    const nd_known *known = nd_known_of(r, v);
    if (known->constant || !nd_is_positive(known->range) || !nd_holds(r, v, NADIR_IS_AFFINE))
      continue;
    ND_TRY(try_factor(r, node, above, below, i));
    if (nd_holds(r, node, NADIR_IS_CONVEX) || nd_holds(r, node, NADIR_IS_CONCAVE)) break;
  }
  return NADIR_OK;
}
