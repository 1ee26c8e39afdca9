/* A fit for each group of rows. Each thread has a model, program and objective of its own, made once, into which the rows of
 * one group after another go; what is found depends on the rows of the group alone, so that threads change nothing.
 * Costs a pass over the table, and per group its descent and a look at the point where it ended. Ranks read all rows, and
 * fit a share of the groups each. */
#include <stdatomic.h>
#include <math.h>
#include <string.h>

#include "api/run_internal.h"
#include "base/dense.h"
#include "base/ranks.h"
#include "judge/ending.h"
#include "judge/guess.h"
#include "judge/starts.h"

/* The groups with what they point to. */
typedef struct groups_box {
  nadir_groups groups; /* first: the caller's pointer is the box's */
  nd_arena *arena;     /* texts and arrays */
  nadir_group *group;
  double *value, *standard_error; /* by group and parameter */
  double *low, *high;             /* the same; NULL without intervals */
  int *at_bound;
  nadir_error **error; /* by group; each of its own memory, for threads make them ... */
  nadir_error *late;   /* ... by thread: of all groups that came too late, which may be most */
  nd_warnings warned;
  nd_origin origin;
} groups_box;

/* What asks for the end is heard by the caller's thread alone, which tells the others. */
typedef struct request {
  nd_teller *teller;
  atomic_bool made;
} request;

typedef struct worker {
  nd_part part; /* whose rows its fitting has */
  nd_fitting fitting;
  nd_guess *guess;
  double *start;
  bool convex; /* whatever the rows are */
} worker;

enum { PILOTS = 16, SCOUTS = 4, MOST_UPDATES = 10000 };
/* What a fit leaves that is as good as none: a pattern of so many standard deviations, so much more chi2. */
static const double NO_PATTERN = 3.7, NO_EXCESS = 1.5;

typedef struct task {
  const nadir_settings *settings; /* of the caller */
  nadir_settings *each;           /* of one fit: by one thread */
  nd_fitting all;                 /* time and teller of the whole */
  nd_pool *pool;
  nd_ranks *ranks;
  size_t first, end; /* groups of this rank */
  nd_groups *rows;
  worker *workers;
  size_t count; /* of workers */
  nd_lore lore; /* of some groups, the pilots, which are fitted first; none: all have all the search there is */
  bool scouting, piloting; /* some pilots, the scouts, are fitted before the others, with all the search there is */
  double pattern[PILOTS], left[PILOTS]; /* what pilots leave; NaN: nothing is known */
  request request;
  groups_box *box;
  double began;
  atomic_size_t done; /* groups, while they are fitted */
} task;

/* ---- what is asked ---- */

/* A group's row has two ends of each parameter. */
static nadir_status check_intervals(const nadir_settings *settings, nadir_error *error) {
  double *levels = NULL;
  size_t count = 0;
  if (nd_is_none(settings->intervals)) return NADIR_OK;
  ND_TRY(nd_numbers_read(settings->intervals, &levels, &count, error));
  nd_free(levels);
  if (count < 2) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING,
                 "intervals: with by a group has one of each parameter: give one probability, not %zu", count);
}

static nadir_status refuse(bool given, const char *name, const char *why, nadir_error *error) {
  return given ? nd_fail(error, NADIR_BAD_SETTING, "by: it does not go with %s: %s", name, why) : NADIR_OK;
}

static nadir_status check_settings(const nadir_settings *settings, nadir_error *error) {
  static const char ONE[] = "that is looked at in one fit: make it of one group, by the setting where";
  static const char ALONE[] = "a run of one fit is saved and continued, not of many: leave it out";
  if (!*settings->by)
    return nd_fail(error, NADIR_BAD_SETTING, "by: there is no column to group by: name one");
  ND_TRY(refuse(settings->folds > 0, "folds", ONE, error));
  ND_TRY(refuse(settings->path != ND_PATH_NONE, "path", ONE, error));
  ND_TRY(refuse(settings->validate > 0, "validate", ONE, error));
  ND_TRY(refuse(*settings->data_covariance, "data-covariance",
                "the matrix is of all rows, and ties groups to one another: give sigma instead", error));
  ND_TRY(refuse(*settings->checkpoint, "checkpoint", ALONE, error));
  ND_TRY(refuse(*settings->warm_start, "warm-start", "each group begins at values of its own: give start instead", error));
  ND_TRY(refuse(*settings->resume, "resume", ALONE, error));
  return check_intervals(settings, error);
}

static bool first_asks(void *context) {
  request *it = context;
  if (nd_insists_on_end(it->teller)) atomic_store(&it->made, true);
  return atomic_load(&it->made);
}

static bool other_asks(void *context) {
  return atomic_load(&((request *)context)->made);
}

/* ---- one group ---- */

/* The time that the whole has left; judging the group before took some of its own. */
static void renew_time(const task *t, worker *w) {
  bool first = w == t->workers;
  w->fitting.deadline = t->all.deadline;
  w->fitting.objective->deadline = t->all.deadline;
  w->fitting.until = (nd_until){.deadline = t->all.until.deadline,
                                .asked = first ? first_asks : other_asks,
                                .context = (void *)(uintptr_t)&t->request};
  nd_teller_free(&w->fitting.teller);
  w->fitting.teller = nd_teller_for(NULL);
}

static void take_intervals(const task *t, const nd_ending *ending, size_t first) {
  for (size_t k = 0; k < ending->profile_count; k++) {
    const nd_profile *from = &ending->profiles[k];
    double at = ending->fitting->model->value[from->parameter];
    if (from->below_is == NADIR_END_FOUND) t->box->low[first + from->parameter] = at + from->below;
    if (from->above_is == NADIR_END_FOUND) t->box->high[first + from->parameter] = at + from->above;
  }
}

/* Those that are held come after the free ones. */
static nadir_status take_values(const task *t, const nd_model *model, size_t first, nadir_error *error) {
  double *value = t->box->value + first, *standard_error = t->box->standard_error + first;
  memcpy(value, model->value, model->size * sizeof *value);
  memcpy(standard_error, model->standard_error, model->size * sizeof *standard_error);
  for (size_t i = 0; i < model->held.count; i++)
    ND_TRY(nd_model_held(model, &model->held.items[i], &value[model->size + i], &standard_error[model->size + i], error));
  return NADIR_OK;
}

static nadir_status take_group(const task *t, const worker *w, const nd_run *run, const nd_ending *ending, size_t g,
                               nadir_error *error) {
  nadir_group *to = &t->box->group[g];
  const nd_model *model = w->fitting.model;
  size_t first = g * t->box->groups.size;
  ND_TRY(take_values(t, model, first, error));
  for (size_t i = 0; i < model->size; i++)
    t->box->at_bound[first + i] = nd_objective_at_bound(w->fitting.objective, run->w, i);
  if (t->box->low) take_intervals(t, ending, first);
  to->rows_used = nd_data_count(w->fitting.data)->used;
  to->ended = nd_ending_is(ending);
  to->stop = run->stop;
  to->reason = ending->diagnosis.reason;
  to->kind = nd_reason_about(to->reason)->point;
  to->no_errors = ending->errors.none;
  to->updates = run->updates;
  to->degrees_of_freedom = ending->errors.degrees_of_freedom;
  to->loss = run->loss;
  to->chi2 = ending->errors.chi2;
  to->residual_sigma = ending->errors.residual_sigma;
  return nd_ending_exit(ending, &to->exit_status, error);
}

/* ---- the descent of a group ---- */

typedef enum search { BY_LORE, QUICK_SEARCH, WHOLE_SEARCH } search;

static nadir_status choose_start(const task *t, worker *w, search how, nadir_error *error) {
  bool found;
  switch (how) {
  case BY_LORE:
    ND_TRY(nd_guess_by_lore(w->guess, &t->lore, w->start, &found, error));
    break;
  case QUICK_SEARCH:
    ND_TRY(nd_guess_find_quickly(w->guess, w->start, &found, error));
    break;
  case WHOLE_SEARCH:
    ND_TRY(nd_guess_find(w->guess, w->start, &found, error));
    break;
  }
  return found ? NADIR_OK : nd_fitting_start(&w->fitting, w->start, error);
}

/* The lower of this descent and that before it, if there is one. A start that leads nowhere is none. */
static nadir_status descend(const task *t, worker *w, search how, nd_run *run, nadir_error *error) {
  nd_fitting *f = &w->fitting;
  nd_run next;
  ND_TRY(choose_start(t, w, how, error));
  nadir_status status = nd_descend(f->objective, f->settings, w->start, &f->teller, &next, error);
  if (status == NADIR_BAD_FORMULA && (how != WHOLE_SEARCH || run->w)) return NADIR_OK;
  ND_TRY(status);
  bool lower = !run->w || next.loss < run->loss;
  nd_run_clear(lower ? run : &next);
  if (lower) *run = next;
  return NADIR_OK;
}

static nadir_status look_at_rest(worker *w, const nd_run *run, double *pattern, double *left, nadir_error *error) {
  nd_objective_report(w->fitting.objective, run->w, w->start);
  return nd_guess_left(w->guess, w->start, pattern, left, error);
}

/* Whether it leaves no more than fits that were searched for with all there is. */
static nadir_status is_as_good(const task *t, worker *w, const nd_run *run, bool *good, nadir_error *error) {
  double pattern, left;
  *good = false;
  if (!run->w || nd_stop_amounts_to(run->stop) != ND_ENDED_DONE) return NADIR_OK;
  ND_TRY(look_at_rest(w, run, &pattern, &left, error));
  *good = pattern <= t->lore.most_pattern && left <= t->lore.most_left;
  return NADIR_OK;
}

/* From the start of the lowest minimum that quasi-random starts lead to. */
static nadir_status descend_from_box(worker *w, nd_run *run, nadir_error *error) {
  nd_fitting *f = &w->fitting;
  nd_minima minima;
  ND_TRY(nd_find_minima(f, &minima, error));
  const nd_minimum *best = &minima.list[0];
  memcpy(w->start, minima.cut ? best->w : best->start, minima.size * sizeof *w->start);
  if (minima.cut) nd_model_to_descent(f->model, w->start, w->start);
  nd_minima_clear(&minima);
  return nd_descend(f->objective, f->settings, w->start, &f->teller, run, error);
}

static nadir_status descend_by_lore(const task *t, worker *w, nd_run *run, nadir_error *error) {
  bool good = false;
  if (t->settings->starts) return descend_from_box(w, run, error);
  for (search how = t->lore.count ? BY_LORE : WHOLE_SEARCH; !good && how <= WHOLE_SEARCH; how++) {
    ND_TRY(descend(t, w, how, run, error));
    if (how < WHOLE_SEARCH) ND_TRY(is_as_good(t, w, run, &good, error));
  }
  return NADIR_OK;
}

static nadir_status judge_run(const task *t, worker *w, const nd_run *run, size_t g, nadir_error *error) {
  nd_ending ending = {.fitting = &w->fitting, .run = run, .quick = true, .convex = w->convex};
  nadir_status status = nd_judge(&ending, error);
  if (status == NADIR_OK) status = take_group(t, w, run, &ending, g, error);
  nd_ending_clear(&ending);
  return status;
}

static nadir_status fit_rows(const task *t, worker *w, size_t g, nadir_error *error) {
  nd_run run = {0};
  ND_TRY(nd_fitting_renew(&w->fitting, error));
  nadir_status status = descend_by_lore(t, w, &run, error);
  if (status == NADIR_OK) status = judge_run(t, w, &run, g, error);
  nd_run_clear(&run);
  return status;
}

/* What only this group cannot do is told of it; what the system cannot do is told at once. */
static nadir_status keep_failure(const task *t, size_t g, size_t number, const nadir_error *why, nadir_status status,
                                 nadir_error *error) {
  nadir_group *to = &t->box->group[g];
  to->exit_status = nadir_exit_status(status);
  if (status == NADIR_ENDED) {
    t->box->late[number] = *why;
    to->error = &t->box->late[number];
    return NADIR_OK;
  }
  if (nadir_exit_status(status) == nadir_exit_status(NADIR_SYSTEM)) {
    if (error) *error = *why;
    return status;
  }
  nadir_error *kept = nd_new(1, sizeof *kept, error);
  if (!kept) return NADIR_NO_MEMORY;
  *kept = *why;
  to->error = t->box->error[g] = kept;
  return NADIR_OK;
}

/* ---- pilots ---- */

/* Evenly among the groups. */
static size_t pilot_at(const task *t, size_t k) {
  return (2 * k + 1) * t->box->groups.count / (2 * PILOTS);
}

static bool is_pilot(const task *t, size_t g) {
  size_t k = g * PILOTS / t->box->groups.count;
  return t->lore.w && (pilot_at(t, k) == g || (k + 1 < PILOTS && pilot_at(t, k + 1) == g));
}

/* To the caller, on its thread. */
static void tell_progress(task *t, double now) {
  double done = (double)atomic_load(&t->done), passed = now - t->began, nan = (double)NAN;
  nadir_event event = {.kind = NADIR_PROGRESS,
                       .rows_seen = atomic_load(&t->done),
                       .seconds = passed,
                       .loss = nan,
                       .rows_per_second = nan,
                       .seconds_left =
                           done > 0 ? passed * ((double)(t->end - t->first) / done - 1) : nan};
  nd_tell_progress(&t->all.teller, &event, now);
}

static nadir_status fit_group(void *context, size_t g, size_t number, nadir_error *error) {
  task *t = context;
  worker *w = &t->workers[number];
  nadir_error inner = {0};
  double now = nd_clock();
  if (number == 0 && nd_is_due(&t->all.teller, now)) tell_progress(t, now);
  atomic_fetch_add(&t->done, 1);
  if (!t->piloting && is_pilot(t, g)) return NADIR_OK; /* it is done */
  w->part.group = g;
  renew_time(t, w);
  nd_until begin = w->fitting.until;
  begin.deadline = t->all.deadline; /* what is begun may take a little longer */
  nadir_status status = nd_go_on(&begin, &inner);
  if (status == NADIR_OK) status = fit_rows(t, w, g, &inner);
  return status == NADIR_OK ? NADIR_OK : keep_failure(t, g, number, &inner, status, error);
}

static nadir_status fit_own(void *context, size_t i, size_t number, nadir_error *error) {
  const task *t = context;
  return fit_group(context, t->first + i, number, error);
}

static nadir_status fit_pilot(void *context, size_t k, size_t number, nadir_error *error) {
  task *t = context;
  size_t g = pilot_at(t, k);
  const nadir_group *group = &t->box->group[g];
  if ((k % (PILOTS / SCOUTS) == 0) != t->scouting) return NADIR_OK;
  ND_TRY(fit_group(t, g, number, error));
  if (group->error || group->exit_status) return NADIR_OK;
  return nd_guess_left(t->workers[number].guess, group->value, &t->pattern[k], &t->left[k], error);
}

/* The third quartile of the finite ones, or `least` where that is more. */
static double most_of(double *values, size_t count, double least) {
  nd_sort(count, values);
  return count ? fmax(least, values[3 * (count - 1) / 4]) : least;
}

/* In the order of the groups, whichever thread was first. */
static void learn(task *t) {
  size_t size = t->workers[0].fitting.model->size, count = 0; /* without those that are held */
  double pattern[PILOTS], left[PILOTS];
  for (size_t k = 0; k < PILOTS; k++) {
    if (isnan(t->pattern[k])) continue;
    memcpy(t->lore.w + count * size, t->box->group[pilot_at(t, k)].value, size * sizeof(double));
    pattern[count] = t->pattern[k];
    left[count++] = t->left[k];
  }
  t->lore.most_pattern = most_of(pattern, count, NO_PATTERN);
  t->lore.most_left = most_of(left, count, NO_EXCESS);
  t->lore.count = count;
}

static nadir_status fit_and_learn(task *t, bool scouting, nadir_error *error) {
  t->scouting = scouting;
  ND_TRY(nd_pool_run(t->pool, PILOTS, fit_pilot, t, error));
  learn(t);
  return NADIR_OK;
}

static nadir_status fit_pilots(task *t, nadir_error *error) {
  if (t->box->groups.count <= PILOTS || t->settings->starts || !nd_guess_takes_lore(t->workers[0].guess)) return NADIR_OK;
  t->lore.w = nd_new(PILOTS * t->workers[0].fitting.model->size, sizeof(double), error);
  if (!t->lore.w) return NADIR_NO_MEMORY;
  for (size_t k = 0; k < PILOTS; k++)
    t->pattern[k] = t->left[k] = (double)NAN;
  t->piloting = true;
  ND_TRY(fit_and_learn(t, true, error));
  ND_TRY(fit_and_learn(t, false, error));
  t->piloting = false;
  return NADIR_OK;
}

/* ---- workers ---- */

static nadir_status worker_new(task *t, worker *w, const nd_table *table, const char *formula, nadir_error *error) {
  w->part = (nd_part){.groups = t->rows};
  ND_TRY(nd_fitting_new(&w->fitting, table, &w->part, formula, t->each, NULL, error));
  w->fitting.objective->untraced = true;
  w->start = nd_new(w->fitting.model->size, sizeof *w->start, error);
  if (!w->start) return NADIR_NO_MEMORY;
  ND_TRY(nd_rows_are_convex(w->fitting.objective, &w->convex, error));
  w->convex = w->convex && !*t->settings->sigma_x; /* the squares there are not those of the model's rows */
  return nd_guess_new(&w->guess, &w->fitting, error);
}

static nadir_status make_workers(task *t, const nd_table *table, const char *formula, nadir_error *error) {
  t->workers = nd_new(nd_pool_threads(t->pool), sizeof *t->workers, error);
  if (!t->workers) return NADIR_NO_MEMORY;
  while (t->count < nd_pool_threads(t->pool))
    ND_TRY(worker_new(t, &t->workers[t->count++], table, formula, error));
  return NADIR_OK;
}

static void task_clear(task *t) {
  for (size_t i = 0; i < t->count; i++) {
    nd_guess_free(t->workers[i].guess);
    nd_fitting_free(&t->workers[i].fitting);
    nd_free(t->workers[i].start);
  }
  nd_free(t->workers);
  nd_free(t->lore.w);
  nd_groups_free(t->rows);
  nd_pool_free(t->pool);
  nd_settings_free(t->each);
  nd_fitting_free(&t->all);
}

/* ---- the box ---- */

void nadir_groups_free(nadir_groups *groups) {
  if (!groups) return;
  groups_box *box = (groups_box *)groups;
  for (size_t g = 0; box->error && g < groups->count; g++)
    nd_free(box->error[g]);
  void *owned[] = {box->group, box->value, box->standard_error, box->at_bound, box->error, box->late,
                   box->low, box->high};
  for (size_t i = 0; i < ND_COUNT(owned); i++)
    nd_free(owned[i]);
  nd_warnings_free(&box->warned);
  nd_origin_clear(&box->origin);
  nd_arena_free(box->arena);
  nd_free(box);
}

static nadir_status name_parameters(groups_box *box, const nd_model *model, nadir_error *error) {
  size_t bytes = box->groups.size * sizeof(char *) + 1;
  const char **name = nd_arena_take(box->arena, bytes, error), **unit = nd_arena_take(box->arena, bytes, error);
  if (!name || !unit) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < model->size; i++) {
    ND_TRY(nd_arena_keep(box->arena, &name[i], model->parameters[i].name, error));
    ND_TRY(nd_arena_keep(box->arena, &unit[i], model->parameters[i].unit, error));
  }
  for (size_t i = model->size; i < box->groups.size; i++) {
    ND_TRY(nd_arena_keep(box->arena, &name[i], nd_node_text(model->graph, model->held.items[i - model->size].name), error));
    unit[i] = "";
  }
  box->groups.parameter = name;
  box->groups.unit = unit;
  return NADIR_OK;
}

static nadir_status begin_intervals(groups_box *box, size_t cells, nadir_error *error) {
  box->low = nd_new(cells, sizeof *box->low, error);
  box->high = nd_new(cells, sizeof *box->high, error);
  if (!box->low || !box->high) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < cells; i++)
    box->low[i] = box->high[i] = (double)NAN;
  return NADIR_OK;
}

/* NaN until a fit says otherwise. */
static nadir_status begin_groups(groups_box *box, const nd_groups *rows, bool intervals, size_t threads,
                                 nadir_error *error) {
  size_t count = nd_groups_count(rows), size = box->groups.size, cells;
  double nothing = (double)NAN;
  if (!nd_multiply(count, size, &cells)) cells = SIZE_MAX;
  box->group = nd_new(count, sizeof *box->group, error);
  box->value = nd_new(cells, sizeof *box->value, error);
  box->standard_error = nd_new(cells, sizeof *box->standard_error, error);
  box->at_bound = nd_new(cells, sizeof *box->at_bound, error);
  if (intervals) ND_TRY(begin_intervals(box, cells, error));
  box->error = nd_new(count, sizeof *box->error, error);
  box->late = nd_new(threads, sizeof *box->late, error);
  if (!box->late) return NADIR_NO_MEMORY;
  if (!box->group || !box->value || !box->standard_error || !box->at_bound || !box->error) return NADIR_NO_MEMORY;
  for (size_t i = 0; i < cells; i++)
    box->value[i] = box->standard_error[i] = nothing;
  for (size_t g = 0; g < count; g++) {
    nadir_group *it = &box->group[g];
    *it = (nadir_group){.rows = nd_groups_rows(rows, g),
                        .kind = NADIR_POINT_NOT_KNOWN,
                        .loss = nothing,
                        .chi2 = nothing,
                        .residual_sigma = nothing,
                        .value = box->value + g * size,
                        .standard_error = box->standard_error + g * size,
                        .at_bound = box->at_bound + g * size,
                        .low = intervals ? box->low + g * size : NULL,
                        .high = intervals ? box->high + g * size : NULL};
    ND_TRY(nd_arena_keep(box->arena, &it->name, nd_groups_name(rows, g), error));
  }
  box->groups.group = box->group;
  box->groups.count = count;
  return NADIR_OK;
}

static nadir_status note_origin(const task *t, const nd_table *table, const char *formula,
                                nadir_error *error) {
  nd_origin *origin = &t->box->origin;
  ND_TRY(nd_origin_set(origin, table, error));
  ND_TRY(nd_note_origin(origin, "fit", formula, t->settings, NULL, error));
  t->box->groups.command_line = origin->command;
  t->box->groups.date = origin->date;
  t->box->groups.digest = origin->digest;
  return NADIR_OK;
}

static nadir_status begin_box(task *t, const char *formula, nadir_error *error) {
  groups_box *box = t->box;
  const nd_model *model = t->workers[0].fitting.model;
  ND_TRY(nd_arena_new(&box->arena, error));
  ND_TRY(nd_arena_keep(box->arena, &box->groups.by, t->settings->by, error));
  ND_TRY(nd_arena_keep(box->arena, &box->groups.formula, formula, error));
  ND_TRY(nd_arena_keep(box->arena, &box->groups.target_unit, model->target_unit, error));
  ND_TRY(nd_arena_keep(box->arena, &box->groups.loss_name, model->loss.info.name, error));
  box->groups.size = model->size + model->held.count;
  box->groups.seed = t->settings->seed;
  box->groups.rows_dropped = nd_groups_dropped(t->rows);
  ND_TRY(name_parameters(box, model, error));
  return begin_groups(box, t->rows, !nd_is_none(t->settings->intervals), nd_pool_threads(t->pool), error);
}

/* ---- ranks ---- */

/* The error of a group that another rank fitted. */
static nadir_status gather_error(const task *t, size_t g, nadir_error *error) {
  nadir_group *it = &t->box->group[g];
  size_t owner = nd_rank_owner(t->ranks, t->box->groups.count, g), rank = nd_rank(t->ranks);
  nadir_error told = rank == owner ? *it->error : (nadir_error){.status = NADIR_OK};
  if (owner != 0 && rank == owner) nd_rank_send(t->ranks, 0, &told, sizeof told);
  if (owner != 0 && rank == 0) ND_TRY(nd_rank_receive(t->ranks, owner, &told, sizeof told, error));
  ND_TRY(nd_ranks_share(t->ranks, &told, sizeof told, error));
  if (rank == owner) return NADIR_OK;
  nadir_error *kept = nd_new(1, sizeof *kept, error);
  if (!kept) return NADIR_NO_MEMORY;
  *kept = told;
  nd_free(t->box->error[g]); /* that of a pilot, which all ranks fitted */
  it->error = t->box->error[g] = kept;
  return NADIR_OK;
}

/* All but what points into the memory of a rank. */
static void take_told(nadir_group *to, const nadir_group *told) {
  const nadir_group own = *to;
  *to = *told;
  to->name = own.name;
  to->error = own.error;
  to->value = own.value;
  to->standard_error = own.standard_error;
  to->at_bound = own.at_bound;
  to->low = own.low;
  to->high = own.high;
}

static nadir_status gather_told(const task *t, nadir_group *told, nadir_error *error) {
  groups_box *box = t->box;
  size_t count = box->groups.count, size = box->groups.size;
  memcpy(told, box->group, count * sizeof *told);
  ND_TRY(nd_ranks_fill(t->ranks, told, count, sizeof *told, error));
  ND_TRY(nd_ranks_fill(t->ranks, box->value, count, size * sizeof *box->value, error));
  ND_TRY(nd_ranks_fill(t->ranks, box->standard_error, count, size * sizeof *box->standard_error,
                       error));
  if (box->low) ND_TRY(nd_ranks_fill(t->ranks, box->low, count, size * sizeof *box->low, error));
  if (box->high) ND_TRY(nd_ranks_fill(t->ranks, box->high, count, size * sizeof *box->high, error));
  ND_TRY(nd_ranks_fill(t->ranks, box->at_bound, count, size * sizeof *box->at_bound, error));
  for (size_t g = 0; g < count; g++) {
    take_told(&box->group[g], &told[g]);
    if (told[g].error) ND_TRY(gather_error(t, g, error));
  }
  return NADIR_OK;
}

/* What each rank found of its groups, all have then. */
static nadir_status gather(const task *t, nadir_error *error) {
  if (nd_rank_count(t->ranks) == 1) return NADIR_OK;
  nadir_group *told = nd_new(t->box->groups.count, sizeof *told, error);
  nadir_status status = told ? gather_told(t, told, error) : NADIR_NO_MEMORY;
  nd_free(told);
  return status;
}

/* ---- all of it ---- */

/* The model is read for its columns, and for what there is to warn of. */
static nadir_status read_groups(task *t, const nd_table *table, const char *formula, nadir_error *error) {
  nd_model *model;
  ND_TRY(nd_model_new(&model, table, formula, t->settings, &t->all.teller, error));
  nadir_status status = nd_groups_new(&t->rows, model, table, t->pool, t->settings, &t->all.teller, error);
  nd_model_free(model);
  return status;
}

static nadir_status check_classes(const task *t, nadir_error *error) {
  bool differences = t->workers[0].fitting.model->loss.link == ND_LINK_CLASSES;
  if (!differences || nd_is_none(t->settings->intervals)) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING,
                 "intervals: with by not of softmax, where they are of differences between classes: leave them out");
}

static nadir_status set_up(task *t, const nd_table *table, const char *formula, nadir_error *error) {
  ND_TRY(nd_pool_new(&t->pool, (size_t)t->settings->threads, error));
  ND_TRY(read_groups(t, table, formula, error));
  ND_TRY(nd_settings_copy(&t->each, t->settings, error));
  t->each->threads = 1;
  /* one group that wanders is not to cost as much as ten thousand that do not */
  const nadir_settings *asked = t->settings;
  if (!asked->updates.is_number && !asked->epochs.is_number && asked->batch.rows == 0)
    t->each->updates = (nd_number_or_word){.is_number = true, .number = MOST_UPDATES};
  ND_TRY(make_workers(t, table, formula, error));
  ND_TRY(check_classes(t, error));
  ND_TRY(begin_box(t, formula, error));
  return note_origin(t, table, formula, error);
}

static nadir_status fit_all(task *t, nadir_error *error) {
  groups_box *box = t->box;
  t->first = nd_rank_first(t->ranks, nd_rank(t->ranks), box->groups.count);
  t->end = nd_rank_first(t->ranks, nd_rank(t->ranks) + 1, box->groups.count);
  nadir_status status = fit_pilots(t, error);
  if (status == NADIR_OK) status = nd_pool_run(t->pool, t->end - t->first, fit_own, t, error);
  ND_TRY(nd_ranks_agree(t->ranks, status, error));
  ND_TRY(gather(t, error));
  for (size_t g = 0; g < box->groups.count; g++)
    box->groups.failed += box->group[g].exit_status != 0;
  box->warned = nd_take_warnings(&t->all.teller);
  box->groups.warning = box->warned.warning;
  box->groups.warnings = box->warned.count;
  return NADIR_OK;
}

nadir_status nadir_fit_groups(nadir_table *table, const char *formula, const nadir_settings *settings,
                              const nadir_listener *listener, nadir_groups **groups, nadir_error *error) {
  ND_TO_NEAREST;
  task t = {.settings = settings, .began = nd_clock(), .ranks = nd_table_ranks(table->table)};
  *groups = NULL;
  ND_TRY(check_settings(settings, error));
  ND_TRY(nd_check_certifying(settings, error));
  ND_TRY(nd_fitting_begin(&t.all, settings, listener, error));
  t.request.teller = &t.all.teller;
  t.box = nd_new(1, sizeof *t.box, error);
  nadir_status status = t.box ? set_up(&t, table->table, formula, error) : NADIR_NO_MEMORY;
  status = nd_ranks_agree(t.ranks, status, error);
  if (status == NADIR_OK) status = fit_all(&t, error);
  task_clear(&t);
  if (status == NADIR_OK) {
    t.box->groups.seconds = nd_clock() - t.began;
    *groups = &t.box->groups;
  } else if (t.box) {
    nadir_groups_free(&t.box->groups);
  }
  return status;
}
