/* Exact numbers: the canonical decimal text of a literal, and rational arithmetic in 64 bits.
 *
 * A literal is a decimal and stays one: 0.1 is one tenth, whatever the nearest double is.
 * Arithmetic that would leave 64 bits answers false, and the caller leaves the operation unfolded;
 * nothing here ever rounds. Costs are a few machine operations, or one pass over a literal's
 * digits. */
#include "base/divisor.h"
#include "expr/expr_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t common_divisor(int64_t a, int64_t b) {
  return (int64_t)nd_greatest_divisor(a < 0 ? -(uint64_t)a : (uint64_t)a,
                                      b < 0 ? -(uint64_t)b : (uint64_t)b);
}

static bool reduced(int64_t n, int64_t d, nd_exact *value) {
  if (d == 0 || n == INT64_MIN) return false;
  int64_t divisor = common_divisor(n, d);
  if (d < 0) divisor = -divisor;
  *value = (nd_exact){n / divisor, d / divisor};
  return true;
}

bool nd_exact_multiply(nd_exact a, nd_exact b, nd_exact *product) {
  int64_t p = common_divisor(a.n, b.d), q = common_divisor(b.n, a.d), n, d;
  if (__builtin_mul_overflow(a.n / p, b.n / q, &n)) return false;
  if (__builtin_mul_overflow(a.d / q, b.d / p, &d)) return false;
  return reduced(n, d, product);
}

bool nd_exact_divide(nd_exact a, nd_exact b, nd_exact *quotient) {
  nd_exact inverse;
  return reduced(b.d, b.n, &inverse) && nd_exact_multiply(a, inverse, quotient);
}

bool nd_exact_add(nd_exact a, nd_exact b, nd_exact *sum) {
  int64_t divisor = common_divisor(a.d, b.d), left, right, n, d;
  if (__builtin_mul_overflow(a.n, b.d / divisor, &left)) return false;
  if (__builtin_mul_overflow(b.n, a.d / divisor, &right)) return false;
  if (__builtin_add_overflow(left, right, &n)) return false;
  if (__builtin_mul_overflow(a.d, b.d / divisor, &d)) return false;
  return reduced(n, d, sum);
}

bool nd_exact_power(nd_exact a, int64_t exponent, nd_exact *power) {
  nd_exact result = {1, 1};
  if (exponent < 0) {
    if (exponent < -64 || !nd_exact_divide(result, a, &a)) return false;
    exponent = -exponent;
  }
  if (exponent > 64 && a.n != 0 && !(a.d == 1 && (a.n == 1 || a.n == -1))) return false;
  for (; exponent > 0; exponent >>= 1) {
    if ((exponent & 1) && !nd_exact_multiply(result, a, &result)) return false;
    if (exponent > 1 && !nd_exact_multiply(a, a, &a)) return false;
  }
  *power = result;
  return true;
}

bool nd_exact_compare(nd_exact a, nd_exact b, int *order) {
  nd_exact difference;
  if (!nd_exact_add(a, (nd_exact){-b.n, b.d}, &difference)) return false;
  *order = difference.n > 0 ? 1 : difference.n < 0 ? -1 : 0;
  return true;
}

int64_t nd_exact_floor(nd_exact a) {
  int64_t whole = a.n / a.d;
  return whole * a.d > a.n ? whole - 1 : whole;
}

bool nd_exact_decimal(nd_exact a, char *buffer, size_t size) {
  int64_t n = a.n, d = a.d;
  int scale = 0;
  for (; d % 10 == 0; d /= 10)
    scale++;
  for (; d % 2 == 0; d /= 2, scale++)
    if (__builtin_mul_overflow(n, 5, &n)) return false;
  for (; d % 5 == 0; d /= 5, scale++)
    if (__builtin_mul_overflow(n, 2, &n)) return false;
  if (d != 1) return false;
  int length = snprintf(buffer, size, "%llde-%d", (long long)n, scale);
  return (size_t)length < size;
}

/* The digits of a literal without leading and trailing zeros: value = 0.DIGITS * 10^point. */
typedef struct decimal {
  bool negative;
  const char *exponent_at; /* the end of the mantissa */
  size_t count;
  long point;
} decimal;

/* Of e[+-]digits, or of nothing; beyond any use it stops growing. */
static long read_exponent(const char *text, const char *end) {
  bool negative = false;
  long exponent = 0;
  if (text == end) return 0;
  text++;
  if (*text == '+' || *text == '-') negative = *text++ == '-';
  for (; text < end; text++) {
    if (exponent <= 10L * ND_LIMIT_FORMULA) exponent = exponent * 10 + (*text - '0');
  }
  return negative ? -exponent : exponent;
}

static decimal read_digits(const char *text, const char *end, char *digits) {
  decimal read = {0};
  bool fraction = false;
  if (*text == '-') {
    read.negative = true;
    text++;
  }
  for (; text < end && *text != 'e' && *text != 'E'; text++) {
    if (*text == '.') {
      fraction = true;
    } else if (read.count > 0 || *text != '0') {
      digits[read.count++] = *text;
      if (!fraction) read.point++;
    } else if (fraction) {
      read.point--;
    }
  }
  read.exponent_at = text;
  while (read.count > 0 && digits[read.count - 1] == '0')
    read.count--;
  return read;
}

bool nd_canonical_decimal(bool negative, const char *text, size_t length, char *buffer) {
  const char *end = text + length;
  char *out = buffer, *digits = buffer + 30; /* the digits are moved down, never past themselves */
  decimal read = read_digits(text, end, digits);
  if (read.count == 0) {
    strcpy(buffer, "0");
    return true;
  }
  long point = read.point + read_exponent(read.exponent_at, end), count = (long)read.count;
  if (point > ND_EXPONENT_LIMIT || point < -ND_EXPONENT_LIMIT) return false;
  if (read.negative != negative) *out++ = '-';
  if (point > 0 && point <= 21) {
    long whole = point < count ? point : count;
    memmove(out, digits, (size_t)whole);
    out += whole;
    for (long zero = count; zero < point; zero++)
      *out++ = '0';
    if (count > point) {
      *out++ = '.';
      memmove(out, digits + point, (size_t)(count - point));
      out += count - point;
    }
    *out = '\0';
  } else if (point <= 0 && point > -6) {
    *out++ = '0';
    *out++ = '.';
    for (long zero = point; zero < 0; zero++)
      *out++ = '0';
    memmove(out, digits, read.count);
    out[count] = '\0';
  } else {
    *out++ = digits[0];
    if (count > 1) {
      *out++ = '.';
      memmove(out, digits + 1, read.count - 1);
      out += count - 1;
    }
    snprintf(out, 12, "e%ld", point - 1);
  }
  return true;
}

bool nd_exact_of(const nd_graph *graph, nd_node node, nd_exact *value) {
  if (nd_node_op(graph, node) != ND_NUMBER) return false;
  const char *at = nd_node_text(graph, node);
  bool negative = *at == '-', fraction = false;
  int64_t n = 0, d = 1;
  for (at += negative; *at != '\0' && *at != 'e'; at++) {
    if (*at == '.') {
      fraction = true;
      continue;
    }
    if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *at - '0', &n)) return false;
    if (fraction && __builtin_mul_overflow(d, 10, &d)) return false;
  }
  long exponent = *at == 'e' ? strtol(at + 1, NULL, 10) : 0;
  for (; exponent > 0; exponent--)
    if (__builtin_mul_overflow(n, 10, &n)) return false;
  for (; exponent < 0; exponent++)
    if (__builtin_mul_overflow(d, 10, &d)) return false;
  return reduced(negative ? -n : n, d, value);
}
