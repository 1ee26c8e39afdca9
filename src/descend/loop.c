/* The one descent loop: look at the loss, record it, decide whether to go on, take a step; until a
 * stopping rule speaks. Gradient descent, minibatches and stochastic descent are this loop with
 * another sampler: with --batch all an update follows each look; with batches the updates of an
 * epoch follow each look, in stretches between which time and signals are watched.
 *
 * A step to a place where the loss is not a number, or far above the first loss, ends the run as
 * diverged (or as having left the domain) at the lowest point seen; a rate that was chosen
 * automatically is halved instead, up to 60 times.
 *
 * Costs per update: one pass over the rows used, and O(d). Memory is taken at set-up, none in the
 * loop. */
#include <string.h>

#include "base/dense.h"
#include "base/ranks.h"
#include "descend/descend_internal.h"

enum {
  STRETCH_PICKS = 16384,   /* rows between two looks at the clock */
  SMALL_TABLE = 4096,      /* rows up to which stochastic runs are recorded update by update ... */
  RECORDED_UPDATES = 1000, /* ... this many times */
  MOST_HALVINGS = 60,
  ROSE_UPDATES = 3 /* a loss that rose at each of so many, or more, diverges */
};
static const double GAP_CLOSED = 1e-9; /* of the loss: a duality gap that leaves nothing */
static const double KINKED = 1e-3; /* rate times curvature of a step that must gain when smooth */

typedef nd_epoch stretch;

/* ---- set-up ---- */

/* As many passes over the rows as make 2e8 products of row and parameter, within bounds. */
static uint64_t default_passes(const nd_objective *objective, double least, double most) {
  double rows = objective->rows ? (double)objective->rows : 1;
  double work = rows * (double)objective->problem.size + 50;
  return (uint64_t)fmin(most, fmax(least, 2e8 / work));
}

static uint64_t whole_limit(nd_number_or_word limit) {
  return limit.is_number && limit.number < 0x1p64 ? (uint64_t)limit.number : ND_NO_LIMIT;
}

static void set_limits(nd_descent_state *state) {
  const nadir_settings *settings = state->settings;
  nd_stop_rules *stop = &state->stop;
  stop->patience = settings->patience;
  stop->tol_loss = settings->tol_loss;
  stop->max_updates = whole_limit(settings->updates);
  stop->max_epochs = whole_limit(settings->epochs);
  stop->max_seconds = state->objective->deadline > 0 ? state->objective->deadline - state->began
                                                     : nd_number_or(settings->seconds, HUGE_VAL);
  if (settings->updates.is_number || settings->epochs.is_number) return;
  if (state->batch)
    stop->max_epochs = default_passes(state->objective, 100, 1e4);
  else
    stop->max_updates = default_passes(state->objective, 1e4, 1e6);
}

/* Relative to the gradient at the start where that is above 1; single precision knows no gradient
 * to 1e-8. */
static void set_tolerance(nd_descent_state *state) {
  double chosen = state->objective->single ? 1e-5 : 1e-8;
  double tolerance = nd_number_or(state->settings->tol_gradient, chosen);
  if (nd_knows_what_is_left(state)) tolerance = 0;
  state->stop.tol_gradient = tolerance * fmax(1, state->gradient_norm);
}

static nadir_status take_memory(nd_descent_state *state, nadir_error *error) {
  size_t n = state->size;
  nd_run *run = state->run;
  state->w = nd_new(n, sizeof(double), error);
  state->gradient = nd_new(n, sizeof(double), error);
  state->table_w = nd_new(n, sizeof(double), error);
  state->average = nd_new(n, sizeof(double), error);
  state->best_validation_w = nd_new(n, sizeof(double), error);
  run->w = nd_new(n, sizeof(double), error);
  run->best = nd_new(n, sizeof(double), error);
  run->start = nd_new(n, sizeof(double), error);
  run->reach = nd_new(n, sizeof(double), error);
  if (!run->start || !run->reach) return NADIR_NO_MEMORY;
  if (!state->w || !state->gradient || !state->table_w || !state->average ||
      !state->best_validation_w || !run->w || !run->best)
    return NADIR_NO_MEMORY;
  if (state->objective->bounds)
    ND_TRY(nd_face_new(&state->face, n, state->objective->bounds, error));
  if (state->objective->untraced) return NADIR_OK;
  ND_TRY(nd_trace_new(&run->trace, state->objective->names, n, nd_validates(state), error));
  state->row = nd_new(run->trace->columns, sizeof(double), error);
  return state->row ? NADIR_OK : NADIR_NO_MEMORY;
}

static nadir_status set_up_method(nd_descent_state *state, nadir_error *error) {
  const nadir_optimizer *optimizer = state->run->method.optimizer;
  if (state->batch && (optimizer->traits & NADIR_FULL_BATCH))
    return nd_fail(error, NADIR_BAD_SETTING,
                   "batch: method %s needs the gradient of all rows: set batch to all, or choose a "
                   "different method",
                   optimizer->name);
  nd_method_options options = {optimizer, state->run->method.values, state->rate.scale,
                               state->objective->l1, state->objective->bounds};
  return nd_method_new(&state->method, state->size, &options, error);
}

static nadir_status not_defined(const nd_descent_state *state, nadir_error *error) {
  nd_text at = {0};
  char number[ND_NUMBER_TEXT];
  state->objective->to_table(state->objective, state->w, state->table_w);
  for (size_t i = 0; i < state->size && i < 6; i++)
    nd_text_print(&at, "%s%s = %s", i ? ", " : "", state->objective->names[i],
                  nd_format_digits(state->table_w[i], 6, number));
  nadir_status status =
      nd_fail(error, NADIR_BAD_FORMULA,
              "formula: it has no finite value and gradient at the start (%s%s)%s: choose a "
              "different start",
              nd_text_data(&at), state->size > 6 ? ", ..." : "",
              state->objective->integrates ? ", or an integral in it does not converge there" : "");
  nd_text_free(&at);
  return status;
}

static nadir_status look_at_start(nd_descent_state *state, const double *start,
                                  nadir_error *error) {
  memcpy(state->w, start, state->size * sizeof(double));
  nd_project(state->size, state->objective->bounds, state->w);
  ND_TRY(nd_look(state, state->w, &state->loss, state->gradient, error));
  if (!isfinite(state->loss) || !nd_all_finite(state->size, state->gradient))
    return not_defined(state, error);
  state->gradient_norm = nd_gradient_norm(state->objective, state->w, state->gradient);
  memcpy(state->run->start, state->w, state->size * sizeof(double));
  state->run->first_loss = state->loss;
  state->run->first_gradient = state->gradient_norm;
  set_tolerance(state);
  return NADIR_OK;
}

static nadir_status set_up(nd_descent_state *state, const double *start, nadir_error *error) {
  state->began = nd_clock();
  state->size = state->objective->problem.size;
  state->best_validation = state->run->best_loss = HUGE_VAL;
  state->step_norm = state->predicted = state->actual = state->rate_now = (double)NAN;
  state->last_validation = (double)NAN;
  state->batch = state->settings->batch.rows;
  if (!state->objective->rows || state->batch >= state->objective->rows) state->batch = 0;
  if (state->settings->parts > 1 && !state->batch)
    return nd_fail(error, NADIR_BAD_SETTING,
                   "parts: an update takes all rows: set batch to fewer than there are, or parts to 1");
  ND_TRY(take_memory(state, error));
  set_limits(state);
  ND_TRY(look_at_start(state, start, error));
  ND_TRY(nd_rate_choose(&state->rate, state->objective, state->settings, start, state->batch,
                        state->teller, state->run, error));
  state->planned = state->rate.schedule;
  return set_up_method(state, error);
}

/* A run that goes on from a checkpoint has made its last observation, and decides on it anew where it
 * had not. */
static nadir_status begin(nd_descent_state *state, nadir_error *error) {
  if (state->resumed && !state->decides) return NADIR_OK;
  ND_TRY((state->resumed ? nd_decide : nd_observe)(state, &state->run->stop, error));
  return nd_keep(state, true, 0, error);
}

static nadir_status observe(nd_descent_state *state, nadir_error *error) {
  ND_TRY(nd_observe(state, &state->run->stop, error));
  return nd_keep(state, true, 0, error);
}

/* ---- the tail's average ---- */

static void plan_average(nd_descent_state *state) {
  const nd_stop_rules *stop = &state->stop;
  double epochs = (double)stop->max_epochs, updates = (double)stop->max_updates;
  double rows = (double)state->objective->rows, share = 1 - state->settings->average;
  if (state->batch) updates *= (double)state->batch / rows; /* in epochs, too */
  state->average_from = (uint64_t)fmin(ceil(share * fmin(epochs, updates)), 0x1p63);
  if (state->settings->average > 0)
    state->stop.tol_gradient = 0; /* the last iterate is not the answer */
}

static bool in_tail(const nd_descent_state *state) {
  uint64_t at = state->batch ? state->run->epochs : state->run->updates;
  return state->settings->average > 0 && at >= state->average_from && !state->apart;
}

static void add_to_average(nd_descent_state *state) {
  for (size_t i = 0; i < state->size; i++)
    state->average[i] += state->w[i];
  state->averaged++;
}

/* ---- full batch ---- */

static nadir_stop judge(const nd_descent_state *state, double loss, const double *gradient) {
  if (isnan(loss) && state->objective->rows == 0) return NADIR_STOP_DOMAIN;
  if (loss == -HUGE_VAL) return NADIR_STOP_UNBOUNDED;
  if (!isfinite(loss) || !nd_all_finite(state->size, gradient)) return NADIR_STOP_DIVERGED;
  if (loss > 1e8 * (1 + fabs(state->stop.first_loss))) return NADIR_STOP_DIVERGED;
  return NADIR_GO_ON;
}

/* Whether a rate that was chosen here proves too large: gd must gain a tenth of what the gradient
 * promises (on a parabola it is half), its kin never climb above the start. */
static bool rate_is_too_large(const nd_descent_state *state, double loss, nadir_stop verdict) {
  double promised = -nd_dot(state->size, state->gradient, nd_method_step(state->method));
  if (state->rate.kinked) return verdict != NADIR_GO_ON;
  if (!state->rate.automatic || state->run->method.optimizer->rate > 0 ||
      (state->run->method.optimizer->traits & NADIR_SELF_SIZING))
    return false;
  double ceiling = nd_method_is_plain(state->method) || state->objective->l1
                       ? state->loss
                       : state->stop.first_loss;
  double rounding = (state->objective->single ? 1e-5 : 1e-10) * fabs(ceiling);
  bool poor = nd_method_is_plain(state->method) && promised > rounding &&
              state->loss - loss < 0.1 * promised;
  return verdict != NADIR_GO_ON || poor || loss > ceiling + rounding;
}

/* The rate that the curvature at the best point allows, where the start had none. A step far
 * shorter than that which still climbs has met a kink, as have absolute, quantile and hinge losses:
 * there no rate always gains, and plateau brings the descent to rest. */
static nadir_status judge_curvature(nd_descent_state *state, nadir_stop verdict, nadir_error *error) {
  nd_rate *rate = &state->rate;
  double largest, smallest;
  ND_TRY(nd_curvature(state->objective, state->run->best, &largest, &smallest, error));
  if (!(rate->curvature > 0) && largest > 0) {
    const nd_method_choice *method = &state->run->method;
    rate->curvature = largest;
    rate->base = fmin(rate->base, nd_auto_rate(method->optimizer, method->values, largest));
  }
  bool straight = rate->base * fmax(fabs(largest), fabs(smallest)) < KINKED;
  return verdict == NADIR_GO_ON && straight ? nd_rate_calm(rate, state->settings, error) : NADIR_OK;
}

/* Back to the best point with half the rate. */
static nadir_status lower_rate(nd_descent_state *state, nadir_stop verdict, nadir_error *error) {
  state->rate.base /= 2;
  state->halvings++;
  nd_method_forget(state->method);
  memcpy(state->w, state->run->best, state->size * sizeof(double));
  ND_TRY(nd_look(state, state->w, &state->loss, state->gradient, error));
  state->gradient_norm = nd_gradient_norm(state->objective, state->w, state->gradient);
  ND_TRY(judge_curvature(state, verdict, error));
  nadir_schedule_why why = state->rate.kinked ? NADIR_SCHEDULE_KINK : state->run->plan.schedule_why;
  nd_tell_event(state->teller, &(nadir_event){.kind = NADIR_LOWERED,
                                              .update = state->run->updates,
                                              .rate = state->rate.base,
                                              .schedule_why = why});
  return NADIR_OK;
}

/* Without curvature at the start nothing says how long a step should be: double it while the plane
 * is right, until the loss first rises. */
static void raise_rate(nd_descent_state *state) {
  if (state->rate.automatic && state->run->method.optimizer->rate == 0 &&
      !(state->rate.curvature > 0) && state->halvings == 0 && nd_method_is_plain(state->method) &&
      state->actual >= 0.75 * state->predicted)
    state->rate.base = fmin(2 * state->rate.base, 1e300);
}

/* A step of gd (or rule without state) that gained under a tenth of what the plane promised. */
static void count_poor_step(nd_descent_state *state) {
  bool counts = nd_method_is_plain(state->method) && !state->rate.kinked &&
                state->predicted > 1e-12 * fabs(state->loss);
  if (counts && state->actual < 0.1 * state->predicted) state->run->poor_steps++;
}

typedef struct trial {
  double *w, *gradient;
  double loss;
} trial;

/* One update from state->w to trial->w, looked at. */
static nadir_status try_step(nd_descent_state *state, trial *to, nadir_error *error) {
  nd_run *run = state->run;
  double smooth = state->loss - nd_l1_penalty(state->objective, state->w);
  state->rate_now =
      state->rate.base * nd_schedule_multiplier(&state->rate.schedule, run->updates, run->updates);
  memcpy(to->w, state->w, state->size * sizeof(double));
  ND_TRY(nd_method_advance(state->method, state->rate_now, smooth, state->gradient,
                           &state->objective->problem, to->w, error));
  const double *known = nd_method_gradient(state->method, &to->loss);
  if (known == NULL) return nd_look(state, to->w, &to->loss, to->gradient, error);
  memcpy(to->gradient, known, state->size * sizeof(double));
  to->loss += nd_l1_penalty(state->objective, to->w);
  return NADIR_OK;
}

static void accept(nd_descent_state *state, trial *to) {
  const double *step = nd_method_step(state->method);
  state->step_norm = nd_norm(state->size, step);
  state->predicted = -nd_dot(state->size, state->gradient, step);
  state->actual = state->loss - to->loss;
  memcpy(state->w, to->w, state->size * sizeof(double));
  memcpy(state->gradient, to->gradient, state->size * sizeof(double));
  state->loss = to->loss;
  state->gradient_norm = nd_gradient_norm(state->objective, state->w, state->gradient);
  state->run->rises += state->actual < 0;
  state->run->updates++;
  state->run->rows_seen = state->run->rows_sampled +
                          state->objective->rows * (nd_updates_on_all(state->run) +
                                                    nd_method_evaluations(state->method));
  count_poor_step(state);
  nd_rate_used(&state->rate);
  raise_rate(state);
  if (in_tail(state)) add_to_average(state);
}

/* A stop within is before the first update: what was reached on samples alone is not kept. */
static nadir_status begin_on_samples(nd_descent_state *state, nadir_error *error) {
  nd_run *run = state->run;
  if (run->stop != NADIR_GO_ON || run->updates > 0) return NADIR_OK;
  ND_TRY(nd_descend_on_samples(state, error));
  if (run->stop != NADIR_GO_ON) return nd_keep(state, false, 0, error);
  return run->updates > 0 ? observe(state, error) : NADIR_OK;
}

static nadir_status full_batch_loop(nd_descent_state *state, trial *to, nadir_error *error) {
  nd_run *run = state->run;
  ND_TRY(begin(state, error));
  ND_TRY(begin_on_samples(state, error));
  while (run->stop == NADIR_GO_ON) {
    ND_TRY(try_step(state, to, error));
    nadir_stop verdict = judge(state, to->loss, to->gradient);
    if (rate_is_too_large(state, to->loss, verdict) && state->halvings < MOST_HALVINGS) {
      ND_TRY(lower_rate(state, verdict, error));
      ND_TRY(nd_pause(state, &run->stop, error));
      ND_TRY(nd_keep(state, false, 0, error));
      continue;
    }
    if (verdict != NADIR_GO_ON) {
      run->stop = verdict;
      run->stop_update = run->updates + 1;
      break;
    }
    accept(state, to);
    ND_TRY(observe(state, error));
  }
  run->epochs = nd_updates_on_all(run);
  return NADIR_OK;
}

/* A loss with kinks is solved as a whole by newton: the updates are those of smooth.c. */
static bool goes_to_vertex(const nd_descent_state *state) {
  return (state->run->method.optimizer->traits & NADIR_COMPOSITE) &&
         !(state->settings->average > 0) && !(state->settings->validate > 0) &&
         nd_smooth_applies(state->objective);
}

static nadir_status move_to(nd_descent_state *state, const double *w, nadir_error *error) {
  double before = state->loss;
  memcpy(state->w, w, state->size * sizeof(double));
  ND_TRY(nd_look(state, state->w, &state->loss, state->gradient, error));
  state->gradient_norm = nd_gradient_norm(state->objective, state->w, state->gradient);
  state->actual = before - state->loss;
  return NADIR_OK;
}

static nadir_status go_to_vertex(nd_descent_state *state, nadir_error *error) {
  nd_run *run = state->run;
  ND_TRY(begin(state, error));
  if (run->stop != NADIR_GO_ON) return NADIR_OK;
  nd_smooth smooth;
  nd_until until = {.deadline = state->began + state->stop.max_seconds,
                    .asked = nd_asks_to_end,
                    .context = state->teller,
                    .ranks = state->objective->until ? state->objective->until->ranks : NULL};
  ND_TRY(nd_smooth_descend(state->objective, state->w, state->stop.max_updates, &until, &smooth,
                           error));
  nadir_status status = move_to(state, smooth.w, error);
  run->updates = run->epochs = smooth.updates;
  run->rows_seen = smooth.updates * state->objective->rows;
  run->duality_gap = nextafter(smooth.duality_gap * state->objective->loss_factor, HUGE_VAL);
  nd_smooth_clear(&smooth);
  if (status == NADIR_OK) status = nd_observe(state, &run->stop, error);
  double left = isnan(smooth.duality_gap) ? smooth.gap : smooth.duality_gap;
  bool closed = left <= GAP_CLOSED * (state->loss + run->first_loss * 1e-6);
  if (closed && run->stop != NADIR_STOP_SIGNAL) run->stop = NADIR_STOP_GAP;
  if (run->stop == NADIR_GO_ON) run->duality_gap = (double)NAN; /* it will be elsewhere */
  return status;
}

static nadir_status descend_by_all(nd_descent_state *state, nadir_error *error) {
  bool at_start = state->run->updates == 0;
  if (at_start && goes_to_vertex(state)) {
    ND_TRY(go_to_vertex(state, error));
    if (state->run->stop != NADIR_GO_ON) return NADIR_OK;
    state->resumed = false;
  }
  trial to = {.w = nd_new(state->size, sizeof(double), error),
              .gradient = nd_new(state->size, sizeof(double), error)};
  nadir_status status = to.w && to.gradient ? full_batch_loop(state, &to, error) : NADIR_NO_MEMORY;
  nd_free(to.gradient);
  nd_free(to.w);
  return status;
}

/* ---- batches ---- */

static void note_divergence(nd_descent_state *state) {
  state->run->stop = NADIR_STOP_DIVERGED;
  state->run->stop_update = state->run->updates + 1;
}

/* rule NULL: plain descent. */
static nadir_status fused_stretch(nd_descent_state *state, stretch *s, size_t count,
                                  const nd_rule *rule, nadir_error *error) {
  nd_run *run = state->run;
  size_t wanted = (count + state->batch - 1) / state->batch, made = 0;
  double *step = state->table_w; /* free between observations */
  nd_schedule_multipliers(&state->rate.schedule, run->updates, run->epochs, s->rates, wanted);
  for (size_t u = 0; u < wanted; u++)
    s->rates[u] *= state->rate.base;
  const nd_stretch rows = {.picks = s->picks + s->used,
                           .count = count,
                           .batch = state->batch,
                           .rates = s->rates,
                           .followed = state->batch == 1 && s->used + count < s->known,
                           .ahead = &state->eta_ahead,
                           .average = in_tail(state) ? state->average : NULL,
                           .rule = rule,
                           .effective = s->effective};
  ND_TRY(state->objective->descend(state->objective, &rows, state->w, &made, &state->batch_loss,
                                   state->gradient, step, error));
  if (in_tail(state)) state->averaged += made;
  if (made) {
    state->rate_now = s->rates[made - 1];
    nd_method_skip(state->method, made, step, s->effective);
  }
  run->updates += made;
  run->rows_seen += made < wanted ? made * state->batch : count;
  if (made < wanted) note_divergence(state);
  return NADIR_OK;
}

/* What a method may ask of the batch at hand, at points of its own choice. */
typedef struct batch_view {
  nd_objective *objective;
  const nd_pick *picks;
  size_t count;
} batch_view;

static nadir_status view_gradient(void *context, const double *w, double *gradient,
                                  nadir_error *error) {
  const batch_view *view = context;
  double loss;
  return view->objective->batch(view->objective, view->picks, view->count, w, &loss, gradient,
                                error);
}

static nadir_problem problem_of_batch(const nd_descent_state *state, batch_view *view) {
  nadir_problem problem = state->objective->problem;
  problem.batch_gradient = view_gradient;
  problem.batch_context = view;
  problem.epoch_updates = (state->objective->rows + state->batch - 1) / state->batch;
  problem.batch_share =
      state->objective->sum ? (double)view->count / (double)state->objective->rows : 1;
  return problem;
}

static nadir_status one_batch(nd_descent_state *state, const nd_pick *picks, size_t count,
                              nadir_error *error) {
  nd_run *run = state->run;
  ND_TRY(state->objective->batch(state->objective, picks, count, state->w, &state->batch_loss,
                                 state->gradient, error));
  state->rate_now =
      state->rate.base * nd_schedule_multiplier(&state->rate.schedule, run->updates, run->epochs);
  memcpy(state->table_w, state->w, state->size * sizeof(double));
  batch_view view = {state->objective, picks, count};
  nadir_problem problem = problem_of_batch(state, &view);
  uint64_t before = nd_method_evaluations(state->method);
  nadir_status status = nd_method_advance(state->method, state->rate_now, (double)NAN,
                                          state->gradient, &problem, state->w, error);
  if (status == NADIR_ENDED) memcpy(state->w, state->table_w, state->size * sizeof(double));
  ND_TRY(status);
  if (!isfinite(state->batch_loss) || !nd_all_finite(state->size, state->w)) {
    memcpy(state->w, state->table_w, state->size * sizeof(double));
    note_divergence(state);
    return NADIR_OK;
  }
  run->updates++;
  run->rows_seen += count * (run->method.optimizer->advance ? 2 : 1) +
                    state->objective->rows * (nd_method_evaluations(state->method) - before);
  if (in_tail(state)) add_to_average(state);
  return NADIR_OK;
}

static nadir_status plain_stretch(nd_descent_state *state, stretch *s, size_t count,
                                  nadir_error *error) {
  for (size_t at = 0; at < count && state->run->stop == NADIR_GO_ON; at += state->batch) {
    size_t rows = count - at < state->batch ? count - at : state->batch;
    ND_TRY(one_batch(state, s->picks + s->used + at, rows, error));
  }
  return NADIR_OK;
}

static bool records_each_update(const nd_descent_state *state) {
  return state->objective->rows <= SMALL_TABLE && state->run->updates < RECORDED_UPDATES;
}

static bool goes_by_single_updates(const nd_descent_state *state) {
  if (state->apart) return false;
  return records_each_update(state) || nd_hears_updates(state->teller);
}

/* Of a batch's own update: loss and gradient are its, before the update. */
static void tell_batch(nd_descent_state *state) {
  if (!nd_hears_updates(state->teller) || state->run->stop != NADIR_GO_ON) return;
  nd_tell_update(state, state->batch_loss, nd_norm(state->size, state->gradient),
                 nd_norm(state->size, nd_method_step(state->method)));
}

/* A full look at w after updates from batches; the step's figures are of the last update. */
static nadir_status look_again(nd_descent_state *state, nadir_error *error) {
  const double *step = nd_method_step(state->method);
  state->step_norm = nd_norm(state->size, step);
  state->predicted = -nd_dot(state->size, state->gradient, step);
  ND_TRY(nd_look(state, state->w, &state->loss, state->gradient, error));
  state->actual = (double)NAN; /* the loss before the last update alone is not known */
  state->gradient_norm = nd_gradient_norm(state->objective, state->w, state->gradient);
  return NADIR_OK;
}

static nadir_status run_stretch(nd_descent_state *state, stretch *s, size_t count,
                                nadir_error *error) {
  nd_rule rule;
  if (nd_method_is_plain(state->method) && state->objective->descend)
    ND_TRY(fused_stretch(state, s, count, NULL, error));
  else if (state->batch == 1 && state->objective->fuses && nd_method_rule(state->method, &rule))
    ND_TRY(fused_stretch(state, s, count, &rule, error));
  else
    ND_TRY(plain_stretch(state, s, count, error));
  if (state->apart) return nd_go_on_apart(state->objective->until, error);
  tell_batch(state);
  return NADIR_OK;
}

/* How many rows to take now, of those whose order is known: up to the limit on updates, and one batch where each update
 * is recorded. */
static size_t stretch_rows(const nd_descent_state *state, const stretch *s) {
  uint64_t rows = s->known - s->used, left = state->stop.max_updates - state->run->updates;
  if (goes_by_single_updates(state) && rows > state->batch) rows = state->batch;
  if (left < (rows + state->batch - 1) / state->batch) rows = left * state->batch;
  return (size_t)rows;
}

/* The next rows in their order, up to the same picks of an epoch wherever it is taken up; known 0: its end. No eta is
 * known ahead at the first of them. */
static nadir_status know_more(nd_descent_state *state, stretch *s, nadir_error *error) {
  const uint64_t position = nd_sampler_position(s->sampler, state->run->epochs);
  const size_t wanted = s->picks_size - (size_t)(position % s->picks_size);
  s->used = 0;
  if (wanted == s->picks_size) state->eta_ahead = (nd_eta_ahead){0};
  ND_TRY(nd_sampler_next(s->sampler, state->run->epochs, s->picks, wanted, &s->known, error));
  for (size_t i = 0; s->first_block > 0 && i < s->known; i++)
    s->picks[i].block += (uint32_t)s->first_block;
  return NADIR_OK;
}

/* A stretch that did not diverge, and its record. */
static nadir_status record_stretch(nd_descent_state *state, stretch *s, size_t count, nadir_error *error) {
  bool recorded = !state->apart && records_each_update(state);
  ND_TRY(run_stretch(state, s, count, error));
  if (!recorded || state->run->stop != NADIR_GO_ON) return NADIR_OK;
  ND_TRY(look_again(state, error));
  if (judge(state, state->loss, state->gradient) == NADIR_GO_ON) return nd_record(state, error);
  note_divergence(state);
  return NADIR_OK;
}

/* Picks of the epoch that were gone over. */
static uint64_t position_in(const nd_descent_state *state, const stretch *s) {
  return nd_sampler_position(s->sampler, state->run->epochs) - (s->known - s->used);
}

nadir_status nd_epoch_run(nd_descent_state *state, nd_epoch *s, nadir_error *error) {
  nd_run *run = state->run;
  if (nd_sampler_position(s->sampler, run->epochs) == 0) s->known = s->used = 0;
  while (run->stop == NADIR_GO_ON) {
    if (s->used == s->known) ND_TRY(know_more(state, s, error));
    if (s->known == 0) break;
    const size_t wanted = stretch_rows(state, s);
    if (wanted == 0) /* the observation after this will say so */
      return state->apart ? NADIR_OK : nd_keep_last(state, false, position_in(state, s), error);
    ND_TRY(record_stretch(state, s, wanted, error));
    if (run->stop != NADIR_GO_ON) return NADIR_OK;
    s->used += wanted;
    if (state->apart) continue;
    ND_TRY(nd_pause(state, &run->stop, error));
    ND_TRY(nd_keep(state, false, position_in(state, s), error));
  }
  if (run->stop == NADIR_GO_ON) run->epochs++;
  return NADIR_OK;
}

static nadir_status next_epoch(nd_descent_state *state, nd_epoch *whole, nadir_error *error) {
  bool diverged;
  if (!state->parts) return nd_epoch_run(state, whole, error);
  if (nd_parts_are_cut(state->parts, state)) ND_TRY(nd_keep_last(state, false, 0, error));
  ND_TRY(nd_parts_epoch(state->parts, state, &diverged, error));
  if (in_tail(state)) add_to_average(state);
  if (diverged) note_divergence(state);
  return NADIR_OK;
}

static nadir_status batches_loop(nd_descent_state *state, nd_epoch *whole, nadir_error *error) {
  nd_run *run = state->run;
  ND_TRY(begin(state, error));
  if (state->resumed && !state->parts)
    nd_sampler_seek(whole->sampler, run->epochs, state->position);
  while (run->stop == NADIR_GO_ON) {
    ND_TRY(next_epoch(state, whole, error));
    if (run->stop != NADIR_GO_ON) break;
    ND_TRY(look_again(state, error));
    run->stop = judge(state, state->loss, state->gradient);
    if (run->stop != NADIR_GO_ON)
      run->stop_update = run->updates;
    else
      ND_TRY(observe(state, error));
  }
  return NADIR_OK;
}

nadir_status nd_epoch_new(nd_epoch *epoch, const nd_descent_state *state, size_t first, size_t blocks,
                          nadir_error *error) {
  size_t batches = STRETCH_PICKS / state->batch;
  *epoch = (nd_epoch){.picks_size = (batches ? batches : 1) * state->batch, .first_block = first};
  ND_TRY(nd_sampler_new(&epoch->sampler, state->objective->block_rows + first, blocks, state->settings->shuffle,
                        state->settings->seed + first, error));
  epoch->picks = nd_new(epoch->picks_size, sizeof *epoch->picks, error);
  epoch->rates = nd_new(epoch->picks_size / state->batch, sizeof *epoch->rates, error);
  epoch->effective = nd_new(state->size, sizeof *epoch->effective, error);
  return epoch->picks && epoch->rates && epoch->effective ? NADIR_OK : NADIR_NO_MEMORY;
}

void nd_epoch_clear(nd_epoch *epoch) {
  nd_free(epoch->effective);
  nd_free(epoch->rates);
  nd_free(epoch->picks);
  nd_sampler_free(epoch->sampler);
}

static nadir_status descend_by_batches(nd_descent_state *state, nadir_error *error) {
  nd_epoch whole = {0};
  nadir_status status =
      state->parts ? NADIR_OK : nd_epoch_new(&whole, state, 0, state->objective->blocks, error);
  if (status == NADIR_OK) status = batches_loop(state, &whole, error);
  nd_epoch_clear(&whole);
  return status;
}

/* ---- the end ---- */

/* Which parameters are the answer: those of least validation loss, the tail's average, the best
 * seen of a run that went wrong, or the last. */
static void choose_answer(nd_descent_state *state) {
  nd_run *run = state->run;
  bool failed = nd_stop_amounts_to(run->stop) == ND_ENDED_DIVERGED;
  const double *answer = state->w;
  run->validation_loss = (double)NAN;
  if (failed)
    answer = run->best;
  else if (isfinite(state->best_validation)) {
    answer = state->best_validation_w;
    run->validation_loss = state->best_validation * state->objective->loss_factor;
  } else if (state->averaged) {
    for (size_t i = 0; i < state->size; i++)
      state->average[i] /= (double)state->averaged;
    answer = state->average;
  }
  memmove(run->w, answer, state->size * sizeof(double));
}

/* Where time was up within an update, or an end insisted on, what was reached before it is kept. */
static nadir_status cut_short(nd_descent_state *state, nadir_status status) {
  if (status != NADIR_ENDED || isinf(state->run->best_loss)) return status;
  bool asked = nd_is_over(state->objective->until) == ND_OVER_ASKED;
  state->run->stop = asked ? NADIR_STOP_SIGNAL : NADIR_STOP_SECONDS;
  return NADIR_OK;
}

/* Without time for a look at the answer it is the best point that was looked at; of batches it is the
 * last point all the same, and its loss is not known. */
static void take_unseen(nd_descent_state *state) {
  nd_run *run = state->run;
  bool unseen = state->batch && run->updates > 0 && run->stop != NADIR_STOP_DIVERGED;
  if (!unseen) memcpy(run->w, run->best, state->size * sizeof(double));
  run->loss = unseen ? (double)NAN : run->best_loss;
  run->gradient_norm = unseen ? (double)NAN : state->best_gradient;
}

static nadir_status look_at_answer(nd_descent_state *state, nadir_error *error) {
  nd_run *run = state->run;
  nadir_status status = nd_look(state, run->w, &run->loss, state->gradient, error);
  if (status == NADIR_ENDED) take_unseen(state);
  if (status == NADIR_OK)
    run->gradient_norm = nd_gradient_norm(state->objective, run->w, state->gradient);
  return status == NADIR_ENDED ? NADIR_OK : status;
}

/* The recorded run ends at the answer: an average is not an iterate, and is recorded as the last
 * row. */
static nadir_status finish(nd_descent_state *state, nadir_error *error) {
  nd_run *run = state->run;
  bool lost = nd_stop_amounts_to(run->stop) == ND_ENDED_DIVERGED;
  if (!lost && !state->batch && run->updates >= ROSE_UPDATES && run->rises == run->updates)
    run->stop = NADIR_STOP_ROSE;
  choose_answer(state);
  ND_TRY(look_at_answer(state, error));
  run->data_loss =
      state->objective->loss_factor *
      (state->objective->data_loss
           ? state->objective->data_loss(state->objective, run->w,
                                         run->loss - nd_l1_penalty(state->objective, run->w))
           : run->loss);
  if (run->loss < run->best_loss) {
    run->best_loss = run->loss;
    memcpy(run->best, run->w, state->size * sizeof(double));
  }
  run->loss *= state->objective->loss_factor;
  run->first_loss *= state->objective->loss_factor;
  run->best_loss *= state->objective->loss_factor;
  run->seconds = nd_clock() - state->began;
  nd_rate_end(&state->rate, run);
  return NADIR_OK;
}

static nadir_status warn_of_poor_steps(nd_descent_state *state, nadir_error *error) {
  const nd_run *run = state->run;
  if (!run->poor_steps) return NADIR_OK;
  return nd_warn(
      state->teller,
      &(nadir_warning){.kind = NADIR_WARN_POOR_STEPS, .count = run->poor_steps, .of = run->updates},
      error);
}

static void clear(nd_descent_state *state) {
  nd_parts_free(state->parts);
  nd_method_free(state->method);
  nd_face_free(state->face);
  nd_rate_clear(&state->rate);
  nd_free(state->w);
  nd_free(state->gradient);
  nd_free(state->table_w);
  nd_free(state->average);
  nd_free(state->best_validation_w);
  nd_free(state->row);
}

/* Set up, or on from where it was; a run that is kept is not cut short within an update. */
static nadir_status descend_from(nd_descent_state *state, const double *start, nadir_error *error) {
  const nd_keeping *keeping = state->keeping;
  ND_TRY(set_up(state, start, error));
  plan_average(state);
  if (state->settings->parts > 1) ND_TRY(nd_parts_new(&state->parts, state, error));
  if (keeping && keeping->from) ND_TRY(nd_go_on_from(state, keeping->from, error));
  nd_until *until = keeping && *state->settings->checkpoint ? keeping->until : NULL;
  nd_until before = until ? *until : (nd_until){0};
  if (until) *until = (nd_until){.deadline = HUGE_VAL, .asked = nd_tells_on, .context = state->teller};
  nadir_status status = state->batch ? descend_by_batches(state, error) : descend_by_all(state, error);
  if (until) *until = before;
  return cut_short(state, status);
}

static nadir_status descend(nd_objective *objective, const nadir_settings *settings,
                            const double *start, nd_teller *teller, const nd_keeping *keeping,
                            nd_run *run, nadir_error *error) {
  nd_descent_state state = {.objective = objective,
                            .settings = settings,
                            .teller = teller,
                            .run = run,
                            .keeping = keeping};
  nadir_status status = descend_from(&state, start, error);
  if (status == NADIR_OK) status = nd_polish(&state, error);
  if (status == NADIR_ENDED && run->stop != NADIR_GO_ON)
    status = NADIR_OK; /* digits that are missing */
  if (status == NADIR_OK) status = finish(&state, error);
  if (status == NADIR_OK) status = warn_of_poor_steps(&state, error);
  clear(&state);
  return status;
}

/* ---- coordinates ---- */

/* Methods that finish have a scale of their own, linear models that of their features. */
static bool steps_are_scaled(const nd_objective *objective, const nadir_settings *settings,
                             const nadir_optimizer *optimizer) {
  if (optimizer->traits & NADIR_FINISHES) return false;
  switch (settings->coordinates) {
  case ND_COORDINATES_PLAIN:
    return false;
  case ND_COORDINATES_SCALED:
    return true;
  case ND_COORDINATES_AUTO:
    break;
  }
  return objective->rows > 0 && !objective->linear && nd_is_auto(settings->rate);
}

/* A run in scaled coordinates, told in those of the objective. */
static nadir_status descend_scaled(nd_objective *objective, const nadir_settings *settings,
                                   const double *start, nd_teller *teller,
                                   const nd_keeping *keeping, nd_run *run, nadir_error *error) {
  size_t n = objective->problem.size;
  nd_objective *scaled;
  ND_TRY(nd_objective_scaled(&scaled, objective, run->scales, error));
  double *u = nd_new(n, sizeof *u, error);
  nadir_status status = u ? NADIR_OK : NADIR_NO_MEMORY;
  if (status == NADIR_OK) {
    nd_scales_down(run->scales, n, start, u);
    status = descend(scaled, settings, u, teller, keeping, run, error);
  }
  if (status == NADIR_OK) {
    double *told[] = {run->w, run->best, run->start, run->reach};
    for (size_t k = 0; k < ND_COUNT(told); k++)
      nd_scales_up(run->scales, n, told[k], told[k]);
  }
  nd_free(u);
  nd_objective_free(scaled);
  return status;
}

static nadir_status descend_in_coordinates(nd_objective *objective, const nadir_settings *settings,
                                           const double *start, nd_teller *teller,
                                           const nd_keeping *keeping, nd_run *run,
                                           nadir_error *error) {
  *run = (nd_run){.duality_gap = (double)NAN};
  ND_TRY(nd_choose_method(objective, settings, &run->method, error));
  nadir_status status = NADIR_OK;
  if (steps_are_scaled(objective, settings, run->method.optimizer))
    status = nd_scales_measure(&run->scales, objective, start, error);
  if (status == NADIR_OK)
    status =
        (run->scales ? descend_scaled : descend)(objective, settings, start, teller, keeping, run, error);
  if (status != NADIR_OK) nd_run_clear(run);
  return status;
}

nadir_status nd_descend(nd_objective *objective, const nadir_settings *settings,
                        const double *start, nd_teller *teller, nd_run *run, nadir_error *error) {
  return descend_in_coordinates(objective, settings, start, teller, NULL, run, error);
}

nadir_status nd_descend_kept(nd_objective *objective, const nadir_settings *settings,
                             const double *start, nd_teller *teller, const nd_keeping *keeping,
                             nd_run *run, nadir_error *error) {
  size_t n = objective->problem.size;
  double *from = nd_new(n, sizeof *from, error);
  nd_keeping own = *keeping;
  own.start = from;
  *run = (nd_run){0};
  if (!from) return NADIR_NO_MEMORY;
  memcpy(from, start, n * sizeof *from);
  nadir_status status = own.from ? nd_checkpoint_start(own.from, n, from, error) : NADIR_OK;
  if (status == NADIR_OK)
    status = descend_in_coordinates(objective, settings, from, teller, &own, run, error);
  nd_free(from);
  return status;
}

void nd_run_clear(nd_run *run) {
  nd_free(run->w);
  nd_free(run->best);
  nd_free(run->start);
  nd_free(run->reach);
  nd_trace_free(run->trace);
  nd_scales_free(run->scales);
  *run = (nd_run){0};
}
