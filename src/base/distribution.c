/* Probabilities of chi-square, F, Student's and normal laws.
 *
 * The incomplete gamma and beta functions by their series and continued fractions (Abramowitz and Stegun 1964,
 * 6.5.29, 6.5.31, 26.5.8), the fractions as Lentz evaluates them (Thompson and Barnett 1986). Factors before
 * them are written with the remainder of Stirling's formula, so that thousands of degrees of freedom cost no
 * digits: about 1e-13 of the probability, and 1e-9 at 1e8 degrees. Cost: the root of the degrees of freedom. */
#include <float.h>
#include <math.h>

#include "base/distribution.h"

/* lgamma_r is POSIX's and older than its headers' feature macros. */
extern double lgamma_r(double x, int *sign);

static const double TINY = 1e-300, HALF_LOG_2_PI = 0.91893853320467274178;
enum { MOST_TERMS = 10000000 };

double nd_log_factorial(double n) {
  int sign;
  return lgamma_r(n + 1, &sign);
}

/* log Gamma(a + 1) less (a + 1/2) log a - a + log(2 pi)/2. */
static double stirling_rest(double a) {
  double b = 1 / (a * a);
  if (a < 10) return nd_log_factorial(a) - (a + 0.5) * log(a) + a - HALF_LOG_2_PI;
  return (1.0 / 12 - b * (1.0 / 360 - b * (1.0 / 1260 - b * (1.0 / 1680 - b / 1188)))) / a;
}

/* A term of Lentz's: the fraction's value times d c. */
static double kept_off_0(double x) {
  return fabs(x) < TINY ? TINY : x;
}

/* ---- the incomplete gamma function ---- */

static double gamma_series(double a, double x) {
  double sum = 1, term = 1;
  for (int k = 1; k < MOST_TERMS && term > DBL_EPSILON / 4 * sum; k++)
    sum += term *= x / (a + k);
  return sum;
}

static double gamma_fraction(double a, double x) {
  double b = x + 1 - a, c = 1 / TINY, d = 1 / b, value = d;
  for (int k = 1; k < MOST_TERMS; k++) {
    double part = -k * (k - a);
    b += 2;
    d = 1 / kept_off_0(part * d + b);
    c = kept_off_0(b + part / c);
    value *= d * c;
    if (fabs(d * c - 1) < DBL_EPSILON) break;
  }
  return value;
}

/* Q(a, x), of the upper incomplete gamma function. */
static double gamma_above(double a, double x) {
  if (!(x > 0)) return x <= 0 ? 1 : (double)NAN;
  if (isinf(x)) return 0;
  double off = (x - a) / a;
  double front = exp(a * (log1p(off) - off) - 0.5 * log(a) - HALF_LOG_2_PI - stirling_rest(a));
  return x < a + 1 ? 1 - front * gamma_series(a, x) : front * a * gamma_fraction(a, x);
}

double nd_chi2_above(double x, double freedom) {
  return gamma_above(freedom / 2, x / 2);
}

double nd_normal_beyond(double z) {
  return erfc(fabs(z) / sqrt(2));
}

/* ---- the incomplete beta function ---- */

static double beta_fraction(double a, double b, double x) {
  double c = 1, d = 1 / kept_off_0(1 - (a + b) * x / (a + 1)), value = d;
  for (int k = 1; k < MOST_TERMS; k++) {
    double even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k));
    double odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1));
    d = 1 / kept_off_0(1 + even * d);
    c = kept_off_0(1 + even / c);
    value *= d * c;
    d = 1 / kept_off_0(1 + odd * d);
    c = kept_off_0(1 + odd / c);
    value *= d * c;
    if (fabs(d * c - 1) < DBL_EPSILON) break;
  }
  return value;
}

/* x^a y^b / B(a, b), y = 1 - x. */
static double beta_front(double a, double b, double x, double y) {
  double rest = stirling_rest(a + b) - stirling_rest(a) - stirling_rest(b);
  double powers = a * log((a + b) * x / a) + b * log((a + b) * y / b);
  return sqrt(a * b / (a + b)) * exp(powers + rest - HALF_LOG_2_PI);
}

/* I_x(a, b). */
static double beta_below(double a, double b, double x, double y) {
  if (x <= 0 || y <= 0) return x <= 0 ? 0 : 1;
  double front = beta_front(a, b, x, y);
  bool near = x < (a + 1) / (a + b + 2);
  return near ? front * beta_fraction(a, b, x) / a : 1 - front * beta_fraction(b, a, y) / b;
}

double nd_f_above(double x, double freedom, double below) {
  double whole = freedom * x + below;
  return beta_below(below / 2, freedom / 2, below / whole, freedom * x / whole);
}

double nd_t_beyond(double t, double freedom) {
  return nd_f_above(t * t, 1, freedom);
}

/* ---- the other way round ---- */

typedef struct law {
  double freedom, below; /* below 0: chi-square */
} law;

static double above(const law *of, double x) {
  return of->below > 0 ? nd_f_above(x, of->freedom, of->below) : nd_chi2_above(x, of->freedom);
}

/* By halving the logarithm of x. */
static double exceeded(const law *of, double probability) {
  double low = -700, high = 700;
  for (int k = 0; k < 70; k++) {
    double middle = (low + high) / 2;
    if (above(of, exp(middle)) > probability)
      low = middle;
    else
      high = middle;
  }
  return exp((low + high) / 2);
}

double nd_chi2_exceeded(double probability, double freedom) {
  return exceeded(&(law){.freedom = freedom}, probability);
}

double nd_f_exceeded(double probability, double freedom, double below) {
  return exceeded(&(law){freedom, below}, probability);
}
