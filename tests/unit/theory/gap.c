/* The gap of formulas, in exact rationals: of random convex functions with decimal coefficients at
 * random doubles, no bound is below the truth by anything, and a quadratic's is at most (1 + 2^-50)
 * |g|^2/2m. ND_PROBLEMS in the environment asks for more of them. At kinks of several parameters there is
 * a bound too. And ranges of doubles hold their doubles. */
#include "theory/enclose_internal.h"
#include "theory/rules_internal.h"

#include "support.h"

enum { SIDE = 4 };

/* f = sum of c_k (a_k . x - d_k)^2 + e (x_1 - d)^4, coefficients being decimals. */
typedef struct problem {
  size_t size;
  bool quartic;
  nd_text formula;
  fmpq_mat_t hessian, slope, step, value; /* slope: at w */
  fmpq_t quarter, shift;                  /* of the quartic, whose own least value is at shift */
  double w[SIDE];
} problem;

static double uniform(nd_random *random, double low, double high) {
  return low + (high - low) * nd_random_uniform(random);
}

static void decimal(nd_random *random, int digits, int low, int high, char text[40], fmpq_t value) {
  double whole = floor(uniform(random, 1, pow(10, digits)));
  int exponent = (int)floor(uniform(random, low, high + 1));
  snprintf(text, 40, "%.0fe%d", whole, exponent);
  assert_true(nd_read_decimal(text, value));
}

/* Adds c (a.x - d)^2, and its gradient at w. */
static void add_square(problem *p, nd_random *random, int scale) {
  size_t n = p->size;
  char text[40];
  fmpq_t c, d, a[SIDE], inner, part, w;
  fmpq_init(c), fmpq_init(d), fmpq_init(inner), fmpq_init(part), fmpq_init(w);
  decimal(random, 4, scale, scale + 2, text, c);
  nd_text_print(&p->formula, "%s%s*(", p->formula.length ? " + " : "", text);
  for (size_t i = 0; i < n; i++) {
    fmpq_init(a[i]);
    decimal(random, 2, -2, 0, text, a[i]);
    nd_text_print(&p->formula, "%s%s*%c", i ? " + " : "", text, name_letters[i]);
    nd_rational_of_double(p->w[i], w);
    fmpq_addmul(inner, a[i], w);
  }
  decimal(random, 5, -5, -3, text, d);
  nd_text_print(&p->formula, " - %s)^2", text);
  fmpq_sub(inner, inner, d);
  fmpq_mul_2exp(c, c, 1);
  for (size_t i = 0; i < n; i++) {
    fmpq_mul(part, c, a[i]);
    fmpq_addmul(fmpq_mat_entry(p->slope, (slong)i, 0), part, inner);
    for (size_t j = 0; j < n; j++)
      fmpq_addmul(fmpq_mat_entry(p->hessian, (slong)i, (slong)j), part, a[j]);
  }
  for (size_t i = 0; i < n; i++)
    fmpq_clear(a[i]);
  fmpq_clear(c), fmpq_clear(d), fmpq_clear(inner), fmpq_clear(part), fmpq_clear(w);
}

static void make_problem(problem *p, nd_random *random) {
  memset(p, 0, sizeof *p);
  p->size = 1 + (size_t)(nd_random_uniform(random) * SIDE);
  p->size = p->size > 3 ? 3 : p->size;
  slong n = (slong)p->size;
  fmpq_mat_init(p->hessian, n, n);
  fmpq_mat_init(p->slope, n, 1);
  fmpq_mat_init(p->step, n, 1);
  fmpq_mat_init(p->value, 1, 1);
  for (size_t i = 0; i < p->size; i++)
    p->w[i] = uniform(random, -1, 1) * pow(10, floor(uniform(random, -8, 4)));
  int scale = (int)floor(uniform(random, -20, 21));
  for (size_t k = 0; k < p->size + 1; k++)
    add_square(p, random, scale);
}

static void clear_problem(problem *p) {
  nd_text_free(&p->formula);
  fmpq_mat_clear(p->hessian);
  fmpq_mat_clear(p->slope);
  fmpq_mat_clear(p->step);
  fmpq_mat_clear(p->value);
}

/* g' H^-1 g / 2, all that f can fall. */
static void true_gap(problem *p, fmpq_t gap) {
  slong n = (slong)p->size;
  assert_true(fmpq_mat_solve(p->step, p->hessian, p->slope));
  fmpq_zero(gap);
  for (slong i = 0; i < n; i++)
    fmpq_addmul(gap, fmpq_mat_entry(p->step, i, 0), fmpq_mat_entry(p->slope, i, 0));
  fmpq_div_2exp(gap, gap, 1);
}

/* bound <= (1 + 2^-50) |g|^2 / 2m: no eigenvalue's bound m lies between that and the least one. */
static bool is_tight(problem *p, const fmpq_t bound) {
  bool definite;
  fmpq_t m, unit;
  slong n = (slong)p->size;
  fmpq_init(m);
  fmpq_init(unit);
  for (slong i = 0; i < n; i++)
    fmpq_addmul(m, fmpq_mat_entry(p->slope, i, 0), fmpq_mat_entry(p->slope, i, 0));
  nd_rational_of_double(1 + 0x1p-50, unit);
  fmpq_mul(m, m, unit);
  fmpq_div(m, m, bound);
  fmpq_div_2exp(m, m, 1);
  for (slong i = 0; i < n; i++)
    fmpq_sub(fmpq_mat_entry(p->hessian, i, i), fmpq_mat_entry(p->hessian, i, i), m);
  nd_is_semidefinite(p->hessian, &definite);
  fmpq_clear(m);
  fmpq_clear(unit);
  return !definite;
}

static void gap_of(problem *p, nd_gap *gap) {
  static const char *const names[] = {"x", "x;y", "x;y;z"};
  nadir_error failed = {0};
  asked a;
  ask_question(&a, nd_text_data(&p->formula), names[p->size - 1], "", 10);
  assert_int_equal(nd_convexity(&a.question, &a.verdict, &failed), NADIR_OK);
  assert_int_equal(a.verdict.convex, NADIR_PROVED);
  assert_int_equal(nd_gap_at(&a.question, &a.verdict, p->w, NULL, NULL, gap, &failed), NADIR_OK);
  done(&a);
}

static void no_bound_is_below_the_truth(void **state) {
  (void)state;
  const char *asked_for = getenv("ND_PROBLEMS");
  size_t problems = asked_for ? (size_t)atoi(asked_for) : 150;
  nd_random random = nd_random_stream(7, ND_FOR_START, 0, 0);
  fmpq_t truth, bound;
  fmpq_init(truth);
  fmpq_init(bound);
  for (size_t k = 0; k < problems; k++) {
    problem p;
    nd_gap gap;
    make_problem(&p, &random);
    gap_of(&p, &gap);
    bool definite;
    nd_is_semidefinite(p.hessian, &definite);
    if (definite) {
      assert_int_equal(gap.none, NADIR_GAP_FOUND);
      assert_true(gap.exists);
      nd_rational_of_double(gap.bound, bound);
      true_gap(&p, truth);
      if (fmpq_cmp(bound, truth) < 0) fail_msg("%s: too small", nd_text_data(&p.formula));
      if (!is_tight(&p, bound)) fail_msg("%s: too large", nd_text_data(&p.formula));
    }
    clear_problem(&p);
  }
  fmpq_clear(truth);
  fmpq_clear(bound);
}

/* a (x - d)^2 + b (x - d)^4, whose least value is 0, at doubles near d. */
static void nor_of_a_quartic(void **state) {
  (void)state;
  nd_random random = nd_random_stream(8, ND_FOR_START, 0, 0);
  fmpq_t a, b, d, w, value, bound;
  fmpq_init(a), fmpq_init(b), fmpq_init(d), fmpq_init(w), fmpq_init(value), fmpq_init(bound);
  for (int k = 0; k < 60; k++) {
    char at[40], bt[40], dt[40];
    nd_gap gap;
    problem p = {.size = 1};
    decimal(&random, 3, -10, 10, at, a);
    decimal(&random, 3, -10, 10, bt, b);
    decimal(&random, 5, -8, 4, dt, d);
    nd_text_print(&p.formula, "%s*(x - %s)^2 + %s*(x - %s)^4", at, dt, bt, dt);
    p.w[0] = strtod(dt, NULL) * (1 + uniform(&random, -4, 4) * (k % 2 ? 0x1p-52 : 1e-3));
    gap_of(&p, &gap);
    nd_rational_of_double(p.w[0], w);
    fmpq_sub(w, w, d);
    fmpq_mul(w, w, w);
    fmpq_mul(value, b, w);
    fmpq_add(value, value, a);
    fmpq_mul(value, value, w);
    if (gap.none == NADIR_GAP_FOUND) {
      nd_rational_of_double(gap.bound, bound);
      if (fmpq_cmp(bound, value) < 0) fail_msg("%s: too small", nd_text_data(&p.formula));
    }
    nd_text_free(&p.formula);
  }
  fmpq_clear(a), fmpq_clear(b), fmpq_clear(d), fmpq_clear(w), fmpq_clear(value), fmpq_clear(bound);
}

/* The sum of c_i |x_i - d_i|, with squares among them, whose least value is 0, at doubles near d. */
static void add_kink(problem *p, nd_random *random, size_t i, bool square, fmpq_t value) {
  char ct[40], dt[40];
  fmpq_t c, d, w;
  fmpq_init(c), fmpq_init(d), fmpq_init(w);
  decimal(random, 3, -4, 4, ct, c);
  decimal(random, 5, -8, 4, dt, d);
  p->w[i] = strtod(dt, NULL) * (1 + uniform(random, -1, 1) * 0x1p-40);
  nd_rational_of_double(p->w[i], w);
  fmpq_sub(w, w, d);
  if (square)
    fmpq_mul(w, w, w);
  else
    fmpq_abs(w, w);
  fmpq_addmul(value, c, w);
  nd_text_print(&p->formula, square ? "%s%s*(%c - %s)^2" : "%s%s*abs(%c - %s)", i ? " + " : "", ct,
                name_letters[i], dt);
  fmpq_clear(c), fmpq_clear(d), fmpq_clear(w);
}

static void nor_at_kinks(void **state) {
  (void)state;
  static const char *const names[] = {"x", "x;y", "x;y;z"};
  nd_random random = nd_random_stream(9, ND_FOR_START, 0, 0);
  nadir_error failed = {0};
  fmpq_t value, bound;
  fmpq_init(value), fmpq_init(bound);
  for (size_t k = 0; k < 60; k++) {
    nd_gap gap;
    asked a;
    problem p = {.size = 1 + k % 3};
    fmpq_zero(value);
    for (size_t i = 0; i < p.size; i++)
      add_kink(&p, &random, i, i == 2, value);
    ask_question(&a, nd_text_data(&p.formula), names[p.size - 1], "", 10);
    assert_int_equal(nd_convexity(&a.question, &a.verdict, &failed), NADIR_OK);
    assert_int_equal(nd_gap_at(&a.question, &a.verdict, p.w, p.w, NULL, &gap, &failed), NADIR_OK);
    if (gap.none != NADIR_GAP_FOUND || !gap.exists)
      fail_msg("%s: no bound", nd_text_data(&p.formula));
    nd_rational_of_double(gap.bound, bound);
    if (fmpq_cmp(bound, value) < 0) fail_msg("%s: too small", nd_text_data(&p.formula));
    done(&a);
    nd_text_free(&p.formula);
  }
  fmpq_clear(value), fmpq_clear(bound);
}

/* 0 is among the slopes at the edge of what a kink has, or there is no minimum at all. */
static void there_is_none_without_a_minimum(void **state) {
  (void)state;
  static const char *const formulas[] = {"abs(x) + y", "max(x, y)", "abs(x) + exp(y)",
                                         "abs(x - y)"};
  for (size_t i = 0; i < ND_COUNT(formulas); i++) {
    nd_gap gap;
    asked a;
    nadir_error failed = {0};
    ask_question(&a, formulas[i], "x;y", "", 10);
    assert_int_equal(nd_convexity(&a.question, &a.verdict, &failed), NADIR_OK);
    assert_int_equal(
        nd_gap_at(&a.question, &a.verdict, (double[]){0, 0}, (double[]){1, 1}, NULL, &gap, &failed),
        NADIR_OK);
    assert_int_not_equal(gap.none, NADIR_GAP_FOUND);
    assert_false(gap.exists);
    done(&a);
  }
}

/* A parameter that never moved from 0 is measured by what the others would gain, though its domain ends near; where
 * none moved, and beyond five, nothing is known. */
static void parameters_that_never_moved(void **state) {
  (void)state;
  static const struct {
    const char *formula;
    double x, y, reach;
    double truth; /* NaN: no bound */
  } list[] = {
      {"abs(x) + 3*abs(y)", 1e-9, 0, 1, 1e-9},
      {"abs(x - 1) + abs(y) + (x - 1)^2", 1, 0, 1, 0},
      {"abs(x) - log(1 - y) - y + abs(y)", 1e-12, 0, 1, 1e-12},
      {"abs(x) + 1e6*abs(y)", 1e-9, 0, 1e-3, 1e-9},
      {"abs(x) + 1e-6*abs(y)", 1e-9, 0, 1e-3, 1e-9},
      {"abs(x) + abs(y)", 0, 0, 0, (double)NAN},
      {"abs(x) + abs(y)", (double)INFINITY, 0, 1, (double)NAN},
  };
  for (size_t i = 0; i < ND_COUNT(list); i++) {
    nd_gap gap;
    asked a;
    nadir_error failed = {0};
    ask_question(&a, list[i].formula, "x;y", "", 10);
    assert_int_equal(nd_convexity(&a.question, &a.verdict, &failed), NADIR_OK);
    assert_int_equal(nd_gap_at(&a.question, &a.verdict, (double[]){list[i].x, list[i].y},
                               (double[]){list[i].reach, 0}, NULL, &gap, &failed),
                     NADIR_OK);
    bool found = gap.none == NADIR_GAP_FOUND;
    if (found != !isnan(list[i].truth) ||
        (found && !(gap.bound >= list[i].truth && gap.bound <= 2 * list[i].truth + 1e-5)))
      fail_msg("%s: %d, %g for %g", list[i].formula, (int)gap.none, gap.bound, list[i].truth);
    done(&a);
  }
}

static void gap_at(const char *formula, double x, nd_gap *gap, bool *empty) {
  nadir_error failed = {0};
  asked a;
  ask_question(&a, formula, "x", "", 2);
  assert_int_equal(nd_convexity(&a.question, &a.verdict, &failed), NADIR_OK);
  *empty = a.verdict.domain.empty;
  assert_int_equal(nd_gap_at(&a.question, &a.verdict, &x, NULL, NULL, gap, &failed), NADIR_OK);
  done(&a);
}

static void a_minimum_exists_where_it_is_proved(void **state) {
  (void)state;
  static const struct {
    const char *formula;
    double x;
    nadir_no_gap none;
    bool exists;
  } cases[] = {{"exp(x)", -700, NADIR_NO_GAP_FLAT_AROUND, false},
               {"exp(-2000*x)", 0.35, NADIR_NO_GAP_FLAT_AROUND, false},
               {"exp(x) - x", 1e-4, NADIR_GAP_FOUND, true},
               {"x^2 + x*log(x)", 0.2, NADIR_GAP_FOUND, false}, /* one, but on half a line */
               {"1e300*x^2", 1e200, NADIR_NO_GAP_TOO_LARGE, true},
               {"x^4", 0, NADIR_GAP_FOUND, true},
               {"x^2 + abs(x)", 0, NADIR_NO_GAP_NO_GRADIENT, false},
               {"1e34*(x-0.1)^2", 0.1, NADIR_GAP_FOUND, true}};
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    nd_gap gap;
    bool empty;
    gap_at(cases[i].formula, cases[i].x, &gap, &empty);
    if (gap.none != cases[i].none || gap.exists != cases[i].exists)
      fail_msg("%s: none %d, exists %d, bound %g", cases[i].formula, gap.none, gap.exists, gap.bound);
  }
}

static void a_formula_without_a_value_has_no_verdict(void **state) {
  (void)state;
  static const char *const formulas[] = {
      "x^2 + asin(2)",          "x^2 + log(-1)",         "x^2 + 1/0",     "x^2 + lgamma(-1)",
      "x^2 + polygamma(2.5,3)", "x^2 + polygamma(-1,3)", "log(-exp(x))",  "log(x) + log(-x)",
      "x + atan2(0,0)",         "x^2 + mod(1,0)",        "sqrt(-1 - x^2)"};
  for (size_t i = 0; i < ND_COUNT(formulas); i++) {
    asked a;
    nadir_error failed = {0};
    ask_question(&a, formulas[i], "x", "", 2);
    assert_int_equal(nd_convexity(&a.question, &a.verdict, &failed), NADIR_OK);
    const nd_verdict *v = &a.verdict;
    if (!v->domain.empty || v->convex != NADIR_NOT_KNOWN || v->concave != NADIR_NOT_KNOWN ||
        v->strict || v->modulus > 0)
      fail_msg("%s has a verdict", formulas[i]);
    done(&a);
  }
}

static void ranges_hold_their_doubles(void **state) {
  (void)state;
  static const double sides[] = {0.1, -0.1,   0.3, 1e-300, 5e-324, 1.7976931348623157e308,
                                 2,   -7.3e10};
  nadir_error failed = {0};
  nd_graph *graph;
  fmpq_t text, end;
  fmpq_init(text);
  fmpq_init(end);
  assert_int_equal(nd_graph_new(&graph, &failed), NADIR_OK);
  for (size_t i = 0; i < ND_COUNT(sides); i++) {
    nd_range range;
    assert_int_equal(nd_range_of_doubles(graph, sides[i], sides[i], &range, &failed), NADIR_OK);
    nd_rational_of_double(sides[i], end);
    assert_true(nd_read_decimal(range.low, text));
    assert_true(fmpq_cmp(text, end) <= 0);
    assert_true(nd_read_decimal(range.high, text));
    assert_true(fmpq_cmp(text, end) >= 0);
  }
  fmpq_clear(text);
  fmpq_clear(end);
  nd_graph_free(graph);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(no_bound_is_below_the_truth),
                                     cmocka_unit_test(nor_of_a_quartic),
                                     cmocka_unit_test(nor_at_kinks),
                                     cmocka_unit_test(there_is_none_without_a_minimum),
                                     cmocka_unit_test(parameters_that_never_moved),
                                     cmocka_unit_test(a_minimum_exists_where_it_is_proved),
                                     cmocka_unit_test(a_formula_without_a_value_has_no_verdict),
                                     cmocka_unit_test(ranges_hold_their_doubles)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
