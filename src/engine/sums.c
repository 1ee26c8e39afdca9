/* sums: loss, gradient and Hessian-vector product of the rows of a block.
 *
 * A tile at a time: eta of each head, the tail, then X' r for each head while the tile is in the
 * cache. Sums stay in double between tiles. Costs one reading of the block from memory. */
#include <string.h>

#include "rows_internal.h"

/* A vector over w, as the heads take it, and where its etas go. */
typedef struct direction {
  const double *from;
  unsigned char *weights;
  size_t first_eta;
} direction;

static void convert(const nd_rows *rows, const double *from, unsigned char *to, double *shared) {
  for (size_t k = 0; k < rows->head_count; k++) {
    const nd_head *head = &rows->heads[k];
    if (head->features > 0)
      rows->kernels->narrow(nd_at(rows, to, rows->head_at[k]), from + head->first_weight,
                            head->features, head->features);
  }
  for (size_t p = 0; p < rows->free_count; p++)
    shared[p] = from[rows->free_index[p]];
}

static void compute_etas(const nd_rows *rows, nd_rows_workspace *work, const nd_block *block,
                         const direction *along, size_t at, size_t count) {
  const void *x = nd_at(rows, block->x, at * rows->features);
  for (size_t k = 0; k < rows->head_count; k++) {
    const nd_head *head = &rows->heads[k];
    const double b = head->intercept == SIZE_MAX ? 0 : along->from[head->intercept];
    rows->layout->eta(x, rows->features, head->first_feature, head->features,
                      nd_at(rows, along->weights, rows->head_at[k]), b,
                      work->eta + (along->first_eta + k) * ND_TILE_BYTES, count);
  }
}

static void ask_for(const unsigned char *from, size_t bytes) {
  for (size_t at = 0; at < bytes; at += ND_LINE_BYTES)
    __builtin_prefetch(from + at);
}

/* What is stored with the rows of the tile from row `next` on; layouts ask for features themselves. */
static void ask_for_stored(const nd_rows *rows, const nd_block *block, const nd_code *code, size_t next) {
  const size_t left = block->rows - next, count = left < rows->tile ? left : rows->tile;
  const size_t bytes = count * rows->kernels->size;
  for (size_t s = 0; s < rows->stored; s++) /* others are read by second derivatives, say */
    if (code->reads[s]) ask_for(nd_at(rows, block->stored, s * block->padded + next), bytes);
  if (block->weighted) ask_for(nd_at(rows, block->weights, next), bytes);
}

void nd_rows_tile(const nd_rows *rows, nd_rows_workspace *work, const nd_block *block, nd_tail tail,
                  const double *w, const double *v, size_t at, size_t count) {
  nd_operand *operands = work->tail[tail].operands;
  if (rows->tail[tail]->sums > 0)
    operands[rows->tail[tail]->weights] = nd_block_weights(rows, work, block, at);
  for (size_t s = 0; s < rows->stored; s++)
    operands[s].at = nd_at(rows, block->stored, s * block->padded + at);
  ask_for_stored(rows, block, rows->tail[tail], at + count);
  compute_etas(rows, work, block, &(direction){w, work->w, 0}, at, count);
  if (v) compute_etas(rows, work, block, &(direction){v, work->v, rows->head_count}, at, count);
  const size_t etas = v ? 2 * rows->head_count : rows->head_count;
  for (size_t k = 0; k < etas; k++)
    operands[rows->stored + k].at = work->eta + k * ND_TILE_BYTES;
  nd_code_run(rows->tail[tail], &work->tail[tail], count);
}

double nd_rows_weigh(const nd_rows *rows, nd_rows_workspace *work, nd_tail tail, size_t o,
                     const nd_operand *weights, size_t count, const void **products) {
  const nd_code *code = rows->tail[tail];
  if (code->summed[o]) return nd_code_sum(code, &work->tail[tail], o);
  const nd_operand *value = nd_code_output(code, &work->tail[tail], o);
  const bool there =
      !weights && value->step > 0 && nd_line_up(count, rows->kernels->size) == count;
  *products = there ? value->at : work->r;
  return rows->kernels->weigh(there ? NULL : work->r, value, weights, count);
}

void nd_rows_take(const nd_rows *rows, nd_rows_workspace *work, nd_tail tail, const double *w,
                  const double *v) {
  convert(rows, w, work->w, work->shared);
  if (v) convert(rows, v, work->v, work->shared + rows->free_count);
  nd_code_share(rows->tail[tail], &work->tail[tail], work->shared);
  memset(work->own_sums, 0, (rows->head_count + rows->free_count) * sizeof *work->own_sums);
}

void nd_rows_begin(const nd_rows *rows, nd_rows_workspace *work, nd_tail tail, const double *w,
                   const double *v) {
  const size_t sums = rows->head_at[rows->head_count] * rows->layout->lanes;
  nd_rows_take(rows, work, tail, w, v);
  memset(work->sums, 0, sums * sizeof *work->sums);
}

/* Outputs [first, ...) of a tail are factors of rows by head, then by free parameter: adds the sums
 * over the tile that belong to each component of w. */
static void add_tile(const nd_rows *rows, nd_rows_workspace *work, const nd_block *block,
                     nd_tail tail, size_t first, size_t at, size_t count) {
  const nd_operand weights = nd_block_weights(rows, work, block, at);
  const void *x = nd_at(rows, block->x, at * rows->features);
  for (size_t i = 0; i < rows->head_count + rows->free_count; i++) {
    const void *r = work->r;
    work->own_sums[i] += nd_rows_weigh(rows, work, tail, first + i, block->weighted ? &weights : NULL, count, &r);
    if (i >= rows->head_count || rows->heads[i].features == 0) continue;
    rows->layout->sum(x, rows->features, rows->heads[i].first_feature, rows->heads[i].features, r,
                      count, work->sums + rows->head_at[i] * rows->layout->lanes);
  }
}

double nd_add_lanes(double *lane, size_t lanes) {
  for (size_t half = lanes / 2; half > 0; half /= 2)
    for (size_t i = 0; i < half; i++)
      lane[i] += lane[i + half];
  return lane[0];
}

void nd_rows_scatter(const nd_rows *rows, double *sums, size_t lanes, const double *own_sums,
                     double *result) {
  memset(result, 0, rows->size * sizeof *result);
  for (size_t k = 0; k < rows->head_count; k++) {
    const nd_head *head = &rows->heads[k];
    for (size_t j = 0; j < head->features; j++)
      result[head->first_weight + j] += nd_add_lanes(sums + (rows->head_at[k] + j) * lanes, lanes);
    if (head->intercept != SIZE_MAX) result[head->intercept] += own_sums[k];
  }
  for (size_t p = 0; p < rows->free_count; p++)
    result[rows->free_index[p]] += own_sums[rows->head_count + p];
}

static size_t tile_at(const nd_rows *rows, const nd_block *block, size_t at) {
  return block->rows - at < rows->tile ? block->rows - at : rows->tile;
}

void nd_rows_gradient(const nd_rows *rows, nd_rows_workspace *work, const nd_block *block,
                      const double *w, double *loss, double *gradient) {
  const nd_tail tail = gradient ? ND_TAIL_GRADIENT : ND_TAIL_VALUE;
  nd_rows_begin(rows, work, tail, w, NULL);
  *loss = 0;
  for (size_t at = 0; at < block->rows; at += rows->tile) {
    const size_t count = tile_at(rows, block, at);
    nd_rows_tile(rows, work, block, tail, w, NULL, at, count);
    const nd_operand weights = nd_block_weights(rows, work, block, at);
    const void *r;
    *loss += nd_rows_weigh(rows, work, tail, 0, block->weighted ? &weights : NULL, count, &r);
    if (gradient) add_tile(rows, work, block, tail, 1, at, count);
  }
  if (gradient) nd_rows_scatter(rows, work->sums, rows->layout->lanes, work->own_sums, gradient);
}

void nd_rows_hessian_vector(const nd_rows *rows, nd_rows_workspace *work, const nd_block *block,
                            const double *w, const double *v, double *product) {
  nd_rows_begin(rows, work, ND_TAIL_PRODUCT, w, v);
  for (size_t at = 0; at < block->rows; at += rows->tile) {
    const size_t count = tile_at(rows, block, at);
    nd_rows_tile(rows, work, block, ND_TAIL_PRODUCT, w, v, at, count);
    add_tile(rows, work, block, ND_TAIL_PRODUCT, 0, at, count);
  }
  nd_rows_scatter(rows, work->sums, rows->layout->lanes, work->own_sums, product);
}
