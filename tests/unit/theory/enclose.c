/* Enclosures contain what they must: every operator of ops.def at random points of random boxes,
 * against its scalar value; literals are exact decimals; flags are claimed only where they hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "theory/enclose_internal.h"

enum { ROUNDS = 1500, SAMPLES = 12, PRECISION = 64 };

static double draw_end(nd_random *random) {
  static const double marks[] = {0, 1, -1, 0.5, 2, 3, -2, INFINITY, -INFINITY, 1e-3, 30, -30};
  double u = nd_random_uniform(random);
  if (u < 0.4) return marks[nd_random_below(random, ND_COUNT(marks))];
  if (u < 0.6) return nd_random_normal(random);
  if (u < 0.8) return 10 * nd_random_normal(random);
  return 0.1 * nd_random_normal(random);
}

static void draw_box(nd_random *random, nd_enclosure *x) {
  double a = draw_end(random), b = draw_end(random);
  if (nd_random_uniform(random) < 0.3) b = a + 0.01 * fabs(nd_random_normal(random));
  if (nd_random_uniform(random) < 0.1) b = a;
  if (isinf(a) && isinf(b)) a = -INFINITY, b = INFINITY;
  nd_enclosure_set_ends(x, fmin(a, b), fmax(a, b));
  if (a != b && nd_random_uniform(random) < 0.3) x->low_open = true;
  if (a != b && nd_random_uniform(random) < 0.3) x->high_open = true;
}

/* A point of the box; ends where they are closed. */
static double draw_point(nd_random *random, const nd_enclosure *x) {
  double low = nd_enclosure_low(x), high = nd_enclosure_high(x), u = nd_random_uniform(random), v;
  if (u < 0.15 && !x->low_open) return low;
  if (u < 0.3 && !x->high_open) return high;
  if (isinf(low) && isinf(high)) return 20 * nd_random_normal(random);
  if (isinf(high)) return low + exp(3 * nd_random_normal(random));
  if (isinf(low)) return high - exp(3 * nd_random_normal(random));
  v = low + (high - low) * nd_random_uniform(random);
  if ((v <= low && x->low_open) || (v >= high && x->high_open)) v = low + (high - low) / 2;
  return v;
}

static bool is_truth(nd_op op) {
  return op == ND_AND || op == ND_OR || op == ND_NOT;
}

static void draw_argument(nd_random *random, nd_op op, size_t i, nd_enclosure *x) {
  draw_box(random, x);
  if (is_truth(op) || (op == ND_IF && i == 0)) {
    bool either = nd_random_uniform(random) < 0.5, on = nd_random_uniform(random) < 0.5;
    nd_enclosure_set_ends(x, either || !on ? 0 : 1, either || on ? 1 : 0);
  } else if (nd_op_has_order(op) && i == 0) {
    nd_enclosure_set_double(x, (double)nd_random_below(random, 6));
  } else if (op == ND_POW && i == 1 && nd_random_uniform(random) < 0.7) {
    nd_enclosure_set_double(x, (double)nd_random_below(random, 13) / 2 - 3);
  }
}

static double argument_point(nd_random *random, nd_op op, size_t i, const nd_enclosure *x) {
  double v = draw_point(random, x);
  return is_truth(op) || (op == ND_IF && i == 0) ? (v >= 0.5 ? 1 : 0) : v;
}

static void assert_inside(nd_op op, const nd_enclosure *x, double value, const double *at,
                          size_t n) {
  double low = nd_enclosure_low(x), high = nd_enclosure_high(x);
  double slack = 1e-9 * fabs(value) + 1e-12;
  if (x->nowhere || !(value >= low - slack && value <= high + slack))
    fail_msg("%s(%.17g, %.17g, %.17g) = %.17g of %zu is not in [%.17g, %.17g]%s",
             nd_op_about(op)->name, at[0], n > 1 ? at[1] : 0, n > 2 ? at[2] : 0, value, n, low,
             high, x->nowhere ? " (nowhere)" : "");
}

static void one_box(nd_random *random, nd_op op, size_t n, size_t *finite) {
  nd_enclosure box[3], x;
  const nd_enclosure *arguments[3];
  nd_enclosure_init(&x);
  for (size_t i = 0; i < 3; i++) {
    nd_enclosure_init(&box[i]);
    arguments[i] = &box[i];
    if (i < n) draw_argument(random, op, i, &box[i]);
  }
  nd_enclose_op(&x, op, arguments, n, PRECISION);
  for (int k = 0; k < SAMPLES; k++) {
    double at[3] = {0};
    for (size_t i = 0; i < n; i++)
      at[i] = argument_point(random, op, i, &box[i]);
    double value = nd_op_value(op, at, n);
    if (isfinite(value)) {
      ++*finite;
      /* 1/(2 pi k) ... the scalar functions lose digits next to their poles: stay away from them */
      if (op == ND_TAN && fabs(value) > 1e6) continue;
      if ((op == ND_LGAMMA || op == ND_POLYGAMMA) && at[n - 1] < 0) continue;
      if (op == ND_HUBER && at[1] < 0) continue; /* outside its domain */
      if (op == ND_ATAN2 && at[0] == 0 && at[1] <= 0) continue; /* on the cut: the same */
      if (op == ND_MOD && fabs(at[0] / at[1]) > 1e6) continue;
      assert_inside(op, &x, value, at, n);
    } else if (isnan(value)) {
      /* overflow aside, not defined must not be claimed as defined */
      if (x.defined)
        fail_msg("%s is claimed defined at %g, %g", nd_op_about(op)->name, at[0], at[1]);
    }
  }
  nd_enclosure_clear(&x);
  for (size_t i = 0; i < 3; i++)
    nd_enclosure_clear(&box[i]);
}

static void every_operator_is_enclosed(void **state) {
  (void)state;
  for (int op = 0; op < ND_OPS; op++) {
    const nd_op_info *about = nd_op_about((nd_op)op);
    if (about == NULL) continue;
    size_t finite = 0;
    for (int round = 0; round < ROUNDS; round++) {
      nd_random random = nd_random_stream(7, ND_FOR_TEST, (uint64_t)op, (uint64_t)round);
      size_t n = about->most == ND_MANY ? 2 + nd_random_below(&random, 2) : about->most;
      one_box(&random, (nd_op)op, n, &finite);
    }
    if (finite < ROUNDS) fail_msg("%s was hardly tested: %zu finite values", about->name, finite);
  }
}

/* At points the enclosure is as narrow as the precision. */
static void points_are_enclosed_tightly(void **state) {
  (void)state;
  for (int op = 0; op < ND_OPS; op++) {
    const nd_op_info *about = nd_op_about((nd_op)op);
    if (about == NULL || about->most > 2 || about->most == 0) continue;
    size_t narrow = 0;
    for (uint64_t round = 0; round < 200; round++) {
      nd_random random = nd_random_stream(8, ND_FOR_TEST, (uint64_t)op, round);
      nd_enclosure box[2], x;
      const nd_enclosure *arguments[2] = {&box[0], &box[1]};
      nd_enclosure_init(&x);
      for (size_t i = 0; i < 2; i++) {
        nd_enclosure_init(&box[i]);
        nd_enclosure_set_double(&box[i], 1 + fabs(nd_random_normal(&random)));
        if (op == ND_ASIN || op == ND_ACOS || op == ND_ATANH)
          nd_enclosure_set_double(&box[i], nd_random_uniform(&random));
      }
      if (nd_op_has_order((nd_op)op)) nd_enclosure_set_double(&box[0], 1);
      nd_enclose_op(&x, (nd_op)op, arguments, about->most, PRECISION);
      double low = nd_enclosure_low(&x), high = nd_enclosure_high(&x);
      if (high - low <= 1e-14 * (1 + fabs(low))) narrow++;
      nd_enclosure_clear(&x);
      nd_enclosure_clear(&box[0]);
      nd_enclosure_clear(&box[1]);
    }
    if (narrow < 200) fail_msg("%s: %zu of 200 points are narrow", about->name, narrow);
  }
}

static void without_a_rule_nothing_is_known(void **state) {
  (void)state;
  nd_enclosure x;
  nd_enclosure_init(&x);
  nd_enclose_op(&x, ND_LINEAR, NULL, 0, PRECISION);
  assert_true(isinf(nd_enclosure_low(&x)) && isinf(nd_enclosure_high(&x)));
  assert_false(x.defined || x.continuous || x.smooth);
  nd_enclosure_clear(&x);
}

/* The enclosure of a formula at x. */
static void enclose_text(const char *formula, double low, double high, nd_enclosure *result) {
  nd_graph *graph;
  nd_node root, leaf;
  nd_encloser *encloser;
  nadir_error error;
  assert_int_equal(nd_graph_new(&graph, &error), NADIR_OK);
  assert_int_equal(nd_parse(graph, formula, &root, &error), NADIR_OK);
  assert_int_equal(nd_make_name(graph, "x", &leaf, &error), NADIR_OK);
  assert_int_equal(nd_encloser_new(&encloser, graph, &root, 1, &leaf, 1, NULL, &error), NADIR_OK);
  nd_enclosure_set_ends(nd_encloser_leaf(encloser, 0), low, high);
  nd_encloser_run(encloser, PRECISION);
  nd_enclosure_set(result, nd_encloser_root(encloser, 0));
  nd_encloser_free(encloser);
  nd_graph_free(graph);
}

static void a_tenth_is_a_tenth(void **state) {
  (void)state;
  nd_enclosure x;
  fmpq_t tenth;
  arf_t end;
  nd_enclosure_init(&x);
  fmpq_init(tenth);
  arf_init(end);
  enclose_text("0.1", 0, 0, &x);
  /* 10 low <= 1 <= 10 high, exactly, and the double 0.1 lies outside */
  arf_mul_ui(end, x.low, 10, ARF_PREC_EXACT, ARF_RND_DOWN);
  assert_true(arf_cmp_si(end, 1) < 0);
  arf_mul_ui(end, x.high, 10, ARF_PREC_EXACT, ARF_RND_DOWN);
  assert_true(arf_cmp_si(end, 1) > 0);
  assert_true(arf_cmp_d(x.high, 0.1) < 0);
  assert_true(nd_read_decimal("-12.50e-1", tenth));
  assert_int_equal(fmpq_cmp_si(tenth, -1), -1);
  fmpq_mul_fmpz(tenth, tenth, fmpq_denref(tenth));
  assert_int_equal(fmpq_cmp_si(tenth, -5), 0);
  assert_false(nd_read_decimal("1x", tenth));
  assert_false(nd_read_decimal("", tenth));
  assert_false(nd_read_decimal("1e999999", tenth));
  fmpq_clear(tenth);
  arf_clear(end);
  nd_enclosure_clear(&x);
}

static void kinks_and_edges_are_seen(void **state) {
  static const struct {
    const char *formula;
    double low, high;
    bool defined, smooth;
  } cases[] = {
      {"abs(x)", -1, 1, true, false},      {"abs(x)", 1, 2, true, true},
      {"abs(x)", 0, 2, true, false},       {"sqrt(x)", -1, 1, false, false},
      {"sqrt(x^2)", -1, 1, true, false},   {"sqrt(1 + x^2)", -INFINITY, INFINITY, true, true},
      {"log(x)", 0, 1, false, true},       {"1/x", -1, 1, false, true},
      {"1/x", 1, 2, true, true},           {"max(x, 1 - x)", 0, 1, true, false},
      {"max(x, 5)", 0, 1, true, true},     {"if(x < 0, x, -x)", -1, 1, true, false},
      {"floor(x)", 0.2, 0.8, true, true},  {"floor(x)", 0, 0.8, true, false},
      {"floor(x)", 0.2, 1, true, false},   {"huber(x, 1)", -9, 9, true, true},
      {"x^1.5", 0, 1, true, false},        {"x^1.5", -1, 1, false, false},
      {"x^3", -1, 1, true, true},          {"x^-2", -1, 1, false, true},
      {"asin(x)", -1, 1, true, false},     {"asin(x)", -0.5, 0.5, true, true},
      {"tan(x)", 1, 2, false, true},       {"tan(x)", -1, 1, true, true},
      {"cbrt(x)", -1, 1, true, false},     {"x^x", 0, 1, true, false},
      {"log1p(x)", -1, 1, false, true},    {"lgamma(x)", -0.5, 0.5, false, true},
      {"lgamma(x)", 0.5, 3, true, true},   {"mod(x, 1)", 0.2, 0.8, true, true},
      {"mod(x, 1)", 0.2, 1.8, true, false}};
  nd_enclosure x;
  (void)state;
  nd_enclosure_init(&x);
  for (size_t i = 0; i < ND_COUNT(cases); i++) {
    enclose_text(cases[i].formula, cases[i].low, cases[i].high, &x);
    if (x.defined != cases[i].defined || x.smooth != cases[i].smooth)
      fail_msg("%s on [%g, %g]: defined %d, smooth %d", cases[i].formula, cases[i].low,
               cases[i].high, x.defined, x.smooth);
  }
  nd_enclosure_clear(&x);
}

/* The Faddeeva function of boxes, near and far, above and below the axis: by its scalar value at places in them, which is
 * right to 1e-13 of it. Points are enclosed to the last digits. */
static void boxes_of_the_plane_are_enclosed(void **state) {
  (void)state;
  static const struct {
    const char *formula;
    double (*value)(double, double);
    double other;
    bool first; /* the box is of x, the other is y */
  } cases[] = {{"faddeeva_re(x, 0.5)", nd_faddeeva_re, 0.5, true},  {"faddeeva_im(x, 0.5)", nd_faddeeva_im, 0.5, true},
               {"faddeeva_re(x, 0)", nd_faddeeva_re, 0, true},      {"faddeeva_im(x, 0)", nd_faddeeva_im, 0, true},
               {"faddeeva_re(x, -0.75)", nd_faddeeva_re, -0.75, true}, {"faddeeva_im(1.5, x)", nd_faddeeva_im, 1.5, false},
               {"faddeeva_re(-2, x)", nd_faddeeva_re, -2, false}};
  static const double boxes[][2] = {{0.25, 0.25}, {-1, 1}, {2, 2.5}, {0, 30}, {-3, -2.9}, {1e7, 1.5e7}, {5, HUGE_VAL}};
  nd_enclosure x;
  nd_enclosure_init(&x);
  for (size_t i = 0; i < ND_COUNT(cases); i++)
    for (size_t b = 0; b < ND_COUNT(boxes); b++) {
      double low = boxes[b][0], high = boxes[b][1], top = fmin(high, 1e9);
      enclose_text(cases[i].formula, low, high, &x);
      assert_true(x.defined && x.smooth);
      for (int k = 0; k <= 40; k++) {
        double at = low + (top - low) * k / 40;
        double value = cases[i].first ? cases[i].value(at, cases[i].other) : cases[i].value(cases[i].other, at);
        double off = 1e-13 * fabs(value) + 1e-300;
        if (!(nd_enclosure_low(&x) <= value + off && nd_enclosure_high(&x) >= value - off))
          fail_msg("%s at %g is %.17g, outside of [%.17g, %.17g]", cases[i].formula, at, value, nd_enclosure_low(&x),
                   nd_enclosure_high(&x));
        if (low == high) assert_true(nd_enclosure_high(&x) - nd_enclosure_low(&x) <= 4 * off);
      }
    }
  nd_enclosure_clear(&x);
}

/* psi_1(1/2 - n) = pi^2/2 + 4 (1 + 1/9 + ... + 1/(2n-1)^2): the recurrence, from psi_1(1/2) =
 * pi^2/2. psi_2 of the same is the same sum of cubes, from -14 zeta(3). */
static void points_between_poles_are_enclosed_tightly(void **state) {
  (void)state;
  double pi = acos(-1), squares = pi * pi / 2, cubes = -14 * 1.2020569031595942854;
  nd_enclosure x;
  nd_enclosure_init(&x);
  for (int n = 1; n <= 1001; n++) {
    double at = 0.5 - n, odd = 2.0 * n - 1;
    squares += 4 / (odd * odd);
    cubes += 16 / (odd * odd * odd);
    if (n > 2 && n < 1001) continue;
    enclose_text("trigamma(x)", at, at, &x);
    assert_float_equal(nd_enclosure_low(&x), squares, 1e-12);
    assert_float_equal(nd_enclosure_high(&x), squares, 1e-12);
    enclose_text("polygamma(2, x)", at, at, &x);
    assert_float_equal(nd_enclosure_low(&x), cubes, 1e-12);
    assert_float_equal(nd_enclosure_high(&x), cubes, 1e-12);
  }
  nd_enclosure_clear(&x);
}

/* Far below 0, too, where psi_1 is all but pi^2 / sin(pi x)^2. */
static void points_far_below_0_are_enclosed_tightly(void **state) {
  (void)state;
  double pi = acos(-1), far = -1e12 - 0.25, value = 2 * pi * pi;
  nd_enclosure x;
  nd_enclosure_init(&x);
  enclose_text("trigamma(x)", far, far, &x);
  assert_float_equal(nd_enclosure_low(&x), value, 2e-12);
  assert_float_equal(nd_enclosure_high(&x), value, 2e-12);
  nd_enclosure_clear(&x);
}

/* Between poles psi_1 and psi_3 are convex: not under the tangent, whose slope at -1/2 is psi_2 =
 * 16 - 14 zeta(3) = -0.83; so psi_1 > 8.85 on [-0.6, -0.4]. Every point's value is inside. */
static void intervals_between_poles_have_a_lower_bound(void **state) {
  (void)state;
  nd_enclosure whole, point;
  nd_enclosure_init(&whole);
  nd_enclosure_init(&point);
  enclose_text("trigamma(x)", -0.6, -0.4, &whole);
  assert_true(nd_enclosure_low(&whole) > 8.85);
  for (int order = 1; order <= 3; order += 2)
    for (double low = -2.95; low < -2.1; low += 0.1) {
      const char *formula = order == 1 ? "trigamma(x)" : "polygamma(3, x)";
      enclose_text(formula, low, low + 0.05, &whole);
      for (int k = 0; k <= 20; k++) {
        double x = fmin(low + 0.05 * k / 20, low + 0.05);
        enclose_text(formula, x, x, &point);
        assert_true(nd_enclosure_high(&point) >= nd_enclosure_low(&whole));
        assert_true(nd_enclosure_low(&point) <= nd_enclosure_high(&whole));
      }
    }
  nd_enclosure_clear(&whole);
  nd_enclosure_clear(&point);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_operator_is_enclosed),
      cmocka_unit_test(points_are_enclosed_tightly),
      cmocka_unit_test(points_between_poles_are_enclosed_tightly),
      cmocka_unit_test(boxes_of_the_plane_are_enclosed),
      cmocka_unit_test(points_far_below_0_are_enclosed_tightly),
      cmocka_unit_test(intervals_between_poles_have_a_lower_bound),
      cmocka_unit_test(without_a_rule_nothing_is_known),
      cmocka_unit_test(a_tenth_is_a_tenth),
      cmocka_unit_test(kinks_and_edges_are_seen),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
