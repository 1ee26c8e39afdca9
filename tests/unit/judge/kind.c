/* The kind of point where a descent ends, against what the function is known to be: formulas whose
 * ends have been looked at by hand, and random ones of fourteen sorts whose minima, degenerate minima,
 * saddles, plateaus, kinks, jumps and endless tails are known from how they are made. No false minimum. */
#include <stdio.h>
#include <stdlib.h>

#include "world.h"

/* Descends and judges; convex: whether the judge is told that it is. */
static nadir_reason end_of(world *w, const char *formula, const char *method, const double *start,
                        bool convex) {
  nd_known_of_run known = {.convex = convex, .least = -HUGE_VAL};
  *w = make_with(formula, (const char *const[]){"method", method, "updates", "3000", NULL});
  if (nd_descend(w->objective, w->settings, start, &w->teller, &w->run, &error) != NADIR_OK)
    fail_msg("%s: %s", formula, error.message);
  assert_int_equal(nd_diagnose(w->objective, &w->run, &known, &w->diagnosis, &error), NADIR_OK);
  return w->diagnosis.reason;
}

static bool is_minimum(nadir_reason reason) {
  return nd_reason_about(reason)->point == NADIR_MINIMUM;
}

/* ---- by hand ---- */

typedef struct by_hand {
  const char *formula, *method;
  double x, y;
  bool convex;
  nadir_reason reason;
} by_hand;

static const by_hand ends[] = {
    {"x^2 + y^2", "gd", 1, 1, true, NADIR_REASON_AT_REST},
    {"(x-1)^4", "newton", 0, 0, true, NADIR_REASON_DEGENERATE},
    {"x^3", "newton", 1, 0, false, NADIR_REASON_ODD},
    {"x^3 + y^2", "newton", 1, 1, false, NADIR_REASON_ODD},
    {"exp(-2000*x)", "newton", 0, 0, true, NADIR_REASON_STEPS_GROW},
    {"exp(x)", "newton", 0, 0, true, NADIR_REASON_STEPS_GROW},
    {"x^2 - y^2", "gd", 1, 0, false, NADIR_REASON_CURVES_DOWN},
    {"-x^2 - y^2", "gd", 0, 0, false, NADIR_REASON_ALL_CURVE_DOWN},
    {"x*y", "gd", 0, 0, false, NADIR_REASON_CURVES_DOWN},
    {"x^3 + y^3", "gd", 0, 0, false, NADIR_REASON_ALL_FLAT},
    {"x^4 + y^4", "gd", 0, 0, true, NADIR_REASON_FLAT_CONVEX},
    {"(x+y)^2", "gd", 1, 0, true, NADIR_REASON_FLAT_CONVEX},
    {"(x+y)^2 + 1", "gd", 1, 0, true, NADIR_REASON_FLAT_CONVEX},
    {"(x*y-1)^2 + 3", "newton", 1.5, 2, false, NADIR_REASON_LEAST},
    {"abs(x)", "gd", 1, 0, true, NADIR_REASON_KINK},
    {"x^2 + y^2 - 3*abs(x*y)", "gd", 1, 0, false, NADIR_REASON_KINK},
    {"x^2 + floor(x)", "gd", 0, 0, false, NADIR_REASON_JUMP},
    {"1e-10*(x-3)^2", "newton", 0, 0, true, NADIR_REASON_AT_REST},
    {"x^3 + 1", "newton", 1e-4, 0, false, NADIR_REASON_ODD},
    {"x^3 + y^2 + 1", "newton", 1e-3, 1e-3, false, NADIR_REASON_ODD},
    {"x^5 + (y - 2*x^2)^2", "newton", 1, 1.5, false, NADIR_REASON_ODD},
    {"x^6 + (y - 2*x^2)^2", "newton", 1, 1.5, false, NADIR_REASON_PROFILE},
    {"log(1 + exp(100000*(x-1))) + y^4", "newton", 2, 0.3, false, NADIR_REASON_FLAT},
    {"x^4 + 1", "newton", 1e-1, 0, false, NADIR_REASON_DEGENERATE},
    {"exp(1.23*(x-1)) + exp(-1.28*(x-1)) + (x-1)*10*y + 100*y^2", "newton", 0.88, 0.086, false,
     NADIR_REASON_AT_REST},
    {"sqrt(x)", "newton", 0.7, 0, false, NADIR_REASON_EDGE},
    {"asin(x/3) + (y-1)^2", "newton", 0.7, 1, false, NADIR_REASON_EDGE},
    {"acos(x/3) + (y-x)^2", "newton", 0.7, 0.3, false, NADIR_REASON_EDGE},
    {"log(x)", "newton", 0.7, 0, false, NADIR_REASON_NO_DERIVATIVES},
    {"x^2*y^2", "newton", 0.7, 0, false, NADIR_REASON_LEAST},
    {"(x-1)^2*(y-1)^2", "lm", 0.7, 0, false, NADIR_REASON_LEAST_AHEAD},
    {"(x^2+y^2)^2 - (x^2+y^2)", "newton", 0.7, 0.3, false, NADIR_REASON_VALLEY},
    {"cos(x*y) + x*y", "newton", 0.7, -1.3, false, NADIR_REASON_ODD},
    {"exp(2000*(x-1))", "newton", 0.3, 0, true, NADIR_REASON_SLOPES},
    {"exp(2000*(x-1)) + y^2", "newton", 0.3, 1, true, NADIR_REASON_SLOPES},
};

static void ends_are_what_they_are(void **state) {
  (void)state;
  for (size_t i = 0; i < ND_COUNT(ends); i++) {
    const by_hand *end = &ends[i];
    world w;
    nadir_reason reason =
        end_of(&w, end->formula, end->method, (double[]){end->x, end->y}, end->convex);
    if (reason == NADIR_REASON_AT_ROUNDING) reason = NADIR_REASON_AT_REST;
    if (reason != end->reason)
      fail_msg("%s: %d, not %d", end->formula, (int)reason, (int)end->reason);
    drop(&w);
  }
}

/* ---- at random ---- */

enum { SORTS = 14 };
typedef enum kind { STRICT, DEGENERATE, NO_MINIMUM, OPEN } kind;

static double draw(nd_random *random, double low, double high) {
  return nd_round_digits(low + (high - low) * nd_random_uniform(random), 3);
}

/* A formula of x and y of the sort that `sort` says, and what a rest of it must be. */
static kind make(nd_random *random, int sort, char *out, size_t size) {
  double a = draw(random, -1, 1), b = draw(random, -1, 1), c = draw(random, 0.2, 3),
         m = draw(random, -2, 2), d = draw(random, 0.3, 2);
  switch (sort) {
  case 0:
    snprintf(out, size, "%g*(x-(%g))^2 + %g*(y-(%g)-(%g)*x)^2 + 1", c, a, d, b, m);
    return STRICT;
  case 1: /* a bent valley */
    snprintf(out, size, "%g*(x-(%g))^2 + %g*(y-(%g)-(%g)*(x-(%g))^2)^2", c, a, d, b, m, a);
    return STRICT;
  case 2:
    snprintf(out, size, "cosh(x-(%g)) + %g*(y-(%g))^2 + %g*sqrt(1 + (x+y)^2)", a, c, b, d);
    return STRICT;
  case 3:
    snprintf(out, size, "%g*(x-(%g))^4 + %g*(y-(%g)-(%g)*(x-(%g))^2)^2 + 1", c, a, d, b, m, a);
    return DEGENERATE;
  case 4:
    snprintf(out, size, "%g*(x-(%g))^3 + %g*(y-(%g)-(%g)*(x-(%g))^2)^2", c, a, d, b, m, a);
    return NO_MINIMUM;
  case 13: /* of higher order, in a bent valley */
    snprintf(out, size, "%g*(x-(%g))^%d + %g*(y-(%g)-(%g)*(x-(%g))^2)^2", c, a, m > 0 ? 5 : 6, d, b,
             m, a);
    return m > 0 ? NO_MINIMUM : DEGENERATE;
  case 5: /* raised, so that rounding hides where it falls */
    snprintf(out, size, "%g*(x-(%g))^%d + %g*(y-(%g))^2 + %g", c, a, 3 + 2 * (m > 0), d, b,
             100 * c);
    return NO_MINIMUM;
  case 6: /* valleys that cross */
    snprintf(out, size, "%g*(x-(%g))^2*(y-(%g))^2", c, a, b);
    return DEGENERATE;
  case 11: /* a valley that is a circle */
    snprintf(out, size, "((x-(%g))^2 + y^2)^2 - %g*((x-(%g))^2 + y^2)", a, c, a);
    return DEGENERATE;
  case 7:
    snprintf(out, size, "exp(-%g*(x-(%g))) + %g*(y-(%g))^2", 100 * c, a, d, b);
    return NO_MINIMUM;
  case 8:
    snprintf(out, size, "%g*(x-(%g))^2 - %g*(y-(%g))^2", c, a, d, b);
    return NO_MINIMUM;
  case 9:
    snprintf(out, size, "x^2 + %g*y^2 - %g*abs(x)*abs(y)", d, 2 * sqrt(d) + c);
    return NO_MINIMUM;
  case 10:
    snprintf(out, size, "(x-(%g))^2 + y^2 + %g*floor(x+y)", a, c);
    return OPEN;
  default:
    snprintf(out, size, "log(1 + exp(%g*(x-(%g)))) + (y-(%g))^2", 50 * c, a, b);
    return NO_MINIMUM;
  }
}

/* Whether a ring of points near the end lies lower than all that is left of the way explains. */
static bool falls_nearby(world *w, double farthest, nd_random *random) {
  const nadir_problem *problem = &w->objective->problem;
  double here, there, at[2], fall = fabs(w->run.first_loss - w->run.loss);
  problem->value(problem->context, w->run.w, &here, &error);
  for (double radius = 1e-9; radius < farthest; radius *= 10)
    for (int k = 0; k < 20; k++) {
      double angle = 6.2831853 * nd_random_uniform(random);
      at[0] = w->run.w[0] + radius * cos(angle);
      at[1] = w->run.w[1] + radius * sin(angle);
      problem->value(problem->context, at, &there, &error);
      if (there < here - 1e-9 * fall - 1e-13 * fabs(here)) return true;
    }
  return false;
}

/* A product of squares is a sum of squares, which goes to lm. */
static const char *method_of(uint64_t i) {
  return i % SORTS == 6 ? "lm" : i / SORTS % 2 ? "newton" : "bb";
}

static void random_functions_have_no_false_minimum(void **state) {
  (void)state;
  const char *wanted = getenv("NADIR_RANDOM");
  uint64_t many = wanted ? strtoull(wanted, NULL, 10) : 300;
  size_t found[OPEN + 1] = {0}, all[OPEN + 1] = {0};
  for (uint64_t i = 0; i < many; i++) {
    nd_random random = nd_random_stream(7, ND_FOR_START, i, 3);
    char formula[300];
    world w;
    kind truth = make(&random, (int)(i % SORTS), formula, sizeof formula);
    double start[2] = {draw(&random, -1.5, 1.5), draw(&random, -1.5, 1.5)};
    nadir_reason reason = end_of(&w, formula, method_of(i), start, false);
    all[truth]++;
    found[truth] += is_minimum(reason);
    if (is_minimum(reason) &&
        (truth == NO_MINIMUM || falls_nearby(&w, truth == OPEN ? 1e-4 : 1e-1, &random)))
      fail_msg("%s from %g, %g by %s: a false minimum (%d) at %g, %g", formula, start[0], start[1],
               w.run.method.optimizer->name, (int)reason, w.run.w[0], w.run.w[1]);
    if (wanted && truth <= DEGENERATE && !is_minimum(reason))
      print_message("%s from %g, %g by %s: %d at %.17g, %.17g\n", formula, start[0], start[1],
                    w.run.method.optimizer->name, (int)reason, w.run.w[0],
                    w.run.w[1]);
    drop(&w);
  }
  print_message("minima: %zu of %zu, degenerate: %zu of %zu\n", found[STRICT], all[STRICT],
                found[DEGENERATE], all[DEGENERATE]);
  assert_true(found[STRICT] * 100 >= all[STRICT] * 99);
  assert_true(found[DEGENERATE] * 10 >= all[DEGENERATE] * 9);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(ends_are_what_they_are),
                                     cmocka_unit_test(random_functions_have_no_false_minimum)};
  return cmocka_run_group_tests_name("kind", tests, NULL, NULL);
}
