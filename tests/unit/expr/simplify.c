/* Graph -> graph -> text: what is simplified keeps its value, what is printed reads back as the
 * same graph, and no mutation of a formula does anything but parse or fail. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifdef NADIR_FAULTS
#include "base/fault_internal.h"
#endif
#include "expr/expr_internal.h"

static void expect_form(const char *formula, const char *plain, nd_notation notation, bool simple) {
  nd_graph *graph = NULL;
  nadir_error error = {0};
  nd_node root;
  nd_text text = {0};
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  if (nd_parse(graph, formula, &root, &error) != NADIR_OK)
    fail_msg("%s: %s", formula, error.message);
  if (simple) assert_int_equal(nd_simplify(graph, root, &root, &error), NADIR_OK);
  assert_int_equal(nd_print(graph, root, notation, &text, &error), NADIR_OK);
  assert_string_equal(nd_text_data(&text), plain);
  nd_text_free(&text);
  nd_graph_free(graph);
}

static void simplified(void **state) {
  (void)state;
  static const char *const pairs[][2] = {
      {"0*x + 1*y + 0", "y"},
      {"x + x + x", "3*x"},
      {"x - 2*x + y - x*3", "y - 4*x"},
      {"x*x^2", "x^3"},
      {"x^3/x", "x^2"},
      {"x/x", "1"},
      {"x*y/x", "y"},
      {"0.1 + 0.2", "0.3"},
      {"1/3 + 1/6", "0.5"},
      {"2/3*x", "2*x/3"},
      {"3*(2*x)", "6*x"},
      {"-(-x)", "x"},
      {"-(a - b)", "b - a"},
      {"a - (b - c)", "a - b + c"},
      {"x^2^3", "x^8"},
      {"(x^2)^3", "x^6"},
      {"(x^2)^0.5", "(x^2)^0.5"},
      {"sqrt(x^2)", "abs(x)"},
      {"sqrt(x)*sqrt(x)", "x"},
      {"(-x)^2", "x^2"},
      {"(-x)^3", "-x^3"},
      {"exp(log(x))", "x"},
      {"log(exp(x))", "x"},
      {"exp(0) + cos(0) + log(1)", "2"},
      {"log(1 + exp(x))", "softplus(x)"},
      {"log1p(exp(x))", "softplus(x)"},
      {"1/(1 + exp(-x))", "sigmoid(x)"},
      {"log(sum(exp([x, y, z])))", "logsumexp(x, y, z)"},
      {"log(1 + exp(x) + exp(-y))", "logsumexp(0, x, -y)"},
      {"(x - y)*(y - x)", "-(x - y)^2"},
      {"(x - y)*z/(y - x)^2", "z/(x - y)"},
      {"y/(1 + z)/(1 + z)^2", "y/(1 + z)^3"},
      {"2/(exp(-a*x) + 1)^2", "2*sigmoid(a*x)^2"},
      {"1 - 1/(1 + exp(-x))", "sigmoid(-x)"},
      {"log(1/(1 + exp(-x*w)))", "-softplus(-x*w)"},
      {"log(1 - 1/(1 + exp(b - x)))", "-softplus(x - b)"},
      {"if(1 < 2, x, y)", "x"},
      {"if(not x < y, 1, 2)", "if(y <= x, 1, 2)"},
      {"x < y and 1 == 1", "x < y"},
      {"abs(-x) + abs(exp(x))", "abs(x) + exp(x)"},
      {"max(1, 3, 2) + min(0.5, -1)", "2"},
      {"floor(-2.5) + abs(-3) + sign(-7) + pos(-1)", "-1"},
      {"norm2(x, 0)", "abs(x)"},
      {"norm2(x, 0, y)", "norm2(x, y)"},
      {"0 - x", "-x"},
      {"x/2", "0.5*x"},
      {"1e300*x*2", "2*1e300*x"},
      {"9223372036854775807*x + 9223372036854775807*x",
       "9223372036854775807*x + 9223372036854775807*x"},
      {"x*0.1*10", "x"},
      {"2^0.5*2^0.5", "2"},
      {"y/norm2(x, y)/norm2(x, y)", "y/norm2(x, y)/norm2(x, y)"},
      {"x/0", "x/0"},
      {"2^10", "1024"},
      {"2^-2", "0.25"},
      {"0.1*0.1", "0.01"},
      {"pi*2 - pi", "pi"},
      {"(x + 1)*(x + 1)", "(x + 1)^2"},
      {"x^a*x^b", "x^a*x^b"},
  };
  for (size_t i = 0; i < ND_COUNT(pairs); i++)
    expect_form(pairs[i][0], pairs[i][1], ND_PLAIN, true);
}

static void latex(void **state) {
  (void)state;
  static const char *const pairs[][2] = {
      {"x*x^2", "x \\, x^{2}"},
      {"a*exp(-(x - mu)^2/(2*sigma^2)) + c",
       "a \\, e^{\\frac{-\\left(x - \\mu\\right)^{2}}{2 \\, \\sigma^{2}}} + c"},
      {"sqrt(x + 1)/2", "\\frac{\\sqrt{x + 1}}{2}"},
      {"2*3^x", "2 \\cdot 3^{x}"},
      {"a - -b", "a - \\left(-b\\right)"},
      {"x*-y", "x \\, \\left(-y\\right)"},
      {"exp(x)^2", "\\left(e^{x}\\right)^{2}"},
      {"h0 + mass", "h_{0} + \\mathrm{mass}"},
      {"`a_b` + `100%`", "\\mathrm{a\\_b} + \\mathrm{100\\%}"},
      {"if(x <= 0, -1, pi)",
       "\\begin{cases} -1 & \\text{if } x \\le 0 \\\\ \\pi & \\text{otherwise} \\end{cases}"},
      {"1e-10*x", "1 \\cdot 10^{-10} \\, x"},
      {"logsumexp(x, y)", "\\operatorname{logsumexp}\\left(x, y\\right)"},
  };
  for (size_t i = 0; i < ND_COUNT(pairs); i++)
    expect_form(pairs[i][0], pairs[i][1], ND_LATEX, false);
}

/* ---- random graphs ---- */

static nd_node random_leaf(nd_graph *graph, nd_random *random) {
  static const char *const names[] = {"x", "y", "z", "u-g", "pi", "flux[3]", "a`b", "not", "$2"};
  static const double numbers[] = {0, 1, 2, -1, 0.5, -3.25, 1e-9, 1e30, 7, 10};
  nd_node leaf = 0;
  if (nd_random_below(random, 3) == 0)
    nd_make_number(graph, numbers[nd_random_below(random, ND_COUNT(numbers))], &leaf, NULL);
  else if (nd_random_below(random, 12) == 0)
    nd_make(graph, ND_PI, NULL, 0, &leaf, NULL);
  else
    nd_make_name(graph, names[nd_random_below(random, ND_COUNT(names))], &leaf, NULL);
  return leaf;
}

/* Grows `size` nodes, each over some of those before it, the recent ones more often. */
static nd_node random_graph(nd_graph *graph, nd_random *random, size_t size, bool arithmetic) {
  nd_node made[64], arguments[4];
  size_t count = 4;
  for (size_t i = 0; i < count; i++)
    made[i] = random_leaf(graph, random);
  while (count < size) {
    nd_op op = (nd_op)(ND_STAR + 1 + nd_random_below(random, ND_OPS - ND_STAR - 1));
    if (arithmetic && nd_random_below(random, 3) > 0)
      op = (nd_op)(ND_ADD + nd_random_below(random, 6));
    const nd_op_info *info = nd_op_about(op);
    if (info->least == 0) continue;
    size_t arity = info->most == ND_MANY ? 2 + nd_random_below(random, 3) : info->most;
    for (size_t i = 0; i < arity; i++)
      arguments[i] = nd_random_below(random, 3) == 0 ? random_leaf(graph, random)
                                                     : made[count - 1 - nd_random_below(random, 4)];
    assert_int_equal(nd_make(graph, op, arguments, arity, &made[count], NULL), NADIR_OK);
    count++;
  }
  return made[count - 1];
}

/* Hash-consing makes the comparison exact: the same graph is the same node number. */
static void print_reads_back(void **state) {
  (void)state;
  nd_random random = nd_random_stream(11, ND_FOR_TEST, 0, 0);
  for (int trial = 0; trial < 4000; trial++) {
    nd_graph *graph = NULL;
    nadir_error error = {0};
    nd_text text = {0};
    assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
    nd_node root = random_graph(graph, &random, 5 + nd_random_below(&random, 12), trial % 2 == 0),
            again;
    assert_int_equal(nd_print(graph, root, ND_PLAIN, &text, &error), NADIR_OK);
    if (nd_parse(graph, nd_text_data(&text), &again, &error) != NADIR_OK)
      fail_msg("%s: %s", nd_text_data(&text), error.message);
    if (again != root) fail_msg("%s reads as another graph", nd_text_data(&text));
    nd_text_clear(&text);
    assert_int_equal(nd_simplify(graph, root, &root, &error), NADIR_OK);
    assert_int_equal(nd_print(graph, root, ND_PLAIN, &text, &error), NADIR_OK);
    assert_int_equal(nd_parse(graph, nd_text_data(&text), &again, &error), NADIR_OK);
    if (again != root) fail_msg("%s (simplified) reads as another graph", nd_text_data(&text));
    nd_text_clear(&text);
    assert_int_equal(nd_print(graph, root, ND_LATEX, &text, &error), NADIR_OK);
    nd_text_free(&text);
    nd_graph_free(graph);
  }
}

/* Values before and after: where the typed formula and all its parts are finite and not near
 * overflow, the simplified one has the same value up to the rounding of some tens of operations,
 * which cancellation magnifies by the largest part. */
static void values_are_kept(void **state) {
  (void)state;
  nd_random random = nd_random_stream(12, ND_FOR_TEST, 0, 0);
  int compared = 0;
  for (int trial = 0; trial < 6000; trial++) {
    nd_graph *graph = NULL;
    nd_text text = {0};
    assert_int_equal(nd_graph_new(&graph, NULL), NADIR_OK);
    nd_node root = random_graph(graph, &random, 5 + nd_random_below(&random, 7), trial % 4 != 0),
            simple;
    size_t typed = nd_graph_size(graph);
    assert_int_equal(nd_simplify(graph, root, &simple, NULL), NADIR_OK);
    double *values = calloc(nd_graph_size(graph), sizeof *values), largest = 1;
    bool *reached = NULL, tame = true;
    for (size_t n = 0; n < nd_graph_size(graph); n++)
      if (nd_node_op(graph, (nd_node)n) == ND_NAME)
        values[n] = 0.3 + 2 * nd_random_uniform(&random);
    assert_int_equal(nd_evaluate(graph, &root, 1, values, NULL), NADIR_OK);
    assert_int_equal(nd_reach(graph, &root, 1, &reached, NULL), NADIR_OK);
    for (size_t n = 0; n < typed; n++) {
      nd_op op = nd_node_op(graph, (nd_node)n);
      if (!reached[n]) continue;
      tame = tame && fabs(values[n]) < 1e4 && (values[n] == 0 || fabs(values[n]) > 1e-4);
      /* a rounding may take a jump to its other side */
      tame = tame && op != ND_FLOOR && op != ND_MOD && op != ND_SIGN && op != ND_EQUAL &&
             op != ND_LESS && op != ND_LESSEQ && op != ND_POLYGAMMA && op != ND_LGAMMA;
      if (fabs(values[n]) > largest) largest = fabs(values[n]);
    }
    double before = values[root];
    assert_int_equal(nd_evaluate(graph, &simple, 1, values, NULL), NADIR_OK);
    if (tame) {
      compared++;
      nd_print(graph, root, ND_PLAIN, &text, NULL);
      if (!(fabs(values[simple] - before) <= 1e-9 * largest * largest))
        fail_msg("%s: %.17g before, %.17g after", nd_text_data(&text), before, values[simple]);
    }
    nd_text_free(&text);
    free(values);
    nd_free(reached);
    nd_graph_free(graph);
  }
  assert_true(compared > 300);
}

/* ---- substitution ---- */

static void substitution(void **state) {
  (void)state;
  nd_graph *graph = NULL;
  nd_node root, x, y, sum, result, expected;
  assert_int_equal(nd_graph_new(&graph, NULL), NADIR_OK);
  assert_int_equal(nd_parse(graph, "x*exp(x) + y", &root, NULL), NADIR_OK);
  assert_int_equal(nd_parse(graph, "y + 1", &sum, NULL), NADIR_OK);
  assert_int_equal(nd_make_name(graph, "x", &x, NULL), NADIR_OK);
  assert_int_equal(nd_make_name(graph, "y", &y, NULL), NADIR_OK);
  assert_int_equal(nd_parse(graph, "(y + 1)*exp(y + 1) + x", &expected, NULL), NADIR_OK);
  assert_int_equal(
      nd_substitute(graph, root, (nd_node[]){x, y}, (nd_node[]){sum, x}, 2, &result, NULL),
      NADIR_OK);
  assert_int_equal(result, expected);
  nd_graph_free(graph);
}

/* ---- broken text ---- */

static const char *const seeds[] = {
    "a*exp(-(x-mu)^2/(2*s^2))+c",
    "if(x > 0 and y <= 3, sqrt(x), -log1p(y))",
    "logsumexp([x, y, -z]) + norm2(x - 1, y)*2",
    "`u-g` ~ linear(x, log(y), c1..c9, *)",
    "class == \"QSO\" ~ softmax(3; u - g, g - r)",
    "1 <= $3 < flux[3] || !b && c != 'x''y'",
    "sum([a, b]*[c, d]) - dot([x, y], [1, 2.5e-3])",
    "max(huber(x, 2), quad_over_lin([x, y], z), poly(t, 3))",
    "polygamma(2, x)^y**z - mod(x, 360)/atan2(y, x)",
};
static const char alphabet[] =
    "()[],;+-*/^<>=!~&|.`'\" $0123456789eExyabc\\\n\xc3\xa9\xe2\x88\x92\xff";

static size_t mutate(char *text, size_t length, size_t room, nd_random *random) {
  for (size_t edits = 1 + nd_random_below(random, 4); edits > 0; edits--) {
    size_t at = nd_random_below(random, length + 1);
    uint64_t kind = nd_random_below(random, 3);
    char byte = alphabet[nd_random_below(random, sizeof alphabet - 1)];
    if (kind == 0 && length + 1 < room) {
      memmove(text + at + 1, text + at, length - at);
      text[at] = byte;
      length++;
    } else if (kind == 1 && at < length) {
      memmove(text + at, text + at + 1, length - at - 1);
      length--;
    } else if (at < length) {
      text[at] = byte;
    }
  }
  text[length] = '\0';
  return length;
}

static bool try_text(const char *text) {
  nd_graph *graph = NULL;
  nadir_error error = {0};
  nd_node target, model, *names = NULL, derivatives[64];
  size_t count;
  nd_text out = {0};
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  nadir_status status = strchr(text, '~') != NULL
                            ? nd_parse_fit(graph, text, &target, &model, &error)
                            : nd_parse(graph, text, &model, &error);
  if (status == NADIR_OK) {
    assert_int_equal(nd_names(graph, &model, 1, &names, &count, &error), NADIR_OK);
    if (nd_derive(graph, model, names, count < 64 ? count : 64, derivatives, &error) == NADIR_OK &&
        count > 0)
      assert_int_equal(nd_print(graph, derivatives[0], ND_LATEX, &out, &error), NADIR_OK);
    nd_text_clear(&out);
    nd_node again;
    assert_int_equal(nd_print(graph, model, ND_PLAIN, &out, &error), NADIR_OK);
    assert_int_equal(nd_parse(graph, nd_text_data(&out), &again, &error), NADIR_OK);
    assert_int_equal(again, model);
  } else {
    assert_int_equal(status, NADIR_BAD_FORMULA);
    assert_memory_equal(error.message, "formula: ", 9);
    assert_true(error.column >= 1);
  }
  nd_free(names);
  nd_text_free(&out);
  nd_graph_free(graph);
  return status == NADIR_OK;
}

static void mutations(void **state) {
  (void)state;
  nd_random random = nd_random_stream(13, ND_FOR_TEST, 0, 0);
  int good = 0;
  for (int trial = 0; trial < 30000; trial++) {
    char text[256];
    strcpy(text, seeds[trial % (int)ND_COUNT(seeds)]);
    mutate(text, strlen(text), sizeof text - 1, &random);
    good += try_text(text);
  }
  assert_true(good > 1000);
}

/* ---- memory that gives out ---- */

#ifdef NADIR_FAULTS
static nadir_status whole_way(nadir_error *error) {
  nd_graph *graph = NULL;
  nd_node root = 0, target, *names = NULL, derivatives[16], replaced;
  size_t count = 0;
  nd_text out = {0};
  nadir_status status = nd_graph_new(&graph, error);
  if (status == NADIR_OK)
    status = nd_parse_fit(
        graph, "y ~ max(x*z, u, 3.25)*norm2([x - 1, u]) + if(x < `a b`, sqrt(x), mean(u, z))/x^2",
        &target, &root, error);
  if (status == NADIR_OK) status = nd_names(graph, &root, 1, &names, &count, error);
  if (status == NADIR_OK) status = nd_derive(graph, root, names, count, derivatives, error);
  if (status == NADIR_OK) status = nd_print(graph, derivatives[0], ND_PLAIN, &out, error);
  if (status == NADIR_OK)
    status = nd_substitute(graph, root, names, derivatives, count, &replaced, error);
  nd_text_free(&out);
  nd_free(names);
  nd_graph_free(graph);
  return status;
}

static void failing_memory(void **state) {
  (void)state;
  nadir_error error = {0};
  assert_true(nd_fault_set(""));
  assert_int_equal(whole_way(&error), NADIR_OK);
  uint64_t calls = nd_fault_count(ND_FAULT_MEMORY);
  assert_true(calls > 50);
  for (uint64_t n = 1; n <= calls; n++) {
    char what[64];
    snprintf(what, sizeof what, "memory:%llu", (unsigned long long)n);
    assert_true(nd_fault_set(what));
    assert_int_equal(whole_way(&error), NADIR_NO_MEMORY);
    assert_int_equal(error.status, NADIR_NO_MEMORY);
  }
  assert_true(nd_fault_set(NULL));
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(simplified),       cmocka_unit_test(latex),
      cmocka_unit_test(print_reads_back), cmocka_unit_test(values_are_kept),
      cmocka_unit_test(substitution),     cmocka_unit_test(mutations),
#ifdef NADIR_FAULTS
      cmocka_unit_test(failing_memory),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
