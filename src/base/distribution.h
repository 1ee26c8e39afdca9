/* Probabilities of chi-square, F, Student's and normal laws, for intervals and tests of fits (distribution.c). */
#ifndef ND_DISTRIBUTION_H
#define ND_DISTRIBUTION_H

#include "base/base.h"

/* The probability of more than x. */
double nd_chi2_above(double x, double freedom);
double nd_f_above(double x, double freedom, double freedom_below);
/* That of a normal number farther from 0 than z, on either side, and of Student's t. */
double nd_normal_beyond(double z);
double nd_t_beyond(double t, double freedom);
double nd_log_factorial(double n); /* log Gamma(n + 1) */
/* The x that is exceeded with this probability, between 0 and 1. */
double nd_chi2_exceeded(double probability, double freedom);
double nd_f_exceeded(double probability, double freedom, double freedom_below);

#endif
