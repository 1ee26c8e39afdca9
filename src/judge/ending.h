/* The end of a run with all that is found of it (judge.c): what it is (ending.c), and what may be to blame
 * (causes.c). */
#ifndef ND_ENDING_H
#define ND_ENDING_H

#include "judge/bend.h"
#include "judge/bootstrap.h"
#include "judge/goodness.h"
#include "judge/profile.h"
#include "objective/fitting.h"

/* Clear also after a failure. */
typedef struct nd_ending {
  nd_fitting *fitting; /* these two are given, and stay where they are */
  const nd_run *run;
  bool quick;  /* so are these: one fit of many, of which point, errors and chi2 are found, and nothing is proved (so
                  it becomes with --no-certify) ... */
  bool convex; /* ... but that it is convex, which is known before (nd_rows_are_convex) */
  nd_certificate certificate;
  nd_diagnosis diagnosis;
  nd_survey survey; /* of fits, as what follows to the offset */
  nd_errors errors;
  nd_goodness goodness;
  nd_profile *profiles;
  size_t profile_count;
  nd_bootstrap bootstrap;
  double curvature, rounding; /* as of nadir_uncertainty */
  nd_offset offset;
  nd_wrong_gradient wrong; /* of callbacks */
} nd_ending;
/* Finds it all, within some seconds or in proportion to the run: what is cut short is not known. The
 * values, errors and covariance of a fit's model are set. */
nadir_status nd_judge(nd_ending *ending, nadir_error *error);
/* Warns of what the method, or the rows, cannot do; the causes are the result's to tell, before this. */
nadir_status nd_warn_of_ending(const nd_ending *ending, nadir_error *error);
void nd_ending_clear(nd_ending *ending);

nadir_ended nd_ending_is(const nd_ending *ending);
nadir_status nd_ending_exit(const nd_ending *ending, int *exit_status, nadir_error *error);
/* It is a limit that was typed. */
bool nd_is_typed_limit(const nd_ending *ending);
/* Whether this is to blame for how the run ended. */
bool nd_is_cause(const nd_ending *ending, nadir_cause cause);
double nd_rate_left(const nd_run *run); /* the last rate against the largest, by the trace */

#endif
