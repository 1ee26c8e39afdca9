/* Batches on several parts of the rows at once, with --parts: in an epoch each part is descended on alone, from the
 * same parameters, by a method with a memory of its own; then the parameters of all parts are averaged, each by its
 * rows (M. Zinkevich, M. Weimer, A. Smola, L. Li 2010, Parallelized stochastic gradient descent).
 *
 * A part has a contiguous share of the blocks. Which parts there are is a setting, and not whoever does them: ranks
 * have a share of the parts each, and the answer has the same bits for any number of ranks. It is another answer than
 * that of one part. Costs an epoch over the rows of the rank's parts, and a message of w for each part. */
#include <string.h>

#include "base/ranks.h"
#include "descend/descend_internal.h"

/* What a part leaves: w, then these. */
enum { UPDATES, ROWS, DIVERGED, TOLD };

typedef struct part {
  nd_epoch epoch;
  nd_method *method; /* of the first part the run's */
  double rows;
} part;

struct nd_parts {
  size_t count, first, end, width; /* [first, end): this rank's */
  nd_ranks *ranks;
  part *part;
  double *told, *w, *gradient, *table_w;
  size_t state;   /* numbers of a method's memory */
  double *memory; /* of each part's method, when it was last asked for */
};

static nadir_status part_new(nd_parts *parts, size_t p, const nd_descent_state *state, bool own,
                             nadir_error *error) {
  const nd_objective *objective = state->objective;
  part *it = &parts->part[p];
  size_t first = nd_share_first(p, parts->count, objective->blocks);
  size_t end = nd_share_first(p + 1, parts->count, objective->blocks);
  for (size_t b = first; b < end; b++)
    it->rows += objective->block_rows[b];
  if (!own) return NADIR_OK;
  ND_TRY(nd_epoch_new(&it->epoch, state, first, end - first, error));
  if (p == 0) {
    it->method = state->method;
    return NADIR_OK;
  }
  nd_method_options options = {state->run->method.optimizer, state->run->method.values,
                               state->rate.scale, objective->l1, objective->bounds};
  return nd_method_new(&it->method, state->size, &options, error);
}

static nadir_status check(const nd_descent_state *state, nadir_error *error) {
  const nadir_optimizer *optimizer = state->run->method.optimizer;
  if (!optimizer->advance) return NADIR_OK;
  return nd_fail(error, NADIR_BAD_SETTING,
                 "parts: method %s looks at all rows within an epoch: set parts to 1, or choose a "
                 "different method",
                 optimizer->name);
}

nadir_status nd_parts_new(nd_parts **parts, const nd_descent_state *state, nadir_error *error) {
  size_t n = state->size, count = (size_t)state->settings->parts;
  nd_parts *made = *parts = NULL;
  ND_TRY(check(state, error));
  if (!(made = *parts = nd_new(1, sizeof *made, error))) return NADIR_NO_MEMORY;
  nd_ranks *ranks = state->objective->until ? state->objective->until->ranks : NULL;
  *made = (nd_parts){.count = count,
                     .first = nd_rank_first(ranks, nd_rank(ranks), count),
                     .end = nd_rank_first(ranks, nd_rank(ranks) + 1, count),
                     .width = n + TOLD,
                     .ranks = ranks,
                     .part = nd_new(count, sizeof *made->part, error),
                     .told = nd_new(count, (n + TOLD) * sizeof(double), error),
                     .w = nd_new(3 * n, sizeof(double), error)};
  if (!made->part || !made->told || !made->w) return NADIR_NO_MEMORY;
  made->state = nd_method_state_size(state->method);
  if (!(made->memory = nd_new(count, made->state * sizeof(double) + 1, error)))
    return NADIR_NO_MEMORY;
  made->gradient = made->w + n;
  made->table_w = made->gradient + n;
  for (size_t p = 0; p < count; p++)
    ND_TRY(part_new(made, p, state, p >= made->first && p < made->end, error));
  return NADIR_OK;
}

void nd_parts_free(nd_parts *parts) {
  if (!parts) return;
  for (size_t p = parts->first; parts->part && p < parts->end; p++) {
    nd_epoch_clear(&parts->part[p].epoch);
    if (p > 0) nd_method_free(parts->part[p].method);
  }
  nd_free(parts->part);
  nd_free(parts->memory);
  nd_free(parts->told);
  nd_free(parts->w);
  nd_free(parts);
}

/* The epoch of a part, in a state of its own that begins where the run is. */
static nadir_status descend_part(nd_parts *parts, size_t p, const nd_descent_state *state,
                                 nadir_error *error) {
  double *told = parts->told + p * parts->width, *left = told + state->size;
  nd_run run = *state->run;
  nd_descent_state own = *state;
  own.apart = true;
  own.run = &run;
  own.method = parts->part[p].method;
  own.w = parts->w;
  own.gradient = parts->gradient;
  own.table_w = parts->table_w;
  memcpy(own.w, state->w, state->size * sizeof *own.w);
  ND_TRY(nd_epoch_run(&own, &parts->part[p].epoch, error));
  memcpy(told, own.w, state->size * sizeof *told);
  left[UPDATES] = (double)(run.updates - state->run->updates);
  left[ROWS] = (double)(run.rows_seen - state->run->rows_seen);
  left[DIVERGED] = run.stop != NADIR_GO_ON;
  return NADIR_OK;
}

static nadir_status descend_own(nd_parts *parts, const nd_descent_state *state,
                                nadir_error *error) {
  for (size_t p = parts->first; p < parts->end; p++)
    ND_TRY(descend_part(parts, p, state, error));
  return NADIR_OK;
}

/* In the order of the parts, by their rows. The updates of parts go on at the same time. */
static bool take_mean(const nd_parts *parts, nd_descent_state *state) {
  double rows = 0, updates = 0, seen = 0;
  bool diverged = false;
  for (size_t i = 0; i < state->size; i++)
    state->w[i] = 0;
  for (size_t p = 0; p < parts->count; p++)
    rows += parts->part[p].rows;
  for (size_t p = 0; p < parts->count; p++) {
    const double *told = parts->told + p * parts->width, *left = told + state->size;
    for (size_t i = 0; i < state->size; i++)
      state->w[i] += parts->part[p].rows / rows * told[i];
    updates = left[UPDATES] > updates ? left[UPDATES] : updates;
    seen += left[ROWS];
    diverged = diverged || left[DIVERGED] > 0;
  }
  state->run->updates += (uint64_t)updates;
  state->run->rows_seen += (uint64_t)seen;
  return diverged;
}

nadir_status nd_parts_epoch(nd_parts *parts, nd_descent_state *state, bool *diverged,
                            nadir_error *error) {
  ND_TRY(nd_ranks_agree(parts->ranks, descend_own(parts, state, error), error));
  ND_TRY(
      nd_ranks_fill(parts->ranks, parts->told, parts->count, parts->width * sizeof(double), error));
  *diverged = take_mean(parts, state);
  state->run->epochs++;
  return NADIR_OK;
}

bool nd_parts_are_cut(const nd_parts *parts, const nd_descent_state *state) {
  double rows = 0;
  for (size_t p = 0; p < parts->count; p++)
    rows = parts->part[p].rows > rows ? parts->part[p].rows : rows;
  return ceil(rows / (double)state->batch) >
         (double)(state->stop.max_updates - state->run->updates);
}

/* ---- checkpoints ---- */

nadir_status nd_parts_remember(nd_parts *parts, nadir_error *error) {
  if (!parts) return NADIR_OK;
  for (size_t p = parts->first; p < parts->end; p++)
    nd_method_state_get(parts->part[p].method, parts->memory + p * parts->state);
  return nd_ranks_fill(parts->ranks, parts->memory, parts->count, parts->state * sizeof(double),
                       error);
}

double *nd_parts_memory(const nd_parts *parts, size_t *count) {
  *count = parts ? parts->count * parts->state : 0;
  return parts ? parts->memory : NULL;
}

void nd_parts_recall(nd_parts *parts) {
  for (size_t p = parts ? parts->first : 0; parts && p < parts->end; p++)
    nd_method_state_set(parts->part[p].method, parts->memory + p * parts->state);
}
