/* The Faddeeva function w(z) = exp(-z^2) erfc(-i z), of which Voigt's profile is the real part.
 *
 * w is an integral over the line, which the trapezoidal and the midpoint rule give with an error that falls as
 * exp(-(pi/h)^2), once what they miss of its pole is put back: with h = sqrt(pi/12) and twelve terms to nearly all digits
 * of a double (M. Al Azah and S. N. Chandler-Wilde 2021, Computation of the complex error function using modified
 * trapezoidal rules). The rule whose points are farther from z is taken. Written so that the terms of the real part have
 * one sign: its digits are relative to itself, however small it is. w(x, -y) and w(-x, y) follow by symmetry (Abramowitz
 * and Stegun 1964, 7.1.11 and 7.1.12). Costs twelve divisions, an exponential or two, and a sine and cosine or two. */
#include <math.h>

#include "expr/expr_internal.h"

enum { TERMS = 12 };
static const double STEP = 0.51166335397324424424, SHARE = 0.32573500793527994772 /* 2 h/pi */, TURN = 12.279920495357861862 /* 2 pi/h */;
static const double PI_BY_STEP = 6.1399602476789309309;
/* (k + 1/2)^2 h^2, and exp of minus that */
static const double middle[TERMS] = {
    0.065449846949787359135, 0.58904862254808623221, 1.6362461737446839784, 3.2070425005395805976,
    5.3014376029327760899, 7.9194314809242704553, 11.061024134514063694, 14.726215563702155805,
    18.915005768488546790, 23.627394748873236648, 28.863382504856225378, 34.622969036437512982};
static const double of_middle[TERMS] = {
    0.93664602123659590635, 0.55485491015985340878, 0.19470957808529029874, 0.040476144603805742360,
    0.0049844231324685865018, 0.00036360898638930446975, 0.000015712969017800479811, 4.0224054215648138537e-7,
    6.0998249159121596070e-9, 5.4796502397575270888e-11, 2.9160317551794993927e-13, 9.1925415251343727417e-16};
/* (k + 1)^2 h^2, and exp of minus that */
static const double corner[TERMS - 1] = {
    0.26179938779914943654, 1.0471975511965977462, 2.3561944901923449288, 4.1887902047863909846,
    6.5449846949787359135, 9.4247779607693797154, 12.828170002158322390, 16.755160819145563938,
    21.205750411731104360, 26.179938779914943654, 31.677725923697081821};
static const double of_corner[TERMS - 1] = {
    0.76966541249323980757, 0.35091980717841096757, 0.094780224842154852791, 0.015164619864546569953,
    0.0014373060804075317682, 0.000080699517570304599239, 2.6840867930967433460e-6, 5.2884221169441573316e-8,
    6.1724788652243095669e-10, 4.2677311354552246865e-12, 1.7479879405655012878e-14};

typedef struct pair {
  double re, im;
} pair;

/* The sum of weight[k] i z/(z^2 - square[k]) times 2 h/pi. */
static pair sum_of(double x, double y, const double *square, const double *weight, size_t count) {
  pair sum = {0, 0};
  double across = 2 * x * y, size = x * x + y * y, along = x * x - y * y;
  for (size_t k = 0; k < count; k++) {
    double u = along - square[k], share = weight[k] / (u * u + across * across);
    sum.re += share * y * (size + square[k]);
    sum.im += share * x * (size - square[k]);
  }
  return (pair){SHARE * sum.re, SHARE * sum.im};
}

/* 2 exp(-z^2)/(1 + sign exp(-2 i pi z/h)), what the rule misses of the pole. */
static pair of_pole(double x, double y, double sign) {
  double turns = x / STEP, angle = 2 * 3.141592653589793 * (turns - floor(turns));
  double fall = exp(-TURN * y), size = 2 * exp(y * y - x * x) * fall;
  double above_re = size * cos(2 * x * y), above_im = -size * sin(2 * x * y);
  double below_re = fall + sign * cos(angle), below_im = -sign * sin(angle);
  double square = below_re * below_re + below_im * below_im;
  return (pair){(above_re * below_re + above_im * below_im) / square,
                (above_im * below_re - above_re * below_im) / square};
}

/* x, y >= 0. Of infinite ones the limit, 0. */
static pair in_quadrant(double x, double y) {
  const double far = 1e70; /* beyond, w is i/(sqrt(pi) z) to the last digit, and squares overflow */
  if (x > far || y > far) {
    double by = hypot(x, y), root = 0.56418958354775628695; /* 1/sqrt(pi) */
    return isinf(by) ? (pair){0, 0} : (pair){root * (y / by) / by, root * (x / by) / by};
  }
  if (y >= fmax(x, PI_BY_STEP)) return sum_of(x, y, middle, of_middle, TERMS);
  double turns = x / STEP, part = turns - floor(turns);
  bool between = y < x && part >= 0.25 && part <= 0.75; /* far from the corners */
  pair sum = between ? sum_of(x, y, corner, of_corner, TERMS - 1) : sum_of(x, y, middle, of_middle, TERMS);
  pair pole = of_pole(x, y, between ? -1 : 1);
  if (between) { /* the corner at 0 */
    double square = x * x + y * y;
    sum.re += SHARE / 2 * y / square;
    sum.im += SHARE / 2 * x / square;
  }
  return (pair){sum.re + pole.re, sum.im + pole.im};
}

static pair faddeeva(double x, double y) {
  if (isnan(x) || isnan(y)) return (pair){NAN, NAN};
  pair w = in_quadrant(fabs(x), fabs(y));
  if (x < 0) w.im = -w.im;
  if (y >= 0) return w;
  double size = 2 * exp(y * y - x * x), across = sin(2 * x * y);
  return (pair){size * cos(2 * x * y) - w.re, (across == 0 ? 0 : -size * across) + w.im};
}

double nd_faddeeva_re(double x, double y) {
  return faddeeva(x, y).re;
}

double nd_faddeeva_im(double x, double y) {
  return faddeeva(x, y).im;
}
