/* Integers of more digits than a double holds, out of text: 4295806720000000002, the same with .0
 * behind it, 1.2376E+018. A table keeps them in two parts, the nearest double and what that leaves
 * out, which is a small integer and so exact: value = double + rest.
 *
 * Costs one look at each character; numbers beyond 30 digits are not taken apart. */
#include <math.h>

#include "table/reader_internal.h"

enum { MOST_DIGITS = 30 };

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* An exponent e, E, d or D at p, which moves behind it; 0 where there is none. */
static int read_exponent(const char **p, const char *end) {
  const char *at = *p;
  int exponent = 0;
  if (at == end || ((*at | 0x20) != 'e' && (*at | 0x20) != 'd')) return 0;
  bool negative = ++at < end && *at == '-';
  if (at < end && (*at == '-' || *at == '+')) at++;
  if (at == end || !is_digit(*at)) return 0;
  for (; at < end && is_digit(*at) && exponent < 10000; at++)
    exponent = 10 * exponent + (*at - '0');
  *p = at;
  return negative ? -exponent : exponent;
}

/* The digits without point as one integer, and how many places the point was from their end. */
static bool read_digits(const char **p, const char *end, nd_wide *value, int *places) {
  const char *at = *p, *point = NULL;
  int digits = 0;
  for (*value = 0; at < end && (is_digit(*at) || (*at == '.' && point == NULL)); at++) {
    if (*at == '.') {
      point = at;
      continue;
    }
    *value = *value * 10 + (*at - '0');
    if (*value != 0 && ++digits > MOST_DIGITS) return false;
  }
  *places = point == NULL ? 0 : (int)(at - point) - 1;
  bool any = at - *p > (point != NULL);
  *p = at;
  return any;
}

/* value * 10^power, where that is an integer of at most MOST_DIGITS digits. */
static bool shift(nd_wide *value, int power) {
  nd_wide limit = 1;
  for (int i = 0; i < MOST_DIGITS; i++)
    limit *= 10;
  for (; power > 0 && *value != 0; power--) {
    if (*value >= limit / 10) return false;
    *value *= 10;
  }
  for (; power < 0 && *value != 0; power++) {
    if (*value % 10 != 0) return false;
    *value /= 10;
  }
  return true;
}

bool nd_read_whole(const char *text, const char *end, nd_wide *value) {
  bool negative = text < end && *text == '-';
  int places;
  if (text < end && (*text == '-' || *text == '+')) text++;
  if (!read_digits(&text, end, value, &places)) return false;
  int exponent = read_exponent(&text, end);
  if (text != end || !shift(value, exponent - places)) return false;
  if (negative) *value = -*value;
  return true;
}

double nd_rest_of_whole(nd_wide value) {
  return (double)(value - (nd_wide)(double)value);
}

double nd_rest_of_text(const char *text, const char *end) {
  nd_wide value;
  return nd_read_whole(text, end, &value) ? nd_rest_of_whole(value) : 0;
}
