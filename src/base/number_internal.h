/* What number.cpp gives to format.c and json_writer.c. */
#ifndef ND_NUMBER_INTERNAL_H
#define ND_NUMBER_INTERNAL_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { ND_DIGITS = 17 };

/* The fewest decimal digits that read back as `value` (finite, positive): d.ddd x 10^exponent is
 * digits[0].digits[1]... Gives their number. */
int nd_shortest_digits(double value, char digits[ND_DIGITS], int *exponent);

/* 17 digits as %.17g has them, of a finite value; gives the length. No NUL is written. */
size_t nd_all_digits(double value, char text[32]);

#ifdef __cplusplus
}
#endif
#endif
