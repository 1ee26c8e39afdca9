/* Starts from the data: shapes that astronomers fit, on data with noise, from no start at all. The fit must come as low
 * as the parameters that the data were made of, which a wrong minimum does not. */
#include <stdbool.h>
#include <stdint.h>

#include "support.h"

enum { MOST_ROWS = 160, TIMES = 4 };

static uint64_t seed = 88172645463325252u;

static double uniform(double low, double high) { /* xorshift: Marsaglia 2003 */
  seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
  return low + (high - low) * (double)(seed >> 11) * 0x1p-53;
}

static double noise(void) { /* a sum of twelve: variance 1 */
  double sum = -6;
  for (int i = 0; i < 12; i++)
    sum += uniform(0, 1);
  return sum;
}

/* p: parameters between 0 and 1 that say where and how wide; x: between 0 and 1, stretched by the caller. */
typedef struct shape {
  const char *formula;
  double (*at)(const double *p, double x);
  double from; /* x begins there, in units of its range */
} shape;

static double bump(double x, double m, double w) {
  return exp(-(x - m) * (x - m) / 2 / w / w);
}
static double gauss(const double *p, double x) {
  return 3 + bump(x, 0.2 + 0.6 * p[0], 0.03 + 0.1 * p[1]);
}
static double two_lines(const double *p, double x) {
  return bump(x, 0.2 + 0.2 * p[0], 0.03 + 0.05 * p[1]) + 0.6 * bump(x, 0.6 + 0.2 * p[2], 0.03 + 0.05 * p[3]);
}
static double three_lines(const double *p, double x) {
  return bump(x, 0.15 + 0.1 * p[0], 0.02 + 0.02 * p[1]) + 0.8 * bump(x, 0.45 + 0.1 * p[2], 0.02 + 0.02 * p[3]) +
         0.6 * bump(x, 0.75 + 0.1 * p[1], 0.02 + 0.02 * p[0]);
}
/* one upwards, one downwards */
static double on_a_slope(const double *p, double x) {
  return 2 * x + bump(x, 0.2 + 0.2 * p[0], 0.02 + 0.03 * p[1]) - 0.8 * bump(x, 0.6 + 0.2 * p[2], 0.02 + 0.03 * p[3]);
}
static double overlapping(const double *p, double x) {
  return bump(x, 0.4 + 0.05 * p[0], 0.03 + 0.02 * p[1]) + 0.7 * bump(x, 0.52 + 0.05 * p[2], 0.03 + 0.02 * p[3]);
}
/* of different forms: the second is the higher */
static double unlike(const double *p, double x) {
  double u = (x - 0.6 - 0.2 * p[2]) / (0.02 + 0.03 * p[3]);
  return 0.5 * bump(x, 0.2 + 0.2 * p[0], 0.03 + 0.03 * p[1]) + 1 / (1 + u * u);
}
static double lorentz(const double *p, double x) {
  double u = (x - 0.3 - 0.4 * p[0]) / (0.03 + 0.08 * p[1]);
  return 0.2 + 1 / (1 + u * u);
}
static double decay(const double *p, double x) {
  return exp(-x / (0.1 + 0.4 * p[0])) + 0.3;
}
static double power(const double *p, double x) {
  return pow(x + 0.05, 0.5 + 2 * p[0]);
}
static double step(const double *p, double x) {
  return 0.5 + 1 / (1 + exp(-(x - 0.3 - 0.4 * p[0]) / (0.03 + 0.08 * p[1])));
}
static double wave(const double *p, double x) {
  return 5 + sin(6.283185307179586 * (3 + 20 * p[0]) * x + 6 * p[1]);
}
static double two_waves(const double *p, double x) {
  return sin(6.283185307179586 * (3 + 8 * p[0]) * x + 6 * p[1]) +
         0.7 * cos(6.283185307179586 * (14 + 9 * p[2]) * x + 6 * p[3]);
}
static double saturation(const double *p, double x) {
  return x / (0.1 + 0.5 * p[0] + x);
}

static const shape shapes[] = {
    {"y ~ c + a*exp(-(x-m)^2/(2*w^2))", gauss, 30},
    {"y ~ a*exp(-((x-m)/w)^2/2) + b*exp(-((x-n)/v)^2/2) + c", two_lines, 7},
    {"y ~ a*exp(-((x-m)/w)^2/2) + b*exp(-((x-n)/v)^2/2) + d*exp(-((x-o)/u)^2/2) + c", three_lines, 7},
    {"y ~ a*exp(-((x-m)/w)^2/2) + b*exp(-((x-n)/v)^2/2) + c + d*x", on_a_slope, 7},
    {"y ~ a*exp(-((x-m)/w)^2/2) + b*exp(-((x-n)/v)^2/2) + c", overlapping, 7},
    {"y ~ a*exp(-((x-m)/w)^2/2) + b/(1 + ((x-n)/v)^2) + c", unlike, 7},
    {"y ~ c + a*g^2/((x-m)^2 + g^2)", lorentz, 7},
    {"y ~ a*exp(-x/t) + b", decay, 0},
    {"y ~ a*x^k", power, 0.05},
    {"y ~ b + a/(1 + exp(-(x-m)/s))", step, 7},
    {"y ~ a*sin(w*x + p) + c", wave, 0},
    {"y ~ K*sin(2*pi*(x - t)/P) + c", wave, 0},
    {"y ~ c + a*sin(2*pi*x/P + f) + b*sin(2*pi*x/Q + g)", two_waves, 0},
    {"y ~ v*x/(k + x)", saturation, 0},
};

typedef struct sample {
  size_t rows;
  double x[MOST_ROWS], y[MOST_ROWS], of_truth; /* the mean square that the truth leaves */
} sample;

static void draw(const shape *of, sample *s) {
  double p[4], stretch = pow(10, uniform(-1, 3)), size = pow(10, uniform(-2, 3)), sigma = uniform(0.01, 0.04);
  s->rows = 60 + (size_t)uniform(0, 100);
  for (int i = 0; i < 4; i++)
    p[i] = uniform(0, 1);
  s->of_truth = 0;
  for (size_t i = 0; i < s->rows; i++) {
    double u = uniform(0, 1), e = sigma * noise();
    s->x[i] = (of->from + u) * stretch;
    s->y[i] = size * (of->at(p, u) + e);
    s->of_truth += size * size * e * e / (double)s->rows;
  }
}

static nadir_result *fit(const char *formula, const sample *s, const char *const *pairs) {
  const test_column columns[] = {{"x", "", s->x}, {"y", "", s->y}};
  nadir_result *result;
  ok(fit_columns(columns, 2, s->rows, formula, pairs, &result));
  return result;
}

static void each_shape_is_found(void **state) {
  (void)state;
  size_t missed = 0, all = 0;
  for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++)
    for (int t = 0; t < TIMES; t++) {
      sample s;
      draw(&shapes[k], &s);
      nadir_result *r = fit(shapes[k].formula, &s, NULL);
      all++;
      assert_int_equal(r->start_from, NADIR_START_DATA);
      /* free parameters leave less than the truth does */
      if (!(r->loss <= s.of_truth)) {
        missed++;
        print_message("%s: %g, and the truth leaves %g\n", shapes[k].formula, r->loss, s.of_truth);
      }
      nadir_result_free(r);
    }
  assert_true(missed * 20 <= all); /* 95 of 100 */
}

static void the_start_can_be_typed(void **state) {
  (void)state;
  sample s;
  char start[512];
  size_t at = 0;
  draw(&shapes[0], &s);
  nadir_result *r = fit(shapes[0].formula, &s, NULL);
  for (size_t i = 0; i < r->size; i++)
    at += (size_t)snprintf(start + at, sizeof start - at, "%s%s=%.17g", i ? "," : "", r->parameter[i].name,
                           r->start[i]);
  nadir_result *again = fit(shapes[0].formula, &s, PAIRS("start", start));
  assert_int_equal(again->start_from, NADIR_START_GIVEN);
  assert_true(again->loss == r->loss && again->updates == r->updates);
  for (size_t i = 0; i < r->size; i++)
    assert_true(again->parameter[i].value == r->parameter[i].value);
  nadir_result_free(r);
  nadir_result_free(again);
}

static void threads_change_nothing(void **state) {
  (void)state;
  sample s;
  draw(&shapes[1], &s);
  nadir_result *one = fit(shapes[1].formula, &s, PAIRS("threads", "1"));
  nadir_result *two = fit(shapes[1].formula, &s, PAIRS("threads", "2"));
  for (size_t i = 0; i < one->size; i++)
    assert_true(one->start[i] == two->start[i]);
  nadir_result_free(one);
  nadir_result_free(two);
}

static void it_keeps_to_the_bounds(void **state) {
  (void)state;
  sample s;
  draw(&shapes[0], &s);
  nadir_result *r = fit(shapes[0].formula, &s, PAIRS("bounds", "a=0:,w=1e-9:"));
  assert_true(r->start[1] >= 0 && r->start[3] >= 1e-9);
  assert_true(r->loss <= s.of_truth);
  nadir_result_free(r);
}

/* Where the path is what is looked at, or a line needs no start, it is 0. */
static void others_begin_at_zero(void **state) {
  (void)state;
  sample s;
  draw(&shapes[3], &s);
  nadir_result *line = fit("y ~ a*x + b", &s, NULL);
  nadir_result *plain = fit("y ~ a*exp(-x*t) + b", &s, PAIRS("method", "gd", "updates", "0"));
  assert_int_equal(line->start_from, NADIR_START_ZERO);
  assert_int_equal(plain->start_from, NADIR_START_ZERO);
  assert_true(plain->start[0] == 0 && plain->start[1] == 0);
  nadir_result_free(line);
  nadir_result_free(plain);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_shape_is_found),    cmocka_unit_test(the_start_can_be_typed),
      cmocka_unit_test(threads_change_nothing), cmocka_unit_test(it_keeps_to_the_bounds),
      cmocka_unit_test(others_begin_at_zero),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
