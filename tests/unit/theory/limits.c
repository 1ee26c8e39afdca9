/* What the rules do with formulas beyond the sizes that they keep: exponents, coefficients, numbers of factors and of
 * terms, depth. The answer is right, or "not known"; it comes soon, and it is the typed rules' where those suffice.
 * {sep|a#|9} stands for a1 sep a2 ... a9. */
#include "support.h"
#include "theory/rules_internal.h"

static void expand(nd_text *out, const char *text) {
  for (; *text; text++) {
    if (*text != '{') {
      nd_text_print(out, "%c", *text);
      continue;
    }
    char between[8], what[40];
    int count, used;
    assert_int_equal(sscanf(text, "{%7[^|]|%39[^|]|%d}%n", between, what, &count, &used), 3);
    for (int i = 1; i <= count; i++) {
      if (i > 1) nd_text_append(out, between);
      for (const char *c = what; *c; c++)
        if (*c == '#')
          nd_text_print(out, "%d", i);
        else
          nd_text_print(out, "%c", *c);
    }
    text += used - 1;
  }
}

/* v: convex, c: concave, a: affine, n: nothing is proved */
static char verdict_of(const char *formula, size_t count, const char *facts) {
  nadir_error error = {0};
  nd_text text = {0};
  asked a;
  nd_node parameters[700];
  expand(&text, formula);
  ask_question(&a, nd_text_data(&text), "", facts, FAR_TOO_LONG);
  for (size_t i = 0; i < count; i++) {
    char name[32];
    snprintf(name, sizeof name, "a%zu", i + 1);
    assert_int_equal(nd_make_name(a.graph, name, &parameters[i], &error), NADIR_OK);
  }
  assert_int_equal(nd_make_name(a.graph, "x", &parameters[count], &error), NADIR_OK);
  assert_int_equal(nd_make_name(a.graph, "y", &parameters[count + 1], &error), NADIR_OK);
  a.question.parameters = parameters;
  a.question.parameter_count = count + 2;
  nd_budget budget = {.until = {.deadline = nd_clock() + FAR_TOO_LONG}};
  if (nd_prove_by_rules(&a.question, &budget, &a.verdict, &error) != NADIR_OK)
    fail_msg("%s: %s", formula, error.message);
  bool convex = a.verdict.convex == NADIR_PROVED, concave = a.verdict.concave == NADIR_PROVED;
  assert_int_equal(a.verdict.affine == NADIR_PROVED, convex && concave);
  nd_text_free(&text);
  done(&a);
  return convex && concave ? 'a' : convex ? 'v' : concave ? 'c' : 'n';
}

typedef struct limit {
  const char *formula, *facts;
  size_t count; /* of a1, a2 ... that are parameters, as x and y are */
  char verdict;
} limit;

static void check(const limit *list, size_t count) {
  bool good = true;
  for (size_t i = 0; i < count; i++) {
    char verdict = verdict_of(list[i].formula, list[i].count, list[i].facts);
    if (verdict == list[i].verdict) continue;
    print_error("%s: %c, not %c\n", list[i].formula, verdict, list[i].verdict);
    good = false;
  }
  assert_true(good);
}

static void exponents(void **state) {
  (void)state;
  static const limit list[] = {
      {"x^100000", "", 0, 'v'},
      {"x^200000", "", 0, 'n'},
      {"x^200000", "x >= 0", 0, 'v'},
      {"x^(-200000)", "x > 0", 0, 'v'},
      {"x^(1/200000)", "", 0, 'n'},
      {"x^1e30", "x >= 0", 0, 'v'},
      {"x^1e-30", "", 0, 'n'},
      {"x^60000*x^60000", "x >= 0", 0, 'v'},
      {"x^(-60000)*x^(-60000)", "x > 0", 0, 'v'},
      {"x^(1/60000)*x^(1/59999)", "", 0, 'n'},
      {"x^(1/60000)*x^(-1/59999)", "x > 0", 0, 'n'},
      {"(x^400)^400", "", 0, 'v'}, /* an even power is convex and never negative */
      {"(x^400)^0.5", "", 0, 'v'}, /* x^200 */
      {"(x^2)^0.5", "", 0, 'v'},   /* |x| */
      {"(3*x)^300", "", 0, 'v'},
      {"x^300*2^300", "", 0, 'v'},
      {"sqrt(2*sqrt(2))*x", "", 0, 'a'},
      {"sqrt(2*sqrt(2)*x)", "", 0, 'c'},
      {"x^0", "", 0, 'a'},
      {"0^2 + x", "", 0, 'a'},
      {"(x - x)^2 + x", "", 0, 'v'},
      {"x^k", "k in [0, 0.5];x >= 0", 0, 'c'},
      {"x^k", "k in [0.5, 2];x >= 0", 0, 'n'},
      {"x^k", "k in [-2, -1];x >= 0", 0, 'n'},
      {"x^k", "k in [-2, -1];x > 0", 0, 'v'},
      {"x^k", "k in [-2, 2];x > 0", 0, 'n'},
      {"k^x", "k in [0.5, 2]", 0, 'v'},
      {"k^(x^2)", "k in [0.5, 2]", 0, 'n'},
      {"k^(x^2)", "k >= 1", 0, 'v'},
      {"k^(x^2)", "k in [0, 1]", 0, 'n'},
      {"k^sqrt(x)", "0 < k <= 1", 0, 'v'},
      {"x^y", "x > 0", 0, 'n'},
  };
  check(list, ND_COUNT(list));
}

static void coefficients(void **state) {
  (void)state;
  static const limit list[] = {
      {"1e-308*(1e-308*(x*x))", "", 0, 'v'},
      {"1e308*(1e308*x)", "", 0, 'a'},
      {"(1e308*x)^2*1e308", "", 0, 'v'},
      {"exp(x/200000)", "", 0, 'v'},
      {"exp(1e30*x)", "", 0, 'v'},
      {"exp(x)*exp(x/200000)", "", 0, 'v'},
      {"1234567890123456789012345678901234567890.5*x*x", "", 0, 'v'},
      {"sqrt(1234567890123456789012345678901234567890.5*x*x)", "", 0, 'v'},
      {"exp(1234567890123456789012345678901234567890.5*x*x)", "", 0, 'v'},
      {"log(1234567890123456789012345678901234567890.5*x)", "", 0, 'c'},
      {"0.1*x*x - 0.3*x*x/3", "", 0, 'a'},
  };
  check(list, ND_COUNT(list));
  /* a tenth to 6001 digits is not read: its range is that of its double */
  nd_text text = {0};
  nd_text_append(&text, "x*x*0.1");
  for (int i = 0; i < 6100; i++)
    nd_text_append(&text, "0");
  nd_text_append(&text, "1");
  char verdict = verdict_of(nd_text_data(&text), 0, "");
  assert_true(verdict == 'v' || verdict == 'n');
  nd_text_free(&text);
}

static void many_factors(void **state) {
  (void)state;
  static const limit list[] = {
      {"({*|a#|24})^2", "", 24, 'n'},
      {"exp({*|a#|25})", "", 25, 'n'},
      {"exp({+|a#|25})", "", 25, 'v'},
      {"log({+|exp(a#)|24})", "", 24, 'v'},
      {"log({+|exp(a#)|25})", "", 25, 'v'},
      {"{*|exp(a#)|25}", "", 25, 'n'},
      {"{*|exp(a#)|24}", "", 24, 'v'},
      {"1/({*|a#|2})", "a1 > 0;a2 > 0", 2, 'v'},
      {"1/({*|a#|25})", "a1 > 0;a2 > 0", 25, 'n'},
      {"sqrt({*|k#|25}*x)", "k1 > 0", 0, 'c'},
      {"norm2([{+|a#|21}, x])^2", "", 21, 'v'},
      {"norm2([0, x])^2", "", 0, 'v'},
      {"norm2([x - x, y])^2", "", 0, 'v'},
      {"norm2([{+|a#|19}, {+|a#|10} - x, {+|a#|18} - y])^2 - 1", "", 19, 'v'},
      {"({+|a#|19})^2 + ({+|a#|18} - x)^2 + ({+|a#|17} - y)^2", "", 19, 'v'},
      {"{+|(a# - x)^2|62}", "", 62, 'v'},
      {"sqrt({+|a#^2|62} + 1)", "", 62, 'v'},
      {"{+|a#^2|62} - 2*a1*a2", "", 62, 'n'},
  };
  check(list, ND_COUNT(list));
}

static void many_terms(void **state) {
  (void)state;
  static const limit list[] = {
      {"{+|a#|401}", "", 401, 'a'},
      {"({+|a#|401})^2", "", 401, 'v'},
      {"exp({+|a#|401})", "", 401, 'v'},
      {"({+|a#|401})*2 - ({+|a#|401})", "", 401, 'a'},
      {"({+|a#|401} + x)/({+|a#|401})", "", 401, 'n'},
      {"{+|(x + y + k# + a#)^3*(x - y + k#)^3|120}", "", 120, 'n'},
  };
  check(list, ND_COUNT(list));
}

/* A long chain of differences or quotients is no deeper than a short one. */
static void deep_chains(void **state) {
  (void)state;
  static const limit list[] = {
      {"x - {-|a#|300}", "", 300, 'a'},
      {"x^2 - {-|k#|1600}", "", 0, 'v'},
      {"x*x - {-|k#|1600} + y^2", "", 0, 'v'},
      {"exp(x/{/|k#|200})", "", 0, 'v'},
      {"x/{/|k#|300}", "", 0, 'a'},
      {"(x/{/|2|300})^2 + y", "", 0, 'v'},
  };
  check(list, ND_COUNT(list));
}

static void quotients(void **state) {
  (void)state;
  static const limit list[] = {
      {"(x + 1)/(x + 2)", "x >= 0", 0, 'c'},
      {"(2*x + 2*y + 7)/(x + y + 1)", "x >= 0;y >= 0", 0, 'v'},
      {"(x + y)/(x - y)", "x > 0;y < 0", 0, 'n'},
      {"(x + 3)/(0*x + 2)", "", 0, 'a'},
      {"0/(x + 1)", "x >= 0", 0, 'a'},
      {"k/2", "", 0, 'a'},
      {"2/k*x", "k > 0", 0, 'a'},
      {"quad_over_lin(x, 2)", "", 0, 'v'},
      {"quad_over_lin(x, k)", "k > 0", 0, 'v'},
  };
  check(list, ND_COUNT(list));
}

static void logarithms(void **state) {
  (void)state;
  static const limit list[] = {
      {"log(sigmoid(x))", "", 0, 'c'},
      {"log(1 - sigmoid(x))", "", 0, 'c'},
      {"log(sigmoid(x) - 1)", "", 0, 'n'},
      {"log(2 - sigmoid(x))", "", 0, 'n'},
      {"log(1 - 2*sigmoid(x))", "", 0, 'n'},
      {"log(1 - sigmoid(x)^2)", "", 0, 'n'},
      {"log(2*exp(x) + 3*exp(-x))", "", 0, 'v'},
      {"log(exp(x) - exp(y))", "", 0, 'n'},
      {"log(1 + exp(x)*exp(y))", "", 0, 'v'},
      {"log(1 + k*exp(x))", "k > 0", 0, 'v'},
      {"log(1 + k*exp(x))", "", 0, 'n'},
      {"log(1 + x*exp(x))", "x >= 0", 0, 'n'},
      {"log(x*y)", "x > 0;y > 0", 0, 'c'},
      {"log(x*y)", "", 0, 'n'},
      {"log(x^2)", "", 0, 'n'},
      {"log(exp(x))", "", 0, 'a'},
      {"log(2*exp(x))", "", 0, 'a'},
      {"log(sigmoid(x)*exp(y))", "", 0, 'c'},
      {"log1p(exp(x))", "", 0, 'v'},
      {"log1p(-sigmoid(x))", "", 0, 'c'},
      {"expm1(x)*exp(y)", "", 0, 'n'},
      {"softplus(x) - x", "", 0, 'v'},
      {"softplus(-x) + x", "", 0, 'v'},
      {"softplus(0*x)", "", 0, 'v'},
      {"1/(1 + exp(x)) + sigmoid(x)", "", 0, 'n'},
      {"abs(x)*abs(x)", "", 0, 'v'},
      {"abs(x)", "x >= 0", 0, 'v'},
      {"abs(x)", "x <= 0", 0, 'v'},
      {"abs(x) + abs(-x)", "x <= 0", 0, 'v'},
      {"y - abs(x) - x^2", "x <= 0", 0, 'c'},
  };
  check(list, ND_COUNT(list));
}

/* u log u, u log(u/v), products and means. */
static void products(void **state) {
  (void)state;
  static const limit list[] = {
      {"x*log(x/y)", "x > 0;y > 0", 0, 'v'},
      {"x*log(y/x)", "x > 0;y > 0", 0, 'c'},
      {"x*log(x/y^2)", "x > 0;y > 0", 0, 'n'},
      {"x*log(x/exp(y))", "x > 0", 0, 'n'}, /* x log x - x y */
      {"x*log(x)", "", 0, 'v'},
      {"x*log(x) - x*log(y)", "", 0, 'v'},
      {"x*log(x) - x*log(y^2)", "", 0, 'n'},
      {"x^2*log(x) - x^2*log(y)", "", 0, 'n'},
      {"(x*y)*log(x) - (x*y)*log(y)", "", 0, 'n'},
      {"x^0.5*y^0.5", "", 0, 'c'},
      {"x^0.5*y^0.6", "", 0, 'n'},
      {"x^0.4*y^0.6*k", "k <= 0", 0, 'v'},
      {"x^2/y", "y > 0", 0, 'v'},
      {"x^2/y", "y < 0", 0, 'c'},
      {"x^2/sqrt(y)", "y > 0", 0, 'v'},
      {"x/y", "x > 0;y > 0", 0, 'n'},
      {"1/(x*y)", "x > 0;y > 0", 0, 'v'},
      {"1/(x*y)", "x < 0;y > 0", 0, 'c'},
      {"exp(x)/(y*a1)", "y > 0;a1 > 0", 1, 'v'},
      {"exp(-x)*y", "y > 0", 0, 'n'},
      {"exp(sqrt(x))/y", "y > 0", 0, 'n'},
      {"(x^2 + y^2)/a1", "a1 > 0", 1, 'v'},
      {"(x^2 + y^2)^2/a1", "a1 > 0", 1, 'v'},
      {"(x^2 - y^2)^2/a1", "a1 > 0", 1, 'n'},
      {"sqrt(x^2 + y^4 + 1)", "", 0, 'v'},
      {"sqrt(x^4 + y)", "y >= 0", 0, 'n'},
      {"(x^2 + exp(y))^0.5", "", 0, 'v'},
      {"(x^2 - 1)^0.5", "", 0, 'n'},
      {"(x^2 + y^2)^0.75", "", 0, 'v'},
      {"(x^2 + y^2)^0.25", "", 0, 'n'},
  };
  check(list, ND_COUNT(list));
}

/* if(c, a, b) with a constant c. */
static void branches(void **state) {
  (void)state;
  static const limit list[] = {
      {"if(k, x^2, exp(x))", "", 0, 'v'},
      {"if(k, x^2, -x^2)", "", 0, 'n'},
      {"if(k > 0, x^2, -x^2)", "k >= 1", 0, 'n'},
      {"if(1, x^2, -x^2)", "", 0, 'v'},
      {"if(0, x^2, -x^2)", "", 0, 'c'},
      {"if(1, 3, x)", "", 0, 'a'},
      {"if(0, x, 3)", "", 0, 'a'},
      {"if(k, 3, x)", "", 0, 'a'},
      {"if(k, x, 3)", "", 0, 'a'},
      {"x*if(k, 3, 5)", "", 0, 'a'},
      {"x^2*if(k, 3, 5)", "", 0, 'v'},
      {"x^2*if(1, 3, -5)", "", 0, 'v'},
      {"x^2*if(0, 3, -5)", "", 0, 'c'},
      {"x^2*if(k, 3, -5)", "", 0, 'n'},
      {"if(x > 0, x^2, 0)", "", 0, 'n'},
      {"x^2*(k > 1)", "", 0, 'v'},
      {"x^2*max(k, 1)", "", 0, 'v'},
      {"x^2*max(1, k)", "k >= 2", 0, 'v'},
      {"x^2*min(k, -1)", "", 0, 'c'},
      {"x^2*min(1, k)", "k > 0", 0, 'v'},
      {"x^2*logsumexp(k, 1)", "", 0, 'v'},
      {"x^2*norm2(k, 1)", "", 0, 'v'},
      {"x^2*(k^2 - 2*k + 1)", "", 0, 'n'},
  };
  check(list, ND_COUNT(list));
}

/* Verdicts of all that theory knows: v convex, c concave, r neither, n not known. The parameters are a1 ... alone. */
static char whole_verdict_of(const char *formula, size_t count) {
  nadir_error error = {0};
  nd_text text = {0};
  asked a;
  nd_node parameters[40];
  expand(&text, formula);
  ask_question(&a, nd_text_data(&text), "", "", 2);
  for (size_t i = 0; i < count; i++) {
    char name[32];
    snprintf(name, sizeof name, "a%zu", i + 1);
    assert_int_equal(nd_make_name(a.graph, name, &parameters[i], &error), NADIR_OK);
  }
  a.question.parameters = parameters;
  a.question.parameter_count = a.verdict.size = count;
  if (nd_convexity(&a.question, &a.verdict, &error) != NADIR_OK)
    fail_msg("%s: %s", formula, error.message);
  const nd_verdict *v = &a.verdict;
  bool neither = v->convex == NADIR_REFUTED && v->concave == NADIR_REFUTED;
  char found = v->convex == NADIR_PROVED && v->concave == NADIR_PROVED ? 'a'
               : v->convex == NADIR_PROVED                             ? 'v'
               : v->concave == NADIR_PROVED                            ? 'c'
               : neither                                               ? 'r'
                                                                       : 'n';
  nd_text_free(&text);
  done(&a);
  return found;
}

static void many_parameters(void **state) {
  (void)state;
  static const struct {
    const char *formula;
    size_t count;
    const char *right; /* one of these is */
  } list[] = {
      {"k^2 + 1", 0, "a"},
      {"x*k", 0, "a"},
      {"{+|a#^2|5} + {+|sin(a#)|5}/100", 5, "vn"}, /* 2 - 0.01 is above 0 */
      {"{+|a#^2|5} - 3*a1*a2", 5, "r"},
      {"{+|a#^2|13} - 3*a1*a2", 13, "rn"},
      {"{+|a#^2|13} + sin(a1)*a2*a3", 13, "rn"},
      {"{+|a#^2|30} + sin(a1)*a2", 30, "rn"},
      {"{+|if(a# > 0, a#^2, 2*a#^2)|9}", 9, "vn"},
      {"{+|if(a# > 0, a#^2, -a#^2)|9}", 9, "rn"},
      {"{*|a#|4}", 4, "r"},
      {"{+|k#*a#|9} + a1^2", 9, "v"},
      {"sin(k1*a1) + {+|k#|9}*a1^2", 1, "rn"},
  };
  for (size_t i = 0; i < ND_COUNT(list); i++) {
    char found = whole_verdict_of(list[i].formula, list[i].count);
    if (!strchr(list[i].right, found)) fail_msg("%s: %c", list[i].formula, found);
  }
}

/* Boxes that have no bounds on curvature: without parameters, with too many, open, and where there are none. */
static void boxes_without_bounds(void **state) {
  (void)state;
  static const struct {
    const char *formula, *names, *box;
    bool good;
  } list[] = {
      {"x^2 + y^2", "x;y", "x=-1:1,y=-1:1", true},
      {"x^2 + k*y^2", "x;y", "x=-1:1,y=-1:1,k=1:2", true},
      {"x^2 + y^2", "x;y", "x=-1:1", false},
      {"x^2 + k*y^2", "x;y", "x=-1:1,y=-1:1", false},
      {"x^2", "x", "x=-inf:1", false},
      {"x^2", "x", "x=-1:inf", false},
      {"3", "", "", false},
  };
  for (size_t i = 0; i < ND_COUNT(list); i++) {
    nadir_error error = {0};
    nd_fact *sides = NULL;
    nd_curvature_bounds bounds;
    asked a;
    ask_question(&a, list[i].formula, list[i].names, "", 5);
    if (*list[i].box) {
      assert_int_equal(nd_box_read(a.graph, list[i].box, &sides, &a.question.fact_count, &error),
                       NADIR_OK);
      a.question.facts = sides;
    }
    nadir_status status = nd_curvature_on_box(&a.question, &bounds, &error);
    if ((status == NADIR_OK) != list[i].good)
      fail_msg("%s on %s: %d", list[i].formula, list[i].box, (int)status);
    if (i == 0)
      assert_true(bounds.smallest[0] <= 2 && bounds.largest[1] >= 2 && bounds.largest[1] < 2.001);
    if (i == 1)
      assert_true(bounds.largest[0] <= 4 && bounds.largest[1] >= 4 && bounds.largest[1] < 4.01);
    nd_free(sides);
    done(&a);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(exponents),
      cmocka_unit_test(coefficients),
      cmocka_unit_test(many_factors),
      cmocka_unit_test(many_terms),
      cmocka_unit_test(deep_chains),
      cmocka_unit_test(quotients),
      cmocka_unit_test(logarithms),
      cmocka_unit_test(products),
      cmocka_unit_test(branches),
      cmocka_unit_test(many_parameters),
      cmocka_unit_test(boxes_without_bounds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
