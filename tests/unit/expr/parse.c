/* Text -> graph: precedence, what each spelling becomes, where errors point, and that no text,
 * however long, deep or broken, does anything but parse or fail with a sentence. */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "expr/expr_internal.h"

/* The typed graph of a formula, printed again: the parser's grouping in canonical parentheses. */
static void expect_print(const char *formula, const char *printed) {
  nd_graph *graph = NULL;
  nadir_error error = {0};
  nd_node root;
  nd_text text = {0};
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  if (nd_parse(graph, formula, &root, &error) != NADIR_OK)
    fail_msg("%s: %s", formula, error.message);
  assert_int_equal(nd_print(graph, root, ND_PLAIN, &text, &error), NADIR_OK);
  assert_string_equal(nd_text_data(&text), printed);
  nd_text_free(&text);
  nd_graph_free(graph);
}

static void expect_number(const char *formula, double expected) {
  nd_graph *graph = NULL;
  nadir_error error = {0};
  nd_node root, *names = NULL;
  size_t count;
  double *values;
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  if (nd_parse(graph, formula, &root, &error) != NADIR_OK)
    fail_msg("%s: %s", formula, error.message);
  values = calloc(nd_graph_size(graph), sizeof *values);
  assert_int_equal(nd_names(graph, &root, 1, &names, &count, &error), NADIR_OK);
  for (size_t i = 0; i < count; i++)
    values[names[i]] = 2.0 + (double)i; /* x = 2, y = 3, z = 4 */
  assert_int_equal(nd_evaluate(graph, &root, 1, values, &error), NADIR_OK);
  if (!(fabs(values[root] - expected) <= 4e-16 * fabs(expected)))
    fail_msg("%s is %.17g, expected %.17g", formula, values[root], expected);
  nd_free(names);
  free(values);
  nd_graph_free(graph);
}

static void expect_error(const char *formula, size_t column, const char *message) {
  nd_graph *graph = NULL;
  nadir_error error = {0};
  nd_node root, model;
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  bool fit = strncmp(formula, "fit:", 4) == 0;
  nadir_status status = fit ? nd_parse_fit(graph, formula + 4, &root, &model, &error)
                            : nd_parse(graph, formula, &root, &error);
  assert_int_equal(status, NADIR_BAD_FORMULA);
  assert_int_equal(error.status, NADIR_BAD_FORMULA);
  if (message != NULL) assert_string_equal(error.message, message);
  assert_int_equal(error.column, column);
  /* the excerpt is the source line and the caret under the place */
  const char *caret = strchr(error.excerpt, '\n');
  assert_non_null(caret);
  assert_int_equal(strcspn(caret + 1, "^"), column - 1);
  nd_graph_free(graph);
}

static void precedence(void **state) {
  (void)state;
  expect_print("-x^2", "-x^2");
  expect_number("-x^2", -4);
  expect_number("x^-2", 0.25);
  expect_number("x*-1", -2);
  expect_number("x--1", 3);
  expect_number("2^3^2", 512);
  expect_number("2**3**2", 512);
  expect_number("(2^3)^2", 64);
  expect_number("-2^2", -4);
  expect_number("2^-x^2", 0.0625);
  expect_number("x-y-z", -5);
  expect_number("x/y/z", 2.0 / 3 / 4);
  expect_number("x/y*z", 2.0 / 3 * 4);
  expect_number("x - y*z", -10);
  expect_number("-x*y", -6);
  expect_number("+x", 2);
  expect_number("1.5e1 + .5 + 2.", 17.5);
  expect_number("not x < y", 0);
  expect_number("not x > y and z > x", 1);
  expect_number("x > y or x < y and z < x", 0);
  expect_number("!(x == 2) || y != 3", 0);
  expect_number("1 <= x <= 2", 1);
  expect_number("1 <= x < 2", 0);
  expect_number("x < y < z > x", 1);
  expect_number("if(x < y, x, y) + 1", 3);
  expect_number("x + 1 < y", 0);
  expect_print("x + y + z", "x + y + z");
  expect_print("x + (y + z)", "x + (y + z)");
  expect_print("(x + y) + z", "(x + y) + z");
  expect_print("x - (y - z)", "x - (y - z)");
  expect_print("x*(y*z)", "x*(y*z)");
  expect_print("x/(y*z)", "x/(y*z)");
  expect_print("x > 0", "x > 0");
  expect_print("x * x^2", "x*x^2");
  expect_print("- 3", "-3");
  expect_print("-(3)", "-(3)");
  expect_print("x ** -(3)", "x^-(3)");
}

static void names_and_numbers(void **state) {
  (void)state;
  expect_print("`u-g` + `a``b` + $3 + flux[ 3 ] + `x`", "`u-g` + `a``b` + $3 + flux[3] + x");
  expect_print("`pi` + pi", "`pi` + pi");
  expect_print("log + log(log)", "log + log(log)");
  expect_print("\xce\xbb*2", "\xce\xbb*2"); /* lambda */
  expect_print("1.50 + 0.10e1 + 1e30 + 123456789012345678901234567890 + 0.00001 + 1e-7",
               "1.5 + 1 + 1e30 + 1.2345678901234567890123456789e29 + 0.00001 + 1e-7");
  expect_print("class == 'Q\"S''O'", "class == \"Q\"\"S'O\"");
  expect_print("class != \"QSO\"", "class != \"QSO\"");
  expect_number("1e22", 1e22);
  expect_number("0.1", 0.1);
  expect_number("pi", 3.14159265358979323846);
}

static void vectors(void **state) {
  (void)state;
  expect_print("norm2([x - 1, y])", "norm2(x - 1, y)");
  expect_print("sum(2*[x, y] - [y, z])", "2*x - y + (2*y - z)");
  expect_print("dot([x, y], [y, z])", "x*y + y*z");
  expect_print("max([x, y], z)", "max(x, y, z)");
  expect_print("sum(x + y + [x, y] + z)", "(((x + y) + x) + z) + (((x + y) + y) + z)");
  expect_print("sum([x, y] < z)", "(x < z) + (y < z)");
  expect_print("sum([x, [y, z]])", "x + y + z");
  expect_print("sum(-[x, y])", "-x + -y");
  expect_print("sum(1 < [x, y] < 3)", "(x > 1 and x < 3) + (y > 1 and y < 3)");
  expect_number("mean([x, y, z])", 3);
  expect_number("mean(x)", 2);
  expect_number("norm1([x, -y, z])", 9);
  expect_number("norminf([x, -z, y])", 4);
  expect_number("norm2(x, y, sqrt(3))", 4);
  expect_number("norm2([-x])", 2);
  expect_number("hypot(1.5*x, 2*x)", 5);
  expect_number("quad_over_lin([x, y], z)", 13.0 / 4);
  expect_number("sum(square([x, y, z]))", 29);
  expect_number("min([x, y, z])", 2);
  expect_number("logsumexp([x, x])", 2.69314718055994531);
  expect_number("logaddexp(x, x)", 2.69314718055994531);
  expect_number("clamp(x, 3, 4) + clamp(x, 0, 1) + clamp(x, 0, 9)", 6);
  expect_number("radians(90*x)", 3.14159265358979323846);
  expect_number("pow(x, 3)", 8);
  expect_number("ln(x)", 0.69314718055994530942);
  expect_number("huber(x, 1) + huber(-x, 3)", 7);
  expect_number("pos(-x) + pos(x)", 2);
  expect_number("entropy(0*x)", 0);
  expect_number("mod(-x, 360)", 358);
  expect_number("digamma(x)", 0.42278433509846714);
  expect_number("trigamma(x)", 0.64493406684822644);
}

static void heads(void **state) {
  (void)state;
  expect_print("linear(x, log(y), *)", "linear(x, log(y), *)");
  expect_print("linear(c1..c100)", "linear(c1..c100)");
  expect_print("poly(x, 3) + 1", "poly(x, 3) + 1");
  expect_print("softmax(3; x, y)", "softmax(3; x, y)");
  expect_error("poly(x)", 1, "formula: poly takes an expression and a degree: write poly(x, 3)");
  expect_error("poly(x, 1.5)", 9, "formula: the degree must be a whole number from 1 to 10000");
  expect_error("softmax(x; y)", 9,
               "formula: the number of classes must be a whole number from 2 to 10000");
  expect_error("linear(x..3)", 11, "formula: found 3: expected the last column of the range here");
}

static void fits(void **state) {
  (void)state;
  nd_graph *graph = NULL;
  nadir_error error = {0};
  nd_node target, model, *names = NULL;
  size_t count;
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  assert_int_equal(nd_parse_fit(graph, "log(v) ~ a*x + b", &target, &model, &error), NADIR_OK);
  assert_int_equal(nd_node_op(graph, target), ND_LOG);
  assert_int_equal(nd_node_op(graph, model), ND_ADD);
  assert_int_equal(nd_names(graph, (nd_node[]){model, target}, 2, &names, &count, &error),
                   NADIR_OK);
  const char *order[] = {"v", "a", "x", "b"};
  assert_int_equal(count, 4);
  for (size_t i = 0; i < 4; i++)
    assert_string_equal(nd_node_text(graph, names[i]), order[i]);
  const char *begin;
  size_t length;
  assert_true(nd_node_source(graph, nd_node_argument(graph, model, 0), &begin, &length));
  assert_int_equal(length, 3);
  assert_memory_equal(begin, "a*x", 3);
  assert_int_equal(nd_fail_at_node(graph, names[2], &error, NADIR_BAD_FORMULA, "column %s", "x"),
                   NADIR_BAD_FORMULA);
  assert_int_equal(error.column, 12);
  nd_free(names);
  nd_graph_free(graph);
  expect_error("fit:y ~ x ~ z", 7, "formula: unexpected second ~: write one, as in TARGET ~ MODEL");
  expect_error("fit:y + x", 6, "formula: there is no ~ in it: write TARGET ~ MODEL");
  expect_error("fit:~ x", 1, "formula: nothing is before the ~: write TARGET ~ MODEL");
  expect_error("fit:y ~ ", 5, "formula: nothing is after the ~: write TARGET ~ MODEL");
  expect_error("fit:", 1, "formula: it is empty: write TARGET ~ MODEL");
  expect_error("y ~ x", 3, "formula: unexpected ~: write one, as in TARGET ~ MODEL");
  expect_error("fit:(y ~ x)", 4, "formula: found ~: expected an operator or ) here");
}

static void errors(void **state) {
  (void)state;
  expect_error("", 1, "formula: it is empty: write an expression");
  expect_error(
      "1 + ", 5,
      "formula: unexpected end of formula: expected a number, a name or a parenthesis here");
  expect_error("x*/y", 3, "formula: found /: expected a number, a name or a parenthesis here");
  expect_error("(x + 1", 7, "formula: unexpected end of formula: expected an operator or ) here");
  expect_error("x + 1)", 6, "formula: this ) has no ( before it: remove it, or add the (");
  expect_error("2x", 2, "formula: found x: expected an operator here, as * to multiply");
  expect_error("sine(x)", 1, "formula: there is no function sine: did you mean 'sin'?");
  expect_error("1 + sqr(x)", 5, "formula: there is no function sqr: did you mean 'sqrt'?");
  expect_error(
      "qqqq(x)", 1,
      "formula: there is no function qqqq: to multiply by a parenthesis, write * before it");
  expect_error("sqrt(x, y)", 1, "formula: sqrt takes 1 argument and not 2: write sqrt(x)");
  expect_error("if(x, y)", 1, "formula: if takes 3 arguments and not 2: write if(c, a, b)");
  expect_error("x = 1", 3, "formula: a single = has no meaning here: write == to compare");
  expect_error("x & y", 3, "formula: a single & has no meaning here: write and");
  expect_error("x # y", 3,
               "formula: the sign # has no meaning here: a name that holds it goes in backquotes");
  expect_error(
      "x \xe2\x88\x92 1", 3,
      "formula: the sign \xe2\x88\x92 has no meaning here: write + - * / ^ in ASCII, and put "
      "a name that holds it in backquotes");
  expect_error("`x + 1", 1, "formula: this name has no closing backquote: add one");
  expect_error("c == 'x", 6, "formula: this string has no closing quote: add one");
  expect_error("``", 1,
               "formula: this name is empty: write the column's name between the backquotes");
  expect_error("class < 'Q'", 1, "formula: a quoted string has no order: compare it by == or !=");
  expect_error("2 == 'Q'", 1,
               "formula: a quoted string is compared with a number: compare it with a column");
  expect_error("'a' == 'b'", 1,
               "formula: two quoted strings are compared: one side must be a column");
  expect_error("1 + 'b'", 1,
               "formula: a quoted string is not a number: compare it with a column "
               "by == or !=");
  expect_error("[x, y]", 1,
               "formula: this is a vector of 2 elements where one number is needed: use sum, mean, "
               "norm2 or max of it");
  expect_error("sum([1, 2] + [1, 2, 3])", 14,
               "formula: this vector has 3 elements and the one before it 2: give both one length");
  expect_error("x + 1e999", 5,
               "formula: this number is beyond double precision: use one of size 1e-300 to 1e308");
  expect_error("max()", 5, "formula: found ): expected a number, a name or a parenthesis here");
  expect_error("square('a')", 1,
               "formula: square takes numbers, not quoted strings: write square(x)");
}

/* Tokens that are quoted are cut between characters; names are quoted up to a width. */
static void long_tokens(void **state) {
  (void)state;
  expect_error("x `aaaaaaaaaabbbbbbbbbbccccccccccdddddddddeee`", 3,
               "formula: found `aaaaaaaaaabbbbbbbbbbccccccccccddddddddd...: expected an operator here, as * to "
               "multiply");
  expect_error("x 'aaaaaaaaaabbbbbbbbbbccccccccccdddddddd\xce\xbb\xce\xbb'", 3,
               "formula: found 'aaaaaaaaaabbbbbbbbbbccccccccccdddddddd...: expected an operator or the end of the "
               "formula here");
  expect_error("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggg(x)", 1,
               "formula: there is no function aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff: to "
               "multiply by a parenthesis, write * before it");
}

static void calls(void **state) {
  (void)state;
  expect_error("logsumexp()", 11, "formula: found ): expected a number, a name or a parenthesis here");
  expect_error("hypot(x)", 1, "formula: hypot takes at least 2 elements and not 1: write hypot(a, b)");
  expect_error("atan2(x)", 1, "formula: atan2 takes 2 arguments and not 1: write atan2(y, x)");
  expect_print("max(x) + hypot([x, y])", "x + norm2(x, y)");
  expect_error("sin x", 1, "formula: sin is a function and takes parentheses: write sin(x)");
  expect_error("sin)", 4, "formula: this ) has no ( before it: remove it, or add the (");
  expect_error("sin ~ x", 5, "formula: unexpected ~: write one, as in TARGET ~ MODEL");
  expect_error("'a' == x + 1", 1,
               "formula: a quoted string is compared with a number: compare it with a column");
  expect_error("x + 1 == 'a'", 1,
               "formula: a quoted string is compared with a number: compare it with a column");
  expect_error("linear(x..y..z)", 12, NULL);
  expect_error("linear([x, y]..z)", 8, "formula: a range goes from one column to another: write linear(c1..c9)");
  expect_error("linear(x..y[)", 12, NULL);
  expect_error("linear(2*x..y)", 8, "formula: a range goes from one column to another: write linear(c1..c9)");
  expect_error("linear(x..sin(y))", 8, "formula: a range goes from one column to another: write linear(c1..c9)");
  expect_error("linear(x..`y`^2)", 8, NULL);
  expect_error("linear(*", 8, "formula: found *: expected a number, a name or a parenthesis here");
  expect_error("linear(*')", 8, "formula: found *: expected a number, a name or a parenthesis here");
  expect_error("linear(*,')", 10, "formula: this string has no closing quote: add one");
  expect_error("softmax(3)", 1,
               "formula: softmax takes the number of classes and features: write softmax(3; x, y)");
  expect_error("softmax(1; x)", 9,
               "formula: the number of classes must be a whole number from 2 to 10000");
  expect_error("softmax(10001; x)", 9,
               "formula: the number of classes must be a whole number from 2 to 10000");
  expect_error("poly([x, y], 3)", 1, "formula: poly takes an expression and a degree: write poly(x, 3)");
  expect_error("poly(x, 1/2)", 9, "formula: the degree must be a whole number from 1 to 10000");
  expect_error("poly(x, 3, 1)", 1, "formula: poly takes an expression and a degree: write poly(x, 3)");
  expect_error("poly(x, y)", 9, "formula: the degree must be a whole number from 1 to 10000");
  expect_error("linear(x..y^[1, 2])", 8, "formula: a range goes from one column to another: write linear(c1..c9)");
  expect_print("'QSO' == class", "\"QSO\" == class");
  expect_error("linear(x..[y])", 11, "formula: found [: expected the last column of the range here");
  expect_error("poly(x, 0)", 9, "formula: the degree must be a whole number from 1 to 10000");
  expect_print("linear(`a b`..c[2])", "linear(`a b`..c[2])");
  expect_print("softmax(3; *, x..y)", "softmax(3; *, x..y)");
}

/* ---- size ---- */

static char *repeated(const char *unit, size_t bytes, const char *end) {
  size_t length = strlen(unit), count = bytes / length;
  char *text = malloc(count * length + strlen(end) + 1);
  for (size_t i = 0; i < count; i++)
    memcpy(text + i * length, unit, length);
  strcpy(text + count * length, end);
  return text;
}

static nadir_status parse_only(const char *formula, nadir_error *error) {
  nd_graph *graph = NULL;
  nd_node root = ND_NO_NODE;
  assert_int_equal(nd_graph_new(&graph, error), NADIR_OK);
  nadir_status status = nd_parse(graph, formula, &root, error);
  if (status == NADIR_OK) {
    double *values = calloc(nd_graph_size(graph), sizeof *values);
    status = nd_evaluate(graph, &root, 1, values, error);
    free(values);
  }
  nd_graph_free(graph);
  return status;
}

static void long_and_deep(void **state) {
  (void)state;
  static const char *const deep[] = {"(",     "-", "not ", "x^", "sqrt(", "[",
                                     "if(x,", "!", "x<(",  "+",  "2*(",   "linear("};
  nadir_error error = {0};
  for (size_t i = 0; i < ND_COUNT(deep); i++) {
    char *text = repeated(deep[i], 1 << 20, "");
    assert_int_equal(parse_only(text, &error), NADIR_BAD_FORMULA);
    assert_non_null(strstr(error.message, "nested more than 200 levels deep"));
    free(text);
  }
  static const char *const flat[] = {"1+", "x-", "x*y/", "x<", "x and ", "a+b-c*"};
  for (size_t i = 0; i < ND_COUNT(flat); i++) {
    char *text = repeated(flat[i], 1000000, "1");
    assert_int_equal(parse_only(text, &error), NADIR_OK);
    free(text);
  }
  char *text = repeated("x+", 3 << 20, "1");
  assert_int_equal(parse_only(text, &error), NADIR_BAD_FORMULA);
  assert_string_equal(error.message, "formula: it is longer than 1048576 bytes: write it shorter");
  free(text);
  char *digits = repeated("1", 1000000, "e-999990");
  assert_int_equal(parse_only(digits, &error), NADIR_OK);
  free(digits);
}

static void *parse_in_thread(void *told) {
  nadir_error error = {0};
  char *text = repeated("(", 150, "x");
  assert_int_equal(parse_only(text, &error), NADIR_BAD_FORMULA);
  free(text);
  *(nadir_error *)told = error;
  return NULL;
}

/* Where the stack is small, what is nested deep is refused before it ends. */
static void small_stack(void **state) {
  (void)state;
  nadir_error error = {0};
  pthread_attr_t about;
  pthread_t thread;
  assert_int_equal(pthread_attr_init(&about), 0);
  assert_int_equal(pthread_attr_setstacksize(&about, 128 << 10), 0);
  assert_int_equal(pthread_create(&thread, &about, parse_in_thread, &error), 0);
  assert_int_equal(pthread_join(thread, NULL), 0);
  pthread_attr_destroy(&about);
  assert_string_equal(error.message, "formula: it is nested too deep for the stack that there is: write it flatter, or "
                                     "raise the limit (ulimit -s)");
  assert_true(error.column > 8 && error.column < 150);
}

/* Vectors multiply nodes: seven functions of each of 140,000 different elements are beyond the
 * limit. */
static void many_nodes(void **state) {
  (void)state;
  nadir_error error = {0};
  char *text = malloc(1 << 20);
  char *end = text + sprintf(text, "sum(sin(cos(exp(sin(cos(exp(sin([0");
  for (int i = 1; i < 140000; i++)
    end += sprintf(end, ",%d", i);
  strcpy(end, "]))))))))");
  assert_int_equal(parse_only(text, &error), NADIR_BAD_FORMULA);
  assert_non_null(strstr(error.message, "grows beyond 1000000 operations"));
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(precedence),    cmocka_unit_test(names_and_numbers),
      cmocka_unit_test(vectors),       cmocka_unit_test(heads),
      cmocka_unit_test(fits),          cmocka_unit_test(errors),
      cmocka_unit_test(long_tokens),   cmocka_unit_test(calls), cmocka_unit_test(small_stack),
      cmocka_unit_test(long_and_deep), cmocka_unit_test(many_nodes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
