/* Decimals as exact rationals, and rationals as doubles on the asked side of them.
 *
 * A literal of more than 6000 characters, or with an exponent beyond that, is not read: its powers of
 * ten would cost more than they are worth. Forbidden: a double in the place of a decimal. */
#include "theory/decimal_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LITERAL_LIMIT = 6000, EXPONENT_LIMIT = 6000 };

static bool read_digits(fmpz_t value, const char **text, long *places) {
  const char *at = *text;
  bool point = false, any = false;
  fmpz_zero(value);
  *places = 0;
  for (; (*at >= '0' && *at <= '9') || (*at == '.' && !point); at++) {
    if (*at == '.') {
      point = true;
      continue;
    }
    fmpz_mul_ui(value, value, 10);
    fmpz_add_ui(value, value, (ulong)(*at - '0'));
    any = true;
    if (point) ++*places;
  }
  *text = at;
  return any;
}

bool nd_read_decimal(const char *text, fmpq_t value) {
  bool negative = false;
  long places, exponent = 0;
  fmpz_t power;
  if (strlen(text) > LITERAL_LIMIT) return false;
  if (*text == '-' || *text == '+') negative = *text++ == '-';
  fmpq_zero(value);
  if (!read_digits(fmpq_numref(value), &text, &places)) return false;
  if (*text == 'e' || *text == 'E') {
    char *end;
    exponent = strtol(text + 1, &end, 10);
    if (end == text + 1) return false;
    text = end;
  }
  if (*text != 0 || exponent > EXPONENT_LIMIT || exponent < -EXPONENT_LIMIT) return false;
  exponent -= places;
  fmpz_init(power);
  fmpz_set_ui(power, 10);
  fmpz_pow_ui(power, power, (ulong)labs(exponent));
  if (exponent >= 0)
    fmpz_mul(fmpq_numref(value), fmpq_numref(value), power);
  else
    fmpz_set(fmpq_denref(value), power);
  fmpz_clear(power);
  fmpq_canonicalise(value);
  if (negative) fmpq_neg(value, value);
  return true;
}

void nd_rational_of_double(double value, fmpq_t rational) {
  int exponent;
  double mantissa = ldexp(frexp(value, &exponent), 53);
  fmpz_t power;
  fmpz_init(power);
  exponent -= 53;
  fmpz_set_ui(power, 2);
  fmpz_pow_ui(power, power, (ulong)abs(exponent));
  fmpz_set_d(fmpq_numref(rational), mantissa);
  fmpz_one(fmpq_denref(rational));
  if (exponent >= 0)
    fmpz_mul(fmpq_numref(rational), fmpq_numref(rational), power);
  else
    fmpz_set(fmpq_denref(rational), power);
  fmpq_canonicalise(rational);
  fmpz_clear(power);
}

double nd_rational_end(const fmpq_t value, bool upwards) {
  fmpq_t back;
  double near;
  slong top, bottom;
  double n = fmpz_get_d_2exp(&top, fmpq_numref(value));
  double d = fmpz_get_d_2exp(&bottom, fmpq_denref(value));
  if (top - bottom > 1000)
    return n > 0 ? (upwards ? INFINITY : 1e300) : (upwards ? -1e300 : -INFINITY);
  if (top - bottom < -1000) return upwards ? (n > 0 ? 1e-300 : 0) : (n < 0 ? -1e-300 : 0);
  near = ldexp(n / d, (int)(top - bottom));
  if (near == 0) return 0;
  fmpq_init(back);
  nd_rational_of_double(near, back);
  /* the quotient may be off by a few units: step until it is on the asked side */
  for (int order; (order = fmpq_cmp(back, value)), upwards ? order < 0 : order > 0;) {
    near = nextafter(near, upwards ? INFINITY : -INFINITY);
    nd_rational_of_double(near, back);
  }
  fmpq_clear(back);
  return near;
}
