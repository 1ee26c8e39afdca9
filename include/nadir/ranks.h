/* Several machines: processes that a launcher of MPI has started share the rows of a table. nadir.h includes this.
 *
 * All of them make the same calls with the same arguments, as one program that runs several times at once. The
 * results are the same, to the last bit, on all ranks, and whatever their number. Rank 0 alone calls the listener
 * about the clock, and should alone print and write.
 */
#ifndef NADIR_RANKS_H
#define NADIR_RANKS_H

#include "../nadir.h"

#ifdef __cplusplus
extern "C" {
#endif

/* This process as one of several; NULL stands for a process that is alone, which all functions here take. */
typedef struct nadir_ranks nadir_ranks;
/* Told, on a thread of the library's, why all are about to end with status 3: a rank has been silent, or went
 * another way than the rest. */
typedef void nadir_lost(void *context, const char *sentence);

/* Whether the library was built with MPI (the option NADIR_MPI of the build). */
NADIR_API int nadir_has_mpi(void);
/* Once in a process, before all else: where mpirun or srun started it, MPI begins; else, and without MPI, *ranks is
 * NULL. lost may be NULL. A rank counts as lost when nothing was heard of it for 60 seconds, or as many as the
 * environment variable NADIR_RANK_SECONDS says. Errors: MPI that cannot be used, a bad number there. */
NADIR_API nadir_status nadir_ranks_join(nadir_ranks **ranks, nadir_lost *lost, void *context,
                                        nadir_error *error);
NADIR_API size_t nadir_ranks_count(const nadir_ranks *ranks); /* 1 for NULL */
NADIR_API size_t
nadir_ranks_number(const nadir_ranks *ranks); /* from 0, of this process; 0 for NULL */
/* At the end, with what this process is about to return from main: waits for all, ends MPI, frees the handle, and
 * gives what it should return: rank 0 its own status, the others 0. Where a rank ends by an error alone, `why`, its
 * sentence (or NULL), becomes the error of the call that rank 0 is in. */
NADIR_API int nadir_ranks_leave(nadir_ranks *ranks, int exit_status, const char *why);
/* From now on fits of this table, its noise, summary, scores and predictions are made by all ranks together: each reads
 * a share of the rows, and sums over them are put together; of the fits of groups each makes a share, and rank 0 alone
 * writes the table of nadir_predict. All ranks must open it alike. */
NADIR_API void nadir_table_share(nadir_table *table, nadir_ranks *ranks);

#ifdef __cplusplus
}
#endif

#endif
