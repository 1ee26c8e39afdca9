/* Proofs by the Hessian, refutations and bounds on curvature: known cases, closed forms, and random
 * formulas, where no proof may be contradicted by a sampled chord and every witness must hold when
 * it is evaluated again, in long double and by other code. */
#include "base/dense.h"
#include "support.h"
#include "theory/hessian_internal.h"

enum { FORMULAS = 1500, SAMPLED = 200 };

static void ask(asked *a, const char *formula, const char *box, size_t parameters) {
  nadir_error error = {0};
  nd_fact *sides = NULL;
  ask_question(a, formula, parameter_lists[parameters - 1], "", FAR_TOO_LONG);
  a->verdict.size = parameters;
  if (box == NULL) return;
  assert_int_equal(nd_box_read(a->graph, box, &sides, &a->question.fact_count, &error), NADIR_OK);
  assert_true(a->question.fact_count <= MOST);
  memcpy(a->facts, sides, a->question.fact_count * sizeof *sides);
  nd_free(sides);
}

static void answer(asked *a, const char *formula) {
  nadir_error error = {0};
  nd_budget budget = nd_budget_of(&a->question);
  nd_domain domain;
  assert_int_equal(nd_domain_find(&a->question, &budget, &domain, &error), NADIR_OK);
  if (domain.convex && nd_prove_by_hessian(&a->question, &budget, &a->verdict, &error) != NADIR_OK)
    fail_msg("%s: %s", formula, error.message);
  nd_domain_clear(&domain);
  if (nd_refute(&a->question, &budget, &a->verdict, &error) != NADIR_OK)
    fail_msg("%s: %s", formula, error.message);
}

/* ---- known cases ---- */

static void known_cases(void **state) {
  static const struct {
    const char *formula, *box;
    nadir_answer convex, concave;
    double modulus; /* 0: not looked at */
  } cases[] = {
      {"x*x^2", NULL, NADIR_REFUTED, NADIR_REFUTED, 0},
      {"sqrt(1 + x^2)", NULL, NADIR_PROVED, NADIR_REFUTED, 0},
      {"log(1 + exp(x))", NULL, NADIR_PROVED, NADIR_REFUTED, 0},
      {"x^4 - x^2 + x^2", NULL, NADIR_PROVED, NADIR_REFUTED, 0},
      {"x^4 - 4*x^3 + 6*x^2", NULL, NADIR_PROVED, NADIR_REFUTED, 0},
      {"x^4 - 4*x^3 + 5.99*x^2", NULL, NADIR_REFUTED, NADIR_REFUTED, 0},
      {"sin(x) + x^2", NULL, NADIR_PROVED, NADIR_REFUTED, 1},
      {"cos(x) + x^2/2", NULL, NADIR_PROVED, NADIR_REFUTED, 0},
      {"1/(1 + x^2)", "x=0.58:10", NADIR_PROVED, NADIR_REFUTED, 0},
      {"1/(1 + x^2)", "x=0.57:10", NADIR_REFUTED, NADIR_REFUTED, 0},
      {"exp(x)/x", "x=0.001:1000", NADIR_PROVED, NADIR_REFUTED, 0},
      {"x^2/(1 + x^2)", NULL, NADIR_REFUTED, NADIR_REFUTED, 0},
      {"2*x - 3", NULL, NADIR_PROVED, NADIR_PROVED, 0},
      {"tanh(x)", "x=0:50", NADIR_REFUTED, NADIR_PROVED, 0},
      {"x^2 + 3*x*y + 3*y^2", NULL, NADIR_PROVED, NADIR_REFUTED, 4 - 3.6055512754639893},
      {"x^2*y^2 + x^2 + y^2", NULL, NADIR_REFUTED, NADIR_REFUTED, 0},
      {"x^4 + 6*x^2*y^2 + y^4", NULL, NADIR_PROVED, NADIR_REFUTED, 0},
      {"x^2/y", "x=-3:3,y=0.5:4", NADIR_PROVED, NADIR_REFUTED, 0},
      {"log(exp(x) + exp(y))", NULL, NADIR_PROVED, NADIR_REFUTED, 0},
      {"exp(x)*exp(y)", NULL, NADIR_PROVED, NADIR_REFUTED, 0},
      {"x^x", "x=0.001:40", NADIR_PROVED, NADIR_REFUTED, 0},
      {"-abs(x)", NULL, NADIR_REFUTED, NADIR_NOT_KNOWN, 0}, /* a kink is not for the Hessian */
      {"if(x < 0, x^2, x^2 - 1)", NULL, NADIR_REFUTED, NADIR_REFUTED, 0},
      {"trigamma(x^3)", NULL, NADIR_REFUTED, NADIR_REFUTED, 0}, /* across its poles */
  };
  (void)state;
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    asked a;
    ask(&a, cases[i].formula, cases[i].box, strchr(cases[i].formula, 'y') == NULL ? 1 : 2);
    answer(&a, cases[i].formula);
    if (a.verdict.convex != cases[i].convex || a.verdict.concave != cases[i].concave)
      fail_msg("%s on %s: convex %d, concave %d", cases[i].formula,
               cases[i].box == NULL ? "everything" : cases[i].box, a.verdict.convex,
               a.verdict.concave);
    if (cases[i].modulus > 0 && !(a.verdict.modulus <= cases[i].modulus * (1 + 1e-15) &&
                                  a.verdict.modulus > 0.999 * cases[i].modulus))
      fail_msg("%s: modulus %.17g", cases[i].formula, a.verdict.modulus);
    done(&a);
  }
}

static void an_answer_comes(void **state) {
  static const char *const formulas[] = {"x*x^2",         "sqrt(1 + x^2)",    "log(1 + exp(x))",
                                         "exp(x)",        "x^2 + y^2",        "a*tanh(b*x + 1)*x",
                                         "trigamma(x^3)", "polygamma(3, x/3)"};
  (void)state;
  for (size_t i = 0; i < ND_COUNT(formulas); i++) {
    asked a;
    ask(&a, formulas[i], NULL, strchr(formulas[i], 'y') == NULL ? 1 : 2);
    double begun = nd_clock();
    answer(&a, formulas[i]);
    if (nd_clock() - begun > FAR_TOO_LONG)
      fail_msg("%s took %g s", formulas[i], nd_clock() - begun);
    done(&a);
  }
}

/* ---- random formulas ---- */

/* The rules are not asked, so that what they know is proved by the Hessian, or not at all. */
static void random_formulas_have_no_wrong_verdict(void **state) {
  size_t proved = 0, refuted = 0;
  (void)state;
  for (uint64_t i = 0; i < FORMULAS; i++) {
    nd_random random = nd_random_stream(21, ND_FOR_TEST, 0, i);
    nd_text formula = {0};
    asked a;
    random_question(&a, &random, &formula, 1 + (int)nd_random_below(&random, 3), 0.1, "");
    double begun = nd_clock();
    answer(&a, a.formula);
    if (nd_clock() - begun > FAR_TOO_LONG)
      fail_msg("%s took %g s of 0.1", a.formula, nd_clock() - begun);
    check_proofs(&a, &random, SAMPLED);
    if (a.verdict.not_convex != NULL) check_witness(&a, &random, a.verdict.not_convex, 1);
    if (a.verdict.not_concave != NULL) check_witness(&a, &random, a.verdict.not_concave, -1);
    proved += a.verdict.convex == NADIR_PROVED || a.verdict.concave == NADIR_PROVED;
    refuted += a.verdict.not_convex != NULL || a.verdict.not_concave != NULL;
    nd_text_free(&formula);
    done(&a);
  }
  if (proved < FORMULAS / 10 || refuted < FORMULAS / 3)
    fail_msg("too few answers: %zu proved, %zu refuted", proved, refuted);
}

/* ---- signs of polynomials ---- */

static void signs_are_exact(void **state) {
  fmpz_poly_t p;
  nd_enclosure range;
  nd_sign s;
  (void)state;
  fmpz_poly_init(p);
  nd_enclosure_init(&range);
  nd_enclosure_set_ends(&range, -INFINITY, INFINITY);
  fmpz_poly_set_coeff_si(p, 0, 1); /* (1 - x)^2 */
  fmpz_poly_set_coeff_si(p, 1, -2);
  fmpz_poly_set_coeff_si(p, 2, 1);
  s = nd_sign_of_polynomial(p, &range);
  assert_true(s.nonnegative && !s.nonpositive && !s.nonzero);
  nd_enclosure_set_ends(&range, 1, 4);
  s = nd_sign_of_polynomial(p, &range);
  assert_true(s.nonnegative && !s.nonzero);
  range.low_open = true;
  s = nd_sign_of_polynomial(p, &range);
  assert_true(s.nonnegative && s.nonzero);
  fmpz_poly_set_coeff_si(p, 0, 0); /* x^2 - 2 x */
  nd_enclosure_set_ends(&range, 2, INFINITY);
  s = nd_sign_of_polynomial(p, &range);
  assert_true(s.nonnegative && !s.nonpositive && !s.nonzero);
  nd_enclosure_set_ends(&range, 0, 2);
  s = nd_sign_of_polynomial(p, &range);
  assert_true(s.nonpositive && !s.nonnegative);
  nd_enclosure_set_ends(&range, -INFINITY, -0.5);
  s = nd_sign_of_polynomial(p, &range);
  assert_true(s.nonnegative && s.nonzero);
  nd_enclosure_set_ends(&range, -1, 1);
  s = nd_sign_of_polynomial(p, &range);
  assert_false(s.nonnegative || s.nonpositive);
  nd_enclosure_clear(&range);
  fmpz_poly_clear(p);
}

/* Sturm's chain of 120 coefficients of 2000 bits takes minutes, and cannot be interrupted. */
static void signs_that_cost_too_much_are_not_known(void **state) {
  enum { DEGREE = 120, BITS = 2000 };
  fmpz_poly_t p;
  fmpz_t coefficient;
  nd_enclosure range;
  (void)state;
  fmpz_poly_init(p);
  fmpz_init(coefficient);
  nd_enclosure_init(&range);
  nd_enclosure_set_ends(&range, -INFINITY, INFINITY);
  for (slong i = 0; i <= DEGREE; i++) {
    fmpz_one_2exp(coefficient, BITS);
    fmpz_sub_si(coefficient, coefficient, i * i * i % 101);
    fmpz_poly_set_coeff_fmpz(p, i, coefficient);
  }
  nd_sign s = nd_sign_of_polynomial(p, &range);
  assert_false(s.nonnegative || s.nonpositive || s.nonzero);
  fmpz_poly_zero(p); /* x^120 + 1: a long chain of small numbers is not one of those */
  fmpz_poly_set_coeff_si(p, DEGREE, 1);
  fmpz_poly_set_coeff_si(p, 0, 1);
  s = nd_sign_of_polynomial(p, &range);
  assert_true(s.nonnegative && s.nonzero);
  nd_enclosure_clear(&range);
  fmpz_clear(coefficient);
  fmpz_poly_clear(p);
}

/* ---- curvature ---- */

static void curvature(const char *formula, const char *box, nd_curvature_bounds *bounds) {
  asked a;
  nadir_error error = {0};
  ask(&a, formula, box, strchr(formula, 'y') == NULL ? 1 : 2);
  if (nd_curvature_on_box(&a.question, bounds, &error) != NADIR_OK)
    fail_msg("%s: %s", formula, error.message);
  done(&a);
}

static void assert_between(const double *bounds, double value, double tightness) {
  assert_true(bounds[0] <= value * (1 + 1e-13) + 1e-13 && bounds[1] >= value * (1 - 1e-13) - 1e-13);
  assert_true(bounds[1] - bounds[0] <= tightness);
}

static void curvature_on_boxes(void **state) {
  nd_curvature_bounds b;
  (void)state;
  curvature("x^2 + 10*y^2", "x=-5:5,y=-1:9", &b);
  assert_between(b.largest, 20, 1e-12);
  assert_between(b.smallest, 2, 1e-12);
  curvature("sin(x)", "x=0:10", &b);
  assert_between(b.largest, 1, 2e-3);
  assert_between(b.smallest, -1, 2e-3);
  curvature("x^4", "x=-2:1", &b);
  assert_between(b.largest, 48, 0.06);
  assert_between(b.smallest, 0, 0.06);
}

/* Rosenbrock on [-2, 2]^2: H = [[1200 x^2 - 400 y + 2, -400 x], [-400 x, 200]]. */
static void rosenbrock(void **state) {
  nd_curvature_bounds b;
  double least = INFINITY, largest = -INFINITY;
  (void)state;
  curvature("(1 - x)^2 + 100*(y - x^2)^2", "x=-2:2,y=-2:2", &b);
  for (int i = 0; i <= 200; i++) {
    for (int j = 0; j <= 200; j++) {
      double x = -2 + i * 0.02, y = -2 + j * 0.02, h[4], e[2];
      h[0] = 1200 * x * x - 400 * y + 2;
      h[1] = h[2] = -400 * x;
      h[3] = 200;
      assert_int_equal(nd_eigen(2, h, e, NULL, NULL, NULL), NADIR_OK);
      least = fmin(least, e[0]);
      largest = fmax(largest, e[1]);
    }
  }
  assert_true(b.largest[1] >= largest * (1 - 1e-12) && b.smallest[0] <= least + 1e-9);
  assert_true(b.largest[0] <= b.largest[1] && b.smallest[0] <= b.smallest[1]);
  /* the greatest is at a corner, so sampling found it: the bound is within its stated 1e-3 */
  assert_true(b.largest[1] <= largest * 1.002);
  assert_true(b.smallest[0] >= least - 0.002 * largest);
}

static void a_kink_has_no_curvature(void **state) {
  asked a;
  nd_curvature_bounds b;
  nadir_error error = {0};
  (void)state;
  ask(&a, "abs(x) + x^2", "x=-1:1", 1);
  assert_int_not_equal(nd_curvature_on_box(&a.question, &b, &error), NADIR_OK);
  assert_non_null(strstr(error.message, "kink"));
  done(&a);
  ask(&a, "x^2", NULL, 1);
  assert_int_not_equal(nd_curvature_on_box(&a.question, &b, &error), NADIR_OK);
  done(&a);
}

/* Below 2/M descent on a quadratic converges, above it diverges. */
static void the_limit_of_stability(void **state) {
  nd_curvature_bounds b;
  (void)state;
  curvature("x^2 + 10*y^2", "x=-5:5,y=-5:5", &b);
  for (int side = 0; side < 2; side++) {
    double rate = (side == 0 ? 0.99 : 1.01) * 2 / b.largest[1], x = 3, y = 1;
    for (int k = 0; k < 3000; k++) {
      x -= rate * 2 * x;
      y -= rate * 20 * y;
    }
    assert_true(side == 0 ? hypot(x, y) < 1e-12 : hypot(x, y) > 1e12);
  }
}

/* ---- eigenvalues ---- */

static void eigenvalue_bounds(void **state) {
  (void)state;
  for (uint64_t round = 0; round < 200; round++) {
    nd_random random = nd_random_stream(5, ND_FOR_TEST, 0, round);
    size_t n = 1 + nd_random_below(&random, 8);
    double a[64], wide[64], e[8], least, largest, spread = 0;
    for (size_t i = 0; i < n; i++) {
      for (size_t j = 0; j <= i; j++) {
        a[i * n + j] = a[j * n + i] = nd_random_normal(&random);
        wide[i * n + j] = wide[j * n + i] = 1e-3 * nd_random_uniform(&random);
      }
    }
    assert_int_equal(nd_eigen(n, a, e, NULL, NULL, NULL), NADIR_OK);
    assert_int_equal(nd_eigenvalue_bounds(n, a, NULL, &least, &largest, NULL), NADIR_OK);
    /* nd_eigen's own error is some ulps of the norm */
    assert_true(least <= e[0] + 1e-13 && least >= e[0] - 1e-12);
    assert_true(largest >= e[n - 1] - 1e-13 && largest <= e[n - 1] + 1e-12);
    for (size_t i = 0; i < n * n; i++) {
      spread = fmax(spread, wide[i]);
      a[i] += (i / n + i % n) % 2 == 0 ? wide[i] : -wide[i]; /* any matrix within the errors */
    }
    double middle_least, middle_largest;
    assert_int_equal(nd_eigenvalue_bounds(n, a, wide, &middle_least, &middle_largest, NULL),
                     NADIR_OK);
    assert_true(middle_least <= e[0] + 1e-13 && middle_largest >= e[n - 1] - 1e-13);
    assert_true(middle_least >= e[0] - 2 * (double)n * spread - 1e-12);
  }
  double singular[4] = {1, 1, 1, 1}, least, largest, not_finite[1] = {(double)NAN};
  assert_int_equal(nd_eigenvalue_bounds(2, singular, NULL, &least, &largest, NULL), NADIR_OK);
  assert_true(least <= 0 && least > -1e-12 && largest >= 2 && largest < 2 + 1e-12);
  assert_int_equal(nd_eigenvalue_bounds(1, not_finite, NULL, &least, &largest, NULL), NADIR_OK);
  assert_true(least == -INFINITY && largest == INFINITY);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(signs_are_exact),
      cmocka_unit_test(signs_that_cost_too_much_are_not_known),
      cmocka_unit_test(eigenvalue_bounds),
      cmocka_unit_test(known_cases),
      cmocka_unit_test(an_answer_comes),
      cmocka_unit_test(curvature_on_boxes),
      cmocka_unit_test(rosenbrock),
      cmocka_unit_test(a_kink_has_no_curvature),
      cmocka_unit_test(the_limit_of_stability),
      cmocka_unit_test(random_formulas_have_no_wrong_verdict),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
