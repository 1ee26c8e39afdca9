/* Probabilities against scipy.stats 1.10 (chi2.sf, f.sf, t.sf, chi2.isf, f.isf). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/distribution.h"

static void near(double value, double truth, double relative) {
  if (!(fabs(value - truth) <= relative * fabs(truth))) fail_msg("%.17g is not %.17g", value, truth);
}

static void chi2(void **state) {
  (void)state;
  static const double cases[][3] = {{562.23, 579, 0.683678046967845},
                                    {0.1, 1, 0.7518296340458492},
                                    {700, 500, 7.728992111216604e-09},
                                    {1e-3, 10, 1.0},
                                    {3e7, 3e7, 0.499965664515363},
                                    {100, 1, 1.5239706048320995e-23},
                                    {2000, 1000, 4.1436785914539184e-69},
                                    {25, 40, 0.9694058710730035}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    near(nd_chi2_above(cases[i][0], cases[i][1]), cases[i][2], cases[i][1] > 1e6 ? 1e-9 : 1e-11);
  assert_true(nd_chi2_above(0, 3) == 1 && nd_chi2_above(INFINITY, 3) == 0);
  assert_true(isnan(nd_chi2_above(NAN, 3)));
  near(nd_normal_beyond(1.959963984540054), 0.05, 1e-14);
}

static void f(void **state) {
  (void)state;
  static const double cases[][4] = {
      {4, 1, 22, 0.05799570170249608},     {2.5, 3, 9, 0.12551766119622107},
      {0.2, 5, 100, 0.9617665475935793},   {3.84, 1, 1e6, 0.050043798625514065},
      {10, 2, 3, 0.047107507729214036},    {1e-6, 4, 7, 0.9999999999974286}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    near(nd_f_above(cases[i][0], cases[i][1], cases[i][2]), cases[i][3], 1e-9);
  assert_true(nd_f_above(0, 2, 3) == 1 && nd_f_above(INFINITY, 2, 3) == 0);
}

static void t(void **state) {
  (void)state;
  static const double cases[][3] = {
      {2, 22, 0.0579957017024961},        {0.5, 3, 0.651447964848151},
      {1e-3, 5, 0.9992407867721976},      {12, 1, 0.05292935211917974},
      {-6.03, 22, 4.544296657120021e-06}, {37, 60, 5.171702292186935e-43}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    near(nd_t_beyond(cases[i][0], cases[i][1]), cases[i][2], 1e-9);
  assert_true(nd_t_beyond(0, 3) == 1 && nd_t_beyond(INFINITY, 3) == 0 &&
              isnan(nd_t_beyond(NAN, 3)));
}

static void exceeded(void **state) {
  (void)state;
  near(nd_chi2_exceeded(0.05, 1), 3.8414588206941285, 1e-13);
  near(nd_f_exceeded(0.05, 1, 22), 4.300949501777657, 1e-13);
  near(nd_f_exceeded(0.05, 2, 10), 4.1028210151304005, 1e-13);
  near(nd_log_factorial(10), log(3628800), 1e-15);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(chi2), cmocka_unit_test(f),
                                     cmocka_unit_test(t), cmocka_unit_test(exceeded)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
