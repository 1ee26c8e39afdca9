/* Warnings and other events on their way to the user: handed to the listener at once, and warnings kept
 * for the result too. A warning that repeats one already given is dropped, so a loop may warn
 * freely. Progress is reported ten times a second, which is also when the listener may ask for the end.
 * Nothing is printed here. */
#include <stdio.h>
#include <math.h>
#include <string.h>

#include "base/listener.h"
#include "base/base.h"

enum { LONGEST = 1024 };
static const double TELL_SECONDS = 0.1;    /* between two progress events */
static const double INSIST_SECONDS = 0.15; /* from hearing that an end is asked for to insisting */

static nadir_event event_of(nadir_event_kind kind, const char *text) {
  double nan = (double)NAN;
  return (nadir_event){.kind = kind,
                       .text = text,
                       .seconds = nan,
                       .loss = nan,
                       .gradient_norm = nan,
                       .rate = nan,
                       .step_norm = nan,
                       .validation_loss = nan,
                       .rows_per_second = nan,
                       .seconds_left = nan};
}

nd_teller nd_teller_for(const nadir_listener *listener) {
  return (nd_teller){
      .listener = listener, .told = nd_clock(), .last = event_of(NADIR_PROGRESS, "")};
}

static bool has_listener(const nd_teller *teller) {
  return teller->listener != NULL && teller->listener->notify != NULL;
}

static void hear(nd_teller *teller, const nadir_event *event, double now) {
  if (teller->listener->notify(teller->listener->context, event) == 0 || teller->stop) return;
  teller->stop = true;
  teller->heard = now;
}

bool nd_is_due(const nd_teller *teller, double now) {
  return has_listener(teller) && now - teller->told >= TELL_SECONDS;
}

void nd_tell_progress(nd_teller *teller, const nadir_event *event, double now) {
  teller->told = now;
  teller->last = *event;
  hear(teller, event, now);
}

/* The last progress again, later. */
static void tell_again(nd_teller *teller, double now) {
  nadir_event event = teller->last;
  double passed = now - teller->told;
  event.seconds += passed;
  if (event.seconds_left > 0) event.seconds_left = fmax(0, event.seconds_left - passed);
  nd_tell_progress(teller, &event, now);
}

bool nd_asks_to_end(void *context) {
  nd_teller *teller = context;
  double now = nd_clock();
  if (!teller->stop && nd_is_due(teller, now)) tell_again(teller, now);
  return teller->stop;
}

bool nd_insists_on_end(void *context) {
  const nd_teller *teller = context;
  return nd_asks_to_end(context) && nd_clock() - teller->heard >= INSIST_SECONDS;
}

nadir_status nd_heed(nd_teller *teller, nadir_error *error) {
  nd_until until = {.deadline = HUGE_VAL, .asked = nd_asks_to_end, .context = teller};
  return teller == NULL ? NADIR_OK : nd_go_on(&until, error);
}

static void notify(nd_teller *teller, nadir_event_kind kind, const char *text) {
  if (!has_listener(teller)) return;
  nadir_event event = event_of(kind, text);
  hear(teller, &event, nd_clock());
}

static bool known(const nd_teller *teller, const char *text) {
  for (size_t i = 0; i < teller->warnings; i++)
    if (strcmp(teller->warning[i], text) == 0) return true;
  return false;
}

nadir_status nd_warn(nd_teller *teller, nadir_error *error, const char *format, ...) {
  char text[LONGEST];
  va_list arguments;
  if (teller == NULL) return NADIR_OK;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (known(teller, text)) return NADIR_OK;
  ND_TRY(nd_grow(&teller->warning, &teller->capacity, teller->warnings + 1, sizeof *teller->warning,
                 error));
  char *copy = nd_copy_text(text, strlen(text), error);
  if (copy == NULL) return NADIR_NO_MEMORY;
  teller->warning[teller->warnings++] = copy;
  notify(teller, NADIR_WARNING, text);
  return NADIR_OK;
}

void nd_tell_event(nd_teller *teller, const nadir_event *event) {
  if (teller != NULL && has_listener(teller)) hear(teller, event, nd_clock());
}

bool nd_hears_updates(const nd_teller *teller) {
  return has_listener(teller) && teller->listener->every_update;
}

void nd_teller_free(nd_teller *teller) {
  if (teller == NULL) return;
  for (size_t i = 0; i < teller->warnings; i++)
    nd_free(teller->warning[i]);
  nd_free(teller->warning);
  *teller = (nd_teller){.listener = teller->listener};
}
