/* The Faddeeva function against mpmath 1.2.1 at 60 digits: on the axes, near and far, both parts relative to themselves
 * however small they are; and its symmetries. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "expr/expr_internal.h"

static const struct row {
  double x, y, re, im;
} rows[] = {
    {0, 0, 1, 0},
    {1, 0, 0.3678794411714423216, 0.60715770584139372912},
    {0, 1, 0.42758357615580700441, 0},
    {0.5, 0.25, 0.6383373967914265681, 0.32581483982634512649},
    {-2, 3, 0.13075746966984856861, -0.081112650477456653006},
    {5, 1e-06, 2.4094339157716459315e-8, 0.11524596183093129331},
    {6.25, 0, 1.0848552640429378025e-17, 0.091473291696250885612},
    {-3.5, 0.001, 0.000058215051117506204796, -0.16882983690909201567},
    {20, 0.125, 0.00017696759930515048968, 0.028243763860247961727},
    {100000, 2, 1.1283791668134177821e-10, 5.6418958335028993273e-6},
    {0.3, -1.5, 10.46529239064190078, 13.632881032124640881},
    {2.5, -0.5, -0.062409145605048082619, 0.23538736434488003437},
    {1e-08, 1e-08, 0.99999998871620832904, 1.128379147095512748e-8},
    {7, 7, 0.040501640057114686944, 0.040090583461840794788},
    {3, 6, 0.075038584372901476701, 0.036716141042166648314},
};

static void close_to(double value, double expected) {
  if (!(fabs(value - expected) <= 2e-14 * fabs(expected))) fail_msg("%.17g instead of %.17g", value, expected);
}

static void values_are_right(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    close_to(nd_faddeeva_re(rows[i].x, rows[i].y), rows[i].re);
    close_to(nd_faddeeva_im(rows[i].x, rows[i].y), rows[i].im);
    close_to(nd_faddeeva_re(-rows[i].x, rows[i].y), rows[i].re);
    close_to(nd_faddeeva_im(-rows[i].x, rows[i].y), -rows[i].im);
  }
}

/* w = i/(sqrt(pi) z) far away; of what is not a number it is not one. */
static void ends_are_right(void **state) {
  (void)state;
  const double root = 0.56418958354775628695;
  close_to(nd_faddeeva_im(1e200, 1), root * 1e-200);
  close_to(nd_faddeeva_re(1, 1e200), root * 1e-200);
  close_to(nd_faddeeva_im(1e140, 1), root * 1e-140);
  assert_true(nd_faddeeva_re(HUGE_VAL, 1) == 0 && nd_faddeeva_im(-HUGE_VAL, 1) == 0);
  assert_true(isnan(nd_faddeeva_re(NAN, 1)) && isnan(nd_faddeeva_im(1, NAN)));
  assert_true(isinf(nd_faddeeva_re(0, -40)));
}

/* Between the regions of the two rules: no jump that a double could show. */
static void rules_agree_where_they_meet(void **state) {
  (void)state;
  const double step = sqrt(acos(-1) / 12);
  for (int k = 0; k < 60; k++)
    for (int edge = 0; edge < 3; edge++) {
      double x = edge < 2 ? (k + (edge ? 0.75 : 0.25)) * step : k * 0.1 + 6.2, y = edge < 2 ? 0.1 * k / 6 : x;
      double before = nd_faddeeva_re(x * (1 - 1e-15), y), after = nd_faddeeva_re(x * (1 + 1e-15), y);
      if (before > 1e-280) assert_true(fabs(before - after) <= 1e-12 * before);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_are_right),
      cmocka_unit_test(ends_are_right),
      cmocka_unit_test(rules_agree_where_they_meet),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
