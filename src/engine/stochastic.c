/* stochastic: sums over some rows, and stretches of plain descent over small batches.
 *
 * Picked rows are copied, as doubles, into a stage that fits the first-level cache, while the lines
 * of later picks are on their way; there they are rows of a small block, whatever the layout of the
 * data. w stays in double. Batches of one row under one head have a loop of their own
 * (level/stretch.c), in which the loss is not needed: it is computed afterwards from the etas of a
 * whole stage.
 *
 * Whether all is finite is tested once a segment of updates; if not, the segment is done again from
 * where it began, update by update, with the same arithmetic, to stop before the first that fails.
 */
#include <string.h>

#include "base/dense.h"
#include "rows_internal.h"

enum {
  STAGE_ROWS = 64,
  STAGE_BYTES = 16 * 1024,
  SEGMENT_PICKS = 256,
  AHEAD_LINES = 512, /* of memory asked for and not yet copied */
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
  stage->weight = nd_new(STAGE_ROWS, sizeof(double), error);
  stage->eta = nd_new(STAGE_ROWS, sizeof(double), error);
  stage->r = nd_new(STAGE_ROWS, sizeof(double), error);
  stage->w = nd_new(weights, sizeof(double), error);
  stage->sums = nd_new(weights, sizeof(double), error);
  stage->ridge = nd_new(weights, sizeof(double), error);
  stage->average = nd_new(weights, sizeof(double), error);
  stage->saved = nd_new(rows->size, 4 * sizeof(double), error);
  return stage->x && stage->values && stage->weights && stage->weight && stage->eta && stage->r &&
                 stage->w && stage->sums && stage->ridge && stage->average && stage->saved
             ? NADIR_OK
             : NADIR_NO_MEMORY;
}

void nd_stage_clear(nd_stage *stage) {
  nd_free(stage->x), nd_free(stage->values), nd_free(stage->weights), nd_free(stage->weight);
  nd_free(stage->eta), nd_free(stage->r), nd_free(stage->w), nd_free(stage->sums);
  nd_free(stage->ridge), nd_free(stage->average), nd_free(stage->saved);
}

static void copy_one(unsigned char *to, size_t i, const unsigned char *from, size_t j,
                     size_t size) {
  if (size == sizeof(float))
    ((float *)to)[i] = ((const float *)from)[j];
  else
    ((double *)to)[i] = ((const double *)from)[j];
}

static void set_one(unsigned char *to, size_t i, double value, size_t size) {
  if (size == sizeof(float))
    ((float *)to)[i] = (float)value;
  else
    ((double *)to)[i] = value;
}

typedef struct picked {
  nd_block *const *blocks;
  const nd_pick *picks;
  size_t count;
} picked;

/* Picks [at, at + count), of which only the features [first, first + features) are copied. */
static void fill_stage(const nd_rows *rows, nd_stage *stage, const picked *p, size_t at,
                       size_t count, size_t first, size_t features) {
  const size_t size = rows->kernels->size;
  for (size_t i = 0; i < count; i++) {
    if (at + i + stage->ahead < p->count) {
      const nd_pick *later = &p->picks[at + i + stage->ahead];
      rows->layout->prefetch(p->blocks[later->block]->x, rows->features, later->row);
    }
    const nd_pick pick = p->picks[at + i];
    const nd_block *block = p->blocks[pick.block];
    rows->layout->row(block->x, rows->features, first, features, pick.row,
                      stage->x + i * stage->stride);
    for (size_t s = 0; s < rows->stored; s++)
      copy_one(stage->values, s * stage->value_step + i, block->stored,
               s * block->padded + pick.row, size);
    if (block->weighted)
      copy_one(stage->weights, i, block->weights, pick.row, size);
    else
      set_one(stage->weights, i, 1, size);
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
static void sum_batch(const nd_rows *rows, nd_rows_workspace *work, const picked *p, size_t at,
                      size_t count, const double *w, double *loss, double *gradient) {
  nd_stage *stage = &work->stage;
  take_weights(rows, work, w);
  memset(stage->sums, 0, rows->head_at[rows->head_count] * sizeof *stage->sums);
  memset(work->own_sums, 0, (rows->head_count + rows->free_count) * sizeof *work->own_sums);
  *loss = 0;
  for (size_t done = 0, some; done < count; done += some) {
    some = count - done < stage->rows ? count - done : stage->rows;
    fill_stage(rows, stage, p, at + done, some, 0, rows->features);
    stage_etas(rows, work, w, some);
    *loss += add_stage(rows, work, some);
  }
  nd_rows_scatter(rows, stage->sums, 1, work->own_sums, gradient);
}

void nd_rows_batch(const nd_rows *rows, nd_rows_workspace *work, nd_block *const *blocks,
                   const nd_pick *picks, size_t count, const double *w, double *loss,
                   double *gradient) {
  sum_batch(rows, work, &(picked){blocks, picks, count}, 0, count, w, loss, gradient);
}

/* ---- stretches ---- */

typedef struct stretch {
  const nd_rows *rows;
  nd_rows_workspace *work;
  picked picked;
  const nd_descent *descent;
  double *w, *gradient, *step;
} stretch;

static size_t batch_of(const stretch *s, size_t update) {
  const size_t at = update * s->descent->batch, left = s->picked.count - at;
  return left < s->descent->batch ? left : s->descent->batch;
}

static double factor_of(const nd_descent *descent, size_t batch) {
  return descent->sum ? 1 : descent->scale / (double)batch;
}

static double ridge_of(const nd_descent *descent, size_t batch, size_t j) {
  if (!descent->ridge) return 0;
  return descent->sum ? (double)batch / descent->rows_total * descent->ridge[j] : descent->ridge[j];
}

static double update_batch(const stretch *s, size_t update) {
  const size_t batch = batch_of(s, update);
  const double factor = factor_of(s->descent, batch), rate = s->descent->rates[update];
  const double *share = s->descent->share;
  double loss;
  sum_batch(s->rows, s->work, &s->picked, update * s->descent->batch, batch, s->w, &loss,
            s->gradient);
  for (size_t j = 0; j < s->rows->size; j++) {
    s->gradient[j] = factor * s->gradient[j] + ridge_of(s->descent, batch, j) * s->w[j];
    s->step[j] = -(share ? rate * share[j] : rate) * s->gradient[j];
    s->w[j] += s->step[j];
    if (s->descent->average) s->descent->average[j] += s->w[j];
  }
  return factor * loss;
}

/* ---- batches of one row under one head ---- */

static bool is_single(const stretch *s) {
  const nd_rows *rows = s->rows;
  return s->descent->batch == 1 && !s->descent->share && rows->head_count == 1 &&
         rows->free_count == 0 &&
         rows->size == rows->heads[0].features + (rows->heads[0].intercept != SIZE_MAX);
}

static nd_single begin_single(const stretch *s) {
  const nd_rows *rows = s->rows;
  const nd_head *head = &rows->heads[0];
  nd_stage *stage = &s->work->stage;
  const nd_code *slope = rows->tail[ND_TAIL_SLOPE];
  nd_single single = {.steps = slope->steps,
                      .step_count = slope->step_count,
                      .operands = s->work->tail[ND_TAIL_SLOPE].operands,
                      .stored = rows->stored,
                      .slope = slope->outputs[0],
                      .values = stage->values,
                      .value_step = stage->value_step,
                      .eta_line = s->work->h,
                      .eta = s->work->eta,
                      .x = stage->x,
                      .stride = stage->stride,
                      .features = nd_line_up(head->features, sizeof(double)),
                      .weights = stage->weight,
                      .w = stage->w,
                      .gradient = stage->sums,
                      .has_intercept = head->intercept != SIZE_MAX};
  single.operands[rows->stored].at = single.eta_line;
  const size_t bytes = head->features * sizeof(double), first = head->first_weight;
  take_head(rows, stage, 0, s->w);
  if (s->descent->ridge) {
    for (size_t j = 0; j < head->features; j++)
      stage->ridge[j] = ridge_of(s->descent, 1, first + j);
    single.ridge = stage->ridge;
  }
  if (s->descent->average) {
    memcpy(stage->average, s->descent->average + first, bytes);
    single.average = stage->average;
  }
  if (!single.has_intercept) return single;
  single.intercept = s->w[head->intercept];
  single.intercept_ridge = ridge_of(s->descent, 1, head->intercept);
  if (s->descent->average) single.intercept_average = s->descent->average[head->intercept];
  return single;
}

static void end_single(const stretch *s, const nd_single *single, double last_rate) {
  const nd_head *head = &s->rows->heads[0];
  const size_t bytes = head->features * sizeof(double), first = head->first_weight;
  memcpy(s->w + first, single->w, bytes);
  memcpy(s->gradient + first, single->gradient, bytes);
  if (single->average) memcpy(s->descent->average + first, single->average, bytes);
  if (single->has_intercept) {
    s->w[head->intercept] = single->intercept;
    s->gradient[head->intercept] = single->intercept_gradient;
    if (single->average) s->descent->average[head->intercept] = single->intercept_average;
  }
  for (size_t j = 0; j < s->rows->size; j++)
    s->step[j] = -last_rate * s->gradient[j];
}

/* The loss of the rows on the stage, from the etas that were kept. */
static double loss_of_stage(const stretch *s, size_t count) {
  point_values(s->rows, s->work, ND_TAIL_VALUE);
  nd_code_run(s->rows->tail[ND_TAIL_VALUE], &s->work->tail[ND_TAIL_VALUE],
              vectors_of(s->rows, count), &(nd_ahead){0});
  return weigh(s->rows, s->work, ND_TAIL_VALUE, 0, count);
}

static double update_singles(const stretch *s, size_t from, size_t count) {
  const nd_rows *rows = s->rows;
  nd_stage *stage = &s->work->stage;
  const double factor = factor_of(s->descent, 1);
  nd_single single = begin_single(s);
  double loss = 0;
  for (size_t done = 0, some; done < count; done += some) {
    some = count - done < stage->rows ? count - done : stage->rows;
    fill_stage(rows, stage, &s->picked, from + done, some, rows->heads[0].first_feature,
               rows->heads[0].features);
    rows->kernels->widen(stage->weight, stage->weights, some);
    for (size_t i = 0; i < some; i++)
      stage->weight[i] *= factor;
    single.rates = s->descent->rates + from + done;
    rows->kernels->descend(&single, some);
    loss += factor * loss_of_stage(s, some);
  }
  end_single(s, &single, s->descent->rates[from + count - 1]);
  return loss;
}

/* ---- segments and replay ---- */

static double update_some(const stretch *s, size_t from, size_t count) {
  if (is_single(s)) return update_singles(s, from, count);
  double loss = 0;
  for (size_t u = from; u < from + count; u++)
    loss += update_batch(s, u);
  return loss;
}

static void copy_state(const stretch *s, bool save) {
  const size_t size = s->rows->size;
  double *const state[] = {s->w, s->gradient, s->step, s->descent->average};
  for (size_t i = 0; i < ND_COUNT(state); i++) {
    double *saved = s->work->stage.saved + i * size;
    if (state[i]) memcpy(save ? saved : state[i], save ? state[i] : saved, size * sizeof *saved);
  }
}

/* False, with everything as before, when something is not finite. */
static bool try_some(const stretch *s, size_t from, size_t count, double *loss) {
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
  const stretch s = {rows, work, {blocks, picks, count}, descent, w, gradient, step};
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
