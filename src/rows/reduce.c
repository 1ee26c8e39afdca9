/* Passes over blocks: sums, the same to the last bit for any number of threads, and of ranks; and results block by
 * block.
 *
 * Values of blocks are combined in the binary tree over block numbers aligned at powers of two: a
 * node covers blocks [a, a + 2^j) with a a multiple of 2^j, so a piece of the tree can be done by
 * anyone. Blocks are computed in windows by the pool and pushed in order; as in a binary counter,
 * one partial result a level is kept. Cost: log2(blocks) + window results of memory, and one
 * combination a block. The window changes memory alone, never the result.
 *
 * Ranks have a share of the blocks each. A rank first computes the nodes that lie in its share and in no
 * larger one that does, at most two a level; then the nodes that lie in several shares are made from below, each
 * by the rank that has its first block, to which the other half is sent. The total ends at rank 0, which sends it to
 * all. With each result goes its status: the first failure takes the place of all that it is combined with, so that
 * all ranks have the error of the lowest block that failed. */
#include "base/ranks.h"
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

static size_t window_size(const nd_reduction *reduction, size_t blocks, const nd_pool *pool) {
  size_t size = WINDOW_BYTES / (reduction->bytes + 1), least = nd_pool_threads(pool);
  if (size > WINDOW_MOST) size = WINDOW_MOST;
  if (size < least) size = least;
  return size < blocks ? size : blocks;
}

static nadir_status run(block_window *now, sum_tree *tree, size_t end, size_t size, nd_pool *pool,
                        nadir_error *error) {
  const nd_reduction *r = now->reduction;
  for (; now->first < end; now->first += size) {
    size_t count = end - now->first < size ? end - now->first : size;
    memset(now->slots, 0, count * r->bytes);
    ND_TRY(nd_pool_run(pool, count, one_block, now, error));
    for (size_t i = 0; i < count; i++)
      ND_TRY(push(tree, now->slots + i * r->bytes, error));
  }
  return NADIR_OK;
}

/* The sum of blocks [first, end), which are those of a node or all that there are of it. */
static nadir_status reduce_node(const nd_reduction *reduction, size_t first, size_t end,
                                nd_pool *pool, void *total, nadir_error *error) {
  if (end - first == 1) { /* there is nothing to add; who asked for it asks whether to go on */
    memset(total, 0, reduction->bytes);
    return reduction->block(reduction->context, first, 0, total, error);
  }
  size_t size = window_size(reduction, end - first, pool);
  sum_tree sums = {.reduction = reduction};
  block_window now = {
      .reduction = reduction, .first = first, .slots = nd_new(size, reduction->bytes, error)};
  nadir_status status =
      now.slots == NULL ? NADIR_NO_MEMORY : run(&now, &sums, end, size, pool, error);
  if (status == NADIR_OK) finish(&sums, total);
  tree_free(&sums);
  nd_free(now.slots);
  return status;
}

/* ---- ranks ---- */

/* A result on its way, in one message with its status; the sums follow. What failed has none: an error is sent
 * after it. */
typedef struct partial {
  _Alignas(64) nadir_status status;
  _Alignas(64) unsigned char sums[];
} partial;

typedef struct shared_sum {
  const nd_reduction *reduction;
  nd_pool *pool;
  nd_ranks *ranks;
  size_t first, end; /* of this rank's share */
  size_t bytes;      /* of a partial result */
  unsigned char *
      memory; /* of what is received, then of the nodes that it has computed, by their first blocks */
  size_t next;       /* node */
  nadir_error error; /* of the first result that is none */
} shared_sum;

static partial *slot(const shared_sum *s, size_t i) {
  return (partial *)(void *)(s->memory + i * s->bytes);
}

static size_t node_end(const shared_sum *s, size_t first, size_t size) {
  size_t blocks = s->reduction->blocks;
  return blocks - first < size ? blocks : first + size;
}

/* Of the block that comes next the largest node that begins with it and lies in the share. */
static size_t largest_node(const shared_sum *s, size_t first) {
  size_t size = 1;
  while (first % (2 * size) == 0 && node_end(s, first, 2 * size) <= s->end &&
         first + size < s->reduction->blocks)
    size *= 2;
  return size;
}

static nadir_status take_memory(shared_sum *s, nadir_error *error) {
  size_t count = 1;
  for (size_t at = s->first; at < s->end; at = node_end(s, at, largest_node(s, at)))
    count++;
  size_t lines;
  if (!nd_add(s->reduction->bytes, 2 * sizeof(partial) - 1, &lines)) lines = SIZE_MAX;
  s->bytes = lines / sizeof(partial) * sizeof(partial);
  s->memory = nd_new(count, s->bytes, error);
  return s->memory ? NADIR_OK : NADIR_NO_MEMORY;
}

/* After a failure the rest of the share is not looked at: it comes later in the table. */
static void compute_share(shared_sum *s) {
  nadir_status status = NADIR_OK;
  for (size_t at = s->first, i = 1; at < s->end; i++) {
    size_t end = node_end(s, at, largest_node(s, at));
    if (status == NADIR_OK)
      status = reduce_node(s->reduction, at, end, s->pool, slot(s, i)->sums, &s->error);
    slot(s, i)->status = status;
    at = end;
  }
}

static nadir_status receive(shared_sum *s, size_t from, partial *to, nadir_error *error) {
  nadir_error theirs;
  ND_TRY(nd_rank_receive(s->ranks, from, to, s->bytes, error));
  if (to->status == NADIR_OK) return NADIR_OK;
  ND_TRY(nd_rank_receive(s->ranks, from, &theirs, sizeof theirs, error));
  if (s->error.status == NADIR_OK) s->error = theirs;
  return NADIR_OK;
}

static void send(shared_sum *s, size_t to, const partial *node) {
  nd_rank_send(s->ranks, to, node, s->bytes);
  if (node->status != NADIR_OK) nd_rank_send(s->ranks, to, &s->error, sizeof s->error);
}

static void combine(const shared_sum *s, partial *into, partial *more) {
  if (into->status == NADIR_OK && more->status == NADIR_OK)
    s->reduction->combine(s->reduction, into->sums, more->sums);
  else if (into->status == NADIR_OK)
    into->status = more->status;
}

/* The node [first, first + size) becomes *node, where this rank has its first block; else what this rank has of it
 * is sent away. */
static nadir_status put_together(shared_sum *s, size_t first, size_t size, partial **node,
                                 nadir_error *error) {
  size_t end = node_end(s, first, size), half = first + size / 2;
  if (first >= s->end || end <= s->first) return NADIR_OK;
  if (first >= s->first && end <= s->end) {
    *node = slot(s, ++s->next);
    return NADIR_OK;
  }
  partial *right = slot(s, 0);
  ND_TRY(put_together(s, first, size / 2, node, error));
  if (half >= end) return NADIR_OK;
  ND_TRY(put_together(s, half, size / 2, &right, error));
  size_t left_owner = nd_rank_owner(s->ranks, s->reduction->blocks, first);
  size_t right_owner = nd_rank_owner(s->ranks, s->reduction->blocks, half),
         rank = nd_rank(s->ranks);
  if (rank == right_owner && rank != left_owner) send(s, left_owner, right);
  if (rank != left_owner) return NADIR_OK;
  if (rank != right_owner) ND_TRY(receive(s, right_owner, right, error));
  combine(s, *node, right);
  return NADIR_OK;
}

static nadir_status tell_total(shared_sum *s, partial *all, void *total, nadir_error *error) {
  ND_TRY(nd_ranks_share(s->ranks, all, s->bytes, error));
  if (all->status == NADIR_OK) {
    memcpy(total, all->sums, s->reduction->bytes);
    return NADIR_OK;
  }
  ND_TRY(nd_ranks_share(s->ranks, &s->error, sizeof s->error, error));
  if (error) *error = s->error;
  return all->status;
}

static nadir_status reduce_shared(shared_sum *s, void *total, nadir_error *error) {
  size_t size = 1;
  ND_TRY(take_memory(s, error));
  partial *all = slot(s, 0);
  compute_share(s);
  while (size < s->reduction->blocks)
    size *= 2;
  ND_TRY(put_together(s, 0, size, &all, error));
  return tell_total(s, nd_rank(s->ranks) ? slot(s, 0) : all, total, error);
}

nadir_status nd_reduce_apart(const nd_reduction *reduction, nd_pool *pool, void *total,
                             nadir_error *error) {
  return reduce_node(reduction, 0, reduction->blocks, pool, total, error);
}

nadir_status nd_reduce(const nd_reduction *reduction, nd_pool *pool, void *total,
                       nadir_error *error) {
  nd_ranks *ranks = nd_pool_ranks(pool);
  size_t blocks = reduction->blocks, rank = nd_rank(ranks);
  if (nd_rank_count(ranks) == 1 || blocks == 0)
    return nd_reduce_apart(reduction, pool, total, error);
  shared_sum s = {.reduction = reduction,
                  .pool = pool,
                  .ranks = ranks,
                  .first = nd_rank_first(ranks, rank, blocks),
                  .end = nd_rank_first(ranks, rank + 1, blocks)};
  nadir_status status = reduce_shared(&s, total, error);
  nd_free(s.memory);
  return status;
}

nadir_status nd_map(const nd_reduction *reduction, nd_pool *pool, void *results,
                    nadir_error *error) {
  nd_ranks *ranks = nd_pool_ranks(pool);
  size_t first = nd_rank_first(ranks, nd_rank(ranks), reduction->blocks),
         end = nd_rank_first(ranks, nd_rank(ranks) + 1, reduction->blocks);
  block_window share = {.reduction = reduction,
                        .first = first,
                        .slots = (unsigned char *)results + first * reduction->bytes};
  nadir_status status = nd_pool_run(pool, end - first, one_block, &share, error);
  ND_TRY(nd_ranks_agree(ranks, status, error));
  return nd_ranks_fill(ranks, results, reduction->blocks, reduction->bytes, error);
}

void nd_combine_sums(const nd_reduction *reduction, void *into, void *more) {
  double *a = into;
  const double *b = more;
  for (size_t i = 0; i < reduction->bytes / sizeof *a; i++)
    a[i] += b[i];
}
