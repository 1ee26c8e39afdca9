/* Moments that stay exact to rounding whatever the offset of the data. Many values at once take two passes over
 * them, for the mean and then for the deviations from it, and no division a value; very many take one, about a mean of
 * some of them. They should be few enough to stay in the cache. */
#include "base/dense.h"
#include "base/reflect.h"
#include "base/base.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

void nd_sort(size_t n, double *values) {
  if (n > 0) qsort(values, n, sizeof *values, by_size);
}

/* The exponent to divide a deviation by so that its square is a double: 0 in the middle of the
 * range, where bits and speed are those of plain squares. */
static int exponent_for(double deviation) {
  const double least = 0x1p-300, most = 0x1p300;
  double size = fabs(deviation);
  int exponent;
  if (!(size < least || size > most) || isinf(size)) return 0;
  frexp(size, &exponent);
  return exponent;
}

static void use_exponent(nd_moments *moments, int exponent) {
  moments->m2 = ldexp(moments->m2, 2 * (moments->exponent - exponent));
  moments->exponent = exponent;
}

/* Adds weight * deviation * step, both of the same size. */
static void add_square(nd_moments *moments, double weight, double deviation, double step) {
  if (deviation == 0) return;
  int exponent = exponent_for(deviation);
  if (moments->m2 == 0) moments->exponent = exponent;
  if (exponent > moments->exponent) use_exponent(moments, exponent);
  if (moments->exponent != 0) {
    deviation = ldexp(deviation, -moments->exponent);
    step = ldexp(step, -moments->exponent);
  }
  moments->m2 += weight * deviation * step;
}

/* West 1979, "Updating mean and variance estimates: an improved method". */
void nd_moments_add(nd_moments *moments, double value, double weight) {
  if (moments->count == 0 || value < moments->min) moments->min = value;
  if (moments->count == 0 || value > moments->max) moments->max = value;
  moments->count++;
  if (weight == 0) return;
  double total = moments->weight + weight, delta = value - moments->mean;
  double step = delta * (weight / total);
  moments->mean += step;
  add_square(moments, moments->weight, delta, step);
  moments->weight = total;
}

/* Chan, Golub and LeVeque 1979, "Updating formulae and a pairwise algorithm". */
void nd_moments_merge(nd_moments *moments, const nd_moments *more) {
  if (more->count == 0) return;
  if (moments->count == 0) {
    *moments = *more;
    return;
  }
  if (more->min < moments->min) moments->min = more->min;
  if (more->max > moments->max) moments->max = more->max;
  moments->count += more->count;
  if (more->weight == 0) return;
  double total = moments->weight + more->weight, delta = more->mean - moments->mean;
  double step = delta * (more->weight / total);
  moments->mean += step;
  if (moments->m2 == 0 || (more->m2 > 0 && more->exponent > moments->exponent))
    use_exponent(moments, more->exponent);
  moments->m2 += ldexp(more->m2, 2 * (more->exponent - moments->exponent));
  add_square(moments, moments->weight, delta, step);
  moments->weight = total;
}

/* ---- many values at once ---- */

enum { LANES = ND_EXTENT_LANES, ROOM = 512 };

/* Sums in lanes: a processor adds several at once, and every processor has the same bits. */
typedef struct lanes {
  double sum[LANES], square[LANES], weight[LANES];
} lanes;

static void add_line(lanes *to, const double *x, size_t count, double center) {
  for (size_t k = 0; k < count; k++) {
    double d = x[k] - center;
    to->sum[k] += d;
    to->square[k] += d * d;
  }
}

static void add_weighted_line(lanes *to, const double *x, const double *w, size_t count, double center) {
  for (size_t k = 0; k < count; k++) {
    double d = x[k] - center, part = w[k] * d;
    to->sum[k] += part;
    to->square[k] += part * d;
    to->weight[k] += w[k];
  }
}

/* The sums of deviations from a center; w NULL: all weights are 1. */
static lanes sums_about(nd_numbers x, const nd_numbers *w, size_t count, double center) {
  lanes sums = {0};
  double values[ROOM], weights[ROOM];
  for (size_t at = 0; at < count; at += ROOM) {
    const size_t some = count - at < ROOM ? count - at : ROOM, whole = some / LANES * LANES;
    const double *v = nd_doubles(nd_numbers_after(x, at), some, values);
    const double *u = w == NULL ? NULL : nd_doubles(nd_numbers_after(*w, at), some, weights);
    for (size_t i = 0; i < whole && u == NULL; i += LANES)
      add_line(&sums, v + i, LANES, center);
    for (size_t i = 0; i < whole && u != NULL; i += LANES)
      add_weighted_line(&sums, v + i, u + i, LANES, center);
    if (u == NULL)
      add_line(&sums, v + whole, some - whole, center);
    else
      add_weighted_line(&sums, v + whole, u + whole, some - whole, center);
  }
  return sums;
}

static void widen_ends(double low[LANES], double high[LANES], const double *x, size_t count) {
  for (size_t k = 0; k < count; k++) {
    low[k] = x[k] < low[k] ? x[k] : low[k];
    high[k] = x[k] > high[k] ? x[k] : high[k];
  }
}

static void join_ends(const double low[LANES], const double high[LANES], double *least, double *most) {
  *least = low[0], *most = high[0];
  for (size_t k = 1; k < LANES; k++) {
    if (low[k] < *least) *least = low[k];
    if (high[k] > *most) *most = high[k];
  }
}

static void find_ends(nd_numbers x, size_t count, double *least, double *most) {
  double low[LANES], high[LANES], values[ROOM];
  for (size_t k = 0; k < LANES; k++)
    low[k] = high[k] = nd_number(x, 0);
  for (size_t at = 0; at < count; at += ROOM) {
    const size_t some = count - at < ROOM ? count - at : ROOM, whole = some / LANES * LANES;
    const double *v = nd_doubles(nd_numbers_after(x, at), some, values);
    for (size_t i = 0; i < whole; i += LANES)
      widen_ends(low, high, v + i, LANES);
    widen_ends(low, high, v + whole, some - whole);
  }
  join_ends(low, high, least, most);
}

/* ---- many more, in one pass ---- */

enum { MANY = 1024, SAMPLED = 64 };

static void add_spread(nd_extent *to, const double *x, size_t count, double center) {
  for (size_t k = 0; k < count; k++) {
    double d = x[k] - center;
    to->low[k] = x[k] < to->low[k] ? x[k] : to->low[k];
    to->high[k] = x[k] > to->high[k] ? x[k] : to->high[k];
    to->sum[k] += d;
    to->square[k] += d * d;
  }
}

/* The mean of every so many-th value. That of a share p of the values is within sigma * sqrt((1 - p)/p) of the mean of
 * all, whatever they are: for 64 of 4096 within 8 sigma, so that squares about it lose 6 bits at most. */
static double sampled_mean(nd_numbers x, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < SAMPLED; i++)
    sum += nd_number(x, i * (count / SAMPLED));
  return sum / SAMPLED;
}

static void spread_about(nd_numbers x, size_t count, double center, nd_extent *all) {
  double values[ROOM];
  for (size_t at = 0; at < count; at += ROOM) {
    const size_t some = count - at < ROOM ? count - at : ROOM, whole = some / LANES * LANES;
    const double *v = nd_doubles(nd_numbers_after(x, at), some, values);
    for (size_t i = 0; i < whole; i += LANES)
      add_spread(all, v + i, LANES, center);
    add_spread(all, v + whole, some - whole, center);
  }
}

/* Whether squares of deviations are far from the ends of the doubles. */
static bool is_tame(double range, double mean, double weight) {
  return range > 0x1p-300 && range < 0x1p300 && isfinite(mean) && weight > 0x1p-300 && weight < 0x1p300;
}

/* From deviations from a center that is not the mean: what it lacks is put right. */
static void take_sums(nd_moments *all, const double sum[LANES], const double square[LANES], double center) {
  const double lacking = nd_sum_of_lanes(sum);
  all->mean = center + lacking / all->weight;
  all->m2 = fmax(0, nd_sum_of_lanes(square) - lacking * (lacking / all->weight));
}

static void add_one_by_one(nd_moments *moments, nd_numbers x, const nd_numbers *weights, size_t count) {
  for (size_t i = 0; i < count; i++)
    nd_moments_add(moments, nd_number(x, i), weights == NULL ? 1 : nd_number(*weights, i));
}

static void add_many(nd_moments *moments, nd_numbers x, size_t count, nd_extent_about *about) {
  nd_moments all = {.count = count, .weight = (double)count};
  const double center = sampled_mean(x, count);
  nd_extent of = {.sum = {0}};
  for (size_t k = 0; k < LANES; k++)
    of.low[k] = of.high[k] = nd_number(x, 0);
  (about ? about : spread_about)(x, count, center, &of);
  join_ends(of.low, of.high, &all.min, &all.max);
  if (!is_tame(all.max - all.min, center, all.weight)) {
    add_one_by_one(moments, x, NULL, count);
    return;
  }
  take_sums(&all, of.sum, of.square, center);
  nd_moments_merge(moments, &all);
}

void nd_moments_add_all(nd_moments *moments, nd_numbers x, const nd_numbers *weights, size_t count,
                        nd_extent_about *spread) {
  if (count == 0) return;
  if (count >= MANY && weights == NULL) {
    add_many(moments, x, count, spread);
    return;
  }
  nd_moments all = {.count = count, .weight = (double)count};
  find_ends(x, count, &all.min, &all.max);
  lanes sums = sums_about(x, weights, count, 0);
  if (weights != NULL) all.weight = nd_sum_of_lanes(sums.weight);
  double center = nd_sum_of_lanes(sums.sum) / all.weight;
  if (!is_tame(all.max - all.min, center, all.weight)) {
    add_one_by_one(moments, x, weights, count);
    return;
  }
  sums = sums_about(x, weights, count, center);
  take_sums(&all, sums.sum, sums.square, center);
  nd_moments_merge(moments, &all);
}

double nd_moments_sigma(const nd_moments *moments) {
  return ldexp(sqrt(moments->m2 / moments->weight), moments->exponent);
}
