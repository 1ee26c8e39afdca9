/* Standard errors by fits to rows drawn again (bootstrap.c). */
#ifndef ND_BOOTSTRAP_H
#define ND_BOOTSTRAP_H

#include "judge/profile.h"
#include "objective/fitting.h"

typedef struct nd_bootstrap {
  uint64_t refits, failed; /* made; and those of them that came to no end of their own, and do not count */
} nd_bootstrap;
/* So many refits, each from w, the end of a run. Sets the covariance and the standard errors of the model, and the
 * ends of intervals that have these probabilities; none of them where fewer than two refits succeed. *profiles is
 * the caller's, by nd_free. When the time is over there are fewer refits. */
nadir_status nd_find_bootstrap(nd_fitting *fitting, const double *w, uint64_t refits,
                               const double *levels, size_t level_count, nd_bootstrap *bootstrap,
                               nd_profile **profiles, size_t *profile_count, nadir_error *error);

#endif
