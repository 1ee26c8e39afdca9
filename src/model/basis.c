/* The coordinates in which a poly is descended on: polynomials that are orthogonal over the used
 * rows with their weights (Forsythe 1957), so that the Hessian of a squared loss is a multiple of
 * the identity whatever the dates and the degree.
 *
 *   P_k = sum over j <= k of part[k][j] T_j(z),   z = (x - center)/width in -1 ... 1
 *
 * T_j are Chebyshev's polynomials, of which all are of size 1; part is R^-1 of the rows
 * sqrt(weight) (T_0 ... T_degree), folded block by block in the fixed tree: one more pass over the
 * rows. What rounding does to part is of no matter: its doubles define the basis.
 *
 * Between P_k and the powers of x (w' and w) both ways go through the T_j in numbers of two doubles
 * (Dekker 1971): powers of a Julian date would lose all digits of one. O(degree^2) each. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "model/basis.h"
#include "model/model.h"

enum { MOST = ND_LIMIT_POWERS + 1 };

/* ---- values ---- */

void nd_basis_chebyshev(const nd_basis *basis, size_t degree, double x, double *t) {
  double z = (x - basis->center) / basis->width;
  t[0] = 1;
  t[1] = z;
  for (size_t k = 2; k <= degree; k++)
    t[k] = 2 * z * t[k - 1] - t[k - 2];
}

static const double *part_of(const nd_basis *basis, size_t k) {
  return basis->part + k * (basis->degree + 1);
}

double nd_basis_value(const nd_basis *basis, size_t k, double x) {
  const double *part = part_of(basis, k);
  double t[MOST], sum = 0;
  nd_basis_chebyshev(basis, k, x, t);
  for (size_t j = 0; j <= k; j++)
    sum += part[j] * t[j];
  return sum;
}

void nd_basis_sum(const nd_basis *basis, nd_scaling target, double constant, const double *weights,
                  const double *x, size_t count, double *sums) {
  double t[MOST], of[MOST] = {constant};
  for (size_t k = 1; k <= basis->degree; k++)
    for (size_t j = 0; j <= k; j++)
      of[j] += weights[k - 1] * part_of(basis, k)[j];
  for (size_t i = 0; i < count; i++) {
    nd_basis_chebyshev(basis, basis->degree, x[i], t);
    double sum = 0;
    for (size_t j = 0; j <= basis->degree; j++)
      sum += of[j] * t[j];
    sums[i] = target.center + target.width * sum;
  }
}

/* ---- numbers of two doubles ---- */

typedef struct wide {
  double high, low; /* their sum; |low| at most half a unit of high's last digit */
} wide;

static wide normal(double high, double low) {
  double sum = high + low;
  return (wide){sum, low - (sum - high)};
}

static wide plus(wide a, wide b) {
  double sum = a.high + b.high, back = sum - a.high;
  double lost = (a.high - (sum - back)) + (b.high - back);
  return normal(sum, lost + (a.low + b.low));
}

static wide times(wide a, wide b) {
  double product = a.high * b.high;
  return normal(product, fma(a.high, b.high, -product) + (a.high * b.low + a.low * b.high));
}

static wide scaled(wide a, double factor) {
  return times(a, (wide){factor, 0});
}

static wide divided(wide a, double by) {
  double first = a.high / by;
  wide rest = plus(a, scaled((wide){first, 0}, -by));
  return normal(first, rest.high / by);
}

/* ---- to the powers of x ---- */

/* to <- 2 z of - before, as polynomials in x; of has `count` powers. before may be to. */
static void next_chebyshev(const nd_basis *basis, size_t count, const wide *of, const wide *before,
                           wide *to) {
  for (size_t i = 0; i <= count; i++) {
    wide sum = i < count ? scaled(of[i], -basis->center) : (wide){0, 0};
    if (i > 0) sum = plus(sum, of[i - 1]);
    to[i] = plus(divided(scaled(sum, 2), basis->width), scaled(before[i], -1));
  }
}

/* of[j] of T_j -> powers[i] of x^i. */
static void expand(const nd_basis *basis, const wide *of, wide *powers) {
  wide room[2][MOST] = {{{1, 0}}, {{0, 0}}}, *now = room[0], *next = room[1];
  next[0] = divided((wide){-basis->center, 0}, basis->width);
  next[1] = divided((wide){1, 0}, basis->width);
  for (size_t j = 0; j <= basis->degree; j++) {
    for (size_t i = 0; i <= j; i++)
      powers[i] = plus(powers[i], times(of[j], now[i]));
    if (j + 2 <= basis->degree) next_chebyshev(basis, j + 2, next, now, now);
    wide *kept = now;
    now = next;
    next = kept;
  }
}

void nd_basis_to_powers(const nd_basis *basis, nd_scaling target, double *constant,
                        double *weights) {
  wide of[MOST] = {{*constant, 0}}, powers[MOST] = {{0, 0}};
  for (size_t k = 1; k <= basis->degree; k++)
    for (size_t j = 0; j <= k; j++)
      of[j] = plus(of[j], scaled((wide){weights[k - 1], 0}, part_of(basis, k)[j]));
  expand(basis, of, powers);
  for (size_t i = 1; i <= basis->degree; i++)
    weights[i - 1] = scaled(powers[i], target.width).high;
  *constant = plus(scaled(powers[0], target.width), (wide){target.center, 0}).high;
}

/* ---- and back ---- */

/* q <- x q + add, q a sum of T_j up to j = count - 1 before; x = center + width z, and
 * z T_j = (T_j-1 + T_j+1)/2. */
static void multiply_by_x(const nd_basis *basis, size_t count, double add, wide *q) {
  wide from[MOST + 2] = {{0, 0}};
  memcpy(from, q, count * sizeof *q);
  for (size_t j = 0; j <= count && j <= basis->degree; j++) {
    wide around = plus(j > 0 ? from[j - 1] : (wide){0, 0}, from[j + 1]);
    if (j == 1) around = plus(around, from[0]); /* z T_0 is the whole of T_1 */
    q[j] = plus(scaled(from[j], basis->center), scaled(scaled(around, 0.5), basis->width));
  }
  q[0] = plus(q[0], (wide){add, 0});
}

void nd_basis_from_powers(const nd_basis *basis, nd_scaling target, double *constant,
                          double *weights) {
  wide q[MOST] = {{0, 0}};
  for (size_t k = basis->degree; k > 0; k--)
    multiply_by_x(basis, basis->degree - k, weights[k - 1], q);
  multiply_by_x(basis, basis->degree, *constant, q);
  q[0] = plus(q[0], (wide){-target.center, 0});
  for (size_t k = basis->degree; k > 0; k--) {
    const double *part = part_of(basis, k);
    wide weight = divided(q[k], part[k]);
    for (size_t j = 0; j < k; j++)
      q[j] = plus(q[j], scaled(weight, -part[j]));
    weights[k - 1] = divided(weight, target.width).high;
  }
  *constant = divided(q[0], target.width).high;
}
