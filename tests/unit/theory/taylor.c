/* Taylor series and models against closed forms, and proved bounds against sampled truth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "theory/theory.h"

typedef struct asked {
  nd_graph *graph;
  nd_node parameters[3];
  nd_question question;
} asked;

static void ask(asked *a, const char *formula, const char *const *names, size_t count) {
  nadir_error error;
  memset(a, 0, sizeof *a);
  assert_int_equal(nd_graph_new(&a->graph, &error), NADIR_OK);
  assert_int_equal(nd_parse(a->graph, formula, &a->question.root, &error), NADIR_OK);
  for (size_t i = 0; i < count; i++)
    assert_int_equal(nd_make_name(a->graph, names[i], &a->parameters[i], &error), NADIR_OK);
  a->question.graph = a->graph;
  a->question.parameters = a->parameters;
  a->question.parameter_count = count;
  a->question.seconds = 5;
}

static const char *const x_alone[] = {"x"};
static const char *const x_and_y[] = {"x", "y"};

static void series_of(const char *formula, const char *at, size_t order, double radius,
                      nd_taylor_one *s) {
  asked a;
  nadir_error error = {0};
  ask(&a, formula, x_alone, 1);
  if (nd_taylor_series(&a.question, at, order, radius, s, &error) != NADIR_OK)
    fail_msg("%s at %s: %s", formula, at, error.message);
  nd_graph_free(a.graph);
}

/* The lecture's: sin at pi/4 to order 9 has +-(sqrt 2/2)/k!. */
static void sine_at_a_quarter_of_pi(void **state) {
  nd_taylor_one s;
  double factorial = 1, root = 0.70710678118654752440;
  (void)state;
  series_of("sin(x)", "pi/4", 9, 0.5, &s);
  for (size_t k = 0; k <= 9; k++) {
    double truth = (k % 4 < 2 ? 1 : -1) * root / factorial;
    if (!(fabs(s.coefficient[k] - truth) <= 1e-15 * fabs(truth)))
      fail_msg("coefficient %zu is %.17g, not %.17g", k, s.coefficient[k], truth);
    assert_true(s.error[k] <= 2e-16 * fabs(truth));
    factorial *= (double)(k + 1);
  }
  /* |sin| <= 1: at most 0.5^10/10!, and no less than the true error at the end */
  assert_true(s.remainder <= pow(0.5, 10) / 3628800 * 1.001);
  nd_taylor_one_clear(&s);
}

static void known_series(void **state) {
  nd_taylor_one s;
  double factorial = 1;
  (void)state;
  series_of("exp(x)", "0", 20, (double)NAN, &s);
  for (size_t k = 0; k <= 20; k++) {
    assert_true(fabs(s.coefficient[k] * factorial - 1) < 1e-15);
    factorial *= (double)(k + 1);
  }
  nd_taylor_one_clear(&s);
  series_of("1/(1 - x)", "0", 50, (double)NAN, &s);
  for (size_t k = 0; k <= 50; k++)
    assert_true(s.coefficient[k] == 1);
  nd_taylor_one_clear(&s);
  series_of("lgamma(x)", "1", 2, (double)NAN, &s);
  assert_true(fabs(s.coefficient[1] + 0.57721566490153286) < 1e-15);
  assert_true(fabs(s.coefficient[2] - 0.82246703342411322) < 1e-15); /* pi^2/12 */
  nd_taylor_one_clear(&s);
  series_of("polygamma(1, x)", "1", 1, (double)NAN, &s);
  assert_true(fabs(s.coefficient[0] - 1.6449340668482264) < 1e-15);
  assert_true(fabs(s.coefficient[1] + 2.4041138063191886) < 4e-15); /* -2 zeta(3) */
  nd_taylor_one_clear(&s);
}

static void order_fifty(void **state) {
  nd_taylor_one s;
  (void)state;
  series_of("exp(sin(exp(cos(x/2))))*tanh(log(1 + x^2))/(2 + sin(x^2))", "0.3", 50, (double)NAN,
            &s);
  for (size_t k = 0; k <= 50; k++)
    assert_true(s.error[k] <= 1e-9 * (1 + fabs(s.coefficient[k])));
  nd_taylor_one_clear(&s);
}

/* Every function at a point inside of its domain, against its scalar value around, within the
 * remainder. */
static void remainders_hold(void **state) {
  static const char *const formulas[] = {"exp(x)",
                                         "expm1(x)",
                                         "sin(x)*cos(2*x)",
                                         "tan(x/2)",
                                         "asin(x/2)",
                                         "acos(x/2)",
                                         "atan(x)",
                                         "sinh(x)",
                                         "cosh(x)",
                                         "tanh(x)",
                                         "asinh(x)",
                                         "acosh(x + 2)",
                                         "atanh(x/2)",
                                         "sqrt(x + 1)",
                                         "cbrt(x - 3)",
                                         "log(x + 1)",
                                         "log2(x + 1)",
                                         "log10(x + 1)",
                                         "log1p(x)",
                                         "softplus(3*x)",
                                         "softplus(x - 4)",
                                         "sigmoid(2*x)",
                                         "erf(x)",
                                         "erfc(x)",
                                         "lgamma(x + 1)",
                                         "lgamma(x - 0.9)",
                                         "polygamma(0, x + 1)",
                                         "polygamma(2, x + 1)",
                                         "x^x",
                                         "x^2.5",
                                         "x^-3",
                                         "2^x",
                                         "norm2(x, 1)",
                                         "logsumexp(x, 1 - x, 2*x)",
                                         "entropy(x)",
                                         "quad_over_lin(x, x + 1)",
                                         "huber(x, 2)",
                                         "huber(x, 0.1)",
                                         "abs(x - 3)",
                                         "max(x, x^2 - 5)",
                                         "min(x, 3)",
                                         "pos(x)",
                                         "sign(x)*x",
                                         "if(x < 3, x^3, 0)",
                                         "atan2(x, 1)",
                                         "atan2(x, -1)",
                                         "atan2(-1, x - 2)",
                                         "floor(x)*x",
                                         "mod(x, 3)^2",
                                         "1/(1 + x^2)",
                                         "exp(sin(x))",
                                         "if(x < 0, sqrt(-x), x)"};
  (void)state;
  for (size_t i = 0; i < ND_COUNT(formulas); i++) {
    nd_taylor_one s;
    asked a;
    nadir_error error;
    double values[4096], radius = 0.2;
    series_of(formulas[i], "0.5", 6, radius, &s);
    ask(&a, formulas[i], x_alone, 1);
    assert_true(nd_graph_size(a.graph) <= ND_COUNT(values));
    if (!isfinite(s.remainder)) fail_msg("%s: no remainder", formulas[i]);
    for (int k = -20; k <= 20; k++) {
      double t = radius * k / 20, sum = 0;
      values[a.parameters[0]] = 0.5 + t;
      assert_int_equal(nd_evaluate(a.graph, &a.question.root, 1, values, &error), NADIR_OK);
      for (size_t j = s.order + 1; j-- > 0;)
        sum = sum * t + s.coefficient[j];
      double value = values[a.question.root];
      if (!(fabs(value - sum) <= s.remainder + 4e-15 * (1 + fabs(value))))
        fail_msg("%s at %g: off by %g, remainder %g", formulas[i], 0.5 + t, value - sum,
                 s.remainder);
    }
    nd_graph_free(a.graph);
    nd_taylor_one_clear(&s);
  }
}

static void kinks_are_refused(void **state) {
  static const char *const formulas[] = {
      "abs(x)", "max(x, -x)",        "pos(x)",  "sqrt(x^2)", "sign(x)",    "floor(x)", "log(x)",
      "1/x",    "if(x < 0, x, x^2)", "cbrt(x)", "x^1.5",     "norm2(x, x)"};
  (void)state;
  for (size_t i = 0; i < ND_COUNT(formulas); i++) {
    asked a;
    nd_taylor_one s;
    nadir_error error = {0};
    ask(&a, formulas[i], x_alone, 1);
    assert_int_not_equal(nd_taylor_series(&a.question, "0", 3, (double)NAN, &s, &error), NADIR_OK);
    assert_true(strlen(error.message) > 10);
    nd_graph_free(a.graph);
  }
}

static void model_of(const char *formula, const char *x, const char *y, double radius,
                     nd_taylor_many *m) {
  const char *at[] = {x, y};
  asked a;
  nadir_error error = {0};
  *m = (nd_taylor_many){0};
  ask(&a, formula, x_and_y, y == NULL ? 1 : 2);
  if (nd_taylor_model(&a.question, at, radius, 0.1, m, &error) != NADIR_OK)
    fail_msg("%s: %s", formula, error.message);
  nd_graph_free(a.graph);
}

/* x^2 + 10 y^2 at (3, 1): g = (6, 20), |g| = sqrt 436, M = 20, so d = 0.2 |g|/20. */
static void the_plane_of_a_quadratic(void **state) {
  nd_taylor_many m;
  double norm = sqrt(436.0), step = 0.1;
  (void)state;
  model_of("x^2 + 10*y^2", "3", "1", step, &m);
  assert_true(m.value == 19 && m.gradient[0] == 6 && m.gradient[1] == 20);
  assert_true(m.hessian[0] == 2 && m.hessian[1] == 0 && m.hessian[3] == 20);
  assert_true(fabs(m.minimizer[0] - (3 - step * 6 / norm)) < 1e-15);
  assert_true(fabs(m.minimizer[1] - (1 - step * 20 / norm)) < 1e-15);
  assert_true(fabs(m.rate - step / norm) < 1e-15);
  assert_true(fabs(m.predicted_decrease - step * norm) < 1e-14);
  double exact = 0.2 * norm / 20;
  assert_true(m.valid_radius <= exact && m.valid_radius > 0.999 * exact);
  assert_true(isnan(m.quadratic_radius)); /* right everywhere */
  nd_taylor_many_clear(&m);
  model_of("2*x - y", "1", "1", 0.5, &m);
  assert_true(isnan(m.valid_radius));
  nd_taylor_many_clear(&m);
  model_of("x^2 + y^2", "0", "0", 0.5, &m);
  assert_true(isnan(m.valid_radius) && isnan(m.minimizer[0]));
  nd_taylor_many_clear(&m);
}

/* Within the radii the plane and the quadratic are as right as they say, at sampled points. */
static void radii_hold(void **state) {
  static const char *const formulas[] = {"(1 - x)^2 + 100*(y - x^2)^2", "exp(x - y) + x^2*y",
                                         "log(1 + x^2 + y^2)", "sqrt(1 + x^2) + sin(y)",
                                         "tanh(x*y) + y"};
  (void)state;
  for (size_t i = 0; i < ND_COUNT(formulas); i++) {
    nd_taylor_many m = {0};
    asked a;
    nadir_error error;
    double values[4096];
    nd_random random = nd_random_stream(3, ND_FOR_TEST, 0, i);
    model_of(formulas[i], "0.5", "-0.25", 0.1, &m);
    ask(&a, formulas[i], x_and_y, 2);
    assert_true(m.valid_radius > 0 && m.quadratic_radius > 0);
    double norm = hypot(m.gradient[0], m.gradient[1]);
    for (int k = 0; k < 2000; k++) {
      bool square = k % 2 == 1;
      double d = square ? m.quadratic_radius : m.valid_radius;
      double turn = 6.283185307179586 * nd_random_uniform(&random);
      double u = d * cos(turn), v = d * sin(turn);
      values[a.parameters[0]] = 0.5 + u;
      values[a.parameters[1]] = -0.25 + v;
      assert_int_equal(nd_evaluate(a.graph, &a.question.root, 1, values, &error), NADIR_OK);
      double guess = m.value + m.gradient[0] * u + m.gradient[1] * v;
      if (square)
        guess += 0.5 * (m.hessian[0] * u * u + 2 * m.hessian[1] * u * v + m.hessian[3] * v * v);
      if (!(fabs(values[a.question.root] - guess) <= 0.1 * norm * d * (1 + 1e-9) + 1e-13))
        fail_msg("%s: off by %g of %g", formulas[i], values[a.question.root] - guess, norm * d);
    }
    nd_graph_free(a.graph);
    nd_taylor_many_clear(&m);
  }
}

/* The pieces of functions that are made of several, by hand; and what has no series where pieces meet. */
static void pieces(void **state) {
  (void)state;
  static const struct {
    const char *formula, *at;
    double c[4];
  } list[] = {
      {"cbrt(x)", "-8", {-2, 1 / 12.0, 1 / 288.0, 10 / 41472.0}},
      {"cbrt(x)", "8", {2, 1 / 12.0, -1 / 288.0, 10 / 41472.0}},
      {"abs(x)", "-2", {2, -1, 0, 0}},
      {"pos(x)", "-2", {0, 0, 0, 0}},
      {"pos(x)", "2", {2, 1, 0, 0}},
      {"sign(x)", "-3", {-1, 0, 0, 0}},
      {"floor(x)", "2.5", {2, 0, 0, 0}},
      {"floor(x)", "-2.5", {-3, 0, 0, 0}},
      {"floor(3)*x", "2", {6, 3, 0, 0}},
      {"floor(2.5)*x", "2", {4, 2, 0, 0}},
      {"mod(x, 3)", "7", {1, 1, 0, 0}},
      {"mod(x, -3)", "7", {-2, 1, 0, 0}},
      {"huber(x, 1)", "3", {5, 2, 0, 0}},
      {"huber(x, 1)", "-3", {5, -2, 0, 0}},
      {"huber(x, 1)", "0.5", {0.25, 1, 1, 0}},
      {"huber(x, 1)", "-0.5", {0.25, -1, 1, 0}},
      {"huber(x, 1)", "0", {0, 0, 1, 0}},
      {"max(x, x)", "1", {1, 1, 0, 0}},
      {"max(2*x, x + x, 1)", "1", {2, 2, 0, 0}},
      {"max(x, 3)", "1", {3, 0, 0, 0}},
      {"min(x, 3, 5)", "4", {3, 0, 0, 0}},
      {"min(5, x^2, 7)", "2", {4, 4, 1, 0}},
      {"if(x < 3, x^2, 0)", "1", {1, 2, 1, 0}},
      {"if(x < 3, x^2, 0)", "5", {0, 0, 0, 0}},
      {"if(x <= 3, x^2, -x)", "5", {-5, -1, 0, 0}},
      {"if(x == 3, x^2, 2*x)", "5", {10, 2, 0, 0}},
      {"if(x != 3, x^2, 2*x)", "5", {25, 10, 1, 0}},
      {"if(x < 3 or x > 5, x, -x)", "4", {-4, -1, 0, 0}},
      {"if(x < 3 or x > 5, x, -x)", "6", {6, 1, 0, 0}},
      {"if(x < 3 or x > 5, x, -x)", "1", {1, 1, 0, 0}},
      {"if(x > 3 and x < 5, x, -x)", "4", {4, 1, 0, 0}},
      {"if(x > 3 and x < 5, x, -x)", "6", {-6, -1, 0, 0}},
      {"if(not (x < 3), x, -x)", "1", {-1, -1, 0, 0}},
      {"if(x + 1 <= x + 1, x, -x)", "1", {1, 1, 0, 0}},
      {"if(x + 1 < x + 1, x, -x)", "1", {-1, -1, 0, 0}},
      {"if(x > 0, x, log(x - 5))", "2", {2, 1, 0, 0}}, /* the other branch has no value there */
      {"if(x > 0, if(x > 1, x, 1/(x - 2)), 3)", "2", {2, 1, 0, 0}},
      {"atan2(x, -1)", "-1", {-2.35619449019234492885, -0.5, -0.25, -1 / 12.0}},
      {"atan2(x, -1)", "1", {2.35619449019234492885, -0.5, 0.25, -1 / 12.0}},
      {"quad_over_lin(x, x + 1)", "1", {0.5, 0.75, 0.125, -1 / 16.0}},
      {"entropy(x)", "1", {0, 1, 0.5, -1 / 6.0}},
      {"polygamma(0, x)", "1", {-0.57721566490153286061, 1.64493406684822643647,
                                -1.20205690315959428540, 1.08232323371113819152}}, /* zeta */
      {"x^0.5", "4", {2, 0.25, -1 / 64.0, 1 / 512.0}},
      {"x^(1 + 1)", "-1", {1, -2, 1, 0}},
      {"(x - 1)^0", "1", {1, 0, 0, 0}},
      {"pi*x", "0", {0, 3.14159265358979323846, 0, 0}},
      {"7", "1", {7, 0, 0, 0}},
  };
  for (size_t i = 0; i < ND_COUNT(list); i++) {
    nd_taylor_one s;
    series_of(list[i].formula, list[i].at, 3, (double)NAN, &s);
    for (size_t k = 0; k < 4; k++)
      if (!(fabs(s.coefficient[k] - list[i].c[k]) <= 4e-15 * (1 + fabs(list[i].c[k]))))
        fail_msg("%s at %s: coefficient %zu is %.17g, not %.17g", list[i].formula, list[i].at, k,
                 s.coefficient[k], list[i].c[k]);
    nd_taylor_one_clear(&s);
  }
}

static void where_pieces_meet(void **state) {
  (void)state;
  static const struct {
    const char *formula, *at;
  } list[] = {
      {"abs(x)", "0"},
      {"sign(x)", "0"},
      {"pos(x)", "0"},
      {"cbrt(x)", "0"},
      {"entropy(x)", "0"},
      {"entropy(x)", "-1"},
      {"floor(x)", "2"},
      {"mod(x, 3)", "6"},
      {"mod(x, 0)", "6"},
      {"huber(x, 1)", "1"},
      {"huber(x, 1)", "-1"},
      {"huber(x, 0)", "0"},
      {"huber(x, -1)", "3"},
      {"quad_over_lin(x, x)", "-1"},
      {"atan2(x, -1)", "0"},
      {"atan2(x, x)", "0"},
      {"max(x, 2*x - 1)", "1"},
      {"min(x, 2*x - 1)", "1"},
      {"if(x < 3, x, -x)", "3"},
      {"if(x == 3, x, -x)", "3"},
      {"if(x > 0, log(x - 5), x)", "2"},
      {"x^0.5", "-1"},
      {"x^0.5", "0"},
      {"x^x", "-1"},
      {"log(x)", "-1"},
      {"log(x)", "0"},
      {"sqrt(x)", "0"},
      {"asin(x)", "2"},
      {"acosh(x)", "1"},
      {"lgamma(x)", "-1"},
      {"polygamma(1, x)", "-2"},
      {"polygamma(x, 2)", "1"},
      {"1/x", "0"},
      {"tan(x)", "pi/2"},
      {"log2(x)", "-1"},
      {"exp(log(-1))*x", "1"},
  };
  for (size_t i = 0; i < ND_COUNT(list); i++) {
    asked a;
    nd_taylor_one s;
    nadir_error error = {0};
    ask(&a, list[i].formula, x_alone, 1);
    nadir_status status = nd_taylor_series(&a.question, list[i].at, 3, (double)NAN, &s, &error);
    if (status != NADIR_BAD_FORMULA || !strstr(error.message, "kink, a jump or no value"))
      fail_msg("%s at %s: %d, %s", list[i].formula, list[i].at, (int)status, error.message);
    assert_null(s.coefficient);
    nd_graph_free(a.graph);
  }
}

static void questions_that_are_none(void **state) {
  (void)state;
  static const struct {
    const char *formula, *at;
    size_t names, order;
    double radius;
    const char *why;
  } list[] = {
      {"x + y", "0", 2, 2, 1, "a formula of one parameter"},
      {"x + y", "0", 1, 2, 1, "numbers for all names but one"},
      {"x", "0", 1, 1000000, 1, "the order is at most"},
      {"x", "0", 1, 2, 0, "the radius must be above 0"},
      {"x", "0", 1, 2, -1, "the radius must be above 0"},
      {"x", "0", 1, 2, HUGE_VAL, "the radius must be above 0"},
      {"x", "1/0", 1, 2, 1, "the point 1/0 is not a number"},
      {"x", "log(-1)", 1, 2, 1, "the point log(-1) is not a number"},
      {"x", "exp(1e400)", 1, 2, 1, "at"},
      {"x", "y", 1, 2, 1, "the point y is not a number"},
      {"exp(x)", "1000", 1, 2, 1, "beyond"},
  };
  for (size_t i = 0; i < ND_COUNT(list); i++) {
    asked a;
    nd_taylor_one s;
    nadir_error error = {0};
    ask(&a, list[i].formula, x_and_y, list[i].names);
    nadir_status status =
        nd_taylor_series(&a.question, list[i].at, list[i].order, list[i].radius, &s, &error);
    if (status == NADIR_OK || !strstr(error.message, list[i].why))
      fail_msg("%s at %s: %d, %s", list[i].formula, list[i].at, (int)status, error.message);
    nd_graph_free(a.graph);
  }
  static const struct {
    size_t names;
    double radius, within;
    const char *why;
  } models[] = {{0, 1, 0.1, "parameters"},
                {2, 0, 0.1, "above 0"},
                {2, -1, 0.1, "above 0"},
                {2, HUGE_VAL, 0.1, "above 0"},
                {2, 1, 0, "above 0"},
                {2, 1, HUGE_VAL, "above 0"}};
  for (size_t i = 0; i < ND_COUNT(models); i++) {
    asked a;
    nd_taylor_many m = {0};
    nadir_error error = {0};
    ask(&a, "x*y", x_and_y, models[i].names);
    nadir_status status = nd_taylor_model(&a.question, (const char *const[]){"1", "1"},
                                          models[i].radius, models[i].within, &m, &error);
    if (status == NADIR_OK || !strstr(error.message, models[i].why))
      fail_msg("model %zu: %d, %s", i, (int)status, error.message);
    nd_graph_free(a.graph);
  }
}

/* Sums of squares of four variables, whose box is not divided; and values that no double has. */
static void models_of_more(void **state) {
  (void)state;
  static const char *const four[] = {"x", "y", "z", "u"};
  static const char *const at[] = {"1", "0", "0", "0"};
  nadir_error error = {0};
  nd_graph *graph;
  nd_node names[4];
  nd_taylor_many m = {0};
  nd_question q = {.parameters = names, .parameter_count = 4, .seconds = 5};
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  assert_int_equal(nd_parse(graph, "x^2 + 2*y^2 + z^2 + u^2", &q.root, &error), NADIR_OK);
  q.graph = graph;
  for (size_t i = 0; i < 4; i++)
    assert_int_equal(nd_make_name(graph, four[i], &names[i], &error), NADIR_OK);
  assert_int_equal(nd_taylor_model(&q, at, 0.5, 0.1, &m, &error), NADIR_OK);
  /* |H| = 4, |g| = 2: the plane is right to a tenth within 0.1 * 2 * 2/4 */
  assert_true(m.valid_radius <= 0.1 && m.valid_radius > 0.099);
  nd_taylor_many_clear(&m);
  nd_graph_free(graph);
  static const struct {
    const char *formula, *x, *y;
  } list[] = {{"exp(x) + y", "1000", "0"},
              {"exp(x)*1e-300 + y", "1402", "0"},
              {"exp(500*x) + y", "1.415", "0"},   /* the value is 1.8e307, the slope is not */
              {"exp(5000*x) + y", "0.1405", "0"}, /* nor is the curvature */
              {"abs(x) + y", "0", "0"},
              {"log(x) + y", "-1", "0"},
              {"sqrt(x) + y", "0", "0"},
              {"x + y", "1/0", "0"}};
  for (size_t i = 0; i < ND_COUNT(list); i++) {
    asked a;
    ask(&a, list[i].formula, x_and_y, 2);
    const char *there[] = {list[i].x, list[i].y};
    nadir_status status = nd_taylor_model(&a.question, there, 0.5, 0.1, &m, &error);
    if (status != NADIR_BAD_FORMULA) fail_msg("%s at %s: %d", list[i].formula, list[i].x, (int)status);
    assert_null(m.gradient);
    nd_graph_free(a.graph);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pieces),
      cmocka_unit_test(where_pieces_meet),
      cmocka_unit_test(questions_that_are_none),
      cmocka_unit_test(models_of_more),
      cmocka_unit_test(sine_at_a_quarter_of_pi),
      cmocka_unit_test(known_series),
      cmocka_unit_test(order_fifty),
      cmocka_unit_test(remainders_hold),
      cmocka_unit_test(kinks_are_refused),
      cmocka_unit_test(the_plane_of_a_quadratic),
      cmocka_unit_test(radii_hold),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
