/* Intervals of parameters by the profile of the loss (profile.c). */
#ifndef ND_PROFILE_H
#define ND_PROFILE_H

#include "judge/judge.h"

/* Ends in the table's coordinates, as distances from the minimum; NaN where not FOUND. */
typedef struct nd_profile {
  size_t parameter;
  double level, below, above;
  nadir_interval_end below_is, above_is;
} nd_profile;
/* A rise of an objective's loss that counts as one: of chi2, of -2 ln L, or s^2, the loss being that at the minimum. */
double nd_unit_of_rise(const nd_objective *objective, const nd_errors *errors, double loss);
/* For each parameter that has a standard error and each level, of a fit at its minimum w (descent coordinates)
 * whose errors are by squares or by the Hessian of a likelihood. *profiles is the caller's, by nd_free. */
nadir_status nd_find_profiles(const nd_objective *objective, const nd_errors *errors,
                              const double *w, const double *levels, size_t level_count,
                              nd_profile **profiles, size_t *count, nadir_error *error);

#endif
