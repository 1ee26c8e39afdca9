/* Warnings and other events on their way to the user: handed to the listener at once, and warnings kept
 * for the result too. A warning that repeats one already given is dropped, so a loop may warn
 * freely. Progress is reported ten times a second, which is also when the listener may ask for the end.
 * Nothing is printed here. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "base/listener.h"

static const double TELL_SECONDS = 0.1;    /* between two progress events */
static const double INSIST_SECONDS = 0.15; /* from hearing that an end is asked for to insisting */

static nadir_event event_of(nadir_event_kind kind) {
  double nan = (double)NAN;
  return (nadir_event){.kind = kind,
                       .seconds = nan,
                       .loss = nan,
                       .gradient_norm = nan,
                       .rate = nan,
                       .step_norm = nan,
                       .validation_loss = nan,
                       .rows_per_second = nan,
                       .seconds_left = nan};
}

nadir_status nd_listener_check(const nadir_listener *listener, nadir_error *error) {
  return listener == NULL ? NADIR_OK
                          : nd_check_bytes("nadir_listener", listener->bytes, sizeof *listener, error);
}

nd_teller nd_teller_for(const nadir_listener *listener) {
  return (nd_teller){.listener = listener, .told = nd_clock(), .last = event_of(NADIR_PROGRESS)};
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

bool nd_tells_on(void *context) {
  (void)nd_asks_to_end(context);
  return false;
}

bool nd_insists_on_end(void *context) {
  const nd_teller *teller = context;
  return nd_asks_to_end(context) && nd_clock() - teller->heard >= INSIST_SECONDS;
}

nadir_status nd_heed(nd_teller *teller, nadir_error *error) {
  nd_until until = {.deadline = HUGE_VAL, .asked = nd_asks_to_end, .context = teller};
  return teller == NULL ? NADIR_OK : nd_go_on(&until, error);
}

/* ---- warnings ---- */

static bool same_text(const char *a, const char *b) {
  return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_names(const nadir_warning *a, const nadir_warning *b) {
  if (a->names != b->names) return false;
  for (size_t i = 0; i < a->names; i++)
    if (strcmp(a->name[i], b->name[i]) != 0) return false;
  return true;
}

/* In the digits that a person reads: those behind them differ from start to start. */
static bool same_number(double a, double b) {
  return nd_round_digits(a, 4) == nd_round_digits(b, 4);
}

static bool same(const nadir_warning *a, const nadir_warning *b) {
  return a->kind == b->kind && a->cause == b->cause && a->count == b->count && a->of == b->of &&
         same_number(a->number, b->number) && same_number(a->second, b->second) &&
         same_text(a->column, b->column) && same_text(a->text, b->text) &&
         same_text(a->method, b->method) && same_text(a->path, b->path) && same_names(a, b) &&
         same_text(a->expression, b->expression) && same_text(a->unit, b->unit) &&
         same_text(a->other, b->other) && same_text(a->other_unit, b->other_unit) &&
         same_text(a->function, b->function);
}

static bool known(const nd_warnings *warned, const nadir_warning *warning) {
  for (size_t i = 0; i < warned->count; i++)
    if (same(&warned->warning[i], warning)) return true;
  return false;
}

static nadir_status copy_text(nd_arena *arena, const char **text, nadir_error *error) {
  return *text ? nd_arena_keep(arena, text, *text, error) : NADIR_OK;
}

static nadir_status copy_cell(nd_arena *arena, const nadir_cell **cell, nadir_error *error) {
  if (!*cell) return NADIR_OK;
  nadir_cell *copy = nd_arena_take(arena, sizeof *copy, error);
  if (!copy) return NADIR_NO_MEMORY;
  *copy = **cell;
  *cell = copy;
  ND_TRY(copy_text(arena, &copy->path, error));
  ND_TRY(copy_text(arena, &copy->column, error));
  return copy_text(arena, &copy->text, error);
}

static nadir_status copy_names(nd_arena *arena, nadir_warning *w, nadir_error *error) {
  if (w->names == 0) return NADIR_OK;
  const char **name = nd_arena_take(arena, w->names * sizeof *name, error);
  if (!name) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < w->names; i++) {
    name[i] = w->name[i];
    ND_TRY(copy_text(arena, &name[i], error));
  }
  w->name = name;
  if (w->direction) {
    size_t bytes = w->directions * w->names * sizeof *w->direction;
    double *direction = nd_arena_take(arena, bytes, error);
    if (!direction) return NADIR_NO_MEMORY;
    w->direction = memcpy(direction, w->direction, bytes);
  }
  if (!w->of_name) return NADIR_OK;
  uint64_t *of_name = nd_arena_take(arena, w->names * sizeof *of_name, error);
  if (!of_name) return NADIR_NO_MEMORY;
  w->of_name = memcpy(of_name, w->of_name, w->names * sizeof *of_name);
  return NADIR_OK;
}

static nadir_status copy_texts(nd_arena *arena, nadir_warning *w, nadir_error *error) {
  ND_TRY(copy_text(arena, &w->column, error));
  ND_TRY(copy_text(arena, &w->text, error));
  ND_TRY(copy_text(arena, &w->nearest, error));
  ND_TRY(copy_text(arena, &w->method, error));
  ND_TRY(copy_text(arena, &w->path, error));
  ND_TRY(copy_text(arena, &w->expression, error));
  ND_TRY(copy_text(arena, &w->unit, error));
  ND_TRY(copy_text(arena, &w->other, error));
  ND_TRY(copy_text(arena, &w->other_unit, error));
  ND_TRY(copy_text(arena, &w->function, error));
  ND_TRY(copy_cell(arena, &w->cell, error));
  return copy_names(arena, w, error);
}

static nadir_status keep(nd_warnings *warned, const nadir_warning *warning, nadir_error *error) {
  nadir_warning copy = *warning;
  if (!warned->arena) ND_TRY(nd_arena_new(&warned->arena, error));
  ND_TRY(nd_grow(&warned->warning, &warned->capacity, warned->count + 1, sizeof copy, error));
  ND_TRY(copy_texts(warned->arena, &copy, error));
  warned->warning[warned->count++] = copy;
  return NADIR_OK;
}

nadir_status nd_warn(nd_teller *teller, const nadir_warning *warning, nadir_error *error) {
  if (teller == NULL || known(&teller->warned, warning)) return NADIR_OK;
  ND_TRY(keep(&teller->warned, warning, error));
  if (!has_listener(teller)) return NADIR_OK;
  nadir_event event = event_of(NADIR_WARNING);
  event.warning = warning;
  hear(teller, &event, nd_clock());
  return NADIR_OK;
}

nd_warnings nd_take_warnings(nd_teller *teller) {
  nd_warnings taken = teller->warned;
  teller->warned = (nd_warnings){0};
  return taken;
}

void nd_warnings_free(nd_warnings *warnings) {
  nd_free(warnings->warning);
  nd_arena_free(warnings->arena);
  *warnings = (nd_warnings){0};
}

/* ---- other events ---- */

void nd_tell_event(nd_teller *teller, const nadir_event *event) {
  if (teller != NULL && has_listener(teller)) hear(teller, event, nd_clock());
}

bool nd_hears_updates(const nd_teller *teller) {
  return has_listener(teller) && teller->listener->every_update;
}

void nd_teller_free(nd_teller *teller) {
  if (teller == NULL) return;
  nd_warnings_free(&teller->warned);
  *teller = (nd_teller){.listener = teller->listener};
}
