/* Calls: a name before a parenthesis is a function of ops.def, a function that ops.def spells with
 * others, or a head (linear, poly, softmax); integral.c has those that bind a name, texts.c those of a quoted text.
 *
 * Functions of fixed arity go over vectors element by element; n-ary ones take all elements of all
 * arguments as they come. A head keeps its arguments as they are. */
#include "base/angle.h"
#include "expr/parse_internal.h"

#include <string.h>

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
#define ND_OP(id, name, least, most, usage, help, latex, derivative, smooth, sign, monotone,       \
              curvature, domain, cost, scalar, vector)                                             \
  {name, usage, least, most, ND_##id, AS, NULL},
#include "expr/ops.def"
#define ND_SPELLING(name, least, most, usage, help, how, formula)                                  \
  {name, usage, least, most, ND_OPS, how, formula},
#include "expr/ops.def"
};

/* Not one that is written as a sign, or between its arguments. */
static bool names_function(const function *f) {
  size_t length = strlen(f->name);
  return strncmp(f->usage, f->name, length) == 0 && f->usage[length] == '(';
}

static const function *find_function(const char *name, size_t length) {
  for (size_t i = 0; i < ND_COUNT(functions); i++) {
    const function *f = &functions[i];
    if (names_function(f) && strlen(f->name) == length && memcmp(f->name, name, length) == 0)
      return f;
  }
  return NULL;
}

static nadir_status unknown_function(nd_parser *p, const nd_token *name) {
  const char *known[ND_COUNT(functions) + 16];
  size_t count = 0;
  char typed[64];
  size_t length = name->end - name->begin;
  for (size_t i = 0; i < ND_COUNT(functions); i++)
    if (names_function(&functions[i])) known[count++] = functions[i].name;
  known[count++] = "linear";
  known[count++] = "poly";
  known[count++] = "softmax";
  known[count++] = "integral";
  known[count++] = "series";
  for (size_t i = 0; nd_text_function_at(i); i++)
    known[count++] = nd_text_function_at(i)->name;
  ptrdiff_t nearest = -1;
  if (length < sizeof typed) {
    memcpy(typed, p->text + name->begin, length);
    typed[length] = '\0';
    nearest = nd_nearest(typed, known, count);
  }
  int shown = length < 60 ? (int)length : 60;
  if (nearest >= 0)
    return FAIL_AT(p, name->begin, "there is no function %.*s: " ND_DID_YOU_MEAN, shown,
                   p->text + name->begin, known[nearest]);
  return FAIL_AT(p, name->begin,
                 "there is no function %.*s: to multiply by a parenthesis, write * before it",
                 shown, p->text + name->begin);
}

/* The arguments of a call: the first few one by one, all of them side by side on the stack. */
typedef struct arguments {
  nd_value first[ND_MOST_FIXED];
  nd_value all;
  size_t count;
} arguments;

static nadir_status parse_arguments(nd_parser *p, size_t begin, arguments *read) {
  *read = (arguments){.all = {p->stack_count, 0, begin, true}};
  do {
    nd_value next;
    ND_TRY(nd_parser_advance(p));
    ND_TRY(nd_parse_expression(p, &next));
    if (read->count < ND_MOST_FIXED) read->first[read->count] = next;
    read->count++;
    read->all.count += next.count;
  } while (p->now.kind == ND_COMMA);
  return nd_parser_expect(p, ND_CLOSE, "a comma or )");
}

/* The names of arguments in a usage, as of clamp(x, low, high). */
typedef struct names {
  char text[64];
  const char *at[ND_MOST_FIXED];
} names;

static void names_of(const char *usage, size_t count, names *found) {
  const char *from = strchr(usage, '(') + 1;
  size_t used = 0;
  for (size_t i = 0; i < count; i++) {
    size_t length = strcspn(from, ",)");
    found->at[i] = memcpy(found->text + used, from, length);
    used += length;
    found->text[used++] = '\0';
    from += length + strspn(from + length, ", ");
  }
}

static nadir_status combine_spelling(nd_parser *p, const void *context, const nd_node *nodes,
                                     size_t count, size_t begin, nd_node *node) {
  const function *f = context;
  names known = {.at = {"x"}};
  if (f->how == AS || f->how == DOT) names_of(f->usage, count, &known);
  for (size_t i = 0; i < count; i++) {
    if (nd_node_type(p->graph, nodes[i]) == ND_IS_TEXT)
      return FAIL_AT(p, begin, "%s takes numbers, not quoted strings: write %s", f->name, f->usage);
  }
  ND_TRY(nd_parse_bound(p->graph, f->formula, strlen(f->formula), known.at, nodes, count, node,
                        p->error));
  ND_TRY(nd_parser_set_place(p, *node, begin));
  return NADIR_OK;
}

static nadir_status make_number(nd_parser *p, const char *text, nd_node *node) {
  return nd_make_decimal(p->graph, false, text, strlen(text), node, p->error);
}

static nadir_status mean_of(nd_parser *p, const nd_value *all) {
  nd_node parts[2] = {p->stack[all->start], 0};
  char text[24];
  size_t digits = sizeof text - 1;
  text[digits] = '\0';
  for (size_t rest = all->count; rest > 0; rest /= 10)
    text[--digits] = (char)('0' + rest % 10);
  ND_TRY(make_number(p, text + digits, &parts[1]));
  return nd_parser_make(p, ND_DIV, parts, 2, all->begin, &p->stack[all->start]);
}

/* Maps the formula over all elements and joins them. */
static nadir_status gather(nd_parser *p, const function *f, const nd_value *all, nd_value *result) {
  static const nd_op joins[] = {[AS] = ND_OPS,  [SUM] = ND_ADD,     [MEAN] = ND_ADD,
                                [MAX] = ND_MAX, [NORM2] = ND_NORM2, [LOGSUMEXP] = ND_LOGSUMEXP,
                                [DOT] = ND_ADD};
  nd_op join_op = f->op == ND_OPS ? joins[f->how] : f->op;
  if (f->op == ND_OPS) ND_TRY(nd_parser_elementwise(p, combine_spelling, f, all, 1, result));
  *result = (nd_value){all->start, 1, all->begin, false};
  if (join_op == ND_NORM2 && all->count == 1)
    return nd_parser_make(p, ND_ABS, p->stack + all->start, 1, all->begin, &p->stack[all->start]);
  ND_TRY(nd_parser_reduce(p, join_op, all->start, all->count, all->begin));
  if (f->op == ND_OPS && f->how == MEAN && all->count > 1) return mean_of(p, all);
  return NADIR_OK;
}

/* Functions of one value an argument: over vectors element by element. */
static nadir_status call_fixed(nd_parser *p, const function *f, const arguments *read,
                               nd_value *result) {
  if (f->op != ND_OPS) {
    ND_TRY(nd_parser_apply(p, f->op, read->first, read->count, result));
    if (f->op != ND_QUAD_OVER_LIN) return NADIR_OK;
  } else {
    ND_TRY(nd_parser_elementwise(p, combine_spelling, f, read->first, read->count, result));
    if (f->how != DOT) return NADIR_OK;
  }
  size_t count = result->count;
  *result = (nd_value){result->start, 1, result->begin, false};
  return nd_parser_reduce(p, ND_ADD, result->start, count, result->begin);
}

static nadir_status check_arity(nd_parser *p, const function *f, size_t begin, size_t count) {
  if (count >= f->least && count <= f->most) return NADIR_OK;
  if (f->least == f->most)
    return FAIL_AT(p, begin, "%s takes %zu argument%s and not %zu: write %s", f->name, f->least,
                   f->least == 1 ? "" : "s", count, f->usage);
  return FAIL_AT(p, begin, "%s takes at least %zu elements and not %zu: write %s", f->name,
                 f->least, count, f->usage);
}

nadir_status nd_parse_call(nd_parser *p, const nd_token *name, nd_value *result) {
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

static nadir_status parse_range(nd_parser *p, nd_value *first) {
  nd_node ends[2] = {p->stack[first->start]};
  nd_value last;
  ND_TRY(nd_parser_advance(p));
  if (p->now.kind != ND_NAME_TOKEN && p->now.kind != ND_QUOTED_NAME)
    return nd_parser_unexpected(p, "the last column of the range");
  ND_TRY(nd_parse_sign(p, &last));
  ends[1] = p->stack[last.start];
  if (first->vector || last.vector || nd_node_op(p->graph, ends[0]) != ND_NAME ||
      nd_node_op(p->graph, ends[1]) != ND_NAME)
    return FAIL_AT(p, first->begin,
                   "a range goes from one column to another: write linear(c1..c9)");
  ND_TRY(nd_parser_make(p, ND_RANGE, ends, 2, first->begin, &p->stack[first->start]));
  p->stack_count = first->start + 1;
  return NADIR_OK;
}

/* `*` alone stands for all numeric columns not otherwise used. */
static bool at_star(const nd_parser *p) {
  nd_token next;
  return p->now.kind == ND_TIMES &&
         nd_next_token(p->what, p->text, p->length, p->now.end, &next, NULL) == NADIR_OK &&
         (next.kind == ND_COMMA || next.kind == ND_CLOSE);
}

static nadir_status parse_head_argument(nd_parser *p, bool ranges, nd_value *next) {
  if (ranges && at_star(p)) {
    nd_node star;
    size_t begin = p->now.begin;
    ND_TRY(nd_make_text(p->graph, ND_STAR, "*", 1, &star, p->error));
    ND_TRY(nd_parser_advance(p));
    ND_TRY(nd_parser_set_place(p, star, begin));
    return nd_parser_push_scalar(p, begin, star, next);
  }
  ND_TRY(nd_parse_expression(p, next));
  return ranges && p->now.kind == ND_DOTS ? parse_range(p, next) : NADIR_OK;
}

/* A whole number of at least `least`, as poly's degree and softmax's classes. */
static nadir_status check_whole(nd_parser *p, nd_node node, size_t begin, int least,
                                const char *what) {
  nd_exact whole;
  if (nd_exact_of(p->graph, node, &whole) && whole.d == 1 && whole.n >= least && whole.n <= 10000)
    return NADIR_OK;
  return FAIL_AT(p, begin, "%s must be a whole number from %d to 10000", what, least);
}

static nadir_status check_head(nd_parser *p, nd_op op, const arguments *read) {
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

nadir_status nd_parse_head(nd_parser *p, nd_op op, size_t begin, nd_value *result) {
  arguments read = {.all = {p->stack_count, 0, begin, true}};
  do {
    nd_value next;
    ND_TRY(nd_parser_advance(p));
    ND_TRY(parse_head_argument(p, op == ND_LINEAR || (op == ND_SOFTMAX && read.count > 0), &next));
    if (read.count < ND_MOST_FIXED) read.first[read.count] = next;
    read.count++;
    read.all.count += next.count;
  } while (p->now.kind == ND_COMMA ||
           (op == ND_SOFTMAX && read.count == 1 && p->now.kind == ND_SEMICOLON));
  ND_TRY(nd_parser_expect(p, ND_CLOSE, "a comma or )"));
  ND_TRY(check_head(p, op, &read));
  *result = (nd_value){read.all.start, 1, begin, false};
  ND_TRY(nd_parser_make(p, op, p->stack + read.all.start, read.all.count, begin,
                        &p->stack[read.all.start]));
  p->stack_count = read.all.start + 1;
  return NADIR_OK;
}

const char *nd_parser_usage_of_last(const nd_parser *p) {
  const function *f = find_function(p->text + p->last_begin, p->last_end - p->last_begin);
  nd_token last = {.begin = p->last_begin, .end = p->last_end};
  if (f != NULL) return f->usage;
  const char *usage = nd_parser_bound_usage(p, &last);
  return usage != NULL ? usage : nd_parser_text_usage(p, &last);
}
