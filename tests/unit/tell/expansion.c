/* Expansions in words and formulas: the polynomial reads back, what was not asked for or not proved is not printed, or
 * is said to be missing. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nadir/step.h"

static char formula[] = "h", x_name[] = "x", y_name[] = "y";
static char *names[] = {x_name, y_name};
static double at[] = {0, 0}, gradient[] = {0, 0}, hessian[] = {2, 0, 0, 2}, errors[] = {0, 0, 0, 0},
              minimizer[] = {1, -1};

static nadir_expansion expansion(size_t size) {
  return (nadir_expansion){.formula = formula,
                           .size = size,
                           .parameter = names,
                           .at = at,
                           .value = 3,
                           .gradient = gradient,
                           .hessian = hessian,
                           .radius = NAN,
                           .remainder = NAN,
                           .rate = NAN,
                           .predicted_decrease = NAN,
                           .true_decrease = NAN,
                           .within = 0.1,
                           .valid_radius = NAN,
                           .quadratic_radius = NAN};
}

static char *text_of(const nadir_expansion *x, nadir_format format) {
  char *text;
  assert_int_equal(nadir_expansion_text(x, format, &text, NULL), NADIR_OK);
  return text;
}

static void expect(const nadir_expansion *x, nadir_format format, const char *expected) {
  char *text = text_of(x, format);
  assert_string_equal(text, expected);
  nadir_text_free(text);
}

static void expect_part(const nadir_expansion *x, const char *part) {
  char *text = text_of(x, NADIR_PEOPLE);
  if (strstr(text, part) == NULL) fail_msg("no '%s' in %s", part, text);
  nadir_text_free(text);
}

static void polynomials(void **state) {
  (void)state;
  double coefficients[] = {-1, 2, 0, -0.5};
  nadir_expansion x = expansion(1);
  x.coefficients = 4;
  x.coefficient = coefficients;
  x.coefficient_error = errors;
  expect(&x, NADIR_LATEX, "-1 + 2\\,x - 0.5\\,x^{3}\n");
  at[0] = -2.5;
  expect(&x, NADIR_LATEX, "-1 + 2\\,(x + 2.5) - 0.5\\,(x + 2.5)^{3}\n");
  at[0] = 1;
  expect_part(&x, "-1 + 2*(x - 1) - 0.5*(x - 1)^3");
  memset(coefficients, 0, sizeof coefficients);
  expect(&x, NADIR_LATEX, "0\n");
  at[0] = 0;
}

static void planes(void **state) {
  (void)state;
  nadir_expansion x = expansion(2);
  expect_part(&x, "the plane has no radius: its gradient vanishes here");
  gradient[1] = -2;
  at[1] = 1;
  expect(&x, NADIR_LATEX, "L(w) \\approx 3 + 0\\,(x - 0) - 2\\,(y - 1)\n");
  expect_part(&x, "the plane has no radius: none is proved");
  x.is_affine = 1;
  expect_part(&x, "the plane has no radius: the formula is affine");
  x.valid_radius = 0.25;
  x.quadratic_radius = 0.5;
  expect_part(&x, "the plane is right to 0.1 of the decrease up to a radius of 0.25 (proved)\n"
                  "the quadratic is, up to a radius of 0.5 (proved)\n");
  x.radius = 2;
  char *text = text_of(&x, NADIR_PEOPLE); /* no minimizer: no circle */
  assert_null(strstr(text, "in the circle"));
  nadir_text_free(text);
  x.minimizer = minimizer;
  x.rate = 1;
  x.predicted_decrease = 4;
  expect_part(&x, "in the circle of radius 2 the plane is lowest at\n");
  expect_part(&x, "4 predicted by the plane, and the formula has no finite value there\n");
  x.true_decrease = 3.5;
  expect_part(&x, "4 predicted by the plane, 3.5 true\n");
  gradient[1] = at[1] = 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(polynomials), cmocka_unit_test(planes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
