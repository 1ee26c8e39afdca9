/* The formulas with a name and the physical constants: values and derivatives against mpmath at 50 digits, what a
 * constant is as a number, and how names that hold a dot are told apart. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "expr/expr_internal.h"
#include "expr/formula.h"

/* By tests of mpmath 1.2.1, mp.dps = 50, with the definitions of docs/formulas.md. */
static const struct row {
  const char *formula;
  double at[4], value, gradient[4];
} rows[] = {
    {"gauss(x, y, z)",
     {1.25, 2.0, 0.5},
     0.3246524673583497298,
     {0.97395740207504918939, -0.97395740207504918939, 1.4609361031125737841}},
    {"gauss(x, y, z)",
     {40.0, 2.0, 2.0},
     4.0723586257611756916e-79,
     {-3.868740694473116907e-78, 3.868740694473116907e-78, 7.3506073194989221234e-77}},
    {"voigt(x, y, z, w)",
     {1.25, 2.0, 0.5, 0.75},
     0.22951380516579925962,
     {0.20341475351332623348, -0.20341475351332623348, -0.0045482791810691261972, -0.099571467253693361885}},
    {"voigt(x, y, z, w)",
     {3.5, 2.0, 0.5, 0.01},
     0.011134924402936250614,
     {-0.056819638636352226212, 0.056819638636352226212, 0.14367522671456925025, 0.2256920194307463534}},
    {"voigt(x, y, z, w)",
     {2.0, 2.0, 1.5, 0.0},
     0.26596152026762178529,
     {0.0, 0.0, -0.17730768017841452353, -0.14147106052612918735}},
    {"voigt(x, y, z, w)",
     {8.0, 2.0, 2.0, 3.0},
     0.025821308978041355145,
     {-0.0072151842608606238336, 0.0072151842608606238336, 0.0045017953935819445662, 0.0028220685999861662414}},
    {"lorentz(x, y, z)",
     {1.25, 2.0, 0.5},
     0.30769230769230769231,
     {0.56804733727810650888, -0.56804733727810650888, 0.85207100591715976331}},
    {"lorentz(x, y, z)",
     {100000000.0, 2.0, 0.5},
     2.5000001000000029375e-17,
     {-5.00000030000001175e-25, 5.00000030000001175e-25, 1.00000004000000115e-16}},
    {"sersic(x, y, z, w)",
     {0.5, 3.0, 2.0, 4.0},
     28.35727476044583846,
     {-76.890448093596802295, 9.4524249201486128201, 19.222612023399200574, 3.2816039685948772218}},
    {"sersic(x, y, z, w)",
     {7.0, 3.0, 2.0, 0.75},
     0.018219690804357335151,
     {-0.021818338497218160253, 0.006073230268119111717, 0.076364184740263560887,
      0.099951478462056102477}},
    {"planck(x, y)",
     {160000000000.0, 2.7250000000000001},
     3.83665022175570004e-18,
     {7.4028735412921040506e-32, 4.2194884651746907812e-18}},
    {"planck(x, y)",
     {1000000.0, 6000.0},
     1.8434150173159493677e-24,
     {3.6868300272594014313e-30, 3.0723583744807444531e-28}},
    {"planck(x, y)",
     {20000000000000.0, 2.7250000000000001},
     1.2494088628677834468e-163,
     {-2.1817054105140755418e-174, 1.6150066373997007132e-161}},
    {"fold(x, y)",
     {17.300000000000001, 4.2308000000000003},
     0.089061170464214646768,
     {0.2363619173678736693, -0.96649833848544349056}},
    {"fold(x, y)", {-1.5, 4.0}, 0.625, {0.25, 0.09375}},
};

static void assert_close(const char *what, double value, double expected) {
  if (!(fabs(value - expected) <= 2e-13 * fabs(expected)))
    fail_msg("%s is %.17g, expected %.17g", what, value, expected);
}

static void values_and_derivatives(void **state) {
  (void)state;
  for (size_t i = 0; i < ND_COUNT(rows); i++) {
    nadir_expr *expr;
    nadir_error error = {0};
    double value, gradient[4];
    if (nd_formula_new(&expr, rows[i].formula, &error) != NADIR_OK) fail_msg("%s", error.message);
    assert_int_equal(nd_formula_evaluate(expr, rows[i].at, &value, gradient, &error), NADIR_OK);
    assert_close(rows[i].formula, value, rows[i].value);
    for (size_t k = 0; k < expr->size; k++)
      assert_close(rows[i].formula, gradient[k], rows[i].gradient[k]);
    nd_formula_free(expr);
  }
}

/* What usage and formula of a row of ops.def call an argument is the same. */
static void usages_name_their_arguments(void **state) {
  (void)state;
#define ND_SPELLING(name, least, most, usage, help, how, formula)                                  \
  if ((size_t)(most) != ND_MANY) {                                                                 \
    size_t commas = 0;                                                                             \
    for (const char *at = usage; *at; at++)                                                        \
      commas += *at == ',';                                                                        \
    assert_int_equal(commas + 1, most);                                                            \
  }
#include "expr/ops.def"
}

static nd_node parse(nd_graph *graph, const char *text) {
  nadir_error error = {0};
  nd_node root;
  if (nd_parse(graph, text, &root, &error) != NADIR_OK) fail_msg("%s: %s", text, error.message);
  return root;
}

static void assert_error(const char *formula, const char *message) {
  nd_graph *graph;
  nadir_error error = {0};
  nd_node root;
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  assert_int_equal(nd_parse(graph, formula, &root, &error), NADIR_BAD_FORMULA);
  assert_string_equal(error.message, message);
  nd_graph_free(graph);
}

static void constants_are_numbers(void **state) {
  (void)state;
  nd_graph *graph;
  nadir_error error = {0};
  nd_text text = {0};
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  assert_int_equal(parse(graph, "const.c"), parse(graph, "299792458"));
  assert_int_equal(parse(graph, "const.cgs.c"), parse(graph, "29979245800"));
  assert_int_equal(nd_node_op(graph, parse(graph, "`const.c`")), ND_NAME);
  assert_int_equal(nd_node_op(graph, parse(graph, "const")), ND_NAME);
  assert_int_equal(nd_print(graph, parse(graph, "`const.c` + const"), ND_PLAIN, &text, &error),
                   NADIR_OK);
  assert_string_equal(nd_text_data(&text), "`const.c` + const");
  nd_text_free(&text);
  nd_graph_free(graph);
  assert_error("const.cc", "formula: there is no constant const.cc: did you mean 'const.c'?");
  assert_error("const.nothing.like.this", "formula: there is no constant const.nothing.like.this: "
                                          "a column with that name goes in backquotes");
  assert_error("const.",
               "formula: the sign . has no meaning here: a name that holds it goes in backquotes");
}

/* Each row can be written; values in cgs are those in SI times a power of ten. */
static void constants_are_listed(void **state) {
  (void)state;
  const nadir_constant *constant;
  size_t count = 0, cgs = 0;
  nd_graph *graph;
  nadir_error error = {0};
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  for (; (constant = nd_constant_at(count)); count++) {
    double value = nd_node_number(graph, parse(graph, constant->name));
    char name[64];
    assert_true(value > 0 && isfinite(value));
    assert_true(*constant->help && *constant->source);
    if (strncmp(constant->name, "const.cgs.", 10) != 0) continue;
    cgs++;
    snprintf(name, sizeof name, "const.%s", constant->name + 10);
    double ratio = log10(value / nd_node_number(graph, parse(graph, name)));
    assert_true(fabs(ratio - round(ratio)) < 1e-12);
  }
  assert_true(count > 60 && cgs > 30);
  nd_graph_free(graph);
}

/* Against astropy's Angle and Time, and by hand: the value is exact. */
static void texts_are_numbers(void **state) {
  (void)state;
  static const struct {
    const char *typed, *same;
  } good[] = {{"hms(\"12:34:56.7\")", "45296.7/240"},
              {"hms('00h00m01s')", "1/240"},
              {"hms(\"23 59 59.999\")", "86399.999/240"},
              {"hms('-1:0:0')", "-3600/240"},
              {"dms(\"-05:23:28\")", "-19408/3600"},
              {"dms('+90d00m00s')", "324000/3600"},
              {"dms('-0:0:0.5')", "-0.5/3600"},
              {"jd(\"2000-01-01T12:00:00\")", "211813488000/86400"},
              {"jd('1858-11-17')", "207360043200/86400"},
              {"jd('2026-11-29 06:30')", "212662693800/86400"},
              {"jd('2024-02-29T23:59:59.5Z')", "212576011199.5/86400"}};
  static const char *const bad[] = {"hms('12:34')",
                                    "hms('12:60:00')",
                                    "hms('12:34:56x')",
                                    "dms('1:2:3:4')",
                                    "jd('2023-02-29')",
                                    "jd('2023-13-01')",
                                    "jd('29.11.2026')",
                                    "jd('2026-11-29T24:00:00')",
                                    "jd('2026-11-29T1:00')",
                                    "hms('12:34:56.7m')",
                                    "hms('')"};
  for (size_t i = 0; i < ND_COUNT(good); i++) {
    nd_graph *graph;
    nadir_error error = {0};
    assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
    if (parse(graph, good[i].typed) != parse(graph, good[i].same))
      fail_msg("%s is not %s", good[i].typed, good[i].same);
    nd_graph_free(graph);
  }
  for (size_t i = 0; i < ND_COUNT(bad); i++) {
    nd_graph *graph;
    nadir_error error = {0};
    nd_node root;
    assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
    if (nd_parse(graph, bad[i], &root, &error) != NADIR_BAD_FORMULA) fail_msg("%s is read", bad[i]);
    assert_non_null(strstr(error.message, " cannot read this text: write it as in "));
    nd_graph_free(graph);
  }
  assert_error("hms(2)", "formula: hms takes a quoted text or a column of texts: write hms(\"12:34:56.7\")");
  assert_error(
      "jd 3", "formula: jd is a function and takes parentheses: write jd(\"2026-11-29T12:00:00\")");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_and_derivatives), cmocka_unit_test(usages_name_their_arguments),
      cmocka_unit_test(constants_are_numbers),  cmocka_unit_test(constants_are_listed),
      cmocka_unit_test(texts_are_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
