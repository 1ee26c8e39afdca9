/* Tokens -> graph, by recursive descent with a bounded depth.
 *
 *   fit    = expr ~ expr                              expr  = or
 *   or     = and { (or | ||) and }                    and   = not { (and | &&) not }
 *   not    = (not | !) not | compare                  compare = sum { (< <= > >= == !=) sum }
 *   sum    = product { (+ | -) product }              product = sign { (* | /) sign }
 *   sign   = (- | +) sign | power                     power = primary [ (^ | **) sign ]
 *   primary = number | name | constant | "text" | ( expr ) | [ expr, ... ] | function ( expr, ... ) | head
 *             | hms ( "text" ) | dms ( "text" ) | jd ( "text" )
 *             | integral ( expr, name, expr, expr ) | series ( expr, name, expr, expr )
 *
 * Nothing is simplified: what is typed is what the graph holds, except vectors, which expand here
 * element by element, a > b, which is b < a, a != b, which is not a == b, and the functions that
 * ops.def spells with others. A minus before a number is part of the number. A value under way is a
 * piece of one stack of nodes, its elements side by side, always the topmost when it is used. Time
 * is linear in the text and the nodes made; depth, text and nodes are limited (expr_internal.h). */
#include "base/stack.h"
#include "expr/parse_internal.h"

#include <stdio.h>
#include <string.h>

/* ---- errors ---- */

nadir_status nd_parser_advance(nd_parser *p) {
  p->last_begin = p->now.begin;
  p->last_end = p->now.end;
  return nd_next_token(p->what, p->text, p->length, p->now.end, &p->now, p->error);
}

/* The token as it is typed, for a sentence. */
typedef struct quoted {
  char text[48];
} quoted;

static quoted name_of_token(const nd_parser *p) {
  quoted name;
  size_t length = p->now.end - p->now.begin, limit = sizeof name.text - 8, used = 0;
  const char *typed = p->text + p->now.begin;
  size_t cut = length < limit ? length : limit;
  while (cut < length && ((unsigned char)typed[cut] & 0xc0) == 0x80)
    cut--;
  memcpy(name.text, typed, cut);
  used = cut;
  strcpy(name.text + used, cut < length ? "..." : "");
  return name;
}

nadir_status nd_parser_unexpected(nd_parser *p, const char *wanted) {
  if (p->now.kind == ND_END)
    return FAIL_AT(p, p->now.begin, "unexpected end of formula: expected %s here", wanted);
  return FAIL_AT(p, p->now.begin, "found %s: expected %s here", name_of_token(p).text, wanted);
}

nadir_status nd_parser_expect(nd_parser *p, nd_token_kind kind, const char *wanted) {
  return p->now.kind == kind ? nd_parser_advance(p) : nd_parser_unexpected(p, wanted);
}

/* A level takes up to 2.5 KB of the stack, and what later works on the formula less than the rest; deep formulas
 * alone ask, for the answer is dear. */
static bool stack_goes_on(nd_parser *p) {
  enum { SHALLOW = 8, STACK_LEFT = 48 << 10 };
  if (p->depth < SHALLOW) return true;
  if (p->depth == SHALLOW) p->stack_floor = nd_stack_floor();
  return nd_stack_goes_on(p->stack_floor, STACK_LEFT);
}

/* One level deeper. The whole formula is level 0; the arguments of a call are one below it. */
static nadir_status enter(nd_parser *p) {
  if (!stack_goes_on(p))
    return FAIL_AT(p, p->now.begin,
                   "it is nested too deep for the stack that there is: write it flatter, or raise "
                   "the limit (ulimit -s)");
  if (p->depth++ <= ND_LIMIT_NESTING) return NADIR_OK;
  return FAIL_AT(p, p->now.begin, "it is nested more than %d levels deep: write it flatter",
                 ND_LIMIT_NESTING);
}

/* ---- the stack, and nodes with their places ---- */

static nadir_status push(nd_parser *p, nd_node node) {
  ND_TRY(nd_grow(&p->stack, &p->stack_capacity, p->stack_count + 1, sizeof *p->stack, p->error));
  p->stack[p->stack_count++] = node;
  return NADIR_OK;
}

nadir_status nd_parser_push_scalar(nd_parser *p, size_t begin, nd_node node, nd_value *result) {
  *result = (nd_value){p->stack_count, 1, begin, false};
  return push(p, node);
}

static nadir_status note_again(nd_parser *p, nd_node node, nd_place place) {
  nd_graph *graph = p->graph;
  ND_TRY(nd_grow(&graph->again, &graph->again_capacity, graph->again_count + 1,
                 sizeof *graph->again, p->error));
  graph->again[graph->again_count++] = (nd_again){node, place};
  return NADIR_OK;
}

nadir_status nd_parser_set_place(nd_parser *p, nd_node node, size_t begin) {
  nd_place *first = &p->graph->nodes[node].place;
  if (p->text_number == 0 || p->in_vector || p->last_end < begin) return NADIR_OK;
  nd_place place = {p->text_number, (uint32_t)begin, (uint32_t)(p->last_end - begin)};
  if (first->text == 0)
    *first = place;
  else if (first->text != p->text_number)
    return note_again(p, node, place);
  return NADIR_OK;
}

nadir_status nd_parser_make(nd_parser *p, nd_op op, const nd_node *arguments, size_t count,
                            size_t begin, nd_node *node) {
  for (size_t i = 0; i < count && op != ND_EQUAL; i++) {
    if (nd_node_type(p->graph, arguments[i]) == ND_IS_TEXT)
      return FAIL_AT(p, begin,
                     "a quoted string is not a number: compare it with a "
                     "column by == or !=");
  }
  ND_TRY(nd_make(p->graph, op, arguments, count, node, p->error));
  ND_TRY(nd_parser_set_place(p, *node, begin));
  if (p->graph->node_count - p->nodes_before > ND_LIMIT_OPERATIONS)
    return FAIL_AT(p, begin, "it grows beyond %d operations: write it shorter", ND_LIMIT_OPERATIONS);
  return NADIR_OK;
}

/* Replaces the topmost `count` nodes by the operator over them. */
nadir_status nd_parser_reduce(nd_parser *p, nd_op op, size_t start, size_t count, size_t begin) {
  if (count > 1) ND_TRY(nd_parser_make(p, op, p->stack + start, count, begin, &p->stack[start]));
  p->stack_count = start + 1;
  return NADIR_OK;
}

/* ---- element by element ---- */

/* The common number of elements of arguments; a scalar goes with any vector. */
static nadir_status common_count(nd_parser *p, const nd_value *arguments, size_t count,
                                 nd_value *result) {
  *result = (nd_value){arguments[0].start, 1, arguments[0].begin, false};
  for (size_t i = 0; i < count; i++) {
    if (!arguments[i].vector) continue;
    if (result->vector && result->count != arguments[i].count)
      return FAIL_AT(p, arguments[i].begin,
                     "this vector has %zu elements and the one before it %zu: give both one length",
                     arguments[i].count, result->count);
    result->vector = true;
    result->count = arguments[i].count;
  }
  return NADIR_OK;
}

/* Results overwrite the arguments from the first on: element i of the result never lies above
 * element i of a vector argument, and scalars are set aside. */
nadir_status nd_parser_elementwise(nd_parser *p, nd_combine *how, const void *context,
                                   const nd_value *arguments, size_t count, nd_value *result) {
  nd_node scalar[ND_MOST_FIXED], element[ND_MOST_FIXED];
  ND_TRY(common_count(p, arguments, count, result));
  p->in_vector = result->count > 1;
  for (size_t k = 0; k < count; k++)
    scalar[k] = p->stack[arguments[k].start];
  for (size_t i = 0; i < result->count; i++) {
    for (size_t k = 0; k < count; k++)
      element[k] = arguments[k].vector ? p->stack[arguments[k].start + i] : scalar[k];
    nd_node made = ND_NO_NODE;
    ND_TRY(how(p, context, element, count, result->begin, &made));
    p->stack[result->start + i] = made;
  }
  p->in_vector = false;
  p->stack_count = result->start + result->count;
  return NADIR_OK;
}

static nadir_status combine_op(nd_parser *p, const void *context, const nd_node *arguments,
                               size_t count, size_t begin, nd_node *node) {
  return nd_parser_make(p, *(const nd_op *)context, arguments, count, begin, node);
}

nadir_status nd_parser_apply(nd_parser *p, nd_op op, const nd_value *arguments, size_t count,
                             nd_value *result) {
  return nd_parser_elementwise(p, combine_op, &op, arguments, count, result);
}

/* ---- operators ---- */

static nadir_status parse_or_and(nd_parser *p, nd_token_kind kind, nd_op op,
                                 nadir_status (*operand)(nd_parser *, nd_value *),
                                 nd_value *result) {
  ND_TRY(operand(p, result));
  while (p->now.kind == kind) {
    nd_value both[2] = {*result};
    ND_TRY(nd_parser_advance(p));
    ND_TRY(operand(p, &both[1]));
    ND_TRY(nd_parser_apply(p, op, both, 2, result));
  }
  return NADIR_OK;
}

/* A run of one n-ary operator, a + b + c, over scalars becomes one node. `pending` scalars lie on
 * the stack from left->start on, not yet joined. */
typedef struct run {
  nd_op op;
  size_t pending;
} run;

static nadir_status close_run(nd_parser *p, run *open, nd_value *left) {
  if (open->pending <= 1) return NADIR_OK;
  ND_TRY(nd_parser_reduce(p, open->op, left->start, open->pending, left->begin));
  open->pending = 1;
  return NADIR_OK;
}

/* The run ends because a vector follows; the vector moves down next to what the run became. */
static nadir_status close_run_under(nd_parser *p, run *open, nd_value *left, nd_value *right) {
  if (open->pending <= 1) return NADIR_OK;
  ND_TRY(nd_parser_make(p, open->op, p->stack + left->start, open->pending, left->begin,
                        &p->stack[left->start]));
  memmove(p->stack + left->start + 1, p->stack + right->start, right->count * sizeof *p->stack);
  right->start = left->start + 1;
  p->stack_count = right->start + right->count;
  open->pending = 1;
  return NADIR_OK;
}

static nadir_status join(nd_parser *p, nd_op op, bool n_ary, run *open, nd_value *left,
                         nd_value *right) {
  if (n_ary && !left->vector && !right->vector) {
    open->op = op;
    open->pending++;
    return NADIR_OK;
  }
  ND_TRY(close_run_under(p, open, left, right));
  return nd_parser_apply(p, op, (nd_value[]){*left, *right}, 2, left);
}

static nadir_status parse_run(nd_parser *p, const nd_token_kind kinds[2], const nd_op ops[2],
                              nadir_status (*operand)(nd_parser *, nd_value *), nd_value *left) {
  run open = {ops[0], 1};
  ND_TRY(operand(p, left));
  while (p->now.kind == kinds[0] || p->now.kind == kinds[1]) {
    bool first = p->now.kind == kinds[0];
    nd_value right;
    if (!first) ND_TRY(close_run(p, &open, left));
    ND_TRY(nd_parser_advance(p));
    ND_TRY(operand(p, &right));
    ND_TRY(join(p, first ? ops[0] : ops[1], first, &open, left, &right));
  }
  return close_run(p, &open, left);
}

static nadir_status parse_product(nd_parser *p, nd_value *result) {
  return parse_run(p, (const nd_token_kind[]){ND_TIMES, ND_OVER}, (const nd_op[]){ND_MUL, ND_DIV},
                   nd_parse_sign, result);
}

static nadir_status parse_sum(nd_parser *p, nd_value *result) {
  return parse_run(p, (const nd_token_kind[]){ND_PLUS, ND_MINUS}, (const nd_op[]){ND_ADD, ND_SUB},
                   parse_product, result);
}

static bool is_comparison(nd_token_kind kind) {
  return kind == ND_LT || kind == ND_LE || kind == ND_GT || kind == ND_GE || kind == ND_EQ ||
         kind == ND_NE;
}

static nadir_status check_texts(nd_parser *p, nd_token_kind kind, size_t at,
                                const nd_node *arguments) {
  bool a = nd_node_type(p->graph, arguments[0]) == ND_IS_TEXT;
  bool b = nd_node_type(p->graph, arguments[1]) == ND_IS_TEXT;
  if (a && b) return FAIL_AT(p, at, "two quoted strings are compared: one side must be a column");
  if ((a || b) && kind != ND_EQ && kind != ND_NE)
    return FAIL_AT(p, at, "a quoted string has no order: compare it by == or !=");
  if ((a && nd_node_op(p->graph, arguments[1]) != ND_NAME) ||
      (b && nd_node_op(p->graph, arguments[0]) != ND_NAME))
    return FAIL_AT(p, at, "a quoted string is compared with a number: compare it with a column");
  return NADIR_OK;
}

static nadir_status combine_comparison(nd_parser *p, const void *context, const nd_node *arguments,
                                       size_t count, size_t begin, nd_node *node) {
  nd_token_kind kind = *(const nd_token_kind *)context;
  nd_node swapped[2] = {arguments[1], arguments[0]};
  ND_TRY(check_texts(p, kind, begin, arguments));
  if (kind == ND_EQ) return nd_parser_make(p, ND_EQUAL, arguments, count, begin, node);
  if (kind == ND_NE) {
    nd_node equal;
    ND_TRY(nd_parser_make(p, ND_EQUAL, arguments, count, begin, &equal));
    return nd_parser_make(p, ND_NOT, &equal, 1, begin, node);
  }
  return nd_parser_make(p, kind == ND_LT || kind == ND_GT ? ND_LESS : ND_LESSEQ,
                        kind == ND_LT || kind == ND_LE ? arguments : swapped, count, begin, node);
}

static nadir_status copy_value(nd_parser *p, nd_value *copy) {
  size_t from = copy->start;
  copy->start = p->stack_count;
  for (size_t i = 0; i < copy->count; i++)
    ND_TRY(push(p, p->stack[from + i]));
  return NADIR_OK;
}

/* One comparison of sides[0] with sides[1], joined by `and` to the chain before it, which lies
 * under sides[0] on the stack. Where the chain goes on, sides[1] is needed again: a copy is set
 * aside first and moved down after. */
static nadir_status compare(nd_parser *p, nd_token_kind kind, bool chained, nd_value sides[2],
                            nd_value *chain) {
  nd_value kept = sides[1], compared;
  bool more = is_comparison(p->now.kind);
  if (more) ND_TRY(copy_value(p, &kept));
  ND_TRY(nd_parser_elementwise(p, combine_comparison, &kind, sides, 2, &compared));
  if (chained) ND_TRY(nd_parser_apply(p, ND_AND, (nd_value[]){*chain, compared}, 2, &compared));
  if (more) {
    memmove(p->stack + p->stack_count, p->stack + kept.start, kept.count * sizeof *p->stack);
    kept.start = p->stack_count;
    p->stack_count += kept.count;
  }
  sides[0] = kept;
  *chain = compared;
  return NADIR_OK;
}

/* a <= x <= b is a <= x and x <= b. */
static nadir_status parse_compare(nd_parser *p, nd_value *result) {
  nd_value sides[2];
  ND_TRY(parse_sum(p, &sides[0]));
  *result = sides[0];
  for (bool chained = false; is_comparison(p->now.kind); chained = true) {
    nd_token_kind kind = p->now.kind;
    ND_TRY(nd_parser_advance(p));
    ND_TRY(parse_sum(p, &sides[1]));
    ND_TRY(compare(p, kind, chained, sides, result));
  }
  return NADIR_OK;
}

static nadir_status parse_not(nd_parser *p, nd_value *result) {
  if (p->now.kind != ND_NOT_TOKEN) return parse_compare(p, result);
  size_t begin = p->now.begin;
  ND_TRY(enter(p));
  ND_TRY(nd_parser_advance(p));
  ND_TRY(parse_not(p, result));
  p->depth--;
  result->begin = begin;
  return nd_parser_apply(p, ND_NOT, (nd_value[]){*result}, 1, result);
}

static nadir_status parse_and(nd_parser *p, nd_value *result) {
  return parse_or_and(p, ND_AND_TOKEN, ND_AND, parse_not, result);
}

static nadir_status parse_or(nd_parser *p, nd_value *result) {
  return parse_or_and(p, ND_OR_TOKEN, ND_OR, parse_and, result);
}

nadir_status nd_parse_expression(nd_parser *p, nd_value *result) {
  ND_TRY(enter(p));
  ND_TRY(parse_or(p, result));
  p->depth--;
  return NADIR_OK;
}

/* ---- primaries ---- */

nadir_status nd_parser_name_text(nd_parser *p, const nd_token *token, char **name, size_t *length) {
  const char *typed = p->text + token->begin;
  size_t count = token->name_end - token->begin, used = 0;
  char *out = nd_arena_take(p->graph->arena, token->end - token->begin + 1, p->error);
  *name = out;
  if (out == NULL) return NADIR_NO_MEMORY;
  bool quotes = token->kind == ND_QUOTED_NAME || token->kind == ND_STRING;
  if (token->kind == ND_STRING) count = token->end - token->begin;
  for (size_t i = quotes ? 1 : 0; i < count - (quotes ? 1 : 0); i++) {
    out[used++] = typed[i];
    if (quotes && typed[i] == typed[0]) i++;
  }
  if (token->element_end > token->element) {
    out[used++] = '[';
    memcpy(out + used, p->text + token->element, token->element_end - token->element);
    used += token->element_end - token->element;
    out[used++] = ']';
  }
  *length = used;
  return NADIR_OK;
}

static nadir_status bound_name(nd_parser *p, const char *name, size_t length, nd_node *node) {
  for (size_t i = 0; i < p->bound_count; i++) {
    if (strlen(p->names[i]) == length && memcmp(p->names[i], name, length) == 0) {
      *node = p->bound[i];
      return NADIR_OK;
    }
  }
  return FAIL_AT(p, p->now.begin, "%.*s is not a name of this row of ops.def", (int)length, name);
}

static nadir_status parse_name(nd_parser *p, const nd_token *token, nd_value *result) {
  nd_node node;
  char *name;
  size_t length = token->end - token->begin;
  if (token->kind == ND_NAME_TOKEN && length == 2 && memcmp(p->text + token->begin, "pi", 2) == 0) {
    ND_TRY(nd_parser_make(p, ND_PI, NULL, 0, token->begin, &node));
  } else if (p->names != NULL) {
    ND_TRY(bound_name(p, p->text + token->begin, length, &node));
  } else {
    ND_TRY(nd_parser_name_text(p, token, &name, &length));
    ND_TRY(nd_make_text(p->graph, ND_NAME, name, length, &node, p->error));
    ND_TRY(nd_parser_set_place(p, node, token->begin));
  }
  return nd_parser_push_scalar(p, token->begin, node, result);
}

static nadir_status unknown_constant(nd_parser *p) {
  const char *known[128];
  char typed[64];
  size_t count = 0;
  const nadir_constant *constant;
  while (count < ND_COUNT(known) && (constant = nd_constant_at(count)))
    known[count++] = constant->name;
  size_t length = p->now.end - p->now.begin;
  int shown = length < sizeof typed ? (int)length : (int)sizeof typed - 1;
  snprintf(typed, sizeof typed, "%.*s", shown, p->text + p->now.begin);
  ptrdiff_t nearest = nd_nearest(typed, known, count);
  if (nearest >= 0)
    return FAIL_AT(p, p->now.begin, "there is no constant %s: " ND_DID_YOU_MEAN, typed,
                   known[nearest]);
  return FAIL_AT(p, p->now.begin,
                 "there is no constant %s: a column with that name goes in backquotes", typed);
}

/* A constant is the number that its row has. Where that number is typed as digits too, it is a number and no more. */
static nadir_status parse_constant(nd_parser *p, nd_value *result) {
  const nadir_constant *constant;
  size_t begin = p->now.begin, length = p->now.end - begin;
  size_t before = nd_graph_size(p->graph);
  nd_node node;
  for (size_t i = 0; (constant = nd_constant_at(i)); i++)
    if (strlen(constant->name) == length && memcmp(constant->name, p->text + begin, length) == 0)
      break;
  if (!constant) return unknown_constant(p);
  ND_TRY(
      nd_make_decimal(p->graph, false, constant->value, strlen(constant->value), &node, p->error));
  if (node >= before) p->graph->nodes[node].constant = constant;
  ND_TRY(nd_parser_advance(p));
  ND_TRY(nd_parser_set_place(p, node, begin));
  return nd_parser_push_scalar(p, begin, node, result);
}

static nadir_status parse_name_or_call(nd_parser *p, nd_value *result) {
  nd_token name = p->now;
  ND_TRY(nd_parser_advance(p));
  if (name.kind == ND_QUOTED_NAME || p->now.kind != ND_OPEN || name.element != 0)
    return parse_name(p, &name, result);
  if (nd_parser_bound_usage(p, &name)) return nd_parse_bound_call(p, &name, result);
  if (nd_parser_text_usage(p, &name)) return nd_parse_text_call(p, &name, result);
  nd_op head = nd_head_named(p->text + name.begin, name.end - name.begin);
  return head != ND_OPS ? nd_parse_head(p, head, name.begin, result)
                        : nd_parse_call(p, &name, result);
}

static nadir_status parse_number(nd_parser *p, bool negative, size_t begin, nd_value *result) {
  nd_node node;
  const char *text = p->text + p->now.begin;
  size_t length = p->now.end - p->now.begin;
  nadir_status status = nd_make_decimal(p->graph, negative, text, length, &node, p->error);
  if (status == NADIR_BAD_FORMULA)
    return FAIL_AT(p, p->now.begin,
                   "this number is beyond double precision: use one of size 1e-300 to 1e308");
  ND_TRY(status);
  p->graph->nodes[node].constant = NULL;
  ND_TRY(nd_parser_advance(p));
  ND_TRY(nd_parser_set_place(p, node, begin));
  return nd_parser_push_scalar(p, begin, node, result);
}

static nadir_status parse_string(nd_parser *p, nd_value *result) {
  nd_token token = p->now;
  nd_node node;
  char *text;
  size_t length;
  ND_TRY(nd_parser_name_text(p, &token, &text, &length));
  ND_TRY(nd_make_text(p->graph, ND_TEXT_LITERAL, text, length, &node, p->error));
  ND_TRY(nd_parser_advance(p));
  ND_TRY(nd_parser_set_place(p, node, token.begin));
  return nd_parser_push_scalar(p, token.begin, node, result);
}

static nadir_status parse_parenthesis(nd_parser *p, nd_value *result) {
  size_t begin = p->now.begin;
  ND_TRY(nd_parser_advance(p));
  ND_TRY(nd_parse_expression(p, result));
  ND_TRY(nd_parser_expect(p, ND_CLOSE, "an operator or )"));
  result->begin = begin;
  return NADIR_OK;
}

static nadir_status parse_vector(nd_parser *p, nd_value *result) {
  *result = (nd_value){p->stack_count, 0, p->now.begin, true};
  do {
    nd_value next;
    ND_TRY(nd_parser_advance(p));
    ND_TRY(nd_parse_expression(p, &next));
    result->count += next.count;
  } while (p->now.kind == ND_COMMA);
  return nd_parser_expect(p, ND_CLOSE_VECTOR, "a comma or ]");
}

static nadir_status parse_primary(nd_parser *p, nd_value *result) {
  if (p->now.kind == ND_NUMBER_TOKEN) return parse_number(p, false, p->now.begin, result);
  if (p->now.kind == ND_NAME_TOKEN || p->now.kind == ND_QUOTED_NAME)
    return parse_name_or_call(p, result);
  if (p->now.kind == ND_CONSTANT_TOKEN) return parse_constant(p, result);
  if (p->now.kind == ND_OPEN) return parse_parenthesis(p, result);
  if (p->now.kind == ND_OPEN_VECTOR) return parse_vector(p, result);
  if (p->now.kind == ND_STRING) return parse_string(p, result);
  return nd_parser_unexpected(p, "a number, a name or a parenthesis");
}

static nadir_status parse_power(nd_parser *p, nd_value *result) {
  nd_value both[2];
  ND_TRY(parse_primary(p, &both[0]));
  *result = both[0];
  if (p->now.kind != ND_POWER) return NADIR_OK;
  ND_TRY(enter(p));
  ND_TRY(nd_parser_advance(p));
  ND_TRY(nd_parse_sign(p, &both[1]));
  p->depth--;
  return nd_parser_apply(p, ND_POW, both, 2, result);
}

/* A minus belongs to a number that follows it, unless the number is raised to a power. */
static bool at_negative_number(const nd_parser *p) {
  nd_token after;
  return p->now.kind == ND_NUMBER_TOKEN &&
         (nd_next_token(p->what, p->text, p->length, p->now.end, &after, NULL) != NADIR_OK ||
          after.kind != ND_POWER);
}

nadir_status nd_parse_sign(nd_parser *p, nd_value *result) {
  if (p->now.kind != ND_MINUS && p->now.kind != ND_PLUS) return parse_power(p, result);
  bool minus = p->now.kind == ND_MINUS;
  size_t begin = p->now.begin;
  ND_TRY(enter(p));
  ND_TRY(nd_parser_advance(p));
  if (minus && at_negative_number(p)) {
    p->depth--;
    return parse_number(p, true, begin, result);
  }
  ND_TRY(nd_parse_sign(p, result));
  p->depth--;
  result->begin = begin;
  return minus ? nd_parser_apply(p, ND_NEG, (nd_value[]){*result}, 1, result) : NADIR_OK;
}

/* ---- whole formulas ---- */

/* What cannot follow a complete expression, with the likely cause. */
static nadir_status left_over(nd_parser *p) {
  nd_token_kind kind = p->now.kind;
  const char *usage = nd_parser_usage_of_last(p);
  if (usage != NULL && kind != ND_CLOSE && kind != ND_TILDE)
    return FAIL_AT(p, p->last_begin, "%.*s is a function and takes parentheses: write %s",
                   (int)(p->last_end - p->last_begin), p->text + p->last_begin, usage);
  if (kind == ND_CLOSE)
    return FAIL_AT(p, p->now.begin, "this ) has no ( before it: remove it, or add the (");
  if (kind == ND_TILDE)
    return FAIL_AT(p, p->now.begin, "unexpected ~: write one, as in TARGET ~ MODEL");
  if (kind == ND_OPEN || kind == ND_NAME_TOKEN || kind == ND_QUOTED_NAME ||
      kind == ND_NUMBER_TOKEN || kind == ND_CONSTANT_TOKEN)
    return FAIL_AT(p, p->now.begin, "found %s: expected an operator here, as * to multiply",
                   name_of_token(p).text);
  return nd_parser_unexpected(p, "an operator or the end of the formula");
}

static nadir_status parse_scalar(nd_parser *p, nd_node *root) {
  nd_value whole;
  p->stack_count = 0;
  ND_TRY(nd_parse_expression(p, &whole));
  if (whole.vector)
    return FAIL_AT(p, whole.begin,
                   "this is a vector of %zu elements where one number is needed: use sum, mean, "
                   "norm2 or max of it",
                   whole.count);
  *root = p->stack[whole.start];
  if (nd_node_type(p->graph, *root) == ND_IS_TEXT)
    return FAIL_AT(p, whole.begin,
                   "a quoted string is not a number: compare it "
                   "with a column by == or !=");
  return NADIR_OK;
}

static nadir_status keep_text(nd_graph *graph, const char *what, const char *text, nd_parser *p,
                              nadir_error *error) {
  size_t length = strnlen(text, ND_LIMIT_FORMULA + 1);
  if (length > ND_LIMIT_FORMULA)
    return nd_fail(error, NADIR_BAD_FORMULA, "%s: it is longer than %d bytes: write it shorter", what,
                   ND_LIMIT_FORMULA);
  size_t number = graph->text_count == 0 ? 1 : graph->text_count;
  ND_TRY(nd_grow(&graph->texts, &graph->text_capacity, number + 1, sizeof *graph->texts, error));
  char *copy = nd_arena_take(graph->arena, length + 1, error);
  if (copy == NULL) return NADIR_NO_MEMORY;
  memcpy(copy, text, length);
  graph->texts[number] = copy;
  graph->text_count = number + 1;
  *p = (nd_parser){.graph = graph,
                   .what = what,
                   .text = copy,
                   .length = length,
                   .text_number = (uint32_t)number,
                   .nodes_before = graph->node_count,
                   .error = error};
  return nd_parser_advance(p);
}

static nadir_status parse_whole(nd_parser *p, nd_node *root) {
  if (p->now.kind == ND_END) return FAIL_AT(p, 0, "it is empty: write an expression");
  ND_TRY(parse_scalar(p, root));
  return p->now.kind == ND_END ? NADIR_OK : left_over(p);
}

nadir_status nd_parse_as(nd_graph *graph, const char *what, const char *text, nd_node *root,
                         nadir_error *error) {
  nd_parser p;
  ND_TRY(keep_text(graph, what, text, &p, error));
  nadir_status status = parse_whole(&p, root);
  nd_free(p.stack);
  return status;
}

nadir_status nd_parse(nd_graph *graph, const char *text, nd_node *root, nadir_error *error) {
  return nd_parse_as(graph, "formula", text, root, error);
}

uint32_t nd_graph_text(const nd_graph *graph) {
  return graph->text_count > 0 ? (uint32_t)(graph->text_count - 1) : 0;
}

static nadir_status parse_both(nd_parser *p, nd_node *target, nd_node *model) {
  if (p->now.kind == ND_TILDE)
    return FAIL_AT(p, p->now.begin, "nothing is before the ~: write TARGET ~ MODEL");
  if (p->now.kind == ND_END) return FAIL_AT(p, 0, "it is empty: write TARGET ~ MODEL");
  ND_TRY(parse_scalar(p, target));
  if (p->now.kind == ND_END)
    return FAIL_AT(p, p->now.begin, "there is no ~ in it: write TARGET ~ MODEL");
  if (p->now.kind != ND_TILDE) return left_over(p);
  ND_TRY(nd_parser_advance(p));
  if (p->now.kind == ND_END)
    return FAIL_AT(p, p->now.begin, "nothing is after the ~: write TARGET ~ MODEL");
  ND_TRY(parse_scalar(p, model));
  if (p->now.kind == ND_TILDE)
    return FAIL_AT(p, p->now.begin, "unexpected second ~: write one, as in TARGET ~ MODEL");
  return p->now.kind == ND_END ? NADIR_OK : left_over(p);
}

nadir_status nd_parse_fit(nd_graph *graph, const char *text, nd_node *target, nd_node *model,
                          nadir_error *error) {
  nd_parser p;
  ND_TRY(keep_text(graph, "formula", text, &p, error));
  nadir_status status = parse_both(&p, target, model);
  nd_free(p.stack);
  return status;
}

nadir_status nd_parse_bound(nd_graph *graph, const char *text, size_t length,
                            const char *const *names, const nd_node *nodes, size_t count,
                            nd_node *root, nadir_error *error) {
  nd_parser p = {.graph = graph,
                 .what = "formula",
                 .text = text,
                 .length = length,
                 .nodes_before = graph->node_count,
                 .names = names,
                 .bound = nodes,
                 .bound_count = count,
                 .error = error};
  nadir_status status = nd_parser_advance(&p);
  if (status == NADIR_OK) status = parse_whole(&p, root);
  nd_free(p.stack);
  return status;
}

/* ---- errors with a caret ---- */

static nadir_status fail_at_place(const nd_graph *graph, nd_place place, nadir_error *error,
                                  nadir_status status, const char *format, va_list list) {
  char sentence[sizeof error->message];
  vsnprintf(sentence, sizeof sentence, format, list);
  if (place.text == 0) return nd_fail(error, status, "%s", sentence);
  return nd_fail_at(error, status, graph->texts[place.text], place.begin, "%s", sentence);
}

nadir_status nd_fail_at_node(const nd_graph *graph, nd_node node, nadir_error *error,
                             nadir_status status, const char *format, ...) {
  va_list list;
  va_start(list, format);
  status = fail_at_place(graph, graph->nodes[node].place, error, status, format, list);
  va_end(list);
  return status;
}

static nd_place place_in_text(const nd_graph *graph, nd_node node, uint32_t text) {
  nd_place first = graph->nodes[node].place;
  if (text == 0 || first.text == text) return first;
  for (size_t i = 0; i < graph->again_count; i++)
    if (graph->again[i].node == node && graph->again[i].place.text == text)
      return graph->again[i].place;
  return (nd_place){0};
}

nadir_status nd_fail_in_text(const nd_graph *graph, uint32_t text, nd_node node, nadir_error *error,
                             const char *format, ...) {
  va_list list;
  va_start(list, format);
  nadir_status status = fail_at_place(graph, place_in_text(graph, node, text), error,
                                      NADIR_BAD_FORMULA, format, list);
  va_end(list);
  return status;
}

nadir_status nd_parser_fail(const nd_parser *p, size_t at, const char *format, ...) {
  char sentence[sizeof p->error->message];
  va_list list;
  va_start(list, format);
  vsnprintf(sentence, sizeof sentence, format, list);
  va_end(list);
  return nd_fail_at(p->error, NADIR_BAD_FORMULA, p->text, at, "%s: %s", p->what, sentence);
}
