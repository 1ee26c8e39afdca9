/* What several processes do together, by messages from one to another.
 *
 * Down goes what rank 0 has, up what the ranks have, both along the binomial tree: the parent of a rank is the rank
 * without its lowest bit, so that each level of the tree has ranks [r, r + 2^k) below rank r, and a share of an
 * array below it is in one piece. Each costs log2(ranks) messages one after the other. */
#include "base/ranks.h"

#include <string.h>

/* The lowest bit of a rank; of rank 0 the first power of two that is no less than the count. */
static size_t reach_of(const nd_ranks *ranks) {
  size_t rank = nd_rank(ranks), bit = 1;
  while (rank ? !(rank & bit) : bit < nd_rank_count(ranks))
    bit *= 2;
  return bit;
}

nadir_status nd_ranks_share(nd_ranks *ranks, void *data, size_t bytes, nadir_error *error) {
  size_t rank = nd_rank(ranks), count = nd_rank_count(ranks), bit = reach_of(ranks);
  if (rank) ND_TRY(nd_rank_receive(ranks, rank - bit, data, bytes, error));
  while (bit /= 2)
    if (rank + bit < count) nd_rank_send(ranks, rank + bit, data, bytes);
  return NADIR_OK;
}

/* The first failure of the ranks below this one, in their order, into *all where that has none. */
static nadir_status gather_failures(nd_ranks *ranks, nadir_error *all, nadir_error *error) {
  size_t rank = nd_rank(ranks), count = nd_rank_count(ranks), reach = reach_of(ranks);
  for (size_t bit = 1; bit < reach && rank + bit < count; bit *= 2) {
    nadir_error below;
    ND_TRY(nd_rank_receive(ranks, rank + bit, &below, sizeof below, error));
    if (all->status == NADIR_OK) *all = below;
  }
  if (rank) nd_rank_send(ranks, rank - reach, all, sizeof *all);
  return NADIR_OK;
}

nadir_status nd_ranks_agree(nd_ranks *ranks, nadir_status status, nadir_error *error) {
  if (nd_rank_count(ranks) == 1) return status;
  nadir_error all = {.status = NADIR_OK};
  if (status != NADIR_OK && error) all = *error;
  all.status = status;
  ND_TRY(gather_failures(ranks, &all, error));
  ND_TRY(nd_ranks_share(ranks, &all, sizeof all, error));
  if (all.status != NADIR_OK && error) *error = all;
  return all.status;
}

nadir_status nd_ranks_fill(nd_ranks *ranks, void *array, size_t count, size_t size,
                           nadir_error *error) {
  size_t rank = nd_rank(ranks), ends = nd_rank_count(ranks), reach = reach_of(ranks);
  char *bytes = array;
  for (size_t bit = 1; bit < reach && rank + bit < ends; bit *= 2) {
    size_t end = rank + 2 * bit < ends ? rank + 2 * bit : ends;
    size_t first = nd_rank_first(ranks, rank + bit, count), last = nd_rank_first(ranks, end, count);
    ND_TRY(nd_rank_receive(ranks, rank + bit, bytes + first * size, (last - first) * size, error));
  }
  if (rank) {
    size_t end = rank + reach < ends ? rank + reach : ends;
    size_t first = nd_rank_first(ranks, rank, count), last = nd_rank_first(ranks, end, count);
    nd_rank_send(ranks, rank - reach, bytes + first * size, (last - first) * size);
  }
  return nd_ranks_share(ranks, array, count * size, error);
}

nadir_status nd_ranks_sum(nd_ranks *ranks, uint64_t *counts, size_t count, nadir_error *error) {
  size_t rank = nd_rank(ranks), ends = nd_rank_count(ranks), reach = reach_of(ranks);
  if (ends == 1) return NADIR_OK;
  uint64_t *below = nd_new(count, sizeof *below, error);
  nadir_status status = below ? NADIR_OK : NADIR_NO_MEMORY;
  for (size_t bit = 1; status == NADIR_OK && bit < reach && rank + bit < ends; bit *= 2) {
    status = nd_rank_receive(ranks, rank + bit, below, count * sizeof *below, error);
    for (size_t i = 0; i < count && status == NADIR_OK; i++)
      counts[i] += below[i];
  }
  nd_free(below);
  ND_TRY(status);
  if (rank) nd_rank_send(ranks, rank - reach, counts, count * sizeof *counts);
  return nd_ranks_share(ranks, counts, count * sizeof *counts, error);
}

/* ---- shares ---- */

/* The number in [low, high] that the highest power of two divides. */
static size_t roundest(size_t low, size_t high) {
  size_t round = low;
  for (size_t unit = 1; unit && unit <= high; unit *= 2) {
    size_t next = (low + unit - 1) / unit * unit;
    if (next <= high) round = next;
  }
  return round;
}

size_t nd_share_first(size_t share, size_t shares, size_t count) {
  enum { EVEN_TO = 32 };
  size_t even = count / shares, rest = count % shares;
  if (share == 0 || share >= shares) return share ? count : 0;
  size_t at = even * share + (rest * share + shares - 1) / shares, slack = even / EVEN_TO;
  return roundest(at - slack, at + slack);
}

size_t nd_rank_first(const nd_ranks *ranks, size_t rank, size_t count) {
  return nd_share_first(rank, nd_rank_count(ranks), count);
}

size_t nd_rank_owner(const nd_ranks *ranks, size_t count, size_t i) {
  size_t low = 0, high = nd_rank_count(ranks);
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (nd_rank_first(ranks, middle, count) <= i)
      low = middle;
    else
      high = middle;
  }
  return low;
}

/* ---- as nadir.h has it ---- */

size_t nadir_ranks_count(const nadir_ranks *ranks) {
  return nd_rank_count(ranks);
}

size_t nadir_ranks_number(const nadir_ranks *ranks) {
  return nd_rank(ranks);
}
