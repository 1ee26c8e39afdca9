/* Nodes as quotients of polynomials: each is evaluated, with its generators, in long double by other code, and
 * agrees with the node; what is too large is refused, at each of the limits. */
#include "support.h"
#include "theory/hessian_internal.h"

typedef struct taken {
  asked a;
  nd_algebra *algebra;
  nd_quotient quotient;
  nd_until until;
  bool known;
} taken;

static void take(taken *t, const char *formula) {
  nadir_error error = {0};
  ask_question(&t->a, formula, "", "", FAR_TOO_LONG);
  t->until = (nd_until){.deadline = nd_clock() + FAR_TOO_LONG};
  assert_int_equal(nd_algebra_new(&t->algebra, t->a.graph, &t->until, &error), NADIR_OK);
  nd_quotient_init(&t->quotient, t->algebra);
  if (nd_algebra_of(t->algebra, t->a.question.root, &t->quotient, &t->known, &error) != NADIR_OK)
    fail_msg("%s: %s", formula, error.message);
}

static void drop(taken *t) {
  nd_quotient_clear(&t->quotient, t->algebra);
  nd_algebra_free(t->algebra);
  done(&t->a);
}

/* ---- values ---- */

static long double value_of(const taken *t, const fmpz_mpoly_t p, const spot *s) {
  const fmpz_mpoly_ctx_struct *context = nd_algebra_context(t->algebra);
  long double total = 0;
  for (slong i = 0; i < fmpz_mpoly_length(p, context); i++) {
    ulong exponents[ND_GENERATORS];
    fmpz_t coefficient;
    fmpz_init(coefficient);
    fmpz_mpoly_get_term_coeff_fmpz(coefficient, p, i, context);
    fmpz_mpoly_get_term_exp_ui(exponents, p, i, context);
    long double term = fmpz_get_d(coefficient);
    for (size_t g = 0; g < nd_algebra_generators(t->algebra); g++)
      for (ulong e = 0; e < exponents[g]; e++)
        term *= evaluate(t->a.graph, nd_algebra_generator(t->algebra, g), s);
    total += term;
    fmpz_clear(coefficient);
  }
  return total;
}

static void check_value(const taken *t, const char *when) {
  nd_random random = nd_random_stream(5, ND_FOR_TEST, 0, 1);
  for (int k = 0; k < 5; k++) {
    spot s = {.random = &random};
    for (size_t i = 0; i < NAMES; i++)
      s.at[i] = 0.2L + nd_random_uniform(&random);
    long double wanted = evaluate(t->a.graph, t->a.question.root, &s);
    long double got = value_of(t, t->quotient.over, &s) / value_of(t, t->quotient.under, &s);
    if (!(fabsl(got - wanted) <= 1e-12L * (1 + fabsl(wanted))))
      fail_msg("%s%s: %.18Lg, not %.18Lg", t->a.formula, when, got, wanted);
  }
}

static void quotients_are_their_nodes(void **state) {
  (void)state;
  static const char *const list[] = {
      "3*x^2 - y/4 + 1",
      "(x + y)^3/(x^2 - y^2)",
      "x^(-2)*y",
      "exp(2*x - y)",
      "exp(0*x + y)",
      "exp(x*0)",
      "exp(0)",
      "exp(x/3)*exp(x/2)",
      "exp(2*3)",
      "exp(log(x + y))*exp(2*log1p(x))*exp(-log(y))",
      "exp(log(x)/2)",
      "exp(softplus(x) + logsumexp(x, y) - logsumexp(2*x, 2*y))",
      "exp(-(x - (y - z)))",
      "expm1(x)*sigmoid(x)*tanh(y)*cosh(x)*sinh(x)",
      "sqrt(x + 1)^3*cbrt(x)^2*x^(1/3)*x^(3/4)",
      "x^(2/3) + cbrt(x)",
      "cbrt(x) + x^(1/3)",
      "norm2([x, y, 1])^2",
      "norm2([x, y, z, k, s, x, y, z])",
      "x^(y + 2)*x^(1 + y)*x^(y - 3)",
      "x^(y + z + 1)",
      "x^(2 - y)",
      "x^(y + 0.5) + x^(y + 100)",
      "x^y/x^(y - 1)",
      "sin(x)^2 + cos(x)^2*2",
      "log(x)/(1 + log(x))",
      "x^0",
      "-x/(-y)",
      "0*x/(1 + y)",
  };
  for (size_t i = 0; i < ND_COUNT(list); i++) {
    taken t;
    take(&t, list[i]);
    if (!t.known) fail_msg("%s: refused", list[i]);
    check_value(&t, "");
    if (!nd_algebra_reduce(t.algebra, &t.quotient)) fail_msg("%s: not reduced", list[i]);
    check_value(&t, ", reduced");
    drop(&t);
  }
}

/* ---- relations ---- */

static void relations_are_used(void **state) {
  (void)state;
  static const struct {
    const char *formula;
    slong value;
  } list[] = {
      {"sin(x)^2 + cos(x)^2", 1},
      {"sqrt(x)^2 - x + 7", 7},
      {"cbrt(x)^4/(x*cbrt(x))", 1},
      {"(x^2 - y^2)/(x - y) - x - y", 0},
      {"1/sqrt(x) - sqrt(x)/x", 0},
      {"norm2([x, y])^2 - x^2 - y^2", 0},
      {"sigmoid(x) + sigmoid(-x)", 1},
      {"cosh(x)^2 - sinh(x)^2", 1},
      {"exp(log(x)) - x", 0},
      {"exp(softplus(x)) - exp(x)", 1},
      {"cos(x)^4/(1 - sin(x)^2) + sin(x)^2", 1},
  };
  for (size_t i = 0; i < ND_COUNT(list); i++) {
    taken t;
    take(&t, list[i].formula);
    const fmpz_mpoly_ctx_struct *context = nd_algebra_context(t.algebra);
    assert_true(t.known && nd_algebra_reduce(t.algebra, &t.quotient));
    fmpz_mpoly_scalar_mul_si(t.quotient.under, t.quotient.under, list[i].value, context);
    if (!fmpz_mpoly_equal(t.quotient.over, t.quotient.under, context))
      fail_msg("%s is not %ld", list[i].formula, (long)list[i].value);
    drop(&t);
  }
}

/* ---- limits ---- */

static void too_large(void **state) {
  (void)state;
  static const char *const list[] = {
      "(x + 1)^41",
      "(x + 1)^(-41)",
      "exp(41*x)",
      "exp(x*1.0000000000000000000001)",
      "exp(x*1e-25)",
      "exp(1e30*x)",
      "exp(x + 1e30*x)",
      "exp(logsumexp(41*x, y))",
      "exp(logsumexp(-40*x, -40*y, -40*z))",
      "exp(log1p(exp(41*x)))",
      "exp(41*log(x))",
      "exp(1e30*log(x))",
      "exp(41*x + y)",
      "expm1(41*x)",
      "x^(1/41)",
      "sqrt((x + 1)^41)",
      "cbrt((x + 1)^41)",
      "((x + 1)^41)^0.25",
      "norm2([(x + 1)^41, y])",
      "((x + 1)^41)^(y + 1)",
      "sigmoid(41*x)",
      "tanh(21*x)",
      "cosh(41*x)",
      "((x + 1)^41)*y",
      "y + (x + 1)^41",
      "-(x + 1)^41",
      "(x + 1)^40*(y + 1)^40*z",
      "1/(x - x)",
      "sin(x - x)^2/(sin(x)*0)",
      "(x + y + z + 1)^12*(x + y + z + k)^12",
      /* more generators than there is room for */
      "a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11 + a12 + a13",
      "exp(a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11 + a12 + a13)",
      "a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11 + a12*exp(x)",
      "a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11 + a12*sqrt(a1)",
      "norm2([a1, a2, a3, a4, a5, a6, a7, a8, a9])*a1*a2*a3*a4*a5*a6*a7*a8*a9*b1*b2*b3",
      "a1*a2*a3*a4*a5*a6*a7*a8*a9*b1*b2*b3*a1^(b1 + 1)",
  };
  for (size_t i = 0; i < ND_COUNT(list); i++) {
    taken t;
    take(&t, list[i]);
    if (t.known) fail_msg("%s: taken", list[i]);
    drop(&t);
  }
}

/* x^3000000, and a norm of nine, stand for themselves. */
static void opaque_nodes(void **state) {
  (void)state;
  static const char *const list[] = {"exp(x*y*z*k*s*x*y*z*k)",
                                     "x^3000000",
                                     "norm2([x, y, z, k, s, x, y, z, 1])",
                                     "x^(y*z)",
                                     "x^(y + z)",
                                     "abs(x)"};
  for (size_t i = 0; i < ND_COUNT(list); i++) {
    taken t;
    take(&t, list[i]);
    assert_true(t.known);
    assert_int_equal(nd_algebra_generators(t.algebra), 1);
    assert_int_equal(nd_algebra_generator(t.algebra, 0), t.a.question.root);
    drop(&t);
  }
}

static void nested(nd_text *text, const char *before, const char *after, int times) {
  for (int i = 0; i < times; i++)
    nd_text_append(text, before);
  nd_text_append(text, "x");
  for (int i = 0; i < times; i++)
    nd_text_append(text, after);
}

static void too_deep(void **state) {
  (void)state;
  static const struct {
    const char *before, *after;
  } list[] = {{"-(1 + ", ")"}, {"sqrt(1 + ", ")"}};
  for (size_t i = 0; i < ND_COUNT(list); i++) {
    nd_text text = {0};
    taken t;
    nested(&text, list[i].before, list[i].after, 70);
    take(&t, nd_text_data(&text));
    if (t.known) fail_msg("%s: taken", t.a.formula);
    drop(&t);
    nd_text_free(&text);
  }
  /* sums below one exponential */
  nd_text text = {0};
  taken t;
  nd_text_append(&text, "exp(");
  nested(&text, "-(y - ", ")", 40);
  nd_text_append(&text, ")");
  take(&t, nd_text_data(&text));
  assert_false(t.known);
  drop(&t);
  nd_text_free(&text);
}

/* Once the time is up everything is too large. */
static void out_of_time(void **state) {
  (void)state;
  taken t;
  nadir_error error;
  take(&t, "x*y");
  assert_true(t.known);
  t.until.deadline = nd_clock() - 1;
  assert_true(nd_algebra_is_over(t.algebra));
  assert_int_equal(nd_algebra_of(t.algebra, t.a.question.root, &t.quotient, &t.known, &error),
                   NADIR_OK);
  assert_false(t.known);
  drop(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(quotients_are_their_nodes),
      cmocka_unit_test(relations_are_used),
      cmocka_unit_test(too_large),
      cmocka_unit_test(opaque_nodes),
      cmocka_unit_test(too_deep),
      cmocka_unit_test(out_of_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
