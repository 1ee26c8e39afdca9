/* Walks ops.def: every row's value and derivative against what long double arithmetic gives, at
 * ordinary and at extreme arguments; the closure of the list under derivatives; subgradients;
 * printed forms.
 *
 * The reference for a derivative is a Richardson-extrapolated central difference (order 8) of the
 * operator in long double, with the step a fixed part of the argument's scale. Its own error is
 * about 1e-14 relative there, so the bound of 1e-11 relative (to the derivative) is the test's, not
 * the formula's. Rows that the C library gives in double only are listed with their own references.
 */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "expr/expr_internal.h"

/* ---- the operators in long double, written apart from ops.def ---- */

static long double real(nd_op op, const long double *x, size_t count) {
  long double a = x[0], b = count > 1 ? x[1] : 0, sum = 0;
  switch ((int)op) {
  case ND_ADD:
    for (size_t i = 0; i < count; i++)
      sum += x[i];
    return sum;
  case ND_SUB:
    return a - b;
  case ND_NEG:
    return -a;
  case ND_MUL:
    sum = 1;
    for (size_t i = 0; i < count; i++)
      sum *= x[i];
    return sum;
  case ND_DIV:
    return a / b;
  case ND_POW:
    return powl(a, b);
  case ND_LESS:
    return a < b;
  case ND_LESSEQ:
    return a <= b;
  case ND_EQUAL:
    return a == b;
  case ND_AND:
    return a != 0 && b != 0;
  case ND_OR:
    return a != 0 || b != 0;
  case ND_NOT:
    return a == 0;
  case ND_IF:
    return a != 0 ? b : x[2];
  case ND_SQRT:
    return sqrtl(a);
  case ND_CBRT:
    return cbrtl(a);
  case ND_EXP:
    return expl(a);
  case ND_EXPM1:
    return expm1l(a);
  case ND_LOG:
    return logl(a);
  case ND_LOG2:
    return log2l(a);
  case ND_LOG10:
    return log10l(a);
  case ND_LOG1P:
    return log1pl(a);
  case ND_LOGSUMEXP: {
    long double most = a;
    for (size_t i = 1; i < count; i++)
      most = x[i] > most ? x[i] : most;
    for (size_t i = 0; i < count; i++)
      sum += expl(x[i] - most);
    return most + logl(sum);
  }
  case ND_SOFTPLUS:
    return a > 0 ? a + log1pl(expl(-a)) : log1pl(expl(a));
  case ND_SIGMOID:
    return a > 0 ? 1 / (1 + expl(-a)) : expl(a) / (1 + expl(a));
  case ND_ABS:
    return fabsl(a);
  case ND_SIGN:
    return (a > 0) - (a < 0);
  case ND_MIN:
    for (size_t i = 1; i < count; i++)
      a = x[i] < a ? x[i] : a;
    return a;
  case ND_MAX:
    for (size_t i = 1; i < count; i++)
      a = x[i] > a ? x[i] : a;
    return a;
  case ND_POS:
    return a > 0 ? a : 0;
  case ND_NORM2:
    for (size_t i = 0; i < count; i++)
      sum += x[i] * x[i];
    return sqrtl(sum); /* the range of long double holds the squares of doubles */
  case ND_HUBER:
    return fabsl(a) <= b ? a * a : 2 * b * fabsl(a) - b * b;
  case ND_QUAD_OVER_LIN:
    return a * a / b;
  case ND_ENTROPY:
    return a * logl(a);
  case ND_FLOOR:
    return floorl(a);
  case ND_MOD:
    return a - b * floorl(a / b);
  case ND_SIN:
    return sinl(a);
  case ND_COS:
    return cosl(a);
  case ND_TAN:
    return tanl(a);
  case ND_ASIN:
    return asinl(a);
  case ND_ACOS:
    return acosl(a);
  case ND_ATAN:
    return atanl(a);
  case ND_ATAN2:
    return atan2l(a, b);
  case ND_SINH:
    return sinhl(a);
  case ND_COSH:
    return coshl(a);
  case ND_TANH:
    return tanhl(a);
  case ND_ASINH:
    return asinhl(a);
  case ND_ACOSH:
    return acoshl(a);
  case ND_ATANH:
    return atanhl(a);
  case ND_ERF:
    return erfl(a);
  case ND_ERFC:
    return erfcl(a);
  case ND_LGAMMA:
    return lgammal(a);
  default:
    return NAN;
  }
}

/* Central differences at h, h/2, h/4, h/8, extrapolated (Richardson 1911). */
static long double difference(nd_op op, const long double *at, size_t count, size_t i,
                              long double h) {
  long double table[4], x[4];
  memcpy(x, at, count * sizeof *x);
  for (int k = 0; k < 4; k++, h /= 2) {
    volatile long double up = at[i] + h, down = at[i] - h;
    x[i] = up;
    long double high = real(op, x, count);
    x[i] = down;
    table[k] = (high - real(op, x, count)) / (up - down);
  }
  for (int level = 1; level < 4; level++)
    for (int k = 3; k >= level; k--)
      table[k] += (table[k] - table[k - 1]) / (ldexpl(1, 2 * level) - 1);
  return table[3];
}

/* ---- points: by operator, arguments inside the smooth part of its domain ---- */

typedef struct row {
  nd_op op;
  size_t count;
  double at[3];
  double scale; /* of the step, times 1e-2; 0: the argument's own size */
} row;

static const row rows[] = {
    {ND_ADD, 3, {1, -2, 3}, 1},
    {ND_ADD, 2, {1e300, 1e300}, 0},
    {ND_SUB, 2, {1, -2}, 1},
    {ND_SUB, 2, {1e300, -1e299}, 0},
    {ND_NEG, 1, {3}, 0},
    {ND_NEG, 1, {-1e300}, 0},
    {ND_MUL, 3, {1.5, -2, 3}, 1},
    {ND_MUL, 2, {0, 3}, 1},
    {ND_MUL, 3, {1e-100, 1e150, 1e-50}, 0},
    {ND_DIV, 2, {1.5, -2}, 0},
    {ND_DIV, 2, {0, 3}, 1},
    {ND_DIV, 2, {1e150, 1e-50}, 0},
    {ND_POW, 2, {1.5, 2.5}, 0},
    {ND_POW, 2, {2, -3}, 0},
    {ND_POW, 2, {1e-3, 40}, 1e-4},
    {ND_POW, 2, {40, 100}, 0.1},
    {ND_LESS, 2, {1, 2}, 1},
    {ND_LESSEQ, 2, {1, 2}, 1},
    {ND_EQUAL, 2, {1, 2}, 1},
    {ND_IF, 3, {1, 2, 3}, 1},
    {ND_IF, 3, {0, 2, 3}, 0.1},
    {ND_SQRT, 1, {2}, 0},
    {ND_SQRT, 1, {1e-300}, 0},
    {ND_SQRT, 1, {1e300}, 0},
    {ND_CBRT, 1, {-2}, 0},
    {ND_CBRT, 1, {1e-300}, 0},
    {ND_CBRT, 1, {1e300}, 0},
    {ND_EXP, 1, {1}, 1},
    {ND_EXP, 1, {-700}, 1},
    {ND_EXP, 1, {700}, 1},
    {ND_EXPM1, 1, {1}, 1},
    {ND_EXPM1, 1, {-5}, 1},
    {ND_EXPM1, 1, {1e-10}, 0},
    {ND_EXPM1, 1, {700}, 1},
    {ND_LOG, 1, {2}, 0},
    {ND_LOG, 1, {1e-300}, 0},
    {ND_LOG, 1, {1e300}, 0},
    {ND_LOG2, 1, {3}, 0},
    {ND_LOG2, 1, {1e-300}, 0},
    {ND_LOG2, 1, {1e300}, 0},
    {ND_LOG10, 1, {2}, 0},
    {ND_LOG10, 1, {1e-300}, 0},
    {ND_LOG10, 1, {1e300}, 0},
    {ND_LOG1P, 1, {2}, 0},
    {ND_LOG1P, 1, {1e-12}, 0},
    {ND_LOG1P, 1, {1e300}, 0},
    {ND_LOG1P, 1, {-0.999}, 1e-3},
    {ND_LOGSUMEXP, 3, {1, 2, 0.5}, 1},
    {ND_LOGSUMEXP, 3, {800, 799, 801}, 1},
    {ND_LOGSUMEXP, 2, {-900, -899}, 1},
    {ND_SOFTPLUS, 1, {0.5}, 1},
    {ND_SOFTPLUS, 1, {-30}, 1},
    {ND_SOFTPLUS, 1, {800}, 1},
    {ND_SOFTPLUS, 1, {-700}, 1},
    {ND_SIGMOID, 1, {0.5}, 1},
    {ND_SIGMOID, 1, {-700}, 1},
    {ND_SIGMOID, 1, {5}, 1},
    {ND_ABS, 1, {3}, 0},
    {ND_ABS, 1, {-1e-300}, 0},
    {ND_SIGN, 1, {-2}, 1},
    {ND_MIN, 3, {2, 1, 3}, 1},
    {ND_MAX, 3, {2, 1, 3}, 1},
    {ND_MAX, 3, {1, 2, 3}, 1},
    {ND_MIN, 2, {-1e300, 1e300}, 0},
    {ND_POS, 1, {2}, 0},
    {ND_POS, 1, {-2}, 0},
    {ND_NORM2, 3, {1, -2, 3}, 1},
    {ND_NORM2, 2, {3e300, 4e300}, 0},
    {ND_NORM2, 2, {3e-300, -4e-300}, 0},
    {ND_HUBER, 2, {0.5, 1}, 0.1},
    {ND_HUBER, 2, {-3, 1}, 0.1},
    {ND_HUBER, 2, {1e200, 1e-100}, 0},
    {ND_QUAD_OVER_LIN, 2, {3, 2}, 0},
    {ND_QUAD_OVER_LIN, 2, {-1e200, 1e150}, 0},
    {ND_ENTROPY, 1, {2}, 0},
    {ND_ENTROPY, 1, {1e-300}, 0},
    {ND_ENTROPY, 1, {1e300}, 0},
    {ND_FLOOR, 1, {2.5}, 1},
    {ND_MOD, 2, {7.3, 2}, 0.1},
    {ND_MOD, 2, {-7.3, 2}, 0.1},
    {ND_SIN, 1, {1}, 1},
    {ND_SIN, 1, {1e5}, 1},
    {ND_COS, 1, {1}, 1},
    {ND_COS, 1, {-1e5}, 1},
    {ND_TAN, 1, {1}, 1},
    {ND_TAN, 1, {1.5707}, 1e-4},
    {ND_ASIN, 1, {0.5}, 1},
    {ND_ASIN, 1, {1 - 1e-9}, 1e-9},
    {ND_ASIN, 1, {-1 + 1e-9}, 1e-9},
    {ND_ACOS, 1, {0.5}, 1},
    {ND_ACOS, 1, {-1 + 1e-6}, 1e-6},
    {ND_ATAN, 1, {1}, 1},
    {ND_ATAN, 1, {1e4}, 0},
    {ND_ATAN2, 2, {1, 2}, 1},
    {ND_ATAN2, 2, {-3, -2}, 1},
    {ND_ATAN2, 2, {3e300, 4e300}, 0},
    {ND_ATAN2, 2, {3e-300, 4e-300}, 0},
    {ND_SINH, 1, {1}, 1},
    {ND_SINH, 1, {-700}, 1},
    {ND_COSH, 1, {1}, 1},
    {ND_COSH, 1, {700}, 1},
    {ND_TANH, 1, {0.5}, 1},
    {ND_TANH, 1, {-3}, 1},
    {ND_ASINH, 1, {1}, 1},
    {ND_ASINH, 1, {1e300}, 0},
    {ND_ACOSH, 1, {2}, 1},
    {ND_ACOSH, 1, {1 + 1e-6}, 1e-6},
    {ND_ACOSH, 1, {1e300}, 0},
    {ND_ATANH, 1, {0.5}, 1},
    {ND_ATANH, 1, {1 - 1e-6}, 1e-6},
    {ND_ERF, 1, {0.5}, 1},
    {ND_ERF, 1, {-2}, 1},
    {ND_ERFC, 1, {0.5}, 1},
    {ND_ERFC, 1, {10}, 0.1},
    {ND_LGAMMA, 1, {0.5}, 1},
    {ND_LGAMMA, 1, {50}, 0},
    {ND_LGAMMA, 1, {-2.5}, 1},
    {ND_LGAMMA, 1, {1e-5}, 0},
};

/* Not differentiated by a difference: no argument, only truth values, or tested below, or in sky.c. */
static bool is_apart(nd_op op) {
  return op == ND_FADDEEVA_RE || op == ND_FADDEEVA_IM || op == ND_PI || op == ND_AND || op == ND_OR || op == ND_NOT || nd_op_has_order(op);
}

static bool same_number(double got, long double wanted, double bound) {
  if (wanted == 0) return got == 0;
  return fabsl(got - wanted) <= bound * fabsl(wanted);
}

static void check_row(const row *r) {
  static const char *const letters[] = {"p", "q", "r"};
  nd_graph *graph = NULL;
  nadir_error error = {0};
  nd_node leaf[3], root, derivative[3];
  long double at[3];
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  for (size_t i = 0; i < r->count; i++) {
    assert_int_equal(nd_make_name(graph, letters[i], &leaf[i], &error), NADIR_OK);
    at[i] = r->at[i];
  }
  assert_int_equal(nd_make(graph, r->op, leaf, r->count, &root, &error), NADIR_OK);
  assert_int_equal(nd_derive(graph, root, leaf, r->count, derivative, &error), NADIR_OK);
  double *values = calloc(nd_graph_size(graph), sizeof *values);
  for (size_t i = 0; i < r->count; i++)
    values[leaf[i]] = r->at[i];
  assert_int_equal(nd_evaluate(graph, &root, 1, values, &error), NADIR_OK);
  assert_int_equal(nd_evaluate(graph, derivative, r->count, values, &error), NADIR_OK);
  const char *name = nd_op_about(r->op)->name;
  if (!same_number(values[root], real(r->op, at, r->count), 1e-14))
    fail_msg("%s at %g: %.17g", name, r->at[0], values[root]);
  for (size_t i = 0; i < r->count; i++) {
    if (r->op == ND_IF && i == 0) continue;
    long double scale = r->scale > 0 ? (long double)r->scale : fabsl(at[i]);
    long double wanted = difference(r->op, at, r->count, i, scale / 100);
    if (!same_number(values[derivative[i]], wanted, 1e-11) &&
        !(fabsl(wanted) < 1e-15 && fabs(values[derivative[i]]) < 1e-15))
      fail_msg("d %s / d argument %zu at %g, %g: %.17g, expected %.17Lg", name, i + 1, r->at[0],
               r->at[1], values[derivative[i]], wanted);
  }
  free(values);
  nd_graph_free(graph);
}

static void every_derivative(void **state) {
  (void)state;
  bool seen[ND_OPS] = {false};
  for (size_t i = 0; i < ND_COUNT(rows); i++) {
    check_row(&rows[i]);
    seen[rows[i].op] = true;
  }
  for (int op = ND_STAR + 1; op < ND_OPS; op++)
    if (!seen[op] && !is_apart((nd_op)op))
      fail_msg("%s has no test point", nd_op_about((nd_op)op)->name);
}

/* ---- the list itself ---- */

static size_t pieces(const char *text) {
  size_t count = 1;
  for (; *text != '\0'; text++)
    count += *text == ';';
  return count;
}

/* Every derivative formula parses in the names of its row, so uses this list only, and so does what
 * its own derivative needs: the second and third derivatives exist too. */
static void closed_under_derivative(void **state) {
  (void)state;
  static const char *const letters[] = {"p", "q", "r"};
  for (int op = ND_STAR + 1; op < ND_OPS; op++) {
    const nd_op_info *info = nd_op_about((nd_op)op);
    nadir_error error = {0};
    nd_graph *graph = NULL;
    nd_node leaf[3], root;
    size_t count = info->most == ND_MANY ? 3 : info->most;
    assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
    for (size_t i = 0; i < count; i++)
      nd_make_name(graph, letters[i], &leaf[i], &error);
    assert_int_equal(nd_make(graph, (nd_op)op, leaf, count, &root, &error), NADIR_OK);
    for (int order = 1; order <= 3 && count > 0; order++) {
      nd_node derivative[3];
      if (nd_derive(graph, root, leaf, count, derivative, &error) != NADIR_OK)
        fail_msg("derivative %d of %s: %s", order, info->name, error.message);
      root = derivative[count - 1];
    }
    nd_graph_free(graph);
  }
}

static bool is_one_of(const char *text, const char *const *list, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(text, list[i]) == 0) return true;
  return false;
}

static void columns_are_spelled_right(void **state) {
  (void)state;
  static const char *const domains[] = {
#define ND_DOMAIN(domain, condition) condition,
#include "expr/ops.def"
  };
  static const char *const monotone[] = {"+", "-", "abs", "0", "?", "rule"};
  for (int op = ND_STAR + 1; op < ND_OPS; op++) {
    const nd_op_info *info = nd_op_about((nd_op)op);
    char copy[64], *rest = copy;
    strcpy(copy, info->monotone);
    if (info->edge != ND_EDGE_SOMEWHERE) assert_true(info->smooth >= ND_KINK);
    if (info->edge == ND_EDGE_AT_0) assert_int_equal(info->most, 1);
    if (info->edge == ND_EDGE_IF_EQUAL) assert_int_equal(info->least, 2);
    if (info->sign == ND_SIGN_truth) assert_int_equal(info->smooth, ND_JUMP);
    if (info->most > 0) {
      size_t wanted = info->most == ND_MANY ? 1 : info->most;
      assert_int_equal(pieces(info->monotone), wanted);
      if (info->most != ND_MANY) assert_int_equal(pieces(info->derivative), wanted);
      for (char *word; (word = strtok_r(rest, "; ", &rest)) != NULL;)
        assert_true(is_one_of(word, monotone, ND_COUNT(monotone)));
    }
  }
  for (size_t i = 0; i < ND_COUNT(domains); i++) { /* a domain is a formula in a, b, c */
    nd_graph *graph = NULL;
    nd_node root;
    if (!*domains[i]) continue;
    assert_int_equal(nd_graph_new(&graph, NULL), NADIR_OK);
    assert_int_equal(nd_parse(graph, domains[i], &root, NULL), NADIR_OK);
    assert_int_equal(nd_node_type(graph, root), ND_IS_TRUTH);
    nd_graph_free(graph);
  }
}

/* 1 convex, -1 concave, 2 affine, 0 not known, for arguments from x to y. */
static int curvature_between(nd_curves curves, double x, double y) {
  switch (curves) {
  case ND_CURVES_affine:
    return 2;
  case ND_CURVES_convex:
    return 1;
  case ND_CURVES_concave:
    return -1;
  case ND_CURVES_convex_concave:
    return x >= 0 ? -1 : y <= 0 ? 1 : 0;
  case ND_CURVES_concave_convex:
    return x >= 0 ? 1 : y <= 0 ? -1 : 0;
  case ND_CURVES_unknown_convex:
    return x >= 0 ? 1 : 0;
  case ND_CURVES_convex_in_a:
  case ND_CURVES_neither:
  case ND_CURVES_by_rule:
    break;
  }
  return 0;
}

/* What a row claims of one argument, tried at many points: the sign of the value, the monotonicity,
 * the curvature by midpoints, wherever the value is finite. */
static void claims_hold(void **state) {
  (void)state;
  nd_random random = nd_random_stream(7, ND_FOR_TEST, 0, 0);
  for (int op = ND_STAR + 1; op < ND_OPS; op++) {
    const nd_op_info *info = nd_op_about((nd_op)op);
    if (info->most != 1 || op == ND_NOT) continue;
    for (int trial = 0; trial < 2000; trial++) {
      double x = 6 * nd_random_uniform(&random) - 3, y = 6 * nd_random_uniform(&random) - 3;
      if (x > y) {
        double swap = x;
        x = y;
        y = swap;
      }
      if (op == ND_LGAMMA && x <= 0) continue; /* poles lie between */
      double m = (x + y) / 2, fx = nd_op_value((nd_op)op, &x, 1),
             fy = nd_op_value((nd_op)op, &y, 1);
      double fm = nd_op_value((nd_op)op, &m, 1), slack = 1e-12 * (1 + fabs(fx) + fabs(fy));
      if (!isfinite(fx) || !isfinite(fy) || !isfinite(fm)) continue;
      int curvature = curvature_between(info->curvature, x, y);
      bool holds = true;
      if (info->sign == ND_SIGN_positive) holds = fx > 0;
      if (info->sign == ND_SIGN_not_negative) holds = fx >= 0;
      if (info->sign == ND_SIGN_same) holds = fx == 0 || (fx > 0) == (x > 0);
      if (strcmp(info->monotone, "+") == 0) holds = holds && fx <= fy + slack;
      if (strcmp(info->monotone, "-") == 0) holds = holds && fx >= fy - slack;
      if (strcmp(info->monotone, "abs") == 0 && x >= 0) holds = holds && fx <= fy + slack;
      if (strcmp(info->monotone, "abs") == 0 && y <= 0) holds = holds && fx >= fy - slack;
      if (curvature > 0) holds = holds && fm <= (fx + fy) / 2 + slack;
      if (curvature == 2 || curvature < 0) holds = holds && fm >= (fx + fy) / 2 - slack;
      if (!holds) fail_msg("%s does not keep its row's word between %g and %g", info->name, x, y);
    }
  }
}

/* The next order of a function with an order is its derivative: five-point differences. */
static void orders_are_derivatives(void **state) {
  (void)state;
  static const double points[] = {1e-9, 1e-3, 0.3, 1, 2.7, 8};
  for (int op = ND_STAR + 1; op < ND_OPS; op++)
    for (size_t i = 0; i < ND_COUNT(points) && nd_op_has_order((nd_op)op); i++)
      for (double order = 0; order < 4; order++) {
        double x = points[i], h = 1e-3 * x, at[4][2], v[4];
        for (int k = 0; k < 4; k++) {
          at[k][0] = order;
          at[k][1] = x + (k < 2 ? k - 2 : k - 1) * h;
          v[k] = nd_op_value((nd_op)op, at[k], 2);
        }
        double wanted = nd_op_value((nd_op)op, (double[]){order + 1, x}, 2);
        double slope = (8 * (v[2] - v[1]) - (v[3] - v[0])) / (12 * h);
        double rounding = 1e-15 * (fabs(v[0]) + fabs(v[3])) / h;
        if (!(fabs(slope - wanted) <= 1e-9 * fabs(wanted) + 4 * rounding))
          fail_msg("%s of order %g at %g: its slope is %.17g, not %.17g",
                   nd_op_about((nd_op)op)->name, order, x, slope, wanted);
      }
}

/* ---- special functions: published values (Abramowitz and Stegun 1964, DLMF) ---- */

static void near(double got, double wanted, double bound) {
  if (!(fabs(got - wanted) <= bound * fabs(wanted))) fail_msg("%.17g, expected %.17g", got, wanted);
}

static void polygamma_values(void **state) {
  (void)state;
  const double pi = 3.14159265358979323846, euler = 0.57721566490153286061;
  const double zeta3 = 1.2020569031595942854;
  near(nd_polygamma(0, 1), -euler, 1e-15);
  near(nd_polygamma(0, 0.5), -euler - 2 * 0.69314718055994530942, 1e-15);
  near(nd_polygamma(0, 10), 2.2517525890667211076, 1e-15);
  near(nd_polygamma(0, 1e10), 23.025850929890456849, 1e-15);
  near(nd_polygamma(0, 1e-10), -1e10, 1e-9);
  near(nd_polygamma(0, -0.5), 0.036489973978576520559, 1e-13);
  near(nd_polygamma(1, 1), pi * pi / 6, 2e-15);
  near(nd_polygamma(1, 0.5), pi * pi / 2, 2e-15);
  near(nd_polygamma(1, -0.5), pi * pi / 2 + 4, 1e-14);
  near(nd_polygamma(1, 1e8), 1.0000000050000000167e-8, 1e-14);
  near(nd_polygamma(2, 1), -2 * zeta3, 2e-15);
  near(nd_polygamma(2, 0.5), -14 * zeta3, 2e-15);
  near(nd_polygamma(3, 1), pi * pi * pi * pi / 15, 2e-15);
  near(nd_polygamma(3, 0.5), pi * pi * pi * pi, 2e-15);
  near(nd_polygamma(5, 1), 8 * pow(pi, 6) / 63, 4e-15);
  for (int n = 0; n < 12;
       n++) { /* psi_n(x + 1) = psi_n(x) + (-1)^n n! / x^(n+1), across the reflection */
    for (double x = -3.7; x < 4; x += 0.5) {
      double step = (n % 2 == 0 ? 1 : -1) * tgamma(n + 1.0) / pow(x, n + 1);
      double up = nd_polygamma(n, x + 1), down = nd_polygamma(n, x);
      if (!(fabs(up - down - step) <= 1e-11 * (fabs(up) + fabs(down) + fabs(step))))
        fail_msg("polygamma(%d, %g)", n, x);
    }
  }
  assert_true(isnan(nd_polygamma(0, 0)) && isnan(nd_polygamma(1, -3)) &&
              isnan(nd_polygamma(-1, 2)));
  assert_true(isnan(nd_polygamma_at(0.5, 2)) && isnan(nd_polygamma_at(1e300, 2)) &&
              isnan(nd_polygamma_at(NAN, 2)) && isnan(nd_polygamma(3, NAN)));
  assert_true(isfinite(nd_polygamma(100, 3.5)) && nd_polygamma(0, INFINITY) == INFINITY);
}

static void edges(void **state) {
  (void)state;
  double a[3] = {0, 0, 0};
  assert_true(nd_op_value(ND_ENTROPY, a, 1) == 0);
  double pair[2] = {NAN, 1}, swapped[2] = {1, NAN};
  assert_true(isnan(nd_op_value(ND_MAX, pair, 2)) && isnan(nd_op_value(ND_MAX, swapped, 2)));
  assert_true(isnan(nd_op_value(ND_MIN, pair, 2)) && isnan(nd_op_value(ND_MIN, swapped, 2)));
  assert_true(isnan(nd_op_value(ND_SOFTPLUS, pair, 1)) && isnan(nd_op_value(ND_POS, pair, 1)) &&
              isnan(nd_op_value(ND_SIGN, pair, 1)));
  double modulo[2] = {-1, 360}, negative_modulo[2] = {1, -3};
  assert_true(nd_op_value(ND_MOD, modulo, 2) == 359 &&
              nd_op_value(ND_MOD, negative_modulo, 2) == -2);
  double infinite[2] = {-INFINITY, -INFINITY};
  assert_true(nd_op_value(ND_LOGSUMEXP, infinite, 2) == -INFINITY);
  double below[2] = {1, -1};
  assert_true(isnan(nd_op_value(ND_QUAD_OVER_LIN, below, 2)));
  assert_null(nd_op_about(ND_NAME));
  size_t count = 0;
  while (nd_function_at(count) != NULL)
    count++;
  assert_true(count > 60);
}

/* ---- derivatives of formulas, printed and at kinks ---- */

static void derivative_is(const char *formula, const char *by, const char *printed) {
  nd_graph *graph = NULL;
  nadir_error error = {0};
  nd_node root, name, derivative;
  nd_text text = {0};
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  assert_int_equal(nd_parse(graph, formula, &root, &error), NADIR_OK);
  assert_int_equal(nd_make_name(graph, by, &name, &error), NADIR_OK);
  assert_int_equal(nd_derive(graph, root, &name, 1, &derivative, &error), NADIR_OK);
  assert_int_equal(nd_print(graph, derivative, ND_PLAIN, &text, &error), NADIR_OK);
  assert_string_equal(nd_text_data(&text), printed);
  nd_text_free(&text);
  nd_graph_free(graph);
}

static void printed_derivatives(void **state) {
  (void)state;
  derivative_is("(x - 1)^2 + (y + 2)^2", "x", "2*(x - 1)");
  derivative_is("x*x^2", "x", "3*x^2");
  derivative_is("a*exp(-(x - mu)^2/(2*s^2)) + c", "s", "a*exp(-0.5*(x - mu)^2/s^2)*(x - mu)^2/s^3");
  derivative_is("100*(y - x^2)^2 + (1 - x)^2", "y", "200*(y - x^2)");
  derivative_is("x*y*z", "y", "x*z");
  derivative_is("a/b", "b", "-a/b^2");
  derivative_is("1/x", "x", "-1/x^2");
  derivative_is("log(1 + exp(-y*f))", "f", "-y*sigmoid(-y*f)");
  derivative_is("max(x^2, 1 - x)", "x", "if(1 - x <= x^2, 2*x, -1)");
  derivative_is("norm2([x - 1, y])", "x", "if(norm2(x - 1, y) == 0, 0, (x - 1)/norm2(x - 1, y))");
  derivative_is("x", "y", "0");
  derivative_is("sin(x)*cos(x)", "x", "cos(x)^2 - sin(x)^2");
  derivative_is("mean([a, b, c])", "b", "1/3");
}

static double derivative_at(const char *formula, double x) {
  nd_graph *graph = NULL;
  nadir_error error = {0};
  nd_node root, name, derivative;
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  assert_int_equal(nd_parse(graph, formula, &root, &error), NADIR_OK);
  assert_int_equal(nd_make_name(graph, "x", &name, &error), NADIR_OK);
  assert_int_equal(nd_derive(graph, root, &name, 1, &derivative, &error), NADIR_OK);
  double *values = calloc(nd_graph_size(graph), sizeof *values);
  values[name] = x;
  assert_int_equal(nd_evaluate(graph, &derivative, 1, values, &error), NADIR_OK);
  double result = values[derivative];
  free(values);
  nd_graph_free(graph);
  return result;
}

static void subgradients(void **state) {
  (void)state;
  assert_true(derivative_at("abs(x)", 0) == 0);
  assert_true(derivative_at("pos(x)", 0) == 0);
  assert_true(derivative_at("max(x, 2*x)", 0) == 1);
  assert_true(derivative_at("max(2*x, x)", 0) == 2);
  assert_true(derivative_at("min(x, 2*x, 3*x)", 0) == 1);
  assert_true(derivative_at("norm2(x, 2*x)", 0) == 0);
  assert_true(derivative_at("huber(x, 1)", 1) == 2);
  assert_true(derivative_at("norm1([x, -x])", 0) == 0);
  assert_true(derivative_at("norminf([x, -x])", 2) == 1);
}

/* A branch not taken, undefined there, leaves no trace. */
static void gates(void **state) {
  (void)state;
  assert_true(derivative_at("if(x > 0, sqrt(x), 0)", -1) == 0);
  assert_true(derivative_at("if(x > 0, sqrt(x), -x)", -1) == -1);
  assert_true(derivative_at("if(x > 0, 3*log(sqrt(x)), -x)", -1) == -1);
  assert_true(derivative_at("if(x > 0, sqrt(x), 0) + if(x > 1, sqrt(x), 2*x)", -1) == 2);
  assert_true(derivative_at("if(x > 0, if(x > 1, acosh(x), sqrt(x)), x^2)", -1) == -2);
  assert_true(derivative_at("if(x > 0, if(x > 1, acosh(x), sqrt(x)), x^2)", 0.25) == 1);
  assert_true(derivative_at("x^0", 0) == 0);
  assert_true(derivative_at("x^2", 0) == 0);
  assert_true(derivative_at("x^3*(x + 1)", 0) == 0);
}

/* The Hessian, derived twice, against differences of the gradient (step 1e-4 with one
 * extrapolation: error about 1e-13 / 1e-4 of rounding and 1e-16 of truncation, so 1e-7 of the
 * largest entry is ample). */
static void hessian_of(const char *formula, const double *at) {
  enum { MOST = 4 };
  nd_graph *graph = NULL;
  nadir_error error = {0};
  nd_node root, *names = NULL, first[MOST], second[MOST][MOST];
  size_t count;
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  assert_int_equal(nd_parse(graph, formula, &root, &error), NADIR_OK);
  assert_int_equal(nd_names(graph, &root, 1, &names, &count, &error), NADIR_OK);
  assert_int_equal(nd_derive(graph, root, names, count, first, &error), NADIR_OK);
  for (size_t i = 0; i < count; i++)
    assert_int_equal(nd_derive(graph, first[i], names, count, second[i], &error), NADIR_OK);
  double *values = calloc(nd_graph_size(graph), sizeof *values), exact[MOST][MOST], largest = 0;
  for (size_t i = 0; i < count; i++)
    values[names[i]] = at[i];
  for (size_t i = 0; i < count; i++) {
    assert_int_equal(nd_evaluate(graph, second[i], count, values, &error), NADIR_OK);
    for (size_t j = 0; j < count; j++)
      exact[i][j] = values[second[i][j]];
    for (size_t j = 0; j < count; j++)
      largest = fmax(largest, fabs(exact[i][j]));
  }
  for (size_t j = 0; j < count; j++) {
    double slope[2][MOST];
    for (int k = 0; k < 2; k++) {
      double h = k == 0 ? 2e-4 : 1e-4, high[MOST];
      values[names[j]] = at[j] + h;
      assert_int_equal(nd_evaluate(graph, first, count, values, &error), NADIR_OK);
      for (size_t i = 0; i < count; i++)
        high[i] = values[first[i]];
      values[names[j]] = at[j] - h;
      assert_int_equal(nd_evaluate(graph, first, count, values, &error), NADIR_OK);
      for (size_t i = 0; i < count; i++)
        slope[k][i] = (high[i] - values[first[i]]) / (2 * h);
    }
    values[names[j]] = at[j];
    for (size_t i = 0; i < count; i++) {
      double wanted = slope[1][i] + (slope[1][i] - slope[0][i]) / 3;
      if (!(fabs(exact[i][j] - wanted) <= 1e-7 * (largest + 1)))
        fail_msg("%s: second derivative %zu, %zu is %g, expected %g", formula, i, j, exact[i][j],
                 wanted);
      assert_true(fabs(exact[i][j] - exact[j][i]) <= 1e-12 * (largest + 1));
    }
  }
  free(values);
  nd_free(names);
  nd_graph_free(graph);
}

static void hessians(void **state) {
  (void)state;
  static const double at[] = {0.7, 1.3, -0.4, 2.1};
  static const char *const formulas[] = {
      "100*(y - x^2)^2 + (1 - x)^2",
      "a*exp(-(x - mu)^2/(2*s^2))",
      "log(1 + exp(-(a*x + b)))",
      "norm2([x - 1, y, z])",
      "logsumexp(x, y, 2*z)",
      "x*y*z*t + x^y",
      "1/(1 + exp(-x*y))",
      "if(x > 0, sqrt(x)*y, x^2)",
      "max(x*y, x^2, y - z)",
      "atan2(x, y)*tanh(z) + asinh(x*z) + erf(y*z)",
      "entropy(x*y) + quad_over_lin([x, z], y) + huber(z, 0.3)",
      "lgamma(x + y) + cbrt(y)*log1p(x*y) + acos(z*x) + atanh(z)",
      "mod(x*y, 0.5)*z + floor(3*x)*y^2 + abs(z)*pos(x) + min(x, y)^3",
  };
  for (size_t i = 0; i < ND_COUNT(formulas); i++)
    hessian_of(formulas[i], at);
}

/* ---- size ---- */

static char *long_sum(size_t terms, const char *term) {
  char *text = malloc(terms * (strlen(term) + 32)), *end = text + sprintf(text, "0");
  for (size_t i = 0; i < terms; i++) {
    end += sprintf(end, i % 2 == 0 ? " + " : " - ");
    end += sprintf(end, term, (int)i);
  }
  return text;
}

/* Nodes made by a derivative stay a small multiple of the formula's. */
static void large_formulas(void **state) {
  (void)state;
  static const char *const terms[] = {"(%d*x - 1)^2", "x*%d", "(x + %d)*x", "x^%d",
                                      "exp(x)*sin(%d + y)*x/y"};
  for (size_t k = 0; k < ND_COUNT(terms); k++) {
    nd_graph *graph = NULL;
    nadir_error error = {0};
    nd_node root, name, derivative, again;
    char *text = long_sum(10000, terms[k]);
    assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
    assert_int_equal(nd_parse(graph, text, &root, &error), NADIR_OK);
    size_t before = nd_graph_size(graph);
    assert_int_equal(nd_make_name(graph, "x", &name, &error), NADIR_OK);
    assert_int_equal(nd_derive(graph, root, &name, 1, &derivative, &error), NADIR_OK);
    assert_int_equal(nd_derive(graph, derivative, &name, 1, &again, &error), NADIR_OK);
    assert_true(nd_graph_size(graph) < 40 * before + 1000);
    nd_graph_free(graph);
    free(text);
  }
}

/* A product of 2,000 factors and a maximum of 2,000 numbers, by every one of them at once. */
static void many_parameters(void **state) {
  (void)state;
  static const char *const calls[] = {"1*%s", "max(%s)", "norm2(%s)", "logsumexp(%s)"};
  enum { COUNT = 2000 };
  for (size_t k = 0; k < ND_COUNT(calls); k++) {
    nd_graph *graph = NULL;
    nadir_error error = {0};
    nd_node root, *names = NULL;
    size_t count;
    char *list = malloc(COUNT * 8), *end = list, *text = malloc(COUNT * 8 + 40);
    for (int i = 0; i < COUNT; i++)
      end += sprintf(end, "%sw%d", i > 0 ? (k == 0 ? "*" : ",") : "", i);
    sprintf(text, calls[k], list);
    assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
    assert_int_equal(nd_parse(graph, text, &root, &error), NADIR_OK);
    assert_int_equal(nd_names(graph, &root, 1, &names, &count, &error), NADIR_OK);
    assert_int_equal(count, COUNT);
    nd_node *derivatives = calloc(count, sizeof *derivatives);
    assert_int_equal(nd_derive(graph, root, names, count, derivatives, &error), NADIR_OK);
    double *values = calloc(nd_graph_size(graph), sizeof *values);
    for (size_t i = 0; i < count; i++)
      values[names[i]] = k == 0 ? (i % 2 == 0 ? 2 : 0.5) : (double)i;
    assert_int_equal(nd_evaluate(graph, derivatives, count, values, &error), NADIR_OK);
    if (k == 0) assert_true(values[derivatives[0]] == 0.5 && values[derivatives[1999]] == 2);
    if (k == 1) assert_true(values[derivatives[0]] == 0 && values[derivatives[1999]] == 1);
    free(values);
    free(derivatives);
    nd_free(names);
    nd_graph_free(graph);
    free(list);
    free(text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_derivative),
                                     cmocka_unit_test(closed_under_derivative),
                                     cmocka_unit_test(orders_are_derivatives),
                                     cmocka_unit_test(columns_are_spelled_right),
                                     cmocka_unit_test(claims_hold),
                                     cmocka_unit_test(polygamma_values),
                                     cmocka_unit_test(edges),
                                     cmocka_unit_test(printed_derivatives),
                                     cmocka_unit_test(subgradients),
                                     cmocka_unit_test(gates),
                                     cmocka_unit_test(hessians),
                                     cmocka_unit_test(large_formulas),
                                     cmocka_unit_test(many_parameters)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
