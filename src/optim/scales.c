/* The size of each parameter and of the loss, from the slopes and second derivatives at a point.
 *
 *     L0 = sum of g_i^2 / (2 |H_ii|)   what one Newton step for each parameter promises
 *     s_i = sqrt(L0 / |H_ii|)
 *
 * In units of these the matrix of second derivatives has ones on its diagonal. A parameter without
 * curvature takes s_i = L0 / |g_i|, the way on which its slope is worth L0; where none has any, as
 * with losses of kinks, L0 is |L|. One without slope as well takes its own size or, at 0, the largest
 * s of the others. Other units of loss or parameters change s and L0 by just those; a power of two
 * changes no bit but exponents. Costs O(n). */
#include "optim/optim.h"

#include <float.h>
#include <math.h>

/* sqrt(a / b) of positive numbers, wherever it is a double: with the mantissa of any other units. */
static double root_of_ratio(double a, double b) {
  int exponent[2], apart;
  double ratio = frexp(a, &exponent[0]) / frexp(b, &exponent[1]);
  apart = exponent[0] - exponent[1];
  if (apart % 2 != 0) {
    ratio *= 2;
    apart--;
  }
  return ldexp(sqrt(ratio), apart / 2);
}

static bool counts(double second) {
  return isfinite(second) && second != 0;
}

static double promise(size_t n, const double *gradient, const double *second) {
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    if (counts(second[i])) sum += 0.5 * gradient[i] * (gradient[i] / fabs(second[i]));
  return sum;
}

static double size_of(double loss, double w, double gradient, double second) {
  if (counts(second)) return root_of_ratio(loss, fabs(second));
  return gradient != 0 ? loss / fabs(gradient) : fabs(w);
}

bool nd_scales_find(size_t n, double loss, const double *w, const double *gradient,
                    const double *second, double *unit, double *scale) {
  double largest = 0;
  bool good = true;
  *unit = promise(n, gradient, second);
  if (!(*unit > 0)) *unit = fabs(loss);
  if (!(*unit >= DBL_MIN) || !isfinite(*unit)) return false;
  for (size_t i = 0; i < n; i++) {
    scale[i] = size_of(*unit, w[i], gradient[i], second[i]);
    largest = fmax(largest, scale[i]);
  }
  for (size_t i = 0; i < n; i++) {
    if (scale[i] == 0) scale[i] = largest;
    good = good && scale[i] >= DBL_MIN && isfinite(scale[i]);
  }
  return good;
}
