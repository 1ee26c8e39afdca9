/* Evaluates roots of a graph over boxes: every node under them once, in the order of node numbers.
 *
 * Literals are exact decimals: they become the tightest enclosure at the precision in use, and an
 * exponent that is arithmetic of literals and a whole number (4/2) is that number. Costs one
 * operation of enclose_op.c a node, 50 ns for a sum to some microseconds for a function. */
#include "theory/encloser_internal.h"

#include <math.h>

static bool rational_of(const nd_graph *graph, nd_node node, fmpq_t value, unsigned depth);

/* x - m floor(x/m) */
static void take_whole_parts(fmpq_t x, const fmpq_t m) {
  fmpq_t ratio;
  fmpz_t whole;
  fmpq_init(ratio);
  fmpz_init(whole);
  fmpq_div(ratio, x, m);
  fmpz_fdiv_q(whole, fmpq_numref(ratio), fmpq_denref(ratio));
  fmpq_mul_fmpz(ratio, m, whole);
  fmpq_sub(x, x, ratio);
  fmpq_clear(ratio);
  fmpz_clear(whole);
}

static bool rational_fold(const nd_graph *graph, nd_node node, fmpq_t value, unsigned depth) {
  nd_op op = nd_node_op(graph, node);
  fmpq_t next;
  fmpq_init(next);
  bool known = rational_of(graph, nd_node_argument(graph, node, 0), value, depth + 1);
  for (size_t i = 1; known && i < nd_node_arity(graph, node); i++) {
    known = rational_of(graph, nd_node_argument(graph, node, i), next, depth + 1);
    if (!known) break;
    if (op == ND_ADD) fmpq_add(value, value, next);
    if (op == ND_SUB) fmpq_sub(value, value, next);
    if (op == ND_MUL) fmpq_mul(value, value, next);
    if (op != ND_DIV && op != ND_MOD) continue;
    known = !fmpq_is_zero(next);
    if (known && op == ND_DIV) fmpq_div(value, value, next);
    if (known && op == ND_MOD) take_whole_parts(value, next);
  }
  fmpq_clear(next);
  return known;
}

static bool rational_of(const nd_graph *graph, nd_node node, fmpq_t value, unsigned depth) {
  nd_op op = nd_node_op(graph, node);
  if (op == ND_NUMBER) return nd_read_decimal(nd_node_text(graph, node), value);
  if (depth > 20 || nd_node_arity(graph, node) > 8) return false;
  if (op == ND_NEG) {
    bool known = rational_of(graph, nd_node_argument(graph, node, 0), value, depth + 1);
    fmpq_neg(value, value);
    return known;
  }
  if (op != ND_ADD && op != ND_SUB && op != ND_MUL && op != ND_DIV && op != ND_MOD) return false;
  return rational_fold(graph, node, value, depth);
}

bool nd_rational_of(const nd_graph *graph, nd_node node, fmpq_t value) {
  return rational_of(graph, node, value, 0);
}

/* Every node under the roots: reached[n] for n < size. */
static void mark(const nd_graph *graph, const nd_node *roots, size_t count, bool *reached,
                 size_t size) {
  for (size_t i = 0; i < count; i++)
    reached[roots[i]] = true;
  for (size_t n = size; n-- > 0;) {
    for (size_t i = 0; reached[n] && i < nd_node_arity(graph, (nd_node)n); i++)
      reached[nd_node_argument(graph, (nd_node)n, i)] = true;
  }
}

/* Numbers the reached nodes: slots[n] is a node's place + 1. Leaves have one each even unused. */
static void lay_out(nd_encloser *e, const bool *reached, size_t *slots, size_t size) {
  size_t pool = 0;
  for (size_t n = 0; n < size; n++) {
    if (!reached[n]) continue;
    nd_encloser_step *s = &e->steps[e->count];
    *s = (nd_encloser_step){.op = nd_node_op(e->graph, (nd_node)n),
                            .first = pool,
                            .arity = nd_node_arity(e->graph, (nd_node)n),
                            .node = (nd_node)n};
    s->inner = nd_node_bound(e->graph, (nd_node)n) != 0;
    s->constant =
        s->op == ND_NUMBER || s->op == ND_BOUND || s->arity > 0 || nd_op_about(s->op) != NULL;
    for (size_t i = 0; i < s->arity; i++) {
      size_t slot = slots[nd_node_argument(e->graph, (nd_node)n, i)] - 1;
      e->pool[pool++] = &e->values[slot];
      s->constant = s->constant && e->steps[slot].constant;
    }
    nd_enclosure_init(&e->values[e->count]);
    slots[n] = ++e->count;
  }
}

static nadir_status take(nd_encloser *e, size_t nodes, size_t arguments, nadir_error *error) {
  e->steps = nd_new(nodes, sizeof *e->steps, error);
  e->values = nd_new(nodes, sizeof *e->values, error);
  e->pool = nd_new(arguments, sizeof *e->pool, error);
  e->roots = nd_new(e->root_count, sizeof *e->roots, error);
  e->leaves = nd_new(e->leaf_count, sizeof *e->leaves, error);
  bool good = e->steps != NULL && e->values != NULL && e->pool != NULL && e->roots != NULL &&
              e->leaves != NULL;
  return good ? NADIR_OK : NADIR_NO_MEMORY;
}

/* The slots of its integrand. */
static nadir_status note_integrand(nd_encloser *e, nd_encloser_step *s, const size_t *slots,
                                   nadir_error *error) {
  nd_node *list;
  if (s->op != ND_INTEGRAL) return NADIR_OK;
  ND_TRY(nd_integrand(e->graph, s->node, &list, &s->integrand_count, error));
  s->integrand = nd_new(s->integrand_count, sizeof *s->integrand, error);
  for (size_t i = 0; s->integrand != NULL && i < s->integrand_count; i++)
    s->integrand[i] = slots[list[i]] - 1;
  nd_free(list);
  s->series = nd_new(s->integrand_count, sizeof *s->series, error);
  for (size_t i = 0; s->series != NULL && i < s->integrand_count; i++)
    arb_poly_init(&s->series[i]);
  return s->integrand == NULL || s->series == NULL ? NADIR_NO_MEMORY : NADIR_OK;
}

static nadir_status set_up(nd_encloser *e, const nd_node *roots, const nd_node *leaves,
                           bool *reached, size_t *slots, nadir_error *error) {
  size_t size = nd_graph_size(e->graph), nodes = 0, arguments = 0;
  for (size_t i = 0; i < e->leaf_count; i++)
    reached[leaves[i]] = true;
  mark(e->graph, roots, e->root_count, reached, size);
  for (size_t n = 0; n < size; n++) {
    if (!reached[n]) continue;
    nodes++;
    arguments += nd_node_arity(e->graph, (nd_node)n);
  }
  ND_TRY(take(e, nodes, arguments, error));
  lay_out(e, reached, slots, size);
  for (size_t i = 0; i < e->count; i++)
    ND_TRY(note_integrand(e, &e->steps[i], slots, error));
  for (size_t i = 0; i < e->root_count; i++)
    e->roots[i] = slots[roots[i]] - 1;
  for (size_t i = 0; i < e->leaf_count; i++) {
    e->leaves[i] = slots[leaves[i]] - 1;
    e->steps[e->leaves[i]].leaf = true;
    nd_enclosure_set_ends(&e->values[e->leaves[i]], -INFINITY, INFINITY);
  }
  return NADIR_OK;
}

nadir_status nd_encloser_new(nd_encloser **encloser, const nd_graph *graph, const nd_node *roots,
                             size_t root_count, const nd_node *leaves, size_t leaf_count,
                             const nd_until *until, nadir_error *error) {
  size_t size = nd_graph_size(graph);
  *encloser = NULL;
  nd_encloser *e = nd_new(1, sizeof *e, error);
  bool *reached = nd_new(size, sizeof *reached, error);
  size_t *slots = nd_new(size, sizeof *slots, error);
  nadir_status status = NADIR_NO_MEMORY;
  if (e != NULL && reached != NULL && slots != NULL) {
    *e = (nd_encloser){
        .graph = graph, .until = until, .root_count = root_count, .leaf_count = leaf_count};
    status = set_up(e, roots, leaves, reached, slots, error);
  }
  nd_free(reached);
  nd_free(slots);
  if (status == NADIR_OK)
    *encloser = e;
  else
    nd_encloser_free(e);
  return status;
}

static void forget_integrand(nd_encloser_step *s) {
  for (size_t i = 0; s->series != NULL && i < s->integrand_count; i++)
    arb_poly_clear(&s->series[i]);
  nd_free(s->series);
  nd_free(s->integrand);
}

void nd_encloser_free(nd_encloser *encloser) {
  if (encloser == NULL) return;
  for (size_t i = 0; encloser->values != NULL && i < encloser->count; i++)
    nd_enclosure_clear(&encloser->values[i]);
  for (size_t i = 0; encloser->steps != NULL && i < encloser->count; i++)
    forget_integrand(&encloser->steps[i]);
  nd_free(encloser->steps);
  nd_free(encloser->values);
  nd_free(encloser->pool);
  nd_free(encloser->roots);
  nd_free(encloser->leaves);
  nd_free(encloser);
}

nd_enclosure *nd_encloser_leaf(nd_encloser *encloser, size_t i) {
  return &encloser->values[encloser->leaves[i]];
}

static void not_known(nd_enclosure *x) {
  nd_enclosure_set_ends(x, -INFINITY, INFINITY);
  x->defined = x->continuous = x->smooth = x->nowhere = false;
}

static void literal(nd_enclosure *x, const nd_graph *graph, nd_node node, slong precision) {
  fmpq_t value;
  fmpq_init(value);
  if (nd_rational_of(graph, node, value))
    nd_enclosure_set_rational(x, value, precision);
  else
    not_known(x);
  fmpq_clear(value);
}

/* A remainder of exact numbers is one: the enclosures of 6 and 1/3 leave mod(6, 1/3) anywhere. */
static bool exact_remainder(const nd_encloser *e, const nd_encloser_step *s, nd_enclosure *x,
                            slong precision) {
  fmpq_t value;
  if (s->op != ND_MOD || !s->constant) return false;
  fmpq_init(value);
  bool known = nd_rational_of(e->graph, s->node, value);
  if (known) nd_enclosure_set_rational(x, value, precision);
  fmpq_clear(value);
  return known;
}

void nd_encloser_run_step(nd_encloser *e, size_t i, slong precision) {
  const nd_encloser_step *s = &e->steps[i];
  nd_enclosure *x = &e->values[i];
  if (exact_remainder(e, s, x, precision)) return;
  if (s->op == ND_NUMBER) {
    literal(x, e->graph, s->node, precision);
  } else if (s->op == ND_INTEGRAL) {
    nd_enclose_integral(e, i, precision);
  } else if (nd_op_about(s->op) == NULL) { /* a leaf that is not bound, a head */
    not_known(x);
  } else {
    nd_enclose_op(x, s->op, e->pool + s->first, s->arity, precision);
  }
}

/* What may take longer than a look at the clock. */
static bool is_long(nd_op op) {
  return op != ND_NUMBER && op != ND_ADD && op != ND_SUB && op != ND_MUL && op != ND_NEG;
}

void nd_encloser_run(nd_encloser *encloser, slong precision) {
  bool again = encloser->precision == precision, over = nd_is_over(encloser->until);
  for (size_t i = 0; i < encloser->count; i++) {
    const nd_encloser_step *s = &encloser->steps[i];
    if (s->leaf || s->inner || (again && s->constant)) continue;
    over = over || (is_long(s->op) && nd_is_over(encloser->until));
    if (over)
      not_known(&encloser->values[i]);
    else
      nd_encloser_run_step(encloser, i, precision);
  }
  encloser->precision = over ? 0 : precision;
}

const nd_enclosure *nd_encloser_root(const nd_encloser *encloser, size_t i) {
  return &encloser->values[encloser->roots[i]];
}

size_t nd_encloser_size(const nd_encloser *encloser) {
  enum { PIECES = 500 }; /* what a node of an integrand costs, in nodes */
  size_t size = encloser->count;
  for (size_t i = 0; i < encloser->count; i++)
    size += encloser->steps[i].integrand_count * PIECES;
  return size;
}
