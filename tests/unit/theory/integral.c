/* Integrals and series against mpmath at 30 digits: the value and the derivatives, by the scalar evaluator and by the
 * engine's program, and their enclosures; what is refused; that what does not converge is not a number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "engine/engine.h"
#include "expr/formula.h"
#include "theory/enclose_internal.h"
#include "theory/theory_internal.h"

/* Value, then derivatives by the names in the order of the formula. */
static const struct row {
  const char *formula;
  size_t size;
  double at[2], value, gradient[2];
} rows[] = {
    {"integral(1/sqrt(p*(1 + x)^3 + 1 - p), x, 0, z)",
     2,
     {0.27760000000000001, 1.4139999999999999},
     0.99761204164326872293,
     {-0.76464461837567252229, 0.46486533948609136253}},
    {"integral(1/sqrt(p*(1 + x)^3 + 1 - p), x, 0, z)",
     2,
     {0.29999999999999999, 20.0},
     2.5082710941534951391,
     {-3.1447456286084094081, 0.018969493131482118242}},
    {"integral(exp(-x^2/2)/sqrt(2*pi), x, a, b)",
     2,
     {-1.5, 0.75},
     0.70656544635427373467,
     {-0.12951759566589172761, 0.30113743215480440493}},
    {"integral(cos(n*x - z*sin(x)), x, 0, pi)/pi",
     2,
     {3.0, 2.5},
     0.21660039103911352477,
     {-0.37924013006725304922, 0.18613858919268099702}},
    {"integral(sqrt(x)*exp(-k*x), x, 0, 2)",
     1,
     {1.25},
     0.52519023775424155995,
     {-0.44449113599101863993}},
    {"integral(t*x^t, t, x, 2*x)", 1, {1.3}, 4.3291952958085506317, {15.309115222127896326}},
    {"integral(x^3/expm1(x), x, 0, u)",
     1,
     {12.0},
     6.4801886179717086071,
     {0.010617264181276887614}},
    {"series((-1)^k*x^(2*k + 1)/(2*k + 1), k, 0, 20)",
     1,
     {0.5},
     0.46364760900080825045,
     {0.80000000000018189894}},
};

static nadir_expr *formula_of(const char *text) {
  nadir_expr *expr;
  nadir_error error = {0};
  if (nd_formula_new(&expr, text, &error) != NADIR_OK) fail_msg("%s: %s", text, error.message);
  return expr;
}

static void assert_close(const char *what, double value, double expected) {
  if (!(fabs(value - expected) <= 1e-13 * fmax(fabs(expected), 0.1)))
    fail_msg("%s is %.17g, expected %.17g", what, value, expected);
}

static void scalars(void **state) {
  (void)state;
  for (size_t i = 0; i < ND_COUNT(rows); i++) {
    nadir_expr *expr = formula_of(rows[i].formula);
    nadir_error error = {0};
    double value, gradient[2];
    assert_int_equal(expr->size, rows[i].size);
    assert_int_equal(nd_formula_evaluate(expr, rows[i].at, &value, gradient, &error), NADIR_OK);
    assert_close(rows[i].formula, value, rows[i].value);
    for (size_t k = 0; k < expr->size; k++)
      assert_close(rows[i].formula, gradient[k], rows[i].gradient[k]);
    nd_formula_free(expr);
  }
}

/* Both as columns, and the second as one number for all rows. */
static void programs(void **state) {
  (void)state;
  for (size_t i = 0; i < 2 * ND_COUNT(rows); i++) {
    const struct row *row = &rows[i / 2];
    nadir_expr *expr = formula_of(row->formula);
    nadir_error error = {0};
    nd_program *program;
    nd_workspace *workspace;
    nd_node outputs[3] = {expr->root};
    nd_leaf leaves[2];
    double columns[2][9], values[3][9];
    for (size_t k = 0; k < expr->size; k++) {
      outputs[1 + k] = expr->partials[k];
      leaves[k] = (nd_leaf){expr->names[k], k == 0 || i % 2 == 0};
      for (size_t r = 0; r < 9; r++)
        columns[k][r] = row->at[k];
    }
    assert_int_equal(
        nd_program_new(&program, expr->graph, outputs, 1 + expr->size, leaves, expr->size, &error),
        NADIR_OK);
    assert_int_equal(nd_workspace_new(&workspace, program, &error), NADIR_OK);
    nd_program_run(program, workspace, (const double *const[]){columns[0], columns[1]}, &row->at[1],
                   9, (double *const[]){values[0], values[1], values[2]});
    for (size_t r = 0; r < 9; r++) {
      assert_close(row->formula, values[0][r], row->value);
      for (size_t k = 0; k < expr->size; k++)
        assert_close(row->formula, values[1 + k][r], row->gradient[k]);
    }
    nd_workspace_free(workspace);
    nd_program_free(program);
    nd_formula_free(expr);
  }
}

static void assert_encloses(const char *what, const nd_enclosure *x, double value, double width) {
  double slack = 4e-16 * fabs(value); /* of the reference, which is a double */
  assert_true(x->defined && x->smooth && !x->nowhere);
  if (!(nd_enclosure_low(x) <= value + slack && value - slack <= nd_enclosure_high(x)))
    fail_msg("%s: %.17g is not in [%.17g, %.17g]", what, value, nd_enclosure_low(x),
             nd_enclosure_high(x));
  if (!(nd_enclosure_high(x) - nd_enclosure_low(x) <= width))
    fail_msg("%s: [%.17g, %.17g] is wide", what, nd_enclosure_low(x), nd_enclosure_high(x));
}

/* At the point to the last digits; on a box around it, which must hold that too, not wider than slopes make it. */
static void enclosures(void **state) {
  (void)state;
  for (size_t i = 0; i < ND_COUNT(rows); i++) {
    nadir_expr *expr = formula_of(rows[i].formula);
    nadir_error error = {0};
    nd_encloser *e;
    nd_node outputs[3] = {expr->typed};
    bool edge =
        strncmp(rows[i].formula, "integral(sqrt(x)", 16) == 0 || strstr(rows[i].formula, "expm1");
    for (size_t k = 0; k < expr->size; k++)
      outputs[1 + k] = expr->partials[k];
    assert_int_equal(nd_encloser_new(&e, expr->graph, outputs, 1 + expr->size, expr->names,
                                     expr->size, NULL, &error),
                     NADIR_OK);
    for (int box = 0; box < 2 && !edge; box++) {
      for (size_t k = 0; k < expr->size; k++) {
        double at = rows[i].at[k], reach = box * 1e-6 * fabs(at);
        nd_enclosure_set_ends(nd_encloser_leaf(e, k), at - reach, at + reach);
      }
      nd_encloser_run(e, 80);
      for (size_t k = 0; k <= expr->size; k++)
        assert_encloses(rows[i].formula, nd_encloser_root(e, k),
                        k == 0 ? rows[i].value : rows[i].gradient[k - 1],
                        box ? 1e-2 : 1e-15 * fmax(1, fabs(rows[i].value)));
    }
    nd_encloser_free(e);
    nd_formula_free(expr);
  }
  nd_give_back();
}

/* 1/3 x^3 from 0 to 1 where the integrand has no series at its kink, or a jump; what is not bounded. */
static void enclosures_of_pieces(void **state) {
  (void)state;
  static const struct {
    const char *formula;
    double value, width;
    bool defined, smooth, continuous;
  } cases[] = {{"integral(abs(x - 1/3), x, 0, 1)", 5.0 / 18, 1e-5, true, false, true},
               {"integral(if(x < 1/3, 1, 2), x, 0, 1)", 5.0 / 3, 1e-2, true, false, false},
               {"integral(sqrt(x), x, 0, 1)", 2.0 / 3, 1e-4, true, false, true},
               {"integral(sqrt(x), x, 1, 0)", -2.0 / 3, 1e-4, true, false, true},
               {"integral(2, x, 3, 1)", -4, 0, true, true, true},
               {"integral(1/x, x, 0, 1)", 0, INFINITY, false, false, false},
               {"integral(1/x, x, -1, 2)", 0, INFINITY, false, false, false},
               {"integral(log(-1 - x), x, 0, 1)", 0, INFINITY, false, false, false},
               {"integral(integral(x*y, y, 0, x), x, 0, 1)", 0.125, 5e-2, true, true, true}};
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    nadir_expr *expr = formula_of(cases[i].formula);
    nadir_error error = {0};
    nd_encloser *e;
    assert_int_equal(nd_encloser_new(&e, expr->graph, &expr->typed, 1, NULL, 0, NULL, &error),
                     NADIR_OK);
    nd_encloser_run(e, 64);
    const nd_enclosure *x = nd_encloser_root(e, 0);
    if (x->defined != cases[i].defined ||
        (x->defined && (x->smooth != cases[i].smooth || x->continuous != cases[i].continuous)))
      fail_msg("%s: defined %d, smooth %d, continuous %d", cases[i].formula, x->defined, x->smooth,
               x->continuous);
    if (x->defined &&
        !(nd_enclosure_low(x) <= cases[i].value * (cases[i].value < 0 ? 1 - 1e-15 : 1 + 1e-15) &&
          cases[i].value * (cases[i].value < 0 ? 1 + 1e-15 : 1 - 1e-15) <= nd_enclosure_high(x) &&
          nd_enclosure_high(x) - nd_enclosure_low(x) <= cases[i].width))
      fail_msg("%s: [%.17g, %.17g]", cases[i].formula, nd_enclosure_low(x), nd_enclosure_high(x));
    nd_encloser_free(e);
    nd_formula_free(expr);
  }
  nd_give_back();
}

static void no_value_without_convergence(void **state) {
  (void)state;
  static const char *const formulas[] = {
      "integral(1/x, x, 0, p)",          "integral(1/x, x, -1, p)",
      "integral(abs(x - p/3), x, 0, 1)", "integral(x < p/3, x, 0, 1)",
      "integral(1/sqrt(x), x, 0, p)",    "integral(cos(900*x), x, 0, p)",
      "integral(log(x - p), x, 0, 1)"};
  for (size_t i = 0; i < ND_COUNT(formulas); i++) {
    nadir_expr *expr = formula_of(formulas[i]);
    nadir_error error = {0};
    double value, at = 1;
    assert_int_equal(nd_formula_evaluate(expr, &at, &value, NULL, &error), NADIR_OK);
    if (!isnan(value)) fail_msg("%s is %.17g", formulas[i], value);
    nd_formula_free(expr);
  }
}

/* The same node whatever the name; printed so that it reads back. */
static void names_that_are_bound(void **state) {
  (void)state;
  static const char *const same[][2] = {
      {"integral(exp(-x)*p, x, 0, x)", "integral(exp(-t)*p, t, 0, x)"},
      {"integral(integral(x*y, y, 0, x), x, 0, 1)", "integral(integral(y*x, x, 0, y), y, 0, 1)"},
      {"integral(integral(x, x, 0, x), x, 0, 1)", "integral(integral(t, t, 0, u), u, 0, 1)"},
      {"integral(`a b`, `a b`, 0, 1)", "integral(x, x, 0, 1)"},
      {"series(k*x^k, k, 1, 3)", "1*x^1 + 2*x^2 + 3*x^3"},
      {"series(series(j*k, j, k, k + 1), k, -1, 0)", "(-1*-1 + (-1 + 1)*-1) + (0*0 + (0 + 1)*0)"}};
  nadir_error error = {0};
  for (size_t i = 0; i < ND_COUNT(same) - 1; i++) {
    nd_graph *graph;
    nd_node nodes[3];
    nd_text text = {0};
    assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
    for (size_t k = 0; k < 2; k++)
      if (nd_parse(graph, same[i][k], &nodes[k], &error) != NADIR_OK) fail_msg("%s", error.message);
    assert_int_equal(nodes[0], nodes[1]);
    assert_int_equal(nd_print(graph, nodes[0], ND_PLAIN, &text, &error), NADIR_OK);
    if (nd_parse(graph, nd_text_data(&text), &nodes[2], &error) != NADIR_OK)
      fail_msg("%s", error.message);
    if (nodes[2] != nodes[0]) fail_msg("%s reads back otherwise", nd_text_data(&text));
    nd_text_free(&text);
    nd_graph_free(graph);
  }
}

static void refused(void **state) {
  (void)state;
  static const char *const wrong[][2] = {
      {"integral(x, x, 0)", "formula: found ): expected a comma, and the upper limit, here"},
      {"integral(x, 2, 0, 1)", "formula: expected a name here, as x: write integral(f, x, a, b)"},
      {"integral(x, pi, 0, 1)", "formula: expected a name here, as x: write integral(f, x, a, b)"},
      {"integral([x, y], x, 0, 1)", "formula: this is not one number: write integral(f, x, a, b)"},
      {"integral('x', x, 0, 1)", "formula: this is not one number: write integral(f, x, a, b)"},
      {"integral(integral(integral(x, x, 0, 1), x, 0, 1), x, 0, 1)",
       "formula: integrals are nested more than 2 deep: write fewer"},
      {"series(k, k, 1, n)", "formula: the limits of a series are whole numbers that are written "
                             "in the formula, not columns or parameters"},
      {"series(k, k, 1, 1/2)", "formula: the limits of a series are whole numbers that are written "
                               "in the formula, not columns or parameters"},
      {"series(k, k, 2, 1)",
       "formula: a series has from 1 to 1000 terms: write series(f, k, m, n) with m <= n"},
      {"series(k, k, 1, 1001)",
       "formula: a series has from 1 to 1000 terms: write series(f, k, m, n) with m <= n"}};
  for (size_t i = 0; i < ND_COUNT(wrong); i++) {
    nd_graph *graph;
    nd_node root;
    nadir_error error = {0};
    assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
    assert_int_equal(nd_parse(graph, wrong[i][0], &root, &error), NADIR_BAD_FORMULA);
    assert_string_equal(error.message, wrong[i][1]);
    nd_graph_free(graph);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(scalars),
      cmocka_unit_test(programs),
      cmocka_unit_test(enclosures),
      cmocka_unit_test(enclosures_of_pieces),
      cmocka_unit_test(no_value_without_convergence),
      cmocka_unit_test(names_that_are_bound),
      cmocka_unit_test(refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
