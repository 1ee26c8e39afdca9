/* optim: update rules, schedules and stopping rules. All see vectors only: never rows, graphs or
 * files.
 *
 * A rule is one file in rules/ that exports `const nadir_optimizer nd_optimizer_NAME` (dashes of
 * the name as underscores); the build lists that folder, so a new rule is one new file. nadir.h has
 * the structs. */
#ifndef ND_OPTIM_H
#define ND_OPTIM_H

#include "base/base.h"
#include "optim/bounds.h"
#include "optim/rule.h"

const nadir_optimizer *nd_optimizer_at(size_t i); /* by name order; NULL past the end */
/* What a rule is taken for, or advised, where nobody names one (roles.c). */
typedef enum nd_role {
#define ND_ROLE(id, part, rule) ND_FOR_##id,
#include "optim/roles.def"
#undef ND_ROLE
} nd_role;
const nadir_optimizer *nd_optimizer_for(nd_role role);
/* By its word; NULL where there is no such part. */
const nadir_optimizer *nd_optimizer_for_part(const char *part, size_t length);
/* What `--rate auto` means for this rule: its published default, or, where that is 0, from M, the
 * largest curvature measured at the start: the smaller of 1/M and 3/4 of stable_rate, where there
 * is one (1/M for gd, momentum, nesterov; bb and backtracking start there). 1 where M is not
 * positive. values may be NULL: defaults. */
double nd_auto_rate(const nadir_optimizer *optimizer, const double *values, double curvature);

/* A rule set up for a run: its state and the one way to make an update (optim.c). All memory is
 * taken at set-up. */
typedef struct nd_method nd_method;
typedef struct nd_method_options {
  const nadir_optimizer *optimizer;
  const double *values;     /* of its settings, in their order */
  const double *rate_scale; /* size numbers multiplying the rate, or NULL for all 1 */
  const double *l1;         /* size numbers: weight of |w_i| in the objective, or NULL */
  const nd_span *bounds;    /* of each parameter, borrowed; or NULL */
} nd_method_options;
nadir_status nd_method_new(nd_method **method, size_t size, const nd_method_options *options,
                           nadir_error *error);
void nd_method_free(nd_method *method);

/* Make one accepted update of w in place, from the gradient (of the smooth part) and loss at w.
 * `rate` is the base rate times the schedule. With l1 the step ends in the proximal step of the
 * effective rate, and with bounds within them. problem may be NULL for rules; loss NaN where it is not known (stochastic; a
 * method then asks for it). A method that finds no lower point in its direction makes a step of
 * zero: w is at rest to rounding. On failure w is as it was. */
nadir_status nd_method_advance(nd_method *method, double rate, double loss, const double *gradient,
                               const nadir_problem *problem, double *w, nadir_error *error);
/* Loss and gradient (of the smooth part) at the new point, where the method has looked there; NULL
 * where not. Good until the next update. */
const double *nd_method_gradient(const nd_method *method, double *loss);
/* What was left to be gained before the last update; NaN where the method does not know. */
double nd_method_left(const nd_method *method);
const double *nd_method_step(const nd_method *method);      /* w_new - w_old of the last update */
const double *nd_method_effective(const nd_method *method); /* effective rates of the last update */
uint64_t nd_method_updates(const nd_method *method);
uint64_t nd_method_evaluations(const nd_method *method); /* of trial points, beyond one a update */
/* Whether the rule is w -= rate * g, with no state, l1, bounds, rate_scale. */
bool nd_method_is_plain(const nd_method *method);
/* A rule that steps parameter by parameter, with no l1, bounds, rate_scale, for whoever makes its updates
 * elsewhere; false for others. Its state is the method's own. */
bool nd_method_rule(const nd_method *method, nd_rule *rule);
/* So many updates of it were made elsewhere, the last one with this step and these effective rates. */
void nd_method_skip(nd_method *method, uint64_t updates, const double *step, const double *effective);
/* The rule's vectors and scalars become zero again; the count of updates stays. */
void nd_method_forget(nd_method *method);
/* All that the next update depends on, for saving: the rule's vectors, its scalars, the update count; then the last
 * step with its effective rates, what else is asked of it, and the face that it was made on. Any numbers may be set:
 * those that are no state of the rule lead to steps that are none. */
size_t nd_method_state_size(const nd_method *method);
void nd_method_state_get(const nd_method *method, double *state);
void nd_method_state_set(nd_method *method, const double *state);

/* The diagonal of the Hessian at w, from the Hessian or a product for each parameter, one of which the
 * problem has (search.c). */
nadir_status nd_hessian_diagonal(const nadir_problem *problem, const double *w, double *diagonal,
                                 nadir_error *error);
/* The size of each parameter, s_i in scale, and of the loss from slopes and second derivatives at w
 * (scales.c). false: there are none, or they are not normal numbers. */
bool nd_scales_find(size_t n, double loss, const double *w, const double *gradient,
                    const double *second, double *unit, double *scale);

/* ---- schedules (schedule.c) ---- */
/* multiplier of the base rate. t counts updates for the inverse schedules, epochs for step. */
typedef enum nd_schedule_kind {
  ND_SCHEDULE_CONSTANT,
  ND_SCHEDULE_INVERSE_SQRT,
  ND_SCHEDULE_INVERSE_TIME,
  ND_SCHEDULE_STEP,
  ND_SCHEDULE_EXPONENTIAL,
  ND_SCHEDULE_COSINE,
  ND_SCHEDULE_WARM_UP,
  ND_SCHEDULE_ONE_CYCLE,
  ND_SCHEDULE_PLATEAU
} nd_schedule_kind;
typedef struct nd_schedule {
  nd_schedule_kind kind; /* a row of the list below */
  double every;          /* step: epochs between two drops; plateau: patience in observations */
  double factor; /* step, exponential, plateau: what a drop multiplies by; inverse-time: decay */
  double length; /* cosine, one-cycle, warm-up: updates */
  double floor;  /* cosine and one-cycle end at this fraction; plateau never goes below it */
  /* plateau's memory: */
  double level, best;
  uint64_t bad;
} nd_schedule;
const nadir_schedule *nd_schedule_at(size_t i); /* by kind; NULL past the end */
bool nd_schedule_find(const char *name, nd_schedule_kind *kind);
nadir_status nd_schedule_init(nd_schedule *schedule, const char *name, double every, double factor,
                              double length, double floor,
                              nadir_error *error); /* NaN: the default */
double nd_schedule_multiplier(const nd_schedule *schedule, uint64_t update, uint64_t epoch);
/* The same of `count` updates of an epoch, from `update` on. */
void nd_schedule_multipliers(const nd_schedule *schedule, uint64_t update, uint64_t epoch, double *multipliers,
                             size_t count);
void nd_schedule_observe(nd_schedule *schedule,
                         double loss); /* once an observation; plateau acts on it */
/* plateau's `every` for observations that are that many updates apart: 50 updates, but 5 to 50
 * observations. The default, 50, is right for one update an observation (--batch all); with batches
 * it would take too many epochs. */
double nd_plateau_patience(uint64_t updates_per_observation);

/* ---- stopping (stop.c) ---- */
#define ND_NO_LIMIT UINT64_MAX
typedef struct nd_stop_rules {
  double tol_gradient; /* stop when gradient_norm <= this (0: never) */
  double tol_loss;     /* stop when the loss fell by less than this fraction over `patience`
                          observations (0: never) */
  uint64_t patience, max_updates, max_epochs; /* ND_NO_LIMIT: none */
  double max_seconds;                         /* infinite: no limit */
  /* memory: */
  double first_loss, reference_loss;
  uint64_t waited;
  bool begun;
} nd_stop_rules;
typedef struct nd_observation {
  uint64_t update, epoch;
  double seconds, loss, gradient_norm; /* gradient_norm: negative where it is not known */
} nd_observation;
nadir_stop nd_stop_test(nd_stop_rules *rules, const nd_observation *now);
/* What a stop amounts to. CHOSEN: what was asked for is not the lowest point of this loss. */
typedef enum nd_ended {
  ND_ENDED_DONE,
  ND_ENDED_CHOSEN,
  ND_ENDED_LIMIT,
  ND_ENDED_DIVERGED,
  ND_ENDED_INTERRUPTED
} nd_ended;
nd_ended nd_stop_amounts_to(nadir_stop stop);

#endif
