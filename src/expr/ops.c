/* What ops.def says, as tables and as the value of an operator. Nothing here knows any operator by
 * name: all of it is generated from the list. */
#include "expr/expr_internal.h"

#include <math.h>
#include <string.h>

/* The words of the columns smooth and cost. */
enum {
  IS_yes = ND_SMOOTH,
  IS_once = ND_ONCE,
  IS_kink = ND_KINK,
  IS_kink_at_0 = ND_KINK,
  IS_kink_if_equal = ND_KINK,
  IS_jump = ND_JUMP,
  IS_jump_at_0 = ND_JUMP,
  IS_jump_if_equal = ND_JUMP,
  IS_jump_of_truth = ND_JUMP
};
enum {
  EDGE_yes = ND_EDGE_SOMEWHERE,
  EDGE_once = ND_EDGE_SOMEWHERE,
  EDGE_kink = ND_EDGE_SOMEWHERE,
  EDGE_kink_at_0 = ND_EDGE_AT_0,
  EDGE_kink_if_equal = ND_EDGE_IF_EQUAL,
  EDGE_jump = ND_EDGE_SOMEWHERE,
  EDGE_jump_at_0 = ND_EDGE_AT_0,
  EDGE_jump_if_equal = ND_EDGE_IF_EQUAL,
  EDGE_jump_of_truth = ND_EDGE_OF_TRUTH
};

static const nd_op_info infos[] = {
#define ND_OP(id, name, least, most, usage, help, latex, derivative, smooth, sign, monotone,       \
              curvature, domain, cost, scalar, vector)                                             \
  {name,                                                                                           \
   usage,                                                                                          \
   help,                                                                                           \
   latex,                                                                                          \
   derivative,                                                                                     \
   monotone,                                                                                       \
   least,                                                                                          \
   most,                                                                                           \
   (nd_smoothness)IS_##smooth,                                                                     \
   (nd_edge)EDGE_##smooth,                                                                         \
   ND_SIGN_##sign,                                                                                 \
   ND_CURVES_##curvature,                                                                          \
   ND_WHERE_##domain},
#include "expr/ops.def"
};

/* The order of nd_function_at: operators, spelled functions, those that bind a name, heads. */
static const nadir_operator functions[] = {
#define ND_OP(id, name, least, most, usage, help, latex, derivative, smooth, sign, monotone,       \
              curvature, domain, cost, scalar, vector)                                             \
  {name, usage, help},
#include "expr/ops.def"
#define ND_SPELLING(name, least, most, usage, help, how, formula) {name, usage, help},
#include "expr/ops.def"
    {"integral", "integral(f, x, a, b)",
     "of f over x from a to b; x is a name in f alone, of no column or parameter; not a number "
     "where the rule of 207 "
     "points does not converge"},
    {"series", "series(f, k, m, n)",
     "sum of f over the whole numbers k from m to n, at most 1000 of them"},
    {"hms", "hms(\"12:34:56.7\")", "hours, minutes and seconds, a quoted text or a column of texts, as degrees"},
    {"dms", "dms(\"-05:23:28\")", "degrees, minutes and seconds, a quoted text or a column of texts, as degrees"},
    {"jd", "jd(\"2026-11-29T12:00:00\")",
     "the Julian date of a date, with a time or without, a quoted text or a column of texts"},
    {"linear", "linear(e1, e2, ...)",
     "b + w[e1]*e1 + w[e2]*e2 + ...; also linear(*), linear(c1..c9)"},
    {"poly", "poly(x, k)", "b + w[x]*x + ... + w[x^k]*x^k"},
    {"softmax", "softmax(k; e1, ...)", "one linear function for each of k classes"},
};

const nd_op_info *nd_op_about(nd_op op) {
  return op <= ND_STAR || op >= ND_OPS ? NULL : &infos[op - ND_STAR - 1];
}

/* They are the last of the functions. */
const char *nd_head_name(nd_op head) {
  return functions[ND_COUNT(functions) - 1 - (ND_SOFTMAX - head)].name;
}

nd_op nd_head_named(const char *name, size_t length) {
  for (nd_op head = ND_LINEAR; head <= ND_SOFTMAX; head++)
    if (strlen(nd_head_name(head)) == length && memcmp(nd_head_name(head), name, length) == 0) return head;
  return ND_OPS;
}

bool nd_op_is_head(nd_op op) {
  return op >= ND_LINEAR && op <= ND_STAR;
}

bool nd_op_has_order(nd_op op) {
  const nd_op_info *info = nd_op_about(op);
  return info != NULL &&
         (info->domain == ND_WHERE_order_a || info->domain == ND_WHERE_order_a_and_b_no_pole);
}

const nadir_operator *nd_function_at(size_t i) {
  return i < ND_COUNT(functions) ? &functions[i] : NULL;
}

/* Rows use those of a, b, c that they have. */
#define UNUSED_ARGUMENTS (void)a, (void)b, (void)c

static double value_of(nd_op op, double a, double b, double c) {
  UNUSED_ARGUMENTS;
  switch (op) {
#define ND_OP(id, name, least, most, usage, help, latex, derivative, smooth, sign, monotone,       \
              curvature, domain, cost, scalar, vector)                                             \
  case ND_##id:                                                                                    \
    return scalar;
#include "expr/ops.def"
  case ND_NUMBER:
  case ND_NAME:
  case ND_TEXT_LITERAL:
  case ND_LINEAR:
  case ND_POLY:
  case ND_SOFTMAX:
  case ND_RANGE:
  case ND_STAR:
  case ND_BOUND:
  case ND_INTEGRAL:
  case ND_OPS:
    break;
  }
  return (double)NAN;
}

double nd_op_value(nd_op op, const double *arguments, size_t count) {
  const nd_op_info *info = nd_op_about(op);
  if (info == NULL || info->most != ND_MANY) {
    double a = count > 0 ? arguments[0] : 0, b = count > 1 ? arguments[1] : 0;
    return value_of(op, a, b, count > 2 ? arguments[2] : 0);
  }
  double value = count > 0 ? arguments[0] : (double)NAN;
  for (size_t i = 1; i < count; i++)
    value = value_of(op, value, arguments[i], 0);
  return value;
}
