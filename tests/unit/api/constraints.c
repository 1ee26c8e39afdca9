/* Parameters that are fixed, tied or bounded: least squares over boxes, whose answer is known from looking at each
 * face of the box; formulas with the same put in by hand; the errors of what is tied; settings that make no sense. */
#include <stdbool.h>
#include <stdint.h>

#include "support.h"

enum { MOST = 4, ROWS = 7 };

/* ---- random least squares over a box ---- */

static uint64_t seed = 88172645463325252u;

static double uniform(double low, double high) { /* xorshift: Marsaglia 2003 */
  seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
  return low + (high - low) * (double)(seed >> 11) * 0x1p-53;
}

typedef struct box_problem {
  size_t n;
  double a[ROWS][MOST], b[ROWS], low[MOST], high[MOST];
  double best[MOST], least;
  char formula[2048], bounds[512];
} box_problem;

static double value_of(const box_problem *p, const double *x) {
  double sum = 0;
  for (size_t r = 0; r < ROWS; r++) {
    double residual = -p->b[r];
    for (size_t i = 0; i < p->n; i++)
      residual += p->a[r][i] * x[i];
    sum += residual * residual;
  }
  return sum;
}

/* Gauss: m equations. */
static void solve(size_t m, double (*h)[MOST], double *g) {
  for (size_t k = 0; k < m; k++) {
    size_t pivot = k;
    for (size_t i = k; i < m; i++)
      if (fabs(h[i][k]) > fabs(h[pivot][k])) pivot = i;
    for (size_t j = 0; j < m; j++) {
      double swap = h[k][j];
      h[k][j] = h[pivot][j], h[pivot][j] = swap;
    }
    double swap = g[k];
    g[k] = g[pivot], g[pivot] = swap;
    for (size_t i = 0; i < m; i++) {
      double part = i == k ? 0 : h[i][k] / h[k][k];
      for (size_t j = 0; j < m; j++)
        h[i][j] -= part * h[k][j];
      g[i] -= part * g[k];
    }
  }
  for (size_t k = 0; k < m; k++)
    g[k] /= h[k][k];
}

/* The lowest point with the parameters of `face` (1: low, 2: high) held there. */
static bool lowest_on(const box_problem *p, const int *face, double *x) {
  double h[MOST][MOST] = {{0}}, g[MOST] = {0};
  size_t moves[MOST], m = 0;
  for (size_t i = 0; i < p->n; i++) {
    x[i] = face[i] == 1 ? p->low[i] : face[i] == 2 ? p->high[i] : 0;
    if (isinf(x[i])) return false;
    if (face[i] == 0) moves[m++] = i;
  }
  for (size_t r = 0; r < ROWS; r++) {
    double residual = p->b[r];
    for (size_t i = 0; i < p->n; i++)
      residual -= face[i] ? p->a[r][i] * x[i] : 0;
    for (size_t j = 0; j < m; j++) {
      g[j] += p->a[r][moves[j]] * residual;
      for (size_t k = 0; k < m; k++)
        h[j][k] += p->a[r][moves[j]] * p->a[r][moves[k]];
    }
  }
  solve(m, h, g);
  for (size_t j = 0; j < m; j++) {
    x[moves[j]] = g[j];
    if (g[j] < p->low[moves[j]] || g[j] > p->high[moves[j]]) return false;
  }
  return true;
}

static void find_best(box_problem *p) {
  int face[MOST] = {0};
  p->least = HUGE_VAL;
  for (bool more = true; more;) {
    double x[MOST];
    if (lowest_on(p, face, x) && value_of(p, x) < p->least) {
      p->least = value_of(p, x);
      memcpy(p->best, x, sizeof x);
    }
    more = false;
    for (size_t i = 0; i < p->n && !more; i++) {
      face[i] = (face[i] + 1) % 3;
      more = face[i] != 0;
    }
  }
}

static void write_problem(box_problem *p) {
  size_t at = 0;
  for (size_t r = 0; r < ROWS; r++) {
    at += (size_t)snprintf(p->formula + at, sizeof p->formula - at, "%s(", r ? "+" : "");
    for (size_t i = 0; i < p->n; i++)
      at += (size_t)snprintf(p->formula + at, sizeof p->formula - at, "%s%.17g*x%zu", i ? "+" : "",
                             p->a[r][i], i);
    at += (size_t)snprintf(p->formula + at, sizeof p->formula - at, "-(%.17g))^2", p->b[r]);
  }
  p->bounds[at = 0] = '\0';
  for (size_t i = 0; i < p->n; i++) {
    if (isinf(p->low[i]) && isinf(p->high[i])) continue;
    at += (size_t)snprintf(p->bounds + at, sizeof p->bounds - at, "%sx%zu=", at ? "," : "", i);
    if (!isinf(p->low[i]))
      at += (size_t)snprintf(p->bounds + at, sizeof p->bounds - at, "%.17g", p->low[i]);
    at += (size_t)snprintf(p->bounds + at, sizeof p->bounds - at, ":");
    if (!isinf(p->high[i]))
      at += (size_t)snprintf(p->bounds + at, sizeof p->bounds - at, "%.17g", p->high[i]);
  }
}

static void make_problem(box_problem *p) {
  *p = (box_problem){.n = 1 + (size_t)uniform(0, MOST - 0.001)};
  for (size_t r = 0; r < ROWS; r++) {
    p->b[r] = uniform(-3, 3);
    for (size_t i = 0; i < p->n; i++)
      p->a[r][i] = uniform(-1, 1);
  }
  for (size_t i = 0; i < p->n; i++) {
    p->low[i] = uniform(-2, 0.5);
    p->high[i] = p->low[i] + uniform(0.1, 2);
    double open = uniform(0, 4);
    if (open < 1) p->low[i] = -HUGE_VAL;
    if (open > 3 || (open > 0.8 && open < 1)) p->high[i] = HUGE_VAL;
  }
  write_problem(p);
  find_best(p);
}

static nadir_result *minimize(const char *formula, const char *const *pairs) {
  nadir_expr *expr;
  nadir_result *result;
  nadir_settings *settings = settings_of(pairs);
  ok(nadir_expr_new(&expr, formula, &error));
  ok(nadir_minimize(expr, settings, NULL, &result, &error));
  nadir_expr_free(expr);
  nadir_settings_free(settings);
  return result;
}

static void check_answer(const box_problem *p, const nadir_result *r, const char *method) {
  double x[MOST] = {0}, scale = fabs(p->least) + 1;
  for (size_t k = 0; k < r->size; k++) {
    const nadir_parameter *it = &r->parameter[k];
    size_t i = (size_t)(it->name[1] - '0');
    x[i] = it->value;
    assert_true(it->value >= p->low[i] && it->value <= p->high[i]);
    assert_true(it->low == p->low[i] && it->high == p->high[i]);
    assert_int_equal(it->at_bound, it->value == p->low[i]    ? -1
                                   : it->value == p->high[i] ? 1
                                                             : 0);
  }
  /* 1e-8 of the gradient at the start is what rules of the first order stop at */
  if (!(value_of(p, x) <= p->least + 1e-7 * scale))
    fail_msg("%s: %s within %s: %.17g instead of %.17g", method, p->formula, p->bounds,
             value_of(p, x), p->least);
  if (r->kind != NADIR_MINIMUM)
    fail_msg("%s: %s within %s: %s", method, p->formula, p->bounds, said(r, NADIR_ON_POINT));
  if (!isnan(r->optimum_gap)) /* rounding of the two sums */
    assert_true(r->optimum_gap >= value_of(p, x) - p->least - 1e-14 * scale);
}

static void every_method_finds_the_lowest_point_of_a_box(void **state) {
  (void)state;
  static const char *const methods[] = {"auto",     "gd",     "newton",  "lm",           "lbfgs",
                                        "bb",       "nesterov", "momentum", "backtracking", "rprop"};
  size_t bounded = 0, problems = 40;
  for (size_t k = 0; k < problems; k++) {
    box_problem p;
    make_problem(&p);
    for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
      nadir_result *r = minimize(p.formula, PAIRS("bounds", p.bounds, "method", methods[m]));
      check_answer(&p, r, methods[m]);
      for (size_t i = 0; i < r->size; i++)
        bounded += r->parameter[i].at_bound != 0;
      nadir_result_free(r);
    }
  }
  assert_true(bounded > problems); /* or nothing has been tried */
}

/* ---- a bound decides ---- */

static void a_minimum_on_a_bound_is_one(void **state) {
  (void)state;
  nadir_result *r = minimize("exp(-x) + (y-2)^2", PAIRS("bounds", "x=:3"));
  assert_int_equal(r->kind, NADIR_MINIMUM);
  assert_int_equal(r->is, NADIR_IS_ON_BOUND);
  assert_int_equal(r->reason, NADIR_REASON_BOUND);
  assert_int_equal(r->exit_status, 0);
  assert_true(parameter(r, "x") == 3);
  near(parameter(r, "y"), 2, 1e-12);
  assert_string_equal(said(r, NADIR_ON_POINT), "the loss falls beyond the bound of x, and is at rest in all other directions");
  nadir_result_free(r);
}

static void without_the_bound_it_is_none(void **state) {
  (void)state;
  nadir_result *r = minimize("exp(-x) + (y-2)^2", NULL);
  assert_int_not_equal(r->kind, NADIR_MINIMUM);
  nadir_result_free(r);
}

/* Saddles stay saddles: the bound holds another parameter. */
static void a_saddle_on_a_bound_is_one(void **state) {
  (void)state;
  nadir_result *r = minimize("x^2 - y^2 + z", PAIRS("bounds", "z=1:", "start", "x=1,y=0,z=2", "method", "gd"));
  assert_int_equal(r->kind, NADIR_SADDLE);
  nadir_result_free(r);
}

static void the_start_is_moved_within(void **state) {
  (void)state;
  nadir_result *r = minimize("(x-5)^2", PAIRS("bounds", "x=2:9", "method", "gd", "updates", "0"));
  assert_true(parameter(r, "x") == 2);
  nadir_result_free(r);
}

/* A penalty and a bound: the minimum of (x-3)^2 + |x| is at 2.5, of (y+1)^2 + |y| at -0.5. */
static void a_penalty_knows_the_bounds(void **state) {
  (void)state;
  static const char *const methods[] = {"auto", "gd", "newton"};
  for (size_t i = 0; i < 3; i++) {
    nadir_result *r = minimize("(x-3)^2 + (y+1)^2 + (z-3)^2",
                               PAIRS("l1", "1", "bounds", "y=0:,z=:1.25", "method", methods[i]));
    near(parameter(r, "x"), 2.5, 1e-8);
    assert_true(parameter(r, "y") == 0 && parameter(r, "z") == 1.25);
    nadir_result_free(r);
  }
}

/* ---- fixed and tied ---- */

static const double x[] = {1, 2, 3, 4, 5, 6}, z[] = {2, 1, 5, 2, 7, 1};
static const double y[] = {3.1, 5.2, 6.8, 9.1, 11.2, 12.9};
static const test_column columns[] = {{"x", "s", x}, {"z", "", z}, {"y", "m", y}};

static nadir_result *fit(const char *formula, const char *const *pairs) {
  nadir_result *result;
  ok(fit_columns(columns, 3, 6, formula, pairs, &result));
  return result;
}

static void same(const char *formula, const char *const *pairs, const char *by_hand) {
  nadir_result *a = fit(formula, pairs), *b = fit(by_hand, NULL);
  assert_int_equal(a->size, b->size);
  assert_true(a->loss == b->loss);
  for (size_t i = 0; i < a->size; i++) {
    const nadir_parameter *p = &a->parameter[i], *q = &b->parameter[i];
    assert_string_equal(p->name, q->name);
    assert_true(p->value == q->value && p->standard_error == q->standard_error);
  }
  nadir_result_free(a);
  nadir_result_free(b);
}

static void what_is_held_is_as_if_it_were_typed(void **state) {
  (void)state;
  same("y ~ a*x + b*z + c", PAIRS("fix", "c=1"), "y ~ a*x + b*z + 1");
  same("y ~ a*x + b*z + c", PAIRS("fix", "c=pi/3", "tie", "b=2*a"), "y ~ a*x + 2*a*z + pi/3");
  same("y ~ a*x + b*z + c", PAIRS("tie", "b=a/10,c=d+b"), "y ~ a*x + a/10*z + d + a/10");
  same("y ~ a*x + b*z + c", PAIRS("tie", "b=c", "fix", "c=2"), "y ~ a*x + 2*z + 2");
  same("y ~ a*x + b*z + c", PAIRS("tie", "b=q", "fix", "q=2"), "y ~ a*x + 2*z + c"); /* by way of a name of its own */
}

/* The weight that is fixed is left out of the head, and stands beside it. */
static void a_weight_can_be_fixed(void **state) {
  (void)state;
  nadir_result *r = fit("y ~ linear(x, z)", PAIRS("fix", "w[z]=0.5"));
  nadir_result *s = fit("y - 0.5*z ~ linear(x)", NULL);
  assert_int_equal(r->size, 2);
  assert_int_equal(r->held, 1);
  assert_string_equal(r->parameter[2].name, "w[z]");
  assert_true(r->parameter[2].value == 0.5 && r->parameter[2].fixed && !r->parameter[2].tie);
  for (size_t i = 0; i < 2; i++) {
    near(r->parameter[i].value, s->parameter[i].value, 1e-12);
    near(r->parameter[i].standard_error, s->parameter[i].standard_error, 1e-12);
  }
  nadir_result_free(r);
  nadir_result_free(s);
}

static void of_a_line_each_part_can_be_fixed(void **state) {
  (void)state;
  nadir_result *r = fit("y ~ linear(x)", PAIRS("fix", "w[x]=2"));
  double mean = 0;
  for (size_t i = 0; i < 6; i++)
    mean += (y[i] - 2 * x[i]) / 6;
  near(parameter(r, "b"), mean, 1e-14);
  nadir_result_free(r);
  r = fit("y ~ linear(x)", PAIRS("fix", "b=1"));
  double xy = 0, xx = 0;
  for (size_t i = 0; i < 6; i++)
    xy += x[i] * (y[i] - 1), xx += x[i] * x[i];
  near(parameter(r, "w[x]"), xy / xx, 1e-14);
  nadir_result_free(r);
}

/* b = 2 a has twice its error; d = a c that of a product, to first order. */
static void what_is_tied_has_the_error_that_follows(void **state) {
  (void)state;
  nadir_result *r = fit("y ~ a*x + b*z/100 + c", PAIRS("tie", "b=2*a"));
  assert_int_equal(r->held, 1);
  const nadir_parameter *a = &r->parameter[0], *b = &r->parameter[r->size];
  assert_string_equal(b->tie, "2*a");
  assert_true(b->value == 2 * a->value);
  near(b->standard_error, 2 * a->standard_error, 1e-15);
  nadir_result_free(r);
}

/* ---- bounds of fits ---- */

static void a_bounded_weight_is_reported_as_typed(void **state) {
  (void)state;
  nadir_result *r = fit("y ~ linear(x, z)", PAIRS("bounds", "w[x]=:1.7,w[z]=0.3:0.9"));
  assert_int_equal(r->kind, NADIR_MINIMUM);
  assert_true(parameter(r, "w[x]") == 1.7);
  assert_true(r->optimum_gap >= 0 && r->optimum_gap < 1e-20);
  size_t count;
  const nadir_parameter *kept = nadir_model_parameters(r->model, &count);
  assert_int_equal(count, 3);
  assert_true(kept[1].value == 1.7);
  nadir_result_free(r);
}

/* The errors of the others are those with it held, and so are the degrees of freedom. */
static void errors_are_those_with_it_held(void **state) {
  (void)state;
  nadir_result *r = fit("y ~ linear(x, z)", PAIRS("bounds", "w[z]=0.3:"));
  nadir_result *s = fit("y ~ linear(x, z)", PAIRS("fix", "w[z]=0.3"));
  assert_int_equal(r->parameter[2].at_bound, -1);
  assert_true(isnan(r->parameter[2].standard_error));
  assert_int_equal(r->degrees_of_freedom, 4);
  for (size_t i = 0; i < 2; i++) {
    near(r->parameter[i].value, s->parameter[i].value, 1e-12);
    near(r->parameter[i].standard_error, s->parameter[i].standard_error, 1e-12);
  }
  nadir_result_free(r);
  nadir_result_free(s);
}

/* ---- what makes no sense ---- */

static void refused(const char *formula, const char *const *pairs, const char *message) {
  nadir_settings *settings = settings_of(pairs);
  nadir_table *table = table_of(columns, 3, 6);
  nadir_result *result;
  assert_int_not_equal(nadir_fit(table, formula, settings, NULL, &result, &error), NADIR_OK);
  assert_string_equal(error.message, message);
  assert_null(result);
  nadir_table_free(table);
  nadir_settings_free(settings);
}

static void what_makes_no_sense_is_refused(void **state) {
  (void)state;
  const char *model = "y ~ a*x + b*z + c";
  refused(model, PAIRS("fix", "q=1"), "fix: the model has no parameter 'q' that could be fixed: name one of its formula");
  refused(model, PAIRS("fix", "x=1"), "fix: 'x' is a column of the table, not a parameter: name a parameter");
  refused(model, PAIRS("fix", "a=1,b=1,c=1"), "the model: every parameter is fixed, so nothing is left to fit: leave one free");
  refused(model, PAIRS("tie", "a=2*b,b=3*a"), "tie: a follows itself, by way of what it is tied to: tie it to parameters that are free");
  refused(model, PAIRS("tie", "a=x"), "tie: 'x' is a column of the table, not a parameter: name a parameter");
  refused(model, PAIRS("fix", "a=b"), "fix: 'b' of a is not a number: give one, or tie a to what it follows");
  refused(model, PAIRS("tie", "a=2"), "tie: '2' of a names no other parameter: fix a at that value instead");
  refused(model, PAIRS("fix", "a=1", "tie", "a=b"), "tie: a is given twice: give it one value");
  refused(model, PAIRS("fix", "a=1", "start", "a=2"), "start: a is fixed: leave one of the two out");
  refused(model, PAIRS("tie", "a=b", "bounds", "a=0:"), "bounds: a is tied: leave one of the two out");
  refused(model, PAIRS("bounds", "q=0:"), "bounds: there is no parameter 'q': the first parameter is 'a'");
  refused(model, PAIRS("bounds", "a=0:3", "start", "a=4"), "start: that of a is outside of its bounds: give one that is within");
  refused("y ~ linear(x)", PAIRS("bounds", "b=0:"), "bounds: b is not bounded on its own where features are scaled: set scale to none");
  refused("y ~ linear(x, z)", PAIRS("tie", "w[x]=2*q"), "tie: w[x] is a parameter of linear or poly, which cannot be tied: write the model out, as a*x + b*y, and tie those");
}

static void bad_values_are_refused_at_once(void **state) {
  (void)state;
  static const char *const wrong[][2] = {{"bounds", "a"},     {"bounds", "a=1"},   {"bounds", "a=1:1"},
                                         {"bounds", "a=2:1"}, {"bounds", "a=inf:"}, {"bounds", "a=x:2"},
                                         {"bounds", "a=0:1,a=0:2"}, {"fix", "a"}, {"fix", "a="},
                                         {"tie", "a=2*"},     {"tie", "=2"}};
  nadir_settings *settings = settings_of(NULL);
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    if (nadir_settings_set(settings, wrong[i][0], wrong[i][1], &error) != NADIR_BAD_SETTING)
      fail_msg("%s %s", wrong[i][0], wrong[i][1]);
  nadir_settings_free(settings);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_method_finds_the_lowest_point_of_a_box),
      cmocka_unit_test(a_minimum_on_a_bound_is_one),
      cmocka_unit_test(without_the_bound_it_is_none),
      cmocka_unit_test(a_saddle_on_a_bound_is_one),
      cmocka_unit_test(the_start_is_moved_within),
      cmocka_unit_test(a_penalty_knows_the_bounds),
      cmocka_unit_test(what_is_held_is_as_if_it_were_typed),
      cmocka_unit_test(a_weight_can_be_fixed),
      cmocka_unit_test(of_a_line_each_part_can_be_fixed),
      cmocka_unit_test(what_is_tied_has_the_error_that_follows),
      cmocka_unit_test(a_bounded_weight_is_reported_as_typed),
      cmocka_unit_test(errors_are_those_with_it_held),
      cmocka_unit_test(what_makes_no_sense_is_refused),
      cmocka_unit_test(bad_values_are_refused_at_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
