/* Schedules: what the base rate is multiplied by at update t (from 0) of epoch e (from 0).
 *
 * Each is a row of the list below: name, formula, help, the numbers it uses with their defaults
 * and ranges. The multiplier is a pure function of the counters except plateau's, whose level goes
 * down when the observed loss has had no new low for `every` observations; its memory is in the
 * struct. Sources: inverse-sqrt M. Zinkevich 2003; inverse-time H. Robbins, S. Monro 1951; cosine
 * I. Loshchilov, F. Hutter 2017 (SGDR, one cycle); one-cycle L. N. Smith 2018, with the shape and
 * numbers of torch's OneCycleLR; plateau as ReduceLROnPlateau of Keras and torch. */
#include "optim/optim.h"

#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

enum { EVERY, FACTOR, LENGTH, FLOOR, NUMBERS };
static const char *const number_names[NUMBERS] = {"every", "factor", "length", "floor"};

typedef struct range {
  double initial, low, high;
} range;

typedef double multiplier_at(const nd_schedule *schedule, double t, double epoch);

typedef struct row {
  nadir_schedule info;
  multiplier_at *multiplier;
  bool by_updates; /* it changes from one update of an epoch to the next */
  range numbers[NUMBERS]; /* all zero: not used */
} row;

static double constant_at(const nd_schedule *schedule, double t, double epoch) {
  (void)schedule, (void)t, (void)epoch;
  return 1;
}

static double inverse_sqrt_at(const nd_schedule *schedule, double t, double epoch) {
  (void)schedule, (void)epoch;
  return 1 / sqrt(t + 1);
}

static double inverse_time_at(const nd_schedule *schedule, double t, double epoch) {
  (void)epoch;
  return 1 / (1 + schedule->factor * t);
}

static double step_at(const nd_schedule *schedule, double t, double epoch) {
  (void)t;
  return pow(schedule->factor, floor(epoch / schedule->every));
}

static double exponential_at(const nd_schedule *schedule, double t, double epoch) {
  (void)t;
  return pow(schedule->factor, epoch);
}

/* From `from` to `to` along half a cosine, as x goes from 0 to 1; stays at `to` after it. */
static double half_cosine(double from, double to, double x) {
  return x >= 1 ? to : to + (from - to) * (1 + cos(pi * x)) / 2;
}

static double cosine_at(const nd_schedule *schedule, double t, double epoch) {
  (void)epoch;
  return half_cosine(1, schedule->floor, t / schedule->length);
}

static double warm_up_at(const nd_schedule *schedule, double t, double epoch) {
  (void)epoch;
  return fmin(1, (t + 1) / schedule->length);
}

static double one_cycle_at(const nd_schedule *schedule, double t, double epoch) {
  (void)epoch;
  double x = t / schedule->length;
  return x < 0.3 ? half_cosine(0.04, 1, x / 0.3) : half_cosine(1, schedule->floor, (x - 0.3) / 0.7);
}

static double plateau_at(const nd_schedule *schedule, double t, double epoch) {
  (void)t, (void)epoch;
  return schedule->level;
}

#define AT_LEAST_ONE 1, 1e18

static const row rows[] = {
    [ND_SCHEDULE_CONSTANT] = {.info = {"constant", "1", "the same rate throughout"},
                              .multiplier = constant_at},
    [ND_SCHEDULE_INVERSE_SQRT] = {.info = {"inverse-sqrt", "1/sqrt(t+1)",
                                           "falls with the root of the number of updates"},
                                  .multiplier = inverse_sqrt_at,
                                  .by_updates = true},
    [ND_SCHEDULE_INVERSE_TIME] = {.info = {"inverse-time", "1/(1 + factor*t)",
                                           "falls with the number of updates; factor 0.01"},
                                  .multiplier = inverse_time_at,
                                  .by_updates = true,
                                  .numbers = {[FACTOR] = {0.01, 0, 1e18}}},
    [ND_SCHEDULE_STEP] = {.info = {"step", "factor^floor(epoch/every)",
                                   "drops every few epochs; every 10, factor 0.5"},
                          .multiplier = step_at,
                          .numbers = {[EVERY] = {10, AT_LEAST_ONE}, [FACTOR] = {0.5, 0, 1}}},
    [ND_SCHEDULE_EXPONENTIAL] = {.info = {"exponential", "factor^epoch",
                                          "drops by the same factor every epoch; factor 0.99"},
                                 .multiplier = exponential_at,
                                 .numbers = {[FACTOR] = {0.99, 0, 1}}},
    [ND_SCHEDULE_COSINE] =
        {.info = {"cosine", "floor + (1-floor)*(1+cos(pi*min(1,t/length)))/2",
                  "goes down along half a cosine of `length` updates; length 1000, floor 0"},
         .multiplier = cosine_at,
         .by_updates = true,
         .numbers = {[LENGTH] = {1000, AT_LEAST_ONE}, [FLOOR] = {0, 0, 1}}},
    [ND_SCHEDULE_WARM_UP] = {.info = {"warm-up", "min(1, (t+1)/length)",
                                      "rises in a straight line; length 100"},
                             .multiplier = warm_up_at,
                             .by_updates = true,
                             .numbers = {[LENGTH] = {100, AT_LEAST_ONE}}},
    [ND_SCHEDULE_ONE_CYCLE] =
        {.info = {"one-cycle",
                  "0.04 -> 1 over 0.3*length, 1 -> floor over the rest, each half a cosine",
                  "rises, then falls to rest; length 1000, floor 4e-6"},
         .multiplier = one_cycle_at,
         .by_updates = true,
         .numbers = {[LENGTH] = {1000, AT_LEAST_ONE}, [FLOOR] = {4e-6, 0, 1}}},
    [ND_SCHEDULE_PLATEAU] =
        {.info = {"plateau", "max(floor, factor^drops)",
                  "drops when the loss has had no new low for `every` observations; every 50, "
                  "factor 0.5, "
                  "floor 1e-9"},
         .multiplier = plateau_at,
         .numbers = {[EVERY] = {50, AT_LEAST_ONE}, [FACTOR] = {0.5, 0, 1}, [FLOOR] = {1e-9, 0, 1}}},
};

const nadir_schedule *nd_schedule_at(size_t i) {
  return i < ND_COUNT(rows) ? &rows[i].info : NULL;
}

bool nd_schedule_find(const char *name, nd_schedule_kind *kind) {
  for (*kind = 0; *kind < ND_COUNT(rows); ++*kind)
    if (strcmp(rows[*kind].info.name, name) == 0) return true;
  return false;
}

static nadir_status unknown(const char *name, nadir_error *error) {
  const char *names[ND_COUNT(rows)];
  for (size_t i = 0; i < ND_COUNT(rows); i++)
    names[i] = rows[i].info.name;
  ptrdiff_t nearest = nd_nearest(name, names, ND_COUNT(rows));
  if (nearest >= 0)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "schedule %s: there is no such schedule: " ND_DID_YOU_MEAN, name,
                   names[nearest]);
  return nd_fail(error, NADIR_BAD_SETTING,
                 "schedule %s: there is no such schedule: for example, use %s", name, names[0]);
}

static nadir_status check(const char *name, const char *number, range allowed, double *value,
                          nadir_error *error) {
  if (isnan(*value)) *value = allowed.initial;
  if (*value >= allowed.low && *value <= allowed.high) return NADIR_OK;
  char text[3][ND_NUMBER_TEXT];
  return nd_fail(error, NADIR_BAD_SETTING,
                 "schedule %s: %s %s is out of range: give a number from %s to %s", name, number,
                 nd_format(*value, text[0]), nd_format(allowed.low, text[1]),
                 nd_format(allowed.high, text[2]));
}

nadir_status nd_schedule_init(nd_schedule *schedule, const char *name, double every, double factor,
                              double length, double floor_at, nadir_error *error) {
  nd_schedule_kind kind;
  if (!nd_schedule_find(name, &kind)) return unknown(name, error);
  double values[NUMBERS] = {every, factor, length, floor_at};
  for (size_t i = 0; i < NUMBERS; i++) {
    range allowed = rows[kind].numbers[i];
    if (allowed.high > allowed.low)
      ND_TRY(check(name, number_names[i], allowed, &values[i], error));
    else
      values[i] = 0; /* it decides nothing */
  }
  *schedule = (nd_schedule){.kind = kind,
                            .every = values[EVERY],
                            .factor = values[FACTOR],
                            .length = values[LENGTH],
                            .floor = values[FLOOR],
                            .level = 1,
                            .best = INFINITY};
  return NADIR_OK;
}

double nd_schedule_multiplier(const nd_schedule *schedule, uint64_t update, uint64_t epoch) {
  return rows[schedule->kind].multiplier(schedule, (double)update, (double)epoch);
}

void nd_schedule_multipliers(const nd_schedule *schedule, uint64_t update, uint64_t epoch, double *multipliers,
                             size_t count) {
  const row *of = &rows[schedule->kind];
  const double first = nd_schedule_multiplier(schedule, update, epoch);
  for (size_t i = 0; i < count; i++)
    multipliers[i] = of->by_updates ? nd_schedule_multiplier(schedule, update + i, epoch) : first;
}

/* After a drop the loss is measured against itself anew: a low that was met in passing, while
 * circling, must not count against the smaller rate. */
void nd_schedule_observe(nd_schedule *schedule, double loss) {
  if (schedule->kind != ND_SCHEDULE_PLATEAU) return;
  if (loss < schedule->best) {
    schedule->best = loss;
    schedule->bad = 0;
  } else if ((double)++schedule->bad >= schedule->every) {
    schedule->level = fmax(schedule->level * schedule->factor, schedule->floor);
    schedule->best = isnan(loss) ? INFINITY : loss;
    schedule->bad = 0;
  }
}

double nd_plateau_patience(uint64_t updates_per_observation) {
  uint64_t apart = updates_per_observation > 0 ? updates_per_observation : 1;
  return fmax(5, ceil(50 / (double)apart));
}
