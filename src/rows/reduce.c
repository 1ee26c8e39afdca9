/* The sum over blocks, the same to the last bit for any number of threads.
 *
 * Values of blocks are combined in the binary tree over block numbers aligned at powers of two: a
 * node covers blocks [a, a + 2^j) with a a multiple of 2^j, so a piece of the tree can be done by
 * anyone. Blocks are computed in windows by the pool and pushed in order; as in a binary counter,
 * one partial result a level is kept. Cost: log2(blocks) + window results of memory, and one
 * combination a block. The window changes memory alone, never the result. */
#include "rows/blocks.h"

#include <string.h>

enum { LEVELS = 64, WINDOW_BYTES = 1 << 21, WINDOW_MOST = 1024 };

typedef struct sum_tree {
  const nd_reduction *reduction;
  unsigned char *level[LEVELS]; /* made when first needed */
  bool full[LEVELS];
} sum_tree;

static void tree_free(sum_tree *tree) {
  for (size_t j = 0; j < LEVELS; j++)
    nd_free(tree->level[j]);
}

/* carried <- level j + carried, for each full level from 0, as a binary counter carries. */
static nadir_status push(sum_tree *tree, unsigned char *carried, nadir_error *error) {
  const nd_reduction *r = tree->reduction;
  size_t j = 0;
  for (; tree->full[j]; j++) {
    r->combine(r, tree->level[j], carried);
    memcpy(carried, tree->level[j], r->bytes);
    tree->full[j] = false;
  }
  if (tree->level[j] == NULL) tree->level[j] = nd_new(1, r->bytes, error);
  if (tree->level[j] == NULL) return NADIR_NO_MEMORY;
  memcpy(tree->level[j], carried, r->bytes);
  tree->full[j] = true;
  return NADIR_OK;
}

static void finish(sum_tree *tree, void *total) {
  const nd_reduction *r = tree->reduction;
  unsigned char *right = NULL;
  memset(total, 0, r->bytes);
  for (size_t j = 0; j < LEVELS; j++) {
    if (!tree->full[j]) continue;
    if (right != NULL) r->combine(r, tree->level[j], right);
    right = tree->level[j];
  }
  if (right != NULL) memcpy(total, right, r->bytes);
}

typedef struct block_window {
  const nd_reduction *reduction;
  size_t first;
  unsigned char *slots;
} block_window;

static nadir_status one_block(void *context, size_t i, size_t worker, nadir_error *error) {
  block_window *now = context;
  const nd_reduction *r = now->reduction;
  return r->block(r->context, now->first + i, worker, now->slots + i * r->bytes, error);
}

static size_t window_size(const nd_reduction *reduction, const nd_pool *pool) {
  size_t size = WINDOW_BYTES / (reduction->bytes + 1), least = nd_pool_threads(pool);
  if (size > WINDOW_MOST) size = WINDOW_MOST;
  if (size < least) size = least;
  return size < reduction->blocks ? size : reduction->blocks;
}

static nadir_status run(block_window *now, sum_tree *tree, size_t size, nd_pool *pool,
                        nadir_error *error) {
  const nd_reduction *r = now->reduction;
  for (now->first = 0; now->first < r->blocks; now->first += size) {
    size_t count = r->blocks - now->first < size ? r->blocks - now->first : size;
    memset(now->slots, 0, count * r->bytes);
    ND_TRY(nd_pool_run(pool, count, one_block, now, error));
    for (size_t i = 0; i < count; i++)
      ND_TRY(push(tree, now->slots + i * r->bytes, error));
  }
  return NADIR_OK;
}

nadir_status nd_reduce(const nd_reduction *reduction, nd_pool *pool, void *total,
                       nadir_error *error) {
  if (reduction->blocks == 1) { /* there is nothing to add */
    ND_TRY(nd_go_on(nd_pool_until(pool), error));
    memset(total, 0, reduction->bytes);
    return reduction->block(reduction->context, 0, 0, total, error);
  }
  size_t size = window_size(reduction, pool);
  sum_tree sums = {.reduction = reduction};
  block_window now = {.reduction = reduction, .slots = nd_new(size, reduction->bytes, error)};
  nadir_status status = now.slots == NULL ? NADIR_NO_MEMORY : run(&now, &sums, size, pool, error);
  if (status == NADIR_OK) finish(&sums, total);
  tree_free(&sums);
  nd_free(now.slots);
  return status;
}

void nd_combine_sums(const nd_reduction *reduction, void *into, void *more) {
  double *a = into;
  const double *b = more;
  for (size_t i = 0; i < reduction->bytes / sizeof *a; i++)
    a[i] += b[i];
}
