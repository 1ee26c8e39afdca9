/* stochastic: sums over some rows, and stretches of descent over batches of them.
 *
 * A stage of rows at a time is brought near (near.c) and gone over twice, for etas and for sums of features, so that it has
 * to fit the second-level cache. One row alone is done without vectors: in singles.c where all of w are weights
 * of heads, by sum_row where there are no heads.
 *
 * Whether all is finite is tested once a segment of updates; if not, the segment is done again from where it
 * began, update by update, with the same arithmetic, to stop before the first that fails. */
#include <string.h>

#include "base/dense.h"
#include "stochastic_internal.h"

enum {
  STAGE_BYTES = 64 * 1024,
  SEGMENT_PICKS = 256,
  SAVED = 5, /* w, average, gradient, step, effective */
};

/* ---- the stage ---- */

nadir_status nd_stage_new(nd_stage *stage, const nd_rows *rows, nadir_error *error) {
  const size_t size = rows->kernels->size, weights = rows->head_at[rows->head_count];
  stage->rows = ND_TILE_BYTES / size;
  while (stage->rows > 1 && stage->rows * rows->features * size > STAGE_BYTES)
    stage->rows /= 2;
  stage->sums = nd_new(weights, sizeof(double), error);
  stage->saved = nd_new(rows->size + 1, (SAVED + ND_RULE_VECTORS) * sizeof(double), error);
  if (!stage->sums || !stage->saved) return NADIR_NO_MEMORY;
  const nd_code *code = rows->tail[ND_TAIL_GRADIENT];
  if (!rows->by_batches || rows->head_count > 0 || !nd_code_is_scalar(code)) return NADIR_OK;
  stage->numbers = nd_new(code->operands, size, error);
  return stage->numbers ? NADIR_OK : NADIR_NO_MEMORY;
}

void nd_stage_clear(nd_stage *stage) {
  nd_free(stage->sums), nd_free(stage->saved), nd_free(stage->numbers);
}

/* ---- one row of a formula without heads ---- */

static double number_of(const void *numbers, size_t i, size_t size) {
  return size == sizeof(float) ? (double)((const float *)numbers)[i] : ((const double *)numbers)[i];
}

/* By the scalar forms of operators: no vectors to be filled, nor sums over their lanes. */
static void sum_row(const nd_rows *rows, nd_rows_workspace *work, const nd_picked *p, size_t at,
                    const double *w, double *loss, double *gradient) {
  const nd_code *code = rows->tail[ND_TAIL_GRADIENT];
  const nd_pick pick = p->picks[at];
  const nd_block *block = p->blocks[pick.block];
  const size_t size = rows->kernels->size;
  void *numbers = work->stage.numbers;
  for (size_t k = 0; k < rows->free_count; k++)
    work->shared[k] = w[rows->free_index[k]];
  nd_code_share_number(code, &work->tail[ND_TAIL_GRADIENT], work->shared, numbers);
  for (size_t s = 0; s < rows->stored; s++)
    nd_copy_number(numbers, s, block->stored, s * block->padded + pick.row, size);
  rows->kernels->scalars(code->steps, code->steps + code->step_count, numbers);
  const double weight = block->weighted ? number_of(block->weights, pick.row, size) : 1;
  *loss = weight * number_of(numbers, code->outputs[0], size);
  memset(gradient, 0, rows->size * sizeof *gradient);
  for (size_t k = 0; k < rows->free_count; k++)
    gradient[rows->free_index[k]] += weight * number_of(numbers, code->outputs[1 + k], size);
}

/* ---- any batch ---- */

static void find_etas(const nd_rows *rows, nd_rows_workspace *work, const double *w, size_t known,
                      size_t count) {
  for (size_t k = 0; k < rows->head_count; k++) {
    const nd_head *head = &rows->heads[k];
    nd_ahead_share(&work->near.ahead, k + 1 == rows->head_count ? count : 0);
    const double b = head->intercept == SIZE_MAX ? 0 : w[head->intercept];
    rows->kernels->eta_of_picked(work->near.row, k == 0 ? known : count, head->first_feature,
                                 head->features, nd_at(rows, work->w, rows->head_at[k]), b,
                                 work->eta + k * ND_TILE_BYTES, count, &work->near.ahead);
  }
}

static double add_stage(const nd_rows *rows, nd_rows_workspace *work, size_t count) {
  nd_near_run(rows, work, ND_TAIL_GRADIENT, count);
  const double loss = nd_near_weigh(rows, work, ND_TAIL_GRADIENT, 0, count);
  for (size_t i = 0; i < rows->head_count + rows->free_count; i++) {
    work->own_sums[i] += nd_near_weigh(rows, work, ND_TAIL_GRADIENT, 1 + i, count);
    if (i >= rows->head_count || rows->heads[i].features == 0) continue;
    rows->kernels->sum_of_picked(work->near.row, rows->heads[i].first_feature,
                                 rows->heads[i].features, work->r, count,
                                 work->stage.sums + rows->head_at[i]);
  }
  return loss;
}

/* Sums over picks [at, at + count). */
static void sum_batch(const nd_rows *rows, nd_rows_workspace *work, const nd_picked *p, size_t at,
                      size_t count, const double *w, double *loss, double *gradient) {
  nd_stage *stage = &work->stage;
  if (count == 1 && stage->numbers) {
    sum_row(rows, work, p, at, w, loss, gradient);
    return;
  }
  nd_rows_take(rows, work, ND_TAIL_GRADIENT, w, NULL);
  memset(stage->sums, 0, rows->head_at[rows->head_count] * sizeof *stage->sums);
  *loss = 0;
  for (size_t done = 0, some; done < count; done += some) {
    some = count - done < stage->rows ? count - done : stage->rows;
    const size_t known = nd_near_rows(rows, &work->near, p, at + done, some);
    nd_near_values(rows, &work->near, p, at + done, some);
    find_etas(rows, work, w, known, some);
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
  const size_t at = update * s->descent->batch, left = s->count - at;
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
  const nd_eta_ahead ahead = *s->ahead;
  copy_state(s, true);
  const double more = update_some(s, from, count);
  if (nd_all_finite(1, &more) && nd_all_finite(s->rows->size, s->w)) {
    *loss += more;
    return true;
  }
  copy_state(s, false);
  *s->ahead = ahead;
  return false;
}

void nd_rows_descend(const nd_rows *rows, nd_rows_workspace *work, nd_block *const *blocks,
                     const nd_pick *picks, size_t count, const nd_descent *descent, double *w,
                     size_t *updates, double *loss, double *gradient, double *step) {
  nd_eta_ahead none = {0};
  const nd_run_of_updates s = {.rows = rows,
                               .work = work,
                               .picked = {blocks, picks, count + descent->followed},
                               .count = count,
                               .descent = descent,
                               .w = w,
                               .gradient = gradient,
                               .step = step,
                               .ahead = descent->ahead ? descent->ahead : &none};
  const size_t batch = descent->batch, all = count / batch + (count % batch != 0);
  const size_t segment = batch >= SEGMENT_PICKS ? 1 : SEGMENT_PICKS / batch;
  memset(gradient, 0, rows->size * sizeof *gradient);
  memset(step, 0, rows->size * sizeof *step);
  *loss = 0;
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
