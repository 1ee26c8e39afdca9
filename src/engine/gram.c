/* gram: the Hessian of the sum over the rows of a block.
 *
 * With h = d2 l / d eta_k d eta_m of each row, the block of heads k and m is X_k' diag(h) X_m. One
 * row of it is X_m' (h x_a), which is the gradient's kernel with another factor; rows a of one head
 * with itself take only the columns from a on. Free parameters and intercepts are features that
 * are 1. Costs size^2 / 2 multiply-adds a row. */
#include <string.h>

#include "rows_internal.h"

typedef struct tile {
  const nd_rows *rows;
  nd_rows_workspace *work;
  const void *x;
  size_t count;
  double *hessian;
} tile;

/* hessian[row][features of head m from `skip` on] += sum_i r_i x_i */
static void add_features(const tile *t, const void *r, size_t row, const nd_head *m, size_t skip) {
  const nd_rows *rows = t->rows;
  const size_t count = m->features - skip, lanes = rows->layout->lanes;
  if (count == 0) return;
  double *to = t->hessian + row * rows->size + m->first_weight + skip;
  double *sums = t->work->sums;
  memset(sums, 0, count * lanes * sizeof *sums);
  rows->layout->sum(t->x, rows->features, m->first_feature + skip, count, r, t->count, sums,
                    &(nd_ahead){0});
  for (size_t j = 0; j < count; j++)
    to[j] += nd_add_lanes(sums + j * lanes, lanes);
}

static double sum_of(const tile *t, const void *r) {
  const nd_operand value = {r, t->rows->kernels->lanes}, one = {t->work->one, 0};
  return t->rows->kernels->weigh(t->work->r, &value, &one, t->count);
}

/* Heads k and m; work->h holds the factor, sum_h its sum. */
static void add_heads(const tile *t, size_t k, size_t m, double sum_h) {
  const nd_rows *rows = t->rows;
  const nd_head *left = &rows->heads[k], *right = &rows->heads[m];
  for (size_t a = 0; a < left->features; a++) {
    rows->layout->column(t->x, rows->features, left->first_feature + a, t->work->h, t->work->r,
                         t->count);
    const size_t row = left->first_weight + a;
    add_features(t, t->work->r, row, right, k == m ? a : 0);
    if (right->intercept != SIZE_MAX)
      t->hessian[row * rows->size + right->intercept] += sum_of(t, t->work->r);
  }
  if (left->intercept == SIZE_MAX) return;
  if (k != m) add_features(t, t->work->h, left->intercept, right, 0);
  if (right->intercept != SIZE_MAX)
    t->hessian[left->intercept * rows->size + right->intercept] += sum_h;
}

/* Second derivative by variables i >= j of (etas, free parameters). */
static void add_pair(const tile *t, size_t i, size_t j, double sum_h) {
  const nd_rows *rows = t->rows;
  if (i < rows->head_count) {
    add_heads(t, i, j, sum_h);
    return;
  }
  const size_t row = rows->free_index[i - rows->head_count];
  if (j >= rows->head_count) {
    t->hessian[row * rows->size + rows->free_index[j - rows->head_count]] += sum_h;
    return;
  }
  const nd_head *head = &rows->heads[j];
  add_features(t, t->work->h, row, head, 0);
  if (head->intercept != SIZE_MAX) t->hessian[row * rows->size + head->intercept] += sum_h;
}

static void add_tile(const tile *t, const nd_operand *weights) {
  const nd_rows *rows = t->rows;
  for (size_t i = 0, at = 0; i < rows->head_count + rows->free_count; i++)
    for (size_t j = 0; j <= i; j++, at++) {
      if (rows->second_is_zero[at]) continue;
      const nd_operand *second =
          nd_code_output(rows->tail[ND_TAIL_SECOND], &t->work->tail[ND_TAIL_SECOND], at);
      add_pair(t, i, j, rows->kernels->weigh(t->work->h, second, weights, t->count));
    }
}

/* Each pair of components was added to at one of its two places. */
static void mirror(double *hessian, size_t size) {
  for (size_t a = 0; a < size; a++)
    for (size_t b = 0; b < a; b++)
      hessian[a * size + b] = hessian[b * size + a] = hessian[a * size + b] + hessian[b * size + a];
}

void nd_rows_hessian(const nd_rows *rows, nd_rows_workspace *work, const nd_block *block,
                     const double *w, double *hessian) {
  memset(hessian, 0, rows->size * rows->size * sizeof *hessian);
  nd_rows_begin(rows, work, ND_TAIL_SECOND, w, NULL);
  for (size_t at = 0; at < block->rows; at += rows->tile) {
    const size_t count = block->rows - at < rows->tile ? block->rows - at : rows->tile;
    nd_rows_tile(rows, work, block, ND_TAIL_SECOND, w, NULL, at, count);
    const nd_operand weights = nd_block_weights(rows, work, block, at);
    const tile t = {rows, work, nd_at(rows, block->x, at * rows->features), count, hessian};
    add_tile(&t, &weights);
  }
  mirror(hessian, rows->size);
}
