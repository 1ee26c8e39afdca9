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
#include <stdio.h>
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
  if (batch == 0 || n <= 1 || b >= n) return NADIR_OK;
  ND_TRY(largest_row_curvature(objective, w, settings->seed, &row, error));
  if (objective->sum) row *= n; /* in units of the sum over all rows */
  *curvature = (n * (b - 1) * fmax(rate->curvature, 0) + (n - b) * row) / (b * (n - 1));
  return NADIR_OK;
}

static nadir_status choose_automatically(nd_rate *rate, nd_objective *objective,
                                         const nadir_settings *settings, const double *start,
                                         size_t batch, const nadir_optimizer *optimizer,
                                         const double *values, nd_run *run, nadir_error *error) {
  char number[2][ND_NUMBER_TEXT];
  double curvature = rate->curvature;
  rate->automatic = true;
  if (optimizer->rate == 0)
    ND_TRY(batch_curvature(rate, objective, settings, start, batch, &curvature, error));
  rate->base = nd_auto_rate(optimizer, values, isfinite(curvature) ? curvature : 0);
  /* the largest that Johnson and Zhang's theorem allows is 1/(4 L), L the curvature of a row */
  if (batch && (optimizer->traits & NADIR_VARIANCE_REDUCED)) rate->base /= 4;
  nd_format_digits(rate->base, 4, number[0]);
  if (optimizer->traits & NADIR_FINISHES)
    snprintf(run->rate_text, sizeof run->rate_text, "each update finds its own step");
  else if (optimizer->rate > 0)
    snprintf(run->rate_text, sizeof run->rate_text, "%s, the published default of %s", number[0],
             optimizer->name);
  else if (!(curvature > 0))
    snprintf(run->rate_text, sizeof run->rate_text,
             "%s, since the curvature at the start is not positive", number[0]);
  else
    snprintf(run->rate_text, sizeof run->rate_text, "%s, from the largest curvature %s%s",
             number[0], nd_format_digits(curvature, 4, number[1]),
             batch ? " of a batch" : " at the start");
  return NADIR_OK;
}

static nadir_status find_name(const nd_objective *objective, const char *name, size_t *index,
                              nadir_error *error) {
  const char *const *names = (const char *const *)objective->names;
  for (*index = 0; *index < objective->problem.size; ++*index)
    if (strcmp(names[*index], name) == 0) return NADIR_OK;
  ptrdiff_t nearest = nd_nearest(name, names, objective->problem.size);
  return nd_fail(error, NADIR_BAD_SETTING, "rate: there is no parameter '%s'%s%s%s", name,
                 nearest >= 0 ? ": did you mean '" : ": name those of the model",
                 nearest >= 0 ? names[nearest] : "", nearest >= 0 ? "'?" : "");
}

/* --rate a=0.1,b=1: every parameter needs one. */
static nadir_status read_own_rates(nd_rate *rate, const nd_objective *objective, const char *text,
                                   nadir_error *error) {
  nd_assignment *list;
  size_t count, size = objective->problem.size, at;
  ND_TRY(nd_assignments_read("rate", text, true, &list, &count, error));
  rate->base = 1;
  rate->scale = nd_new(size, sizeof(double), error);
  nadir_status status = rate->scale ? NADIR_OK : NADIR_NO_MEMORY;
  for (size_t i = 0; status == NADIR_OK && i < count; i++) {
    status = find_name(objective, list[i].name, &at, error);
    if (status == NADIR_OK && !(list[i].value > 0))
      status = nd_fail(error, NADIR_BAD_SETTING, "rate: that of '%s' is %s: give a number above 0",
                       list[i].name, list[i].text);
    if (status == NADIR_OK) rate->scale[at] = list[i].value;
  }
  for (size_t i = 0; status == NADIR_OK && i < size; i++)
    if (rate->scale[i] == 0)
      status = nd_fail(error, NADIR_BAD_SETTING, "rate: '%s' has none: give one for each parameter",
                       objective->names[i]);
  nd_assignments_free(list, count);
  return status;
}

static nadir_status read_rate(nd_rate *rate, const nd_objective *objective, const char *text,
                              nd_run *run, nadir_error *error) {
  const char *end = text + strlen(text);
  snprintf(run->rate_text, sizeof run->rate_text, "%s, as given", text);
  if (strchr(text, '=')) return read_own_rates(rate, objective, text, error);
  if (nd_read_number(text, end, &rate->base) != end || !(rate->base > 0) || !isfinite(rate->base))
    return nd_fail(error, NADIR_BAD_SETTING,
                   "rate: '%s' is no value for it: give auto, a number above 0, or a=0.1,b=1",
                   text);
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

static nadir_status choose_schedule(nd_rate *rate, const nd_objective *objective,
                                    const nadir_settings *settings, size_t batch,
                                    const nadir_optimizer *optimizer, nd_run *run,
                                    nadir_error *error) {
  const char *name = settings->schedule ? settings->schedule->name : "constant", *why = "as given";
  if (!settings->schedule) {
    why = rate->automatic ? "the rule comes to rest by itself"
                          : "the default with a rate that is given";
    if (rate->automatic && optimizer->schedule && strcmp(optimizer->schedule, "constant") != 0) {
      name = optimizer->schedule;
      why = "lets the rule come to rest";
    } else if (rate->automatic && !batch && optimizer->rate == 0 && !(rate->curvature > 0) &&
               !(optimizer->traits & NADIR_SELF_SIZING)) {
      name = "plateau";
      why = "lets the rule come to rest though no curvature sizes its steps";
    } else if (rate->automatic && batch && !(optimizer->traits & NADIR_VARIANCE_REDUCED)) {
      bool ends = settings->epochs.is_number || settings->updates.is_number;
      name = settings->average > 0 ? "inverse-sqrt" : ends ? "cosine" : "plateau";
      why = "lets the noise of the batches die away";
    }
  }
  snprintf(run->schedule_text, sizeof run->schedule_text, "%s, %s", name, why);
  double own = (double)NAN; /* the schedule's own default */
  ND_TRY(nd_schedule_init(&rate->schedule, name, nd_number_or(settings->schedule_every, own),
                          nd_number_or(settings->schedule_factor, own),
                          schedule_length(settings, objective, batch),
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
  char number[2][ND_NUMBER_TEXT];
  if (!(rate->base > limit)) return NADIR_OK;
  return nd_warn(teller, error,
                 "the rate %s is past the limit of stability at the start, %s: take a smaller one",
                 nd_format_digits(rate->base, 4, number[0]), nd_format_digits(limit, 4, number[1]));
}

nadir_status nd_rate_choose(nd_rate *rate, nd_objective *objective, const nadir_settings *settings,
                            const double *start, size_t batch, nd_teller *teller, nd_run *run,
                            nadir_error *error) {
  const nadir_optimizer *optimizer = run->method.optimizer;
  const double *values = run->method.values;
  double smallest;
  bool automatic = nd_is_auto(settings->rate);
  *rate = (nd_rate){.curvature = (double)NAN};
  if ((automatic && optimizer->rate == 0) || (!automatic && optimizer->stable_rate && !batch))
    ND_TRY(nd_curvature(objective, start, &rate->curvature, &smallest, error));
  if (automatic)
    ND_TRY(choose_automatically(rate, objective, settings, start, batch, optimizer, values, run,
                                error));
  else
    ND_TRY(read_rate(rate, objective, settings->rate, run, error));
  ND_TRY(choose_schedule(rate, objective, settings, batch, optimizer, run, error));
  if ((optimizer->traits & NADIR_SELF_SIZING) &&
      !(automatic && (optimizer->traits & NADIR_FINISHES)))
    strncat(run->rate_text, "; then each update finds its own",
            sizeof run->rate_text - strlen(run->rate_text) - 1);
  rate->chosen = rate->base;
  run->rate = rate->scale ? (double)NAN : rate->base;
  nd_note(teller, "rate: %s", run->rate_text);
  nd_note(teller, "schedule: %s", run->schedule_text);
  return warn_if_unstable(rate, optimizer, values, batch, teller, error);
}

nadir_status nd_rate_calm(nd_rate *rate, const nadir_settings *settings, nadir_error *error) {
  double nan = (double)NAN;
  if (settings->schedule) return NADIR_OK;
  rate->kinked = true;
  return nd_schedule_init(&rate->schedule, "plateau", nan, nan, nan, nan, error);
}

void nd_rate_used(nd_rate *rate) {
  rate->highest = fmax(rate->highest, rate->base);
  rate->last = rate->base;
}

static void tell_changes(const nd_rate *rate, nd_text *out) {
  char number[2][ND_NUMBER_TEXT];
  bool raised = rate->highest > rate->chosen;
  bool lowered = rate->last < fmax(rate->highest, rate->chosen);
  if (raised)
    nd_text_print(out, "; doubled up to %s", nd_format_digits(rate->highest, 4, number[0]));
  if (lowered)
    nd_text_print(out, "%s lowered to %s", raised ? ", then" : ";",
                  nd_format_digits(rate->last, 4, number[1]));
  if (raised || lowered)
    nd_text_append(out, lowered ? " as the loss rose" : " as the loss went on falling");
}

nadir_status nd_rate_tell(const nd_rate *rate, nd_run *run, nadir_error *error) {
  nd_text text = {0};
  if (rate->scale || rate->last == 0) return NADIR_OK;
  run->rate = rate->last;
  nd_text_append(&text, run->rate_text);
  tell_changes(rate, &text);
  snprintf(run->rate_text, sizeof run->rate_text, "%s", nd_text_data(&text));
  if (rate->kinked)
    snprintf(run->schedule_text, sizeof run->schedule_text,
             "plateau, since the loss was found to have a kink");
  nadir_status status = nd_text_status(&text, error);
  nd_text_free(&text);
  return status;
}

void nd_rate_clear(nd_rate *rate) {
  nd_free(rate->scale);
  rate->scale = NULL;
}
