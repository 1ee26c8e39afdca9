/* Descent on samples of the rows before that on all of them, where there are many: while the parameters are far from
 * the minimum a few rows say as well as all where it is, and an update costs as much less.
 *
 * R. H. Byrd, G. M. Chin, J. Nocedal, Y. Wu 2012, "Sample size selection in optimization methods for machine
 * learning": an update on a sample is of use as long as the sample's gradient is longer than its own error as an
 * estimate of the gradient of all rows, which the variance between its chunks tells. Where it no longer is, the sample
 * is left for a larger one, and the last for all rows, whose stopping rules alone end a run: the answer is the same to
 * their tolerance whatever the samples did. What they reached is given up where it is higher than the start.
 *
 * Newton's steps on a sample take the Hessian of the sample before, as long as each halves the gradient: a Hessian differs
 * from that of all rows by less than a gradient does, and costs as much as many gradients (R. H. Byrd, G. M. Chin, W. Neveitt,
 * J. Nocedal 2011, "On the use of stochastic Hessian information in optimization methods for machine learning").
 *
 * A sample is of whole chunks, one at random of each of as many equal stretches of the table: a pass over it touches
 * nothing else, in memory or in the file, and a sorted table does no harm. Its chunks are summed as those of a table
 * are, so that threads, ranks and memory change no bit. Samples are for methods that auto chose for a smooth loss, of
 * linear models with one minimum (nd_objective.sample), over all rows (no validation rows, bounds or L1 penalty, in
 * which errors of the gradient are not what is left to gain), and without a limit on updates or epochs, which counts
 * those on all rows. */
#include <string.h>

#include "base/dense.h"
#include "descend/descend_internal.h"

enum {
  LEAST_CHUNKS = 8,   /* by which a variance is worth something */
  LEAST_PART = 8,     /* of the table, that a sample is at most */
  LEAST_ROWS = 16,    /* for each parameter, of a sample */
  ENOUGH_ROWS = 1000, /* after as many the next is all: an update there leaves little */
  MOST_UPDATES = 20,  /* on one sample */
};
static const size_t part_of[] = {64, LEAST_PART}; /* of the table, by sample */
_Static_assert(ND_COUNT(part_of) == ND_COUNT(((nadir_plan *)0)->sample), "room for each sample");

/* ---- which ---- */

static size_t chunk_at(const nd_objective *objective, uint64_t seed, size_t chunks, size_t i) {
  size_t first = i * objective->blocks / chunks, end = (i + 1) * objective->blocks / chunks;
  nd_random random = nd_random_stream(seed, ND_FOR_DRAW, chunks, i);
  return first + (size_t)nd_random_below(&random, end - first);
}

static uint64_t rows_of(const nd_objective *objective, uint64_t seed, size_t chunks) {
  uint64_t rows = 0;
  for (size_t i = 0; i < chunks; i++)
    rows += objective->block_rows[chunk_at(objective, seed, chunks, i)];
  return rows;
}

static bool may_sample(const nd_objective *objective, const nadir_settings *settings,
                       nadir_method_why why) {
  bool chosen = why == NADIR_METHOD_FEW || why == NADIR_METHOD_MANY;
  bool limited = settings->updates.is_number || settings->epochs.is_number;
  return chosen && !limited && objective->sample && !objective->bounds && !objective->l1 &&
         !(settings->validate > 0);
}

/* After the last one. */
static bool is_worth_while(const nadir_plan *plan, size_t chunks, size_t size) {
  if (plan->samples == 0) return true;
  const nadir_sample *last = &plan->sample[plan->samples - 1];
  return chunks >= 2 * last->chunks && last->rows < (uint64_t)ENOUGH_ROWS * size;
}

void nd_plan_samples(const nd_objective *objective, const nadir_settings *settings,
                     nadir_plan *plan) {
  if (!may_sample(objective, settings, plan->method_why)) return;
  for (size_t k = 0; k < ND_COUNT(part_of); k++) {
    size_t chunks = objective->blocks / part_of[k];
    if (chunks < LEAST_CHUNKS) chunks = LEAST_CHUNKS;
    if (chunks > objective->blocks / LEAST_PART) return;
    nadir_sample sample = {.chunks = chunks, .rows = rows_of(objective, settings->seed, chunks)};
    bool enough = sample.rows >= (uint64_t)LEAST_ROWS * objective->problem.size;
    if (enough && is_worth_while(plan, chunks, objective->problem.size))
      plan->sample[plan->samples++] = sample;
  }
}

static uint64_t sampled_updates(const nadir_sample *sample, size_t samples) {
  uint64_t updates = 0;
  for (size_t k = 0; k < samples; k++)
    updates += sample[k].updates;
  return updates;
}

uint64_t nd_updates_on_all(const nd_run *run) {
  return run->updates - sampled_updates(run->plan.sample, run->plan.samples);
}

/* ---- the descent ---- */

typedef struct descent {
  nd_descent_state *state;
  nadir_sample sample[ND_COUNT(part_of)];
  uint64_t rows_seen;
  nadir_stop stop;
  double *w, *before, *gradient, *step;
  double *hessian; /* the last of the method, on a sample; NULL: it has none, or none yet */
  double length;   /* of the last step that led down */
  double loss;
} descent;

/* From `before`, where the loss was `loss`; a step that did not lead down is taken back. */
static bool led_down(descent *d, double loss) {
  bool down = d->loss < loss && nd_all_finite(d->state->size, d->w);
  if (!down) memcpy(d->w, d->before, d->state->size * sizeof *d->w);
  return down;
}

/* Whether it led down. */
static nadir_status update(descent *d, nd_method *method, const nadir_problem *problem, bool *down,
                           nadir_error *error) {
  size_t n = d->state->size;
  double before = d->loss;
  memcpy(d->before, d->w, n * sizeof *d->w);
  ND_TRY(
      nd_method_advance(method, d->state->rate.base, d->loss, d->gradient, problem, d->w, error));
  const double *known = nd_method_gradient(method, &d->loss);
  if (known)
    memcpy(d->gradient, known, n * sizeof *d->gradient);
  else
    ND_TRY(problem->gradient(problem->context, d->w, &d->loss, d->gradient, error));
  *down = led_down(d, before);
  return NADIR_OK;
}

static uint64_t rows_seen(const descent *d, const nadir_sample *sample, const nd_method *method) {
  return d->rows_seen + sample->rows * (sample->updates + nd_method_evaluations(method));
}

static void tell(descent *d, const nadir_sample *sample, const nd_method *method) {
  if (!nd_hears_updates(d->state->teller)) return;
  nadir_event event = nd_event_now(d->state, NADIR_SAMPLED, d->w);
  event.update = sampled_updates(d->sample, ND_COUNT(d->sample)); /* later samples have none yet */
  event.rows_seen = rows_seen(d, sample, method);
  event.loss = d->loss * d->state->objective->loss_factor;
  event.gradient_norm = nd_gradient_norm(d->state->objective, d->w, d->gradient);
  nd_tell_event(d->state->teller, &event);
}

/* The Hessian that the update began with, which the objective has kept. */
static nadir_status keep_hessian(descent *d, const nadir_problem *problem, nadir_error *error) {
  size_t n = d->state->size;
  if (d->state->run->method.why != NADIR_METHOD_FEW) return NADIR_OK;
  if (!d->hessian) d->hessian = nd_new(n * n, sizeof *d->hessian, error);
  return d->hessian ? problem->hessian(problem->context, d->before, d->hessian, error) : NADIR_NO_MEMORY;
}

static void measure_step(descent *d) {
  for (size_t i = 0; i < d->state->size; i++)
    d->step[i] = d->w[i] - d->before[i];
  d->length = nd_norm(d->state->size, d->step);
}

/* By the Hessian that was kept: a step no longer than the last, so that what has little curvature in one sample does not
 * lead away. Whether it led down; where it did not, d is where it was. */
static nadir_status step_by_kept(descent *d, const nadir_sample *sample, const nadir_problem *problem, bool *down,
                                 nadir_error *error) {
  size_t n = d->state->size;
  double before = d->loss;
  memcpy(d->step, d->gradient, n * sizeof *d->step);
  ND_TRY(nd_solve_definite(n, d->hessian, d->step, down, d->state->objective->until, error));
  *down = *down && nd_norm(n, d->step) <= d->length;
  if (!*down) return NADIR_OK;
  memcpy(d->before, d->w, n * sizeof *d->w);
  for (size_t i = 0; i < n; i++)
    d->w[i] -= d->step[i];
  ND_TRY(problem->gradient(problem->context, d->w, &d->loss, d->gradient, error));
  *down = led_down(d, before);
  if (*down) return NADIR_OK;
  d->rows_seen += 2 * sample->rows; /* there, and here again */
  return problem->gradient(problem->context, d->w, &d->loss, d->gradient, error);
}

static bool goes_on(const descent *d, const nadir_sample *sample, const nd_objective *rows) {
  return d->stop == NADIR_GO_ON && sample->updates < MOST_UPDATES &&
         nd_norm(d->state->size, d->gradient) > rows->noise(rows);
}

static nadir_status end_update(descent *d, nadir_sample *sample, const nd_method *method, bool down,
                               nadir_error *error) {
  sample->updates += down;
  if (down) {
    measure_step(d);
    tell(d, sample, method);
  }
  return nd_pause(d->state, &d->stop, error);
}

static nadir_status go_by_kept(descent *d, nadir_sample *sample, const nd_objective *rows, const nd_method *method,
                               nadir_error *error) {
  double norm = nd_norm(d->state->size, d->gradient), before = HUGE_VAL;
  bool down = d->hessian != NULL;
  while (down && goes_on(d, sample, rows) && norm <= before / 2) {
    ND_TRY(step_by_kept(d, sample, &rows->problem, &down, error));
    before = norm;
    norm = nd_norm(d->state->size, d->gradient);
    ND_TRY(end_update(d, sample, method, down, error));
  }
  return NADIR_OK;
}

static nadir_status go_down(descent *d, nadir_sample *sample, nd_objective *rows, nd_method *method,
                            nadir_error *error) {
  const nadir_problem *problem = &rows->problem;
  bool down = true;
  ND_TRY(problem->gradient(problem->context, d->w, &d->loss, d->gradient, error));
  ND_TRY(go_by_kept(d, sample, rows, method, error));
  while (down && goes_on(d, sample, rows)) {
    ND_TRY(update(d, method, problem, &down, error));
    if (down) ND_TRY(keep_hessian(d, problem, error));
    ND_TRY(end_update(d, sample, method, down, error));
  }
  d->rows_seen = rows_seen(d, sample, method);
  return NADIR_OK;
}

static nadir_status descend_on(descent *d, nadir_sample *sample, const size_t *chunk,
                               nadir_error *error) {
  nd_descent_state *state = d->state;
  nd_objective *rows;
  nd_method *method = NULL;
  ND_TRY(state->objective->sample(state->objective, chunk, sample->chunks, &rows, error));
  nd_method_options options = {.optimizer = state->run->method.optimizer,
                               .values = state->run->method.values};
  nadir_status status = nd_method_new(&method, state->size, &options, error);
  if (status == NADIR_OK) status = go_down(d, sample, rows, method, error);
  nd_method_free(method);
  nd_objective_free(rows);
  return status;
}

static nadir_status descend_on_each(descent *d, nadir_error *error) {
  const nd_descent_state *state = d->state;
  const nadir_plan *plan = &state->run->plan;
  nadir_status status = NADIR_OK;
  for (size_t k = 0; k < plan->samples && status == NADIR_OK && d->stop == NADIR_GO_ON; k++) {
    size_t chunks = d->sample[k].chunks, *chunk = nd_new(chunks, sizeof *chunk, error);
    if (!chunk) return NADIR_NO_MEMORY;
    for (size_t i = 0; i < chunks; i++)
      chunk[i] = chunk_at(state->objective, state->settings->seed, chunks, i);
    status = descend_on(d, &d->sample[k], chunk, error);
    nd_free(chunk);
  }
  return status;
}

/* What was reached becomes the run's point, where it is lower on all rows. */
static nadir_status take(const descent *d, nadir_error *error) {
  nd_descent_state *state = d->state;
  nd_run *run = state->run;
  double loss;
  memcpy(run->plan.sample, d->sample, sizeof d->sample);
  run->updates = sampled_updates(d->sample, run->plan.samples);
  run->rows_seen = run->rows_sampled = d->rows_seen;
  if (run->updates == 0) return NADIR_OK;
  ND_TRY(nd_look(state, d->w, &loss, d->gradient, error));
  if (!(loss < state->loss) || !nd_all_finite(state->size, d->gradient)) return NADIR_OK;
  memcpy(state->w, d->w, state->size * sizeof *state->w);
  memcpy(state->gradient, d->gradient, state->size * sizeof *state->gradient);
  state->loss = loss;
  state->gradient_norm = nd_gradient_norm(state->objective, state->w, state->gradient);
  return NADIR_OK;
}

nadir_status nd_descend_on_samples(nd_descent_state *state, nadir_error *error) {
  size_t n = state->size;
  const nadir_plan *plan = &state->run->plan;
  if (plan->samples == 0) return NADIR_OK;
  descent d = {.state = state, .stop = NADIR_GO_ON, .w = nd_new(4 * n, sizeof *d.w, error)};
  if (!d.w) return NADIR_NO_MEMORY;
  d.before = d.w + n;
  d.gradient = d.before + n;
  d.step = d.gradient + n;
  memcpy(d.w, state->w, n * sizeof *d.w);
  memcpy(d.sample, plan->sample, sizeof d.sample);
  nadir_status status = descend_on_each(&d, error);
  state->run->stop = d.stop;
  if (status == NADIR_OK && d.stop == NADIR_GO_ON) status = take(&d, error);
  nd_free(d.w);
  nd_free(d.hessian);
  return status;
}
