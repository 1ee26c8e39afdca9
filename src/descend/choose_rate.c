/* The learning rate. --rate auto (the default) is
 *
 *   for gd and its kin, from the largest curvature M measured at the start: 1/M, the rate that
 * promises the largest decrease on a quadratic whatever its direction. With batches of B rows M is
 * the expected smoothness of Gower et al. (2019), M(B) = [N(B-1) M + (N-B) M_row] / [B(N-1)], M_row
 * the largest curvature of one row; for the other rules the published default, with a schedule that
 * lets the rule come to rest.
 *
 * A rate that was typed is taken as it is, and constant unless a schedule is typed too; one past
 * the limit of stability is warned of before the run. */
#include <string.h>

#include "base/dense.h"
#include "descend/descend_internal.h"

enum { SAMPLED_ROWS = 256 };

/* |grad l_i(w + h u) - grad l_i(w)| / h along the row's own gradient u: the curvature of one row of
 * a linear model exactly, of others along the way it pushes. */
static nadir_status row_curvature(nd_objective *objective, nd_pick pick, const double *w,
                                  double *scratch, double *curvature, nadir_error *error) {
  size_t n = objective->problem.size;
  double loss, *gradient = scratch, *moved = scratch + n, *after = scratch + 2 * n;
  ND_TRY(objective->batch(objective, &pick, 1, w, &loss, gradient, error));
  double norm = nd_norm(n, gradient), h = 0x1p-17 * fmax(1, nd_norm(n, w));
  *curvature = 0;
  if (!(norm > 0) || !isfinite(norm)) return NADIR_OK;
  for (size_t i = 0; i < n; i++)
    moved[i] = w[i] + h * gradient[i] / norm;
  ND_TRY(objective->batch(objective, &pick, 1, moved, &loss, after, error));
  for (size_t i = 0; i < n; i++)
    after[i] = (after[i] - gradient[i]) / h;
  *curvature = nd_norm(n, after);
  return NADIR_OK;
}

/* The largest curvature of a row among a sample of rows. */
static nadir_status largest_row_curvature(nd_objective *objective, const double *w, uint64_t seed,
                                          double *largest, nadir_error *error) {
  nd_sampler *sampler = NULL;
  nd_pick picks[SAMPLED_ROWS];
  size_t got = 0;
  double one, *scratch = nd_new(3 * objective->problem.size, sizeof(double), error);
  nadir_status status = scratch ? NADIR_OK : NADIR_NO_MEMORY;
  if (status == NADIR_OK)
    status = nd_sampler_new(&sampler, objective->block_rows, objective->blocks, ND_SHUFFLE_BLOCK,
                            ~seed, error);
  if (status == NADIR_OK) status = nd_sampler_next(sampler, 0, picks, SAMPLED_ROWS, &got, error);
  *largest = 0;
  for (size_t i = 0; status == NADIR_OK && i < got; i++) {
    status = row_curvature(objective, picks[i], w, scratch, &one, error);
    if (status == NADIR_OK && isfinite(one)) *largest = fmax(*largest, one);
  }
  nd_sampler_free(sampler);
  nd_free(scratch);
  return status;
}

/* The curvature that bounds the rate of an update from `batch` rows. */
static nadir_status batch_curvature(const nd_rate *rate, nd_objective *objective,
                                    const nadir_settings *settings, const double *w, size_t batch,
                                    double *curvature, nadir_error *error) {
  double n = (double)objective->rows, b = (double)batch, row;
  *curvature = rate->curvature;
  if (batch == 0) return NADIR_OK; /* else 0 < b < n */
  ND_TRY(largest_row_curvature(objective, w, settings->seed, &row, error));
  if (objective->sum) row *= n; /* in units of the sum over all rows */
  *curvature = (n * (b - 1) * fmax(rate->curvature, 0) + (n - b) * row) / (b * (n - 1));
  return NADIR_OK;
}

static nadir_rate_why why_of(const nadir_optimizer *optimizer, double curvature, size_t batch) {
  if (optimizer->traits & NADIR_FINISHES) return NADIR_RATE_STEPS;
  if (optimizer->rate > 0) return NADIR_RATE_PUBLISHED;
  if (!(curvature > 0)) return NADIR_RATE_NO_CURVATURE;
  return batch ? NADIR_RATE_BATCH_CURVATURE : NADIR_RATE_CURVATURE;
}

static nadir_status choose_automatically(nd_rate *rate, nd_objective *objective,
                                         const nadir_settings *settings, const double *start,
                                         size_t batch, const nd_method_choice *method,
                                         nadir_plan *plan, nadir_error *error) {
  const nadir_optimizer *optimizer = method->optimizer;
  double curvature = rate->curvature;
  rate->automatic = true;
  if (optimizer->rate == 0)
    ND_TRY(batch_curvature(rate, objective, settings, start, batch, &curvature, error));
  rate->base = nd_auto_rate(optimizer, method->values, isfinite(curvature) ? curvature : 0);
  /* the largest that Johnson and Zhang's theorem allows is 1/(4 L), L the curvature of a row */
  if (batch && (optimizer->traits & NADIR_VARIANCE_REDUCED)) rate->base /= 4;
  plan->rate_why = why_of(optimizer, curvature, batch);
  plan->curvature = curvature;
  return NADIR_OK;
}

/* --rate a=0.1,b=1, each above 0: every parameter needs one. */
static nadir_status read_own_rates(nd_rate *rate, const nd_objective *objective, const char *text,
                                   nadir_error *error) {
  nd_assignment *list;
  size_t count, size = objective->problem.size, at;
  ND_TRY(nd_assignments_read("rate", text, true, &list, &count, error));
  rate->base = 1;
  rate->scale = nd_new(size, sizeof(double), error);
  nadir_status status = rate->scale ? NADIR_OK : NADIR_NO_MEMORY;
  for (size_t i = 0; status == NADIR_OK && i < count; i++) {
    status = nd_find_parameter("rate", list[i].name, (const char *const *)objective->names, size, &at,
                               error);
    if (status == NADIR_OK) rate->scale[at] = list[i].value;
  }
  for (size_t i = 0; status == NADIR_OK && i < size; i++)
    if (rate->scale[i] == 0)
      status = nd_fail(error, NADIR_BAD_SETTING,
                       "rate: '%s' has no rate: give one for each parameter", objective->names[i]);
  nd_assignments_free(list, count);
  return status;
}

static nadir_status read_rate(nd_rate *rate, const nd_objective *objective, const char *text,
                              nadir_plan *plan, nadir_error *error) {
  plan->rate_why = NADIR_RATE_GIVEN;
  plan->rate_given = text;
  if (strchr(text, '=')) return read_own_rates(rate, objective, text, error);
  nd_read_number(text, text + strlen(text), &rate->base); /* above 0: checked when it was set */
  return NADIR_OK;
}

/* The updates that a schedule with an end is stretched over: the limit that was set. */
static double schedule_length(const nadir_settings *settings, const nd_objective *objective,
                              size_t batch) {
  if (settings->schedule_length.is_number) return settings->schedule_length.number;
  double epoch = batch ? ceil((double)objective->rows / (double)batch) : 1;
  double updates = nd_number_or(settings->updates, HUGE_VAL);
  double epochs = nd_number_or(settings->epochs, HUGE_VAL);
  double length = fmax(1, isfinite(updates) ? updates : epochs * epoch);
  return isfinite(length) ? length : (double)NAN;
}

static const char *name_of(nd_schedule_kind kind) {
  return nd_schedule_at(kind)->name;
}

/* A name that no schedule has is refused when it is set up. */
static bool brings_a_schedule(const nadir_optimizer *optimizer) {
  nd_schedule_kind kind;
  if (!optimizer->schedule) return false;
  return !nd_schedule_find(optimizer->schedule, &kind) || kind != ND_SCHEDULE_CONSTANT;
}

/* The schedule that goes with a rate that was chosen, and why. */
static const char *schedule_for(const nd_rate *rate, const nadir_settings *settings, size_t batch,
                                const nadir_optimizer *optimizer, nadir_schedule_why *why) {
  *why = rate->automatic ? NADIR_SCHEDULE_RESTS : NADIR_SCHEDULE_RATE_GIVEN;
  if (!rate->automatic) return name_of(ND_SCHEDULE_CONSTANT);
  if (brings_a_schedule(optimizer)) {
    *why = NADIR_SCHEDULE_BRINGS_REST;
    return optimizer->schedule;
  }
  bool sized = optimizer->rate != 0 || rate->curvature > 0 ||
               (optimizer->traits & NADIR_SELF_SIZING) != 0;
  if (!batch && !sized) {
    *why = NADIR_SCHEDULE_NO_CURVATURE;
    return name_of(ND_SCHEDULE_PLATEAU);
  }
  if (!batch || (optimizer->traits & NADIR_VARIANCE_REDUCED))
    return name_of(ND_SCHEDULE_CONSTANT);
  bool ends = settings->epochs.is_number || settings->updates.is_number;
  *why = NADIR_SCHEDULE_NOISE;
  return name_of(settings->average > 0 ? ND_SCHEDULE_INVERSE_SQRT
                 : ends                ? ND_SCHEDULE_COSINE
                                       : ND_SCHEDULE_PLATEAU);
}

static nadir_status choose_schedule(nd_rate *rate, const nd_objective *objective,
                                    const nadir_settings *settings, size_t batch,
                                    const nadir_optimizer *optimizer, nadir_plan *plan,
                                    nadir_error *error) {
  double own = (double)NAN; /* the schedule's own default */
  plan->schedule_why = NADIR_SCHEDULE_GIVEN;
  plan->schedule = settings->schedule ? settings->schedule->name
                                      : schedule_for(rate, settings, batch, optimizer,
                                                     &plan->schedule_why);
  ND_TRY(nd_schedule_init(
      &rate->schedule, plan->schedule, nd_number_or(settings->schedule_every, own),
      nd_number_or(settings->schedule_factor, own), schedule_length(settings, objective, batch),
      nd_number_or(settings->schedule_floor, own), error));
  if (rate->schedule.kind == ND_SCHEDULE_PLATEAU && batch && !settings->schedule_every.is_number)
    rate->schedule.every = nd_plateau_patience((objective->rows + batch - 1) / batch);
  return NADIR_OK;
}

static nadir_status warn_if_unstable(const nd_rate *rate, const nadir_optimizer *optimizer,
                                     const double *values, size_t batch, nd_teller *teller,
                                     nadir_error *error) {
  if (rate->automatic || rate->scale || batch || !optimizer->stable_rate || !(rate->curvature > 0))
    return NADIR_OK;
  double limit = optimizer->stable_rate(values, rate->curvature);
  if (!(rate->base > limit)) return NADIR_OK;
  return nd_warn(
      teller,
      &(nadir_warning){.kind = NADIR_WARN_UNSTABLE_RATE, .number = rate->base, .second = limit},
      error);
}

static nadir_plan plan_of(const nd_objective *objective, size_t batch, const nd_run *run) {
  return (nadir_plan){.size = objective->problem.size,
                      .parameter = (const char *const *)objective->names,
                      .batch = batch,
                      .scaled = run->scales != NULL,
                      .method = run->method.optimizer,
                      .method_values = run->method.values,
                      .method_why = run->method.why,
                      .curvature = (double)NAN};
}

nadir_status nd_rate_choose(nd_rate *rate, nd_objective *objective, const nadir_settings *settings,
                            const double *start, size_t batch, nd_teller *teller, nd_run *run,
                            nadir_error *error) {
  const nadir_optimizer *optimizer = run->method.optimizer;
  nadir_plan *plan = &run->plan;
  double smallest;
  bool automatic = nd_is_auto(settings->rate);
  *rate = (nd_rate){.curvature = (double)NAN};
  *plan = plan_of(objective, batch, run);
  nd_plan_samples(objective, settings, plan);
  if ((automatic && optimizer->rate == 0) || (!automatic && optimizer->stable_rate && !batch))
    ND_TRY(nd_curvature(objective, start, &rate->curvature, &smallest, error));
  if (automatic)
    ND_TRY(choose_automatically(rate, objective, settings, start, batch, &run->method, plan,
                                error));
  else
    ND_TRY(read_rate(rate, objective, settings->rate, plan, error));
  ND_TRY(choose_schedule(rate, objective, settings, batch, optimizer, plan, error));
  plan->sizes_itself =
      (optimizer->traits & NADIR_SELF_SIZING) && plan->rate_why != NADIR_RATE_STEPS;
  plan->rate = run->rate = run->rate_highest = rate->scale ? (double)NAN : rate->base;
  nd_tell_event(teller, &(nadir_event){.kind = NADIR_PLANNED, .plan = plan});
  return warn_if_unstable(rate, optimizer, run->method.values, batch, teller, error);
}

nadir_status nd_rate_calm(nd_rate *rate, const nadir_settings *settings, nadir_error *error) {
  double nan = (double)NAN;
  if (settings->schedule) return NADIR_OK;
  rate->kinked = true;
  return nd_schedule_init(&rate->schedule, name_of(ND_SCHEDULE_PLATEAU), nan, nan, nan, nan, error);
}

void nd_rate_used(nd_rate *rate) {
  rate->highest = fmax(rate->highest, rate->base);
  rate->last = rate->base;
}

void nd_rate_end(const nd_rate *rate, nd_run *run) {
  if (rate->scale || rate->last == 0) return;
  run->rate = rate->last;
  run->rate_highest = fmax(rate->highest, run->plan.rate);
  if (!rate->kinked) return;
  run->plan.schedule = name_of(ND_SCHEDULE_PLATEAU);
  run->plan.schedule_why = NADIR_SCHEDULE_KINK;
}

void nd_rate_clear(nd_rate *rate) {
  nd_free(rate->scale);
  rate->scale = NULL;
}
