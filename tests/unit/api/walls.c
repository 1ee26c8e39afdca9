/* Formulas whose first steps lead out of their domain, to where nothing is finite, or to nowhere: every rule that
 * finds its own steps turns back and comes to the minimum, which is known in closed form; and ends that no rule can
 * come out of are told for what they are. */
#include <stdbool.h>

#include "support.h"

static nadir_result *minimize(const char *formula, const char *const *pairs) {
  nadir_settings *settings = settings_of(pairs);
  nadir_expr *expr;
  nadir_result *result;
  ok(nadir_expr_new(&expr, formula, &error));
  if (nadir_minimize(expr, settings, NULL, &result, &error) != NADIR_OK)
    fail_msg("%s: %s", formula, error.message);
  nadir_expr_free(expr);
  nadir_settings_free(settings);
  return result;
}

static void steps_that_leave_the_domain(void **state) {
  (void)state;
  static const double e = 2.71828182845904523536;
  static const struct {
    const char *formula, *start, *methods, *l1;
    double x, y;
  } list[] = {
      {"(log(x) - 1)^2 + (y - x)^2", "x=20,y=0", "lm newton lbfgs bb backtracking", "0", e, e},
      {"(sqrt(x) - 2)^2 + (y - 1)^2", "x=1e-4,y=9", "lm newton lbfgs backtracking", "0", 4, 1},
      {"x - log(x) + (y - 2)^2", "x=10,y=0", "newton lbfgs bb backtracking newton-diagonal", "0", 1,
       2},
      {"x - log(x) + (y - 2)^2", "x=10,y=0", "newton gd", "0.5", 2 / 3.0, 1.75},
      {"-log(1 - x^2) + (y + x - 3)^2", "x=0.99,y=0", "newton lbfgs bb backtracking", "0", 0, 3},
      {"(asin(x) - 0.5)^2 + (y - 1)^2", "x=-0.999,y=0", "lm newton lbfgs", "0", 0.479425538604203,
       1},
      {"exp(x) - 2*x + y^2", "x=-30,y=1", "newton lbfgs backtracking", "0", 0.693147180559945309,
       0},
      {"exp(x) - 2*x + y^2", "x=-30,y=1", "newton", "0.25", 0.559615787935423, 0}, /* log 1.75 */
      {"exp(exp(x)) - 3*x + (y - 1)^2", "x=2,y=0", "newton lbfgs", "0", 0.0, 1},
      {"(x^2 - 1)^2/4 + y^2", "x=1e-3,y=1", "newton lm lbfgs", "0", 1, 0},
      {"1/x + x + (y - 1)^2", "x=0.01,y=5", "newton lbfgs backtracking", "0", 1, 1},
      {"x*log(x) + (y - 1)^2", "x=5,y=5", "newton lbfgs bb", "0", 0.367879441171442322, 1},
  };
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
    char methods[80], *method, *rest = methods;
    double x = list[i].x;
    snprintf(methods, sizeof methods, "%s", list[i].methods);
    /* e^x e^(e^x) = 3, by Newton's method */
    for (int k = 0; strstr(list[i].formula, "exp(exp") && k < 60; k++)
      x -= (exp(x + exp(x)) - 3) / (exp(x + exp(x)) * (1 + exp(x)));
    while ((method = strtok_r(rest, " ", &rest))) {
      nadir_result *r = minimize(list[i].formula, PAIRS("method", method, "start", list[i].start,
                                                        "l1", list[i].l1, "updates", "100000"));
      double at = parameter(r, "x"), other = parameter(r, "y");
      if (!(fabs(at - x) <= 1e-4) || !(fabs(other - list[i].y) <= 1e-4))
        fail_msg("%s by %s: %.17g, %.17g", list[i].formula, method, at, other);
      if (r->ended != NADIR_DONE)
        fail_msg("%s by %s: %s", list[i].formula, method, said(r, NADIR_ON_STOP));
      nadir_result_free(r);
    }
  }
}

static void no_way_out(void **state) {
  (void)state;
  static const struct {
    const char *formula, *start, *method, *updates;
    nadir_ended ended;
    nadir_point kind;
  } list[] = {
      {"-x", "x=0", "gd", "auto", NADIR_DIVERGED, NADIR_FALLS},
      {"-exp(x)", "x=1", "gd", "auto", NADIR_DIVERGED, NADIR_FALLS},
      {"-x^2", "x=1", "newton", "auto", NADIR_DIVERGED, NADIR_FALLS},
      {"x^3", "x=-1", "lbfgs", "auto", NADIR_DIVERGED, NADIR_FALLS},
      {"7 + 0*x", "x=1", "lbfgs", "auto", NADIR_DONE, NADIR_MINIMUM},
      {"x^2 - y^2", "x=1", "gd", "auto", NADIR_STUCK, NADIR_SADDLE},
      {"-x^2", "x=0", "newton", "auto", NADIR_STUCK, NADIR_MAXIMUM},
      {"x^2", "x=3", "gd", "0", NADIR_LIMIT, NADIR_POINT_NOT_KNOWN},
      {"x^2", "x=0", "gd", "0", NADIR_DONE, NADIR_MINIMUM},
  };
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
    nadir_result *r = minimize(list[i].formula, PAIRS("method", list[i].method, "start",
                                                      list[i].start, "updates", list[i].updates));
    if (r->ended != list[i].ended || r->kind != list[i].kind)
      fail_msg("%s by %s: ended %d, kind %d: %s", list[i].formula, list[i].method, (int)r->ended,
               (int)r->kind, said(r, NADIR_ON_STOP));
    nadir_result_free(r);
  }
}

/* The message names the start, six parameters of it at most. */
static void starts_without_a_value(void **state) {
  (void)state;
  static const struct {
    const char *formula, *why;
  } list[] = {
      {"log(x)", "(x = 0): choose"},
      {"sqrt(x)", "(x = 0): choose"}, /* a value, and no slope */
      {"log(a) + b + c + d + e0 + f", "(a = 0, b = 0, c = 0, d = 0, e0 = 0, f = 0): choose"},
      {"log(a) + b + c + d + e0 + f + g",
       "(a = 0, b = 0, c = 0, d = 0, e0 = 0, f = 0, ...): choose"},
  };
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
    nadir_settings *settings = settings_of(PAIRS("method", "gd"));
    nadir_expr *expr;
    nadir_result *r;
    ok(nadir_expr_new(&expr, list[i].formula, &error));
    assert_int_equal(nadir_minimize(expr, settings, NULL, &r, &error), NADIR_BAD_FORMULA);
    if (!strstr(error.message, list[i].why)) fail_msg("%s", error.message);
    nadir_expr_free(expr);
    nadir_settings_free(settings);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(steps_that_leave_the_domain),
                                     cmocka_unit_test(no_way_out),
                                     cmocka_unit_test(starts_without_a_value)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
