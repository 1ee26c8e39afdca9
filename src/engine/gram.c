/* gram: the Hessian of the sum over the rows of a block.
 *
 * With h = d2 l / d eta_k d eta_m of each row, the block of heads k and m is X_k' diag(h) X_m
 * (level/products.c), of a head with itself each pair once. Free parameters and intercepts are features
 * that are 1: theirs is X_m' h (nd_layout.sum). Costs size^2 / 2 multiply-adds a row; the second
 * derivatives of some tiles are kept, so that products are of many rows at once. */
#include <string.h>

#include "rows_internal.h"

/* Some tiles of rows. */
typedef struct tiles {
  const nd_rows *rows;
  nd_rows_workspace *work;
  const unsigned char *x; /* T */
  size_t count;
  const unsigned char *h; /* T: the second derivative of each, times its weight */
  double sum_h;
  double *hessian;
} tiles;

static double *place(const tiles *s, size_t a, size_t b) {
  return s->hessian + a * s->rows->size + b;
}

/* hessian[row][features and intercept of a head] += sum_i h_i x_i, x 1 for the intercept */
static void add_head(const tiles *s, size_t row, const nd_head *head) {
  const nd_layout *layout = s->rows->layout;
  const size_t features = s->rows->features, size = s->rows->kernels->size;
  double *to = place(s, row, head->first_weight), *sums = s->work->sums;
  if (head->features > 0) {
    memset(sums, 0, head->features * layout->lanes * sizeof *sums);
    for (size_t at = 0, some; at < s->count; at += some) {
      some = s->count - at < ND_TERMS ? s->count - at : ND_TERMS;
      layout->sum(s->x + at * features * size, features, head->first_feature, head->features,
                  s->h + at * size, some, sums);
    }
  }
  for (size_t j = 0; j < head->features; j++)
    to[j] += nd_add_lanes(sums + j * layout->lanes, layout->lanes);
  if (head->intercept != SIZE_MAX) *place(s, row, head->intercept) += s->sum_h;
}

static void add_heads(const tiles *s, size_t k, size_t m) {
  const nd_head *left = &s->rows->heads[k], *right = &s->rows->heads[m];
  const nd_products products = {.x = s->x,
                                .features = s->rows->features,
                                .rows = s->count,
                                .h = s->h,
                                .left = left->first_feature,
                                .left_count = left->features,
                                .right = right->first_feature,
                                .right_count = right->features,
                                .same = k == m,
                                .to = place(s, left->first_weight, right->first_weight),
                                .stride = s->rows->size,
                                .room = s->work->products};
  if (left->features > 0 && right->features > 0) s->rows->layout->products(&products);
  if (left->intercept != SIZE_MAX) add_head(s, left->intercept, right);
  if (right->intercept == SIZE_MAX || k == m) return;
  const nd_head features_alone = {.first_feature = left->first_feature,
                                  .features = left->features,
                                  .first_weight = left->first_weight,
                                  .intercept = SIZE_MAX};
  add_head(s, right->intercept, &features_alone);
}

/* Second derivative by variables i >= j of (etas, free parameters). */
static void add_pair(const tiles *s, size_t i, size_t j) {
  const nd_rows *rows = s->rows;
  if (i < rows->head_count) {
    add_heads(s, i, j);
    return;
  }
  const size_t row = rows->free_index[i - rows->head_count];
  if (j < rows->head_count)
    add_head(s, row, &rows->heads[j]);
  else
    *place(s, row, rows->free_index[j - rows->head_count]) += s->sum_h;
}

static void add_pairs(tiles *s) {
  const nd_rows *rows = s->rows;
  const size_t variables = rows->head_count + rows->free_count;
  for (size_t i = 0, pair = 0; i < variables; i++)
    for (size_t j = 0; j <= i; j++, pair++) {
      if (rows->second_is_zero[pair]) continue;
      s->h = nd_at(rows, s->work->second, pair * nd_products_rows(rows));
      s->sum_h = s->work->sum_second[pair];
      add_pair(s, i, j);
    }
}

/* The second derivatives, times weights, of rows [at, at + count), and their sums. */
static void find_second(const nd_rows *rows, nd_rows_workspace *work, const nd_block *block,
                        size_t begin, size_t end) {
  memset(work->sum_second, 0, rows->second_count * sizeof *work->sum_second);
  for (size_t at = begin, count; at < end; at += count) {
    count = end - at < rows->tile ? end - at : rows->tile;
    nd_rows_tile(rows, work, block, ND_TAIL_SECOND, at, count);
    const nd_operand weights = nd_block_weights(rows, work, block, at);
    for (size_t pair = 0; pair < rows->second_count; pair++) {
      if (rows->second_is_zero[pair]) continue;
      void *h = nd_at(rows, work->second, pair * nd_products_rows(rows) + at - begin);
      const nd_operand *second =
          nd_code_output(rows->tail[ND_TAIL_SECOND], &work->tail[ND_TAIL_SECOND], pair);
      work->sum_second[pair] += rows->kernels->weigh(h, second, &weights, count);
    }
  }
}

/* Each pair of components was added to at one of its two places. A square of places after another: one of the
 * two lies by columns. */
static void mirror(double *hessian, size_t size) {
  enum { SIDE = 16 };
  for (size_t row = 0; row < size; row += SIDE)
    for (size_t column = 0; column <= row; column += SIDE)
      for (size_t a = row; a < row + SIDE && a < size; a++)
        for (size_t b = column; b < column + SIDE && b < a; b++)
          hessian[a * size + b] = hessian[b * size + a] =
              hessian[a * size + b] + hessian[b * size + a];
}

void nd_rows_hessian(const nd_rows *rows, nd_rows_workspace *work, const nd_block *block,
                     const double *w, double *hessian) {
  const size_t most = nd_products_rows(rows);
  memset(hessian, 0, rows->size * rows->size * sizeof *hessian);
  nd_rows_begin(rows, work, ND_TAIL_SECOND, w, NULL);
  for (size_t at = 0; at < block->rows; at += most) {
    const size_t count = block->rows - at < most ? block->rows - at : most;
    find_second(rows, work, block, at, at + count);
    add_pairs(&(tiles){.rows = rows,
                       .work = work,
                       .x = nd_at(rows, block->x, at * rows->features),
                       .count = count,
                       .hessian = hessian});
  }
  mirror(hessian, rows->size);
}
