/* The facts of the end of a run together: what it is (ending.c), and what may be to blame (causes.c). */
#ifndef ND_ENDING_H
#define ND_ENDING_H

#include "judge/judge.h"

typedef struct nd_ending {
  const nadir_settings *settings;
  const nd_run *run;
  const nd_diagnosis *diagnosis;
  const nd_survey *survey;
  const nd_errors *errors;
  const nd_offset *offset; /* NULL: none */
  const nd_wrong_gradient *wrong;
  bool convex, fit;        /* convex: proved */
  char *const *names;      /* of the parameters */
  size_t size;
  size_t
      flat_by_form; /* directions that no rows could determine: softmax adds the same to all classes */
} nd_ending;

nadir_ended nd_ending_is(const nd_ending *ending);
nadir_status nd_ending_exit(const nd_ending *ending, int *exit_status, nadir_error *error);
/* It is a limit that was typed. */
bool nd_is_typed_limit(const nd_ending *ending);
/* Whether this is to blame for how the run ended. */
bool nd_is_cause(const nd_ending *ending, nadir_cause cause);
double nd_rate_left(const nd_run *run); /* the last rate against the largest, by the trace */

#endif
