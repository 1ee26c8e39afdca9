/* What the rules prove: the lecture's examples each by its rule, the functions that are known to be
 * convex and that CVXPY calls unknown, losses by row, the collected cases, and thousands of random
 * formulas whose every proved verdict is held against chords in long double. */
#include "support.h"
#include "tell/tell.h"

static void ask(asked *a, const char *formula, const char *names, const char *facts) {
  nadir_error error = {0};
  ask_question(a, formula, names, facts, 5);
  nd_budget budget = {.until = {.deadline = nd_clock() + FAR_TOO_LONG}};
  if (nd_prove_by_rules(&a->question, &budget, &a->verdict, &error) != NADIR_OK)
    fail_msg("%s: %s", formula, error.message);
}

static bool proof_has(const nd_verdict *verdict, const char *words) {
  for (size_t i = 0; i < verdict->steps; i++) {
    const nadir_proof_step *step = &verdict->step[i];
    char said[200];
    snprintf(said, sizeof said, "%s %s", step->function ? step->function : "",
             nadir_rule_meaning(step->rule));
    if (strstr(said, words) != NULL) return true;
  }
  return false;
}

/* v: convex, c: concave, a: affine, n: nothing may be proved */
typedef struct example {
  const char *formula, *names, *facts;
  char verdict;
  const char *rule;
} example;

static void expect(const example *e) {
  asked a;
  ask(&a, e->formula, e->names, e->facts);
  nadir_answer convex = e->verdict == 'v' || e->verdict == 'a' ? NADIR_PROVED : NADIR_NOT_KNOWN;
  nadir_answer concave = e->verdict == 'c' || e->verdict == 'a' ? NADIR_PROVED : NADIR_NOT_KNOWN;
  if (a.verdict.convex != convex || a.verdict.concave != concave)
    fail_msg("%s: convex %d, concave %d", e->formula, a.verdict.convex, a.verdict.concave);
  assert_int_equal(a.verdict.affine, e->verdict == 'a' ? NADIR_PROVED : NADIR_NOT_KNOWN);
  if (e->rule != NULL && !proof_has(&a.verdict, e->rule))
    fail_msg("%s: its proof does not say \"%s\"", e->formula, e->rule);
  done(&a);
}

static void expect_all(const example *list, size_t count) {
  for (size_t i = 0; i < count; i++)
    expect(&list[i]);
}

static void lecture(void **state) {
  (void)state;
  static const example list[] = {
      {"3*x^2", "x", "", 'v', "a non-negative multiple of a convex function"},
      {"abs(x)", "x", "", 'v', "norms"},
      {"norm2([x, y])", "x;y", "", 'v', "norms and squared norms"},
      {"x^2 + y^2", "x;y", "", 'v', "norms and squared norms"},
      {"x^2 + exp(x)", "x", "", 'v', "sum of convex functions"},
      {"norm2([x, y])^2", "x;y", "", 'v', "norms and squared norms: a squared norm is convex"},
      {"max(x^2, 1 - x, 2*x)", "x", "", 'v', "max of convex functions"},
      {"exp(2*x - 3*y + 1)", "x;y", "", 'v',
       "composition of a convex function and an affine function"},
      {"(y - (w*x + b))^2", "w;b", "", 'v', "square of an affine function"},
      {"x * x^2", "x", "", 'n', NULL},
      {"x^3", "x", "", 'n', NULL},
      {"sin(x)", "x", "", 'n', NULL},
  };
  expect_all(list, ND_COUNT(list));
}

static void perspectives(void **state) {
  (void)state;
  static const char *const rule = "perspective v*f(u/v), v > 0, of a con";
  static const example list[] = {
      {"y*exp(x/y)", "x;y", "y > 0", 'v', rule},
      {"y*log(1 + exp(x/y))", "x;y", "y > 0", 'v', rule},
      {"-y*log(1 + exp(-x/y))", "x;y", "y > 0", 'c', "negative of the perspective"},
      {"y*(x/y)^4", "x;y", "y > 0", 'v', NULL},
      {"(x + 2*y)*cosh((x - y)/(x + 2*y))", "x;y", "x > 0;y > 0", 'v', rule},
      {"y*log1p(x/y)", "x;y", "x > 0;y > 0", 'c', rule},
      {"y*(exp(x/y) + exp(z/y))", "x;y;z", "y > 0", 'v', rule},
      {"k*exp(x/y)*y", "x;y", "y > 0;k >= 0", 'v', rule},
      {"y*max((x/y)^2, z/y)", "x;y;z", "y > 0", 'v', rule},
      {"y/exp(x/y)", "x;y", "y > 0", 'v', rule},
      /* a number before the other factors keeps its sign */
      {"-2*y*exp(x/y)", "x;y", "y > 0", 'c', NULL},
      {"y*(-2)*exp(x/y)", "x;y", "y > 0", 'c', NULL},
      {"-2*y*log1p(x/y)", "x;y", "x > 0;y > 0", 'v', NULL},
      {"2*y*exp(x/y)", "x;y", "y > 0", 'v', rule},
      /* a name typed like one of ours */
      {"y*`quotient 3`*(x/y)^2", "x;y", "y > 0; x >= 0", 'n', NULL},
      /* what is no perspective, or has no domain where it is one */
      {"y*exp(x/y)", "x;y", "y >= -1", 'n', NULL},
      {"y*exp(x/y)", "x;y", "", 'n', NULL},
      {"y*exp(x)", "x;y", "y > 0", 'n', NULL},
      {"y*exp(x/y + x)", "x;y", "y > 0", 'n', NULL},
      {"y*sin(x/y)", "x;y", "y > 0", 'n', NULL},
      {"y*y*exp(x/y)", "x;y", "y > 0", 'n', NULL},
      {"y*exp(x^2/y)", "x;y", "y > 0", 'n', NULL},
      {"y*exp(k*x/y)", "x;y", "y > 0;k in [-1, 1]", 'v', rule},
      {"sqrt(y)*exp(x/sqrt(y))", "x;y", "y > 0", 'n', NULL},
  };
  expect_all(list, ND_COUNT(list));
}

static void unknown_to_others(void **state) {
  (void)state;
  static const example list[] = {
      {"sqrt(1 + x^2)", "x", "", 'v', "norm"},
      {"sqrt(x^2 + x*y + y^2 + 1)", "x;y", "", 'v', "norm"},
      {"log(1 + exp(x))", "x", "", 'v', "softplus is convex"},
      {"log(exp(x) + exp(y) + exp(2*x - y))", "x;y", "", 'v', "logsumexp"},
      {"x*x", "x", "", 'v', NULL},
      {"(x + y)^2 + (x - y)^2", "x;y", "", 'v', NULL},
      {"x^2 + 2*x*y + y^2 + x^2 - 2*x*y + y^2", "x;y", "", 'v', NULL},
      {"exp(x)*exp(y)", "x;y", "", 'v', "exponential of the sum"},
      {"x^4 - x^2 + x^2", "x", "", 'v', NULL},
      {"1/x", "x", "x > 0", 'v', NULL},
      {"1/x", "x", "x < 0", 'c', NULL},
      {"1/x + 0*log(x)", "x", "", 'v', NULL},
      {"-log(x) - log(1 - x)", "x", "", 'v', NULL},
      {"x^2/y", "x;y", "y > 0", 'v', NULL},
      {"(x - 2*y)^2/(x + y)", "x;y", "x > 0;y > 0", 'v', NULL},
      {"x*log(x/y)", "x;y", "x > 0;y > 0", 'v', "relative entropy"},
      {"x*log(x) - x*log(y)", "x;y", "", 'v', "relative entropy"},
      {"log(x^3)", "x", "", 'c', NULL},
      {"sqrt(x*y)", "x;y", "x > 0;y > 0", 'c', "geometric mean"},
      {"x^2 - x^2", "x", "", 'a', NULL},
      {"exp(x)/y", "x;y", "y > 0", 'v', "log-convex"},
      {"x^x", "x", "x > 0", 'v', NULL},
      {"x^2 + y^2 - 2*x*y", "x;y", "", 'v', "positive semidefinite"},
      {"x^2 + y^2 - 2.000000000000000001*x*y", "x;y", "", 'n', NULL},
      {"0.1*x^2 + 0.2*x^2 - 0.3*x^2", "x", "", 'a', NULL},
      {"tan(x)", "x", "0 <= x <= 1.57", 'v', NULL},
      {"cos(x)", "x", "1.571 <= x <= 4.712", 'v', NULL},
      {"quad_over_lin([x, y], x + y)", "x;y", "x > 0;y > 0", 'v', NULL},
  };
  expect_all(list, ND_COUNT(list));
}

static void losses(void **state) {
  (void)state;
  static const example list[] = {
      {"(y - (w*x + b))^2", "w;b", "", 'v', NULL},
      {"y^2 - 2*y*(w*x + b) + (w*x + b)^2", "w;b", "", 'v', NULL},
      {"softplus(f) - y*f", "f", "", 'v', NULL},
      {"y*softplus(-f) + (1 - y)*softplus(f)", "f", "", 'v', NULL},
      {"-y*log(sigmoid(f)) - (1 - y)*log(1 - sigmoid(f))", "f", "", 'v', NULL},
      {"if(y, softplus(-f), softplus(f))", "f", "", 'v', NULL},
      {"log(1 + exp(-y*(w*x + b)))", "w;b", "y in {-1, 1}", 'v', NULL},
      {"max(0, 1 - y*f)", "f", "", 'v', "max of convex functions"},
      {"max(0, 1 - y*f)^2", "f", "", 'v', NULL},
      {"huber(y - f, 1.345)", "f", "", 'v', NULL},
      {"max(0.3*(y - f), (0.3 - 1)*(y - f))", "f", "", 'v', NULL},
      {"max(q*(y - f), (q - 1)*(y - f))", "f", "0 < q < 1", 'v', NULL},
      {"abs(y - f)", "f", "", 'v', NULL},
      {"exp(f) - y*f", "f", "", 'v', NULL},
      {"logsumexp([f1, f2, f3]) - f2", "f1;f2;f3", "", 'v', NULL},
      {"((y - f)/err)^2", "f", "", 'v', NULL},
      {"k*(y - f)^2", "f", "k >= 0", 'v', NULL},
      {"k*(y - f)^2", "f", "k <= 0", 'c', NULL},
      {"k*(y - f)^2", "f", "", 'n', NULL},
      {"y*abs(f)", "f", "y in {-1, 1}", 'n', NULL},
      {"a*tanh(b*x + c)", "a;b;c", "", 'n', NULL},
      {"(y - a*x^g)^2", "a;g", "", 'n', NULL},
  };
  expect_all(list, ND_COUNT(list));
}

/* A domain that is not proved convex proves nothing. */
static void domains(void **state) {
  (void)state;
  static const struct {
    const char *formula, *names, *facts, *words;
    bool convex;
  } list[] = {
      {"x^2", "x", "", "all x", true},
      {"log(x)", "x", "", "x > 0", true},
      {"x/x", "x", "", "x != 0", false},
      {"x/x", "x", "x > 0", "x > 0", true},
      {"exp(log(x))", "x", "", "x > 0", true},
      {"1/x + log(x)", "x", "", "x > 0", true},
      {"sqrt(1 - x^2 - y^2)", "x;y", "", "1 - x^2 - y^2 >= 0", true},
      {"sqrt(x^2 - 1)", "x", "", "x^2 - 1 >= 0", false},
      {"asin(x^2)", "x", "", "-1 <= x^2 <= 1", true},
      {"x^0.5 + y^1.5", "x;y", "", "x >= 0 and y >= 0", true},
      {"tan(x)", "x", "", "tan(x) defined", false},
      {"lgamma(x)", "x", "x > 0", "x > 0", true},
      {"lgamma(x)", "x", "", "lgamma(x) defined", false},
      {"x", "x", "x in {1, 2}", "x in {1, 2}", false},
      {"if(y, log(x), x)", "x", "", "x > 0", true},
      {"if(x < 1, log(x), x)", "x", "", "x > 0", false},
      {"x/y", "x", "", "all x", true},
      {"x^y", "x", "", "x^y defined", false},
  };
  for (size_t i = 0; i < ND_COUNT(list); i++) {
    asked a;
    nadir_error error = {0};
    nd_domain domain;
    ask(&a, list[i].formula, list[i].names, list[i].facts);
    nd_budget budget = {.until = {.deadline = nd_clock() + FAR_TOO_LONG}};
    assert_int_equal(nd_domain_find(&a.question, &budget, &domain, &error), NADIR_OK);
    if (domain.convex != list[i].convex) fail_msg("%s: its domain", list[i].formula);
    char name[2][2] = {"x", "y"}, *names[2] = {name[0], name[1]};
    nadir_convexity told = {
        .size = a.question.parameter_count, .parameter = names, .domain = domain.told};
    nd_text words = {0};
    nd_tell_domain(&told, &words);
    assert_string_equal(nd_text_data(&words), list[i].words);
    nd_text_free(&words);
    if (!domain.convex) {
      assert_int_equal(a.verdict.convex, NADIR_NOT_KNOWN);
      assert_int_equal(a.verdict.concave, NADIR_NOT_KNOWN);
    }
    nd_domain_clear(&domain);
    done(&a);
  }
}

/* Moduli known in closed form; a bound may be less by rounding, never more. */
static void moduli(void **state) {
  (void)state;
  static const struct {
    const char *formula, *names, *facts;
    bool strict;
    double modulus; /* 0: none */
  } list[] = {
      {"x^2", "x", "", true, 2},
      {"x^2 + 3*y^2", "x;y", "", true, 2},
      {"x^2 + x*y + y^2", "x;y", "", true, 1},
      {"(x + y)^2", "x;y", "", false, 0},
      {"(x - 1)^2 + abs(x)", "x", "", true, 2},
      {"x^4", "x", "", true, 0},
      {"(2*x + y - 3)^4 + x^2", "x;y", "", true, 0},
      {"exp(x)", "x", "", true, 0},
      {"exp(x)", "x", "x >= 0", true, 1},
      {"cosh(x - 1)", "x", "", true, 1},
      {"huber(x, 1)", "x", "", false, 0},
      {"abs(x)", "x", "", false, 0},
      {"norm2([x, y])", "x;y", "", false, 0},
      {"sqrt(x^2 + y^2)", "x;y", "", false, 0},
      {"sqrt(1 + x^2 + y^2)", "x;y", "", true, 0},
      {"logsumexp([x, y])", "x;y", "", false, 0},
      {"log(1 + exp(x) + exp(y))", "x;y", "", true, 0},
      {"-log(x) - log(1 - x)", "x", "", true, 2},
      {"-x^2", "x", "", true, 2},
      {"(y - w*x)^2 + 0.05*w^2", "w", "", true, 0.1},
      {"max(x^2, x)", "x", "", false, 0},
      {"0.1*x^2 + 0.2*y^2", "x;y", "", true, 0.2},
  };
  for (size_t i = 0; i < ND_COUNT(list); i++) {
    asked a;
    ask(&a, list[i].formula, list[i].names, list[i].facts);
    if (a.verdict.strict != list[i].strict) fail_msg("%s: strict", list[i].formula);
    if (list[i].modulus == 0) {
      if (!isnan(a.verdict.modulus)) fail_msg("%s: %g", list[i].formula, a.verdict.modulus);
    } else {
      assert_true(a.verdict.modulus <= list[i].modulus);
      assert_true(a.verdict.modulus >= list[i].modulus * (1 - 1e-9));
    }
    done(&a);
  }
}

static void facts(void **state) {
  (void)state;
  nd_graph *graph = NULL;
  nadir_error error = {0};
  nd_fact fact, *box;
  size_t count;
  nd_interval range;
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  assert_int_equal(nd_fact_read(graph, " y in {-1, 1} ", &fact, &error), NADIR_OK);
  assert_int_equal(fact.range.count, 2);
  assert_string_equal(fact.range.values[0], "-1");
  assert_int_equal(nd_fact_read(graph, "0 < x <= 2.5", &fact, &error), NADIR_OK);
  assert_string_equal(fact.range.low, "0");
  assert_string_equal(fact.range.high, "2.5");
  assert_true(fact.range.low_open && !fact.range.high_open);
  assert_int_equal(nd_fact_read(graph, "2 >= x > -1e-3", &fact, &error), NADIR_OK);
  assert_string_equal(fact.range.low, "-1e-3");
  assert_int_equal(nd_fact_read(graph, "x in [0, inf)", &fact, &error), NADIR_OK);
  assert_null(fact.range.high);
  assert_int_equal(nd_fact_read(graph, "`u-g` >= 0.1", &fact, &error), NADIR_OK);
  assert_string_equal(nd_node_text(graph, fact.name), "u-g");
  assert_int_equal(nd_interval_of_range(&fact.range, &range, &error), NADIR_OK);
  /* a tenth lies below its nearest double */
  assert_true(range.low < 0.1 && nextafter(range.low, 1) == 0.1);
  assert_int_equal(nd_box_read(graph, "x=-2:2,y=0:inf", &box, &count, &error), NADIR_OK);
  assert_int_equal(count, 2);
  assert_string_equal(box[0].range.low, "-2");
  assert_null(box[1].range.high);
  nd_free(box);
  static const char *const wrong[] = {
      "",        "x",         "x >",        "x in",    "x in {",    "x in {1,}",
      "x > 1 2", "1 > x > 2", "x in (0,0]", "x = inf", "x in [1",   "3",
      "1 <",     "x > y",     "x >= 1e999", "`x > 0",  "x in {1 2}"};
  for (size_t i = 0; i < ND_COUNT(wrong); i++)
    if (nd_fact_read(graph, wrong[i], &fact, &error) == NADIR_OK) fail_msg("read: %s", wrong[i]);
  static const char *const boxes[] = {"", "x", "x=1", "x=1:", "x=2:1", "x=1:2,", "x=1:2;y=1:2"};
  for (size_t i = 0; i < ND_COUNT(boxes); i++)
    if (nd_box_read(graph, boxes[i], &box, &count, &error) == NADIR_OK)
      fail_msg("read: %s", boxes[i]);
  nd_graph_free(graph);
}

/* ---- random formulas ---- */

static void random_formulas(void **state) {
  (void)state;
  enum { FORMULAS = 10000 };
  size_t proved = 0, curved = 0, strict = 0;
  for (uint64_t i = 0; i < FORMULAS; i++) {
    nd_random random = nd_random_stream(2026, ND_FOR_TEST, i, 0);
    nd_text formula = {0};
    nadir_error error = {0};
    asked a;
    const char *facts = fact_lists[nd_random_below(&random, ND_COUNT(fact_lists))];
    random_question(&a, &random, &formula, 1 + (int)nd_random_below(&random, 4), 5, facts);
    double begin = nd_clock();
    nd_budget budget = {.until = {.deadline = begin + FAR_TOO_LONG}};
    if (nd_prove_by_rules(&a.question, &budget, &a.verdict, &error) != NADIR_OK)
      fail_msg("%s: %s", a.formula, error.message);
    if (nd_clock() - begin > FAR_TOO_LONG) fail_msg("%s took %g s", a.formula, nd_clock() - begin);
    check_proofs(&a, &random, 60);
    bool any = a.verdict.convex == NADIR_PROVED || a.verdict.concave == NADIR_PROVED;
    proved += any;
    curved += any && a.verdict.affine != NADIR_PROVED;
    strict += a.verdict.strict;
    done(&a);
    nd_text_free(&formula);
  }
  print_message("of %d: %zu proved, %zu curved, %zu strict\n", (int)FORMULAS, proved, curved,
                strict);
  /* not a test of nothing: a fair share is proved, and of these many are curved */
  assert_true(strict > FORMULAS / 100);
  assert_true(proved > FORMULAS / 4);
  assert_true(curved > FORMULAS / 10);
}

/* ---- the collected cases ---- */

/* The strings of "key": "..." or of "key": ["...", ...], joined by ';'; false where none follows.
 */
static const char *strings_after(const char *at, const char *end, const char *key, char *out) {
  at = strstr(at, key);
  *out = '\0';
  if (at == NULL || at > end) return NULL;
  at += strlen(key);
  bool list = strchr(at, '[') != NULL && strcspn(at, "[") < strcspn(at, "\"");
  const char *stop = list ? strchr(at, ']') : strchr(strchr(at, '"') + 1, '"') + 1;
  size_t length = 0;
  for (const char *open = strchr(at, '"'); open != NULL && open < stop;) {
    const char *close = strchr(open + 1, '"');
    if (length > 0) out[length++] = ';';
    memcpy(out + length, open + 1, (size_t)(close - open - 1));
    length += (size_t)(close - open - 1);
    out[length] = '\0';
    open = strchr(close + 1, '"');
  }
  return stop;
}

static void collected_cases(void **state) {
  (void)state;
  char *text = NULL, formula[400], names[200], domain[200], verdict[40];
  size_t size, count = 0, right = 0, sufficient = 0;
  nadir_error error = {0};
  const char *path = ND_SOURCE_DIR "/tests/data/convexity/cases.json";
  if (nd_file_slurp(path, 1 << 20, &text, &size, &error) != NADIR_OK) fail_msg("%s", error.message);
  for (const char *at = strstr(text, "\"id\""); at != NULL;) {
    const char *next = strstr(at + 4, "\"id\""), *end = next != NULL ? next : text + size;
    asked a;
    strings_after(at, end, "\"expression\":", formula);
    strings_after(at, end, "\"variables\":", names);
    strings_after(at, end, "\"domain\":", domain);
    strings_after(at, end, "\"verdict\":", verdict);
    const char *rules = strstr(at, "\"dcp_rules_suffice\": true");
    double begin = nd_clock();
    ask(&a, formula, names, domain);
    double seconds = nd_clock() - begin;
    bool convex = a.verdict.convex == NADIR_PROVED, concave = a.verdict.concave == NADIR_PROVED;
    bool affine = strcmp(verdict, "affine") == 0, neither = strcmp(verdict, "neither") == 0;
    bool is_convex = affine || strcmp(verdict, "convex") == 0;
    bool is_concave = affine || strcmp(verdict, "concave") == 0;
    if ((convex && !is_convex) || (concave && !is_concave))
      fail_msg("%s is %s, proved %s", formula, verdict, convex ? "convex" : "concave");
    if (rules != NULL && rules < end && (convex != is_convex || concave != is_concave))
      fail_msg("%s: the rules suffice to prove it %s", formula, verdict);
    if (seconds > FAR_TOO_LONG) fail_msg("%s took %g s", formula, seconds);
    sufficient += rules != NULL && rules < end;
    count++;
    right += !neither && convex == is_convex && concave == is_concave;
    done(&a);
    at = next;
  }
  nd_free(text);
  print_message("%zu cases: %zu proved by rules, of which %zu are known to need no more\n", count,
                right, sufficient);
  assert_true(count >= 90);
  assert_true(right > sufficient);
}

/* Even powers of a norm, too high to be multiplied out, keep their exponents. */
static void powers_of_norms(void **state) {
  static const char *const formulas[] = {
      "norm2(x,y,z,1)^100 - norm2(x,y,z,1)^50", "norm2(x,y)^25 - norm2(x,y)^50",
      "norm2(x,y)^46 - norm2(x,y)^23",          "abs(x)^402 - abs(x)^201",
      "abs(1e100*x)^30 - abs(1e100*x)^15",      "norm2(x,y)^25 - 2*norm2(x,y)^50"};
  (void)state;
  for (size_t i = 0; i < ND_COUNT(formulas); i++) {
    asked a;
    ask(&a, formulas[i], "x;y;z", "");
    if (a.verdict.convex == NADIR_PROVED || a.verdict.concave == NADIR_PROVED)
      fail_msg("%s is neither convex nor concave", formulas[i]);
    done(&a);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(perspectives),    cmocka_unit_test(powers_of_norms),
      cmocka_unit_test(lecture),         cmocka_unit_test(unknown_to_others),
      cmocka_unit_test(losses),          cmocka_unit_test(domains),
      cmocka_unit_test(moduli),          cmocka_unit_test(facts),
      cmocka_unit_test(collected_cases), cmocka_unit_test(random_formulas),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
