/* The way between text and numbers, independent of locale: reading by fast_float (Lemire 2021,
 * "Number parsing at a gigabyte per second", correctly rounded), writing by the standard library's
 * to_chars (Ryu; Adams 2018). The only C++ of the library: these two have no equal in C.
 *
 * What fast_float does not take and tables hold: a leading +, and Fortran's exponents 1d5. The
 * plain case is one call without a copy. A number with a D exponent and more than 1000 characters
 * before it is read up to the D only. */
#include <charconv>
#include <cstring>

#include <fast_float/fast_float.h>

#include "base/base.h"
#include "number_internal.h"

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* The end of an exponent d[+-]digits at `text`, NULL if there is none. */
const char *exponent_end(const char *text, const char *end) {
  if (text == end || (*text != 'd' && *text != 'D')) return nullptr;
  if (++text != end && (*text == '+' || *text == '-')) text++;
  if (text == end || !is_digit(*text)) return nullptr;
  while (text != end && is_digit(*text))
    text++;
  return text;
}

/* Whether [text, end) is [-]digits with a point or without: what a D exponent may follow. */
bool is_mantissa(const char *text, const char *end) {
  if (text != end && *text == '-') text++;
  for (; text != end; text++)
    if (!is_digit(*text) && *text != '.') return false;
  return true;
}

const char *read_fortran(const char *text, const char *mantissa_end, const char *end,
                         double *value) {
  char copy[1024];
  const char *last = exponent_end(mantissa_end, end);
  if (last == nullptr || !is_mantissa(text, mantissa_end)) return mantissa_end;
  const std::size_t size = static_cast<std::size_t>(last - text);
  if (size > sizeof copy) return mantissa_end;
  std::memcpy(copy, text, size);
  copy[mantissa_end - text] = 'e';
  fast_float::from_chars(copy, copy + size, *value);
  return last;
}

} // namespace

const char *nd_read_number(const char *text, const char *end, double *value) {
  if (text != end && *text == '+') {
    text++;
    if (text != end && *text == '-') return nullptr;
  }
  const auto answer = fast_float::from_chars(text, end, *value);
  if (answer.ec == std::errc::invalid_argument) return nullptr;
  if (answer.ptr != end && (*answer.ptr == 'd' || *answer.ptr == 'D'))
    return read_fortran(text, answer.ptr, end, value);
  return answer.ptr;
}

int nd_shortest_digits(double value, char digits[ND_DIGITS], int *exponent) {
  char text[32];
  const auto answer = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific);
  int count = 0;
  const char *at = text;
  for (; at != answer.ptr && *at != 'e'; at++)
    if (is_digit(*at) && count < ND_DIGITS) digits[count++] = *at;
  if (at != answer.ptr) at++;
  if (at != answer.ptr && *at == '+') at++;
  *exponent = 0;
  std::from_chars(at, answer.ptr, *exponent);
  return count;
}

size_t nd_all_digits(double value, char text[32]) {
  const auto answer = std::to_chars(text, text + 32, value, std::chars_format::general, ND_DIGITS);
  return static_cast<std::size_t>(answer.ptr - text);
}
