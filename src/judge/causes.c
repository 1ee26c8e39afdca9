/* What is to blame when a run did not end as it should: looked for in the facts of the run, one
 * question a cause; its sentence is in tell/outcome.def. */
#include "judge/ending.h"

static const double RATE_GONE = 1e-3; /* of the largest rate */
static const double FAR_ABOVE = 6;    /* sigmas of chi2 */

static nadir_point point_of(const nd_ending *e) {
  return nd_reason_about(e->diagnosis.reason)->point;
}

static bool is_lost(const nd_ending *e) {
  return nd_stop_amounts_to(e->run->stop) == ND_ENDED_DIVERGED;
}

static bool is_short_of_minimum(const nd_ending *e) {
  return point_of(e) != NADIR_MINIMUM && !is_lost(e);
}

double nd_rate_left(const nd_run *run) {
  const nadir_trace *trace = run->trace;
  double largest = 0, last = 0;
  for (size_t r = 1; r < trace->rows; r++) {
    last = trace->values[r * trace->columns + NADIR_TRACE_RATE];
    largest = fmax(largest, last);
  }
  return largest > 0 ? last / largest : (double)NAN;
}

static bool has_worn_rate(const nd_ending *e) {
  return is_short_of_minimum(e) && nd_rate_left(e->run) < RATE_GONE;
}

/* chi2 has a variance of twice its degrees of freedom. */
static bool fits_badly(const nd_ending *e) {
  double freedom = (double)e->errors.degrees_of_freedom;
  return point_of(e) == NADIR_MINIMUM && freedom > 0 &&
         e->errors.chi2 > 1.5 * freedom + FAR_ABOVE * sqrt(2 * freedom);
}

/* Directions that no rows could determine: the models of the classes are determined up to one that is
 * added to all of them. */
static size_t flat_by_form(const nd_model *model) {
  bool softmax = model->target_kind == ND_TARGET_CLASS && model->class_count > 0;
  return softmax ? model->size / model->class_count : 0;
}

/* By the rows: what the form of the model leaves open is no fault of theirs. Where an offset hides what
 * they determine, that is to be corrected first. */
static bool is_undetermined(const nd_ending *e) {
  nadir_reason reason = e->diagnosis.reason;
  return e->fitting->model && e->offset.count == 0 && e->diagnosis.direction_count > flat_by_form(e->fitting->model) &&
         (reason == NADIR_REASON_FLAT || reason == NADIR_REASON_FLAT_CONVEX || reason == NADIR_REASON_LEAST);
}

static bool climbed(const nd_ending *e) {
  return e->run->rises > 0 && !is_lost(e) && point_of(e) != NADIR_MINIMUM &&
         e->run->loss > e->run->first_loss * (1 + 1e-12);
}

static bool went_nowhere(const nd_ending *e) {
  for (size_t i = 0; e->run->updates > 0 && i < e->fitting->objective->problem.size; i++)
    if (e->run->reach[i] > 0) return false;
  return true;
}

/* Whether all that holds it is that the slope is 0 there. */
static bool never_began(const nd_ending *e) {
  return e->run->first_gradient == 0 && is_short_of_minimum(e) && went_nowhere(e);
}

bool nd_is_cause(const nd_ending *e, nadir_cause cause) {
  bool falls = is_short_of_minimum(e) && e->fitting->model;
  switch (cause) {
  case NADIR_CAUSE_SEPARATED:
    return falls && e->survey.separated;
  case NADIR_CAUSE_ONE_CLASS:
    return falls && e->survey.one_class;
  case NADIR_CAUSE_ALL_ZERO:
    return falls && e->survey.all_zero;
  case NADIR_CAUSE_IDLE:
    return e->diagnosis.idle != NULL;
  case NADIR_CAUSE_RATE_AT_ZERO:
    return has_worn_rate(e);
  case NADIR_CAUSE_COLLINEAR:
    return is_undetermined(e);
  case NADIR_CAUSE_OFFSET:
    return e->offset.count > 0 && !is_lost(e);
  case NADIR_CAUSE_NO_MINIMUM:
    return point_of(e) == NADIR_FALLS && e->certificate.verdict.convex == NADIR_PROVED && !e->fitting->model;
  case NADIR_CAUSE_ABOVE_START:
    return climbed(e);
  case NADIR_CAUSE_POOR_FIT:
    return e->fitting->model && fits_badly(e);
  case NADIR_CAUSE_AT_START:
    return never_began(e);
  case NADIR_CAUSE_GRADIENT:
    return e->wrong.found;
  }
  return false;
}
