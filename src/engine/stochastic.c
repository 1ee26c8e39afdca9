/* stochastic: sums over some rows, and stretches of descent over batches of them.
 *
 * Picked rows are copied, as doubles, into a stage that fits the first-level cache, while the lines
 * of later picks are on their way; there they are rows of a small block, whatever the layout of the
 * data. w stays in double. Batches of one row have a loop of their own (singles.c).
 *
 * Whether all is finite is tested once a segment of updates; if not, the segment is done again from
 * where it began, update by update, with the same arithmetic, to stop before the first that fails.
 */
#include <string.h>

#include "base/dense.h"
#include "stochastic_internal.h"

enum {
  STAGE_ROWS = 64,
  STAGE_BYTES = 16 * 1024,
  SEGMENT_PICKS = 256,
  AHEAD_LINES = 512, /* of memory asked for and not yet copied */
  SAVED = 5,         /* w, average, gradient, step, effective */
};

/* ---- the stage ---- */

/* Picks between asking for a row's memory and copying it. */
static size_t rows_ahead(const nd_rows *rows) {
  const size_t lines = rows->layout == rows->kernels->panels
                           ? rows->features + 1
                           : rows->features * rows->kernels->size / ND_LINE_BYTES + 1;
  const size_t ahead = AHEAD_LINES / lines;
  return ahead < 4 ? 4 : ahead > STAGE_ROWS ? STAGE_ROWS : ahead;
}

nadir_status nd_stage_new(nd_stage *stage, const nd_rows *rows, nadir_error *error) {
  const size_t size = rows->kernels->size, weights = rows->head_at[rows->head_count];
  stage->stride = nd_line_up(rows->features, sizeof(double));
  stage->rows = STAGE_ROWS;
  while (stage->rows > 1 && stage->rows * stage->stride * sizeof(double) > STAGE_BYTES)
    stage->rows /= 2;
  stage->ahead = rows_ahead(rows);
  stage->value_step = nd_line_up(STAGE_ROWS, size) + nd_line_up(1, size);
  stage->x =
      nd_new(stage->rows * stage->stride + nd_line_up(1, sizeof(double)), sizeof(double), error);
  stage->values = nd_new(rows->stored + 1, stage->value_step * size, error);
  stage->weights = nd_new(stage->value_step, size, error);
  stage->eta = nd_new(STAGE_ROWS, sizeof(double), error);
  stage->r = nd_new(STAGE_ROWS, sizeof(double), error);
  stage->w = nd_new(weights, sizeof(double), error);
  stage->sums = nd_new(weights, sizeof(double), error);
  stage->saved = nd_new(rows->size + 1, (SAVED + ND_RULE_VECTORS) * sizeof(double), error);
  return stage->x && stage->values && stage->weights && stage->eta && stage->r && stage->w &&
                 stage->sums && stage->saved
             ? NADIR_OK
             : NADIR_NO_MEMORY;
}

void nd_stage_clear(nd_stage *stage) {
  nd_free(stage->x), nd_free(stage->values), nd_free(stage->weights), nd_free(stage->eta);
  nd_free(stage->r), nd_free(stage->w), nd_free(stage->sums), nd_free(stage->saved);
}

static void fill_stage(const nd_rows *rows, nd_stage *stage, const nd_picked *p, size_t at,
                       size_t count) {
  const size_t size = rows->kernels->size;
  for (size_t i = 0; i < count; i++) {
    if (at + i + stage->ahead < p->count) {
      const nd_pick *later = &p->picks[at + i + stage->ahead];
      rows->layout->prefetch(p->blocks[later->block]->x, rows->features, later->row);
    }
    const nd_pick pick = p->picks[at + i];
    const nd_block *block = p->blocks[pick.block];
    rows->layout->row(block->x, rows->features, 0, rows->features, pick.row,
                      stage->x + i * stage->stride);
    for (size_t s = 0; s < rows->stored; s++)
      nd_copy_number(stage->values, s * stage->value_step + i, block->stored,
               s * block->padded + pick.row, size);
    if (block->weighted)
      nd_copy_number(stage->weights, i, block->weights, pick.row, size);
    else
      nd_set_number(stage->weights, i, 1, size);
  }
}

static void point_values(const nd_rows *rows, nd_rows_workspace *work, nd_tail tail) {
  nd_operand *operands = work->tail[tail].operands;
  for (size_t s = 0; s < rows->stored; s++)
    operands[s].at = nd_at(rows, work->stage.values, s * work->stage.value_step);
  for (size_t k = 0; k < rows->head_count; k++)
    operands[rows->stored + k].at = work->eta + k * ND_TILE_BYTES;
}

static size_t vectors_of(const nd_rows *rows, size_t count) {
  return (count + rows->kernels->lanes - 1) / rows->kernels->lanes;
}

/* Sum of output o of a tail times the weights, over the stage; the products are left in work->r. */
static double weigh(const nd_rows *rows, nd_rows_workspace *work, nd_tail tail, size_t o,
                    size_t count) {
  const nd_operand weights = {work->stage.weights, rows->kernels->lanes};
  return rows->kernels->weigh(work->r, nd_code_output(rows->tail[tail], &work->tail[tail], o),
                              &weights, count);
}

/* ---- any batch ---- */

/* The weights of a head, padded with zeros: an infinite rate may have left NaN there. */
static void take_head(const nd_rows *rows, nd_stage *stage, size_t k, const double *w) {
  const size_t at = rows->head_at[k], features = rows->heads[k].features;
  memcpy(stage->w + at, w + rows->heads[k].first_weight, features * sizeof *w);
  memset(stage->w + at + features, 0, (rows->head_at[k + 1] - at - features) * sizeof *w);
}

static void take_weights(const nd_rows *rows, nd_rows_workspace *work, const double *w) {
  for (size_t k = 0; k < rows->head_count; k++)
    take_head(rows, &work->stage, k, w);
  for (size_t p = 0; p < rows->free_count; p++)
    work->shared[p] = w[rows->free_index[p]];
  nd_code_share(rows->tail[ND_TAIL_GRADIENT], &work->tail[ND_TAIL_GRADIENT], work->shared);
}

static void stage_etas(const nd_rows *rows, nd_rows_workspace *work, const double *w,
                       size_t count) {
  nd_stage *stage = &work->stage;
  for (size_t k = 0; k < rows->head_count; k++) {
    const nd_head *head = &rows->heads[k];
    const double b = head->intercept == SIZE_MAX ? 0 : w[head->intercept];
    rows->exact->by_rows->eta(stage->x, stage->stride, head->first_feature, head->features,
                              stage->w + rows->head_at[k], b, stage->eta, count, &(nd_ahead){0});
    rows->kernels->narrow(work->eta + k * ND_TILE_BYTES, stage->eta, count,
                          nd_line_up(count, rows->kernels->size));
  }
}

static double add_stage(const nd_rows *rows, nd_rows_workspace *work, size_t count) {
  nd_stage *stage = &work->stage;
  const nd_tail tail = ND_TAIL_GRADIENT;
  point_values(rows, work, tail);
  nd_code_run(rows->tail[tail], &work->tail[tail], vectors_of(rows, count), &(nd_ahead){0});
  const double loss = weigh(rows, work, tail, 0, count);
  for (size_t i = 0; i < rows->head_count + rows->free_count; i++) {
    work->own_sums[i] += weigh(rows, work, tail, 1 + i, count);
    if (i >= rows->head_count || rows->heads[i].features == 0) continue;
    rows->kernels->widen(stage->r, work->r, nd_line_up(count, sizeof(double)));
    rows->exact->by_rows->sum(stage->x, stage->stride, rows->heads[i].first_feature,
                              rows->heads[i].features, stage->r, count,
                              stage->sums + rows->head_at[i], &(nd_ahead){0});
  }
  return loss;
}

/* Sums over picks [at, at + count). */
static void sum_batch(const nd_rows *rows, nd_rows_workspace *work, const nd_picked *p, size_t at,
                      size_t count, const double *w, double *loss, double *gradient) {
  nd_stage *stage = &work->stage;
  take_weights(rows, work, w);
  memset(stage->sums, 0, rows->head_at[rows->head_count] * sizeof *stage->sums);
  memset(work->own_sums, 0, (rows->head_count + rows->free_count) * sizeof *work->own_sums);
  *loss = 0;
  for (size_t done = 0, some; done < count; done += some) {
    some = count - done < stage->rows ? count - done : stage->rows;
    fill_stage(rows, stage, p, at + done, some);
    stage_etas(rows, work, w, some);
    *loss += add_stage(rows, work, some);
  }
  nd_rows_scatter(rows, stage->sums, 1, work->own_sums, gradient);
}

void nd_rows_batch(const nd_rows *rows, nd_rows_workspace *work, nd_block *const *blocks,
                   const nd_pick *picks, size_t count, const double *w, double *loss,
                   double *gradient) {
  sum_batch(rows, work, &(nd_picked){blocks, picks, count}, 0, count, w, loss, gradient);
}

/* ---- stretches ---- */

static size_t batch_of(const nd_run_of_updates *s, size_t update) {
  const size_t at = update * s->descent->batch, left = s->picked.count - at;
  return left < s->descent->batch ? left : s->descent->batch;
}

static double update_batch(const nd_run_of_updates *s, size_t update) {
  const size_t batch = batch_of(s, update);
  const double factor = nd_batch_factor(s->descent, batch), rate = s->descent->rates[update];
  const double *share = s->descent->share;
  double loss;
  sum_batch(s->rows, s->work, &s->picked, update * s->descent->batch, batch, s->w, &loss,
            s->gradient);
  for (size_t j = 0; j < s->rows->size; j++) {
    s->gradient[j] = factor * s->gradient[j] + nd_batch_ridge(s->descent, batch, j) * s->w[j];
    const double effective = share ? rate * share[j] : rate;
    s->step[j] = -effective * s->gradient[j];
    if (s->descent->effective) s->descent->effective[j] = effective;
    s->w[j] += s->step[j];
    if (s->descent->average) s->descent->average[j] += s->w[j];
  }
  return factor * loss;
}

/* ---- segments and replay ---- */

static double update_some(const nd_run_of_updates *s, size_t from, size_t count) {
  if (s->descent->batch == 1 && s->work->singles) return nd_singles_update(s, from, count);
  double loss = 0;
  for (size_t u = from; u < from + count; u++)
    loss += update_batch(s, u);
  return loss;
}

static void copy_some(double *state, double *saved, size_t count, bool save) {
  if (state && count) memcpy(save ? saved : state, save ? state : saved, count * sizeof *saved);
}

static void copy_state(const nd_run_of_updates *s, bool save) {
  const size_t size = s->rows->size;
  const nd_rule *rule = s->descent->rule;
  double *const state[SAVED] = {s->w, s->gradient, s->step, s->descent->average,
                                s->descent->effective};
  double *saved = s->work->stage.saved;
  for (size_t i = 0; i < SAVED; i++, saved += size)
    copy_some(state[i], saved, size, save);
  if (!rule) return;
  for (size_t i = 0; i < rule->vector_count; i++, saved += size)
    copy_some(rule->vectors[i], saved, size, save);
  copy_some(rule->scalars, saved, rule->scalar_count, save);
}

/* False, with everything as before, when something is not finite. */
static bool try_some(const nd_run_of_updates *s, size_t from, size_t count, double *loss) {
  copy_state(s, true);
  const double more = update_some(s, from, count);
  if (nd_all_finite(1, &more) && nd_all_finite(s->rows->size, s->w)) {
    *loss += more;
    return true;
  }
  copy_state(s, false);
  return false;
}

void nd_rows_descend(const nd_rows *rows, nd_rows_workspace *work, nd_block *const *blocks,
                     const nd_pick *picks, size_t count, const nd_descent *descent, double *w,
                     size_t *updates, double *loss, double *gradient, double *step) {
  const nd_run_of_updates s = {rows, work, {blocks, picks, count}, descent, w, gradient, step};
  const size_t batch = descent->batch, all = count / batch + (count % batch != 0);
  const size_t segment = batch >= SEGMENT_PICKS ? 1 : SEGMENT_PICKS / batch;
  memset(gradient, 0, rows->size * sizeof *gradient);
  memset(step, 0, rows->size * sizeof *step);
  *loss = 0;
  nd_singles_forget(work->singles);
  for (*updates = 0; *updates < all;) {
    const size_t some = all - *updates < segment ? all - *updates : segment;
    if (try_some(&s, *updates, some, loss)) {
      *updates += some;
      continue;
    }
    const size_t end = *updates + some;
    while (*updates < end && try_some(&s, *updates, 1, loss))
      ++*updates;
    if (*updates < end) return;
  }
}
