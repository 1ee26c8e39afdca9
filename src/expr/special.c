/* Functions that ops.def needs beyond the C library: lgamma without its global sign, polygamma,
 * modulo with the sign of the divisor, log(exp(a) + exp(b)).
 *
 * polygamma of order n at x > 0: the recurrence psi_n(x) = psi_n(x + 1) - (-1)^n n! / x^(n+1) lifts
 * x to where the asymptotic series with Bernoulli numbers has full precision; at x <= 0 the
 * reflection psi_n(x) = (-1)^n psi_n(1 - x) - pi d^n/dx^n cot(pi x) leads there (Abramowitz and
 * Stegun 1964, 6.3.7, 6.3.18, 6.4.6, 6.4.7, 6.4.11). Costs at most some n + 20 divisions, and n^2
 * for the reflection. */
#include "expr/expr_internal.h"

#include <math.h>

/* lgamma_r is POSIX's and older than its headers' feature macros. */
extern double lgamma_r(double x, int *sign);

double nd_lgamma(double x) {
  int sign;
  return lgamma_r(x, &sign);
}

double nd_modulo(double a, double b) {
  double rest = fmod(a, b);
  if (rest != 0 && (rest < 0) != (b < 0)) rest += b;
  return rest;
}

double nd_log_add_exp(double a, double b) {
  if (a == b) return a + 0.69314718055994530942;
  return (a > b ? a : b) + log1p(exp(-fabs(a - b)));
}

/* B_2k of k = 1 .. 15 */
static const double bernoulli[] = {1.0 / 6,
                                   -1.0 / 30,
                                   1.0 / 42,
                                   -1.0 / 30,
                                   5.0 / 66,
                                   -691.0 / 2730,
                                   7.0 / 6,
                                   -3617.0 / 510,
                                   43867.0 / 798,
                                   -174611.0 / 330,
                                   854513.0 / 138,
                                   -236364091.0 / 2730,
                                   8553103.0 / 6,
                                   -23749461029.0 / 870,
                                   8615841276005.0 / 14322};

/* The asymptotic series of digamma for large x. */
static double digamma_series(double x) {
  double sum = 0, square = 1 / (x * x), power = square;
  for (size_t k = 1; k <= ND_COUNT(bernoulli); k++, power *= square) {
    double term = bernoulli[k - 1] / (2.0 * (double)k) * power;
    if (fabs(term) < 1e-18 * fabs(sum)) break;
    sum += term;
  }
  return log(x) - 0.5 / x - sum;
}

/* (-1)^(n+1) psi_n(x) for large x: n!/x^n (1/n + 1/(2x) + sum B_2k (2k+n-1)!/((2k)! n!) x^-2k), its
 * first factor in logarithms so that neither n! nor x^n overflows alone. */
static double polygamma_series(int n, double x) {
  double order = n, sum = 1 / order + 0.5 / x, square = 1 / (x * x), factor = square;
  /* factor = (2k+n-1)! / ((2k)! n!) x^-2k; at k = 1 (n+1)!/(2 n!) = (n+1)/2 */
  factor *= (order + 1) / 2;
  for (size_t k = 1; k <= ND_COUNT(bernoulli); k++) {
    double term = bernoulli[k - 1] * factor, two_k = 2.0 * (double)k;
    sum += term;
    if (fabs(term) < 1e-18 * fabs(sum)) break;
    factor *= square * (two_k + order) * (two_k + order + 1) / ((two_k + 1) * (two_k + 2));
  }
  return sum * exp(nd_lgamma(order + 1) - order * log(x));
}

static double polygamma_positive(int n, double x) {
  double lifted = 0, least = 12.0 + n, sign = n % 2 == 0 ? -1 : 1;
  double log_factorial = nd_lgamma(n + 1.0), factorial = tgamma(n + 1.0);
  for (; x < least; x += 1) {
    double power = pow(x, n + 1.0);
    lifted += power - power == 0 && power > 0 && factorial - factorial == 0
                  ? factorial / power
                  : exp(log_factorial - (n + 1.0) * log(x));
  }
  if (n == 0) return digamma_series(x) - lifted;
  return sign * (polygamma_series(n, x) + lifted);
}

/* The n-th derivative of cot at t: a polynomial in c = cot t, by p' = -(1 + c^2) dp/dc. */
static double cotangent_derivative(int n, double t) {
  double p[ND_LIMIT_POLYGAMMA + 3] = {0, 1}, c = 1 / tan(t), value = 0;
  for (int k = 0; k < n; k++) {
    double q[ND_LIMIT_POLYGAMMA + 3] = {0};
    for (int j = 1; j <= k + 1; j++) {
      q[j - 1] -= j * p[j];
      q[j + 1] -= j * p[j];
    }
    for (int j = 0; j <= k + 2; j++)
      p[j] = q[j];
  }
  for (int j = n + 1; j >= 0; j--)
    value = value * c + p[j];
  return value;
}

double nd_polygamma(int order, double x) {
  const double pi = 3.14159265358979323846;
  if (order < 0 || order > ND_LIMIT_POLYGAMMA || x != x) return (double)NAN;
  if (x > 0) return polygamma_positive(order, x);
  double part = x - floor(x); /* cot has the period 1 in x; the part keeps its precision */
  if (part == 0) return (double)NAN;
  double reflected = polygamma_positive(order, 1 - x);
  if (order % 2 != 0) reflected = -reflected;
  return reflected - pow(pi, order + 1.0) * cotangent_derivative(order, pi * part);
}

double nd_polygamma_at(double order, double x) {
  if (!(order >= 0 && order <= ND_LIMIT_POLYGAMMA) || floor(order) != order) return (double)NAN;
  return nd_polygamma((int)order, x);
}
