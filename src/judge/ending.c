/* What the end of a run is: done, at a limit, stuck ..., and the exit status that goes with it. */
#include "judge/ending.h"

static nadir_point point_of(const nd_ending *e) {
  return nd_reason_about(e->diagnosis.reason)->point;
}

bool nd_is_typed_limit(const nd_ending *e) {
  const nadir_settings *settings = e->fitting->settings;
  return (e->run->stop == NADIR_STOP_UPDATES && settings->updates.is_number) ||
         (e->run->stop == NADIR_STOP_EPOCHS && settings->epochs.is_number) ||
         e->run->stop == NADIR_STOP_SECONDS;
}

nadir_ended nd_ending_is(const nd_ending *e) {
  bool minimum = point_of(e) == NADIR_MINIMUM;
  switch (nd_stop_amounts_to(e->run->stop)) {
  case ND_ENDED_DONE:
    return minimum ? NADIR_DONE : NADIR_STUCK;
  case ND_ENDED_CHOSEN:
    return NADIR_DONE;
  case ND_ENDED_LIMIT:
    return minimum ? NADIR_DONE : NADIR_LIMIT;
  case ND_ENDED_DIVERGED:
    return NADIR_DIVERGED;
  case ND_ENDED_INTERRUPTED:
    break;
  }
  return NADIR_INTERRUPTED;
}

nadir_status nd_ending_exit(const nd_ending *e, int *exit_status, nadir_error *error) {
  nd_accepted accepted;
  ND_TRY(nd_accept_read(e->fitting->settings->accept, &accepted, error));
  switch (nd_ending_is(e)) {
  case NADIR_DONE:
    *exit_status = 0;
    break;
  case NADIR_LIMIT:
    *exit_status = !nd_is_typed_limit(e) && !accepted.limit;
    break;
  case NADIR_STUCK:
    *exit_status = accepted.point[point_of(e)] ? 0 : point_of(e) != NADIR_MINIMUM;
    break;
  case NADIR_DIVERGED:
  case NADIR_INTERRUPTED:
    *exit_status = 1;
    break;
  }
  return NADIR_OK;
}
