/* near: picked rows, brought near.
 *
 * Rows that lie by rows are used where they are, and kernels ask for the memory of those to come. Of a block in
 * panels all rows are copied, one after another, into lines that fit the second-level cache, when many picks of it
 * follow one another; else each row, while the lines of later picks are on their way. What is stored with rows is
 * copied into a tile of each value. */
#include <string.h>

#include "stochastic_internal.h"

enum { RUN = 64 /* picks of one block for which it is worth its copy */ };

static bool lies_by_rows(const nd_rows *rows) {
  return rows->layout->lines == NULL || rows->features == 0;
}

nadir_status nd_near_new(nd_near *near, const nd_rows *rows, nadir_error *error) {
  const size_t size = rows->kernels->size, most = ND_TILE_BYTES / size + 1 + ND_NEAR_AHEAD;
  near->stride = nd_line_up(rows->features + 1, size);
  near->row = nd_new(most, sizeof *near->row, error);
  near->values = nd_new(rows->stored + 1, ND_TILE_BYTES, error);
  near->weights = nd_new(1, ND_TILE_BYTES, error);
  near->stretches = nd_new(rows->stored + 1, sizeof *near->stretches, error);
  if (!near->row || !near->values || !near->weights || !near->stretches) return NADIR_NO_MEMORY;
  if (lies_by_rows(rows)) return NADIR_OK;
  near->copies = nd_new((most + 2) * near->stride, size, error); /* rows are read past their end */
  if (!near->copies) return NADIR_NO_MEMORY;
  if (!rows->by_batches) return NADIR_OK;
  near->lines = nd_new((ND_BLOCK_ROWS + 2) * near->stride, size, error);
  return near->lines ? NADIR_OK : NADIR_NO_MEMORY;
}

void nd_near_clear(nd_near *near) {
  nd_free((void *)near->row), nd_free(near->values), nd_free(near->weights);
  nd_free(near->copies), nd_free(near->lines), nd_free(near->stretches);
}

/* ---- features ---- */

/* Whether picks from `at` on are of one block for so long that all of it is copied. */
static bool is_run(const nd_picked *p, size_t at) {
  if (p->count - at < RUN) return false;
  for (size_t i = at + RUN - 1; i > at; i--)
    if (p->picks[i].block != p->picks[at].block) return false;
  return true;
}

/* The block of all these picks; NULL where there are several. */
static const nd_block *only_block(const nd_picked *p, size_t at, size_t count) {
  const uint32_t first = p->picks[at].block;
  uint32_t other = 0;
  for (size_t i = at; i < at + count; i++) /* without an end on the way, so that vectors serve */
    other |= p->picks[i].block ^ first;
  return other == 0 ? p->blocks[first] : NULL;
}

static const unsigned char *values_in(const nd_rows *rows, const nd_block *block, size_t s) {
  return nd_stored(rows, block, s, 0).at;
}

/* Others are read by second derivatives, say. */
static bool is_read(const nd_rows *rows, size_t s) {
  return rows->tail[ND_TAIL_GRADIENT]->reads[s];
}

static bool is_near(const nd_near *near, const nd_block *block) {
  return near->block == block && near->loading == block->loading;
}

static void ask_for(const nd_rows *rows, const nd_picked *p, size_t at) {
  if (at >= p->count) return;
  const nd_pick pick = p->picks[at];
  const nd_block *block = p->blocks[pick.block];
  rows->layout->prefetch(block->x, rows->features, pick.row);
  for (size_t s = 0; s < rows->stored; s++)
    if (is_read(rows, s)) __builtin_prefetch(nd_stored(rows, block, s, pick.row).at);
}

/* What kernels ask for while they go over the rows of a block: the block after it, in the order of memory. In the order
 * of picks each line of what is stored would be waited for. */
static void plan_ahead(const nd_rows *rows, nd_near *near, const nd_picked *p, size_t at) {
  const uint32_t now = p->picks[at].block;
  nd_stretch *stretch = near->stretches;
  nd_ahead *ahead = &near->ahead;
  size_t after = at;
  while (after < p->count && p->picks[after].block == now)
    after++;
  *ahead = (nd_ahead){.next = stretch, .rows = after - at};
  if (after == p->count || !is_run(p, after)) return;
  const nd_block *block = p->blocks[p->picks[after].block];
  const size_t lines = nd_line_up(block->rows, rows->kernels->size) * rows->kernels->size / ND_LINE_BYTES;
  *stretch++ = (nd_stretch){block->x, lines * rows->features};
  for (size_t s = 0; s < rows->stored; s++)
    if (is_read(rows, s)) *stretch++ = (nd_stretch){values_in(rows, block, s), lines};
  for (const nd_stretch *of = near->stretches; of < stretch; of++)
    ahead->lines += of->lines;
  ahead->now = *ahead->next++;
}

static bool copy_block(const nd_rows *rows, nd_near *near, const nd_picked *p, size_t at) {
  const nd_block *block = p->blocks[p->picks[at].block];
  if (is_near(near, block)) return true;
  if (!near->lines || !is_run(p, at)) return false;
  plan_ahead(rows, near, p, at);
  rows->layout->lines(block->x, rows->features, 0, block->rows, near->lines, near->stride);
  near->block = block, near->loading = block->loading;
  return true;
}

static void find_in_panels(const nd_rows *rows, nd_near *near, const nd_picked *p, size_t at,
                           size_t count) {
  if (only_block(p, at, count) && copy_block(rows, near, p, at)) {
    for (size_t i = 0; i < count; i++)
      near->row[i] = nd_at(rows, near->lines, p->picks[at + i].row * near->stride);
    return;
  }
  bool used = false; /* rows are found in the lines, which no other block may take until the next call */
  for (size_t i = 0; i < count; i++) {
    const nd_pick pick = p->picks[at + i];
    if (used ? is_near(near, p->blocks[pick.block]) : copy_block(rows, near, p, at + i)) {
      near->row[i] = nd_at(rows, near->lines, pick.row * near->stride);
      used = true;
      continue;
    }
    unsigned char *copy = nd_at(rows, near->copies, i * near->stride);
    ask_for(rows, p, at + i + ND_NEAR_AHEAD);
    rows->layout->lines(p->blocks[pick.block]->x, rows->features, pick.row, 1, copy, near->stride);
    near->row[i] = copy;
  }
}

size_t nd_near_rows(const nd_rows *rows, nd_near *near, const nd_picked *p, size_t at, size_t count) {
  const size_t left = p->count - at;
  if (!lies_by_rows(rows)) {
    find_in_panels(rows, near, p, at, count);
    return count;
  }
  const size_t known = left < count + ND_NEAR_AHEAD ? left : count + ND_NEAR_AHEAD;
  for (size_t i = 0; i < known; i++) {
    const nd_pick pick = p->picks[at + i];
    near->row[i] = nd_at(rows, p->blocks[pick.block]->x, pick.row * rows->features);
  }
  return known;
}

/* ---- what is stored with rows ---- */

/* Of picked rows from the values of their one block. */
static void gather_from(const void *from, void *to, const nd_pick *picks, size_t count, size_t size) {
  if (size == sizeof(float))
    for (size_t i = 0; i < count; i++)
      nd_copy_number(to, i, from, picks[i].row, sizeof(float));
  else
    for (size_t i = 0; i < count; i++)
      nd_copy_number(to, i, from, picks[i].row, sizeof(double));
}

/* Stored value `s`; what is left of the last vector is like the last row, since it is computed with. */
static void gather_value(const nd_rows *rows, unsigned char *to, const nd_picked *p, size_t at,
                         size_t count, size_t s, const nd_block *only) {
  const size_t size = rows->kernels->size;
  const nd_pick *picks = p->picks + at;
  if (only)
    gather_from(values_in(rows, only, s), to, picks, count, size);
  else
    for (size_t i = 0; i < count; i++)
      nd_copy_number(to, i, values_in(rows, p->blocks[picks[i].block], s), picks[i].row, size);
  for (size_t i = count; i < nd_line_up(count, size); i++)
    nd_copy_number(to, i, to, count - 1, size);
}

static void gather_weights(const nd_rows *rows, unsigned char *to, const nd_picked *p, size_t at,
                           size_t count, const nd_block *only) {
  const size_t size = rows->kernels->size;
  const nd_pick *picks = p->picks + at;
  if (only) {
    gather_from(only->weights, to, picks, count, size);
    return;
  }
  for (size_t i = 0; i < count; i++) {
    const nd_block *block = p->blocks[picks[i].block];
    if (block->weighted)
      nd_copy_number(to, i, block->weights, picks[i].row, size);
    else
      nd_set_number(to, i, 1, size);
  }
}

void nd_near_values(const nd_rows *rows, nd_near *near, const nd_picked *p, size_t at, size_t count) {
  const nd_block *only = only_block(p, at, count);
  for (size_t s = 0; s < rows->stored; s++)
    if (is_read(rows, s)) gather_value(rows, near->values + s * ND_TILE_BYTES, p, at, count, s, only);
  near->weighted = !only || only->weighted;
  if (near->weighted) gather_weights(rows, near->weights, p, at, count, only);
}

/* ---- a tail over them ---- */

static nd_operand near_weights(const nd_rows *rows, const nd_rows_workspace *work) {
  return work->near.weighted ? (nd_operand){work->near.weights, rows->kernels->lanes} : (nd_operand){work->one, 0};
}

void nd_near_run(const nd_rows *rows, nd_rows_workspace *work, nd_tail tail, size_t count) {
  nd_operand *operands = work->tail[tail].operands;
  if (rows->tail[tail]->sums > 0) operands[rows->tail[tail]->weights] = near_weights(rows, work);
  for (size_t s = 0; s < rows->stored; s++)
    operands[s].at = work->near.values + s * ND_TILE_BYTES;
  for (size_t k = 0; k < rows->head_count; k++)
    operands[rows->stored + k].at = work->eta + k * ND_TILE_BYTES;
  nd_code_run(rows->tail[tail], &work->tail[tail], count);
}

double nd_near_weigh(const nd_rows *rows, nd_rows_workspace *work, nd_tail tail, size_t o,
                     size_t count) {
  const nd_code *code = rows->tail[tail];
  const nd_operand weights = near_weights(rows, work);
  if (code->summed[o]) return nd_code_sum(code, &work->tail[tail], o);
  return rows->kernels->weigh(work->r, nd_code_output(code, &work->tail[tail], o), &weights, count);
}
