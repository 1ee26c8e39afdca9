/* Until when work may go on: up to a time, and while nobody asks for its end. It is handed down to
 * every loop that can be long, which asks between pieces of work of some milliseconds each.
 *
 * A question costs a look at the clock, some 30 ns, and the call that tells whether an end is asked for, which must be as
 * cheap. Where work is counted, the processor's time is asked for once as much time has passed: that is a call of the system. All are asked on the thread that began the work and no other.
 * Ranks that work together hear the answer of rank 0, so that all take the same way: a message, which is why most questions
 * are passed over. Within a share of the work, where each asks as often as it has pieces, rank 0 alone may end.
 * Forbidden: to go on with half of a result. What was cut short is "not known", or NADIR_ENDED. */
#include <math.h>
#include <time.h>

#include "base/ranks.h"

static const double ANSWER_SECONDS = 0.02, MOST_PASSED_OVER = 1000, NEAR_SECONDS = 0.05;

/* The processor's time that this thread has had, in seconds. */
static double worked(void) {
  struct timespec now;
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0) return 0;
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The time that the thread has had, or up to NEAR_SECONDS more: what it had when the system was last
 * asked, and all that has passed since. */
static double worked_about(double now) {
  static _Thread_local double asked_at = -HUGE_VAL, had;
  if (now - asked_at > NEAR_SECONDS) {
    asked_at = now;
    had = worked();
  }
  return had + (now - asked_at);
}

static nd_over look(const nd_until *until) {
  if (until->asked && until->asked(until->context)) return ND_OVER_ASKED;
  if (until->work > 0 && nd_clock() >= until->work_from && worked() >= until->work) return ND_OVER_TIME;
  return until->deadline < HUGE_VAL && nd_clock() >= until->deadline ? ND_OVER_TIME : ND_GOES_ON;
}

/* Of the questions that all ranks ask alike most are passed over, as many as rank 0 last asked for: as would
 * come within ANSWER_SECONDS. */
static nd_over ask_first_rank(const nd_until *until) {
  nd_rank_pace *pace = nd_ranks_pace(until->ranks);
  struct {
    uint64_t skip;
    nd_over over;
  } answer = {.over = ND_GOES_ON};
  if (pace->skipped++ < pace->skip) return ND_GOES_ON;
  if (nd_rank(until->ranks) == 0) {
    double now = nd_clock(), passed = fmax(now - pace->told, 1e-9);
    answer.over = look(until);
    if (answer.over == ND_GOES_ON)
      answer.skip = (uint64_t)fmin((double)pace->skipped * ANSWER_SECONDS / passed, MOST_PASSED_OVER);
    pace->told = now;
  }
  /* what fails in others ends the work where their shares are put together */
  (void)nd_ranks_share(until->ranks, &answer, sizeof answer, NULL);
  *pace = (nd_rank_pace){.skip = answer.skip, .told = pace->told};
  return answer.over;
}

nd_over nd_is_over(const nd_until *until) {
  if (!until) return ND_GOES_ON;
  return nd_rank_count(until->ranks) > 1 ? ask_first_rank(until) : look(until);
}

static nadir_status say(nd_over over, nadir_error *error) {
  switch (over) {
  case ND_GOES_ON:
    break;
  case ND_OVER_TIME:
    return nd_fail(error, NADIR_ENDED,
                   "seconds: the time was up before there was a result: allow more");
  case ND_OVER_ASKED:
    return nd_fail(error, NADIR_ENDED,
                   "run: it was interrupted before there was a result: run it again");
  }
  return NADIR_OK;
}

nadir_status nd_go_on(const nd_until *until, nadir_error *error) {
  return say(nd_is_over(until), error);
}

nadir_status nd_go_on_apart(const nd_until *until, nadir_error *error) {
  return say(until && nd_rank(until->ranks) == 0 ? look(until) : ND_GOES_ON, error);
}

nd_until nd_until_for(const nd_until *until, double seconds) {
  nd_until sooner = until ? *until : (nd_until){.deadline = HUGE_VAL};
  sooner.deadline = fmin(sooner.deadline, nd_clock() + seconds);
  return sooner;
}

nd_until nd_until_work(const nd_until *until, double seconds) {
  nd_until sooner = until ? *until : (nd_until){.deadline = HUGE_VAL};
  double now = nd_clock(), work = worked_about(now) + seconds;
  if (!(sooner.work > 0 && sooner.work < work)) {
    sooner.work = work;
    sooner.work_from = now + seconds;
  }
  return sooner;
}

nd_until nd_until_half(const nd_until *until) {
  nd_until half = *until;
  double now = nd_clock(), done = worked();
  half.deadline = now + (half.deadline - now) / 2;
  if (half.work > 0) {
    half.work = done + (half.work - done) / 2;
    half.work_from = now + (half.work - done);
  }
  return half;
}
