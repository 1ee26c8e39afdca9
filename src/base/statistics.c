/* Moments that stay exact to rounding whatever the offset of the data, and order statistics found
 * by counting: doubles, read as integers after a change of sign bits, sort as numbers do, so four
 * passes that count 16 bits each find any rank. A selector has half a megabyte of counters. */
#include "base/dense.h"
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

double nd_moments_sigma(const nd_moments *moments) {
  return ldexp(sqrt(moments->m2 / moments->weight), moments->exponent);
}

enum { DIGIT_BITS = 16, BUCKETS = 1 << DIGIT_BITS, PASSES = 4 };

struct nd_selector {
  int pass;         /* 0 .. 3; 4 when the value is known */
  uint64_t prefix;  /* the digits known so far */
  uint64_t rank;    /* among those that begin with the prefix */
  uint64_t count;   /* of all values */
  uint64_t *bucket; /* how many have each next digit */
};

nadir_status nd_selector_new(nd_selector **selector, nadir_error *error) {
  *selector = NULL;
  nd_selector *fresh = nd_new(1, sizeof *fresh, error);
  if (!fresh) return NADIR_NO_MEMORY;
  fresh->bucket = nd_new(BUCKETS, sizeof *fresh->bucket, error);
  if (!fresh->bucket) {
    nd_free(fresh);
    return NADIR_NO_MEMORY;
  }
  *selector = fresh;
  return NADIR_OK;
}

void nd_selector_free(nd_selector *selector) {
  if (!selector) return;
  nd_free(selector->bucket);
  nd_free(selector);
}

/* Integers in the order of the numbers; both zeros are one. */
static uint64_t ordered(double value) {
  uint64_t bits;
  value += 0.0;
  memcpy(&bits, &value, sizeof bits);
  return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static double unordered(uint64_t bits) {
  double value;
  bits = bits >> 63 ? bits & ~(UINT64_C(1) << 63) : ~bits;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* The digits before that of this pass. */
static uint64_t known_part(uint64_t key, int pass) {
  return pass == 0 ? 0 : key >> (64 - DIGIT_BITS * pass);
}

void nd_selector_add(nd_selector *selector, double value) {
  if (isnan(value) || selector->pass == PASSES) return;
  uint64_t key = ordered(value);
  if (selector->pass == 0)
    selector->count++;
  else if (known_part(key, selector->pass) != selector->prefix)
    return;
  selector->bucket[key >> (64 - DIGIT_BITS * (selector->pass + 1)) & (BUCKETS - 1)]++;
}

uint64_t nd_selector_count(const nd_selector *selector) {
  return selector->count;
}

bool nd_selector_next_pass(nd_selector *selector, uint64_t rank) {
  if (selector->pass == PASSES) return false;
  if (selector->pass == 0) {
    if (rank >= selector->count) {
      selector->pass = PASSES;
      selector->prefix = ordered(INFINITY) + 1; /* no such value: a NaN */
      return false;
    }
    selector->rank = rank;
  }
  uint64_t digit = 0;
  while (digit < BUCKETS - 1 && selector->rank >= selector->bucket[digit])
    selector->rank -= selector->bucket[digit++];
  selector->prefix = selector->prefix << DIGIT_BITS | digit;
  selector->pass++;
  memset(selector->bucket, 0, BUCKETS * sizeof *selector->bucket);
  return selector->pass < PASSES;
}

double nd_selector_value(const nd_selector *selector) {
  return selector->pass == PASSES ? unordered(selector->prefix) : NAN;
}

void nd_selector_merge(nd_selector *selector, nd_selector *part) {
  if (selector->pass == 0) selector->count += part->count;
  for (size_t i = 0; i < BUCKETS; i++)
    selector->bucket[i] += part->bucket[i];
  nd_selector_follow(part, selector);
}

void nd_selector_follow(nd_selector *part, const nd_selector *selector) {
  part->pass = selector->pass;
  part->prefix = selector->prefix;
  part->count = 0;
  memset(part->bucket, 0, BUCKETS * sizeof *part->bucket);
}
