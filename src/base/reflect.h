/* Sums in a fixed order of lanes, so that their bits are the same at any width of vectors, and the Householder
 * reflections that fold rows into a triangle (base/dense_qr.c): in a header, so that the engine compiles them for each
 * level of processor. */
#ifndef ND_REFLECT_H
#define ND_REFLECT_H

#include <math.h>
#include <string.h>

#include "base/base.h"

enum { ND_DENSE_LANES = 8 };

static inline double nd_sum_of_lanes(const double lane[ND_DENSE_LANES]) {
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

static inline double nd_sum_of_products(size_t count, const double *a, const double *b) {
  double lane[ND_DENSE_LANES] = {0}, rest = 0;
  size_t i = 0;
  for (; i + ND_DENSE_LANES <= count; i += ND_DENSE_LANES)
    for (size_t l = 0; l < ND_DENSE_LANES; l++)
      lane[l] += a[i + l] * b[i + l];
  for (; i < count; i++)
    rest += a[i] * b[i];
  return nd_sum_of_lanes(lane) + rest;
}

static inline double nd_sum_of_sizes(size_t count, const double *a) {
  double lane[ND_DENSE_LANES] = {0}, rest = 0;
  size_t i = 0;
  for (; i + ND_DENSE_LANES <= count; i += ND_DENSE_LANES)
    for (size_t l = 0; l < ND_DENSE_LANES; l++)
      lane[l] += fabs(a[i + l]);
  for (; i < count; i++)
    rest += fabs(a[i]);
  return nd_sum_of_lanes(lane) + rest;
}

static inline void nd_subtract_multiple(size_t count, double factor, const double *v, double *a) {
  for (size_t i = 0; i < count; i++)
    a[i] -= factor * v[i];
}

/* I - tau (head, v) (head, v)' takes (x, v) / 2^exponent to (beta, 0) /
 * 2^exponent. */
typedef struct nd_reflection {
  double head, tau, beta;
} nd_reflection;

/* The exponent of a size as frexp has it, kept where both 2^e and 2^-e are normal doubles; 0 of what is not finite. */
static inline int nd_exponent_of(double size) {
  uint64_t bits;
  memcpy(&bits, &size, sizeof bits);
  int exponent = (int)(bits >> 52 & 0x7FF) - 1022;
  return exponent < -1022 ? -1022 : exponent > 1022 ? (isfinite(size) ? 1022 : 0) : exponent;
}

/* |exponent| <= 1022. */
static inline double nd_power_of_two(int exponent) {
  const uint64_t bits = (uint64_t)(exponent + 1023) << 52;
  double power;
  memcpy(&power, &bits, sizeof power);
  return power;
}

/* v is divided by the power of two in place; size is the sum of its sizes. x and v are not all 0. */
static inline nd_reflection nd_reflect(double x, size_t count, double *v, double size) {
  const int exponent = nd_exponent_of(fabs(x) + size);
  const double down = nd_power_of_two(-exponent), head = x * down;
  for (size_t i = 0; i < count; i++)
    v[i] *= down;
  const double norm = sqrt(head * head + nd_sum_of_products(count, v, v));
  return (nd_reflection){.head = head + copysign(norm, head),
                         .tau = 1 / (norm * (norm + fabs(head))),
                         .beta = -copysign(norm, head) * nd_power_of_two(exponent)};
}

/* Column k of the tile is at tile + k * rows; the columns before `from` are zero. */
static inline void nd_fold_tile(size_t n, size_t from, double *r, size_t rows, double *tile) {
  for (size_t j = from; j < n; j++) {
    double *v = tile + j * rows, *row = r + j * n;
    const double size = nd_sum_of_sizes(rows, v);
    if (size == 0) continue;
    const nd_reflection h = nd_reflect(row[j], rows, v, size);
    row[j] = h.beta;
    for (size_t k = j + 1; k < n; k++) {
      double *column = tile + k * rows;
      const double w = h.tau * (h.head * row[k] + nd_sum_of_products(rows, v, column));
      row[k] -= h.head * w;
      nd_subtract_multiple(rows, w, v, column);
    }
  }
}

#endif
