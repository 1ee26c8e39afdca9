/* Graph -> text, plain or LaTeX.
 *
 * Plain text reads back as the same graph: parentheses are exactly where the parser would group
 * otherwise (also where it would join a + (b + c) into one sum). A shared node is printed where it
 * is used, so text may be exponentially longer than its graph: beyond ND_PRINT_LIMIT bytes the text
 * ends in an error. The walk keeps its own stack; deep graphs do not recurse. */
#include "base/latex.h"
#include "expr/expr_internal.h"

#include <string.h>

enum { ND_PRINT_LIMIT = 4 << 20 };

/* How tightly text binds, from loose to tight. */
typedef enum binding {
  BIND_ANY,
  BIND_OR,
  BIND_AND,
  BIND_NOT,
  BIND_COMPARE,
  BIND_SUM,
  BIND_PRODUCT,
  BIND_SIGN,
  BIND_POWER,
  BIND_ATOM
} binding;

/* A step of the walk: a node to print where at least `least` binding is needed, or fixed text. */
typedef struct step {
  const char *text; /* NULL for a node */
  size_t length;    /* of the text */
  nd_node node;
  binding least;
} step;

typedef struct printer {
  const nd_graph *graph;
  bool latex;
  nd_text *out;
  char bound[ND_MOST_BOUND][64]; /* the names of BOUND leaves */
  step *steps;                   /* a stack, the next one on top */
  size_t count, capacity;
  nadir_error *error;
} printer;

static bool is_negative(const nd_graph *graph, nd_node node) {
  return nd_node_op(graph, node) == ND_NUMBER && nd_node_text(graph, node)[0] == '-';
}

static bool is_not_equal(const nd_graph *graph, nd_node node) {
  return nd_node_op(graph, node) == ND_NOT &&
         nd_node_op(graph, nd_node_argument(graph, node, 0)) == ND_EQUAL;
}

static binding binding_of(const printer *p, nd_node node) {
  nd_op op = nd_node_op(p->graph, node);
  if (op == ND_NUMBER) return is_negative(p->graph, node) ? BIND_SIGN : BIND_ATOM;
  if (op == ND_OR) return BIND_OR;
  if (op == ND_AND) return BIND_AND;
  if (is_not_equal(p->graph, node) || op == ND_LESS || op == ND_LESSEQ || op == ND_EQUAL)
    return BIND_COMPARE;
  if (op == ND_NOT) return BIND_NOT;
  if (op == ND_ADD || op == ND_SUB) return BIND_SUM;
  if (op == ND_MUL) return BIND_PRODUCT;
  if (op == ND_INTEGRAL && p->latex) return BIND_SIGN; /* its end is not marked */
  if (op == ND_DIV) return p->latex ? BIND_POWER : BIND_PRODUCT;
  if (op == ND_NEG) return BIND_SIGN;
  if (op == ND_POW || (op == ND_EXP && p->latex)) return BIND_POWER;
  return BIND_ATOM;
}

/* ---- pushing steps, last first ---- */

static nadir_status push_step(printer *p, step next) {
  ND_TRY(nd_grow(&p->steps, &p->capacity, p->count + 1, sizeof *p->steps, p->error));
  p->steps[p->count++] = next;
  return NADIR_OK;
}

static nadir_status push_text(printer *p, const char *text) {
  return push_step(p, (step){.text = text, .length = strlen(text)});
}

static nadir_status push_node(printer *p, nd_node node, binding least) {
  return push_step(p, (step){.node = node, .least = least});
}

static bool starts_negative(const printer *p, nd_node node) {
  nd_op op = nd_node_op(p->graph, node);
  while (op == ND_MUL) {
    node = nd_node_argument(p->graph, node, 0);
    op = nd_node_op(p->graph, node);
  }
  return op == ND_NEG || is_negative(p->graph, node);
}

/* A later operand: x*-y reads well for the parser, not for people, so LaTeX puts parentheses. */
static binding later(const printer *p, nd_node node, binding least) {
  return p->latex && least < BIND_POWER && starts_negative(p, node) ? BIND_POWER : least;
}

/* left SIGN right */
static nadir_status push_infix(printer *p, const char *sign, nd_node left, binding left_least,
                               nd_node right, binding right_least) {
  ND_TRY(push_node(p, right, later(p, right, right_least)));
  ND_TRY(push_text(p, sign));
  return push_node(p, left, left_least);
}

/* All arguments from one on, separated. */
static nadir_status push_list(printer *p, nd_node node, size_t from) {
  for (size_t i = nd_node_arity(p->graph, node); i-- > from;) {
    ND_TRY(push_node(p, nd_node_argument(p->graph, node, i), BIND_ANY));
    if (i > from) ND_TRY(push_text(p, ", "));
  }
  return NADIR_OK;
}

/* ---- leaves ---- */

static void print_doubling(nd_text *out, const char *text, char quote) {
  char bytes[2] = {quote, quote};
  nd_text_append_bytes(out, bytes, 1);
  for (; *text != '\0'; text++)
    nd_text_append_bytes(out, *text == quote ? bytes : text, *text == quote ? 2 : 1);
  nd_text_append_bytes(out, bytes, 1);
}

static void print_leaf(printer *p, nd_node node) {
  const char *text = nd_node_text(p->graph, node);
  nd_op op = nd_node_op(p->graph, node);
  if (op == ND_BOUND) {
    text = p->bound[text[0] - '0'];
    op = ND_NAME;
  }
  if (op == ND_NUMBER && p->latex) {
    nd_latex_number(text, p->out);
  } else if (op == ND_NAME && p->latex) {
    nd_latex_name(text, p->out);
  } else if (op == ND_TEXT_LITERAL && p->latex) {
    nd_text_append(p->out, "\\text{");
    nd_latex_text(text, p->out);
    nd_text_append(p->out, "}");
  } else if (op == ND_TEXT_LITERAL) {
    print_doubling(p->out, text, '"');
  } else if (op == ND_NAME && !nd_is_plain_name(text)) {
    print_doubling(p->out, text, '`');
  } else {
    nd_text_append(p->out, text);
  }
}

/* ---- operators ---- */

/* 0 < x is printed as x > 0: both read as the same node. */
static nadir_status push_less(printer *p, nd_node node, const char *forward, const char *backward) {
  nd_node a = nd_node_argument(p->graph, node, 0), b = nd_node_argument(p->graph, node, 1);
  if (nd_node_op(p->graph, a) == ND_NUMBER && nd_node_op(p->graph, b) != ND_NUMBER)
    return push_infix(p, backward, b, BIND_SUM, a, BIND_SUM);
  return push_infix(p, forward, a, BIND_SUM, b, BIND_SUM);
}

static nadir_status push_comparison(printer *p, nd_node node) {
  nd_op op = nd_node_op(p->graph, node);
  if (op == ND_LESS) return push_less(p, node, " < ", " > ");
  if (op == ND_LESSEQ)
    return p->latex ? push_less(p, node, " \\le ", " \\ge ") : push_less(p, node, " <= ", " >= ");
  bool not_equal = op == ND_NOT;
  if (not_equal) node = nd_node_argument(p->graph, node, 0);
  const char *sign = p->latex ? (not_equal ? " \\ne " : " = ") : (not_equal ? " != " : " == ");
  return push_infix(p, sign, nd_node_argument(p->graph, node, 0), BIND_SUM,
                    nd_node_argument(p->graph, node, 1), BIND_SUM);
}

static bool starts_with_number(const printer *p, nd_node node) {
  nd_op op = nd_node_op(p->graph, node);
  while (op == ND_POW || op == ND_MUL) {
    node = nd_node_argument(p->graph, node, 0);
    op = nd_node_op(p->graph, node);
  }
  return op == ND_NUMBER;
}

static const char *run_sign(const printer *p, nd_op op, nd_node next) {
  if (op == ND_ADD) return " + ";
  if (!p->latex) return "*";
  return starts_with_number(p, next) ? " \\cdot " : " \\, ";
}

/* A run a + b + c: its first operand may be a difference, which the parser closes before the run
 * goes on, but not a sum, which would join it. The same for products. */
static nadir_status push_run(printer *p, nd_node node, nd_op closed, binding level) {
  nd_op op = nd_node_op(p->graph, node);
  for (size_t i = nd_node_arity(p->graph, node); i-- > 0;) {
    nd_node next = nd_node_argument(p->graph, node, i);
    bool left = i == 0 && nd_node_op(p->graph, next) == closed;
    binding least = left ? level : level + 1;
    ND_TRY(push_node(p, next, i > 0 ? later(p, next, least) : least));
    if (i > 0) ND_TRY(push_text(p, run_sign(p, op, next)));
  }
  return NADIR_OK;
}

static nadir_status push_negative(printer *p, nd_node node) {
  nd_node a = nd_node_argument(p->graph, node, 0);
  /* -2 is a number of its own, the negative of the number 2 is not */
  bool number = nd_node_op(p->graph, a) == ND_NUMBER && !is_negative(p->graph, a);
  if (number) ND_TRY(push_text(p, ")"));
  ND_TRY(push_node(p, a, p->latex ? BIND_PRODUCT : BIND_SIGN));
  return push_text(p, number ? "-(" : "-");
}

static nadir_status push_power(printer *p, nd_node node) {
  nd_node a = nd_node_argument(p->graph, node, 0), b = nd_node_argument(p->graph, node, 1);
  if (!p->latex) return push_infix(p, "^", a, BIND_ATOM, b, BIND_SIGN);
  ND_TRY(push_text(p, "}"));
  ND_TRY(push_node(p, b, BIND_ANY));
  ND_TRY(push_text(p, "^{"));
  return push_node(p, a, BIND_ATOM);
}

static nadir_status push_quotient(printer *p, nd_node node) {
  nd_node a = nd_node_argument(p->graph, node, 0), b = nd_node_argument(p->graph, node, 1);
  if (!p->latex) return push_infix(p, "/", a, BIND_PRODUCT, b, BIND_SIGN);
  ND_TRY(push_text(p, "}"));
  ND_TRY(push_node(p, b, BIND_ANY));
  ND_TRY(push_text(p, "}{"));
  ND_TRY(push_node(p, a, BIND_ANY));
  return push_text(p, "\\frac{");
}

static nadir_status push_call(printer *p, nd_node node, const char *name) {
  size_t from = 0;
  ND_TRY(push_text(p, p->latex ? "\\right)" : ")"));
  if (nd_node_op(p->graph, node) == ND_SOFTMAX) from = 1;
  ND_TRY(push_list(p, node, from));
  if (from == 1) {
    ND_TRY(push_text(p, "; "));
    ND_TRY(push_node(p, nd_node_argument(p->graph, node, 0), BIND_ANY));
  }
  ND_TRY(push_text(p, p->latex ? "\\left(" : "("));
  return push_text(p, name);
}

/* A notation of mathematics: # is where the arguments go. */
static nadir_status push_notation(printer *p, nd_node node, const char *notation) {
  const char *place = strchr(notation, '#');
  if (place == NULL) return push_text(p, notation);
  ND_TRY(push_text(p, place + 1));
  ND_TRY(push_list(p, node, 0));
  return push_step(p, (step){.text = notation, .length = (size_t)(place - notation)});
}

static nadir_status push_latex_call(printer *p, nd_node node, const char *name) {
  const nd_op_info *about = nd_op_about(nd_node_op(p->graph, node));
  if (about != NULL && *about->latex != '\0') return push_notation(p, node, about->latex);
  ND_TRY(push_call(p, node, "}"));
  ND_TRY(push_text(p, name));
  return push_text(p, "\\operatorname{");
}

static nadir_status push_latex_if(printer *p, nd_node node) {
  ND_TRY(push_text(p, " & \\text{otherwise} \\end{cases}"));
  ND_TRY(push_node(p, nd_node_argument(p->graph, node, 2), BIND_ANY));
  ND_TRY(push_text(p, " \\\\ "));
  ND_TRY(push_node(p, nd_node_argument(p->graph, node, 0), BIND_ANY));
  ND_TRY(push_text(p, " & \\text{if } "));
  ND_TRY(push_node(p, nd_node_argument(p->graph, node, 1), BIND_ANY));
  return push_text(p, "\\begin{cases} ");
}

/* The operators that are written as signs between their arguments. */
static bool push_sign(printer *p, nd_node node, nd_op op, nadir_status *status) {
  const char *and_sign = p->latex ? " \\land " : " and ", *or_sign = p->latex ? " \\lor " : " or ";
  bool binary = nd_node_arity(p->graph, node) == 2;
  nd_node a = binary ? nd_node_argument(p->graph, node, 0) : node;
  nd_node b = binary ? nd_node_argument(p->graph, node, 1) : node;
  if (op == ND_ADD)
    *status = push_run(p, node, ND_SUB, BIND_SUM);
  else if (op == ND_MUL)
    *status = push_run(p, node, ND_DIV, BIND_PRODUCT);
  else if (op == ND_SUB)
    *status = push_infix(p, " - ", a, BIND_SUM, b, BIND_PRODUCT);
  else if (op == ND_DIV)
    *status = push_quotient(p, node);
  else if (op == ND_POW)
    *status = push_power(p, node);
  else if (op == ND_AND)
    *status = push_infix(p, and_sign, a, BIND_AND, b, BIND_NOT);
  else if (op == ND_OR)
    *status = push_infix(p, or_sign, a, BIND_OR, b, BIND_AND);
  else if (op == ND_RANGE)
    *status = push_infix(p, "..", a, BIND_ATOM, b, BIND_ATOM);
  else
    return false;
  return true;
}

static nadir_status push_not(printer *p, nd_node node) {
  ND_TRY(push_node(p, nd_node_argument(p->graph, node, 0), BIND_NOT));
  return push_text(p, p->latex ? "\\lnot " : "not ");
}

static nadir_status push_integral(printer *p, nd_node node) {
  nd_node parts[4];
  for (size_t i = 0; i < 4; i++)
    parts[i] = nd_node_argument(p->graph, node, i);
  if (!p->latex) return push_call(p, node, "integral");
  ND_TRY(push_node(p, parts[1], BIND_ATOM));
  ND_TRY(push_text(p, " \\, d"));
  ND_TRY(push_node(p, parts[0], BIND_PRODUCT));
  ND_TRY(push_text(p, "} "));
  ND_TRY(push_node(p, parts[3], BIND_ANY));
  ND_TRY(push_text(p, "}^{"));
  ND_TRY(push_node(p, parts[2], BIND_ANY));
  return push_text(p, "\\int_{");
}

static nadir_status expand(printer *p, nd_node node) {
  nd_op op = nd_node_op(p->graph, node);
  nadir_status status = NADIR_OK;
  if (binding_of(p, node) == BIND_COMPARE) return push_comparison(p, node);
  if (op == ND_NEG) return push_negative(p, node);
  if (op == ND_NOT) return push_not(p, node);
  if (op == ND_PI && !p->latex) return push_text(p, "pi");
  if (push_sign(p, node, op, &status)) return status;
  if (op == ND_INTEGRAL) return push_integral(p, node);
  if (op == ND_LINEAR || op == ND_POLY || op == ND_SOFTMAX) {
    return p->latex ? push_latex_call(p, node, nd_head_name(op))
                    : push_call(p, node, nd_head_name(op));
  }
  const nd_op_info *info = nd_op_about(op);
  if (info == NULL) {
    print_leaf(p, node);
    return NADIR_OK;
  }
  if (!p->latex) return push_call(p, node, info->name);
  return op == ND_IF ? push_latex_if(p, node) : push_latex_call(p, node, info->name);
}

static nadir_status print_node(printer *p, step next) {
  if (binding_of(p, next.node) >= next.least) return expand(p, next.node);
  ND_TRY(push_text(p, p->latex ? "\\right)" : ")"));
  ND_TRY(push_node(p, next.node, BIND_ANY));
  return push_text(p, p->latex ? "\\left(" : "(");
}

static nadir_status print_all(printer *p) {
  while (p->count > 0) {
    step next = p->steps[--p->count];
    if (next.text != NULL)
      nd_text_append_bytes(p->out, next.text, next.length);
    else
      ND_TRY(print_node(p, next));
    if (p->out->length > ND_PRINT_LIMIT)
      return nd_fail(p->error, NADIR_BAD_FORMULA,
                     "formula: written out it is longer than %d MiB: ask for a smaller part",
                     ND_PRINT_LIMIT >> 20);
  }
  return nd_text_status(p->out, p->error);
}

static bool is_taken(const printer *p, size_t number, const nd_node *names, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(nd_node_text(p->graph, names[i]), p->bound[number]) == 0) return true;
  for (size_t i = 0; i < number; i++)
    if (strcmp(p->bound[i], p->bound[number]) == 0) return true;
  return false;
}

/* BOUND leaves get the name that was typed, longer where another name of the formula is the same. */
static nadir_status name_bound(printer *p, nd_node root) {
  nd_node *names;
  size_t count;
  ND_TRY(nd_names(p->graph, &root, 1, &names, &count, p->error));
  for (size_t number = 0; number < ND_MOST_BOUND; number++) {
    const char *stem = p->graph->stems[number];
    char *name = p->bound[number];
    size_t length = stem ? strnlen(stem, sizeof p->bound[number] / 2) : 0;
    if (length > 0) memcpy(name, stem, length);
    while (is_taken(p, number, names, count) && length + 1 < sizeof p->bound[number])
      name[length++] = '_';
  }
  nd_free(names);
  return NADIR_OK;
}

nadir_status nd_print(const nd_graph *graph, nd_node node, nd_notation form, nd_text *out,
                      nadir_error *error) {
  printer p = {.graph = graph, .latex = form == ND_LATEX, .out = out, .error = error};
  nadir_status status = push_node(&p, node, BIND_ANY);
  if (graph->nodes[node].height > 0 || graph->nodes[node].bound != 0) {
    if (status == NADIR_OK) status = name_bound(&p, node);
  }
  if (status == NADIR_OK) status = print_all(&p);
  nd_free(p.steps);
  return status;
}
