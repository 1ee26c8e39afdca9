/* The order in which stochastic descent sees the rows. A sampler turns positions of an epoch into
 * picks (block, row); it holds no row and depends on nothing but the seed, the epoch and the
 * numbers of rows in the blocks, so the same run sees the same rows whatever the threads, and can
 * be taken up at any epoch, and at any position in it.
 *
 *   none    as they come in the table
 *   block   the blocks in random order, and the rows of each in random order: near in memory and on
 *           disk, and mixed enough unless neighbouring rows are alike in blocks
 *   full    one random order of all rows (a keyed permutation, no memory)
 *   draw    each pick independent of all others: rows repeat, as in the theory of stochastic
 *           approximation
 *
 * Costs 8 bytes a block; a pick of full or draw is a search among the blocks. */
#include <string.h>

#include "base/permutation.h"
#include "rows/rows.h"

struct nd_sampler {
  nd_row_order order;
  uint64_t seed, total, position, epoch;
  size_t blocks;
  bool begun;
  uint64_t *first;         /* number of rows before each block; blocks + 1 of them */
  uint32_t *block_order;   /* ND_SHUFFLE_BLOCK: this epoch's */
  uint32_t *row_order;     /* ... and of the rows in the block now open */
  size_t block_at, row_at; /* positions in those */
  nd_random draws;
  nd_permutation all; /* ND_SHUFFLE_FULL: this epoch's order */
};

static nadir_status take_memory(nd_sampler *sampler, const uint32_t *block_rows,
                                nadir_error *error) {
  uint32_t largest = 1;
  sampler->first = nd_new(sampler->blocks + 1, sizeof *sampler->first, error);
  if (!sampler->first) return NADIR_NO_MEMORY;
  for (size_t b = 0; b < sampler->blocks; b++) {
    sampler->first[b + 1] = sampler->first[b] + block_rows[b];
    if (block_rows[b] > largest) largest = block_rows[b];
  }
  sampler->total = sampler->first[sampler->blocks];
  sampler->block_order = nd_new(sampler->blocks, sizeof *sampler->block_order, error);
  sampler->row_order = nd_new(largest, sizeof *sampler->row_order, error);
  return sampler->block_order && sampler->row_order ? NADIR_OK : NADIR_NO_MEMORY;
}

nadir_status nd_sampler_new(nd_sampler **sampler, const uint32_t *block_rows, size_t blocks,
                            nd_row_order order, uint64_t seed, nadir_error *error) {
  nd_sampler *made = *sampler = nd_new(1, sizeof *made, error);
  if (!made) return NADIR_NO_MEMORY;
  made->order = order;
  made->seed = seed;
  made->blocks = blocks;
  nadir_status status = take_memory(made, block_rows, error);
  if (status != NADIR_OK) {
    nd_sampler_free(made);
    *sampler = NULL;
  }
  return status;
}

void nd_sampler_free(nd_sampler *sampler) {
  if (!sampler) return;
  nd_free(sampler->first);
  nd_free(sampler->block_order);
  nd_free(sampler->row_order);
  nd_free(sampler);
}

static uint32_t rows_of(const nd_sampler *sampler, size_t block) {
  return (uint32_t)(sampler->first[block + 1] - sampler->first[block]);
}

/* The rows of the block now open, in this epoch's order: a stream of its own for each block. */
static void open_block(nd_sampler *sampler) {
  uint32_t block = sampler->block_order[sampler->block_at], rows = rows_of(sampler, block);
  for (uint32_t i = 0; i < rows; i++)
    sampler->row_order[i] = i;
  if (sampler->order == ND_SHUFFLE_BLOCK) {
    nd_random random =
        nd_random_stream(sampler->seed, ND_FOR_SHUFFLE, sampler->epoch, (uint64_t)block + 1);
    nd_random_permute(&random, sampler->row_order, rows);
  }
  sampler->row_at = 0;
}

static void begin_epoch(nd_sampler *sampler, uint64_t epoch) {
  sampler->begun = true;
  sampler->epoch = epoch;
  sampler->position = 0;
  sampler->block_at = 0;
  for (size_t b = 0; b < sampler->blocks; b++)
    sampler->block_order[b] = (uint32_t)b;
  if (sampler->order == ND_SHUFFLE_BLOCK) {
    nd_random random = nd_random_stream(sampler->seed, ND_FOR_SHUFFLE, epoch, 0);
    nd_random_permute(&random, sampler->block_order, sampler->blocks);
  }
  sampler->all = nd_permutation_of(sampler->seed, epoch, sampler->total);
  if (sampler->order == ND_SHUFFLE_DRAW)
    sampler->draws = nd_random_stream(sampler->seed, ND_FOR_DRAW, epoch, 0);
  if (sampler->blocks) open_block(sampler);
}

/* Of one block, `count` at most; how many. */
static size_t next_of_block(nd_sampler *sampler, nd_pick *picks, size_t count) {
  while (sampler->row_at == rows_of(sampler, sampler->block_order[sampler->block_at])) {
    sampler->block_at++;
    open_block(sampler);
  }
  const uint32_t block = sampler->block_order[sampler->block_at];
  const uint32_t *rows = sampler->row_order + sampler->row_at;
  const size_t left = rows_of(sampler, block) - sampler->row_at;
  if (count > left) count = left;
  for (size_t i = 0; i < count; i++)
    picks[i] = (nd_pick){block, rows[i]};
  sampler->row_at += count;
  return count;
}

/* The block that holds row `row` of all: the last whose first row is not past it. Where all blocks are as large as the
 * first, the first guess is right. */
static nd_pick pick_of(const nd_sampler *sampler, uint64_t row) {
  const uint64_t guess = rows_of(sampler, 0) > 0 ? row / rows_of(sampler, 0) : 0;
  size_t low = 0, high = sampler->blocks;
  if (guess < high && sampler->first[guess] <= row && row < sampler->first[guess + 1])
    low = (size_t)guess, high = low + 1;
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (sampler->first[middle] <= row)
      low = middle;
    else
      high = middle;
  }
  return (nd_pick){(uint32_t)low, (uint32_t)(row - sampler->first[low])};
}

/* The picks from the sampler's position on, some of `count` (one, at least). */
static size_t next_picks(nd_sampler *sampler, nd_pick *picks, size_t count) {
  switch (sampler->order) {
  case ND_SHUFFLE_FULL:
    *picks = pick_of(sampler,
                     nd_permuted(&sampler->all, sampler->position));
    return 1;
  case ND_SHUFFLE_DRAW:
    *picks = pick_of(sampler, nd_random_below(&sampler->draws, sampler->total));
    return 1;
  case ND_SHUFFLE_NONE:
  case ND_SHUFFLE_BLOCK:
    break;
  }
  return next_of_block(sampler, picks, count);
}

nadir_status nd_sampler_next(nd_sampler *sampler, uint64_t epoch, nd_pick *picks, size_t count,
                             size_t *got, nadir_error *error) {
  if (sampler->blocks > UINT32_MAX)
    return nd_fail(error, NADIR_BAD_DATA,
                   "table: it has too many rows to shuffle: set batch to all");
  if (!sampler->begun || sampler->epoch != epoch) begin_epoch(sampler, epoch);
  uint64_t left = sampler->total - sampler->position;
  *got = left < count ? (size_t)left : count;
  for (size_t i = 0, some; i < *got; i += some, sampler->position += some)
    some = next_picks(sampler, picks + i, *got - i);
  return NADIR_OK;
}

/* ---- taking up an epoch ---- */

uint64_t nd_sampler_position(const nd_sampler *sampler, uint64_t epoch) {
  return sampler->begun && sampler->epoch == epoch ? sampler->position : 0;
}

/* Whole blocks are passed over without their orders. */
static void pass_over_rows(nd_sampler *sampler, uint64_t rows) {
  while (rows >= rows_of(sampler, sampler->block_order[sampler->block_at]) &&
         sampler->block_at + 1 < sampler->blocks)
    rows -= rows_of(sampler, sampler->block_order[sampler->block_at++]);
  open_block(sampler);
  sampler->row_at = (size_t)rows;
}

void nd_sampler_seek(nd_sampler *sampler, uint64_t epoch, uint64_t position) {
  if (position > sampler->total) position = sampler->total;
  begin_epoch(sampler, epoch);
  sampler->position = position;
  switch (sampler->order) {
  case ND_SHUFFLE_FULL:
    break;
  case ND_SHUFFLE_DRAW:
    for (uint64_t i = 0; i < position; i++)
      (void)nd_random_below(&sampler->draws, sampler->total);
    break;
  case ND_SHUFFLE_NONE:
  case ND_SHUFFLE_BLOCK:
    if (sampler->blocks) pass_over_rows(sampler, position);
    break;
  }
}
