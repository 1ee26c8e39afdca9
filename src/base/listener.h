/* What the caller hears while work goes on, and the caller's wish to end it. */
#ifndef ND_LISTENER_H
#define ND_LISTENER_H

#include "base/base.h"

/* Warnings and notes on their way out: to the listener at once, and kept for the result; and the way
 * back, the listener's wish to end. */
typedef struct nd_teller {
  const nadir_listener *listener; /* may be NULL */
  char **warning;
  size_t warnings, capacity;
  bool stop;          /* the listener asked for the end ... */
  double heard, told; /* ... at this time of nd_clock(); when progress was last told */
  nadir_event last;   /* that progress */
} nd_teller;
nd_teller nd_teller_for(const nadir_listener *listener);
/* Whether it is time to tell progress again: a tenth of a second after the last. */
bool nd_is_due(const nd_teller *teller, double now);
void nd_tell_progress(nd_teller *teller, const nadir_event *event, double now);
/* For nd_until, context a teller: progress is reported again where it is due. The first: whether the
 * listener asked for the end. The second: whether it did so a moment ago, so that a descent has ended
 * where it stands, and what it reached has been looked at. */
bool nd_asks_to_end(void *teller);
bool nd_insists_on_end(void *teller);
/* NADIR_ENDED once the listener asked for the end. */
nadir_status nd_heed(nd_teller *teller, nadir_error *error);
nadir_status nd_warn(nd_teller *teller, nadir_error *error, const char *format, ...)
    ND_PRINTF(3, 4);
/* Any other event, whose kind and fields are set; numbers that are 0 stay so. */
void nd_tell_event(nd_teller *teller, const nadir_event *event);
/* Whether the listener asks to be told of each update. */
bool nd_hears_updates(const nd_teller *teller);
void nd_teller_free(nd_teller *teller);

#endif
