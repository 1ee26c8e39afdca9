/* Tests of residuals, which are those of a model that leaves noise alone where neither is striking.
 *
 * Runs of one sign (Wald and Wolfowitz 1940), by the normal law of their number: few are a trend that the model
 * misses. D'Agostino and Pearson's K^2 (1973) of skewness and kurtosis, each made normal (D'Agostino 1970; Anscombe
 * and Glynn 1983). Cost: n log n. */
#include <math.h>
#include <stdlib.h>

#include "base/distribution.h"
#include "judge/residuals.h"

enum { FEWEST_OF_A_SIGN = 10, FEWEST = 20 };

static int compare(const void *first, const void *second) {
  const nd_residual *a = first, *b = second;
  if (a->place != b->place) return a->place < b->place ? -1 : 1;
  return a->row < b->row ? -1 : a->row > b->row;
}

double nd_runs_p(nd_residual *residuals, size_t count) {
  double of_sign[2] = {0, 0}, runs = 0;
  bool last = false;
  qsort(residuals, count, sizeof *residuals, compare);
  for (size_t i = 0; i < count; i++) {
    bool above = residuals[i].value > 0;
    if (residuals[i].value == 0) continue;
    runs += runs == 0 || above != last;
    of_sign[above]++;
    last = above;
  }
  if (fmin(of_sign[0], of_sign[1]) < FEWEST_OF_A_SIGN) return (double)NAN;
  double n = of_sign[0] + of_sign[1], mean = 2 * of_sign[0] * of_sign[1] / n + 1;
  return nd_normal_beyond((runs - mean) / sqrt((mean - 1) * (mean - 2) / (n - 1)));
}

/* ---- K^2 ---- */

/* The skewness of n normal numbers as a standard normal one. */
static double normal_of_skewness(double skewness, double n) {
  double y = skewness * sqrt((n + 1) * (n + 3) / (6 * (n - 2)));
  double beta2 =
      3 * (n * n + 27 * n - 70) * (n + 1) * (n + 3) / ((n - 2) * (n + 5) * (n + 7) * (n + 9));
  double w2 = sqrt(2 * (beta2 - 1)) - 1;
  return asinh(y / sqrt(2 / (w2 - 1))) / sqrt(log(w2) / 2);
}

/* The same of their kurtosis, 3 in the mean of many. */
static double normal_of_kurtosis(double kurtosis, double n) {
  double mean = 3 * (n - 1) / (n + 1);
  double variance = 24 * n * (n - 2) * (n - 3) / ((n + 1) * (n + 1) * (n + 3) * (n + 5));
  double x = (kurtosis - mean) / sqrt(variance);
  double skew = 6 * (n * n - 5 * n + 2) / ((n + 7) * (n + 9)) *
                sqrt(6 * (n + 3) * (n + 5) / (n * (n - 2) * (n - 3)));
  double a = 6 + 8 / skew * (2 / skew + sqrt(1 + 4 / (skew * skew)));
  double inner = (1 - 2 / a) / (1 + x * sqrt(2 / (a - 4)));
  return (1 - 2 / (9 * a) - cbrt(inner)) / sqrt(2 / (9 * a));
}

double nd_normal_p(const nd_residual *residuals, size_t count) {
  double n = (double)count, mean = 0, m2 = 0, m3 = 0, m4 = 0;
  if (count < FEWEST) return (double)NAN;
  for (size_t i = 0; i < count; i++)
    mean += residuals[i].value / n;
  for (size_t i = 0; i < count; i++) {
    double r = residuals[i].value - mean;
    m2 += r * r / n;
    m3 += r * r * r / n;
    m4 += r * r * r * r / n;
  }
  double skew = normal_of_skewness(m3 / (m2 * sqrt(m2)), n);
  double tails = normal_of_kurtosis(m4 / (m2 * m2), n);
  return exp(-(skew * skew + tails * tails) / 2);
}

/* ---- the farthest ---- */

double nd_farthest(const nd_residual *residuals, size_t count) {
  double most = 0;
  for (size_t i = 0; i < count; i++)
    most = fmax(most, fabs(residuals[i].value));
  return most;
}

/* 1 - (1 - p)^n, p of one. */
double nd_farthest_p(double farthest, size_t count) {
  return -expm1((double)count * log1p(-nd_normal_beyond(farthest)));
}
