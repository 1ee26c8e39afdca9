/* See certain.h: the kernels of a layout, over a tile of a block. */
#include "engine/certain.h"
#include "rows_internal.h"

static const void *row_of(const nd_rows *rows, const nd_block *block, size_t at) {
  return nd_at(rows, block->x, at * rows->features);
}

void nd_block_predict(const nd_rows *rows, const nd_block *block, const nd_head *head, double intercept,
                      const double *weights, size_t at, size_t count, nd_certain_rows *of) {
  const size_t line = ND_LINE_BYTES / sizeof(float);
  for (size_t i = 0; i < (count + line - 1) / line * line; i++) {
    of->f[i] = intercept;
    of->size[i] = intercept < 0 ? -intercept : intercept;
    of->norm[i] = 0;
  }
  if (head->features > 0)
    rows->layout->predict(row_of(rows, block, at), rows->features, head->first_feature, head->features, weights,
                          count, of);
}

void nd_block_weigh(const nd_rows *rows, const nd_block *block, const nd_head *head, const double *slope,
                    const double *error, size_t at, size_t count, double *sums, double *errors) {
  if (head->features > 0)
    rows->layout->weigh(row_of(rows, block, at), rows->features, head->first_feature, head->features, slope, error,
                        count, sums, errors);
}

nd_numbers nd_block_kept(const nd_rows *rows, const nd_block *block, size_t at) {
  return nd_stored(rows, block, rows->kept, at);
}

bool nd_rows_keep(const nd_rows *rows) {
  return rows->kept != SIZE_MAX;
}
