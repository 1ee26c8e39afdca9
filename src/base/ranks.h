/* Several processes that do one piece of work together, each on a machine of its own or on a part of one.
 *
 * All of them run the same program on the same input and take the same way through it: what is small each does
 * for itself, what is large (a pass over the rows) each does a share of, and the shares are put together. What
 * could differ between them - the clock, a signal, memory that is there - rank 0 decides for all, or all agree on.
 * NULL stands for a process that is alone, which every function here takes: it costs it a comparison.
 *
 * Forbidden: to call them from a task of a pool, or from two threads. */
#ifndef ND_RANKS_H
#define ND_RANKS_H

#include "base/base.h"

typedef struct nadir_ranks nd_ranks;

size_t nd_rank_count(const nd_ranks *ranks); /* 1 for NULL */
size_t nd_rank(const nd_ranks *ranks);       /* 0 for NULL: this process */
size_t nd_ranks_here(
    const nd_ranks *ranks); /* 1 for NULL: those on this machine, which share its memory */

/* ---- from one to another (ranks_mpi.c) ---- */
/* In order, and each received by a call for as many bytes. A process that is lost, or goes another way than the
 * rest, ends all; receiving fails where one has ended by an error of its own, which is then its error. */
void nd_rank_send(nd_ranks *ranks, size_t to, const void *data, size_t bytes);
nadir_status nd_rank_receive(nd_ranks *ranks, size_t from, void *data, size_t bytes,
                             nadir_error *error);

/* How often rank 0 is asked whether work is over (until.c): not for so many questions. */
typedef struct nd_rank_pace {
  uint64_t skip, skipped;
  double told; /* when it last answered, by its nd_clock */
} nd_rank_pace;
nd_rank_pace *nd_ranks_pace(nd_ranks *ranks); /* NULL for NULL */

/* ---- all of them together (ranks.c), each by messages of log2(count) steps ---- */
/* What rank 0 has there becomes what all have. */
nadir_status nd_ranks_share(nd_ranks *ranks, void *data, size_t bytes, nadir_error *error);
/* The status of the lowest rank that failed, with its error, else NADIR_OK. */
nadir_status nd_ranks_agree(nd_ranks *ranks, nadir_status status, nadir_error *error);
/* Rank r has elements [first(r), first(r + 1)) of an array; all have all of it then. */
nadir_status nd_ranks_fill(nd_ranks *ranks, void *array, size_t count, size_t size,
                           nadir_error *error);

/* The sums of all, element by element. */
nadir_status nd_ranks_sum(nd_ranks *ranks, uint64_t *counts, size_t count, nadir_error *error);

/* Of `count` things in a row, those that are rank r's: [nd_rank_first(r), nd_rank_first(r + 1)). Shares are even to
 * a sixteenth, and begin at round numbers, so that few nodes of a tree over them lie in two. */
size_t nd_rank_first(const nd_ranks *ranks, size_t rank, size_t count);
size_t nd_share_first(size_t share, size_t shares, size_t count); /* the same of so many shares */
size_t nd_rank_owner(const nd_ranks *ranks, size_t count, size_t i); /* whose the i-th is */

/* ---- pools and limits of time ---- */
/* From now on sums over blocks by this pool are shared. */
void nd_pool_share(nd_pool *pool, nd_ranks *ranks);
nd_ranks *nd_pool_ranks(const nd_pool *pool);
size_t nd_processors(void); /* that this process may use */
/* As nd_go_on, within work that not all ranks do alike: rank 0 looks, the others go on. */
nadir_status nd_go_on_apart(const nd_until *until, nadir_error *error);

#endif
