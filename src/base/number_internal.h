/* What number.cpp gives to format.c. */
#ifndef ND_NUMBER_INTERNAL_H
#define ND_NUMBER_INTERNAL_H

#ifdef __cplusplus
extern "C" {
#endif

enum { ND_DIGITS = 17 };

/* The fewest decimal digits that read back as `value` (finite, positive): d.ddd x 10^exponent is
 * digits[0].digits[1]... Gives their number. */
int nd_shortest_digits(double value, char digits[ND_DIGITS], int *exponent);

#ifdef __cplusplus
}
#endif
#endif
