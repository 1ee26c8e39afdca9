/* Numbers as text, independent of locale: the shortest decimal that reads back, a given number of
 * digits for people, and a value with its error, which has two digits: the rule of the Particle Data
 * Group (Review of Particle Physics, Introduction, section 5.3) without its single digit for errors
 * above 355, which would leave "80" of 75. All three start from the shortest digits (number.cpp) and
 * round these, halves away from zero: 0.15 to one digit is 0.2, as a reader of "0.15" expects.
 * A proved bound is rounded to its safe side instead, from all digits of the double: the shortest
 * ones may lie on either side of it; one that lies closely on the wrong side of few digits gets 13. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "number_internal.h"

enum {
  ERROR_DIGITS = 2,
  CERTAIN_DIGITS = 15, /* of any double, as many survive decimal arithmetic */
  /* a value and its error are written without an exponent where the larger begins at 10^-4 to 10^9
   * and the error ends at 10^-12 or before */
  LEAST_PLAIN = -4,
  MOST_PLAIN = 10,
  FINEST_PLAIN = 12,
  ENOUGH_DIGITS = 8, /* of a bound: so many never put it oddly far off, */
  FINE_DIGITS = 13,  /* fewer may, and get these */
  MOST_EXACT = 767   /* significant digits of a double, at most */
};

/* 0.d0 d1 d2... x 10^point, so that d_i is at the place 10^(point - 1 - i). None: zero. */
typedef struct decimal {
  char digit[ND_DIGITS + 1];
  int count, point;
  bool negative;
} decimal;

static decimal decimal_of(double value) {
  decimal number = {.negative = signbit(value) != 0};
  if (value == 0) return number;
  int exponent;
  number.count = nd_shortest_digits(fabs(value), number.digit, &exponent);
  number.point = exponent + 1;
  return number;
}

static void drop_trailing_zeros(decimal *number) {
  while (number->count > 0 && number->digit[number->count - 1] == '0')
    number->count--;
}

/* Keep `count` digits at most (less than 1: what is left is nought or one unit). */
static void round_to(decimal *number, int count) {
  if (count >= number->count) return;
  bool up = count >= 0 && number->digit[count] >= '5';
  number->count = count > 0 ? count : 0;
  int i = number->count - 1;
  while (up && i >= 0 && number->digit[i] == '9')
    i--;
  if (up && i >= 0) number->digit[i]++;
  if (up && i < 0) {
    number->digit[0] = '1';
    number->point += 1;
  }
  if (up) number->count = i < 0 ? 1 : i + 1;
}

/* Keep the places down to 10^place. */
static void round_at(decimal *number, int place) {
  round_to(number, number->point - place);
}

static char digit_at(const decimal *number, int place) {
  int i = number->point - 1 - place;
  return i >= 0 && i < number->count ? number->digit[i] : '0';
}

/* Digits from the first place (at least that of units) down to 10^last. */
static char *write_fixed(char *to, const decimal *number, int last) {
  int first = number->count > 0 && number->point > 1 ? number->point - 1 : 0;
  if (number->negative) *to++ = '-';
  for (int place = first; place >= (last < 0 ? last : 0); place--) {
    if (place == -1) *to++ = '.';
    *to++ = digit_at(number, place);
  }
  *to = '\0';
  return to;
}

static void write_exponent(char *to, int exponent) {
  *to++ = 'e';
  if (exponent < 0) *to++ = '-';
  int size = exponent < 0 ? -exponent : exponent;
  if (size >= 100) *to++ = (char)('0' + size / 100);
  if (size >= 10) *to++ = (char)('0' + size / 10 % 10);
  *to++ = (char)('0' + size % 10);
  *to = '\0';
}

static bool write_special(double value, char *to) {
  if (isnan(value)) strcpy(to, "nan");
  if (isinf(value)) strcpy(to, value > 0 ? "inf" : "-inf");
  return !isfinite(value);
}

/* Plain where the point is in or near the digits, else d.ddde7. */
static void write_plainly(decimal number, int largest_plain, char *to) {
  drop_trailing_zeros(&number);
  int exponent = number.point - 1;
  if (number.count == 0 || (exponent >= -5 && exponent < largest_plain)) {
    write_fixed(to, &number, number.count ? number.point - number.count : 0);
    return;
  }
  number.point = 1;
  write_exponent(write_fixed(to, &number, 1 - number.count), exponent);
}

const char *nd_format(double value, char buffer[ND_NUMBER_TEXT]) {
  if (!write_special(value, buffer)) write_plainly(decimal_of(value), 16, buffer);
  return buffer;
}

const char *nd_format_digits(double value, int digits, char buffer[ND_NUMBER_TEXT]) {
  if (write_special(value, buffer)) return buffer;
  if (digits < 1) digits = 1;
  if (digits > ND_DIGITS) digits = ND_DIGITS;
  decimal number = decimal_of(value);
  round_to(&number, digits);
  write_plainly(number, digits > 6 ? digits : 6, buffer);
  return buffer;
}

const char *nd_format_fixed(double value, int places, char buffer[ND_NUMBER_TEXT]) {
  if (write_special(value, buffer)) return buffer;
  decimal number = decimal_of(value);
  round_at(&number, -places);
  if (number.count == 0) number.negative = false;
  write_fixed(buffer, &number, -places);
  return buffer;
}

/* The digits of |value|, cut off after `count`: *more where others follow. Of printf only digits are
 * taken, and it is asked for all that a double can have, so neither the locale nor the rounding mode
 * is in them. */
static decimal cut_exactly(double value, int count, bool *more) {
  char text[MOST_EXACT + 16], *at = text;
  decimal number = {.negative = signbit(value) != 0};
  snprintf(text, sizeof text, "%.*e", MOST_EXACT - 1, fabs(value));
  *more = false;
  for (; *at != 'e'; at++) {
    if (*at < '0' || *at > '9') continue;
    if (number.count < count)
      number.digit[number.count++] = *at;
    else
      *more = *more || *at != '0';
  }
  number.point = (int)strtol(at + 1, NULL, 10) + 1;
  return number;
}

/* One more in the last place. */
static void step_outward(decimal *number) {
  int i = number->count - 1;
  for (; i >= 0 && number->digit[i] == '9'; i--)
    number->digit[i] = '0';
  if (i >= 0) {
    number->digit[i]++;
  } else {
    number->digit[0] = '1'; /* 999 became 000: 100 of ten times that */
    number->point++;
  }
}

/* Whether the bound lies within 10^-12 of a number of so few digits that its safe side leads away from:
 * 1.9999999999999996 downwards is 1.999. */
static bool hugs(double bound, int digits, bool outward) {
  bool more;
  decimal number = cut_exactly(bound, FINE_DIGITS, &more);
  for (int i = digits; i < number.count; i++)
    if (number.digit[i] != (outward ? '0' : '9')) return false;
  return true;
}

const char *nd_format_bound(double bound, nd_toward toward, int digits,
                            char buffer[ND_NUMBER_TEXT]) {
  bool more;
  if (write_special(bound, buffer)) return buffer;
  if (bound == 0) return strcpy(buffer, "0");
  if (digits < 1) digits = 1;
  if (digits > ND_DIGITS) digits = ND_DIGITS;
  bool outward = (toward == ND_UP) == (bound > 0);
  decimal number = cut_exactly(bound, digits, &more);
  if (more && digits < ENOUGH_DIGITS && hugs(bound, digits, outward)) {
    digits = FINE_DIGITS;
    number = cut_exactly(bound, digits, &more);
  }
  if (more && outward) step_outward(&number);
  write_plainly(number, digits > 6 ? digits : 6, buffer);
  return buffer;
}

double nd_round_digits(double value, int digits) {
  char text[ND_NUMBER_TEXT];
  double rounded;
  nd_format_digits(value, digits, text);
  return nd_read_number(text, text + strlen(text), &rounded) ? rounded : value;
}

/* Rounds the error; gives the place of its last digit kept. */
static int round_error(decimal *error) {
  round_to(error, ERROR_DIGITS);
  return error->point - ERROR_DIGITS;
}

/* Both with one exponent, where plain digits would be many: 1.234e20 and 0.012e20. */
static void write_with_exponent(decimal number, int exponent, int place, char *to) {
  number.point -= exponent;
  if (number.count == 0) number.negative = false;
  char *end = write_fixed(to, &number, place - exponent);
  if (exponent != 0) write_exponent(end, exponent);
}

/* An error that is 0, or below the value's own precision: it cannot say where the value ends. */
static void write_apart(double value, const decimal *error, char *value_text, char *error_text) {
  nd_format_digits(value + 0.0, CERTAIN_DIGITS, value_text); /* never -0 */
  int top = error->point - 1;
  if (error->count == 0)
    strcpy(error_text, "0");
  else
    write_with_exponent(*error, top, top + 1 - ERROR_DIGITS, error_text);
}

void nd_format_with_error(double value, double error, char value_text[ND_NUMBER_TEXT],
                          char error_text[ND_NUMBER_TEXT]) {
  if (!isfinite(value) || !isfinite(error) || error < 0) {
    nd_format_digits(value, 6, value_text);
    error_text[0] = '\0';
    return;
  }
  decimal rounded_error = decimal_of(error), number = decimal_of(value);
  int place = round_error(&rounded_error);
  round_at(&number, place);
  int top = rounded_error.point - 1;
  if (number.count > 0 && number.point - 1 > top) top = number.point - 1;
  if (rounded_error.count == 0 || top - place >= ND_DIGITS) {
    write_apart(value, &rounded_error, value_text, error_text);
    return;
  }
  bool plain = top >= LEAST_PLAIN && top < MOST_PLAIN && place >= -FINEST_PLAIN;
  write_with_exponent(number, plain ? 0 : top, place, value_text);
  write_with_exponent(rounded_error, plain ? 0 : top, place, error_text);
}
