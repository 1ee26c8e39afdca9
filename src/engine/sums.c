/* sums: loss, gradient and Hessian-vector product of the rows of a block.
 *
 * A tail is run as a pass (kernels_internal.h): eta of each head, the loss, then X' r for each head, of some rows at a time, so
 * that the second reading of these comes from the first-level cache. The sums of a tile are in T, those of all in
 * double. Costs one reading of the block from memory. */
#include <string.h>

#include "rows_internal.h"

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

/* What instructions see of each head, except the rows. */
static void show_heads(const nd_rows *rows, nd_rows_workspace *work, const double *from, unsigned char *weights,
                       nd_features *features) {
  for (size_t k = 0; k < rows->head_count; k++) {
    const nd_head *head = &rows->heads[k];
    features[k] = (nd_features){
        .features = rows->features,
        .first = head->first_feature,
        .count = head->features,
        .w = nd_at(rows, weights, rows->head_at[k]),
        .intercept = head->intercept == SIZE_MAX ? 0 : from[head->intercept],
        .sums = nd_at(rows, work->tile_sums, rows->head_at[k] * rows->layout->lanes)};
  }
}

static void ask_for(const unsigned char *from, size_t bytes) {
  for (size_t at = 0; at < bytes; at += ND_LINE_BYTES)
    __builtin_prefetch(from + at);
}

/* What is stored with the rows of a tile in panels, to be there when the etas of a group are. Features are not asked for: memory
 * that is read in order is fetched ahead by the processor, the faster the less else is asked of it. */
static void ask_for_stored(const nd_rows *rows, const nd_block *block, const nd_code *code, size_t at, size_t count) {
  const size_t bytes = count * rows->kernels->size;
  for (size_t s = 0; s < rows->stored; s++) /* others are read by second derivatives, say */
    if (code->reads[s]) ask_for(nd_at(rows, block->stored, s * block->padded + at), bytes);
  if (block->weighted) ask_for(nd_at(rows, block->weights, at), bytes);
}

void nd_rows_tile(const nd_rows *rows, nd_rows_workspace *work, const nd_block *block, nd_tail tail,
                  size_t at, size_t count) {
  const nd_code *code = rows->tail[tail];
  nd_operand *operands = work->tail[tail].operands;
  const size_t etas = tail == ND_TAIL_PRODUCT ? 2 * rows->head_count : rows->head_count;
  if (code->sums > 0) operands[code->weights] = nd_block_weights(rows, work, block, at);
  for (size_t s = 0; s < rows->stored; s++)
    operands[s].at = nd_at(rows, block->stored, s * block->padded + at);
  if (rows->layout == rows->kernels->panels) ask_for_stored(rows, block, code, at, count);
  for (size_t k = 0; k < etas; k++) {
    work->features[k].x = nd_at(rows, block->x, at * rows->features);
    operands[rows->stored + k].at = work->eta + k * ND_TILE_BYTES;
    operands[code->features + k].at = &work->features[k];
  }
  nd_code_pass(code, &work->tail[tail], count);
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
  show_heads(rows, work, w, work->w, work->features);
  if (v) show_heads(rows, work, v, work->v, work->features + rows->head_count);
  memset(work->sums, 0, sums * sizeof *work->sums);
}

/* Outputs [first, ...) of a tail are factors of rows by head, then by free parameter: adds the sums
 * over the tile that belong to each component of w. */
static void add_tile(const nd_rows *rows, nd_rows_workspace *work, nd_tail tail, size_t first) {
  for (size_t i = 0; i < rows->head_count + rows->free_count; i++)
    work->own_sums[i] += nd_code_sum(rows->tail[tail], &work->tail[tail], first + i);
  rows->kernels->drain(work->sums, work->tile_sums, rows->head_at[rows->head_count] * rows->layout->lanes);
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
    nd_rows_tile(rows, work, block, tail, at, count);
    *loss += nd_code_sum(rows->tail[tail], &work->tail[tail], 0);
    if (gradient) add_tile(rows, work, tail, 1);
  }
  if (gradient) nd_rows_scatter(rows, work->sums, rows->layout->lanes, work->own_sums, gradient);
}

void nd_rows_hessian_vector(const nd_rows *rows, nd_rows_workspace *work, const nd_block *block,
                            const double *w, const double *v, double *product) {
  nd_rows_begin(rows, work, ND_TAIL_PRODUCT, w, v);
  for (size_t at = 0; at < block->rows; at += rows->tile) {
    const size_t count = tile_at(rows, block, at);
    nd_rows_tile(rows, work, block, ND_TAIL_PRODUCT, at, count);
    add_tile(rows, work, ND_TAIL_PRODUCT, 0);
  }
  nd_rows_scatter(rows, work->sums, rows->layout->lanes, work->own_sums, product);
}
