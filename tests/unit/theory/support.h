/* Random questions of convexity, and what holds an answer against samples: one generator of
 * formulas, one evaluator in long double that shares no code with the library, and checks of
 * chords, strictness and witnesses. Names are x, y, z (parameters) and k, s (constants).
 *
 * How far rounding may carry a value is measured, not guessed: each operation is disturbed at
 * random by 2^-50 of its value, 2^14 units of rounding of long double, and a tenth of how far the
 * values spread is more than rounding spreads them (Vignes 1993, A stochastic arithmetic for
 * reliable scientific computation). A value is NaN where the formula is not defined, and infinite
 * where long double cannot say. */
#ifndef ND_THEORY_TEST_SUPPORT_H
#define ND_THEORY_TEST_SUPPORT_H

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

#include "theory/theory_internal.h"

enum { MOST = 8, NAMES = 5, ARGUMENTS = 8 };
static const char name_letters[NAMES + 1] = "xyzks";

/* ---- questions in texts: names and facts are separated by ';' ---- */

typedef struct asked {
  nd_graph *graph;
  nd_node parameters[MOST];
  nd_fact facts[MOST];
  nd_question question;
  nd_verdict verdict;
  const char *formula;
} asked;

static inline const char *next_part(const char *text, char *part) {
  size_t length = strcspn(text, ";");
  memcpy(part, text, length);
  part[length] = '\0';
  text += length;
  return *text == ';' ? text + 1 : text;
}

static inline void ask_question(asked *a, const char *formula, const char *names, const char *facts,
                                double seconds) {
  nadir_error error = {0};
  char part[200];
  memset(a, 0, sizeof *a);
  a->formula = formula;
  a->verdict.modulus = (double)NAN;
  assert_int_equal(nd_graph_new(&a->graph, &error), NADIR_OK);
  a->question = (nd_question){
      .graph = a->graph, .parameters = a->parameters, .facts = a->facts, .seconds = seconds};
  if (nd_parse(a->graph, formula, &a->question.root, &error) != NADIR_OK)
    fail_msg("%s: %s", formula, error.message);
  while (*names != '\0') {
    names = next_part(names, part);
    nd_node *name = &a->parameters[a->question.parameter_count++];
    assert_int_equal(nd_make_name(a->graph, part, name, &error), NADIR_OK);
  }
  while (*facts != '\0') {
    facts = next_part(facts, part);
    if (nd_fact_read(a->graph, part, &a->facts[a->question.fact_count++], &error) != NADIR_OK)
      fail_msg("%s: %s", part, error.message);
  }
}

static inline void done(asked *a) {
  nd_verdict_clear(&a->verdict);
  nd_graph_free(a->graph);
}

/* ---- random formulas ---- */

typedef struct writer {
  nd_random *random;
  nd_text *out;
  size_t parameters; /* of x, y, z */
} writer;

static inline const char *one_of(const writer *w, const char *const *list, size_t count) {
  return list[nd_random_below(w->random, count)];
}

static inline void write_leaf(const writer *w) {
  static const char *const numbers[] = {"1",   "2", "0.5", "3",    "0.1",
                                        "1.7", "0", "pi",  "(-2)", "(-0.5)"};
  uint64_t kind = nd_random_below(w->random, 10);
  if (kind < 7)
    nd_text_print(w->out, "%c", name_letters[nd_random_below(w->random, w->parameters)]);
  else if (kind < 9)
    nd_text_append(w->out, one_of(w, numbers, ND_COUNT(numbers)));
  else
    nd_text_append(w->out, nd_random_below(w->random, 2) ? "k" : "s");
}

static inline void write_affine(const writer *w) {
  static const char *const forms[] = {
      "%c",   "(%c + 1)", "(2*%c - 1)", "(%c - %c)", "(%c + 2*%c)", "(0.5*%c - 3*%c + 1)",
      "s*%c", "(%c - k)", "-%c",        "(%c/3)"};
  for (const char *at = one_of(w, forms, ND_COUNT(forms)); *at != '\0'; at++) {
    bool name = at[0] == '%';
    nd_text_print(w->out, "%c",
                  name ? name_letters[nd_random_below(w->random, w->parameters)] : *at);
    at += name;
  }
}

/* Seconds after which an answer is not slow, on however loaded a machine, but does not come. */
enum { FAR_TOO_LONG = 60 };

/* Forms that rules, rewriting and enclosures know, most of them of affine functions: # is one, the
 * same one again where it is @; a later # is another. */
static const char *const known_forms[] = {"log(1 + exp(#))",
                                          "sqrt(#^2 + #^2)",
                                          "sqrt(1 + #^2)",
                                          "log(exp(#) + exp(#))",
                                          "log(exp(#) + 2*exp(#) + exp(#))",
                                          "#^2 + 2*x*# + x^2",
                                          "3*x^2 + 2*x*# + #^2",
                                          "#*log(@/#)",
                                          "#^2/#",
                                          "#*exp(#/x)",
                                          "x*log(1 + exp(#/x))",
                                          "x*(#/x)^4",
                                          "-2*x*exp(#/x)",
                                          "x*(-2)*(#/x)^4",
                                          "y*exp(#/y)*(-0.5)",
                                          "-y/(-2)*log1p(#/y)",
                                          "k*(-3)*x*cosh(#/x)",
                                          "-log(sigmoid(#))",
                                          "1/(1 + exp(#))",
                                          "sqrt(#*#)",
                                          "#^0.3*#^0.7",
                                          "exp(#)*exp(#)",
                                          "exp(#^2)",
                                          "abs(#)^1.5",
                                          "abs(#)^3",
                                          "clamp(#, -1, 1)",
                                          "if(abs(#) <= 1, @^2, 2*abs(@) - 1)",
                                          "if(# >= 0, @, 0.5*@)",
                                          "if(# > 0, @^2, -@^2)",
                                          "if(# < 1, @, 1)",
                                          "x*#",
                                          "x*x^2",
                                          "(#)^4 - (#)^2",
                                          "sin(#) + x^2",
                                          "cos(#) + 0.6*x^2",
                                          "k*#^2 + s*#",
                                          "pos(#)^2",
                                          "max(#, #, #^2)",
                                          "norm2(#, #, 1)",
                                          "norm2(#, #)^2",
                                          "norm1(#, #)",
                                          "norminf(#, #)",
                                          "logsumexp(#, #, 0)",
                                          "huber(#, 1)",
                                          "huber(#, k)",
                                          "quad_over_lin(#, #)",
                                          "entropy(#) + entropy(#)",
                                          "-log(#) - log(#)",
                                          "1/# + 0*log(#)",
                                          "1/sqrt(#)",
                                          "softplus(-s*#)",
                                          "(1 - s*#)^2",
                                          "max(0, 1 - s*#)",
                                          "#*# - x^2",
                                          "log(1 + exp(#)) - #",
                                          "log1p(exp(-#))",
                                          "expm1(#) - #",
                                          "cosh(#)",
                                          "sqrt(#) + sqrt(#)",
                                          "min(#, #)",
                                          "min(#^2, 1)",
                                          "lgamma(#)",
                                          "trigamma(#)",
                                          "x^x",
                                          "2^(#)",
                                          "k^#",
                                          "x^k",
                                          "#^2*#^2",
                                          "x^4 + 3*x^2*#^2",
                                          "(# - #^2)^2",
                                          "acos(#)",
                                          "asin(#)",
                                          "atan2(#, #)",
                                          "mod(#, 2)",
                                          "floor(#)",
                                          "sign(#)*@",
                                          "sign(#)*@^2",
                                          "(# < 1)",
                                          "(# <= 1 and # > 0)*#",
                                          "if(# == 1, 0, @^2)",
                                          "if(not (# > 0 or # > 1), 0, #)",
                                          "tan(#)",
                                          "log10(#) + log2(#)",
                                          "-sqrt(1 - x^2)",
                                          "#/(1 + x^2)",
                                          "exp(-#^2/2)",
                                          "sqrt(abs(#))",
                                          "cbrt(#)",
                                          "acosh(#)",
                                          "atanh(#)",
                                          "mean([#, #, #^2])",
                                          "dot([#, #], [x, x])",
                                          "exp(#)/x",
                                          "#^(-2)",
                                          "(#)^3"};

static inline void write_known(const writer *w) {
  nd_text affine = {0};
  for (const char *at = one_of(w, known_forms, ND_COUNT(known_forms)); *at != '\0'; at++) {
    if (*at == '#') {
      nd_text_free(&affine);
      affine = (nd_text){0};
      write_affine(&(writer){w->random, &affine, w->parameters});
    }
    if (*at == '#' || *at == '@')
      nd_text_append(w->out, nd_text_data(&affine));
    else
      nd_text_print(w->out, "%c", *at);
  }
  nd_text_free(&affine);
}

static inline void write_formula(const writer *w, int depth);

static inline void write_list(const writer *w, const char *name, int count, int depth) {
  nd_text_print(w->out, "%s(", name);
  for (int i = 0; i < count; i++) {
    if (i > 0) nd_text_append(w->out, ", ");
    write_formula(w, depth);
  }
  nd_text_append(w->out, ")");
}

static inline void write_pair(const writer *w, const char *between, int depth) {
  nd_text_append(w->out, "(");
  write_formula(w, depth);
  nd_text_append(w->out, between);
  write_formula(w, depth);
  nd_text_append(w->out, ")");
}

static inline void write_formula(const writer *w, int depth) {
  static const char *const unary[] = {
      "exp",      "log",     "sqrt",  "abs",    "-",       "pos", "log1p",   "cosh", "tanh",
      "softplus", "sigmoid", "expm1", "asinh",  "atan",    "erf", "entropy", "sinh", "cbrt",
      "sin",      "acosh",   "atanh", "erfc",   "asin",    "cos", "acos",    "log2", "log10",
      "sign",     "floor",   "tan",   "lgamma", "digamma", "exp", "abs",     "-",    "square"};
  static const char *const powers[] = {"2",    "3",    "4",     "0.5",    "1.5",
                                       "(-1)", "(-2)", "(1/3)", "(-0.5)", "k"};
  static const char *const infix[] = {" + ", " - ", " * ", " / ", " + ", " + "};
  static const char *const compare[] = {" < ", " <= ", " == ", " > ", " >= ", " != "};
  static const char *const lists[] = {"max",       "min",     "norm2", "norm1",
                                      "logsumexp", "norminf", "max",   "logaddexp"};
  static const char *const pairs[] = {"quad_over_lin", "huber", "atan2", "mod"};
  uint64_t kind = depth <= 0 ? 0 : nd_random_below(w->random, 20);
  if (depth <= 0 && nd_random_below(w->random, 3) == 0) kind = 18;
  if (kind < 2) {
    write_leaf(w);
  } else if (kind < 6) {
    write_list(w, one_of(w, unary, ND_COUNT(unary)), 1, depth - 1);
  } else if (kind < 8) {
    bool size = nd_random_below(w->random, 4) == 0;
    write_list(w, size ? "abs" : "", 1, depth - 1);
    nd_text_print(w->out, "^%s", one_of(w, powers, ND_COUNT(powers)));
  } else if (kind < 14) {
    write_pair(w, infix[kind - 8], depth - 1);
  } else if (kind == 14) {
    write_list(w, one_of(w, lists, ND_COUNT(lists)), 2 + (int)nd_random_below(w->random, 2),
               depth - 1);
  } else if (kind == 15) {
    write_list(w, one_of(w, pairs, ND_COUNT(pairs)), 2, depth - 1);
  } else if (kind == 16) {
    nd_text_append(w->out, "if(");
    write_pair(w, one_of(w, compare, ND_COUNT(compare)), depth - 2);
    nd_text_append(w->out, ", ");
    write_formula(w, depth - 1);
    nd_text_append(w->out, ", ");
    write_formula(w, depth - 1);
    nd_text_append(w->out, ")");
  } else {
    nd_text_append(w->out, "(");
    write_known(w);
    nd_text_append(w->out, ")");
  }
}

/* What may be known: domains that are not all of space, and constants. */
static const char *const fact_lists[] = {"",
                                         "x > 0;y > 0",
                                         "x > 0;k >= 0",
                                         "k >= 0",
                                         "x >= 0;y >= 0;k >= 0",
                                         "s in {-1, 1}",
                                         "s in {-1,1};k > 0;x > 0",
                                         "x in [-2, 3];y in [0.5, 4]",
                                         "0 < x < 1;s in {-1, 1}",
                                         "x <= 0;k in [1, 2]",
                                         "y > 0;z > 0;s in {1, 2}",
                                         "x > 1;y in [-1, 1];k > 0",
                                         "z >= 0;x in [0, 5);k <= 1",
                                         "x in [0.1, 0.9];y <= -1"};
static const char *const parameter_lists[] = {"x", "x;y", "x;y;z"};

static inline void random_question(asked *a, nd_random *random, nd_text *formula, int depth,
                                   double seconds, const char *facts) {
  size_t count = 1 + (size_t)nd_random_below(random, ND_COUNT(parameter_lists));
  write_formula(&(writer){random, formula, count}, depth);
  ask_question(a, nd_text_data(formula), parameter_lists[count - 1], facts, seconds);
}

/* ---- values in long double ---- */

/* The recurrence up to 30 and there Stirling's series (Abramowitz and Stegun 1964, 6.4.11). */
static inline long double polygamma_of(long n, long double x) {
  static const long double bernoulli[] = {1 / 6.0L,  -1 / 30.0L,     1 / 42.0L, -1 / 30.0L,
                                          5 / 66.0L, -691 / 2730.0L, 7 / 6.0L,  -3617 / 510.0L};
  long double sum = 0, sign = n % 2 == 0 ? -1 : 1, factorial = tgammal((long double)n + 1);
  if (x < -1000 || n < 0 || n > 6) return INFINITY;
  if (x <= 0 && x == floorl(x)) return NAN;
  for (; x < 30; x++)
    sum += sign * factorial / powl(x, (long double)n + 1);
  if (n == 0)
    sum += logl(x) - 1 / (2 * x);
  else
    sum += sign * (factorial / (long double)n / powl(x, (long double)n) +
                   factorial / (2 * powl(x, (long double)n + 1)));
  for (long k = 1; k <= (long)ND_COUNT(bernoulli); k++) {
    long double b = bernoulli[k - 1] * tgammal((long double)(2 * k + n)) /
                    tgammal((long double)(2 * k + 1)) / powl(x, (long double)(2 * k + n));
    sum += n == 0 ? -b : sign * b;
  }
  return sum;
}

static inline long double folded(nd_op op, const long double *a, size_t n) {
  long double f = a[0];
  for (size_t i = 1; i < n; i++) {
    if (op == ND_ADD) f += a[i];
    if (op == ND_MUL) f *= a[i];
    if (op == ND_MAX) f = fmaxl(f, a[i]);
    if (op == ND_MIN) f = fminl(f, a[i]);
    if (op == ND_NORM2) f = hypotl(f, a[i]);
    if (op == ND_LOGSUMEXP) f = fmaxl(f, a[i]) + log1pl(expl(-fabsl(f - a[i])));
  }
  return f;
}

static inline long double elementary(nd_op op, long double a, long double b) {
  if (op == ND_SUB) return a - b;
  if (op == ND_NEG) return -a;
  if (op == ND_DIV) return b == 0 ? NAN : a / b;
  if (op == ND_POW) return a == 0 && b < 0 ? NAN : powl(a, b);
  if (op == ND_SQRT) return sqrtl(a);
  if (op == ND_CBRT) return cbrtl(a);
  if (op == ND_EXP) return expl(a);
  if (op == ND_EXPM1) return expm1l(a);
  if (op == ND_LOG) return a > 0 ? logl(a) : NAN;
  if (op == ND_LOG2) return a > 0 ? log2l(a) : NAN;
  if (op == ND_LOG10) return a > 0 ? log10l(a) : NAN;
  if (op == ND_LOG1P) return a > -1 ? log1pl(a) : NAN;
  if (op == ND_SOFTPLUS) return fmaxl(a, 0) + log1pl(expl(-fabsl(a)));
  if (op == ND_SIGMOID) return 1 / (1 + expl(-a));
  if (op == ND_ABS) return fabsl(a);
  if (op == ND_SIGN) return a > 0 ? 1 : a < 0 ? -1 : 0;
  if (op == ND_POS) return fmaxl(a, 0);
  if (op == ND_HUBER) return b < 0 ? NAN : fabsl(a) <= b ? a * a : b * (2 * fabsl(a) - b);
  if (op == ND_QUAD_OVER_LIN) return b > 0 ? a * a / b : NAN;
  if (op == ND_ENTROPY) return a == 0 ? 0 : a < 0 ? NAN : a * logl(a);
  if (op == ND_FLOOR) return floorl(a);
  if (op == ND_MOD) return b == 0 ? NAN : fabsl(a / b) > 1e9L ? INFINITY : a - b * floorl(a / b);
  if (op == ND_SIN) return sinl(a);
  if (op == ND_COS) return cosl(a);
  if (op == ND_TAN) return tanl(a);
  if (op == ND_ASIN) return asinl(a);
  if (op == ND_ACOS) return acosl(a);
  if (op == ND_ATAN) return atanl(a);
  if (op == ND_ATAN2) return b > 0 || a != 0 ? atan2l(a, b) : NAN;
  if (op == ND_SINH) return sinhl(a);
  if (op == ND_COSH) return coshl(a);
  if (op == ND_TANH) return tanhl(a);
  if (op == ND_ASINH) return asinhl(a);
  if (op == ND_ACOSH) return acoshl(a);
  if (op == ND_ATANH) return fabsl(a) < 1 ? atanhl(a) : NAN;
  if (op == ND_ERF) return erfl(a);
  if (op == ND_ERFC) return erfcl(a);
  if (op == ND_LGAMMA) return a <= 0 && a == floorl(a) ? NAN : lgammal(a);
  if (op == ND_POLYGAMMA) return polygamma_of(lroundl(a), b);
  if (op == ND_LESS) return a < b;
  if (op == ND_LESSEQ) return a <= b;
  if (op == ND_EQUAL) return a == b;
  if (op == ND_AND) return a != 0 && b != 0;
  if (op == ND_OR) return a != 0 || b != 0;
  if (op == ND_NOT) return a == 0;
  fail_msg("operator %d is not in the test", (int)op);
  return 0;
}

/* Where to evaluate. Noise of a point that is exact is that of its operations alone. */
typedef struct spot {
  long double at[NAMES], noise;
  bool exact;
  nd_random *random;
} spot;

static inline long double disturbed(const spot *s, long double value, bool leaf) {
  if (s->noise == 0 || (leaf && s->exact)) return value;
  return value * (1 + s->noise * (nd_random_uniform(s->random) - 0.5L));
}

static inline bool is_truth(nd_op op) {
  return op == ND_LESS || op == ND_LESSEQ || op == ND_EQUAL || op == ND_AND || op == ND_OR ||
         op == ND_NOT || op == ND_SIGN || op == ND_FLOOR;
}

/* A function that is positive everywhere, too small for a long double. */
static inline bool underflows(nd_op op, long double value) {
  return value == 0 && (op == ND_EXP || op == ND_SOFTPLUS || op == ND_SIGMOID || op == ND_ERFC);
}

static inline long double evaluate(const nd_graph *graph, nd_node node, const spot *s) {
  long double a[ARGUMENTS] = {0};
  nd_op op = nd_node_op(graph, node);
  size_t n = nd_node_arity(graph, node);
  if (op == ND_NAME)
    return disturbed(s, s->at[strchr(name_letters, *nd_node_text(graph, node)) - name_letters],
                     true);
  if (op == ND_NUMBER) { /* a tenth is no binary number */
    long double number = strtold(nd_node_text(graph, node), NULL);
    return disturbed(s, number, number == (double)number);
  }
  if (op == ND_PI) return disturbed(s, acosl(-1), false);
  assert_true(n <= ND_COUNT(a));
  if (op == ND_IF) { /* the branch that is not taken need not be defined */
    a[0] = evaluate(graph, nd_node_argument(graph, node, 0), s);
    if (!isfinite(a[0])) return a[0];
    return evaluate(graph, nd_node_argument(graph, node, a[0] != 0 ? 1 : 2), s);
  }
  bool beyond = false;
  for (size_t i = 0; i < n; i++) {
    a[i] = evaluate(graph, nd_node_argument(graph, node, i), s);
    if (isnan(a[i])) return is_truth(op) ? INFINITY : NAN;
    beyond = beyond || isinf(a[i]);
  }
  if (beyond) return INFINITY;
  bool many = op == ND_ADD || op == ND_MUL || op == ND_MAX || op == ND_MIN || op == ND_NORM2 ||
              op == ND_LOGSUMEXP;
  long double value = many ? folded(op, a, n) : elementary(op, a[0], a[1]);
  if (underflows(op, value)) return INFINITY;
  return is_truth(op) ? value : disturbed(s, value, false);
}

/* The value; to *rounding is added a bound on its rounding. */
static inline long double measure(const asked *a, spot *s, long double *rounding) {
  s->noise = 0;
  long double value = evaluate(a->graph, a->question.root, s);
  *rounding += 1e-17L * fabsl(value);
  s->noise = 0x1p-50L;
  for (int i = 0; i < (isnan(value) ? 6 : 3); i++) {
    long double off = evaluate(a->graph, a->question.root, s);
    /* so near the edge of the domain that rounding decides: cannot say */
    if (isnan(value) != isnan(off)) return INFINITY;
    bool jumps = !(fabsl(off - value) <= 1e-6L * (1 + fabsl(value))); /* or is lost in rounding */
    *rounding += jumps ? INFINITY : 0.1L * fabsl(off - value);
  }
  return value;
}

/* ---- points that the facts allow ---- */

static inline const nd_range *range_of(const asked *a, size_t name) {
  for (size_t i = 0; i < a->question.fact_count; i++)
    if (*nd_node_text(a->graph, a->facts[i].name) == name_letters[name]) return &a->facts[i].range;
  return NULL;
}

static inline bool is_inside(const nd_range *range, long double x) {
  if (range == NULL) return true;
  for (size_t i = 0; i < range->count; i++)
    if (strtold(range->values[i], NULL) == x) return true;
  if (range->count > 0) return false;
  long double low = range->low == NULL ? -INFINITY : strtold(range->low, NULL);
  long double high = range->high == NULL ? INFINITY : strtold(range->high, NULL);
  return (range->low_open ? x > low : x >= low) && (range->high_open ? x < high : x <= high);
}

static inline long double draw(const asked *a, nd_random *random, size_t name) {
  static const double scales[] = {0.01, 0.3, 1, 3, 10};
  const nd_range *range = range_of(a, name);
  long double x = nd_random_normal(random) * scales[nd_random_below(random, ND_COUNT(scales))];
  if (range != NULL && range->count > 0)
    return strtold(range->values[nd_random_below(random, range->count)], NULL);
  if (nd_random_below(random, 5) == 0) x = roundl(x);
  if (range == NULL) return x;
  long double low = range->low == NULL ? x : strtold(range->low, NULL);
  long double high = range->high == NULL ? x : strtold(range->high, NULL), u;
  bool end = nd_random_below(random, 10) == 0;
  u = nd_random_uniform(random);
  if (range->low != NULL && range->high != NULL) x = low + (high - low) * u;
  if (range->high == NULL) x = low + fabsl(x);
  if (range->low == NULL) x = high - fabsl(x);
  if (end && range->low != NULL) x = low;
  return is_inside(range, x) ? x : low + (range->low == NULL ? -1 : 0.5L);
}

typedef struct ends {
  spot p, q, m;
  long double t, distance; /* squared */
} ends;

static inline void draw_ends(const asked *a, nd_random *random, ends *e) {
  double kind = nd_random_uniform(random);
  size_t alone = nd_random_below(random, a->question.parameter_count);
  *e = (ends){.t = kind < 0.3 ? 0.5L : nd_random_uniform(random)};
  e->p.random = e->q.random = e->m.random = random;
  for (size_t i = 0; i < NAMES; i++) {
    long double p = draw(a, random, i), q = p;
    if (i < a->question.parameter_count && (kind < 0.8 || i == alone)) {
      q = kind > 0.6 ? p + 0.1L * nd_random_normal(random) : draw(a, random, i);
      if (!is_inside(range_of(a, i), q)) q = draw(a, random, i);
    }
    e->p.at[i] = p;
    e->q.at[i] = q;
    e->m.at[i] = p == q ? p : e->t * p + (1 - e->t) * q;
    e->distance += (p - q) * (p - q);
  }
}

/* ---- proofs against samples ---- */

static inline void check_chord(const asked *a, nd_random *random) {
  ends e;
  long double slack = 0;
  const nd_verdict *v = &a->verdict;
  draw_ends(a, random, &e);
  const long double *p = e.p.at, *q = e.q.at;
  long double at_p = measure(a, &e.p, &slack), at_q = measure(a, &e.q, &slack);
  if (!isfinite(at_p) || !isfinite(at_q) || !isfinite(slack)) return;
  long double between = measure(a, &e.m, &slack);
  if (isnan(between))
    fail_msg("%s: the domain is not convex: (%Lg, %Lg, %Lg) and (%Lg, %Lg, %Lg), t = %Lg",
             a->formula, p[0], p[1], p[2], q[0], q[1], q[2], e.t);
  if (!isfinite(between) || !isfinite(slack)) return;
  long double chord = e.t * at_p + (1 - e.t) * at_q;
  long double strong = isnan(v->modulus) ? 0 : v->modulus / 2 * e.t * (1 - e.t) * e.distance;
  bool affine = v->convex == NADIR_PROVED && v->concave == NADIR_PROVED;
  slack += 1e-17L * (strong + fabsl(at_p) + fabsl(at_q));
  bool above = v->convex == NADIR_PROVED && between > chord - strong + slack;
  bool below = v->concave == NADIR_PROVED && between < chord + (affine ? 0 : strong) - slack;
  if (above || below)
    fail_msg("%s is not %s: (%Lg, %Lg, %Lg), (%Lg, %Lg, %Lg), k = %Lg, s = %Lg, t = %Lg: %Lg, "
             "chord %Lg, modulus %g",
             a->formula, above ? "convex" : "concave", p[0], p[1], p[2], q[0], q[1], q[2], p[3],
             p[4], e.t, between, chord, v->modulus);
}

/* A strict verdict, along some directions and along rays: of the chords where rounding does not
 * hide the curvature, one at least must show it. */
static inline void check_strict(const asked *a, nd_random *random) {
  static const double along[][3] = {{1, 0, 0}, {0, 1, 0},  {0, 0, 1},  {1, 1, 0}, {1, -1, 0},
                                    {2, 1, 1}, {1, -2, 1}, {0, 1, -1}, {0, 0, 0}};
  size_t n = a->question.parameter_count;
  for (size_t direction = 0; direction < ND_COUNT(along); direction++) {
    const double *way = along[direction];
    bool ray = direction + 1 == ND_COUNT(along);
    size_t usable = 0, curved = 0;
    if ((n < 2 && way[1] != 0) || (n < 3 && way[2] != 0)) continue;
    for (int k = 0; k < 20; k++) {
      ends e;
      /* long chords too: logsumexp(x, 31) is straight to rounding near 0 */
      long double slack = 0, length = 0;
      long double step = (0.5L + nd_random_uniform(random)) * (k % 2 == 0 ? 1 : 40);
      bool inside = true;
      draw_ends(a, random, &e);
      for (size_t i = 0; i < n; i++) {
        e.q.at[i] = ray ? e.p.at[i] * (1 + step) : e.p.at[i] + step * way[i];
        e.m.at[i] = (e.p.at[i] + e.q.at[i]) / 2;
        inside = inside && is_inside(range_of(a, i), e.q.at[i]);
        length = hypotl(length, e.p.at[i] - e.q.at[i]);
      }
      if (!inside || length < 0.1L) continue;
      long double ends_sum = measure(a, &e.p, &slack) + measure(a, &e.q, &slack);
      long double gap = ends_sum / 2 - measure(a, &e.m, &slack);
      if (!isfinite(gap) || !isfinite(slack)) continue;
      usable += slack < 1e-12L;
      curved += fabsl(gap) > slack;
    }
    if (usable >= 10 && curved == 0)
      fail_msg("%s is not strictly curved along (%g, %g, %g)", a->formula, way[0], way[1], way[2]);
  }
}

/* All that was proved, against `chords` samples. */
static inline void check_proofs(const asked *a, nd_random *random, int chords) {
  const nd_verdict *v = &a->verdict;
  if (v->convex != NADIR_PROVED && v->concave != NADIR_PROVED) return;
  assert_true(v->affine == (v->convex == v->concave ? NADIR_PROVED : v->affine));
  for (int k = 0; k < chords; k++)
    check_chord(a, random);
  if (v->strict || v->modulus > 0) check_strict(a, random);
}

/* ---- witnesses ---- */

/* A jump that rounding may cross leaves a value between two. */
static inline bool has_jump(const nd_graph *graph, nd_node node) {
  const nd_op_info *about = nd_op_about(nd_node_op(graph, node));
  if (about != NULL && about->smooth == ND_JUMP) return true;
  for (size_t i = 0; i < nd_node_arity(graph, node); i++)
    if (has_jump(graph, nd_node_argument(graph, node, i))) return true;
  return false;
}

static inline void check_witness_value(const asked *a, const char *what, double shown,
                                       long double value, long double slack) {
  if (has_jump(a->graph, a->question.root)) return;
  if (fabsl(value) > DBL_MAX && isinf(shown)) return;
  if (!(fabsl(shown - value) <= slack + 1e-15L * fabsl(value) + 5e-324L))
    fail_msg("%s: the witness shows %s %.17g for %.20Lg, known to %Lg", a->formula, what, shown,
             value, slack);
}

/* Whether it could be checked: false where long double does not tell. Sign 1: f is not convex. */
static inline bool check_witness(const asked *a, nd_random *random, const nd_witness *w, int sign) {
  spot p = {.exact = true, .random = random}, q = p, m = p;
  long double t = w->weight, slack[3] = {0};
  for (size_t i = 0; i < a->question.parameter_count; i++) {
    p.at[i] = w->p[i];
    q.at[i] = w->q[i];
    long double part = t * p.at[i], rest = (1 - t) * q.at[i];
    m.at[i] = p.at[i] == q.at[i] ? p.at[i] : part + rest;
    if (p.at[i] != q.at[i] && (m.at[i] - part != rest || m.at[i] - rest != part)) m.exact = false;
  }
  for (size_t i = 0; i < w->constant_count; i++) {
    size_t name = (size_t)(strchr(name_letters, *w->constant_names[i]) - name_letters);
    p.at[name] = q.at[name] = m.at[name] = w->constants[i];
    if (!is_inside(range_of(a, name), w->constants[i]))
      fail_msg("%s: the witness's %s is %g", a->formula, w->constant_names[i], w->constants[i]);
  }
  for (size_t i = 0; i < a->question.parameter_count; i++)
    if (!is_inside(range_of(a, i), p.at[i]) || !is_inside(range_of(a, i), q.at[i]))
      fail_msg("%s: the witness is not within the facts", a->formula);
  long double fp = measure(a, &p, &slack[0]), fq = measure(a, &q, &slack[1]);
  long double fm = measure(a, &m, &slack[2]), chord = t * fp + (1 - t) * fq;
  /* long double cannot tell the sign of tan(cosh(310)), nor then its root */
  if (isnan(fp) || isnan(fq)) return false;
  if (!isfinite(fp + slack[0]) || !isfinite(fq + slack[1])) return false;
  if (w->leaves_domain && isfinite(fm))
    fail_msg("%s: the domain is not left: %.17Lg is in it", a->formula, m.at[0]);
  check_witness_value(a, "f(p)", w->at_p, fp, slack[0]);
  check_witness_value(a, "f(q)", w->at_q, fq, slack[1]);
  if (w->leaves_domain) return isnan(fm);
  if (isnan(fm)) return false;
  if (!isfinite(fm + slack[2])) return false;
  long double line = t * slack[0] + (1 - t) * slack[1];
  check_witness_value(a, "between", w->between, fm, slack[2]);
  check_witness_value(a, "chord", w->chord, chord, line + 1e-17L * (fabsl(fp) + fabsl(fq)));
  if (!(sign * (fm - chord) > -(slack[2] + line)))
    fail_msg("%s: the witness does not hold: %.20Lg against %.20Lg", a->formula, fm, chord);
  return sign * (fm - chord) > slack[2] + line;
}

#endif
