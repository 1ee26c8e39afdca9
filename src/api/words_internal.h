/* The end of a run in words: words.c is the one place where its sentences are made, out of the rows
 * of stop.def and outcome.def and the facts below. */
#ifndef ND_WORDS_INTERNAL_H
#define ND_WORDS_INTERNAL_H

#include "judge/judge.h"

typedef struct nd_ending {
  const nadir_settings *settings;
  const nd_run *run;
  const nd_diagnosis *diagnosis;
  const nd_survey *survey;
  const nd_errors *errors;
  const nd_offset *offset; /* NULL: none */
  bool convex, fit;        /* convex: proved */
  char *const *names;      /* of the parameters */
  size_t size;
  size_t
      flat_by_form; /* directions that no rows could determine: softmax adds the same to all classes */
} nd_ending;

nadir_ended nd_ending_is(const nd_ending *ending);
nadir_status nd_ending_exit(const nd_ending *ending, int *exit_status, nadir_error *error);
const char *nd_ended_name(nadir_ended ended); /* as in the JSON object */
const char *nd_point_name(nadir_point point);
const char *nd_point_is_name(nadir_point_is is); /* NULL for none */
const char *nd_last_words(const nd_ending *ending);
/* causes.c: whether this is to blame for how the run ended. */
bool nd_is_cause(const nd_ending *ending, nd_cause cause);
void nd_say_cause(const nd_ending *ending, nd_cause cause, nd_text *out);
double nd_rate_left(const nd_run *run); /* the last rate against the largest, by the trace */
const char *nd_no_gap_words(nd_no_gap why); /* "" where there is one */
void nd_say_why(const nd_ending *ending, nd_text *out);
void nd_say_point(const nd_ending *ending, nd_text *out);

#endif
