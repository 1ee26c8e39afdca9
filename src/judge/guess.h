/* Where the descent of a fit begins when nobody says so. */
#ifndef ND_GUESS_H
#define ND_GUESS_H

#include "objective/fitting.h"

/* A start from the data, in descent coordinates: of a formula that is not affine in its parameters, with a loss that
 * compares it with a number. *found false: there is none to be had, or none is wanted (a start is given, or the
 * method is one of those whose path from 0 is what is looked at). */
nadir_status nd_guess_start(nd_fitting *fitting, double *start, bool *found, nadir_error *error);

#endif
