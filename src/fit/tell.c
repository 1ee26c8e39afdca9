/* Warnings and notes on their way to the user: handed to the listener at once, and warnings kept
 * for the result too. A warning that repeats one already given is dropped, so a loop may warn
 * freely. Nothing is printed here. */
#include <stdio.h>
#include <string.h>

#include "fit/fit.h"

enum { LONGEST = 1024 };

static void notify(nd_teller *teller, nadir_event_kind kind, const char *text) {
  if (teller->listener == NULL || teller->listener->notify == NULL) return;
  nadir_event event = {.kind = kind, .text = text};
  event.seconds = event.loss = event.gradient_norm = (double)NAN;
  event.rows_per_second = event.seconds_left = (double)NAN;
  if (teller->listener->notify(teller->listener->context, &event) != 0) teller->stop = true;
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

void nd_note(nd_teller *teller, const char *format, ...) {
  char text[LONGEST];
  va_list arguments;
  if (teller == NULL) return;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  notify(teller, NADIR_NOTE, text);
}

void nd_teller_free(nd_teller *teller) {
  if (teller == NULL) return;
  for (size_t i = 0; i < teller->warnings; i++)
    nd_free(teller->warning[i]);
  nd_free(teller->warning);
  *teller = (nd_teller){.listener = teller->listener};
}
