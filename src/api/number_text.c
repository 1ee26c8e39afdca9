/* Numbers for people, as base/format.c writes them everywhere. */
#include "api/api_internal.h"

_Static_assert((int)NADIR_NUMBER_TEXT == (int)ND_NUMBER_TEXT, "one size of text for a number");

const char *nadir_number(double value, int digits, char text[NADIR_NUMBER_TEXT]) {
  return digits > 0 ? nd_format_digits(value, digits, text) : nd_format(value, text);
}

void nadir_number_with_error(double value, double error, char value_text[NADIR_NUMBER_TEXT],
                             char error_text[NADIR_NUMBER_TEXT]) {
  nd_format_with_error(value, error, value_text, error_text);
}
