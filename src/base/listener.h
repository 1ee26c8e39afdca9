/* What the caller hears while work goes on, and the caller's request to end it. */
#ifndef ND_LISTENER_H
#define ND_LISTENER_H

#include "base/base.h"

/* Warnings with all that they point to, but a result. They go to a result or a summary as a whole. */
typedef struct nd_warnings {
  nadir_warning *warning;
  size_t count, capacity;
  nd_arena *arena; /* their texts; NULL without any */
} nd_warnings;
void nd_warnings_free(nd_warnings *warnings);

/* Warnings and notes on their way out: to the listener at once, and kept for the result; and the way
 * back, the listener's request to end. */
typedef struct nd_teller {
  const nadir_listener *listener; /* may be NULL */
  nd_warnings warned;
  bool stop;          /* the listener asked for the end ... */
  double heard, told; /* ... at this time of nd_clock(); when progress was last told */
  nadir_event last;   /* that progress */
} nd_teller;
nd_teller nd_teller_for(const nadir_listener *listener);
/* Asked of each that a caller gives, before it is used; it may be NULL. */
nadir_status nd_listener_check(const nadir_listener *listener, nadir_error *error);
/* Whether it is time to tell progress again: a tenth of a second after the last. */
bool nd_is_due(const nd_teller *teller, double now);
void nd_tell_progress(nd_teller *teller, const nadir_event *event, double now);
/* For nd_until, context a teller: progress is reported again where it is due. The first: whether the
 * listener asked for the end. The second: whether it did so a moment ago, so that a descent has ended
 * where it is, and what it reached has been looked at. */
bool nd_asks_to_end(void *teller);
/* For work that is not to be cut short: progress is reported, and nobody asks. */
bool nd_tells_on(void *teller);
bool nd_insists_on_end(void *teller);
/* NADIR_ENDED once the listener asked for the end. */
nadir_status nd_heed(nd_teller *teller, nadir_error *error);
/* Keeps a copy, unless it has the same one; a NULL teller hears nothing. */
nadir_status nd_warn(nd_teller *teller, const nadir_warning *warning, nadir_error *error);
/* Any other event, whose kind and fields are set; numbers that are 0 stay so. */
void nd_tell_event(nd_teller *teller, const nadir_event *event);
/* Whether the listener asks to be told of each update. */
bool nd_hears_updates(const nd_teller *teller);
/* What the teller has, which is then without warnings. */
nd_warnings nd_take_warnings(nd_teller *teller);
void nd_teller_free(nd_teller *teller);

#endif
