/* Tokens -> graph, by recursive descent with a bounded depth.
 *
 *   fit    = expr ~ expr                              expr  = or
 *   or     = and { (or | ||) and }                    and   = not { (and | &&) not }
 *   not    = (not | !) not | compare                  compare = sum { (< <= > >= == !=) sum }
 *   sum    = product { (+ | -) product }              product = sign { (* | /) sign }
 *   sign   = (- | +) sign | power                     power = primary [ (^ | **) sign ]
 *   primary = number | name | "text" | ( expr ) | [ expr, ... ] | function ( expr, ... ) | head
 *
 * Nothing is simplified: what is typed is what the graph holds, but for vectors, which expand here
 * element by element, a > b, which is b < a, a != b, which is not a == b, and the functions that
 * ops.def spells with others. A minus before a number is part of the number. A value under way is a
 * piece of one stack of nodes, its elements side by side, always the topmost when it is used. Time
 * is linear in the text and the nodes made; depth, text and nodes are limited (expr_internal.h). */
#include "expr/expr_internal.h"

#include <stdio.h>
#include <string.h>

typedef struct value {
  size_t start, count; /* on the stack */
  size_t begin;        /* in the text */
  bool vector;
} value;

typedef struct parser {
  nd_graph *graph;
  const char *text;
  size_t length;
  uint32_t text_number; /* 0: leaves no places */
  bool in_vector;       /* an element of a vector has no place of its own */
  nd_token now;
  size_t last_begin, last_end; /* of the token before */
  size_t depth, nodes_before;
  nd_node *stack;
  size_t stack_count, stack_capacity;
  const char *const *names; /* of a bound formula, with their nodes */
  const nd_node *bound;
  size_t bound_count;
  nadir_error *error;
} parser;

static nadir_status parse_expression(parser *p, value *result);
static nadir_status parse_sign(parser *p, value *result);

/* ---- errors ---- */

#define FAIL_AT(p, at, ...)                                                                        \
  nd_fail_at((p)->error, NADIR_BAD_FORMULA, (p)->text, at, "formula: " __VA_ARGS__)

static nadir_status advance(parser *p) {
  p->last_begin = p->now.begin;
  p->last_end = p->now.end;
  return nd_next_token(p->text, p->length, p->now.end, &p->now, p->error);
}

/* The token as it is typed, for a sentence. */
typedef struct quoted {
  char text[48];
} quoted;

static quoted name_of_token(const parser *p) {
  quoted name;
  size_t length = p->now.end - p->now.begin, limit = sizeof name.text - 8, used = 0;
  if (p->now.kind == ND_END) {
    strcpy(name.text, "the end");
    return name;
  }
  const char *typed = p->text + p->now.begin;
  size_t cut = length < limit ? length : limit;
  while (cut < length && ((unsigned char)typed[cut] & 0xc0) == 0x80)
    cut--;
  memcpy(name.text, typed, cut);
  used = cut;
  strcpy(name.text + used, cut < length ? "..." : "");
  return name;
}

static nadir_status unexpected(parser *p, const char *wanted) {
  return FAIL_AT(p, p->now.begin, "found %s: expected %s here", name_of_token(p).text, wanted);
}

static nadir_status expect(parser *p, nd_token_kind kind, const char *wanted) {
  return p->now.kind == kind ? advance(p) : unexpected(p, wanted);
}

static nadir_status enter(parser *p) {
  if (p->depth++ < ND_DEPTH_LIMIT) return NADIR_OK;
  return FAIL_AT(p, p->now.begin, "it is nested more than %d levels deep: write it flatter",
                 ND_DEPTH_LIMIT);
}

/* ---- the stack, and nodes with their places ---- */

static nadir_status push(parser *p, nd_node node) {
  ND_TRY(nd_grow(&p->stack, &p->stack_capacity, p->stack_count + 1, sizeof *p->stack, p->error));
  p->stack[p->stack_count++] = node;
  return NADIR_OK;
}

static nadir_status push_scalar(parser *p, size_t begin, nd_node node, value *result) {
  *result = (value){p->stack_count, 1, begin, false};
  return push(p, node);
}

static void set_place(parser *p, nd_node node, size_t begin) {
  nd_place *place = &p->graph->nodes[node].place;
  if (p->text_number == 0 || p->in_vector || place->text != 0 || p->last_end < begin) return;
  *place = (nd_place){p->text_number, (uint32_t)begin, (uint32_t)(p->last_end - begin)};
}

static nadir_status make(parser *p, nd_op op, const nd_node *arguments, size_t count, size_t begin,
                         nd_node *node) {
  for (size_t i = 0; i < count && op != ND_EQUAL; i++) {
    if (nd_node_type(p->graph, arguments[i]) == ND_IS_TEXT)
      return FAIL_AT(p, begin,
                     "a quoted string stands where a number is expected: compare it with a "
                     "column by == or !=");
  }
  ND_TRY(nd_make(p->graph, op, arguments, count, node, p->error));
  set_place(p, *node, begin);
  if (p->graph->node_count - p->nodes_before > ND_PARSE_NODES)
    return FAIL_AT(p, begin, "it grows beyond %d operations: write it shorter", ND_PARSE_NODES);
  return NADIR_OK;
}

/* Replaces the topmost `count` nodes by the operator over them. */
static nadir_status reduce(parser *p, nd_op op, size_t start, size_t count, size_t begin) {
  if (count > 1) ND_TRY(make(p, op, p->stack + start, count, begin, &p->stack[start]));
  p->stack_count = start + 1;
  return NADIR_OK;
}

static nadir_status make_number(parser *p, const char *text, nd_node *node) {
  return nd_make_decimal(p->graph, false, text, strlen(text), node, p->error);
}

/* ---- element by element ---- */

enum { MOST_FIXED = 3 };

/* The common number of elements of arguments; a scalar goes with any vector. */
static nadir_status common_count(parser *p, const value *arguments, size_t count, value *result) {
  *result = (value){arguments[0].start, 1, arguments[0].begin, false};
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

/* What makes one element of the result from one of each argument. */
typedef nadir_status combine(parser *p, const void *context, const nd_node *arguments, size_t count,
                             size_t begin, nd_node *node);

/* Results overwrite the arguments from the first on: element i of the result never lies above
 * element i of a vector argument, and scalars are set aside. */
static nadir_status elementwise(parser *p, combine *how, const void *context,
                                const value *arguments, size_t count, value *result) {
  nd_node scalar[MOST_FIXED], element[MOST_FIXED];
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

static nadir_status combine_op(parser *p, const void *context, const nd_node *arguments,
                               size_t count, size_t begin, nd_node *node) {
  return make(p, *(const nd_op *)context, arguments, count, begin, node);
}

static nadir_status apply(parser *p, nd_op op, const value *arguments, size_t count,
                          value *result) {
  return elementwise(p, combine_op, &op, arguments, count, result);
}

/* ---- operators ---- */

static nadir_status parse_or_and(parser *p, nd_token_kind kind, nd_op op,
                                 nadir_status (*operand)(parser *, value *), value *result) {
  ND_TRY(operand(p, result));
  while (p->now.kind == kind) {
    value both[2] = {*result};
    ND_TRY(advance(p));
    ND_TRY(operand(p, &both[1]));
    ND_TRY(apply(p, op, both, 2, result));
  }
  return NADIR_OK;
}

/* A run of one n-ary operator, a + b + c, over scalars becomes one node. `pending` scalars lie on
 * the stack from left->start on, not yet joined. */
typedef struct run {
  nd_op op;
  size_t pending;
} run;

static nadir_status close_run(parser *p, run *open, value *left) {
  if (open->pending <= 1) return NADIR_OK;
  ND_TRY(reduce(p, open->op, left->start, open->pending, left->begin));
  open->pending = 1;
  return NADIR_OK;
}

/* The run ends because a vector follows; the vector moves down beside what the run became. */
static nadir_status close_run_under(parser *p, run *open, value *left, value *right) {
  if (open->pending <= 1) return NADIR_OK;
  ND_TRY(make(p, open->op, p->stack + left->start, open->pending, left->begin,
              &p->stack[left->start]));
  memmove(p->stack + left->start + 1, p->stack + right->start, right->count * sizeof *p->stack);
  right->start = left->start + 1;
  p->stack_count = right->start + right->count;
  open->pending = 1;
  return NADIR_OK;
}

static nadir_status join(parser *p, nd_op op, bool n_ary, run *open, value *left, value *right) {
  if (n_ary && !left->vector && !right->vector) {
    open->op = op;
    open->pending++;
    return NADIR_OK;
  }
  ND_TRY(close_run_under(p, open, left, right));
  return apply(p, op, (value[]){*left, *right}, 2, left);
}

static nadir_status parse_run(parser *p, const nd_token_kind kinds[2], const nd_op ops[2],
                              nadir_status (*operand)(parser *, value *), value *left) {
  run open = {ops[0], 1};
  ND_TRY(operand(p, left));
  while (p->now.kind == kinds[0] || p->now.kind == kinds[1]) {
    bool first = p->now.kind == kinds[0];
    value right;
    if (!first) ND_TRY(close_run(p, &open, left));
    ND_TRY(advance(p));
    ND_TRY(operand(p, &right));
    ND_TRY(join(p, first ? ops[0] : ops[1], first, &open, left, &right));
  }
  return close_run(p, &open, left);
}

static nadir_status parse_product(parser *p, value *result) {
  return parse_run(p, (const nd_token_kind[]){ND_TIMES, ND_OVER}, (const nd_op[]){ND_MUL, ND_DIV},
                   parse_sign, result);
}

static nadir_status parse_sum(parser *p, value *result) {
  return parse_run(p, (const nd_token_kind[]){ND_PLUS, ND_MINUS}, (const nd_op[]){ND_ADD, ND_SUB},
                   parse_product, result);
}

static bool is_comparison(nd_token_kind kind) {
  return kind == ND_LT || kind == ND_LE || kind == ND_GT || kind == ND_GE || kind == ND_EQ ||
         kind == ND_NE;
}

static nadir_status check_texts(parser *p, nd_token_kind kind, size_t at,
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

static nadir_status combine_comparison(parser *p, const void *context, const nd_node *arguments,
                                       size_t count, size_t begin, nd_node *node) {
  nd_token_kind kind = *(const nd_token_kind *)context;
  nd_node swapped[2] = {arguments[1], arguments[0]};
  ND_TRY(check_texts(p, kind, begin, arguments));
  if (kind == ND_EQ) return make(p, ND_EQUAL, arguments, count, begin, node);
  if (kind == ND_NE) {
    nd_node equal;
    ND_TRY(make(p, ND_EQUAL, arguments, count, begin, &equal));
    return make(p, ND_NOT, &equal, 1, begin, node);
  }
  return make(p, kind == ND_LT || kind == ND_GT ? ND_LESS : ND_LESSEQ,
              kind == ND_LT || kind == ND_LE ? arguments : swapped, count, begin, node);
}

static nadir_status copy_value(parser *p, value *copy) {
  size_t from = copy->start;
  copy->start = p->stack_count;
  for (size_t i = 0; i < copy->count; i++)
    ND_TRY(push(p, p->stack[from + i]));
  return NADIR_OK;
}

/* One comparison of sides[0] with sides[1], joined by `and` to the chain before it, which lies
 * under sides[0] on the stack. Where the chain goes on, sides[1] is needed again: a copy is set
 * aside first and moved down after. */
static nadir_status compare(parser *p, nd_token_kind kind, bool chained, value sides[2],
                            value *chain) {
  value kept = sides[1], compared;
  bool more = is_comparison(p->now.kind);
  if (more) ND_TRY(copy_value(p, &kept));
  ND_TRY(elementwise(p, combine_comparison, &kind, sides, 2, &compared));
  if (chained) ND_TRY(apply(p, ND_AND, (value[]){*chain, compared}, 2, &compared));
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
static nadir_status parse_compare(parser *p, value *result) {
  value sides[2];
  ND_TRY(parse_sum(p, &sides[0]));
  *result = sides[0];
  for (bool chained = false; is_comparison(p->now.kind); chained = true) {
    nd_token_kind kind = p->now.kind;
    ND_TRY(advance(p));
    ND_TRY(parse_sum(p, &sides[1]));
    ND_TRY(compare(p, kind, chained, sides, result));
  }
  return NADIR_OK;
}

static nadir_status parse_not(parser *p, value *result) {
  if (p->now.kind != ND_NOT_TOKEN) return parse_compare(p, result);
  size_t begin = p->now.begin;
  ND_TRY(enter(p));
  ND_TRY(advance(p));
  ND_TRY(parse_not(p, result));
  p->depth--;
  result->begin = begin;
  return apply(p, ND_NOT, (value[]){*result}, 1, result);
}

static nadir_status parse_and(parser *p, value *result) {
  return parse_or_and(p, ND_AND_TOKEN, ND_AND, parse_not, result);
}

static nadir_status parse_or(parser *p, value *result) {
  return parse_or_and(p, ND_OR_TOKEN, ND_OR, parse_and, result);
}

static nadir_status parse_expression(parser *p, value *result) {
  ND_TRY(enter(p));
  ND_TRY(parse_or(p, result));
  p->depth--;
  return NADIR_OK;
}

/* ---- functions ---- */

typedef enum spelling_kind { AS, SUM, MEAN, MAX, NORM2, LOGSUMEXP, DOT } spelling_kind;

/* A name before a parenthesis: an operator of ops.def, or a function spelled with others. */
typedef struct function {
  const char *name, *usage;
  size_t least, most;
  nd_op op;            /* ND_OPS for a spelled one */
  spelling_kind how;   /* of a spelled one, with */
  const char *formula; /* its formula */
} function;

static const function functions[] = {
#define ND_OP(id, name, least, most, usage, help, derivative, smooth, sign, monotone, curvature,   \
              domain, scalar, vector)                                                              \
  {name, usage, least, most, ND_##id, AS, NULL},
#include "expr/ops.def"
#define ND_SPELLING(name, least, most, usage, help, how, formula)                                  \
  {name, usage, least, most, ND_OPS, how, formula},
#include "expr/ops.def"
};

static bool names_function(const function *f) {
  return f->least > 0 && ((f->name[0] >= 'a' && f->name[0] <= 'z')) && f->op != ND_AND &&
         f->op != ND_OR && f->op != ND_NOT;
}

static const function *find_function(const char *name, size_t length) {
  for (size_t i = 0; i < ND_COUNT(functions); i++) {
    const function *f = &functions[i];
    if (names_function(f) && strlen(f->name) == length && memcmp(f->name, name, length) == 0)
      return f;
  }
  return NULL;
}

static nadir_status unknown_function(parser *p, const nd_token *name) {
  const char *known[ND_COUNT(functions) + 3];
  size_t count = 0;
  char typed[64];
  size_t length = name->end - name->begin;
  for (size_t i = 0; i < ND_COUNT(functions); i++)
    if (names_function(&functions[i])) known[count++] = functions[i].name;
  known[count++] = "linear";
  known[count++] = "poly";
  known[count++] = "softmax";
  ptrdiff_t nearest = -1;
  if (length < sizeof typed) {
    memcpy(typed, p->text + name->begin, length);
    typed[length] = '\0';
    nearest = nd_nearest(typed, known, count);
  }
  int shown = length < 60 ? (int)length : 60;
  if (nearest >= 0)
    return FAIL_AT(p, name->begin, "there is no function %.*s: did you mean %s", shown,
                   p->text + name->begin, known[nearest]);
  return FAIL_AT(p, name->begin,
                 "there is no function %.*s: to multiply by a parenthesis, write * before it",
                 shown, p->text + name->begin);
}

/* The arguments of a call: the first few one by one, all of them side by side on the stack. */
typedef struct arguments {
  value first[MOST_FIXED];
  value all;
  size_t count;
} arguments;

static nadir_status parse_arguments(parser *p, size_t begin, arguments *read) {
  *read = (arguments){.all = {p->stack_count, 0, begin, true}};
  do {
    value next;
    ND_TRY(advance(p));
    ND_TRY(parse_expression(p, &next));
    if (read->count < MOST_FIXED) read->first[read->count] = next;
    read->count++;
    read->all.count += next.count;
  } while (p->now.kind == ND_COMMA);
  return expect(p, ND_CLOSE, "a comma or )");
}

static nadir_status combine_spelling(parser *p, const void *context, const nd_node *nodes,
                                     size_t count, size_t begin, nd_node *node) {
  static const char *const abc[] = {"a", "b", "c"}, *const x[] = {"x"};
  const function *f = context;
  bool by_letter = f->how == AS || f->how == DOT;
  for (size_t i = 0; i < count; i++) {
    if (nd_node_type(p->graph, nodes[i]) == ND_IS_TEXT)
      return FAIL_AT(p, begin, "%s takes numbers, not quoted strings: write %s", f->name, f->usage);
  }
  ND_TRY(nd_parse_bound(p->graph, f->formula, strlen(f->formula), by_letter ? abc : x, nodes, count,
                        node, p->error));
  set_place(p, *node, begin);
  return NADIR_OK;
}

static nadir_status mean_of(parser *p, const value *all) {
  nd_node parts[2] = {p->stack[all->start], 0};
  char text[24];
  size_t digits = sizeof text - 1;
  text[digits] = '\0';
  for (size_t rest = all->count; rest > 0; rest /= 10)
    text[--digits] = (char)('0' + rest % 10);
  ND_TRY(make_number(p, text + digits, &parts[1]));
  return make(p, ND_DIV, parts, 2, all->begin, &p->stack[all->start]);
}

/* Maps the formula over all elements and joins them. */
static nadir_status gather(parser *p, const function *f, const value *all, value *result) {
  static const nd_op joins[] = {[AS] = ND_OPS,  [SUM] = ND_ADD,     [MEAN] = ND_ADD,
                                [MAX] = ND_MAX, [NORM2] = ND_NORM2, [LOGSUMEXP] = ND_LOGSUMEXP,
                                [DOT] = ND_ADD};
  nd_op join_op = f->op == ND_OPS ? joins[f->how] : f->op;
  if (f->op == ND_OPS) ND_TRY(elementwise(p, combine_spelling, f, all, 1, result));
  *result = (value){all->start, 1, all->begin, false};
  if (join_op == ND_NORM2 && all->count == 1)
    return make(p, ND_ABS, p->stack + all->start, 1, all->begin, &p->stack[all->start]);
  ND_TRY(reduce(p, join_op, all->start, all->count, all->begin));
  if (f->op == ND_OPS && f->how == MEAN && all->count > 1) return mean_of(p, all);
  return NADIR_OK;
}

/* Functions of one value an argument: over vectors element by element. */
static nadir_status call_fixed(parser *p, const function *f, const arguments *read, value *result) {
  if (f->op != ND_OPS) {
    ND_TRY(apply(p, f->op, read->first, read->count, result));
    if (f->op != ND_QUAD_OVER_LIN) return NADIR_OK;
  } else {
    ND_TRY(elementwise(p, combine_spelling, f, read->first, read->count, result));
    if (f->how != DOT) return NADIR_OK;
  }
  size_t count = result->count;
  *result = (value){result->start, 1, result->begin, false};
  return reduce(p, ND_ADD, result->start, count, result->begin);
}

static nadir_status check_arity(parser *p, const function *f, size_t begin, size_t count) {
  if (count >= f->least && count <= f->most) return NADIR_OK;
  if (f->least == f->most)
    return FAIL_AT(p, begin, "%s takes %zu argument%s and not %zu: write %s", f->name, f->least,
                   f->least == 1 ? "" : "s", count, f->usage);
  return FAIL_AT(p, begin, "%s takes at least %zu elements and not %zu: write %s", f->name,
                 f->least, count, f->usage);
}

static nadir_status parse_call(parser *p, const nd_token *name, value *result) {
  const function *f = find_function(p->text + name->begin, name->end - name->begin);
  arguments read;
  if (f == NULL) return unknown_function(p, name);
  ND_TRY(parse_arguments(p, name->begin, &read));
  if (f->most == ND_MANY) {
    /* of one element these are the element itself */
    bool lone = read.all.count == 1 && (read.first[0].vector || f->op != ND_OPS);
    if (!lone) ND_TRY(check_arity(p, f, name->begin, read.all.count));
    return gather(p, f, &read.all, result);
  }
  ND_TRY(check_arity(p, f, name->begin, read.count));
  read.first[0].begin = name->begin;
  return call_fixed(p, f, &read, result);
}

/* ---- heads: linear, poly, softmax ---- */

static nd_op head_of(const parser *p, const nd_token *name) {
  static const struct {
    const char *name;
    nd_op op;
  } heads[] = {{"linear", ND_LINEAR}, {"poly", ND_POLY}, {"softmax", ND_SOFTMAX}};
  size_t length = name->end - name->begin;
  for (size_t i = 0; i < ND_COUNT(heads); i++)
    if (strlen(heads[i].name) == length &&
        memcmp(heads[i].name, p->text + name->begin, length) == 0)
      return heads[i].op;
  return ND_OPS;
}

static nadir_status parse_range(parser *p, value *first) {
  nd_node ends[2] = {p->stack[first->start]};
  value last;
  ND_TRY(advance(p));
  if (p->now.kind != ND_NAME_TOKEN && p->now.kind != ND_QUOTED_NAME)
    return unexpected(p, "the last column of the range");
  ND_TRY(parse_sign(p, &last));
  ends[1] = p->stack[last.start];
  if (first->vector || last.vector || nd_node_op(p->graph, ends[0]) != ND_NAME ||
      nd_node_op(p->graph, ends[1]) != ND_NAME)
    return FAIL_AT(p, first->begin,
                   "a range goes from one column to another: write linear(c1..c9)");
  ND_TRY(make(p, ND_RANGE, ends, 2, first->begin, &p->stack[first->start]));
  p->stack_count = first->start + 1;
  return NADIR_OK;
}

/* `*` alone stands for all numeric columns not otherwise used. */
static bool at_star(const parser *p) {
  nd_token next;
  return p->now.kind == ND_TIMES &&
         nd_next_token(p->text, p->length, p->now.end, &next, NULL) == NADIR_OK &&
         (next.kind == ND_COMMA || next.kind == ND_CLOSE);
}

static nadir_status parse_head_argument(parser *p, bool ranges, value *next) {
  if (ranges && at_star(p)) {
    nd_node star;
    size_t begin = p->now.begin;
    ND_TRY(nd_make_text(p->graph, ND_STAR, "*", 1, &star, p->error));
    ND_TRY(advance(p));
    set_place(p, star, begin);
    return push_scalar(p, begin, star, next);
  }
  ND_TRY(parse_expression(p, next));
  return ranges && p->now.kind == ND_DOTS ? parse_range(p, next) : NADIR_OK;
}

/* A whole number of at least `least`, as poly's degree and softmax's classes. */
static nadir_status check_whole(parser *p, nd_node node, size_t begin, int least,
                                const char *what) {
  nd_exact whole;
  if (nd_exact_of(p->graph, node, &whole) && whole.d == 1 && whole.n >= least && whole.n <= 10000)
    return NADIR_OK;
  return FAIL_AT(p, begin, "%s must be a whole number from %d to 10000", what, least);
}

static nadir_status check_head(parser *p, nd_op op, const arguments *read) {
  if (op == ND_LINEAR) return NADIR_OK;
  if (op == ND_SOFTMAX) {
    if (read->count < 2)
      return FAIL_AT(p, read->all.begin,
                     "softmax takes the number of classes and features: write softmax(3; x, y)");
    return check_whole(p, p->stack[read->first[0].start], read->first[0].begin, 2,
                       "the number of classes");
  }
  if (read->count != 2 || read->all.count != 2)
    return FAIL_AT(p, read->all.begin, "poly takes an expression and a degree: write poly(x, 3)");
  return check_whole(p, p->stack[read->first[1].start], read->first[1].begin, 1, "the degree");
}

static nadir_status parse_head(parser *p, nd_op op, size_t begin, value *result) {
  arguments read = {.all = {p->stack_count, 0, begin, true}};
  do {
    value next;
    ND_TRY(advance(p));
    ND_TRY(parse_head_argument(p, op == ND_LINEAR || (op == ND_SOFTMAX && read.count > 0), &next));
    if (read.count < MOST_FIXED) read.first[read.count] = next;
    read.count++;
    read.all.count += next.count;
  } while (p->now.kind == ND_COMMA ||
           (op == ND_SOFTMAX && read.count == 1 && p->now.kind == ND_SEMICOLON));
  ND_TRY(expect(p, ND_CLOSE, "a comma or )"));
  ND_TRY(check_head(p, op, &read));
  *result = (value){read.all.start, 1, begin, false};
  ND_TRY(make(p, op, p->stack + read.all.start, read.all.count, begin, &p->stack[read.all.start]));
  p->stack_count = read.all.start + 1;
  return NADIR_OK;
}

/* ---- primaries ---- */

/* The name of a token into the graph's memory: without backquotes, the element as [3]. */
static nadir_status name_text(parser *p, const nd_token *token, char **name, size_t *length) {
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

static nadir_status bound_name(parser *p, const char *name, size_t length, nd_node *node) {
  for (size_t i = 0; i < p->bound_count; i++) {
    if (strlen(p->names[i]) == length && memcmp(p->names[i], name, length) == 0) {
      *node = p->bound[i];
      return NADIR_OK;
    }
  }
  return FAIL_AT(p, p->now.begin, "%.*s is not a name of this row of ops.def", (int)length, name);
}

static nadir_status parse_name(parser *p, const nd_token *token, value *result) {
  nd_node node;
  char *name;
  size_t length = token->end - token->begin;
  if (token->kind == ND_NAME_TOKEN && length == 2 && memcmp(p->text + token->begin, "pi", 2) == 0) {
    ND_TRY(make(p, ND_PI, NULL, 0, token->begin, &node));
  } else if (p->names != NULL) {
    ND_TRY(bound_name(p, p->text + token->begin, length, &node));
  } else {
    ND_TRY(name_text(p, token, &name, &length));
    ND_TRY(nd_make_text(p->graph, ND_NAME, name, length, &node, p->error));
    set_place(p, node, token->begin);
  }
  return push_scalar(p, token->begin, node, result);
}

static nadir_status parse_name_or_call(parser *p, value *result) {
  nd_token name = p->now;
  ND_TRY(advance(p));
  if (name.kind == ND_QUOTED_NAME || p->now.kind != ND_OPEN || name.element != 0)
    return parse_name(p, &name, result);
  nd_op head = head_of(p, &name);
  ND_TRY(enter(p));
  ND_TRY(head != ND_OPS ? parse_head(p, head, name.begin, result) : parse_call(p, &name, result));
  p->depth--;
  return NADIR_OK;
}

static nadir_status parse_number(parser *p, bool negative, size_t begin, value *result) {
  nd_node node;
  const char *text = p->text + p->now.begin;
  size_t length = p->now.end - p->now.begin;
  nadir_status status = nd_make_decimal(p->graph, negative, text, length, &node, p->error);
  if (status == NADIR_BAD_FORMULA)
    return FAIL_AT(p, p->now.begin,
                   "this number is beyond double precision: use one of size 1e-300 to 1e308");
  ND_TRY(status);
  ND_TRY(advance(p));
  set_place(p, node, begin);
  return push_scalar(p, begin, node, result);
}

static nadir_status parse_string(parser *p, value *result) {
  nd_token token = p->now;
  nd_node node;
  char *text;
  size_t length;
  ND_TRY(name_text(p, &token, &text, &length));
  ND_TRY(nd_make_text(p->graph, ND_TEXT_LITERAL, text, length, &node, p->error));
  ND_TRY(advance(p));
  set_place(p, node, token.begin);
  return push_scalar(p, token.begin, node, result);
}

static nadir_status parse_parenthesis(parser *p, value *result) {
  size_t begin = p->now.begin;
  ND_TRY(advance(p));
  ND_TRY(parse_expression(p, result));
  ND_TRY(expect(p, ND_CLOSE, "an operator or )"));
  result->begin = begin;
  return NADIR_OK;
}

static nadir_status parse_vector(parser *p, value *result) {
  *result = (value){p->stack_count, 0, p->now.begin, true};
  do {
    value next;
    ND_TRY(advance(p));
    ND_TRY(parse_expression(p, &next));
    result->count += next.count;
  } while (p->now.kind == ND_COMMA);
  return expect(p, ND_CLOSE_VECTOR, "a comma or ]");
}

static nadir_status parse_primary(parser *p, value *result) {
  if (p->now.kind == ND_NUMBER_TOKEN) return parse_number(p, false, p->now.begin, result);
  if (p->now.kind == ND_NAME_TOKEN || p->now.kind == ND_QUOTED_NAME)
    return parse_name_or_call(p, result);
  if (p->now.kind == ND_OPEN) return parse_parenthesis(p, result);
  if (p->now.kind == ND_OPEN_VECTOR) return parse_vector(p, result);
  if (p->now.kind == ND_STRING) return parse_string(p, result);
  return unexpected(p, "a number, a name or a parenthesis");
}

static nadir_status parse_power(parser *p, value *result) {
  value both[2];
  ND_TRY(parse_primary(p, &both[0]));
  *result = both[0];
  if (p->now.kind != ND_POWER) return NADIR_OK;
  ND_TRY(enter(p));
  ND_TRY(advance(p));
  ND_TRY(parse_sign(p, &both[1]));
  p->depth--;
  return apply(p, ND_POW, both, 2, result);
}

/* A minus belongs to a number that follows it, unless the number is raised to a power. */
static bool at_negative_number(const parser *p) {
  nd_token after;
  return p->now.kind == ND_NUMBER_TOKEN &&
         (nd_next_token(p->text, p->length, p->now.end, &after, NULL) != NADIR_OK ||
          after.kind != ND_POWER);
}

static nadir_status parse_sign(parser *p, value *result) {
  if (p->now.kind != ND_MINUS && p->now.kind != ND_PLUS) return parse_power(p, result);
  bool minus = p->now.kind == ND_MINUS;
  size_t begin = p->now.begin;
  ND_TRY(enter(p));
  ND_TRY(advance(p));
  if (minus && at_negative_number(p)) {
    p->depth--;
    return parse_number(p, true, begin, result);
  }
  ND_TRY(parse_sign(p, result));
  p->depth--;
  result->begin = begin;
  return minus ? apply(p, ND_NEG, (value[]){*result}, 1, result) : NADIR_OK;
}

/* ---- whole formulas ---- */

/* What cannot follow a complete expression, with the likely cause. */
static nadir_status left_over(parser *p) {
  nd_token_kind kind = p->now.kind;
  const function *f = find_function(p->text + p->last_begin, p->last_end - p->last_begin);
  if (f != NULL && kind != ND_CLOSE && kind != ND_TILDE)
    return FAIL_AT(p, p->last_begin, "%s is a function and takes parentheses: write %s", f->name,
                   f->usage);
  if (kind == ND_CLOSE)
    return FAIL_AT(p, p->now.begin, "this ) closes nothing: remove it or open it before");
  if (kind == ND_TILDE)
    return FAIL_AT(p, p->now.begin, "no ~ is expected here: it stands once, as in TARGET ~ MODEL");
  if (kind == ND_OPEN || kind == ND_NAME_TOKEN || kind == ND_QUOTED_NAME || kind == ND_NUMBER_TOKEN)
    return FAIL_AT(p, p->now.begin, "found %s: expected an operator here, as * to multiply",
                   name_of_token(p).text);
  return unexpected(p, "an operator or the end");
}

static nadir_status parse_scalar(parser *p, nd_node *root) {
  value whole;
  p->stack_count = 0;
  ND_TRY(parse_expression(p, &whole));
  if (whole.vector)
    return FAIL_AT(p, whole.begin,
                   "this is a vector of %zu elements where one number is wanted: use sum, mean, "
                   "norm2 or max of it",
                   whole.count);
  *root = p->stack[whole.start];
  if (nd_node_type(p->graph, *root) == ND_IS_TEXT)
    return FAIL_AT(p, whole.begin,
                   "a quoted string stands where a number is expected: compare it "
                   "with a column by == or !=");
  return NADIR_OK;
}

static nadir_status keep_text(nd_graph *graph, const char *text, parser *p, nadir_error *error) {
  size_t length = strnlen(text, ND_TEXT_LIMIT + 1);
  if (length > ND_TEXT_LIMIT)
    return nd_fail(error, NADIR_BAD_FORMULA, "formula: it is longer than 1 MiB: write it shorter");
  size_t number = graph->text_count == 0 ? 1 : graph->text_count;
  ND_TRY(nd_grow(&graph->texts, &graph->text_capacity, number + 1, sizeof *graph->texts, error));
  char *copy = nd_arena_take(graph->arena, length + 1, error);
  if (copy == NULL) return NADIR_NO_MEMORY;
  memcpy(copy, text, length);
  graph->texts[number] = copy;
  graph->text_count = number + 1;
  *p = (parser){.graph = graph,
                .text = copy,
                .length = length,
                .text_number = (uint32_t)number,
                .nodes_before = graph->node_count,
                .error = error};
  return advance(p);
}

static nadir_status parse_whole(parser *p, nd_node *root) {
  if (p->now.kind == ND_END) return FAIL_AT(p, 0, "it is empty: write an expression");
  ND_TRY(parse_scalar(p, root));
  return p->now.kind == ND_END ? NADIR_OK : left_over(p);
}

nadir_status nd_parse(nd_graph *graph, const char *text, nd_node *root, nadir_error *error) {
  parser p;
  ND_TRY(keep_text(graph, text, &p, error));
  nadir_status status = parse_whole(&p, root);
  nd_free(p.stack);
  return status;
}

static nadir_status parse_both(parser *p, nd_node *target, nd_node *model) {
  if (p->now.kind == ND_TILDE)
    return FAIL_AT(p, p->now.begin, "nothing stands before the ~: write TARGET ~ MODEL");
  if (p->now.kind == ND_END) return FAIL_AT(p, 0, "it is empty: write TARGET ~ MODEL");
  ND_TRY(parse_scalar(p, target));
  if (p->now.kind == ND_END)
    return FAIL_AT(p, p->now.begin, "there is no ~ in it: write TARGET ~ MODEL");
  if (p->now.kind != ND_TILDE) return left_over(p);
  ND_TRY(advance(p));
  if (p->now.kind == ND_END)
    return FAIL_AT(p, p->now.begin, "nothing stands after the ~: write TARGET ~ MODEL");
  ND_TRY(parse_scalar(p, model));
  if (p->now.kind == ND_TILDE)
    return FAIL_AT(p, p->now.begin, "a second ~: it stands once, as in TARGET ~ MODEL");
  return p->now.kind == ND_END ? NADIR_OK : left_over(p);
}

nadir_status nd_parse_fit(nd_graph *graph, const char *text, nd_node *target, nd_node *model,
                          nadir_error *error) {
  parser p;
  ND_TRY(keep_text(graph, text, &p, error));
  nadir_status status = parse_both(&p, target, model);
  nd_free(p.stack);
  return status;
}

nadir_status nd_parse_bound(nd_graph *graph, const char *text, size_t length,
                            const char *const *names, const nd_node *nodes, size_t count,
                            nd_node *root, nadir_error *error) {
  parser p = {.graph = graph,
              .text = text,
              .length = length,
              .nodes_before = graph->node_count,
              .names = names,
              .bound = nodes,
              .bound_count = count,
              .error = error};
  nadir_status status = advance(&p);
  if (status == NADIR_OK) status = parse_whole(&p, root);
  nd_free(p.stack);
  return status;
}

nadir_status nd_fail_at_node(const nd_graph *graph, nd_node node, nadir_error *error,
                             nadir_status status, const char *format, ...) {
  char sentence[sizeof error->message];
  va_list list;
  va_start(list, format);
  vsnprintf(sentence, sizeof sentence, format, list);
  va_end(list);
  nd_place place = graph->nodes[node].place;
  if (place.text == 0) return nd_fail(error, status, "%s", sentence);
  return nd_fail_at(error, status, graph->texts[place.text], place.begin, "%s", sentence);
}
