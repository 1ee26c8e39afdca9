/* factor: the triangle of the QR decomposition of [J r] over the rows of a block, where the loss of
 * a row is a sum of squares.
 *
 * A residual's derivative by a weight of head k is (d r / d eta_k) x, by its intercept d r / d
 * eta_k, by a free parameter its own; each row is multiplied by the root of its weight. The rows of
 * a tile are folded into the triangle at once (base/dense_qr.c): by columns, as the tail leaves
 * them, where there are no heads. J'J is never formed: it has twice the digits of J, and half of
 * them would be lost. Costs 2 (size + 1)^2 operations a row and residual. */
#include <math.h>
#include <string.h>

#include "base/dense.h"
#include "rows_internal.h"

enum { HEIGHTS = 8 }; /* of what is folded by columns are multiples of this */

typedef struct tile {
  const nd_rows *rows;
  nd_rows_workspace *work;
  const void *x;
  size_t count;
  double *values;   /* of one output, widened: room for a tile */
  size_t down, right; /* in [J r], from row to row and from column to column */
} tile;

static void widen_to(const tile *t, size_t output, double *to) {
  const nd_rows *rows = t->rows;
  const nd_operand *value =
      nd_code_output(rows->tail[ND_TAIL_RESIDUAL], &t->work->tail[ND_TAIL_RESIDUAL], output);
  if (value->step > 0)
    rows->kernels->widen(to, value->at, t->count);
  else {
    double one[ND_LINE_BYTES / sizeof(float)];
    rows->kernels->widen(one, value->at, 1);
    for (size_t i = 0; i < t->count; i++)
      to[i] = one[0];
  }
}

static const double *widened(const tile *t, size_t output) {
  widen_to(t, output, t->values);
  return t->values;
}

static void add_column(const tile *t, const double *values, size_t first, size_t at) {
  double *to = t->work->jacobian + first * t->down + at * t->right;
  for (size_t i = 0; i < t->count; i++)
    to[i * t->down] += values[i];
}

/* Column `at` of the tile's rows of [J r]. By columns nothing else goes into it. */
static void put_column(const tile *t, size_t output, size_t first, size_t at) {
  if (t->down == 1)
    widen_to(t, output, t->work->jacobian + first + at * t->right);
  else
    add_column(t, widened(t, output), first, at);
}

static void put_head(const tile *t, const nd_head *head, const double *slope, size_t first) {
  const nd_rows *rows = t->rows;
  const size_t width = rows->size + 1;
  if (head->intercept != SIZE_MAX) add_column(t, slope, first, head->intercept);
  for (size_t i = 0; i < t->count && head->features > 0; i++) {
    double *to = t->work->jacobian + (first + i) * width + head->first_weight;
    rows->layout->row(t->x, rows->features, head->first_feature, head->features, i, t->work->row);
    for (size_t j = 0; j < head->features; j++)
      to[j] += slope[i] * t->work->row[j];
  }
}

static void put_residual(const tile *t, size_t k) {
  const nd_rows *rows = t->rows;
  size_t output = 1 + k * (1 + rows->head_count + rows->free_count), first = k * t->count;
  put_column(t, output++, first, rows->size);
  for (size_t h = 0; h < rows->head_count; h++)
    put_head(t, &rows->heads[h], widened(t, output++), first);
  for (size_t p = 0; p < rows->free_count; p++)
    put_column(t, output++, first, rows->free_index[p]);
}

/* Each row of [J r] times the root of its weight; the sum of weight times rounding. */
static double weigh(const tile *t, const nd_operand *weights) {
  const nd_rows *rows = t->rows;
  double sum = 0, *weight = t->work->tile_values;
  if (weights->step > 0) rows->kernels->widen(weight, weights->at, t->count);
  const double *rounding = widened(t, 0);
  for (size_t i = 0; i < t->count; i++)
    sum += rounding[i] * (weights->step > 0 ? weight[i] : 1);
  for (size_t k = 0; k < rows->residuals && weights->step > 0; k++)
    for (size_t i = 0; i < t->count; i++) {
      double *row = t->work->jacobian + (k * t->count + i) * t->down, root = sqrt(weight[i]);
      for (size_t j = 0; j <= rows->size; j++)
        row[j * t->right] *= root;
    }
  return sum;
}

static void clear_below(const tile *t, size_t count, size_t height) {
  for (size_t j = 0; j <= t->rows->size; j++)
    for (size_t i = count; i < height; i++)
      t->work->jacobian[i + j * t->right] = 0;
}

static double fold_tile(tile *t, const nd_operand *weights, double *factor) {
  const nd_rows *rows = t->rows;
  const size_t width = rows->size + 1, count = t->count * rows->residuals;
  const size_t height = (count + HEIGHTS - 1) / HEIGHTS * HEIGHTS;
  const bool by_columns = rows->head_count == 0 && rows->free_count == rows->size;
  t->down = by_columns ? 1 : width;
  t->right = by_columns ? height : 1;
  if (by_columns)
    clear_below(t, count, height);
  else
    memset(t->work->jacobian, 0, count * width * sizeof *t->work->jacobian);
  for (size_t k = 0; k < rows->residuals; k++)
    put_residual(t, k);
  double rounding = weigh(t, weights);
  if (by_columns)
    rows->exact->fold(width, factor, height, t->work->jacobian);
  else
    nd_qr_fold(width, factor, count, t->work->jacobian);
  return rounding;
}

void nd_rows_factor(const nd_rows *rows, nd_rows_workspace *work, const nd_block *block,
                    const double *w, double *factor, double *rounding) {
  const size_t width = rows->size + 1;
  memset(factor, 0, width * width * sizeof *factor);
  *rounding = 0;
  nd_rows_begin(rows, work, ND_TAIL_RESIDUAL, w, NULL);
  for (size_t at = 0; at < block->rows; at += rows->tile) {
    const size_t count = block->rows - at < rows->tile ? block->rows - at : rows->tile;
    nd_rows_tile(rows, work, block, ND_TAIL_RESIDUAL, at, count);
    const nd_operand weights = nd_block_weights(rows, work, block, at);
    tile t = {.rows = rows,
              .work = work,
              .x = nd_at(rows, block->x, at * rows->features),
              .count = count,
              .values = work->tile_values + rows->tile};
    *rounding += fold_tile(&t, &weights, factor);
  }
}
