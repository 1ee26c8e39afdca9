/* Watching a run: looking at loss and gradient by a full pass, recording the trace, keeping the
 * best point, telling the listener, and deciding whether to go on. Nothing here changes the
 * parameters. */
#include <string.h>

#include "base/dense.h"
#include "base/limits.h"
#include "base/ranks.h"
#include "descend/descend_internal.h"

static const double STILL = 0x1p-52;    /* a step this small against |w| moved nothing */
static const uint64_t STILL_UPDATES = 10;
static const double GAIN = 1e-15;       /* a fall of the loss that counts, against the loss */
static const double FLATTER = 0.95;     /* a fall of the gradient that counts, against the least */
static const double SHORT_STEP = 1e-6;  /* of a descent at rest, against the parameters */
static const uint64_t MOST_IDLE = 2000; /* updates without one, where no limit was typed */
static const double NEAR_ENOUGH = 1e-7; /* Newton's step against the parameters */
static const int MOST_TIGHTENINGS = 20;

static double slope_left(const nd_objective *objective, const double *w, const double *gradient,
                         size_t i) {
  return nd_slope_left(w[i], gradient[i], objective->l1 ? objective->l1[i] : 0,
                       objective->bounds ? &objective->bounds[i] : NULL);
}

double nd_gradient_norm(const nd_objective *objective, const double *w, const double *gradient) {
  size_t n = objective->problem.size;
  if (!objective->l1 && !objective->bounds) return nd_norm(n, gradient);
  double largest = 0, sum = 0;
  for (size_t i = 0; i < n; i++)
    largest = fmax(largest, fabs(slope_left(objective, w, gradient, i)));
  if (largest == 0) return 0;
  for (size_t i = 0; i < n; i++) {
    double part = slope_left(objective, w, gradient, i) / largest;
    sum += part * part;
  }
  return largest * sqrt(sum);
}

const nadir_problem *nd_problem_here(nd_descent_state *state, double *gradient) {
  const nadir_problem *problem = &state->objective->problem;
  memcpy(gradient, state->gradient, state->size * sizeof *gradient);
  if (!state->face) return problem;
  (void)nd_face_look(state->face, problem, state->w, state->gradient, state->objective->l1);
  nd_face_mask(state->face, gradient);
  return nd_face_problem(state->face);
}

nadir_status nd_look(nd_descent_state *state, const double *w, double *loss, double *gradient,
                     nadir_error *error) {
  const nadir_problem *problem = &state->objective->problem;
  ND_TRY(problem->gradient(problem->context, w, loss, gradient, error));
  *loss += nd_l1_penalty(state->objective, w);
  return NADIR_OK;
}

/* Gradient and rates are those of the parameters as recorded, whatever the steps were made in. */
static void fill_parameters(nd_descent_state *state, double *row) {
  size_t n = state->size;
  if (n > ND_LIMIT_TRACE_PARAMETERS) return;
  const double *effective =
      nd_method_updates(state->method) ? nd_method_effective(state->method) : NULL;
  const nd_scales *scales = state->objective->scales;
  memcpy(row, state->table_w, n * sizeof *row);
  for (size_t i = 0; i < n; i++) {
    double s = scales ? scales->parameter[i] : 1, unit = scales ? scales->loss : 1;
    row[n + i] = state->gradient[i] / s * unit;
    row[2 * n + i] = effective ? effective[i] * s / unit * s : (double)NAN;
  }
}

nadir_status nd_record(nd_descent_state *state, nadir_error *error) {
  const nd_run *run = state->run;
  double factor = state->objective->loss_factor, *row = state->row;
  if (!run->trace) return NADIR_OK;
  state->objective->to_table(state->objective, state->w, state->table_w);
  row[NADIR_TRACE_UPDATE] = (double)run->updates;
  row[NADIR_TRACE_ROWS] = (double)run->rows_seen;
  row[NADIR_TRACE_EPOCH] = state->objective->rows
                            ? (double)run->rows_seen / (double)state->objective->rows
                            : (double)run->updates;
  row[NADIR_TRACE_SECONDS] = nd_clock() - state->began;
  row[NADIR_TRACE_LOSS] = state->loss * factor;
  row[NADIR_TRACE_GRADIENT] = state->gradient_norm;
  row[NADIR_TRACE_RATE] = run->updates ? state->rate_now : (double)NAN;
  row[NADIR_TRACE_STEP] = state->step_norm;
  row[NADIR_TRACE_PREDICTED] = state->predicted * factor;
  row[NADIR_TRACE_ACTUAL] = state->actual * factor;
  fill_parameters(state, row + NADIR_TRACE_PARAMETERS);
  if (nd_validates(state)) row[run->trace->columns - 1] = (double)NAN; /* until it is known */
  return nd_trace_add(run->trace, row, error);
}

/* A fall of the loss beyond rounding, or one of the gradient: near an ill-conditioned minimum the
 * loss stops changing long before the parameters do. */
static void count_idle(nd_descent_state *state) {
  bool first = isinf(state->run->best_loss);
  bool fell = state->run->best_loss - state->loss > GAIN * fabs(state->loss);
  bool flatter = first || state->gradient_norm < FLATTER * state->flattest;
  if (flatter) state->flattest = state->gradient_norm;
  state->idle = fell || flatter ? 0 : state->idle + 1;
}

static void keep_reach(nd_descent_state *state) {
  nd_run *run = state->run;
  for (size_t i = 0; i < state->size; i++)
    run->reach[i] = fmax(run->reach[i], fabs(state->w[i] - run->start[i]));
}

static void keep_best(nd_descent_state *state) {
  count_idle(state);
  keep_reach(state);
  if (!(state->loss < state->run->best_loss)) return;
  state->run->best_loss = state->loss;
  state->best_gradient = state->gradient_norm;
  memcpy(state->run->best, state->w, state->size * sizeof(double));
}

bool nd_validates(const nd_descent_state *state) {
  return state->settings->validate > 0 && state->objective->validation;
}

/* Early stopping: the loss of the validation rows no longer falls. */
static nadir_status validate(nd_descent_state *state, nadir_error *error) {
  nd_objective *objective = state->objective;
  if (!nd_validates(state)) return NADIR_OK;
  double loss;
  ND_TRY(objective->validation(objective, state->w, &loss, error));
  state->last_validation = loss;
  nd_trace_validated(state->run->trace, loss * objective->loss_factor);
  if (loss < state->best_validation) {
    state->best_validation = loss;
    memcpy(state->best_validation_w, state->w, state->size * sizeof(double));
    state->worse = 0;
  } else
    state->worse++;
  return NADIR_OK;
}

static uint64_t epochs_of(const nd_descent_state *state) {
  return state->batch ? state->run->epochs : nd_updates_on_all(state->run);
}

static double rest_of(double limit, double done, double seconds) {
  return limit > 0 && done > 0 ? seconds * fmax(0, limit - done) / done : (double)NAN;
}

static double seconds_left(const nd_descent_state *state, double seconds) {
  const nadir_settings *settings = state->settings;
  double rows = (double)state->run->rows_seen, total = (double)state->objective->rows;
  double limit = state->stop.max_seconds;
  double updates = nd_number_or(settings->updates, HUGE_VAL);
  double epochs = nd_number_or(settings->epochs, HUGE_VAL);
  if (isfinite(limit)) return fmax(0, limit - seconds);
  if (isfinite(updates)) return rest_of(updates, (double)state->run->updates, seconds);
  if (isfinite(epochs) && total > 0) return rest_of(epochs * total, rows, seconds);
  return (double)NAN;
}

static nadir_event event_at(const nd_descent_state *state, nadir_event_kind kind, double now) {
  double nan = (double)NAN, factor = state->objective->loss_factor;
  return (nadir_event){.kind = kind,
                       .plan = &state->run->plan,
                       .update = state->run->updates,
                       .rows_seen = state->run->rows_seen,
                       .epoch = epochs_of(state),
                       .seconds = now - state->began,
                       .loss = state->loss * factor,
                       .gradient_norm = state->gradient_norm,
                       .rate = state->run->updates ? state->rate_now : nan,
                       .step_norm = state->step_norm,
                       .validation_loss = state->last_validation * factor,
                       .rows_per_second = nan,
                       .seconds_left = nan};
}

static void tell(nd_descent_state *state, double now) {
  if (!nd_is_due(state->teller, now)) return;
  nadir_event event = event_at(state, NADIR_PROGRESS, now);
  if (state->objective->rows) event.rows_per_second = (double)event.rows_seen / event.seconds;
  event.seconds_left = seconds_left(state, event.seconds);
  nd_tell_progress(state->teller, &event, now);
}

nadir_event nd_event_now(nd_descent_state *state, nadir_event_kind kind, const double *w) {
  nadir_event event = event_at(state, kind, nd_clock());
  state->objective->to_table(state->objective, w, state->table_w);
  event.value = state->table_w;
  return event;
}

void nd_tell_update(nd_descent_state *state, double loss, double gradient_norm, double step_norm) {
  nadir_event event = nd_event_now(state, NADIR_UPDATE, state->w);
  event.loss = loss * state->objective->loss_factor;
  event.gradient_norm = gradient_norm;
  event.step_norm = step_norm;
  nd_tell_event(state->teller, &event);
}

static nd_ranks *ranks_of(const nd_descent_state *state) {
  return state->objective->until ? state->objective->until->ranks : NULL;
}

/* The clock and who listens are those of rank 0. */
nadir_status nd_pause(nd_descent_state *state, nadir_stop *stop, nadir_error *error) {
  double now = nd_clock();
  tell(state, now);
  *stop = state->teller->stop                                  ? NADIR_STOP_SIGNAL
          : now - state->began >= state->stop.max_seconds ? NADIR_STOP_SECONDS
                                                          : NADIR_GO_ON;
  ND_TRY(nd_ranks_share(ranks_of(state), stop, sizeof *stop, error));
  if (*stop == NADIR_STOP_SIGNAL) state->teller->stop = true;
  return NADIR_OK;
}

/* The loss has long ceased to fall, however far the parameters go: as towards a minimum at
 * infinity. While plateau still lowers the rate that is no end: the lowest loss may have been met
 * in passing. */
static bool is_idle(const nd_descent_state *state) {
  bool limited = state->settings->updates.is_number || state->settings->epochs.is_number ||
                 state->settings->average > 0;
  const nd_schedule *schedule = &state->rate.schedule;
  bool calming = schedule->kind == ND_SCHEDULE_PLATEAU && schedule->level > schedule->floor;
  return !state->batch && !limited && !calming && state->idle >= MOST_IDLE;
}

/* A rule may circle at its rate, far above the minimum: one with momentum and a rate of ours comes
 * to rest first, any other is not done before its steps are short. */
static nadir_status end_idle(nd_descent_state *state, nadir_stop *stop, nadir_error *error) {
  bool circles = state->rate.automatic && !state->rate.kinked &&
                 state->run->method.optimizer->rate == 0 && !nd_method_is_plain(state->method) &&
                 !(state->run->method.optimizer->traits & NADIR_SELF_SIZING);
  bool rests = state->step_norm <= SHORT_STEP * (1 + nd_norm(state->size, state->w));
  state->idle = 0;
  if (circles) return nd_rate_calm(&state->rate, state->settings, error);
  if (rests) *stop = NADIR_STOP_IDLE;
  return NADIR_OK;
}

bool nd_knows_what_is_left(const nd_descent_state *state) {
  return (state->run->method.optimizer->traits & NADIR_FINISHES) &&
         !state->settings->tol_gradient.is_number && !(state->settings->average > 0);
}

/* A decrease of the loss that counts for nothing: what moves no parameter by more than a thousandth
 * of its standard error or, where there are none, 1e-10 of the fall so far; always what rounding
 * hides. */
static nadir_status find_negligible(const nd_descent_state *state, double *most,
                                    nadir_error *error) {
  const nd_objective *objective = state->objective;
  const nadir_problem *problem = &objective->problem;
  double rounding = 0;
  *most = objective->negligible ? objective->negligible(objective, state->loss) : (double)NAN;
  if (isnan(*most)) {
    double fall = fmax(0, state->stop.first_loss - state->loss);
    /* a sum of squares may fall to 0, and ten digits of that are more than ten of the way there */
    *most = problem->factor ? fmax(1e-10 * fmin(fall, state->loss), 1e-20 * fall) : 1e-10 * fall;
  }
  if (problem->rounding)
    ND_TRY(problem->rounding(problem->context, state->w, state->loss, &rounding, error));
  *most = fmax(*most, rounding);
  return NADIR_OK;
}

/* The method's model of the loss has nothing left to gain that counts. */
static nadir_status has_finished(nd_descent_state *state, nadir_stop *stop, nadir_error *error) {
  double left = nd_method_left(state->method), most;
  if (!nd_knows_what_is_left(state) || isnan(left) || state->run->updates == 0) return NADIR_OK;
  ND_TRY(find_negligible(state, &most, error));
  /* where residuals are large lm's model promises what is not there: Newton's tells the truth */
  if (left > most && state->actual <= most) {
    ND_TRY(nd_newton_left(state, &left, error));
    if (isnan(left)) return NADIR_OK;
  }
  if (left <= most) *stop = NADIR_STOP_DECREASE;
  return NADIR_OK;
}

/* Ten updates in a row that moved nothing: the parameters are as good as their rounding. A method
 * that finishes would do the same again. */
static bool stands_still(nd_descent_state *state) {
  if (state->batch || isnan(state->step_norm)) return false;
  if (nd_knows_what_is_left(state) && state->step_norm == 0) return true;
  bool moved = state->step_norm > STILL * nd_norm(state->size, state->w);
  state->still = moved ? 0 : state->still + 1;
  const nadir_optimizer *rule = state->run->method.optimizer;
  if (state->objective->bounds && rule->step && rule->vectors > 0)
    return false; /* a velocity may press against a bound for long, and then turn */
  return state->still >= STILL_UPDATES;
}

/* A small gradient is not a near minimum where the loss is ill-conditioned. With the default
 * tolerance the gradient must also leave Newton's step, the way to the minimum of the local
 * quadratic, under 1e-7 of the parameters; where it does not, the tolerance is tightened. */
static nadir_status confirm(nd_descent_state *state, nadir_stop *stop, nadir_error *error) {
  double reach;
  if (state->settings->tol_gradient.is_number || state->objective->single ||
      state->objective->l1 || state->tightened >= MOST_TIGHTENINGS)
    return NADIR_OK;
  double *gradient = nd_new(state->size, sizeof *gradient, error);
  if (!gradient) return NADIR_NO_MEMORY;
  const nadir_problem *problem = nd_problem_here(state, gradient);
  nadir_status status = nd_newton_reach(problem, state->w, gradient, state->objective->until,
                                        &reach, error);
  nd_free(gradient);
  if (status != NADIR_OK || isnan(reach) || reach <= NEAR_ENOUGH) return status;
  state->tightened++;
  state->stop.tol_gradient = 0.1 * state->gradient_norm;
  *stop = NADIR_GO_ON;
  return NADIR_OK;
}

/* Of validation rows. */
static bool is_patient(const nd_descent_state *state) {
  return !nd_validates(state) || state->worse < state->settings->patience;
}

nadir_status nd_decide(nd_descent_state *state, nadir_stop *stop, nadir_error *error) {
  state->before = (nd_undecided){
      state->stop, state->rate, state->tightened, state->idle, state->still};
  bool alone = nd_rank_count(ranks_of(state)) == 1; /* else rank 0 looks at the clock, in nd_pause */
  nd_observation now = {state->run->updates, epochs_of(state), alone ? nd_clock() - state->began : 0,
                        state->loss, state->gradient_norm};
  *stop = nd_stop_test(&state->stop, &now);
  if (*stop == NADIR_STOP_GRADIENT) ND_TRY(confirm(state, stop, error));
  if (*stop == NADIR_GO_ON) ND_TRY(has_finished(state, stop, error));
  if (*stop == NADIR_GO_ON && !is_patient(state)) *stop = NADIR_STOP_VALIDATION;
  if (!state->batch && state->run->updates && nd_hears_updates(state->teller))
    nd_tell_update(state, state->loss, state->gradient_norm, state->step_norm);
  if (*stop == NADIR_GO_ON && stands_still(state)) *stop = NADIR_STOP_STEP;
  if (*stop == NADIR_GO_ON && is_idle(state)) ND_TRY(end_idle(state, stop, error));
  return *stop == NADIR_GO_ON ? nd_pause(state, stop, error) : NADIR_OK;
}

/* The last point is validated too: it may be the answer. */
nadir_status nd_observe(nd_descent_state *state, nadir_stop *stop, nadir_error *error) {
  keep_best(state);
  ND_TRY(nd_record(state, error));
  nd_schedule_observe(&state->rate.schedule, state->loss);
  ND_TRY(validate(state, error));
  return nd_decide(state, stop, error);
}
