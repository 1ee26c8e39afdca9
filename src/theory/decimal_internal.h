/* Exact decimals (decimal.c). */
#ifndef ND_DECIMAL_INTERNAL_H
#define ND_DECIMAL_INTERNAL_H

#include <flint/fmpq.h>
#include <stdbool.h>

/* The exact value of a literal, or of a text as in nd_range; false where it is none, or is too long or
 * too far from 1. */
bool nd_read_decimal(const char *text, fmpq_t value);
void nd_rational_of_double(double value, fmpq_t rational);
/* Bounds of a rational as doubles. */
double nd_rational_end(const fmpq_t value, bool upwards);

#endif
