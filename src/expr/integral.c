/* Integrals and series: how they are read, and the rule that integrals are computed by.
 *
 * integral(f, x, a, b): f is read with x as a name, then each x in it becomes the BOUND leaf of the lowest number that
 * no integral in f, a or b has. So numbers fall from the outside to the inside: what is put in the place of x when a
 * derivative is taken holds no BOUND leaf that an integral in f could capture.
 *
 * The rule is the trapezoidal one after the substitution that makes ends fall off double-exponentially (Takahasi and
 * Mori 1974): x = a + (b - a)/(1 + exp(-pi sinh t)), t = i/32. It costs 207 values of f; for a smooth f every second
 * of them would do for half of the digits, so the difference between the two halves says whether it has converged.
 *
 * series(f, k, m, n) is written out as a sum when it is read. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "expr/parse_internal.h"

enum { MOST_TERMS = 1000, MOST_CALLS = 1000 };

/* ---- the rule ---- */

nd_abscissa nd_abscissa_at(size_t i) {
  const double pi = 3.14159265358979323846, step = 1.0 / ND_ABSCISSAE_PER_UNIT;
  double t = ((double)i - (ND_ABSCISSAE - 1) / 2) * step, far = exp(-pi * sinh(fabs(t)));
  return (nd_abscissa){.part = far / (1 + far),
                       .weight = step * pi * cosh(t) * far / ((1 + far) * (1 + far)),
                       .from_high = t > 0};
}

/* ---- what depends on the name that is bound ---- */

bool nd_has_integrals(const nd_graph *graph, const nd_node *roots, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (graph->nodes[roots[i]].height > 0) return true;
  return false;
}

/* The nodes under root that depend on the leaf, root and leaf included. */
static nadir_status list_dependents(const nd_graph *graph, nd_node root, nd_node leaf,
                                    nd_node **list, size_t *count, nadir_error *error) {
  bool *under = NULL, *depends = NULL;
  *count = 0;
  *list = nd_new((size_t)root + 1, sizeof **list, error);
  nadir_status status = *list ? nd_reach(graph, &root, 1, &under, error) : NADIR_NO_MEMORY;
  if (status == NADIR_OK) status = nd_depends(graph, &leaf, 1, &depends, error);
  for (size_t n = 0; status == NADIR_OK && n <= root; n++)
    if (under[n] && depends[n]) (*list)[(*count)++] = (nd_node)n;
  nd_free(under);
  nd_free(depends);
  if (status != NADIR_OK) {
    nd_free(*list);
    *list = NULL;
  }
  return status;
}

nadir_status nd_integrand(const nd_graph *graph, nd_node integral, nd_node **list, size_t *count,
                          nadir_error *error) {
  nd_node leaf = nd_node_argument(graph, integral, 1);
  uint32_t within = nd_node_bound(graph, leaf) - 1; /* BOUND leaves of integrals in the integrand */
  size_t all, kept = 0;
  ND_TRY(list_dependents(graph, nd_node_argument(graph, integral, 0), leaf, list, &all, error));
  for (size_t i = 0; i < all; i++)
    if ((nd_node_bound(graph, (*list)[i]) & within) == 0) (*list)[kept++] = (*list)[i];
  *count = kept;
  return NADIR_OK;
}

/* ---- reading ---- */

typedef struct bound_call {
  nd_node body, name, limits[2];
  char *text; /* of the name */
} bound_call;

static nadir_status parse_part(nd_parser *p, const char *usage, nd_node *node) {
  nd_value value;
  size_t before = p->stack_count;
  ND_TRY(nd_parse_expression(p, &value));
  *node = p->stack[value.start];
  if (value.vector || nd_node_type(p->graph, *node) == ND_IS_TEXT)
    return FAIL_AT(p, value.begin, "this is not one number: write %s", usage);
  p->stack_count = before;
  return NADIR_OK;
}

/* A name of its own: not an element, and not what stands for a constant. */
static nadir_status parse_bound_name(nd_parser *p, const char *usage, bound_call *call) {
  nd_token token = p->now;
  size_t length;
  bool plain = token.kind == ND_NAME_TOKEN && p->text[token.begin] != '$' && p->names == NULL;
  if ((!plain && token.kind != ND_QUOTED_NAME) || token.element != 0 ||
      (plain && token.end - token.begin == 2 && memcmp(p->text + token.begin, "pi", 2) == 0))
    return FAIL_AT(p, token.begin, "expected a name here, as x: write %s", usage);
  ND_TRY(nd_parser_name_text(p, &token, &call->text, &length));
  ND_TRY(nd_make_text(p->graph, ND_NAME, call->text, length, &call->name, p->error));
  return nd_parser_advance(p);
}

/* ( f, x, a, b ) */
static nadir_status parse_bound_call(nd_parser *p, const char *usage, bound_call *call) {
  ND_TRY(nd_parser_advance(p));
  ND_TRY(parse_part(p, usage, &call->body));
  ND_TRY(nd_parser_expect(p, ND_COMMA, "a comma, and the name that it is over,"));
  ND_TRY(parse_bound_name(p, usage, call));
  for (size_t i = 0; i < 2; i++) {
    ND_TRY(nd_parser_expect(p, ND_COMMA,
                            i == 0 ? "a comma, and the limits," : "a comma, and the upper limit,"));
    ND_TRY(parse_part(p, usage, &call->limits[i]));
  }
  return nd_parser_expect(p, ND_CLOSE, ")");
}

/* What depends on the name in a body, and what it becomes for a value. */
typedef struct replacing {
  nd_node *list, *replaced; /* replaced: by node, ND_NO_NODE for what is not in the list */
  size_t count;
} replacing;

static void replacing_end(replacing *r) {
  nd_free(r->list);
  nd_free(r->replaced);
}

static nadir_status replacing_begin(nd_parser *p, const bound_call *call, replacing *r) {
  size_t room = (size_t)call->body + 1;
  *r = (replacing){0};
  ND_TRY(list_dependents(p->graph, call->body, call->name, &r->list, &r->count, p->error));
  r->replaced = nd_new(room, sizeof *r->replaced, p->error);
  if (r->replaced == NULL) {
    replacing_end(r);
    return NADIR_NO_MEMORY;
  }
  memset(r->replaced, 0xff, room * sizeof *r->replaced); /* ND_NO_NODE */
  return NADIR_OK;
}

static nadir_status replace_in(nd_parser *p, const replacing *r, nd_node n, nd_node *arguments) {
  size_t arity = nd_node_arity(p->graph, n);
  for (size_t i = 0; i < arity; i++) {
    nd_node argument = nd_node_argument(p->graph, n, i);
    arguments[i] = r->replaced[argument] != ND_NO_NODE ? r->replaced[argument] : argument;
  }
  return nd_make(p->graph, nd_node_op(p->graph, n), arguments, arity, &r->replaced[n], p->error);
}

static size_t widest(const nd_parser *p, const replacing *r) {
  size_t most = 1;
  for (size_t k = 0; k < r->count; k++)
    if (nd_node_arity(p->graph, r->list[k]) > most) most = nd_node_arity(p->graph, r->list[k]);
  return most;
}

/* result <- the body with `value` in the place of the name. */
static nadir_status put_in(nd_parser *p, const bound_call *call, const replacing *r, nd_node value,
                           nd_node *result) {
  nd_node *arguments = nd_new(widest(p, r), sizeof *arguments, p->error);
  nadir_status status = arguments ? NADIR_OK : NADIR_NO_MEMORY;
  for (size_t k = 0; k < r->count && status == NADIR_OK; k++) {
    if (r->list[k] == call->name)
      r->replaced[call->name] = value;
    else
      status = replace_in(p, r, r->list[k], arguments);
  }
  nd_free(arguments);
  *result = r->count > 0 ? r->replaced[call->body] : call->body;
  return status;
}

/* A number of a BOUND leaf that no integral in the parts has. */
static nadir_status make_bound(nd_parser *p, const bound_call *call, size_t begin, nd_node *bound) {
  const nd_graph *graph = p->graph;
  uint32_t height = graph->nodes[call->body].height, number = 0;
  for (size_t i = 0; i < 2; i++)
    if (graph->nodes[call->limits[i]].height > height)
      height = graph->nodes[call->limits[i]].height;
  while (1u << number <= height)
    number++;
  if (number >= ND_MOST_BOUND)
    return FAIL_AT(p, begin, "integrals are nested more than %d deep: write fewer", ND_MOST_BOUND);
  char text[2] = {(char)('0' + number), '\0'};
  if (!graph->stems[number]) p->graph->stems[number] = call->text;
  return nd_make_text(p->graph, ND_BOUND, text, 1, bound, p->error);
}

static nadir_status finish_integral(nd_parser *p, const bound_call *call, size_t begin,
                                    nd_value *result) {
  nd_node parts[4] = {0, 0, call->limits[0], call->limits[1]}, node;
  replacing r;
  ND_TRY(make_bound(p, call, begin, &parts[1]));
  ND_TRY(replacing_begin(p, call, &r));
  nadir_status status = put_in(p, call, &r, parts[1], &parts[0]);
  replacing_end(&r);
  ND_TRY(status);
  ND_TRY(nd_parser_make(p, ND_INTEGRAL, parts, 4, begin, &node));
  return nd_parser_push_scalar(p, begin, node, result);
}

/* A limit of a series: a whole number, or arithmetic of numbers that gives one. */
static nadir_status whole_limit(nd_parser *p, nd_node limit, size_t begin, int64_t *whole) {
  nd_exact value;
  nd_node simple;
  ND_TRY(nd_simplify(p->graph, limit, &simple, p->error));
  if (nd_exact_of(p->graph, simple, &value) && value.d == 1) {
    *whole = value.n;
    return NADIR_OK;
  }
  return FAIL_AT(p, begin,
                 "the limits of a series are whole numbers that are written in the formula, not "
                 "columns or parameters");
}

static nadir_status add_term(nd_parser *p, const bound_call *call, const replacing *r, int64_t k,
                             size_t begin) {
  nd_node number, term;
  nd_value pushed;
  char text[24];
  snprintf(text, sizeof text, "%lld", (long long)(k < 0 ? -k : k));
  ND_TRY(nd_make_decimal(p->graph, k < 0, text, strlen(text), &number, p->error));
  ND_TRY(put_in(p, call, r, number, &term));
  if (p->graph->node_count - p->nodes_before > ND_LIMIT_OPERATIONS)
    return FAIL_AT(p, begin, "it grows beyond %d operations: write it shorter",
                   ND_LIMIT_OPERATIONS);
  return nd_parser_push_scalar(p, begin, term, &pushed);
}

static nadir_status finish_series(nd_parser *p, const bound_call *call, size_t begin,
                                  nd_value *result) {
  int64_t limits[2];
  replacing r;
  size_t start = p->stack_count;
  for (size_t i = 0; i < 2; i++)
    ND_TRY(whole_limit(p, call->limits[i], begin, &limits[i]));
  if (limits[1] < limits[0] || limits[0] < -INT32_MAX || limits[1] > INT32_MAX ||
      limits[1] - limits[0] >= MOST_TERMS)
    return FAIL_AT(p, begin,
                   "a series has from 1 to %d terms: write series(f, k, m, n) with m <= n",
                   MOST_TERMS);
  ND_TRY(replacing_begin(p, call, &r));
  nadir_status status = NADIR_OK;
  for (int64_t k = limits[0]; k <= limits[1] && status == NADIR_OK; k++)
    status = add_term(p, call, &r, k, begin);
  replacing_end(&r);
  ND_TRY(status);
  *result = (nd_value){start, 1, begin, false};
  return nd_parser_reduce(p, ND_ADD, start, p->stack_count - start, begin);
}

static const char INTEGRAL[] = "integral(f, x, a, b)", SERIES[] = "series(f, k, m, n)";

static bool is_called(const nd_parser *p, const nd_token *name, const char *usage) {
  size_t length = name->end - name->begin;
  return strncmp(usage, p->text + name->begin, length) == 0 && usage[length] == '(';
}

const char *nd_parser_bound_usage(const nd_parser *p, const nd_token *name) {
  return is_called(p, name, INTEGRAL) ? INTEGRAL : is_called(p, name, SERIES) ? SERIES : NULL;
}

nadir_status nd_parse_bound_call(nd_parser *p, const nd_token *name, nd_value *result) {
  const char *usage = nd_parser_bound_usage(p, name);
  size_t begin = name->begin;
  bound_call call;
  ND_TRY(parse_bound_call(p, usage, &call));
  if (p->bound_calls++ >= MOST_CALLS)
    return FAIL_AT(p, begin, "there are more than %d integrals and series: write fewer",
                   MOST_CALLS);
  return usage == INTEGRAL ? finish_integral(p, &call, begin, result)
                           : finish_series(p, &call, begin, result);
}
